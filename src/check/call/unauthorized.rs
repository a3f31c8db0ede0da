//! A 401 to the real token, or the way to the sign-in page: by Easy Auth, by a function key, by the app's own validator, or because the header is lost.

use crate::case::code::Code;
use crate::case::exchange::{Answer, Exchange, Purpose};
use crate::case::shown::quote::quote;
use crate::case::step::StepId;
use crate::check::rule::Verdict;
use crate::check::{Confidence, Earlier, Found, audience};
use crate::evidence::responder::{self, Responder};
use crate::evidence::{Evidence, log, target};

/// Judges a 401. Empty when an earlier step explains it.
pub(super) fn judge(evidence: &Evidence<'_>, earlier: Earlier<'_>, answer: &Answer, by: &Responder) -> Vec<Found> {
    if let Responder::Gateway(name) = by {
        return vec![gateway(name, answer)];
    }
    if *by == Responder::AppValidator {
        return vec![own_validator(evidence, answer)];
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
    if earlier.has_determined_error(StepId::Audience) {
        // An audience that is wrong does not explain that the bare client id's token is refused as well.
        let refused = target::other_audience(evidence) == Some(false) && !target::header_arrives(evidence);
        return Vec::from_iter(refused.then(|| header_maybe_dropped(evidence)));
    }
    let mut findings = vec![
        Found::error(
            Code::Undetermined401,
            if evidence.me == Some(target::Me::Admitted) {
                "App 2 answers 401 to the real token, and its own page (/.auth/me) takes the same token: its instances may run with different settings, as after a change or a swap. Run again, or restart App 2."
            } else {
                "App 2 answers 401 to the real token, and gives no reason. Easy Auth writes the reason to its log only."
            },
        )
        .confidence(Confidence::Possible),
    ];
    // A token that came through with another audience shows that the header arrives.
    if target::other_audience(evidence) != Some(true) && !target::header_arrives(evidence) {
        let dropped = header_maybe_dropped(evidence);
        // A file may be old, and then what it says fits nothing that runs.
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
            behind(evidence, answer, false)
                .into_iter()
                .map(|finding| finding.confidence(Confidence::Possible)),
        );
    }
    findings
}

/// Judges an answer that is the sign-in page, or leads to it, instead of the app's.
pub(super) fn sign_in(evidence: &Evidence<'_>, earlier: Earlier<'_>, answer: &Answer) -> Vec<Found> {
    let what = if answer.status < 300 {
        "a sign-in page (a good status, but no success)"
    } else {
        "a redirect to the sign-in page"
    };
    // The impossible token is refused as a token, so the header arrives, and the sign-in is the app's own.
    let only_the_token =
        target::answer(evidence, &Purpose::CallAnonymous).is_some_and(|anonymous| !target::is_sign_in(anonymous));
    if target::impossible_gets(evidence, 401) || only_the_token {
        return vec![
            Found::error(
                Code::AppValidatesTokenItself,
                format!("App 2 answers the call with {what}, and other requests otherwise: the header arrives, and the sign-in is the app's own, which does not look at the bearer token."),
            )
            .confidence(Confidence::Likely)
            .confirm("the app's own authentication settings; where the sign-in address leads"),
        ];
    }
    let dropped = Found::error(
        Code::AuthorizationHeaderDropped,
        format!("App 2 answers the call with {what}, as it does to a request without a token: the Authorization header did not reach Easy Auth, or was not accepted."),
    )
    .confirm("call App 2's default host name directly, past every gateway; if that works, something in between drops the header");
    if earlier.token_is_broken() || earlier.has_determined_error(StepId::Audience) {
        return Vec::new();
    }
    let fits = holds_in_settings(evidence, earlier) && target::settings_are_live(evidence);
    vec![dropped.confidence(if fits { Confidence::Likely } else { Confidence::Possible })]
}

/// Whether the token is proven good by everything that Easy Auth looks at: signature, lifetime, and the rules of settings
/// that are enforced and shown whole; and the answer is the same as without a token.
fn everything_fits(evidence: &Evidence<'_>, earlier: Earlier<'_>) -> bool {
    let same = target::final_call(evidence)
        .and_then(Exchange::answer)
        .zip(target::answer(evidence, &Purpose::CallAnonymous))
        .is_some_and(|(call, anonymous)| {
            call.status == anonymous.status
                && call.header("www-authenticate") == anonymous.header("www-authenticate")
                && call.body_length == anonymous.body_length
        });
    same && holds_in_settings(evidence, earlier)
}

/// Whether signature and the rules of settings that are enforced and shown whole are all good.
fn holds_in_settings(evidence: &Evidence<'_>, earlier: Earlier<'_>) -> bool {
    let signed = evidence.token.as_ref().is_some_and(|token| {
        matches!(
            token.signature,
            Some(crate::case::token::SignatureVerdict::Valid { .. })
        )
    });
    // The client id is always accepted: where its token is refused as well, the audience is not what decides.
    let beside_audience = target::other_audience(evidence) == Some(false);
    let rules = earlier.step(StepId::Audience).map_or(&[][..], |step| &step.rules);
    let hold = rules
        .iter()
        .filter(|rule| !(beside_audience && rule.name == audience::AUDIENCE_RULE))
        .all(|rule| rule.verdict == Verdict::Holds);
    signed
        && hold
        && !rules.is_empty()
        && !earlier.has_determined_error(StepId::Audience)
        && target::settings_are_enforced(evidence)
}

/// Where the call could not be made: what a gateway in front answered to the request without a token.
pub(super) fn gateway_wants_more(evidence: &Evidence<'_>) -> Option<Found> {
    let exchange = evidence.exchange(&Purpose::CallAnonymous)?;
    let answer = exchange.answer().filter(|answer| answer.status == 401)?;
    let Responder::Gateway(name) = responder::judge(answer).by else {
        return None;
    };
    Some(
        gateway(name, answer)
            .confidence(Confidence::Possible)
            .because(target::evidence(exchange)),
    )
}

/// A gateway that answers 401 wants something of its own: a key, or a token that its own policy takes.
fn gateway(name: &str, answer: &Answer) -> Found {
    let wants = answer
        .headers_named("www-authenticate")
        .find_map(|challenge| challenge.split("name=\"").nth(1)?.split('"').next())
        .map(|header| {
            format!(
                " It wants a key in the header {}: send it with -H.",
                answer.quote(header)
            )
        })
        .unwrap_or_default();
    let said = answer
        .json()
        .and_then(|json| json.get("message").and_then(|text| text.as_str().map(quote)))
        .map(|text| format!(" It says: \"{text}\"."))
        .unwrap_or_default();
    Found::error(
        Code::AppValidatesTokenItself,
        format!("{name} in front of App 2 refuses the request (401) by a policy of its own, before it reaches App 2.{said}{wants}"),
    )
    .confidence(Confidence::Likely)
    .confirm("the same request to App 2's default host name, past the gateway: another answer means this")
}

fn own_validator(evidence: &Evidence<'_>, answer: &Answer) -> Found {
    let challenge = responder::challenge(answer).unwrap_or_default();
    let said = challenge
        .parameter("error_description")
        .or(challenge.parameter("error"))
        .unwrap_or_default();
    Found::error(
        Code::AppValidatesTokenItself,
        format!("{} validator in App 2's own code refuses the token: \"{}\". Its audience and issuer settings must fit as well.", beginning(evidence), answer.quote(said)),
    )
    .confidence(Confidence::Likely)
}

/// The beginning of a sentence about what stands behind Easy Auth; where nothing shows that the token passed it, it says
/// nothing of it.
fn beginning(evidence: &Evidence<'_>) -> &'static str {
    if target::refused_behind_easy_auth(evidence) {
        "The token passed Easy Auth; a"
    } else {
        "A"
    }
}

/// App 2's log shows 401.71 (no token) and no 401.83 (token refused).
fn header_not_received(evidence: &Evidence<'_>) -> Option<Found> {
    let word = log::newest(evidence, &[log::Says::NoToken])?;
    let refused = log::reason(evidence).is_some() || log::newest(evidence, &[log::Says::Refused]).is_some();
    if refused {
        return None;
    }
    Some(
        Found::error(
            Code::AuthorizationHeaderDropped,
            "App 2's log shows only requests without a token (401.71) and none with a refused one (401.83): the Authorization header does not reach Easy Auth.",
        )
        .confidence(Confidence::Likely)
        .because(word.evidence()),
    )
}

/// App 2's log shows that the app's own validator, and not Easy Auth, refused this token.
fn logged_by_the_app(evidence: &Evidence<'_>) -> Option<Found> {
    let entry = log::of_the_app(evidence)?;
    Some(
        Found::error(
            Code::AppValidatesTokenItself,
            "App 2's log shows that a validator in its own code (JwtBearer) refused the token. Its audience and issuer settings must fit as well.",
        )
        .confidence(Confidence::Likely)
        .because(log::evidence(entry)),
    )
}

fn header_maybe_dropped(evidence: &Evidence<'_>) -> Found {
    let realm = target::challenge(evidence).and_then(|challenge| challenge.parameter("realm").map(str::to_owned));
    let host = evidence.inputs.target_host();
    let other_realm = realm
        .as_ref()
        .zip(host.as_ref())
        .filter(|(realm, host)| !host.starts_with(realm.as_str()));
    let hint = other_realm
        .map(|(realm, host)| {
            format!(
                " A proxy is in between: the challenge names {}, the call went to {host}.",
                quote(realm)
            )
        })
        .unwrap_or_default();
    Found::error(
        Code::AuthorizationHeaderDropped,
        format!("Something between here and Easy Auth may drop the Authorization header: the answer is the same as without a token.{hint}"),
    )
    .because(
        evidence.exchange(&Purpose::CallAnonymous)
            .map(target::evidence)
            .unwrap_or_else(|| "a request without a token was not made".into()),
    )
    .confidence(Confidence::Possible)
    .confirm("App 2's log: 401.71 means that no token arrived, 401.83 that it was refused; or call App 2's default host name directly")
}

/// A 401 from behind Easy Auth: the Functions host's keys, or the app. `proven`: the answers show that the token passed.
fn behind(evidence: &Evidence<'_>, answer: &Answer, proven: bool) -> Vec<Found> {
    let passed = if proven {
        "The token passed Easy Auth;"
    } else {
        "If the token passed Easy Auth,"
    };
    let kind = evidence
        .site
        .as_ref()
        .and_then(|site| site.kind.as_deref())
        .map(str::to_ascii_lowercase);
    let is_function = kind.as_deref().map(|kind| kind.contains("functionapp"));
    let key = Found::error(
        Code::FunctionKeyRequired,
        format!("{passed} the Functions host answers 401 because the function's authorization level wants a key (x-functions-key) besides. Set authLevel to anonymous, or send the key with -H."),
    )
    .confirm("the function's authLevel: function or admin means this");
    let own = Found::error(
        Code::AppValidatesTokenItself,
        format!("{passed} App 2's own code answers 401."),
    )
    .confirm("App 2's application log during one request; the app's own authentication settings");
    if let Some(word) = log::newest(evidence, &[log::Says::WantsKey]) {
        return vec![key.confidence(Confidence::Likely).because(word.evidence())];
    }
    let empty = answer.body_length == 0 && answer.headers_named("www-authenticate").next().is_none();
    match is_function {
        Some(true) if empty => vec![key.confidence(Confidence::Likely)],
        Some(false) => vec![own.confidence(Confidence::Likely)],
        _ if !empty => vec![own.confidence(Confidence::Likely)],
        _ => vec![
            key.confidence(Confidence::Possible),
            own.confidence(Confidence::Possible),
        ],
    }
}
