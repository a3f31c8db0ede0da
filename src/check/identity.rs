//! Step 1, `identity`: does App 1 have an identity that can be used from here?
//!
//! By App 1's environment, and the answers to token requests that concern the identity and not the resource.

mod absent;
mod endpoint;
mod expected;

pub use expected::is_anothers;

use crate::check::prelude::*;

pub(super) fn judge(evidence: &Evidence<'_>, _: Earlier<'_>, report: &mut StepReport) {
    let Some(environment) = &evidence.environment else {
        if evidence.token.is_none() {
            return report.conclude(phrase("identity.not-read"));
        }
        report.findings.extend(expected::finding(evidence));
        return conclude(evidence, CredentialSource::Token, report);
    };
    let choice = credential::choose(environment, &evidence.inputs);
    let unusable = incomplete(environment, &choice)
        .or_else(|| no_responder(environment))
        .or_else(|| placeholder(evidence, environment, &choice));
    if let Some(finding) = unusable {
        report.find(finding);
    } else if choice.source == CredentialSource::Unavailable {
        absent::judge(evidence, environment, report);
    } else {
        endpoint::judge(evidence, environment, &choice, report);
        let stray = stray_service_principal(evidence, environment, &choice);
        let excluded = excluded(evidence, environment, &choice);
        let others = [expected::finding(evidence), stray, excluded, marked(evidence, environment)];
        report.findings.extend(others.into_iter().flatten());
    }
    let typo = absent::misspelled(environment).and_then(|finding| finding.confirming(&mut report.findings));
    report.findings.extend(typo);
    conclude(evidence, choice.source, report);
}

fn incomplete(environment: &Environment, choice: &Choice) -> Option<Found> {
    let is_federated = choice.source == CredentialSource::WorkloadIdentity;
    let of_choice = || {
        Found::of(Code::CredentialIncomplete, "environment")
            .value("credential", choice.source.kind().name())
            .value("missing", choice.missing.clone())
            .when("federated", is_federated)
            .because(&choice.because)
    };
    let is_injected = is_federated && credential::is_pod(environment);
    (!choice.missing.is_empty()).then(|| if is_injected { absent::not_injected(environment) } else { of_choice() })
}

/// A selector of the managed identity that only holds the place of an ID, which no identity has.
fn placeholder(evidence: &Evidence<'_>, environment: &Environment, choice: &Choice) -> Option<Found> {
    let value = credential::placeholder(environment, &evidence.inputs)?;
    let place = environment.variable("AZURE_CLIENT_ID")?.place.to_string();
    matches!(choice.source, CredentialSource::ManagedIdentity(_)).then(|| {
        Found::of(Code::SelectedIdentityNotAttached, "placeholder")
            .value("selected_identity", short(value))
            .value("place", place)
            .when("key_vault", Unresolved::of(value) == Some(Unresolved::Reference))
            .because_variable(environment, "AZURE_CLIENT_ID")
    })
}

/// Azure Machine Learning's own word for a compute without an identity, where the endpoint's address would be.
fn no_responder(environment: &Environment) -> Option<Found> {
    let is_named = environment.text("MSI_ENDPOINT") == Some(credential::NO_RESPONDER);
    is_named.then(|| Found::of(Code::IdentityNotEnabled, "responder").because_variable(environment, "MSI_ENDPOINT"))
}

/// `AZURE_TOKEN_CREDENTIALS` takes the credential out of the chain of App 1's SDK, whatever its endpoint answers here.
fn excluded(evidence: &Evidence<'_>, environment: &Environment, choice: &Choice) -> Option<Found> {
    let value = credential::excluded_by(environment, &evidence.inputs, choice)?;
    let finding = Found::of(Code::CredentialExcluded, "environment")
        .value("chain", short(value))
        .value("credential", choice.source.kind().name());
    Some(finding.because_variable(environment, "AZURE_TOKEN_CREDENTIALS"))
}

/// A byte order mark before the federated token: some SDKs send it, too.
fn marked(evidence: &Evidence<'_>, environment: &Environment) -> Option<Found> {
    evidence.outside_token.as_ref().filter(|token| token.marked)?;
    let file = environment.text("AZURE_FEDERATED_TOKEN_FILE").map(short);
    Some(Found::of(Code::CredentialIncomplete, "marked").value_if_any("file", file))
}

/// The variables of a service principal in an app with a managed identity: SDKs then use the service principal.
fn stray_service_principal(evidence: &Evidence<'_>, environment: &Environment, choice: &Choice) -> Option<Found> {
    let finding = Found::of(Code::UnexpectedIdentityUsed, "environment")
        .value("platform", evidence.shadowed_identity()?.name())
        .value_if_any("client", environment.text("AZURE_CLIENT_ID").map(short));
    Some(finding.because(&choice.because))
}

fn conclude(evidence: &Evidence<'_>, source: CredentialSource, report: &mut StepReport) {
    let is_open = !report.findings.iter().any(Found::is_determined) && evidence.exchange(&Purpose::Token).is_some();
    if report.conclude_by_error(if is_open { StepStatus::Unknown } else { StepStatus::Fail }) {
        return;
    }
    let requests = [Purpose::Token, Purpose::TokenForResourceManager, Purpose::TokenForBareClientId];
    let replies: Vec<Reply<'_>> = requests.iter().filter_map(|purpose| Reply::to(evidence, purpose)).collect();
    // Entra identifies the caller before it refuses the resource; an opaque error shows nothing about the caller.
    let is_known = |reply: &Reply<'_>| matches!(reply.class, Class::Issued | Class::Entra(_));
    let is_given = evidence.credential_source() == Some(CredentialSource::Token);
    let token = evidence.decoded().filter(|token| is_given || !token.claims.is_empty());
    let reason = evidence.left_out(&Purpose::Token);
    let summary = if let Some(token) = token {
        let caller = token.caller_client_id().map(|id| short(id.as_str()));
        phrase("identity.of-token").with_some("caller", caller)
    } else if replies.iter().any(is_known) {
        phrase("identity.usable")
    } else if !replies.is_empty() {
        phrase("identity.not-shown")
    } else {
        phrase(if reason.is_some() { "identity.left-out" } else { "identity.not-tested" }).with_some("reason", reason)
    };
    report.conclude(summary.with("credential", knowledge::credential(&source)));
}

#[cfg(test)]
mod tests;
