//! Where an address leads: to this machine, to a private network, or to the internet.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

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

/// The address that a text is, with or without a port: `20.1.2.3:4455`, `[fde4::5]:51234`.
#[must_use]
pub fn address_of(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(text);
    let of_socket = || text.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    bare.parse().ok().or_else(of_socket).map(|address: IpAddr| address.to_canonical())
}

/// Whether a host is one that no proxy can reach for another machine: loopback or link-local.
#[must_use]
pub fn is_of_this_machine(host: &str) -> bool {
    host == "localhost" || host.starts_with("127.") || host.starts_with("169.254.") || host.starts_with('[')
}

/// Whether nobody on the internet can fetch an address: no https URL, or a host of a cluster's or a network's own.
#[must_use]
pub fn is_internal(url: &Url) -> bool {
    let is_private_name = |name: &str| {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        !name.contains('.')
            || PRIVATE_ZONES.iter().any(|zone| name.strip_suffix(zone).is_some_and(|it| it.ends_with('.')))
    };
    url.scheme() != "https"
        || match url.host() {
            Some(Host::Ipv4(address)) => is_private(address.into()),
            Some(Host::Ipv6(address)) => is_private(address.into()),
            Some(Host::Domain(name)) => is_private_name(name),
            None => true,
        }
}

/// Zones that aren't on the internet: RFC 2606, 6761, 6762, 7686, and 8375; `internal` (ICANN board, 2024), and those
/// that ICANN doesn't delegate because networks use them; Kubernetes' own.
const PRIVATE_ZONES: [&str; 15] = [
    "invalid",
    "local",
    "svc",
    "localhost",
    "localdomain",
    "internal",
    "intranet",
    "private",
    "corp",
    "home",
    "home.arpa",
    "lan",
    "mail",
    "onion",
    "test",
];

/// Whether an address is of no host on the internet: the special-purpose registries of IANA (RFC 6890).
fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let is_shared = matches!(
                address.octets(),
                [0, ..] | [100, 64..=127, ..] | [192, 0, 0, _] | [198, 18..=19, ..] | [224..=255, ..]
            );
            is_shared
                || address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || address.is_documentation()
        }
        IpAddr::V6(address) => {
            address == Ipv6Addr::LOCALHOST
                || address.is_unspecified()
                || address.is_unique_local()
                || address.is_unicast_link_local()
                || address.is_multicast()
                || matches!(address.segments(), [0x2001, 0xdb8, ..])
        }
    }
}
