//! The URLs that are called: App 2's, and those of endpoints.

use url::Url;

use crate::case::network::is_loopback;
use crate::case::quote;
use crate::case::resource::{is_guid, well_known};
use crate::case::target_kind::TargetKind;
use crate::case::text::with_ascii_host;
use crate::case::url_password::{Expected, hidden};

/// Why a text isn't the URL that is needed, and what to give instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// App 2's resource ID.
    #[error("this is a resource ID for --target-resource-id; here, enter the URL that App 1 calls")]
    ResourceId,
    /// A GUID.
    #[error("this is an ID; App 2's client ID is for --resource; here, enter the URL that App 1 calls")]
    Id,
    /// An Application ID URI.
    #[error("this is an Application ID URI for --resource; here, enter the URL that App 1 calls")]
    ApplicationIdUri,
    /// The name of a file.
    #[error("this looks like a file, not a URL; use `easyauth-doctor open FILE` for a saved case")]
    File,
    /// A URL of Microsoft's that is no app.
    #[error(
        "{host} ({service}) isn't App 2; here, enter the URL that App 1 calls, such as \
         https://app2.azurewebsites.net/api/hello"
    )]
    NeverCalled {
        /// Its host.
        host: String,
        /// The service.
        service: &'static str,
    },
    /// An endpoint with more than a base URL.
    #[error("an endpoint's URL can't have a query or a fragment")]
    QueryOrFragment,
    /// A word that can be no host.
    #[error("not a host name; use a URL such as https://login.microsoftonline.com")]
    NoHostName,
    /// A line break, for one.
    #[error("the URL contains a line break, a tab, or another control character; remove it")]
    ControlCharacter,
    /// A space in a text without a scheme.
    #[error("not a URL: it contains a space")]
    Space,
    /// No scheme.
    #[error("not a complete URL; {}", match .suggestion {
        Some(url) => format!("use {url}"),
        None => "begin it with https:// and the host name".to_owned(),
    })]
    NotComplete {
        /// The same with a scheme, where it may be shown.
        suggestion: Option<String>,
    },
    /// Anything else that doesn't parse.
    #[error("not a URL: {0}")]
    NotAUrl(url::ParseError),
    /// A user name or a password.
    #[error("the URL must not contain a user name or password; remove the part before the @")]
    Credentials,
    /// `http` to another machine.
    #[error("http is allowed only for loopback hosts, because the token would be sent unencrypted; use https://")]
    Plaintext,
    /// Any other scheme.
    #[error("only https URLs are supported (and http for loopback hosts); use https://")]
    Scheme,
    /// No host.
    #[error("the URL has no host")]
    NoHost,
    /// A secret where the host belongs.
    #[error("the host looks like a token or a key; nothing was looked up")]
    SecretAsHost,
}

/// The URL to call. A host name with or without a path is taken as `https`.
///
/// # Errors
/// Not a URL; another scheme than `https`; `http` to another host than a loopback one; credentials in it.
pub fn target(text: &str) -> Result<String, AddressError> {
    let mut url = match without_quotes(text) {
        text if text.starts_with("/subscriptions/") => return Err(AddressError::ResourceId),
        text if is_guid(text) => return Err(AddressError::Id),
        text => match host_first(text) {
            Some(host) if is_file_name(host) => return Err(AddressError::File),
            Some(_) => web_address(&format!("https://{text}"))?,
            None => web_address(text)?,
        },
    };
    url.set_fragment(None);
    if let Some((host, service)) = service_of(&url).filter(|(_, service)| NEVER_CALLED.contains(service)) {
        return Err(AddressError::NeverCalled { host: host.to_owned(), service });
    }
    Ok(url.to_string())
}

/// The text without the quotation marks around it, which cmd.exe passes on, and which are copied from code and mails.
fn without_quotes(text: &str) -> &str {
    let text = text.trim();
    let inner = |(start, end)| text.strip_prefix(start)?.strip_suffix(end);
    [('\'', '\''), ('"', '"'), ('<', '>')].into_iter().find_map(inner).unwrap_or(text).trim()
}

/// Microsoft's services that no app is: their URLs are pasted by mistake.
const NEVER_CALLED: [&str; 6] = [
    "Azure portal",
    "Microsoft Entra admin center",
    "Microsoft identity platform",
    "Microsoft Graph",
    "Azure AD Graph",
    "Azure Resource Manager",
];

/// The host of a URL, and the service of Microsoft's that it belongs to.
fn service_of(url: &Url) -> Option<(&str, &'static str)> {
    let host = url.host_str().filter(|_| !is_loopback(url))?;
    Some((host, well_known::api(host)?))
}

/// What the host of App 2's URL is, where it may not be App 2's: an app's Kudu site, or a service of Microsoft's.
#[must_use]
pub fn about_target(text: &str) -> Option<String> {
    let url = Url::parse(&target(text).ok()?).ok()?;
    if let Some((host, service)) = service_of(&url) {
        return Some(format!(
            "{host} ({service}) isn't protected by Easy Auth; App 2's URL is the one that App 1's code calls"
        ));
    }
    let host = url.host_str()?;
    TargetKind::by_host(host)?;
    let app: Vec<&str> = host.split('.').filter(|label| *label != "scm").collect();
    let app = app.join(".");
    (app.len() < host.len()).then(|| {
        format!("{host} is the app's Kudu site, which has its own sign-in; the app itself is at https://{app}")
    })
}

/// The base URL of an endpoint.
///
/// # Errors
/// As [`target`]; also a query.
pub fn endpoint(text: &str) -> Result<String, AddressError> {
    let url = web_address(text)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(AddressError::QueryOrFragment);
    }
    Ok(url.to_string().trim_end_matches('/').to_owned())
}

/// Entra's base URL. A bare host name is taken as `https`, as Microsoft's SDKs take `AZURE_AUTHORITY_HOST`.
///
/// # Errors
/// As [`endpoint`].
pub fn authority(text: &str) -> Result<String, AddressError> {
    let text = text.trim();
    if text.contains("://") {
        return endpoint(text);
    }
    // A word without a dot may be anything, a secret too, and would be looked up as a name.
    let is_host = text.contains(['.', ':']) || text.eq_ignore_ascii_case("localhost");
    if !is_host {
        return Err(AddressError::NoHostName);
    }
    endpoint(&format!("https://{text}"))
}

/// The host name that an address without a scheme begins with. A word without a dot may be anything, a secret too.
fn host_first(text: &str) -> Option<&str> {
    if text.contains("://") {
        return None;
    }
    let end = text.find(['/', '?', '#']).unwrap_or(text.len());
    let host = text.get(..end)?;
    let (name, port) = host.split_once(':').unwrap_or((host, "443"));
    let last = name.rsplit_once('.')?.1;
    // The last label of a name isn't a number: this is none of the loopback addresses, whose scheme must be written.
    let is_name = last.chars().all(|letter| letter.is_ascii_alphabetic()) && last.len() > 1;
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.');
    let is_port = !port.is_empty() && port.chars().all(|digit| digit.is_ascii_digit());
    (is_name && is_port && name.chars().all(plain)).then_some(host)
}

/// Whether a word with a dot is rather the name of a file that this program reads or writes.
fn is_file_name(word: &str) -> bool {
    let extension = word.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    extension.is_some_and(|extension| {
        ["json", "toml", "txt", "log", "env", "jwt", "pem", "pfx", "xml", "html", "exe"].contains(&extension.as_str())
    })
}

fn web_address(text: &str) -> Result<Url, AddressError> {
    let text = text.trim();
    // The URL standard drops line breaks and tabs, and a host that goes on behind one would be another.
    if text.chars().any(char::is_control) {
        return Err(AddressError::ControlCharacter);
    }
    let url = Url::parse(&with_ascii_host(text)).map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase | url::ParseError::IdnaError if text.contains(char::is_whitespace) => {
            AddressError::Space
        }
        url::ParseError::RelativeUrlWithoutBase => {
            let rest = quote::shown(text.trim_start_matches('/'));
            let scheme = |rest: &str| if rest.starts_with("127.") { "http" } else { "https" };
            let rest = rest.filter(|rest| rest.contains('.'));
            AddressError::NotComplete { suggestion: rest.map(|rest| format!("{}://{rest}", scheme(&rest))) }
        }
        _ if text.contains('@') && !hidden(text, Expected::Url, false).is_empty() => AddressError::Credentials,
        other => AddressError::NotAUrl(other),
    })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(AddressError::Credentials);
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return Err(AddressError::Plaintext),
        "api" => return Err(AddressError::ApplicationIdUri),
        _ => return Err(AddressError::Scheme),
    }
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(AddressError::NoHost)?;
    // The parser writes hosts in lower case.
    if host.starts_with("eyj") || host.split('.').any(|label| label.len() > 63) {
        return Err(AddressError::SecretAsHost);
    }
    Ok(url)
}
