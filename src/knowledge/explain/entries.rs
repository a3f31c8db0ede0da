//! Entries of the knowledge base in words, one function a kind.

use serde::Serialize;

use crate::case::code::Code;
use crate::case::error_text::ERROR_TEXTS;
use crate::case::error_text::Variant;
use crate::case::plain::Plain;
use crate::case::quote;
use crate::case::step::StepId;
use crate::case::target_kind::TargetKind;
use crate::knowledge::engine::Text;
use crate::knowledge::finding::{ChangeTemplate, FindingEntry, FixTemplate, GENERAL};
use crate::knowledge::lookup::{self, tool, tool_in};
use crate::knowledge::tables::{LOGS, STATUSES, StepEntry};
use crate::knowledge::{scope_in_echo, template};

/// What kind of thing an entry explains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// One of the eight steps: what to do, for a newcomer.
    Step,
    /// A finding code.
    Finding,
    /// An `AADSTS` number.
    EntraError,
    /// A status, a sub-status of Easy Auth, or an `IDX` number of its log.
    Status,
    /// A sentence without a number that a service answers with.
    ErrorText,
    /// A claim of a token.
    Claim,
    /// A log that has the reason of an answer that hides it.
    Log,
    /// A well-known application of Microsoft.
    FirstPartyApp,
    /// A built-in role.
    Role,
}

impl Group {
    /// The heading of such entries in a list.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Step => "Steps",
            Self::Finding => "Finding codes",
            Self::EntraError => "Microsoft Entra errors (AADSTS)",
            Self::Status => "Statuses, Easy Auth substatuses, and IDX numbers",
            Self::ErrorText => "Error texts",
            Self::Claim => "Claims",
            Self::Log => "Logs that contain the reason",
            Self::FirstPartyApp => "Microsoft applications",
            Self::Role => "Built-in roles",
        }
    }
}

/// An entry in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// What kind of thing it is.
    pub group: Group,
    /// The text by which it is found.
    pub key: String,
    /// A heading of one line.
    pub title: String,
    /// What it means, in one line: what a list shows beside the key.
    pub summary: String,
    /// Paragraphs and indented blocks, for the renderer to wrap.
    pub body: String,
    /// The findings that it points to, likeliest first.
    pub findings: Vec<Code>,
}

/// A well-known API, by its application ID or a host of it.
pub(super) fn api(text: &str) -> Option<Entry> {
    // Words without a dot or digit name no API.
    let name = lookup::well_known_api(text).filter(|_| text.contains(['.', '-']))?;
    let findings = vec![Code::ResourceIsAnotherApi, Code::TokenForWrongResource];
    // Of an address, the query may have a secret.
    let shown = quote::shown(text)?;
    Some(Entry {
        group: Group::FirstPartyApp,
        key: shown.clone(),
        title: name.to_owned(),
        summary: name.to_owned(),
        body: format!(
            "{shown} is {name}. A token for it isn't for App 2, so this program doesn't send it to App 2.\n\n{}",
            points_to(&findings)
        ),
        findings,
    })
}

pub(super) fn step(id: StepId) -> Entry {
    let entry: &StepEntry = lookup::step(id);
    let mut body = format!(
        "{}\n\nWhat to do: {}\n\nWhy: {}\n\nWho does it: {}\n\nWhat is checked: {}",
        entry.question,
        entry.what,
        entry.why,
        entry.owner.name(),
        entry.checked
    );
    for action in &entry.actions {
        let tool = tool_in(&action.via, &template::unfilled(&action.text, &[], TargetKind::USUAL)).to_owned();
        let heading = match action.platform {
            Some(platform) => format!("On {} ({tool}):", platform.name()),
            None => format!("How ({tool}):"),
        };
        push_way(&mut body, &heading, (&action.text, action.caution.as_ref()), &[], TargetKind::USUAL);
    }
    Entry {
        group: Group::Step,
        key: id.id().to_owned(),
        title: format!("Step {}: {}", id.number(), entry.title),
        summary: entry.title.clone(),
        body,
        findings: Vec::new(),
    }
}

pub(super) fn finding(code: Code) -> Option<Entry> {
    let entry: &FindingEntry = lookup::finding(code)?;
    let mut body = without_ways(entry);
    let heading = if code.is_undetermined() { "To find the cause" } else { "How to fix it" };
    push_fixes(&mut body, heading, &entry.fixes, &entry.changes);
    Some(Entry {
        group: Group::Finding,
        key: code.name().to_owned(),
        title: format!("{} (step {}, {})", entry.title, code.step().number(), code.step().id()),
        summary: entry.title.clone(),
        body,
        findings: vec![code],
    })
}

/// What a finding means and how to confirm it, for a reader who has the ways to fix it elsewhere.
#[must_use]
pub fn about(code: Code) -> Option<String> {
    lookup::finding(code).map(without_ways)
}

fn without_ways(entry: &FindingEntry) -> String {
    let confirm =
        entry.confirm.get(GENERAL).map(|text| template::unfilled(text, &[], TargetKind::USUAL)).unwrap_or_default();
    format!("{}\n\nTo confirm: {confirm}", entry.meaning)
}

fn push_fixes(body: &mut String, heading: &str, fixes: &[FixTemplate], changes: &[ChangeTemplate]) {
    let fixes: Vec<(String, &FixTemplate)> =
        fixes.iter().filter(|fix| template::is_for_any_case(fix)).map(|fix| (way(fix), fix)).collect();
    // What is done with the same tool is together, below one heading.
    for (at, (way, _)) in fixes.iter().enumerate() {
        if fixes.iter().take(at).any(|(earlier, _)| earlier == way) {
            continue;
        }
        let mut heading = format!("{heading} ({way}):");
        for (_, fix) in fixes.iter().filter(|(other, _)| other == way) {
            let kind = fix.target.unwrap_or(TargetKind::USUAL);
            if push_way(body, &heading, (&fix.text, fix.caution.as_ref()), changes, kind) {
                heading.clear();
            }
        }
    }
}

/// The tool of a fix, and which kind of App 2, or which hosts of App 1, it is for.
fn way(fix: &FixTemplate) -> String {
    let mut way = tool(&fix.via).to_owned();
    if let Some(kind) = fix.target.filter(|kind| *kind != TargetKind::USUAL) {
        way.push_str(&format!("; App 2: {}", lookup::host(&kind.data().platform)));
    }
    if (1..=4).contains(&fix.on.len()) {
        let hosts: Vec<&str> = fix.on.iter().map(|on| lookup::host(on)).collect();
        way.push_str(&format!("; App 1: {}", hosts.join(", ")));
    }
    way
}

/// Adds a way below a heading, or below the way before; `false` where nothing is left of it.
fn push_way(
    body: &mut String,
    heading: &str,
    (text, caution): (&Text, Option<&Text>),
    changes: &[ChangeTemplate],
    kind: TargetKind,
) -> bool {
    let way = template::unfilled(text, changes, kind);
    if way.trim().is_empty() {
        return false;
    }
    if !heading.is_empty() {
        body.push_str(&format!("\n\n{heading}"));
    }
    for line in way.lines() {
        body.push_str("\n    ");
        body.push_str(line);
    }
    let caution = caution.map(|caution| template::unfilled(caution, changes, kind));
    if let Some(caution) = caution.as_deref().map(str::trim).filter(|caution| !caution.is_empty()) {
        body.push_str(&format!("\n\nCaution: {caution}"));
    }
    true
}

pub(super) fn entra_error(number: &str) -> Option<Entry> {
    entra_error_in(number, &Plain::of(""))
}

/// The entry of a number, with what it means in this text.
pub(super) fn entra_error_in(number: &str, text: &Plain) -> Option<Entry> {
    let Some(entry) = lookup::entra_error(number) else {
        return entra_group(number);
    };
    let variant = Variant::of(&entry.variants, text);
    let echo = (entry.number == RESOURCE_UNKNOWN).then(|| scope_in_echo(&text.text)).flatten();
    let findings = match (echo, variant) {
        (Some(code), _) => vec![code],
        (None, Some(variant)) => variant.findings.clone(),
        (None, None) => std::iter::once(entry.finding).chain(entry.also.iter().copied()).collect(),
    };
    Some(Entry {
        group: Group::EntraError,
        key: format!("AADSTS{}", entry.number),
        title: "Microsoft Entra error".to_owned(),
        summary: first_sentence(&entry.meaning),
        body: format!("{}What to do: {}\n\n{}", meanings(&entry.meaning, variant), entry.fix, points_to(&findings)),
        findings,
    })
}

/// The entry of a number that stops a person's sign-in.
fn entra_group(number: &str) -> Option<Entry> {
    let (digits, group) = lookup::entra_group(number)?;
    let findings = vec![Code::TokenRequestRejected];
    Some(Entry {
        group: Group::EntraError,
        key: format!("AADSTS{digits}"),
        title: "Microsoft Entra error".to_owned(),
        summary: first_sentence(&group.meaning),
        body: format!("{}\n\nWhat to do: {}\n\n{}", group.meaning, group.fix, points_to(&findings)),
        findings,
    })
}

/// The number whose text quotes the resource.
const RESOURCE_UNKNOWN: &str = "500011";

/// Paragraphs: what it means in this text, and what it means at all, unless that is about App 2 alone.
fn meanings(general: &str, variant: Option<&Variant>) -> String {
    match variant {
        Some(variant) if variant.toward.is_some() => format!("{}\n\n", variant.meaning),
        Some(variant) => format!("{}\n\n{general}\n\n", variant.meaning),
        None => format!("{general}\n\n"),
    }
}

pub(super) fn status(key: &str) -> Option<Entry> {
    status_in(key, &Plain::of(""))
}

/// The entry of a sub-status or an `IDX` number, with what it means in this text.
pub(super) fn status_in(key: &str, text: &Plain) -> Option<Entry> {
    let entry = STATUSES.get(key)?;
    let variant = Variant::of(&entry.variants, text);
    let findings = variant.map_or(&entry.findings, |variant| &variant.findings);
    Some(Entry {
        group: Group::Status,
        key: key.to_owned(),
        title: entry.title.clone(),
        summary: entry.title.clone(),
        body: with_findings(meanings(&entry.meaning, variant), findings, &entry.logs),
        findings: findings.clone(),
    })
}

pub(super) fn error_text(key: &str) -> Option<Entry> {
    error_text_in(key, &Plain::of(""))
}

/// The entry of a sentence, with what it means in this text.
pub(super) fn error_text_in(key: &str, text: &Plain) -> Option<Entry> {
    let entry = ERROR_TEXTS.get(key)?;
    let variant = Variant::of(&entry.variants, text);
    let findings = variant.map_or(&entry.findings, |variant| &variant.findings);
    // The words that the text has itself, where it has any.
    let pieces = entry.pieces().filter(|piece| text.has(piece));
    let said = super::heading::of_piece(pieces.max_by_key(|piece| piece.len()).unwrap_or(&entry.text));
    Some(Entry {
        group: Group::ErrorText,
        key: key.to_owned(),
        title: said.clone(),
        summary: said,
        body: with_findings(meanings(&entry.meaning, variant), findings, &entry.logs),
        findings: findings.clone(),
    })
}

pub(super) fn log(key: &str) -> Option<Entry> {
    let entry = LOGS.get(key)?;
    let mut body = format!("{}\n\nPermission: {}", entry.meaning, entry.permission);
    for query in &entry.queries {
        body.push_str(&format!("\n\nQuery ({}):", tool_in(&query.via, &query.text)));
        for line in query.text.lines() {
            body.push_str("\n    ");
            body.push_str(line);
        }
    }
    Some(Entry {
        group: Group::Log,
        key: key.to_owned(),
        title: entry.title.clone(),
        summary: entry.title.clone(),
        body,
        findings: Vec::new(),
    })
}

pub(super) fn claim(name: &str) -> Option<Entry> {
    let entry = lookup::claim(name)?;
    let mut body = entry.meaning.clone();
    if let Some(counterpart) = &entry.counterpart {
        body.push_str(&format!("\n\nThe same claim in tokens of the other version: {counterpart}."));
    }
    Some(Entry {
        group: Group::Claim,
        key: entry.name.clone(),
        title: "Token claim".to_owned(),
        summary: first_sentence(&entry.meaning),
        body,
        findings: Vec::new(),
    })
}

pub(super) fn first_party_app(id: &str) -> Option<Entry> {
    let name = lookup::first_party_app(id)?;
    Some(Entry {
        group: Group::FirstPartyApp,
        key: id.to_owned(),
        title: name.to_owned(),
        summary: name.to_owned(),
        body: format!("{id} is the client ID of {name}, a Microsoft application."),
        findings: Vec::new(),
    })
}

pub(super) fn role(name: &str) -> Option<Entry> {
    let role = lookup::role(name)?;
    let body = match &role.id {
        Some(id) => format!("{}\n\nRole definition: {id}", role.meaning),
        None => role.meaning.clone(),
    };
    Some(Entry {
        group: Group::Role,
        key: name.to_owned(),
        title: "Built-in role".to_owned(),
        summary: first_sentence(&role.meaning),
        body,
        findings: Vec::new(),
    })
}

/// The first sentence of a text, without its period.
fn first_sentence(text: &str) -> String {
    let sentence = text.split_once(". ").map_or(text, |(first, _)| first);
    sentence.trim_end_matches('.').to_owned()
}

/// How the lines begin that name other keys: the screen opens these instead.
const POINTS_TO: &str = "Possible causes";
const LOGGED: &str = "Where the reason is logged";

/// What such a line is called, and the keys that it names.
#[must_use]
pub fn named_in(line: &str) -> Option<(&'static str, Vec<&str>)> {
    let causes = line.strip_prefix(POINTS_TO).and_then(|rest| rest.split_once("): "));
    if let Some((_, codes)) = causes {
        return Some((POINTS_TO, codes.split(", ").collect()));
    }
    let commands = line.strip_prefix(LOGGED)?.strip_prefix(": ")?.split(", ");
    let keys = commands.filter_map(|command| command.trim_matches('`').rsplit(' ').next());
    Some((LOGGED, keys.collect()))
}

/// Paragraphs with the findings and the logs below them.
fn with_findings(meaning: String, findings: &[Code], logs: &[String]) -> String {
    let mut body = meaning;
    if !findings.is_empty() {
        body.push_str(&points_to(findings));
    }
    if !logs.is_empty() {
        let logs: Vec<String> = logs.iter().map(|key| format!("`easyauth-doctor explain {key}`")).collect();
        body.push_str(&format!("\n\n{LOGGED}: {}", logs.join(", ")));
    }
    body.trim().to_owned()
}

fn points_to(findings: &[Code]) -> String {
    let names: Vec<&str> = findings.iter().map(|code| code.name()).collect();
    format!("{POINTS_TO} (to read about one, run `easyauth-doctor explain CODE`): {}", names.join(", "))
}
