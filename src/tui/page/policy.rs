//! App 2's rules beside the token, in the order in which they apply; and the selected one letter by letter.

use crate::case::text::visible;
use crate::knowledge::phrase;
use crate::report::policy::{self, Rule};
use crate::report::{Report, RuleVerdict};
use crate::tui::look::{Looks, Role};
use crate::tui::model::place::View;
use crate::tui::model::target::Target;

use super::cause::labels;
use super::cells::Cells;
use super::content::Page;
use super::item::{Item, Names, Opens, Row};
use super::letters;
use super::token::mark;

/// Where there is a form, what is missing is given there.
pub(super) fn page(target: &Target, report: &Report, has_form: bool, looks: Looks) -> Page {
    let rules = policy::rules(report);
    let observed = target.observed.as_deref().map(policy::rules).unwrap_or_default();
    let mut items = Vec::new();
    if rules.is_empty() {
        items.push(Item::text("nothing", phrase("views.nothing-compared").text()));
    } else {
        items.push(Item::text("question", phrase("views.question").text()));
        items.push(names(1));
    }
    for rule in &rules {
        items.push(row(rule, observed.iter().find(|other| other.name == rule.name), looks));
    }
    if !policy::has_settings(&rules) {
        items.push(Item::blank());
        items.extend(unread(report, has_form));
    }
    if !rules.is_empty() || !target.changes().is_empty() {
        items.push(Item::blank());
        let is_offered = items.iter().any(|item| item.change.is_some());
        items.extend(supposed(target, is_offered, looks));
    }
    // Where a change in thought fixes the rule, that is the one to look at.
    let was_broken = |rule: &&Rule| observed.iter().any(|other| other.name == rule.name && is_broken(other));
    let is_open = |rule: &&Rule| rule.verdict == RuleVerdict::Unknown && rule.finding.is_some();
    let broken = rules.iter().find(|rule| is_broken(rule)).or(rules.iter().find(was_broken));
    let broken = broken.or(rules.iter().find(is_open)).or(rules.first());
    Page { start: broken.map(|rule| format!("rule/{}", rule.name)), ..Page::of(items) }
}

/// The rules of pasted settings. App 2 didn't use them here, so each mark is that of a supposition.
pub(super) fn pasted(report: &Report, of_pasted_token: bool, looks: Looks) -> Page {
    let rules = policy::rules(report);
    let said = phrase("views.pasted-settings").when("token", of_pasted_token).text();
    let mut items = vec![Item::marked("pasted", looks.supposed(), Role::Supposed, said), Item::blank()];
    let of_settings = rules.iter().filter(|rule| !matches!(rule.name, policy::SIGNATURE | policy::VALIDITY));
    let first = of_settings.clone().find(|rule| is_broken(rule)).or(of_settings.clone().next());
    let start = first.map(|rule| format!("rule/{}", rule.name));
    if start.is_some() {
        items.push(names(2));
    }
    items.extend(of_settings.map(|rule| {
        let (mark, _) = rule_mark(rule, looks);
        self::cells(rule, (&format!("{}{mark}", looks.supposed()), Role::Supposed))
    }));
    if !policy::has_settings(&rules) {
        items.extend(unread(report, false));
    }
    Page { start, ..Page::of(items) }
}

const fn is_broken(rule: &Rule) -> bool {
    matches!(rule.verdict, RuleVerdict::Broken | RuleVerdict::BrokenUndocumented)
}

/// The names of the columns.
const NAMES: &[&str] = &["views.rule", "views.expected", "views.actual", "views.step"];

/// They as a row, behind marks of so many cells.
fn names(mark: usize) -> Item {
    let cells = NAMES.iter().map(|name| (phrase(name).text(), Role::Faint)).collect();
    let cells = Cells { names: NAMES, ..Cells::new(&" ".repeat(mark), Role::Faint, cells) };
    Item::new("", Row::Cells(Box::new(cells)))
}

/// A rule, and the same as it was observed; `None`: a change in thought brings it.
fn row(rule: &Rule, observed: Option<&Rule>, looks: Looks) -> Item {
    let (mark, role) = rule_mark(rule, looks);
    let change = observed.and_then(|observed| observed.finding.as_ref()?.change.clone());
    let is_changed = observed.is_none_or(is_broken) && !is_broken(rule);
    let (mark, role) = if is_changed { (looks.supposed(), Role::Supposed) } else { (mark, role) };
    cells(rule, (mark, role)).with_change(change)
}

/// So many bytes fill a column of values on a screen of 80 columns, or nearly so.
const ALIKE: usize = 20;

/// A rule and the two values, with this mark.
fn cells(rule: &Rule, (mark, role): (&str, Role)) -> Item {
    let value = if role == Role::Bad { Role::Value } else { Role::Text };
    let cells = vec![
        (rule.name.to_owned(), Role::Text),
        (visible(&rule.expected), value),
        (visible(&rule.found), value),
        (rule.step.number().to_string(), Role::Faint),
    ];
    // Two issuers begin alike.
    let begin_alike = rule.expected.bytes().zip(rule.found.bytes()).take_while(|(one, other)| one == other).count();
    let middle: &'static [usize] = if begin_alike >= ALIKE { &[1, 2] } else { &[] };
    let row = Row::Cells(Box::new(Cells { middle, names: NAMES, ..Cells::new(mark, role, cells) }));
    let opens = match &rule.finding {
        Some(finding) => Opens::View(View::Explain(finding.code.name().to_owned()), None),
        None => Opens::step(rule.step, None),
    };
    Item::new(format!("rule/{}", rule.name), row).with_copy(visible(&rule.expected)).with_opens(opens)
}

fn rule_mark(rule: &Rule, looks: Looks) -> (&'static str, Role) {
    match &rule.finding {
        Some(finding) if finding.disproved && is_broken(rule) => ("!", Role::Warn),
        _ => mark(rule.verdict, looks),
    }
}

/// What isn't known of App 2's settings, and how to give them.
fn unread(report: &Report, has_form: bool) -> Vec<Item> {
    let was_read = report.case().settings.iter().any(|reading| reading.outcome.is_ok());
    if was_read {
        let key = if report.token().is_some() { "views.no-policy" } else { "views.no-token-to-compare" };
        return vec![Item::text("unread", phrase(key).text())];
    }
    let mut items = vec![Item::marked("unread", "?", Role::Open, phrase("views.unread").text())];
    for (number, reading) in report.case().settings.iter().enumerate() {
        if let Err(reason) = &reading.outcome {
            let source = visible(&reading.source.to_string());
            items.push(Item::pair(format!("reading/{number}"), source, visible(reason)));
        }
    }
    if report.token().is_none() {
        items.push(Item::text("no-token", phrase("views.no-token-to-compare").text()));
    }
    let give = Item::text("give", phrase("views.give-settings").when("form", has_form).text());
    items.push(if has_form { give.with_opens(Opens::Field("auth-settings")) } else { give });
    items
}

/// The changes in thought.
fn supposed(target: &Target, is_offered: bool, looks: Looks) -> Vec<Item> {
    if target.changes().is_empty() {
        let said = phrase("views.no-change").when("offered", is_offered);
        return vec![Item::text("what-if", said.text()).with_role(Role::Faint)];
    }
    let mut items = vec![Item::text("what-if", phrase("views.changes").text())];
    for (number, change) in target.changes().iter().enumerate() {
        let id = format!("change/{number}");
        items.push(
            Item::marked(id, looks.supposed(), Role::Supposed, visible(change)).with_change(Some(change.clone())),
        );
    }
    items
}

/// The selected rule: the two values letter by letter, where the setting is, and what would change it.
pub(super) fn detail(target: Option<&Target>, report: &Report, id: &str, looks: Looks) -> Option<Page> {
    let name = id.strip_prefix("rule/")?;
    let of = |report: &Report| policy::rules(report).into_iter().find(|rule| rule.name == name);
    let rule = of(report)?;
    let observed = target.and_then(|target| target.observed.as_deref()).and_then(of);
    let mut items = Vec::new();
    let difference = rule.finding.as_ref().and_then(|finding| finding.difference.as_ref());
    let none = || phrase("screen.no-value").text();
    match difference {
        Some(difference) => {
            let actual = difference.actual.value.clone();
            let expected: Vec<&str> = difference.expected.iter().filter_map(|one| one.value.as_deref()).collect();
            for (number, expected) in difference.expected.iter().enumerate() {
                let label = if number == 0 { labels(difference).0 } else { String::new() };
                let value = expected.value.clone().unwrap_or_else(none);
                let item = Item::pair(format!("expected/{number}"), label, value).with_role(Role::Value);
                items.push(item.with_tail(expected.name.clone().unwrap_or_default()));
            }
            let label = labels(difference).1;
            items.push(Item::pair("actual", label, actual.clone().unwrap_or_else(none)).with_role(Role::Value));
            if let Some(actual) = actual {
                items.push(Item::new("", Row::Below(letters::marks(&expected, &actual), Names::default())));
            }
            let name = difference.actual.name.clone();
            items.extend(name.map(|name| Item::pair("name", String::new(), name)));
        }
        None => {
            items.push(Item::pair("expected/0", phrase("label.expected").text(), visible(&rule.expected)));
            items.push(Item::pair("actual", phrase("label.actual").text(), visible(&rule.found)));
        }
    }
    if !rule.source.is_empty() {
        items.push(Item::pair("source", phrase("label.source").text(), visible(&rule.source)));
    }
    if let Some(path) = rule.path {
        items.push(Item::pair("path", phrase("views.path").text(), path));
    }
    if let Some(finding) = rule.finding.as_ref().filter(|finding| finding.disproved) {
        items.push(Item::marked("disproved", "!", Role::Warn, &finding.message));
    }
    let change = observed.and_then(|rule| rule.finding?.change);
    if let Some(change) = change {
        let is_assumed = target.is_some_and(|target| target.changes().contains(&change));
        let said = phrase("views.try").with("change", visible(&change)).when("assumed", is_assumed);
        items.push(Item::marked("try", looks.supposed(), Role::Supposed, said.text()));
    }
    Some(Page::of(items))
}
