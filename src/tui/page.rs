//! Pages: what the views show. A page is made once for a state of the target, a view, and a tool.

pub mod amount;
mod answer;
mod cause;
mod fix;
mod inputs;
pub mod item;
pub mod layout;
mod requests;
mod step;
mod under_way;
pub mod window;

use std::sync::Arc;

use crate::case::text::{visible, visible_lines};
use crate::knowledge::{self, phrase};
use crate::report::set_up;

use super::model::place::View;
use super::model::target::Run;
use super::model::{Model, PageKey};
use item::{Item, Page};

/// Makes the page of the shown view, unless it is there already. Says whether it did.
pub fn refresh(model: &mut Model) -> bool {
    let key = key(model);
    if model.page_key.as_ref() == Some(&key) {
        return false;
    }
    model.page = Arc::new(of(model, model.place.view()));
    model.page_key = Some(key);
    true
}

fn key(model: &Model) -> PageKey {
    let view = model.place.view();
    let is_running = model.target.is_running();
    PageKey {
        view: view.clone(),
        generation: model.target.generation,
        messages: if *view == View::Log { model.log.entries.len() } else { 0 },
        tool: model.place.tool.clone(),
        request: model.place.request,
        second: (is_running && shows_time(view)).then(|| model.now.timestamp()),
        ascii: model.looks.ascii,
    }
}

/// Whether a view shows how long requests have been under way.
const fn shows_time(view: &View) -> bool {
    matches!(view, View::Cause | View::Step(_) | View::Requests)
}

/// The page of a view.
#[must_use]
pub fn of(model: &Model, view: &View) -> Page {
    let target = &model.target;
    let report = target.shown().map(|report| &**report);
    let tool = model.place.tool.as_deref();
    match (view, report) {
        (View::Log, _) => log(model),
        (View::Explain(key), _) => explain(key),
        (View::Cause, _) if target.is_running() => match &target.before {
            // The answer before stays in sight until there is a new one.
            Some(before) => Page {
                stale: true,
                ..answer::page(before, tool, model.looks)
            },
            None => under_way::page(target, model.now),
        },
        (View::Cause, Some(report)) if target.run == Run::Stopped => answer::stopped(report, tool, model.looks),
        (View::Cause, Some(report)) => answer::page(report, tool, model.looks),
        (View::Step(step), _) => step::page(target, *step, model.looks, model.now),
        (View::Requests, _) => requests::page(target, model.place.request, model.looks, model.now),
        (View::Inputs, Some(report)) => inputs::page(report),
        (View::SetUp(step), report) => {
            let entry = knowledge::step(*step);
            let mut items = vec![
                Item::text("what", &entry.what),
                Item::text("why", &entry.why),
                Item::pair("owner", phrase("label.owner").text(), entry.owner.name()),
                Item::pair("checked", phrase("label.checked").text(), &entry.checked),
                Item::blank(),
            ];
            let ways = set_up::ways(report, *step);
            items.extend(fix::items("way", &ways, tool, phrase("section.set-up").text()));
            Page::of(items)
        }
        (View::Cause | View::Inputs, None) => Page::of(vec![Item::text("nothing", phrase("screen.nothing").text())]),
    }
}

fn log(model: &Model) -> Page {
    let entries = model.log.entries.iter().enumerate().rev();
    let mut items: Vec<Item> = entries
        .map(|(number, entry)| {
            let at = entry.at.format("%H:%M:%S").to_string();
            Item::pair(format!("message/{number}"), at, visible_lines(&entry.text))
        })
        .collect();
    if items.is_empty() {
        items.push(Item::text("nothing", phrase("screen.no-message").text()));
    }
    let ended = &model.target.history;
    if !ended.is_empty() {
        items.push(Item::blank());
        items.push(Item::heading(phrase("section.runs").text()));
    }
    items.extend(ended.iter().enumerate().rev().map(|(number, run)| {
        let verdict = run.verdict.word().replace('-', " ");
        let step = run.step.map(|step| step.number().to_string());
        let said = phrase("screen.ended")
            .with("verdict", verdict)
            .with_some("number", step);
        Item::pair(
            format!("run/{number}"),
            run.at.format("%H:%M:%S").to_string(),
            said.text(),
        )
    }));
    Page::of(items)
}

fn explain(key: &str) -> Page {
    let mut items = Vec::new();
    for (number, entry) in knowledge::explain(key).into_iter().enumerate() {
        items.push(Item::heading(entry.title));
        for (line, text) in entry.body.lines().enumerate() {
            let id = format!("explain/{number}/{line}");
            items.push(match text.strip_prefix("    ") {
                _ if text.trim().is_empty() => Item::blank(),
                Some(code) => Item::new(id, item::Row::Code(code.to_owned())),
                None => Item::text(id, text),
            });
        }
        items.push(Item::blank());
    }
    if items.is_empty() {
        items.push(Item::text("nothing", visible(key)));
    }
    Page::of(items)
}
