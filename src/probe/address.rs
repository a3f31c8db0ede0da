//! What an address may be.

use std::net::IpAddr;
use std::time::Duration;

pub(super) use crate::case::network::is_loopback;

/// A name is looked up again after the request failed, so the resolver has the answer, or has none.
const LOOKED_UP: Duration = Duration::from_secs(1);

/// The first address that a URL's host name has here.
pub(super) async fn of(url: &url::Url) -> Option<IpAddr> {
    let (host, port) = (url.domain()?, url.port_or_known_default()?);
    let found = tokio::time::timeout(LOOKED_UP, tokio::net::lookup_host((host, port))).await.ok()?;
    found.ok()?.next().map(|address| address.ip())
}

/// Whether a text can be the tenant in an authority's path: a GUID, a domain, or a word such as `common`.
pub(super) fn is_tenant(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 253
        && text.split('.').all(|label| label.len() <= 63)
        && text.chars().all(|character| character.is_ascii_alphanumeric() || matches!(character, '-' | '.'))
}
