//! One entry by its key.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::case::code::Code;
use crate::case::exchange::FailureKind;
use crate::case::inputs::CredentialKind;
use crate::case::resource::well_known;
use crate::case::step::StepId;
use crate::case::target_kind::TargetKind;

use super::engine::Text;
use super::finding::{FindingEntry, FixTemplate, GENERAL, Owner};
use super::tables::{
    CLAIMS, ClaimEntry, ENTRA_ERRORS, ENTRA_GROUPS, EntraError, EntraGroup, FINDINGS, FIRST_PARTY_APPS, PHRASES, ROLES,
    Role, STATUSES, STEPS, StatusEntry, StepEntry, fix, snippet,
};
use super::weight::{Confidence, Severity, StepStatus};
use super::words::{Place, Said, Value, Values};
use crate::case::error_text::Variant;
use crate::case::plain::Plain;

/// How App 2's resource ID is found, for fixes that cannot be written without it.
#[must_use]
pub fn find_target(kind: TargetKind) -> FixTemplate {
    fix("az", &kind.data().find)
}

/// How settings are changed in Terraform for a kind of app for which the usual provider has no block.
#[must_use]
pub fn terraform(kind: TargetKind) -> Option<FixTemplate> {
    kind.data().terraform.as_deref().map(|text| fix("terraform", text))
}

/// A snippet as a fix, with the snippet that warns of it.
fn with_caution(via: &str, name: &str, caution: &str) -> Option<FixTemplate> {
    let caution = snippet(via, caution).map(|caution| caution.text);
    Some(FixTemplate { caution, ..snippet(via, name)? })
}

/// How the edited settings are written with Azure PowerShell.
#[must_use]
pub fn powershell_settings() -> Option<&'static FixTemplate> {
    static SETTINGS: LazyLock<Option<FixTemplate>> =
        LazyLock::new(|| with_caution("powershell", "powershell-settings", "caution-put"));
    SETTINGS.as_ref()
}

/// How the settings are changed where a file of App 2's overrides those in Azure.
#[must_use]
pub fn in_settings_file() -> Option<FixTemplate> {
    snippet("other", "in-settings-file")
}

/// What to do where a user's token was used, and the answer is about that user and the tool.
#[must_use]
pub fn as_app_1() -> Option<&'static FixTemplate> {
    static AS_APP_1: LazyLock<Option<FixTemplate>> =
        LazyLock::new(|| with_caution("other", "as-app-1", "caution-tool"));
    AS_APP_1.as_ref()
}

/// How the same settings are changed in Terraform where App 2 is a Standard logic app.
#[must_use]
pub fn of_logic_apps() -> Option<FixTemplate> {
    snippet("terraform", "terraform-logic-app")
}

/// How App 2 applies settings that are stored already.
#[must_use]
pub fn restart_target() -> &'static [FixTemplate] {
    static RESTART_TARGET: LazyLock<Vec<FixTemplate>> = LazyLock::new(|| {
        let ways = [("az", "restart-target"), ("portal", "restart-target-portal")];
        let found = ways.iter().filter_map(|(via, name)| snippet(via, name));
        let needs = |via: &str| Vec::from_iter((via == "az").then(|| "settings_url".to_owned()));
        found.map(|fix| FixTemplate { needs: needs(&fix.via), ..fix }).collect()
    });
    &RESTART_TARGET
}

/// The name of a fix's tool.
#[must_use]
pub fn tool(via: &str) -> &str {
    match via {
        "portal" => "Azure portal",
        "az" => "Azure CLI",
        "powershell" => "Azure PowerShell",
        "kubernetes" => "Kubernetes manifest",
        "bicep" => "Bicep",
        "terraform" => "Terraform",
        "code" => "Code",
        "kql" => "KQL",
        "other" => "By hand",
        unknown => unknown,
    }
}

/// The name of a host of App 1 that fixes are for (`on` in `assets/knowledge/findings/`).
#[must_use]
pub fn host(on: &str) -> &str {
    match on {
        "app-service" => "App Service",
        "functions" => "Functions",
        "logic-apps" => "Logic Apps (Standard)",
        "container-apps" => "Container Apps",
        "kubernetes" => "Kubernetes",
        "virtual-machine" => "virtual machine",
        "service-fabric" => "Service Fabric",
        "azure-ml" => "Azure Machine Learning",
        "azure-arc" => "Azure Arc",
        "cloud-shell" => "Cloud Shell",
        "github-actions" => "GitHub Actions",
        "azure-devops" => "Azure DevOps",
        "batch" => "Batch",
        "container-instances" => "Container Instances",
        "databricks" => "Azure Databricks",
        "codespaces" => "GitHub Codespaces",
        "synapse" => "Azure Synapse",
        "automation" => "Azure Automation",
        "unknown" => "any other machine",
        other => other,
    }
}

/// The name of the tool that a text is for: the modules of PowerShell are installed one by one.
#[must_use]
pub fn tool_in<'a>(via: &'a str, text: &str) -> &'a str {
    if via == "powershell" && text.contains("-MgGraph") { "Microsoft Graph PowerShell" } else { tool(via) }
}

/// The number whose sentence is in a text from which a service, a log, or a table left the number out, or whose number
/// no table has: the one with the longest piece.
#[must_use]
pub(super) fn said_by_entra(text: &Plain) -> Option<&'static str> {
    let said = ENTRA_ERRORS.iter().filter_map(|(number, error)| {
        let pieces = error.said.iter().filter(|piece| text.has(piece));
        Some((pieces.map(String::len).max()?, number))
    });
    said.max_by_key(|(length, _)| *length).map(|(_, number)| number)
}

/// The finding that the refusal of a credential is: by what more is in Entra's text than the number, and by the
/// credential. Where no table has the number, its sentence decides.
#[must_use]
pub fn refusal(number: &str, text: &str, credential: CredentialKind) -> Option<Code> {
    let plain = Plain::of(text);
    let entry = entra_error(number).or_else(|| entra_error(said_by_entra(&plain)?))?;
    let said = Variant::of(&entry.variants, &plain).and_then(|variant| variant.findings.first());
    let code = said.copied().unwrap_or(entry.finding);
    let instead = finding(code).and_then(|entry| entry.instead.get(&credential));
    Some(instead.copied().unwrap_or(code))
}

/// The entry of a finding code.
#[must_use]
pub fn finding(code: Code) -> Option<&'static FindingEntry> {
    FINDINGS.get(code.name())
}

/// The conditions that hold wherever a finding of this code says the sentence with this key.
#[must_use]
pub fn implied(code: Code, key: &str) -> &'static [String] {
    finding(code).and_then(|entry| entry.implies.get(key)).map(Vec::as_slice).unwrap_or_default()
}

/// The first of these codes that is about a request that fails in this way, and the key of what it says of that.
#[must_use]
pub fn of_failure<const N: usize>(codes: [Code; N], kind: FailureKind) -> Option<(Code, &'static str)> {
    codes.into_iter().find_map(|code| Some((code, finding(code)?.failures.get(&kind)?.as_str())))
}

/// The lists of App 2's settings that a code is about, and what they are in, by the end of their path.
#[must_use]
pub fn lists_of(code: Code) -> &'static [String] {
    finding(code).map(|entry| entry.lists.as_slice()).unwrap_or_default()
}

/// The template of a sentence; `None` where there is none of this name (a test looks for all that the code names).
#[must_use]
pub fn sentence(said: &Said) -> Option<&'static Text> {
    match said.of {
        Place::Phrases => {
            let (table, key) = said.key.split_once('.')?;
            PHRASES.get(table)?.get(key)
        }
        Place::Says(code) => finding(code)?.says.get(said.key),
        Place::Confirm(code) => confirmation(code, said.key),
    }
}

/// How a finding of this code is confirmed that says the sentence with this key, or [`super::GENERAL`] for any.
#[must_use]
pub fn confirmation(code: Code, key: &str) -> Option<&'static Text> {
    let entry = finding(code)?;
    entry.confirm.get(entry.confirmed_as.get(key).map_or(key, String::as_str))
}

/// How bad and how sure a finding of this code is that says the sentence with this key: a certain error, where the code
/// has nothing else for this sentence or for all.
#[must_use]
pub fn weight(code: Code, key: &str) -> (Severity, Confidence) {
    let entry = finding(code);
    let severity = entry.and_then(|entry| of_sentence(&entry.severity, key));
    let sure = entry.and_then(|entry| of_sentence(&entry.sure, key));
    (severity.unwrap_or(Severity::Error), sure.unwrap_or(Confidence::Certain))
}

fn of_sentence<W: Copy>(weights: &BTreeMap<String, W>, key: &str) -> Option<W> {
    weights.get(key).or_else(|| weights.get(GENERAL)).copied()
}

/// What an Entra error means in this flow; `number` with or without `AADSTS`.
#[must_use]
pub fn entra_error(number: &str) -> Option<&'static EntraError> {
    ENTRA_ERRORS.get(entra_digits(number)?)
}

/// Who has to act where a finding has these values. Where it says what the table of Entra's numbers says to do, that
/// table comes first.
#[must_use]
pub fn owner(code: Code, values: &Values) -> Option<Owner> {
    let entry = finding(code)?;
    let number = values.get("aadsts").and_then(Value::text).filter(|_| values.contains_key("entra_fix"));
    let of_number = || entra_error(number?)?.owner;
    Some(of_number().unwrap_or_else(|| entry.owner_with(values)))
}

/// What an Entra error that stops a person's sign-in means; `number` with or without `AADSTS`.
pub(super) fn entra_group(number: &str) -> Option<(&str, &'static EntraGroup)> {
    let digits = entra_digits(number)?;
    let group = ENTRA_GROUPS.iter().find(|(_, group)| group.numbers.iter().any(|known| known == digits))?.1;
    Some((digits, group))
}

fn entra_digits(number: &str) -> Option<&str> {
    let number = number.trim();
    match number.get(..6) {
        Some(prefix) if prefix.eq_ignore_ascii_case("aadsts") => number.get(6..),
        _ => Some(number),
    }
}

/// The entry of a claim of an access token or an ID token.
#[must_use]
pub fn claim(name: &str) -> Option<&'static ClaimEntry> {
    CLAIMS.get(name)
}

/// The name of a well-known Microsoft application, by its client ID.
#[must_use]
pub fn first_party_app(client_id: &str) -> Option<&'static str> {
    FIRST_PARTY_APPS.get(&client_id.trim().to_ascii_lowercase()).map(String::as_str)
}

/// The name of a well-known API that App 2 certainly is not, by its URI, scope or client ID.
#[must_use]
pub fn well_known_api(resource: &str) -> Option<&'static str> {
    well_known::api(resource)
}

/// What an Easy Auth sub-status (`401.83`) or an IDX number (`IDX10214`) means.
#[must_use]
pub fn status(key: &str) -> Option<&'static StatusEntry> {
    let key = key.trim();
    STATUSES.get(key).or_else(|| STATUSES.get(&key.to_ascii_uppercase()))
}

/// A built-in role of Azure or Entra, by its name, in any case.
#[must_use]
pub fn role(name: &str) -> Option<&'static Role> {
    ROLES.keys().find(|key| key.eq_ignore_ascii_case(name.trim())).and_then(|key| ROLES.get(key))
}

/// What came of a step that concludes with this sentence; `None` where that depends on what was found.
#[must_use]
pub fn status_of(step: StepId, key: &str) -> Option<StepStatus> {
    self::step(step).status.get(key.split_once('.')?.1).copied()
}

/// The words of a step, and what to do at it when the pair is set up for the first time.
///
/// Every step has an entry (a test parses them all), so this never gives the empty one.
#[must_use]
pub fn step(step: StepId) -> &'static StepEntry {
    static NO_WORDS: StepEntry = StepEntry::EMPTY;
    STEPS.get(step.id()).unwrap_or(&NO_WORDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_can_do_what_the_table_says_is_the_owner() {
        let owned = |number: &str, has_fix: bool| {
            let mut values = Values::new();
            values.insert("aadsts", Value::Text(number.to_owned()));
            values.extend(has_fix.then(|| ("entra_fix", Value::Text("Do it.".to_owned()))));
            owner(Code::TokenRequestRejected, &values).unwrap()
        };
        assert_eq!(owned("50146", true), Owner::Registration);
        assert_eq!(owned("7000111", true), Owner::Tenant);
        assert_eq!(owned("90014", true), Owner::App1);
        assert_eq!(owned("90014", false), Owner::Tenant);
    }
}
