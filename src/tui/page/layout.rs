//! Items as rows of a width.

use ratatui::text::{Line, Span};

use crate::report::{words as texts, wrap};
use crate::tui::look::Role;

use super::item::{Item, Names, Row, Tool};
pub use super::sheet::{Sheet, clipped};
use super::sheet::{head, pieces, searched};
use super::table;

/// Running text gets no wider.
const WIDEST: usize = 100;

/// The rows of an item, without the mark of the selected one.
#[must_use]
pub fn rows(item: &Item, sheet: &Sheet) -> Vec<Line<'static>> {
    let looks = sheet.looks;
    let room = sheet.width.saturating_sub(1).max(1);
    let mut lines = match &item.row {
        Row::Blank => vec![Line::default()],
        Row::Heading { text, tools } => heading(text, tools, sheet, room),
        Row::Text { mark, text, role, tail } => {
            let mark = mark.as_ref().map(|(mark, role)| (looks.text(mark), *role));
            words(mark, text, *role, tail.as_deref(), sheet, room)
        }
        Row::Pair { name, value, role, note, column } => {
            pair((name, *column), value, *role, note.as_deref(), sheet, room)
        }
        Row::Command { number, text } => command(*number, text, sheet, room),
        Row::Comment(text) => {
            let mut lines = words(Some(("#".to_owned(), Role::Faint)), text, Role::Text, None, sheet, room);
            let most = sheet.comments;
            if !sheet.wrap && lines.len() > most {
                if most == 1 {
                    return unbroken("# ", text, sheet, room);
                }
                // The last row shows that there is more.
                let pieces = pieces(&looks.text(text), room.saturating_sub(2).clamp(1, WIDEST));
                let rest: Vec<String> = pieces.into_iter().skip(most - 1).collect();
                lines.truncate(most - 1);
                lines.extend(unbroken("  ", &rest.join(" "), sheet, room));
            }
            lines
        }
        Row::Cells(row) => table::cells(row, sheet, room),
        Row::Wave(row) => vec![table::wave(row, sheet, room)],
        Row::Axis(names, total, mark) => vec![table::axis(names, *total, *mark, sheet, room)],
        Row::Period(row) => table::period(row, sheet, room),
        Row::Below(text, column) => below(text, *column, sheet, room),
        Row::Code(text) => text.lines().flat_map(|line| code(line, sheet, room)).collect(),
    };
    // What nothing else has made fit is cut, with a mark where there is room for one.
    for line in lines.iter_mut().filter(|line| line.width() > room) {
        let mark = if room > 1 { looks.cut() } else { "" };
        cut(line, room - wrap::width(mark));
        line.spans.push(Span::raw(mark));
    }
    lines
}

fn cut(line: &mut Line<'static>, room: usize) {
    let mut left = room;
    for span in &mut line.spans {
        let width = span.width();
        if width > left {
            let mut used = 0;
            let kept = span.content.chars().take_while(|character| {
                used += wrap::width(character.encode_utf8(&mut [0; 4]));
                used <= left
            });
            span.content = kept.collect::<String>().into();
        }
        left = left.saturating_sub(width);
    }
}

fn heading(text: &str, tools: &[Tool], sheet: &Sheet, room: usize) -> Vec<Line<'static>> {
    let looks = sheet.looks;
    let text = looks.text(text);
    let mut lines: Vec<Line<'static>> = pieces(&text, room)
        .into_iter()
        .map(|line| Line::from(Span::styled(line, looks.style(Role::Heading))))
        .collect();
    if tools.is_empty() {
        return lines;
    }
    let last = lines.last().map_or(0, Line::width);
    let room = room.min(WIDEST);
    for short in [false, true] {
        let right = tabs(tools, short, sheet);
        let used: usize = right.iter().map(Span::width).sum();
        if last + used < room
            && let Some(line) = lines.last_mut()
        {
            line.spans.push(Span::raw(" ".repeat(room - last - used)));
            line.spans.extend(right);
            return lines;
        }
    }
    // Tools that don't fit in a row go on in the next one.
    let mut line = Line::default();
    for span in tabs(tools, false, sheet) {
        if line.width() + span.width() > room && line.width() > 0 {
            lines.push(std::mem::take(&mut line));
        }
        line.spans.push(span);
    }
    lines.push(line);
    lines
}

fn tabs(tools: &[Tool], short: bool, sheet: &Sheet) -> Vec<Span<'static>> {
    let tab = |tool: &Tool| {
        let name = match tool.name.as_str() {
            "terraform" if short => "tf",
            "powershell" if short => "ps",
            name => name,
        };
        let (shown, role) =
            if tool.chosen { (format!("[{name}]"), Role::Heading) } else { (format!(" {name} "), Role::Faint) };
        Span::styled(sheet.looks.text(&shown), sheet.looks.style(role))
    };
    tools.iter().map(tab).collect()
}

fn words(
    mark: Option<(String, Role)>,
    text: &str,
    role: Role,
    tail: Option<&str>,
    sheet: &Sheet,
    room: usize,
) -> Vec<Line<'static>> {
    let looks = sheet.looks;
    let lead = mark.as_ref().map_or(0, |(mark, _)| wrap::width(mark) + 1);
    let width = room.saturating_sub(lead).clamp(1, WIDEST);
    let mut lines = Vec::new();
    for (number, piece) in pieces(&looks.text(text), width).into_iter().enumerate() {
        let mut line = Line::default();
        match &mark {
            Some((mark, role)) if number == 0 => {
                line.spans.push(Span::styled(mark.clone(), looks.style(*role)));
                line.spans.push(Span::raw(" "));
            }
            Some(_) => line.spans.push(Span::raw(" ".repeat(lead))),
            None => {}
        }
        line.spans.extend(searched(piece, role, sheet));
        lines.push(line);
    }
    if let Some(tail) = tail {
        let tail = looks.text(tail);
        let cells = wrap::width(&tail);
        let right = room.min(WIDEST + lead);
        let used = lines.last().map_or(0, Line::width);
        if used + 2 + cells > right {
            lines.push(Line::default());
        }
        if let Some(line) = lines.last_mut() {
            let gap = right.saturating_sub(line.width() + cells);
            line.spans.push(Span::raw(" ".repeat(gap)));
            line.spans.push(Span::styled(clipped(&tail, right, looks), looks.style(Role::Faint)));
        }
    }
    lines
}

fn pair(
    (name, column): (&str, Names),
    value: &str,
    role: Role,
    note: Option<&str>,
    sheet: &Sheet,
    room: usize,
) -> Vec<Line<'static>> {
    let looks = sheet.looks;
    let (name, value) = (looks.text(name), looks.text(value));
    let column = column.cells(room);
    let mut lines: Vec<Line<'static>> = Vec::new();
    // An ID stays whole where a row has room for it, and the label is what gives way.
    let longest = value.split([' ', '\n']).map(wrap::width).max().unwrap_or(0);
    let is_beside =
        wrap::width(&name) <= column && room > column + 1 && (longest < room - column || room < longest + 2);
    let indent = if is_beside { column + 1 } else { 2.min(room - 1) };
    // Of several values, only the first one has a name.
    if !is_beside && !name.is_empty() {
        for line in pieces(&name, room) {
            lines.push(Line::from(Span::styled(line, looks.style(Role::Faint))));
        }
    }
    for (number, piece) in pieces(&value, (room - indent).clamp(1, WIDEST)).into_iter().enumerate() {
        let lead = if is_beside && number == 0 {
            Span::styled(wrap::padded(&name, indent), looks.style(Role::Faint))
        } else {
            Span::raw(" ".repeat(indent))
        };
        let mut line = Line::from(lead);
        line.spans.extend(searched(piece, role, sheet));
        lines.push(line);
    }
    let Some(note) = note else { return lines };
    let note = looks.text(note);
    if let Some(line) = lines.last_mut()
        && line.width() + 2 + wrap::width(&note) <= room
        && !note.contains('\n')
    {
        line.spans.push(Span::raw("  "));
        line.spans.push(Span::styled(note, looks.style(Role::Faint)));
        return lines;
    }
    for piece in pieces(&note, (room - indent).clamp(1, WIDEST)) {
        let mut line = Line::from(Span::raw(" ".repeat(indent)));
        line.spans.extend(searched(piece, Role::Faint, sheet));
        lines.push(line);
    }
    lines
}

/// Marks below a value, in the row of [`pair`] whose value is whole beside its name; none where it isn't.
fn below(text: &str, column: Names, sheet: &Sheet, room: usize) -> Vec<Line<'static>> {
    let column = column.cells(room);
    let width = wrap::width(text);
    if text.trim().is_empty() || width > (room - column).saturating_sub(1) {
        return Vec::new();
    }
    let marks = Span::styled(text.to_owned(), sheet.looks.style(Role::Bad));
    vec![Line::from(vec![Span::raw(" ".repeat(column + 1)), marks])]
}

fn command(number: usize, text: &str, sheet: &Sheet, room: usize) -> Vec<Line<'static>> {
    // What is below the first row when it is wrapped is the same command.
    let lead = format!("{number} ");
    if sheet.wrap {
        return text
            .lines()
            .enumerate()
            .flat_map(|(line, text)| unbroken(if line == 0 { &lead } else { "  " }, text, sheet, room))
            .collect();
    }
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown = if text.contains('\n') { joined } else { text.to_owned() };
    unbroken(&lead, &shown, sheet, room)
}

/// A line of code. What is said of it is read, and so is whole.
fn code(line: &str, sheet: &Sheet, room: usize) -> Vec<Line<'static>> {
    let comment = line.strip_prefix("# ").filter(|_| !texts::is_to_copy(line));
    match comment {
        Some(text) => words(Some(("#".to_owned(), Role::Faint)), text, Role::Text, None, sheet, room),
        None if texts::is_sentence(line) => words(None, line, Role::Text, None, sheet, room),
        None => unbroken("", line, sheet, room),
    }
}

/// A line that is cut at the end of the row, or wrapped with a mark where that is wanted.
fn unbroken(lead: &str, text: &str, sheet: &Sheet, room: usize) -> Vec<Line<'static>> {
    let looks = sheet.looks;
    let width = room.saturating_sub(wrap::width(lead)).max(2);
    let text = looks.text(if sheet.wrap { text } else { head(text, width) });
    if !sheet.wrap {
        let mut line = Line::from(Span::styled(lead.to_owned(), looks.style(Role::Faint)));
        line.spans.extend(searched(clipped(&text, width, looks), Role::Text, sheet));
        return vec![line];
    }
    // What goes on is below the text, or a little to the right of it.
    let indent = wrap::width(lead).max(2).min(room.saturating_sub(8));
    let mut lines = Vec::new();
    let mut rest = &*text;
    loop {
        let (lead, room) = match lines.is_empty() {
            true => (lead.to_owned(), width),
            false => (" ".repeat(indent), room.saturating_sub(indent).max(1)),
        };
        let end = piece(rest, room);
        let (now, later) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let mut line = Line::from(Span::styled(lead, looks.style(Role::Faint)));
        line.spans.extend(searched(now.to_owned(), Role::Text, sheet));
        if later.is_empty() {
            lines.push(line);
            return lines;
        }
        line.spans.push(Span::styled(looks.wrapped(), looks.style(Role::Faint)));
        lines.push(line);
        rest = later;
    }
}

/// The bytes of a command that go into a row, with its mark where it is broken: behind a blank or a separator if there
/// is one, so that an ID stays whole, else behind a hyphen.
fn piece(text: &str, width: usize) -> usize {
    let (mut used, mut fits, mut end, mut hyphen) = (0, 0, 0, 0);
    for (at, character) in text.char_indices() {
        used += wrap::width(character.encode_utf8(&mut [0; 4]));
        if used > width {
            let least = LEAST.min(fits / 3);
            return match text.chars().next() {
                Some(first) if fits == 0 => first.len_utf8(),
                _ => [end, hyphen].into_iter().find(|end| *end > least).unwrap_or(fits),
            };
        }
        let next = at + character.len_utf8();
        // The mark needs a cell of its own.
        if used < width || fits == 0 {
            fits = next;
            match character {
                ' ' | '/' | ',' | '&' | '?' | '=' | '|' => end = next,
                '-' => hyphen = next,
                _ => {}
            }
        }
    }
    text.len()
}

/// A row of a command isn't shorter than this only for it to be broken at a better place.
const LEAST: usize = 6;
