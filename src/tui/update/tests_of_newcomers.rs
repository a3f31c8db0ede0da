//! What somebody meets who uses the screen for the first time: every row is reached, nothing is lost unasked, and what
//! is only given or supposed isn't shown as seen.

use std::sync::Arc;

use chrono::DateTime;
use crossterm::event::KeyCode;

use crate::case::Case;
use crate::case::inputs::Inputs;
use crate::case::step::StepId;
use crate::knowledge::{self, phrase};
use crate::report::policy;
use crate::report::tour::{self, Progress};
use crate::report::{Report, RuleVerdict};
use crate::session::Event;
use crate::tui::bench;
use crate::tui::desk::Refused;
use crate::tui::journeys::{asking, field, type_in};
use crate::tui::look::{Looks, Role};
use crate::tui::model::Model;
use crate::tui::model::form::{At, Kind};
use crate::tui::model::place::{Asking, Focus, Over, View};
use crate::tui::model::target::Run;
use crate::tui::page::content::Page;
use crate::tui::page::item::{Item, Row};
use crate::tui::page::layout::{self, Sheet};
use crate::tui::page::window;
use crate::tui::svg;
use crate::tui::tests::{key, opened, press, report};

use super::{Effect, Message, update};

const AUDIENCE: &str = include_str!("../../../tests/it/saved/audience-not-allowed.json");

/// A pane of this size, in which nothing is searched, selected, or cut.
fn of_size(width: usize, height: usize) -> Sheet {
    let looks = Looks::new(true, false);
    Sheet { width, height, looks, wrap: false, search: None, comments: usize::MAX, selected: None }
}

fn saved(text: &str) -> Arc<Report> {
    Arc::new(Report::of(serde_json::from_str(text).unwrap()))
}

fn finished(report: Arc<Report>) -> Model {
    let mut model = Model::checking("app".to_owned(), Looks::new(true, false), (80, 24), DateTime::UNIX_EPOCH);
    update(&mut model, Message::Session(Event::Finished(report)));
    model
}

#[test]
fn every_row_is_reached_line_by_line_however_high_it_is() {
    for size in [(24, 8), (30, 10), (40, 12), (80, 24)] {
        for keys in ["c", "cW", "7W", "o"] {
            let mut model = opened(size);
            press(&mut model, keys);
            let (first, last) = (model.page.selectable_from(0), model.page.selectable_before(model.page.len()));
            press(&mut model, &"j".repeat(600));
            assert_eq!(model.selected(), last, "{size:?} {keys}");
            assert_eq!(model.log.toast, Some(phrase("why.at-the-last").text()), "{size:?} {keys}");
            press(&mut model, &"k".repeat(600));
            assert_eq!((model.selected(), model.place.cursor().top), (first, 0), "{size:?} {keys}");
            press(&mut model, "G");
            assert_eq!(model.selected(), last, "{size:?} {keys}");
        }
    }
}

#[test]
fn a_phone_shows_both_values_of_a_rule_and_the_way_back() {
    let mut model = opened((30, 13));
    press(&mut model, "p");
    let joined = |model: &Model| {
        let text = svg::text(model);
        text.lines().map(|line| line.trim_matches([' ', '▌'])).collect::<String>()
    };
    let rules = policy::rules(model.target.shown().unwrap());
    let rule = rules.into_iter().find(|rule| rule.verdict == RuleVerdict::Broken).unwrap();
    let shown = joined(&model);
    assert!([rule.name, &rule.expected, &rule.found].iter().all(|value| shown.contains(*value)), "{shown}");
    for keys in ["x\r", "p\r"] {
        press(&mut model, keys);
        let shown = svg::text(&model);
        let back = format!("Esc {}", phrase("word.back").text());
        assert!(shown.lines().last().unwrap().contains(&back), "{shown}");
    }
}

#[test]
fn a_number_without_an_entry_is_said_to_have_none() {
    let note = |asked: &str| {
        let found = knowledge::explained(asked);
        (found.notes().join(" "), found.entries.is_empty())
    };
    let mut model = opened((80, 24));
    let (about_status, is_alone) = note("HTTP 403.83");
    assert!(about_status.contains("403.83") && !is_alone);
    update(&mut model, Message::Paste("HTTP 403.83".to_owned()));
    key(&mut model, KeyCode::Enter);
    assert!(model.page.text().contains(&about_status), "{}", model.page.text());
    // No entry at all: where else to look.
    let (about_error, is_alone) = note("AADSTS999999: no");
    assert!(about_error.contains("AADSTS999999") && is_alone);
    update(&mut model, Message::Paste("AADSTS999999: no".to_owned()));
    assert_eq!((model.log.toast.as_ref(), model.place.over.is_none()), (Some(&about_error), true));
}

#[test]
fn a_page_further_never_selects_what_is_before() {
    for size in [(30, 10), (60, 20), (80, 24), (80, 30)] {
        for keys in ["c", "o", "x", "t", "7"] {
            let mut model = opened(size);
            press(&mut model, keys);
            for (code, forward) in [(KeyCode::PageDown, true), (KeyCode::PageUp, false)] {
                for _ in 0..12 {
                    let before = model.selected();
                    key(&mut model, code);
                    let after = model.selected();
                    assert!(if forward { after >= before } else { after <= before }, "{size:?} {keys} {code:?}");
                }
            }
        }
    }
}

#[test]
fn a_resource_that_was_only_given_is_not_set_up() {
    let of_scope = |report: &Report| {
        let stages = tour::stages(Some(report));
        stages.iter().find(|stage| stage.step == StepId::Scope).unwrap().progress
    };
    assert_eq!(of_scope(&report()), Progress::Done);
    let mut case = report().observed().clone();
    (case.token, case.registration) = (None, None);
    let given = Arc::new(Report::of(case));
    assert_ne!(of_scope(&given), Progress::Done);
    let mut model = finished(given);
    press(&mut model, "o3");
    assert!(model.page.text().contains(&phrase("tour.is-given").text()), "{}", model.page.text());
}

#[test]
fn what_holds_only_in_thought_is_marked_in_every_view() {
    let mut model = finished(saved(AUDIENCE));
    press(&mut model, "a");
    let change = model.target.changes().first().unwrap().clone();
    let assumed = phrase("views.assumed").with("change", change).text();
    for keys in ["t", "6"] {
        press(&mut model, keys);
        assert!(model.page.text().contains(&assumed), "{keys}: {}", model.page.text());
    }
    let heading = model.page.items.iter().find(|item| item.id == "status").unwrap();
    let Row::Text { mark: Some((mark, role)), .. } = &heading.row else { panic!("{heading:?}") };
    assert_eq!((mark.as_str(), *role), (model.looks.supposed(), Role::Supposed));
    let is_marked = |item: &&Item| matches!(item.row, Row::Pair { role: Role::Supposed, .. });
    assert!(model.page.items.iter().any(|item| is_marked(&item)), "{:?}", model.page.items);
    press(&mut model, "t");
    let audience = model.page.items.iter().find(|item| item.id == "claim/aud").unwrap();
    let Row::Cells(cells) = &audience.row else { panic!("{audience:?}") };
    assert_eq!(cells.mark.0, model.looks.supposed());
    while model.item().unwrap().id != "claim/aud" {
        key(&mut model, KeyCode::Down);
    }
    let check = model.detail.items.iter().find(|item| item.id == "check/0").unwrap();
    let Row::Text { mark: Some((mark, _)), .. } = &check.row else { panic!("{check:?}") };
    assert_eq!(mark, model.looks.supposed());
    // As soon as it is taken back, nothing is.
    press(&mut model, "u");
    assert!(!model.page.text().contains(&assumed));
}

#[test]
fn what_was_done_in_the_lab_is_lost_only_when_asked_twice() {
    let mut model = finished(report());
    (model.left, model.bench) = (asking().form, Some(bench::State { changed: true, ..bench::State::default() }));
    press(&mut model, "b");
    assert_eq!(*model.place.view(), View::Lab);
    press(&mut model, "\x1b");
    assert_eq!(*model.place.view(), View::Cause);
    press(&mut model, "\x1b");
    assert_eq!(model.log.toast, Some(phrase("screen.leave-lab").text()));
    // Another key takes the question back.
    press(&mut model, "j\x1b");
    assert!(model.bench.is_some() && model.form.is_none());
    press(&mut model, "\x1b");
    assert!(model.bench.is_none() && matches!(model.place.over, Some(Over::Form)));
}

#[test]
fn an_error_that_is_pasted_into_the_form_is_explained_and_a_line_of_the_log_is_evidence() {
    const ERROR: &str = concat!("AADSTS500011: The resource ", "principal named api://foo ", "was not found.");
    const REASON: &str = concat!("IDX10214: Audience ", "validation failed. ", "Audiences: api://foo");
    let line = format!("2026-11-27 23:30:01 Error {REASON}");
    for stop in [At::Field(0), At::Field(1), At::Check, At::Lab] {
        let mut model = asking();
        model.form.as_mut().unwrap().at = stop;
        update(&mut model, Message::Paste(ERROR.to_owned()));
        assert!(matches!(model.place.over, Some(Over::Offer(_))), "{stop:?}: {}", svg::text(&model));
        assert_eq!(model.form.as_ref().unwrap().fields[0].value(), "");
        key(&mut model, KeyCode::Enter);
        assert!(matches!(model.place.view(), View::Explain(_)), "{stop:?}");
    }
    for text in [line.as_str(), REASON] {
        let mut model = asking();
        let form = model.form.as_mut().unwrap();
        form.fields.push(field("target-log", Kind::Text, StepId::Protection, ""));
        form.fields[3].takes_text = true;
        form.select(3);
        update(&mut model, Message::Paste(text.to_owned()));
        let field = &model.form.as_ref().unwrap().fields[3];
        assert!(field.pasted.is_some() && field.value().is_empty(), "{text}: {}", svg::text(&model));
    }
}

#[test]
fn a_setup_after_a_check_that_was_stopped_says_whose_results_it_shows() {
    let mut model = finished(report());
    press(&mut model, "r\x1b\x1b");
    let nothing = Report::of(Case::new(Inputs::default(), DateTime::UNIX_EPOCH));
    update(&mut model, Message::Session(Event::Finished(Arc::new(nothing))));
    assert_eq!(model.target.run, Run::Stopped);
    press(&mut model, "o");
    let at = report().observed().checked_at().format("%H:%M:%S UTC").to_string();
    let said = phrase("tour.former").with("time", at).text();
    assert!(model.page.text().contains(&said), "{}", model.page.text());
    let mut model = finished(report());
    press(&mut model, "o");
    assert!(!model.page.items.iter().any(|item| item.id == "former"));
}

#[test]
fn the_form_leads_back_to_where_it_was_opened_and_its_buttons_are_reached_by_the_arrows() {
    let mut model = asking();
    model.form.as_mut().unwrap().at = At::Check;
    key(&mut model, KeyCode::Right);
    assert_eq!(model.form.as_ref().unwrap().at, At::SetUp);
    key(&mut model, KeyCode::Left);
    assert_eq!(model.form.as_ref().unwrap().at, At::Check);
    key(&mut model, KeyCode::Right);
    key(&mut model, KeyCode::Enter);
    assert!(matches!(model.place.view(), View::SetUp(_)) && model.place.over.is_none());
    assert!(!type_in(&mut model, "i\x1b").contains(&Effect::Quit));
    assert!(matches!(model.place.view(), View::SetUp(_)) && model.place.over.is_none());
    // Back to the form, and out of it.
    key(&mut model, KeyCode::Esc);
    assert!(matches!(model.place.over, Some(Over::Form)));
    assert_eq!(type_in(&mut model, "\x1b"), [Effect::Quit]);
}

#[test]
fn a_call_that_can_change_data_is_sent_from_the_form_when_asked_twice() {
    let mut model = asking();
    let kinds = ["yes", "no"].map(str::to_owned).to_vec();
    model.form.as_mut().unwrap().fields.push(field("yes", Kind::Choice(kinds), StepId::Call, "yes"));
    type_in(&mut model, "https://app2.example/\r");
    let refused = || Message::Refused(Refused { field: Some("yes"), reason: "POST".to_owned() });
    let sent = |effects: &[Effect]| match effects {
        [Effect::CheckForm(draft)] => draft.values.iter().find(|(name, _)| *name == "yes").unwrap().1.expose().clone(),
        other => panic!("{other:?}"),
    };
    update(&mut model, refused());
    assert_eq!(model.log.toast, Some(phrase("form.confirm").text()));
    // Another key takes the question back.
    key(&mut model, KeyCode::Up);
    assert_eq!(sent(&type_in(&mut model, "\r")), "yes");
    update(&mut model, refused());
    assert_eq!(sent(&type_in(&mut model, "\r")), "no");
}

#[test]
fn an_open_request_stays_the_same_one_after_another_check() {
    let mut model = finished(report());
    let exchange = report().observed().exchanges.last().unwrap().clone();
    model.place.open(View::Request(exchange.id));
    press(&mut model, "r");
    let mut case = report().observed().clone();
    case.exchanges.iter_mut().for_each(|exchange| exchange.id += 1);
    update(&mut model, Message::Session(Event::Finished(Arc::new(Report::of(case.clone())))));
    let View::Request(id) = *model.place.view() else { panic!("{:?}", model.place.view()) };
    assert_eq!(model.request(id), Some(exchange.id + 1));
    assert!(model.page.text().contains(exchange.purpose.describe()), "{}", model.page.text());
    // A check that doesn't send it says so.
    press(&mut model, "r");
    case.exchanges.retain(|other| other.purpose != exchange.purpose);
    update(&mut model, Message::Session(Event::Finished(Arc::new(Report::of(case)))));
    assert!(model.page.text().contains(&phrase("screen.no-request").text()), "{}", model.page.text());
}

#[test]
fn tab_moves_to_no_list_that_is_not_in_sight() {
    let mut model = opened((80, 24));
    press(&mut model, "x\t");
    assert_eq!(model.log.toast, Some(phrase("why.no-list").text()));
    press(&mut model, "j");
    assert_eq!((model.place.view(), model.place.focus), (&View::Requests, Focus::Pane));
    // One that had the arrows before gives them to a view that takes its place.
    let mut model = opened((120, 40));
    press(&mut model, "\t");
    assert_eq!(model.place.focus, Focus::Steps);
    model.place.show(View::Requests);
    update(&mut model, Message::Resized(80, 24));
    press(&mut model, "j");
    assert_eq!(*model.place.view(), View::Requests);
}

#[test]
fn a_comment_that_is_pasted_as_a_command_says_why_nothing_is_there() {
    let mut model = finished(report());
    model.bench = Some(bench::State::default());
    press(&mut model, "$");
    update(&mut model, Message::Paste("# Only words.".to_owned()));
    let Some(Over::Prompt(prompt)) = &model.place.over else { panic!("a prompt") };
    assert_eq!((prompt.asking, &prompt.error), (Asking::Command, &Some(phrase("prompt.no-command").text())));
}

#[test]
fn the_selected_command_of_a_fix_is_proposed_to_the_lab_and_makes_way_for_what_is_typed() {
    let proposed = |model: &Model| match &model.place.over {
        Some(Over::Prompt(prompt)) if prompt.asking == Asking::Command => prompt.input.value().to_owned(),
        _ => panic!("a command line"),
    };
    let mut model = finished(report());
    model.bench = Some(bench::State::default());
    let selected = model.item().and_then(|item| item.copy.clone()).unwrap();
    assert!(selected.starts_with("az "), "{selected}");
    press(&mut model, "$");
    assert_eq!(proposed(&model), selected);
    press(&mut model, "az x");
    assert_eq!(proposed(&model), "az x");
    // Back to where the command is.
    press(&mut model, "\u{1b}\u{1b}");
    assert_eq!(*model.place.view(), View::Cause);
    // Nothing is proposed for a row that isn't a command, nor for one that the lab doesn't play.
    for keys in ["t", "c"] {
        press(&mut model, keys);
        if keys == "c" {
            key(&mut model, KeyCode::Right);
            assert!(model.item().and_then(|item| item.copy.clone()).unwrap().starts_with('$'));
        }
        press(&mut model, "$");
        assert_eq!(proposed(&model), "", "{keys}");
        press(&mut model, "\u{1b}");
    }
}

#[test]
fn a_long_name_stands_beside_its_value_where_there_is_room() {
    const LONG: &str = "issuer setting (openIdIssuer)";
    let rows = |width: usize| {
        let names = [LONG, "tenant"];
        let page = Page::of(names.map(|name| Item::pair(name, name, "some words")).to_vec());
        let sheet = of_size(width, 24);
        let items = (0..page.len()).filter_map(|at| page.get(at));
        let lines = items.flat_map(|item| layout::rows(&item, &sheet));
        lines.map(|line| line.to_string().trim_end().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(rows(86), [format!("{LONG} some words"), format!("{:29} some words", "tenant")]);
    // Elsewhere it takes no room from the values.
    assert_eq!(rows(53), [LONG, "  some words", "tenant some words"]);
}

/// What the pane shows, its rows joined.
fn in_sight(model: &Model) -> String {
    svg::text(model)
        .lines()
        .map(|row| row.rsplit('│').next().unwrap_or(row).trim())
        .fold(String::new(), |all, row| all + row.trim_start_matches(['▌', '#', ' ']) + " ")
}

#[test]
fn a_comment_leaves_room_for_the_first_command_and_is_whole_where_it_is_selected() {
    for size in [(80, 24), (80, 20), (60, 20), (100, 24)] {
        let mut model = opened(size);
        press(&mut model, "c");
        let comment = model.page.items.iter().find(|item| matches!(item.row, Row::Comment(_))).unwrap().clone();
        let Row::Comment(text) = &comment.row else { unreachable!() };
        let is_whole = |model: &Model| in_sight(model).contains(text.as_str());
        let is_command = matches!(model.item().unwrap().row, Row::Command { number: 1, .. });
        assert!(size.1 < 24 || is_command, "{size:?}: {}", in_sight(&model));
        // Line by line it is reached, and then nothing of it is cut.
        press(&mut model, "g");
        while model.item().is_some_and(|item| item.id != comment.id) {
            press(&mut model, "j");
        }
        assert!(is_whole(&model), "{size:?}: {}", in_sight(&model));
    }
}

#[test]
fn a_comment_is_cut_only_as_far_as_the_first_command_needs() {
    let page = |before: usize, words: usize| {
        let mut items = vec![Item::text("x", "x"); before];
        items.push(Item::new("comment", Row::Comment("word ".repeat(words).trim().to_owned())));
        items.push(Item::new("command", Row::Command { number: 1, text: "az".to_owned() }));
        Page::of(items)
    };
    let sheet = |height: usize| of_size(40, height);
    let rows = |before: usize, words: usize, height: usize| {
        let (page, sheet) = (page(before, words), sheet(height));
        let sheet = Sheet { comments: window::comment_rows(&page, &sheet), ..sheet };
        let placed = window::window(&page, 0, 0, &sheet);
        let lines = placed.iter().filter(|placed| placed.item == before).filter_map(|placed| placed.line());
        (lines.map(ToString::to_string).collect::<Vec<_>>(), window::height(&page, before, &sheet))
    };
    // It is whole where both have room.
    assert_eq!(rows(3, 20, 24).1, 3);
    // Else the rest of its last row is cut.
    let (shown, height) = rows(10, 60, 14);
    assert!(height == 3 && shown[1].ends_with("word") && shown[2].ends_with('›'), "{shown:?}");
    let (shown, height) = rows(10, 60, 12);
    assert!(height == 1 && shown[0].ends_with('›'), "{shown:?}");
    // Nor is it cut where that wouldn't bring the command into sight.
    assert!(rows(12, 60, 12).1 > 5);
}

#[test]
fn what_is_said_of_code_is_whole_and_code_stays_in_its_rows() {
    let sheet = of_size(30, 24);
    let rows = |text: &str| layout::rows(&Item::new("x", Row::Code(text.to_owned())), &sheet).len();
    let code = |start: &str| format!("{start}{}end:", "word ".repeat(6));
    for (start, count) in [("  ", 1), ("word ", 1), ("# az ", 1), ("# ", 2), ("Word ", 2)] {
        assert_eq!(rows(&code(start)), count, "{start:?}");
    }
}

#[test]
fn on_a_low_screen_the_fix_comes_before_what_the_values_were_read_from() {
    for (size, comes_first) in [((80, 24), true), ((120, 40), false)] {
        let mut model = opened(size);
        press(&mut model, "c");
        let place = |id: &str| model.page.items.iter().position(|item| item.id.starts_with(id)).unwrap();
        assert_eq!(place("fix/") < place("source"), comes_first, "{size:?}");
        assert!(place("source") < place("evidence/0"), "{size:?}");
    }
}

#[test]
fn a_password_that_was_typed_into_a_prompt_is_in_no_message() {
    const URL: &str = "https://me:canary@host.example/x?sig=canary";
    for keys in ["/", "x/", "A"] {
        let mut model = opened((80, 24));
        press(&mut model, keys);
        press(&mut model, if keys == "A" { "allowedAudiences+=" } else { "" });
        for _ in 0..2 {
            update(&mut model, Message::Paste(URL.to_owned()));
            press(&mut model, "\r");
            let shown = svg::text(&model);
            assert!(!shown.contains("canary"), "{keys}: {shown}");
        }
    }
}

#[test]
fn nothing_is_cut_without_a_mark_and_both_ends_of_a_period_are_in_sight() {
    let mut model = opened((40, 16));
    press(&mut model, "t");
    let shown = svg::text(&model);
    let Row::Period(period) = &model.page.items.iter().find(|item| matches!(item.row, Row::Period(_))).unwrap().row
    else {
        unreachable!()
    };
    assert!(shown.contains(&period.from) && shown.contains(&period.until), "{shown}");
    let sheet = of_size(9, 24);
    let rows = layout::rows(&Item::new("x", Row::Period(period.clone())), &sheet);
    assert!(rows.iter().all(|row| row.width() <= 8 && row.to_string().ends_with('›')), "{rows:?}");
}
