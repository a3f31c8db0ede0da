//! Siblings of worlds of two testers who didn't know the code: each was written with its right answer before it was
//! run, and beside it is one that looks like it and is something else.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use easyauth_doctor::report::Confidence::{self, Certain, Likely, Possible};
use easyauth_doctor::report::Verdict;
use serde_json::{Value, json};

use crate::field::caller::{Field, Seen as Report, app_service, issued};
use crate::field::front::all_right;
use crate::field::target::{
    Brings, HTML, ID, JSON, PASSED, PLAIN, Seen, World, behind_easy_auth, challenge, for_everybody, settings, v1_issuer,
};
use crate::helpers::answering::{only_the_call, real, time, with_log};
use crate::helpers::server::{RESOURCE, Server, http};

const ROLE: &str = "app-requires-role-or-scope";
const FORBIDDEN: &str = "403 Forbidden";
const NETWORK: &str = "network-access-restricted";
const OPEN: (&str, Confidence) = ("undetermined-403", Possible);
const BLOCKED: (&str, Confidence) = (NETWORK, Likely);

// ------------------------------------------------------------------------------------------- whose page a 403 is

/// Who answers only the call names itself in a header or in its page, and no role of App 2's satisfies it.
#[test]
fn a_page_of_another_component_is_not_the_apps() {
    let google = "<title>403</title>403. Your client does not have permission to get URL /api/hello from this server.";
    let denied = "<title>Access Denied</title>";
    for (headers, body, (code, sureness), told) in [
        ("server: traefik\r\ncontent-type: text/plain\r\n", "Forbidden", OPEN, "traefik"),
        ("server: Caddy\r\n", "", OPEN, "Caddy"),
        ("via: NS-CACHE-10.0: 1\r\ncontent-type: text/html\r\n", denied, OPEN, "NS-CACHE"),
        ("server: acme-edge/2\r\ncontent-type: text/html\r\n", "<title>Forbidden</title>", OPEN, "acme-edge"),
        ("via: 1.1 gateway7\r\ncontent-type: text/html\r\n", "<h1>403</h1>", OPEN, "gateway7"),
        (
            "server: LiteSpeed\r\ncontent-type: text/html\r\n",
            "<h1>403</h1><p>Access to this resource on the server is denied!</p>",
            ("app-error", Likely),
            "LiteSpeed",
        ),
        (HTML, "<title>Access Denied</title>Your request was denied by policy. BlueCoat", BLOCKED, "Blue Coat"),
        (HTML, "<title>Websense - Access to this site is blocked</title>", BLOCKED, "Forcepoint"),
        ("l5d-proxy-error: unauthorized request on route\r\n", "", BLOCKED, "Linkerd"),
        ("via: 1.1 google\r\ncontent-type: text/html\r\n", google, BLOCKED, "Google Cloud"),
        (JSON, r#"{ "statusCode": 403, "message": "Forbidden" }"#, OPEN, "API Management"),
        (JSON, r#"{"statusCode":403,"message":"Forbidden"}"#, OPEN, "API Management"),
    ] {
        let seen = only_the_call(FORBIDDEN, headers, body).observe();
        assert_eq!((seen.root(), seen.sureness()), (code, Some(sureness)), "{told}: {:?}", seen.candidates());
        assert!(seen.tells(told), "{told}: {:#?}", seen.0.diagnosis().root_cause);
        let is_open = code == OPEN.0;
        assert_eq!(seen.candidates().contains(&ROLE), is_open, "{told}: {:?}", seen.candidates());
        assert!(!is_open || seen.candidates().contains(&NETWORK), "{told}: {:?}", seen.candidates());
    }
}

/// What apps run on names itself as well, and what says that a role is missing is the app.
#[test]
fn a_server_that_an_app_runs_on_is_not_in_front_of_it() {
    let werkzeug = "<title>403 Forbidden</title><p>You don't have the permission to access the resource.</p>";
    for (headers, body) in [
        ("server: Werkzeug/3.0 Python/3.12\r\ncontent-type: text/html\r\n", werkzeug),
        ("server: uvicorn\r\ncontent-type: application/json\r\n", r#"{"detail":"Missing role: Orders.Read"}"#),
        ("server: Kestrel\r\n", ""),
        ("server: nginx\r\ncontent-type: application/json\r\n", r#"{"error":"insufficient scope"}"#),
        ("server: acme-edge\r\ncontent-type: text/html\r\n", "<title>The role Orders.Read is missing</title>"),
        ("x-powered-by: Express\r\ncontent-type: application/json\r\n", r#"{"statusCode":403,"message":"Forbidden"}"#),
    ] {
        only_the_call(FORBIDDEN, headers, body).observe().is(ROLE, Likely);
    }
    // What the header of the middleware passed comes from behind Easy Auth, and a server of both answers shows nothing.
    let edge = "server: acme-edge\r\n";
    let page = format!("{edge}{HTML}");
    let passed = format!("{PASSED}{page}");
    let behind = World::of(move |head| {
        behind_easy_auth(head, |_| http(FORBIDDEN, &passed, "<title>You have no permission here</title>"))
    });
    behind.observe().is(ROLE, Likely);
    let both = World::of(move |head| {
        let own = challenge().replace(PASSED, edge);
        let answer = behind_easy_auth(head, |_| http(FORBIDDEN, &page, "<title>You have no permission here</title>"));
        if answer.starts_with("HTTP/1.1 401") { own } else { answer }
    });
    assert_ne!(both.observe().says("undetermined-403").as_deref(), Some("other-server"));
}

// ----------------------------------------------------------------------------- validators, whatever their status

#[test]
fn a_validator_is_known_by_its_words() {
    let validates = ("app-validates-token-itself", Likely);
    let rejected = ("app-error", Likely);
    let not_valid = r#"{"detail":"Given token not valid for any token type","code":"token_not_valid"}"#;
    all_right(vec![
        real("tymon/jwt-auth", "400 Bad Request", JSON, r#"{"error":"token_invalid"}"#, validates),
        real("tymon/jwt-auth, expired", "400 Bad Request", JSON, r#"{"error":"token_expired"}"#, validates),
        real(
            "oauth's code",
            "400 Bad Request",
            JSON,
            r#"{"error":"invalid_token","error_description":"issuer mismatch"}"#,
            validates,
        )
        .tells("issuer mismatch"),
        real("Simple JWT", FORBIDDEN, JSON, not_valid, validates),
        real("498", "498 Invalid Token", JSON, r#"{"message":"Token expired"}"#, validates),
        real("FastAPI's tutorial", FORBIDDEN, JSON, r#"{"detail":"Could not validate credentials"}"#, validates),
        real("IDX in a 403", FORBIDDEN, JSON, r#"{"error":"IDX10214: Audience validation failed."}"#, validates)
            .tells("IDX10214"),
        real(
            "jsonwebtoken",
            "500 Internal Server Error",
            JSON,
            r#"{"error":"JsonWebTokenError: invalid signature"}"#,
            validates,
        ),
        real(
            "IDX in a 500",
            "500 Internal Server Error",
            PLAIN,
            "SecurityTokenExpiredException: IDX10223: Lifetime validation failed. The token is expired.",
            validates,
        ),
        // Tokens of another kind.
        real("a device's", "400 Bad Request", JSON, r#"{"error":"invalid device token"}"#, rejected),
        real("a page's", "400 Bad Request", JSON, r#"{"error":"invalid continuation token"}"#, rejected),
        real("a parser's", "500 Internal Server Error", JSON, r#"{"error":"unexpected token < in JSON"}"#, rejected),
        real("a card's", "422 Unprocessable Entity", JSON, r#"{"error":"card issuer declined"}"#, rejected),
        real("a quota", FORBIDDEN, JSON, r#"{"error":"token quota exceeded for this model"}"#, rejected),
        real("an audience", "404 Not Found", JSON, r#"{"error":"audience segment not found"}"#, rejected),
    ]);
}

/// What a validation of input says is inside of what names the fields.
#[test]
fn the_sentence_of_a_list_of_errors_is_quoted() {
    let rejected = ("app-error", Likely);
    let field = r#"{"errors":{"id":["The id field is required."]}}"#;
    let list = r#"{"status":400,"errors":["A quantity must be greater than zero."]}"#;
    all_right(vec![
        real("of a field", "400 Bad Request", JSON, field, rejected).tells("The id field is required"),
        real("in a list", "400 Bad Request", JSON, list, rejected).tells("must be greater than zero"),
        real("no sentence", "400 Bad Request", JSON, r#"{"items":["a","b"]}"#, rejected).tells("members items"),
    ]);
    let secret = r#"{"errors":{"password":["Tr0ub4dor is not a word I know"]}}"#;
    let seen = World::of(move |head| behind_easy_auth(head, |_| http("400 Bad Request", JSON, secret))).observe();
    assert!(!seen.tells("Tr0ub4dor"));
}

// ------------------------------------------------------------------------------------------- 200 that is no success

#[test]
fn a_filters_page_is_no_success() {
    for (headers, body, told) in [
        (HTML, "<title>Access denied</title> Kaspersky Web Traffic Security", "Kaspersky"),
        (
            "server: squid/5\r\ncontent-type: text/html\r\n",
            "<title>ERROR: The requested URL could not be retrieved</title>",
            "Squid",
        ),
        (HTML, "<title>Web Page Blocked!</title>", "Web application firewall"),
    ] {
        let seen = only_the_call("200 OK", headers, body).observe();
        seen.is(NETWORK, Likely);
        assert!(seen.tells(told), "{told}");
    }
    for (headers, body) in [
        (JSON, r#"{"status":"Request Blocked","reason":"duplicate order"}"#),
        (JSON, r#"{"last":"ERROR: The requested URL could not be retrieved"}"#),
        (HTML, "<title>Vendors</title>Kaspersky Lab, Blue Coats Ltd."),
        (PLAIN, "Access denied count: 0"),
    ] {
        let seen = only_the_call("200 OK", headers, body).observe();
        assert_eq!(seen.verdict(), Verdict::Pass, "{body}: {:?}", seen.candidates());
    }
}

fn status(seen: &Seen, step: &str) -> String {
    let step = seen.0.steps().iter().find(|known| known.id.id() == step).unwrap();
    step.status.word().to_owned()
}

/// Easy Auth let the call through, and what answered asks for a sign-in: that may be what App 1 expects.
#[test]
fn a_form_to_sign_in_is_warned_of() {
    for (body, right) in [
        (r#"<title>Web Authentication</title><form action="https://portal.contoso.com/login">"#, "warn"),
        (r#"<title>Sign In</title><form id="loginForm" action="/adfs/ls/">"#, "warn"),
        (r#"<form><input name="p" type="password"></form>"#, "warn"),
        (r#"<title>Shop</title><form action="/search"><input name="q"></form><a href="/login">Log in</a>"#, "pass"),
        ("<title>Login history</title><table></table>", "pass"),
    ] {
        let seen = only_the_call("200 OK", HTML, body).observe();
        assert_eq!((seen.verdict(), status(&seen, "call").as_str()), (Verdict::Pass, right), "{body}");
    }
}

/// By its meaning, a 407 comes from a proxy, whether or not it says what it requires.
#[test]
fn a_proxy_that_requires_credentials() {
    let mut off = settings(&v1_issuer(), &[RESOURCE], &[]);
    off["properties"]["platform"]["enabled"] = json!(false);
    for headers in ["", "proxy-authenticate: Basic realm=\"corp\"\r\n"] {
        let world =
            || World::of(move |head| for_everybody(head, &http("407 Proxy Authentication Required", headers, "")));
        world().observe().is(NETWORK, Likely);
        assert_ne!(world().with_settings(&off).observe().root(), "easy-auth-not-active");
    }
}

// --------------------------------------------------------------------------------- another component's answer

/// The first request gets a front end's page and the next ones the open app: nothing else follows from that page.
#[test]
fn a_page_of_the_first_request_is_not_the_apps() {
    let mut off = settings(&v1_issuer(), &[RESOURCE], &[]);
    off["properties"]["platform"]["enabled"] = json!(false);
    let asked = AtomicUsize::new(0);
    let world = World::of(move |head| {
        let is_first = head.starts_with("GET /api") && asked.fetch_add(1, SeqCst) == 0;
        let page = http("403 Ip Forbidden", "x-ms-forbidden-ip: 20.50.1.2\r\n", "");
        if is_first { page } else { for_everybody(head, &http("200 OK", "", "hello")) }
    });
    let seen = world.with_settings(&off).observe();
    assert_eq!(seen.root(), "easy-auth-not-active", "{:?}", seen.candidates());
    assert!(!seen.tells("comes from the app itself"));
}

/// The sign-in or the scheme of another component, and settings without an Entra provider.
#[test]
fn a_missing_provider_does_not_explain_anothers_answer() {
    let mut none = settings(&v1_issuer(), &[RESOURCE], &[]);
    none["properties"]["identityProviders"] = json!({});
    for (status, headers) in [
        ("302 Found", "location: https://contoso.okta.com/oauth2/v1/authorize?client_id=x\r\n"),
        ("302 Found", "location: https://id.contoso.com/oauth2/default/v1/authorize?client_id=x\r\n"),
        ("401 Unauthorized", "www-authenticate: HMAC-SHA256\r\n"),
        ("401 Unauthorized", "www-authenticate: ApiKey realm=\"orders\"\r\n"),
    ] {
        let world = || World::of(move |head| for_everybody(head, &http(status, headers, "")));
        for seen in [world().with_settings(&none).observe(), world().managed(&none, &json!({})).observe()] {
            let (root, sureness) = (seen.root(), seen.sureness());
            assert_ne!((root, sureness), ("entra-provider-missing", Some(Certain)), "{headers}");
        }
    }
    // Easy Auth's own answer without a provider.
    let seen = World::of(|head| for_everybody(head, &http("401 Unauthorized", "", ""))).managed(&none, &json!({}));
    seen.observe().is("entra-provider-missing", Certain);
}

/// A scheme that no table has is named, and schemes that take tokens are no other ones.
#[test]
fn a_scheme_of_its_own_is_named() {
    let seen =
        World::of(|head| behind_easy_auth(head, |_| http("401 Unauthorized", "www-authenticate: HMAC-SHA256\r\n", "")))
            .observe();
    assert_eq!(seen.root(), "authorization-scheme-conflict", "{:?}", seen.candidates());
    assert!(seen.tells("HMAC-SHA256"));
    let seen =
        World::of(|head| behind_easy_auth(head, |_| http("401 Unauthorized", "www-authenticate: Token\r\n", "")));
    assert_ne!(seen.observe().root(), "authorization-scheme-conflict");
}

// ---------------------------------------------------------------------------------------------- Entra's numbers

#[test]
fn a_refusal_of_an_earlier_attempt_is_none_of_this_request() {
    let seen = |text: &'static str| Field::app_service(move |_| app_service("500 Internal Server Error", text)).check();
    for text in [
        "retrying; previous attempt 2026-11-26 failed: AADSTS7000222: The provided client secret keys are expired.",
        "not ready (last failure AADSTS700016: Application was not found)",
    ] {
        seen(text).never_finds("managed-identity-stale").never_finds("caller-secret-expired");
    }
    seen("AADSTS700016: Application with identifier 'x' was not found.").finds("managed-identity-stale");
}

// ----------------------------------------------------------------------------------------------------- App 2's log

fn line(said: &str) -> String {
    format!("{} JWT validation failed: {said}\n", time("%Y-%m-%dT%H:%M:%SZ"))
}

/// A line of the moment of the call is quoted, whatever its number; nothing follows from it.
#[test]
fn a_line_of_the_moment_is_quoted() {
    for said in [
        "IDX10231: Audience validation failed. Delegate returned false, securitytoken: 'x'.",
        "IDX10501: Signature validation failed. Unable to match key: kid: 'another'.",
        "IDX13000: A number of another year.",
    ] {
        let number = said.get(..8).unwrap();
        let report = with_log(|_| challenge(), &line(said));
        assert_eq!(report["root_cause"]["code"], "undetermined-401", "{said}");
        assert!(report["root_cause"]["summary"].as_str().unwrap().contains(number), "{}", report["root_cause"]);
        assert!(report["root_cause"]["evidence"].to_string().contains(number));
    }
    let old = "2024-01-01T00:00:00Z JWT validation failed: IDX10501: Unable to match key: kid: 'another'.\n";
    for log in [
        line("IDX10214: Audience validation failed. Audiences: 'api://other'. Did not match: x: 'y'."),
        line("IDX10503: Signature validation failed. Token's kid is: 'easyauth-doctor-probe'. Keys tried: 'x'."),
        old.to_owned(),
    ] {
        let report = with_log(|_| challenge(), &log);
        assert!(!report["root_cause"]["evidence"].to_string().contains("IDX"), "{log}: {}", report["root_cause"]);
    }
}

/// A line with this token's issuer says that it isn't accepted, also without the ones that are.
#[test]
fn a_line_with_the_tokens_issuer() {
    let of = |issuer: &str| {
        line(&format!("IDX40001: Issuer: '{issuer}', does not match any of the valid issuers provided."))
    };
    let report = with_log(|_| challenge(), &of(&v1_issuer()));
    assert_eq!(report["root_cause"]["code"], "issuer-not-accepted", "{}", report["root_cause"]);
    assert_eq!(report["root_cause"]["confidence"], "likely");
    let report = with_log(|_| challenge(), &of("https://sts.windows.net/99999999-2222-4333-8444-555555555555/"));
    assert_eq!(report["root_cause"]["code"], "undetermined-401", "{}", report["root_cause"]);
}

/// App 2 returns 500 for everybody, and its log says what the request for metadata got.
#[test]
fn what_the_request_for_metadata_got() {
    let seen = |got: &str| {
        let mut field = Field::app_service(|_| issued(RESOURCE));
        field.app2 = Server::answers(|head| for_everybody(head, &http("500 Internal Server Error", PASSED, "")));
        let url = "https://login.microsoftonline.com/v2.0/x/.well-known/openid-configuration";
        let file = field.files.path().join("log");
        let said = format!("IDX20807: Unable to retrieve document from: '{url}'. HttpResponseMessage: '{got}'");
        std::fs::write(&file, line(&said)).unwrap();
        field.option(&["--target-log", file.to_str().unwrap()]).check()
    };
    seen("StatusCode: 404, ReasonPhrase: 'Not Found'").root("issuer-invalid", "likely");
    seen("StatusCode: 400, ReasonPhrase: 'Bad Request'").root("issuer-invalid", "likely");
    let proxy = seen("StatusCode: 407, ReasonPhrase: 'Proxy Authentication Required'");
    proxy.root("target-egress-blocked", "likely");
    let busy: Report = seen("StatusCode: 503, ReasonPhrase: 'Service Unavailable'");
    assert_ne!(busy.code(), "issuer-invalid");
}

// ---------------------------------------------------------------------------------------------- App 2's settings

fn site_settings(settings: &Value) -> Value {
    let mut exported = settings.clone();
    exported["id"] = json!(
        "/subscriptions/11112222-3333-4444-5555-666677778888/resourceGroups/rg/providers/Microsoft.Web/sites/app2/\
         config/authsettingsV2"
    );
    exported
}

/// What was read from Azure into a file is stored so; in a template, a place for the tenant's ID is filled later.
#[test]
fn a_placeholder_in_the_issuer_url() {
    let file = settings("https://login.microsoftonline.com/<tenant-id>/v2.0", &[RESOURCE], &[]);
    let seen = |file: &Value| {
        let fails = World::of(|head| for_everybody(head, &http("500 Internal Server Error", PASSED, "")));
        fails.with_settings(file).observe()
    };
    seen(&site_settings(&file)).is("issuer-invalid", Likely);
    let of_template = seen(&file);
    assert_ne!(of_template.sureness(), Some(Likely), "{:?}", of_template.candidates());
}

/// Nothing checks a token on an excluded path, or with Easy Auth off, whatever the settings would allow.
#[test]
fn what_nothing_checks_does_not_pass() {
    let mut excluded = settings(&v1_issuer(), &[RESOURCE], &[]);
    excluded["properties"]["globalValidation"]["excludedPaths"] = json!(["/api/*"]);
    let mut off = settings(&v1_issuer(), &[RESOURCE], &[]);
    off["properties"]["platform"]["enabled"] = json!(false);
    for (settings, name) in [(&excluded, "excluded"), (&off, "off")] {
        let world = World::of(|head| for_everybody(head, &http("200 OK", "", "hello")));
        let seen = world.with_settings(settings).observe();
        for step in ["audience", "authorization"] {
            assert_eq!(status(&seen, step), "skipped", "{name}, {step}");
        }
    }
    // Easy Auth rejects a request without a token there: the path isn't excluded.
    let world = World::of(|head| behind_easy_auth(head, |_| http("200 OK", PASSED, "hello")));
    let seen = world.with_settings(&excluded).observe();
    for step in ["audience", "authorization"] {
        assert!(["pass", "warn"].contains(&status(&seen, step).as_str()), "{step}");
    }
}

/// A cache in front gives anyone what it gave to somebody with a token.
#[test]
fn a_cache_is_named() {
    let seen = |headers: &'static str| {
        World::of(move |head| match Brings::of(head) {
            _ if head.contains("/.") => behind_easy_auth(head, |_| String::new()),
            _ => http("200 OK", headers, "hello"),
        })
        .observe()
    };
    for headers in ["x-cache: HIT\r\n", "x-cache: TCP_HIT\r\nage: 0\r\n", "age: 1000\r\n"] {
        assert_eq!(seen(headers).says("unauthenticated-requests-allowed").as_deref(), Some("cached"), "{headers}");
    }
    for headers in ["", "x-cache: MISS\r\nage: 0\r\n"] {
        assert_ne!(seen(headers).says("unauthenticated-requests-allowed").as_deref(), Some("cached"), "{headers}");
    }
}

// ------------------------------------------------------------------------ what a third tester found, and its siblings

/// A redirect that everybody gets says nothing of a header that was lost.
#[test]
fn a_redirect_of_everybody_is_not_certain() {
    for to in ["https://block.opendns.com/?url=x", "https://status.contoso.com/maintenance", "https://parking.example/"]
    {
        let header = format!("location: {to}\r\n");
        let seen = World::of(move |head| for_everybody(head, &http("302 Found", &header, ""))).observe();
        assert!(seen.sureness() < Some(Certain), "{to}: {:?}", seen.candidates());
    }
}

/// Every other answer has the header of Easy Auth's middleware, or names its server, and the one to the call doesn't.
#[test]
fn an_answer_without_the_headers_of_the_others() {
    let seen = |own: &'static str, call: &'static str, status: &'static str, body: &'static str| {
        World::of(move |head| {
            if head.starts_with("GET /.auth/me ") && Brings::of(head).is_real() {
                let claims = r#"[{"provider_name":"aad","user_id":"x","user_claims":[]}]"#;
                return http("200 OK", &format!("{own}{JSON}"), claims);
            }
            let answer = behind_easy_auth(head, |_| http(status, call, body));
            let is_call = answer.starts_with(&format!("HTTP/1.1 {status}"));
            if is_call { answer } else { answer.replace(PASSED, own) }
        })
        .observe()
    };
    let iis = "server: Microsoft-IIS/10.0\r\n";
    for (own, call) in [(PASSED, ""), (PASSED, "server: envoy\r\n"), (iis, ""), (iis, JSON)] {
        for body in ["", r#"{"message":"Forbidden"}"#, "<h1>Guru Meditation</h1>"] {
            let seen = seen(own, call, FORBIDDEN, body);
            assert!([NETWORK, OPEN.0].contains(&seen.root()), "{call} {body}: {:?}", seen.candidates());
        }
    }
    let failed = seen(PASSED, "", "500 Internal Server Error", "oops");
    assert!(!failed.tells("its own code fails"), "{:?}", failed.candidates());
    // The same answers with the header are the app's.
    for body in ["", r#"{"message":"Forbidden"}"#] {
        seen(PASSED, PASSED, FORBIDDEN, body).is(ROLE, Likely);
        seen(iis, iis, FORBIDDEN, body).is(ROLE, Likely);
    }
    seen(PASSED, PASSED, "500 Internal Server Error", "oops").is("app-error", Likely);
}

/// Words of permissions about a file, a database, or a time are the app's own rule.
#[test]
fn words_of_permissions_about_something_else() {
    for said in [
        "Out of scope for this contract",
        "Permission denied: /mnt/data/orders.json",
        "EACCES: permission denied, open '/home/data/x'",
        "The database role reader does not exist",
        "Origin https://x.contoso.com is not allowed",
        "Request blocked by content policy",
        "Not allowed on weekends",
        "Outside business hours: access is not allowed",
    ] {
        let body = json!({"error": said}).to_string();
        let seen =
            World::of(move |head| behind_easy_auth(head, |_| http(FORBIDDEN, &format!("{PASSED}{JSON}"), &body)))
                .observe();
        assert_eq!(seen.root(), "app-error", "{said}: {:?}", seen.candidates());
        assert!(seen.tells(said.get(..12).unwrap()), "{said}");
    }
    for said in [
        "Requires scope Orders.Read",
        "You do not have the required permission",
        "User is not in role Admin",
        "Permission denied",
        "Access to this operation is not allowed",
    ] {
        let body = json!({"error": said}).to_string();
        let seen =
            World::of(move |head| behind_easy_auth(head, |_| http(FORBIDDEN, &format!("{PASSED}{JSON}"), &body)))
                .observe();
        assert_eq!(seen.root(), ROLE, "{said}: {:?}", seen.candidates());
    }
}

/// The answer to a conditional request, whose success is 304.
#[test]
fn not_modified_is_a_success() {
    let world = World::of(|head| behind_easy_auth(head, |_| http("304 Not Modified", PASSED, "")));
    assert_eq!(world.observe().verdict(), Verdict::Pass);
}

/// The app fails for everybody on a path that needs no token, while Easy Auth's own page accepts the caller.
#[test]
fn an_error_beside_easy_auths_own_page_is_the_apps() {
    let seen = |me: &'static str| {
        World::of(move |head| {
            let is_me = head.starts_with("GET /.auth/me ") && Brings::of(head).is_real();
            match () {
                () if is_me => http(me, JSON, r#"[{"provider_name":"aad","user_id":"x","user_claims":[]}]"#),
                () if head.contains("/.") => behind_easy_auth(head, |_| String::new()),
                () => http("500 Internal Server Error", JSON, r#"{"error":"SqlException: Login failed"}"#),
            }
        })
        .observe()
    };
    seen("200 OK").is("app-error", Likely);
    assert_ne!(seen("500 Internal Server Error").root(), "app-error");
}

/// A name below App 2's client ID that Entra doesn't find is one of its scopes or roles.
#[test]
fn a_scope_below_the_client_id() {
    let not_found = "AADSTS500011: The resource principal named x was not found in the tenant named Contoso.";
    for (asked, code) in [
        (format!("api://{ID}/Orders.Read"), "scope-name-in-resource"),
        (format!("{ID}/read"), "scope-name-in-resource"),
        ("api://orders".to_owned(), "resource-not-registered"),
        (format!("api://{ID}"), "resource-not-registered"),
    ] {
        let mut field = Field::app_service(move |_| app_service("400 Bad Request", not_found));
        field.app2 = Server::answers(|head| behind_easy_auth(head, |_| challenge()));
        let seen = field.option(&["--resource", &asked]).check();
        assert_eq!(seen.code(), code, "{asked}: {}", seen.cause());
        assert!(code != "scope-name-in-resource" || !seen.fixes().contains("/Orders.Read"), "{}", seen.fixes());
    }
}

/// The resource ID is another app's: its settings confirm no audience for the target.
#[test]
fn settings_read_by_another_apps_id_confirm_no_token() {
    let world = |host: &'static str, names: Value| {
        World::of(move |head| {
            let own = format!("{PASSED}www-authenticate: Bearer realm=\"{host}\"\r\n");
            let answer = behind_easy_auth(head, |_| http("200 OK", PASSED, "hello"));
            match head.contains("/.auth/login") {
                true => http("404 Not Found", PASSED, ""),
                false if answer.starts_with("HTTP/1.1 401") => http("401 Unauthorized", &own, ""),
                false => answer,
            }
        })
        .managed(&settings(&v1_issuer(), &[RESOURCE], &[]), &json!({"hostNames": names}))
        .asking(None)
    };
    let others = world("app9.azurewebsites.net", json!(["app2.azurewebsites.net"]));
    let seen = others.observe();
    assert_eq!(others.arrived(), Vec::<String>::new(), "{:?}", seen.candidates());
    assert_ne!(seen.verdict(), Verdict::Pass);
    assert!(!seen.found("settings-not-used").is_empty());
    let own = world("app2.azurewebsites.net", json!(["app2.azurewebsites.net"]));
    own.observe();
    assert!(own.arrived().iter().any(|audience| audience == RESOURCE || audience == ID), "{:?}", own.arrived());
}

/// App 2's own answer has no end: the status decides.
#[test]
fn a_stream_is_an_answer() {
    use std::io::Write as _;
    let seen = |status: &'static str| {
        let mut field = Field::app_service(|_| issued(RESOURCE));
        field.app2 = Server::play(move |stream, head| {
            if !Brings::of(head).is_real() || head.contains("/.") {
                let _ = stream.write_all(behind_easy_auth(head, |_| String::new()).as_bytes());
                return;
            }
            let begin = format!("HTTP/1.1 {status}\r\n{PASSED}content-type: text/event-stream\r\n\r\ndata: 1\n\n");
            let _ = stream.write_all(begin.as_bytes());
            std::thread::sleep(std::time::Duration::from_secs(8));
        });
        field.check()
    };
    seen("200 OK").passes();
    let refused = seen("403 Forbidden");
    assert_ne!(refused.code(), "app-unavailable", "{}", refused.cause());
}

/// What the site that was read contradicts isn't certain.
#[test]
fn a_certificate_that_the_site_does_not_require() {
    let seen = |enabled: bool| {
        let page = "<h1>Error 403 - Forbidden</h1>Client Certificate Required";
        let site = json!({"clientCertEnabled": enabled, "clientCertMode": "Required"});
        World::of(move |head| for_everybody(head, &http(FORBIDDEN, HTML, page)))
            .managed(&settings(&v1_issuer(), &[RESOURCE], &[]), &site)
            .observe()
    };
    seen(true).is("client-certificate-required", Certain);
    seen(false).is("client-certificate-required", Likely);
}
