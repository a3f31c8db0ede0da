//! The probes' answers side by side.
//!
//! Requests without a token, with a deliberately invalid one, and with the real one are compared: only what the real
//! token changes says something of it. After a 401, or a 404 like everybody's, a token for App 2's bare client ID is
//! tried, which Easy Auth always accepts ([`other_audience`]). After an error, Easy Auth's own page `/.auth/me` is
//! asked with the real token ([`me`]).

use super::prelude::*;

/// Whether the real call succeeded: with 2xx that is neither a sign-in page nor a gateway's, nor an error of gRPC.
pub fn call_succeeded(case: &Case) -> bool {
    case.final_answer().is_some_and(|call| responder::is_good(call) && !responder::fails_inside(call))
        && sign_in_for_everybody(case).is_none()
        && !asks_for_sign_in(case)
}

/// Whether the real call got a page that asks for a sign-in, and nothing shows that Easy Auth let it through.
pub fn asks_for_sign_in(case: &Case) -> bool {
    case.final_answer().is_some_and(responder::asks_for_sign_in) && shows_easy_auth(case).is_none()
}

/// Whether the real call got past Easy Auth, token and policy alike: a request without a token is rejected, and the
/// real one gets another answer, which is neither a rejection nor from a front end or gateway.
pub fn passed_easy_auth(case: &Case) -> bool {
    let refused = |answer: &&Answer| matches!(answer.status, 401 | 403) || answer.is_login_redirect();
    let Some((call, anonymous)) = case.final_answer().zip(case.anonymous().filter(refused)) else { return false };
    let still_refused = matches!(call.status, 401 | 403) && me(case) != Some(Me::Admitted);
    // What a deliberately invalid token gets, too, comes from the validation, not from the app.
    let validation_fails = call.status >= 500 && case.invalid_token_gets(call.status);
    let is_from_before = responder::is_from_before(call) || call.status >= 400 && misses_the_middleware(case);
    call.status != anonymous.status
        && !is_from_before
        && !is_sign_in(call)
        && !asks_for_sign_in(case)
        && !still_refused
        && !validation_fails
}

/// Whether the real call's 403 has a body of the app's own: one that no server, Easy Auth, front end, or gateway sends,
/// and that a request without a token does not get.
pub fn app_refused_in_words(case: &Case) -> bool {
    let refused = |answer: &&Answer| answer.status == 403 && responder::has_own_body(answer);
    let is_from_app_2 = |call: &Answer| !responder::is_from_before(call) && !misses_the_middleware(case);
    case.anonymous().filter(refused).is_none() && case.final_answer().filter(refused).is_some_and(is_from_app_2)
}

/// Whether the real call's answer is missing the header that the Linux middleware adds to everything that passes it,
/// and that the answer without a token has: then something in front of App 2 gave it.
pub fn misses_the_middleware(case: &Case) -> bool {
    let marked = Answer::passed_the_middleware;
    case.final_answer().zip(case.anonymous()).is_some_and(|(call, anonymous)| marked(anonymous) && !marked(call))
}

/// App 2's challenge, from the first of these answers that has one.
pub fn challenge(case: &Case) -> Option<&Challenge> {
    case.answers(&Purpose::CALLS).find_map(responder::easy_auth_challenge)
}

/// Whether the token for the other form of App 2's name passed validation, whatever came then. `None`: it wasn't tried.
pub fn other_audience(case: &Case) -> Option<bool> {
    let other = case.answer(&Purpose::CallOtherAudience)?;
    match other.status {
        401 => Some(is_from_behind(case, other)),
        404 if case.anonymous_gets(404) => Some(false),
        _ if is_sign_in(other) => Some(false),
        status @ 500.. => {
            let of_everybody = case.anonymous().is_none() || case.anonymous_gets(status);
            (!of_everybody && !case.invalid_token_gets(status)).then_some(true)
        }
        _ => Some(true),
    }
}

/// The client ID that App 2's own answers name, and what names it: the challenge, else the sign-in address.
pub fn named_client_id(case: &Case) -> Option<(String, &'static str)> {
    let of_challenge = challenge(case).and_then(Challenge::resource_id).map(|id| (id.to_owned(), "challenge"));
    of_challenge.or_else(|| Some((case.login_client_id()?, "login redirect")))
}

/// The first answer that Easy Auth itself gave, whatever the settings say.
pub fn shows_easy_auth(case: &Case) -> Option<responder::Judged<'_>> {
    let asked = Purpose::CALLS.iter().chain(&[Purpose::LoginRedirect]).filter_map(|purpose| case.exchange(purpose));
    asked
        .filter(|exchange| !exchange.is_moved())
        .filter_map(|exchange| Some(responder::judge(exchange.answer()?)))
        .find(|judged| judged.by == Responder::EasyAuth)
}

/// What every request gets before a token could matter, where nothing shows Easy Auth: a server error, or a refusal
/// with a body. A bare 401 or 403 may be Easy Auth's own, and so may a 404 where its sign-in address answers otherwise.
pub fn before_any_token(case: &Case) -> Option<&Exchange> {
    let exchange = case.exchange(&Purpose::CallAnonymous)?;
    let answer = exchange.answer()?;
    let is_nowhere = answer.status == 404 && case.gets(&Purpose::LoginRedirect, 404);
    let is_known = match answer.status {
        500.. | 429 => true,
        400..500 => is_nowhere || responder::has_own_body(answer) || spoken::page_of(answer).is_some(),
        _ => false,
    };
    let mut others = case.answers(&[Purpose::CallInvalidToken, Purpose::CallWithToken]);
    let is_same = others.all(|other| other.status == answer.status);
    (answer.status != 401 && is_known && is_same && shows_easy_auth(case).is_none()).then_some(exchange)
}

/// Where every request, with and without the token, is redirected to one sign-in that isn't Easy Auth's: the answer to
/// the call, and the address. The token is not what decides there.
pub fn sign_in_for_everybody(case: &Case) -> Option<(&Answer, url::Url)> {
    let leads_to = |purpose: &Purpose| {
        let exchange = case.exchange(purpose)?;
        let (answer, redirect) = exchange.answer().zip(exchange.redirect().filter(|redirect| !redirect.is_a_move()))?;
        let is_known = responder::gateway(answer).is_some_and(|gateway| gateway.says == Some(GatewaySays::SignIn));
        let reads_so = responder::reads_like_sign_in(&redirect.to, &redirect.from) && !answer.is_login_redirect();
        (is_known || reads_so).then_some((answer, redirect.to))
    };
    let (answer, to) = leads_to(&Purpose::CallWithToken)?;
    let (_, anonymous) = leads_to(&Purpose::CallAnonymous)?;
    let place = |url: &url::Url| (url.host_str().map(str::to_owned), url.path().to_owned());
    (place(&to) == place(&anonymous)).then_some((answer, to))
}

/// Whether the real call's 401 comes from behind Easy Auth: requests without a token, or with a deliberately invalid
/// one, get Easy Auth's challenge, and the real one does not.
pub fn refused_behind_easy_auth(case: &Case) -> bool {
    let refused = case.final_answer().filter(|answer| answer.status == 401);
    refused.is_some_and(|answer| me(case) == Some(Me::Admitted) || is_from_behind(case, answer))
}

/// Whether Easy Auth itself gives such an answer: its own sign-in, a 403 without words, or a 401 with its own sentence
/// or with App 2's own challenge. The challenge of another realm may be passed on by the app.
pub fn has_easy_auths_form(case: &Case, answer: &Answer) -> bool {
    let realm = |it| responder::easy_auth_challenge(it)?.parameter("realm").unwrap_or_default().split(':').next();
    match answer.status {
        _ if answer.is_in_easy_auths_words() => true,
        401 => realm(answer).is_some() && case.anonymous().and_then(realm) == realm(answer),
        403 => responder::judge(answer).by == Responder::BehindMiddleware && !responder::has_own_body(answer),
        _ => answer.is_redirect() && answer.header("location").is_some_and(target_names::is_easy_auths_sign_in),
    }
}

/// Whether a 401 for a real token comes from behind Easy Auth: requests without one get another kind of challenge.
fn is_from_behind(case: &Case, answer: &Answer) -> bool {
    let mut others = case.answers(&[Purpose::CallInvalidToken, Purpose::CallAnonymous]);
    let own = others.find(|answer| answer.status == 401).and_then(responder::easy_auth_challenge);
    let is_other = |challenge: &Challenge, own: &Challenge| {
        own.parameters.iter().any(|(name, _)| challenge.parameter(name).is_none()) || challenge.is_of_another_app(own)
    };
    own.filter(|_| !has_easy_auths_form(case, answer))
        .is_some_and(|own| responder::easy_auth_challenge(answer).is_none_or(|challenge| is_other(challenge, own)))
}

/// What the same call got once more, where that is another answer than the first: App 2's instances differ, or the
/// cause has passed. A service that is busy or restarting, or a redirect, says nothing of the first answer.
pub fn answered_otherwise(case: &Case) -> Option<&Answer> {
    let (call, again) = case.final_answer().zip(case.answer(&Purpose::CallAgain))?;
    let is_telling = again.is_success() || matches!(again.status, 400..500) && again.status != 429;
    (is_telling && again.status != call.status).then_some(again)
}

/// Whether the real call's 401 is certainly Easy Auth's own: by its challenge, or by the same on Easy Auth's own page.
pub fn easy_auth_is_sure(case: &Case) -> bool {
    me(case) == Some(Me::Refused)
        || case.final_answer().is_some_and(|answer| responder::judge(answer).by == Responder::EasyAuth)
}

/// What Easy Auth's own page about the caller (`/.auth/me`) answered to the real token. No code of the app serves it,
/// so it shows who rejected the call. If the token store is off, it says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Me {
    /// It named the caller: Easy Auth accepts the token and the caller.
    Admitted,
    /// It named the caller, but the call's answer has the form of Easy Auth's own: whether the policy applies to this
    /// page isn't established, and other instances may run with other settings.
    Named,
    /// 403, like the call: Easy Auth's policy rejects the caller.
    Denied,
    /// 401, like the call: Easy Auth rejects the token, or did not get it.
    Refused,
}

/// What `/.auth/me` shows, if anything: known from practice only, so never more than likely.
pub fn me(case: &Case) -> Option<Me> {
    let answer = case.answer(&Purpose::AuthMe)?;
    // If Easy Auth is off, the app serves this path like any other.
    let easy_auth = || shows_easy_auth(case).is_some();
    let has_challenge = |answer: &Answer| answer.header("www-authenticate").is_some();
    let is_like = |call: &Answer| call.status == answer.status && has_challenge(call) == has_challenge(answer);
    match answer.status {
        200 if case.callers_seen().is_some_and(|callers| !callers.is_empty()) => {
            let is_own = case.final_answer().is_some_and(|call| has_easy_auths_form(case, call));
            Some(if is_own { Me::Named } else { Me::Admitted })
        }
        401 if case.final_answer().is_some_and(is_like) && easy_auth() => Some(Me::Refused),
        403 if case.call_status() == Some(403)
            && easy_auth()
            // Where requests without a token get 403, too, one whose header was lost looks like one that was denied.
            && !case.anonymous_gets(403)
            && !responder::has_own_body(answer)
            && !responder::is_from_before(answer) =>
        {
            Some(Me::Denied)
        }
        _ => None,
    }
}

/// Whether a gateway put its mark on the real call's answer, as it does on App 2's own: each of them may have given it.
pub fn came_through_a_gateway(case: &Case) -> bool {
    case.final_answer().is_some_and(|call| !call.passed_the_middleware() && known::has_a_mark(call))
}

/// Whether everybody is let in: without a token, or with one that anybody can make up.
pub fn is_open(case: &Case) -> bool {
    case.answers(&[Purpose::CallAnonymous, Purpose::CallInvalidToken]).any(responder::is_good)
}

/// Whether the Authorization header arrives: an invalid token changes the answer, or the one to the real token says
/// that it was rejected, by its sub-status (401.83) or in a sentence.
pub fn header_arrives(case: &Case) -> bool {
    let names_a_token = |it: &Answer| it.easy_auth_sub_status() == Some("401.83") || it.has_easy_auths_sentence();
    let both = case.anonymous().zip(case.answer(&Purpose::CallInvalidToken));
    case.final_answer().is_some_and(names_a_token) || both.is_some_and(|(without, with)| without.status != with.status)
}

/// Whether an answer is a sign-in page, or redirects to one.
pub fn is_sign_in(answer: &Answer) -> bool {
    answer.is_login_redirect() || responder::is_login_page(answer)
}
