//! Files of somebody else: none of them makes the program send a secret or a file of this machine to a place that it
//! chose.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::helpers::network::{self, NOBODY};
use crate::helpers::program::{Program, doctor, served, text, variable_of};
use crate::helpers::server::{Server, http, token_for};

const TENANT: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const SECRET: &str = "kJ88Q~aBcDeFgHiJkLmNoPqRsTuVwXyZ-12345";

/// A folder with the secrets of a machine: a federated token, a certificate, a client secret, and a file that is none.
fn machine() -> (tempfile::TempDir, impl Fn(&str) -> String) {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &str| std::fs::write(folder.path().join(name), content).unwrap();
    write("jwt", &token_for("api://AzureADTokenExchange"));
    write("passwd", "root:x:0:0:root:/root:/bin/bash\n");
    write("secret", SECRET);
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256);
    let certificate = key.ok().and_then(|key| {
        let certificate = rcgen::CertificateParams::new(vec!["app".to_owned()]).ok()?.self_signed(&key).ok()?;
        Some(key.serialize_pem() + &certificate.pem())
    });
    write("certificate", certificate.as_deref().unwrap_or("none"));
    let base: PathBuf = folder.path().to_owned();
    (folder, move |name: &str| base.join(name).to_str().unwrap().to_owned())
}

/// A place that gives a token for anything, and keeps what came.
fn canary() -> Server {
    Server::answers(|_| http("200 OK", "content-type: application/json\r\n", "{\"access_token\": \"x\"}"))
}

fn environ(folder: &Path, lines: &[String]) -> String {
    let path = folder.join("environ");
    std::fs::write(&path, lines.join("\n")).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A check whose authority is not given by the process.
fn check(arguments: &[&str]) -> Program {
    let mut program = doctor(&["check", "-t", NOBODY, "-r", "api://x", "--timeout", "1", "--format", "json"]);
    program.args(arguments).env("AZURE_AUTHORITY_HOST", "");
    program
}

fn findings(report: &Value) -> String {
    report["steps"][0]["findings"].to_string()
}

#[test]
fn a_file_does_not_choose_both_a_secret_and_its_receiver() {
    if network::is_open() {
        network::skip("checks without an authority");
        return;
    }
    let (folder, path) = machine();
    let principal = [format!("AZURE_TENANT_ID={TENANT}"), format!("AZURE_CLIENT_ID={TENANT}")];
    for (kind, proof, option) in [
        ("workload-identity", format!("AZURE_FEDERATED_TOKEN_FILE={}", path("jwt")), None),
        ("workload-identity", format!("AZURE_FEDERATED_TOKEN_FILE={}", path("passwd")), None),
        ("client-certificate", format!("AZURE_CLIENT_CERTIFICATE_PATH={}", path("certificate")), None),
        ("client-secret", "X=y".to_owned(), Some(path("secret"))),
    ] {
        let canary = canary();
        let host = canary.url.trim_start_matches("http://").to_owned();
        for authority in [
            canary.url.clone(),
            format!("{}/login.microsoftonline.com", canary.url),
            format!("http://localhost:{}", host.rsplit(':').next().unwrap()),
        ] {
            let authority = format!("AZURE_AUTHORITY_HOST={authority}");
            let file = environ(folder.path(), &[&principal[..], &[authority, proof.clone()]].concat());
            let mut program = check(&["--environ", &file, "--credential", kind]);
            if let Some(secret) = &option {
                program.args(["--client-secret-file", secret]);
            }
            let output = program.output().unwrap();
            let report: Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(canary.received().len(), 0, "{kind}: {:?}", canary.received());
            let said = findings(&report);
            assert!(said.contains("credential-incomplete") && said.contains("--authority"), "{kind}: {report:#}");
        }
        // The same from a file of targets.
        let file = environ(
            folder.path(),
            &[&principal[..], &[format!("AZURE_AUTHORITY_HOST={}", canary.url), proof]].concat(),
        );
        let targets = folder.path().join("targets.toml");
        let secret = option.map(|secret| format!("client-secret-file = \"{secret}\"\n")).unwrap_or_default();
        std::fs::write(
            &targets,
            format!(
                "[[target]]\nurl = \"{NOBODY}\"\nresource = \"api://x\"\ncredential = \"{kind}\"\n\
                 environ = \"{file}\"\n{secret}"
            ),
        )
        .unwrap();
        let mut program = doctor(&["check", "--targets", targets.to_str().unwrap(), "--timeout", "1", "-q"]);
        program.env("AZURE_AUTHORITY_HOST", "").output().unwrap();
        assert_eq!(canary.received().len(), 0, "{kind} in targets: {:?}", canary.received());
    }
}

#[test]
fn the_authority_of_the_command_line_and_a_files_own_secret_still_work() {
    let (folder, path) = machine();
    let principal = [format!("AZURE_TENANT_ID={TENANT}"), format!("AZURE_CLIENT_ID={TENANT}")];
    let of = |proof: String, authority: &str| {
        let authority = format!("AZURE_AUTHORITY_HOST={authority}");
        environ(folder.path(), &[&principal[..], &[authority, proof]].concat())
    };
    let canary = canary();
    let file = of(format!("AZURE_FEDERATED_TOKEN_FILE={}", path("jwt")), "https://evil.example");
    let output = check(&["--environ", &file, "--authority", &canary.url]).output().unwrap();
    assert!(!canary.received().is_empty(), "{}", text(&output.stdout));
    if network::is_open() {
        network::skip("a check whose authority is in a file");
        return;
    }
    let own = self::canary();
    let file = of(format!("AZURE_CLIENT_SECRET={SECRET}"), &own.url);
    let output = check(&["--environ", &file]).output().unwrap();
    assert!(!own.received().is_empty(), "{}", text(&output.stdout));
}

#[test]
fn only_a_jwt_is_sent_as_an_assertion() {
    let folder = tempfile::tempdir().unwrap();
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let object = part("{\"a\":1}");
    let files: Vec<(&str, Vec<u8>, bool)> = vec![
        ("a JWT", token_for("api://AzureADTokenExchange").into_bytes(), true),
        ("a JWT and a line feed", format!("{object}.{object}.{}\n", part("s")).into_bytes(), true),
        ("nothing", Vec::new(), false),
        ("a text", b"root:x:0:0:root:/root:/bin/bash".to_vec(), false),
        ("a key", b"-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----".to_vec(), false),
        ("two parts", format!("{object}.{object}").into_bytes(), false),
        ("four parts", format!("{object}.{object}.{object}.{object}").into_bytes(), false),
        ("no signature", format!("{object}.{object}.").into_bytes(), false),
        ("a payload that is a list", format!("{object}.{}.{}", part("[1]"), part("s")).into_bytes(), false),
        ("a header that is a text", format!("{}.{object}.{}", part("\"x\""), part("s")).into_bytes(), false),
        (
            "standard base64",
            format!("{}.{object}.{}", STANDARD.encode("{\"a\":\"??>\"}"), part("s")).into_bytes(),
            false,
        ),
        ("a JWT in a line of others", format!("x={object}.{object}.{}", part("s")).into_bytes(), false),
        ("two JWTs", format!("{object}.{object}.{0}\n{object}.{object}.{0}", part("s")).into_bytes(), false),
        ("bytes", vec![0xff, 0x00, 0x1b, b'.', b'.'], false),
        ("a long file", vec![b'a'; 70_000], false),
    ];
    let canary = canary();
    for (what, content, sent) in files {
        let path = folder.path().join("token");
        std::fs::write(&path, content).unwrap();
        let before = canary.received().len();
        let output = check(&["--authority", &canary.url])
            .envs([
                ("AZURE_TENANT_ID", TENANT),
                ("AZURE_CLIENT_ID", TENANT),
                ("AZURE_FEDERATED_TOKEN_FILE", path.to_str().unwrap()),
            ])
            .output()
            .unwrap();
        let report: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
        let posted = canary.received()[before..].iter().filter(|head| head.starts_with("POST")).count();
        assert_eq!(posted > 0, sent, "{what}: {report:#}");
        if !sent {
            let said = findings(&report);
            assert!(said.contains("AZURE_FEDERATED_TOKEN_FILE"), "{what}: {said}");
            assert!(!text(&output.stdout).contains("/root:/bin"), "{what}");
        }
    }
}

#[test]
fn a_pipe_that_nobody_writes_to_does_not_hold_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for name in ["AZURE_FEDERATED_TOKEN_FILE", "AZURE_CLIENT_CERTIFICATE_PATH"] {
        let output = check(&["--authority", NOBODY])
            .envs([("AZURE_TENANT_ID", TENANT), ("AZURE_CLIENT_ID", TENANT)])
            .env(name, &pipe)
            .output()
            .unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(findings(&report).contains("within 1 s"), "{report:#}");
    }
}

#[test]
fn the_key_of_the_azure_arc_agent_stays_on_this_machine() {
    let agent =
        Server::answers(|_| http("401 X", "www-authenticate: Basic realm=/var/opt/azcmagent/tokens/1.key\r\n", ""));
    let folder = tempfile::tempdir().unwrap();
    let lines = [format!("IDENTITY_ENDPOINT={}/token", agent.url), "IMDS_ENDPOINT=http://localhost:40342".to_owned()];
    let file = environ(folder.path(), &lines);
    let output =
        doctor(&["check", "-t", NOBODY, "-r", "api://x", "--timeout", "1", "--format", "json", "--environ", &file])
            .output()
            .unwrap();
    let report = text(&output.stdout);
    assert!(report.contains("only for the agent on this machine"), "{report}");
    // Named by the machine itself, an agent on loopback is believed; the file is then looked for.
    let output = doctor(&["check", "-t", NOBODY, "-r", "api://x", "--timeout", "1", "--format", "json"])
        .env("IDENTITY_ENDPOINT", format!("{}/token", agent.url))
        .env("IMDS_ENDPOINT", "http://localhost:40342")
        .output()
        .unwrap();
    let report = text(&output.stdout);
    assert!(report.contains("can't read the key file /var/opt/azcmagent/tokens/1.key"), "{report}");
}

#[test]
fn a_file_adds_no_trust_anchor() {
    let (mut lab, variables) = served(&["healthy", "--tls"]);
    let folder = tempfile::tempdir().unwrap();
    let authority = variable_of(&variables, "LAB_CA_FILE").unwrap();
    let mut lines: Vec<String> = variables
        .iter()
        .filter(|(name, _)| name.starts_with("IDENTITY_"))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    lines.push(format!("SSL_CERT_FILE={authority}"));
    let file = environ(folder.path(), &lines);
    let run = |more: &[&str]| {
        let arguments = [&["check", "--format", "json", "--environ", &file], more].concat();
        let output = doctor(&arguments).envs(variables.clone()).output().unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        (report["verdict"].clone(), text(&output.stderr))
    };
    let (verdict, notes) = run(&[]);
    assert_ne!(verdict, "pass");
    assert!(notes.contains("SSL_CERT_FILE") && notes.contains("--ca-bundle"), "{notes}");
    let (verdict, notes) = run(&["--ca-bundle", &authority]);
    assert_eq!((verdict, notes.as_str()), ("pass".into(), ""));
    drop(lab.stdin.take());
    lab.wait().unwrap();
}
