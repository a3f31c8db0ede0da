//! What a line of App 2's log says, by its number or in words: `marks.toml` and `error_texts.toml` have both.

use super::marks::marks;
use super::refusal_words::is_of_static_web_apps;
use crate::case::exchange::Answer;
use crate::case::target_log::sentences::{self, Sentence};
use crate::case::target_log::{LogEntry, TargetLog};
use crate::case::token::DecodedToken;

/// What a line says of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// The audience failed validation.
    Audience,
    /// The issuer failed validation.
    Issuer,
    /// No key of App 2's authority signed the token.
    UnknownKey,
    /// The signature failed with a known key, or there is none.
    Signature,
    /// The token is expired by App 2's clock.
    Expired,
    /// The token is not yet valid by App 2's clock.
    NotYetValid,
    /// The token cannot be read.
    Malformed,
    /// No token arrived (401.71).
    NoToken,
    /// A token arrived and was rejected (401.83), without a reason in this line.
    Refused,
    /// The protection against cross-site requests rejected the call (403.60).
    CrossSite,
    /// Metadata or keys of the authority cannot be loaded.
    Metadata,
    /// There are no keys to validate the signature with (IDX10500).
    NoKeys,
    /// The Functions host requires a key.
    WantsKey,
}

/// What lines say, each with the numbers and sentences (in lower case) that say it, in `assets/knowledge/marks.toml`.
const SAYINGS: [(Says, &str); 9] = [
    (Says::Audience, "log-audience"),
    (Says::Issuer, "log-issuer"),
    (Says::NoKeys, "log-no-keys"),
    (Says::UnknownKey, "log-unknown-key"),
    (Says::Signature, "log-signature"),
    (Says::Expired, "log-expired"),
    (Says::NotYetValid, "log-not-yet-valid"),
    (Says::Malformed, "log-malformed"),
    (Says::Metadata, "log-metadata"),
];

impl Says {
    /// What names why a token was rejected.
    pub const REASONS: [Self; 7] = [
        Self::Audience,
        Self::Issuer,
        Self::UnknownKey,
        Self::Signature,
        Self::Expired,
        Self::NotYetValid,
        Self::Malformed,
    ];

    /// What an answer says of the token, in its JSON, its challenge, or its body, and the line that says it.
    #[must_use]
    pub fn in_answer(answer: &Answer) -> Option<(Self, LogEntry)> {
        let message = answer.json().and_then(|json| json.get("message")?.as_str());
        let said = message.or_else(|| answer.bearer()?.error()).unwrap_or(&answer.body);
        let lines = TargetLog::from_bytes("", said.as_bytes()).entries;
        lines.into_iter().find_map(|entry| Some((Self::of(&entry)?, entry)))
    }

    /// The same, only in Easy Auth's own 401.
    fn in_easy_auths(answer: &Answer) -> Option<(Self, LogEntry)> {
        answer.has_easy_auths_sentence().then(|| Self::in_answer(answer))?
    }

    /// What Easy Auth says of this token in its own 401, whether or not it shows the values.
    #[must_use]
    pub fn of_easy_auth(answer: &Answer, token: &DecodedToken) -> Option<Self> {
        let (says, entry) = Self::in_easy_auths(answer)?;
        (entry.is_of_token(token) != Some(false)).then_some(says)
    }

    /// The issuer of a static web app that Easy Auth says in its own 401 it expects, in place of the token's.
    #[must_use]
    pub fn expected_static_web_app(answer: &Answer) -> Option<String> {
        let (says, entry) = Self::in_easy_auths(answer)?;
        let is_anothers = entry.value(&["issuer"]).is_some_and(|issuer| !is_of_static_web_apps(issuer));
        entry.expected_issuer().filter(|issuer| says == Self::Issuer && is_anothers && is_of_static_web_apps(issuer))
    }

    /// The issuer of the static web app that Easy Auth says in its own 401 it expects, in place of that of another one
    /// or of a preview environment: a backend is linked to the production environment alone ("API support in Azure
    /// Static Web Apps", Microsoft Learn; Azure/static-web-apps#1581).
    #[must_use]
    pub fn expected_environment(answer: &Answer) -> Option<String> {
        let (says, entry) = Self::in_answer(answer)?;
        let is_its = entry.value(&["issuer"]).is_some_and(is_of_static_web_apps);
        entry.expected_issuer().filter(|issuer| says == Self::Issuer && is_its && is_of_static_web_apps(issuer))
    }

    /// What a line says, where it is about a token or the keys to validate one.
    #[must_use]
    pub fn of(entry: &LogEntry) -> Option<Self> {
        let of_marks = |is_said: &dyn Fn(&str) -> bool| {
            let is_it = |(_, key): &&(Self, &str)| marks(key).iter().any(|mark| is_said(mark));
            SAYINGS.iter().find(is_it).map(|(says, _)| *says)
        };
        let by_number = of_marks(&|mark| entry.idx.as_deref().is_some_and(|idx| idx.starts_with(mark)));
        if by_number.is_some() {
            return by_number;
        }
        let text = entry.text.to_ascii_lowercase();
        let of_sub_status = || match entry.sub_status.as_deref() {
            Some("401.71") => Some(Self::NoToken),
            Some("401.83") => Some(Self::Refused),
            Some("403.60") => Some(Self::CrossSite),
            // A number that no table has, or that was cut off, is no reason, but a rejection.
            _ => entry.names_a_rejection().then_some(Says::Refused),
        };
        if sentences::says(Sentence::FunctionKey, &entry.text) {
            return Some(Self::WantsKey);
        }
        let is_own =
            || [Sentence::OwnValidator, Sentence::NoScopeOrRole].iter().any(|own| sentences::says(*own, &entry.text));
        of_marks(&|mark| text.contains(mark))
            .or_else(|| is_own().then_some(Says::Refused))
            .or_else(|| text.contains("cross-site request forgery").then_some(Says::CrossSite))
            .or_else(of_sub_status)
    }
}
