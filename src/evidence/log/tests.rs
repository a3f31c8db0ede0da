//! Which lines of the log count, and how much.

use chrono::{TimeZone as _, Utc};

use super::*;
use crate::case::credential::{CredentialSource, Platform};
use crate::case::inputs::Inputs;
use crate::case::observation::Observation;
use crate::case::target_log::TargetLog;
use crate::case::token::{AcquiredToken, DecodedToken};

fn case(log: &str) -> Case {
    let inputs = Inputs { target: Some("https://app2.azurewebsites.net/api/hello".to_owned()), ..Inputs::default() };
    let mut case = Case::new(inputs, Utc.with_ymd_and_hms(2026, 1, 1, 10, 0, 0).unwrap());
    let decoded = DecodedToken {
        claims: vec![
            ("aud".to_owned(), serde_json::json!("api://app2")),
            ("iss".to_owned(), serde_json::json!("https://sts.windows.net/t/")),
        ],
        ..DecodedToken::default()
    };
    let token = AcquiredToken {
        source: CredentialSource::ManagedIdentity(Platform::AppService),
        resource: Some("api://app2".to_owned()),
        response: Vec::new(),
        decoded,
        signature: None,
    };
    case.apply(Observation::Token(Box::new(token)));
    case.apply(Observation::TargetLog(Box::new(TargetLog::from_bytes("log", log.as_bytes()))));
    case
}

fn weights(log: &str) -> Vec<Confidence> {
    words(&case(log)).map(|word| word.weight).collect()
}

#[test]
fn a_line_counts_by_its_values_its_time_and_its_request() {
    const OWN: &str = "IDX10214: Audience validation failed. Audiences: 'api://app2'. Did not match: x: 'y'";
    const OTHER: &str = "IDX10214: Audience validation failed. Audiences: 'api://other'. Did not match: x: 'y'";
    const HIDDEN: &str = "IDX10214: Audience validation failed. Audiences: '[PII is hidden]'.";
    let at = |time: &str, line: &str| format!("{time}  PID[1] Warning JWT validation failed: {line}");
    assert_eq!(weights(&at("2026-01-01T10:00:02", OWN)), [Confidence::Certain]);
    assert_eq!(weights(&at("2025-12-24T10:00:02", OWN)), [Confidence::Likely]);
    assert_eq!(weights(&at("2026-01-01T10:00:02", OTHER)), []);
    assert_eq!(weights(&at("2026-01-01T10:00:02", HIDDEN)), [Confidence::Likely]);
    assert_eq!(weights(HIDDEN), [Confidence::Likely]);
    assert_eq!(weights(&at("2026-01-01T09:30:00", HIDDEN)), [Confidence::Likely]);
    assert_eq!(weights(&at("2025-12-31T09:30:00", HIDDEN)), [Confidence::Possible]);
    let under = |path: &str| {
        format!(
            "2026-01-01T10:00:01  PID[1] Verbose Received request: GET https://app2.azurewebsites.net{path}\n{}",
            at("2026-01-01T10:00:01", HIDDEN)
        )
    };
    assert_eq!(weights(&under("/api/hello?x=1")), [Confidence::Likely]);
    assert_eq!(weights(&under("/admin")), [Confidence::Possible]);
}

#[test]
fn the_weightiest_line_speaks_and_of_equals_the_newest() {
    let case = case(
        "IDX10205: Issuer validation failed. Issuer: 'https://sts.windows.net/t/'. Did not match: x: 'y'\n\
         IDX10214: Audience validation failed. Audiences: '[PII is hidden]'.\n\
         IDX10214: Audience validation failed. Audiences: 'api://other'.\n",
    );
    let word = reason(&case).unwrap();
    assert_eq!((word.says, word.entry.line), (Says::Issuer, 1), "its own value outweighs");
}
