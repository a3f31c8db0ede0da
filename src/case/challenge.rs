//! The `WWW-Authenticate` challenge of App 2, read leniently: Easy Auth separates parameters with spaces, not commas.

/// One challenge: a scheme and its parameters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Challenge {
    /// The scheme, such as `Bearer`.
    pub scheme: String,
    /// The parameters in their order; names in lower case, quotes removed.
    pub parameters: Vec<(String, String)>,
}

impl Challenge {
    /// Reads all challenges in one header value.
    #[must_use]
    pub fn parse(header: &str) -> Vec<Self> {
        let _ = header;
        Vec::new()
    }

    /// A parameter's value.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// `resource_id`: App 2's client id, as Easy Auth tells it to anyone.
    #[must_use]
    pub fn resource_id(&self) -> Option<&str> {
        self.parameter("resource_id")
    }

    /// The tenant segment of `authorization_uri`; `common` has been seen from single-tenant apps, so it is a hint only.
    #[must_use]
    pub fn tenant_hint(&self) -> Option<String> {
        let url = url::Url::parse(self.parameter("authorization_uri")?).ok()?;
        let tenant = url.path_segments()?.next().filter(|segment| !segment.is_empty())?;
        Some(tenant.to_owned())
    }

    /// Whether it names an error: an application's own validator does, Easy Auth has not been seen to.
    #[must_use]
    pub fn names_error(&self) -> bool {
        self.parameter("error").is_some()
    }
}
