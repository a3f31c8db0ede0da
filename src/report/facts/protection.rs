//! App 2 as requests without a good token find it, and its settings.

use crate::case::auth_settings::SettingsSource;
use crate::case::exchange::{Exchange, Purpose};
use crate::case::issuer::Issuer;
use crate::case::shown::{self, address};
use crate::evidence::{Evidence, target};
use crate::knowledge::{Words, phrase, responder};

use super::super::observed;
use super::shown::{Shown, Table};

pub(super) fn facts(evidence: &Evidence<'_>, shown: &mut Shown) {
    shown.fact_if_any("target", evidence.inputs.target.as_deref().map(address::own));
    shown.fact_if_any(
        "address",
        evidence.target_address().map(|(address, is_private)| {
            phrase("protection.address").with("address", address.to_string()).when("private", is_private)
        }),
    );
    for (name, purpose) in [("without a token", Purpose::CallAnonymous), ("invalid token", Purpose::CallInvalidToken)] {
        let exchange = evidence.exchange(&purpose);
        if let Some(answer) = exchange.and_then(Exchange::answer) {
            let outcome = phrase("protection.outcome").with("answer", answer.brief());
            shown.fact(name, outcome.with("mark", observed::mark(&responder::judge(answer), false)));
        }
        shown.fact_if_any(name, exchange.and_then(Exchange::failure).map(shown::reason));
    }
    let is_inside =
        evidence.environment.as_ref().is_some_and(|own| own.is_inside(evidence.inputs.target_url().as_ref()));
    shown.fact_if_any("this program runs", is_inside.then(|| phrase("protection.inside")));
    shown.fact_if_any(
        "App 2's log",
        evidence.target_log.as_ref().map(|log| {
            let read = phrase("protection.log").with("source", &log.source);
            read.with("lines", log.lines)
                .with("entries", log.entries.len())
                .when("zoneless", log.entries.iter().any(|entry| entry.local_time.is_some()))
        }),
    );
    let client_id = target::client_id(evidence);
    shown.fact_if_any("target client ID", client_id.map(|(id, source)| format!("{id} (from {source})")));
    compare(evidence, shown);
    let Some(settings) = target::settings(evidence) else { return };
    shown.fact("settings from", target::settings_source(evidence));
    let on = match settings.enabled {
        Some(true) => "on",
        Some(false) => "off",
        None => "not shown",
    };
    shown.fact("Easy Auth", on);
    shown.fact_if_any("unauthenticated requests", settings.unauthenticated_action.as_ref());
    let issuer = settings.entra.as_ref().and_then(|entra| entra.issuer.as_ref());
    shown.fact_if_any("issuer URL (openIdIssuer)", issuer.map(Issuer::as_str));
    shown.fact_if_any("unknown settings", (!settings.unread.is_empty()).then(|| settings.unread.join(", ")));
    shown.fact_if_any("missing settings", settings.incomplete.clone());
    shown.fact_if_any("site state", evidence.site.as_ref().and_then(|site| site.state.as_ref()));
}

/// The settings that App 2 runs with (its environment) beside the stored ones (Azure Resource Manager or a file), if
/// both were read.
fn compare(evidence: &Evidence<'_>, shown: &mut Shown) {
    let is_stored = |source: &SettingsSource| !source.runs() && *source != SettingsSource::WebConfig;
    let mut stored = evidence.settings.iter().filter(|reading| is_stored(&reading.source));
    let stored = stored.find_map(|reading| Some((&reading.source, reading.settings()?)));
    let (Some((_, running)), Some((source, stored))) = (target::running_reading(evidence), stored) else {
        return;
    };
    let rows: Vec<Vec<Words>> = stored
        .differing(running)
        .into_iter()
        .map(|(name, stored, running)| vec![name.into(), stored.into(), running.into()])
        .collect();
    if rows.is_empty() {
        return shown.fact("running against stored", phrase("protection.running-same"));
    }
    let several = (rows.len() > 1).then_some(rows.len());
    let differs = phrase("protection.running-differs").with_some("several", several);
    shown.fact("running against stored", differs.with("source", source.to_string()));
    shown.tables.push(Table { title: "Stored and running", columns: &["setting", "stored", "running"], rows });
}
