//! `token` with what people copy: assignments, headers, answers, PowerShell's lists, broken lines; and what it says of
//! texts that are none of Entra's access tokens.

use std::io::Write as _;
use std::process::{Output, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::helpers::observing::side_by_side;
use crate::helpers::program::{doctor, text};

const CALLER: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const TENANT: &str = "2f8fad5b-d9cb-469f-a165-70867728950e";

/// A token with these claims instead of the usual ones; null takes one away.
fn token(changes: &Value) -> String {
    let now = chrono::Utc::now().timestamp();
    let mut claims = json!({"aud": "api://x", "iss": format!("https://sts.windows.net/{TENANT}/"), "tid": TENANT,
        "appid": CALLER, "oid": CALLER, "sub": CALLER, "ver": "1.0", "iat": now - 60, "nbf": now - 60,
        "exp": now + 3600});
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let signature = part(&"signature ".repeat(26));
    format!("{}.{}.{signature}", part(r#"{"alg":"RS256","kid":"k"}"#), part(&claims.to_string()))
}

fn decoded(input: &[u8], arguments: &[&str]) -> Output {
    let mut child = doctor(&["token"]).args(arguments).env_clear().stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

/// The report, and everything that was printed.
fn report(input: &[u8]) -> (Value, String) {
    let output = decoded(input, &["--format", "json"]);
    let page = decoded(input, &[]);
    let report = serde_json::from_slice(&output.stdout).unwrap();
    (report, text(&output.stderr) + &text(&page.stdout) + &text(&page.stderr) + &text(&output.stdout))
}

fn claims_step(report: &Value) -> &Value {
    report["steps"].as_array().unwrap().iter().find(|step| step["id"] == "claims").unwrap()
}

/// A text in lines of this width, the later ones indented.
fn wrapped(text: &str, width: usize, indent: usize) -> String {
    let (first, rest) = text.split_at(width);
    let pieces = rest.as_bytes().chunks(width - indent);
    let lines = pieces.map(|piece| " ".repeat(indent) + std::str::from_utf8(piece).unwrap());
    std::iter::once(first.to_owned()).chain(lines).collect::<Vec<_>>().join("\r\n")
}

fn wide(text: &str) -> Vec<u8> {
    [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

#[test]
fn a_token_is_read_from_whatever_was_copied() {
    let token = token(&json!({}));
    let list = wrapped(&format!("Token     : {token}"), 120, 12)
        + "\r\nExpiresOn : 1/1/2030 8:00:00 PM +00:00\r\nType      : Bearer\r\n";
    let forms: Vec<Vec<u8>> = vec![
        format!("export T={token}\n").into(),
        format!("TOKEN=\"{token}\"").into(),
        format!("$env:T=\"{token}\"").into(),
        format!("$env:T = '{token}'\r\n").into(),
        format!("set \"T={token}\"").into(),
        format!("Bearer {token}").into(),
        format!("Authorization: Bearer {token}").into(),
        format!("curl -H 'Authorization: Bearer {token}' https://app2.azurewebsites.net/api/hello").into(),
        json!({"accessToken": token, "expiresOn": "2030-01-01 00:00:00", "tokenType": "Bearer"}).to_string().into(),
        json!({"Token": token, "TenantId": TENANT}).to_string().into(),
        format!("[{}]", json!({"access_token": token})).into(),
        list.clone().into(),
        wide(&list),
        wide(&token),
        wide(&format!("{}\r\n", wrapped(&token, 80, 0))),
        wrapped(&token, 80, 0).into(),
        format!("token={}&state=x", token.replace('.', "%2E")).into(),
        list.encode_utf16().flat_map(u16::to_le_bytes).collect(),
    ];
    let signature = token.rsplit('.').next().unwrap().to_owned();
    side_by_side(forms, |form| {
        let (report, printed) = report(&form);
        let begin: String = String::from_utf8_lossy(&form).chars().take(40).collect();
        assert_eq!(report["verdict"], "pass", "{begin}: {printed}");
        let pieces = [token.get(..60), signature.get(..40), signature.get(100..140)].map(Option::unwrap);
        assert!(!pieces.iter().any(|piece| printed.contains(piece)), "{begin}: {printed}");
        let facts = &claims_step(&report)["facts"];
        assert_eq!(facts["audience (aud)"], "api://x", "{begin}: {facts}");
    });
}

#[test]
fn what_is_no_token_is_said_without_facts_of_a_token() {
    let settings = json!({"platform": {"enabled": true}, "globalValidation": {"requireAuthentication": true}});
    let text_of = serde_json::to_string_pretty(&settings).unwrap();
    let (report, printed) = report(text_of.as_bytes());
    let step = claims_step(&report);
    assert_eq!(step["findings"][0]["code"], "token-malformed", "{printed}");
    assert!(step["facts"]["roles"].is_null() && printed.contains("JSON"), "{printed}");
    let token = token(&json!({}));
    let output = doctor(&["token", &token]).env_clear().output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(!said.contains("os error") && !said.contains(token.get(..60).unwrap()), "{said}");
    let empty = decoded(b"", &["--verify"]);
    assert!(!text(&empty.stderr).contains("--token-file"), "{}", text(&empty.stderr));
}

#[test]
fn a_token_that_has_expired_within_the_skew_is_not_called_valid_until_then() {
    let at = |seconds: i64| json!({"exp": chrono::Utc::now().timestamp() + seconds});
    let summary = |seconds| {
        let (report, _) = report(token(&at(seconds)).as_bytes());
        claims_step(&report)["summary"].as_str().unwrap().to_owned()
    };
    assert!(summary(-60).contains(" expired at ") && !summary(-60).contains("valid"), "{}", summary(-60));
    let later = summary(600);
    assert!(later.contains(" expires at ") && later.contains("signature wasn't verified"), "{later}");
}

#[test]
fn what_a_token_is_is_named() {
    let exp = chrono::Utc::now().timestamp() + 3600;
    let other = "3f8fad5b-d9cb-469f-a165-70867728950e";
    for (changes, code, kind) in [
        (json!({}), None, "access token of an application (app-only), version 1.0"),
        (json!({"scp": "user_impersonation"}), None, "access token of a user, version 1.0"),
        (
            json!({"aud": "https://management.azure.com", "idtyp": "app"}),
            None,
            "access token of an application (app-only), version 1.0, for Azure Resource Manager",
        ),
        (
            json!({"appid": null, "nonce": "n", "ver": "2.0",
                "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0")}),
            Some("token-not-an-access-token"),
            "ID token, version 2.0",
        ),
        (
            json!({"iss": "https://token.actions.githubusercontent.com", "tid": null, "ver": null, "appid": null}),
            Some("token-not-from-entra"),
            "token of GitHub",
        ),
        (json!({"tid": other}), Some("token-not-from-entra"), ""),
        (json!({"ver": "2.0"}), Some("token-not-from-entra"), ""),
        (json!({"exp": exp * 1000}), Some("token-malformed"), ""),
    ] {
        let (report, printed) = report(token(&changes).as_bytes());
        let step = claims_step(&report);
        let codes: Vec<&str> =
            step["findings"].as_array().unwrap().iter().map(|found| found["code"].as_str().unwrap()).collect();
        match code {
            Some(code) => assert!(codes.contains(&code), "{changes}: {codes:?}\n{printed}"),
            None => assert!(!codes.iter().any(|code| code.starts_with("token-not-from")), "{changes}: {codes:?}"),
        }
        let found = step["facts"]["kind"].as_str().unwrap();
        assert!(kind.is_empty() || found == kind, "{changes}: {found}");
    }
}

#[test]
fn a_text_that_is_no_token_is_named() {
    let refresh = format!("0.{}.{}", "AXoA1234abcd".repeat(6), "AgABAAEAAAD".repeat(30));
    let encrypted = format!("{}.a.b.c.d", URL_SAFE_NO_PAD.encode(r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#));
    for (given, word) in [
        ("System.Security.SecureString", "SecureString"),
        ("Token : System.Security.SecureString\r\nExpiresOn : x", "SecureString"),
        (refresh.as_str(), "refresh token"),
        (&format!("export T={refresh}"), "refresh token"),
        (&encrypted, "JWE"),
        ("abc8Q~aBcDeFgHiJkLmNoPqRsTuVwXyZ-12345", "client secret"),
        ("{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: x\"}", "error response"),
    ] {
        let (report, printed) = report(given.as_bytes());
        assert_eq!(report["root_cause"]["code"], "token-malformed", "{given}: {printed}");
        assert!(printed.contains(word), "{given}: {printed}");
        assert!(!printed.contains("aBcDeFgHiJ") && !printed.contains("AgABAAEAAAD"), "{given}: {printed}");
    }
}
