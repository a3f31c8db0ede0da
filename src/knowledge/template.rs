//! Fix templates: texts with placeholders, filled with a case's values.
//!
//! - `{name}` is a placeholder of [`PLACEHOLDERS`]; `{name:json}` is its value as JSON (a list as a JSON array).
//! - A line whose placeholder has no value is left out.
//! - A line that begins with `| ` stands in for the line before it, and is used only when that one was left out.
//! - The comment before a command that is left out goes with it.
//! - A line that begins with `! ` is essential: when it is left out and nothing stands in for it, so is the whole fix.
//!
//! Values come from the wire, from files and from people, so they are written for the language they land in: quoted
//! for a shell according to the quotes around them, escaped in Bicep, Terraform and source code. A value with control
//! or invisible characters is never filled in.

use crate::case::text::is_deceptive;

use super::engine::shell_word;
use super::settings_change::SettingsChange;
use super::shell::Shell;
use super::tables::{ChangeTemplate, FixTemplate};
use super::words::Value;

/// Every placeholder and what it stands for.
#[rustfmt::skip]
pub const PLACEHOLDERS: &[(&str, &str)] = &[
    ("target_url", "the URL on App 2 that is called"),
    ("target_host", "the host name of that URL"),
    ("target_path", "the path of that URL"),
    ("target_site", "App 2's name"),
    ("target_slot", "App 2's slot, when it is not the production slot"),
    ("target_group", "App 2's resource group"),
    ("target_subscription", "App 2's subscription id"),
    ("target_resource_id", "App 2's ARM resource id"),
    ("target_args", "App 2 as arguments of az: --name, --resource-group, --slot, --subscription"),
    ("settings_url", "the ARM URL of App 2's authentication settings (authsettingsV2)"),
    ("target_client_id", "the client id (application id) of App 2's registration"),
    ("configured_api_id", "the client id of a Microsoft API, where App 2's settings have it as App 2's"),
    ("untried_client_id", "the same, where no token for it was tried in this run"),
    ("target_object_id", "the object id of App 2's service principal (enterprise application)"),
    ("target_app_object_id", "the object id of App 2's application object (app registration)"),
    ("target_tenant", "the tenant of App 2's registration"),
    ("caller_client_id", "the client id (application id) of App 1's identity"),
    ("caller_object_id", "the object id (principal id) of App 1's identity"),
    ("caller_name", "the display name of App 1's identity"),
    ("caller_site", "App 1's name"),
    ("caller_slot", "App 1's slot, when it is not the production slot"),
    ("caller_group", "App 1's resource group"),
    ("caller_subscription", "App 1's subscription id"),
    ("caller_args", "App 1 as arguments of az: --name, --resource-group, --slot"),
    ("caller_identity_id", "the ARM resource id of App 1's user-assigned identity"),
    ("expected_identity", "the identity that the caller should have, as given"),
    ("tenant_id", "the tenant of the call: the token's, else App 2's, else the given one"),
    ("token_tenant", "the tenant that issued the token"),
    ("resource", "the resource of the token: Application ID URI or client id"),
    ("scope", "the scope that asks for that resource: {resource}/.default"),
    ("token_audience", "the token's aud claim"),
    ("new_audience", "the token's aud claim, where App 2 may be told to accept it: no well-known API's"),
    ("token_issuer", "the token's iss claim"),
    ("token_version", "the token's ver claim"),
    ("wanted_token_version", "the token version that App 2's issuer URL stands for, when the token has the other one"),
    ("allowed_audiences", "App 2's allowed token audiences now"),
    ("allowed_audiences_union", "the same, extended by what this call needs"),
    ("allowed_applications", "App 2's allowed client applications now"),
    ("allowed_applications_union", "the same, extended by the caller's client id"),
    ("allowed_identities", "App 2's allowed identities now"),
    ("allowed_identities_union", "the same, extended by the caller's object id"),
    ("allowed_tenants_union", "the tenants of WEBSITE_AUTH_AAD_ALLOWED_TENANTS now, extended by the token's, with commas"),
    ("claim_checks_union", "jwtClaimChecks.allowedClientApplications now, extended by the caller's client id"),
    ("settings_edit", "the filter for jq that makes the changes of App 2's settings, as an argument"),
    ("excluded_entry", "the entry of excludedPaths that covers the path"),
    ("excluded_paths_left", "excludedPaths now, without that entry"),
    ("identifier_uris_union", "App 2's Application ID URIs now and api://<client id>, as arguments of az"),
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
    ("secret_setting", "the app setting that holds App 2's client secret"),
    ("aadsts", "the AADSTS number of Entra's refusal"),
    ("correlation_id", "the correlation id of the refusal"),
    ("trace_id", "the trace id of the refusal"),
    ("developer_tool_client_id", "the client id of the developer tool that asked for the token"),
    ("subject", "the sub claim of the outside token"),
    ("federation_issuer", "the iss claim of the outside token"),
    ("federation_audience", "the aud claim of the outside token"),
    ("identity_host", "the host of App 1's identity endpoint"),
    ("selected_identity", "the identity that was selected, as given"),
    ("list", "the setting whose list is meant"),
    ("role", "the app role that the caller lacks"),
    ("method", "the method of the final call"),
];

/// Fills a template. `None` when an essential line, or every line, was left out.
#[must_use]
pub fn fill(template: &FixTemplate, lookup: &dyn Fn(&str) -> Option<Value>) -> Option<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut taken = true;
    let mut essential = false;
    let mut command = false;
    for line in template.text.lines() {
        let (kind, line) = kind(line);
        if kind != LineKind::Fallback {
            if essential && !taken {
                return None;
            }
            if command && !taken {
                drop_heading(&mut lines);
            }
            essential = kind == LineKind::Essential;
            command = language(line, &template.via) == Language::Shell;
        } else if taken {
            continue;
        }
        let filled = fill_line(line, &template.via, lookup);
        taken = filled.is_some();
        lines.extend(filled);
    }
    if essential && !taken {
        return None;
    }
    if command && !taken {
        drop_heading(&mut lines);
    }
    let text = lines.join("\n").trim_matches('\n').to_owned();
    // Comments alone mend nothing.
    let says_something = text.lines().any(|line| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with('#')
    });
    says_something.then_some(text)
}

/// Takes away the comments at the end, which speak of a command that was left out.
fn drop_heading(lines: &mut Vec<String>) {
    while lines.last().is_some_and(|line| line.starts_with('#')) {
        lines.pop();
    }
}

/// A caution, filled; its lines are left out like those of a fix.
#[must_use]
pub fn fill_caution(caution: &str, lookup: &dyn Fn(&str) -> Option<Value>) -> Option<String> {
    let template = FixTemplate {
        via: "other".to_owned(),
        text: caution.to_owned(),
        caution: None,
    };
    fill(&template, lookup)
}

/// A template for a reader without a case: placeholders as `<name>`, stand-in lines left out.
#[must_use]
pub fn unfilled(text: &str, changes: &[ChangeTemplate]) -> String {
    let filters: Vec<String> = changes
        .iter()
        .filter_map(|change| SettingsChange::of(change, |name| Some(for_a_reader(name, false).replace("'s", "")))?.jq())
        .collect();
    let edit = format!("'{}'", filters.join(" | "));
    let lines = text
        .lines()
        .map(kind)
        .filter(|(kind, _)| *kind != LineKind::Fallback)
        .map(|(_, line)| {
            pieces(line)
                .into_iter()
                .map(|piece| match piece {
                    Piece::Literal(text) => text.to_owned(),
                    Piece::Placeholder {
                        name: "settings_edit", ..
                    } => edit.clone(),
                    Piece::Placeholder { name, json } => for_a_reader(name, json),
                })
                .collect::<String>()
        });
    lines.collect::<Vec<_>>().join("\n")
}

/// What a placeholder is called where there is no case to fill it from.
fn for_a_reader(name: &str, json: bool) -> String {
    let text = match name {
        "caller_args" => return "--name <App 1> --resource-group <its group>".to_owned(),
        "target_args" => return "--name <App 2> --resource-group <its group>".to_owned(),
        "settings_url" => return "'https://management.azure.com/subscriptions/<subscription>/resourceGroups/<group>/providers/Microsoft.Web/sites/<App 2>/config/authsettingsV2?api-version=2024-04-01'".to_owned(),
        "site_url" => return "'https://management.azure.com/subscriptions/<subscription>/resourceGroups/<group>/providers/Microsoft.Web/sites/<App 2>?api-version=2024-04-01'".to_owned(),
        other => other
            .replace("caller_", "App 1's ")
            .replace("target_", "App 2's ")
            .replace("_union", " and the new one")
            .replace('_', " ")
            .split(' ')
            .map(|word| match word {
                "id" => "ID",
                "url" => "URL",
                "uri" => "URI",
                "uris" => "URIs",
                "ip" => "IP",
                "aadsts" => "AADSTS",
                other => other,
            })
            .collect::<Vec<_>>()
            .join(" "),
    };
    if json {
        format!("\"<{text}>\"")
    } else {
        format!("<{text}>")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineKind {
    Plain,
    Fallback,
    Essential,
}

fn kind(line: &str) -> (LineKind, &str) {
    if let Some(rest) = line.strip_prefix("| ") {
        (LineKind::Fallback, rest)
    } else if let Some(rest) = line.strip_prefix("! ") {
        (LineKind::Essential, rest)
    } else {
        (LineKind::Plain, line)
    }
}

/// A piece of a line.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Literal(&'a str),
    Placeholder { name: &'a str, json: bool },
}

/// Cuts a line at its placeholders. Braces around anything else are ordinary text: Bicep and Terraform are full of them.
fn pieces(line: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut literal = line;
    let mut search = line;
    while let Some((_, after)) = search.split_once('{') {
        search = after;
        let Some((inside, rest)) = after.split_once('}') else {
            break;
        };
        let (name, json) = inside
            .strip_suffix(":json")
            .map_or((inside, false), |name| (name, true));
        if !is_placeholder(name) {
            continue;
        }
        let before = literal.len() - after.len() - 1;
        if let Some(before) = literal.get(..before).filter(|before| !before.is_empty()) {
            pieces.push(Piece::Literal(before));
        }
        pieces.push(Piece::Placeholder { name, json });
        literal = rest;
        search = rest;
    }
    if !literal.is_empty() {
        pieces.push(Piece::Literal(literal));
    }
    pieces
}

fn is_placeholder(name: &str) -> bool {
    PLACEHOLDERS.iter().any(|(known, _)| *known == name)
}

/// What a line is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    Words,
    Shell,
    Bicep,
    Terraform,
    Code,
}

fn language(line: &str, via: &str) -> Language {
    let line = line.trim_start();
    if line.starts_with('#') || line.starts_with("//") {
        Language::Words
    } else if via == "az" || Shell::of(line) == Some(Shell::Bash) {
        Language::Shell
    } else {
        match via {
            "bicep" => Language::Bicep,
            "terraform" => Language::Terraform,
            "code" => Language::Code,
            _ => Language::Words,
        }
    }
}

fn fill_line(line: &str, via: &str, lookup: &dyn Fn(&str) -> Option<Value>) -> Option<String> {
    let language = language(line, via);
    let mut filled = String::with_capacity(line.len() + 64);
    let mut quotes = Quotes::Outside;
    for piece in pieces(line) {
        match piece {
            Piece::Literal(text) => {
                quotes = text.chars().fold(quotes, Quotes::after);
                filled.push_str(text);
            }
            Piece::Placeholder { name, json } => {
                let value = lookup(name).filter(is_safe)?;
                filled.push_str(&write(&value, json, language, quotes));
            }
        }
    }
    Some(filled)
}

fn is_safe(value: &Value) -> bool {
    let safe = |text: &String| !text.is_empty() && !text.chars().any(is_deceptive);
    match value {
        Value::Text(text) | Value::Arguments(text) => safe(text),
        Value::Said(_) | Value::Yes => false,
        Value::List(items) => !items.is_empty() && items.iter().all(safe),
    }
}

/// Where in a shell's quotes a position is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quotes {
    Outside,
    Single,
    Double,
}

impl Quotes {
    /// Templates use no backslashes before quotes, so a quote always opens or closes.
    const fn after(self, character: char) -> Self {
        match (self, character) {
            (Self::Outside, '\'') => Self::Single,
            (Self::Outside, '"') => Self::Double,
            (Self::Single, '\'') | (Self::Double, '"') => Self::Outside,
            _ => self,
        }
    }
}

fn write(value: &Value, json: bool, language: Language, quotes: Quotes) -> String {
    let text = match value {
        Value::Said(_) | Value::Yes => return String::new(),
        Value::Arguments(arguments) => return arguments.clone(),
        Value::Text(text) if json => json_text(text),
        Value::List(items) if json => json_list(items),
        Value::Text(text) => return write_text(text, language, quotes),
        Value::List(items) => match language {
            Language::Words => return items.join(", "),
            Language::Shell => return in_shell(&items.join(","), quotes),
            Language::Bicep => {
                let items: Vec<String> = items.iter().map(|item| format!("'{}'", in_bicep(item))).collect();
                return format!("[{}]", items.join(", "));
            }
            Language::Terraform => {
                let items: Vec<String> = items.iter().map(|item| format!("\"{}\"", in_terraform(item))).collect();
                return format!("[{}]", items.join(", "));
            }
            Language::Code => json_list(items),
        },
    };
    if language == Language::Shell {
        in_shell(&text, quotes)
    } else {
        text
    }
}

fn write_text(text: &str, language: Language, quotes: Quotes) -> String {
    match language {
        Language::Words => text.to_owned(),
        Language::Shell => in_shell(text, quotes),
        Language::Bicep => in_bicep(text),
        Language::Terraform => in_terraform(text),
        Language::Code => json_inner(text),
    }
}

fn in_shell(text: &str, quotes: Quotes) -> String {
    match quotes {
        Quotes::Outside => shell_word(text),
        Quotes::Single => text.replace('\'', "'\\''"),
        // The double quotes end before the value and begin again behind it, when it is more than plain characters.
        Quotes::Double => match shell_word(text) {
            word if word == text => word,
            word => format!("\"{word}\""),
        },
    }
}

fn in_bicep(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\'', "\\'").replace("${", "\\${")
}

fn in_terraform(text: &str) -> String {
    json_inner(text).replace("${", "$${").replace("%{", "%%{")
}

fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn json_inner(text: &str) -> String {
    let quoted = json_text(text);
    quoted
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or_default()
        .to_owned()
}

/// With a space behind each comma, at which a narrow screen can break the line without cutting an id in two.
fn json_list(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|item| json_text(item)).collect();
    format!("[{}]", items.join(", "))
}
