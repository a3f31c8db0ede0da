//! `explain`: the knowledge base by a key, by a number, or by a pasted error text.

mod entries;

use super::tables::{CLAIMS, ENTRA_ERRORS, ERROR_TEXTS, FIRST_PARTY_APPS, ROLES, STATUSES};
use crate::case::code::Code;
use crate::case::step::StepId;

pub use entries::{Entry, Group};
use entries::{api, claim, entra_error, error_text, finding, first_party_app, role, status, step};

/// Every entry, group by group.
#[must_use]
pub fn list() -> Vec<Entry> {
    let mut entries: Vec<Entry> = StepId::ALL.into_iter().map(step).collect();
    entries.extend(Code::ALL.iter().filter_map(|code| finding(*code)));
    let mut numbers: Vec<&str> = ENTRA_ERRORS.keys().collect();
    numbers.sort_by_key(|number| number.parse::<u64>().unwrap_or(u64::MAX));
    entries.extend(numbers.into_iter().filter_map(entra_error));
    entries.extend(STATUSES.keys().filter_map(status));
    entries.extend(ERROR_TEXTS.keys().filter_map(error_text));
    entries.extend(CLAIMS.keys().filter_map(claim));
    entries.extend(FIRST_PARTY_APPS.keys().filter_map(|id| first_party_app(id)));
    entries.extend(ROLES.keys().filter_map(role));
    entries
}

/// The entries that a text means: a key of any kind, or a pasted error in which numbers, codes or known sentences
/// occur.
/// If nothing is found: the entries whose keys are nearest to the text, so that a typo still helps.
#[must_use]
pub fn explain(text: &str) -> Vec<Entry> {
    let text = text.trim();
    let exact = by_key(text);
    if !exact.is_empty() {
        return exact;
    }
    let found = in_text(text);
    if !found.is_empty() {
        return found;
    }
    nearest(text)
}

/// Whether a text is no key, and nothing known is in it, so that what [`explain`] gives is a guess at what was meant.
#[must_use]
pub fn is_a_guess(text: &str) -> bool {
    let text = text.trim();
    by_key(text).is_empty() && in_text(text).is_empty()
}

fn by_key(text: &str) -> Vec<Entry> {
    let lower = text.to_lowercase();
    let mut entries = Vec::new();
    entries.extend(StepId::from_id(&lower).map(step));
    entries.extend(Code::from_name(&lower).and_then(finding));
    entries.extend(entra_error(text));
    entries.extend(status(&lower).or_else(|| status(&text.to_uppercase())));
    // Bare numbers of sub-statuses and IDX codes are asked for as well.
    if entries.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        entries.extend(status(&format!("IDX{text}")));
    }
    entries.extend(CLAIMS.keys().find(|name| name.to_lowercase() == lower).and_then(claim));
    entries.extend(first_party_app(&lower));
    entries.extend(ROLES.keys().find(|name| name.to_lowercase() == lower).and_then(role));
    entries.extend(error_text(&lower));
    let said = ERROR_TEXTS.iter().find(|(_, known)| known.text.to_lowercase() == lower);
    entries.extend(said.and_then(|(key, _)| error_text(key)));
    if entries.is_empty() {
        entries.extend(http_status(&lower).and_then(finding));
        entries.extend(role_by_id(&lower));
        entries.extend(api(text));
    }
    entries
}

/// The finding that an answer's bare status leads to first.
fn http_status(text: &str) -> Option<Code> {
    Some(match text {
        "401" => Code::Undetermined401,
        "403" => Code::Undetermined403,
        "404" => Code::TargetNotFound,
        "500" => Code::TargetErrorEveryRequest,
        "502" | "503" | "504" => Code::AppUnavailable,
        _ => return None,
    })
}

fn role_by_id(id: &str) -> Option<Entry> {
    let (name, _) = ROLES.iter().find(|(_, role)| role.id.as_deref() == Some(id))?;
    role(name)
}

/// Entries for everything known that is in a text.
fn in_text(text: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut add = |entry: Option<Entry>| {
        if let Some(entry) = entry
            && !entries.contains(&entry)
        {
            entries.push(entry);
        }
    };
    for word in text.split(|character: char| !(character.is_ascii_alphanumeric() || matches!(character, '-' | '.'))) {
        let word = word.trim_matches(['.', '-']);
        let upper = word.to_ascii_uppercase();
        if upper.starts_with("AADSTS") {
            add(entra_error(word));
        } else if upper.starts_with("IDX") {
            add(status(&upper));
        } else if let Some(code) = Code::from_name(&word.to_lowercase()) {
            add(finding(code));
        } else if is_sub_status(word) {
            add(status(word));
        }
    }
    let lower = text.to_lowercase();
    // `"error_codes":[500011]` carries numbers without the prefix.
    if entries.is_empty() && lower.contains("error_codes") {
        for number in lower.split(|character: char| !character.is_ascii_digit()) {
            if let Some(entry) = entra_error(number)
                && !entries.contains(&entry)
            {
                entries.push(entry);
            }
        }
    }
    // A number says more than the sentence around it.
    if entries.is_empty() {
        let said = ERROR_TEXTS
            .iter()
            .filter(|(_, known)| lower.contains(&known.text.to_lowercase()));
        entries.extend(said.filter_map(|(key, _)| error_text(key)));
    }
    entries
}

fn is_sub_status(word: &str) -> bool {
    let mut parts = word.split('.');
    let (Some(status), Some(sub), None) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let digits = |text: &str, length: usize| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(status, 3) && digits(sub, 2)
}

/// How alike a key must be to be offered, from 0 to 1.
const NEAR: f64 = 0.72;

fn nearest(text: &str) -> Vec<Entry> {
    // Long pasted texts resemble nothing, and comparing them costs. Ids and numbers that are nearly alike are different
    // things: another application, another error.
    if text.is_empty() || text.chars().count() > 80 || text.contains(|character: char| character.is_ascii_digit()) {
        return Vec::new();
    }
    let lower = text.to_lowercase();
    let mut scored: Vec<(f64, Entry)> = list()
        .into_iter()
        .map(|entry| {
            let key = entry.key.to_lowercase();
            let within =
                lower.chars().count() >= 4 && (key.contains(&lower) || entry.summary.to_lowercase().contains(&lower));
            let score = if within {
                0.95
            } else {
                strsim::normalized_damerau_levenshtein(&lower, &key)
            };
            (score, entry)
        })
        .filter(|(score, _)| *score >= NEAR)
        .collect();
    scored.sort_by(|one, other| other.0.total_cmp(&one.0));
    scored.into_iter().take(5).map(|(_, entry)| entry).collect()
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
        let pasted = "{\"error\":\"invalid_resource\",\"error_description\":\"AADSTS500011: The resource principal named \
             api://x was not found in the tenant named Contoso. Trace ID: 1 Timestamp: 2026-01-01\",\"error_codes\":[500011]}";
        assert_eq!(keys(pasted), ["AADSTS500011"]);
        let log = "JWT validation failed: IDX10214: Audience validation failed. Sending response: 401.83 Unauthorized";
        assert_eq!(keys(log), ["IDX10214", "401.83"]);
        let opaque = "500 An unexpected error occured while fetching the AAD Token. Please contact support";
        assert!(
            explain(opaque).iter().any(|entry| entry.group == Group::ErrorText),
            "{opaque}"
        );
        assert_eq!(keys("{\"error_codes\":[7000215]}"), ["AADSTS7000215"]);
    }

    #[test]
    fn slips_are_met_with_what_is_near_and_nonsense_with_nothing() {
        assert!(keys("audience-not-alowed").contains(&"audience-not-allowed".to_owned()));
        assert!(
            is_a_guess("audience-not-alowed")
                && !is_a_guess("audience-not-allowed")
                && !is_a_guess("401.83 Unauthorized")
        );
        for other in [
            "04b07795-8ddb-461a-bbee-02f9e1bf7b47",
            "IDX40002",
            "AADSTS700017",
            "401.1",
        ] {
            assert_eq!(keys(other), Vec::<String>::new(), "{other} is taken for something else");
        }
        assert_eq!(keys("401"), ["undetermined-401"]);
        assert_eq!(keys("acdd72a7-3385-48ef-bd42-f606fba81ae7"), ["Reader"]);
        assert!(
            explain("https://vault.azure.net")
                .iter()
                .any(|entry| entry.title == "Azure Key Vault")
        );
        assert_eq!(keys("qqqqqqqqqqqqqq"), Vec::<String>::new());
        assert_eq!(keys(""), Vec::<String>::new());
        assert_eq!(keys(&"x".repeat(100_000)), Vec::<String>::new());
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
