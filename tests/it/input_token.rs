//! `token`: what it prints in every form, and its exit code, say the same.

use std::io::Write as _;
use std::process::{Output, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::helpers::network::NOBODY;
use crate::helpers::program::{doctor, text};
use crate::helpers::server::{Server, http};

const CALLER: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const OTHER: &str = "1f8fad5b-d9cb-469f-a165-70867728950e";
const TENANT: &str = "2f8fad5b-d9cb-469f-a165-70867728950e";

/// A token with these claims instead of the usual ones; null takes one away.
fn token(changes: &Value) -> String {
    let now = chrono::Utc::now().timestamp();
    let mut claims = json!({"aud": "api://x", "iss": format!("https://sts.windows.net/{TENANT}/"), "tid": TENANT,
        "appid": CALLER, "oid": OTHER, "idtyp": "app", "ver": "1.0", "iat": now - 60, "nbf": now - 60,
        "exp": now + 3600});
    if changes["ver"] == "2.0" {
        claims["iss"] = json!(format!("https://login.microsoftonline.com/{TENANT}/v2.0"));
    }
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.{}", part(r#"{"alg":"RS256","kid":"k"}"#), part(&claims.to_string()), part("signature"))
}

fn explained(token: &str, arguments: &[&str]) -> Output {
    let mut child = doctor(&["token"]).args(arguments).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(token.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// What each form says: the verdict in JSON, a failed test case in JUnit, the sign in front of a step in text.
fn agrees(token: &str, arguments: &[&str], code: i32, word: &str) {
    for format in ["text", "json", "markdown", "html", "junit"] {
        let output = explained(token, &[arguments, &["--format", format]].concat());
        let shown = text(&output.stdout);
        assert_eq!(output.status.code(), Some(code), "{arguments:?} as {format}: {shown}{}", text(&output.stderr));
        assert!(shown.contains(word), "{arguments:?} as {format}: no {word} in {shown}");
        let fails = match format {
            "json" => {
                let report: Value = serde_json::from_str(&shown).unwrap();
                let verdict = ["pass", "fail", "", "inconclusive"][usize::try_from(code).unwrap()];
                assert_eq!(report["verdict"], verdict, "{arguments:?}: {report:#}");
                assert_eq!(report["root_cause"].is_null(), code == 0, "{arguments:?}: {report:#}");
                code == 1
            }
            "junit" => {
                assert_eq!(shown.contains("<error"), code == 3, "{arguments:?}: {shown}");
                shown.contains("<failure")
            }
            "html" => shown.contains("<summary class=\"fail\">"),
            _ => shown.contains("✗ fail"),
        };
        assert_eq!(fails, code == 1, "{arguments:?} as {format}: {shown}");
    }
}

#[test]
fn the_expected_identity_is_compared() {
    let good = token(&json!({}));
    agrees(&good, &["--expect-identity", CALLER], 0, CALLER);
    agrees(&good, &["--expect-identity", &OTHER.to_uppercase()], 0, CALLER);
    agrees(&good, &["--expect-identity", TENANT], 1, "unexpected-identity-used");
    agrees(&token(&json!({"appid": null, "oid": null})), &["--expect-identity", CALLER], 1, "unexpected-identity-used");
    agrees(&token(&json!({"appid": null, "azp": CALLER, "ver": "2.0"})), &["--expect-identity", CALLER], 0, CALLER);
}

#[test]
fn the_resource_is_compared_with_the_audience() {
    let good = token(&json!({}));
    agrees(&good, &[], 0, "api://x");
    agrees(&good, &["-r", "api://x"], 0, "api://x");
    agrees(&good, &["-r", "api://x/.default"], 0, "api://x");
    agrees(&good, &["-r", "api://y"], 1, "token-for-wrong-resource");
    agrees(&good, &["-r", "https://management.azure.com"], 1, "token-for-wrong-resource");
    let manager = token(&json!({"aud": "https://management.azure.com"}));
    agrees(&manager, &[], 0, "management.azure.com");
    agrees(&manager, &["-r", "https://management.azure.com"], 0, "management.azure.com");
    agrees(&token(&json!({"aud": CALLER, "ver": "2.0"})), &["-r", &format!("api://{CALLER}")], 0, CALLER);
    agrees(&token(&json!({"aud": ["a", "b"]})), &["-r", "c"], 1, "token-for-wrong-resource");
}

#[test]
fn what_is_wrong_with_the_token_itself_fails_everywhere() {
    let now = chrono::Utc::now().timestamp();
    agrees(&token(&json!({"exp": now - 3600})), &[], 1, "token-expired");
    agrees(&token(&json!({"nbf": now + 3600})), &[], 1, "token-not-yet-valid");
    agrees(&token(&json!({"exp": null})), &[], 1, "token-malformed");
    agrees("not a token", &[], 1, "token-malformed");
    let good = token(&json!({}));
    agrees(&good.replacen('.', "=.", 1), &[], 1, "token-malformed");
    agrees(good.rsplit_once('.').unwrap().0, &[], 1, "token-");
}

#[test]
fn a_signature_that_cannot_be_verified_is_no_success() {
    let good = token(&json!({}));
    let verify = |authority: &str| ["--verify", "--timeout", "1", "--authority", authority].map(str::to_owned);
    let of = |authority: &str, code, word| {
        let arguments = verify(authority);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        agrees(&good, &arguments, code, word);
    };
    of(NOBODY, 3, "token-signature-unverified");
    let error = Server::answers(|_| http("500 X", "", "{}"));
    of(&error.url, 3, "token-signature-unverified");
    let silent = Server::answers(|_| String::new());
    of(&silent.url, 3, "token-signature-unverified");
    let strangers = Server::answers(|head| {
        let host = head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default().to_owned();
        let body = if head.contains("openid-configuration") {
            json!({"issuer": "x", "jwks_uri": format!("http://{host}/keys")}).to_string()
        } else {
            json!({"keys": [{"kty": "RSA", "kid": "other", "n": "AQAB", "e": "AQAB"}]}).to_string()
        };
        http("200 OK", "content-type: application/json\r\n", &body)
    });
    of(&strangers.url, 1, "token-signature-invalid");
    // A fault counts more than what could not be verified.
    let arguments = verify(NOBODY);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).chain(["-r", "api://y"]).collect();
    agrees(&good, &arguments, 1, "token-for-wrong-resource");
}

#[test]
fn one_description_is_not_used_for_several_targets() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one.toml"), folder.path().join("two.toml"));
    let entry = format!("[[target]]\nurl = \"{NOBODY}\"\n");
    std::fs::write(&one, &entry).unwrap();
    std::fs::write(&two, entry.repeat(2)).unwrap();
    let site = format!("/subscriptions/{TENANT}/resourceGroups/g/providers/Microsoft.Web/sites/app2");
    let settings = folder.path().join("settings.json");
    std::fs::write(&settings, "{\"platform\": {\"enabled\": true}}").unwrap();
    for (option, value) in [
        ("--target-resource-id", site.as_str()),
        ("--auth-settings", settings.to_str().unwrap()),
        ("--target-log", settings.to_str().unwrap()),
        ("--target-environ", settings.to_str().unwrap()),
    ] {
        let output = doctor(&["check", "--targets", two.to_str().unwrap(), option, value]).output().unwrap();
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{option}: {error}");
        assert!(error.contains(option) && error.contains("2 targets"), "{option}: {error}");
    }
    let output =
        doctor(&["check", "--targets", one.to_str().unwrap(), "--target-resource-id", &site, "--timeout", "1"])
            .output()
            .unwrap();
    assert_ne!(output.status.code(), Some(2), "{}", text(&output.stderr));
    for contradiction in [
        &["-r", "api://x", "-r", "api://y"][..],
        &["--token-file", "x", "--credential", "managed-identity"],
        &["--credential", "managed-identity", "--tenant", TENANT],
        &["--credential", "azure-cli", "--client-secret-file", "x"],
        &["-q", "-v"],
        &["--targets", "x", "-t", NOBODY],
    ] {
        let output = doctor(&["check", "-t", NOBODY]).args(contradiction).output().unwrap();
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{contradiction:?}: {error}");
        assert!(error.contains("--"), "{contradiction:?}: {error}");
    }
}

/// A variable may be there for another command: it is no error as the option is, but that it isn't used is reported.
#[test]
fn the_variable_that_describes_one_app_2_is_told_to_be_unused_with_several() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one.toml"), folder.path().join("two.toml"));
    let entry = format!("[[target]]\nurl = \"{NOBODY}\"\n");
    std::fs::write(&one, &entry).unwrap();
    std::fs::write(&two, entry.repeat(2)).unwrap();
    let site = format!("/subscriptions/{TENANT}/resourceGroups/g/providers/Microsoft.Web/sites/app2");
    for (targets, told) in [
        (&["--targets", two.to_str().unwrap()][..], true),
        (&["-t", NOBODY, "-t", NOBODY], true),
        (&["--targets", one.to_str().unwrap()], false),
        (&["-t", NOBODY], false),
    ] {
        let output = doctor(&["check", "--plan"])
            .args(targets)
            .env("EASYAUTH_DOCTOR_TARGET_RESOURCE_ID", &site)
            .output()
            .unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{targets:?}: {said}");
        let note = "EASYAUTH_DOCTOR_TARGET_RESOURCE_ID isn't used";
        assert_eq!((said.contains(note), said.is_empty()), (told, !told), "{targets:?}: {said}");
        assert_eq!(text(&output.stdout).contains(&site), !told, "{targets:?}");
    }
}

/// No token is no token with a fault: `check` says the same.
#[test]
fn nothing_at_all_is_unreadable_input() {
    let folder = tempfile::tempdir().unwrap();
    for content in ["", "\n", " \r\n\t", "\u{feff}\n"] {
        let path = folder.path().join("token");
        std::fs::write(&path, content).unwrap();
        for arguments in [&["token"][..], &["token", "--verify"], &["check", "-t", NOBODY, "--token-file", "-"]] {
            let output = doctor(arguments).stdin(std::fs::File::open(&path).unwrap().into()).output().unwrap();
            let said = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{arguments:?} {content:?}: {said}");
            assert!(
                said.replace("--token-file (standard input)", "standard input").contains("standard input is empty"),
                "{said}"
            );
            assert_eq!(text(&output.stdout), "", "{arguments:?}");
        }
    }
}
