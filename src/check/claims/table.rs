//! The claims as a reader wants them: values made readable, with their meaning and their name in the other version.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::case::resource::well_known;
use crate::case::resource_id::Parts;
use crate::case::text::{shortened, visible};
use crate::case::token::DecodedToken;
use crate::check::Table;
use crate::check::words::moment;
use crate::knowledge;
use crate::knowledge::{Words, phrase};

/// More items of a list than this are counted, not shown.
const MOST_ITEMS: usize = 12;

/// The claims; times are relative to `at`.
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
                readable(name, value, at).into(),
                entry.map_or_else(
                    || phrase("claims.unknown-claim").into(),
                    |entry| Words::from(&entry.meaning),
                ),
                entry
                    .and_then(|entry| entry.counterpart.clone())
                    .unwrap_or_default()
                    .into(),
            ]
        })
        .collect();
    Some(Table {
        title: "Claims",
        columns: &["claim", "value", "meaning", "in the other version"],
        rows,
    })
}

/// The header's members.
pub(super) fn header(token: &DecodedToken) -> Option<Table> {
    if token.header.is_empty() {
        return None;
    }
    let rows = token
        .header
        .iter()
        .map(|(name, value)| vec![visible(&shortened(name, 60)).into(), raw(value).into()])
        .collect();
    Some(Table {
        title: "Header",
        columns: &["member", "value"],
        rows,
    })
}

fn readable(name: &str, value: &Value, at: DateTime<Utc>) -> String {
    let plain = raw(value);
    let text = value.as_str().unwrap_or_default();
    match name {
        "exp" | "nbf" | "iat" | "auth_time" => time(name, value, at),
        "appid" | "azp" | "aud" => match knowledge::first_party_app(text).or_else(|| well_known::api(text)) {
            Some(known) => format!("{plain} ({known})"),
            None if name == "aud" && value.is_array() => list(value),
            None => plain,
        },
        "appidacr" | "azpacr" => match plain.as_str() {
            "0" => "0: public client, no proof".to_owned(),
            "1" => "1: client secret".to_owned(),
            "2" => "2: certificate or assertion (managed identities, too)".to_owned(),
            _ => plain,
        },
        "idtyp" => match text {
            "app" => "app: the application itself, no user".to_owned(),
            "user" => "user: on behalf of a user".to_owned(),
            _ => plain,
        },
        "xms_mirid" | "xms_az_rid" => match Parts::of(text) {
            Some(id) => format!("{} ({plain})", visible(&shortened(&identity(&id), 300))),
            None => plain,
        },
        "roles" | "groups" | "wids" | "scp" | "amr" => list(value),
        _ => plain,
    }
}

/// A managed identity by the ID of its resource.
fn identity(id: &Parts<'_>) -> String {
    let mut words = if id.is_user_assigned_identity() {
        format!("user-assigned identity {}", id.name)
    } else {
        format!("system-assigned identity of {}", id.name)
    };
    if let Some(slot) = id.slot {
        words.push_str(&format!(", slot {slot}"));
    }
    if !id.is_user_assigned_identity() {
        words.push_str(&format!(" ({}/{})", id.namespace, id.kind));
    }
    if let Some(group) = id.resource_group {
        words.push_str(&format!(", resource group {group}"));
    }
    if let Some(subscription) = id.subscription {
        words.push_str(&format!(", subscription {subscription}"));
    }
    words
}

/// A time claim: the moment in UTC, how far it is from `at`, and the number where it is not a plain one.
fn time(name: &str, value: &Value, at: DateTime<Utc>) -> String {
    let probe = DecodedToken {
        claims: vec![(name.to_owned(), value.clone())],
        ..DecodedToken::default()
    };
    match probe.time(name) {
        Some(seconds) => format!("{} [{}]", moment(seconds, at), raw(value)),
        None => format!("{} (not a moment that a calendar can show)", raw(value)),
    }
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

/// The value as it stands: a text without its quotes, anything else as JSON.
fn raw(value: &Value) -> String {
    match value {
        Value::String(text) => visible(&shortened(text, 300)),
        other => visible(&shortened(&other.to_string(), 300)),
    }
}
