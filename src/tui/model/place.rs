//! Where the person is: the shown views, the selected step, the cursor of each view, and what lies over the screen.

use std::collections::HashMap;

use tui_input::Input;

use crate::case::auth_settings::AuthSettings;
use crate::case::exchange::Purpose;
use crate::case::secret::Secret;
use crate::case::step::StepId;
use crate::case::token::DecodedToken;
use crate::tui::keys::Chord;

use super::choices::Choices;

/// From this number on, a view of a request names one that was open when another check began: the place in
/// [`Place::former`].
pub const FORMER: u32 = 1 << 31;

/// What the pane shows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum View {
    /// The answer; while a check runs, what is under way.
    Cause,
    /// A step.
    Step(StepId),
    /// The requests.
    Requests,
    /// What was checked, and with what.
    Inputs,
    /// How a step is set up.
    SetUp(StepId),
    /// The messages of this screen.
    Log,
    /// What changed since the check before.
    Compare,
    /// What the knowledge base says of something.
    Explain(String),
    /// The token, claim by claim.
    Token,
    /// App 2's rules beside the token.
    Policy,
    /// A request.
    Request(u32),
    /// What an ID is.
    Who(String),
    /// The lab bench.
    Lab,
    /// The scenarios of the lab.
    Scenarios,
    /// The targets, one row each.
    Targets,
    /// What differs between the target with this number and the selected one.
    Against(usize),
}

impl View {
    /// Its place among the tabs; `None`: it is opened from another view.
    #[must_use]
    pub const fn tab(&self) -> Option<usize> {
        match self {
            Self::Cause => Some(0),
            Self::Step(_) => Some(1),
            Self::Token => Some(2),
            Self::Policy => Some(3),
            Self::Requests => Some(4),
            Self::Inputs => Some(5),
            Self::SetUp(_) => Some(6),
            Self::Log => Some(7),
            Self::Against(_)
            | Self::Compare
            | Self::Explain(_)
            | Self::Lab
            | Self::Request(_)
            | Self::Scenarios
            | Self::Targets
            | Self::Who(_) => None,
        }
    }

    /// The tabs, with this step selected.
    #[must_use]
    pub const fn tabs(step: StepId) -> [Self; 8] {
        [
            Self::Cause,
            Self::Step(step),
            Self::Token,
            Self::Policy,
            Self::Requests,
            Self::Inputs,
            Self::SetUp(step),
            Self::Log,
        ]
    }

    /// The phrase that names it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Cause => "view.cause",
            Self::Step(_) => "view.step",
            Self::Requests => "view.requests",
            Self::Inputs => "view.inputs",
            Self::SetUp(_) => "view.set-up",
            Self::Log => "view.log",
            Self::Against(_) | Self::Compare => "view.compare",
            Self::Explain(_) => "view.explain",
            Self::Token => "view.token",
            Self::Policy => "view.policy",
            Self::Request(_) => "view.request",
            Self::Who(_) => "view.who",
            Self::Lab => "view.lab",
            Self::Scenarios => "view.scenarios",
            Self::Targets => "view.targets",
        }
    }

    /// The phrase that says what it shows.
    #[must_use]
    pub const fn about(&self) -> &'static str {
        match self {
            Self::Cause => "about.cause",
            Self::Step(_) => "about.step",
            Self::Requests => "about.requests",
            Self::Inputs => "about.inputs",
            Self::SetUp(_) => "about.set-up",
            Self::Log => "about.log",
            Self::Against(_) => "about.against",
            Self::Compare => "about.compare",
            Self::Explain(_) => "about.explain",
            Self::Token => "about.token",
            Self::Policy => "about.policy",
            Self::Request(_) => "about.request",
            Self::Who(_) => "about.who",
            Self::Lab => "about.lab",
            Self::Scenarios => "about.scenarios",
            Self::Targets => "about.targets",
        }
    }
}

/// Which part of the screen the arrows move in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Focus {
    /// The list of steps.
    Steps,
    /// The pane.
    #[default]
    Pane,
}

/// A place in a page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cursor {
    /// The selected item.
    pub item: Option<String>,
    /// The first shown item.
    pub top: usize,
    /// How many of its rows are above the pane.
    pub skipped: usize,
}

/// What a prompt asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// A saved case to open.
    Case,
    /// A file for the case.
    SavePath,
    /// A file for App 2's settings with the root cause fixed.
    FixedPath,
    /// A change of App 2's settings.
    WhatIf,
    /// A text to look for.
    Search,
    /// Which requests are shown.
    Filter,
    /// Command lines to run on the lab.
    Command,
    /// A file for the list of stages.
    ListPath,
}

/// A line to fill in.
#[derive(Debug, Clone)]
pub struct Prompt {
    /// What for.
    pub asking: Asking,
    /// What was typed.
    pub input: Input,
    /// Whether it is still the whole proposal, which what is typed replaces.
    pub proposed: bool,
    /// Why it wasn't accepted.
    pub error: Option<String>,
    /// Whether an answer to it is still awaited.
    pub sent: bool,
    /// Whether the line, as it is now, was refused.
    pub refused: bool,
}

/// What lies over the screen.
#[derive(Debug, Clone)]
pub enum Over {
    /// The help, from this row on.
    Help(usize),
    /// The help about the form, from this row on.
    FormHelp(usize),
    /// What a check with the values of the form would send, from this row on.
    FormPlan(usize),
    /// A line to fill in.
    Prompt(Prompt),
    /// The form.
    Form,
    /// What can be done with a pasted text.
    Offer(Offer),
}

/// What can be done with a pasted text.
#[derive(Debug, Clone)]
pub struct Offer {
    /// What it is, in words.
    pub text: String,
    /// What Enter does.
    pub does: Offered,
    /// The field of the form that it is for, and the text.
    pub uses: Option<(&'static str, Secret<String>)>,
    /// Whether it was pasted into the form, which is shown again afterwards.
    pub in_form: bool,
}

/// What Enter does with a pasted text.
#[derive(Debug, Clone)]
pub enum Offered {
    /// Shows this token, which was taken apart.
    Token(Box<DecodedToken>),
    /// Compares these settings with the token.
    Settings(Box<AuthSettings>),
    /// Opens this view.
    View(View),
    /// Uses it for the next check.
    Use,
    /// Opens it, which is a saved case.
    Case(Box<str>),
}

/// Where the person is.
#[derive(Debug, Clone)]
pub struct Place {
    /// The views, the shown one last. It is never empty.
    pub(super) stack: Vec<View>,
    /// What requests are for that were open when another check began, and how many for the same were before each.
    pub former: Vec<(Purpose, usize)>,
    /// The selected step.
    pub step: StepId,
    /// Whether the screen follows the run; until the person moves.
    pub following: bool,
    /// Which part of the screen the arrows move in.
    pub focus: Focus,
    /// The place in each view.
    pub cursors: HashMap<View, Cursor>,
    /// The chosen tool, such as `az`.
    pub tool: Option<String>,
    /// What the person chose in the views of the evidence.
    pub choices: Choices,
    /// What was looked for last.
    pub search: Option<String>,
    /// Whether commands are wrapped rather than cut.
    pub wrap: bool,
    /// Whether Esc was pressed while a check runs, so that the next one stops it.
    pub stop_asked: bool,
    /// The key that asked whether a call that can change data may be sent again: pressed once more, and no other key
    /// before, it sends.
    pub repeat_asked: Option<Chord>,
    /// What lies over the screen.
    pub over: Option<Over>,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            stack: vec![View::Cause],
            former: Vec::new(),
            step: StepId::Identity,
            following: true,
            focus: Focus::Pane,
            cursors: HashMap::new(),
            tool: None,
            choices: Choices::default(),
            search: None,
            wrap: false,
            stop_asked: false,
            repeat_asked: None,
            over: None,
        }
    }
}

impl Place {
    /// The shown view.
    #[must_use]
    pub fn view(&self) -> &View {
        self.stack.last().unwrap_or(&View::Cause)
    }

    /// Whether the shown view was opened from another one.
    #[must_use]
    pub fn is_opened(&self) -> bool {
        self.stack.len() > 1
    }

    /// Shows this view instead of everything that is open.
    pub fn show(&mut self, view: View) {
        self.stack = vec![view];
    }

    /// Shows this view over the shown one.
    pub fn open(&mut self, view: View) {
        self.stack.push(view);
    }

    /// Closes the shown view, if it was opened from another one.
    pub fn close(&mut self) {
        if self.is_opened() {
            self.stack.pop();
        }
    }

    /// Selects a step. A view of a step then shows this one.
    pub fn choose(&mut self, step: StepId) {
        self.step = step;
        if let Some(View::Step(shown) | View::SetUp(shown)) = self.stack.last_mut() {
            *shown = step;
        }
    }

    /// Asks for this, with a proposal.
    pub fn ask(&mut self, asking: Asking, proposal: &str) -> bool {
        // A beginning is gone on with, and the name of a file may be changed a little.
        let is_whole = !proposal.is_empty() && !proposal.ends_with('=');
        self.over = Some(Over::Prompt(Prompt {
            asking,
            input: Input::new(proposal.to_owned()),
            proposed: is_whole && matches!(asking, Asking::Filter | Asking::WhatIf | Asking::Command),
            error: None,
            sent: false,
            refused: false,
        }));
        true
    }

    /// The place in the shown view.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        self.cursors.get(self.view()).cloned().unwrap_or_default()
    }

    /// Forgets which row of an answer was selected: the first one to read is selected again.
    pub fn forget_rows(&mut self) {
        self.cursors.retain(|view, _| !matches!(view, View::Cause | View::SetUp(_) | View::Policy));
    }

    /// Moves in the shown view.
    pub fn set_cursor(&mut self, cursor: Cursor) {
        let view = self.view().clone();
        self.cursors.insert(view, cursor);
    }
}
