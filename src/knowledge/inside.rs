//! An error inside an answer whose HTTP status is good: a status of gRPC, or a member of its JSON.

use serde_json::Value;

use crate::case::code::Code;
use crate::case::exchange::Answer;
use crate::case::text::{percent_decoded, shortened};

/// What an answer with a good HTTP status reports inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inside {
    /// The finding.
    pub code: Code,
    /// What the finding says.
    pub key: &'static str,
    /// The error, as it may be quoted.
    pub said: String,
    /// Whether only App 1 knows that it is one.
    pub is_doubtful: bool,
}

/// As much of an error is quoted.
const LONGEST: usize = 140;

/// gRPC's statuses other than OK, in their order (grpc/grpc: doc/statuscodes.md).
const GRPC: [&str; 16] = [
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// Why a call of gRPC failed: its HTTP status is 200 then as well, and an answer without a message has its status among
/// the headers (grpc/grpc: doc/PROTOCOL-HTTP2.md, Trailers-Only).
pub fn failure(answer: &Answer) -> Option<Inside> {
    let kind = answer.header("content-type").filter(|_| answer.is_success())?.to_ascii_lowercase();
    let number = answer.header("grpc-status").filter(|_| kind.starts_with("application/grpc"))?.trim();
    let name = GRPC.get(number.parse::<usize>().ok()?.checked_sub(1)?)?;
    let message = answer.header("grpc-message").map(|text| percent_decoded(text, |_| true));
    let message = message.map(|text| shortened(&answer.quote(text.trim()), LONGEST)).filter(|text| !text.is_empty());
    let code = match *name {
        "UNAUTHENTICATED" => Code::AppValidatesTokenItself,
        "PERMISSION_DENIED" => Code::AppRequiresRoleOrScope,
        "DEADLINE_EXCEEDED" | "RESOURCE_EXHAUSTED" | "UNAVAILABLE" => Code::AppUnavailable,
        _ => Code::AppError,
    };
    let status = format!("grpc-status {number} ({name})");
    let said = match message {
        Some(text) => format!("{status}: \"{text}\""),
        None => status,
    };
    Some(Inside { code, key: "grpc", said, is_doubtful: false })
}

/// An error that a JSON answer reports. Only App 1 knows whether it expects such answers: lists of errors may be what
/// the app is for, so the answer must be an object that has nothing else to say.
pub fn reported(answer: &Answer) -> Option<Inside> {
    let json = answer.json().filter(|json| answer.is_success() && json.is_object())?;
    let has = |name: &str| json.get(name).is_some_and(|value| !value.is_null());
    let text = |value: &Value| value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned);
    let member = |of: &Value, names: &[&str]| names.iter().find_map(|name| text(of.get(name)?));
    let is_bad = |status: &Value| status.as_u64().is_some_and(|status| (400..600).contains(&status));
    let is_refused = ["status", "statusCode", "status_code"].iter().any(|name| json.get(name).is_some_and(is_bad));
    let error = json.get("error");
    // GraphQL: errors beside a whole answer are about parts of it.
    let of_graph = || member(json.get("errors")?.get(0)?, &["message"]);
    let named = || member(error?, &["message", "code"]).or_else(|| text(error?));
    let explained = member(json, &["error_description", "message", "detail"]);
    let said = match (named().or_else(of_graph), explained) {
        _ if has("data") || has("result") => return None,
        (Some(named), Some(more)) if named != more => format!("{named}: {more}"),
        (Some(named), _) => named,
        (None, Some(more)) if is_refused => more,
        _ => return None,
    };
    let said = shortened(&answer.quote(&said), LONGEST);
    Some(Inside { code: Code::AppError, key: "inside", said, is_doubtful: true })
}
