//! The requests on an axis of time, with those under way; which of them, and in which order, the person decides.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};

use crate::case::exchange::{Exchange, Purpose};
use crate::case::shown::typed::repeated;
use crate::case::step::StepId;
use crate::case::text::visible;
use crate::knowledge::phrase;
use crate::report::{Origin, Report};
use crate::tui::look::{Looks, Role};
use crate::tui::model::choices::{Choices, Order};
use crate::tui::model::target::{Target, UnderWay};

use super::amount::{passed, time};
use super::cells::Wave;
use super::content::{Many, Page};
use super::filter::{Filter, host};
use super::item::{Item, Opens, Row};
use super::{request, under_way};

/// Cells of number and status.
const MARK: usize = 7;

/// What begins the ID of a request that was answered.
pub(super) const ONE: &str = "request/";

/// What begins the ID of a request without a response.
pub(super) const WAITING: &str = "waiting/";

/// Of a longer chain, only so many are named, half of them at each end.
const MOST_NAMED: usize = 20;

/// Local commands are counted down from the greatest number.
const LAST_NUMBER: u32 = u32::MAX / 2;

pub(super) fn page(target: &Target, choices: &Choices, step: StepId, looks: Looks, now: DateTime<Utc>) -> Page {
    let case = target.shown().map(|report| report.case());
    let all: &[Exchange] = case.map_or(&[], |case| &case.exchanges);
    let filter = Filter::of(choices, step);
    let mut places: Vec<usize> = (0..all.len()).filter(|at| all.get(*at).is_some_and(|it| filter.fits(it))).collect();
    sort(&mut places, all, choices.order);
    let under_way: Vec<&UnderWay> = target.under_way.iter().filter(|request| filter.fits_under_way(request)).collect();
    let now = target.stopped.unwrap_or(now);
    // The axis has no time for which the run stood still.
    let worked = |at: u64| case.map_or(at, |case| case.continued.worked(at));
    let ended = case.map_or(0, |case| case.elapsed_ms);
    let begun = worked(case.map_or(0, |case| case.continued.last_ms()));
    let total = if under_way.is_empty() { ended } else { ended.max(begun.saturating_add(passed(now - target.begun))) };
    let mut items = Vec::new();
    if all.is_empty() && target.under_way.is_empty() {
        return Page::of(vec![Item::text("nothing", phrase("screen.no-request").text())]);
    }
    items.push(Item::new("", Row::Axis(phrase("views.axis").text(), total, MARK)));
    let before = items.len();
    items.extend(under_way.iter().map(|request| {
        let start = begun.saturating_add(passed(request.since - target.begun));
        waiting(request, start, total, looks, now)
    }));
    if places.is_empty() && under_way.is_empty() {
        items.push(Item::text("none", phrase("views.no-match").when("filter", choices.filter.is_some()).text()));
    }
    items.push(Item::blank());
    let count = places.len() + under_way.len();
    let said = phrase("views.shown")
        .with("count", count)
        .with("all", all.len() + target.under_way.len())
        .with("order", phrase(choices.order.name()))
        .with_some("filter", choices.filter.as_deref().map(|filter| visible(&repeated(filter))))
        .with_some("step", choices.only_step.then(|| step.number().to_string()));
    items.push(Item::text("shown", said.text()).with_role(Role::Faint));
    items.extend(longest(all, ended));
    let page = Page::of(items);
    match target.shown() {
        Some(report) => {
            let start = deciding(report).filter(|_| !target.is_running()).map(|id| format!("{ONE}{id}"));
            let made = places.iter().map(|_| OnceLock::new()).collect();
            let shown = Shown { report: Arc::clone(report), places, made, total, looks };
            Page { start, ..page.with_many(before, shown) }
        }
        None => page,
    }
}

/// The request that shows the root cause, once the check is over.
fn deciding(report: &Report) -> Option<u32> {
    let cause = report.diagnosis().root_cause.as_ref()?;
    let requests = cause.evidence.iter().filter_map(|line| match line.origin {
        Some(Origin::Exchange(number)) => Some(number),
        _ => None,
    });
    let exchanges = &report.case().exchanges;
    let is_of_step =
        |number: &u32| exchanges.iter().any(|exchange| exchange.id == *number && exchange.purpose.step() >= cause.step);
    let shown: Vec<u32> = requests.collect();
    // Where the settings show it, the call that they refuse is what matters.
    let call =
        exchanges.iter().rfind(|exchange| exchange.purpose == Purpose::CallWithToken).map(|exchange| exchange.id);
    shown.iter().copied().find(is_of_step).or(shown.first().copied()).or(call)
}

/// The requests that are shown.
#[derive(Debug)]
struct Shown {
    report: Arc<Report>,
    /// Their places in the case, in the order in which they are shown.
    places: Vec<usize>,
    /// Their rows, as far as they were in sight: each key asks several times for all that are.
    made: Vec<OnceLock<Box<Item>>>,
    /// The end of the axis.
    total: u64,
    looks: Looks,
}

impl Many for Shown {
    fn count(&self) -> usize {
        self.places.len()
    }

    fn item(&self, at: usize) -> Option<Cow<'_, Item>> {
        let case = self.report.case();
        let exchange = case.exchanges.get(*self.places.get(at)?)?;
        let make = || Box::new(wave(exchange, case.continued.worked(exchange.started_ms), self.total, self.looks));
        Some(Cow::Borrowed(self.made.get(at)?.get_or_init(make)))
    }

    fn has_details(&self) -> bool {
        !self.places.is_empty()
    }

    fn position(&self, id: &str) -> Option<usize> {
        let id: u32 = id.strip_prefix(ONE)?.parse().ok()?;
        let exchanges = &self.report.case().exchanges;
        self.places.iter().position(|at| exchanges.get(*at).is_some_and(|exchange| exchange.id == id))
    }
}

fn sort(places: &mut [usize], all: &[Exchange], order: Order) {
    let key = |at: &usize| {
        let exchange = all.get(*at);
        let first = match order {
            Order::Start => None,
            Order::Time => exchange.map(|exchange| exchange.elapsed_ms),
            Order::Status => exchange.map(|exchange| u64::from(exchange.status().unwrap_or(u16::MAX))),
        };
        (std::cmp::Reverse(first), exchange.map(|exchange| exchange.id))
    };
    crate::sort::by_key(places, key);
}

fn status(exchange: &Exchange) -> (String, Role) {
    match exchange.status() {
        Some(status @ 0..400) => (status.to_string(), Role::Text),
        Some(status) => (status.to_string(), Role::Warn),
        None if exchange.says_nothing() => ("–".to_owned(), Role::Faint),
        None => ("–".to_owned(), Role::Bad),
    }
}

fn wave(exchange: &Exchange, start: u64, total: u64, looks: Looks) -> Item {
    let (status, role) = status(exchange);
    let wave = Wave {
        mark: (looks.text(&format!("{:>3} {status:>3}", exchange.id)), role),
        text: format!("{} {}", exchange.method, exchange.purpose.describe()),
        host: host(&exchange.url),
        start,
        end: Some(start.saturating_add(exchange.elapsed_ms)),
        total,
        took: time(exchange.elapsed_ms),
    };
    Item::new(format!("{ONE}{}", exchange.id), Row::Wave(Box::new(wave))).with_opens(Opens::Request(exchange.id))
}

fn waiting(request: &UnderWay, start: u64, total: u64, looks: Looks, now: DateTime<Utc>) -> Item {
    let waited = passed(now - request.since);
    let purpose = request.purpose.describe();
    let (status, role, text) = match request.until {
        Some(_) => (" – ", Role::Open, phrase("views.stopped").with("request", purpose).text()),
        None => ("...", Role::Busy, purpose.to_owned()),
    };
    let wave = Wave {
        mark: (looks.text(&format!("{:>3} {status}", number(request))), role),
        text,
        host: request.request.split_once(' ').map(|(_, url)| host(url)).unwrap_or_default(),
        start,
        end: request.until.map(|_| start.saturating_add(waited)),
        total,
        took: format!("{} s", waited / 1_000),
    };
    Item::new(format!("{WAITING}{}", request.id), Row::Wave(Box::new(wave)))
        .with_copy(&*request.request)
        .with_opens(Opens::step(request.purpose.step(), None))
}

/// The number of a request; a local command has none.
fn number(request: &UnderWay) -> String {
    if request.id > LAST_NUMBER { String::new() } else { request.id.to_string() }
}

/// The requests of which each began only after the one before had ended, back from the one that ended last: their
/// time is the least that the check could take.
fn chain(exchanges: &[Exchange]) -> Vec<&Exchange> {
    let end = |exchange: &Exchange| exchange.started_ms.saturating_add(exchange.elapsed_ms);
    let mut all: Vec<&Exchange> = exchanges.iter().filter(|exchange| exchange.elapsed_ms > 0).collect();
    crate::sort::by_key(&mut all, |exchange| (end(exchange), exchange.elapsed_ms));
    let mut chain: Vec<&Exchange> = Vec::new();
    while let Some(exchange) = all.pop() {
        if chain.last().is_none_or(|next| end(exchange) <= next.started_ms) {
            chain.push(exchange);
        }
    }
    chain.reverse();
    chain
}

/// What the check waited for.
fn longest(exchanges: &[Exchange], total: u64) -> Option<Item> {
    let chain = chain(exchanges);
    if chain.len() < 2 {
        return None;
    }
    let took: u64 = chain.iter().map(|exchange| exchange.elapsed_ms).sum();
    let mut ids: Vec<String> = chain.iter().map(|exchange| exchange.id.to_string()).collect();
    if ids.len() > MOST_NAMED {
        let last = ids.split_off(ids.len() - MOST_NAMED / 2);
        ids.truncate(MOST_NAMED / 2);
        ids.push("…".to_owned());
        ids.extend(last);
    }
    let said = phrase("views.chain").with("ids", ids.join(" → ")).with("time", time(took)).with("total", time(total));
    Some(Item::text("chain", said.text()))
}

/// A request in one row, among other things.
pub(super) fn row(exchange: &Exchange, prefix: &str) -> Item {
    let (status, role) = status(exchange);
    let mark = format!("{:>3} {status:>3}", exchange.id);
    Item::marked(
        format!("{prefix}/{}", exchange.id),
        &mark,
        role,
        format!("{} {}", exchange.method, exchange.purpose.describe()),
    )
    .with_tail(time(exchange.elapsed_ms))
    .without_copy()
    .with_opens(Opens::Request(exchange.id))
}

/// The selected request, laid out.
pub(super) fn detail(target: &Target, id: &str, looks: Looks, now: DateTime<Utc>) -> Option<Page> {
    if let Some(id) = id.strip_prefix(WAITING) {
        let id: u32 = id.parse().ok()?;
        let waits = target.under_way.iter().find(|request| request.id == id)?;
        return Some(Page::of(under_way::request(waits, now)));
    }
    let id: u32 = id.strip_prefix(ONE)?.parse().ok()?;
    request::page(target, id, false, looks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::exchange::{Outcome, Purpose};

    fn exchange(id: u32, started_ms: u64, elapsed_ms: u64) -> Exchange {
        Exchange {
            id,
            purpose: Purpose::CallAnonymous,
            method: "GET".to_owned(),
            url: "https://app2/".to_owned(),
            request_headers: Vec::new(),
            started_ms,
            elapsed_ms,
            proxy: None,
            address: None,
            outcome: Outcome::NotWaitedFor,
        }
    }

    #[test]
    fn the_chain_is_what_one_after_the_other_took_longest_to_end() {
        let ids = |all: &[Exchange]| chain(all).iter().map(|exchange| exchange.id).collect::<Vec<_>>();
        // 2 ended before 4 began, 3 didn't; 1 is before both.
        let all = [exchange(1, 0, 10), exchange(2, 10, 20), exchange(3, 12, 30), exchange(4, 35, 40)];
        assert_eq!(ids(&all), [1, 2, 4]);
        assert_eq!(ids(&[exchange(1, 0, 10), exchange(2, 0, 10)]).len(), 1);
        assert_eq!(ids(&[]), [0_u32; 0]);
    }

    #[test]
    fn of_a_long_chain_the_ends_are_named() {
        let all: Vec<Exchange> = (1..=500).map(|id| exchange(id, u64::from(id) * 10, 10)).collect();
        let said = format!("{:?}", longest(&all, 5_010).unwrap());
        assert!(said.contains("1 → 2 → 3") && said.contains("10 → … → 491") && said.contains("→ 500"), "{said}");
    }
}
