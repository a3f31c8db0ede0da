//! Worlds that were still judged wrongly or without help: redirects and pages that nobody compared, compressed bodies,
//! secrets in pieces, two clouds, an identity's own ID, and files that are almost right. Each has its right answer,
//! which was written before it was run.

use std::io::Write as _;

use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};
use serde_json::{Value, json};

use crate::field::caller::{
    AKS, CLIENT, EXCHANGE, Field, TENANT, app_service, as_json, imds, issued, issued_with, jwt, service_account,
};
use crate::field::target::{Brings, HTML, PASSED, challenge};
use crate::helpers::program::{doctor, text};
use crate::helpers::server::{RESOURCE, Server, http, token_for};
use crate::helpers::world::answer;

const ID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

fn path(head: &str) -> &str {
    head.split(' ').nth(1).unwrap_or_default()
}

/// The parameter of this name in a request.
fn parameter(head: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(&format!("http://localhost{}", path(head))).unwrap();
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// An identity endpoint that gives a token for what is asked.
fn any_resource() -> Field {
    Field::app_service(|head| issued(&parameter(head, "resource").unwrap()))
}

/// The same, and an App 2 that answers like this.
fn app_2(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Field {
    let mut field = any_resource();
    field.app2 = Server::answers(answer);
    field
}

/// Easy Auth that accepts the bare client ID alone, and names this client ID in its challenge.
fn accepts_bare(named: &'static str) -> impl Fn(&str) -> String + Send + Sync + 'static {
    move |head| match Brings::of(head) {
        Brings::Bare if !path(head).starts_with("/.") => http("200 OK", PASSED, "hello"),
        _ => challenge().replace(ID, named),
    }
}

// ------------------------------------------------------------------------------------- the bare client ID

/// The two requests are under way together, and either may be answered first.
#[test]
fn the_bare_client_id_is_known_also_where_the_answer_without_a_token_is_late() {
    let bare = accepts_bare(ID);
    let field = app_2(move |head| {
        if matches!(Brings::of(head), Brings::Nothing) {
            std::thread::sleep(std::time::Duration::from_millis(300));
        }
        bare(head)
    });
    let field = field.option(&["--resource", "https://orders.contoso.com"]);
    field.check().root("audience-not-allowed", "likely");
    assert!(field.app2.audiences().contains(&ID.to_owned()), "{:?}", field.app2.audiences());
}

#[test]
fn the_bare_client_id_is_tried_whatever_the_resource_looks_like() {
    for (resource, sureness, code) in [
        (RESOURCE.to_owned(), "likely", "audience-not-allowed"),
        ("https://orders.contoso.com".to_owned(), "likely", "audience-not-allowed"),
        // The slash alone may be the reason.
        (format!("{RESOURCE}/"), "possible", "undetermined-401"),
        ("https://orders.contoso.com/".to_owned(), "possible", "undetermined-401"),
    ] {
        let field = app_2(accepts_bare(ID)).option(&["--resource", &resource]);
        let seen = field.check();
        assert!(field.app2.audiences().contains(&ID.to_owned()), "{resource}: {:?}", field.app2.audiences());
        seen.root(code, sureness);
        seen.finds("audience-not-allowed");
        if resource.starts_with("https") {
            let told = seen.0["steps"][5]["findings"].to_string();
            assert!(told.contains(ID) && told.contains("challenge"), "{told}");
        }
    }
}

#[test]
fn a_client_id_that_app_2_names_is_tried_only_where_nothing_contradicts_it() {
    let other = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
    let graph = "00000003-0000-0000-c000-000000000000";
    // A Microsoft API, and a client ID beside a resource that has another.
    for (named, resource) in [
        (graph, "https://orders.contoso.com"),
        (other, RESOURCE),
        (other, "api://x/0f8fad5b-d9cb-469f-a165-70867728950e"),
    ] {
        let field = app_2(accepts_bare(named)).option(&["--resource", resource]);
        field.check();
        assert!(!field.app2.audiences().contains(&named.to_owned()), "{named}: {:?}", field.app2.audiences());
    }
    // A version 2 token has the client ID already, and no other is tried.
    let mut field = Field::app_service(|_| issued(ID));
    field.app2 = Server::answers(|_| challenge());
    field.option(&["--resource", "https://orders.contoso.com"]).check();
}

#[test]
fn a_token_for_the_client_id_is_not_requested_twice() {
    let mut field = Field::app_service(|_| issued(ID));
    field.app2 = Server::answers(|_| challenge());
    let field = field.option(&["--resource", "https://orders.contoso.com"]);
    field.check();
    let asked = field.identity.received().iter().filter(|head| head.contains(ID)).count();
    assert_eq!(asked, 0, "{:?}", field.identity.received());
}

// ------------------------------------------------------------------------------------- an identity's own ID

/// App Service refuses every selector; without one, it gives this application's token.
fn system_assigned(client: &'static str) -> impl Fn(&str) -> String + Send + Sync + 'static {
    move |head| {
        let selects = ["client_id", "principal_id", "object_id"].iter().any(|name| parameter(head, name).is_some());
        match selects {
            true => app_service(
                "400 Bad Request",
                "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.",
            ),
            false if client.is_empty() => app_service("400 Bad Request", "Unable to load the proper Managed Identity."),
            false => {
                let audience = parameter(head, "resource").unwrap();
                issued_with(&audience, &json!({"appid": client, "oid": TENANT}))
            }
        }
    }
}

#[test]
fn the_system_assigned_identity_is_not_selected_by_its_own_id() {
    let by_variable = Field::app_service(system_assigned(CLIENT)).set("AZURE_CLIENT_ID", CLIENT);
    let by_option = Field::app_service(system_assigned(CLIENT)).option(&["--identity", &format!("client-id:{CLIENT}")]);
    let by_object = Field::app_service(system_assigned(CLIENT)).option(&["--identity", &format!("object-id:{TENANT}")]);
    for field in [by_variable, by_option, by_object] {
        let seen = field.check();
        seen.root("selected-identity-not-attached", "certain").says("system-assigned");
        let fixes = seen.fixes();
        for impossible in ["User assigned, select Add", "identity assign", "identity_ids"] {
            assert!(!fixes.contains(impossible), "{impossible}: {fixes}");
        }
        assert!(fixes.contains("--identity system"), "{fixes}");
        // No token of the identity that was not selected goes anywhere.
        assert!(field.app2.audiences().iter().all(|audience| audience.ends_with(".invalid")));
    }
}

#[test]
fn an_id_of_another_identity_can_be_attached() {
    for own in ["c0000000-0000-4000-8000-000000000001", ""] {
        let seen = Field::app_service(system_assigned(own)).set("AZURE_CLIENT_ID", CLIENT).check();
        seen.root("selected-identity-not-attached", "certain");
        assert!(seen.fixes().contains("User assigned, select Add"), "{}", seen.fixes());
    }
}

// ------------------------------------------------------------------------------------- two clouds

fn clouds(issuer: &str, sign_in: &'static str) -> Field {
    let issuer = issuer.to_owned();
    let mut field = Field::app_service(move |head| {
        let version = if issuer.ends_with("/v2.0") { "2.0" } else { "1.0" };
        issued_with(&parameter(head, "resource").unwrap(), &json!({"iss": issuer, "ver": version}))
    });
    field.app2 = Server::answers(move |_| challenge().replace("login.windows.net", sign_in));
    field
}

#[test]
fn two_clouds_are_named() {
    let china = format!("https://sts.chinacloudapi.cn/{TENANT}/");
    let government = format!("https://login.microsoftonline.us/{TENANT}/v2.0");
    for (issuer, sign_in) in [(&china, "login.windows.net"), (&government, "login.microsoftonline.com")] {
        let host = url::Url::parse(issuer).unwrap().host_str().unwrap().to_owned();
        clouds(issuer, sign_in).check().root("foreign-tenant-token", "likely").says(&host).says(sign_in);
    }
    // One cloud, although no option names it; and version 1 tokens whose issuer two clouds have in common.
    for (issuer, sign_in) in [
        (&government, "login.microsoftonline.us"),
        (&china, "login.partner.microsoftonline.cn"),
        (&format!("https://sts.windows.net/{TENANT}/"), "login.windows.net"),
    ] {
        let seen = clouds(issuer, sign_in).check();
        assert_ne!(seen.code(), "foreign-tenant-token", "{issuer} {sign_in}");
    }
    // App 1's own host name says which of the two it is.
    let v1 = format!("https://sts.windows.net/{TENANT}/");
    let own = clouds(&v1, "login.microsoftonline.us").set("WEBSITE_HOSTNAME", "app1.azurewebsites.us").check();
    assert_ne!(own.code(), "foreign-tenant-token");
}

// ------------------------------------------------------------------------------------- pages and redirects

const PASSWORD: &str = "<html><title>Log in</title><form method=post><input type=\"password\" name=p></form></html>";

fn beside_easy_auth(head: &str) -> bool {
    path(head).starts_with("/.auth") || path(head).starts_with("/.well-known")
}

#[test]
fn a_page_that_asks_for_a_password_is_no_certain_answer() {
    let rejects_others = app_2(|head| match Brings::of(head) {
        _ if beside_easy_auth(head) => http("404 Not Found", "", ""),
        Brings::Nothing | Brings::InvalidToken => http("401 Unauthorized", "", ""),
        _ => http("200 OK", HTML, PASSWORD),
    });
    let seen = rejects_others.check();
    seen.root("undetermined-failure", "possible");
    assert_eq!(seen.verdict(), "inconclusive");
    for beside in ["404 Not Found", "200 OK"] {
        let for_everybody = app_2(move |head| match beside_easy_auth(head) {
            true => http(beside, HTML, PASSWORD),
            false => http("200 OK", HTML, PASSWORD),
        });
        let seen = for_everybody.check();
        assert_eq!((seen.verdict(), seen.confidence()), ("inconclusive", "possible"), "{beside}: {:#}", seen.0);
    }
    // Behind Easy Auth, the call came through, whatever its answer shows.
    app_2(|head| match Brings::of(head) {
        Brings::Uri if !beside_easy_auth(head) => http("200 OK", &format!("{PASSED}{HTML}"), PASSWORD),
        _ => challenge(),
    })
    .check()
    .passes();
}

/// Everything is redirected to the path with a slash, and answered there by `there`.
fn slash(status: &'static str, there: fn(&str) -> String) -> Field {
    app_2(move |head| match path(head) {
        beside if beside.starts_with("/.") => there(head),
        at if at.ends_with('/') => there(head),
        at => http(status, &format!("location: {at}/\r\n"), ""),
    })
}

#[test]
fn a_redirect_within_app_2_is_compared_with_and_without_the_token() {
    for status in ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let open = slash(status, |head| match beside_easy_auth(head) {
            true => http("404 Not Found", "", ""),
            false => http("200 OK", "", "hello"),
        });
        open.check().root("easy-auth-not-active", "likely");
        let protected = slash(status, |head| answer(head, "200 OK", "", "hello"));
        let seen = protected.check();
        seen.passes();
        assert_eq!(seen.0["steps"][1]["status"], "pass", "{status}");
        // The deliberately invalid token is compared there, too.
        let to_slash = protected.app2.received().iter().filter(|head| path(head) == "/api/hello/").count();
        assert_eq!(to_slash, 3, "{status}");
        let refused = slash(status, |head| answer(head, "401 Unauthorized", "", ""));
        assert_ne!(refused.check().verdict(), "pass");
    }
}

#[test]
fn another_redirect_of_everybody_leaves_the_protection_open() {
    let home = |head: &str, shown: bool| match path(head) {
        "/.auth/login/aad" if shown => {
            let to = format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/authorize?client_id={ID}");
            http("302 Found", &format!("location: {to}\r\n"), "")
        }
        "/home" => http("200 OK", "", "hello"),
        _ if beside_easy_auth(head) => http("404 Not Found", "", ""),
        _ => http("302 Found", "location: /home\r\n", ""),
    };
    let seen = app_2(move |head| home(head, false)).check();
    assert_eq!(seen.verdict(), "inconclusive");
    assert!(seen.code() == "easy-auth-not-active" || seen.candidates().contains(&"easy-auth-not-active"));
    app_2(move |head| home(head, true)).check().passes();
}

#[test]
fn what_follows_a_redirect_is_in_the_plan() {
    let plan =
        doctor(&["check", "--plan", "--format", "json", "--resource", RESOURCE, "--target", "http://127.0.0.1:9/a"])
            .output()
            .unwrap();
    let plan: Value = serde_json::from_str(&text(&plan.stdout)).unwrap();
    for purpose in ["App 2 without a token", "App 2 with a deliberately invalid token"] {
        let requests = plan["targets"][0]["requests"].as_array().unwrap().iter();
        let when: Vec<&Value> =
            requests.filter(|request| request["purpose"] == purpose).map(|request| &request["when"]).collect();
        assert_eq!(when.len(), 2, "{purpose}: {plan:#}");
    }
}

// ------------------------------------------------------------------------------------- compressed bodies

/// An answer with bytes in its body.
fn bytes(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn gzip(text: &str) -> Vec<u8> {
    [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3], compress_to_vec(text.as_bytes(), 6).as_slice(), &[0; 8]].concat()
}

fn plays(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Server {
    Server::play(move |stream, head| {
        let _ = stream.write_all(&answer(head));
    })
}

const STOPPED: &str = "<title>Web App - Unavailable</title><h1>Error 403 - This web app is stopped.</h1>";

#[test]
fn a_compressed_page_is_read() {
    let encodings = [("gzip", gzip(STOPPED)), ("deflate", compress_to_vec_zlib(STOPPED.as_bytes(), 6))];
    let plain = [("identity", STOPPED.as_bytes().to_vec())];
    for (encoding, body) in encodings.into_iter().chain(plain) {
        let mut field = any_resource();
        let headers = format!("{HTML}content-encoding: {encoding}\r\n");
        field.app2 = plays(move |_| bytes("403 Forbidden", &headers, &body));
        let seen = field.check();
        assert_eq!(seen.code(), "target-stopped", "{encoding}: {:#}", seen.0["root_cause"]);
        let asked = field.app2.received();
        assert!(asked.iter().all(|head| head.to_lowercase().contains("accept-encoding: identity")), "{asked:?}");
    }
}

#[test]
fn a_compressed_refusal_of_the_app_is_quoted() {
    let mut field = any_resource();
    field.app2 = plays(|head| match Brings::of(head) {
        Brings::Uri if !beside_easy_auth(head) => {
            let headers = format!("{PASSED}content-type: application/json\r\ncontent-encoding: gzip\r\n");
            bytes("403 Forbidden", &headers, &gzip("{\"detail\":\"Role Orders.Read is required\"}"))
        }
        _ => challenge().into_bytes(),
    });
    field.check().root("app-requires-role-or-scope", "likely").says("Role Orders.Read is required");
}

/// What can't be opened is no text: nothing of it is quoted, and nobody is blamed for it.
#[test]
fn a_body_in_an_unknown_encoding_is_not_quoted() {
    for encoding in ["br", "zstd", "gzip, br"] {
        let mut field = any_resource();
        field.app2 = plays(move |head| match Brings::of(head) {
            Brings::Uri if !beside_easy_auth(head) => {
                let headers = format!("{PASSED}{HTML}content-encoding: {encoding}\r\n");
                bytes("403 Forbidden", &headers, b"\x8b\x14\x80Role Orders.Read is required\x03")
            }
            _ => challenge().into_bytes(),
        });
        let seen = field.check();
        assert!(!seen.0.to_string().contains("Orders.Read"), "{encoding}");
        seen.root("undetermined-403", "possible");
    }
}

/// Megabytes of nothing in a few bytes.
#[test]
fn a_bomb_costs_no_more_than_other_bodies() {
    let bomb = std::sync::Arc::new(gzip(&" ".repeat(64 << 20)));
    assert!(bomb.len() < 100_000);
    let mut field = any_resource();
    field.app2 = plays(move |head| match Brings::of(head) {
        Brings::Uri if !beside_easy_auth(head) => {
            bytes("200 OK", &format!("{PASSED}{HTML}content-encoding: gzip\r\n"), &bomb)
        }
        _ => challenge().into_bytes(),
    });
    let seen = field.check();
    seen.passes();
    let exchanges = seen.0["exchanges"].as_array().unwrap();
    assert!(exchanges.iter().all(|exchange| exchange["body_excerpt"].as_str().is_none_or(|text| text.len() < 1000)));
}

/// Identity endpoints are read in the same way.
#[test]
fn a_compressed_token_is_used_and_hidden() {
    let mut field = any_resource();
    field.identity = plays(|head| {
        let body = json!({"access_token": token_for(&parameter(head, "resource").unwrap()), "token_type": "Bearer"});
        bytes("200 OK", "content-type: application/json\r\ncontent-encoding: gzip\r\n", &gzip(&body.to_string()))
    });
    let seen = field.check();
    seen.passes();
    assert!(!seen.0.to_string().contains("BwcHBwcHBw"));
}

// ------------------------------------------------------------------------------------- whom App 2 saw

/// The page about the caller, as it is with a token of this application.
fn me(client: &str) -> String {
    let claims = json!([{"typ": "aud", "val": ID}, {"typ": "appid", "val": client}]);
    let page = json!([{"provider_name": "aad", "user_id": "x", "user_claims": claims}]);
    as_json("200 OK", &page)
}

/// Easy Auth's own page says that it let the token through, so that the error is the app's.
#[test]
fn who_app_2_saw_is_asked_after_every_error() {
    let caller = "c0000000-0000-4000-8000-000000000001";
    for status in ["404 Not Found", "500 Internal Server Error"] {
        // Everybody else gets the same status: App 2's action for unauthenticated requests, or a validation that fails.
        let world = |page: String| {
            app_2(move |head| match (path(head), Brings::of(head)) {
                ("/.auth/login/aad", _) => {
                    let to = format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/authorize?client_id={ID}");
                    http("302 Found", &format!("location: {to}\r\n"), "")
                }
                ("/.auth/me", Brings::Uri) => page.clone(),
                (_, Brings::Nothing) if status.starts_with('5') => challenge(),
                _ => http(status, PASSED, ""),
            })
        };
        let seen = world(me(caller)).check();
        seen.root("app-error", "likely");
        let facts = &seen.0["steps"][7]["facts"];
        assert_eq!(facts["/.auth/me names"], caller, "{facts:#}");
        let nobody = world(as_json("200 OK", &json!([]))).check();
        assert_eq!(nobody.confidence(), "possible", "{status}: {:#}", nobody.0["root_cause"]);
        assert_eq!(nobody.0["steps"][7]["facts"]["/.auth/me names"], "nobody");
    }
    // A call that succeeds needs no explanation.
    let works = app_2(|head| answer(head, "200 OK", "", "hello"));
    works.check().passes();
    assert!(works.app2.received().iter().all(|head| path(head) != "/.auth/me"));
}

// ------------------------------------------------------------------------------------- a proxy's own answer

#[test]
fn a_proxys_page_in_place_of_the_metadata_endpoint() {
    let page =
        "<!DOCTYPE html><html><head><title>ERROR: The requested URL could not be retrieved</title></head></html>";
    for status in ["502 Bad Gateway", "503 Service Unavailable", "504 Gateway Timeout", "400 Bad Request"] {
        let seen = Field::machine(move |_| http(status, HTML, page)).check();
        let is_named = seen.code() == "proxy-intercepts-identity-endpoint"
            || seen.candidates().contains(&"proxy-intercepts-identity-endpoint");
        assert!(is_named, "{status}: {} {:?}", seen.code(), seen.candidates());
        assert_ne!(seen.confidence(), "certain", "{status}");
    }
    // An endpoint that isn't ready says so in its own form.
    let transient = as_json("503 Service Unavailable", &json!({"error": "temporarily_unavailable"}));
    let seen = Field::machine(move |_| transient.clone()).check();
    seen.never_finds("proxy-intercepts-identity-endpoint");
}

// ------------------------------------------------------------------------------------- files and IDs

fn federated(file: &[u8]) -> Field {
    let field = Field::federated(&service_account(AKS, EXCHANGE, 60), |_| issued(RESOURCE));
    std::fs::write(field.files.path().join("token"), file).unwrap();
    field
}

fn posts(field: &Field) -> usize {
    field.entra.received().iter().filter(|head| head.starts_with("POST")).count()
}

#[test]
fn a_federated_token_file_is_read_as_sdks_read_it() {
    let token = jwt(&service_account(AKS, EXCHANGE, 60));
    for ending in ["", "\n", "\r\n", " \n"] {
        let field = federated(format!("{token}{ending}").as_bytes());
        field.check().passes().never_finds("credential-incomplete");
    }
    let marked = federated(format!("\u{feff}{token}\r\n").as_bytes()).check();
    marked.passes().finds("credential-incomplete");
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(token.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let quoted = [format!("\"{token}\""), format!("'{token}'\n")];
    for (file, word) in
        quoted.iter().map(|text| (text.as_bytes(), "quotation marks")).chain([(wide.as_slice(), "UTF-16")])
    {
        let field = federated(file);
        field.check().root("credential-incomplete", "certain").says(word);
        assert_eq!(posts(&field), 0, "{word}");
    }
}

#[test]
fn what_stands_around_an_id_is_named() {
    let around = |id: &str| {
        [format!("{id} "), format!(" {id}"), format!("\u{a0}{id}"), format!("\u{feff}{id}"), format!("{id}\u{200b}")]
    };
    for (name, id) in [("AZURE_CLIENT_ID", CLIENT), ("AZURE_TENANT_ID", TENANT), ("AZURE_TENANT_ID", "contoso.com")] {
        for value in around(id) {
            let field = Field::secret(|_| issued(RESOURCE)).set(name, &value);
            let seen = field.check();
            seen.root("credential-incomplete", "certain").says("white space or an invisible character").says(id);
            assert_eq!(posts(&field), 0, "{value:?}");
        }
    }
}

// ------------------------------------------------------------------------------------- what is open, in every format

/// The root cause of an open verdict is a finding of its step, and its sentence is read once.
#[test]
fn what_is_undetermined_is_a_finding() {
    let unknown = || {
        Field::app_service(|_| {
            app_service("500 Internal Server Error", "An unexpected error occured while fetching the AAD Token.")
        })
    };
    let refused = || app_2(|_| challenge());
    let other = || Field::machine(|_| imds("something nobody knows"));
    let sign_in = || {
        app_2(|head| match path(head) {
            "/.auth/login/aad" => http("302 Found", "location: /.auth/login/facebook\r\n", ""),
            _ => http("302 Found", "location: /.auth/login/aad\r\n", ""),
        })
    };
    for field in [unknown(), refused(), other(), sign_in()] {
        let seen = field.check();
        let (code, step) = (seen.code(), &seen.0["root_cause"]["step"]);
        assert!(code.starts_with("undetermined-"), "{code}");
        let steps = seen.0["steps"].as_array().unwrap();
        let with: Vec<&Value> = steps
            .iter()
            .filter(|step| step["findings"].as_array().unwrap().iter().any(|found| found["code"] == code))
            .map(|step| &step["id"])
            .collect();
        assert_eq!(with, [step], "{code}");
        let sentence = seen.0["root_cause"]["summary"].as_str().unwrap();
        let written = as_text(&field);
        assert_eq!(written.matches(sentence).count(), 1, "{sentence}\n{written}");
    }
}

/// The text report with everything in it, without its line breaks.
fn as_text(field: &Field) -> String {
    let mut program =
        doctor(&["check", "-v", "--timeout", "5", "--resource", RESOURCE, "--authority", &field.entra.url]);
    program.args(["--target", &format!("{}/api/hello", field.app2.url)]);
    for (name, value) in &field.variables {
        program.env(name, value.replace("{identity}", &field.identity.url));
    }
    let written = text(&program.output().unwrap().stdout);
    written.split_whitespace().collect::<Vec<_>>().join(" ")
}

// ------------------------------------------------------------------------------------- secrets in pieces

#[test]
fn a_signature_in_pieces_is_hidden() {
    let pieces = |head: &str, length: usize, between: &str| {
        let signature = head.split("earer ").nth(1).unwrap_or_default().split('.').nth(2).unwrap_or_default();
        let signature = signature.split_whitespace().next().unwrap_or_default().as_bytes();
        signature.chunks(length).map(String::from_utf8_lossy).collect::<Vec<_>>().join(between)
    };
    for (length, between) in [(10, " "), (12, "</b><b>"), (14, " "), (14, "\\n"), (11, ", ")] {
        let field = app_2(move |head| match Brings::of(head) {
            Brings::Uri if !beside_easy_auth(head) => {
                let body = json!({"message": format!("token {} rejected", pieces(head, length, between))});
                http("500 Internal Server Error", "content-type: application/json\r\n", &body.to_string())
            }
            _ => challenge(),
        });
        let seen = field.check();
        seen.root("app-error", "likely");
        let everything = seen.0.to_string() + &as_text(&field);
        assert!(!everything.contains("BwcHBwcHBw"), "{length} {between:?}: {:#}", seen.0["root_cause"]);
    }
}
