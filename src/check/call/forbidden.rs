//! A 403 for the real token: from the policy, the app, a network in front, or protection against cross-site requests.

use super::{in_words, unauthorized};
use crate::check::blocked;
use crate::check::prelude::*;

/// Judges a 403. Empty if an earlier step explains it.
pub(super) fn judge(evidence: &Evidence<'_>, earlier: Earlier<'_>, answer: &Answer, by: &Responder) -> Vec<Found> {
    match by {
        // The front end reads no token: the app passes on a page, or the first request came through by chance.
        Responder::FrontEnd(front_end) => {
            let by_chance = Found::of(front_end.code(), "only-the-call").confirm(phrase("call.confirm-run-again"));
            let by_chance = by_chance.value_if_any("address", front_end.address());
            return vec![by_chance, Found::of(Code::AppError, "passed-on")];
        }
        Responder::Gateway(by) => return vec![blocked::by_gateway(*by, answer.status)],
        // Its next token will have the roles.
        _ if earlier.found(Means::OutdatedToken) => return Vec::new(),
        _ => {}
    }
    // The protection against cross-site requests, where the log names it.
    let cross_site = log::newest(evidence, &[Says::CrossSite]);
    if let Some(word) = cross_site.filter(|word| word.weight > Confidence::Possible) {
        return vec![Found::of(Code::CsrfOriginRejected, "log").because(word.entry)];
    }
    // Its own page names it. It applies to what changes state.
    if answer.easy_auth_sub_status().is_some() {
        let finding = Found::of(Code::CsrfOriginRejected, "page");
        return match evidence.inputs.changes_state() {
            true => vec![finding],
            false => vec![undetermined(evidence, answer, false, false), finding.possible()],
        };
    }
    if earlier.has_determined_error(StepId::Authorization) {
        // The settings and Easy Auth's own page disagree, or Easy Auth doesn't write this page.
        let named = evidence.is_named().then(|| Found::of(Code::AppRequiresRoleOrScope, "named").possible());
        return named.into_iter().chain(by_server(answer)).collect();
    }
    let admits = policy_admits(evidence, earlier);
    if evidence.inputs.carries_a_session() {
        let finding = Found::of(Code::CsrfOriginRejected, "cookie");
        if admits {
            return vec![finding.when("allowed", true)];
        }
        // The protection applies to what changes state, so the answer to a GET of `/.auth/me` proves nothing here.
        let own = app_refuses(evidence, answer, true, admits);
        return vec![undetermined(evidence, answer, false, admits), finding.possible(), own];
    }
    let denied = evidence.me == Some(Me::Denied);
    let wants_key = wants_key(evidence, admits).filter(|_| !denied && !responder::has_own_body(answer));
    if let Some(finding) = wants_key.as_ref().filter(|finding| finding.is_determined()) {
        return vec![finding.clone()];
    }
    if let Some(found) = of_unknown_sender(evidence, answer).filter(|_| !denied) {
        return found.into_iter().chain([app_refuses(evidence, answer, true, admits)]).collect();
    }
    if let Some(entry) =
        log::of_the_app(evidence).filter(|entry| sentences::says(Sentence::NoScopeOrRole, &entry.text) && !denied)
    {
        let finding = Found::of(Code::AppRequiresRoleOrScope, "log").because(entry);
        return vec![in_words::naming_roles(finding, evidence, &entry.text)];
    }
    let may_be_replaced = !responder::has_own_body(answer) && sends_its_own_token(evidence);
    let cross_site = cross_site.map(|word| Found::of(Code::CsrfOriginRejected, "another").because(word.entry));
    let doubtful = denied || may_be_replaced || cross_site.is_some();
    let own = app_refuses(evidence, answer, doubtful, admits);
    if own.confidence > Confidence::Possible {
        let dropped = unauthorized::dropped_behind(answer).filter(|_| own.code == Code::AppValidatesTokenItself);
        return std::iter::once(own).chain(dropped).chain(in_words::blocked_by_path(evidence, answer)).collect();
    }
    let of_easy_auth = [
        Some(undetermined(evidence, answer, denied, admits).when("others_run", earlier.settings_are_disproved())),
        is_stale(evidence, denied, admits).then(|| Found::of(Code::SettingsNotUsed, "old")),
        cross_site.map(Found::possible),
        evidence.invalid_token_gets(403).then(|| Found::of(Code::AuthorizationHeaderDropped, "same-403")),
    ];
    let shown = |finding: Found| if denied { finding.shown_by(evidence, [Purpose::AuthMe]) } else { finding };
    let hides_tenants = admits && target::allowed_tenants(evidence).is_none();
    let (first, last) = if denied { (None, Some(own)) } else { (Some(own), None) };
    let everybody = || is_for_everybody(evidence).then(|| Found::of(Code::NetworkAccessRestricted, "everybody"));
    let replaced = |is_it: bool| is_it.then(|| Found::of(Code::GatewayReplacedCaller, "denied"));
    let others = [
        replaced(may_be_replaced),
        wants_key,
        first,
        by_server(answer).or_else(everybody),
        hides_tenants.then(|| Found::of(Code::TenantNotAllowed, "hidden")),
        // Settings that allow this caller may refuse another, whose token a gateway sends instead of this one.
        replaced(denied && admits && !may_be_replaced),
        last,
    ];
    of_easy_auth.into_iter().flatten().map(shown).chain(others.into_iter().flatten()).collect()
}

/// A page that names a server: its own rules may reject the call, where it is in front of App 2.
fn by_server(answer: &Answer) -> Option<Found> {
    spoken::page_of(answer).map(|server| Found::of(Code::NetworkAccessRestricted, "server").value("server", server))
}

/// Whether a request without a token gets a 403, too, and nothing shows that Easy Auth was reached: it rejects a
/// deliberately invalid token with 401, while what is in front reads none.
fn is_for_everybody(evidence: &Evidence<'_>) -> bool {
    evidence.anonymous_gets(403) && !evidence.invalid_token_gets(401)
}

/// Whether a gateway in front may send its own token to App 2: API Management, one that reads tokens itself, or one
/// behind which a made-up token gets a 403 of Easy Auth's form, which rejects such a token with 401.
fn sends_its_own_token(evidence: &Evidence<'_>) -> bool {
    let invalid = evidence.answer(&Purpose::CallInvalidToken);
    let reads_tokens = |invalid: &Answer| invalid.status == 401 && responder::is_from_before(invalid);
    let is_denied = |invalid: &Answer| invalid.status == 403 && invalid.passed_the_middleware();
    let front = target::front(evidence);
    front == Some("API Management")
        || invalid.is_some_and(reads_tokens)
        || front.is_some() && !target::answers_with_403(evidence) && invalid.is_some_and(is_denied)
}

/// An address of a Functions extension, which requires a system key besides the token, or App 2's log that says so.
fn wants_key(evidence: &Evidence<'_>, admits: bool) -> Option<Found> {
    let key = if evidence.inputs.calls_the_host() { "host-admin" } else { "webhooks" };
    let finding = Found::of(Code::FunctionKeyRequired, key);
    if let Some(word) = log::newest(evidence, &[Says::WantsKey]) {
        return Some(finding.because(word.entry));
    }
    evidence.inputs.calls_an_extension().then(|| finding.likely_if(admits || evidence.is_named()))
}

/// Whether settings that allow the caller came from a file, and Easy Auth itself rejects it: the file may be old.
fn is_stale(evidence: &Evidence<'_>, denied: bool, admits: bool) -> bool {
    denied && admits && !target::settings_are_live(evidence)
}

fn undetermined(evidence: &Evidence<'_>, answer: &Answer, denied: bool, admits: bool) -> Found {
    let by_me = if denied { "me" } else { "answers" };
    let key = if evidence.invalid_token_gets(403) { "same-for-invalid" } else { by_me };
    // Only the rejection of a deliberately invalid token shows that this one is valid.
    let is_anothers = |invalid: &Answer| responder::is_of_another(invalid) || responder::is_from_before(invalid);
    let invalid = evidence.answer(&Purpose::CallInvalidToken).filter(|invalid| invalid.status == 401);
    let by_easy_auth = invalid.is_some_and(|invalid| !is_anothers(invalid));
    let finding = Found::of(Code::Undetermined403, key);
    let allowed = admits && (denied || !target::settings_are_live(evidence));
    let finding = if allowed { finding.confirm(phrase("authorization.other-settings")) } else { finding };
    finding
        .when("settings_allow", allowed)
        .when("stale_file", is_stale(evidence, denied, admits))
        .when("tenants_hidden", target::allowed_tenants(evidence).is_none())
        .when("valid", by_easy_auth)
        .value_if_any("server", spoken::page_of(answer))
        .value_if_any("said", responder::has_own_body(answer).then(|| answer.words()).flatten())
}

/// Whether the policy is known in full, and step 7 found no rule of it that rejects the caller, however sure.
fn policy_admits(evidence: &Evidence<'_>, earlier: Earlier<'_>) -> bool {
    // What step 7 only infers from the answer is no rule of the settings.
    let of_settings = |found: &Found| !found.evidence.is_empty() && found.says.key() != Some("answers");
    target::policy_is_known(evidence)
        && target::entra(evidence).is_some()
        && !earlier.errors(StepId::Authorization).any(of_settings)
}

/// What may be in front of App 2 and reject the call, where nothing shows that the answer comes from behind Easy Auth:
/// it is missing a header that the one without a token has, only it names a server or proxy and says nothing of its
/// own, or it has a body that a gateway and frameworks share.
fn of_unknown_sender(evidence: &Evidence<'_>, answer: &Answer) -> Option<[Found; 2]> {
    let is_rejected = |anonymous: &&Answer| anonymous.status == 401 || target::misses_the_middleware(evidence);
    let anonymous = evidence.anonymous().filter(is_rejected)?;
    if answer.passed_the_middleware() || spoken::server_of_page(answer).is_some() {
        return None;
    }
    let found = |key, server: Option<String>| {
        let codes = [Code::Undetermined403, Code::NetworkAccessRestricted];
        codes.map(|code| Found::of(code, key).value_if_any("server", server.clone()))
    };
    let is_missing = |name: &&str| anonymous.header(name).is_some() && answer.header(name).is_none();
    if let Some(header) = [MIDDLEWARE_ID, "server"].into_iter().find(is_missing) {
        let server = spoken::server_of(answer).map(str::to_owned);
        return Some(found("no-middleware", server).map(|found| found.value("header", header)));
    }
    if let Some(gateway) = spoken::shared_body(answer) {
        return Some(found("shared-body", Some(gateway.to_owned())));
    }
    let is_bare = answer.is_html() || answer.is_bare();
    let says_more = answer.words().is_some_and(|said| knowledge::is_about_permissions(&said));
    let server = spoken::server_of_one(answer, anonymous).filter(|_| is_bare && !says_more)?;
    Some(found("other-server", Some(server)))
}

/// The app's own rejection. `doubtful`: something else shows, or may show, that the app did not see the call.
fn app_refuses(evidence: &Evidence<'_>, answer: &Answer, doubtful: bool, admits: bool) -> Found {
    let is_of_app = evidence.decoded().is_some_and(|token| !token.is_of_a_person());
    let found = |key| {
        let finding = Found::of(Code::AppRequiresRoleOrScope, key).confirm(says("code"));
        let finding = finding
            .value_if_any("developer_tool", in_words::developer_tool(evidence, Code::AppRequiresRoleOrScope))
            // An application's own token never has a scope.
            .when("needs_scope", knowledge::names_a_scope_alone(&answer.excerpt()) && is_of_app);
        in_words::naming_roles(finding, evidence, &answer.excerpt()).possible_if(doubtful)
    };
    if answer.bearer().is_some_and(Challenge::names_error) {
        return found("challenge").value_if_any("error", answer.error());
    }
    // The list of tenants is an app setting, which the authentication settings do not show.
    let admitted = admits && target::allowed_tenants(evidence).is_some() && target::settings_are_live(evidence);
    let served = evidence.is_named();
    let key = match () {
        () if doubtful || is_for_everybody(evidence) => "answers",
        () if evidence.me == Some(Me::Named) => "named",
        () if served => "me",
        () if admitted => "settings",
        () if target::app_refused_in_words(evidence) => "body",
        () => "answers",
    };
    let words = answer.words();
    let of_token = spoken::says_no_token(answer) || words.as_deref().is_some_and(knowledge::is_about_the_token);
    // A text that names no permission names the caller itself, as a list of callers does.
    let has_the_caller = |said: &str| evidence.decoded().is_some_and(|token| token.has_its_caller_in(said));
    let by_a_rule = |said: &str| {
        knowledge::names_another_rule(said) || !knowledge::is_about_permissions(said) && has_the_caller(said)
    };
    let held_role = || evidence.decoded()?.only_role_in(&answer.excerpt()).map(str::to_owned);
    let of_app = |key| Found::of(Code::AppError, key);
    let shown = |finding: Found| if served { finding.shown_by(evidence, [Purpose::AuthMe]) } else { finding };
    match words.as_deref() {
        _ if key == "answers" => {}
        // It got no token, although one was sent, or it rejects the token itself.
        _ if of_token => return unauthorized::refused_by_the_app(evidence, answer, "challenge"),
        // A server's own page comes from its rules or files: code that checks roles writes no such page.
        _ if let Some(it) = spoken::server_of_page(answer) => return shown(of_app("server").value("server", it)),
        // What the app says decides: a quota, an address, or a state of an account is no missing role.
        Some(said) if by_a_rule(said) || !knowledge::may_be_about_permissions(said) => {
            return of_app("rejected").value("said", said).when("own_rule", by_a_rule(said));
        }
        _ if let Some(role) = held_role() => {
            return of_app("held-role").value("held_role", role).value_if_any("said", words);
        }
        _ => {}
    }
    // What servers write into an answer without a body says nothing of the app.
    let is_own = |said: &str| responder::has_own_body(answer) && Some(said) != answer.reason.as_deref();
    let said = shortened(answer.excerpt().trim().trim_end_matches('.'), 100);
    let said = Some(said).filter(|said| key == "body" || !said.is_empty() && is_own(said));
    shown(found(key).value_if_any("said", said))
}
