//! The lab as a bench: single things broken and fixed while it runs, another scenario on the same ports, and what the
//! doctor must say of it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::error::LabError;
use super::patch::{difference, filled, merged};
use super::running::{Lab, lock};
use super::scenario::{self, Change, Expected, Scenario};
use super::world::World;

/// Something that can be broken and fixed while the lab runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The name of the change.
    pub name: String,
    /// What is so when it is broken.
    pub title: String,
    /// Where it is: `app1`, `entra`, `settings`, `app2`, `visible`, or `scenario` for what only the scenario brings.
    pub group: String,
    /// The finding code that it is the cause of.
    pub code: String,
    /// Whether the world is so now, whoever made it so.
    pub broken: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    change: String,
    group: String,
    title: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    fault: Vec<Entry>,
}

fn entries() -> Result<&'static [Entry], LabError> {
    static FILE: LazyLock<Result<File, String>> =
        LazyLock::new(|| crate::packed::read(packed!("lab/faults.toml")).map_err(|error| error.to_string()));
    match &*FILE {
        Ok(file) => Ok(&file.fault),
        Err(error) => Err(LabError::Scenarios(error.clone())),
    }
}

impl Lab {
    /// What can be broken and fixed, in the order of the call, and whether it is broken now.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let entries = entries().unwrap_or_default();
        let offered = entries.iter().filter_map(|entry| {
            let change = scenario::change(&entry.change).ok()?;
            Some((change, entry.title.clone(), entry.group.clone()))
        });
        let own: Vec<Change> = lock(&self.changes).iter().map(|(change, _)| change.clone()).collect();
        let own = own.into_iter().filter_map(|change| {
            let is_offered = entries.iter().any(|entry| entry.change == change.name);
            (!is_offered && !change.code.is_empty()).then(|| {
                let title = scenario::title_of(&change.name).unwrap_or_else(|| change.name.clone());
                (change, title, "scenario".to_owned())
            })
        });
        offered
            .chain(own)
            .map(|(change, title, group)| Fault {
                broken: self.is_broken(&change),
                name: change.name,
                title,
                group,
                code: change.code,
            })
            .collect()
    }

    /// Whether the world is as the change makes it. What only the doctor's options show is as it was set last.
    fn is_broken(&self, change: &Change) -> bool {
        let is_set = || lock(&self.changes).iter().any(|(own, fixed)| own.name == change.name && !fixed);
        if change.world.is_null() {
            return is_set();
        }
        let data = self.data();
        filled(&change.world, &data).is_ok_and(|patch| merged(&data, &patch) == data)
    }

    /// Breaks one thing, or undoes it; everything else stays as it is, and so does what commands have changed.
    ///
    /// # Errors
    /// An unknown name, or a world that cannot be made.
    pub async fn set(&self, name: &str, broken: bool) -> Result<(), LabError> {
        let known = scenario::change(name)?;
        let now = data_of(&self.shared.world())?;
        let before = data_of(&self.made()?)?;
        {
            let mut changes = lock(&self.changes);
            // What is fixed here never was; where a scenario is fixed elsewhere, the other side is left as it is.
            changes.retain(|(change, _)| change.name != name);
            if broken {
                changes.push((known.clone(), false));
            }
        }
        let after = data_of(&self.made()?)?;
        let world = if broken {
            let changed = merged(&now, &difference(&before, &after));
            if known.world.is_null() {
                changed
            } else {
                let patch = filled(&known.world, &self.data());
                let patch = patch.map_err(|error| LabError::Scenarios(format!("{name}: {error}")))?;
                merged(&changed, &patch)
            }
        } else {
            let back = put_back(&now, &after, &known.world);
            merged(&back, &difference(&before, &after))
        };
        self.forget_settings(&known);
        let world =
            crate::objects::from_value(world).map_err(|error| LabError::Scenarios(format!("{name}: {error}")))?;
        self.replace_world(self.adjusted(world))?;
        self.write_credentials()?;
        self.close_down().await
    }

    /// Puts another scenario in place: a healthy world with its changes, and nothing of what was done before. Keys,
    /// ports, and IDs stay.
    ///
    /// # Errors
    /// When the scenario is malformed.
    pub async fn switch(&self, scenario: &Scenario) -> Result<(), LabError> {
        let changes = scenario::changes(scenario)?;
        *lock(&self.changes) = changes.into_iter().map(|change| (change, false)).collect();
        lock(&self.app1_settings).clear();
        self.shared.forget_requests();
        self.apply_changes()?;
        self.close_down().await
    }

    /// What the doctor must say now; `None` where no scenario tells: after commands that changed something, and with
    /// several faults at once that none lists.
    #[must_use]
    pub fn expected(&self) -> Option<Expected> {
        let changes = lock(&self.changes).clone();
        if changes.iter().any(|(_, fixed)| *fixed) || !self.is_as_made() {
            return None;
        }
        let names: Vec<&str> = changes.iter().map(|(change, _)| change.name.as_str()).collect();
        let all = scenario::all().ok()?;
        let same = |scenario: &&Scenario| {
            scenario.changes.len() == names.len() && scenario.changes.iter().all(|name| names.contains(&name.as_str()))
        };
        let found = all.iter().find(same);
        found.map(|scenario| scenario.expected(self.black_box).clone())
    }

    /// Whether no command has changed the world since it was made.
    fn is_as_made(&self) -> bool {
        let made = self.made().and_then(|made| data_of(&made));
        let now = data_of(&self.shared.world());
        matches!((made, now), (Ok(made), Ok(now)) if made == now) && lock(&self.app1_settings).is_empty()
    }

    /// Variables that the change sets again are no longer those that a command has set.
    fn forget_settings(&self, change: &Change) {
        let of_change: BTreeMap<&String, &String> = change.variables.iter().chain(&change.fixed_variables).collect();
        lock(&self.app1_settings).retain(|name, _| !of_change.contains_key(name));
    }
}

fn data_of(world: &World) -> Result<Value, LabError> {
    serde_json::to_value(world).map_err(|error| LabError::Scenarios(error.to_string()))
}

/// The data, with what the patch touches as the other data has it.
fn put_back(now: &Value, other: &Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else {
        return if patch.is_null() { now.clone() } else { other.clone() };
    };
    let mut result: Map<String, Value> = now.as_object().cloned().unwrap_or_default();
    for (key, patch) in patch {
        match (result.get(key), other.get(key)) {
            (_, None) => drop(result.remove(key)),
            (None, Some(other)) => drop(result.insert(key.clone(), other.clone())),
            (Some(now), Some(other)) => {
                let value = put_back(now, other, patch);
                result.insert(key.clone(), value);
            }
        }
    }
    Value::Object(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_a_scenario_of_its_own_and_a_group() {
        let all = scenario::all().unwrap();
        for entry in entries().unwrap() {
            let change = scenario::change(&entry.change).unwrap();
            assert!(!change.code.is_empty(), "{}", entry.change);
            let is_alone = |scenario: &&Scenario| scenario.changes == [entry.change.as_str()];
            assert!(all.iter().any(|scenario| is_alone(&scenario)), "{}", entry.change);
            let groups = ["app1", "entra", "settings", "app2", "visible"];
            assert!(groups.contains(&entry.group.as_str()), "{}", entry.group);
        }
    }

    #[test]
    fn every_fault_of_every_scenario_has_a_title() {
        let scenarios = scenario::all().unwrap();
        let changes = scenarios.iter().flat_map(|scenario| scenario::changes(scenario).unwrap());
        for change in changes.filter(|change| !change.code.is_empty()) {
            let title = scenario::title_of(&change.name).unwrap_or_default();
            assert!(title.contains(' '), "{}: {title}", change.name);
        }
    }
}
