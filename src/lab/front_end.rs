//! What is in front of App 2 and may answer in its place: App Service's front end, and gateways (facts: easy-auth,
//! 3.8).

use serde_json::Value;

use super::http::{Answer, Received};
use super::world::{Gateway, Site, World};

/// What a gateway adds to an answer that it passes on.
pub(crate) fn after(world: &World, answer: Answer) -> Answer {
    match world.front_end.gateway {
        Gateway::FrontDoor => answer.header("x-azure-ref", "20260101T000000Z-0lab").header("x-cache", "CONFIG_NOCACHE"),
        Gateway::None
        | Gateway::ApplicationGatewayForbids
        | Gateway::FrontDoorForbids
        | Gateway::ApiManagementWantsKey
        | Gateway::AsksForPassword
        | Gateway::StaticWebApps
        | Gateway::CannotReachApp => answer,
    }
}

/// The answer of whatever is in front of App 2, when it does not let the request through.
pub(crate) fn before(world: &World, request: &Received) -> Option<Answer> {
    gateway(world, request).or_else(|| front_end(world, request))
}

fn gateway(world: &World, request: &Received) -> Option<Answer> {
    match world.front_end.gateway {
        Gateway::None | Gateway::FrontDoor => {}
        Gateway::ApplicationGatewayForbids => {
            return Some(
                page(403, "403 Forbidden", "Microsoft-Azure-Application-Gateway/v2")
                    .header("server", "Microsoft-Azure-Application-Gateway/v2"),
            );
        }
        Gateway::FrontDoorForbids => {
            return Some(
                page(403, "The request is blocked.", "The request is blocked.")
                    .header("x-azure-ref", "20260101T000000Z-0lab"),
            );
        }
        Gateway::ApiManagementWantsKey => {
            return Some(
                Answer::json(
                    401,
                    &serde_json::json!({
                        "statusCode": 401,
                        "message": "Access denied due to missing subscription key. Make sure to include subscription \
                                    key when making requests to an API.",
                    }),
                )
                .header(
                    "www-authenticate",
                    "AzureApiManagementKey realm=\"https://gateway.azure-api.net/app2\",\
                     name=\"Ocp-Apim-Subscription-Key\",type=\"header\"",
                ),
            );
        }
        Gateway::AsksForPassword => {
            let body = "<center><h1>401 Authorization Required</h1></center>\r\n<hr><center>nginx/1.24.0</center>";
            return Some(
                page(401, "401 Authorization Required", body)
                    .header("server", "nginx/1.24.0")
                    .header("www-authenticate", "Basic realm=\"Staging\""),
            );
        }
        Gateway::StaticWebApps => return Some(static_web_apps(request)),
        Gateway::CannotReachApp => {
            return Some(
                page(502, "502 Bad Gateway", "Microsoft-Azure-Application-Gateway/v2")
                    .header("server", "Microsoft-Azure-Application-Gateway/v2"),
            );
        }
    }
    match world.front_end.redirect.as_str() {
        "https" => {
            let host = request.header("host").unwrap_or_default();
            Some(Answer::empty(301).header("location", format!("https://{host}{}", request.target)))
        }
        "other-host" => {
            Some(Answer::empty(301).header("location", format!("{}{}", world.addresses.other_host, request.target)))
        }
        _ => None,
    }
}

/// A static web app's own sign-in, and a function behind it that gets the host's token instead of the caller's.
fn static_web_apps(request: &Received) -> Answer {
    let path = request.path();
    if path.starts_with("/.auth/login/") {
        return Answer::empty(302).header("location", "https://identity.7.azurestaticapps.net/.redirect/aad");
    }
    if path.starts_with("/.") {
        return Answer::empty(404);
    }
    let issuer = "https://5c1f0a2e.scm.azurewebsites.net";
    let text = format!("Issuer validation failed. Issuer: '{issuer}'. Signature algorithm: HS256.");
    Answer::json(401, &serde_json::json!({ "error": text }))
}

fn front_end(world: &World, request: &Received) -> Option<Answer> {
    let site = &world.site;
    if world.front_end.unknown_host {
        return Some(page(
            404,
            "404 Web Site not found",
            "<h1>404 Web Site not found.</h1><p>You may be seeing this error due to one of the reasons listed below: \
             Custom domain has not been configured inside Azure. Client cache is still pointing the domain to old IP \
             address.</p>",
        ));
    }
    if site.state != "Running" || site.usage_state == "Exceeded" {
        return Some(
            page(
                403,
                "Web App - Unavailable",
                "<h1>Error 403 - This web app is stopped.</h1><p>The web app you have \
                attempted to reach is currently stopped and does not accept any requests.</p>",
            )
            .reason("Site Disabled"),
        );
    }
    if site.public_network_access == "Disabled" {
        return Some(page(
            403,
            "Web App - Unavailable",
            "<h1>Error 403 - Forbidden</h1><p>The web app you have attempted to reach has blocked your access.</p>",
        ));
    }
    if is_refused(site, &world.front_end.caller_address) {
        return Some(
            page(
                403,
                "Web App - Unavailable",
                "<h1>Error 403 - Forbidden</h1><p>The web app you have attempted to reach has blocked your access.</p>",
            )
            .header("x-ms-forbidden-ip", world.front_end.caller_address.as_str())
            .reason("Ip Forbidden"),
        );
    }
    let wants_certificate = site.client_certificate_enabled && site.client_certificate_mode == "Required";
    if wants_certificate && !is_without_certificate(site, &request.path()) {
        return Some(page(
            403,
            "Web App - Unavailable",
            "<h1>Error 403 - Forbidden: Client Certificate Required.</h1>",
        ));
    }
    None
}

/// Whether the access restrictions refuse this address: the rule with the lowest priority that covers it decides, and
/// without any the default action.
fn is_refused(site: &Site, address: &str) -> bool {
    let text = |rule: &Value, name: &str| rule.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let decides = site
        .restrictions
        .iter()
        .filter(|rule| covers(&text(rule, "ipAddress"), address))
        .min_by_key(|rule| rule.get("priority").and_then(Value::as_u64).unwrap_or(u64::MAX));
    let action = decides.map_or_else(|| site.restrictions_default.clone(), |rule| text(rule, "action"));
    action == "Deny"
}

/// Whether a rule's range (`Any`, or IPv4 in CIDR form) covers an address.
fn covers(range: &str, address: &str) -> bool {
    if range == "Any" {
        return true;
    }
    let (network, bits) = range.split_once('/').unwrap_or((range, "32"));
    let number = |text: &str| text.parse::<std::net::Ipv4Addr>().ok().map(u32::from);
    let (Some(network), Some(address), Ok(bits)) = (number(network), number(address), bits.parse::<u32>()) else {
        return false;
    };
    let mask = u32::MAX.checked_shl(32_u32.saturating_sub(bits)).unwrap_or_default();
    network & mask == address & mask
}

/// Whether this path is let in without a client certificate: it is one of the exclusion paths, or lies below one.
fn is_without_certificate(site: &Site, path: &str) -> bool {
    let excluded = site.client_certificate_exclusions.as_deref().unwrap_or_default();
    let mut excluded = excluded.split([';', ',']).map(str::trim).filter(|one| !one.is_empty());
    excluded.any(|one| {
        let rest = path.strip_prefix(one.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

fn page(status: u16, title: &str, body: &str) -> Answer {
    Answer::html(
        status,
        format!("<!DOCTYPE html>\r\n<html><head><title>{title}</title></head><body>{body}</body></html>"),
    )
}
