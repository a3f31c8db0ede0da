//! What a person pastes into a support ticket: the IDs that the services gave to the requests that failed.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::Serialize;

use crate::case::Case;
use crate::case::exchange::{Answer, Exchange, Purpose, by_id};
use crate::case::ids::is_guid;
use crate::case::secret::REDACTED;
use crate::knowledge::EntraRefusal;

use super::{Report, Verdict};

/// An ID by which a service finds a request in its own logs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SupportId {
    /// Whose ID it is.
    pub service: &'static str,
    /// What it is called: the header's name, or the member of the answer.
    pub kind: &'static str,
    /// The ID.
    pub id: String,
    /// When the request was answered, in UTC by the service's clock.
    pub at: String,
}

/// Longer than every ID of these services.
const LONGEST: usize = 128;

const ENTRA: &str = "Microsoft Entra ID";
const IDENTITY_ENDPOINT: &str = "managed identity endpoint";

/// The IDs of the requests that failed, and of the call, in the order of the requests; none where the call works.
#[must_use]
pub fn of(report: &Report) -> Vec<SupportId> {
    if report.observed_verdict == Verdict::Pass {
        return Vec::new();
    }
    let case: &Case = report.observed();
    let mut all: Vec<SupportId> = Vec::new();
    for exchange in by_id(case.exchanges.iter().filter(|exchange| matters(case, exchange))) {
        let Some(answer) = exchange.answer() else { continue };
        for (service, kind, id) in ids(case, exchange, answer) {
            // Only Front Door's ID has another form; what else is in such a header may be anything.
            let is_known_form = kind == "x-azure-ref" || is_guid(&id);
            let may_be_shown = is_known_form && is_id(&id) && case.secrets.scrub_foreign(&id) == id;
            if may_be_shown && !all.iter().any(|known| known.id == id) {
                all.push(SupportId { service, kind, id, at: answered_at(case, exchange, answer) });
            }
        }
    }
    all
}

/// Whether a request is the call itself, or failed without being meant to.
fn matters(case: &Case, exchange: &Exchange) -> bool {
    let failed = exchange.status().is_some_and(|status| status >= 400);
    match exchange.purpose {
        Purpose::CallWithToken | Purpose::CallRedirect(_) => true,
        // Where the call wasn't made, what refuses every request may be why; a 401 is what it should be.
        Purpose::CallAnonymous => case.final_call().is_none() && failed && exchange.status() != Some(401),
        // One refusal is enough, the one that the report is about; another token's where that one was never requested.
        Purpose::Token => failed && is_last(case, exchange),
        Purpose::TokenForResourceManager => {
            failed && case.exchange(&Purpose::Token).is_none() && is_last(case, exchange)
        }
        Purpose::TokenForBareClientId | Purpose::TokenForGraph | Purpose::TokenOtherProxyWay => false,
        Purpose::CallInvalidToken
        | Purpose::CallAgain
        | Purpose::CallOtherAudience
        | Purpose::AuthMe
        | Purpose::TokenWithoutLastPart
        | Purpose::TokenForNonsense
        | Purpose::TokenAgain
        | Purpose::TokenUnselected
        | Purpose::ArcChallenge
        | Purpose::LoginRedirect
        | Purpose::ProtectedResourceMetadata => false,
        _ => failed,
    }
}

/// Whether a request was the last attempt of its kind.
fn is_last(case: &Case, exchange: &Exchange) -> bool {
    let last = case.exchange(&exchange.purpose);
    last.is_some_and(|last| last.id == exchange.id)
}

/// The IDs of an answer: whose, what, which.
fn ids(case: &Case, exchange: &Exchange, answer: &Answer) -> Vec<(&'static str, &'static str, String)> {
    let service = service(case, exchange);
    let mut ids = Vec::new();
    if exchange.purpose.asks_for_token() {
        let (trace, correlation) = EntraRefusal::support_ids(answer);
        ids.extend(trace.map(|id| (ENTRA, "trace_id", id)));
        let by_entra = if ids.is_empty() { service } else { ENTRA };
        ids.extend(correlation.map(|id| (by_entra, "correlation_id", id)));
    }
    for (service, header) in [
        (service, "x-ms-request-id"),
        (service, "request-id"),
        (service, "x-ms-correlation-request-id"),
        ("Easy Auth", "x-ms-middleware-request-id"),
        ("Azure Front Door", "x-azure-ref"),
    ] {
        ids.extend(answer.header(header).map(|id| (service, header, id.to_owned())));
    }
    ids
}

/// Who answers a request.
fn service(case: &Case, exchange: &Exchange) -> &'static str {
    match exchange.purpose {
        Purpose::Site
        | Purpose::SiteSearch
        | Purpose::AuthSettingsV2
        | Purpose::AuthSettingsV2List
        | Purpose::ConfigWeb => "Azure Resource Manager",
        Purpose::GraphResourcePrincipal
        | Purpose::GraphApplication
        | Purpose::GraphCaller
        | Purpose::GraphAssignments
        | Purpose::GraphListedIds => "Microsoft Graph",
        Purpose::MetadataV1 | Purpose::MetadataV2 | Purpose::IssuerMetadata | Purpose::KeysV1 | Purpose::KeysV2 => {
            ENTRA
        }
        ref purpose if purpose.asks_for_token() => {
            let authority = case
                .environment
                .as_ref()
                .map_or_else(|| case.inputs.authority().to_owned(), |environment| environment.authority(&case.inputs));
            if exchange.url.starts_with(authority.trim_end_matches('/')) { ENTRA } else { IDENTITY_ENDPOINT }
        }
        _ => "App 2",
    }
}

/// Whether a value can be looked up: it is whole, and nothing else than an ID.
fn is_id(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= LONGEST
        && id != REDACTED
        && id.chars().all(|character| character.is_ascii_alphanumeric() || "-_.:=+/|".contains(character))
}

fn answered_at(case: &Case, exchange: &Exchange, answer: &Answer) -> String {
    let passed = exchange.started_ms.saturating_add(exchange.elapsed_ms);
    let passed = i64::try_from(passed).ok().and_then(TimeDelta::try_milliseconds);
    let skew = answer.clock_skew_s.and_then(TimeDelta::try_seconds);
    let at: DateTime<Utc> = [passed, skew]
        .into_iter()
        .flatten()
        .fold(case.started_at, |at, delta| at.checked_add_signed(delta).unwrap_or(at));
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_id_is_listed() {
        for id in ["0f8fad5b-d9cb-469f-a165-70867728950e", "20260101T000000Z-15f4c8", "0zxV+XAAAAABKMMOjBv2=="] {
            assert!(is_id(id), "{id}");
        }
        for text in ["", REDACTED, "[…]", "call 0123", "a\u{1b}[2J", "<b>", &"a".repeat(LONGEST + 1)] {
            assert!(!is_id(text), "{text}");
        }
    }
}
