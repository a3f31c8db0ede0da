//! Text from outside made safe to show.

/// The text with every character that a terminal could interpret made visible: control characters (C0, C1, DEL) as
/// `\x1b`, and invisible or direction-changing ones as `\u{202e}`. Line feeds and tabs become `\n` and `\t`.
#[must_use]
pub fn visible(text: &str) -> String {
    escape(text, false)
}

/// Like [`visible`], but line feeds stay line feeds (a carriage return before one is dropped) and tabs become spaces.
#[must_use]
pub fn visible_lines(text: &str) -> String {
    escape(&text.replace("\r\n", "\n"), true)
}

fn escape(text: &str, keep_lines: bool) -> String {
    use std::fmt::Write as _;
    let mut clean = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
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
        }
    }
    clean
}

/// JSON escapes only the first 32 control characters; this escapes the other ones that a terminal could interpret,
/// which can stand within its strings only.
#[must_use]
pub fn visible_json(json: &str) -> String {
    use std::fmt::Write as _;
    let mut clean = String::with_capacity(json.len());
    for character in json.chars() {
        if character != '\n' && is_deceptive(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(clean, "\\u{unit:04x}");
            }
        } else {
            clean.push(character);
        }
    }
    clean
}

/// Whether a character is a control character, invisible, or changes the direction of writing.
#[must_use]
pub fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_interprets_remains() {
        let hostile = "a\x1b]52;c;eA==\x07b\u{9b}31m\u{202e}c\r\nd\u{7f}";
        let clean = visible(hostile);
        assert_eq!(clean, "a\\x1b]52;c;eA==\\x07b\\x9b31m\\u{202e}c\\r\\nd\\x7f");
        assert!(visible_lines("a\r\nb\tc").eq("a\nb    c"));
    }
}
