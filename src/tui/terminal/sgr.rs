//! A backend that turns cells into as few bytes as it can: the cheapest way of the cursor, attributes only when they
//! change, colors in the form that every terminal with colors reads, and blank ends of rows erased instead of written.
//!
//! It never asks the terminal anything, and it never writes a character that the terminal may not be able to show.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io::Write as _;

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::style::Color;
use unicode_width::UnicodeWidthStr as _;

use crate::report::text::to_ascii;

use super::abilities::Abilities;
use super::pen::Pen;

/// Up to this many blanks at the end of a row are written: erasing them costs as much.
const FEW: usize = 3;

/// What a place of the screen shows, as far as it may be written over with the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// This character, one cell wide, in these attributes.
    Character(char, Pen),
    /// A character that is two cells wide.
    Wide,
    /// Something else that is not written again on the way to another place: several characters, or the right half of a
    /// wide one.
    Other,
}

impl Shown {
    fn is_blank(self) -> bool {
        matches!(self, Self::Character(' ', pen) if !pen.is_seen_on_blank())
    }
}

/// The backend. What it makes is taken by [`Sgr::take`].
#[derive(Debug)]
pub struct Sgr {
    abilities: Abilities,
    size: Size,
    out: Vec<u8>,
    /// What the screen shows, row by row.
    shown: Vec<Vec<Shown>>,
    /// `None`: unknown.
    pen: Option<Pen>,
    /// Where the cursor is; `None`: unknown.
    cursor: Option<Position>,
    /// Whether the cursor is seen; `None`: unknown.
    is_cursor_seen: Option<bool>,
}

impl Sgr {
    /// A backend for a cleared screen of this size.
    #[must_use]
    pub fn new(abilities: Abilities, size: Size) -> Self {
        let mut new =
            Self { abilities, size, out: Vec::new(), shown: Vec::new(), pen: None, cursor: None, is_cursor_seen: None };
        new.forget();
        new
    }

    /// The bytes made since the last time.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// Gives the screen another size; what it shows is unknown until it is cleared.
    pub fn set_size(&mut self, size: Size) {
        self.size = size;
        self.forget();
    }

    /// Somebody else has written to the terminal.
    pub fn forget(&mut self) {
        let (columns, rows) = (usize::from(self.size.width), usize::from(self.size.height));
        let blank = Shown::Character(' ', Pen::default());
        self.shown = vec![vec![blank; columns]; rows];
        self.pen = None;
        self.cursor = None;
        self.is_cursor_seen = None;
    }

    fn put(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    fn pen_of(&self, cell: &Cell) -> Pen {
        let color = |color| if self.abilities.color { color } else { Color::Reset };
        Pen { foreground: color(cell.fg), background: color(cell.bg), modifier: cell.modifier }
    }

    /// Where the blank end of each of these rows begins, as it will be, and that it isn't erased yet; no place of
    /// the row where erasing it gains nothing.
    fn tails(&self, rows: &[u16], updates: &[(Position, Cow<'_, str>, Pen)]) -> BTreeMap<u16, (u16, bool)> {
        let mut updates = updates.iter().peekable();
        let mut tails = BTreeMap::new();
        for y in rows {
            let row = self.row(*y);
            let tail = row.iter().rposition(|place| !place.is_blank()).map_or(0, |last| last + 1);
            let is_here = |update: &&(Position, Cow<'_, str>, Pen)| update.0.y == *y;
            let mut blanks = 0;
            while let Some((place, ..)) = updates.next_if(is_here) {
                blanks += usize::from(usize::from(place.x) >= tail);
            }
            let tail = if blanks > FEW && !row.is_empty() { tail } else { usize::MAX };
            tails.insert(*y, (u16::try_from(tail).unwrap_or(u16::MAX), false));
        }
        tails
    }

    fn row(&self, y: u16) -> &[Shown] {
        self.shown.get(usize::from(y)).map_or(&[], Vec::as_slice)
    }

    /// Takes these rows over, and gives what they were.
    fn swap(&mut self, rows: &[u16], others: &mut [Vec<Shown>]) {
        for (y, other) in rows.iter().zip(others) {
            if let Some(row) = self.shown.get_mut(usize::from(*y)) {
                std::mem::swap(row, other);
            }
        }
    }

    fn place_mut(&mut self, place: Position) -> Option<&mut Shown> {
        self.shown.get_mut(usize::from(place.y))?.get_mut(usize::from(place.x))
    }

    fn remember(&mut self, place: Position, text: &str, pen: Pen) {
        let character = single(text);
        let width = if character.is_some() { 1 } else { text.width() };
        let shown = match character {
            Some(character) => Shown::Character(character, pen),
            None if width == 2 => Shown::Wide,
            None => Shown::Other,
        };
        if let Some(cell) = self.place_mut(place) {
            *cell = shown;
        }
        for behind in 1..u16::try_from(width).unwrap_or(1) {
            if let Some(cell) = self.place_mut(Position::new(place.x.saturating_add(behind), place.y)) {
                *cell = Shown::Other;
            }
        }
    }

    /// Moves the cursor the cheapest way.
    fn go(&mut self, to: Position) {
        if self.cursor == Some(to) {
            return;
        }
        let mut way = Vec::new();
        // Writing to a vector cannot fail.
        let _ = match (to.x, to.y) {
            (0, 0) => write!(way, "\x1b[H"),
            (0, y) => write!(way, "\x1b[{}H", y.saturating_add(1)),
            (x, y) => write!(way, "\x1b[{};{}H", y.saturating_add(1), x.saturating_add(1)),
        };
        if let Some(from) = self.cursor.filter(|from| from.y == to.y) {
            if to.x == 0 {
                way = b"\r".to_vec();
            } else if let Some(steps) = to.x.checked_sub(from.x) {
                let right = match steps {
                    1 => "\x1b[C".to_owned(),
                    steps => format!("\x1b[{steps}C"),
                };
                if right.len() < way.len() {
                    way = right.into_bytes();
                }
                if let Some(again) = self.again(from, to).filter(|again| again.len() <= way.len()) {
                    way = again;
                }
            }
        }
        self.out.append(&mut way);
        self.cursor = Some(to);
    }

    /// What is shown between two places of a row, where writing it again needs no other attributes.
    fn again(&self, from: Position, to: Position) -> Option<Vec<u8>> {
        let row = self.shown.get(usize::from(from.y))?;
        let mut bytes = Vec::new();
        for place in row.get(usize::from(from.x)..usize::from(to.x))? {
            let Shown::Character(character, pen) = *place else {
                return None;
            };
            if !self.suits(Some(character), pen) || bytes.len() > 8 {
                return None;
            }
            bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
        Some(bytes)
    }

    /// Whether a character looks the same with the attributes in force.
    fn suits(&self, character: Option<char>, pen: Pen) -> bool {
        let Some(now) = self.pen else { return false };
        now == pen || character == Some(' ') && !pen.is_seen_on_blank() && !now.is_seen_on_blank()
    }

    fn dip(&mut self, wanted: Pen) {
        if self.pen == Some(wanted) {
            return;
        }
        let codes = wanted.codes(self.pen);
        self.put(format!("\x1b[{codes}m").as_bytes());
        self.pen = Some(wanted);
    }

    fn write(&mut self, place: Position, text: &str, pen: Pen) {
        let character = single(text);
        self.go(place);
        if !self.suits(character, pen) {
            self.dip(pen);
        }
        self.put(text.as_bytes());
        let next = place.x.saturating_add(1);
        // At the end of a row, and behind what terminals measure in different ways, nobody knows where the cursor is.
        let is_known = next < self.size.width && character.is_some();
        self.cursor = is_known.then_some(Position::new(next, place.y));
    }

    fn erase_to_end_of_row(&mut self, from: Position) {
        if self.pen.is_none_or(Pen::is_seen_on_blank) {
            self.dip(Pen::default());
        }
        self.go(from);
        self.put(b"\x1b[K");
    }
}

/// The character of a text that is one cell wide and has no other.
fn single(text: &str) -> Option<char> {
    if let [byte @ b' '..=b'~'] = text.as_bytes() {
        return Some(char::from(*byte));
    }
    let mut characters = text.chars();
    let first = characters.next().filter(|_| characters.next().is_none())?;
    (text.width() == 1).then_some(first)
}

/// A text in characters that the terminal has, as wide as it was. Views choose them; this is for what they forget.
fn drawable(text: &str, abilities: Abilities) -> Cow<'_, str> {
    let is_shown = |character: char| match character {
        _ if character.is_control() => false,
        _ if abilities.marks || character.is_ascii() => true,
        // Box drawing, and the letters of western Europe.
        '\u{2500}'..='\u{257f}' | '\u{a1}'..='\u{ff}' => abilities.boxes,
        _ => false,
    };
    if text.chars().all(is_shown) {
        return Cow::Borrowed(text);
    }
    let width = text.width().max(1);
    let plain = match text {
        "\u{2500}" | "\u{2501}" | "\u{2550}" => "-".to_owned(),
        "\u{2502}" | "\u{2503}" | "\u{2551}" => "|".to_owned(),
        "\u{2504}" | "\u{2508}" => "~".to_owned(),
        text if text.starts_with(|first| ('\u{2500}'..='\u{257f}').contains(&first)) => "+".to_owned(),
        text => to_ascii(text),
    };
    if plain.len() == width && plain.chars().all(is_shown) {
        return Cow::Owned(plain);
    }
    Cow::Owned("?".repeat(width))
}

impl Backend for Sgr {
    type Error = Infallible;

    fn draw<'a, I>(&mut self, content: I) -> Result<(), Infallible>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let abilities = self.abilities;
        let mut updates: Vec<(Position, Cow<'_, str>, Pen)> = Vec::new();
        let mut halved = None;
        for (x, y, cell) in content {
            let place = Position::new(x, y);
            // Terminals differ in what is left of a wide character when something is written over its left half.
            if let Some(half) = halved.take().filter(|half| *half != place) {
                updates.push((half, Cow::Borrowed(" "), Pen::default()));
            }
            let text = drawable(cell.symbol(), abilities);
            if single(&text).is_some() && self.place_mut(place).is_some_and(|shown| *shown == Shown::Wide) {
                halved = Some(Position::new(x.saturating_add(1), y));
            }
            updates.push((place, text, self.pen_of(cell)));
        }
        updates.extend(halved.map(|half| (half, Cow::Borrowed(" "), Pen::default())));
        if updates.is_empty() {
            return Ok(());
        }
        let mut rows: Vec<u16> = updates.iter().map(|(place, ..)| place.y).collect();
        rows.dedup();
        // What is written over on the way must be what the terminal shows now, and the ends what it will show.
        let mut others: Vec<Vec<Shown>> = rows.iter().map(|y| self.row(*y).to_vec()).collect();
        for (place, text, pen) in &updates {
            self.remember(*place, text, *pen);
        }
        let mut tails = self.tails(&rows, &updates);
        self.swap(&rows, &mut others);
        for (place, text, pen) in updates {
            match tails.get_mut(&place.y) {
                Some((tail, is_erased)) if place.x >= *tail => {
                    if !std::mem::replace(is_erased, true) {
                        self.erase_to_end_of_row(Position::new(*tail, place.y));
                    }
                }
                _ => {
                    self.write(place, &text, pen);
                    self.remember(place, &text, pen);
                }
            }
        }
        self.swap(&rows, &mut others);
        Ok(())
    }

    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        if self.is_cursor_seen != Some(false) {
            self.put(b"\x1b[?25l");
            self.is_cursor_seen = Some(false);
        }
        Ok(())
    }

    fn show_cursor(&mut self) -> Result<(), Infallible> {
        if self.is_cursor_seen != Some(true) {
            self.put(b"\x1b[?25h");
            self.is_cursor_seen = Some(true);
        }
        Ok(())
    }

    /// Where the cursor was put: the terminal is not asked.
    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        Ok(self.cursor.unwrap_or_default())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Infallible> {
        self.go(position.into());
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Infallible> {
        self.clear_region(ClearType::All)
    }

    /// Clears everything, whatever is asked for: a screen that is drawn whole needs nothing else.
    fn clear_region(&mut self, _: ClearType) -> Result<(), Infallible> {
        let is_cursor_seen = self.is_cursor_seen;
        self.forget();
        self.is_cursor_seen = is_cursor_seen;
        // Twice is no cleaner than once.
        if !self.out.ends_with(CLEAR) {
            self.put(CLEAR);
        }
        self.pen = Some(Pen::default());
        self.cursor = Some(Position::ORIGIN);
        Ok(())
    }

    fn size(&self) -> Result<Size, Infallible> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        Ok(WindowSize { columns_rows: self.size, pixels: Size::default() })
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

/// Attributes off, to the upper left corner, and everything erased.
pub(super) const CLEAR: &[u8] = b"\x1b[m\x1b[H\x1b[2J";

#[cfg(all(test, unix))]
#[path = "sgr_tests.rs"]
mod tests;
