//! Texts that are pasted for tokens and are none, or none that anybody but their issuer can read.

use crate::case::json;

/// What a text is that is no token, by its form.
#[must_use]
pub fn look_alike(text: &str) -> Option<&'static str> {
    let text = text.trim();
    let first = text.split(['.', ' ']).next().unwrap_or_default();
    let is_base64 =
        |part: &str| part.chars().all(|character| character.is_ascii_alphanumeric() || "-_.".contains(character));
    Some(match text {
        _ if text.contains("System.Security.SecureString") => {
            "it is the text System.Security.SecureString, which PowerShell prints instead of the token. With \
             Az.Accounts 5 and later, use [System.Net.NetworkCredential]::new(\"\", \
             (Get-AzAccessToken -ResourceUrl <resource>).Token).Password"
        }
        "[object Promise]" | "[object Object]" => {
            "it is the text that JavaScript makes of an object; await the token request, and send its token property \
             (token in the Azure SDK, accessToken in MSAL, access_token in a response)"
        }
        "null" | "undefined" | "None" | "nil" => {
            "it is the word for a missing value; App 1's code got no token, or read another property of the response"
        }
        _ if text.contains("AADSTS") || text.contains("\"error\"") => {
            "it is an error response, not a token; run `easyauth-doctor explain` with it"
        }
        _ if text.starts_with("<saml") || text.starts_with("<?xml") || text.contains(":SAML:") => {
            "it is a SAML assertion, not an OAuth 2.0 access token: App 2 accepts only a JWT as a bearer token"
        }
        _ if ["PHNhbWw", "PD94bWw", "PFJlc3BvbnNl"].iter().any(|start| text.starts_with(start)) => {
            "it has the form of a SAML assertion in base64, not of an OAuth 2.0 access token"
        }
        _ if text.starts_with('{')
            && text.chars().filter(|it| !it.is_whitespace()).collect::<String>().contains("}.{") =>
        {
            "it is a token in decoded form, as jwt.ms shows it; copy the encoded one, which has no braces"
        }
        _ if text.starts_with(['{', '[']) && json::parse(text).is_err() => "it starts like JSON, but isn't valid JSON",
        _ if text.starts_with(['{', '[']) => "it is JSON without a token in it",
        _ if matches!(first, "0" | "1") && text.len() > 100 && is_base64(text) => {
            "it has the form of a Microsoft Entra refresh token or authorization code, which only Microsoft can read"
        }
        _ if text.starts_with("EwA") && text.len() > 200 => {
            "it has the form of an opaque token of a personal Microsoft account, which only Microsoft can read"
        }
        _ if ["ghp_", "gho_", "ghs_", "github_pat_"].iter().any(|prefix| text.starts_with(prefix)) => {
            "it has the form of a token of GitHub's API, not of Microsoft Entra ID"
        }
        _ if text.contains("sig=") && text.contains("se=") => {
            "it has the form of a shared access signature (SAS), not of a token"
        }
        _ if text.contains("8Q~") && text.len() < 80 => {
            "it has the form of a client secret, not of a token. Treat it as exposed if others can read this file"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_token_is_named() {
        for (text, word) in [
            ("System.Security.SecureString", "NetworkCredential"),
            ("{\"platform\": {\"enabled\": true}}", "JSON"),
            ("{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: x\"}", "explain"),
            ("abc8Q~aBcDeFgHiJkLmNoPqRsTuVwXyZ-12345", "client secret"),
            ("<saml2:Assertion xmlns:saml2=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_1\">", "SAML"),
            ("PHNhbWwyOkFzc2VydGlvbiB4bWxucw", "SAML"),
            ("{\n  \"alg\": \"RS256\"\n}.{\n  \"aud\": \"x\"\n}.[Signature]", "jwt.ms"),
            ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "GitHub"),
            ("[object Promise]", "await"),
            (" null\n", "missing value"),
        ] {
            assert!(look_alike(text).unwrap().contains(word), "{text}");
        }
        assert!(look_alike(&format!("0.{}", "AXoAabcdefghij".repeat(20))).unwrap().contains("refresh token"));
        assert_eq!(look_alike("eyJhIjoxfQ.eyJiIjoyfQ.c2ln"), None);
    }
}
