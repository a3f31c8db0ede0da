//! What was checked, and with what.

use crate::case::text::visible;
use crate::knowledge::phrase;
use crate::report::document::{self, Block};
use crate::report::{Report, words};

use super::amount::time;
use super::content::Page;
use super::item::Item;

pub(super) fn page(report: &Report) -> Page {
    let mut items = Vec::new();
    for block in document::head(report) {
        if let Block::Facts(facts) = block {
            for (name, value) in facts {
                items.push(Item::pair(format!("input/{name}"), name, value));
            }
        }
    }
    let inputs = report.inputs();
    let files = [
        ("label.settings-file", &inputs.auth_settings),
        ("label.log-file", &inputs.target_log),
        ("label.environment-file", &inputs.environ),
        ("label.token-file", &inputs.token_file),
    ];
    for (label, file) in files {
        if let Some(file) = file {
            let shown = visible(&file.display().to_string());
            items.push(Item::pair(label, phrase(label).text(), shown));
        }
    }
    if let Some(id) = &inputs.target_resource_id {
        items.push(Item::pair("resource-id", phrase("label.resource-id").text(), visible(id.as_str())));
    }
    let case = report.observed();
    for (number, reading) in report.case().settings.iter().enumerate() {
        let read = reading.failure().map(visible).unwrap_or_default();
        let label = if number == 0 { phrase("label.settings").text() } else { String::new() };
        let item = Item::pair(format!("settings/{number}"), label, visible(&reading.source.to_string()));
        items.push(item.with_tail(read));
    }
    let started = words::time(case.started_at);
    items.push(Item::pair("started", phrase("label.started").text(), started));
    items.push(Item::pair("elapsed", phrase("label.elapsed").text(), time(case.elapsed_ms)));
    items.push(Item::pair("timeout", phrase("label.timeout").text(), time(inputs.timeout_s.saturating_mul(1_000))));
    Page::of(items)
}
