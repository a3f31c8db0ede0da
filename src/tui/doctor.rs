//! Starts runs, stops them, and listens to the one that counts.

use std::sync::Arc;
use std::task::Poll;

use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_util::sync::CancellationToken;

use crate::case::step::StepId;
use crate::report::Report;
use crate::session::{self, Prepared};

use super::update::Message;

/// Targets that are checked at the same time.
const SIDE_BY_SIDE: usize = 4;

/// Who runs checks for the screen, one for each target.
pub struct Doctor {
    runs: Vec<Run>,
    /// How many more can be under way.
    free: Arc<Semaphore>,
}

struct Run {
    prepared: Option<Prepared>,
    heard: UnboundedReceiver<session::Event>,
    cancel: CancellationToken,
}

impl Run {
    fn new(prepared: Option<Prepared>) -> Self {
        Self { prepared, heard: unbounded_channel().1, cancel: CancellationToken::new() }
    }
}

impl Doctor {
    /// A doctor with the inputs of these targets; without any, nothing can run.
    #[must_use]
    pub fn new(prepared: Vec<Prepared>) -> Self {
        let mut runs: Vec<Run> = prepared.into_iter().map(|prepared| Run::new(Some(prepared))).collect();
        if runs.is_empty() {
            runs.push(Run::new(None));
        }
        Self { runs, free: Arc::new(Semaphore::new(SIDE_BY_SIDE)) }
    }

    /// Gives it what it needs to check the only target.
    pub fn prepare(&mut self, prepared: Prepared) {
        let Some(run) = self.runs.first_mut() else { return };
        run.prepared = Some(prepared);
    }

    /// Checks a target from a step on, with what an earlier run observed before it. What an earlier run still says is
    /// not heard any more.
    pub fn start(&mut self, at: usize, from: StepId, before: Option<Arc<Report>>) {
        let Some(run) = self.runs.get_mut(at) else { return };
        let Some(prepared) = run.prepared.clone() else { return };
        run.cancel.cancel();
        run.cancel = CancellationToken::new();
        let (events, heard) = unbounded_channel();
        run.heard = heard;
        let (cancel, free) = (run.cancel.clone(), Arc::clone(&self.free));
        tokio::spawn(async move {
            // One that is stopped before its turn ends at once.
            let _turn = tokio::select! {
                turn = free.acquire_owned() => turn.ok(),
                () = cancel.cancelled() => None,
            };
            let again = before.as_deref().filter(|_| from != StepId::Identity).map(|report| (report, from));
            session::run(&prepared, again, events, cancel).await;
        });
    }

    /// Checks every target.
    pub fn start_all(&mut self) {
        for at in 0..self.runs.len() {
            self.start(at, StepId::Identity, None);
        }
    }

    /// Stops what is under way of a target; what was observed is judged and reported as finished.
    pub fn stop(&self, at: usize) {
        if let Some(run) = self.runs.get(at) {
            run.cancel.cancel();
        }
    }

    /// Stops everything.
    pub fn stop_all(&self) {
        self.runs.iter().for_each(|run| run.cancel.cancel());
    }

    /// What a run reports next; never, where none runs.
    pub async fn next(&mut self) -> Message {
        std::future::poll_fn(|context| {
            for (at, run) in self.runs.iter_mut().enumerate() {
                if let Poll::Ready(Some(event)) = run.heard.poll_recv(context) {
                    return Poll::Ready(Message::Target(at, event));
                }
            }
            Poll::Pending
        })
        .await
    }

    /// What a run has reported already.
    pub fn already(&mut self) -> Option<Message> {
        let mut runs = self.runs.iter_mut().enumerate();
        runs.find_map(|(at, run)| Some(Message::Target(at, run.heard.try_recv().ok()?)))
    }
}
