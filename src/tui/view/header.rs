//! The first line: the target at the left, the state of the check at the right.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::case::text::visible;
use crate::knowledge::phrase;
use crate::report::wrap;
use crate::report::{Report, StepStatus, Verdict, words};
use crate::tui::look::Role;
use crate::tui::model::Model;
use crate::tui::model::place::View;
use crate::tui::model::target::{Run, Watch};
use crate::tui::page::amount::{passed, time, until};
use crate::tui::page::layout::clipped;

use super::draw::put;
use super::places::{Class, class};

/// Cells of the target that stay whatever the right side says.
const LEAST: usize = 14;

/// Cells below which a countdown is its time alone.
const SHORT: u16 = 40;

/// Cells below which no more of the target stays.
const NARROW: usize = 60;

pub(super) fn render(frame: &mut Frame<'_>, model: &Model, area: Rect) {
    let looks = model.looks;
    let width = usize::from(area.width);
    let is_table = *model.place.view() == View::Targets;
    let (mark, role, mut parts) = if is_table { summary(model) } else { state(model) };
    // What matters least is at the end.
    let least = titles(model).last().map_or(0, |title| wrap::width(title) + 3).min(width / 2).max(LEAST);
    // On a narrow screen, how sure the verdict is counts more than the rest of an address.
    let least = if width < NARROW { LEAST } else { least };
    while parts.len() > 1 && wrap::width(&joined(&mark, &parts)) + least > width {
        parts.pop();
    }
    let right = clipped(&looks.text(&joined(&mark, &parts)), width.saturating_sub(2), looks);
    let room = width.saturating_sub(wrap::width(&right) + 2);
    let titles: Vec<String> = titles(model).iter().map(|title| looks.text(&format!(" {title}"))).collect();
    let left = titles.iter().find(|title| wrap::width(title) <= room).or(titles.last());
    let left = clipped(left.map_or("", String::as_str), room, looks);
    let gap = width.saturating_sub(wrap::width(&left) + wrap::width(&right));
    let line = Line::from(vec![
        Span::styled(left, looks.style(Role::Heading)),
        Span::raw(" ".repeat(gap)),
        Span::styled(right, looks.style(role)),
    ]);
    put(frame, area, vec![line]);
}

fn joined(mark: &str, parts: &[String]) -> String {
    let text = parts.join(" · ");
    if mark.is_empty() { text } else { format!("{mark} {text}") }
}

/// The title in each of its lengths, the longest first: what is checked is the last to be cut.
fn titles(model: &Model) -> Vec<String> {
    if *model.place.view() == View::Targets {
        return vec![phrase("targets.title").with("count", model.all_targets().count()).text()];
    }
    let class = class(model.size.0, model.size.1);
    let title = visible(&model.title);
    let short = title.strip_prefix("https://").or_else(|| title.strip_prefix("http://"));
    let mut titles = match (short, class) {
        (None, _) if title.is_empty() => return vec!["easyauth-doctor".to_owned()],
        (None, _) => vec![title.clone()],
        (Some(address), Class::Tiny | Class::Narrow) => vec![address.to_owned()],
        (Some(address), _) => vec![format!("App 1 → {address}"), address.to_owned()],
    };
    if let Some(longest) = titles.first().filter(|_| class == Class::Wide) {
        titles.insert(0, format!("easyauth-doctor  {longest}"));
    }
    titles
}

/// The same of all targets: how many have which verdict.
fn summary(model: &Model) -> (String, Role, Vec<String>) {
    let running = model.all_targets().filter(|(_, target)| target.is_running()).count();
    let stopped = model.all_targets().filter(|(_, target)| target.run == Run::Stopped).count();
    let ended = model.all_targets().filter(|(_, target)| target.has_answer() && target.run != Run::Stopped);
    let verdicts: Vec<Verdict> = ended.filter_map(|(_, target)| Some(target.shown()?.verdict())).collect();
    let mut parts = Vec::new();
    let mut first = None;
    for verdict in [Verdict::Fail, Verdict::Inconclusive, Verdict::WouldPass, Verdict::Pass] {
        let count = verdicts.iter().filter(|known| **known == verdict).count();
        if count > 0 {
            parts.push(format!("{count} {}", verdict.word().replace('-', " ")));
            first = first.or(Some(words::verdict_status(verdict)));
        }
    }
    if stopped > 0 {
        parts.push(format!("{stopped} {}", phrase("screen.stopped").text()));
        first = first.or(Some(StepStatus::Unknown));
    }
    if running > 0 {
        let said = phrase("targets.running").with("count", running).text();
        parts.insert(0, said);
        let since = model.all_targets().filter_map(|(_, target)| target.since()).min().unwrap_or(model.now);
        let spinner = model.looks.spinner(i64::try_from(passed(model.now - since)).unwrap_or(0));
        return (spinner.to_owned(), Role::Busy, parts);
    }
    let waiting = model.all_targets().filter_map(|(_, target)| match target.watch {
        Watch::Waiting { next, .. } => Some(next),
        Watch::Off | Watch::Looking(_) => None,
    });
    if let Some(next) = waiting.min() {
        let left = until(passed(next - model.now).div_ceil(1_000));
        parts.push(phrase("watch.next").with("time", left).text());
    }
    let mark = first.map(|status| words::glyph(status, model.looks.ascii)).unwrap_or_default();
    (mark.to_owned(), first.map_or(Role::Faint, Role::of), parts)
}

/// The mark, how it looks, and what is said, the most important first.
fn state(model: &Model) -> (String, Role, Vec<String>) {
    let target = &model.target;
    let is_tiny = class(model.size.0, model.size.1) == Class::Tiny;
    match (target.run, target.shown()) {
        (Run::Running { since, .. }, _) => {
            let settled = target.observed.as_ref().map_or(0, |report| report.observed().settled.len());
            let waited = passed(model.now - since);
            let spinner = model.looks.spinner(i64::try_from(waited).unwrap_or(0));
            let said = phrase("screen.checking").with("count", settled.to_string()).text();
            let parts = vec![if is_tiny { format!("{settled}/8") } else { said }, format!("{} s", waited / 1_000)];
            (spinner.to_owned(), Role::Busy, parts)
        }
        (Run::Stopping, _) => (String::new(), Role::Busy, vec![phrase("screen.stopping").text()]),
        (Run::Never, _) | (_, None) => (String::new(), Role::Faint, vec![phrase("screen.not-started").text()]),
        (Run::Stopped, Some(_)) => {
            let said = std::iter::once(phrase("screen.stopped").text()).chain(stale(model));
            ("?".to_owned(), Role::Open, said.collect())
        }
        (Run::Finished | Run::Saved, Some(report)) => finished(model, report, is_tiny),
    }
}

/// That the answer is one for other inputs than those that are filled in now.
fn stale(model: &Model) -> Option<String> {
    model.stale().map(|_| phrase("screen.stale").text())
}

fn finished(model: &Model, report: &Report, is_tiny: bool) -> (String, Role, Vec<String>) {
    let verdict = report.verdict();
    let status = words::verdict_status(verdict);
    let glyph = words::glyph(status, model.looks.ascii);
    let cause = report.diagnosis().root_cause.as_ref();
    let step = cause.map(|cause| phrase("screen.step").with("number", cause.step.number()).text());
    if !model.target.changes().is_empty() {
        let said = match verdict {
            Verdict::WouldPass | Verdict::Pass => phrase("screen.would-pass-short").text(),
            Verdict::Fail | Verdict::Inconclusive => step.unwrap_or_else(|| verdict.word().to_owned()),
        };
        let mark = model.looks.supposed().to_owned();
        let if_word = phrase("screen.if").text();
        return (mark, Role::Supposed, vec![format!("{if_word} · {glyph} {said}")]);
    }
    let word = verdict.word().replace('-', " ").to_uppercase();
    if is_tiny {
        let place = cause.map(|cause| cause.step.number().to_string());
        let parts = std::iter::once(place.unwrap_or(word)).chain(stale(model));
        return (glyph.to_owned(), Role::of(status), parts.collect());
    }
    let mut parts = vec![word];
    parts.extend(stale(model));
    if let Watch::Waiting { next, .. } = model.target.watch {
        let left = until(passed(next - model.now).div_ceil(1_000));
        let is_short = model.size.0 < SHORT;
        parts.push(phrase("watch.next").with("time", left).when("short", is_short).text());
    }
    if verdict == Verdict::Fail {
        parts.extend(cause.map(|cause| cause.confidence.word().to_owned()));
    }
    if model.target.run == Run::Saved {
        parts.push(phrase("screen.saved-case").text());
    }
    let case = report.observed();
    if class(model.size.0, model.size.1) == Class::Wide {
        let count = case.exchanges.len().to_string();
        parts.push(phrase("screen.requests").with("count", count).text());
    }
    parts.push(time(case.elapsed_ms));
    if class(model.size.0, model.size.1) == Class::Wide {
        parts.push(case.checked_at().format("%H:%M:%SZ").to_string());
    }
    (glyph.to_owned(), Role::of(status), parts)
}
