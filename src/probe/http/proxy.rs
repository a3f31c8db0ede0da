//! Which proxy the environment names for an address.

use hyper_util::client::proxy::matcher::Matcher;

use crate::case::environment::Environment;

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
        let value = |name: &str| environment.variable(name).map(|variable| variable.exposed().to_owned());
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
        if let Some(exceptions) = value("NO_PROXY") {
            builder = builder.no(exceptions);
        }
        Self(builder.build())
    }

    /// The proxy that the environment names for an address, if any.
    pub fn for_url(&self, url: &url::Url) -> Option<Proxy> {
        let uri: http::Uri = url.as_str().parse().ok()?;
        let found = self.0.intercept(&uri)?;
        let shown = found.uri().to_string();
        let mut address = url::Url::parse(&shown).ok()?;
        if let Some((user, password)) = found.raw_auth() {
            address.set_username(user).ok()?;
            address.set_password(Some(password)).ok()?;
        } else if let Some(basic) = found.basic_auth() {
            let (user, password) = decode_basic(basic.to_str().ok()?)?;
            address.set_username(&user).ok()?;
            address.set_password(Some(&password)).ok()?;
        }
        Some(Proxy { address: address.into(), shown: shown.trim_end_matches('/').to_owned() })
    }
}

fn decode_basic(header: &str) -> Option<(String, String)> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(header.strip_prefix("Basic ")?).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}
