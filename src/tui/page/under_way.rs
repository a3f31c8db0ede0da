//! A check under way: what is waited for, how long already and how long at most, and what is known so far.

use chrono::{DateTime, Utc};

use crate::case::step::StepId;
use crate::case::text::visible;
use crate::knowledge::phrase;
use crate::report::{Report, StepReport, StepStatus};
use crate::tui::look::Role;
use crate::tui::model::target::{Run, Target, UnderWay};

use super::amount::{passed, time};
use super::item::{Item, Opens, Page, Row};

pub(super) fn page(target: &Target, now: DateTime<Utc>) -> Page {
    let mut items = vec![Item::heading(phrase("section.under-way").text())];
    if target.run == Run::Stopping {
        items.push(Item::text("stopping", phrase("why.stopping").text()));
    }
    if target.under_way.is_empty() {
        items.push(Item::text("none", phrase("screen.evaluating").text()));
    }
    for request in &target.under_way {
        items.extend(self::request(request, now));
    }
    if let Some(report) = target.shown() {
        items.push(Item::blank());
        items.extend(known(report, false));
    }
    Page::of(items)
}

/// A request under way: what it is for, its time, and its address.
pub(super) fn request(request: &UnderWay, now: DateTime<Utc>) -> Vec<Item> {
    let id = request.id;
    let said = waited(request, now);
    let step = request.purpose.step();
    let mut items = vec![
        Item::marked(format!("under-way/{id}"), &step.number().to_string(), Role::Busy, request.purpose.describe())
            .with_tail(said)
            .with_opens(Opens::step(step, None)),
    ];
    if !request.request.is_empty() {
        let row = Row::Code(format!("  {}", request.request));
        items.push(Item::new(format!("under-way/{id}/address"), row).with_copy(&*request.request));
    }
    items
}

/// How long a request has been under way, and how long it may be.
pub(super) fn waited(request: &UnderWay, now: DateTime<Utc>) -> String {
    let waited = format!("{} s", passed(now - request.since) / 1_000);
    let said = phrase("screen.waited").with("time", waited);
    // Both in whole seconds, as long as the limit is.
    let limit = match request.limit_ms {
        limit @ 1_000..10_000 if limit % 1_000 == 0 => format!("{} s", limit / 1_000),
        limit => time(limit),
    };
    said.with("limit", limit).text()
}

/// What the completed steps found; of a check that was stopped, also what was judged without their end.
pub(super) fn known(report: &Report, is_stopped: bool) -> Vec<Item> {
    let mut items = vec![Item::heading(phrase("section.known").text())];
    let is_open = !report.observed().is_settled(StepId::Scope);
    if let (Some((resource, _)), Some(place)) = (report.resource().filter(|_| is_open), report.resource_place()) {
        let item = Item::pair("resource", phrase("label.resource").text(), visible(&resource));
        items.push(item.with_tail(phrase("screen.from").with("source", place).text()));
    }
    for id in StepId::ALL {
        let is_known = |step: &&StepReport| {
            let is_judged = matches!(step.status, StepStatus::Pass | StepStatus::Warn | StepStatus::Fail);
            report.observed().is_settled(id) || (is_stopped && is_judged)
        };
        if let Some(step) = report.step(id).filter(is_known) {
            items.push(
                Item::pair(format!("known/{}", id.id()), id.id(), &step.summary).with_opens(Opens::step(id, None)),
            );
        }
    }
    items
}
