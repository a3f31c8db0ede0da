//! The directories that Entra knows, and the issuer that each one's metadata names.

use super::world::World;

/// The issuer that metadata names for a tenant, or `None` when there is no such tenant.
pub(crate) fn issuer(world: &World, tenant: &str, v2: bool) -> Option<String> {
    let known = [&world.tenant.id, &world.tenant.foreign_id]
        .into_iter()
        .find(|id| id.eq_ignore_ascii_case(tenant))
        .map(String::as_str)
        .or_else(|| (tenant.eq_ignore_ascii_case(&world.tenant.domain)).then_some(world.tenant.id.as_str()))
        .or_else(|| matches!(tenant, "common" | "organizations").then_some("{tenantid}"))?;
    Some(if v2 {
        format!("https://login.microsoftonline.com/{known}/v2.0")
    } else {
        format!("https://sts.windows.net/{known}/")
    })
}
