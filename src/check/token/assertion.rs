//! The outside token of a federated credential: whether it had expired, and whether Entra can reach its issuer. No
//! federated credential changes either.

use chrono::DateTime;
use url::Url;

use crate::case::network::{is_internal, is_loopback};
use crate::check::prelude::*;

/// The finding of Entra's refusal, where the outside token itself explains it.
pub(super) fn judged(evidence: &Evidence<'_>, refusal: &EntraRefusal, code: Code) -> Option<Found> {
    let source = evidence.credential_source()?;
    let federated = matches!(source, CredentialSource::WorkloadIdentity | CredentialSource::AzureCli);
    let of_assertion = matches!(
        code,
        Code::FederatedCredentialMismatch
            | Code::AssertionExpired
            | Code::AssertionIssuerUnreachable
            | Code::CallerCertificateRejected
    );
    if !federated || !of_assertion {
        return None;
    }
    unreachable_issuer(evidence, refusal, code).or_else(|| expired(evidence, refusal, &source))
}

fn unreachable_issuer(evidence: &Evidence<'_>, refusal: &EntraRefusal, code: Code) -> Option<Found> {
    let of_token = evidence.outside_token.as_ref().and_then(|token| token.issuer.as_deref());
    let issuer = of_token.or_else(|| knowledge::echoed_issuer(&refusal.text));
    let is_internal = issuer.is_some_and(|issuer| entra_cannot_fetch(evidence, issuer));
    // Entra's own word that it couldn't fetch the issuer's keys, or an address that it can never fetch.
    (code == Code::AssertionIssuerUnreachable || is_internal).then(|| {
        Found::of(Code::AssertionIssuerUnreachable, if is_internal { "internal" } else { "entra" })
            .because_all(issuer.map(|issuer| format!("iss = {}", short(issuer))))
            .value_if_any("federation_issuer", issuer.map(short))
    })
}

/// Whether Entra can never fetch an issuer. An authority on this machine reaches what is on it.
fn entra_cannot_fetch(evidence: &Evidence<'_>, issuer: &str) -> bool {
    let authority = evidence.environment.as_ref().map(|environment| environment.authority(&evidence.inputs));
    let is_here = authority.and_then(|authority| Url::parse(&authority).ok()).is_some_and(|url| is_loopback(&url));
    Url::parse(issuer.trim()).map_or(true, |url| is_internal(&url) && !(is_here && is_loopback(&url)))
}

/// The outside token was no longer valid, by its own `exp` or by the times in Entra's text.
fn expired(evidence: &Evidence<'_>, refusal: &EntraRefusal, source: &CredentialSource) -> Option<Found> {
    let about_time = matches!(refusal.number.as_str(), "700024" | "50013" | "500133");
    if !about_time {
        return None;
    }
    let of_token = || {
        let ends = evidence.outside_token.as_ref()?.expires?;
        Some((evidence.started_at, DateTime::from_timestamp(ends, 0)?))
    };
    let (asked, ends) = knowledge::echoed_times(&refusal.text).or_else(of_token)?;
    // The Azure CLI may also have signed an assertion with a certificate, on a machine whose clock is wrong.
    let sure = *source == CredentialSource::WorkloadIdentity;
    (ends <= asked).then(|| {
        Found::of(Code::AssertionExpired, if sure { "expired" } else { "azure-cli" })
            .when("is_azure_cli", !sure)
            .value("ended", moment(ends.timestamp(), asked))
            .because(format!("exp = {}", ends.format("%Y-%m-%d %H:%M:%S UTC")))
    })
}
