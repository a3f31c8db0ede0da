//! What a run waits for once its verdict is decided. A deadline of a minute and a grace period of a tenth of a second:
//! what waits for a silent server is over before the deadline however slow the machine is.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use easyauth_doctor::case::Case;
use easyauth_doctor::case::exchange::{Outcome, Purpose};
use easyauth_doctor::case::resource_id::ResourceId;
use easyauth_doctor::knowledge::phrase;
use easyauth_doctor::probe;
use easyauth_doctor::report::{Report, json};
use easyauth_doctor::session;
use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;

use crate::helpers::observing::runtime;
use crate::helpers::program::doctor;
use crate::helpers::server::{IDENTITY_HEADER, RESOURCE, Server, identity_for};
use crate::helpers::terminal::Screen;
use crate::helpers::world::{World, answer};

const SITE: &str =
    "/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/g/providers/Microsoft.Web/sites/a";

/// A server that accepts connections and never answers.
fn silent() -> Server {
    Server::play(|_, _| thread::sleep(Duration::from_secs(300)))
}

/// What comes of a world in which Azure Resource Manager, Entra, and Graph are silent, and App 2 answers the call so,
/// every answer after this time.
fn observed(status: &'static str, delay: Duration, grace: Duration) -> Report {
    let azure = silent();
    let mut world = World::with(Server::answers(move |head| {
        thread::sleep(delay);
        answer(head, status, "", "")
    }));
    world.inputs.authority = Some(azure.url.clone());
    world.inputs.resource_manager = Some(azure.url.clone());
    world.inputs.graph = Some(azure.url.clone());
    world.inputs.target_resource_id = Some(ResourceId::new(SITE));
    world.inputs.timeout_s = 60;
    let mut prepared = probe::prepare_with(world.inputs.clone(), Some(world.variables.clone())).unwrap();
    prepared.grace = grace;
    let run = session::run(&prepared, None, unbounded_channel().0, CancellationToken::new());
    runtime().block_on(async {
        let run = tokio::time::timeout(Duration::from_secs(45), run).await;
        run.expect("the run waits for silent servers")
    })
}

fn outcome<'a>(report: &'a Report, purpose: &Purpose) -> &'a Outcome {
    &report.observed().exchange(purpose).unwrap().outcome
}

#[test]
fn silent_services_do_not_hold_the_verdict_and_are_no_evidence() {
    for (status, code) in [("200 OK", 0), ("403 Forbidden", 3)] {
        let report = observed(status, Duration::ZERO, Duration::from_millis(100));
        assert_eq!(report.exit_code(), code, "{status}");
        for purpose in [Purpose::AuthSettingsV2, Purpose::Site, Purpose::MetadataV1] {
            assert_eq!(outcome(&report, &purpose), &Outcome::NotWaitedFor, "{status} {purpose:?}");
        }
        for exchange in &report.observed().exchanges {
            assert!(exchange.failure().is_none(), "{status}: {exchange:?}");
        }
        let found: Vec<_> = report.steps().iter().flat_map(|step| &step.findings).collect();
        let codes: Vec<_> = found.iter().map(|finding| finding.code.name()).collect();
        for code in ["settings-unreadable", "caller-egress-blocked", "target-unreachable"] {
            assert!(!codes.contains(&code), "{status}: {codes:?}");
        }
        let reopened: Case = serde_json::from_value(serde_json::to_value(report.case()).unwrap()).unwrap();
        assert_eq!(
            json::reports(&[Report::of(reopened)], false),
            json::reports(std::slice::from_ref(&report), false),
            "{status}"
        );
    }
}

#[test]
fn what_decides_the_verdict_has_its_whole_deadline() {
    let report = observed("403 Forbidden", Duration::from_millis(700), Duration::from_millis(1));
    for purpose in [Purpose::CallAnonymous, Purpose::CallInvalidToken, Purpose::Token, Purpose::CallWithToken] {
        assert!(matches!(outcome(&report, &purpose), Outcome::Answer(_)), "{purpose:?}");
    }
}

#[test]
fn a_long_wait_is_named_on_a_terminal_and_nowhere_in_a_pipe() {
    let (app2, identity) = (silent(), identity_for(RESOURCE));
    let endpoint = format!("{}/msi/token", identity.url);
    let variables = [("IDENTITY_ENDPOINT", endpoint.as_str()), ("IDENTITY_HEADER", IDENTITY_HEADER)];
    let waits = phrase("check.waiting").with("request", "x").with("seconds", 2_u64).text();
    let waits = waits.split(':').next().unwrap();
    let arguments = ["check", "-t", &app2.url, "-r", RESOURCE, "--timeout", "4"];
    let screen = Screen::open(&arguments, &variables);
    screen.wait_for(waits);
    let seen = Arc::clone(&screen.seen);
    assert_eq!(screen.ended().exit_code(), 1);
    let shown = seen.0.lock().unwrap().parser.screen().contents();
    assert!(!shown.contains(waits), "{shown}");
    let output = doctor(&arguments).envs(variables).output().unwrap();
    let printed = [output.stdout, output.stderr].concat();
    assert!(!String::from_utf8(printed).unwrap().contains(waits));
}
