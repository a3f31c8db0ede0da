//! The forms in which a secret comes back: percent-encoded, escaped for JSON or HTML, wrapped into short lines, base64,
//! base32, hex.
//!
//! A secret is compared in decoded form, so that no table of its encodings has to be complete. What is decoded
//! leads back to the bytes of the text that it stands for.

use std::ops::Range;

use crate::case::resource::is_guid;

/// Encodings within encodings are opened at most this often.
const DEEPEST: usize = 4;

/// Bytes with the places in the text before that they stand for.
#[derive(Debug, Clone, Default)]
struct Level {
    bytes: Vec<u8>,
    /// Where a stretch of bytes begins, here and in the text before.
    stretches: Vec<Stretch>,
    /// The length of the text before.
    end: usize,
}

#[derive(Debug, Clone, Copy)]
struct Stretch {
    here: usize,
    before: usize,
    /// Whether its bytes all stand for one escape, and not each for itself.
    is_escape: bool,
}

/// A text with its escapes opened and its line breaks taken out, once for each encoding that lies within another.
#[derive(Debug, Clone, Default)]
pub(super) struct Decoded {
    levels: Vec<Level>,
}

impl Decoded {
    /// Opens the escapes of a text.
    pub(super) fn of(text: &str) -> Self {
        let mut levels: Vec<Level> = Vec::new();
        for _ in 0..DEEPEST {
            let bytes = levels.last().map_or(text.as_bytes(), |level| level.bytes.as_slice());
            let Some(next) = Level::of(bytes) else { break };
            levels.push(next);
        }
        Self { levels }
    }

    /// The bytes of each level.
    pub(super) fn levels(&self) -> impl Iterator<Item = &[u8]> {
        self.levels.iter().map(|level| level.bytes.as_slice())
    }

    /// The bytes without any escape; `None` where the text has none.
    pub(super) fn last(&self) -> Option<&[u8]> {
        self.levels.last().map(|level| level.bytes.as_slice())
    }

    /// The part of the original text that a part of a level's bytes stands for.
    pub(super) fn origin(&self, level: usize, part: &Range<usize>) -> Range<usize> {
        let below = self.levels.get(..=level).unwrap_or_default();
        let place = |at: usize| below.iter().rev().fold(at, |at, level| level.before(at));
        place(part.start)..place(part.end)
    }
}

impl Level {
    /// The bytes with their escapes opened; `None` where they hold none.
    fn of(bytes: &[u8]) -> Option<Self> {
        let mut level: Option<Self> = None;
        let (mut at, mut taken_to) = (0, 0);
        while let Some(found) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| is_escape(*byte))) {
            let start = at + found;
            let Some((meaning, length)) = bytes.get(start..).and_then(unescaped) else {
                at = start + 1;
                continue;
            };
            let level = level.get_or_insert_with(|| Self { end: bytes.len(), ..Self::default() });
            level.push(bytes.get(taken_to..start).unwrap_or_default(), taken_to, false);
            match meaning {
                Meaning::Nothing => {}
                Meaning::Byte(byte) => level.push(&[byte], start, true),
                Meaning::Character(character) => level.push(character.encode_utf8(&mut [0; 4]).as_bytes(), start, true),
            }
            at = start + length.max(1);
            taken_to = at;
        }
        let mut level = level?;
        level.push(bytes.get(taken_to..).unwrap_or_default(), taken_to, false);
        Some(level)
    }

    fn push(&mut self, bytes: &[u8], before: usize, is_escape: bool) {
        if bytes.is_empty() {
            return;
        }
        self.stretches.push(Stretch { here: self.bytes.len(), before, is_escape });
        self.bytes.extend_from_slice(bytes);
    }

    /// Where a byte begins in the text before.
    fn before(&self, at: usize) -> usize {
        if at >= self.bytes.len() {
            return self.end;
        }
        let number = self.stretches.partition_point(|stretch| stretch.here <= at);
        match number.checked_sub(1).and_then(|number| self.stretches.get(number)) {
            Some(stretch) if stretch.is_escape => stretch.before,
            Some(stretch) => stretch.before + (at - stretch.here),
            None => 0,
        }
    }
}

/// Whether an escape is at the start of the bytes.
pub(super) fn begins_with_escape(bytes: &[u8]) -> bool {
    unescaped(bytes).is_some()
}

pub(super) const fn is_escape(byte: u8) -> bool {
    matches!(byte, b'%' | b'\\' | b'&' | b'\n' | b'\r' | b'\t' | 0xe2 | 0xef | 0xc2)
}

/// What an escape stands for.
enum Meaning {
    /// Nothing that belongs to a secret: a line break.
    Nothing,
    Byte(u8),
    Character(char),
}

/// What an escape at the start of the bytes stands for, and its length.
fn unescaped(bytes: &[u8]) -> Option<(Meaning, usize)> {
    let character = |digits: &[u8]| char::from_u32(hexadecimal(digits)?).map(Meaning::Character);
    let byte = |digits: &[u8]| u8::try_from(hexadecimal(digits)?).ok().map(Meaning::Byte);
    Some(match bytes {
        [b'\r' | b'\n' | b'\t', ..] => {
            // Indentation belongs to the line break.
            let blanks = bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            (Meaning::Nothing, blanks)
        }
        // Invisible characters: zero-width ones, the byte order mark, the soft hyphen.
        [0xe2, 0x80, 0x8b..=0x8f, ..] | [0xe2, 0x81, 0xa0..=0xa4, ..] | [0xef, 0xbb, 0xbf, ..] => (Meaning::Nothing, 3),
        [0xc2, 0xad, ..] => (Meaning::Nothing, 2),
        // Full-width forms of the characters of ASCII.
        [0xef, 0xbc, low @ 0x81..=0xbf, ..] => (Meaning::Byte(low - 0x60), 3),
        [0xef, 0xbd, low @ 0x80..=0x9e, ..] => (Meaning::Byte(low - 0x20), 3),
        [b'%', b'u', digits @ ..] => (character(digits.get(..4)?)?, 6),
        [b'%', digits @ ..] => (byte(digits.get(..2)?)?, 3),
        [b'\\', b'u', b'{', rest @ ..] => {
            let length = rest.iter().take(7).position(|byte| *byte == b'}')?;
            (character(rest.get(..length)?)?, length + 4)
        }
        [b'\\', b'u', digits @ ..] => (character(digits.get(..4)?)?, 6),
        [b'\\', b'x', digits @ ..] => (byte(digits.get(..2)?)?, 4),
        [b'\\', b'r' | b'n' | b't', ..] => (Meaning::Nothing, 2),
        [b'\\', escaped @ (b'"' | b'\'' | b'/' | b'\\' | b'&' | b'='), ..] => (Meaning::Byte(*escaped), 2),
        [b'&', ..] => return entity(bytes),
        _ => return None,
    })
}

/// A character reference of HTML or XML.
fn entity(bytes: &[u8]) -> Option<(Meaning, usize)> {
    const NAMED: [(&[u8], char); 12] = [
        (b"amp", '&'),
        (b"lt", '<'),
        (b"gt", '>'),
        (b"quot", '"'),
        (b"apos", '\''),
        (b"plus", '+'),
        (b"equals", '='),
        (b"sol", '/'),
        (b"lowbar", '_'),
        (b"period", '.'),
        (b"colon", ':'),
        (b"num", '#'),
    ];
    let length = bytes.iter().take(12).position(|byte| *byte == b';')?;
    let character = match bytes.get(1..length)? {
        [b'#', b'x' | b'X', digits @ ..] => char::from_u32(hexadecimal(digits)?)?,
        [b'#', digits @ ..] => char::from_u32(std::str::from_utf8(digits).ok()?.parse().ok()?)?,
        name => NAMED.iter().find(|(known, _)| *known == name)?.1,
    };
    Some((Meaning::Character(character), length + 1))
}

/// The number that up to six hexadecimal digits say.
fn hexadecimal(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 6 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// The value of a base64 digit in either alphabet.
pub(super) const fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// An encoding in digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// Base64 in either alphabet.
    Base64,
    /// Two hexadecimal digits a byte, also with a separator between pairs (`61:62`, `61-62`).
    Hexadecimal,
    /// Base32 (RFC 4648) in capitals or small letters.
    Base32,
}

impl Coding {
    /// A run means something else when it is read from another digit on: the start of an encoding may be cut off. So
    /// many readings are different.
    pub(super) const fn skips(self) -> usize {
        match self {
            Self::Base64 => 4,
            Self::Hexadecimal => 2,
            Self::Base32 => 8,
        }
    }

    /// How many digits so many bytes take.
    pub(super) const fn digits_of(self, bytes: usize) -> usize {
        match self {
            Self::Base64 => bytes * 4 / 3,
            Self::Hexadecimal => bytes * 2,
            Self::Base32 => bytes * 8 / 5,
        }
    }

    /// What a run says, when it is read from its digit `skip` on.
    pub(super) fn read(self, run: &[u8], skip: usize, into: &mut Vec<u8>) {
        match self {
            Self::Base64 => base64(run, skip, into),
            Self::Hexadecimal => from_hexadecimal(run, skip, into),
            Self::Base32 => base32(run, skip, into),
        }
    }

    /// Whether a run may be in this encoding. Plain words, also at the beginning of a sentence, and numbers in
    /// hexadecimal digits are no base64. A GUID is shown as what it is.
    pub(super) fn is_plausible(self, run: &[u8]) -> bool {
        let after_the_first = run.get(1..).unwrap_or_default();
        match self {
            Self::Base64 => {
                after_the_first.iter().any(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
                    && !run.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-')
            }
            Self::Hexadecimal => std::str::from_utf8(run).is_ok_and(|run| !is_guid(run.trim_matches([' ', ':', '-']))),
            Self::Base32 => true,
        }
    }
}

/// Whether a byte may be in a run of hexadecimal digits.
pub(super) const fn is_in_hexadecimal_run(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || matches!(byte, b':' | b'-' | b' ')
}

/// What a run of digits says that stand for `bits` bits each, `group` of them for whole bytes, when it is read from its
/// digit `skip` on: the start of an encoding may be cut off.
fn digits(
    run: &[u8],
    skip: usize,
    (group, bits): (usize, usize),
    value: impl Fn(u8) -> Option<u8>,
    into: &mut Vec<u8>,
) {
    into.clear();
    for digits in run.get(skip..).unwrap_or_default().chunks(group) {
        let word = digits.iter().fold(0_u64, |word, digit| word << bits | u64::from(value(*digit).unwrap_or_default()));
        let known = digits.len() * bits;
        let bytes = (word << (64 - known)).to_be_bytes();
        into.extend(bytes.iter().take(known / 8));
    }
}

/// What a run of base64 digits says, when it is read from its digit `skip` (0 to 3) on.
fn base64(run: &[u8], skip: usize, into: &mut Vec<u8>) {
    digits(run, skip, (4, 6), sextet, into);
}

/// The value of a base32 digit in either case.
pub(super) const fn quintet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a'),
        b'2'..=b'7' => Some(byte - b'2' + 26),
        _ => None,
    }
}

/// What a run of base32 digits says, when it is read from its digit `skip` (0 to 7) on.
fn base32(run: &[u8], skip: usize, into: &mut Vec<u8>) {
    digits(run, skip, (8, 5), quintet, into);
}

/// What a run of hexadecimal digits says, when it is read from its digit `skip` (0 or 1) on.
fn from_hexadecimal(run: &[u8], skip: usize, into: &mut Vec<u8>) {
    into.clear();
    let mut digits = run
        .iter()
        .filter_map(|byte| char::from(*byte).to_digit(16))
        .filter_map(|digit| u8::try_from(digit).ok())
        .skip(skip);
    while let (Some(high), Some(low)) = (digits.next(), digits.next()) {
        into.push(high << 4 | low);
    }
}

/// Bytes in base32, for tests.
#[cfg(test)]
pub(super) fn in_base32(bytes: &[u8]) -> String {
    let bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let digit = |bits: &[u8]| {
        let value = bits.iter().chain(b"00000").take(5).fold(0, |value, bit| value * 2 + usize::from(bit - b'0'));
        char::from(*b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".get(value).unwrap_or(&b'='))
    };
    bits.as_bytes().chunks(5).map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::base64::Engine as _;
    use proptest::prelude::*;

    #[test]
    fn escapes_are_opened_and_lead_back_to_their_place() {
        for (text, decoded) in [
            ("a%2Bb", "a+b"),
            ("a%252bb", "a+b"),
            ("a\\u002Bb\\/c", "a+b/c"),
            ("a&#x2B;b&#43;c&amp;d", "a+b+c&d"),
            ("ab\r\n   cd", "abcd"),
            ("ab\\ncd", "abcd"),
            ("a\\x2bb\\u{2b}%u002b", "a+b++"),
            ("a\u{200b}b\u{ad}c", "abc"),
        ] {
            let found = Decoded::of(text);
            let last = found.levels().count() - 1;
            assert_eq!(String::from_utf8_lossy(found.last().unwrap()), decoded, "{text}");
            assert_eq!(found.origin(last, &(0..decoded.len())), 0..text.len());
            assert_eq!(found.origin(last, &(0..1)).start, 0);
        }
        for text in ["plain", "100% of it", "&c; \u{e4}", "a%zz"] {
            assert_eq!(Decoded::of(text).last(), None, "{text}");
        }
        let found = Decoded::of("ab%2525xy");
        assert_eq!(found.levels().collect::<Vec<_>>(), [b"ab%25xy".as_slice(), b"ab%xy"]);
        assert_eq!(found.origin(1, &(2..3)), 2..7);
        assert_eq!(found.origin(1, &(3..5)), 7..9);
    }

    proptest! {
        #[test]
        fn base64_and_hexadecimal_are_read_from_any_digit(bytes in proptest::collection::vec(any::<u8>(), 12..80)) {
            let mut found = Vec::new();
            for text in [
                ::base64::engine::general_purpose::STANDARD_NO_PAD.encode(&bytes),
                ::base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&bytes),
            ] {
                base64(text.as_bytes(), 0, &mut found);
                prop_assert_eq!(&found, &bytes);
                // A run cut at its start is read again from a whole group on.
                base64(text.as_bytes().get(1..).unwrap(), 3, &mut found);
                prop_assert_eq!(&found, bytes.get(3..).unwrap());
            }
            base32(in_base32(&bytes).as_bytes(), 0, &mut found);
            prop_assert_eq!(&found, &bytes);
            base32(&in_base32(&bytes).as_bytes()[3..], 5, &mut found);
            prop_assert_eq!(&found, &bytes[5..]);
            let digits: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
            from_hexadecimal(digits.as_bytes(), 0, &mut found);
            prop_assert_eq!(&found, &bytes);
        }

        #[test]
        fn nothing_panics(text in "\\PC{0,80}|[%&\\\\#xu0-9a-f;\\n ]{0,80}") {
            let found = Decoded::of(&text);
            for (level, bytes) in found.levels().enumerate() {
                for start in 0..=bytes.len() {
                    let origin = found.origin(level, &(start..bytes.len()));
                    prop_assert!(origin.start <= origin.end && origin.end <= text.len());
                }
            }
        }
    }
}
