//! Faults that come together: what a rule or a stored setting says, against what the same run saw. Each was written
//! with its right answer before it was run.

use easyauth_doctor::report::Confidence::{Likely, Possible};
use serde_json::{Value, json};

use crate::field::caller::{CLIENT, Field, Seen, as_json, asks_for_resource_manager, entra, issued, issued_with, now};
use crate::field::target::{Brings, ID, JSON, PASSED, TENANT, World, behind_easy_auth, challenge, settings, v1_issuer};
use crate::helpers::server::{RESOURCE, Server, http};

// ------------------------------------------------------------ what Graph shows, and what the identity endpoint answers

/// App 2's registration with this URI, its service principal, and whether it requires assignment.
fn graph(uri: &str, enabled: bool, required: bool) -> Server {
    let own = json!({"id": TENANT, "appId": ID, "displayName": "app2", "identifierUris": [uri],
        "servicePrincipalNames": [uri, ID], "accountEnabled": enabled, "appRoleAssignmentRequired": required,
        "appRoles": []});
    Server::answers(move |head| match head.split(' ').nth(1).unwrap_or_default() {
        path if path.contains("appRoleAssignments") => as_json("200 OK", &json!({"value": []})),
        path if path.contains(ID) => as_json("200 OK", &own),
        _ => as_json("404 Not Found", &json!({"error": {"code": "Request_ResourceNotFound"}})),
    })
}

/// App 1's identity gets a token for Graph, for Resource Manager, and for the client ID, or the opaque 500.
fn opaque(manager: bool, bare: bool, graph: &Server) -> Seen {
    let field = Field::app_service(move |head| {
        let is_bare = head.contains(ID) && !head.contains("api%3A");
        if head.contains("graph.microsoft.com") {
            issued("https://graph.microsoft.com")
        } else if asks_for_resource_manager(head) && manager {
            issued("https://management.azure.com")
        } else if is_bare && bare {
            issued(ID)
        } else {
            let said = "An unexpected error occured while fetching the AAD Token.";
            as_json("500 Internal Server Error", &json!({"statusCode": 500, "message": said}))
        }
    });
    field.option(&["--graph", &graph.url]).check()
}

/// The client ID needs no URI: where its token is refused in the same way, the missing URI isn't the whole cause.
#[test]
fn a_missing_uri_is_not_the_whole_cause_where_the_client_id_is_refused_too() {
    let seen = opaque(true, false, &graph("api://orders", true, false));
    seen.root("resource-not-registered", "likely").says("for the client ID is refused in the same way");
    assert_eq!(seen.candidates(), ["conditional-access-blocked", "caller-disabled", "caller-egress-blocked"]);
    assert!(!seen.fixes().contains("client ID in the scope"), "{}", seen.fixes());
    assert!(!seen.fixes().contains("or for the bare client ID"), "{}", seen.fixes());
    // One that gets a token for the client ID is refused because of the URI alone.
    let seen = opaque(true, true, &graph("api://orders", true, false));
    seen.root("resource-not-registered", "certain");
    assert!(seen.fixes().contains("client ID in the scope"), "{}", seen.fixes());
}

/// A token for the client ID shows that App 2's service principal is enabled, and that no assignment is missing.
#[test]
fn a_token_for_the_client_id_outranks_what_graph_shows() {
    for (enabled, required) in [(true, true), (false, false), (false, true)] {
        let seen = opaque(true, true, &graph(RESOURCE, enabled, required));
        seen.root("resource-not-registered", "likely").says("in Microsoft Graph, but Microsoft Entra ID doesn't issue");
        assert!(seen.fixes().contains("If it was added in the last minutes"), "{}", seen.fixes());
    }
    opaque(true, false, &graph(RESOURCE, false, false)).root("resource-disabled", "certain");
    opaque(true, false, &graph(RESOURCE, true, true)).root("assignment-required-not-assigned", "certain");
}

/// An identity that gets no token for Resource Manager either isn't refused because of App 2 alone.
#[test]
fn a_refusal_of_every_token_is_not_app_2s_alone() {
    for (uri, enabled, required, code) in [
        (RESOURCE, false, false, "resource-disabled"),
        (RESOURCE, true, true, "assignment-required-not-assigned"),
        ("api://orders", true, false, "resource-not-registered"),
    ] {
        let seen = opaque(false, false, &graph(uri, enabled, required));
        seen.root(code, "likely");
        assert!(seen.candidates().contains(&"caller-egress-blocked"), "{code}: {:?}", seen.candidates());
    }
}

// --------------------------------------------------------------------------- what is stored already, and isn't running

/// App 2 refuses the URI's token, and accepts the client ID's.
fn only_the_client_id() -> World {
    World::of(|head| {
        behind_easy_auth(head, |brings| match brings {
            Brings::Bare => http("200 OK", PASSED, "hello"),
            _ => challenge(),
        })
    })
}

/// What the settings list already isn't added once more: App 2 runs with others until it applies them.
#[test]
fn what_is_stored_already_is_not_added_again() {
    let listed = settings(&v1_issuer(), &[RESOURCE], &[]);
    let unlisted = settings(&v1_issuer(), &["api://other"], &[]);
    let seen = only_the_client_id().managed(&listed, &json!({})).observe();
    seen.is("audience-not-allowed", Likely);
    let fixes = seen.fixes();
    assert!(fixes.contains("az webapp restart") && fixes.contains("--body \"@authsettings.json\""), "{fixes}");
    assert!(fixes.contains("select Restart") && fixes.contains("Or request App 2's client ID"), "{fixes}");
    assert!(!fixes.contains("Allowed token audiences") && !fixes.contains("allowedAudiences"), "{fixes}");
    assert!(seen.edited().is_none());
    // From a file, which has no resource ID.
    let fixes = only_the_client_id().with_settings(&listed).observe().fixes();
    assert!(fixes.contains("select Restart") && !fixes.contains("Allowed token audiences"), "{fixes}");
    for world in [
        only_the_client_id().managed(&unlisted, &json!({})),
        only_the_client_id().with_settings(&unlisted),
        only_the_client_id(),
    ] {
        let fixes = world.observe().fixes();
        assert!(fixes.contains("Allowed token audiences, add") && !fixes.contains("webapp restart"), "{fixes}");
    }
}

// -------------------------------------------------------------------------------- a fault of one path that is excluded

/// The app fails at an excluded path; Easy Auth's own page refuses the token like this.
fn fails_at_an_excluded_path(refused: fn() -> String, excluded: bool, audiences: &[&str]) -> World {
    let mut settings = settings(&v1_issuer(), audiences, &[ID]);
    if excluded {
        settings["properties"]["globalValidation"]["excludedPaths"] = json!(["/api/*"]);
    }
    let world = World::of(move |head| match head.split(' ').nth(1).unwrap_or_default() {
        "/.auth/me" if Brings::of(head).is_real() => refused(),
        path if path.starts_with("/.auth") || path.starts_with("/.well-known") => behind_easy_auth(head, |_| refused()),
        _ => http("500 Internal Server Error", &format!("{PASSED}{JSON}"), r#"{"error":"x"}"#),
    });
    world.managed(&settings, &json!({}))
}

#[test]
fn an_excluded_paths_error_is_the_apps_where_easy_auth_judges_the_token_elsewhere() {
    for refused in [challenge, || http("403 Forbidden", PASSED, "")] {
        let seen = fails_at_an_excluded_path(refused, true, &[RESOURCE]).observe();
        seen.is("app-error", Likely);
        assert!(!seen.tells("every request") && seen.tells("excluded from authentication"));
        assert!(!seen.fixes().contains("issuer URL"), "{}", seen.fixes());
        fails_at_an_excluded_path(refused, true, &[]).observe().is("app-error", Likely);
        assert_ne!(fails_at_an_excluded_path(refused, false, &[RESOURCE]).observe().root(), "app-error");
    }
    let broken = || http("500 Internal Server Error", PASSED, "");
    assert_ne!(fails_at_an_excluded_path(broken, true, &[RESOURCE]).observe().root(), "app-error");
}

// ------------------------------------------------------------------------------------------- a fix that leads nowhere

/// A version 2 token has the client ID as its audience, whatever is asked for.
#[test]
fn the_client_id_is_not_asked_for_where_it_is_the_audience() {
    let refuses = || World::of(|head| behind_easy_auth(head, |_| challenge()));
    let v2 = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    let seen = refuses().issuing(v2).observe();
    seen.is("undetermined-401", Possible);
    assert!(!seen.fixes().contains("bare client ID"), "{}", seen.fixes());
}

/// The cached token may be older than a change of the version, and then App 2 needs none.
#[test]
fn a_cached_token_of_the_other_version_may_be_older_than_the_change() {
    let seen = |age: u64| {
        let claims = json!({"iat": now() - age, "nbf": now() - age, "exp": now() + 20_000});
        let mut field = Field::app_service(move |_| issued_with(RESOURCE, &claims));
        field.app2 = Server::answers(|head| behind_easy_auth(head, |_| challenge()));
        let v2 = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
        given(field, &settings(&v2, &[], &[]))
    };
    let old = seen(40_000);
    assert_eq!(old.code(), "audience-token-version-mismatch");
    assert!(old.fixes().contains("App 2 needs no change"), "{}", old.fixes());
    assert!(!seen(300).fixes().contains("App 2 needs no change"));
}

/// With these settings from a file.
fn given(field: Field, settings: &Value) -> Seen {
    let file = field.files.path().join("settings.json");
    std::fs::write(&file, settings.to_string()).unwrap();
    let file = file.display().to_string();
    field.option(&["--auth-settings", &file]).check()
}

// ------------------------------------------------------------------------------------ what comes after a refused token

/// A service principal's client ID is known before it gets a token, unless that ID is why it gets none.
#[test]
fn the_policy_of_a_known_client_is_told_before_it_gets_a_token() {
    let next = |number: u32, allowed: &[&str]| -> Vec<String> {
        let field = Field::secret(move |_| entra(number, "Words."));
        let seen = given(field, &settings(&v1_issuer(), &[RESOURCE], allowed));
        seen.0["next"].as_array().unwrap().iter().map(|next| next["code"].as_str().unwrap().to_owned()).collect()
    };
    let none: Vec<String> = Vec::new();
    for number in [7_000_222, 53_003, 501_051] {
        assert_eq!(next(number, &[ID]), ["caller-not-in-allowed-applications"], "{number}");
        assert_eq!(next(number, &[CLIENT]), none, "{number}");
    }
    assert_eq!(next(700_016, &[ID]), none);
    assert_eq!(next(90_002, &[ID]), next(90_002, &[CLIENT]));
}

/// A token that was never issued can't be in a cache.
#[test]
fn nothing_is_cached_where_no_token_was_issued() {
    let seen = opaque(true, false, &graph(RESOURCE, true, true));
    assert!(!seen.fixes().contains("platform's cache"), "{}", seen.fixes());
}

// -------------------------------------------------------------------------------------------- tokens of other services

/// Azure Bot Service sends no token of Entra's, whatever App 1 asks for: App 2 excludes its path.
#[test]
fn a_bots_messages_are_let_past_easy_auth() {
    let bot = |issuer: &'static str| {
        Field::app_service(move |_| issued_with(RESOURCE, &json!({"iss": issuer, "tid": null}))).check()
    };
    let seen = bot("https://api.botframework.com");
    seen.root("token-not-from-entra", "certain");
    assert!(seen.fixes().contains("excludedPaths") && !seen.fixes().contains("Request an access token"));
    assert_eq!(seen.0["root_cause"]["owner"], "app2");
    let other = bot("https://token.actions.githubusercontent.com");
    assert!(!other.fixes().contains("excludedPaths"), "{}", other.fixes());
}

/// App 2 in an external tenant: a registration there asks at its authority, and App 2 stays as it is.
#[test]
fn an_external_tenants_authority_is_named() {
    let seen = |host: &str| {
        let mut field = Field::secret(|_| issued(RESOURCE));
        field.app2 = Server::answers(|head| behind_easy_auth(head, |_| challenge()));
        given(field, &settings(&format!("https://{host}/{TENANT}/v2.0"), &[RESOURCE], &[]))
    };
    let external = seen("contoso.ciamlogin.com");
    assert_eq!(external.code(), "issuer-not-accepted");
    assert!(external.fixes().contains("request its token from https://contoso.ciamlogin.com"), "{}", external.fixes());
    assert!(!seen("login.microsoftonline.us").fixes().contains("external tenant"));
}
