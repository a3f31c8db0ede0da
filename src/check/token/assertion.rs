//! The outside token of a federated credential: its times, its issuer, and whether Entra can reach that.

use crate::check::prelude::*;

/// The finding of Entra's refusal, where the outside token itself explains it.
pub(super) fn judged(evidence: &Evidence<'_>, refusal: &EntraRefusal, code: Code) -> Option<Found> {
    let source = evidence.credential_source()?;
    if source == CredentialSource::ClientCertificate {
        return wrong_clock(evidence, refusal);
    }
    let is_federated = matches!(source, CredentialSource::WorkloadIdentity | CredentialSource::AzureCli);
    let of_token = |entry: &FindingEntry| entry.means.contains(&Means::FederatedToken);
    knowledge::finding(code).filter(|entry| is_federated && of_token(entry))?;
    unreachable_issuer(evidence, refusal, code)
        .or_else(|| out_of_time(evidence, refusal, &source))
        .or_else(|| of_other_tenant(evidence, refusal))
}

/// A token that Entra itself issued in another tenant: no federated credential accepts it.
fn of_other_tenant(evidence: &Evidence<'_>, refusal: &EntraRefusal) -> Option<Found> {
    let issuer = Issuer::new(evidence.outside_token.as_ref()?.issuer.as_deref()?).parts();
    let own = issuer.tenant_guid().filter(|_| issuer.is_of_a_known_cloud())?;
    let asked = evidence.asked_tenant().filter(TenantId::is_guid)?;
    // Tokens that don't match or may not be used.
    (refusal.number.starts_with("7002") && !asked.matches(own)).then(|| {
        Found::of(Code::IdentityInOtherTenant, "assertion")
            .differs(Difference::of("tenant", [&asked], Some(own), ""))
            .value("caller_tenant", own.to_string())
            .value("wanted_tenant", asked.to_string())
    })
}

fn unreachable_issuer(evidence: &Evidence<'_>, refusal: &EntraRefusal, code: Code) -> Option<Found> {
    let of_token = evidence.outside_token.as_ref().and_then(|token| token.issuer.as_deref());
    let issuer = of_token.or_else(|| knowledge::echoed_issuer(&refusal.text));
    // An authority on this machine reaches what is on it.
    let is_here = Url::parse(&evidence.authority()).is_ok_and(|url| is_loopback(&url));
    let can_fetch = |url: Url| !is_internal(&url) || is_here && is_loopback(&url);
    let is_internal = issuer.is_some_and(|issuer| !Url::parse(issuer.trim()).is_ok_and(can_fetch));
    // Entra's own word that it couldn't fetch the issuer's keys, or an address that it can never fetch.
    (code == Code::AssertionIssuerUnreachable || is_internal).then(|| {
        Found::of(Code::AssertionIssuerUnreachable, if is_internal { "internal" } else { "entra" })
            .because_all(issuer.map(|issuer| format!("iss = {}", short(issuer))))
            .value_if_any("issuer_service", issuer.and_then(knowledge::service_of_issuer).filter(|_| !is_internal))
            .value_if_any("federation_issuer", issuer.map(short))
    })
}

/// The assertion that this program signed is seconds old: if Entra's clock says otherwise, this machine's is wrong.
fn wrong_clock(evidence: &Evidence<'_>, refusal: &EntraRefusal) -> Option<Found> {
    let said = knowledge::echoed_times(&refusal.text);
    let (asked, begins, ends) = (said.asked?, said.begins?, said.ends?);
    let sent = evidence.after(evidence.exchange(&Purpose::Token)?.started_ms);
    let apart = asked.signed_duration_since(sent).num_seconds();
    (asked < begins || asked > ends).then(|| {
        Found::of(Code::CallerCertificateRejected, "clock")
            .value("apart", span(apart.unsigned_abs()))
            .when("is_slow", apart > 0)
            .because(phrase("token.clocks").with("entra", time(asked.timestamp())).with("own", time(sent.timestamp())))
    })
}

/// The outside token was no longer valid, or not yet: by the times in Entra's text, or by its own.
fn out_of_time(evidence: &Evidence<'_>, refusal: &EntraRefusal, source: &CredentialSource) -> Option<Found> {
    knowledge::entra_error(&refusal.number).filter(|entry| entry.times)?;
    let token = evidence.outside_token.as_ref();
    let said = knowledge::echoed_times(&refusal.text);
    let asked = said.asked.unwrap_or(evidence.started_at);
    let ends = said.ends.or_else(|| DateTime::from_timestamp(token?.expires?, 0));
    let begins = said.begins.or_else(|| DateTime::from_timestamp(token?.not_before?, 0));
    // The Azure CLI may also have signed an assertion with a certificate, on a machine whose clock is wrong.
    let sure = *source == CredentialSource::WorkloadIdentity;
    let shown = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M:%S UTC");
    if let Some(ends) = ends.filter(|ends| *ends <= asked) {
        let finding = Found::of(Code::AssertionExpired, if sure { "expired" } else { "azure-cli" })
            .value("ended", moment(ends.timestamp(), asked));
        return Some(finding.because(format!("exp = {}", shown(ends))));
    }
    let begins = begins.filter(|begins| sure && *begins > asked)?;
    let finding = Found::of(Code::AssertionRejected, "not-yet").value("begins", moment(begins.timestamp(), asked));
    Some(finding.because(format!("nbf = {}", shown(begins))))
}
