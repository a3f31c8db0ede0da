//! The platforms that App 1 can run on: what the variables there say, and how the token endpoint answers (facts:
//! caller, 1 and 2). App Service's own two protocols are in `app_service`.

use serde_json::{Value, json};

use super::app_service::{protocol_2017, protocol_2019};
use super::http::{Answer, Received};
use super::issue::{GRAPH, Issued, RESOURCE_MANAGER};
use super::managed_identity::{hand_out, principal, select};
use super::shared::{Shared, now};
use super::world::World;

type Variables = Vec<(&'static str, String)>;

/// A platform.
pub(crate) struct Platform {
    /// Its name in `assets/lab/scenarios.toml`.
    pub name: &'static str,
    /// The variables that every process has there.
    pub host: fn(&World) -> Variables,
    /// The variables that name the token endpoint.
    pub identity: fn(&Shared, &World) -> Variables,
    /// The token endpoint.
    answer: fn(&Shared, &World, &Received) -> Answer,
    /// Whether clients know the endpoint's certificate by its thumbprint alone.
    pub pinned: bool,
    /// Whether the endpoint proves the caller by a file that only this machine can read.
    pub key_file: bool,
}

const fn platform(
    name: &'static str,
    identity: fn(&Shared, &World) -> Variables,
    answer: fn(&Shared, &World, &Received) -> Answer,
) -> Platform {
    Platform { name, host: |_| Vec::new(), identity, answer, pinned: false, key_file: false }
}

static PLATFORMS: [Platform; 9] = [
    // Functions and Logic Apps as well.
    Platform { host: on_app_service, ..platform("app-service", endpoint_2019, protocol_2019) },
    Platform { host: on_app_service, ..platform("app-service2017", endpoint_2017, protocol_2017) },
    Platform { host: on_container_apps, ..platform("container-apps", endpoint_2019, protocol_2019) },
    platform("machine-learning", endpoint_2017, protocol_2017),
    Platform { pinned: true, ..platform("service-fabric", endpoint_of_fabric, service_fabric) },
    Platform { key_file: true, ..platform("azure-arc", endpoint_of_arc, azure_arc) },
    platform("cloud-shell", |_, world| vec![("MSI_ENDPOINT", at(world, "/oauth2/token"))], cloud_shell),
    platform("virtual-machine", |_, world| vec![("AZURE_POD_IDENTITY_AUTHORITY_HOST", at(world, ""))], virtual_machine),
    // A host that never gets a token endpoint.
    Platform { host: on_app_service, ..platform("unsupported", |_, _| Vec::new(), |_, _, _| Answer::empty(404)) },
];

/// The platform with this name.
pub(crate) fn named(name: &str) -> Option<&'static Platform> {
    PLATFORMS.iter().find(|platform| platform.name == name)
}

/// Whether App 1's platform is one of these.
pub(crate) fn is(world: &World, of: impl Fn(&Platform) -> bool) -> bool {
    named(&world.identity_endpoint.platform).is_some_and(of)
}

/// The answer of the token endpoint on App 1's machine.
pub(crate) fn answer(shared: &Shared, world: &World, request: &Received) -> Answer {
    match named(&world.identity_endpoint.platform) {
        Some(platform) => (platform.answer)(shared, world, request),
        None => Answer::empty(404),
    }
}

fn at(world: &World, path: &str) -> String {
    format!("{}{path}", world.addresses.identity)
}

fn on_app_service(world: &World) -> Variables {
    let app1 = &world.app1;
    let space = if app1.linux { "webspace-Linux" } else { "webspace" };
    let mut variables = vec![
        ("WEBSITE_SITE_NAME", app1.site_name.clone()),
        ("WEBSITE_HOSTNAME", format!("{}.azurewebsites.net", app1.site_name)),
        ("WEBSITE_INSTANCE_ID", "0".repeat(64)),
        ("WEBSITE_OWNER_NAME", format!("{}+{}-WestEurope{space}", app1.subscription, app1.resource_group)),
        ("WEBSITE_RESOURCE_GROUP", app1.resource_group.clone()),
        ("WEBSITE_SKU", "PremiumV3".to_owned()),
        ("REGION_NAME", app1.region.clone()),
    ];
    if app1.kind.contains("functionapp") {
        variables.push(("FUNCTIONS_EXTENSION_VERSION", "~4".to_owned()));
    }
    if app1.kind.contains("workflowapp") {
        variables.push(("APP_KIND", "workflowApp".to_owned()));
    }
    variables
}

fn on_container_apps(world: &World) -> Variables {
    let name = &world.app1.site_name;
    vec![("CONTAINER_APP_NAME", name.clone()), ("CONTAINER_APP_REVISION", format!("{name}--0000001"))]
}

/// The address of App Service's endpoint, which ends in a slash on Windows.
fn own_endpoint(world: &World) -> String {
    at(world, if world.app1.linux { "/msi/token" } else { "/msi/token/" })
}

fn endpoint_2019(shared: &Shared, world: &World) -> Variables {
    vec![("IDENTITY_ENDPOINT", own_endpoint(world)), ("IDENTITY_HEADER", shared.secrets.identity_header.clone())]
}

fn endpoint_2017(shared: &Shared, world: &World) -> Variables {
    vec![("MSI_ENDPOINT", own_endpoint(world)), ("MSI_SECRET", shared.secrets.identity_header.clone())]
}

fn endpoint_of_fabric(shared: &Shared, world: &World) -> Variables {
    vec![
        ("IDENTITY_ENDPOINT", at(world, "/metadata/identity/oauth2/token")),
        ("IDENTITY_HEADER", shared.secrets.identity_header.clone()),
        ("IDENTITY_SERVER_THUMBPRINT", shared.certificates.private.thumbprint.clone()),
    ]
}

fn endpoint_of_arc(_: &Shared, world: &World) -> Variables {
    vec![("IDENTITY_ENDPOINT", at(world, "/metadata/identity/oauth2/token")), ("IMDS_ENDPOINT", at(world, ""))]
}

/// Service Fabric: GET with the header `Secret` over TLS; the client compares the certificate's thumbprint.
fn service_fabric(shared: &Shared, world: &World, request: &Received) -> Answer {
    if request.header("secret") != Some(shared.secrets.identity_header.as_str()) {
        return fabric_error(403, "SecretHeaderNotFound", "Secret is not found in the request headers.");
    }
    if request.query("api-version").as_deref() != Some("2019-07-01-preview") {
        return fabric_error(400, "InvalidApiVersion", "'api-version' is not supported.");
    }
    let Some(resource) = request.query("resource") else {
        return fabric_error(400, "ArgumentNullOrEmpty", "'resource' is missing.");
    };
    match select(world, request, &[]) {
        Err(_) => fabric_error(404, "ManagedIdentityNotFound", "No managed identity is assigned to the application."),
        Ok(identity) => hand_out(shared, world, &principal(identity), &resource, |issued| {
            json!({
                "token_type": "Bearer",
                "access_token": issued.token,
                "expires_on": issued.expires_on,
                "resource": resource,
            })
        }),
    }
}

fn fabric_error(status: u16, code: &str, message: &str) -> Answer {
    Answer::json(
        status,
        &json!({"error": {"correlationId": uuid::Uuid::new_v4().to_string(), "code": code, "message": message}}),
    )
}

/// Azure Arc: first 401 that names a file, then the file's content as Basic credentials.
fn azure_arc(shared: &Shared, world: &World, request: &Received) -> Answer {
    if let Some(refused) = metadata_refusal(request) {
        return refused;
    }
    if !matches!(request.query("api-version").as_deref(), Some("2020-06-01" | "2019-11-01")) {
        return imds_error(400, "invalid_request", "The requested api-version is not supported");
    }
    let Some(resource) = request.query("resource") else {
        return imds_error(400, "invalid_request", "Required query variable 'resource' is missing");
    };
    match request.header("authorization") {
        None => {
            let realm = arc_key_file(world);
            Answer::empty(401).header("www-authenticate", format!("Basic realm={realm}"))
        }
        Some(value) if value == format!("Basic {}", shared.secrets.arc_key) => {
            imds_token(shared, world, request, &resource)
        }
        Some(_) => imds_error(401, "unauthorized_client", "The key of the challenge does not match"),
    }
}

/// Where the key of Azure Arc's challenge lies. The agent's own directory belongs to the machine, so the lab's is
/// another.
pub(crate) fn arc_key_file(world: &World) -> String {
    format!("{}/challenge.key", world.addresses.arc)
}

/// Cloud Shell: POST with a form; the token is the signed-in user's, for a fixed list of audiences (facts: caller, 2).
fn cloud_shell(shared: &Shared, world: &World, request: &Received) -> Answer {
    if request.method != "POST" || request.header("metadata") != Some("true") {
        return imds_error(400, "invalid_request", "Required metadata header not specified");
    }
    let Some(resource) = request.form("resource") else {
        return imds_error(400, "invalid_request", "Required audience parameter not specified");
    };
    let listed = RESOURCE_MANAGER.iter().chain(&GRAPH);
    if !listed.clone().any(|known| *known == resource) {
        let list: Vec<&str> = listed.copied().collect();
        let message = format!(
            "Audience {resource} is not a supported MSI token audience. Supported audiences: {}",
            list.join(",")
        );
        return Answer::json(400, &json!({"error": {"code": "AudienceNotSupported", "message": message}}));
    }
    imds_token(shared, world, request, &resource)
}

/// A virtual machine's metadata endpoint, 2018-02-01.
fn virtual_machine(shared: &Shared, world: &World, request: &Received) -> Answer {
    if request.path() != "/metadata/identity/oauth2/token" {
        return Answer::empty(404);
    }
    if let Some(refused) = metadata_refusal(request) {
        return refused;
    }
    if request.header("x-forwarded-for").is_some() {
        return imds_error(400, "invalid_request", "Request contains X-Forwarded-For header");
    }
    if request.query("api-version").is_none_or(|version| version.as_str() < "2018-02-01") {
        return imds_error(400, "bad_request_102", "Required api-version parameter not specified or not supported");
    }
    match request.query("resource") {
        Some(resource) => imds_token(shared, world, request, &resource),
        None => imds_error(400, "invalid_request", "Required query variable 'resource' is missing"),
    }
}

fn metadata_refusal(request: &Received) -> Option<Answer> {
    if request.method != "GET" {
        return Some(Answer::empty(405));
    }
    let given = request.header("metadata").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    (!given).then(|| imds_error(400, "bad_request_102", "Required metadata header not specified"))
}

fn imds_token(shared: &Shared, world: &World, request: &Received, resource: &str) -> Answer {
    match select(world, request, &["client_id", "object_id", "msi_res_id", "mi_res_id"]) {
        Err(_) => imds_error(400, "invalid_request", "Identity not found"),
        Ok(identity) => hand_out(shared, world, &principal(identity), resource, |issued| {
            imds_body(issued, &identity.client_id, resource)
        }),
    }
}

fn imds_body(issued: &Issued, client_id: &str, resource: &str) -> Value {
    let left = (issued.expires_on - now()).to_string();
    json!({
        "access_token": issued.token,
        "client_id": client_id,
        "expires_in": left,
        "expires_on": issued.expires_on.to_string(),
        "ext_expires_in": left,
        "not_before": issued.not_before.to_string(),
        "resource": resource,
        "token_type": "Bearer",
    })
}

fn imds_error(status: u16, error: &str, description: &str) -> Answer {
    Answer::json(status, &json!({"error": error, "error_description": description}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platform_of_every_change_is_known() {
        let named_in = include_str!("../../assets/lab/scenarios.toml").lines();
        let names: Vec<&str> = named_in
            .filter_map(|line| line.strip_prefix("world.identity_endpoint.platform = "))
            .map(|name| name.trim_matches('"'))
            .collect();
        assert!(names.len() >= 8);
        assert_eq!(names.iter().find(|name| named(name).is_none()), None);
    }
}
