//! Runs the probes, judges after every observation, and sends events to whichever front end listens.

use chrono::Utc;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;

use crate::case::Case;
use crate::case::exchange::Purpose;
use crate::case::observation::Observation;
use crate::case::step::StepId;
pub use crate::probe::Prepared;
use crate::probe::{self, Again};
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

/// Observes and judges once. Returns the last report; every event also goes to `events`, whose other end may be gone.
///
/// With `again`, an earlier report and a step, only that step and what follows it are observed anew.
pub async fn run(
    prepared: &Prepared,
    again: Option<(&Report, StepId)>,
    events: UnboundedSender<Event>,
    cancel: CancellationToken,
) -> Report {
    let again = again.map(|(report, from)| {
        let mut kept = report.case.keep_before(from);
        // What was only assumed of the report is not part of the next run.
        kept.inputs.clone_from(&prepared.inputs);
        Again { kept, from }
    });
    let mut case = again.as_ref().map_or_else(
        || Case::new(prepared.inputs.clone(), Utc::now()),
        |again| again.kept.clone(),
    );
    let (sender, mut observations) = unbounded_channel();
    let watching = async {
        let mut under_way: Vec<Purpose> = Vec::new();
        while let Some(observation) = observations.recv().await {
            match &observation {
                Observation::Started { purpose } => under_way.push(purpose.clone()),
                Observation::Exchange(exchange) => {
                    if let Some(place) = under_way.iter().position(|purpose| purpose == &exchange.purpose) {
                        under_way.remove(place);
                    }
                }
                _ => {}
            }
            let announcement = match &observation {
                Observation::Started { purpose } => Some(Event::Started(purpose.clone())),
                Observation::Settled(step) => Some(Event::Settled(*step)),
                _ => None,
            };
            case.apply(observation);
            let mut busy: Vec<StepId> = under_way.iter().map(Purpose::step).collect();
            busy.sort_unstable();
            busy.dedup();
            // A front end that has gone away is no reason to stop observing: the caller still wants the report.
            let _ = events.send(Event::Progress {
                report: Box::new(Report::of(case.clone())),
                busy,
            });
            if let Some(announcement) = announcement {
                let _ = events.send(announcement);
            }
        }
    };
    tokio::join!(probe::observe(prepared, again.as_ref(), sender, cancel), watching);
    let report = Report::of(case);
    let _ = events.send(Event::Finished(Box::new(report.clone())));
    report
}
