//! The parts of addresses that need no parser: nearly all are plain, and each is asked for its host many times while a
//! case is judged.

use std::net::Ipv4Addr;

use url::Url;

/// The parts of an address that every parser of URLs reads in the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlainAddress<'a> {
    /// Whether its scheme is `https`, not `http`.
    pub is_https: bool,
    /// Its host, without a port.
    pub host: &'a str,
    /// Its port, if it isn't the scheme's own.
    pub port: Option<u16>,
    /// What follows: nothing, or a path, a query, or a fragment.
    pub rest: &'a str,
}

/// The host of an address, as a parser of URLs reads it.
#[must_use]
pub fn host(text: &str) -> Option<String> {
    let plain = PlainAddress::of(text).map(|plain| plain.host.to_owned());
    plain.or_else(|| Url::parse(text).ok()?.host_str().map(str::to_owned))
}

impl<'a> PlainAddress<'a> {
    /// Reads an address whose host is a name in lower case or an IPv4 address. One with a user name, or with anything
    /// that a parser would change in its host or port, isn't plain.
    #[must_use]
    pub fn of(text: &'a str) -> Option<Self> {
        let (is_https, after) = match text.strip_prefix("https://") {
            Some(after) => (true, after),
            None => (false, text.strip_prefix("http://")?),
        };
        let is_end = |byte: u8| matches!(byte, b'/' | b'?' | b'#');
        let end = after.bytes().position(is_end).unwrap_or(after.len());
        let (authority, rest) = after.split_at_checked(end)?;
        let (host, port) = match authority.split_once(':') {
            Some((host, written)) => {
                let own = if is_https { 443 } else { 80 };
                // A parser drops zeros in front, a plus sign is no port, and the scheme's own port is left out.
                let written = Some(written).filter(|written| !written.starts_with(['0', '+']));
                (host, Some(written?.parse().ok().filter(|port| *port != own)?))
            }
            None => (authority, None),
        };
        (is_name(host) || is_ipv4(host)).then_some(Self { is_https, host, port, rest })
    }

    /// The address's path, if a parser leaves it as it is.
    #[must_use]
    pub fn path(self) -> Option<&'a str> {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/');
        let is_kept = |segment: &str| !matches!(segment, "." | "..");
        let path = self.rest;
        let is_plain = path.bytes().all(is_letter) && path.split('/').all(is_kept);
        is_plain.then_some(if path.is_empty() { "/" } else { path })
    }
}

fn is_name(host: &str) -> bool {
    // Each byte is looked at once, for a judging asks for many hosts.
    let mut before = b'.';
    let mut starts_with_letter = false;
    for byte in host.bytes() {
        let is_first = before == b'.';
        let is_plain = byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.' && !is_first;
        if !is_plain {
            return false;
        }
        if is_first {
            starts_with_letter = byte.is_ascii_lowercase();
        }
        before = byte;
    }
    // A parser takes a host whose last label is a number for an IPv4 address.
    starts_with_letter && before != b'.' && !host.contains("xn--")
}

fn is_ipv4(host: &str) -> bool {
    host.starts_with(|first: char| first.is_ascii_digit()) && host.parse::<Ipv4Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn agrees(text: &str) {
        let Some(plain) = PlainAddress::of(text) else { return };
        let parsed = Url::parse(text).unwrap();
        assert_eq!(parsed.scheme() == "https", plain.is_https, "{text}");
        assert_eq!((parsed.host_str(), parsed.port()), (Some(plain.host), plain.port), "{text}");
        if let Some(path) = plain.path() {
            assert_eq!((parsed.path(), parsed.query(), parsed.fragment()), (path, None, None), "{text}");
        }
    }

    #[test]
    fn usual_addresses_are_plain() {
        let plain = PlainAddress::of("https://login.microsoftonline.com/tenant/v2.0").unwrap();
        assert_eq!((plain.host, plain.path()), ("login.microsoftonline.com", Some("/tenant/v2.0")));
        let of_lab = PlainAddress::of("http://127.0.0.1:8081/api?x=1").unwrap();
        assert_eq!((of_lab.host, of_lab.port, of_lab.rest), ("127.0.0.1", Some(8081), "/api?x=1"));
        assert_eq!(PlainAddress::of("https://a.example").unwrap().path(), Some("/"));
        assert_eq!(PlainAddress::of("https://a.example?x=/y").unwrap().path(), None);
    }

    #[test]
    fn what_a_parser_would_change_is_not_plain() {
        for text in [
            "ftp://a.example/",
            "https://A.example/",
            "https://a.example:443/",
            "https://u@a.example/",
            "https://a.1/",
            "https://127.1/",
            "https://127.0.0.01/",
            "https://127.0.0.00/",
            "https://0127.0.0.1/",
            "https://a:08443/",
            "https://a:+1/",
            "https://a:/",
            "https://a.0x1/",
            "https://[::1]/",
            "https://a..example/",
            "https://.a/",
            "https://a./",
            "https:///a",
            "https://a\\b/",
            "https://a\tb/",
            " https://a/",
            "https://xn--a/",
            "https://a%2eb/",
            "https://é/",
        ] {
            assert_eq!(PlainAddress::of(text), None, "{text}");
        }
        for path in ["/a/../b", "/./a", "/%2e%2e/", "/a b", "/a?b", "/a#b", "/a\\b", "/é"] {
            assert_eq!(
                PlainAddress::of(&format!("https://a.example{path}")).and_then(PlainAddress::path),
                None,
                "{path}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_parser_reads_the_same(text in "https?://[a-z0-9x.-]{0,12}[a-zA-Z0-9./?#@:%~_\\\\ \t-]{0,16}") {
            agrees(&text);
        }

        #[test]
        fn a_parser_reads_any_text_in_the_same_way(text in "https://.{0,24}") {
            agrees(&text);
        }
    }
}
