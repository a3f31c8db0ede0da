//! What changed between two reports: the verdict, the root cause, the steps, and the values that decide. Times are not
//! among them, so that a check that finds the same has no changes.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::case::exchange::Purpose;
use crate::case::step::StepId;
use crate::knowledge::{self, Severity, phrase};

use super::document::Block;
use super::model::Report;
use super::worded::StepReport;
use super::words;
use crate::case::text::visible;

/// What is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The answer to "does the call work".
    Verdict,
    /// The root cause.
    Cause,
    /// A step: its status and its errors.
    Step(StepId),
    /// The status that App 2 returned for the call with the token.
    Answer,
    /// The resource that the token is requested for.
    Resource,
    /// The identity in use.
    Identity,
    /// A claim of the token.
    Claim(String),
    /// A value of App 2's settings, by its name there.
    Setting(String),
}

impl Subject {
    /// Its name for people.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Verdict => phrase("compare.verdict").text(),
            Self::Cause => phrase("compare.cause").text(),
            Self::Step(step) => {
                let said = phrase("compare.step").with("number", step.number());
                said.with("title", knowledge::step(*step).title.as_str()).text()
            }
            Self::Answer => phrase("compare.answer").text(),
            Self::Resource => phrase("compare.resource").text(),
            Self::Identity => phrase("compare.identity").text(),
            Self::Claim(name) => phrase("compare.claim").with("name", visible(name)).text(),
            Self::Setting(name) => visible(name),
        }
    }
}

/// Something that changed. `None`: there was nothing, or there is nothing any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// What.
    pub subject: Subject,
    /// What it was.
    pub before: Option<String>,
    /// What it is.
    pub after: Option<String>,
}

impl Changed {
    /// The change in one line.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{}: {}", self.subject.name(), self.values())
    }

    /// What it was and what it is.
    fn values(&self) -> String {
        let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| phrase("compare.nothing").text());
        phrase("compare.change").with("before", shown(&self.before)).with("after", shown(&self.after)).text()
    }
}

/// Claims that say who calls whom. Others, such as times and Entra's own, differ in every token.
const CLAIMS: [&str; 13] =
    ["aud", "iss", "appid", "azp", "oid", "sub", "tid", "roles", "scp", "groups", "idtyp", "ver", "xms_mirid"];

/// Values of settings that only say how they were read.
const UNCOMPARED: [&str; 3] = ["editable", "shape", "unread"];

/// Names in App 2's settings of what this program names otherwise.
const NAMES: [(&str, &str); 5] = [
    ("entra.issuer", "openIdIssuer"),
    ("unauthenticatedAction", "unauthenticatedClientAction"),
    ("allowedTenants", "WEBSITE_AUTH_AAD_ALLOWED_TENANTS"),
    ("requireClientServicePrincipal", "WEBSITE_AUTH_AAD_REQUIRE_CLIENT_SERVICE_PRINCIPAL"),
    ("siteId", "resource ID"),
];

/// What changed from one report to another, the most important first.
#[must_use]
pub fn compare(before: &Report, after: &Report) -> Vec<Changed> {
    let mut all = Vec::new();
    let mut add = |subject: Subject, before: Option<String>, after: Option<String>| {
        if before != after {
            all.push(Changed { subject, before, after });
        }
    };
    let verdict = |report: &Report| Some(report.verdict().word().replace('-', " "));
    add(Subject::Verdict, verdict(before), verdict(after));
    let cause = |report: &Report| {
        let cause = report.diagnosis().root_cause.as_ref()?;
        Some(cause.code.name().to_owned())
    };
    add(Subject::Cause, cause(before), cause(after));
    for step in StepId::ALL {
        let said = |report: &Report| report.step(step).map(said);
        add(Subject::Step(step), said(before), said(after));
    }
    let answer = |report: &Report| {
        let exchanges = &report.case().exchanges;
        let call = exchanges.iter().rfind(|exchange| exchange.purpose == Purpose::CallWithToken)?;
        call.status().map(|status| status.to_string())
    };
    add(Subject::Answer, answer(before), answer(after));
    let resource = |report: &Report| report.resource().map(|(resource, _)| resource);
    add(Subject::Resource, resource(before), resource(after));
    add(Subject::Identity, before.identity(), after.identity());
    let (old, new) = (settings(before), settings(after));
    // Settings that only one of the two has read differ in everything, which says nothing about App 2.
    if let (Some(old), Some(new)) = (old, new) {
        for name in union(&old, &new) {
            add(Subject::Setting(name.clone()), old.get(&name).cloned(), new.get(&name).cloned());
        }
    }
    let (old, new) = (claims(before), claims(after));
    if let (Some(old), Some(new)) = (old, new) {
        for name in CLAIMS {
            add(Subject::Claim(name.to_owned()), old.get(name).cloned(), new.get(name).cloned());
        }
    }
    all
}

/// The changes for people, or that there are none.
#[must_use]
pub fn document(before: &Report, after: &Report) -> Vec<Block> {
    let at = |report: &Report| words::time(report.observed().checked_at());
    let mut blocks = vec![Block::Facts(vec![
        (phrase("compare.before").text(), at(before)),
        (phrase("compare.after").text(), at(after)),
    ])];
    let changes = compare(before, after);
    if changes.is_empty() {
        blocks.push(Block::Paragraph(phrase("compare.same").text()));
    }
    for change in changes {
        blocks.push(Block::Subheading(change.subject.name()));
        blocks.push(Block::Paragraph(visible(&change.values())));
    }
    blocks.push(Block::Headline { status: words::verdict_status(after.verdict()), text: words::headline(after) });
    blocks
}

/// A step's status and its errors, without numbers and times that any check changes.
fn said(step: &StepReport) -> String {
    let errors = step.findings.iter().filter(|finding| finding.severity == Severity::Error);
    let codes: Vec<&str> = errors.map(|finding| finding.code.name()).collect();
    if codes.is_empty() {
        words::status(step.status).to_owned()
    } else {
        format!("{} ({})", words::status(step.status), codes.join(", "))
    }
}

type Values = BTreeMap<String, String>;

fn union(one: &Values, other: &Values) -> Vec<String> {
    let mut names: Vec<String> = one.keys().chain(other.keys()).cloned().collect();
    crate::sort::all(&mut names);
    names.dedup();
    names
}

/// The settings that count, value by value.
fn settings(report: &Report) -> Option<Values> {
    let readings = &report.case().settings;
    let read = readings.iter().find_map(|reading| reading.outcome.as_ref().ok())?;
    let mut values = Values::new();
    flatten("", &serde_json::to_value(read).ok()?, &mut values);
    Some(values)
}

fn flatten(name: &str, value: &Value, values: &mut Values) {
    match value {
        Value::Null => {}
        Value::Object(members) => {
            for (key, value) in members.iter().filter(|(key, _)| !UNCOMPARED.contains(&key.as_str())) {
                let key = camel(key);
                let name = if name.is_empty() { key } else { format!("{name}.{key}") };
                flatten(&name, value, values);
            }
        }
        other => {
            let known = NAMES.iter().find(|(own, _)| *own == name).map(|(_, known)| *known);
            let name = known.unwrap_or_else(|| name.strip_prefix("entra.").unwrap_or(name));
            values.insert(name.to_owned(), plain(other));
        }
    }
}

/// A name as App 2's settings write it.
fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let mut written = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        written.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        written.push_str(letters.as_str());
    }
    written
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => visible(text),
        Value::Array(values) => {
            let mut parts: Vec<String> = values.iter().map(plain).collect();
            crate::sort::all(&mut parts);
            if parts.is_empty() { phrase("compare.empty").text() } else { parts.join(", ") }
        }
        other => visible(&other.to_string()),
    }
}

fn claims(report: &Report) -> Option<Values> {
    let token = report.token()?;
    let claims = token.claims.iter().map(|(name, value)| (name.clone(), plain(value)));
    Some(claims.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Case;

    fn case() -> Case {
        let text = include_str!("../../tests/it/saved/caller-not-in-allowed-applications-slot.json");
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn the_same_observed_later_and_slower_is_no_change() {
        let mut later = case();
        later.started_at += chrono::TimeDelta::try_hours(3).unwrap();
        later.elapsed_ms += 900;
        for exchange in &mut later.exchanges {
            exchange.elapsed_ms += 50;
        }
        let claims = &mut later.token.as_mut().unwrap().decoded.claims;
        for (name, value) in claims {
            if ["exp", "nbf", "iat"].contains(&name.as_str()) {
                *value = Value::from(value.as_i64().unwrap() + 3 * 3600);
            }
        }
        assert_eq!(compare(&Report::of(case()), &Report::of(later)), []);
    }

    #[test]
    fn what_a_fix_changes_is_verdict_steps_and_the_value_and_nothing_else() {
        let mut fixed = case();
        let caller = fixed.token.as_ref().unwrap().decoded.caller_client_id().unwrap().to_owned();
        let settings = fixed.settings[0].outcome.as_mut().unwrap();
        let allowed = settings.entra.as_mut().unwrap().allowed_applications.as_mut().unwrap();
        let before = allowed.clone();
        allowed.push(caller.clone());
        let changes = compare(&Report::of(case()), &Report::of(fixed));
        let subjects: Vec<&Subject> = changes.iter().map(|change| &change.subject).collect();
        assert!(subjects.contains(&&Subject::Cause) && subjects.contains(&&Subject::Step(StepId::Authorization)));
        let values: Vec<&Changed> =
            changes.iter().filter(|change| matches!(change.subject, Subject::Setting(_) | Subject::Claim(_))).collect();
        let [value] = values[..] else { panic!("{values:?}") };
        assert_eq!(value.subject, Subject::Setting("allowedApplications".to_owned()));
        let after = value.after.clone().unwrap();
        assert!(after.contains(caller.as_str()) && before.iter().all(|id| after.contains(id.as_str())));
        // Turned round, the same the other way.
        let mut other = case();
        other.token = None;
        let changes = compare(&Report::of(other), &Report::of(case()));
        assert!(changes.iter().all(|change| !matches!(change.subject, Subject::Claim(_))));
    }
}
