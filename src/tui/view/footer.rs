//! The keys that work now, or a word to the person: `↑↓ step  Tab tab  Enter open  r again  ? help  q quit`.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::case::text::{shortened, visible};
use crate::report::wrap;
use crate::tui::keymap::{Action, ENTRIES};
use crate::tui::model::Model;

pub(super) fn render(frame: &mut Frame<'_>, model: &Model, area: Rect) {
    let theme = model.theme;
    if let Some(notice) = &model.notice {
        let text = shortened(&theme.text(&visible(notice)), usize::from(area.width));
        frame.render_widget(Paragraph::new(Line::from(Span::styled(text, theme.heading()))), area);
        return;
    }
    let mut spans = Vec::new();
    let mut used = 0;
    for (keys, word) in words(model) {
        let length = wrap::width(&keys) + wrap::width(word) + 3;
        if used + length > usize::from(area.width) + 2 {
            break;
        }
        used += length;
        spans.push(Span::styled(keys, theme.heading()));
        spans.push(Span::styled(format!(" {word}  "), theme.faint()));
    }
    frame.render_widget(Paragraph::new(Line::from(spans)), area);
}

/// Keys and words of what is enabled, quitting and help first where room is scarce.
fn words(model: &Model) -> Vec<(String, &'static str)> {
    let scarce = model.size.0 < 60;
    let mut words: Vec<(String, &'static str)> = Vec::new();
    if model.opened {
        words.push(("Esc".to_owned(), "back"));
    }
    for entry in ENTRIES {
        if entry.word.is_empty() || !model.enables(entry.action) {
            continue;
        }
        if scarce
            && !matches!(
                entry.action,
                Action::Down | Action::NextTab | Action::Help | Action::Quit
            )
        {
            continue;
        }
        let keys = match entry.action {
            Action::Down if model.theme.ascii => "j/k".to_owned(),
            Action::Down => "↑↓".to_owned(),
            _ => entry.keys.to_owned(),
        };
        let word = if model.opened && entry.action == Action::Down {
            "scroll"
        } else {
            entry.word
        };
        words.push((keys, word));
    }
    words
}
