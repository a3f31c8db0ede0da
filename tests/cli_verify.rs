//! Judging the judge: every scenario of the lab, with and without settings, is answered as it must be.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;

use easyauth_doctor::lab::{Keys, scenario};
use easyauth_doctor::line::verify::{self, Mark};
use futures_util::{StreamExt as _, stream};

#[tokio::test]
async fn every_scenario_is_answered_rightly() {
    let keys = Arc::new(Keys::generate().unwrap());
    let scenarios = scenario::all().unwrap();
    let cells = scenarios
        .iter()
        .flat_map(|scenario| [(scenario, true), (scenario, false)]);
    let rows: Vec<verify::Row> = stream::iter(cells)
        .map(|(scenario, settings)| {
            let keys = Arc::clone(&keys);
            async move { verify::judged(scenario, settings, keys).await.unwrap() }
        })
        .buffered(4)
        .collect()
        .await;
    assert_eq!(rows.len(), 2 * scenarios.len());
    let bad: Vec<String> = rows
        .iter()
        .filter(|row| row.mark.is_bad())
        .map(|row| format!("{} ({}): {}", row.scenario, row.settings, row.differences.join("; ")))
        .collect();
    assert!(bad.is_empty(), "\n{}\n", bad.join("\n"));
    assert!(rows.iter().any(|row| row.mark == Mark::Right));
}

/// A comparison that cannot fail would prove nothing: the report of one scenario against the expectation of another.
#[tokio::test]
async fn a_wrong_answer_is_seen_as_wrong() {
    let keys = Arc::new(Keys::generate().unwrap());
    let find = |name| scenario::find(name).unwrap();
    let report = verify::observed(&find("caller-not-in-allowed-applications"), true, keys)
        .await
        .unwrap();
    assert_eq!(
        verify::compare(&find("caller-not-in-allowed-applications"), true, &report).mark,
        Mark::Right
    );
    assert_eq!(
        verify::compare(&find("audience-not-allowed"), true, &report).mark,
        Mark::OverClaimed
    );
    assert!(verify::compare(&find("healthy"), true, &report).mark.is_bad());
    let healthy = verify::observed(&find("healthy"), true, Arc::new(Keys::generate().unwrap()))
        .await
        .unwrap();
    assert_eq!(
        verify::compare(&find("audience-not-allowed"), true, &healthy).mark,
        Mark::OverClaimed
    );
}
