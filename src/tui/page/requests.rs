//! The requests in their order, with those under way; the opened one with what was sent and what came back.

use chrono::{DateTime, Utc};

use crate::case::exchange::Exchange;
use crate::case::text::{visible, visible_lines};
use crate::knowledge::phrase;
use crate::report::Report;
use crate::tui::look::{Looks, Role};
use crate::tui::model::target::Target;

use super::amount::time;
use super::item::{Item, Opens, Page, Row};
use super::under_way;

pub(super) fn page(target: &Target, opened: Option<u32>, looks: Looks, now: DateTime<Utc>) -> Page {
    let mut items = Vec::new();
    if let Some(report) = target.shown() {
        items.extend(of(report, opened, looks));
    }
    for request in &target.under_way {
        let mark = format!("{:>3} ...", request.id);
        items.push(
            Item::marked(
                format!("waiting/{}", request.id),
                &mark,
                Role::Busy,
                request.purpose.describe(),
            )
            .with_tail(under_way::waited(request, now))
            .with_copy(&*request.request),
        );
    }
    if items.is_empty() {
        items.push(Item::text("nothing", phrase("screen.no-request").text()));
    }
    Page::of(items)
}

fn of(report: &Report, opened: Option<u32>, looks: Looks) -> Vec<Item> {
    let mut exchanges: Vec<&Exchange> = report.case().exchanges.iter().collect();
    exchanges.sort_by_key(|exchange| exchange.id);
    let mut items = Vec::new();
    for exchange in exchanges {
        items.push(row(exchange, "request"));
        if opened == Some(exchange.id) {
            items.extend(details(exchange, looks));
        }
    }
    items
}

/// A request in one row.
pub(super) fn row(exchange: &Exchange, prefix: &str) -> Item {
    let (status, role) = match exchange.status() {
        Some(status @ 0..400) => (status.to_string(), Role::Text),
        Some(status) => (status.to_string(), Role::Warn),
        None => ("–".to_owned(), Role::Bad),
    };
    let mark = format!("{:>3} {status:>3}", exchange.id);
    Item::marked(
        format!("{prefix}/{}", exchange.id),
        &mark,
        role,
        format!("{} {}", exchange.method, exchange.purpose.describe()),
    )
    .with_tail(time(exchange.elapsed_ms))
    .with_copy(format!("{} {}", exchange.method, visible(&exchange.url)))
    .with_opens(Opens::Request(exchange.id))
}

/// What was sent and what came back, below the request's row.
fn details(exchange: &Exchange, looks: Looks) -> Vec<Item> {
    let id = |part: &str| format!("request/{}/{part}", exchange.id);
    let inner = |id: String, text: String| Item::marked(id, "   ", Role::Text, text.clone()).with_copy(text);
    let mut items = vec![inner(
        id("url"),
        format!("{} {}", exchange.method, visible(&exchange.url)),
    )];
    for (number, (name, value)) in exchange.request_headers.iter().enumerate() {
        items.push(header(id(&format!("sent/{number}")), name, value));
    }
    match (exchange.answer(), exchange.failure()) {
        (Some(answer), _) => {
            let reason = visible(answer.reason.as_deref().unwrap_or_default());
            let said = phrase("screen.answer")
                .with("status", format!("{} {reason}", answer.status).trim().to_owned())
                .with("time", time(exchange.elapsed_ms))
                .with("bytes", answer.body_length.to_string());
            let mark = format!(" {} ", looks.text("→"));
            items.push(Item::marked(id("answer"), mark.trim_end(), Role::Text, said.text()));
            for (number, (name, value)) in answer.headers.iter().enumerate() {
                items.push(header(id(&format!("received/{number}")), name, value));
            }
            let body = visible_lines(&answer.excerpt());
            if !body.is_empty() {
                items.push(inner(id("body"), body));
            }
        }
        (None, Some(failure)) => {
            items.push(Item::marked(id("failure"), "  !", Role::Bad, visible(&failure.message)));
        }
        (None, None) => {}
    }
    items.push(Item::new("", Row::Blank));
    items
}

fn header(id: String, name: &str, value: &str) -> Item {
    let text = format!("{}: {}", visible(name), visible(value));
    Item::marked(id, "     ", Role::Text, text.clone()).with_copy(text)
}
