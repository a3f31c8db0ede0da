//! App 2's stored settings: the whole object with the fix in it.

use serde_json::Value as Json;

use crate::case::Case;
use crate::case::auth_settings::{AuthSettings, SettingsReading};
use crate::case::code::Code;
use crate::diagnosis::Remedy;
use crate::evidence::target;
use crate::knowledge::{Found, SettingsChange, with_changes};

/// App 2's settings object with lists extended, or the issuer set, so that these findings are fixed, for the person to
/// send back with a PUT; and the codes of those that it fixes. `None` where the settings were not read whole, where a
/// change's value is not known, and where such a change fixes none of them.
pub fn edited_settings(case: &Case, findings: &[&Found]) -> Option<(Json, Vec<Code>)> {
    let mut edited = editable(case)?.clone();
    let mut fixed = Vec::new();
    for finding in findings {
        let remedy = Remedy::of(case, finding);
        let changes = remedy.changes();
        // What is stored right already is not edited.
        if remedy.stored_without().is_some() || !changes.iter().all(SettingsChange::is_in_settings) {
            continue;
        }
        let after = with_changes(&edited, &changes)?;
        // What the settings say already fixes nothing.
        if after != edited {
            fixed.push(finding.code);
            edited = after;
        }
    }
    let edited = if target::config_file(case).is_some() { AuthSettings::in_a_file(edited)? } else { edited };
    (!fixed.is_empty()).then_some((edited, fixed))
}

/// Whether App 2's settings were read whole, so that they can be written again.
pub fn has_whole_settings(case: &Case) -> bool {
    editable(case).is_some()
}

/// The object as it is stored, else that of the settings in force, else of any other reading that holds it whole.
fn editable(case: &Case) -> Option<&Json> {
    let all = case.settings.iter().filter_map(SettingsReading::settings);
    let in_azure = target::settings(case).into_iter().chain(all).filter(|settings| settings.config_file_path.is_none());
    target::stored(case).into_iter().chain(in_azure).find_map(|settings| settings.editable.as_ref())
}
