//! Whatever came from the wire is shown, never interpreted: no form emits a control character.

use easyauth_doctor::case::Case;
use easyauth_doctor::case::code::Code;
use easyauth_doctor::case::exchange::{Answer, Exchange, Outcome, Purpose};
use easyauth_doctor::case::inputs::Inputs;
use easyauth_doctor::case::resource::{ChosenResource, ResourceSource};
use easyauth_doctor::case::step::StepId;
use easyauth_doctor::report::document::Detail;
use easyauth_doctor::report::text::Style;
use easyauth_doctor::report::{
    Alternative, Confidence, Diagnosis, Difference, EvidenceLine, Fact, Finding, Fix, Format, NamedValue, NextFault,
    Owner, Report, RootCause, Severity, StepReport, StepStatus, Table, Verdict, render,
};
use proptest::prelude::*;
use serde_json::Value;

/// A report that says a text wherever a report can say anything.
fn saying(text: &str) -> Report {
    let text = || text.to_owned();
    let mut case = Case::new(
        Inputs { target: Some(text()), assume: vec![text()], ..Inputs::default() },
        chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
    );
    case.resource = Some(ChosenResource { value: text(), given: Some(text()), source: ResourceSource::Challenge });
    case.exchanges.push(Exchange {
        id: 1,
        purpose: Purpose::CallWithToken,
        method: "GET".to_owned(),
        url: text(),
        request_headers: vec![(text(), text()), ("authorization".to_owned(), "Bearer opensesame".to_owned())],
        started_ms: 0,
        elapsed_ms: 1,
        proxy: Some(text()),
        address: None,
        outcome: Outcome::Answer(Answer {
            status: 401,
            reason: Some(text()),
            headers: vec![
                (text(), text()),
                (text(), text()),
                ("set-cookie".to_owned(), "opensesame".to_owned()),
                ("x-ms-request-id".to_owned(), "0f8fad5b-d9cb-469f-a165-70867728950e".to_owned()),
            ],
            body: text(),
            body_length: 1,
            truncated: false,
            clock_skew_s: None,
            ..Answer::default()
        }),
    });
    let fixes = || {
        ["portal", "az"]
            .map(|via| Fix { via: via.to_owned(), text: text() + "\naz rest", caution: Some(text()) })
            .to_vec()
    };
    let line = || EvidenceLine { text: text(), origin: None };
    let named = || NamedValue { value: Some(text()), name: Some(text()) };
    let steps = StepId::ALL
        .into_iter()
        .map(|id| StepReport {
            id,
            status: StepStatus::Fail,
            elapsed_ms: 0,
            summary: text(),
            facts: vec![Fact { name: text(), value: text() }],
            tables: vec![Table { title: text(), columns: vec![text(), text()], rows: vec![vec![text(), text()]] }],
            findings: vec![Finding {
                code: Code::AppError,
                severity: Severity::Error,
                confidence: Confidence::Certain,
                message: text() + "!",
                evidence: vec![line()],
                difference: None,
                is_open_root: false,
            }],
        })
        .collect();
    let diagnosis = Diagnosis {
        verdict: Verdict::Fail,
        root_cause: Some(RootCause {
            code: Code::AppError,
            step: StepId::Call,
            confidence: Confidence::Likely,
            owner: Some(Owner::App2),
            summary: text(),
            evidence: vec![line()],
            difference: Some(Difference {
                subject: "audience (aud)",
                expected: vec![named()],
                actual: named(),
                source: text(),
                is_list: false,
            }),
            fixes: fixes(),
            takes_effect: None,
        }),
        alternatives: vec![Alternative {
            code: Code::AppUnavailable,
            step: StepId::Call,
            confidence: Confidence::Possible,
            summary: text(),
            distinguish: text(),
            fixes: fixes(),
        }],
        next: vec![NextFault { code: Code::AppUnavailable, step: StepId::Call, summary: text(), fixes: fixes() }],
    };
    Report::with_words(case, steps, diagnosis, Verdict::Inconclusive)
}

fn written(report: &Report, format: Format, style: &Style) -> String {
    render(std::slice::from_ref(report), false, format, style)
}

/// Control characters, and those that are invisible or change the direction of writing.
fn deceptive(text: &str) -> Option<char> {
    text.chars().find(|character| {
        (character.is_control() && *character != '\n')
            || ['\u{200b}'..='\u{200f}', '\u{2028}'..='\u{202e}', '\u{2066}'..='\u{2069}', '\u{feff}'..='\u{feff}']
                .iter()
                .any(|range| range.contains(character))
    })
}

fn check(text: &str) {
    let report = saying(text);
    for detail in [Detail::Brief, Detail::Normal, Detail::Full] {
        for width in [20, 80] {
            let style = Style { detail, width, ..Style::default() };
            for format in [Format::Text, Format::Json, Format::Markdown, Format::Html, Format::Junit] {
                let shown = written(&report, format, &style);
                assert_eq!(deceptive(&shown), None, "{format:?} of {text:?}");
                assert!(!shown.contains("opensesame"), "{format:?} shows a header's secret");
            }
        }
    }
    let style = Style::default();
    let json: Value = serde_json::from_str(&written(&report, Format::Json, &style)).unwrap();
    assert_eq!(json["steps"].as_array().map(Vec::len), Some(8));
    if !text.contains("eyJ") {
        assert_eq!(json["root_cause"]["summary"].as_str(), Some(text), "JSON keeps the text as it is");
    }
    let ascii = Style { ascii: true, detail: Detail::Full, ..style };
    assert!(written(&report, Format::Text, &ascii).is_ascii(), "--ascii of {text:?}");
    let html = written(&report, Format::Html, &style);
    assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
}

#[test]
fn known_hostile_texts_stay_text() {
    for text in [
        "\u{1b}]52;c;eA==\u{7}",
        "\u{9b}31m",
        "a\r\nb\tc\u{0}",
        "\u{202e}evil\u{2066}",
        "</pre><script>alert(1)</script><img src=x onerror=alert(1)>",
        "]]></system-out><testcase name=\"x\"/>&amp;\"'",
        "```\n# heading\n| a | b |\n[x](javascript:alert(1))",
        "\u{ffff}\u{fffe}\u{10ffff}",
        "",
    ] {
        check(text);
    }
}

#[test]
fn a_page_is_named_for_its_report_and_has_commands_as_code() {
    let page = written(&saying("Run `az x --y <z>`, and wait. It is `open."), Format::Html, &Style::default());
    assert!(page.contains("It is `open."), "{page}");
    let page = written(&saying("Run `az x --y <z>`, and wait."), Format::Html, &Style::default());
    assert!(page.contains("Run <code>az x --y &lt;z&gt;</code>, and wait."), "{page}");
    let (_, title) = page.split_once("<title>").unwrap();
    let (title, _) = title.split_once("</title>").unwrap();
    assert!(title.contains("app-error") && title != "app-error", "{title}");
    // Commands wrap where the page ends, also on paper, and a name isn't divided.
    assert!(page.contains("pre{white-space:pre-wrap") && page.contains("<th scope=\"row\">credential</th>"), "{page}");
}

#[test]
fn the_json_report_has_the_shape_of_the_contract() {
    let report = saying("x");
    insta::assert_snapshot!("json_report", written(&report, Format::Json, &Style::default()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_texts_stay_text(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn wild_texts_stay_text(
        text in "[\u{0}-\u{1f}\u{7f}-\u{9f}\u{200b}-\u{202f}\u{2060}-\u{206f}\u{e0000}-\u{e007f}<>\
            &\"'`|\\[\\]#*a-c \u{4e00}]{0,80}"
    ) {
        check(&text);
    }
}
