//! App 2's rules beside the token, in the order in which they apply: signature, validity, issuer, audience, and who may
//! call. It judges nothing: it gathers what the steps compared.

use crate::case::auth_settings::settings_path;
use crate::case::code::Code;
use crate::case::step::StepId;
use crate::case::token::SignatureVerdict;
use crate::check::{self, Found, Severity};
use crate::diagnosis::fixes;
use crate::evidence::Origin;
use crate::knowledge::phrase;

use super::worded::Difference;
use super::{Report, RuleVerdict};

/// The name of the rule about the signature.
pub const SIGNATURE: &str = "signature";
/// The name of the rule about the time.
pub const VALIDITY: &str = "validity";

/// A rule that the token must meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its name: a setting, or `signature`, `validity`.
    pub name: &'static str,
    /// The claims that it is about.
    pub claims: &'static [&'static str],
    /// What App 2 requires.
    pub expected: String,
    /// What the token has.
    pub found: String,
    /// Whether the token meets it.
    pub verdict: RuleVerdict,
    /// The step that compared it.
    pub step: StepId,
    /// Where the setting was read.
    pub source: String,
    /// Where the setting is in App 2's settings.
    pub path: Option<&'static str>,
    /// What was found about it.
    pub finding: Option<Broken>,
}

/// What was found about a rule that isn't met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The finding's code.
    pub code: Code,
    /// What is wrong, with the actual values.
    pub message: String,
    /// The two values that decide.
    pub difference: Option<Difference>,
    /// The change of App 2's settings, in the words of `--assume`, with which the rule would be met.
    pub change: Option<String>,
    /// Whether the settings say so, and the run showed otherwise.
    pub disproved: bool,
}

/// What is known of a rule by its name.
struct Known {
    name: &'static str,
    claims: &'static [&'static str],
    path: Option<&'static str>,
}

const fn known(name: &'static str, claims: &'static [&'static str], path: Option<&'static str>) -> Known {
    Known { name, claims, path }
}

const CALLER: &[&str] = &["appid", "azp"];

/// The rules of App 2's settings, in the order in which they apply.
const ORDER: [Known; 8] = [
    known("issuer", &["iss"], Some(settings_path::ISSUER)),
    known("audience", &["aud"], Some(settings_path::ALLOWED_AUDIENCES)),
    known("allowedApplications", CALLER, Some(settings_path::ALLOWED_APPLICATIONS)),
    known("allowedPrincipals", &["oid", "groups"], Some(settings_path::ALLOWED_PRINCIPALS)),
    known("service principal required", &["oid"], None),
    known("WEBSITE_AUTH_AAD_ALLOWED_TENANTS", &["tid"], None),
    known("jwtClaimChecks.allowedClientApplications", CALLER, Some(settings_path::CLAIM_CHECK_APPLICATIONS)),
    known("jwtClaimChecks.allowedGroups", &["groups"], Some(settings_path::CLAIM_CHECK_GROUPS)),
];

/// The rules in their order. Where there is no token, there is only what the caller's IDs decide.
#[must_use]
pub fn rules(report: &Report) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    if report.observed().token.is_some() {
        rules.push(signature(report));
        rules.push(validity(report));
    }
    let mut of_settings: Vec<(usize, Rule)> = Vec::new();
    for step in &report.without_words().steps {
        for rule in &step.rules {
            let place = ORDER.iter().position(|known| known.name == rule.name);
            of_settings.push((place.unwrap_or(ORDER.len()), of_setting(report, step, rule, place)));
        }
    }
    crate::sort::by_key(&mut of_settings, |(place, _)| *place);
    rules.extend(of_settings.into_iter().map(|(_, rule)| rule));
    rules
}

/// Whether the rules of App 2's settings are among these.
#[must_use]
pub fn has_settings(rules: &[Rule]) -> bool {
    rules.iter().any(|rule| !matches!(rule.name, SIGNATURE | VALIDITY))
}

fn of_setting(report: &Report, step: &check::StepReport, rule: &check::rule::Rule, place: Option<usize>) -> Rule {
    let known = place.and_then(|place| ORDER.get(place));
    let path = known.and_then(|known| known.path);
    let is_about = |found: &&Found| match path {
        Some(path) => found.evidence.iter().any(|line| line.origin == Some(Origin::SettingsPath(path))),
        None => known.is_some_and(|known| known.claims == ["tid"]) && found.code == Code::TenantNotAllowed,
    };
    let mut about: Vec<&Found> = step
        .findings
        .iter()
        .filter(|found| rule.verdict != RuleVerdict::Holds && found.severity != Severity::Info)
        .filter(is_about)
        .collect();
    crate::sort::by_key(&mut about, |found| found.severity);
    let wording = report.wording();
    Rule {
        name: rule.name,
        claims: known.map_or(&[], |known| known.claims),
        expected: wording.words(&rule.expected),
        found: wording.words(&rule.found),
        verdict: match (rule.verdict, about.first()) {
            // The settings alone leave it open, and the calls decide it.
            (RuleVerdict::Unknown, Some(found)) if found.is_determined() => RuleVerdict::Broken,
            (verdict, _) => verdict,
        },
        step: step.id,
        source: wording.words(&rule.source),
        path,
        finding: about.first().map(|found| broken(report, found)),
    }
}

fn broken(report: &Report, found: &Found) -> Broken {
    let worded = report.wording().finding(found);
    Broken {
        code: found.code,
        message: worded.message,
        difference: worded.difference,
        change: fixes::what_if(report.observed(), found),
        disproved: found.disproved,
    }
}

/// A rule about the token itself, which step 5 judges.
fn of_token(report: &Report, name: &'static str, codes: &[Code]) -> Rule {
    let step = |step: &&check::StepReport| step.id == StepId::Claims;
    let step = report.without_words().steps.iter().find(step);
    let mut about: Vec<&Found> = step
        .into_iter()
        .flat_map(|step| &step.findings)
        .filter(|found| codes.contains(&found.code) && found.severity != Severity::Info)
        .collect();
    crate::sort::by_key(&mut about, |found| found.severity);
    let first = about.first();
    Rule {
        name,
        claims: &[],
        expected: String::new(),
        found: String::new(),
        verdict: match first.map(|found| found.severity) {
            Some(Severity::Error) => RuleVerdict::Broken,
            // Something is odd about it, and App 2 accepts it.
            Some(_) => RuleVerdict::Unknown,
            None => RuleVerdict::Holds,
        },
        step: StepId::Claims,
        source: phrase("policy.token").text(),
        path: None,
        finding: first.map(|found| broken(report, found)),
    }
}

fn signature(report: &Report) -> Rule {
    let rule = of_token(report, SIGNATURE, &[Code::TokenSignatureInvalid, Code::TokenSignatureUnverified]);
    let seen = report.observed().token.as_ref().and_then(|token| token.signature.as_ref());
    Rule {
        expected: phrase("policy.signed").text(),
        found: fact(report, "signature"),
        verdict: match (rule.verdict, seen) {
            (RuleVerdict::Holds, Some(SignatureVerdict::Valid { .. })) => RuleVerdict::Holds,
            (RuleVerdict::Holds, _) => RuleVerdict::Unknown,
            (other, _) => other,
        },
        ..rule
    }
}

fn validity(report: &Report) -> Rule {
    let rule = of_token(report, VALIDITY, &[Code::TokenExpired, Code::TokenNotYetValid]);
    let ends = report.token().is_some_and(|token| token.time("exp").is_some());
    Rule {
        claims: &["exp", "nbf"],
        expected: phrase("policy.valid").text(),
        found: fact(report, "valid until"),
        verdict: match rule.verdict {
            RuleVerdict::Holds if !ends => RuleVerdict::Unknown,
            other => other,
        },
        ..rule
    }
}

/// A fact of step 5.
pub(super) fn fact(report: &Report, name: &str) -> String {
    let step = report.step(StepId::Claims);
    let fact = step.and_then(|step| step.facts.iter().find(|fact| fact.name == name));
    fact.map(|fact| fact.value.clone()).unwrap_or_default()
}
