//! Pages: what the views show. A page is made once for a state of the target, a view, and a tool.

pub mod amount;
mod answer;
pub mod cause;
pub mod cells;
mod compare;
pub mod content;
mod curl;
mod filter;
pub mod fix;
mod inputs;
pub mod item;
pub mod lab;
pub mod laid;
pub mod layout;
mod letters;
mod lines;
mod log_line;
mod policy;
mod request;
mod requests;
mod sheet;
mod step;
mod table;
mod targets;
mod token;
mod tour;
pub mod under_way;
mod who;
pub mod window;

use std::sync::Arc;

use crate::case::code::Code;
use crate::case::text::{visible, visible_lines};
use crate::knowledge::{self, phrase};
use crate::report::{Report, Verdict};

use super::look::Role;
use super::model::choices::Choices;
use super::model::place::View;
use super::model::target::Run;
use super::model::targets::ROW;
use super::model::{Model, PageKey};
use content::Page;
use item::{Item, Opens};

/// So many pages are kept.
const KEPT: usize = 16;

/// Makes the page of the shown view, unless it is there already. Says whether it did.
pub fn refresh(model: &mut Model) -> bool {
    let key = key(model);
    if model.page_key.as_ref() == Some(&key) {
        return false;
    }
    if matches!(key.view, View::Token | View::Policy)
        && !model.pasted.is_empty()
        && let Some(report) = model.target.shown().cloned()
    {
        model.pasted.judge((key.at, key.generation), &report, model.now);
    }
    model.page = made(model, &key, None, |model| of(model, model.place.view()));
    model.page_key = Some(key);
    true
}

/// A page that is among those made last, or a new one.
fn made(model: &mut Model, key: &PageKey, item: Option<&str>, make: impl FnOnce(&Model) -> Page) -> Arc<Page> {
    if let Some((.., page)) = model.made.iter().find(|(made, of, _)| of.as_deref() == item && made == key) {
        return Arc::clone(page);
    }
    let page = Arc::new(make(model));
    // What was made of an earlier state of the target is never shown again, and may hold its report.
    model.made.retain(|(made, ..)| made.at != key.at || made.view != key.view || made.generation == key.generation);
    if model.made.len() >= KEPT {
        model.made.remove(0);
    }
    model.made.push((key.clone(), item.map(str::to_owned), Arc::clone(&page)));
    page
}

/// Makes what is shown of the selected item below the page, unless it is there already. Says whether it did.
pub fn refresh_detail(model: &mut Model) -> bool {
    let selected = model.place.cursor().item;
    let key = model.page_key.clone().zip(selected);
    if model.detail_key == key {
        return false;
    }
    model.detail = match &key {
        Some((page, id)) => made(model, page, Some(id), |model| detail(model, id).unwrap_or_default()),
        None => Arc::default(),
    };
    model.detail_key = key;
    true
}

/// What is copied of the selected item. Of a request, the command is made only now.
#[must_use]
pub fn copied(model: &Model) -> Option<String> {
    let item = model.item()?;
    match (&item.copy, &item.opens) {
        (None, Some(Opens::Request(id))) => {
            let exchanges = &model.target.shown()?.case().exchanges;
            let exchange = exchanges.iter().find(|exchange| exchange.id == *id)?;
            Some(curl::command(exchange, cfg!(windows)))
        }
        (copy, _) => copy.clone(),
    }
}

/// Whether there is more to show of an item below the page.
fn has_detail(item: &Item) -> bool {
    ["claim/", "rule/", requests::ONE, requests::WAITING, ROW].iter().any(|prefix| item.id.starts_with(prefix))
}

/// Whether there is more to show of any item of a page.
#[must_use]
pub fn has_details(page: &Page) -> bool {
    page.many.as_ref().is_some_and(|(_, many)| many.has_details()) || page.items.iter().any(has_detail)
}

/// What is shown of an item below the page.
fn detail(model: &Model, id: &str) -> Option<Page> {
    let target = &model.target;
    if lab::is_beside(model) {
        return lab::beside(model);
    }
    let report = target.shown()?;
    match model.place.view() {
        // What is known while a check runs is no answer.
        View::Targets if target.is_running() => None,
        View::Targets => Some(targets::detail(report, &model.title)),
        View::Token => token::detail((report, target.contradicted()), &model.pasted, id, model.looks),
        View::Policy => match model.pasted.judged().filter(|_| model.pasted.settings.is_some()) {
            Some(judged) => policy::detail(None, judged, id, model.looks),
            None => policy::detail(Some(target), report, id, model.looks),
        },
        View::Requests => requests::detail(target, id, model.looks, model.now),
        _ => None,
    }
}

fn key(model: &Model) -> PageKey {
    let view = model.place.view();
    let is_running = match view {
        View::Targets => model.is_running(),
        _ => model.target.is_running(),
    };
    PageKey {
        view: view.clone(),
        // The table itself is the same, whichever of its rows is selected.
        at: if *view == View::Targets { 0 } else { model.at() },
        generation: match view {
            View::Against(_) | View::Targets => model.all_targets().map(|(_, target)| target.generation).sum(),
            _ => model.target.generation,
        },
        messages: if matches!(view, View::Log | View::Lab) { model.log.entries.len() } else { 0 },
        tool: model.place.tool.clone(),
        choices: Choices {
            unfolded: matches!(view, View::Request(_)) && model.place.choices.unfolded,
            ..model.place.choices.clone()
        },
        step: model.place.choices.only_step.then_some(model.place.step),
        second: (is_running && shows_time(view)).then(|| model.now.timestamp()),
        ascii: model.looks.ascii,
        other_size: lab::is_beside(model) || targets::is_narrow(model) || is_low(model),
    }
}

/// Whether a view shows how long requests have been under way.
const fn shows_time(view: &View) -> bool {
    matches!(view, View::Cause | View::Step(_) | View::Requests | View::Targets)
}

/// The page of a view. Commands for this machine call this program as it was started: a saved case may be another
/// machine's, and the lab plays the commands itself.
#[must_use]
pub fn of(model: &Model, view: &View) -> Page {
    let mut page = content(model, view);
    // What wasn't seen yet isn't missing.
    if model.target.is_running() && matches!(view, View::Policy | View::Token) {
        page.items.insert(0, Item::text("running", phrase("screen.still-running").text()).with_role(Role::Busy));
    }
    // What only follows from a change in thought isn't shown as observed.
    if matches!(view, View::Step(_) | View::Token) {
        let said = |change: &String| phrase("views.assumed").with("change", visible(change)).text();
        let mark = || Some((model.looks.supposed().to_owned(), Role::Supposed));
        let changes = model.target.changes().iter();
        let changes = changes.map(|change| Item::marked_as("", mark(), said(change), Role::Supposed).without_copy());
        page.items.splice(0..0, changes.collect::<Vec<_>>());
    }
    if model.bench.is_some() {
        page.items.retain(|item| !item.id.ends_with(fix::WHERE));
    }
    let is_here = model.target.run != Run::Saved && model.bench.is_none();
    if let Some(program) = model.program.as_deref().filter(|_| is_here) {
        page.items.iter_mut().for_each(|item| item.call(program));
    }
    page
}

/// Rows of a screen below which it is a low one.
const LOW: u16 = 28;

/// Whether an answer is shown on a low screen.
fn is_low(model: &Model) -> bool {
    *model.place.view() == View::Cause && model.size.1 < LOW
}

/// Whether the check could say no more without App 2's URL, which the form asks for.
fn lacks_url(model: &Model, report: &Report) -> bool {
    model.form.is_some() && report.case().inputs.target.is_none() && report.verdict() == Verdict::Inconclusive
}

/// The tool with which it is shown how to fix the root cause: the chosen one, else the one that fits best.
#[must_use]
pub fn tool(model: &Model) -> Option<&str> {
    let target = &model.target;
    // What a change in thought fixes is still there, and so is the answer of the check before.
    let mut reports = target.shown().map(|report| &**report).into_iter().chain(target.observed.as_deref());
    let found = reports.find(|report| report.diagnosis().root_cause.is_some()).or(target.answer_before());
    let first = found.and_then(|report| fix::tool(report.diagnosis().root_cause.as_ref()?, model.bench.is_some()));
    model.place.tool.as_deref().or(first)
}

fn content(model: &Model, view: &View) -> Page {
    let target = &model.target;
    let report = target.shown().map(|report| &**report);
    let observed = target.observed.as_deref();
    let tool = tool(model);
    match (view, report) {
        (View::Log, _) => log(model),
        (View::Explain(key), _) => explain(key, report.or(observed), tool),
        (View::Compare, _) => compare::page(target),
        (View::Against(at), _) => targets::against(model, *at),
        (View::Targets, _) => targets::page(model),
        (View::Lab, _) => lab::page(model),
        (View::Scenarios, _) => lab::scenarios(model),
        (View::Cause, _) if target.is_running() => match &target.before {
            // The answer before stays in sight until there is a new one.
            Some(before) => Page { stale: true, ..answer::page(before, None, tool, model.looks) },
            None => under_way::page(target, model.now),
        },
        (View::Cause, Some(report)) if target.run == Run::Stopped => answer::stopped(target, report, tool, model.looks),
        (View::Cause, Some(report)) => {
            let mut page = answer::page(report, observed, tool, model.looks);
            if model.size.1 < LOW {
                cause::fix_into_sight(&mut page.items);
            }
            if lacks_url(model, report) {
                cause::ask_for_url(&mut page);
            }
            if model.form.is_some() && report.verdict() == Verdict::Inconclusive {
                cause::with_tests(&mut page.items);
            }
            if model.bench.is_some() && report.verdict() == Verdict::Pass {
                page.items.push(Item::text("break", phrase("screen.break").text()));
            }
            page
        }
        (View::Step(step), _) => step::page(target, *step, model.looks, model.now),
        (View::Requests, _) => requests::page(target, &model.place.choices, model.place.step, model.looks, model.now),
        (View::Inputs, Some(report)) => inputs::page(report),
        (View::SetUp(step), _) => tour::page(model, *step),
        (View::Token, Some(report)) => {
            let other = token::Other::of(&model.pasted);
            let both = (report, target.contradicted());
            let page = token::page(both, model.place.choices.part, other.as_ref(), model.looks);
            match under_way::of_token(target, model.now) {
                Some(said) => token::requested(page, said),
                None => page,
            }
        }
        (View::Token, None) if model.pasted.token.is_some() => {
            let pasted = model.pasted.token.as_ref();
            pasted.map(|pasted| token::pasted(pasted, model.place.choices.part, model.looks)).unwrap_or_default()
        }
        (View::Who(id), report) => who::page(report, id),
        (View::Policy, Some(report)) => match model.pasted.judged().filter(|_| model.pasted.settings.is_some()) {
            Some(judged) => policy::pasted(judged, model.pasted.token.is_some(), model.looks),
            None => policy::page(target, report, model.form.is_some(), model.looks),
        },
        (View::Request(id), _) => (model.request(*id))
            .and_then(|id| request::page(target, id, model.place.choices.unfolded, model.looks))
            .unwrap_or_else(|| Page::of(vec![Item::text("nothing", phrase("screen.no-request").text())])),
        (View::Cause | View::Inputs | View::Token | View::Policy, None) => {
            Page::of(vec![Item::text("nothing", phrase("screen.nothing").text())])
        }
    }
}

fn log(model: &Model) -> Page {
    // Of one moment, the first message comes first.
    let mut entries: Vec<_> = model.log.entries.iter().enumerate().collect();
    crate::sort::by_key(&mut entries, |(_, entry)| std::cmp::Reverse(entry.at));
    let mut items: Vec<Item> = entries
        .into_iter()
        .map(|(number, entry)| {
            let at = entry.at.format("%H:%M:%SZ").to_string();
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
        let (verdict, _) = run.verdict();
        let step = run.step.map(|step| step.number().to_string());
        let said = phrase("screen.ended").with("verdict", verdict).with_some("number", step);
        Item::pair(format!("run/{number}"), run.at.format("%H:%M:%SZ").to_string(), said.text())
    }));
    Page::of(items)
}

/// What a text says to explain, or the first finding that it names, other than this one.
fn finding_in(text: &str, other_than: &str) -> Option<Opens> {
    let key = text.split_once("easyauth-doctor explain ").and_then(|(_, rest)| rest.split(['`', ' ']).next());
    let key =
        key.map(|key| key.trim_matches('"')).filter(|key| *key != other_than && !knowledge::explain(key).is_empty());
    if let Some(key) = key {
        return Some(Opens::View(View::Explain(key.to_owned()), None));
    }
    let words = text.split(|letter: char| !letter.is_ascii_lowercase() && letter != '-');
    let code = words.filter(|word| word.contains('-') && *word != other_than).find_map(Code::from_name)?;
    Some(Opens::View(View::Explain(code.name().to_owned()), None))
}

/// What the knowledge base has of a key. Of what may be the cause, the ways to fix it are those of this case.
fn explain(key: &str, report: Option<&Report>, tool: Option<&str>) -> Page {
    let mut items = log_line::values(key, report);
    let ways = report.map(|report| cause::ways_of(report, key, tool)).unwrap_or_default();
    let code = Code::from_name(key).filter(|_| !ways.is_empty());
    let found = knowledge::explained(key);
    let notes = found.notes();
    items.extend(notes.iter().enumerate().map(|(number, note)| Item::text(format!("note/{number}"), note)));
    if !notes.is_empty() {
        items.push(Item::blank());
    }
    for (number, mut entry) in found.entries.into_iter().enumerate() {
        if let Some(about) = code.and_then(knowledge::about).filter(|_| number == 0) {
            entry.body = about;
        }
        // Many titles say what a thing is, and not what it's called.
        let is_in_title = entry.title.to_lowercase().contains(&entry.key.to_lowercase());
        let name = if is_in_title { String::new() } else { visible(&entry.key) };
        items.push(Item::marked_as("", None, entry.title, Role::Heading).with_tail(name).without_copy());
        for (line, text) in entry.body.lines().enumerate() {
            let id = format!("explain/{number}/{line}");
            if let Some((title, keys)) = knowledge::named_in(text) {
                items.push(Item::heading(title));
                items.extend(keys.into_iter().map(|named| {
                    let opens = Opens::View(View::Explain(named.to_owned()), None);
                    Item::text(format!("{id}/{named}"), named)
                        .with_opens(opens)
                        .with_tail(phrase("screen.explains").text())
                }));
                continue;
            }
            items.push(match text.strip_prefix("    ") {
                _ if text.trim().is_empty() => Item::blank(),
                Some(code) => Item::new(id, item::Row::Code(code.to_owned())),
                None => Item { opens: finding_in(text, key), ..Item::text(id, text) },
            });
        }
        items.push(Item::blank());
    }
    items.extend(ways);
    if items.is_empty() {
        items.push(Item::text("nothing", visible(key)));
    }
    Page::of(items)
}
