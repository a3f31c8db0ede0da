//! Guided setup: one stage, with what to do, who does it, and what was seen of it.

use crate::case::step::StepId;
use crate::case::text::visible;
use crate::knowledge::{self, phrase};
use crate::report::tour::{self, Progress};
use crate::report::{StepReport, StepStatus, words};
use crate::tui::look::Role;
use crate::tui::model::Model;
use crate::tui::model::target::{Run, Watch};

use super::content::Page;
use super::item::Item;
use super::{cause, fix};

pub(super) fn page(model: &Model, step: StepId) -> Page {
    let entry = knowledge::step(step);
    // While a check runs, what the one before saw is what is known.
    let report = model.target.known();
    let stages = tour::stages(report);
    let progress = stages.iter().find(|stage| stage.step == step);
    let progress = progress.map_or(Progress::Unknown, |stage| stage.progress);
    let count = stages.len();
    let title = phrase("tour.stage").with("number", step.number());
    let done = phrase("tour.done").with("done", tour::done(&stages)).with("count", count);
    let mut items = vec![
        Item::marked_as("stage", None, title.with("title", &entry.title).text(), Role::Heading)
            .with_tail(done.text())
            .without_copy(),
        state(model, step, progress),
    ];
    if let Some(report) = report.filter(|_| model.target.run == Run::Stopped && model.target.answer_before().is_some())
    {
        let at = words::checked_at(report);
        items.push(Item::marked("former", "?", Role::Open, phrase("tour.former").with("time", at).text()));
    }
    let (ways, owner) = tour::ways(report, step);
    items.extend([
        Item::pair("what", phrase("tour.what").text(), tour::what(report, step)),
        Item::pair("owner", phrase("label.owner").text(), owner.name()),
    ]);
    let is_seen = progress == Progress::Next || is_unclear(model, step, progress);
    let seen = report.filter(|_| is_seen).and_then(|report| tour::seen(report, step));
    items.extend(seen.map(|seen| Item::pair("seen", phrase("tour.seen").text(), visible(seen))));
    let all_done = is_all_done(model);
    // What prevents the call is fixed as its own view says. Commands of the Azure CLI can be typed into the lab.
    let in_lab = model.bench.is_some();
    let cause = report.and_then(|report| report.diagnosis().root_cause.as_ref()).filter(|cause| cause.step == step);
    let first = cause.and_then(|cause| fix::tool(cause, in_lab)).or(in_lab.then_some("az"));
    let tool = model.place.tool.as_deref().or(first);
    if !all_done {
        items.push(Item::blank());
        items.extend(fix::items("way", &ways, tool, phrase("tour.do").text()));
        items.extend(cause.and_then(cause::effect));
    }
    items.extend([
        Item::blank(),
        Item::pair("why", phrase("tour.why").text(), &entry.why),
        Item::pair("checked", phrase("label.checked").text(), &entry.checked),
        Item::blank(),
    ]);
    if let Some(report) = report {
        let at = words::checked_at(report);
        let is_on = model.target.watch != Watch::Off;
        let (id, name) = if is_on { ("watching", "tour.watching") } else { ("last", "tour.last-check") };
        let said = phrase("tour.last").with("time", at).when("watching", is_on);
        items.push(Item::pair(id, phrase(name).text(), said.text()));
    }
    let look = match model.target.run {
        Run::Never => phrase("tour.first"),
        run => phrase("tour.look").when("more", !all_done).when("saved", run == Run::Saved),
    };
    items.push(Item::text("look", look.text()).with_role(Role::Faint));
    let start = fix::start(&items);
    Page { start, ..Page::of(items) }
}

fn is_all_done(model: &Model) -> bool {
    model.target.known().is_some_and(|report| tour::next(Some(report)).is_none())
}

/// Whether the check looked at the step of a stage that isn't the next one, and couldn't decide it.
fn is_unclear(model: &Model, step: StepId, progress: Progress) -> bool {
    let known = model.target.known().filter(|report| report.observed().is_settled(step));
    let is_open = |step: &StepReport| step.status == StepStatus::Unknown && !step.summary.is_empty();
    progress == Progress::Unknown && known.and_then(|report| report.step(step)).is_some_and(is_open)
}

/// How far the stage is.
fn state(model: &Model, step: StepId, progress: Progress) -> Item {
    let looks = model.looks;
    if model.target.is_running() {
        let mark = Some((looks.busy().to_owned(), Role::Busy));
        return Item::marked_as("state", mark, phrase("tour.looking").text(), Role::Text);
    }
    let all_done = is_all_done(model);
    let lacks_url = model.form.is_some() && model.target.known().is_some_and(|report| report.inputs().target.is_none());
    let pass = words::glyph(StepStatus::Pass, looks.ascii);
    let status = model.target.known().and_then(|report| report.step(step)).map(|step| step.status);
    let warns = words::glyph(StepStatus::Warn, looks.ascii);
    let (mark, role, key) = match progress {
        Progress::Unknown if status == Some(StepStatus::Warn) => (warns, Role::Warn, "tour.is-doubtful"),
        Progress::Unknown | Progress::Later if step == StepId::Scope && status == Some(StepStatus::Pass) => {
            (looks.waiting(), Role::Faint, "tour.is-given")
        }
        _ if is_unclear(model, step, progress) => ("?", Role::Open, "tour.is-unclear"),
        Progress::Later if step == StepId::Call && status == Some(StepStatus::Pass) => {
            (looks.waiting(), Role::Faint, "tour.is-answered")
        }
        Progress::Done if all_done => (pass, Role::Good, "tour.all-done"),
        Progress::Done => (pass, Role::Good, "tour.is-done"),
        Progress::Next if lacks_url => (looks.waiting(), Role::Faint, "tour.no-url"),
        Progress::Next if status == Some(StepStatus::Unknown) => ("?", Role::Open, "tour.is-next-open"),
        Progress::Next => (looks.busy(), Role::Busy, "tour.is-next"),
        Progress::Later => (looks.waiting(), Role::Faint, "tour.is-later"),
        Progress::Unknown if model.target.known().is_some() => (looks.waiting(), Role::Faint, "tour.is-unseen"),
        Progress::Unknown => (looks.waiting(), Role::Faint, "tour.is-open"),
    };
    Item::marked_as("state", Some((mark.to_owned(), role)), phrase(key).text(), Role::Text)
}
