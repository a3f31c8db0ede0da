//! One entry of the plan, and how an address is shown in it.

use url::Url;

use crate::case::exchange::Purpose;
use crate::case::shown::address;
use crate::case::url_password::{Expected, hidden};
use crate::probe::preview::{Carried, Planned, Recipient, When};

/// The placeholder in a URL for a value that only a response shows, and what is shown for it.
pub const CLIENT_ID: (&str, &str) = ("easyauth-doctor-client-id", "<App 2's client ID>");
pub const RANDOM: (&str, &str) = ("easyauth-doctor-random-guid", "<random GUID>");

pub fn planned(purpose: Purpose) -> Planned {
    Planned {
        purpose,
        method: "GET".to_owned(),
        url: String::new(),
        to: Recipient::App2,
        asks_for: None,
        carries: Vec::new(),
        when: When::Always,
        at_most: 1,
    }
}

pub fn to_app_2(purpose: Purpose, url: String, carries: Vec<Carried>) -> Planned {
    Planned { url, carries, ..planned(purpose) }
}

pub fn to_entra(purpose: Purpose, url: String, when: When, at_most: u32) -> Planned {
    Planned { url, to: Recipient::Entra, when, at_most, ..planned(purpose) }
}

/// A text with the placeholders that a person understands.
pub fn shown(text: &str) -> String {
    [CLIENT_ID, RANDOM].into_iter().fold(text.to_owned(), |text, (mark, words)| text.replace(mark, words))
}

/// The target's address without the values of its query: any of them may be a key.
pub fn shown_target(url: &Url) -> String {
    const HARMLESS: [&str; 1] = ["api-version"];
    let Some(query) = url.query() else {
        return without_password(url);
    };
    let parts: Vec<String> = query
        .split('&')
        .map(|part| match part.split_once('=') {
            Some((name, _)) if !HARMLESS.contains(&name) => format!("{name}=[redacted]"),
            Some(_) => part.to_owned(),
            // A part without a name may be the secret itself.
            None => "[redacted]".to_owned(),
        })
        .collect();
    let mut base = url.clone();
    base.set_query(None);
    format!("{}?{}", without_password(&base), parts.join("&"))
}

/// The URL as it is, without what may be a password in it, as where a scheme was written twice.
fn without_password(url: &Url) -> String {
    if hidden(url.as_str(), Expected::Url, false).is_empty() { url.to_string() } else { address::own(url.as_str()) }
}
