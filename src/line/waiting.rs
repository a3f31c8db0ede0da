//! What line mode says while an answer takes long: which request, and for how many seconds.

use crate::case::exchange::Purpose;
use crate::case::under_way::UnderWay;
use crate::knowledge::phrase;

/// No request is named before it took this many seconds.
const FIRST_S: u64 = 2;
/// Where lines stay, one is written after this many seconds, and then each time as many have passed.
const EVERY_S: u64 = 5;

/// The requests under way, the oldest first, each with the seconds that it took so far.
#[derive(Debug, Default)]
pub struct Waiting {
    requests: Vec<(u32, Purpose, u64)>,
}

impl Waiting {
    /// A request started.
    pub fn started(&mut self, request: &UnderWay) {
        self.requests.push((request.id, request.purpose.clone(), 0));
    }

    /// A request is over.
    pub fn ended(&mut self, id: u32) {
        self.requests.retain(|(waiting, ..)| *waiting != id);
    }

    /// A second passed.
    pub fn tick(&mut self) {
        for (_, _, seconds) in &mut self.requests {
            *seconds = seconds.saturating_add(1);
        }
    }

    /// What is waited for, where that takes long.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let long = || self.requests.iter().filter(|(.., seconds)| *seconds >= FIRST_S);
        let (_, purpose, seconds) = long().next()?;
        let others = long().count().saturating_sub(1);
        let said = phrase("check.waiting").with("request", purpose.describe()).with("seconds", *seconds);
        Some(said.with_some("others", (others > 0).then_some(others)).text())
    }

    /// The same where a line stays: not every second.
    #[must_use]
    pub fn line(&self) -> Option<String> {
        let (.., seconds) = self.requests.first()?;
        (*seconds > 0 && seconds.is_multiple_of(EVERY_S)).then(|| self.text()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::case::under_way::ShownUrl;

    fn request(id: u32, purpose: Purpose) -> UnderWay {
        UnderWay {
            id,
            url: ShownUrl::of(&purpose, "http://127.0.0.1:9/"),
            purpose,
            method: "GET".to_owned(),
            at: Duration::ZERO,
            limit: Duration::from_secs(10),
        }
    }

    #[test]
    fn the_oldest_request_is_named_once_it_takes_long() {
        let mut waiting = Waiting::default();
        waiting.started(&request(1, Purpose::Token));
        let mut said = Vec::new();
        let mut lines = Vec::new();
        for second in 1..=10 {
            waiting.tick();
            said.push(waiting.text());
            lines.push(waiting.line().is_some());
            if second == 3 {
                waiting.started(&request(2, Purpose::CallAnonymous));
            }
            if second == 7 {
                waiting.ended(1);
            }
        }
        assert_eq!(said[0], None);
        let texts = [1, 3, 4, 7].map(|at: usize| said[at].as_deref().unwrap());
        insta::assert_snapshot!(texts.join("\n"), @r"
        waiting for a response: token for App 2 (2 s)
        waiting for a response: token for App 2 (4 s)
        waiting for a response: token for App 2 and 1 more (5 s)
        waiting for a response: App 2 without a token (5 s)
        ");
        // The fifth second of either.
        let when: Vec<_> = (1..).zip(lines).filter(|(_, line)| *line).map(|(at, _)| at).collect();
        assert_eq!(when, [5, 8]);
    }
}
