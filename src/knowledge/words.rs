//! What is said: a sentence of the knowledge base with the values of its placeholders, or data that is shown as it is.
//!
//! Checks say what they found with these, so that no check holds a sentence; the report fills them in.

use std::collections::BTreeMap;

use crate::case::code::Code;

/// The values of placeholders, by name.
pub type Values = BTreeMap<&'static str, Value>;

/// A placeholder's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// One text, from anywhere: it is made safe to show when it is filled in.
    Text(String),
    /// A list.
    List(Vec<String>),
    /// Arguments of a command line, quoted already.
    Arguments(String),
    /// Other words.
    Said(Words),
    /// Something is so: for conditions.
    Yes,
}

/// Words for a reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Words {
    /// Data that is shown as it is: an ID, an address, a quoted answer.
    Data(String),
    /// A sentence of the knowledge base.
    Said(Box<Said>),
}

/// A sentence of the knowledge base, and its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Where it stands.
    pub of: Place,
    /// Its key there.
    pub key: &'static str,
    /// The values of its placeholders.
    pub values: Values,
}

/// Where a sentence stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// `assets/knowledge/phrases.toml`; the key is `table.key`.
    Phrases,
    /// What a finding of this code says.
    Says(Code),
    /// How a finding of this code is confirmed.
    Confirm(Code),
}

/// A sentence of `assets/knowledge/phrases.toml`, by `table.key`.
#[must_use]
pub const fn phrase(key: &'static str) -> Said {
    Said { of: Place::Phrases, key, values: Values::new() }
}

impl Said {
    /// The same with a value for a placeholder.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.values.insert(name, value.into());
        self
    }

    /// The same with a condition, where it is so.
    #[must_use]
    pub fn when(self, name: &'static str, is_so: bool) -> Self {
        if is_so { self.with(name, Value::Yes) } else { self }
    }

    /// The same with a value for a placeholder, where there is one.
    #[must_use]
    pub fn with_some(self, name: &'static str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

impl Words {
    /// No words.
    #[must_use]
    pub const fn none() -> Self {
        Self::Data(String::new())
    }

    /// The words, where a sentence without a table (`phrases.toml` has `table.key`) is one of this place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        if let Self::Said(said) = &mut self
            && said.of == Place::Phrases
            && !said.key.contains('.')
        {
            said.of = place;
        }
        self
    }

    /// The same with these values for the placeholders that have none.
    #[must_use]
    pub fn with(&self, values: &Values) -> Self {
        let mut words = self.clone();
        if let Self::Said(said) = &mut words {
            for (name, value) in values {
                said.values.entry(name).or_insert_with(|| value.clone());
            }
        }
        words
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        matches!(self, Self::Data(text) if text.is_empty())
    }

    /// The name of the sentence, where it is one.
    #[must_use]
    pub const fn key(&self) -> Option<&'static str> {
        match self {
            Self::Said(said) => Some(said.key),
            Self::Data(_) => None,
        }
    }
}

impl From<Said> for Words {
    fn from(said: Said) -> Self {
        Self::Said(Box::new(said))
    }
}

impl From<String> for Words {
    fn from(text: String) -> Self {
        Self::Data(text)
    }
}

impl From<&str> for Words {
    fn from(text: &str) -> Self {
        Self::Data(text.to_owned())
    }
}

impl Value {
    /// The text, where it is one.
    #[must_use]
    pub const fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.as_str()),
            Self::List(_) | Self::Arguments(_) | Self::Said(_) | Self::Yes => None,
        }
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl<S: Into<String>> FromIterator<S> for Value {
    fn from_iter<I: IntoIterator<Item = S>>(entries: I) -> Self {
        Self::List(entries.into_iter().map(Into::into).collect())
    }
}

impl From<Vec<String>> for Value {
    fn from(list: Vec<String>) -> Self {
        Self::List(list)
    }
}

macro_rules! from_numbers {
    ($($number:ty),+) => {
        $(impl From<$number> for Value {
            fn from(number: $number) -> Self {
                Self::Text(number.to_string())
            }
        })+
    };
}
from_numbers!(u8, u16, u64, usize);

impl From<Words> for Value {
    fn from(words: Words) -> Self {
        match words {
            Words::Data(text) => Self::Text(text),
            Words::Said(_) => Self::Said(words),
        }
    }
}

impl From<Said> for Value {
    fn from(said: Said) -> Self {
        Self::Said(said.into())
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<&String> for Words {
    fn from(text: &String) -> Self {
        Self::Data(text.clone())
    }
}

#[cfg(test)]
impl Words {
    /// The data, or the sentence's name and values: what tests look at.
    #[must_use]
    pub fn raw(&self) -> String {
        match self {
            Self::Data(text) => text.clone(),
            Self::Said(said) => format!("{}: {:?}", said.key, said.values),
        }
    }
}
