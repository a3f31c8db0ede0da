//! A command line of the Azure CLI, taken apart.

use std::collections::BTreeMap;

use serde_json::Value;

use super::refused::Refused;

/// A command line, taken apart: the values of each option.
pub(super) struct Command<'a> {
    options: BTreeMap<&'a str, Vec<&'a str>>,
    files: &'a BTreeMap<String, String>,
}

impl<'a> Command<'a> {
    /// Whether the words before the first option are this name.
    pub fn is_named(arguments: &[String], name: &str) -> bool {
        let words = arguments.iter().take_while(|word| !word.starts_with('-'));
        words.map(String::as_str).eq(name.split(' '))
    }

    /// Takes the options of a command of this name apart. `known` is written as in a shape.
    ///
    /// # Errors
    /// The first word that the command does not take.
    pub fn parse(
        arguments: &'a [String],
        name: &str,
        known: &str,
        files: &'a BTreeMap<String, String>,
    ) -> Result<Self, Refused> {
        let mut options = BTreeMap::new();
        let mut words = arguments.iter().skip(name.split(' ').count()).peekable();
        while let Some(option) = words.next() {
            let (most, least) = known
                .split_whitespace()
                .find_map(|written| match written.strip_prefix(option.as_str())? {
                    "" => Some((1, 1)),
                    "+" => Some((usize::MAX, 1)),
                    "!" => Some((0, 0)),
                    _ => None,
                })
                .ok_or_else(|| Refused::Unrecognized(option.clone()))?;
            let mut values = Vec::new();
            while let Some(value) = words.next_if(|word| !word.starts_with('-')) {
                values.push(value.as_str());
            }
            if values.len() < least {
                return Err(Refused::argument(option, "expected at least one argument"));
            }
            if let Some(extra) = values.get(most) {
                return Err(Refused::Unrecognized((*extra).to_owned()));
            }
            options.insert(option.as_str(), values);
        }
        Ok(Self { options, files })
    }

    /// Whether the option is given.
    pub fn has(&self, option: &str) -> bool {
        self.options.contains_key(option)
    }

    /// The value of an option that takes one.
    pub fn get(&self, option: &str) -> Option<&'a str> {
        self.options.get(option)?.first().copied()
    }

    /// The values of an option that takes several; none when it is not given.
    pub fn all(&self, option: &str) -> &[&'a str] {
        self.options.get(option).map(Vec::as_slice).unwrap_or_default()
    }

    /// The value of an option that must be there.
    pub fn need(&self, option: &str) -> Result<&'a str, Refused> {
        self.get(option).ok_or_else(|| Refused::Required(option.to_owned()))
    }

    /// The values of an option as `name=value`.
    pub fn pairs(&self, option: &str) -> Result<Vec<(&'a str, &'a str)>, Refused> {
        let pair = |text: &&'a str| {
            let text: &'a str = text;
            text.split_once('=').ok_or_else(|| Refused::NoPair(text.to_owned()))
        };
        self.all(option).iter().map(pair).collect()
    }

    /// The text of an option, which `@name` takes from a file.
    pub fn content(&self, option: &str) -> Result<&'a str, Refused> {
        let text = self.need(option)?;
        match text.strip_prefix('@') {
            Some(name) => self.files.get(name).map(String::as_str).ok_or_else(|| Refused::NoFile(name.to_owned())),
            None => Ok(text),
        }
    }

    /// The same, as JSON.
    pub fn json(&self, option: &str) -> Result<Value, Refused> {
        serde_json::from_str(self.content(option)?).map_err(|error| Refused::value(option, error))
    }
}
