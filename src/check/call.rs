//! Step 8, `call`: does the authenticated call succeed, and who answered?

mod forbidden;
mod in_words;
mod unauthorized;

use crate::check::prelude::*;

pub(super) fn judge(evidence: &Evidence<'_>, earlier: Earlier<'_>, report: &mut StepReport) {
    let Some(exchange) = evidence.final_call() else {
        return not_called(evidence, earlier, report);
    };
    if let Some(answer) = exchange.answer() {
        conclude(exchange, earlier, answer, answered(evidence, earlier, exchange, answer), report);
    } else if let Some(failure) = exchange.failure() {
        let is_redirect = exchange.purpose != Purpose::CallWithToken && redirected_elsewhere(evidence).is_some();
        let found = if is_redirect { vec![failed_elsewhere(exchange, failure)] } else { failed(evidence, failure) };
        if let Some(finding) = found.first() {
            report.conclude_as(StepStatus::Fail, finding.message());
        }
        report.findings.extend(found.into_iter().map(|finding| finding.because(exchange)));
    }
}

fn not_called(evidence: &Evidence<'_>, earlier: Earlier<'_>, report: &mut StepReport) {
    let left_out = |purpose| evidence.left_out(&purpose);
    let not_called = |reason: Option<&str>| phrase("call.not-called").with_some("reason", reason);
    if !evidence.inputs.assume.is_empty() {
        report.conclude(phrase("call.assumed"));
    } else if let Some(finding) = unauthorized::gateway_requires_more(evidence) {
        report.conclude_as(StepStatus::Skipped, finding.message());
        report.find(finding);
    } else if let Some(found) = before_any_token(evidence, earlier) {
        let summary = found.first().map(Found::message);
        report.conclude_as(StepStatus::Skipped, summary.unwrap_or_else(|| not_called(None).into()));
        report.findings.extend(found);
    } else if let Some(reason) = left_out(Purpose::CallWithToken) {
        report.conclude(not_called(Some(reason)));
    } else if evidence.is_settled(StepId::Call) {
        report.conclude(not_called(left_out(Purpose::Token)));
    } else {
        report.conclude(phrase("call.waiting"));
    }
}

/// Where the call wasn't made, and every request gets the same before a token could matter: what that is.
fn before_any_token(evidence: &Evidence<'_>, earlier: Earlier<'_>) -> Option<Vec<Found>> {
    let exchange = target::before_any_token(evidence)?;
    let answer = exchange.answer()?;
    let found = match answer.status {
        500.. | 429 => answered(evidence, earlier, exchange, answer),
        _ => vec![Found::of_answer(Code::UndeterminedFailure, "everybody", answer)],
    };
    Some(found.into_iter().map(|finding| finding.shown_by(evidence, [Purpose::CallAnonymous])).collect())
}

/// The findings that explain an answer. Empty where it is good, and where an earlier step explains it.
fn answered(evidence: &Evidence<'_>, earlier: Earlier<'_>, exchange: &Exchange, answer: &Answer) -> Vec<Found> {
    let found = in_words(evidence, earlier, answer).unwrap_or_else(|| by_status(evidence, earlier, exchange, answer));
    found.into_iter().map(|finding| finding.about(answer)).collect()
}

/// What the words of the answers show, whatever their status.
fn in_words(evidence: &Evidence<'_>, earlier: Earlier<'_>, answer: &Answer) -> Option<Vec<Found>> {
    if let Some(again) = target::answered_otherwise(evidence) {
        return Some(vec![differs(evidence, answer, again)]);
    }
    // What lets neither request through is step 2's finding.
    let is_before = evidence.anonymous().is_some_and(responder::is_from_before) && responder::is_from_before(answer);
    if is_before && earlier.stops_every_request() {
        return Some(Vec::new());
    }
    let found = sign_in_for_everybody(evidence).or_else(|| in_words::judge(evidence, answer));
    found.or_else(|| Some(vec![denied(evidence)?]))
}

fn by_status(evidence: &Evidence<'_>, earlier: Earlier<'_>, exchange: &Exchange, answer: &Answer) -> Vec<Found> {
    let by = &responder::judge(answer).by;
    let by_gateway = matches!(by, Responder::Gateway(_));
    let is_front = matches!(by, Responder::FrontEnd(_));
    let is_everybodys = evidence.anonymous_gets(answer.status);
    let reads_tokens = evidence.me == Some(Me::Admitted) || evidence.invalid_token_gets(401);
    match answer.status {
        200..=299 | 304 if !responder::is_login_page(answer) => {
            // Where nothing shows Easy Auth, it isn't known whose page it is; behind it, App 1 may expect the form.
            let password = || Found::of(Code::UndeterminedFailure, "password-page");
            let form = || Found::of(Code::AppValidatesTokenItself, "form").warning_if(true);
            let finding = redirected_elsewhere(evidence)
                .or_else(|| own_sign_in(evidence, exchange, answer))
                .or_else(|| target::asks_for_sign_in(evidence).then(password))
                .or_else(|| responder::has_sign_in_form(answer).then(form))
                .or_else(|| Found::inside(answer));
            Vec::from_iter(finding)
        }
        200..=399 if target::is_sign_in(answer) => unauthorized::sign_in(evidence, earlier, answer),
        200..=399 => {
            let elsewhere = own_sign_in(evidence, exchange, answer).or_else(|| redirected_elsewhere(evidence));
            let redirect = || Found::of(Code::AppError, "redirect").value_if_any("location", answer.location());
            vec![elsewhere.unwrap_or_else(redirect)]
        }
        401 => unauthorized::judge(evidence, earlier, answer, by),
        403 => forbidden::judge(evidence, earlier, answer, by),
        500..=599 if validation_fails(evidence, answer) => at_validation(evidence, answer),
        // The front end's answer to every request is step 2's finding.
        400 | 404 if is_front && is_everybodys => Vec::new(),
        // It answers before Easy Auth reads the token.
        400 | 404 if is_front && !answer.passed_the_middleware() => forbidden::judge(evidence, earlier, answer, by),
        400 | 404 if is_front && evidence.anonymous().is_some() => {
            vec![Found::of(Code::AppError, "passed-on").likely_if(true)]
        }
        // Behind Easy Auth, an error in words of its own is the app's.
        502..=504 if is_of_the_app(answer) => app_errors(evidence, answer),
        502..=504 => vec![unavailable(evidence, answer)],
        // Cloudflare's own statuses.
        520..=530 if by_gateway => vec![unavailable(evidence, answer)],
        // What everybody gets is step 2's, where nothing shows that Easy Auth reads tokens.
        500..=599 if is_everybodys && !reads_tokens && !by_gateway => Vec::new(),
        404 if hidden_by_easy_auth(evidence) => hidden(evidence, answer),
        _ => app_errors(evidence, answer),
    }
}

/// The same call got two answers: its cause comes and goes.
fn differs(evidence: &Evidence<'_>, answer: &Answer, again: &Answer) -> Found {
    let code = if answer.status == 403 { Code::Undetermined403 } else { Code::Undetermined401 };
    let finding = Found::of_answer(code, "differs", answer).value("again", again.status);
    finding.shown_by(evidence, [Purpose::CallAgain])
}

fn conclude(exchange: &Exchange, earlier: Earlier<'_>, answer: &Answer, findings: Vec<Found>, report: &mut StepReport) {
    let is_fault = |found: &Found| found.severity == Severity::Error;
    if !findings.iter().any(is_fault) && responder::is_good(answer) {
        report.findings.extend(findings);
        let redirected = matches!(exchange.purpose, Purpose::CallRedirect(_)).then(|| shown::url(exchange));
        let succeeds = phrase("call.succeeds")
            .with("status", answer.status)
            .with_some("reason", answer.reason.as_deref().map(|reason| answer.quote(reason)))
            .with_some("redirected", redirected.clone());
        // This program sends the token after a redirect within the same host; many clients don't.
        report.findings.extend(redirected.map(|to| {
            let finding = Found::of(Code::AuthorizationHeaderDropped, "followed").value("to", quote(&to));
            finding.because(exchange)
        }));
        return report.conclude(succeeds);
    }
    let summary = match findings.as_slice() {
        [finding] if !finding.code.is_undetermined() => finding.message(),
        several => {
            let fails = phrase("call.fails").with("answer", answer.brief());
            fails.when("several", several.len() > 1 && !earlier.explains()).into()
        }
    };
    report.conclude_as(StepStatus::Fail, summary);
    report.findings.extend(findings.into_iter().map(|finding| finding.because(exchange)));
}

/// Whether the validation fails: requests without a token are rejected properly, and the deliberately invalid token,
/// which never reaches the app, gets the same server error as the real one, or Easy Auth says that it has no metadata.
fn validation_fails(evidence: &Evidence<'_>, answer: &Answer) -> bool {
    !evidence.anonymous_gets(answer.status)
        && (spoken::tells_of_no_metadata(answer) || evidence.invalid_token_gets(answer.status))
        && evidence.me != Some(Me::Admitted)
}

/// What may fail where a token is validated, or what the log says of it.
fn at_validation(evidence: &Evidence<'_>, answer: &Answer) -> Vec<Found> {
    if let Some(finding) = unauthorized::without_keys(evidence) {
        return vec![finding];
    }
    let found = |code| Found::of(code, "validation-fails");
    // The app's own failure is the last: it gets the real token alone.
    let is_gateways = matches!(answer.status, 502..=504);
    let last = if is_gateways { unavailable(evidence, answer).possible() } else { found(Code::AppError) };
    vec![found(Code::TargetEgressBlocked), found(Code::IssuerInvalid), last]
}

/// A sign-in to which every request is redirected, with and without the token. Whose it is, only marks show.
fn sign_in_for_everybody(evidence: &Evidence<'_>) -> Option<Vec<Found>> {
    let (answer, to) = target::sign_in_for_everybody(evidence)?;
    let found = |code| Found::of(code, "front-sign-in").value("to", answer.shown_address(to.as_str()));
    match responder::gateway(answer) {
        Some(gateway) => Some(vec![in_words::requires_more(gateway, answer)]),
        None if spoken::is_static_web_apps(answer) => None,
        None => Some([Code::UndeterminedFailure, Code::AppValidatesTokenItself].map(found).into()),
    }
}

/// A redirect of the call to a page for denied access: the app knows the caller, and doesn't allow it.
fn denied(evidence: &Evidence<'_>) -> Option<Found> {
    let is_denied = |answer: &&Answer| answer.header("location").is_some_and(target_names::is_denied_page);
    let answer = evidence.call_redirects().find(is_denied)?;
    let of_everybody = evidence.anonymous().filter(is_denied).is_some();
    let finding = Found::of(Code::AppRequiresRoleOrScope, "denied").value_if_any("location", answer.location());
    (!of_everybody).then_some(finding)
}

/// A redirect of the call to a sign-in of the app's own.
fn own_sign_in(evidence: &Evidence<'_>, exchange: &Exchange, answer: &Answer) -> Option<Found> {
    let redirected = matches!(exchange.purpose, Purpose::CallRedirect(_));
    let asks = responder::asks_for_sign_in(answer);
    let named = url::Url::parse(&exchange.url).is_ok_and(|url| responder::reads_like_sign_in(&url, &url));
    // A page with a good status is one only if it asks; what still redirects, only by its address.
    let page = answer.status < 300 && answer.is_html() && (asks || named);
    (redirected && (page || answer.status >= 300 && named)).then(|| {
        let first = evidence.answer(&Purpose::CallWithToken);
        Found::of(Code::AppValidatesTokenItself, "own-sign-in")
            .value("page", answer.status)
            .value_if_any("location", first.and_then(Answer::location))
    })
}

/// The first redirect of the call that leads to another host.
fn redirected_elsewhere(evidence: &Evidence<'_>) -> Option<Found> {
    let target = evidence.inputs.target_url()?;
    let (answer, location) = evidence.redirect_elsewhere(&target)?;
    let to = answer.shown_address(location.as_str());
    let everybody = evidence.anonymous().is_none_or(|answer| answer.is_redirect() && !answer.is_login_redirect());
    let is_signed = !everybody && target_names::is_signed(&location);
    let dropped = |key| Found::of(Code::AuthorizationHeaderDropped, key);
    let to_host = |key| dropped(key).value("to", location.host_str().map(|it| answer.quote(it)).unwrap_or_default());
    let asks = responder::reads_like_sign_in(&location, &target);
    Some(match () {
        // Another scheme or port of the same host: that address is the one to call.
        () if location.host_str() == target.host_str() => dropped("moved").value("to", to).when("everybody", everybody),
        () if asks && everybody => Found::of(Code::UndeterminedFailure, "front-sign-in").value("to", to),
        // Only the call is sent there, so Easy Auth let it through.
        () if asks => Found::of(Code::AppValidatesTokenItself, "own-sign-in").value("location", to),
        () if everybody => to_host("redirect"),
        () if is_signed => to_host("redirect-with-token").possible(),
        () => to_host("redirect-with-token"),
    })
}

/// Whether everybody gets this 404 while Easy Auth is on: its action for unauthenticated requests may be a 404.
fn hidden_by_easy_auth(evidence: &Evidence<'_>) -> bool {
    evidence.anonymous_gets(404)
        && evidence.invalid_token_gets(404)
        && target::shows_easy_auth(evidence).is_some()
        && evidence.me != Some(Me::Admitted)
}

fn hidden(evidence: &Evidence<'_>, answer: &Answer) -> Vec<Found> {
    let audiences = evidence.decoded().map(|token| token.list("aud").join(" "));
    // The settings are step 6's, and the client ID is always accepted.
    let may_be_it = target::entra(evidence).is_none()
        && !audiences.as_deref().is_some_and(is_guid)
        && target::other_audience(evidence) != Some(false);
    let audience = Found::of(Code::AudienceNotAllowed, "hidden").value_if_any("audience", audiences);
    let dropped = Found::of(Code::AuthorizationHeaderDropped, "hidden");
    let found = [Some(app_error(evidence, answer)), Some(audience).filter(|_| may_be_it), Some(dropped)];
    found.into_iter().flatten().map(Found::possible).collect()
}

/// An error of the app's own; not determined where no table has the status, and the call may not have reached the app.
fn app_errors(evidence: &Evidence<'_>, answer: &Answer) -> Vec<Found> {
    let is_past = evidence.progress >= Progress::PastEasyAuth;
    let finding = app_error(evidence, answer);
    // With another status, parsers of requests and services of the app's speak of tokens of theirs.
    let of_token = |said: &str| match answer.status {
        422 | 498 => knowledge::is_about_the_token(said),
        _ => knowledge::is_of_a_validator(said),
    };
    let code = answer.json().and_then(|json| Some(json.get("error")?.as_str()?.to_owned()));
    let is_known = matches!(answer.status, 400 | 404..=406 | 408..=417 | 421..=431 | 500..=505);
    match answer.words() {
        // Microsoft.Identity.Web throws, so that the status is 500.
        Some(said) if is_past && sentences::says(Sentence::NoScopeOrRole, &said) => {
            vec![Found::of(Code::AppRequiresRoleOrScope, "challenge").value("error", said)]
        }
        said if is_past && [said.as_ref(), code.as_ref()].into_iter().flatten().any(|said| of_token(said)) => {
            vec![unauthorized::refused_by_the_app(evidence, answer, "challenge")]
        }
        // Step 2 names what else it may be.
        _ if finding.says.key() == Some("same-without-token") && evidence.is_like_a_linked_backend() => {
            vec![finding.possible()]
        }
        _ if is_known || is_past || finding.code != Code::AppError => vec![finding],
        _ => vec![Found::of_answer(Code::UndeterminedFailure, "status", answer), finding.possible()],
    }
}

fn app_error(evidence: &Evidence<'_>, answer: &Answer) -> Found {
    before_the_app(evidence, answer).unwrap_or_else(|| {
        let key = match answer.status {
            status if evidence.anonymous_gets(status) => "same-without-token",
            _ if evidence.progress < Progress::PastEasyAuth => "unproven",
            404 => "not-found",
            405 => "method-not-allowed",
            500..=599 => "server-error",
            _ => "rejected",
        };
        Found::of(Code::AppError, key)
            .value("said", shortened(&answer.excerpt(), 100))
            .value_if_any("allowed_methods", answer.header("allow").map(|methods| answer.quote(methods)))
            .because_all(log::of_a_crash(evidence).filter(|_| answer.status >= 500))
    })
}

/// What a gateway, or a server in front of the app, says of the request itself.
fn before_the_app(evidence: &Evidence<'_>, answer: &Answer) -> Option<Found> {
    let gateway = responder::gateway(answer).map(|gateway| gateway.name);
    let in_front = target::misses_the_middleware(evidence);
    let too_large = answer.status == 431
        || matches!(answer.status, 400 | 404 | 413) && knowledge::has_mark("headers-too-large", &answer.body);
    let finding = match (answer.status, gateway) {
        _ if too_large => {
            let length = evidence.decoded().map(|token| token.length);
            Found::of(Code::AppError, "headers-too-large").value_if_any("length", length)
        }
        (429, _) => {
            let retry_after = answer.header("retry-after").map(|value| answer.quote(value));
            Found::of(Code::AppUnavailable, "throttled").value_if_any("retry_after", retry_after)
        }
        (404 | 421, Some(_)) => Found::of(Code::TargetNotFound, "gateway"),
        (413, _) => Found::of(Code::AppError, "body-too-large"),
        (_, Some(_)) => Found::of_answer(Code::AppError, "gateway", answer),
        (400..=599, _) if in_front => Found::of_answer(Code::AppError, "in-front", answer),
        _ => return None,
    };
    let finding = finding.when("in_front", in_front).value_if_any("gateway", gateway);
    Some(finding.value_if_any("server", spoken::server_of(answer)))
}

/// Whether an answer came through Easy Auth with words of its own, which no server writes.
fn is_of_the_app(answer: &Answer) -> bool {
    answer.passed_the_middleware()
        && responder::has_own_body(answer)
        && !answer.is_html()
        // It may pass on the words of a gateway behind it.
        && knowledge::known::gateway(answer).is_none()
        && knowledge::mark_in("no-app-behind", &answer.body).is_none()
}

fn unavailable(evidence: &Evidence<'_>, answer: &Answer) -> Found {
    // A gateway's page says only that it got nothing from behind it.
    let gateway = responder::gateway(answer).map(|gateway| gateway.name);
    Found::of_answer(Code::AppUnavailable, if gateway.is_some() { "gateway" } else { "answers" }, answer)
        .value_if_any("gateway", gateway)
        .value_if_any("server", spoken::page_of(answer))
        .when("same", evidence.anonymous_gets(answer.status))
        .because_all(log::of_a_crash(evidence))
}

fn failed(evidence: &Evidence<'_>, failure: &Failure) -> Vec<Found> {
    let invalid = evidence.exchange(&Purpose::CallInvalidToken).and_then(Exchange::failure);
    // No app behind Easy Auth gets an invalid token, so what stops both is before it.
    if invalid.is_some() && target::shows_easy_auth(evidence).is_some() {
        let of_validation = Found::of(Code::TargetEgressBlocked, "validation-fails");
        let found = [Code::UndeterminedFailure, Code::NetworkAccessRestricted].map(|code| Found::of(code, "any-token"));
        return found.map(|it| it.value("reason", shown::reason(failure))).into_iter().chain([of_validation]).collect();
    }
    let said = knowledge::of_failure([Code::AppError, Code::AppUnavailable], failure.kind);
    // An app that never answered may be out of reach.
    let is_known = |(code, _): &(Code, &str)| *code == Code::AppError || evidence.anonymous().is_some();
    let (code, key) = said.filter(is_known).unwrap_or((Code::UndeterminedFailure, "answers"));
    vec![Found::of(code, key).value("reason", shown::reason(failure))]
}

/// The address to which the call is redirected doesn't answer: a call to it directly fails in the same way.
fn failed_elsewhere(exchange: &Exchange, failure: &Failure) -> Found {
    let is_untrusted = failure.kind == FailureKind::TlsUntrusted;
    let code = if is_untrusted { Code::TargetTlsUntrusted } else { Code::TargetUnreachable };
    Found::of(code, "redirect").value("to", shown::url(exchange)).value("reason", shown::reason(failure))
}
