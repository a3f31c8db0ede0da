//! The known sentences in a text. What `check` reads in an answer and what `explain` reads in a pasted text are found
//! in one table, `assets/knowledge/error_texts.toml`.

use crate::case::code::Code;
use crate::case::error_text::{ERROR_TEXTS, EndpointSays, ErrorText, Variant};
use crate::case::exchange::Answer;
use crate::case::plain::Plain;

/// A known sentence that is in a text.
pub(super) struct Heard {
    /// Its key in the table.
    pub(super) key: &'static str,
    /// What the table says of it.
    pub(super) entry: &'static ErrorText,
    /// How long the piece is by which it was recognized: a longer one says more.
    length: usize,
    /// Where it begins.
    place: usize,
}

/// Every known sentence in a text.
fn recognized(text: &Plain) -> impl Iterator<Item = Heard> {
    ERROR_TEXTS.iter().filter_map(|(key, entry)| {
        let found = entry.pieces().filter_map(|piece| Some((piece.len(), text.place(piece)?)));
        let (length, place) = found.max_by_key(|(length, _)| *length)?;
        (!text.has_any(&entry.without)).then_some(Heard { key, entry, length, place })
    })
}

/// The known sentences in a text, in their order there. One that only wraps others is left out beside them, and so is
/// one that is part of a longer one at the same place.
pub(super) fn heard(text: &Plain) -> Vec<Heard> {
    let mut all: Vec<Heard> = recognized(text).collect();
    let strongest = all.iter().map(|one| one.entry.weight).max().unwrap_or_default();
    all.retain(|one| one.entry.weight == strongest);
    let spans: Vec<(usize, usize)> = all.iter().map(|one| (one.place, one.end())).collect();
    let is_within = |one: &Heard, (start, end): (usize, usize)| {
        start <= one.place && one.end() <= end && end.saturating_sub(start) > one.length
    };
    all.retain(|one| !spans.iter().any(|span| is_within(one, *span)));
    crate::sort::by_key(&mut all, |one| one.place);
    all
}

impl Heard {
    const fn end(&self) -> usize {
        self.place.saturating_add(self.length)
    }
}

impl EndpointSays {
    /// The phrase for it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::NotAttached => "refusal.not-attached",
            Self::NotSelected | Self::Several => "refusal.not-selected",
            Self::NoIdentity => "refusal.no-identity",
            Self::AudienceNotSupported => "refusal.audience-not-supported",
            Self::PodIdentity => "refusal.pod-identity",
            Self::UnsupportedVersion => "refusal.unsupported-version",
            Self::Unauthorized => "refusal.unauthorized",
            Self::Proxy => "refusal.proxy",
        }
    }
}

/// What an identity endpoint says with an answer, where one of its known sentences is in it.
#[must_use]
pub fn endpoint_says(answer: &str) -> Option<EndpointSays> {
    let text = Plain::of(answer);
    let known = recognized(&text).filter_map(|one| Some((one.length, one.entry.endpoint?)));
    known.max_by_key(|(length, _)| *length).map(|(_, says)| says)
}

/// What an identity endpoint says in an answer that can be its own.
#[must_use]
pub fn endpoint_says_in(answer: &Answer) -> Option<EndpointSays> {
    endpoint_says(&answer.body).filter(|says| may_say(answer, *says))
}

/// Whether an identity endpoint can be the one that says this. Pages, proxies, and services that ask the caller to wait
/// have such words, too, about something else. The metadata endpoint names a missing identity with status 400 alone
/// ("How managed identities for Azure resources work with Azure virtual machines", Microsoft Learn), and Service Fabric
/// with a code, whatever the status.
fn may_say(answer: &Answer, says: EndpointSays) -> bool {
    let asks_to_wait = matches!(answer.status, 407 | 410 | 429 | 502..=504);
    let is_anothers = asks_to_wait || answer.is_page() || answer.names_a_proxy() && answer.json().is_none();
    let has_code = || answer.json().is_some_and(|json| json.pointer("/error/code").is_some());
    match says {
        EndpointSays::Proxy | EndpointSays::PodIdentity => true,
        EndpointSays::NoIdentity => !is_anothers && (answer.status == 400 || has_code()),
        _ => !is_anothers,
    }
}

/// Whether a text says that a connection to Microsoft Entra ID, which it names, can't be made.
#[must_use]
pub fn tells_of_no_way_to_entra(text: &str) -> bool {
    let text = Plain::of(text);
    heard(&text)
        .into_iter()
        .filter_map(|heard| Variant::of(&heard.entry.variants, &text))
        .any(|variant| variant.toward.is_some() && variant.findings.first() == Some(&Code::CallerEgressBlocked))
}

/// The findings that the first known sentence in a text points to, likeliest first, and whether an address beside it
/// shows whom the request was sent to.
#[must_use]
pub fn points_to(text: &str) -> Option<(&'static [Code], bool)> {
    let text = Plain::of(text);
    let entry = heard(&text).into_iter().next()?.entry;
    let variant = Variant::of(&entry.variants, &text);
    Some(variant.map_or((&entry.findings, false), |variant| (&variant.findings, variant.toward.is_some())))
}
