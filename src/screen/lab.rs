//! A lab behind the screen.

use std::sync::{Arc, Mutex, PoisonError};

use easyauth_doctor::cli::{DisplayOptions, LabOptions, OutputOptions};
use easyauth_doctor::lab::scenario;
use easyauth_doctor::line::bench::Bench;
use easyauth_doctor::line::{CliError, loopback};
use easyauth_doctor::tui::bench::{self, Doing, Done, Output, Ran, Request, State};
use easyauth_doctor::tui::{self, Preparing};

/// The lab must outlive the screen that looks at it.
pub(super) type Kept = Arc<Mutex<Option<Arc<Bench>>>>;

/// The title of the screen for this lab.
pub(super) fn title(options: &LabOptions) -> String {
    format!("lab {}", options.scenario)
}

/// The command line that shows a scenario as these options do.
pub(super) fn again(scenario: &str, options: &LabOptions) -> String {
    tui::shows_lab(scenario, options.without_settings, options.delay)
}

/// The lab for somebody who has no target: a call that fails for the most common reason.
pub(super) fn first_scenario() -> LabOptions {
    LabOptions {
        command: None,
        scenario: "caller-not-in-allowed-applications".to_owned(),
        without_settings: false,
        delay: 0,
        output: OutputOptions::default(),
        display: DisplayOptions::default(),
    }
}

/// A lab that starts while the screen is there already: its keys take a noticeable part of a second, so they are
/// made on another thread.
///
/// # Errors
/// No scenario of this name.
pub(super) fn starting(options: &LabOptions, kept: &Kept) -> Result<Preparing, CliError> {
    let scenario = loopback::named(&options.scenario)?;
    let (place, started) = (Arc::clone(kept), options.clone());
    Ok(Box::pin(async move {
        let runtime = tokio::runtime::Handle::current();
        let starting = tokio::task::spawn_blocking(move || runtime.block_on(loopback::start(&started)));
        let (lab, prepared) = starting.await??;
        *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(Bench::new(lab, scenario)));
        Ok(prepared)
    }))
}

/// What the screen asks of that lab.
pub(super) fn behind(options: &LabOptions, kept: &Kept) -> Box<dyn bench::Bench> {
    Box::new(Behind { kept: Arc::clone(kept), options: options.clone() })
}

/// The lab behind the screen.
struct Behind {
    kept: Kept,
    options: LabOptions,
}

impl Behind {
    fn bench(&self) -> Option<Arc<Bench>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl bench::Bench for Behind {
    fn state(&self) -> Option<State> {
        self.bench().map(|bench| state(&bench, &self.options))
    }

    fn perform(&self, request: Request) -> Doing {
        let (bench, options) = (self.bench(), self.options.clone());
        Box::pin(async move {
            let mut done = Done::default();
            if let Some(bench) = bench {
                let before = bench.lab.fingerprint();
                let said = perform(&bench, &request, &mut done.ran).await;
                let is_changed = matches!(request, Request::Switch(_)) || bench.lab.fingerprint() != before;
                let prepared = is_changed.then(|| loopback::prepare_marked(&bench.lab)).transpose();
                done.failed = said.err();
                match prepared {
                    Ok(prepared) => done.prepared = prepared.map(Box::new),
                    Err(error) => done.failed = Some(error.to_string()),
                }
                done.state = Some(state(&bench, &options));
            }
            done.request = Some(request);
            done
        })
    }
}

async fn perform(bench: &Bench, request: &Request, ran: &mut Vec<Ran>) -> Result<(), String> {
    match request {
        Request::Set { name, broken } => bench.lab.set(name, *broken).await.map_err(|error| error.to_string()),
        Request::Switch(name) => bench.switch(name).await.map_err(|error| error.to_string()),
        Request::Run { lines, report } => {
            for line in lines {
                let output = match bench.run(line, report.as_deref()) {
                    Ok(printed) => Output::Printed(printed),
                    Err(error) => Output::Refused(error.to_string()),
                };
                let is_refused = output.refused().is_some();
                let line = line.trim().to_owned();
                ran.push(Ran { line, output });
                if is_refused {
                    break;
                }
            }
            Ok(())
        }
    }
}

fn state(bench: &Bench, options: &LabOptions) -> State {
    let scenario = bench.scenario();
    let all = scenario::all().unwrap_or_default();
    let scenarios = all.into_iter().map(|one| (one.name, one.title)).collect();
    let faults = bench.faults().into_iter().map(|fault| bench::Breakable {
        name: fault.name,
        title: fault.title,
        group: fault.group,
        code: fault.code,
        broken: fault.broken,
    });
    State {
        again: again(&scenario.name, options),
        changed: bench.is_changed(),
        faults: faults.collect(),
        expected: bench.expected().map(|expected| bench::Expected {
            verdict: expected.verdict,
            code: expected.code,
            confidence: expected.confidence,
        }),
        scenarios: Arc::new(scenarios),
        scenario: scenario.name,
        description: scenario.description,
    }
}
