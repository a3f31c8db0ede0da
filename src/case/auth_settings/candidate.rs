//! One app of a file that may contain several.

use super::AuthSettings;
use super::wanted::{Wanted, site_of};
use crate::case::resource_id::ResourceId;

/// The settings of one app in a file that may contain several.
pub(super) struct Candidate {
    /// How the file calls it.
    pub(super) label: String,
    /// The app's name, where it is known; that of a slot is `app/slot`.
    pub(super) site: Option<String>,
    /// The app's host name, where it is known.
    pub(super) host: Option<String>,
    /// The settings.
    pub(super) settings: AuthSettings,
}

impl Candidate {
    /// Settings from a list, which may have their app's ID; `name` is their own (`authsettingsV2`).
    pub(super) fn of_settings(settings: AuthSettings, name: &str) -> Self {
        let id = settings.site_id.as_ref();
        let label = id.map_or_else(|| name.to_owned(), |id| id.parts().map(site_of).unwrap_or_default());
        Self { label, site: id.and_then(ResourceId::parts).map(site_of), host: None, settings }
    }

    /// Whether it has the ID that is wanted, or where it has none, the name in it.
    pub(super) fn is_by_id(&self, wanted: Wanted<'_>) -> bool {
        let Some(parts) = wanted.id.and_then(ResourceId::parts) else { return false };
        match &self.settings.site_id {
            Some(id) => !wanted.is_not(id),
            None => self.site.as_ref().is_some_and(|site| site.eq_ignore_ascii_case(&site_of(parts))),
        }
    }

    /// Whether it has the host name that is wanted, or the name in it.
    pub(super) fn is_by_host(&self, wanted: Wanted<'_>) -> bool {
        let Some(host) = wanted.host.and_then(|host| host.split(':').next()) else { return false };
        let label = host.split('.').next().unwrap_or_default();
        let by_name = self.site.as_ref().is_some_and(|site| site.replace('/', "-").eq_ignore_ascii_case(label));
        let is_other = self.settings.site_id.as_ref().is_some_and(|id| wanted.is_not(id));
        !is_other && (by_name || self.host.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(host)))
    }
}
