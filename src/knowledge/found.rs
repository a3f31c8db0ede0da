//! A finding: one of the knowledge base's, with the values of a case and what supports it.

use std::fmt::Display;

use super::difference::Difference;
use super::evidence_line::{EvidenceLine, Origin};
use super::finding::GENERAL;
use super::inside;
use super::weight::{Confidence, Severity};
use super::words::{Place, Said, Value, Values, Words, phrase};
use super::{confirmation, implied, setting, weight};
use crate::case::Case;
use crate::case::code::Code;
use crate::case::environment::Environment;
use crate::case::exchange::{Answer, Exchange, Purpose};
use crate::case::text::short;

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
        let (severity, confidence) = weight(code, key);
        let values = implied(code, key).iter().map(|name| (name.as_str(), Value::Yes)).collect();
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
    pub(crate) fn of_answer(code: Code, key: &'static str, answer: &Answer) -> Self {
        Self::of(code, key).value_if_any("said", answer.words()).about(answer)
    }

    /// What an answer with a good status reports inside. What only may be an error is a warning.
    pub(crate) fn inside(answer: &Answer) -> Option<Self> {
        let inside = inside::failure(answer).or_else(|| inside::reported(answer))?;
        Some(Self::of(inside.code, inside.key).value("said", inside.said).warning_if(inside.is_doubtful))
    }

    /// The same with what is known of every answer, where it has no such value: its status, and what can't be quoted.
    pub(crate) fn about(self, answer: &Answer) -> Self {
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
            confirmation(self.code, key)?;
            Some(Said { of: Place::Confirm(self.code), key, values: self.values.clone() }.into())
        };
        let own = self.confirm.as_ref().map(|own| own.with(&self.values));
        own.or_else(|| by_key(self.says.key()?)).or_else(|| by_key(GENERAL))
    }

    /// Whether it is an error that is more than possible: one that decides its step.
    pub fn is_determined(&self) -> bool {
        self.severity == Severity::Error && self.confidence > Confidence::Possible
    }

    pub(crate) fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    pub(crate) fn at_most(self, most: Confidence) -> Self {
        let confidence = self.confidence.min(most);
        self.confidence(confidence)
    }

    pub(crate) fn likely_unless(self, is_so: bool) -> Self {
        self.at_most(Confidence::certain_if(is_so))
    }

    /// The same, only possible.
    pub fn possible(self) -> Self {
        self.confidence(Confidence::Possible)
    }

    pub(crate) fn possible_if(self, is_so: bool) -> Self {
        if is_so { self.possible() } else { self }
    }

    /// The same, likely where this is so, and else possible.
    pub(crate) fn likely_if(self, is_so: bool) -> Self {
        self.confidence(Confidence::likely_if(is_so))
    }

    /// The same, certain where this is so, and else likely.
    pub(crate) fn certain_if(self, is_so: bool) -> Self {
        self.confidence(Confidence::certain_if(is_so))
    }

    pub(crate) fn warning_if(self, is_so: bool) -> Self {
        if is_so { Self { severity: Severity::Warning, ..self } } else { self }
    }

    pub(crate) fn error_if(self, is_so: bool, confidence: Confidence) -> Self {
        if is_so { Self { severity: Severity::Error, confidence, ..self } } else { self }
    }

    /// What is left to say where the same error was found in another way: then that is surer, with this evidence.
    pub(crate) fn confirming(self, found: &mut [Self]) -> Option<Self> {
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

    pub(crate) fn because_all<E: Into<EvidenceLine>>(self, evidence: impl IntoIterator<Item = E>) -> Self {
        evidence.into_iter().fold(self, Self::because)
    }

    /// The same with what these requests showed, as far as they were made.
    pub(crate) fn shown_by<const N: usize>(self, case: &Case, requests: [Purpose; N]) -> Self {
        self.because_all(requests.iter().filter_map(|purpose| case.exchange(purpose)))
    }

    pub(crate) fn because_claim(self, name: &'static str, value: impl Display) -> Self {
        self.because_of(Origin::Claim(name), format!("{name} = {value}"))
    }

    /// The same with a variable of App 1 as evidence, where it is set and may be shown.
    pub(crate) fn because_variable(self, environment: &Environment, name: &str) -> Self {
        let variable = environment.variable(name).zip(environment.text(name));
        self.because_all(variable.map(|(variable, text)| format!("{name} = {} ({})", short(text), variable.place)))
    }

    /// The same with one of the settings in force as evidence: its path, one of `settings_path`, and its value.
    pub(crate) fn because_set(self, path: &'static str, value: impl Into<Value>) -> Self {
        self.because_setting(path, setting(path, value))
    }

    /// The same with a member of App 2's settings as evidence, by its path.
    pub(crate) fn because_setting(self, path: &'static str, read: impl Into<Words>) -> Self {
        self.because_of(Origin::SettingsPath(path), read)
    }

    pub(crate) fn says(self, key: &'static str) -> Self {
        Self { says: Words::from(phrase(key)).at(Place::Says(self.code)), ..self }
    }

    pub(crate) fn within(self, sentence: Said) -> Self {
        Self { says: sentence.with("message", self.message()).into(), ..self }
    }

    /// The same with one more piece of evidence, and where it was observed.
    pub fn because_of(self, origin: Origin, evidence: impl Into<Words>) -> Self {
        self.because(EvidenceLine::of(origin, evidence))
    }

    /// The same with what a request showed.
    pub(crate) fn because_asked(self, exchange: Option<&Exchange>, evidence: impl Into<Words>) -> Self {
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
    pub(crate) fn confirm(mut self, test: impl Into<Words>) -> Self {
        self.confirm = Some(test.into().at(Place::Confirm(self.code)));
        self
    }

    /// The same with a value for a placeholder of its words and fixes.
    pub fn value(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.values.insert(name, value.into());
        self
    }

    pub(crate) fn value_if_any(self, name: &'static str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.value(name, value),
            None => self,
        }
    }

    /// The same with what the call got, where it was made.
    pub(crate) fn shown_by_call(self, case: &Case) -> Self {
        self.because_all(case.final_call())
    }

    pub(crate) fn when(self, name: &'static str, is_so: bool) -> Self {
        if is_so { self.value(name, Value::Yes) } else { self }
    }
}
