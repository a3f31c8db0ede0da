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

/// Reads an endpoint's variable as an address.
pub(super) fn endpoint(environment: &Environment, name: &str) -> Result<Url, String> {
    let text = environment.text(name).ok_or_else(|| format!("{name} is not set"))?;
    let shown = quote::value(text);
    let url = Url::parse(text).map_err(|error| format!("{name} {shown} is not a URL ({error})"))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(format!("{name} {shown} is not an http address"));
    }
    // The endpoint is on the machine or link-local; a name elsewhere must not get the identity header in the open.
    let local = is_loopback(&url)
        || matches!(url.host(), Some(url::Host::Ipv4(address)) if address.is_link_local() || address.is_private())
        || matches!(url.host(), Some(url::Host::Ipv6(address)) if address.is_unique_local() || address.is_unicast_link_local());
    if url.scheme() == "http" && !local {
        return Err(format!(
            "{name} {shown} is plain http to another machine; an identity endpoint is on this machine or link-local"
        ));
    }
    Ok(url)
}

/// Marks a request as one that never meets a proxy.
pub(super) fn direct(request: Request) -> Request {
    request.way(Way::Direct)
}
