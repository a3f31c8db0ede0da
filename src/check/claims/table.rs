//! The claims as a reader wants them: values made readable, with their meaning and their name in the other version.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;

use crate::case::mirid::ManagedIdentityId;
use crate::case::resource::well_known;
use crate::case::text::{shortened, visible};
use crate::case::token::DecodedToken;
use crate::check::Table;
use crate::knowledge;

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
                visible(&shortened(name, 60)),
                readable(name, value, at),
                entry.map_or_else(
                    || "(not a claim that this program knows)".to_owned(),
                    |entry| entry.meaning.clone(),
                ),
                entry.and_then(|entry| entry.counterpart.clone()).unwrap_or_default(),
            ]
        })
        .collect();
    Some(Table {
        title: "Claims".to_owned(),
        columns: ["claim", "value", "meaning", "in the other version"]
            .map(str::to_owned)
            .to_vec(),
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
        .map(|(name, value)| vec![visible(&shortened(name, 60)), raw(value)])
        .collect();
    Some(Table {
        title: "Header".to_owned(),
        columns: ["member", "value"].map(str::to_owned).to_vec(),
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
        "xms_mirid" | "xms_az_rid" => match ManagedIdentityId::parse(text) {
            Some(id) => format!("{} ({plain})", visible(&shortened(&id.to_string(), 300))),
            None => plain,
        },
        "roles" | "groups" | "wids" | "scp" | "amr" => list(value),
        _ => plain,
    }
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

/// A moment in UTC with its distance from `at`: `2026-01-01T00:00:00Z (in 23 h 55 min)`.
pub(super) fn moment(seconds: i64, at: DateTime<Utc>) -> String {
    let shown = DateTime::from_timestamp(seconds, 0).map_or_else(
        || seconds.to_string(),
        |moment| moment.to_rfc3339_opts(SecondsFormat::Secs, true),
    );
    let distance = seconds.saturating_sub(at.timestamp());
    match distance {
        0 => format!("{shown} (now)"),
        1.. => format!("{shown} (in {})", span(distance.unsigned_abs())),
        _ => format!("{shown} ({} ago)", span(distance.unsigned_abs())),
    }
}

/// A length of time in its two largest units.
pub(super) fn span(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, 0, _) => format!("{days} d"),
        (days, hours, _) => format!("{days} d {hours} h"),
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
