//! Step 1, `identity`: has App 1 an identity, and can it be used from here?
//!
//! The step judges what App 1's machine says of itself, and those answers to the token request that speak of the identity
//! and not of the resource (`identity/endpoint.rs`). Who the token really stands for is compared with who was meant
//! (`identity/expected.rs`).

mod absent;
mod endpoint;
mod expected;

use crate::case::code::Code;
use crate::case::credential::{self, Choice, CredentialSource};
use crate::case::environment::Environment;
use crate::case::exchange::Purpose;
use crate::case::inputs::CredentialKind;
use crate::case::shown::variables;
use crate::case::step::StepId;
use crate::case::text::visible;

use super::words::short;
use super::{Earlier, Found, Severity, StepReport, StepStatus, Table};
use crate::evidence::Evidence;
use crate::evidence::refusal::{Class, Reply};
use crate::knowledge::Words;

/// Judges the step.
#[must_use]
pub fn check(evidence: &Evidence<'_>, _: Earlier<'_>) -> StepReport {
    let mut report = StepReport::new(StepId::Identity);
    let Some(environment) = &evidence.environment else {
        if evidence.token.is_some() {
            expected::judge(evidence, None, &mut report);
            conclude(evidence, None, &mut report);
        } else {
            report.conclude(StepStatus::Unknown, "App 1's machine was not read yet");
        }
        return report;
    };
    let choice = credential::choose(environment, &evidence.inputs);
    facts(evidence, environment, &choice, &mut report);
    report.tables.extend(table(environment));
    if let Some(finding) = incomplete(&choice) {
        report.find(finding);
    } else if choice.source == CredentialSource::Unavailable {
        absent::judge(environment, &mut report);
    } else {
        endpoint::judge(evidence, environment, &choice, &mut report);
        expected::judge(evidence, Some(environment), &mut report);
        if let Some(finding) = stray_service_principal(evidence, environment, &choice) {
            report.find(finding);
        }
    }
    conclude(evidence, Some(&choice), &mut report);
    report
}

/// Variables that say where App 1 runs, in the order in which they are shown.
const MARKS: [(&str, &str); 12] = [
    ("WEBSITE_SITE_NAME", "site"),
    ("WEBSITE_SLOT_NAME", "slot"),
    ("WEBSITE_RESOURCE_GROUP", "resource group"),
    ("WEBSITE_OWNER_NAME", "subscription and webspace"),
    ("REGION_NAME", "region"),
    ("WEBSITE_SKU", "plan"),
    ("WEBSITE_OS", "site's operating system"),
    ("FUNCTIONS_EXTENSION_VERSION", "Functions version"),
    ("FUNCTIONS_WORKER_RUNTIME", "Functions language"),
    ("CONTAINER_APP_NAME", "container app"),
    ("CONTAINER_APP_REVISION", "revision"),
    ("KUBERNETES_SERVICE_HOST", "Kubernetes"),
];

fn facts(evidence: &Evidence<'_>, environment: &Environment, choice: &Choice, report: &mut StepReport) {
    report.fact("credential", source_name(&choice.source));
    report.fact("because", visible(&choice.because));
    if matches!(choice.source, CredentialSource::ManagedIdentity(_)) {
        let (selector, reason) = credential::effective_selector(environment, &evidence.inputs);
        report.fact(
            "identity",
            format!("{} ({})", visible(&selector.to_string()), visible(&reason)),
        );
    }
    for (name, label) in MARKS {
        if let Some(value) = environment.text(name) {
            report.fact(label, short(value));
        }
    }
    for reading in &environment.places {
        let outcome = match &reading.outcome {
            Ok(count) => format!("{count} variables"),
            Err(reason) => format!("not readable: {}", visible(reason)),
        };
        report.fact(&format!("read {}", reading.place), outcome);
    }
}

/// The name of a credential's source, for people.
fn source_name(source: &CredentialSource) -> String {
    match source {
        CredentialSource::ManagedIdentity(platform) => format!("managed identity ({})", platform.name()),
        CredentialSource::ClientSecret => "service principal with a secret".to_owned(),
        CredentialSource::ClientCertificate => "service principal with a certificate".to_owned(),
        CredentialSource::WorkloadIdentity => "workload identity (federated token file)".to_owned(),
        CredentialSource::AzureCli => "Azure CLI".to_owned(),
        CredentialSource::Token => "a given token".to_owned(),
        CredentialSource::Unavailable => "none".to_owned(),
    }
}

/// The variables that decide the identity, with where each was found.
fn table(environment: &Environment) -> Option<Table> {
    let decides = |name: &str| {
        ["IDENTITY_", "MSI_", "AZURE_", "IMDS_"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
            || name.to_ascii_uppercase().ends_with("_PROXY")
    };
    let rows: Vec<Vec<Words>> = environment
        .variables
        .iter()
        .filter(|variable| decides(&variable.name))
        .map(|variable| {
            let value = match variables::value(variable) {
                _ if variable.is_empty() => "(empty)".to_owned(),
                Some(text) => short(&text),
                None => "(set, not shown)".to_owned(),
            };
            vec![
                visible(&variable.name).into(),
                value.into(),
                variable.place.to_string().into(),
            ]
        })
        .collect();
    (!rows.is_empty()).then_some(Table {
        title: "Identity variables",
        columns: &["variable", "value", "found in"],
        rows,
    })
}

fn incomplete(choice: &Choice) -> Option<Found> {
    if choice.missing.is_empty() {
        return None;
    }
    Some(
        Found::error(
            Code::CredentialIncomplete,
            format!(
                "The credential {} lacks {}.",
                choice.source.kind().name(),
                choice.missing.join(" and ")
            ),
        )
        .because(visible(&choice.because)),
    )
}

/// Secrets of a service principal in an app that has a managed identity: the SDKs then call as the service principal.
fn stray_service_principal(evidence: &Evidence<'_>, environment: &Environment, choice: &Choice) -> Option<Found> {
    let by_variables = matches!(
        choice.source,
        CredentialSource::ClientSecret | CredentialSource::ClientCertificate | CredentialSource::WorkloadIdentity
    ) && evidence.inputs.credential == CredentialKind::Auto;
    let platform = credential::platform(environment).filter(|_| by_variables)?;
    Some(
        Found::warning(
            Code::UnexpectedIdentityUsed,
            format!(
                "App 1 calls as the service principal {} and not as its managed identity ({}): variables of a service principal \
                 are set, and the SDKs' default chain takes them first.",
                environment.text("AZURE_CLIENT_ID").map_or_else(|| "of AZURE_CLIENT_ID".to_owned(), short),
                platform.name()
            ),
        )
        .because(visible(&choice.because)),
    )
}

fn conclude(evidence: &Evidence<'_>, choice: Option<&Choice>, report: &mut StepReport) {
    if let Some(error) = report.first_error() {
        let summary = error.message();
        report.conclude(StepStatus::Fail, summary);
        return;
    }
    let warned = report
        .findings
        .iter()
        .any(|finding| finding.severity == Severity::Warning);
    let good = if warned { StepStatus::Warn } else { StepStatus::Pass };
    let name = choice.map_or_else(|| "a given token".to_owned(), |choice| source_name(&choice.source));
    if let Some(token) = &evidence.token {
        let who = token
            .decoded
            .caller_client_id()
            .map(|id| format!(", client id {}", short(id.as_str())))
            .unwrap_or_default();
        report.conclude(good, format!("{name}{who}"));
        return;
    }
    let answers = [
        Purpose::Token,
        Purpose::TokenForResourceManager,
        Purpose::TokenForBareClientId,
    ];
    let replies: Vec<Reply<'_>> = answers
        .iter()
        .filter_map(|purpose| Reply::to(evidence, purpose))
        .collect();
    let works = replies.iter().any(|reply| {
        // Entra knows the caller by name when it refuses the resource; an opaque error shows nothing of it.
        matches!(reply.class, Class::Issued | Class::Entra(_))
    });
    if works {
        report.conclude(good, format!("{name} answers"));
    } else if !replies.is_empty() {
        report.conclude(
            StepStatus::Unknown,
            format!("{name}: its answer does not show whether the identity works"),
        );
    } else {
        let waiting = evidence
            .left_out(&Purpose::Token)
            .map_or_else(|| "it was not asked yet".to_owned(), visible);
        let complete = evidence.is_settled(StepId::Identity) && !warned;
        let status = if complete {
            StepStatus::Pass
        } else {
            StepStatus::Unknown
        };
        report.conclude(status, format!("{name}: {waiting}"));
    }
}

#[cfg(test)]
mod tests;
