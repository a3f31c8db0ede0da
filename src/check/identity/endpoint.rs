//! Answers to the token request that concern the identity, not the resource.

use super::absent;
use crate::check::prelude::*;

use EndpointSays::{NoIdentity, NotAttached, NotSelected, PodIdentity, Several, Unauthorized, UnsupportedVersion};

/// Judges the answer to the token request; where that was not made, the one for Azure Resource Manager.
pub(super) fn judge(evidence: &Evidence<'_>, environment: &Environment, choice: &Choice, report: &mut StepReport) {
    let asked = [Purpose::Token, Purpose::TokenForResourceManager];
    let Some(reply) = asked.iter().find_map(|purpose| Reply::to(evidence, purpose)) else { return };
    report.findings.extend(proxy(evidence, &reply));
    if report.first_error().is_some() {
        return;
    }
    let finding = match (&reply.class, &choice.source, reply.exchange.failure()) {
        (Class::Entra(refusal), source, _)
            if let Some(code) = refusal::meaning(evidence, refusal, source.kind())
                && code.step() == StepId::Identity =>
        {
            let finding = Found::of(code, "entra").value_if_any("said", refusal.first_sentence());
            Some(finding.value("aadsts", refusal.number.clone()))
        }
        (class, CredentialSource::ManagedIdentity(platform), _) => {
            // A hosted agent is a virtual machine without an identity.
            let is_agent = *platform == Platform::VirtualMachine
                && matches!(class, Class::Failure(_) | Class::Endpoint(NoIdentity));
            // What the variables begin is what was meant, unless an identity answers.
            let skipped = absent::skipped(environment, &evidence.inputs).filter(|finding| match class {
                Class::Failure(_) | Class::Endpoint(NoIdentity) => true,
                Class::Endpoint(NotAttached | NotSelected | Several) => finding.values.contains_key("part"),
                _ => false,
            });
            if let Some(finding) = skipped {
                let is_sure = matches!(class, Class::Failure(_)) || finding.values.contains_key("unresolved");
                return report.find(finding.certain_if(is_sure).because(reply.exchange));
            }
            let of_host = absent::from_node(evidence, environment, &reply)
                .or_else(|| absent::pipeline(environment).filter(|_| is_agent))
                .or_else(|| {
                    let cloud = reply.other_cloud()?;
                    let finding = Found::of(Code::IdentityUnsupportedOnHost, "other-cloud").value("cloud", cloud);
                    Some(finding.value_if_any("copied", platform.secret_variable()))
                });
            if let Some(finding) = of_host {
                return report.find(finding.because(reply.exchange));
            }
            let selection = Selection::of(environment, evidence);
            let address = reply.exchange.url.split(['?', '#']).next().map(|url| visible(&address::own(url)));
            let of_endpoint = |finding: Found| {
                let finding = finding.value_if_any("address", address.clone()).value("platform", platform.name());
                finding.value("version", platform.protocol().version.as_str())
            };
            let candidates = candidates(evidence, &reply, *platform, &selection);
            report.findings.extend(candidates.into_iter().map(of_endpoint));
            // A header alone doesn't keep the SDKs from the metadata endpoint. Without that, it is half a pair.
            let leftover = absent::half(environment).filter(|_| matches!(class, Class::Failure(_)));
            leftover.or_else(|| managed(evidence, &reply, *platform, &selection).map(of_endpoint))
        }
        (_, _, Some(failure)) => local(&reply, failure),
        (_, _, None) => None,
    };
    if let Some(mut finding) = finding {
        finding.evidence.insert(0, reply.exchange.into());
        report.find(finding);
    }
}

/// What an answer that no table knows may mean, where the identity gets no other token either.
fn candidates(evidence: &Evidence<'_>, reply: &Reply<'_>, platform: Platform, selection: &Selection) -> Vec<Found> {
    let manager = Reply::to(evidence, &Purpose::TokenForResourceManager).map(|manager| manager.class);
    let explained = matches!(manager, Some(Class::Issued | Class::Entra(_) | Class::Throttled | Class::Transient));
    let is_unknown = match reply.class {
        Class::Other | Class::NoToken => !explained,
        Class::Endpoint(Unauthorized) => platform.secret_variable().is_none() && !explained,
        _ => false,
    };
    // A proxy's page has the status of an endpoint that isn't ready.
    let is_of_a_server = reply.is_page() && matches!(reply.class, Class::Transient | Class::Opaque);
    // Endpoints hide the reason also where the ID is of another kind (Azure/Azure-Functions#2392).
    let other = Reply::issued(evidence, &Purpose::TokenUnselected);
    let is_compared = other.is_some() && matches!(reply.class, Class::Other | Class::UnknownPath);
    if (is_compared || reply.class == Class::Opaque) && !reply.is_page() && !selection.is_system() && !explained {
        // The selection is the difference from an identity that gets a token, which may come from a cache.
        let own = if evidence.caller.is_some() { "own" } else { "compared" };
        let key = other.as_ref().map_or("unknown", |_| own);
        let finding = selection.selected(key).at_most(Confidence::Likely);
        return vec![finding.because(reply.exchange).because_all(other.map(|other| other.exchange))];
    }
    if !is_unknown && !is_of_a_server {
        return Vec::new();
    }
    let possible = |code| Found::of(code, "unknown").because(reply.exchange);
    let mut found = Vec::new();
    // A page, a redirect, or a success without a token is no refusal by the endpoint: another server may have answered.
    let redirects = reply.exchange.answer().is_some_and(Answer::is_redirect);
    if redirects || reply.is_page() || reply.class == Class::NoToken {
        let another_server = possible(Code::ProxyInterceptsIdentityEndpoint);
        found.push(another_server.value_if_any("identity_host", reply.exchange.host()));
    } else {
        if let (Some(401 | 403), Some(variable)) = (reply.exchange.status(), platform.secret_variable()) {
            found.push(possible(Code::IdentityVariablesHidden).value("variable", variable));
        }
        if !selection.is_system() {
            found.push(selection.selected("unknown").because(reply.exchange));
        } else if platform.protocol().select.client_id.is_some() {
            found.push(possible(Code::UserAssignedIdentityNotSelected));
        }
        found.push(possible(Code::IdentityNotEnabled));
    }
    if !is_of_a_server {
        found.push(possible(Code::IdentityEndpointProtocolMismatch));
    }
    found
}

fn managed(evidence: &Evidence<'_>, reply: &Reply<'_>, platform: Platform, selection: &Selection) -> Option<Found> {
    let works = refusal::is_usable(evidence) || Reply::issued(evidence, &Purpose::TokenUnselected).is_some();
    let is_machine = platform == Platform::VirtualMachine;
    Some(match &reply.class {
        Class::Endpoint(says @ (NotSelected | Several)) => {
            selection.not_selected(*says == Several, shown::sentence(reply.exchange))
        }
        Class::Endpoint(NoIdentity) if selection.is_system() => {
            Found::of(Code::IdentityNotEnabled, if is_machine { "machine" } else { "endpoint" })
        }
        // The metadata endpoint of a machine may have an outdated entry (Azure/aad-pod-identity#681, #1102).
        Class::Endpoint(NoIdentity) if is_machine => selection.not_attached(evidence).at_most(Confidence::Likely),
        Class::Endpoint(NotAttached | NoIdentity) => selection.not_attached(evidence),
        // It intercepts what pods ask, and nothing shows that this is one without what it needs.
        Class::Endpoint(PodIdentity) => absent::of_pod_identity(reply).at_most(Confidence::Likely),
        Class::Endpoint(UnsupportedVersion) => Found::of(Code::IdentityEndpointProtocolMismatch, "version"),
        Class::UnknownPath if !works => Found::of(Code::IdentityEndpointProtocolMismatch, "answers"),
        // The endpoint refused the secret that proves that the request comes from App 1.
        Class::Endpoint(Unauthorized) if !works && platform == Platform::AzureArc => {
            Found::of(Code::CredentialIncomplete, "arc")
        }
        Class::Endpoint(Unauthorized) if !works => {
            // A platform without a secret: what refuses the request isn't known.
            let variable = platform.secret_variable()?;
            let key = if reply.exchange.status() == Some(401) { "answers" } else { "no-header" };
            let finding = Found::of(Code::IdentityVariablesHidden, key).value("variable", variable);
            finding.value_if_any("status", reply.exchange.status())
        }
        Class::Failure(_) if !works => unreachable(reply, reply.exchange.failure()?)?,
        _ => return None,
    })
}

/// The selected identity, and what selects it.
struct Selection {
    selector: IdentitySelector,
    reason: String,
    /// Whether its ID is App 2's client ID, which no identity has.
    of_target: bool,
}

impl Selection {
    fn of(environment: &Environment, evidence: &Evidence<'_>) -> Self {
        let (selector, reason) = credential::effective_selector(environment, &evidence.inputs);
        let of_target = target::client_id(evidence)
            .is_some_and(|(id, _)| selector.id().is_some_and(|selected| id.as_str().eq_ignore_ascii_case(selected)));
        Self { selector, reason, of_target }
    }

    fn is_system(&self) -> bool {
        self.selector == IdentitySelector::System
    }

    fn not_attached(&self, evidence: &Evidence<'_>) -> Found {
        if self.is_system() {
            // The older protocol answers so where there is no system-assigned identity and none was selected.
            self.not_selected(false, None)
        } else if let Some(reply) = Reply::to(evidence, &Purpose::TokenUnselected).filter(|_| evidence.caller.is_some())
        {
            // The selected identity gets no token, so the caller is known from the one that isn't selected.
            self.selected("own").because(reply.exchange)
        } else {
            self.selected("endpoint")
        }
    }

    fn not_selected(&self, named: bool, said: Option<String>) -> Found {
        if !self.is_system() {
            return self.selected("not-loaded");
        }
        let finding = Found::of(Code::UserAssignedIdentityNotSelected, if named { "endpoint" } else { "answers" });
        finding.value_if_any("said", said).because(&self.reason)
    }

    fn selected(&self, key: &'static str) -> Found {
        let id = self.selector.id().unwrap_or("system");
        let variable = self.reason.starts_with("AZURE_CLIENT_ID");
        let (wrapped, resource_id) = (wrapped_guid(id).is_some(), reads_as_resource_id(id));
        let inner = wrapped_guid(id).or(Some(bare(id))).filter(|inner| *inner != id && is_guid(inner));
        Found::of(Code::SelectedIdentityNotAttached, key)
            .value("identity", self.selector.to_string())
            .value("selected_identity", visible(id))
            .when("braces", wrapped)
            .when("spaces", bare(id) != id)
            .value_if_any("bare_id", inner)
            .when("arm_id", variable && resource_id)
            .when("no_guid", variable && !is_guid(bare(id)) && !wrapped && !resource_id)
            .when("from_variable", variable)
            .when("of_target", self.of_target)
            .because(&self.reason)
    }
}

/// A proxy between App 1 and the identity endpoint, on the request itself or on the comparison request.
fn proxy(evidence: &Evidence<'_>, reply: &Reply<'_>) -> Option<Found> {
    let other = Reply::to(evidence, &Purpose::TokenOtherProxyWay);
    let host = reply.exchange.host().unwrap_or_default();
    let direct = other.iter().chain([reply]).find(|way| way.exchange.proxy.is_none());
    let direct = direct.and_then(|way| way.exchange.answer());
    let is_endpoints = |answer: &Answer| knowledge::known::is_an_identity_endpoints(answer, direct);
    let is_endpoints_form = |way: &Reply<'_>| way.exchange.answer().is_none_or(is_endpoints);
    // The comparison is sent without the header that the endpoint requires.
    let own_doing = |way: &Reply<'_>| {
        let is_comparison = way.exchange.purpose == Purpose::TokenOtherProxyWay;
        is_comparison && way.exchange.status() == Some(400) && is_endpoints_form(way)
    };
    let blames_proxy = |way: &Reply<'_>| match way.class {
        _ if own_doing(way) => false,
        Class::Endpoint(EndpointSays::Proxy) | Class::Failure(FailureKind::Proxy) => true,
        Class::Failure(_) | Class::NoToken => way.exchange.proxy.is_some(),
        _ => way.exchange.proxy.is_some() && !is_endpoints_form(way),
    };
    let has_failed = |way: &Reply<'_>| matches!(way.class, Class::Endpoint(EndpointSays::Proxy) | Class::NoToken);
    let works = |way: &Reply<'_>| own_doing(way) || way.exchange.answer().is_some() && !has_failed(way);
    let (key, through) = match &other {
        Some(other) if blames_proxy(reply) && works(other) => ("compared", reply),
        Some(_) if blames_proxy(reply) => ("answers", reply),
        Some(other) if blames_proxy(other) && works(reply) => ("bypassed", other),
        None if blames_proxy(reply) && is_of_this_machine(&host) => ("answers", reply),
        Some(_) | None => return None,
    };
    let finding = Found::of(Code::ProxyInterceptsIdentityEndpoint, key)
        .value_if_any("proxy", through.exchange.proxy.as_ref())
        .value("identity_host", host)
        // The endpoint's own refusal of what came through a proxy; other statuses have the proxy's page.
        .value_if_any("said", shown::sentence(reply.exchange).filter(|_| reply.exchange.status() == Some(400)))
        .because(reply.exchange);
    Some(finding.because_all(other.as_ref().map(|reply| reply.exchange)))
}

fn unreachable(reply: &Reply<'_>, failure: &Failure) -> Option<Found> {
    match failure.kind {
        // Judged by the rules for proxies.
        FailureKind::Proxy => return None,
        FailureKind::Command | FailureKind::NotSent => return local(reply, failure),
        _ => {}
    }
    // Silence, or an end in the middle, may be a slow endpoint's, or pass.
    let is_sure = matches!(failure.kind, FailureKind::ConnectionRefused | FailureKind::NetworkUnreachable);
    let said = knowledge::of_failure([Code::IdentityEndpointUnreachable], failure.kind);
    let (code, key) = said.unwrap_or((Code::IdentityEndpointUnreachable, "failed"));
    let finding = Found::of(code, key).certain_if(is_sure).value("reason", shown::reason(failure));
    Some(finding.value_if_any("identity_host", reply.exchange.address()))
}

/// Failures on this machine, before anything was sent: a file that cannot be read, a command that fails.
fn local(reply: &Reply<'_>, failure: &Failure) -> Option<Found> {
    // A command that passes on a refusal by Entra worked: step 4 judges the refusal.
    let of_entra = matches!(reply.class, Class::Entra(_));
    let is_known = match failure.kind {
        FailureKind::NotSent => true,
        FailureKind::Command => knowledge::mark_in("azure-cli", &failure.message).is_some(),
        // The command itself was silent; where it waited isn't known.
        FailureKind::AnswerTimeout => reply.exchange.method == LOCAL,
        _ => false,
    };
    let variable = failure.message.split(' ').next().filter(|word| word.starts_with("AZURE_"));
    let has = |instead: Unresolved| failure.message.ends_with(instead.words());
    (!of_entra && is_known).then(|| {
        Found::of(Code::CredentialIncomplete, "local")
            .certain_if(failure.kind != FailureKind::AnswerTimeout)
            .value("reason", shown::reason(failure).trim_end_matches('.'))
            .when("token_file", failure.message.contains("AZURE_FEDERATED_TOKEN_FILE"))
            .when("key_vault", has(Unresolved::Reference))
            .when("not_installed", failure.message.contains("isn't installed"))
            .when("unresolved", has(Unresolved::Variable) || has(Unresolved::Placeholder))
            .value_if_any("variable", variable)
    })
}
