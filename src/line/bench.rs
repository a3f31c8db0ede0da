//! The lab bench: single faults, scenarios, and a command line, on a lab of this process.
//!
//! The command line plays `az` on the lab, and `jq`, `cat`, and `easyauth-doctor check … --edited-settings FILE` on
//! files in its memory. JSON alone is what a fix says to save as body.json. Nothing is started and no file is written.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::knowledge::phrase;
use crate::lab::{Expected, Fault, Lab, LabError, Scenario, scenario};
use crate::report::{Report, written};

use super::jq;

/// The file that fixes name for a request's body.
const BODY: &str = "body.json";

/// The bench.
#[derive(Debug)]
pub struct Bench {
    /// The lab.
    pub lab: Lab,
    scenario: Mutex<Scenario>,
    files: Mutex<BTreeMap<String, String>>,
    /// The lab's fingerprint as the scenario made it.
    untouched: Mutex<String>,
}

/// Why a command line was not done.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The lab, or the Azure CLI as it plays it, refuses.
    #[error(transparent)]
    Lab(#[from] LabError),
    /// A file that is not there.
    #[error("{}", phrase("bench.no-file").with("file", .0).text())]
    NoFile(String),
    /// A program that is not played, or a use of the shell that isn't.
    #[error("{}", phrase("bench.not-played").text())]
    NotPlayed,
    /// There are no edited settings.
    #[error("{}", phrase("screen.not-written").with("reason", .0).text())]
    NothingToWrite(String),
}

impl Bench {
    /// A bench for a lab that runs this scenario.
    #[must_use]
    pub fn new(lab: Lab, scenario: Scenario) -> Self {
        let untouched = Mutex::new(lab.fingerprint());
        Self { lab, scenario: Mutex::new(scenario), files: Mutex::default(), untouched }
    }

    /// Whether the lab is no longer as the scenario made it.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.lab.fingerprint() != *lock(&self.untouched)
    }

    /// The scenario that was put in place last.
    #[must_use]
    pub fn scenario(&self) -> Scenario {
        lock(&self.scenario).clone()
    }

    /// What can be broken and fixed.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        self.lab.faults()
    }

    /// What the doctor must say, where that is known.
    #[must_use]
    pub fn expected(&self) -> Option<Expected> {
        self.lab.expected()
    }

    /// Puts another scenario in place. The files of the one before are gone.
    ///
    /// # Errors
    /// An unknown or malformed scenario.
    pub async fn switch(&self, name: &str) -> Result<(), LabError> {
        let found = scenario::find(name)?;
        self.lab.switch(&found).await?;
        *lock(&self.scenario) = found;
        lock(&self.files).clear();
        *lock(&self.untouched) = self.lab.fingerprint();
        Ok(())
    }

    /// What a command line prints. Comments and empty lines print nothing.
    ///
    /// # Errors
    /// Why it was not done.
    pub fn run(&self, line: &str, report: Option<&Report>) -> Result<String, Refused> {
        let line = line.trim().trim_start_matches("$ ");
        if line.is_empty() || line.starts_with('#') {
            return Ok(String::new());
        }
        if line.starts_with('{') && serde_json::from_str::<serde_json::Value>(line).is_ok() {
            lock(&self.files).insert(BODY.to_owned(), line.to_owned());
            return Ok(phrase("bench.kept").with("file", BODY).text() + "\n");
        }
        let mut words = shlex::split(line).ok_or(Refused::NotPlayed)?;
        let into = match words.as_slice() {
            [.., sign, name] if sign == ">" => Some(name.clone()),
            _ => None,
        };
        if into.is_some() {
            words.truncate(words.len().saturating_sub(2));
        }
        let output = self.played(&words, report)?;
        let Some(name) = into else { return Ok(output) };
        lock(&self.files).insert(name, output);
        Ok(String::new())
    }

    fn played(&self, words: &[String], report: Option<&Report>) -> Result<String, Refused> {
        let mut files = lock(&self.files);
        let file = |files: &BTreeMap<String, String>, name: &String| {
            files.get(name).cloned().ok_or_else(|| Refused::NoFile(name.clone()))
        };
        let (program, arguments) = words.split_first().ok_or(Refused::NotPlayed)?;
        match (program.as_str(), arguments) {
            ("az", arguments) => {
                // The Azure CLI's own words would send the reader to the machine's files.
                let mut named = arguments.iter().filter_map(|word| word.strip_prefix('@'));
                if let Some(missing) = named.find(|name| !files.contains_key(*name)) {
                    return Err(Refused::NoFile(missing.to_owned()));
                }
                Ok(self.lab.az(arguments, &mut files)?)
            }
            ("cat", [name]) => file(&files, name),
            ("jq", [filter, name]) => jq::filtered(filter, &file(&files, name)?).ok_or(Refused::NotPlayed),
            ("ls", []) => Ok(files.keys().map(|name| format!("{name}\n")).collect()),
            ("easyauth-doctor", arguments) => {
                let value = |option: &str| arguments.iter().skip_while(|word| *word != option).nth(1);
                let (Some(settings), Some(edited)) = (value("--auth-settings"), value("--edited-settings")) else {
                    return Err(Refused::NotPlayed);
                };
                file(&files, settings)?;
                let nothing = || Refused::NothingToWrite(phrase("screen.nothing-to-write").text());
                let written = written::edited_settings(report.ok_or_else(nothing)?);
                let (text, said) = written.map_err(|error| Refused::NothingToWrite(error.to_string()))?;
                files.insert(edited.clone(), text);
                Ok(phrase("screen.written").with("file", edited).with("said", said).text() + "\n")
            }
            _ => Err(Refused::NotPlayed),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
