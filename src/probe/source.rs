//! What a file of the command line is before it is read: something that ends, something that somebody else fills, or a
//! device that never ends.

use std::fs::{self, File, Metadata};
use std::io::{self, Cursor, IsTerminal, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::clock;

/// A named pipe that nothing has opened for writing is waited for no longer than this.
const WRITER_WITHIN: Duration = Duration::from_secs(10);
/// What another process writes is waited for so long, for its next byte and as a whole.
const PATIENCE: Patience = Patience { silence: Duration::from_secs(60), whole: Duration::from_secs(600) };
/// Bytes that are handed over at once.
const CHUNK: usize = 64 * 1024;

/// Standard input for `-`, or a file. What another process fills ends in an error when that takes too long; what a
/// person types is waited for.
///
/// # Errors
/// When it cannot be opened, or is a device.
pub(super) fn opened(path: &Path) -> io::Result<Box<dyn Read>> {
    if path == Path::new("-") {
        let input = io::stdin();
        let is_typed = input.is_terminal();
        return match standard_input()? {
            Some(known) if is_device(&known) && !is_typed => Err(device()),
            Some(known) if is_typed || ends(&known) => Ok(Box::new(input)),
            None if is_typed => Ok(Box::new(input)),
            _ => Patient::boxed(input, PATIENCE),
        };
    }
    // Some devices do something when they are only opened.
    let known = fs::metadata(path)?;
    if is_device(&known) && !is_terminal_by_name(path) {
        return Err(device());
    }
    let file = open(path, WRITER_WITHIN)?;
    if file.is_terminal() || ends(&known) { Ok(Box::new(file)) } else { Patient::boxed(file, PATIENCE) }
}

/// Whether somebody else decides when there is something to read: standard input, a pipe, or a device.
pub(super) fn is_waited_for(path: &Path) -> bool {
    path == Path::new("-") || is_pipe(path) || fs::metadata(path).is_ok_and(|known| is_device(&known))
}

/// Whether what is read of it has an end. Files that the system makes up have no size, and some of them wait.
fn ends(known: &Metadata) -> bool {
    known.is_dir() || known.is_file() && known.len() > 0 || is_null(known)
}

fn device() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "it is a device; use a file or a pipe")
}

#[cfg(unix)]
fn standard_input() -> io::Result<Option<Metadata>> {
    let input = std::os::fd::AsFd::as_fd(&io::stdin()).try_clone_to_owned()?;
    File::from(input).metadata().map(Some)
}

#[cfg(not(unix))]
const fn standard_input() -> io::Result<Option<Metadata>> {
    Ok(None)
}

#[cfg(unix)]
fn is_device(known: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    let kind = known.file_type();
    kind.is_block_device() || kind.is_char_device() && !is_null(known)
}

#[cfg(not(unix))]
const fn is_device(_: &Metadata) -> bool {
    false
}

/// Whether it is the device that is always at its end.
#[cfg(unix)]
fn is_null(known: &Metadata) -> bool {
    use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
    known.file_type().is_char_device() && fs::metadata("/dev/null").is_ok_and(|null| null.rdev() == known.rdev())
}

#[cfg(not(unix))]
const fn is_null(_: &Metadata) -> bool {
    false
}

/// Whether a device is a terminal, or may be one under another name.
fn is_terminal_by_name(path: &Path) -> bool {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let path = path.to_string_lossy();
    ["/dev/tty", "/dev/pts/", "/dev/console", "/dev/fd/"].iter().any(|start| path.starts_with(start))
}

/// Opens a file. Opening a named pipe waits for whoever writes to it, so that is done aside and given up after this
/// time.
fn open(path: &Path, time: Duration) -> io::Result<File> {
    if !is_pipe(path) {
        return File::open(path);
    }
    let (opened, waiting) = channel();
    let place = path.to_owned();
    thread::Builder::new().spawn(move || {
        // Nobody listens any more when the time is over.
        let _ = opened.send(File::open(place));
    })?;
    waiting.recv_timeout(time).unwrap_or_else(|_| {
        Err(late(&format!("it is a pipe, and no process opened it for writing within {} s", time.as_secs())))
    })
}

#[cfg(unix)]
fn is_pipe(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    fs::metadata(path).is_ok_and(|known| known.file_type().is_fifo())
}

#[cfg(not(unix))]
const fn is_pipe(_: &Path) -> bool {
    false
}

fn late(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, reason)
}

/// How long a source is waited for.
#[derive(Debug, Clone, Copy)]
struct Patience {
    silence: Duration,
    whole: Duration,
}

/// A source that somebody else fills, read aside so that its silence ends in an error.
struct Patient {
    chunks: Receiver<io::Result<Vec<u8>>>,
    rest: Cursor<Vec<u8>>,
    patience: Patience,
    begun: Instant,
}

impl Patient {
    fn boxed(mut source: impl Read + Send + 'static, patience: Patience) -> io::Result<Box<dyn Read>> {
        let (sender, chunks) = sync_channel(2);
        thread::Builder::new().spawn(move || {
            loop {
                let mut chunk = vec![0; CHUNK];
                let outcome = match source.read(&mut chunk) {
                    Ok(0) => return,
                    Ok(count) => {
                        chunk.truncate(count);
                        Ok(chunk)
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(error) => Err(error),
                };
                let is_last = outcome.is_err();
                if sender.send(outcome).is_err() || is_last {
                    return;
                }
            }
        })?;
        Ok(Box::new(Self { chunks, rest: Cursor::default(), patience, begun: clock::monotonic() }))
    }
}

impl Read for Patient {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.rest.read(buffer)?;
        if count > 0 || buffer.is_empty() {
            return Ok(count);
        }
        let Patience { silence, whole } = self.patience;
        let left = whole.saturating_sub(clock::monotonic().saturating_duration_since(self.begun));
        match self.chunks.recv_timeout(left.min(silence)) {
            Ok(chunk) => {
                self.rest = Cursor::new(chunk?);
                self.rest.read(buffer)
            }
            Err(RecvTimeoutError::Disconnected) => Ok(0),
            Err(RecvTimeoutError::Timeout) if left < silence => {
                Err(late(&format!("it didn't end within {} s; use a file with what is of interest", whole.as_secs())))
            }
            Err(RecvTimeoutError::Timeout) => {
                Err(late(&format!("it is a pipe, and nothing came from it for {} s", silence.as_secs())))
            }
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn pipe(folder: &Path, name: &str) -> std::path::PathBuf {
        let path = folder.join(name);
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        path
    }

    #[test]
    fn a_pipe_is_read_as_soon_as_somebody_writes_and_given_up_when_nobody_does() {
        let folder = tempfile::tempdir().unwrap();
        let error = open(&pipe(folder.path(), "pipe"), Duration::from_millis(200)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        // A pipe of its own: the first one still has a reader that was given up.
        let path = pipe(folder.path(), "other");
        let place = path.clone();
        let writer = thread::spawn(move || {
            thread::sleep(Duration::from_millis(100));
            fs::write(place, "late")
        });
        let mut text = String::new();
        open(&path, Duration::from_secs(20)).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "late");
        writer.join().unwrap().unwrap();
    }

    #[test]
    fn what_another_process_writes_is_waited_for_but_not_forever() {
        let short = Duration::from_millis(100);
        let long = Duration::from_secs(60);
        for (silence, whole, said) in [(short, long, "nothing came"), (long, short, "didn't end")] {
            let (source, mut other_end) = io::pipe().unwrap();
            let mut patient = Patient::boxed(source, Patience { silence, whole }).unwrap();
            other_end.write_all(b"some").unwrap();
            let mut read = Vec::new();
            let error = patient.read_to_end(&mut read).unwrap_err();
            assert_eq!((error.kind(), read.as_slice()), (io::ErrorKind::TimedOut, b"some".as_slice()));
            assert!(error.to_string().contains(said), "{error}");
        }
        let (source, mut other_end) = io::pipe().unwrap();
        let mut patient = Patient::boxed(source, PATIENCE).unwrap();
        let large = vec![b'x'; 3 * CHUNK];
        let sent = large.clone();
        thread::spawn(move || other_end.write_all(&sent).unwrap());
        let mut read = Vec::new();
        assert_eq!((patient.read_to_end(&mut read).unwrap(), read == large), (large.len(), true));
        assert_eq!(patient.read(&mut [0; 8]).unwrap(), 0, "it stays at its end");
    }

    #[test]
    fn devices_are_refused_before_they_are_opened() {
        for path in ["/dev/zero", "/dev/random"] {
            let error = opened(Path::new(path)).map(drop).unwrap_err();
            assert!(error.to_string().contains("it is a device"), "{path}: {error}");
        }
        let folder = tempfile::tempdir().unwrap();
        let waited_for = [Path::new("-"), Path::new("/dev/zero"), &pipe(folder.path(), "pipe")].map(is_waited_for);
        assert_eq!(waited_for, [true; 3]);
        assert_eq!([Path::new("/dev/null"), folder.path(), Path::new("none")].map(is_waited_for), [false; 3]);
        let mut nothing = Vec::new();
        assert_eq!(opened(Path::new("/dev/null")).unwrap().read_to_end(&mut nothing).unwrap(), 0);
    }
}
