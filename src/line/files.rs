//! Files of the command line: read up to a limit, and the places that outputs go to.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

use crate::case::inputs::Inputs;
use crate::case::quote;
use crate::knowledge::{Said, phrase};
use crate::probe::input::{self, Kind};
use crate::report::file::Place;

use super::CliError;
use super::console::Console;
use super::signals::typed;

/// The bytes of a file, or of standard input for `-`.
///
/// # Errors
/// Unreadable or larger than the limit of its kind; the message quotes the path.
pub fn read(option: &str, path: &str, kind: Kind) -> Result<Vec<u8>, CliError> {
    Ok(typed(|| input::bytes(option, Path::new(path), kind))?)
}

/// The text of a file, or of standard input for `-`.
///
/// # Errors
/// As [`read`]; also when it is not text.
pub fn read_text(option: &str, path: &str, kind: Kind) -> Result<String, CliError> {
    Ok(typed(|| input::text(option, Path::new(path), kind))?)
}

/// A place to write to, checked first so that a wrong path is reported before anything is sent.
pub struct Destination {
    option: &'static str,
    /// `None`: standard output.
    place: Option<Place>,
}

impl Destination {
    /// Checks a place: `-` is standard output. Nothing is left there.
    ///
    /// # Errors
    /// What cannot be written to; the message quotes the path.
    pub fn open(option: &'static str, path: &str) -> Result<Self, CliError> {
        let place = if path == "-" {
            None
        } else {
            let place = Place::check(Path::new(path)).map_err(|error| {
                CliError::Usage(unwritable(option, path).with("error", input::in_words(&error)).text())
            })?;
            Some(place)
        };
        Ok(Self { option, place })
    }

    /// Tries the place out, once signals are handled. Nothing is left there.
    ///
    /// # Errors
    /// What cannot be written to; the message quotes the path.
    pub fn try_out(&self) -> Result<(), CliError> {
        let Some(place) = &self.place else { return Ok(()) };
        place.try_out().map_err(|error| {
            let message = unwritable(self.option, &place.path().to_string_lossy());
            CliError::Usage(message.with("error", input::in_words(&error)).text())
        })
    }

    /// Writes all of it.
    ///
    /// # Errors
    /// What went wrong; what was at the place before is then still there.
    pub fn write(&self, bytes: &[u8], console: &mut Console) -> Result<(), CliError> {
        match &self.place {
            None => console.print_bytes(bytes),
            Some(place) => {
                let message = unwritable(self.option, &place.path().to_string_lossy());
                place.write(bytes).map_err(|error| CliError::of_output(message, &error))
            }
        }
    }

    /// The place, as messages name it.
    #[must_use]
    pub fn shown(&self) -> String {
        let file = self.place.as_ref().map(|place| quote::path(&place.path().to_string_lossy()));
        file.unwrap_or_else(|| phrase("files.standard-output").text())
    }

    /// Whether what is written again replaces what was there.
    #[must_use]
    pub fn is_file(&self) -> bool {
        self.place.as_ref().is_some_and(Place::is_file)
    }

    /// Whether this is standard output.
    #[must_use]
    pub const fn is_console(&self) -> bool {
        self.place.is_none()
    }
}

/// What is said of a place that cannot be written to; the error is left to fill in.
fn unwritable(option: &'static str, path: &str) -> Said {
    phrase("files.unwritable").with("option", option).with("file", quote::path(path))
}

/// A file that is read or written, by the option that names it.
pub struct Named {
    option: &'static str,
    /// `None`: standard input, or standard output.
    path: Option<PathBuf>,
}

impl Named {
    /// The file that an option names; `-` is standard input, or standard output.
    #[must_use]
    pub fn new(option: &'static str, path: &Path) -> Self {
        Self { option, path: (path != Path::new("-")).then(|| path.to_owned()) }
    }

    /// All files that a check reads.
    #[must_use]
    pub fn of(inputs: &Inputs) -> Vec<Self> {
        let of_options = inputs.files().map(|(option, path)| Self::new(option, path));
        of_options.chain(Self::of_environment()).collect()
    }

    /// The credentials that variables of this process name: whether they are read is decided later.
    fn of_environment() -> impl Iterator<Item = Self> {
        let names = ["AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE", "SSL_CERT_FILE"];
        let set = |name| std::env::var_os(name).filter(|path| !path.is_empty());
        names.into_iter().filter_map(move |name| Some(Self::new(name, Path::new(&set(name)?))))
    }
}

/// Refuses outputs that would replace an input or one another, also by another name.
///
/// # Errors
/// The two options that name the same file.
pub fn refuse_the_same(inputs: &[Named], outputs: &[Named]) -> Result<(), CliError> {
    let known = |named: &[Named], of_console: fn() -> Option<Identity>| -> Vec<(&'static str, Identity)> {
        named
            .iter()
            .filter_map(|named| {
                let identity = match &named.path {
                    Some(path) => Identity::of(path),
                    None => of_console(),
                };
                Some((named.option, identity?))
            })
            .collect()
    };
    let read = known(inputs, Identity::of_input);
    let mut written: Vec<(&'static str, Identity)> = Vec::new();
    for (option, identity) in known(outputs, Identity::of_output) {
        if let Some((other, _)) = read.iter().find(|(_, known)| *known == identity) {
            return Err(clash("files.read-and-written", option, other));
        }
        if let Some((other, _)) = written.iter().find(|(_, known)| *known == identity) {
            return Err(clash("files.written-twice", option, other));
        }
        written.push((option, identity));
    }
    Ok(())
}

fn clash(key: &'static str, option: &str, other: &str) -> CliError {
    CliError::Usage(phrase(key).with("option", option).with("other", other).text())
}

/// What makes two paths the same file.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Identity {
    /// A file that exists, by its device and number.
    #[cfg(unix)]
    Known(u64, u64),
    /// A file by its path, links followed.
    Path(PathBuf),
}

impl Identity {
    /// `None`: a device, which may have several uses.
    fn of(path: &Path) -> Option<Self> {
        match fs::metadata(path) {
            Ok(known) => Self::of_known(&known, path),
            Err(_) => {
                // Not there yet: its folder is.
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
                let folder = fs::canonicalize(folder.unwrap_or(Path::new("."))).ok()?;
                Some(Self::Path(folder.join(path.file_name()?)))
            }
        }
    }

    #[cfg(unix)]
    fn of_known(known: &Metadata, _: &Path) -> Option<Self> {
        use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
        // A socket may be both standard input and output.
        let kind = known.file_type();
        let many_uses = kind.is_char_device() || kind.is_socket();
        (!many_uses).then(|| Self::Known(known.dev(), known.ino()))
    }

    #[cfg(not(unix))]
    fn of_known(known: &Metadata, path: &Path) -> Option<Self> {
        known.is_file().then(|| fs::canonicalize(path).ok().map(Self::Path))?
    }

    #[cfg(unix)]
    fn of_descriptor(descriptor: std::os::fd::BorrowedFd<'_>) -> Option<Self> {
        let file = fs::File::from(descriptor.try_clone_to_owned().ok()?);
        Self::of_known(&file.metadata().ok()?, Path::new(""))
    }

    #[cfg(unix)]
    fn of_input() -> Option<Self> {
        use std::os::fd::AsFd as _;
        Self::of_descriptor(std::io::stdin().as_fd())
    }

    #[cfg(unix)]
    fn of_output() -> Option<Self> {
        use std::os::fd::AsFd as _;
        Self::of_descriptor(std::io::stdout().as_fd())
    }

    #[cfg(not(unix))]
    fn of_input() -> Option<Self> {
        None
    }

    #[cfg(not(unix))]
    fn of_output() -> Option<Self> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::text::Style;
    use std::io;

    #[test]
    fn wrong_places_are_reported_before_anything_is_done() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().to_owned(), folder.path().join("none/report.json")] {
            let text = path.to_str().unwrap();
            let error = Destination::open("--output", text).err().unwrap();
            assert_eq!(error.exit_code(), 2);
            assert!(error.to_string().contains(text) && error.to_string().contains("--output"), "{error}");
        }
        let error = read("--targets", "/nowhere/at all", Kind::Targets).unwrap_err().to_string();
        assert!(error.contains("'/nowhere/at all'"), "{error}");
    }

    #[test]
    fn what_cannot_be_written_at_the_end_has_a_code_of_its_own() {
        let mut console = Console::new(Box::new(io::sink()), Box::new(io::sink()), Style::default());
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("gone/case.json");
        fs::create_dir(folder.path().join("gone")).unwrap();
        let destination = Destination::open("--save", place.to_str().unwrap()).unwrap();
        fs::remove_dir(folder.path().join("gone")).unwrap();
        let error = destination.write(b"x", &mut console).unwrap_err();
        assert_eq!(error.exit_code(), 4);
        assert!(error.to_string().starts_with("--save '"), "{error}");
    }

    #[test]
    fn one_file_has_one_use_whatever_it_is_called() {
        let folder = tempfile::tempdir().unwrap();
        let (file, new) = (folder.path().join("a.json"), folder.path().join("new.json"));
        fs::write(&file, "x").unwrap();
        let roundabout = folder.path().join(".").join("new.json");
        let same = |inputs: &[&Path], outputs: &[&Path]| {
            let named = |option, paths: &[&Path]| paths.iter().map(|path| Named::new(option, path)).collect::<Vec<_>>();
            refuse_the_same(&named("--auth-settings", inputs), &named("--save", outputs)).is_err()
        };
        assert!(same(&[&file], &[&file]) && same(&[], &[&new, &roundabout]));
        assert!(!same(&[&file], &[&new]) && !same(&[&file, &file], &[]));
        #[cfg(unix)]
        {
            let (link, hard) = (folder.path().join("link"), folder.path().join("hard"));
            std::os::unix::fs::symlink(&file, &link).unwrap();
            fs::hard_link(&file, &hard).unwrap();
            assert!(same(&[&link], &[&file]) && same(&[&hard], &[&link]));
            assert!(!same(&[], &[Path::new("/dev/null"), Path::new("/dev/null")]));
        }
    }
}
