//! The finding codes, a contract with scripts: the tables of `assets/knowledge/findings/`, as `src/build.rs` reads
//! them.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::step::StepId;

macro_rules! codes {
    ($($step:ident: { $($variant:ident = $text:literal,)* })*) => {
        /// A finding code. Its texts are in `assets/knowledge/findings/`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(
                #[doc = concat!("`", $text, "`")]
                $variant,
            )*)*
        }

        impl Code {
            /// Every code, in the order of the steps.
            pub const ALL: &'static [Self] = &[$($(Self::$variant,)*)*];

            /// The stable name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $($(Self::$variant => $text,)*)* }
            }

            /// The step that the code belongs to.
            #[must_use]
            pub const fn step(self) -> StepId {
                match self { $($(Self::$variant => StepId::$step,)*)* }
            }
        }
    };
}

include!(concat!(env!("OUT_DIR"), "/codes.rs"));

impl Code {
    /// The code with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }

    /// Whether the code says that the cause can't be determined.
    #[must_use]
    pub const fn is_undetermined(self) -> bool {
        matches!(
            self,
            Self::UndeterminedTokenRefusal | Self::Undetermined401 | Self::Undetermined403 | Self::UndeterminedFailure
        )
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::from_name(&name).ok_or_else(|| serde::de::Error::custom(format!("unknown finding code {name:?}")))
    }
}
