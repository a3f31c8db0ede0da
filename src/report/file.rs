//! Files that the program writes: never seen half done, and new ones readable by their owner alone.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use crate::knowledge::phrase;

/// A place that can be written to.
#[derive(Debug)]
pub struct Place {
    path: PathBuf,
    form: Form,
}

#[derive(Debug)]
enum Form {
    /// A device or pipe: written as it is.
    Direct(File),
    /// A file, perhaps one that exists: written beside its place, then moved there.
    Beside(Option<Metadata>),
}

impl Place {
    /// Looks whether a place can be written to. Nothing is created, and what is there stays as it is; a pipe is waited
    /// for until somebody reads it.
    ///
    /// # Errors
    /// Why it cannot be written to.
    pub fn check(path: &Path) -> io::Result<Self> {
        // A link is followed, so that the file it names is replaced and not the link.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let known = match fs::metadata(&path) {
            Ok(known) if known.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(known) if is_disk(&known) => return Err(io::ErrorKind::InvalidInput.into()),
            Ok(known) if !known.is_file() => {
                let file = open_within(&path, READER_WITHIN)?;
                return Ok(Self { path, form: Form::Direct(file) });
            }
            Ok(known) => {
                OpenOptions::new().write(true).open(&path)?;
                Some(known)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound && !names_a_folder(&path) => None,
            Err(error) => return Err(error),
        };
        // A missing folder is reported here already.
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if !fs::metadata(folder.unwrap_or(Path::new(".")))?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Self { path, form: Form::Beside(known) })
    }

    /// Tries it out: a file is created beside the place and removed at once. Signals that end the program must be
    /// handled by then, for they would leave it there.
    ///
    /// # Errors
    /// Why it cannot be written to.
    pub fn try_out(&self) -> io::Result<()> {
        match self.form {
            Form::Direct(_) => Ok(()),
            Form::Beside(_) => Part::create(&self.path).map(drop),
        }
    }

    /// Writes all of it.
    ///
    /// # Errors
    /// What went wrong; what stood at the place before is then still there.
    pub fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let known = match &self.form {
            Form::Direct(file) => return write_within(file, bytes, READER_CONTINUES_WITHIN),
            Form::Beside(known) => known,
        };
        let mut part = Part::create(&self.path)?;
        part.file.write_all(bytes)?;
        if let Some(known) = known {
            keep_owner_and_mode(&part.file, known);
        }
        part.file.sync_all()?;
        fs::rename(&part.path, &self.path)
    }

    /// Whether what is written again replaces what was there.
    #[must_use]
    pub const fn is_file(&self) -> bool {
        matches!(self.form, Form::Beside(_))
    }

    /// The place, links followed.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Whether what would be overwritten is a disk.
fn is_disk(known: &Metadata) -> bool {
    #[cfg(unix)]
    {
        std::os::unix::fs::FileTypeExt::is_block_device(&known.file_type())
    }
    #[cfg(not(unix))]
    {
        let _ = known;
        false
    }
}

/// Whether a path ends as only a folder's does.
fn names_a_folder(path: &Path) -> bool {
    path.to_string_lossy().ends_with(std::path::is_separator)
}

/// A named pipe that nothing has opened for reading is waited for no longer than this.
const READER_WITHIN: Duration = Duration::from_secs(10);

/// Opens a device or pipe for writing. Opening a pipe waits for whoever reads it, so that is done aside and given up
/// after this time.
fn open_within(path: &Path, time: Duration) -> io::Result<File> {
    let (opened, waiting) = std::sync::mpsc::channel();
    let place = path.to_owned();
    std::thread::Builder::new().spawn(move || {
        // Nobody listens any more when the time is over.
        let _ = opened.send(OpenOptions::new().write(true).open(place));
    })?;
    waiting.recv_timeout(time).unwrap_or_else(|_| {
        let reason = phrase("files.no-reader").with("seconds", time.as_secs());
        Err(io::Error::new(io::ErrorKind::TimedOut, reason.text()))
    })
}

/// A pipe's reader that takes nothing is waited for no longer than this.
const READER_CONTINUES_WITHIN: Duration = Duration::from_secs(60);

/// Writes to a device or pipe, which waits for whoever reads it: that is done aside and given up when nothing is taken
/// for this time. A person who stopped a terminal is waited for.
fn write_within(file: &File, bytes: &[u8], time: Duration) -> io::Result<()> {
    const CHUNK: usize = 4096;
    if file.is_terminal() {
        return (&mut &*file).write_all(bytes);
    }
    let (mut copy, chunks) = (file.try_clone()?, bytes.chunks(CHUNK).map(<[u8]>::to_vec).collect::<Vec<_>>());
    let (taken, waiting) = std::sync::mpsc::channel();
    std::thread::Builder::new().spawn(move || {
        for chunk in chunks {
            let outcome = copy.write_all(&chunk);
            let is_last = outcome.is_err();
            // Nobody listens any more when the time is over.
            if taken.send(outcome).is_err() || is_last {
                return;
            }
        }
    })?;
    loop {
        match waiting.recv_timeout(time) {
            Ok(outcome) => outcome?,
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
            Err(RecvTimeoutError::Timeout) => {
                let reason = phrase("files.stalled").with("seconds", time.as_secs());
                return Err(io::Error::new(io::ErrorKind::TimedOut, reason.text()));
            }
        }
    }
}

/// Writes a new file; one that exists is never overwritten.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`], or what else went wrong; no part of it is then left.
pub fn create_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::symlink_metadata(path).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let mut part = Part::create(path)?;
    part.file.write_all(bytes)?;
    part.file.sync_all()?;
    // Unlike a rename, a link never replaces what came there in the meantime. Some file systems have no links.
    match fs::hard_link(&part.path, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists && fs::symlink_metadata(path).is_err() => {
            fs::rename(&part.path, path)
        }
        outcome => outcome,
    }
}

/// A file beside its place, removed when it is dropped; after a rename it is gone already.
struct Part {
    file: File,
    path: PathBuf,
}

impl Part {
    fn create(place: &Path) -> io::Result<Self> {
        let name = place.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}.part", std::process::id()));
        let path = place.with_file_name(hidden);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Self { file: options.open(&path)?, path })
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// A file that exists keeps its mode, and its owner where that is allowed.
fn keep_owner_and_mode(file: &File, known: &Metadata) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, fchown};
        let _ = fchown(file, Some(known.uid()), Some(known.gid()));
    }
    let _ = file.set_permissions(known.permissions());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn checking_leaves_nothing_and_writing_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        let place = Place::check(&path).unwrap();
        place.try_out().unwrap();
        assert!(names(folder.path()).is_empty());
        place.write(b"first").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"first");
        drop(Place::check(&path).unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"first");
        Place::check(&path).unwrap().write(b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(names(folder.path()), ["report.json"]);
        for wrong in [folder.path().to_owned(), folder.path().join("none/report.json"), folder.path().join("none/")] {
            assert!(Place::check(&wrong).is_err(), "{}", wrong.display());
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_that_nobody_reads_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let made = |name: &str| {
            let pipe = folder.path().join(name);
            assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
            pipe
        };
        let error = open_within(&made("without"), Duration::from_millis(100)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        let pipe = made("read");
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::read(pipe).unwrap()
        });
        open_within(&pipe, Duration::from_secs(10)).unwrap().write_all(b"read").unwrap();
        assert_eq!(reader.join().unwrap(), b"read");
        // Opened for both, it has a reader that takes nothing.
        let held = OpenOptions::new().read(true).write(true).open(made("held")).unwrap();
        let error = write_within(&held, &[b'x'; 1 << 20], Duration::from_millis(100)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        write_within(&OpenOptions::new().write(true).open("/dev/null").unwrap(), b"all", Duration::MAX).unwrap();
    }

    #[test]
    fn an_existing_file_is_never_overwritten_as_a_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("case.json");
        create_new(&path, b"first").unwrap();
        let error = create_new(&path, b"second").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_eq!(names(folder.path()), ["case.json"]);
    }

    #[cfg(unix)]
    #[test]
    fn new_files_are_the_owners_and_others_keep_their_mode() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let (new, old, link) = (folder.path().join("new"), folder.path().join("old"), folder.path().join("link"));
        create_new(&folder.path().join("screen"), b"x").unwrap();
        assert_eq!(mode(&folder.path().join("screen")), 0o600);
        Place::check(&new).unwrap().write(b"x").unwrap();
        assert_eq!(mode(&new), 0o600);
        fs::write(&old, "old").unwrap();
        fs::set_permissions(&old, fs::Permissions::from_mode(0o644)).unwrap();
        std::os::unix::fs::symlink(&old, &link).unwrap();
        Place::check(&link).unwrap().write(b"x").unwrap();
        assert_eq!((mode(&old), fs::read(&old).unwrap()), (0o644, b"x".to_vec()));
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }
}
