//! Addresses as they may be shown: without user names, passwords, and the values of queries.

use std::borrow::Cow;

use super::encoded::Decoded;
use super::harmless::{LEFT_OUT, is_harmless, is_host, is_ordinary};
use super::known_words::LONGEST_WORD;
use super::routing::ROUTING_NAME;
use super::secret_names::names_secret;
use super::secrets::Secrets;
use crate::case::resource::is_guid;
use crate::case::secret::REDACTED;
use crate::case::url_password::{Expected, hidden};

/// Parameters whose values are known to be harmless. `sv`, `sp` and `sr` of a signed address say what it is good for.
const HARMLESS: [&str; 34] = [
    ROUTING_NAME,
    "api-version",
    "apiversion",
    "sv",
    "sp",
    "sr",
    "resource",
    "scope",
    "client_id",
    "clientid",
    "object_id",
    "principal_id",
    "mi_res_id",
    "msi_res_id",
    "response_type",
    "response_mode",
    "redirect_uri",
    "post_login_redirect_uri",
    "post_login_redirect_url",
    "resource_id",
    "authorization_uri",
    "tenant",
    "domain_hint",
    "prompt",
    "$select",
    "$filter",
    "$expand",
    "$top",
    "bypasscache",
    "appid",
    "p",
    "error",
    "error_description",
    "version",
];
/// Addresses within addresses are read at most this often.
const DEEPEST: usize = 2;

/// An address that the program or its user made: the path is shown, values of the query only where they are harmless.
#[must_use]
pub fn own(address: &str) -> String {
    shown(address, false, 0)
}

/// An address that somebody else wrote: long parts of its path that may be secrets are left out, too. `None`: it is
/// none.
pub(super) fn foreign(address: &str) -> Option<String> {
    let shown = shown(address, true, 0);
    (address.contains("://") || address.starts_with('/') || address.starts_with('?')).then_some(shown)
}

/// The scheme and host of an address that somebody else wrote; what follows them is left out.
#[must_use]
pub fn host_of(address: &str) -> String {
    let start = address.find("://").map_or(0, |at| at + 3);
    let rest = address.get(start..).unwrap_or_default();
    let end = start + rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (place, behind) = address.split_at(end);
    let behind = if behind.is_empty() || behind == "/" { behind.to_owned() } else { format!("/{LEFT_OUT}") };
    without_user(place, true) + &behind
}

/// An address that somebody else wrote without any secret of the run, also one that is spread over the parts of its
/// path.
#[must_use]
pub fn scrubbed(address: &str, secrets: &Secrets) -> String {
    let (before, after) = address.split_at(address.find(['?', '#']).unwrap_or(address.len()));
    let start = before.find("://").map_or(0, |at| at + 3);
    let path = before.get(start..).and_then(|rest| Some(start + rest.find('/')? + 1));
    let (place, path) = before.split_at(path.unwrap_or(before.len()));
    let scrub = |text| secrets.scrub_foreign(text);
    format!("{}{}{}", scrub(place), secrets.scrub_path(path), scrub(after))
}

/// Whether the value of a query parameter may be shown.
#[must_use]
pub fn is_harmless_parameter(name: &str) -> bool {
    HARMLESS.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// The parameters of an address's query: name and value, decoded.
pub fn parameters(address: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    let (address, _) = address.split_once('#').unwrap_or((address, ""));
    let query = address.split_once('?').map_or("", |(_, query)| query);
    url::form_urlencoded::parse(query.as_bytes())
}

/// The address without the parameters that contain keys, by name or form: for requests that need none.
#[must_use]
pub fn without_keys(url: &url::Url) -> url::Url {
    let is_key = |name: &str, value: &str| !is_harmless_parameter(name) && (names_secret(name) || !is_ordinary(value));
    let mut keyless = url.clone();
    if !url.query_pairs().any(|(name, value)| is_key(&name, &value)) {
        return keyless;
    }
    let kept: Vec<&str> = url
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| {
            let parsed = url::form_urlencoded::parse(pair.as_bytes()).next();
            parsed.is_none_or(|(name, value)| !is_key(&name, &value))
        })
        .collect();
    keyless.set_query((!kept.is_empty()).then(|| kept.join("&")).as_deref());
    keyless
}

fn shown(address: &str, strict: bool, depth: usize) -> String {
    let (before, fragment) = address.split_once('#').map_or((address, None), |(before, rest)| (before, Some(rest)));
    let (place, query) = before.split_once('?').map_or((before, None), |(place, query)| (place, Some(query)));
    let mut clean = without_user(place, strict);
    if let Some(query) = query {
        clean.push('?');
        clean.push_str(&self::query(query, depth));
    }
    if fragment.is_some_and(|fragment| !fragment.is_empty()) {
        clean.push_str("#…");
    }
    clean
}

/// Scheme, host and path without a user name and password.
fn without_user(place: &str, strict: bool) -> String {
    let (scheme, rest) = place.split_once("://").map_or(("", place), |(scheme, rest)| (scheme, rest));
    let (authority, path) = match rest.find('/') {
        Some(at) if !scheme.is_empty() => rest.split_at(at),
        None if !scheme.is_empty() => (rest, ""),
        _ => ("", rest),
    };
    let mut clean = String::with_capacity(place.len());
    if !scheme.is_empty() {
        clean.push_str(if strict && scheme.len() > LONGEST_WORD { LEFT_OUT } else { scheme });
        clean.push_str("://");
    }
    let host = match authority.rsplit_once('@') {
        Some((_, host)) => {
            clean.push_str(REDACTED);
            clean.push('@');
            host
        }
        None => authority,
    };
    clean.push_str(if strict && !is_harmless(host) && !is_host(host) { LEFT_OUT } else { host });
    // What has no scheme may be any value, of which only another person's is looked at.
    if strict || !scheme.is_empty() {
        clean.push_str(&self::path(path, strict));
    } else {
        clean.push_str(path);
    }
    clean
}

/// The path with the parts left out that may be secrets. Of one that somebody else wrote, also short parts are looked
/// at: together they may be one.
fn path(path: &str, strict: bool) -> String {
    // A second address, with a password, is in the path where a scheme was written twice.
    let may_have_user = path.contains("//") && !hidden(path, Expected::Url, false).is_empty();
    let is_of_user = |part: &str| may_have_user && part.contains([':', '@', '%']);
    let kind = |part| if is_of_user(part) { Part::Random } else { kind(part) };
    let kinds: Vec<(&str, Part)> = path.split('/').map(|part| (part, kind(part))).collect();
    let odd: usize = kinds.iter().filter(|(_, kind)| *kind == Part::Odd).map(|(part, _)| part.len()).sum();
    let is_shown = |kind| match kind {
        Part::Plain => true,
        Part::Odd => !strict || odd <= MOST_ODD,
        Part::Random => false,
    };
    let parts: Vec<&str> = kinds.into_iter().map(|(part, kind)| if is_shown(kind) { part } else { LEFT_OUT }).collect();
    parts.join("/")
}

/// Characters of a path's parts that are no words and are shown anyway.
const MOST_ODD: usize = 8;

/// What a part of a path looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// An ID, a version, or words.
    Plain,
    /// Too short to be told from a name.
    Odd,
    /// Long and like no name.
    Random,
}

fn kind(part: &str) -> Part {
    // What was left out before counts for nothing, also where it was cut.
    if part.strip_suffix('…').is_some_and(|cut| cut.starts_with('[') && REDACTED.starts_with(cut)) {
        return Part::Plain;
    }
    let part = part.replace(REDACTED, "").replace(LEFT_OUT, "");
    let decoded = Decoded::of(&part);
    let text = decoded.last().map_or(Ok(part.as_str()), std::str::from_utf8);
    match text {
        Ok(text) if is_guid(text) || text.split(['-', '.', '_', '~', ' ', ':', '/']).all(is_word) => Part::Plain,
        Ok(text) if is_harmless(text) && text.len() > LONGEST_WORD || is_keyed(text) => Part::Plain,
        Ok(text) if text.len() <= LONGEST_WORD => Part::Odd,
        _ => Part::Random,
    }
}

/// Letters, and a number behind them or alone: `api`, `v2`, `oauth2`, `20260101`.
fn is_word(word: &str) -> bool {
    let number = word.trim_start_matches(|character: char| character.is_ascii_alphabetic());
    let letters = word.len() - number.len();
    letters <= 16
        && number.len() <= if letters == 0 { 12 } else { 4 }
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// A collection with the ID of one member, as OData writes it: `servicePrincipals(appId='…')`.
fn is_keyed(text: &str) -> bool {
    let keyed = text.strip_suffix("')").and_then(|text| text.split_once('('));
    keyed.and_then(|(collection, key)| Some((collection, key.split_once('\'')?))).is_some_and(
        |(collection, (name, id))| is_harmless(collection) && is_word(name.trim_end_matches('=')) && is_guid(id),
    )
}

/// A query with the values left out that may be secrets.
fn query(query: &str, depth: usize) -> String {
    let mut clean = String::with_capacity(query.len());
    for pair in query.split_inclusive(['&', ';']) {
        let bare = pair.trim_end_matches(['&', ';']);
        match bare.split_once('=') {
            Some((name, value)) => {
                let shown_name = if is_harmless(name) { name } else { LEFT_OUT };
                let harmless = value.is_empty() || is_harmless_parameter(name) && is_value(value, depth);
                clean.push_str(shown_name);
                clean.push('=');
                clean.push_str(if harmless { value } else { REDACTED });
            }
            None if is_harmless(bare) => clean.push_str(bare),
            None => clean.push_str(REDACTED),
        }
        clean.push_str(pair.get(bare.len()..).unwrap_or_default());
    }
    clean
}

/// Whether the value of a harmless parameter looks as such values do.
fn is_value(value: &str, depth: usize) -> bool {
    let decoded = url::form_urlencoded::parse(format!("v={value}").as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default();
    if !hidden(&decoded, Expected::Text, false).is_empty() {
        return false;
    }
    decoded.split([' ', ',']).all(|part| {
        is_harmless(part)
            || is_guid(part)
            || depth < DEEPEST
                && (part.contains("://") || part.starts_with('/'))
                && shown(part, true, depth + 1) == part
            || part.split(['(', ')', '\'']).all(is_harmless)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

    #[test]
    fn values_of_a_query_are_shown_only_where_they_are_harmless() {
        for (address, shown) in [
            ("https://app2/api?code=abc&x=1", "https://app2/api?code=[redacted]&x=[redacted]"),
            (
                "https://app2/api?api-version=2016-10-01&sig=A%2Bb&sv=1.0",
                "https://app2/api?api-version=2016-10-01&sig=[redacted]&sv=1.0",
            ),
            ("https://u:p@app2/x", "https://[redacted]@app2/x"),
            ("https://https//u:pw@app2/x", "https://https//[…]/x"),
            ("https://https//u:pw", "https://https//[…]"),
            ("https://app2/x?redirect_uri=https://u:pw", "https://app2/x?redirect_uri=[redacted]"),
            (
                "https://app2/x?redirect_uri=http://localhost:8080/",
                "https://app2/x?redirect_uri=http://localhost:8080/",
            ),
            ("https://app2/x?wsdl#top", "https://app2/x?wsdl#…"),
            ("https://app2/x?api-version=abcdefghijklmnopqrstuvwxyz", "https://app2/x?api-version=[redacted]"),
            ("https://app2/x?abcdefghijklmnopqrstuvwxyz", "https://app2/x?[redacted]"),
        ] {
            assert_eq!(own(address), shown);
        }
        let login = format!(
            "https://login.microsoftonline.com/{ID}/oauth2/v2.0/authorize?client_id={ID}&\
             redirect_uri=https%3A%2F%2Fapp2.azurewebsites.net%2F.auth%2Flogin%2Faad%2Fcallback&\
             nonce=0123456789abcdef0123&scope=openid+profile+email"
        );
        let shown = own(&login);
        assert!(shown.contains(&format!("client_id={ID}")) && shown.contains("nonce=[redacted]"), "{shown}");
        assert!(shown.contains("%2Fcallback&") && shown.ends_with("scope=openid+profile+email"), "{shown}");
        let nested = own("https://app2/x?redirect_uri=https%3A%2F%2Fother%2Fx%3Fcode%3Dabc");
        assert_eq!(nested, "https://app2/x?redirect_uri=[redacted]");
    }

    #[test]
    fn keys_are_left_out_and_the_rest_stays_as_it_is() {
        for (address, keyless) in [
            ("https://app2/api?code=abc&x=a%20b", "https://app2/api?x=a%20b"),
            (
                "https://app2/api?api-version=1&sp=%2Ft%2Frun&sv=1.0&sig=AbC",
                "https://app2/api?api-version=1&sp=%2Ft%2Frun&sv=1.0",
            ),
            ("https://app2/api?code=abc", "https://app2/api"),
            (
                "https://app2/api?page=2&id=0f8fad5b-d9cb-469f-a165-70867728950e",
                "https://app2/api?page=2&id=0f8fad5b-d9cb-469f-a165-70867728950e",
            ),
            ("https://app2/api?x=A1b2C3d4E5f6&wsdl", "https://app2/api?wsdl"),
            ("https://app2/api", "https://app2/api"),
        ] {
            assert_eq!(without_keys(&url::Url::parse(address).unwrap()).as_str(), keyless);
        }
    }

    #[test]
    fn the_id_of_a_member_is_shown_as_odata_writes_it() {
        let plain =
            |path: String| assert_eq!(own(&format!("https://graph/v1.0/{path}")), format!("https://graph/v1.0/{path}"));
        plain(format!("servicePrincipals(appId='{ID}')/appRoles"));
        plain(format!("applications('{ID}')"));
        let key = "abcdefghijklmnopqrstuvwxyz012345";
        assert_eq!(own(&format!("https://graph/v1.0/x(key='{key}')")), "https://graph/v1.0/[…]");
    }

    #[test]
    fn a_foreign_path_shows_no_long_part() {
        assert_eq!(
            foreign(&format!("https://app2/subscriptions/{ID}/reset/abcdefghijklmnopqrstuvwxyz/x")).unwrap(),
            format!("https://app2/subscriptions/{ID}/reset/[…]/x")
        );
        assert_eq!(foreign("/a-long-name-of-several-short-words/x").unwrap(), "/a-long-name-of-several-short-words/x");
        assert_eq!(foreign("mailto:x"), None);
    }
}
