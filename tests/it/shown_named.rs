//! Other people's secrets behind names that say so: in App 2's answers, in its log, and in the environment.

use easyauth_doctor::case::Case;
use easyauth_doctor::case::exchange::{Failure, FailureKind, Outcome};
use easyauth_doctor::case::registration::Registration;
use easyauth_doctor::case::site::Site;
use easyauth_doctor::case::target_log::TargetLog;
use easyauth_doctor::case::token::DecodedToken;
use easyauth_doctor::report::Report;
use serde_json::json;

use crate::helpers::observing;
use crate::helpers::outputs::{came_back_the_same, outputs};
use crate::helpers::server::Server;
use crate::helpers::world::{World, answer};

/// Parts of the values below.
const PARTS: [&str; 3] = ["corrhrs", "Zq8!", "stapl"];

fn shows_no_part(place: &str, report: &Report) {
    let outputs = outputs(report);
    for (form, text) in &outputs {
        for part in PARTS {
            assert!(!text.contains(part), "{place}: {form} shows {part}");
        }
    }
    came_back_the_same(place, &outputs);
}

#[test]
fn a_named_secret_of_app_2_appears_nowhere() {
    for text in [
        "password=\"corrhrs Zq8! stapl\" for the user",
        "cannot log in: Password: corrhrs Zq8! stapl",
        "{\"client_secret\": \"corrhrs Zq8! stapl\", \"user\": \"bob\"} was refused",
        "DB_PASS: Zq8! is wrong",
        "Authorization: Basic corrhrs Zq8! stapl",
        "the setting [password] => Zq8! is wrong",
        "tool --password Zq8! --user bob",
        "Invoke-It -Password 'corrhrs Zq8! stapl' now",
        "the app has password \"corrhrs Zq8! stapl\" set",
        "Cookie: a=corrhrs\"Zq8!\"; b=stapl",
        "GET https://x.example/y?code=Zq8!&token=stapl failed for us",
        "<add key=\"Password\" value=\"corrhrs Zq8! stapl\"/> is no setting",
        "<table><tr><td>Password</td><td>corrhrs Zq8! stapl</td></tr></table>",
        "<appSettings><password>corrhrs Zq8! stapl</password></appSettings>",
    ] {
        for body in [
            json!({"message": text}).to_string(),
            json!({"error": {"code": "X", "message": text}}).to_string(),
            json!({"detail": [text]}).to_string(),
            text.to_owned(),
            format!("<html><head><title>{text}</title></head><body>{text}</body></html>"),
            format!("<html><body><p>It failed.</p>{text}</body></html>"),
            format!("{{\"a\": \"{}\", cut off", text.replace('"', "\\\"")),
        ] {
            let report = World::refusing("500 Internal Server Error", "", &body).observe();
            shows_no_part(&body, &report);
        }
    }
}

#[test]
fn a_named_secret_in_the_log_of_app_2_appears_nowhere() {
    let observed = World::refusing("401 Unauthorized", "", "").observe();
    for message in [
        "IDX10511: Signature validation failed. token: \
         '{\"alg\":\"RS256\"}.{\"aud\":\"api://x\",\"client_secret\":\"Zq8!\"}'",
        "IDX10511: Signature validation failed. token: \
         '{\"aud\":\"api://x\",\"password\":\"corrhrs-Zq8!\",\"x\":\"https://y\"}'",
        "IDX10214: Audience validation failed. Audiences: 'api://x', password=corrhrs Zq8! stapl",
        "IDX10214: Audience validation failed. Audiences: 'api://x'. 'password': 'stapl'",
        "IDX10214: Audience validation failed. Audiences: 'api://x'. DB_PASSWORD: 'stapl' { user: 'x', pwd: 'Zq8!' }",
        "IDX10223: Lifetime validation failed. Hook: 'https://hooks.slack.com/services/T00/B00/corrhrsZq8x7Y3stapl'",
        "IDX10223: Lifetime validation failed. Database: 'postgres://bob:stapl@db.example/orders'",
        "IDX10223: Lifetime validation failed. Database: 'postgres://corrhrsZq8x7Y3stapl:x'",
    ] {
        let mut case: Case = observed.observed().clone();
        let log = format!("2026-11-27T05:00:00 [Error] {message}\n");
        case.target_log = Some(TargetLog::from_bytes("app.log", log.as_bytes()));
        let report = Report::of(case);
        shows_no_part(message, &report);
        let saved = outputs(&report).into_iter().find(|(form, _)| form == "case").unwrap().1;
        assert!(saved.contains(message.get(..8).unwrap()), "{saved}");
    }
}

#[test]
fn a_secret_in_a_claim_or_in_what_azure_says_of_app_2_appears_nowhere() {
    let observed = World::refusing("401 Unauthorized", "", "").observe();
    let key = "eyJjb3JyaHJzIjoiWnE4ISIsInN0YXBsIjoxfQ.eyJjb3JyaHJzIjoiWnE4ISIsInN0YXBsIjoxfQ.c3RhcGxjb3JyaHJzWnE4";
    for text in [
        "the password: corrhrs-Zq8!-stapl",
        "AccountKey=corrhrsZq8!stapl;x=y",
        "postgres://bob:stapl@db/x",
        "abc8Q~kT7hZp2Qx9Vb3Lm6Rc8Yd1Fg5Js0Ka7Ue4",
    ] {
        let mut case: Case = observed.observed().clone();
        let claims = json!({"iss": text, "aud": text, "sub": text, "roles": [text, key], "azp": key, "tid": key});
        let token = case.token.as_mut().unwrap();
        token.response = vec![("resource".to_owned(), text.to_owned()), ("client_id".to_owned(), key.to_owned())];
        token.decoded = DecodedToken {
            claims: claims.as_object().unwrap().clone().into_iter().collect(),
            header: vec![("alg".to_owned(), json!("RS256")), ("kid".to_owned(), json!(key))],
            parts: 3,
            ..DecodedToken::default()
        };
        case.site = Some(Site { name: Some(text.to_owned()), state: Some(text.to_owned()), ..Site::default() });
        case.registration = Some(Registration {
            display_name: Some(text.to_owned()),
            identifier_uris: Some(vec![text.to_owned(), key.to_owned()]),
            ..Registration::default()
        });
        let report = Report::of(case);
        for (form, written) in outputs(&report) {
            let parts = PARTS.iter().chain(&["c3RhcGxj", "kT7hZp2Qx9"]);
            for part in parts {
                assert!(!written.contains(part), "{text}: {form} shows {part}:\n{written}");
            }
        }
    }
}

#[test]
fn the_password_of_a_proxy_appears_nowhere() {
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        for user in ["bob:corrhrs@Zq8!", "bob:corrhrs/Zq8!@stapl", "corrhrs@Zq8!", "bob:1234#Zq8!"] {
            let mut world = World::with(Server::answers(|head| answer(head, "200 OK", "", "hello")));
            world.variables.push((name.to_owned(), format!("http://{user}@127.0.0.1:9")));
            shows_no_part(name, &world.observe());
        }
    }
}

/// The advice to check again names the target as every other place does.
#[test]
fn advice_with_the_target_has_no_key_of_it() {
    let mut case = observing::of("healthy-discovered", false).report.observed().clone();
    case.inputs.target = case.inputs.target.map(|target| format!("{target}?code=SuperSecretKey1"));
    let outputs = outputs(&Report::of(case));
    assert!(outputs.iter().any(|(_, text)| text.contains("still gets an error")));
    for (form, text) in outputs {
        assert!(!text.contains("SuperSecretKey1"), "{form}");
    }
}

/// A saved case was clean when it was written; what is read may be anything.
#[test]
fn what_somebody_put_into_a_saved_case_is_cleaned() {
    for key in ["AKIAIOSFODNN7EXAMPLE", "abc8Q~kT7hZp2Qx9Vb3Lm6Rc8Yd1Fg5Js0Ka7Ue4", "9f86d081884c7d659a2feaa0c55ad015"]
    {
        let mut case = observing::of("healthy-discovered", false).report.observed().clone();
        case.tool_version.push_str(&format!(" {key}"));
        for exchange in &mut case.exchanges {
            exchange.url.push_str(&format!("/{key}"));
            exchange.proxy = Some(format!("http://proxy.example:8080/{key}"));
            if let Outcome::Answer(answer) = &mut exchange.outcome {
                answer.excerpt = Some(format!("It says {key}."));
            }
        }
        if let Some(last) = case.exchanges.last_mut() {
            let message = format!("set AZURE_CLIENT_SECRET {key}");
            last.outcome = Outcome::Failure(Failure { kind: FailureKind::NotSent, message });
        }
        for (form, text) in outputs(&Report::of(case)) {
            assert!(!text.contains(key), "{form} shows {key}");
        }
    }
}
