//! Who or what an ID is, as far as this case shows it: its name, and where it occurs.

use serde_json::Value;

use crate::case::text::visible;
use crate::evidence::Evidence;

use super::{Report, named, policy};

/// Where an ID occurs, and what it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Who {
    /// What it is.
    pub name: Option<String>,
    /// The claims that have it.
    pub claims: Vec<String>,
    /// App 2's rules that have it, whether required or found.
    pub rules: Vec<String>,
    /// The requests that have it in their address.
    pub requests: Vec<u32>,
}

impl Who {
    /// Whether the case has it nowhere.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}

/// What the case knows of an ID.
#[must_use]
pub fn is(report: &Report, id: &str) -> Who {
    let lower = id.trim().to_lowercase();
    if lower.is_empty() {
        return Who::default();
    }
    let has = |text: &str| text.to_lowercase().contains(&lower);
    // What is shown of the case is enough, and has no bodies to be read again.
    let name = named::name_of(&Evidence::of(report.case()), id.trim());
    let claims = report.token().map_or(&[][..], |token| &token.claims);
    let is_in = |value: &Value| match value {
        Value::String(text) => has(text),
        other => has(&other.to_string()),
    };
    Who {
        name: name.map(|name| report.wording().words(&name)),
        claims: claims.iter().filter(|(_, value)| is_in(value)).map(|(name, _)| visible(name)).collect(),
        rules: policy::rules(report)
            .into_iter()
            .filter(|rule| has(&rule.expected))
            .map(|rule| rule.name.to_owned())
            .collect(),
        requests: report
            .case()
            .exchanges
            .iter()
            .filter(|exchange| has(&exchange.url))
            .map(|exchange| exchange.id)
            .collect(),
    }
}
