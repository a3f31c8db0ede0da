//! From options to [`Inputs`], one for each target. Nothing is read and nothing sent here.

use std::fmt::Display;
use std::path::PathBuf;

use crate::case::inputs::{CredentialKind, IdentitySelector, Inputs};
use crate::case::value_parsers;

use super::options::{EndpointOptions, TargetOptions};
use super::targets::TargetEntry;
use super::usage::{UsageError, header_of};

impl TargetOptions {
    /// The inputs of each target: of `entries` (the file given with `--targets`), with the options as their defaults;
    /// or of `--target`. Without either, one without a target if a resource or a token is given.
    ///
    /// # Errors
    /// An invalid value, or options that contradict each other.
    pub fn inputs(&self, entries: &[TargetEntry]) -> Result<Vec<Inputs>, UsageError> {
        if self.unused_variable(entries).is_some() {
            let own = Self { target_resource_id: None, target_resource_id_from_environment: false, ..self.clone() };
            return own.inputs(entries);
        }
        let base = self.base()?;
        if self.targets.is_some() {
            return self.of_entries(&base, entries);
        }
        let mut all = Vec::new();
        for target in self.target.iter().filter(|target| !target.trim().is_empty()) {
            let option = named_by("--target <URL>", "EASYAUTH_DOCTOR_TARGET", self.target_from_environment);
            let url = value_parsers::target(target).map_err(|why| UsageError::value(option, target, &why))?;
            all.push(Inputs { target: Some(url), ..base.clone() });
        }
        if all.is_empty() {
            if !self.has_subject() {
                return Err(UsageError("no target; use --target URL".to_owned()));
            }
            all.push(base);
        }
        self.refuse_one_for_many(all.len(), "use --targets with a file that sets it for each target")?;
        Ok(all)
    }

    /// Whether there is something to check: a target, or else a resource or a token.
    #[must_use]
    pub fn has_subject(&self) -> bool {
        self.has_target() || given(self.resource.as_ref()).or_else(|| given(self.token_file.as_ref())).is_some()
    }

    /// Whether there is a target, or a file of targets.
    #[must_use]
    pub fn has_target(&self) -> bool {
        self.target.iter().any(|target| !target.trim().is_empty()) || given(self.targets.as_ref()).is_some()
    }

    /// A note about a variable that isn't used, because it describes one App 2 and there are several targets. Unlike
    /// for the option, this is no error: a variable is often set for another command.
    #[must_use]
    pub fn unused_variable(&self, entries: &[TargetEntry]) -> Option<String> {
        let targets = if self.targets.is_some() {
            entries.len()
        } else {
            self.target.iter().filter(|target| !target.trim().is_empty()).count()
        };
        (targets > 1 && self.target_resource_id_from_environment).then(|| {
            format!(
                "EASYAUTH_DOCTOR_TARGET_RESOURCE_ID isn't used, because it describes one App 2 and there are {targets} \
                 targets. In a file for --targets, each target can have its own target-resource-id"
            )
        })
    }

    /// Options that describe one App 2 are valid for one target only.
    fn refuse_one_for_many(&self, targets: usize, instead: &str) -> Result<(), UsageError> {
        if targets < 2 {
            return Ok(());
        }
        let given = [
            ("--target-resource-id", &self.target_resource_id),
            ("--auth-settings", &self.auth_settings),
            ("--target-log", &self.target_log),
            ("--target-environ", &self.target_environ),
        ]
        .into_iter()
        .find(|(_, value)| value.as_ref().is_some_and(|value| !value.trim().is_empty()));
        match given {
            Some((option, _)) => {
                Err(UsageError(format!("{option} describes one App 2, but there are {targets} targets; {instead}")))
            }
            None => Ok(()),
        }
    }

    fn of_entries(&self, base: &Inputs, entries: &[TargetEntry]) -> Result<Vec<Inputs>, UsageError> {
        if !self.target.is_empty() && !self.target_from_environment {
            return Err(UsageError(
                "--target and --targets can't be used together; add the URL to the file".to_owned(),
            ));
        }
        if entries.is_empty() {
            return Err(UsageError("the file for --targets contains no [[target]]".to_owned()));
        }
        self.refuse_one_for_many(entries.len(), "set it for each target in the file")?;
        entries.iter().map(|entry| check(entry.inputs(base)?)).collect()
    }

    /// What all targets have in common.
    fn base(&self) -> Result<Inputs, UsageError> {
        let mut inputs = Inputs {
            resource: formed(
                named_by("--resource <URI>", "EASYAUTH_DOCTOR_RESOURCE", self.resource_from_environment),
                self.resource.as_ref(),
                value_parsers::resource,
            )?,
            resource_from_environment: self.resource_from_environment,
            identity: self.identity.clone(),
            tenant: self.tenant.clone(),
            client_id: self.client_id.clone(),
            client_secret_file: path(self.client_secret_file.as_ref()),
            token_file: path(self.token_file.as_ref()),
            send_token_for: formed("--send-token-for <URI>", self.send_token_for.as_ref(), value_parsers::resource)?,
            expect_identity: self.expect_identity.clone(),
            auth_settings: path(self.auth_settings.as_ref()),
            target_resource_id: formed(
                named_by(
                    "--target-resource-id <ID>",
                    "EASYAUTH_DOCTOR_TARGET_RESOURCE_ID",
                    self.target_resource_id_from_environment,
                ),
                self.target_resource_id.as_ref(),
                value_parsers::site_id,
            )?,
            target_log: path(self.target_log.as_ref()),
            target_environ: path(self.target_environ.as_ref()),
            environ: path(self.environ.as_ref()),
            method: self.method.clone(),
            data: path(self.data.as_ref()),
            confirmed: self.yes,
            assume: self.assume.clone(),
            ..Inputs::default()
        };
        self.endpoints.apply(&mut inputs)?;
        inputs.credential = match (self.credential, &self.token_file) {
            (None | Some(CredentialKind::Auto | CredentialKind::Token), Some(_)) => CredentialKind::Token,
            (kind, _) => kind.unwrap_or(CredentialKind::Auto),
        };
        for header in &self.headers {
            inputs.headers.push(header_of("--header", header.expose())?);
        }
        refuse_unused(&inputs)?;
        check(inputs)
    }
}

/// Refuses options of a service principal together with another credential. Targets of a file can differ in it.
fn refuse_unused(inputs: &Inputs) -> Result<(), UsageError> {
    let kind = inputs.credential;
    let (option, instead) = match kind {
        CredentialKind::Auto | CredentialKind::ClientSecret => return Ok(()),
        _ if inputs.client_secret_file.is_some() => ("--client-secret-file", "remove one of them"),
        CredentialKind::ManagedIdentity if inputs.client_id.is_some() => {
            ("--client-id", "--identity client-id:GUID selects a managed identity")
        }
        CredentialKind::ManagedIdentity if inputs.tenant.is_some() => ("--tenant", "remove one of them"),
        CredentialKind::Token if inputs.client_id.is_some() => {
            ("--client-id", "--expect-identity GUID sets whose token is expected")
        }
        _ => return Ok(()),
    };
    Err(UsageError(format!(
        "{option} is for service principals with a secret or certificate, which --credential {} doesn't use; {instead}",
        kind.name()
    )))
}

impl EndpointOptions {
    /// Adds cloud, endpoints, timeout, and trusted certificates to the inputs.
    ///
    /// # Errors
    /// An invalid URL.
    pub fn apply(&self, inputs: &mut Inputs) -> Result<(), UsageError> {
        inputs.cloud = self.cloud;
        inputs.authority =
            formed("--authority <URL> or AZURE_AUTHORITY_HOST", self.authority.as_ref(), value_parsers::authority)?;
        inputs.resource_manager = formed(
            "--resource-manager <URL> or EASYAUTH_DOCTOR_RESOURCE_MANAGER",
            self.resource_manager.as_ref(),
            value_parsers::endpoint,
        )?;
        inputs.graph = formed("--graph <URL> or EASYAUTH_DOCTOR_GRAPH", self.graph.as_ref(), value_parsers::endpoint)?;
        inputs.timeout_s = self.timeout;
        inputs.ca_bundle = path(self.ca_bundle.as_ref());
        Ok(())
    }
}

/// Options that contradict each other.
pub(super) fn check(inputs: Inputs) -> Result<Inputs, UsageError> {
    let contradiction = |words: String| Err(UsageError(words));
    if inputs.token_file.is_some() && inputs.credential != CredentialKind::Token {
        return contradiction(format!(
            "--token-file provides a token, but --credential {} requests another one; use only one of them",
            inputs.credential.name()
        ));
    }
    if inputs.credential == CredentialKind::Token && inputs.token_file.is_none() {
        return contradiction("--credential token requires --token-file FILE (`-`: standard input)".to_owned());
    }
    let for_managed_identity = matches!(inputs.credential, CredentialKind::Auto | CredentialKind::ManagedIdentity);
    if inputs.identity != IdentitySelector::Auto && !for_managed_identity {
        return contradiction(format!(
            "--identity {} selects a managed identity, but --credential {} doesn't use one; remove one of them",
            inputs.identity,
            inputs.credential.name()
        ));
    }
    if inputs.data.is_some() && inputs.only_reads() {
        return contradiction(format!(
            "--data sets a request body, but {} requests have none; add -X POST (or PUT, PATCH)",
            inputs.method
        ));
    }
    let files = inputs.files();
    let from_standard_input: Vec<&str> =
        files.filter(|(_, path)| path.as_os_str() == "-").map(|(option, _)| option).collect();
    if from_standard_input.len() > 1 {
        return contradiction(format!(
            "standard input can be read only once, but {} use it",
            from_standard_input.join(" and ")
        ));
    }
    Ok(inputs)
}

/// What a message calls a value: the variable that it came from, or else the option.
const fn named_by(option: &'static str, variable: &'static str, is_variable: bool) -> &'static str {
    if is_variable { variable } else { option }
}

/// The parsed value, if there is one. Values that can come from a variable are parsed here and not by clap, so that an
/// invalid variable doesn't break the other commands.
fn formed<T, E: Display>(
    option: &str,
    value: Option<&String>,
    form: fn(&str) -> Result<T, E>,
) -> Result<Option<T>, UsageError> {
    let Some(text) = given(value) else { return Ok(None) };
    form(&text).map(Some).map_err(|why| UsageError::value(option, &text, &why))
}

/// A value that isn't empty: an empty variable counts as not set.
fn given(value: Option<&String>) -> Option<String> {
    value.filter(|value| !value.trim().is_empty()).cloned()
}

fn path(value: Option<&String>) -> Option<PathBuf> {
    given(value).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::cli::parse;

    fn inputs(line: &[&str]) -> Result<Vec<Inputs>, String> {
        let arguments = std::iter::once("easyauth-doctor").chain(line.iter().copied()).map(OsString::from);
        let parsed = parse(arguments).map_err(|error| error.to_string())?;
        parsed.check.target.inputs(&[]).map_err(|error| error.to_string())
    }

    #[test]
    fn options_become_inputs() {
        let all = inputs(&[
            "-t",
            "https://a.example",
            "-t",
            "https://b.example/x",
            "-r",
            "api://a",
            "--token-file",
            "-",
            "-H",
            "x-a: b",
        ])
        .unwrap();
        assert_eq!(all.len(), 2);
        let last = all.last().unwrap();
        assert_eq!(last.target.as_deref(), Some("https://b.example/x"));
        assert_eq!(last.credential, CredentialKind::Token);
        assert_eq!(last.headers.first().map(|(name, _)| name.as_str()), Some("x-a"));
        assert!(!last.resource_from_environment && !last.confirmed);
    }

    #[test]
    fn contradictions_are_told_in_words() {
        for (line, word) in [
            (&["-t", "https://a.example", "--credential", "token"][..], "--token-file"),
            (&["-t", "https://a.example", "--credential", "client-secret", "--token-file", "x"], "only one"),
            (&["-t", "https://a.example", "--credential", "azure-cli", "--identity", "system"], "--identity system"),
            (&["-t", "https://a.example", "--data", "x.json"], "-X POST"),
            (&["-t", "https://a.example", "--token-file", "-", "--auth-settings", "-"], "standard input"),
            (&["-t", "https://a.example", "-t", "https://b.example", "--auth-settings", "x"], "--targets"),
            (&["-r", "api://a", "--credential", "azure-cli", "--client-secret-file", "x"], "--client-secret-file"),
            (
                &[
                    "-r",
                    "api://a",
                    "--credential",
                    "managed-identity",
                    "--client-id",
                    "0f8fad5b-d9cb-469f-a165-70867728950e",
                ],
                "--identity client-id:GUID",
            ),
            (&["--token-file", "x", "--client-id", "0f8fad5b-d9cb-469f-a165-70867728950e"], "--expect-identity"),
            (&["--timeout", "0"], "0"),
            (&["--timeout", "301"], "301"),
            (&["-t", "https://u:sesame@a.example"], "[redacted]@a.example"),
            // It may have come from the variable, which a person doesn't think of.
            (&["-t", "https://a.example", "--authority", "x y"], "AZURE_AUTHORITY_HOST"),
            (&["-t", "https://a.example", "-H", "Authorization: Bearer sesame"], "Authorization"),
            (&["-t", "https://a.example", "--cloud", "mars"], "mars"),
            (&["-t", "https://a.example", "-r", ""], "is empty"),
            (&["-t", "https://a.example", "-r", " "], "is empty"),
            (&["-t", "  ", "-r", "api://a"], "is empty"),
            (&["-t", "https://a.example", "--authority=  "], "is empty"),
            (&["-t", "https://a.example", "-o", " "], "is empty"),
            (&["-t", "https://a.example", "--send-token-for", ""], "is empty"),
            (&["-t", "https://a.example", "--auth-settings", ""], "is empty"),
            (&["-t", "https://a.example\n.other.example/"], "line break"),
        ] {
            let error = inputs(line).unwrap_err();
            assert!(error.contains(word), "{line:?}: {error}");
            assert!(!error.contains("sesame"), "{line:?}: {error}");
        }
    }

    #[test]
    fn a_wrong_value_is_reported_under_the_variable_that_it_came_from() {
        for (variable, option) in [
            ("EASYAUTH_DOCTOR_TARGET", "--target"),
            ("EASYAUTH_DOCTOR_RESOURCE", "--resource"),
            ("EASYAUTH_DOCTOR_TARGET_RESOURCE_ID", "--target-resource-id"),
        ] {
            let target = (variable != "EASYAUTH_DOCTOR_TARGET").then_some(["-t", "https://a.example"]);
            let line = target.into_iter().flatten().map(str::to_owned);
            let options = crate::cli::options_from(line, &[(variable.to_owned(), "x y".to_owned())]).unwrap();
            let error = options.target.inputs(&[]).unwrap_err().to_string();
            assert!(error.contains(&format!("'{variable}'")) && !error.contains(option), "{error}");
        }
    }
}
