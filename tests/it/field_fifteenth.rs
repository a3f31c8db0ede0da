//! What one part of a run shows of another, with siblings that look alike and are something else. Each was written with
//! its right answer before it was run.

use easyauth_doctor::report::Confidence::Likely;
use serde_json::json;

use crate::field_target::{Brings, CALLER, ID, JSON, PASSED, World, challenge, settings, v1_issuer};
use crate::helpers::server::{RESOURCE, http};

// --------------------------------------------------------------------------------------- an error on an excluded path

/// Everybody gets the app's error on a path that is excluded from authentication. Easy Auth's own page rejects the token
/// in its own form, so it has its metadata and keys: nothing fails before a token is read.
#[test]
fn easy_auths_own_page_shows_that_only_the_app_fails() {
    let error = || http("500 Internal Server Error", JSON, r#"{"error":"x"}"#);
    let with = |page: fn() -> String, allowed: &'static str, audience: &'static str| {
        let mut settings = settings(&v1_issuer(), &[audience], &[allowed]);
        settings["properties"]["globalValidation"]["excludedPaths"] = json!(["/api/*"]);
        let world = World::of(move |head| match head.starts_with("GET /.auth/me ") && Brings::of(head).is_real() {
            true => page(),
            false => error(),
        });
        world.managed(&settings, &json!({})).observe()
    };
    with(|| http("403 Forbidden", PASSED, ""), ID, RESOURCE).is("app-error", Likely);
    with(challenge, CALLER, "api://another").is("app-error", Likely);
    // Where that page fails as well, something before the token does; an app's own page of this name shows nothing.
    let fails = || http("500 Internal Server Error", JSON, r#"{"error":"x"}"#);
    let own = || http("403 Forbidden", JSON, r#"{"error":"no such page"}"#);
    for page in [fails as fn() -> String, own] {
        let seen = with(page, CALLER, RESOURCE);
        assert!(seen.candidates().contains(&"target-error-every-request"), "{:?}", (seen.root(), seen.candidates()));
    }
}
