//! Whether the call succeeds in spite of what the settings say, and which path it takes.

use crate::case::exchange::Purpose;
use crate::check::{Finding, Severity};
use crate::evidence::{Evidence, target};

/// Whether what an error would say is disproved: anonymous requests are refused, and the real call succeeds or at least
/// gets past Easy Auth.
pub(super) fn works_all_the_same(case: &Evidence<'_>) -> bool {
    let refused =
        target::answer(case, &Purpose::CallAnonymous).is_some_and(|answer| matches!(answer.status, 300..=499));
    refused && target::call_succeeded(case) || target::passed_easy_auth(case)
}

/// An error, or a warning where the observed success disproves that it blocks the call.
pub(super) fn error_unless_it_works(case: &Evidence<'_>, finding: Finding) -> Finding {
    if let Some(seen) = target::refuted_by_answers(case) {
        return Finding {
            severity: Severity::Warning,
            message: format!("{} These settings are not what is enforced: {seen}.", finding.message),
            ..finding
        };
    }
    if !works_all_the_same(case) && target::seen(case) == target::Seen::Accepted {
        return Finding {
            severity: Severity::Warning,
            message: format!(
                "{} App 2 takes the token for valid all the same, so these settings are not what is enforced.",
                finding.message
            ),
            ..finding
        };
    }
    if works_all_the_same(case) {
        Finding {
            severity: Severity::Warning,
            message: format!(
                "{} The call {} all the same, so these settings are not what is enforced.",
                finding.message,
                if target::call_succeeded(case) {
                    "succeeds"
                } else {
                    "gets past Easy Auth"
                }
            ),
            ..finding
        }
    } else {
        finding
    }
}
