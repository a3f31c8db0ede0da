//! Whether the policy's own refusal was seen.

use crate::evidence::responder::{self, Responder};
use crate::evidence::{Evidence, target};

/// Whether the real call was refused with a 403 that neither front end, gateway nor the app's own words explain.
pub(super) fn refused(evidence: &Evidence<'_>) -> bool {
    // Easy Auth's own page serves this caller, so its policy admits it.
    if evidence.me == Some(target::Me::Admitted) {
        return false;
    }
    target::final_call(evidence)
        .and_then(|exchange| exchange.answer())
        .is_some_and(|answer| {
            answer.status == 403
                && matches!(
                    responder::judge(answer).by,
                    Responder::BehindMiddleware | Responder::Unknown | Responder::EasyAuth
                )
        })
}
