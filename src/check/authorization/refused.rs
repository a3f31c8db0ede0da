//! Whether App 2's policy may have refused the call.

use crate::evidence::responder::{self, Responder};
use crate::evidence::{Evidence, spoken, target};

/// Whether the call with the token returned a 403 that no front end, gateway, or answer of the app explains.
pub(super) fn refused(evidence: &Evidence<'_>) -> bool {
    // Easy Auth's own page serves this caller, so its policy allows it.
    if evidence.me == Some(target::Me::Admitted) {
        return false;
    }
    target::final_call(evidence).and_then(|exchange| exchange.answer()).is_some_and(|answer| {
        answer.status == 403
            && spoken::own_cross_site(answer).is_none()
            && !spoken::misses_a_function_key(answer)
            && spoken::logic_apps(answer).is_none()
            && matches!(
                responder::judge(answer).by,
                Responder::BehindMiddleware | Responder::Unknown | Responder::EasyAuth | Responder::Server(_)
            )
    })
}
