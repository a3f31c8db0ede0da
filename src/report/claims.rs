//! The claims of the token, each with its whole value, what it says, and what it was compared with.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::case::code::Code;
use crate::case::step::StepId;
use crate::case::text::visible;
use crate::case::token::DecodedToken;
use crate::knowledge::{Origin, Severity};

use super::policy::{Rule, SIGNATURE, fact};
use super::{Report, RuleVerdict, token_report};

/// A claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Its name.
    pub name: String,
    /// Its whole value; `None` where the token doesn't have it, although something depends on it.
    pub value: Option<String>,
    /// What the value says, where it is a time, a number, or an ID that says something.
    pub says: Option<String>,
    /// What it was compared with, the comparison that fails first.
    pub checks: Vec<Check>,
}

/// A comparison of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Whether the claim meets it.
    pub verdict: RuleVerdict,
    /// The rule's name, or the finding's code.
    pub by: String,
    /// The step.
    pub step: StepId,
    /// Whether it is a warning, which prevents nothing.
    pub is_warning: bool,
}

/// What is said of the token as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// What kind of token it is.
    pub kind: Option<String>,
    /// Whether its signature is valid.
    pub signature: Check,
    /// The same in words.
    pub signature_says: String,
    /// By whose clock times are relative.
    pub clock: String,
    /// The time of its use, to which times are relative.
    pub used_at: DateTime<Utc>,
}

/// What is said of the token as a whole; `None` without one.
#[must_use]
pub fn head(report: &Report, rules: &[Rule]) -> Option<Head> {
    let case = report.observed();
    case.token.as_ref()?;
    let step = report.without_words().steps.iter().find(|step| step.id == StepId::Claims)?;
    let rule = rules.iter().find(|rule| rule.name == SIGNATURE)?;
    let kind = token_report::kind(case, step);
    Some(Head {
        kind: kind.map(|kind| report.wording().words(&kind)),
        signature: check_of(rule),
        signature_says: rule.found.clone(),
        clock: fact(report, "clock"),
        used_at: case.moment_of_use(),
    })
}

/// The claims that something depends on come first, in this order.
const FIRST: [&str; 14] =
    ["aud", "iss", "appid", "azp", "oid", "tid", "roles", "groups", "scp", "idtyp", "ver", "exp", "nbf", "iat"];

/// Claims that only Microsoft Entra ID reads.
const LAST: [&str; 5] = ["aio", "rh", "uti", "xms_ftd", "xms_idrel"];

/// The claims, the checked ones first.
#[must_use]
pub fn of(report: &Report, rules: &[Rule]) -> Vec<Claim> {
    let Some(token) = report.token() else {
        return Vec::new();
    };
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in &token.claims {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let found = findings(report);
    // What is missing and matters.
    names.extend(found.iter().map(|(claim, _)| *claim).filter(|claim| token.claim(claim).is_none()));
    let mut names: Vec<(usize, &str)> = names.into_iter().map(|name| (rank(name), name)).collect();
    crate::sort::by_key(&mut names, |(rank, _)| *rank);
    names.dedup();
    let claim = |name: &str| {
        let of_rules = rules.iter().filter(|rule| rule.claims.contains(&name)).map(check_of);
        let mut checks: Vec<Check> = of_rules.collect();
        for (_, check) in found.iter().filter(|(claim, _)| *claim == name) {
            // A rule says it already.
            if !checks.iter().any(|known| is_broken(known) && known.step == check.step) {
                checks.push(check.clone());
            }
        }
        crate::sort::by_key(&mut checks, |check| (!is_broken(check), check.is_warning));
        Claim { name: visible(name), value: token.claim(name).map(whole), says: says(report, token, name), checks }
    };
    names.into_iter().map(|(_, name)| claim(name)).collect()
}

fn rank(name: &str) -> usize {
    let first = FIRST.iter().position(|first| *first == name);
    let last = LAST.contains(&name);
    first.unwrap_or(FIRST.len().saturating_add(usize::from(last)))
}

const fn is_broken(check: &Check) -> bool {
    matches!(check.verdict, RuleVerdict::Broken | RuleVerdict::BrokenUndocumented)
}

fn check_of(rule: &Rule) -> Check {
    Check {
        verdict: rule.verdict,
        by: rule.name.to_owned(),
        step: rule.step,
        is_warning: rule.finding.as_ref().is_some_and(|finding| finding.disproved),
    }
}

/// What was found about claims, beyond the rules.
fn findings(report: &Report) -> Vec<(&'static str, Check)> {
    let mut all = Vec::new();
    for step in &report.without_words().steps {
        for found in step.findings.iter().filter(|found| found.severity != Severity::Info) {
            let check = || Check {
                verdict: RuleVerdict::Broken,
                by: found.code.name().to_owned(),
                step: step.id,
                is_warning: found.severity == Severity::Warning,
            };
            match found.code {
                Code::RolesMissing => all.push(("roles", check())),
                Code::TokenExpired => all.push(("exp", check())),
                Code::TokenNotYetValid => all.push(("nbf", check())),
                _ => {}
            }
            for line in &found.evidence {
                if let Some(Origin::Claim(name)) = line.origin {
                    all.push((name, check()));
                }
            }
        }
    }
    all
}

/// A value as it is, a text without its quotes.
#[must_use]
pub fn whole(value: &Value) -> String {
    match value {
        Value::String(text) => visible(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(whole).collect();
            items.join(", ")
        }
        other => visible(&other.to_string()),
    }
}

/// What a value says, as step 5's table has it, where that is more than the value.
fn says(report: &Report, token: &DecodedToken, name: &str) -> Option<String> {
    let value = token.claim(name)?;
    let step = report.step(StepId::Claims)?;
    let rows = step.tables.iter().filter(|table| table.title == "Claims");
    let mut rows = rows.flat_map(|table| &table.rows);
    let row = rows.find(|row| row.first().is_some_and(|first| first == name))?;
    let said = row.get(1)?;
    let plain = whole(value);
    let is_more = *said != plain && !said.contains('…') && !value.is_array();
    is_more.then(|| said.clone())
}

/// Header and claims as JSON, for reading; never the signature.
#[must_use]
pub fn json(members: &[(String, Value)]) -> String {
    let mut map = serde_json::Map::new();
    for (name, value) in members {
        map.insert(visible(name), value.clone());
    }
    let text = serde_json::to_string_pretty(&Value::Object(map)).unwrap_or_default();
    crate::case::text::visible_json(&text)
}
