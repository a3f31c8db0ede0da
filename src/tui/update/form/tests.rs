//! The form: what leaves it, what it shows, and what is pasted into it.

use crossterm::event::KeyCode;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use crate::case::step::StepId;
use crate::knowledge::phrase;
use crate::tui::desk::Refused;
use crate::tui::journeys::{asking, field, type_in};
use crate::tui::model::Model;
use crate::tui::model::form::{At, Kind, Plan};
use crate::tui::model::place::{Over, View};
use crate::tui::tests::{key, opened};
use crate::tui::update::{Effect, Message, update};
use crate::tui::{svg, view};

use super::LONGEST;

fn footer(model: &Model) -> String {
    svg::text(model).lines().last().unwrap_or_default().trim().to_owned()
}

#[test]
fn what_was_entered_is_discarded_only_when_asked_twice() {
    let mut model = asking();
    assert!(type_in(&mut model, "app2.example\x1b").is_empty());
    assert_eq!(model.log.toast, Some(phrase("form.discard").text()));
    // Another key in between takes the first one back.
    assert!(type_in(&mut model, "x\x1b").is_empty());
    update(&mut model, Message::Paste("y".to_owned()));
    assert_eq!(model.log.toast, None);
    assert!(type_in(&mut model, "\x1b").is_empty());
    assert_eq!(type_in(&mut model, "\x1b"), [Effect::Quit]);
    // Nothing was entered: once is enough.
    assert_eq!(type_in(&mut asking(), "\x1b"), [Effect::Quit]);
}

#[test]
fn the_footer_says_of_every_field_what_esc_does() {
    let mut model = asking();
    for is_choice in [false, true] {
        let keys = phrase("form.keys").with("enter", phrase("word.check").text()).when("choice", is_choice);
        assert_eq!(footer(&model), keys.when("first", true).text());
        key(&mut model, KeyCode::Tab);
    }
}

#[test]
fn the_requests_are_shown_of_what_was_typed_last_and_an_invalid_field_is_selected() {
    let mut model = asking();
    type_in(&mut model, "app2.example");
    let effects = key(&mut model, KeyCode::F(2)).0;
    let [Effect::ShowPlan(draft)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(draft.values[0].1.expose(), "app2.example");
    type_in(&mut model, " x");
    key(&mut model, KeyCode::Tab);
    assert!(key(&mut model, KeyCode::F(2)).0.is_empty());
    let form = model.form.as_ref().unwrap();
    assert!(form.at == At::Field(0) && form.fields[0].error.is_some());
    assert_eq!(model.log.toast, Some(phrase("form.correct").text()));
    // So does the key that starts the check, on the field itself.
    key(&mut model, KeyCode::Tab);
    model.form.as_mut().unwrap().select(0);
    assert!(model.log.toast.is_none() && key(&mut model, KeyCode::Enter).0.is_empty());
    assert_eq!(model.log.toast, Some(phrase("form.correct").text()));
}

#[test]
fn f1_says_what_the_keys_and_the_fields_are_for_and_leads_back() {
    let mut model = asking();
    type_in(&mut model, "app2");
    key(&mut model, KeyCode::F(1));
    let rows = svg::text(&model);
    for known in ["form.title", "form.next", "form.leave"] {
        assert!(rows.contains(&phrase(known).text()), "{rows}");
    }
    key(&mut model, KeyCode::Down);
    assert!(matches!(model.place.over, Some(Over::FormHelp(_))));
    key(&mut model, KeyCode::Esc);
    assert!(matches!(model.place.over, Some(Over::Form)));
    assert_eq!(model.form.as_ref().unwrap().fields[0].value(), "app2");
}

#[test]
fn a_pasted_text_replaces_another_one_only_when_asked_and_keeps_its_lines() {
    let mut model = asking();
    let settings = r#"{"properties": {"platform": {"enabled": true}, "globalValidation": {}}}"#;
    model.form.as_mut().unwrap().fields.push(field("auth-settings", Kind::Text, StepId::Protection, ""));
    let held = |model: &Model| model.form.as_ref().unwrap().fields[3].pasted.as_ref().map(|text| text.expose().clone());
    let paste = |model: &mut Model, text: &str| update(model, Message::Paste(text.to_owned())).0;
    paste(&mut model, settings);
    assert_eq!(held(&model).as_deref(), Some(settings));
    for text in ["other", "other\nlines"] {
        paste(&mut model, text);
        assert_eq!(held(&model).as_deref(), Some(settings));
        assert!(matches!(model.place.over, Some(Over::Form)) && model.log.toast.is_some());
    }
    // Other settings are offered; only Enter takes them.
    let other = settings.replace("true", "false");
    for (press, kept) in [("\x1b", settings), ("\r", &*other)] {
        paste(&mut model, &other);
        assert!(matches!(model.place.over, Some(Over::Offer(_))));
        assert_eq!(held(&model).as_deref(), Some(settings));
        type_in(&mut model, press);
        assert!(matches!(model.place.over, Some(Over::Form)));
        assert_eq!(held(&model).as_deref(), Some(kept));
    }
    // In a line, several lines would run into one.
    let mut model = asking();
    paste(&mut model, "app2\nexample");
    assert_eq!(model.form.as_ref().unwrap().fields[0].value(), "");
}

#[test]
fn what_is_said_of_the_check_follows_what_is_typed_and_pasted() {
    let mut model = asking();
    let asked = |effects: Vec<Effect>| match &effects[..] {
        [Effect::Plan(draft)] => draft.values[0].1.expose().clone(),
        others => panic!("{others:?}"),
    };
    assert_eq!(asked(key(&mut model, KeyCode::Char('a')).0), "a");
    assert_eq!(asked(update(&mut model, Message::Paste("pp2.example".to_owned())).0), "app2.example");
    assert!(key(&mut model, KeyCode::Left).0.is_empty(), "nothing has changed");
}

#[test]
fn the_footer_says_what_enter_does_on_each_button() {
    let mut model = asking();
    let mut said = Vec::new();
    for _ in 0..8 {
        let form = model.form.as_ref().unwrap();
        if !matches!(form.at, At::Field(_)) {
            said.push(footer(&model));
        }
        key(&mut model, KeyCode::Tab);
    }
    for word in ["word.unfold", "word.check", "word.set-up-apps", "word.pick", "word.open"] {
        let keys = phrase("form.keys").with("enter", phrase(word).text()).when("first", true).text();
        assert!(said.contains(&keys), "{keys} is not in {said:#?}");
    }
}

#[test]
fn before_the_first_check_the_guided_setup_leads_to_the_form_and_stays_when_a_name_is_not_given() {
    let mut model = asking();
    while model.form.as_ref().unwrap().at != At::SetUp {
        key(&mut model, KeyCode::Tab);
    }
    key(&mut model, KeyCode::Enter);
    let setup = View::SetUp(StepId::Identity);
    assert_eq!(*model.place.view(), setup);
    assert!(!svg::text(&model).contains(&phrase("screen.waiting").text()), "nothing is waited for");
    key(&mut model, KeyCode::Enter);
    assert_eq!(model.log.toast, Some(phrase("why.no-target").text()));
    type_in(&mut model, "s\x1b");
    assert!(model.place.over.is_none() && *model.place.view() == setup);
    type_in(&mut model, "i");
    assert!(matches!(model.place.over, Some(Over::Form)));
}

/// A form with one field, into which this is typed key by key; what its field shows after each key, and at last the
/// screen.
fn typed(name: &'static str, value: &str) -> (Model, Vec<String>) {
    let mut model = asking();
    let form = model.form.as_mut().unwrap();
    form.fields = vec![field(name, Kind::Text, StepId::Protection, "")];
    form.select(0);
    let mut seen = Vec::new();
    for letter in value.chars() {
        key(&mut model, KeyCode::Char(letter));
        seen.push(model.form.as_ref().unwrap().fields[0].masked());
    }
    seen.push(svg::text(&model));
    (model, seen)
}

#[test]
fn no_part_of_a_password_in_a_url_is_shown_while_it_is_typed_or_after() {
    // Letters that nothing else on the screen has, around each sign that ends a part of a URL.
    for password in ["§", "§?§", "§#§", "§@§", "§/§", "§//§", "§:§", "§\\§", "§ §", "%C2%A7§", "1§", "§=§&§;§", "[§]"]
    {
        for start in
            ["https://user:", "HTTPS://user:", "https:/user:", "user:", "https://me@x.example:", "https://user%3A"]
        {
            let others = ["resource", "send-token-for", "authority", "resource-manager", "graph"];
            let is_first = start.ends_with("user:") && password == "§?§";
            for name in others.into_iter().filter(|_| is_first).chain(["target"]) {
                let (mut model, mut seen) = typed(name, &format!("{start}{password}@app2.example/x"));
                key(&mut model, KeyCode::Tab);
                seen.push(svg::text(&model));
                key(&mut model, KeyCode::BackTab);
                key(&mut model, KeyCode::Home);
                seen.push(svg::text(&model));
                let shown = seen.iter().find(|rows| rows.contains('§'));
                assert!(shown.is_none(), "{name} {start}{password}\n{}", shown.unwrap());
            }
        }
    }
    // Pasted, in one piece; and in a field for something else.
    for (name, text) in [
        ("target", "https://us\u{200b}er:\t§@app2.example"),
        ("target", "https://app2.example/x?redirect_uri=https%3A%2F%2Fuser%3A§"),
        ("resource", "https://user：§＠app2.example"),
        ("assume", "issuer=https://user:§@a.example"),
        ("auth-settings", "https://a.example/settings.json?sig=§"),
    ] {
        let (mut model, _) = typed(name, "");
        update(&mut model, Message::Paste(text.to_owned()));
        let form = model.form.as_ref().unwrap();
        assert!(form.fields[0].value().contains('§'), "{text}");
        assert!(!svg::text(&model).contains('§'), "{}", svg::text(&model));
    }
    // So is one that is used while the field is empty, and one in a prompt.
    let (mut model, _) = typed("authority", "");
    model.form.as_mut().unwrap().fields[0].found = Some(("https://user:§@a.example".to_owned(), "X".to_owned()));
    assert!(!svg::text(&model).contains('§'), "{}", svg::text(&model));
    let mut model = opened((80, 24));
    type_in(&mut model, "Aissuer=https://user:§@a.example");
    let rows = svg::text(&model);
    assert!(rows.contains("issuer=https://") && !rows.contains('§'), "{rows}");
}

#[test]
fn a_port_is_shown_when_it_is_one_and_why_it_was_hidden_is_said() {
    let (mut model, seen) = typed("target", "https://app2:8443");
    let masked = phrase("form.masked").text();
    let beginning = masked.split(',').next().unwrap();
    let row = |rows: &str| rows.lines().find(|row| row.contains("https://")).unwrap_or_default().trim().to_owned();
    let last = seen.last().unwrap();
    assert!(row(last).ends_with("https://app2:••••") && last.contains(beginning), "{last}");
    key(&mut model, KeyCode::Char('/'));
    let rows = svg::text(&model);
    assert!(row(&rows).ends_with("https://app2:8443/") && !rows.contains(beginning), "{rows}");
    key(&mut model, KeyCode::Backspace);
    assert!(!svg::text(&model).contains("8443"));
    for code in [KeyCode::Tab, KeyCode::BackTab] {
        key(&mut model, code);
        assert!(row(&svg::text(&model)).ends_with("https://app2:8443"), "{}", svg::text(&model));
    }
    let (mut model, _) = typed("target", "");
    update(&mut model, Message::Paste("https://app2:8443".to_owned()));
    assert!(!svg::text(&model).contains("8443"), "more may follow");
    key(&mut model, KeyCode::Tab);
    assert!(svg::text(&model).contains("https://app2:8443"));
}

#[test]
fn a_key_in_the_url_is_never_shown_and_the_cursor_stays_behind_it() {
    let mut model = asking();
    type_in(&mut model, "app2.example/x?code=abc~1==&api-version=2&");
    for is_selected in [true, false] {
        let rows = svg::text(&model);
        let row = rows.lines().find(|row| row.contains("app2.example")).unwrap();
        assert!(row.contains("app2.example/x?code=•••••••&api-version=2&"), "{rows}");
        if is_selected {
            let mut terminal = Terminal::new(TestBackend::new(100, 30)).unwrap();
            terminal.draw(|frame| view::render(frame, &model)).unwrap();
            let place = usize::from(terminal.get_cursor_position().unwrap().x);
            assert!(row.chars().take(place).collect::<String>().ends_with("api-version=2&"), "{rows}");
        }
        key(&mut model, KeyCode::Tab);
    }
    assert_eq!(model.form.as_ref().unwrap().fields[0].value(), "app2.example/x?code=abc~1==&api-version=2&");
}

#[test]
fn what_may_not_be_meant_is_said_at_its_field_and_can_be_used() {
    let mut model = asking();
    type_in(&mut model, "app2.scm.example");
    key(&mut model, KeyCode::Tab);
    assert!(svg::text(&model).contains("! the Kudu site"), "{}", svg::text(&model));
    assert!(model.form.as_ref().unwrap().fields[0].error.is_none());
}

#[test]
fn on_a_narrow_screen_labels_are_whole_above_their_values() {
    for (width, is_above) in [(39, true), (30, true), (40, false)] {
        let mut model = asking();
        update(&mut model, Message::Resized(width, 24));
        type_in(&mut model, "app2.example");
        let rows = svg::text(&model);
        let at = rows.lines().position(|row| row.contains("app2.example")).unwrap();
        let label = phrase("field.target").text();
        let row = rows.lines().nth(if is_above { at - 1 } else { at }).unwrap();
        assert!(row.starts_with(&format!("▌{label}")), "{rows}");
        assert!(!is_above || rows.lines().nth(at).unwrap().trim() == "app2.example", "{rows}");
        // The cursor is behind what was typed.
        let mut terminal = Terminal::new(TestBackend::new(width, 24)).unwrap();
        terminal.draw(|frame| view::render(frame, &model)).unwrap();
        let place = terminal.get_cursor_position().unwrap();
        let before: String = rows.lines().nth(at).unwrap().chars().take(usize::from(place.x)).collect();
        assert_eq!((usize::from(place.y), before.trim_end().ends_with("app2.example")), (at, true), "{rows}");
    }
}

#[test]
fn the_requests_are_listed_inside_the_screen_and_printed_only_when_asked() {
    let mut model = asking();
    let requests: Vec<String> =
        (1..=40).map(|number| format!("{number:>3}. GET https://app2.example/{number}")).collect();
    let plan = Plan { summary: Vec::new(), whole: format!("Plan\n\n{}", requests.join("\n")) };
    update(&mut model, Message::Requests(plan.clone()));
    let shown = svg::text(&model);
    assert!(shown.contains("1. GET https://app2.example/1") && !shown.contains("/40"), "{shown}");
    assert_eq!(footer(&model).split("  ").next(), phrase("screen.close-plan").text().split("  ").next());
    key(&mut model, KeyCode::End);
    let shown = svg::text(&model);
    assert!(shown.contains("40. GET https://app2.example/40"), "{shown}");
    assert_eq!(type_in(&mut model, "P"), [Effect::Plain(plan.whole)]);
    assert!(matches!(model.place.over, Some(Over::FormPlan(_))));
    key(&mut model, KeyCode::Esc);
    assert!(matches!(model.place.over, Some(Over::Form)));
    // An address that is wider than the screen goes on below, indented as its beginning.
    update(&mut model, Message::Resized(30, 12));
    let whole = "     To App 2 with the token for App 2 and much more".to_owned();
    update(&mut model, Message::Requests(Plan { summary: Vec::new(), whole }));
    let shown = svg::text(&model);
    assert!(shown.lines().take(2).all(|row| row.starts_with("      ") && row.trim().len() > 4), "{shown}");
}

#[test]
fn a_paste_that_a_line_cannot_hold_says_so_and_changes_nothing() {
    for (text, said) in [
        ("x".repeat(70_000), phrase("why.too-long").with("count", LONGEST).text()),
        ("https://a.example/x\nhttps://b.example/y".to_owned(), phrase("why.one-line").text()),
    ] {
        let mut model = asking();
        type_in(&mut model, "app2");
        update(&mut model, Message::Paste(text));
        assert_eq!(model.log.toast, Some(said));
        assert_eq!(model.form.as_ref().unwrap().fields[0].value(), "app2");
    }
    // An error of several lines is explained, wherever it is pasted.
    let mut model = asking();
    update(&mut model, Message::Paste("IDX10223\n2".to_owned()));
    assert!(matches!(model.place.over, Some(Over::Offer(_))), "{:?}", model.log.toast);
    // What is pasted over the help or the list leads back to the form.
    for over in [Over::FormHelp(0), Over::FormPlan(0)] {
        model.place.over = Some(over);
        update(&mut model, Message::Paste("IDX10223\n2".to_owned()));
        type_in(&mut model, "\x1b");
        assert!(matches!(model.place.over, Some(Over::Form)));
    }
}

#[test]
fn what_is_unfolded_comes_into_sight() {
    let mut model = asking();
    update(&mut model, Message::Resized(80, 10));
    while model.form.as_ref().unwrap().at != At::More {
        key(&mut model, KeyCode::Tab);
    }
    key(&mut model, KeyCode::Enter);
    let rare = model.form.as_ref().unwrap().fields.iter().find(|field| field.rare).unwrap().label;
    let shown = svg::text(&model);
    assert!(shown.contains(&phrase(rare).text()) && shown.contains(&phrase("form.less").text()), "{shown}");
}

#[test]
fn an_error_names_fields_and_no_options() {
    let mut model = asking();
    let reason = "for --header; not --headers".to_owned();
    update(&mut model, Message::Refused(Refused { field: Some("target"), reason }));
    let shown = svg::text(&model);
    assert!(shown.contains(&phrase("field.header").text()) && !shown.contains("--header"), "{shown}");
    let reason = "--target 'x' fails".to_owned();
    update(&mut model, Message::Refused(Refused { field: Some("target"), reason }));
    assert!(svg::text(&model).contains("! 'x' fails"), "{}", svg::text(&model));
}

#[test]
fn a_key_that_types_nothing_says_so() {
    let mut model = asking();
    type_in(&mut model, "q");
    assert_eq!(model.log.toast, None, "it was typed");
    type_in(&mut model, "\tq");
    let said = phrase("form.unknown-key").with("key", "q").text();
    assert_eq!(model.log.toast, Some(said.clone()), "a choice");
    model.form.as_mut().unwrap().at = At::Lab;
    type_in(&mut model, "\x1b");
    type_in(&mut model, "q");
    assert_eq!(model.log.toast, Some(said), "a button");
    assert!(!footer(&model).is_empty());
}

#[test]
fn a_token_that_was_pasted_into_the_form_can_be_looked_at() {
    let mut model = asking();
    let mut token = field("token-file", Kind::Text, StepId::Token, "");
    token.takes_text = true;
    model.form.as_mut().unwrap().fields.push(token);
    key(&mut model, KeyCode::F(3));
    assert_eq!(model.log.toast, Some(phrase("why.no-pasted-token").text()));
    let text = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL2FwcDIuZXhhbXBsZSJ9.c2ln";
    update(&mut model, Message::Paste(text.to_owned()));
    assert!(footer(&model).contains("F3"), "{}", footer(&model));
    key(&mut model, KeyCode::F(3));
    assert_eq!((model.place.view(), model.place.over.is_none()), (&View::Token, true));
    let shown = svg::text(&model);
    assert!(shown.contains("https://app2.example") && !shown.contains("c2ln"), "{shown}");
    // It is removed from the view, and stays in the form.
    type_in(&mut model, "\x1b\x1b");
    assert!(matches!(model.place.over, Some(Over::Form)));
    assert!(model.form.as_ref().unwrap().pasted_token().is_some() && model.pasted.token.is_none());
}
