//! `WEBSITE_AUTH_*` variables: what the platform hands to App 2's own process, and App 2's app settings.

use serde_json::Value;

use super::fields::{Notes, is_expression, truth};
use super::{AuthSettings, EntraProvider, SettingsError, Shape, classic, v2};
use crate::case::environment::{assignments, has_bare_values, listed};
use crate::case::ids::{ClientId, TenantId, guids_in, is_guid};
use crate::case::issuer::Issuer;
use crate::case::json;
use crate::case::shell_value::unquoted;

/// The list of tenants, whose value is kept letter by letter: a quotation mark in it matters.
const ALLOWED_TENANTS: &str = "WEBSITE_AUTH_AAD_ALLOWED_TENANTS";

/// Reads variables: `WEBSITE_AUTH_V2_CONFIG_JSON` first, the single ones beside it.
///
/// # Errors
/// When no such variable is there, or the JSON in one cannot be read.
pub(super) fn read(variables: &[(String, String)]) -> Result<AuthSettings, SettingsError> {
    let value =
        |name: &str| variables.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str());
    let known = variables.iter().any(|(name, _)| name.to_ascii_uppercase().starts_with("WEBSITE_AUTH_"));
    if !known {
        return Err(SettingsError::NoVariable { count: variables.len() });
    }
    let mut settings = match value("WEBSITE_AUTH_V2_CONFIG_JSON").filter(|json| !json.trim().is_empty()) {
        Some(text) => {
            let json = json::parse(text).map_err(SettingsError::VariableNotJson)?;
            v2::read(&json, Shape::V2)
        }
        None => single(&value),
    };
    settings.enabled = settings.enabled.or_else(|| truth(value("WEBSITE_AUTH_ENABLED")?));
    beside(&mut settings, variables);
    Ok(settings)
}

/// Takes what only app settings contain into settings read elsewhere.
pub(super) fn beside(settings: &mut AuthSettings, variables: &[(String, String)]) {
    for (name, value) in variables {
        if name.eq_ignore_ascii_case(ALLOWED_TENANTS) {
            // An expression isn't the value; a tenant may be in brackets.
            let is_hidden = is_expression(value) && !guids_in(value).into_iter().any(is_guid);
            settings.allowed_tenants = (!is_hidden).then(|| tenants(value));
        } else if name.eq_ignore_ascii_case("WEBSITE_AUTH_AAD_REQUIRE_CLIENT_SERVICE_PRINCIPAL") {
            settings.require_client_service_principal = truth(value);
        }
    }
}

/// The entries of the list of tenants. Who else than this program takes a no-break space for a space isn't known.
fn tenants(list: &str) -> Vec<TenantId> {
    let entries = list.split(',').map(str::trim_ascii).filter(|entry| !entry.trim().is_empty());
    entries.map(TenantId::new).collect()
}

/// The single variables, where there is no JSON.
fn single<'a>(value: &impl Fn(&str) -> Option<&'a str>) -> AuthSettings {
    let text = |name: &str| value(name).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let mut notes = Notes::new();
    let acl = text("WEBSITE_AUTH_AAD_CLAIMS_AUTHORIZATION");
    let (claim_check_applications, claim_check_groups) = classic::claims_authorization(acl.as_deref(), &mut notes);
    let provider = EntraProvider {
        claim_check_applications,
        claim_check_groups,
        client_id: text("WEBSITE_AUTH_CLIENT_ID").map(ClientId::new),
        issuer: text("WEBSITE_AUTH_OPENID_ISSUER").map(Issuer::new),
        disable_www_authenticate: value("WEBSITE_AUTH_DISABLE_WWWAUTHENTICATE").and_then(truth),
        // Separated by spaces, unlike the other lists.
        allowed_audiences: value("WEBSITE_AUTH_ALLOWED_AUDIENCES").map(|list| split(list, &[' ', '\t', '\n'])),
        ..EntraProvider::default()
    };
    let from_file = value("WEBSITE_AUTH_FROM_FILE").and_then(truth) == Some(true);
    AuthSettings {
        runtime_version: text("WEBSITE_AUTH_RUNTIME_VERSION"),
        config_file_path: from_file.then(|| text("WEBSITE_AUTH_FILE_PATH").unwrap_or_else(|| "auth.json".to_owned())),
        unauthenticated_action: text("WEBSITE_AUTH_UNAUTHENTICATED_ACTION"),
        redirect_to_provider: text("WEBSITE_AUTH_DEFAULT_PROVIDER"),
        entra: (provider.client_id.is_some() || provider.issuer.is_some()).then_some(provider),
        require_https: value("WEBSITE_AUTH_REQUIRE_HTTPS").and_then(truth),
        api_prefix: text("WEBSITE_AUTH_API_PREFIX"),
        token_store: value("WEBSITE_AUTH_TOKEN_STORE").and_then(truth),
        incomplete: Some(
            "single WEBSITE_AUTH_* variables don't include the policy (allowedApplications, allowedPrincipals); \
             WEBSITE_AUTH_V2_CONFIG_JSON does, if App 2 has it"
                .to_owned(),
        ),
        undetermined: notes,
        ..AuthSettings::unknown(Shape::Variables)
    }
}

fn split<T: From<String>>(list: &str, separators: &[char]) -> Vec<T> {
    list.split(separators).map(str::trim).filter(|item| !item.is_empty()).map(|item| T::from(item.to_owned())).collect()
}

/// The variables in an environment block: separated by NUL, or one a line, `export` before them and quotes allowed.
pub(super) fn in_text(text: &str) -> Vec<(String, String)> {
    let is_exact = has_bare_values(text);
    let value = |name: &str, value: &str| match value.trim() {
        value if is_exact && name.eq_ignore_ascii_case(ALLOWED_TENANTS) => value.to_owned(),
        value => unquoted(value),
    };
    assignments(text).into_iter().map(|(name, text)| (name.to_owned(), value(name, text))).collect()
}

/// The variables in JSON: a list of them, or an object of texts.
pub(super) fn in_json(value: &Value) -> Option<Vec<(String, String)>> {
    let pairs: Vec<(String, String)> = match value {
        Value::Array(items) => return in_list(items),
        Value::Object(members) => {
            members.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
        }
        _ => return None,
    };
    of_website(pairs)
}

/// The variables in a list of `{name, value}` (`az webapp config appsettings list`).
pub(super) fn in_list(items: &[Value]) -> Option<Vec<(String, String)>> {
    of_website(items.iter().filter_map(listed::entry).collect())
}

/// The variables, where they are those of a site.
fn of_website(pairs: Vec<(String, String)>) -> Option<Vec<(String, String)>> {
    pairs.iter().any(|(name, _)| name.to_ascii_uppercase().starts_with("WEBSITE_")).then_some(pairs)
}
