//! What the screen asks of whoever knows the command line: the fields of the form, and what is made of them.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;

use crate::report::Report;
use crate::session::Prepared;

use super::bench::Bench;
use super::model::form::{Draft, Form, Plan};

/// The error of whoever is behind the desk. The screen shows it and needs no more of it.
pub type AnyError = Box<dyn Error + Send + Sync>;

/// What makes the inputs of a run while the screen is there already.
pub type Preparing = Pin<Box<dyn Future<Output = Result<Prepared, AnyError>>>>;

/// Why what was filled in can't be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The option that is to blame, where one is.
    pub field: Option<&'static str>,
    /// Why.
    pub reason: String,
}

/// Where the inputs of checks come from.
pub trait Desk {
    /// The form, with what is given and found already.
    fn form(&self) -> Form;

    /// The inputs of a check. Files are read, and nothing is sent.
    ///
    /// # Errors
    /// What can't be used.
    fn prepare(&self, draft: &Draft) -> Result<Prepared, Refused>;

    /// What a check would send, laid out for this many columns.
    ///
    /// # Errors
    /// What can't be used.
    fn plan(&self, draft: &Draft, width: usize) -> Result<Plan, Refused>;

    /// A lab that starts, with the title of the screen for it, and what the screen asks of it; `None`: there is none.
    fn lab(&self) -> Option<(String, Preparing, Box<dyn Bench>)>;

    /// A saved case.
    ///
    /// # Errors
    /// Why it can't be opened.
    fn open(&self, path: &str) -> Result<Report, AnyError>;

    /// A saved case as a text.
    ///
    /// # Errors
    /// Why it can't be opened.
    fn open_text(&self, text: &str) -> Result<Report, AnyError>;
}
