//! Step 7, `authorization`: does App 2's policy allow this application, identity, tenant, and group?
//!
//! The policy (`defaultAuthorizationPolicy`, documentation of the Entra provider) is an AND of its configured parts;
//! identities and groups together are one part, an OR. Where a part isn't met, App 2 returns 403. In which order Easy
//! Auth evaluates them is not established, so all parts that aren't met are reported.

mod inferred;
mod judged;
mod listed;
mod policy;
mod refused;
mod requirements;

use crate::case::ids::{ClientId, ObjectId, TenantId};
use crate::case::step::StepId;
use crate::case::token::DecodedToken;

use super::{Confidence, Earlier, Found, Severity, StepReport, StepStatus};
use crate::evidence::{Evidence, target};
use crate::knowledge::phrase;

/// Judges the step.
#[must_use]
pub fn check(evidence: &Evidence<'_>, earlier: Earlier<'_>) -> StepReport {
    let mut report = StepReport::new(StepId::Authorization);
    let Some(token) = evidence.token.as_ref().map(|token| &token.decoded).filter(|token| !token.claims.is_empty())
    else {
        without_token(evidence, earlier, &mut report);
        return report;
    };
    facts(evidence, token, &mut report);
    if earlier.token_lacks_a_caller() {
        report.conclude(StepStatus::Skipped, phrase("authorization.no-caller"));
        return report;
    }
    let policy_shown = target::settings(evidence).is_some_and(crate::case::auth_settings::AuthSettings::shows_policy);
    if policy_shown && target::configured_entra(evidence).is_some() {
        policy::judge(evidence, earlier, token, &mut report);
        let determined = report.findings.iter().any(Found::is_determined);
        // Other settings may refuse what these allow: a file that is enforced instead, a part that the source hides, or
        // what runs since or before they were read.
        let others = !target::settings_are_enforced(evidence)
            || !target::policy_is_told(evidence)
            || !target::settings_are_live(evidence)
            || evidence.me == Some(target::Me::Denied);
        // An app that refuses in words of its own was reached, and these settings let the caller through.
        let is_the_apps = target::app_refused_in_words(evidence) && target::policy_is_told(evidence);
        if others && !determined && !is_the_apps {
            inferred::judge(evidence, token, &mut report);
        }
    } else {
        policy::judge_variables(evidence, earlier, token, &mut report);
        if report.first_error().is_none_or(|error| error.confidence == Confidence::Possible) {
            inferred::judge(evidence, token, &mut report);
        }
    }
    report.findings.extend(listed::finding(evidence));
    conclude(evidence, policy_shown, &mut report);
    report
}

/// Without a token for App 2, the policy is judged for the caller that a token for another resource names: what the
/// policy would refuse is known before anything else is fixed.
fn without_token(evidence: &Evidence<'_>, earlier: Earlier<'_>, report: &mut StepReport) {
    let known = evidence.caller.as_ref().filter(|_| target::configured_entra(evidence).is_some());
    if let Some(caller) = known.filter(|_| evidence.is_settled(StepId::Token)) {
        let named = [
            ("appid", caller.client_id.as_ref().map(ClientId::as_str)),
            ("oid", caller.object_id.as_ref().map(ObjectId::as_str)),
            ("tid", caller.tenant.as_ref().map(TenantId::as_str)),
        ];
        let claims = named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
        let stand_in = DecodedToken { claims: claims.collect(), ..DecodedToken::default() };
        policy::foresee(evidence, earlier, &stand_in, report);
        if let Some(error) = report.first_error() {
            let message = error.message();
            facts(evidence, &stand_in, report);
            report.conclude(StepStatus::Fail, message);
            return;
        }
    }
    let key = if evidence.is_settled(StepId::Token) { "authorization.no-token" } else { "authorization.waiting" };
    report.conclude(StepStatus::Skipped, phrase(key));
}

fn facts(evidence: &Evidence<'_>, token: &DecodedToken, report: &mut StepReport) {
    let none = || "none".to_owned();
    let client = token.caller_client_id();
    report.fact("client ID (appid/azp)", client.map_or_else(none, |id| id.to_string()));
    report.fact("object ID (oid)", token.object_id().map_or_else(none, |id| id.to_string()));
    report.fact("tenant (tid)", token.tenant().map_or_else(none, |id| id.to_string()));
    let roles = Some(token.list("roles").join(", ")).filter(|roles| !roles.is_empty());
    report.fact("roles", roles.unwrap_or_else(none));
    if let Some(registration) = &evidence.registration
        && let Some(required) = registration.assignment_required
    {
        report.fact("assignment required", if required { "yes" } else { "no" });
    }
}

fn conclude(evidence: &Evidence<'_>, policy_shown: bool, report: &mut StepReport) {
    if let Some(error) = report.first_error() {
        if error.confidence == Confidence::Possible {
            report.conclude(StepStatus::Unknown, phrase("authorization.refused"));
        } else {
            let message = error.message();
            report.conclude(StepStatus::Fail, message);
        }
        return;
    }
    let warned = report.findings.iter().any(|finding| finding.severity == Severity::Warning);
    let good = if warned { StepStatus::Warn } else { StepStatus::Pass };
    let (status, key) = if policy_shown && !report.rules.is_empty() && target::policy_is_told(evidence) {
        (good, "authorization.allowed")
    } else if target::call_succeeded(evidence) {
        (good, "authorization.call-succeeded")
    } else {
        (StepStatus::Unknown, "authorization.open")
    };
    report.conclude(status, phrase(key));
}
