//! What kind of app App 2 is: the tables of `assets/knowledge/target_kinds.toml`, with the sources.

use serde::Deserialize;

use super::auth_settings::SettingsSource;
use super::exchange::Purpose;
use super::tables::of_tables;

macro_rules! target_kinds {
    ($($tables:tt)*) => {
        of_tables! {
            /// What kind of app App 2 is: its settings, commands, and templates differ.
            TargetKind, "knowledge/target_kinds.toml",
            /// What differs between this kind and others.
            data -> Kind: $($tables)*
        }
    };
}

include!(concat!(env!("OUT_DIR"), "/target_kinds.rs"));

/// What differs between kinds of apps.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Kind {
    /// The type of its resource.
    #[serde(rename = "type")]
    resource_type: String,
    /// Whether its deployment slots are resources with the same settings.
    pub slots: bool,
    /// The version for requests to Azure Resource Manager.
    pub version: String,
    /// The type of what contains its authentication settings.
    pub below: String,
    /// What is read of them, each where the one before is refused.
    pub settings: Vec<(Purpose, String, SettingsSource)>,
    /// How its own host name ends, in each cloud.
    #[serde(default)]
    pub host_suffixes: Vec<String>,
    /// Where the portal has its authentication settings.
    pub portal: String,
    /// The group of the Azure CLI for it.
    pub az: Option<String>,
    /// The groups of the Azure CLI for some of these apps: a part of the site object's `kind`, the kind of host, and
    /// the group.
    pub az_for: Vec<(String, String, String)>,
    /// The platform that it runs on, by its name in fixes.
    pub platform: String,
    /// Whether a change of its settings restarts it.
    pub restarts: bool,
    /// How its resource ID is found, as a template.
    pub find: String,
    /// How its settings are changed in Terraform, as a template, where no block of the usual provider does.
    pub terraform: Option<String>,
    /// Its row in the table of targets: what it is, and what is covered.
    pub covered: Option<(String, String)>,
}

impl Kind {
    /// Where Azure Resource Manager has the settings of an app with this name.
    #[must_use]
    pub fn settings_url(&self, app: &str) -> String {
        let path = self.settings.first().map(|(_, path, _)| path.as_str()).unwrap_or_default();
        let group = "https://management.azure.com/subscriptions/<subscription>/resourceGroups/<group>";
        format!("{group}/providers/{}/{app}{path}?api-version={}", self.resource_type, self.version)
    }

    /// The group of the Azure CLI for an app whose site object has this `kind`. Where that is unknown, the usual one
    /// acts on every app.
    #[must_use]
    pub fn az_of(&self, site_kind: Option<&str>) -> Option<&str> {
        let site_kind = site_kind.unwrap_or_default().to_ascii_lowercase();
        let own = self.az_for.iter().find(|(part, ..)| site_kind.contains(part));
        Some(own.map_or(self.az.as_deref()?, |(.., group)| group))
    }

    /// The group of the Azure CLI for an app that is this kind of host.
    #[must_use]
    pub fn az_of_host(&self, host: &str) -> Option<&str> {
        let own = self.az_for.iter().find(|(_, of, _)| of == host).map(|(.., group)| group.as_str());
        own.or_else(|| self.az.as_deref().filter(|_| self.platform == host))
    }
}

impl TargetKind {
    /// What an app counts as where nothing shows its kind.
    pub const USUAL: Self = Self::WebApp;

    /// The kind of a resource of this type, such as `Microsoft.Web/sites`.
    #[must_use]
    pub fn of_type(wanted: &str) -> Option<Self> {
        let mut kinds = Self::ALL.iter().copied();
        kinds.find(|kind| kind.data().resource_type.eq_ignore_ascii_case(wanted))
    }

    /// The kind of an app whose resource has this type, or that a resource of this type is below.
    #[must_use]
    pub fn above(wanted: &str) -> Option<Self> {
        let mut kinds = Self::ALL.iter().copied();
        kinds.find(|kind| {
            let own = kind.data().resource_type.as_str();
            wanted.split_at_checked(own.len()).is_some_and(|(start, rest)| {
                start.eq_ignore_ascii_case(own) && (rest.is_empty() || rest.starts_with(['/', '@']))
            })
        })
    }

    /// The kind whose own host names end like this one.
    #[must_use]
    pub fn by_host(host: &str) -> Option<Self> {
        let host = host.split(':').next().unwrap_or_default().to_ascii_lowercase();
        let ends = |kind: &Self| kind.data().host_suffixes.iter().any(|suffix| host.ends_with(suffix.as_str()));
        Self::ALL.iter().copied().find(ends)
    }

    /// Whether a placeholder of templates stands for this kind, such as `container_app`.
    #[must_use]
    pub fn is_placeholder(self, name: &str) -> bool {
        self.id().replace('-', "_") == name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_below_an_app_is_of_its_kind() {
        for (text, kind) in [
            ("microsoft.web/sites", Some(TargetKind::WebApp)),
            ("Microsoft.Web/sites/slots/config", Some(TargetKind::WebApp)),
            ("Microsoft.App/containerApps/authConfigs@2024-03-01", Some(TargetKind::ContainerApp)),
            ("Microsoft.Web/sitesOfOthers", None),
            ("Microsoft.App/managedEnvironments", None),
            ("", None),
        ] {
            assert_eq!(TargetKind::above(text), kind, "{text}");
        }
    }

    #[test]
    fn every_kind_is_described_and_the_first_is_the_usual() {
        assert_eq!(TargetKind::ALL.first(), Some(&TargetKind::USUAL));
        let file = read().unwrap();
        assert!(file.keys().copied().eq(TargetKind::ALL.iter().copied()));
        for kind in file.values() {
            assert!(!kind.settings.is_empty() && kind.resource_type.contains('/') && !kind.portal.is_empty());
        }
    }
}
