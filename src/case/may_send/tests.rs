//! The table of the rule: what a token says, what is known of App 2, and what may be done with the token.

use serde_json::{Value, json};

use super::*;
use crate::case::ids::ClientId;
use crate::case::resource::ResourceSource;

const A: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const B: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
const TENANT: &str = "5f0c1d2e-7a3b-4c4d-8e5f-6a7b8c9d0e1f";
const ARM: &str = "https://management.azure.com";

/// A v1 token as Entra issues it, with some claims set (`null` removes one).
fn token(changes: &Value) -> DecodedToken {
    let mut claims = json!({
        "aud": A, "iss": format!("https://sts.windows.net/{TENANT}/"), "appid": B, "oid": B, "tid": TENANT, "ver": "1.0"
    });
    let mut header = json!({"typ": "JWT", "alg": "RS256", "kid": "k"});
    for (name, value) in changes.as_object().unwrap() {
        let (place, name) = match name.strip_prefix("header.") {
            Some(name) => (&mut header, name),
            None => (&mut claims, name.as_str()),
        };
        let members = place.as_object_mut().unwrap();
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.to_owned(), value.clone());
        }
    }
    let list = |value: &Value| value.as_object().unwrap().clone().into_iter().collect();
    DecodedToken {
        parts: 3,
        has_signature: true,
        header: list(&header),
        claims: list(&claims),
        ..DecodedToken::default()
    }
}

fn aud(audience: impl Into<Value>) -> Value {
    json!({"aud": audience.into()})
}

fn v2(audience: &str) -> Value {
    json!({"aud": audience, "ver": "2.0", "azp": B, "appid": null,
        "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0")})
}

/// What is known, in words: `voice=name`, separated by spaces; `asked:voice=name` for the resource that was asked for,
/// `exception=audience` for `--send-token-for`.
fn known(words: &str) -> Confirmations {
    let voice = |word: &str| match word {
        "option" => Voice::Option,
        "environment" => Voice::Environment,
        "arm" => Voice::ResourceManager,
        "environ" => Voice::TargetEnviron,
        "graph" => Voice::Registration,
        "file" => Voice::SettingsFile,
        "answer" => Voice::Challenge,
        "metadata" => Voice::Metadata,
        "host" => Voice::Host,
        other => panic!("{other}"),
    };
    let mut known =
        Confirmations { authority: "https://login.microsoftonline.com".to_owned(), ..Confirmations::default() };
    for word in words.split_whitespace() {
        let (who, value) = word.split_once('=').unwrap();
        let value = value.to_owned();
        match (who, who.strip_prefix("asked:")) {
            ("exception", _) => known.exception = Some(value),
            ("authority", _) => known.authority = value,
            ("doubted", _) => known.doubted.push(voice(&value)),
            (_, Some(by)) => known.asked = Some(Name { value, by: voice(by) }),
            (by, None) => known.names.push(Name { value, by: voice(by) }),
        }
    }
    known
}

/// The decision in a word or two.
fn decided(token: &DecodedToken, known: &Confirmations) -> String {
    match may_send(token, known) {
        Ok(Permission::Confirmed { by, .. }) => format!("confirmed by {by:?}"),
        Ok(Permission::Claimed { by, .. }) => format!("claimed by {by:?}"),
        Ok(Permission::Exception { .. }) => "exception".to_owned(),
        Err(Refusal::Unreadable) => "unreadable".to_owned(),
        Err(Refusal::NotFromEntra { foreign }) => {
            let name = format!("{foreign:?}");
            format!("not Entra's: {}", name.split(['(', ' ']).next().unwrap())
        }
        Err(Refusal::NotAnAccessToken) => "no access token".to_owned(),
        Err(Refusal::NoAudience) => "no audience".to_owned(),
        Err(Refusal::KnownApi { api, .. }) => format!("API: {api}"),
        Err(Refusal::Contradicted { otherwise, .. }) => format!("contradicted by {:?}", otherwise.by),
        Err(Refusal::Unnamed { .. }) => "unnamed".to_owned(),
        Err(Refusal::OtherThanException { .. }) => "other than the exception".to_owned(),
    }
}

#[test]
fn the_table_of_what_may_be_sent() {
    let api_a = format!("api://{A}");
    let below_a = format!("api://{A}/orders");
    let below_tenant = format!("api://{TENANT}/orders");
    let rows: Vec<(&str, Value, String, &str)> = vec![
        // ---------------------------------------------------------------- confirmed by somebody who can know
        ("given with -r", aud(A), format!("option={A}"), "confirmed by Option"),
        ("by the variable", aud(A), format!("environment={A}"), "confirmed by Environment"),
        ("by Resource Manager", aud(A), format!("arm={A}"), "confirmed by ResourceManager"),
        ("by App 2's environment", aud(A), format!("environ={A}"), "confirmed by TargetEnviron"),
        ("by the registration", aud("api://orders"), "graph=api://orders".into(), "confirmed by Registration"),
        ("-r before the others", aud(A), format!("answer={A} arm={A} option={A}"), "confirmed by Option"),
        (
            "an allowed audience",
            aud("api://orders"),
            format!("arm={A} arm=api://orders"),
            "confirmed by ResourceManager",
        ),
        // ---------------------------------------------------------------- settings of another app than the answer's
        ("theirs", aud(A), format!("arm={A} answer={B} doubted=arm"), "contradicted by Challenge"),
        ("the answer's", aud(B), format!("arm={A} answer={B} doubted=arm"), "contradicted by ResourceManager"),
        (
            "asked by their name",
            aud(A),
            format!("asked:arm={A} arm={A} answer={B} doubted=arm"),
            "contradicted by Challenge",
        ),
        ("-r decides", aud(A), format!("arm={A} answer={B} option={A} doubted=arm"), "confirmed by Option"),
        ("-r decides otherwise", aud(B), format!("arm={A} answer={B} option={B} doubted=arm"), "confirmed by Option"),
        // ---------------------------------------------------------------- the forms of one name
        ("api:// for the bare ID", aud(api_a.as_str()), format!("option={A}"), "confirmed by Option"),
        ("the bare ID for api://", aud(A), format!("option={api_a}"), "confirmed by Option"),
        ("a URI below it", aud(below_a.as_str()), format!("option={A}"), "confirmed by Option"),
        ("the ID of a URI below it", aud(A), format!("option={below_a}"), "confirmed by Option"),
        ("upper case", aud(A.to_uppercase()), format!("option={api_a}"), "confirmed by Option"),
        ("a slash at the end", aud(format!("{api_a}/")), format!("option={A}"), "confirmed by Option"),
        (
            "a URI with a slash",
            aud("https://contoso.com/orders/"),
            "option=https://contoso.com/orders".into(),
            "confirmed by Option",
        ),
        ("spn:", aud(format!("spn:{A}")), format!("arm={A}"), "confirmed by ResourceManager"),
        ("v2 for the URI's ID", v2(A), format!("option={api_a}"), "confirmed by Option"),
        ("siblings below one GUID", aud(below_a.as_str()), format!("option=api://{A}/payroll"), "unnamed"),
        (
            "siblings below the tenant",
            aud(below_tenant.as_str()),
            format!("option=api://{TENANT}/payroll"),
            "contradicted by Option",
        ),
        ("the app's ID below the tenant", v2(A), format!("option=api://{TENANT}/{A}"), "confirmed by Option"),
        // ---------------------------------------------------------------- obtained by asking for a confirmed name
        ("v2, asked by URI", v2(A), "asked:option=api://orders option=api://orders".into(), "confirmed by Option"),
        (
            "v2, asked by Resource Manager's name",
            v2(A),
            "asked:arm=api://orders".into(),
            "confirmed by ResourceManager",
        ),
        ("v2, asked below the tenant", v2(A), format!("asked:option={below_tenant}"), "confirmed by Option"),
        ("asked, another client ID came", v2(B), format!("asked:option={A} option={A}"), "contradicted by Option"),
        (
            "asked, another app's URI came",
            aud(format!("api://{B}")),
            format!("asked:option={api_a}"),
            "contradicted by Option",
        ),
        ("asked, another URI came", aud("api://payroll"), "asked:option=api://orders".into(), "contradicted by Option"),
        (
            "asked, a longer URI came",
            aud("api://orders-2"),
            "asked:option=api://orders".into(),
            "contradicted by Option",
        ),
        ("asked, a longer ID came", aud(format!("api://{A}x")), format!("asked:option=api://{A}"), "unnamed"),
        ("asked, an ID in a URI came", aud(format!("https://x.example/{A}")), format!("asked:option={A}"), "unnamed"),
        ("asked, a sibling came", aud(below_a.as_str()), format!("asked:option=api://{A}/payroll"), "unnamed"),
        (
            "asked, a sibling below the tenant came",
            aud(below_tenant.as_str()),
            format!("asked:option=api://{TENANT}/payroll"),
            "contradicted by Option",
        ),
        (
            "asked, another URI came that App 2's settings list",
            aud("api://payroll"),
            "asked:option=api://orders arm=api://payroll".into(),
            "confirmed by ResourceManager",
        ),
        ("asked, an API came", aud(ARM), format!("asked:option={A} option={A}"), "API: Azure Resource Manager"),
        (
            "asked for App 3 with -r, App 2 says otherwise",
            aud(B),
            format!("asked:option={B} option={B} answer={A}"),
            "confirmed by Option",
        ),
        ("asked by App 2's response", v2(A), format!("asked:answer={A} answer={A}"), "claimed by [Challenge]"),
        (
            "asked by the answer, another came",
            v2(B),
            format!("asked:answer={A} answer={A}"),
            "contradicted by Challenge",
        ),
        ("asked by the answer, a URI came", aud("api://orders"), format!("asked:answer={A} answer={A}"), "unnamed"),
        // ---------------------------------------------------------------- named only by App 2 or a file
        ("App 2's answer", aud(A), format!("answer={A}"), "claimed by [Challenge]"),
        ("a settings file", aud(A), format!("file={A}"), "claimed by [SettingsFile]"),
        ("both", aud(api_a.as_str()), format!("answer={A} file={A}"), "claimed by [SettingsFile, Challenge]"),
        (
            "a file's allowed audience",
            aud("api://orders"),
            format!("file={A} file=api://orders"),
            "claimed by [SettingsFile]",
        ),
        ("the metadata", aud(A), format!("metadata={api_a}"), "claimed by [Metadata]"),
        (
            "the target's own host",
            aud("https://app2.contoso.com/orders"),
            "host=app2.contoso.com".into(),
            "claimed by [Host]",
        ),
        (
            "v2 by hand, -r is the URI, App 2 names the ID",
            v2(A),
            format!("option=api://orders answer={A}"),
            "claimed by [Challenge]",
        ),
        ("v2 by hand, -r is the URI, nobody names the ID", v2(A), "option=api://orders".into(), "unnamed"),
        // ---------------------------------------------------------------- and contradicted
        ("-r names another ID", aud(B), format!("option={A} answer={B}"), "contradicted by Option"),
        ("the variable names another ID", aud(B), format!("environment={A} answer={B}"), "contradicted by Environment"),
        ("Resource Manager names another ID", aud(B), format!("arm={A} answer={B}"), "contradicted by ResourceManager"),
        (
            "App 2's environment names another ID",
            aud(B),
            format!("environ={A} file={B}"),
            "contradicted by TargetEnviron",
        ),
        (
            "-r names another URI",
            aud("api://payroll"),
            "option=api://orders file=api://payroll".into(),
            "contradicted by Option",
        ),
        (
            "the file names another app than the answer",
            aud(B),
            format!("file={A} answer={B}"),
            "contradicted by SettingsFile",
        ),
        (
            "the answer names another app than the file",
            aud(A),
            format!("file={A} answer={B}"),
            "contradicted by Challenge",
        ),
        (
            "the file lists both",
            aud(B),
            format!("file={A} file={B} answer={B}"),
            "claimed by [SettingsFile, Challenge]",
        ),
        (
            "below another app's ID",
            aud(format!("api://{B}/orders")),
            format!("option={A} answer={B}"),
            "contradicted by Option",
        ),
        (
            "the list of the settings is whole",
            aud("api://payroll"),
            format!("arm={A} arm=api://orders file=api://payroll"),
            "contradicted by ResourceManager",
        ),
        (
            "another host of the same URI form",
            aud("https://app3.contoso.com"),
            "option=https://app2.contoso.com".into(),
            "contradicted by Option",
        ),
        (
            "the host, and -r names another URI",
            aud("https://app2.contoso.com"),
            "option=api://orders host=app2.contoso.com".into(),
            "contradicted by Option",
        ),
        // ---------------------------------------------------------------- named by nobody
        ("by hand, nothing known", aud(A), String::new(), "unnamed"),
        ("a URI, App 2 names its ID", aud("api://orders"), format!("answer={A}"), "unnamed"),
        ("App 2 names another ID", aud(B), format!("answer={A}"), "contradicted by Challenge"),
        (
            "another host than the target's",
            aud("https://app2.contoso.com.evil.example"),
            "host=app2.contoso.com".into(),
            "unnamed",
        ),
        // ---------------------------------------------------------------- Microsoft's APIs
        ("an API, named by -r", aud(ARM), format!("option={ARM}"), "API: Azure Resource Manager"),
        ("an API, listed by the settings", aud(ARM), format!("arm={A} arm={ARM}"), "API: Azure Resource Manager"),
        (
            "an API by its ID",
            aud("00000003-0000-0000-c000-000000000000"),
            "answer=00000003-0000-0000-c000-000000000000".into(),
            "API: Microsoft Graph",
        ),
        (
            "an API of another cloud",
            aud("https://management.core.sovcloud-api.fr"),
            "file=https://management.core.sovcloud-api.fr".into(),
            "API: Azure Resource Manager",
        ),
        (
            "another first-party application",
            aud("372140e0-b3b7-4226-8ef9-d57986796201"),
            "answer=372140e0-b3b7-4226-8ef9-d57986796201".into(),
            "API: Azure VM sign-in",
        ),
        ("an API and the user requests it", aud(ARM), format!("exception={ARM}"), "exception"),
        ("the exception has a slash more", aud(ARM), format!("exception={ARM}/"), "other than the exception"),
        (
            "the exception has another case",
            aud(ARM),
            "exception=https://Management.Azure.com".into(),
            "other than the exception",
        ),
        (
            "the exception is another audience",
            aud(A),
            format!("option={A} exception={ARM}"),
            "other than the exception",
        ),
        ("an exception for an unnamed audience", aud(A), format!("exception={A}"), "exception"),
        (
            "a customer's lookalike",
            aud("https://management.azure.com.contoso.com"),
            "option=https://management.azure.com.contoso.com".into(),
            "confirmed by Option",
        ),
        // ---------------------------------------------------------------- several audiences, or none
        ("both are App 2's", aud(json!([A, api_a])), format!("option={A}"), "not Entra's: AudienceList"),
        (
            "one is claimed only",
            aud(json!([A, "https://app2.contoso.com"])),
            format!("option={A} host=app2.contoso.com"),
            "not Entra's: AudienceList",
        ),
        ("one is nobody's", aud(json!([A, "api://payroll"])), format!("option={A}"), "not Entra's: AudienceList"),
        ("one is an API's", aud(json!([A, ARM])), format!("option={A}"), "not Entra's: AudienceList"),
        ("one is an API's, first", aud(json!([ARM, A])), format!("option={A}"), "not Entra's: AudienceList"),
        ("an exception for one of two", aud(json!([ARM, A])), format!("exception={ARM}"), "not Entra's: AudienceList"),
        ("a list of one", aud(json!([A])), format!("option={A}"), "not Entra's: AudienceList"),
        ("an empty list", aud(json!([])), format!("option={A}"), "no audience"),
        ("an empty text", aud(""), "option=".into(), "no audience"),
        ("blanks", aud("  "), format!("option={A}"), "no audience"),
        ("a number", aud(7), format!("option={A}"), "no audience"),
        ("an object", aud(json!({"a": A})), format!("option={A}"), "no audience"),
        ("a list with a number", aud(json!([A, 7])), format!("option={A}"), "no audience"),
        ("none at all", json!({"aud": null}), format!("option={A}"), "no audience"),
        ("too many to look at", aud(json!(vec![A; 21])), format!("option={A}"), "not Entra's: AudienceList"),
        // ---------------------------------------------------------------- not Entra's
        ("alg none", json!({"header.alg": "none"}), format!("option={A}"), "not Entra's: Unsigned"),
        ("no alg", json!({"header.alg": null}), format!("option={A}"), "not Entra's: NoAlgorithm"),
        ("alg is a number", json!({"header.alg": 256}), format!("option={A}"), "not Entra's: NoAlgorithm"),
        ("ES256", json!({"header.alg": "ES256"}), format!("option={A}"), "not Entra's: Algorithm"),
        (
            "PS256, not even as an exception",
            json!({"header.alg": "PS256", "aud": ARM}),
            format!("exception={ARM}"),
            "not Entra's: Algorithm",
        ),
        ("rs256", json!({"header.alg": "rs256"}), format!("option={A}"), "not Entra's: Algorithm"),
        ("HS256 with Entra's issuer", json!({"header.alg": "HS256"}), format!("option={A}"), "not Entra's: SharedKey"),
        (
            "the Functions host",
            json!({"header.alg": "HS256", "tid": null, "iss": "https://1111.scm.azurewebsites.net"}),
            format!("option={A}"),
            "not Entra's: AppServiceHost",
        ),
        (
            "Kubernetes",
            json!({"iss": "https://kubernetes.default.svc.cluster.local", "tid": null}),
            format!("option={A}"),
            "not Entra's: Kubernetes",
        ),
        (
            "Kubernetes of AKS",
            json!({"iss": format!("https://westeurope.oic.prod-aks.azure.com/{TENANT}/{B}/"),
            "sub": "system:serviceaccount:shop:default"}),
            format!("option={A}"),
            "not Entra's: Kubernetes",
        ),
        (
            "GitHub",
            json!({"iss": "https://token.actions.githubusercontent.com", "tid": null}),
            format!("option={A}"),
            "not Entra's: GitHub",
        ),
        (
            "Azure DevOps",
            json!({"iss": "https://vstoken.dev.azure.com/1111", "tid": null}),
            format!("option={A}"),
            "not Entra's: Issuer",
        ),
        (
            "AD FS",
            json!({"iss": "http://adfs.contoso.com/adfs/services/trust", "tid": null}),
            format!("option={A}"),
            "not Entra's: Issuer",
        ),
        (
            "an issuer in the open",
            json!({"iss": format!("http://sts.windows.net/{TENANT}/")}),
            format!("option={A}"),
            "not Entra's: UnknownDomain",
        ),
        (
            "a lookalike",
            json!({"iss": format!("https://sts.windows.net.evil.example/{TENANT}/"), "ver": null}),
            format!("option={A}"),
            "not Entra's: Issuer",
        ),
        (
            "a user name before another host",
            json!({"iss": format!("https://sts.windows.net@evil.example/{TENANT}/"), "ver": null}),
            format!("option={A}"),
            "not Entra's: Issuer",
        ),
        (
            "a custom URL domain",
            json!({"iss": format!("https://login.contoso.com/{TENANT}/v2.0")}),
            format!("option={A}"),
            "not Entra's: UnknownDomain",
        ),
        (
            "the same as the authority in use",
            json!({"iss": format!("https://login.contoso.com/{TENANT}/v2.0")}),
            format!("authority=https://login.contoso.com option={A}"),
            "confirmed by Option",
        ),
        (
            "another port than the authority's",
            json!({"iss": "http://127.0.0.1:2/"}),
            format!("authority=http://127.0.0.1:1 option={A}"),
            "not Entra's: UnknownDomain",
        ),
        ("no issuer", json!({"iss": null}), format!("option={A}"), "not Entra's: NoIssuer"),
        ("no tenant", json!({"tid": null}), format!("option={A}"), "not Entra's: NoTenant"),
        (
            "not even as an exception",
            json!({"header.alg": "HS256", "aud": ARM}),
            format!("exception={ARM}"),
            "not Entra's: SharedKey",
        ),
        ("a tenant that its issuer contradicts", json!({"tid": B}), format!("option={A}"), "not Entra's: OtherTenant"),
        (
            "a version that its issuer contradicts",
            json!({"iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0")}),
            format!("option={A}"),
            "not Entra's: OtherVersion",
        ),
        (
            "US Government, v2",
            json!({"iss": format!("https://login.microsoftonline.us/{TENANT}/v2.0"), "ver": "2.0"}),
            format!("option={A}"),
            "confirmed by Option",
        ),
        (
            "China, v1",
            json!({"iss": format!("https://sts.chinacloudapi.cn/{TENANT}/")}),
            format!("option={A}"),
            "confirmed by Option",
        ),
        (
            "Bleu",
            json!({"iss": format!("https://login.sovcloud-identity.fr/{TENANT}/v2.0"), "ver": "2.0"}),
            format!("option={A}"),
            "confirmed by Option",
        ),
        (
            "an unpublished v1 issuer",
            json!({"iss": format!("https://sts.windows.eaglex.ic.gov/{TENANT}/")}),
            format!("option={A}"),
            "confirmed by Option",
        ),
        (
            "External ID",
            json!({"iss": format!("https://{TENANT}.ciamlogin.com/{TENANT}/v2.0")}),
            format!("option={A}"),
            "confirmed by Option",
        ),
        (
            "B2C, which has no tid",
            json!({"iss": format!("https://contoso.b2clogin.com/{TENANT}/v2.0/"), "tid": null}),
            format!("option={A}"),
            "confirmed by Option",
        ),
        // ---------------------------------------------------------------- ID tokens
        ("an ID token", json!({"appid": null, "nonce": "4c7d"}), format!("option={A}"), "no access token"),
        (
            "an ID token with roles",
            json!({"appid": null, "roles": ["Admin"]}),
            format!("option={A}"),
            "no access token",
        ),
        ("not even as an exception", json!({"appid": null}), format!("exception={A}"), "no access token"),
        ("an empty appid", json!({"appid": ""}), format!("option={A}"), "no access token"),
        (
            "a user's token",
            json!({"appid": null, "scp": "user_impersonation"}),
            format!("option={A}"),
            "confirmed by Option",
        ),
    ];
    assert!(rows.len() >= 100, "{}", rows.len());
    for (what, claims, words, expected) in rows {
        assert_eq!(decided(&token(&claims), &known(&words)), expected, "{what}: {claims} {words}");
    }
}

#[test]
fn what_cannot_be_read_whole_stays_here() {
    let known = known(&format!("option={A}"));
    let good = token(&json!({}));
    assert_eq!(decided(&good, &known), "confirmed by Option");
    assert_eq!(decided(&DecodedToken::decode("this-is-no-token"), &known), "unreadable");
    assert_eq!(decided(&DecodedToken { unreadable: true, ..good.clone() }, &known), "unreadable");
    assert_eq!(decided(&DecodedToken { claims: Vec::new(), ..good }, &known), "unreadable");
}

#[test]
fn a_claim_that_comes_twice_counts_twice() {
    let known = known(&format!("option={A}"));
    for (name, value, expected) in [
        ("aud", ARM, "API: Azure Resource Manager"),
        ("aud", "api://payroll", "unnamed"),
        ("iss", "https://kubernetes.default.svc", "not Entra's: Kubernetes"),
    ] {
        for place in [0, usize::MAX] {
            let mut twice = token(&json!({}));
            let place = place.min(twice.claims.len());
            twice.claims.insert(place, (name.to_owned(), json!(value)));
            assert_eq!(decided(&twice, &known), expected, "{name} at {place}");
        }
    }
}

#[test]
fn a_registration_confirms_its_names_only_where_it_is_known_to_be_app_2s() {
    let registration = Registration {
        client_id: Some(ClientId::new(A)),
        identifier_uris: Some(vec!["api://orders".to_owned()]),
        ..Registration::default()
    };
    let exchange = |header: &str| {
        serde_json::from_value::<Exchange>(json!({
            "id": 1, "purpose": "call-anonymous", "method": "GET", "url": "https://app2.contoso.com/",
            "request_headers": [], "started_ms": 0, "elapsed_ms": 1, "proxy": null,
            "outcome": {"answer": {"status": 401, "reason": null, "headers": [["www-authenticate", header]], "body": "",
                "body_length": 0, "truncated": false, "clock_skew_s": null}},
        }))
        .unwrap()
    };
    let named = exchange(&format!("Bearer realm=\"app2\" resource_id=\"{A}\""));
    let strange = exchange("Bearer realm=\"app2\" resource_id=\"api://orders\"");
    let decide = |resource: Option<&str>, exchange: &Exchange| {
        let inputs = Inputs { resource: resource.map(str::to_owned), ..Inputs::default() };
        let known = Known { inputs: &inputs, settings: &[], exchanges: &[exchange], registration: Some(&registration) };
        let known = Confirmations::of(known, "https://login.microsoftonline.com", None);
        decided(&token(&aud("api://orders")), &known)
    };
    assert_eq!(decide(Some(A), &named), "confirmed by Registration");
    // App 2's own word for its client ID does not make the registration its own.
    assert_eq!(decide(None, &named), "unnamed");
    // An answer that names a URI names nothing.
    assert_eq!(decide(None, &strange), "unnamed");
}

#[test]
fn the_resource_that_was_asked_for_has_the_voice_that_named_it() {
    let names = |words: &str| known(words).names;
    let asked = |source, value: &str| ChosenResource { value: value.to_owned(), given: None, source };
    for (words, resource, expected) in [
        (format!("file={A} arm={A}"), asked(ResourceSource::Settings, A), Voice::ResourceManager),
        (format!("file={A} arm={B}"), asked(ResourceSource::Settings, A), Voice::SettingsFile),
        (format!("file={A} answer={A}"), asked(ResourceSource::Challenge, A), Voice::Challenge),
        (String::new(), asked(ResourceSource::Option, "api://orders"), Voice::Option),
        (String::new(), asked(ResourceSource::Settings, A), Voice::SettingsFile),
    ] {
        assert_eq!(voice_of(&resource, &names(&words)), expected, "{words}");
    }
}

#[test]
fn refusals_are_told_with_their_values_and_nothing_that_a_terminal_interprets() {
    let refusals = [
        Refusal::KnownApi { audience: format!("{ARM}\u{1b}[2J"), api: "Azure Resource Manager".to_owned() },
        Refusal::Unnamed { audience: "x".repeat(5000) },
        Refusal::NotFromEntra { foreign: Foreign::Issuer("\u{202e}evil".repeat(99)) },
        Refusal::Contradicted {
            audience: B.to_owned(),
            otherwise: Name { value: A.to_owned(), by: Voice::Option },
            named_by: vec![Voice::Challenge],
        },
    ];
    for refusal in refusals {
        let text = refusal.to_string();
        assert!(text.chars().count() <= 420 && !text.chars().any(crate::case::text::is_deceptive), "{text}");
        let again: Refusal = serde_json::from_value(serde_json::to_value(&refusal).unwrap()).unwrap();
        assert_eq!(again, refusal);
    }
}
