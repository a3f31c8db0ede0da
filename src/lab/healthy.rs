//! The healthy world, with ids made for this run.

use std::collections::BTreeMap;

use serde_json::json;
use uuid::Uuid;

use super::world::{
    Access, Addresses, App, App1, AppBehaviour, AppRole, CertificateState, ChallengeForm, EasyAuth, Entra, Faults,
    FederatedCredential, FrontEnd, Gateway, Identity, IdentityEndpoint, OutsideToken, Reader, Refusals, Registration,
    SecretState, ServicePrincipal, SignatureShape, Site, Tenant, TokenShape, Visibility, World,
};

fn guid() -> String {
    Uuid::new_v4().to_string()
}

/// Everything in order: App 1's system-assigned identity may call App 2.
pub(crate) fn world(addresses: Addresses) -> World {
    let tenant = guid();
    let subscription = guid();
    let client_id = guid();
    let app1 = app1(&subscription, &client_id);
    let site = site(&subscription, &addresses);
    let callers: Vec<String> = app1.system_identity.iter().map(|id| id.client_id.clone()).collect();
    let service_principal = service_principal(&addresses);
    World {
        easy_auth: easy_auth(&tenant, &client_id, &callers, &service_principal.client_id),
        registration: registration(client_id),
        tenant: Tenant { id: tenant, foreign_id: guid(), domain: "contoso.onmicrosoft.com".to_owned() },
        identity_endpoint: IdentityEndpoint {
            platform: "app-service".to_owned(),
            pinned: false,
            refusals: Refusals::Opaque,
            stale_header: false,
            old_protocol_only: false,
            faults: Faults::default(),
        },
        entra: entra(),
        service_principal,
        site,
        app: App {
            path: "/api/hello".to_owned(),
            behaviour: AppBehaviour::Works,
            required_role: "Hello.Call".to_owned(),
        },
        front_end: FrontEnd {
            gateway: Gateway::None,
            strips_authorization: false,
            untrusted_certificate: false,
            unknown_host: false,
            redirect: String::new(),
            caller_address: "20.50.2.17".to_owned(),
            faults: Faults::default(),
        },
        resource_manager: Reader { access: Access::Contributor, faults: Faults::default() },
        graph: Reader { access: Access::Reader, faults: Faults::default() },
        app1,
        addresses,
    }
}

fn identity(subscription: &str, name: &str) -> Identity {
    Identity {
        name: name.to_owned(),
        client_id: guid(),
        object_id: guid(),
        resource_id: format!(
            "/subscriptions/{subscription}/resourcegroups/rg-caller/providers/Microsoft.ManagedIdentity/\
             userAssignedIdentities/{name}"
        ),
    }
}

fn app1(subscription: &str, client_id: &str) -> App1 {
    let mut system = identity(subscription, "app1");
    system.resource_id =
        format!("/subscriptions/{subscription}/resourcegroups/rg-caller/providers/Microsoft.Web/sites/app1");
    App1 {
        site_name: "app1".to_owned(),
        subscription: subscription.to_owned(),
        resource_group: "rg-caller".to_owned(),
        region: "West Europe".to_owned(),
        linux: true,
        kind: "app,linux".to_owned(),
        system_identity: Some(system),
        user_assigned: Vec::new(),
        detached_identity: identity(subscription, "id-detached"),
        variables: Visibility::Visible,
        egress_blocked: false,
        resource: format!("api://{client_id}"),
    }
}

fn entra() -> Entra {
    Entra {
        refuse: 0,
        refuse_text: String::new(),
        refuse_everything: false,
        other_resources: Vec::new(),
        tokens: TokenShape {
            issued_ago_s: 0,
            lifetime_s: 0,
            signature: SignatureShape::Good,
            set_claims: BTreeMap::new(),
            drop_claims: Vec::new(),
            raw: String::new(),
            foreign_tenant: false,
            for_resource_manager: false,
            groups: 0,
            cached_version: None,
            without_roles: false,
        },
        faults: Faults::default(),
    }
}

fn service_principal(addresses: &Addresses) -> ServicePrincipal {
    let issuer = format!("{}/kubernetes", addresses.other_host);
    let subject = "system:serviceaccount:default:app1".to_owned();
    let audience = "api://AzureADTokenExchange".to_owned();
    ServicePrincipal {
        client_id: guid(),
        object_id: guid(),
        display_name: "app1-service-principal".to_owned(),
        secret: SecretState::Valid,
        certificate: CertificateState::Registered,
        federated: Some(FederatedCredential {
            issuer: issuer.clone(),
            subject: subject.clone(),
            audience: audience.clone(),
        }),
        outside_token: OutsideToken { issuer, subject, audience, expires_in_s: 3600 },
        in_tenant: true,
        enabled: true,
    }
}

fn registration(client_id: String) -> Registration {
    Registration {
        identifier_uris: vec![format!("api://{client_id}")],
        client_id,
        object_id: guid(),
        service_principal_id: guid(),
        display_name: "app2".to_owned(),
        requested_access_token_version: None,
        sign_in_audience: "AzureADMyOrg".to_owned(),
        in_tenant: true,
        enabled: true,
        assignment_required: false,
        app_roles: vec![AppRole { id: guid(), value: "Hello.Call".to_owned() }],
        assignments: Vec::new(),
    }
}

fn site(subscription: &str, addresses: &Addresses) -> Site {
    let default_host_name = "app2.azurewebsites.net".to_owned();
    let host = addresses.app2.split("://").nth(1).unwrap_or_default().to_owned();
    Site {
        name: "app2".to_owned(),
        slot: None,
        subscription: subscription.to_owned(),
        resource_group: "rg-target".to_owned(),
        kind: "app,linux".to_owned(),
        location: "West Europe".to_owned(),
        linux: true,
        host_names: vec![default_host_name.clone(), host],
        default_host_name,
        state: "Running".to_owned(),
        usage_state: "Normal".to_owned(),
        availability_state: "Normal".to_owned(),
        https_only: true,
        client_certificate_enabled: false,
        client_certificate_mode: "Required".to_owned(),
        client_certificate_exclusions: None,
        public_network_access: "Enabled".to_owned(),
        private_endpoint_connections: Vec::new(),
        restrictions_default: "Allow".to_owned(),
        restrictions: vec![json!({
            "ipAddress": "Any", "action": "Allow", "priority": 2_147_483_647_u32,
            "name": "Allow all", "description": "Allow all access"
        })],
        identity_principal_id: guid(),
    }
}

/// What a well set up App 2 has: a v1 issuer for v1 tokens, both audience forms, and the callers' client IDs.
fn easy_auth(tenant: &str, client_id: &str, callers: &[String], service_principal: &str) -> EasyAuth {
    let mut applications = vec![client_id.to_owned()];
    applications.extend_from_slice(callers);
    applications.push(service_principal.to_owned());
    EasyAuth {
        properties: json!({
            "platform": {"enabled": true, "runtimeVersion": "~1"},
            "globalValidation": {
                "requireAuthentication": true,
                "unauthenticatedClientAction": "Return401",
                "redirectToProvider": "azureactivedirectory"
            },
            "identityProviders": {"azureActiveDirectory": {
                "enabled": true,
                "registration": {
                    "openIdIssuer": format!("https://sts.windows.net/{tenant}/"),
                    "clientId": client_id,
                    "clientSecretSettingName": "MICROSOFT_PROVIDER_AUTHENTICATION_SECRET"
                },
                "login": {"disableWWWAuthenticate": false},
                "validation": {
                    "jwtClaimChecks": {},
                    "allowedAudiences": [format!("api://{client_id}")],
                    "defaultAuthorizationPolicy": {
                        "allowedPrincipals": {},
                        "allowedApplications": applications
                    }
                }
            }},
            "login": {"routes": {}, "tokenStore": {"enabled": true, "tokenRefreshExtensionHours": 72.0}},
            "httpSettings": {
                "requireHttps": true,
                "routes": {"apiPrefix": "/.auth"},
                "forwardProxy": {"convention": "NoProxy"}
            }
        }),
        running: json!({}),
        file: json!({}),
        app_settings: BTreeMap::new(),
        challenge: ChallengeForm::WindowsNetV1,
        names_client_id: String::new(),
        egress_blocked: false,
        secret_unresolvable: false,
        validation_fails: false,
        log_hides_values: false,
        windows_403_with_body: true,
        invalid_counts_as_anonymous: false,
        opened_paths: Vec::new(),
        lenient: false,
    }
}
