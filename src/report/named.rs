//! What the values of a difference are, as far as a case knows it.

use crate::case::ids::{ClientId, ObjectId, TenantId};
use crate::case::issuer::Issuer;
use crate::case::resource::{self, well_known};
use crate::case::token::{Caller, DecodedToken};
use crate::evidence::{Evidence, target};
use crate::knowledge::subject::{EXPIRES, ISSUER, KEY, NOT_BEFORE, VERSION};
use crate::knowledge::{self, Words, phrase};

/// What a value is that is compared as this subject.
pub(super) fn name_as(evidence: &Evidence<'_>, subject: &str, value: &str) -> Option<Words> {
    match subject {
        ISSUER => of_issuer(value),
        VERSION | EXPIRES | NOT_BEFORE | KEY => None,
        _ => name_of(evidence, value),
    }
}

/// What a value is, in a few words, as far as a case knows it.
pub(super) fn name_of(evidence: &Evidence<'_>, value: &str) -> Option<Words> {
    well_known::api(value)
        .map(Words::from)
        .or_else(|| of_app_2(evidence, value))
        .or_else(|| of_caller(evidence, value))
        .or_else(|| knowledge::first_party_app(value).map(Words::from))
}

fn of_issuer(value: &str) -> Option<Words> {
    let version = Issuer::new(value).parts().version?;
    Some(phrase("difference.issuer").with("version", version.word()).into())
}

fn of_app_2(evidence: &Evidence<'_>, value: &str) -> Option<Words> {
    let registration = target::registration(evidence);
    let own = target::client_id(evidence).map(|(id, _)| id);
    let is_own = |id: &str| own.as_ref().is_some_and(|own| own.matches(&ClientId::new(id)));
    let is = |id: Option<&str>| id.is_some_and(|id| id.eq_ignore_ascii_case(value));
    let uris = registration.and_then(|it| it.identifier_uris.as_deref());
    let key = if is_own(value) {
        let own = registration.filter(|it| it.client_id.as_ref().is_some_and(|id| is_own(id.as_str())));
        return Some(titled("difference.target-client-id", own.and_then(|it| it.display_name.as_deref())));
    } else if uris.is_some_and(|uris| uris.iter().any(|uri| uri == value)) {
        "difference.target-uri"
    } else if resource::client_id_of(value).is_some_and(is_own) {
        // It may be no Application ID URI: the registration has the ones that were added to it.
        "difference.target-client-id-uri"
    } else if is(registration.and_then(|it| it.service_principal_id.as_ref()).map(ObjectId::as_str)) {
        "difference.target-object-id"
    } else if is(target::tenant(evidence).as_ref().map(TenantId::as_str)) {
        "difference.target-tenant"
    } else {
        return None;
    };
    Some(phrase(key).into())
}

fn of_caller(evidence: &Evidence<'_>, value: &str) -> Option<Words> {
    let token = evidence.decoded();
    let caller = token.map(Caller::of).or_else(|| evidence.caller.clone())?;
    let is = |id: Option<&str>| id.is_some_and(|id| id.eq_ignore_ascii_case(value));
    let of_graph = evidence.registration.as_ref().and_then(|registration| registration.caller_display_name.as_deref());
    let identity = token.and_then(DecodedToken::resource_of_identity);
    let display = of_graph.or(identity.map(|identity| identity.name));
    if is(caller.client_id.as_ref().map(ClientId::as_str)) {
        Some(titled("difference.caller-client-id", display))
    } else if is(caller.object_id.as_ref().map(ObjectId::as_str)) {
        Some(titled("difference.caller-object-id", display))
    } else {
        is(caller.tenant.as_ref().map(TenantId::as_str)).then(|| phrase("difference.caller-tenant").into())
    }
}

fn titled(key: &'static str, display_name: Option<&str>) -> Words {
    phrase(key).with_some("display_name", display_name).into()
}
