//! A 401 for the real token, or a sign-in page: from Easy Auth, the Functions host, the app's own validator, or because
//! the header was lost in transit.

use crate::case::code::Code;
use crate::case::exchange::{Answer, Purpose};
use crate::case::shown::quote::quote;
use crate::case::step::StepId;
use crate::case::token::SignatureVerdict;
use crate::check::rule::Verdict;
use crate::check::{Confidence, Earlier, Found, audience, says};
use crate::evidence::responder::{self, Responder};
use crate::evidence::target::Me;
use crate::evidence::{Evidence, log, spoken, target};
use crate::knowledge::phrase;

use super::{gateway, in_words};

/// Judges a 401. Empty if an earlier step explains it.
pub(super) fn judge(evidence: &Evidence<'_>, earlier: Earlier<'_>, answer: &Answer, by: &Responder) -> Vec<Found> {
    if let Responder::Gateway(by) = by {
        return vec![gateway::requires_more(*by, answer)];
    }
    if *by == Responder::AppValidator {
        return vec![own_validator(evidence, answer, target::refused_behind_easy_auth(evidence))];
    }
    if let Some(finding) = header_not_received(evidence).or_else(|| logged_by_the_app(evidence)) {
        return vec![finding];
    }
    if target::refused_behind_easy_auth(evidence) {
        return behind(evidence, answer, true);
    }
    if earlier.token_is_broken() || earlier.token_is_outdated() {
        return Vec::new();
    }
    if matches!(by, Responder::NotEasyAuth | Responder::Server(_)) {
        return of_another(evidence, answer);
    }
    if earlier.has_determined_error(StepId::Audience) {
        if let Some(next) = refused_next(evidence) {
            return vec![next];
        }
        // A wrong audience does not explain that a token for the bare client ID is rejected, too.
        let refused = target::other_audience(evidence) == Some(false) && !target::header_arrives(evidence);
        return Vec::from_iter(refused.then(|| header_maybe_dropped(evidence)));
    }
    let key = if evidence.me == Some(Me::Admitted) { "me" } else { "answers" };
    let mut findings = vec![Found::error(Code::Undetermined401, says(key)).confidence(Confidence::Possible)];
    // A token that came through with another audience shows that the header arrives.
    if target::other_audience(evidence) != Some(true) && !target::header_arrives(evidence) {
        let dropped = header_maybe_dropped(evidence);
        // A file may be old, and then it says nothing of what runs.
        if everything_fits(evidence, earlier)
            && target::settings_are_live(evidence)
            && target::easy_auth_is_sure(evidence)
        {
            return vec![dropped.confidence(Confidence::Likely)];
        }
        findings.push(dropped);
    }
    let logged = log::newest(evidence, &[log::Says::Refused]).is_some_and(|word| word.weight > Confidence::Possible);
    if !target::easy_auth_is_sure(evidence) && !logged {
        findings.extend(
            behind(evidence, answer, false).into_iter().map(|finding| finding.confidence(Confidence::Possible)),
        );
    }
    findings
}

/// Judges an answer that is a sign-in page or a redirect to one.
pub(super) fn sign_in(evidence: &Evidence<'_>, earlier: Earlier<'_>, answer: &Answer) -> Vec<Found> {
    let found =
        |code| Found::error(code, says("sign-in")).value("status", answer.status).when("page", answer.status < 300);
    // The deliberately invalid token is rejected as a token, so the header arrives, and the sign-in is the app's own.
    let invalid = target::invalid_token_gets(evidence, 401);
    let only_the_token =
        target::answer(evidence, &Purpose::CallAnonymous).is_some_and(|anonymous| !target::is_sign_in(anonymous));
    if invalid || only_the_token {
        let own = found(Code::AppValidatesTokenItself).confidence(Confidence::Likely);
        return vec![own.when("invalid", invalid)];
    }
    if earlier.token_is_broken() || earlier.has_determined_error(StepId::Audience) {
        return Vec::new();
    }
    let fits = satisfies_settings(evidence, earlier) && target::settings_are_live(evidence);
    let confidence = if fits { Confidence::Likely } else { Confidence::Possible };
    vec![found(Code::AuthorizationHeaderDropped).confidence(confidence)]
}

/// Whether the token passes everything that Easy Auth checks (signature, lifetime, and the rules of settings that are
/// enforced and known in full), and the answer is the same as without a token.
fn everything_fits(evidence: &Evidence<'_>, earlier: Earlier<'_>) -> bool {
    let same = target::final_answer(evidence)
        .zip(target::answer(evidence, &Purpose::CallAnonymous))
        .is_some_and(|(call, anonymous)| target::are_alike(call, anonymous));
    same && satisfies_settings(evidence, earlier)
}

/// Whether the signature is valid, and the token satisfies all rules of settings that are enforced and known in full.
fn satisfies_settings(evidence: &Evidence<'_>, earlier: Earlier<'_>) -> bool {
    let signature = evidence.token.as_ref().and_then(|token| token.signature.as_ref());
    let signed = matches!(signature, Some(SignatureVerdict::Valid { .. }));
    // The client ID is always accepted: where its token is rejected, too, the audience is not what decides.
    let beside_audience = target::other_audience(evidence) == Some(false);
    let rules = earlier.step(StepId::Audience).map_or(&[][..], |step| &step.rules);
    let satisfied = rules
        .iter()
        .filter(|rule| !(beside_audience && rule.name == audience::AUDIENCE_RULE))
        .all(|rule| rule.verdict == Verdict::Holds);
    signed
        && satisfied
        && !rules.is_empty()
        && !earlier.has_determined_error(StepId::Audience)
        && target::settings_are_enforced(evidence)
}

/// Where the call could not be made: what a gateway in front answered to the request without a token.
pub(super) fn gateway_requires_more(evidence: &Evidence<'_>) -> Option<Found> {
    let exchange = evidence.exchange(&Purpose::CallAnonymous)?;
    let answer = exchange.answer().filter(|answer| answer.status == 401)?;
    let by = responder::gateway(answer)?;
    let finding = gateway::requires_more(by, answer).confidence(Confidence::Possible);
    Some(finding.because(target::evidence(exchange)))
}

/// A validator of the app's own, whose challenge or words name the error.
fn own_validator(evidence: &Evidence<'_>, answer: &Answer, passed: bool) -> Found {
    refused_by_the_app(evidence, answer, "challenge").when("passed", passed)
}

/// A 401 that the app returns: for a role or scope, or for what its own validation requires.
fn refused_by_the_app(evidence: &Evidence<'_>, answer: &Answer, key: &'static str) -> Found {
    let said = spoken::words(answer);
    let code = match &said {
        Some(said) if spoken::is_about_permissions(said) => Code::AppRequiresRoleOrScope,
        _ => Code::AppValidatesTokenItself,
    };
    let is_principal = said.as_ref().is_some_and(|said| said.to_ascii_lowercase().contains("client-principal"));
    Found::error(code, says(key))
        .confidence(Confidence::Likely)
        .value("status", answer.status)
        .value_if_any("error", said.clone())
        .value_if_any("said", said)
        .value_if_any("unquoted", spoken::unquoted(answer))
        .value("roles", in_words::roles(evidence))
        .when("principal", is_principal)
}

/// A 401 for everybody in words that Easy Auth doesn't use: the app's, or of something in front. The settings decide it
/// where they leave requests without a token to the app.
fn of_another(evidence: &Evidence<'_>, answer: &Answer) -> Vec<Found> {
    let open = target::settings(evidence).is_some_and(|settings| {
        settings.enabled == Some(false)
            || settings
                .unauthenticated_action
                .as_deref()
                .is_some_and(|action| action.eq_ignore_ascii_case("AllowAnonymous"))
    });
    let own = refused_by_the_app(evidence, answer, "words");
    if open && target::settings_are_enforced(evidence) {
        return vec![own];
    }
    let unknown = Found::error(Code::Undetermined401, says("words"))
        .value_if_any("said", spoken::words(answer))
        .value_if_any("unquoted", spoken::unquoted(answer))
        .value_if_any("server", spoken::server_of(answer));
    let mut findings = vec![unknown, own];
    // It says that the request came without a token, and it didn't.
    if spoken::says_no_token(answer) && !target::header_arrives(evidence) {
        let dropped = Found::error(Code::AuthorizationHeaderDropped, says("no-token"));
        findings.push(dropped.value_if_any("said", spoken::words(answer)));
    }
    findings.into_iter().map(|finding| finding.confidence(Confidence::Possible)).collect()
}

/// What the app answers to the token for the bare client ID, which Easy Auth accepts: the fault after the audience.
fn refused_next(evidence: &Evidence<'_>) -> Option<Found> {
    let exchange = evidence.exchange(&Purpose::CallOtherAudience)?;
    let answer = exchange.answer().filter(|answer| answer.status == 401)?;
    let by_the_app = target::other_audience(evidence) == Some(true) && spoken::words(answer).is_some();
    by_the_app.then(|| own_validator(evidence, answer, true).because(target::evidence(exchange)))
}

/// App 2's log shows 401.71 (no token) and no 401.83 (token rejected).
fn header_not_received(evidence: &Evidence<'_>) -> Option<Found> {
    let word = log::newest(evidence, &[log::Says::NoToken])?;
    let refused = log::reason(evidence).is_some() || log::newest(evidence, &[log::Says::Refused]).is_some();
    if refused {
        return None;
    }
    let finding = Found::error(Code::AuthorizationHeaderDropped, says("log"));
    Some(finding.confidence(Confidence::Likely).because(word.evidence()))
}

/// App 2's log shows that the app's own validator, not Easy Auth, rejected this token.
fn logged_by_the_app(evidence: &Evidence<'_>) -> Option<Found> {
    let entry = log::of_the_app(evidence)?;
    let finding = Found::error(Code::AppValidatesTokenItself, says("log"));
    Some(finding.confidence(Confidence::Likely).because(log::evidence(entry)))
}

fn header_maybe_dropped(evidence: &Evidence<'_>) -> Found {
    let challenge = target::challenge(evidence);
    let realm = challenge.as_ref().and_then(|challenge| challenge.parameter("realm"));
    let host = evidence.inputs.target_host();
    let other_realm = realm.filter(|realm| host.as_ref().is_some_and(|host| !host.starts_with(realm)));
    let anonymous = evidence.exchange(&Purpose::CallAnonymous);
    Found::error(Code::AuthorizationHeaderDropped, says("answers"))
        .because(anonymous.map_or_else(|| phrase("call.no-anonymous-request").into(), target::evidence))
        .confidence(Confidence::Possible)
        .value_if_any("realm", other_realm.map(quote))
}

/// A 401 from behind Easy Auth: from the Functions host, which requires a key, or from the app. `proven`: the answers
/// show that the token passed Easy Auth.
fn behind(evidence: &Evidence<'_>, answer: &Answer, proven: bool) -> Vec<Found> {
    let found = |code, is_sure: bool| {
        Found::error(code, says("behind"))
            .when("passed", proven)
            .when("sure", proven && is_sure)
            .confidence(if is_sure { Confidence::Likely } else { Confidence::Possible })
    };
    let key = |is_sure| found(Code::FunctionKeyRequired, is_sure);
    let own = |is_sure| match spoken::words(answer) {
        Some(_) if proven => refused_by_the_app(evidence, answer, "challenge").when("passed", true),
        said => found(Code::AppValidatesTokenItself, is_sure)
            .value_if_any("said", said)
            .value_if_any("unquoted", spoken::unquoted(answer)),
    };
    if let Some(word) = log::newest(evidence, &[log::Says::WantsKey]) {
        return vec![key(true).because(word.evidence())];
    }
    let kind = evidence.site.as_ref().and_then(|site| site.kind.as_deref());
    let is_function = kind.map(|kind| kind.to_ascii_lowercase().contains("functionapp"));
    let empty = answer.body_length == 0 && answer.headers_named("www-authenticate").next().is_none();
    match is_function {
        Some(true) if empty => vec![key(true)],
        Some(false) => vec![own(true)],
        _ if !empty => vec![own(true)],
        _ => vec![key(false), own(false)],
    }
}
