//! Fills in the words of what was judged: the sentences of the knowledge base with the values of the findings and
//! of the case.
//!
//! Only values come from outside, so each is made safe to show here, and nothing else has to be.

use std::cell::LazyCell;
use std::collections::HashMap;
use std::sync::Mutex;

use crate::case::Case;
use crate::case::shown::drawn::without_any;
use crate::case::text::{is_deceptive, short, visible};
use crate::check;
use crate::diagnosis;
use crate::evidence::Evidence;
use crate::evidence::target;
use crate::knowledge::subject::{CLIENT_ID, EXPIRES, GROUPS, NOT_BEFORE, OBJECT_ID, TENANT};
use crate::knowledge::{self, Found, Place, Said, Value, Words, phrase};

use super::facts::{self, Shown};
use super::fixes::{self, Fix};
use super::named;
use super::observed;
use super::worded::{
    Alternative, Diagnosis, Difference, EvidenceLine, Fact, Finding, NamedValue, NextFault, RootCause, StepReport,
    Table,
};

/// Words for one case.
pub(super) struct Wording<'a> {
    case: &'a Case,
    /// The case that was judged, which has what is assumed.
    judged: &'a Case,
    memo: &'a Memo,
}

/// What takes its time and is asked for again and again.
#[derive(Default)]
pub(super) struct Memo {
    /// Values as they are shown: the same IDs and addresses are in many sentences, and looking for secrets takes time.
    shown: Mutex<HashMap<String, String>>,
    /// What values of a subject are: the whole case is read for it.
    names: Mutex<HashMap<(&'static str, String), Option<Words>>>,
}

impl Clone for Memo {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Memo {
    fn name(&self, subject: &'static str, value: &str, find: impl FnOnce() -> Option<Words>) -> Option<Words> {
        let key = (subject, value.to_owned());
        let known = self.names.lock().ok().and_then(|names| names.get(&key).cloned());
        known.unwrap_or_else(|| {
            let found = find();
            if let Ok(mut names) = self.names.lock() {
                names.insert(key, found.clone());
            }
            found
        })
    }
}

/// A longer text is hardly there twice.
const LONGEST_KEPT: usize = 200;

impl<'a> Wording<'a> {
    pub(super) const fn of(case: &'a Case, judged: &'a Case, memo: &'a Memo) -> Self {
        Self { case, judged, memo }
    }

    /// Some words, as they are shown.
    pub(super) fn words(&self, words: &Words) -> String {
        match words {
            Words::Data(text) => self.shown(text),
            Words::Said(said) => self.said(said),
        }
    }

    fn said(&self, said: &Said) -> String {
        let Some(text) = knowledge::sentence(said) else {
            debug_assert!(false, "no sentence {said:?}");
            return said.key.to_owned();
        };
        text.fill(&|name| {
            // What is said of settings is said of those that were judged.
            let of_settings = || match name {
                "source" => Some(target::settings_source(self.judged).into()),
                "shown_by" => target::shows_easy_auth(self.judged).map(|judged| observed::mark(&judged, true).into()),
                "stored_text" if let Place::Says(code) = said.of => {
                    let settings = target::settings(self.judged)?;
                    Some(short(settings.text_for_list(knowledge::lists_of(code))?).into())
                }
                "refuted_by" => observed::refutation(self.judged).map(Value::from),
                _ => None,
            };
            let value = said.values.get(name).cloned().or_else(of_settings);
            self.value(value.or_else(|| fixes::value(self.case, name))?)
        })
    }

    fn value(&self, value: Value) -> Option<Value> {
        match value {
            Value::Text(text) if text.is_empty() => None,
            Value::Text(text) => Some(Value::Text(self.shown(&text))),
            Value::List(items) if items.is_empty() => None,
            Value::List(items) => Some(Value::List(items.iter().map(|item| self.shown(item)).collect())),
            Value::Said(words) => Some(Value::Text(self.words(&words))),
            Value::Arguments(arguments) => Some(Value::Arguments(self.shown(&arguments))),
            Value::Yes => Some(value),
        }
    }

    /// A text from anywhere, without secrets and without characters that a terminal or a reader would stumble over.
    fn shown(&self, text: &str) -> String {
        let clean = || visible(&without_any(self.case, text));
        if text.len() > LONGEST_KEPT {
            return clean();
        }
        let Ok(mut known) = self.memo.shown.lock() else {
            return clean();
        };
        if let Some(shown) = known.get(text) {
            return shown.clone();
        }
        let shown = clean();
        known.insert(text.to_owned(), shown.clone());
        shown
    }

    pub(super) fn step(&self, step: &check::StepReport, shown: &Shown) -> StepReport {
        StepReport {
            id: step.id,
            status: step.status,
            elapsed_ms: step.elapsed_ms,
            summary: self.words(&step.summary),
            facts: shown
                .facts
                .iter()
                .map(|fact| Fact { name: self.shown(&fact.name), value: self.words(&fact.value) })
                .collect(),
            tables: shown.tables.iter().map(|table| self.table(table)).collect(),
            findings: step.findings.iter().map(|found| self.finding(found)).collect(),
        }
    }

    fn table(&self, table: &facts::Table) -> Table {
        Table {
            title: table.title.to_owned(),
            columns: table.columns.iter().map(|&name| name.to_owned()).collect(),
            rows: table.rows.iter().map(|row| row.iter().map(|cell| self.words(cell)).collect()).collect(),
        }
    }

    pub(super) fn finding(&self, found: &Found) -> Finding {
        Finding {
            code: found.code,
            severity: found.severity,
            confidence: found.confidence,
            message: self.message(found),
            evidence: self.evidence(&found.evidence),
            difference: found.difference.as_ref().map(|difference| self.difference(difference)),
            is_open_root: false,
        }
    }

    /// What a finding says; its title where a value is missing that its sentence needs.
    fn message(&self, found: &Found) -> String {
        let said = self.words(&found.message());
        if !said.trim().is_empty() {
            return said;
        }
        knowledge::finding(found.code).map_or_else(|| found.code.to_string(), |entry| format!("{}.", entry.title))
    }

    fn evidence(&self, lines: &[knowledge::EvidenceLine]) -> Vec<EvidenceLine> {
        let there = |line: &knowledge::EvidenceLine| Some(self.said(&observed::at(self.judged, line.origin?)?));
        let text = |line: &knowledge::EvidenceLine| match &line.text {
            Some(text) => self.words(text),
            None => there(line).unwrap_or_default(),
        };
        lines.iter().map(|line| EvidenceLine { text: text(line), origin: line.origin }).collect()
    }

    fn difference(&self, difference: &knowledge::Difference) -> Difference {
        let evidence = LazyCell::new(|| Evidence::of(self.judged));
        let subject = difference.subject;
        let is_time = matches!(subject, EXPIRES | NOT_BEFORE);
        let of_case = |value: &str| self.memo.name(subject, value, || named::name_as(&evidence, subject, value));
        let named = |value: Option<&str>, name: Option<Words>| NamedValue {
            value: value.map(|text| self.shown(text)),
            name: name
                .or_else(|| of_case(value?.trim()))
                .filter(|name| difference.is_named && !name.is_none())
                .map(|name| self.words(&name)),
        };
        let expected = |value: &String| named(Some(value), is_time.then(|| phrase("claims.time-of-call").into()));
        Difference {
            subject,
            expected: difference.expected.iter().map(expected).collect(),
            actual: named(difference.actual.as_deref(), None),
            source: self.words(&difference.source),
            is_list: is_of_list(difference),
        }
    }

    pub(super) fn diagnosis(&self, diagnosis: &diagnosis::Diagnosis) -> Diagnosis {
        Diagnosis {
            verdict: diagnosis.verdict,
            root_cause: diagnosis.root_cause.as_ref().map(|cause| self.cause(cause)),
            alternatives: diagnosis.alternatives.iter().map(|other| self.alternative(other)).collect(),
            next: diagnosis.next.iter().map(|fault| self.fault(fault)).collect(),
        }
    }

    fn cause(&self, cause: &diagnosis::RootCause) -> RootCause {
        let found = &cause.found;
        RootCause {
            code: found.code,
            step: cause.step,
            confidence: found.confidence,
            owner: knowledge::owner(found.code, &found.values),
            summary: self.message(found),
            evidence: self.evidence(&found.evidence),
            difference: found.difference.as_ref().map(|difference| self.difference(difference)),
            fixes: self.fixes(found, &cause.change),
            takes_effect: fixes::takes_effect(self.judged, cause),
        }
    }

    fn alternative(&self, other: &diagnosis::Other) -> Alternative {
        Alternative {
            code: other.found.code,
            step: other.step,
            confidence: other.found.confidence,
            summary: self.message(&other.found),
            distinguish: other.found.test().map(|test| self.words(&test)).unwrap_or_default(),
            fixes: self.fixes(&other.found, &diagnosis::Change::OfCode),
        }
    }

    fn fault(&self, fault: &diagnosis::Other) -> NextFault {
        NextFault {
            code: fault.found.code,
            step: fault.step,
            summary: self.message(&fault.found),
            fixes: self.fixes(&fault.found, &diagnosis::change(self.judged, &fault.found)),
        }
    }

    fn fixes(&self, found: &Found, change: &diagnosis::Change) -> Vec<Fix> {
        fixes::fill(self.case, found, change, &|text| {
            // One with characters that deceive is never filled in, so it stays as it is.
            if text.chars().any(is_deceptive) { text.to_owned() } else { self.shown(text) }
        })
    }
}

/// Whether what is expected is a list of those that are allowed, in which the actual value isn't.
fn is_of_list(difference: &knowledge::Difference) -> bool {
    let is_one = difference.subject == TENANT && difference.expected.len() == 1;
    let is_listed = matches!(difference.subject, CLIENT_ID | OBJECT_ID | GROUPS | TENANT) && !is_one;
    is_listed && difference.actual.is_some()
}
