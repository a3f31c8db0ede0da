//! What the screen writes: new files only; an existing one is never overwritten from here.

use std::io;
use std::path::Path;

use crate::case::text::visible;
use crate::report::written::NothingToWrite;
use crate::report::{Report, file, written};

/// Why the screen wrote no file.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// No run has a report yet.
    #[error("nothing to save yet")]
    NothingToSave,
    /// No run has a report yet.
    #[error("nothing to write yet")]
    NothingToMend,
    /// There are no edited settings.
    #[error("nothing written: {0}")]
    NothingToWrite(#[from] NothingToWrite),
    /// The name is taken.
    #[error("{shown} exists already; choose another name")]
    Exists {
        /// The name, as it may be shown.
        shown: String,
    },
    /// The system refuses.
    #[error("can't write {shown}: {reason}")]
    Unwritable {
        /// The name, as it may be shown.
        shown: String,
        /// Why not.
        reason: io::Error,
    },
}

/// Writes the case into a new file and gives its name as shown.
///
/// # Errors
/// Why not, in words for the person.
pub fn save(report: Option<&Report>, path: &str) -> Result<String, FileError> {
    let report = report.ok_or(FileError::NothingToSave)?;
    create(path, &written::saved(std::slice::from_ref(report), false))
}

/// Writes App 2's settings with the root cause fixed into a new file and says what was done.
///
/// # Errors
/// Why not, in words for the person.
pub fn write_fixed(report: Option<&Report>, path: &str) -> Result<String, FileError> {
    let report = report.ok_or(FileError::NothingToMend)?;
    let (text, said) = written::edited_settings(report)?;
    let shown = create(path, &text)?;
    Ok(format!("{shown}: {said}"))
}

fn create(path: &str, text: &str) -> Result<String, FileError> {
    let shown = visible(path);
    match file::create_new(Path::new(path), text.as_bytes()) {
        Ok(()) => Ok(shown),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(FileError::Exists { shown }),
        Err(reason) => Err(FileError::Unwritable { shown, reason }),
    }
}
