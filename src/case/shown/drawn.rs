//! Values of a structured place (a claim, a setting, a name in Azure, a member of a response) without what is a secret
//! by its form, although nothing names it as one.
//!
//! Such values are IDs, addresses, and names, which a person must be able to compare, so only what is drawn at random
//! is left out: a run of both cases and digits in turns, hexadecimal digits that are no GUID, a client secret of
//! Microsoft Entra ID. What the run knows as an ID, such as a signing key's, stays.

use std::borrow::Cow;
use std::cell::Cell;

use super::harmless::{LEFT_OUT, is_federated, is_harmless};
use super::words::begins_like_a_key;
use super::{address, runs};
use crate::case::Case;
use crate::case::secret::{without_credentials, without_secrets};
use crate::case::text::{is_deceptive, percent_decoded};

/// Fewer letters and digits than these are drawn only where a key begins like this.
const SHORTEST: usize = 20;
/// Hexadecimal digits of a key.
const SHORTEST_HEX: usize = 32;
/// A part of a run that is shorter says nothing about how it was made.
const SHORTEST_PART: usize = 10;
/// Levels of percent-encoding that are looked through.
const DEEPEST: usize = 3;

/// Members of a token that are IDs without any meaning: keys, subjects, and requests are found by them.
const IDS: [&str; 11] =
    ["kid", "x5t", "x5t#S256", "sub", "uti", "jti", "sid", "sha", "job_workflow_sha", "workflow_sha", "puid"];

/// What is before a public ID: the hash of a container's image, and the authorization server in Okta's issuers.
const PLACES: [&str; 2] = ["@sha256:", ".okta.com/oauth2/"];

/// Variables that name a file.
const FILES: [&str; 3] = ["AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE", "SSL_CERT_FILE"];

/// A variable that is a public hash: of the machine that runs App 1.
const INSTANCE: &str = "WEBSITE_INSTANCE_ID";

/// The text without any secret of the run, and without what is another one by its name or form.
#[must_use]
pub fn without_any(case: &Case, text: &str) -> String {
    let known = case.secrets.clean();
    if known.has(text) {
        return text.to_owned();
    }
    let (clean, is_of_case) = drawn(case, &case.secrets.scrub(text));
    if clean == text && !is_of_case {
        known.add(text);
    }
    clean
}

/// The text without what is named as a credential, looks like a token, or is drawn at random.
pub(super) fn without_drawn(case: &Case, text: &str) -> String {
    drawn(case, text).0
}

/// The same, and whether something in it may be shown in one case and not in another.
fn drawn(case: &Case, text: &str) -> (String, bool) {
    let is_of_case = Cell::new(false);
    let is_known = |run: &str| {
        is_of_case.set(true);
        is_known(case, run)
    };
    let bare = without_invisible(text);
    // What is put between the signs of a secret doesn't hide it; what is none keeps these characters, made visible.
    let clean = plain(&is_known, &bare);
    (if clean == *bare { text.to_owned() } else { clean }, is_of_case.get())
}

/// The text without characters that deceive, also where they were made visible before.
fn without_invisible(text: &str) -> Cow<'_, str> {
    const VISIBLE: &str = "\\u{";
    if !text.contains(is_deceptive) && !text.contains(VISIBLE) {
        return text.into();
    }
    let mut bare = String::with_capacity(text.len());
    let mut parts = text.split(VISIBLE);
    bare.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        match part.split_once('}').filter(|(digits, _)| is_number(digits)) {
            Some((_, after)) => bare.push_str(after),
            None => bare.extend([VISIBLE, part]),
        }
    }
    bare.retain(|character| !is_deceptive(character) || character == '\n');
    bare.into()
}

fn plain(is_known: &dyn Fn(&str) -> bool, text: &str) -> String {
    let text = without_secrets(text);
    // Most values are too short for any of it.
    if text.len() < SHORTEST_PART {
        return text;
    }
    let mut clean = String::with_capacity(text.len());
    for run in text.split_inclusive(runs::is_separator) {
        let word = run.trim_end_matches(runs::is_separator);
        if word.len() < SHORTEST_PART || is_harmless(word) || runs::is_public(&clean, word) || is_federated(word) {
            clean.push_str(word);
        } else {
            push_word(is_known, &mut clean, word);
        }
        clean.push_str(run.get(word.len()..).unwrap_or_default());
    }
    clean
}

fn push_word(is_known: &dyn Fn(&str) -> bool, clean: &mut String, word: &str) {
    // A key in base64 may have the signs that separate the parts of an address.
    let inner = word.trim_matches(|sign: char| !sign.is_ascii_alphanumeric() && !matches!(sign, '+' | '/' | '='));
    if inner.len() >= 2 * SHORTEST
        && inner.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
        && is_mixed(inner.split(['+', '/', '=']))
        && !is_known(inner)
    {
        clean.push_str(&word.replace(inner, LEFT_OUT));
        return;
    }
    let is_end = |sign: char| !sign.is_ascii_alphanumeric() && !matches!(sign, '-' | '_' | '~' | '%' | '+' | '.' | '!');
    for part in word.split_inclusive(is_end) {
        let inner = part.trim_end_matches(is_end);
        let is_public = PLACES.iter().any(|place| clean.ends_with(place)) && !begins_like_a_key(inner);
        clean.push_str(if is_drawn(inner, 0) && !is_public && !is_known(inner) { LEFT_OUT } else { inner });
        clean.push_str(part.get(inner.len()..).unwrap_or_default());
    }
}

/// Whether a run without separators is drawn at random.
fn is_drawn(run: &str, depth: usize) -> bool {
    if run.contains('%') && depth < DEEPEST {
        let decoded = percent_decoded(run, |_| true);
        if decoded != run {
            return decoded
                .split(|sign: char| sign.is_whitespace() || matches!(sign, '/' | ':' | '=' | '&'))
                .any(|part| is_drawn(part, depth + 1))
                || without_credentials(&decoded) != decoded;
        }
    }
    let count = run.bytes().filter(u8::is_ascii_alphanumeric).count();
    let has_digit = run.bytes().any(|byte| byte.is_ascii_digit());
    begins_like_a_key(run)
        || count >= SHORTEST && (has_digit && run.contains('~') || is_mixed(run.split(['-', '_', '.', '+', '~', '!'])))
        || run.split(|sign: char| !sign.is_ascii_alphanumeric()).any(is_hex_key)
}

/// Whether the parts of a run are of both cases and of digits in turns, and not of words.
fn is_mixed<'a>(parts: impl Iterator<Item = &'a str>) -> bool {
    parts.filter(|part| is_mixed_part(part)).map(str::len).sum::<usize>() >= SHORTEST - 4
}

fn is_mixed_part(part: &str) -> bool {
    let kind = |byte: u8| (byte.is_ascii_digit(), byte.is_ascii_uppercase());
    let bytes = part.as_bytes();
    let has = |is: fn(&u8) -> bool| bytes.iter().any(is);
    let turns = bytes.windows(2).filter(|pair| matches!(pair, [one, other] if kind(*one) != kind(*other))).count();
    // Words in camel case turn as often.
    let in_words: usize =
        part.split(|letter: char| !letter.is_ascii_lowercase()).map(str::len).filter(|length| *length >= 3).sum();
    part.len() >= SHORTEST_PART
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && 3 * turns >= part.len()
        && 20 * in_words < 9 * part.len()
}

/// Whether a part is of so many hexadecimal digits of one case as a key has. As many as SHA-1 gives name a commit or a
/// certificate.
fn is_hex_key(part: &str) -> bool {
    const LEAST: usize = 4;
    const OF_SHA_1: usize = 40;
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    let is_of_one_case = part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        || part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'));
    part.len() >= SHORTEST_HEX
        && part.len() != OF_SHA_1
        && is_of_one_case
        && digits >= LEAST
        && part.len() - digits >= LEAST
}

/// Whether the run knows a value as an ID, or the person who started it gave it as an address or the name of a file.
fn is_known(case: &Case, run: &str) -> bool {
    let inputs = &case.inputs;
    let paths =
        [&inputs.token_file, &inputs.auth_settings, &inputs.target_log, &inputs.target_environ, &inputs.environ];
    let value = |name: &&str| case.environment.as_ref().and_then(|environment| environment.text(name));
    let of_files = paths.into_iter().flatten().any(|path| path.to_string_lossy().contains(run))
        || FILES.iter().filter_map(value).any(|path| path.contains(run));
    let of_target = || inputs.target.as_deref().map(address::own).is_some_and(|target| target.contains(run));
    let of_id = || inputs.target_resource_id.as_ref().is_some_and(|id| id.as_str().contains(run));
    let of_token = || {
        let token = case.token.as_ref().map(|token| &token.decoded);
        let mut members = token.into_iter().flat_map(|token| token.header.iter().chain(&token.claims));
        members.any(|(name, value)| IDS.contains(&name.as_str()) && value.as_str() == Some(run) && is_id(run))
    };
    let of_variables = || value(&INSTANCE) == Some(run) && run.bytes().all(|byte| byte.is_ascii_hexdigit());
    // Nobody gives a key as an ID, whatever else was edited.
    let is_key = begins_like_a_key(run) || run.contains('~');
    !is_key && (of_files || of_target() || of_id() || of_token() || of_variables())
}

/// Whether a value has the form of an ID that the issuer of a token draws: of 16 or 20 bytes, or a hash.
fn is_id(run: &str) -> bool {
    matches!(run.len(), 22 | 27 | 40 | 43)
        && run.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::json;

    use super::*;
    use crate::case::credential::CredentialSource;
    use crate::case::environment::{Environment, Place, Variable, VariableValue};
    use crate::case::inputs::Inputs;
    use crate::case::token::{AcquiredToken, DecodedToken};

    const KEY: &str = "q7Zk3vT0xW9yB2nM5pL8rJ1sD4fG6hK0aQeUiOcXvYbNzRtEwSdFgHjKlP7mC3V1xZ9q8W7e6R5t4Y3u2I1o0A==";
    const CLIENT_SECRET: &str = "abc8Q~kT7hZp2Qx9Vb3Lm6Rc8Yd1Fg5Js0Ka7Ue4";

    fn case() -> Case {
        Case::new(Inputs::default(), DateTime::UNIX_EPOCH)
    }

    #[test]
    fn what_is_drawn_at_random_is_left_out_wherever_it_is() {
        let case = case();
        let encoded: String = CLIENT_SECRET.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for (text, gone) in [
            (CLIENT_SECRET, "kT7h"),
            ("the value abc8Q~kT7hZp2Qx9Vb3Lm6Rc8Yd1Fg5Js0Ka7Ue4, which is wrong", "kT7h"),
            ("api://abc8Q~kT7hZp2Qx9Vb3Lm6Rc8Yd1Fg5Js0Ka7Ue4/x", "kT7h"),
            ("abc8Q%7EkT7hZp2Qx9Vb3Lm6Rc8Yd1Fg5Js0Ka7Ue4", "kT7h"),
            ("abc8Q~kT7h\u{200b}Zp2Qx9Vb3Lm6Rc8Yd1Fg5Js0Ka7Ue4", "Zp2Q"),
            ("pass\u{200b}word=Zq8!stapl-corr", "Zq8"),
            ("pass\\u{200b}word=Zq8!stapl-corr", "Zq8"),
            (encoded.as_str(), "%6B%54"),
            (KEY, "xW9yB2nM"),
            (&KEY.replace('=', "%3D"), "xW9yB2nM"),
            (&KEY.replacen("vYb", "/Yb", 1), "xW9yB2nM"),
            ("Bearer wN4kT7hZp2Qx9Vb3Lm6Rc8Yd1Fg5Js", "kT7h"),
            ("wN4kT7hZp2Qx9Vb3-m6Rc8Yd1Fg5Js0_a7Ue4Io2Nt6Wq9Ev3Xz5Bh==", "kT7h"),
            ("YWJjOFF+a1Q3aFpwMlF4OVZiM0xtNlJjOFlkMUZnNUpzMEthN1VlNA==", "OVZiM0xt"),
            ("7F3A9C1E5B2D4F60A8E7C6D5B4A39281", "5B2D4F60"),
            ("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "c55ad015"),
            ("ghp_kT7hZp2Qx9Vb3Lm6Rc8Yd1Fg5Js0Ka7Ue4Io", "kT7h"),
            ("https://hooks.slack.com/services/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", "kT7h"),
        ] {
            let clean = without_drawn(&case, text);
            assert!(!clean.contains(gone), "{text}: {clean}");
            assert_eq!(without_drawn(&case, &clean), clean, "a saved case is shown as it was");
        }
    }

    #[test]
    fn a_text_that_was_shown_is_searched_again_for_what_is_learned_then() {
        let mut case = case();
        let text = "the answer names horse-7-battery";
        let before = case.clone();
        assert_eq!([without_any(&case, text), without_any(&case, text)], [text, text]);
        case.secrets.learn("horse-7-battery");
        assert_eq!(without_any(&case, text), "the answer names [redacted]");
        assert_eq!(without_any(&before, text), text);
    }

    #[test]
    fn what_a_person_compares_stays() {
        let case = case();
        let mut hidden = Vec::new();
        for text in [
            "0f8fad5b-d9cb-469f-a165-70867728950e",
            "api://0f8fad5b-d9cb-469f-a165-70867728950e/Orders.ReadWrite.All",
            "https://login.microsoftonline.com/0f8fad5b-d9cb-469f-a165-70867728950e/v2.0",
            "repo:contoso/app1:ref:refs/heads/main",
            "system:serviceaccount:orders-prod-2024:workload-identity-sa-01",
            "https://oidc.eks.us-west-2.amazonaws.com/id/4D53F6A1B2C3D4E5F60718293A4B5C6D",
            "https://westeurope.oic.prod-aks.azure.com/0f8fad5b-d9cb-469f-a165-70867728950e/\
             1f8fad5b-d9cb-469f-a165-70867728950e/",
            "/subscriptions/0f8fad5b-d9cb-469f-a165-70867728950e/resourcegroups/MC_rg-Prod01-WEU_aks-Prod01_westeurope\
             /providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-Orders01-Prod-WEU-6yk3zqjcudd6e",
            "app2.nicebeach-1a2b3c4d.westeurope.azurecontainerapps.io",
            "app2-a1b2c3d4e5f6g7h8.westeurope-01.azurewebsites.net",
            "0f8fad5b-d9cb-469f-a165-70867728950e+app1group-WestEuropewebspace-Linux",
            "GetOrdersV2ByCustomerId",
            "Orders2.ReadV3.AllByTeam4",
            "MICROSOFT_PROVIDER_AUTHENTICATION_SECRET",
            "2026-11-28T05:30:00.1234567Z",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "0HMVD1Q8GKBNT:00000002",
            "Thumbprint of key used by client: '0F8FAD5BD9CB469FA16570867728950E0F8FAD5B'",
            "100 Allow 10.0.0.0/8 (office-network-2024-Q3)",
            "S-1-5-21-1004336348-1177238915-682003330-512",
            "zero\u{200b}width",
            "contoso.azurecr.io/orders-api:3f786850e387550fdab836ed7e6dc881de23001b",
            "contoso.azurecr.io/orders-api@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "contoso.azurecr.io/orders-api:2026.11.28-b1042-ga1b2c3d",
            "DOCKER|mcr.microsoft.com/dotnet/aspnet:10.0.1-jammy-amd64",
            "https://storders2026prodweu01.queue.core.windows.net/orders-in",
            "stfunc7x3kq2m5nvb4yj6w",
            "https://contoso.eu.auth0.com/",
            "https://dev-12345678.okta.com/oauth2/aus1fcia2lqJ3bT4Z0h7",
            "https://token.actions.githubusercontent.com/contoso-enterprise",
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab3De5Gh7",
            "https://sts.windows.net/0f8fad5b-d9cb-469f-a165-70867728950e/",
            "https://contosob2c.b2clogin.com/0f8fad5b-d9cb-469f-a165-70867728950e/B2C_1A_SignUpSignIn_V2/v2.0/",
            "repository:contoso/app1:environment:Prod-WestEurope-2026",
            "sc://contoso/Orders Project 2026/Azure-Prod01-ServiceConnection",
            "/eid1/c/pub/t/W9oPBcvZb0ahZXCGdyiVDg/a/Ik5Db2RlZFN0cmluZ0hlcg",
            "Microsoft.Azure.WebSites.Middleware.EasyAuth.ModuleV2Dll/1.8.2.0",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.7444.59 Safari/537.36",
            "azsdk-python-identity/1.25.1 Python/3.13.1 (Linux-5.15.0-1075-azure-x86_64-with-glibc2.31)",
            "easyauth-doctor.orders-prod-aks01.svc.cluster.local",
            "wa-orders-prod-weu-001-staging-a7b3c9d1e5f2g4h6.westeurope-01.azurewebsites.net",
            "ca-orders--0000042.ashyrock-0a1b2c3d.northeurope.azurecontainerapps.io",
            "ca-orders--9x8y7z6-5d4f7c9b8d-x2k9q",
            "app1-deployment-7d9f8c6b5d-4xk2p",
            "AppServiceAuthSession",
            "AADSTS7000215",
            "Orders.Read.All,Orders.ReadWrite.OwnedBy,V2.Admin.B2B.Users2Groups",
            "HTTP2WebSocketV13FallbackToServerSentEvents",
            "E4s-v5-Standard_D16ads_v5-PremiumV3-P1mv3",
            "mTLS1.2/ECDHE-RSA-AES256-GCM-SHA384",
            "X509v3SubjectAlternativeName",
            "10.240.0.4:8080,fd00:1234:5678:9abc:def0:1234:5678:9abc",
        ] {
            let shown = without_drawn(&case, text);
            if shown != text {
                hidden.push(shown);
            }
        }
        assert_eq!(hidden, Vec::<String>::new());
    }

    #[test]
    fn an_id_that_the_issuer_drew_stays_and_a_secret_in_its_place_does_not() {
        let key = "mJRjQnFfSzyNnoiG7DXoA1b2C3d4E5f6G7h8I9j0K1l";
        let mut case = case();
        case.token = Some(AcquiredToken {
            source: CredentialSource::Token,
            resource: None,
            response: Vec::new(),
            decoded: DecodedToken {
                header: vec![("kid".to_owned(), json!(key))],
                claims: vec![("roles".to_owned(), json!(CLIENT_SECRET)), ("sub".to_owned(), json!(CLIENT_SECRET))],
                ..DecodedToken::default()
            },
            signature: None,
        });
        assert_eq!(without_drawn(&case, key), key);
        assert_eq!(without_drawn(&case, CLIENT_SECRET), LEFT_OUT);
        let instance = "0f8fad5bd9cb469fa16570867728950e0f8fad5bd9cb469fa16570867728950e";
        assert_eq!(without_drawn(&case, instance), LEFT_OUT);
        case.environment = Some(Environment {
            variables: vec![Variable {
                name: INSTANCE.to_owned(),
                value: VariableValue::Plain(instance.to_owned()),
                place: Place::Process,
            }],
            ..Environment::default()
        });
        assert_eq!(without_drawn(&case, instance), instance);
    }
}
