//! What an answer's own words say, whatever its status: the Logic Apps runtime, the Functions host, Static Web Apps, a
//! framework's protection against cross-site requests, and servers that ask for another scheme than Bearer.

use crate::case::code::Code;
use crate::case::exchange::{Answer, Purpose};
use crate::check::{Confidence, Found, says};
use crate::evidence::spoken::{self, LogicApps};
use crate::evidence::{Evidence, target};
use crate::knowledge::{Said, phrase};

/// The causes that the words name, where they are known.
pub(super) fn judge(evidence: &Evidence<'_>, answer: &Answer) -> Option<Vec<Found>> {
    if let Some((says, mark)) = spoken::logic_apps(answer) {
        return Some(logic_apps(says, mark, answer));
    }
    if replaces_the_caller(evidence, answer) {
        return Some(vec![of(Code::GatewayReplacedCaller, "static-web-apps", answer)]);
    }
    if let Some(seen) = target::another_caller(evidence).filter(|_| matches!(answer.status, 401 | 403)) {
        let own = evidence.token.as_ref().and_then(|token| token.decoded.caller_client_id());
        let finding = of(Code::GatewayReplacedCaller, "me", answer)
            .value("seen", seen)
            .value_if_any("caller", own.map(|id| id.to_string()));
        let page = evidence.exchange(&Purpose::AuthMe).map(target::evidence);
        return Some(vec![page.into_iter().fold(finding, Found::because)]);
    }
    if spoken::misses_a_function_key(answer) {
        return Some(vec![of(Code::FunctionKeyRequired, "extension", answer)]);
    }
    if let Some(said) = spoken::own_cross_site(answer) {
        return Some(vec![of(Code::AppError, "cross-site", answer).value("said", said)]);
    }
    let other = spoken::other_scheme(answer)?;
    let everybody = target::answer(evidence, &Purpose::CallAnonymous)
        .is_some_and(|anonymous| spoken::other_scheme(anonymous).is_some_and(|asked| asked.scheme == other.scheme));
    let finding = Found::error(Code::AuthorizationSchemeConflict, says("other-scheme"))
        .confidence(Confidence::Likely)
        .value("scheme", other.scheme)
        .value_if_any("realm", other.realm)
        .value_if_any("server", spoken::server_of(answer))
        .when("everybody", everybody);
    Some(vec![finding])
}

fn of(code: Code, key: &'static str, answer: &Answer) -> Found {
    Found::error(code, says(key))
        .confidence(Confidence::Likely)
        .value("status", answer.status)
        .value_if_any("said", spoken::words(answer))
}

/// Where the runtime reads the header itself, Easy Auth isn't active: step 2 says so.
fn logic_apps(says: LogicApps, mark: &str, answer: &Answer) -> Vec<Found> {
    let finding = match says {
        LogicApps::BothSchemes => of(Code::AuthorizationSchemeConflict, "logic-apps", answer),
        LogicApps::Claims => of(Code::AppValidatesTokenItself, "logic-apps", answer),
        LogicApps::OwnScheme => return Vec::new(),
    };
    vec![finding.value("mark", mark)]
}

/// Whether Static Web Apps is in front and put its own token in place of the caller's, or sent the call to its sign-in.
fn replaces_the_caller(evidence: &Evidence<'_>, answer: &Answer) -> bool {
    let login = target::answer(evidence, &Purpose::LoginRedirect).is_some_and(spoken::is_static_web_apps);
    spoken::is_static_web_apps(answer) || login && matches!(answer.status, 300..=399 | 401 | 403)
}

/// The roles of the token, as the sentences about a missing role have them.
pub(super) fn roles(evidence: &Evidence<'_>) -> Said {
    let roles = evidence.token.as_ref().map(|token| token.decoded.list("roles"));
    let roles: Vec<String> = roles.into_iter().flatten().map(str::to_owned).collect();
    phrase("call.roles").with("roles", roles)
}
