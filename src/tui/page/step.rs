//! A step: its question and its result, findings, facts, tables, and requests.

use chrono::{DateTime, Utc};

use crate::case::exchange::by_id;
use crate::case::step::StepId;
use crate::knowledge::{self, phrase};
use crate::report::document::safe_table;
use crate::report::{Confidence, Report, RuleVerdict, Severity, StepReport, StepStatus, Table, words};
use crate::tui::look::{Looks, Role};
use crate::tui::model::place::View;
use crate::tui::model::target::{StepState, Target};

use super::amount::time;
use super::cause;
use super::content::Page;
use super::item::{Item, Opens};
use super::token;
use super::under_way;

pub(super) fn page(target: &Target, id: StepId, looks: Looks, now: DateTime<Utc>) -> Page {
    let entry = knowledge::step(id);
    let state = target.step(id);
    let report = target.shown();
    let worded = report.and_then(|report| Some((&**report, report.step(id)?)));
    let (mark, role, word, took) = match (state, worded) {
        (StepState::Judged(status), Some((_, step))) => {
            let took = if step.elapsed_ms == 0 || status == StepStatus::Skipped {
                String::new()
            } else {
                time(step.elapsed_ms)
            };
            if target.is_supposed(id) {
                let word = phrase("screen.in-thought").with("status", words::status(status)).text();
                (looks.supposed(), Role::Supposed, word, took)
            } else {
                (words::glyph(status, looks.ascii), Role::of(status), words::status(status).to_owned(), took)
            }
        }
        (StepState::Busy(_), _) => (looks.busy(), Role::Busy, phrase("screen.asking").text(), String::new()),
        _ => (looks.waiting(), Role::Faint, phrase("screen.waiting").text(), String::new()),
    };
    let mut items = vec![
        Item::marked_as(
            "status",
            Some((mark.to_owned(), role)),
            format!("{} {}: {word}", id.number(), entry.title),
            Role::Heading,
        )
        .with_tail(took)
        .with_opens(Opens::View(View::SetUp(id), None)),
        Item::text("question", &entry.question).with_role(Role::Faint),
    ];
    let busy = target.waiting(id);
    let busy: Vec<Item> = busy.flat_map(|request| under_way::request(request, now)).collect();
    if !busy.is_empty() {
        items.push(Item::blank());
        items.extend(busy);
    }
    if let Some((report, step)) = worded.filter(|_| state != StepState::Waiting) {
        // A check that was stopped while it waited had sent what its summary says is still to be sent.
        let is_open = target.waiting(id).next().is_some() && !report.observed().is_settled(id);
        let state = if is_open { StepState::Waiting } else { state };
        let observed = target.contradicted().and_then(|report| report.step(id));
        items.extend(found(report, (step, observed), state, looks));
    }
    Page::of(items)
}

/// What was found in the step; what of it was observed otherwise is marked as supposed.
fn found(
    report: &Report,
    (step, observed): (&StepReport, Option<&StepReport>),
    state: StepState,
    looks: Looks,
) -> Vec<Item> {
    let mut items = Vec::new();
    // While it waits for answers, its summary would only say that they are missing.
    if matches!(state, StepState::Judged(_)) {
        items.push(Item::text("summary", &step.summary));
    }
    items.extend(findings(report, step, looks));
    if !step.facts.is_empty() {
        items.push(Item::blank());
        items.push(Item::heading(phrase("section.facts").text()));
    }
    for (number, fact) in step.facts.iter().enumerate() {
        let item = Item::pair(format!("fact/{number}"), &fact.name, &fact.value);
        let is_supposed = observed.is_some_and(|observed| !observed.facts.contains(fact));
        items.push(if is_supposed { supposed(item, looks) } else { item });
    }
    for (number, table) in step.tables.iter().enumerate() {
        items.extend(rows(number, &safe_table(table), observed.map(|step| &*step.tables), looks));
    }
    items.extend(requests(report, step.id));
    items
}

fn findings(report: &Report, step: &StepReport, looks: Looks) -> Vec<Item> {
    let mut items = Vec::new();
    for (number, finding) in step.findings.iter().enumerate() {
        if number == 0 {
            items.push(Item::blank());
            items.push(Item::heading(phrase("section.findings").text()));
        }
        let is_candidate = finding.severity == Severity::Error && finding.confidence == Confidence::Possible;
        let glyph = words::finding_glyph(finding.severity, is_candidate, looks.ascii);
        let role = if is_candidate { Role::Open } else { Role::of_severity(finding.severity) };
        let id = format!("finding/{}", finding.code);
        items.push(
            Item::marked(&*id, glyph, role, finding.code.name())
                .with_tail(finding.confidence.word())
                .with_opens(Opens::View(View::Explain(finding.code.name().to_owned()), None)),
        );
        if finding.message != step.summary {
            items.push(Item::marked(format!("{id}/said"), " ", Role::Text, &finding.message));
        }
        for (line, evidence) in finding.evidence.iter().enumerate() {
            let mut item = cause::observed(report, step.id, &format!("{id}/{line}"), evidence);
            if let super::item::Row::Text { mark, .. } = &mut item.row {
                *mark = Some((" ".to_owned(), Role::Text));
            }
            // It would lead to where it stands.
            if item.opens == Some(Opens::step(step.id, None)) {
                item.opens = None;
            }
            items.push(item);
        }
    }
    items
}

/// What a change in thought makes a value.
fn supposed(item: Item, looks: Looks) -> Item {
    item.with_role(Role::Supposed).with_tail(looks.supposed())
}

/// A table as a list: the first cell names the row, the second one is its value, the others say more of it.
fn rows(number: usize, table: &Table, observed: Option<&[Table]>, looks: Looks) -> Vec<Item> {
    let mut items = vec![Item::blank(), Item::heading(&table.title)];
    let observed: Option<Vec<Table>> = observed.map(|tables| tables.iter().map(safe_table).collect());
    for row in &table.rows {
        let is_supposed = observed.as_ref().is_some_and(|tables| !tables.iter().any(|table| table.rows.contains(row)));
        let mut cells = table.columns.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
        let Some((_, name)) = cells.next() else { continue };
        let mark = row.iter().find_map(|cell| RULE_VERDICTS.into_iter().find(|verdict| verdict.word() == cell));
        let shown = |verdict| if is_supposed { looks.supposed() } else { token::mark(verdict, looks).0 };
        let shown = mark.map(|verdict| format!("{} {name}", shown(verdict)));
        let rest: Vec<(&String, &String)> = cells.collect();
        // What is compared with another value has its label, too.
        let labeled = |(column, value): &(&String, &String)| format!("{column}: {value}");
        let value = match &*rest {
            [] => String::new(),
            [(_, value)] => (*value).clone(),
            [first, ..] => labeled(first),
        };
        let more: Vec<String> = rest.iter().skip(1).map(labeled).collect();
        let item = Item::pair(format!("row/{number}/{name}"), shown.as_ref().unwrap_or(name), value);
        items.push(item.with_tail(more.join("\n")));
    }
    items
}

/// What the last but one cell of a rule may say.
const RULE_VERDICTS: [RuleVerdict; 4] =
    [RuleVerdict::Holds, RuleVerdict::Broken, RuleVerdict::BrokenUndocumented, RuleVerdict::Unknown];

fn requests(report: &Report, id: StepId) -> Vec<Item> {
    let mut items = Vec::new();
    let exchanges = by_id(report.case().exchanges_where(|purpose| purpose.step() == id));
    for (number, exchange) in exchanges.into_iter().enumerate() {
        if number == 0 {
            items.push(Item::blank());
            items.push(Item::heading(words::REQUESTS.text()));
        }
        items.push(super::requests::row(exchange, "request"));
    }
    items
}
