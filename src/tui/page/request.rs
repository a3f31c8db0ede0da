//! One request: what was sent, what came back, and its body laid out.

use crate::case::exchange::Exchange;
use crate::case::text::{visible, visible_json, visible_lines};
use crate::knowledge::{self, phrase};
use crate::report::Report;
use crate::tui::look::{Looks, Role};
use crate::tui::model::place::View;
use crate::tui::model::target::Target;

use super::amount::time;
use super::curl;
use super::item::{Item, Opens, Page, Row};

/// Lines of a body that are shown before it is unfolded.
const FOLDED: usize = 16;

/// More lines of a body are never shown.
const MOST_LINES: usize = 2_000;

pub(super) fn page(target: &Target, id: u32, unfolded: bool, looks: Looks) -> Option<Page> {
    let report = target.shown()?;
    let exchange = report.case().exchanges.iter().find(|exchange| exchange.id == id)?;
    Some(Page::of(items(report, exchange, unfolded, looks)))
}

fn items(report: &Report, exchange: &Exchange, unfolded: bool, looks: Looks) -> Vec<Item> {
    let step = exchange.purpose.step();
    let mark = exchange.id.to_string();
    let mut items = vec![
        Item::marked("url", &mark, Role::Heading, format!("{} {}", exchange.method, visible(&exchange.url)))
            .with_copy(curl::command(exchange, cfg!(windows))),
        Item::marked("purpose", &" ".repeat(mark.len()), Role::Text, exchange.purpose.describe())
            .with_tail(phrase("screen.step").with("number", step.number()).text())
            .with_opens(Opens::step(step, None)),
    ];
    for (number, (name, value)) in exchange.request_headers.iter().enumerate() {
        items.push(header(format!("sent/{number}"), name, value));
    }
    if let Some(proxy) = &exchange.proxy {
        items.push(header("proxy".to_owned(), &phrase("views.proxy").text(), proxy));
    }
    match (exchange.answer(), exchange.failure()) {
        (Some(answer), _) => {
            let reason = visible(answer.reason.as_deref().unwrap_or_default());
            let said = phrase("screen.answer")
                .with("status", format!("{} {reason}", answer.status).trim().to_owned())
                .with("time", time(exchange.elapsed_ms))
                .with("bytes", answer.body_length.to_string());
            let mark = looks.text("→");
            let item = Item::marked("answer", &mark, Role::Heading, said.text());
            items.push(explained(item, &answer.status.to_string()));
            for (number, (name, value)) in answer.headers.iter().enumerate() {
                items.push(header(format!("received/{number}"), name, value));
            }
            items.extend(body(report, exchange, unfolded, looks));
        }
        (None, Some(failure)) => {
            items.push(Item::marked("failure", "!", Role::Bad, visible(&failure.message)));
        }
        (None, None) => items.push(Item::text("nothing", phrase("report.not-waited").text())),
    }
    items
}

/// The item, with the explanation of a key that the knowledge base has.
fn explained(item: Item, key: &str) -> Item {
    if knowledge::has_entry(key) { item.with_opens(Opens::View(View::Explain(key.to_owned()), None)) } else { item }
}

fn header(id: String, name: &str, value: &str) -> Item {
    let text = format!("{}: {}", visible(name), visible(value));
    explained(Item::marked(id, "   ", Role::Text, text.clone()).with_copy(text), name)
}

fn body(report: &Report, exchange: &Exchange, unfolded: bool, looks: Looks) -> Vec<Item> {
    // What is folded of a long body isn't read.
    let beginning = if unfolded { None } else { report.case().beginning(exchange.id) };
    let is_beginning = beginning.is_some();
    let (text, count) = match beginning {
        Some((text, count)) => (visible_lines(&text), count),
        None => {
            let text = laid_out(&report.case().body(exchange.id).unwrap_or_default());
            let count = text.lines().count();
            (text, count)
        }
    };
    if text.trim().is_empty() {
        return Vec::new();
    }
    let count = count.min(MOST_LINES);
    let most = if unfolded { MOST_LINES } else { FOLDED };
    let mut items = vec![Item::blank()];
    for (number, line) in text.lines().take(most).enumerate() {
        let item = Item::new(format!("body/{number}"), Row::Code(format!("    {line}")));
        items.push(item.with_copy(line.trim()));
    }
    let left = count.saturating_sub(text.lines().take(most).count());
    if left > 0 || is_beginning {
        let said = if left > 0 { phrase("views.folded").with("count", left) } else { phrase("views.rest") };
        let said = said.text();
        items.push(Item::marked("fold", looks.below(), Role::Faint, said).with_opens(Opens::Fold));
    } else if unfolded && count > FOLDED {
        items.push(
            Item::marked("fold", looks.above(), Role::Faint, phrase("views.fold").text()).with_opens(Opens::Fold),
        );
    }
    items
}

/// JSON in lines, and any other text as it is; so is JSON whose end was left out.
fn laid_out(body: &str) -> String {
    if body.ends_with("[…]") {
        return visible_lines(body);
    }
    let json = serde_json::from_str::<serde_json::Value>(body.trim_start_matches('\u{feff}')).ok();
    let pretty = json.and_then(|json| serde_json::to_string_pretty(&json).ok());
    pretty.map_or_else(|| visible_lines(body), |json| visible_json(&json))
}
