//! The templates of fixes: which placeholders there are, and how a fix is filled. `engine` has their language.

use super::engine::{Text, is_comment};
use super::settings_change::SettingsChange;
use super::shell::{is_plain_in_double_quotes, is_portable};
use super::tables::{ChangeTemplate, FixTemplate};
use super::words::Value;
use crate::case::text::is_deceptive;

/// Every placeholder and what it stands for.
#[rustfmt::skip]
pub const PLACEHOLDERS: &[(&str, &str)] = &[
    ("target_url", "the URL on App 2 that is called"),
    ("target_host", "the host name of that URL"),
    ("no_dns", "set where the DNS server doesn't respond"),
    ("no_service_principal", "set where Microsoft Graph has no service principal for App 2's registration"),
    ("registered_uri", "an Application ID URI that App 2's registration has, where another one was requested"),
    ("issuer_host", "the host of App 2's issuer, where that is a tenant for customers"),
    ("apart", "how far the clock of App 1's machine is from that of Microsoft Entra ID"),
    ("silent", "set where App 2 accepts connections and doesn't answer"),
    ("ca_as_server", "set where App 2's certificate is a certificate authority's own"),
    ("target_address", "the host name of that URL with its port"),
    ("target_path", "the path of that URL"),
    ("advertised", "the resource that App 2's own metadata or challenge names"),
    ("gateway", "what is in front of App 2 and gave the answer"),
    ("front", "what is in front of App 2, where that is known"),
    ("proxy", "the web proxy on App 1's side that gave the answer"),
    ("target_site", "App 2's name"),
    ("target_slot", "App 2's slot, when it is not the production slot"),
    ("target_group", "App 2's resource group"),
    ("target_subscription", "App 2's subscription ID"),
    ("target_resource_id", "App 2's ARM resource ID"),
    ("target_args", "App 2 as arguments of az: --name, --resource-group, --slot, --subscription"),
    ("authentication_page", "where the portal has App 2's authentication settings"),
    ("target_az", "the group of az for App 2: webapp, functionapp, or logicapp"),
    ("container_app", "whether App 2 is a container app"),
    ("target_windows", "set where App 2 is an app of App Service on Windows"),
    ("caller_windows", "set where this program runs in an app of App Service on Windows"),
    ("logic_app", "whether App 2 is a Standard logic app"),
    ("settings_read", "set where App 2's whole policy was read, and /.auth/me doesn't reject the caller"),
    ("withheld_audience", "a Microsoft API's audience that App 2 lists and no token was sent for"),
    ("settings_url", "the ARM URL of App 2's authentication settings (authsettingsV2)"),
    ("target_client_id", "the client ID (application ID) of App 2's registration"),
    ("configured_api_id", "the client ID of a Microsoft API, where App 2's settings have it as App 2's"),
    ("untried_client_id", "the same, where no token for it was tried in this run"),
    ("target_object_id", "the object ID of App 2's service principal (enterprise application)"),
    ("target_app_object_id", "the object ID of App 2's application object (app registration)"),
    ("target_tenant", "the tenant of App 2's registration"),
    ("caller_client_id", "the client ID (application ID) of App 1's identity"),
    ("caller_object_id", "the object ID (principal ID) of App 1's identity"),
    ("caller_name", "the display name of App 1's identity"),
    ("caller_site", "App 1's name"),
    ("caller_slot", "App 1's slot, when it is not the production slot"),
    ("caller_group", "App 1's resource group"),
    ("caller_host", "the kind of App 1's host, such as app-service or kubernetes"),
    ("caller_az", "the group of az for App 1: webapp, functionapp, or logicapp"),
    ("caller_app", "App 1 as a container app or its job: its name"),
    ("caller_job", "set where App 1 is a job of Container Apps"),
    ("denied_action", "the action that Azure Resource Manager refused"),
    ("reader_lacks", "set where the built-in role Reader doesn't have that action"),
    ("caller_tenant", "the tenant of App 1's identity, where it isn't App 2's"),
    ("wanted_tenant", "App 2's tenant, where App 1's identity is in another one"),
    ("is_managed", "set where the caller is a managed identity"),
    ("is_azure_cli", "set where the Azure CLI is the credential"),
    ("node_identity", "set where the identity is that of a pod's node"),
    ("defined", "the app roles for applications that App 2's registration defines"),
    ("unconfirmed_uri", "set where nothing shows whose Application ID URI the audience is"),
    ("shared_identity", "the name of a machine's identity that more than App 1 can use"),
    ("likely_client_id", "App 2's client ID, or the one in the resource that is requested for it"),
    ("gateway_rule", "the rule of App 2 that lets in only what comes through a gateway"),
    ("internal", "set where App 2's ingress takes requests from its own environment only"),
    ("no_ingress", "set where App 2 has no ingress"),
    ("own_rule", "set where the answer names a rule of the app's own, such as a list of callers"),
    ("claims_challenge", "set where the app sends a claims challenge"),
    ("copied", "a variable of App Service on a machine of another cloud"),
    ("closed", "set where public network access to App 2 is disabled"),
    ("no_provider", "set where App 2 has no Microsoft provider that could be switched on"),
    ("no_principal", "set where the token has no object ID, as App 1 has no service principal in App 2's tenant"),
    ("no_credential", "set where no credential is found on this machine"),
    ("compared", "set where the same identity requested other tokens in this run"),
    ("token_file", "set where the file of a federated token can't be used"),
    ("part", "set where a service principal's tenant or client ID is missing"),
    ("wanted", "the names of variables that SDKs read, where those that are set have another case"),
    ("found", "the names of variables that are set in another case"),
    ("swapped", "set where App 1 has the identity of its other slot"),
    ("unresolved", "set where the secret's setting has a variable or placeholder instead of a secret"),
    ("key_vault", "set where it has a reference to Key Vault or App Configuration instead"),
    ("by_user", "set where Entra refused the sign-in of a user"),
    ("of_assertion", "set where the identity's own token is the federated token"),
    ("not_yet", "set where the federated token isn't valid yet"),
    ("user_assigned", "set where a user-assigned identity is selected"),
    ("to", "where App 2 redirects to"),
    ("cloud", "the other cloud whose machine App 1 runs on"),
    ("bare_id", "the selected ID without what is around it"),
    ("from_variable", "set where AZURE_CLIENT_ID selects the identity"),
    ("variable", "the variable that has something else than a value"),
    ("secret_form", "what the form of the client secret shows, such as guid, line-break, quotes, json, or pem"),
    ("secret_around", "set where something is around the client secret that isn't part of it"),
    ("lasting", "set where a new federated token of the same kind is refused as well"),
    ("instead", "what a setting has instead of a value, such as a reference that wasn't resolved"),
    ("entra_fix", "what to do first about the AADSTS number"),
    ("given_tenant", "the word that was given as the tenant, such as common"),
    ("own_client_id", "the client ID of an application that requests a token for itself"),
    ("no_guid", "set where the identity is selected by something else than a GUID"),
    ("signed_in", "set where the pipeline's task signed the Azure CLI in"),
    ("named_host", "the host of App 2's sign-in page, where it is of another cloud"),
    ("assignable", "set unless the selected identity is App 1's system-assigned one"),
    ("other_cloud", "that cloud, as --cloud names it"),
    ("unknown_answer", "set where no table knows the answer to the token request"),
    ("caller_subscription", "App 1's subscription ID"),
    ("caller_args", "App 1 as arguments of az: --name, --resource-group, --slot"),
    ("caller_identity_id", "the ARM resource ID of App 1's user-assigned identity"),
    ("expected_identity", "the identity that the caller should have, as given"),
    ("tenant_id", "the tenant of the call: the token's, else App 2's, else the given one"),
    ("token_tenant", "the tenant that issued the token"),
    ("resource", "the resource of the token: Application ID URI or client ID"),
    ("scope", "the scope that asks for that resource: {resource}/.default"),
    ("token_audience", "the token's aud claim"),
    ("new_audience", "the token's aud claim, where App 2 may be told to accept it: no well-known API's"),
    ("token_issuer", "the token's iss claim"),
    ("token_version", "the token's ver claim"),
    ("wanted_token_version", "the token version that App 2's issuer URL stands for, when the token has the other one"),
    ("allowed_audiences", "App 2's allowed token audiences now"),
    ("allowed_audiences_union", "the same, extended by what this call needs"),
    ("allowed_applications", "App 2's allowed client applications now"),
    ("allowed_applications_union", "the same, extended by the caller's client ID"),
    ("allowed_identities", "App 2's allowed identities now"),
    ("allowed_identities_union", "the same, extended by the caller's object ID"),
    ("allowed_tenants_union", "the tenants of WEBSITE_AUTH_AAD_ALLOWED_TENANTS and the token's, with commas"),
    ("claim_checks_union", "jwtClaimChecks.allowedClientApplications now, extended by the caller's client ID"),
    ("settings_moves", "the filter for jq that moves App 2's misplaced settings, as an argument"),
    ("settings_edit", "the filter for jq that makes the changes of App 2's settings, as an argument"),
    ("excluded_entry", "the entry of excludedPaths that covers the path"),
    ("excluded_paths_left", "excludedPaths now, without that entry"),
    ("identifier_uris_union", "App 2's Application ID URIs now and api://<client ID>, as arguments of az"),
    ("site_url", "the ARM URL of App 2's site"),
    ("issuer", "App 2's issuer URL (openIdIssuer) now"),
    ("issuer_v1", "the issuer URL for version 1 tokens of App 2's tenant"),
    ("issuer_v2", "the issuer URL for version 2 tokens of App 2's tenant"),
    ("issuer_for_token", "the issuer URL that matches this token's version and tenant"),
    ("own_tenant_issuer", "the same, where the token's tenant is that of App 2's own subscription"),
    ("identifier_uri", "App 2's Application ID URI"),
    ("app_role_id", "the id of an app role of App 2 that applications can have"),
    ("app_role_value", "the value of that app role"),
    ("egress_ip", "the address that App 1's request came from, as the refusal names it"),
    ("authority", "the Entra authority, without a trailing slash"),
    ("authority_host", "the host name of the authority"),
    ("resource_manager", "Azure Resource Manager's base URL"),
    ("graph", "Microsoft Graph's base URL"),
    ("config_file", "the path of App 2's authentication settings file"),
    ("settings_file", "the path of the file that overrides App 2's settings in Azure"),
    ("secret_setting", "the app setting that holds App 2's client secret"),
    ("aadsts", "the AADSTS number of Entra's refusal"),
    ("correlation_id", "the correlation ID of the refusal"),
    ("trace_id", "the trace ID of the refusal"),
    ("signed_in_through", "the tool or client with which a user got the token"),
    ("developer_tool_client_id", "the client ID of the developer tool that asked for the token"),
    ("developer_tool", "the tool with which a user got the token, such as the Azure CLI"),
    ("subject", "the sub claim of the outside token"),
    ("federation_issuer", "the iss claim of the outside token"),
    ("federation_audience", "the aud claim of the outside token"),
    ("identity_host", "the host of App 1's identity endpoint"),
    ("selected_identity", "the identity that was selected, as given"),
    ("list", "the setting whose list is meant"),
    ("is_own", "set where the list of groups contains the caller's own object ID"),
    ("role", "the app role that the caller doesn't have"),
    ("other_role", "an app role that the app's answer names, and that is disabled or only for users"),
    ("held_role", "an app role that the app's answer names, and that the token has"),
    ("method", "the method of the final call"),
    ("header", "the header in which what is in front of App 2 requires its own key"),
    ("scheme", "the scheme that App 2 or what is in front of it asks for, other than Bearer"),
    ("mark", "the error code of the Logic Apps runtime"),
    ("workflow", "set where App 2 is a workflow without an authorization policy"),
    ("behind", "what behind Easy Auth refuses the request for a reason that isn't the caller"),
    ("entry", "an entry of a list that has several values in one text"),
    ("fits", "set where the token matches the settings that were read"),
    ("encrypted", "set where the token is encrypted (JWE)"),
    ("own_sign_in", "set where the app redirects the call to a sign-in of its own"),
    ("sign_in", "whether what is in front of App 2 requires its own sign-in"),
    ("listed", "the IDs in App 2's policy that no service principal has"),
    ("principal_name", "set where the app misses the header X-MS-CLIENT-PRINCIPAL-NAME, which a user's token has"),
    ("too_large", "set where a server refuses the request's headers as too large"),
    ("settings_allow", "set where the settings that were read allow the caller, and App 2 returned 403"),
    ("principal", "whether the app misses the header X-MS-CLIENT-PRINCIPAL"),
];

/// Fills a fix. `None` when one of the values that it needs is not known, or nothing is left of it.
#[must_use]
pub fn fill(template: &FixTemplate, lookup: &dyn Fn(&str) -> Option<Value>) -> Option<String> {
    let known = |name: &str| lookup(name).filter(is_safe);
    if template.needs.iter().any(|name| known(name).is_none()) {
        return None;
    }
    // In PowerShell, only what is plain within double quotes is filled in.
    let in_powershell = |name: &str| known(name).filter(|value| value.text().is_none_or(is_plain_in_double_quotes));
    let filled = match template.via.as_str() {
        "powershell" => template.text.fill(&in_powershell),
        _ => template.text.fill(&known),
    };
    let text = without_special(&filled).trim_matches('\n').to_owned();
    // Comments alone fix nothing.
    let says_something = text.lines().any(|line| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with('#')
    });
    says_something.then_some(text)
}

/// Takes away the commands of the Azure CLI that a shell would read in its own way, because of a value, with their
/// comments.
fn without_special(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.split('\n') {
        let command = line.trim_start_matches(['#', ' ']);
        if !command.starts_with("az ") || is_portable(command) {
            lines.push(line);
            continue;
        }
        while lines.last().is_some_and(|line| is_comment(line)) {
            lines.pop();
        }
    }
    lines.join("\n")
}

/// A caution, filled; `None` when nothing is left of it.
#[must_use]
pub fn fill_caution(caution: &Text, lookup: &dyn Fn(&str) -> Option<Value>) -> Option<String> {
    let text = caution.fill(&|name| lookup(name).filter(is_safe));
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Values come from the wire, from files, and from people: one with control or invisible characters is never filled in.
fn is_safe(value: &Value) -> bool {
    let safe = |text: &String| !text.is_empty() && !text.chars().any(is_deceptive);
    match value {
        Value::Text(text) | Value::Arguments(text) => safe(text),
        Value::List(items) => !items.is_empty() && items.iter().all(safe),
        Value::Yes => true,
        Value::Said(_) => false,
    }
}

/// Whether a fix says something without a case: none of what it needs is set only in some.
#[must_use]
pub fn is_for_any_case(fix: &FixTemplate) -> bool {
    let of_one = |name: &str| fix.needs.iter().any(|needed| needed == name);
    !OF_ONE_PLACE.iter().chain(OF_ONE_CASE).any(|name| of_one(name))
}

/// A template for a reader without a case: every value is `<its name>`.
#[must_use]
pub fn unfilled(text: &Text, changes: &[ChangeTemplate]) -> String {
    let filters: Vec<String> =
        changes.iter().filter_map(|change| SettingsChange::of(change, |name| Some(for_a_reader(name)))?.jq()).collect();
    let edit = format!("'{}'", filters.join(" | "));
    let value = |name: &str| match name {
        "settings_edit" => Value::Arguments(edit.clone()),
        "settings_moves" => Value::Arguments(MOVES.to_owned()),
        "caller_args" | "target_args" | "caller_az" | "target_az" => Value::Arguments(for_a_reader(name)),
        "authentication_page" => Value::Text("Settings > Authentication".to_owned()),
        name => Value::Text(for_a_reader(name)),
    };
    text.fill(&|name| (!OF_ONE_PLACE.contains(&name)).then(|| value(name))).trim_end().to_owned()
}

/// A template with the values that are known; every other value is `<its name>`.
#[must_use]
pub fn partly_filled(text: &Text, lookup: &dyn Fn(&str) -> Option<Value>) -> String {
    let value = |name: &str| {
        let known = lookup(name).filter(is_safe);
        Some(known.unwrap_or_else(|| Value::Arguments(for_a_reader(name))))
    };
    text.fill(&value).trim_matches('\n').to_owned()
}

/// What is set on one of several kinds and hosts, or for one of several refusals, only: a reader without a case gets
/// the words for most.
const OF_ONE_PLACE: &[&str] = &[
    "apart",
    "issuer_host",
    "caller_slot",
    "target_slot",
    "settings_read",
    "withheld_audience",
    "behind",
    "no_credential",
    "no_principal",
    "no_provider",
    "closed",
    "gateway_rule",
    "internal",
    "no_ingress",
    "own_rule",
    "claims_challenge",
    "copied",
    "settings_file",
    "by_user",
    "entra_fix",
    "lasting",
    "principal_name",
    "too_large",
    "settings_allow",
    "instead",
    "user_assigned",
    "bare_id",
    "variable",
    "secret_form",
    "secret_around",
    "given_tenant",
    "no_guid",
    "of_assertion",
    "part",
    "wanted",
    "found",
    "swapped",
    "signed_in",
    "container_app",
    "logic_app",
    "target_windows",
    "caller_windows",
    "caller_job",
    "reader_lacks",
    "front",
    "gateway",
    "mark",
    "encrypted",
    "entry",
    "node_identity",
    "unconfirmed_uri",
    "shared_identity",
    "defined",
    "fits",
    "advertised",
    "principal",
    "own_sign_in",
    "sign_in",
    "denied_action",
    "proxy",
    "listed",
    "to",
    "registered_uri",
    "own_client_id",
    "unknown_answer",
    "no_service_principal",
    "cloud",
    "other_cloud",
    "named_host",
    "is_azure_cli",
    "configured_api_id",
    "held_role",
    "other_role",
    "untried_client_id",
    "federation_audience",
    "correlation_id",
    "trace_id",
    "not_yet",
    "list",
    "claim_checks_union",
];

/// The same, where a fix needs it: what only one case has seen isn't a fact on a page for all.
const OF_ONE_CASE: &[&str] = &[
    "wanted_tenant",
    "key_vault",
    "unresolved",
    "token_file",
    "is_managed",
    "workflow",
    "expected_identity",
    "config_file",
];

/// An example of what moves a misplaced setting.
const MOVES: &str = "'.properties.identityProviders.azureActiveDirectory |= (.registration.clientId = .clientId | \
    del(.clientId))'";

/// The address of App 2 in Azure Resource Manager.
const SITE: &str = "https://management.azure.com/subscriptions/<subscription>/resourceGroups/<group>/providers/\
    Microsoft.Web/sites/<App 2>";

/// What a placeholder is called where there is no case to fill it from.
fn for_a_reader(name: &str) -> String {
    let text = match name {
        "caller_args" => return "--name \"<App 1>\" --resource-group \"<its group>\"".to_owned(),
        "target_args" => return "--name \"<App 2>\" --resource-group \"<its group>\"".to_owned(),
        "caller_az" | "target_az" => return "webapp".to_owned(),
        "settings_url" => return format!("{SITE}/config/authsettingsV2?api-version=2024-04-01"),
        "site_url" => return format!("{SITE}?api-version=2024-04-01"),
        "resource_manager" => return "https://management.azure.com".to_owned(),
        "authority" => return "https://login.microsoftonline.com".to_owned(),
        "graph" => return "https://graph.microsoft.com".to_owned(),
        "authority_host" => return "login.microsoftonline.com".to_owned(),
        "caller_site" | "caller_app" => "name of App 1".to_owned(),
        "caller_group" => "resource group of App 1".to_owned(),
        "caller_identity_id" => "resource ID of the identity".to_owned(),
        "config_file" => "settings file".to_owned(),
        "subject" => "subject of the external token".to_owned(),
        "federation_issuer" => "issuer of the external token".to_owned(),
        "secret_setting" => "name of the secret setting".to_owned(),
        "target_site" => "name of App 2".to_owned(),
        "issuer_for_token" | "own_tenant_issuer" => "issuer URL of the tenant".to_owned(),
        "new_audience" | "identifier_uri" | "registered_uri" => "Application ID URI".to_owned(),
        "egress_ip" => "App 1 outbound IP address".to_owned(),
        "wanted_tenant" => "tenant ID".to_owned(),
        "wanted_token_version" => "1 or 2".to_owned(),
        "own_client_id" | "likely_client_id" | "untried_client_id" => "client ID".to_owned(),
        "excluded_entry" => "excluded path".to_owned(),
        "excluded_paths_left" => "remaining excluded paths".to_owned(),
        "aadsts" => "AADSTS number".to_owned(),
        other => {
            let words = other.split('_').map(|word| match word {
                "caller" => "App 1",
                "target" => "App 2",
                "union" => "and the new one",
                "site" => "name",
                "group" => "resource group",
                "id" => "ID",
                "url" => "URL",
                "uri" => "URI",
                "uris" => "URIs",
                "ip" => "IP address",
                word => word,
            });
            words.collect::<Vec<_>>().join(" ")
        }
    };
    format!("<{text}>")
}
