//! What one answer shows less surely than it seems to, with siblings that look alike and are something else: answers
//! that pass by themselves, a scope's name behind a URI, and marks that every answer has. Each was written with its
//! right answer before it was run.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use easyauth_doctor::report::Confidence::{Certain, Likely, Possible};
use serde_json::json;

use crate::field::caller::{Field, app_service, asks_for_resource_manager, entra, issued, issued_with};
use crate::field::target::{Brings, CALLER, ID, JSON, PASSED, World, behind_easy_auth, challenge, settings, v1_issuer};
use crate::helpers::answering::{time, with_log};
use crate::helpers::server::{RESOURCE, Server, http};

const FORBIDDEN: &str = "403 Forbidden";
const POLICY: &str = "caller-not-in-allowed-applications";
const AUDIENCE: &str = "audience-not-allowed";

fn fine() -> String {
    http("200 OK", PASSED, "hello")
}

fn refused() -> String {
    http(FORBIDDEN, PASSED, "")
}

/// Easy Auth's own page names the caller.
fn names_the_caller() -> String {
    let claims = format!(r#"[{{"typ":"aud","val":"{RESOURCE}"}},{{"typ":"appid","val":"{CALLER}"}}]"#);
    http("200 OK", JSON, &format!(r#"[{{"provider_name":"aad","user_id":"x","user_claims":{claims}}}]"#))
}

// ------------------------------------------------------------------------------------- the same call, another answer

/// The first requests with a real token get this, and later ones what comes then; Easy Auth's own page accepts it.
fn at_first(count: usize, first: impl Fn() -> String + Send + Sync + 'static, then: fn() -> String) -> World {
    let seen = AtomicUsize::new(0);
    World::of(move |head| {
        if head.starts_with("GET /.auth/me ") && Brings::of(head).is_real() {
            return names_the_caller();
        }
        behind_easy_auth(head, |_| if seen.fetch_add(1, SeqCst) < count { first() } else { then() })
    })
}

/// An instance that is loading keys, a restart, one of several: the same request gets another answer.
#[test]
fn an_answer_that_passes_by_itself_has_no_certain_cause() {
    let own_403 = || http(FORBIDDEN, &format!("{PASSED}{JSON}"), r#"{"error":"The role Orders.Read is required"}"#);
    let admits = settings(&v1_issuer(), &[RESOURCE], &[CALLER]);
    let excludes = settings(&v1_issuer(), &[RESOURCE], &[ID]);
    let lists_nothing = settings(&v1_issuer(), &[], &[CALLER]);
    let managed = |world: World, settings| world.managed(&settings, &json!({}));
    for (name, world, code) in [
        ("401, once", at_first(1, challenge, fine), "undetermined-401"),
        ("401, twice", at_first(2, challenge, fine), "undetermined-401"),
        ("401, listed", managed(at_first(2, challenge, fine), admits.clone()), "undetermined-401"),
        ("401, not listed", managed(at_first(2, challenge, fine), lists_nothing), "undetermined-401"),
        ("403, once", at_first(1, refused, fine), "undetermined-403"),
        ("403, allowed", managed(at_first(1, refused, fine), admits), "undetermined-403"),
        ("403, excluded", managed(at_first(1, refused, fine), excludes.clone()), "undetermined-403"),
        ("403 of the app", at_first(1, own_403, fine), "undetermined-403"),
        ("401, then 403", managed(at_first(2, challenge, refused), excludes.clone()), "undetermined-401"),
        ("403, then 401", managed(at_first(1, refused, challenge), excludes), "undetermined-403"),
        ("a token for the client ID", at_first(1, challenge, fine).asking(Some(ID)), "undetermined-401"),
    ] {
        let seen = world.observe();
        assert_eq!((seen.root(), seen.sureness()), (code, Some(Possible)), "{name}: {:?}", seen.candidates());
        assert_eq!(seen.says(code).as_deref(), Some("differs"), "{name}");
        assert!(seen.tells("the same request"), "{name}");
    }
}

/// What every request gets keeps its cause, and so does what a busy or restarting App 2 answers to the repetition.
#[test]
fn an_answer_that_stays_keeps_its_cause() {
    let excludes = settings(&v1_issuer(), &[RESOURCE], &[ID]);
    let busy = || http("429 Too Many Requests", PASSED, "");
    let down = || http("503 Service Unavailable", PASSED, "");
    let denied = |then: fn() -> String| {
        let seen = AtomicUsize::new(0);
        let world = World::of(move |head| match head.starts_with("GET /.auth/me ") && Brings::of(head).is_real() {
            true => refused(),
            false => behind_easy_auth(head, |_| if seen.fetch_add(1, SeqCst) == 0 { refused() } else { then() }),
        });
        world.managed(&excludes, &json!({})).observe()
    };
    denied(refused).is(POLICY, Certain);
    denied(busy).is(POLICY, Certain);
    denied(down).is(POLICY, Certain);
    let audience =
        World::of(|head| behind_easy_auth(head, |brings| if brings == Brings::Bare { fine() } else { challenge() }));
    audience.observe().is(AUDIENCE, Likely);
    at_first(usize::MAX, challenge, fine).observe().is("undetermined-401", Possible);
    let own = || http(FORBIDDEN, &format!("{PASSED}{JSON}"), r#"{"error":"The role Orders.Read is required"}"#);
    at_first(usize::MAX, own, fine).observe().is("app-requires-role-or-scope", Likely);
}

/// What can change data is sent once, and what is read is sent again once.
#[test]
fn only_what_changes_nothing_is_sent_again() {
    for (method, count) in [("POST", 1), ("DELETE", 1), ("GET", 2), ("HEAD", 2)] {
        let mut field = Field::app_service(|_| issued(RESOURCE));
        field.app2 = Server::answers(|head| behind_easy_auth(head, |_| refused()));
        let field = field.option(&["-X", method, "--yes"]);
        field.check();
        let calls = field
            .app2
            .received()
            .into_iter()
            .filter(|head| head.starts_with(&format!("{method} /api")) && Brings::of(head) == Brings::Uri);
        assert_eq!(calls.count(), count, "{method}");
    }
}

// ----------------------------------------------------------------------------------------- a scope's name behind a URI

/// What is before the last slash is asked for once: a token for it shows that the rest is no part of the URI.
#[test]
fn a_scope_behind_a_custom_uri() {
    let not_found = "AADSTS500011: The resource principal named x was not found in the tenant named Contoso.";
    let opaque = "An unexpected error occured while fetching the AAD Token.";
    let bad = "400 Bad Request";
    for (asked, known, status, said, right) in [
        ("api://orders/Orders.Read", "api://orders", bad, not_found, ("scope-name-in-resource", "likely")),
        ("api://orders/v2/read", "api://orders/v2", bad, not_found, ("scope-name-in-resource", "likely")),
        (
            "https://contoso.com/orders/write",
            "https://contoso.com/orders",
            bad,
            not_found,
            ("scope-name-in-resource", "likely"),
        ),
        (
            "api://orders/Orders.Read",
            "api://orders",
            "500 Internal Server Error",
            opaque,
            ("scope-name-in-resource", "likely"),
        ),
        // Entra doesn't know that one either.
        ("api://orders/Orders.Read", "", bad, not_found, ("resource-not-registered", "certain")),
        ("https://contoso.com/orders", "", bad, not_found, ("resource-not-registered", "certain")),
        ("api://orders", "", bad, not_found, ("resource-not-registered", "certain")),
        // Only the slash differs.
        ("api://orders", "api:/", bad, not_found, ("resource-not-registered", "certain")),
    ] {
        let mut field = Field::app_service(move |head| {
            let query = head.split(' ').nth(1).unwrap_or_default();
            let asked = url::Url::parse(&format!("http://localhost{query}")).unwrap();
            let asked = asked.query_pairs().find(|(name, _)| name == "resource").unwrap().1.into_owned();
            match asked == known || asked.contains("management") {
                true => issued(&asked),
                false => app_service(status, said),
            }
        });
        field.app2 = Server::answers(|head| behind_easy_auth(head, |_| challenge()));
        let seen = field.option(&["--resource", asked]).check();
        assert_eq!((seen.code(), seen.confidence()), (right.0, right.1), "{asked} {said}: {}", seen.cause());
        assert!(right.0 != "scope-name-in-resource" || seen.cause().contains(known), "{}", seen.cause());
    }
}

/// Where the first part gets another answer than Entra's, nothing shows whether it is registered.
#[test]
fn a_uri_whose_first_part_is_unknown_is_not_certainly_unregistered() {
    let not_found = "AADSTS500011: The resource principal named x was not found in the tenant named Contoso.";
    let mut field = Field::app_service(move |head| match () {
        () if asks_for_resource_manager(head) => issued("https://management.azure.com"),
        () if head.contains("resource=api%3A%2F%2Forders&") => http("429 Too Many Requests", "", ""),
        () => app_service("400 Bad Request", not_found),
    });
    field.app2 = Server::answers(|head| behind_easy_auth(head, |_| challenge()));
    let seen = field.option(&["--resource", "api://orders/Orders.Read"]).check();
    assert_eq!((seen.code(), seen.confidence()), ("resource-not-registered", "likely"), "{}", seen.cause());
}

// ----------------------------------------------------------------------------------------- marks that every answer has

/// What is in front of App 2 puts its header on App 2's own answers as well.
#[test]
fn a_header_that_every_answer_has_does_not_show_who_gave_one() {
    let gateway = "server: Microsoft-Azure-Application-Gateway/v2\r\n";
    let kong = "server: kong/3.4\r\nvia: kong/3.4\r\n";
    let api = "ocp-apim-trace-location: x\r\n";
    let excludes = settings(&v1_issuer(), &[RESOURCE], &[ID]);
    let admits = settings(&v1_issuer(), &[RESOURCE], &[CALLER]);
    let role = r#"{"error":"The role Orders.Read is required"}"#;
    let orders = r#"{"error":"You can only read your own orders"}"#;
    let page = "<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1></center><hr>\
        <center>Microsoft-Azure-Application-Gateway/v2</center></body></html>";
    let world = |mark: &'static str, headers: &str, body: &'static str, settings: &serde_json::Value| {
        let answer = http(FORBIDDEN, &format!("{mark}{headers}"), body);
        let world = World::of(move |head| behind_easy_auth(head, |_| answer.clone()).replace(PASSED, mark));
        world.with_settings(settings).observe()
    };
    for mark in [gateway, kong, api] {
        world(mark, "", "", &excludes).is(POLICY, Likely);
        world(mark, JSON, role, &admits).is("app-requires-role-or-scope", Likely);
        world(mark, JSON, orders, &admits).is("app-error", Likely);
    }
    // Its own page, and a header that only this answer has.
    world(gateway, "content-type: text/html\r\n", page, &excludes).is("network-access-restricted", Likely);
    let only = http(FORBIDDEN, gateway, "");
    let only = World::of(move |head| behind_easy_auth(head, |_| only.clone()));
    only.with_settings(&admits).observe().is("network-access-restricted", Likely);
}

// ------------------------------------------------------------------------------- settings that aren't what App 2 runs

/// Nothing of Easy Auth answers, though the settings turn it on.
#[test]
fn settings_that_are_not_in_effect() {
    let world = |login: &'static str, invalid: &'static str| {
        World::of(move |head| match () {
            () if head.starts_with("GET /.auth/login") => {
                http(login, "location: https://login.microsoftonline.com/x/oauth2/v2.0/authorize?client_id=y\r\n", "")
            }
            () if head.starts_with("GET /.") => http("404 Not Found", "", ""),
            () if Brings::of(head) == Brings::InvalidToken => http(invalid, "", "hello"),
            () => http("200 OK", "", "hello"),
        })
    };
    let mut requires = settings(&v1_issuer(), &[RESOURCE], &[]);
    let global = "/properties/globalValidation";
    let not_active = "easy-auth-not-active";
    world("404 Not Found", "200 OK").with_settings(&requires).observe().is(not_active, Likely);
    world("404 Not Found", "200 OK").managed(&requires, &json!({})).observe().is(not_active, Likely);
    // Something of Easy Auth is there.
    let other = "unauthenticated-action-not-applied";
    assert_eq!(world("302 Found", "200 OK").with_settings(&requires).observe().root(), other);
    assert_eq!(world("404 Not Found", "401 Unauthorized").with_settings(&requires).observe().root(), other);
    // Terraform's default beside an action that rejects.
    *requires.pointer_mut(global).unwrap() =
        json!({"requireAuthentication": false, "unauthenticatedClientAction": "RedirectToLoginPage"});
    world("404 Not Found", "200 OK").with_settings(&requires).observe().is(not_active, Likely);
    assert_eq!(world("302 Found", "200 OK").with_settings(&requires).observe().root(), "pass");
    // What allows everybody is no fault of Easy Auth's.
    *requires.pointer_mut(global).unwrap() =
        json!({"requireAuthentication": false, "unauthenticatedClientAction": "AllowAnonymous"});
    assert_eq!(world("404 Not Found", "200 OK").with_settings(&requires).observe().root(), "pass");
}

/// The machine of a hosted agent has an identity of the platform's.
#[test]
fn the_identity_of_an_agents_machine_is_not_the_jobs() {
    let foreign = "99999999-2222-4333-8444-555555555555";
    let not_found = "AADSTS500011: The resource principal named x was not found in the tenant named Contoso.";
    let seen = |name: &str| {
        let mut field = Field::machine(move |head| match asks_for_resource_manager(head) {
            true => issued_with("https://management.azure.com", &json!({"tid": foreign})),
            false => app_service("400 Bad Request", not_found),
        });
        field.app2 = Server::answers(|head| behind_easy_auth(head, |_| challenge()));
        let field = if name.is_empty() { field } else { field.set(name, "True") };
        field.option(&["--credential", "managed-identity"]).check()
    };
    let agent = seen("TF_BUILD");
    agent.root("identity-in-other-tenant", "likely");
    assert!(agent.fixes().contains("AzureCLI@2") && !agent.fixes().contains("multitenant"), "{}", agent.fixes());
    let machine = seen("");
    machine.root("identity-in-other-tenant", "likely");
    assert!(machine.fixes().contains("multitenant"), "{}", machine.fixes());
}

// -------------------------------------------------------------------------------------------------------- App 2's log

/// What `explain` knows of a validator's words, the log's reader knows as well.
#[test]
fn the_words_of_the_apps_own_code_in_its_log() {
    const VALIDATES: &str = "app-validates-token-itself";
    let bearer = format!("{PASSED}www-authenticate: Bearer error=\"invalid_token\"\r\n");
    for (line, code) in [
        ("oidc: expected audience \"api://other\" got [\"api://app2\"]", VALIDATES),
        ("INFO:fastapi_azure_auth:Token contains invalid claims. Invalid audience", VALIDATES),
        ("[passport-azure-ad: Bearer Strategy] authentication failed due to: jwt audience is invalid", VALIDATES),
        ("jose.exceptions.JWTClaimsError: Invalid issuer", VALIDATES),
        ("Authorization failed. DenyAnonymousAuthorizationRequirement: Requires an authenticated user.", VALIDATES),
        ("IDW10201: Neither scope nor roles claim was found in the bearer token.", "app-requires-role-or-scope"),
        ("AuthenticationScheme: WebJobsAuthLevel was forbidden.", "function-key-required"),
    ] {
        let log = format!("{}  {line}\n", time("%Y-%m-%dT%H:%M:%S"));
        let report = with_log(|_| http("401 Unauthorized", PASSED, ""), &log);
        assert_eq!(report["root_cause"]["code"], code, "{line}: {}", report["root_cause"]["summary"]);
        assert_eq!(report["root_cause"]["confidence"], "likely", "{line}");
        assert!(report["root_cause"]["evidence"].to_string().contains("line 1"), "{line}: {report:#}");
    }
    // Nor is the line lost where the challenge names an error.
    let log = format!(
        "{}  fail: Microsoft.AspNetCore.Authentication.JwtBearer.JwtBearerHandler[1] IDX10204: Unable to \
        validate issuer. validationParameters.ValidIssuer is null or whitespace\n",
        time("%Y-%m-%dT%H:%M:%S")
    );
    let report = with_log(move |_| http("401 Unauthorized", &bearer, ""), &log);
    assert_eq!(report["root_cause"]["code"], VALIDATES);
    assert!(report["root_cause"]["evidence"].to_string().contains("IDX10204"), "{report:#}");
    // What is about nothing of that stays unread.
    let log = format!("{}  GET /api/hello 401 audience of 20 readers\n", time("%Y-%m-%dT%H:%M:%S"));
    let report = with_log(|_| http("401 Unauthorized", PASSED, ""), &log);
    assert_eq!(report["root_cause"]["code"], "undetermined-401");
}

// ------------------------------------------------------------------------------------------- fixes and their commands

/// A second run without the options of the first may judge another caller, and write that one into App 2's list.
#[test]
fn a_printed_run_has_the_options_that_choose_the_caller() {
    let excludes = settings(&v1_issuer(), &[RESOURCE], &[ID]);
    let excluded = |options: &[&str]| {
        let mut field = Field::app_service(|_| issued(RESOURCE));
        field.app2 = Server::answers(|head| behind_easy_auth(head, |_| refused()));
        let file = field.files.path().join("settings.json");
        let mut settings = excludes.clone();
        settings["id"] = json!(format!("{SITE}/config/authsettingsV2"));
        std::fs::write(&file, settings.to_string()).unwrap();
        let field = field.option(&["--auth-settings", file.to_str().unwrap()]).option(options);
        let seen = field.check();
        assert_eq!(seen.code(), POLICY, "{}", seen.cause());
        seen.fixes().replace("\\\"", "\"")
    };
    let plain = excluded(&[]);
    assert!(plain.contains("--edited-settings edited.json") && !plain.contains("--identity"), "{plain}");
    let identity = format!("client-id:{CALLER}");
    let chosen = excluded(&["--identity", &identity, "--credential", "managed-identity"]);
    for option in [format!("--identity \"{identity}\""), "--credential \"managed-identity\"".to_owned()] {
        assert!(chosen.contains(&option), "{option}: {chosen}");
    }
}

const SITE: &str =
    "/subscriptions/11112222-3333-4444-5555-666677778888/resourceGroups/rg/providers/Microsoft.Web/sites/127";

/// The variables of a service principal in an app with a managed identity are removed, before they are allowed.
#[test]
fn a_service_principal_in_front_of_a_managed_identity_is_not_allowed_first() {
    let fixes = |has_identity: bool| {
        let token = |_: &str| issued(RESOURCE);
        let mut field = Field::secret(token);
        field.app2 = Server::answers(|head| behind_easy_auth(head, |_| refused()));
        let file = field.files.path().join("settings.json");
        std::fs::write(&file, settings(&v1_issuer(), &[RESOURCE], &[ID]).to_string()).unwrap();
        let field = if has_identity {
            let field = field.set("WEBSITE_SITE_NAME", "app1").set("IDENTITY_ENDPOINT", "{identity}/msi/token");
            field.set("IDENTITY_HEADER", "853b9a84-5bfa-4b22-a3f3-0b9a43d9ad8a")
        } else {
            field
        };
        let seen = field.option(&["--auth-settings", file.to_str().unwrap()]).check();
        assert_eq!(seen.code(), POLICY, "{}", seen.cause());
        seen.0["root_cause"]["fixes"][0]["text"].as_str().unwrap().to_owned()
    };
    assert!(fixes(true).contains("Remove AZURE_CLIENT_SECRET"), "{}", fixes(true));
    assert!(!fixes(false).contains("Remove AZURE_CLIENT_SECRET"), "{}", fixes(false));
}

/// Only the service itself can publish the keys of its issuer.
#[test]
fn an_issuer_of_a_service_that_fails_is_the_services_own() {
    for (issuer, owner, told) in [
        ("https://vstoken.dev.azure.com/11111111-2222-4333-8444-555555555555", "platform", "Azure DevOps"),
        ("https://westeurope.oic.prod-aks.azure.com/a/b/", "platform", "AKS"),
        ("https://token.actions.githubusercontent.com", "platform", "GitHub"),
        ("https://oidc.contoso.com", "app1", "service-account-issuer"),
        ("https://kubernetes.default.svc.cluster.local", "app1", "service-account-issuer"),
    ] {
        let claims = json!({"iss": issuer, "sub": "s", "aud": "api://AzureADTokenExchange", "exp": 1_999_999_999});
        let field = Field::federated(&claims, |_| entra(90061, "Request to External OIDC endpoint failed."));
        let seen = field.check();
        assert_eq!(seen.code(), "assertion-issuer-unreachable", "{}", seen.cause());
        assert_eq!(seen.0["root_cause"]["owner"], owner, "{issuer}");
        assert!(seen.fixes().contains(told), "{issuer}: {}", seen.fixes());
        assert_eq!(seen.fixes().contains("start the API server"), owner == "app1", "{issuer}");
    }
}

/// Easy Auth's own rejection shows that it doesn't allow what is stored.
#[test]
fn easy_auths_own_rejection_is_not_the_apps() {
    let open = json!({"requireAuthentication": false, "unauthenticatedClientAction": "AllowAnonymous"});
    let mut allows = settings(&v1_issuer(), &[RESOURCE], &[]);
    *allows.pointer_mut("/properties/globalValidation").unwrap() = open;
    let own = World::of(|head| behind_easy_auth(head, |_| fine())).with_settings(&allows).observe();
    assert_eq!(own.root(), "pass");
    assert_eq!(own.found("unauthenticated-action-not-applied").len(), 1);
    assert!(own.found("unauthenticated-requests-allowed").is_empty());
    let app = World::of(|head| match Brings::of(head).is_real() || head.contains("/.auth") {
        true => behind_easy_auth(head, |_| fine()),
        false => http("401 Unauthorized", &format!("{PASSED}{JSON}"), r#"{"error":"no token"}"#),
    });
    let app = app.with_settings(&allows).observe();
    assert_eq!(app.found("unauthenticated-requests-allowed").len(), 1);
}

/// A gateway that rejects an invalid token itself may send its own to App 2, whose policy then sees another caller.
#[test]
fn a_gateway_that_reads_tokens_may_send_its_own() {
    let world = |own: bool| {
        World::of(move |head| match Brings::of(head).is_real() && !head.contains("/.") {
            true => refused(),
            false if own => http("401 Unauthorized", JSON, r#"{ "statusCode": 401, "message": "Invalid JWT." }"#),
            false => behind_easy_auth(head, |_| fine()),
        })
    };
    for allowed in [None, Some(CALLER)] {
        let observe = |own| match allowed {
            Some(id) => world(own).managed(&settings(&v1_issuer(), &[RESOURCE], &[id]), &json!({})).observe(),
            None => world(own).observe(),
        };
        let gateway = observe(true);
        assert_eq!(gateway.root(), "undetermined-403", "{allowed:?}: {:?}", gateway.candidates());
        assert!(gateway.candidates().contains(&"gateway-replaced-caller"), "{:?}", gateway.candidates());
        assert!(!gateway.tells("The token is valid"));
        let direct = observe(false);
        assert!(!direct.candidates().contains(&"gateway-replaced-caller"), "{:?}", direct.candidates());
    }
}

/// What App 2 asks for is at its issuer's own host.
#[test]
fn blocked_egress_is_tested_at_the_issuers_host() {
    let failing = || {
        World::of(|head| match head.contains("/.well-known") {
            true => http("404 Not Found", "", ""),
            false => http("500 Internal Server Error", "", ""),
        })
    };
    let told = failing().with_settings(&settings(&v1_issuer(), &[RESOURCE], &[])).observe();
    let others = &told.0.diagnosis().alternatives;
    let egress = others.iter().find(|other| other.code.name() == "target-egress-blocked").unwrap();
    let test = format!("{:?}", egress.distinguish);
    assert!(test.contains("https://sts.windows.net/"), "{test}");
}
