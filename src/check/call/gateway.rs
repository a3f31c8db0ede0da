//! An answer that a gateway or proxy wrote itself, so that the call didn't reach App 2.

use crate::case::code::Code;
use crate::case::exchange::{Answer, Purpose};
use crate::case::shown::quote::quote;
use crate::check::{Confidence, Found, blocked, says};
use crate::evidence::{Evidence, Gateway, responder, spoken, target};
use crate::knowledge::GatewaySays;

/// What its words say, whatever the status; `None` where the status says it. Empty if an earlier step explains it.
pub(super) fn in_words(evidence: &Evidence<'_>, answer: &Answer) -> Option<Vec<Found>> {
    let gateway = responder::gateway(answer)?;
    match gateway.says? {
        // What a request without a token gets, too, is step 2's finding.
        GatewaySays::Blocks | GatewaySays::Challenge if blocks_everybody(evidence, gateway) => Some(Vec::new()),
        GatewaySays::Blocks | GatewaySays::Challenge => Some(vec![blocked::by_gateway(gateway, answer.status)]),
        GatewaySays::Token | GatewaySays::SignIn => Some(vec![requires_more(gateway, answer)]),
        GatewaySays::Tls => {
            let finding = Found::error(Code::AppUnavailable, says("gateway-tls"));
            let finding = finding.value("gateway", gateway.name).value("status", answer.status);
            Some(vec![finding.confidence(Confidence::Likely)])
        }
    }
}

/// Whether the request without a token gets the same refusal of the same gateway.
fn blocks_everybody(evidence: &Evidence<'_>, gateway: Gateway) -> bool {
    let anonymous = target::answer(evidence, &Purpose::CallAnonymous).and_then(responder::gateway);
    anonymous.is_some_and(|anonymous| anonymous.blocks() && anonymous.name == gateway.name)
}

/// A gateway that answers 401, or whose validator or sign-in refuses the request: it requires a key, a token that its
/// own policy accepts, or a session.
pub(super) fn requires_more(gateway: Gateway, answer: &Answer) -> Found {
    let header = answer
        .headers_named("www-authenticate")
        .find_map(|challenge| challenge.split("name=\"").nth(1)?.split('"').next());
    let message = answer.json();
    let message = message.as_ref().and_then(|json| json.get("message")?.as_str());
    let said = message.map(|message| quote(message).trim_end_matches('.').to_owned()).or_else(|| spoken::words(answer));
    // A redirect's page says nothing of its own.
    let said = said.filter(|_| answer.status >= 400 || answer.status < 300);
    Found::error(Code::AppValidatesTokenItself, says("gateway"))
        .confidence(Confidence::Likely)
        .value("status", answer.status)
        .value("gateway", gateway.name)
        .value_if_any("header", header.map(|header| answer.quote(header)))
        .value_if_any("said", said)
        .when("sign_in", gateway.says == Some(GatewaySays::SignIn))
}
