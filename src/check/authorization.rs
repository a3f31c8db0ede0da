//! Step 7, `authorization`: does App 2's policy allow this application, identity, tenant, and group?
//!
//! The policy (`defaultAuthorizationPolicy`, documentation of the Entra provider) is an AND of its configured parts;
//! identities and groups together are one part, an OR. Where a part isn't met, App 2 returns 403. In which order Easy
//! Auth evaluates them is not established, so all parts that aren't met are reported.

mod inferred;
mod policy;

use crate::check::prelude::*;
use policy::Policy;

pub(super) fn judge(evidence: &Evidence<'_>, earlier: Earlier<'_>, report: &mut StepReport) {
    let Some(token) = evidence.decoded().filter(|token| !token.claims.is_empty()) else {
        return without_token(evidence, earlier, report);
    };
    if earlier.found(Means::NoCaller) {
        return report.conclude(phrase("authorization.no-caller"));
    }
    let mut is_contradicted = false;
    let policy_shown = target::settings(evidence).is_some_and(AuthSettings::shows_policy);
    if policy_shown && target::configured_entra(evidence).is_some() {
        Policy::of(evidence, earlier, token, report).judge();
        // Others may refuse what these allow: a file's, a part that the source hides, or those of another moment.
        let are_known = target::policy_is_known(evidence) && target::settings_are_live(evidence);
        let others = !are_known || evidence.me == Some(Me::Denied);
        // An app that refuses in words of its own was reached, and these settings let the caller through.
        let is_the_apps = target::app_refused_in_words(evidence) && target::policy_is_told(evidence);
        if others && !is_the_apps && !report.findings.iter().any(Found::is_determined) {
            inferred::judge(evidence, token, report);
            is_contradicted = evidence.is_refused_by_policy();
        }
    } else {
        Policy::of(evidence, earlier, token, report).judge_variables();
        if !report.first_error().is_some_and(Found::is_determined) {
            inferred::judge(evidence, token, report);
        }
    }
    report.findings.extend(deleted(evidence));
    // Settings that explain nothing of an answer are not what runs, unless the other token got in by them.
    let are_others = earlier.settings_explain_nothing() && target::other_audience(evidence) != Some(true);
    let are_others = are_others || earlier.found(Means::NoEasyAuth);
    conclude(evidence, policy_shown && !is_contradicted && !are_others, report);
}

/// Without a token for App 2, the policy is judged for the caller that a token for another resource names.
fn without_token(evidence: &Evidence<'_>, earlier: Earlier<'_>, report: &mut StepReport) {
    if let Some(caller) = stand_in(evidence, earlier) {
        Policy::of(evidence, earlier, &caller, report).foresee();
        if report.conclude_by_error(StepStatus::Fail) {
            return;
        }
    }
    let key = if evidence.is_settled(StepId::Token) { "authorization.no-token" } else { "authorization.waiting" };
    report.conclude(phrase(key));
}

/// The claims of the caller that is known without a token for App 2.
pub fn stand_in(evidence: &Evidence<'_>, earlier: Earlier<'_>) -> Option<DecodedToken> {
    // A service principal's own client ID may be why no token is issued.
    let is_doubtful =
        |error: &Found| matches!(error.code, Code::CallerNotInTenant | Code::CredentialMixed | Code::TenantNotFound);
    let errors = || earlier.errors(StepId::Token);
    let is_sure = errors().any(Found::is_determined) && !errors().any(is_doubtful);
    let known = evidence.caller.clone().or_else(|| evidence.caller_of_credential().filter(|_| is_sure));
    let has_policy = target::configured_entra(evidence).is_some() && evidence.is_settled(StepId::Token);
    let caller = known.filter(|_| has_policy)?;
    let mut stand_in = caller.as_token();
    // A tool that people sign in with isn't App 1.
    if caller.client_id.as_ref().is_some_and(|id| knowledge::first_party_app(id.as_str()).is_some()) {
        stand_in.claims.push(("scp".to_owned(), "".into()));
    }
    Some(stand_in)
}

/// IDs in App 2's policy that no service principal of the tenant has, so that they allow nobody: those of identities
/// that were deleted, or made again. A client ID may also be another tenant's, an object ID a user's.
fn deleted(evidence: &Evidence<'_>) -> Option<Found> {
    let absent = evidence.absent_ids().filter(|absent| !absent.is_empty())?;
    let entra = target::configured_entra(evidence)?;
    let applications = entra.allowed_applications.as_deref().unwrap_or_default();
    let is_application = |id: &String| ClientId::new(id.as_str()).is_in(applications);
    let finding = Found::of(Code::ListedIdentityDeleted, "graph")
        .likely_if(absent.iter().all(is_application))
        .when("several", absent.len() > 1)
        .value("listed", joined(&absent));
    Some(finding.shown_by(evidence, [Purpose::GraphListedIds]))
}

fn conclude(evidence: &Evidence<'_>, policy_shown: bool, report: &mut StepReport) {
    if report.conclude_by_error(StepStatus::Unknown) {
        if report.status == StepStatus::Unknown {
            report.conclude(phrase("authorization.refused"));
        }
        return;
    }
    let is_shown = policy_shown && !report.rules.is_empty() && target::policy_is_told(evidence);
    let (refused, succeeded) = (evidence.is_refused_by_policy(), target::call_succeeded(evidence));
    report.conclude(phrase(match () {
        () if target::excludes_the_call(evidence) && !refused => "authorization.excluded",
        () if target::is_switched_off(evidence) => "authorization.off",
        () if is_shown => "authorization.allowed",
        () if succeeded && target::is_open(evidence) => "authorization.open-to-all",
        () if succeeded => "authorization.call-succeeded",
        () if refused => "authorization.contradicted",
        () => "authorization.open",
    }));
}
