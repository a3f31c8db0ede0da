//! What was observed, in words: where a finding points to (it says only where, and hardly any is read), and by which
//! mark it shows who gave an answer.

use crate::case::Case;
use crate::case::challenge::Challenge;
use crate::case::exchange::{Exchange, MIDDLEWARE_ID, Outcome};
use crate::case::shown;
use crate::case::step::StepId;
use crate::case::target_log::LogEntry;
use crate::evidence::target;
use crate::knowledge::responder::{FrontEnd, Judged, Responder, easy_auth_challenge};
use crate::knowledge::token_reply::{Class, Reply};
use crate::knowledge::{EntraRefusal, Origin, Said, phrase, spoken};

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

/// The mark that shows who gave an answer; with the status, where it isn't named beside it.
pub(super) fn mark(Judged { by, answer, mark }: &Judged<'_>, has_status: bool) -> Said {
    let quoted = |text: &str| answer.quote(text);
    let said = match by {
        Responder::Unknown => phrase("responder.no-mark"),
        // The address is no secret, whatever its form.
        Responder::FrontEnd(FrontEnd::IpForbidden(_)) => phrase("responder.mark").with("mark", mark.clone()),
        Responder::Gateway(_) | Responder::FrontEnd(_) => phrase("responder.mark").with("mark", quoted(mark)),
        Responder::EasyAuth if answer.is_login_redirect() => phrase("responder.sign-in"),
        Responder::EasyAuth if let Some(number) = answer.easy_auth_sub_status() => {
            phrase("responder.sub-status").with("number", number)
        }
        Responder::EasyAuth => {
            let id = easy_auth_challenge(answer).and_then(Challenge::resource_id);
            phrase("responder.challenge").with_some("id", id.map(quoted))
        }
        Responder::AppValidator => phrase("responder.error").with_some("error", answer.error()),
        Responder::Server(server) => phrase("responder.page").with("server", *server),
        Responder::NotEasyAuth => match answer.other_scheme() {
            Some(asked) => phrase("responder.scheme").with("scheme", asked.scheme),
            None => phrase("responder.words"),
        },
        Responder::BehindMiddleware if spoken::has_iis_sentence(answer) => phrase("responder.iis"),
        Responder::BehindMiddleware => {
            phrase("responder.middleware").with_some("id", answer.header(MIDDLEWARE_ID).map(quoted))
        }
    };
    said.with_some("status", has_status.then_some(answer.status))
}

/// What App 2's own answers show against its settings, where these are refuted.
pub(super) fn refutation(case: &Case) -> Option<Said> {
    let answer = target::shows_easy_auth(case).filter(|_| target::enabled(case) == Some(false));
    let named = || Some(phrase("responder.names").with("id", target::challenge(case)?.resource_id()?));
    answer.map_or_else(named, |judged| Some(mark(&judged, true)))
}
