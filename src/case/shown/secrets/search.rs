//! How the secrets of a run are found in a text, in time that grows with the text alone.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::automaton::Automaton as _;
use aho_corasick::nfa::noncontiguous::NFA;
use aho_corasick::{Input, Match, PatternID};
use zeroize::Zeroizing;

use self::glance::{Beginnings, Run};
use super::known::Known;
use crate::case::shown::encoded::{Coding, Decoded};
use crate::case::shown::numbers;

pub(super) mod glance;

/// Which secrets a text is searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sought {
    /// What is certainly a secret.
    Certain,
    /// Also what is only guessed to be one.
    All,
}

/// How a text is searched for secrets. Most texts hold the beginning of none, and are only looked at.
pub(super) struct Search<'a> {
    pub beginnings: &'a Beginnings,
    pub known: &'a [Known],
    /// Built when a text holds the beginning of a secret, for all texts until a further secret is learned.
    pub automaton: &'a OnceLock<Option<Automaton>>,
}

/// One automaton over all secrets: short ones whole, long ones in pieces. It holds lower-case letters, and so does what
/// it reads: an automaton that ignores the case itself takes several times as long to build.
pub(super) struct Automaton {
    patterns: NFA,
    /// For each pattern the secrets that hold it, and where.
    pieces: Vec<Vec<(usize, usize)>>,
}

/// Bytes of the shortest text in digits that is searched for a secret in a further encoding.
const SHORTEST_TEXT: usize = 18;
/// So many bytes of a run tell whether it can be a text. Few are.
const FIRST: usize = 6;

/// Whether bytes, which may be cut in the middle of a character at their end, can be the beginning of a text.
fn may_be_text(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    }
}

/// A piece is remembered in so many secrets; that it is one of a secret is known without the others.
const MOST_OWNERS: usize = 4;

impl Automaton {
    /// `None`: it cannot be built.
    fn of(known: &[Known]) -> Option<Self> {
        let mut numbers: HashMap<Vec<u8>, usize> = HashMap::new();
        let mut pieces: Vec<Vec<(usize, usize)>> = Vec::new();
        // What is certain comes first, so that it is among the owners that are remembered.
        let (certain, guessed): (Vec<_>, Vec<_>) = known.iter().enumerate().partition(|(_, secret)| secret.certain);
        for (number, secret) in certain.into_iter().chain(guessed) {
            for (place, piece) in secret.pieces() {
                let pattern = *numbers.entry(piece.to_ascii_lowercase()).or_insert_with(|| {
                    pieces.push(Vec::new());
                    pieces.len() - 1
                });
                if let Some(owners) = pieces.get_mut(pattern).filter(|owners| owners.len() < MOST_OWNERS) {
                    owners.push((number, place));
                }
            }
        }
        let mut ordered: Vec<(Zeroizing<Vec<u8>>, usize)> =
            numbers.into_iter().map(|(pattern, number)| (Zeroizing::new(pattern), number)).collect();
        crate::sort::by_key(&mut ordered, |(_, number)| *number);
        let patterns =
            NFA::builder().prefilter(false).build(ordered.iter().map(|(pattern, _)| pattern.as_slice())).ok()?;
        Some(Self { patterns, pieces })
    }
}

impl Search<'_> {
    fn automaton(&self) -> Option<&Automaton> {
        self.automaton.get_or_init(|| Automaton::of(self.known)).as_ref()
    }

    /// Every pattern in the bytes; `None` where they cannot be searched.
    fn matches(&self, bytes: &[u8]) -> Option<Vec<Match>> {
        let patterns = &self.automaton()?.patterns;
        let lower = Zeroizing::new(bytes.to_ascii_lowercase());
        Some(patterns.try_find_overlapping_iter(Input::new(lower.as_slice())).ok()?.collect())
    }

    /// Where in a text a secret stands; `None` where that cannot be found out.
    pub(super) fn places(&self, text: &str, sought: Sought) -> Option<Vec<Range<usize>>> {
        let mut glance = self.beginnings.glance(text.as_bytes());
        let mut places = self.in_numbers(text.as_bytes(), sought)?;
        if glance.is_harmless() {
            return Some(places);
        }
        if glance.has_beginning {
            places.extend(self.in_bytes(text.as_bytes(), sought)?);
        }
        let decoded = if glance.has_escape { Decoded::of(text) } else { Decoded::default() };
        for (level, bytes) in decoded.levels().enumerate() {
            glance = self.beginnings.glance(bytes);
            let mut found = self.in_numbers(bytes, sought)?;
            if glance.has_beginning {
                found.extend(self.in_bytes(bytes, sought)?);
            }
            places.extend(found.iter().map(|place| decoded.origin(level, place)));
        }
        let last = decoded.levels().count().checked_sub(1);
        let bytes = decoded.last().unwrap_or(text.as_bytes());
        let found = places.clone();
        for run in glance.runs {
            let within = |place: &Range<usize>| place.start <= run.place.start && run.place.end <= place.end;
            if last.is_none() && found.iter().any(within) {
                continue;
            }
            let digits = bytes.get(run.place.clone()).unwrap_or_default();
            if self.run_holds(run.coding, digits, sought) {
                places.push(last.map_or(run.place.clone(), |level| decoded.origin(level, &run.place)));
            }
        }
        Some(places)
    }

    /// Where in bytes a secret is that isn't encoded.
    pub(super) fn as_they_are(&self, bytes: &[u8], sought: Sought) -> Option<Vec<Range<usize>>> {
        if self.beginnings.glance(bytes).has_beginning {
            return self.in_bytes(bytes, sought);
        }
        Some(Vec::new())
    }

    /// Where numbers in bytes say a secret.
    fn in_numbers(&self, bytes: &[u8], sought: Sought) -> Option<Vec<Range<usize>>> {
        let mut places = Vec::new();
        for numbers in numbers::readings(bytes) {
            let found = self.as_they_are(&numbers.bytes, sought)?;
            places.extend(found.iter().filter_map(|place| numbers.origin(place)));
        }
        Some(places)
    }

    /// Whether a run of digits says a secret.
    fn run_holds(&self, coding: Coding, digits: &[u8], sought: Sought) -> bool {
        let has_beginning = self.beginnings.any_coded_in(coding, digits);
        // A shorter run is no text with an escape in it.
        let may_nest = digits.len() >= coding.digits_of(SHORTEST_TEXT);
        if !has_beginning && !may_nest {
            return false;
        }
        let mut buffer = Zeroizing::new(Vec::new());
        (0..coding.skips()).any(|skip| {
            let first = digits.len().min(coding.digits_of(FIRST));
            coding.read(digits.get(..first).unwrap_or_default(), skip, &mut buffer);
            let is_text = may_nest && may_be_text(&buffer);
            if !has_beginning && !is_text {
                return false;
            }
            coding.read(digits, skip, &mut buffer);
            has_beginning && self.holds(&buffer, sought) || is_text && self.holds_within(&buffer, sought)
        })
    }

    /// The secrets that hold a pattern, and where in them it stands.
    fn owners(&self, pattern: PatternID, sought: Sought) -> impl Iterator<Item = (usize, usize, &Known)> {
        let pieces = self.automaton().and_then(|automaton| automaton.pieces.get(pattern.as_usize()));
        pieces
            .into_iter()
            .flatten()
            .filter_map(|(number, offset)| Some((*number, *offset, self.known.get(*number)?)))
            .filter(move |(_, _, secret)| secret.certain || sought == Sought::All)
    }

    /// Whether bytes contain a secret as it is, or may.
    fn holds(&self, bytes: &[u8], sought: Sought) -> bool {
        self.in_bytes(bytes, sought).is_none_or(|places| !places.is_empty())
    }

    /// Whether decoded bytes contain a secret in a further encoding.
    fn holds_within(&self, bytes: &[u8], sought: Sought) -> bool {
        let says = |run: &Run| {
            let digits = bytes.get(run.place.clone()).unwrap_or_default();
            let mut buffer = Zeroizing::new(Vec::new());
            self.beginnings.any_coded_in(run.coding, digits)
                && (0..run.coding.skips()).any(|skip| {
                    run.coding.read(digits, skip, &mut buffer);
                    self.holds(&buffer, sought)
                })
        };
        std::str::from_utf8(bytes).is_ok_and(|text| {
            self.beginnings.glance(bytes).runs.iter().any(says)
                || Decoded::of(text)
                    .levels()
                    .any(|bytes| self.beginnings.glance(bytes).has_beginning && self.holds(bytes, sought))
        })
    }

    /// Where in bytes a secret is. A piece of a long one counts for all of it that is around it, if that is enough.
    fn in_bytes(&self, bytes: &[u8], sought: Sought) -> Option<Vec<Range<usize>>> {
        let mut places = Vec::new();
        // What was found of each secret so far ends here: no part of the text is compared twice with the same one.
        let mut found_to: HashMap<usize, usize> = HashMap::new();
        for found in self.matches(bytes)? {
            for (number, offset, secret) in self.owners(found.pattern(), sought) {
                let done = found_to.entry(number).or_default();
                if found.end() <= *done {
                    continue;
                }
                let left = common(
                    bytes.get(..found.start()).unwrap_or_default().iter().rev(),
                    secret.bytes.get(..offset).unwrap_or_default().iter().rev(),
                );
                let right = common(
                    bytes.get(found.end()..).unwrap_or_default().iter(),
                    secret.bytes.get(offset + found.len()..).unwrap_or_default().iter(),
                );
                let place = found.start() - left..found.end() + right;
                if place.len() >= secret.least(bytes.get(found.range()).unwrap_or_default()) {
                    *done = place.end;
                    places.push(place);
                }
            }
        }
        Some(places)
    }
}

/// How many bytes two sequences have in common at their beginnings, in whichever case.
fn common<'a>(one: impl Iterator<Item = &'a u8>, other: impl Iterator<Item = &'a u8>) -> usize {
    one.zip(other).take_while(|(one, other)| one.eq_ignore_ascii_case(other)).count()
}
