//! The pages of `explain` as snapshots: a change of their words is seen in review.
//!
//! Steps and findings have a file each; the short pages of every other group share one.
//! `INSTA_UPDATE=always cargo test --locked --test it explain::` accepts the present texts.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use easyauth_doctor::knowledge::{self, Entry, Group};

use crate::helpers::program::{doctor, text};

fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots/explain");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

fn page(key: &str) -> String {
    let output = doctor(&["explain", key]).env_clear().output().unwrap();
    assert!(output.status.success(), "{key}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// The snapshot that an entry's page is in. The names of Microsoft's applications are data, not words.
fn snapshot(entry: &Entry) -> Option<String> {
    Some(match entry.group {
        Group::Step => format!("step-{}", entry.key),
        Group::Finding => entry.key.clone(),
        Group::EntraError => "entra-errors".to_owned(),
        Group::Status => "statuses".to_owned(),
        Group::ErrorText => "error-texts".to_owned(),
        Group::Claim => "claims".to_owned(),
        Group::Log => "logs".to_owned(),
        Group::Role => "roles".to_owned(),
        Group::FirstPartyApp => return None,
    })
}

/// Every page, in the order of the list.
fn pages() -> Vec<(String, String)> {
    let wanted: Vec<(String, String)> =
        knowledge::list().iter().filter_map(|entry| Some((snapshot(entry)?, entry.key.clone()))).collect();
    let workers: Vec<_> = wanted
        .chunks(wanted.len().div_ceil(4))
        .map(|chunk| {
            let chunk = chunk.to_vec();
            thread::spawn(move || {
                let read = |(name, key): (String, String)| (name, page(&key));
                chunk.into_iter().map(read).collect::<Vec<_>>()
            })
        })
        .collect();
    workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
}

#[test]
fn every_page_reads_as_before() {
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for (name, page) in pages() {
        let text = texts.entry(name).or_default();
        if !text.is_empty() {
            text.push_str("----\n");
        }
        text.push_str(&page);
    }
    let settings = settings();
    let different: Vec<String> = texts
        .into_iter()
        .filter_map(|(name, text)| {
            let compared =
                settings.bind(|| catch_unwind(AssertUnwindSafe(|| insta::assert_snapshot!(name.clone(), text))));
            compared.is_err().then_some(name)
        })
        .collect();
    assert!(different.is_empty(), "changed pages: {}", different.join(", "));
}

#[test]
fn the_list_shows_each_entry_once_with_its_own_meaning() {
    let output = doctor(&["explain", "--list"]).env_clear().output().unwrap();
    settings().bind(|| insta::assert_snapshot!("list", text(&output.stdout)));
}

#[test]
fn an_unknown_code_gets_suggestions() {
    let typo = doctor(&["explain", "audience-not-alowed"]).env_clear().output().unwrap();
    let first = text(&typo.stdout).lines().next().map(str::to_owned);
    assert_eq!(first.as_deref(), Some("No entry for 'audience-not-alowed'. Did you mean:"));
    let nonsense = doctor(&["explain", "qqqqqqqqqqqqqq"]).env_clear().output().unwrap();
    assert_eq!(nonsense.status.code(), Some(2));
}
