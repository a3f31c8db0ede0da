//! What runs against what is stored: App 2's environment block beside Azure Resource Manager or a file.

use crate::case::auth_settings::{AuthSettings, EntraProvider, SettingsReading, SettingsSource};
use crate::case::text::visible;
use crate::check::{StepReport, Table};
use crate::evidence::{Evidence, target};

/// Adds the settings that differ between what runs and what is stored, where both were read.
pub(super) fn compare(case: &Evidence<'_>, report: &mut StepReport) {
    let runs = |reading: &&SettingsReading| target::is_running(&reading.source);
    let stored = |reading: &&SettingsReading| {
        matches!(
            reading.source,
            SettingsSource::ResourceManager | SettingsSource::ResourceManagerList | SettingsSource::File(_)
        )
    };
    let read = |wanted: &dyn Fn(&&SettingsReading) -> bool| {
        case.settings
            .iter()
            .filter(wanted)
            .find_map(|reading| Some((&reading.source, reading.outcome.as_deref().ok()?)))
    };
    let (Some((_, running)), Some((source, stored))) = (read(&runs), read(&stored)) else {
        return;
    };
    let rows: Vec<Vec<String>> = values(stored)
        .into_iter()
        .zip(values(running))
        .filter_map(|((name, stored), (_, running))| {
            let (stored, running) = (stored?, running?);
            (stored != running).then(|| vec![name.to_owned(), visible(&stored), visible(&running)])
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
        title: "Stored against running".to_owned(),
        columns: ["setting", "stored", "running"].map(str::to_owned).to_vec(),
        rows,
    });
}

/// The settings that decide a call, by name. `None`: the source does not tell.
fn values(settings: &AuthSettings) -> Vec<(&'static str, Option<String>)> {
    let empty = EntraProvider::default();
    let entra = settings.entra.as_ref().unwrap_or(&empty);
    vec![
        ("enabled", settings.enabled.map(|flag| flag.to_string())),
        ("unauthenticatedClientAction", settings.unauthenticated_action.clone()),
        ("clientId", entra.client_id.as_ref().map(ToString::to_string)),
        ("openIdIssuer", entra.issuer.clone()),
        (
            "allowedAudiences",
            list(settings, "allowedAudiences", &entra.allowed_audiences),
        ),
        (
            "allowedApplications",
            list(settings, "allowedApplications", &entra.allowed_applications),
        ),
        ("identities", list(settings, "identities", &entra.allowed_identities)),
        ("groups", list(settings, "groups", &entra.allowed_groups)),
    ]
}

fn list<T: AsRef<str>>(settings: &AuthSettings, name: &str, list: &Option<Vec<T>>) -> Option<String> {
    let known = list.is_some() || settings.shows_policy() && !settings.is_undetermined(name);
    let mut list: Vec<&str> = list.iter().flatten().map(AsRef::as_ref).collect();
    list.sort_unstable();
    known.then(|| {
        if list.is_empty() {
            "none".to_owned()
        } else {
            list.join(", ")
        }
    })
}
