//! What is shown of a row of cells, of a request on the time axis, and of a period of time.

use crate::tui::look::Role;

/// Cells in columns that have the same width on the whole page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cells {
    /// A mark before them.
    pub mark: (String, Role),
    /// What is in them, and how it looks.
    pub cells: Vec<(String, Role)>,
    /// The widest of each column on the page.
    pub widths: Vec<usize>,
    /// Whether what has no room goes on in another row rather than being cut.
    pub whole: bool,
    /// The phrases that name the columns, where each cell has rows of its own as soon as columns would be too narrow to
    /// be read; empty: it has none.
    pub names: &'static [&'static str],
    /// The columns whose cells are cut in their middle: their ends differ.
    pub middle: &'static [usize],
}

impl Cells {
    /// Cells of these texts.
    #[must_use]
    pub fn new(mark: &str, role: Role, cells: Vec<(String, Role)>) -> Self {
        Self { mark: (mark.to_owned(), role), cells, widths: Vec::new(), whole: false, names: &[], middle: &[] }
    }

    /// The texts, side by side.
    #[must_use]
    pub fn plain(&self) -> String {
        let cells: Vec<&str> = self.cells.iter().map(|(text, _)| text.as_str()).collect();
        format!("{} {}", self.mark.0, cells.join("  ")).trim().to_owned()
    }
}

/// A request on the time axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wave {
    /// Number and status.
    pub mark: (String, Role),
    /// What for.
    pub text: String,
    /// Where to.
    pub host: String,
    /// When it began, in milliseconds.
    pub start: u64,
    /// When it ended; `None` where it still waits.
    pub end: Option<u64>,
    /// The end of the axis.
    pub total: u64,
    /// How long it took.
    pub took: String,
}

/// A period of time, and a moment in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// What it is.
    pub name: String,
    /// Its beginning, in words.
    pub from: String,
    /// Its end, in words.
    pub until: String,
    /// The moment, in thousandths of the period; `None` where it is outside.
    pub at: Option<u64>,
}
