//! One request: what was sent, what came back, and its body laid out.

use std::sync::Arc;

use crate::case::exchange::{Answer, Exchange};
use crate::case::text::visible;
use crate::knowledge::{self, phrase};
use crate::report::Report;
use crate::tui::look::{Looks, Role};
use crate::tui::model::place::View;
use crate::tui::model::target::Target;

use super::amount::time;
use super::content::{Many as _, Page};
use super::curl;
use super::item::{Item, Opens};
use super::lines::Lines;

/// Lines of a body that are shown before it is unfolded.
const FOLDED: usize = 16;

/// More lines of a body are never shown.
const MOST_LINES: usize = 2_000;

pub(super) fn page(target: &Target, id: u32, unfolded: bool, looks: Looks) -> Option<Page> {
    let report = target.shown()?;
    let exchange = report.case().exchanges.iter().find(|exchange| exchange.id == id)?;
    let mut items = items(exchange, looks);
    let body = body(report, exchange, unfolded);
    if body.lines.count() == 0 {
        return Some(Page::of(items));
    }
    items.push(Item::blank());
    let before = items.len();
    items.extend(body.fold.map(|(said, is_below)| {
        let mark = if is_below { looks.below() } else { looks.above() };
        Item::marked("fold", mark, Role::Faint, said).with_opens(Opens::Fold)
    }));
    Some(body.lines.within(Page::of(items), before))
}

fn items(exchange: &Exchange, looks: Looks) -> Vec<Item> {
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
            let (bytes, is_more) = length(answer);
            let said = phrase("screen.answer")
                .with("status", format!("{} {reason}", answer.status).trim().to_owned())
                .with("time", time(exchange.elapsed_ms))
                .with("bytes", bytes)
                .when("more", is_more);
            let mark = looks.text("→");
            let item = Item::marked("answer", &mark, Role::Heading, said.text());
            items.push(explained(item, &answer.status.to_string()));
            for (number, (name, value)) in answer.headers.iter().enumerate() {
                let skew = answer.clock_skew_s.filter(|_| name.eq_ignore_ascii_case("date"));
                let said = skew.map(clock).unwrap_or_default();
                items.push(header(format!("received/{number}"), name, value).with_tail(said));
            }
        }
        (None, Some(failure)) => {
            items.push(Item::marked("failure", "!", Role::Bad, visible(&failure.message)));
        }
        (None, None) => items.push(Item::text("nothing", phrase("report.not-waited").text())),
    }
    items
}

/// The body's length in bytes, and whether it may be longer: of a body that wasn't read to its end, what was sent with
/// it says how long it is.
fn length(answer: &Answer) -> (u64, bool) {
    if !answer.truncated {
        return (answer.body_length, false);
    }
    let is_encoded = answer.header("content-encoding").is_some();
    let sent = answer.header("content-length").filter(|_| !is_encoded);
    let sent = sent.and_then(|length| length.trim().parse().ok()).filter(|length| *length >= answer.body_length);
    sent.map_or((answer.body_length, true), |length| (length, false))
}

/// The item, with the explanation of a key that the knowledge base has.
fn explained(item: Item, key: &str) -> Item {
    if knowledge::has_entry(key) { item.with_opens(Opens::View(View::Explain(key.to_owned()), None)) } else { item }
}

fn header(id: String, name: &str, value: &str) -> Item {
    let text = format!("{}: {}", visible(name), visible(value));
    explained(Item::marked(id, "   ", Role::Text, text.clone()).with_copy(text), name)
}

/// What a server's date says of its clock.
fn clock(skew: i64) -> String {
    let said = phrase("views.clock").with("seconds", skew.unsigned_abs());
    said.when("same", skew == 0).when("ahead", skew > 0).text()
}

/// The body: what of it is in sight, and what unfolds or folds the rest.
struct Body {
    lines: Lines,
    /// What is said of the rest, and whether it is below.
    fold: Option<(String, bool)>,
}

fn body(report: &Report, exchange: &Exchange, unfolded: bool) -> Body {
    // What is folded of a long body isn't read.
    let beginning = if unfolded { None } else { report.case().beginning(exchange.id) };
    let is_beginning = beginning.is_some();
    let (lines, count) = match beginning {
        Some((text, count)) => (Lines::of(text, false, MOST_LINES), count.min(MOST_LINES)),
        None => {
            let lines = laid_out(report.case().body(exchange.id).unwrap_or_default());
            let count = lines.count();
            (lines, count)
        }
    };
    let lines = if unfolded { lines } else { lines.first(FOLDED) };
    let left = count.saturating_sub(lines.count());
    let fold = match left {
        1.. => Some((phrase("views.folded").with("count", left).text(), true)),
        0 if is_beginning => Some((phrase("views.rest").text(), true)),
        0 if unfolded && count > FOLDED => Some((phrase("views.fold").text(), false)),
        0 => None,
    };
    Body { lines, fold }
}

/// JSON in lines, and any other text as it is; so is JSON whose end was left out.
fn laid_out(body: Arc<str>) -> Lines {
    let json = match body.ends_with("[…]") {
        true => None,
        false => serde_json::from_str::<serde_json::Value>(body.trim_start_matches('\u{feff}')).ok(),
    };
    match json.and_then(|json| serde_json::to_string_pretty(&json).ok()) {
        Some(pretty) => Lines::of(pretty, true, MOST_LINES),
        // A text without any sign has no rows.
        None if body.trim().is_empty() => Lines::default(),
        None => Lines::of(body, false, MOST_LINES),
    }
}
