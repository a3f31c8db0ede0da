//! Standard output and error: the one place that prints. Nothing that a terminal would interpret gets through, but the
//! program's own styles. A closed output ends the program quietly instead of in a panic.

use std::io::{self, Write};

use crate::case::text::{shortened, visible_lines};
use crate::knowledge::phrase;
use crate::report::text::{Style, to_ascii};
use crate::report::{Format, in_ascii};

use super::CliError;

/// Where lines go and how they look.
pub struct Console {
    out: Box<dyn Write + Send>,
    error: Box<dyn Write + Send>,
    /// How lines look on standard output.
    pub style: Style,
    /// Whether a line can be shown until the next one replaces it.
    pub is_live: bool,
    /// Whether such a line is shown.
    passing: bool,
    /// Whether the work goes on when nobody reads standard output any more, because files are to be written.
    pub outlives_reader: bool,
    /// Whether that is so.
    reader_left: bool,
}

impl Console {
    /// The process's own output and error.
    #[must_use]
    pub fn of_the_process(style: Style) -> Self {
        Self::new(output_of_the_process(), Box::new(io::stderr()), style)
    }

    /// Any output and error.
    #[must_use]
    pub fn new(out: Box<dyn Write + Send>, error: Box<dyn Write + Send>, style: Style) -> Self {
        Self { out, error, style, is_live: false, passing: false, outlives_reader: false, reader_left: false }
    }

    /// Writes text to standard output and flushes, so that each step is seen when it is finished.
    ///
    /// # Errors
    /// [`CliError::OutputClosed`] when nobody reads any more, [`CliError::NotWritten`] when the device is full.
    pub fn print(&mut self, text: &str) -> Result<(), CliError> {
        self.print_bytes(styled(text).as_bytes())
    }

    /// As [`print`](Self::print), for JSON, which is the same document in ASCII.
    ///
    /// # Errors
    /// As there.
    pub fn print_json(&mut self, text: &str) -> Result<(), CliError> {
        if self.style.ascii { self.print(&in_ascii(text, Format::Json)) } else { self.print(text) }
    }

    /// As [`print`](Self::print), for bytes that the program made itself and that are no text for a terminal.
    ///
    /// # Errors
    /// As there.
    pub fn print_bytes(&mut self, bytes: &[u8]) -> Result<(), CliError> {
        self.clear();
        if self.reader_left {
            return Ok(());
        }
        let written = self.out.write_all(bytes).and_then(|()| self.out.flush());
        match written.map_err(|error| CliError::of_output(phrase("line.output-unwritable"), &error)) {
            Err(CliError::OutputClosed) if self.outlives_reader => {
                self.reader_left = true;
                Ok(())
            }
            result => result,
        }
    }

    /// What is left to say once all files are written.
    ///
    /// # Errors
    /// [`CliError::OutputClosed`] where nobody read standard output to its end.
    pub fn end(&self) -> Result<(), CliError> {
        if self.reader_left { Err(CliError::OutputClosed) } else { Ok(()) }
    }

    /// Writes a message to standard error, whatever it quotes. That it cannot be written is no reason to stop.
    pub fn say(&mut self, text: &str) {
        let shown = visible_lines(text);
        let shown =
            if self.style.ascii { shown.split('\n').map(to_ascii).collect::<Vec<_>>().join("\n") } else { shown };
        self.write_error(&shown);
    }

    /// Writes lines that the program styled itself to standard error.
    pub fn say_styled(&mut self, text: &str) {
        self.write_error(&styled(text));
    }

    /// Shows a line that the next output takes away again, where that is possible.
    pub fn pass(&mut self, text: &str) {
        if !self.is_live {
            return;
        }
        let width = self.style.width.saturating_sub(1).max(1);
        let text = visible_lines(&shortened(text, width));
        self.clear();
        self.passing = true;
        let _ = write!(self.error, "{text}").and_then(|()| self.error.flush());
    }

    /// Takes the line of [`pass`](Self::pass) away.
    pub fn clear(&mut self) {
        if std::mem::take(&mut self.passing) {
            let _ = write!(self.error, "\r\x1b[K").and_then(|()| self.error.flush());
        }
    }

    fn write_error(&mut self, text: &str) {
        self.clear();
        let _ = self.error.write_all(text.as_bytes()).and_then(|()| self.error.flush());
    }
}

/// Standard output as the file that it is: the standard library counts it as written when it isn't open for writing.
#[cfg(unix)]
fn output_of_the_process() -> Box<dyn Write + Send> {
    use std::os::fd::AsFd as _;
    match io::stdout().as_fd().try_clone_to_owned() {
        Ok(output) => Box::new(std::fs::File::from(output)),
        Err(_) => Box::new(io::stdout()),
    }
}

#[cfg(not(unix))]
fn output_of_the_process() -> Box<dyn Write + Send> {
    Box::new(io::stdout())
}

/// The text with everything visible that a terminal would interpret, except line feeds and what sets colors and weight
/// (SGR sequences), which the program writes itself. What is quoted in the text was made visible before it was styled.
fn styled(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\x1b[") {
        clean.push_str(&visible_lines(before));
        let parameters =
            after.find(|character: char| !character.is_ascii_digit() && character != ';').unwrap_or(after.len());
        match after.split_at_checked(parameters) {
            Some((parameters, tail)) if tail.starts_with('m') && parameters.len() <= 16 => {
                clean.push_str("\x1b[");
                clean.push_str(parameters);
                clean.push('m');
                rest = tail.strip_prefix('m').unwrap_or(tail);
            }
            _ => {
                clean.push_str("\\x1b[");
                rest = after;
            }
        }
    }
    clean.push_str(&visible_lines(rest));
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a console wrote to standard error.
    #[derive(Clone, Default)]
    struct Written(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_message_is_made_visible_whatever_it_quotes() {
        let written = Written::default();
        let mut console = Console::new(Box::new(io::sink()), Box::new(written.clone()), Style::default());
        console.say("a\x1b[31mb\x1b]52;c;eA==\x07\u{9b}c\u{202e}\n");
        console.say_styled("\x1b[31mred\x1b[0m \x1b[2J\n");
        console.style.ascii = true;
        console.say("a … b: ");
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text, "a\\x1b[31mb\\x1b]52;c;eA==\\x07\\x9bc\\u{202e}\n\x1b[31mred\x1b[0m \\x1b[2J\na ... b: ");
    }

    #[test]
    fn only_styles_get_through() {
        assert_eq!(styled("\x1b[1;31mbad\x1b[0m\n"), "\x1b[1;31mbad\x1b[0m\n");
        for (hostile, clean) in [
            ("\x1b]52;c;eA==\x07", "\\x1b]52;c;eA==\\x07"),
            ("\x1b[2J\x1b[1m", "\\x1b[2J\x1b[1m"),
            ("\x1b[", "\\x1b["),
            ("\x1b[31", "\\x1b[31"),
            ("a\rb\u{9b}31m\u{202e}", "a\\rb\\x9b31m\\u{202e}"),
        ] {
            assert_eq!(styled(hostile), clean);
        }
    }
}
