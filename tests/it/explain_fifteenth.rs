//! What people pasted into `explain` in a further round of public reports: each text with the codes that the answer
//! must point to, and texts with the same words that mean something else.

use easyauth_doctor::knowledge::{self, Entry, Explained};

fn codes(found: &Explained) -> Vec<&'static str> {
    found.entries.iter().flat_map(|entry| &entry.findings).map(|code| code.name()).collect()
}

fn keys(text: &str) -> Vec<String> {
    knowledge::explain(text).into_iter().map(|entry| entry.key).collect()
}

fn pages(entries: &[Entry]) -> String {
    entries.iter().map(|entry| format!("{}\n{}\n", entry.title, entry.body)).collect()
}

/// A text, the code that comes first in its answer, and what the answer must say.
type Row = (&'static str, &'static str, &'static [&'static str]);

/// Checks each row; all that is wrong is in one message.
fn all_hold(rows: &[Row]) {
    let mut wrong = Vec::new();
    for (text, code, says) in rows {
        let found = knowledge::explained(text);
        let (codes, page) = (codes(&found), pages(&found.entries));
        if codes.first().copied().unwrap_or_default() != *code {
            wrong.push(format!("{text:?}: {code} isn't the first of {codes:?}"));
        }
        wrong
            .extend(says.iter().filter(|words| !page.contains(**words)).map(|words| format!("{text:?}: no {words:?}")));
        if found.is_a_guess {
            wrong.push(format!("{text:?}: a guess"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_page_about_an_error_is_explained_as_the_error() {
    assert_eq!(keys("https://login.microsoftonline.com/error?code=501051"), ["AADSTS501051"]);
    assert_eq!(keys("<https://login.microsoftonline.com/error?code=7000215>"), ["AADSTS7000215"]);
    // An address of the same host that names no error.
    assert_eq!(
        codes(&knowledge::explained("https://login.microsoftonline.com/")).first(),
        Some(&"resource-is-another-api")
    );
}
