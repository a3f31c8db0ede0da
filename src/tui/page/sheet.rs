//! Texts in the room that there is.

use ratatui::text::Span;
use unicode_width::UnicodeWidthChar as _;

use crate::report::wrap::{self, wrap};
use crate::tui::look::{Looks, Role};

/// How items are laid out.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// Cells of a row, the mark of the selected item included.
    pub width: usize,
    /// Rows in sight.
    pub height: usize,
    /// How things look.
    pub looks: Looks,
    /// Whether commands are wrapped rather than cut.
    pub wrap: bool,
    /// What is looked for, in lower case.
    pub search: Option<String>,
    /// So many rows has a comment above the first command at most.
    pub comments: usize,
    /// The place of the selected item: a comment that is selected is whole.
    pub selected: Option<usize>,
}

impl Sheet {
    /// Whether an item has the same rows on both, whatever of them is in sight.
    pub(super) fn lays_out_like(&self, other: &Self) -> bool {
        let what = |sheet: &Self| (sheet.width, sheet.looks, sheet.wrap);
        what(self) == what(other) && self.search == other.search
    }
}

/// At most this many cells of a text, with a mark where it is cut.
#[must_use]
pub fn clipped(text: &str, width: usize, looks: Looks) -> String {
    let text = head(text, width);
    if text.len() <= width || wrap::width(text) <= width {
        return text.to_owned();
    }
    let mut short = String::new();
    let mut used = 0;
    for character in text.chars() {
        let cells = wrap::width(character.encode_utf8(&mut [0; 4]));
        if used + cells + 1 > width {
            break;
        }
        short.push(character);
        used += cells;
    }
    if width > 0 {
        short.push_str(looks.cut());
    }
    short
}

/// At most this many cells of a text, with a mark in the middle where something is left out.
#[must_use]
pub fn clipped_in_the_middle(text: &str, width: usize, looks: Looks) -> String {
    if wrap::width(text) <= width {
        return text.to_owned();
    }
    let before = clipped(text, (width * 2).div_ceil(3), looks);
    let room = width.saturating_sub(wrap::width(&before));
    let mut used = 0;
    let fits = |character: &char| {
        used += wrap::width(character.encode_utf8(&mut [0; 4]));
        used <= room
    };
    let mut after: Vec<char> = text.chars().rev().take_while(fits).collect();
    after.reverse();
    before + &after.into_iter().collect::<String>()
}

/// The beginning of a text that is certainly too long for this width, else all of it: what has no room is not measured.
pub(super) fn head(text: &str, width: usize) -> &str {
    // Together, characters may take less room than each alone.
    let most = 2 * width + 8;
    if text.len() <= most {
        return text;
    }
    let mut used = 0;
    let end = text.char_indices().find(|(_, character)| {
        used += character.width().unwrap_or(0);
        used > most
    });
    end.and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

/// The text in lines, where a long word is broken behind a hyphen or a slash rather than within a part of it.
pub(super) fn pieces(text: &str, width: usize) -> Vec<String> {
    if text.len() <= width && !text.contains('\n') {
        return vec![text.to_owned()];
    }
    let mut eased = String::with_capacity(text.len() + 8);
    for (number, word) in text.split(' ').enumerate() {
        if number > 0 {
            eased.push(' ');
        }
        let mut rest = word;
        while wrap::width(rest) > width && !rest.contains('\n') {
            let mut end = 0;
            let mut used = 0;
            for (at, character) in rest.char_indices() {
                used += wrap::width(character.encode_utf8(&mut [0; 4]));
                if used > width {
                    break;
                }
                if matches!(character, '-' | '/' | '&' | '?' | ',' | ';' | '.') {
                    end = at + character.len_utf8();
                }
            }
            let Some((line, after)) = rest.split_at_checked(end).filter(|_| end > width / 3) else {
                break;
            };
            eased.push_str(line);
            eased.push('\n');
            rest = after;
        }
        eased.push_str(rest);
    }
    wrap(&eased, width)
}

/// A piece of text in which the places that are looked for stand out.
pub(super) fn searched(text: String, role: Role, sheet: &Sheet) -> Vec<Span<'static>> {
    let style = sheet.looks.style(role);
    let Some(wanted) = sheet.search.as_deref().filter(|wanted| !wanted.is_empty()) else {
        return vec![Span::styled(text, style)];
    };
    let lower = text.to_lowercase();
    // Only where lower case has the same length are the places the same.
    if lower.len() != text.len() {
        return vec![Span::styled(text, style)];
    }
    let hit = style.patch(sheet.looks.style(Role::Hit));
    let mut spans = Vec::new();
    let mut from = 0;
    for (at, found) in lower.match_indices(wanted) {
        let (Some(before), Some(place)) = (text.get(from..at), text.get(at..at + found.len())) else {
            continue;
        };
        spans.push(Span::styled(before.to_owned(), style));
        spans.push(Span::styled(place.to_owned(), hit));
        from = at + found.len();
    }
    spans.push(Span::styled(text.get(from..).unwrap_or_default().to_owned(), style));
    spans
}
