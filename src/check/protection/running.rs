//! Compares the settings that App 2 runs with (its environment) with the stored ones (Azure Resource Manager or a
//! file).

use crate::case::auth_settings::{SettingsReading, SettingsSource};
use crate::check::prelude::*;

/// Adds the settings that differ, if both were read.
pub(super) fn compare(evidence: &Evidence<'_>, report: &mut StepReport) {
    let runs = |reading: &&SettingsReading| target::is_running(&reading.source);
    let stored = |reading: &&SettingsReading| {
        matches!(
            reading.source,
            SettingsSource::ResourceManager
                | SettingsSource::ResourceManagerList
                | SettingsSource::AuthConfigs
                | SettingsSource::File(_)
        )
    };
    let read = |wanted: &dyn Fn(&&SettingsReading) -> bool| {
        evidence
            .settings
            .iter()
            .filter(wanted)
            .find_map(|reading| Some((&reading.source, reading.outcome.as_deref().ok()?)))
    };
    let (Some((_, running)), Some((source, stored))) = (read(&runs), read(&stored)) else {
        return;
    };
    let rows: Vec<Vec<Words>> = target::deciding(stored)
        .into_iter()
        .zip(target::deciding(running))
        .filter_map(|((name, stored), (_, running))| {
            let (stored, running) = (stored?, running?);
            (stored != running).then(|| vec![Words::from(name), stored.into(), running.into()])
        })
        .collect();
    if rows.is_empty() {
        report.fact("running against stored", phrase("protection.running-same"));
        return;
    }
    let several = (rows.len() > 1).then_some(rows.len());
    let differs = phrase("protection.running-differs").with_some("several", several);
    report.fact("running against stored", differs.with("source", source.to_string()));
    report.tables.push(Table { title: "Stored and running", columns: &["setting", "stored", "running"], rows });
}
