//! The token with what the call showed of it.

use crate::check::prelude::*;

/// What the step judges.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) evidence: &'a Evidence<'a>,
    pub(super) token: &'a DecodedToken,
    pub(super) earlier: Earlier<'a>,
}

impl Subject<'_> {
    pub(super) fn audience(self) -> String {
        self.token.list("aud").join(", ")
    }

    pub(super) fn about_audience(self, code: Code, key: &'static str) -> Found {
        let finding = Found::of(code, key).value("audience", self.audience());
        let finding = finding.when("unconfirmed_uri", self.is_unconfirmed());
        finding.value("token_audience", self.token.list("aud").join(" "))
    }

    /// Whether the settings that it is compared with show this, with nothing hidden behind an expression.
    pub(super) fn is_shown(self, shows: fn(&AuthSettings) -> bool) -> bool {
        target::validating(self.evidence).is_none_or(|(_, settings)| shows(settings))
    }

    /// Whether App 2 is known, and nothing shows whose name the audience is: it may be another registration's.
    pub(super) fn is_unconfirmed(self) -> bool {
        let mut audiences = self.token.list("aud").into_iter();
        target::client_id(self.evidence).is_some()
            && audiences.any(|audience| target::belongs_to_target(self.evidence, audience).is_none())
    }

    /// Whether the audience belongs to another application. Where App 2 lists the requested resource, a version 2 token
    /// for it is for App 2, although its audience is the client ID of the registration that has this resource.
    pub(super) fn is_for_another_application(self) -> bool {
        let Self { evidence, token, .. } = self;
        let requested = evidence.requested().filter(|_| token.version() == Some("2.0"));
        let listed = requested.zip(target::validating_entra(evidence)).is_some_and(|(name, (entra, _))| {
            entra.accepted_audiences().iter().any(|accepted| accepted.likeness(name) != Likeness::Different)
        });
        let audiences = token.list("aud");
        !listed
            && !audiences.is_empty()
            && audiences.iter().all(|audience| target::belongs_to_target(evidence, audience) == Some(false))
    }
}
