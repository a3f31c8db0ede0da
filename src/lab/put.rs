//! What a PUT of authentication settings takes: one object, whose members have the types of the wire format.

use serde_json::Value;

/// Members of a boolean, by their paths below `properties`.
const BOOLEANS: &[&str] = &[
    "/platform/enabled",
    "/globalValidation/requireAuthentication",
    "/identityProviders/azureActiveDirectory/enabled",
    "/login/tokenStore/enabled",
    "/httpSettings/requireHttps",
];

/// Members that are lists of texts.
const LISTS: &[&str] = &[
    "/globalValidation/excludedPaths",
    "/identityProviders/azureActiveDirectory/validation/allowedAudiences",
    "/identityProviders/azureActiveDirectory/validation/defaultAuthorizationPolicy/allowedApplications",
    "/identityProviders/azureActiveDirectory/validation/defaultAuthorizationPolicy/allowedPrincipals/identities",
    "/identityProviders/azureActiveDirectory/validation/defaultAuthorizationPolicy/allowedPrincipals/groups",
    "/identityProviders/azureActiveDirectory/validation/jwtClaimChecks/allowedClientApplications",
    "/identityProviders/azureActiveDirectory/validation/jwtClaimChecks/allowedGroups",
];

/// What `globalValidation.unauthenticatedClientAction` can be (facts: easy-auth, 1.3).
const ACTIONS: &[&str] = &["RedirectToLoginPage", "AllowAnonymous", "Return401", "Return403", "Return404"];

/// Why settings are not stored. The wording is the lab's own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    /// There are none.
    #[error("the body has no object properties")]
    NoProperties,
    /// A member of another type.
    #[error("properties{} must be {wanted}, not {found}", .path.replace('/', "."))]
    Member {
        /// Its path.
        path: &'static str,
        /// What it must be.
        wanted: &'static str,
        /// What it is.
        found: Value,
    },
}

/// The settings of a body, if it has the form.
///
/// # Errors
/// The first member that hasn't.
pub(crate) fn properties(body: &Value) -> Result<Value, Malformed> {
    let properties = body.get("properties").filter(|properties| properties.is_object());
    let properties = properties.ok_or(Malformed::NoProperties)?;
    let must = |path: &'static str, wanted: &'static str, fits: &dyn Fn(&Value) -> bool| {
        // What is null is as if it were left out.
        let found = properties.pointer(path).filter(|value| !value.is_null() && !fits(value));
        found.map_or(Ok(()), |found| {
            let found = found.clone();
            Err(Malformed::Member { path, wanted, found })
        })
    };
    for path in BOOLEANS {
        must(path, "true or false", &Value::is_boolean)?;
    }
    for path in LISTS {
        must(path, "a list of strings", &|value| {
            value.as_array().is_some_and(|list| list.iter().all(Value::is_string))
        })?;
    }
    must("/globalValidation/unauthenticatedClientAction", "a known action", &|value| {
        value.as_str().is_some_and(|action| ACTIONS.contains(&action))
    })?;
    Ok(properties.clone())
}
