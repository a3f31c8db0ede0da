//! The tenant that App 1's credential gets its tokens from, compared with App 2's before there is a token.

use super::transient::{requested, source};
use crate::check::prelude::*;
use crate::evidence::refusal::is_unknown_resource;

/// A refusal with Entra's text that the tenant explains: the resource isn't known there, or the Azure CLI says that it
/// asked another tenant than the intended one.
pub(super) fn refused(evidence: &Evidence<'_>, reply: &Reply<'_>, refusal: &EntraRefusal) -> Option<Found> {
    let said = reply.exchange.failure().and_then(|failure| tried(&failure.message));
    if let Some((wanted, asked)) = said {
        let finding = Found::error(Code::IdentityInOtherTenant, says("azure-cli"))
            .value("wanted_tenant", wanted)
            .value("caller_tenant", asked)
            .when("is_azure_cli", true)
            .value_if_any("said", refusal.first_sentence());
        return Some(finding.confidence(Confidence::Likely).because(reply.evidence()));
    }
    opaque(evidence, reply).filter(|_| is_unknown_resource(&refusal.number))
}

/// A refusal that the tenants explain, whatever it says.
pub(super) fn opaque(evidence: &Evidence<'_>, reply: &Reply<'_>) -> Option<Found> {
    if let Some((host, option)) = target::other_cloud(evidence) {
        let finding = Found::error(Code::IdentityInOtherTenant, says("cloud"))
            .confidence(Confidence::Likely)
            .because(reply.evidence())
            .value("named_host", host)
            .value_if_any("other_cloud", option)
            .value_if_any("asked", requested(evidence));
        return Some(finding);
    }
    let target = target::tenant(evidence)?;
    let caller = of_caller(evidence).filter(TenantId::is_guid)?;
    if caller.matches(&target) {
        return None;
    }
    let is_managed = source(evidence).is_some_and(|source| matches!(source, CredentialSource::ManagedIdentity(_)));
    Some(
        Found::error(Code::IdentityInOtherTenant, says("tenants"))
            .confidence(Confidence::Likely)
            .because(reply.evidence())
            .because(format!("App 1: tid = {caller}"))
            .because(format!("App 2: tid = {target}"))
            .differs(Difference::of("tenant", [&target], Some(&caller), ""))
            .value("caller_tenant", caller.to_string())
            .value("wanted_tenant", target.to_string())
            .when("is_managed", is_managed)
            .when("is_azure_cli", source(evidence) == Some(CredentialSource::AzureCli))
            .value_if_any("asked", requested(evidence)),
    )
}

/// The tenant of the caller's token for another resource, or the one that a service principal asks.
fn of_caller(evidence: &Evidence<'_>) -> Option<TenantId> {
    let of_token = evidence.caller.as_ref().and_then(|caller| caller.tenant.clone());
    let asks = || match source(evidence)? {
        CredentialSource::ClientSecret | CredentialSource::ClientCertificate | CredentialSource::WorkloadIdentity => {
            let variable = evidence.environment.as_ref()?.text("AZURE_TENANT_ID");
            evidence.inputs.tenant.clone().or_else(|| variable.map(TenantId::new))
        }
        _ => None,
    };
    of_token.or_else(asks)
}

/// The two tenants of the Azure CLI's warning: the one without a sign-in, and the one that it asked instead.
fn tried(said: &str) -> Option<(String, String)> {
    let (_, rest) = said.split_once("Could not retrieve credential from local cache for service principal")?;
    let after = |name: &str| {
        let (_, text) = rest.split_once(name)?;
        let end = text.find(|character: char| !(character.is_ascii_alphanumeric() || "-.".contains(character)));
        let tenant = text.get(..end.unwrap_or(text.len()))?.trim_end_matches('.');
        (!tenant.is_empty()).then(|| tenant.to_owned())
    };
    Some((after("under tenant ")?, after("Trying credential under tenant ")?))
}
