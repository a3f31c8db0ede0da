//! An ARM template, or Bicep compiled to one.

use serde_json::Value;

use super::candidate::Candidate;
use super::fields::{has_any, has_expression, is_expression, member};
use super::{AuthSettings, Shape, classic, v2};

/// Whether this is a template.
pub(super) fn is_template(value: &Value) -> bool {
    let schema = member(value, "$schema").and_then(Value::as_str).unwrap_or_default();
    schema.to_ascii_lowercase().contains("deploymenttemplate")
        || has_any(value, &["contentVersion", "languageVersion"])
        || member(value, "resources").is_some()
}

/// The authentication settings in a template's resources, nested ones and nested deployments included.
pub(super) fn candidates(value: &Value) -> Vec<Candidate> {
    let mut found = Vec::new();
    walk(value, None, &mut found);
    // Where a template contains both forms for an app, the newer one is what runs.
    if found.iter().any(|candidate| candidate.settings.shape == Shape::Template) {
        found.retain(|candidate| candidate.settings.shape == Shape::Template);
    }
    found
}

fn walk(value: &Value, parent: Option<&str>, found: &mut Vec<Candidate>) {
    let resources: Vec<&Value> = match member(value, "resources") {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(Value::Object(members)) => members.values().collect(),
        _ => return,
    };
    for resource in resources {
        let kind = member(resource, "type").and_then(Value::as_str).unwrap_or_default();
        let name = member(resource, "name").and_then(Value::as_str).unwrap_or_default();
        let kind = kind.split('@').next().unwrap_or_default().to_ascii_lowercase();
        let is_config = kind == "config" || kind.starts_with("microsoft.web/sites") && kind.ends_with("/config");
        let of_container_app = kind == "authconfigs" || kind == "microsoft.app/containerapps/authconfigs";
        if is_config || of_container_app || kind == "microsoft.web/sites" {
            found.extend(candidate(resource, name, parent, of_container_app));
        }
        if let Some(template) = member(resource, "properties").and_then(|properties| member(properties, "template")) {
            walk(template, None, found);
        }
        walk(resource, Some(name), found);
    }
}

fn candidate(resource: &Value, name: &str, parent: Option<&str>, of_container_app: bool) -> Option<Candidate> {
    let lower = name.to_ascii_lowercase();
    let properties = member(resource, "properties")?;
    let web = member(properties, "siteConfig").unwrap_or(properties);
    let settings = if lower.contains("authsettingsv2") || of_container_app {
        v2::read(properties, Shape::Template)
    } else if let Some(settings) = member(web, classic::WEB_V2).filter(|settings| settings.is_object()) {
        v2::read(settings, Shape::Template)
    } else if lower.contains("authsettings") {
        AuthSettings {
            incomplete: Some(
                "these are classic (V1) settings, which have no policy (allowedApplications, \
             …)"
                .to_owned(),
            ),
            ..classic::read(properties, None)
        }
    } else {
        return None;
    };
    let site = name
        .rsplit_once('/')
        .map_or(parent, |(site, _)| Some(site))
        .filter(|site| !is_expression(site) && !site.contains(['[', '(']));
    Some(Candidate {
        label: parent.map_or_else(|| name.to_owned(), |parent| format!("{parent}/{name}")),
        site: site.map(str::to_owned),
        host: None,
        // An object with expressions in it is no body for a PUT.
        settings: AuthSettings {
            editable: settings.editable.clone().filter(|object| !has_expression(object)),
            ..settings
        },
    })
}
