//! The claims as a table: readable values, with their meaning and their name in the other token version.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::case::token::seconds;
use crate::check::prelude::*;

/// Further items of a list are only counted.
const MOST_ITEMS: usize = 12;

pub(super) fn claims(token: &DecodedToken, at: DateTime<Utc>) -> Option<Table> {
    if token.claims.is_empty() {
        return None;
    }
    let rows = token
        .claims
        .iter()
        .map(|(name, value)| {
            let entry = knowledge::claim(name);
            vec![
                visible(&shortened(name, 60)).into(),
                readable(name, value, at),
                entry.map_or_else(|| phrase("claims.unknown-claim").into(), |entry| Words::from(&entry.meaning)),
                entry.and_then(|entry| entry.counterpart.clone()).unwrap_or_default().into(),
            ]
        })
        .collect();
    Some(Table { title: "Claims", columns: &["claim", "value", "meaning", "other version"], rows })
}

pub(super) fn header(token: &DecodedToken) -> Option<Table> {
    if token.header.is_empty() {
        return None;
    }
    let rows = token
        .header
        .iter()
        .map(|(name, value)| vec![visible(&shortened(name, 60)).into(), raw(value).into()])
        .collect();
    Some(Table { title: "Header", columns: &["member", "value"], rows })
}

fn readable(name: &str, value: &Value, at: DateTime<Utc>) -> Words {
    let plain = raw(value);
    let text = value.as_str().unwrap_or_default();
    let meaning = match (name, plain.as_str()) {
        // The time in UTC, its distance from `at`, and the number itself.
        ("exp" | "nbf" | "iat" | "auth_time", _) => match seconds(value) {
            Some(seconds) => return format!("{} [{plain}]", moment(seconds, at)).into(),
            None => "claims.no-time",
        },
        ("appid" | "azp" | "aud", _) => match knowledge::first_party_app(text).or_else(|| well_known::api(text)) {
            Some(known) => return format!("{plain} ({known})").into(),
            None => return list(value).into(),
        },
        ("xms_mirid" | "xms_az_rid", _) => match Parts::of(text) {
            Some(id) => return identity(&id, &plain).into(),
            None => return plain.into(),
        },
        ("roles" | "groups" | "wids" | "scp" | "amr", _) => return list(value).into(),
        ("appidacr" | "azpacr", "0") => "claims.public-client",
        ("appidacr" | "azpacr", "1") => "claims.client-secret",
        ("appidacr" | "azpacr", "2") => "claims.certificate",
        ("idtyp", "app") => "claims.app-token",
        ("idtyp", "user") => "claims.user-token",
        _ => return plain.into(),
    };
    phrase(meaning).with("value", plain).into()
}

/// A managed identity, by the ID of its resource.
fn identity(id: &Parts<'_>, plain: &str) -> Said {
    let kind = (!id.is_user_assigned_identity()).then(|| format!("{}/{}", id.namespace, id.kind));
    let within = |text: &str| shortened(text, 100);
    phrase("claims.identity")
        .with("name", within(id.name))
        .with_some("kind", kind.as_deref().map(within))
        .with_some("slot", id.slot.map(within))
        .with_some("group", id.resource_group.map(within))
        .with_some("subscription", id.subscription.map(within))
        .with("value", plain)
}

fn list(value: &Value) -> String {
    let Some(items) = value.as_array() else {
        return raw(value);
    };
    let shown: Vec<String> = items.iter().take(MOST_ITEMS).map(raw).collect();
    match items.len() {
        0 => "(empty list)".to_owned(),
        count if count > MOST_ITEMS => format!("{count} entries: {}, …", shown.join(", ")),
        _ => shown.join(", "),
    }
}

/// The value: a string without its quotes, anything else as JSON.
fn raw(value: &Value) -> String {
    match value {
        Value::String(text) => visible(&shortened(text, 300)),
        other => visible(&shortened(&other.to_string(), 300)),
    }
}
