//! A 403 to the real token: by policy, by the app, by a network in front, or by the guard against forged requests.

use crate::case::code::Code;
use crate::case::exchange::{Answer, Purpose};
use crate::case::step::StepId;
use crate::case::text::visible;
use crate::check::{Confidence, Earlier, Found};
use crate::evidence::responder::{self, FrontEnd, Responder};
use crate::evidence::target::Me;
use crate::evidence::{Evidence, log, target};

/// Judges a 403. Empty when an earlier step explains it.
pub(super) fn judge(evidence: &Evidence<'_>, earlier: Earlier<'_>, answer: &Answer, by: &Responder) -> Vec<Found> {
    match by {
        Responder::FrontEnd(front_end) => return front_end_refuses(evidence, front_end),
        // What a request without a token gets as well is step 2's finding.
        Responder::Gateway(_) if same_gateway(evidence) => return Vec::new(),
        Responder::Gateway(name) => {
            return vec![
                Found::error(Code::NetworkAccessRestricted, format!("{name} in front of App 2 refuses the request (403), by a rule of its firewall or its own access control."))
                    .confidence(Confidence::Likely),
            ];
        }
        Responder::EasyAuth | Responder::AppValidator | Responder::BehindMiddleware | Responder::Unknown => {}
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
        let finding = Found::error(
            Code::CsrfOriginRejected,
            format!("The {} call carries a cookie: Easy Auth's guard against cross-site requests may refuse it for its origin (403.60). A caller with a bearer token should send no cookie.", evidence.inputs.method),
        )
        .confidence(if known { Confidence::Likely } else { Confidence::Possible })
        .confirm("the same call without the cookie; App 2's log shows 403.60 for this");
        return if known {
            vec![finding]
        } else {
            // The guard looks at what changes state only, so what a GET of `/.auth/me` got proves nothing here.
            let own = app_refuses(evidence, answer).confidence(Confidence::Possible);
            vec![undetermined(evidence, false), finding, own]
        };
    }
    let denied = evidence.me == Some(Me::Denied);
    let own = app_refuses(evidence, answer);
    if !denied && own.confidence > Confidence::Possible {
        return vec![own];
    }
    let alike = target::impossible_gets(evidence, 403);
    let mut findings = vec![undetermined(evidence, denied)];
    if alike {
        findings.push(
            Found::error(
                Code::AuthorizationHeaderDropped,
                "An impossible token gets the same 403 as the real one, as where Easy Auth's action is Return403: the token may be refused, or its header be lost on the way.",
            )
            .confidence(Confidence::Possible)
            .confirm("App 2's log: 401.71 means that no token arrived, 401.83 that it was refused"),
        );
    }
    if let (true, Some(exchange)) = (denied, evidence.exchange(&Purpose::AuthMe)) {
        findings = findings
            .into_iter()
            .map(|finding| finding.because(target::evidence(exchange)))
            .collect();
        findings.push(own.confidence(Confidence::Possible));
    } else {
        findings.push(own);
    }
    if target::misses_the_middleware(evidence) {
        findings.push(
            Found::error(
                Code::NetworkAccessRestricted,
                "The 403 lacks the mark of Easy Auth's middleware (x-ms-middleware-request-id), which the answer without a token has: something in front of App 2, such as a firewall, may refuse the call.",
            )
            .confidence(Confidence::Possible)
            .confirm("the same request to App 2's default host name, past every gateway: another answer means this"),
        );
    } else if everybody_gets_403(evidence) {
        findings.push(
            Found::error(
                Code::NetworkAccessRestricted,
                "A request without a token gets 403 as well: a rule of the network or of a gateway in front may refuse App 1, whatever the token.",
            )
            .confidence(Confidence::Possible)
            .confirm("the same request from another network (a laptop): another answer means this; unauthenticatedClientAction Return403 means it is Easy Auth"),
        );
    }
    if policy_admits(evidence) && target::allowed_tenants(evidence).is_none() {
        findings.push(
            Found::error(Code::TenantNotAllowed, "App 2's app setting WEBSITE_AUTH_AAD_ALLOWED_TENANTS, which its authentication settings do not show, may not hold the token's tenant.")
                .confidence(Confidence::Possible)
                .confirm("az webapp config appsettings list: the setting without this tenant means this; or give App 2's environment with --target-environ"),
        );
    }
    findings
}

/// Whether a request without a token gets 403 as well.
fn everybody_gets_403(evidence: &Evidence<'_>) -> bool {
    target::answer(evidence, &Purpose::CallAnonymous).is_some_and(|anonymous| anonymous.status == 403)
}

fn undetermined(evidence: &Evidence<'_>, denied: bool) -> Found {
    if target::impossible_gets(evidence, 403) {
        return Found::error(
            Code::Undetermined403,
            "App 2 answers 403 without a word to the real token and to an impossible one alike: nothing shows whether the token is valid, or who refuses.",
        )
        .confidence(Confidence::Possible);
    }
    let who = if denied {
        "Easy Auth's own page (/.auth/me) answers 403 as well, so Easy Auth's policy refuses the caller, and does not say which rule."
    } else {
        "Easy Auth's policy or the app refuses the caller."
    };
    // Only the refusal of a token that cannot be valid shows that this one is.
    let valid = if target::impossible_gets(evidence, 401) {
        " The token itself is valid, for an invalid one gets 401."
    } else {
        ""
    };
    Found::error(
        Code::Undetermined403,
        format!("App 2 answers 403, and not why: {who}{valid}"),
    )
    .confidence(Confidence::Possible)
}

/// Whether the readable policy admits the caller.
fn policy_admits(evidence: &Evidence<'_>) -> bool {
    target::policy_is_told(evidence) && target::entra(evidence).is_some() && target::settings_are_enforced(evidence)
}

/// Whether a gateway refused the request without a token with the same status.
fn same_gateway(evidence: &Evidence<'_>) -> bool {
    target::answer(evidence, &Purpose::CallAnonymous).is_some_and(|answer| {
        target::call_status(evidence) == Some(answer.status)
            && matches!(responder::judge(answer).by, Responder::Gateway(_))
    })
}

fn front_end_refuses(evidence: &Evidence<'_>, front_end: &FrontEnd) -> Vec<Found> {
    // The same answer to a request without a token is step 2's finding.
    let same = target::answer(evidence, &Purpose::CallAnonymous)
        .is_some_and(|answer| matches!(responder::judge(answer).by, Responder::FrontEnd(_)));
    if same {
        return Vec::new();
    }
    let (code, message) = match front_end {
        FrontEnd::IpForbidden(address) => (
            Code::NetworkAccessRestricted,
            format!(
                "An access restriction refuses the call, but not the request before it{}: App 1 leaves by several addresses, and not all are allowed.",
                address
                    .as_ref()
                    .map(|ip| format!(" (it sees {ip})"))
                    .unwrap_or_default()
            ),
        ),
        FrontEnd::ClientCertificateRequired => (
            Code::ClientCertificateRequired,
            "App 2 demands a client certificate on this path.".to_owned(),
        ),
        FrontEnd::Stopped | FrontEnd::Unavailable => {
            (Code::TargetStopped, "App 2 went down during the run.".to_owned())
        }
        FrontEnd::NoSuchSite => (
            Code::TargetNotFound,
            "App 2's host name was lost during the run.".to_owned(),
        ),
    };
    // The front end answers before any token is looked at, so a page that only the token brings is passed on by the app, or the
    // first request came through by chance.
    [
        Found::error(code, message)
            .confirm("run again: the same page to a request without a token means this"),
        Found::error(
            Code::AppError,
            "App 2 may pass on the page of another app that it calls itself: a request without a token gets Easy Auth's answer, and only the admitted call this page.",
        )
        .confirm("App 2's own log during one request; what App 2 calls in turn"),
    ]
    .into_iter()
    .map(|finding| finding.confidence(Confidence::Possible))
    .collect()
}

/// The guard against cross-site requests: named by the log, or possible where the call carries a cookie and changes state.
fn forged(evidence: &Evidence<'_>) -> Option<Found> {
    let word = log::newest(evidence, &[log::Says::CrossSite])?;
    Some(
        Found::error(
            Code::CsrfOriginRejected,
            "Easy Auth's guard against cross-site requests refused the call (403.60): it changes state, and comes with a session cookie and a foreign or empty origin. A caller with a bearer token should send no cookie.",
        )
        .confidence(Confidence::Likely)
        .because(word.evidence()),
    )
}

fn app_refuses(evidence: &Evidence<'_>, answer: &Answer) -> Found {
    let roles = evidence
        .token
        .as_ref()
        .map(|token| token.decoded.list("roles").join(", "))
        .filter(|roles| !roles.is_empty());
    let has = roles.map_or_else(
        || "the token has no roles claim".to_owned(),
        |roles| format!("the token's roles are {}", visible(&roles)),
    );
    let challenge = responder::challenge(answer).filter(crate::case::challenge::Challenge::names_error);
    if let Some(challenge) = challenge {
        let said = challenge
            .parameter("error_description")
            .or(challenge.parameter("error"))
            .unwrap_or_default();
        return Found::error(
            Code::AppRequiresRoleOrScope,
            format!(
                "The token passed Easy Auth; App 2's own code refuses the caller: \"{}\"; {has}.",
                answer.quote(said)
            ),
        )
        .confidence(Confidence::Likely);
    }
    let own_body = target::app_refused_in_words(evidence);
    // The list of tenants is an app setting, which the authentication settings do not show.
    let admitted =
        policy_admits(evidence) && target::allowed_tenants(evidence).is_some() && target::settings_are_live(evidence);
    let served = evidence.me == Some(Me::Admitted);
    let finding = Found::error(
        Code::AppRequiresRoleOrScope,
        if served {
            format!("Easy Auth's own page (/.auth/me) serves this caller, so App 2's own code answers 403: it probably asks for an app role or scope, and {has}.")
        } else if admitted {
            format!("App 2's Easy Auth policy admits this caller, so its own code answers 403: it probably asks for an app role or scope, and {has}.")
        } else if own_body {
            format!(
                "The 403 has a body of the app's own, which Easy Auth does not send: its code refuses the caller, as a rule for a missing app role or scope, and {has}. It says: {}",
                answer.excerpt()
            )
        } else {
            format!("App 2's own code may ask for an app role or scope: {has}.")
        },
    )
    .confirm("the app's own authorization code or log; Easy Auth never looks at roles");
    let finding = match evidence.exchange(&Purpose::AuthMe).filter(|_| served) {
        Some(exchange) => finding.because(target::evidence(exchange)),
        None => finding,
    };
    let for_everybody = everybody_gets_403(evidence);
    finding.confidence(if !for_everybody && (served || admitted || own_body) {
        Confidence::Likely
    } else {
        Confidence::Possible
    })
}
