//! Refusals that Entra names itself.

use crate::case::code::Code;
use crate::case::credential::{CredentialSource, choose};
use crate::case::ids::ClientId;
use crate::case::resource;
use crate::case::text::{shortened, visible};
use crate::check::difference::{Difference, RESOURCE};
use crate::check::{Confidence, Found};
use crate::evidence::refusal::{EntraRefusal, Reply, echoed_resource};
use crate::evidence::{Evidence, Origin, target};
use crate::knowledge;

/// Where Entra itself tells more of a refusal.
pub(super) const SIGN_IN_LOGS: &str = "Entra's sign-in logs (Entra ID > Monitoring > Sign-in logs > Service principal \
     sign-ins, and Managed identity sign-ins) at the time of this run, by the correlation id";

/// The finding of a refusal with Entra's own words.
pub(super) fn finding(evidence: &Evidence<'_>, reply: &Reply<'_>, refusal: &EntraRefusal) -> Found {
    let entry = knowledge::entra_error(&refusal.number);
    let code = entry.map_or(Code::TokenRequestRejected, |entry| {
        refine(evidence, &refusal.number, entry.finding, &refusal.text)
    });
    let resource = super::transient::resource_of(evidence);
    let said = if refusal.text.is_empty() {
        refusal.error.clone().unwrap_or_else(|| "no text".to_owned())
    } else {
        refusal.text.clone()
    };
    let meaning = match entry {
        Some(entry) => format!(" {}", entry.meaning),
        None if refusal.number.is_empty() => String::new(),
        None => format!(
            " This program does not know AADSTS{}; the sign-in logs tell more.",
            refusal.number
        ),
    };
    let mut finding = Found::error(code, format!("Entra refuses a token for {resource}: {said}{meaning}"))
        .because(reply.evidence())
        .confirm(SIGN_IN_LOGS)
        .value("aadsts", refusal.number.clone());
    for (name, id) in [("trace id", &refusal.trace), ("correlation id", &refusal.correlation)] {
        if let Some(id) = id {
            finding = finding.because_of(Origin::Exchange(reply.exchange.id), format!("{name} {id}"));
        }
    }
    for (name, id) in [("trace_id", &refusal.trace), ("correlation_id", &refusal.correlation)] {
        if let Some(id) = id {
            finding = finding.value(name, id.clone());
        }
    }
    match code {
        Code::FederatedCredentialMismatch => finding = with_outside_token(evidence, finding),
        Code::DeveloperToolNotPreauthorized => {
            if let Some(tool) = first_party(evidence, &refusal.text) {
                finding = finding.value("developer_tool_client_id", tool);
            }
        }
        Code::ResourceNotRegistered | Code::ScopeDefaultInResource | Code::ScopeNameInResource => {
            finding = finding.differs(names(evidence, &refusal.text));
        }
        _ => {}
    }
    if code == Code::IdentityEndpointTransient {
        finding = finding.confidence(Confidence::Likely);
    }
    finding
}

/// The resource that Entra doesn't find beside what it would: the name without a scope's, else App 2's own names.
fn names(evidence: &Evidence<'_>, text: &str) -> Difference {
    let asked = evidence.resource.as_ref().map(|chosen| chosen.value.as_str());
    let looked_for = echoed_resource(text).or(asked);
    let bare = looked_for.map(resource::normalise);
    if let Some(bare) = bare.filter(|bare| !bare.removed.is_empty()) {
        return Difference::of(RESOURCE, [bare.value], looked_for, "the name without a scope");
    }
    let (names, mut sources): (Vec<String>, Vec<String>) = target::own_names(evidence)
        .into_iter()
        .filter(|(name, _)| Some(name.as_str()) != looked_for)
        .unzip();
    sources.dedup();
    Difference::of(RESOURCE, names, looked_for, sources.join(", "))
}

/// Numbers that mean different things with different credentials and resources.
fn refine(evidence: &Evidence<'_>, number: &str, code: Code, text: &str) -> Code {
    let source = evidence
        .environment
        .as_ref()
        .map(|environment| choose(environment, &evidence.inputs).source);
    match code {
        Code::ResourceNotRegistered => by_echo(text).unwrap_or(code),
        // Only a tool that signs in a person needs consent; an app that gets this answer asks wrongly.
        Code::DeveloperToolNotPreauthorized
            if source != Some(CredentialSource::AzureCli) && first_party(evidence, text).is_none() =>
        {
            match number {
                "650052" | "650056" | "650057" => Code::ResourceNotRegistered,
                _ => Code::TokenRequestRejected,
            }
        }
        Code::CallerCertificateRejected if source == Some(CredentialSource::WorkloadIdentity) => {
            Code::FederatedCredentialMismatch
        }
        Code::FederatedCredentialMismatch if source == Some(CredentialSource::ClientCertificate) => {
            Code::CallerCertificateRejected
        }
        Code::ScopeNameInResource | Code::ScopeDefaultInResource => {
            let asked = evidence
                .resource
                .as_ref()
                .map(|chosen| resource::normalise(&chosen.value));
            match asked {
                Some(asked) if asked.removed.is_empty() => Code::TokenRequestRejected,
                _ => code,
            }
        }
        other => other,
    }
}

/// What the outside token says, beside which the federated credentials must be laid.
fn with_outside_token(evidence: &Evidence<'_>, finding: Found) -> Found {
    let Some(token) = &evidence.outside_token else {
        return finding;
    };
    let claims = [
        ("iss", token.issuer.clone(), "federation_issuer"),
        ("sub", token.subject.clone(), "subject"),
        (
            "aud",
            Some(token.audiences.join(", ")).filter(|list| !list.is_empty()),
            "federation_audience",
        ),
    ];
    // With another audience a credential for issuer and subject does not help; the token must be asked for anew.
    let exchange = [
        "api://AzureADTokenExchange",
        "api://AzureADTokenExchangeUSGov",
        "api://AzureADTokenExchangeChina",
    ];
    let usual = token.audiences.is_empty()
        || token
            .audiences
            .iter()
            .any(|audience| exchange.contains(&audience.as_str()));
    let left_out = if usual { "federation_audience" } else { "subject" };
    claims.into_iter().fold(finding, |finding, (claim, value, name)| {
        let Some(value) = value else {
            return finding;
        };
        let finding = finding.because(format!(
            "the outside token's {claim} = {}",
            visible(&shortened(&value, 300))
        ));
        if name == left_out {
            finding
        } else {
            finding.value(name, value)
        }
    })
}

/// The client id of the caller, where it is one of Microsoft's own tools: in Entra's text or in what this run was given.
fn first_party(evidence: &Evidence<'_>, text: &str) -> Option<String> {
    let given = evidence
        .environment
        .as_ref()
        .and_then(|environment| environment.text("AZURE_CLIENT_ID"));
    text.split(|character: char| !character.is_ascii_alphanumeric() && character != '-')
        .chain(evidence.inputs.client_id.as_ref().map(ClientId::as_str))
        .chain(given)
        .find(|word| resource::is_guid(word) && knowledge::first_party_app(word).is_some())
        .map(str::to_owned)
}

/// AADSTS500011 repeats the name it looked for: a scope in it is the cause.
fn by_echo(text: &str) -> Option<Code> {
    let name = echoed_resource(text)?;
    resource::normalise(name)
        .removed
        .iter()
        .find_map(|removed| match removed {
            resource::Removed::DefaultScope => Some(Code::ScopeDefaultInResource),
            resource::Removed::ScopeName(_) => Some(Code::ScopeNameInResource),
            resource::Removed::Wrapping => None,
        })
}
