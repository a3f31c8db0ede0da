//! What the settings and the token say, weighed against what the run showed. **An observation outranks a rule**: a call that
//! got further than a rule allows disproves the rule, and settings that aren't in force prove nothing.
//!
//! This is the only place where that is decided. Which observation disproves which code is data (`disproved_by` in
//! `assets/knowledge/findings.toml`).

use crate::case::code::Code;
use crate::case::step::StepId;
use crate::evidence::{Evidence, Progress, excluded, target};
use crate::knowledge::{self, DisprovedBy};

use super::step_report::{Finding, Severity};
use super::{Confidence, Earlier};

/// The finding after the call's own word: a warning where the run disproves it, and no surer than the settings are.
pub(super) fn weigh(evidence: &Evidence<'_>, earlier: Earlier<'_>, finding: Finding) -> Finding {
    if finding.severity != Severity::Error {
        return finding;
    }
    if let Some(reason) = disproof(evidence, finding.code) {
        return Finding {
            severity: Severity::Warning,
            disproved: true,
            message: format!("{} {reason}", finding.message),
            ..finding
        };
    }
    let most = ceiling(evidence, earlier, finding.code.step());
    let confidence = finding.confidence.min(most);
    finding.confidence(confidence)
}

/// Whether the run disproves that this is why the call fails.
pub(super) fn is_disproved(evidence: &Evidence<'_>, code: Code) -> bool {
    disproof(evidence, code).is_some()
}

/// What the run showed against a finding, as a sentence.
fn disproof(evidence: &Evidence<'_>, code: Code) -> Option<String> {
    let needed = match knowledge::finding(code)?.disproved_by? {
        DisprovedBy::TokenAccepted => Progress::TokenAccepted,
        DisprovedBy::PastEasyAuth => Progress::PastEasyAuth,
    };
    let step = code.step();
    if step == StepId::Protection
        && let Some(shown) = target::refuted_by_answers(evidence)
    {
        return Some(format!("App 2 doesn't run with these settings: {shown}."));
    }
    let is_policy = needed == Progress::PastEasyAuth;
    if is_policy {
        let settings = target::settings(evidence);
        // A policy that is switched off is judged as it will be when it is switched on.
        if settings.is_some_and(|settings| settings.enabled == Some(false)) {
            return None;
        }
        if settings.is_some_and(|settings| excluded::excluding_entry(settings, &evidence.inputs).is_some()) {
            return Some("This path is excluded from authentication, so the policy isn't applied here.".to_owned());
        }
    }
    if evidence.is_open && target::call_succeeded(evidence) {
        return match evidence.progress {
            Progress::Succeeded if !is_policy => Some("App 2 accepts the token anyway.".to_owned()),
            _ => Some("Requests without a token are allowed here, so the call succeeds anyway.".to_owned()),
        };
    }
    if evidence.progress < needed {
        return None;
    }
    let fact = match evidence.progress {
        Progress::Succeeded if is_policy || step == StepId::Protection => "The call succeeds anyway",
        Progress::PastEasyAuth if is_policy || step == StepId::Protection => "The call gets past Easy Auth anyway",
        _ => "App 2 accepts the token anyway",
    };
    // A token, an audience, or an issuer may be tolerated; the other settings are either in force or not.
    Some(if is_policy || step == StepId::Protection {
        format!("{fact}, so App 2 doesn't run with these settings.")
    } else {
        format!("{fact}.")
    })
}

/// How sure the settings can make a finding of this step at most.
fn ceiling(evidence: &Evidence<'_>, earlier: Earlier<'_>, step: StepId) -> Confidence {
    match step {
        StepId::Audience if !target::settings_are_enforced(evidence) => Confidence::Likely,
        StepId::Authorization => policy_ceiling(evidence, earlier),
        _ => Confidence::Certain,
    }
}

fn policy_ceiling(evidence: &Evidence<'_>, earlier: Earlier<'_>) -> Confidence {
    if target::settings(evidence).is_some_and(|settings| settings.enabled == Some(false)) {
        return Confidence::Certain;
    }
    // An app that refuses in words of its own was reached: what these settings say may not be what runs.
    if target::app_refused_in_words(evidence) {
        return if target::settings_are_live(evidence) {
            Confidence::Likely
        } else {
            Confidence::Possible
        };
    }
    if earlier.settings_are_disproved() {
        return Confidence::Possible;
    }
    // Where a deliberately invalid token gets 403 as well, a 403 isn't the policy's word.
    let is_telling = !(target::impossible_gets(evidence, 403) && target::call_status(evidence) == Some(403));
    if target::settings_are_enforced(evidence) && is_telling {
        Confidence::Certain
    } else {
        Confidence::Likely
    }
}
