//! Who or what an ID is.

use crate::case::resource_id::Parts;
use crate::case::text::visible;
use crate::knowledge::{self, phrase};
use crate::report::{Report, who};
use crate::tui::look::Role;
use crate::tui::model::place::View;

use super::content::Page;
use super::item::{Item, Opens};

/// More requests than these are only counted.
const MOST: usize = 12;

pub(super) fn page(report: Option<&Report>, id: &str) -> Page {
    let mut items = vec![Item::text("id", visible(id)).with_role(Role::Value)];
    let found = report.map(|report| who::is(report, id)).unwrap_or_default();
    if let Some(name) = &found.name {
        items.push(Item::text("name", visible(name)));
    }
    items.push(Item::blank());
    let parts = Parts::of(id).filter(|_| id.contains('/'));
    if let Some(parts) = parts {
        let kind = format!("{}/{}", parts.namespace, parts.kind);
        for (label, value) in [
            ("views.resource-kind", Some(kind.as_str())),
            ("views.resource-name", Some(parts.name)),
            ("views.slot", parts.slot),
            ("views.resource-group", parts.resource_group),
            ("views.subscription", parts.subscription),
        ] {
            items.extend(value.map(|value| Item::pair(label, phrase(label).text(), visible(value))));
        }
        items.push(Item::blank());
    }
    for claim in &found.claims {
        let item = Item::pair(format!("in/{claim}"), phrase("views.claim").text(), claim);
        items.push(item.with_opens(Opens::View(View::Token, Some(format!("claim/{claim}")))));
    }
    for rule in &found.rules {
        let item = Item::pair(format!("in/{rule}"), phrase("views.rule").text(), rule);
        items.push(item.with_opens(Opens::View(View::Policy, Some(format!("rule/{rule}")))));
    }
    for request in found.requests.iter().take(MOST) {
        let item = Item::pair(format!("in/{request}"), phrase("views.request").text(), request.to_string());
        items.push(item.with_opens(Opens::Request(*request)));
    }
    let entries = knowledge::explained(id);
    let entries = if entries.is_a_guess { Vec::new() } else { entries.entries };
    for entry in &entries {
        let item = Item::text(format!("known/{}", entry.key), &entry.title);
        items.push(item.with_opens(Opens::View(View::Explain(entry.key.clone()), None)));
    }
    if found.is_unknown() && entries.is_empty() && parts.is_none() {
        items.push(Item::text("unknown", phrase("views.unknown-id").text()));
    }
    Page::of(items)
}
