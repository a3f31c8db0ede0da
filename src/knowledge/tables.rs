//! The files of `assets/knowledge/`, parsed.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::case::code::Code;

/// What the knowledge base says of a finding code.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingEntry {
    /// A short heading.
    pub title: String,
    /// What happens in Azure, and why.
    pub meaning: String,
    /// How it is told from look-alikes.
    pub told_apart: String,
    /// How to mend it, one entry a tool, the most common way first.
    #[serde(rename = "fix")]
    pub fixes: Vec<FixTemplate>,
}

/// A way to mend a fault, with placeholders; see [`super::template`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixTemplate {
    /// The tool: `portal`, `az`, `bicep`, `terraform`, `code` or `other`.
    pub via: String,
    /// What to do.
    pub text: String,
    /// A trap of this way.
    pub caution: Option<String>,
}

/// What an Entra error number means in this flow.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntraError {
    /// The number behind `AADSTS`.
    #[serde(skip)]
    pub number: String,
    /// What it means when one application asks for a token for another.
    pub meaning: String,
    /// The finding that it most likely stands for.
    pub finding: Code,
    /// The first thing to do.
    pub fix: String,
}

/// What a claim means.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimEntry {
    /// The claim's name.
    #[serde(skip)]
    pub name: String,
    /// What its value says.
    pub meaning: String,
    /// The claim that says the same in tokens of the other version.
    pub counterpart: Option<String>,
}

/// What a sub-status of Easy Auth or an IDX number of Microsoft.IdentityModel means.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusEntry {
    /// A short heading.
    pub title: String,
    /// What it says of the request.
    pub meaning: String,
    /// The findings that it points to, likeliest first; empty when it is harmless.
    #[serde(default)]
    pub findings: Vec<Code>,
}

/// A sentence that a service answers with, without a number in it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorText {
    /// A piece of the sentence that is always there, as the service spells it.
    pub text: String,
    /// Who says it and what it means.
    pub meaning: String,
    /// The findings that it points to, likeliest first.
    #[serde(default)]
    pub findings: Vec<Code>,
}

/// A built-in role.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// The role definition's id, where it is certain.
    pub id: Option<String>,
    /// What it gives and does not give in this flow.
    pub meaning: String,
}

/// What to do at a step for the first time.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepEntry {
    /// Why the step matters.
    pub why: String,
    /// What the doctor checks here.
    pub checked: String,
    /// What to do, one entry a tool.
    #[serde(rename = "do", default)]
    pub todo: Vec<FixTemplate>,
}

/// Everything in `assets/knowledge/`.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) findings: BTreeMap<String, FindingEntry>,
    pub(super) entra_errors: BTreeMap<String, EntraError>,
    pub(super) claims: BTreeMap<String, ClaimEntry>,
    pub(super) first_party_apps: BTreeMap<String, String>,
    pub(super) statuses: BTreeMap<String, StatusEntry>,
    pub(super) error_texts: BTreeMap<String, ErrorText>,
    pub(super) roles: BTreeMap<String, Role>,
    pub(super) steps: BTreeMap<String, StepEntry>,
    pub(super) find_target: Option<FixTemplate>,
    pub(super) restart_target: Vec<FixTemplate>,
}

const FINDINGS: &str = include_str!("../../assets/knowledge/findings.toml");
const SNIPPETS: &str = include_str!("../../assets/knowledge/snippets.toml");
const ENTRA_ERRORS: &str = include_str!("../../assets/knowledge/entra_errors.toml");
const CLAIMS: &str = include_str!("../../assets/knowledge/claims.toml");
const FIRST_PARTY_APPS: &str = include_str!("../../assets/knowledge/first_party_apps.toml");
const STATUSES: &str = include_str!("../../assets/knowledge/easy_auth_statuses.toml");
const ERROR_TEXTS: &str = include_str!("../../assets/knowledge/error_texts.toml");
const ROLES: &str = include_str!("../../assets/knowledge/roles.toml");
const STEPS: &str = include_str!("../../assets/knowledge/steps.toml");

impl Tables {
    /// Reads the embedded files. A file that does not parse is an empty table (a test parses them all), so that the
    /// program still judges, only without words.
    pub(super) fn read() -> Self {
        let snippets: BTreeMap<String, String> = table(SNIPPETS);
        let snippet = |via: &str, name: &str| {
            snippets.get(name).map(|text| FixTemplate {
                via: via.to_owned(),
                text: text.clone(),
                caution: None,
            })
        };
        let restart_target = [("az", "restart-target"), ("portal", "restart-target-portal")];
        let mut tables = Self {
            findings: table(FINDINGS),
            entra_errors: table(ENTRA_ERRORS),
            claims: table(CLAIMS),
            first_party_apps: table(FIRST_PARTY_APPS),
            statuses: table(STATUSES),
            error_texts: table(ERROR_TEXTS),
            roles: table(ROLES),
            steps: table(STEPS),
            find_target: snippet("az", "find-target"),
            restart_target: restart_target
                .iter()
                .filter_map(|(via, name)| snippet(via, name))
                .collect(),
        };
        let of_findings = tables.findings.values_mut().flat_map(|entry| &mut entry.fixes);
        let of_steps = tables.steps.values_mut().flat_map(|entry| &mut entry.todo);
        for fix in of_findings.chain(of_steps) {
            fix.text = expand(&fix.text, &snippets);
            fix.caution = fix.caution.as_deref().map(|caution| expand(caution, &snippets));
        }
        for (number, error) in &mut tables.entra_errors {
            error.number.clone_from(number);
        }
        for (name, claim) in &mut tables.claims {
            claim.name.clone_from(name);
        }
        tables
    }
}

fn table<T: DeserializeOwned>(text: &str) -> BTreeMap<String, T> {
    toml::from_str(text).unwrap_or_default()
}

/// Replaces each line `@name` by that snippet; words that several fixes share stand once.
fn expand(text: &str, snippets: &BTreeMap<String, String>) -> String {
    let lines: Vec<&str> = text
        .trim_end()
        .lines()
        .map(|line| {
            line.strip_prefix('@')
                .and_then(|name| snippets.get(name.trim()))
                .map_or(line, |snippet| snippet.trim_end())
        })
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::step::StepId;

    fn parses<T: DeserializeOwned>(text: &str) -> BTreeMap<String, T> {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn every_file_parses() {
        assert!(!parses::<FindingEntry>(FINDINGS).is_empty());
        assert!(!parses::<String>(SNIPPETS).is_empty());
        assert!(!parses::<EntraError>(ENTRA_ERRORS).is_empty());
        assert!(!parses::<ClaimEntry>(CLAIMS).is_empty());
        assert!(!parses::<String>(FIRST_PARTY_APPS).is_empty());
        assert!(!parses::<StatusEntry>(STATUSES).is_empty());
        assert!(!parses::<ErrorText>(ERROR_TEXTS).is_empty());
        assert!(!parses::<Role>(ROLES).is_empty());
        assert!(!parses::<StepEntry>(STEPS).is_empty());
    }

    #[test]
    fn every_key_is_known_and_every_snippet_is_found() {
        let tables = Tables::read();
        for key in tables.findings.keys() {
            assert!(Code::from_name(key).is_some(), "{key} is no finding code");
        }
        for key in tables.steps.keys() {
            assert!(StepId::ALL.iter().any(|step| step.id() == key), "{key} is no step");
        }
        for key in tables.first_party_apps.keys() {
            assert!(
                uuid::Uuid::parse_str(key).is_ok() && *key == key.to_lowercase(),
                "{key}"
            );
        }
        for key in tables.entra_errors.keys() {
            assert!(key.len() >= 5 && key.bytes().all(|byte| byte.is_ascii_digit()), "{key}");
        }
        let texts = tables.findings.values().flat_map(|entry| &entry.fixes);
        for fix in texts.chain(tables.steps.values().flat_map(|entry| &entry.todo)) {
            let words = format!("{}\n{}", fix.text, fix.caution.as_deref().unwrap_or_default());
            assert!(
                !words.lines().any(|line| line.starts_with('@')),
                "unknown snippet in {words}"
            );
        }
    }
}
