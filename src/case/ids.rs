//! The nouns of Entra as types, so that one cannot be passed for another.
//!
//! Every such type, here and in [`super::resource_id`], holds **the text as it was observed**, whatever it is:
//! a claim or a setting may hold garbage, and a report must be able to quote it. It serializes as that text. What the
//! text means is asked for where it is needed, and answered with an `Option`. Two of a kind are compared with
//! `matches`, which ignores case, as Entra and Azure Resource Manager do; `==` compares the texts.

/// Defines a type over a text from outside, see the module's documentation.
macro_rules! observed_text {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, ::serde::Serialize, ::serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes a text as it was observed.
            #[must_use]
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text as it was observed.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Whether both are the same but for case.
            #[must_use]
            pub fn matches(&self, other: &Self) -> bool {
                self.0.eq_ignore_ascii_case(&other.0)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

pub(super) use observed_text;
