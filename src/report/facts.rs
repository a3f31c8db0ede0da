//! What is shown of a step beside what was found: its facts and tables. Nothing follows from them.

mod claims;
mod identity;
mod protection;
mod shown;
mod token;

use crate::case::ids::joined;
use crate::case::issuer::Issuer;
use crate::case::resource;
use crate::case::shown as redacted;
use crate::case::step::StepId;
use crate::case::text::or_none;
use crate::case::voices;
use crate::check::{self, Earlier, StepReport};
use crate::evidence::{Evidence, log, target};
use crate::knowledge::responder::{self, Judged, Responder};
use crate::knowledge::{Rule, Words, phrase};

use super::{observed, rules};
pub(super) use shown::{Shown, Table};

/// What is shown of a step, by what was observed.
pub(super) fn of(evidence: &Evidence<'_>, steps: &[StepReport], step: &StepReport) -> Shown {
    let mut shown = Shown::default();
    match step.id {
        StepId::Identity => identity::facts(evidence, &mut shown),
        StepId::Protection => protection::facts(evidence, &mut shown),
        StepId::Scope => scope(evidence, &mut shown),
        StepId::Token => token::facts(evidence, &mut shown),
        StepId::Claims => claims::facts(evidence, &mut shown),
        StepId::Audience => audience(evidence, &mut shown),
        StepId::Authorization => authorization(evidence, steps, step, &mut shown),
        StepId::Call => call(evidence, &mut shown),
    }
    let columns = &["rule", "expected", "actual", "verdict", "source"];
    let cells = |rule: &Rule| {
        let verdict = rules::decided(rule, rules::about(step, rule)).word();
        vec![rule.name.into(), rule.expected.clone(), rule.found.clone(), verdict.into(), rule.source.clone()]
    };
    let rows: Vec<Vec<Words>> = step.rules.iter().map(cells).collect();
    shown.tables.extend((!rows.is_empty()).then_some(Table { title: "Rules", columns, rows }));
    shown
}

fn scope(evidence: &Evidence<'_>, shown: &mut Shown) {
    if let Some(chosen) = &evidence.resource {
        shown.fact("resource", &chosen.value);
        shown.fact("known from", chosen.source.place());
        let voices = voices::words(&voices::naming(evidence, &chosen.value));
        shown.fact("named by", phrase("scope.voices").with("voices", voices));
        shown.fact("v2 scope", resource::scope_for(&chosen.value));
    }
    for name in check::scope::own_names(evidence) {
        shown.fact("App 2's identifier", name);
    }
    let version = evidence.registration.as_ref().and_then(|registration| registration.requested_access_token_version);
    let written = |version: Option<u8>| version.map_or("null (v1)".to_owned(), |version| version.to_string());
    shown.fact_if_any("requestedAccessTokenVersion", version.map(written));
}

fn audience(evidence: &Evidence<'_>, shown: &mut Shown) {
    let Some(token) = evidence.decoded().filter(|token| !token.claims.is_empty()) else { return };
    shown.fact("token audience (aud)", token.list("aud").join(", "));
    shown.fact("token issuer (iss)", token.text("iss").unwrap_or("none"));
    shown.fact("token version (ver)", token.version().unwrap_or("none"));
    let validating = target::validating_entra(evidence).filter(|_| target::enabled(evidence) != Some(false));
    if let Some((entra, source)) = validating {
        shown.fact("accepted audiences", joined(&entra.accepted_audiences()));
        shown.fact("issuer setting (openIdIssuer)", entra.issuer.as_ref().map_or("not set", Issuer::as_str));
        shown.fact("settings from", source.to_string());
    }
}

fn authorization(evidence: &Evidence<'_>, steps: &[StepReport], step: &StepReport, shown: &mut Shown) {
    let is_foreseen = step.first_error().is_some_and(|error| !error.code.is_undetermined());
    let foreseen = || check::authorization::stand_in(evidence, Earlier::of(steps)).filter(|_| is_foreseen);
    let known = evidence.decoded().filter(|token| !token.claims.is_empty()).cloned();
    let Some(token) = known.or_else(foreseen) else { return };
    shown.fact("client ID (appid/azp)", or_none(token.caller_client_id()));
    shown.fact("object ID (oid)", or_none(token.object_id()));
    shown.fact("tenant (tid)", or_none(token.tenant()));
    let roles = token.list("roles").join(", ");
    shown.fact("roles", or_none(Some(roles).filter(|roles| !roles.is_empty())));
    let required = evidence.registration.as_ref().and_then(|registration| registration.assignment_required);
    shown.fact_if_any("assignment required", required.map(|required| if required { "yes" } else { "no" }));
}

fn call(evidence: &Evidence<'_>, shown: &mut Shown) {
    let Some(exchange) = evidence.final_call() else { return };
    shown.fact("call", format!("{} {}", exchange.method, redacted::url(exchange)));
    let Some(answer) = exchange.answer() else { return };
    let judged = responder::judge(answer);
    shown.fact("response", answer.brief());
    // A sign-in of everybody's may be anybody's, also where it answers with a page.
    let is_open = target::sign_in_for_everybody(evidence).is_some();
    shown.fact("responding component", who(&judged, (200..300).contains(&answer.status) && !is_open));
    shown.fact_if_any("body begins", Some(answer.excerpt()).filter(|excerpt| !excerpt.is_empty()));
    let nobody = || evidence.callers_seen().is_some_and(<[_]>::is_empty).then(|| "nobody".to_owned());
    shown.fact_if_any("/.auth/me names", evidence.caller_seen().or_else(nobody));
    let entries = evidence.target_log.iter().flat_map(|log| &log.entries);
    let others = entries.filter(|entry| log::is_anothers(evidence, entry)).count();
    shown.fact_if_any("other apps' lines", (others > 0).then(|| others.to_string()));
}

fn who(judged: &Judged<'_>, is_app: bool) -> Words {
    let said = match judged.by {
        Responder::EasyAuth => phrase("call.by-easy-auth"),
        Responder::FrontEnd(_) => phrase("call.by-front-end"),
        Responder::Gateway(gateway) => phrase("call.by-gateway").with("gateway", gateway.name),
        Responder::AppValidator => phrase("call.by-validator"),
        Responder::NotEasyAuth => phrase("call.by-another"),
        Responder::Server(name) => phrase("call.by-server").with("server", name),
        Responder::BehindMiddleware => phrase("call.by-either"),
        Responder::Unknown if is_app => phrase("call.by-app"),
        Responder::Unknown => phrase("call.by-unknown"),
    };
    said.with("mark", observed::mark(judged, true)).into()
}

#[cfg(test)]
mod tests;
