//! Worlds in which the token is a person's, from a tool of Microsoft's: what App 2 refuses there is that person and
//! that tool, and says nothing of App 1. Admitting the tool would admit everybody who has it.

use easyauth_doctor::knowledge::Owner;
use easyauth_doctor::report::Confidence::Certain;
use serde_json::{Value, json};

use crate::field::caller::TENANT;
use crate::field::target::{Brings, PASSED, Seen, World, behind_easy_auth, settings, v1_issuer};
use crate::helpers::server::{RESOURCE, http};

const AZURE_CLI: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
const APP_1: &str = "c0000000-0000-4000-8000-000000000001";
const PERSON: &str = "f0000000-0000-4000-8000-000000000001";

fn person(client_id: &str) -> Value {
    json!({"appid": client_id, "oid": PERSON, "idtyp": null, "scp": "user_impersonation", "upn": "ann@contoso.com",
        "iss": format!("https://sts.windows.net/{TENANT}/")})
}

/// App 2 refuses every real token with this answer.
fn refusing(claims: Value, answer: &'static str, body: &'static str) -> World {
    World::of(move |head| {
        behind_easy_auth(head, |brings| match brings {
            Brings::Uri | Brings::Bare => http(answer, PASSED, body),
            Brings::Nothing | Brings::InvalidToken => unreachable!(),
        })
    })
    .giving(claims)
}

/// What is printed to fix it, and who has to act.
fn fixes(seen: &Seen) -> (String, Option<Owner>) {
    let cause = seen.0.diagnosis().root_cause.as_ref().unwrap();
    (cause.fixes.iter().map(|fix| fix.text.as_str()).collect::<Vec<_>>().join("\n"), cause.owner)
}

#[test]
fn a_list_of_applications_refuses_the_tool_and_not_app_1() {
    let allowed = settings(&v1_issuer(), &[RESOURCE], &[APP_1]);
    let seen = refusing(person(AZURE_CLI), "403 Forbidden", "").with_settings(&allowed).observe();
    seen.is("caller-not-in-allowed-applications", Certain);
    let (text, owner) = fixes(&seen);
    assert_eq!(owner, Some(Owner::App1));
    assert!(!text.contains(AZURE_CLI) && !text.contains("PUT") && !text.contains("--method put"), "{text}");
    assert_eq!(seen.0.edited_settings(), None);
}

#[test]
fn a_list_of_identities_refuses_the_person() {
    let mut allowed = settings(&v1_issuer(), &[RESOURCE], &[]);
    let policy = "/properties/identityProviders/azureActiveDirectory/validation/defaultAuthorizationPolicy";
    *allowed.pointer_mut(policy).unwrap() = json!({"allowedPrincipals": {"identities": [APP_1]}});
    let seen = refusing(person(AZURE_CLI), "403 Forbidden", "").with_settings(&allowed).observe();
    seen.is("principal-not-in-allowed-identities", Certain);
    assert!(!fixes(&seen).0.contains(PERSON));
    assert_eq!(seen.0.edited_settings(), None);
}

#[test]
fn the_app_asks_the_person_for_a_role() {
    let body = r#"{"error":"Role Orders.Read is required"}"#;
    let seen = refusing(person(AZURE_CLI), "403 Forbidden", body).observe();
    assert_eq!(seen.root(), "app-requires-role-or-scope");
    assert!(!fixes(&seen).0.contains("appRoleAssignments"));
}

/// A user's token from a client of one's own: that client can be listed.
#[test]
fn a_client_of_ones_own_may_be_listed() {
    let allowed = settings(&v1_issuer(), &[RESOURCE], &[RESOURCE]);
    let seen = refusing(person(APP_1), "403 Forbidden", "").with_settings(&allowed).observe();
    seen.is("caller-not-in-allowed-applications", Certain);
    assert!(fixes(&seen).0.contains(APP_1));
}
