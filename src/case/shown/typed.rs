//! What is typed into a field, as it is shown there: without the password and the keys of a URL.

use super::address::is_harmless_parameter;
use crate::case::url_password::{Expected, hidden};

/// What is shown for each character of a password or a key.
const MARK: char = '•';

/// The text with a mark in place of each character that may be a secret's. While it is typed, digits at its end are no
/// port yet.
#[must_use]
pub fn masked(text: &str, expected: Expected, is_typed: bool) -> String {
    let mut all = hidden(text, expected, is_typed);
    let start = match expected {
        Expected::Url => 0,
        Expected::ApplicationIdUri | Expected::Text => text.find("://").unwrap_or(text.len()),
    };
    let query = text.get(start..).and_then(|rest| rest.find(['?', '#'])).map_or(text.len(), |at| start + at);
    let mut at = query;
    for part in text.get(query..).unwrap_or_default().split_inclusive(['?', '&', ';', '#']) {
        let (name, value) = part.split_at(part.find('=').map_or(0, |at| at + 1));
        let length = value.trim_end_matches(['&', ';', '#', '?']).len();
        if !is_harmless_parameter(name.trim_end_matches('=')) {
            all.push(at + name.len()..at + name.len() + length);
        }
        at += part.len();
    }
    let is_hidden = |at: usize| all.iter().any(|range| range.contains(&at));
    text.char_indices().map(|(at, letter)| if is_hidden(at) { MARK } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_a_query_are_hidden_and_harmless_values_are_not() {
        for (text, shown) in [
            ("app2.example/x?code=abc~1==&api-version=2&", "app2.example/x?code=•••••••&api-version=2&"),
            ("https://a.example/x?api-version=1;code=abc#top", "https://a.example/x?api-version=1;code=•••#•••"),
            ("https://a.example/x?key", "https://a.example/x?•••"),
            ("https://a.example/x?redirect_uri=https://u:pw", "https://a.example/x?redirect_uri=https://u:••"),
            ("https://a.example/x?email=me@b.example&at=10:30", "https://a.example/x?email=••••••••••••&at=•••••"),
        ] {
            assert_eq!(masked(text, Expected::Url, true), shown);
        }
        assert_eq!(masked("https://blob/x?sig=a", Expected::Text, true), "https://blob/x?sig=•");
        assert_eq!(masked("what?=app2.log", Expected::Text, true), "what?=app2.log");
    }
}
