//! Is the token's identity the one that was meant?

use crate::case::code::Code;
use crate::case::credential::{self, CredentialSource};
use crate::case::environment::Environment;
use crate::case::ids::{ClientId, ObjectId};
use crate::case::inputs::IdentitySelector;
use crate::case::resource_id::{Parts, ResourceId};
use crate::case::token::DecodedToken;
use crate::check::difference::{Difference, IDENTITY};
use crate::check::{Confidence, Found, StepReport};

use crate::check::words::short;
use crate::evidence::{Evidence, Origin};

/// Compares the token's caller with `--expect-identity`, with the selected identity, and with the site's own name.
pub(super) fn judge(evidence: &Evidence<'_>, environment: Option<&Environment>, report: &mut StepReport) {
    let Some(token) = &evidence.token else { return };
    let claims = &token.decoded;
    if let Some(id) = claims.caller_client_id() {
        report.fact("token's client id", short(id.as_str()));
    }
    if let Some(id) = claims.object_id() {
        report.fact("token's object id", short(id.as_str()));
    }
    if let Some(resource) = claims.text("xms_mirid") {
        report.fact("token's managed identity", short(resource));
    }
    if let Some(finding) = evidence
        .inputs
        .expect_identity
        .as_deref()
        .and_then(|id| against(id, claims))
    {
        report.find(finding);
        return;
    }
    let Some(environment) = environment.filter(|_| matches!(token.source, CredentialSource::ManagedIdentity(_))) else {
        return;
    };
    let (selector, reason) = credential::effective_selector(environment, &evidence.inputs);
    let finding = match &selector {
        IdentitySelector::ClientId(id) => differs(claims.caller_client_id().as_ref(), id, "client id", &reason),
        IdentitySelector::ObjectId(id) => differs(claims.object_id().as_ref(), id, "object id", &reason),
        IdentitySelector::ResourceId(id) => differs(
            claims.text("xms_mirid").map(ResourceId::new).as_ref(),
            id,
            "resource id",
            &reason,
        ),
        IdentitySelector::Auto | IdentitySelector::System => system(claims, environment),
    };
    report.findings.extend(finding);
}

fn against(expected: &str, claims: &DecodedToken) -> Option<Found> {
    let expected = expected.trim();
    let (client, object) = (claims.caller_client_id(), claims.object_id());
    // Either kind may be given.
    let is_client = client.as_ref().is_some_and(|id| id.matches(&ClientId::new(expected)));
    if is_client || object.as_ref().is_some_and(|id| id.matches(&ObjectId::new(expected))) {
        return None;
    }
    let difference = Difference::of(IDENTITY, [expected], client.as_ref(), "--expect-identity");
    let none = || "none".to_owned();
    let client = client.map_or_else(none, |id| short(id.as_str()));
    let object = object.map_or_else(none, |id| short(id.as_str()));
    Some(
        Found::error(
            Code::UnexpectedIdentityUsed,
            format!(
                "The token is for client id {client} (object id {object}), but {} was expected.",
                short(expected)
            ),
        )
        .differs(difference)
        .because(format!("--expect-identity {}", short(expected)))
        .because_of(
            Origin::Claim(claims.caller_claim()),
            format!("appid or azp = {client}, oid = {object}"),
        ),
    )
}

fn differs<I: AsRef<str>>(found: Option<&I>, selected: &I, what: &str, reason: &str) -> Option<Found> {
    let (found, selected) = (found?.as_ref(), selected.as_ref());
    if found.eq_ignore_ascii_case(selected.trim()) {
        return None;
    }
    Some(
        Found::error(
            Code::UnexpectedIdentityUsed,
            format!(
                "The identity with {what} {} was selected, but the token is for the one with {what} {}.",
                short(selected),
                short(found)
            ),
        )
        .differs(Difference::of(IDENTITY, [selected], Some(found), short(reason)))
        .because(short(reason)),
    )
}

/// The system-assigned identity's token names the app itself in `xms_mirid`; another name is another identity.
fn system(claims: &DecodedToken, environment: &Environment) -> Option<Found> {
    let resource = claims.text("xms_mirid")?;
    let identity = Parts::of(resource)?;
    if identity.is_user_assigned_identity() {
        return Some(
            Found::warning(
                Code::UnexpectedIdentityUsed,
                format!(
                    "No identity was selected, and the token is for the user-assigned identity {}.",
                    short(identity.name)
                ),
            )
            .because_of(Origin::Claim("xms_mirid"), format!("xms_mirid = {}", short(resource))),
        );
    }
    let site = environment.text("WEBSITE_SITE_NAME").filter(|_| identity.is_app())?;
    let slot = environment.text("WEBSITE_SLOT_NAME").unwrap_or("Production");
    let token_slot = identity.slot.unwrap_or("Production");
    // Some slots carry their name behind the site's.
    let same_site = identity.name.eq_ignore_ascii_case(site)
        || site
            .to_ascii_lowercase()
            .starts_with(&format!("{}__", identity.name.to_ascii_lowercase()));
    if same_site && token_slot.eq_ignore_ascii_case(slot) {
        return None;
    }
    Some(
        Found::warning(
            Code::UnexpectedIdentityUsed,
            format!(
                "The token is for the system-assigned identity of {} (slot {}), but App 1 is {} (slot {}): after a swap an app \
                 may run with the other slot's identity until it is restarted.",
                short(identity.name),
                short(token_slot),
                short(site),
                short(slot)
            ),
        )
        .confidence(Confidence::Likely)
        .because_of(Origin::Claim("xms_mirid"), format!("xms_mirid = {}", short(resource)))
        .because(format!("WEBSITE_SITE_NAME = {}, WEBSITE_SLOT_NAME = {}", short(site), short(slot)))
        .confirm("restart App 1 and check again: the token then names the app's own slot"),
    )
}
