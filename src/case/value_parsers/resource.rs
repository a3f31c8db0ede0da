//! What a token is requested for.

use url::Url;

use crate::case::url_password::{Expected, hidden};

/// Why a text is no resource, and what to give instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ResourceError {
    /// Nothing.
    #[error("use App 2's Application ID URI (api://…) or its client ID")]
    Empty,
    /// App 2's resource ID.
    #[error(
        "this is a resource ID for --target-resource-id; here, enter App 2's Application ID URI (api://…) or its \
         client ID"
    )]
    ResourceId,
    /// More than Entra takes.
    #[error(
        "this has {count} characters, more than any Application ID URI; use App 2's Application ID URI (api://…) or \
         its client ID"
    )]
    TooLong {
        /// Its characters.
        count: usize,
    },
    /// An access token.
    #[error(
        "this looks like an access token; use App 2's Application ID URI (api://…) or its client ID, and pass tokens \
         with --token-file"
    )]
    Token,
    /// White space inside, or control characters.
    #[error("a resource can't contain white space or control characters; use one Application ID URI or client ID")]
    Space,
    /// A URL with more than an Application ID URI has.
    #[error("an Application ID URI can't contain a user name, password, or query; remove them")]
    CredentialsOrQuery,
}

/// Bytes of the longest resource: Entra takes 255 characters, and a scope's name may follow.
const LONGEST_RESOURCE: usize = 1024;

/// App 2's Application ID URI, client ID or scope. A suffix added by mistake (`/.default`, a scope name) is
/// accepted here and reported by the step `scope`.
///
/// # Errors
/// White space inside, or control characters.
pub fn resource(text: &str) -> Result<String, ResourceError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(ResourceError::Empty);
    }
    if text.starts_with("/subscriptions/") {
        return Err(ResourceError::ResourceId);
    }
    if text.len() > LONGEST_RESOURCE {
        return Err(ResourceError::TooLong { count: text.chars().count() });
    }
    if is_token(text) {
        return Err(ResourceError::Token);
    }
    if text.chars().any(char::is_control) || text.split_whitespace().count() > 1 {
        return Err(ResourceError::Space);
    }
    if let Ok(url) = Url::parse(text)
        && (url.query().is_some() || !url.username().is_empty() || url.password().is_some())
    {
        return Err(ResourceError::CredentialsOrQuery);
    }
    // What follows the host of a URL can be part of a password, which its parser takes for something else.
    let is_web = ["https:", "http:"].iter().any(|scheme| starts_with(text, scheme));
    if (is_web || text.contains('@')) && !hidden(text, Expected::ApplicationIdUri, false).is_empty() {
        return Err(ResourceError::CredentialsOrQuery);
    }
    Ok(text.to_owned())
}

fn starts_with(text: &str, scheme: &str) -> bool {
    text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
}

/// Whether a text begins as every JWT does: a base64url object with a dot behind it.
pub(super) fn is_token(text: &str) -> bool {
    text.starts_with("eyJ") && text.contains('.')
}
