//! What of a request and its answer goes into the case.

use chrono::{DateTime, Utc};
use reqwest::header::HeaderMap;
use zeroize::Zeroizing;

use crate::case::challenge::LONGEST_HEADER;
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
    asked_at: DateTime<Utc>,
) -> Answer {
    let kept = body.get(..KEPT_BODY).unwrap_or(body);
    Answer {
        status,
        reason,
        headers: headers(map),
        body: String::from_utf8_lossy(kept).into_owned(),
        body_length: body.len() as u64,
        truncated: truncated || kept.len() < body.len(),
        clock_skew_s: clock_skew(map, asked_at, clock::utc()),
        ..Answer::default()
    }
}

fn headers(map: &HeaderMap) -> Vec<(String, String)> {
    map.iter()
        .take(HEADERS)
        .map(|(name, value)| {
            let name = name.as_str().to_ascii_lowercase();
            // An address that is cut leads elsewhere. Of the rest, servers' own limits leave less than this.
            let most = if name == "location" { usize::MAX } else { LONGEST_HEADER };
            let value = value.as_bytes();
            (name, String::from_utf8_lossy(value.get(..most).unwrap_or(value)).into_owned())
        })
        .collect()
}

/// How far the server's clock is from ours at the least, from its `Date` header: it wrote that between the request and
/// the end of the answer, whose times are ours.
fn clock_skew(map: &HeaderMap, asked_at: DateTime<Utc>, ended_at: DateTime<Utc>) -> Option<i64> {
    let date = DateTime::parse_from_rfc2822(map.get("date")?.to_str().ok()?).ok()?.with_timezone(&Utc);
    let (before, after) = ((date - asked_at).num_seconds(), (date - ended_at).num_seconds());
    Some(if after > 0 { after } else { before.min(0) })
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

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;

    use super::*;

    #[test]
    fn a_header_is_kept_up_to_a_limit_and_an_address_whole() {
        let long = "x".repeat(LONGEST_HEADER + 1);
        let mut map = HeaderMap::new();
        for name in ["www-authenticate", "location"] {
            map.insert(name, long.parse().unwrap());
        }
        let kept: Vec<(String, usize)> = headers(&map).into_iter().map(|(name, value)| (name, value.len())).collect();
        let of = |name: &str, length| (name.to_owned(), length);
        assert_eq!(kept, [of("www-authenticate", LONGEST_HEADER), of("location", LONGEST_HEADER + 1)]);
    }

    #[test]
    fn a_date_within_the_request_is_no_difference() {
        let at = |second| Utc.with_ymd_and_hms(2026, 1, 1, 10, 0, second).unwrap();
        let skew = |date: &str| {
            let mut map = HeaderMap::new();
            map.insert("date", format!("Thu, 01 Jan 2026 {date} GMT").parse().unwrap());
            clock_skew(&map, at(10), at(20))
        };
        assert_eq!([skew("10:00:10"), skew("10:00:15"), skew("10:00:20")], [Some(0); 3]);
        assert_eq!((skew("10:00:27"), skew("10:00:04")), (Some(7), Some(-6)));
        assert_eq!(clock_skew(&HeaderMap::new(), at(10), at(20)), None);
    }
}
