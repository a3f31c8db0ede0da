//! Several targets: one row each, filled in as their checks go on.

use crate::case::step::StepId;
use crate::case::text::visible;
use crate::knowledge::phrase;
use crate::report::{Report, StepStatus, words};
use crate::tui::look::{Looks, Role};
use crate::tui::model::Model;
use crate::tui::model::place::View;
use crate::tui::model::target::{Run, StepState, Target};
use crate::tui::model::targets::ROW;

use super::amount::{passed, time};
use super::cells::Cells;
use super::compare;
use super::content::Page;
use super::item::{Item, Opens, Row};

/// Below this many columns, the steps and the time are left out.
const NARROW: u16 = 50;

pub(super) fn page(model: &Model) -> Page {
    let names = ["targets.target", "targets.steps", "targets.verdict", "targets.cause", "targets.time"];
    let names = names.iter().map(|name| (phrase(name).text(), Role::Faint)).collect();
    let names = Cells::new(" ", Role::Faint, columns(model, names));
    let mut items = vec![Item::new("", Row::Cells(Box::new(names)))];
    items.extend(model.all_targets().enumerate().map(|(at, (title, target))| row(model, at, title, target)));
    Page { start: Some(format!("{ROW}{}", model.at())), ..Page::of(items) }
}

/// What differs between the target with this number and the selected one, the earlier one first.
pub(super) fn against(model: &Model, at: usize) -> Page {
    let other = model.all_targets().nth(at);
    let other = other.and_then(|(title, target)| Some((named(title, target), target.observed.as_deref()?)));
    let (Some((title, other)), Some(own)) = (other, model.target.observed.as_deref()) else {
        return Page::of(vec![Item::text("nothing", phrase("why.no-marked").text())]);
    };
    let is_later = other.observed().started_at > own.observed().started_at;
    let (before, after) = if is_later { (own, other) } else { (other, own) };
    let own_title = named(&model.title, &model.target);
    let (first, second) = if is_later { (&*own_title, &*title) } else { (&*title, &*own_title) };
    let mut page = compare::between(before, after, ["compare.first", "compare.second"], [Some(first), Some(second)]);
    if let Some(item) = page.items.iter_mut().find(|item| item.id == "same") {
        let said = phrase("targets.same").with("one", visible(first)).with("other", visible(second));
        *item = Item::text("same", said.text());
    }
    page
}

/// The name of a target, with the file of its case where there is one.
fn named(title: &str, target: &Target) -> String {
    match &*target.files {
        [file] if !title.starts_with(file) => format!("{file}: {title}"),
        _ => title.to_owned(),
    }
}

/// The whole name of the selected target, and what prevents the call to it.
pub(super) fn detail(report: &Report, title: &str) -> Page {
    let cause = report.diagnosis().root_cause.as_ref();
    let cause = cause.map(|cause| Item::text("cause", visible(&cause.summary)));
    Page::of(std::iter::once(Item::text("title", visible(title)).with_role(Role::Heading)).chain(cause).collect())
}

fn row(model: &Model, at: usize, title: &str, target: &Target) -> Item {
    let looks = model.looks;
    let marked = &model.targets.marked;
    let short = title.strip_prefix("https://").or_else(|| title.strip_prefix("http://")).unwrap_or(title);
    let report = target.shown().filter(|_| !target.is_running());
    let (mark, role) = report.map_or((looks.busy(), Role::Busy), |report| {
        // A check that was stopped has no verdict.
        let status = match target.run {
            Run::Stopped => StepStatus::Unknown,
            _ => words::verdict_status(report.verdict()),
        };
        (words::glyph(status, looks.ascii), Role::of(status))
    });
    let cause = report.and_then(|report| report.diagnosis().root_cause.as_ref());
    let code = cause.map(|cause| cause.code.name()).unwrap_or_default();
    let took = match (report, target.since()) {
        (Some(report), _) => time(target.ran().map_or(report.observed().elapsed_ms, passed)),
        (None, Some(since)) if is_begun(target) => format!("{} s", passed(model.now - since) / 1_000),
        (None, _) => String::new(),
    };
    // The names stay in line.
    let name = match &**marked {
        [] => visible(short),
        marked => format!("{} {}", if marked.contains(&at) { looks.marked() } else { " " }, visible(short)),
    };
    let cells = vec![
        (name, Role::Text),
        (steps(target, looks), Role::Faint),
        (verdict(target), role),
        (code.to_owned(), Role::Text),
        (took, Role::Faint),
    ];
    // Targets often differ at the end of their URLs only.
    let cells = Cells { middle: &[0], ..Cells::new(mark, role, columns(model, cells)) };
    let row = Row::Cells(Box::new(cells));
    Item::new(format!("{ROW}{at}"), row).with_copy(visible(title)).with_opens(Opens::Target)
}

/// Whether there is no room for the steps and the time.
pub(super) fn is_narrow(model: &Model) -> bool {
    *model.place.view() == View::Targets && model.size.0 < NARROW
}

/// The columns that there is room for.
fn columns<T>(model: &Model, mut all: Vec<T>) -> Vec<T> {
    if is_narrow(model) && all.len() == 5 {
        all.truncate(4);
        all.remove(1);
    }
    all
}

/// Whether the check has asked or seen something: of many targets, some wait for the others.
fn is_begun(target: &Target) -> bool {
    !target.under_way.is_empty() || target.observed.is_some()
}

fn verdict(target: &Target) -> String {
    match (target.run, target.shown()) {
        (Run::Stopping, _) => phrase("screen.stopping").text(),
        (Run::Stopped, _) => phrase("screen.stopped").text(),
        (Run::Running { .. }, report) if is_begun(target) => {
            let settled = report.map_or(0, |report| report.observed().settled.len());
            phrase("screen.checking").with("count", settled.to_string()).text()
        }
        (Run::Running { .. }, _) => phrase("screen.waiting").text(),
        (_, Some(report)) => report.verdict().word().replace('-', " "),
        (_, None) => phrase("screen.not-started").text(),
    }
}

/// The marks of the eight steps.
fn steps(target: &Target, looks: Looks) -> String {
    let mark = |step: StepId| match target.step(step) {
        StepState::Waiting => looks.waiting(),
        StepState::Busy(_) => looks.busy(),
        StepState::Judged(_) if target.is_supposed(step) => looks.supposed(),
        StepState::Judged(status) => words::glyph(status, looks.ascii),
    };
    StepId::ALL.into_iter().map(mark).collect()
}
