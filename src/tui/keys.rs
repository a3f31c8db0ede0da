//! One table of keys: what each does, when, and its words. Dispatch, help, and footer are made of it.

mod chord;
pub mod when;

use crossterm::event::{KeyCode, KeyEvent};

use crate::report::StepStatus;

use super::model::Model;
use super::model::target::Watch;
pub use chord::Chord;
use chord::{control, key, letter};
use when::When;

/// Something that a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The item above.
    Up,
    /// The item below.
    Down,
    /// The first item.
    First,
    /// The last item.
    Last,
    /// A page back.
    PageUp,
    /// A page on.
    PageDown,
    /// The step whose digit was pressed.
    Step,
    /// The other part of the screen.
    OtherPane,
    /// The tool or the view to the left.
    Left,
    /// The tool or the view to the right.
    Right,
    /// The answer.
    Cause,
    /// The requests.
    Requests,
    /// What was checked.
    Inputs,
    /// What is checked, to be changed.
    Form,
    /// How the step is set up.
    SetUp,
    /// The lab bench.
    Lab,
    /// Break or fix the selected thing.
    Switch,
    /// The scenarios of the lab.
    Scenarios,
    /// Put the selected scenario in place.
    Pick,
    /// Type a command for the lab.
    Command,
    /// Look again whether a stage is done.
    Look,
    /// Show another stage that isn't done.
    Skip,
    /// Save the list of stages.
    SaveList,
    /// The messages.
    Log,
    /// What the selected item opens.
    Open,
    /// Back, or stop.
    Back,
    /// The next step with a problem.
    NextProblem,
    /// The step before with a problem.
    PreviousProblem,
    /// Look for a text.
    Search,
    /// The next place of it.
    SearchNext,
    /// The place before.
    SearchPrevious,
    /// The selected item to the terminal's clipboard.
    Copy,
    /// The whole view to the terminal's clipboard.
    CopyAll,
    /// The whole view on the normal screen.
    Plain,
    /// Wrap commands, or cut them.
    Wrap,
    /// Evaluate with the change that fixes the root cause, or take it back.
    Try,
    /// Evaluate with another change.
    WhatIf,
    /// Take the last change back.
    Undo,
    /// Take all changes back.
    UndoAll,
    /// Check again until the call succeeds, or stop that.
    Watch,
    /// Don't wait for the next of these checks.
    LookNow,
    /// What changed since the check before.
    Compare,
    /// Check everything again.
    RunAll,
    /// Check again from the selected step.
    RunFrom,
    /// Check every target again.
    RunEvery,
    /// Mark the selected target to be compared with.
    Mark,
    /// What differs between it and the selected one.
    CompareMarked,
    /// Save the case.
    Save,
    /// Write App 2's settings with the root cause fixed.
    WriteFixed,
    /// Help.
    Help,
    /// Draw everything anew.
    Redraw,
    /// Put the program to sleep.
    Suspend,
    /// Interrupt the program.
    Interrupt,
    /// Quit.
    Quit,
    /// The token.
    Token,
    /// App 2's rules.
    Policy,
    /// The token's header, or its claims.
    Header,
    /// The token's parts as JSON, or its claims.
    Raw,
    /// The selected rule's change in thought, or it taken back.
    Suppose,
    /// Which requests are shown.
    Filter,
    /// Only the requests of the selected step, or all.
    OnlyStep,
    /// Another order of the requests.
    Order,
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// Its keys.
    pub chords: &'static [Chord],
    /// Its keys as they are shown, in Unicode and in ASCII; empty: by their names.
    pub shown: (&'static str, &'static str),
    /// What it does.
    pub action: Action,
    /// Whether it does something now.
    pub when: fn(&Model) -> When,
    /// The phrase that says what it does.
    pub help: &'static str,
    /// Its keys in the footer, where they are not the first of them.
    pub in_footer: (&'static str, &'static str),
    /// Its word in the footer, and how early it is left out there; the lower, the later.
    pub footer: Option<(&'static str, u8)>,
}

const fn row(
    chords: &'static [Chord],
    action: Action,
    when: fn(&Model) -> When,
    help: &'static str,
    footer: Option<(&'static str, u8)>,
) -> Binding {
    Binding { chords, shown: ("", ""), in_footer: ("", ""), action, when, help, footer }
}

impl Binding {
    const fn shown_as(mut self, unicode: &'static str, ascii: &'static str) -> Self {
        self.shown = (unicode, ascii);
        self
    }

    const fn in_footer_as(mut self, unicode: &'static str, ascii: &'static str) -> Self {
        self.in_footer = (unicode, ascii);
        self
    }

    /// Its keys, as the help shows them.
    #[must_use]
    pub fn keys(&self, ascii: bool) -> String {
        match self.shown {
            ("", _) => {
                let names: Vec<String> = self.chords.iter().map(|chord| chord.name(ascii)).collect();
                names.join(" ")
            }
            (unicode, plain) => (if ascii { plain } else { unicode }).to_owned(),
        }
    }

    /// Its keys, as the footer shows them.
    #[must_use]
    pub fn first(&self, ascii: bool) -> String {
        match self.in_footer {
            ("", _) => self.chords.first().map(|chord| chord.name(ascii)).unwrap_or_default(),
            (unicode, plain) => (if ascii { plain } else { unicode }).to_owned(),
        }
    }
}

/// The digits of the steps.
const DIGITS: &[Chord] =
    &[letter('1'), letter('2'), letter('3'), letter('4'), letter('5'), letter('6'), letter('7'), letter('8')];

/// Every key, in the order of the help. Where two rows have the same key, the first one that does something decides.
#[rustfmt::skip]
pub static BINDINGS: &[Binding] = &[
    row(&[key(KeyCode::Enter)], Action::Pick, when::on_scenario, "keys.pick", Some(("word.pick", 4))),
    row(&[key(KeyCode::Enter)], Action::Look, when::can_look, "keys.look", Some(("word.look", 4))),
    row(&[letter(' ')], Action::Switch, when::on_fault, "keys.switch", Some(("word.switch", 5))),
    row(&[letter(' ')], Action::Mark, when::in_targets, "keys.mark", Some(("word.mark", 26))),
    row(&[letter('d')], Action::CompareMarked, when::has_marked, "keys.compare-marked", Some(("word.compare", 9))),
    row(&[letter('/')], Action::Scenarios, when::in_lab, "keys.scenarios", Some(("word.scenarios", 6))),
    row(&[letter('$')], Action::Command, when::has_lab, "keys.command", Some(("word.command", 16))),
    row(&[letter('n')], Action::Skip, when::can_skip, "keys.skip", Some(("word.skip", 21))),
    row(&[letter('s')], Action::SaveList, when::in_set_up, "keys.save-list", Some(("word.save-list", 22))),
    row(&[key(KeyCode::Enter)], Action::Open, when::can_open, "keys.open", Some(("word.open", 20))),
    row(&[letter('y')], Action::Copy, when::can_copy, "keys.copy", Some(("word.copy", 10))),
    row(&[letter('Y')], Action::CopyAll, when::has_text, "keys.copy-all", Some(("word.copy-all", 35))),
    row(&[letter('P')], Action::Plain, when::has_text, "keys.plain", Some(("word.plain", 36))),
    row(&[letter(' ')], Action::Suppose, when::can_suppose, "keys.suppose", Some(("word.try", 7))),
    row(&[letter('/')], Action::Filter, when::shows_requests, "keys.filter", Some(("word.filter", 22))),
    row(&[letter('f')], Action::OnlyStep, when::shows_requests, "keys.only-step", Some(("word.only-step", 24))),
    row(&[letter('o')], Action::Order, when::shows_requests, "keys.order", Some(("word.order", 23))),
    row(&[letter('h')], Action::Header, when::shows_token, "keys.header", Some(("word.header", 22))),
    row(&[letter('v')], Action::Raw, when::shows_token, "keys.raw", Some(("word.raw", 23))),
    row(&[key(KeyCode::Left), letter('h')], Action::Left, when::has_tools, "keys.tool-left", None),
    row(&[key(KeyCode::Right), letter('l')], Action::Right, when::has_tools, "keys.tool-right", Some(("word.tool", 15)))
        .in_footer_as("←→", "h/l"),
    row(&[letter('W')], Action::Wrap, when::has_command, "keys.wrap", Some(("word.wrap", 80))),
    row(&[letter('a')], Action::Try, when::can_try, "keys.try", Some(("word.try", 30))),
    row(&[letter('A')], Action::WhatIf, when::has_answer, "keys.what-if", None),
    row(&[letter('u')], Action::Undo, when::can_undo, "keys.undo", Some(("word.undo", 8))),
    row(&[letter('U')], Action::UndoAll, when::can_undo, "keys.undo-all", None),
    row(&[letter(']')], Action::NextProblem, when::has_problem, "keys.next-problem", Some(("word.next-problem", 65))),
    row(&[letter('[')], Action::PreviousProblem, when::has_problem, "keys.previous-problem", None),
    row(&[letter('/')], Action::Search, when::has_items, "keys.search", Some(("word.search", 85))),
    row(&[letter('n')], Action::SearchNext, when::has_search, "keys.search-next", None),
    row(&[letter('N')], Action::SearchPrevious, when::has_search, "keys.search-previous", None),
    row(&[key(KeyCode::Esc)], Action::Back, when::can_go_back, "keys.back", None),
    row(&[letter('w')], Action::Watch, when::can_watch, "keys.watch", Some(("word.watch", 40))),
    row(&[key(KeyCode::Enter)], Action::LookNow, when::is_waiting, "keys.look-now", Some(("word.look-now", 41))),
    row(&[letter('d')], Action::Compare, when::has_before, "keys.compare", Some(("word.compare", 72))),
    row(&[letter('r')], Action::RunAll, when::can_check, "keys.again", Some(("word.again", 45))),
    row(&[letter('R')], Action::RunEvery, when::can_check_all, "keys.again-all", Some(("word.again-all", 11))),
    row(&[letter('R')], Action::RunFrom, when::can_check, "keys.again-from", None),
    row(&[letter('s')], Action::Save, when::has_answer, "keys.save", Some(("word.save", 55))),
    row(&[letter('e')], Action::WriteFixed, when::has_answer, "keys.edit", None),
    row(DIGITS, Action::Step, when::always, "keys.step", None).shown_as("1…8", "1-8"),
    row(&[letter('c')], Action::Cause, when::always, "keys.cause", Some(("word.cause", 60))),
    row(&[letter('t')], Action::Token, when::always, "keys.token", Some(("word.token", 46))),
    row(&[letter('p')], Action::Policy, when::always, "keys.policy", Some(("word.policy", 47))),
    row(&[letter('x')], Action::Requests, when::always, "keys.requests", Some(("word.requests", 50))),
    row(&[letter('i')], Action::Form, when::can_edit, "keys.form", Some(("word.form", 75))),
    row(&[letter('i')], Action::Inputs, when::always, "keys.inputs", None),
    row(&[letter('o')], Action::SetUp, when::always, "keys.set-up", Some(("word.set-up", 90))),
    row(&[letter('b')], Action::Lab, when::has_lab, "keys.lab", Some(("word.lab", 48))),
    row(&[letter('L')], Action::Log, when::always, "keys.log", None),
    row(&[key(KeyCode::Left), letter('h')], Action::Left, when::always, "keys.left", None),
    row(&[key(KeyCode::Right), letter('l')], Action::Right, when::always, "keys.right", Some(("word.view", 70)))
        .in_footer_as("←→", "h/l"),
    row(&[key(KeyCode::Tab), key(KeyCode::BackTab)], Action::OtherPane, when::always, "keys.other-pane", None),
    row(&[key(KeyCode::Up), letter('k')], Action::Up, when::always, "keys.up", None),
    row(&[key(KeyCode::Down), letter('j')], Action::Down, when::always, "keys.down", None),
    row(&[key(KeyCode::PageUp), control('u')], Action::PageUp, when::has_items, "keys.page-up", None),
    row(&[key(KeyCode::PageDown), control('d')], Action::PageDown, when::has_items, "keys.page-down", None),
    row(&[letter(' ')], Action::PageDown, when::pages_by_space, "keys.space", None),
    row(&[letter('g'), key(KeyCode::Home)], Action::First, when::always, "keys.first", None),
    row(&[letter('G'), key(KeyCode::End)], Action::Last, when::always, "keys.last", None),
    row(&[letter('?'), key(KeyCode::F(1))], Action::Help, when::always, "keys.help", None),
    row(&[control('l')], Action::Redraw, when::always, "keys.redraw", None),
    row(&[control('z')], Action::Suspend, when::always, "keys.suspend", None),
    row(&[control('c')], Action::Interrupt, when::always, "keys.interrupt", None),
    row(&[letter('q')], Action::Quit, when::always, "keys.quit", None),
];

/// What a key does now.
#[derive(Debug, Clone, Copy)]
pub enum Meaning {
    /// This.
    Does(&'static Binding),
    /// Nothing now, for the reason of this phrase.
    Nothing(&'static str),
    /// Nothing ever.
    Unknown,
}

/// What a key does now.
#[must_use]
pub fn meaning(model: &Model, event: KeyEvent) -> Meaning {
    if Chord::is_foreign(event) {
        return Meaning::Unknown;
    }
    let chord = Chord::of(event);
    let mut meaning = Meaning::Unknown;
    for binding in BINDINGS.iter().filter(|binding| binding.chords.contains(&chord)) {
        match (binding.when)(model) {
            Ok(()) => return Meaning::Does(binding),
            Err(why) => meaning = Meaning::Nothing(why),
        }
    }
    meaning
}

/// The rows that do something now.
pub fn enabled(model: &Model) -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().filter(|binding| (binding.when)(model).is_ok())
}

/// The rows of the footer that do something now, the most important first. Of rows with the same key or word, one.
#[must_use]
pub fn footer(model: &Model) -> Vec<(&'static Binding, &'static str)> {
    let mut rows: Vec<(u8, &'static Binding, &'static str)> = Vec::new();
    if when::can_stop(model).is_ok() {
        let back = BINDINGS.iter().find(|binding| binding.action == Action::Back);
        rows.extend(back.map(|binding| (5, binding, "word.stop")));
    } else if when::can_go_back(model).is_ok() {
        let back = BINDINGS.iter().find(|binding| binding.action == Action::Back);
        let word = if when::is_filtered(model) { "word.clear-filter" } else { "word.back" };
        rows.extend(back.map(|binding| (12, binding, word)));
    }
    for binding in enabled(model) {
        let Some((word, priority)) = binding.footer else {
            continue;
        };
        let is_on = binding.action == Action::Watch && model.target.watch != Watch::Off;
        let word = if is_on { "word.unwatch" } else { word };
        let is_there = rows.iter().any(|(_, other, said)| other.chords == binding.chords || *said == word);
        if !is_there && !is_of_shown_view(model, binding.action) {
            rows.push((priority, binding, word));
        }
    }
    rows.sort_by_key(|(priority, ..)| *priority);
    rows.into_iter().map(|(_, binding, word)| (binding, word)).collect()
}

/// Whether the action shows the view that is shown already, so that the footer has no use for it.
fn is_of_shown_view(model: &Model, action: Action) -> bool {
    use super::model::place::View;
    matches!(
        (action, model.place.view()),
        (Action::Cause, View::Cause)
            | (Action::Requests, View::Requests)
            | (Action::SetUp, View::SetUp(_))
            | (Action::Token, View::Token)
            | (Action::Policy, View::Policy)
            | (Action::Lab, View::Lab)
    )
}

/// Whether a step with this status is a problem.
#[must_use]
pub const fn is_problem(status: StepStatus) -> bool {
    matches!(status, StepStatus::Fail | StepStatus::Warn)
}
