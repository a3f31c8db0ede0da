use super::super::known_words::marks_in;
use super::super::secret_names::names_secret;
use super::*;

#[test]
fn long_names_of_members_are_kept_one_by_one_and_no_other_long_word_is() {
    for name in ["azureActiveDirectory", "appRoleAssignmentRequired", "defaultAuthorizationPolicy"] {
        assert!(is_harmless(name), "{name}");
        assert!(!is_harmless(&format!("{name}X")) && !is_harmless(&name.to_ascii_uppercase()), "{name}");
    }
}

#[test]
fn a_saved_case_keeps_the_long_words_by_which_an_answer_is_recognized() {
    use crate::case::error_text::ERROR_TEXTS;
    let pieces: Vec<&str> = ERROR_TEXTS.iter().flat_map(|(_, text)| text.pieces()).collect();
    let words =
        pieces.iter().flat_map(|piece| piece.split(|sign: char| sign.is_whitespace() || "\\\"'`,;()".contains(sign)));
    let lost: Vec<&str> = words.filter(|word| !is_harmless(word)).collect();
    assert_eq!(lost, [""; 0]);
    assert!(!is_harmless("DefaultIdentityNotDefinedX") && !is_harmless("efaultIdentityNotDefined"));
}

#[test]
fn names_tell_secrets_from_settings() {
    for name in [
        "AZURE_CLIENT_SECRET",
        "x-functions-key",
        "Ocp-Apim-Subscription-Key",
        "clientSecretValue",
        "connectionString",
        "SharedAccessKey",
        "sig",
        "subscription_key",
        "AZURE_DEVOPS_EXT_PAT",
        "DB_PWD",
        "Set-Cookie",
        "X-MS-TOKEN-AAD-ACCESS-TOKEN",
        "apiKey",
        "code",
    ] {
        assert!(names_secret(name), "{name}");
    }
    for name in [
        "clientSecretSettingName",
        "token_type",
        "tokenStore",
        "requestedAccessTokenVersion",
        "api-version",
        "status",
        "message",
        "authorization_uri",
        "statusCode",
    ] {
        assert!(!names_secret(name), "{name}");
    }
}

#[test]
fn what_is_wrong_with_an_id_or_an_address_is_seen() {
    const ID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
    let tail = format!("{ID}sdxz");
    let tenant = format!("login.microsoftonline.com/{ID}/v2.0");
    for shown in [tail.as_str(), tenant.as_str(), "sts.windows.net/common/"] {
        assert!(is_harmless(shown), "{shown}");
    }
    let long = format!("{ID}{}", "k8Jq2Wm5Zx9");
    let key = "hooks.example.com/services/kJ8f7Hs0dkq3nWm2Zx9Tt1Lr";
    for hidden in [long.as_str(), key, "kJ8f7Hs0dkq3nWm2Zx9Tt1Lr/v2.0"] {
        assert!(!is_harmless(hidden), "{hidden}");
    }
}

#[test]
fn ordinary_values_are_no_secrets() {
    for value in [
        "Development",
        "0f8fad5b-d9cb-469f-a165-70867728950e",
        "https://account.blob.core.windows.net/",
        "application/json; charset=utf-8",
        "/home/site/wwwroot",
        "app2.azurewebsites.net",
        "AADSTS700016",
        "20240101",
        "~4",
        "West Europe",
    ] {
        assert!(is_ordinary(value), "{value}");
    }
    for value in [
        "hunter2hunter2",
        "Ab8Q~x.y-z_0123456789abcdefghijklmnopqrs",
        "https://account.blob.core.windows.net/c?sv=2024&sig=abcdefgh12345678",
        "https://user:hunter2@proxy:8080",
        "abcdefghijklmnopqrstuvwxyz",
    ] {
        assert!(!is_ordinary(value), "{value}");
    }
}

#[test]
fn long_runs_are_harmless_only_in_a_known_form() {
    for run in [
        "short",
        "OAuth2Token",
        "Win32Exception",
        "0HN7GLK8A8J2D",
        "0f8fad5b-d9cb-469f-a165-70867728950e",
        "my-app-of-the-orders-team.azurewebsites.net:443",
        "2026-11-26T00:00:00.0000000Z",
        "Microsoft.IdentityModel.Tokens.SecurityTokenInvalidAudienceException",
        "UnsupportedApiVersion",
        "application/problem+json;",
        "Orders.ReadWrite.All.Application",
        "access_as_application",
        "org.springframework.jdbc.CannotGetJdbcConnectionException",
        "repo:contoso/orders:ref:refs/heads/main",
        "repo:contoso/app1:environment:prod",
        "app2_orders_v2_reader",
        "kv-contoso-orders-prod-2024",
    ] {
        assert!(is_harmless(run), "{run}");
    }
    for run in [
        "abcdefghijklmnopqrstuvwxyz",
        "AbCd1234EfGh5678",
        "(\"kJ83ZtQw7x\")",
        "ghp_Abcdefg12345",
        "A1b2C3d4E5f6G7h8I9j0",
        "abcdefghijklmnopqrstuvwx.example.com",
        "Microsoft.0123456789abcdef",
        "aBcDeFgHiJ.kLmNoPqRsT",
        "qwrtplkjhgf_zxcvbnmsdfg",
    ] {
        assert!(!is_harmless(run), "{run}");
    }
    assert_eq!(marks_in("\"sErrTxt\":\"AADSTS700016:xyz"), ["AADSTS700016"]);
}
