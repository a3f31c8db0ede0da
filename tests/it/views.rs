//! What the screen shows, drawn into memory: snapshots of saved cases, and what holds at every size.
//!
//! `INSTA_UPDATE=always cargo test --locked --test it views::` takes the present screens over.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use easyauth_doctor::case::Case;
use easyauth_doctor::case::exchange::Purpose;
use easyauth_doctor::case::step::StepId;
use easyauth_doctor::case::under_way::{ShownUrl, UnderWay};
use easyauth_doctor::cli::fields::{self, FIELDS, Given};
use easyauth_doctor::report::Report;
use easyauth_doctor::session::Event;
use easyauth_doctor::tui::bench::{Expected, Fault, Ran, State};
use easyauth_doctor::tui::look::Looks;
use easyauth_doctor::tui::model::Model;
use easyauth_doctor::tui::model::form::{Field, Form, Kind};
use easyauth_doctor::tui::svg;
use easyauth_doctor::tui::update::{Message, update};
use ratatui::style::{Color, Modifier};

const FAILS: &str = "caller-not-in-allowed-applications-slot";
const WORKS: &str = "healthy";
const IS_OPEN: &str = "caller-not-in-allowed-applications-without-settings";

const NO_TOKEN: &str = "identity-not-enabled";
const OPAQUE: &str = "resource-not-registered-opaque-without-settings";
const AUDIENCE: &str = "audience-not-allowed";

/// A token for `api://other` of another caller.
const PASTED: &str =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6Im90aGVyIn0.eyJhdWQiOiJhcGk6Ly9vdGhlciIsImFwcGlkIjoieCJ9.U0lHTkFUVVJF";

const SIZES: [(u16, u16); 5] = [(30, 10), (60, 20), (80, 24), (120, 40), (200, 50)];

fn saved(name: &str) -> Arc<Report> {
    static KNOWN: LazyLock<Mutex<HashMap<String, Arc<Report>>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap();
    let report = known.entry(name.to_owned()).or_insert_with(|| {
        let path = format!("{}/tests/it/saved/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let case: Case = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        Arc::new(Report::of(case))
    });
    Arc::clone(report)
}

fn opened(name: &str, looks: Looks, size: (u16, u16)) -> Model {
    let report = saved(name);
    let title = report.inputs().target.unwrap();
    let mut model = Model::saved(title, looks, size, report);
    tick(&mut model, DateTime::UNIX_EPOCH);
    model
}

fn tick(model: &mut Model, now: DateTime<Utc>) {
    update(model, Message::Tick(now));
}

fn press(model: &mut Model, keys: &str) {
    for key in keys.chars() {
        if key == '\x15' {
            let event = KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL);
            update(model, Message::Key(event));
            continue;
        }
        let code = match key {
            '\r' => KeyCode::Enter,
            '\x1b' => KeyCode::Esc,
            '\t' => KeyCode::Tab,
            other => KeyCode::Char(other),
        };
        update(model, Message::Key(KeyEvent::new(code, KeyModifiers::NONE)));
    }
}

/// A lab with one fault, as its screen knows it.
fn bench() -> State {
    let fault = |name: &str, group: &str, code: &str, broken| Fault {
        name: name.to_owned(),
        title: format!("what {name} is"),
        group: group.to_owned(),
        code: code.to_owned(),
        broken,
    };
    State {
        scenario: FAILS.to_owned(),
        description: "App 2 allows only itself.".to_owned(),
        faults: vec![
            fault("no-identity", "app1", "identity-not-enabled", false),
            fault("own-application-only", "settings", "caller-not-in-allowed-applications", true),
            fault("stopped", "app2", "target-stopped", false),
        ],
        expected: Some(Expected {
            verdict: "fail".to_owned(),
            code: Some("caller-not-in-allowed-applications".to_owned()),
            confidence: Some("certain".to_owned()),
        }),
        scenarios: Arc::new(vec![
            ("healthy".to_owned(), "Everything is in order".to_owned()),
            (FAILS.to_owned(), "App 2 allows only itself".to_owned()),
        ]),
        again: String::new(),
    }
}

/// A check that waits for three answers, and knows of two steps.
fn running(looks: Looks, size: (u16, u16)) -> Model {
    let start = DateTime::UNIX_EPOCH;
    let report = saved(FAILS);
    let mut case = report.observed().keep_before(StepId::Claims);
    case.settled = vec![StepId::Identity, StepId::Scope];
    let title = report.inputs().target.unwrap();
    let mut model = Model::checking(title, looks, size, start);
    let report = Arc::new(Report::of(case));
    let requests = [
        (20, Purpose::CallAnonymous, "https://app2.azurewebsites.net/api/hello"),
        (21, Purpose::Token, "http://169.254.129.2:8081/msi/token?resource=api://051a28f0-d177-475b-8cab-a7e2a70c0bc6"),
        (22, Purpose::CallInvalidToken, "https://app2.azurewebsites.net/api/hello"),
    ];
    for (id, purpose, url) in requests {
        let request = UnderWay {
            id,
            method: "GET".to_owned(),
            url: ShownUrl::of(&purpose, url),
            purpose,
            at: Duration::from_millis(200),
            limit: Duration::from_secs(10),
        };
        update(&mut model, Message::Session(Event::Started(Box::new(request))));
    }
    let busy = vec![StepId::Protection, StepId::Token];
    update(&mut model, Message::Session(Event::Progress { report, busy }));
    tick(&mut model, start + TimeDelta::milliseconds(4_400));
    model
}

/// Compares a screen with its snapshot.
fn compare(name: &str, model: &Model) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots/screens");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name.to_owned(), svg::text(model)));
}

#[test]
fn a_check_under_way_and_its_answer_at_every_size() {
    for size in SIZES {
        for (ascii, mark) in [(false, ""), (true, "-ascii")] {
            let looks = Looks::new(true, ascii);
            let at = format!("{}x{}{mark}", size.0, size.1);
            compare(&format!("running-{at}"), &running(looks, size));
            compare(&format!("fails-{at}"), &opened(FAILS, looks, size));
        }
    }
}

#[test]
fn the_other_answers_and_views() {
    let looks = Looks::new(true, false);
    for size in [(80, 24), (120, 40)] {
        let at = format!("{}x{}", size.0, size.1);
        compare(&format!("works-{at}"), &opened(WORKS, looks, size));
        compare(&format!("open-{at}"), &opened(IS_OPEN, looks, size));
        for (name, case, keys) in [
            ("works-token", WORKS, "t"),
            ("works-policy", WORKS, "p"),
            ("open-policy", IS_OPEN, "p"),
            ("no-token", NO_TOKEN, "t"),
            ("opaque-token", OPAQUE, "t"),
            ("no-token-policy", NO_TOKEN, "p"),
            ("audience-policy", AUDIENCE, "p"),
        ] {
            let mut model = opened(case, looks, size);
            press(&mut model, keys);
            compare(&format!("{name}-{at}"), &model);
        }
        for (name, keys) in [
            ("what-if", "a"),
            ("step", "7"),
            ("requests", "x"),
            ("request", "xG\r"),
            ("token", "t"),
            ("token-header", "th"),
            ("token-json", "tv"),
            ("policy", "p"),
            ("policy-assumed", "p "),
            ("requests-filtered", "x/host:127 40\r"),
            ("requests-of-step", "5xfo"),
            ("inputs", "i"),
            ("setup", "o"),
            ("log", "auL"),
            ("explanation", "gc\r"),
            ("portal", "l"),
            ("help", "?"),
            ("save", "s"),
            ("refused-what-if", "A\x15nothing=1\r"),
        ] {
            let mut model = opened(FAILS, looks, size);
            press(&mut model, keys);
            compare(&format!("{name}-{at}"), &model);
        }
        for (name, keys) in [("lab", "b"), ("lab-run", "bGgj$"), ("scenarios", "b/\x1b")] {
            let mut model = opened(FAILS, looks, size);
            model.bench = Some(bench());
            model.console.push(Ran {
                line: "az webapp start --name app2".to_owned(),
                output: Err("(ResourceNotFound) The Resource was not found.".to_owned()),
            });
            press(&mut model, keys);
            compare(&format!("{name}-{at}"), &model);
        }
        for (name, text) in [("pasted-token", PASTED), ("pasted-id", "3d9b5e3d-21d4-4291-b0a7-ea694406d17d")] {
            let mut model = opened(FAILS, looks, size);
            update(&mut model, Message::Paste(text.to_owned()));
            compare(&format!("{name}-offer-{at}"), &model);
            press(&mut model, "\r");
            compare(&format!("{name}-{at}"), &model);
        }
        let mut model = Model::asking(form(), looks, size);
        tick(&mut model, DateTime::UNIX_EPOCH);
        compare(&format!("start-{at}"), &model);
    }
}

/// A form with some of the options.
fn form() -> Form {
    let labels = [
        ("target", "field.target", "form.call", ""),
        ("resource", "field.resource", "form.call", "api://app2"),
        ("credential", "field.credential", "form.caller", "auto"),
        ("header", "field.header", "form.rare", "x-functions-key: sesame"),
    ];
    let fields = labels.map(|(name, label, group, value)| {
        let field = FIELDS.iter().find(|field| field.name == name).unwrap();
        Field {
            name,
            label,
            group,
            rare: group == "form.rare",
            kind: match field.given {
                Given::Text => Kind::Text,
                Given::Hidden => Kind::Hidden,
                Given::Choice(choices) => Kind::Choice(choices.iter().map(ToString::to_string).collect()),
            },
            step: field.step,
            help: fields::help(name),
            empty: None,
            found: None,
            source: Some((value.to_owned(), "A_VARIABLE".to_owned())),
            check: field.check,
            input: value.to_owned().into(),
            error: None,
        }
    });
    let machine = vec!["App Service (Linux), app1".to_owned()];
    let mut form = Form::new(fields.to_vec(), machine, true);
    form.more = true;
    form
}

/// Every view of a case and of a check under way, at this size.
fn every_view(looks: Looks, size: (u16, u16)) -> Vec<(String, Model)> {
    let mut all = vec![("running".to_owned(), running(looks, size))];
    for name in [FAILS, WORKS, IS_OPEN] {
        for keys in [
            "", "x\r", "x", "xfo", "t", "th", "tv", "tj", "p", "pG", "p ", "i", "o", "L", "1", "4", "5", "7", "\t",
            "G", "ga", "/the\r", "W", "Z", "\r",
        ] {
            let mut model = opened(name, looks, size);
            press(&mut model, keys);
            all.push((format!("{name} {keys:?}"), model));
        }
    }
    all
}

#[test]
fn the_footer_ends_with_help_and_quit_at_every_width() {
    for columns in [30, 31, 45, 58, 65, 66, 80, 99, 100, 200] {
        for ascii in [false, true] {
            for (name, model) in every_view(Looks::new(false, ascii), (columns, 24)) {
                let text = svg::text(&model);
                let last = text.lines().last().unwrap();
                assert!(last.ends_with("? help  q quit"), "{columns} {name}:\n{text}");
                assert_eq!(last.chars().count(), usize::from(columns), "{columns} {name}");
            }
        }
    }
}

#[test]
fn without_color_there_is_none_and_in_ascii_nothing_else() {
    for size in SIZES {
        for (name, model) in every_view(Looks::new(false, true), size) {
            let buffer = svg::buffer(&model).unwrap();
            for cell in buffer.content() {
                assert!(cell.symbol().is_ascii(), "{name} {size:?}: {}", cell.symbol());
                assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset), "{name} {size:?}");
            }
        }
    }
}

#[test]
fn color_is_on_marks_and_states_and_never_on_a_sentence_or_a_command() {
    let model = opened(FAILS, Looks::new(true, false), (120, 40));
    let buffer = svg::buffer(&model).unwrap();
    let text = |y: u16| -> String { (0..120).filter_map(|x| buffer.cell((x, y))).map(|cell| cell.symbol()).collect() };
    let mut colored = 0;
    for y in 0..40 {
        let is_prose = text(y).contains("az rest") || text(y).contains("isn't in App 2's");
        for x in 34..120 {
            let cell = buffer.cell((x, y)).unwrap();
            colored += usize::from(cell.fg != Color::Reset);
            if is_prose {
                assert_eq!(cell.fg, Color::Reset, "{}", text(y));
                let is_dim = cell.modifier.contains(Modifier::DIM);
                assert!(!is_dim || cell.symbol().trim().parse::<u8>().is_ok() || cell.symbol() == " ", "{}", text(y));
            }
        }
    }
    assert!(colored > 0, "some marks are colored");
}

#[test]
fn the_expected_and_the_actual_value_are_whole_and_in_sight_on_80_by_24() {
    let model = opened(FAILS, Looks::new(false, false), (80, 24));
    let text = svg::text(&model);
    let report = saved(FAILS);
    let difference = report.diagnosis().root_cause.as_ref().unwrap().difference.as_ref().unwrap();
    for value in difference.expected.iter().chain([&difference.actual]) {
        let value = value.value.as_deref().unwrap();
        let row = text.lines().find(|row| row.contains(value) && (row.contains("expected") || row.contains("actual")));
        assert!(row.is_some(), "{value} is not whole beside its label in\n{text}");
    }
    assert!(text.contains("az rest"), "a command is in sight:\n{text}");
    // The sentence stands once.
    assert_eq!(text.matches("Only App 2").count(), 1, "{text}");
}
