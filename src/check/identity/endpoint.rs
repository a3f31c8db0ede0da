//! Answers to the token request that speak of the identity, not of the resource.

use crate::case::code::Code;
use crate::case::credential::{self, Choice, CredentialSource, Platform};
use crate::case::environment::Environment;
use crate::case::exchange::{Failure, FailureKind, Outcome, Purpose};
use crate::case::inputs::IdentitySelector;
use crate::case::shown;
use crate::case::text::visible;
use crate::check::{Confidence, Found, StepReport};
use crate::evidence::Evidence;
use crate::evidence::refusal::{Class, Reply};
use crate::knowledge;

/// Judges the answer to the token request; where that was not made, the one for Azure Resource Manager.
pub(super) fn judge(evidence: &Evidence<'_>, environment: &Environment, choice: &Choice, report: &mut StepReport) {
    let asked = [Purpose::Token, Purpose::TokenForResourceManager];
    let Some(reply) = asked.iter().find_map(|purpose| Reply::to(evidence, purpose)) else {
        return;
    };
    proxy(evidence, &reply, report);
    if report.first_error().is_some() {
        return;
    }
    if let Class::Entra(refusal) = &reply.class
        && let Some(entry) = knowledge::entra_error(&refusal.number)
        && entry.finding == Code::CredentialIncomplete
    {
        report.find(
            Found::error(
                Code::CredentialIncomplete,
                format!("{} {}", visible(&refusal.text), entry.meaning),
            )
            .because(reply.evidence()),
        );
        return;
    }
    let CredentialSource::ManagedIdentity(platform) = choice.source else {
        if let Outcome::Failure(failure) = &reply.exchange.outcome {
            report.findings.extend(local(&reply, failure));
        }
        return;
    };
    // An identity that gets a token for another resource is there and can be used.
    let works =
        Reply::to(evidence, &Purpose::TokenForResourceManager).is_some_and(|reply| reply.class == Class::Issued);
    let selection = Selection::of(environment, evidence);
    report.findings.extend(match &reply.class {
        Class::NotAttached => Some(selection.not_attached(&reply)),
        Class::NotSelected(named) => Some(selection.not_selected(&reply, *named)),
        Class::NoIdentity => Some(selection.no_identity(&reply, platform)),
        Class::UnsupportedVersion => Some(mismatch(&reply, platform, Confidence::Certain)),
        Class::UnknownPath | Class::NoToken if !works => Some(mismatch(&reply, platform, Confidence::Likely)),
        Class::Unauthorized if !works => Some(stale_header(&reply, platform)),
        Class::Failure(_) if !works => match &reply.exchange.outcome {
            Outcome::Failure(failure) => unreachable(&reply, failure, platform),
            Outcome::Answer(_) => None,
        },
        _ => None,
    });
}

/// Which identity was asked for, and who says so.
struct Selection {
    selector: IdentitySelector,
    reason: String,
}

impl Selection {
    fn of(environment: &Environment, evidence: &Evidence<'_>) -> Self {
        let (selector, reason) = credential::effective_selector(environment, &evidence.inputs);
        Self { selector, reason }
    }

    fn is_system(&self) -> bool {
        self.selector == IdentitySelector::System
    }

    fn not_attached(&self, reply: &Reply<'_>) -> Found {
        if self.is_system() {
            // The older protocol says so when there is no system-assigned identity and none was selected.
            return self.not_selected(reply, false);
        }
        let from_variable = self.reason.starts_with("AZURE_CLIENT_ID");
        let hint = if from_variable {
            " If App 1's system-assigned identity is meant, AZURE_CLIENT_ID must not be set: even its own client id is refused \
             here (--identity system leaves it out)."
        } else {
            " The id of the system-assigned identity is refused here, too (--identity system selects that one)."
        };
        Found::error(
            Code::SelectedIdentityNotAttached,
            format!(
                "The identity {} ({}) is not attached to App 1.{hint}",
                visible(&self.selector.to_string()),
                visible(&self.reason)
            ),
        )
        .because(reply.evidence())
        .value("selected_identity", selector_value(&self.selector))
    }

    fn not_selected(&self, reply: &Reply<'_>, named: bool) -> Found {
        if !self.is_system() {
            return Found::error(
                Code::SelectedIdentityNotAttached,
                format!(
                    "The endpoint cannot load the identity {} ({}).",
                    visible(&self.selector.to_string()),
                    visible(&self.reason)
                ),
            )
            .confidence(Confidence::Likely)
            .because(reply.evidence())
            .value("selected_identity", selector_value(&self.selector));
        }
        let confidence = if named { Confidence::Certain } else { Confidence::Likely };
        Found::error(
            Code::UserAssignedIdentityNotSelected,
            "App 1 has only user-assigned identities, and none was selected: set AZURE_CLIENT_ID to the identity's client id, or \
             give --identity client-id:GUID.",
        )
        .confidence(confidence)
        .because(reply.evidence())
        .because(visible(&self.reason))
        .confirm("`az webapp identity show` lists the identities; with type UserAssigned one must be selected")
    }

    fn no_identity(&self, reply: &Reply<'_>, platform: Platform) -> Found {
        if self.is_system() {
            Found::error(
                Code::IdentityNotEnabled,
                format!(
                    "This {} has no managed identity: its endpoint answers that none is found.",
                    platform.name()
                ),
            )
            .because(reply.evidence())
        } else {
            self.not_attached(reply)
        }
    }
}

/// The id in a selector, for fixes.
fn selector_value(selector: &IdentitySelector) -> String {
    selector.id().map_or_else(|| "system".to_owned(), visible)
}

/// A proxy that stands in the way, on the request itself or on the other way around it.
fn proxy(evidence: &Evidence<'_>, reply: &Reply<'_>, report: &mut StepReport) {
    let other = Reply::to(evidence, &Purpose::TokenOtherProxyWay);
    let host = url::Url::parse(&reply.exchange.url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_default();
    let blames_proxy = |reply: &Reply<'_>| {
        matches!(reply.class, Class::Proxy | Class::Failure(FailureKind::Proxy))
            || (reply.exchange.proxy.is_some() && matches!(reply.class, Class::Failure(_) | Class::NoToken))
    };
    let message = |proxy: &Option<String>| {
        format!(
            "The proxy {} stands between App 1 and its identity endpoint {host}: add {host} to NO_PROXY.",
            visible(proxy.as_deref().unwrap_or("of HTTP_PROXY or HTTPS_PROXY"))
        )
    };
    let works =
        |reply: &Reply<'_>| reply.exchange.answer().is_some() && !matches!(reply.class, Class::Proxy | Class::NoToken);
    match other {
        Some(other) if blames_proxy(reply) => {
            let confidence = if works(&other) {
                Confidence::Certain
            } else {
                Confidence::Likely
            };
            report.find(
                Found::error(Code::ProxyInterceptsIdentityEndpoint, message(&reply.exchange.proxy))
                    .confidence(confidence)
                    .because(reply.evidence())
                    .because(other.evidence())
                    .value("identity_host", &host),
            );
        }
        Some(other) if blames_proxy(&other) && works(reply) => report.find(
            Found::warning(
                Code::ProxyInterceptsIdentityEndpoint,
                format!(
                    "{} This program went past it; SDKs that honour the proxy variables do not.",
                    message(&other.exchange.proxy)
                ),
            )
            .because(reply.evidence())
            .because(other.evidence())
            .value("identity_host", &host),
        ),
        None if blames_proxy(reply) && is_local(&host) => report.find(
            Found::error(Code::ProxyInterceptsIdentityEndpoint, message(&reply.exchange.proxy))
                .confidence(Confidence::Likely)
                .because(reply.evidence())
                .value("identity_host", &host)
                .confirm(format!("the same request with NO_PROXY={host}")),
        ),
        Some(_) | None => {}
    }
}

/// Whether a host is one that no proxy can reach for another machine: loopback or link-local.
fn is_local(host: &str) -> bool {
    host == "localhost" || host.starts_with("127.") || host.starts_with("169.254.") || host.starts_with('[')
}

fn mismatch(reply: &Reply<'_>, platform: Platform, confidence: Confidence) -> Found {
    Found::error(
        Code::IdentityEndpointProtocolMismatch,
        format!(
            "The identity endpoint {} does not speak the protocol {} of {}: the variables of two platforms or of two protocol \
             versions are mixed, or something else listens there.",
            base(&reply.exchange.url),
            platform.protocol().version,
            platform.name()
        ),
    )
    .confidence(confidence)
    .because(reply.evidence())
    .confirm("IDENTITY_ENDPOINT with IDENTITY_HEADER is 2019-08-01, MSI_ENDPOINT with MSI_SECRET is 2017-09-01")
}

fn stale_header(reply: &Reply<'_>, platform: Platform) -> Found {
    if platform == Platform::AzureArc {
        return Found::error(
            Code::CredentialIncomplete,
            "The Azure Arc agent refuses the key from its own key file (401).",
        )
        .confidence(Confidence::Likely)
        .because(reply.evidence())
        .confirm("`azcmagent show` on the machine, and a restart of the agent");
    }
    let header = platform.secret_variable().unwrap_or("IDENTITY_HEADER");
    Found::error(
        Code::IdentityVariablesHidden,
        format!(
            "The identity endpoint refuses the value of {header} (401): it is not the running app's. The app gets a new one at \
             every restart, and a session or file from before does not see it."
        ),
    )
    .confidence(Confidence::Likely)
    .because(reply.evidence())
    .confirm("open a new session (or read /proc/1/environ again) after a restart, and check again")
}

/// The address without its query.
fn base(url: &str) -> String {
    visible(url.split(['?', '#']).next().unwrap_or(url))
}

fn unreachable(reply: &Reply<'_>, failure: &Failure, platform: Platform) -> Option<Found> {
    let address = base(&reply.exchange.url);
    let why = match failure.kind {
        FailureKind::NameNotResolved => "its name has no address here",
        FailureKind::ConnectionRefused => match platform {
            Platform::AzureArc => "nothing listens there: the Azure Arc agent (himds) is not running",
            _ => {
                "nothing listens there: the address is not this host's, or the app restarted since the variables were read"
            }
        },
        FailureKind::ConnectionReset => "it closes the connection",
        FailureKind::NetworkUnreachable => "there is no route to it",
        FailureKind::ConnectTimeout => match platform {
            Platform::VirtualMachine => {
                "silence: this is no Azure virtual machine, or a firewall or network policy drops it"
            }
            _ => "silence: a firewall drops the connection, or the address is another host's",
        },
        FailureKind::TlsUntrusted => "its certificate is not the expected one",
        FailureKind::TlsFailed => "TLS fails",
        FailureKind::NotHttp => "what answers is not HTTP",
        FailureKind::Other => "the request fails",
        FailureKind::AnswerTimeout => {
            "it accepts the connection and never answers (it may wait in vain for Entra, where the platform's way there is blocked)"
        }
        // Judged by the rules of proxies.
        FailureKind::Proxy => return None,
        FailureKind::Command | FailureKind::NotSent => return local(reply, failure),
    };
    Some(
        Found::error(
            Code::IdentityEndpointUnreachable,
            format!(
                "The identity endpoint {address} of {} cannot be reached: {why}.",
                platform.name()
            ),
        )
        .because(reply.evidence()),
    )
}

/// Failures on this machine, before anything was sent: a file that cannot be read, a command that fails.
fn local(reply: &Reply<'_>, failure: &Failure) -> Option<Found> {
    // A command that hands on Entra's refusal did its work: what Entra says is step 4's.
    let of_entra = matches!(reply.class, Class::Entra(_));
    (!of_entra && matches!(failure.kind, FailureKind::Command | FailureKind::NotSent)).then(|| {
        Found::error(
            Code::CredentialIncomplete,
            format!("The credential cannot be used from here: {}", shown::reason(failure)),
        )
        .because(reply.evidence())
    })
}
