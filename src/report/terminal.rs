//! What a terminal can show, by its name and the locale: decided once, for lines and for the screen.

/// Terminals that understand what xterm does, by the beginnings of their names.
const LIKE_XTERM: &[&str] = &[
    "xterm",
    "screen",
    "tmux",
    "rxvt",
    "alacritty",
    "contour",
    "cygwin",
    "dtterm",
    "eterm",
    "fbterm",
    "foot",
    "ghostty",
    "gnome",
    "iterm",
    "kitty",
    "konsole",
    "mintty",
    "mlterm",
    "ms-terminal",
    "nsterm",
    "putty",
    "rio",
    "st",
    "vte",
    "wezterm",
];

/// What the name of a terminal says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It understands what xterm does.
    LikeXterm,
    /// The console of Linux: colors and box drawing; its font has few marks.
    Linux,
    /// A terminal of old, or one with an unknown name.
    Basic,
    /// It can only print lines.
    Dumb,
    /// It has no name, so that lines are printed.
    Unnamed,
}

/// What a terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminal {
    /// What its name says.
    pub kind: Kind,
    /// Whether the locale encodes UTF-8; one that isn't set does.
    is_utf8: bool,
}

impl Terminal {
    /// Decides from the variables of the environment.
    #[must_use]
    pub fn of<'a>(variable: impl Fn(&str) -> Option<&'a str>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let kind = match set("TERM") {
            Some("dumb") => Kind::Dumb,
            Some("linux") => Kind::Linux,
            Some(name) if is_like_xterm(name) => Kind::LikeXterm,
            Some(_) => Kind::Basic,
            // A console of Windows has no such variable.
            None if cfg!(windows) => Kind::LikeXterm,
            None => Kind::Unnamed,
        };
        Self {
            kind,
            is_utf8: ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| set(name)).is_none_or(encodes_utf8),
        }
    }

    /// Whether it has colors.
    #[must_use]
    pub const fn has_colors(self) -> bool {
        !matches!(self.kind, Kind::Basic | Kind::Dumb | Kind::Unnamed)
    }

    /// Whether it has marks and letters beyond ASCII.
    #[must_use]
    pub const fn has_marks(self) -> bool {
        self.is_utf8 && !matches!(self.kind, Kind::Linux | Kind::Basic)
    }

    /// Whether it has box drawing.
    #[must_use]
    pub const fn has_boxes(self) -> bool {
        self.is_utf8 && !matches!(self.kind, Kind::Basic)
    }

    /// Whether a screen can be drawn on it.
    #[must_use]
    pub const fn has_screen(self) -> bool {
        !matches!(self.kind, Kind::Dumb | Kind::Unnamed)
    }
}

/// Whether a name is one of the known, or one of their variants (`xterm-256color`, `screen.linux`, `rxvt-unicode`).
fn is_like_xterm(name: &str) -> bool {
    LIKE_XTERM.iter().any(|known| {
        name.strip_prefix(known).is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_alphabetic()))
    })
}

fn encodes_utf8(locale: &str) -> bool {
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &'static str)]) -> Terminal {
        Terminal::of(|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| *value))
    }

    #[test]
    fn the_name_of_a_terminal_decides() {
        for (name, kind, colors, marks, boxes) in [
            ("xterm", Kind::LikeXterm, true, true, true),
            ("xterm-256color", Kind::LikeXterm, true, true, true),
            ("xterm-kitty", Kind::LikeXterm, true, true, true),
            ("screen", Kind::LikeXterm, true, true, true),
            ("screen.linux", Kind::LikeXterm, true, true, true),
            ("tmux-256color", Kind::LikeXterm, true, true, true),
            ("st-256color", Kind::LikeXterm, true, true, true),
            ("linux", Kind::Linux, true, false, true),
            ("vt100", Kind::Basic, false, false, false),
            ("vt102", Kind::Basic, false, false, false),
            ("vt220", Kind::Basic, false, false, false),
            ("ansi", Kind::Basic, false, false, false),
            ("stv52", Kind::Basic, false, false, false),
            ("never-seen", Kind::Basic, false, false, false),
            ("dumb", Kind::Dumb, false, true, true),
        ] {
            let found = of(&[("TERM", name)]);
            let has = (found.has_colors(), found.has_marks(), found.has_boxes());
            assert_eq!((found.kind, has), (kind, (colors, marks, boxes)), "{name}");
        }
        #[cfg(unix)]
        for none in [&[][..], &[("TERM", "")]] {
            assert!(!of(none).has_screen() && !of(none).has_colors());
        }
    }

    #[test]
    fn the_locale_decides_unless_it_is_not_set() {
        for (variables, marks) in [
            (&[("LANG", "C")][..], false),
            (&[("LANG", "POSIX")], false),
            (&[("LANG", "de_DE.ISO-8859-1")], false),
            (&[("LANG", "en_US.UTF-8")], true),
            (&[("LANG", "C.utf8")], true),
            (&[("LANG", "")], true),
            (&[("LANG", "en_US.UTF-8"), ("LC_ALL", "C")], false),
            (&[("LANG", "C"), ("LC_CTYPE", "C.UTF-8")], true),
        ] {
            let variables: Vec<_> = [("TERM", "xterm")].iter().chain(variables).copied().collect();
            let found = of(&variables);
            assert_eq!((found.has_marks(), found.has_boxes()), (marks, marks), "{variables:?}");
        }
    }
}
