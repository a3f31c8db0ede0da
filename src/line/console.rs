//! Standard output and error. A closed output ends the program quietly instead of in a panic.

use std::io::{self, Write};

use crate::report::text::Style;

use super::Stop;

/// Where lines go and how they look.
pub struct Console {
    out: Box<dyn Write + Send>,
    error: Box<dyn Write + Send>,
    /// How lines look on standard output.
    pub style: Style,
}

impl Console {
    /// The process's own output and error.
    #[must_use]
    pub fn of_the_process(style: Style) -> Self {
        Self::new(Box::new(io::stdout()), Box::new(io::stderr()), style)
    }

    /// Any output and error.
    #[must_use]
    pub fn new(out: Box<dyn Write + Send>, error: Box<dyn Write + Send>, style: Style) -> Self {
        Self { out, error, style }
    }

    /// Writes to standard output and flushes, so that each step is seen when it is finished.
    ///
    /// # Errors
    /// [`Stop::OutputClosed`] when nobody reads any more, or the device is full.
    pub fn print(&mut self, text: &str) -> Result<(), Stop> {
        self.print_bytes(text.as_bytes())
    }

    /// As [`print`](Self::print), for bytes.
    ///
    /// # Errors
    /// As there.
    pub fn print_bytes(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        self.out
            .write_all(bytes)
            .and_then(|()| self.out.flush())
            .map_err(|error| match error.kind() {
                io::ErrorKind::BrokenPipe => Stop::OutputClosed,
                _ => Stop::Usage(format!("cannot write to standard output: {error}")),
            })
    }

    /// Writes to standard error. That it cannot be written to is no reason to stop.
    pub fn say(&mut self, text: &str) {
        let _ = self.error.write_all(text.as_bytes()).and_then(|()| self.error.flush());
    }
}
