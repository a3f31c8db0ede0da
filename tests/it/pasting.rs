//! Pasted texts: into the form, where they are held in memory, and anywhere else, where the screen offers to use them.

use std::sync::Arc;

use chrono::DateTime;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use easyauth_doctor::case::Case;
use easyauth_doctor::case::step::StepId;
use easyauth_doctor::cli::fields::{FIELDS, Given};
use easyauth_doctor::knowledge::phrase;
use easyauth_doctor::line::open;
use easyauth_doctor::report::Report;
use easyauth_doctor::session::Event;
use easyauth_doctor::tui::look::Looks;
use easyauth_doctor::tui::model::Model;
use easyauth_doctor::tui::model::form::{Field, Form, Kind};
use easyauth_doctor::tui::model::place::Over;
use easyauth_doctor::tui::model::target::Run;
use easyauth_doctor::tui::svg;
use easyauth_doctor::tui::update::{Effect, Message, update};

use crate::helpers::lab_client::{start, token};
use crate::helpers::observing::runtime;
use crate::helpers::terminal::Screen;

const CODE: &str = "caller-not-in-allowed-applications";
const TOKEN: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6Im90aGVyIn0.eyJhdWQiOiJhcGk6Ly9vdGhlciJ9.U0lHTkFUVVJF";
const SETTINGS: &str = r#"{"properties": {"platform": {"enabled": true}}}"#;
const CASE: &str = include_str!("saved/healthy.json");
const LOG: &str = "2026-11-25 [Error] IDX10214: Audience validation failed.\n2026-11-25 [Information] done";

/// A token and App 2's settings, from a lab that is gone.
fn evidence() -> (String, String) {
    runtime().block_on(async {
        let lab = start(CODE).await;
        let token = token(&lab, &lab.resource().unwrap()).await;
        (token, lab.settings().to_string())
    })
}

/// As most terminals send it: with carriage returns.
fn paste(screen: &mut Screen, text: &str) {
    screen.keys(&format!("\x1b[200~{}\x1b[201~", text.replace('\n', "\r")));
}

#[test]
fn a_pasted_token_and_pasted_settings_give_a_verdict_without_network() {
    let (token, settings) = evidence();
    let mut screen = Screen::open(&[], &[]);
    screen.wait_for(&phrase("field.target").text());
    paste(&mut screen, &token);
    screen.wait_for("▌Token file          pasted, ");
    // Settings belong elsewhere than where the cursor is now.
    paste(&mut screen, &settings);
    screen.wait_for("▌Settings file       pasted, ");
    paste(&mut screen, LOG);
    screen.wait_for("▌Log file            pasted, ");
    screen.settled();
    screen.keys("\x12");
    screen.wait_for("✗ FAIL");
    screen.wait_for(&format!("✗ {CODE}"));
    // What was pasted is there for the next check, and can be thrown away.
    screen.keys("i");
    let shown = screen.wait_for("▌Log file");
    assert_eq!(shown.matches("pasted, ").count(), 3, "{shown}");
    screen.keys("\x1b");
    screen.settled();
    screen.keys("q");
    let bytes = screen.bytes();
    let (status, left) = screen.ended_with();
    assert_eq!(status.exit_code(), 1);
    assert!(left.contains(CODE) && !left.contains("--token-file"), "{left}");
    let signature = token.rsplit('.').next().unwrap().as_bytes();
    assert!(!bytes.windows(signature.len()).any(|part| part == signature), "no part of the signature was written");
}

/// A form of all options.
fn form() -> Form {
    let field = |field: &'static easyauth_doctor::cli::fields::OptionField| Field {
        name: field.name,
        label: "field.target",
        group: "form.call",
        rare: false,
        kind: if field.given == Given::Hidden { Kind::Hidden } else { Kind::Text },
        step: field.step,
        help: String::new(),
        empty: None,
        found: None,
        source: None,
        check: field.check,
        doubt: |_| None,
        input: String::new().into(),
        settled: String::new(),
        error: None,
        takes_text: field.takes_text,
        pasted: None,
    };
    Form::new(FIELDS.iter().map(field).collect(), Vec::new(), false)
}

fn report() -> Arc<Report> {
    let path = format!("{}/tests/it/saved/healthy.json", env!("CARGO_MANIFEST_DIR"));
    let case: Case = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    Arc::new(Report::of(case))
}

/// A screen on which a check has ended.
fn checked() -> Model {
    let looks = Looks::new(true, false);
    let mut model = Model::checking("https://app2.example/".to_owned(), looks, (80, 24), DateTime::UNIX_EPOCH);
    let mut form = form();
    form.check();
    model.form = Some(form);
    update(&mut model, Message::Session(Event::Finished(report())));
    model
}

fn press(model: &mut Model, code: KeyCode) -> Vec<Effect> {
    update(model, Message::Key(KeyEvent::new(code, KeyModifiers::NONE))).0
}

fn pasted(model: &Model) -> Vec<(&'static str, usize)> {
    let draft = model.form.as_ref().unwrap().draft();
    draft.pasted.iter().map(|(name, text)| (*name, text.expose().len())).collect()
}

#[test]
fn a_text_that_is_pasted_anywhere_is_offered_and_used_only_when_asked() {
    for (text, code, option) in [
        (SETTINGS, KeyCode::Enter, "auth-settings"),
        (SETTINGS, KeyCode::Char('u'), "auth-settings"),
        (TOKEN, KeyCode::Char('u'), "token-file"),
        (LOG, KeyCode::Char('u'), "target-log"),
        ("WEBSITE_SITE_NAME=app2\nWEBSITE_SKU=Basic", KeyCode::Enter, "target-environ"),
        ("IDENTITY_ENDPOINT=http://127.0.0.1:1/x\nWEBSITE_SITE_NAME=app1", KeyCode::Enter, "environ"),
    ] {
        let mut model = checked();
        update(&mut model, Message::Paste(text.to_owned()));
        assert!(matches!(model.place.over, Some(Over::Offer(_))), "{option}");
        assert_eq!(pasted(&model), []);
        let mut other = model.clone();
        press(&mut other, KeyCode::Char('x'));
        assert!(other.place.over.is_none() && pasted(&other).is_empty(), "{option}");
        let effects = press(&mut model, code);
        assert!(matches!(effects[..], [Effect::Plan(_)]), "{option}: {effects:?}");
        assert!(matches!(model.place.over, Some(Over::Form)), "{option}");
        assert_eq!(pasted(&model), [(option, text.len())]);
    }
    for (text, option) in [
        ("https://other.example/api", "target"),
        ("/subscriptions/3/resourceGroups/g/providers/Microsoft.Web/sites/app2", "target-resource-id"),
    ] {
        let mut model = checked();
        update(&mut model, Message::Paste(text.to_owned()));
        press(&mut model, KeyCode::Char('u'));
        let form = model.form.as_ref().unwrap();
        assert_eq!(form.field().map(|field| (field.name, field.value())), Some((option, text)));
    }
    // A saved case is opened only when asked, by whoever reads files.
    let mut model = checked();
    update(&mut model, Message::Paste(CASE.to_owned()));
    assert!(matches!(model.place.over, Some(Over::Offer(_))));
    assert!(svg::text(&model).contains(&phrase("paste.keys-case").text()));
    assert_eq!(press(&mut model, KeyCode::Enter), [Effect::OpenText(CASE.trim().into())]);
    assert_eq!(open::pasted(CASE).unwrap().case(), report().case());
    update(&mut model, Message::Opened(Ok(("https://app2.example/".to_owned(), report()))));
    assert_eq!(model.target.run, Run::Saved);
    assert!(open::pasted("{\"case_version\": 1").unwrap_err().to_string().contains(&phrase("open.pasted").text()));
    // Rows that say nothing are named, and nothing is offered.
    let mut model = checked();
    update(&mut model, Message::Paste(r#"[{"TimeGenerated": "2026-11-27T02:31:41Z", "Message": "up"}]"#.to_owned()));
    assert!(model.place.over.is_none());
    assert!(
        model
            .log
            .toast
            .is_some_and(|said| said == phrase("paste.rows").with("count", 1_u64).when("several", false).text())
    );
    // A saved case can't be checked again, so nothing is offered that would.
    let mut model = Model::saved("app2".to_owned(), Looks::new(true, false), (80, 24), report());
    update(&mut model, Message::Paste(LOG.to_owned()));
    assert!(matches!(&model.place.over, Some(Over::Offer(offer)) if offer.uses.is_none()));
    press(&mut model, KeyCode::Esc);
    update(&mut model, Message::Paste("WEBSITE_SITE_NAME=app2\nWEBSITE_SKU=Basic".to_owned()));
    assert!(model.place.over.is_none() && model.log.toast.is_some());
    // Settings can only be compared with its token.
    update(&mut model, Message::Paste(SETTINGS.to_owned()));
    assert!(matches!(&model.place.over, Some(Over::Offer(offer)) if offer.uses.is_none()));
    assert_eq!(press(&mut model, KeyCode::Enter), []);
    assert!(model.target.changes().is_empty());
}

#[test]
fn in_the_form_a_pasted_text_is_held_replaced_and_thrown_away() {
    let mut model = checked();
    press(&mut model, KeyCode::Char('i'));
    update(&mut model, Message::Paste(SETTINGS.to_owned()));
    assert_eq!(pasted(&model), [("auth-settings", SETTINGS.len())]);
    assert_eq!(model.form.as_ref().unwrap().stale(), Some(StepId::Protection));
    assert!(svg::text(&model).contains(&phrase("form.pasted").with("size", "47 bytes").text()));
    let form = model.form.as_mut().unwrap();
    let credential = form.fields.iter_mut().find(|field| field.name == "credential").unwrap();
    credential.input = "auto".to_owned().into();
    credential.source = Some(("auto".to_owned(), "managed-identity".to_owned()));
    let rows = svg::text(&model);
    let row = |rows: &str| rows.lines().find(|row| row.contains("auto")).map(|row| row.trim().to_owned()).unwrap();
    assert!(row(&rows).ends_with("managed-identity"), "{rows}");
    update(&mut model, Message::Paste(TOKEN.to_owned()));
    assert_eq!(pasted(&model).len(), 2);
    // A token that is given is the credential that is used.
    let rows = svg::text(&model);
    assert!(row(&rows).ends_with(" token"), "{rows}");
    assert!(!svg::text(&model).contains("eyJ"));
    // What isn't a whole text is a path, at the cursor.
    empty(&mut model);
    update(&mut model, Message::Paste("token.txt".to_owned()));
    assert_eq!(model.form.as_ref().unwrap().field().unwrap().value(), "token.txt");
    assert_eq!(pasted(&model), [("auth-settings", SETTINGS.len())]);
    // No single key throws away what can't be typed again, and says so.
    update(&mut model, Message::Paste(LOG.to_owned()));
    assert_eq!(model.form.as_ref().unwrap().field().unwrap().name, "target-log");
    for code in [KeyCode::Char('x'), KeyCode::Backspace, KeyCode::Delete] {
        press(&mut model, code);
        assert_eq!(pasted(&model).len(), 2);
        assert_eq!(model.log.toast, Some(phrase("why.pasted").text()));
    }
    empty(&mut model);
    press(&mut model, KeyCode::Char('x'));
    assert_eq!(model.form.as_ref().unwrap().field().unwrap().value(), "x");
    assert_eq!(pasted(&model), [("auth-settings", SETTINGS.len())]);
}

fn empty(model: &mut Model) {
    update(model, Message::Key(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL)));
}
