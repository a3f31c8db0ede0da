//! What of a request and its answer goes into the case.

use chrono::{DateTime, Utc};
use reqwest::header::HeaderMap;
use zeroize::Zeroizing;

use crate::case::exchange::Answer;
use crate::case::resource::is_guid;
use crate::probe::clock;

/// No more headers are kept.
const HEADERS: usize = 100;
/// No more of a body is kept, in bytes; readers of long answers have the whole of it.
const KEPT_BODY: usize = 64 * 1024;

/// The answer as the case keeps it: as it came, within limits. What of it may be shown is decided where it is shown.
pub fn answer(
    status: u16,
    reason: Option<String>,
    map: &HeaderMap,
    body: &Zeroizing<Vec<u8>>,
    truncated: bool,
) -> Answer {
    let kept = body.get(..KEPT_BODY).unwrap_or(body);
    Answer {
        status,
        reason,
        headers: headers(map),
        body: String::from_utf8_lossy(kept).into_owned(),
        body_length: body.len() as u64,
        truncated: truncated || kept.len() < body.len(),
        clock_skew_s: clock_skew(map, clock::utc()),
        ..Answer::default()
    }
}

fn headers(map: &HeaderMap) -> Vec<(String, String)> {
    map.iter()
        .take(HEADERS)
        .map(|(name, value)| {
            let name = name.as_str().to_ascii_lowercase();
            (name, String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect()
}

/// The server's clock less ours, from its `Date` header.
fn clock_skew(map: &HeaderMap, now: DateTime<Utc>) -> Option<i64> {
    let date = DateTime::parse_from_rfc2822(map.get("date")?.to_str().ok()?).ok()?;
    Some((date.with_timezone(&Utc) - now).num_seconds())
}

/// The tokens in an answer to a token request, under the names that identity endpoints, Entra, and the Azure CLI give
/// them.
pub fn tokens_in(body: &serde_json::Value) -> impl Iterator<Item = &str> {
    ["access_token", "accessToken", "refresh_token", "id_token"]
        .into_iter()
        .filter_map(|name| body.get(name)?.as_str())
        // Whatever an endpoint calls a token: an ID is none, and hiding it would blind the report.
        .filter(|token| token.len() > 19 && !is_guid(token) && !token.contains("://"))
}
