//! The scenarios of `assets/lab/`: what is broken, and what the doctor must say.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::LabError;
use super::patch::{filled, merged};
use super::world::World;

/// A fault, or something else that differs from the healthy world.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The name by which scenarios list it; filled from its key.
    #[serde(default)]
    pub name: String,
    /// The finding code that it is the cause of; empty when it is no fault by itself.
    #[serde(default)]
    pub code: String,
    /// What is so with it, where no scenario's title says it.
    #[serde(default)]
    pub title: String,
    /// The patch of the world.
    #[serde(default)]
    pub world: Value,
    /// What fixing it does to the world besides; when left out, its part of the healthy world is put back.
    #[serde(default)]
    pub fix: Value,
    /// Options that the doctor needs to meet it.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// Further options, only where App 2's settings are known.
    #[serde(default)]
    pub settings_arguments: Vec<String>,
    /// Variables that App 1 has.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// Options in place of `arguments` once it is fixed.
    #[serde(default)]
    pub fixed_arguments: Vec<String>,
    /// Variables in place of `variables` once it is fixed.
    #[serde(default)]
    pub fixed_variables: BTreeMap<String, String>,
}

/// A scenario: a healthy world with some changes, and what the doctor must say of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its name, like the finding code that it is about.
    pub name: String,
    /// A short title.
    pub title: String,
    /// What is broken, in a sentence or two.
    pub description: String,
    /// Names of the changes, in the order in which they are applied.
    #[serde(default)]
    pub changes: Vec<String>,
    /// What the doctor must say.
    pub expect: Expectation,
}

/// What the doctor must say of a scenario.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// With App 2's settings and registration readable.
    pub with_settings: Expected,
    /// From App 2's and Entra's answers alone; the same as with settings when left out.
    #[serde(default)]
    pub black_box: Option<Expected>,
    /// Codes of the faults that will bite after the first, in their order, with settings readable.
    #[serde(default)]
    pub next: Vec<String>,
}

/// What the doctor must say in one of the two cases.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// `pass`, `fail` or `inconclusive`.
    pub verdict: String,
    /// The root cause's code; none when the verdict is `pass`.
    #[serde(default)]
    pub code: Option<String>,
    /// The least confidence of the root cause: `possible`, `likely` or `certain`.
    #[serde(default)]
    pub confidence: Option<String>,
    /// Codes that must be among the alternatives.
    #[serde(default)]
    pub candidates: Vec<String>,
    /// Codes that must be among the findings, whatever their severity.
    #[serde(default)]
    pub findings: Vec<String>,
}

impl Scenario {
    /// What the doctor must say with or without settings.
    #[must_use]
    pub fn expected(&self, black_box: bool) -> &Expected {
        match &self.expect.black_box {
            Some(expected) if black_box => expected,
            _ => &self.expect.with_settings,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    change: BTreeMap<String, Change>,
    scenario: Vec<Scenario>,
}

/// The embedded files, read once: a run of many labs asks for them at every start.
fn read() -> Result<&'static File, LabError> {
    static FILE: LazyLock<Result<File, String>> = LazyLock::new(parsed);
    FILE.as_ref().map_err(|error| LabError::Scenarios(error.clone()))
}

fn parsed() -> Result<File, String> {
    let read = |text| crate::packed::read(text).map_err(|error| error.to_string());
    let mut file: File = read(packed!("lab/scenarios.toml"))?;
    let combinations = read(packed!("lab/combinations.toml"))?;
    file.scenario.extend(combinations.scenario);
    for (name, change) in &mut file.change {
        change.name.clone_from(name);
    }
    Ok(file)
}

/// All scenarios, in the order of the file.
///
/// # Errors
/// When the embedded file is malformed.
pub fn all() -> Result<Vec<Scenario>, LabError> {
    Ok(read()?.scenario.clone())
}

/// The scenario with this name.
///
/// # Errors
/// When there is none; the message quotes the name.
pub fn find(name: &str) -> Result<Scenario, LabError> {
    all()?.into_iter().find(|scenario| scenario.name == name).ok_or_else(|| LabError::UnknownScenario(name.to_owned()))
}

/// The change with this name.
///
/// # Errors
/// When there is none.
pub(crate) fn change(name: &str) -> Result<Change, LabError> {
    let change = read()?.change.get(name).cloned();
    change.ok_or_else(|| LabError::Scenarios(format!("there is no change {name:?}")))
}

/// The title of a change: its own, or that of the scenario that has this change alone.
pub(crate) fn title_of(change: &str) -> Option<String> {
    let file = read().ok()?;
    let own = file.change.get(change).map(|change| change.title.clone()).filter(|title| !title.is_empty());
    if own.is_some() {
        return own;
    }
    let alone = file.scenario.iter().find(|scenario| scenario.changes == [change]);
    // What comes before the last change is what it needs.
    let last = || file.scenario.iter().find(|scenario| scenario.changes.last().is_some_and(|last| last == change));
    alone.or_else(last).map(|scenario| scenario.title.clone())
}

/// The changes that a scenario lists.
pub(crate) fn changes(scenario: &Scenario) -> Result<Vec<Change>, LabError> {
    let file = read()?;
    scenario
        .changes
        .iter()
        .map(|name| {
            file.change
                .get(name)
                .cloned()
                .ok_or_else(|| LabError::Scenarios(format!("{}: there is no change {name:?}", scenario.name)))
        })
        .collect()
}

/// The world with the changes applied; `true` marks those that are fixed.
pub(crate) fn changed(healthy: &World, changes: &[(Change, bool)]) -> Result<World, LabError> {
    let fail = |name: &str, error: String| LabError::Scenarios(format!("change {name}: {error}"));
    let mut data = serde_json::to_value(healthy).map_err(|error| LabError::Scenarios(error.to_string()))?;
    for (change, fixed) in changes {
        // A fault that is fixed elsewhere stays: `fix` comes on top of it. Without `fix` it never was.
        let patches: &[&Value] = match (fixed, change.fix.is_null()) {
            (false, _) => &[&change.world],
            (true, false) => &[&change.world, &change.fix],
            (true, true) => &[],
        };
        for patch in patches.iter().filter(|patch| !patch.is_null()) {
            let patch = filled(patch, &data).map_err(|error| fail(&change.name, error.to_string()))?;
            data = merged(&data, &patch);
        }
    }
    let names: Vec<&str> = changes.iter().map(|(change, _)| change.name.as_str()).collect();
    crate::objects::from_value(data).map_err(|error| fail(&names.join(", "), error.to_string()))
}
