//! Where the value behind a name begins and ends.

use std::ops::Range;

use super::bytes::{LONGEST_TAG, is_of_name, is_space, skip, skip_all};
use crate::case::secret::redacted::REDACTED;

/// Bytes of a value that is looked at without being hidden for certain.
const LONGEST_WORD: usize = 128;
/// Bytes of a name behind a value.
const LONGEST_NAME: usize = 64;
/// Quotation marks, and how they are written in HTML, JSON in JSON, and URLs: opening and closing.
const SIGNS: [(&str, &str); 9] = [
    ("&quot;", "&quot;"),
    ("&#34;", "&#34;"),
    ("&#39;", "&#39;"),
    ("&apos;", "&apos;"),
    ("\\u0022", "\\u0022"),
    ("\\u0027", "\\u0027"),
    ("%22", "%22"),
    ("\u{201c}", "\u{201d}"),
    ("\u{2018}", "\u{2019}"),
];

/// A quotation mark with the backslashes before it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Sign<'a>(&'a [u8]);

impl Sign<'_> {
    pub(super) const fn len(self) -> usize {
        self.0.len()
    }

    /// Where its partner is from here on, in the same line: one with no more backslashes, behind which no word goes on.
    fn closing(self, bytes: &[u8], from: usize, limit: usize) -> Option<usize> {
        let close =
            SIGNS.iter().find(|(open, _)| open.as_bytes() == self.0).map_or(self.0, |(_, close)| close.as_bytes());
        let last = close.last()?;
        let is_mark = matches!(last, b'"' | b'\'' | b'`');
        let mut at = from;
        loop {
            let rest = bytes.get(at..limit)?;
            at += rest.iter().position(|byte| byte == last || matches!(byte, b'\n' | b'\r'))?;
            let behind = at + 1;
            let slashes = slashes(bytes, from, at);
            let is_it = match bytes.get(at)? {
                b'\n' | b'\r' => return None,
                _ if is_mark => slashes < close.len(),
                _ => bytes.get(from..behind)?.ends_with(close),
            };
            // One that is doubled is a part of the value, unless that is its end.
            let is_doubled = bytes.get(behind..)?.starts_with(close) && !is_end(bytes, behind + close.len());
            if is_it && !is_doubled && is_end(bytes, behind) {
                return Some(if is_mark { at - slashes.min(close.len() - 1) } else { behind - close.len() });
            }
            at = behind + if is_it && is_doubled { close.len() } else { 0 };
        }
    }
}

/// How many backslashes are before this place.
fn slashes(bytes: &[u8], from: usize, at: usize) -> usize {
    const MOST: usize = 32;
    bytes.get(from..at).map_or(0, |before| before.iter().rev().take(MOST).take_while(|byte| **byte == b'\\').count())
}

/// The quotation mark that is here.
pub(super) fn sign(bytes: &[u8], at: usize) -> Option<Sign<'_>> {
    const MOST: usize = 16;
    let rest = bytes.get(at..)?;
    match rest.first()? {
        b'"' | b'\'' | b'`' => return rest.get(..1).map(Sign),
        b'\\' | b'&' | b'%' | 0xe2 => {}
        _ => return None,
    }
    let slashes = rest.iter().take(MOST).take_while(|byte| **byte == b'\\').count();
    if slashes > 0 && matches!(rest.get(slashes), Some(b'"' | b'\'')) {
        return rest.get(..=slashes).map(Sign);
    }
    let known = SIGNS.iter().flat_map(|(open, close)| [open, close]).find(|sign| rest.starts_with(sign.as_bytes()))?;
    rest.get(..known.len()).map(Sign)
}

/// Whether no word goes on here.
fn is_end(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_none_or(|byte| is_space(byte) || b",;:.}])><&|/\\\"'`".contains(byte) || *byte == 0xe2)
}

/// The whole value that begins here: to the closing quotation mark, or to the end of its field. `is_equal`: it stands
/// behind `=`, where the next field may follow a space.
pub(super) fn of(bytes: &[u8], start: usize, is_equal: bool) -> Option<Range<usize>> {
    quoted(bytes, start, bytes.len()).unwrap_or_else(|| Some(unquoted(bytes, start, true, is_equal)))
}

/// The cookies that begin here.
pub(super) fn cookies(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    quoted(bytes, start, bytes.len()).unwrap_or_else(|| Some(unquoted(bytes, start, false, false)))
}

/// The one word, or the text in quotation marks, that begins here.
pub(super) fn word(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let limit = bytes.len().min(start.saturating_add(LONGEST_WORD));
    quoted(bytes, start, limit).unwrap_or_else(|| {
        let start = start + usize::from(bytes.get(start) == Some(&b'('));
        if let Some(mark) = mark(bytes, start) {
            return Some(mark);
        }
        let rest = bytes.get(start..)?;
        let ends = |byte: &u8| is_space(byte) || b"\"'&;,<>(){}[]\\".contains(byte);
        let length = rest.iter().take(LONGEST_WORD).position(ends);
        Some(start..start + length.unwrap_or_else(|| rest.len().min(LONGEST_WORD)))
    })
}

/// The text of a cell that begins here, up to the next line between cells.
pub(super) fn cell(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let end = skip(bytes, start, |byte| !matches!(byte, b'|' | b'\n' | b'\r' | b'\\' | b'<'));
    let place = trimmed(bytes, start..end);
    let is_rule = bytes.get(place.clone())?.iter().all(|byte| matches!(byte, b'-' | b':' | b'+'));
    (!is_rule && bytes.get(end) == Some(&b'|')).then_some(place)
}

/// The next item of a list whose item before is a name, or what is in brackets behind a name.
pub(super) fn listed(bytes: &[u8], name: usize, gap: usize, is_quoted: bool) -> Option<Range<usize>> {
    match bytes.get(gap)? {
        b'[' | b'(' if gap == name => word(bytes, gap + 1),
        b',' => {
            let start = skip(bytes, gap + 1, |byte| *byte == b' ');
            let place = word(bytes, start)?;
            (is_quoted == (place.start > start)).then_some(place)
        }
        _ => None,
    }
}

/// The argument of a command that begins here.
pub(super) fn argument(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    quoted(bytes, start, bytes.len()).unwrap_or_else(|| {
        if matches!(bytes.get(start), Some(b'(' | b'{' | b'[')) {
            return Some(unquoted(bytes, start, true, true));
        }
        Some(start..skip(bytes, start, |byte| !is_space(byte) && !matches!(byte, b'<' | b'"' | b'\'')))
    })
}

/// The value of a parameter in an address that begins here.
pub(super) fn in_query(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    quoted(bytes, start, bytes.len())
        .unwrap_or_else(|| Some(start..skip(bytes, start, |byte| !is_space(byte) && !b"&\"'<>#\\".contains(byte))))
}

/// The text in quotation marks that begins here; the inner `None` of an empty one, the outer one where there is none.
fn quoted(bytes: &[u8], start: usize, limit: usize) -> Option<Option<Range<usize>>> {
    // A prefix of a literal: `b'…'`, `N'…'`, `@"…"`.
    let is_prefix = bytes.get(start).is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'@' | b'$'))
        && matches!(bytes.get(start + 1), Some(b'"' | b'\''));
    let start = start + usize::from(is_prefix);
    let sign = sign(bytes, start)?;
    let is_same = |at| self::sign(bytes, at).filter(|other| *other == sign).map(|sign| sign.len());
    let inner = skip_all(bytes, start, is_same);
    if inner == start + 2 * sign.len() && is_end(bytes, inner) {
        return Some(None);
    }
    let closed = sign.closing(bytes, inner, limit).map(|end| inner..end);
    let open = || mark(bytes, inner).unwrap_or_else(|| trimmed(bytes, inner..end_of_line(bytes, inner, limit)));
    Some(Some(closed.unwrap_or_else(open)))
}

/// What an earlier reading put here.
fn mark(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let end = start + REDACTED.len();
    (bytes.get(start..end) == Some(REDACTED.as_bytes()) && is_end(bytes, end)).then_some(start..end)
}

/// The text of an element that begins here.
pub(super) fn in_element(bytes: &[u8], start: usize) -> Range<usize> {
    const CDATA: &[u8] = b"<![CDATA[";
    let is_cdata = bytes.get(start..).is_some_and(|rest| rest.starts_with(CDATA));
    let start = start + if is_cdata { CDATA.len() } else { 0 };
    let text = trimmed(bytes, start..skip(bytes, start, |byte| *byte != if is_cdata { b']' } else { b'<' }));
    mark(bytes, text.start).unwrap_or(text)
}

/// A value without quotation marks around it. `has_fields`: it ends where the next field begins.
fn unquoted(bytes: &[u8], start: usize, has_fields: bool, is_equal: bool) -> Range<usize> {
    if let Some(mark) = mark(bytes, start) {
        return mark;
    }
    let (mut at, mut depth) = (start, 0usize);
    let mut open: Option<Sign<'_>> = None;
    while let Some(byte) = bytes.get(at) {
        let mut step = 1;
        match byte {
            b'\n' | b'\r' => break,
            b'<' if is_markup(bytes, at) => break,
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' if depth > 0 => depth -= 1,
            b')' | b']' | b'}' if is_end(bytes, at + 1) => break,
            b',' | b';' | b'&' if has_fields && depth == 0 && ends_field(bytes, at) => break,
            b'|' if has_fields && depth == 0 && at > start && bytes.get(at - 1..at + 2) == Some(b" | ") => break,
            b' ' | b'\t' if has_fields && depth == 0 && begins_another(bytes, at, is_equal) => break,
            b'"' | b'\'' | b'`' | b'\\' | b'&' | b'%' | 0xe2 => {
                if let Some(sign) = sign(bytes, at) {
                    step = sign.len();
                    match open {
                        _ if !is_end(bytes, at + step) => open = open.or(Some(sign)),
                        Some(opened) if opened == sign => open = None,
                        _ => break,
                    }
                }
            }
            _ => {}
        }
        at += step;
    }
    trimmed(bytes, start..at.min(bytes.len()))
}

/// Whether a tag begins here.
fn is_markup(bytes: &[u8], at: usize) -> bool {
    let rest = bytes.get(at + 1..).unwrap_or_default();
    match rest.first() {
        Some(b'/' | b'!') => true,
        Some(first) if first.is_ascii_alphabetic() => {
            let end = rest.iter().take(LONGEST_TAG).position(|byte| matches!(byte, b'<' | b'>'));
            end.is_some_and(|end| rest.get(end) == Some(&b'>'))
        }
        _ => false,
    }
}

/// Whether a sign between fields is that here, and not a part of the value.
fn ends_field(bytes: &[u8], at: usize) -> bool {
    let rest = bytes.get(at..).unwrap_or_default();
    let after = at + if rest.starts_with(b"&amp;") { b"&amp;".len() } else { 1 };
    bytes.get(after).is_none_or(|byte| is_space(byte) || b"}])\"'<|;".contains(byte)) || is_field(bytes, after)
}

/// Whether a name and a sign are here.
fn is_field(bytes: &[u8], at: usize) -> bool {
    let at = skip_all(bytes, at, |at| sign(bytes, at).map(|sign| sign.len()));
    let name = skip_few(bytes, at, is_of_name);
    let spaced = skip_few(bytes, name, |byte| *byte == b' ');
    let second = skip_few(bytes, spaced, is_of_name);
    let end = if second > spaced { second } else { name };
    let end = skip_all(bytes, end, |at| sign(bytes, at).map(|sign| sign.len()));
    let end = skip_few(bytes, end, is_space);
    bytes.get(at).is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_')
        && matches!(bytes.get(end), Some(b'=' | b':'))
}

/// Whether a value ends at a space: behind it stands an error's number, or behind `=` another assignment.
fn begins_another(bytes: &[u8], at: usize, is_equal: bool) -> bool {
    let start = at + 1;
    let rest = bytes.get(start..).unwrap_or_default();
    let is_code = ["AADSTS", "IDX"]
        .iter()
        .any(|prefix| rest.strip_prefix(prefix.as_bytes()).and_then(<[u8]>::first).is_some_and(u8::is_ascii_digit));
    let name = skip_few(bytes, start, is_of_name);
    let is_assignment = bytes.get(start).is_some_and(u8::is_ascii_alphabetic) && bytes.get(name) == Some(&b'=');
    is_code || is_equal && is_assignment
}

fn end_of_line(bytes: &[u8], from: usize, limit: usize) -> usize {
    skip(bytes.get(..limit).unwrap_or(bytes), from, |byte| !matches!(byte, b'\n' | b'\r'))
}

/// The place without the spaces around it.
fn trimmed(bytes: &[u8], place: Range<usize>) -> Range<usize> {
    let inner = bytes.get(place.clone()).unwrap_or_default();
    let start = place.start + inner.iter().take_while(|byte| is_space(byte)).count();
    let end = place.end - inner.iter().rev().take_while(|byte| is_space(byte)).count();
    start..end.max(start)
}

/// As [`skip`], as far as a name can reach.
fn skip_few(bytes: &[u8], from: usize, is: impl Fn(&u8) -> bool) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().take(LONGEST_NAME).take_while(|byte| is(byte)).count()
}
