//! A key with its modifiers, and its name on the screen.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key, perhaps with Ctrl.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chord {
    /// The key.
    pub code: KeyCode,
    /// Whether with Ctrl.
    pub control: bool,
}

/// A character.
pub(crate) const fn letter(character: char) -> Chord {
    key(KeyCode::Char(character))
}

/// Another key.
pub(crate) const fn key(code: KeyCode) -> Chord {
    Chord { code, control: false }
}

/// A character with Ctrl.
pub(crate) const fn control(character: char) -> Chord {
    Chord { code: KeyCode::Char(character), control: true }
}

impl Chord {
    /// The chord of a key event. Shift is in the character already.
    #[must_use]
    pub fn of(event: KeyEvent) -> Self {
        Self { code: event.code, control: event.modifiers.contains(KeyModifiers::CONTROL) }
    }

    /// Whether Alt or another modifier is held, with which no key has a meaning here.
    #[must_use]
    pub fn is_foreign(event: KeyEvent) -> bool {
        event.modifiers.intersects(KeyModifiers::ALT | KeyModifiers::SUPER | KeyModifiers::META | KeyModifiers::HYPER)
    }

    /// Its name on the screen.
    #[must_use]
    pub fn name(self, ascii: bool) -> String {
        let name = match (self.code, ascii) {
            (KeyCode::Char(' '), _) => "Space".to_owned(),
            (KeyCode::Char(character), _) if self.control => format!("Ctrl-{}", character.to_ascii_uppercase()),
            (KeyCode::Char(character), true) if !character.is_ascii() => "?".to_owned(),
            (KeyCode::Char(character), _) => character.to_string(),
            (KeyCode::F(number), _) => format!("F{number}"),
            (KeyCode::Up, false) => "↑".to_owned(),
            (KeyCode::Down, false) => "↓".to_owned(),
            (KeyCode::Left, false) => "←".to_owned(),
            (KeyCode::Right, false) => "→".to_owned(),
            (KeyCode::PageUp, _) => "PgUp".to_owned(),
            (KeyCode::PageDown, _) => "PgDn".to_owned(),
            (KeyCode::BackTab, _) => "Shift-Tab".to_owned(),
            (code, _) => format!("{code:?}"),
        };
        if self.control && !name.starts_with("Ctrl-") {
            return format!("Ctrl-{name}");
        }
        name
    }
}
