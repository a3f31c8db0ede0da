//! Worlds after public threads, each with its right answer, which was written before the first run: what Easy Auth says
//! in its own 401, errors whose details have the reason, and endpoints that require a key.

use easyauth_doctor::report::Confidence::{Likely, Possible};
use serde_json::{Value, json};

use crate::field::caller::Field;
use crate::field::target::{Brings, JSON, PASSED, World, behind_easy_auth, challenge, settings, v1_issuer};
use crate::helpers::server::http;

// ----------------------------------------------------------------------------- Easy Auth's own sentence

/// Easy Auth rejects the token in its own words (MicrosoftDocs/azure-docs#63296, Azure/static-web-apps#1581).
fn says(sentence: &str, accepts_the_client_id: bool) -> World {
    let body = json!({"code": 401, "message": sentence}).to_string();
    World::of(move |head| {
        behind_easy_auth(head, |brings| match brings {
            Brings::Bare if accepts_the_client_id => http("200 OK", PASSED, "hello"),
            _ => http("401 Unauthorized", &format!("{PASSED}{JSON}"), &body),
        })
    })
}

const AUDIENCE: &str = "IDX10214: Audience validation failed. Audiences: '[PII is hidden]'. Did not match: \
    validationParameters.ValidAudience: '[PII is hidden]' or validationParameters.ValidAudiences: '[PII is hidden]'.";

/// The sentence narrows the causes also where it hides its values: the token arrived, and only what the sentence is
/// about can be at fault.
#[test]
fn easy_auths_sentence_decides_also_without_its_values() {
    says(AUDIENCE, true).observe().is("audience-not-allowed", Likely);
    // The client ID is always accepted, so this may be another app's.
    let seen = says(AUDIENCE, false).observe();
    assert_eq!(seen.candidates(), ["undetermined-401", "audience-not-allowed"]);
    let issuer = "IDX10205: Issuer validation failed. Issuer: '[PII is hidden]'.";
    let key = "IDX10503: Signature validation failed. The token's kid is: 'abc', but did not match any keys.";
    for sentence in [issuer, key] {
        let seen = says(sentence, false).observe();
        seen.is("undetermined-401", Possible);
        let candidates = seen.candidates();
        assert!(candidates.contains(&"issuer-not-accepted"), "{candidates:?}");
        for other in ["audience-not-allowed", "authorization-header-dropped"] {
            assert!(!candidates.contains(&other), "{sentence}: {candidates:?}");
        }
    }
    // What is about neither leaves no candidate, and is quoted.
    let seen = says("IDX10223: Lifetime validation failed. The token is expired.", false).observe();
    assert_eq!(seen.candidates(), ["undetermined-401"]);
    assert!(seen.tells("Lifetime validation failed"));
}

/// A linked backend expects the token of its static web app. Another issuer URL would not help App 1.
#[test]
fn the_issuer_of_a_static_web_app_shows_the_link() {
    let sentence = |issuer: &str| {
        format!(
            "IDX10205: Issuer validation failed. Issuer: '{issuer}'. Did not match: validationParameters.ValidIssuer: \
             'https://blue-sea-123.5.azurestaticapps.net/.auth' or validationParameters.ValidIssuers: 'null'."
        )
    };
    let seen = says(&sentence("https://sts.windows.net/t/"), false).observe();
    seen.is("linked-backend-exclusive", Likely);
    assert!(seen.tells("https://blue-sea-123.5.azurestaticapps.net/.auth"));
    assert!(seen.found("issuer-not-accepted").is_empty());
    // A preview environment's token instead of the caller's (Azure/static-web-apps#1581).
    let preview = sentence("https://blue-sea-123-7.centralus.5.azurestaticapps.net/.auth");
    says(&preview, false).observe().is("gateway-replaced-caller", Likely);
}

// ----------------------------------------------------------------------------- the reason is in the details

/// Azure-Samples/active-directory-verifiable-credentials-dotnet#65, and the form of Azure's own errors.
#[test]
fn the_details_of_an_error_tell_what_it_is_about() {
    let refused = |status: &'static str, body: Value| {
        World::of(move |head| behind_easy_auth(head, |_| http(status, &format!("{PASSED}{JSON}"), &body.to_string())))
            .observe()
    };
    let roles = "Provided access token contains no roles";
    let inner = json!({"error": {"message": "Failed to authenticate the request.", "innererror": {"message": roles}}});
    refused("403 Forbidden", inner).is("app-requires-role-or-scope", Likely);
    let details = json!({"error": {"message": "Request failed.",
        "details": [{"message": "The caller is missing the app role Orders.Read"}]}});
    let seen = refused("403 Forbidden", details);
    seen.is("app-requires-role-or-scope", Likely);
    assert!(seen.tells("Request failed: The caller is missing"));
    let audience = json!({"error": {"message": "Not signed in.", "innererror": {"message": "Invalid audience"}}});
    refused("401 Unauthorized", audience).is("app-validates-token-itself", Likely);
}

// ----------------------------------------------------------------------------- an endpoint that requires a key

/// The Functions host serves the addresses of extensions itself, with a system key (Azure/azure-functions-mcp-extension
/// #104), also with 401.
#[test]
fn a_401_at_an_extensions_address_is_for_the_key() {
    let at = |path| World::of(|head| behind_easy_auth(head, |_| http("401 Unauthorized", PASSED, ""))).at(path);
    at("/runtime/webhooks/mcp").observe().is("function-key-required", Likely);
    // A web app's own code may say the same.
    at("/api/hello").observe().is("undetermined-401", Possible);
    // Easy Auth's own 401 is not the host's.
    let refused = World::of(|head| behind_easy_auth(head, |_| challenge())).at("/runtime/webhooks/mcp").observe();
    assert!(refused.found("function-key-required").is_empty(), "{:?}", refused.candidates());
}

// ----------------------------------------------------------------------------- a backend that was unlinked

/// Unlinking leaves the provider behind, and everybody gets 400 (techcommunity.microsoft.com, blog 3759599).
#[test]
fn a_linked_backend_answers_everybody_with_400() {
    let mut linked = settings(&v1_issuer(), &[], &[]);
    let entra = linked["properties"]["identityProviders"].take();
    let registration = json!({"clientId": "blue-sea-123.5.azurestaticapps.net"});
    linked["properties"]["identityProviders"] =
        json!({"azureStaticWebApps": {"enabled": true, "registration": registration}});
    let world = || World::of(|_| http("400 Bad Request", PASSED, "Bad Request"));
    world().with_settings(&linked).observe().is("linked-backend-exclusive", Likely);
    linked["properties"]["identityProviders"] = entra;
    assert!(world().with_settings(&linked).observe().found("linked-backend-exclusive").is_empty());
}

// ----------------------------------------------------------------------------- an ID of another kind selects

/// The object ID is given as the client ID, and the endpoint hides the reason (Azure/Azure-Functions#2392).
#[test]
fn an_opaque_error_with_a_selected_identity_may_be_the_selection() {
    let hidden = |_: &str| http("500 Internal Server Error", "server: Kestrel\r\n", "");
    let selected = Field::app_service(hidden).set("AZURE_CLIENT_ID", "3d813cbb-47fb-32ba-91df-831e1593ac29").check();
    assert!(selected.candidates().contains(&"selected-identity-not-attached"), "{:?}", selected.candidates());
    let system = Field::app_service(hidden).check();
    assert!(!system.candidates().contains(&"selected-identity-not-attached"), "{:?}", system.candidates());
}
