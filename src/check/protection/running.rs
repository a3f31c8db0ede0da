//! Compares the settings that App 2 runs with (its environment) with the stored ones (Azure Resource Manager or a
//! file).

use crate::case::auth_settings::SettingsSource;
use crate::check::prelude::*;

/// Adds the settings that differ, if both were read.
pub(super) fn compare(evidence: &Evidence<'_>, report: &mut StepReport) {
    let read = |wanted: fn(&SettingsSource) -> bool| {
        let mut readings = evidence.settings.iter().filter(|reading| wanted(&reading.source));
        readings.find_map(|reading| Some((&reading.source, reading.outcome.as_deref().ok()?)))
    };
    let is_stored = |source: &SettingsSource| !target::is_running(source) && *source != SettingsSource::WebConfig;
    let (Some((_, running)), Some((source, stored))) = (read(target::is_running), read(is_stored)) else {
        return;
    };
    let rows: Vec<Vec<Words>> = target::differing(stored, running)
        .into_iter()
        .map(|(name, stored, running)| vec![name.into(), stored.into(), running.into()])
        .collect();
    if rows.is_empty() {
        return report.fact("running against stored", phrase("protection.running-same"));
    }
    let several = (rows.len() > 1).then_some(rows.len());
    let differs = phrase("protection.running-differs").with_some("several", several);
    report.fact("running against stored", differs.with("source", source.to_string()));
    report.tables.push(Table { title: "Stored and running", columns: &["setting", "stored", "running"], rows });
}
