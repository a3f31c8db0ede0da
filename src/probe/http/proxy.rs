//! Which proxy the environment names for an address.

use hyper_util::client::proxy::matcher::Matcher;

use crate::case::environment::Environment;
use crate::case::shown::address::own;

/// The proxies that the environment names.
pub struct Proxies(Matcher);

impl std::fmt::Debug for Proxies {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Proxies")
    }
}

/// A proxy for an address: to connect to, and to show.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Proxy {
    /// Its address, with credentials.
    pub address: String,
    /// Its address without credentials.
    pub shown: String,
}

impl Proxies {
    /// Reads the variables.
    pub fn of(environment: &Environment) -> Self {
        let value = |name: &str| environment.variable(name).map(|variable| with_escaped_user(variable.exposed()));
        let mut builder = Matcher::builder();
        if let Some(proxy) = value("ALL_PROXY") {
            builder = builder.all(proxy);
        }
        if let Some(proxy) = value("HTTP_PROXY") {
            builder = builder.http(proxy);
        }
        if let Some(proxy) = value("HTTPS_PROXY") {
            builder = builder.https(proxy);
        }
        if let Some(exceptions) = environment.variable("NO_PROXY") {
            builder = builder.no(exceptions.exposed().to_owned());
        }
        Self(builder.build())
    }

    /// The proxy that the environment names for an address, if any.
    pub fn for_url(&self, url: &url::Url) -> Option<Proxy> {
        let uri: http::Uri = url.as_str().parse().ok()?;
        let found = self.0.intercept(&uri)?;
        let uri = found.uri().to_string();
        let mut address = url::Url::parse(&uri).ok()?;
        if let Some((user, password)) = found.raw_auth() {
            address.set_username(user).ok()?;
            address.set_password(Some(password)).ok()?;
        } else if let Some(basic) = found.basic_auth() {
            let (user, password) = decode_basic(basic.to_str().ok()?)?;
            address.set_username(&user).ok()?;
            address.set_password(Some(&password)).ok()?;
        }
        Some(Proxy { address: address.into(), shown: own(uri.trim_end_matches('/')) })
    }
}

/// The address with the signs escaped that would end its user name and password too early: they end at the last `@`,
/// and many people write a password as it is.
fn with_escaped_user(address: &str) -> String {
    let Some((user, host)) = address.rsplit_once('@') else {
        return address.to_owned();
    };
    let (scheme, user) = user.split_once("://").map_or(("http", user), |(scheme, user)| (scheme, user));
    let escaped: String = user
        .chars()
        .map(|sign| match sign {
            '@' | '/' | '?' | '#' => format!("%{:02X}", u32::from(sign)),
            sign => sign.to_string(),
        })
        .collect();
    format!("{scheme}://{escaped}@{host}")
}

fn decode_basic(header: &str) -> Option<(String, String)> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(header.strip_prefix("Basic ")?).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::environment::Place;
    use crate::probe::environment::from_variables;

    #[test]
    fn a_password_with_signs_belongs_to_no_host() {
        for (name, url) in [
            ("ALL_PROXY", "http://app2/"),
            ("ALL_PROXY", "https://app2/"),
            ("all_proxy", "http://app2/"),
            ("HTTP_PROXY", "http://app2/"),
            ("http_proxy", "http://app2/"),
            ("HTTPS_PROXY", "https://app2/"),
            ("https_proxy", "https://app2/"),
        ] {
            for (user, escaped) in [
                ("bob:P@Zx9Kq2z@", "bob:P%40Zx9Kq2z@"),
                ("bob:1234/Zx9Kq2z@", "bob:1234%2FZx9Kq2z@"),
                ("bob:12?Zx9Kq2z@", "bob:12%3FZx9Kq2z@"),
                ("bob:12#@Zx9@", "bob:12%23%40Zx9@"),
                ("", ""),
            ] {
                let value = format!("http://{user}127.0.0.1:9");
                let environment = from_variables(vec![(name.to_owned(), value)], Place::File("x".to_owned()));
                let proxy = Proxies::of(&environment).for_url(&url::Url::parse(url).unwrap()).unwrap();
                assert_eq!(proxy.shown, "http://127.0.0.1:9", "{name}");
                assert_eq!(proxy.address, format!("http://{escaped}127.0.0.1:9/"), "{name}");
            }
        }
    }
}
