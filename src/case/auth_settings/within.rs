//! Settings within a document of another tool: the answers to a batch, a what-if, an entry of the activity log, a
//! stack of Pulumi, the parameters of a deployment, or an export of one's own.

use serde_json::Value;

use super::candidate::Candidate;
use super::fields::{has_any, member};
use super::{AuthSettings, Shape, v2};
use crate::case::json;
use crate::case::resource_id::ResourceId;

/// Documents are searched to this depth.
const DEEPEST: usize = 8;
/// What is stored now, and what is to be: what-if of Azure Resource Manager, steps of a preview and a stack of Pulumi.
const NOW_AND_THEN: [(&str, &str); 3] = [("before", "after"), ("oldState", "newState"), ("outputs", "inputs")];

/// The settings in a document, each once. Equal settings of the same app are the same.
pub(super) fn candidates(value: &Value) -> Vec<Candidate> {
    let mut found = Vec::new();
    walk(value, Place { app: None, planned: false, depth: DEEPEST }, &mut found);
    found
}

/// Where in the document the search is.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// The app that an object around it names.
    app: Option<&'a ResourceId>,
    /// Whether it is what is to be deployed.
    planned: bool,
    depth: usize,
}

/// Whether this is a whole settings object: single members of one have names that other things have, too.
fn is_settings(value: &Value) -> bool {
    v2::is_v2(value) && has_any(value, &["identityProviders"]) && has_any(value, &["platform", "globalValidation"])
}

/// Whether there are settings. What is stored now is read first: beside it, what is to be says nothing.
fn walk(value: &Value, place: Place<'_>, found: &mut Vec<Candidate>) -> bool {
    let Some(depth) = place.depth.checked_sub(1) else { return false };
    let place = Place { depth, ..place };
    match value {
        Value::Object(_) if is_settings(value) => {
            let read = v2::read(value, Shape::V2);
            let (site_id, planned) = (place.app.cloned(), place.planned);
            let settings = AuthSettings { editable: None, site_id, planned, ..read };
            if found.iter().all(|known| known.settings != settings) {
                found.push(Candidate::of_settings(settings, "authsettingsV2"));
            }
            true
        }
        Value::Object(members) => {
            let ids = ["id", "resourceId"].iter().filter_map(|name| member(value, name)?.as_str());
            let own = ids
                .map(ResourceId::new)
                .find_map(|id| id.app_of_configuration().or_else(|| id.app().is_some().then(|| id.clone())));
            let place = Place { app: own.as_ref().or(place.app), ..place };
            let mut with_settings = Vec::new();
            for (name, inner) in members.iter().filter(|(name, _)| NOW_AND_THEN.iter().all(|(_, then)| then != name)) {
                // The parameters of a deployment are what it will write.
                let planned = place.planned || name == "parameters";
                with_settings.extend(walk(inner, Place { planned, ..place }, found).then_some(name.as_str()));
            }
            let mut has_planned = false;
            for (_, then) in NOW_AND_THEN.iter().filter(|(now, _)| !with_settings.contains(now)) {
                has_planned |= members.get(*then).is_some_and(|it| walk(it, Place { planned: true, ..place }, found));
            }
            has_planned || !with_settings.is_empty()
        }
        // All of them, not only up to the first.
        Value::Array(items) => items.iter().filter(|inner| walk(inner, place, found)).count() > 0,
        // A body that was logged is JSON within a text.
        Value::String(text) if text.starts_with('{') && text.contains("identityProviders") => {
            json::parse(text).is_ok_and(|inner| walk(&inner, place, found))
        }
        _ => false,
    }
}
