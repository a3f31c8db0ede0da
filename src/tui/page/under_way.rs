//! A check under way: what is waited for, how long already and how long at most, and what is known so far.

use chrono::{DateTime, Utc};

use crate::case::exchange::Purpose;
use crate::case::step::StepId;
use crate::case::text::visible;
use crate::knowledge::phrase;
use crate::report::{Report, StepReport, StepStatus};
use crate::tui::look::Role;
use crate::tui::model::target::{Run, Target, UnderWay};

use super::amount::{passed, time};
use super::content::Page;
use super::item::{Item, Opens, Row};

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
    let role = if request.until.is_some() { Role::Open } else { Role::Busy };
    let mut items = vec![
        Item::marked(format!("under-way/{id}"), &step.number().to_string(), role, request.purpose.describe())
            .with_tail(said)
            .with_opens(Opens::step(step, None)),
    ];
    if !request.request.is_empty() {
        let row = Row::Code(format!("  {}", request.request));
        items.push(Item::new(format!("under-way/{id}/address"), row).with_copy(&*request.request));
    }
    items
}

/// How long a request has been under way, and how long it may be; or that it was stopped.
pub(super) fn waited(request: &UnderWay, now: DateTime<Utc>) -> String {
    let waited = so_far(request, now);
    if request.until.is_some() {
        return phrase("screen.unanswered").with("time", waited).text();
    }
    let said = phrase("screen.waited").with("time", waited);
    // Both in whole seconds, as long as the limit is.
    let limit = match request.limit_ms {
        limit @ 1_000..10_000 if limit % 1_000 == 0 => format!("{} s", limit / 1_000),
        limit => time(limit),
    };
    said.with("limit", limit).text()
}

/// What a check that was stopped had no response to.
pub(super) fn unanswered(target: &Target, now: DateTime<Utc>) -> Vec<Item> {
    if target.under_way.is_empty() {
        return Vec::new();
    }
    let heading = Item::heading(phrase("section.unanswered").text());
    let requests = target.under_way.iter().flat_map(|request| self::request(request, now));
    std::iter::once(heading).chain(requests).chain(std::iter::once(Item::blank())).collect()
}

/// The same in a line each.
#[must_use]
pub fn unanswered_lines(target: &Target) -> Vec<String> {
    let line = |request: &UnderWay| {
        let said = phrase("leave.unanswered").with("request", request.purpose.describe());
        said.with("address", &*request.request).with("said", waited(request, target.begun)).text()
    };
    target.under_way.iter().map(line).collect()
}

/// The token request that has no response, and what is said of it.
pub(super) fn of_token(target: &Target, now: DateTime<Utc>) -> Option<String> {
    let mut requests = target.under_way.iter().filter(|request| request.purpose == Purpose::Token);
    let request = requests.next()?;
    let stopped = request.until.map(|_| so_far(request, now));
    Some(phrase("screen.token-requested").with_some("stopped", stopped).text())
}

/// How long a request has been under way, or was until it was stopped.
fn so_far(request: &UnderWay, now: DateTime<Utc>) -> String {
    format!("{} s", passed(request.until.unwrap_or(now) - request.since) / 1_000)
}

/// What the completed steps found; of a check that was stopped, also what was judged without their end.
pub(super) fn known(report: &Report, is_stopped: bool) -> Vec<Item> {
    let mut items = vec![Item::heading(phrase("section.known").text())];
    let is_open = !report.observed().is_settled(StepId::Scope);
    if let (Some((resource, _)), Some(place)) = (report.resource().filter(|_| is_open), report.resource_place()) {
        let item = Item::pair("resource", phrase("label.resource").text(), visible(&resource));
        items.push(item.with_tail(phrase("screen.from").with("source", place).text()));
    }
    items.extend(known_steps(report, is_stopped).map(|step| {
        let id = step.id;
        Item::pair(format!("known/{}", id.id()), id.id(), &step.summary).with_opens(Opens::step(id, None))
    }));
    items
}

/// The completed steps; of a check that was stopped, also those that were judged without their end.
pub fn known_steps(report: &Report, is_stopped: bool) -> impl Iterator<Item = &StepReport> {
    report.steps().iter().filter(move |step| {
        let is_judged = matches!(step.status, StepStatus::Pass | StepStatus::Warn | StepStatus::Fail);
        report.observed().is_settled(step.id) || (is_stopped && is_judged)
    })
}
