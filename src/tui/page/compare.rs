//! What changed since the check before: verdict, steps, and the values that differ, and nothing else.

use crate::case::text::visible;
use crate::knowledge::phrase;
use crate::report::compare::compare;
use crate::report::{Report, words};
use crate::tui::look::Role;
use crate::tui::model::target::Target;

use super::content::Page;
use super::item::Item;

pub(super) fn page(target: &Target) -> Page {
    // What a check knows before its end is no answer to compare with.
    if target.answer_before().is_some() {
        let why = if target.is_running() { "screen.still-running" } else { "why.cut-short" };
        return Page::of(vec![Item::text("nothing", phrase(why).text())]);
    }
    let (Some(before), Some(after)) = (&target.before, &target.observed) else {
        return Page::of(vec![Item::text("nothing", phrase("why.no-before").text())]);
    };
    let names = match &*target.files {
        [one, other] => [Some(&**one), Some(&**other)],
        _ => [None, None],
    };
    between(before, after, ["compare.before", "compare.after"], names)
}

/// What changed from one report to another, how they follow each other, and what they are called.
pub(super) fn between(before: &Report, after: &Report, order: [&'static str; 2], names: [Option<&str>; 2]) -> Page {
    let [first, second] = order.map(|key| phrase(key).text());
    let at = |report: &Report| words::time(report.observed().checked_at());
    let [one, other] = names.map(|name| visible(name.unwrap_or_default()));
    let mut items = vec![
        Item::pair("before", &first, at(before)).with_tail(one),
        Item::pair("after", &second, at(after)).with_tail(other),
        Item::blank(),
    ];
    let changes = compare(before, after);
    if changes.is_empty() {
        items.push(Item::text("same", phrase("compare.same").text()));
    }
    for (number, change) in changes.iter().enumerate() {
        let id = |part: &str| format!("change/{number}/{part}");
        let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| phrase("compare.nothing").text());
        let subject = Item::text(id("subject"), change.subject.name()).with_role(Role::Heading);
        items.push(subject.with_copy(change.line()));
        items.push(Item::pair(id("before"), &first, shown(&change.before)));
        items.push(Item::pair(id("after"), &second, shown(&change.after)));
    }
    Page::of(items)
}
