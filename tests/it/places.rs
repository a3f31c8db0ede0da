//! What is printed names only what App 1's host and App 2's kind have: every scenario judged again on each of them, and
//! what the knowledge base has for every code.

use std::collections::BTreeSet;

use easyauth_doctor::case::Case;
use easyauth_doctor::case::code::Code;
use easyauth_doctor::case::environment::{Place, Variable, VariableValue};
use easyauth_doctor::case::resource_id::ResourceId;
use easyauth_doctor::diagnosis::Change;
use easyauth_doctor::knowledge;
use easyauth_doctor::knowledge::Found;
use easyauth_doctor::report::{Fix, Report, fixes};

use crate::helpers::observing::{self, Observed};

/// App 2: the name of its kind, its resource ID behind the group, and its `kind`.
const TARGETS: [(&str, &str, &str); 5] = [
    ("web app", "Microsoft.Web/sites/app2", "app,linux"),
    ("slot", "Microsoft.Web/sites/app2/slots/blue", "app"),
    ("function app", "Microsoft.Web/sites/app2", "functionapp,linux"),
    ("logic app", "Microsoft.Web/sites/app2", "functionapp,linux,workflowapp"),
    ("container app", "Microsoft.App/containerApps/app2", "containerapps"),
];

/// App 1: the name of its host, and the variables that tell it.
const HOSTS: [(&str, &[&str]); 12] = [
    ("web app", &["WEBSITE_SITE_NAME=app1"]),
    ("function app", &["WEBSITE_SITE_NAME=app1", "FUNCTIONS_EXTENSION_VERSION=~4"]),
    ("logic app", &["WEBSITE_SITE_NAME=app1", "APP_KIND=workflowApp"]),
    ("container app", &["CONTAINER_APP_NAME=app1"]),
    ("pod", &["KUBERNETES_SERVICE_HOST=10.0.0.1"]),
    ("virtual machine", &["AZURE_POD_IDENTITY_AUTHORITY_HOST=http://127.0.0.1:1"]),
    ("Azure Arc", &["IDENTITY_ENDPOINT=http://localhost:40342/x", "IMDS_ENDPOINT=http://localhost:40342"]),
    (
        "Service Fabric",
        &["IDENTITY_ENDPOINT=https://localhost:2377", "IDENTITY_HEADER=x", "IDENTITY_SERVER_THUMBPRINT=x"],
    ),
    ("Azure ML", &["MSI_ENDPOINT=identity-responder-not-enabled"]),
    ("Cloud Shell", &["MSI_ENDPOINT=http://localhost:50342/oauth2/token"]),
    ("pipeline", &["GITHUB_ACTIONS=true"]),
    ("laptop", &[]),
];

const SITES: &[&str] = &["web app", "slot", "function app", "logic app"];
const EVERYWHERE: &[&str] = &["web app", "slot", "function app", "logic app", "container app"];
const MACHINES: &[&str] = &["virtual machine", "pod"];

/// Words, and the kinds and hosts that have what they name. Of two words for the same text, the first counts.
const WORDS: &[(&str, &[&str])] = &[
    // The extension authV2 and the logs have no other group for the other kinds of sites.
    ("az webapp auth ", SITES),
    ("az webapp log ", &["web app", "slot", "function app"]),
    // These tell which of the two it is.
    ("az webapp list ", &["web app", "slot", "function app"]),
    ("az functionapp list ", &["web app", "slot", "function app"]),
    ("az webapp ", &["web app", "slot"]),
    ("az functionapp ", &["function app"]),
    ("az logicapp ", &["logic app"]),
    ("az appservice ", SITES),
    ("az containerapp ", &["container app"]),
    ("az vm ", MACHINES),
    ("az vmss ", MACHINES),
    ("az aks ", &["pod"]),
    ("kubectl ", &["pod"]),
    ("azcmagent", &["Azure Arc"]),
    ("himds", &["Azure Arc"]),
    ("Azure Machine Learning", &["Azure ML"]),
    ("application manifest", &["Service Fabric"]),
    ("Microsoft.Web/", SITES),
    ("Microsoft.App/", &["container app"]),
    ("Microsoft.Compute/", MACHINES),
    ("azurerm_linux_web_app", &["web app", "slot"]),
    ("azurerm_windows_web_app", &["web app", "slot"]),
    ("function_app", &["function app"]),
    ("azurerm_logic_app_standard", &["logic app"]),
    ("azurerm_container_app", &["container app"]),
    ("active_directory_v2", &["web app", "slot", "function app"]),
    ("auth_settings_v2", &["web app", "slot", "function app"]),
    ("Set-AzWebApp", &["web app", "slot"]),
    ("Update-AzFunctionApp", &["function app"]),
    ("siteConfig", SITES),
    ("site_config", SITES),
    ("appSettings", SITES),
    ("app_settings", SITES),
    ("appsettings", SITES),
    ("app setting", SITES),
    ("App Service", SITES),
    ("Kudu", SITES),
    ("Advanced Tools", SITES),
    // In the portal, of the static web app that has App 2 as its backend.
    ("Settings > APIs", EVERYWHERE),
    ("Settings > ", SITES),
    ("Always on", SITES),
];

fn on(case: &Case, target: (&str, &str, &str), variables: &[&str]) -> Case {
    let mut case = case.clone();
    let group = "/subscriptions/11112222-3333-4444-5555-666677778888/resourceGroups/rg1/providers";
    case.inputs.target_resource_id = Some(ResourceId::new(format!("{group}/{}", target.1)));
    let mut site = case.site.take().unwrap_or_default();
    (site.id, site.kind) = (case.inputs.target_resource_id.clone(), Some(target.2.to_owned()));
    case.site = Some(site);
    let mut environment = case.environment.take().unwrap_or_default();
    environment.variables = variables
        .iter()
        .chain(&["WEBSITE_OWNER_NAME=11112222-3333-4444-5555-666677778888+x", "WEBSITE_RESOURCE_GROUP=rg1"])
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| Variable {
            name: name.to_owned(),
            value: VariableValue::Plain(value.to_owned()),
            place: Place::Process,
        })
        .collect();
    case.environment = Some(environment);
    case
}

fn of_fixes(code: Code, fixes: &[Fix], all: &mut Vec<(Code, String)>) {
    for fix in fixes {
        all.push((code, fix.text.clone()));
        all.extend(fix.caution.clone().map(|caution| (code, caution)));
    }
}

/// What a report says of its findings, and how to confirm and fix them.
fn texts(report: &Report) -> Vec<(Code, String)> {
    let mut all = Vec::new();
    let diagnosis = report.diagnosis();
    if let Some(cause) = &diagnosis.root_cause {
        all.push((cause.code, cause.summary.clone()));
        of_fixes(cause.code, &cause.fixes, &mut all);
    }
    for other in &diagnosis.alternatives {
        all.extend([&other.summary, &other.distinguish].map(|text| (other.code, text.clone())));
    }
    for next in &diagnosis.next {
        all.push((next.code, next.summary.clone()));
        of_fixes(next.code, &next.fixes, &mut all);
    }
    for finding in report.steps().iter().flat_map(|step| &step.findings) {
        all.push((finding.code, finding.message.clone()));
    }
    all
}

/// What the knowledge base has for every code in such a case.
fn of_codes(case: &Case) -> Vec<(Code, String)> {
    let mut all = Vec::new();
    for code in Code::ALL.iter().copied() {
        let found = Found::error(code, "x").value("egress_ip", "203.0.113.7");
        of_fixes(code, &fixes::fill(case, &found, &Change::OfCode, &str::to_owned), &mut all);
        let entry = knowledge::finding(code).unwrap();
        let confirmations = entry.confirm.iter().filter(|(key, _)| !OF_ONE_PLACE.contains(key));
        all.extend(confirmations.map(|(_, text)| (code, text.fill(&|name| fixes::value(case, name)))));
    }
    all
}

/// Sentences that are said of one kind or host only.
const OF_ONE_PLACE: [&str; 4] = ["container-app", "logic-apps", "arc", "no-middleware"];

/// Codes that only one kind of host or app has, and two that name whose token it is and for whose issuer a way is.
const OF_HOSTS: [Code; 5] = [
    Code::AssertionIssuerUnreachable,
    Code::IdentityUnsupportedOnHost,
    Code::WorkloadIdentityIncomplete,
    Code::FunctionKeyRequired,
    Code::TokenNotFromEntra,
];

fn foreign(text: &str, places: [&str; 2]) -> Option<&'static str> {
    let mut text = text.to_owned();
    for (word, has) in WORDS {
        if !text.contains(word) {
            continue;
        }
        if !has.iter().any(|place| places.contains(place)) {
            return Some(word);
        }
        text = text.replace(word, "");
    }
    None
}

#[test]
fn what_is_printed_fits_the_place() {
    let container_app = TARGETS[4];
    let machine = HOSTS[5];
    let mut pairs: Vec<_> = TARGETS.iter().map(|target| (*target, machine)).collect();
    pairs.extend(HOSTS.iter().map(|host| {
        let is_site = SITES.contains(&host.0);
        (if is_site { container_app } else { TARGETS[0] }, *host)
    }));
    let wrong = observing::side_by_side(pairs, |(target, host)| {
        let mut wrong = BTreeSet::new();
        let mut seen = 0;
        let mut check = |from: &str, texts: Vec<(Code, String)>| {
            for (code, text) in texts.iter().filter(|(code, _)| !OF_HOSTS.contains(code)) {
                seen += 1;
                if let Some(word) = foreign(text, [target.0, host.0]) {
                    wrong.insert((*code, word, text.clone(), from.to_owned()));
                }
            }
        };
        // The resource ID there is another app's, so it doesn't show what App 2 is.
        let of_app_2 = |observed: &&&Observed| observed.scenario.name != "resource-undetermined-another-app";
        for observed in observing::all_with_settings().iter().filter(of_app_2) {
            let case = on(observed.report.observed(), target, host.1);
            check(&observed.scenario.name, texts(&Report::of(case)));
        }
        check("its code", of_codes(&on(observing::of("healthy", true).report.observed(), target, host.1)));
        assert!(seen > 1000, "{seen}");
        let mut once = BTreeSet::new();
        let mut lines = Vec::new();
        for (code, word, text, from) in wrong {
            if once.insert((code, word, text.clone())) {
                lines.push(format!("{code}: {word:?} from {from}, App 1 {}, App 2 {}:\n{text}", host.0, target.0));
            }
        }
        lines
    });
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{} texts:\n{}", wrong.len(), wrong.join("\n--\n"));
}

/// The ways to fix a code on a host of App 1, with App 2 as a kind.
fn ways(code: Code, variables: &[&str], target: usize) -> Vec<Fix> {
    let case = on(observing::of("healthy", true).report.observed(), TARGETS[target], variables);
    fixes::fill(&case, &Found::error(code, "x"), &Change::OfCode, &str::to_owned)
}

fn has_line(fixes: &[Fix], via: &str, line: &str) -> bool {
    let mut texts = fixes.iter().filter(|fix| fix.via == via);
    texts.any(|fix| fix.text.lines().any(|known| known.trim_start_matches(['#', ' ']) == line))
}

#[test]
fn hosts_without_a_command_of_their_own_have_their_own_ways() {
    let host = |name: &str| HOSTS.iter().find(|(known, _)| *known == name).unwrap().1;
    for (code, name, via, line) in [
        (
            Code::IdentityNotEnabled,
            "virtual machine",
            "az",
            "az vmss identity assign --name \"<App 1's scale set>\" --resource-group \"<its group>\"",
        ),
        (
            Code::SelectedIdentityNotAttached,
            "virtual machine",
            "az",
            "az vmss identity assign --name \"<App 1's scale set>\" --resource-group \"<its group>\" \
             --identities \"<the identity's resource ID>\"",
        ),
        (
            Code::SelectedIdentityNotAttached,
            "container app",
            "az",
            "az containerapp identity assign --name \"app1\" --resource-group \"<its group>\" \
             --user-assigned \"<the identity's resource ID>\"",
        ),
        (Code::IdentityNotEnabled, "container app", "bicep", "identitySettings: ["),
        (Code::IdentityNotEnabled, "Service Fabric", "bicep", "type: 'SystemAssigned'"),
        (Code::IdentityNotEnabled, "Azure ML", "terraform", "type = \"SystemAssigned\""),
    ] {
        let fixes = ways(code, host(name), 0);
        assert!(has_line(&fixes, via, line), "{code} on {name}: {fixes:#?}");
    }
    // Service Fabric selects in the manifest, Azure Arc not at all.
    let of_fabric = ways(Code::UserAssignedIdentityNotSelected, host("Service Fabric"), 0);
    assert!(of_fabric.iter().all(|fix| fix.via != "code"), "{of_fabric:#?}");
}

/// A case whose App 2 is behind a front, as the host that is called, a header, or the answer itself names it.
#[test]
fn each_front_has_fixes_of_its_own() {
    let healthy = observing::of("healthy", true).report.observed();
    let named = [
        ("https://x.azure-api.net/api", false, "API Management"),
        ("https://x-1.z01.azurefd.net/api", false, "Front Door"),
        ("https://app2.contoso.com/api", true, "Application Gateway"),
        ("https://lively-1.2.azurestaticapps.net/api", false, "Static Web Apps"),
    ];
    let mut seen = BTreeSet::new();
    for code in [Code::AuthorizationHeaderDropped, Code::TargetNotFound, Code::NetworkAccessRestricted] {
        for (url, answers, name) in named {
            let mut case = healthy.clone();
            case.inputs.target = Some(url.to_owned());
            let mut found = Found::error(code, "x");
            // A firewall is the gateway's where the gateway itself refuses.
            if answers || code == Code::NetworkAccessRestricted {
                found = found.value("gateway", name);
            }
            let all = fixes::fill(&case, &found, &Change::OfCode, &str::to_owned);
            let own: Vec<&str> = all
                .iter()
                .flat_map(|fix| fix.text.lines())
                .filter(|line| line.contains(name) && !line.starts_with("If "))
                .collect();
            // A static web app has no firewall of its own.
            let has_none = name == "Static Web Apps" && code == Code::NetworkAccessRestricted;
            assert!(has_none || !own.is_empty(), "{code} behind {name}: {all:#?}");
            for (_, _, other) in named.iter().filter(|(_, _, other)| *other != name) {
                assert!(own.iter().all(|line| !line.contains(other)), "{code} behind {name}: {own:#?}");
            }
            seen.extend(own.into_iter().map(str::to_owned));
        }
    }
    assert!(seen.len() > 9, "{seen:#?}");
    let front_door = observing::of("caller-not-in-allowed-applications-front-door", true).report.observed();
    assert_eq!(fixes::value(front_door, "front").unwrap().text(), Some("Front Door"));
    assert_eq!(fixes::value(healthy, "front"), None);
}

/// What a scenario's fixes say that lets more in than App 1, and what the caution of each such fix then says.
const WIDENING: [(&str, &str, &str); 8] = [
    ("workload-identity-incomplete", "kubectl annotate serviceaccount", "every pod of the node pool can use it"),
    ("assignment-required-not-assigned", "appRoleAssignmentRequired=false", "every application in the tenant"),
    ("assignment-required-not-assigned", "set Assignment required to No", "every application in the tenant"),
    ("tenant-not-allowed", "WEBSITE_AUTH_AAD_ALLOWED_TENANTS", "Every application of that tenant"),
    ("foreign-tenant-token", "create a multitenant app registration", "accepts tokens from every tenant"),
    ("unauthenticated-requests-allowed", "Require authentication", "stays open to everyone"),
    ("path-excluded", "excludedPaths, remove", "stays open to everyone"),
    ("network-access-restricted", "access-restriction add", "shares them with other customers"),
];

#[test]
fn a_scenario_with_a_way_that_widens_access_says_so() {
    for (scenario, text, caution) in WIDENING {
        let diagnosis = observing::of(scenario, true).report.diagnosis();
        let cause = diagnosis.root_cause.iter().flat_map(|cause| &cause.fixes);
        // A warning's fixes are in no report.
        let warnings = observing::of(scenario, true).report.steps().iter().flat_map(|step| &step.findings);
        let case = observing::of(scenario, true).report.observed();
        let of_warnings: Vec<Fix> = warnings
            .flat_map(|finding| fixes::fill(case, &Found::error(finding.code, "x"), &Change::OfCode, &str::to_owned))
            .collect();
        let ways: Vec<&Fix> = cause.chain(&of_warnings).filter(|fix| fix.text.contains(text)).collect();
        assert!(!ways.is_empty(), "{scenario}: {text}");
        for fix in ways {
            assert!(fix.caution.as_ref().is_some_and(|said| said.contains(caution)), "{scenario}: {fix:#?}");
        }
    }
    let empty = observing::of("allowed-applications-empty", true).report.steps().iter().flat_map(|step| &step.findings);
    assert!(empty.map(|finding| finding.code).any(|code| code == Code::AllowedApplicationsEmpty));
}
