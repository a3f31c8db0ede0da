//! What was observed where a finding points to, in words: a finding says only where, and hardly any is read.

use crate::case::Case;
use crate::case::exchange::{Exchange, Outcome};
use crate::case::shown;
use crate::case::step::StepId;
use crate::case::target_log::LogEntry;
use crate::evidence::Origin;
use crate::evidence::refusal::{Class, EntraRefusal, Reply};
use crate::knowledge::{Said, phrase};

/// What was observed there: what a request got, or what a line of the log says.
pub(super) fn at(case: &Case, origin: Origin) -> Option<Said> {
    match origin {
        Origin::Exchange(id) => {
            let exchange = case.exchanges.iter().find(|exchange| exchange.id == id)?;
            let asks_for_a_token = exchange.purpose.step() == StepId::Token;
            let reply = Reply::to(case, &exchange.purpose).filter(|_| asks_for_a_token);
            Some(reply.map_or_else(|| request(exchange), |reply| token_request(&reply)))
        }
        Origin::LogLine(line) => {
            let mut entries = case.target_log.iter().flat_map(|log| &log.entries);
            entries.find(|entry| entry.line == line).map(log_line)
        }
        Origin::Claim(_) | Origin::SettingsPath(_) => None,
    }
}

fn request(exchange: &Exchange) -> Said {
    let outcome = match (exchange.answer(), exchange.failure()) {
        (Some(answer), _) => Some(answer.brief_with_error()),
        (None, failure) => failure.map(shown::reason),
    };
    phrase("evidence.request")
        .with("purpose", exchange.purpose.describe())
        .with("method", &exchange.method)
        .with("url", shown::url(exchange))
        .with_some("outcome", outcome)
}

fn token_request(reply: &Reply<'_>) -> Said {
    let said = match &reply.exchange.outcome {
        Outcome::Answer(answer) => phrase("refusal.answer")
            .with("status", answer.status)
            .when("token", reply.class == Class::Issued)
            // Entra's text has lines, which are one here.
            .with("body", EntraRefusal::without_ids(&answer.said_or_size().replace("\\r\\n", " "))),
        Outcome::Failure(failure) => phrase("refusal.no-answer").with("reason", shown::reason(failure)),
        Outcome::NotWaitedFor => phrase("refusal.no-answer"),
    };
    said.with("request", reply.exchange.purpose.describe()).with_some("attempts", reply.repeated())
}

fn log_line(entry: &LogEntry) -> Said {
    phrase("evidence.log-line")
        .with("line", entry.line)
        .with_some("unknown", entry.writer.is_unknown().then_some("yes"))
        .with("text", entry.quoted())
}
