use serde_json::json;

use super::*;
use crate::case::auth_settings::{AuthSettings, SettingsReading, SettingsSource};
use crate::case::code::Code;
use crate::case::credential::CredentialSource;
use crate::case::inputs::Inputs;
use crate::case::issuer::Issuer;
use crate::case::resource_id::ResourceId;
use crate::case::token::{AcquiredToken, DecodedToken};

const CALLER: &str = "aaaaaaaa-0000-0000-0000-000000000001";
const OBJECT: &str = "aaaaaaaa-0000-0000-0000-000000000002";
const TARGET: &str = "bbbbbbbb-0000-0000-0000-000000000001";
const TENANT: &str = "cccccccc-0000-0000-0000-000000000001";

fn case_with(audience: &str, settings: bool) -> Case {
    let inputs = Inputs {
        target: Some("https://app2.azurewebsites.net/api/hello".to_owned()),
        target_resource_id: Some(ResourceId::new(
            "/subscriptions/s1/resourceGroups/g1/providers/Microsoft.Web/sites/app2/slots/it's",
        )),
        ..Inputs::default()
    };
    let mut case = Case::new(inputs, chrono::DateTime::UNIX_EPOCH);
    let claims = [
        ("aud", audience),
        ("appid", CALLER),
        ("oid", OBJECT),
        ("tid", TENANT),
        ("ver", "1.0"),
        ("iss", &format!("https://sts.windows.net/{TENANT}/")),
    ];
    case.token = Some(AcquiredToken {
        source: CredentialSource::Token,
        resource: None,
        response: Vec::new(),
        decoded: DecodedToken {
            claims: claims.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect(),
            ..DecodedToken::default()
        },
        signature: None,
    });
    if settings {
        let object = json!({"id": "x", "properties": {"platform": {"enabled": true}, "identityProviders": {
            "azureActiveDirectory": {"registration": {"clientId": TARGET, "openIdIssuer": "https://wrong/v2.0"},
            "validation": {"allowedAudiences": ["api://one"],
            "defaultAuthorizationPolicy": {"allowedApplications": [TARGET]}}}}}});
        case.settings.push(SettingsReading {
            source: SettingsSource::ResourceManager,
            outcome: Ok(Box::new(AuthSettings::from_json(&object).unwrap())),
        });
    }
    case
}

fn text(fixes: &[Fix], via: &str) -> String {
    fixes.iter().find(|fix| fix.via == via).map(|fix| fix.text.clone()).unwrap_or_default()
}

#[test]
fn lists_are_extended_and_never_replaced() {
    let case = case_with("api://two", true);
    let finding = Found::error(Code::CallerNotInAllowedApplications, "x");
    let fixes = fill(&case, &finding, &Change::OfCode, &str::to_owned);
    assert!(text(&fixes, "bicep").contains(&format!("allowedApplications: ['{TARGET}', '{CALLER}']")), "{fixes:?}");
    assert!(text(&fixes, "terraform").contains(&format!("allowed_applications = [\"{TARGET}\", \"{CALLER}\"]")));
    assert!(text(&fixes, "portal").contains(CALLER) && text(&fixes, "portal").contains(OBJECT));
    assert!(text(&fixes, "az").contains("--method put"));
    let unknown = fill(&case_with("api://two", false), &finding, &Change::OfCode, &str::to_owned);
    assert!(!text(&unknown, "bicep").contains("allowedApplications: ["), "{unknown:?}");
    let advice = text(&unknown, "bicep");
    assert!(
        advice.lines().any(|line| line.contains("concat(currentApplications, [") && line.contains(CALLER)),
        "{advice}"
    );
}

#[test]
fn names_from_the_wire_stay_one_word_of_the_shell() {
    let case = case_with("api://it's $(x)", true);
    let az = text(&fill(&case, &Found::error(Code::AudienceNotAllowed, "x"), &Change::OfCode, &str::to_owned), "az");
    let words: Vec<String> =
        az.lines().filter_map(|line| shlex::split(line.trim_start_matches("# "))).flatten().collect();
    let has = |part: &str| words.iter().any(|word| word.contains(part));
    assert!(has(r#"+ ["api://it's $(x)"] |"#), "{az}");
    assert!(has("/slots/it's/config/authsettingsV2?api-version="), "{az}");
    let log = text(&fill(&case, &Found::error(Code::AppError, "x"), &Change::OfCode, &str::to_owned), "az");
    let words = log.lines().find_map(|line| shlex::split(line).filter(|words| words.contains(&"--slot".to_owned())));
    assert!(words.unwrap().contains(&"it's".to_owned()), "{log}");
}

#[test]
fn an_unknown_resource_id_gives_the_way_to_find_it() {
    let mut case = case_with("api://two", true);
    case.inputs.target_resource_id = None;
    let az = text(&fill(&case, &Found::error(Code::AudienceNotAllowed, "x"), &Change::OfCode, &str::to_owned), "az");
    assert!(az.contains("contains(hostNames, 'app2.azurewebsites.net')"), "{az}");
    assert!(!az.contains("--method put"), "{az}");
    // No app has the host name of a gateway.
    for (host, front) in [
        ("contoso.azure-api.net", "API Management"),
        ("contoso.z01.azurefd.net", "Front Door"),
        ("polite-sand.7.azurestaticapps.net", "Static Web Apps"),
    ] {
        case.inputs.target = Some(format!("https://{host}/api"));
        let found = Found::error(Code::AudienceNotAllowed, "x");
        let az = text(&fill(&case, &found, &Change::OfCode, &str::to_owned), "az");
        assert!(!az.contains("contains(hostNames") && az.contains(&format!("that of {front}")), "{az}");
    }
}

#[test]
fn the_edited_settings_hold_everything_and_the_change() {
    let case = case_with("api://two", true);
    let edited = |code| edited_settings(&case, &[&Found::error(code, "x")]).unwrap().0;
    let provider = |json: &serde_json::Value| json["properties"]["identityProviders"]["azureActiveDirectory"].clone();
    let audience = edited(Code::AudienceNotAllowed);
    assert_eq!(provider(&audience)["validation"]["allowedAudiences"], json!(["api://one", "api://two"]));
    assert_eq!(audience["properties"]["platform"]["enabled"], json!(true));
    let applications = provider(&edited(Code::CallerNotInAllowedApplications));
    let policy = &applications["validation"]["defaultAuthorizationPolicy"];
    assert_eq!(policy["allowedApplications"], json!([TARGET, CALLER]));
    let identities = provider(&edited(Code::PrincipalNotInAllowedIdentities));
    let policy = &identities["validation"]["defaultAuthorizationPolicy"];
    assert_eq!(policy["allowedPrincipals"]["identities"], json!([OBJECT]));
    let issuer = provider(&edited(Code::IssuerNotAccepted));
    assert_eq!(issuer["registration"]["openIdIssuer"], json!(format!("https://sts.windows.net/{TENANT}/")));
    assert!(edited_settings(&case, &[&Found::error(Code::AppError, "x")]).is_none());
    let none = case_with("api://two", false);
    assert!(edited_settings(&none, &[&Found::error(Code::AudienceNotAllowed, "x")]).is_none());
}

#[test]
fn a_token_for_another_api_is_never_allowed_as_an_audience() {
    let case = case_with("https://management.azure.com", true);
    for code in [Code::AudienceNotAllowed, Code::TokenForWrongResource] {
        for fix in fill(&case, &Found::error(code, "x"), &Change::OfCode, &str::to_owned) {
            assert!(!fix.text.contains("+ [\"https://management.azure.com\"]"), "{code}: {}", fix.text);
            assert!(!fix.text.contains(": add https://management.azure.com"), "{code}: {}", fix.text);
        }
    }
    assert!(edited_settings(&case, &[&Found::error(Code::AudienceNotAllowed, "x")]).is_none());
}

#[test]
fn the_registration_is_turned_towards_what_the_issuer_url_stands_for() {
    let mut case = case_with("api://two", true);
    let finding = Found::error(Code::AudienceTokenVersionMismatch, "x");
    let set_issuer = |case: &mut Case, issuer: &str| {
        let settings = case.settings[0].outcome.as_mut().unwrap();
        settings.entra.as_mut().unwrap().issuer = Some(Issuer::new(issuer));
    };
    set_issuer(&mut case, &format!("https://login.microsoftonline.com/{TENANT}/v2.0"));
    assert!(
        text(&fill(&case, &finding, &Change::OfCode, &str::to_owned), "az")
            .contains("--requested-access-token-version \"2\"")
    );
    set_issuer(&mut case, &format!("https://sts.windows.net/{TENANT}/"));
    assert!(
        !text(&fill(&case, &finding, &Change::OfCode, &str::to_owned), "az")
            .contains("--requested-access-token-version")
    );
}
