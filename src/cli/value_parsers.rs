//! The forms of single values. Each parser says what is wrong and what to give instead; the caller quotes the value.

use url::{Host, Url};

use crate::case::assume::Assumption;
use crate::case::ids::{ClientId, ObjectId, TenantId, wrapped_guid};
use crate::case::inputs::{Cloud, CredentialKind, IdentitySelector};
use crate::case::quote;
use crate::case::resource::{is_guid, well_known};
use crate::case::resource_id::{Parts, ResourceId};
use crate::case::secret::Secret;
use crate::case::target_kind::TargetKind;
use crate::case::text::with_ascii_host;

/// A header of the final call.
pub type Header = (String, Secret<String>);

/// Any text, taken into hiding at once: a header may contain a key, and clap would quote it.
///
/// # Errors
/// None; clap requires the signature.
pub fn hidden(text: &str) -> Result<Secret<String>, std::convert::Infallible> {
    Ok(Secret::new(text.to_owned()))
}

/// The URL to call. A host name with or without a path is taken as `https`.
///
/// # Errors
/// Not a URL; another scheme than `https`; `http` to another host than a loopback one; credentials in it.
pub fn target(text: &str) -> Result<String, String> {
    let id = match text.trim() {
        text if text.starts_with("/subscriptions/") => Some("a resource ID for --target-resource-id"),
        text if is_guid(text) => Some("an ID; App 2's client ID is for --resource"),
        _ => None,
    };
    if let Some(id) = id {
        return Err(format!("this is {id}; here, enter the URL that App 1 calls"));
    }
    let mut url = match host_first(text.trim()) {
        Some(host) if is_file_name(host) => {
            return Err(
                "this looks like a file, not a URL; use `easyauth-doctor open FILE` for a saved case".to_owned()
            );
        }
        Some(_) => web_address(&format!("https://{}", text.trim()))?,
        None => web_address(text)?,
    };
    url.set_fragment(None);
    if let Some((host, service)) = service_of(&url).filter(|(_, service)| NEVER_CALLED.contains(service)) {
        return Err(format!(
            "{host} ({service}) isn't App 2; here, enter the URL that App 1 calls, such as \
             https://app2.azurewebsites.net/api/hello"
        ));
    }
    Ok(url.to_string())
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
pub fn endpoint(text: &str) -> Result<String, String> {
    let url = web_address(text)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err("an endpoint's URL can't have a query or a fragment".to_owned());
    }
    Ok(url.to_string().trim_end_matches('/').to_owned())
}

/// Entra's base URL. A bare host name is taken as `https`, as Microsoft's SDKs take `AZURE_AUTHORITY_HOST`.
///
/// # Errors
/// As [`endpoint`].
pub fn authority(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.contains("://") {
        return endpoint(text);
    }
    // A word without a dot may be anything, a secret too, and would be looked up as a name.
    let is_host = text.contains(['.', ':']) || text.eq_ignore_ascii_case("localhost");
    if !is_host {
        return Err("not a host name; use a URL such as https://login.microsoftonline.com".to_owned());
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

fn web_address(text: &str) -> Result<Url, String> {
    let text = text.trim();
    // The URL standard drops line breaks and tabs, and a host that goes on behind one would be another.
    if text.chars().any(char::is_control) {
        return Err("the URL contains a line break, a tab, or another control character; remove it".to_owned());
    }
    let url = Url::parse(&with_ascii_host(text)).map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase if text.contains(char::is_whitespace) => {
            "not a URL: it contains a space".to_owned()
        }
        url::ParseError::RelativeUrlWithoutBase => match quote::shown(text.trim_start_matches('/')) {
            Some(rest) if rest.starts_with("127.") => format!("not a complete URL; use http://{rest}"),
            Some(rest) if rest.contains('.') => format!("not a complete URL; use https://{rest}"),
            _ => "not a complete URL; begin it with https:// and the host name".to_owned(),
        },
        other => format!("not a URL: {other}"),
    })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the URL must not contain a user name or password; remove the part before the @".to_owned());
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => {
            return Err(
                "http is allowed only for loopback hosts, because the token would be sent unencrypted; use https://"
                    .to_owned(),
            );
        }
        "api" => {
            return Err("this is an Application ID URI for --resource; here, enter the URL that App 1 calls".to_owned());
        }
        _ => return Err("only https URLs are supported (and http for loopback hosts); use https://".to_owned()),
    }
    let Some(host) = url.host_str().filter(|host| !host.is_empty()) else {
        return Err("the URL has no host".to_owned());
    };
    // The parser writes hosts in lower case.
    if host.starts_with("eyj") || host.split('.').any(|label| label.len() > 63) {
        return Err("the host looks like a token or a key; nothing was looked up".to_owned());
    }
    Ok(url)
}

/// Whether the URL's host is this machine by its address or name alone.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

/// Bytes of the longest resource: Entra takes 255 characters, and a scope's name may follow.
const LONGEST_RESOURCE: usize = 1024;

/// App 2's Application ID URI, client ID or scope. A suffix added by mistake (`/.default`, a scope name) is
/// accepted here and reported by the step `scope`.
///
/// # Errors
/// White space inside, or control characters.
pub fn resource(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("use App 2's Application ID URI (api://…) or its client ID".to_owned());
    }
    if text.starts_with("/subscriptions/") {
        return Err(
            "this is a resource ID for --target-resource-id; here, enter App 2's Application ID URI (api://…) or its \
             client ID"
                .to_owned(),
        );
    }
    if text.len() > LONGEST_RESOURCE {
        return Err(format!(
            "this has {} characters, more than any Application ID URI; use App 2's Application ID URI (api://…) or \
             its client ID",
            text.chars().count()
        ));
    }
    if is_token(text) {
        return Err(
            "this looks like an access token; use App 2's Application ID URI (api://…) or its client ID, and pass \
             tokens with --token-file"
                .to_owned(),
        );
    }
    if text.chars().any(char::is_control) || text.split_whitespace().count() > 1 {
        return Err(
            "a resource can't contain white space or control characters; use one Application ID URI or client \
             ID"
            .to_owned(),
        );
    }
    if let Ok(url) = Url::parse(text)
        && (url.query().is_some() || !url.username().is_empty() || url.password().is_some())
    {
        return Err("an Application ID URI can't contain a user name, password, or query; remove them".to_owned());
    }
    Ok(text.to_owned())
}

/// Whether a text begins as every JWT does: a base64url object with a dot behind it.
fn is_token(text: &str) -> bool {
    text.starts_with("eyJ") && text.contains('.')
}

/// A timeout in seconds.
///
/// # Errors
/// Anything but a whole number from 1 to 300.
pub fn timeout(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(seconds @ 1..=300) => Ok(seconds),
        _ => Err("must be a whole number of seconds, 1 to 300".to_owned()),
    }
}

/// A GUID.
///
/// # Errors
/// Anything else.
pub fn guid(text: &str) -> Result<String, String> {
    let text = text.trim();
    if is_guid(text) {
        Ok(text.to_lowercase())
    } else if let Some(inner) = wrapped_guid(text) {
        Err(format!("a GUID in braces or quotation marks; enter {inner}"))
    } else {
        Err("not a GUID such as 0f8fad5b-d9cb-469f-a165-70867728950e".to_owned())
    }
}

/// A client ID.
///
/// # Errors
/// Anything but a GUID.
pub fn client_id(text: &str) -> Result<ClientId, String> {
    guid(text).map(ClientId::new)
}

/// A tenant: a GUID or a domain.
///
/// # Errors
/// Anything else, also `common` and its like, which name no tenant.
pub fn tenant(text: &str) -> Result<TenantId, String> {
    let text = text.trim();
    if ["common", "organizations", "consumers"].contains(&text.to_lowercase().as_str()) {
        return Err("this isn't a specific tenant, which app-only tokens require; use the tenant's GUID or \
         domain"
            .to_owned());
    }
    // A token has dots, too; its parts are longer than a domain's, and the last one is no top-level domain.
    let is_domain = text.contains('.')
        && !is_token(text)
        && text.rsplit('.').next().is_some_and(is_top_level)
        && text.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.chars().all(|character| character.is_ascii_alphanumeric() || character == '-')
        });
    if is_guid(text) || is_domain {
        Ok(TenantId::new(text))
    } else {
        Err("not a tenant; use its GUID or a domain such as contoso.onmicrosoft.com".to_owned())
    }
}

/// Whether a label can be a top-level domain: letters, or their encoding.
fn is_top_level(label: &str) -> bool {
    label.to_ascii_lowercase().starts_with("xn--") || label.chars().all(|character| character.is_ascii_alphabetic())
}

/// Which managed identity.
///
/// # Errors
/// An unknown selector, or an invalid ID.
pub fn identity(text: &str) -> Result<IdentitySelector, String> {
    const FORMS: &str = "use auto, system, client-id:GUID, object-id:GUID, or resource-id:/subscriptions/…";
    let text = text.trim();
    match text.split_once(':') {
        None if text == "auto" => Ok(IdentitySelector::Auto),
        None if text == "system" => Ok(IdentitySelector::System),
        None if is_guid(text) => Err(format!(
            "specify which ID this is: client-id:{text} (application ID) or object-id:{text} (principal ID)"
        )),
        Some(("client-id", id)) => client_id(id).map(IdentitySelector::ClientId),
        Some(("object-id" | "principal-id", id)) => guid(id).map(|id| IdentitySelector::ObjectId(ObjectId::new(id))),
        Some(("resource-id", id)) => identity_id(id).map(IdentitySelector::ResourceId),
        None if text.starts_with("/subscriptions/") => {
            let id = quote::shown(text).unwrap_or_else(|| "/subscriptions/…".to_owned());
            Err(format!("use resource-id:{id}"))
        }
        _ => Err(FORMS.to_owned()),
    }
}

fn identity_id(text: &str) -> Result<ResourceId, String> {
    let id = arm_id(text);
    if has_subscription(id.user_assigned_identity()) {
        return Ok(id);
    }
    Err("not the resource ID of a user-assigned identity: /subscriptions/GUID/resourceGroups/NAME/providers/\
         Microsoft.ManagedIdentity/userAssignedIdentities/NAME"
        .to_owned())
}

/// App 2's ARM ID.
///
/// # Errors
/// Anything that is not the id of a site or a slot of one.
pub fn site_id(text: &str) -> Result<ResourceId, String> {
    let id = arm_id(text);
    if has_subscription(id.app()) {
        return Ok(id);
    }
    Err("not the resource ID of a web app, function app, or container app: /subscriptions/GUID/resourceGroups/NAME/\
         providers/Microsoft.Web/sites/NAME[/slots/NAME] or …/Microsoft.App/containerApps/NAME (az webapp show or \
         az containerapp show, with --query id)"
        .to_owned())
}

fn arm_id(text: &str) -> ResourceId {
    ResourceId::new(text.trim().trim_end_matches('/'))
}

fn has_subscription(parts: Option<Parts<'_>>) -> bool {
    parts.and_then(|parts| parts.subscription).is_some_and(is_guid)
}

/// The cloud.
///
/// # Errors
/// An unknown name.
pub fn cloud(text: &str) -> Result<Cloud, String> {
    let wanted = text.trim();
    let known = Cloud::ALL.into_iter().find(|cloud| cloud.name().eq_ignore_ascii_case(wanted));
    known.ok_or_else(|| "unknown cloud; use public, usgov, or china".to_owned())
}

/// The kind of credential.
///
/// # Errors
/// An unknown name.
pub fn credential(text: &str) -> Result<CredentialKind, String> {
    CredentialKind::ALL.into_iter().find(|kind| kind.name() == text.trim()).ok_or_else(|| {
        format!("unknown credential; use one of {}", CredentialKind::ALL.map(CredentialKind::name).join(", "))
    })
}

/// The common methods, which may be typed in any case.
const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"];

/// The method of the final call: any token (RFC 9110, 5.6.2). A common one is in upper case.
///
/// # Errors
/// Not a method, or one that must not carry a token.
pub fn method(text: &str) -> Result<String, String> {
    const MARKS: &str = "!#$%&'*+.^`|~";
    if text.chars().any(char::is_control) {
        return Err("a method can't contain control characters".to_owned());
    }
    let method = text.trim();
    let upper = method.to_ascii_uppercase();
    if matches!(upper.as_str(), "TRACE" | "CONNECT") {
        return Err(
            "TRACE would return the token in the response, and CONNECT opens a tunnel; use another method".to_owned()
        );
    }
    if METHODS.contains(&&*upper) {
        return Ok(upper);
    }
    // What was typed into a field that had a method already.
    let is_common = |name: &str| METHODS.contains(&name);
    if METHODS.iter().any(|known| upper.strip_prefix(known).is_some_and(is_common)) {
        return Err("two methods; enter one".to_owned());
    }
    let words: String = method.chars().filter(|character| !MARKS.contains(*character)).collect();
    let is_token = words.chars().all(|character| character.is_ascii_alphanumeric() || "-_".contains(character));
    // A secret in the wrong place is a token as well.
    if method.is_empty() || !is_token || quote::shown(&words).is_none() {
        return Err("not an HTTP method such as GET or POST".to_owned());
    }
    Ok(method.to_owned())
}

/// A header of the final call, `Name: value`.
///
/// # Errors
/// No colon, a name that is none, or a header that the program itself must set.
pub fn header(text: &str) -> Result<Header, String> {
    let (name, value) = text
        .split_once(':')
        .ok_or_else(|| "a header must have the form 'Name: value', but there is no colon".to_owned())?;
    let name = name.trim();
    let is_token = |character: char| character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character);
    if name.is_empty() || !name.chars().all(is_token) {
        return Err("the text before the colon isn't a header name".to_owned());
    }
    if value.chars().any(|character| character.is_control() && character != '\t') {
        return Err("the header's value has control characters in it".to_owned());
    }
    match name.to_lowercase().as_str() {
        "authorization" => {
            Err("Authorization is set by the program; to use a token of your own, specify --token-file FILE".to_owned())
        }
        "host" | "content-length" | "transfer-encoding" | "connection" => {
            Err(format!("{name} is set by the program and can't be specified"))
        }
        _ => Ok((name.to_owned(), Secret::new(value.trim().to_owned()))),
    }
}

/// A change to evaluate as if it were made.
///
/// # Errors
/// Not `name=value`, `name+=value` or `name-=value` with a known name and a value.
pub fn assumption(text: &str) -> Result<String, String> {
    Assumption::parse(text).map(|_| text.trim().to_owned()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;
