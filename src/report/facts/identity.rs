//! App 1's credential, where it was found, and whose token it gave.

use crate::case::credential::{self, Choice, CredentialSource};
use crate::case::environment::Environment;
use crate::case::shown::variables;
use crate::case::text::short;
use crate::evidence::Evidence;
use crate::knowledge::{self, Words};

use super::shown::{Shown, Table};

pub(super) fn facts(evidence: &Evidence<'_>, shown: &mut Shown) {
    let environment = evidence.environment.as_ref();
    let choice = environment.map(|environment| credential::choose(environment, &evidence.inputs));
    if let Some((environment, choice)) = environment.zip(choice.as_ref()) {
        of_environment(evidence, environment, choice, shown);
        shown.tables.extend(table(environment));
    }
    let is_used = choice.is_none_or(|choice| choice.source != CredentialSource::Unavailable);
    if let Some(claims) = evidence.decoded().filter(|_| is_used) {
        shown.fact_if_any("token client ID", claims.caller_client_id().map(|id| short(id.as_str())));
        shown.fact_if_any("token object ID", claims.object_id().map(|id| short(id.as_str())));
        shown.fact_if_any("token managed identity", claims.text("xms_mirid").map(short));
    }
}

fn of_environment(evidence: &Evidence<'_>, environment: &Environment, choice: &Choice, shown: &mut Shown) {
    shown.fact("credential", knowledge::credential(&choice.source));
    shown.fact("because", &choice.because);
    if matches!(choice.source, CredentialSource::ManagedIdentity(_)) {
        let (selector, reason) = credential::effective_selector(environment, &evidence.inputs);
        shown.fact("identity", format!("{selector} ({reason})"));
    }
    for (name, label) in knowledge::marks("host").iter().filter_map(|mark| mark.split_once(": ")) {
        shown.fact_if_any(label, environment.text(name).map(short));
    }
    for reading in &environment.places {
        shown.fact(&format!("read {}", reading.place), reading.said());
    }
}

/// The variables that select the identity, and where each was found.
fn table(environment: &Environment) -> Option<Table> {
    let decides = |name: &str| {
        let name = name.to_ascii_uppercase();
        ["IDENTITY_", "MSI_", "AZURE_", "IMDS_"].iter().any(|prefix| name.starts_with(prefix))
            || name.ends_with("_PROXY")
    };
    let deciding = environment.variables.iter().filter(|variable| decides(&variable.name));
    let rows: Vec<Vec<Words>> = deciding
        .map(|variable| {
            let value = match variables::value(variable) {
                _ if variable.is_empty() => "(empty)".to_owned(),
                Some(text) => short(&text),
                None => "(set, not shown)".to_owned(),
            };
            vec![(&variable.name).into(), value.into(), variable.place.to_string().into()]
        })
        .collect();
    let columns = &["variable", "value", "found in"];
    (!rows.is_empty()).then_some(Table { title: "Identity variables", columns, rows })
}
