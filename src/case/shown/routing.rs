//! The deployment slot that App Service routes a request to, by the name that cookies and addresses have for it.

use super::harmless::is_harmless;

/// The name of App Service's cookie, and of the parameter of an address, that routes a request to a deployment slot.
pub const ROUTING_NAME: &str = "x-ms-routing-name";

/// What may be shown of a header of cookies: the slot that it routes to.
#[must_use]
pub fn routing(name: &str, cookies: &str) -> Option<String> {
    let is_cookie = ["cookie", "set-cookie"].iter().any(|header| name.eq_ignore_ascii_case(header));
    let slot = routing_cookie(cookies).filter(|slot| is_cookie && is_harmless(slot))?;
    Some(format!("{ROUTING_NAME}={slot}"))
}

/// The slot that a header of cookies routes to: a name, and no secret.
#[must_use]
pub fn routing_cookie(cookies: &str) -> Option<&str> {
    let mut pairs = cookies.split(';').filter_map(|cookie| cookie.trim().split_once('='));
    pairs.find(|(name, slot)| *name == ROUTING_NAME && !slot.is_empty()).map(|(_, slot)| slot)
}
