//! Refusals with Microsoft Entra ID's own text.

use super::assertion;
use super::transient::{requested, source};
use crate::case::target_names;
use crate::check::prelude::*;
use crate::evidence::refusal::echoed_resource;

/// The finding of a refusal with Entra's own text.
pub(super) fn finding(evidence: &Evidence<'_>, reply: &Reply<'_>, refusal: &EntraRefusal) -> Found {
    let entry = knowledge::entra_error(&refusal.number);
    // A number that no table knows says no more than its text.
    let code = entry.map_or(Code::UndeterminedTokenRefusal, |entry| {
        refine(evidence, &refusal.number, entry.finding, &refusal.text)
    });
    let of_assertion = entry.and_then(|entry| assertion::judged(evidence, refusal, entry.finding));
    let finding = of_assertion.unwrap_or_else(|| Found::error(code, phrase("token.refused")));
    let code = finding.code;
    let mut finding = finding
        .because(reply.evidence())
        .confirm(phrase("token.sign-in-logs"))
        .value_if_any("asked", requested(evidence))
        .value_if_any("said", refusal.first_sentence())
        .value("aadsts", refusal.number.clone());
    for (label, name, id) in
        [("trace ID", "trace_id", &refusal.trace), ("correlation ID", "correlation_id", &refusal.correlation)]
    {
        if let Some(id) = id {
            finding = finding.because_of(Origin::Exchange(reply.exchange.id), format!("{label} {id}")).value(name, id);
        }
    }
    match code {
        Code::FederatedCredentialMismatch => with_outside_token(evidence, finding),
        Code::UndeterminedTokenRefusal => finding.confidence(Confidence::Possible),
        Code::DeveloperToolNotPreauthorized => {
            finding.value_if_any("developer_tool_client_id", first_party(evidence, &refusal.text))
        }
        Code::ResourceNotRegistered | Code::ScopeDefaultInResource | Code::ScopeNameInResource => {
            advertised(evidence, finding, &refusal.text).differs(names(evidence, &refusal.text))
        }
        Code::IdentityEndpointTransient => finding.confidence(Confidence::Likely),
        _ => finding,
    }
}

/// An answer whose text has another number than its list: each may be right, so neither is judged by alone.
pub(super) fn contradicting(evidence: &Evidence<'_>, reply: &Reply<'_>, refusal: &EntraRefusal) -> Vec<Found> {
    let Some((said, listed)) = refusal.contradiction.clone() else {
        return Vec::new();
    };
    let all = finding(evidence, reply, refusal);
    let open = Found::error(Code::UndeterminedTokenRefusal, says("contradiction")).confirm(says("contradiction"));
    let open = Found { values: all.values, evidence: all.evidence, ..open }.confidence(Confidence::Possible);
    let open = open.value("aadsts", said.clone()).value("listed", listed.clone());
    let candidates = [said, listed].into_iter().map(|number| {
        let of_number = EntraRefusal { number, contradiction: None, ..refusal.clone() };
        finding(evidence, reply, &of_number).confidence(Confidence::Possible)
    });
    let candidates = candidates.filter(|found| found.code != Code::UndeterminedTokenRefusal);
    std::iter::once(open).chain(candidates).collect()
}

/// The resource that Entra didn't find, and the expected ones: the name without a scope, else App 2's own names.
fn names(evidence: &Evidence<'_>, text: &str) -> Difference {
    let asked = requested(evidence).map(String::as_str);
    let looked_for = echoed_resource(text).or(asked);
    let bare = looked_for.map(resource::normalise);
    if let Some(bare) = bare.filter(|bare| !bare.removed.is_empty()) {
        return Difference::of(RESOURCE, [bare.value], looked_for, phrase("token.without-scope"));
    }
    let (names, mut sources): (Vec<String>, Vec<String>) =
        target::own_names(evidence).into_iter().filter(|(name, _)| Some(name.as_str()) != looked_for).unzip();
    sources.dedup();
    Difference::of(RESOURCE, names, looked_for, sources.join(", "))
}

/// Where App 2's own metadata or challenge names the resource that Entra didn't find, its setting is at fault.
fn advertised(evidence: &Evidence<'_>, finding: Found, text: &str) -> Found {
    let Some(asked) = echoed_resource(text).or(requested(evidence).map(String::as_str)) else {
        return finding;
    };
    let metadata = evidence.exchange(&Purpose::ProtectedResourceMetadata);
    let named = metadata.and_then(Exchange::answer).map(target_names::metadata_resources);
    let challenged = target::challenge(evidence).map(|challenge| target_names::scope_resources(&challenge));
    let is_it = |name: &String| resource::likeness(name, asked) != Likeness::Different;
    let by_metadata = named.iter().flatten().any(is_it);
    if !by_metadata && !challenged.iter().flatten().any(is_it) {
        return finding;
    }
    let source = if by_metadata { Purpose::ProtectedResourceMetadata } else { Purpose::CallAnonymous };
    let shown = evidence.exchange(&source).map(|exchange| Origin::Exchange(exchange.id));
    let line = phrase("token.advertised").with("asked", asked);
    let finding = match shown {
        Some(origin) => finding.because_of(origin, line),
        None => finding.because(line),
    };
    finding.value("advertised", asked)
}

/// Numbers that mean different things with different credentials and resources.
fn refine(evidence: &Evidence<'_>, number: &str, code: Code, text: &str) -> Code {
    let source = source(evidence);
    match code {
        Code::ResourceNotRegistered => knowledge::scope_in_echo(text).unwrap_or(code),
        // Only a tool that signs in a user needs consent. An app that gets this answer sent a wrong request.
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
        // The text names no times that have passed, and only App 1's own assertion depends on its clock.
        Code::AssertionExpired if source == Some(CredentialSource::WorkloadIdentity) => {
            Code::FederatedCredentialMismatch
        }
        Code::AssertionExpired => Code::CallerCertificateRejected,
        Code::FederatedCredentialMismatch if source == Some(CredentialSource::ClientCertificate) => {
            Code::CallerCertificateRejected
        }
        Code::ScopeNameInResource | Code::ScopeDefaultInResource => {
            match requested(evidence).map(|asked| resource::normalise(asked)) {
                Some(asked) if asked.removed.is_empty() => Code::TokenRequestRejected,
                _ => code,
            }
        }
        other => other,
    }
}

/// The claims of the outside token, which a federated credential must match.
fn with_outside_token(evidence: &Evidence<'_>, finding: Found) -> Found {
    let Some(token) = &evidence.outside_token else {
        return finding;
    };
    let claims = [
        ("iss", token.issuer.clone(), "federation_issuer"),
        ("sub", token.subject.clone(), "subject"),
        ("aud", Some(token.audiences.join(", ")).filter(|list| !list.is_empty()), "federation_audience"),
    ];
    // With another audience, a credential for this issuer and subject doesn't help: a new token must be requested.
    let exchange = ["api://AzureADTokenExchange", "api://AzureADTokenExchangeUSGov", "api://AzureADTokenExchangeChina"];
    let usual =
        token.audiences.is_empty() || token.audiences.iter().any(|audience| exchange.contains(&audience.as_str()));
    let left_out = if usual { "federation_audience" } else { "subject" };
    claims.into_iter().fold(finding, |finding, (claim, value, name)| {
        let Some(value) = value else {
            return finding;
        };
        let finding = finding.because(format!("outside token: {claim} = {}", short(&value)));
        if name == left_out { finding } else { finding.value(name, value) }
    })
}

/// The caller's client ID, where it is one of Microsoft's own tools: from Entra's text, the inputs, or the environment.
fn first_party(evidence: &Evidence<'_>, text: &str) -> Option<String> {
    let given = evidence.environment.as_ref().and_then(|environment| environment.text("AZURE_CLIENT_ID"));
    text.split(|character: char| !character.is_ascii_alphanumeric() && character != '-')
        .chain(evidence.inputs.client_id.as_ref().map(ClientId::as_str))
        .chain(given)
        .find(|word| resource::is_guid(word) && knowledge::first_party_app(word).is_some())
        .map(str::to_owned)
}
