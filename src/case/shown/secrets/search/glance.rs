//! A first look at a text: whether it can hold one of the secrets at all. Nearly every text that is shown holds none,
//! and no escape and no run of digits either, so this decides what hiding secrets costs.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

use crate::case::shown::encoded::{Coding, begins_with_escape, is_escape, is_in_hexadecimal_run, quintet, sextet};
use crate::case::shown::secrets::known::SHORTEST;

/// The first bytes of every pattern, to tell quickly that a text holds none of them.
#[derive(Clone, Default)]
pub struct Beginnings {
    /// One bit for each hash of a beginning; `None` without any.
    hashes: Option<Box<Hashes>>,
    /// The beginnings themselves.
    exact: HashSet<u64, BuildHasherDefault<Hash>>,
    /// The length of the shortest text that counts.
    shortest: usize,
}

type Hashes = [u64; 1 << (HASH_BITS - WORD.trailing_zeros())];

/// The hash of a beginning, which is random enough as it is: secrets are, and no beginning is chosen by others.
#[derive(Default)]
struct Hash(u64);

impl Hasher for Hash {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(self.0 << 8 | u64::from(*byte)));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number.wrapping_mul(FIBONACCI);
    }
}

/// What the first look at a text shows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Glance {
    /// Whether a pattern may begin somewhere in it.
    pub has_beginning: bool,
    /// Whether it may have an escape to open.
    pub has_escape: bool,
    /// The digits in it that may say a secret.
    pub runs: Vec<Run>,
}

/// Digits side by side.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub coding: Coding,
    pub place: Range<usize>,
}

/// What a byte is: itself in lower case, its value as a base64 digit, and these marks, in one number, so that a look
/// costs a few instructions for each.
type Class = u32;
const BASE64: Class = 1 << 16;
const HEXADECIMAL: Class = 1 << 17;
const ESCAPE: Class = 1 << 18;
/// With a digit of both kinds nothing begins or ends.
const MARKS: Class = BASE64 | HEXADECIMAL | ESCAPE;
const PLAIN: Class = BASE64 | HEXADECIMAL;

const fn class(byte: u8) -> Class {
    let digit = match sextet(byte) {
        Some(sextet) => BASE64 | (sextet as Class) << 8,
        None => 0,
    };
    let hexadecimal = if is_in_hexadecimal_run(byte) { HEXADECIMAL } else { 0 };
    let escape = if is_escape(byte) { ESCAPE } else { 0 };
    byte.to_ascii_lowercase() as Class | digit | hexadecimal | escape
}

static CLASSES: [Class; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0_u8;
    loop {
        #[allow(clippy::indexing_slicing, reason = "a byte is less than 256, and this runs at compile time")]
        {
            classes[byte as usize] = class(byte);
        }
        if byte == u8::MAX {
            break classes;
        }
        byte += 1;
    }
};

/// The upper bits of a product with this number depend on all bytes of the other.
const FIBONACCI: u64 = 0x9e37_79b9_7f4a_7c15;
const HASH_BITS: u32 = 16;
/// Hashes in one word.
const WORD: u32 = u64::BITS;
/// No pattern is shorter.
const LENGTH: usize = SHORTEST;
const MASK: u64 = (1 << (8 * LENGTH)) - 1;

impl Beginnings {
    /// Takes a further pattern in, which counts in a text with so many bytes of its secret.
    pub fn add(&mut self, pattern: &[u8], least: usize) {
        let Some(bytes) = pattern.get(..LENGTH) else { return };
        self.shortest = match self.shortest {
            0 => least,
            shortest => shortest.min(least),
        };
        let beginning = bytes.iter().fold(0, |last, byte| last << 8 | u64::from(byte.to_ascii_lowercase()));
        let hashes = self.hashes.get_or_insert_with(|| Box::new([0; _]));
        let (word, bit) = place(beginning);
        if let Some(word) = hashes.get_mut(word) {
            *word |= bit;
        }
        self.exact.insert(beginning);
    }

    /// Looks at bytes. A run that cannot hold a secret is left out.
    pub(super) fn glance(&self, bytes: &[u8]) -> Glance {
        let mut glance = Glance::default();
        let Some(hashes) = self.hashes.as_ref().filter(|_| bytes.len() >= self.shortest) else {
            return glance;
        };
        let (sextets, digits) = (Coding::Base64.digits_of(self.shortest), Coding::Hexadecimal.digits_of(self.shortest));
        let mut last = 0_u64;
        // Where the runs began that the last byte belongs to.
        let (mut base64, mut hexadecimal) = (0, 0);
        for (at, byte) in bytes.iter().enumerate() {
            let Some(class) = CLASSES.get(usize::from(*byte)) else {
                continue;
            };
            last = (last << 8 | u64::from(class & 0xff)) & MASK;
            if is_among(hashes, last) && at + 1 >= LENGTH {
                glance.has_beginning = glance.has_beginning || self.exact.contains(&last);
            }
            if class & MARKS == PLAIN {
                continue;
            }
            if class & ESCAPE != 0 && !glance.has_escape {
                glance.has_escape = begins_with_escape(bytes.get(at..).unwrap_or_default());
            }
            if class & BASE64 == 0 {
                if at - base64 >= sextets {
                    glance.end_of_run(Coding::Base64, base64..at, bytes);
                }
                base64 = at + 1;
            }
            if class & HEXADECIMAL == 0 {
                if at - hexadecimal >= digits {
                    glance.end_of_run(Coding::Hexadecimal, hexadecimal..at, bytes);
                }
                hexadecimal = at + 1;
            }
        }
        let end = bytes.len();
        if end - base64 >= sextets {
            glance.end_of_run(Coding::Base64, base64..end, bytes);
        }
        if end - hexadecimal >= digits {
            glance.end_of_run(Coding::Hexadecimal, hexadecimal..end, bytes);
        }
        glance
    }

    /// Whether one of the patterns may begin somewhere in what a run of digits says, read from any of them on.
    pub(super) fn any_coded_in(&self, coding: Coding, digits: &[u8]) -> bool {
        let mut last = 0_u64;
        for byte in digits {
            let found = match (coding, CLASSES.get(usize::from(*byte))) {
                (Coding::Base64, Some(class)) => {
                    last = last << 6 | u64::from(class >> 8 & 0x3f);
                    let lower = in_lower_case;
                    // A byte ends with a digit, or with two or four bits of the next one to come.
                    self.has(lower(last & MASK))
                        || self.has(lower(last >> 2 & MASK))
                        || self.has(lower(last >> 4 & MASK))
                }
                (Coding::Hexadecimal, _) => char::from(*byte).to_digit(16).is_some_and(|digit| {
                    last = last << 4 | u64::from(digit);
                    self.has(in_lower_case(last & MASK))
                }),
                (Coding::Base32, _) => quintet(*byte).is_some_and(|quintet| {
                    last = last << 5 | u64::from(quintet);
                    // A byte ends with a digit, or with one to four bits of the next one to come.
                    (0..5).any(|rest| self.has(in_lower_case(last >> rest & MASK)))
                }),
                (Coding::Base64, None) => false,
            };
            if found {
                return true;
            }
        }
        false
    }

    fn has(&self, beginning: u64) -> bool {
        let mut hashes = self.hashes.iter();
        hashes.any(|hashes| is_among(hashes, beginning)) && self.exact.contains(&beginning)
    }
}

/// Whether the hash of a beginning is among these.
#[inline(always)]
fn is_among(hashes: &Hashes, beginning: u64) -> bool {
    let (word, bit) = place(beginning);
    hashes.get(word).is_some_and(|word| word & bit != 0)
}

impl Glance {
    /// Whether there is no secret, and nothing that one could be hidden in.
    pub(super) const fn is_harmless(&self) -> bool {
        !self.has_beginning && !self.has_escape && self.runs.is_empty()
    }

    fn end_of_run(&mut self, coding: Coding, place: Range<usize>, bytes: &[u8]) {
        let run = bytes.get(place.clone()).unwrap_or_default();
        if !coding.is_plausible(run) {
            return;
        }
        // The digits of base32 are some of base64's, in one case.
        let mut at = place.start;
        for part in run.split(|byte| quintet(*byte).is_none()).filter(|_| coding == Coding::Base64) {
            let is_mixed = part.iter().any(u8::is_ascii_uppercase) && part.iter().any(u8::is_ascii_lowercase);
            if part.len() >= Coding::Base32.digits_of(LENGTH) && !is_mixed {
                self.runs.push(Run { coding: Coding::Base32, place: at..at + part.len() });
            }
            at += part.len() + 1;
        }
        self.runs.push(Run { coding, place });
    }
}

/// Where the hash of a beginning has its bit.
#[inline(always)]
fn place(beginning: u64) -> (usize, u64) {
    let hash = beginning.wrapping_mul(FIBONACCI) >> (u64::BITS - HASH_BITS);
    let word = usize::try_from(hash / u64::from(WORD)).unwrap_or_default();
    (word, 1 << (hash % u64::from(WORD)))
}

/// Bytes side by side with every ASCII letter in lower case.
const fn in_lower_case(bytes: u64) -> u64 {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGH: u64 = ONES * 0x80;
    let low = bytes & !HIGH;
    // The high bit of each byte tells whether it is at least `A`, and whether it is beyond `Z`.
    let from_a = low.wrapping_add(ONES * (0x80 - b'A' as u64));
    let beyond_z = low.wrapping_add(ONES * (0x7f - b'Z' as u64));
    let upper = from_a & !beyond_z & !bytes & HIGH;
    bytes | upper >> 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bytes_side_by_side_become_lower_case(bytes: [u8; 8]) {
            let lower = u64::from_be_bytes(bytes.map(|byte| byte.to_ascii_lowercase()));
            prop_assert_eq!(in_lower_case(u64::from_be_bytes(bytes)), lower);
        }

        #[test]
        fn a_beginning_is_found_wherever_it_stands(
            pattern in proptest::collection::vec(any::<u8>(), SHORTEST..40),
            before in proptest::collection::vec(any::<u8>(), 0..9),
        ) {
            use ::base64::Engine as _;
            let mut beginnings = Beginnings::default();
            beginnings.add(&pattern, pattern.len());
            let text = [before.as_slice(), &pattern].concat();
            prop_assert!(beginnings.glance(&text).has_beginning);
            let coded = ::base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&text);
            prop_assert!(beginnings.any_coded_in(Coding::Base64, coded.as_bytes()));
            let coded: Vec<String> = text.iter().map(|byte| format!("{byte:02x}")).collect();
            prop_assert!(beginnings.any_coded_in(Coding::Hexadecimal, coded.join(":").as_bytes()));
            let coded = crate::case::shown::encoded::in_base32(&text);
            prop_assert!(beginnings.any_coded_in(Coding::Base32, coded.as_bytes()));
        }
    }
}
