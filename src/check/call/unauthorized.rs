//! A 401 for the real token, or a sign-in page: from Easy Auth, the Functions host, the app's own validator, or because
//! the header was lost in transit.

use super::in_words;
use crate::check::audience;
use crate::check::prelude::*;

/// Judges a 401. Empty if an earlier step explains it.
pub(super) fn judge(evidence: &Evidence<'_>, earlier: Earlier<'_>, answer: &Answer, by: &Responder) -> Vec<Found> {
    match by {
        Responder::Gateway(by) => return vec![in_words::requires_more(*by, answer)],
        Responder::AppValidator => {
            let line = log::of_the_app(evidence);
            return vec![refused_by_the_app(evidence, answer, "challenge").because_all(line)];
        }
        _ => {}
    }
    if let Some(finding) = logged(evidence) {
        return vec![finding];
    }
    match by {
        _ if answer.easy_auth_sub_status() == Some("401.71") => {
            return vec![Found::of(Code::AuthorizationHeaderDropped, "page")];
        }
        _ if target::refused_behind_easy_auth(evidence) => {
            let others = dropped_behind(answer).into_iter().chain(in_words::blocked_by_path(evidence, answer));
            return behind(evidence, answer, true).into_iter().chain(others).collect();
        }
        _ if earlier.found(Means::BrokenToken) || earlier.found(Means::OutdatedToken) => return Vec::new(),
        Responder::NotEasyAuth | Responder::Server(_) => return of_another(evidence, answer),
        _ => {}
    }
    if earlier.has_determined_error(StepId::Audience) {
        if let Some(next) = refused_next(evidence) {
            return vec![next];
        }
        // A wrong audience does not explain that a token for the bare client ID is rejected, too; a wrong issuer does.
        let explains = |error: &Found| !matches!(error.code, Code::AudienceNotAllowed | Code::TokenForWrongResource);
        let is_explained = earlier.errors(StepId::Audience).any(|error| error.is_determined() && explains(error));
        let refused = target::other_audience(evidence) == Some(false) && !target::header_arrives(evidence);
        return Vec::from_iter((refused && !is_explained).then(|| header_maybe_dropped(evidence)));
    }
    if let Some(finding) = without_keys(evidence) {
        return vec![finding];
    }
    // A file may be old, and then it says nothing of what runs.
    let agrees = everything_fits(evidence, earlier) && target::easy_auth_is_sure(evidence);
    let fits = agrees && earlier.errors(StepId::Audience).next().is_none() && target::settings_are_live(evidence);
    let key = match evidence.me {
        Some(Me::Named) => "me",
        _ if fits => "fits",
        _ if agrees && !target::settings_are_live(evidence) => "file",
        _ => "answers",
    };
    let line = log::reason(evidence).or_else(|| log::newest(evidence, &[Says::Refused]));
    let line = line.map(|word| word.entry).filter(|entry| entry.idx.is_some() || entry.names_a_rejection());
    let line = line.or_else(|| log::of_this_moment(evidence));
    let bound = evidence.decoded().and_then(|token| token.claim("cnf")).map(|_| phrase("call.token-is-bound"));
    let unknown = Found::of(Code::Undetermined401, key)
        .when("fits", fits)
        .when("excluded", target::excludes_the_call(evidence))
        .value_if_any("said", responder::has_own_body(answer).then(|| answer.words()).flatten())
        .value_if_any("idx", line.and_then(|entry| entry.idx.clone()));
    let mut findings = vec![unknown.because_all(line).because_all(bound)];
    // A token that came through with another audience shows that the header arrives.
    if target::other_audience(evidence) != Some(true) && !target::header_arrives(evidence) {
        let dropped = header_maybe_dropped(evidence);
        // That nothing else explains the answer shows nothing; that the challenge is another host's does.
        if fits && dropped.values.contains_key("realm") {
            return vec![dropped.confidence(Confidence::Likely)];
        }
        findings.push(dropped);
    }
    if fits {
        findings.push(Found::of(Code::TargetEgressBlocked, "keys"));
    }
    let logged = log::newest(evidence, &[Says::Refused]).is_some_and(|word| word.weight > Confidence::Possible);
    if !target::easy_auth_is_sure(evidence) && !logged {
        // What the Functions host serves itself requires a key, whatever is in front of it.
        let needs_key = evidence.inputs.calls_an_extension();
        let weaker = |found: Found| if needs_key { found } else { found.possible() };
        findings.extend(behind(evidence, answer, false).into_iter().map(weaker));
    }
    findings
}

/// What App 2's log says where Easy Auth has no metadata or keys to validate a token with.
pub(super) fn without_keys(evidence: &Evidence<'_>) -> Option<Found> {
    let word = log::newest(evidence, &[Says::NoKeys, Says::Metadata])?;
    let (code, key) = match word.shows_an_unknown_tenant() {
        true => (Code::IssuerInvalid, "log"),
        false => (Code::TargetEgressBlocked, "log-keys"),
    };
    (word.weight > Confidence::Possible && !word.older).then(|| Found::of(code, key).because(word.entry))
}

/// Judges an answer that is a sign-in page or a redirect to one.
pub(super) fn sign_in(evidence: &Evidence<'_>, earlier: Earlier<'_>, answer: &Answer) -> Vec<Found> {
    let found = |code| Found::of(code, "sign-in").when("page", answer.status < 300);
    // The deliberately invalid token is rejected as a token, so the header arrives, and the sign-in is the app's own.
    let invalid = evidence.invalid_token_gets(401);
    let only_the_token = evidence.anonymous().is_some_and(|anonymous| !target::is_sign_in(anonymous));
    if (invalid || only_the_token) && !target::has_easy_auths_form(evidence, answer) {
        return vec![found(Code::AppValidatesTokenItself).when("invalid", invalid)];
    }
    if earlier.found(Means::BrokenToken) || earlier.has_determined_error(StepId::Audience) {
        return Vec::new();
    }
    // What is seen says more than the first of the causes that fit.
    [Code::UndeterminedFailure, Code::AuthorizationHeaderDropped].map(|code| found(code).possible()).into()
}

/// Whether the answer is the same as without a token, the signature is valid, and the token satisfies all rules of
/// settings that are enforced and known in full.
fn everything_fits(evidence: &Evidence<'_>, earlier: Earlier<'_>) -> bool {
    let both = evidence.final_answer().zip(evidence.anonymous());
    let signature = evidence.token.as_ref().and_then(|token| token.signature.as_ref());
    // The client ID is always accepted: where its token is rejected, too, the audience is not what decides.
    let beside_audience = target::other_audience(evidence) == Some(false);
    let rules = earlier.step(StepId::Audience).map_or(&[][..], |step| &step.rules);
    let mut deciding = rules.iter().filter(|rule| !(beside_audience && rule.name == audience::AUDIENCE_RULE));
    both.is_some_and(|(call, anonymous)| call.is_like(anonymous))
        && matches!(signature, Some(SignatureVerdict::Valid { .. }))
        && deciding.all(|rule| rule.verdict == Verdict::Holds)
        && !rules.is_empty()
        && !earlier.has_determined_error(StepId::Audience)
        && target::settings_are_enforced(evidence)
}

/// Where the call could not be made: what a gateway in front answered to the request without a token.
pub(super) fn gateway_requires_more(evidence: &Evidence<'_>) -> Option<Found> {
    let answer = evidence.anonymous().filter(|answer| answer.status == 401)?;
    let finding = in_words::requires_more(responder::gateway(answer)?, answer);
    Some(finding.possible().shown_by(evidence, [Purpose::CallAnonymous]))
}

/// A 401 that the app returns: for a role or scope, or for what its own validation requires.
pub(super) fn refused_by_the_app(evidence: &Evidence<'_>, answer: &Answer, key: &'static str) -> Found {
    let said = answer.words();
    let code = match &said {
        Some(said) if knowledge::is_about_permissions(said) => Code::AppRequiresRoleOrScope,
        _ => Code::AppValidatesTokenItself,
    };
    let names = |header| said.as_ref().is_some_and(|said: &String| said.to_ascii_lowercase().contains(header));
    let is_of_app = evidence.decoded().is_some_and(|token| !token.is_of_a_person());
    // Where nothing shows Easy Auth, what let the call through isn't known.
    let passed = evidence.progress >= Progress::PastEasyAuth && target::shows_easy_auth(evidence).is_some();
    Found::of_answer(code, key, answer)
        .when("passed", passed)
        .value_if_any("error", said.clone())
        .value_if_any("developer_tool", in_words::developer_tool(evidence, code))
        .when("claims_challenge", answer.bearer().is_some_and(Challenge::wants_claims))
        .value_if_any("server", spoken::page_of(answer))
        .when("no_token", spoken::says_no_token(answer))
        .when("own_rule", said.as_deref().is_some_and(knowledge::names_another_rule))
        .when("principal_name", is_of_app && names("client-principal-name"))
        .when("principal", names("client-principal"))
}

/// A 401 for everybody in words that Easy Auth doesn't use: the app's, or of something in front. The settings decide it
/// where they leave requests without a token to the app.
fn of_another(evidence: &Evidence<'_>, answer: &Answer) -> Vec<Found> {
    let is_open = |settings: &AuthSettings| settings.enabled == Some(false) || settings.allows_anonymous();
    let open = target::settings(evidence).is_some_and(is_open) || target::excludes_the_call(evidence);
    let own = refused_by_the_app(evidence, answer, "words");
    if open && target::settings_are_enforced(evidence) {
        return vec![own];
    }
    let unknown = Found::of(Code::Undetermined401, "words")
        .value_if_any("said", answer.words())
        .value_if_any("server", spoken::server_of(answer));
    // It says that the request came without a token, and it didn't.
    let is_dropped = spoken::says_no_token(answer) && !target::header_arrives(evidence);
    let dropped = Found::of(Code::AuthorizationHeaderDropped, "no-token").value_if_any("said", answer.words());
    [unknown, own.possible()].into_iter().chain(is_dropped.then_some(dropped)).collect()
}

/// What the app answers to the token for the bare client ID, which Easy Auth accepts: the fault after the audience.
fn refused_next(evidence: &Evidence<'_>) -> Option<Found> {
    let answer = evidence.answer(&Purpose::CallOtherAudience).filter(|answer| answer.status == 401)?;
    let by_the_app = target::other_audience(evidence) == Some(true) && answer.words().is_some();
    let finding = refused_by_the_app(evidence, answer, "challenge").when("passed", true);
    by_the_app.then(|| finding.shown_by(evidence, [Purpose::CallOtherAudience]))
}

/// App 2's log shows 401.71 (no token) and no 401.83 (token rejected), or that the app's own validator rejected it.
fn logged(evidence: &Evidence<'_>) -> Option<Found> {
    let refused = || log::reason(evidence).is_some() || log::newest(evidence, &[Says::Refused]).is_some();
    if let Some(word) = log::newest(evidence, &[Says::NoToken]).filter(|_| !refused()) {
        let finding = Found::of(Code::AuthorizationHeaderDropped, "log").because(word.entry);
        return log::shows_no_token(evidence).then_some(finding);
    }
    let entry = log::of_the_app(evidence)?;
    let is_of_roles = sentences::says(Sentence::NoScopeOrRole, &entry.text);
    let code = if is_of_roles { Code::AppRequiresRoleOrScope } else { Code::AppValidatesTokenItself };
    let gateway = sentences::says(Sentence::ApiManagement, &entry.text).then_some("API Management");
    Some(Found::of(code, "log").value_if_any("gateway", gateway).because(entry))
}

/// App 2's code says that no token came, though Easy Auth let one through.
pub(super) fn dropped_behind(answer: &Answer) -> Option<Found> {
    let finding = Found::of(Code::AuthorizationHeaderDropped, "behind");
    spoken::says_no_token(answer).then(|| finding.value_if_any("said", answer.words()))
}

fn header_maybe_dropped(evidence: &Evidence<'_>) -> Found {
    let challenge = target::challenge(evidence);
    let host = evidence.inputs.target_host().unwrap_or_default();
    let realm = challenge.and_then(|challenge| challenge.parameter("realm"));
    let other_realm = realm.filter(|realm| !host.is_empty() && !host.starts_with(realm));
    let anonymous = evidence.exchange(&Purpose::CallAnonymous);
    Found::of(Code::AuthorizationHeaderDropped, "answers")
        .because(anonymous.map_or_else(|| phrase("call.no-anonymous-request").into(), EvidenceLine::from))
        .value_if_any("realm", other_realm.map(quote))
}

/// A 401 from behind Easy Auth, as far as it is `proven`: from the Functions host, which requires a key, or the app.
fn behind(evidence: &Evidence<'_>, answer: &Answer, proven: bool) -> Vec<Found> {
    let found = |code, is_sure: bool| {
        Found::of(code, "behind").when("passed", proven).when("sure", proven && is_sure).likely_if(is_sure)
    };
    let of_host = evidence.inputs.calls_the_host();
    let of_key = |finding: Found| if of_host { finding.says("host-admin") } else { finding };
    let key = |is_sure| of_key(found(Code::FunctionKeyRequired, is_sure));
    // Easy Auth of another app, which App 2 calls with this token, or which is behind App 2.
    let is_inner = |it: &&Challenge| target::challenge(evidence).is_some_and(|own| it.is_of_another_app(own));
    let inner = answer.bearer().filter(is_inner).and_then(Challenge::resource_id);
    // The words of a server aren't the app's.
    let words = || answer.words().filter(|_| !spoken::has_iis_sentence(answer));
    let own = |is_sure| match words() {
        Some(_) if proven => refused_by_the_app(evidence, answer, "challenge"),
        said => found(Code::AppValidatesTokenItself, is_sure).value_if_any("said", said).value_if_any("inner", inner),
    };
    if let Some(word) = log::newest(evidence, &[Says::WantsKey]) {
        return vec![key(true).because(word.entry)];
    }
    let is_function = evidence.site.as_ref().and_then(|site| site.is_of_kind("functionapp"));
    let is_function = is_function.or_else(|| target::settings(evidence)?.is_function_app.then_some(true));
    let is_function = is_function.or(evidence.inputs.calls_a_function().then_some(true));
    let empty = answer.body_length == 0 && answer.headers_named("www-authenticate").next().is_none();
    match is_function {
        Some(true) if empty => vec![key(true)],
        Some(false) => vec![own(true)],
        _ if !empty => vec![own(true)],
        _ => vec![key(false), own(false)],
    }
}
