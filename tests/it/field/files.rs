//! Field cases of what is read of App 2: files with several apps, files that aren't what runs, entries that nobody
//! sees, parts of the policy that are parts of one answer, and other registrations' names.

use easyauth_doctor::case::Case;
use easyauth_doctor::case::auth_settings::{AuthSettings, SettingsError, SettingsReading, SettingsSource, Wanted};
use easyauth_doctor::case::code::Code;
use easyauth_doctor::case::exchange::{Outcome, Purpose};
use easyauth_doctor::case::ids::ClientId;
use easyauth_doctor::case::registration::Registration;
use easyauth_doctor::case::resource_id::ResourceId;
use easyauth_doctor::evidence::target;
use easyauth_doctor::line::loopback;
use easyauth_doctor::probe;
use easyauth_doctor::report::{Confidence, Report};
use rstest::rstest;
use serde_json::{Value, json};

use crate::field::settings::world;
use crate::helpers::observing::{self, root};

const TRAP: &str = "caller-not-in-allowed-applications";
const SITES: &str =
    "/subscriptions/11112222-3333-4444-5555-666677778888/resourceGroups/rg/providers/Microsoft.Web/sites";
const APPS: &str =
    "/subscriptions/11112222-3333-4444-5555-666677778888/resourceGroups/rg/providers/Microsoft.App/containerApps";
const FOREIGN: &str = "99998888-7777-4666-8555-444433332222";
const GROUP: &str = "aaaabbbb-cccc-4ddd-8eee-ffff00001111";
const ENTRA: &str = "/identityProviders/azureActiveDirectory";

fn with_settings(mut case: Case, settings: AuthSettings) -> Report {
    let source = SettingsSource::File("settings.json".to_owned());
    case.settings = vec![SettingsReading { source, outcome: Ok(Box::new(settings)) }];
    Report::of(case)
}

/// The 403 of a policy that allows App 2 only, with these settings instead.
fn judged(change: impl FnOnce(&mut Value, &Ids)) -> (Report, Value, Ids) {
    let (case, mut properties) = world(TRAP);
    let ids = Ids::of(&case, &properties);
    change(&mut properties, &ids);
    let file = json!({"name": "authsettingsV2", "properties": properties});
    let settings = AuthSettings::from_bytes(file.to_string().as_bytes()).unwrap();
    (with_settings(case, settings), properties, ids)
}

struct Ids {
    caller: String,
    object: String,
    own: String,
}

impl Ids {
    fn of(case: &Case, properties: &Value) -> Self {
        let token = &case.token.as_ref().unwrap().decoded;
        Self {
            caller: token.caller_client_id().unwrap().to_string(),
            object: token.object_id().unwrap().to_string(),
            own: properties.pointer(ENTRA).unwrap()["registration"]["clientId"].as_str().unwrap().to_owned(),
        }
    }
}

fn validation(properties: &mut Value) -> &mut Value {
    &mut properties.pointer_mut(ENTRA).unwrap()["validation"]
}

fn edited(report: &Report) -> Option<Value> {
    report.edited_settings().map(|(edited, _)| edited["properties"].clone())
}

fn ways(report: &Report) -> Vec<&str> {
    let cause = report.diagnosis().root_cause.as_ref().unwrap();
    cause.fixes.iter().map(|fix| fix.via.as_str()).collect()
}

/// Whatever is printed can be pasted: no entry of a list, and no word of a command, is left out of it.
fn prints_nothing_redacted(report: &Report) {
    for fix in &report.diagnosis().root_cause.as_ref().unwrap().fixes {
        assert!(!fix.text.contains("redacted") && !fix.text.contains("\\u{"), "{}", fix.text);
    }
}

// ------------------------------------------------------------------------------------------- several apps

fn own(id: &str, name: &str, client: &str) -> Value {
    json!({"id": id, "name": name, "type": "x", "properties": {
        "platform": {"enabled": true},
        "identityProviders": {"azureActiveDirectory": {"registration": {"clientId": client}, "validation": {
            "defaultAuthorizationPolicy": {"allowedApplications": [client]}}}}}})
}

fn of_site(site: &str, client: &str) -> Value {
    own(&format!("{SITES}/{site}/config/authsettingsV2"), "authsettingsV2", client)
}

fn listed(settings: &AuthSettings) -> &str {
    settings.entra.as_ref().unwrap().allowed_applications.as_ref().unwrap()[0].as_str()
}

fn read(file: &Value, host: Option<&str>, id: Option<&str>) -> Result<String, SettingsError> {
    let id = id.map(ResourceId::new);
    let wanted = Wanted { host, id: id.as_ref() };
    AuthSettings::from_bytes_for(file.to_string().as_bytes(), wanted).map(|settings| listed(&settings).to_owned())
}

/// The settings that are taken are those of the app that is asked about, whichever place they have.
#[rstest]
#[case::a_list(|all: Vec<Value>| json!(all))]
#[case::az_rest(|all: Vec<Value>| json!({"value": all}))]
#[case::powershell(|all: Vec<Value>| json!({"StatusCode": 200, "Content": json!({"value": all}).to_string()}))]
#[case::named_by_its_site(|all: Vec<Value>| {
    let rename = |mut one: Value| { one["name"] = json!("app2/authsettingsV2"); one };
    json!(all.into_iter().map(rename).collect::<Vec<_>>())
})]
fn of_several_apps_the_targets_settings_are_read(#[case] form: fn(Vec<Value>) -> Value) {
    let file = form(vec![of_site("app3", "three"), of_site("app2/slots/staging", "slot"), of_site("app2", "two")]);
    let by_id = |site: &str| read(&file, Some("orders.contoso.com"), Some(&format!("{SITES}/{site}")));
    assert_eq!(by_id("app2"), Ok("two".to_owned()));
    assert_eq!(by_id("APP2"), Ok("two".to_owned()));
    assert_eq!(by_id("app2/slots/staging"), Ok("slot".to_owned()));
    assert!(matches!(by_id("app4"), Err(SettingsError::SeveralApps { .. })));
    let by_host = |host| read(&file, Some(host), None);
    assert_eq!(by_host("app2.azurewebsites.net"), Ok("two".to_owned()));
    assert_eq!(by_host("app2-staging.azurewebsites.net:443"), Ok("slot".to_owned()));
    for host in ["orders.contoso.com", "127.0.0.1:8080", "app20.azurewebsites.net"] {
        assert!(matches!(by_host(host), Err(SettingsError::SeveralApps { .. })), "{host}");
    }
    // The host name of another app doesn't outrank the ID.
    let both = read(&file, Some("app3.azurewebsites.net"), Some(&format!("{SITES}/app4")));
    assert!(both.is_err(), "{both:?}");
}

#[test]
fn container_apps_and_slots_of_a_template_are_told_apart() {
    let current = |app: &str, client: &str| own(&format!("{APPS}/{app}/authConfigs/current"), "current", client);
    let file = json!({"value": [current("ca1", "one"), current("ca2", "two")]});
    assert_eq!(read(&file, None, Some(&format!("{APPS}/ca2"))), Ok("two".to_owned()));
    assert!(read(&file, None, None).is_err());
    let resource = |name: &str, kind: &str, client: &str| {
        let properties = &of_site("x", client)["properties"];
        json!({"type": kind, "name": name, "properties": properties})
    };
    let template = json!({"contentVersion": "1.0.0.0", "resources": [
        resource("app2/staging/authsettingsV2", "Microsoft.Web/sites/slots/config", "slot"),
        resource("app2/authsettingsV2", "Microsoft.Web/sites/config", "two"),
    ]});
    assert_eq!(read(&template, Some("app2.azurewebsites.net"), None), Ok("two".to_owned()));
    assert_eq!(read(&template, Some("app2-staging.azurewebsites.net"), None), Ok("slot".to_owned()));
    assert_eq!(read(&template, None, Some(&format!("{SITES}/app2/slots/staging"))), Ok("slot".to_owned()));
}

/// The settings of one app are another app's as well, where they say so.
#[test]
fn another_apps_settings_are_refused() {
    for file in [of_site("app3", "three"), json!([of_site("app3", "three")])] {
        let refused = |host, id: Option<&str>| read(&file, Some(host), id.map(|id| format!("{SITES}/{id}")).as_deref());
        assert!(matches!(refused("10.0.0.1", Some("app2")), Err(SettingsError::OtherApp { .. })));
        assert!(matches!(refused("10.0.0.1", Some("app3/slots/b")), Err(SettingsError::OtherApp { .. })));
        assert!(matches!(refused("app2.azurewebsites.net", None), Err(SettingsError::OtherApp { .. })));
        assert!(refused("orders.contoso.com", None).is_ok());
        assert!(refused("app3-x1y2z3.westeurope-01.azurewebsites.net", None).is_ok());
    }
}

// ------------------------------------------------------------------------------------------- placeholders

/// A list with an entry that another tool fills in isn't known.
#[test]
fn what_another_tool_fills_in_is_not_known() {
    for placeholder in [
        "${app1.identity.clientId}",
        "$(app1ClientId)",
        "$[variables.app1]",
        "${{ vars.APP1 }}",
        "{{ .Values.app1.clientId }}",
        "#{App1ClientId}#",
        "__APP1_CLIENT_ID__",
        "%APP1_CLIENT_ID%",
        "<client-id-of-app1>",
        "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/x)",
        "@parameters('app1')",
        "$APP1_CLIENT_ID",
        "$env:APP1_CLIENT_ID",
        "api://${azuread_application.app1.client_id}",
        "api://<client-id>/",
        "{clientId}",
        "***",
        "(known after apply)",
        "module.app1.client_id",
        "YOUR_CLIENT_ID",
        "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
    ] {
        let (report, ..) = judged(|properties, ids| {
            let policy = &mut validation(properties)["defaultAuthorizationPolicy"];
            policy["allowedApplications"] = json!([ids.own, placeholder]);
        });
        let (code, confidence) = root(&report).unwrap();
        assert_eq!((code, confidence), (Code::Undetermined403, Confidence::Possible), "{placeholder}");
        assert_eq!(edited(&report), None, "{placeholder}");
    }
}

#[test]
fn what_only_looks_like_a_placeholder_is_a_value() {
    for value in [FOREIGN, &format!("{{{FOREIGN}}}"), "app1-identity", "api://orders", "https://x/a%20b%2Fc%7Bd%7D"] {
        let (report, ..) = judged(|properties, ids| {
            let policy = &mut validation(properties)["defaultAuthorizationPolicy"];
            policy["allowedApplications"] = json!([ids.own, value]);
            properties["globalValidation"]["excludedPaths"] = json!(["/odata/$metadata", "/api/{id}"]);
        });
        assert_eq!(root(&report), Some((Code::CallerNotInAllowedApplications, Confidence::Certain)), "{value}");
        assert!(edited(&report).is_some(), "{value}");
        prints_nothing_redacted(&report);
    }
    // What Azure itself shows is what runs.
    let live = AuthSettings::from_json(&own(SITES, "authsettingsV2", "<client-id>")).unwrap();
    assert_eq!(listed(&live), "<client-id>");
}

/// An entry that isn't shown is in no list that is printed.
#[test]
fn a_list_with_an_entry_that_is_not_shown_is_not_printed() {
    let secret = "Qx7Rw2Lp9Tz4Vb8Nk3Mf6Hd1Gs5Jc0Ya";
    let (case, mut properties) = world(TRAP);
    let ids = Ids::of(&case, &properties);
    validation(&mut properties)["defaultAuthorizationPolicy"]["allowedApplications"] = json!([ids.own, secret]);
    let mut case = case;
    case.secrets.learn(secret);
    let report = with_settings(case, AuthSettings::from_json(&json!({"properties": properties})).unwrap());
    assert_eq!(root(&report).unwrap().0, Code::CallerNotInAllowedApplications);
    prints_nothing_redacted(&report);
}

// ------------------------------------------------------------------------------------------- parts of the policy

/// No setting alone replaces the groups that `jwtClaimChecks` requires, least of all a list that locks others out.
#[rstest]
#[case::alone(json!({}), None)]
#[case::beside_groups(json!({"allowedPrincipals": {"groups": [GROUP]}}), None)]
#[case::beside_own_identity(json!({"allowedPrincipals": {"identities": ["{object}"]}}), None)]
#[case::of_the_caller_itself(json!({}), Some("{object}"))]
fn groups_of_claim_checks_are_not_replaced_by_identities(#[case] policy: Value, #[case] group: Option<&str>) {
    let (report, ..) = judged(|properties, ids| {
        let filled = |text: String| text.replace("{object}", &ids.object);
        let validation = validation(properties);
        validation["defaultAuthorizationPolicy"] = serde_json::from_str(&filled(policy.to_string())).unwrap();
        validation["jwtClaimChecks"] = json!({"allowedGroups": [filled(group.unwrap_or(GROUP).to_owned())]});
    });
    assert_eq!(root(&report).unwrap().0, Code::GroupsClaimMissing);
    assert_eq!(report.suggested_assumption(), None);
    assert_eq!(edited(&report), None);
    let ways = ways(&report);
    assert!(ways.contains(&"other") && !ways.contains(&"powershell"), "{ways:?}");
}

/// Groups of the token that aren't the right ones.
#[test]
fn a_caller_in_other_groups_is_not_made_an_identity() {
    let (mut case, mut properties) = world(TRAP);
    let validation = validation(&mut properties);
    validation["defaultAuthorizationPolicy"] = json!({});
    validation["jwtClaimChecks"] = json!({"allowedGroups": [GROUP]});
    case.token.as_mut().unwrap().decoded.claims.push(("groups".to_owned(), json!([FOREIGN])));
    let report = with_settings(case, AuthSettings::from_json(&json!({"properties": properties})).unwrap());
    assert_eq!(root(&report), Some((Code::PrincipalNotInAllowedIdentities, Confidence::Likely)));
    assert_eq!((edited(&report), report.suggested_assumption()), (None, None));
}

/// Every part of the policy that refuses the caller is corrected, and nothing else is changed.
#[rstest]
#[case::both_lists(json!(["{own}"]), json!(["{own}"]), json!(["{own}", "{caller}"]), json!(["{own}", "{caller}"]))]
#[case::checks_alone(json!(["{caller}"]), json!([FOREIGN]), json!(["{caller}"]), json!([FOREIGN, "{caller}"]))]
#[case::policy_alone(json!([FOREIGN]), json!(["{caller}"]), json!([FOREIGN, "{caller}"]), json!(["{caller}"]))]
#[case::object_id(json!(["{object}"]), json!(["{own}"]), json!(["{object}", "{caller}"]), json!(["{own}", "{caller}"]))]
#[case::object_ids(json!(["{object}"]), json!(["{object}"]), json!(["{object}", "{caller}"]),
    json!(["{object}", "{caller}"]))]
fn all_parts_of_the_policy_are_corrected(
    #[case] policy: Value,
    #[case] checks: Value,
    #[case] policy_after: Value,
    #[case] checks_after: Value,
) {
    let fill = |value: &Value, ids: &Ids| -> Value {
        let text = value.to_string().replace("{own}", &ids.own).replace("{caller}", &ids.caller);
        serde_json::from_str(&text.replace("{object}", &ids.object)).unwrap()
    };
    let put = |properties: &mut Value, policy: Value, checks: Value| {
        let validation = validation(properties);
        validation["defaultAuthorizationPolicy"] = json!({"allowedApplications": policy});
        validation["jwtClaimChecks"] = json!({"allowedClientApplications": checks});
    };
    let (report, before, ids) = judged(|properties, ids| put(properties, fill(&policy, ids), fill(&checks, ids)));
    let mut expected = before;
    put(&mut expected, fill(&policy_after, &ids), fill(&checks_after, &ids));
    assert_eq!(edited(&report), Some(expected));
}

// ------------------------------------------------------------------------------------------- texts

#[rstest]
#[case::warning_before(|json| format!("WARNING: x is experimental\n{json}"))]
#[case::warning_after(|json| format!("{json}\nWARNING: The output includes credentials that you must protect.\n"))]
#[case::no_level(|json| format!("{json}\nThe output includes credentials that you must protect.\nSee https://x\n"))]
#[case::colors(|json: String| json.replace('"', "\u{1b}[34m\"\u{1b}[0m"))]
#[case::colored_warning(|json| format!("\u{1b}[33mWARNING: x\u{1b}[0m\n{json}\u{1b}[0m"))]
#[case::python(|json| format!("/opt/az/lib/python3.12/x.py:1: UserWarning: old\n  import y\n{json}"))]
#[case::headers(|json| format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nSet-Cookie: a=b\r\n\r\n{json}"))]
fn messages_around_the_settings_are_skipped(#[case] form: fn(String) -> String) {
    let pretty = serde_json::to_string_pretty(&of_site("app2", "two")).unwrap();
    let settings = AuthSettings::from_bytes(form(pretty).as_bytes()).unwrap();
    assert_eq!(listed(&settings), "two");
}

#[test]
fn other_documents_around_the_settings_are_not_skipped() {
    let json = of_site("app2", "two").to_string();
    for text in [format!("{json}\n{json}"), format!("{json}}}"), format!("{json}\n,{json}"), format!("{{\n{json}")] {
        assert!(matches!(AuthSettings::from_bytes(text.as_bytes()), Err(SettingsError::BrokenJson(_))), "{text}");
    }
    let block = format!(
        "PATH=/bin\nWEBSITE_AUTH_ENABLED=True\nWEBSITE_AUTH_V2_CONFIG_JSON={}\nX=1",
        json!({"platform":
        {"enabled": true}, "identityProviders": {"azureActiveDirectory": {"registration": {"clientId": "two"}}}})
    );
    assert_eq!(AuthSettings::from_bytes(block.as_bytes()).unwrap().enabled, Some(true));
}

/// App settings alone are read for what they show.
#[rstest]
#[case::list(json!([{"name": "WEBSITE_AUTH_AAD_ALLOWED_TENANTS", "slotSetting": false, "value": FOREIGN}]), true)]
#[case::two(json!([{"name": "A", "value": "b"},
    {"name": "WEBSITE_AUTH_AAD_ALLOWED_TENANTS", "value": format!("{GROUP},{FOREIGN}")}]), true)]
#[case::arm(json!({"name": "appsettings", "properties": {"WEBSITE_AUTH_AAD_ALLOWED_TENANTS": FOREIGN}}), true)]
#[case::empty(json!([{"name": "WEBSITE_AUTH_AAD_ALLOWED_TENANTS", "value": ""}]), false)]
fn tenants_in_app_settings_are_judged(#[case] file: Value, #[case] is_refused: bool) {
    let (case, _) = world(TRAP);
    let report = with_settings(case, AuthSettings::from_bytes(file.to_string().as_bytes()).unwrap());
    let expected = (Code::TenantNotAllowed, Confidence::Certain);
    assert_eq!(root(&report) == Some(expected), is_refused, "{:?}", root(&report));
}

/// An ID beside characters that nobody sees is named, and becomes an entry of its own.
#[rstest]
#[case("\u{200b}", true)]
#[case("\u{feff}", true)]
#[case("\u{200e}", true)]
#[case("\n", true)]
#[case("\u{ad}", false)]
fn an_entry_with_invisible_characters_is_named(#[case] sign: &str, #[case] at_the_end: bool) {
    let (report, _, ids) = judged(|properties, ids| {
        let (first, last) = ids.caller.split_at(8);
        let entry = if at_the_end { format!("{}{sign}", ids.caller) } else { format!("{first}{sign}{last}") };
        validation(properties)["defaultAuthorizationPolicy"]["allowedApplications"] = json!([ids.own, entry]);
    });
    assert_eq!(root(&report), Some((Code::CallerNotInAllowedApplications, Confidence::Likely)));
    prints_nothing_redacted(&report);
    let edited = edited(&report).unwrap();
    let list =
        edited.pointer(ENTRA).unwrap()["validation"]["defaultAuthorizationPolicy"]["allowedApplications"].clone();
    let list: Vec<String> = serde_json::from_value(list).unwrap();
    assert_eq!(list.iter().filter(|entry| **entry == ids.caller).count(), 1, "{list:?}");
    assert!(!at_the_end || list.len() == 2, "{list:?}");
}

/// A path that Easy Auth itself refuses without a token isn't excluded, whatever the settings seem to say.
#[rstest]
#[case("/API/Hello")]
#[case("/Api/*")]
#[case("/api/hello")]
fn a_path_that_is_refused_is_not_excluded(#[case] entry: &str) {
    let (report, ..) = judged(|properties, _| properties["globalValidation"]["excludedPaths"] = json!([entry]));
    assert_eq!(root(&report), Some((Code::CallerNotInAllowedApplications, Confidence::Certain)));
}

// ------------------------------------------------------------------------------------------- other names

/// What another registration has is none of App 2's names.
#[test]
fn another_registrations_names_are_not_app_2s() {
    let (mut case, properties) = world(TRAP);
    let own_id = Ids::of(&case, &properties).own;
    let settings = AuthSettings::from_json(&json!({"properties": properties})).unwrap();
    case = with_settings(case, settings).observed().clone();
    let mut belongs = |client: &str, uris: &[&str], name: &str| {
        case.registration = Some(Registration {
            client_id: Some(ClientId::new(client)),
            identifier_uris: Some(uris.iter().map(ToString::to_string).collect()),
            ..Registration::default()
        });
        target::belongs_to_target(&case, name)
    };
    let orders = "https://contoso.com/orders";
    assert_eq!(belongs(&own_id, &[orders], orders), Some(true));
    assert_eq!(belongs(&own_id, &["api://x"], orders), Some(false));
    assert_eq!(belongs(FOREIGN, &[orders], orders), Some(false));
    assert_eq!(belongs(FOREIGN, &["api://x"], orders), None);
    assert_eq!(belongs(FOREIGN, &[], &format!("api://{FOREIGN}")), Some(false));
    assert_eq!(belongs(FOREIGN, &[], &format!("api://{own_id}")), Some(true));
}

/// The audience of a token says what was wrong with the request for it.
#[rstest]
#[case("/.default", Code::ScopeDefaultInResource)]
#[case("/.Default", Code::ScopeDefaultInResource)]
#[case("/user_impersonation", Code::ScopeNameInResource)]
#[case("/access_as_user", Code::ScopeNameInResource)]
#[case("/orders", Code::AudienceNotAllowed)]
fn an_audience_with_a_scope_is_told_from_another_name(#[case] end: &str, #[case] code: Code) {
    let mut case = observing::of("audience-not-allowed", true).report.observed().clone();
    let readings = case.settings.iter().filter_map(|reading| reading.outcome.as_deref().ok());
    let own = readings.filter_map(|settings| settings.entra.as_ref()?.client_id.clone()).next().unwrap();
    case.resource = None;
    case.exchanges.retain(|exchange| exchange.purpose != Purpose::CallOtherAudience);
    for (name, value) in &mut case.token.as_mut().unwrap().decoded.claims {
        if name == "aud" {
            *value = json!(format!("api://{own}{end}"));
        }
    }
    let report = Report::of(case);
    assert_eq!(root(&report).unwrap().0, code);
    let adds = report.suggested_assumption().is_some_and(|change| change.starts_with("allowedAudiences+="));
    assert_eq!(adds, code == Code::AudienceNotAllowed);
}

/// The app names a role in its own 403.
fn refused_for(words: &str, held: &[&str], others: &[&str]) -> Report {
    let mut case = observing::of("app-requires-role-or-scope", true).report.observed().clone();
    let call = case.exchanges.iter_mut().find(|exchange| exchange.purpose == Purpose::CallWithToken).unwrap();
    let Outcome::Answer(answer) = &mut call.outcome else { panic!("{call:?}") };
    answer.body = json!({"error": words}).to_string();
    answer.body_length = answer.body.len() as u64;
    answer.excerpt = None;
    let claims = &mut case.token.as_mut().unwrap().decoded.claims;
    claims.retain(|(name, _)| name != "roles");
    if !held.is_empty() {
        claims.push(("roles".to_owned(), json!(held)));
    }
    case.registration =
        Some(Registration { other_roles: others.iter().map(ToString::to_string).collect(), ..Registration::default() });
    Report::of(case)
}

#[rstest]
#[case::held("Role Orders.Read is required", &["Orders.Read"], Code::AppError)]
#[case::held_among_others("missing role: Orders.Read.", &["Orders.Write", "Orders.Read"], Code::AppError)]
#[case::another("Role Orders.Write is required", &["Orders.Read"], Code::AppRequiresRoleOrScope)]
#[case::longer("Role Orders.Read.All is required", &["Orders.Read"], Code::AppRequiresRoleOrScope)]
#[case::both("has role Orders.Read, needs role Orders.Write", &["Orders.Read"], Code::AppRequiresRoleOrScope)]
#[case::none("Role Orders.Read is required", &[], Code::AppRequiresRoleOrScope)]
fn a_role_that_the_token_has_is_not_missing(#[case] words: &str, #[case] held: &[&str], #[case] code: Code) {
    let report = refused_for(words, held, &[]);
    assert_eq!(root(&report), Some((code, Confidence::Likely)));
}

/// A role that is there for users only, or disabled, isn't made again.
#[test]
fn a_role_that_applications_cannot_have_is_not_made_again() {
    let report = refused_for("Role Orders.Read is required", &[], &["Orders.Read"]);
    assert!(!ways(&report).contains(&"az"), "{:?}", ways(&report));
    for others in [&[][..], &["Orders.Write"], &["Orders"]] {
        let report = refused_for("Role Orders.Read is required", &[], others);
        assert_eq!(root(&report).unwrap().0, Code::AppRequiresRoleOrScope);
        assert!(ways(&report).contains(&"az"), "{others:?}");
    }
}

/// An environment block of App 1 itself isn't App 2's.
#[test]
fn app_1s_own_environment_is_not_app_2s() {
    observing::runtime().block_on(async {
        let scenario = observing::scenarios().iter().find(|scenario| scenario.name == TRAP).unwrap();
        let lab = observing::start(scenario, false).await;
        let folder = tempfile::tempdir().unwrap();
        let prepared = |block: &str, own: &[(&str, &str)], target: Option<&str>| {
            let path = folder.path().join("environ");
            std::fs::write(&path, format!("{block}\nWEBSITE_AUTH_ENABLED=True\n")).unwrap();
            let mut inputs = loopback::prepare(&lab).unwrap().inputs;
            inputs.target_environ = Some(path);
            inputs.target = target.map(str::to_owned).or(inputs.target);
            let variables = own.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            probe::prepare_with(inputs, Some(variables)).is_ok()
        };
        let app1 = [("WEBSITE_SITE_NAME", "app1"), ("WEBSITE_HOSTNAME", "app1.azurewebsites.net")];
        assert!(!prepared("WEBSITE_SITE_NAME=app1", &app1, None));
        assert!(!prepared("CONTAINER_APP_NAME=ca1", &[("CONTAINER_APP_NAME", "ca1")], None));
        assert!(prepared("WEBSITE_SITE_NAME=app2", &app1, None));
        assert!(prepared("WEBSITE_SITE_NAME=app1\nWEBSITE_HOSTNAME=app1-staging.azurewebsites.net", &app1, None));
        let itself = "https://app1.azurewebsites.net/api/hello";
        assert!(prepared("WEBSITE_SITE_NAME=app1\nWEBSITE_HOSTNAME=app1.azurewebsites.net", &app1, Some(itself)));
    });
}
