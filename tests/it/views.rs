//! What the screen shows, drawn into memory: snapshots of saved cases, and what holds at every size.
//!
//! `INSTA_UPDATE=always cargo test --locked --test it views::` takes the present screens over.

use std::collections::BTreeSet;

use chrono::DateTime;
use easyauth_doctor::session::Event;
use easyauth_doctor::tui::bench::{Output, Ran};
use easyauth_doctor::tui::look::Looks;
use easyauth_doctor::tui::model::Model;
use easyauth_doctor::tui::svg;
use easyauth_doctor::tui::update::{Message, update};
use ratatui::style::{Color, Modifier, Style};

use crate::helpers::random_keys;
use crate::helpers::screens::{FAILS, IS_OPEN, WORKS, bench, form, opened, press, running, saved, tick};

const NO_TOKEN: &str = "identity-not-enabled";
const OPAQUE: &str = "resource-not-registered-opaque-without-settings";
const AUDIENCE: &str = "audience-not-allowed";

/// A token for `api://other` of another caller.
const PASTED: &str =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6Im90aGVyIn0.eyJhdWQiOiJhcGk6Ly9vdGhlciIsImFwcGlkIjoieCJ9.U0lHTkFUVVJF";

const SIZES: [(u16, u16); 5] = [(30, 10), (60, 20), (80, 24), (120, 40), (200, 50)];

/// Compares a screen with its snapshot.
fn compare(name: &str, model: &Model) {
    compare_text(name, &svg::text(model));
}

fn compare_text(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots/screens");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name.to_owned(), text));
}

#[test]
fn a_check_under_way_and_its_answer_at_every_size() {
    for size in SIZES {
        for (ascii, mark) in [(false, ""), (true, "-ascii")] {
            let looks = Looks::new(true, ascii);
            let at = format!("{}x{}{mark}", size.0, size.1);
            let mono = Looks::new(false, ascii);
            for (name, colored, plain) in [
                ("running", running(looks, size), running(mono, size)),
                ("fails", opened(FAILS, looks, size), opened(FAILS, mono, size)),
            ] {
                compare(&format!("{name}-{at}"), &colored);
                compare_text(&format!("{name}-{at}-styles"), &styles(&colored, &plain));
                assert_eq!(svg::text(&colored), svg::text(&plain), "color changes no text");
            }
        }
    }
}

/// A screen with a row of letters below each row that has styles: `c` in color, `m` without.
fn styles(colored: &Model, plain: &Model) -> String {
    let text = svg::text(colored);
    let mut all = "bold b, faint d, reversed i, underlined u; green g, yellow y, red r, cyan c, magenta m; in bold: \
                   capitals\n"
        .to_owned();
    let buffers = [("c", svg::buffer(colored).unwrap()), ("m", svg::buffer(plain).unwrap())];
    for (y, row) in text.lines().enumerate() {
        all.push_str(&format!("  |{row}\n"));
        for (name, buffer) in &buffers {
            let area = buffer.area;
            let letters: String =
                (0..area.width).map(|x| letter(buffer[(x, u16::try_from(y).unwrap())].style())).collect();
            if !letters.trim().is_empty() {
                all.push_str(&format!("{name} |{}\n", letters.trim_end()));
            }
        }
    }
    all
}

/// A letter for a style.
fn letter(style: Style) -> char {
    let color = match style.fg {
        None | Some(Color::Reset) => None,
        Some(Color::Green) => Some('g'),
        Some(Color::Yellow) => Some('y'),
        Some(Color::Red) => Some('r'),
        Some(Color::Cyan) => Some('c'),
        Some(Color::Magenta) => Some('m'),
        other => panic!("{other:?}"),
    };
    let has = |modifier| style.add_modifier.contains(modifier);
    match color {
        Some(color) if has(Modifier::BOLD) => color.to_ascii_uppercase(),
        Some(color) => color,
        None if has(Modifier::REVERSED) => 'i',
        None if has(Modifier::UNDERLINED) => 'u',
        None if has(Modifier::BOLD) => 'b',
        None if has(Modifier::DIM) => 'd',
        None => ' ',
    }
}

#[test]
fn every_answer_is_shown_from_its_beginning() {
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/saved")).unwrap();
    let names =
        folder.filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_suffix(".json").map(str::to_owned));
    let mut seen = 0;
    for name in names {
        for size in [(60, 20), (80, 24), (120, 40)] {
            let cursor = opened(&name, Looks::new(false, false), size).place.cursor();
            assert_eq!((cursor.top, cursor.skipped), (0, 0), "{name} {size:?}");
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
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
                output: Output::Refused("(ResourceNotFound) The Resource was not found.".to_owned()),
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
        compare(&format!("compare-{at}"), &compared(looks, size));
        let mut model = running(looks, size);
        press(&mut model, "\x1b\x1b");
        let report = model.target.observed.clone().unwrap();
        update(&mut model, Message::Session(Event::Finished(report)));
        compare(&format!("stopped-{at}"), &model);
    }
}

/// What changed since the check before.
fn compared(looks: Looks, size: (u16, u16)) -> Model {
    let mut model = opened(FAILS, looks, size);
    model.target.before = Some(saved(WORKS));
    press(&mut model, "d");
    model
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

/// The same, and what lies over the screen.
fn every_screen(looks: Looks, size: (u16, u16)) -> Vec<(String, Model)> {
    let mut all = every_view(looks, size);
    all.push(("compare".to_owned(), compared(looks, size)));
    for keys in ["?", "s", "A\x15x=1\r", "/", "x/", "e", "b", "bGgj$", "b/\x1b"] {
        let mut model = Model { bench: Some(bench()), ..opened(FAILS, looks, size) };
        press(&mut model, keys);
        all.push((keys.to_owned(), model));
    }
    for keys in ["", "\r", "\t\t", "\t\t\t\t\t\r"] {
        let mut model = Model::asking(form(), looks, size);
        tick(&mut model, DateTime::UNIX_EPOCH);
        press(&mut model, keys);
        all.push((format!("form {keys:?}"), model));
    }
    let mut model = opened(FAILS, looks, size);
    update(&mut model, Message::Paste(PASTED.to_owned()));
    all.push(("offer".to_owned(), model));
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
        for (name, model) in every_screen(Looks::new(false, true), size) {
            let buffer = svg::buffer(&model).unwrap();
            for cell in buffer.content() {
                assert!(cell.symbol().is_ascii(), "{name} {size:?}: {}", cell.symbol());
                assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset), "{name} {size:?}");
            }
        }
    }
}

#[test]
fn the_console_of_linux_gets_lines_of_box_drawing_and_otherwise_ascii() {
    let console = Looks { boxes: true, ..Looks::new(true, true) };
    for size in [(30, 10), (80, 24)] {
        for (name, model) in every_screen(console, size) {
            let buffer = svg::buffer(&model).unwrap();
            let beyond = buffer.content().iter().map(|cell| cell.symbol()).filter(|symbol| !symbol.is_ascii());
            let beyond: BTreeSet<&str> = beyond.collect();
            assert!(beyond.is_subset(&BTreeSet::from(["─", "│", "┬"])), "{name} {size:?}: {beyond:?}");
            assert!(beyond.contains("─") || size.1 < 16 || name == "?", "{name} {size:?}");
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
        let row = text.lines().find(|row| row.contains(value) && (row.contains("listed") || row.contains("missing")));
        assert!(row.is_some(), "{value} is not whole beside its label in\n{text}");
    }
    assert!(text.contains("az rest"), "a command is in sight:\n{text}");
    // The sentence stands once.
    assert_eq!(text.matches("Only App 2").count(), 1, "{text}");
}

#[test]
fn random_keys_pastes_and_sizes_break_nothing_and_write_no_file_unasked() {
    let met = random_keys::press(7, 2_000);
    assert!(met.files > 0 && met.forms > 0, "{met:?}");
    assert!(met.views.len() >= 12, "{met:?}");
}
