//! Where settings come from.

use serde::{Deserialize, Serialize};

use crate::case::text::PASTED;

/// Where settings come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SettingsSource {
    /// `config/authsettingsV2` of Azure Resource Manager.
    ResourceManager,
    /// `config/authsettingsV2/list` of Azure Resource Manager.
    ResourceManagerList,
    /// `config/web`, which as a rule shows `siteAuthEnabled` only.
    WebConfig,
    /// `authConfigs/current` of a container app in Azure Resource Manager.
    AuthConfigs,
    /// The file given with `--auth-settings`.
    File(String),
    /// App 2's environment block given with `--target-environ`: the settings as they really run.
    TargetEnviron(String),
    /// The process's own environment, when it runs inside App 2.
    OwnEnviron,
}

impl SettingsSource {
    /// Whether it shows what App 2 really runs with, and not what is stored for it.
    #[must_use]
    pub const fn runs(&self) -> bool {
        matches!(self, Self::TargetEnviron(_) | Self::OwnEnviron)
    }

    /// Whether it was read with App 2's resource ID.
    #[must_use]
    pub const fn is_from_azure(&self) -> bool {
        matches!(self, Self::ResourceManager | Self::ResourceManagerList | Self::AuthConfigs)
    }

    /// How near it is to what runs, the nearest first: what is stored comes after it, and a partial view last.
    #[must_use]
    pub const fn nearness(&self) -> u8 {
        match self {
            Self::TargetEnviron(_) => 0,
            Self::OwnEnviron => 1,
            Self::ResourceManager | Self::AuthConfigs => 2,
            Self::ResourceManagerList => 3,
            Self::File(_) => 4,
            Self::WebConfig => 5,
        }
    }
}

impl std::fmt::Display for SettingsSource {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ResourceManager => formatter.write_str("Azure Resource Manager, config/authsettingsV2"),
            Self::ResourceManagerList => formatter.write_str("Azure Resource Manager, config/authsettingsV2/list"),
            Self::WebConfig => formatter.write_str("Azure Resource Manager, config/web"),
            Self::AuthConfigs => formatter.write_str("Azure Resource Manager, authConfigs/current"),
            Self::File(path) if path == PASTED => formatter.write_str("the pasted settings"),
            Self::File(path) => write!(formatter, "file {path}"),
            Self::TargetEnviron(path) => write!(formatter, "App 2's environment variables in {path}"),
            Self::OwnEnviron => formatter.write_str("the environment of this process (it runs inside App 2)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_pasted_is_no_file() {
        assert_eq!(SettingsSource::File(PASTED.to_owned()).to_string(), "the pasted settings");
        assert_eq!(SettingsSource::File("a.json".to_owned()).to_string(), "file a.json");
    }
}
