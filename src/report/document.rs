//! The report as blocks: what every form for people says, in the same words and the same order.
//!
//! Every text is made safe to show here ([`visible`]), so that no form can forget it.

use crate::case::exchange::{Exchange, Outcome, by_id};
use crate::case::text::{shortened, visible, visible_lines};
use crate::knowledge;

use super::{
    Alternative, Confidence, Finding, Fix, NextFault, Report, Severity, StepReport, StepStatus, Table, Verdict, words,
};

/// How much is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Detail {
    /// Verdict and root cause only.
    Brief,
    /// Also the steps and the fixes.
    #[default]
    Normal,
    /// Also facts, tables and requests.
    Full,
}

/// One block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// The report's title.
    Title(String),
    /// A heading.
    Heading(String),
    /// A heading below a heading.
    Subheading(String),
    /// Prose that belongs to the heading above it.
    Paragraph(String),
    /// Prose by itself.
    Prose(String),
    /// The verdict in one line.
    Headline {
        /// What it looks like.
        status: StepStatus,
        /// The line.
        text: String,
    },
    /// A step's line.
    Step {
        /// Its number.
        number: u8,
        /// Its stable id.
        id: &'static str,
        /// What came of it.
        status: StepStatus,
        /// Its statement.
        title: &'static str,
        /// Time of its requests.
        elapsed_ms: u64,
        /// Its one line.
        summary: String,
    },
    /// A finding of the step above it.
    Finding {
        /// How bad it is.
        severity: Severity,
        /// Whether it is a mere candidate: it fits the evidence, and so do others.
        possible: bool,
        /// Its code.
        code: &'static str,
        /// Its sentence; empty when the step's line or the root cause says the same.
        message: String,
    },
    /// Names and values.
    Facts(Vec<(String, String)>),
    /// A table.
    Table(Table),
    /// A list.
    Bullets(Vec<String>),
    /// Text to copy as it stands.
    Verbatim(String),
    /// A trap.
    Caution(String),
}

/// Everything, in order.
#[must_use]
pub fn whole(report: &Report, detail: Detail) -> Vec<Block> {
    let mut blocks = Vec::new();
    if detail > Detail::Brief {
        blocks.extend(head(report));
        for step in report.steps() {
            blocks.extend(self::step(step, detail));
        }
    }
    blocks.extend(conclusion(report, detail, Tools::OfReader));
    blocks
}

/// The call that was checked.
pub(super) fn target(report: &Report) -> Option<(String, String)> {
    let inputs = report.inputs();
    let method = if inputs.method == "GET" { String::new() } else { format!("{} ", inputs.method) };
    Some(("target".to_owned(), visible(&format!("{method}{}", inputs.target.as_ref()?))))
}

/// Everything of one of several reports, in order: each says what it is about.
#[must_use]
pub fn one_of_several(report: &Report, detail: Detail) -> Vec<Block> {
    let named = target(report).filter(|_| detail == Detail::Brief).map(|target| Block::Facts(vec![target]));
    named.into_iter().chain(whole(report, detail)).collect()
}

/// The verdict of each of several reports, in a line.
#[must_use]
pub fn summary(reports: &[Report]) -> Vec<Block> {
    let line = |report: &Report| match target(report) {
        Some((_, target)) => format!("{target}: {}", words::headline(report)),
        None => words::headline(report),
    };
    vec![Block::Heading(words::SUMMARY.text()), Block::Bullets(reports.iter().map(line).collect())]
}

/// What was checked: target, resource, credential.
#[must_use]
pub fn head(report: &Report) -> Vec<Block> {
    let inputs = report.inputs();
    let mut facts: Vec<(String, String)> = target(report).into_iter().collect();
    if let (Some((resource, _)), Some(place)) = (report.resource(), report.resource_place()) {
        facts.push(("resource".to_owned(), visible(&format!("{resource} (from {place})"))));
    }
    let credential = report.credential().name();
    let credential = match report.identity() {
        _ if !report.has_credential() => words::NO_CREDENTIAL.text(),
        Some(identity) => visible(&format!("{credential}, {identity}")),
        None => credential.to_owned(),
    };
    facts.push(("credential".to_owned(), credential));
    for change in &inputs.assume {
        facts.push(("assumed".to_owned(), visible(change)));
    }
    vec![
        Block::Title(format!(
            "easyauth-doctor {} · {}",
            visible(&report.case().tool_version),
            words::time(report.observed().started_at)
        )),
        Block::Facts(facts),
    ]
}

/// One step with its findings, and with `Full` also its facts and tables.
#[must_use]
pub fn step(step: &StepReport, detail: Detail) -> Vec<Block> {
    let mut blocks = vec![Block::Step {
        number: step.id.number(),
        id: step.id.id(),
        status: step.status,
        title: &knowledge::step(step.id).title,
        elapsed_ms: step.elapsed_ms,
        summary: visible(&step.summary),
    }];
    // The candidates are explained together, below the steps.
    let shown = step.findings.iter().filter(|finding| detail == Detail::Full || !is_candidate(finding));
    blocks.extend(shown.map(|finding| self::finding(step, finding)));
    if detail == Detail::Full {
        let facts = step.facts.iter().filter(|fact| !is_said(step, &fact.value));
        let facts: Vec<_> = facts.map(|fact| (visible(&fact.name), visible(&fact.value))).collect();
        if !facts.is_empty() {
            blocks.push(Block::Facts(facts));
        }
        blocks.extend(step.tables.iter().map(|table| Block::Table(safe_table(table))));
    }
    blocks
}

/// Whether a table of the step begins a cell with this value, or one of its findings ends in the same reason.
fn is_said(step: &StepReport, value: &str) -> bool {
    let mut cells = step.tables.iter().flat_map(|table| table.rows.iter().flatten());
    let reason = value.split_once(": ").map(|(_, reason)| reason);
    let mut messages = step.findings.iter().map(|finding| finding.message.trim_end_matches('.'));
    cells.any(|cell| cell.starts_with(value))
        || reason.is_some_and(|reason| messages.any(|said| said.ends_with(reason)))
}

/// Whether a finding is one of several causes that fit.
fn is_candidate(finding: &Finding) -> bool {
    finding.severity == Severity::Error && finding.confidence == Confidence::Possible
}

fn finding(step: &StepReport, finding: &Finding) -> Block {
    Block::Finding {
        severity: finding.severity,
        possible: is_candidate(finding),
        code: finding.code.name(),
        message: match finding {
            told if told.is_open_root || told.message == step.summary => String::new(),
            finding => visible(&finding.message),
        },
    }
}

/// A table whose cells are safe to show.
#[must_use]
pub fn safe_table(table: &Table) -> Table {
    Table {
        title: visible(&table.title),
        columns: table.columns.iter().map(|name| visible(name)).collect(),
        rows: table.rows.iter().map(|row| row.iter().map(|cell| visible_lines(cell)).collect()).collect(),
    }
}

/// For which tools fixes are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tools {
    /// Those that fit whoever runs the check.
    OfReader,
    /// All, for a document that others read.
    All,
}

/// Verdict, root cause, fixes, alternatives, what comes next, and with `Full` the requests.
#[must_use]
pub fn conclusion(report: &Report, detail: Detail, tools: Tools) -> Vec<Block> {
    let tools = if detail == Detail::Full { Tools::All } else { tools };
    let diagnosis = report.diagnosis();
    let mut blocks =
        vec![Block::Headline { status: words::verdict_status(diagnosis.verdict), text: words::headline(report) }];
    blocks.extend(words::observed(report).map(Block::Paragraph));
    if report.observed().was_paused() {
        blocks.push(Block::Paragraph(words::PAUSED.text()));
    }
    blocks.extend(words::not_waited_for(report).map(Block::Paragraph));
    if let Some(cause) = &diagnosis.root_cause {
        blocks.push(Block::Paragraph(visible(&cause.summary)));
        blocks.push(Block::Paragraph(words::standing(report)));
    }
    blocks.extend(words::discovered(report).map(Block::Paragraph));
    if detail > Detail::Brief {
        blocks.extend(words::warnings(report).map(Block::Paragraph));
    }
    blocks.extend(words::of_the_lab(report).map(Block::Paragraph));
    if let Some(cause) = &diagnosis.root_cause
        && detail > Detail::Brief
    {
        if !cause.evidence.is_empty() {
            blocks.push(Block::Heading(words::EVIDENCE.text()));
            blocks.push(Block::Bullets(cause.evidence.iter().map(|line| visible(&line.text)).collect()));
        }
        if !cause.fixes.is_empty() {
            blocks.push(Block::Heading(words::fixes_of(cause).text()));
            blocks.extend(words::who(cause).map(Block::Paragraph));
            blocks.extend(fixes(&cause.fixes, tools));
            blocks.extend(words::takes_effect(cause).map(Block::Prose));
        }
    }
    if detail == Detail::Brief {
        return blocks;
    }
    if !diagnosis.alternatives.is_empty() {
        let heading = match diagnosis.verdict {
            Verdict::Inconclusive => words::CANDIDATES,
            Verdict::Pass | Verdict::Fail | Verdict::WouldPass => words::ALTERNATIVES,
        };
        let heading = heading.when("one", diagnosis.alternatives.len() == 1);
        blocks.push(Block::Heading(heading.text()));
        let mut said = "";
        for other in &diagnosis.alternatives {
            blocks.extend(alternative(other, said));
            said = &other.distinguish;
        }
    }
    if !diagnosis.next.is_empty() {
        blocks.push(Block::Heading(words::others(diagnosis).text()));
        blocks.extend(diagnosis.next.iter().flat_map(|fault| next(fault, detail)));
    }
    if detail == Detail::Full
        && let Some(requests) = requests(report)
    {
        blocks.push(Block::Heading(words::REQUESTS.text()));
        blocks.push(requests);
    }
    blocks
}

/// One of several causes. How it is confirmed isn't repeated where the one `before` it is confirmed in the same way.
fn alternative(alternative: &Alternative, before: &str) -> Vec<Block> {
    let mut blocks = vec![
        Block::Subheading(format!(
            "{} (step {}, {})",
            alternative.code,
            alternative.step.number(),
            alternative.confidence.word()
        )),
        Block::Paragraph(visible(&alternative.summary)),
    ];
    if !alternative.distinguish.is_empty() {
        let same = alternative.distinguish == before;
        let test = if same { words::CONFIRM_SAME.text() } else { visible_lines(&alternative.distinguish) };
        blocks.push(Block::Paragraph(format!("{}: {test}", words::CONFIRM.text())));
    }
    blocks
}

fn next(fault: &NextFault, detail: Detail) -> Vec<Block> {
    let mut blocks = vec![
        Block::Subheading(format!("{} (step {})", fault.code, fault.step.number())),
        Block::Paragraph(visible(&fault.summary)),
    ];
    if detail == Detail::Full {
        blocks.extend(fixes(&fault.fixes, Tools::All));
    }
    blocks
}

/// The fixes by tool. What is to be observed with several of them stands once, before them.
fn fixes(fixes: &[Fix], tools: Tools) -> Vec<Block> {
    let mut blocks = Vec::new();
    // The commands of the Azure CLI work in PowerShell, too: what is only for PowerShell is shown where it comes first.
    let hidden = |at: usize, fix: &Fix| tools == Tools::OfReader && fix.via == "powershell" && at > 0;
    let shown: Vec<Fix> =
        fixes.iter().enumerate().filter(|(at, fix)| !hidden(*at, fix)).map(|(_, fix)| fix.clone()).collect();
    let shared = shared_cautions(&shown);
    if !shared.is_empty() {
        blocks.push(Block::Subheading(words::SHARED_CAUTIONS.text()));
        blocks.push(Block::Bullets(shared.iter().map(|line| visible(line)).collect()));
    }
    let mut heading = String::new();
    let mut first_az = shown.iter().position(|fix| fix.via == "az" && !fix.commands().is_empty());
    // Nothing is hidden in front of it, so that it has the same place among those shown.
    let offered = fixes.iter().enumerate().position(|(at, fix)| hidden(at, fix));
    for (at, fix) in shown.iter().enumerate() {
        let text = visible_lines(fix.text.trim_end());
        let tool = visible(words::tool(&fix.via));
        if tool != heading {
            let lead = first_az.take_if(|first| *first == at).map(|_| words::WHERE_AZ.text());
            // It follows the first fix for the Azure CLI.
            let other = (offered == Some(at + 1)).then(|| words::POWERSHELL.text());
            let notes: Vec<String> = lead.into_iter().chain(other).collect();
            let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join("; ")) };
            blocks.push(Block::Subheading(format!("{tool}{notes}")));
            heading = tool;
        }
        let own: Vec<&str> = cautions(fix).filter(|line| !shared.contains(line)).collect();
        let caution = (!own.is_empty()).then(|| Block::Caution(visible_lines(&own.join("\n"))));
        // Whoever copies commands reads no further than to their end.
        let is_first = words::is_verbatim(&fix.via) && !fix.commands().is_empty();
        blocks.extend(caution.clone().filter(|_| is_first));
        blocks.extend(way(&fix.via, text));
        blocks.extend(caution.filter(|_| !is_first));
    }
    blocks
}

/// What is done with a tool: what is copied is never wrapped.
#[must_use]
pub fn way(via: &str, text: String) -> Vec<Block> {
    match via {
        "code" => prose(&text, |line| !words::is_sentence(line)),
        via if words::is_verbatim(via) => vec![Block::Verbatim(text)],
        _ => prose(&text, words::is_to_copy),
    }
}

fn cautions(fix: &Fix) -> impl Iterator<Item = &str> {
    fix.caution.iter().flat_map(|caution| caution.lines())
}

/// The cautions of more than one fix, in their order.
#[must_use]
pub fn shared_cautions(fixes: &[Fix]) -> Vec<&str> {
    let mut shared: Vec<&str> = Vec::new();
    for line in fixes.iter().flat_map(cautions) {
        let of = fixes.iter().filter(|fix| cautions(fix).any(|other| other == line)).count();
        if of > 1 && !shared.contains(&line) {
            shared.push(line);
        }
    }
    shared
}

/// Prose, with the commands or code among it as lines to copy.
fn prose(text: &str, is_to_copy: impl Fn(&str) -> bool) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for line in text.lines() {
        match (blocks.last_mut(), is_to_copy(line)) {
            (Some(Block::Verbatim(before)), true) | (Some(Block::Paragraph(before)), false) => {
                before.push('\n');
                before.push_str(line);
            }
            (_, true) => blocks.push(Block::Verbatim(line.to_owned())),
            (_, false) => blocks.push(Block::Paragraph(line.to_owned())),
        }
    }
    blocks
}

/// The requests as a table; `None` when there was none.
#[must_use]
pub fn requests(report: &Report) -> Option<Block> {
    let sorted = by_id(&report.case().exchanges);
    if sorted.is_empty() {
        return None;
    }
    Some(Block::Table(Table {
        title: String::new(),
        columns: ["#", "for", "request", "response", "ms"].map(str::to_owned).to_vec(),
        rows: sorted
            .into_iter()
            .map(|exchange| {
                vec![
                    exchange.id.to_string(),
                    exchange.purpose.describe().to_owned(),
                    visible(&format!("{} {}", exchange.method, shortened(&exchange.url, 200))),
                    visible(&answer(exchange)),
                    exchange.elapsed_ms.to_string(),
                ]
            })
            .collect(),
    }))
}

fn answer(exchange: &Exchange) -> String {
    match &exchange.outcome {
        Outcome::Answer(answer) => match &answer.reason {
            Some(reason) => format!("{} {}", answer.status, shortened(reason, 60)),
            None => answer.status.to_string(),
        },
        Outcome::Failure(failure) => shortened(&failure.message, 120),
        Outcome::NotWaitedFor => words::NOT_WAITED.text(),
    }
}
