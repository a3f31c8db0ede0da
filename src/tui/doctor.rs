//! Starts runs, stops them, and listens to the one that counts.

use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_util::sync::CancellationToken;

use crate::case::step::StepId;
use crate::report::Report;
use crate::session::{self, Prepared};

/// Who runs checks for the screen.
pub struct Doctor {
    prepared: Option<Prepared>,
    heard: UnboundedReceiver<session::Event>,
    cancel: CancellationToken,
}

impl Doctor {
    /// A doctor with these inputs; without any, nothing can run.
    #[must_use]
    pub fn new(prepared: Option<Prepared>) -> Self {
        Self { prepared, heard: unbounded_channel().1, cancel: CancellationToken::new() }
    }

    /// Gives it what it needs to run.
    pub fn prepare(&mut self, prepared: Prepared) {
        // A check that begins behind the step `token` uses the token of the one before.
        self.prepared = Some(match &self.prepared {
            Some(before) => prepared.remembering(before),
            None => prepared,
        });
    }

    /// Checks from a step on, with what an earlier run observed before it. What an earlier run still says is not heard
    /// any more.
    pub fn start(&mut self, from: StepId, before: Option<Arc<Report>>) {
        let Some(prepared) = self.prepared.clone() else { return };
        self.cancel.cancel();
        self.cancel = CancellationToken::new();
        let (events, heard) = unbounded_channel();
        self.heard = heard;
        let cancel = self.cancel.clone();
        tokio::spawn(async move {
            let again = before.as_deref().filter(|_| from != StepId::Identity).map(|report| (report, from));
            session::run(&prepared, again, events, cancel).await;
        });
    }

    /// Stops what is under way; what was observed is judged and reported as finished.
    pub fn stop(&self) {
        self.cancel.cancel();
    }

    /// What the run reports next; never, where none runs.
    pub async fn next(&mut self) -> session::Event {
        match self.heard.recv().await {
            Some(event) => event,
            None => std::future::pending().await,
        }
    }

    /// What the run has reported already.
    pub fn already(&mut self) -> Option<session::Event> {
        self.heard.try_recv().ok()
    }
}
