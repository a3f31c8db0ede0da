//! The resource that Microsoft Entra ID did not find, as its text quotes it (AADSTS500011).

use crate::case::code::Code;
use crate::case::resource::{self, Removed};

/// The name that Entra looked for.
#[must_use]
pub fn echoed_resource(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("resource principal named ")?;
    let end = rest.find(" was not found").unwrap_or(rest.len());
    Some(rest.get(..end)?.trim_matches(['\'', '"', ' ']))
}

/// The finding that a scope within that name stands for: then it is the cause.
#[must_use]
pub fn scope_in_echo(text: &str) -> Option<Code> {
    let name = echoed_resource(text)?;
    resource::normalise(name).removed.iter().find_map(|removed| match removed {
        Removed::DefaultScope => Some(Code::ScopeDefaultInResource),
        Removed::ScopeName(_) => Some(Code::ScopeNameInResource),
        Removed::Wrapping => None,
    })
}
