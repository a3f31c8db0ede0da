//! The keys that do something now. Its right end is fixed; what is left of it is filled by importance.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

use crate::case::text::visible_lines;
use crate::knowledge::phrase;
use crate::report::wrap::{self, wrap};
use crate::tui::keys;
use crate::tui::look::Role;
use crate::tui::model::Model;
use crate::tui::model::place::{Offer, Offered};
use crate::tui::page::layout::clipped;

use super::draw::put;
use super::places::Places;

/// Rows of a message that is longer than the footer.
const MOST_ROWS: usize = 6;

pub(super) fn render(frame: &mut Frame<'_>, model: &Model, places: &Places) {
    let area = places.footer;
    if area.height == 0 {
        return;
    }
    let looks = model.looks;
    let width = usize::from(area.width);
    let end = end(model, width);
    let end_cells = wrap::width(&end);
    // Narrower than its end, the footer shows what of it fits.
    let room = width.saturating_sub(end_cells + 1);
    let mut line = Line::default();
    match toast(model) {
        Some(toast) if is_within(&toast, room) => {
            line.spans.push(Span::styled(format!(" {toast}"), looks.style(Role::Heading)));
        }
        Some(toast) => above(frame, model, places, &toast),
        None => fill(model, room, &mut line),
    }
    let gap = width.saturating_sub(line.width() + end_cells);
    line.spans.push(Span::raw(" ".repeat(gap)));
    line.spans.push(Span::styled(clipped(&end, width, looks), looks.style(Role::Text)));
    put(frame, area, vec![line]);
}

fn fill(model: &Model, room: usize, line: &mut Line<'static>) {
    let looks = model.looks;
    for (binding, word) in keys::footer(model) {
        let key = binding.first(looks.ascii);
        let word = phrase(word).text();
        let gap = if line.spans.is_empty() { " " } else { "  " };
        if line.width() + gap.len() + cells(&key, &word) > room {
            continue;
        }
        line.spans.push(Span::raw(gap));
        line.spans.push(Span::styled(key, looks.style(Role::Heading)));
        line.spans.push(Span::raw(format!(" {word}")));
    }
}

/// The cells of a key and its word.
fn cells(key: &str, word: &str) -> usize {
    wrap::width(key) + wrap::width(word) + 1
}

fn toast(model: &Model) -> Option<String> {
    model.log.toast.as_deref().map(|toast| model.looks.text(&visible_lines(toast)))
}

/// Whether a message has room beside the end.
fn is_within(toast: &str, room: usize) -> bool {
    wrap::width(toast) < room && !toast.contains('\n')
}

/// The first row that the message above the footer covers.
pub(super) fn covered_from(model: &Model, places: &Places) -> Option<u16> {
    let area = places.footer;
    let room = usize::from(area.width).saturating_sub(wrap::width(&end(model, usize::from(area.width))) + 1);
    let toast = toast(model).filter(|toast| area.height > 0 && !is_within(toast, room))?;
    Some(area.y - rows_above(area, lines_above(area, &toast).len()))
}

/// The end that is always there, closer together where that leaves room for the most important key. Where it has none
/// beside both, the help alone: it has the rest.
fn end(model: &Model, width: usize) -> String {
    let ascii = model.looks.ascii;
    let of = |name| keys::named(name).map(|binding| binding.first(ascii)).unwrap_or_default();
    let help = format!("{} {}", of("keys.help"), phrase("word.help").text());
    let quit = format!("{} {}", of("keys.quit"), phrase("word.quit").text());
    let (whole, close) = (format!("{help}  {quit}"), format!("{help} {quit}"));
    let rows = keys::footer(model);
    let first = rows.first().map_or(0, |(binding, word)| cells(&binding.first(ascii), &phrase(word).text()));
    let fits = |end: &&String| first + wrap::width(end) + 2 <= width;
    [&whole, &close, &help].into_iter().find(fits).unwrap_or(&whole).clone()
}

/// What can be done with a pasted text, instead of the keys.
pub(super) fn offer(frame: &mut Frame<'_>, model: &Model, offer: &Offer, places: &Places) {
    let looks = model.looks;
    let area = places.footer;
    let width = usize::from(area.width);
    let keys = phrase(match (&offer.does, &offer.uses) {
        (Offered::Use, _) => "paste.keys-use",
        (Offered::Case(_), _) => "paste.keys-case",
        (_, Some(_)) => "paste.keys-both",
        _ if width < 60 => "paste.keys-short",
        _ => "paste.keys",
    });
    let keys = wrap::padded(&clipped(&looks.text(&format!(" {}", keys.text())), width, looks), width);
    above(frame, model, places, &looks.text(&visible_lines(&offer.text)));
    put(frame, area, vec![Line::from(Span::styled(keys, looks.style(Role::Text)))]);
}

/// A long message, in the rows above the footer.
fn above(frame: &mut Frame<'_>, model: &Model, places: &Places, text: &str) {
    let area = places.footer;
    let lines = lines_above(area, text);
    let rows = rows_above(area, lines.len());
    let place = Rect { y: area.y - rows, height: rows, ..area };
    frame.render_widget(Clear, place);
    let style = model.looks.style(Role::Heading);
    let lines = lines.into_iter().map(|line| Line::from(Span::styled(format!(" {line}"), style))).collect();
    put(frame, place, lines);
}

fn lines_above(area: Rect, text: &str) -> Vec<String> {
    let width = usize::from(area.width).saturating_sub(2).max(1);
    let mut lines = wrap(text, width);
    lines.truncate(usize::from(area.y.saturating_sub(1)).clamp(1, MOST_ROWS));
    lines
}

fn rows_above(area: Rect, lines: usize) -> u16 {
    u16::try_from(lines).unwrap_or(1).min(area.y)
}
