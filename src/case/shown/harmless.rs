//! What is known to be harmless: the forms of IDs, hosts, addresses, times and words that no secret has.

use super::known_words::{LONGEST_WORD, is_code, is_known_word};
use super::words::{is_name_of_words, is_random};
use crate::case::ids::wrapped_guid;
use crate::case::resource::is_guid;

/// The replacement of a run of characters that was left out.
pub(super) const LEFT_OUT: &str = "[…]";

/// Whether a value is so ordinary that it cannot be a secret of its own: an ID, a number, an address, a path, a word.
pub(super) fn is_ordinary(value: &str) -> bool {
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    value.len() < 8
        || letters + digits < value.len() / 2
        || digits == 0 && value.len() < 24
        || letters == 0
        || is_guid(value)
        || wrapped_guid(value).is_some()
        || is_plain_address(value)
        || is_host(value)
        || is_media_type(value)
        || is_path(value)
        || is_code(value)
}

/// Whether a run of characters shows nothing that could be a secret.
pub(super) fn is_harmless(run: &str) -> bool {
    run.chars().count() <= LONGEST_WORD && !is_random(run)
        || is_guid(run)
        || wrapped_guid(run).is_some()
        || is_host(run)
        || is_time(run)
        || is_trace(run)
        || is_code(run)
        || is_media_type(run)
        || is_name_of_words(run)
        || is_service_account(run)
        || is_near_guid(run)
        || is_bare_address(run)
        // A whole table is searched for it.
        || is_known_word(run)
}

/// A GUID with a few characters too many at one end, as a copy leaves it: what is wrong with it must be seen.
fn is_near_guid(run: &str) -> bool {
    const GUID: usize = 36;
    let is_plain = run.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let ends = [run.get(..GUID), run.len().checked_sub(GUID).and_then(|start| run.get(start..))];
    is_plain && run.len() <= GUID + 6 && ends.into_iter().flatten().any(is_guid)
}

/// A host and a path of IDs and short words, from which the scheme was left out.
fn is_bare_address(run: &str) -> bool {
    let is_part = |part: &str| is_guid(part) || part.len() <= LONGEST_WORD && !is_random(part);
    run.split_once('/').is_some_and(|(host, path)| is_host(host) && path.split('/').all(is_part))
}

/// The subject of a Kubernetes service account's token, by its namespace and its name, which are DNS names: a federated
/// credential must have the same.
fn is_service_account(run: &str) -> bool {
    let is_name = |name: &str| {
        (1..=63).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && name.split('-').all(|part| part.len() <= LONGEST_WORD)
    };
    let names = run.strip_prefix("system:serviceaccount:").and_then(|names| names.split_once(':'));
    names.is_some_and(|(namespace, name)| is_name(namespace) && is_name(name))
}

/// Whether a text has the form of a federated token's issuer or subject: of GitHub, GitLab, Terraform, Azure DevOps,
/// Kubernetes, SPIFFE, Amazon Web Services, and Entra itself (`/eid1/c/pub/t/…`, whose tenant and client are GUIDs in
/// 22 characters). Each part is an ID or a short name; Amazon's issuer for a cluster ends with an ID of 32 characters.
pub(super) fn is_federated(text: &str) -> bool {
    const BEGINNINGS: [&str; 11] = [
        "repo:",
        "organization:",
        "project_path:",
        "system:serviceaccount:",
        "sc://",
        "p://",
        "spiffe://",
        "arn:aws:",
        "/eid1/c/pub/t/",
        "https://",
        "api://",
    ];
    const LONGEST: usize = 400;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._@:/*".contains(&byte);
    let is_known = || {
        let is_begun = BEGINNINGS.iter().any(|beginning| text.starts_with(beginning));
        is_begun && text.len() <= LONGEST && text.bytes().all(is_plain)
    };
    let has_user = text.contains("://") && text.contains('@');
    let is_encoded = |part: &str| part.len() <= 22 && text.starts_with("/eid1/");
    let is_cluster = |part: &str| {
        let is_id = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        part.len() == 32 && part.bytes().all(is_id) && text.starts_with("https://oidc.eks.")
    };
    let is_short = |word: &str| word.len() <= LONGEST_WORD && !is_random(word);
    let is_part =
        |part: &str| is_guid(part) || is_encoded(part) || is_cluster(part) || part.split(['-', '_', '.']).all(is_short);
    // Google's subject is a number.
    let is_number = text.len() <= 24 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number || is_known() && !has_user && text.split(['/', ':', '@']).all(is_part)
}

/// A host name, or a wildcard of a certificate, with an optional port. No label looks like a secret.
pub(super) fn is_host(text: &str) -> bool {
    let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    let labels: Vec<&str> = host.trim_start_matches("*.").trim_end_matches('.').split('.').collect();
    let is_label = |label: &&str| {
        !label.is_empty()
            && label.len() <= 63
            && label
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_')
            && label.split('-').all(|part| part.len() <= LONGEST_WORD)
    };
    let is_top = |label: &&str| label.bytes().all(|byte| byte.is_ascii_lowercase());
    port.is_none_or(|port| port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit()))
        && labels.len() >= 2
        && labels.iter().all(is_label)
        && labels.last().is_some_and(is_top)
}

/// An address without user name and query.
fn is_plain_address(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, rest)| scheme.len() <= 8 && !rest.contains(['@', '?', '#']))
}

/// A media type, such as `application/json; charset=utf-8`.
fn is_media_type(text: &str) -> bool {
    let (kind, _) = text.split_once(';').unwrap_or((text, ""));
    kind.split_once('/').is_some_and(|(kind, subtype)| {
        let is_name = |name: &str| {
            !name.is_empty()
                && name.len() <= 40
                && name.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'.' | b'+' | b'*'))
        };
        is_name(kind) && is_name(subtype)
    })
}

/// A path whose parts are short names.
fn is_path(text: &str) -> bool {
    let rest = text.strip_prefix('/').or_else(|| text.get(1..)?.strip_prefix(":\\"));
    rest.is_some_and(|rest| rest.split(['/', '\\']).all(|part| part.len() <= LONGEST_WORD || is_guid(part)))
}

/// A date and time as ISO 8601 writes it.
fn is_time(text: &str) -> bool {
    (19..=35).contains(&text.len())
        && text.as_bytes().get(4) == Some(&b'-')
        && text.as_bytes().get(10).is_some_and(|byte| matches!(byte, b'T' | b' '))
        && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b':' | b'.' | b'+' | b'T' | b'Z'))
}

/// A request's ID as traces and ASP.NET Core write it, by which its log is found: `00-<32>-<16>-01` in hexadecimal
/// digits, and `0HMVD1Q8GKBNT:00000002`.
fn is_trace(text: &str) -> bool {
    let is_hexadecimal = |part: &str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let parts: Vec<&str> = text.split('-').collect();
    let is_parent = parts.iter().map(|part| part.len()).eq([2, 32, 16, 2]) && parts.iter().all(|it| is_hexadecimal(it));
    let is_request = text.split_once(':').is_some_and(|(connection, number)| {
        connection.len() == 13
            && connection.starts_with("0H")
            && connection.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
            && number.len() == 8
            && number.bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    is_parent || is_request
}

/// A method and the first type of its parameters in a trace of the stack: `Orders.OrdersController.GetAllAsync(Int32`.
pub(super) fn is_call(run: &str) -> bool {
    let is_type = |text: &str| text.len() <= LONGEST_WORD && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    run.split_once('(').is_some_and(|(method, parameter)| {
        method.contains('.')
            && method.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'.')
            && is_harmless(method)
            && is_type(parameter.trim_end_matches([')', ',', '&', ']', '[']))
    })
}

#[cfg(test)]
mod tests;
