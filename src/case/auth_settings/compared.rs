//! Settings of two sources side by side.

use super::{AuthSettings, EntraProvider};

impl AuthSettings {
    /// The settings that decide a call and differ from others, where both are known: name, the value here, theirs.
    #[must_use]
    pub fn differing(&self, others: &Self) -> Vec<(&'static str, String, String)> {
        let both = self.deciding().into_iter().zip(others.deciding());
        both.filter_map(|((name, own), (_, theirs))| Some((name, own?, theirs?)))
            .filter(|(_, own, theirs)| own != theirs)
            .collect()
    }

    /// The entries of a list; none where the settings are there and the list is not. `None` where they do not show it:
    /// an extension of the unknown would replace it.
    #[must_use]
    pub fn entries(&self, name: &str) -> Option<Vec<String>> {
        fn texts(list: &Option<Vec<impl ToString>>) -> Vec<String> {
            list.iter().flatten().map(ToString::to_string).collect()
        }
        let is_shown = !self.is_undetermined(name) && (name == "allowedAudiences" || self.shows_policy());
        let empty = EntraProvider::default();
        let entra = self.entra.as_ref().unwrap_or(&empty);
        is_shown.then(|| match name {
            "allowedAudiences" => texts(&entra.allowed_audiences),
            "allowedApplications" => texts(&entra.allowed_applications),
            "allowedClientApplications" => texts(&entra.claim_check_applications),
            _ => texts(&entra.allowed_identities),
        })
    }

    /// The settings that decide a call, by name. `None`: not known.
    fn deciding(&self) -> [(&'static str, Option<String>); 10] {
        let empty = EntraProvider::default();
        let entra = self.entra.as_ref().unwrap_or(&empty);
        [
            ("enabled", self.enabled.map(|flag| flag.to_string())),
            ("unauthenticatedClientAction", self.unauthenticated_action.clone()),
            ("clientId", entra.client_id.as_ref().map(ToString::to_string)),
            ("openIdIssuer", entra.issuer.as_ref().map(ToString::to_string)),
            ("allowedAudiences", self.list("allowedAudiences", &entra.allowed_audiences)),
            ("allowedApplications", self.list("allowedApplications", &entra.allowed_applications)),
            ("identities", self.list("identities", &entra.allowed_identities)),
            ("groups", self.list("groups", &entra.allowed_groups)),
            ("jwtClaimChecks.allowedClientApplications", self.list("jwtClaimChecks", &entra.claim_check_applications)),
            ("jwtClaimChecks.allowedGroups", self.list("jwtClaimChecks", &entra.claim_check_groups)),
        ]
    }

    fn list<T: AsRef<str>>(&self, name: &str, list: &Option<Vec<T>>) -> Option<String> {
        let known = list.is_some() || self.shows_policy() && !self.is_undetermined(name);
        let mut list: Vec<&str> = list.iter().flatten().map(AsRef::as_ref).collect();
        crate::sort::all(&mut list);
        known.then(|| if list.is_empty() { "none".to_owned() } else { list.join(", ") })
    }
}
