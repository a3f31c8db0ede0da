//! Faults that come together: what a rule or a stored setting says, against what the same run saw. Each was written
//! with its right answer before it was run.

use serde_json::json;

use crate::field_caller::{Field, as_json, asks_for_resource_manager, issued};
use crate::field_target::{ID, TENANT};
use crate::helpers::server::{RESOURCE, Server};

// ------------------------------------------------------------- what Graph shows, and what the identity endpoint answers

/// App 2's registration with this URI, its service principal, and whether it requires assignment.
fn graph(uri: &str, enabled: bool, required: bool) -> Server {
    let own = json!({"id": TENANT, "appId": ID, "displayName": "app2", "identifierUris": [uri],
        "servicePrincipalNames": [uri, ID], "accountEnabled": enabled, "appRoleAssignmentRequired": required,
        "appRoles": []});
    Server::answers(move |head| match head.split(' ').nth(1).unwrap_or_default() {
        path if path.contains("appRoleAssignments") => as_json("200 OK", &json!({"value": []})),
        path if path.contains(ID) => as_json("200 OK", &own),
        _ => as_json("404 Not Found", &json!({"error": {"code": "Request_ResourceNotFound"}})),
    })
}

/// App 1's identity gets a token for Graph, for Resource Manager, and for the client ID, or the opaque 500.
fn opaque(manager: bool, bare: bool, graph: &Server) -> crate::field_caller::Seen {
    let field = Field::app_service(move |head| {
        let is_bare = head.contains(ID) && !head.contains("api%3A");
        if head.contains("graph.microsoft.com") {
            issued("https://graph.microsoft.com")
        } else if asks_for_resource_manager(head) && manager {
            issued("https://management.azure.com")
        } else if is_bare && bare {
            issued(ID)
        } else {
            let said = "An unexpected error occured while fetching the AAD Token.";
            as_json("500 Internal Server Error", &json!({"statusCode": 500, "message": said}))
        }
    });
    field.option(&["--graph", &graph.url]).check()
}

/// The client ID needs no URI: where its token is refused in the same way, the missing URI isn't the whole cause.
#[test]
fn a_missing_uri_is_not_the_whole_cause_where_the_client_id_is_refused_too() {
    let seen = opaque(true, false, &graph("api://orders", true, false));
    seen.root("resource-not-registered", "likely").says("for the client ID is refused in the same way");
    assert_eq!(seen.candidates(), ["conditional-access-blocked", "caller-disabled", "caller-egress-blocked"]);
    assert!(!seen.fixes().contains("client ID in the scope"), "{}", seen.fixes());
    assert!(!seen.fixes().contains("or for the bare client ID"), "{}", seen.fixes());
    // One that gets a token for the client ID lacks the URI alone.
    let seen = opaque(true, true, &graph("api://orders", true, false));
    seen.root("resource-not-registered", "certain");
    assert!(seen.fixes().contains("client ID in the scope"), "{}", seen.fixes());
}

/// A token for the client ID shows that App 2's service principal is enabled, and that no assignment is missing.
#[test]
fn a_token_for_the_client_id_outranks_what_graph_shows() {
    for (enabled, required) in [(true, true), (false, false), (false, true)] {
        let seen = opaque(true, true, &graph(RESOURCE, enabled, required));
        seen.root("resource-not-registered", "likely").says("in Microsoft Graph, but Microsoft Entra ID doesn't issue");
        assert!(seen.fixes().contains("If it was added in the last minutes"), "{}", seen.fixes());
    }
    opaque(true, false, &graph(RESOURCE, false, false)).root("resource-disabled", "certain");
    opaque(true, false, &graph(RESOURCE, true, true)).root("assignment-required-not-assigned", "certain");
}

/// An identity that gets no token for Resource Manager either isn't refused because of App 2 alone.
#[test]
fn a_refusal_of_every_token_is_not_app_2s_alone() {
    for (uri, enabled, required, code) in [
        (RESOURCE, false, false, "resource-disabled"),
        (RESOURCE, true, true, "assignment-required-not-assigned"),
        ("api://orders", true, false, "resource-not-registered"),
    ] {
        let seen = opaque(false, false, &graph(uri, enabled, required));
        seen.root(code, "likely");
        assert!(seen.candidates().contains(&"caller-egress-blocked"), "{code}: {:?}", seen.candidates());
    }
}
