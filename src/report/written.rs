//! What is written for other programs to take: App 2's settings with the root cause fixed.

use crate::case::code::Code;
use crate::case::secret::without_tokens;
use crate::case::shown::ShownCase;
use crate::case::shown::settings::possible_secrets;
use crate::case::text::{visible, visible_json};
use crate::knowledge::{self, phrase};

use super::{Report, Verdict, fixes};

/// The text of the cases of reports as they are saved: one object, or with `many` an array.
#[must_use]
pub fn saved(reports: &[Report], many: bool) -> String {
    let cases: Vec<&ShownCase> = reports.iter().map(Report::case).collect();
    let written = match cases.as_slice() {
        [only] if !many => serde_json::to_string_pretty(only),
        all => serde_json::to_string_pretty(all),
    };
    // These types cannot fail to serialize: their maps have text keys, and paths came from texts.
    visible_json(&without_tokens(&written.unwrap_or_default())) + "\n"
}

/// Why no edited settings are written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NothingToWrite {
    /// Nothing is wrong.
    #[error("{}", phrase("edited.passes").text())]
    Passes,
    /// No settings.
    #[error("{}", phrase("edited.not-read").text())]
    NotRead,
    /// The settings are not at fault.
    #[error("{}", phrase("edited.other-cause").with_some("code", *.code).text())]
    OtherCause {
        /// The root cause, where it is known.
        code: Option<&'static str>,
    },
    /// The settings are at fault, and this program can't make the change.
    #[error("{}", phrase("edited.by-hand").with("code", *.code).text())]
    ByHand {
        /// The root cause.
        code: &'static str,
    },
    /// The settings are at fault, and only a part of them is known.
    #[error("{}", phrase("edited.incomplete").text())]
    Incomplete,
    /// What would be written could take a setting away or show a secret.
    #[error("{}", phrase("edited.unknown-members").with("members", .members).text())]
    UnknownMembers {
        /// The members, as they may be shown.
        members: String,
    },
    /// A secret in an unexpected place.
    #[error("{}", phrase("edited.secret").text())]
    Secret,
    /// The settings cannot be written as JSON.
    #[error("{0}")]
    NoJson(String),
}

/// The text of App 2's settings with the root cause fixed, and a sentence that says so.
///
/// # Errors
/// Why there is nothing to write.
pub fn edited_settings(report: &Report) -> Result<(String, String), NothingToWrite> {
    // What is only assumed may hide the very fault that is to be fixed.
    let report = &*report.as_observed();
    let Some((edited, fixed)) = report.edited_settings() else {
        let root = report.diagnosis().root_cause.as_ref().map(|root| root.code);
        let root = root.filter(|code| !code.is_undetermined());
        let of_settings = root.and_then(knowledge::finding).filter(|entry| entry.is_fixed_by_settings());
        return Err(if report.verdict() == Verdict::Pass {
            NothingToWrite::Passes
        } else if report.case().settings.iter().all(|reading| reading.outcome.is_err()) {
            NothingToWrite::NotRead
        } else if of_settings.is_some() && !fixes::has_whole_settings(report.observed()) {
            NothingToWrite::Incomplete
        } else {
            match root.map(Code::name) {
                Some(code) if of_settings.is_some() => NothingToWrite::ByHand { code },
                code => NothingToWrite::OtherCause { code },
            }
        });
    };
    let unknown = possible_secrets(&edited);
    if !unknown.is_empty() {
        return Err(NothingToWrite::UnknownMembers { members: visible(&unknown.join(", ")) });
    }
    let text = serde_json::to_string_pretty(&edited).map_err(|error| NothingToWrite::NoJson(error.to_string()))?;
    if report.observed().secrets.scrub(&text) != text {
        return Err(NothingToWrite::Secret);
    }
    let codes: Vec<&str> = fixed.iter().map(|code| code.name()).collect();
    let said = phrase("edited.written").with("codes", codes.join(" and ")).text();
    Ok((without_tokens(&text) + "\n", said))
}
