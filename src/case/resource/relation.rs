//! Whether two names are of one app. The bare client ID, `api://<client ID>` and the URIs below it are.
//!
//! Forms of Application ID URIs: "Restrictions on identifier URIs of Microsoft Entra applications" (Microsoft Learn).
//! The first part of `api://<GUID>/<name>` may be a client ID or the tenant's ID, so such a name proves less than a
//! bare client ID.

use super::{Likeness, is_guid, likeness, without_spn};

/// What two names say of each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// The same name, or two forms of one client ID.
    Same,
    /// Two client IDs.
    Different,
    /// Two GUIDs, of which one may be another tenant's ID and no client ID.
    Apart,
    /// Two URIs that have nothing in common; an app may have both.
    Unlike,
    /// Nothing: a client ID and a URI without one.
    Unknown,
}

/// What a name says of its app.
#[derive(Debug, Clone, PartialEq, Eq)]
enum App {
    /// The client ID itself, bare or as `api://<client ID>`.
    Is(String),
    /// A URI with this GUID, which is the client ID unless it is a tenant's.
    Has(String),
    /// No GUID that could be a client ID.
    Unnamed,
}

/// What two names say of each other. `tenant` is the token's: its ID in a URI is no client ID.
#[must_use]
pub fn relation(one: &str, other: &str, tenant: Option<&str>) -> Relation {
    if same_text(one, other) {
        return Relation::Same;
    }
    match (App::of(one, tenant), App::of(other, tenant)) {
        (App::Is(one), App::Is(other)) if one == other => Relation::Same,
        (App::Is(_), App::Is(_)) => Relation::Different,
        (App::Is(one), App::Has(other)) | (App::Has(one), App::Is(other)) if one == other => Relation::Same,
        (App::Is(_), App::Has(_)) | (App::Has(_), App::Is(_)) => Relation::Apart,
        // Two names below one GUID are of two apps where it is a tenant's ID.
        (App::Has(one), App::Has(other)) if one == other => Relation::Unknown,
        (App::Has(_), App::Has(_)) => Relation::Apart,
        (App::Unnamed, App::Unnamed) => Relation::Unlike,
        (App::Unnamed, _) | (_, App::Unnamed) => Relation::Unknown,
    }
}

/// Whether a name is a client ID, bare or as `api://<client ID>`.
#[must_use]
pub fn is_client_id(name: &str) -> bool {
    matches!(App::of(name, None), App::Is(_))
}

fn same_text(one: &str, other: &str) -> bool {
    let likeness = likeness(without_spn(one.trim()), without_spn(other.trim()));
    matches!(likeness, Likeness::Same | Likeness::Case | Likeness::TrailingSlash)
}

impl App {
    fn of(name: &str, tenant: Option<&str>) -> Self {
        let name = name.trim().trim_end_matches('/').to_ascii_lowercase();
        let bare = without_spn(&name);
        if is_guid(bare) {
            return Self::Is(bare.to_owned());
        }
        let Some(rest) = bare.strip_prefix("api://") else {
            return Self::Unnamed;
        };
        let (first, below) = rest.split_once('/').unwrap_or((rest, ""));
        let last = below.rsplit('/').next().unwrap_or_default();
        let last = last.strip_prefix("botid-").unwrap_or(last);
        let is_tenant = tenant.is_some_and(|tenant| first.eq_ignore_ascii_case(tenant));
        if is_guid(first) && !is_tenant {
            if below.is_empty() { Self::Is(first.to_owned()) } else { Self::Has(first.to_owned()) }
        } else if is_guid(last) {
            Self::Has(last.to_owned())
        } else {
            Self::Unnamed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Relation::{Apart, Different, Same, Unknown, Unlike};
    use super::*;

    const A: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
    const B: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
    const TENANT: &str = "5f0c1d2e-7a3b-4c4d-8e5f-6a7b8c9d0e1f";

    #[test]
    fn names_of_one_app_are_told_from_those_of_two() {
        for (one, other, expected) in [
            (A, A, Same),
            (A, "0F8FAD5B-D9CB-469F-A165-70867728950E", Same),
            (A, &format!("api://{A}"), Same),
            (A, &format!("API://{A}/"), Same),
            (A, &format!("api://{A}/orders"), Same),
            (A, &format!("spn:{A}"), Same),
            (&format!("api://{A}/orders"), &format!("api://{A}"), Same),
            (&format!("api://{A}/orders"), &format!("api://{A}/ORDERS/"), Same),
            (A, &format!("api://orders.contoso.com/{A}"), Same),
            (A, &format!("api://orders.contoso.com/botid-{A}"), Same),
            (A, &format!("api://{TENANT}/{A}"), Same),
            ("api://orders", "API://Orders/", Same),
            ("https://contoso.com/orders", "https://contoso.com/orders/", Same),
            (A, B, Different),
            (A, &format!("api://{B}"), Different),
            (&format!("api://{A}"), &format!("spn:{B}"), Different),
            (A, &format!("api://{B}/{A}"), Apart),
            (A, &format!("api://{B}/orders"), Apart),
            (&format!("api://{A}/orders"), &format!("api://{B}/orders"), Apart),
            (&format!("api://{A}/orders"), &format!("api://{A}/payroll"), Unknown),
            // Below the tenant's ID the names are of two apps.
            (&format!("api://{TENANT}/orders"), &format!("api://{TENANT}/payroll"), Unlike),
            (A, &format!("api://{TENANT}/orders"), Unknown),
            (A, "api://orders", Unknown),
            (A, "https://contoso.com/orders", Unknown),
            (A, "", Unknown),
            ("api://orders", "api://payroll", Unlike),
            ("api://orders", "https://contoso.com/orders", Unlike),
            (A, &format!("{A}x"), Unknown),
            (A, &format!("https://evil.example/{A}"), Unknown),
            (A, &format!("api://evil{A}"), Unknown),
        ] {
            assert_eq!(relation(one, other, Some(TENANT)), expected, "{one} {other}");
            assert_eq!(relation(other, one, Some(TENANT)), expected, "{other} {one}");
        }
    }
}
