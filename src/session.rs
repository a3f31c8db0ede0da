//! Runs the probes, judges when something changed and somebody looks, and sends events to whichever front end listens.

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;

use crate::case::Case;
use crate::case::exchange::Purpose;
use crate::case::observation::Observation;
use crate::case::step::StepId;
pub use crate::probe::Prepared;
use crate::probe::{self, Again, clock};
use crate::report::Report;

/// What a front end hears during a run.
#[derive(Debug, Clone)]
pub enum Event {
    /// A request has started; its step is busy.
    Started(Purpose),
    /// Something was observed: the report as it stands now, and the steps that still wait for an answer.
    Progress {
        /// The case judged as far as it is observed.
        report: Box<Report>,
        /// Steps with a request under way.
        busy: Vec<StepId>,
    },
    /// A step's evidence is complete; its report will hardly change.
    Settled(StepId),
    /// The run is over.
    Finished(Box<Report>),
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
        Self {
            events,
            every_observation: true,
        }
    }
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
    let Listener {
        events,
        every_observation,
    } = listener.into();
    let again = again.map(|(report, from)| {
        let mut kept = report.observed().keep_before(from);
        if from <= StepId::Identity {
            // Nothing of the earlier run is left.
            (kept.started_at, kept.elapsed_ms) = (clock::utc(), 0);
        }
        // What was only assumed of the report is not part of the next run.
        kept.inputs.clone_from(&prepared.inputs);
        Again { kept, from }
    });
    let mut case = again.as_ref().map_or_else(
        || Case::new(prepared.inputs.clone(), clock::utc()),
        |again| again.kept.clone(),
    );
    let (sender, mut observations) = unbounded_channel();
    let watching = async {
        let mut under_way: Vec<Purpose> = Vec::new();
        let mut batch = Vec::new();
        // The report on everything that was observed so far, where it was judged.
        let mut latest = None;
        // What waits already is taken in at once and judged together.
        while observations.recv_many(&mut batch, BATCH).await > 0 {
            let mut announcements = Vec::new();
            for observation in batch.drain(..) {
                match &observation {
                    Observation::Started { purpose } => {
                        under_way.push(purpose.clone());
                        announcements.push(Event::Started(purpose.clone()));
                    }
                    Observation::Exchange(exchange) => {
                        if let Some(place) = under_way.iter().position(|purpose| purpose == &exchange.purpose) {
                            under_way.remove(place);
                        }
                    }
                    Observation::Settled(step) => announcements.push(Event::Settled(*step)),
                    _ => {}
                }
                case.apply(observation);
            }
            latest = None;
            let settles = announcements.iter().any(|event| matches!(event, Event::Settled(_)));
            if (every_observation || settles) && !events.is_closed() {
                let mut busy: Vec<StepId> = under_way.iter().map(Purpose::step).collect();
                busy.sort_unstable();
                busy.dedup();
                let report = Box::new(Report::of(case.clone()));
                latest = Some(report.clone());
                // A front end that has gone away is no reason to stop observing: the caller still needs the report.
                let _ = events.send(Event::Progress { report, busy });
            }
            for announcement in announcements {
                let _ = events.send(announcement);
            }
        }
        latest
    };
    let ((), latest) = tokio::join!(probe::observe(prepared, again.as_ref(), sender, cancel), watching);
    let report = latest.map_or_else(|| Report::of(case), |report| *report);
    let _ = events.send(Event::Finished(Box::new(report.clone())));
    report
}
