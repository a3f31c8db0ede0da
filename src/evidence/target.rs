//! App 2 as the probes saw it: the answers side by side (`answers`), the settings in force (`settings`), and its names.

use std::collections::HashSet;

use super::prelude::*;
use crate::knowledge::front_end::front_of_host;
use crate::knowledge::named_by;

pub use super::answers::*;
pub use super::settings::*;

/// App 2's client ID, and where it was seen: in the settings, the challenge, the sign-in address, or Microsoft Graph.
pub fn client_id(case: &Case) -> Option<(ClientId, &'static str)> {
    shown_client_id(case).or_else(|| Some((case.registration.as_ref()?.client_id.clone()?, "Microsoft Graph")))
}

/// The client ID that App 2's settings or answers show.
fn shown_client_id(case: &Case) -> Option<(ClientId, &'static str)> {
    let of_settings = || Some((settings(case)?.entra.as_ref()?.client_id.clone()?, "settings"));
    of_settings().or_else(|| named_client_id(case).map(|(id, by)| (ClientId::new(id), by)))
}

/// The registration that Microsoft Graph showed, unless App 2 has another client ID.
pub fn registration(case: &Case) -> Option<&Registration> {
    let own = shown_client_id(case).map(|(id, _)| id).filter(ClientId::is_guid);
    let is_own = |id: &ClientId| own.as_ref().is_none_or(|own| own.matches(id));
    case.registration.as_ref().filter(|registration| registration.client_id.as_ref().is_none_or(is_own))
}

/// What is in front of App 2: what its host name is of, or what left its header in an answer.
pub fn front(case: &Case) -> Option<&'static str> {
    let asked = [Purpose::CallWithToken, Purpose::CallAnonymous];
    let has = |name: &str| case.answers(&asked).any(|answer| answer.header(name).is_some());
    let of_host = case.inputs.target_host().and_then(|host| front_of_host(&host));
    of_host.or_else(|| named_by("front-headers", has))
}

/// App 2's own names, each with where it was seen: client ID, allowed audiences, identifier URIs.
pub fn own_names(case: &Case) -> Vec<(String, &'static str)> {
    let mut names: Vec<(String, &'static str)> = Vec::from_iter(client_id(case).map(|(id, by)| (id.to_string(), by)));
    let listed = entra(case).into_iter().flat_map(|entra| entra.allowed_audiences.iter().flatten());
    names.extend(listed.map(|audience| (audience.to_string(), "allowedAudiences")));
    let uris = registration(case).into_iter().flat_map(|registration| registration.identifier_uris.iter().flatten());
    names.extend(uris.map(|uri| (uri.clone(), "identifierUris")));
    let metadata = case.answer(&Purpose::ProtectedResourceMetadata).map(target_names::metadata_resources);
    // A Microsoft API is not App 2 because App 2 says so.
    let resources = metadata.into_iter().flatten().filter(|uri| well_known::api(uri).is_none());
    names.extend(resources.map(|uri| (uri, "protected-resource metadata")));
    let mut seen = HashSet::new();
    names.retain(|(name, _)| seen.insert(name.clone()));
    names
}

/// Whether a resource or audience is one of App 2's own names, in whichever form; `None` if App 2's names are unknown,
/// or if it could be another name of the same registration.
pub fn belongs_to_target(case: &Case, name: &str) -> Option<bool> {
    let own = own_names(case);
    if own.iter().any(|(known, _)| resource::likeness(known, name) != Likeness::Different) {
        return Some(true);
    }
    let url = url::Url::parse(name).ok();
    let own_host = case.inputs.target_host().filter(|host| !host.is_empty());
    if own_host.zip(url.as_ref().and_then(url::Url::host_str)).is_some_and(|(own, of)| of.eq_ignore_ascii_case(&own)) {
        return Some(true);
    }
    let (client_id, _) = client_id(case).filter(|(id, _)| id.is_guid())?;
    if name.to_ascii_lowercase().contains(&client_id.as_str().to_ascii_lowercase()) {
        return Some(true);
    }
    if resource::client_id_of(name).is_some() || well_known::api(name).is_some() {
        return Some(false);
    }
    let uris = case.registration.as_ref().and_then(|registration| registration.identifier_uris.as_deref());
    // What another registration has is no name of App 2's; what that one hasn't may be.
    let is_known = |uris: &[String]| registration(case).is_some() || uris.iter().any(|uri| uri == name);
    uris.is_some_and(is_known).then_some(false)
}

/// The entry of App 2's allowed audiences that is this Microsoft API, if there is one.
pub fn listed_api(case: &Case, api: &str) -> Option<Audience> {
    let entra = configured_entra(case)?;
    let mut listed = entra.allowed_audiences.iter().flatten();
    listed.find(|audience| well_known::api(audience.as_str()) == Some(api)).cloned()
}

/// How sure it is that a token for this Microsoft API is not for App 2, if nothing lists it. Easy Auth accepts any
/// audience that is listed, and the documentation lists Azure Resource Manager, so the settings must show that App 2
/// does not. Only Microsoft Graph can validate its own tokens (they have a `nonce` in the header).
///
/// Source: "Call Azure functions from workflows in Azure Logic Apps" and "Access tokens in the Microsoft identity
/// platform" (Microsoft Learn).
pub fn is_another_api(case: &Case, api: &str) -> Confidence {
    if audiences_are_known(case) || api == "Microsoft Graph" { Confidence::Certain } else { Confidence::Likely }
}

/// Whether the settings show every audience that App 2 accepts, and are enforced.
pub fn audiences_are_known(case: &Case) -> bool {
    settings(case).is_some_and(|settings| settings.shows_audiences() && settings.shows_policy())
        && settings_are_enforced(case)
}

/// What shows that App 2 is in another cloud than App 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherCloud {
    /// The host of the sign-in page that App 2 names, else App 2's own.
    pub host: String,
    /// The cloud in the words of `--cloud`, where it has one.
    pub option: Option<&'static str>,
    /// Whether App 2 names the sign-in page. Its host name says less: an app may trust another cloud.
    pub is_named: bool,
}

/// The other cloud that App 2 is in. Tokens of one cloud are not valid in another ("National clouds", Microsoft Learn).
pub fn other_cloud(case: &Case) -> Option<OtherCloud> {
    let of_challenge = || challenge(case)?.parameter("authorization_uri").map(str::to_owned);
    let of_login = || case.answer(&Purpose::LoginRedirect)?.header("location").map(str::to_owned);
    let parts = |address: String| Issuer::new(address).parts();
    let named = of_challenge().or_else(of_login).map(parts).filter(issuer::Parts::is_of_a_known_cloud);
    let own = case.own_cloud();
    let is_named = named.is_some();
    let host = case.inputs.target_host();
    let app2 = named.or_else(|| issuer::Parts::of_app(host.as_deref()?))?;
    app2.is_of_another_cloud(&own).then(|| OtherCloud {
        option: app2.cloud_option(),
        host: if is_named { app2.host } else { host.unwrap_or_default() },
        is_named,
    })
}

/// App 2's tenant. The challenge's is only a hint: it can be `common`.
pub fn tenant(case: &Case) -> Option<TenantId> {
    let of_settings = || entra(case)?.issuer.as_ref()?.parts().tenant;
    let of_challenge = || challenge(case)?.tenant_hint().map(TenantId::new);
    of_settings().or_else(of_challenge).filter(TenantId::is_guid)
}
