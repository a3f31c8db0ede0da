//! Reading what the user named: files, pipes, and standard input, each up to the limit of its kind. One more byte is
//! asked for than is allowed, and never more, so that an endless pipe ends in a message.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::case::quote;
use crate::case::text::decoded;

use super::InputError;
use super::source::{is_waited_for, opened};

/// One mebibyte.
const MIB: u64 = 1 << 20;

/// What a file is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// App 2's authentication settings.
    Settings,
    /// App 2's log, of which little is kept.
    Log,
    /// A saved case.
    Case,
    /// Trust anchors, or a certificate with its key.
    Certificates,
    /// A block of environment variables.
    Environment,
    /// An access token, or the answer that contains it.
    Token,
    /// A client secret, or a federated token.
    Secret,
    /// The body of the final call.
    Data,
    /// A file of targets.
    Targets,
    /// A pasted text to explain.
    Pasted,
}

impl Kind {
    /// No more bytes than this are read.
    #[must_use]
    pub const fn limit(self) -> u64 {
        match self {
            Self::Log => 4096 * MIB,
            Self::Case => 32 * MIB,
            Self::Settings | Self::Data => 8 * MIB,
            Self::Token => 4 * MIB,
            Self::Certificates | Self::Environment | Self::Targets => 2 * MIB,
            Self::Pasted => MIB,
            Self::Secret => MIB / 16,
        }
    }

    /// What the limit is for, in words.
    const fn name(self) -> &'static str {
        match self {
            Self::Settings => "a settings file",
            Self::Log => "a log",
            Self::Case => "a saved case",
            Self::Certificates => "a certificate file",
            Self::Environment => "an environment block",
            Self::Token => "a token file",
            Self::Secret => "a file with a secret",
            Self::Data => "a request body",
            Self::Targets => "a file of targets",
            Self::Pasted => "a text to explain; pass only the lines with the error, or check with --target-log",
        }
    }
}

/// The bytes of a file, or of standard input for `-`.
///
/// # Errors
/// Unreadable, or larger than the limit of its kind; the message names the option and the file.
pub fn bytes(option: &str, path: &Path, kind: Kind) -> Result<Vec<u8>, InputError> {
    read_with(option, path, kind, |mut source| {
        let mut bytes = Vec::new();
        source.read_to_end(&mut bytes).map(|_| bytes)
    })
}

/// Refuses what would be waited for, where nothing may be: a screen stands still as long as a file is read.
///
/// # Errors
/// It is standard input, a pipe, or a device; the message names the option and the file.
pub fn without_waiting(option: &str, path: &Path) -> Result<(), InputError> {
    if is_waited_for(path) {
        return Err(InputError(format!("{} is a pipe or a device; the screen reads only files", named(option, path))));
    }
    Ok(())
}

/// What `read` makes of a file, or of standard input for `-`, as it reads it.
///
/// # Errors
/// As [`bytes()`].
pub fn read_with<T>(
    option: &str,
    path: &Path,
    kind: Kind,
    read: impl FnOnce(Limited<Box<dyn Read>>) -> io::Result<T>,
) -> Result<T, InputError> {
    opened(path).and_then(|source| read(Limited::new(source, kind))).map_err(|error| unread(option, path, &error))
}

/// As [`bytes()`], while others are waited for: a pipe that nobody writes to ends in a message after this time.
///
/// # Errors
/// As there; also when the time is over.
pub async fn bytes_within(option: &str, path: &str, kind: Kind, time: Duration) -> Result<Vec<u8>, InputError> {
    let (name, place) = (option.to_owned(), PathBuf::from(path));
    let reading = tokio::task::spawn_blocking(move || bytes(&name, &place, kind));
    match tokio::time::timeout(time, reading).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err(InputError(format!("can't read {}", named(option, path.as_ref())))),
        Err(_) => {
            Err(InputError(format!("couldn't read {} within {} s", named(option, path.as_ref()), time.as_secs())))
        }
    }
}

/// The text of a file, or of standard input for `-`: UTF-8, or the UTF-16 that PowerShell's `>` writes.
///
/// # Errors
/// As [`bytes()`]; also when it isn't text.
pub fn text(option: &str, path: &Path, kind: Kind) -> Result<String, InputError> {
    decoded(&bytes(option, path, kind)?)
        .map_err(|at| InputError(format!("{} isn't text (first invalid byte at {at})", named(option, path))))
}

/// A source that ends in an error when it is longer than its kind allows.
pub struct Limited<R> {
    source: io::Take<R>,
    kind: Kind,
}

impl<R: Read> Limited<R> {
    /// The source up to the limit of the kind.
    pub fn new(source: R, kind: Kind) -> Self {
        Self { source: source.take(kind.limit().saturating_add(1)), kind }
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        if self.source.limit() > 0 {
            return Ok(count);
        }
        Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("it is larger than {}, the limit for {}", size(self.kind.limit()), self.kind.name()),
        ))
    }
}

/// An option and its file, as messages name them.
#[must_use]
pub fn named(option: &str, path: &Path) -> String {
    match path.to_str() {
        Some("-") if option.starts_with('-') => format!("{option} (standard input)"),
        Some("-") => "standard input".to_owned(),
        _ => format!("{option} {}", quote::path(&path.to_string_lossy())),
    }
}

/// The words of an error of the system, without its number.
#[must_use]
pub fn in_words(error: &io::Error) -> String {
    let said = error.to_string();
    said.split_once(" (os error ").map_or(said.clone(), |(words, _)| words.to_owned())
}

/// Why a file cannot be read.
pub(super) fn unread(option: &str, path: &Path, error: &io::Error) -> InputError {
    let verb = if error.kind() == io::ErrorKind::FileTooLarge { "wasn't read" } else { "can't be read" };
    InputError(format!("{} {verb}: {}", named(option, path), in_words(error)))
}

fn size(bytes: u64) -> String {
    match bytes / MIB {
        0 => format!("{} KiB", bytes / 1024),
        whole if whole >= 1024 => format!("{} GiB", whole / 1024),
        whole => format!("{whole} MiB"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_more_than_allowed_is_too_much() {
        for (length, good) in [(65_536_u64, true), (65_537, false)] {
            let mut read = Vec::new();
            let outcome = Limited::new(io::repeat(b'x').take(length), Kind::Secret).read_to_end(&mut read);
            assert_eq!(outcome.is_ok(), good, "{length}");
        }
        let error = io::copy(&mut Limited::new(io::repeat(0), Kind::Certificates), &mut io::sink());
        let error = error.unwrap_err().to_string();
        assert_eq!(error, "it is larger than 2 MiB, the limit for a certificate file");
    }

    #[test]
    fn messages_name_option_and_file() {
        let error = bytes("--data", Path::new("/nowhere/x\u{1b}.json"), Kind::Data).unwrap_err();
        assert!(error.0.starts_with("--data '/nowhere/x\\x1b.json' can't be read:"), "{error}");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wide.txt");
        std::fs::write(&path, [0xff, 0xfe, b'a', 0, b'b', 0]).unwrap();
        assert_eq!(text("--targets", &path, Kind::Targets).unwrap(), "ab");
        std::fs::write(&path, [b'a', 0xff]).unwrap();
        assert!(text("--targets", &path, Kind::Targets).unwrap_err().0.contains("byte at 1"));
    }
}
