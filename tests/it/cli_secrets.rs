//! No secret in any output: every scenario in every form, searched for what really went over the wires.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use easyauth_doctor::lab::Server;

use crate::helpers::observing::{self, Observed, side_by_side};
use crate::helpers::outputs::{came_back_the_same, outputs};

/// What must not be seen: the lab's secrets, and from what arrived the tokens (whole, and their signatures) and
/// secrets.
fn forbidden(observed: &Observed) -> Vec<String> {
    let mut found = observed.secrets.clone();
    for request in &observed.received {
        let tokens = request.bearer().map(str::to_owned).into_iter().chain(request.form("client_assertion"));
        for token in tokens {
            // The deliberately invalid token is no secret, but looks like one; it is left out by its short signature.
            let signature = token.rsplit('.').next().unwrap_or_default().to_owned();
            if signature.len() > 60 {
                found.push(signature);
                found.push(token);
            }
        }
        found.extend(request.form("client_secret"));
        found.extend(request.header("x-identity-header").map(str::to_owned));
        found.extend(request.header("secret").map(str::to_owned));
    }
    found.sort();
    found.dedup();
    // Texts that a scenario uses in place of a secret may be short or an id that is no secret.
    found.retain(|text| text.len() >= 20 && uuid::Uuid::try_parse(text).is_err());
    found
}

/// The audiences of a token, as far as it is one.
fn audiences(token: &str) -> Vec<String> {
    let claims = token
        .split('.')
        .nth(1)
        .and_then(|part| URL_SAFE_NO_PAD.decode(part).ok())
        .and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok())
        .unwrap_or_default();
    match &claims.get("aud").cloned().unwrap_or_default() {
        serde_json::Value::String(one) => vec![one.clone()],
        serde_json::Value::Array(many) => many.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    }
}

/// Tokens that arrived where they do not belong: another API's at App 2, App 2's elsewhere, any at a host that has no
/// business with it.
fn astray(observed: &Observed) -> Vec<String> {
    const OTHER_APIS: [&str; 6] = [
        "https://management.",
        "https://graph.microsoft.",
        "https://vault.",
        "https://storage.",
        "https://database.",
        "00000003-0000-0000-c000-000000000000",
    ];
    let mut found = Vec::new();
    let mut words = observed.arguments.iter();
    let exception = words.find(|word| *word == "--send-token-for").and_then(|_| words.next());
    for request in &observed.received {
        let Some(token) = request.bearer() else { continue };
        let audiences = audiences(token);
        let of = |prefixes: &[&str]| {
            audiences.iter().any(|audience| prefixes.iter().any(|prefix| audience.starts_with(prefix)))
        };
        let belongs = match request.server {
            Server::App2 => !of(&OTHER_APIS) || audiences.iter().all(|audience| Some(audience) == exception),
            Server::ResourceManager => of(&["https://management."]),
            Server::Graph => of(&["https://graph.microsoft."]),
            Server::Identity | Server::Entra | Server::OtherHost | Server::Proxy => false,
        };
        if !belongs {
            found.push(format!("{:?} {} got a token for {audiences:?}", request.server, request.target));
        }
    }
    found
}

#[test]
fn no_output_of_any_scenario_holds_a_secret_and_each_saved_case_is_judged_as_it_was() {
    let counts = side_by_side(observing::all(), |observed| {
        let name = &observed.scenario.name;
        let forbidden = forbidden(observed);
        let astray = astray(observed);
        assert!(astray.is_empty(), "{name}: {astray:#?}");
        assert!(!forbidden.is_empty(), "{name}: no secret to search for");
        let mut searched = 0;
        let outputs = outputs(&observed.report);
        for (form, text) in &outputs {
            for secret in &forbidden {
                assert!(!text.contains(secret), "{name}: {form} shows {} characters of a secret", secret.len());
                searched += 1;
            }
        }
        came_back_the_same(name, &outputs);
        let tokens = forbidden.iter().filter(|secret| secret.starts_with("eyJ")).count();
        (tokens, searched)
    });
    let tokens: usize = counts.iter().map(|(tokens, _)| tokens).sum();
    let searched: usize = counts.iter().map(|(_, searched)| searched).sum();
    assert!(tokens > 50 && searched > 1000, "hardly anything was searched for: {tokens}, {searched}");
}
