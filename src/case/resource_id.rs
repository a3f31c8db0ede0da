//! ARM resource IDs: the one parser of them.
//!
//! Source: "Azure resource ID" (Microsoft Learn, Azure Resource Manager): a scope of name and value pairs, then
//! `providers`, the provider's namespace, and pairs of type and name. Names and types are compared without regard to
//! case; services write `resourceGroups` in several ways.

use super::ids::observed_text;
use super::target_kind::{Kind, TargetKind};

observed_text! {
    /// An ARM resource ID, as it was observed or given: an app, or a managed identity. It may be any text;
    /// [`ResourceId::parts`] says what it names.
    ResourceId
}

/// Whether this is what the app itself is called where slots are named: it has no ID below `slots`.
#[must_use]
pub fn is_production(slot: &str) -> bool {
    slot.eq_ignore_ascii_case("production")
}

/// The parts of a resource ID, in the writing of the ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts<'a> {
    /// The subscription.
    pub subscription: Option<&'a str>,
    /// The resource group.
    pub resource_group: Option<&'a str>,
    /// The provider's namespace, such as `Microsoft.Web`.
    pub namespace: &'a str,
    /// The resource's type in the namespace, such as `sites`.
    pub kind: &'a str,
    /// The resource's name.
    pub name: &'a str,
    /// The deployment slot, where the resource is one of an app.
    pub slot: Option<&'a str>,
    /// The type of what the ID names below the app, its slot, or another resource, such as `config`.
    pub below: Option<&'a str>,
}

impl ResourceId {
    /// The parts of the ID; `None` where it is no ID of a resource.
    #[must_use]
    pub fn parts(&self) -> Option<Parts<'_>> {
        Parts::of(&self.0)
    }

    /// The ID as a path below Azure Resource Manager's address: with a slash before it and none behind it.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/{}", self.0.trim_matches('/'))
    }

    /// The parts, where this is the ID of a web or function app, of its slot, or of a container app, and of nothing
    /// below it, and can be part of a URL.
    #[must_use]
    pub fn app(&self) -> Option<Parts<'_>> {
        let is_target = |parts: &Parts<'_>| parts.target().is_some_and(|kind| kind.slots || parts.slot.is_none());
        self.parts().filter(|parts| is_target(parts) && parts.is_whole() && is_plain(&self.0))
    }

    /// The ID of this app's deployment slot; itself where it has none.
    #[must_use]
    pub fn of_slot(&self, slot: &str) -> Self {
        let is_name = slot.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !is_name || !self.app().is_some_and(|app| app.is_app()) {
            return self.clone();
        }
        let end = self.0.to_ascii_lowercase().find("/slots/");
        let site = end.and_then(|end| self.0.get(..end)).unwrap_or(&self.0);
        Self(format!("{}/slots/{slot}", site.trim_end_matches('/')))
    }

    /// The parts, where this is the ID of a user-assigned identity, and can be part of a URL.
    #[must_use]
    pub fn user_assigned_identity(&self) -> Option<Parts<'_>> {
        self.parts().filter(|parts| parts.is_user_assigned_identity() && parts.is_whole() && is_plain(&self.0))
    }

    /// The app in the ID of its configuration (`…/sites/NAME/config/authsettingsV2`,
    /// `…/containerApps/NAME/authConfigs/current`), if it can be between quotation marks in a command.
    #[must_use]
    pub fn app_of_configuration(&self) -> Option<Self> {
        let parts = self.parts()?;
        let configuration = parts.target()?.below.as_str();
        if !parts.below?.eq_ignore_ascii_case(configuration) {
            return None;
        }
        let lower = self.0.to_ascii_lowercase();
        let below = format!("/{}/", configuration.to_ascii_lowercase());
        let (app, _) = self.0.split_at_checked(lower.rfind(&below)?)?;
        let app = Self::new(app);
        let is_quotable = !app.0.contains(['\'', '"', '$', '`']);
        (is_quotable && app.app().is_some()).then_some(app)
    }
}

impl<'a> Parts<'a> {
    /// The parts of an ID; `None` where it is no ID of a resource.
    #[must_use]
    pub fn of(id: &'a str) -> Option<Self> {
        let segments: Vec<&str> = id.trim().trim_matches('/').split('/').collect();
        let is = |segment: &str, name: &str| segment.eq_ignore_ascii_case(name);
        let scopes = segments.chunks(2).take_while(|pair| pair.first().is_none_or(|name| !is(name, "providers")));
        let (scope, resource) = segments.split_at_checked(scopes.map(<[&str]>::len).sum())?;
        let in_scope = |name: &str| {
            scope.chunks_exact(2).find_map(|pair| match pair {
                [key, value] if is(key, name) && !value.is_empty() => Some(*value),
                _ => None,
            })
        };
        let [_, namespace, kind, name, below @ ..] = resource else {
            return None;
        };
        if [namespace, kind, name].iter().any(|part| part.is_empty()) {
            return None;
        }
        let (slot, below) = match below {
            [key, slot, below @ ..] if is(key, "slots") && is_production(slot) => (None, below),
            [key, slot, below @ ..] if is(key, "slots") && !slot.is_empty() => (Some(*slot), below),
            below => (None, below),
        };
        Some(Self {
            subscription: in_scope("subscriptions"),
            resource_group: in_scope("resourceGroups"),
            namespace,
            kind,
            name,
            slot,
            below: below.first().copied(),
        })
    }

    /// Whether it is a web or function app, or a slot of one.
    #[must_use]
    pub fn is_app(&self) -> bool {
        self.namespace.eq_ignore_ascii_case("Microsoft.Web") && self.kind.eq_ignore_ascii_case("sites")
    }

    /// Whether it is the app with this name of a site, or a slot of it: some slots have their name after the site's.
    #[must_use]
    pub fn is_site(&self, site: &str) -> bool {
        let (own, site) = (self.name.to_ascii_lowercase(), site.to_ascii_lowercase());
        own == site || site.starts_with(&format!("{own}__"))
    }

    /// Whether commands of az can name it as an app. No name begins with `@`, and az would read the file that is named
    /// behind it.
    #[must_use]
    pub fn is_for_commands(&self) -> bool {
        let names = [self.resource_group, Some(self.name), self.slot];
        let names_a_file = names.iter().flatten().any(|name| name.starts_with('@'));
        self.target_kind().is_some() && self.subscription.is_some() && self.resource_group.is_some() && !names_a_file
    }

    /// Its kind, where it is an app that App 2 can be.
    #[must_use]
    pub fn target_kind(&self) -> Option<TargetKind> {
        TargetKind::of_type(&format!("{}/{}", self.namespace, self.kind))
    }

    /// What differs for apps of its kind.
    fn target(&self) -> Option<&'static Kind> {
        self.target_kind().map(TargetKind::data)
    }

    /// Whether it is a user-assigned identity. A system-assigned one has the ID of the resource that it belongs to.
    #[must_use]
    pub fn is_user_assigned_identity(&self) -> bool {
        self.namespace.eq_ignore_ascii_case("Microsoft.ManagedIdentity")
            && self.kind.eq_ignore_ascii_case("userAssignedIdentities")
    }

    /// Whether the resource is in a resource group and nothing below it is named.
    const fn is_whole(&self) -> bool {
        self.subscription.is_some() && self.resource_group.is_some() && self.below.is_none()
    }
}

/// Whether the text can be part of a URL and means there what it says: nothing in it leads elsewhere.
fn is_plain(id: &str) -> bool {
    let unsafe_in_an_address =
        |character: char| character.is_control() || matches!(character, '?' | '#' | '%' | '\\' | ' ');
    !id.contains(unsafe_in_an_address)
        && id.trim_matches('/').split('/').all(|segment| !matches!(segment, "" | "." | ".."))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const APP: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/a";

    #[test]
    fn ids_are_taken_apart() {
        let slot =
            ResourceId::new("/subscriptions/s/resourcegroups/g/providers/Microsoft.Web/sites/app1/slots/staging");
        let expected = Parts {
            subscription: Some("s"),
            resource_group: Some("g"),
            namespace: "Microsoft.Web",
            kind: "sites",
            name: "app1",
            slot: Some("staging"),
            below: None,
        };
        assert_eq!((slot.parts(), slot.app()), (Some(expected), Some(expected)));
        let identity = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i";
        let identity = ResourceId::new(identity);
        assert!(identity.parts().unwrap().is_user_assigned_identity());
        assert!(identity.user_assigned_identity().is_some() && identity.app().is_none());
        let named_as_parts = "/subscriptions/s/resourceGroups/providers/providers/Microsoft.Web/sites/slots";
        let parts = Parts::of(named_as_parts).unwrap();
        assert_eq!((parts.resource_group, parts.name, parts.slot), (Some("providers"), "slots", None));
        for other in ["", "nonsense", "/providers/x", "/subscriptions/s", "/subscriptions//providers///"] {
            assert_eq!(Parts::of(other), None, "{other}");
        }
    }

    #[test]
    fn an_app_s_id_cannot_lead_elsewhere() {
        for good in [APP.to_owned(), format!("{APP}/slots/b"), format!("{APP}/"), APP.to_uppercase()] {
            assert!(ResourceId::new(&good).app().is_some(), "{good}");
        }
        for bad in [
            "/subscriptions/s".to_owned(),
            "/subscriptions/s/resourceGroups/../providers/Microsoft.Web/sites/a".to_owned(),
            "/subscriptions/s/providers/Microsoft.Web/sites/a".to_owned(),
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/staticSites/a".to_owned(),
            format!("{APP}?x"),
            format!("{APP} b"),
            format!("{APP}/config/web"),
            format!("{APP}/slots"),
            format!("{APP}//slots/b"),
        ] {
            assert!(ResourceId::new(&bad).app().is_none(), "{bad}");
        }
    }

    #[test]
    fn settings_name_their_app() {
        let app = |id: String| ResourceId::new(id).app_of_configuration();
        assert_eq!(app(format!("{APP}/config/authsettingsV2")), Some(ResourceId::new(APP)));
        let slot = format!("{APP}/slots/config");
        assert_eq!(app(format!("{slot}/config/authsettingsV2")), Some(ResourceId::new(slot)));
        for other in [APP.to_owned(), format!("{APP}/functions/f"), format!("{APP}%/config/web")] {
            assert_eq!(app(other.clone()), None, "{other}");
        }
    }

    #[test]
    fn it_is_saved_as_its_text() {
        let id = ResourceId::new(APP);
        assert_eq!(serde_json::to_value(&id).unwrap(), APP);
        assert_eq!(serde_json::from_value::<ResourceId>(APP.into()).unwrap(), id);
        assert!(id.matches(&ResourceId::new(APP.to_uppercase())) && id.to_string() == APP);
    }

    proptest! {
        #[test]
        fn parts_that_are_printed_are_read_again(
            subscription in "[a-z0-9-]{1,9}", group in "[a-zA-Z0-9._()-]{1,9}", name in "[a-z0-9-]{1,9}",
            slot in proptest::option::of("[a-z0-9-]{1,9}"), upper in any::<bool>(),
        ) {
            let scope = format!("/subscriptions/{subscription}/resourceGroups/{group}");
            let slots = slot.as_ref().map(|slot| format!("/slots/{slot}")).unwrap_or_default();
            let mut text = format!("{scope}/providers/Microsoft.Web/sites/{name}{slots}");
            let (mut group, mut name, mut subscription) = (group, name, subscription);
            let mut slot = slot;
            if upper {
                for part in [&mut text, &mut group, &mut name, &mut subscription] {
                    *part = part.to_uppercase();
                }
                slot = slot.map(|slot| slot.to_uppercase());
            }
            let id = ResourceId::new(text.clone());
            let parts = id.parts().unwrap();
            prop_assert_eq!(parts.subscription, Some(subscription.as_str()));
            prop_assert_eq!(parts.resource_group, Some(group.as_str()));
            prop_assert_eq!((parts.name, parts.slot), (name.as_str(), slot.as_deref()));
            prop_assert!(parts.is_app() && parts.below.is_none());
            prop_assert_eq!(id.path(), text);
        }

        #[test]
        fn nothing_panics(text in "[/a-z.%é]{0,40}|(/(subscriptions|providers|sites|slots|config|é)?){0,12}") {
            let id = ResourceId::new(text.clone());
            let _ = (id.parts(), id.app(), id.user_assigned_identity(), id.path(), id.app_of_configuration());
            prop_assert_eq!(id.as_str(), text);
        }
    }
}
