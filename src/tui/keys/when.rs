//! When an action does something; where it doesn't, the phrase that says why.

use crate::report::{StepStatus, Verdict, tour};
use crate::tui::model::Model;
use crate::tui::model::place::View;
use crate::tui::model::target::{Run, Watch};
use crate::tui::page::item::{Item, Row};
use crate::tui::page::lab;

/// Whether it does something now, or the phrase that says why it doesn't.
pub type When = Result<(), &'static str>;

const fn only(is_so: bool, why: &'static str) -> When {
    if is_so { Ok(()) } else { Err(why) }
}

pub(super) const fn always(_: &Model) -> When {
    Ok(())
}

pub(super) fn has_items(model: &Model) -> When {
    only(model.page.selectable_from(0).is_some(), "why.no-item")
}

pub(super) fn has_report(model: &Model) -> When {
    only(model.target.shown().is_some(), "why.nothing-known")
}

pub(super) fn has_tools(model: &Model) -> When {
    only(model.item().is_some_and(|item| item.tools), "why.no-tool")
}

pub(super) fn can_check(model: &Model) -> When {
    match model.target.run {
        Run::Finished | Run::Stopped => Ok(()),
        Run::Running { .. } => Err("why.running"),
        Run::Stopping => Err("why.stopping"),
        Run::Saved => Err("why.saved-case"),
        Run::Never => Err("why.no-target"),
    }
}

pub(super) fn in_targets(model: &Model) -> When {
    only(*model.place.view() == View::Targets, "why.not-in-targets")
}

/// In the table of targets, whether another one with an answer is marked.
pub(super) fn has_marked(model: &Model) -> When {
    in_targets(model)?;
    has_answer(model)?;
    let marked = model.targets.marked.filter(|at| *at != model.at());
    let other = marked.and_then(|at| model.all_targets().nth(at));
    only(other.is_some_and(|(_, target)| target.has_answer()), "why.no-marked")
}

/// In the table of targets, whether one of them can be checked again.
pub(super) fn can_check_all(model: &Model) -> When {
    in_targets(model)?;
    let mut runs = model.all_targets().map(|(_, target)| target.run);
    if runs.any(|run| matches!(run, Run::Finished | Run::Stopped)) { Ok(()) } else { can_check(model) }
}

/// Whether checks can be repeated until the call succeeds, or are.
pub(super) fn can_watch(model: &Model) -> When {
    if model.target.watch != Watch::Off {
        return Ok(());
    }
    can_check(model)?;
    let passes = |report: &std::sync::Arc<crate::report::Report>| report.verdict() == Verdict::Pass;
    only(!model.target.observed.as_ref().is_some_and(passes), "why.passes")
}

/// Whether the next check is waited for, and Enter has nothing else to do.
pub(super) fn is_waiting(model: &Model) -> When {
    can_open(model)
        .err()
        .map_or(Err("why.not-opened"), |why| only(matches!(model.target.watch, Watch::Waiting { .. }), why))
}

/// Whether there is an earlier check to compare with.
pub(super) fn has_before(model: &Model) -> When {
    has_answer(model)?;
    if *model.place.view() == View::Targets {
        return Err("why.no-marked");
    }
    only(model.target.before.is_some() && *model.place.view() != View::Compare, "why.no-before")
}

/// Whether what is checked can be changed here.
pub(super) fn can_edit(model: &Model) -> When {
    only(model.form.is_some(), "why.saved-case")
}

pub(super) fn has_answer(model: &Model) -> When {
    only(
        model.target.has_answer(),
        match model.target.run {
            Run::Never => "why.no-target",
            _ => "why.running",
        },
    )
}

pub(super) fn can_open(model: &Model) -> When {
    only(model.item().is_some_and(|item| item.opens.is_some()), "why.not-opened")
}

pub(super) fn can_copy(model: &Model) -> When {
    only(model.item().is_some_and(|item| item.copy.is_some()), "why.nothing-to-copy")
}

pub(super) fn has_text(model: &Model) -> When {
    only(!model.page.items.is_empty(), "why.nothing-to-copy")
}

/// Something is open, or a check can be stopped.
pub(super) fn can_go_back(model: &Model) -> When {
    let open = model.place.is_opened() || model.place.search.is_some() || is_filtered(model);
    only(
        open || goes_to_targets(model) || goes_to_form(model) || matches!(model.target.run, Run::Running { .. }),
        "why.nothing-open",
    )
}

/// Whether only some of the requests are shown, and Esc shows all of them again.
pub fn is_filtered(model: &Model) -> bool {
    *model.place.view() == View::Requests && model.place.choices.filter.is_some()
}

/// Whether Esc leads back to the form, because nothing was checked yet.
pub fn goes_to_form(model: &Model) -> bool {
    model.target.run == Run::Never && model.form.is_some()
}

/// Whether Esc leads back to the table of targets.
fn goes_to_targets(model: &Model) -> bool {
    model.is_several() && *model.place.view() != View::Targets
}

/// For the footer: only the next Esc is meant, not the one that closes a view.
pub(super) fn can_stop(model: &Model) -> When {
    let is_back = model.place.is_opened() || is_filtered(model) || goes_to_targets(model);
    only(matches!(model.target.run, Run::Running { .. }) && !is_back, "why.not-running")
}

pub(super) fn can_try(model: &Model) -> When {
    has_answer(model)?;
    if !model.target.changes().is_empty() {
        return Ok(());
    }
    let observed = model.target.observed.as_ref();
    only(observed.is_some_and(|report| report.suggested_assumption().is_some()), "why.no-change-fixes")
}

pub(super) fn can_undo(model: &Model) -> When {
    only(!model.target.changes().is_empty(), "why.nothing-supposed")
}

pub(super) fn has_search(model: &Model) -> When {
    only(model.place.search.is_some(), "why.no-search")
}

pub(super) fn has_problem(model: &Model) -> When {
    has_report(model)?;
    let Some(report) = model.target.shown() else {
        return Err("why.nothing-known");
    };
    let is_problem = |step: &crate::report::StepReport| matches!(step.status, StepStatus::Fail | StepStatus::Warn);
    only(report.steps().iter().any(is_problem), "why.no-problem")
}

pub(super) fn has_command(model: &Model) -> When {
    let is_cut = |item: &Item| matches!(item.row, Row::Command { .. } | Row::Code(_));
    only(model.page.items.iter().any(is_cut), "why.no-command")
}

/// On a rule or a change that can be evaluated, once a check is over.
pub(super) fn can_suppose(model: &Model) -> When {
    if *model.place.view() != View::Policy {
        return Err("why.not-policy");
    }
    has_answer(model)?;
    only(model.item().is_some_and(|item| item.change.is_some()), "why.no-change-of-rule")
}

/// Where Space has no other meaning.
pub(super) fn pages_by_space(model: &Model) -> When {
    if *model.place.view() == View::Targets {
        return Err("why.not-in-targets");
    }
    if *model.place.view() == View::Policy {
        return Err("why.no-change-of-rule");
    }
    has_items(model)
}

pub(super) fn shows_requests(model: &Model) -> When {
    only(*model.place.view() == View::Requests, "why.not-requests")
}

pub(super) fn shows_token(model: &Model) -> When {
    let report = model.target.shown();
    let has_one = model.pasted.is_some() || report.is_some_and(|report| report.token().is_some());
    only(*model.place.view() == View::Token && has_one, "why.not-token")
}

/// The screen runs on a lab that is there.
pub(super) fn has_lab(model: &Model) -> When {
    only(model.bench.is_some(), "why.no-lab")
}

pub(super) fn in_lab(model: &Model) -> When {
    only(*model.place.view() == View::Lab, "why.not-in-lab")
}

pub(super) fn on_fault(model: &Model) -> When {
    in_lab(model)?;
    let is_fault = |item: &Item| item.id.starts_with(lab::FAULT);
    only(model.item().is_some_and(is_fault), "why.no-fault")
}

pub(super) fn on_scenario(model: &Model) -> When {
    let is_scenario = |item: &Item| item.id.starts_with(lab::SCENARIO);
    only(model.item().is_some_and(is_scenario), "why.not-opened")
}

pub(super) fn in_set_up(model: &Model) -> When {
    only(matches!(model.place.view(), View::SetUp(_)), "why.not-in-set-up")
}

/// Whether there is another stage to do. A search has its own next place.
pub(super) fn can_skip(model: &Model) -> When {
    in_set_up(model)?;
    let stages = tour::stages(model.target.known());
    let is_other = |stage: &tour::Stage| stage.progress != tour::Progress::Done && stage.step != model.place.step;
    only(model.place.search.is_none() && stages.iter().any(is_other), "why.no-other-stage")
}

pub(super) fn can_look(model: &Model) -> When {
    in_set_up(model)?;
    can_check(model)
}
