//! The filter of `jq` that moves App 2's misplaced settings to the places that Easy Auth reads them from.

use serde_json::Value as Json;

use crate::case::Case;
use crate::case::auth_settings::home;
use crate::case::text::is_deceptive;
use crate::evidence::target;
use crate::knowledge::shell_word;

/// The filter, as a word of a shell; `None` where nothing is misplaced, or it isn't in the stored object as it is
/// named.
pub(super) fn filter(case: &Case) -> Option<String> {
    let settings = target::stored(case)?;
    let stored = settings.editable.as_ref()?;
    let moves: Vec<String> =
        settings.misplaced.iter().map(|place| moved(stored, place, home(place)?)).collect::<Option<_>>()?;
    let filter = moves.join(" | ");
    (!filter.is_empty() && !filter.chars().any(is_deceptive)).then(|| shell_word(&filter))
}

/// One setting to its place: a list's entries and an object's members join those that are there.
fn moved(stored: &Json, place: &str, home: &str) -> Option<String> {
    // The letters of other names would be read as an operator.
    if place.contains('-') {
        return None;
    }
    let value = whole(place).split('.').skip(1).try_fold(stored, |value, name| value.get(name))?;
    let (from, to) = (whole(place), whole(home));
    Some(match value {
        Json::Array(_) => format!("{to} = (({to} // []) + {from} | unique) | del({from})"),
        Json::Object(_) => format!("{to} = (({to} // {{}}) * {from}) | del({from})"),
        _ => format!("{to} = ({to} // {from}) | del({from})"),
    })
}

/// The path of `jq` for a path of a finding.
fn whole(path: &str) -> String {
    let within = path.starts_with("azureActiveDirectory.");
    let providers = if within { "identityProviders." } else { "" };
    format!(".properties.{providers}{path}")
}
