//! App 1's machine: variables that matter from every place, the chassis asset tag, the Azure Arc agent.

use std::collections::HashSet;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::case::environment::listed::{self, Block};
use crate::case::environment::{Environment, Place, PlaceReading, Variable, VariableValue, has_bare_values};
use crate::case::platform::Platform;
use crate::case::secret::Secret;
use crate::case::shell_value::unquoted;
use crate::case::shown::variables::may_be_kept;
use crate::case::text::decoded;

use super::input::{Kind, Limited, in_words};

/// The places to look at; tests give others.
#[derive(Debug, Clone)]
pub struct Places {
    /// The environment of the container's first process.
    pub first_process: PathBuf,
    /// The SMBIOS chassis asset tag.
    pub chassis_asset_tag: PathBuf,
    /// The Azure Arc agent, where it would be.
    pub arc_agents: Vec<PathBuf>,
}

impl Default for Places {
    fn default() -> Self {
        let windows = std::env::var_os("ProgramFiles")
            .map(|base| Path::new(&base).join("AzureConnectedMachineAgent").join("himds.exe"));
        Self {
            first_process: PathBuf::from("/proc/1/environ"),
            chassis_asset_tag: PathBuf::from("/sys/class/dmi/id/chassis_asset_tag"),
            arc_agents: std::iter::once(PathBuf::from("/var/opt/azcmagent/bin/himds")).chain(windows).collect(),
        }
    }
}

/// Names that matter, beside those of the platforms and those with the prefixes below.
const NAMES: [&str; 34] = [
    "CONTAINER_APP_REVISION",
    "FUNCTIONS_WORKER_RUNTIME",
    "FUNCTIONS_EXTENSION_VERSION",
    "REGION_NAME",
    "DOCKER_CUSTOM_IMAGE_NAME",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "APPSETTING_WEBSITE_SITE_NAME",
    "ACC_CLOUD",
    "PLATFORM_VERSION",
    "MICROSOFT_PROVIDER_AUTHENTICATION_SECRET",
    "SCM_COMMIT_ID",
    "APP_KIND",
    "CONTAINER_APP_JOB_NAME",
    "CONTAINER_APP_JOB_EXECUTION_NAME",
    "CONTAINER_APP_HOSTNAME",
    "CONTAINER_APP_PORT",
    "CONTAINER_APP_ENV_DNS_SUFFIX",
    "CONTAINER_APP_REPLICA_NAME",
    // What the task AzureCLI@2 sets with addSpnToEnvironment.
    "SERVICEPRINCIPALID",
    // What the tasks AzureCLI and AzurePowerShell set for AzurePipelinesCredential.
    "AZURESUBSCRIPTION_CLIENT_ID",
    "ACTIONS_ID_TOKEN_REQUEST_URL",
    "GITHUB_ACTIONS",
    "TF_BUILD",
    "AZ_BATCH_POOL_ID",
    "FABRIC_APPLICATIONNAME",
    "DATABRICKS_RUNTIME_VERSION",
    "CODESPACES",
    "AUTOMATION_ASSET_ACCOUNTID",
    "AZUREML_RUN_ID",
    "AZUREML_ARM_WORKSPACE_NAME",
];
const PREFIXES: [&str; 2] = ["AZURE_", "WEBSITE_"];

fn matters(name: &str) -> bool {
    NAMES.contains(&name)
        || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || Platform::ALL.iter().any(|platform| platform.names(name))
}

/// Names that are read in any case everywhere: by the tools that know them, or by the task that sets them.
fn is_in_any_case(name: &str) -> bool {
    name.ends_with("_PROXY") || ["SERVICEPRINCIPALID", "FABRIC_APPLICATIONNAME"].contains(&name)
}

/// Whether the variables are those of Windows, which alone ignores the case of names.
fn are_of_windows(variables: &[(String, String)]) -> bool {
    let is_mark = |name: &str| ["SystemRoot", "windir"].iter().any(|mark| mark.eq_ignore_ascii_case(name));
    cfg!(windows) || variables.iter().any(|(name, _)| is_mark(name))
}

/// Names that select the credential: one in another case is a typo to tell of.
fn selects_credential(name: &str) -> bool {
    ["IDENTITY_", "MSI_", "AZURE_CLIENT_", "AZURE_TENANT_ID", "AZURE_FEDERATED_"].iter().any(|it| name.starts_with(it))
}

/// The variables of an environment block: NUL-separated as in `/proc/…/environ`, a line each, or in a list.
pub fn parse_block(bytes: &[u8]) -> Block {
    let text = decoded(bytes).unwrap_or_else(|_| String::from_utf8_lossy(bytes).into_owned());
    let mut block = listed::block(&text);
    let is_exact = has_bare_values(&text);
    for (name, value) in block.variables.iter_mut().filter(|_| !block.is_listed) {
        if !is_exact || name != "WEBSITE_AUTH_AAD_ALLOWED_TENANTS" {
            *value = unquoted(value);
        }
    }
    block
}

/// What App 1's machine says of itself, from this process's variables and files. Opens no connection.
#[must_use]
pub fn this_machine() -> Environment {
    read(&Places::default())
}

/// Reads the process, and the first process where the process itself doesn't have the identity's variables.
pub fn read(places: &Places) -> Environment {
    let own: Vec<(String, String)> = std::env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
        .collect();
    let mut environment = from_variables(own, Place::Process);
    if !environment.has("IDENTITY_ENDPOINT") && !environment.has("MSI_ENDPOINT") && cfg!(target_os = "linux") {
        read_first_process(&mut environment, &places.first_process);
    }
    environment.chassis_asset_tag = read_limited(&places.chassis_asset_tag)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .map(|tag| tag.trim().to_owned());
    environment.arc_agent = places.arc_agents.iter().find(|path| path.is_file()).map(|path| path.display().to_string());
    environment
}

/// A file of the system, which may be anything in a container.
fn read_limited(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    Limited::new(File::open(path)?, Kind::Environment).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn read_first_process(environment: &mut Environment, path: &Path) {
    let outcome = match read_limited(path) {
        Ok(bytes) => {
            let variables = parse_block(&bytes).variables;
            let count = variables.len();
            take(environment, variables, &Place::FirstProcess);
            Ok(count)
        }
        Err(error) => Err(in_words(&error)),
    };
    environment.places.push(PlaceReading { place: Place::FirstProcess, outcome });
}

/// The record of variables that are in one place.
pub fn from_variables(variables: Vec<(String, String)>, place: Place) -> Environment {
    let mut environment = Environment { os: std::env::consts::OS.to_owned(), ..Environment::default() };
    let count = variables.len();
    take(&mut environment, variables, &place);
    environment.places.push(PlaceReading { place, outcome: Ok(count) });
    environment
}

/// Adds variables that are not there yet.
fn take(environment: &mut Environment, variables: Vec<(String, String)>, place: &Place) {
    let known: HashSet<String> = environment
        .variables
        .iter()
        .filter(|variable| !variable.is_empty())
        .map(|variable| variable.name.clone())
        .collect();
    let mut seen = HashSet::new();
    let of_windows = are_of_windows(&variables);
    for (found, value) in variables {
        let name = found.to_ascii_uppercase();
        if found != name && !of_windows && !is_in_any_case(&name) {
            if selects_credential(&name) && matters(&name) {
                let value = VariableValue::Hidden(Secret::new(value));
                environment.variables.push(Variable { name: found, value, place: place.clone() });
            }
            continue;
        }
        if known.contains(&name) || !matters(&name) || !seen.insert(name.clone()) {
            continue;
        }
        // A proxy's address may contain a password.
        let value = if may_be_kept(&name) && !(name.ends_with("_PROXY") && value.contains('@')) {
            VariableValue::Plain(value)
        } else {
            VariableValue::Hidden(Secret::new(value))
        };
        environment.variables.push(Variable { name, value, place: place.clone() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_read_in_every_form_and_secrets_are_hidden() {
        let nul = b"IDENTITY_ENDPOINT=http://127.0.0.1:1/\0IDENTITY_HEADER=abc=def\0PATH=/bin\0";
        let lines =
            b"\xef\xbb\xbfexport IDENTITY_ENDPOINT=\"http://127.0.0.1:1/\"\r\nIDENTITY_HEADER=abc=def\r\nrubbish\n";
        // As dash, busybox, and zsh print it, and bash a value with other characters.
        let single = b"export IDENTITY_ENDPOINT='http://127.0.0.1:1/'\nexport IDENTITY_HEADER='abc=def'\n";
        let dollar = b"declare -x IDENTITY_ENDPOINT=$'http://127.0.0.1:1/'\ndeclare -x IDENTITY_HEADER=\"abc=def\"\n";
        // As PowerShell displays it, and a program prints it.
        let list = b"\r\nName  : IDENTITY_ENDPOINT\r\nValue : http://127.0.0.1:1/\r\n\r\nName  : IDENTITY_HEADER\r\n\
                     Value : abc=def\r\n\r\nName  : NOTE\r\nValue : a\r\n        IDENTITY_HEADER=other\r\n";
        let object = br#"{"IDENTITY_ENDPOINT": "http://127.0.0.1:1/", "IDENTITY_HEADER": "abc=def", "PATH": "/bin"}"#;
        for block in [&nul[..], &lines[..], &single[..], &dollar[..], &list[..], &object[..]] {
            let environment = from_variables(parse_block(block).variables, Place::File("x".to_owned()));
            assert_eq!(environment.text("IDENTITY_ENDPOINT"), Some("http://127.0.0.1:1/"));
            assert_eq!(environment.hidden("IDENTITY_HEADER").unwrap().expose(), "abc=def");
            assert!(environment.variable("PATH").is_none());
        }
    }

    #[test]
    fn the_first_process_is_asked_only_where_the_own_one_lacks_the_variables() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("environ");
        std::fs::write(&path, b"IDENTITY_ENDPOINT=http://127.0.0.1:2/\0IDENTITY_HEADER=h\0WEBSITE_SITE_NAME=app1\0")
            .unwrap();
        let mut environment = from_variables(vec![("WEBSITE_SITE_NAME".to_owned(), "own".to_owned())], Place::Process);
        read_first_process(&mut environment, &path);
        assert_eq!(environment.variable("IDENTITY_ENDPOINT").unwrap().place, Place::FirstProcess);
        assert_eq!(environment.text("WEBSITE_SITE_NAME"), Some("own"));
        read_first_process(&mut environment, &folder.path().join("missing"));
        assert!(environment.places.last().unwrap().outcome.is_err());
    }
}
