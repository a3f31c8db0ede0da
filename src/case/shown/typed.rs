//! What is typed into a field, as it is shown there: without the password and the keys of a URL.

use std::ops::Range;

use super::address::is_harmless_parameter;
use crate::case::url_password::{Expected, hidden};

/// What is shown for each character of a password or a key.
const MARK: char = '•';

/// The text with a mark in place of each character that may be a secret's. While it is typed, digits at its end are no
/// port yet.
#[must_use]
pub fn masked(text: &str, expected: Expected, is_typed: bool) -> String {
    let mut all = hidden(text, expected, is_typed);
    match expected {
        Expected::Url => all.extend(keys(text, 0)),
        Expected::ApplicationIdUri => all.extend(text.find("://").into_iter().flat_map(|at| keys(text, at))),
        // In a command line, other words are around a URL.
        Expected::Text => {
            let mut at = 0;
            for word in text.split_inclusive(char::is_whitespace) {
                let of_word = word.find("://").into_iter().flat_map(|start| keys(word.trim_end(), start));
                all.extend(of_word.map(|range| at + range.start..at + range.end));
                at += word.len();
            }
        }
    }
    let is_hidden = |at: usize| all.iter().any(|range| range.contains(&at));
    text.char_indices().map(|(at, letter)| if is_hidden(at) { MARK } else { letter }).collect()
}

/// What was typed into a prompt, as messages repeat it.
#[must_use]
pub fn repeated(text: &str) -> String {
    masked(text, Expected::Text, false)
}

/// The values of a URL's query that may be keys; the URL's host is not before this place.
fn keys(url: &str, start: usize) -> Vec<Range<usize>> {
    let query = url.get(start..).and_then(|rest| rest.find(['?', '#'])).map_or(url.len(), |at| start + at);
    let mut at = query;
    let mut all = Vec::new();
    for part in url.get(query..).unwrap_or_default().split_inclusive(['?', '&', ';', '#']) {
        let (name, value) = part.split_at(part.find('=').map_or(0, |at| at + 1));
        let length = value.trim_end_matches(['&', ';', '#', '?']).len();
        if !is_harmless_parameter(name.trim_end_matches('=')) {
            all.push(at + name.len()..at + name.len() + length);
        }
        at += part.len();
    }
    all
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
        let command = "az rest --url https://a.example/x?code=abc --query [?name=='b'].id";
        let shown = "az rest --url https://a.example/x?code=••• --query [?name=='b'].id";
        assert_eq!(masked(command, Expected::Text, true), shown);
        assert_eq!(masked("what?=app2.log", Expected::Text, true), "what?=app2.log");
    }
}
