//! Which environment variables show their values. Every other one keeps its name.

use super::address;
use super::harmless::{is_harmless, is_host, is_ordinary};
use super::known_words::{LONGEST_WORD, is_known_word};
use crate::case::environment::{Variable, VariableValue};
use crate::case::ids::{bare, is_placeholder, reads_as_resource_id, wrapped_guid};
use crate::case::platform::Platform;
use crate::case::resource::is_guid;
use crate::case::secret::REDACTED;

/// What a variable's value looks like when it is what its name says.
#[derive(Clone, Copy)]
enum Form {
    /// A client ID, tenant or another ID, or a domain.
    Id,
    /// An address, shown without its query.
    Address,
    /// Hosts and addresses with commas between them.
    Hosts,
    /// A file's path.
    Path,
    /// A container image, or `COMPOSE|` and `KUBE|` with a whole encoded file behind, which may contain secrets.
    Image,
    /// A name that somebody chose: letters, digits, and few signs.
    Name,
    /// A word of Azure's: a switch, a version, a region, the name of a plan or a class (`~4`, `PremiumV3`, `true`).
    Word,
}

/// Variables whose values may be kept, each in its form.
#[rustfmt::skip]
const SHOWN: &[(&str, Form)] = &[
    ("ACC_CLOUD", Form::Word), ("ACTIONS_ID_TOKEN_REQUEST_URL", Form::Address),
    ("APPSETTING_WEBSITE_SITE_NAME", Form::Name), ("APP_KIND", Form::Name),
    ("AZURE_AUTHORITY_HOST", Form::Address), ("AZURE_CLIENT_CERTIFICATE_PATH", Form::Path),
    ("AZURE_CLIENT_ID", Form::Id), ("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", Form::Word),
    ("AZURE_FEDERATED_TOKEN_FILE", Form::Path), ("AZURE_KUBERNETES_CA_FILE", Form::Path),
    ("AZURE_KUBERNETES_SNI_NAME", Form::Hosts), ("AZURE_KUBERNETES_TOKEN_PROXY", Form::Address),
    ("AZURE_REGIONAL_AUTHORITY_NAME", Form::Word),
    ("AZURE_SERVICE", Form::Name), ("AZURE_SUBSCRIPTION_ID", Form::Id),
    ("AZURE_TENANT_ID", Form::Id), ("AZURE_TOKEN_CREDENTIALS", Form::Word), ("AZURESUBSCRIPTION_CLIENT_ID", Form::Id),
    ("CONTAINER_APP_ENV_DNS_SUFFIX", Form::Hosts), ("CONTAINER_APP_HOSTNAME", Form::Hosts),
    ("CONTAINER_APP_JOB_EXECUTION_NAME", Form::Name), ("CONTAINER_APP_REPLICA_NAME", Form::Name),
    ("CODESPACES", Form::Word), ("FABRIC_APPLICATIONNAME", Form::Name), ("SERVICEPRINCIPALID", Form::Id),
    ("CONTAINER_APP_JOB_NAME", Form::Name), ("CONTAINER_APP_NAME", Form::Name), ("CONTAINER_APP_REVISION", Form::Name),
    ("DOCKER_CUSTOM_IMAGE_NAME", Form::Image), ("FUNCTIONS_EXTENSION_VERSION", Form::Word),
    ("FUNCTIONS_WORKER_RUNTIME", Form::Word), ("GITHUB_ACTIONS", Form::Word),
    ("HTTP_PROXY", Form::Address), ("HTTPS_PROXY", Form::Address),
    ("ALL_PROXY", Form::Address), ("NO_PROXY", Form::Hosts),
    ("IMDS_ENDPOINT", Form::Address),
    ("KUBERNETES_SERVICE_HOST", Form::Hosts),
    ("PLATFORM_VERSION", Form::Word), ("REGION_NAME", Form::Word),
    ("SSL_CERT_FILE", Form::Path), ("TF_BUILD", Form::Word), ("WEBSITE_AUTH_AAD_ALLOWED_TENANTS", Form::Hosts),
    ("WEBSITE_AUTH_AAD_REQUIRE_CLIENT_SERVICE_PRINCIPAL", Form::Word), ("WEBSITE_AUTH_ALLOWED_AUDIENCES", Form::Hosts),
    ("WEBSITE_AUTH_API_PREFIX", Form::Path), ("WEBSITE_AUTH_CLIENT_ID", Form::Id),
    ("WEBSITE_AUTH_CLIENT_SECRET_SETTING_NAME", Form::Name), ("WEBSITE_AUTH_DEFAULT_PROVIDER", Form::Word),
    ("WEBSITE_AUTH_DISABLE_WWWAUTHENTICATE", Form::Word), ("WEBSITE_AUTH_ENABLED", Form::Word),
    ("WEBSITE_AUTH_FILE_PATH", Form::Path), ("WEBSITE_AUTH_FROM_FILE", Form::Word),
    ("WEBSITE_AUTH_OPENID_ISSUER", Form::Address), ("WEBSITE_AUTH_PRM_DEFAULT_WITH_SCOPES", Form::Hosts),
    ("WEBSITE_AUTH_REQUIRE_HTTPS", Form::Word), ("WEBSITE_AUTH_RUNTIME_VERSION", Form::Word),
    ("WEBSITE_AUTH_TOKEN_STORE", Form::Word), ("WEBSITE_AUTH_TRACE_LEVEL", Form::Word),
    ("WEBSITE_AUTH_UNAUTHENTICATED_ACTION", Form::Word), ("WEBSITE_DNS_ALT_SERVER", Form::Hosts),
    ("WEBSITE_DNS_SERVER", Form::Hosts), ("WEBSITE_HOSTNAME", Form::Hosts), ("WEBSITE_IIS_SITE_NAME", Form::Name),
    ("WEBSITE_INSTANCE_ID", Form::Name), ("WEBSITE_OS", Form::Word), ("WEBSITE_OWNER_NAME", Form::Name),
    ("WEBSITE_POD_NAME", Form::Name), ("WEBSITE_RESOURCE_GROUP", Form::Name), ("WEBSITE_SITE_NAME", Form::Name),
    ("WEBSITE_SKU", Form::Word), ("WEBSITE_SLOT_NAME", Form::Name),
];

/// The form of a variable whose value may be kept: one of these, or one that the table of a platform names.
fn form_of(name: &str) -> Option<Form> {
    let is = |variable: &Option<String>| variable.as_deref() == Some(name);
    let of_platform = |platform: &Platform| match platform.protocol() {
        it if is(&it.endpoint) => Some(Form::Address),
        it if is(&it.pinned_by) || is(&it.select.default) => Some(Form::Id),
        _ => None,
    };
    let listed = SHOWN.iter().find(|(known, _)| *known == name).map(|(_, form)| *form);
    listed.or_else(|| Platform::ALL.iter().find_map(of_platform))
}

/// Whether a variable's value may be kept at all.
#[must_use]
pub fn may_be_kept(name: &str) -> bool {
    form_of(name).is_some()
}

/// Whether a variable's value is what its name says. One that is not may be a secret that was put in the wrong place.
#[must_use]
pub fn has_its_form(name: &str, value: &str) -> bool {
    form_of(name).is_some_and(|form| value.is_empty() || fits(form, value))
}

/// Whether a value that may be a secret was put under a name whose values are shown.
#[must_use]
pub fn is_misplaced_secret(name: &str, value: &str) -> bool {
    may_be_kept(name) && !has_its_form(name, value) && !is_ordinary(value)
}

fn fits(form: Form, value: &str) -> bool {
    // What is around an ID by mistake hides nothing.
    let value = if matches!(form, Form::Id) { bare(value) } else { value };
    if value.len() > 1024 || value.chars().any(char::is_control) {
        return false;
    }
    match form {
        Form::Id => {
            let is_thumbprint = value.len() == 40 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
            is_guid(value)
                || wrapped_guid(value).is_some()
                || reads_as_resource_id(value) && fits(Form::Path, value)
                || is_placeholder(value) && !has_random_word(value)
                || is_thumbprint
                || is_host(value)
                || is_word_or_part(value)
        }
        // One word is no address: it may be a secret that was put in the wrong place.
        Form::Address => {
            let is_one_word = !value.contains(['.', ':', '/']) && !is_word_or_part(value);
            is_known_word(value) || !is_one_word && value.split(',').all(|part| is_address(part.trim()))
        }
        Form::Hosts => value
            .split([',', ' ', '|'])
            .all(|part| is_harmless(part) || is_address(part) || is_host(part.trim_start_matches(['.', '*']))),
        // A path's parts are names; a token or key would be one long part.
        Form::Path => {
            !value.contains("://")
                && (value.contains(['/', '\\']) || value.len() <= LONGEST_WORD)
                && value.split(['/', '\\', ':', '@']).all(|part| part.len() <= 64 && !part.starts_with("eyJ"))
        }
        Form::Image => kind_of_image(value).is_none() && fits(Form::Path, value),
        Form::Name => value.len() <= 160 && value.chars().all(is_of_name) && !has_random_word(value),
        Form::Word => value.len() <= 64 && value.split([' ', '.', '~', '-', '_', ',']).all(is_word_of_azure),
    }
}

/// A word, such as `common`, or a part of a GUID.
fn is_word_or_part(value: &str) -> bool {
    value.len() <= LONGEST_WORD
        && (value.bytes().all(|byte| byte.is_ascii_alphabetic() || b"-_. ".contains(&byte))
            || value.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-'))
}

/// The prefix of the encoded file of a multi-container app.
fn kind_of_image(value: &str) -> Option<&str> {
    let (kind, _) = value.split_once('|')?;
    ["COMPOSE", "KUBE"].contains(&kind).then_some(kind)
}

/// Letters, and a number behind them or alone. A key mixes them.
fn is_word_of_azure(part: &str) -> bool {
    let number = part.trim_start_matches(|character: char| character.is_ascii_alphabetic());
    number.len() <= 4 && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a long word of a name has capitals, small letters, and digits: names that Azure makes up have only two of
/// these.
fn has_random_word(value: &str) -> bool {
    let has = |word: &str, is: fn(&u8) -> bool| word.bytes().any(|byte| is(&byte));
    value.split(|character: char| !character.is_ascii_alphanumeric()).any(|word| {
        word.len() > LONGEST_WORD
            && has(word, u8::is_ascii_uppercase)
            && has(word, u8::is_ascii_lowercase)
            && has(word, u8::is_ascii_digit)
    })
}

fn is_of_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || " ._~+,|()-".contains(character)
}

/// An address without a user name and a query, whose path has short parts.
fn is_address(text: &str) -> bool {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    !rest.contains(['?', '#', '@'])
        && rest.split(['/', ':']).all(|part| is_harmless(part) || is_host(part) || is_words(part))
}

/// Short words with separators between them.
fn is_words(text: &str) -> bool {
    text.split(['-', '_', '.']).all(|word| word.len() <= LONGEST_WORD)
}

/// The value of a variable as it may be shown; `None` for one that is hidden.
#[must_use]
pub fn value(variable: &Variable) -> Option<String> {
    // That it is empty is what there is to know of it.
    if variable.is_empty() {
        return Some(String::new());
    }
    let VariableValue::Plain(text) = &variable.value else {
        return None;
    };
    Some(match kind_of_image(text) {
        _ if has_its_form(&variable.name, text) => address::own(text),
        Some(kind) if may_be_kept(&variable.name) => format!("{kind}|{REDACTED}"),
        _ => REDACTED.to_owned(),
    })
}

/// The variable as it may be shown.
pub(super) fn shown(variable: &Variable) -> Variable {
    let value = value(variable).map_or_else(|| variable.value.clone(), VariableValue::Plain);
    Variable { value, ..variable.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_every_platform_is_kept_and_its_secret_is_not() {
        for platform in Platform::ALL {
            assert!(platform.protocol().endpoint.iter().all(|name| may_be_kept(name)), "{platform:?}");
            assert!(platform.secret_variable().is_none_or(|name| !may_be_kept(name)), "{platform:?}");
        }
    }

    #[test]
    fn a_value_is_kept_only_in_its_form() {
        for (name, value) in [
            ("AZURE_CLIENT_ID", "0f8fad5b-d9cb-469f-a165-70867728950e"),
            ("IDENTITY_ENDPOINT", "http://169.254.129.4:8081/msi/token"),
            ("AZURE_AUTHORITY_HOST", "login.microsoftonline.com"),
            ("AZURE_TENANT_ID", "organizations"),
            ("AZURE_TENANT_ID", "0f8fad5b-d9cb"),
            ("AZURE_FEDERATED_TOKEN_FILE", "/var/run/secrets/azure/tokens/azure-identity-token"),
            ("WEBSITE_OWNER_NAME", "0f8fad5b-d9cb-469f-a165-70867728950e+rg-WestEuropewebspace-Linux"),
            ("WEBSITE_SITE_NAME", "orders-api-of-the-second-team-prod"),
            ("NO_PROXY", "localhost,127.0.0.1,.azurewebsites.net,169.254.169.254"),
            ("WEBSITE_INSTANCE_ID", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
            ("WEBSITE_AUTH_ALLOWED_AUDIENCES", "api://0f8fad5b-d9cb-469f-a165-70867728950e api://orders"),
            ("WEBSITE_AUTH_ENABLED", ""),
            ("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential"),
            ("FUNCTIONS_EXTENSION_VERSION", "~4"),
            ("FUNCTIONS_WORKER_RUNTIME", "dotnet-isolated"),
            ("PLATFORM_VERSION", "99.0.10.743"),
            ("REGION_NAME", "West Europe"),
            ("WEBSITE_AUTH_RUNTIME_VERSION", "1.4.7"),
            ("WEBSITE_SKU", "PremiumV3"),
        ] {
            assert!(may_be_kept(name) && has_its_form(name, value), "{name}={value}");
        }
        for (name, value) in [
            ("AZURE_CLIENT_ID", "Ab8Q~xyz.0123456789abcdefghijklmnopqrs"),
            ("AZURE_CLIENT_ID", "Vb8mT4nQw6"),
            ("AZURE_TENANT_ID", "Zx9Kq2!hunter7"),
            ("AZURE_AUTHORITY_HOST", "hunter2x"),
            ("HTTP_PROXY", "http://user:hunter2@proxy:8080"),
            ("IDENTITY_ENDPOINT", "http://127.0.0.1/msi/token?code=hunter2hunter2"),
            ("WEBSITE_SKU", "QmFzZTY0U2VjcmV0VmFsdWVPZlRoZVJ1bg=="),
            ("WEBSITE_SITE_NAME", "Zk3vQ9xLw7RtY2pNc8HdJ5sB"),
            ("AZURE_FEDERATED_TOKEN_FILE", "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEyMyJ9"),
            ("WEBSITE_OS", "Zk3vQ9xLw7RtY2"),
            ("AZURE_TOKEN_CREDENTIALS", "hunter2hunter2x"),
            ("FUNCTIONS_EXTENSION_VERSION", "p4ssw0rd"),
            ("WEBSITE_AUTH_ENABLED", "correct horse 7b4ttery"),
        ] {
            assert!(may_be_kept(name) && !has_its_form(name, value), "{name}={value}");
        }
        for name in [
            "AZURE_CREDENTIALS",
            "AZURE_DEVOPS_EXT_PAT",
            "AZURE_WEBAPP_PUBLISH_PROFILE",
            "WEBSITE_RUN_FROM_PACKAGE",
            "WEBSITE_AUTH_V2_CONFIG_JSON",
            "WEBSITE_SWAP_WARMUP_PING_PATH",
            "AZURE_CLIENT_CERTIFICATE",
            "IDENTITY_HEADER",
        ] {
            assert!(!may_be_kept(name), "{name}");
        }
    }
}
