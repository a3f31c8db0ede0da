//! Who names a resource as App 2's, and whether anybody but App 2 itself does.

use crate::case::code::Code;
use crate::case::may_send::{Decision, Permission};
use crate::case::resource::relation::{Relation, is_client_id, relation};
use crate::case::resource::{ChosenResource, is_guid, well_known};
use crate::case::target_names::{self, Name, Voice};
use crate::case::text::visible;
use crate::check::weigh::is_disproved;
use crate::check::{Found, Severity};
use crate::evidence::{Evidence, Origin};

/// The names that the user, the settings, and App 2's answers give it.
fn names(evidence: &Evidence<'_>) -> Vec<Name> {
    let given = target_names::in_inputs(&evidence.inputs).filter(|name| name.by != Voice::Host);
    let settings = evidence.settings.iter().flat_map(target_names::in_settings);
    let answers = evidence.exchanges.iter().flat_map(target_names::in_exchange);
    given.chain(settings).chain(answers).collect()
}

/// Who names this resource, the most reliable first.
pub(super) fn naming(evidence: &Evidence<'_>, resource: &str) -> Vec<Voice> {
    let mut voices: Vec<Voice> = names(evidence)
        .iter()
        .filter(|name| relation(&name.value, resource, None) == Relation::Same)
        .map(|name| name.by)
        .collect();
    voices.sort_unstable();
    voices.dedup();
    voices
}

/// The sources in words: "App 2's own answer and the settings file".
pub(super) fn words(voices: &[Voice]) -> String {
    let words: Vec<String> = voices.iter().map(ToString::to_string).collect();
    match words.as_slice() {
        [] => "nobody".to_owned(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// The sources of a resource that nobody confirms; empty where somebody does.
pub(super) fn unconfirmed(evidence: &Evidence<'_>, chosen: &ChosenResource) -> Vec<Voice> {
    let voices = naming(evidence, &chosen.value);
    if voices.iter().any(|by| by.confirms()) {
        Vec::new()
    } else {
        voices
    }
}

/// What nobody confirms of a token that was given by hand and sent.
pub(super) fn of_a_given_token(evidence: &Evidence<'_>) -> Option<String> {
    match &evidence.decision {
        Some(Decision::Sent(Permission::Claimed { audience, by })) => Some(format!(
            "only {} names the token's audience {}",
            words(by),
            visible(audience)
        )),
        _ => None,
    }
}

/// Settings in Azure, or App 2's environment, and App 2's own answer name two client IDs. The settings decide which
/// token is requested; the answer may be that of another app.
pub(super) fn answered_otherwise(evidence: &Evidence<'_>, chosen: &ChosenResource) -> Option<Found> {
    let all = names(evidence);
    let by_settings = |by: Voice| matches!(by, Voice::ResourceManager | Voice::TargetEnviron);
    let own = all
        .iter()
        .find(|name| by_settings(name.by) && relation(&name.value, &chosen.value, None) == Relation::Same)?;
    let other = all
        .iter()
        .filter(|name| name.by == Voice::Challenge && is_guid(&name.value))
        .find(|name| relation(&name.value, &chosen.value, None) == Relation::Different)?;
    let message = format!(
        "App 2's own answer names the client ID {}. In {} it is {}, for which the token was requested.",
        visible(&other.value),
        own.by,
        visible(&own.value)
    );
    let finding = Found::warning(Code::ResourceDiffersFromTarget, message)
        .because(format!("{}: {}", own.by, visible(&own.value)))
        .because(format!("{}: {}", other.by, visible(&other.value)));
    Some(if is_disproved(evidence, finding.code) {
        Found {
            severity: Severity::Info,
            ..finding
        }
    } else {
        finding
    })
}

/// A v2 token has the client ID of the app whose URI was asked for: another one than App 2's own answer or a settings
/// file names. The user's word decides that it is sent, and the contradiction is told.
pub(super) fn token_names_another(evidence: &Evidence<'_>, chosen: &ChosenResource) -> Option<Found> {
    let Some(Decision::Sent(Permission::Confirmed { audience, .. })) = &evidence.decision else {
        return None;
    };
    if !is_client_id(audience) || is_client_id(&chosen.value) {
        return None;
    }
    let all = names(evidence);
    let is_named = |by: Voice| {
        all.iter()
            .any(|name| name.by == by && relation(&name.value, audience, None) == Relation::Same)
    };
    let other = all
        .iter()
        .filter(|name| !name.by.confirms() && is_client_id(&name.value) && !is_named(name.by))
        .filter(|name| relation(&name.value, audience, None) == Relation::Different)
        .min_by_key(|name| name.by)?;
    let message = format!(
        "{} names the client ID {}. The token for {} has the audience {}, the client ID of another app.",
        capitalized(&other.by.to_string()),
        visible(&other.value),
        visible(&chosen.value),
        visible(audience)
    );
    Some(
        Found::warning(Code::ResourceDiffersFromTarget, message)
            .because(format!("{}: {}", other.by, visible(&other.value)))
            .because_of(Origin::Claim("aud"), format!("aud = {}", visible(audience))),
    )
}

/// Why no resource was chosen although somebody names one: two sources disagree, or what is named is not taken unasked.
pub(super) fn not_taken(evidence: &Evidence<'_>) -> Option<String> {
    let all = names(evidence);
    let first = |by: Voice| all.iter().find(|name| name.by == by && is_client_id(&name.value));
    if let (Some(answer), Some(file)) = (first(Voice::Challenge), first(Voice::SettingsFile))
        && relation(&answer.value, &file.value, None) != Relation::Same
    {
        return Some(format!(
            "App 2's own answer names the client ID {}, and the settings file has {}. \
             Give the right one with --resource.",
            visible(&answer.value),
            visible(&file.value)
        ));
    }
    // A token for whatever an answer names could be stolen so: only a client ID of a customer's is taken.
    let named = all.iter().find(|name| !name.by.confirms())?;
    let says = format!("{} names {}", capitalized(&named.by.to_string()), visible(&named.value));
    Some(match well_known::api(&named.value) {
        Some(api) => format!(
            "{says}, which is {api}. A token for it works there, so it isn't requested. \
             Give App 2's own name with --resource."
        ),
        None => format!(
            "{says}. It isn't used unless you give it: if it is App 2's, add --resource {}.",
            visible(&named.value)
        ),
    })
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map(|first| first.to_uppercase().chain(characters).collect())
        .unwrap_or_default()
}
