//! What a check reports.

use std::sync::Arc;

use chrono::TimeDelta;

use crate::knowledge::phrase;
use crate::report::Report;
use crate::session::Event;
use crate::tui::model::Model;
use crate::tui::model::target::{Ended, Run, UnderWay};

use super::watch;

pub(super) fn take(model: &mut Model, event: Event) -> bool {
    let target = &mut model.target;
    if matches!(target.run, Run::Saved | Run::Never) {
        return false;
    }
    target.generation += 1;
    match event {
        Event::Started(request) => {
            let at = TimeDelta::from_std(request.at).unwrap_or_default();
            let since = target.begun.checked_add_signed(at);
            target.under_way.retain(|known| known.id != request.id);
            target.asked.entry(request.purpose.step()).or_insert(since.unwrap_or(model.now));
            target.under_way.push(UnderWay {
                id: request.id,
                request: format!("{} {}", request.method, request.url),
                since: since.unwrap_or(model.now),
                limit_ms: u64::try_from(request.limit.as_millis()).unwrap_or(u64::MAX),
                purpose: request.purpose,
                until: None,
            });
        }
        Event::Ended { id } => target.under_way.retain(|request| request.id != id),
        Event::Settled(_) => {}
        Event::Progress { report, .. } => target.observed = Some(report),
        Event::Finished(report) => finish(model, report),
    }
    true
}

fn finish(model: &mut Model, report: Arc<Report>) {
    model.log.withdraw(&["why.running", "why.stopping", "screen.stop"].map(|key| phrase(key).text()));
    let target = &mut model.target;
    match target.run {
        Run::Stopping | Run::Stopped => target.stop(model.now),
        Run::Never | Run::Running { .. } | Run::Finished | Run::Saved => {
            target.under_way.clear();
            target.run = Run::Finished;
        }
    }
    target.observed = Some(Arc::clone(&report));
    // For another cause, what is to be read and copied first is another row.
    if target.before.as_deref().and_then(cause) != cause(&report) {
        model.place.forget_rows();
    }
    if watch::judged(model, &report) {
        let is_cut_short = model.target.is_cut_short();
        let of_answer = || report.diagnosis().root_cause.as_ref().filter(|_| !is_cut_short);
        model.target.history.push(Ended {
            at: model.now,
            verdict: (!is_cut_short).then(|| report.verdict()),
            step: of_answer().map(|cause| cause.step),
        });
    }
    if !super::bench::advance(model) {
        model.follow();
    }
}

/// The name of what prevents the call.
fn cause(report: &Report) -> Option<&'static str> {
    report.diagnosis().root_cause.as_ref().map(|cause| cause.code.name())
}
