//! Worlds from the field in which the evidence says less than it seems to: settings of another app, pairs that are only
//! assumed, words that speak of something else than the caller. Each was written with its right answer before it was
//! run.

use easyauth_doctor::report::Confidence::{Certain, Likely, Possible};
use easyauth_doctor::report::Verdict;
use serde_json::{Value, json};

use crate::field::target::{
    Brings, CALLER, HTML, ID, JSON, PASSED, Seen, TENANT, World, behind_easy_auth, challenge, for_everybody, settings,
    v1_issuer,
};
use crate::helpers::observing::{self, side_by_side};
use crate::helpers::program::run;
use crate::helpers::routing::{OTHER, token_of};
use crate::helpers::server::{RESOURCE, http};

fn v2_issuer() -> String {
    format!("https://login.microsoftonline.com/{TENANT}/v2.0")
}

fn no_site() -> Value {
    json!({})
}

/// Easy Auth in front of code that answers the real token like this.
fn app_says(status: &'static str, headers: &str, body: &'static str) -> World {
    let headers = format!("{PASSED}{headers}");
    World::of(move |head| behind_easy_auth(head, |_| http(status, &headers, body)))
}

/// App 2's settings with this policy.
fn with_policy(policy: Value) -> Value {
    let mut all = settings(&v1_issuer(), &[RESOURCE], &[]);
    let validation = &mut all["properties"]["identityProviders"]["azureActiveDirectory"]["validation"];
    validation["defaultAuthorizationPolicy"] = policy;
    all
}

/// Easy Auth refuses every token.
fn refusing() -> World {
    World::of(|head| behind_easy_auth(head, |_| challenge()))
}

/// Every request gets a server error.
fn failing() -> World {
    World::of(|_| http("500 Internal Server Error", "", ""))
}

// ------------------------------------------------------------------------------- whose settings, which token (B13)

/// The resource ID that was given is another app's: neither name is asked for, and nothing is sent, until -r decides.
#[test]
fn settings_of_another_app_decide_for_no_token() {
    let other = |issuer: &str| {
        let mut all = settings(issuer, &[], &[OTHER]);
        all["properties"]["identityProviders"]["azureActiveDirectory"]["registration"]["clientId"] = json!(OTHER);
        all
    };
    let site = json!({"hostNames": ["other.example"]});
    let world = refusing().managed(&other(&v1_issuer()), &site).asking(None);
    let seen = world.observe();
    seen.is("resource-undetermined", Likely);
    assert!(seen.tells(OTHER) && seen.tells(ID));
    assert!(!world.asked().iter().any(|asked| asked.contains(OTHER) || asked.contains(ID)), "{:?}", world.asked());
    assert_eq!(world.arrived(), Vec::<String>::new());
    // With -r, that name is asked for, and the token for no other is sent.
    let world = refusing().managed(&other(&v1_issuer()), &site);
    world.observe();
    assert!(!world.asked().iter().any(|asked| asked.contains(OTHER)), "{:?}", world.asked());
    let arrived = world.arrived();
    assert!(!arrived.is_empty() && arrived.iter().all(|audience| audience.contains(ID)), "{arrived:?}");
}

/// Sibling: no challenge, but the sign-in address names the app.
#[test]
fn settings_of_another_app_than_the_sign_in_address_names() {
    let world = World::of(|head| {
        let own = challenge();
        let silent = own.lines().filter(|line| !line.starts_with("www-authenticate")).collect::<Vec<_>>().join("\r\n");
        let answer = behind_easy_auth(head, |_| challenge());
        if answer == own { format!("{silent}\r\n\r\n") } else { answer }
    });
    let mut all = settings(&v1_issuer(), &[], &[]);
    all["properties"]["identityProviders"]["azureActiveDirectory"]["registration"]["clientId"] = json!(OTHER);
    let world = world.managed(&all, &no_site()).asking(None);
    assert_eq!(world.observe().root(), "resource-undetermined");
    assert_eq!(world.arrived(), Vec::<String>::new());
}

// ----------------------------------------------------------------------------------- versions in thought (A11)

/// The version of the tokens changes issuer and audience at once; that App 2 tolerates the pair was never seen.
#[test]
fn an_assumed_version_under_the_other_issuer_is_not_cleared() {
    let bare = || {
        World::of(|head| {
            behind_easy_auth(head, |brings| match brings {
                Brings::Bare => http("200 OK", PASSED, "hello"),
                _ => challenge(),
            })
        })
    };
    let denying = || app_says("403 Forbidden", "", "");
    let mismatch = |seen: &Seen, what: &str| {
        assert_ne!(seen.verdict(), Verdict::WouldPass, "{what}: {:?}", seen.candidates());
        assert!(seen.candidates().contains(&"audience-token-version-mismatch"), "{what}: {:?}", seen.candidates());
        assert_ne!(seen.sureness(), Some(Certain), "{what}");
    };
    // =2 under a v1 issuer: the audience is cured, and the issuer is not.
    let world = bare().managed(&settings(&v1_issuer(), &[], &[]), &no_site());
    mismatch(&world.assuming("requestedAccessTokenVersion=2").observe(), "=2 under v1");
    // =1 under a v2 issuer, of both hosts.
    for issuer in [v2_issuer(), format!("https://sts.windows.net/{TENANT}/v2.0")] {
        let world = || denying().issuing(v2_issuer()).managed(&settings(&issuer, &[RESOURCE], &[ID]), &no_site());
        let allowed = format!("allowedApplications+={CALLER}");
        let seen = world().assuming(&allowed).assuming("requestedAccessTokenVersion=1").observe();
        mismatch(&seen, &issuer);
        assert_eq!(world().assuming(&allowed).observe().verdict(), Verdict::WouldPass, "{issuer}");
    }
    // The sibling: the issuer changes under the token.
    let world = denying().managed(&settings(&v1_issuer(), &[RESOURCE], &[ID]), &no_site());
    let world = world.assuming(&format!("allowedApplications+={CALLER}"));
    mismatch(&world.assuming(&format!("issuer={}", v2_issuer())).observe(), "issuer");
    // The audience alone is corrected, and the pair was refused as it is.
    let world = refusing().managed(&settings(&v2_issuer(), &[], &[]), &no_site());
    let seen = world.assuming(&format!("allowedAudiences+={RESOURCE}")).observe();
    assert_ne!(seen.verdict(), Verdict::WouldPass, "{:?}", seen.candidates());
    // What cures it, is cleared.
    let world = refusing().managed(&settings(&v2_issuer(), &[RESOURCE], &[]), &no_site());
    assert_eq!(world.assuming("requestedAccessTokenVersion=2").observe().verdict(), Verdict::WouldPass);
}

// -------------------------------------------------------------------------------- tokens without an audience (A12)

/// What cannot be read is for no other API, as far as anything shows.
#[test]
fn a_token_without_an_audience_is_compared_with_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let jwe =
        "eyJhbGciOiAiUlNBLU9BRVAiLCAiZW5jIjogIkEyNTZHQ00iLCAia2lkIjogIngiLCAiY3R5IjogIkpXVCJ9.YWFh.YmJi.Y2Nj.ZGRk";
    let pop = token_of("RS256", &json!({"at": "abc", "ts": 1_700_000_000, "m": "GET", "cnf": {"jwk": {}}}));
    for (text, code) in [
        (jwe, "token-malformed"),
        ("0.AXoAabcdefghijklmnopqrstuvwxyz0123456789ABCDEF-_", "token-malformed"),
        ("AppServiceAuthSession=aGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8=", "token-malformed"),
        (&pop, "token-not-from-entra"),
    ] {
        let file = folder.path().join("token");
        std::fs::write(&file, text).unwrap();
        let output = run(&["token", file.to_str().unwrap(), "-r", ID, "--format", "json"]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["root_cause"]["code"], code, "{text}");
        let step = &report["steps"][5];
        assert_eq!((&step["status"], &step["findings"]), (&json!("unknown"), &json!([])), "{text}: {step:#}");
        // An encrypted token has five parts.
        let says_three = report["root_cause"]["fixes"].to_string().contains("three parts");
        assert_eq!(says_three, code == "token-malformed" && text != jwe, "{text}");
    }
}

// ----------------------------------------------------------------------------------- issuers (C15, C18, D21)

/// An issuer that can't be a tenant's, and a server error for every request.
#[test]
fn an_issuer_that_cannot_be_one() {
    let rows = vec![
        (format!("http://sts.windows.net/{TENANT}/"), Likely),
        ("https://sts.windows.net/<tenant-id>/v2.0".to_owned(), Certain),
        ("https://login.microsoftonline.com/$(tenantId)/v2.0".to_owned(), Certain),
        ("https://login.microsoftonline.com/${var.tenant_id}/v2.0".to_owned(), Certain),
        // What Resource Manager returns is the value itself: nobody evaluates it later.
        ("[concat('https://sts.windows.net/',subscription().tenantId)]".to_owned(), Certain),
    ];
    side_by_side(rows, |(issuer, sureness)| {
        let seen = failing().managed(&settings(&issuer, &[RESOURCE], &[]), &no_site()).observe();
        assert_eq!((seen.root(), seen.sureness()), ("issuer-invalid", Some(sureness)), "{issuer}");
    });
    // In a file, which may be a template, an expression is no fault.
    let template = settings("[concat('https://sts.windows.net/',subscription().tenantId)]", &[RESOURCE], &[]);
    assert_eq!(failing().with_settings(&template).observe().sureness(), Some(Possible));
    // Another service's address is well formed; whether it has metadata isn't known.
    let seen = failing().managed(&settings("https://dev-1.okta.com/oauth2/default", &[], &[]), &no_site()).observe();
    assert_eq!(seen.sureness(), Some(Possible), "{:?}", seen.candidates());
    assert!(seen.candidates().contains(&"issuer-invalid"), "{:?}", seen.candidates());
}

/// An issuer at a host that is none of Microsoft's authorities: a custom domain, or another service.
#[test]
fn an_issuer_of_another_service() {
    let rows = vec![
        format!("https://login.contoso.example/{TENANT}/v2.0"),
        format!("https://graph.microsoft.com/{TENANT}"),
        "https://dev-1.okta.com/oauth2/default".to_owned(),
        "https://contoso.eu.auth0.com/".to_owned(),
    ];
    side_by_side(rows, |issuer| {
        let shown = settings(&issuer, &[RESOURCE], &[]);
        let seen = refusing().managed(&shown, &no_site()).observe();
        assert_eq!((seen.root(), seen.sureness()), ("issuer-not-accepted", Some(Likely)), "{issuer}");
        assert_eq!(seen.says("issuer-not-accepted").as_deref(), Some("authority"), "{issuer}");
        // What App 2 accepts is no fault, whatever its address.
        let seen = app_says("200 OK", "", "hello").managed(&shown, &no_site()).observe();
        assert_eq!(seen.root(), "pass", "{issuer}");
    });
    // Called a cause of failure once, and not proved.
    let shown = settings(&format!("https://login.microsoft.com/{TENANT}"), &[RESOURCE], &[]);
    assert_eq!(refusing().managed(&shown, &no_site()).observe().sureness(), Some(Possible));
}

/// A 401 that nothing explains, with a token whose signature was checked: settings that aren't applied, keys, or the
/// header. None of them is shown.
#[test]
fn a_401_that_the_settings_do_not_explain() {
    let report = &observing::of("authorization-header-dropped", true).report;
    let (code, confidence) = observing::root(report).unwrap();
    assert_eq!((code.name(), confidence), ("undetermined-401", Possible));
    let candidates: Vec<&str> = report.diagnosis().alternatives.iter().map(|other| other.code.name()).collect();
    assert_eq!(candidates, ["authorization-header-dropped", "target-egress-blocked"]);
}

/// App 2's entry has the slash; App 1 requests the right name.
#[test]
fn a_slash_in_app_2s_own_entry() {
    let world = World::of(|head| {
        behind_easy_auth(head, |brings| match brings {
            Brings::Bare => http("200 OK", PASSED, "hello"),
            _ => challenge(),
        })
    });
    let with_slash = format!("{RESOURCE}/");
    let seen = world.managed(&settings(&v1_issuer(), &[&with_slash], &[]), &no_site()).observe();
    seen.is("audience-not-allowed", Likely);
    assert!(seen.found("resource-trailing-slash").is_empty());
    let edited = seen.edited().unwrap();
    let provider = &edited["properties"]["identityProviders"]["azureActiveDirectory"];
    assert!(provider["validation"]["allowedAudiences"].as_array().unwrap().contains(&json!(RESOURCE)));
}

// --------------------------------------------------------------------- what a 403 or a redirect speaks of (C16, C17)

/// A folder, a service behind the app, an address: no role of App 1's cures it.
#[test]
fn a_403_that_concerns_no_role() {
    let storage = "<?xml version=\"1.0\"?><Error><Code>AuthorizationPermissionMismatch</Code><Message>This request is \
        not authorized to perform this operation using this permission.</Message></Error>";
    let vault = r#"{"error":{"code":"Forbidden","message":"Not authorized","innererror":{"code":"ForbiddenByRbac"}}}"#;
    let arm = r#"{"error":{"message":"The client 'x' does not have authorization to perform action 'y'"}}"#;
    let rows = vec![
        (
            HTML,
            "<title>403.14 - Forbidden</title>The Web server is configured to not list the contents of this directory.",
        ),
        (HTML, "<h2>HTTP Error 403.14 - Forbidden</h2>"),
        ("content-type: application/xml\r\n", storage),
        (JSON, vault),
        (JSON, arm),
        (JSON, r#"{"error":"Your IP 10.0.0.4 is not allowed"}"#),
        (JSON, r#"{"message":"Access from IP address 10.0.0.4 denied"}"#),
    ];
    side_by_side(rows, |(headers, body)| {
        let seen = app_says("403 Forbidden", headers, body).observe();
        assert_eq!((seen.root(), seen.sureness()), ("app-error", Some(Likely)), "{body}: {:?}", seen.candidates());
        assert!(!seen.candidates().contains(&"app-requires-role-or-scope"), "{body}: {:?}", seen.candidates());
    });
    // Control: a role, and a role for an address.
    for body in [r#"{"detail":"Role Orders.Read is required"}"#, r#"{"detail":"IP filter needs the role Admin"}"#] {
        app_says("403 Forbidden", JSON, body).observe().is("app-requires-role-or-scope", Likely);
    }
    // The same 403 for everybody shows nothing of the app.
    let answer = http("403 Forbidden", "content-type: application/xml\r\n", storage);
    let seen = World::of(move |head| for_everybody(head, &answer)).observe();
    assert_ne!(seen.root(), "app-error", "{:?}", seen.candidates());
}

/// The app knows the caller and denies it, or has a sign-in of its own: the header arrived.
#[test]
fn redirects_of_the_app_behind_easy_auth() {
    let to = |location: &str| http("302 Found", &format!("{PASSED}location: {location}\r\n"), "");
    for location in
        ["/MicrosoftIdentity/Account/AccessDenied?ReturnUrl=%2Fapi", "/Account/AccessDenied", "/access-denied"]
    {
        let answer = to(location);
        let seen = World::of(move |head| behind_easy_auth(head, |_| answer.clone())).observe();
        seen.is("app-requires-role-or-scope", Likely);
        let page = to(location);
        let seen = World::of(move |head| {
            let is_page = head.split(' ').nth(1).is_some_and(|path| path.to_lowercase().contains("denied"));
            behind_easy_auth(
                head,
                |_| if is_page { http("200 OK", HTML, "<p>Access denied</p>") } else { page.clone() },
            )
        })
        .observe();
        seen.is("app-requires-role-or-scope", Likely);
    }
    let authorize = format!(
        "https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/authorize?client_id={OTHER}&\
         redirect_uri=https%3A%2F%2Fapp2.example%2Fsignin-oidc&response_type=code&scope=openid"
    );
    for location in [authorize.as_str(), "https://login.contoso.example/sso/start?returnurl=https%3A%2F%2Fapp2.example"]
    {
        let answer = to(location);
        let seen = World::of(move |head| behind_easy_auth(head, |_| answer.clone())).observe();
        seen.is("app-validates-token-itself", Likely);
    }
    // Controls: a signed link, and a page on another host that is no sign-in.
    let link = to("https://files.blob.core.windows.net/a/b?sv=1&sig=abc%3D");
    let seen = World::of(move |head| behind_easy_auth(head, |_| link.clone())).observe();
    assert_eq!(seen.candidates().last(), Some(&"authorization-header-dropped"), "{:?}", seen.candidates());
    assert_eq!(seen.sureness(), Some(Possible));
    let page = to("https://www.contoso.example/signed/page");
    World::of(move |head| behind_easy_auth(head, |_| page.clone()))
        .observe()
        .is("authorization-header-dropped", Likely);
}

// -------------------------------------------------------------------------- what answers before App 2 (C20, E)

#[test]
fn answers_from_before_app_2() {
    let hostname = "<HTML><HEAD><TITLE>Bad Request</TITLE></HEAD><BODY><h2>Bad Request - Invalid Hostname</h2><hr>\
        <p>HTTP Error 400. The request hostname is invalid.</p></BODY></HTML>";
    let blocked = "<html><head><title>Web App - Unavailable</title></head><body><h2>Error 403 - Forbidden</h2>\
        <h4>The web app you have attempted to reach has blocked your access.</h4></body></html>";
    let not_found = r#"{ "statusCode": 404, "message": "Resource not found" }"#;
    for (status, headers, body, code, sureness) in [
        ("404 Resource Not Found", JSON, not_found, "target-not-found", Likely),
        ("400 Bad Request", HTML, hostname, "target-not-found", Likely),
        ("403 Forbidden", HTML, blocked, "undetermined-403", Possible),
    ] {
        let seen = World::of(move |_| http(status, headers, body)).observe();
        seen.is(code, sureness);
        let first = seen.candidates().get(1).copied();
        assert_eq!(first, (body == blocked).then_some("network-access-restricted"), "{:?}", seen.candidates());
        // Nothing in the settings lets a request pass that the front end stops.
        let root = seen.0.diagnosis().root_cause.clone().unwrap();
        let advises = |words: &str| root.fixes.iter().any(|fix| fix.text.contains(words));
        assert_eq!(advises("Settings > Networking"), body == blocked, "{:?}", root.fixes);
        assert!(!advises("Settings > Authentication") && !advises("authsettings"), "{:?}", root.fixes);
    }
    // An app's own 404 has other members.
    let own = r#"{"statusCode":404,"message":"Cannot GET /api/hello","error":"Not Found"}"#;
    app_says("404 Not Found", JSON, own).observe().is("app-error", Likely);
}

/// Azure Resource Manager says that a certificate is required, and everybody gets 403 without a mark.
#[test]
fn a_client_certificate_that_the_site_requires() {
    let shown = settings(&v1_issuer(), &[RESOURCE], &[]);
    let world = |mode: &str, on: bool| {
        let site = json!({"clientCertEnabled": on, "clientCertMode": mode});
        World::of(|_| http("403 Forbidden", "", "")).managed(&shown, &site).observe()
    };
    world("Required", true).is("client-certificate-required", Likely);
    for (mode, on) in [("Required", false), ("Optional", true)] {
        let seen = world(mode, on);
        assert!(!seen.candidates().contains(&"client-certificate-required"), "{mode} {on}: {:?}", seen.candidates());
    }
    // The real token gets through: no certificate is missing.
    let site = json!({"clientCertEnabled": true, "clientCertMode": "Required"});
    let seen = app_says("200 OK", "", "hello").managed(&shown, &site).observe();
    assert_eq!(seen.root(), "pass");
}

/// Identities list App 1, groups are listed too, and the token has no groups claim.
#[test]
fn groups_beside_identities() {
    let both = with_policy(json!({
        "allowedPrincipals": {"identities": ["d0000000-0000-4000-8000-000000000001"], "groups": [OTHER]}
    }));
    let seen = app_says("403 Forbidden", "", "").managed(&both, &no_site()).observe();
    seen.is("undetermined-403", Possible);
    assert!(seen.candidates().contains(&"groups-claim-missing"), "{:?}", seen.candidates());
    assert_eq!(app_says("200 OK", "", "hello").managed(&both, &no_site()).observe().root(), "pass");
}

/// 404 for everybody while Easy Auth is on: the audience may be what is missing.
#[test]
fn a_404_that_may_hide_the_audience() {
    let world = |bare: bool| {
        World::of(move |head| match Brings::of(head) {
            Brings::Bare if bare => http("200 OK", PASSED, "hello"),
            _ if head.starts_with("GET /.auth/login") => behind_easy_auth(head, |_| challenge()),
            _ => http("404 Not Found", PASSED, ""),
        })
    };
    world(true).observe().is("audience-not-allowed", Likely);
    // The client ID is always accepted, so the audience is not what is hidden.
    let seen = world(false).observe();
    seen.is("undetermined-failure", Possible);
    assert!(!seen.candidates().contains(&"audience-not-allowed"), "{:?}", seen.candidates());
}

// ------------------------------------------------------------------------------- fixes that fit (D25, D26)

/// A Consumption logic app has an authorization policy of its own, and no Easy Auth.
#[test]
fn a_workflow_of_a_consumption_logic_app() {
    const PLACE: &str = "/workflows/abc/triggers/manual/paths/invoke?api-version=2016-10-01";
    let required = "{\"error\":{\"code\":\"DirectApiAuthorizationRequired\",\"message\":\"The request must be \
        authenticated only by Shared Access scheme.\"}}";
    let claims = "{\"error\":{\"code\":\"MisMatchingOAuthClaims\",\"message\":\"One or more claims either missing or \
        does not match with the open authentication access control policy.\"}}";
    let seen = World::of(move |_| http("401 Unauthorized", JSON, required)).at(PLACE).observe();
    seen.is("authorization-scheme-conflict", Likely);
    assert!(seen.found("easy-auth-not-active").is_empty());
    assert!(!seen.fixes().contains("Microsoft.Web") && seen.fixes().contains("Settings > Authorization"));
    let seen = World::of(move |head| {
        let real = matches!(Brings::of(head), Brings::Uri | Brings::Bare);
        if real { http("403 Forbidden", JSON, claims) } else { http("401 Unauthorized", JSON, required) }
    })
    .at(PLACE)
    .observe();
    seen.is("app-validates-token-itself", Likely);
    assert!(!seen.fixes().contains("ValidAudiences") && seen.fixes().contains("Settings > Authorization"));
    // A Standard one runs on App Service.
    let seen = World::of(move |_| http("401 Unauthorized", JSON, required)).at("/api/flow/triggers/manual").observe();
    assert_eq!(seen.root(), "easy-auth-not-active");
}

/// Several IDs in one entry: each becomes an entry of its own, and the joint one goes.
#[test]
fn several_values_in_one_entry_are_taken_apart() {
    let object_id = "d0000000-0000-4000-8000-000000000001";
    let applications = json!({"allowedApplications": [format!("{CALLER},{ID}")]});
    let identities = json!({"allowedPrincipals": {"identities": [format!("{OTHER}; {object_id}")]}});
    for (policy, code, place, wanted) in [
        (applications, "caller-not-in-allowed-applications", "/allowedApplications", json!([CALLER, ID])),
        (identities, "principal-not-in-allowed-identities", "/allowedPrincipals/identities", json!([OTHER, object_id])),
    ] {
        let seen = app_says("403 Forbidden", "", "").managed(&with_policy(policy), &no_site()).observe();
        seen.is(code, Likely);
        assert_eq!(seen.says(code).as_deref(), Some("joint-entry"));
        let base = "/properties/identityProviders/azureActiveDirectory/validation/defaultAuthorizationPolicy";
        assert_eq!(seen.edited().unwrap().pointer(&format!("{base}{place}")), Some(&wanted), "{code}");
    }
}
