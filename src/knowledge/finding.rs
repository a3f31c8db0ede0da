//! What the knowledge base has of a finding: its words, its weight, who has to act, and how it is fixed.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::engine::Text;
use super::weight::{Confidence, Severity};
use super::words::Values;
use crate::case::code::Code;
use crate::case::exchange::FailureKind;
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
    /// The conditions of its words and fixes that hold wherever the sentence with this key is said.
    #[serde(default)]
    pub implies: BTreeMap<String, Vec<String>>,
    /// The failures of a request that are this, each with the key of what is said.
    #[serde(default)]
    pub failures: HashMap<FailureKind, String>,
    /// How to confirm it, and how it differs from similar findings: in general, and by the key of what is said.
    pub confirm: Sentences,
    /// The key of its test by the key of what is said, where several sentences share a test.
    #[serde(default)]
    pub confirmed_as: BTreeMap<String, String>,
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
    /// What it means for the steps behind its own, where it is more than possible.
    #[serde(default)]
    pub means: Vec<Means>,
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
    /// Who has to act where a finding has these values.
    #[must_use]
    pub fn owner_with(&self, values: &Values) -> Owner {
        let of_value = self.owner_where.iter().find(|(name, _)| values.contains_key(name.as_str()));
        of_value.map_or(self.owner, |(_, owner)| *owner)
    }

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

/// What a finding means for what is judged after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Means {
    /// Easy Auth isn't active, whatever is stored, so that its settings decide nothing.
    NoEasyAuth,
    /// App 2 has no provider of Microsoft Entra ID's that could accept any token.
    NoProvider,
    /// The resource that was asked for, and so the token's audience, isn't App 2's.
    AnotherResource,
    /// The token is no access token, so that it names no caller that a policy could admit.
    NoCaller,
    /// Microsoft Entra ID did not issue the token, so that no rule of App 2's is about it.
    NotFromEntra,
    /// The token is broken in itself, so that its refusal needs no other reason.
    BrokenToken,
    /// The token is from the platform's cache and without what the call needs, which the next one will have.
    OutdatedToken,
    /// A token of another identity provider, with which the identity signs in, may be at fault.
    FederatedToken,
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

    /// Whether it is for this kind of app, or a block of Terraform that another kind has in its own form; and for this
    /// kind of App 1's host.
    #[must_use]
    pub fn fits(&self, kind: TargetKind, host: &str) -> bool {
        let is_for_host = self.on.is_empty() || self.on.iter().any(|on| on == host);
        is_for_host && (self.target.is_none_or(|target| target == kind) || self.is_of_web_apps())
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
        ["target_resource_id", "target_args", "target_site", "settings_url", "site_url"]
            .iter()
            .any(|name| self.asks_for(name))
    }

    /// Whether its text has a placeholder of this name.
    #[must_use]
    pub fn uses(&self, name: &str) -> bool {
        self.text.names().iter().any(|known| known == name)
    }
}
