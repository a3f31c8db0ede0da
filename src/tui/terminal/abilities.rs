//! What the terminal can show and do, decided once from its name, the locale, and what the person asked for.

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

/// The name of a terminal that can only print lines.
const DUMB: &str = "dumb";

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
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let kind = match set("TERM") {
            Some(DUMB) => return None,
            Some("linux") => Kind::Linux,
            Some(name) if is_like_xterm(name) => Kind::LikeXterm,
            Some(_) => Kind::Basic,
            // A console of Windows has no such variable.
            None if cfg!(windows) => Kind::LikeXterm,
            None => return None,
        };
        let is_utf8 = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| set(name)).is_none_or(encodes_utf8);
        let clipboard = match kind {
            Kind::Linux | Kind::Basic => Clipboard::Absent,
            Kind::LikeXterm if set("TMUX").is_some() => Clipboard::Tmux,
            Kind::LikeXterm if set("STY").is_some() => Clipboard::GnuScreen,
            Kind::LikeXterm => Clipboard::Terminal,
        };
        let color = kind != Kind::Basic && set("NO_COLOR").is_none();
        Some(Self {
            color: wishes.color.unwrap_or(color),
            marks: wishes.unicode.unwrap_or(kind == Kind::LikeXterm && is_utf8),
            boxes: wishes.unicode.unwrap_or(kind != Kind::Basic && is_utf8),
            like_xterm: kind == Kind::LikeXterm,
            clipboard,
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    LikeXterm,
    /// The console of Linux: colors, box drawing, and no clipboard; its font has few marks.
    Linux,
    /// A terminal of old, or one with an unknown name.
    Basic,
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

    fn of(variables: &[(&str, &str)], wishes: Wishes) -> Option<Abilities> {
        let found = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        Abilities::of(found, wishes)
    }

    #[test]
    fn the_name_of_a_terminal_decides() {
        for (name, color, marks, boxes, like_xterm) in [
            ("xterm", true, true, true, true),
            ("xterm-256color", true, true, true, true),
            ("xterm-kitty", true, true, true, true),
            ("screen", true, true, true, true),
            ("screen.linux", true, true, true, true),
            ("tmux-256color", true, true, true, true),
            ("st-256color", true, true, true, true),
            ("linux", true, false, true, false),
            ("vt100", false, false, false, false),
            ("vt102", false, false, false, false),
            ("vt220", false, false, false, false),
            ("ansi", false, false, false, false),
            ("stv52", false, false, false, false),
            ("never-seen", false, false, false, false),
        ] {
            let found = of(&[("TERM", name)], Wishes::default()).unwrap();
            assert_eq!(
                (found.color, found.marks, found.boxes, found.like_xterm),
                (color, marks, boxes, like_xterm),
                "{name}"
            );
        }
        assert_eq!(of(&[("TERM", "dumb")], Wishes::default()), None);
        #[cfg(unix)]
        for none in [&[][..], &[("TERM", "")]] {
            assert_eq!(of(none, Wishes::default()), None);
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
            let found = of(&variables, Wishes::default()).unwrap();
            assert_eq!((found.marks, found.boxes), (marks, marks), "{variables:?}");
        }
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
