//! What runs against what is stored: App 2's environment block beside Azure Resource Manager or a file.

use crate::case::auth_settings::{SettingsReading, SettingsSource};
use crate::case::text::visible;
use crate::check::{StepReport, Table};
use crate::evidence::{Evidence, target};
use crate::knowledge::Words;

/// Adds the settings that differ between what runs and what is stored, where both were read.
pub(super) fn compare(evidence: &Evidence<'_>, report: &mut StepReport) {
    let runs = |reading: &&SettingsReading| target::is_running(&reading.source);
    let stored = |reading: &&SettingsReading| {
        matches!(
            reading.source,
            SettingsSource::ResourceManager | SettingsSource::ResourceManagerList | SettingsSource::File(_)
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
            (stored != running).then(|| vec![Words::from(name), visible(&stored).into(), visible(&running).into()])
        })
        .collect();
    if rows.is_empty() {
        report.fact("running against stored", "the same, as far as both tell");
        return;
    }
    report.fact(
        "running against stored",
        format!(
            "running and stored differ in {}: App 2 has not taken up what is stored ({source}), which a restart makes it do, or one of the two is another slot's",
            if rows.len() == 1 { "one setting".to_owned() } else { format!("{} settings", rows.len()) }
        ),
    );
    report.tables.push(Table {
        title: "Stored and running",
        columns: &["setting", "stored", "running"],
        rows,
    });
}
