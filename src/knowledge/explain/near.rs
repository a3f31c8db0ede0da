//! What somebody may have meant by a text that the knowledge base doesn't have.

use super::entries::{Entry, Group, entra_error, status};
use crate::case::code::Code;
use crate::knowledge::lookup::lists_of;

/// Longer texts than this are no key.
pub(super) const LONGEST_KEY: usize = 300;

/// How alike a key must be to be offered, from 0 to 1.
const NEAR: f64 = 0.72;

/// The entries of the list that somebody may have meant, at most five, the most alike first.
pub(super) fn entries(text: &str, list: impl FnOnce() -> Vec<Entry>) -> Vec<Entry> {
    // Long pasted texts resemble nothing, and comparing them costs. Ids and numbers that are nearly alike are different
    // things: another application, another error.
    if text.is_empty() || text.chars().count() > 80 {
        return Vec::new();
    }
    let lower = text.to_lowercase();
    if text.contains(|character: char| character.is_ascii_digit()) {
        return misspelled_number(&lower).into_iter().collect();
    }
    // A setting or a variable in its own spelling.
    let is_name = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && text.contains(|character: char| character.is_ascii_uppercase())
        && (text.contains('_') || text.starts_with(|character: char| character.is_ascii_lowercase()));
    let mut scored: Vec<(f64, Entry)> = list()
        .into_iter()
        .map(|entry| {
            let within = lower.chars().count() >= 4 && entry.summary.to_lowercase().contains(&lower);
            let score = if within {
                0.95
            } else if is_name && in_meaning(&entry, text) {
                if is_about(&entry, text) { 0.92 } else { 0.9 }
            } else {
                likeness(&lower, &entry.key.to_lowercase())
            };
            (score, entry)
        })
        .filter(|(score, _)| *score >= NEAR)
        .collect();
    // No score is negative, and then their bits have their order.
    crate::sort::by_key(&mut scored, |(score, _)| std::cmp::Reverse(score.to_bits()));
    scored.into_iter().take(5).map(|(_, entry)| entry).collect()
}

/// Whether what a finding means names a setting. Its fixes name others as well.
fn in_meaning(entry: &Entry, name: &str) -> bool {
    let meaning = entry.body.split("\n\nHow to fix it (").next().unwrap_or_default();
    entry.group == Group::Finding && meaning.contains(name)
}

/// Whether a finding is about a list of this name.
fn is_about(entry: &Entry, name: &str) -> bool {
    Code::from_name(&entry.key).is_some_and(|code| lists_of(code).iter().any(|list| list == name))
}

/// A number whose digits are as they are written, behind letters that are nearly those of its kind: `AADST500011`.
fn misspelled_number(lower: &str) -> Option<Entry> {
    let (letters, digits) = lower.split_at_checked(lower.find(|character: char| character.is_ascii_digit())?)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let letters: String = letters.chars().filter(char::is_ascii_alphabetic).collect();
    let is_nearly = |kind: &str, most| strsim::damerau_levenshtein(&letters, kind) <= most;
    if is_nearly("aadsts", 2) {
        return entra_error(digits);
    }
    is_nearly("idx", 1).then(|| status(&format!("IDX{digits}"))).flatten()
}

fn short(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

/// How alike a text and a name are, from 0 to 1: the text, or each of its words, in the name, or nearly its letters.
fn likeness(text: &str, name: &str) -> f64 {
    let words: Vec<&str> = text.split('-').collect();
    // Of names that contain it, the one with the least beside it.
    let share = f64::from(short(text)) / f64::from(short(name).max(1));
    if text.chars().count() >= 4 && name.contains(text) {
        0.91 + 0.08 * share
    } else if words.len() > 1 && words.iter().all(|word| name.split('-').any(|known| known == *word)) {
        0.82 + 0.08 * share.min(1.0)
    } else {
        strsim::normalized_damerau_levenshtein(text, name)
    }
}

/// The name that is most like a text, if one is like it at all.
#[must_use]
pub fn nearest_name(text: &str, names: impl Iterator<Item = String>) -> Option<String> {
    let lower = text.chars().take(LONGEST_KEY).collect::<String>().to_lowercase();
    let scored = names.map(|name| (likeness(&lower, &name), name)).filter(|(score, _)| *score >= NEAR);
    // Of equals, the first.
    scored.reduce(|best, other| if other.0 > best.0 { other } else { best }).map(|(_, name)| name)
}
