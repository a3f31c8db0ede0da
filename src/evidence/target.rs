//! App 2 as the probes saw it: the answers side by side (`answers`), the settings in force (`settings`), and its names.

use std::collections::HashSet;

use crate::case::Case;
use crate::case::audience::Audience;
use crate::case::auth_settings::SettingsReading;
use crate::case::exchange::Purpose;
use crate::case::ids::{ClientId, TenantId, guids_in};
use crate::case::issuer::{Issuer, Parts};
use crate::case::registration::Registration;
use crate::case::resource::{self, Likeness, well_known};
use crate::case::target_names;
use crate::knowledge::marks;

use super::Confidence;

pub use super::answers::*;
pub use super::settings::*;

/// App 2's client ID, and where it was seen: in the settings, the challenge, the sign-in address, or Microsoft Graph.
pub fn client_id(case: &Case) -> Option<(ClientId, &'static str)> {
    shown_client_id(case).or_else(|| Some((case.registration.as_ref()?.client_id.clone()?, "Microsoft Graph")))
}

/// The client ID that App 2's settings or answers show.
fn shown_client_id(case: &Case) -> Option<(ClientId, &'static str)> {
    let from_settings = settings(case)
        .and_then(|settings| settings.entra.as_ref())
        .and_then(|entra| entra.client_id.clone())
        .map(|id| (id, "settings"));
    from_settings
        .or_else(|| {
            challenge(case).and_then(|challenge| challenge.resource_id().map(|id| (ClientId::new(id), "challenge")))
        })
        .or_else(|| login_client_id(case).map(|id| (ClientId::new(id), "login redirect")))
}

/// The registration that Microsoft Graph showed, unless App 2 has another client ID.
pub fn registration(case: &Case) -> Option<&Registration> {
    let own = shown_client_id(case).map(|(id, _)| id).filter(ClientId::is_guid);
    let is_own = |id: &ClientId| own.as_ref().is_none_or(|own| own.matches(id));
    case.registration.as_ref().filter(|registration| registration.client_id.as_ref().is_none_or(is_own))
}

/// The client ID for which Microsoft Graph has no service principal, where it was asked for the requested resource's. A
/// proxy has a 404 of its own; Graph names what it doesn't find ("Microsoft Graph error responses", Microsoft Learn).
pub fn absent_principal(case: &Case) -> Option<ClientId> {
    let exchange = case.exchange(&Purpose::GraphResourcePrincipal)?;
    let json = exchange.answer().filter(|answer| answer.status == 404)?.json()?;
    let is_absent = json.pointer("/error/code").is_some_and(|code| code == "Request_ResourceNotFound");
    let id = guids_in(&exchange.url).into_iter().next().filter(|_| is_absent)?;
    Some(ClientId::new(id))
}

/// What is in front of App 2: what its host name is of, or what left its header in an answer.
pub fn front(case: &Case) -> Option<&'static str> {
    let answers = [Purpose::CallWithToken, Purpose::CallAnonymous];
    let has =
        |name: &str| answers.iter().filter_map(|purpose| answer(case, purpose)).any(|it| it.header(name).is_some());
    let mut headers = marks("front-headers").iter().filter_map(|mark| mark.split_once(": "));
    front_of_host(case).or_else(|| headers.find(|(header, _)| has(header)).map(|(_, name)| name))
}

/// The gateway or front end whose default host name is called.
pub fn front_of_host(case: &Case) -> Option<&'static str> {
    let host = case.inputs.target_host().unwrap_or_default().to_ascii_lowercase();
    let host = host.split(':').next().unwrap_or_default();
    let mut hosts = marks("front-hosts").iter().filter_map(|mark| mark.split_once(": "));
    hosts.find(|(end, _)| host.ends_with(end)).map(|(_, name)| name)
}

/// App 2's own names, each with where it was seen: client ID, allowed audiences, identifier URIs.
pub fn own_names(case: &Case) -> Vec<(String, String)> {
    let mut names: Vec<(String, String)> = Vec::new();
    let mut seen = HashSet::new();
    let mut add = |name: &str, source: &str| {
        if seen.insert(name.to_owned()) {
            names.push((name.to_owned(), source.to_owned()));
        }
    };
    if let Some((id, source)) = client_id(case) {
        add(id.as_str(), source);
    }
    for audience in entra(case).and_then(|entra| entra.allowed_audiences.as_deref()).unwrap_or_default() {
        add(audience.as_str(), "allowedAudiences");
    }
    for uri in registration(case).and_then(|registration| registration.identifier_uris.as_deref()).unwrap_or_default() {
        add(uri, "identifierUris");
    }
    let metadata = answer(case, &Purpose::ProtectedResourceMetadata);
    let uris = metadata.map(target_names::metadata_resources).unwrap_or_default();
    // A Microsoft API is not App 2 because App 2 says so.
    for uri in uris.iter().filter(|uri| well_known::api(uri).is_none()) {
        add(uri, "protected-resource metadata");
    }
    names
}

/// Whether a resource or audience is one of App 2's own names, in whichever form; `None` if App 2's names are unknown,
/// or if it could be another name of the same registration.
pub fn belongs_to_target(case: &Case, name: &str) -> Option<bool> {
    let own = own_names(case);
    if own.iter().any(|(known, _)| resource::likeness(known, name) != Likeness::Different) {
        return Some(true);
    }
    let host = case.inputs.target_host().unwrap_or_default();
    if !host.is_empty()
        && url::Url::parse(name)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned))
            .is_some_and(|of| of.eq_ignore_ascii_case(&host))
    {
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
    let known = settings(case).is_some_and(|settings| settings.shows_audiences() && settings.shows_policy());
    if known && settings_are_enforced(case) || api == GRAPH { Confidence::Certain } else { Confidence::Likely }
}

const GRAPH: &str = "Microsoft Graph";

/// Whether this program runs inside App 2 itself: the machine's own host name is the target's.
pub fn is_inside(case: &Case) -> bool {
    let own = case.environment.as_ref().and_then(|environment| environment.text("WEBSITE_HOSTNAME"));
    let target = case.inputs.target_url();
    own.zip(target.as_ref().and_then(url::Url::host_str)).is_some_and(|(own, host)| own.eq_ignore_ascii_case(host))
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
    let of_challenge =
        challenge(case).and_then(|challenge| challenge.parameter("authorization_uri").map(str::to_owned));
    let of_login = || answer(case, &Purpose::LoginRedirect)?.header("location").map(str::to_owned);
    let parts = |address: String| Issuer::new(address).parts();
    let named = of_challenge.or_else(of_login).map(parts).filter(Parts::is_of_a_known_cloud);
    let own = own_cloud(case);
    let is_named = named.is_some();
    let host = case.inputs.target_host();
    let app2 = named.or_else(|| Parts::of_app(host.as_deref()?))?;
    app2.is_of_another_cloud(&own).then(|| OtherCloud {
        option: app2.cloud_option(),
        host: if is_named { app2.host } else { host.unwrap_or_default() },
        is_named,
    })
}

/// The cloud of App 1: that of its token's issuer, else the one that is chosen, else that of its own host name.
pub fn own_cloud(case: &Case) -> Parts {
    let parts = |address: String| Issuer::new(address).parts();
    let environment = case.environment.as_ref();
    let of_token = case.token.as_ref().and_then(|token| token.decoded.text("iss").map(str::to_owned)).map(parts);
    let of_host = || Parts::of_app(environment?.text("WEBSITE_HOSTNAME")?);
    let of_option = parts(case.inputs.cloud.authority().to_owned());
    // The public cloud may be nobody's choice.
    let is_chosen = |parts: &Parts| parts.is_of_a_known_cloud() && parts.cloud_option() != Some("public");
    let of_authority = environment.map(|environment| parts(environment.authority(&case.inputs)));
    of_token
        .filter(Parts::is_of_one_cloud)
        .or_else(|| of_authority.into_iter().chain([of_option.clone()]).find(is_chosen))
        .or_else(of_host)
        .unwrap_or(of_option)
}

/// Whether an issuer URL of App 2's is of another service than Microsoft's authorities, this run's, and the one that
/// issued the token: it may be a custom domain of a tenant, or no authority of Entra's at all.
pub fn is_of_another_service(case: &Case, issuer: &Parts) -> bool {
    let environment = case.environment.as_ref();
    let authority = environment.map_or_else(|| case.inputs.authority().to_owned(), |it| it.authority(&case.inputs));
    let of_token = case.token.as_ref().and_then(|token| token.decoded.issuer());
    issuer.is_of_another_service(&authority) && of_token.is_none_or(|of_token| of_token.parts().host != issuer.host)
}

/// Whether App 2 is the trigger of a Consumption logic app, which has an authorization policy of its own and no Easy
/// Auth ("Secure access and data in workflows", Microsoft Learn).
pub fn is_consumption_workflow(case: &Case) -> bool {
    case.inputs
        .target_url()
        .is_some_and(|url| url.path().starts_with("/workflows/") && url.path().contains("/triggers/"))
}

/// The names of the headers that the user gave: requests without a token have them, too, and one may be a key.
pub fn given_headers(case: &Case) -> Option<Vec<String>> {
    let names: Vec<String> = case.inputs.headers.iter().map(|(name, _)| name.clone()).collect();
    (!names.is_empty()).then_some(names)
}

/// App 2's tenant. The challenge's is only a hint: it can be `common`.
pub fn tenant(case: &Case) -> Option<TenantId> {
    entra(case)
        .and_then(|entra| entra.issuer.as_ref())
        .and_then(|issuer| issuer.parts().tenant)
        .or_else(|| challenge(case).and_then(|challenge| challenge.tenant_hint()).map(TenantId::new))
        .filter(TenantId::is_guid)
}

/// The tenant of App 2's subscription, where Azure Resource Manager refuses a token of another one and names it
/// (`InvalidAuthenticationTokenTenant`, "Resolve errors" in the documentation of Azure Resource Manager).
pub fn subscription_tenant(case: &Case) -> Option<TenantId> {
    let refusals = case.settings.iter().filter_map(SettingsReading::failure);
    let marks = marks("subscription-tenant");
    let after = |reason: &str| marks.iter().find_map(|mark| Some(reason.split_once(mark)?.1.to_owned()));
    let rest = refusals.filter_map(after).next()?;
    Issuer::new(rest.split('\'').next()?).parts().tenant_guid().cloned()
}

/// The IDs in App 2's policy that no service principal of the tenant has, of those that Microsoft Graph was asked for.
pub fn absent_ids(case: &Case) -> Option<Vec<String>> {
    let exchange = case.exchange(&Purpose::GraphListedIds)?;
    let json = exchange.answer().filter(|answer| answer.status == 200)?.json()?;
    // What is on another page may be there.
    let found = json.get("value")?.as_array().filter(|_| json.get("@odata.nextLink").is_none())?;
    let has = |id: &str| {
        let names = found.iter().flat_map(|entry| [entry.get("appId"), entry.get("id")]).flatten();
        names.filter_map(serde_json::Value::as_str).any(|name| name.eq_ignore_ascii_case(id))
    };
    let url = url::Url::parse(&exchange.url).ok()?;
    let (_, filter) = url.query_pairs().find(|(name, _)| name == "$filter")?;
    let mut absent: Vec<String> = Vec::new();
    for id in filter.split('\'').filter(|part| resource::is_guid(part) && !has(part)) {
        if !absent.iter().any(|known| known == id) {
            absent.push(id.to_owned());
        }
    }
    Some(absent)
}
