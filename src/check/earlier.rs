//! What the steps before a step found. A step reads it here, and runs no other step.

use crate::case::code::Code;
use crate::case::step::StepId;

use super::step_report::{Found, StepReport};
use crate::knowledge::{Confidence, Severity};

/// The value of a finding that says that App 2's settings have a Microsoft API's client ID.
pub const CONFIGURED_API_ID: &str = "configured_api_id";

/// The reports of the steps before one, in order.
#[derive(Debug, Clone, Copy)]
pub struct Earlier<'a>(&'a [StepReport]);

impl<'a> Earlier<'a> {
    /// These reports.
    pub const fn of(steps: &'a [StepReport]) -> Self {
        Self(steps)
    }

    /// The report of a step.
    pub(super) fn step(self, id: StepId) -> Option<&'a StepReport> {
        self.0.iter().find(|step| step.id == id)
    }

    /// The errors that a step found.
    pub(super) fn errors(self, id: StepId) -> impl Iterator<Item = &'a Found> {
        self.step(id).into_iter().flat_map(|step| &step.findings).filter(|finding| finding.severity == Severity::Error)
    }

    /// Whether a step found an error that is more than possible.
    pub(super) fn has_determined_error(self, id: StepId) -> bool {
        self.errors(id).any(Found::is_determined)
    }

    /// Whether an earlier step found why the call fails, so that what the answer may mean otherwise doesn't matter.
    pub(super) fn explains(self) -> bool {
        self.0.iter().any(|step| self.has_determined_error(step.id))
    }

    fn has_one_of(self, id: StepId, codes: &[Code]) -> bool {
        self.errors(id).any(|finding| finding.is_determined() && codes.contains(&finding.code))
    }

    /// Whether the token is no access token, so that it names no caller that a policy could admit.
    pub(super) fn token_lacks_a_caller(self) -> bool {
        self.has_one_of(StepId::Claims, &[Code::TokenMalformed, Code::TokenNotFromEntra, Code::TokenNotAnAccessToken])
    }

    /// Whether Microsoft Entra ID did not issue the token, so that no rule of App 2's is about it.
    pub(super) fn token_is_not_from_entra(self) -> bool {
        self.has_one_of(StepId::Claims, &[Code::TokenNotFromEntra])
    }

    /// Whether the token is broken in itself (expired, not yet valid, badly signed, malformed, not an access token), so
    /// that its refusal needs no other reason.
    pub(super) fn token_is_broken(self) -> bool {
        self.has_one_of(
            StepId::Claims,
            &[
                Code::TokenMalformed,
                Code::TokenNotFromEntra,
                Code::TokenExpired,
                Code::TokenNotYetValid,
                Code::TokenSignatureInvalid,
                Code::TokenNotAnAccessToken,
            ],
        )
    }

    /// Whether step 2 found what stops every request, so that the token's faults are met later.
    pub(super) fn stops_every_request(self) -> bool {
        self.step(StepId::Protection).is_some_and(StepReport::stops)
    }

    /// Whether Easy Auth isn't active, whatever is stored, so that its settings decide nothing.
    pub(super) fn easy_auth_is_not_active(self) -> bool {
        self.has_one_of(StepId::Protection, &[Code::EasyAuthNotActive])
    }

    /// Whether App 2 has no provider of Microsoft Entra ID's that could accept any token.
    pub(super) fn no_provider_works(self) -> bool {
        let codes = [Code::EntraProviderMissing, Code::ProviderSettingsMisplaced, Code::LinkedBackendExclusive];
        self.has_one_of(StepId::Protection, &codes)
    }

    /// Whether the resource that was asked for, and so the token's audience, is not App 2's.
    pub(super) fn resource_is_not_the_targets(self) -> bool {
        self.has_one_of(StepId::Scope, &[Code::ResourceDiffersFromTarget])
    }

    /// Whether the resource certainly differs from App 2's name in its trailing slash alone.
    pub(super) fn slash_is_refused(self) -> bool {
        self.errors(StepId::Scope)
            .any(|finding| finding.code == Code::ResourceTrailingSlash && finding.confidence == Confidence::Certain)
    }

    /// Whether App 2's settings have a Microsoft API's client ID, and so accept no token of App 2's own.
    pub(super) fn settings_have_an_api(self) -> bool {
        self.errors(StepId::Scope)
            .any(|finding| finding.code == Code::ResourceIsAnotherApi && finding.values.contains_key(CONFIGURED_API_ID))
    }

    /// Whether App 2 takes the token for valid although the settings shown would certainly refuse it: then others run,
    /// and what these say of the policy proves nothing.
    pub(super) fn settings_are_disproved(self) -> bool {
        let disproved = |id: StepId| {
            let findings = self.step(id).into_iter().flat_map(|step| &step.findings);
            findings.filter(|finding| finding.disproved)
        };
        disproved(StepId::Protection).next().is_some()
            || disproved(StepId::Audience).any(|finding| finding.confidence == Confidence::Certain)
    }

    /// Whether step 6 found a fault that the settings shown don't have, so that others run.
    pub(super) fn settings_explain_nothing(self) -> bool {
        let others = ["audience.settings-do-not-explain", "audience.settings-accept-it"];
        self.errors(StepId::Audience).any(|error| error.says.key().is_some_and(|key| others.contains(&key)))
    }

    /// Whether the token is from the platform's cache and without what the call needs, which the next one will have.
    pub(super) fn token_is_outdated(self) -> bool {
        self.has_one_of(StepId::Claims, &[Code::TokenLifetimeCached])
    }
}
