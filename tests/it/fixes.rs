//! The printed fixes, proven: every `az` fix of a root cause is typed into the lab as it is printed, and the next run
//! passes or moves on to the next fault.
//!
//! A fix is typed as a person would who knows nothing but what is printed: line after line, up to the first comment
//! that offers another way (`# Or …`). What cannot be typed is in [`NOT_TYPED`], with the reason.

use std::collections::{BTreeMap, BTreeSet};

use easyauth_doctor::case::code::Code;
use easyauth_doctor::diagnosis::Change;
use easyauth_doctor::knowledge::Found;
use easyauth_doctor::lab::{Lab, Scenario};
use easyauth_doctor::report::{Report, fixes, written};

use crate::helpers::jq::{self, jq};
use crate::helpers::observing::{self, observe, observe_with, runtime, scenarios, side_by_side, start};
use crate::helpers::words::words;

/// Root causes (by scenario, else by finding code) whose printed `az` fix cannot be typed into the lab or does not fix
/// it, and why.
const NOT_TYPED: &[(&str, &str)] = &[
    ("authorization-scheme-conflict", "the server in front that asks for another scheme"),
    ("gateway-replaced-caller", "the static web app in front of App 2"),
    ("workload-identity-incomplete", "the pod's template and its service account, which are no part of Azure"),
    ("identity-in-other-tenant", "a registration in the other directory, or a move of an app"),
    ("audience-not-supported-by-endpoint", "Cloud Shell's list is fixed"),
    ("assertion-expired", "App 1 keeps its federated token too long"),
    ("assertion-issuer-unreachable", "the cluster that issues the token"),
    ("assertion-rejected", "the token that App 1 is given, or the keys of its issuer"),
    ("managed-identity-stale", "a new identity has a new ID, and a person decides that"),
    ("identity-variables-hidden", "nothing in Azure is wrong: the session doesn't have the app's variables"),
    ("identity-unsupported-on-host", "App 1 must move to another host, or be given another credential"),
    ("identity-endpoint-protocol-mismatch", "App 1's client library, or variables of its own making"),
    ("unexpected-identity-used", "a person decides which identity is the right one"),
    ("credential-incomplete", "a value is missing from App 1's environment that a person has"),
    ("target-egress-blocked", "a firewall's rule, whose names only its owner knows"),
    ("target-error-every-request", "the log tells what fails"),
    ("target-not-found", "a person chooses among the host names that are listed"),
    ("target-unreachable", "the network between the two apps"),
    ("target-tls-untrusted", "App 2's certificate"),
    ("target-stopped-quota", "a used-up quota outlasts a start; a larger plan costs money, and a person decides that"),
    ("private-endpoint-bypassed", "App 1 must join a virtual network, and its DNS must know the private zone"),
    (
        "network-access-restricted-private-endpoint",
        "App 1 must join a virtual network; a rule for its address would not help",
    ),
    ("network-access-restricted-gateway", "the rules of a gateway that is no part of App 2"),
    ("network-access-restricted-front-door", "the rules of a gateway that is no part of App 2"),
    ("resource-differs-from-target", "App 1 asks for another resource"),
    ("resource-is-another-api", "App 1 asks for another resource"),
    ("resource-undetermined-two-apps", "a person knows which of the two client IDs is App 2's"),
    ("resource-undetermined-another-app", "a person knows which of the two client IDs is App 2's"),
    ("token-not-from-entra", "App 1's code must request its token from Microsoft Entra ID"),
    ("developer-tool-not-preauthorized", "a person consents, or signs in anew"),
    (
        "federated-credential-mismatch-audience",
        "the outside token must be asked for with another audience, outside of Azure",
    ),
    (
        "scenario foreign-tenant-token",
        "App 1 is in another tenant; opening App 2 to that tenant would shut its own out",
    ),
    (
        "scenario foreign-tenant-token-log",
        "App 1 is in another tenant; opening App 2 to that tenant would shut its own out",
    ),
    ("tenant-not-found", "App 1 names a tenant that does not exist; a person knows the right one"),
    ("conditional-access-blocked", "a policy of the directory, and not for a command to weaken"),
    ("url-authorization-rules", "a file in App 2's content, which no command corrects"),
    ("undetermined-token-refusal", "the cause is open: the commands only look"),
    ("caller-egress-blocked", "a firewall's rule, whose names only its owner knows"),
    ("identity-endpoint-throttled", "App 1 asks too often"),
    ("token-request-rejected", "App 1 asks in a way that Entra does not take"),
    ("token-malformed", "App 1 sends something else than a token"),
    ("token-expired", "App 1 keeps its token too long"),
    ("token-not-yet-valid", "a clock is wrong"),
    ("token-signature-invalid", "App 1 sends a token that was changed on its way"),
    ("token-not-an-access-token", "App 1 sends another kind of token"),
    ("token-lifetime-cached", "the platform's cached token ends by itself"),
    ("token-for-wrong-resource", "App 1 sends a token for another resource"),
    ("authorization-header-dropped", "what is in front of App 2, or redirects to it"),
    ("function-key-required", "the function's code, or a key in App 1's call"),
    ("app-validates-token-itself", "the application's code"),
    ("csrf-origin-rejected", "App 1's cookies"),
    ("app-error", "the application's code"),
    ("app-unavailable", "the application's code, or the gateway before it"),
    ("undetermined-401", "the cause is open: the commands only look"),
    ("undetermined-failure", "the cause is open: the commands only look"),
    ("undetermined-403", "the cause is open: the commands only look"),
];

/// Faults that a fixed one uncovers although no scenario lists them: the code fixed, the code found, and why.
const UNCOVERED: &[(&str, &str, &str)] = &[
    (
        "credential-mixed",
        "credential-incomplete",
        "without the secret, the scenario's --credential client-secret has nothing to authenticate with",
    ),
    (
        "identity-not-enabled",
        "caller-not-in-allowed-applications",
        "a new identity has a new client ID, which App 2 does not know yet",
    ),
    (
        "easy-auth-not-active",
        "entra-provider-missing",
        "where Easy Auth was never set up, switching it on makes no provider",
    ),
];

/// What a person types a fix into: files in memory, and what the commands printed.
struct Shell<'a> {
    lab: &'a Lab,
    files: BTreeMap<String, String>,
    /// Each command that printed something, with it.
    printed: Vec<(String, String)>,
    typed: usize,
    /// How often this program wrote the edited settings.
    edited: usize,
}

impl<'a> Shell<'a> {
    fn new(lab: &'a Lab) -> Self {
        Self { lab, files: own_files(lab), printed: Vec::new(), typed: 0, edited: 0 }
    }

    /// Types a fix, up to its first other way.
    ///
    /// # Errors
    /// The first line that is refused. A read that finds nothing is an answer, not a refusal.
    async fn fix(&mut self, text: &str) -> Result<(), String> {
        let (mut found, mut comment, mut has_jq) = (false, "", true);
        for line in text.lines() {
            if comment.ends_with("Save as body.json:") {
                let body = line.strip_prefix("# ").ok_or("no body")?;
                self.files.insert("body.json".to_owned(), body.to_owned());
            }
            comment = line;
            let own = line.strip_prefix("# ").filter(|line| line.starts_with("easyauth-doctor check "));
            if let Some(own) = own.filter(|line| line.ends_with(" --edited-settings edited.json")) {
                self.edit(own).await?;
                continue;
            }
            // Who has no jq has the edited settings from this program, which the comments after it offer.
            if line.starts_with("jq ") && !jq::is_installed() {
                has_jq = false;
                continue;
            }
            if line.starts_with("az rest --method put ") && !has_jq && !self.files.contains_key("edited.json") {
                return Err(NO_JQ.to_owned());
            }
            if line.starts_with("# Or ") && self.typed > 0 {
                break;
            }
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            // "When this finds none, the second makes it."
            if line.starts_with("az ad sp create ") && found {
                continue;
            }
            let result = self.line(line);
            found = result.is_ok();
            match result {
                Err(error) if line.starts_with("az ad sp show ") && error.contains("does not exist") => {}
                other => other?,
            }
        }
        Ok(())
    }

    /// Runs this program with the settings that were saved, for the edited ones; where it writes none, jq remains.
    async fn edit(&mut self, line: &str) -> Result<(), String> {
        let words = words(line).ok_or_else(|| format!("no words: {line}"))?;
        let name = words.iter().skip_while(|word| *word != "--auth-settings").nth(1);
        let saved = name.and_then(|name| self.files.get(name)).ok_or("no settings were saved")?;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("authsettings.json");
        std::fs::write(&path, saved).unwrap();
        let report = observe_with(self.lab, &path).await;
        if let Ok((text, _)) = written::edited_settings(&report) {
            self.files.insert("edited.json".to_owned(), text);
            self.edited += 1;
        }
        Ok(())
    }

    fn line(&mut self, line: &str) -> Result<(), String> {
        let mut words = words(line).ok_or_else(|| format!("no words: {line}"))?;
        let into = words.iter().position(|word| word == ">").map(|at| words.split_off(at));
        let output = match words.split_first() {
            Some((program, arguments)) if program == "az" => {
                self.lab.az(arguments, &mut self.files).map_err(|error| error.to_string())?
            }
            Some((program, [filter, file])) if program == "jq" => {
                let input = self.files.get(file).ok_or_else(|| format!("no file {file}: {line}"))?;
                jq(filter, input).ok_or_else(|| NO_JQ.to_owned())?
            }
            _ => return Err(format!("neither az nor jq: {line}")),
        };
        self.typed += 1;
        match into.as_deref() {
            Some([_, name]) => drop(self.files.insert(name.clone(), output)),
            _ => self.printed.push((line.to_owned(), output)),
        }
        Ok(())
    }

    /// What a person does besides, with what the commands printed.
    ///
    /// # Errors
    /// As [`Self::fix`], and when the fix did not print what it needs.
    fn by_hand(&mut self, code: &str, text: &str) -> Result<(), String> {
        let value = |path: &str| self.lab.value(path).unwrap();
        let line = match code {
            // The secret is shown once, for App 1's settings.
            "caller-secret-invalid" | "caller-secret-expired" => {
                let (_, printed) = self.printed.last().ok_or("nothing was printed")?;
                let printed: serde_json::Value = serde_json::from_str(printed).unwrap();
                format!(
                    "az webapp config appsettings set --name {} --resource-group {} --subscription {} --settings \
                     \"AZURE_CLIENT_SECRET={}\"",
                    value("app1.site_name"),
                    value("app1.resource_group"),
                    value("app1.subscription"),
                    printed["password"].as_str().ok_or("no password")?
                )
            }
            // The commented command, completed by the only client ID that the first one printed.
            "user-assigned-identity-not-selected" => {
                let (_, printed) = self.printed.last().ok_or("nothing was printed")?;
                let printed: serde_json::Value = serde_json::from_str(printed).unwrap();
                let identities = printed["userAssignedIdentities"].as_object().unwrap();
                let client_id = identities.values().next().unwrap()["clientId"].as_str().unwrap();
                let commented = text.lines().find_map(|line| line.strip_prefix("# az ")).ok_or("no command")?;
                format!("az {}", commented.replace("<client ID>", client_id))
            }
            // It is created only where the first command finds none.
            "caller-not-in-tenant" => {
                let commented = text.lines().find_map(|line| line.strip_prefix("# az ad sp create ")).ok_or("none")?;
                format!("az ad sp create {commented}")
            }
            _ => return Ok(()),
        };
        self.line(&line)
    }
}

const NO_JQ: &str = "there is no jq here";

/// Files that a person has and fixes name: the public part of App 1's certificate.
fn own_files(lab: &Lab) -> BTreeMap<String, String> {
    let path = lab
        .variables()
        .into_iter()
        .find_map(|(name, value)| (name == "AZURE_CLIENT_CERTIFICATE_PATH").then_some(value));
    let mut files = BTreeMap::new();
    if let Some(path) = path {
        let pem = std::fs::read_to_string(path).unwrap();
        let (key, public) = pem.split_once("-----BEGIN CERTIFICATE").unwrap();
        assert!(key.contains("PRIVATE KEY") && !public.contains("PRIVATE KEY"));
        files.insert("app1.pem".to_owned(), format!("-----BEGIN CERTIFICATE{public}"));
    }
    files
}

/// Why this fix is not typed, and the key under which it stands.
fn not_typed(scenario: &str, code: &str) -> Option<(&'static str, &'static str)> {
    let by = |key: &str| NOT_TYPED.iter().copied().find(|(known, _)| *known == key);
    // A scenario may have the name of its code, which others share.
    by(&format!("scenario {scenario}")).or_else(|| by(scenario)).or_else(|| by(code))
}

fn root(report: &Report) -> Option<&'static str> {
    report.diagnosis().root_cause.as_ref().map(|cause| cause.code.name())
}

/// Types the root cause's fix; gives what the doctor says then.
async fn fixed(lab: &Lab, report: &Report, edited: &mut usize) -> Result<Report, String> {
    let cause = report.diagnosis().root_cause.as_ref().unwrap();
    let fix = cause.fixes.iter().find(|fix| fix.via == "az").ok_or("no az fix is printed")?;
    let mut shell = Shell::new(lab);
    shell.fix(&fix.text).await?;
    shell.by_hand(cause.code.name(), &fix.text)?;
    *edited += shell.edited;
    if shell.typed == 0 {
        return Err("nothing is to be typed".to_owned());
    }
    let after = observe(lab).await;
    match root(&after) == root(report) {
        true => Err(format!("it is still {}", cause.code)),
        false => Ok(after),
    }
}

/// What came of a scenario.
#[derive(Default)]
struct Outcome {
    /// Codes whose fix was typed and fixed.
    fixed: Vec<&'static str>,
    /// Keys of the table that applied.
    listed: BTreeSet<&'static str>,
    /// How often this program wrote the edited settings.
    edited: usize,
    /// What is not as it should be.
    wrong: Vec<String>,
}

/// Whether a fault may come after those that are fixed: the scenario lists it, or they uncovered it.
fn is_next(scenario: &Scenario, fixed: &[&str], found: &str) -> bool {
    let next = &scenario.expect.next;
    // Whether App 2 tolerates the other token version is not established, so no scenario lists it.
    next.iter().any(|next| next == found)
        || !next.is_empty() && found == "audience-token-version-mismatch"
        || UNCOVERED.iter().any(|(by, uncovered, _)| *uncovered == found && fixed.contains(by))
}

async fn walk(scenario: &Scenario) -> Outcome {
    let lab = start(scenario, true).await;
    let mut outcome = Outcome::default();
    let mut report = observe(&lab).await;
    // Each fault is fixed once; more rounds than faults would mean going in a circle.
    for _ in 0..5 {
        let Some(code) = root(&report) else { break };
        let listed = not_typed(&scenario.name, code);
        let next = match (fixed(&lab, &report, &mut outcome.edited).await, listed) {
            (Err(_), Some((key, _))) => {
                outcome.listed.insert(key);
                break;
            }
            (Ok(_), Some((key, _))) => {
                outcome.wrong.push(format!("{}: {key} is listed, and its fix fixes {code}", scenario.name));
                break;
            }
            (Err(error), None) if error == NO_JQ => break,
            (Err(error), None) => {
                outcome.wrong.push(format!("{}: {code}: {error}", scenario.name));
                break;
            }
            (Ok(next), None) => next,
        };
        outcome.fixed.push(code);
        if let Some(found) = root(&next)
            && !is_next(scenario, &outcome.fixed, found)
        {
            outcome.wrong.push(format!("{}: after {code} comes {found}", scenario.name));
            break;
        }
        report = next;
    }
    outcome
}

#[test]
fn typing_the_printed_fix_mends_the_root_cause() {
    let outcomes = side_by_side(scenarios().iter().collect(), |scenario| runtime().block_on(walk(scenario)));
    let wrong: Vec<&String> = outcomes.iter().flat_map(|outcome| &outcome.wrong).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let listed: BTreeSet<&str> = outcomes.iter().flat_map(|outcome| &outcome.listed).copied().collect();
    let stale: Vec<&str> = NOT_TYPED.iter().map(|(key, _)| *key).filter(|key| !listed.contains(key)).collect();
    assert!(stale.is_empty(), "listed, and no such root cause: {stale:#?}");
    let fixed = outcomes.iter().map(|outcome| outcome.fixed.len()).sum::<usize>();
    let least = if jq::is_installed() { 110 } else { 90 };
    assert!(fixed >= least, "only {fixed} fixes were proven");
    let edited = outcomes.iter().map(|outcome| outcome.edited).sum::<usize>();
    assert!(edited >= 40, "only {edited} settings were edited by this program");
}

/// The blocks of templates that say who is allowed. A template replaces a whole block, so one that doesn't say what to
/// keep may take the list of callers away.
const REPLACED: [&str; 8] = [
    "globalValidation: {",
    "registration: {",
    "validation: {",
    "defaultAuthorizationPolicy: {",
    "allowedPrincipals: {",
    "jwtClaimChecks: {",
    "auth_settings_v2 {",
    "active_directory_v2 {",
];

/// The blocks in a template that don't say what to keep in them.
fn without_what_to_keep(text: &str) -> Vec<String> {
    let depth = |line: &str| line.len() - line.trim_start().len();
    let lines: Vec<&str> = text.lines().collect();
    let mut wrong = Vec::new();
    for (place, line) in lines.iter().enumerate().filter(|(_, line)| REPLACED.contains(&line.trim())) {
        let within = lines.iter().skip(place + 1).take_while(|inner| depth(inner) > depth(line));
        let keeps = within
            .filter(|inner| depth(inner) == depth(line) + 2)
            .any(|inner| inner.trim_start().starts_with(['/', '#']) && inner.contains("keep"));
        if !keeps {
            wrong.push(line.trim().to_owned());
        }
    }
    wrong
}

#[test]
fn a_template_says_what_to_keep_in_every_block_that_it_replaces() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    let fixes = observing::all().into_iter().flat_map(|observed| {
        let diagnosis = observed.report.diagnosis();
        diagnosis
            .root_cause
            .iter()
            .flat_map(|cause| cause.fixes.iter().map(|fix| (cause.code, fix.clone())))
            .collect::<Vec<_>>()
    });
    let known = Code::ALL.iter().flat_map(|code| {
        let case = observing::of("healthy", true).report.observed();
        fixes::fill(case, &Found::error(*code, "x"), &Change::OfCode, &str::to_owned)
            .into_iter()
            .map(|fix| (*code, fix))
    });
    for (code, fix) in fixes.chain(known).filter(|(_, fix)| ["bicep", "terraform"].contains(&fix.via.as_str())) {
        seen += 1;
        for block in without_what_to_keep(&fix.text) {
            wrong.push(format!("{code}: {block} in {}:\n{}", fix.via, fix.text));
        }
    }
    assert!(seen > 50, "{seen}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n--\n"));
}
