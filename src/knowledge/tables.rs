//! The files of `assets/knowledge/`, parsed.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::de::IntoDeserializer;
use serde::de::value::StrDeserializer;
use serde::{Deserialize, Serialize};

use super::engine::Text;
use super::logs::LogEntry;
use super::snippets;
use super::weight::{Confidence, Severity};
use crate::case::book::Book;
use crate::case::code::Code;
use crate::case::error_text::Variant;
use crate::case::inputs::CredentialKind;
use crate::case::target_kind::TargetKind;

/// What the knowledge base says of a finding code.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingEntry {
    /// A short heading.
    pub title: String,
    /// What happens in Azure, and why.
    pub meaning: String,
    /// What its findings say, by key.
    #[serde(default)]
    pub says: Sentences,
    /// How sure it is, by the key of what is said, or [`GENERAL`]; certain where nothing is given.
    #[serde(default)]
    pub sure: BTreeMap<String, Confidence>,
    /// How bad it is, by the same keys; an error where nothing is given.
    #[serde(default)]
    pub severity: BTreeMap<String, Severity>,
    /// How to confirm it, and how it differs from similar findings: in general, and by the key of what is said.
    pub confirm: Sentences,
    /// Who has to act.
    pub owner: Owner,
    /// The finding that the same refusal is where another credential was refused.
    #[serde(default)]
    pub instead: BTreeMap<CredentialKind, Code>,
    /// Who has to act where the finding has a value of this name.
    #[serde(default)]
    pub owner_where: BTreeMap<String, Owner>,
    /// The lists of App 2's settings that it is about, and what they are in, by the end of their path.
    #[serde(default)]
    pub lists: Vec<String>,
    /// How far the call must get to show that this is not why it fails, where settings or the token say that it is.
    #[serde(default)]
    pub disproved_by: Option<DisprovedBy>,
    /// The changes of App 2's authentication settings that fix it, the one that `--assume` tries first.
    #[serde(default)]
    pub changes: Vec<ChangeTemplate>,
    /// When its fix shows, where that is not at once.
    #[serde(default)]
    pub takes_effect: Option<Delay>,
    /// How to fix it, one entry a tool, the most common way first.
    #[serde(rename = "fix")]
    pub fixes: Vec<FixTemplate>,
}

impl FindingEntry {
    /// Whether a change of App 2's authentication settings fixes it, whoever makes the change.
    #[must_use]
    pub fn is_fixed_by_settings(&self) -> bool {
        !self.changes.is_empty() || self.fixes.iter().any(|fix| fix.asks_for("settings_url"))
    }
}

/// What a fix waits for before it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Delay {
    /// A token that is issued after it.
    NextToken,
    /// Some minutes, in which Microsoft Entra ID spreads it.
    Minutes,
    /// A restart of App 1, where App 1 is an app of App Service.
    RestartOfApp1,
    /// A restart of App 2, which the change itself brings about.
    RestartOfApp2,
}

/// Who has to act to correct a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Owner {
    /// Whoever deploys and configures App 1.
    App1,
    /// Whoever deploys and configures App 2.
    App2,
    /// The owner of App 2's app registration.
    Registration,
    /// An administrator of the tenant.
    Tenant,
    /// Whoever runs the network between the two.
    Network,
    /// Azure itself.
    Platform,
}

/// The key of a sentence that stands alone.
pub const GENERAL: &str = "general";

/// Sentences by their keys. One that stands alone has the key [`GENERAL`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(from = "OneOrMore")]
pub struct Sentences(BTreeMap<String, Text>);

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(Text),
    More(BTreeMap<String, Text>),
}

impl From<OneOrMore> for Sentences {
    fn from(sentences: OneOrMore) -> Self {
        Self(match sentences {
            OneOrMore::One(text) => BTreeMap::from([(GENERAL.to_owned(), text)]),
            OneOrMore::More(texts) => texts,
        })
    }
}

impl Sentences {
    /// The sentence with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Text> {
        self.0.get(key)
    }

    /// All of them, in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Text)> {
        self.0.iter().map(|(key, text)| (key.as_str(), text))
    }
}

impl Owner {
    /// Who that is, for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::App1 => "the owner of App 1",
            Self::App2 => "the owner of App 2",
            Self::Registration => "the owner of App 2's app registration or enterprise application",
            Self::Tenant => "an administrator of the tenant",
            Self::Network => "the network administrator",
            Self::Platform => "Microsoft (Azure)",
        }
    }
}

/// An observation that disproves a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DisprovedBy {
    /// App 2 accepted the token, whatever came then.
    TokenAccepted,
    /// The same, or App 2 accepted the same identity's token for the other form of its name: only the audience differs.
    AnyTokenAccepted,
    /// The call got past Easy Auth, token and policy alike.
    PastEasyAuth,
}

/// A change of one of App 2's authentication settings, with a placeholder for its value or a value of its own.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ChangeTemplate {
    /// The list that gets an entry.
    pub add: Option<String>,
    /// The setting that gets a value.
    pub set: Option<String>,
    /// The value without which nothing is changed here.
    pub when: Option<String>,
    /// The value with which nothing is changed here.
    pub unless: Option<String>,
    /// What the value is called where there is no case, if its placeholder's name says too little.
    pub for_reader: Option<String>,
    /// The entry or value.
    #[serde(flatten)]
    pub to: ChangeValue,
}

/// What a setting changes to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum ChangeValue {
    /// The value of a placeholder.
    Placeholder {
        /// Its name.
        value: String,
    },
    /// A truth value.
    Flag {
        /// The value.
        to: bool,
    },
    /// A text.
    Text {
        /// The value.
        to: String,
    },
}

/// A way to fix a fault, with placeholders; see [`super::template`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixTemplate {
    /// The tool: `portal`, `az`, `bicep`, `terraform`, `code` or `other`.
    pub via: String,
    /// The only kind of App 2 that it is for; any kind if it is left out.
    #[serde(default)]
    pub target: Option<TargetKind>,
    /// The hosts of App 1 that it is for (`app-service`, `kubernetes`, …); none: for all.
    #[serde(default)]
    pub on: Vec<String>,
    /// The placeholders without whose values it is left out.
    #[serde(default)]
    pub needs: Vec<String>,
    /// The placeholders with one of whose values it is left out.
    #[serde(default)]
    pub unless: Vec<String>,
    /// What to do.
    pub text: Text,
    /// A trap of this way.
    pub caution: Option<Text>,
}

impl FixTemplate {
    /// Whether it needs the value of a placeholder, or has it in its text.
    #[must_use]
    pub fn asks_for(&self, name: &str) -> bool {
        self.uses(name) || self.needs.iter().any(|needed| needed == name)
    }

    /// Whether it is for this kind of app, or a block of Terraform that another kind has in its own form.
    #[must_use]
    pub fn fits(&self, kind: TargetKind) -> bool {
        self.target.is_none_or(|target| target == kind) || self.is_of_web_apps()
    }

    /// Whether it is a block of Terraform that only web apps have.
    #[must_use]
    pub fn is_of_web_apps(&self) -> bool {
        self.via == "terraform" && self.target == Some(TargetKind::WebApp)
    }

    /// Whether it changes App 2's settings in Azure, which a file may override.
    #[must_use]
    pub fn is_in_azure(&self) -> bool {
        let of_settings = ["settings_edit", "settings_url", "authentication_page"];
        matches!(self.via.as_str(), "bicep" | "terraform") || of_settings.iter().any(|name| self.asks_for(name))
    }

    /// Whether it is about `jwtClaimChecks` alone, by the values that only such a finding has.
    #[must_use]
    pub fn is_for_claim_checks(&self) -> bool {
        ["claim_checks_union", "list"].iter().any(|name| self.uses(name))
    }

    /// Whether it needs what only App 2's resource ID gives. A command without that is about App 1, or about a
    /// registration.
    #[must_use]
    pub fn needs_resource_id(&self) -> bool {
        ["target_resource_id", "target_args", "target_site", "target_group", "settings_url", "site_url"]
            .iter()
            .any(|name| self.asks_for(name))
    }

    /// Whether its text has a placeholder of this name.
    #[must_use]
    pub fn uses(&self, name: &str) -> bool {
        self.text.names().iter().any(|known| known == name)
    }
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
    /// Whether a tenant's policy refuses it, which only an administrator can change.
    #[serde(default)]
    pub policy: bool,
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
