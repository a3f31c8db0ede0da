//! Text from outside made safe to show.

use std::borrow::Cow;
use std::ops::Range;

/// What stands for the name of a file whose text was pasted instead.
pub const PASTED: &str = "pasted text";

/// The text with every character that a terminal could interpret made visible: control characters (C0, C1, DEL) as
/// `\x1b`, and invisible or direction-changing ones as `\u{202e}`. Line feeds and tabs become `\n` and `\t`.
#[must_use]
pub fn visible(text: &str) -> String {
    escape(String::new(), text, false)
}

/// Like [`visible`], but line feeds stay line feeds (a carriage return before one is dropped) and tabs become spaces.
#[must_use]
pub fn visible_lines(text: &str) -> String {
    visible_lines_after("", text)
}

/// Like [`visible_lines`], after a beginning: a long text isn't copied once more for it.
#[must_use]
pub fn visible_lines_after(start: &str, text: &str) -> String {
    match text.contains('\r') {
        true => escape(start.to_owned(), &text.replace("\r\n", "\n"), true),
        false => escape(start.to_owned(), text, true),
    }
}

/// Whether a text has only printable ASCII. Eight bytes at a time: it may be long, and most texts are plain.
fn is_plain(text: &[u8], keep_lines: bool) -> bool {
    let each = |byte: u8| u64::from_ne_bytes([byte; 8]);
    // A byte below the blank borrows its highest bit, and one beyond the tilde has it or gets it.
    let is_printable = |all: u64| (all.wrapping_sub(each(b' ')) | all.wrapping_add(each(1)) | all) & each(0x80) == 0;
    let one_by_one = |part: &[u8]| part.iter().all(|byte| matches!(byte, b' '..=b'~') || keep_lines && *byte == b'\n');
    let (words, rest) = text.as_chunks::<8>();
    words.iter().all(|word| is_printable(u64::from_ne_bytes(*word)) || one_by_one(word)) && one_by_one(rest)
}

/// The text after a beginning, with each character that isn't plain written in its own way. What is plain is taken as
/// a whole, as most of a long text is.
fn rewritten(mut clean: String, text: &str, write: impl Fn(&mut String, char)) -> String {
    let mut rest = text;
    while !rest.is_empty() {
        let plain = rest.bytes().take_while(|byte| matches!(byte, b' '..=b'~')).count();
        let (run, after) = rest.split_at(plain);
        clean.push_str(run);
        let mut characters = after.chars();
        if let Some(character) = characters.next() {
            write(&mut clean, character);
        }
        rest = characters.as_str();
    }
    clean
}

fn escape(mut clean: String, text: &str, keep_lines: bool) -> String {
    use std::fmt::Write as _;
    clean.reserve_exact(text.len());
    if is_plain(text.as_bytes(), keep_lines) {
        clean.push_str(text);
        return clean;
    }
    rewritten(clean, text, |clean, character| match character {
        '\n' if keep_lines => clean.push('\n'),
        '\t' if keep_lines => clean.push_str("    "),
        '\n' => clean.push_str("\\n"),
        '\r' => clean.push_str("\\r"),
        '\t' => clean.push_str("\\t"),
        _ if is_deceptive(character) => {
            // Writing to a string cannot fail.
            let _ = if (character as u32) < 0x100 {
                write!(clean, "\\x{:02x}", character as u32)
            } else {
                write!(clean, "\\u{{{:x}}}", character as u32)
            };
        }
        _ => clean.push(character),
    })
}

/// JSON escapes only the first 32 control characters; this escapes the other ones that a terminal could interpret,
/// which can occur only within its strings.
#[must_use]
pub fn visible_json(json: &str) -> String {
    use std::fmt::Write as _;
    rewritten(String::with_capacity(json.len()), json, |clean, character| {
        if character != '\n' && is_deceptive(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(clean, "\\u{unit:04x}");
            }
        } else {
            clean.push(character);
        }
    })
}

/// The text with those bytes in place of `%2E` and the like that may be written so. What isn't UTF-8 then is replaced.
#[must_use]
pub fn percent_decoded(text: &str, may_be: fn(u8) -> bool) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('%') {
        decoded.extend_from_slice(before.as_bytes());
        let code = behind.get(..2).and_then(|code| u8::from_str_radix(code, 16).ok()).filter(|code| may_be(*code));
        decoded.push(code.unwrap_or(b'%'));
        rest = if code.is_some() { behind.get(2..).unwrap_or_default() } else { behind };
    }
    decoded.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&decoded).into_owned()
}

/// The ASCII character that one of full width stands for (U+FF01 to U+FF5E).
#[must_use]
pub fn half_width(character: char) -> char {
    const APART: u32 = 0xfee0;
    match character {
        '\u{ff01}'..='\u{ff5e}' => u32::from(character).checked_sub(APART).and_then(char::from_u32),
        _ => None,
    }
    .unwrap_or(character)
}

/// Whether a character is a control character, invisible, or changes the direction of writing.
#[must_use]
pub fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// At most `limit` characters of the text, with `…` where something was cut.
#[must_use]
pub fn shortened(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(limit.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// A text from outside, safe to show and short enough for a sentence.
#[must_use]
pub fn short(text: &str) -> String {
    visible(&shortened(text, 300))
}

/// A value, or that there is none.
#[must_use]
pub fn or_none(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}

/// The text of a file: UTF-8, or UTF-16 with its byte order mark, as PowerShell's `>` writes it. The mark is dropped.
///
/// # Errors
/// The place of the first byte that is no text.
pub fn decoded(bytes: &[u8]) -> Result<String, usize> {
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest).map_err(|at| at.saturating_add(3)),
        _ => utf8(bytes),
    }
}

fn utf8(bytes: &[u8]) -> Result<String, usize> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => Err(error.valid_up_to()),
    }
}

fn wide(bytes: &[u8], from: fn([u8; 2]) -> u16) -> Result<String, usize> {
    let units = bytes.chunks(2).map(|pair| <[u8; 2]>::try_from(pair).map_or(0xdfff, from));
    let mut text = String::new();
    let mut at: usize = 2;
    for character in char::decode_utf16(units) {
        let character = character.map_err(|_| at)?;
        at = at.saturating_add(character.len_utf16().saturating_mul(2));
        text.push(character);
    }
    Ok(text)
}

/// The words of a text, with the signs that the names of roles have.
pub fn terms(text: &str) -> impl Iterator<Item = &str> {
    let is_between = |it: char| !it.is_alphanumeric() && !matches!(it, '.' | '_' | ':' | '-');
    text.split(is_between).map(|term| term.trim_matches(['.', ':', '-']))
}

/// A URL with its host as DNS has it: a label with letters beyond ASCII begins with `xn--`. The tables of all rules for
/// such labels are larger than the rest of what reads URLs, and stay out; a host that breaks one isn't found.
#[must_use]
pub fn with_ascii_host(url: &str) -> Cow<'_, str> {
    let Some((scheme, rest)) = url.split_once("://").filter(|_| !url.is_ascii()) else { return url.into() };
    let (authority, rest) = rest.split_at(rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len()));
    let (user, host) = authority.split_at(authority.rfind('@').map_or(0, |at| at.saturating_add(1)));
    let (host, port) = host.split_at(host.find(':').unwrap_or(host.len()));
    let labels = host.split('.').map(|label| {
        let coded = if label.is_ascii() { None } else { idna::punycode::encode_str(&label.to_lowercase()) };
        coded.map_or_else(|| label.to_owned(), |coded| format!("xn--{coded}"))
    });
    format!("{scheme}://{user}{}{port}{rest}", labels.collect::<Vec<_>>().join(".")).into()
}

/// The text with this in place of every one of these places.
#[must_use]
pub fn with_in_place_of<'a>(text: &'a str, mut places: Vec<Range<usize>>, put: &str) -> Cow<'a, str> {
    if places.is_empty() {
        return Cow::Borrowed(text);
    }
    crate::sort::by_key(&mut places, |place| place.start);
    let mut clean = String::with_capacity(text.len());
    let mut kept = 0;
    let mut places = places.into_iter().peekable();
    while let Some(place) = places.next() {
        let mut end = place.end;
        while let Some(next) = places.next_if(|next| next.start <= end) {
            end = end.max(next.end);
        }
        clean.push_str(text.get(kept..text.floor_char_boundary(place.start)).unwrap_or_default());
        clean.push_str(put);
        kept = text.ceil_char_boundary(end);
    }
    clean.push_str(text.get(kept..).unwrap_or_default());
    Cow::Owned(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_interprets_remains() {
        let hostile = "a\x1b]52;c;eA==\x07b\u{9b}31m\u{202e}c\r\nd\u{7f}";
        let clean = visible(hostile);
        assert_eq!(clean, "a\\x1b]52;c;eA==\\x07b\\x9b31m\\u{202e}c\\r\\nd\\x7f");
        assert!(visible_lines("a\r\nb\tc").eq("a\nb    c"));
        // Wherever it is among others.
        for place in 0..20 {
            for (bad, shown) in [('\x1f', "\\x1f"), ('\x7f', "\\x7f"), ('\0', "\\x00"), ('\u{80}', "\\x80")] {
                let (before, after) = ("~".repeat(place), " ".repeat(20 - place));
                assert_eq!(visible(&format!("{before}{bad}{after}")), format!("{before}{shown}{after}"));
            }
        }
        assert_eq!(visible_lines("1234567\n9 ~\n"), "1234567\n9 ~\n");
    }

    #[test]
    fn texts_are_decoded_with_their_mark() {
        let wide: Vec<u8> =
            [0xff, 0xfe].into_iter().chain("a\u{1f600}".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert_eq!(decoded(&wide).as_deref(), Ok("a\u{1f600}"));
        assert_eq!(decoded(b"\xef\xbb\xbfa").as_deref(), Ok("a"));
        assert_eq!(decoded(&[b'a', 0xc3]), Err(1));
        assert_eq!(decoded(&[0xff, 0xfe, b'a', 0, 0]), Err(4));
        assert_eq!(decoded(&[0xfe, 0xff, 0xd8, 0]), Err(2));
    }

    #[test]
    fn hosts_are_written_as_dns_has_them() {
        for (url, expected) in [
            ("https://Bücher.example:8443/ü?ä#ö", "https://xn--bcher-kva.example:8443/ü?ä#ö"),
            ("https://api.測試.example", "https://api.xn--g6w251d.example"),
            ("http://us@er:pässwort@bücher:80", "http://us@er:pässwort@xn--bcher-kva:80"),
            ("https://App2.example/ü", "https://App2.example/ü"),
            ("ü", "ü"),
        ] {
            assert_eq!(with_ascii_host(url), expected);
        }
    }
}
