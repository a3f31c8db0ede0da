//! The forms in which a secret comes back: percent-encoded, escaped for JSON or HTML, wrapped into short lines, base64,
//! hex.
//!
//! A secret is compared in decoded form, so that no table of its encodings has to be complete. Every decoded byte
//! remembers which bytes of the text it stands for.

use std::ops::Range;

use crate::case::resource::is_guid;

/// Encodings within encodings are opened at most this often.
const DEEPEST: usize = 4;

/// Bytes with the places in the original text that they stand for.
#[derive(Debug, Clone, Default)]
pub(super) struct Decoded {
    bytes: Vec<u8>,
    /// Where each byte begins in the original text.
    starts: Vec<usize>,
    /// Where the last byte ends in the original text.
    end: usize,
}

impl Decoded {
    /// The text with its escapes opened and its line breaks taken out, once for each encoding that lies within another.
    pub(super) fn levels(text: &str) -> Vec<Self> {
        let mut levels: Vec<Self> = Vec::new();
        if !text.bytes().any(is_escape) {
            return levels;
        }
        let mut last = Self {
            bytes: text.as_bytes().to_vec(),
            starts: (0..text.len()).collect(),
            end: text.len(),
        };
        for _ in 0..DEEPEST {
            let next = last.once();
            if next.bytes.len() == last.bytes.len() {
                break;
            }
            levels.push(next.clone());
            last = next;
        }
        levels
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The part of the original text that a part of the decoded bytes stands for.
    pub(super) fn origin(&self, part: &Range<usize>) -> Range<usize> {
        let start = self.starts.get(part.start).copied().unwrap_or(self.end);
        let end = self.starts.get(part.end).copied().unwrap_or(self.end);
        start..end
    }

    fn once(&self) -> Self {
        let mut next = Self {
            end: self.end,
            ..Self::default()
        };
        let mut at = 0;
        while let (Some(byte), Some(start)) = (self.bytes.get(at), self.starts.get(at)) {
            let rest = self.bytes.get(at..).unwrap_or_default();
            let (meaning, taken) = unescaped(rest).unwrap_or((Meaning::Byte(*byte), 1));
            match meaning {
                Meaning::Nothing => {}
                Meaning::Byte(byte) => next.push(&[byte], *start),
                Meaning::Character(character) => next.push(character.encode_utf8(&mut [0; 4]).as_bytes(), *start),
            }
            at += taken.max(1);
        }
        next
    }

    fn push(&mut self, bytes: &[u8], start: usize) {
        self.bytes.extend(bytes);
        self.starts.extend(bytes.iter().map(|_| start));
    }
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
}

impl Coding {
    /// A run means something else when it is read from another digit on: the start of an encoding may be cut off. So
    /// many readings are different.
    pub(super) const fn skips(self) -> usize {
        match self {
            Self::Base64 => 4,
            Self::Hexadecimal => 2,
        }
    }

    /// How many digits so many bytes take.
    pub(super) const fn digits_of(self, bytes: usize) -> usize {
        match self {
            Self::Base64 => bytes * 4 / 3,
            Self::Hexadecimal => bytes * 2,
        }
    }

    /// What a run says, when it is read from its digit `skip` on.
    pub(super) fn read(self, run: &[u8], skip: usize, into: &mut Vec<u8>) {
        match self {
            Self::Base64 => base64(run, skip, into),
            Self::Hexadecimal => from_hexadecimal(run, skip, into),
        }
    }

    /// Whether a run may be in this encoding. Plain words, also at the beginning of a sentence, and numbers in
    /// hexadecimal digits are no base64. A GUID is shown as what it is.
    pub(super) fn is_plausible(self, run: &[u8]) -> bool {
        let after_the_first = run.get(1..).unwrap_or_default();
        match self {
            Self::Base64 => {
                after_the_first
                    .iter()
                    .any(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
                    && !run.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-')
            }
            Self::Hexadecimal => std::str::from_utf8(run).is_ok_and(|run| !is_guid(run.trim_matches([' ', ':', '-']))),
        }
    }
}

/// Whether a byte may be in a run of hexadecimal digits.
pub(super) const fn is_in_hexadecimal_run(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || matches!(byte, b':' | b'-' | b' ')
}

/// What a run of base64 digits says, when it is read from its digit `skip` (0 to 3) on: the start of an encoding may be
/// cut off.
fn base64(run: &[u8], skip: usize, into: &mut Vec<u8>) {
    into.clear();
    for group in run.get(skip..).unwrap_or_default().chunks(4) {
        let mut bits = 0_u32;
        for digit in group {
            bits = bits << 6 | u32::from(sextet(*digit).unwrap_or_default());
        }
        let [_, first, second, third] = (bits << (6 * (4 - group.len()))).to_be_bytes();
        into.extend([first, second, third].iter().take(group.len().saturating_sub(1)));
    }
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
            let levels = Decoded::levels(text);
            let found = levels.last().unwrap();
            assert_eq!(String::from_utf8_lossy(found.bytes()), decoded, "{text}");
            assert_eq!(found.origin(&(0..decoded.len())), 0..text.len());
            assert_eq!(found.origin(&(0..1)).start, 0);
        }
        for text in ["plain", "100% of it", "&c; \u{e4}", "a%zz"] {
            assert!(Decoded::levels(text).is_empty(), "{text}");
        }
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
            let digits: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
            from_hexadecimal(digits.as_bytes(), 0, &mut found);
            prop_assert_eq!(&found, &bytes);
        }

        #[test]
        fn nothing_panics(text in "\\PC{0,80}|[%&\\\\#xu0-9a-f;\\n ]{0,80}") {
            for found in Decoded::levels(&text) {
                for start in 0..=found.bytes().len() {
                    let origin = found.origin(&(start..found.bytes().len()));
                    prop_assert!(origin.start <= origin.end && origin.end <= text.len());
                }
            }
        }
    }
}
