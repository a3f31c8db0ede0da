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
/// Of a shorter one every part of this many bytes is searched for.
const WINDOW: usize = 10;
/// No more secrets are kept, and of one no more bytes. What is beyond is still hidden by name, form and length.
const MOST: usize = 256;
const LONGEST: usize = 32 * 1024;

/// The secrets of a run. They are never serialized, and their memory is wiped.
#[derive(Clone, Default)]
pub struct Secrets {
    known: Arc<Vec<Known>>,
    searches: Arc<Searches>,
}

#[derive(Default)]
struct Searches {
    certain: OnceLock<Option<Search>>,
    all: OnceLock<Option<Search>>,
}

#[derive(Clone, PartialEq, Eq)]
struct Known {
    bytes: Zeroizing<Vec<u8>>,
    /// Whether it is certainly a secret. What is only guessed to be one is searched for as a whole, and in other people's texts alone.
    certain: bool,
    /// Whether it is one word, of which every part is as telling as the whole.
    word: bool,
}

impl Known {
    /// What is searched for, and where in the secret it stands: the whole, or of a long word its telling pieces.
    fn pieces(&self) -> Vec<(usize, &[u8])> {
        let whole = (0, self.bytes.as_slice());
        if self.certain && self.word && (WINDOW + 2..=16 * PIECE).contains(&self.bytes.len()) {
            // Of a short one every part counts.
            let windows = self.bytes.windows(WINDOW).enumerate();
            let telling = windows.filter(|(_, window)| is_telling(window));
            return telling.chain([whole]).collect();
        }
        if !self.certain || !self.word || self.bytes.len() < 2 * PIECE {
            return vec![whole];
        }
        let chunks = self.bytes.chunks_exact(PIECE).enumerate();
        let count = chunks.len();
        let mut telling: Vec<(usize, &[u8])> = chunks
            .filter(|(_, piece)| is_telling(piece))
            .map(|(place, piece)| (place * PIECE, piece))
            .collect();
        // Where a part of it reads like an ordinary text, the whole must be found as well.
        if telling.len() < count && self.bytes.len() < 64 * PIECE || telling.is_empty() {
            telling.push(whole);
        }
        telling
    }
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
    /// Remembers a secret: a token, a key, a password; or a text with one in it, such as a connection string.
    pub fn learn(&mut self, secret: &str) {
        self.remember(secret.trim(), true);
        self.guess_parts(secret.trim());
    }

    /// Remembers what is sent under a name and may be a secret: the value of a header, a query parameter, a variable. Of a
    /// value with several parts (an authentication scheme, a user name and password, cookies) each counts.
    pub fn learn_sent(&mut self, name: &str, value: &str) {
        use ::base64::Engine as _;
        // Behind an authentication scheme stands one word.
        let credentials = value.trim().split_once(' ').filter(|(scheme, rest)| {
            scheme.bytes().all(|byte| byte.is_ascii_alphabetic()) && !rest.trim().contains(' ')
        });
        let Some((_, credentials)) = credentials else {
            self.guess(name, value);
            self.guess_parts(value.trim());
            if name.to_ascii_lowercase().contains("cookie") {
                for (name, value) in value.split(';').filter_map(|cookie| cookie.split_once('=')) {
                    self.guess(&format!("cookie {name}"), value);
                }
            }
            return;
        };
        self.guess(name, credentials);
        let decoded = ::base64::engine::general_purpose::STANDARD.decode(credentials.trim());
        if let Some(pair) = decoded.ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
            self.guess(name, &pair);
            if let Some((_, password)) = pair.split_once(':') {
                self.guess("password", password);
            }
        }
    }

    /// Remembers a body that is sent, and what in it is a secret by its name or form.
    pub fn learn_body(&mut self, body: &str) {
        self.remember(body.trim(), false);
        self.guess_parts(body.trim());
    }

    /// Remembers the parts of a text with several: the values of JSON, of an address, of a connection string, and the lines of
    /// a key.
    fn guess_parts(&mut self, text: &str) {
        const MOST_PARTS: usize = 64;
        if is_word(text) {
            return;
        }
        if let Ok(json) = serde_json::from_str(text) {
            let mut parts = Vec::new();
            leaves("", &json, &mut parts);
            for (name, value) in parts.into_iter().take(MOST_PARTS) {
                self.guess(name, value);
            }
            return;
        }
        if let Ok(url) = url::Url::parse(text)
            && url.has_host()
        {
            self.guess("password", url.password().unwrap_or_default());
            for (name, value) in url.query_pairs().take(MOST_PARTS) {
                self.guess(&name, &value);
            }
            return;
        }
        for part in text.split([';', '&', ',', '\n', ' ']).take(MOST_PARTS) {
            match part.split_once('=') {
                Some((name, value)) => self.guess(name, value),
                None => self.guess("", part),
            }
        }
    }

    /// Remembers a value by its name and form. One whose name does not say that it is a secret, and that is an ID, an address,
    /// a name or a word, is none, for hiding it would blind the report.
    fn guess(&mut self, name: &str, value: &str) {
        let value = value.trim();
        let is_plain = value.len() < 12 && value.bytes().all(|byte| byte.is_ascii_alphabetic());
        if harmless::names_secret(name) {
            self.remember(value, !is_plain);
        } else if !harmless::is_ordinary(value) {
            self.remember(value, false);
        }
    }

    fn remember(&mut self, secret: &str, certain: bool) {
        let bytes = secret.as_bytes();
        let bytes = bytes.get(..LONGEST).unwrap_or(bytes);
        self.remember_bytes(bytes, certain);
        // Texts are compared in decoded form, and so is a secret that reads like an encoding itself.
        if let Some(decoded) = std::str::from_utf8(bytes)
            .ok()
            .and_then(|text| Decoded::levels(text).pop())
        {
            self.remember_bytes(decoded.bytes(), certain);
        }
    }

    fn remember_bytes(&mut self, bytes: &[u8], certain: bool) {
        // What is only guessed leaves room for the tokens, which come last.
        let room = if certain { MOST } else { MOST / 2 };
        if bytes.len() < SHORTEST || self.known.len() >= room {
            return;
        }
        match self.known.iter().position(|known| *known.bytes == bytes) {
            Some(place) if certain && !self.known.get(place).is_some_and(|known| known.certain) => {
                if let Some(known) = Arc::make_mut(&mut self.known).get_mut(place) {
                    known.certain = true;
                }
            }
            Some(_) => return,
            None => Arc::make_mut(&mut self.known).push(Known {
                bytes: Zeroizing::new(bytes.to_vec()),
                certain,
                word: std::str::from_utf8(bytes).is_ok_and(is_word),
            }),
        }
        self.searches = Arc::default();
    }

    /// The text without any secret, in whatever encoding.
    #[must_use]
    pub fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let certain = |known: &&Known| known.certain;
        scrubbed(
            text,
            self.searches
                .certain
                .get_or_init(|| Search::of(self.known.iter().filter(certain))),
        )
    }

    /// A text that somebody else wrote without any secret and without what may be one.
    #[must_use]
    pub fn scrub_foreign<'a>(&self, text: &'a str) -> Cow<'a, str> {
        scrubbed(text, self.searches.all.get_or_init(|| Search::of(self.known.iter())))
    }
}

/// Whether a text is one word, such as a token or key, and not one with a structure that other texts have, too.
fn is_word(text: &str) -> bool {
    !text.contains("://")
        && !text.trim_end_matches('=').contains('=')
        && !text.contains(|character: char| character.is_whitespace() || "{}[]\"',;&".contains(character))
}

/// Whether a piece of a secret is like no ordinary text: letters in both cases, or letters and digits, and few signs.
fn is_telling(piece: &[u8]) -> bool {
    let count = |is: fn(&u8) -> bool| piece.iter().filter(|byte| is(byte)).count();
    let (upper, lower, digits) = (
        count(u8::is_ascii_uppercase),
        count(u8::is_ascii_lowercase),
        count(u8::is_ascii_digit),
    );
    let mixed = upper > 0 && lower > 0 || digits > 0 && upper + lower > 0;
    let hexadecimal = count(u8::is_ascii_hexdigit) + count(|byte| *byte == b'-') == piece.len();
    mixed && upper + lower + digits + 3 >= piece.len() && !(hexadecimal && piece.contains(&b'-'))
}

/// Every text in JSON with the name of its member.
fn leaves<'a>(name: &'a str, json: &'a serde_json::Value, found: &mut Vec<(&'a str, &'a str)>) {
    match json {
        serde_json::Value::String(text) => found.push((name, text)),
        serde_json::Value::Array(items) => items.iter().for_each(|item| leaves(name, item, found)),
        serde_json::Value::Object(members) => members.iter().for_each(|(name, value)| leaves(name, value, found)),
        _ => {}
    }
}

fn scrubbed<'a>(text: &'a str, search: &Option<Search>) -> Cow<'a, str> {
    match search {
        _ if text.len() < SHORTEST => Cow::Borrowed(text),
        Some(search) if search.pieces.is_empty() => Cow::Borrowed(text),
        Some(search) => without(text, search.places(text)),
        // Without a search nothing can be shown.
        None => Cow::Borrowed(REDACTED),
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
    known: Vec<Known>,
    /// The length of the shortest pattern.
    shortest: usize,
    automaton: AhoCorasick,
    /// For each pattern the secrets that hold it, and where.
    pieces: Vec<Vec<(usize, usize)>>,
}

/// A piece is remembered in so many secrets; that it is one of a secret is known without the others.
const MOST_OWNERS: usize = 4;

impl Search {
    fn of<'a>(known: impl Iterator<Item = &'a Known>) -> Option<Self> {
        let known: Vec<Known> = known.cloned().collect();
        let mut patterns: HashMap<&[u8], usize> = HashMap::new();
        let mut pieces: Vec<Vec<(usize, usize)>> = Vec::new();
        for (number, secret) in known.iter().enumerate() {
            for (place, piece) in secret.pieces() {
                let pattern = *patterns.entry(piece).or_insert_with(|| {
                    pieces.push(Vec::new());
                    pieces.len() - 1
                });
                if let Some(owners) = pieces.get_mut(pattern).filter(|owners| owners.len() < MOST_OWNERS) {
                    owners.push((number, place));
                }
            }
        }
        let mut ordered: Vec<(&[u8], usize)> = patterns.into_iter().collect();
        ordered.sort_unstable_by_key(|(_, pattern)| *pattern);
        let shortest = ordered.iter().map(|(piece, _)| piece.len()).min().unwrap_or(0);
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::NoncontiguousNFA))
            .build(ordered.into_iter().map(|(piece, _)| piece))
            .ok()?;
        Some(Self {
            known,
            shortest,
            automaton,
            pieces,
        })
    }

    /// Where in a text a secret stands.
    fn places(&self, text: &str) -> Vec<Range<usize>> {
        let mut places = self.in_bytes(text.as_bytes());
        let levels = Decoded::levels(text);
        for level in &levels {
            let found = self.in_bytes(level.bytes());
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
                        self.automaton.is_match(buffer.as_slice()) || self.is_within(&buffer)
                    });
                    if holds {
                        places.push(last.map_or(run.clone(), |level| level.origin(&run)));
                    }
                }
            };
        // A shorter run cannot hold any of the secrets.
        let (sextets, digits) = (self.shortest * 4 / 3, self.shortest * 2);
        coded(&mut base64_runs(bytes).filter(|run| run.len() >= sextets), 4, base64);
        coded(
            &mut hexadecimal_runs(bytes).filter(|run| run.len() >= digits),
            2,
            from_hexadecimal,
        );
        places
    }

    /// Whether a secret stands in decoded bytes in a further encoding.
    fn is_within(&self, bytes: &[u8]) -> bool {
        std::str::from_utf8(bytes).is_ok_and(|text| {
            Decoded::levels(text)
                .iter()
                .any(|level| self.automaton.is_match(level.bytes()))
        })
    }

    /// Where in bytes a secret stands as it is. A piece of a long one stands for all of it that stands around.
    fn in_bytes(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let mut places = Vec::new();
        // What was found of each secret so far ends here: no part of the text is compared twice with the same one.
        let mut found_to = vec![0; self.known.len()];
        for found in self.automaton.find_overlapping_iter(bytes) {
            for (number, offset) in self.pieces.get(found.pattern().as_usize()).into_iter().flatten() {
                let (Some(secret), Some(done)) = (self.known.get(*number), found_to.get_mut(*number)) else {
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
