//! What App 2's answer to the real token says of the audience.

use crate::case::audience::Audience;
use crate::case::resource::Likeness;
use crate::case::token::DecodedToken;
use crate::check::Earlier;
use crate::evidence::target::Seen;
use crate::evidence::{Evidence, target};

/// What the step judges: the token, in this case, after what the call said of it.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) evidence: &'a Evidence<'a>,
    pub(super) token: &'a DecodedToken,
    pub(super) seen: Seen,
    pub(super) earlier: Earlier<'a>,
}

impl<'a> Subject<'a> {
    /// The token beside the call's word.
    pub(super) const fn of(evidence: &'a Evidence<'a>, token: &'a DecodedToken, earlier: Earlier<'a>) -> Self {
        Self {
            evidence,
            token,
            seen: evidence.seen(),
            earlier,
        }
    }
}

/// Everything that App 2 accepts as audience: its client id always, then the list.
pub(super) fn accepted(entra: &crate::case::auth_settings::EntraProvider) -> Vec<Audience> {
    let mut all: Vec<Audience> = entra.client_id.iter().map(Audience::from).collect();
    for audience in entra.allowed_audiences.iter().flatten() {
        if !all.contains(audience) {
            all.push(audience.clone());
        }
    }
    all
}

/// A token whose audience is another application's name. Where App 2 lists the resource that was asked for, a version 2
/// token for it is for App 2, though it names the client id of the registration that has this resource.
pub(super) fn for_another_application(evidence: &Evidence<'_>, audiences: &[&str]) -> bool {
    let v2 = evidence
        .token
        .as_ref()
        .is_some_and(|token| token.decoded.version() == Some("2.0"));
    let listed = evidence.resource.as_ref().filter(|_| v2).is_some_and(|chosen| {
        target::validating_entra(evidence).is_some_and(|entra| {
            accepted(entra)
                .iter()
                .any(|accepted| accepted.likeness(&chosen.value) != Likeness::Different)
        })
    });
    !listed
        && !audiences.is_empty()
        && audiences
            .iter()
            .all(|audience| target::belongs_to_target(evidence, audience) == Some(false))
}
