//! What the call's own word leaves of a policy that would refuse: settings may be old, another slot's, or not asked here.

use crate::case::exchange::Purpose;
use crate::check::{Confidence, Earlier, Finding, Severity};
use crate::evidence::{Evidence, excluded, target};

/// The finding after the call's own word: a good answer disproves it, and settings that are not enforced prove nothing.
pub(super) fn heard(case: &Evidence<'_>, earlier: Earlier<'_>, finding: Finding) -> Finding {
    if finding.severity != Severity::Error {
        return finding;
    }
    match Bearing::of(case, earlier) {
        Bearing::Void(why) => {
            let message = format!("{} {why}", finding.message);
            Finding {
                severity: Severity::Warning,
                message,
                ..finding
            }
        }
        Bearing::Open(most) => {
            let confidence = finding.confidence.min(most);
            finding.confidence(confidence)
        }
    }
}

/// What the call's own word leaves of a policy that would refuse.
enum Bearing {
    /// It is not what refuses, for this reason.
    Void(&'static str),
    /// It may be, with this confidence at most.
    Open(Confidence),
}

impl Bearing {
    fn of(case: &Evidence<'_>, earlier: Earlier<'_>) -> Self {
        let settings = target::settings(case);
        // A policy that is switched off is judged as it will be when it is switched on.
        if settings.is_some_and(|settings| settings.enabled == Some(false)) {
            return Self::Open(Confidence::Certain);
        }
        if settings.is_some_and(|settings| excluded::excluding_entry(settings, &case.inputs).is_some()) {
            return Self::Void("This path is excluded from authentication, so the policy is not asked here.");
        }
        let open =
            target::answer(case, &Purpose::CallAnonymous).is_some_and(|answer| (200..300).contains(&answer.status));
        if target::call_succeeded(case) {
            return Self::Void(if open {
                "Anyone can call this path, so the policy is not asked here."
            } else {
                "The call succeeds all the same, so these settings are not what is enforced here."
            });
        }
        if target::passed_easy_auth(case)
            || target::refused_behind_easy_auth(case)
            || target::me(case) == Some(target::Me::Admitted)
        {
            return Self::Void(
                "The call gets past Easy Auth all the same, so these settings are not what is enforced here.",
            );
        }
        // An app that refuses in words of its own was reached: what these settings say may not be what runs.
        if target::app_refused_in_words(case) {
            return Self::Open(if target::settings_are_live(case) {
                Confidence::Likely
            } else {
                Confidence::Possible
            });
        }
        if earlier.settings_are_disproved() {
            return Self::Open(Confidence::Possible);
        }
        if target::settings_are_enforced(case)
            && !(target::impossible_gets(case, 403) && target::call_status(case) == Some(403))
        {
            Self::Open(Confidence::Certain)
        } else {
            Self::Open(Confidence::Likely)
        }
    }
}
