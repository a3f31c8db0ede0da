//! How long a run waits: the longest chain of requests each of which waits for the answer before it. Every answer of
//! the lab takes one second of a clock that stands still while anything can be done, so that a busy machine changes
//! nothing.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use easyauth_doctor::case::exchange::Exchange;
use easyauth_doctor::cli::OutputOptions;
use easyauth_doctor::lab::{Lab, LabOptions, Scenario};
use easyauth_doctor::line::check::{Ready, perform};
use easyauth_doctor::line::console::Console;
use easyauth_doctor::line::loopback;
use easyauth_doctor::line::outputs::Outputs;
use easyauth_doctor::report::text::Style;
use easyauth_doctor::report::{Format, Report};
use easyauth_doctor::session;
use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;

use crate::helpers::observing::{self, keys, scenarios};

const DELAY: Duration = Duration::from_secs(1);

/// What leads to App 2 in Azure Resource Manager.
#[derive(PartialEq)]
enum Names {
    /// Its resource ID is given.
    Id,
    /// App 1's own variables name a subscription.
    Subscription,
    Nobody,
}

/// A world, and how many answers a run on it may wait for one after the other.
struct Row {
    name: &'static str,
    changes: &'static [&'static str],
    names_app_2: Names,
    /// Whether the resource is given, or found.
    given: bool,
    most: usize,
}

const ROWS: [Row; 9] = [
    Row { name: "healthy", changes: &["unreadable-settings"], names_app_2: Names::Nobody, given: false, most: 3 },
    Row {
        name: "healthy, given resource",
        changes: &["unreadable-settings"],
        names_app_2: Names::Nobody,
        given: true,
        most: 3,
    },
    Row {
        name: "healthy, search in the subscription",
        changes: &["unreadable-settings"],
        names_app_2: Names::Subscription,
        given: false,
        most: 4,
    },
    Row { name: "healthy, readable settings", changes: &[], names_app_2: Names::Id, given: false, most: 4 },
    Row {
        name: "403",
        changes: &["unreadable-settings", "own-application-only"],
        names_app_2: Names::Nobody,
        given: false,
        most: 4,
    },
    Row {
        name: "403, given resource",
        changes: &["unreadable-settings", "own-application-only"],
        names_app_2: Names::Nobody,
        given: true,
        most: 3,
    },
    Row {
        name: "no challenge, Resource Manager denies",
        changes: &["unreadable-settings", "challenge-realm-only"],
        names_app_2: Names::Id,
        given: false,
        most: 4,
    },
    Row {
        name: "token refused",
        changes: &["unreadable-settings", "unknown-refusal"],
        names_app_2: Names::Nobody,
        given: false,
        most: 4,
    },
    Row {
        name: "token refused, given resource",
        changes: &["unreadable-settings", "unknown-refusal"],
        names_app_2: Names::Nobody,
        given: true,
        most: 3,
    },
];

impl Row {
    fn report(&self) -> Report {
        let healthy = scenarios().iter().find(|scenario| scenario.name == "healthy").unwrap();
        let scenario =
            Scenario { changes: self.changes.iter().map(|change| (*change).to_owned()).collect(), ..healthy.clone() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let options = LabOptions { delay: DELAY, keys: Some(keys()), ..LabOptions::default() };
            let lab = Lab::start(&scenario, options).await.unwrap();
            let mut prepared = loopback::prepare(&lab).unwrap();
            prepared.grace = Duration::from_secs(600);
            if self.names_app_2 != Names::Id {
                prepared.inputs.target_resource_id = None;
            }
            if self.names_app_2 == Names::Nobody {
                let variables = prepared.variables.iter_mut().flatten();
                variables.filter(|(name, _)| name == "WEBSITE_OWNER_NAME").for_each(|(_, value)| value.clear());
            }
            if !self.given {
                prepared.inputs.resource = None;
            }
            session::run(&prepared, None, unbounded_channel().0, CancellationToken::new()).await
        })
    }
}

const fn end(exchange: &Exchange) -> u64 {
    exchange.started_ms + exchange.elapsed_ms
}

/// Each request with its place in the longest chain that ends with it.
fn chains(report: &Report) -> Vec<(usize, &Exchange)> {
    let mut exchanges: Vec<&Exchange> = report.observed().exchanges.iter().collect();
    exchanges.sort_by_key(|exchange| (exchange.started_ms, exchange.id));
    let mut chains: Vec<(usize, &Exchange)> = Vec::new();
    for exchange in exchanges {
        let before = chains.iter().filter(|(_, other)| end(other) <= exchange.started_ms);
        let before = before.map(|(place, _)| *place).max().unwrap_or(0);
        chains.push((before + usize::from(exchange.elapsed_ms > 0), exchange));
    }
    chains
}

#[test]
fn no_run_waits_for_more_answers_one_after_the_other_than_it_needs() {
    let mut wrong = Vec::new();
    for row in ROWS {
        let report = row.report();
        let chains = chains(&report);
        let longest = chains.iter().map(|(place, _)| *place).max().unwrap();
        if longest > row.most {
            let listed: Vec<String> = chains
                .iter()
                .map(|(place, exchange)| format!("{place} {:?} {}", exchange.purpose, exchange.started_ms))
                .collect();
            let time = report.observed().elapsed_ms;
            wrong.push(format!("{}: {longest} instead of {} in {time} ms: {listed:#?}", row.name, row.most));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What a console prints.
#[derive(Clone, Default)]
struct Printed(Arc<Mutex<Vec<u8>>>);

impl Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a check that is repeated for so many seconds prints.
fn watched(name: &str, seconds: u64, options: &OutputOptions) -> String {
    let scenario = scenarios().iter().find(|scenario| scenario.name == name).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let printed = Printed::default();
    runtime.block_on(async {
        let lab = Lab::start(scenario, LabOptions { keys: Some(keys()), ..LabOptions::default() }).await.unwrap();
        let mut prepared = loopback::prepare(&lab).unwrap();
        prepared.grace = Duration::from_secs(600);
        let outputs = Outputs::open(options, false, &[]).unwrap();
        let mut console = Console::new(Box::new(printed.clone()), Box::new(io::sink()), Style::default());
        let ready = Ready { prepared: vec![prepared], outputs };
        let watching = perform(ready, true, false, &mut console);
        assert!(tokio::time::timeout(Duration::from_secs(seconds), watching).await.is_err(), "it passes");
    });
    String::from_utf8(printed.0.lock().unwrap().clone()).unwrap()
}

/// The seconds of the pauses of a check that is repeated for so many seconds, and what was printed.
fn pauses(name: &str, seconds: u64) -> (Vec<u64>, String) {
    let printed = watched(name, seconds, &OutputOptions::default());
    let seconds = printed.lines().filter_map(|line| line.split_once("checking again in ")?.1.strip_suffix(" s"));
    (seconds.map(|number| number.parse().unwrap()).collect(), printed)
}

#[test]
fn a_repeated_check_waits_for_what_its_fix_waits_for() {
    let (cached, printed) = pauses("app-requires-role-or-scope", 1700);
    assert_eq!(cached, [600, 600, 600], "{printed}");
    let expires = observing::of("app-requires-role-or-scope", true).report.diagnosis().root_cause.as_ref().unwrap();
    assert!(expires.takes_effect.unwrap().at.is_some());
    let (spread, printed) = pauses("assignment-required-not-assigned", 290);
    assert_eq!(spread, [60; 5], "{printed}");
    // Without a token, whose whole seconds the calendar may pass while the paused clock stands still.
    let (at_once, printed) = pauses("identity-endpoint-protocol-mismatch", 30);
    assert_eq!(at_once, [5, 7, 10, 15], "{printed}");
}

/// Whoever interrupts a check that doesn't pass has what it found: in the file, and as lines of JSON.
#[test]
fn a_repeated_check_writes_what_each_look_finds() {
    let folder = tempfile::tempdir().unwrap();
    let (report, case) = (folder.path().join("report.json"), folder.path().join("case.json"));
    let name = "identity-endpoint-protocol-mismatch";
    let path = |path: &std::path::Path| Some(path.to_str().unwrap().to_owned());
    let in_file =
        OutputOptions { format: Format::Json, output: path(&report), save: path(&case), ..Default::default() };
    let printed = watched(name, 30, &in_file);
    assert!(printed.contains("checking again"), "{printed}");
    let json = |path: &std::path::Path| -> serde_json::Value {
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    };
    assert_eq!(json(&report)["root_cause"]["code"], name);
    assert!(json(&case)["case_version"].is_u64());
    let lines = watched(name, 30, &OutputOptions { format: Format::Json, ..OutputOptions::default() });
    // Nothing changes, so there is one document, on one line.
    assert_eq!(lines.lines().count(), 1, "{lines}");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&lines).unwrap()["root_cause"]["code"], name);
}
