//! Which headers show their values. Every other one keeps its name.

use super::address;
use super::harmless::LEFT_OUT;
use super::known_words::LONGEST_WORD;
use super::routing::routing;
use super::runs::without_runs;
use super::secret_names::names_secret;
use crate::case::network::address_of;
use crate::case::secret::REDACTED;
use crate::case::text::{percent_decoded, shortened};

/// Characters of a header's value, and headers of one message, that are shown.
const LONGEST: usize = 2048;
const MOST: usize = 100;

/// Headers whose values are known to be harmless, or decide who answered and why.
const SHOWN: [&str; 71] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "accept-ranges",
    "age",
    "allow",
    "cache-control",
    "cf-mitigated",
    "cf-ray",
    "client-request-id",
    "connection",
    "content-encoding",
    "content-language",
    "content-length",
    "content-type",
    "date",
    "expires",
    "grpc-message",
    "grpc-status",
    "keep-alive",
    "last-modified",
    "location",
    "metadata",
    "metadata-flavor",
    "ocp-apim-apiid",
    "pragma",
    "proxy-agent",
    "proxy-authenticate",
    "request-context",
    "request-id",
    "retry-after",
    "return-client-request-id",
    "server",
    "strict-transport-security",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "vary",
    "via",
    "www-authenticate",
    "x-amzn-errortype",
    "x-aspnet-version",
    "x-aspnetcore-version",
    "x-azure-fdid",
    "x-azure-ref",
    "x-cache",
    "x-content-type-options",
    "x-correlation-id",
    "x-envoy-upstream-service-time",
    "x-ext-authz-check-result",
    "x-frame-options",
    "x-goog-iap-generated-response",
    "x-kong-response-latency",
    "x-ms-activity-id",
    "x-ms-client-request-id",
    "x-ms-correlation-request-id",
    "x-ms-ests-server",
    "x-ms-failure-cause",
    "x-ms-forbidden-ip",
    "x-ms-middleware-request-id",
    "x-ms-ratelimit-remaining-subscription-reads",
    "x-ms-request-id",
    "x-ms-routing-request-id",
    "x-ms-trigger-type",
    "x-ms-version",
    "x-ms-workflow-id",
    "x-ms-workflow-run-id",
    "x-powered-by",
    "x-request-id",
    "x-served-by",
    "x-squid-error",
];

/// The headers of a message as they may be shown.
pub(super) fn shown(headers: &[(String, String)]) -> Vec<(String, String)> {
    headers
        .iter()
        .take(MOST)
        .map(|(name, value)| (shortened(&without_runs_of_name(name), 100), self::value(name, value)))
        .collect()
}

/// A header's value as it may be shown.
fn value(name: &str, value: &str) -> String {
    let lower = name.to_ascii_lowercase();
    if value.is_empty() {
        return String::new();
    }
    if let Some(shown) = routing(name, value) {
        return shown;
    }
    if !SHOWN.contains(&lower.as_str()) || names_secret(&lower) && lower != "www-authenticate" {
        return REDACTED.to_owned();
    }
    let clean = match lower.as_str() {
        "location" => address::foreign(value).unwrap_or_else(|| without_runs(value)),
        "x-azure-ref" if is_front_door_reference(value) => value.to_owned(),
        // The address that a front end refuses: eight groups of digits look like an identifier.
        "x-ms-forbidden-ip" if address_of(value).is_some() => value.to_owned(),
        "server" => product(value),
        // It has no spaces in its own form, and would look like one long word.
        "grpc-message" => without_runs(&percent_decoded(value, |_| true)),
        _ => without_runs(value),
    };
    shortened(&clean, LONGEST)
}

/// A server's name, without a version that is too long to be known as harmless.
fn product(value: &str) -> String {
    let clean = without_runs(value);
    let name = value.split_once('/').map(|(name, _)| name);
    let is_plain = |name: &&str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        (1..=LONGEST_WORD).contains(&name.len()) && name.bytes().all(plain)
    };
    match name.filter(is_plain) {
        Some(name) if clean == LEFT_OUT => format!("{name}/{LEFT_OUT}"),
        _ => clean,
    }
}

/// Front Door's reference to a request, by which its support finds it: the time, and then an ID in lower case.
fn is_front_door_reference(value: &str) -> bool {
    let Some((time, id)) = value.split_once('-') else {
        return false;
    };
    let digits = |text: Option<&str>| text.is_some_and(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let is_time = time.len() == 16 && digits(time.get(..8)) && digits(time.get(9..15));
    is_time
        && time.get(8..9) == Some("T")
        && time.ends_with('Z')
        && (1..=64).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// A header's name. Names of headers are long, so each of their words is looked at.
fn without_runs_of_name(name: &str) -> String {
    let words: Vec<String> = name.split('-').map(without_runs).collect();
    words.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_other_header_keeps_its_name_and_loses_its_value() {
        let headers = [
            ("server", "Kestrel", "Kestrel"),
            ("x-api-key", "short", REDACTED),
            ("set-cookie", "a=b", REDACTED),
            ("set-cookie", "x-ms-routing-name=staging; path=/; secure", "x-ms-routing-name=staging"),
            ("cookie", "AppServiceAuthSession=s3; x-ms-routing-name=staging", "x-ms-routing-name=staging"),
            ("cookie", "x-ms-routing-name=0f8fad5bd9cb469fa16570867728950e", REDACTED),
            ("x-anything", "harmless", REDACTED),
            ("x-azure-ref", "0abcdefghijklmnopqrstuvwxyz==", "[…]"),
            ("x-azure-ref", "20260101T000000Z-15f4c8d7b9xk2mzqhc1AMS0000000kt0000000a1b2c3", "[…]"),
            (
                "x-azure-ref",
                "20260101T000000Z-15f4c8d7b9xk2mzqhc1ams0000000kt0000000a1b2c3",
                "20260101T000000Z-15f4c8d7b9xk2mzqhc1ams0000000kt0000000a1b2c3",
            ),
            (
                "www-authenticate",
                "Bearer realm=\"x\" resource_id=\"0f8fad5b-d9cb-469f-a165-70867728950e\"",
                "Bearer realm=\"x\" resource_id=\"0f8fad5b-d9cb-469f-a165-70867728950e\"",
            ),
            ("x-ms-forbidden-ip", "[fd40:30ab:12:4a1:7a12:100:a00:4]:51234", "[fd40:30ab:12:4a1:7a12:100:a00:4]:51234"),
            ("x-ms-forbidden-ip", "fd40:30ab:12:4a1:7a12:100:a00:4:0f8fad5bd9cb469fa165", "[…]"),
            ("location", "https://app2/x?code=abc", "https://app2/x?code=[redacted]"),
            (
                "x-ms-middleware-request-id",
                "0f8fad5b-d9cb-469f-a165-70867728950e",
                "0f8fad5b-d9cb-469f-a165-70867728950e",
            ),
        ];
        for (name, value, expected) in headers {
            let found = shown(&[(name.to_owned(), value.to_owned())]);
            assert_eq!(found, [(name.to_owned(), expected.to_owned())]);
        }
    }
}
