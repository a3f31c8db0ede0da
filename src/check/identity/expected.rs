//! The identity in the token, compared with the expected one.

use crate::check::prelude::*;

/// Compares the token's caller with `--expect-identity`, with the selected identity, and with the site's own name.
pub(super) fn finding(evidence: &Evidence<'_>) -> Option<Found> {
    let finding = another(evidence)?;
    // Whose identity it is comes before whether App 2 should allow it.
    let decides = may_be_anothers(&finding) && evidence.is_refused_by_policy();
    let confidence = finding.confidence;
    Some(finding.error_if(decides, confidence))
}

/// What the identity in the token differs from.
fn another(case: &Case) -> Option<Found> {
    let token = case.token.as_ref()?;
    let claims = &token.decoded;
    let expected = case.inputs.expect_identity.as_deref();
    if let Some(finding) = expected.and_then(|id| against(id, claims)) {
        return Some(finding);
    }
    let environment = case.environment.as_ref().filter(|_| token.is_of_managed_identity())?;
    let (selector, reason) = credential::effective_selector(environment, &case.inputs);
    let (kind, found) = match selector {
        IdentitySelector::ClientId(_) => ("client ID", claims.caller_client_id().map(|id| id.to_string())?),
        IdentitySelector::ObjectId(_) => ("object ID", claims.text("oid")?.to_owned()),
        IdentitySelector::ResourceId(_) => ("resource ID", claims.text("xms_mirid")?.to_owned()),
        IdentitySelector::Auto | IdentitySelector::System => {
            return system(claims, environment, &case.inputs).filter(|_| expected.is_none());
        }
    };
    let selected = selector.id().filter(|selected| !found.eq_ignore_ascii_case(selected.trim()))?;
    let finding = Found::of(Code::UnexpectedIdentityUsed, "selected")
        .value("kind", kind)
        .value("selected", short(selected))
        .value("found", short(&found))
        .differs(Difference::of(IDENTITY, [selected], Some(&found), short(&reason)));
    Some(finding.because(short(&reason)))
}

/// Whether the run itself says that the token's identity isn't App 1's, so that no fix may allow it.
pub fn is_anothers(case: &Case) -> bool {
    another(case).is_some_and(|finding| may_be_anothers(&finding))
}

fn may_be_anothers(finding: &Found) -> bool {
    finding.says.key() != Some("user-assigned")
}

fn against(expected: &str, claims: &DecodedToken) -> Option<Found> {
    let expected = expected.trim();
    let (client, object) = (claims.caller_client_id(), claims.object_id());
    // A client ID or an object ID may be given.
    let is_client = client.as_ref().is_some_and(|id| id.matches(&ClientId::new(expected)));
    if is_client || object.as_ref().is_some_and(|id| id.matches(&ObjectId::new(expected))) {
        return None;
    }
    let shown_client = client.as_ref().map(|id| short(id.as_str()));
    let shown_object = object.map(|id| short(id.as_str()));
    let ids = format!("{}, oid = {}", or_none(shown_client.as_ref()), or_none(shown_object.as_ref()));
    let finding = Found::of(Code::UnexpectedIdentityUsed, "expected")
        .value_if_any("client", shown_client)
        .value_if_any("object", shown_object)
        .value("expected", short(expected))
        .when("of_tenant", claims.tenant().is_some_and(|id| id.matches(&TenantId::new(expected))))
        .differs(Difference::of(IDENTITY, [expected], client, "--expect-identity"))
        .because(format!("--expect-identity {}", short(expected)));
    Some(finding.because_claim(claims.caller_claim(), ids))
}

/// The token of a system-assigned identity has the app's own resource ID in `xms_mirid`.
fn system(claims: &DecodedToken, environment: &Environment, inputs: &Inputs) -> Option<Found> {
    let resource = claims.text("xms_mirid")?;
    let identity = Parts::of(resource)?;
    let finding = |key| {
        let finding = Found::of(Code::UnexpectedIdentityUsed, key).value("identity", short(identity.name));
        finding.because_claim("xms_mirid", short(resource))
    };
    if identity.is_user_assigned_identity() {
        // A virtual machine with a single identity needs no selection.
        let is_selected = inputs.identity == IdentitySelector::System;
        return Some(finding(if is_selected { "not-system" } else { "user-assigned" }));
    }
    let site = environment.text("WEBSITE_SITE_NAME").filter(|_| identity.is_app())?;
    let slot = environment.text("WEBSITE_SLOT_NAME").unwrap_or("Production");
    let token_slot = identity.slot.unwrap_or("Production");
    let same_site = identity.is_site(site);
    let (shown_site, shown_slot) = (short(site), short(slot));
    (!same_site || !token_slot.eq_ignore_ascii_case(slot)).then(|| {
        finding("slot")
            .because(format!("WEBSITE_SITE_NAME = {shown_site}, WEBSITE_SLOT_NAME = {shown_slot}"))
            .value("token_slot", short(token_slot))
            .value("site", shown_site)
            .value("slot", shown_slot)
            .when("swapped", same_site)
    })
}
