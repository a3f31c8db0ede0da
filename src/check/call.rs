//! Step 8, `call`: does the authenticated call succeed, and who answered?
//!
//! | answer with the token | who | finding |
//! |---|---|---|
//! | 2xx | the app | none |
//! | 2xx or 3xx that is a sign-in page, for everybody | Easy Auth | steps 5 and 6, else `authorization-header-dropped` |
//! | the same for the token alone, or after a redirect of the app's | the app | `app-validates-token-itself` |
//! | redirect to another host | the app, a gateway | `authorization-header-dropped` |
//! | 401 of a gateway | the gateway | `app-validates-token-itself` |
//! | 401 whose challenge names an error | a validator in the app | `app-validates-token-itself` |
//! | 401 without Easy Auth's challenge, which it shows to requests without a token | behind Easy Auth | `function-key-required`, `app-validates-token-itself` |
//! | 401 like the one without a token | Easy Auth | steps 5 and 6, else `undetermined-401` |
//! | 403 with the app's own body, or after a policy that admits | the app | `app-requires-role-or-scope` |
//! | 403 without a body | Easy Auth or the app | step 7, else `undetermined-403` |
//! | 404, 405, other 4xx, 500 | the app | `app-error` |
//! | the 500 that an impossible token gets as well | Easy Auth | `target-egress-blocked`, `issuer-invalid` or `app-error` |
//! | 502, 503, 504, silence | the app does not run | `app-unavailable` |

mod forbidden;
mod unauthorized;

use crate::case::code::Code;
use crate::case::exchange::{Answer, Exchange, FailureKind, Purpose};
use crate::case::shown;
use crate::case::shown::quote::quote;
use crate::case::step::StepId;
use crate::case::text::visible;

use super::{Confidence, Earlier, Found, StepReport, StepStatus};
use crate::evidence::responder::{self, Responder};
use crate::evidence::{Evidence, target};

/// Judges the step.
#[must_use]
pub fn check(evidence: &Evidence<'_>, earlier: Earlier<'_>) -> StepReport {
    let mut report = StepReport::new(StepId::Call);
    let Some(exchange) = target::final_call(evidence) else {
        not_called(evidence, &mut report);
        return report;
    };
    report.fact("call", format!("{} {}", exchange.method, shown::url(exchange)));
    match (exchange.answer(), exchange.failure()) {
        (Some(answer), _) => {
            let judged = responder::judge(answer);
            report.fact("answer", responder::brief(answer));
            report.fact(
                "who answered",
                format!("{} ({})", who(&judged.by, answer), judged.because),
            );
            if !answer.body.is_empty() {
                report.fact("body begins", answer.excerpt());
            }
            answered(evidence, earlier, exchange, answer, &judged.by, &mut report);
        }
        (None, Some(failure)) => {
            let finding = failed(evidence, failure.kind, &shown::reason(failure)).because(target::evidence(exchange));
            report.conclude(StepStatus::Fail, finding.message());
            report.find(finding);
        }
        (None, None) => {}
    }
    report
}

fn not_called(evidence: &Evidence<'_>, report: &mut StepReport) {
    if !evidence.inputs.assume.is_empty() {
        report.conclude(
            StepStatus::Skipped,
            "not called: App 2 itself is as it was, only the judgement assumes the change",
        );
    } else if let Some(finding) = unauthorized::gateway_wants_more(evidence) {
        report.conclude(StepStatus::Skipped, finding.message());
        report.find(finding);
    } else if let Some(reason) = evidence.left_out(&Purpose::CallWithToken) {
        report.conclude(StepStatus::Skipped, format!("not called: {reason}"));
    } else if evidence.is_settled(StepId::Call) {
        let reason = evidence.left_out(&Purpose::Token).unwrap_or("there is no token for it");
        report.conclude(StepStatus::Skipped, format!("not called: {reason}"));
    } else {
        report.conclude(StepStatus::Unknown, "waiting for the token");
    }
}

fn who(by: &Responder, answer: &Answer) -> &'static str {
    match by {
        Responder::EasyAuth => "Easy Auth",
        Responder::FrontEnd(_) => "App Service's front end",
        Responder::Gateway(name) => name,
        Responder::AppValidator => "a token validator in the app",
        Responder::BehindMiddleware => "Easy Auth or the app",
        Responder::Unknown if (200..300).contains(&answer.status) => "the app",
        Responder::Unknown => "not told",
    }
}

fn answered(
    evidence: &Evidence<'_>,
    earlier: Earlier<'_>,
    exchange: &Exchange,
    answer: &Answer,
    by: &Responder,
    report: &mut StepReport,
) {
    let support = target::evidence(exchange);
    let findings = match answer.status {
        200..=299 if !responder::is_login_page(answer) => {
            if let Some(finding) = redirected_elsewhere(evidence).or_else(|| own_sign_in(evidence, exchange, answer)) {
                vec![finding]
            } else {
                report.conclude(
                    StepStatus::Pass,
                    format!(
                        "{} {}: the call succeeds",
                        answer.status,
                        answer
                            .reason
                            .as_deref()
                            .map(|reason| answer.quote(reason))
                            .unwrap_or_default()
                    )
                    .replace(" :", ":"),
                );
                return;
            }
        }
        200..=399 if target::is_sign_in(answer) => unauthorized::sign_in(evidence, earlier, answer),
        200..=399 => vec![own_sign_in(evidence, exchange, answer).unwrap_or_else(|| redirected(evidence, answer))],
        401 => unauthorized::judge(evidence, earlier, answer, by),
        403 => forbidden::judge(evidence, earlier, answer, by),
        500..=501 | 505..=599 if validation_fails(evidence, answer) => failing_validation(answer.status),
        // The front end's answer to every request is step 2's finding.
        404 if matches!(by, Responder::FrontEnd(_)) && same_without_token(evidence, 404) => Vec::new(),
        502..=504 => vec![unavailable(evidence, answer)],
        500..=599 if same_without_token(evidence, answer.status) => Vec::new(),
        404 if hidden_by_easy_auth(evidence) => hidden(evidence, answer),
        _ => vec![app_error(evidence, answer)],
    };
    report.conclude(
        StepStatus::Fail,
        format!("{}: the call is refused or fails", responder::brief(answer)),
    );
    for finding in findings {
        if !finding.code.is_undetermined() {
            report.summary = finding.message();
        }
        report.find(finding.because(support.clone()));
    }
    if report.findings.len() > 1 {
        report.summary = format!("{}: several causes fit", responder::brief(answer)).into();
    }
}

/// A fault that requests without a token meet as well belongs to step 2.
fn same_without_token(evidence: &Evidence<'_>, status: u16) -> bool {
    target::answer(evidence, &Purpose::CallAnonymous).is_some_and(|answer| answer.status == status)
}

/// Whether requests without a token are refused properly, and both an impossible token and the real one meet a server error:
/// no app ever sees the impossible one, so it is the validation that fails.
fn validation_fails(evidence: &Evidence<'_>, answer: &Answer) -> bool {
    !same_without_token(evidence, answer.status) && target::impossible_gets(evidence, answer.status)
}

fn failing_validation(status: u16) -> Vec<Found> {
    let seen =
        format!("An impossible token gets {status} as the real one does, and a request without a token does not");
    [
        Found::error(
            Code::TargetEgressBlocked,
            format!("{seen}: Easy Auth's validation itself may fail, because it cannot load the authority's metadata and keys."),
        )
        .confirm("in App 2's console: curl -sS https://login.microsoftonline.com/common/.well-known/openid-configuration; no answer means this"),
        Found::error(
            Code::IssuerInvalid,
            format!("{seen}: App 2's issuer setting may lead to no metadata."),
        )
        .confirm("read openIdIssuer in App 2's settings and open <issuer>/.well-known/openid-configuration"),
        Found::error(
            Code::AppError,
            format!("{seen}: code of the app that reads tokens before Easy Auth's refusal may fail."),
        )
        .confirm("App 2's log stream during one request names the exception"),
    ]
    .into_iter()
    .map(|finding| finding.confidence(Confidence::Possible))
    .collect()
}

/// A redirect of the call to a sign-in of the app's own.
fn own_sign_in(evidence: &Evidence<'_>, exchange: &Exchange, answer: &Answer) -> Option<Found> {
    let redirected = matches!(exchange.purpose, Purpose::CallRedirect(_));
    let body = answer.body.to_ascii_lowercase();
    let asks = ["type=\"password\"", "type='password'", "type=password"]
        .iter()
        .any(|mark| body.contains(mark));
    let path = url::Url::parse(&exchange.url)
        .map(|url| url.path().to_ascii_lowercase())
        .unwrap_or_default();
    let html = answer
        .header("content-type")
        .is_some_and(|kind| kind.to_ascii_lowercase().contains("text/html"));
    let named = ["/login", "/signin", "/sign-in", "/account/"]
        .iter()
        .any(|word| path.contains(word));
    let first = evidence
        .exchange(&Purpose::CallWithToken)
        .and_then(Exchange::answer)
        .and_then(Answer::location)
        .unwrap_or_default();
    // A page with a good status is one only if it asks; what still redirects, only by its address.
    let page = answer.status < 300 && html && (asks || named);
    (redirected && (page || answer.status >= 300 && named)).then(|| {
        Found::error(
            Code::AppValidatesTokenItself,
            format!("App 2 redirects the call to a sign-in of its own ({first}), which answers {}: no success, whatever the status. Its code does not take the bearer token for a sign-in.", answer.status),
        )
        .confidence(Confidence::Likely)
        .confirm("the app's own authentication settings")
    })
}

/// The first redirect of the call that leads to another host.
fn redirected_elsewhere(evidence: &Evidence<'_>) -> Option<Found> {
    let host = evidence.inputs.target_host()?;
    let target = url::Url::parse(evidence.inputs.target.as_deref()?).ok()?;
    evidence.exchanges_where(|purpose| matches!(purpose, Purpose::CallWithToken | Purpose::CallRedirect(_)))
        .filter_map(Exchange::answer)
        .filter(|answer| (300..400).contains(&answer.status))
        .filter_map(|answer| target.join(answer.header("location")?).ok())
        .find(|location| location.host_str() != target.host_str() || location.port_or_known_default() != target.port_or_known_default())
        .map(|location| {
            let to = location.host_str().map(quote).unwrap_or_default();
            let everybody = target::answer(evidence, &Purpose::CallAnonymous)
                .is_none_or(|answer| (300..400).contains(&answer.status) && !responder::is_login_redirect(answer));
            if !everybody {
                return Found::error(
                    Code::AuthorizationHeaderDropped,
                    format!("App 2 hands the call with the token over to {to}, and other requests not: this program does not follow there, and HTTP clients leave the Authorization header out on the way. If {to} wants a token as well, it never arrives."),
                )
                // A signed link opens for everyone who has it.
                .confidence(if location.query().is_some_and(|query| query.contains("sig")) {
                    Confidence::Possible
                } else {
                    Confidence::Likely
                })
                .confirm(format!("open the address that App 2 sends without a token: where {to} serves it (a signed download link, for instance), the call works"));
            }
            Found::error(
                Code::AuthorizationHeaderDropped,
                format!("{host} redirects the call to {to}. HTTP clients leave the Authorization header out on the way to another host, and this program does so too: the token never arrives there. Call {to} directly, if it is App 2."),
            )
        })
}

fn redirected(evidence: &Evidence<'_>, answer: &Answer) -> Found {
    redirected_elsewhere(evidence).unwrap_or_else(|| {
        let to = answer.location().unwrap_or_default();
        Found::error(
            Code::AppError,
            format!(
                "App 2 answers with a redirect ({} to {to}) that leads to no answer.",
                answer.status
            ),
        )
        .confidence(Confidence::Likely)
    })
}

/// Whether everybody gets this 404, while Easy Auth is at work: its own action for requests that it refuses may be a 404.
fn hidden_by_easy_auth(evidence: &Evidence<'_>) -> bool {
    same_without_token(evidence, 404)
        && target::impossible_gets(evidence, 404)
        && target::shows_easy_auth(evidence).is_some()
}

fn hidden(evidence: &Evidence<'_>, answer: &Answer) -> Vec<Found> {
    let dropped = Found::error(
        Code::AuthorizationHeaderDropped,
        "App 2 answers 404 to everybody, as Easy Auth does where its action for unauthenticated requests is 404: the token may be refused, or its header be lost on the way.",
    )
    .confirm("App 2's settings: the action for unauthenticated requests; its log: 401.71 or 401.83");
    vec![app_error(evidence, answer), dropped]
        .into_iter()
        .map(|finding| finding.confidence(Confidence::Possible))
        .collect()
}

fn app_error(evidence: &Evidence<'_>, answer: &Answer) -> Found {
    if let Some(finding) = before_the_app(evidence, answer) {
        return finding;
    }
    let body = if answer.body.is_empty() {
        String::new()
    } else {
        format!(" It says: {}", answer.excerpt())
    };
    let what = match answer.status {
        status if same_without_token(evidence, status) => {
            format!(
                "App 2 answers {status} with and without a token, so nothing tells that the token was looked at: the path, the method or the app itself is at fault"
            )
        }
        404 => "App 2 took the token, but has nothing at this path (404)".to_owned(),
        405 => "App 2 took the token, but does not allow this method here (405)".to_owned(),
        500..=599 => format!("App 2 took the token, and its own code fails ({})", answer.status),
        status => format!("App 2 took the token, and the app itself refuses the request ({status})"),
    };
    Found::error(Code::AppError, format!("{what}.{body}")).confidence(Confidence::Likely)
}

/// What a gateway, or a server before the app, says of the request itself.
fn before_the_app(evidence: &Evidence<'_>, answer: &Answer) -> Option<Found> {
    let gateway = match responder::judge(answer).by {
        Responder::Gateway(name) => Some(name),
        _ => None,
    };
    let length = evidence.token.as_ref().map_or(0, |token| token.decoded.length);
    let too_large = answer.status == 431 || answer.status == 400 && answer.body.contains("Header Or Cookie Too Large");
    let finding = match (answer.status, gateway) {
        _ if too_large => Found::error(
            Code::AppError,
            format!(
                "A server before the app refuses the request's headers as too large ({}); the token has {length} characters. Tokens grow with groups and roles.",
                answer.status
            ),
        ),
        (429, _) => Found::error(
            Code::AppUnavailable,
            format!(
                "{} answers 429: too many requests. Retry-After: {}.",
                gateway.unwrap_or("App 2"),
                answer
                    .header("retry-after")
                    .map_or_else(|| "not given".to_owned(), |value| answer.quote(value))
            ),
        ),
        (404 | 421, Some(name)) => Found::error(
            Code::TargetNotFound,
            format!(
                "{name} in front of App 2 answers {}: it has no route for this host name and path.",
                answer.status
            ),
        ),
        _ => return None,
    };
    Some(finding.confidence(Confidence::Likely))
}

fn unavailable(evidence: &Evidence<'_>, answer: &Answer) -> Found {
    let same = if same_without_token(evidence, answer.status) {
        " A request without a token gets the same, so the token is not the reason."
    } else {
        ""
    };
    // A gateway's page says only that it got nothing from behind it.
    let what = match responder::judge(answer).by {
        Responder::Gateway(name) => {
            format!(
                "{name} in front of App 2 gets no answer from it: App 2 is starting, has crashed, is too slow, or cannot be reached from there."
            )
        }
        _ => "App 2's app does not answer: it is starting, has crashed, or is too slow.".to_owned(),
    };
    Found::error(
        Code::AppUnavailable,
        format!("{what} The status is {}.{same}", answer.status),
    )
    .confidence(Confidence::Likely)
}

fn failed(evidence: &Evidence<'_>, kind: FailureKind, message: &str) -> Found {
    let anonymous_answers = target::answer(evidence, &Purpose::CallAnonymous).is_some();
    let message = visible(message);
    match kind {
        FailureKind::AnswerTimeout | FailureKind::ConnectTimeout | FailureKind::ConnectionReset if anonymous_answers => Found::error(
            Code::AppUnavailable,
            format!("App 2 answers a request without a token, but not the real one within {} s: the token passes, and the app does not answer ({message}).", evidence.inputs.timeout_s),
        )
        .confidence(Confidence::Likely),
        _ => Found::error(Code::UndeterminedFailure, format!("The call came to no answer: {message}.")).confidence(Confidence::Possible),
    }
}
