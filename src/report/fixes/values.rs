//! The values that a case has for the placeholders of fixes.

use crate::check::CONFIGURED_API_ID;
use crate::diagnosis::Remedy;
use crate::knowledge::Value;

impl Remedy<'_> {
    /// The value of a placeholder, if the finding or the case has it.
    pub(super) fn get(&self, name: &str) -> Option<Value> {
        self.needed(name)
            .or_else(|| self.of_caller(name))
            .or_else(|| self.of_token(name))
            .or_else(|| self.of_settings(name))
            .or_else(|| self.of_registration(name))
            .or_else(|| self.of_target(name))
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.get(name)?.text().map(str::to_owned)
    }

    /// Whether the finding is about App 2's settings, which have a Microsoft API's client ID.
    pub(super) fn is_configured_api(&self) -> bool {
        self.of_finding(CONFIGURED_API_ID).is_some()
    }
}

pub(super) fn text(value: Option<impl ToString>) -> Option<Value> {
    value.map(|value| Value::Text(value.to_string()))
}

/// What is part of a command as it is.
pub(super) fn arguments(words: Option<impl ToString>) -> Option<Value> {
    words.map(|words| Value::Arguments(words.to_string()))
}

pub(super) fn yes(is_so: bool) -> Option<Value> {
    is_so.then_some(Value::Yes)
}
