//! Files of the command line: read up to a limit, and written so that nobody ever sees one half done.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::Stop;
use super::console::Console;

/// Larger inputs than this are refused: no token, case or file of targets comes near it.
const LARGEST: u64 = 64 << 20;

/// The bytes of a file, or of standard input for `-`.
///
/// # Errors
/// Unreadable or larger than 64 MiB; the message quotes the path.
pub fn read(option: &str, path: &str) -> Result<Vec<u8>, Stop> {
    let source: io::Result<Box<dyn Read>> = if path == "-" {
        Ok(Box::new(io::stdin()))
    } else {
        File::open(path).map(|file| Box::new(file) as Box<dyn Read>)
    };
    let mut bytes = Vec::new();
    source
        .and_then(|source| source.take(LARGEST + 1).read_to_end(&mut bytes))
        .map_err(|error| Stop::Usage(format!("cannot read '{path}' given for {option}: {error}")))?;
    if bytes.len() as u64 > LARGEST {
        return Err(Stop::Usage(format!(
            "'{path}' given for {option} is larger than 64 MiB"
        )));
    }
    Ok(bytes)
}

/// The text of a file, or of standard input for `-`.
///
/// # Errors
/// As [`read`]; also when it is not UTF-8.
pub fn read_text(option: &str, path: &str) -> Result<String, Stop> {
    String::from_utf8(read(option, path)?)
        .map_err(|_| Stop::Usage(format!("'{path}' given for {option} is not UTF-8 text")))
}

/// A place to write to, opened before the work starts so that a wrong path is told before anything is sent.
pub struct Destination(Kind);

enum Kind {
    /// Standard output.
    Console,
    /// A device or pipe: written as it stands.
    Direct(File, PathBuf),
    /// A file: written beside its place, then moved there.
    Beside {
        file: File,
        beside: PathBuf,
        place: PathBuf,
    },
}

impl Destination {
    /// Opens a place: `-` is standard output.
    ///
    /// # Errors
    /// What cannot be written to; the message quotes the path.
    pub fn open(option: &str, path: &str) -> Result<Self, Stop> {
        if path == "-" {
            return Ok(Self(Kind::Console));
        }
        Self::open_path(Path::new(path))
            .map(Self)
            .map_err(|error| Stop::Usage(format!("cannot write '{path}' given for {option}: {error}")))
    }

    fn open_path(path: &Path) -> io::Result<Kind> {
        // A link is followed, so that the file it names is replaced and not the link.
        let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let known = match fs::metadata(&place) {
            Ok(known) if known.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(known) if !known.is_file() => {
                let file = OpenOptions::new().write(true).open(&place)?;
                return Ok(Kind::Direct(file, place));
            }
            Ok(known) => Some(known),
            Err(_) => None,
        };
        let name = place.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}.part", std::process::id()));
        let beside = place.with_file_name(hidden);
        let file = OpenOptions::new().write(true).create_new(true).open(&beside)?;
        if let Some(known) = known {
            // A file that exists keeps its permissions; where that is not allowed it gets the usual ones.
            let _ = file.set_permissions(known.permissions());
        }
        Ok(Kind::Beside { file, beside, place })
    }

    /// Writes all of it.
    ///
    /// # Errors
    /// What went wrong; what stood at the place before is then still there.
    pub fn write(mut self, bytes: &[u8], console: &mut Console) -> Result<(), Stop> {
        let told = |place: &Path, error: io::Error| Stop::Usage(format!("cannot write '{}': {error}", place.display()));
        match &mut self.0 {
            Kind::Console => console.print_bytes(bytes),
            Kind::Direct(file, place) => file.write_all(bytes).map_err(|error| told(place, error)),
            Kind::Beside { file, beside, place } => file
                .write_all(bytes)
                .and_then(|()| file.sync_all())
                .and_then(|()| fs::rename(&*beside, &*place))
                .map_err(|error| told(place, error)),
        }
    }

    /// Whether this is standard output.
    #[must_use]
    pub const fn is_console(&self) -> bool {
        matches!(self.0, Kind::Console)
    }
}

impl Drop for Destination {
    fn drop(&mut self) {
        if let Kind::Beside { beside, .. } = &self.0 {
            // After a rename it is gone already.
            let _ = fs::remove_file(beside);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::text::Style;

    fn console() -> Console {
        Console::new(Box::new(io::sink()), Box::new(io::sink()), Style::default())
    }

    #[test]
    fn what_is_not_written_to_its_end_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        fs::write(&path, "old").unwrap();
        let text = path.to_str().unwrap();
        drop(Destination::open("--output", text).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        Destination::open("--output", text)
            .unwrap()
            .write(b"new", &mut console())
            .unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn wrong_places_are_told_before_anything_is_done() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().to_owned(), folder.path().join("none/report.json")] {
            let text = path.to_str().unwrap();
            let error = Destination::open("--output", text).err().unwrap().to_string();
            assert!(error.contains(text) && error.contains("--output"), "{error}");
        }
        let error = read("--targets", "/nowhere/at all").unwrap_err().to_string();
        assert!(error.contains("'/nowhere/at all'"), "{error}");
    }
}
