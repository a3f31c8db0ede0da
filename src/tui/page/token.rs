//! The token: its claims, each with what it was compared with; its header; both as JSON, never the signature.

use chrono::{DateTime, Utc};

use crate::case::exchange::Purpose;
use crate::case::span::span;
use crate::case::step::StepId;
use crate::case::text::{visible, visible_lines};
use crate::case::token::DecodedToken;
use crate::knowledge::{self, phrase};
use crate::report::claims::{self, Check, Claim, Head};
use crate::report::policy::{self, Rule};
use crate::report::{Report, RuleVerdict};
use crate::tui::look::{Looks, Role};
use crate::tui::model::choices::Part;
use crate::tui::model::pasted::Pasted;
use crate::tui::model::place::View;

use super::cells::{Cells, Period};
use super::content::Page;
use super::item::{Item, Opens, Row};

/// Where the step says why there is no token.
const STEP: &str = "step";

/// A pasted token, and what came of judging it beside what is known.
pub(super) struct Other<'a> {
    token: &'a DecodedToken,
    judged: &'a Report,
    rules: Vec<Rule>,
}

impl<'a> Other<'a> {
    pub(super) fn of(pasted: &'a Pasted) -> Option<Self> {
        let (token, judged) = (pasted.token.as_ref()?, pasted.judged()?);
        Some(Self { token, judged, rules: policy::rules(judged) })
    }

    /// What is said of it as a whole, marked as pasted.
    fn head(&self, looks: Looks) -> Vec<Item> {
        let Some(head) = claims::head(self.judged, &self.rules) else { return Vec::new() };
        let said = phrase("views.pasted-signature").text();
        let mut items = vec![Item::marked("pasted/signature", looks.supposed(), Role::Supposed, said)];
        items.extend(validity(self.token, head.used_at, false).into_iter().map(|item| {
            let id = format!("pasted/{}", item.id);
            Item { id, ..item }
        }));
        items
    }

    /// Its claims, each with what it was compared with.
    fn claims(&self) -> Vec<Claim> {
        claims::of(self.judged, &self.rules)
    }
}

/// The page of a report; where it has changes in thought, beside what was observed.
pub(super) fn page(
    (report, observed): (&Report, Option<&Report>),
    part: Part,
    pasted: Option<&Other<'_>>,
    looks: Looks,
) -> Page {
    let Some(token) = report.token() else {
        return match pasted {
            Some(pasted) => Page::of(alone(pasted.token, Some(pasted), part, looks)),
            None => nothing(report),
        };
    };
    let rules = policy::rules(report);
    let mut items = Vec::new();
    if let Some(head) = claims::head(report, &rules) {
        let is_used = report.case().exchanges.iter().any(|exchange| exchange.purpose == Purpose::CallWithToken);
        items.extend(self::head(token, &head, is_used, looks));
    }
    if let Some(pasted) = pasted {
        items.push(Item::blank());
        items.push(Item::marked("pasted", looks.supposed(), Role::Supposed, phrase("views.beside").text()));
        items.extend(pasted.head(looks));
    }
    if token.claims.is_empty() {
        items.extend(opaque(token));
        return Page::of(items);
    }
    items.push(Item::blank());
    match part {
        Part::Claims => {
            items.extend(self::claims((report, observed), &rules, pasted, looks));
        }
        Part::Header => items.extend(header(token, pasted.map(|pasted| pasted.token), &rules, looks)),
        Part::Raw => {
            items.extend(raw(token, None));
            items.extend(pasted.into_iter().flat_map(|pasted| raw(pasted.token, Some(looks))));
            items.push(Item::text("no-signature", phrase("views.no-signature").text()));
        }
    }
    let start = items.iter().find(|item| item.id.starts_with("claim/") || item.id.starts_with("header/"));
    Page { start: start.map(|item| item.id.clone()), ..Page::of(items) }
}

fn nothing(report: &Report) -> Page {
    let mut items = vec![Item::text("nothing", phrase("views.no-token").text())];
    if let Some(step) = report.step(StepId::Token).filter(|step| !step.summary.is_empty()) {
        items.push(Item::text(STEP, &step.summary).with_opens(Opens::step(StepId::Token, None)));
    }
    items.push(Item::blank());
    items.push(Item::text("paste", phrase("views.paste-token").text()));
    Page::of(items)
}

/// Where the token was requested, and there is no response, the step's own words would deny it.
pub(super) fn requested(mut page: Page, said: String) -> Page {
    if let Some(item) = page.items.iter_mut().find(|item| item.id == STEP) {
        *item = Item::text(STEP, said).with_opens(Opens::step(StepId::Token, None));
    }
    page
}

/// A pasted token where nothing was checked.
pub(super) fn pasted(token: &DecodedToken, part: Part, looks: Looks) -> Page {
    Page::of(alone(token, None, part, looks))
}

/// A pasted token where the run has none.
fn alone(token: &DecodedToken, judged: Option<&Other<'_>>, part: Part, looks: Looks) -> Vec<Item> {
    let said = phrase("views.pasted-token").with("count", token.length).text();
    let mut items = vec![Item::marked("pasted", looks.supposed(), Role::Supposed, said)];
    items.extend(judged.iter().flat_map(|judged| judged.head(looks)));
    items.push(Item::blank());
    match part {
        _ if token.claims.is_empty() => items.extend(opaque(token)),
        Part::Raw => {
            items.extend(raw(token, None));
            items.push(Item::text("no-signature", phrase("views.no-signature").text()));
        }
        Part::Header => items.extend(members("header", &token.header)),
        Part::Claims => match judged {
            Some(judged) => items.extend(judged.claims().iter().map(|claim| of_pasted(claim, &claim.name, looks))),
            None => items.extend(members("claim", &token.claims)),
        },
    }
    items
}

fn members(prefix: &str, members: &[(String, serde_json::Value)]) -> Vec<Item> {
    let row = |(name, value): &(String, serde_json::Value)| {
        let cells = vec![(visible(name), Role::Text), (dated(name, value), Role::Text)];
        of_cells(&format!("{prefix}/{name}"), (" ", Role::Text), cells, claims::whole(value), name)
    };
    members.iter().map(row).collect()
}

fn opaque(token: &DecodedToken) -> Vec<Item> {
    let mut items = vec![Item::text("opaque", phrase("views.opaque").text())];
    for (number, defect) in token.defects.iter().enumerate() {
        items.push(Item::marked(format!("defect/{number}"), "!", Role::Warn, visible(defect)));
    }
    items
}

fn head(token: &DecodedToken, head: &Head, is_used: bool, looks: Looks) -> Vec<Item> {
    let length = phrase("views.characters").with("count", token.length).text();
    let mut items = Vec::new();
    if let Some(kind) = &head.kind {
        items.push(Item::text("kind", visible(kind)).with_role(Role::Heading).with_tail(length));
    }
    let (mark, role) = mark_of(&head.signature, looks);
    let said = phrase("views.signature").with("said", head.signature_says.clone());
    items.push(Item::marked("signature", mark, role, said.text()));
    items.extend(validity(token, head.used_at, is_used));
    items
}

/// The validity as a bar, and how long it is.
fn validity(token: &DecodedToken, used: DateTime<Utc>, is_used: bool) -> Vec<Item> {
    let begins = token.time("nbf").or_else(|| token.time("iat"));
    let (Some(from), Some(until)) = (begins, token.time("exp")) else {
        return Vec::new();
    };
    let used = used.timestamp();
    let length = until.saturating_sub(from).max(1);
    let at = used.saturating_sub(from).saturating_mul(1_000) / length;
    let period = Period {
        name: phrase("views.valid").text(),
        from: moment(from),
        until: moment(until),
        at: u64::try_from(at).ok().filter(|at| *at <= 1_000),
    };
    let issued = token.time("iat").unwrap_or(from);
    let past = |from: i64, to: i64| u64::try_from(to.saturating_sub(from)).ok().map(span);
    let said = phrase("views.validity")
        .when("used", is_used)
        .when("fresh", issued == used)
        .with_some("issued", past(issued, used))
        .with_some("later", past(used, from.saturating_sub(1)))
        .with_some("left", past(used, until).filter(|_| used < until))
        .with_some("expired", past(until, used));
    let copy = format!("{} - {}", period.from, period.until);
    vec![Item::new("valid", Row::Period(Box::new(period))).with_copy(copy), Item::text("validity", said.text())]
}

fn moment(seconds: i64) -> String {
    DateTime::from_timestamp(seconds, 0)
        .map_or_else(|| seconds.to_string(), |at| at.format("%Y-%m-%d %H:%MZ").to_string())
}

/// The mark of a comparison.
pub(super) const fn mark_of(check: &Check, looks: Looks) -> (&'static str, Role) {
    match check.verdict {
        RuleVerdict::Broken | RuleVerdict::BrokenUndocumented if check.is_warning => ("!", Role::Warn),
        verdict => mark(verdict, looks),
    }
}

/// The mark of a verdict.
pub(super) const fn mark(verdict: RuleVerdict, looks: Looks) -> (&'static str, Role) {
    match verdict {
        RuleVerdict::Holds if looks.ascii => ("+", Role::Good),
        RuleVerdict::Holds => ("✓", Role::Good),
        RuleVerdict::Broken | RuleVerdict::BrokenUndocumented if looks.ascii => ("x", Role::Bad),
        RuleVerdict::Broken | RuleVerdict::BrokenUndocumented => ("✗", Role::Bad),
        RuleVerdict::Unknown => ("?", Role::Open),
    }
}

/// The names of the columns.
pub(super) fn names(cells: Vec<String>) -> Item {
    let cells = cells.into_iter().map(|text| (text, Role::Faint)).collect();
    let mut row = Cells::new(" ", Role::Faint, cells);
    row.whole = true;
    Item::new("", Row::Cells(Box::new(row)))
}

fn of_cells(id: &str, (mark, role): (&str, Role), cells: Vec<(String, Role)>, copy: String, name: &str) -> Item {
    let mut row = Cells::new(mark, role, cells);
    row.whole = true;
    let item = Item::new(id, Row::Cells(Box::new(row))).with_copy(copy);
    if knowledge::claim(name).is_some() {
        item.with_opens(Opens::View(View::Explain(name.to_owned()), None))
    } else {
        item
    }
}

fn claims(
    (report, observed): (&Report, Option<&Report>),
    rules: &[Rule],
    pasted: Option<&Other<'_>>,
    looks: Looks,
) -> Vec<Item> {
    let mut items =
        vec![names(vec![phrase("views.claim").text(), phrase("views.value").text(), phrase("views.checked").text()])];
    let others = pasted.map(Other::claims).unwrap_or_default();
    let known = claims::of(report, rules);
    let before = observed.map(of_observed);
    for claim in &known {
        let check = claim.checks.first();
        let (mark, role) = check.map_or((" ", Role::Text), |check| mark_of(check, looks));
        let is_supposed = check.is_some_and(|check| is_supposed(check, claim, before.as_deref()));
        let (mark, role) = if is_supposed { (looks.supposed(), Role::Supposed) } else { (mark, role) };
        let value = if role == Role::Bad { Role::Value } else { Role::Text };
        let against = check.map(against).unwrap_or_default();
        let cells = vec![(claim.name.clone(), Role::Text), (shown(claim), value), (against, Role::Faint)];
        let copy = claim.value.clone().unwrap_or_default();
        items.push(of_cells(&format!("claim/{}", claim.name), (mark, role), cells, copy, &claim.name));
        if pasted.is_some() {
            let none = || Claim { value: None, says: None, checks: Vec::new(), ..claim.clone() };
            let other = others.iter().find(|other| other.name == claim.name).cloned().unwrap_or_else(none);
            if other.value != claim.value {
                items.push(of_pasted(&other, "", looks));
            }
        }
    }
    // What only the pasted token has.
    for other in others.iter().filter(|other| !known.iter().any(|claim| claim.name == other.name)) {
        items.push(of_pasted(other, &other.name, looks));
    }
    items
}

fn of_observed(report: &Report) -> Vec<Claim> {
    claims::of(report, &policy::rules(report))
}

/// Whether what a claim was compared with holds only with a change in thought.
fn is_supposed(check: &Check, claim: &Claim, before: Option<&[Claim]>) -> bool {
    let Some(before) = before else { return false };
    let same = before.iter().find(|other| other.name == claim.name);
    let same = same.and_then(|other| other.checks.iter().find(|other| other.step == check.step));
    check.verdict == RuleVerdict::Holds && same.is_none_or(|same| same.verdict != check.verdict)
}

/// A claim of a pasted token, with the mark of what it was compared with behind its value.
fn of_pasted(claim: &Claim, name: &str, looks: Looks) -> Item {
    let check = claim.checks.first();
    let against = check.map(|check| format!("{} {}", mark_of(check, looks).0, against(check))).unwrap_or_default();
    let id = if name.is_empty() { format!("claim/{}/pasted", claim.name) } else { format!("claim/{name}") };
    instead(&id, name, [shown(claim), against], claim.value.clone(), looks)
}

/// The row of a pasted value: how it is shown, and what it was compared with.
fn instead(id: &str, name: &str, [shown, against]: [String; 2], value: Option<String>, looks: Looks) -> Item {
    let cells = vec![(name.to_owned(), Role::Text), (shown, Role::Supposed), (against, Role::Faint)];
    of_cells(id, (looks.supposed(), Role::Supposed), cells, value.unwrap_or_default(), name)
}

fn is_time(name: &str) -> bool {
    matches!(name, "exp" | "nbf" | "iat" | "auth_time")
}

/// The value of a token that nothing was checked of: of a time its date.
fn dated(name: &str, value: &serde_json::Value) -> String {
    value.as_i64().filter(|_| is_time(name)).map_or_else(|| claims::whole(value), moment)
}

/// The value: of a time its date, and how far it is from the token's use.
fn shown(claim: &Claim) -> String {
    let said = claim.says.as_deref().filter(|_| is_time(&claim.name));
    let said = said.map(|said| said.split_once(" [").map_or(said, |(said, _)| said));
    match (&claim.value, said) {
        (_, Some(said)) => visible(said),
        (Some(value), None) => value.clone(),
        (None, None) => phrase("screen.no-value").text(),
    }
}

fn against(check: &Check) -> String {
    let number = check.step.number();
    phrase("views.against").with("by", check.by.clone()).with("number", number).text()
}

fn header(token: &DecodedToken, pasted: Option<&DecodedToken>, rules: &[Rule], looks: Looks) -> Vec<Item> {
    let mut items =
        vec![names(vec![phrase("views.member").text(), phrase("views.value").text(), phrase("views.checked").text()])];
    for (name, value) in &token.header {
        let rule = rules.iter().find(|rule| rule.name == policy::SIGNATURE && name == "kid");
        let (mark, role) = rule.map_or((" ", Role::Text), |rule| self::mark(rule.verdict, looks));
        let by = rule.map(|rule| {
            let number = rule.step.number();
            phrase("views.against").with("by", rule.name).with("number", number).text()
        });
        let whole = claims::whole(value);
        let cells =
            vec![(visible(name), Role::Text), (whole.clone(), Role::Text), (by.unwrap_or_default(), Role::Faint)];
        let id = format!("header/{}", visible(name));
        items.push(of_cells(&id, (mark, role), cells, whole.clone(), ""));
        let other = pasted.map(|pasted| pasted.header(name));
        if let Some(other) = other.filter(|other| other.map(claims::whole) != Some(whole)) {
            let value = other.map(claims::whole);
            let text = value.clone().unwrap_or_else(|| phrase("screen.no-value").text());
            items.push(instead(&format!("{id}/pasted"), "", [text, String::new()], value, looks));
        }
    }
    items
}

/// Header and claims as JSON, of a pasted token with its mark.
fn raw(token: &DecodedToken, marked: Option<Looks>) -> Vec<Item> {
    let mut items = Vec::new();
    for (part, heading, members) in
        [("header", "views.header", &token.header), ("claims", "views.claims", &token.claims)]
    {
        let mark = marked.map(|looks| (looks.supposed().to_owned(), Role::Supposed));
        let prefix = if mark.is_some() { "pasted" } else { "raw" };
        items.push(Item::marked_as("", mark, phrase(heading).text(), Role::Heading).without_copy());
        items.push(Item::new(format!("{prefix}/{part}"), Row::Code(visible_lines(&claims::json(members)))));
        items.push(Item::blank());
    }
    items
}

/// What the selected claim means, and everything that it was compared with.
pub(super) fn detail(
    (report, observed): (&Report, Option<&Report>),
    pasted: &Pasted,
    id: &str,
    looks: Looks,
) -> Option<Page> {
    let mut parts = id.strip_prefix("claim/")?.split('/');
    let name = parts.next()?;
    // Of a pasted value, what it was compared with itself.
    let is_pasted = parts.next().is_some() || report.token().is_none_or(|token| token.claim(name).is_none());
    let report = pasted.judged().filter(|_| is_pasted && pasted.token.is_some()).unwrap_or(report);
    let rules = policy::rules(report);
    let mut items = Vec::new();
    let known = claims::of(report, &rules);
    let claim = known.iter().find(|claim| claim.name == name);
    let before = observed.map(of_observed);
    let checks = claim.into_iter().flat_map(|claim| claim.checks.iter().map(move |check| (claim, check)));
    for (number, (claim, check)) in checks.enumerate() {
        let is_supposed = is_supposed(check, claim, before.as_deref());
        let (mark, role) = if is_supposed { (looks.supposed(), Role::Supposed) } else { mark_of(check, looks) };
        let rule = rules.iter().find(|rule| rule.name == check.by);
        let expected = rule.map(|rule| rule.expected.clone()).filter(|expected| !expected.is_empty());
        let said = phrase("views.check")
            .with("by", check.by.clone())
            .with_some("expected", expected)
            .when("met", check.verdict == RuleVerdict::Holds)
            .with("verdict", verdict_word(check));
        items.push(Item::marked(format!("check/{number}"), mark, role, said.text()));
    }
    if let Some(says) = claim.and_then(|claim| claim.says.as_deref()) {
        items.push(Item::text("says", visible(says)));
    }
    let entry = knowledge::claim(name);
    let meaning = entry.map_or_else(|| phrase("claims.unknown-claim").text(), |entry| entry.meaning.clone());
    items.push(Item::text("meaning", phrase("views.meaning").with("name", name).with("said", meaning).text()));
    if let Some(other) = entry.and_then(|entry| entry.counterpart.clone()) {
        items.push(Item::text("counterpart", phrase("views.counterpart").with("name", other).text()));
    }
    Some(Page::of(items))
}

fn verdict_word(check: &Check) -> &'static str {
    match check.verdict {
        RuleVerdict::Broken | RuleVerdict::BrokenUndocumented if check.is_warning => "warning",
        verdict => verdict.word(),
    }
}
