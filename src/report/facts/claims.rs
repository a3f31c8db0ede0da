//! The token's claims: readable values, with their meaning and their name in the other token version.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::case::resource::well_known;
use crate::case::resource_id::Parts;
use crate::case::span::moment;
use crate::case::text::{short, shortened, visible};
use crate::case::token::{DecodedToken, SignatureVerdict, seconds};
use crate::evidence::Evidence;
use crate::knowledge::{self, Said, Words, phrase};

use super::shown::{Shown, Table};

pub(super) fn facts(evidence: &Evidence<'_>, shown: &mut Shown) {
    let Some(token) = &evidence.token else { return };
    let claims = &token.decoded;
    let at = evidence.moment_of_use();
    let text = |name: &str| claims.text(name).map(short);
    let list = |name: &str| Some(short(&claims.list(name).join(", "))).filter(|list| !list.is_empty());
    shown.fact_if_any("audience (aud)", list("aud"));
    shown.fact_if_any("issuer (iss)", text("iss"));
    shown.fact_if_any("caller client ID", claims.caller_client_id().map(|id| short(id.as_str())));
    shown.fact_if_any("caller object ID", text("oid"));
    shown.fact_if_any("tenant", text("tid"));
    shown.fact_if_any("version", text("ver"));
    shown.fact_if_any("roles", (!claims.unreadable).then(|| list("roles").unwrap_or_else(|| "none".to_owned())));
    shown.fact_if_any("valid until", claims.time("exp").map(|time| moment(time, at)));
    shown.fact("signature", signature(token.signature.as_ref()));
    shown.fact_if_any("clock", evidence.clock().map(|clock| knowledge::of_clock(Some(clock), "claims.clock")));
    shown.fact("length", phrase("claims.length").with("count", claims.length));
    shown.tables.extend([table(claims, at), header(claims)].into_iter().flatten());
}

fn signature(verdict: Option<&SignatureVerdict>) -> Words {
    let (key, kid) = match verdict {
        None => return "not checked yet".into(),
        Some(SignatureVerdict::NotChecked { reason }) => {
            return phrase("claims.signature-unchecked").with("reason", short(reason)).into();
        }
        Some(SignatureVerdict::Valid { kid }) => ("claims.signature-valid", kid),
        Some(SignatureVerdict::Invalid { kid }) => ("claims.signature-invalid", kid),
        Some(SignatureVerdict::UnknownKey { kid, .. }) => ("claims.signature-unknown-key", kid),
    };
    phrase(key).with("kid", short(kid)).into()
}

/// Further items of a list are only counted.
const MOST_ITEMS: usize = 12;

fn table(token: &DecodedToken, at: DateTime<Utc>) -> Option<Table> {
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

fn header(token: &DecodedToken) -> Option<Table> {
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
