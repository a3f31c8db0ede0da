//! A case with 500 requests, some of them with a body of 1 MB.

use serde_json::{Value, json};

const REQUESTS: usize = 500;
const MEGABYTE: usize = 1 << 20;

/// The file. So many requests at its end have a large body: in turn a page, JSON, and one line.
pub fn file(large: usize) -> String {
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
        if REQUESTS - id < large {
            let body = body(REQUESTS - id);
            exchange["outcome"]["answer"]["body_length"] = json!(body.len());
            exchange["outcome"]["answer"]["body"] = json!(body);
        }
        exchanges.push(exchange);
    }
    case["exchanges"] = json!(exchanges);
    case.to_string()
}

fn body(number: usize) -> String {
    let row = "<p>The request was refused, and nobody knows why.</p>\n";
    match number % 3 {
        0 => row.repeat(MEGABYTE / row.len()),
        1 => format!("{{\"values\": [{}0]}}", "12345678, ".repeat(MEGABYTE / 10 - 2)),
        _ => "a word, ".repeat(MEGABYTE / 8),
    }
}
