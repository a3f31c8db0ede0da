//! The process's surroundings, passed in so that tests can choose them.

use std::io::IsTerminal;

use crate::cli::{ColorWhen, DisplayOptions};
use crate::report::document::Detail;
use crate::report::terminal::Terminal;
use crate::report::text::Style;

/// Terminals, width and variables of the process.
pub struct Surroundings {
    /// Whether standard input is a terminal.
    pub input_is_terminal: bool,
    /// Whether standard output is one.
    pub output_is_terminal: bool,
    /// Whether standard error is one.
    pub error_is_terminal: bool,
    /// The terminal's width in cells, where known.
    pub width: Option<usize>,
    /// The variables of the environment.
    pub variables: Vec<(String, String)>,
}

impl Surroundings {
    /// The process's own.
    #[must_use]
    pub fn of_the_process() -> Self {
        let output_is_terminal = std::io::stdout().is_terminal();
        let variables =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self {
            input_is_terminal: std::io::stdin().is_terminal(),
            output_is_terminal,
            error_is_terminal: std::io::stderr().is_terminal(),
            width: output_is_terminal
                .then(|| crossterm::terminal::size().ok())
                .flatten()
                .map(|(columns, _)| usize::from(columns))
                .filter(|columns| *columns > 0),
            variables: dumb(output_is_terminal).into_iter().chain(variables).collect(),
        }
    }

    /// A variable that is set and not empty.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// What the terminal can show.
    fn terminal(&self) -> Terminal {
        Terminal::of(|name| self.variable(name))
    }

    /// Whether a screen can be drawn: standard input and output are terminals, and the terminal is not a dumb one.
    /// On Windows a terminal here means a real console; Kudu's gives pipes.
    #[must_use]
    pub fn can_draw(&self) -> bool {
        self.input_is_terminal && self.output_is_terminal && self.terminal().has_screen()
    }

    /// Whether a line can be shown until the next one replaces it: nothing but this program writes there.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.output_is_terminal && self.error_is_terminal && self.terminal().has_screen()
    }

    /// Whether a person can be asked: the question goes to standard error, the answer comes from standard input.
    #[must_use]
    pub fn can_ask(&self) -> bool {
        self.input_is_terminal && self.error_is_terminal
    }

    /// How lines look on standard output.
    #[must_use]
    pub fn style(&self, display: &DisplayOptions) -> Style {
        Style {
            color: self.color(display.color),
            ascii: display.ascii || !display.unicode && self.shows_ascii_only(cfg!(windows)),
            // Wider lines than this are hard to read; narrower ones cannot contain a word.
            width: self.width.unwrap_or(80).clamp(20, 110),
            detail: match (display.quiet, display.verbose) {
                (true, _) => Detail::Brief,
                (false, true) => Detail::Full,
                (false, false) => Detail::Normal,
            },
            program: None,
        }
    }

    /// Whether what reads standard output may not show characters beyond ASCII: programs on Windows read pipes in the
    /// code page of the system, and some terminals don't have the symbols.
    fn shows_ascii_only(&self, on_windows: bool) -> bool {
        if self.output_is_terminal { !self.terminal().has_marks() } else { on_windows }
    }

    fn color(&self, when: ColorWhen) -> bool {
        match when {
            ColorWhen::Always => true,
            ColorWhen::Never => false,
            ColorWhen::Auto => self.colors(self.output_is_terminal),
        }
    }

    /// Whether colors are used where no option says so: on a terminal that has them, unless `NO_COLOR` (any value,
    /// <https://no-color.org>) is set.
    #[must_use]
    pub fn colors(&self, on_terminal: bool) -> bool {
        on_terminal && self.variable("NO_COLOR").is_none() && self.terminal().has_colors()
    }
}

/// A console of Windows that shows colors and movements as signs is a dumb terminal; asking turns them on where it can.
fn dumb(output_is_terminal: bool) -> Option<(String, String)> {
    #[cfg(windows)]
    if output_is_terminal && !crossterm::ansi_support::supports_ansi() {
        return Some(("TERM".to_owned(), "dumb".to_owned()));
    }
    let _ = output_is_terminal;
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(terminal: bool, variables: &[(&str, &str)]) -> Surroundings {
        Surroundings {
            input_is_terminal: terminal,
            output_is_terminal: terminal,
            error_is_terminal: terminal,
            width: terminal.then_some(200),
            variables: variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        }
    }

    #[test]
    fn colours_follow_the_terminal_and_the_conventions() {
        let auto = DisplayOptions::default();
        let always = DisplayOptions { color: ColorWhen::Always, ..DisplayOptions::default() };
        assert!(around(true, &[("TERM", "xterm")]).style(&auto).color);
        #[cfg(unix)]
        for unnamed in [&[][..], &[("TERM", "")]] {
            assert!(!around(true, unnamed).style(&auto).color);
        }
        assert!(!around(false, &[]).style(&auto).color);
        assert!(!around(true, &[("NO_COLOR", "1")]).style(&auto).color);
        assert!(around(true, &[("TERM", "xterm"), ("NO_COLOR", "")]).style(&auto).color);
        assert!(!around(true, &[("TERM", "dumb")]).style(&auto).color);
        assert!(!around(true, &[("TERM", "vt100")]).style(&auto).color);
        assert!(around(false, &[("NO_COLOR", "1")]).style(&always).color);
    }

    #[test]
    fn characters_beyond_ascii_are_left_out_where_they_may_not_be_shown() {
        for (terminal, term, on_windows, ascii) in [
            (true, "xterm-256color", false, false),
            (true, "xterm-256color", true, false),
            (true, "vt100", false, true),
            (true, "linux", false, true),
            (true, "never-seen", false, true),
            // What reads a pipe is no terminal.
            (false, "linux", false, false),
            (false, "xterm", true, true),
        ] {
            let around = around(terminal, &[("TERM", term)]);
            assert_eq!(around.shows_ascii_only(on_windows), ascii, "{term} {terminal} {on_windows}");
        }
        let unicode = DisplayOptions { unicode: true, ..DisplayOptions::default() };
        let old = around(true, &[("TERM", "vt100")]);
        assert!(old.style(&DisplayOptions::default()).ascii && !old.style(&unicode).ascii);
        let other = around(true, &[("TERM", "xterm"), ("LC_ALL", "C")]);
        assert!(other.style(&DisplayOptions::default()).ascii);
    }

    #[test]
    fn a_screen_or_a_line_that_is_replaced_needs_a_terminal_that_moves_its_cursor() {
        let both = |around: Surroundings| (around.can_draw(), around.is_live());
        assert_eq!(both(around(true, &[("TERM", "xterm")])), (true, true));
        assert_eq!(both(around(true, &[("TERM", "dumb")])), (false, false));
        #[cfg(unix)]
        assert_eq!(both(around(true, &[])), (false, false));
        assert_eq!(both(around(false, &[])), (false, false));
        assert_eq!(around(false, &[]).style(&DisplayOptions::default()).width, 80);
    }
}
