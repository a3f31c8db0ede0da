//! App 2's own log as evidence: what its lines say of a rejected token, and which of them belong to this run.
//!
//! A log also has lines of other callers' requests. A line belongs to this run by the values that it shows, else by the
//! request that it follows and by its time.

use super::answers::{challenge, easy_auth_is_sure, other_audience};
use super::prelude::*;
use super::settings::resource_id;
use super::target::client_id;
use crate::case::target_log::written::Written as Time;

/// A line of App 2's log that belongs, or may belong, to this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word<'a> {
    /// The line.
    pub entry: &'a LogEntry,
    /// What it says.
    pub says: Says,
    /// How sure it is that it is about this run's call.
    pub weight: Confidence,
    /// Whether it shows this token's values or this call's ID.
    pub own: bool,
    /// Whether it was written before this run, by its time.
    pub older: bool,
}

impl<'a> Word<'a> {
    /// Whether the authority answered the request for metadata: it knows no such tenant, or has no such path. Network
    /// faults have no answer, and a proxy's has another status.
    pub fn shows_an_unknown_tenant(&self) -> bool {
        self.says == Says::Metadata && has_mark("the-authority-knows-no-such-tenant", &self.entry.text)
    }
}

/// Every line that belongs, or may belong, to this run, in the log's order.
pub fn words(case: &Case) -> impl DoubleEndedIterator<Item = Word<'_>> {
    let log = case.target_log.as_ref();
    log.into_iter()
        .flat_map(|log| log.entries.iter())
        .filter(|entry| !is_anothers(case, entry))
        .filter(|entry| matches!(writer(case, entry), Writer::EasyAuth | Writer::Unknown))
        .filter_map(move |entry| {
            // That protection is for what changes state, and for sessions: without a cookie it was probably another's,
            // unless the line is of this moment, and of this path or of nobody's session.
            let says = Says::of(entry).filter(|says| *says != Says::CrossSite || case.inputs.changes_state())?;
            let (weight, own) = weight(case, entry, says)?;
            let may_be_its = entry.names_no_user() || entry.is_of_path(case.inputs.target.as_deref());
            let is_its = own || case.inputs.carries_a_session() || may_be_its && time(case, entry) == Time::Run;
            let is_doubtful = says == Says::CrossSite && !is_its;
            let weight = if is_doubtful { Confidence::Possible } else { weight };
            Some(Word { entry, says, weight, own, older: matches!(time(case, entry), Time::Before | Time::Old) })
        })
}

/// The newest line with the greatest weight that says one of these things.
pub fn newest<'a>(case: &'a Case, wanted: &[Says]) -> Option<Word<'a>> {
    words(case)
        .filter(|word| wanted.contains(&word.says))
        // Of equals `max_by_key` takes the last, which is the newest.
        .max_by_key(|word| (word.weight, word.own))
}

/// The newest line of the moment of this run that has a number, to be quoted; none that shows another request's values.
pub fn of_this_moment(case: &Case) -> Option<&LogEntry> {
    last(case, |entry| {
        let shows_a_token = entry.value(&["audiences", "audience", "issuer", "validTo"]).is_some();
        entry.idx.is_some()
            && entry.writer != Writer::FunctionsHost
            && time(case, entry) == Time::Run
            && !entry.follows_another_path(case.inputs.target.as_deref())
            && !(shows_a_token && by_values(case, entry) == Some(false))
            // Nor one of the probes'.
            && entry.is_of_call(&case.exchanges) != Some(false)
    })
}

/// The newest line of the moment of this run that says that the app fails.
pub fn of_a_crash(case: &Case) -> Option<&LogEntry> {
    last(case, |entry| entry.tells_of_a_crash() && time(case, entry) == Time::Run)
}

/// The newest line of this run, or of the hour before, in which the app's own validator rejects a token like this one.
/// Where Easy Auth's own answer shows that the app wasn't reached, the line must show this token's values.
pub fn of_the_app(case: &Case) -> Option<&LogEntry> {
    last(case, |entry| {
        writer(case, entry) == Writer::Application
            && Says::of(entry).is_some()
            && by_values(case, entry).unwrap_or_else(|| !easy_auth_is_sure(case))
            && time(case, entry) != Time::Old
    })
}

/// The newest line that is so and isn't another app's.
fn last(case: &Case, is_so: impl Fn(&LogEntry) -> bool) -> Option<&LogEntry> {
    case.target_log.as_ref()?.entries.iter().rev().find(|entry| is_so(entry) && !is_anothers(case, entry))
}

/// Whether the log shows that a call like this one brings no token: by the call's ID or its path, or by as many lines
/// as this run sent requests, of which most have one. Other callers' requests, and this run's first, come without.
pub fn shows_no_token(case: &Case) -> bool {
    let sent = Purpose::CALLS.iter().filter(|purpose| case.exchange(purpose).is_some()).count();
    let lines: Vec<Word<'_>> = words(case).filter(|word| word.says == Says::NoToken).collect();
    lines.iter().any(|word| word.own || word.entry.is_of_path(case.inputs.target.as_deref()))
        || sent == Purpose::CALLS.len() && lines.len() >= sent
}

/// Whether a line is another app's: it names one, or its Easy Auth has another client ID than App 2.
pub fn is_anothers(case: &Case, entry: &LogEntry) -> bool {
    let names_another = |app: &str| {
        let (host, id) = (case.inputs.target_host(), resource_id(case));
        Wanted { host: host.as_deref(), id: id.as_ref() }.is_not_called(app)
    };
    entry.app.as_deref().is_some_and(names_another)
        || entry.writer == Writer::EasyAuth && expects_another_client(case, entry)
}

/// Who wrote a line. Easy Auth always accepts App 2's client ID, so a validator that doesn't expect it is another.
pub fn writer(case: &Case, entry: &LogEntry) -> Writer {
    if !entry.writer.is_unknown() {
        return entry.writer;
    }
    if expects_another_client(case, entry) { Writer::Application } else { Writer::Unknown }
}

/// Whether a line shows the audiences that are accepted, and App 2's client ID isn't among them.
fn expects_another_client(case: &Case, entry: &LogEntry) -> bool {
    let expected = entry.accepted_audiences();
    // What runs may have another client ID than the settings.
    let known = client_id(case).map(|(id, _)| id.to_string());
    let own: Vec<String> =
        [known, challenge(case).and_then(|it| it.resource_id().map(str::to_owned)), case.login_client_id()]
            .into_iter()
            .flatten()
            .collect();
    let is_own = |audience: &&str| own.iter().any(|id| audience.eq_ignore_ascii_case(id));
    !own.is_empty() && !expected.is_empty() && !expected.iter().any(is_own)
}

/// The line that names why a token was rejected.
pub fn reason(case: &Case) -> Option<Word<'_>> {
    newest(case, &Says::REASONS)
}

/// How sure it is that a line is about this run's call, and whether by the values that it shows; `None`: it is about
/// another. Certain are only lines of this run with its values; lines without values are at most likely.
fn weight(case: &Case, entry: &LogEntry, says: Says) -> Option<(Confidence, bool)> {
    let belongs = [entry.is_of_call(&case.exchanges), by_values(case, entry)];
    if belongs.contains(&Some(false)) {
        return None;
    }
    // The same identity's token for another audience was accepted: what fails for both is not why this one is rejected.
    let of_audience = matches!(says, Says::Audience | Says::Refused | Says::WantsKey);
    let refuted = other_audience(case) == Some(true) && !of_audience;
    // That one has this token's issuer, so a line with it is about another app, or about settings of before.
    let is_own = if says == Says::Issuer { belongs[0] == Some(true) } else { belongs.contains(&Some(true)) };
    if refuted && !is_own {
        return None;
    }
    let time = time(case, entry);
    if belongs.contains(&Some(true)) {
        // The bare client ID is always accepted: since the line was written, another fault has come.
        let is_over = says == Says::Audience && other_audience(case) == Some(false);
        let weight = match time {
            // Another's line may quote such a sentence, or be about another caller's token of the same issuer.
            Time::Run if writer(case, entry) == Writer::EasyAuth || belongs[0] == Some(true) => Confidence::Certain,
            _ if is_over => Confidence::Possible,
            _ => Confidence::Likely,
        };
        return Some((weight, true));
    }
    // A line without values may be about this program's deliberately invalid token, which is rejected for its key.
    let own_probe =
        matches!(says, Says::UnknownKey | Says::Signature | Says::Malformed | Says::Refused | Says::NoToken)
            && case.exchange(&Purpose::CallInvalidToken).is_some();
    let weight = if own_probe && matches!(time, Time::Run | Time::None)
        || time == Time::Old
        || entry.follows_another_path(case.inputs.target.as_deref())
    {
        Confidence::Possible
    } else {
        Confidence::Likely
    };
    Some((weight, false))
}

fn by_values(case: &Case, entry: &LogEntry) -> Option<bool> {
    entry.is_of_token(&case.token.as_ref()?.decoded)
}

fn time(case: &Case, entry: &LogEntry) -> Time {
    entry.written(case.started_at.timestamp(), case.elapsed_ms)
}

#[cfg(test)]
mod tests;
