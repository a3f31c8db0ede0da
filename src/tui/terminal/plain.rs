//! A text on the normal screen, for the mouse: unwrapped between two rules, so that a selection in the terminal is what
//! was meant, also where no clipboard can be reached.

use crate::case::text::visible_lines;
use crate::knowledge::phrase;
use crate::report::text::to_ascii_lines;

use super::abilities::Abilities;

/// A rule is no longer than this.
const WIDTH: usize = 80;

/// What is printed, with the line ends of a terminal in raw mode. The rows of the text are not indented and not
/// wrapped: where one is longer than the screen, the terminal joins it again when it is selected.
#[must_use]
pub fn page(text: &str, abilities: Abilities, columns: u16) -> String {
    let width = usize::from(columns).saturating_sub(1).min(WIDTH);
    let rule = if abilities.boxes { "─" } else { "-" }.repeat(width);
    let text = visible_lines(text.trim_end());
    let text = if abilities.marks { text } else { to_ascii_lines(&text) };
    let back = phrase("screen.plain-back").text();
    let mut page = String::from("\r\n");
    for line in std::iter::once(rule.as_str()).chain(text.lines()).chain([rule.as_str(), back.as_str()]) {
        page.push_str(line);
        page.push_str("\r\n");
    }
    page
}

#[cfg(test)]
mod tests {
    use super::super::abilities::Clipboard;
    use super::*;

    #[test]
    fn a_long_command_stays_one_line_and_no_control_character_gets_out() {
        let abilities =
            Abilities { color: true, marks: false, boxes: false, like_xterm: false, clipboard: Clipboard::Absent };
        let command = format!("az rest --url {}", "x".repeat(300));
        let page = page(&format!("{command}\n\x1b]0;title\x07é\n"), abilities, 40);
        let lines: Vec<&str> = page.split("\r\n").collect();
        assert_eq!(lines.get(1), Some(&"-".repeat(39).as_str()));
        assert_eq!(lines.get(2), Some(&command.as_str()));
        assert!(page.bytes().all(|byte| byte == b'\r' || byte == b'\n' || (b' '..=b'~').contains(&byte)));
    }
}
