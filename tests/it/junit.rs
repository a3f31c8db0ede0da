//! JUnit reports are what Jenkins' xUnit plugin takes: its schema (`junit-10.xsd`) as rules of this test, which reads
//! the XML with a reader of its own.

use std::collections::BTreeMap;

use easyauth_doctor::report::text::Style;
use easyauth_doctor::report::{Format, Report, render};
use regex_lite::Regex;

use crate::helpers::observing;

/// An element of the schema: its attributes, those of them that it must have, and its children; whether it has text.
type Rule = (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str], bool);

const SCHEMA: &[Rule] = &[
    ("testsuites", &["name", "time", "tests", "failures", "errors"], &[], &["testsuite"], false),
    (
        "testsuite",
        &[
            "name",
            "tests",
            "failures",
            "errors",
            "group",
            "time",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
            "file",
            "log",
            "url",
        ],
        &["name", "tests", "failures", "errors"],
        &["testsuite", "properties", "testcase", "system-out", "system-err"],
        false,
    ),
    (
        "testcase",
        &["name", "time", "classname", "group"],
        &["name"],
        &["skipped", "error", "failure", "system-out", "system-err"],
        false,
    ),
    ("failure", &["type", "message"], &[], &[], true),
    ("error", &["type", "message"], &[], &[], true),
    ("skipped", &["type", "message"], &[], &[], true),
    ("system-out", &[], &[], &[], true),
];

#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    children: Vec<Element>,
    text: String,
}

impl Element {
    fn all(&self, name: &str) -> Vec<&Self> {
        self.children.iter().filter(|child| child.name == name).collect()
    }

    fn number(&self, name: &str) -> usize {
        self.attributes[name].parse().unwrap()
    }
}

/// The root element. Anything that isn't well formed fails.
fn read(xml: &str) -> Element {
    let body = xml.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").unwrap();
    let tag = Regex::new(r#"<(/?)([a-z-]+)((?: [a-z]+="[^"<>]*")*)(/?)>"#).unwrap();
    let attribute = Regex::new(r#" ([a-z]+)="([^"]*)""#).unwrap();
    let reference = Regex::new("&(amp|lt|gt|quot|#39);").unwrap();
    let plain = |text: &str| {
        assert!(!reference.replace_all(text, "").contains(['&', '<', '>']), "{text}");
        assert!(text.chars().all(|character| character == '\n' || !character.is_control()), "{text:?}");
        text.to_owned()
    };
    let mut open = vec![Element::default()];
    let mut at = 0;
    for found in tag.captures_iter(body) {
        let whole = found.get(0).unwrap();
        open.last_mut().unwrap().text += &plain(body.get(at..whole.start()).unwrap());
        at = whole.end();
        if found[1].is_empty() {
            let mut element = Element { name: found[2].to_owned(), ..Element::default() };
            for pair in attribute.captures_iter(&found[3]) {
                let before = element.attributes.insert(pair[1].to_owned(), plain(&pair[2]));
                assert!(before.is_none(), "{} twice", &pair[1]);
            }
            open.push(element);
        }
        if !found[1].is_empty() || !found[4].is_empty() {
            let element = open.pop().unwrap();
            assert_eq!(element.name, found[2]);
            open.last_mut().unwrap().children.push(element);
        }
    }
    assert_eq!((open.len(), body.get(at..).unwrap().trim()), (1, ""));
    let mut document = open.pop().unwrap();
    assert_eq!(document.children.len(), 1);
    document.children.remove(0)
}

fn is_valid(element: &Element) {
    let rule = SCHEMA.iter().find(|rule| rule.0 == element.name);
    let (name, known, needed, children, text) = rule.unwrap_or_else(|| panic!("<{}>", element.name));
    for attribute in element.attributes.keys() {
        assert!(known.contains(&attribute.as_str()), "<{name} {attribute}>");
    }
    for attribute in *needed {
        assert!(element.attributes.contains_key(*attribute), "<{name}> without {attribute}");
    }
    if let Some(time) = element.attributes.get("time") {
        assert!(time.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'), "{time}");
    }
    assert!(*text || element.text.trim().is_empty(), "text in <{name}>: {}", element.text);
    for child in &element.children {
        assert!(children.contains(&child.name.as_str()), "<{}> in <{name}>", child.name);
        is_valid(child);
    }
}

#[test]
fn every_report_follows_the_schema_and_counts_what_it_lists() {
    let mut failures = 0;
    for observed in observing::all() {
        let (report, name) = (&observed.report, &observed.scenario.name);
        let root = read(&render(std::slice::from_ref(report), false, Format::Junit, &Style::default()));
        is_valid(&root);
        let suites = root.all("testsuite");
        assert_eq!((root.name.as_str(), suites.len()), ("testsuites", 1));
        let (suite, cases) = (suites[0], suites[0].all("testcase"));
        assert_eq!(suite.number("tests"), cases.len(), "{name}");
        for (count, kind) in [("failures", "failure"), ("errors", "error"), ("skipped", "skipped")] {
            let listed: Vec<&Element> = cases.iter().flat_map(|case| case.all(kind)).collect();
            assert_eq!(suite.number(count), listed.len(), "{name}: {count}");
            assert!(count == "skipped" || root.number(count) == listed.len(), "{name}: {count}");
            for element in listed.iter().filter(|_| kind != "skipped") {
                assert!(!element.text.trim().is_empty() && !element.attributes["message"].is_empty(), "{name}");
                assert_ne!(element.attributes["type"], "undetermined", "{name}");
            }
            failures += listed.len();
        }
        for case in cases {
            assert_eq!(case.attributes["classname"], suite.attributes["name"], "{name}");
        }
        shows(report, suite, name);
    }
    assert!(failures > 300, "{failures}");
}

/// Only a report without a problem is green, and the root cause's step carries its code.
fn shows(report: &Report, suite: &Element, name: &str) {
    let red = suite.number("failures") + suite.number("errors");
    assert_eq!(red > 0, report.exit_code() != 0, "{name}");
    let Some(cause) = &report.diagnosis().root_cause else { return };
    let kinds = suite.all("testcase").into_iter().flat_map(|case| [case.all("failure"), case.all("error")].concat());
    let codes: Vec<&str> = kinds.map(|kind| kind.attributes["type"].as_str()).collect();
    assert!(codes.contains(&cause.code.name()), "{name}: {} isn't among {codes:?}", cause.code);
    let output = suite.all("system-out").first().map_or("", |element| element.text.as_str());
    let cautions: Vec<&str> = output.lines().filter_map(|line| line.strip_prefix("Caution: ")).collect();
    for (at, caution) in cautions.iter().enumerate() {
        assert!(!cautions[..at].contains(caution), "{name}: {caution} twice");
    }
}

#[test]
fn test_cases_of_several_targets_differ_by_their_class() {
    let reports =
        ["healthy", "caller-not-in-allowed-applications"].map(|name| observing::of(name, true).report.clone());
    let root = read(&render(&reports, true, Format::Junit, &Style::default()));
    is_valid(&root);
    let classes: Vec<&str> =
        root.all("testsuite").iter().map(|suite| suite.all("testcase")[0].attributes["classname"].as_str()).collect();
    let targets = reports.each_ref().map(|report| report.case().inputs.target.as_deref().unwrap());
    assert_eq!(classes, targets);
    let tests: usize = root.all("testsuite").iter().map(|suite| suite.number("tests")).sum();
    assert_eq!(root.number("tests"), tests);
}
