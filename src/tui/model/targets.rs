//! Several targets, one row each. The state of the selected one is the model's own; the others wait here.

use super::place::Place;
use super::target::Target;

/// What begins the IDs of rows.
pub const ROW: &str = "target/";

/// A target, and where the person was when another one was selected.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its name.
    pub title: String,
    /// What is known of it.
    pub target: Target,
    /// Where the person was.
    pub place: Place,
}

/// The targets; none where there is only one.
#[derive(Debug, Clone, Default)]
pub struct Targets {
    /// Their rows; that of the selected one holds nothing of it.
    pub rows: Vec<Row>,
    /// The number of the selected one.
    pub at: usize,
    /// The numbers of those that are compared, at most two: the one that was marked last is the last.
    pub marked: Vec<usize>,
}
