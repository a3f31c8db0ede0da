//! Where settings come from.

use serde::{Deserialize, Serialize};

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

impl std::fmt::Display for SettingsSource {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ResourceManager => formatter.write_str("Azure Resource Manager, config/authsettingsV2"),
            Self::ResourceManagerList => formatter.write_str("Azure Resource Manager, config/authsettingsV2/list"),
            Self::WebConfig => formatter.write_str("Azure Resource Manager, config/web"),
            Self::AuthConfigs => formatter.write_str("Azure Resource Manager, authConfigs/current"),
            Self::File(path) => write!(formatter, "file {path}"),
            Self::TargetEnviron(path) => write!(formatter, "App 2's environment variables in {path}"),
            Self::OwnEnviron => formatter.write_str("the environment of this process (it runs inside App 2)"),
        }
    }
}
