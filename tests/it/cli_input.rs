//! Wrong input: a clear message that quotes it, exit code 2, and nothing sent.

use std::io::Write as _;
use std::net::TcpListener;
use std::process::{Output, Stdio};

use crate::helpers::network;
use crate::helpers::program::doctor;

fn error_of(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn every_wrong_input_is_quoted_and_costs_exit_code_2() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let no_json = path("settings.json", "{\"properties\": ");
    let no_settings = path("other.json", "{\"hello\": 1}");
    let no_token = path("token.txt", "not a token at all");
    let no_targets = path("targets.toml", "[[target]]\nurl = \"https://127.0.0.1:9\"\nresorce = \"x\"\n");
    let assuming = |name: &str, change: &str| {
        path(name, &format!("[[target]]\nurl = \"https://127.0.0.1:9\"\nassume = [\"{change}\"]\n"))
    };
    let no_change = assuming("no-change.toml", "nope+=1");
    let empty_change = assuming("empty-change.toml", "allowedAudiences+=");
    let empty_targets = path("empty.toml", "");
    let no_case = path("case.json", "{\"schema_version\": 1}");
    let no_certificate = path("ca.pem", "hello");
    let target = ["--target", "https://127.0.0.1:9/x"];
    let with_target = |rest: &[&'static str]| target.iter().copied().chain(rest.iter().copied()).collect::<Vec<_>>();
    let cases: Vec<(Vec<&str>, &str)> = vec![
        (vec!["check"], "--target"),
        (vec!["check", "-t", "app2/x"], "app2/x"),
        (vec!["check", "-t", "http://app2.example/x"], "http://app2.example/x"),
        (vec!["check", "-t", "https://a b/"], "https://a b/"),
        (vec!["check", "-t", "https://u:sesame@app2.example/"], "[redacted]@app2.example"),
        (with_target(&["--identity", "somebody"]), "somebody"),
        (with_target(&["--identity", "client-id:nobody"]), "client-id:nobody"),
        (with_target(&["--cloud", "mars"]), "mars"),
        (with_target(&["--credential", "password"]), "password"),
        (with_target(&["--client-id", "me"]), "me"),
        (with_target(&["--tenant", "common"]), "common"),
        (with_target(&["--expect-identity", "me"]), "me"),
        (with_target(&["--target-resource-id", "/subscriptions/x"]), "/subscriptions/x"),
        (with_target(&["--header", "sesame"]), "there is no colon"),
        (with_target(&["--header", "x-functions-key sesame"]), "there is no colon"),
        (with_target(&["--header", "x key: sesame"]), "'x key: …'"),
        (with_target(&["--header", "Authorization: Bearer sesame"]), "Authorization"),
        (with_target(&["--timeout", "0"]), "0"),
        (with_target(&["--timeout", "301"]), "301"),
        (with_target(&["--timeout", "soon"]), "soon"),
        (with_target(&["--method", "G T"]), "G T"),
        (with_target(&["--method", "POST"]), "--yes"),
        (with_target(&["--data", "x"]), "--data"),
        (with_target(&["--format", "yaml"]), "yaml"),
        (with_target(&["--assume", "more"]), "more"),
        (with_target(&["--assume", "nope+=1"]), "allowedAudiences, allowedApplications"),
        (with_target(&["--assume", "allowedAudiences+="]), "the value is missing"),
        (vec!["open", &no_case, "--assume", "nope+=1"], "allowedAudiences, allowedApplications"),
        (vec!["open", &no_case, "--assume", "allowedAudiences+= ,"], "the value is missing"),
        (vec!["check", "--targets", &no_change], "allowedAudiences, allowedApplications"),
        (vec!["check", "--targets", &empty_change], "the value is missing"),
        (with_target(&["--authority", "http://login.example"]), "http://login.example"),
        (with_target(&["--frobnicate"]), "--frobnicate"),
        (with_target(&["-q", "-v"]), "--verbose"),
        (with_target(&["--auth-settings", "/nowhere/x.json"]), "/nowhere/x.json"),
        (with_target(&["-o", "/nowhere/x.json"]), "/nowhere/x.json"),
        (with_target(&["--save", "/nowhere/x.json"]), "/nowhere/x.json"),
        (vec!["check", "-t", "https://127.0.0.1:9", "--auth-settings", &no_json], &no_json),
        (vec!["check", "-t", "https://127.0.0.1:9", "--auth-settings", &no_settings], &no_settings),
        (vec!["check", "-t", "https://127.0.0.1:9", "--token-file", &no_token], &no_token),
        (vec!["check", "-t", "https://127.0.0.1:9", "--ca-bundle", &no_certificate], &no_certificate),
        (vec!["check", "--targets", &no_targets], "resorce"),
        (vec!["check", "--targets", &no_targets], "line 3"),
        (vec!["check", "--targets", &empty_targets], "[[target]]"),
        (vec!["open", &no_case], &no_case),
        (vec!["open", "/nowhere/case.json"], "/nowhere/case.json"),
        (vec!["token", "/nowhere/token"], "/nowhere/token"),
        (vec!["explain", "nonsense99"], "nonsense99"),
        (vec!["lab", "no-such-scenario"], "no-such-scenario"),
        (vec!["lab", "serve", "no-such-scenario"], "no-such-scenario"),
        (vec!["lab", "verify", "no-such-scenario"], "no-such-scenario"),
    ];
    for (arguments, word) in cases {
        let mut program = doctor(&arguments);
        if let (true, Some(reason)) = (network::is_open(), program.refused()) {
            network::skip(&format!("{arguments:?}: {reason}"));
            continue;
        }
        let output = program.output().unwrap();
        let error = error_of(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
        assert!(error.contains(word), "{arguments:?} does not quote {word}: {error}");
        assert!(!error.contains("sesame"), "{arguments:?} shows a secret: {error}");
        assert!(output.stdout.is_empty(), "{arguments:?} prints on standard output");
    }
}

#[test]
fn nothing_is_sent_when_an_input_is_wrong() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    for wrong in [&["--auth-settings", "/nowhere"][..], &["-o", "/nowhere/x"], &["-X", "DELETE"], &["--identity", "x"]]
    {
        let mut command = doctor(&["check", "-t", &base, "--authority", &base]);
        command.args(["--resource-manager", &base, "--graph", &base]);
        command.env("IDENTITY_ENDPOINT", &base).env("IDENTITY_HEADER", "header-of-this-test");
        let output = command.args(wrong).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{wrong:?}: {}", error_of(&output));
        assert!(listener.accept().is_err(), "{wrong:?}: something was sent");
    }
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    let mut command = doctor(&["check"]);
    for name in ["EASYAUTH_DOCTOR_TARGET", "EASYAUTH_DOCTOR_RESOURCE", "SSL_CERT_FILE", "AZURE_AUTHORITY_HOST"] {
        command.env(name, "");
    }
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(error_of(&output).contains("--target"), "{}", error_of(&output));
}

#[test]
fn a_start_without_a_target_says_what_is_here_and_what_to_type() {
    let bare = doctor(&[])
        .env("IDENTITY_ENDPOINT", "http://127.0.0.1:9/msi/token")
        .env("IDENTITY_HEADER", "3f9c0d7be1a84c52")
        .env("WEBSITE_SITE_NAME", "orders-api")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(bare.status.code(), Some(2));
    let said = error_of(&bare);
    // The line to type names the program as it was called.
    let line = format!("{} https://", env!("CARGO_BIN_EXE_easyauth-doctor"));
    for word in ["orders-api", "App Service", "IDENTITY_ENDPOINT"] {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert!(said.contains(&line) || said.contains("\n  easyauth-doctor https://"), "{said}");
    assert!(!said.contains("3f9c0d7b"), "{said}");
}

/// Starts with `--ask` and types these lines.
fn asked(arguments: &[&str], typed: &str) -> Output {
    let mut child = doctor(arguments).args(["--ask"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    // A program that asks for less than is typed closes its end.
    let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
    child.wait_with_output().unwrap()
}

#[test]
fn what_is_missing_is_asked_for_over_a_pipe() {
    let plan = asked(&["check", "--plan", "--format", "json"], "http://127.0.0.1:9/api\n");
    assert_eq!(plan.status.code(), Some(0), "{}", error_of(&plan));
    assert!(String::from_utf8_lossy(&plan.stdout).contains("http://127.0.0.1:9/api"));
    // The end of input means the default, and there is none.
    for nothing in ["", "\n"] {
        assert_eq!(asked(&["check"], nothing).status.code(), Some(2));
    }
    // A resource that is known, perhaps from a variable, is not what App 1 calls.
    let resource = ["check", "--plan", "--format", "json", "-r", "api://x"];
    for (typed, is_target) in [("http://127.0.0.1:9/api\n", true), ("\n", false)] {
        let plan = asked(&resource, typed);
        assert_eq!(plan.status.code(), Some(0), "{}", error_of(&plan));
        assert_eq!(String::from_utf8_lossy(&plan.stdout).contains("http://127.0.0.1:9/api"), is_target);
        assert!(error_of(&plan).contains("only whether App 1 gets a token"), "{}", error_of(&plan));
    }
    // An answer is checked like an option, and a wrong one is named.
    let wrong = asked(&["check"], "http://app2.example/x\n");
    assert_eq!(wrong.status.code(), Some(2));
    assert!(error_of(&wrong).contains("loopback"), "{}", error_of(&wrong));
    // It is asked for again, three times in all.
    let typed = "http://app2.example/x\nauth.json\nhttp://127.0.0.1:9/api\n";
    let third = asked(&["check", "--plan", "--format", "json"], typed);
    assert_eq!(third.status.code(), Some(0), "{}", error_of(&third));
    assert_eq!(error_of(&third).matches("invalid answer: ").count(), 2);
    let never = asked(&["check", "--plan"], "http://app2.example/x\nx\nx\nhttp://127.0.0.1:9/api\n");
    assert_eq!((never.status.code(), error_of(&never).matches("on App 2, such as").count()), (Some(2), 3));
    let post = ["check", "-X", "POST", "-t", "http://127.0.0.1:9/api"];
    assert_eq!(asked(&post, "perhaps\nno\nyes\n").status.code(), Some(2));
    assert_eq!(asked(&post, "perhaps\nyes\n").status.code(), Some(1));
    assert_eq!(asked(&post, "n\n").status.code(), Some(2));
    assert_eq!(asked(&post, "yes\n").status.code(), Some(1));
}

/// In Kudu's console what is typed next waits in the same pipe.
#[cfg(unix)]
#[test]
fn what_follows_an_answer_is_left_in_the_pipe() {
    let (read, mut written) = std::io::pipe().unwrap();
    written.write_all(b"http://127.0.0.1:9/api\nnext\n").unwrap();
    drop(written);
    let input = Stdio::from(read.try_clone().unwrap());
    let output = doctor(&["check", "--plan", "--ask"]).stdin(input).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", error_of(&output));
    assert_eq!(std::io::read_to_string(read).unwrap(), "next\n");
}

#[test]
fn a_secret_is_never_typed_into_a_pipe() {
    let arguments = [
        "check",
        "-t",
        "http://127.0.0.1:9/api",
        "--credential",
        "client-secret",
        "--client-id",
        "0f8fad5b-d9cb-469f-a165-70867728950e",
        "--tenant",
        "11111111-2222-4333-8444-555555555555",
    ];
    let missing = asked(&arguments, "no-such-file\n");
    assert_eq!(missing.status.code(), Some(2));
    assert!(error_of(&missing).contains("--client-secret-file"), "{}", error_of(&missing));
    assert_eq!(asked(&arguments, "\n").status.code(), Some(1));
}

#[test]
fn variables_do_not_stand_in_the_way_of_other_commands() {
    let output = doctor(&["explain", "aud"])
        .env("EASYAUTH_DOCTOR_TARGET", "nonsense")
        .env("EASYAUTH_DOCTOR_TARGET_RESOURCE_ID", "nonsense")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", error_of(&output));
}

/// A token as bytes on standard input.
fn token(bytes: &[u8], arguments: &[&str]) -> Output {
    let mut child = doctor(&["token"]).args(arguments).stdin(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let bytes = bytes.to_vec();
    let writer = std::thread::spawn(move || {
        // The program may have seen enough before the end.
        let _ = input.write_all(&bytes);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn part(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
}

#[test]
fn hostile_tokens_are_explained_or_refused_in_words() {
    let header = part(r#"{"alg":"RS256","typ":"JWT"}"#);
    let groups: Vec<String> = (0..200).map(|number| format!("\"00000000-0000-4000-8000-{number:012}\"")).collect();
    let claims = format!(r#"{{"aud":"api://x","exp":1e400,"groups":[{}]}}"#, groups.join(","));
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (b"......".to_vec(), "parts"),
        (b"a.b.c.d.e".to_vec(), "token-malformed"),
        (vec![0xff, 0xfe, 0x00, 0x1b], ""),
        (vec![b'a'; 1 << 20], ""),
        (vec![b'.'; 1 << 20], ""),
        (format!("{header}.{}.c2ln", part(&claims)).into_bytes(), "1e+400"),
        (format!("{}.{}.", part(r#"{"alg":"none"}"#), part("{}")).into_bytes(), "none"),
        (format!("{header}.{}.c2ln", part(r#"{"aud":"a","aud":"b"}"#)).into_bytes(), "2 times"),
        (format!("{header}.{}.c2ln", part("{\"aud\":\"\\u001b]0;x\\u0007\"}")).into_bytes(), "\\x1b"),
    ];
    for (bytes, word) in cases {
        for format in ["text", "json", "markdown", "html", "junit"] {
            let output = token(&bytes, &["--format", format]);
            let shown = String::from_utf8(output.stdout.clone()).unwrap();
            let begin: String = String::from_utf8_lossy(&bytes).chars().take(40).collect();
            assert_eq!(output.status.code(), Some(1), "{begin} as {format}: {}", error_of(&output));
            assert!(!shown.contains('\u{1b}'), "{begin} as {format} reaches the terminal");
            if format == "text" {
                assert!(shown.contains(word), "{begin}: no word of {word} in\n{shown}");
            }
        }
    }
}

#[test]
fn a_token_is_explained_without_its_signature() {
    let now = chrono::Utc::now().timestamp();
    let claims = serde_json::json!({
        "aud": "api://x", "iss": "https://sts.windows.net/t/", "tid": "t",
        "appid": "0f8fad5b-d9cb-469f-a165-70867728950e", "idtyp": "app", "ver": "1.0",
        "nbf": now - 60, "exp": now + 3600,
    })
    .to_string();
    let signature = part("the signature of this token, which must not be seen");
    let text = format!("{}.{}.{signature}", part(r#"{"alg":"RS256","kid":"k"}"#), part(&claims));
    for form in [text.clone(), format!("Bearer {text}\n"), format!("{{\"access_token\": \"{text}\"}}")] {
        for format in ["text", "json", "markdown", "html", "junit"] {
            let output = token(form.as_bytes(), &["--format", format]);
            let shown = String::from_utf8(output.stdout.clone()).unwrap();
            assert_eq!(output.status.code(), Some(0), "{format}: {shown}{}", error_of(&output));
            assert!(!shown.contains(&signature) && !error_of(&output).contains(&signature), "{format}: {shown}");
            if format != "junit" {
                assert!(shown.contains("0f8fad5b-d9cb-469f-a165-70867728950e"), "{format}: {shown}");
            }
        }
    }
}
