//! Where an address leads: to this machine, to a private network, or to the internet.

use std::net::{IpAddr, Ipv6Addr};

use url::{Host, Url};

/// Whether a host is this machine itself.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether nobody on the internet can fetch an address: no https URL, or a host of a cluster's or a network's own.
#[must_use]
pub fn is_internal(url: &Url) -> bool {
    let is_private_name = |name: &str| {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let private = [".local", ".svc", ".localhost"];
        !name.contains('.') || private.iter().any(|suffix| name.ends_with(suffix))
    };
    url.scheme() != "https"
        || match url.host() {
            Some(Host::Ipv4(address)) => is_private(address.into()),
            Some(Host::Ipv6(address)) => is_private(address.into()),
            Some(Host::Domain(name)) => is_private_name(name),
            None => true,
        }
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private() || address.is_loopback() || address.is_link_local(),
        IpAddr::V6(address) => {
            address == Ipv6Addr::LOCALHOST || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}
