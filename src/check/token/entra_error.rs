//! Refusals with Microsoft Entra ID's own text.

use super::{assertion, tenant};
use crate::check::prelude::*;
use crate::check::scope::beside_own_names;

pub(super) fn finding(evidence: &Evidence<'_>, reply: &Reply<'_>, refusal: &EntraRefusal) -> Found {
    let entry = knowledge::entra_error(&refusal.number);
    let credential = evidence.credential_source().map_or(CredentialKind::Auto, |source| source.kind());
    // A number that no table knows says no more than its text, which may have the sentence of a known one.
    let code = refusal::meaning(evidence, refusal, credential)
        .map_or(Code::UndeterminedTokenRefusal, |code| refine(evidence, refusal, code));
    let refused = || Found::error(code, phrase("token.refused"));
    let finding = assertion::judged(evidence, refusal, code).unwrap_or_else(|| match code {
        Code::ManagedIdentityStale => Found::of(code, "entra"),
        Code::ResourceNotRegistered => scope_behind(evidence, echoed_resource(&refusal.text)).unwrap_or_else(|| {
            // The first part of the name may be one that is registered.
            let base = evidence.requested().and_then(resource::without_last_part);
            let is_also = || refusal::refused_as_unknown_resource(evidence, &Purpose::TokenWithoutLastPart);
            refused().certain_if(base.is_none() || is_also())
        }),
        _ => refused(),
    });
    let code = finding.code;
    let is_tool = credential == CredentialKind::AzureCli;
    let of_user = entry.is_some_and(|entry| entry.user);
    // What the table says to do first is written for its own finding.
    let is_managed = credential == CredentialKind::ManagedIdentity;
    let first = entry.filter(|entry| entry.finding == code && !of_user && !is_managed);
    // App 1 asked for a token for itself.
    let own_id = evidence.requested().filter(|_| refusal.number == "90009");
    let ids = [("trace ID", &refusal.trace), ("correlation ID", &refusal.correlation)];
    let ids = ids.into_iter().filter_map(|(label, id)| Some(reply.line(format!("{label} {}", id.as_ref()?))));
    let finding = finding
        .because(reply.exchange)
        .because_all(ids)
        .confirm(phrase("token.sign-in-logs"))
        .value_if_any("said", refusal.first_sentence())
        .value("aadsts", refusal.number.clone())
        .value_if_any("correlation_id", refusal.correlation.as_ref())
        .value_if_any("entra_fix", first.map(|entry| entry.fix.as_str()))
        .value_if_any("secret_form", evidence.secret_form.map(SecretForm::name))
        .value_if_any("own_client_id", own_id.and_then(resource::client_id_of))
        .value_if_any("developer_tool_client_id", first_party(evidence, &refusal.text))
        .when("lasting", entry.is_some_and(|entry| entry.lasting))
        .when("by_user", is_tool && (of_user || reply.exchange.asks_for_a_browser()));
    let finding = about_another(evidence, finding, refusal).likely_unless(entry.is_some());
    let new_helps = !knowledge::marks("no-new-federated-credential").contains(&refusal.number);
    match code {
        Code::FederatedCredentialMismatch if new_helps => with_outside_token(evidence, finding),
        Code::AssertionRejected => {
            let issuer = evidence.outside_token.as_ref().and_then(|token| token.issuer.as_deref());
            with_outside_token(evidence, finding)
                .value_if_any("federation_issuer", issuer.map(|issuer| short(issuer.trim_end_matches('/'))))
                .when("by_policy", entry.is_some_and(|entry| entry.policy))
        }
        Code::CallerNotInTenant => tenant::beside(evidence, finding),
        Code::UndeterminedTokenRefusal => finding.possible(),
        Code::ResourceNotRegistered | Code::ScopeDefaultInResource | Code::ScopeNameInResource => {
            let finding = advertised(evidence, finding, &refusal.text).differs(names(evidence, &refusal.text));
            // What Graph lists now may be newer than what the token service knows.
            let is_listed = is_listed(evidence);
            finding.likely_unless(!is_listed).when("is_registered", is_listed)
        }
        Code::IdentityEndpointTransient => finding.confidence(Confidence::Likely),
        // What Graph lists now may be newer than what the token service knows.
        Code::AssignmentRequiredNotAssigned if !of_user && let Some(roles) = evidence.roles_shown() => {
            let finding = finding.because_asked(evidence.exchange(&Purpose::GraphAssignments), roles);
            finding.at_most(Confidence::Likely).when("is_assigned", true)
        }
        _ => finding,
    }
}

/// Where Entra names another application or resource than the one that was sent, that one is to be changed.
fn about_another(evidence: &Evidence<'_>, finding: Found, refusal: &EntraRefusal) -> Found {
    let is_principal = evidence.credential_source().is_some_and(|source| source.is_service_principal());
    let sent = evidence.given_client_ids().next().filter(|_| is_principal);
    refusal.others(sent, evidence.requested()).fold(finding, |finding, (name, named, known)| {
        let line = phrase("token.names-another").with("named", named).with("known", known);
        finding.value(name, named).because(line).at_most(Confidence::Likely)
    })
}

/// An answer whose text has another number than its list: each may be right, so neither is judged by alone.
pub(super) fn contradicting(evidence: &Evidence<'_>, reply: &Reply<'_>, refusal: &EntraRefusal) -> Vec<Found> {
    let Some((said, listed)) = refusal.contradiction.clone() else { return Vec::new() };
    let all = finding(evidence, reply, refusal);
    let open = Found::of(Code::UndeterminedTokenRefusal, "contradiction");
    let open = Found { values: all.values, evidence: all.evidence, ..open };
    let open = open.value("aadsts", said.clone()).value("listed", listed.clone());
    let candidates = [said, listed].into_iter().map(|number| {
        let of_number = EntraRefusal { number, contradiction: None, ..refusal.clone() };
        finding(evidence, reply, &of_number).possible()
    });
    let candidates = candidates.filter(|found| found.code != Code::UndeterminedTokenRefusal);
    std::iter::once(open).chain(candidates).collect()
}

/// Whether Microsoft Graph shows the requested name among those of App 2's registration.
pub(super) fn is_listed(evidence: &Evidence<'_>) -> bool {
    let registered = target::registration(evidence).zip(evidence.requested());
    registered.is_some_and(|(registration, asked)| registration.has_name(asked) == Some(true))
}

/// The resource that Entra didn't find, and the expected ones: the name without a scope, else App 2's own names.
fn names(evidence: &Evidence<'_>, text: &str) -> Difference {
    let looked_for = echoed_resource(text).or(evidence.requested());
    let bare = looked_for.map(resource::normalise);
    if let Some(bare) = bare.filter(|bare| !bare.removed.is_empty()) {
        return Difference::of(RESOURCE, [bare.value], looked_for, phrase("token.without-scope"));
    }
    beside_own_names(evidence, looked_for)
}

/// A resource that isn't known, and is one of App 2's own names but for its last part: that is probably a scope's name.
pub(super) fn scope_behind(evidence: &Evidence<'_>, echoed: Option<&str>) -> Option<Found> {
    let own = target::own_names(evidence);
    let id = target::client_id(evidence).map(|(id, _)| id);
    let is_id = |base: &str| id.as_ref().is_some_and(|id| base.eq_ignore_ascii_case(id.as_str()));
    let issued = Reply::issued(evidence, &Purpose::TokenWithoutLastPart);
    let issued_for = evidence.requested().and_then(resource::without_last_part).filter(|_| issued.is_some());
    let is_own = |(base, name): &(&str, &str)| {
        let is_usual = is_id(base.strip_prefix("api://").unwrap_or(base));
        !name.is_empty() && (is_usual || issued_for == Some(*base) || own.iter().any(|(known, _)| known == base))
    };
    let mut names = [echoed, evidence.requested()].into_iter().flatten();
    let (base, name) = names.find_map(|name| name.rsplit_once('/').filter(is_own))?;
    let finding = Found::of(Code::ScopeNameInResource, "refused").value("name", quote(name)).value("resource", base);
    let shown = issued.as_ref().map(|reply| reply.exchange);
    Some(finding.value("scope", resource::scope_for(base)).likely_if(true).because_all(shown))
}

/// Where App 2's own metadata or challenge names the resource that Entra didn't find, its setting is at fault.
fn advertised(evidence: &Evidence<'_>, finding: Found, text: &str) -> Found {
    let Some(asked) = echoed_resource(text).or(evidence.requested()) else { return finding };
    let is_it = |name: &String| resource::likeness(name, asked) != Likeness::Different;
    let metadata = evidence.answer(&Purpose::ProtectedResourceMetadata).map(target_names::metadata_resources);
    let challenged = target::challenge(evidence).map(target_names::scope_resources);
    let source = match (metadata, challenged) {
        (Some(named), _) if named.iter().any(is_it) => Purpose::ProtectedResourceMetadata,
        (_, Some(named)) if named.iter().any(is_it) => Purpose::CallAnonymous,
        _ => return finding,
    };
    let line = phrase("token.advertised").with("asked", asked);
    finding.because_asked(evidence.exchange(&source), line).value("advertised", asked)
}

/// Numbers that mean different things with different credentials and resources.
fn refine(evidence: &Evidence<'_>, refusal: &EntraRefusal, code: Code) -> Code {
    let is_tool = evidence.credential_source() == Some(CredentialSource::AzureCli);
    let is_plain = || evidence.requested().is_some_and(|asked| resource::normalise(asked).removed.is_empty());
    match code {
        Code::ResourceNotRegistered => knowledge::scope_in_echo(&refusal.text).unwrap_or(code),
        // Only a tool that signs in a user needs consent. An app that gets this answer sent a wrong request.
        Code::DeveloperToolNotPreauthorized if !is_tool && first_party(evidence, &refusal.text).is_none() => {
            if refusal.is_of_an_unknown_resource() { Code::ResourceNotRegistered } else { Code::TokenRequestRejected }
        }
        Code::ScopeNameInResource | Code::ScopeDefaultInResource if is_plain() => Code::TokenRequestRejected,
        other => other,
    }
}

/// The claims of the outside token, which a federated credential must match.
fn with_outside_token(evidence: &Evidence<'_>, finding: Found) -> Found {
    let Some(token) = &evidence.outside_token else { return finding };
    let finding = finding.because_all(token.shown()).value_if_any("federation_issuer", token.issuer.as_ref());
    // With another audience, a credential for this issuer and subject doesn't help: a new token must be requested.
    if token.audiences.is_empty() || token.audiences.iter().any(|audience| well_known::is_token_exchange(audience)) {
        finding.value_if_any("subject", token.subject.as_ref())
    } else {
        finding.value_if_any("federation_audience", token.audience_list())
    }
}

/// The caller's client ID, where it is one of Microsoft's own tools: from Entra's text, the inputs, or the environment.
fn first_party(evidence: &Evidence<'_>, text: &str) -> Option<String> {
    let mut ids = guids_in(text).into_iter().chain(evidence.given_client_ids());
    ids.find(|id| knowledge::first_party_app(id).is_some()).map(str::to_owned)
}
