//! What a front end hears of a run, in which order, and without secrets.

use std::sync::Arc;

use easyauth_doctor::case::step::StepId;
use easyauth_doctor::line::loopback;
use easyauth_doctor::probe;
use easyauth_doctor::report::Report;
use easyauth_doctor::session::{self, Event};
use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;

use super::helpers::observing::{self, runtime};
use super::helpers::world::World;

const KEY: &str = "c29tZS1mdW5jdGlvbi1rZXktMDEyMzQ1Njc4OQ==";

/// The events of a run on a world whose target has a key in its address.
fn events() -> Vec<Event> {
    let mut world = World::refusing("403 Forbidden", "", "");
    let target = world.inputs.target.take().unwrap();
    world.inputs.target = Some(format!("{target}?code={KEY}&version=2"));
    let prepared = probe::prepare_with(world.inputs.clone(), Some(world.variables.clone())).unwrap();
    let (sender, mut heard) = unbounded_channel();
    runtime().block_on(session::run(&prepared, None, sender, CancellationToken::new()));
    let mut events = Vec::new();
    while let Ok(event) = heard.try_recv() {
        events.push(event);
    }
    events
}

#[test]
fn each_request_is_announced_and_ends_after_its_answer_was_judged() {
    let events = events();
    let Some(Event::Finished(last)) = events.last() else {
        panic!("the run is not over: {events:?}");
    };
    assert!(last.case().exchanges.len() > 5);
    let mut seen: Option<Arc<Report>> = None;
    let mut waiting = Vec::new();
    let mut announced = 0;
    for event in &events {
        match event {
            Event::Started(started) => {
                announced += 1;
                assert!(!started.url.as_str().contains(KEY), "{started:?}");
                assert_eq!(started.limit.as_secs(), 5);
                waiting.push(started.id);
                let exchanges = &last.case().exchanges;
                let exchange = exchanges.iter().find(|exchange| exchange.id == started.id).unwrap();
                assert_eq!(exchange.purpose, started.purpose);
                assert_eq!(exchange.method, started.method);
                assert_eq!(exchange.url, started.url.as_str());
                assert_eq!(u128::from(exchange.started_ms), started.at.as_millis());
            }
            Event::Ended { id } => {
                let place = waiting.iter().position(|waits| waits == id).unwrap();
                waiting.remove(place);
                let seen = seen.as_ref().unwrap();
                assert!(seen.case().exchanges.iter().any(|exchange| exchange.id == *id));
            }
            Event::Progress { report, .. } => {
                assert_ne!(seen.as_ref(), Some(report), "judged again without news");
                seen = Some(Arc::clone(report));
            }
            Event::Settled(step) => assert!(seen.as_ref().unwrap().observed().is_settled(*step)),
            Event::Finished(_) => {}
        }
    }
    assert_eq!(announced, last.case().exchanges.len());
    assert!(waiting.is_empty());
}

#[test]
fn a_check_from_a_later_step_finds_the_same_registration() {
    let scenario = observing::scenarios().iter().find(|scenario| scenario.name == "resource-not-registered").unwrap();
    runtime().block_on(async {
        let lab = observing::start(scenario, true).await;
        let prepared = loopback::prepare(&lab).unwrap();
        let run = async |again| session::run(&prepared, again, unbounded_channel().0, CancellationToken::new()).await;
        let first = run(None).await;
        let code = |report: &Report| report.diagnosis().root_cause.as_ref().map(|cause| cause.code.name());
        assert_eq!(code(&first), Some("resource-not-registered"));
        for step in [StepId::Scope, StepId::Token] {
            let again = run(Some((&first, step))).await;
            assert_eq!(code(&again), code(&first), "from {step:?}");
            assert_eq!(again.case().registration.is_some(), first.case().registration.is_some(), "from {step:?}");
        }
    });
}

/// A check from a later step keeps what the steps before it saw, or asks it again: the answer is the same.
#[test]
fn a_check_from_a_later_step_has_the_answer_of_a_whole_one() {
    let worlds = [
        ("caller-not-in-allowed-applications", Some("api://wrong")),
        ("caller-not-in-allowed-applications", Some("https://management.azure.com")),
        ("caller-not-in-allowed-applications", None),
        ("audience-not-allowed", None),
        ("assignment-required-not-assigned", None),
        ("roles-missing", None),
        ("undetermined-403", None),
        ("healthy", None),
    ];
    let mut wrong = Vec::new();
    for (name, resource) in worlds {
        let scenario = observing::scenarios().iter().find(|scenario| scenario.name == name).unwrap();
        runtime().block_on(async {
            let lab = observing::start(scenario, true).await;
            let mut prepared = loopback::prepare(&lab).unwrap();
            if let Some(resource) = resource {
                prepared.inputs.resource = Some(resource.to_owned());
            }
            let run =
                async |again| session::run(&prepared, again, unbounded_channel().0, CancellationToken::new()).await;
            let first = run(None).await;
            let answer = |report: &Report| {
                let cause = report.diagnosis().root_cause.as_ref();
                let cause = cause.map(|cause| (cause.code.name(), cause.confidence, cause.summary.clone()));
                let steps: Vec<_> = report.steps().iter().map(|step| (step.id, step.status)).collect();
                (report.verdict(), cause, steps)
            };
            for step in [StepId::Protection, StepId::Scope, StepId::Token, StepId::Claims, StepId::Call] {
                let again = run(Some((&first, step))).await;
                if answer(&again) != answer(&first) {
                    wrong.push(format!(
                        "{name} {resource:?} from {step:?}:\n{:?}\n{:?}",
                        answer(&again),
                        answer(&first)
                    ));
                }
            }
        });
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
