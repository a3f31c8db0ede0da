//! The root cause: the sentence, the two values, what to do and who does it, the evidence, and what comes after.

use chrono::DateTime;

use crate::case::span::span;
use crate::case::step::StepId;
use crate::knowledge::phrase;
use crate::report::policy;
use crate::report::{
    Alternative, Difference, EvidenceLine, NamedValue, NextFault, Origin, Report, RootCause, Shell, StepStatus,
    Verdict, support, words,
};
use crate::tui::look::{Looks, Role};
use crate::tui::model::place::View;

use super::content::Page;
use super::fix;
use super::item::{Item, Opens, Row};

/// The ID of what the two values were read from.
const SOURCE: &str = "source";

/// What begins the IDs of the evidence.
const EVIDENCE: &str = "evidence/";

/// Everything about the root cause.
pub(super) fn items(report: &Report, cause: &RootCause, tool: Option<&str>, looks: Looks) -> Vec<Item> {
    let mut items = head(report, cause, looks);
    if let Some(difference) = &cause.difference {
        items.push(Item::blank());
        items.extend(self::difference(difference));
    }
    if !cause.fixes.is_empty() {
        items.push(Item::blank());
        items.extend(ways(cause, tool));
    }
    if report.verdict() == Verdict::Inconclusive {
        items.extend(candidates(report));
    }
    items.extend(evidence(report, cause));
    if report.verdict() != Verdict::Inconclusive {
        items.extend(after(report, looks));
        items.extend(candidates(report));
    }
    items.extend(also(report, looks));
    items.extend(support(report));
    items
}

/// How a finding is fixed if it is the cause, or is what comes next, with the values of this case.
pub(super) fn ways_of(report: &Report, code: &str, tool: Option<&str>) -> Vec<Item> {
    let diagnosis = report.diagnosis();
    let cause = diagnosis.root_cause.as_ref().filter(|cause| cause.code.name() == code);
    let next = diagnosis.next.iter().find(|fault| fault.code.name() == code).map(|fault| &fault.fixes);
    let other = diagnosis.alternatives.iter().find(|other| other.code.name() == code).map(|other| &other.fixes);
    match (cause, next.or(other)) {
        (Some(cause), _) => ways(cause, tool),
        (None, Some(fixes)) => fix::items("fix", fixes, tool, phrase("screen.fixes").text()),
        (None, None) => Vec::new(),
    }
}

/// On a low screen, where the values were read from is among the evidence, so that the fix comes into sight.
pub(super) fn fix_into_sight(items: &mut Vec<Item>) {
    let place = |of: fn(&Item) -> bool| items.iter().position(of);
    let (source, way) = (place(|item| item.id == SOURCE), place(|item| item.tools));
    let Some(evidence) = place(|item| item.id.starts_with(EVIDENCE)) else { return };
    if let (Some(source), Some(way)) = (source, way)
        && source < way
        && way < evidence
    {
        let moved = items.remove(source);
        items.insert(evidence - 1, moved);
    }
}

/// How to fix it, or to find the cause.
pub(super) fn ways(cause: &RootCause, tool: Option<&str>) -> Vec<Item> {
    let heading = match cause.owner.map(|owner| owner.name()) {
        _ if cause.code.is_undetermined() => phrase("screen.find-out"),
        owner => phrase("screen.fixes").with_some("owner", owner),
    };
    let mut items = fix::items("fix", &cause.fixes, tool, heading.text());
    items.extend(effect(cause));
    items
}

/// When the fix takes effect: with whatever tool it is made.
pub(super) fn effect(cause: &RootCause) -> Option<Item> {
    words::takes_effect(cause).map(|said| Item::text("effect", said))
}

/// How to fix the root cause, and whatever comes to light after it.
pub(super) fn all_ways(report: &Report, tool: Option<&str>) -> Vec<Item> {
    let diagnosis = report.diagnosis();
    let mut items: Vec<Item> = diagnosis.root_cause.iter().flat_map(|cause| ways(cause, tool)).collect();
    for (number, fault) in diagnosis.next.iter().enumerate().filter(|(_, fault)| !fault.fixes.is_empty()) {
        items.push(Item::blank());
        items.extend(fix::items(&format!("next/{number}/fix"), &fault.fixes, tool, fault.code.name().to_owned()));
    }
    items
}

fn head(report: &Report, cause: &RootCause, looks: Looks) -> Vec<Item> {
    let status = words::verdict_status(report.verdict());
    let place = phrase("screen.step").with("number", cause.step.number());
    let mark = Some((words::glyph(status, looks.ascii).to_owned(), Role::of(status)));
    let mut items = vec![
        Item::marked_as("cause", mark, cause.code.name(), Role::Heading)
            .with_tail(if cause.code.is_undetermined() { String::new() } else { place.text() })
            .with_opens(Opens::View(View::Explain(cause.code.name().to_owned()), None)),
        Item::text("summary", &cause.summary),
    ];
    if report.step(StepId::Call).is_some_and(|call| call.status == StepStatus::Pass) {
        let works = Item::text("works", phrase("screen.works").text());
        items.push(works.with_opens(Opens::step(StepId::Call, None)));
    }
    if cause.confidence != crate::report::Confidence::Certain && !cause.code.is_undetermined() {
        items.push(Item::text("standing", words::confidence(report, cause).text()));
    }
    items
}

/// What the two values are called: of a list of those that are allowed, what it has and what it doesn't.
pub fn labels(difference: &Difference) -> (String, String) {
    let (expected, actual) = match difference.expected.len() {
        _ if difference.is_list => ("label.listed", "label.not-listed"),
        0 | 1 => ("label.expected", "label.actual"),
        _ => ("label.expected-one-of", "label.actual"),
    };
    (phrase(expected).text(), phrase(actual).text())
}

/// The two values that decide, one under the other.
pub(super) fn difference(difference: &Difference) -> Vec<Item> {
    let mut items = Vec::new();
    let none = || phrase("screen.no-value").text();
    for (number, expected) in difference.expected.iter().enumerate() {
        let label = if number == 0 { labels(difference).0 } else { String::new() };
        items.push(
            Item::pair(format!("expected/{number}"), label, expected.value.clone().unwrap_or_else(none))
                .with_role(Role::Value)
                .with_tail(expected.name.clone().unwrap_or_default()),
        );
    }
    if difference.expected.is_empty() {
        items.push(Item::pair("expected/0", labels(difference).0, none()));
    }
    let actual = difference.actual.value.clone().unwrap_or_else(none);
    items.push(
        Item::pair("actual", labels(difference).1, actual)
            .with_role(Role::Value)
            .with_tail(difference.actual.name.clone().or_else(|| distance(difference)).unwrap_or_default()),
    );
    if !difference.source.is_empty() {
        items.push(Item::pair(SOURCE, phrase("label.source").text(), &difference.source));
    }
    items
}

/// How far the actual time is from the expected one, where both are times.
fn distance(difference: &Difference) -> Option<String> {
    let time = |value: &NamedValue| DateTime::parse_from_rfc3339(value.value.as_deref()?).ok();
    let expected = difference.expected.first().and_then(time)?;
    let seconds = time(&difference.actual)?.signed_duration_since(expected).num_seconds();
    let said = phrase("screen.distance").with("span", span(seconds.unsigned_abs()));
    (seconds != 0).then(|| said.when("later", seconds > 0).text())
}

fn evidence(report: &Report, cause: &RootCause) -> Vec<Item> {
    if cause.evidence.is_empty() {
        return Vec::new();
    }
    let mut items = vec![Item::blank(), Item::heading(words::EVIDENCE.text())];
    for (number, line) in cause.evidence.iter().enumerate() {
        items.push(observed(report, cause.step, &format!("{EVIDENCE}{number}"), line));
    }
    items
}

/// A line of evidence, which opens where it was observed.
pub(super) fn observed(report: &Report, step: StepId, id: &str, line: &EvidenceLine) -> Item {
    let item = Item::text(id, &line.text);
    match line.origin {
        Some(Origin::Exchange(number)) if has_request(report, number) => item
            .with_tail(phrase("screen.request").with("number", number.to_string()).text())
            .with_opens(Opens::Request(number)),
        Some(Origin::Claim(name)) => item
            .with_tail(phrase("screen.token").text())
            .with_opens(Opens::View(View::Token, Some(format!("claim/{name}")))),
        Some(Origin::SettingsPath(path)) => {
            item.with_tail(phrase("screen.settings").text()).with_opens(of_setting(report, path))
        }
        Some(Origin::LogLine(number)) => item
            .with_tail(phrase("screen.log-line").with("number", number.to_string()).text())
            .with_opens(Opens::step(step, None)),
        Some(Origin::Exchange(_)) | None => item.with_opens(Opens::step(step, None)),
    }
}

/// The rule that the setting is, or the step that is about the settings.
fn of_setting(report: &Report, path: &str) -> Opens {
    let rules = policy::rules(report);
    let rule = rules.iter().find(|rule| rule.path == Some(path));
    rule.map_or_else(
        || Opens::step(StepId::Protection, None),
        |rule| Opens::View(View::Policy, Some(format!("rule/{}", rule.name))),
    )
}

fn has_request(report: &Report, number: u32) -> bool {
    report.observed().exchanges.iter().any(|exchange| exchange.id == number)
}

/// What the call meets once the root cause is fixed.
fn after(report: &Report, looks: Looks) -> Vec<Item> {
    let next = &report.diagnosis().next;
    let mut items = vec![Item::blank()];
    if next.is_empty() {
        items.push(Item::text("next", unchecked(report).unwrap_or_else(|| phrase("screen.nothing-next").text())));
        return items;
    }
    items.push(Item::heading(words::others(report.diagnosis()).text()));
    for (number, fault) in next.iter().enumerate() {
        items.extend(self::next(number, fault, looks));
    }
    items
}

/// Which steps behind the root cause weren't checked, where some weren't.
fn unchecked(report: &Report) -> Option<String> {
    let cause = report.diagnosis().root_cause.as_ref()?.step;
    let is_open = |status| matches!(status, StepStatus::Skipped | StepStatus::Unknown);
    let open = report.steps().iter().filter(|step| step.id > cause && is_open(step.status));
    let numbers: Vec<u8> = open.map(|step| step.id.number()).collect();
    let (first, last) = (numbers.first()?, numbers.last()?);
    // A row of steps by its ends.
    let is_row = numbers.len() > 2 && usize::from(last.abs_diff(*first)) + 1 == numbers.len();
    let steps = match is_row {
        true => phrase("screen.through").with("first", *first).with("last", *last).text(),
        false => numbers.iter().map(u8::to_string).collect::<Vec<_>>().join(" and "),
    };
    Some(phrase("screen.unchecked").with("steps", steps).when("several", numbers.len() > 1).text())
}

fn next(number: usize, fault: &NextFault, looks: Looks) -> Vec<Item> {
    let glyph = words::glyph(StepStatus::Fail, looks.ascii);
    vec![
        Item::marked(format!("next/{number}"), glyph, Role::Bad, fault.code.name())
            .with_tail(phrase("screen.step").with("number", fault.step.number()).text())
            .with_opens(Opens::step(fault.step, None)),
        Item::marked(format!("next/{number}/said"), " ", Role::Text, &fault.summary),
    ]
}

/// Other causes, each with what would confirm it.
fn candidates(report: &Report) -> Vec<Item> {
    let diagnosis = report.diagnosis();
    if diagnosis.alternatives.is_empty() {
        return Vec::new();
    }
    let heading = match diagnosis.verdict {
        Verdict::Inconclusive => words::CANDIDATES,
        Verdict::Pass | Verdict::Fail | Verdict::WouldPass => words::ALTERNATIVES,
    };
    let mut items = vec![Item::blank(), Item::heading(heading.text())];
    for (number, alternative) in diagnosis.alternatives.iter().enumerate() {
        items.extend(candidate(number, alternative));
    }
    items
}

/// What begins the IDs of candidates.
const CANDIDATE: &str = "candidate/";

/// Without App 2's URL, that is what is missing: the way on is in the form, and not a command.
pub(super) fn ask_for_url(page: &mut Page) {
    let is_way = |item: &Item| item.tools || matches!(&item.row, Row::Heading { tools, .. } if !tools.is_empty());
    page.items.retain(|item| !is_way(item) && !item.id.ends_with(fix::WHERE));
    let said = Item::text("enter-url", phrase("screen.enter-url").text()).with_opens(Opens::Field("target"));
    let place = page.items.iter().position(|item| item.id == "summary").map_or(0, |at| at + 1);
    page.items.insert(place.min(page.items.len()), said);
    page.start = Some("enter-url".to_owned());
}

/// What a test says that it takes, and the field of the form for that.
const TAKEN: [(&str, &str); 7] = [
    ("--auth-settings", "auth-settings"),
    ("App 2's settings", "auth-settings"),
    ("--target-resource-id", "target-resource-id"),
    ("--target-log", "target-log"),
    ("App 2's log", "target-log"),
    ("--target-environ", "target-environ"),
    ("--resource", "resource"),
];

/// Tests of an open answer that begin in the form lead there: the first thing that each takes decides where.
pub(super) fn with_tests(items: &mut [Item]) {
    for item in items.iter_mut().filter(|item| item.opens.is_none() && (item.tools || is_test(item))) {
        let (text, tail) = match &mut item.row {
            Row::Text { text, tail, .. } => (text, Some(tail)),
            Row::Pair { value, note, .. } => (value, Some(note)),
            Row::Comment(text) => (text, None),
            _ => continue,
        };
        let taken = TAKEN.iter().filter_map(|(said, field)| Some((text.find(said)?, *field))).min();
        let Some((_, field)) = taken else { continue };
        if let Some(tail) = tail {
            tail.get_or_insert_with(|| phrase("screen.in-form").text());
        }
        item.opens = Some(Opens::Field(field));
    }
}

/// The command of a candidate's test, alone or within a sentence.
#[must_use]
pub fn command_of(item: &Item) -> Option<&str> {
    let is_command = |text: &&str| Shell::of(text).is_some();
    match &item.row {
        _ if !is_test(item) => None,
        Row::Command { text, .. } => Some(text),
        Row::Text { text, .. } | Row::Pair { value: text, .. } => text.split('`').skip(1).step_by(2).find(is_command),
        _ => None,
    }
}

fn is_test(item: &Item) -> bool {
    item.id.starts_with(CANDIDATE) && item.id.contains(CONFIRM)
}

/// What is in the IDs of tests.
const CONFIRM: &str = "/confirm";

fn candidate(number: usize, alternative: &Alternative) -> Vec<Item> {
    let id = format!("{CANDIDATE}{number}");
    let place = phrase("screen.place")
        .with("number", alternative.step.number())
        .with("confidence", alternative.confidence.word());
    let mut items = vec![
        Item::marked(&*id, "?", Role::Open, alternative.code.name())
            .with_tail(place.text())
            .with_opens(Opens::step(alternative.step, None)),
        Item::marked(format!("{id}/said"), " ", Role::Text, &alternative.summary),
    ];
    if !alternative.distinguish.is_empty() {
        let confirm = words::CONFIRM.text();
        items.extend(fix::told(&format!("{id}{CONFIRM}"), &confirm, &alternative.distinguish));
    }
    items
}

/// Warnings, which do not fail the call.
pub(super) fn also(report: &Report, looks: Looks) -> Vec<Item> {
    let mut items = Vec::new();
    for (number, (step, finding)) in report.warnings().enumerate() {
        if number == 0 {
            items.push(Item::blank());
            items.push(Item::heading(phrase("screen.warnings").text()));
        }
        let glyph = words::finding_glyph(finding.severity, false, looks.ascii);
        items.push(
            Item::marked(format!("warning/{number}"), glyph, Role::Warn, &finding.message)
                .with_tail(phrase("screen.step").with("number", step.number()).text())
                .with_opens(Opens::step(step, Some(&format!("finding/{}", finding.code)))),
        );
    }
    items
}

/// The IDs for a support ticket.
fn support(report: &Report) -> Vec<Item> {
    let ids = support::of(report);
    if ids.is_empty() {
        return Vec::new();
    }
    let mut items = vec![Item::blank(), Item::heading(phrase("screen.support").text())];
    for (number, id) in ids.iter().enumerate() {
        let copy = format!("{} {} {} {}", id.at, id.service, id.kind, id.id);
        let item = Item::pair(format!("support/{number}"), id.service, format!("{} {}", id.kind, id.id));
        items.push(item.with_tail(id.at.as_str()).with_copy(copy));
    }
    items
}
