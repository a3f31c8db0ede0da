//! The way of the call, and where it ends. It is made of the steps' statuses alone, so it shows and doesn't judge.
//!
//! ```text
//!  App 1 ─✓─ identity ─✓─ Entra ─✓─ token ─✗─ Easy Auth ┄┄┄ app2
//! ```

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::case::inputs::CredentialKind;
use crate::case::step::StepId;
use crate::case::text::visible;
use crate::report::wrap;
use crate::report::{Report, StepStatus, Verdict, words};
use crate::tui::look::Role;
use crate::tui::model::Model;
use crate::tui::model::target::{StepState, Target};
use crate::tui::page::amount::passed;

use super::draw::put;

/// The steps of each part of the way.
const EDGES: [&[StepId]; 5] = [
    &[StepId::Identity],
    &[StepId::Scope, StepId::Token],
    &[StepId::Claims],
    &[StepId::Protection, StepId::Audience, StepId::Authorization],
    &[StepId::Call],
];

/// How a part of the way stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edge {
    Waiting,
    Busy,
    Judged(StepStatus),
    /// The call ends here.
    Cause(StepStatus),
    /// Behind the root cause: whatever its steps say, it is a consequence.
    Behind,
    /// It only holds in thought.
    Supposed,
}

pub(super) fn render(frame: &mut Frame<'_>, model: &Model, area: Rect) {
    if area.height == 0 {
        return;
    }
    let width = usize::from(area.width);
    let nodes = nodes(model, width >= 100);
    let edges = edges(&model.target);
    // Long lines where they fit, else short ones, else the marks alone.
    let fits = |dashes: usize| {
        let names: usize = nodes.iter().map(|node| wrap::width(node)).sum();
        let marks = edges.len() * (3 + 2 * dashes);
        (names + marks < width).then_some(dashes)
    };
    let longest = if width >= 100 { 4 } else { 1 };
    let dashes = (0..=longest).rev().find_map(fits).unwrap_or(0);
    let mut line = Line::from(" ");
    let mut numbers = String::from(" ");
    for (at, node) in nodes.iter().enumerate() {
        line.spans.push(Span::raw(model.looks.text(node)));
        let Some(edge) = edges.get(at) else { continue };
        let (text, role) = drawn(model, *edge, dashes);
        let start = line.width();
        line.spans.push(Span::styled(format!(" {text} "), model.looks.style(role)));
        if let Some(steps) = EDGES.get(at) {
            let said: Vec<String> = steps.iter().map(|step| step.number().to_string()).collect();
            let said = said.join(" ");
            let middle = start + (line.width() - start).saturating_sub(said.len()) / 2;
            numbers.push_str(&" ".repeat(middle.saturating_sub(numbers.len())));
            numbers.push_str(&said);
        }
    }
    let mut lines = vec![line];
    if area.height > 1 {
        lines.push(Line::from(Span::styled(numbers, model.looks.style(Role::Faint))));
    }
    put(frame, area, lines);
}

/// What the way leads over.
fn nodes(model: &Model, long: bool) -> [String; 6] {
    let report = model.target.shown().or(model.target.before.as_ref());
    let credential = match report.map(|report| report.credential()) {
        Some(CredentialKind::ClientSecret) => "secret",
        Some(CredentialKind::ClientCertificate) => "certificate",
        Some(CredentialKind::WorkloadIdentity) => "federated",
        Some(CredentialKind::AzureCli) => "az",
        Some(CredentialKind::Token) => "token file",
        Some(CredentialKind::ManagedIdentity) if long => "identity endpoint",
        Some(CredentialKind::Auto | CredentialKind::ManagedIdentity) | None => "identity",
    };
    let host = report.and_then(|report| host(report)).unwrap_or_else(|| "App 2".to_owned());
    ["App 1".to_owned(), credential.to_owned(), "Entra ID".to_owned(), "token".to_owned(), "Easy Auth".to_owned(), host]
}

/// App 2's short name: the first label of its host, where that is a name.
fn host(report: &Report) -> Option<String> {
    let host = report.inputs().target_host()?;
    let label = host.split('.').next()?;
    let is_name =
        label.contains(|character: char| character.is_alphabetic()) && label.len() <= 20 && label != "localhost";
    is_name.then(|| visible(label))
}

fn edges(target: &Target) -> [Edge; 5] {
    let mut edges = EDGES.map(|steps| edge(target, steps));
    let Some(report) = target.shown().filter(|_| !target.is_running()) else {
        return edges;
    };
    let cause_of = |report: &Report| {
        let cause = report.diagnosis().root_cause.as_ref()?;
        EDGES.iter().position(|steps| steps.contains(&cause.step))
    };
    if report.verdict() == Verdict::WouldPass {
        let observed = target.observed.as_ref().and_then(|observed| cause_of(observed));
        for edge in edges.iter_mut().skip(observed.unwrap_or(0)) {
            *edge = Edge::Supposed;
        }
        return edges;
    }
    if let Some(at) = cause_of(report).filter(|_| report.verdict() == Verdict::Fail) {
        // What the call got past although something is wrong was reached.
        let is_reached = report.step(StepId::Call).is_some_and(|call| call.status == StepStatus::Pass);
        for (number, edge) in edges.iter_mut().enumerate().skip(at) {
            match number == at {
                true => *edge = Edge::Cause(StepStatus::Fail),
                false if is_reached => {}
                false => *edge = Edge::Behind,
            }
        }
    } else if let Some(at) = cause_of(report) {
        // A step that failed for an unknown reason failed, and what comes after it wasn't reached.
        let is_failed = edges.get(at) == Some(&Edge::Judged(StepStatus::Fail));
        let status = if is_failed { StepStatus::Fail } else { StepStatus::Unknown };
        for (number, edge) in edges.iter_mut().enumerate().skip(at) {
            match number == at {
                true => *edge = Edge::Cause(status),
                false if is_failed => *edge = Edge::Behind,
                false => {}
            }
        }
    }
    edges
}

/// The worst status of a part's steps.
fn edge(target: &Target, steps: &[StepId]) -> Edge {
    let mut worst = StepStatus::Skipped;
    let mut waits = false;
    for step in steps {
        match target.step(*step) {
            StepState::Busy(_) => return Edge::Busy,
            StepState::Waiting => waits = true,
            StepState::Judged(status) if badness(status) > badness(worst) => worst = status,
            StepState::Judged(_) => {}
        }
    }
    if waits { Edge::Waiting } else { Edge::Judged(worst) }
}

const fn badness(status: StepStatus) -> u8 {
    match status {
        StepStatus::Skipped => 0,
        StepStatus::Pass => 1,
        StepStatus::Warn => 2,
        StepStatus::Unknown => 3,
        StepStatus::Fail => 4,
    }
}

fn drawn(model: &Model, edge: Edge, dashes: usize) -> (String, Role) {
    let looks = model.looks;
    let line = |mark: &str| {
        let dash = looks.rule().repeat(dashes);
        format!("{dash}{mark}{dash}")
    };
    let filled = |with: &str| with.repeat(2 * dashes + 1);
    match edge {
        Edge::Waiting => (filled(looks.waiting()), Role::Faint),
        Edge::Behind => (filled(looks.behind()), Role::Faint),
        Edge::Busy => {
            let since = model.target.since().unwrap_or(model.now);
            let waited = i64::try_from(passed(model.now - since)).unwrap_or(0);
            (line(looks.spinner(waited)), Role::Busy)
        }
        Edge::Judged(StepStatus::Skipped) => (line(looks.rule()), Role::Faint),
        Edge::Judged(status) => (line(words::glyph(status, looks.ascii)), Role::of(status)),
        Edge::Cause(status) => (line(words::glyph(status, looks.ascii)), Role::of(status)),
        Edge::Supposed => (line(looks.supposed()), Role::Supposed),
    }
}
