//! The secrets of a run: tokens, keys and passwords that were used or received, and how they are taken out of a text.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use zeroize::Zeroizing;

use super::encoded::{Decoded, base64, base64_runs, from_hexadecimal, hexadecimal_runs};
use super::harmless;
use crate::case::secret::REDACTED;

/// Shorter secrets than this are not searched for: they would blank out ordinary words.
const SHORTEST: usize = 6;
/// A long secret is found by pieces of this many bytes, so that one that was cut or broken is found, too.
const PIECE: usize = 12;
/// No more secrets are kept, and of one no more bytes. What is beyond is still hidden by name, form and length.
const MOST: usize = 256;
const LONGEST: usize = 32 * 1024;

/// The secrets of a run. They are never serialized, and their memory is wiped.
#[derive(Clone, Default)]
pub struct Secrets {
    known: Arc<Vec<Known>>,
    search: Arc<OnceLock<Option<Search>>>,
}

#[derive(Clone, PartialEq, Eq)]
struct Known {
    bytes: Zeroizing<Vec<u8>>,
    /// Whether a part of it is as secret as the whole. What is only guessed to be a secret is searched for as a whole.
    in_parts: bool,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Secrets({})", self.known.len())
    }
}

/// Two cases with the same observations are the same, whatever must be hidden when they are shown.
impl PartialEq for Secrets {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Secrets {
    /// Remembers a secret: a token, a key, a password.
    pub fn learn(&mut self, secret: &str) {
        self.remember(secret.trim(), true);
    }

    /// Remembers what may be a secret, such as the value of a header that the user sends. What is an ID, an address, a name or
    /// a word is none, for hiding it would blind the report.
    pub fn guess(&mut self, value: &str) {
        let value = value.trim();
        if !harmless::is_ordinary(value) {
            self.remember(value, false);
        }
    }

    /// Remembers the secrets in the value of a header or query parameter that is sent: what stands behind an authentication
    /// scheme, each cookie, user name and password.
    pub fn learn_sent(&mut self, name: &str, value: &str) {
        use ::base64::Engine as _;
        let secret = harmless::names_secret(name);
        let mut remember = |part: &str| if secret { self.learn(part) } else { self.guess(part) };
        // Behind an authentication scheme stands one word.
        let credentials = value.trim().split_once(' ').filter(|(scheme, rest)| {
            scheme.bytes().all(|byte| byte.is_ascii_alphabetic()) && !rest.trim().contains(' ')
        });
        match credentials {
            Some((_, credentials)) => {
                remember(credentials);
                let decoded = ::base64::engine::general_purpose::STANDARD.decode(credentials.trim());
                if let Some(pair) = decoded.ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
                    remember(&pair);
                    if let Some((_, password)) = pair.split_once(':') {
                        remember(password);
                    }
                }
            }
            None => remember(value),
        }
        if name.to_ascii_lowercase().contains("cookie") {
            for cookie in value.split(';') {
                if let Some((_, value)) = cookie.split_once('=') {
                    remember(value);
                }
            }
        }
    }

    fn remember(&mut self, secret: &str, in_parts: bool) {
        let bytes = secret.as_bytes();
        let bytes = bytes.get(..LONGEST).unwrap_or(bytes);
        self.remember_bytes(bytes, in_parts);
        // Texts are compared in decoded form, and so is a secret that reads like an encoding itself.
        if let Some(decoded) = std::str::from_utf8(bytes)
            .ok()
            .and_then(|text| Decoded::levels(text).pop())
        {
            self.remember_bytes(decoded.bytes(), in_parts);
        }
    }

    fn remember_bytes(&mut self, bytes: &[u8], in_parts: bool) {
        if bytes.len() < SHORTEST || self.known.len() >= MOST {
            return;
        }
        match self.known.iter().position(|known| *known.bytes == bytes) {
            Some(place) if in_parts && !self.known.get(place).is_some_and(|known| known.in_parts) => {
                if let Some(known) = Arc::make_mut(&mut self.known).get_mut(place) {
                    known.in_parts = true;
                }
            }
            Some(_) => return,
            None => Arc::make_mut(&mut self.known).push(Known {
                bytes: Zeroizing::new(bytes.to_vec()),
                in_parts,
            }),
        }
        self.search = Arc::default();
    }

    /// The text without any of the secrets, in whatever encoding.
    #[must_use]
    pub fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.known.is_empty() || text.len() < SHORTEST {
            return Cow::Borrowed(text);
        }
        match self.search.get_or_init(|| Search::new(&self.known)) {
            Some(search) => without(text, search.places(&self.known, text)),
            // Without a search nothing can be shown.
            None => Cow::Borrowed(REDACTED),
        }
    }
}

/// The text with every one of these places replaced.
fn without(text: &str, mut places: Vec<Range<usize>>) -> Cow<'_, str> {
    if places.is_empty() {
        return Cow::Borrowed(text);
    }
    places.sort_by_key(|place| place.start);
    let mut clean = String::with_capacity(text.len());
    let mut kept = 0;
    let mut places = places.into_iter().peekable();
    while let Some(place) = places.next() {
        let mut end = place.end;
        while let Some(next) = places.next_if(|next| next.start <= end) {
            end = end.max(next.end);
        }
        clean.push_str(
            text.get(kept..text.floor_char_boundary(place.start))
                .unwrap_or_default(),
        );
        clean.push_str(REDACTED);
        kept = text.ceil_char_boundary(end);
    }
    clean.push_str(text.get(kept..).unwrap_or_default());
    Cow::Owned(clean)
}

/// One automaton over all secrets: short ones whole, long ones in pieces.
struct Search {
    automaton: AhoCorasick,
    /// For each pattern the secrets that hold it, and where.
    pieces: Vec<Vec<(usize, usize)>>,
}

/// A piece is remembered in so many secrets; that it is one of a secret is known without the others.
const MOST_OWNERS: usize = 4;

impl Search {
    fn new(known: &[Known]) -> Option<Self> {
        let mut patterns: HashMap<&[u8], usize> = HashMap::new();
        let mut pieces: Vec<Vec<(usize, usize)>> = Vec::new();
        for (number, secret) in known.iter().enumerate() {
            let piece_length = if secret.in_parts && secret.bytes.len() >= 2 * PIECE {
                PIECE
            } else {
                secret.bytes.len()
            };
            for (place, piece) in secret.bytes.chunks_exact(piece_length).enumerate() {
                let pattern = *patterns.entry(piece).or_insert_with(|| {
                    pieces.push(Vec::new());
                    pieces.len() - 1
                });
                if let Some(owners) = pieces.get_mut(pattern).filter(|owners| owners.len() < MOST_OWNERS) {
                    owners.push((number, place * piece_length));
                }
            }
        }
        let mut ordered: Vec<(&[u8], usize)> = patterns.into_iter().collect();
        ordered.sort_unstable_by_key(|(_, pattern)| *pattern);
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::NoncontiguousNFA))
            .build(ordered.into_iter().map(|(piece, _)| piece))
            .ok()?;
        Some(Self { automaton, pieces })
    }

    /// Where in a text a secret stands.
    fn places(&self, known: &[Known], text: &str) -> Vec<Range<usize>> {
        let mut places = self.in_bytes(known, text.as_bytes());
        let levels = Decoded::levels(text);
        for level in &levels {
            let found = self.in_bytes(known, level.bytes());
            places.extend(found.iter().map(|place| level.origin(place)));
        }
        let last = levels.last();
        let bytes = last.map_or(text.as_bytes(), Decoded::bytes);
        let mut buffer = Zeroizing::new(Vec::new());
        let mut coded =
            |runs: &mut dyn Iterator<Item = Range<usize>>, skips: usize, read: fn(&[u8], usize, &mut Vec<u8>)| {
                for run in runs {
                    let digits = bytes.get(run.clone()).unwrap_or_default();
                    let holds = (0..skips).any(|skip| {
                        read(digits, skip, &mut buffer);
                        self.automaton.is_match(buffer.as_slice())
                    });
                    if holds {
                        places.push(last.map_or(run.clone(), |level| level.origin(&run)));
                    }
                }
            };
        coded(&mut base64_runs(bytes), 4, base64);
        coded(&mut hexadecimal_runs(bytes), 2, from_hexadecimal);
        places
    }

    /// Where in bytes a secret stands as it is. A piece of a long one stands for all of it that stands around.
    fn in_bytes(&self, known: &[Known], bytes: &[u8]) -> Vec<Range<usize>> {
        let mut places = Vec::new();
        // What was found of each secret so far ends here: no part of the text is compared twice with the same one.
        let mut found_to = vec![0; known.len()];
        for found in self.automaton.find_overlapping_iter(bytes) {
            for (number, offset) in self.pieces.get(found.pattern().as_usize()).into_iter().flatten() {
                let (Some(secret), Some(done)) = (known.get(*number), found_to.get_mut(*number)) else {
                    continue;
                };
                if found.end() <= *done {
                    continue;
                }
                let left = common(
                    bytes.get(..found.start()).unwrap_or_default().iter().rev(),
                    secret.bytes.get(..*offset).unwrap_or_default().iter().rev(),
                );
                let right = common(
                    bytes.get(found.end()..).unwrap_or_default().iter(),
                    secret.bytes.get(offset + found.len()..).unwrap_or_default().iter(),
                );
                *done = found.end() + right;
                places.push(found.start() - left..found.end() + right);
            }
        }
        places
    }
}

/// How many bytes two sequences have in common at their beginnings, in whichever case.
fn common<'a>(one: impl Iterator<Item = &'a u8>, other: impl Iterator<Item = &'a u8>) -> usize {
    one.zip(other)
        .take_while(|(one, other)| one.eq_ignore_ascii_case(other))
        .count()
}

#[cfg(test)]
mod tests;
