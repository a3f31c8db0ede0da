//! Bytes of names, and what is between them.

/// Bytes of the longest tag between a name and its value.
pub(super) const LONGEST_TAG: usize = 80;

/// The first place from here on where a byte is not like this.
pub(super) fn skip(bytes: &[u8], from: usize, is: impl Fn(&u8) -> bool) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|byte| is(byte)).count()
}

/// The first place from here on where there is no such part; parts have lengths. A few at the most are passed.
pub(super) fn skip_all(bytes: &[u8], from: usize, length: impl Fn(usize) -> Option<usize>) -> usize {
    const MOST: usize = 4;
    let mut at = from;
    for _ in 0..MOST {
        match length(at).filter(|length| at + length <= bytes.len()) {
            Some(length) => at += length,
            None => break,
        }
    }
    at
}

/// As [`skip`], past white space, which may be escaped, as in a text that is a member of JSON.
pub(super) fn skip_gap(bytes: &[u8], from: usize) -> usize {
    let mut at = skip(bytes, from, is_space);
    while let Some([b'\\', b'n' | b'r' | b't', ..]) = bytes.get(at..) {
        at = skip(bytes, at + 2, is_space);
    }
    at
}

pub(super) const fn is_space(byte: &u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ')
}

pub(super) const fn is_of_name(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(*byte, b'_' | b'-' | b'.')
}
