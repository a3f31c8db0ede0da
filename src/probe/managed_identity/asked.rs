//! What a platform's file needs to write its request.

use url::Url;

use crate::case::environment::Environment;
use crate::case::exchange::Purpose;
use crate::case::inputs::IdentitySelector;
use crate::case::quote;
use crate::probe::address::is_loopback;
use crate::probe::http::{Request, Way};

/// What a platform's file needs to write its request.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// App 1's machine.
    pub environment: &'a Environment,
    /// The identity, never `Auto`.
    pub selector: &'a IdentitySelector,
    /// The resource.
    pub resource: &'a str,
    /// Why the token is wanted.
    pub purpose: Purpose,
    /// Whether this is a run on the lab in this very process.
    pub trial: bool,
}

/// Why no request to an identity endpoint can be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// A variable is missing.
    #[error("{0} isn't set")]
    NotSet(&'static str),
    /// A variable is no address.
    #[error("{name} {shown} isn't a URL ({reason})")]
    NotAUrl {
        /// The variable.
        name: &'static str,
        /// Its value, as it may be shown.
        shown: String,
        /// Why not.
        reason: url::ParseError,
    },
    /// A variable is an address within quotation marks, as `docker run --env-file` keeps them.
    #[error("the quotation marks around the URL in {0} are part of the value; set it without them")]
    Quoted(&'static str),
    /// A variable is an address of another kind.
    #[error("{name} {shown} isn't an http URL")]
    NotHttp {
        /// The variable.
        name: &'static str,
        /// Its value, as it may be shown.
        shown: String,
    },
    /// The identity header would cross the network in the open.
    #[error(
        "{name} {shown} is an http URL on another machine; an identity endpoint must be on this machine or \
     link-local"
    )]
    PlainHttp {
        /// The variable.
        name: &'static str,
        /// Its value, as it may be shown.
        shown: String,
    },
    /// The platform selects no identity, or not by this.
    #[error("{reason} ({asked} was selected)")]
    CannotSelect {
        /// What the platform does.
        reason: &'static str,
        /// The identity.
        asked: IdentitySelector,
    },
    /// The platform's own address gives no address with this path.
    #[error(transparent)]
    Address(#[from] url::ParseError),
}

/// Reads an endpoint's variable as an address.
pub(super) fn endpoint(environment: &Environment, name: &'static str) -> Result<Url, RequestError> {
    let text = environment.text(name).ok_or(RequestError::NotSet(name))?;
    let shown = quote::value(text);
    let url = match Url::parse(text) {
        Ok(url) => url,
        Err(_) if text.trim().starts_with(['"', '\'']) => return Err(RequestError::Quoted(name)),
        Err(reason) => return Err(RequestError::NotAUrl { name, shown, reason }),
    };
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(RequestError::NotHttp { name, shown });
    }
    // The endpoint is on the machine or link-local; a name elsewhere must not get the identity header in the open.
    let is_near = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_link_local() || address.is_private(),
        Some(url::Host::Ipv6(address)) => address.is_unique_local() || address.is_unicast_link_local(),
        Some(url::Host::Domain(_)) | None => false,
    };
    let local = is_near || is_loopback(&url);
    if url.scheme() == "http" && !local {
        return Err(RequestError::PlainHttp { name, shown });
    }
    Ok(url)
}

/// Marks a request as one that never meets a proxy.
pub(super) fn direct(request: Request) -> Request {
    request.way(Way::Direct)
}
