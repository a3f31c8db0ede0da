//! The secrets of a run: tokens, keys and passwords that were used or received, and how they are taken out of a text.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use zeroize::Zeroizing;

use self::clean::Clean;
use self::known::{Known, SHORTEST, is_word};
use self::search::glance::Beginnings;
use self::search::{Automaton, Search, Sought};
use super::encoded::Decoded;
use super::harmless;
use super::numbers;
use super::routing::routing;
use super::secret_names;
use crate::case::ids::{guids_in, is_guid};
use crate::case::json;
use crate::case::secret::REDACTED;
use crate::case::text::{with_ascii_host, with_in_place_of};

mod clean;
mod known;
mod search;

/// No more secrets are kept, and of one no more bytes. What is beyond is still hidden by name, form and length.
const MOST: usize = 256;
const LONGEST: usize = 32 * 1024;
/// No more short ones are kept.
const MOST_SHORT: usize = 16;

/// The secrets of a run. They are never serialized, and their memory is wiped.
#[derive(Clone, Default)]
pub struct Secrets {
    known: Arc<Vec<Known>>,
    beginnings: Arc<Beginnings>,
    automaton: Arc<OnceLock<Option<Automaton>>>,
    /// IDs that the user named as such: as a key they are known from elsewhere, and hiding them would blind the report.
    public: Arc<Vec<String>>,
    /// Certain ones that are too short to be searched for within words.
    short: Arc<Vec<Zeroizing<String>>>,
    /// The certain ones in their letters and digits alone, to find one that signs were put between.
    spread: Arc<OnceLock<Box<Secrets>>>,
    /// The same, of which only long parts count.
    long: Arc<OnceLock<Box<Secrets>>>,
    /// Texts without any of them.
    clean: Clean,
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

impl Eq for Secrets {}

impl Secrets {
    /// No secrets, and the IDs in these texts are none.
    #[must_use]
    pub fn with_public<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let ids = texts.into_iter().flat_map(guids_in).filter(|id| is_guid(id)).map(str::to_owned);
        Self { public: Arc::new(ids.collect()), ..Self::default() }
    }

    /// Remembers a secret: a token, a key, a password; or a text with one in it, such as a connection string.
    pub fn learn(&mut self, secret: &str) {
        self.remember(secret.trim(), true);
        self.guess_parts(secret.trim());
    }

    /// Remembers what is sent under a name and may be a secret: the value of a header, a query parameter, a variable.
    /// Of a value with several parts (an authentication scheme, a user name and password, cookies) each counts.
    pub fn learn_sent(&mut self, name: &str, value: &str) {
        use ::base64::Engine as _;
        // The name of a slot is no secret, and decides whose settings apply.
        let routed = routing(name, value).map(|slot| value.replace(&slot, ""));
        let value = routed.as_deref().map_or(value.trim(), |rest| rest.trim_matches([' ', ';']));
        // Behind an authentication scheme stands one word.
        let credentials = value.split_once(' ').filter(|(scheme, rest)| {
            scheme.bytes().all(|byte| byte.is_ascii_alphabetic()) && !rest.trim().contains(' ')
        });
        // The same is sent with request after request.
        if self.is_certain(credentials.map_or(value, |(_, credentials)| credentials.trim())) {
            return;
        }
        let Some((_, credentials)) = credentials else {
            self.guess(name, value);
            self.guess_parts(value);
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

    /// Remembers the parts of a text with several: the values of JSON, of an address, of a connection string, and the
    /// lines of a key.
    fn guess_parts(&mut self, text: &str) {
        const MOST_PARTS: usize = 64;
        if is_word(text) {
            return;
        }
        if let Ok(json) = json::parse(text) {
            let mut parts = Vec::new();
            leaves("", &json, &mut parts);
            for (name, value) in parts.into_iter().take(MOST_PARTS) {
                self.guess(name, value);
            }
            return;
        }
        if let Ok(url) = url::Url::parse(&with_ascii_host(text))
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

    /// Remembers a value by its name and form. One whose name does not say that it is a secret, and that is an ID, an
    /// address, a name or a word, is none, for hiding it would blind the report.
    fn guess(&mut self, name: &str, value: &str) {
        let value = value.trim();
        let is_plain = value.len() < 12 && value.bytes().all(|byte| byte.is_ascii_alphabetic());
        if secret_names::names_secret(name) {
            self.remember(value, !is_plain);
        } else if !harmless::is_ordinary(value) || is_short_secret(value) {
            self.remember(value, false);
        }
    }

    fn remember(&mut self, secret: &str, certain: bool) {
        if self.public.iter().any(|id| id.eq_ignore_ascii_case(secret)) {
            return;
        }
        if certain && is_short_word(secret) && self.short.len() < MOST_SHORT {
            let short = Arc::make_mut(&mut self.short);
            if !short.iter().any(|known| **known == secret) {
                short.push(Zeroizing::new(secret.to_owned()));
                self.clean = Clean::default();
            }
        }
        let bytes = secret.as_bytes();
        let bytes = bytes.get(..LONGEST).unwrap_or(bytes);
        self.remember_bytes(bytes, certain);
        // Texts are compared in decoded form, and so is a secret that reads like an encoding itself.
        let decoded = std::str::from_utf8(bytes).map(Decoded::of);
        if let Some(decoded) = decoded.as_ref().ok().and_then(Decoded::last) {
            self.remember_bytes(decoded, certain);
        }
    }

    fn remember_bytes(&mut self, bytes: &[u8], certain: bool) {
        // What is only guessed leaves room for the tokens, which come last.
        let room = if certain { MOST } else { MOST / 2 };
        if bytes.len() < SHORTEST || self.known.len() >= room {
            return;
        }
        let place = self.known.iter().position(|known| *known.bytes == bytes);
        let before = place.and_then(|place| self.known.get(place));
        if before.is_some_and(|known| known.certain || !certain) {
            return;
        }
        let secret = Known::new(bytes, certain);
        if let Some(known) = place.and_then(|place| Arc::make_mut(&mut self.known).get_mut(place)) {
            known.certain = certain;
            self.begin(&secret);
        } else {
            self.insert(secret);
        }
        self.automaton = Arc::default();
        self.spread = Arc::default();
        self.long = Arc::default();
        self.clean = Clean::default();
    }

    /// The texts that were shown as they are since the last of these was learned.
    pub(super) const fn clean(&self) -> &Clean {
        &self.clean
    }

    fn insert(&mut self, secret: Known) {
        self.begin(&secret);
        Arc::make_mut(&mut self.known).push(secret);
    }

    /// A text that has one of this secret's pieces is looked at more closely.
    fn begin(&mut self, secret: &Known) {
        let beginnings = Arc::make_mut(&mut self.beginnings);
        secret.pieces().iter().for_each(|(_, piece)| beginnings.add(piece, secret.least(piece)));
    }

    /// Whether this is known to be a secret for certain.
    fn is_certain(&self, secret: &str) -> bool {
        let mut known = self.known.iter();
        known.any(|known| known.certain && *known.bytes == secret.as_bytes())
    }

    /// The text without any secret, in whatever encoding.
    #[must_use]
    pub fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.scrubbed(text, Sought::Certain)
    }

    /// A text that somebody else wrote without any secret and without what may be one.
    #[must_use]
    pub fn scrub_foreign<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.scrubbed(text, Sought::All)
    }

    /// The path of an address that somebody else wrote, without a secret that is spread over its parts.
    #[must_use]
    pub fn scrub_path<'a>(&self, path: &'a str) -> Cow<'a, str> {
        let clean = self.scrub_foreign(path);
        let joined: String = clean.split('/').collect();
        let Some(places) = self.places(&joined, Sought::All) else {
            return Cow::Borrowed(REDACTED);
        };
        if places.is_empty() {
            return clean;
        }
        let mut end = 0;
        let parts: Vec<&str> = clean
            .split('/')
            .map(|part| {
                let start = end;
                end += part.len();
                let is_clean = places.iter().all(|place| end <= place.start || place.end <= start);
                if is_clean { part } else { REDACTED }
            })
            .collect();
        Cow::Owned(parts.join("/"))
    }

    fn scrubbed<'a>(&self, text: &'a str, sought: Sought) -> Cow<'a, str> {
        match self.places(text, sought) {
            Some(places) => with_in_place_of(text, places, REDACTED),
            // Without a search nothing can be shown.
            None => Cow::Borrowed(REDACTED),
        }
    }

    /// Where in a text a secret stands; `None` where that cannot be found out.
    fn places(&self, text: &str, sought: Sought) -> Option<Vec<Range<usize>>> {
        let mut places = if sought == Sought::All { self.short_places(text) } else { Vec::new() };
        if text.len() < SHORTEST || self.known.is_empty() {
            return Some(places);
        }
        places.extend(self.search().places(text, sought)?);
        places.extend(self.spread_places(text, sought)?);
        Some(places)
    }

    /// Where a short secret is a word of its own.
    fn short_places(&self, text: &str) -> Vec<Range<usize>> {
        let is_apart = |place: &Range<usize>| {
            let (before, after) = (text.get(..place.start), text.get(place.end..));
            !before.is_some_and(|it| it.ends_with(char::is_alphanumeric))
                && !after.is_some_and(|it| it.starts_with(char::is_alphanumeric))
        };
        let places = self.short.iter().flat_map(|secret| text.match_indices(secret.as_str()));
        places.map(|(at, secret)| at..at + secret.len()).filter(is_apart).collect()
    }

    fn search(&self) -> Search<'_> {
        Search { beginnings: &self.beginnings, known: &self.known, automaton: &self.automaton }
    }

    /// Where a secret, or a part of it, is in a text with signs between its letters: blanks, hyphens, quotation marks,
    /// tags. Of what is no quotation, names are made of words that a secret may share: there only a long part counts.
    fn spread_places(&self, text: &str, sought: Sought) -> Option<Vec<Range<usize>>> {
        let of = |known: &mut dyn Iterator<Item = Known>| {
            let mut spread = Box::<Self>::default();
            known.for_each(|known| spread.insert(known));
            spread
        };
        let spread = match sought {
            Sought::All => self.spread.get_or_init(|| of(&mut self.known.iter().flat_map(Known::spread))),
            Sought::Certain => self.long.get_or_init(|| of(&mut self.known.iter().flat_map(Known::long))),
        };
        if spread.known.is_empty() {
            return Some(Vec::new());
        }
        let mut places = Vec::new();
        places.extend(spread.places_in_letters(text.as_bytes(), Tags::AreText)?);
        if text.contains('<') {
            places.extend(spread.places_in_letters(text.as_bytes(), Tags::AreSigns)?);
        }
        for numbers in numbers::readings(text.as_bytes()) {
            let found = spread.places_in_letters(&numbers.bytes, Tags::AreText)?;
            places.extend(found.iter().filter_map(|place| numbers.origin(place)));
        }
        let decoded = Decoded::of(text);
        for (level, bytes) in decoded.levels().enumerate() {
            let found = spread.places_in_letters(bytes, Tags::AreSigns)?;
            places.extend(found.iter().map(|place| decoded.origin(level, place)));
        }
        Some(places)
    }

    /// Where one of these, which are letters and digits, is among the letters and digits of a text.
    fn places_in_letters(&self, bytes: &[u8], tags: Tags) -> Option<Vec<Range<usize>>> {
        let mut letters = Letters::default();
        let mut tag_to = 0;
        for (at, byte) in bytes.iter().enumerate() {
            if *byte == b'<' && tags == Tags::AreSigns && at >= tag_to {
                tag_to = at + tag(bytes.get(at..).unwrap_or_default());
            }
            if byte.is_ascii_alphanumeric() && at >= tag_to {
                letters.bytes.push(*byte);
                letters.at.push(at);
            }
        }
        let found = self.search().as_they_are(&letters.bytes, Sought::All)?;
        let origin = |place: Range<usize>| {
            let last = letters.at.get(place.end.checked_sub(1)?)?;
            Some(*letters.at.get(place.start)?..last.saturating_add(1))
        };
        Some(found.into_iter().filter_map(origin).collect())
    }
}

/// What the letters in tags are, between `<` and `>`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tags {
    /// They count as the others do.
    AreText,
    /// They are left out, as the signs between letters are.
    AreSigns,
}

/// The letters and digits of a text, and where they stand.
#[derive(Default)]
struct Letters {
    bytes: Vec<u8>,
    at: Vec<usize>,
}

/// The length of the tag that begins here; 0 where none does.
fn tag(bytes: &[u8]) -> usize {
    const LONGEST: usize = 200;
    if !bytes.get(1).is_some_and(|first| first.is_ascii_alphabetic() || matches!(first, b'/' | b'!')) {
        return 0;
    }
    bytes.iter().take(LONGEST).position(|byte| *byte == b'>').map_or(0, |end| end + 1)
}

/// Whether a secret is too short to be searched for within words, and still like no ordinary one.
fn is_short_word(secret: &str) -> bool {
    const SHORTEST_WORD: usize = 3;
    let has = |is: fn(&u8) -> bool| secret.bytes().any(|byte| is(&byte));
    (SHORTEST_WORD..SHORTEST).contains(&secret.len())
        && has(u8::is_ascii_alphabetic)
        && has(|byte| !byte.is_ascii_alphabetic())
        && !has(u8::is_ascii_whitespace)
}

/// Whether a short value looks like a password: one word of letters and digits.
fn is_short_secret(value: &str) -> bool {
    let count = |is: fn(&u8) -> bool| value.bytes().filter(is).count();
    let (letters, digits) = (count(u8::is_ascii_alphabetic), count(u8::is_ascii_digit));
    value.len() < 12 && letters > 0 && digits > 0 && letters + digits + 2 >= value.len() && is_word(value)
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

#[cfg(test)]
mod tests;
