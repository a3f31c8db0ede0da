//! The tenant that App 1's credential gets its tokens from, compared with App 2's before there is a token.

use crate::check::prelude::*;

/// A refusal with Entra's text that the tenant explains.
pub(super) fn refused(evidence: &Evidence<'_>, reply: &Reply<'_>, refusal: &EntraRefusal, code: Code) -> Option<Found> {
    let of_tenant = matches!(code, Code::CallerNotInTenant | Code::TenantNotFound | Code::TokenRequestRejected);
    let found = |code, key| Found::of(code, key).because(reply.exchange).value_if_any("said", refusal.first_sentence());
    if let Some(given) = evidence.asked_tenant().filter(|tenant| of_tenant && tenant.is_of_nobody()) {
        let finding = found(Code::TenantNotFound, "of-nobody").value("given_tenant", given.to_string());
        return Some(finding.value_if_any("wanted_tenant", target::tenant(evidence).map(|tenant| tenant.to_string())));
    }
    // The Azure CLI says that it asked another tenant than the intended one.
    let said = reply.exchange.failure().and_then(|failure| knowledge::echoed_tenants(&failure.message));
    if let Some((wanted, asked)) = said {
        let finding = found(Code::IdentityInOtherTenant, "azure-cli").value("wanted_tenant", wanted);
        return Some(finding.value("caller_tenant", asked));
    }
    opaque(evidence, reply).filter(|_| refusal.is_of_an_unknown_resource())
}

/// A refusal that the tenants explain, whatever it says.
pub(super) fn opaque(evidence: &Evidence<'_>, reply: &Reply<'_>) -> Option<Found> {
    let found = |key| Found::of(Code::IdentityInOtherTenant, key).because(reply.exchange);
    if let Some(other) = target::other_cloud(evidence).filter(|other| other.is_named) {
        return Some(found("cloud").value("named_host", other.host).value_if_any("other_cloud", other.option));
    }
    if let Some(host) = external_issuer(evidence) {
        return Some(found("external").value("issuer_host", host));
    }
    let of_app = target::tenant(evidence);
    let of_subscription = of_app.is_none();
    let target = of_app.or_else(|| evidence.settings_failures().find_map(knowledge::echoed_subscription_tenant))?;
    // That of its token for another resource, or the one that a service principal asks.
    let of_token = evidence.caller.as_ref().and_then(|caller| caller.tenant.clone());
    let caller = of_token.or_else(|| evidence.asked_tenant()).filter(TenantId::is_guid)?;
    // The machine of a hosted agent has an identity of the platform's.
    let of_machine = CredentialSource::ManagedIdentity(credential::Platform::VirtualMachine);
    let is_machines = evidence.credential_source() == Some(of_machine);
    let pipeline = evidence.environment.as_ref().filter(|_| is_machines).and_then(credential::pipeline_name);
    (!caller.matches(&target)).then(|| {
        with_both(found("tenants"), &caller, &target)
            .differs(Difference::of("tenant", [&target], Some(&caller), ""))
            .when("of_subscription", of_subscription)
            .value_if_any("pipeline", pipeline)
    })
}

/// The host of the tenant for customers that App 2 trusts, known by its name alone, where App 1 has a managed identity.
/// No subscription belongs to such a tenant ("Azure AD B2C: Frequently asked questions", Microsoft Learn).
fn external_issuer(evidence: &Evidence<'_>) -> Option<String> {
    let issuer = target::entra(evidence)?.issuer.as_ref()?.parts();
    let is_managed = matches!(evidence.credential_source(), Some(CredentialSource::ManagedIdentity(_)));
    (issuer.external && issuer.tenant_guid().is_none() && is_managed).then_some(issuer.host)
}

/// A caller that the tenant doesn't know, with App 2's tenant where that is another one.
pub(super) fn beside(evidence: &Evidence<'_>, finding: Found) -> Found {
    match (evidence.asked_tenant(), target::tenant(evidence)) {
        (Some(asked), Some(own)) if asked.is_guid() && !asked.matches(&own) => with_both(finding, &asked, &own),
        _ => finding,
    }
}

fn with_both(finding: Found, caller: &TenantId, target: &TenantId) -> Found {
    finding
        .because(format!("App 1: tid = {caller}"))
        .because(format!("App 2: tid = {target}"))
        .value("caller_tenant", caller.to_string())
        .value("wanted_tenant", target.to_string())
}
