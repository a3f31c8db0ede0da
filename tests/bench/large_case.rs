//! A case with 500 requests, eight of them with a body of 1 MB.

use serde_json::{Value, json};

const REQUESTS: usize = 500;
const LARGE: usize = 8;
const MEGABYTE: usize = 1 << 20;

/// The file.
pub fn file() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/saved/caller-not-in-allowed-applications-slot.json");
    let mut case: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let known = case["exchanges"].as_array().unwrap().clone();
    let call = known.iter().position(|exchange| exchange["purpose"] == "call-with-token").unwrap();
    let mut exchanges: Vec<Value> = Vec::new();
    for id in 1..=REQUESTS {
        // Each as it was, and then calls of App 2 once more.
        let mut exchange = known.get(id - 1).unwrap_or(&known[call]).clone();
        exchange["id"] = json!(id);
        exchange["started_ms"] = json!(id * 7);
        if id > REQUESTS - LARGE {
            let row = "<p>The request was refused, and nobody knows why.</p>\n";
            let body = row.repeat(MEGABYTE / row.len());
            exchange["outcome"]["answer"]["body_length"] = json!(body.len());
            exchange["outcome"]["answer"]["body"] = json!(body);
        }
        exchanges.push(exchange);
    }
    case["exchanges"] = json!(exchanges);
    case.to_string()
}
