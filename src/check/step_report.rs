//! What a check says: the report of a step and its findings.

use std::fmt::Display;

use super::difference::{Difference, Rule};
use super::vocabulary::*;

/// Something found: a code with what is said of it, and what supports it. It has no words of its own: the report takes
/// them from the knowledge base.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Found {
    /// Its code.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// What is said: one of the sentences of the code (`says`).
    pub says: Words,
    /// The observations that support it, each with its values.
    pub evidence: Vec<EvidenceLine>,
    /// The two values that decide, where it is about such a difference.
    pub difference: Option<Difference>,
    /// The test that would tell this cause from the others, where it is not the code's own.
    pub confirm: Option<Words>,
    /// Values for the placeholders of its words and fixes, beyond those that the case gives (`caller_client_id` …).
    pub values: Values,
    /// Whether the settings say so, and the run showed otherwise.
    pub disproved: bool,
}

/// The sentence of a finding's code with this name: `says.KEY` in the knowledge base.
pub const fn says(key: &'static str) -> Said {
    phrase(key)
}

/// What gives a `Self` of `self` gives the same with one thing more, or with another weight.
impl Found {
    /// What is found, said with the sentence `says.KEY` of its code. The knowledge base has how bad and how sure it is.
    pub fn of(code: Code, key: &'static str) -> Self {
        let (severity, confidence) = knowledge::weight(code, key);
        let values = knowledge::implied(code, key).iter().map(|name| (name.as_str(), Value::Yes)).collect();
        Self { severity, confidence, values, ..Self::error(code, phrase(key)) }
    }

    /// An error that is certain, in these words.
    pub fn error(code: Code, says: impl Into<Words>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            confidence: Confidence::Certain,
            says: says.into().at(Place::Says(code)),
            evidence: Vec::new(),
            difference: None,
            confirm: None,
            values: Values::new(),
            disproved: false,
        }
    }

    /// What an answer shows, with its status and what it says of its own.
    pub(super) fn of_answer(code: Code, key: &'static str, answer: &Answer) -> Self {
        Self::of(code, key).value_if_any("said", answer.words()).about(answer)
    }

    /// The same with what is known of every answer, where it has no such value: its status, and what can't be quoted.
    pub(super) fn about(self, answer: &Answer) -> Self {
        let own = self.values.clone();
        let mut finding = self.value("status", answer.status).value_if_any("unquoted", answer.unquoted());
        finding.values.extend(own);
        finding
    }

    /// What it says, with its values, to be said elsewhere as well.
    pub fn message(&self) -> Words {
        self.says.with(&self.values)
    }

    /// How to confirm it, with its values: its own test, the one for its sentence, or the code's general one.
    pub fn test(&self) -> Option<Words> {
        let by_key = |key: &'static str| {
            knowledge::confirmation(self.code, key)?;
            Some(Said { of: Place::Confirm(self.code), key, values: self.values.clone() }.into())
        };
        let own = self.confirm.as_ref().map(|own| own.with(&self.values));
        own.or_else(|| by_key(self.says.key()?)).or_else(|| by_key(GENERAL))
    }

    /// Whether it is an error that is more than possible: one that decides its step.
    pub fn is_determined(&self) -> bool {
        self.severity == Severity::Error && self.confidence > Confidence::Possible
    }

    pub(super) fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    pub(super) fn at_most(self, most: Confidence) -> Self {
        let confidence = self.confidence.min(most);
        self.confidence(confidence)
    }

    pub(super) fn likely_unless(self, is_so: bool) -> Self {
        self.at_most(Confidence::certain_if(is_so))
    }

    /// The same, only possible.
    pub fn possible(self) -> Self {
        self.confidence(Confidence::Possible)
    }

    pub(super) fn possible_if(self, is_so: bool) -> Self {
        if is_so { self.possible() } else { self }
    }

    /// The same, likely where this is so, and else possible.
    pub(super) fn likely_if(self, is_so: bool) -> Self {
        self.confidence(Confidence::likely_if(is_so))
    }

    /// The same, certain where this is so, and else likely.
    pub(super) fn certain_if(self, is_so: bool) -> Self {
        self.confidence(Confidence::certain_if(is_so))
    }

    pub(super) fn warning_if(self, is_so: bool) -> Self {
        if is_so { Self { severity: Severity::Warning, ..self } } else { self }
    }

    pub(super) fn error_if(self, is_so: bool, confidence: Confidence) -> Self {
        if is_so { Self { severity: Severity::Error, confidence, ..self } } else { self }
    }

    /// What is left to say where the same error was found in another way: then that is surer, with this evidence.
    pub(super) fn confirming(self, found: &mut [Self]) -> Option<Self> {
        let is_same = |known: &&mut Self| known.severity == Severity::Error && known.code == self.code;
        let Some(known) = found.iter_mut().find(is_same) else { return Some(self) };
        known.confidence = known.confidence.max(self.confidence);
        known.evidence.extend(self.evidence);
        None
    }

    /// The same with one more piece of evidence.
    pub fn because(mut self, evidence: impl Into<EvidenceLine>) -> Self {
        self.evidence.push(evidence.into());
        self
    }

    pub(super) fn because_all<E: Into<EvidenceLine>>(self, evidence: impl IntoIterator<Item = E>) -> Self {
        evidence.into_iter().fold(self, Self::because)
    }

    /// The same with what these requests showed, as far as they were made.
    pub(super) fn shown_by<const N: usize>(self, evidence: &Evidence<'_>, requests: [Purpose; N]) -> Self {
        self.because_all(requests.iter().filter_map(|purpose| evidence.exchange(purpose)))
    }

    pub(super) fn because_claim(self, name: &'static str, value: impl Display) -> Self {
        self.because_of(Origin::Claim(name), format!("{name} = {value}"))
    }

    /// The same with a variable of App 1 as evidence, where it is set and may be shown.
    pub(super) fn because_variable(self, environment: &Environment, name: &str) -> Self {
        let variable = environment.variable(name).zip(environment.text(name));
        self.because_all(variable.map(|(variable, text)| format!("{name} = {} ({})", short(text), variable.place)))
    }

    /// The same with one of the settings in force as evidence: its path, one of `settings_path`, and its value.
    pub(super) fn because_set(self, path: &'static str, value: impl Into<Value>) -> Self {
        self.because_setting(path, knowledge::setting(path, value))
    }

    /// The same with a member of App 2's settings as evidence, by its path.
    pub(super) fn because_setting(self, path: &'static str, read: impl Into<Words>) -> Self {
        self.because_of(Origin::SettingsPath(path), read)
    }

    pub(super) fn says(self, key: &'static str) -> Self {
        Self { says: Words::from(phrase(key)).at(Place::Says(self.code)), ..self }
    }

    pub(super) fn within(self, sentence: Said) -> Self {
        Self { says: sentence.with("message", self.message()).into(), ..self }
    }

    /// The same with one more piece of evidence, and where it was observed.
    pub fn because_of(self, origin: Origin, evidence: impl Into<Words>) -> Self {
        self.because(EvidenceLine::of(origin, evidence))
    }

    /// The same with what a request showed.
    pub(super) fn because_asked(self, exchange: Option<&Exchange>, evidence: impl Into<Words>) -> Self {
        match exchange {
            Some(exchange) => self.because_of(Origin::Exchange(exchange.id), evidence),
            None => self.because(evidence.into()),
        }
    }

    /// The same with the two values that decide. Without a value to expect there is nothing to compare.
    pub fn differs(mut self, difference: Difference) -> Self {
        self.difference = Some(difference).filter(|difference| !difference.expected.is_empty());
        self
    }

    /// The same with the test that would tell it from other causes: `confirm.KEY` of its code, or words of their own.
    pub(super) fn confirm(mut self, test: impl Into<Words>) -> Self {
        self.confirm = Some(test.into().at(Place::Confirm(self.code)));
        self
    }

    /// The same with a value for a placeholder of its words and fixes.
    pub fn value(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.values.insert(name, value.into());
        self
    }

    pub(super) fn value_if_any(self, name: &'static str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.value(name, value),
            None => self,
        }
    }

    /// The same with what the call got, where it was made.
    pub(super) fn shown_by_call(self, evidence: &Evidence<'_>) -> Self {
        self.because_all(evidence.final_call())
    }

    pub(super) fn when(self, name: &'static str, is_so: bool) -> Self {
        if is_so { self.value(name, Value::Yes) } else { self }
    }
}

/// What a check says of its step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepReport {
    /// The step.
    pub id: StepId,
    /// What came of it.
    pub status: StepStatus,
    /// Time spent on its requests in milliseconds, side by side ones counted once.
    pub elapsed_ms: u64,
    /// One line.
    pub summary: Words,
    /// Findings; the first error is the one that decides the step.
    pub findings: Vec<Found>,
    /// The rules of App 2's settings that were compared.
    pub rules: Vec<Rule>,
    /// Whether requests are stopped before any token could be looked at: by the network, the front end, a gateway, or a
    /// fault of every request. Whatever is wrong with the token bites later.
    pub stops_every_request: bool,
}

impl StepReport {
    /// An empty report: unknown.
    pub const fn new(id: StepId) -> Self {
        Self {
            id,
            status: StepStatus::Unknown,
            elapsed_ms: 0,
            summary: Words::none(),
            findings: Vec::new(),
            rules: Vec::new(),
            stops_every_request: false,
        }
    }

    /// Sets the summary, and the status that the knowledge base has for it: the good one, where it has none.
    pub fn conclude(&mut self, summary: Said) {
        self.conclude_as(knowledge::status_of(self.id, summary.key).unwrap_or_else(|| self.good()), summary);
    }

    /// Sets status and summary.
    pub fn conclude_as(&mut self, status: StepStatus, summary: impl Into<Words>) {
        self.status = status;
        self.summary = summary.into();
    }

    /// Adds a finding. A warning with its code says less than an error.
    pub fn find(&mut self, finding: Found) {
        let is_error = finding.severity == Severity::Error;
        self.findings.retain(|known| !is_error || known.code != finding.code || known.severity == Severity::Error);
        self.findings.push(finding);
    }

    /// Concludes with what the first error says, where there is one: failed, or this where the error is only possible.
    pub fn conclude_by_error(&mut self, where_possible: StepStatus) -> bool {
        let Some(error) = self.first_error() else { return false };
        let status = if error.is_determined() { StepStatus::Fail } else { where_possible };
        let message = error.message();
        self.conclude_as(status, message);
        true
    }

    /// The status where nothing is wrong.
    pub fn good(&self) -> StepStatus {
        let warned = self.findings.iter().any(|finding| finding.severity == Severity::Warning);
        if warned { StepStatus::Warn } else { StepStatus::Pass }
    }

    /// Whether it found what stops every request.
    pub fn stops(&self) -> bool {
        self.stops_every_request && self.first_error().is_some()
    }

    /// The first error.
    pub fn first_error(&self) -> Option<&Found> {
        self.findings.iter().find(|finding| finding.severity == Severity::Error)
    }
}
