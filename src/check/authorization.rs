//! Step 7, `authorization`: does App 2's policy admit this application, identity, tenant and group?
//!
//! The policy (`defaultAuthorizationPolicy`, documentation of the Entra provider) is an AND over its configured parts;
//! identities and groups together are one part, an OR. A failed part answers 403. In which order Easy Auth looks at them
//! is not established, so all broken parts are told.

mod inferred;
mod policy;
mod refused;

use crate::case::ids::{ClientId, ObjectId, TenantId};
use crate::case::step::StepId;
use crate::case::text::visible;
use crate::case::token::DecodedToken;

use super::{Confidence, Earlier, Found, Severity, StepReport, StepStatus};
use crate::evidence::{Evidence, target};
use crate::knowledge::Words;

/// Judges the step.
#[must_use]
pub fn check(evidence: &Evidence<'_>, earlier: Earlier<'_>) -> StepReport {
    let mut report = StepReport::new(StepId::Authorization);
    let Some(token) = evidence
        .token
        .as_ref()
        .map(|token| &token.decoded)
        .filter(|token| !token.claims.is_empty())
    else {
        without_token(evidence, earlier, &mut report);
        return report;
    };
    facts(evidence, token, &mut report);
    if earlier.token_lacks_a_caller() {
        report.conclude(
            StepStatus::Skipped,
            "the token is not an access token of an application, so no policy can admit it",
        );
        return report;
    }
    let policy_shown = target::settings(evidence).is_some_and(crate::case::auth_settings::AuthSettings::shows_policy);
    if policy_shown && target::configured_entra(evidence).is_some() {
        policy::judge(evidence, earlier, token, &mut report);
        let determined = report.findings.iter().any(Found::is_determined);
        // What these settings admit may be refused by others: a file that is enforced instead, a part that their source hides,
        // what runs since or before they were read.
        let others = !target::settings_are_enforced(evidence)
            || !target::policy_is_told(evidence)
            || !target::settings_are_live(evidence)
            || evidence.me == Some(target::Me::Denied);
        if others && !determined {
            inferred::judge(evidence, token, &mut report);
        }
    } else {
        policy::judge_variables(evidence, earlier, token, &mut report);
        if report
            .first_error()
            .is_none_or(|error| error.confidence == Confidence::Possible)
        {
            inferred::judge(evidence, token, &mut report);
        }
    }
    conclude(evidence, policy_shown, &mut report);
    report
}

/// Without a token for App 2 the policy is judged for the caller that a token for another resource names: what it would
/// refuse is known before anything else is mended.
fn without_token(evidence: &Evidence<'_>, earlier: Earlier<'_>, report: &mut StepReport) {
    let known = evidence
        .caller
        .as_ref()
        .filter(|_| target::configured_entra(evidence).is_some());
    if let Some(caller) = known.filter(|_| evidence.is_settled(StepId::Token)) {
        let named = [
            ("appid", caller.client_id.as_ref().map(ClientId::as_str)),
            ("oid", caller.object_id.as_ref().map(ObjectId::as_str)),
            ("tid", caller.tenant.as_ref().map(TenantId::as_str)),
        ];
        let claims = named
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
        let stand_in = DecodedToken {
            claims: claims.collect(),
            ..DecodedToken::default()
        };
        policy::foresee(evidence, earlier, &stand_in, report);
        if let Some(error) = report.first_error() {
            let message = error.message();
            facts(evidence, &stand_in, report);
            report.conclude(StepStatus::Fail, message);
            return;
        }
    }
    let reason = if evidence.is_settled(StepId::Token) {
        "there is no token whose caller could be admitted"
    } else {
        "waiting for the token"
    };
    report.conclude(StepStatus::Skipped, reason);
}

fn facts(evidence: &Evidence<'_>, token: &DecodedToken, report: &mut StepReport) {
    let none = || "none in the token".to_owned();
    report.fact(
        "caller's client id (appid/azp)",
        token.caller_client_id().map_or_else(none, |id| visible(id.as_str())),
    );
    report.fact(
        "caller's object id (oid)",
        token.object_id().map_or_else(none, |id| visible(id.as_str())),
    );
    report.fact(
        "caller's tenant (tid)",
        token.tenant().map_or_else(none, |id| visible(id.as_str())),
    );
    let roles = token.list("roles");
    report.fact(
        "roles",
        if roles.is_empty() {
            "none".to_owned()
        } else {
            visible(&roles.join(", "))
        },
    );
    if let Some(registration) = &evidence.registration
        && let Some(required) = registration.assignment_required
    {
        report.fact("assignment required", if required { "yes" } else { "no" });
    }
}

fn conclude(evidence: &Evidence<'_>, policy_shown: bool, report: &mut StepReport) {
    if let Some(error) = report.first_error() {
        let sure = error.confidence != super::Confidence::Possible;
        let message = if sure {
            error.message()
        } else {
            Words::from("App 2 answered 403, and does not say which rule refuses the caller")
        };
        report.conclude(if sure { StepStatus::Fail } else { StepStatus::Unknown }, message);
        return;
    }
    let warned = report
        .findings
        .iter()
        .any(|finding| finding.severity == Severity::Warning);
    let good = if warned { StepStatus::Warn } else { StepStatus::Pass };
    if policy_shown && !report.rules.is_empty() && target::policy_is_told(evidence) {
        report.conclude(good, "App 2's policy admits this caller");
    } else if target::call_succeeded(evidence) {
        report.conclude(good, "the call succeeded, so nothing refuses this caller");
    } else {
        report.conclude(
            StepStatus::Unknown,
            "nothing shows whether App 2's policy admits this caller",
        );
    }
}
