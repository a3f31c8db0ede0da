//! What the screen writes: new files only; an existing one is never overwritten from here.

use std::io;
use std::path::Path;

use crate::case::text::visible;
use crate::report::{Report, file, written};

/// Writes the case into a new file and gives its name as shown.
///
/// # Errors
/// Why not, in words for the person.
pub fn save(report: Option<&Report>, path: &str) -> Result<String, String> {
    let report = report.ok_or("nothing to save yet")?;
    create(path, &written::saved(std::slice::from_ref(report), false))
}

/// Writes App 2's settings with the root cause mended into a new file and says what was done.
///
/// # Errors
/// Why not, in words for the person.
pub fn mend(report: Option<&Report>, path: &str) -> Result<String, String> {
    let report = report.ok_or("nothing to write yet")?;
    let (text, said) = written::edited_settings(report).map_err(|reason| format!("nothing written: {reason}"))?;
    let shown = create(path, &text)?;
    Ok(format!("{shown}: {said}"))
}

fn create(path: &str, text: &str) -> Result<String, String> {
    let shown = visible(path);
    file::create_new(Path::new(path), text.as_bytes()).map_err(|error| {
        if error.kind() == io::ErrorKind::AlreadyExists {
            format!("{shown} exists already; choose another name")
        } else {
            format!("{shown} cannot be written: {error}")
        }
    })?;
    Ok(shown)
}
