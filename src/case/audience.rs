//! Audiences: the names of an API, as the claim `aud` and the setting `allowedAudiences` have them.

use super::ids::{ClientId, observed_text};
use super::resource::{self, Likeness};

observed_text! {
    /// A name of an API: its client ID, or one of its Application ID URIs. A version 2 token has the client ID in
    /// `aud`, a version 1 token the name that it was asked for by.
    ///
    /// Source: "Access token claims reference" (Microsoft Learn).
    Audience
}

impl Audience {
    /// The client ID in it, where it is one, bare or as `api://<client ID>`.
    #[must_use]
    pub fn client_id(&self) -> Option<ClientId> {
        resource::client_id_of(&self.0).map(ClientId::new)
    }

    /// Whether it is a bare client ID.
    #[must_use]
    pub fn is_client_id(&self) -> bool {
        resource::is_guid(&self.0)
    }

    /// How alike it is to another name.
    #[must_use]
    pub fn likeness(&self, other: &str) -> Likeness {
        resource::likeness(&self.0, other)
    }
}

impl From<&ClientId> for Audience {
    fn from(id: &ClientId) -> Self {
        Self::new(id.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn forms_of_a_client_id_are_recognized() {
        let id = ClientId::new("0f8fad5b-d9cb-469f-a165-70867728950e");
        let (bare, uri) = (Audience::from(&id), Audience::new(format!("api://{id}/")));
        assert_eq!((bare.client_id(), uri.client_id()), (Some(id.clone()), Some(id)));
        assert!(bare.is_client_id() && !uri.is_client_id());
        assert_eq!(bare.likeness(uri.as_str()), Likeness::OtherForm);
        assert_eq!(Audience::new("api://orders").client_id(), None);
    }

    proptest! {
        #[test]
        fn a_client_id_is_found_in_both_forms_and_nothing_panics(
            id in "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}", text in ".{0,40}",
        ) {
            for form in [id.clone(), format!("api://{id}")] {
                prop_assert_eq!(Audience::new(form).client_id(), Some(ClientId::new(id.clone())));
            }
            let audience = Audience::new(text.clone());
            let _ = (audience.client_id(), audience.likeness(&id));
            prop_assert_eq!(audience.to_string(), text);
        }
    }
}
