//! The APIs that Microsoft runs: a token for one of them works there, so App 2 must not see it unless the user says so.
//!
//! The names are data (`assets/knowledge/first_party_apis.tsv` and `first_party_ids.txt`, with their sources). No list
//! is complete: this one is the second net behind [`may_send`](crate::case::may_send), and keeps App 2's answers and
//! settings files from naming such an API as App 2's resource.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use super::{is_guid, without_spn};
use crate::case::text::half_width;

fn apis() -> &'static str {
    packed!("knowledge/first_party_apis.tsv")
}

fn ids() -> &'static str {
    packed!("knowledge/first_party_ids.txt")
}

/// An application of Microsoft's whose API has no name here.
const APPLICATION: &str = "a Microsoft application";

/// The forms of the application IDs that Microsoft gave its services in the beginning.
const ID_FORMS: [&str; 2] = ["-0000-0000-c000-000000000000", "-0000-0ff1-ce00-000000000000"];

/// The names, read once.
struct Names {
    /// Hosts, each with everything below it: an API's name, or `None` where they are customers'.
    hosts: HashMap<&'static str, Option<&'static str>>,
    /// Parts of host names that only customers' hosts have.
    customer_labels: HashSet<&'static str>,
    /// Application IDs and whole resource names with a name.
    named: HashMap<&'static str, &'static str>,
    /// Application IDs and whole resource names without one, in order.
    nameless: Vec<&'static str>,
}

fn names() -> &'static Names {
    static NAMES: OnceLock<Names> = OnceLock::new();
    NAMES.get_or_init(|| {
        let mut names = Names {
            hosts: HashMap::new(),
            customer_labels: HashSet::new(),
            named: HashMap::new(),
            nameless: rows(ids()).collect(),
        };
        for row in rows(apis()) {
            let mut cells = row.split('\t');
            match (cells.next(), cells.next(), cells.next()) {
                (Some("below"), Some(host), Some(api)) => {
                    names.hosts.insert(host, Some(api));
                }
                (Some("customer"), Some(host), None) => {
                    names.hosts.insert(host, None);
                }
                (Some("customer-label"), Some(label), None) => {
                    names.customer_labels.insert(label);
                }
                (Some("id"), Some(id), Some(api)) => {
                    names.named.insert(id, api);
                }
                _ => {}
            }
        }
        names
    })
}

fn rows(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Whether an audience is that of a federated token, which is exchanged at Microsoft Entra ID for an access token: in
/// one of the clouds, or by its application ID.
#[must_use]
pub fn is_token_exchange(audience: &str) -> bool {
    const ID: &str = "fb60f99c-7a34-4190-8149-302f77469936";
    audience.to_ascii_lowercase().starts_with("api://azureadtokenexchange") || audience.eq_ignore_ascii_case(ID)
}

/// The API of Microsoft's that a resource or audience names, by host name or application ID, if it names one.
#[must_use]
pub fn api(resource: &str) -> Option<&'static str> {
    let mut text = resource.trim().to_ascii_lowercase();
    if !text.is_ascii() {
        text = text.chars().map(folded).collect::<String>().to_ascii_lowercase();
    }
    let text = text.trim_end_matches('/');
    let text = without_spn(text);
    if let Some(api) = whole(text) {
        return Some(api);
    }
    by_id(text).or_else(|| {
        by_host(host_of(text)).or_else(|| {
            // The other reading undoes percent signs.
            let parsed = (!is_plain(text)).then(|| url::Url::parse(text))?.ok()?;
            by_host(parsed.host_str()?)
        })
    })
}

/// Whether both readings of a text find the same host, or none: few texts have anything else in them.
fn is_plain(text: &str) -> bool {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    rest.starts_with(|first: char| first.is_ascii_alphanumeric())
        && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'/'))
}

/// The ASCII character that one of another width stands for in a host name (UTS 46).
fn folded(character: char) -> char {
    match character {
        '。' | '｡' => '.',
        other => half_width(other),
    }
}

/// The API with exactly this ID or name.
fn whole(text: &str) -> Option<&'static str> {
    let names = names();
    let nameless = || names.nameless.binary_search(&text).is_ok().then_some(APPLICATION);
    names.named.get(text).copied().or_else(nameless)
}

/// An application ID: alone, as the first part (`<id>/<host>@<tenant>`), or in any part of an `api://` name.
fn by_id(text: &str) -> Option<&'static str> {
    let (rest, parts) = match text.strip_prefix("api://") {
        Some(rest) => (rest, usize::MAX),
        None => (text, 1),
    };
    // Few names have room for one.
    if rest.len() < 36 {
        return None;
    }
    rest.split(['/', '@'])
        .take(parts)
        .map(|part| part.strip_prefix("botid-").unwrap_or(part))
        .filter(|part| is_guid(part))
        .find_map(|id| whole(id).or_else(|| ID_FORMS.iter().any(|form| id.ends_with(form)).then_some(APPLICATION)))
}

/// The host in a text that may be a URL, without user name and port.
fn host_of(text: &str) -> &str {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let end = rest.bytes().position(|byte| matches!(byte, b'/' | b'?' | b'#' | b'\\'));
    let host = end.and_then(|end| rest.get(..end)).unwrap_or(rest);
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    host.split(':').next().unwrap_or_default()
}

/// The longest row that a host is, or is below.
fn by_host(host: &str) -> Option<&'static str> {
    let host = host.trim_end_matches('.');
    if host.split('.').any(|label| names().customer_labels.contains(label)) {
        return None;
    }
    let mut rest = Some(host);
    while let Some(name) = rest {
        if let Some(api) = names().hosts.get(name) {
            return *api;
        }
        rest = name.split_once('.').map(|(_, below)| below);
    }
    None
}

#[cfg(test)]
mod tests;
