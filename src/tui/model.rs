//! The state of the screen: what is known of the run, and where the person is.

use std::sync::Arc;

use ratatui::text::Line;
use tui_input::Input;

use crate::case::step::StepId;
use crate::report::{Report, StepReport, StepStatus};

use super::keymap::Action;
use super::theme::Theme;

/// What the text beside (or over) the steps shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    /// The selected step: question, summary, findings, facts, tables.
    #[default]
    Step,
    /// The root cause, its fixes, the alternatives, what comes next.
    Cause,
    /// The requests of the selected step.
    Requests,
    /// How to set the selected step up.
    Guide,
}

impl Tab {
    /// All tabs in order.
    pub const ALL: [Self; 4] = [Self::Step, Self::Cause, Self::Requests, Self::Guide];

    /// The tab's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Cause => "cause",
            Self::Requests => "requests",
            Self::Guide => "set up",
        }
    }

    /// The tab that many places on.
    #[must_use]
    pub fn moved(self, by: usize) -> Self {
        let at = Self::ALL.iter().position(|tab| *tab == self).unwrap_or(0);
        Self::ALL.get((at + by) % Self::ALL.len()).copied().unwrap_or_default()
    }
}

/// What a prompt asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// A file for the case.
    SavePath,
    /// A change of App 2's settings.
    Assume,
    /// A file for App 2's settings with the root cause fixed.
    FixedPath,
}

/// What lies over the screen.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// The help.
    Help,
    /// A line to fill in.
    Prompt {
        /// What for.
        asking: Asking,
        /// What was typed.
        input: Input,
    },
}

/// How far the run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Requests are under way.
    Running,
    /// The run is over.
    Finished,
    /// A saved case is shown; nothing can run.
    Saved,
}

/// The whole state.
#[derive(Debug, Clone)]
pub struct Model {
    /// The report as it stands; `None` before the first observation.
    pub report: Option<Arc<Report>>,
    /// Steps with a request under way.
    pub busy: Vec<StepId>,
    /// How far the run is.
    pub progress: Progress,
    /// The selected step.
    pub selected: StepId,
    /// Whether the person has chosen the step; until then the screen follows the run.
    pub chosen: bool,
    /// The shown tab.
    pub tab: Tab,
    /// Whether the text covers the whole screen.
    pub opened: bool,
    /// The first shown line of the text.
    pub scroll: usize,
    /// What lies over the screen.
    pub overlay: Option<Overlay>,
    /// A short word to the person.
    pub notice: Option<String>,
    /// The turn of the spinner.
    pub turn: usize,
    /// The screen's size in cells: columns, rows.
    pub size: (u16, u16),
    /// How things look.
    pub theme: Theme,
    /// What is checked, for the title line.
    pub title: String,
    /// The text, wrapped once for its width.
    pub text: Vec<Line<'static>>,
}

impl Model {
    /// A screen that waits for a run.
    #[must_use]
    pub fn new(title: String, theme: Theme, size: (u16, u16)) -> Self {
        Self {
            report: None,
            busy: Vec::new(),
            progress: Progress::Running,
            selected: StepId::Identity,
            chosen: false,
            tab: Tab::default(),
            opened: false,
            scroll: 0,
            overlay: None,
            notice: None,
            turn: 0,
            size,
            theme,
            title,
            text: Vec::new(),
        }
    }

    /// The report of a step, once there is one.
    #[must_use]
    pub fn step(&self, id: StepId) -> Option<&StepReport> {
        self.report.as_ref()?.step(id)
    }

    /// A step's status as the list shows it; `None` while it is busy.
    #[must_use]
    pub fn status(&self, id: StepId) -> Option<StepStatus> {
        if self.busy.contains(&id) {
            return None;
        }
        let settled = self.report.as_ref().is_some_and(|report| report.case().is_settled(id));
        if self.progress == Progress::Running && !settled {
            return Some(StepStatus::Unknown);
        }
        Some(self.step(id).map_or(StepStatus::Unknown, |step| step.status))
    }

    /// Whether an action does something now: footer and help are made of these.
    #[must_use]
    pub fn enables(&self, action: Action) -> bool {
        match action {
            Action::RunAll | Action::RunFrom => self.progress == Progress::Finished,
            Action::Copy | Action::Save | Action::Assume | Action::WriteFixed => {
                self.progress != Progress::Running && self.report.is_some()
            }
            Action::Back => self.opened || self.overlay.is_some() || self.notice.is_some(),
            Action::Up
            | Action::Down
            | Action::First
            | Action::Last
            | Action::Step(_)
            | Action::PageUp
            | Action::PageDown
            | Action::NextTab
            | Action::PreviousTab
            | Action::Open
            | Action::Help
            | Action::Quit
            | Action::Suspend => true,
        }
    }
}
