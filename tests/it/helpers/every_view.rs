//! Every view that the screen has, each with much in it: for what a key costs there.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::DateTime;
use easyauth_doctor::report::Report;
use easyauth_doctor::tui::bench::{Breakable, Output, Ran, State};
use easyauth_doctor::tui::look::Looks;
use easyauth_doctor::tui::model::Model;
use easyauth_doctor::tui::model::target::Target;
use easyauth_doctor::tui::update::{Message, update};

use super::screens::{FAILS, bench, form, opened, press, running, showing, tick};

/// The way to each view from where the screen opens. A view that has none fails whoever asks for them.
const WAYS: [(&str, &str); 22] = [
    ("cause", ""),
    ("step", "7"),
    ("token", "t"),
    ("policy", "p"),
    ("requests", "x"),
    ("requests with large bodies", "xGkkk"),
    ("request", "xGkk\r"),
    ("request with a page", "xGkk\rG\r"),
    ("request with JSON", "xGkkk\rG\r"),
    ("request with a long line", "xGkkkk\rG\r"),
    ("inputs", "i"),
    ("set up", "o"),
    ("log", "L"),
    ("compare", "d"),
    ("explain", "g\r"),
    ("who", "3d9b5e3d-21d4-4291-b0a7-ea694406d17d"),
    ("lab", "b"),
    ("scenarios", "b/\u{1b}"),
    ("targets", ""),
    ("against", " jd"),
    ("under way", ""),
    ("form", "i"),
];

/// A screen on each view.
pub fn all(report: &Arc<Report>, size: (u16, u16)) -> Vec<(&'static str, Model)> {
    let looks = Looks::new(true, false);
    let mut seen = BTreeSet::new();
    let mut models = Vec::new();
    for (name, keys) in WAYS {
        let mut model = match name {
            "targets" | "against" => several(report, looks, size),
            "under way" => running(looks, size),
            _ => showing(Arc::clone(report), looks, size),
        };
        match name {
            "compare" => model.target.before = opened(FAILS, looks, size).target.observed,
            "form" => model.form = Some(form()),
            "lab" | "scenarios" => (model.bench, model.console) = (Some(large_bench()), console()),
            "log" => (0..500).for_each(|number| model.log.say(model.now, format!("message {number}"))),
            _ => {}
        }
        if name == "who" {
            update(&mut model, Message::Paste(keys.to_owned()));
            press(&mut model, "\r");
        } else {
            press(&mut model, keys);
        }
        seen.insert(model.place.view().about());
        models.push((name, model));
    }
    let known = views();
    let without: Vec<&String> = known.iter().filter(|about| !seen.contains(about.as_str())).collect();
    assert!(without.is_empty() && known.len() > 10, "views without a way: {without:?}");
    models
}

/// What says of each view what it is for: every view has its own.
fn views() -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/knowledge/phrases/screen.toml");
    let phrases: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
    phrases["about"].as_table().unwrap().keys().map(|key| format!("about.{key}")).collect()
}

fn several(report: &Arc<Report>, looks: Looks, size: (u16, u16)) -> Model {
    let all = (0..200).map(|number| (format!("https://app{number}.example/"), Target::saved(Arc::clone(report))));
    let mut model = Model::several(all.collect(), looks, size, DateTime::UNIX_EPOCH);
    tick(&mut model, DateTime::UNIX_EPOCH);
    model
}

/// A lab with 60 faults and 200 scenarios.
fn large_bench() -> State {
    let mut state = bench();
    let fault = |number: usize| Breakable {
        name: format!("fault-{number}"),
        title: format!("App 2's setting number {number} is not as the call needs it"),
        group: ["app1", "entra", "settings", "app2"][number / 15].to_owned(),
        code: "caller-not-in-allowed-applications".to_owned(),
        broken: number.is_multiple_of(7),
    };
    state.faults = (0..60).map(fault).collect();
    let scenario = |number| (format!("scenario-{number}"), format!("What is wrong in scenario {number}"));
    state.scenarios = Arc::new((0..200).map(scenario).collect());
    state
}

/// Commands that print much.
fn console() -> Vec<Ran> {
    let ran = |number| Ran {
        line: format!("az webapp auth show -g rg-target -n app{number}"),
        output: Output::Printed("  \"allowedApplications\": []\n".repeat(400)),
    };
    (0..12).map(ran).collect()
}
