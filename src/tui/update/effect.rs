//! What is to be done outside.

use crate::case::step::StepId;
use crate::tui::bench::Request;
use crate::tui::model::form::Draft;

/// Something to be done outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Check again, from this step or everything.
    Check {
        /// The first step; `None`: all.
        from: Option<StepId>,
    },
    /// Check everything again of the target with this number.
    CheckTarget(usize),
    /// Check everything with what is filled in; the answer is [`Message::Checking`](super::Message::Checking) or
    /// [`Message::Refused`](super::Message::Refused).
    CheckForm(Draft),
    /// Find out what a check would send; the answer is [`Message::Planned`](super::Message::Planned).
    Plan(Draft),
    /// Show every request that a check would send, or why it can't be used.
    ShowPlan(Draft),
    /// Start the lab and check it.
    Lab,
    /// Open a saved case; the answer is [`Message::Opened`](super::Message::Opened).
    Open(String),
    /// Open a saved case that was pasted; the answer is the same.
    OpenText(Box<str>),
    /// Stop the check.
    Stop,
    /// Draw everything anew.
    Redraw,
    /// Send a text to the terminal's clipboard.
    Copy(String),
    /// Print a text on the normal screen, and wait for Enter.
    Plain(String),
    /// Find a free name like this one; the answer is [`Message::FreeName`](super::Message::FreeName).
    FindName(String),
    /// Save the case in this new file.
    Save(String),
    /// Write App 2's settings with the root cause fixed into this new file.
    WriteFixed(String),
    /// Ask the lab for something; the answer is [`Message::Bench`](super::Message::Bench).
    Bench(Request),
    /// Write the list of stages into this new file.
    WriteList(String),
    /// Go to sleep until the shell wakes the program.
    Suspend,
    /// Leave as if interrupted.
    Interrupt,
    /// Leave.
    Quit,
}
