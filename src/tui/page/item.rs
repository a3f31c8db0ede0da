//! An item of a page: what can be selected, copied, opened, and searched. Nothing is wrapped yet.

use crate::case::step::StepId;
use crate::knowledge::as_started;
use crate::tui::look::Role;
use crate::tui::model::place::View;

use super::cells::{Cells, Period, Wave};

/// One item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The same item has the same one after another check.
    pub id: String,
    /// What is shown.
    pub row: Row,
    /// What is copied of it, whole and unwrapped; `None` also of what opens a request, which is copied as a command.
    pub copy: Option<String>,
    /// What Enter opens.
    pub opens: Option<Opens>,
    /// Whether the arrows to the left and right choose the tool here.
    pub tools: bool,
    /// The change of App 2's settings, in the words of `--assume`, that Space evaluates or takes back.
    pub change: Option<String>,
}

/// What Enter opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opens {
    /// A view, and an item in it.
    View(View, Option<String>),
    /// A request.
    Request(u32),
    /// What is folded here, or folds it again.
    Fold,
    /// The selected target.
    Target,
    /// The form, at the field with this name.
    Field(&'static str),
}

impl Opens {
    /// A step, and an item in it.
    #[must_use]
    pub fn step(step: StepId, item: Option<&str>) -> Self {
        Self::View(View::Step(step), item.map(str::to_owned))
    }
}

/// What is shown of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// Nothing.
    Blank,
    /// A heading, with the tools at its right.
    Heading {
        /// The words.
        text: String,
        /// The tools, and which of them is chosen.
        tools: Vec<Tool>,
    },
    /// Words, wrapped.
    Text {
        /// A mark before them, below which nothing stands.
        mark: Option<(String, Role)>,
        /// The words.
        text: String,
        /// How they look.
        role: Role,
        /// What is at the right end.
        tail: Option<String>,
    },
    /// A name and a value.
    Pair {
        /// The name.
        name: String,
        /// The value.
        value: String,
        /// How the value looks.
        role: Role,
        /// What else is known of it.
        note: Option<String>,
        /// The column of the names in this group of pairs.
        column: Names,
    },
    /// A command, cut at the end of the row.
    Command {
        /// Its number among the commands.
        number: usize,
        /// The whole command.
        text: String,
    },
    /// What is said of the first command, above it: unless it is selected, cut where this would be out of sight.
    Comment(String),
    /// Text whose lines stay as they are, each cut at the end of the row.
    Code(String),
    /// Cells in columns.
    Cells(Box<Cells>),
    /// A request on the time axis.
    Wave(Box<Wave>),
    /// The head of the time axis: the names of the columns, its end in milliseconds, and the cells of the mark.
    Axis(String, u64, usize),
    /// A period of time.
    Period(Box<Period>),
    /// What is below the value of the pair before it, where that is whole in one row, and the column of its names.
    Below(String, Names),
}

/// The column of the names of pairs that follow one another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Names {
    /// Cells of the widest name that is not long.
    usual: usize,
    /// Cells of the widest name that a wide screen has room for.
    with_long: usize,
}

impl Names {
    /// No column of names gets wider.
    const USUAL: usize = 16;
    /// Nor does one on a wide screen.
    const LONG: usize = 32;
    /// So many cells remain for the values beside long names: an ID with what it is, or most of an issuer.
    const VALUES: usize = 52;

    /// The column for names of these widths, in cells.
    pub(super) fn of(widths: impl Iterator<Item = usize>) -> Self {
        widths.filter(|width| *width <= Self::LONG).fold(Self::default(), |names, width| Self {
            usual: if width <= Self::USUAL { names.usual.max(width) } else { names.usual },
            with_long: names.with_long.max(width),
        })
    }

    /// The cells that the names get in a row of this room: on a narrow screen the names give way.
    #[must_use]
    pub fn cells(self, room: usize) -> usize {
        if self.with_long + Self::VALUES <= room { self.with_long } else { self.usual.min(room / 3) }
    }
}

/// A tool for which there is a way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    /// Its name in the report, such as `az`.
    pub via: String,
    /// Its name on the screen.
    pub name: String,
    /// Whether its way is shown.
    pub chosen: bool,
}

impl Item {
    /// An item that shows this.
    #[must_use]
    pub fn new(id: impl Into<String>, row: Row) -> Self {
        let copy = match &row {
            Row::Blank
            | Row::Heading { .. }
            | Row::Cells(_)
            | Row::Wave(_)
            | Row::Axis(..)
            | Row::Period(_)
            | Row::Below(..) => None,
            Row::Text { text, .. } | Row::Command { text, .. } | Row::Comment(text) | Row::Code(text) => {
                Some(text.clone())
            }
            Row::Pair { value, .. } => Some(value.clone()),
        };
        Self { id: id.into(), row, copy, opens: None, tools: false, change: None }
    }

    /// Has a command call this program so.
    pub(super) fn call(&mut self, program: &str) {
        let (Row::Command { text, .. } | Row::Code(text)) = &mut self.row else { return };
        for text in [Some(text), self.copy.as_mut()].into_iter().flatten() {
            if let Some(typed) = as_started(text, Some(program)) {
                *text = typed;
            }
        }
    }

    /// An empty row.
    #[must_use]
    pub fn blank() -> Self {
        Self::new("", Row::Blank)
    }

    /// A heading.
    #[must_use]
    pub fn heading(text: impl Into<String>) -> Self {
        let text = text.into();
        Self::new("", Row::Heading { text, tools: Vec::new() })
    }

    /// Words.
    #[must_use]
    pub fn text(id: impl Into<String>, text: impl Into<String>) -> Self {
        Self::marked_as(id, None, text, Role::Text)
    }

    /// Words with a mark before them.
    #[must_use]
    pub fn marked(id: impl Into<String>, mark: &str, role: Role, text: impl Into<String>) -> Self {
        Self::marked_as(id, Some((mark.to_owned(), role)), text, Role::Text)
    }

    /// Words of this role, perhaps with a mark before them.
    #[must_use]
    pub fn marked_as(id: impl Into<String>, mark: Option<(String, Role)>, text: impl Into<String>, role: Role) -> Self {
        let row = Row::Text { mark, text: text.into(), role, tail: None };
        Self::new(id, row)
    }

    /// A name and a value.
    #[must_use]
    pub fn pair(id: impl Into<String>, name: impl Into<String>, value: impl Into<String>) -> Self {
        let row = Row::Pair {
            name: name.into(),
            value: value.into(),
            role: Role::Text,
            note: None,
            column: Names::default(),
        };
        Self::new(id, row)
    }

    /// With this at the right end, or beside the value.
    #[must_use]
    pub fn with_tail(mut self, said: impl Into<String>) -> Self {
        let said = said.into();
        if said.is_empty() {
            return self;
        }
        match &mut self.row {
            Row::Text { tail, .. } => *tail = Some(said),
            Row::Pair { note, .. } => *note = Some(said),
            _ => {}
        }
        self
    }

    /// With words or a value of this role.
    #[must_use]
    pub fn with_role(mut self, wanted: Role) -> Self {
        if let Row::Text { role, .. } | Row::Pair { role, .. } = &mut self.row {
            *role = wanted;
        }
        self
    }

    /// With something that Enter opens.
    #[must_use]
    pub fn with_opens(mut self, opens: Opens) -> Self {
        self.opens = Some(opens);
        self
    }

    /// With this to copy.
    #[must_use]
    pub fn with_copy(mut self, text: impl Into<String>) -> Self {
        self.copy = Some(text.into());
        self
    }

    /// With nothing to copy, so that it can't be selected.
    #[must_use]
    pub fn without_copy(mut self) -> Self {
        self.copy = None;
        self
    }

    /// Among the items where the arrows choose the tool.
    #[must_use]
    pub const fn with_tools(mut self) -> Self {
        self.tools = true;
        self
    }

    /// With a change that Space evaluates.
    #[must_use]
    pub fn with_change(mut self, change: Option<String>) -> Self {
        self.change = change;
        self
    }

    /// Whether it can be selected.
    #[must_use]
    pub const fn is_selectable(&self) -> bool {
        self.copy.is_some() || self.opens.is_some()
    }

    /// The whole text, unwrapped.
    #[must_use]
    pub fn plain(&self) -> String {
        match &self.row {
            Row::Blank => String::new(),
            Row::Heading { text, .. } | Row::Command { text, .. } | Row::Code(text) => text.clone(),
            Row::Comment(text) => format!("# {text}"),
            Row::Text { mark, text, tail, .. } => {
                let mark = mark.as_ref().map(|(mark, _)| format!("{mark} ")).unwrap_or_default();
                // Nothing opens where a text is printed.
                let tail = tail.as_ref().map(|tail| tail.trim_end_matches(" ▸"));
                let tail = tail.map(|tail| format!("  ({tail})")).unwrap_or_default();
                format!("{mark}{text}{tail}")
            }
            Row::Cells(cells) => cells.plain(),
            Row::Wave(wave) => format!("{} {}  {}", wave.mark.0, wave.text, wave.took),
            Row::Axis(names, ..) => names.clone(),
            Row::Period(period) => format!("{}: {} - {}", period.name, period.from, period.until),
            Row::Below(..) => String::new(),
            Row::Pair { name, value, note, .. } => {
                let note = note.as_ref().map(|note| format!("  ({note})")).unwrap_or_default();
                format!("{name}: {value}{note}")
            }
        }
    }

    /// Whether a text occurs in it, whatever its case.
    #[must_use]
    pub fn contains(&self, lower: &str) -> bool {
        !lower.is_empty() && self.plain().to_lowercase().contains(lower)
    }
}
