//! The identity endpoint of the platform: asked as `platforms.toml` describes it, or by code of its own (Azure Arc).
//!
//! What is asked again: 429 and 502 to 504 everywhere, a 500 that names no cause, a connection that ends without a
//! response (App Service's proxy does that while it starts, MicrosoftDocs/azure-docs#37859), and 404 and 410 of the
//! metadata endpoint (its documentation asks for it). At most [`RETRIES`] times, and never past twice the deadline of
//! one request; every attempt is an exchange of its own.

mod asked;
mod azure_arc;
mod described;

use std::time::Duration;

use crate::case::credential::Platform;
use crate::case::exchange::{Exchange, FailureKind, Purpose};

pub use asked::{Asked, RequestError};

use super::clock;
use super::deadline;
use super::http::{Http, Reply, Request};

/// How often a request is repeated.
const RETRIES: u32 = 2;
/// How long is waited before the first repetition, where the endpoint names no time; each is twice the one before.
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// How often a request is sent at the most. What repeats another one is sent once.
pub fn attempts(purpose: &Purpose) -> u32 {
    if *purpose == Purpose::TokenAgain { 1 } else { RETRIES.saturating_add(1) }
}

/// Asks the platform's identity endpoint. `None` when no request could be written; that is recorded.
pub async fn ask(http: &Http, platform: Platform, asked: Asked<'_>) -> Option<Reply> {
    let Some(request) = request(platform, &asked) else {
        return azure_arc::ask(http, &asked).await;
    };
    match request {
        Ok(request) => Some(with_retries(http, request, platform).await),
        Err(error) => {
            http.record_failure(asked.purpose, platform.name(), FailureKind::NotSent, &error.to_string());
            None
        }
    }
}

/// The same request through the proxy that the environment would put in its way, without the identity header: the proxy
/// is not to see it, and the endpoint's refusal shows as much as its consent.
pub async fn ask_through_proxy(http: &Http, platform: Platform, asked: Asked<'_>) {
    if let Some(request) = through_proxy(platform, &asked) {
        http.send_through_proxy(request).await;
    }
}

/// The request of [`ask_through_proxy`].
pub fn through_proxy(platform: Platform, asked: &Asked<'_>) -> Option<Request> {
    if !platform.protocol().proxied {
        return None;
    }
    let mut request = request(platform, asked)?.ok()?;
    request.headers.clear();
    request.purpose = Purpose::TokenOtherProxyWay;
    Some(request)
}

/// The requests that [`ask`] would send, as far as they can be written beforehand.
pub fn planned(platform: Platform, asked: &Asked<'_>) -> Vec<Request> {
    match request(platform, asked) {
        Some(request) => request.into_iter().collect(),
        None => azure_arc::planned(asked),
    }
}

/// The platform's request. `None`: it takes two, and the answer to the first decides about the second.
fn request(platform: Platform, asked: &Asked<'_>) -> Option<Result<Request, RequestError>> {
    described::request(platform, asked)
}

/// Whether a proxy variable would capture the platform's endpoint.
pub fn is_captured_by_proxy(http: &Http, platform: Platform, asked: &Asked<'_>) -> bool {
    through_proxy(platform, asked).is_some_and(|request| http.proxies().for_url(&request.url).is_some())
}

async fn with_retries(http: &Http, request: Request, platform: Platform) -> Reply {
    let budget = deadline::after(http.timeout().saturating_mul(2));
    let mut attempt: u32 = 0;
    loop {
        let reply = http.send(request.clone()).await;
        let is_last = attempt.saturating_add(1) >= attempts(&request.purpose);
        let (is_opaque, is_cut) = (is_opaque(&reply.exchange), is_cut(&reply.exchange));
        let lasts = is_opaque && attempt > 0 || is_cut && is_last;
        if lasts && request.purpose == Purpose::Token {
            http.lasting_fault();
        }
        let Some(wait) = wait_before_retry(&reply.exchange, platform, attempt) else {
            return reply;
        };
        // What lasted for the token of App 2 is taken to last: the experiments after it are not repeated.
        if (is_opaque || is_cut) && http.has_lasting_fault() {
            return reply;
        }
        if is_last || deadline::after(wait) >= budget {
            return reply;
        }
        http.sleep(&request.purpose, wait).await;
        attempt = attempt.saturating_add(1);
    }
}

/// Whether the endpoint failed and said nothing of the cause.
fn is_opaque(exchange: &Exchange) -> bool {
    let answer = exchange.answer();
    answer.is_some_and(|answer| answer.status == 500 && !answer.body.contains("AADSTS"))
}

/// Whether the connection ended before there was a response.
fn is_cut(exchange: &Exchange) -> bool {
    exchange.failure().is_some_and(|failure| failure.kind == FailureKind::ConnectionReset)
}

/// How long to wait before the request is repeated; `None` when its answer is final.
fn wait_before_retry(exchange: &Exchange, platform: Platform, attempt: u32) -> Option<Duration> {
    let wait = FIRST_WAIT.saturating_mul(1_u32.checked_shl(attempt).unwrap_or(u32::MAX));
    let Some(answer) = exchange.answer() else { return is_cut(exchange).then_some(wait) };
    let asked = answer.header("retry-after").and_then(|text| deadline::retry_after(text, clock::utc()));
    let again = match answer.status {
        429 | 502..=504 => true,
        // One repetition distinguishes a transient fault from a lasting one; an opaque refusal stays what it is.
        500 => attempt == 0 && is_opaque(exchange),
        status => platform.protocol().again.contains(&status),
    };
    again.then(|| asked.unwrap_or(wait))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::environment::{Environment, Place, Variable, VariableValue};
    use crate::case::inputs::IdentitySelector;
    use crate::case::secret::Secret;

    fn environment(endpoint: &str) -> Environment {
        let variable = |name: &str, value| Variable { name: name.to_owned(), value, place: Place::Process };
        Environment {
            variables: vec![
                variable("IDENTITY_ENDPOINT", VariableValue::Plain(endpoint.to_owned())),
                variable("IDENTITY_HEADER", VariableValue::Hidden(Secret::new("hidden".to_owned()))),
            ],
            ..Environment::default()
        }
    }

    #[test]
    fn the_identity_header_never_goes_to_another_machine_in_the_open() {
        for (address, good) in [
            ("http://127.0.0.1:41000/msi/token/", true),
            ("http://169.254.129.3:8081/msi/token", true),
            ("http://localhost:42356/msi/token", true),
            ("http://evil.example/msi/token", false),
            ("http://8.8.8.8/msi/token", false),
            ("not a url", false),
        ] {
            let environment = environment(address);
            let asked = Asked {
                environment: &environment,
                selector: &IdentitySelector::System,
                resource: "api://x",
                purpose: Purpose::Token,
                trial: false,
            };
            assert_eq!(described::request(Platform::AppService, &asked).unwrap().is_ok(), good, "{address}");
        }
    }

    #[test]
    fn each_endpoint_gets_its_own_selector_names() {
        let environment = environment("http://127.0.0.1:1/msi/token");
        let selector = IdentitySelector::ObjectId(crate::case::ids::ObjectId::new("id"));
        let asked = Asked {
            environment: &environment,
            selector: &selector,
            resource: "api://x",
            purpose: Purpose::Token,
            trial: false,
        };
        let url = described::request(Platform::AppService, &asked).unwrap().unwrap().url;
        assert_eq!(url.query(), Some("resource=api%3A%2F%2Fx&api-version=2019-08-01&principal_id=id"));
    }
}
