//! The rules of App 2's settings by their names, and what the findings of a step decide of them.

use crate::case::auth_settings::settings_path;
use crate::case::code::Code;
use crate::check::StepReport;
use crate::knowledge::{Found, Origin, Rule, RuleVerdict as Verdict, Severity};

/// What is known of a rule by its name.
pub(super) struct Known {
    /// Its name.
    pub name: &'static str,
    /// The claims that it is about.
    pub claims: &'static [&'static str],
    /// Where the setting is in App 2's settings.
    pub path: Option<&'static str>,
}

const fn known(name: &'static str, claims: &'static [&'static str], path: Option<&'static str>) -> Known {
    Known { name, claims, path }
}

const CALLER: &[&str] = &["appid", "azp"];
pub(super) const TENANT: &[&str] = &["tid"];

/// The name of the rule about the caller's tenant, which is an app setting.
pub(super) const ALLOWED_TENANTS: &str = "WEBSITE_AUTH_AAD_ALLOWED_TENANTS";

/// The rules of App 2's settings, in the order in which they apply.
pub(super) const ORDER: [Known; 8] = [
    known("issuer", &["iss"], Some(settings_path::ISSUER)),
    known("audience", &["aud"], Some(settings_path::ALLOWED_AUDIENCES)),
    known("allowedApplications", CALLER, Some(settings_path::ALLOWED_APPLICATIONS)),
    known("allowedPrincipals", &["oid", "groups"], Some(settings_path::ALLOWED_PRINCIPALS)),
    known("service principal required", &["oid"], None),
    known(ALLOWED_TENANTS, TENANT, None),
    known("jwtClaimChecks.allowedClientApplications", CALLER, Some(settings_path::CLAIM_CHECK_APPLICATIONS)),
    known("jwtClaimChecks.allowedGroups", &["groups"], Some(settings_path::CLAIM_CHECK_GROUPS)),
];

/// The place of a rule in the order.
pub(super) fn place(name: &str) -> usize {
    ORDER.iter().position(|known| known.name == name).unwrap_or(ORDER.len())
}

/// What was found about a rule that isn't known to be met, the worst first.
pub(super) fn about<'a>(step: &'a StepReport, rule: &Rule) -> Option<&'a Found> {
    let known = ORDER.iter().find(|known| known.name == rule.name);
    let path = known.and_then(|known| known.path);
    let is_about = |found: &&Found| match path {
        Some(path) => found.evidence.iter().any(|line| line.origin == Some(Origin::SettingsPath(path))),
        None => known.is_some_and(|known| known.claims == TENANT) && found.code == Code::TenantNotAllowed,
    };
    let found = step.findings.iter().filter(|found| found.severity != Severity::Info);
    found.filter(|_| rule.verdict != Verdict::Holds).filter(is_about).min_by_key(|found| found.severity)
}

/// Whether a rule is met, as far as everything that was observed decides it: with what was found about it.
pub(super) fn decided(rule: &Rule, about: Option<&Found>) -> Verdict {
    match (rule.verdict, about) {
        // The settings alone leave it open, and the calls decide it.
        (Verdict::Unknown, Some(found)) if found.is_determined() => Verdict::Broken,
        (verdict, _) => verdict,
    }
}
