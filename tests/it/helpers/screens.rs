//! Models of screens, made of saved cases.

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
use easyauth_doctor::tui::bench::{Breakable, Expected, State};
use easyauth_doctor::tui::look::Looks;
use easyauth_doctor::tui::model::Model;
use easyauth_doctor::tui::model::form::{Field, Form, Kind};
use easyauth_doctor::tui::update::{Message, update};

pub const FAILS: &str = "caller-not-in-allowed-applications-slot";
pub const WORKS: &str = "healthy";
pub const IS_OPEN: &str = "caller-not-in-allowed-applications-without-settings";

pub fn saved(name: &str) -> Arc<Report> {
    static KNOWN: LazyLock<Mutex<HashMap<String, Arc<Report>>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap();
    let report = known.entry(name.to_owned()).or_insert_with(|| {
        let path = format!("{}/tests/it/saved/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let case: Case = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        Arc::new(Report::of(case))
    });
    Arc::clone(report)
}

pub fn opened(name: &str, looks: Looks, size: (u16, u16)) -> Model {
    showing(saved(name), looks, size)
}

/// A saved case on the screen.
pub fn showing(report: Arc<Report>, looks: Looks, size: (u16, u16)) -> Model {
    let title = report.inputs().target.clone().unwrap();
    let mut model = Model::saved(title, looks, size, report);
    tick(&mut model, DateTime::UNIX_EPOCH);
    model
}

pub fn tick(model: &mut Model, now: DateTime<Utc>) {
    update(model, Message::Tick(now));
}

pub fn press(model: &mut Model, keys: &str) {
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
pub fn bench() -> State {
    let fault = |name: &str, group: &str, code: &str, broken| Breakable {
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
            ("healthy".to_owned(), "Everything works".to_owned()),
            (FAILS.to_owned(), "App 2 allows only itself".to_owned()),
        ]),
        again: String::new(),
        changed: false,
    }
}

/// A check that waits for three answers, and knows of two steps.
pub fn running(looks: Looks, size: (u16, u16)) -> Model {
    let start = DateTime::UNIX_EPOCH;
    let report = saved(FAILS);
    let mut case = report.observed().keep_before(StepId::Claims);
    case.settled = vec![StepId::Identity, StepId::Scope];
    let title = report.inputs().target.clone().unwrap();
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
    tick(&mut model, start + TimeDelta::try_milliseconds(4_400).unwrap());
    model
}

/// A form with some of the options.
pub fn form() -> Form {
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
            doubt: |_| None,
            input: value.to_owned().into(),
            settled: value.to_owned(),
            error: None,
            takes_text: field.takes_text,
            pasted: None,
        }
    });
    let machine = vec!["App Service (Linux), app1".to_owned()];
    let mut form = Form::new(fields.to_vec(), machine, true);
    form.more = true;
    form
}
