//! Two sources that disagree, another slot than the one that was read, names of others in an error, IDs in other
//! spellings, and who else speaks: a gateway, or the app's own crash. Each was written with its right answer before it
//! was run.

use easyauth_doctor::knowledge;
use easyauth_doctor::report::Confidence::{Certain, Likely, Possible};
use serde_json::{Value, json};

use crate::field::caller::{CLIENT, Field, entra};
use crate::field::target::{
    CALLER, HTML, ID, JSON, PASSED, PLAIN, Seen, TENANT, World, behind_easy_auth, challenge, for_everybody,
    refused_by_policy, settings, text, to_tokens, v1_issuer,
};
use crate::helpers::server::{RESOURCE, http};

const OTHER: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
const OBJECT_ID: &str = "d0000000-0000-4000-8000-000000000001";

fn at_now(line: &str) -> String {
    format!("{} {line}\n", chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ"))
}

// ---------------------------------------------------------------------------------------- a log against the settings

/// A line in Easy Auth's own form that the settings contradict: one of the two is wrong, and nobody can know which.
#[test]
fn a_line_that_matching_settings_contradict_is_not_certain() {
    let refused = || to_tokens(&challenge());
    let audience = at_now(&format!(
        "Warning JWT validation failed: IDX10214: Audience validation failed. Audiences: '{RESOURCE}'. Did not match: \
         validationParameters.ValidAudience: '{ID}' or validationParameters.ValidAudiences: 'null'."
    ));
    let issuer = at_now(&format!(
        "Warning JWT validation failed: IDX10205: Issuer validation failed. Issuer: '{}'. Did not match: \
         validationParameters.ValidIssuer: 'https://sts.windows.net/{OTHER}/'.",
        v1_issuer()
    ));
    let listed = settings(&v1_issuer(), &[RESOURCE], &[]);
    refused().managed(&listed, &json!({})).with_log(&audience).observe().is("audience-not-allowed", Likely);
    refused().with_settings(&listed).with_log(&audience).observe().is("audience-not-allowed", Likely);
    refused().managed(&listed, &json!({})).with_log(&issuer).observe().is("foreign-tenant-token", Likely);
    // Where the settings say the same, or weren't read, the line is enough.
    let unlisted = settings(&v1_issuer(), &[], &[]);
    refused().managed(&unlisted, &json!({})).with_log(&audience).observe().is("audience-not-allowed", Certain);
    refused().with_log(&audience).observe().is("audience-not-allowed", Certain);
}

// ----------------------------------------------------------------------------------------------------- another slot

/// `x-ms-routing-name` leads to a slot, which has settings of its own ("Set up staging environments in Azure App
/// Service"): production's say nothing of it, and must not be changed for it.
#[test]
fn the_settings_of_production_are_not_those_of_the_slot_that_is_called() {
    const ADDRESS: &str = "/api/hello?x-ms-routing-name=staging";
    let refusing = settings(&v1_issuer(), &[RESOURCE], &[ID]);
    let by_answer = || {
        let answer = http("403 Forbidden", &format!("{PASSED}set-cookie: x-ms-routing-name=staging; path=/\r\n"), "");
        to_tokens(&answer)
    };
    for world in [
        refused_by_policy().at(ADDRESS),
        refused_by_policy().sending("Cookie", "a=b; x-ms-routing-name=staging"),
        by_answer(),
    ] {
        let seen = world.managed(&refusing, &json!({})).observe();
        seen.is("undetermined-403", Possible);
        assert!(seen.candidates().contains(&"caller-not-in-allowed-applications"), "{:?}", seen.candidates());
        assert!(!seen.found("settings-not-used").is_empty(), "the slot is named");
        let text = text(&seen);
        assert!(text.contains("deployment slot staging") && text.contains("sites/app2/slots/staging"), "{text}");
        assert!(!text.contains("a=b"), "no other cookie is shown");
    }
    // `self` is production; so is a cookie by which App Service says that production answered.
    let seen = refused_by_policy().at("/api/hello?x-ms-routing-name=self").managed(&refusing, &json!({})).observe();
    seen.is("caller-not-in-allowed-applications", Certain);
    let by_production = http("403 Forbidden", &format!("{PASSED}set-cookie: x-ms-routing-name=self; path=/\r\n"), "");
    let seen = to_tokens(&by_production).managed(&refusing, &json!({})).observe();
    seen.is("caller-not-in-allowed-applications", Certain);
    // The slot works although production would refuse.
    let works = to_tokens(&http("200 OK", PASSED, "hello")).at(ADDRESS).managed(&refusing, &json!({})).observe();
    assert_eq!(works.root(), "pass");
}

// ------------------------------------------------------------------------------------------------ IDs in other forms

/// An ID without hyphens is shown, and is no secret in a list of IDs. Whether Easy Auth takes it is not established.
#[test]
fn an_id_without_hyphens_is_named_as_such() {
    let bare = |id: &str| id.replace('-', "");
    let mut by_identity = settings(&v1_issuer(), &[RESOURCE], &[]);
    by_identity["properties"]["identityProviders"]["azureActiveDirectory"]["validation"]["defaultAuthorizationPolicy"] =
        json!({"allowedPrincipals": {"identities": [bare(OBJECT_ID)]}});
    let by_application = settings(&v1_issuer(), &[RESOURCE], &[&bare(CALLER)]);
    for (code, settings, id) in [
        ("caller-not-in-allowed-applications", by_application, CALLER),
        ("principal-not-in-allowed-identities", by_identity, OBJECT_ID),
    ] {
        let seen = refused_by_policy().with_settings(&settings).observe();
        seen.is(code, Likely);
        assert!(seen.tells("with hyphens") && seen.tells(&bare(id)), "{code}");
        assert!(!seen.fixes().contains("[redacted]"));
    }
    // Where the call works, the form is no fault.
    let works = to_tokens(&http("200 OK", PASSED, "hello"));
    let works = works.with_settings(&settings(&v1_issuer(), &[RESOURCE], &[&bare(CALLER)])).observe();
    assert_eq!(works.root(), "pass");
}

/// A list with an entry that isn't shown: no fix writes the list with `[redacted]` in it, live or reopened.
#[test]
fn no_fix_writes_a_list_whose_entries_are_hidden() {
    let key = "q8Zr3mV1xT7bN5cW9yK2pL6dF4gH0jS8aE1uI3oR";
    let seen = refused_by_policy().managed(&settings(&v1_issuer(), &[RESOURCE], &[key]), &json!({})).observe();
    assert_eq!(seen.root(), "caller-not-in-allowed-applications");
    let shown = |text: &str| text.contains("'[redacted]'") || text.contains("\"[redacted]\",") || text.contains(key);
    assert!(!shown(&seen.fixes()), "{}", seen.fixes());
    let saved = serde_json::to_string(seen.0.case()).unwrap();
    let again = easyauth_doctor::report::Report::of(serde_json::from_str(&saved).unwrap());
    assert!(!shown(&Seen(again).fixes()));
}

// ----------------------------------------------------------------------------------------------------- who else speaks

/// API Management's policies without a message of their own (azure-docs issues 12552 and 64918).
#[test]
fn the_policies_of_api_management_are_told_by_their_words() {
    for said in ["JWT Validation Failed: Claim value mismatch: aud=api://x.", "JWT not present.", "Invalid JWT."] {
        let body = json!({"statusCode": 401, "message": said}).to_string();
        let seen = World::of(move |head| for_everybody(head, &http("401 Unauthorized", JSON, &body))).observe();
        seen.is("app-validates-token-itself", Likely);
        assert!(seen.tells("API Management"), "{said}");
    }
    // An app may have such a message in JSON of its own.
    let body = json!({"error": "JWT Validation Failed: aud"}).to_string();
    let seen = to_tokens(&http("401 Unauthorized", &format!("{PASSED}{JSON}"), &body)).observe();
    assert!(!seen.tells("API Management"));
}

/// A token that is bound to a key: what Easy Auth does with it is not established, so it is said and no more.
#[test]
fn a_bound_token_is_mentioned_where_nothing_explains_the_401() {
    let bound = || json!({"cnf": {"x5t#S256": "q8Zr3mV1xT7bN5cW9yK2pL6dF4gH0jS8aE1uI3oR7wQ"}});
    let seen = to_tokens(&challenge()).giving(bound()).observe();
    seen.is("undetermined-401", Possible);
    assert!(text(&seen).contains("bound to a key"));
    let works = to_tokens(&http("200 OK", PASSED, "hello")).giving(bound()).observe();
    assert_eq!(works.root(), "pass");
    let seen = to_tokens(&challenge()).observe();
    assert!(!text(&seen).contains("bound to a key"));
}

/// The app's own crash in the log is shown with its error, and says nothing of a rejected token.
#[test]
fn a_crash_in_the_log_is_quoted_beside_the_apps_error() {
    let failing =
        || to_tokens(&http("500 Internal Server Error", &format!("{PASSED}{PLAIN}"), "Internal Server Error"));
    let down = || {
        let page = "<html><title>503 Service Unavailable</title></html>";
        World::of(move |head| for_everybody(head, &http("503 Service Unavailable", HTML, page)))
    };
    let crash = |line: &str| at_now(line);
    for (world, code, line) in [
        (failing(), "app-error", "Unhandled exception. System.InvalidOperationException: Cannot open database"),
        (failing(), "app-error", "TypeError: Cannot read properties of undefined (reading 'x')"),
        (failing(), "app-error", "KeyError: 'DB'"),
        (down(), "app-unavailable", "ERROR - Container app2_0 didn't respond to HTTP pings on port: 8080"),
    ] {
        let seen = world.with_log(&crash(line)).observe();
        seen.is(code, Likely);
        let quoted = line.split(['\'', '(']).next().unwrap();
        assert!(text(&seen).contains(quoted), "{line}");
    }
    // It is no reason for a 401, and an old one none for today's error.
    let seen = to_tokens(&challenge()).with_log(&crash("System.InvalidOperationException: Cannot open")).observe();
    seen.is("undetermined-401", Possible);
    assert!(!text(&seen).contains("Cannot open"));
    let seen = failing().with_log("2024-01-01T00:00:00Z KeyError: 'DB'\n").observe();
    assert!(!text(&seen).contains("KeyError"));
    // A validator's exception is no crash.
    let validator =
        "Microsoft.IdentityModel.Tokens.SecurityTokenExpiredException: IDX10223: Lifetime validation failed.";
    let seen = failing().with_log(&crash(validator)).observe();
    assert!(!text(&seen).contains("IDX10223"));
}

// --------------------------------------------------------------------------------------- Entra's error names another

/// Entra names another application than the one that was sent: whoever sent it, the secret of that one has expired.
/// A secret for the other would be one more credential, and no cure.
#[test]
fn the_application_that_entra_names_is_the_one_to_mend() {
    let expired = |id: &str| format!("The provided client secret keys for app '{id}' are expired.");
    let named = Field::secret(move |_| entra(7_000_222, &expired(OTHER))).check();
    named.root("caller-secret-expired", "likely").says(CLIENT);
    assert!(named.fixes().contains(OTHER) && !named.fixes().contains(CLIENT), "{}", named.fixes());
    let expired = |id: &str| format!("The provided client secret keys for app '{id}' are expired.");
    let own = Field::secret(move |_| entra(7_000_222, &expired(CLIENT))).check();
    own.root("caller-secret-expired", "certain");
}

// ------------------------------------------------------------------------------------------------------ pasted texts

/// What gateways, meshes, and Azure Resource Manager say, pasted as it is.
#[test]
fn texts_of_those_in_front_are_explained() {
    for (text, code, says) in [
        (r#"{ "statusCode": 404, "message": "Resource not found" }"#, "target-not-found", "API Management"),
        (
            r#"validate-jwt (70 ms) { "message": "JWT Validation Failed: Claim value mismatch: aud=api://x." }"#,
            "undetermined-401",
            "validate-jwt",
        ),
        ("Jwt verification fails", "app-validates-token-itself", "Envoy"),
        ("Audiences in Jwt are not allowed", "app-validates-token-itself", "Istio"),
        (
            "Action: Deny. Reason: No rule matched. Proceeding with default action.",
            "caller-egress-blocked",
            "Azure Firewall",
        ),
        ("403: Forbidden. Azure Static Web Apps - 403", "gateway-replaced-caller", "Static Web Apps"),
        (
            "The access token has been obtained for wrong audience or resource 'api://x'.",
            "token-for-wrong-resource",
            "Resource Manager",
        ),
    ] {
        let found: Value = json!(format!("{:?}", knowledge::explained(text).entries));
        let found = found.as_str().unwrap();
        let code = format!("{:?}", easyauth_doctor::case::code::Code::from_name(code).unwrap());
        assert!(found.contains(&code) && found.contains(says), "{text}: {found}");
    }
}

// ----------------------------------------------------------------------------- controls: right before, to stay right

/// External ID: the issuer's host is a name in the settings and the tenant's ID in the token (TrashMob PR 2974).
#[test]
fn the_two_names_of_an_external_tenant_are_no_contradiction() {
    let named = settings(&format!("https://contoso.ciamlogin.com/{TENANT}/v2.0"), &[ID], &[]);
    let issuer = || format!("https://{TENANT}.ciamlogin.com/{TENANT}/v2.0");
    let works = to_tokens(&http("200 OK", PASSED, "hello")).issuing(issuer()).managed(&named, &json!({})).observe();
    assert_eq!(works.root(), "pass");
    assert!(works.found("issuer-not-accepted").is_empty() && works.found("token-not-from-entra").is_empty());
    let seen = to_tokens(&challenge()).issuing(issuer()).managed(&named, &json!({})).observe();
    assert_ne!(seen.sureness(), Some(Certain), "{:?}", seen.candidates());
}

/// Without a token store, `/.auth/me` can answer 401 to a valid token (azure-container-apps issues 479 and 1389).
#[test]
fn a_401_of_the_page_without_a_token_store_says_nothing_of_the_token() {
    let page = |status: &'static str, call: String| {
        World::of(move |head| match head.split(' ').nth(1) {
            Some("/.auth/me") => http(status, PASSED, ""),
            _ => behind_easy_auth(head, |_| call.clone()),
        })
    };
    for status in ["401 Unauthorized", "404 Not Found", "200 OK"] {
        assert_eq!(page(status, http("200 OK", PASSED, "hello")).observe().root(), "pass", "{status}");
        let refused = page(status, http("403 Forbidden", PASSED, "")).observe();
        assert!(refused.sureness() < Some(Certain), "{status}: {:?}", refused.candidates());
        assert!(!refused.candidates().contains(&"token-expired"), "{status}");
    }
}
