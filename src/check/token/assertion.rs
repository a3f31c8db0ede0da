//! The outside token of a federated credential: whether it had expired, and whether Entra can reach its issuer. No
//! federated credential changes either.

use chrono::{DateTime, Utc};
use std::net::{IpAddr, Ipv6Addr};
use url::{Host, Url};

use super::transient::source;
use crate::check::prelude::*;

/// The finding of Entra's refusal, where the outside token itself explains it.
pub(super) fn judged(evidence: &Evidence<'_>, refusal: &EntraRefusal, code: Code) -> Option<Found> {
    let source = source(evidence)?;
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
    let outside = evidence.outside_token.as_ref();
    let issuer =
        outside.and_then(|token| token.issuer.clone()).or_else(|| quoted_issuer(&refusal.text).map(str::to_owned));
    let is_internal = issuer.as_deref().is_some_and(|issuer| is_internal(evidence, issuer));
    // Entra's own word that it couldn't fetch the issuer's keys, or an address that it can never fetch.
    if code != Code::AssertionIssuerUnreachable && !is_internal {
        return None;
    }
    let key = if is_internal { "internal" } else { "entra" };
    let finding = Found::error(Code::AssertionIssuerUnreachable, says(key));
    Some(match issuer {
        Some(issuer) => finding.because(format!("iss = {}", short(&issuer))).value("federation_issuer", short(&issuer)),
        None => finding,
    })
}

/// The issuer in Entra's text: `Assertion Issuer: '…'`, or `issuer '…'`.
fn quoted_issuer(text: &str) -> Option<&str> {
    let (_, rest) = ["Issuer: '", "issuer '"].iter().find_map(|mark| text.split_once(mark))?;
    rest.split('\'').next()
}

/// Whether an issuer is one that Entra can never fetch: no https URL, or a host of a cluster's or a network's own. An
/// authority on this machine reaches what is on it.
fn is_internal(evidence: &Evidence<'_>, issuer: &str) -> bool {
    let Ok(url) = Url::parse(issuer.trim()) else {
        return true;
    };
    let authority = evidence.environment.as_ref().map(|environment| environment.authority(&evidence.inputs));
    let authority = authority.and_then(|authority| Url::parse(&authority).ok());
    if is_loopback(&url) && authority.is_some_and(|authority| is_loopback(&authority)) {
        return false;
    }
    let is_private_name = |name: &str| {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let private = [".local", ".svc", ".localhost"];
        !name.contains('.') || private.iter().any(|suffix| name.ends_with(suffix))
    };
    url.scheme() != "https"
        || match url.host() {
            Some(Host::Ipv4(address)) => is_private(address.into()),
            Some(Host::Ipv6(address)) => is_private(address.into()),
            Some(Host::Domain(name)) => is_private_name(name),
            None => true,
        }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private() || address.is_loopback() || address.is_link_local(),
        IpAddr::V6(address) => {
            address == Ipv6Addr::LOCALHOST || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

/// The outside token was no longer valid, by its own `exp` or by the times in Entra's text.
fn expired(evidence: &Evidence<'_>, refusal: &EntraRefusal, source: &CredentialSource) -> Option<Found> {
    let about_time = matches!(refusal.number.as_str(), "700024" | "50013" | "500133");
    if !about_time {
        return None;
    }
    let ends = evidence.outside_token.as_ref().and_then(|token| token.expires);
    let ends = ends.and_then(|ends| DateTime::from_timestamp(ends, 0));
    let said = times(&refusal.text);
    let (ends, asked) = match (said, ends) {
        (Some((asked, ends)), _) => (ends, asked),
        (None, Some(ends)) => (ends, evidence.started_at),
        (None, None) => return None,
    };
    if ends > asked {
        return None;
    }
    // The Azure CLI may also have signed an assertion with a certificate, on a machine whose clock is wrong.
    let sure = *source == CredentialSource::WorkloadIdentity;
    Some(
        Found::error(Code::AssertionExpired, says(if sure { "expired" } else { "azure-cli" }))
            .confidence(if sure { Confidence::Certain } else { Confidence::Likely })
            .when("is_azure_cli", !sure)
            .value("ended", moment(ends.timestamp(), asked))
            .because(format!("exp = {}", ends.format("%Y-%m-%d %H:%M:%S UTC"))),
    )
}

/// The time of the request and the end of the assertion, as Entra's text names them (AADSTS700024).
fn times(text: &str) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let after = |mark: &str| {
        let (_, rest) = text.split_once(mark)?;
        let word = rest.trim_start().split([',', ' ']).next()?.trim_end_matches('.');
        Some(DateTime::parse_from_rfc3339(word).ok()?.to_utc())
    };
    Some((after("Current time:")?, after("expiry time of assertion")?))
}
