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
    // Two dots alone would be a step up in the path.
    text.len() <= 253
        && text.split('.').all(|label| (1..=63).contains(&label.len()))
        && text.chars().all(|character| character.is_ascii_alphanumeric() || matches!(character, '-' | '.'))
}

#[cfg(test)]
mod tests {
    use super::is_tenant;

    #[test]
    fn a_tenant_is_one_part_of_a_path() {
        for tenant in ["common", "contoso.onmicrosoft.com", "11111111-2222-4333-8444-555555555555"] {
            assert!(is_tenant(tenant), "{tenant}");
        }
        for other in ["", ".", "..", "a..b", ".a", "a/b", "a b", "a%2fb", "é"] {
            assert!(!is_tenant(other), "{other}");
        }
    }
}
