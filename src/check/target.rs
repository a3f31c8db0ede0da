//! App 2 as the probes saw it: the answers side by side, the settings in force, its names. Shared by the checks of
//! steps 2, 3, 6, 7 and 8.
//!
//! What the pattern of the differential probes means (A: no token, I: a token that cannot be valid, T: the real one):
//!
//! | A | I | T | meaning |
//! |---|---|---|---|
//! | 401/302 Easy Auth | 401 | 2xx | protected, and the call works |
//! | 401/302 Easy Auth | 401 | 401 | the real token is refused like the impossible one: audience, issuer, or the header is lost |
//! | 401/302 Easy Auth | 401 | 403 | the token is valid, a policy (or the app) refuses the caller |
//! | 2xx | 401 | any | anonymous requests are let through, but tokens are validated |
//! | 2xx | 2xx | 2xx | nothing protects this path: Easy Auth off, path excluded, or anonymous allowed |
//! | 5xx | 5xx | any | the fault is before any token is looked at: issuer, secret, egress, or the app |
//! | 403 front end | same | same | the network or the site's state decides, before Easy Auth |
//! | 404 | 401 | any | protected; anonymous requests get 404 |
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
use crate::case::auth_settings::{AuthSettings, EntraProvider, SettingsReading, SettingsSource};
use crate::case::challenge::Challenge;
use crate::case::exchange::{Answer, Exchange, Purpose};
use crate::case::resource::is_guid;

use super::answerer;

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
        .is_some_and(|answer| (200..300).contains(&answer.status) && !answerer::is_login_page(answer))
}

/// Whether the real call got past Easy Auth, token and policy alike: a request without a token is refused, and the real one
/// gets another answer, which is neither a refusal nor from before App 2. What the app then does is its own affair.
#[must_use]
pub fn passed_easy_auth(case: &Case) -> bool {
    let refused = |answer: &&Answer| matches!(answer.status, 401 | 403) || answerer::is_login_redirect(answer);
    let Some((call, anonymous)) = final_call(case)
        .and_then(Exchange::answer)
        .zip(answer(case, &Purpose::CallAnonymous).filter(refused))
    else {
        return false;
    };
    let from_before = matches!(
        answerer::judge(call).by,
        answerer::Answerer::FrontEnd(_) | answerer::Answerer::Gateway(_)
    );
    let sign_in = answerer::is_login_redirect(call) || answerer::is_login_page(call);
    let still_refused = matches!(call.status, 401 | 403) && me(case) != Some(Me::Admitted);
    call.status != anonymous.status && !from_before && !sign_in && !still_refused
}

/// Whether the real call's 403 is in words of the app's own: a body that neither Easy Auth, a server of itself, nor what
/// stands in front sends, and that a request without a token does not get as well.
#[must_use]
pub fn app_refused_in_words(case: &Case) -> bool {
    let Some(call) = final_call(case)
        .and_then(Exchange::answer)
        .filter(|answer| answer.status == 403 && answerer::has_own_body(answer))
    else {
        return false;
    };
    let from_before = matches!(
        answerer::judge(call).by,
        answerer::Answerer::FrontEnd(_) | answerer::Answerer::Gateway(_)
    );
    let for_everybody = answer(case, &Purpose::CallAnonymous)
        .is_some_and(|anonymous| anonymous.status == 403 && answerer::has_own_body(anonymous));
    !from_before && !for_everybody && !misses_the_middleware(case)
}

/// Whether the real call's answer lacks the mark that the Linux middleware leaves on everything that passes it, and that
/// the answer without a token has: then something before App 2 gave it.
#[must_use]
pub fn misses_the_middleware(case: &Case) -> bool {
    let marked = |answer: &Answer| answer.header(answerer::MIDDLEWARE_ID).is_some();
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
    .find_map(|answer| answerer::challenge(answer).filter(answerer::is_easy_auth_challenge))
}

/// App 2's settings in force: the reading that is nearest to what really runs. One that a file of App 2's overrules, or
/// that does not show who is admitted, stands behind the others; one of another app is none.
#[must_use]
pub fn settings_reading(case: &Case) -> Option<&SettingsReading> {
    case.settings
        .iter()
        .filter(|reading| names_another_app(case, reading).is_none())
        .filter_map(|reading| Some((reading, reading.outcome.as_deref().ok()?)))
        .min_by_key(|(reading, settings)| {
            (
                settings.config_file_path.is_some(),
                !settings.shows_policy(),
                nearness(&reading.source),
            )
        })
        .map(|(reading, _)| reading)
}

/// Whether a source shows what App 2 really runs with, and not what is stored for it.
#[must_use]
pub const fn is_running(source: &SettingsSource) -> bool {
    matches!(source, SettingsSource::TargetEnviron(_) | SettingsSource::OwnEnviron)
}

/// App 2's settings as they are stored, which is what a change is made to; `None` where only what runs was read.
#[must_use]
pub fn stored_reading(case: &Case) -> Option<&SettingsReading> {
    case.settings
        .iter()
        .filter(|reading| !is_running(&reading.source) && names_another_app(case, reading).is_none())
        .filter_map(|reading| Some((reading, reading.outcome.as_deref().ok()?)))
        .filter(|(_, settings)| settings.shows_policy())
        .min_by_key(|(reading, _)| nearness(&reading.source))
        .map(|(reading, _)| reading)
}

/// App 2's settings in force.
#[must_use]
pub fn settings(case: &Case) -> Option<&AuthSettings> {
    settings_reading(case).and_then(|reading| reading.outcome.as_deref().ok())
}

/// Where the settings in force were read, in words.
#[must_use]
pub fn settings_source(case: &Case) -> String {
    settings_reading(case).map_or_else(|| "no settings".to_owned(), |reading| reading.source.to_string())
}

/// App 2's Entra provider in force, when it is there, enabled, and Easy Auth is not switched off.
#[must_use]
pub fn entra(case: &Case) -> Option<&EntraProvider> {
    settings(case)
        .filter(|settings| settings.enabled != Some(false))
        .and_then(AuthSettings::entra_enabled)
}

/// App 2's Entra provider as it is configured, also where Easy Auth is switched off: what will be in force when it is on.
#[must_use]
pub fn configured_entra(case: &Case) -> Option<&EntraProvider> {
    settings(case).and_then(AuthSettings::entra_enabled)
}

/// Whether the settings hold what is enforced: a configuration file makes them void.
#[must_use]
pub fn settings_are_enforced(case: &Case) -> bool {
    settings(case).is_some_and(|settings| settings.config_file_path.is_none())
}

/// Whether the settings in force were read from Azure or from App 2 itself in this run; a file may be old.
#[must_use]
pub fn settings_are_live(case: &Case) -> bool {
    settings_reading(case).is_some_and(|reading| !matches!(reading.source, SettingsSource::File(_)))
}

/// Whether the other form of the audience was tried, and came through to an answer that is no refusal of the token.
#[must_use]
pub fn other_audience_accepted(case: &Case) -> bool {
    case.exchange(&Purpose::CallOtherAudience)
        .and_then(Exchange::status)
        .is_some_and(|status| status != 401 && status < 500)
}

/// Whether the settings show the policy, and hide no part of it behind an expression.
#[must_use]
pub fn policy_is_told(case: &Case) -> bool {
    settings(case).is_some_and(|settings| settings.shows_policy() && settings.undetermined_policy().next().is_none())
}

/// `WEBSITE_AUTH_AAD_ALLOWED_TENANTS`, from whichever source shows it.
#[must_use]
pub fn allowed_tenants(case: &Case) -> Option<&[String]> {
    readable(case).find_map(|settings| settings.allowed_tenants.as_deref())
}

/// `WEBSITE_AUTH_AAD_REQUIRE_CLIENT_SERVICE_PRINCIPAL`, from whichever source shows it.
#[must_use]
pub fn requires_service_principal(case: &Case) -> Option<bool> {
    readable(case).find_map(|settings| settings.require_client_service_principal)
}

/// The client id in stored settings and the one that App 2 itself names in its challenge, where they differ: the settings
/// are another app's or slot's, or not in force yet, and say nothing of what refuses the call.
#[must_use]
pub fn names_another_app(case: &Case, reading: &SettingsReading) -> Option<(String, String)> {
    let runs = is_running(&reading.source);
    let stored = reading.outcome.as_deref().ok()?.entra.as_ref()?.client_id.as_deref()?;
    if runs || shown_in_a_challenge(case, stored) {
        return None;
    }
    let named = challenge(case).and_then(|challenge| challenge.resource_id().map(str::to_owned))?;
    let assumed = case
        .inputs
        .assume
        .iter()
        .any(|change| change.to_ascii_lowercase().starts_with("clientid"));
    let differ = !assumed && is_guid(stored) && is_guid(&named) && !stored.eq_ignore_ascii_case(&named);
    differ.then(|| (stored.to_owned(), named))
}

/// Whether a challenge of App 2 holds this client id as it stands, which is told without taking the challenge apart.
fn shown_in_a_challenge(case: &Case, client_id: &str) -> bool {
    [
        Purpose::CallAnonymous,
        Purpose::CallInvalidToken,
        Purpose::CallWithToken,
    ]
    .iter()
    .filter_map(|purpose| answer(case, purpose))
    .any(|answer| {
        answer
            .headers_named("www-authenticate")
            .any(|challenge| challenge.contains(client_id))
    })
}

fn readable(case: &Case) -> impl Iterator<Item = &AuthSettings> {
    case.settings
        .iter()
        .filter(|reading| names_another_app(case, reading).is_none())
        .filter_map(|reading| reading.outcome.as_deref().ok())
}

/// What really runs stands before what is stored, and a partial view comes last.
fn nearness(source: &SettingsSource) -> u8 {
    match source {
        SettingsSource::TargetEnviron(_) => 0,
        SettingsSource::OwnEnviron => 1,
        SettingsSource::ResourceManager => 2,
        SettingsSource::ResourceManagerList => 3,
        SettingsSource::File(_) => 4,
        SettingsSource::WebConfig => 5,
    }
}

/// App 2's client id and how it is known: settings, the challenge, the login redirect, Graph.
#[must_use]
pub fn client_id(case: &Case) -> Option<(String, &'static str)> {
    let from_settings = settings(case)
        .and_then(|settings| settings.entra.as_ref())
        .and_then(|entra| entra.client_id.clone())
        .map(|id| (id, "settings"));
    from_settings
        .or_else(|| {
            challenge(case).and_then(|challenge| challenge.resource_id().map(|id| (id.to_owned(), "challenge")))
        })
        .or_else(|| login_client_id(case).map(|id| (id, "login redirect")))
        .or_else(|| {
            case.registration
                .as_ref()
                .and_then(|registration| registration.client_id.clone())
                .map(|id| (id, "Microsoft Graph"))
        })
}

/// `client_id` of the sign-in address that App 2 redirects to.
#[must_use]
pub fn login_client_id(case: &Case) -> Option<String> {
    [Purpose::LoginRedirect, Purpose::CallAnonymous]
        .iter()
        .filter_map(|purpose| answer(case, purpose))
        .filter_map(|answer| answer.header("location"))
        .filter_map(|location| url::Url::parse(location).ok())
        .find_map(|url| {
            url.query_pairs()
                .find(|(name, _)| name == "client_id")
                .map(|(_, value)| value.into_owned())
        })
}

/// The tenant in the sign-in address that App 2's login page redirects to.
#[must_use]
pub fn login_tenant(case: &Case) -> Option<String> {
    let location = answer(case, &Purpose::LoginRedirect)?.header("location")?;
    let url = url::Url::parse(location).ok()?;
    let tenant = url.path_segments()?.next()?;
    is_guid(tenant).then(|| tenant.to_owned())
}

/// Whether the run was made inside App 2 itself: the machine's own host name is the target's.
#[must_use]
pub fn is_inside(case: &Case) -> bool {
    let own = case
        .environment
        .as_ref()
        .and_then(|environment| environment.text("WEBSITE_HOSTNAME"));
    let target = case.inputs.target.as_deref().and_then(|url| url::Url::parse(url).ok());
    own.zip(target.as_ref().and_then(url::Url::host_str))
        .is_some_and(|(own, host)| own.eq_ignore_ascii_case(host))
}

/// App 2's tenant and how it is known. The challenge's is a hint only: it has been seen to say `common`.
#[must_use]
pub fn tenant(case: &Case) -> Option<String> {
    entra(case)
        .and_then(|entra| entra.issuer.as_deref())
        .and_then(|issuer| super::issuer::Issuer::parse(issuer).tenant)
        .or_else(|| challenge(case).and_then(|challenge| challenge.tenant_hint()))
        .filter(|tenant| is_guid(tenant))
}

/// Whether the answers show Easy Auth itself at work, whatever the settings say.
#[must_use]
pub fn shows_easy_auth(case: &Case) -> Option<String> {
    [
        Purpose::CallAnonymous,
        Purpose::CallInvalidToken,
        Purpose::CallWithToken,
        Purpose::LoginRedirect,
    ]
    .iter()
    .filter_map(|purpose| answer(case, purpose))
    .map(answerer::judge)
    .find(|judged| judged.by == answerer::Answerer::EasyAuth)
    .map(|judged| judged.because)
}

/// Whether the real call's 401 comes from behind Easy Auth: requests without a token, or with an impossible one, get Easy
/// Auth's challenge, and the real one does not.
#[must_use]
pub fn refused_behind_easy_auth(case: &Case) -> bool {
    let Some(answer) = final_call(case)
        .and_then(Exchange::answer)
        .filter(|answer| answer.status == 401)
    else {
        return false;
    };
    if me_names_the_caller(case) {
        return true;
    }
    let shows = |answer: &Answer| {
        answerer::challenge(answer).is_some_and(|challenge| answerer::is_easy_auth_challenge(&challenge))
    };
    if shows(answer) {
        return false;
    }
    let others = [Purpose::CallInvalidToken, Purpose::CallAnonymous];
    others
        .iter()
        .find_map(|purpose| self::answer(case, purpose).filter(|answer| answer.status == 401))
        .is_some_and(shows)
}

/// Whether the real call's 401 is surely Easy Auth's own: it carries Easy Auth's challenge, or Easy Auth's own page gives
/// the same.
#[must_use]
pub fn easy_auth_is_sure(case: &Case) -> bool {
    me(case) == Some(Me::Refused)
        || final_call(case)
            .and_then(Exchange::answer)
            .is_some_and(|answer| answerer::judge(answer).by == answerer::Answerer::EasyAuth)
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
        403 if call_status(case) == Some(403) && easy_auth() && without_token != Some(403) => Some(Me::Denied),
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
pub fn evidence(exchange: &Exchange) -> String {
    let outcome = match (exchange.answer(), exchange.failure()) {
        (Some(answer), _) => answerer::brief(answer),
        (None, Some(failure)) => failure.message.clone(),
        (None, None) => String::new(),
    };
    format!(
        "{}: {} {} → {outcome}",
        exchange.purpose.describe(),
        exchange.method,
        exchange.url
    )
}
