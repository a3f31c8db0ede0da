//! Bytes on a slow line, in every view of a case of 500 requests with a body of 1 MB: the first frame, a move that
//! scrolls nothing, and one that does.

use std::sync::Arc;

use chrono::DateTime;
use crossterm::event::KeyCode;

use crate::case::exchange::Outcome;
use crate::report::Report;

use super::look::Looks;
use super::model::Model;
use super::model::target::Target;
use super::tests::{key, press, report, terminal};
use super::update::{Message, update};
use super::view;

const FIRST: usize = 3_072;
const STILL: usize = 256;
const MOVED: usize = 1_638;

/// A case with 500 requests, of which the last has a body of 1 MB.
fn big() -> Arc<Report> {
    let mut case = report().observed().clone();
    let known = case.exchanges.clone();
    let last = known.iter().map(|exchange| exchange.id).max().unwrap();
    for (number, exchange) in (last + 1..=500).zip(known.iter().cycle()) {
        let mut exchange = exchange.clone();
        exchange.id = number;
        case.exchanges.push(exchange);
    }
    let Some(Outcome::Answer(answer)) = case.exchanges.last_mut().map(|exchange| &mut exchange.outcome) else {
        panic!("no answer");
    };
    answer.body = format!("[{}0]", "12345678, ".repeat(100_000));
    assert_eq!(case.exchanges.len(), 500);
    Arc::new(Report::of(case))
}

#[test]
fn no_view_of_a_big_case_costs_more_than_its_bytes() {
    let big = big();
    let looks = Looks::new(true, false);
    let name = "https://app2.azurewebsites.net/api/hello".to_owned();
    let one = || Model::saved(name.clone(), looks, (80, 24), Arc::clone(&big));
    let many = || {
        let all = (0..200).map(|number| (format!("https://app{number}.example/"), Target::saved(Arc::clone(&big))));
        Model::several(all.collect(), looks, (80, 24), DateTime::UNIX_EPOCH)
    };
    let mut moves = 0;
    for keys in ["", "7", "t", "p", "x", "xG\r", "i", "o", "L", "targets"] {
        let mut model = if keys == "targets" { many() } else { one() };
        update(&mut model, Message::Tick(DateTime::UNIX_EPOCH));
        press(&mut model, if keys == "targets" { "" } else { keys });
        let mut terminal = terminal(80, 24);
        let mut bytes = |model: &Model| {
            terminal.draw(|frame| view::render(frame, model)).unwrap();
            terminal.backend_mut().take().len()
        };
        let first = bytes(&model);
        assert!(first <= FIRST, "{keys}: first frame: {first}");
        for code in [KeyCode::Down, KeyCode::Down, KeyCode::Up, KeyCode::PageDown, KeyCode::End, KeyCode::Home] {
            let before = model.place.cursor();
            key(&mut model, code);
            let after = model.place.cursor();
            let is_still = (before.top, before.skipped) == (after.top, after.skipped) && model.detail.items.is_empty();
            let most = if is_still { STILL } else { MOVED };
            let cost = bytes(&model);
            assert!(cost <= most, "{keys} {code:?}: {cost} bytes of {most}");
            moves += usize::from(before != after);
        }
    }
    assert!(moves > 25, "{moves}");
}
