//! The forms of single values. Each parser says what is wrong and what to give instead; the caller quotes the value.

use url::{Host, Url};

use crate::case::assume::Assumption;
use crate::case::inputs::{Cloud, CredentialKind, IdentitySelector};
use crate::case::resource::is_guid;
use crate::case::secret::Secret;

/// A header of the final call.
pub type Header = (String, Secret<String>);

/// Any text, taken into hiding at once: a header may hold a key, and clap would quote it.
///
/// # Errors
/// None; clap wants the form.
pub fn hidden(text: &str) -> Result<Secret<String>, std::convert::Infallible> {
    Ok(Secret::new(text.to_owned()))
}

/// The URL to call.
///
/// # Errors
/// Not a URL; another scheme than `https`; `http` to another host than a loopback one; credentials in it.
pub fn target(text: &str) -> Result<String, String> {
    let mut url = web_address(text)?;
    url.set_fragment(None);
    Ok(url.to_string())
}

/// The base URL of an endpoint.
///
/// # Errors
/// As [`target`]; also a query.
pub fn endpoint(text: &str) -> Result<String, String> {
    let url = web_address(text)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err("an endpoint's address has neither a query nor a fragment".to_owned());
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
        endpoint(text)
    } else {
        endpoint(&format!("https://{text}"))
    }
}

fn web_address(text: &str) -> Result<Url, String> {
    let text = text.trim();
    let url = Url::parse(text).map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase => {
            format!("not a whole URL; write https://{}", text.trim_start_matches('/'))
        }
        other => format!("not a URL: {other}"),
    })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "a URL with a user name or password in it is not accepted; take out what stands before the @".to_owned(),
        );
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => {
            return Err(
                "plain http is accepted for loopback hosts only, for a token would be readable on the way; \
                        write https://"
                    .to_owned(),
            );
        }
        other => {
            return Err(format!(
                "the scheme {other}: is not one that can be called; write https://"
            ));
        }
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("the URL has no host".to_owned());
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

/// App 2's Application ID URI, client id or scope. What stands on it by mistake (`/.default`, a scope's name) is
/// accepted here and told by the step `scope`.
///
/// # Errors
/// White space inside, or control characters.
pub fn resource(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("give App 2's Application ID URI (api://…) or its client id".to_owned());
    }
    if text.chars().any(char::is_control) || text.split_whitespace().count() > 1 {
        return Err(
            "a resource has no white space or control characters; give one Application ID URI or client id".to_owned(),
        );
    }
    Ok(text.to_owned())
}

/// A GUID.
///
/// # Errors
/// Anything else.
pub fn guid(text: &str) -> Result<String, String> {
    let text = text.trim();
    if is_guid(text) {
        Ok(text.to_lowercase())
    } else {
        Err("not a GUID such as 0f8fad5b-d9cb-469f-a165-70867728950e".to_owned())
    }
}

/// A tenant: a GUID or a domain.
///
/// # Errors
/// Anything else, also `common` and its like, which name no tenant.
pub fn tenant(text: &str) -> Result<String, String> {
    let text = text.trim();
    if ["common", "organizations", "consumers"].contains(&text.to_lowercase().as_str()) {
        return Err("this names no tenant, and app-only tokens need one; give the tenant's GUID or domain".to_owned());
    }
    let is_domain = text.contains('.')
        && text.split('.').all(|label| {
            !label.is_empty()
                && label
                    .chars()
                    .all(|character| character.is_ascii_alphanumeric() || character == '-')
        });
    if is_guid(text) || is_domain {
        Ok(text.to_owned())
    } else {
        Err("not a tenant: give its GUID or a domain such as contoso.onmicrosoft.com".to_owned())
    }
}

/// Which managed identity.
///
/// # Errors
/// An unknown selector, or an id that has not its form.
pub fn identity(text: &str) -> Result<IdentitySelector, String> {
    const FORMS: &str = "give auto, system, client-id:GUID, object-id:GUID or resource-id:/subscriptions/…";
    let text = text.trim();
    match text.split_once(':') {
        None if text == "auto" => Ok(IdentitySelector::Auto),
        None if text == "system" => Ok(IdentitySelector::System),
        None if is_guid(text) => Err(format!(
            "say which id this is: client-id:{text} (Application ID) or object-id:{text} (Principal ID)"
        )),
        Some(("client-id", id)) => guid(id).map(IdentitySelector::ClientId),
        Some(("object-id" | "principal-id", id)) => guid(id).map(IdentitySelector::ObjectId),
        Some(("resource-id", id)) => identity_id(id).map(IdentitySelector::ResourceId),
        None if text.starts_with("/subscriptions/") => Err(format!("write resource-id:{text}")),
        _ => Err(FORMS.to_owned()),
    }
}

fn identity_id(text: &str) -> Result<String, String> {
    arm_id(text, "/providers/microsoft.managedidentity/userassignedidentities/").ok_or_else(|| {
        "not the ARM id of a user-assigned identity, which is /subscriptions/GUID/resourceGroups/NAME/providers/\
         Microsoft.ManagedIdentity/userAssignedIdentities/NAME"
            .to_owned()
    })
}

/// App 2's ARM id.
///
/// # Errors
/// Anything that is not the id of a site, a slot of one, or a static web app.
pub fn site_id(text: &str) -> Result<String, String> {
    arm_id(text, "/providers/microsoft.web/sites/").ok_or_else(|| {
        "not the ARM id of a web or function app, which is /subscriptions/GUID/resourceGroups/NAME/providers/\
         Microsoft.Web/sites/NAME, perhaps with /slots/NAME (az webapp show --query id)"
            .to_owned()
    })
}

/// The id when it is one of this provider's type; `provider` is in lower case.
fn arm_id(text: &str, provider: &str) -> Option<String> {
    let text = text.trim().trim_end_matches('/');
    let lower = text.to_lowercase();
    let rest = lower.strip_prefix("/subscriptions/")?;
    let (subscription, rest) = rest.split_once('/')?;
    let (group, name) = rest.strip_prefix("resourcegroups/")?.split_once(provider)?;
    let whole = is_guid(subscription)
        && !group.is_empty()
        && !group.contains('/')
        && !name.is_empty()
        && !text
            .chars()
            .any(|character| character.is_control() || matches!(character, '?' | '#' | '\\' | '%'))
        && text.split('/').all(|segment| segment != "." && segment != "..");
    whole.then(|| text.to_owned())
}

/// The cloud.
///
/// # Errors
/// An unknown name.
pub fn cloud(text: &str) -> Result<Cloud, String> {
    match text.trim().to_lowercase().as_str() {
        "public" => Ok(Cloud::Public),
        "usgov" => Ok(Cloud::UsGov),
        "china" => Ok(Cloud::China),
        _ => Err("unknown cloud; give public, usgov or china".to_owned()),
    }
}

/// The kind of credential.
///
/// # Errors
/// An unknown name.
pub fn credential(text: &str) -> Result<CredentialKind, String> {
    const ALL: [CredentialKind; 7] = [
        CredentialKind::Auto,
        CredentialKind::ManagedIdentity,
        CredentialKind::ClientSecret,
        CredentialKind::ClientCertificate,
        CredentialKind::WorkloadIdentity,
        CredentialKind::AzureCli,
        CredentialKind::Token,
    ];
    ALL.into_iter().find(|kind| kind.name() == text.trim()).ok_or_else(|| {
        format!(
            "unknown kind of credential; give one of {}",
            ALL.map(CredentialKind::name).join(", ")
        )
    })
}

/// The method of the final call, in upper case.
///
/// # Errors
/// Not a method, or one that must not carry a token.
pub fn method(text: &str) -> Result<String, String> {
    let method = text.trim().to_uppercase();
    if method.is_empty() || method.len() > 32 || !method.chars().all(|character| character.is_ascii_alphabetic()) {
        return Err("not an HTTP method such as GET or POST".to_owned());
    }
    if matches!(method.as_str(), "TRACE" | "CONNECT") {
        return Err(
            "TRACE would send the token back in the answer, and CONNECT opens a tunnel; give another method".to_owned(),
        );
    }
    Ok(method)
}

/// Whether a method changes nothing, so that it is sent without asking.
#[must_use]
pub fn is_safe_method(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS")
}

/// A header of the final call, `Name: value`.
///
/// # Errors
/// No colon, a name that is none, or a header that the program itself must set.
pub fn header(text: &str) -> Result<Header, String> {
    let (name, value) = text
        .split_once(':')
        .ok_or_else(|| "a header is 'Name: value', and here is no colon".to_owned())?;
    let name = name.trim();
    let is_token = |character: char| character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character);
    if name.is_empty() || !name.chars().all(is_token) {
        return Err("what stands before the colon is not a header's name".to_owned());
    }
    if value
        .chars()
        .any(|character| character.is_control() && character != '\t')
    {
        return Err("the header's value has control characters in it".to_owned());
    }
    match name.to_lowercase().as_str() {
        "authorization" => {
            Err("Authorization is set by the program; to use a token of your own, give --token-file FILE".to_owned())
        }
        "host" | "content-length" | "transfer-encoding" | "connection" => {
            Err(format!("{name} is set by the program and cannot be given"))
        }
        _ => Ok((name.to_owned(), Secret::new(value.trim().to_owned()))),
    }
}

/// A change to evaluate as if it were made.
///
/// # Errors
/// Not `name=value`, `name+=value` or `name-=value` with a known name and a value.
pub fn assumption(text: &str) -> Result<String, String> {
    Assumption::parse(text).map(|_| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

    #[test]
    fn only_addresses_that_may_carry_a_token_are_targets() {
        for (text, normal) in [
            ("https://app2.azurewebsites.net", "https://app2.azurewebsites.net/"),
            (" https://a.example/x?y=1#z ", "https://a.example/x?y=1"),
            ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"),
            ("http://[::1]/", "http://[::1]/"),
            ("http://localhost/x", "http://localhost/x"),
        ] {
            assert_eq!(target(text).as_deref(), Ok(normal), "{text}");
        }
        for (text, word) in [
            ("app2.azurewebsites.net/api", "https://app2.azurewebsites.net/api"),
            ("http://app2.azurewebsites.net", "loopback"),
            ("http://localhost.example", "loopback"),
            ("http://127.0.0.1.example/", "loopback"),
            ("https://user:pw@app2.azurewebsites.net", "user name"),
            ("https://app2@evil.example/", "user name"),
            ("ftp://a/b", "ftp"),
            ("file:///etc/passwd", "file"),
            ("https://", "URL"),
            ("https://a b/", "URL"),
            ("http://169.254.169.254/", "loopback"),
        ] {
            let error = target(text).unwrap_err();
            assert!(error.contains(word), "{text}: {error}");
        }
    }

    #[test]
    fn endpoints_lose_their_slash_and_hosts_become_urls() {
        assert_eq!(
            authority("login.microsoftonline.us").as_deref(),
            Ok("https://login.microsoftonline.us")
        );
        assert_eq!(
            endpoint("https://management.azure.com/").as_deref(),
            Ok("https://management.azure.com")
        );
        assert!(endpoint("https://management.azure.com/?x=1").is_err());
        assert!(authority("http://login.microsoftonline.com").is_err());
    }

    #[test]
    fn identities_say_which_id_they_are() {
        assert_eq!(identity("system"), Ok(IdentitySelector::System));
        assert_eq!(
            identity(&format!("client-id:{ID}")),
            Ok(IdentitySelector::ClientId(ID.to_owned()))
        );
        let resource = format!(
            "/subscriptions/{ID}/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/n"
        );
        assert_eq!(
            identity(&format!("resource-id:{resource}")),
            Ok(IdentitySelector::ResourceId(resource.clone()))
        );
        for (text, word) in [
            (ID, "object-id:"),
            (resource.as_str(), "resource-id:"),
            ("client-id:nobody", "GUID"),
            ("user", "system"),
            ("resource-id:/subscriptions/x", "userAssignedIdentities"),
        ] {
            let error = identity(text).unwrap_err();
            assert!(error.contains(word), "{text}: {error}");
        }
    }

    #[test]
    fn arm_ids_cannot_lead_elsewhere() {
        let id = format!("/subscriptions/{ID}/resourceGroups/g/providers/Microsoft.Web/sites/app2");
        assert_eq!(site_id(&format!("{id}/")).as_deref(), Ok(id.as_str()));
        assert!(site_id(&format!("{id}/slots/staging")).is_ok());
        for wrong in [
            "app2".to_owned(),
            format!("{id}?x=1"),
            format!("{id}/../other"),
            format!("/subscriptions/{ID}/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a"),
        ] {
            assert!(site_id(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn headers_that_the_program_sets_are_refused() {
        let (name, value) = header("x-functions-key:  abc ").unwrap();
        assert_eq!((name.as_str(), value.expose().as_str()), ("x-functions-key", "abc"));
        for (text, word) in [
            ("nothing", "colon"),
            (": x", "name"),
            ("a b: c", "name"),
            ("Authorization: Bearer x", "--token-file"),
            ("host: x", "host"),
            ("x: a\r\ny: b", "control"),
        ] {
            let error = header(text).unwrap_err();
            assert!(error.contains(word), "{text}: {error}");
        }
    }

    #[test]
    fn methods_changes_and_tenants_have_their_forms() {
        assert_eq!(method("post").as_deref(), Ok("POST"));
        assert!(method("GE T").is_err() && method("trace").is_err());
        assert!(assumption("allowedAudiences+=api://x").is_ok() && assumption("issuer=https://x").is_ok());
        assert!(assumption("allowedAudiences").is_err() && assumption("nope+=x").is_err());
        assert!(tenant("contoso.onmicrosoft.com").is_ok() && tenant(ID).is_ok());
        assert!(tenant("common").is_err() && tenant("contoso").is_err() && tenant("a/b.c").is_err());
    }

    proptest! {
        #[test]
        fn nothing_panics(text in ".{0,80}") {
            let _ = (target(&text), authority(&text), endpoint(&text), resource(&text), guid(&text), tenant(&text));
            let _ = (identity(&text), site_id(&text), header(&text), method(&text), assumption(&text));
        }
    }
}
