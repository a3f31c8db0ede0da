//! What the screen writes: new files only; an existing one is never overwritten from here.

use std::io;
use std::path::PathBuf;

use crate::case::shown::typed::repeated;
use crate::case::text::visible;
use crate::knowledge::phrase;
use crate::report::written::NothingToWrite;
use crate::report::{Report, file, tour, written};

/// Why the screen wrote no file.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// No run has a report yet.
    #[error("{}", phrase("screen.nothing-to-save").text())]
    NothingToSave,
    /// No run has a report yet.
    #[error("{}", phrase("screen.nothing-to-write").text())]
    NothingToEdit,
    /// There are no edited settings.
    #[error("{}", phrase("screen.not-written").with("reason", .0.to_string()).text())]
    NothingToWrite(#[from] NothingToWrite),
    /// The name is taken.
    #[error("{}", phrase("screen.exists").with("file", .shown).text())]
    Exists {
        /// The name, as it may be shown.
        shown: String,
    },
    /// There is no such folder.
    #[error("{}", phrase("screen.no-folder").with("file", .shown).text())]
    NoFolder {
        /// The name, as it may be shown.
        shown: String,
    },
    /// The system refuses.
    #[error("{}", phrase("screen.unwritable").with("file", .shown).with("error", .reason.to_string()).text())]
    Unwritable {
        /// The name, as it may be shown.
        shown: String,
        /// Why not.
        reason: io::Error,
    },
}

/// Writes the cases into a new file and gives its name as shown.
///
/// # Errors
/// Why not.
pub fn save(reports: &[Report], path: &str) -> Result<String, FileError> {
    if reports.is_empty() {
        return Err(FileError::NothingToSave);
    }
    create(path, &written::saved(reports, false))
}

/// Writes App 2's settings with the root cause fixed into a new file and says what was done.
///
/// # Errors
/// Why not.
pub fn write_fixed(report: Option<&Report>, path: &str) -> Result<String, FileError> {
    let report = report.ok_or(FileError::NothingToEdit)?;
    let (text, said) = written::edited_settings(report)?;
    let shown = create(path, &text)?;
    Ok(phrase("screen.written").with("file", shown).with("said", said).text())
}

/// Writes the list of stages into a new file and gives its name as shown.
///
/// # Errors
/// Why not.
pub fn write_list(report: Option<&Report>, path: &str) -> Result<String, FileError> {
    create(path, &tour::markdown(report))
}

/// The name, or the first one like it that no file has: `case.json`, `case-2.json`, …
#[must_use]
pub fn free_name(name: &str) -> String {
    const MOST: u32 = 1000;
    let (stem, extension) = name.split_once('.').unwrap_or((name, ""));
    let numbered = |number: u32| match (number, extension) {
        (1, _) => name.to_owned(),
        (_, "") => format!("{stem}-{number}"),
        _ => format!("{stem}-{number}.{extension}"),
    };
    (1..MOST)
        .map(numbered)
        .find(|candidate| std::fs::symlink_metadata(candidate).is_err())
        .unwrap_or_else(|| name.to_owned())
}

fn create(path: &str, text: &str) -> Result<String, FileError> {
    let path = from_home(path, std::env::home_dir());
    let whole = std::path::absolute(&path).unwrap_or_else(|_| path.clone());
    let typed = path.to_string_lossy();
    // A password in what was typed as a name isn't repeated.
    let shown = match repeated(&typed) {
        hidden if hidden != typed => visible(&hidden),
        _ => visible(&whole.display().to_string()),
    };
    match file::create_new(&path, text.as_bytes()) {
        Ok(()) => Ok(shown),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(FileError::Exists { shown }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(FileError::NoFolder { shown }),
        Err(reason) => Err(FileError::Unwritable { shown, reason }),
    }
}

/// A path with the home folder in place of the `~` that shells replace.
#[must_use]
pub fn from_home(path: &str, home: Option<PathBuf>) -> PathBuf {
    let within = path.strip_prefix("~/").zip(home);
    within.map_or_else(|| PathBuf::from(path), |(rest, home)| home.join(rest))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_tilde_is_the_home_folder_and_a_missing_folder_is_named() {
        let home = || Some(PathBuf::from("/home/me"));
        assert_eq!(from_home("~/x.json", home()), Path::new("/home/me/x.json"));
        for path in ["x~/y", "~x", "/~/x"] {
            assert_eq!(from_home(path, home()), Path::new(path));
        }
        assert_eq!(from_home("~/x", None), Path::new("~/x"));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("none/x.json");
        let error = create(path.to_str().unwrap(), "").unwrap_err();
        assert!(matches!(error, FileError::NoFolder { .. }) && !error.to_string().contains("os error"), "{error}");
        let error = create("https://me:canary@host.example/x?sig=canary", "").unwrap_err().to_string();
        assert!(error.contains("https://") && !error.contains("canary"), "{error}");
    }
}
