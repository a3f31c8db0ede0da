//! The lab bench: what can be broken and fixed, what the doctor says and what it should say, the command line, and what
//! happened.

use chrono::{DateTime, Utc};

use crate::case::text::visible_lines;
use crate::knowledge::phrase;
use crate::report::{Report, Verdict, words};
use crate::tui::bench::{Breakable, Expected, Output, State};
use crate::tui::look::Role;
use crate::tui::model::Model;
use crate::tui::model::place::View;

use super::cause;
use super::content::Page;
use super::item::{Item, Opens, Row};

/// What begins the IDs of faults.
pub const FAULT: &str = "fault/";

/// What begins the IDs of scenarios.
pub const SCENARIO: &str = "scenario/";

/// What begins the IDs of command lines that were run.
pub const RAN: &str = "ran/";

/// From this many columns and rows on there are two panes.
const WIDE: u16 = 100;
const HIGH: u16 = 16;

/// The ID of the row with the scenario's name.
pub const NAME: &str = "name";

/// So many messages are listed.
const MESSAGES: usize = 20;

pub(super) fn page(model: &Model) -> Page {
    let Some(state) = &model.bench else {
        return Page::of(vec![Item::text("nothing", phrase("why.no-lab").text())]);
    };
    let mut items = head(state);
    let is_beside = is_beside(model);
    if !is_beside {
        items.extend(verdicts(model, state));
    }
    items.push(Item::blank());
    items.push(Item::heading(phrase("bench.section").text()));
    items.extend(faults(state, !is_beside));
    items.push(Item::blank());
    items.extend(console(model));
    if !is_beside {
        items.push(Item::blank());
        items.extend(happened(model));
    }
    // What is broken comes into sight first.
    let first = state.faults.iter().find(|fault| fault.broken).or(state.faults.first());
    Page { start: first.map(|fault| format!("{FAULT}{}", fault.name)), ..Page::of(items) }
}

/// Whether there is room for what the doctor says beside what can be broken.
#[must_use]
pub fn is_beside(model: &Model) -> bool {
    let (columns, rows) = model.size;
    model.bench.is_some() && *model.place.view() == View::Lab && columns >= WIDE && rows >= HIGH
}

/// What the doctor says, what it should say, and what happened.
pub(super) fn beside(model: &Model) -> Option<Page> {
    let state = model.bench.as_ref()?;
    let mut items = verdicts(model, state);
    let report = model.target.observed.as_deref().filter(|_| !model.target.is_running());
    let cause = report.and_then(|report| report.diagnosis().root_cause.as_ref());
    if let Some(cause) = cause {
        items.push(Item::blank());
        items.push(Item::text("cause", visible_lines(&cause.summary)));
        items.extend(cause.difference.iter().flat_map(cause::difference));
    }
    items.push(Item::blank());
    items.extend(happened(model));
    Some(Page::of(items))
}

fn head(state: &State) -> Vec<Item> {
    let count = state.scenarios.len();
    let mut items = vec![
        Item::pair(NAME, phrase("bench.scenario").text(), &state.scenario)
            .with_tail(phrase("bench.switch").with("count", count).text()),
    ];
    let title = state.scenarios.iter().find(|(name, _)| *name == state.scenario);
    items.extend(title.map(|(_, title)| Item::pair("title", "", title)));
    // Whatever is broken and fixed afterwards, that is how it began.
    items.push(Item::pair("description", phrase("bench.at-first").text(), &state.description));
    items
}

/// What the doctor says beside what it should say.
fn verdicts(model: &Model, state: &State) -> Vec<Item> {
    let report = model.target.observed.as_deref().filter(|_| !model.target.is_running());
    let ascii = model.looks.ascii;
    let found = match report {
        Some(report) => {
            let status = words::verdict_status(report.verdict());
            let text = format!("{} {}", words::glyph(status, ascii), said(report));
            let item = Item::pair("found", phrase("bench.found").text(), text).with_role(Role::of(status));
            let agrees = state.expected.as_ref().map(|expected| agrees(report, expected));
            let agrees = agrees.map(|agrees| if agrees { "bench.agrees" } else { "bench.differs" });
            let item = item.with_tail(agrees.map(|key| phrase(key).text()).unwrap_or_default());
            item.with_opens(Opens::View(View::Cause, None))
        }
        None => {
            Item::pair("found", phrase("bench.found").text(), phrase("bench.checking").text()).with_role(Role::Busy)
        }
    };
    let expected = match &state.expected {
        Some(expected) => {
            let status = words::verdict_status(verdict(&expected.verdict));
            let text = format!("{} {}", words::glyph(status, ascii), told(expected));
            Item::pair("expected", phrase("bench.expected").text(), text).with_role(Role::of(status))
        }
        None => Item::pair("expected", phrase("bench.expected").text(), phrase("bench.unknown").text())
            .with_role(Role::Faint),
    };
    vec![expected, found]
}

fn verdict(word: &str) -> Verdict {
    match word {
        "pass" => Verdict::Pass,
        "fail" => Verdict::Fail,
        _ => Verdict::Inconclusive,
    }
}

fn said(report: &Report) -> String {
    let cause = report.diagnosis().root_cause.as_ref();
    phrase("bench.said")
        .with("verdict", report.verdict().word().replace('-', " "))
        .with_some("code", cause.map(|cause| cause.code.name()))
        .with_some("confidence", cause.map(|cause| cause.confidence.word()))
        .text()
}

fn told(expected: &Expected) -> String {
    phrase("bench.said")
        .with("verdict", expected.verdict.as_str())
        .with_some("code", expected.code.as_deref())
        .with_some("confidence", expected.confidence.as_deref())
        .when("least", expected.confidence.as_deref().is_some_and(|least| least != "certain"))
        .text()
}

fn agrees(report: &Report, expected: &Expected) -> bool {
    let cause = report.diagnosis().root_cause.as_ref();
    let rank = |word: &str| ["possible", "likely", "certain"].iter().position(|known| *known == word);
    let is_sure = expected
        .confidence
        .as_deref()
        .is_none_or(|least| cause.is_some_and(|cause| rank(cause.confidence.word()) >= rank(least)));
    report.verdict().word() == expected.verdict
        && cause.map(|cause| cause.code.name()) == expected.code.as_deref()
        && is_sure
}

/// What can be broken; with the codes where there is room for them.
fn faults(state: &State, with_codes: bool) -> Vec<Item> {
    let mut items = Vec::new();
    for group in state.faults.chunk_by(|one, other| one.group == other.group) {
        if let Some(first) = group.first() {
            let key = match first.group.as_str() {
                "app1" => "bench.group-app1",
                "entra" => "bench.group-entra",
                "settings" => "bench.group-settings",
                "app2" => "bench.group-app2",
                "visible" => "bench.group-visible",
                _ => "bench.group-scenario",
            };
            items.push(Item::marked_as("", None, phrase(key).text(), Role::Faint).without_copy());
        }
        items.extend(group.iter().map(|one| fault(one, with_codes)));
    }
    items
}

fn fault(fault: &Breakable, with_code: bool) -> Item {
    let (mark, role) = if fault.broken { ("[x]", Role::Bad) } else { ("[ ]", Role::Faint) };
    Item::marked(format!("{FAULT}{}", fault.name), mark, role, &fault.title)
        .with_tail(if with_code { fault.code.as_str() } else { "" })
        .with_copy(&fault.code)
        .with_opens(Opens::View(View::Explain(fault.code.clone()), None))
}

/// The command lines that were run, the last one at the end.
fn console(model: &Model) -> Vec<Item> {
    let mut items = vec![
        Item::heading(phrase("bench.commands").text()),
        Item::text("commands", phrase("bench.commands-about").text()).with_role(Role::Faint),
    ];
    for (number, ran) in model.console.iter().enumerate() {
        items.push(Item::new(format!("line/{number}"), Row::Code(format!("$ {}", ran.line))).with_copy(&ran.line));
        let id = format!("{RAN}{number}");
        if ran.output.refused().is_none() && [" --query ", " -o "].iter().any(|option| ran.line.contains(option)) {
            items.push(Item::text(format!("whole/{number}"), phrase("bench.whole").text()).with_role(Role::Faint));
        }
        items.push(match &ran.output {
            Output::Printed(output) if output.trim().is_empty() => {
                Item::text(id, phrase("bench.no-output").text()).with_role(Role::Faint)
            }
            // What is said is wrapped, and what is printed for programs stays as it is.
            Output::Printed(output) if output.trim_end().lines().all(words::is_sentence) => {
                Item::text(id, visible_lines(output.trim_end()))
            }
            Output::Printed(output) => Item::new(id, Row::Code(visible_lines(output.trim_end()))),
            Output::Refused(reason) => Item::marked(id, "!", Role::Bad, visible_lines(reason)),
        });
    }
    items
}

/// Messages and the ends of checks, the newest first.
fn happened(model: &Model) -> Vec<Item> {
    let mut all: Vec<(DateTime<Utc>, usize, String)> = Vec::new();
    let messages = model.log.entries.iter().enumerate();
    all.extend(messages.map(|(number, entry)| (entry.at, number, visible_lines(&entry.text))));
    let ended = model.target.history.iter().enumerate().map(|(number, run)| {
        let step = run.step.map(|step| step.number().to_string());
        let (verdict, status) = run.verdict();
        let said = phrase("screen.ended").with("verdict", verdict).with_some("number", step);
        let glyph = words::glyph(status, model.looks.ascii);
        (run.at, usize::MAX / 2 + number, format!("{glyph} {}", said.text()))
    });
    all.extend(ended);
    if all.is_empty() {
        return Vec::new();
    }
    crate::sort::all(&mut all);
    let mut items = vec![Item::heading(phrase("bench.happened").text())];
    let newest = all.into_iter().rev().take(MESSAGES);
    items.extend(
        newest.map(|(at, number, text)| {
            Item::pair(format!("happened/{number}"), at.format("%H:%M:%SZ").to_string(), text)
        }),
    );
    items
}

/// The list of scenarios.
pub(super) fn scenarios(model: &Model) -> Page {
    let Some(state) = &model.bench else {
        return Page::of(vec![Item::text("nothing", phrase("why.no-lab").text())]);
    };
    let mut items = vec![Item::text("about", phrase("bench.pick").text()).with_role(Role::Faint).without_copy()];
    items.extend(state.scenarios.iter().map(|(name, title)| {
        let is_shown = *name == state.scenario;
        let mark = if is_shown { model.looks.busy() } else { " " };
        Item::marked(format!("{SCENARIO}{name}"), mark, Role::Heading, name).with_tail(title)
    }));
    Page { start: Some(format!("{SCENARIO}{}", state.scenario)), ..Page::of(items) }
}
