//! The files of `assets/knowledge/`, parsed.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::StrDeserializer;

use super::engine::Text;
use super::finding::{FindingEntry, FixTemplate, Owner, Sentences};
use super::logs::LogEntry;
use super::snippets;
use super::weight::StepStatus;
use crate::case::book::Book;
use crate::case::code::Code;
use crate::case::error_text::Variant;

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
    /// Other findings that it can stand for.
    #[serde(default)]
    pub also: Vec<Code>,
    /// The first thing to do.
    pub fix: String,
    /// Whether it is about a user's sign-in, such as the Azure CLI's.
    #[serde(default)]
    pub user: bool,
    /// Whether a new federated token of the same kind is refused as well.
    #[serde(default)]
    pub lasting: bool,
    /// Whether another number follows it, which has the reason.
    #[serde(default)]
    pub wraps: bool,
    /// Whether the resource is unknown in the tenant, or not available to this client.
    #[serde(default)]
    pub unknown_resource: bool,
    /// Whether it can be about the times of an assertion.
    #[serde(default)]
    pub times: bool,
    /// Whether a tenant's policy refuses it, which only an administrator can change.
    #[serde(default)]
    pub policy: bool,
    /// Who does what `fix` says, where that isn't whoever the finding names.
    #[serde(default)]
    pub owner: Option<Owner>,
    /// Pieces of Entra's own sentence, by which it is known where its number was left out.
    #[serde(default)]
    pub said: Vec<String>,
    /// What it means where there is more in Entra's text.
    #[serde(default, rename = "where")]
    pub variants: Vec<Variant>,
}

/// AADSTS numbers with one meaning: they stop the sign-in of a person, not an application's token request.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntraGroup {
    /// The digits behind `AADSTS`.
    pub numbers: Vec<String>,
    /// What they have in common.
    pub meaning: String,
    /// What to do.
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
    /// What it means where there is more in the line.
    #[serde(default, rename = "where")]
    pub variants: Vec<Variant>,
    /// The logs that have the reason, by their keys.
    #[serde(default)]
    pub logs: Vec<String>,
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

/// A step: its words, and how it is set up for the first time.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepEntry {
    /// A noun phrase; the status word carries the result.
    pub title: String,
    /// The question that the step answers.
    pub question: String,
    /// What to set up, in one sentence.
    pub what: String,
    /// Why the call needs it.
    pub why: String,
    /// Who sets it up.
    pub owner: Owner,
    /// What the program checks here.
    pub checked: String,
    /// What came of it, by the sentence that concludes it; good where nothing is given.
    pub status: BTreeMap<String, StepStatus>,
    /// What to do, one entry per tool and, where they differ, per platform.
    #[serde(rename = "do", default)]
    pub actions: Vec<StepAction>,
}

impl StepEntry {
    /// An entry without words.
    pub(super) const EMPTY: Self = Self {
        title: String::new(),
        question: String::new(),
        what: String::new(),
        why: String::new(),
        owner: Owner::App1,
        checked: String::new(),
        status: BTreeMap::new(),
        actions: Vec::new(),
    };
}

/// A way to set up a step with one tool, with placeholders as in a [`FixTemplate`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepAction {
    /// The tool: `portal`, `az`, `powershell`, `bicep`, `terraform`, `kubernetes`, `code` or `other`.
    pub via: String,
    /// The platform that it is for; without one, it is for all.
    pub platform: Option<Platform>,
    /// What to do.
    pub text: Text,
    /// A trap of this way.
    pub caution: Option<Text>,
}

/// A platform of App 1 or App 2 that is set up in its own way. Where App 1's has an identity endpoint, its name is its
/// entry's in `platforms.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Platform {
    /// App Service: a web app, or one of its slots.
    AppService,
    /// Azure Functions.
    Functions,
    /// Azure Logic Apps (Standard).
    LogicApps,
    /// A container app or its job.
    ContainerApps,
    /// A Kubernetes cluster, AKS or another.
    Kubernetes,
    /// A virtual machine or a scale set.
    VirtualMachine,
    /// A server that is connected to Azure Arc.
    AzureArc,
    /// Azure Machine Learning compute.
    AzureMl,
    /// Service Fabric.
    ServiceFabric,
    /// A workflow of GitHub Actions.
    GithubActions,
    /// An Azure DevOps pipeline.
    AzureDevops,
    /// Azure Cloud Shell.
    CloudShell,
}

impl Platform {
    /// The one that fixes call by this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let name: StrDeserializer<'_, serde::de::value::Error> = name.into_deserializer();
        Self::deserialize(name).ok()
    }

    /// Its name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AppService => "App Service",
            Self::Functions => "Functions",
            Self::LogicApps => "Logic Apps",
            Self::ContainerApps => "Container Apps",
            Self::Kubernetes => "Kubernetes",
            Self::VirtualMachine => "a virtual machine",
            Self::AzureArc => "an Azure Arc server",
            Self::AzureMl => "Azure Machine Learning",
            Self::ServiceFabric => "Service Fabric",
            Self::GithubActions => "GitHub Actions",
            Self::AzureDevops => "Azure DevOps",
            Self::CloudShell => "Cloud Shell",
        }
    }
}

/// The finding codes of every step, one file a step.
fn findings() -> &'static str {
    packed!(
        "knowledge/findings/identity.toml",
        "knowledge/findings/protection.toml",
        "knowledge/findings/scope.toml",
        "knowledge/findings/token.toml",
        "knowledge/findings/claims.toml",
        "knowledge/findings/audience.toml",
        "knowledge/findings/authorization.toml",
        "knowledge/findings/call.toml",
    )
}

pub(super) static FINDINGS: Book<FindingEntry> = Book::new(findings, |_, _| {});
pub(super) static ENTRA_ERRORS: Book<EntraError> = Book::new(
    || packed!("knowledge/entra_errors.toml"),
    |number, entry| {
        number.clone_into(&mut entry.number);
    },
);
/// Numbers that stop a person's sign-in, by what they have in common.
pub(super) static ENTRA_GROUPS: Book<EntraGroup> = Book::new(|| packed!("knowledge/entra_groups.toml"), |_, _| {});
pub(super) static CLAIMS: Book<ClaimEntry> = Book::new(
    || packed!("knowledge/claims.toml"),
    |name, entry| {
        name.clone_into(&mut entry.name);
    },
);
pub(super) static PHRASES: Book<Sentences> = Book::new(
    || {
        packed!(
            "knowledge/phrases/identity.toml",
            "knowledge/phrases/protection.toml",
            "knowledge/phrases/scope.toml",
            "knowledge/phrases/token.toml",
            "knowledge/phrases/claims.toml",
            "knowledge/phrases/audience.toml",
            "knowledge/phrases/authorization.toml",
            "knowledge/phrases/call.toml",
            "knowledge/phrases/evidence.toml",
            "knowledge/phrases/diagnosis.toml",
            "knowledge/phrases/report.toml",
            "knowledge/phrases/line.toml",
            "knowledge/phrases/screen.toml",
            "knowledge/phrases/bench.toml",
        )
    },
    |_, _| {},
);
pub(super) static STATUSES: Book<StatusEntry> = Book::new(|| packed!("knowledge/easy_auth_statuses.toml"), |_, _| {});
pub(super) static LOGS: Book<LogEntry> = Book::new(|| packed!("knowledge/logs.toml"), |_, _| {});
pub(super) static ROLES: Book<Role> = Book::new(|| packed!("knowledge/roles.toml"), |_, _| {});
pub(super) static STEPS: Book<StepEntry> = Book::new(|| packed!("knowledge/steps.toml"), |_, _| {});

/// Names of Microsoft's applications by client ID.
pub(super) static FIRST_PARTY_APPS: LazyLock<BTreeMap<String, String>> =
    LazyLock::new(|| lines(packed!("knowledge/first_party_apps.toml")));

/// A snippet as a fix of its own.
pub(super) fn snippet(via: &str, name: &str) -> Option<FixTemplate> {
    snippets::source(name).map(|text| fix(via, text))
}

/// A template as a fix of its own.
pub(super) fn fix(via: &str, text: &'static str) -> FixTemplate {
    let text = Text::new(text);
    // Most runs have no such options, and most host names are no gateway's.
    let may_be_absent = |name: &&String| ["run_options", "front_host"].contains(&name.as_str());
    let needs = text.names().iter().filter(|name| !may_be_absent(name)).cloned().collect();
    FixTemplate { on: Vec::new(), via: via.to_owned(), target: None, needs, unless: Vec::new(), text, caution: None }
}

fn lines(file: &str) -> BTreeMap<String, String> {
    crate::packed::read(file).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use serde::de::DeserializeOwned;

    use super::*;
    use crate::case::error_text::ERROR_TEXTS;
    use crate::case::step::StepId;
    use crate::knowledge::GENERAL;

    fn parses<T: DeserializeOwned + Debug>(book: &Book<T>, file: &str) {
        let whole: BTreeMap<String, T> = toml::from_str(file).unwrap();
        assert!(!whole.is_empty());
        assert_eq!(book.keys().collect::<Vec<_>>(), whole.keys().collect::<Vec<_>>());
        for key in book.keys() {
            assert!(book.get(key).is_some(), "{key} does not parse alone");
        }
    }

    #[test]
    fn every_file_parses_as_a_whole_and_entry_by_entry() {
        parses(&FINDINGS, findings());
        parses(&ENTRA_ERRORS, packed!("knowledge/entra_errors.toml"));
        parses(&ENTRA_GROUPS, packed!("knowledge/entra_groups.toml"));
        parses(&CLAIMS, packed!("knowledge/claims.toml"));
        parses(&STATUSES, packed!("knowledge/easy_auth_statuses.toml"));
        parses(&ERROR_TEXTS, packed!("knowledge/error_texts.toml"));
        parses(&LOGS, packed!("knowledge/logs.toml"));
        parses(&ROLES, packed!("knowledge/roles.toml"));
        parses(&STEPS, packed!("knowledge/steps.toml"));
        assert!(snippets::all().next().is_some() && !FIRST_PARTY_APPS.is_empty());
    }

    #[test]
    fn every_key_is_known() {
        for key in FINDINGS.keys() {
            assert!(Code::from_name(key).is_some(), "{key} is no finding code");
        }
        for key in STEPS.keys() {
            assert!(StepId::ALL.iter().any(|step| step.id() == key), "{key} is no step");
        }
        for key in FIRST_PARTY_APPS.keys() {
            assert!(uuid::Uuid::parse_str(key).is_ok() && *key == key.to_lowercase(), "{key}");
        }
        for (key, error) in ENTRA_ERRORS.iter() {
            assert!(key.len() >= 5 && key.bytes().all(|byte| byte.is_ascii_digit()), "{key}");
            assert_eq!(error.number, key);
        }
        let mut numbers: Vec<&str> = ENTRA_ERRORS.keys().collect();
        numbers.extend(ENTRA_GROUPS.iter().flat_map(|(_, group)| group.numbers.iter().map(String::as_str)));
        let each: std::collections::BTreeSet<&str> = numbers.iter().copied().collect();
        assert_eq!(each.len(), numbers.len(), "a number has two entries");
    }

    #[test]
    fn every_weight_is_one_of_a_sentence() {
        for (code, entry) in FINDINGS.iter() {
            for key in entry.sure.keys().chain(entry.severity.keys()) {
                assert!(key == GENERAL || entry.says.get(key).is_some(), "{code} has no says.{key}");
            }
            assert!(entry.confirmed_as.values().all(|key| entry.confirm.get(key).is_some()), "{code}");
            for key in entry.implies.keys().chain(entry.confirmed_as.keys()) {
                assert!(entry.says.get(key).is_some(), "{code} has no says.{key}");
            }
        }
        for (step, entry) in STEPS.iter() {
            for key in entry.status.keys() {
                assert!(PHRASES.get(step).is_some_and(|phrases| phrases.get(key).is_some()), "{step} has no {key}");
            }
        }
    }

    #[test]
    fn every_finding_is_in_the_file_of_its_step() {
        let files = [
            (StepId::Identity, packed!("knowledge/findings/identity.toml")),
            (StepId::Protection, packed!("knowledge/findings/protection.toml")),
            (StepId::Scope, packed!("knowledge/findings/scope.toml")),
            (StepId::Token, packed!("knowledge/findings/token.toml")),
            (StepId::Claims, packed!("knowledge/findings/claims.toml")),
            (StepId::Audience, packed!("knowledge/findings/audience.toml")),
            (StepId::Authorization, packed!("knowledge/findings/authorization.toml")),
            (StepId::Call, packed!("knowledge/findings/call.toml")),
        ];
        for (step, file) in files {
            let keys: Vec<String> = file.parse::<toml::Table>().unwrap().keys().cloned().collect();
            let steps: Vec<_> = keys.iter().map(|key| Code::from_name(key).map(Code::step)).collect();
            assert!(steps.iter().all(|found| *found == Some(step)), "{step:?}: {keys:?}");
        }
    }
}
