//! The answer, in each of its kinds: the root cause, candidates, a pass, a change in thought, a stopped check.

use crate::case::exchange::Purpose;
use crate::case::span::moment;
use crate::case::step::StepId;
use crate::case::text::visible;
use crate::knowledge::phrase;
use crate::report::{Confidence, Report, Verdict, words};
use crate::tui::look::{Looks, Role};
use crate::tui::model::target::Target;

use super::amount::time;
use super::cause;
use super::content::Page;
use super::fix;
use super::item::{Item, Opens};
use super::under_way;

/// The answer of a check; with changes in thought also that of what was observed, which says how they are made.
pub(super) fn page(report: &Report, observed: Option<&Report>, tool: Option<&str>, looks: Looks) -> Page {
    let mut items = supposed(report, looks);
    if report.observed().was_paused() {
        items.push(Item::marked("paused", "!", Role::Warn, words::PAUSED.text()));
    }
    match (report.verdict(), &report.diagnosis().root_cause) {
        (Verdict::Fail | Verdict::Inconclusive, Some(cause)) => {
            items.extend(cause::items(report, cause, tool, looks));
        }
        (Verdict::WouldPass, _) => {
            items.extend(observed.into_iter().flat_map(|observed| cause::all_ways(observed, tool)));
            items.extend(cause::also(report, looks));
        }
        (Verdict::Pass, _) => items.extend(pass(report, looks)),
        (_, None) => {
            items.push(headline(report, looks));
            items.extend(open(report, looks));
        }
    }
    let start = fix::start(&items);
    Page { start, ..Page::of(items) }
}

/// What was found before a check was stopped.
pub(super) fn stopped(target: &Target, report: &Report, tool: Option<&str>, looks: Looks) -> Page {
    let mut items = vec![Item::marked("stopped", "?", Role::Open, phrase("screen.stopped-long").text()), Item::blank()];
    items.extend(under_way::unanswered(target, target.begun));
    let judged = page(report, None, tool, looks);
    if report.verdict() == Verdict::Fail {
        items.extend(judged.items);
        return Page { start: judged.start, ..Page::of(items) };
    }
    items.extend(under_way::known(report, true));
    let Some(before) = target.answer_before() else { return Page::of(items) };
    let at = words::checked_at(before);
    items.extend([Item::blank(), Item::heading(phrase("screen.answer-before").with("time", at).text())]);
    let answer = page(before, None, tool, looks);
    items.extend(answer.items);
    Page { start: answer.start, ..Page::of(items) }
}

fn headline(report: &Report, looks: Looks) -> Item {
    let status = words::verdict_status(report.verdict());
    let mark = (words::glyph(status, looks.ascii).to_owned(), Role::of(status));
    Item::marked_as("headline", Some(mark), words::headline(report), Role::Heading)
}

/// The changes in thought, and what came of them.
fn supposed(report: &Report, looks: Looks) -> Vec<Item> {
    if report.assumed().is_empty() {
        return Vec::new();
    }
    let status = words::verdict_status(report.verdict());
    let said = match report.verdict() {
        Verdict::WouldPass => phrase("screen.would-pass"),
        Verdict::Pass | Verdict::Fail | Verdict::Inconclusive => {
            let cause = report.diagnosis().root_cause.as_ref();
            match cause.filter(|cause| report.verdict() == Verdict::Fail && !cause.code.is_undetermined()) {
                Some(cause) => phrase("screen.would-fail")
                    .with("number", cause.step.number())
                    .with("code", cause.code.name())
                    .when("certain", cause.confidence == Confidence::Certain),
                None => phrase("screen.would-not-pass"),
            }
        }
    };
    let is_several = report.assumed().len() > 1;
    let said = said.when("several", is_several).text();
    let not_made =
        phrase("screen.not-made").with("verdict", report.observed_verdict.word()).when("several", is_several);
    let mark = (words::glyph(status, looks.ascii).to_owned(), Role::of(status));
    let mut items: Vec<Item> = vec![Item::marked_as("supposed", Some(mark), said, Role::Heading)];
    for (number, change) in report.assumed().iter().enumerate() {
        items.push(Item::marked(format!("change/{number}"), looks.supposed(), Role::Supposed, visible(change)));
    }
    items.push(Item::text("observed", not_made.text()));
    items.push(Item::blank());
    items
}

/// The call works: who called, for whom, and what answered.
fn pass(report: &Report, looks: Looks) -> Vec<Item> {
    let mut items = vec![headline(report, looks)];
    let call = report
        .case()
        .exchanges
        .iter()
        .rfind(|exchange| matches!(exchange.purpose, Purpose::CallWithToken | Purpose::CallRedirect(_)));
    if let Some((call, answer)) = call.and_then(|call| Some((call, call.answer()?))) {
        let reason = answer.reason.as_deref().unwrap_or_default();
        let said = phrase("screen.call")
            .with("method", &*call.method)
            .with("status", format!("{} {}", answer.status, visible(reason)).trim().to_owned())
            .with("time", time(call.elapsed_ms));
        items.push(
            Item::text("call", said.text())
                .with_tail(phrase("screen.request").with("number", call.id.to_string()).text())
                .with_opens(Opens::Request(call.id)),
        );
    }
    items.push(Item::blank());
    if let Some(token) = report.token() {
        let caller = token.caller_client_id().map(|id| id.to_string());
        if let Some(caller) = caller {
            items.push(
                Item::pair("caller", phrase("label.caller").text(), visible(&caller))
                    .with_role(Role::Value)
                    .with_opens(Opens::step(StepId::Claims, None)),
            );
        }
        if let Some(audience) = token.text("aud") {
            items.push(
                Item::pair("audience", phrase("label.audience").text(), visible(audience))
                    .with_role(Role::Value)
                    .with_opens(Opens::step(StepId::Audience, None)),
            );
        }
        if let Some(until) = token.time("exp") {
            let until = moment(until, report.observed().checked_at());
            items.push(
                Item::pair("until", phrase("label.until").text(), until).with_opens(Opens::step(StepId::Claims, None)),
            );
        }
    }
    for id in [StepId::Authorization, StepId::Call] {
        let step = report.step(id).filter(|step| !step.summary.is_empty());
        items.extend(step.map(|step| {
            Item::pair(format!("step/{}", id.id()), id.id(), &step.summary).with_opens(Opens::step(id, None))
        }));
    }
    let warnings = cause::also(report, looks);
    if warnings.is_empty() {
        items.push(Item::blank());
        items.push(Item::text("no-warning", phrase("screen.no-warning").text()));
    }
    items.extend(warnings);
    items.push(Item::blank());
    items.push(Item::text("keep", phrase("screen.keep").text()));
    items
}

/// Nothing was found, and the call wasn't seen to succeed: the steps that are open.
fn open(report: &Report, looks: Looks) -> Vec<Item> {
    let mut items = vec![Item::blank()];
    for step in report.steps() {
        if matches!(step.status, crate::report::StepStatus::Unknown) {
            let glyph = words::glyph(step.status, looks.ascii);
            items.push(
                Item::marked(format!("open/{}", step.id.id()), glyph, Role::Open, &step.summary)
                    .with_tail(phrase("screen.step").with("number", step.id.number()).text())
                    .with_opens(Opens::step(step.id, None)),
            );
        }
    }
    items.extend(cause::also(report, looks));
    items
}
