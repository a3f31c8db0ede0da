//! What the dependencies must be (`.deny.toml`), also where cargo-deny is not installed: licenses, no crate in two
//! versions, one registry. Advisories are cargo-deny's alone: they need its database.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn here(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}

fn rules() -> toml::Table {
    fs::read_to_string(here(".deny.toml")).unwrap().parse().unwrap()
}

/// What cargo prints; `None` where there is no cargo.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn cargo(arguments: &[&str]) -> Option<String> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output();
    let output = match output {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            eprintln!("skipped: there is no cargo to ask for the dependencies");
            return None;
        }
        output => output.unwrap(),
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    Some(text(&output.stdout))
}

struct Package {
    name: String,
    version: String,
    license: String,
}

/// What the program is built of on this platform, itself included and what only tests use left out.
fn packages() -> Option<Vec<Package>> {
    let about = cargo(&["-vV"])?;
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let metadata = cargo(&["metadata", "--locked", "--offline", "--format-version=1", "--filter-platform", host])?;
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let by_id = |list: &'static str| -> BTreeMap<String, Value> {
        let entries = metadata.pointer(list).unwrap().as_array().unwrap();
        entries.iter().map(|entry| (entry["id"].as_str().unwrap().to_owned(), entry.clone())).collect()
    };
    let (nodes, packages) = (by_id("/resolve/nodes"), by_id("/packages"));
    let mut reached = BTreeSet::new();
    let mut open = vec![metadata["resolve"]["root"].as_str().unwrap()];
    while let Some(id) = open.pop() {
        if !reached.insert(id) {
            continue;
        }
        for dependency in nodes[id]["deps"].as_array().unwrap() {
            let kinds = dependency["dep_kinds"].as_array().unwrap();
            if kinds.iter().any(|kind| kind["kind"] != "dev") {
                open.push(dependency["pkg"].as_str().unwrap());
            }
        }
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let found = reached.into_iter().map(|id| Package {
        name: text(&packages[id]["name"]),
        version: text(&packages[id]["version"]),
        license: text(&packages[id]["license"]),
    });
    Some(found.collect())
}

/// Whether an SPDX expression can be met with these licenses. `/` is how `OR` was once written.
fn is_met(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ").replace(" WITH ", "-WITH-");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    let met = either(&mut rest, allowed);
    assert!(rest.is_empty(), "cannot be read: {expression}");
    met
}

fn either(words: &mut &[&str], allowed: &BTreeSet<&str>) -> bool {
    let mut met = both(words, allowed);
    while let ["OR", rest @ ..] = *words {
        *words = rest;
        met |= both(words, allowed);
    }
    met
}

fn both(words: &mut &[&str], allowed: &BTreeSet<&str>) -> bool {
    let mut met = one(words, allowed);
    while let ["AND", rest @ ..] = *words {
        *words = rest;
        met &= one(words, allowed);
    }
    met
}

fn one(words: &mut &[&str], allowed: &BTreeSet<&str>) -> bool {
    let Some((word, rest)) = words.split_first() else {
        return false;
    };
    *words = rest;
    if *word != "(" {
        return allowed.contains(word);
    }
    let met = either(words, allowed);
    if let [")", rest @ ..] = *words {
        *words = rest;
    }
    met
}

#[test]
fn license_expressions_are_read() {
    let allowed = BTreeSet::from(["MIT", "ISC"]);
    for (expression, met) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("Apache-2.0 OR MIT", true),
        ("Apache-2.0/MIT", true),
        ("Apache-2.0 AND ISC", false),
        ("MIT AND ISC", true),
        ("(Apache-2.0 OR MIT) AND ISC", true),
        ("Apache-2.0 OR MIT AND ISC", true),
        ("(MIT OR ISC) AND GPL-3.0", false),
        ("Apache-2.0 WITH LLVM-exception OR MIT", true),
        ("MIT WITH LLVM-exception", false),
        ("", false),
    ] {
        assert_eq!(is_met(expression, &allowed), met, "{expression}");
    }
}

#[test]
fn every_dependency_has_a_license_that_is_allowed() {
    let Some(packages) = packages() else { return };
    assert!(packages.len() > 100);
    let rules = rules();
    let allowed = rules["licenses"]["allow"].as_array().unwrap();
    let allowed = allowed.iter().map(|name| name.as_str().unwrap()).collect();
    let refused: Vec<String> = packages
        .iter()
        .filter(|package| !is_met(&package.license, &allowed))
        .map(|package| format!("{} {}: {}", package.name, package.version, package.license))
        .collect();
    assert!(refused.is_empty(), "{refused:#?}");
}

/// Crates that may be there in a second version: the name, and how that version begins.
fn second_versions(rules: &toml::Table) -> Vec<(String, String)> {
    let entries = rules["bans"]["skip"].as_array().unwrap().iter();
    let split = |entry: &toml::Value| {
        let (name, version) = entry["crate"].as_str().unwrap().split_once(":^").unwrap();
        (name.to_owned(), format!("{version}."))
    };
    entries.map(split).collect()
}

#[test]
fn no_dependency_is_built_in_two_versions() {
    let Some(packages) = packages() else { return };
    let known = second_versions(&rules());
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in &packages {
        let is_known =
            |(name, version): &(String, String)| package.name == *name && package.version.starts_with(version);
        if !known.iter().any(is_known) {
            versions.entry(&package.name).or_default().insert(&package.version);
        }
    }
    versions.retain(|_, versions| versions.len() > 1);
    assert!(versions.is_empty(), "{versions:#?}");
}

#[test]
fn the_lock_file_names_one_registry_and_every_second_version_that_is_known() {
    let lock: toml::Table = fs::read_to_string(here("Cargo.lock")).unwrap().parse().unwrap();
    let packages = lock["package"].as_array().unwrap();
    let sources: BTreeSet<&str> = packages
        .iter()
        .filter(|package| package["name"].as_str() != Some(env!("CARGO_PKG_NAME")))
        .map(|package| package.get("source").and_then(toml::Value::as_str).unwrap_or("none"))
        .collect();
    let sources: Vec<&str> = sources.into_iter().collect();
    assert!(matches!(sources.as_slice(), [registry] if registry.starts_with("registry+")), "{sources:?}");
    for (name, version) in second_versions(&rules()) {
        let locked: Vec<&str> = packages
            .iter()
            .filter(|package| package["name"].as_str() == Some(&name))
            .filter_map(|package| package["version"].as_str())
            .collect();
        let is_there = locked.len() > 1 && locked.iter().any(|other| other.starts_with(&version));
        assert!(is_there, "{name} {version}* is in .deny.toml and not here: {locked:?}");
    }
}
