//! Rows of cells in columns, and rows with bars.

use ratatui::text::{Line, Span};

use crate::knowledge::phrase;
use crate::report::wrap;
use crate::tui::look::Role;

use super::amount::time;
use super::cells::{Cells, Period, Wave};
use super::sheet::{Sheet, clipped, clipped_in_the_middle, pieces, searched};

const GAP: usize = 2;

/// Cells of a row below which its columns are too narrow to be read.
const READABLE: usize = 40;

/// The cells of each column in this room.
fn columns(row: &Cells, room: usize) -> Vec<usize> {
    let count = row.widths.len().max(1);
    let gaps = GAP * (count - 1);
    let mut widths = row.widths.clone();
    // The widest column gives way first.
    while widths.iter().sum::<usize>() + gaps > room {
        let Some(widest) = widths.iter().copied().max().filter(|widest| *widest > 4) else {
            break;
        };
        let next = widths.iter().copied().filter(|width| *width < widest).max().unwrap_or(0);
        let over = widths.iter().sum::<usize>() + gaps - room;
        let same = widths.iter().filter(|width| **width == widest).count();
        let cut = over.div_ceil(same).min(widest - next.max(4)).max(1);
        for width in widths.iter_mut().filter(|width| **width == widest) {
            *width -= cut;
        }
    }
    widths
}

pub(super) fn cells(row: &Cells, sheet: &Sheet, room: usize) -> Vec<Line<'static>> {
    let looks = sheet.looks;
    let mark = looks.text(&row.mark.0);
    let lead = wrap::width(&mark) + 1;
    let room = room.saturating_sub(lead).max(1);
    let first = Line::from(vec![Span::styled(mark, looks.style(row.mark.1)), Span::raw(" ")]);
    if row.whole {
        return whole(row, sheet, room, lead, first);
    }
    if !row.names.is_empty() && room < READABLE {
        return stacked(row, sheet, room, lead, first);
    }
    let mut line = first;
    let widths = columns(row, room);
    let last = row.cells.len().saturating_sub(1);
    for (at, (text, role)) in row.cells.iter().enumerate() {
        let width = widths.get(at).copied().unwrap_or(0);
        let shown = match row.middle.contains(&at) {
            true => clipped_in_the_middle(&looks.text(text), width, looks),
            false => clipped(&looks.text(text), width, looks),
        };
        let gap = if at == last { 0 } else { width + GAP - wrap::width(&shown) };
        line.spans.extend(searched(shown, *role, sheet));
        line.spans.push(Span::raw(" ".repeat(gap)));
    }
    vec![line]
}

/// The first cell, and the others below it, whole and named.
fn stacked(row: &Cells, sheet: &Sheet, room: usize, lead: usize, mut line: Line<'static>) -> Vec<Line<'static>> {
    let looks = sheet.looks;
    let mut lines = Vec::new();
    for (at, ((text, role), name)) in row.cells.iter().zip(row.names).enumerate() {
        let name = looks.text(&phrase(name).text());
        let text = looks.text(text);
        // The row of the names themselves.
        if at > 0 && text == name {
            continue;
        }
        let indent = if at == 0 { 0 } else { GAP };
        let named = if at == 0 { text } else { format!("{name} {text}") };
        for piece in pieces(&named, room.saturating_sub(indent).max(1)) {
            if !lines.is_empty() {
                line = Line::from(Span::raw(" ".repeat(lead + indent)));
            }
            line.spans.extend(searched(piece, *role, sheet));
            lines.push(std::mem::take(&mut line));
        }
    }
    lines
}

/// The name, the whole value beside it, and the others behind it, or below where there is no room.
fn whole(row: &Cells, sheet: &Sheet, room: usize, lead: usize, mut line: Line<'static>) -> Vec<Line<'static>> {
    let looks = sheet.looks;
    let mut cells = row.cells.iter();
    let (Some((name, name_role)), Some((value, value_role))) = (cells.next(), cells.next()) else {
        return vec![line];
    };
    let name_width = row.widths.first().copied().unwrap_or(0).min(room / 3);
    let name = clipped(&looks.text(name), name_width, looks);
    let pad = (name_width + GAP).saturating_sub(wrap::width(&name));
    line.spans.extend(searched(name, *name_role, sheet));
    line.spans.push(Span::raw(" ".repeat(pad)));
    let indent = lead + name_width + GAP;
    let beside = room.saturating_sub(name_width + GAP).max(1);
    let rest: Vec<(String, Role)> = cells.map(|(text, role)| (looks.text(text), *role)).collect();
    // All but a few long values have room beside their column.
    let of_rest: usize = row.widths.iter().skip(2).map(|width| width + GAP).sum();
    let column = beside.saturating_sub(of_rest);
    let mut lines = Vec::new();
    for piece in pieces(&looks.text(value), beside) {
        if !lines.is_empty() {
            line = Line::from(Span::raw(" ".repeat(indent)));
        }
        line.spans.extend(searched(piece, *value_role, sheet));
        lines.push(std::mem::take(&mut line));
    }
    let used = lines.last().map_or(0, Line::width);
    let wanted: usize = rest.iter().map(|(text, _)| wrap::width(text) + GAP).sum();
    let is_empty = rest.iter().all(|(text, _)| text.is_empty());
    if is_empty {
        return lines;
    }
    let start = indent + column.min(row.widths.get(1).copied().unwrap_or(0));
    // A value that is only a little longer than its column leaves a smaller gap.
    let mut gap = GAP;
    if used < start + GAP && start + wanted <= lead + room {
        gap = start + GAP - used;
    } else if used + wanted <= lead + room {
        // Right behind a long value.
    } else {
        lines.push(Line::from(Span::raw(" ".repeat(indent.saturating_sub(GAP)))));
    }
    if let Some(last) = lines.last_mut() {
        for (text, role) in rest {
            let left = (lead + room).saturating_sub(last.width() + gap);
            last.spans.push(Span::raw(" ".repeat(gap)));
            last.spans.extend(searched(clipped(&text, left, looks), role, sheet));
            gap = GAP;
        }
    }
    lines
}

/// Cells of the time at the right end.
const TOOK: usize = 7;
/// Cells of the host, where there is room.
const HOST: usize = 26;

/// The room of the words, of the host, and of the bar.
fn parts(mark: usize, room: usize) -> (usize, usize, usize) {
    let left = room.saturating_sub(mark + 1 + TOOK);
    let host = if left >= 96 { HOST } else { 0 };
    let bar = if left < 48 { 0 } else { ((left - host) * 2 / 5).min(60) };
    let words = left.saturating_sub(host + bar + usize::from(bar > 0));
    (words, host, bar)
}

pub(super) fn wave(wave: &Wave, sheet: &Sheet, room: usize) -> Line<'static> {
    let looks = sheet.looks;
    let mark = looks.text(&wave.mark.0);
    let (words, host, bar) = parts(wrap::width(&mark), room);
    let mut line = Line::from(vec![Span::styled(mark, looks.style(wave.mark.1)), Span::raw(" ")]);
    let text = clipped(&looks.text(&wave.text), words, looks);
    let pad = words.saturating_sub(wrap::width(&text));
    line.spans.extend(searched(text, Role::Text, sheet));
    line.spans.push(Span::raw(" ".repeat(pad)));
    if host > 0 {
        let text = clipped(&looks.text(&wave.host), host - 1, looks);
        let text = wrap::padded(&text, host);
        line.spans.extend(searched(text, Role::Faint, sheet));
    }
    if bar > 0 {
        let (before, filled) = bar_of(wave, bar);
        let drawn = match wave.end {
            Some(_) => looks.wave().repeat(filled),
            None => looks.text(&"·".repeat(filled)),
        };
        line.spans.push(Span::raw(" ".repeat(before + 1)));
        line.spans.push(Span::styled(drawn, looks.style(wave.mark.1)));
        line.spans.push(Span::raw(" ".repeat(bar.saturating_sub(before + filled))));
    }
    let took = clipped(&looks.text(&wave.took), TOOK - 1, looks);
    let gap = TOOK.saturating_sub(wrap::width(&took));
    line.spans.push(Span::raw(" ".repeat(gap)));
    line.spans.push(Span::styled(took, looks.style(Role::Faint)));
    line
}

/// The cells before the bar, and its own, of which there is at least one.
fn bar_of(wave: &Wave, cells: usize) -> (usize, usize) {
    let total = u128::from(wave.total.max(1));
    let at = |time: u64| usize::try_from(u128::from(time) * cells as u128 / total).unwrap_or(cells);
    let before = at(wave.start).min(cells.saturating_sub(1));
    let end = at(wave.end.unwrap_or(wave.total)).clamp(before + 1, cells.max(1));
    (before, end.saturating_sub(before).max(1))
}

/// The head of the requests: what the columns are, and the axis of the time.
pub(super) fn axis(names: &str, total: u64, mark: usize, sheet: &Sheet, room: usize) -> Line<'static> {
    let looks = sheet.looks;
    let (words, host, bar) = parts(mark, room);
    let lead = mark + 1 + words + host;
    let names = clipped(&looks.text(names), lead, looks);
    let mut text = wrap::padded(&names, lead);
    if bar > 0 {
        let (half, end) = (time(total / 2), time(total));
        let middle = bar / 2;
        let mut axis = wrap::padded("0", middle);
        axis.push_str(&half);
        axis = wrap::padded(&axis, bar.saturating_sub(wrap::width(&end)));
        axis.push_str(&end);
        text.push(' ');
        text.push_str(&clipped(&axis, bar, looks));
    }
    Line::from(Span::styled(text, looks.style(Role::Faint)))
}

pub(super) fn period(period: &Period, sheet: &Sheet, room: usize) -> Vec<Line<'static>> {
    let looks = sheet.looks;
    let (name, from, until) = (looks.text(&period.name), looks.text(&period.from), looks.text(&period.until));
    let words = wrap::width(&name) + wrap::width(&from) + wrap::width(&until) + 4;
    let bar = room.saturating_sub(words).min(60);
    let column = wrap::width(&name) + 2;
    let mut line = Line::from(vec![Span::styled(name, looks.style(Role::Faint)), Span::raw(format!("  {from} "))]);
    // Without room for both, the end is below the beginning.
    if words > room {
        return vec![line, Line::raw(" ".repeat(column) + &until)];
    }
    if bar >= 8 {
        let place = period.at.map(|at| usize::try_from(at).unwrap_or(1_000).min(1_000) * (bar - 1) / 1_000);
        let before = place.unwrap_or(bar);
        line.spans.push(Span::styled(looks.wave().repeat(before), looks.style(Role::Faint)));
        if place.is_some() {
            line.spans.push(Span::styled(looks.moment(), looks.style(Role::Heading)));
            line.spans.push(Span::styled(looks.wave().repeat(bar - before - 1), looks.style(Role::Faint)));
        }
        line.spans.push(Span::raw(" "));
    }
    line.spans.push(Span::raw(until));
    vec![line]
}
