//! A resource: an Application ID URI or client id, its scope, and its other forms.

use serde::{Deserialize, Serialize};

/// The resource of the token and where the choice came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChosenResource {
    /// The resource as the token is asked for: without `/.default` and without a scope's name.
    pub value: String,
    /// The text it was made from, when that differed.
    pub given: Option<String>,
    /// Where it came from.
    pub source: ResourceSource,
}

/// Where the resource came from. The names are those of the report's `resource_source`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResourceSource {
    /// `--resource`.
    Option,
    /// `EASYAUTH_DOCTOR_RESOURCE`.
    Environment,
    /// `resource_id` of App 2's challenge, or the client id of its login redirect.
    Challenge,
    /// App 2's authentication settings.
    Settings,
    /// App 2's protected-resource metadata.
    Metadata,
}

impl ResourceSource {
    /// The name in the report.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Option => "option",
            Self::Environment => "environment",
            Self::Challenge => "challenge",
            Self::Settings => "settings",
            Self::Metadata => "metadata",
        }
    }
}

/// Whether a text is a GUID in its usual form.
#[must_use]
pub fn is_guid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}
