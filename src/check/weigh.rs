//! What the settings and the token say, weighed against what the run showed. **An observation outranks a rule**: a call
//! that got further than a rule allows disproves the rule, and settings that aren't in force prove nothing.
//!
//! This is the only place where that is decided. Which observation disproves which code is data (`disproved_by` in
//! `assets/knowledge/findings/`), and so is how sure and how bad each sentence makes a finding (`sure`, `severity`).

use super::Earlier;
use super::vocabulary::*;

/// The finding after the call's own word: a warning where the run disproves it, and no surer than the settings are.
pub(super) fn weigh(evidence: &Evidence<'_>, earlier: Earlier<'_>, finding: Found) -> Found {
    if finding.severity != Severity::Error {
        return finding;
    }
    if let Some(reason) = disproof(evidence, finding.code) {
        let finding = finding.within(phrase("weigh.disproved").with("reason", reason));
        return Found { disproved: true, ..finding.warning_if(true) };
    }
    let step = finding.code.step();
    let finding = finding.at_most(ceiling(evidence, earlier, step));
    let is_planned = target::settings(evidence).is_some_and(|settings| settings.planned);
    let is_of_settings = matches!(step, StepId::Protection | StepId::Audience | StepId::Authorization);
    let planned = (is_planned && is_of_settings).then(|| phrase("weigh.planned"));
    let finding = finding.likely_unless(planned.is_none()).because_all(planned);
    // What isn't in effect may still be what the file, or the other app, has.
    let is_anothers = step == StepId::Authorization && target::settings_are_others(evidence);
    if is_anothers { finding.says("answers") } else { finding }
}

/// Whether the run disproves that this is why the call fails.
pub(super) fn is_disproved(evidence: &Evidence<'_>, code: Code) -> bool {
    disproof(evidence, code).is_some()
}

/// What the run showed against a finding, as a sentence.
fn disproof(evidence: &Evidence<'_>, code: Code) -> Option<Said> {
    let disproved_by = knowledge::finding(code)?.disproved_by?;
    let needed = match disproved_by {
        DisprovedBy::TokenAccepted | DisprovedBy::AnyTokenAccepted => Progress::TokenAccepted,
        DisprovedBy::PastEasyAuth => Progress::PastEasyAuth,
    };
    let is_protection = code.step() == StepId::Protection;
    let is_policy = needed == Progress::PastEasyAuth;
    let is_by_any = disproved_by == DisprovedBy::AnyTokenAccepted;
    let key = match evidence.progress {
        _ if is_protection && target::are_refuted(evidence) => "weigh.refuted",
        _ if is_policy && target::is_switched_off(evidence) => return None,
        _ if is_policy && target::excludes_the_call(evidence) => "weigh.path-excluded",
        progress if target::is_open(evidence) && target::call_succeeded(evidence) => match progress {
            Progress::Succeeded if !is_policy => "weigh.token-accepted",
            _ => "weigh.anonymous",
        },
        progress if progress < needed && is_by_any && target::other_audience(evidence) == Some(true) => {
            "weigh.other-form-accepted"
        }
        progress if progress < needed => return None,
        // A token, an audience, or an issuer may be tolerated; the other settings are either in force or not.
        _ if !is_policy && !is_protection => "weigh.token-accepted",
        Progress::Succeeded => "weigh.call-succeeds",
        Progress::PastEasyAuth => "weigh.past-easy-auth",
        _ => "weigh.token-accepted-so-other-settings",
    };
    Some(phrase(key))
}

/// How sure the settings can make a finding of this step at most.
fn ceiling(evidence: &Evidence<'_>, earlier: Earlier<'_>, step: StepId) -> Confidence {
    let is_named = evidence.me == Some(Me::Named);
    let is_doubtful = || is_named || !target::settings_are_enforced(evidence) || names_the_tokens_tenant(evidence);
    let is_before_any_token = || target::before_any_token(evidence).is_some() || refuses_everybody(evidence);
    match step {
        StepId::Claims | StepId::Audience | StepId::Authorization if target::answered_otherwise(evidence).is_some() => {
            Confidence::Possible
        }
        StepId::Audience | StepId::Authorization if target::settings_are_others(evidence) => Confidence::Possible,
        // A fault of the provider can be a server error for everybody; it is no other answer.
        StepId::Protection if is_unrelated(evidence) => Confidence::Possible,
        StepId::Protection if !target::site_is_the_targets(evidence) => Confidence::Likely,
        StepId::Protection if target::before_any_token(evidence).is_some() => Confidence::Likely,
        StepId::Audience if is_before_any_token() && !earlier.stops_every_request() => Confidence::Possible,
        StepId::Audience if is_doubtful() || target::shows_easy_auth(evidence).is_none() => Confidence::Likely,
        StepId::Authorization => policy_ceiling(evidence, earlier),
        _ => Confidence::Certain,
    }
}

/// Whether App 2's own challenge names the tenant of the token, so that settings with another tenant are contradicted.
fn names_the_tokens_tenant(evidence: &Evidence<'_>) -> bool {
    let named = target::challenge(evidence).and_then(|challenge| challenge.tenant_hint());
    let of_token = evidence.decoded().and_then(|token| token.text("tid"));
    let configured = target::tenant(evidence);
    named.zip(of_token).zip(configured).is_some_and(|((named, of_token), configured)| {
        named.eq_ignore_ascii_case(of_token) && !configured.as_str().eq_ignore_ascii_case(of_token)
    })
}

/// Whether what every request gets isn't the provider's: no server error, one while Easy Auth is off, or another's.
fn is_unrelated(evidence: &Evidence<'_>) -> bool {
    let status = target::before_any_token(evidence).and_then(Exchange::status);
    let is_off = target::is_switched_off(evidence);
    // What Easy Auth without an Entra provider answers has its own marks.
    let is_without = is_off || target::configured_entra(evidence).is_none();
    let leads_away = |answer: &Answer| answer.is_redirect() && !answer.is_login_redirect();
    let is_marked =
        |answer: &Answer| responder::is_of_another(answer) || leads_away(answer) || spoken::is_static_web_apps(answer);
    let is_anothers = |answer: &Answer| responder::is_from_before(answer) || is_without && is_marked(answer);
    let is_others = || evidence.anonymous().is_some_and(is_anothers);
    // A linked backend answers everybody with 400 (techcommunity.microsoft.com, blog 3759599).
    let is_linked = status == Some(400) && target::settings(evidence).is_some_and(AuthSettings::has_static_web_apps);
    // A call that succeeds needs no explanation.
    !is_linked && status.is_some_and(|status| !matches!(status, 500 | 501) || is_off)
        || !target::call_succeeded(evidence) && (is_others() || target::sign_in_for_everybody(evidence).is_some())
}

/// Whether one and the same 403 is the answer to requests with the token, with an invalid one, and without, though
/// Easy Auth is set to answer otherwise: then nothing shows that its policy wrote it.
fn refuses_everybody(evidence: &Evidence<'_>) -> bool {
    let answers = [Purpose::CallAnonymous, Purpose::CallInvalidToken].map(|purpose| evidence.answer(&purpose));
    let call = evidence.final_answer().filter(|call| call.status == 403 && !target::answers_with_403(evidence));
    let is_same = |other: &Answer, call: &Answer| other.status == 403 && other.is_like(call);
    call.is_some_and(|call| answers.iter().all(|other| other.is_some_and(|other| is_same(other, call))))
}

fn policy_ceiling(evidence: &Evidence<'_>, earlier: Earlier<'_>) -> Confidence {
    use Confidence::{Certain, Likely, Possible};
    let likely_if = Confidence::likely_if;
    // Easy Auth's own page rejects the caller, whoever wrote the answer to the call.
    let is_denied = evidence.me == Some(Me::Denied);
    let from_before = |it| responder::is_from_before(it) || matches!(responder::judge(it).by, Responder::Server(_));
    let call = evidence.final_answer();
    // Easy Auth's own refusal is no JSON.
    let may_be_its = || target::settings_are_live(evidence) && call.is_none_or(|answer| answer.json().is_none());
    let invalid = evidence.answer(&Purpose::CallInvalidToken);
    match () {
        () if target::is_switched_off(evidence) => Certain,
        // A front end or gateway that answers in App 2's place says nothing of the policy.
        () if call.is_some_and(from_before) || target::came_through_a_gateway(evidence) => Likely,
        () if target::misses_the_middleware(evidence) || refuses_everybody(evidence) => likely_if(is_denied),
        // An app that refuses in words of its own was reached: what these settings say may not be what runs.
        () if target::app_refused_in_words(evidence) => likely_if(is_denied || may_be_its()),
        () if earlier.settings_are_disproved() => Possible,
        // Easy Auth's own page has the same policy.
        () if evidence.gets(&Purpose::AuthMe, 200) || !target::settings_are_enforced(evidence) => Likely,
        // Where an invalid token isn't refused with 401, a 403 doesn't show that Easy Auth validated this one.
        () if evidence.call_status() == Some(403) && invalid.is_some_and(|invalid| invalid.status != 401) => Likely,
        () => Certain,
    }
}
