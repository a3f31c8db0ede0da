//! A first look at a text: whether it can contain one of the secrets at all. Nearly every text that is shown contains
//! none,
//! and no escape and no run of digits either, so this decides what hiding secrets costs.

use std::collections::HashSet;
use std::ops::Range;

use zeroize::Zeroizing;

use crate::case::shown::encoded::{Coding, is_escape, is_in_hexadecimal_run, sextet};
use crate::case::shown::secrets::known::SHORTEST;

/// The first bytes of every pattern, to tell quickly that a text contains none of them.
pub(super) struct Beginnings {
    /// One bit for each hash of a beginning.
    hashes: Vec<u64>,
    /// The beginnings themselves.
    exact: HashSet<u64>,
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

/// What a byte may be part of.
#[derive(Clone, Copy)]
struct Class {
    lower: u8,
    /// Its value as a base64 digit.
    sextet: u8,
    base64: bool,
    hexadecimal: bool,
    escape: bool,
}

/// The class of every byte, so that a look costs a few instructions for each.
static CLASSES: [Class; 256] = {
    let mut classes = [Class {
        lower: 0,
        sextet: 0,
        base64: false,
        hexadecimal: false,
        escape: false,
    }; 256];
    let mut byte = 0_u8;
    loop {
        #[allow(
            clippy::indexing_slicing,
            reason = "a byte is less than 256, and this runs at compile time"
        )]
        {
            classes[byte as usize] = Class {
                lower: byte.to_ascii_lowercase(),
                sextet: match sextet(byte) {
                    Some(sextet) => sextet,
                    None => 0,
                },
                base64: sextet(byte).is_some(),
                hexadecimal: is_in_hexadecimal_run(byte),
                escape: is_escape(byte),
            };
        }
        if byte == u8::MAX {
            break classes;
        }
        byte += 1;
    }
};

const HASH_BITS: u32 = 16;
/// Hashes in one word.
const WORD: u32 = u64::BITS;
/// No pattern is shorter.
const LENGTH: usize = SHORTEST;
const MASK: u64 = (1 << (8 * LENGTH)) - 1;

impl Beginnings {
    pub(super) fn of(patterns: &[Zeroizing<Vec<u8>>]) -> Self {
        let mut hashes = vec![0; 1 << (HASH_BITS - WORD.trailing_zeros())];
        let beginnings = patterns.iter().filter_map(|pattern| pattern.get(..LENGTH));
        let exact: HashSet<u64> = beginnings
            .map(|bytes| bytes.iter().fold(0, |last, byte| last << 8 | u64::from(*byte)))
            .collect();
        for beginning in &exact {
            let (word, bit) = place(*beginning);
            if let Some(word) = hashes.get_mut(word) {
                *word |= bit;
            }
        }
        Self { hashes, exact }
    }

    /// Looks at bytes. A run that cannot contain a secret of `shortest` bytes is left out.
    pub(super) fn glance(&self, bytes: &[u8], shortest: usize) -> Glance {
        let (sextets, digits) = (
            Coding::Base64.digits_of(shortest),
            Coding::Hexadecimal.digits_of(shortest),
        );
        let mut glance = Glance::default();
        let (mut last, mut base64, mut hexadecimal) = (0_u64, 0, 0);
        for (at, byte) in bytes.iter().enumerate() {
            let Some(class) = CLASSES.get(usize::from(*byte)) else {
                continue;
            };
            last = (last << 8 | u64::from(class.lower)) & MASK;
            let (word, bit) = place(last);
            if let Some(hashes) = self.hashes.get(word)
                && hashes & bit != 0
                && at + 1 >= LENGTH
            {
                glance.has_beginning = glance.has_beginning || self.exact.contains(&last);
            }
            glance.has_escape |= class.escape;
            if class.base64 {
                base64 += 1;
            } else if base64 > 0 {
                if base64 >= sextets {
                    glance.end_of_run(Coding::Base64, at, base64);
                }
                base64 = 0;
            }
            if class.hexadecimal {
                hexadecimal += 1;
            } else if hexadecimal > 0 {
                if hexadecimal >= digits {
                    glance.end_of_run(Coding::Hexadecimal, at, hexadecimal);
                }
                hexadecimal = 0;
            }
        }
        if base64 >= sextets {
            glance.end_of_run(Coding::Base64, bytes.len(), base64);
        }
        if hexadecimal >= digits {
            glance.end_of_run(Coding::Hexadecimal, bytes.len(), hexadecimal);
        }
        glance.runs.retain(|run| {
            run.coding
                .is_plausible(bytes.get(run.place.clone()).unwrap_or_default())
        });
        glance
    }

    /// Whether one of the patterns may begin somewhere in what a run of digits says, read from any of them on.
    pub(super) fn any_coded_in(&self, coding: Coding, digits: &[u8]) -> bool {
        let mut last = 0_u64;
        for byte in digits {
            let found = match (coding, CLASSES.get(usize::from(*byte))) {
                (Coding::Base64, Some(Class { sextet, .. })) => {
                    last = last << 6 | u64::from(*sextet);
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
                (Coding::Base64, None) => false,
            };
            if found {
                return true;
            }
        }
        false
    }

    #[inline(always)]
    fn has(&self, beginning: u64) -> bool {
        let (word, bit) = place(beginning);
        self.hashes.get(word).is_some_and(|hashes| hashes & bit != 0) && self.exact.contains(&beginning)
    }
}

impl Glance {
    /// Whether there is no secret, and nothing that one could be hidden in.
    pub(super) const fn is_harmless(&self) -> bool {
        !self.has_beginning && !self.has_escape && self.runs.is_empty()
    }

    fn end_of_run(&mut self, coding: Coding, end: usize, length: usize) {
        self.runs.push(Run {
            coding,
            place: end - length..end,
        });
    }
}

/// Where the hash of a beginning has its bit.
#[inline(always)]
fn place(beginning: u64) -> (usize, u64) {
    // Fibonacci hashing: the upper bits of the product depend on all bytes.
    let hash = beginning.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - HASH_BITS);
    let word = usize::try_from(hash / u64::from(WORD)).unwrap_or_default();
    (word, 1 << (hash % u64::from(WORD)))
}

/// Bytes side by side with every ASCII letter in lower case.
const fn in_lower_case(bytes: u64) -> u64 {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGH: u64 = ONES * 0x80;
    let low = bytes & !HIGH;
    // The high bit of each byte shows whether it is at least `A`, and whether it is beyond `Z`.
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
            let patterns = [Zeroizing::new(pattern.to_ascii_lowercase())];
            let beginnings = Beginnings::of(&patterns);
            let text = [before.as_slice(), &pattern].concat();
            prop_assert!(beginnings.glance(&text, SHORTEST).has_beginning);
            let coded = ::base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&text);
            prop_assert!(beginnings.any_coded_in(Coding::Base64, coded.as_bytes()));
            let coded: Vec<String> = text.iter().map(|byte| format!("{byte:02x}")).collect();
            prop_assert!(beginnings.any_coded_in(Coding::Hexadecimal, coded.join(":").as_bytes()));
        }
    }
}
