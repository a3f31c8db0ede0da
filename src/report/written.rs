//! What is written for other programs to take: App 2's settings with the root cause mended.

use crate::case::secret::without_tokens;

use super::{Report, Verdict};

/// The text of App 2's settings with the root cause mended, and a sentence of what it mends.
///
/// # Errors
/// Why there is nothing to write, in words for the person.
pub fn edited_settings(report: &Report) -> Result<(String, String), String> {
    // What is only assumed may hide the very fault that is to be mended.
    let report = &report.without_assumptions();
    let Some((edited, mended)) = report.edited_settings() else {
        return Err(if report.diagnosis.verdict == Verdict::Pass {
            "the call works".to_owned()
        } else if report.case.settings.iter().all(|reading| reading.outcome.is_err()) {
            "App 2's settings were not read; give --target-resource-id or --auth-settings".to_owned()
        } else {
            "the root cause is not mended by a change of App 2's authentication settings, or they were not read whole"
                .to_owned()
        });
    };
    let text = serde_json::to_string_pretty(&edited).map_err(|error| error.to_string())?;
    let codes: Vec<&str> = mended.iter().map(|code| code.name()).collect();
    Ok((
        without_tokens(&text) + "\n",
        format!("App 2's whole settings, with {} mended", codes.join(" and ")),
    ))
}
