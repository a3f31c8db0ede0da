//! What the doctor says of every scenario, as people read it: a change of a verdict or of a word is seen in review.
//!
//! `INSTA_UPDATE=always cargo test --locked --test it reports::` takes the present texts over.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use easyauth_doctor::case::Case;
use easyauth_doctor::report::text::Style;
use easyauth_doctor::report::{Format, Report, render};
use regex_lite::{Captures, Regex};

use crate::helpers::observing;

/// The text without what is different in every run.
fn without_chance(text: &str) -> String {
    let guid = Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").unwrap();
    let mut guids: HashMap<String, usize> = HashMap::new();
    let text = guid.replace_all(text, |found: &Captures<'_>| {
        let next = guids.len() + 1;
        let number = *guids.entry(found[0].to_owned()).or_insert(next);
        format!("{number:08}-0000-4000-8000-{number:012}")
    });
    let mut text = text.into_owned();
    for (chance, instead) in [
        (r"(127\.0\.0\.1|localhost|\[::1\]):[0-9]{4,5}", "$1:PORT0"),
        (r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ])[0-9]{2}:[0-9]{2}:[0-9]{2}", "YYYY-MM-DD${1}hh:mm:ss"),
        (r"\.[0-9]{3,7}Z", ".000Z"),
        (r"(?m) +[0-9.]+ m?s$", ""),
        (r"\b[0-9]+ ms\b", "N ms"),
        (r"\(in (59 min|1 h)\)", "(in an hour)"),
        (r"\(in (23 h 59 min|23 h|1 day)\)", "(in a day)"),
        // What is valid for whole hours is so for a minute less when it is printed a moment later.
        (r"\(in (13 h 59 min|14 h)\)", "(in 14 h)"),
        (r"\(in (1 h 59 min|2 h)\)", "(in 2 h)"),
        (r"/proc/[0-9]+/", "/proc/PID/"),
        (r"easyauth-doctor-lab-[0-9a-f]{32}", "easyauth-doctor-lab-DIRECTORY"),
        (r"\b[0-9A-F]{40}\b", "THUMBPRINT"),
        (r"\b1[0-9]{9}\b", "SECONDS"),
        (r"[A-Za-z0-9_-]{27}( did not sign)", "KEY$1"),
        (r"[0-9a-f-]+…", "…"),
    ] {
        text = Regex::new(chance).unwrap().replace_all(&text, instead).into_owned();
    }
    text
}

fn as_text(report: &Report) -> String {
    let style = Style {
        // A paragraph is a line, so that a difference shows what changed and not where lines break.
        width: 10_000,
        ..Style::default()
    };
    without_chance(&render(std::slice::from_ref(report), false, Format::Text, &style))
}

/// Compares each with its snapshot, and fails when all were compared.
fn compare(texts: impl IntoIterator<Item = (String, String)>, directory: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("snapshots/{directory}"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let different: Vec<String> = texts
        .into_iter()
        .filter_map(|(name, text)| {
            let compared =
                settings.bind(|| catch_unwind(AssertUnwindSafe(|| insta::assert_snapshot!(name.clone(), text))));
            compared.is_err().then_some(name)
        })
        .collect();
    assert!(different.is_empty(), "other texts than before: {}", different.join(", "));
}

#[test]
fn every_scenario_is_told_as_before() {
    let texts = observing::scenarios().iter().map(|scenario| {
        let of = |settings| as_text(&observing::of(&scenario.name, settings).report);
        let text = format!(
            "{}\n\n{}\n======================== without App 2's settings\n\n{}",
            scenario.title,
            of(true),
            of(false)
        );
        (scenario.name.clone(), text)
    });
    observing::all();
    compare(texts, "reports");
}

/// Cases that version 0.1.0 saved, each with the verdict and the root cause that it gave.
const SAVED: &str = include_str!("saved/answers.tsv");

#[test]
fn cases_that_were_saved_before_get_the_same_answer() {
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/saved");
    let mut texts = Vec::new();
    for row in SAVED.lines().filter(|row| !row.starts_with('#')) {
        let [name, verdict, root] = row.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{row:?} has not three columns");
        };
        let text = std::fs::read_to_string(directory.join(format!("{name}.json"))).unwrap();
        let case: Case = serde_json::from_str(&text).unwrap();
        let report = Report::of(case);
        let code = report.diagnosis().root_cause.as_ref().map_or("none", |root| root.code.name());
        assert_eq!((report.verdict().word(), code), (verdict, root), "{name}");
        texts.push((name.to_owned(), as_text(&report)));
    }
    assert!(texts.len() >= 25, "{}", texts.len());
    compare(texts, "saved");
}

/// How many lines a report has in a terminal of 80 columns.
fn lines(report: &Report) -> usize {
    let style = Style { width: 80, ..Style::default() };
    render(std::slice::from_ref(report), false, Format::Text, &style).lines().count()
}

#[test]
fn what_is_done_with_a_tool_is_together_and_has_no_gaps() {
    for observed in observing::all() {
        let name = &observed.scenario.name;
        for fixes in observed.report.diagnosis().root_cause.iter().map(|cause| &cause.fixes) {
            let mut tools: Vec<&str> = fixes.iter().map(|fix| fix.via.as_str()).collect();
            tools.dedup();
            let several: std::collections::BTreeSet<&str> = tools.iter().copied().collect();
            assert_eq!(several.len(), tools.len(), "{name}: {tools:?}");
            assert!(fixes.iter().all(|fix| fix.text.lines().all(|line| !line.is_empty())), "{name}: {fixes:?}");
        }
    }
}

#[test]
fn a_report_is_short_enough_to_be_read() {
    let mut long = Vec::new();
    let mut words = Vec::new();
    for observed in observing::all() {
        let lines = lines(&observed.report);
        let name = &observed.scenario.name;
        // The lab's own report has a line more, which says that it is one.
        if lines > 109 {
            long.push(format!("{name} ({}): {lines}", observed.settings));
        }
        if let Some(cause) = &observed.report.diagnosis().root_cause {
            words.push(cause.summary.split_whitespace().count());
            let own: String = cause.summary.split('"').step_by(2).collect();
            // What is said of every cause that is only possible isn't the message's.
            let own = own.trim_end_matches(" Other causes are possible, too.");
            let sentences = own.matches(". ").count() + 1;
            if cause.summary.chars().count() > 400 || sentences > 2 {
                long.push(format!("{name} ({}): {}", observed.settings, cause.summary));
            }
        }
    }
    let mean = words.iter().sum::<usize>() / words.len();
    assert!(mean <= 30, "a root cause has {mean} words");
    assert!(long.is_empty(), "{} too long:\n{}", long.len(), long.join("\n"));
}
