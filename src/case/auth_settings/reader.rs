//! Which shape is it? The bytes of a file become text, the text JSON, and the JSON one of the shapes.

use serde_json::Value;

use super::candidate::Candidate;
use super::fields::{has_any, has_expression, hide_placeholders, is_expression, member, unwrap_counted_lists};
use super::wanted::Wanted;
use super::{
    AuthSettings, SettingsError, Shape, classic, comments, displayed, literal, template, terraform, v2, variables,
    within, yaml,
};
use crate::case::json::JsonError;
use crate::case::resource_id::ResourceId;
use crate::case::target_kind::TargetKind;
use crate::case::text::{shortened, visible};
use crate::case::{json, quote};

impl AuthSettings {
    /// Reads settings from the bytes of a file in any of the shapes: JSON as UTF-8 with or without byte order mark, or
    /// UTF-16; or `NAME=value` lines of an environment block.
    ///
    /// # Errors
    /// A sentence that says what was found, without quoting values, and what to give instead.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SettingsError> {
        Self::from_bytes_for(bytes, Wanted::default())
    }

    /// Like [`from_bytes`](Self::from_bytes); where the file contains several apps, the one that is wanted.
    ///
    /// # Errors
    /// As [`from_bytes`](Self::from_bytes); when several apps are there and none or more than one can be it; and when
    /// the settings name another app.
    pub fn from_bytes_for(bytes: &[u8], wanted: Wanted<'_>) -> Result<Self, SettingsError> {
        let text = without_colors(text_of(bytes)?);
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(SettingsError::Empty);
        }
        let trimmed = without_messages(trimmed);
        json::within(trimmed.as_bytes(), json::MOST_VALUES).map_err(SettingsError::TooLarge)?;
        match json::parse(trimmed) {
            Ok(value) => of_document(value, wanted),
            Err(error) => {
                if let Some(clean) = comments::removed(trimmed).filter(|clean| json::parse(clean).is_ok()) {
                    return Self::from_bytes_for(clean.as_bytes(), wanted);
                }
                let pairs = variables::in_text(trimmed);
                if looks_like_source(&text) {
                    return Err(SettingsError::Source);
                }
                if let Some(value) = printed(text.trim()) {
                    return of_document(value, wanted);
                }
                if !trimmed.starts_with(['{', '[']) && !pairs.is_empty() {
                    return variables::read(&pairs);
                }
                Err(not_json(trimmed, text.trim(), error))
            }
        }
    }

    /// Reads settings from an answer of Azure Resource Manager, in any of the shapes. What it stores is a value, also
    /// where it has the form of an expression, for a deployment evaluates those.
    ///
    /// # Errors
    /// As [`from_bytes`](Self::from_bytes).
    pub fn from_json(value: &Value) -> Result<Self, SettingsError> {
        match member(value, "properties").filter(|properties| v2::is_v2(properties)) {
            Some(properties) => from_envelope(value, properties, v2::read_stored),
            None => from_json_for(value, Wanted::default(), 0),
        }
    }

    /// Reads settings from `WEBSITE_AUTH_*` variables: `WEBSITE_AUTH_V2_CONFIG_JSON` first, the single ones beside it.
    ///
    /// # Errors
    /// When no such variable is there, or its JSON cannot be read.
    pub fn from_variables(variables: &[(String, String)]) -> Result<Self, SettingsError> {
        variables::read(variables)
    }
}

/// Settings from what a file contains, whatever it is written in.
fn of_document(mut value: Value, wanted: Wanted<'_>) -> Result<AuthSettings, SettingsError> {
    if let Some(start) = cut_by_powershell(&value) {
        return Err(SettingsError::CutByPowerShell { start });
    }
    hide_placeholders(&mut value);
    unwrap_counted_lists(&mut value);
    let mut settings = from_json_for(&value, wanted, 0)?;
    if let Some(other) = settings.site_id.as_ref().filter(|id| wanted.is_not(id)) {
        return Err(SettingsError::OtherApp { app: visible(other.as_str()) });
    }
    // An object with expressions, or with letters that couldn't be read, is no body for a PUT.
    let is_whole =
        |object: &Value| !has_expression(object) && !object.to_string().contains(char::REPLACEMENT_CHARACTER);
    settings.editable = settings.editable.take().filter(is_whole);
    Ok(settings)
}

/// The settings in a text that is no JSON: an object as a language prints it, or what the Azure CLI prints as YAML.
fn printed(text: &str) -> Option<Value> {
    let value = literal::read(text).or_else(|| yaml::read(text))?;
    let is_settings = |value: &Value| {
        let is_object = |name: &str| member(value, name).is_some_and(Value::is_object);
        // Other files have a platform, or an issuer and a client ID, too.
        let is_platform = || member(value, "platform").is_some_and(|it| has_any(it, &["enabled", "runtimeVersion"]));
        let is_classic = || has_any(value, &["issuer", "clientId"]) && has_any(value, &classic::MEMBERS_OF_ITS_OWN);
        is_object("properties") || is_object("identityProviders") || is_platform() || is_classic()
    };
    let is_known = value.as_array().map_or_else(|| is_settings(&value), |items| items.iter().any(is_settings));
    is_known.then_some(value)
}

/// The text of a file: UTF-8 or UTF-16, with or without byte order mark (PowerShell's `>` writes UTF-16). On Windows,
/// `az … > FILE` and PowerShell's `-Encoding Default` write the system's code page, which is ASCII in names and IDs;
/// which code page isn't known, so that other letters are replaced.
fn text_of(bytes: &[u8]) -> Result<String, SettingsError> {
    let wide = |bytes: &[u8], from: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| match pair {
            [first, second] => from([*first, *second]),
            _ => 0,
        });
        char::decode_utf16(units).collect::<Result<String, _>>().map_err(|_| SettingsError::NotUtf16)
    };
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest),
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [b'{' | b'[' | b'"', 0, ..] => wide(bytes, u16::from_le_bytes),
        [0, b'{' | b'[' | b'"', ..] => wide(bytes, u16::from_be_bytes),
        _ => utf8(bytes),
    }
}

fn utf8(bytes: &[u8]) -> Result<String, SettingsError> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) if bytes.contains(&0) => Err(SettingsError::NotText { at: error.valid_up_to() }),
        Err(_) => Ok(String::from_utf8_lossy(bytes).into_owned()),
    }
}

/// The text without the colors that the Azure CLI gives its output on a terminal (`ESC [ 34 m`).
fn without_colors(text: String) -> String {
    if !text.contains('\u{1b}') {
        return text;
    }
    let mut parts = text.split("\u{1b}[");
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        clean.push_str(
            part.trim_start_matches(|it: char| it.is_ascii_digit() || it == ';').get(1..).unwrap_or_default(),
        );
    }
    clean
}

/// The document between the messages that `2>&1` puts before and after it, and behind the headers of an answer
/// (`curl --include`).
fn without_messages(text: &str) -> &str {
    let is_message = |line: &str| !line.trim_start().starts_with(['{', '[', '}', ']', ',', '"', '<']);
    let mut rest = text;
    while is_message(rest) {
        match rest.split_once('\n').filter(|(line, _)| variables::in_text(line).is_empty()) {
            Some((_, after)) => rest = after.trim_start(),
            None => return text,
        }
    }
    if looks_like_source(text) {
        return text;
    }
    let mut values = serde_json::Deserializer::from_str(rest).into_iter::<serde::de::IgnoredAny>();
    let is_document = matches!(values.next(), Some(Ok(_)));
    match rest.split_at_checked(values.byte_offset()).filter(|_| is_document) {
        Some((document, after)) if after.trim().lines().all(is_message) => document,
        _ => rest,
    }
}

/// How a text begins that `ConvertTo-Json` writes for an object below its depth, which is 2 unless told otherwise.
fn cut_by_powershell(value: &Value) -> Option<&'static str> {
    match value {
        Value::String(text) => {
            ["@{", "System.Collections.", "System.Object["].into_iter().find(|start| text.starts_with(start))
        }
        Value::Array(items) => items.iter().find_map(cut_by_powershell),
        Value::Object(members) => members.values().find_map(cut_by_powershell),
        _ => None,
    }
}

/// Whether a text is the source of a template, which only its compiler understands.
fn looks_like_source(text: &str) -> bool {
    const STARTS: [&str; 6] =
        ["resource ", "param ", "module ", "targetScope", "auth_settings_v2 {", "auth_settings {"];
    // The plan of a change has a sign before it.
    let lines = text.lines().map(|line| line.trim_start_matches([' ', '\t', '~', '+', '-']));
    lines.into_iter().any(|line| STARTS.iter().any(|start| line.starts_with(start)))
}

/// What a text is that isn't read; `whole` has the messages before it, too.
fn not_json(text: &str, whole: &str, error: JsonError) -> SettingsError {
    if text.starts_with('<') {
        return SettingsError::WebPage;
    }
    if whole.contains(": @{") {
        return SettingsError::CutByPowerShell { start: "@{" };
    }
    // Members of Bicep with expressions in them.
    let begins = |name: &&str| whole.strip_prefix(*name).is_some_and(|rest| rest.starts_with(": {"));
    if ["properties", "platform", "globalValidation", "identityProviders"].iter().any(begins) {
        return SettingsError::Source;
    }
    // JSON has its names in double quotation marks.
    let first = text.strip_prefix('{').and_then(|inside| inside.trim_start().chars().next());
    if first.is_some_and(|first| first == '\'' || first.is_ascii_alphabetic()) {
        return SettingsError::Printed;
    }
    if text.starts_with(['{', '[']) {
        return SettingsError::BrokenJson(error);
    }
    displayed::reason(whole)
}

/// Texts with JSON in them are opened at most this often.
const DEEPEST: usize = 3;

fn from_json_for(value: &Value, wanted: Wanted<'_>, depth: usize) -> Result<AuthSettings, SettingsError> {
    match value {
        // The output of a query for WEBSITE_AUTH_V2_CONFIG_JSON: JSON within a text.
        Value::String(text) if depth < DEEPEST => match json::parse(text) {
            Ok(inner) => from_json_for(&inner, wanted, depth.saturating_add(1)),
            Err(_) => Err(SettingsError::Text),
        },
        Value::Array(items) => from_list(items, wanted, depth),
        Value::Object(_) => match from_object(value, wanted, depth) {
            Err(error @ SettingsError::Members { .. }) => match within::candidates(value) {
                inside if inside.is_empty() => Err(error),
                inside => one_of(inside, wanted, ""),
            },
            other => other.map(|it| AuthSettings { site_id: site_of(value).or(it.site_id.clone()), ..it }),
        },
        _ => Err(SettingsError::Value { shown: quote::value(&value.to_string()) }),
    }
}

/// The app's resource ID, where the object carries its own (`…/sites/NAME/config/authsettingsV2`).
fn site_of(value: &Value) -> Option<ResourceId> {
    ResourceId::new(member(value, "id")?.as_str()?).app_of_configuration()
}

fn from_list(items: &[Value], wanted: Wanted<'_>, depth: usize) -> Result<AuthSettings, SettingsError> {
    if let Some(pairs) = variables::in_list(items) {
        return variables::read(&pairs);
    }
    let last = |item| member(item, "name").and_then(Value::as_str).and_then(|name| name.rsplit('/').next());
    let named = |name: &str| -> Vec<&Value> {
        items.iter().filter(|item| last(item).is_some_and(|last| last.eq_ignore_ascii_case(name))).collect()
    };
    let known = ["authsettingsV2", "authsettings", "current", "web"].map(named);
    let only: Vec<&Value> = if items.len() == 1 { items.iter().collect() } else { Vec::new() };
    let found = known.into_iter().chain([only]).find(|found| !found.is_empty()).unwrap_or_default();
    if depth >= DEEPEST || found.is_empty() {
        return Err(SettingsError::List { count: items.len() });
    }
    let read = |item: &&Value| {
        let settings = from_json_for(item, wanted, depth.saturating_add(1))?;
        let name = member(item, "name").and_then(Value::as_str).unwrap_or_default();
        Ok(Candidate::of_settings(settings, name))
    };
    one_of(found.iter().map(read).collect::<Result<_, SettingsError>>()?, wanted, "")
}

fn from_object(value: &Value, wanted: Wanted<'_>, depth: usize) -> Result<AuthSettings, SettingsError> {
    if let Some(error) = member(value, "error").filter(|error| error.is_object()) {
        let part = |name: &str| member(error, name).and_then(Value::as_str).unwrap_or_default();
        return Err(SettingsError::ErrorAnswer {
            code: quote::shown(part("code")).unwrap_or_else(|| quote::described(part("code"))),
            message: quote::sentence(part("message")),
        });
    }
    if let Some(content) = content_of(value) {
        return match from_json_for(content, wanted, depth.saturating_add(1)) {
            Err(SettingsError::Text | SettingsError::Value { .. }) => Err(SettingsError::Content),
            other => other,
        };
    }
    if let Some(kind) = other_resource(value) {
        return Err(SettingsError::OtherResource { kind });
    }
    if terraform::is_terraform(value) {
        let shown = "use the state (or `terraform show -json`) of an app with an auth_settings_v2 block, or of an \
                     azapi resource with its settings (authsettingsV2, authConfigs)";
        return one_of(terraform::candidates(value), wanted, shown);
    }
    // The Entra provider alone has `login`, too.
    let provider = has_any(value, &["registration", "validation"]);
    if v2::is_v2(value) && !provider {
        return Ok(v2::read(value, Shape::V2));
    }
    if template::is_template(value) {
        let shown = "use a template with a Microsoft.Web/sites/config resource named authsettingsV2, or with \
                     Microsoft.App/containerApps/authConfigs";
        // A file of parameters has no resources of its own.
        let of_parameters = !has_any(value, &["resources"]);
        let found = if of_parameters { within::candidates(value) } else { template::candidates(value) };
        return one_of(found, wanted, shown);
    }
    if let Some(items) = member(value, "value").and_then(Value::as_array) {
        return from_list(items, wanted, depth);
    }
    if let Some(properties) = member(value, "properties").filter(|properties| properties.is_object()) {
        return from_envelope(value, properties, v2::read);
    }
    if let Some(settings) = classic::read_web(value) {
        return Ok(settings);
    }
    if value.as_object().is_some_and(serde_json::Map::is_empty) {
        return Ok(v2::nothing());
    }
    if provider {
        return Ok(v2::provider_alone(value));
    }
    if has_any(value, &classic::MEMBERS) && has_any(value, &["enabled", "issuer", "configVersion"]) {
        return Ok(classic::read(value, member(value, "id").and_then(Value::as_str)));
    }
    if let Some(pairs) = variables::in_json(value) {
        return variables::read(&pairs);
    }
    Err(unknown(value))
}

/// The body in an answer that PowerShell shows with its status (`Invoke-AzRestMethod`, `Invoke-WebRequest`).
fn content_of(value: &Value) -> Option<&Value> {
    let content = member(value, "Content")?;
    (member(value, "StatusCode").is_some() && !content.is_array()).then_some(content)
}

/// The type of a resource that is neither an app nor its configuration, as it may be shown.
fn other_resource(value: &Value) -> Option<String> {
    let kind = member(value, "type").and_then(Value::as_str)?;
    let lower = kind.to_ascii_lowercase();
    let is_type = lower.starts_with("microsoft.") && lower.contains('/');
    (is_type && TargetKind::above(kind).is_none()).then(|| quote::shown(kind).unwrap_or_else(|| "…".to_owned()))
}

/// An ARM envelope: `{id, name, type, properties}`.
fn from_envelope(
    envelope: &Value,
    properties: &Value,
    read: fn(&Value, Shape) -> AuthSettings,
) -> Result<AuthSettings, SettingsError> {
    let text = |name: &str| member(envelope, name).and_then(Value::as_str).unwrap_or_default();
    let is_v2 = text("name").to_ascii_lowercase().ends_with("authsettingsv2");
    if is_v2 || v2::is_v2(properties) {
        let mut settings = read(properties, Shape::Arm);
        if properties.as_object().is_some_and(serde_json::Map::is_empty) {
            // An app on which authentication was never configured shows this.
            settings.enabled = Some(false);
        }
        return Ok(settings);
    }
    let site_configuration = member(properties, "siteConfig").filter(|web| has_any(web, &[classic::WEB_V2]));
    if let Some(settings) = classic::read_web(site_configuration.unwrap_or(properties)) {
        return Ok(settings);
    }
    if let Some(pairs) = variables::in_json(properties) {
        return variables::read(&pairs);
    }
    if has_any(properties, &classic::MEMBERS) || text("name").eq_ignore_ascii_case("authsettings") {
        return Ok(classic::read(properties, Some(text("id")).filter(|id| !id.is_empty())));
    }
    Err(unknown(properties))
}

fn unknown(value: &Value) -> SettingsError {
    if has_any(value, &["managedEnvironmentId", "environmentId"]) {
        return SettingsError::ContainerApp;
    }
    let names: Vec<String> = value
        .as_object()
        .into_iter()
        .flatten()
        .take(6)
        .map(|(name, _)| quote::shown(name).unwrap_or_else(|| "…".to_owned()))
        .collect();
    SettingsError::Members {
        members: names.join(", "),
        is_site: has_any(value, &["hostNames", "defaultHostName", "siteConfig"]),
    }
}

/// The one app, or the one that is wanted. `shown` says what shows an app, where none is there.
fn one_of(
    mut candidates: Vec<Candidate>,
    wanted: Wanted<'_>,
    shown: &'static str,
) -> Result<AuthSettings, SettingsError> {
    if candidates.len() > 1 {
        let only = |fits: &dyn Fn(&Candidate) -> bool| {
            let mut places = (0..).zip(&candidates).filter(|(_, candidate)| fits(candidate));
            places.next().filter(|_| places.next().is_none()).map(|(place, _)| place)
        };
        if let Some(place) = only(&|it| it.is_by_id(wanted)).or_else(|| only(&|it| it.is_by_host(wanted))) {
            return Ok(candidates.swap_remove(place).settings);
        }
    }
    match (candidates.pop(), candidates.as_slice()) {
        (None, _) => Err(SettingsError::NoApp { wanted: shown }),
        (Some(only), []) if only.is_not(wanted) => Err(SettingsError::OtherApp { app: name_of(&only) }),
        (Some(only), []) => Ok(only.settings),
        (Some(last), others) => {
            let mut apps: Vec<String> = others.iter().chain([&last]).map(name_of).collect();
            crate::sort::all(&mut apps);
            let host = wanted.host.map_or_else(|| "(not given)".to_owned(), visible);
            Err(SettingsError::SeveralApps { apps, host })
        }
    }
}

fn name_of(candidate: &Candidate) -> String {
    let label = visible(&shortened(&candidate.label, 80));
    match &candidate.host {
        Some(host) if !is_expression(host) => format!("{label} at {}", visible(host)),
        _ => label,
    }
}
