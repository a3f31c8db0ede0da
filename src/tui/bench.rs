//! What the screen asks of a lab that runs behind it. It is implemented above this room, where the lab may be imported.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::report::Report;
use crate::session::Prepared;

/// A lab whose world can be changed while the screen looks at it.
pub trait Bench {
    /// How it is now; `None` until the lab runs.
    fn state(&self) -> Option<State>;

    /// Begins to do something.
    fn perform(&self, request: Request) -> Doing;
}

/// Something that is being done.
pub type Doing = Pin<Box<dyn Future<Output = Done>>>;

/// What the screen asks for.
#[derive(Debug, Clone)]
pub enum Request {
    /// Break or fix one thing.
    Set {
        /// Its name.
        name: String,
        /// Whether it is to be broken.
        broken: bool,
    },
    /// Put another scenario in place.
    Switch(String),
    /// Run command lines, one after another, up to the first that is refused.
    Run {
        /// The lines.
        lines: Vec<String>,
        /// What was observed last.
        report: Option<Arc<Report>>,
    },
}

/// Two requests are equal when they ask for the same, whatever was observed.
impl PartialEq for Request {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Set { name, broken }, Self::Set { name: one, broken: two }) => (name, broken) == (one, two),
            (Self::Switch(name), Self::Switch(other)) => name == other,
            (Self::Run { lines, .. }, Self::Run { lines: other, .. }) => lines == other,
            _ => false,
        }
    }
}

impl Eq for Request {}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Done {
    /// What was asked for; nothing when the lab has only started.
    pub request: Option<Request>,
    /// The command lines that were run, and what each printed or why it was refused.
    pub ran: Vec<Ran>,
    /// Why something else was not done.
    pub failed: Option<String>,
    /// How the lab is now.
    pub state: Option<State>,
    /// The inputs of a check of the changed world; `None` where nothing has changed.
    pub prepared: Option<Box<Prepared>>,
}

/// A command line that was run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// The line.
    pub line: String,
    /// What came of it.
    pub output: Output,
}

/// What came of a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// What it printed.
    Printed(String),
    /// Why it was refused.
    Refused(String),
}

impl Output {
    /// Why it was refused, where it was.
    #[must_use]
    pub fn refused(&self) -> Option<&String> {
        match self {
            Self::Printed(_) => None,
            Self::Refused(reason) => Some(reason),
        }
    }
}

/// How the lab is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    /// The name of its scenario.
    pub scenario: String,
    /// What is broken in it at first.
    pub description: String,
    /// What can be broken and fixed.
    pub faults: Vec<Breakable>,
    /// What the doctor must say; `None` where that isn't known.
    pub expected: Option<Expected>,
    /// The names and titles of all scenarios.
    pub scenarios: Arc<Vec<(String, String)>>,
    /// The command line that shows the same scenario again.
    pub again: String,
    /// Whether it is no longer as the scenario made it.
    pub changed: bool,
}

/// Something that can be broken and fixed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breakable {
    /// Its name.
    pub name: String,
    /// What is so when it is broken.
    pub title: String,
    /// Where it is, as the lab calls it.
    pub group: String,
    /// The code that the doctor must find.
    pub code: String,
    /// Whether it is broken.
    pub broken: bool,
}

/// What the doctor must say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The verdict's word.
    pub verdict: String,
    /// The root cause's code.
    pub code: Option<String>,
    /// The least confidence.
    pub confidence: Option<String>,
}
