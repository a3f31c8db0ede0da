//! Attributes of characters, and the codes that every terminal with colors reads.

use ratatui::style::{Color, Modifier};

/// Attributes that are seen on a blank.
const SEEN_ON_BLANK: Modifier = Modifier::REVERSED
    .union(Modifier::UNDERLINED)
    .union(Modifier::SLOW_BLINK)
    .union(Modifier::RAPID_BLINK)
    .union(Modifier::CROSSED_OUT);

/// The attributes that characters are written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Pen {
    pub(super) foreground: Color,
    pub(super) background: Color,
    pub(super) modifier: Modifier,
}

impl Pen {
    pub(super) fn is_seen_on_blank(self) -> bool {
        self.background != Color::Reset || self.modifier.intersects(SEEN_ON_BLANK)
    }

    /// Whether this pen is the other one with attributes added, so that nothing has to be taken back.
    fn adds_to(self, other: Self) -> bool {
        self.modifier.contains(other.modifier)
            && (self.foreground == other.foreground || self.foreground != Color::Reset)
            && (self.background == other.background || self.background != Color::Reset)
    }

    /// What makes this pen of the one in force: only what is added, where nothing has to be taken back.
    pub(super) fn codes(self, now: Option<Self>) -> String {
        let before = now.filter(|now| self.adds_to(*now));
        let mut codes = Vec::new();
        if before.is_none() {
            codes.push("0".to_owned());
        }
        let before = before.unwrap_or_default();
        let added = self.modifier.difference(before.modifier);
        codes.extend(
            MODIFIERS.iter().filter(|(modifier, _)| added.contains(*modifier)).map(|(_, code)| (*code).to_owned()),
        );
        if self.foreground != before.foreground {
            codes.push(code_of(self.foreground, Ground::Fore));
        }
        if self.background != before.background {
            codes.push(code_of(self.background, Ground::Back));
        }
        if codes == ["0"] { String::new() } else { codes.join(";") }
    }
}

/// Attributes and their codes.
const MODIFIERS: [(Modifier, &str); 9] = [
    (Modifier::BOLD, "1"),
    (Modifier::DIM, "2"),
    (Modifier::ITALIC, "3"),
    (Modifier::UNDERLINED, "4"),
    (Modifier::SLOW_BLINK, "5"),
    (Modifier::RAPID_BLINK, "6"),
    (Modifier::REVERSED, "7"),
    (Modifier::HIDDEN, "8"),
    (Modifier::CROSSED_OUT, "9"),
];

#[derive(Clone, Copy)]
enum Ground {
    Fore,
    Back,
}

/// The sixteen colors as 30 to 37 and 90 to 97: terminals with eight read `38;5;n` as blink and bold.
fn code_of(color: Color, ground: Ground) -> String {
    let index = match color {
        Color::Reset => return default_of(ground).to_owned(),
        Color::Rgb(red, green, blue) => return format!("{};2;{red};{green};{blue}", extended_of(ground)),
        Color::Indexed(index) => index,
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
    };
    let (dark, bright) = match ground {
        Ground::Fore => (30, 90),
        Ground::Back => (40, 100),
    };
    match u16::from(index) {
        index @ 0..=7 => (dark + index).to_string(),
        index @ 8..=15 => (bright + index - 8).to_string(),
        index => format!("{};5;{index}", extended_of(ground)),
    }
}

const fn default_of(ground: Ground) -> &'static str {
    match ground {
        Ground::Fore => "39",
        Ground::Back => "49",
    }
}

const fn extended_of(ground: Ground) -> &'static str {
    match ground {
        Ground::Fore => "38",
        Ground::Back => "48",
    }
}
