//! `explain`: the knowledge base by a key, by a number, or by a pasted error text.

mod entries;
#[allow(clippy::arithmetic_side_effects, reason = "places in a text that is in memory")]
mod heading;
mod near;
mod pasted;
mod wrapped;

use super::lookup::said_by_entra;
use super::sentences::heard;
use super::tables::{CLAIMS, ENTRA_ERRORS, ENTRA_GROUPS, FIRST_PARTY_APPS, LOGS, ROLES, STATUSES};
use super::words::{Said, phrase};
use crate::case::code::Code;
use crate::case::error_text::ERROR_TEXTS;
use crate::case::error_text::Weight;
use crate::case::plain::Plain;
use crate::case::step::StepId;

pub use entries::{Entry, Group, about, named_in};
use entries::{
    api, claim, entra_error, entra_error_in, error_text, error_text_in, finding, first_party_app, log, role, status,
    status_in, step,
};
use near::LONGEST_KEY;
pub use near::nearest_name;
use pasted::{RESULTS, Status, entra_numbers, idx_numbers, in_table, statuses};

/// What the knowledge base has for a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Explained {
    /// Its entries, the one that says most first.
    pub entries: Vec<Entry>,
    /// What of the text has a form that the knowledge base has entries for, but no entry.
    pub unknown: Vec<Unknown>,
    /// Whether nothing in the text is known, so that the entries are a guess at what was meant.
    pub is_a_guess: bool,
    /// The digits behind the `AADSTS` that is the cause, where the text has others besides.
    pub first_of_several: Option<String>,
}

/// A number that no table has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unknown {
    /// The digits behind `AADSTS`.
    Entra(String),
    /// An `IDX` number, with these letters.
    Idx(String),
    /// A sub-status such as `403.71`.
    SubStatus(String),
}

/// More unknown numbers than this are not named.
const MOST_UNKNOWN: usize = 5;

impl Explained {
    /// What is said of the numbers that no table has.
    #[must_use]
    pub fn of_unknown(&self) -> Vec<Said> {
        let said = self.unknown.iter().take(MOST_UNKNOWN).map(|number| match number {
            Unknown::Entra(number) => phrase("explain.no-entra").with("number", number.as_str()),
            Unknown::Idx(number) => phrase("explain.no-idx").with("number", number.as_str()),
            Unknown::SubStatus(status) => phrase("explain.no-sub-status").with("status", status.as_str()),
        });
        said.collect()
    }

    /// What is to be known before the entries are read, each a sentence.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let several = self.first_of_several.as_deref();
        let several = several.map(|number| phrase("explain.several").with("number", number));
        several.into_iter().chain(self.of_unknown()).map(|said| capitalized(&said.text())).collect()
    }
}

/// A message of an error as a sentence.
fn capitalized(message: &str) -> String {
    let mut characters = message.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(characters).chain(std::iter::once('.')).collect())
}

/// Every entry, group by group.
#[must_use]
pub fn list() -> Vec<Entry> {
    let mut entries: Vec<Entry> = StepId::ALL.into_iter().map(step).collect();
    entries.extend(Code::ALL.iter().filter_map(|code| finding(*code)));
    let of_groups = ENTRA_GROUPS.iter().flat_map(|(_, group)| group.numbers.iter().map(String::as_str));
    let mut numbers: Vec<&str> = ENTRA_ERRORS.keys().chain(of_groups).collect();
    crate::sort::by_key(&mut numbers, |number| number.parse::<u64>().unwrap_or(u64::MAX));
    entries.extend(numbers.into_iter().filter_map(entra_error));
    entries.extend(STATUSES.keys().filter_map(status));
    entries.extend(ERROR_TEXTS.keys().filter_map(error_text));
    entries.extend(CLAIMS.keys().filter_map(claim));
    entries.extend(LOGS.keys().filter_map(log));
    entries.extend(FIRST_PARTY_APPS.keys().filter_map(|id| first_party_app(id)));
    entries.extend(ROLES.keys().filter_map(role));
    entries
}

/// What a text means: a key of any kind, or a pasted error in which numbers, known sentences, codes, or statuses occur.
/// If nothing is found: the entries whose keys are nearest to the text, so that a typo still helps.
#[must_use]
pub fn explained(text: &str) -> Explained {
    let text = text.trim();
    let entries = by_key(text);
    if !entries.is_empty() {
        return Explained { entries, ..Explained::default() };
    }
    let found = wrapped::joined(text).map_or_else(|| in_text(text), |joined| in_text(&joined));
    if !found.entries.is_empty() || !found.unknown.is_empty() {
        return found;
    }
    // What is before a colon may be a header, a claim, or a setting.
    let named = text.split_once([':', '=']).map(|(name, _)| by_key(name.trim_matches(['"', '\'', ' '])));
    let entries = named.filter(|_| !text.contains('\n')).unwrap_or_default();
    if !entries.is_empty() {
        return Explained { entries, ..Explained::default() };
    }
    let entries = near::entries(text, list);
    Explained { is_a_guess: !entries.is_empty(), entries, ..Explained::default() }
}

/// The entries of [`explained`].
#[must_use]
pub fn explain(text: &str) -> Vec<Entry> {
    explained(text).entries
}

/// Whether a text is a key that has an entry.
#[must_use]
pub fn has_entry(text: &str) -> bool {
    !by_key(text.trim()).is_empty()
}

fn by_key(text: &str) -> Vec<Entry> {
    if text.is_empty() || text.len() > LONGEST_KEY {
        return Vec::new();
    }
    let lower = text.to_lowercase();
    let mut entries = Vec::new();
    entries.extend(StepId::from_id(&lower).or_else(|| numbered(&lower)).map(step));
    entries.extend(Code::from_name(&lower).and_then(finding));
    entries.extend(entra_error(text));
    entries.extend(status(&lower).or_else(|| status(&text.to_uppercase())));
    // Bare numbers of sub-statuses and IDX codes are asked for as well.
    if entries.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        entries.extend(status(&format!("IDX{text}")));
    }
    entries.extend(CLAIMS.keys().find(|name| name.eq_ignore_ascii_case(&lower)).and_then(claim));
    entries.extend(first_party_app(&lower));
    entries.extend(ROLES.keys().find(|name| name.eq_ignore_ascii_case(&lower)).and_then(role));
    entries.extend(log(&lower));
    entries.extend(error_text(&lower));
    let said = ERROR_TEXTS.iter().find(|(_, known)| known.text.eq_ignore_ascii_case(&lower));
    entries.extend(said.and_then(|(key, _)| error_text(key)));
    if entries.is_empty() {
        entries.extend(role_by_id(&lower));
        // A status by its reason alone: `Forbidden`.
        let reason = format!("({lower})");
        let named = STATUSES.iter().find(|(_, known)| known.title.to_lowercase().ends_with(&reason));
        entries.extend(named.and_then(|(key, _)| status(key)));
    }
    // Every SDK prints the address that it called: an address stands for an API only alone. Entra's page about an error
    // is the error.
    if entries.is_empty() && !text.contains(char::is_whitespace) && entra_numbers(&Plain::of(text)).is_empty() {
        entries.extend(api(text));
    }
    entries
}

/// A step by its number: `7`, `step 7`.
fn numbered(text: &str) -> Option<StepId> {
    let number: usize = text.strip_prefix("step ").unwrap_or(text).parse().ok()?;
    StepId::ALL.into_iter().nth(number.checked_sub(1)?)
}

fn role_by_id(id: &str) -> Option<Entry> {
    let (name, _) = ROLES.iter().find(|(_, role)| role.id.as_deref() == Some(id))?;
    role(name)
}

/// What is known in a text. A sentence that decides comes before numbers, and so does one that says whose they are.
/// These come before other sentences, then codes, then statuses.
fn in_text(text: &str) -> Explained {
    let plain = Plain::of(text);
    let said = heard(&plain);
    let weight = said.iter().map(|one| one.entry.weight).max();
    let sentences = || said.iter().filter_map(|one| error_text_in(one.key, &plain));
    let mut found = Explained::default();
    if weight == Some(Weight::Decides) {
        found.entries.extend(sentences());
        return found;
    }
    let introduced = weight == Some(Weight::Introduces);
    if introduced {
        found.entries.extend(sentences());
    }
    let mut numbers = entra_numbers(&plain);
    if numbers.is_empty() {
        numbers.extend(said_by_entra(&plain).map(str::to_owned));
    }
    numbers.extend(in_table(text, &RESULTS).into_iter().filter(|number| entra_error(number).is_some()));
    // What follows a number that says nothing of its own has the reason.
    crate::sort::by_key(&mut numbers, |number| super::lookup::entra_error(number).is_some_and(|entry| entry.wraps));
    // Each credential of a chain has its own.
    found.first_of_several = numbers.first().filter(|_| numbers.len() > 1 && !is_chain(&plain)).cloned();
    for number in numbers {
        match entra_error_in(&number, &plain) {
            Some(entry) => found.entries.push(entry),
            None => found.unknown.push(Unknown::Entra(number)),
        }
    }
    // A new number often has the sentence of an older one.
    if found.entries.is_empty() && !found.unknown.is_empty() {
        found.entries.extend(said_by_entra(&plain).and_then(|number| entra_error_in(number, &plain)));
    }
    for number in idx_numbers(&plain) {
        let number = format!("IDX{number}");
        match status_in(&number, &plain) {
            Some(entry) => found.entries.push(entry),
            None => found.unknown.push(Unknown::Idx(number)),
        }
    }
    // Each credential of a chain has its own error, and the number is only one credential's.
    let more = found.entries.is_empty() || weight == Some(Weight::Says) && is_chain(&plain);
    let statuses = statuses(&plain, text);
    if more && !introduced {
        // A status of the endpoint that was asked says more than a sentence that only wraps it.
        if found.entries.is_empty() && (weight.is_some_and(|weight| weight < Weight::Says) || is_chain(&plain)) {
            found.entries.extend(statuses.iter().filter_map(|one| status_toward(&one.status, &plain)));
        }
        found.entries.extend(sentences());
    }
    let with_sub = statuses.iter().filter(|one| one.sub.is_some());
    found.entries.extend(with_sub.filter_map(|one| status(&one.written())));
    if found.entries.is_empty() {
        found.entries.extend(codes(&plain));
    }
    // An unknown number is what the text is about, not the status beside it.
    if found.entries.is_empty() && found.unknown.is_empty() {
        by_status(&statuses, &plain, &mut found);
    }
    found
}

/// Pieces of the host names of apps and of gateways in front of them: where a text has one, a status in it may be the
/// app's, whatever other endpoint the text names.
const APP_HOSTS: [&str; 6] = [
    ".azurewebsites.",
    ".azurecontainerapps.",
    ".azurestaticapps.",
    ".azure-api.net",
    ".azurefd.net",
    ".appserviceenvironment.",
];

/// The entry of a status that another endpoint than App 2 probably returned, as far as the text names only that one.
fn status_toward(number: &str, text: &Plain) -> Option<Entry> {
    let of_app = APP_HOSTS.iter().any(|host| text.has(host));
    let entry = status_in(number, text).filter(|_| !of_app)?;
    (Some(&entry) != status(number).as_ref()).then_some(entry)
}

/// Whether a text is the error of a chain of credentials.
fn is_chain(text: &Plain) -> bool {
    ["attempted credential", "included credentials", "chainedtokencredential", "defaultazurecredential: failed"]
        .iter()
        .any(|words| text.has(words))
}

/// The finding codes that are words of a text.
fn codes(text: &Plain) -> Vec<Entry> {
    let words = text.lower.split(|character: char| !(character.is_ascii_alphanumeric() || character == '-'));
    let mut codes: Vec<Code> = Vec::new();
    for code in words.filter(|word| word.contains('-')).filter_map(Code::from_name) {
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes.into_iter().filter_map(finding).collect()
}

/// What statuses alone may mean. What a sub-status adds is said to be unknown.
fn by_status(statuses: &[Status], text: &Plain, found: &mut Explained) {
    for one in statuses {
        let entry = status_toward(&one.status, text).or_else(|| status(&one.status));
        if let Some(entry) = entry.filter(|entry| !found.entries.contains(entry)) {
            found.entries.push(entry);
            found.unknown.extend(one.sub.is_some().then(|| Unknown::SubStatus(one.written())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<String> {
        explain(text).into_iter().map(|entry| entry.key).collect()
    }

    #[test]
    fn keys_of_every_kind_are_found_in_any_case() {
        assert_eq!(keys("Resource-Not-Registered"), ["resource-not-registered"]);
        assert_eq!(keys("aadsts500011"), ["AADSTS500011"]);
        assert_eq!(keys("500011"), ["AADSTS500011"]);
        assert_eq!(keys("idx10214"), ["IDX10214"]);
        assert_eq!(keys("10214"), ["IDX10214"]);
        assert_eq!(keys("401.83"), ["401.83"]);
        assert_eq!(keys(" appid\n"), ["appid"]);
        assert!(keys("identity").contains(&"identity".to_owned()));
    }

    #[test]
    fn numbers_and_sentences_in_a_pasted_error_are_found() {
        let pasted = "{\"error\":\"invalid_resource\",\"error_description\":\"AADSTS500011: The resource principal \
             named api://x was not found in the tenant named Contoso. Trace ID: 1 Timestamp: 2026-01-01\",\
             \"error_codes\":[500011]}";
        assert_eq!(keys(pasted), ["AADSTS500011"]);
        let log = "JWT validation failed: IDX10214: Audience validation failed. Sending response: 401.83 Unauthorized";
        assert_eq!(keys(log), ["IDX10214", "401.83"]);
        let opaque = "500 An unexpected error occured while fetching the AAD Token. Please contact support";
        assert!(explain(opaque).iter().any(|entry| entry.group == Group::ErrorText), "{opaque}");
        assert_eq!(keys("{\"error_codes\":[7000215]}"), ["AADSTS7000215"]);
    }

    #[test]
    fn slips_are_met_with_what_is_near_and_nonsense_with_nothing() {
        assert!(keys("audience-not-alowed").contains(&"audience-not-allowed".to_owned()));
        assert!(
            explained("audience-not-alowed").is_a_guess
                && !explained("audience-not-allowed").is_a_guess
                && !explained("401.83 Unauthorized").is_a_guess
        );
        for other in ["04b07795-8ddb-461a-bbee-02f9e1bf7b47", "IDX40009", "AADSTS700017", "401.1"] {
            assert_eq!(keys(other), Vec::<String>::new(), "{other} is taken for something else");
        }
        // The letters before a number are no part of what it names.
        for slip in ["AADST500011", "ADSTS500011", "AAD-STS: 500011", "aadtst500011"] {
            assert!(explained(slip).is_a_guess, "{slip}");
            assert_eq!(keys(slip), ["AADSTS500011"], "{slip}");
        }
        assert_eq!(keys("IXD10214"), ["IDX10214"]);
        for other in ["AADST999999", "abc500011", "IDY99999", "aadst500011x"] {
            assert_eq!(keys(other), Vec::<String>::new(), "{other} is taken for something else");
        }
        // Settings, which no title names.
        for (setting, key) in [
            ("allowedAudiences", "audience-not-allowed"),
            ("allowedPrincipals", "principal-not-in-allowed-identities"),
            ("requestedAccessTokenVersion", "audience-token-version-mismatch"),
            ("WEBSITE_RUN_FROM_PACKAGE", ""),
        ] {
            assert_eq!(keys(setting).first().map_or("", String::as_str), key, "{setting}");
        }
        assert_eq!(keys("401"), ["401"]);
        assert_eq!(keys("how do I fix the 403 when calling my function app?"), ["403"]);
        assert_eq!(keys("step 7"), keys("7"));
        assert!(keys("9").is_empty() && keys("0").is_empty());
        assert_eq!(explain("7").first().map(|entry| entry.group), Some(Group::Step));
        assert_eq!(keys("acdd72a7-3385-48ef-bd42-f606fba81ae7"), ["Reader"]);
        assert!(explain("https://vault.azure.net").iter().any(|entry| entry.title == "Azure Key Vault"));
        assert_eq!(keys("qqqqqqqqqqqqqq"), Vec::<String>::new());
        assert_eq!(keys(""), Vec::<String>::new());
        assert_eq!(keys(&"x".repeat(100_000)), Vec::<String>::new());
    }

    #[test]
    fn a_name_with_a_typing_error_or_without_some_of_its_words_is_found() {
        let caller = ["caller-not-in-allowed-applications-lenient", "caller-not-in-allowed-applications"];
        let names = || ["healthy", "audience-not-allowed"].into_iter().chain(caller).map(str::to_owned);
        let near = |text| nearest_name(text, names());
        assert_eq!(near("audience-not-alowed").as_deref(), Some("audience-not-allowed"));
        assert_eq!(near("Caller-not-allowed").as_deref(), Some("caller-not-in-allowed-applications"));
        assert_eq!(near("heathy").as_deref(), Some("healthy"));
        assert_eq!(near("qqqq"), None);
        assert_eq!(keys("caller-not-allowed"), ["caller-not-in-allowed-applications"]);
    }

    #[test]
    fn a_page_has_a_way_for_each_finding_and_none_that_only_one_case_has_seen() {
        for entry in list().iter().filter(|entry| entry.group == Group::Finding) {
            let headings: Vec<&str> = entry.body.lines().filter(|line| line.ends_with("):")).collect();
            for (at, heading) in headings.iter().enumerate() {
                assert!(!headings[..at].contains(heading), "{}: {heading} twice", entry.key);
                assert!(!heading.contains("app-service") && !heading.contains("azure-"), "{}: {heading}", entry.key);
            }
            let has_way =
                ["\n\nHow to fix it (", "\n\nTo find the cause ("].iter().any(|head| entry.body.contains(head));
            assert!(has_way, "{}", entry.key);
        }
        let page = |key| explain(key).into_iter().next().unwrap().body;
        assert!(page("resource-trailing-slash").contains("[\"<Application ID URI>/\"]"));
        // A managed identity's client ID that isn't found was deleted.
        assert!(explain("AADSTS700016")[0].findings.contains(&Code::ManagedIdentityStale));
        assert!(!page("resource-not-registered").contains("advertises"));
        assert!(!page("caller-secret-invalid").contains("white space or an invisible"));
    }

    #[test]
    fn the_list_has_each_key_once_in_its_group() {
        let mut seen: Vec<(Group, String)> = list().into_iter().map(|entry| (entry.group, entry.key)).collect();
        let count = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), count);
    }
}
