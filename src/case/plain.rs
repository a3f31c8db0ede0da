//! A pasted text as it is compared with known ones: consoles color and wrap it, JSON escapes it, pages mark it up, and
//! each library has its own case.

/// A text without all that.
#[derive(Debug)]
pub(crate) struct Plain {
    /// Its characters in their own case, without colors and escapes, on one line.
    pub(crate) text: String,
    /// The same in lower case (ASCII only, so that places in one are places in the other).
    pub(crate) lower: String,
    /// What may be found in it.
    triples: Triples,
}

/// Which three bytes in a row may be in a text, without regard to case. Hundreds of known pieces are looked for in each
/// answer, and most of them have three bytes that it doesn't have.
#[derive(Debug)]
struct Triples(Vec<u64>);

/// Rows of a log are numbered with no more digits.
const MOST_DIGITS: usize = 5;
/// Links to them are shorter.
const LONGEST_LINK: usize = 300;

/// Escapes of JSON and HTML, and the character that each stands for.
const ESCAPES: [(&str, char); 20] = [
    ("\\r\\n", ' '),
    ("\\n", ' '),
    ("\\r", ' '),
    ("\\t", ' '),
    ("\\\"", '"'),
    ("\\'", '\''),
    ("\\/", '/'),
    ("\\u0027", '\''),
    ("\\u0022", '"'),
    ("\\u002b", '+'),
    ("\\u002B", '+'),
    ("\\u0026", '&'),
    ("\\u003c", '<'),
    ("\\u003C", '<'),
    ("\\u003e", '>'),
    ("\\u003E", '>'),
    ("&quot;", '"'),
    ("&#39;", '\''),
    ("&nbsp;", ' '),
    ("&amp;", '&'),
];

impl Plain {
    pub(crate) fn of(text: &str) -> Self {
        let mut plain = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            let escape = match next {
                '\\' | '&' => ESCAPES.iter().find(|(written, _)| rest.starts_with(written)),
                _ => None,
            };
            if let Some((written, character)) = escape {
                push(&mut plain, *character);
                rest = rest.get(written.len()..).unwrap_or_default();
                continue;
            }
            rest = rest.get(next.len_utf8()..).unwrap_or_default();
            match next {
                '\u{1b}' => rest = after_sequence(rest),
                '[' if let Some((number, behind)) = linked_number(rest) => {
                    plain.push_str(number);
                    rest = behind;
                }
                '\u{2018}' | '\u{2019}' => push(&mut plain, '\''),
                '\u{201c}' | '\u{201d}' => push(&mut plain, '"'),
                // What is left of UTF-16 that was read as single bytes.
                '\0' | '\u{feff}' => {}
                other => push(&mut plain, other),
            }
        }
        let lower = plain.to_ascii_lowercase();
        let triples = Triples::of(&lower);
        Self { text: plain, lower, triples }
    }

    /// Whether one of these pieces is in the text.
    pub(crate) fn has_any(&self, pieces: &[String]) -> bool {
        pieces.iter().any(|piece| self.has(piece))
    }

    /// Whether a piece is in the text.
    pub(crate) fn has(&self, piece: &str) -> bool {
        self.place(piece).is_some()
    }

    /// Where a piece begins.
    pub(crate) fn place(&self, piece: &str) -> Option<usize> {
        self.triples.may_have(piece).then(|| self.lower.find(&piece.to_ascii_lowercase())).flatten()
    }
}

impl Triples {
    /// More than long answers fill; a power of two.
    const BITS: usize = 1 << 15;

    fn of(text: &str) -> Self {
        let mut bits = vec![0_u64; Self::BITS / 64];
        for triple in text.as_bytes().windows(3) {
            let (word, bit) = Self::place(triple);
            if let Some(word) = bits.get_mut(word) {
                *word |= bit;
            }
        }
        Self(bits)
    }

    fn may_have(&self, piece: &str) -> bool {
        piece.as_bytes().windows(3).all(|triple| {
            let (word, bit) = Self::place(triple);
            self.0.get(word).is_some_and(|word| word & bit != 0)
        })
    }

    /// The word and the bit that stand for three bytes, and for others: there are fewer bits than triples.
    fn place(triple: &[u8]) -> (usize, u64) {
        let number = triple
            .iter()
            .fold(0_usize, |number, byte| number.wrapping_mul(37).wrapping_add(usize::from(byte.to_ascii_lowercase())));
        (number % Self::BITS / 64, 1 << (number % 64))
    }
}

/// One space for any number of spaces, line breaks, lines of a box, and characters that nobody sees.
fn push(plain: &mut String, character: char) {
    // Terraform draws a box around its errors.
    let space = character.is_whitespace() || character.is_control() || matches!(character, '│' | '╷' | '╵');
    if !space {
        plain.push(character);
    } else if !plain.ends_with(' ') {
        plain.push(' ');
    }
}

/// The number of a row in a log of GitHub Actions, which a page copies with a link, and what is behind it. A number in
/// an error may be linked as one.
fn linked_number(text: &str) -> Option<(&str, &str)> {
    let end = text.bytes().take(MOST_DIGITS).take_while(u8::is_ascii_digit).count();
    let link = text.get(end..)?.strip_prefix("](http").filter(|_| end > 0)?;
    let link_end = link.bytes().take(LONGEST_LINK).position(|byte| byte == b')' || byte.is_ascii_whitespace())?;
    let behind = link.get(link_end..)?.strip_prefix(')')?;
    Some((text.get(..end)?, behind))
}

/// What is behind a sequence that sets colors, whose escape character was read.
fn after_sequence(text: &str) -> &str {
    let Some(sequence) = text.strip_prefix('[') else {
        return text;
    };
    let end = sequence.find(|character: char| !matches!(character, '0'..='9' | ';' | '?' | ':'));
    let end = end.map_or(sequence.len(), |end| end.saturating_add(1));
    sequence.get(end..).unwrap_or(sequence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_piece_is_found_where_it_begins() {
        let text = "A pod's Identity isn\u{2019}t \u{fc}ber-assigned: ID \u{e9}\u{20ac}\u{1f600}!";
        let plain = Plain::of(text);
        let places: Vec<usize> = plain.text.char_indices().map(|(place, _)| place).chain([plain.text.len()]).collect();
        for (at, start) in places.iter().enumerate() {
            for end in places.iter().skip(at + 1) {
                let piece = plain.text.get(*start..*end).unwrap();
                for piece in [piece.to_owned(), piece.to_ascii_uppercase()] {
                    assert_eq!(plain.place(&piece), plain.lower.find(&piece.to_ascii_lowercase()), "{piece:?}");
                }
            }
        }
        assert_eq!(plain.place(""), Some(0));
        assert_eq!(plain.place("assigned to"), None);
    }

    #[test]
    fn colors_wraps_and_escapes_are_gone() {
        for (text, plain) in [
            ("a\r\n   b\tc", "a b c"),
            ("\u{1b}[1;31mERROR\u{1b}[0m: x", "ERROR: x"),
            ("{\"m\":\"a\\r\\nb \\\"c\\\" \\u0027d\\u0027\"}", "{\"m\":\"a b \"c\" 'd'\"}"),
            ("the token&#39;s kid &amp; isn\u{2019}t", "the token's kid & isn't"),
            ("A\0A\0D\0S\0T\0S\0", "AADSTS"),
            ("\u{1b}", ""),
            ("\u{1b}[", ""),
            ("\u{1b}[31", ""),
            ("C:\\home", "C:\\home"),
            ("│ is not\n│ assigned\n╵", " is not assigned "),
            ("AADSTS700[21](https://github.com/o/r/actions/runs/1/job/2#step:3:22)1: x", "AADSTS700211: x"),
            ("[a](https://x) [21](b) [21](https://a b)", "[a](https://x) [21](b) [21](https://a b)"),
        ] {
            assert_eq!(Plain::of(text).text, plain, "{text:?}");
        }
    }
}
