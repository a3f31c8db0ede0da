//! Which requests are shown: words that must all match. `403`, `host:app2`, `step:4`, `status:2`, or any text.

use crate::case::exchange::Exchange;
use crate::case::step::StepId;
use crate::case::text::visible;
use crate::tui::model::choices::Choices;
use crate::tui::model::target::UnderWay;

enum Word {
    Status(String),
    Host(String),
    Step(String),
    Text(String),
}

pub(super) struct Filter {
    words: Vec<Word>,
    step: Option<StepId>,
}

impl Filter {
    pub(super) fn of(choices: &Choices, step: StepId) -> Self {
        let text = choices.filter.as_deref().unwrap_or_default().to_lowercase();
        let word = |word: &str| match word.split_once(':') {
            Some(("status", rest)) => Word::Status(rest.to_owned()),
            Some(("host", rest)) => Word::Host(rest.to_owned()),
            Some(("step", rest)) => Word::Step(rest.to_owned()),
            _ if is_status(word) => Word::Status(word.to_owned()),
            _ => Word::Text(word.to_owned()),
        };
        Self { words: text.split_whitespace().map(word).collect(), step: choices.only_step.then_some(step) }
    }

    pub(super) fn fits(&self, exchange: &Exchange) -> bool {
        // Without words no text is made: there may be hundreds of requests.
        if self.words.is_empty() {
            return self.step.is_none_or(|wanted| wanted == exchange.purpose.step());
        }
        let status = exchange.status().map(|status| status.to_string());
        self.all(
            exchange.purpose.step(),
            status.as_deref(),
            &exchange.url,
            &format!("{} {} {}", exchange.method, exchange.purpose.describe(), exchange.url),
        )
    }

    pub(super) fn fits_under_way(&self, request: &UnderWay) -> bool {
        let url = request.request.split_once(' ').map_or("", |(_, url)| url);
        let text = format!("{} {}", request.request, request.purpose.describe());
        self.all(request.purpose.step(), None, url, &text)
    }

    fn all(&self, step: StepId, status: Option<&str>, url: &str, text: &str) -> bool {
        let is_of_step = self.step.is_none_or(|wanted| wanted == step);
        is_of_step
            && self.words.iter().all(|word| match word {
                Word::Status(wanted) => status.is_some_and(|status| status.starts_with(wanted.as_str())),
                Word::Host(wanted) => host(url).to_lowercase().contains(wanted.as_str()),
                Word::Step(wanted) => step.number().to_string() == *wanted || step.id() == wanted,
                Word::Text(wanted) => text.to_lowercase().contains(wanted.as_str()),
            })
    }
}

/// The host that a request goes to.
pub(super) fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    visible(rest.get(..end).unwrap_or_default())
}

fn is_status(word: &str) -> bool {
    word.len() == 3 && word.starts_with(['1', '2', '3', '4', '5']) && word.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::exchange::{Answer, Outcome, Purpose};

    fn fits(words: &str) -> bool {
        let exchange = Exchange {
            id: 1,
            purpose: Purpose::CallWithToken,
            method: "GET".to_owned(),
            url: "https://App2.azurewebsites.net/api/x".to_owned(),
            request_headers: Vec::new(),
            started_ms: 0,
            elapsed_ms: 1,
            proxy: None,
            address: None,
            outcome: Outcome::Answer(Answer { status: 403, ..Answer::default() }),
        };
        let choices = Choices { filter: Some(words.to_owned()), ..Choices::default() };
        Filter::of(&choices, StepId::Token).fits(&exchange)
    }

    #[test]
    fn every_word_must_fit_and_each_kind_looks_at_its_own_place() {
        for words in ["", "403", "status:4", "host:app2", "step:8", "step:call", "api/x", "403 host:azure GET"] {
            assert!(fits(words), "{words}");
        }
        for words in ["401", "status:5", "host:api", "step:4", "nothing", "403 step:1"] {
            assert!(!fits(words), "{words}");
        }
    }
}
