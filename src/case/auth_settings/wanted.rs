//! The app whose settings are wanted of a file.

use crate::case::resource_id::{Parts, ResourceId};
use crate::case::target_kind::TargetKind;

/// The app whose settings are wanted, as far as it is known.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// The target's host name. Behind a custom domain or a gateway it tells nothing.
    pub host: Option<&'a str>,
    /// The app's resource ID.
    pub id: Option<&'a ResourceId>,
}

/// What a file, or a row of a log, shows of its app without the app's resource ID.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    /// What kind of app it is.
    pub kind: Option<TargetKind>,
    /// The app's name; that of a slot is `app/slot`, or `/slot` where only the slot's is known.
    pub site: Option<String>,
    /// Whether it is a deployment slot.
    pub is_slot: Option<bool>,
    /// The app's subscription.
    pub subscription: Option<String>,
}

impl Wanted<'_> {
    /// Whether this is the ID of another app: beside the ID that is wanted, else beside the host name that App Service
    /// gives an app (`app2.azurewebsites.net`, `app2-staging.azurewebsites.net`).
    #[must_use]
    pub fn is_not(self, id: &ResourceId) -> bool {
        if let Some(wanted) = self.id {
            return !wanted.path().eq_ignore_ascii_case(&id.path());
        }
        let shown = |parts: Parts<'_>| {
            let (kind, is_slot) = (parts.target_kind(), Some(parts.slot.is_some()));
            Shown { kind, site: Some(site_of(parts)), is_slot, ..Shown::default() }
        };
        id.parts().is_some_and(|parts| self.is_not_shown(&shown(parts)))
    }

    /// Whether this is another app's resource ID or name. A slot may have a suffix behind the app's name.
    #[must_use]
    pub fn is_not_called(self, app: &str) -> bool {
        if app.starts_with('/') {
            return self.is_not(&ResourceId::new(app));
        }
        let site = app.split(['_', '(']).next().map(str::to_owned);
        self.is_not_shown(&Shown { site, ..Shown::default() })
    }

    /// Whether the app that is shown is another one, as far as it is shown.
    #[must_use]
    pub fn is_not_shown(self, shown: &Shown) -> bool {
        let named = shown.site.as_deref().map(str::to_ascii_lowercase);
        if let Some(wanted) = self.id.and_then(ResourceId::parts) {
            let is_site = |named: &str| match named.split_once('/') {
                None => named.eq_ignore_ascii_case(wanted.name),
                Some(("", slot)) => wanted.slot.is_some_and(|own| own.eq_ignore_ascii_case(slot)),
                Some(_) => named.eq_ignore_ascii_case(&site_of(wanted)),
            };
            let is_subscription = |id: &str| wanted.subscription.is_some_and(|own| own.eq_ignore_ascii_case(id));
            return shown.kind.is_some_and(|kind| wanted.target_kind() != Some(kind))
                || shown.is_slot.is_some_and(|is_slot| is_slot != wanted.slot.is_some())
                || shown.subscription.as_deref().is_some_and(|id| !is_subscription(id))
                || named.is_some_and(|named| !is_site(&named));
        }
        let host = self.host.unwrap_or_default().to_ascii_lowercase();
        let Some(kind) = TargetKind::by_host(&host) else { return false };
        let label = host.split('.').next().unwrap_or_default();
        // Newer host names have a random part behind the name, and the region after it. A slot has its name there, and
        // settings of its own; a revision of a container app doesn't.
        let has_slots = kind.data().slots && shown.is_slot.is_some();
        let has_region = host.split('.').nth(1).is_some_and(|label| label.contains('-'));
        let is_random = |rest: &str| has_region && !rest.contains('-');
        let is_rest =
            |rest: &str| rest.is_empty() || rest.strip_prefix('-').is_some_and(|rest| !has_slots || is_random(rest));
        let is_label = |named: &str| match named.replace('/', "-") {
            slot if slot.starts_with('-') => label.contains(&slot),
            named => label.strip_prefix(&named).is_some_and(is_rest),
        };
        shown.kind.is_some_and(|it| it != kind) || named.is_some_and(|named| !is_label(&named))
    }
}

/// The name of an app, with that of its slot.
pub(super) fn site_of(parts: Parts<'_>) -> String {
    parts.slot.map_or_else(|| parts.name.to_owned(), |slot| format!("{}/{slot}", parts.name))
}
