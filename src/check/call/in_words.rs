//! What an answer's own words say, whatever its status: those of a gateway or proxy, the Logic Apps runtime, the
//! Functions host, Static Web Apps, a framework's protection against cross-site requests, and servers that ask for
//! another scheme than Bearer.

use crate::check::blocked;
use crate::check::prelude::*;

/// The scheme of API Management's challenge for a subscription key.
const API_MANAGEMENT_KEY: &str = "AzureApiManagementKey";

/// The causes that the words name, where they are known. Empty if an earlier step explains it.
pub(super) fn judge(evidence: &Evidence<'_>, answer: &Answer) -> Option<Vec<Found>> {
    if let Some((gateway, says)) = responder::gateway(answer).and_then(|gateway| Some((gateway, gateway.says?))) {
        return Some(vec![by_gateway(answer, gateway, says)]);
    }
    if let Some((says, mark)) = spoken::logic_apps(answer) {
        if says == LogicApps::OwnScheme && evidence.inputs.is_consumption_workflow() {
            return Some(vec![Found::of_answer(Code::AuthorizationSchemeConflict, "workflow", answer)]);
        }
        return Some(logic_apps(says, mark, answer).into_iter().collect());
    }
    Some(vec![replaced_caller(evidence, answer).or_else(|| by_the_app(evidence, answer))?])
}

/// What a gateway or proxy wrote itself, so that the call didn't reach App 2.
fn by_gateway(answer: &Answer, gateway: Gateway, says: GatewaySays) -> Found {
    let unavailable = |key| Found::of_answer(Code::AppUnavailable, key, answer).value("gateway", gateway.name);
    match says {
        GatewaySays::Blocks | GatewaySays::Challenge => blocked::by_gateway(gateway, answer.status),
        GatewaySays::Token | GatewaySays::SignIn => requires_more(gateway, answer),
        GatewaySays::Tls => unavailable("gateway-tls"),
        GatewaySays::Limit => unavailable("limit"),
    }
}

/// A gateway that refuses the request itself: it requires a key, a token that its own policy accepts, or a session.
pub(super) fn requires_more(gateway: Gateway, answer: &Answer) -> Found {
    // A sentence of the body says more than the name of an error.
    let body = || Some(answer.excerpt()).filter(|body| body.contains(' ') && !answer.is_html());
    let said = answer.message().map(|message| quote(message).trim_end_matches('.').to_owned());
    let said = said.or_else(body).or_else(|| answer.words());
    // A redirect's page says nothing of its own.
    let said = said.filter(|_| answer.status >= 400 || answer.status < 300);
    Found::of(Code::AppValidatesTokenItself, "gateway")
        .about(answer)
        .value("gateway", gateway.name)
        .value_if_any("header", answer.header_of_key())
        .value_if_any("said", said)
        .when("sign_in", gateway.says == Some(GatewaySays::SignIn))
}

/// Where the runtime reads the header itself, Easy Auth isn't active: step 2 says so.
fn logic_apps(says: LogicApps, mark: &str, answer: &Answer) -> Option<Found> {
    let code = match says {
        LogicApps::BothSchemes => Code::AuthorizationSchemeConflict,
        LogicApps::Claims => Code::AppValidatesTokenItself,
        LogicApps::Address => return Some(Found::of_answer(Code::NetworkAccessRestricted, "workflow", answer)),
        LogicApps::OwnScheme => return None,
    };
    Some(Found::of_answer(code, "logic-apps", answer).value("mark", mark))
}

/// Something in front put its own token in place of the caller's, or sent the call to its sign-in.
fn replaced_caller(evidence: &Evidence<'_>, answer: &Answer) -> Option<Found> {
    let login = evidence.answer(&Purpose::LoginRedirect).is_some_and(spoken::is_static_web_apps);
    if spoken::is_static_web_apps(answer) || login && matches!(answer.status, 300..=399 | 401 | 403) {
        let expected = Says::expected_environment(answer);
        let key = if expected.is_some() { "environment" } else { "static-web-apps" };
        return Some(Found::of_answer(Code::GatewayReplacedCaller, key, answer).value_if_any("expected", expected));
    }
    let seen = evidence.another_caller().filter(|_| matches!(answer.status, 401 | 403))?;
    let own = evidence.decoded().and_then(DecodedToken::caller_client_id);
    let finding = Found::of_answer(Code::GatewayReplacedCaller, "me", answer)
        .value("seen", seen)
        .value_if_any("caller", own.map(|id| id.to_string()));
    Some(finding.shown_by(evidence, [Purpose::AuthMe]))
}

fn by_the_app(evidence: &Evidence<'_>, answer: &Answer) -> Option<Found> {
    let found = |code, key| Some(Found::of_answer(code, key, answer));
    let is_everybodys = evidence.anonymous().is_some_and(|anonymous| anonymous.is_like(answer));
    let may_be_its = !is_everybodys && evidence.me != Some(Me::Denied);
    match spoken::own_cross_site(answer) {
        _ if spoken::misses_a_function_key(answer) => return found(Code::FunctionKeyRequired, "extension"),
        Some(said) => return Some(found(Code::AppError, "cross-site")?.value("said", said)),
        None if may_be_its && spoken::is_about_its_own_request(answer) => return found(Code::AppError, "downstream"),
        None => {}
    }
    let is_page_of_iis = evidence.me != Some(Me::Denied) && answer.sub_status().is_some();
    if let Some(behind) = spoken::behind_the_app(answer).filter(|_| may_be_its || is_page_of_iis) {
        let finding = found(Code::AppError, "behind")?.value("behind", behind);
        return Some(finding.when("everybody", is_everybodys));
    }
    let other = answer.other_scheme().filter(|_| responder::gateway(answer).is_none())?;
    let asked = evidence.anonymous().and_then(Answer::other_scheme);
    let is_everybodys = asked.is_some_and(|asked| asked.scheme == other.scheme);
    // Its key has a header of its own, so the token isn't in its way.
    if other.scheme == API_MANAGEMENT_KEY && !is_everybodys {
        return Some(found(Code::AppError, "behind")?.value("behind", "API Management"));
    }
    let finding = Found::of(Code::AuthorizationSchemeConflict, "other-scheme")
        .value("scheme", other.scheme)
        .value_if_any("realm", other.realm)
        .value_if_any("header", other.header)
        .value_if_any("server", spoken::server_of(answer))
        .when("everybody", is_everybodys);
    Some(finding)
}

/// Easy Auth's rules for one path, which don't apply to its own page; they answer like IIS for an app.
pub(super) fn blocked_by_path(evidence: &Evidence<'_>, answer: &Answer) -> Option<Found> {
    let may_be = evidence.is_named() && spoken::has_iis_sentence(answer);
    may_be.then(|| Found::of(Code::UrlAuthorizationRules, "blocked"))
}

/// The finding with the roles that an answer names: one that applications can have, and one that they can't.
pub(super) fn naming_roles(finding: Found, evidence: &Evidence<'_>, said: &str) -> Found {
    let finding = finding.value_if_any("named_role", knowledge::named_role(said));
    let Some(registration) = &evidence.registration else { return finding };
    let (role, other) = registration.roles_in(said);
    let all = registration.application_roles.iter().map(|(_, role)| role.clone()).collect::<Vec<_>>().join(", ");
    let defined = Some(all).filter(|all| role.is_none() && !all.is_empty());
    finding.value_if_any("role", role).value_if_any("other_role", other).value_if_any("defined", defined)
}

/// The tool with which a user got the token, where a finding is about what the caller may do.
pub(super) fn developer_tool(evidence: &Evidence<'_>, code: Code) -> Option<String> {
    Caller::of(evidence.decoded().filter(|_| code == Code::AppRequiresRoleOrScope)?).signed_in_through()
}
