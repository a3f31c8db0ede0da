//! What a person meets on the way: a request that hangs, the rows of the help, and screens of any size.

use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::case::exchange::Purpose;
use crate::case::step::StepId;
use crate::case::under_way::{ShownUrl, UnderWay};
use crate::case::value_parsers::ResourceError;
use crate::knowledge::phrase;
use crate::session::Event;

use super::desk::Refused;
use super::look::Looks;
use super::model::Model;
use super::model::form::{At, Field, Form, Kind, Plan};
use super::model::place::{Asking, Over};
use super::model::target::Run;
use super::svg;
use super::tests::{key, opened, report};
use super::update::{Effect, Message, update};

fn checking() -> Model {
    let looks = Looks::new(true, false);
    Model::checking("https://app2/".to_owned(), looks, (80, 24), DateTime::UNIX_EPOCH)
}

fn at(model: &mut Model, milliseconds: i64) -> String {
    let now = DateTime::UNIX_EPOCH + TimeDelta::try_milliseconds(milliseconds).unwrap();
    update(model, Message::Tick(now));
    svg::text(model)
}

#[test]
fn a_request_that_hangs_is_listed_at_once_with_its_time_and_limit_and_can_be_stopped() {
    let mut model = checking();
    let url = "http://127.0.0.1:9/msi/token?resource=api%3A%2F%2Fx";
    let request = UnderWay {
        id: 4,
        method: "GET".to_owned(),
        url: ShownUrl::of(&Purpose::Token, url),
        purpose: Purpose::Token,
        at: Duration::from_millis(100),
        limit: Duration::from_secs(10),
    };
    update(&mut model, Message::Session(Event::Started(Box::new(request))));
    let shown = at(&mut model, 200);
    for part in ["token for App 2", "/msi/token", "of 10 s"] {
        assert!(shown.contains(part), "{part} is not in\n{shown}");
    }
    let shown = at(&mut model, 3_200);
    let waited = phrase("screen.waited").with("time", "3 s").with("limit", "10 s").text();
    assert!(shown.contains(&waited), "{waited} is not in\n{shown}");
    assert!(shown.contains("4 "), "{shown}");
    // The first Esc asks, the second stops.
    assert!(key(&mut model, KeyCode::Esc).0.is_empty());
    assert_eq!(key(&mut model, KeyCode::Esc).0, [Effect::Stop]);
    assert!(svg::text(&model).contains(&phrase("screen.stopping").text()));
    update(&mut model, Message::Session(Event::Ended { id: 4 }));
    assert!(!at(&mut model, 3_300).contains("of 10 s"));
}

#[test]
fn the_last_cells_of_the_footer_are_help_and_quit_at_every_width() {
    let end = format!("? {}  q {}", phrase("word.help").text(), phrase("word.quit").text());
    for (rows, keys, ascii) in [(24, "", false), (24, "", true), (8, "", true), (24, "x", true), (40, "y", true)] {
        let mut opened = opened((80, rows));
        opened.looks = Looks::new(false, ascii);
        for character in keys.chars() {
            key(&mut opened, KeyCode::Char(character));
        }
        for columns in 30..=200 {
            {
                let mut model = opened.clone();
                update(&mut model, Message::Resized(columns, rows));
                let shown = svg::text(&model);
                let last = shown.lines().last().unwrap_or_default();
                assert!(last.trim_end().ends_with(&end), "{columns} x {rows} {keys}: {last}");
                assert!(!ascii || shown.is_ascii(), "{shown}");
            }
        }
    }
}

#[test]
fn a_prompt_is_seen_on_the_smallest_screen() {
    let mut model = opened((20, 5));
    key(&mut model, KeyCode::Char('A'));
    assert!(matches!(model.place.over, Some(Over::Prompt(_))));
    for character in "xyz".chars() {
        key(&mut model, KeyCode::Char(character));
    }
    let shown = svg::text(&model);
    assert!(shown.contains(&phrase("prompt.what-if").text()), "{shown}");
    assert!(shown.contains("xyz"), "{shown}");
    // Why it can't be used pushes what was typed nowhere.
    key(&mut model, KeyCode::Enter);
    let shown = svg::text(&model);
    assert!(shown.contains("xyz"), "{shown}");
    assert!(model.target.supposed.is_none());
}

const TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJhIn0.c2ln";

pub(super) fn field(name: &'static str, kind: Kind, step: StepId, value: &str) -> Field {
    Field {
        name,
        label: if name == "target" { "field.target" } else { "field.header" },
        group: "form.call",
        rare: name != "target" && name != "credential",
        kind,
        step,
        help: String::new(),
        empty: None,
        found: None,
        source: None,
        check: |text| if text.contains(' ') { Err(ResourceError::Space.into()) } else { Ok(()) },
        doubt: |text| text.contains(".scm.").then(|| "the Kudu site".to_owned()),
        input: value.to_owned().into(),
        settled: value.to_owned(),
        error: None,
        takes_text: name == "auth-settings",
        pasted: None,
    }
}

fn form() -> Form {
    let kinds = ["auto", "token"].map(str::to_owned).to_vec();
    let fields = vec![
        field("target", Kind::Text, StepId::Protection, ""),
        field("credential", Kind::Choice(kinds), StepId::Identity, "auto"),
        field("header", Kind::Hidden, StepId::Call, ""),
    ];
    Form::new(fields, Vec::new(), true)
}

pub(super) fn asking() -> Model {
    let mut model = Model::asking(form(), Looks::new(true, false), (80, 24));
    update(&mut model, Message::Tick(DateTime::UNIX_EPOCH));
    model
}

/// Presses these keys. What a check would send is asked for after each; here only where a field is left.
pub(super) fn type_in(model: &mut Model, text: &str) -> Vec<Effect> {
    let keys = text.chars().map(|character| match character {
        '\r' => KeyCode::Enter,
        '\t' => KeyCode::Tab,
        '\x1b' => KeyCode::Esc,
        '>' => KeyCode::Right,
        other => KeyCode::Char(other),
    });
    let effects = |code| {
        let mut effects = key(model, code).0;
        effects.retain(|effect| code == KeyCode::Tab || !matches!(effect, Effect::Plan(_)));
        effects
    };
    keys.flat_map(effects).collect()
}

fn value(effects: &[Effect], name: &str) -> Option<String> {
    effects.iter().find_map(|effect| match effect {
        Effect::CheckForm(draft) => {
            let (_, value) = draft.values.iter().find(|(known, _)| *known == name)?;
            Some(value.expose().clone())
        }
        _ => None,
    })
}

#[test]
fn the_form_asks_checks_and_keeps_what_cannot_be_used() {
    let mut model = asking();
    let effects = type_in(&mut model, "app2 .example\r");
    assert_eq!(value(&effects, "target"), None, "sent on");
    assert!(svg::text(&model).contains("can't contain"), "{}", svg::text(&model));
    update(&mut model, Message::Key(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL)));
    assert!(!svg::text(&model).contains("can't contain"));
    let effects = type_in(&mut model, "app2.example/q\r");
    assert_eq!(value(&effects, "target").as_deref(), Some("app2.example/q"));
    // Only what is behind the form knows that it can't be used: it is said at the field that is named.
    let refused = Refused { field: Some("header"), reason: "a reason".to_owned() };
    update(&mut model, Message::Refused(refused));
    let Some(form) = &model.form else { panic!("a form") };
    assert!(form.more && form.at == At::Field(2) && model.target.run == Run::Never);
    let shown = svg::text(&model);
    assert!(shown.contains("a reason") && shown.contains("app2.example/q"), "{shown}");
    let checking = Message::Checking { title: "https://app2.example/q".to_owned() };
    update(&mut model, checking);
    assert!(model.place.over.is_none() && model.target.is_running());
    // Given up before the first check, there is nothing to stay for; later there is.
    assert_eq!(type_in(&mut asking(), "\x1b"), [Effect::Quit]);
    assert!(!type_in(&mut model, "i\x1b").contains(&Effect::Quit));
    assert!(model.place.over.is_none());
}

#[test]
fn the_form_hides_secrets_says_what_is_sent_and_offers_other_ways() {
    let mut model = asking();
    let effects = type_in(&mut model, "\t>\t ");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Plan(_))));
    let Some(form) = &model.form else { panic!("a form") };
    assert!(form.more && form.at == At::More);
    assert_eq!(form.fields[1].value(), "token");
    key(&mut model, KeyCode::Tab);
    update(&mut model, Message::Paste(TOKEN.to_owned()));
    let shown = svg::text(&model);
    let count = TOKEN.len().to_string();
    assert!(!shown.contains("eyJ") && shown.contains(&count), "{shown}");
    let plan = Plan { summary: vec!["seven requests".to_owned()], whole: "1. GET".to_owned() };
    update(&mut model, Message::Planned(Some(plan)));
    assert!(svg::text(&model).contains("seven requests"));
    assert!(matches!(key(&mut model, KeyCode::F(2)).0[..], [Effect::ShowPlan(_)]));
    for _ in 0..3 {
        key(&mut model, KeyCode::Tab);
    }
    assert_eq!(type_in(&mut model, "\r"), [Effect::Lab]);
    key(&mut model, KeyCode::Tab);
    type_in(&mut model, "\rx.json");
    assert_eq!(type_in(&mut model, "\r"), [Effect::Open("x.json".to_owned())]);
    update(&mut model, Message::Opened(Err("no case".into())));
    let Some(Over::Prompt(prompt)) = &model.place.over else { panic!("a prompt") };
    assert!(prompt.asking == Asking::Case && prompt.error.is_some());
    // Back in the form, and then a case that can be opened.
    type_in(&mut model, "\x1b");
    assert!(matches!(model.place.over, Some(Over::Form)));
    update(&mut model, Message::Opened(Ok(("t".to_owned(), report()))));
    assert!(model.place.over.is_none() && model.target.run == Run::Saved && model.form.is_none());
}

#[test]
fn a_change_makes_steps_stale_and_the_next_check_checks_everything() {
    let mut model = asking();
    type_in(&mut model, "app2.example/q\r");
    let checking = || Message::Checking { title: "https://app2.example/q".to_owned() };
    update(&mut model, checking());
    update(&mut model, Message::Session(Event::Finished(report())));
    let stale = phrase("screen.stale").text();
    assert!(!svg::text(&model).contains(&stale));
    type_in(&mut model, "i\t\t \t");
    update(&mut model, Message::Paste("x-key:a".to_owned()));
    type_in(&mut model, "\x1b");
    let shown = svg::text(&model);
    let mut rows = shown.lines();
    assert!(rows.next().is_some_and(|title| title.contains(&stale)), "{shown}");
    let of_steps: Vec<&str> = rows.filter(|row| row.trim_end_matches('│').contains(&format!(" {stale}│"))).collect();
    assert!(matches!(of_steps[..], [step] if step.starts_with(" 8 ")), "the call alone:\n{shown}");
    key(&mut model, KeyCode::Char('i'));
    let event = KeyEvent::new(KeyCode::Char('r'), KeyModifiers::CONTROL);
    let (effects, _) = update(&mut model, Message::Key(event));
    assert!(matches!(effects[..], [Effect::CheckForm(_)]), "{effects:?}");
    // The answer before stays as long as it is the same target's.
    update(&mut model, checking());
    assert!(matches!(model.target.run, Run::Running { from: StepId::Identity, .. }), "{:?}", model.target.run);
    assert!(model.target.before.is_some());
    update(&mut model, Message::Session(Event::Finished(report())));
    let other = Message::Checking { title: "https://other.example/".to_owned() };
    update(&mut model, other);
    assert!(model.target.before.is_none() && model.target.history.is_empty());
}

#[test]
fn the_form_fits_every_screen() {
    for ascii in [false, true] {
        for (columns, rows) in [(1, 1), (12, 3), (20, 5), (30, 10), (60, 20), (80, 24), (120, 40)] {
            let mut model = Model::asking(form(), Looks::new(false, ascii), (columns, rows));
            update(&mut model, Message::Resized(columns, rows));
            type_in(&mut model, "xyz");
            let shown = svg::text(&model);
            assert!(columns < 12 || shown.contains("xyz"), "{columns} x {rows}:\n{shown}");
            // How it is left, and what else can be done, stays in sight.
            let last = shown.lines().last().unwrap_or_default().trim_end();
            assert!(columns < 20 || last.ends_with("quit"), "{columns} x {rows}:\n{shown}");
            for way in ["form.set-up-short", "form.lab-short", "form.open-short"].map(|way| phrase(way).text()) {
                assert!(columns < 60 || shown.to_lowercase().contains(&way.to_lowercase()), "{way}:\n{shown}");
            }
            assert!(!ascii || shown.is_ascii(), "{shown}");
            for _ in 0..6 {
                key(&mut model, KeyCode::Tab);
                let shown = svg::text(&model);
                assert!(rows < 3 || !shown.trim().is_empty());
            }
        }
    }
}

#[test]
fn a_check_is_repeated_until_the_call_succeeds_and_only_changes_are_told() {
    let second = |seconds: i64| DateTime::UNIX_EPOCH + TimeDelta::try_seconds(seconds).unwrap();
    let mut model = checking();
    update(&mut model, Message::Session(Event::Finished(report())));
    assert!(type_in(&mut model, "w").is_empty());
    let next = |seconds: &str| phrase("watch.next").with("time", format!("{seconds} s")).text();
    assert!(svg::text(&model).contains(&next("5")), "{}", svg::text(&model));
    assert!(update(&mut model, Message::Tick(second(1))).0.is_empty());
    assert!(svg::text(&model).contains(&next("4")));
    // A part of a second is one that is still waited for.
    for (ms, left) in [(1_001, "4"), (4_001, "1"), (4_999, "1"), (1_000, "4")] {
        model.now = DateTime::UNIX_EPOCH + TimeDelta::try_milliseconds(ms).unwrap();
        assert!(svg::text(&model).contains(&next(left)), "{ms}: {}", svg::text(&model));
    }
    update(&mut model, Message::Resized(30, 10));
    let short = phrase("watch.next").with("time", "4 s").when("short", true).text();
    assert!(svg::text(&model).lines().next().unwrap().ends_with(&short), "{}", svg::text(&model));
    update(&mut model, Message::Resized(80, 24));
    let again = [Effect::Check { from: None }];
    assert_eq!(update(&mut model, Message::Tick(second(5))).0, again);
    // It found the same: nothing is reported, and the pause is longer.
    let said = model.log.entries.len();
    update(&mut model, Message::Session(Event::Finished(report())));
    assert_eq!((model.log.entries.len(), model.target.history.len()), (said, 1));
    assert!(model.target.before.is_none(), "nothing to compare");
    assert!(svg::text(&model).contains(&next("7")));
    // Not to wait; what is open stays open.
    type_in(&mut model, "L");
    assert_eq!(key(&mut model, KeyCode::Enter).0, again);
    let works = include_str!("../../tests/it/saved/healthy.json");
    let works = std::sync::Arc::new(crate::report::Report::of(serde_json::from_str(works).unwrap()));
    update(&mut model, Message::Session(Event::Finished(works)));
    assert!(svg::text(&model).contains(&phrase("watch.passed").text()), "{}", svg::text(&model));
    assert!(model.log.entries.len() > said + 1 && model.target.history.len() == 2);
    assert_eq!(model.exit_code(), 0);
    // It is over, and what changed can be seen.
    assert!(update(&mut model, Message::Tick(second(500))).0.is_empty());
    type_in(&mut model, "d");
    let shown = svg::text(&model);
    assert!(shown.contains(&phrase("compare.verdict").text()) && shown.contains("pass"), "{shown}");
    assert!(!model.moves());
}

#[test]
fn a_watch_ends_with_its_key_and_with_a_stop() {
    let mut model = checking();
    update(&mut model, Message::Session(Event::Finished(report())));
    type_in(&mut model, "ww");
    let later = DateTime::UNIX_EPOCH + TimeDelta::try_seconds(600).unwrap();
    assert!(update(&mut model, Message::Tick(later)).0.is_empty());
    type_in(&mut model, "w");
    let later = later + TimeDelta::try_seconds(9).unwrap();
    assert_eq!(update(&mut model, Message::Tick(later)).0.len(), 1);
    assert_eq!(type_in(&mut model, "\x1b\x1b"), [Effect::Stop]);
    update(&mut model, Message::Session(Event::Finished(report())));
    assert!(model.target.run == Run::Stopped && !model.moves());
}
