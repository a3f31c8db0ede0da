//! The form: what is checked, field by field, as the person fills it in.

use tui_input::Input;

use crate::case::secret::Secret;
use crate::case::step::StepId;

/// How a value is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// As text.
    Text,
    /// As text that is never shown.
    Hidden,
    /// As one of these.
    Choice(Vec<String>),
}

/// A field.
#[derive(Debug, Clone)]
pub struct Field {
    /// The name of its option.
    pub name: &'static str,
    /// The phrase that is its label.
    pub label: &'static str,
    /// The phrase that heads its group.
    pub group: &'static str,
    /// Whether it is rarely needed, and so folded.
    pub rare: bool,
    /// How its value is given.
    pub kind: Kind,
    /// The first step that another value changes.
    pub step: StepId,
    /// What it is for.
    pub help: String,
    /// The phrase that says what is used while it is empty.
    pub empty: Option<&'static str>,
    /// What is used while it is empty, and the variable that says so.
    pub found: Option<(String, String)>,
    /// Where its value comes from, as long as it is this one.
    pub source: Option<(String, String)>,
    /// Whether a value can be used.
    pub check: fn(&str) -> Result<(), String>,
    /// Its value.
    pub input: Input,
    /// Why the value can't be used.
    pub error: Option<String>,
}

impl Field {
    /// The value without the spaces around it.
    #[must_use]
    pub fn value(&self) -> &str {
        self.input.value().trim()
    }

    /// Checks the value, and keeps why it can't be used.
    pub fn validate(&mut self) {
        let value = self.value();
        self.error = if value.is_empty() { None } else { (self.check)(value).err() };
    }
}

/// What is filled in: names of options and their values. A value can be a secret.
pub type Draft = Vec<(&'static str, Secret<String>)>;

/// Where the cursor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum At {
    /// In a field.
    Field(usize),
    /// At what unfolds the rare fields.
    More,
    /// At the button that checks.
    #[default]
    Check,
    /// At the button that starts the lab.
    Lab,
    /// At the button that opens a saved case.
    Open,
}

/// What a check with these values would send.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// How many requests to whom.
    pub summary: Vec<String>,
    /// Every request.
    pub whole: String,
}

/// The form.
#[derive(Debug, Clone, Default)]
pub struct Form {
    /// The fields.
    pub fields: Vec<Field>,
    /// What was found on this machine.
    pub machine: Vec<String>,
    /// Where the cursor is.
    pub at: At,
    /// Whether the rare fields are shown.
    pub more: bool,
    /// Whether there is a lab.
    pub has_lab: bool,
    /// What would be sent, where that is known.
    pub plan: Option<Plan>,
    /// The values of the last check.
    checked: Option<Vec<String>>,
}

impl Form {
    /// A form with these fields, the first of them selected.
    #[must_use]
    pub fn new(fields: Vec<Field>, machine: Vec<String>, has_lab: bool) -> Self {
        Self { fields, machine, at: At::Field(0), more: false, has_lab, plan: None, checked: None }
    }

    /// Everything that can be selected, in order.
    #[must_use]
    pub fn stops(&self) -> Vec<At> {
        let fields = |rare: bool| {
            let all = self.fields.iter().enumerate();
            all.filter(move |(_, field)| field.rare == rare).map(|(at, _)| At::Field(at))
        };
        let mut stops: Vec<At> = fields(false).collect();
        stops.push(At::More);
        if self.more {
            stops.extend(fields(true));
        }
        stops.push(At::Check);
        if self.has_lab {
            stops.push(At::Lab);
        }
        stops.push(At::Open);
        stops
    }

    /// The selected field.
    #[must_use]
    pub fn field(&self) -> Option<&Field> {
        match self.at {
            At::Field(at) => self.fields.get(at),
            _ => None,
        }
    }

    /// The selected field, to be changed.
    pub fn field_mut(&mut self) -> Option<&mut Field> {
        match self.at {
            At::Field(at) => self.fields.get_mut(at),
            _ => None,
        }
    }

    /// What is filled in.
    #[must_use]
    pub fn draft(&self) -> Draft {
        let value = |field: &Field| (field.name, Secret::new(field.value().to_owned()));
        self.fields.iter().map(value).collect()
    }

    /// Selects the first field whose value can't be used, unfolding it. Says whether there is one.
    pub fn select_error(&mut self) -> bool {
        let Some(at) = self.fields.iter().position(|field| field.error.is_some()) else {
            return false;
        };
        self.select(at);
        true
    }

    /// Selects a field, unfolding it.
    pub fn select(&mut self, at: usize) {
        self.more |= self.fields.get(at).is_some_and(|field| field.rare);
        self.at = At::Field(at);
    }

    /// A check with these values begins.
    pub fn check(&mut self) {
        self.checked = Some(self.values());
    }

    fn values(&self) -> Vec<String> {
        self.fields.iter().map(|field| field.value().to_owned()).collect()
    }

    /// The first step that a changed value makes out of date; `None`: nothing was checked, or nothing changed.
    #[must_use]
    pub fn stale(&self) -> Option<StepId> {
        let checked = self.checked.as_ref()?;
        let changed = self.fields.iter().zip(checked).filter(|(field, before)| field.value() != *before);
        changed.map(|(field, _)| field.step).min()
    }
}
