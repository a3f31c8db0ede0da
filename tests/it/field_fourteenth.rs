//! What one answer shows less surely than it seems to, with siblings that look alike and are something else: answers
//! that pass by themselves, a scope's name behind a URI, and marks that every answer has. Each was written with its
//! right answer before it was run.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use easyauth_doctor::report::Confidence::{Certain, Likely, Possible};
use serde_json::json;

use crate::field_caller::{Field, issued};
use crate::field_target::{Brings, CALLER, ID, JSON, PASSED, World, behind_easy_auth, challenge, settings, v1_issuer};
use crate::helpers::server::{RESOURCE, Server, http};

const FORBIDDEN: &str = "403 Forbidden";
const POLICY: &str = "caller-not-in-allowed-applications";
const AUDIENCE: &str = "audience-not-allowed";

fn fine() -> String {
    http("200 OK", PASSED, "hello")
}

fn refused() -> String {
    http(FORBIDDEN, PASSED, "")
}

/// Easy Auth's own page names the caller.
fn names_the_caller() -> String {
    let claims = format!(r#"[{{"typ":"aud","val":"{RESOURCE}"}},{{"typ":"appid","val":"{CALLER}"}}]"#);
    http("200 OK", JSON, &format!(r#"[{{"provider_name":"aad","user_id":"x","user_claims":{claims}}}]"#))
}

// ------------------------------------------------------------------------------------- the same call, another answer

/// The first requests with a real token get this, and later ones what comes then; Easy Auth's own page accepts it.
fn at_first(count: usize, first: impl Fn() -> String + Send + Sync + 'static, then: fn() -> String) -> World {
    let seen = AtomicUsize::new(0);
    World::of(move |head| {
        if head.starts_with("GET /.auth/me ") && Brings::of(head).is_real() {
            return names_the_caller();
        }
        behind_easy_auth(head, |_| if seen.fetch_add(1, SeqCst) < count { first() } else { then() })
    })
}

/// An instance that is loading keys, a restart, one of several: the same request gets another answer.
#[test]
fn an_answer_that_passes_by_itself_has_no_certain_cause() {
    let own_403 = || http(FORBIDDEN, &format!("{PASSED}{JSON}"), r#"{"error":"The role Orders.Read is required"}"#);
    let admits = settings(&v1_issuer(), &[RESOURCE], &[CALLER]);
    let excludes = settings(&v1_issuer(), &[RESOURCE], &[ID]);
    let lists_nothing = settings(&v1_issuer(), &[], &[CALLER]);
    let managed = |world: World, settings| world.managed(&settings, &json!({}));
    for (name, world, code) in [
        ("401, once", at_first(1, challenge, fine), "undetermined-401"),
        ("401, twice", at_first(2, challenge, fine), "undetermined-401"),
        ("401, listed", managed(at_first(2, challenge, fine), admits.clone()), "undetermined-401"),
        ("401, not listed", managed(at_first(2, challenge, fine), lists_nothing), "undetermined-401"),
        ("403, once", at_first(1, refused, fine), "undetermined-403"),
        ("403, allowed", managed(at_first(1, refused, fine), admits), "undetermined-403"),
        ("403, excluded", managed(at_first(1, refused, fine), excludes.clone()), "undetermined-403"),
        ("403 of the app", at_first(1, own_403, fine), "undetermined-403"),
        ("401, then 403", managed(at_first(2, challenge, refused), excludes.clone()), "undetermined-401"),
        ("403, then 401", managed(at_first(1, refused, challenge), excludes), "undetermined-403"),
        ("a token for the client ID", at_first(1, challenge, fine).asking(Some(ID)), "undetermined-401"),
    ] {
        let seen = world.observe();
        assert_eq!((seen.root(), seen.sureness()), (code, Some(Possible)), "{name}: {:?}", seen.candidates());
        assert_eq!(seen.says(code).as_deref(), Some("differs"), "{name}");
        assert!(seen.tells("the same request"), "{name}");
    }
}

/// What every request gets keeps its cause, and so does what a busy or restarting App 2 answers to the repetition.
#[test]
fn an_answer_that_stays_keeps_its_cause() {
    let excludes = settings(&v1_issuer(), &[RESOURCE], &[ID]);
    let busy = || http("429 Too Many Requests", PASSED, "");
    let down = || http("503 Service Unavailable", PASSED, "");
    let denied = |then: fn() -> String| {
        let seen = AtomicUsize::new(0);
        let world = World::of(move |head| match head.starts_with("GET /.auth/me ") && Brings::of(head).is_real() {
            true => refused(),
            false => behind_easy_auth(head, |_| if seen.fetch_add(1, SeqCst) == 0 { refused() } else { then() }),
        });
        world.managed(&excludes, &json!({})).observe()
    };
    denied(refused).is(POLICY, Certain);
    denied(busy).is(POLICY, Certain);
    denied(down).is(POLICY, Certain);
    let audience =
        World::of(|head| behind_easy_auth(head, |brings| if brings == Brings::Bare { fine() } else { challenge() }));
    audience.observe().is(AUDIENCE, Likely);
    at_first(usize::MAX, challenge, fine).observe().is("undetermined-401", Possible);
    let own = || http(FORBIDDEN, &format!("{PASSED}{JSON}"), r#"{"error":"The role Orders.Read is required"}"#);
    at_first(usize::MAX, own, fine).observe().is("app-requires-role-or-scope", Likely);
}

/// What can change data is sent once, and what is read is sent again once.
#[test]
fn only_what_changes_nothing_is_sent_again() {
    for (method, count) in [("POST", 1), ("DELETE", 1), ("GET", 2), ("HEAD", 2)] {
        let mut field = Field::app_service(|_| issued(RESOURCE));
        field.app2 = Server::answers(|head| behind_easy_auth(head, |_| refused()));
        let field = field.option(&["-X", method, "--yes"]);
        field.check();
        let calls = field
            .app2
            .received()
            .into_iter()
            .filter(|head| head.starts_with(&format!("{method} /api")) && Brings::of(head) == Brings::Uri);
        assert_eq!(calls.count(), count, "{method}");
    }
}
