//! What was read and observed is used and shown: access restrictions, expressions that nobody evaluated, the words of
//! challenges, the subject that Entra compares, and whose rules refuse a call.

use easyauth_doctor::case::shown::quote::quote;
use easyauth_doctor::case::shown::settings::may_be_secret;
use easyauth_doctor::report::Confidence::{Certain, Likely};
use serde_json::{Value, json};

use crate::field::target::{
    Brings, CALLER, HTML, ID, JSON, PASSED, PLAIN, Seen, World, behind_easy_auth, for_everybody, settings, v1_issuer,
};
use crate::helpers::server::{RESOURCE, http};

const SECRET: &str = "Vb6nMq2WeRt8YuIo4PaSdF7gHjK1lZxC";

fn summary(seen: &Seen) -> &str {
    &seen.0.diagnosis().root_cause.as_ref().unwrap().summary
}

/// Every request of App 1 comes from this address, and the front end rejects it.
fn rejected(properties: &Value) -> Seen {
    let refused =
        http("403 Ip Forbidden", &format!("x-ms-forbidden-ip: 20.1.2.3\r\n{HTML}"), "<title>Forbidden</title>");
    let world = World::of(move |head| for_everybody(head, &refused));
    let seen = world.managed(&settings(&v1_issuer(), &[RESOURCE], &[CALLER]), properties).observe();
    seen.is("network-access-restricted", Certain);
    seen
}

fn rule(action: &str, priority: i64, address: &str) -> Value {
    json!({"action": action, "priority": priority, "ipAddress": address, "name": "r"})
}

/// "Azure App Service access restrictions": the first rule in the order of priorities decides, and with any rule what
/// none matches is denied.
#[test]
fn access_restrictions_are_judged_for_the_address_that_was_rejected() {
    let web = |rules: &[Value], default: &str| {
        let site = json!({"ipSecurityRestrictions": rules, "ipSecurityRestrictionsDefaultAction": default});
        json!({"web": site})
    };
    // A rule that denies it comes first: only one before that has an effect.
    let denied = [rule("Deny", 10, "20.1.2.3/32"), rule("Allow", 100, "20.1.2.3/32")];
    let seen = rejected(&web(&denied, "Deny"));
    assert!(summary(&seen).contains("which the rule \"10 Deny 20.1.2.3/32 (r)\" denies"), "{}", summary(&seen));
    assert!(seen.fixes().contains("\"20.1.2.3/32\" --priority \"9\"\n"), "{}", seen.fixes());
    assert!(!seen.fixes().contains("First list the rules"), "{}", seen.fixes());
    // No rule allows it.
    for rules in [&[rule("Allow", 100, "10.0.0.0/8")][..], &[rule("Allow", 100, "AzureCloud")], &[]] {
        let seen = rejected(&web(rules, "Deny"));
        assert!(summary(&seen).contains("which no rule allows"), "{}", summary(&seen));
        assert!(seen.fixes().contains("\"20.1.2.3/32\" --priority 200\n"), "{}", seen.fixes());
    }
    // Whether a service tag has the address isn't known.
    let seen = rejected(&web(&[rule("Deny", 50, "AzureCloud"), rule("Allow", 100, "20.0.0.0/8")], "Deny"));
    assert!(summary(&seen).contains("which the rule \"50 Deny AzureCloud (r)\" may deny"), "{}", summary(&seen));
    assert!(
        seen.fixes().contains("First list the rules") && seen.fixes().contains("--priority \"49"),
        "{}",
        seen.fixes()
    );
    // A rule that is there already isn't added again, and none where everybody would be locked out by it.
    for (rules, said) in [
        (&[rule("Allow", 100, "20.1.2.0/24")][..], "although the rule \"100 Allow 20.1.2.0/24 (r)\" allows it"),
        (&[], "although App 2 has no rule that denies it"),
    ] {
        let seen = rejected(&web(rules, "Allow"));
        assert!(summary(&seen).contains(said), "{}", summary(&seen));
        assert!(!seen.fixes().contains("access-restriction add"), "{}", seen.fixes());
        assert!(seen.fixes().contains("has no effect, and the first one would block"), "{}", seen.fixes());
    }
}

/// MicrosoftDocs/azure-docs#85717: an app that only takes requests through its private endpoint gives this answer.
#[test]
fn public_network_access_outranks_rules_for_addresses() {
    for (access, said) in [("Disabled", "private endpoint"), ("SecuredByPerimeter", "inbound access rule")] {
        let seen = rejected(&json!({"publicNetworkAccess": access}));
        assert!(summary(&seen).contains(&format!("is {access}")), "{}", summary(&seen));
        let fixes = seen.fixes();
        assert!(fixes.contains(said) && !fixes.contains("access-restriction") && !fixes.contains("/32"), "{fixes}");
    }
}

/// What Azure Resource Manager shows is stored, and a deployment evaluates expressions.
#[test]
fn an_expression_that_is_stored_is_a_value() {
    let refused = || {
        World::of(|head| match head.split(' ').nth(1).unwrap_or_default() {
            "/.auth/me" if Brings::of(head).is_real() => http("403 Forbidden", PASSED, ""),
            _ => behind_easy_auth(head, |_| http("403 Forbidden", PASSED, "")),
        })
    };
    for entry in ["[reference(resourceId('Microsoft.Web/sites','app1')).clientId]", "${app1.identity.clientId}"] {
        let listed = settings(&v1_issuer(), &[RESOURCE], &[entry]);
        let seen = refused().managed(&listed, &json!({})).observe();
        seen.is("caller-not-in-allowed-applications", Certain);
        assert!(summary(&seen).contains(entry), "{}", summary(&seen));
        // A file may be a template: its expressions are evaluated when it is deployed.
        let seen = refused().with_settings(&listed).observe();
        assert_eq!(seen.root(), "undetermined-403");
        assert!(seen.fixes().contains("don't show the value of allowedApplications"), "{}", seen.fixes());
    }
    for secret in [format!("${{{SECRET}}}"), format!("[concat('{SECRET}')]")] {
        assert!(may_be_secret(&secret), "{secret}");
    }
}

/// The names are public, and the next thing that is compared (AADSTS700211, 700212, and 700213).
#[test]
fn the_subject_and_the_issuer_that_entra_quotes_are_shown() {
    for said in [
        "presented assertion subject 'repo:contoso@12345678/app1@987654321:ref:refs/heads/main'. Check",
        "presented assertion subject 'repo:contoso/orders-api-7f3a:environment:Production'.",
        "assertion subject 'repo:contoso/app1:job_workflow_ref:contoso/s/.github/workflows/d.yml@refs/tags/v1.2.3'.",
        "presented assertion subject '/eid1/c/pub/t/zz1b-AbCdE0123456789_A/a/9Xy-2QAbCdE0123456789_/sc/\
         0f8fad5b-d9cb-469f-a165-70867728950e'",
        "presented assertion subject 'arn:aws:iam::123456789012:role/app1-role'.",
        "presented assertion issuer 'https://oidc.eks.eu-west-1.amazonaws.com/id/D48675832CA65BD10A532F597AAA33FA'.",
        "Assertion Subject: 'repo:contoso/orders-api-7f3a:ref:refs/heads/main'",
        "presented assertion subject '108640000000000000000'",
    ] {
        assert_eq!(quote(said), said);
    }
    for said in [
        format!("presented assertion subject '{SECRET}'"),
        format!("presented assertion subject 'repo:{SECRET}'"),
        format!("presented assertion subject 'repo:contoso/{SECRET}:x'"),
        format!("presented assertion issuer 'https://x.example/{SECRET}'"),
        format!("presented assertion issuer 'https://user:{SECRET}@x.example/'"),
        "presented assertion issuer 'https://x.example/D48675832CA65BD10A532F597AAA33FA'".to_owned(),
        "the key /eid1/c/pub/t/zz1b-AbCdE0123456789_A/a/9Xy-2QAbCdE0123456789_/sc".to_owned(),
    ] {
        let shown = quote(&said);
        assert!(shown != said && !shown.contains(SECRET) && shown.contains(['…', '@']), "{shown}");
    }
}

/// ASP.NET Core's own sentence, and the name of a policy.
#[test]
fn the_words_of_the_apps_sentence_are_shown() {
    for said in [
        "No authenticationScheme was specified, and there was no DefaultChallengeScheme found.",
        "AuthorizationFailed: policy 'RequireOrdersReaderApplicationRole' was not met",
        "The role \"OrdersApplicationReaderWriter\" is missing",
    ] {
        assert_eq!(quote(said), said);
    }
    for said in
        ["policy 'VbNMqWeRtYuIoPaSdFgHjKlZxC'", "policy 'Vbnmqwertyuiopasdfghjklzxc'", "the CorrectHorseBatteryStaple"]
    {
        assert!(quote(said).contains("[…]"), "{}", quote(said));
    }
}

/// The app's own challenge tells what is missing; a 405 tells the methods.
#[test]
fn what_the_answers_headers_say_is_shown() {
    let answered = |status: &'static str, headers: &'static str| {
        let world = World::of(move |head| behind_easy_auth(head, |_| http(status, &format!("{PASSED}{headers}"), "")));
        world.with_settings(&settings(&v1_issuer(), &[RESOURCE], &[CALLER])).observe()
    };
    for (status, headers, said) in [
        (
            "403 Forbidden",
            "www-authenticate: Bearer error=\"insufficient_scope\", scope=\"Orders.Write\"\r\n",
            "Orders.Write",
        ),
        ("401 Unauthorized", "www-authenticate: Bearer realm=\"orders-internal\"\r\n", "orders-internal"),
        ("401 Unauthorized", "www-authenticate: Bearer\r\nwww-authenticate: Basic realm=\"two\"\r\n", "Basic realm="),
        (
            "401 Unauthorized",
            "www-authenticate: ApiKey realm=\"o\", header=\"X-Api-Key\"\r\n",
            "in the header X-Api-Key",
        ),
        ("405 Method Not Allowed", "allow: POST\r\n", "allows POST"),
    ] {
        let seen = answered(status, headers);
        let root = format!("{:?}", seen.0.diagnosis().root_cause).replace("\\\"", "\"");
        assert!(root.contains(said), "{headers}: {root}");
        assert!(!root.contains("same Authorization header") || !headers.contains("ApiKey"), "{root}");
    }
}

/// What refuses the call has settings of its own, and each has other names.
#[test]
fn the_fix_is_for_the_product_that_refuses() {
    let refused = |status: &'static str, headers: &str, body: &'static str| {
        let answer = http(status, headers, body);
        World::of(move |head| behind_easy_auth(head, |_| answer.clone())).observe()
    };
    let kong = format!("server: kong/3.4.2\r\nwww-authenticate: Bearer\r\n{JSON}");
    let amazon = format!("x-amzn-errortype: UnauthorizedException\r\n{JSON}");
    for (headers, body, product) in [
        (kong.as_str(), r#"{"message": "Unauthorized"}"#, "In Kong, check the authentication plugin"),
        (PLAIN, "Audiences in Jwt are not allowed", "jwtRules of RequestAuthentication"),
        (amazon.as_str(), r#"{"message": "Unauthorized"}"#, "check the authorizer of the route"),
    ] {
        let seen = refused("401 Unauthorized", headers, body);
        seen.is("app-validates-token-itself", Likely);
        let fixes = seen.fixes();
        assert!(fixes.contains(product) && fixes.contains(RESOURCE), "{fixes}");
        assert!(!fixes.contains("API Management"), "{fixes}");
    }
    // The text of Azure Firewall's application rules, as users report it.
    for body in [
        "HTTP request from 10.0.0.4:49152 to app2.azurewebsites.net:443. Action: Deny. No rule matched. \
         Proceeding with default action",
        "Action: Deny. Reason: No rule matched. Proceeding with default action.",
    ] {
        let seen = refused("470 status code 470", PLAIN, body);
        seen.is("network-access-restricted", Likely);
        assert!(seen.fixes().contains("in the rules of Azure Firewall"), "{}", seen.fixes());
    }
}

/// The key that was sent isn't the function's.
#[test]
fn a_key_that_was_sent_is_not_asked_for() {
    let host = |head: &str| behind_easy_auth(head, |_| http("401 Unauthorized", PASSED, ""));
    let world = World::of(host).with_settings(&settings(&v1_issuer(), &[RESOURCE], &[CALLER, ID]));
    let seen = world.at("/runtime/webhooks/x?code=abc").observe();
    let says = seen.0.diagnosis();
    let found = format!("{says:?}");
    assert!(!found.contains("FunctionKeyRequired") || found.contains("key that was sent"), "{found}");
}
