//! What the terminal can show and do, decided once from its name, the locale, and what the person asked for.

use crate::report::terminal::{Kind, Terminal};

/// What the person asked for, against everything that is only guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wishes {
    /// With colors, or without them.
    pub color: Option<bool>,
    /// With Unicode characters, or only ASCII.
    pub unicode: Option<bool>,
}

/// How a text gets into the clipboard of whoever sits in front of the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clipboard {
    /// OSC 52 to the terminal.
    Terminal,
    /// OSC 52 to tmux, which passes it on where it is configured to.
    Tmux,
    /// OSC 52 wrapped, so that GNU screen passes it on.
    GnuScreen,
    /// The terminal has none.
    Absent,
}

/// What the terminal can show and do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abilities {
    /// Whether colors are used.
    pub color: bool,
    /// Whether it has marks and letters beyond ASCII.
    pub marks: bool,
    /// Whether it has box drawing.
    pub boxes: bool,
    /// Whether its alternate screen, marks around pastes, and whole frames are asked for. None
    /// of them is relied on.
    pub like_xterm: bool,
    /// How texts are copied.
    pub clipboard: Clipboard,
}

impl Abilities {
    /// Decides from the variables of the environment; `None` where only lines can be printed.
    #[must_use]
    pub fn of<'a>(variable: impl Fn(&str) -> Option<&'a str>, wishes: Wishes) -> Option<Self> {
        let terminal = Terminal::of(&variable);
        if !terminal.has_screen() {
            return None;
        }
        let set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
        let like_xterm = terminal.kind == Kind::LikeXterm;
        let clipboard = match like_xterm {
            false => Clipboard::Absent,
            true if set("TMUX") => Clipboard::Tmux,
            true if set("STY") => Clipboard::GnuScreen,
            true => Clipboard::Terminal,
        };
        Some(Self {
            color: wishes.color.unwrap_or(terminal.has_colors() && !set("NO_COLOR")),
            marks: wishes.unicode.unwrap_or(terminal.has_marks()),
            boxes: wishes.unicode.unwrap_or(terminal.has_boxes()),
            like_xterm,
            clipboard,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)], wishes: Wishes) -> Option<Abilities> {
        let found = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        Abilities::of(found, wishes)
    }

    #[test]
    fn a_terminal_that_only_prints_lines_has_none() {
        assert_eq!(of(&[("TERM", "dumb")], Wishes::default()), None);
        #[cfg(unix)]
        assert_eq!(of(&[], Wishes::default()), None);
    }

    #[test]
    fn wishes_decide_against_all() {
        let plain = of(&[("TERM", "xterm")], Wishes { color: Some(false), unicode: Some(false) }).unwrap();
        assert!(!plain.color && !plain.marks && !plain.boxes);
        let rich = of(
            &[("TERM", "vt100"), ("LANG", "C"), ("NO_COLOR", "1")],
            Wishes { color: Some(true), unicode: Some(true) },
        )
        .unwrap();
        assert!(rich.color && rich.marks && rich.boxes);
        assert!(!of(&[("TERM", "xterm"), ("NO_COLOR", "1")], Wishes::default()).unwrap().color);
    }

    #[test]
    fn what_stands_between_decides_how_texts_are_copied() {
        for (variables, clipboard) in [
            (&[("TERM", "xterm")][..], Clipboard::Terminal),
            (&[("TERM", "screen"), ("TMUX", "/tmp/tmux")], Clipboard::Tmux),
            (&[("TERM", "screen"), ("STY", "1.x")], Clipboard::GnuScreen),
            (&[("TERM", "linux")], Clipboard::Absent),
            (&[("TERM", "vt220")], Clipboard::Absent),
        ] {
            assert_eq!(of(variables, Wishes::default()).unwrap().clipboard, clipboard);
        }
    }
}
