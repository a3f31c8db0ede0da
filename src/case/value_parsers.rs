//! The forms of single values. Each parser says what is wrong and what to give instead; the caller quotes the value.

mod address;
mod call;
mod choices;
mod ids;
mod resource;

pub use address::{AddressError, about_target, authority, endpoint, target};
pub use call::{Header, HeaderError, MethodError, header, method};
pub use choices::{ChoiceError, cloud, credential, timeout};
pub use ids::{IdError, client_id, guid, identity, site_id, tenant};
pub use resource::{ResourceError, resource};

use super::assume::{Assumption, AssumptionError};

/// Why a value can't be used, whichever it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub enum ValueError {
    /// A URL.
    Address(#[from] AddressError),
    /// An ID.
    Id(#[from] IdError),
    /// What a token is requested for.
    Resource(#[from] ResourceError),
    /// One of a few.
    Choice(#[from] ChoiceError),
    /// A method.
    Method(#[from] MethodError),
    /// A header.
    Header(#[from] HeaderError),
    /// A change to evaluate.
    Assumption(#[from] AssumptionError),
}

/// A change to evaluate as if it were made.
///
/// # Errors
/// Not `name=value`, `name+=value` or `name-=value` with a known name and a value.
pub fn assumption(text: &str) -> Result<String, AssumptionError> {
    Assumption::parse(text).map(|_| text.trim().to_owned())
}

#[cfg(test)]
mod tests;
