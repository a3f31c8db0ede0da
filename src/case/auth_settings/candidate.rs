//! One app of a file that may contain several.

use super::AuthSettings;
use super::wanted::{Shown, Wanted, site_of};
use crate::case::resource_id::ResourceId;
use crate::case::target_kind::TargetKind;

/// The settings of one app in a file that may contain several.
pub(super) struct Candidate {
    /// How the file calls it.
    pub(super) label: String,
    /// The app's name, where it is known; that of a slot is `app/slot`.
    pub(super) site: Option<String>,
    /// The app's host name, where it is known.
    pub(super) host: Option<String>,
    /// What kind of app it is, where that is known.
    pub(super) kind: Option<TargetKind>,
    /// Whether it is a deployment slot, where that is known.
    pub(super) is_slot: Option<bool>,
    /// The settings.
    pub(super) settings: AuthSettings,
}

impl Candidate {
    /// Settings from a list, which may have their app's ID; `name` is their own (`authsettingsV2`).
    pub(super) fn of_settings(settings: AuthSettings, name: &str) -> Self {
        let id = settings.site_id.as_ref();
        let label = id.map_or_else(|| name.to_owned(), |id| id.parts().map(site_of).unwrap_or_default());
        let site = id.and_then(ResourceId::parts).map(site_of);
        Self { label, site, host: None, kind: None, is_slot: None, settings }
    }

    /// Whether it is another app's than the one that is wanted.
    pub(super) fn is_not(&self, wanted: Wanted<'_>) -> bool {
        let shown = Shown { kind: self.kind, site: self.site.clone(), is_slot: self.is_slot, subscription: None };
        self.settings.site_id.is_none() && wanted.is_not_shown(&shown)
    }

    /// Whether it has the ID that is wanted, or where it has none, the name in it.
    pub(super) fn is_by_id(&self, wanted: Wanted<'_>) -> bool {
        wanted.id.is_some()
            && match &self.settings.site_id {
                Some(id) => !wanted.is_not(id),
                None => self.site.is_some() && !self.is_not(wanted),
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
