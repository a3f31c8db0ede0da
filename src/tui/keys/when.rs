//! When an action does something; where it doesn't, the phrase that says why. What only one row asks is in its file.

use crate::tui::model::Model;
use crate::tui::model::target::Run;

/// Whether it does something now, or the phrase that says why it doesn't.
pub type When = Result<(), &'static str>;

pub(crate) const fn only(is_so: bool, why: &'static str) -> When {
    if is_so { Ok(()) } else { Err(why) }
}

pub(crate) const fn always(_: &Model) -> When {
    Ok(())
}

pub(crate) fn has_items(model: &Model) -> When {
    only(model.page.selectable_from(0).is_some(), "why.no-item")
}

pub(crate) fn has_text(model: &Model) -> When {
    only(!model.page.is_empty(), "why.nothing-to-copy")
}

pub(crate) fn can_open(model: &Model) -> When {
    only(model.item().is_some_and(|item| item.opens.is_some()), "why.not-opened")
}

pub(crate) fn can_check(model: &Model) -> When {
    match model.target.run {
        Run::Finished | Run::Stopped => Ok(()),
        Run::Running { .. } => Err("why.running"),
        Run::Stopping => Err("why.stopping"),
        Run::Saved => Err("why.saved-case"),
        Run::Never => Err("why.no-target"),
    }
}

pub(crate) fn has_answer(model: &Model) -> When {
    only(
        model.target.has_answer(),
        match model.target.run {
            Run::Never => "why.no-target",
            _ => "why.running",
        },
    )
}
