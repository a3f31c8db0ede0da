//! App 2's site object, as Azure Resource Manager shows it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What of the site object matters. Field names and values: `Site` of `azure-mgmt-web`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Site {
    /// The ARM resource id.
    pub id: Option<String>,
    /// The site's name.
    pub name: Option<String>,
    /// `kind`, such as `app,linux` or `functionapp`.
    pub kind: Option<String>,
    /// `properties.state`: `Running` or `Stopped`.
    pub state: Option<String>,
    /// `properties.enabled`.
    pub enabled: Option<bool>,
    /// `properties.usageState`: `Normal` or `Exceeded` (quota).
    pub usage_state: Option<String>,
    /// `properties.availabilityState`.
    pub availability_state: Option<String>,
    /// `properties.defaultHostName`.
    pub default_host_name: Option<String>,
    /// `properties.hostNames` and `enabledHostNames`.
    pub host_names: Vec<String>,
    /// `properties.httpsOnly`.
    pub https_only: Option<bool>,
    /// `properties.clientCertEnabled`.
    pub client_certificate_enabled: Option<bool>,
    /// `properties.clientCertMode`: `Required`, `Optional` or `OptionalInteractiveUser`.
    pub client_certificate_mode: Option<String>,
    /// `properties.clientCertExclusionPaths`.
    pub client_certificate_exclusions: Option<String>,
    /// `properties.publicNetworkAccess`: `Enabled` or `Disabled`.
    pub public_network_access: Option<String>,
    /// `properties.siteConfig.ipSecurityRestrictionsDefaultAction`.
    pub restrictions_default: Option<String>,
    /// `properties.siteConfig.ipSecurityRestrictions`, each as a line: priority, action, address, name.
    pub restrictions: Vec<String>,
    /// Object id of the site's own system-assigned identity.
    pub identity_principal_id: Option<String>,
}

impl Site {
    /// Reads the site object of a GET.
    #[must_use]
    pub fn from_json(value: &Value) -> Self {
        let _ = value;
        Self::default()
    }
}
