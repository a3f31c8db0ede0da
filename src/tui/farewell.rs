//! What is printed on the normal screen when the interactive screen ends: the answer, what was written, and how to see
//! it again.

use crate::case::inputs::{Inputs, PASTED};
use crate::case::secret::REDACTED;
use crate::case::shown::address;
use crate::case::text::{visible, visible_lines};
use crate::knowledge::{as_started, phrase, shell_option, shell_word};
use crate::report::document::{Block, way};
use crate::report::text::{Style, blocks};
use crate::report::{Alternative, Difference, Report, RootCause, StepReport, Table, Verdict, words};

use super::page::cause::labels;
use super::page::under_way::known_steps;

/// What stands for a part of an address that may be a secret.
const LEFT_OUT: &str = "[…]";

/// How the screen was left.
#[derive(Debug, Clone, Default)]
pub struct Left<'a> {
    /// What was judged last.
    pub report: Option<&'a Report>,
    /// The answer of the check before one that is under way or was stopped without one.
    pub before: Option<&'a Report>,
    /// Whether the run was still under way.
    pub is_running: bool,
    /// Whether the inputs were changed after it.
    pub is_stale: bool,
    /// Whether the run was stopped, and what had no response then.
    pub stopped: Option<Vec<String>>,
    /// Of several targets, the name of each, its answer, where there is one, and whether its run was stopped.
    pub all: Vec<(&'a str, Option<&'a Report>, bool)>,
    /// What was said of each file that was written.
    pub written: &'a [String],
    /// The file of the case, as it was saved last.
    pub saved: Option<&'a str>,
    /// The command line that shows the same again, where the inputs alone do not tell it.
    pub again: Option<&'a str>,
    /// Whether that shows the lab without what was changed in it.
    pub is_changed: bool,
    /// The tool that was chosen, such as `az`.
    pub tool: Option<&'a str>,
    /// How this program is called here, where its name alone isn't found.
    pub program: Option<&'a str>,
    /// Whether the check ran here: a saved case may be another machine's, and the lab plays the commands itself.
    pub is_here: bool,
}

/// The last words.
#[must_use]
pub fn text(left: &Left<'_>, style: &Style) -> String {
    let mut all = Vec::new();
    if left.stopped.is_some() && left.all.is_empty() {
        all.push(Block::Prose(phrase("leave.stopped").text()));
    }
    if left.is_stale && left.report.is_some() {
        all.push(Block::Prose(phrase("leave.stale").text()));
    }
    match left.report {
        _ if !left.all.is_empty() => all.push(table(&left.all)),
        Some(_) if left.is_running => all.push(Block::Prose(phrase("leave.unfinished").text())),
        Some(report) if left.stopped.is_some() && report.as_observed().verdict() != Verdict::Fail => {
            all.extend(stopped(report, left));
        }
        Some(report) => all.extend(answer(report, left)),
        None if left.is_running && left.before.is_some() => all.push(Block::Prose(phrase("leave.unfinished").text())),
        None => {}
    }
    if let Some(before) = left.before.filter(|_| left.all.is_empty()) {
        let at = words::checked_at(before);
        all.push(Block::Prose(phrase("leave.answer-before").with("time", at).text()));
        all.extend(answer(before, left));
    }
    all.extend(left.written.iter().map(|said| Block::Prose(visible(said))));
    if let Some(command) = again(left) {
        let is_anew = left.is_changed && left.saved.is_none();
        all.push(Block::Heading(phrase(if is_anew { "leave.lab-anew" } else { "leave.again" }).text()));
        all.push(Block::Verbatim(as_started(&command, left.program).unwrap_or_else(|| command.clone())));
        let hidden = left.saved.is_none() && [REDACTED, LEFT_OUT].iter().any(|mark| command.contains(mark));
        let inputs = left.report.or(left.before).map(Report::inputs).filter(|_| left.saved.is_none() && left.is_here);
        if inputs.is_some_and(has_pasted) {
            all.push(Block::Prose(phrase("leave.pasted").text()));
        }
        let headers = inputs.as_ref().is_some_and(|inputs| !inputs.headers.is_empty());
        if headers || hidden {
            all.push(Block::Prose(phrase("leave.without").when("headers", headers).when("hidden", hidden).text()));
        }
    }
    blocks(&all, style)
}

/// What was found before the check was stopped, and what had no response then.
fn stopped(report: &Report, left: &Left<'_>) -> Vec<Block> {
    let mut all = Vec::new();
    let unanswered = left.stopped.iter().flatten().map(|said| visible(said)).collect::<Vec<_>>();
    if !unanswered.is_empty() {
        all.push(Block::Heading(phrase("section.unanswered").text()));
        all.push(Block::Bullets(unanswered));
    }
    let fact = |step: &StepReport| (step.id.id().to_owned(), visible(&step.summary));
    let known: Vec<(String, String)> = known_steps(report, true).map(fact).collect();
    if !known.is_empty() {
        all.push(Block::Heading(phrase("section.known").text()));
        all.push(Block::Facts(known));
    }
    all
}

/// The verdict on each target, and its root cause.
fn table(all: &[(&str, Option<&Report>, bool)]) -> Block {
    let row = |(target, report, is_stopped): &(&str, Option<&Report>, bool)| {
        let Some(report) = report.map(|report| report.as_observed()) else {
            return vec![visible(target), phrase("leave.unfinished").text(), String::new()];
        };
        let cause = report.diagnosis().root_cause.as_ref();
        let code = cause.map(|cause| cause.code.name().to_owned());
        let verdict =
            if *is_stopped { phrase("screen.stopped").text() } else { report.verdict().word().replace('-', " ") };
        vec![visible(target), verdict, code.unwrap_or_default()]
    };
    let columns = ["targets.target", "targets.verdict", "targets.cause"].map(|key| phrase(key).text()).to_vec();
    Block::Table(Table { title: String::new(), columns, rows: all.iter().map(row).collect() })
}

/// Verdict, cause, the two values, and the fix with the chosen tool, else the first one; where the cause is unknown,
/// what fits; where the call succeeds, its warnings.
fn answer(report: &Report, left: &Left<'_>) -> Vec<Block> {
    let program = left.program.filter(|_| left.is_here);
    let report = &*report.as_observed();
    let mut all =
        vec![Block::Headline { status: words::verdict_status(report.verdict()), text: words::headline(report) }];
    if let Some(cause) = &report.diagnosis().root_cause {
        all.extend(of_cause(report, cause, left.tool, program));
    }
    let causes = &report.diagnosis().alternatives;
    if report.verdict() == Verdict::Inconclusive && !causes.is_empty() {
        let cause = |cause: &Alternative| visible(&format!("{}: {}", cause.code, cause.summary));
        all.push(Block::Heading(words::CANDIDATES.text()));
        all.push(Block::Bullets(causes.iter().map(cause).collect()));
    }
    if let Some(explained) = words::warnings(report) {
        all.push(Block::Heading(phrase("screen.warnings").text()));
        all.push(Block::Bullets(report.warnings().map(|(_, found)| visible(&found.message)).collect()));
        all.push(Block::Paragraph(explained));
    }
    all
}

/// The cause, the two values, and the fix.
fn of_cause(report: &Report, cause: &RootCause, tool: Option<&str>, program: Option<&str>) -> Vec<Block> {
    let mut all = Vec::new();
    all.push(Block::Paragraph(visible(&cause.summary)));
    all.push(Block::Paragraph(words::standing(report)));
    all.extend(cause.difference.as_ref().map(difference));
    let chosen = cause.fixes.iter().find(|fix| Some(&*fix.via) == tool);
    if let Some(via) = chosen.or(cause.fixes.first()).map(|fix| &fix.via) {
        all.push(Block::Heading(words::fixes_of(cause).text()));
        all.push(Block::Subheading(visible(words::tool(via))));
        let typed = |line: &str| as_started(line, program).unwrap_or_else(|| line.to_owned());
        for fix in cause.fixes.iter().filter(|fix| fix.via == *via) {
            all.extend(way(via, visible_lines(fix.text.trim_end())).into_iter().map(|block| match block {
                Block::Verbatim(text) => Block::Verbatim(text.lines().map(typed).collect::<Vec<_>>().join("\n")),
                told => told,
            }));
            all.extend(fix.caution.as_ref().map(|caution| Block::Caution(visible_lines(caution))));
        }
    }
    all
}

fn difference(difference: &Difference) -> Block {
    let shown = |value: &crate::report::NamedValue| {
        let text = value.value.clone().unwrap_or_else(|| phrase("leave.nothing").text());
        let named = phrase("leave.named").with("value", text);
        visible(&named.with_some("name", value.name.as_ref()).text())
    };
    let expected: Vec<String> = difference.expected.iter().map(shown).collect();
    let expected = if expected.is_empty() { phrase("leave.nothing").text() } else { expected.join("; ") };
    let labels = labels(difference);
    Block::Facts(vec![
        (labels.0, expected),
        (labels.1, shown(&difference.actual)),
        (phrase("leave.source").text(), visible(&difference.source)),
    ])
}

/// The command line that opens this again: of the saved case, else as it was opened, else made of the inputs.
fn again(left: &Left<'_>) -> Option<String> {
    if let Some(file) = left.saved {
        return Some(opens(&[file]));
    }
    if left.again.is_some() || !left.all.is_empty() {
        return left.again.map(str::to_owned);
    }
    // A saved case that was pasted is in no file.
    left.report.or(left.before).filter(|_| left.is_here).map(|report| checks(report.inputs()))
}

/// The command line that opens saved cases.
#[must_use]
pub fn opens<T: AsRef<str>>(files: &[T]) -> String {
    visible(&phrase("leave.open").with("files", shell_words(files)).text())
}

fn shell_words<T: AsRef<str>>(words: &[T]) -> String {
    words.iter().map(|word| shell_word(word.as_ref())).collect::<Vec<_>>().join(" ")
}

/// The command line that checks several targets: those of a file, or these with the options that they share.
#[must_use]
pub fn checks_all(file: Option<&str>, all: &[&Inputs]) -> String {
    let Some((first, others)) = all.split_first() else { return String::new() };
    let mut shared = first.of_the_check();
    shared.retain(|option| others.iter().all(|other| other.of_the_check().contains(option)));
    if file.is_some() {
        // What else they share may be in the file.
        shared.retain(|(name, _)| *name == "--timeout");
    }
    let targets = all.iter().filter_map(|inputs| Some(("--target", address::own(inputs.target.as_deref()?))));
    let command = phrase("leave.targets").with_some("file", file).with("targets", typed(targets));
    visible(&command.with("options", typed(shared)).text())
}

/// The command line that compares two saved cases.
#[must_use]
pub fn compares(file: &str, other: &str) -> String {
    visible(&phrase("leave.compare").with("file", file).with("other", other).text())
}

/// The command line that shows a scenario of the lab.
#[must_use]
pub fn shows_lab(scenario: &str, without_settings: bool, delay: u64) -> String {
    let command = phrase("leave.lab").with("scenario", scenario).with_some("delay", (delay > 0).then_some(delay));
    visible(&command.when("hidden", without_settings).text())
}

/// Whether a text was pasted instead of a file.
fn has_pasted(inputs: &Inputs) -> bool {
    inputs.files().any(|(_, path)| path.as_os_str() == PASTED)
}

/// The command line that checks with these inputs; headers and secrets have to be given again.
fn checks(inputs: &Inputs) -> String {
    let target = inputs.target.as_deref().map(|target| ("--target", address::own(target)));
    let options = target.into_iter().chain(inputs.of_the_check());
    visible(&phrase("leave.check").with("options", typed(options)).text())
}

/// Options as they are typed, each behind a space.
fn typed(options: impl IntoIterator<Item = (&'static str, String)>) -> String {
    options.into_iter().map(|(name, value)| format!(" {}", shell_option(name, &value))).collect()
}
