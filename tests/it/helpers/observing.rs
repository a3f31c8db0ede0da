//! Runs of the doctor on labs, and what came of every scenario: observed once, read by every test that changes nothing.

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, OnceLock};
use std::thread;
use std::time::Duration;

use easyauth_doctor::case::code::Code;
use easyauth_doctor::lab::{Keys, Lab, LabOptions, Received, Scenario, scenario};
use easyauth_doctor::line::loopback;
use easyauth_doctor::probe::preview::Preview;
use easyauth_doctor::report::text::Style;
use easyauth_doctor::report::{Confidence, Format, Report, render};
use easyauth_doctor::{probe, session};
use serde_json::Value;
use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;

use super::network;

/// A scenario with or without App 2's settings, and what came of it.
pub struct Observed {
    pub scenario: &'static Scenario,
    /// Whether App 2's settings could be read.
    pub settings: bool,
    pub report: Report,
    /// The lab's own secrets.
    pub secrets: Vec<String>,
    /// What arrived at the lab's servers.
    pub received: Vec<Received>,
    /// The options that the scenario gave to the doctor.
    pub arguments: Vec<String>,
    /// What `--plan` tells of the same inputs.
    pub plan: Preview,
    /// How many requests arrived while the plan was made.
    pub received_by_plan: usize,
    json: OnceLock<Value>,
}

impl Observed {
    /// The report as JSON, rendered once.
    pub fn json(&self) -> &Value {
        self.json.get_or_init(|| {
            let text = render(std::slice::from_ref(&self.report), false, Format::Json, &Style::default());
            serde_json::from_str(&text).unwrap()
        })
    }
}

/// Every scenario, read once.
pub fn scenarios() -> &'static [Scenario] {
    static SCENARIOS: LazyLock<Vec<Scenario>> = LazyLock::new(|| scenario::all().unwrap());
    &SCENARIOS
}

/// Keys for all labs of this process: making them takes longer than a run.
pub fn keys() -> Arc<Keys> {
    static KEYS: LazyLock<Arc<Keys>> = LazyLock::new(|| Arc::new(Keys::generate().unwrap()));
    Arc::clone(&KEYS)
}

/// What came of every scenario, first with App 2's settings and then without.
pub fn all() -> Vec<&'static Observed> {
    let cells = scenarios().iter().flat_map(|scenario| [(scenario, true), (scenario, false)]);
    side_by_side(cells.collect(), |(scenario, settings)| observed(scenario, settings))
}

/// What came of every scenario with App 2's settings.
pub fn all_with_settings() -> Vec<&'static Observed> {
    side_by_side(scenarios().iter().collect(), |scenario| observed(scenario, true))
}

/// What came of one scenario.
pub fn of(name: &str, settings: bool) -> &'static Observed {
    let scenario = scenarios().iter().find(|scenario| scenario.name == name);
    observed(scenario.unwrap_or_else(|| panic!("no scenario {name}")), settings)
}

fn observed(scenario: &'static Scenario, settings: bool) -> &'static Observed {
    type Cells = Vec<[OnceLock<Observed>; 2]>;
    static CELLS: LazyLock<Cells> = LazyLock::new(|| scenarios().iter().map(|_| Default::default()).collect());
    let place = scenarios().iter().position(|known| known.name == scenario.name).unwrap();
    CELLS[place][usize::from(settings)].get_or_init(|| {
        runtime().block_on(async {
            let lab = start(scenario, settings).await;
            let plan = probe::preview(&loopback::prepare(&lab).unwrap());
            let received_by_plan = lab.received().len();
            let report = observe(&lab).await;
            Observed {
                scenario,
                settings,
                report,
                secrets: lab.secrets(),
                received: lab.received(),
                arguments: lab.arguments(),
                plan,
                received_by_plan,
                json: OnceLock::new(),
            }
        })
    })
}

/// Starts a lab of the test's own.
pub async fn start(scenario: &Scenario, settings: bool) -> Lab {
    let options = LabOptions { black_box: !settings, keys: Some(keys()), ..LabOptions::default() };
    let lab = Lab::start(scenario, options).await;
    lab.unwrap_or_else(|error| panic!("{}: {error}", scenario.name))
}

/// What the doctor says of the lab as it stands now.
pub async fn observe(lab: &Lab) -> Report {
    let mut prepared = loopback::prepare(lab).unwrap();
    // A busy machine is no reason to see less.
    prepared.grace = Duration::from_secs(600);
    network::guard(network::refused_inputs(&prepared.inputs, &lab.variables()));
    let (events, _) = unbounded_channel();
    session::run(&prepared, None, events, CancellationToken::new()).await
}

/// The same, with `--auth-settings FILE`.
pub async fn observe_with(lab: &Lab, settings: &Path) -> Report {
    let mut inputs = loopback::prepare(lab).unwrap().inputs;
    inputs.auth_settings = Some(settings.to_owned());
    let prepared = probe::prepare_with(inputs, Some(lab.variables())).unwrap();
    network::guard(network::refused_inputs(&prepared.inputs, &lab.variables()));
    let (events, _) = unbounded_channel();
    session::run(&prepared, None, events, CancellationToken::new()).await
}

/// A runtime on this thread.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// Does the same with every item on several threads, for a run also waits. The results are in their order.
pub fn side_by_side<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(4, usize::from).max(4);
    let mut done: Vec<Option<R>> = items.iter().map(|_| None).collect();
    let waiting: Mutex<VecDeque<(T, &mut Option<R>)>> = Mutex::new(items.into_iter().zip(&mut done).collect());
    let next = || waiting.lock().unwrap().pop_front();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((item, place)) = next() {
                    *place = Some(work(item));
                }
            });
        }
    });
    drop(waiting);
    done.into_iter().map(|result| result.expect("a thread ended early")).collect()
}

/// The root cause, and how sure it is.
pub fn root(report: &Report) -> Option<(Code, Confidence)> {
    let cause = report.diagnosis().root_cause.as_ref()?;
    Some((cause.code, cause.confidence))
}

/// The root cause and its alternatives.
pub fn candidates(report: &Report) -> BTreeSet<Code> {
    let others = report.diagnosis().alternatives.iter().map(|other| other.code);
    root(report).map(|(code, _)| code).into_iter().chain(others).collect()
}
