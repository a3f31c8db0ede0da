//! An ARM template, or Bicep compiled to one.

use serde_json::Value;

use super::candidate::Candidate;
use super::fields::{has_any, has_expression, is_expression, member};
use super::{AuthSettings, Shape, classic, v2};
use crate::case::target_kind::TargetKind;

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
    for candidate in &mut found {
        candidate.settings.planned = true;
    }
    // Where a template contains both forms for an app, the newer one is what runs.
    if found.iter().any(|candidate| candidate.settings.shape == Shape::Template) {
        found.retain(|candidate| candidate.settings.shape == Shape::Template);
    }
    found
}

fn walk(value: &Value, parent: Option<(&str, &str)>, found: &mut Vec<Candidate>) {
    let resources: Vec<&Value> = match member(value, "resources") {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(Value::Object(members)) => members.values().collect(),
        _ => return,
    };
    // What isn't deployed is nobody's.
    let is_deployed = |resource: &&Value| member(resource, "condition") != Some(&Value::Bool(false));
    for resource in resources.into_iter().filter(is_deployed) {
        let text = |name: &str| member(resource, name).and_then(Value::as_str).unwrap_or_default();
        let (kind, name) = (text("type").split('@').next().unwrap_or_default().to_ascii_lowercase(), text("name"));
        // A child has its own part of both.
        let (kind, name) = match parent.filter(|_| !kind.contains('/')) {
            Some((of_kind, of_name)) => (format!("{of_kind}/{kind}"), format!("{of_name}/{name}")),
            None => (kind, name.to_owned()),
        };
        let below = TargetKind::above(&kind).map(|app| format!("/{}", app.data().below.to_ascii_lowercase()));
        if below.is_some_and(|below| kind.ends_with(&below)) || is_site(&kind) {
            found.extend(candidate(resource, &name, &kind));
        }
        if let Some(template) = member(resource, "properties").and_then(|properties| member(properties, "template")) {
            walk(template, None, found);
        }
        walk(resource, Some((&kind, &name)), found);
    }
}

fn is_site(kind: &str) -> bool {
    matches!(kind, "microsoft.web/sites" | "microsoft.web/sites/slots")
}

fn candidate(resource: &Value, name: &str, kind: &str) -> Option<Candidate> {
    let lower = name.to_ascii_lowercase();
    let properties = member(resource, "properties")?;
    let web = member(properties, "siteConfig").unwrap_or(properties);
    let app = TargetKind::above(kind).unwrap_or(TargetKind::USUAL);
    let settings = if lower.contains("authsettingsv2") || app != TargetKind::WebApp {
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
    let site = if is_site(kind) { Some(name) } else { name.rsplit_once('/').map(|(site, _)| site) };
    Some(Candidate {
        label: name.to_owned(),
        site: site.filter(|site| !is_expression(site) && !site.contains(['[', '('])).map(str::to_owned),
        host: None,
        kind: Some(app),
        is_slot: Some(kind.contains("/slots")),
        // An object with expressions in it is no body for a PUT.
        settings: AuthSettings {
            editable: settings.editable.clone().filter(|object| !has_expression(object)),
            ..settings
        },
    })
}
