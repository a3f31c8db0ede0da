use proptest::prelude::*;
use serde_json::json;

use super::*;

const ID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
/// 24 random characters.
const CANARY: &str = "Zk3vQ9xLw7RtY2pNc8HdJ5sB";

/// Words and signs that are around names and values.
const PIECES: [&str; 40] = [
    "password",
    "secret",
    "token",
    "key",
    "Authorization",
    "Bearer ",
    "Basic ",
    "cookie",
    "code",
    "sig",
    "=",
    ": ",
    "=>",
    "\"",
    "\\\"",
    "'",
    " ",
    "\n",
    ",",
    ";",
    "&",
    "?",
    "<td>",
    "</td>",
    "<",
    ">",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "abc",
    "Zq8!",
    CANARY,
    "https://x.example/y",
    "[redacted]",
    "value",
    "\u{e4}",
    "&quot;",
];

/// The body of a run without secrets.
fn kept(body: &str, whole: bool) -> String {
    super::kept(body, whole, str::to_owned)
}

#[test]
fn sentences_are_quoted_and_long_runs_are_not() {
    for text in [
        "AADSTS700016: Application with identifier '0f8fad5b-d9cb-469f-a165-70867728950e' was not found in the \
         directory 'Contoso'.",
        "Bearer error=\"invalid_token\", error_description=\"The audience 'api://orders' is invalid\"",
        "IDX10214: Audience validation failed. Audiences: 'api://0f8fad5b-d9cb-469f-a165-70867728950e'. Did not \
         match: validationParameters.ValidAudience: 'null'",
        "The client 'x' does not have authorization to perform action 'Microsoft.Web/sites/config/list/action' over \
         scope '/subscriptions/0f8fad5b-d9cb-469f-a165-70867728950e/resourceGroups/rg-orders'",
        "https://sts.windows.net/0f8fad5b-d9cb-469f-a165-70867728950e/",
        "Timestamp: 2026-11-26T10:00:00.0000000Z",
        "Supported audiences: https://management.azure.com/,https://graph.microsoft.com,\
         0f8fad5b-d9cb-469f-a165-70867728950e",
        "the certificate is for *.azurewebsites.net, app2.contoso-orders.example",
        "Thumbprint of key used by client: '2E0C8F2F4A75C1B8F8B1E5A5D2C4C9E5B8E3F111', Please visit the Azure Portal",
        "certificate thumbprint: 2E0C8F2F4A75C1B8F8B1E5A5D2C4C9E5B8E3F111",
        "kid: 'nOo3ZDrODXEK1jKWhXslHR_KXEg'",
        "AppServiceAuthSession cookie was not found",
        "traceparent 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "RequestId: 0HMVD1Q8GKBNT:00000002",
        "at Orders.Api.Controllers.OrdersController.GetAllAsync(Int32 page) in /src/Orders.cs:line 42",
        "code=InvalidAuthenticationToken",
        "secretName=db-password",
        "Set-Cookie: disabled",
        "Authorization: Bearer YOUR_TOKEN",
    ] {
        assert_eq!(quote(text), text);
    }
    for (text, shown) in [
        (format!("key {CANARY} end"), "key [redacted] end".to_owned()),
        (format!("Thumbprint of key used by client: '{CANARY}'"), "Thumbprint of key used by client: […]".to_owned()),
        ("key 2E0C8F2F4A75C1B8F8B1E5A5D2C4C9E5B8E3F111 end".to_owned(), "key […] end".to_owned()),
        (format!("client '{ID}'({CANARY}) has"), format!("client '{ID}'([…]) has")),
        (format!("client 'api://{ID}'({CANARY})."), format!("client 'api://{ID}'([…]).")),
        (format!("client 'api://{ID}'(orders-api)."), format!("client 'api://{ID}'(orders-api).")),
        (
            "resource 'https://contoso.example/orders'(orders.api), x".to_owned(),
            "resource 'https://contoso.example/orders'(orders.api), x".to_owned(),
        ),
        ("a,kJ83ZtQw7x,kJ83ZtQw7y,https://app2.example".to_owned(), "[…]://app2.example".to_owned()),
        (format!("Authorization: Bearer {CANARY}"), "Authorization: Bearer [redacted]".to_owned()),
        (format!("x-api-key: {CANARY}"), format!("x-api-key: {REDACTED}")),
        (format!("{{\"sErrTxt\":\"AADSTS700016:{CANARY}\"}}"), "[… AADSTS700016 …]".to_owned()),
        (format!("https://app2/reset/{CANARY}?code=1"), "https://app2/reset/[…]?code=[redacted]".to_owned()),
        ("a\x1b[31mb".to_owned(), "a\\x1b[31mb".to_owned()),
    ] {
        assert_eq!(quote(&text), shown);
    }
    assert_eq!(quote(&"word ".repeat(200)).chars().count(), 300);
}

#[test]
fn of_a_body_only_the_message_is_quoted() {
    for (body, shown) in [
        (
            json!({"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret."})
                .to_string(),
            "AADSTS7000215: Invalid client secret.",
        ),
        (json!({"jwt": CANARY, "sas": "short", "message": "No access"}).to_string(), "No access"),
        (json!({"error": {"code": "X", "message": "Inner"}}).to_string(), "Inner"),
        (
            json!({"password": "hunter2hunter2", "message": "no user has hunter2hunter2"}).to_string(),
            "no user has [redacted]",
        ),
        (
            json!({"access_token": ID, "message": format!("client {ID}")}).to_string(),
            "client 0f8fad5b-d9cb-469f-a165-70867728950e",
        ),
        (json!({"apiKey": "short", "user": "somebody"}).to_string(), "JSON with the members apiKey, user"),
        // The details of an error often have the reason.
        (
            json!({"error": {"message": "Request failed.", "innererror": {"message": "The token has no roles"}}})
                .to_string(),
            "Request failed: The token has no roles",
        ),
        (
            json!({"error": {"message": "Request failed.", "details": [{"message": "A role is missing."}]}})
                .to_string(),
            "Request failed: A role is missing.",
        ),
        (
            json!({"title": "Bad request.", "errors": {"id": ["The id is required."]}}).to_string(),
            "Bad request: The id is required.",
        ),
        (json!({"errors": [{"title": "Forbidden", "detail": "A role is missing"}]}).to_string(), "A role is missing"),
        (json!({"message": "Not now", "details": [{"message": "Not now."}], "errors": [1, {}]}).to_string(), "Not now"),
        (json!([1, 2]).to_string(), "a JSON array with 2 items"),
        ("<html><head><title>403 Forbidden</title></head><body>secret words</body></html>".to_owned(), "403 Forbidden"),
        (
            "<html><body><script>var key = 'abc'</script><p>You do not have permission.</p></body></html>".to_owned(),
            "You do not have permission.",
        ),
        (
            format!("-----BEGIN PRIVATE KEY-----\n{CANARY}{CANARY}\n-----END PRIVATE KEY-----"),
            "-----BEGIN PRIVATE KEY----- [redacted] -----END PRIVATE KEY-----",
        ),
        (String::new(), ""),
    ] {
        assert_eq!(excerpt(&body, str::to_owned), shown, "{body}");
    }
}

#[test]
fn a_saved_body_says_what_judging_reads_and_no_more() {
    let body = json!({"error": "invalid_request",
        "error_description": "Multiple user assigned identities exist, please specify one",
        "statusCode": 400, "debug": {"key": "abc", "hint": "see the log of the app for more"}, "pin": 1234, "ok": false,
        CANARY: "x"})
    .to_string();
    let saved: Value = serde_json::from_str(&kept(&body, true)).unwrap();
    assert_eq!(
        saved,
        json!({"error": "invalid_request",
            "error_description": "Multiple user assigned identities exist, please specify one",
            "statusCode": 400, "debug": {"key": REDACTED, "hint": "see the log of the app for more"},
            "pin": HIDDEN_NUMBER,
            "ok": false, LEFT_OUT: REDACTED})
    );
    for page in [
        "<html><head><title>Web App - Unavailable</title></head></html>",
        "The resource you are looking for has been removed, had its name changed, or is temporarily unavailable.",
        "<h1>Microsoft-Azure-Application-Gateway/v2</h1>",
        "<form action=\"https://login.microsoftonline.com/common/login\"><input type=\"password\"></form>",
    ] {
        for mark in [
            "Web App - Unavailable",
            "temporarily unavailable",
            "Microsoft-Azure-Application-Gateway",
            "login.microsoftonline.com",
            "<form",
            "type=\"password\"",
        ] {
            assert_eq!(kept(page, true).contains(mark), page.contains(mark), "{mark}: {}", kept(page, true));
        }
    }
    // Where the reading ended, a secret may have begun.
    let cut = kept("The key is Zk3vQ9", false);
    assert_eq!(cut, "The key is […]");
    assert_eq!(kept(&cut, false), cut);
    let long = kept(&"word ".repeat(20_000), true);
    assert!(long.len() <= KEPT && long.ends_with("word […]") && kept(&long, true) == long);
}

#[test]
fn a_kept_page_is_kept_again() {
    let page = format!(
        "<html><head><title>{CANARY}</title></head><body data-key=\"{CANARY}\">{CANARY}<!-- {CANARY} --></body></html>"
    );
    let once = kept(&page, true);
    assert_eq!(kept(&once, true), once);
}

proptest! {
    #[test]
    fn what_may_be_quoted_may_be_quoted_again(text in "[ -~\u{e4}\n]{0,400}") {
        let once = without_runs(&text);
        prop_assert_eq!(without_runs(&once), once.clone());
        let once = kept(&text, true);
        prop_assert_eq!(kept(&once, true), once.clone());
        prop_assert_eq!(excerpt(&once, str::to_owned), excerpt(&text, str::to_owned));
    }

    #[test]
    fn what_is_named_may_be_quoted_again(
        pieces in prop::collection::vec(prop::sample::select(PIECES.as_slice()), 0..20), cut in 0usize..120,
    ) {
        let text = pieces.concat();
        let once = without_runs(&text);
        prop_assert_eq!(without_runs(&once), once.clone(), "{}", text);
        let long = json!({"message": text.repeat(cut)}).to_string();
        let other = json!({"other": text}).to_string();
        prop_assert_eq!(kept(&kept(&other, true), true), kept(&other, true), "{}", text);
        let short = kept(&long, true);
        prop_assert_eq!(kept(&short, true), short, "{}", text);
        let once = kept(&text, true);
        prop_assert_eq!(kept(&once, true), once.clone(), "{}", text);
        prop_assert_eq!(excerpt(&once, str::to_owned), excerpt(&text, str::to_owned), "{}", text);
    }

    #[test]
    fn no_long_run_is_quoted_wherever_it_stands(
        secret in "[A-Za-z0-9]{24,60}",
        before in "[a-z \"'=:<>{}\\[\\](),;/?&]{0,12}",
        after in "[a-z \"'=:<>{}\\[\\](),;/?&]{0,12}",
    ) {
        prop_assume!(secret.bytes().any(|byte| byte.is_ascii_digit()));
        let text = format!("{before}{secret}{after}");
        let message = json!({"message": text}).to_string();
        for body in [text, message, json!({"anything": secret}).to_string()] {
            prop_assert!(!quote(&body).contains(&secret), "{}", quote(&body));
            prop_assert!(!excerpt(&body, str::to_owned).contains(&secret), "{}", excerpt(&body, str::to_owned));
            prop_assert!(!kept(&body, true).contains(&secret), "{}", kept(&body, true));
        }
    }

    #[test]
    fn bodies_of_any_kind_are_read(body in "\\PC{0,300}|(<[a-z/!-]{0,8}>?|&#?x?[0-9]{0,3};?| ){0,60}") {
        let _ = (excerpt(&body, str::to_owned), kept(&body, false), log_line(&body));
    }
}

/// What is compared next is public, and so is what Microsoft hid itself.
#[test]
fn names_and_thumbprints_in_a_sentence_of_entras_stay() {
    for text in [
        format!("AADSTS7000112: Application '{ID}'(app1-service-principal) is disabled."),
        "Thumbprint of key used by client: 'C5to8AY1KLX1Hwyemy2ACWqURjk', Please visit the Azure Portal.".to_owned(),
        "Issuer: 'https://sts.windows.net/[PII is hidden. For more details, see https://aka.ms/IdentityModel/PII.]'."
            .to_owned(),
    ] {
        assert_eq!(quote(&text), text);
        let body = json!({ "error_description": text }).to_string();
        assert_eq!(excerpt(&body, str::to_owned), text);
    }
    let hidden = quote(&format!("Application '{ID}'({CANARY}) is disabled."));
    assert_eq!(hidden, format!("Application '{ID}'([…]) is disabled."));
}

/// Programs print the bytes of what they received.
#[test]
fn numbers_that_say_a_credential_are_left_out() {
    let said = format!("Bearer eyJhbGciOiJSUzI1NiJ9.{CANARY}");
    let numbers = |between: &str, number: fn(u8) -> String| -> String {
        said.bytes().map(number).collect::<Vec<_>>().join(between)
    };
    for list in [
        numbers(", ", |byte| byte.to_string()),
        numbers(",", |byte| format!("0x{byte:x}")),
        numbers(";", |byte| format!("{byte:o}")),
        numbers("\n", |byte| byte.to_string()),
        numbers("\\n", |byte| byte.to_string()),
        numbers(" ", |byte| format!("{byte:08b}")),
    ] {
        let shown = quote(&format!("received ({list}) from the client"));
        let is_left_out = |text: &str| text.starts_with("received ") && text.contains("[…]") && text.len() < 45;
        assert!(is_left_out(&shown) && shown.ends_with(" from the client"), "{list} became {shown}");
        assert!(is_left_out(&kept(&format!("received ({list}) from it"), true)), "{list}");
    }
    for same in [
        "the ports 80, 443, 8080, 8081, 8082, 8083, 8084, 8085, 8086, 8087, 8088, 8089, 8090, 8091, 8092, 8093, 8094",
        "addresses 20.50.2.1, 20.50.2.2, 20.50.2.3, 20.50.2.4, 20.50.2.5, 20.50.2.6, 20.50.2.7, 20.50.2.8",
        "lines 41, 42, 43, 44, 45 and 46 of 99 at 2026-11-27T16:00:00.123Z took 45 ms, 46 ms, 47 ms, 48 ms, 49 ms",
    ] {
        assert_eq!(quote(same), same);
    }
}

/// However short it is, and only of a header: the name of a class has a dot before it.
#[test]
fn a_credential_header_in_a_log_line_loses_its_value() {
    for (line, shown) in [
        ("x Authorization: Bearer abc1", "x Authorization: [redacted]"),
        ("x authorization=bearer abc1 more", "x authorization= [redacted]"),
        ("X-ZUMO-AUTH: abc1", "X-ZUMO-AUTH: [redacted]"),
        ("Proxy-Authorization: Basic dTpw", "Proxy-Authorization: [redacted]"),
        ("Authorization failed for the user", "Authorization failed for the user"),
        ("Microsoft.AspNetCore.Authorization: denied", "Microsoft.AspNetCore.Authorization: denied"),
    ] {
        assert_eq!(cut_line(line), shown);
        assert_eq!(cut_line(shown), shown, "{shown} changes when it is shown again");
    }
}
