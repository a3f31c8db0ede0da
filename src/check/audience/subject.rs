//! The token with what the call showed of it.

use crate::case::audience::Audience;
use crate::check::prelude::*;

/// What the step judges.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) evidence: &'a Evidence<'a>,
    pub(super) token: &'a DecodedToken,
    pub(super) seen: Seen,
    pub(super) earlier: Earlier<'a>,
}

impl<'a> Subject<'a> {
    pub(super) const fn of(evidence: &'a Evidence<'a>, token: &'a DecodedToken, earlier: Earlier<'a>) -> Self {
        Self { evidence, token, seen: evidence.seen(), earlier }
    }
}

/// Every audience that App 2 accepts: its client ID always, then the list.
pub(super) fn accepted(entra: &crate::case::auth_settings::EntraProvider) -> Vec<Audience> {
    let mut all: Vec<Audience> = entra.client_id.iter().map(Audience::from).collect();
    for audience in entra.allowed_audiences.iter().flatten() {
        if !all.contains(audience) {
            all.push(audience.clone());
        }
    }
    all
}

/// Whether the audience belongs to another application. Where App 2 lists the requested resource, a version 2 token for
/// it is for App 2, although its audience is the client ID of the registration that has this resource.
pub(super) fn for_another_application(evidence: &Evidence<'_>, audiences: &[&str]) -> bool {
    let v2 = evidence.token.as_ref().is_some_and(|token| token.decoded.version() == Some("2.0"));
    let listed = evidence.resource.as_ref().filter(|_| v2).is_some_and(|chosen| {
        target::validating_entra(evidence).is_some_and(|entra| {
            accepted(entra).iter().any(|accepted| accepted.likeness(&chosen.value) != Likeness::Different)
        })
    });
    !listed
        && !audiences.is_empty()
        && audiences.iter().all(|audience| target::belongs_to_target(evidence, audience) == Some(false))
}
