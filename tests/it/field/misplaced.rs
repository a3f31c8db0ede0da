//! Field cases of App 2's settings: members of the Entra provider in another place than Easy Auth reads them from, IDs
//! in braces, and empty entries. The right answers were written before the first run.

use easyauth_doctor::case::Case;
use easyauth_doctor::case::auth_settings::{AuthSettings, SettingsReading, SettingsSource};
use easyauth_doctor::case::code::Code;
use easyauth_doctor::check;
use easyauth_doctor::evidence::Evidence;
use easyauth_doctor::report::{Confidence, Report, Severity, Verdict};
use rstest::rstest;
use serde_json::{Value, json};

use crate::helpers::observing::{self, candidates, root};

const TRAP: &str = "caller-not-in-allowed-applications";
const PROVIDER: &str = "/identityProviders/azureActiveDirectory";
const POLICY: &str = "/identityProviders/azureActiveDirectory/validation/defaultAuthorizationPolicy";

/// A world with its settings in this form, read from a file.
fn judged(scenario: &str, form: impl Fn(&mut Value)) -> Report {
    let mut case: Case = observing::of(scenario, true).report.observed().clone();
    let stored = case.settings.iter().find_map(|reading| reading.outcome.as_deref().ok()?.editable.clone());
    let mut properties = stored.unwrap()["properties"].clone();
    form(&mut properties);
    case.registration = None;
    case.site = None;
    case.settings = vec![SettingsReading {
        source: SettingsSource::File("settings.json".to_owned()),
        outcome: Ok(Box::new(AuthSettings::from_json(&json!({"properties": properties})).unwrap())),
    }];
    Report::of(case)
}

/// Moves a member to another object, which is made where it isn't there.
fn moved(properties: &mut Value, from: &str, to: &str) {
    let (parent, name) = from.rsplit_once('/').unwrap();
    let value = properties.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).unwrap();
    let mut place = properties;
    for part in to.split('/').skip(1) {
        place = place.as_object_mut().unwrap().entry(part).or_insert(Value::Null);
        if place.is_null() {
            *place = json!({});
        }
    }
    *place = value;
}

/// What the finding about misplaced settings names: where they are, and where they belong.
fn places(report: &Report) -> Vec<(String, String)> {
    let steps = check::all(&Evidence::of(report.observed()));
    let mut found = steps.iter().flat_map(|step| &step.findings);
    let Some(found) = found.find(|found| found.code == Code::ProviderSettingsMisplaced) else {
        return Vec::new();
    };
    let list = |name: &str| match &found.values[name] {
        easyauth_doctor::knowledge::Value::List(items) => items.clone(),
        other => panic!("{other:?}"),
    };
    list("places").into_iter().zip(list("homes")).collect()
}

fn is_contradicted(report: &Report) -> bool {
    let steps = check::all(&Evidence::of(report.observed()));
    let mut found = steps.iter().flat_map(|step| &step.findings);
    found.any(|found| found.says.key() == Some("authorization.settings-contradict"))
}

const V: &str = "azureActiveDirectory.validation";

/// Each is named with the place where Easy Auth reads it.
#[rstest]
#[case::validation_in_registration(
    "/validation",
    "/registration/validation",
    "azureActiveDirectory.registration.validation",
    V
)]
#[case::validation_above("/validation", "../validation", "identityProviders.validation", V)]
#[case::policy_in_provider(
    "/validation/defaultAuthorizationPolicy",
    "/defaultAuthorizationPolicy",
    "azureActiveDirectory.defaultAuthorizationPolicy",
    "azureActiveDirectory.validation.defaultAuthorizationPolicy"
)]
#[case::policy_in_registration(
    "/validation/defaultAuthorizationPolicy",
    "/registration/defaultAuthorizationPolicy",
    "azureActiveDirectory.registration.defaultAuthorizationPolicy",
    "azureActiveDirectory.validation.defaultAuthorizationPolicy"
)]
#[case::audiences_in_registration(
    "/validation/allowedAudiences",
    "/registration/allowedAudiences",
    "azureActiveDirectory.registration.allowedAudiences",
    "azureActiveDirectory.validation.allowedAudiences"
)]
#[case::applications_in_validation(
    "/validation/defaultAuthorizationPolicy/allowedApplications",
    "/validation/allowedApplications",
    "azureActiveDirectory.validation.allowedApplications",
    "azureActiveDirectory.validation.defaultAuthorizationPolicy.allowedApplications"
)]
// Siblings.
#[case::applications_in_claim_checks(
    "/validation/defaultAuthorizationPolicy/allowedApplications",
    "/validation/jwtClaimChecks/allowedApplications",
    "azureActiveDirectory.validation.jwtClaimChecks.allowedApplications",
    "azureActiveDirectory.validation.defaultAuthorizationPolicy.allowedApplications"
)]
#[case::applications_in_principals(
    "/validation/defaultAuthorizationPolicy/allowedApplications",
    "/validation/defaultAuthorizationPolicy/allowedPrincipals/allowedApplications",
    "azureActiveDirectory.validation.defaultAuthorizationPolicy.allowedPrincipals.allowedApplications",
    "azureActiveDirectory.validation.defaultAuthorizationPolicy.allowedApplications"
)]
#[case::policy_in_login(
    "/validation/defaultAuthorizationPolicy",
    "/login/defaultAuthorizationPolicy",
    "azureActiveDirectory.login.defaultAuthorizationPolicy",
    "azureActiveDirectory.validation.defaultAuthorizationPolicy"
)]
#[case::applications_in_login(
    "/validation/defaultAuthorizationPolicy/allowedApplications",
    "/login/allowedApplications",
    "azureActiveDirectory.login.allowedApplications",
    "azureActiveDirectory.validation.defaultAuthorizationPolicy.allowedApplications"
)]
#[case::policy_above_everything(
    "/validation/defaultAuthorizationPolicy",
    "../../globalValidation/defaultAuthorizationPolicy",
    "globalValidation.defaultAuthorizationPolicy",
    "azureActiveDirectory.validation.defaultAuthorizationPolicy"
)]
fn a_policy_in_the_wrong_place_is_named_with_the_right_one(
    #[case] from: &str,
    #[case] to: &str,
    #[case] place: &str,
    #[case] home: &str,
) {
    let to = match to.strip_prefix("../../") {
        Some(rest) => format!("/{rest}"),
        None => match to.strip_prefix("..") {
            Some(rest) => format!("/identityProviders{rest}"),
            None => format!("{PROVIDER}{to}"),
        },
    };
    let form = |properties: &mut Value| moved(properties, &format!("{PROVIDER}{from}"), &to);
    let report = judged(TRAP, form);
    assert_eq!(places(&report), [(place.to_owned(), home.to_owned())]);
    // App 2 refuses the caller, and the file has a policy that isn't in force where it is: nothing contradicts it.
    assert!(!is_contradicted(&report), "{:?}", candidates(&report));
    assert!(candidates(&report).contains(&Code::CallerNotInAllowedApplications));
    // Where App 2 works, it is a warning.
    let report = judged("healthy", form_of_healthy(from, &to));
    assert_eq!(report.verdict(), Verdict::Pass);
    let steps = report.steps().iter().flat_map(|step| &step.findings);
    assert!(steps.clone().all(|found| found.severity != Severity::Error));
}

/// The healthy world may have no such member: then nothing is moved.
fn form_of_healthy<'a>(from: &'a str, to: &'a str) -> impl Fn(&mut Value) + 'a {
    move |properties| {
        let from = format!("{PROVIDER}{from}");
        if properties.pointer(&from).is_some() {
            moved(properties, &from, to);
        }
    }
}

/// Members of the registration and the objects around the provider have their places, too.
#[rstest]
#[case(
    "/registration/clientId",
    "/clientId",
    "azureActiveDirectory.clientId",
    "azureActiveDirectory.registration.clientId"
)]
#[case(
    "/registration/openIdIssuer",
    "/openIdIssuer",
    "azureActiveDirectory.openIdIssuer",
    "azureActiveDirectory.registration.openIdIssuer"
)]
#[case(
    "/registration/openIdIssuer",
    "/registration/issuer",
    "azureActiveDirectory.registration.issuer",
    "azureActiveDirectory.registration.openIdIssuer"
)]
#[case(
    "/registration/clientId",
    "/login/clientId",
    "azureActiveDirectory.login.clientId",
    "azureActiveDirectory.registration.clientId"
)]
#[case(
    "/registration/clientId",
    "/validation/clientId",
    "azureActiveDirectory.validation.clientId",
    "azureActiveDirectory.registration.clientId"
)]
fn a_registration_in_the_wrong_place_is_named_with_the_right_one(
    #[case] from: &str,
    #[case] to: &str,
    #[case] place: &str,
    #[case] home: &str,
) {
    let report = judged("healthy", |properties| {
        moved(properties, &format!("{PROVIDER}{from}"), &format!("{PROVIDER}{to}"));
    });
    assert!(places(&report).contains(&(place.to_owned(), home.to_owned())), "{:?}", places(&report));
}

#[test]
fn a_provider_outside_of_the_providers_is_named() {
    let report = judged("healthy", |properties| {
        moved(properties, PROVIDER, "/azureActiveDirectory");
    });
    assert_eq!(
        places(&report),
        [("azureActiveDirectory".to_owned(), "identityProviders.azureActiveDirectory".to_owned())]
    );
}

/// A single member in a tool's spelling is named beside the spelling that Easy Auth reads, wherever it is.
#[rstest]
#[case("/registration/openIdIssuer", "/registration/open_id_issuer")]
#[case("/validation/defaultAuthorizationPolicy", "/validation/default_authorization_policy")]
#[case(
    "/validation/defaultAuthorizationPolicy/allowedApplications",
    "/validation/defaultAuthorizationPolicy/allowed_applications"
)]
#[case("/validation/allowedAudiences", "/validation/allowed-audiences")]
#[case("/registration/clientId", "/registration/client_id")]
fn a_single_member_in_another_spelling_is_named(#[case] from: &str, #[case] to: &str) {
    let report = judged(TRAP, |properties| {
        moved(properties, &format!("{PROVIDER}{from}"), &format!("{PROVIDER}{to}"));
    });
    let dotted = |path: &str| format!("azureActiveDirectory{}", path.replace('/', "."));
    assert_eq!(places(&report), [(dotted(to), dotted(from))]);
    // Without its client ID the file isn't App 2's, and what it says of the policy is what it says.
    assert!(!is_contradicted(&report) || !from.contains("validation"));
}

/// What is only unknown has no other place, and a member under its own name in another provider is that provider's.
#[test]
fn what_is_only_unknown_is_not_misplaced() {
    let report = judged("healthy", |properties| {
        properties["identityProviders"]["google"] = json!({"registration": {"clientId": "g"}, "validation":
            {"allowedAudiences": ["a"]}});
        properties["identityProviders"]["azureActiveDirectory"]["login"] =
            json!({"loginParameters": ["a=b"], "disableWWWAuthenticate": false});
        properties["login"] = json!({"routes": {"logoutEndpoint": "/out"}, "tokenStore": {"enabled": true}});
    });
    assert_eq!(places(&report), []);
    assert_eq!(report.verdict(), Verdict::Pass);
}

// ------------------------------------------------------------------------------------ entries of lists

fn caller_of(report: &Report) -> String {
    let token = report.observed().token.as_ref().unwrap();
    token.decoded.caller_client_id().unwrap().to_string()
}

/// An entry in braces, in quotation marks, or in parentheses may not be compared as the ID in it.
#[rstest]
#[case("{", "}")]
#[case("\"", "\"")]
#[case("(", ")")]
fn an_id_in_braces_is_shown_and_explained(#[case] open: &str, #[case] close: &str) {
    let caller = caller_of(&judged(TRAP, |_| {}));
    let entry = format!("{open}{caller}{close}");
    let report = judged(TRAP, |properties| {
        properties.pointer_mut(POLICY).unwrap()["allowedApplications"] = json!([entry]);
    });
    assert_eq!(root(&report), Some((Code::CallerNotInAllowedApplications, Confidence::Likely)));
    let steps = check::all(&Evidence::of(report.observed()));
    let mut found = steps.iter().flat_map(|step| &step.findings);
    let found = found.find(|found| found.code == Code::CallerNotInAllowedApplications).unwrap();
    assert_eq!(found.says.key(), Some("joint-entry"));
    // It is no secret: the report shows it.
    let said = &report.diagnosis().root_cause.as_ref().unwrap().summary;
    assert!(said.contains(&caller), "{said}");
}

/// An empty entry allows nobody, and the edited settings don't keep it.
#[rstest]
#[case(json!([""]))]
#[case(json!(["  ", null]))]
fn the_edited_settings_keep_no_empty_entry(#[case] list: Value) {
    let report = judged(TRAP, |properties| {
        properties.pointer_mut(POLICY).unwrap()["allowedApplications"] = list.clone();
    });
    let caller = caller_of(&report);
    let (edited, fixed) = report.edited_settings().unwrap();
    assert_eq!(edited.pointer(&format!("/properties{POLICY}/allowedApplications")), Some(&json!([caller])));
    assert!(fixed.contains(&Code::CallerNotInAllowedApplications));
}
