//! What is checked, and what is known of it. What was observed and what is only supposed are kept apart.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::case::assume::{Assumption, AssumptionError};
use crate::case::exchange::Purpose;
use crate::case::inputs::Inputs;
use crate::case::step::StepId;
use crate::knowledge::phrase;
use crate::report::{Report, StepStatus, Verdict, words};
use crate::session::watch::Pause;

/// How far a check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run {
    /// Nothing was checked yet.
    Never,
    /// Requests are under way.
    Running {
        /// The first step that is checked.
        from: StepId,
        /// Since when.
        since: DateTime<Utc>,
    },
    /// It is being stopped.
    Stopping,
    /// It was stopped before its end.
    Stopped,
    /// It is over.
    Finished,
    /// A saved case is shown; nothing can be checked.
    Saved,
}

/// A request under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnderWay {
    /// Its number.
    pub id: u32,
    /// What it is for.
    pub purpose: Purpose,
    /// The method and the address, as they may be shown.
    pub request: String,
    /// Since when it waits.
    pub since: DateTime<Utc>,
    /// How long it may take, in milliseconds.
    pub limit_ms: u64,
    /// When the check was stopped while it waited.
    pub until: Option<DateTime<Utc>>,
}

/// Changes of App 2's settings in thought, and what would come of them.
#[derive(Debug, Clone)]
pub struct Supposed {
    /// The changes, in the words of `--assume`.
    pub changes: Vec<String>,
    /// The same observations, evaluated with them.
    pub report: Arc<Report>,
}

/// The end of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// When.
    pub at: DateTime<Utc>,
    /// With which verdict; `None` where it was stopped before there was one.
    pub verdict: Option<Verdict>,
    /// At which step the call fails.
    pub step: Option<StepId>,
}

impl Ended {
    /// The verdict in words, and as the status that has its mark.
    #[must_use]
    pub fn verdict(&self) -> (String, StepStatus) {
        match self.verdict {
            Some(verdict) => (verdict.word().replace('-', " "), words::verdict_status(verdict)),
            None => (phrase("screen.stopped").text(), StepStatus::Unknown),
        }
    }
}

/// What is known of a step now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// The check has not come to it.
    Waiting,
    /// A request of it is under way since then.
    Busy(DateTime<Utc>),
    /// It was evaluated.
    Judged(StepStatus),
}

/// Whether checks are repeated until the call succeeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Watch {
    /// They are not.
    #[default]
    Off,
    /// The next one begins at this time.
    Waiting {
        /// The pause before it.
        pause: Pause,
        /// When it begins.
        next: DateTime<Utc>,
    },
    /// One is under way, after this pause.
    Looking(Pause),
}

/// What is checked, and what is known of it.
#[derive(Debug, Clone)]
pub struct Target {
    /// How far the check is.
    pub run: Run,
    /// When the last check began.
    pub begun: DateTime<Utc>,
    /// When it was stopped.
    pub stopped: Option<DateTime<Utc>>,
    /// The requests under way; of a check that was stopped, those that had no response.
    pub under_way: Vec<UnderWay>,
    /// When the first request of each step began.
    pub asked: HashMap<StepId, DateTime<Utc>>,
    /// What was observed; the exit code and every file are made of this alone.
    pub observed: Option<Arc<Report>>,
    /// What was observed by the last check that came to its end.
    pub before: Option<Arc<Report>>,
    /// The file of a saved case; where two are compared, those of what was observed before and of what was observed.
    pub files: Vec<String>,
    /// What was observed by the check before, even if it was stopped: a check from a later step on begins with it.
    pub base: Option<Arc<Report>>,
    /// What was observed by the check before that, until a repeated check has found a change.
    pub earlier: Option<Arc<Report>>,
    /// Whether checks are repeated.
    pub watch: Watch,
    /// What is supposed.
    pub supposed: Option<Supposed>,
    /// The checks of this session that ended, the oldest first.
    pub history: Vec<Ended>,
    /// Counts the changes of everything above.
    pub generation: u64,
}

impl Default for Target {
    fn default() -> Self {
        Self {
            run: Run::Never,
            begun: DateTime::UNIX_EPOCH,
            stopped: None,
            under_way: Vec::new(),
            asked: HashMap::new(),
            observed: None,
            before: None,
            files: Vec::new(),
            base: None,
            earlier: None,
            watch: Watch::Off,
            supposed: None,
            history: Vec::new(),
            generation: 0,
        }
    }
}

impl Target {
    /// One of which a check begins.
    #[must_use]
    pub fn checking(now: DateTime<Utc>) -> Self {
        let mut target = Self::default();
        target.start(StepId::Identity, now);
        target
    }

    /// A saved one.
    #[must_use]
    pub fn saved(report: Arc<Report>) -> Self {
        Self { run: Run::Saved, observed: Some(report), ..Self::default() }
    }

    /// The exit code: that of what was observed, and 3 before the end of a check.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match &self.observed {
            Some(report) if matches!(self.run, Run::Finished | Run::Saved) => report.exit_code(),
            _ => 3,
        }
    }

    /// What the views show: what is supposed, else what was observed.
    #[must_use]
    pub fn shown(&self) -> Option<&Arc<Report>> {
        self.supposed.as_ref().map(|supposed| &supposed.report).or(self.observed.as_ref())
    }

    /// What was observed, where something else is supposed.
    #[must_use]
    pub fn contradicted(&self) -> Option<&Report> {
        self.observed.as_deref().filter(|_| self.supposed.is_some())
    }

    /// What was observed last: while a check runs, by the one before, and so where one was stopped without an answer.
    #[must_use]
    pub fn known(&self) -> Option<&Report> {
        let observed = self.observed.as_deref().filter(|_| !self.is_running());
        self.answer_before().or(observed)
    }

    /// The same, shared.
    #[must_use]
    pub fn known_shared(&self) -> Option<Arc<Report>> {
        let observed = self.observed.as_ref().filter(|_| !self.is_running());
        let before = self.before.as_ref().filter(|_| self.answer_before().is_some());
        before.or(observed).cloned()
    }

    /// Whether the last check was stopped before it found what prevents the call.
    #[must_use]
    pub fn is_cut_short(&self) -> bool {
        let has_failed = |report: &Arc<Report>| report.as_observed().verdict() == Verdict::Fail;
        self.run == Run::Stopped && !self.observed.as_ref().is_some_and(has_failed)
    }

    /// The answer of the check before one that runs or was stopped without an answer of its own: it still counts.
    #[must_use]
    pub fn answer_before(&self) -> Option<&Report> {
        self.before.as_deref().filter(|_| self.is_running() || self.is_cut_short())
    }

    /// The inputs of the last check of which anything was observed.
    #[must_use]
    pub fn inputs(&self) -> Option<Inputs> {
        let last = [&self.observed, &self.base, &self.before].into_iter().flatten().next();
        last.map(|report| report.inputs().clone())
    }

    /// Whether requests are under way, or may be.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        matches!(self.run, Run::Running { .. } | Run::Stopping)
    }

    /// Since when the check runs.
    #[must_use]
    pub const fn since(&self) -> Option<DateTime<Utc>> {
        match self.run {
            Run::Running { since, .. } => Some(since),
            _ => None,
        }
    }

    /// Whether there is an answer: a check that is over or was stopped.
    #[must_use]
    pub const fn has_answer(&self) -> bool {
        self.observed.is_some() && !self.is_running()
    }

    /// The requests of a step that are under way, or had no response when the check was stopped.
    pub fn waiting(&self, step: StepId) -> impl Iterator<Item = &UnderWay> {
        self.under_way.iter().filter(move |request| request.purpose.step() == step)
    }

    /// A check that was stopped: what had no response then is kept.
    pub fn stop(&mut self, now: DateTime<Utc>) {
        self.run = Run::Stopped;
        let at = *self.stopped.get_or_insert(now);
        self.under_way.iter_mut().for_each(|request| request.until = Some(at));
    }

    /// How long a check that was stopped had run.
    #[must_use]
    pub fn ran(&self) -> Option<TimeDelta> {
        Some(self.stopped.filter(|_| self.run == Run::Stopped)? - self.begun)
    }

    /// What is known of a step now.
    #[must_use]
    pub fn step(&self, step: StepId) -> StepState {
        let mut waiting = self.waiting(step).filter(|request| request.until.is_none());
        if let Some(request) = waiting.next() {
            // Its time is that of all its requests, and doesn't begin again with each of them.
            return StepState::Busy(self.asked.get(&step).copied().unwrap_or(request.since));
        }
        let Some(report) = self.shown() else {
            return StepState::Waiting;
        };
        if self.is_running() && !report.observed().is_settled(step) {
            return StepState::Waiting;
        }
        // A step that a stopped check didn't reach is open: nothing was left out on purpose.
        let is_reached = self.run != Run::Stopped || report.observed().is_settled(step);
        let status = |status| if status == StepStatus::Skipped && !is_reached { StepStatus::Unknown } else { status };
        report.step(step).map_or(StepState::Waiting, |step| StepState::Judged(status(step.status)))
    }

    /// Whether a step's status is what a change in thought makes it, and not what was observed. A step that is left out
    /// then isn't known to hold in thought.
    #[must_use]
    pub fn is_supposed(&self, step: StepId) -> bool {
        let status = |report: &Report| report.step(step).map(|step| step.status);
        let supposed = self.supposed.as_ref().map(|supposed| status(&supposed.report));
        let supposed = supposed.filter(|status| *status != Some(StepStatus::Skipped));
        supposed.is_some_and(|supposed| supposed != self.observed.as_deref().and_then(status))
    }

    /// The step at which the call fails, once the check is over.
    #[must_use]
    pub fn cause(&self) -> Option<StepId> {
        let report = self.shown().filter(|_| !self.is_running())?;
        Some(report.diagnosis().root_cause.as_ref()?.step)
    }

    /// Forgets what was observed before a check from this step on, and keeps it as the answer before, if it was one.
    pub fn start(&mut self, from: StepId, now: DateTime<Utc>) {
        let is_answer = matches!(self.run, Run::Finished | Run::Saved);
        let observed = self.observed.take();
        self.base = observed.clone().or_else(|| self.before.clone());
        self.before = observed.filter(|_| is_answer).or_else(|| self.before.take());
        self.supposed = None;
        self.under_way.clear();
        self.asked.clear();
        (self.begun, self.stopped) = (now, None);
        self.run = Run::Running { from, since: now };
        self.generation += 1;
    }

    /// Adds a change in thought.
    ///
    /// # Errors
    /// Why it can't be evaluated.
    pub fn suppose(&mut self, change: &str) -> Result<(), AssumptionError> {
        Assumption::parse(change)?;
        let mut changes = self.changes().to_vec();
        changes.push(change.to_owned());
        self.set_supposed(changes);
        Ok(())
    }

    /// The changes in thought.
    #[must_use]
    pub fn changes(&self) -> &[String] {
        self.supposed.as_ref().map_or(&[], |supposed| &supposed.changes)
    }

    /// Evaluates what was observed with these changes instead of the former ones.
    pub fn set_supposed(&mut self, changes: Vec<String>) {
        self.generation += 1;
        let Some(observed) = self.observed.as_ref().filter(|_| !changes.is_empty()) else {
            self.supposed = None;
            return;
        };
        let mut case = observed.observed().clone();
        case.inputs.assume.extend(changes.iter().cloned());
        self.supposed = Some(Supposed { changes, report: Arc::new(Report::of(case)) });
    }
}
