//! What real servers and frameworks answered on loopback (FastAPI 0.165, Flask 3.1, aiohttp 3.14, Django 5.2,
//! Express 5.3, nginx 1.22) to a request without a token, with an invalid one, and with a real one. `recorded.json` has
//! their headers and bodies. The right answers were written before the first run.

use std::collections::BTreeMap;

use easyauth_doctor::report::Confidence::{self, Likely, Possible};
use serde::Deserialize;

use crate::field::target::{Brings, PASSED, Seen, World, behind_easy_auth};
use crate::helpers::observing::side_by_side;
use crate::helpers::server::http;

#[derive(Deserialize, Clone)]
struct Recorded {
    name: String,
    method: String,
    anonymous: Answer,
    invalid: Answer,
    real: Answer,
}

#[derive(Deserialize, Clone)]
struct Answer {
    status: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Answer {
    fn with(&self, more: &str) -> String {
        let headers: String = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        http(&self.status, &format!("{headers}{more}"), &self.body)
    }
}

fn recorded() -> BTreeMap<String, Recorded> {
    let all: Vec<Recorded> = serde_json::from_str(include_str!("recorded.json")).unwrap();
    all.into_iter().map(|one| (one.name.clone(), one)).collect()
}

/// The server alone, without Easy Auth.
fn alone(one: &Recorded) -> Seen {
    let one = one.clone();
    World::of(move |head| {
        let path = head.split(' ').nth(1).unwrap_or_default();
        match Brings::of(head) {
            _ if path.starts_with("/.auth") || path.starts_with("/.well-known") => http("404 Not Found", "", ""),
            Brings::Nothing => one.anonymous.with(""),
            Brings::InvalidToken => one.invalid.with(""),
            Brings::Uri | Brings::Bare => one.real.with(""),
        }
    })
    .observe()
}

/// The same behind Easy Auth, which lets the real tokens through.
fn behind(one: &Recorded) -> Seen {
    let one = one.clone();
    World::of(move |head| behind_easy_auth(head, |_| one.real.with(PASSED))).observe()
}

type Right = (&'static str, &'static str, Confidence);

/// Runs all rows, and lists every one that isn't right.
#[track_caller]
fn all_right(rows: &[Right], run: fn(&Recorded) -> Seen) {
    let all = recorded();
    let faults = std::sync::Mutex::new(Vec::new());
    side_by_side(rows.to_vec(), |(name, code, sureness)| {
        let one = &all[name];
        assert_eq!(one.method == "POST", name == "django-csrf");
        let seen = run(one);
        if (seen.root(), seen.sureness()) != (code, Some(sureness)) {
            let line = format!("{name}: {} {:?} {:?}", seen.root(), seen.sureness(), seen.candidates());
            faults.lock().unwrap().push(line);
        }
    });
    let faults = faults.into_inner().unwrap();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

const OPEN_401: (&str, Confidence) = ("undetermined-401", Possible);
const ROLE: (&str, Confidence) = ("app-requires-role-or-scope", Likely);
const VALIDATES: (&str, Confidence) = ("app-validates-token-itself", Likely);
const ERROR: (&str, Confidence) = ("app-error", Likely);

fn row(name: &'static str, right: (&'static str, Confidence)) -> Right {
    (name, right.0, right.1)
}

#[test]
fn servers_alone() {
    all_right(
        &[
            row("fastapi-audience", OPEN_401),
            row("flask-audience", OPEN_401),
            row("aiohttp-audience", OPEN_401),
            row("django-audience", OPEN_401),
            row("express-own", OPEN_401),
            row("nginx-401", OPEN_401),
            row("express-library", VALIDATES),
            row("fastapi-role", ROLE),
            row("aiohttp-role", ROLE),
            row("express-role", ROLE),
            row("flask-role", ("undetermined-403", Possible)),
            row("django-role", ("undetermined-403", Possible)),
            row("nginx-403", ("undetermined-403", Possible)),
            row("nginx-dir", ("undetermined-403", Possible)),
            row("fastapi-404", ERROR),
            row("fastapi-405", ERROR),
            row("fastapi-422", ERROR),
            row("flask-404", ERROR),
            row("flask-405", ERROR),
            row("aiohttp-404", ERROR),
            row("aiohttp-405", ERROR),
            row("django-404", ERROR),
            row("django-host", ERROR),
            row("nginx-404", ERROR),
            row("express-404", ERROR),
            row("nginx-502", ("app-unavailable", Likely)),
            row("nginx-504", ("app-unavailable", Likely)),
            row("nginx-429", ("app-unavailable", Likely)),
            row("nginx-418", ("undetermined-failure", Possible)),
            row("nginx-basic", ("authorization-scheme-conflict", Likely)),
            row("nginx-oauth2", VALIDATES),
            row("nginx-portal", ("undetermined-failure", Possible)),
            row("flask-login", ("undetermined-failure", Possible)),
        ],
        alone,
    );
}

/// Where every request fails, nothing is certain.
#[test]
fn a_framework_that_always_fails() {
    let all = recorded();
    for name in ["fastapi-500", "django-500", "express-500"] {
        let seen = alone(&all[name]);
        assert_eq!(seen.sureness(), Some(Possible), "{name}: {:?}", seen.candidates());
        assert!(seen.candidates().contains(&"app-error"), "{name}: {:?}", seen.candidates());
    }
}

#[test]
fn servers_behind_easy_auth() {
    all_right(
        &[
            row("fastapi-audience", VALIDATES),
            row("flask-audience", VALIDATES),
            row("aiohttp-audience", VALIDATES),
            row("django-audience", VALIDATES),
            row("express-own", VALIDATES),
            row("express-library", VALIDATES),
            row("fastapi-role", ROLE),
            row("aiohttp-role", ROLE),
            row("express-role", ROLE),
            row("django-csrf", ERROR),
            row("fastapi-404", ERROR),
            row("fastapi-405", ERROR),
            row("fastapi-422", ERROR),
            row("fastapi-500", ERROR),
            row("flask-404", ERROR),
            row("flask-405", ERROR),
            row("aiohttp-405", ERROR),
            row("django-500", ERROR),
            row("express-404", ERROR),
            row("express-500", ERROR),
            row("nginx-404", ERROR),
            row("nginx-502", ("app-unavailable", Likely)),
            row("nginx-429", ("app-unavailable", Likely)),
            row("nginx-basic", ("authorization-scheme-conflict", Likely)),
        ],
        behind,
    );
}
