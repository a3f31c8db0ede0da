//! A 403 for the real token: from the policy, the app, a network in front, or the protection against cross-site
//! requests.

use crate::case::challenge::Challenge;
use crate::case::code::Code;
use crate::case::exchange::{Answer, Purpose};
use crate::case::step::StepId;
use crate::case::text::shortened;
use crate::check::{Confidence, Earlier, Found, blocked, says};
use crate::evidence::responder::{self, FrontEnd, Responder};
use crate::evidence::target::Me;
use crate::evidence::{Evidence, log, spoken, target};
use crate::knowledge::phrase;

use super::in_words;

/// Judges a 403. Empty if an earlier step explains it.
pub(super) fn judge(evidence: &Evidence<'_>, earlier: Earlier<'_>, answer: &Answer, by: &Responder) -> Vec<Found> {
    match by {
        Responder::FrontEnd(front_end) => return front_end_refuses(evidence, front_end),
        // What a request without a token gets, too, is step 2's finding.
        Responder::Gateway(_) if same_gateway(evidence) => return Vec::new(),
        Responder::Gateway(by) => return vec![blocked::by_gateway(*by, answer.status)],
        Responder::EasyAuth
        | Responder::AppValidator
        | Responder::NotEasyAuth
        | Responder::Server(_)
        | Responder::BehindMiddleware
        | Responder::Unknown => {}
    }
    // Its next token will have the roles.
    if earlier.token_is_outdated() {
        return Vec::new();
    }
    if let Some(finding) = forged(evidence) {
        return vec![finding];
    }
    if earlier.has_determined_error(StepId::Authorization) {
        return Vec::new();
    }
    if target::carries_a_session(evidence) {
        let known = policy_admits(evidence);
        let finding = Found::error(Code::CsrfOriginRejected, says("cookie")).when("allowed", known);
        return if known {
            vec![finding.confidence(Confidence::Likely)]
        } else {
            // The protection applies to what changes state, so the answer to a GET of `/.auth/me` proves nothing here.
            let own = app_refuses(evidence, answer, true);
            vec![undetermined(evidence, answer, false), finding.confidence(Confidence::Possible), own]
        };
    }
    let denied = evidence.me == Some(Me::Denied);
    let own = app_refuses(evidence, answer, denied);
    if own.confidence > Confidence::Possible {
        return vec![own];
    }
    let mut findings = vec![undetermined(evidence, answer, denied)];
    if target::invalid_token_gets(evidence, 403) {
        findings.push(possible(Code::AuthorizationHeaderDropped, "same-403"));
    }
    if let (true, Some(exchange)) = (denied, evidence.exchange(&Purpose::AuthMe)) {
        findings = findings.into_iter().map(|finding| finding.because(target::evidence(exchange))).collect();
    }
    findings.push(own);
    if target::misses_the_middleware(evidence) {
        let server = spoken::server_of(answer);
        findings.push(possible(Code::NetworkAccessRestricted, "no-middleware").value_if_any("server", server));
    } else if let Some(server) = spoken::page_of(answer) {
        findings.push(possible(Code::NetworkAccessRestricted, "server").value("server", server));
    } else if everybody_gets_403(evidence) {
        findings.push(possible(Code::NetworkAccessRestricted, "everybody"));
    }
    if policy_admits(evidence) && target::allowed_tenants(evidence).is_none() {
        let finding = Found::error(Code::TenantNotAllowed, phrase("call.allowed-tenants-hidden"))
            .confirm(phrase("call.confirm-allowed-tenants"));
        findings.push(finding.confidence(Confidence::Possible));
    }
    findings
}

fn possible(code: Code, key: &'static str) -> Found {
    Found::error(code, says(key)).confidence(Confidence::Possible)
}

/// Whether a request without a token gets 403, too.
fn everybody_gets_403(evidence: &Evidence<'_>) -> bool {
    target::answer(evidence, &Purpose::CallAnonymous).is_some_and(|anonymous| anonymous.status == 403)
}

fn undetermined(evidence: &Evidence<'_>, answer: &Answer, denied: bool) -> Found {
    let key = match denied {
        _ if target::invalid_token_gets(evidence, 403) => "same-for-invalid",
        true => "me",
        false => "answers",
    };
    // Only the rejection of a deliberately invalid token shows that this one is valid.
    let said = responder::has_own_body(answer).then(|| spoken::words(answer)).flatten();
    let by_easy_auth = target::answer(evidence, &Purpose::CallInvalidToken)
        .is_some_and(|invalid| invalid.status == 401 && !responder::is_of_another(invalid));
    possible(Code::Undetermined403, key)
        .when("valid", by_easy_auth)
        .value_if_any("server", spoken::page_of(answer))
        .value_if_any("said", said)
}

/// Whether the policy is known in full, so that step 7 would have found a rule that rejects the caller.
fn policy_admits(evidence: &Evidence<'_>) -> bool {
    target::policy_is_told(evidence) && target::entra(evidence).is_some() && target::settings_are_enforced(evidence)
}

/// Whether a gateway rejected the request without a token with the same status.
fn same_gateway(evidence: &Evidence<'_>) -> bool {
    target::answer(evidence, &Purpose::CallAnonymous).is_some_and(|answer| {
        target::call_status(evidence) == Some(answer.status) && responder::gateway_of(answer).is_some()
    })
}

fn front_end_refuses(evidence: &Evidence<'_>, front_end: &FrontEnd) -> Vec<Found> {
    // The same answer to a request without a token is step 2's finding.
    let same = target::answer(evidence, &Purpose::CallAnonymous).is_some_and(|answer| {
        matches!(responder::judge(answer).by, Responder::FrontEnd(_)) && !responder::passed_the_middleware(answer)
    });
    if same {
        return Vec::new();
    }
    let (code, address) = match front_end {
        FrontEnd::IpForbidden(address) => (Code::NetworkAccessRestricted, address.clone()),
        FrontEnd::Ingress => (Code::NetworkAccessRestricted, None),
        FrontEnd::ClientCertificateRequired => (Code::ClientCertificateRequired, None),
        FrontEnd::Stopped | FrontEnd::Unavailable => (Code::TargetStopped, None),
        FrontEnd::NoSuchSite => (Code::TargetNotFound, None),
    };
    // The front end answers before any token is read. So the app passes on a page that only the token gets, or the
    // first request came through by chance.
    vec![
        possible(code, "only-the-call").confirm(phrase("call.confirm-run-again")).value_if_any("address", address),
        possible(Code::AppError, "passed-on"),
    ]
}

/// The protection against cross-site requests, where the log names it.
fn forged(evidence: &Evidence<'_>) -> Option<Found> {
    let word = log::newest(evidence, &[log::Says::CrossSite])?;
    let finding = Found::error(Code::CsrfOriginRejected, says("log"));
    Some(finding.confidence(Confidence::Likely).because(word.evidence()))
}

/// The app's own rejection. `doubtful`: something else shows, or may show, that the app did not see the call.
fn app_refuses(evidence: &Evidence<'_>, answer: &Answer, doubtful: bool) -> Found {
    let found = |key| {
        let finding = Found::error(Code::AppRequiresRoleOrScope, says(key)).confirm(says("code"));
        let finding = finding.value("roles", in_words::roles(evidence));
        let is_sure = key != "answers" && !doubtful;
        finding.confidence(if is_sure { Confidence::Likely } else { Confidence::Possible })
    };
    if let Some(challenge) = responder::challenge(answer).filter(Challenge::names_error) {
        return found("challenge").value_if_any("error", responder::error(&challenge, answer));
    }
    // The list of tenants is an app setting, which the authentication settings do not show.
    let admitted =
        policy_admits(evidence) && target::allowed_tenants(evidence).is_some() && target::settings_are_live(evidence);
    let served = evidence.me == Some(Me::Admitted);
    let key = match () {
        () if doubtful || everybody_gets_403(evidence) => "answers",
        () if served => "me",
        () if admitted => "settings",
        () if target::app_refused_in_words(evidence) => "body",
        () => "answers",
    };
    let words = spoken::words(answer);
    // It got no token, although one was sent.
    if key != "answers" && spoken::says_no_token(answer) {
        return Found::error(Code::AppValidatesTokenItself, says("challenge"))
            .confidence(Confidence::Likely)
            .value("status", answer.status)
            .value_if_any("error", words)
            .when("passed", true);
    }
    // What the app says decides: a quota, an address, or a state of an account is no missing role.
    if key != "answers" && words.as_deref().is_some_and(|said| !spoken::may_be_about_permissions(said)) {
        return Found::error(Code::AppError, says("rejected"))
            .confidence(Confidence::Likely)
            .value("status", answer.status)
            .value_if_any("said", words);
    }
    let finding = found(key).value("said", shortened(&answer.excerpt(), 100));
    match evidence.exchange(&Purpose::AuthMe).filter(|_| served) {
        Some(exchange) => finding.because(target::evidence(exchange)),
        None => finding,
    }
}
