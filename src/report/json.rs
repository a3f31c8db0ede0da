//! The JSON report: a contract. Names are never changed in meaning without raising [`SCHEMA_VERSION`].

use std::net::IpAddr;

use chrono::SecondsFormat;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::case::code::Code;
use crate::case::exchange::{Answer, Exchange, Failure, Outcome, by_id};
use crate::case::step::StepId;
use crate::case::text::visible_json;
use crate::knowledge;

use super::{
    Alternative, Command, Confidence, Difference, EvidenceLine, Fact, Finding, Fix, NextFault, Origin, Owner, Report,
    RootCause, SCHEMA_VERSION, Severity, StepReport, StepStatus, SupportId, Table, TakesEffect, Verdict, support,
};

/// One report as an object, or all as an array, with a line feed at the end.
#[must_use]
pub fn reports(reports: &[Report], many: bool) -> String {
    let documents: Vec<Document> = reports.iter().map(document).collect();
    let written = match documents.as_slice() {
        [only] if !many => serde_json::to_string_pretty(only),
        all => serde_json::to_string_pretty(all),
    };
    // These types cannot fail to serialize: their maps have text keys.
    shown(&written.unwrap_or_default())
}

/// The same on one line.
pub fn line(reports: &[Report], many: bool) -> String {
    // A second way to write these types would make the program larger.
    let whole: Value = serde_json::from_str(&self::reports(reports, many)).unwrap_or_default();
    shown(&whole.to_string())
}

fn shown(json: &str) -> String {
    let mut text = visible_json(json);
    text.push('\n');
    text
}

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    tool: Tool<'a>,
    started_at: String,
    elapsed_ms: u64,
    target: Option<&'a str>,
    resource: Option<String>,
    resource_source: Option<&'static str>,
    credential: &'static str,
    identity: Option<String>,
    verdict: Verdict,
    /// The verdict without what is assumed.
    observed_verdict: Verdict,
    root_cause: Option<Cause<'a>>,
    support: Vec<SupportId>,
    alternatives: &'a [Alternative],
    next: Vec<Next<'a>>,
    assumed: &'a [String],
    /// Only where it is so: the lab was asked instead of Azure.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    lab: bool,
    steps: Vec<Step<'a>>,
    exchanges: Vec<Wire<'a>>,
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'static str,
    version: &'a str,
}

#[derive(Serialize)]
struct Cause<'a> {
    code: Code,
    step: StepId,
    confidence: Confidence,
    owner: Option<Owner>,
    summary: &'a str,
    evidence: &'a [EvidenceLine],
    /// Where each line of the evidence was observed.
    evidence_refs: Vec<Option<Origin>>,
    difference: Option<&'a Difference>,
    fixes: Vec<Way<'a>>,
    takes_effect: Option<TakesEffect>,
}

#[derive(Serialize)]
struct Way<'a> {
    #[serde(flatten)]
    fix: &'a Fix,
    commands: Vec<Command>,
}

#[derive(Serialize)]
struct Next<'a> {
    code: Code,
    step: StepId,
    summary: &'a str,
    fixes: Vec<Way<'a>>,
}

#[derive(Serialize)]
struct Step<'a> {
    number: u8,
    id: StepId,
    title: &'static str,
    status: StepStatus,
    elapsed_ms: u64,
    summary: &'a str,
    facts: Map<String, Value>,
    findings: Vec<Found<'a>>,
    tables: &'a [Table],
}

#[derive(Serialize)]
struct Found<'a> {
    code: Code,
    severity: Severity,
    message: &'a str,
    confidence: Confidence,
    evidence: &'a [EvidenceLine],
}

#[derive(Serialize)]
struct Wire<'a> {
    id: u32,
    step: StepId,
    method: &'a str,
    url: &'a str,
    status: Option<u16>,
    elapsed_ms: u64,
    request_headers: Map<String, Value>,
    response_headers: Map<String, Value>,
    body_excerpt: Option<String>,
    purpose: &'static str,
    failure: Option<&'a Failure>,
    /// Where it is known: the address that the host's name had.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<IpAddr>,
    /// Only where it is so: the verdict was given before the answer came.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    not_waited_for: bool,
}

fn document(report: &Report) -> Document<'_> {
    let (resource, source) = report.resource().map(|(resource, source)| (resource, source.name())).unzip();
    let exchanges = by_id(&report.case().exchanges).into_iter().map(wire).collect();
    Document {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: "easyauth-doctor", version: &report.case().tool_version },
        started_at: report.case().started_at.to_rfc3339_opts(SecondsFormat::Secs, true),
        elapsed_ms: report.case().elapsed_ms,
        target: report.case().inputs.target.as_deref(),
        resource,
        resource_source: source,
        credential: report.credential().name(),
        identity: report.identity(),
        verdict: report.verdict(),
        observed_verdict: report.observed_verdict,
        root_cause: report.diagnosis().root_cause.as_ref().map(cause),
        support: support::of(report),
        alternatives: &report.diagnosis().alternatives,
        next: report.diagnosis().next.iter().map(next).collect(),
        assumed: report.assumed(),
        lab: report.inputs().is_lab,
        steps: report.steps().iter().map(step).collect(),
        exchanges,
    }
}

fn cause(cause: &RootCause) -> Cause<'_> {
    Cause {
        code: cause.code,
        step: cause.step,
        confidence: cause.confidence,
        owner: cause.owner,
        summary: &cause.summary,
        evidence: &cause.evidence,
        evidence_refs: cause.evidence.iter().map(|line| line.origin).collect(),
        difference: cause.difference.as_ref(),
        fixes: ways(&cause.fixes),
        takes_effect: cause.takes_effect,
    }
}

fn ways(fixes: &[Fix]) -> Vec<Way<'_>> {
    let way = |fix| Way { fix, commands: Fix::commands(fix) };
    fixes.iter().map(way).collect()
}

fn next(fault: &NextFault) -> Next<'_> {
    Next { code: fault.code, step: fault.step, summary: &fault.summary, fixes: ways(&fault.fixes) }
}

fn step(step: &StepReport) -> Step<'_> {
    Step {
        number: step.id.number(),
        id: step.id,
        title: &knowledge::step(step.id).title,
        status: step.status,
        elapsed_ms: step.elapsed_ms,
        summary: &step.summary,
        facts: members(step.facts.iter().map(|Fact { name, value }| (name.as_str(), value.as_str()))),
        findings: step.findings.iter().map(found).collect(),
        tables: &step.tables,
    }
}

fn found(finding: &Finding) -> Found<'_> {
    Found {
        code: finding.code,
        severity: finding.severity,
        message: &finding.message,
        confidence: finding.confidence,
        evidence: &finding.evidence,
    }
}

fn wire(exchange: &Exchange) -> Wire<'_> {
    let pairs =
        |headers: &'_ [(String, String)]| members(headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let (answer, failure) = match &exchange.outcome {
        Outcome::Answer(answer) => (Some(answer), None),
        Outcome::Failure(failure) => (None, Some(failure)),
        Outcome::NotWaitedFor => (None, None),
    };
    Wire {
        id: exchange.id,
        step: exchange.purpose.step(),
        method: &exchange.method,
        url: &exchange.url,
        status: exchange.status(),
        elapsed_ms: exchange.elapsed_ms,
        request_headers: pairs(&exchange.request_headers),
        response_headers: answer.map(|answer| pairs(&answer.headers)).unwrap_or_default(),
        body_excerpt: answer.map(Answer::excerpt),
        purpose: exchange.purpose.describe(),
        failure,
        address: exchange.address,
        not_waited_for: exchange.was_not_waited_for(),
    }
}

/// Pairs as an object. A name that comes again has its values in one text, as HTTP joins headers.
fn members<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Map<String, Value> {
    let mut map = Map::new();
    for (name, value) in pairs {
        match map.get_mut(name) {
            Some(Value::String(earlier)) => {
                earlier.push_str(", ");
                earlier.push_str(value);
            }
            _ => {
                map.insert(name.to_owned(), Value::String(value.to_owned()));
            }
        }
    }
    map
}
