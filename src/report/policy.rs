//! App 2's rules beside the token, in the order in which they apply: signature, validity, issuer, audience, and who may
//! call. It judges nothing: it gathers what the steps compared.

use crate::case::code::Code;
use crate::case::step::StepId;
use crate::case::token::SignatureVerdict;
use crate::check;
use crate::knowledge::{self, Found, Severity, phrase};

use super::rules::{ALLOWED_TENANTS, Known, ORDER, TENANT, about, decided, place};
pub use super::worded::{Broken, Rule};
use super::{Report, RuleVerdict, fixes};

/// The name of the rule about the signature.
pub const SIGNATURE: &str = "signature";
/// The name of the rule about the time.
pub const VALIDITY: &str = "validity";

/// The rules in their order. Where there is no token, there is only what the caller's IDs decide.
#[must_use]
pub fn rules(report: &Report) -> Vec<Rule> {
    report.rules(gathered).to_vec()
}

/// The same, gathered anew.
fn gathered(report: &Report) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    if report.observed().token.is_some() {
        rules.push(signature(report));
        rules.push(validity(report));
    }
    let mut of_settings: Vec<(usize, Rule)> = Vec::new();
    for step in &report.without_words().steps {
        for rule in &step.rules {
            let place = place(rule.name);
            of_settings.push((place, of_setting(report, step, rule, ORDER.get(place))));
        }
    }
    // Without any rule of the settings, all of them are unknown.
    let is_listed = of_settings.is_empty() || of_settings.iter().any(|(_, rule)| rule.name == ALLOWED_TENANTS);
    of_settings.extend(unread_tenants(report).filter(|_| !is_listed).map(|rule| (place(rule.name), rule)));
    crate::sort::by_key(&mut of_settings, |(place, _)| *place);
    rules.extend(of_settings.into_iter().map(|(_, rule)| rule));
    rules
}

/// Whether the rules of App 2's settings are among these.
#[must_use]
pub fn has_settings(rules: &[Rule]) -> bool {
    rules.iter().any(|rule| !matches!(rule.name, SIGNATURE | VALIDITY))
}

fn of_setting(report: &Report, step: &check::StepReport, rule: &knowledge::Rule, known: Option<&Known>) -> Rule {
    let about = about(step, rule);
    let wording = report.wording();
    Rule {
        name: rule.name,
        claims: known.map_or(&[], |known| known.claims),
        expected: wording.words(&rule.expected),
        found: wording.words(&rule.found),
        verdict: decided(rule, about),
        step: step.id,
        source: wording.words(&rule.source),
        path: known.and_then(|known| known.path),
        finding: about.map(|found| broken(report, found)),
    }
}

/// The rule about the tenants where one is a candidate and no setting that was read shows it.
fn unread_tenants(report: &Report) -> Option<Rule> {
    let steps = &report.without_words().steps;
    let found = steps.iter().flat_map(|step| &step.findings).find(|found| found.code == Code::TenantNotAllowed)?;
    let token = report.token()?;
    Some(Rule {
        name: ALLOWED_TENANTS,
        claims: TENANT,
        expected: phrase("policy.unread").text(),
        found: token.text("tid").unwrap_or_default().to_owned(),
        verdict: RuleVerdict::Unknown,
        step: StepId::Authorization,
        source: String::new(),
        path: None,
        // What isn't known can't be added to in thought.
        finding: Some(Broken { change: None, ..broken(report, found) }),
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn report(text: &str) -> Report {
        Report::of(serde_json::from_str(text).unwrap())
    }

    #[test]
    fn a_step_and_the_rules_say_the_same_of_what_the_calls_decide() {
        let report = report(include_str!("../../tests/it/saved/audience-not-allowed.json"));
        let audience = rules(&report).into_iter().find(|rule| rule.name == "audience").unwrap();
        assert_eq!(audience.verdict, RuleVerdict::Broken);
        let step = report.without_words().steps.iter().find(|step| step.id == StepId::Audience).unwrap();
        let of_settings = step.rules.iter().find(|rule| rule.name == "audience").unwrap();
        assert_eq!(of_settings.verdict, RuleVerdict::Unknown, "the settings alone leave it open");
        let tables = &report.step(StepId::Audience).unwrap().tables;
        let row = tables.iter().flat_map(|table| &table.rows).find(|row| row[0] == "audience").unwrap();
        assert!(row.iter().any(|cell| cell == RuleVerdict::Broken.word()), "{row:?}");
    }

    #[test]
    fn each_key_asks_for_the_rules_and_they_are_gathered_once() {
        let report = report(include_str!("../../tests/it/saved/audience-not-allowed.json"));
        let known = report.rules(gathered);
        assert!(std::ptr::eq(known, report.rules(|_| Vec::new())) && !known.is_empty());
        assert_eq!(known, rules(&report));
    }

    #[test]
    fn a_rule_that_no_setting_shows_is_among_the_rules_where_it_may_be_the_cause() {
        let text = include_str!("../../tests/it/saved/caller-not-in-allowed-applications-slot.json");
        let mut case: crate::case::Case = serde_json::from_str(text).unwrap();
        assert!(!rules(&Report::of(case.clone())).iter().any(|rule| rule.name == ALLOWED_TENANTS));
        // The settings allow the caller, and App 2 answers 403 anyway.
        for reading in &mut case.settings {
            for entra in reading.outcome.iter_mut().filter_map(|settings| settings.entra.as_mut()) {
                entra.allowed_applications = None;
            }
        }
        let report = Report::of(case);
        let rules = rules(&report);
        let open = rules.iter().find(|rule| rule.name == ALLOWED_TENANTS).unwrap();
        assert_eq!((open.verdict, open.step), (RuleVerdict::Unknown, StepId::Authorization));
        let finding = open.finding.as_ref().unwrap();
        assert_eq!((finding.code, &finding.change), (Code::TenantNotAllowed, &None));
        let others = rules.iter().filter(|rule| rule.name != ALLOWED_TENANTS);
        assert!(others.into_iter().all(|rule| rule.verdict == RuleVerdict::Holds), "{rules:?}");
    }
}
