//! The state of the screen: what is known of the target, and where the person is.

pub mod choices;
pub mod form;
pub mod log;
pub mod pasted;
pub mod place;
pub mod target;
pub mod targets;

use std::borrow::Cow;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::case::step::StepId;
use crate::report::{Report, StepStatus, Verdict};

use super::bench;
use super::look::Looks;
use super::page::content::Page;
use super::page::item::Item;
use choices::Choices;
use form::Form;
use log::Log;
use pasted::Pasted;
use place::{FORMER, Focus, Over, Place, View};
use target::{Run, Target, Watch};
use targets::Targets;

/// What a page is made of; as long as it is the same, so is the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageKey {
    /// The view.
    pub view: View,
    /// The number of the target.
    pub at: usize,
    /// The state of the target.
    pub generation: u64,
    /// How many messages there are.
    pub messages: usize,
    /// The tool.
    pub tool: Option<String>,
    /// What the person chose in the views of the evidence.
    pub choices: Choices,
    /// The selected step, where it decides what is shown.
    pub step: Option<StepId>,
    /// The second, while requests are under way.
    pub second: Option<i64>,
    /// Whether only ASCII is drawn.
    pub ascii: bool,
    /// Whether the size leaves a part of it out.
    pub other_size: bool,
}

/// The whole state.
#[derive(Debug, Clone)]
pub struct Model {
    /// What is checked, and what is known of it.
    pub target: Target,
    /// The other targets, where there are several.
    pub targets: Targets,
    /// Where the person is.
    pub place: Place,
    /// How things look.
    pub looks: Looks,
    /// The messages.
    pub log: Log,
    /// The page of the shown view.
    pub page: Arc<Page>,
    /// What that page was made of.
    pub page_key: Option<PageKey>,
    /// What is shown of the selected item below the page.
    pub detail: Arc<Page>,
    /// What that was made of.
    pub detail_key: Option<(PageKey, String)>,
    /// The pages that were made last, and of which item, so that going back to one costs nothing.
    pub made: Vec<(PageKey, Option<String>, Arc<Page>)>,
    /// What was pasted beside what is checked.
    pub pasted: Pasted,
    /// The screen's size in cells: columns, rows.
    pub size: (u16, u16),
    /// The time, as far as a message brought it.
    pub now: DateTime<Utc>,
    /// The title, where it isn't the target's URL.
    pub title: String,
    /// What is checked, to be changed; `None`: nothing can be checked here.
    pub form: Option<Form>,
    /// The form that the lab or a saved case took the place of.
    pub left: Option<Form>,
    /// The lab behind the screen, where there is one.
    pub bench: Option<bench::State>,
    /// What was run on its command line.
    pub console: Vec<bench::Ran>,
    /// How this program is called here, where its name alone isn't found.
    pub program: Option<String>,
}

impl Model {
    /// A screen on which nothing was checked yet.
    #[must_use]
    pub fn new(title: String, looks: Looks, size: (u16, u16)) -> Self {
        Self {
            target: Target::default(),
            targets: Targets::default(),
            place: Place::default(),
            looks,
            log: Log::default(),
            page: Arc::default(),
            page_key: None,
            detail: Arc::default(),
            detail_key: None,
            made: Vec::new(),
            pasted: Pasted::default(),
            size,
            now: DateTime::UNIX_EPOCH,
            title,
            form: None,
            left: None,
            bench: None,
            console: Vec::new(),
            program: None,
        }
    }

    /// A screen on which this check begins.
    #[must_use]
    pub fn checking(title: String, looks: Looks, size: (u16, u16), now: DateTime<Utc>) -> Self {
        let mut model = Self::new(title, looks, size);
        model.now = now;
        model.target.start(StepId::Identity, now);
        model
    }

    /// A screen that shows a saved case.
    #[must_use]
    pub fn saved(title: String, looks: Looks, size: (u16, u16), report: Arc<Report>) -> Self {
        let mut model = Self::new(title, looks, size);
        model.target = Target::saved(report);
        model.follow();
        model
    }

    /// A screen that asks what is checked.
    #[must_use]
    pub fn asking(form: Form, looks: Looks, size: (u16, u16)) -> Self {
        let mut model = Self::new(String::new(), looks, size);
        model.form = Some(form);
        model.place.over = Some(Over::Form);
        model
    }

    /// Until the person moves, the step that matters is selected: the root cause's, else the first with a problem.
    /// Where the call works, it is the call.
    pub fn follow(&mut self) {
        if !self.place.following {
            return;
        }
        let Some(report) = self.target.shown() else { return };
        let cause = report.diagnosis().root_cause.as_ref().map(|cause| cause.step);
        let works = (report.verdict() == Verdict::Pass).then_some(StepId::Call);
        let is_problem = |status| matches!(status, StepStatus::Fail | StepStatus::Warn);
        let problem = || report.steps().iter().find(|step| is_problem(step.status));
        if let Some(step) = cause.or(works).or_else(|| problem().map(|step| step.id)) {
            self.place.choose(step);
            self.place.focus = Focus::Pane;
        }
    }

    /// The first step whose result is of other inputs than those that are filled in now.
    #[must_use]
    pub fn stale(&self) -> Option<StepId> {
        self.form.as_ref()?.stale().filter(|_| self.target.has_answer())
    }

    /// Whether nothing is behind the form, so that leaving it ends the program.
    #[must_use]
    pub fn form_is_first(&self) -> bool {
        self.target.run == Run::Never && *self.place.view() == View::Cause
    }

    /// The number that an opened request has now; `None`: the check that is shown didn't send it.
    #[must_use]
    pub fn request(&self, id: u32) -> Option<u32> {
        let Some(at) = id.checked_sub(FORMER) else { return Some(id) };
        let (purpose, number) = self.place.former.get(usize::try_from(at).ok()?)?;
        let mut same = self.target.shown()?.case().exchanges_where(|other| other == purpose);
        same.nth(*number).map(|exchange| exchange.id)
    }

    /// Another check begins: requests that are open are known by what they are for, because their numbers change.
    pub fn renumber(&mut self) {
        let Some(report) = self.target.shown().cloned() else { return };
        let exchanges = &report.case().exchanges;
        let Place { stack, former, .. } = &mut self.place;
        for view in stack {
            let View::Request(id) = view else { continue };
            let Some(open) = exchanges.iter().find(|exchange| exchange.id == *id) else { continue };
            let same = exchanges.iter().filter(|other| other.purpose == open.purpose);
            let number = same.take_while(|other| other.id != *id).count();
            former.push((open.purpose.clone(), number));
            *id = u32::try_from(former.len()).unwrap_or(0).saturating_add(FORMER - 1);
        }
    }

    /// Whether time changes what is shown.
    #[must_use]
    pub fn moves(&self) -> bool {
        self.all_targets().any(|(_, target)| target.is_running() || matches!(target.watch, Watch::Waiting { .. }))
    }

    /// The exit code for all targets: a problem found counts more than an open question, and that more than success.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        let codes: Vec<u8> = self.all_targets().map(|(_, target)| target.exit_code()).collect();
        [1, 3].into_iter().find(|code| codes.contains(code)).unwrap_or(0)
    }

    /// The place of the selected item in the page.
    #[must_use]
    pub fn selected(&self) -> Option<usize> {
        let id = self.place.cursor().item?;
        self.page.position(&id)
    }

    /// The selected item.
    #[must_use]
    pub fn item(&self) -> Option<Cow<'_, Item>> {
        self.page.get(self.selected()?)
    }
}
