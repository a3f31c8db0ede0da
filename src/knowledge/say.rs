//! Sentences outside a report.

use super::lookup;
use super::words::{Said, Value, Words};

impl Said {
    /// The sentence with its own values, where no case gives others: for messages outside a report. Values are filled
    /// in as they are.
    #[must_use]
    pub fn text(&self) -> String {
        lookup::sentence(self).map_or_else(
            || self.key.to_owned(),
            |text| {
                text.fill(&|name| match self.values.get(name)? {
                    Value::Said(Words::Said(said)) => Some(Value::Text(said.text())),
                    Value::Said(Words::Data(text)) => Some(Value::Text(text.clone())),
                    value => Some(value.clone()),
                })
            },
        )
    }
}
