//! The form: what is checked, field by field, as the person fills it in.

use tui_input::Input;

use crate::case::recognize::{Recognized, recognize};
use crate::case::secret::Secret;
use crate::case::shown::typed::masked;
use crate::case::step::StepId;
use crate::case::token::DecodedToken;
use crate::case::url_password::{Expected, hidden};
use crate::case::value_parsers::ValueError;
use crate::knowledge::phrase;

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
    pub check: fn(&str) -> Result<(), ValueError>,
    /// What is said of a value that can be used, and may not be what is meant.
    pub doubt: fn(&str) -> Option<String>,
    /// Its value.
    pub input: Input,
    /// The value that it had when it was left or filled in: a port at its end is complete.
    pub settled: String,
    /// Whether it names a file whose text can be pasted instead.
    pub takes_text: bool,
    /// The text that was pasted instead; it is held in memory only.
    pub pasted: Option<Secret<String>>,
    /// Why the value can't be used.
    pub error: Option<String>,
}

impl Field {
    /// The value without the spaces around it.
    #[must_use]
    pub fn value(&self) -> &str {
        self.input.value().trim()
    }

    /// What is typed into it, as it may be shown: with a mark in place of each character that may be a secret's.
    #[must_use]
    pub fn masked(&self) -> String {
        masked(self.input.value(), self.expected(), self.is_typed())
    }

    /// Whether something of its value may be a URL's password.
    #[must_use]
    pub fn may_have_password(&self) -> bool {
        self.kind == Kind::Text && !hidden(self.input.value(), self.expected(), self.is_typed()).is_empty()
    }

    /// Whether more may be typed at the end of its value.
    fn is_typed(&self) -> bool {
        self.value() != self.settled
    }

    /// What its value is expected to be.
    #[must_use]
    pub fn expected(&self) -> Expected {
        match self.name {
            "target" | "authority" | "resource-manager" | "graph" => Expected::Url,
            "resource" | "send-token-for" => Expected::ApplicationIdUri,
            _ => Expected::Text,
        }
    }

    /// Nothing more is typed into it for now: checks the value.
    pub fn settle(&mut self) {
        self.settled = self.value().to_owned();
        self.validate();
    }

    /// Checks the value, and keeps why it can't be used.
    pub fn validate(&mut self) {
        let value = self.value();
        self.error = if value.is_empty() { None } else { (self.check)(value).err().map(|error| error.to_string()) };
    }
}

/// What is filled in. A value can be a secret.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Draft {
    /// Names of options and their values.
    pub values: Vec<(&'static str, Secret<String>)>,
    /// Names of options, and what was pasted instead of a file.
    pub pasted: Vec<(&'static str, Secret<String>)>,
}

/// The option that a recognized text is for.
#[must_use]
pub const fn option_of(known: &Recognized) -> Option<&'static str> {
    match known {
        Recognized::Token(_) => Some("token-file"),
        Recognized::Settings => Some("auth-settings"),
        Recognized::Log(_) => Some("target-log"),
        Recognized::Variables(_) => Some("target-environ"),
        Recognized::CallerVariables(_) => Some("environ"),
        Recognized::Url => Some("target"),
        Recognized::ResourceId => Some("target-resource-id"),
        Recognized::Guid | Recognized::Case | Recognized::Rows(_) | Recognized::Text => None,
    }
}

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
    /// At the button that checks and shows how a new pair is set up.
    SetUp,
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

/// The fields whose values belong to one App 2.
const OF_APP_2: [&str; 5] = ["resource", "target-resource-id", "auth-settings", "target-log", "target-environ"];

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
    /// Whether the guided setup follows the check.
    pub sets_up: bool,
    /// What would be sent, where that is known.
    pub plan: Option<Plan>,
    /// The values that it began with.
    given: Vec<(String, Option<Secret<String>>)>,
    /// The values of the last check.
    checked: Option<Vec<(String, Option<Secret<String>>)>>,
}

impl Form {
    /// A form with these fields, the first of them selected.
    #[must_use]
    pub fn new(fields: Vec<Field>, machine: Vec<String>, has_lab: bool) -> Self {
        let mut form = Self { fields, machine, at: At::Field(0), has_lab, ..Self::default() };
        form.given = form.values();
        form
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
        stops.extend([At::Check, At::SetUp]);
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
        let pasted = |field: &Field| Some((field.name, field.pasted.clone()?));
        Draft {
            values: self.fields.iter().map(value).collect(),
            pasted: self.fields.iter().filter_map(pasted).collect(),
        }
    }

    /// The token that was pasted into the selected field, taken apart.
    #[must_use]
    pub fn pasted_token(&self) -> Option<DecodedToken> {
        match recognize(self.field()?.pasted.as_ref()?.expose()) {
            Recognized::Token(token) => Some(*token),
            _ => None,
        }
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

    /// What was checked with these values is gone.
    pub fn begin_again(&mut self) {
        self.checked = None;
    }

    fn values(&self) -> Vec<(String, Option<Secret<String>>)> {
        self.fields.iter().map(|field| (field.value().to_owned(), field.pasted.clone())).collect()
    }

    /// The field that takes a pasted text as it is: the one for what the text is known as, else the selected one.
    #[must_use]
    pub fn taker(&self, text: &str, known: &Recognized) -> Option<usize> {
        let selected = self.field().filter(|_| matches!(self.at, At::Field(_)));
        if selected.is_some_and(|field| field.kind == Kind::Hidden) {
            return None;
        }
        let text = text.trim();
        let is_whole = matches!(known, Recognized::Token(_) | Recognized::Log(_));
        let is_text = text.contains('\n') || text.starts_with(['{', '[']) || is_whole;
        if !is_text {
            return None;
        }
        let here = selected.filter(|field| field.takes_text).map(|field| field.name);
        // Both apps have variables.
        let name = match (here, known) {
            (Some("environ" | "target-environ"), Recognized::Variables(_) | Recognized::CallerVariables(_)) => here,
            _ => option_of(known).or(here),
        };
        self.fields.iter().position(|field| field.takes_text && Some(field.name) == name)
    }

    /// Gives a field this text: as the text of its file, or as its value.
    pub fn give(&mut self, at: usize, text: &str) {
        self.select(at);
        let Some(field) = self.field_mut() else { return };
        if field.takes_text {
            field.pasted = Some(Secret::new(text.trim().to_owned()));
            field.input = Input::default();
        } else {
            field.input = Input::new(text.trim().to_owned());
        }
        field.settle();
    }

    /// A text about options, in the words of the form: each option is a field. That of the field where it stands isn't
    /// named at its beginning.
    #[must_use]
    pub fn in_its_words(&self, here: &str, text: &str) -> String {
        let own = text.strip_prefix("--").and_then(|text| text.strip_prefix(here)?.strip_prefix(' '));
        let text = own.unwrap_or(text);
        let mut fields: Vec<&Field> = self.fields.iter().collect();
        // The beginning of an option's name can be another's.
        crate::sort::by_key(&mut fields, |field| std::cmp::Reverse(field.name.len()));
        let name = |field: &Field| phrase("form.field").with("label", phrase(field.label).text()).text();
        fields.into_iter().fold(text.to_owned(), |text, field| match text.contains("--") {
            true => text.replace(&format!("--{}", field.name), &name(field)),
            false => text,
        })
    }

    /// Whether App 2's URL is there, and this one has another host.
    #[must_use]
    pub fn has_other_host(&self, url: &str) -> bool {
        let host = |url: &str| {
            let url = url::Url::parse(url.trim()).ok()?;
            Some((url.host_str()?.to_owned(), url.port_or_known_default()))
        };
        let target = self.fields.iter().find(|field| field.name == "target").and_then(|field| host(field.value()));
        target.is_some_and(|before| host(url).as_ref() != Some(&before))
    }

    /// Empties what was filled in about App 2 and its application. Says whether something was.
    pub fn forget_app_2(&mut self) -> bool {
        let is_about = |field: &&mut Field| OF_APP_2.contains(&field.name);
        let mut was_there = false;
        for field in self.fields.iter_mut().filter(is_about) {
            was_there |= !field.value().is_empty() || field.pasted.is_some();
            (field.input, field.pasted, field.error) = (Input::default(), None, None);
        }
        was_there
    }

    /// The method of the call, where there is a field for it.
    #[must_use]
    pub fn method(&self) -> Option<&str> {
        let field = self.fields.iter().find(|field| field.name == "method")?;
        Some(if field.value().is_empty() { "GET" } else { field.value() })
    }

    /// Whether App 2's URL is there.
    #[must_use]
    pub fn has_target(&self) -> bool {
        self.fields.iter().any(|field| field.name == "target" && !field.value().is_empty())
    }

    /// Whether something was entered.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.values() != self.given
    }

    /// The first step that a changed value makes out of date; `None`: nothing was checked, or nothing changed.
    #[must_use]
    pub fn stale(&self) -> Option<StepId> {
        let checked = self.checked.as_ref()?;
        let is_same = |field: &Field, before: &(String, Option<Secret<String>>)| {
            field.value() == before.0 && field.pasted == before.1
        };
        let changed = self.fields.iter().zip(checked).filter(|(field, before)| !is_same(field, before));
        changed.map(|(field, _)| field.step).min()
    }
}
