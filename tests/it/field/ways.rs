//! Worlds of black-box testers in which the way to the answer was wrong: forms of a list that nobody reads, files that
//! override what was read, gateways that only passed an answer on, and rules of the app's own. Each has its right
//! answer, which was written before it was run.

use easyauth_doctor::knowledge::Owner;
use easyauth_doctor::report::Confidence::{Certain, Likely, Possible};
use serde_json::{Value, json};

use crate::field::caller::Field;
use crate::field::target::{
    Brings, CALLER, HTML, ID, JSON, PASSED, PLAIN, TENANT, World, behind_easy_auth, challenge, for_everybody, settings,
    v1_issuer,
};
use crate::helpers::routing::OTHER;
use crate::helpers::server::{RESOURCE, http};

/// Easy Auth's policy refuses every real token, on its own page as well.
fn denying() -> World {
    answering("403 Forbidden", PASSED, "")
}

/// Easy Auth in front of what answers the real token like this.
fn answering(status: &'static str, headers: &str, body: &'static str) -> World {
    let headers = headers.to_owned();
    World::of(move |head| {
        if head.starts_with("GET /.auth/me") && status.starts_with("403") && body.is_empty() {
            return http(status, &headers, body);
        }
        behind_easy_auth(head, |_| http(status, &headers, body))
    })
}

/// The same answer for everybody.
fn everywhere(status: &'static str, headers: &'static str, body: &'static str) -> World {
    World::of(move |_| http(status, headers, body))
}

/// Settings that allow everyone, with a file that overrides them where there is one.
fn stored(applications: &[&str], file: Option<&str>) -> Value {
    let mut all = settings(&v1_issuer(), &[RESOURCE], applications);
    all["properties"]["platform"]["configFilePath"] = json!(file);
    all
}

/// App 2's environment with this list of tenants, the lines separated by this.
fn environ(tenants: &str, separator: &str) -> String {
    let all = settings(&v1_issuer(), &[RESOURCE], &[]);
    let lines = [
        "WEBSITE_SITE_NAME=app2".to_owned(),
        "WEBSITE_AUTH_ENABLED=True".to_owned(),
        format!("WEBSITE_AUTH_V2_CONFIG_JSON={}", all["properties"]),
        format!("WEBSITE_AUTH_AAD_ALLOWED_TENANTS={tenants}"),
    ];
    lines.join(separator)
}

// ------------------------------------------------------------------------------------- the list of tenants

/// Every form has the tenant in it, and none of them is the tenant. The fix has the tenants alone.
#[test]
fn a_tenant_in_another_form_is_named_with_it_and_replaced() {
    for (form, wanted) in [
        (format!("\"{TENANT}\""), TENANT.to_owned()),
        (format!("'{TENANT}'"), TENANT.to_owned()),
        (format!("{OTHER},\u{a0}{TENANT}"), format!("{OTHER},{TENANT}")),
        (format!("{OTHER},{TENANT}\u{a0}"), format!("{OTHER},{TENANT}")),
        (format!("[\"{TENANT}\"]"), TENANT.to_owned()),
        (format!("[{TENANT}]"), TENANT.to_owned()),
        (format!("{OTHER}|{TENANT}"), format!("{OTHER},{TENANT}")),
        (format!("{OTHER};{TENANT}"), format!("{OTHER},{TENANT}")),
        (format!("https://sts.windows.net/{TENANT}/"), TENANT.to_owned()),
        (format!("({TENANT})"), TENANT.to_owned()),
        (format!("tid={TENANT}"), TENANT.to_owned()),
        (format!("[\"{OTHER}\",\"{TENANT}\"]"), format!("{OTHER},{TENANT}")),
    ] {
        for separator in ["\0", "\n"] {
            let seen = denying().with_environ(&environ(&form, separator)).observe();
            assert_eq!((seen.root(), seen.sureness()), ("tenant-not-allowed", Some(Likely)), "{form}");
            assert_eq!(seen.says("tenant-not-allowed").as_deref(), Some("joint-entry"), "{form}");
            assert!(seen.fixes().contains(&format!("TENANTS to {wanted}.")), "{form}: {}", seen.fixes());
        }
    }
}

/// What puts quotation marks around every value put them around this one, too; and what works, works.
#[test]
fn quotation_marks_of_a_file_are_not_the_values() {
    let quoted = [
        ("WEBSITE_AUTH_ENABLED", "True"),
        ("WEBSITE_AUTH_CLIENT_ID", ID),
        ("WEBSITE_AUTH_ALLOWED_AUDIENCES", RESOURCE),
        ("WEBSITE_AUTH_AAD_ALLOWED_TENANTS", TENANT),
    ];
    let quoted = quoted.map(|(name, value)| format!("export {name}=\"{value}\"")).join("\n");
    let seen = denying().with_environ(&quoted).observe();
    assert_ne!(seen.root(), "tenant-not-allowed", "{:?}", seen.candidates());
    for form in [TENANT.to_owned(), format!("{OTHER}, {TENANT}"), format!(" {TENANT} ")] {
        let seen = answering("200 OK", PASSED, "hello").with_environ(&environ(&form, "\0")).observe();
        assert_eq!(seen.root(), "pass", "{form}");
    }
    // A tenant that isn't there at all is certain.
    denying().with_environ(&environ(OTHER, "\0")).observe().is("tenant-not-allowed", Certain);
}

// ------------------------------------------------------------------------------------- Terraform's plans

fn plan(unknown: &Value, applications: &Value) -> Value {
    let directory = json!({"client_id": ID, "tenant_auth_endpoint": v1_issuer(), "allowed_audiences": [RESOURCE],
        "allowed_applications": applications});
    let block = json!([{"auth_enabled": true, "require_authentication": true, "unauthenticated_action": "Return401",
        "active_directory_v2": [directory]}]);
    let app = json!({"address": "azurerm_linux_web_app.a", "type": "azurerm_linux_web_app", "name": "a",
        "values": {"auth_settings_v2": block}});
    json!({"format_version": "1.2", "planned_values": {"root_module": {"resources": [app]}},
        "resource_changes": [{"address": "azurerm_linux_web_app.a", "change": {"after_unknown": unknown}}]})
}

/// What a plan doesn't know yet neither allows nor refuses the caller.
#[test]
fn what_a_plan_does_not_know_allows_nobody() {
    let list = |unknown: Value| json!({"auth_settings_v2": [{"active_directory_v2": [unknown]}]});
    for unknown in [
        list(json!({"allowed_applications": true})),
        list(json!({"allowed_applications": [true]})),
        list(json!({"allowed_identities": true})),
        list(json!({"jwt_allowed_client_applications": true})),
    ] {
        let known = if unknown.to_string().contains("[true]") { json!([null]) } else { json!([]) };
        let seen = denying().with_settings(&plan(&unknown, &known)).observe();
        seen.is("undetermined-403", Possible);
        assert_eq!(seen.candidates()[1], "caller-not-in-allowed-applications", "{unknown}: {:?}", seen.candidates());
    }
    // A list that is known decides, whatever else is unknown, as far as the plan has been applied.
    let other = json!({"id": true, "outbound_ip_addresses": true});
    denying().with_settings(&plan(&other, &json!([ID]))).observe().is("caller-not-in-allowed-applications", Likely);
}

// ------------------------------------------------------------------------------------- settings in a file

/// The file is what is enforced: the change belongs there, in its form, with its own entries.
#[test]
fn the_file_is_changed_and_not_the_settings_in_azure() {
    let file = stored(&[ID], None)["properties"].clone();
    let world = denying().managed(&stored(&[CALLER], Some("auth.json")), &json!({})).with_settings(&file);
    let seen = world.observe();
    assert_eq!(seen.root(), "caller-not-in-allowed-applications");
    let fixes = seen.fixes();
    assert!(!fixes.contains("--method put") && !fixes.contains("allowedApplications: ["), "{fixes}");
    assert!(fixes.contains("auth.json") && fixes.contains("'.identityProviders.azureActiveDirectory"), "{fixes}");
    assert!(!seen.found("settings-from-file").is_empty());
    let edited = seen.edited().unwrap();
    let list = &edited["identityProviders"]["azureActiveDirectory"]["validation"]["defaultAuthorizationPolicy"];
    assert_eq!(list["allowedApplications"], json!([ID, CALLER]), "{edited}");
}

/// Sibling: the audience. Without the file, the leftovers decide nothing and are edited nowhere.
#[test]
fn leftovers_of_a_file_are_never_edited() {
    let mut file = stored(&[], None)["properties"].clone();
    file["identityProviders"]["azureActiveDirectory"]["validation"]["allowedAudiences"] = json!([]);
    let refusing = || {
        World::of(|head| {
            behind_easy_auth(head, |brings| match brings {
                Brings::Bare => http("200 OK", PASSED, "hello"),
                _ => challenge(),
            })
        })
    };
    let seen = refusing().managed(&stored(&[], Some("/home/site/wwwroot/auth.json")), &json!({})).with_settings(&file);
    let seen = seen.observe();
    assert_eq!(seen.root(), "audience-not-allowed", "{:?}", seen.candidates());
    assert!(!seen.fixes().contains("--method put"), "{}", seen.fixes());
    // Only the leftovers.
    let seen = denying().managed(&stored(&[ID], Some("auth.json")), &json!({})).observe();
    seen.is("undetermined-403", Possible);
    assert_eq!(seen.says("caller-not-in-allowed-applications").as_deref(), Some("answers"));
    assert_eq!(seen.edited(), None);
}

/// Sibling: no file, and all ways in Azure are there.
#[test]
fn without_a_file_the_settings_in_azure_are_changed() {
    let seen = denying().managed(&stored(&[ID], None), &json!({})).observe();
    seen.is("caller-not-in-allowed-applications", Certain);
    assert!(seen.fixes().contains("--method put") && seen.edited().unwrap()["properties"].is_object());
}

// ------------------------------------------------------------------------------------- who answered

/// A gateway's words on an answer that was written behind Easy Auth are the app's, or those of what it calls.
#[test]
fn what_passed_easy_auth_is_no_gateways_answer() {
    const APIM: &str = r#"{"statusCode":500,"message":"Internal server error","activityId":"5b0e8f5e-1c7b-4b1a"}"#;
    let passed = format!("{PASSED}{JSON}");
    let cases = [
        ("500 Internal Server Error", APIM, "app-error"),
        ("403 Forbidden", r#"{"message":"Invalid subscription key"}"#, "app-error"),
        ("404 Not Found", r#"{ "statusCode": 404, "message": "Resource not found" }"#, "app-error"),
        ("403 Forbidden", r#"{"message":"no Route matched with those values"}"#, "app-error"),
    ];
    for (status, body, code) in cases {
        let seen = answering(status, &passed, body).observe();
        assert_eq!(seen.root(), code, "{status} {body}: {:?}", seen.candidates());
        assert_ne!(seen.says("app-error").as_deref(), Some("gateway"), "{body}");
    }
    // The same without Easy Auth's header is API Management's own, and its fix is there.
    let seen = answering("500 Internal Server Error", JSON, APIM).observe();
    assert_eq!(seen.says("app-error").as_deref(), Some("gateway"));
    assert!(seen.fixes().contains("In API Management") && !seen.fixes().contains("Log stream"), "{}", seen.fixes());
}

/// What a company's proxy or a captive network answers for every path isn't App 2's.
#[test]
fn proxies_that_answer_for_every_path() {
    for (status, headers, body) in [
        (
            "403 Forbidden",
            "server: squid/5.7\r\nx-squid-error: ERR_ACCESS_DENIED 0\r\ncontent-type: text/html\r\n",
            "<html><title>ERROR: The requested URL could not be retrieved</title><p>Access Denied.</p></html>",
        ),
        ("403 Forbidden", HTML, "<html><head><title>Cisco Umbrella</title></head>This site is blocked.</html>"),
        ("200 OK", HTML, "<html><head><title>Cisco Umbrella</title></head>This site is blocked.</html>"),
        ("403 Forbidden", HTML, "<html><title>Sophos Web Protection</title>Blocked request: category</html>"),
        ("511 Network Authentication Required", HTML, "<html><title>Login</title></html>"),
        ("511 Network Authentication Required", PLAIN, "Sign in to the network first"),
    ] {
        let seen = everywhere(status, headers, body).observe();
        seen.is("network-access-restricted", Likely);
        assert_eq!(seen.says("network-access-restricted").as_deref(), Some("proxy"), "{status} {body}");
        let root = seen.0.diagnosis().root_cause.as_ref().unwrap();
        assert_eq!(root.owner, Some(Owner::Network), "{status}");
    }
    // Squid that only passes an answer on leaves no such header, and says nothing of the rules.
    let seen = answering("403 Forbidden", "via: 1.1 proxy (squid/5.7)\r\nx-cache: MISS from proxy\r\n", "").observe();
    assert_ne!(seen.root(), "network-access-restricted", "{:?}", seen.candidates());
}

/// An error that the app writes itself is quoted, whatever its status.
#[test]
fn the_app_says_why_it_is_not_available() {
    let passed = format!("{PASSED}{JSON}");
    const SAID: &str = r#"{"error":"Maintenance until 06:00"}"#;
    for status in ["503 Service Unavailable", "502 Bad Gateway", "504 Gateway Timeout"] {
        let seen = answering(status, &passed, SAID).observe();
        seen.is("app-error", Likely);
        assert!(seen.tells("Maintenance until 06:00"), "{status}");
    }
    // A server's page, and an answer without words, are not the app's.
    let page = format!("{PASSED}{HTML}");
    for (headers, body) in [(page.as_str(), "<html><title>503 Service Unavailable</title></html>"), (PASSED, "")] {
        let seen = answering("503 Service Unavailable", headers, body).observe();
        assert_eq!(seen.root(), "app-unavailable", "{body}");
    }
}

// ------------------------------------------------------------------------------------- rules of the app's own

/// No app role satisfies these rules, and none is to be assigned.
#[test]
fn rules_that_no_role_satisfies() {
    let passed = format!("{PASSED}{JSON}");
    for body in [
        r#"{"error":"Client application c0000000-0000-4000-8000-000000000001 is not authorized"}"#,
        r#"{"error":"c0000000-0000-4000-8000-000000000001 may not access this API"}"#,
        r#"{"error":"User is not a member of group orders-admins"}"#,
        r#"{"error":"This API requires a user context (delegated permission)"}"#,
        r#"{"error":"Access denied: caller is not on the allowlist"}"#,
        r#"{"message":"Access denied: missing API key"}"#,
        r#"{"message":"Your license does not allow access"}"#,
    ] {
        let seen = answering("403 Forbidden", &passed, body).observe();
        seen.is("app-error", Likely);
        assert!(!seen.fixes().contains("appRoleAssignments"), "{body}: {}", seen.fixes());
    }
    // A permission that is named is one, whatever else is named.
    for body in [
        r#"{"error":"Client application c0000000-0000-4000-8000-000000000001 needs the role Orders.Read"}"#,
        r#"{"error":"Group or role Orders.Read is required"}"#,
        r#"{"error":"Insufficient scope for this client application"}"#,
        r#"{"error":"You are not allowed to do this"}"#,
    ] {
        let seen = answering("403 Forbidden", &passed, body).observe();
        assert_eq!(seen.root(), "app-requires-role-or-scope", "{body}: {:?}", seen.candidates());
    }
}

#[test]
fn protections_against_cross_site_requests() {
    let passed = format!("{PASSED}{PLAIN}");
    for body in [
        "Forbidden: Could not verify the provided CSRF token because your session was not found.",
        "Invalid CSRF Token 'null' was found on the request parameter '_csrf'",
        "Can't verify CSRF token authenticity.",
        "403 FORBIDDEN: '_xsrf' argument missing from POST",
        "The required antiforgery token was not supplied",
    ] {
        let seen = answering("403 Forbidden", &passed, body).observe();
        seen.is("app-error", Likely);
        assert_eq!(seen.says("app-error").as_deref(), Some("cross-site"), "{body}");
    }
    // A page that only carries such a token for its forms says nothing of it.
    let page = "<html><head><meta name=\"csrf-token\" content=\"x\"></head>The role Orders.Read is required</html>";
    let seen = answering("403 Forbidden", &format!("{PASSED}{HTML}"), page).observe();
    assert_eq!(seen.root(), "app-requires-role-or-scope", "{:?}", seen.candidates());
}

/// A claims challenge isn't answered by another audience.
#[test]
fn a_claims_challenge_has_a_fix_of_its_own() {
    let claims = "www-authenticate: Bearer error=\"insufficient_claims\", claims=\"eyJhY2Nlc3NfdG9rZW4iOnt9fQ==\"\r\n";
    let seen = answering("401 Unauthorized", &format!("{PASSED}{claims}"), "").observe();
    seen.is("app-validates-token-itself", Likely);
    assert!(!seen.fixes().contains("ValidAudiences"), "{}", seen.fixes());
    let invalid = "www-authenticate: Bearer error=\"invalid_token\"\r\n";
    let seen = answering("401 Unauthorized", &format!("{PASSED}{invalid}"), "").observe();
    assert!(seen.fixes().contains("ValidAudiences"), "{}", seen.fixes());
}

// ------------------------------------------------------------------------------------- container apps

const ABSENT: &str = "<html><title>Azure Container App - Unavailable</title><h1>Error 404 - This Container App is \
    stopped or does not exist.</h1></html>";

fn absent() -> World {
    World::of(|head| for_everybody(head, &http("404 Not Found", HTML, ABSENT)))
}

/// What the ingress is, was read.
#[test]
fn the_ingress_of_a_container_app_is_used() {
    let internal = json!({"external": false, "fqdn": "app2.internal.x.westeurope.azurecontainerapps.io"});
    for (ingress, command) in [(internal, "ingress update"), (Value::Null, "ingress enable")] {
        let properties = json!({"runningStatus": "Running", "configuration": {"ingress": ingress}});
        let seen = absent().container_app(Some(&properties)).observe();
        seen.is("network-access-restricted", Likely);
        assert!(seen.fixes().contains(command), "{}", seen.fixes());
    }
    // It runs and is open: only the name is left.
    let open = json!({"external": true, "fqdn": "app2.x.westeurope.azurecontainerapps.io"});
    let properties = json!({"runningStatus": "Running", "configuration": {"ingress": open}});
    let seen = absent().container_app(Some(&properties)).observe();
    assert_eq!(seen.candidates(), ["undetermined-failure", "target-not-found"]);
    // Without the app, its name comes first; without Azure, all are open.
    let seen = absent().container_app(None).observe();
    assert_eq!(seen.candidates()[1], "target-not-found", "{:?}", seen.candidates());
    assert_eq!(absent().observe().candidates().len(), 4);
}

// ------------------------------------------------------------------------------------- whose site

/// The name in App 2's own challenge tells whose settings these are, whatever is in front.
#[test]
fn the_challenge_names_the_site() {
    let at = |realm: &'static str| {
        World::of(move |head| {
            let answer = if head.starts_with("GET /.auth/me") {
                http("403 Forbidden", PASSED, "")
            } else {
                behind_easy_auth(head, |_| http("403 Forbidden", PASSED, ""))
            };
            answer.replace("realm=\"127.0.0.1\"", &format!("realm=\"{realm}\""))
        })
    };
    let site = |name: &str| json!({"hostNames": [name], "defaultHostName": name});
    let own = at("app2.azurewebsites.net").managed(&stored(&[ID], None), &site("app2.azurewebsites.net"));
    own.observe().is("caller-not-in-allowed-applications", Certain);
    // The slot's settings, and production answers.
    let slot = at("app2.azurewebsites.net").managed(&stored(&[ID], None), &site("app2-staging.azurewebsites.net"));
    let seen = slot.observe();
    seen.is("undetermined-403", Possible);
    assert_eq!(seen.edited(), None);
    // Nobody's name: as before, likely.
    let unknown = at("orders.contoso.com").managed(&stored(&[ID], None), &site("app2.azurewebsites.net"));
    unknown.observe().is("caller-not-in-allowed-applications", Likely);
}

/// Settings of another app say nothing, and neither does the resource ID that they were read with.
#[test]
fn the_resource_id_of_another_app_is_in_no_command() {
    let mut other = stored(&[OTHER], None);
    other["properties"]["identityProviders"]["azureActiveDirectory"]["registration"]["clientId"] = json!(OTHER);
    let seen = denying().managed(&other, &json!({"hostNames": ["other.example"]})).observe();
    seen.is("undetermined-403", Possible);
    let fixes = seen.fixes();
    assert!(!fixes.contains("11112222-3333-4444-5555-666677778888") && fixes.contains("az resource list"), "{fixes}");
    // App 2's own is.
    let seen = denying().managed(&stored(&[ID], None), &json!({})).observe();
    assert!(seen.fixes().contains("11112222-3333-4444-5555-666677778888"));
}

/// What is compared is said: groups with groups.
#[test]
fn groups_are_compared_with_groups() {
    let mut all = stored(&[], None);
    let validation = &mut all["properties"]["identityProviders"]["azureActiveDirectory"]["validation"];
    validation["defaultAuthorizationPolicy"] = json!({"allowedPrincipals": {"groups": [OTHER]}});
    let world = denying().with_settings(&all);
    let issuer = format!("https://sts.windows.net/{TENANT}/");
    let seen = world.giving(json!({"groups": [ID], "iss": issuer})).observe();
    assert_eq!(seen.root(), "principal-not-in-allowed-identities", "{:?}", seen.candidates());
    assert_eq!(seen.says("principal-not-in-allowed-identities").as_deref(), Some("groups"));
    let seen = denying().with_settings(&all).observe();
    assert_eq!(seen.root(), "groups-claim-missing", "{:?}", seen.candidates());
}

/// The reason is in the body, where Easy Auth writes it there.
#[test]
fn a_reason_in_the_body_is_quoted() {
    const BODY: &str = r#"{"code":401,"message":"IDX10205: Issuer validation failed."}"#;
    let world = World::of(|head| {
        behind_easy_auth(head, |_| {
            let bare = challenge();
            let header = bare.lines().find(|line| line.starts_with("www-authenticate")).unwrap().to_owned();
            http("401 Unauthorized", &format!("{PASSED}{JSON}{header}\r\n"), BODY)
        })
    });
    let seen = world.observe();
    seen.is("undetermined-401", Possible);
    assert!(seen.tells("IDX10205"), "{:?}", seen.candidates());
}

/// The front end's page and another site's state don't contradict each other.
#[test]
fn the_state_of_another_site_says_nothing() {
    let page = "<html><title>Web App - Unavailable</title><h1>Error 403 - This web app is stopped.</h1></html>";
    let stopped = |names: Value| {
        let settings = stored(&[], None);
        everywhere("403 Forbidden", HTML, page).managed(&settings, &json!({"hostNames": names, "state": "Running"}))
    };
    let seen = stopped(json!(["app2.azurewebsites.net"])).observe();
    seen.is("target-stopped", Likely);
    assert!(!seen.tells("Running"));
    // Its own state does.
    let seen = stopped(json!(["127.0.0.1"])).observe();
    seen.is("target-stopped", Likely);
    assert!(seen.tells("Running"));
}

// ------------------------------------------------------------------------------------- App 1's side

/// Words that only Azure has are Azure's, whoever seems to serve them; variables of App Service elsewhere are copies.
#[test]
fn whose_metadata_endpoint_answers() {
    let azure = json!({"error": "invalid_request", "error_description": "Identity not found"});
    let said = azure.to_string();
    let seen = Field::machine(move |_| http("400 Bad Request", "server: EC2ws\r\n", &said)).check();
    // The endpoint may have an outdated entry for the machine (Azure/aad-pod-identity issues 681 and 1102).
    seen.root("identity-not-enabled", "likely");
    let ibm = json!({"errors": [{"code": "invalid_metadata_flavor", "message": "Missing the Metadata-Flavor header"}]});
    let ibm = ibm.to_string();
    let seen = Field::machine(move |_| http("403 Forbidden", "metadata-flavor: ibm\r\n", &ibm)).check();
    seen.root("identity-unsupported-on-host", "likely");
}

/// A person's token from a client of one's own says nothing of App 1.
#[test]
fn a_person_with_a_client_of_their_own() {
    let person = json!({"appid": OTHER, "oid": "f0000000-0000-4000-8000-000000000001", "idtyp": null,
        "scp": "user_impersonation", "upn": "ann@contoso.com", "iss": format!("https://sts.windows.net/{TENANT}/")});
    let seen = denying().giving(person).observe();
    seen.is("undetermined-403", Possible);
    assert!(seen.fixes().contains("where App 1 runs") && !seen.fixes().contains("They must allow"), "{}", seen.fixes());
    assert!(!seen.tells("App 1's client ID"));
    // App 1's own token: its IDs are what must be allowed.
    assert!(denying().observe().fixes().contains("They must allow"));
}

/// A machine of another cloud, where Azure's variables were copied to, or in a cluster.
#[test]
fn other_clouds_get_ways_of_their_own() {
    let ec2 = |_: &str| http("401 Unauthorized", "server: EC2ws\r\n", "");
    let seen = Field::pod(ec2).check();
    seen.root("identity-unsupported-on-host", "likely");
    assert!(seen.fixes().contains("AZURE_FEDERATED_TOKEN_FILE"), "{}", seen.fixes());
    assert!(!seen.fixes().contains("Static Web Apps") && !seen.fixes().contains("create-for-rbac"), "{}", seen.fixes());
    let seen = Field::app_service(ec2).check();
    seen.root("identity-unsupported-on-host", "likely");
    assert!(seen.fixes().contains("IDENTITY_HEADER"), "{}", seen.fixes());
}

/// What isn't a client secret is named by its form, which shows nothing of its value.
#[test]
fn forms_of_client_secrets() {
    use easyauth_doctor::case::secret::SecretForm::{self, Assignment, Escaped, Guid, LineBreak, Masked, Pem};
    for (text, form) in [
        ("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----", Some(Pem)),
        ("-----BEGIN CERTIFICATE-----\nMIID", Some(Pem)),
        ("AZURE_CLIENT_SECRET=abc8Q~x", Some(Assignment)),
        ("export AZURE_CLIENT_SECRET=abc8Q~x", Some(Assignment)),
        ("abc8Q%7Ex", Some(Escaped)),
        ("abc8Q%7ex", Some(Escaped)),
        ("***", Some(Masked)),
        ("abc8Q~x\n", Some(LineBreak)),
        (ID, Some(Guid)),
        ("abc8Q~x.y_z-1", None),
        ("abc=8Q~x", None),
        ("a*b**c", None),
        ("100%sure~", None),
    ] {
        assert_eq!(SecretForm::of(text), form, "{text}");
    }
}

/// The client ID, pasted twice, is shown, and isn't sent as a secret.
#[test]
fn a_client_id_is_no_secret() {
    let client = "c0000000-0000-4000-8000-000000000001";
    let field = Field::secret(|_| http("401 Unauthorized", JSON, r#"{"error":"invalid_client"}"#));
    let field = field.set("AZURE_CLIENT_ID", client).set("AZURE_CLIENT_SECRET", client);
    let seen = field.check();
    seen.root("credential-incomplete", "certain");
    assert!(!seen.fixes().contains("[redacted]"), "{}", seen.fixes());
    assert!(!field.entra.received().iter().any(|head| head.contains("/token")), "{:?}", field.entra.received());
}

/// The code of Service Fabric's error looks like a token, and a saved case hides it; its sentence stays.
#[test]
fn the_sentence_of_service_fabric_is_known_without_its_code() {
    let whole = r#"{"error":{"code":"SecretHeaderNotFound","message":"Secret is not found in the request headers."}}"#;
    let hidden = whole.replace("SecretHeaderNotFound", "[…]");
    let says = easyauth_doctor::knowledge::endpoint_says;
    assert!(says(whole).is_some());
    assert_eq!(format!("{:?}", says(&hidden)), format!("{:?}", says(whole)));
}

/// A rule may deny the address, so the rules are listed before one is added.
#[test]
fn rules_are_listed_before_one_is_added() {
    let headers = "x-ms-forbidden-ip: 20.1.2.3\r\ncontent-type: text/html\r\n";
    let world = everywhere("403 Ip Forbidden", headers, "<html><title>Forbidden</title></html>");
    let seen = world.managed(&stored(&[], None), &json!({})).observe();
    seen.is("network-access-restricted", Certain);
    let fixes = seen.fixes();
    let place = |command: &str| fixes.find(command).unwrap_or_else(|| panic!("{command}: {fixes}"));
    assert!(place("access-restriction show") < place("access-restriction add"), "{fixes}");
}
