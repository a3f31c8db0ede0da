//! What the texts of Microsoft Entra ID and of the Azure CLI quote.

use chrono::{DateTime, Utc};

use crate::case::code::Code;
use crate::case::ids::TenantId;
use crate::case::issuer::Issuer;
use crate::case::resource::{self, Removed};

use super::marks::marks;

/// The name that Entra looked for (AADSTS500011).
#[must_use]
pub fn echoed_resource(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("resource principal named ")?;
    let end = rest.find(" was not found").unwrap_or(rest.len());
    Some(rest.get(..end)?.trim_matches(['\'', '"', ' ']))
}

/// The finding that a scope within that name stands for, or a name without anything: then it is the cause.
#[must_use]
pub fn scope_in_echo(text: &str) -> Option<Code> {
    let name = echoed_resource(text)?;
    if resource::is_only_a_scheme(name) {
        return Some(Code::ResourceUndetermined);
    }
    resource::normalise(name).removed.iter().find_map(|removed| match removed {
        Removed::DefaultScope => Some(Code::ScopeDefaultInResource),
        Removed::ScopeName(_) => Some(Code::ScopeNameInResource),
        Removed::Wrapping => None,
    })
}

/// The issuer of the assertion that Entra refused: `Assertion Issuer: '…'`, or `issuer '…'`.
#[must_use]
pub fn echoed_issuer(text: &str) -> Option<&str> {
    let (_, rest) = ["Issuer: '", "issuer '"].iter().find_map(|mark| text.split_once(mark))?;
    rest.split('\'').next()
}

/// The times in Entra's text about an assertion (AADSTS700024).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EchoedTimes {
    /// When the token was requested, by Entra's clock.
    pub asked: Option<DateTime<Utc>>,
    /// From when on the assertion is valid.
    pub begins: Option<DateTime<Utc>>,
    /// Until when it is valid.
    pub ends: Option<DateTime<Utc>>,
}

/// The times in Entra's text about an assertion.
#[must_use]
pub fn echoed_times(text: &str) -> EchoedTimes {
    let after = |mark: &str| {
        let (_, rest) = text.split_once(mark)?;
        let word = rest.trim_start().split([',', ' ']).next()?.trim_end_matches('.');
        Some(DateTime::parse_from_rfc3339(word).ok()?.to_utc())
    };
    EchoedTimes {
        asked: after("Current time:"),
        begins: after("assertion valid from"),
        ends: after("expiry time of assertion"),
    }
}

/// The tenant of a subscription, where Azure Resource Manager refuses a token of another one and names it
/// (`InvalidAuthenticationTokenTenant`, "Resolve errors" in the documentation of Azure Resource Manager).
#[must_use]
pub fn echoed_subscription_tenant(text: &str) -> Option<TenantId> {
    let rest = marks("subscription-tenant").iter().find_map(|mark| Some(text.split_once(mark.as_str())?.1))?;
    Issuer::new(rest.split('\'').next()?).parts().tenant_guid().cloned()
}

/// The action that Azure Resource Manager refused, as its words name it.
#[must_use]
pub fn echoed_action(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("perform action '")?;
    rest.split_once('\'').map(|(action, _)| action).filter(|action| !action.is_empty())
}

/// The two tenants of the Azure CLI's warning: the one without a sign-in, and the one that it asked instead.
#[must_use]
pub fn echoed_tenants(text: &str) -> Option<(String, String)> {
    let (_, rest) = text.split_once("Could not retrieve credential from local cache for service principal")?;
    let after = |name: &str| {
        let (_, text) = rest.split_once(name)?;
        let end = text.find(|character: char| !(character.is_ascii_alphanumeric() || "-.".contains(character)));
        let tenant = text.get(..end.unwrap_or(text.len()))?.trim_end_matches('.');
        (!tenant.is_empty()).then(|| tenant.to_owned())
    };
    Some((after("under tenant ")?, after("Trying credential under tenant ")?))
}
