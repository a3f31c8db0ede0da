//! Sentences without a number that endpoints, SDKs, and servers say: what recognizes them, and what they mean.

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::Deserialize;

use super::book::Book;
use super::code::Code;
use super::plain::Plain;

/// The table: the reader of App 2's log and `explain` share it.
pub(crate) static ERROR_TEXTS: Book<ErrorText> = Book::new(table, |_, _| {});

fn table() -> &'static str {
    packed!("knowledge/error_texts.toml")
}

/// The pieces of letters and digits that the table's words consist of.
static PIECES: LazyLock<HashSet<&str>> = LazyLock::new(|| pieces(table()).collect());

fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split(|sign: char| !sign.is_alphanumeric())
}

/// Whether a whole word is in the table: whoever reads it there knows it, so that it isn't a secret, and without it the
/// answer that it is in couldn't be recognized again.
pub(crate) fn is_in_the_table(word: &str) -> bool {
    // A body may have many thousands of long words, and few need a search of the whole table.
    if !pieces(word).all(|piece| piece.is_empty() || PIECES.contains(piece)) {
        return false;
    }
    let is_end = |neighbor: Option<char>| neighbor.is_none_or(|sign| !sign.is_alphanumeric());
    table().match_indices(word).any(|(at, _)| {
        let (before, rest) = table().split_at(at);
        is_end(before.chars().next_back()) && is_end(rest.chars().nth(word.chars().count()))
    })
}

/// A sentence that a service or a library says, without a number in it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorText {
    /// A piece of the sentence that is always there, as the service spells it.
    pub text: String,
    /// The same said in other words: by other versions, languages, and services.
    #[serde(default)]
    pub also: Vec<String>,
    /// What may not be in the text besides: then it is another sentence.
    #[serde(default)]
    pub without: Vec<String>,
    /// Who says it and what it means.
    pub meaning: String,
    /// The findings that it points to, likeliest first.
    #[serde(default)]
    pub findings: Vec<Code>,
    /// What the identity endpoint says with it, where it is one of its answers.
    #[serde(default)]
    pub endpoint: Option<EndpointSays>,
    /// How much it says beside others.
    #[serde(default)]
    pub weight: Weight,
    /// What it means where there is more in the text.
    #[serde(default, rename = "where")]
    pub variants: Vec<Variant>,
    /// The logs that have the reason, by their keys.
    #[serde(default)]
    pub logs: Vec<String>,
}

impl ErrorText {
    /// All pieces, of which one is enough.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.text).chain(&self.also).map(String::as_str)
    }

    /// Whether a line of a log says this.
    pub(crate) fn is_in(&self, line: &str) -> bool {
        self.pieces().any(|piece| line.contains(piece)) && !self.without.iter().any(|piece| line.contains(piece))
    }
}

/// How much a sentence says beside the other things in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// Nothing beside anything else: it is the name of a class of errors.
    Names,
    /// Nothing beside another sentence: it only wraps one.
    Wraps,
    /// As much as another sentence, but less than a number.
    #[default]
    Says,
    /// Who says the number within it, so that both are needed.
    Introduces,
    /// More than the number within it.
    Decides,
}

/// What an identity endpoint says in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndpointSays {
    /// It has no identity that matches the selected one.
    NotAttached,
    /// It has only user-assigned identities, and none was selected.
    NotSelected,
    /// The same, in so many words.
    Several,
    /// It has no identity at all.
    NoIdentity,
    /// It issues tokens for a fixed list of resources, and this one isn't in it.
    AudienceNotSupported,
    /// AAD Pod Identity's component (NMI) answers in its place.
    PodIdentity,
    /// It does not support this protocol version.
    UnsupportedVersion,
    /// It refuses the secret header.
    Unauthorized,
    /// It refuses a request that came through a proxy.
    Proxy,
}

/// What a number or a sentence means where there is more in the text than that.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Pieces of the text, of which one must be there.
    #[serde(default)]
    pub text: Vec<String>,
    /// Whose address must be there instead.
    #[serde(default)]
    pub toward: Option<Peer>,
    /// What it means then.
    pub meaning: String,
    /// The findings that it points to then.
    pub findings: Vec<Code>,
}

impl Variant {
    /// The first variant that a text is.
    pub(crate) fn of<'a>(variants: &'a [Self], text: &Plain) -> Option<&'a Self> {
        let is_toward = |peer: Peer| peer.addresses().iter().any(|address| text.has(address));
        variants.iter().find(|variant| text.has_any(&variant.text) || variant.toward.is_some_and(is_toward))
    }
}

/// Whom a request was sent to, as an error of the network shows it by the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Peer {
    /// Microsoft Entra ID.
    Entra,
    /// An identity endpoint: the metadata endpoint of virtual machines, or one on this machine.
    IdentityEndpoint,
    /// An Azure service or Microsoft API that isn't App 2.
    OtherService,
    /// Whoever was asked for a token: the text is about that request, and may have no address.
    TokenRequest,
}

impl Peer {
    /// Pieces of its addresses, and of what a library says of a request to it without the address.
    pub(crate) const fn addresses(self) -> &'static [&'static str] {
        match self {
            Self::Entra => &[
                "login.microsoftonline.",
                "login.microsoft.com",
                "login.partner.microsoftonline.",
                "login.windows.net",
                "sts.windows.net",
                ".identity.azure.net",
            ],
            Self::IdentityEndpoint => &[
                "169.254.",
                // The address may be redacted.
                "/metadata/identity/",
                "/msi/token",
                "localhost:42356",
                "127.0.0.1:42356",
                "localhost:40342",
                "127.0.0.1:40342",
                "localhost:50342",
                "127.0.0.1:41",
                "'127.0.0.1', 42356",
                "[::1]:42356",
                "managedidentitycredential authentication failed: retry failed",
                "failed to obtain a token from the managed identity endpoint",
            ],
            Self::OtherService => &[
                "graph.microsoft.com/",
                "call to msgraph",
                "management.azure.com/subscriptions",
                ".vault.azure.net",
                ".core.windows.net",
                ".servicebus.windows.net",
                ".database.windows.net",
                ".documents.azure.com",
                ".azconfig.io",
                "azure.data.appconfiguration",
                ".openai.azure.com",
                ".cognitiveservices.azure.com",
                ".search.windows.net",
                ".azurecr.io",
            ],
            Self::TokenRequest => &[
                "adal: failed to execute the refresh request",
                "adal: refresh request failed",
                "failed to retrieve azure access token",
                "could not acquire access token",
                "building client: unable to obtain access token",
                "failed to request token from metadata endpoint",
            ],
        }
    }
}
