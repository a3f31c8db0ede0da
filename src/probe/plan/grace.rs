//! How long a run goes on once its verdict is decided.
//!
//! | what is there | what is still waited for |
//! |---|---|
//! | nothing that decides | everything, each up to its own deadline |
//! | a call that was not rejected | everything else for the grace period |
//! | a rejected call, or a refused token | everything else, as long as no grace period passes without an answer |
//!
//! The calls without a token and with an invalid one decide, too: they say whether Easy Auth is there.

use std::sync::atomic::Ordering;

use crate::case::step::StepId;
use crate::probe::http::pause;

use super::Plan;

impl Plan<'_> {
    /// Tells that the call was answered, and whether that answer needs no explanation.
    pub(super) fn decide(&self, is_rejected: bool) {
        self.is_rejected.store(is_rejected, Ordering::Relaxed);
        if !is_rejected {
            self.http.nothing_to_explain();
        }
        self.decided.cancel();
    }

    /// Ends the requests that the verdict does not need, once it is decided and they had their time. Never returns.
    pub(super) async fn stop_waiting(&self) {
        self.decided.cancelled().await;
        if self.from <= StepId::Protection {
            tokio::join!(self.anonymous(), self.impossible());
        }
        let grace = self.prepared.grace.min(self.http.timeout());
        let mut since = tokio::time::Instant::now();
        loop {
            let end = since.checked_add(grace).unwrap_or(since);
            let ((), paused) = pause::watched(grace, tokio::time::sleep_until(end)).await;
            if paused.is_some() {
                // A process that was stopped meanwhile saw no time pass.
                since = tokio::time::Instant::now();
                continue;
            }
            let last = self.http.last_answer();
            if last <= since || !self.is_rejected.load(Ordering::Relaxed) {
                break;
            }
            since = last;
        }
        self.http.stop_waiting();
        std::future::pending().await
    }
}
