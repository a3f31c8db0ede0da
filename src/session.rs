//! Runs the probes, judges when something changed and somebody looks, and sends events to whichever front end listens.

pub mod watch;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;

use crate::case::Case;
use crate::case::continued::Continued;
use crate::case::observation::Observation;
use crate::case::step::StepId;
use crate::case::under_way::UnderWay;
pub use crate::probe::Prepared;
use crate::probe::{self, Again, clock};
use crate::report::Report;

/// What a front end hears during a run.
#[derive(Debug, Clone)]
pub enum Event {
    /// A request has started; its step is busy.
    Started(Box<UnderWay>),
    /// Something was observed: the report as it stands now, and the steps that still wait for an answer.
    Progress {
        /// The case judged as far as it is observed.
        report: Arc<Report>,
        /// Steps with a request under way.
        busy: Vec<StepId>,
    },
    /// A request that had started is over. Its exchange, if it has one, is in the last report.
    Ended {
        /// Its number.
        id: u32,
    },
    /// A step's evidence is complete; its report will hardly change.
    Settled(StepId),
    /// The run is over.
    Finished(Arc<Report>),
}

/// Who listens to a run, and how closely. Judging costs more than observing, so it is done only for those who look.
#[derive(Debug, Clone)]
pub struct Listener {
    /// Where events go; the other end may be gone.
    pub events: UnboundedSender<Event>,
    /// Whether every observation is worth a new report, or only those that complete a step.
    pub every_observation: bool,
}

impl From<UnboundedSender<Event>> for Listener {
    fn from(events: UnboundedSender<Event>) -> Self {
        Self { events, every_observation: true }
    }
}

/// The time, for front ends: they read no clock of their own.
#[must_use]
pub fn now() -> DateTime<Utc> {
    clock::utc()
}

/// No more observations than this are taken in before they are judged.
const BATCH: usize = 64;

/// Observes and judges. Returns the last report; every event also goes to the listener.
///
/// With `again`, an earlier report and a step, only that step and what follows it are observed anew.
pub async fn run(
    prepared: &Prepared,
    again: Option<(&Report, StepId)>,
    listener: impl Into<Listener>,
    cancel: CancellationToken,
) -> Report {
    let Listener { events, every_observation } = listener.into();
    let again = again.map(|(report, from)| {
        let mut kept = report.observed().keep_before(from);
        if from <= StepId::Identity {
            // Nothing of the earlier run is left.
            (kept.started_at, kept.elapsed_ms, kept.continued) = (clock::utc(), 0, Continued::default());
        } else {
            kept.continue_at(clock::utc());
        }
        // What was only assumed of the report is not part of the next run.
        kept.inputs.clone_from(&prepared.inputs);
        Again { kept, from }
    });
    let mut case =
        again.as_ref().map_or_else(|| Case::new(prepared.inputs.clone(), clock::utc()), |again| again.kept.clone());
    let continued_at = Duration::from_millis(case.continued.last_ms());
    let (sender, mut observations) = unbounded_channel();
    let watching = async {
        let mut under_way: Vec<(u32, StepId)> = Vec::new();
        let mut batch = Vec::new();
        // The report on everything that was observed so far, where it was judged.
        let mut latest = None;
        while observations.recv_many(&mut batch, BATCH).await > 0 {
            // Answers that are there already are read first, so that they are judged together.
            tokio::task::yield_now().await;
            while batch.len() < BATCH
                && let Ok(observation) = observations.try_recv()
            {
                batch.push(observation);
            }
            latest = None;
            let is_news = batch.iter().any(is_judged);
            let mut ended = Vec::new();
            let mut settled = Vec::new();
            for observation in batch.drain(..) {
                match &observation {
                    Observation::Started(started) => {
                        under_way.push((started.id, started.purpose.step()));
                        let url = started.url.clone().without(&case.secrets);
                        let at = started.at.saturating_sub(continued_at);
                        let started = UnderWay { url, at, ..(**started).clone() };
                        let _ = events.send(Event::Started(Box::new(started)));
                    }
                    Observation::Exchange(exchange) => ended.push(exchange.id),
                    Observation::Ended { id } => ended.push(*id),
                    Observation::Settled(step) => settled.push(*step),
                    _ => {}
                }
                case.apply(observation);
            }
            under_way.retain(|(id, _)| !ended.contains(id));
            if is_news && (every_observation || !settled.is_empty()) && !events.is_closed() {
                let mut busy: Vec<StepId> = under_way.iter().map(|(_, step)| *step).collect();
                crate::sort::all(&mut busy);
                busy.dedup();
                let report = Arc::new(Report::of(case.clone()));
                latest = Some(Arc::clone(&report));
                // A front end that has gone away is no reason to stop observing: the caller still needs the report.
                let _ = events.send(Event::Progress { report, busy });
            }
            let ended = ended.into_iter().map(|id| Event::Ended { id });
            for event in ended.chain(settled.into_iter().map(Event::Settled)) {
                let _ = events.send(event);
            }
        }
        latest
    };
    let ((), latest) = tokio::join!(probe::observe(prepared, again.as_ref(), sender, cancel), watching);
    let report = latest.unwrap_or_else(|| Arc::new(Report::of(case)));
    let _ = events.send(Event::Finished(Arc::clone(&report)));
    Arc::unwrap_or_clone(report)
}

/// Whether judging reads it: what has only started, and what must only be hidden, changes no finding.
const fn is_judged(observation: &Observation) -> bool {
    !matches!(
        observation,
        Observation::Started(_)
            | Observation::Ended { .. }
            | Observation::Secret(_)
            | Observation::Sent { .. }
            | Observation::SentBody(_)
    )
}
