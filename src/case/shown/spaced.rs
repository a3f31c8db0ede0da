//! Secrets that were written with a blank after every few letters: no piece is long enough to look like one.

use std::ops::Range;

/// So many pieces of one length aren't words of a sentence; single letters need more.
const FEWEST: usize = 6;
/// Longer pieces are left out on their own.
const LONGEST_PIECE: usize = 24;
/// Characters of all pieces together.
const SHORTEST: usize = 20;

/// Where pieces of one length follow each other that look drawn at random.
pub(super) fn runs(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open: Option<Run> = None;
    let mut at = 0;
    for piece in text.split([' ', '\n', '\t']) {
        let place = at..at + piece.len();
        at = place.end + 1;
        match &mut open {
            Some(run) if run.takes(piece) => run.add(piece, place),
            _ => {
                found.extend(open.take().and_then(Run::end));
                open = is_piece(piece).then(|| Run::of(piece, place));
            }
        }
    }
    found.extend(open.and_then(Run::end));
    found
}

/// Pieces of one length.
struct Run {
    place: Range<usize>,
    length: usize,
    pieces: usize,
    /// How many of them no word looks like.
    odd: usize,
    /// Whether a shorter one, which is the last, was taken.
    is_whole: bool,
}

impl Run {
    fn of(piece: &str, place: Range<usize>) -> Self {
        Self { place, length: piece.len(), pieces: 1, odd: usize::from(is_odd(piece)), is_whole: false }
    }

    fn takes(&self, piece: &str) -> bool {
        !self.is_whole && is_piece(piece) && piece.len() <= self.length
    }

    fn add(&mut self, piece: &str, place: Range<usize>) {
        self.place.end = place.end;
        self.pieces += 1;
        self.odd += usize::from(is_odd(piece));
        self.is_whole = piece.len() < self.length;
    }

    fn end(self) -> Option<Range<usize>> {
        let is_long = self.pieces >= FEWEST && self.pieces * self.length >= SHORTEST;
        (is_long && self.odd * 3 >= self.pieces).then_some(self.place)
    }
}

/// Whether a word is of the letters in which secrets are written.
fn is_piece(piece: &str) -> bool {
    (1..=LONGEST_PIECE).contains(&piece.len())
        && piece.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=-_.".contains(&byte))
}

/// Whether no word of a sentence looks like this: digits or capitals behind a small letter, or signs.
fn is_odd(piece: &str) -> bool {
    let bytes = piece.as_bytes();
    let is_camel = bytes
        .windows(2)
        .any(|pair| matches!(pair, [first, second] if first.is_ascii_lowercase() && second.is_ascii_uppercase()));
    let has = |is: fn(&u8) -> bool| bytes.iter().any(is);
    if let [single] = bytes {
        return single.is_ascii_uppercase() || single.is_ascii_digit();
    }
    is_camel || has(|byte| b"+=_".contains(byte)) || has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let mut rest = text.to_owned();
        runs(text).into_iter().rev().for_each(|place| rest.replace_range(place, "…"));
        rest
    }

    #[test]
    fn pieces_of_one_length_are_a_secret() {
        let secret = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiIsIng1dCI6ImxhYi1rZXktMSJ9";
        for length in [1, 2, 4, 5, 8] {
            let pieces: Vec<&str> =
                secret.as_bytes().chunks(length).map(|it| std::str::from_utf8(it).unwrap()).collect();
            for between in [" ", "\n"] {
                let text = format!("invalid token: {} wasn't accepted", pieces.join(between));
                assert_eq!(shown(&text), "invalid token: … wasn't accepted", "{text}");
            }
        }
        for text in [
            "they will have been seen with them from that time on",
            "at 10.1.2.3 the call of 4 users gave 401 401 403 200 200 and then 500",
            "a b c d e f g h i j k l m n o p q r s t u v w x y z",
            "0f8fad5b-d9cb-469f-a165-70867728950e 7c9e6679-7425-40de-944b-e07fc1f90ae7",
        ] {
            assert_eq!(shown(text), text);
        }
    }
}
