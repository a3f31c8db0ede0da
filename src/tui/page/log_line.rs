//! The values that a pasted line of a log shows, beside those of this check's token.

use crate::case::shown::quote;
use crate::case::target_log::TargetLog;
use crate::knowledge::phrase;
use crate::report::Report;

use super::item::Item;

/// What a line names, and the claim that has the same.
const CLAIMS: [(&str, &str); 3] = [("audiences", "aud"), ("audience", "aud"), ("issuer", "iss")];

/// The values of every line of a text that is one of a log; nothing of other texts.
pub(super) fn values(text: &str, report: Option<&Report>) -> Vec<Item> {
    let log = TargetLog::from_bytes("", text.as_bytes());
    let mut items = Vec::new();
    for (number, (name, value)) in log.entries.iter().flat_map(|entry| &entry.values).enumerate() {
        let note = report.and_then(|report| beside(name, value, report));
        let item = Item::pair(format!("line/{number}"), name, quote::log_line(value));
        items.push(item.with_tail(note.unwrap_or_default()));
    }
    if items.is_empty() && log.entries.iter().any(|entry| entry.hidden) {
        items.push(Item::text("hidden", phrase("views.hidden-values").text()));
    }
    if !items.is_empty() {
        items.insert(0, Item::heading(phrase("section.line").text()));
        items.push(Item::blank());
    }
    items
}

/// What this check's token has of the same.
fn beside(name: &str, value: &str, report: &Report) -> Option<String> {
    let (_, claim) = CLAIMS.iter().find(|(known, _)| *known == name)?;
    let own = report.token()?.list(claim).join(", ");
    let said = phrase("views.beside-line").with("claim", *claim).with("value", own.as_str());
    (!own.is_empty()).then(|| said.when("same", own == value.trim()).text())
}
