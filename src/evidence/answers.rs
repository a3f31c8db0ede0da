//! The probes' answers side by side.
//!
//! What the pattern of the differential probes means (A: no token, I: a token that cannot be valid, T: the real one):
//!
//! | A | I | T | meaning |
//! |---|---|---|---|
//! | 401/302 Easy Auth | 401 | 2xx | protected, and the call works |
//! | 401/302 Easy Auth | 401 | 401 | the real one is refused like the invalid one: audience, issuer, or a header lost |
//! | 401/302 Easy Auth | 401 | 403 | the token is valid, a policy (or the app) refuses the caller |
//! | 2xx | 401 | any | anonymous requests are let through, but tokens are validated |
//! | 2xx | 2xx | 2xx | nothing protects this path: Easy Auth off, path excluded, or anonymous allowed |
//! | 5xx | 5xx | any | the fault is before any token is looked at: issuer, secret, egress, or the app |
//! | 403 front end | same | same | the network or the site's state decides, before Easy Auth |
//! | 404 | 401 | any | protected; anonymous requests get 404 |
//! | 401/302 Easy Auth | 401 | 400, 404, 405, 5xx | the call got past Easy Auth; the rest is the app's own affair |
//! | 401/302 Easy Auth | 5xx | the same 5xx | the validation itself fails: metadata, keys, issuer |
//! | 403 | 403 | 403 | Return403, a policy, or a rule before Easy Auth: nothing shows that the token is valid |
//! | 404 | 404 | 404 | Easy Auth's action is a 404 (where its login address shows that it is on), or nothing is there |
//! | 401/302 Easy Auth | 401 | sign-in page | a sign-in of the app's own |
//! | 401 Easy Auth | 401 | the front end's page, another host | what only the token brings is passed on by the app |
//!
//! After a 401 a token for App 2's own client id is tried, which Easy Auth always accepts ([`other_audience`]):
//! accepted where the first was not, the audience is the reason; refused as well, it is not, or not alone.
//!
//! After a 401 or 403 Easy Auth's own page `/.auth/me` is asked with the real token ([`me`]):
//!
//! | T | `/.auth/me` | meaning |
//! |---|---|---|
//! | 401, 403 | 200 that names the caller | Easy Auth admits the caller: what refuses stands behind it |
//! | 403 | 403 | Easy Auth's policy refuses the caller |
//! | 401 | 401 with the same challenge | Easy Auth refuses the token, or never sees it |
//! | any | 404, other | the token store is off: nothing is learnt |

use crate::case::Case;
use crate::case::challenge::Challenge;
use crate::case::exchange::{Answer, Exchange, Purpose};
use crate::case::resource::is_guid;
use crate::case::shown;
use crate::case::target_names;
use crate::knowledge::Words;

use super::evidence_line::{EvidenceLine, Origin};
use super::responder;

/// The last exchange of the real call: the last redirect that was followed, or the call itself.
#[must_use]
pub fn final_call(case: &Case) -> Option<&Exchange> {
    case.exchanges_where(|purpose| matches!(purpose, Purpose::CallRedirect(_)))
        .next_back()
        .or_else(|| case.exchange(&Purpose::CallWithToken))
}

/// The answer to a probe, if there was one.
#[must_use]
pub fn answer<'a>(case: &'a Case, purpose: &Purpose) -> Option<&'a Answer> {
    case.exchange(purpose)?.answer()
}

/// The status of the real call's end.
#[must_use]
pub fn call_status(case: &Case) -> Option<u16> {
    final_call(case)?.status()
}

/// Whether the real call came to a good end: 2xx that is not a sign-in page.
#[must_use]
pub fn call_succeeded(case: &Case) -> bool {
    final_call(case)
        .and_then(Exchange::answer)
        .is_some_and(|answer| (200..300).contains(&answer.status) && !responder::is_login_page(answer))
}

/// Whether the real call got past Easy Auth, token and policy alike: a request without a token is refused, and the real
/// one gets another answer, which is neither a refusal nor from before App 2. What the app then does is its own affair.
#[must_use]
pub fn passed_easy_auth(case: &Case) -> bool {
    let refused = |answer: &&Answer| matches!(answer.status, 401 | 403) || responder::is_login_redirect(answer);
    let Some((call, anonymous)) = final_call(case)
        .and_then(Exchange::answer)
        .zip(answer(case, &Purpose::CallAnonymous).filter(refused))
    else {
        return false;
    };
    let still_refused = matches!(call.status, 401 | 403) && me(case) != Some(Me::Admitted);
    // What an impossible token gets as well comes from the validation, not from the app.
    let validation_fails = call.status >= 500 && impossible_gets(case, call.status);
    call.status != anonymous.status
        && !responder::is_from_before(call)
        && !is_sign_in(call)
        && !still_refused
        && !validation_fails
}

/// Whether the real call's 403 is in words of the app's own: a body that neither Easy Auth, a server of itself, nor
/// what stands in front sends, and that a request without a token does not get as well.
#[must_use]
pub fn app_refused_in_words(case: &Case) -> bool {
    let Some(call) = final_call(case)
        .and_then(Exchange::answer)
        .filter(|answer| answer.status == 403 && responder::has_own_body(answer))
    else {
        return false;
    };
    let for_everybody = answer(case, &Purpose::CallAnonymous)
        .is_some_and(|anonymous| anonymous.status == 403 && responder::has_own_body(anonymous));
    !responder::is_from_before(call) && !for_everybody && !misses_the_middleware(case)
}

/// Whether the real call's answer lacks the mark that the Linux middleware leaves on everything that passes it, and
/// that the answer without a token has: then something before App 2 gave it.
#[must_use]
pub fn misses_the_middleware(case: &Case) -> bool {
    let marked = |answer: &Answer| answer.header(responder::MIDDLEWARE_ID).is_some();
    final_call(case)
        .and_then(Exchange::answer)
        .zip(answer(case, &Purpose::CallAnonymous))
        .is_some_and(|(call, anonymous)| marked(anonymous) && !marked(call))
}

/// Whether the call changes state and carries a cookie, which is what Easy Auth's guard against cross-site requests
/// looks at.
#[must_use]
pub fn carries_a_session(case: &Case) -> bool {
    let changes = !["GET", "HEAD", "OPTIONS"].contains(&case.inputs.method.to_ascii_uppercase().as_str());
    changes
        && case
            .inputs
            .headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("cookie"))
}

/// App 2's challenge, from the call without a token or, failing that, from the one with the impossible token.
#[must_use]
pub fn challenge(case: &Case) -> Option<Challenge> {
    [
        Purpose::CallAnonymous,
        Purpose::CallInvalidToken,
        Purpose::CallWithToken,
    ]
    .iter()
    .filter_map(|purpose| answer(case, purpose))
    .find_map(|answer| responder::challenge(answer).filter(responder::is_easy_auth_challenge))
}

/// Whether App 2 took the token for the other form of its name: it got past the validation, whatever came then. `None`:
/// it was not tried, or the answer does not tell.
#[must_use]
pub fn other_audience(case: &Case) -> Option<bool> {
    let other = answer(case, &Purpose::CallOtherAudience)?;
    let anonymous = answer(case, &Purpose::CallAnonymous);
    match other.status {
        // Easy Auth's own refusal carries its challenge, where it gives one at all.
        401 => {
            let challenges = |answer: &Answer| answer.headers_named("www-authenticate").next().is_some();
            let own = anonymous.is_some_and(|anonymous| anonymous.status == 401 && challenges(anonymous));
            Some(own && !challenges(other))
        }
        _ if is_sign_in(other) => Some(false),
        status @ 500.. => {
            let of_everybody = anonymous.is_none_or(|anonymous| anonymous.status == status);
            (!of_everybody && !impossible_gets(case, status)).then_some(true)
        }
        _ => Some(true),
    }
}

/// `client_id` of the sign-in address that App 2 redirects to.
#[must_use]
pub fn login_client_id(case: &Case) -> Option<String> {
    [Purpose::LoginRedirect, Purpose::CallAnonymous]
        .iter()
        .filter_map(|purpose| answer(case, purpose))
        .find_map(target_names::sign_in_client_id)
}

/// The tenant in the sign-in address that App 2's login page redirects to.
#[must_use]
pub fn login_tenant(case: &Case) -> Option<String> {
    let location = answer(case, &Purpose::LoginRedirect)?.header("location")?;
    let url = url::Url::parse(location).ok()?;
    let tenant = url.path_segments()?.next()?;
    is_guid(tenant).then(|| tenant.to_owned())
}

/// Whether the authority has metadata for App 2's issuer setting; `None` when that was not asked.
#[must_use]
pub fn issuer_resolves(case: &Case) -> Option<bool> {
    let answer = answer(case, &Purpose::IssuerMetadata)?;
    match answer.status {
        200 => Some(answer.json().is_some_and(|json| json.get("issuer").is_some())),
        400 | 404 => Some(false),
        _ => None,
    }
}

/// Whether the answers show Easy Auth itself at work, whatever the settings say.
#[must_use]
pub fn shows_easy_auth(case: &Case) -> Option<Words> {
    [
        Purpose::CallAnonymous,
        Purpose::CallInvalidToken,
        Purpose::CallWithToken,
        Purpose::LoginRedirect,
    ]
    .iter()
    .filter_map(|purpose| answer(case, purpose))
    .map(responder::judge)
    .find(|judged| judged.by == responder::Responder::EasyAuth)
    .map(|judged| judged.because)
}

/// Whether the real call's 401 comes from behind Easy Auth: requests without a token, or with an impossible one, get
/// Easy Auth's challenge, and the real one does not.
#[must_use]
pub fn refused_behind_easy_auth(case: &Case) -> bool {
    let Some(answer) = final_call(case)
        .and_then(Exchange::answer)
        .filter(|answer| answer.status == 401)
    else {
        return false;
    };
    let shows = |answer: &Answer| {
        responder::challenge(answer).is_some_and(|challenge| responder::is_easy_auth_challenge(&challenge))
    };
    // The challenge that App 2 gives to requests without a token is its own; another one may be passed on by the app.
    let own = self::answer(case, &Purpose::CallAnonymous)
        .is_some_and(|anonymous| anonymous.header("www-authenticate") == answer.header("www-authenticate"));
    if shows(answer) && own {
        return false;
    }
    if me_names_the_caller(case) {
        return true;
    }
    if shows(answer) {
        return false;
    }
    let others = [Purpose::CallInvalidToken, Purpose::CallAnonymous];
    others
        .iter()
        .find_map(|purpose| self::answer(case, purpose).filter(|answer| answer.status == 401))
        .is_some_and(shows)
}

/// Whether the real call's 401 is surely Easy Auth's own: it carries Easy Auth's challenge, or Easy Auth's own page
/// gives the same.
#[must_use]
pub fn easy_auth_is_sure(case: &Case) -> bool {
    me(case) == Some(Me::Refused)
        || final_call(case)
            .and_then(Exchange::answer)
            .is_some_and(|answer| responder::judge(answer).by == responder::Responder::EasyAuth)
}

/// What Easy Auth's own page about the caller (`/.auth/me`) said to the real token. No code of the app serves it, so it
/// tells who refused the call; with the token store off it says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Me {
    /// It named the caller: Easy Auth took the token and admits the caller.
    Admitted,
    /// 403, as the call got: Easy Auth's policy refuses the caller.
    Denied,
    /// 401, as the call got: Easy Auth refuses the token, or never saw it.
    Refused,
}

/// The word of `/.auth/me`, where it is telling: reported from practice, so never more than likely.
#[must_use]
pub fn me(case: &Case) -> Option<Me> {
    let answer = answer(case, &Purpose::AuthMe)?;
    // Where Easy Auth is off, the app serves this path like any other.
    let easy_auth = || shows_easy_auth(case).is_some();
    // Where requests without a token get 403 as well, one whose header was lost looks like one that was denied.
    let without_token = self::answer(case, &Purpose::CallAnonymous).map(|answer| answer.status);
    match answer.status {
        200 if me_names_the_caller(case) => Some(Me::Admitted),
        401 if call_status(case) == Some(401) && same_challenge(case, answer) && easy_auth() => Some(Me::Refused),
        403 if call_status(case) == Some(403)
            && easy_auth()
            && without_token != Some(403)
            && !responder::has_own_body(answer)
            && !responder::is_from_before(answer) =>
        {
            Some(Me::Denied)
        }
        _ => None,
    }
}

/// Whether Easy Auth's own page about the caller named one.
fn me_names_the_caller(case: &Case) -> bool {
    answer(case, &Purpose::AuthMe)
        .filter(|answer| answer.status == 200)
        .and_then(Answer::json)
        .is_some_and(|json| {
            json.as_array()
                .is_some_and(|list| !list.is_empty() && list.iter().all(|entry| entry.get("provider_name").is_some()))
        })
}

/// Whether an answer and the real call's both carry a challenge, or neither does.
fn same_challenge(case: &Case, answer: &Answer) -> bool {
    let carries = |answer: &Answer| answer.headers_named("www-authenticate").next().is_some();
    final_call(case)
        .and_then(Exchange::answer)
        .is_some_and(|call| carries(call) == carries(answer))
}

/// A probe and its outcome as one line of evidence.
#[must_use]
pub fn evidence(exchange: &Exchange) -> EvidenceLine {
    let outcome = match (exchange.answer(), exchange.failure()) {
        (Some(answer), _) => responder::brief(answer),
        (None, Some(failure)) => shown::reason(failure),
        (None, None) => String::new(),
    };
    let text = format!(
        "{}: {} {} → {outcome}",
        exchange.purpose.describe(),
        exchange.method,
        shown::url(exchange)
    );
    EvidenceLine::of(Origin::Exchange(exchange.id), text)
}

/// What the call says of the token itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// The token passed validation: a good answer, or a refusal by policy behind it.
    Accepted,
    /// A 401 that Easy Auth gave or may have given.
    Refused,
    /// A 401 that something else gave, or no telling answer.
    Silent,
}

/// What the real call says of the token itself, whatever the settings say.
#[must_use]
pub fn seen(case: &Case) -> Seen {
    if call_succeeded(case) {
        // What anyone gets proves nothing about the token, unless an impossible token is refused.
        let telling = !is_open(case) || impossible_gets(case, 401);
        return if telling { Seen::Accepted } else { Seen::Silent };
    }
    if passed_easy_auth(case) {
        return Seen::Accepted;
    }
    let Some(call) = final_call(case).and_then(Exchange::answer) else {
        return Seen::Silent;
    };
    if call.status == 401 && refused_behind_easy_auth(case) {
        return Seen::Accepted;
    }
    match (call.status, me(case)) {
        (401 | 403, Some(Me::Admitted | Me::Denied)) => return Seen::Accepted,
        (401, Some(Me::Refused)) => return Seen::Refused,
        _ => {}
    }
    match (call.status, responder::judge(call).by) {
        // The guard against cross-site requests may refuse before any token is looked at.
        (403, responder::Responder::BehindMiddleware) if carries_a_session(case) => Seen::Silent,
        // Where an impossible token gets 403 as well, a 403 does not show that the real one is valid.
        (403, responder::Responder::BehindMiddleware) if impossible_gets(case, 403) => Seen::Refused,
        (403, responder::Responder::BehindMiddleware) => Seen::Accepted,
        (
            401,
            responder::Responder::EasyAuth | responder::Responder::BehindMiddleware | responder::Responder::Unknown,
        ) => Seen::Refused,
        // To the sign-in page, like a request without a token or with one that is refused.
        _ if is_sign_in(call) && !impossible_gets(case, 401) => Seen::Refused,
        // A sign-in page that only the real token gets is the app's own: Easy Auth refuses the other tokens.
        _ if is_sign_in(call)
            && answer(case, &Purpose::CallAnonymous).is_some_and(|anonymous| !is_sign_in(anonymous)) =>
        {
            Seen::Accepted
        }
        _ => Seen::Silent,
    }
}

/// Whether a front end or a gateway answered the real call in App 2's place.
#[must_use]
pub fn stopped_before_the_target(case: &Case) -> bool {
    final_call(case)
        .and_then(Exchange::answer)
        .is_some_and(|answer| answer.status >= 400 && responder::is_from_before(answer))
}

/// Whether requests without a token are let through.
#[must_use]
pub fn is_open(case: &Case) -> bool {
    answer(case, &Purpose::CallAnonymous).is_some_and(|answer| (200..300).contains(&answer.status))
}

/// Whether a token changes App 2's answer, also one that cannot be valid: then the header that carries it arrives.
#[must_use]
pub fn header_arrives(case: &Case) -> bool {
    let status = |purpose| answer(case, &purpose).map(|answer| answer.status);
    status(Purpose::CallAnonymous)
        .zip(status(Purpose::CallInvalidToken))
        .is_some_and(|(without, with)| without != with)
}

/// Whether the impossible token got this status.
#[must_use]
pub fn impossible_gets(case: &Case, status: u16) -> bool {
    answer(case, &Purpose::CallInvalidToken).is_some_and(|answer| answer.status == status)
}

/// Whether an answer is a sign-in page, or leads to one.
#[must_use]
pub fn is_sign_in(answer: &Answer) -> bool {
    responder::is_login_redirect(answer) || responder::is_login_page(answer)
}
