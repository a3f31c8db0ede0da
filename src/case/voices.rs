//! What the sources of a case name as App 2's.

use super::Case;
use super::resource::relation::Relation;
use super::target_names::{Name, Voice, in_exchange, in_inputs, in_settings};

/// App 2's names according to the user, the settings, and App 2's answers.
pub fn names(case: &Case) -> Vec<Name> {
    let given = in_inputs(&case.inputs).filter(|name| name.by != Voice::Host);
    let settings = case.settings.iter().flat_map(in_settings);
    let answers = case.exchanges.iter().flat_map(in_exchange);
    given.chain(settings).chain(answers).collect()
}

/// The sources that name this resource, the most reliable first.
#[must_use]
pub fn naming(case: &Case, resource: &str) -> Vec<Voice> {
    let same = names(case).into_iter().filter(|name| name.is(Relation::Same, resource));
    let mut voices: Vec<Voice> = same.map(|name| name.by).collect();
    crate::sort::all(&mut voices);
    voices.dedup();
    voices
}

/// The sources, in words.
#[must_use]
pub fn words(voices: &[Voice]) -> Vec<String> {
    voices.iter().map(ToString::to_string).collect()
}
