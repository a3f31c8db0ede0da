//! Reads every file that the user named, before anything is sent: bad input must cost nothing.

use std::io::Read as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::case::assume::Assumption;
use crate::case::auth_settings::{AuthSettings, SettingsReading, SettingsSource};
use crate::case::inputs::Inputs;
use crate::case::resource::is_guid;
use crate::case::secret::Secret;
use crate::case::target_log::TargetLog;
use crate::case::text::visible;
use crate::case::token::DecodedToken;
use crate::case::token::decode::token_in;

use super::InputError;
use super::address::{is_loopback, is_tenant};
use super::tail::tail;

/// No input file is larger than this: 16 MiB.
const FILE_LIMIT: u64 = 16 * 1024 * 1024;

/// Inputs whose files were read and found good: what is needed before the first request is sent.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// What the user asked for.
    pub inputs: Inputs,
    /// App 1's variables when they are not the process's own (a run on the lab); nothing of the machine is read then.
    pub variables: Option<Vec<(String, String)>>,
    /// Settings that were read from files.
    pub(super) settings: Vec<SettingsReading>,
    /// App 2's log, when given.
    pub(super) target_log: Option<TargetLog>,
    /// App 1's environment block, when given, with its file's name.
    pub(super) environ: Option<(String, Vec<(String, String)>)>,
    /// The given access token.
    pub(super) token: Option<Secret<String>>,
    /// The client secret, when it came from a file or a prompt.
    pub(super) client_secret: Option<Secret<String>>,
    /// The body of the final call.
    pub(super) data: Option<Vec<u8>>,
    /// Extra trust anchors, PEM.
    pub(super) ca_bundle: Option<Vec<u8>>,
    /// The live token of the last run, for runs that start after the step `token`.
    pub(super) memory: Arc<Mutex<Option<Secret<String>>>>,
}

impl Prepared {
    pub(super) fn remember(&self, token: &Secret<String>) {
        *self.memory.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
    }

    pub(super) fn remembered(&self) -> Option<Secret<String>> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Reads every file that the inputs name and validates what can be validated without sending anything.
///
/// # Errors
/// The first input that cannot be used.
pub fn prepare(inputs: Inputs) -> Result<Prepared, InputError> {
    prepare_with(inputs, None)
}

/// As [`prepare`], with App 1's variables given instead of the process's own.
///
/// # Errors
/// As [`prepare`].
pub fn prepare_with(inputs: Inputs, variables: Option<Vec<(String, String)>>) -> Result<Prepared, InputError> {
    check_addresses(&inputs)?;
    check_names(&inputs)?;
    let mut settings = Vec::new();
    if let Some(path) = &inputs.auth_settings {
        settings.push(settings_file(path, &inputs)?);
    }
    if let Some(path) = &inputs.target_environ {
        settings.push(environ_settings(path)?);
    }
    let target_log = match &inputs.target_log {
        Some(path) => Some(TargetLog::from_bytes(
            &path.display().to_string(),
            &log_file("--target-log", path)?,
        )),
        None => None,
    };
    let environ = match &inputs.environ {
        Some(path) => Some((path.display().to_string(), environ_block("--environ", path)?)),
        None => None,
    };
    let token = match &inputs.token_file {
        Some(path) => Some(token_file(path)?),
        None => None,
    };
    let client_secret = match &inputs.client_secret_file {
        Some(path) => Some(Secret::new(text("--client-secret-file", path)?.trim().to_owned())),
        None => inputs.client_secret.clone(),
    };
    let data = inputs.data.as_ref().map(|path| read("--data", path)).transpose()?;
    let ca_bundle = inputs.ca_bundle.as_ref().map(|path| ca_file(path)).transpose()?;
    Ok(Prepared {
        variables,
        settings,
        target_log,
        environ,
        token,
        client_secret,
        data,
        ca_bundle,
        memory: Arc::default(),
        inputs,
    })
}

fn check_addresses(inputs: &Inputs) -> Result<(), InputError> {
    let all = [
        ("--target", inputs.target.as_deref()),
        ("--authority", inputs.authority.as_deref()),
        ("--resource-manager", inputs.resource_manager.as_deref()),
        ("--graph", inputs.graph.as_deref()),
    ];
    for (name, text) in all {
        let Some(text) = text else { continue };
        let shown = visible(text);
        let url = url::Url::parse(text).map_err(|error| {
            InputError(format!("{name} \"{shown}\" is not a URL ({error}); give an address such as https://app2.azurewebsites.net/api/hello"))
        })?;
        match url.scheme() {
            "https" if url.has_host() => {}
            "http" if is_loopback(&url) => {}
            "http" => {
                return Err(InputError(format!(
                    "{name} \"{shown}\" is plain http: a token would cross the network in the open. Use https; http is for loopback hosts only"
                )));
            }
            _ => {
                return Err(InputError(format!(
                    "{name} \"{shown}\" is neither https nor http; give an address that begins with https://"
                )));
            }
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InputError(format!(
                "{name} has a user name or password in its address; take it out, credentials do not belong into a URL"
            )));
        }
    }
    Ok(())
}

fn check_names(inputs: &Inputs) -> Result<(), InputError> {
    for change in &inputs.assume {
        Assumption::parse(change).map_err(InputError)?;
    }
    if let Some(expected) = inputs.expect_identity.as_deref().filter(|id| !is_guid(id)) {
        return Err(InputError(format!(
            "--expect-identity \"{}\" is not a GUID; give a client id or an object id",
            visible(expected)
        )));
    }
    if let Some(tenant) = inputs.tenant.as_deref().filter(|tenant| !is_tenant(tenant)) {
        return Err(InputError(format!(
            "--tenant \"{}\" is neither a GUID nor a domain name",
            visible(tenant)
        )));
    }
    if let Some(id) = inputs.target_resource_id.as_deref().filter(|id| !is_site_id(id)) {
        return Err(InputError(format!(
            "--target-resource-id \"{}\" is not a site's resource id; it reads /subscriptions/…/resourceGroups/…/providers/Microsoft.Web/sites/NAME[/slots/SLOT]",
            visible(id)
        )));
    }
    Ok(())
}

fn is_site_id(id: &str) -> bool {
    let lower = id.to_ascii_lowercase();
    let parts: Vec<&str> = lower.trim_matches('/').split('/').collect();
    let clean = parts.iter().all(|part| {
        !part.is_empty()
            && *part != ".."
            && !part.contains(['?', '#', '%', '\\', ' '])
            && !part.chars().any(char::is_control)
    });
    clean
        && matches!(
            parts.as_slice(),
            [
                "subscriptions",
                _,
                "resourcegroups",
                _,
                "providers",
                "microsoft.web",
                "sites",
                _
            ] | [
                "subscriptions",
                _,
                "resourcegroups",
                _,
                "providers",
                "microsoft.web",
                "sites",
                _,
                "slots",
                _
            ]
        )
}

fn read(option: &str, path: &Path) -> Result<Vec<u8>, InputError> {
    let shown = visible(&path.display().to_string());
    let failed = |error: std::io::Error| InputError(format!("{option} \"{shown}\" cannot be read: {error}"));
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin()
            .lock()
            .take(FILE_LIMIT + 1)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
    } else {
        let file = std::fs::File::open(path).map_err(failed)?;
        file.take(FILE_LIMIT + 1).read_to_end(&mut bytes).map_err(failed)?;
    }
    if bytes.len() as u64 > FILE_LIMIT {
        return Err(InputError(format!(
            "{option} \"{shown}\" is larger than 16 MiB; give the file itself, not an archive"
        )));
    }
    Ok(bytes)
}

/// The end of a log: what speaks of this run stands there.
fn log_file(option: &str, path: &Path) -> Result<Vec<u8>, InputError> {
    let long = std::fs::metadata(path).is_ok_and(|about| about.is_file() && about.len() > FILE_LIMIT);
    if !long {
        return read(option, path);
    }
    let shown = visible(&path.display().to_string());
    tail(path, FILE_LIMIT).map_err(|error| InputError(format!("{option} \"{shown}\" cannot be read: {error}")))
}

fn text(option: &str, path: &Path) -> Result<String, InputError> {
    String::from_utf8(read(option, path)?).map_err(|_| {
        InputError(format!(
            "{option} \"{}\" is not text",
            visible(&path.display().to_string())
        ))
    })
}

fn settings_file(path: &Path, inputs: &Inputs) -> Result<SettingsReading, InputError> {
    let bytes = read("--auth-settings", path)?;
    let shown = visible(&path.display().to_string());
    let host = inputs.target_host();
    // Behind a custom domain or a gateway the resource id tells which of several apps is App 2.
    let name = inputs
        .target_resource_id
        .as_deref()
        .and_then(|id| id.split("/sites/").nth(1)?.split('/').next());
    let settings = AuthSettings::from_bytes_for(&bytes, host.as_deref())
        .or_else(|reason| match name {
            Some(name) => AuthSettings::from_bytes_for(&bytes, Some(name)),
            None => Err(reason),
        })
        .map_err(|reason| InputError(format!("--auth-settings \"{shown}\": {reason}")))?;
    Ok(SettingsReading {
        source: SettingsSource::File(shown),
        outcome: Ok(Box::new(settings)),
    })
}

fn environ_settings(path: &Path) -> Result<SettingsReading, InputError> {
    let variables = environ_block("--target-environ", path)?;
    let shown = visible(&path.display().to_string());
    let settings = AuthSettings::from_variables(&variables)
        .map_err(|reason| InputError(format!("--target-environ \"{shown}\": {reason}")))?;
    Ok(SettingsReading {
        source: SettingsSource::TargetEnviron(shown),
        outcome: Ok(Box::new(settings)),
    })
}

fn environ_block(option: &str, path: &Path) -> Result<Vec<(String, String)>, InputError> {
    let bytes = read(option, path)?;
    let variables = super::environment::parse_block(&bytes);
    if variables.is_empty() {
        return Err(InputError(format!(
            "{option} \"{}\" has no NAME=value line; give the output of `env` or a copy of /proc/1/environ",
            visible(&path.display().to_string())
        )));
    }
    Ok(variables)
}

fn token_file(path: &Path) -> Result<Secret<String>, InputError> {
    let bytes = read("--token-file", path)?;
    let content = Secret::new(String::from_utf8_lossy(&bytes).into_owned());
    let token = Secret::new(token_in(content.expose()));
    if token.expose().is_empty() {
        return Err(InputError(format!(
            "--token-file \"{}\" is empty; it must hold one access token",
            visible(&path.display().to_string())
        )));
    }
    let sendable = token.expose().chars().all(|character| character.is_ascii_graphic());
    if !sendable || DecodedToken::decode(token.expose()).claims.is_empty() {
        return Err(InputError(format!(
            "--token-file \"{}\" holds no token that can be read; it must be a JWT: three base64url parts with dots between",
            visible(&path.display().to_string())
        )));
    }
    Ok(token)
}

fn ca_file(path: &Path) -> Result<Vec<u8>, InputError> {
    let bytes = read("--ca-bundle", path)?;
    super::http::tls::certificates(&bytes).map_err(|reason| {
        InputError(format!(
            "--ca-bundle \"{}\": {reason}",
            visible(&path.display().to_string())
        ))
    })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_target(target: &str) -> Result<Prepared, InputError> {
        prepare(Inputs {
            target: Some(target.to_owned()),
            ..Inputs::default()
        })
    }

    #[test]
    fn only_addresses_that_keep_a_token_safe_are_taken() {
        for good in [
            "https://app2.azurewebsites.net/api?x=1",
            "http://127.0.0.1:8080/",
            "http://localhost/x",
            "http://[::1]:9/",
        ] {
            assert!(with_target(good).is_ok(), "{good}");
        }
        for bad in [
            "app2",
            "http://app2.azurewebsites.net/",
            "ftp://127.0.0.1/",
            "https://user:pass@app2/",
            "http://127.0.0.1.nip.io/",
            "https://",
        ] {
            let error = with_target(bad).unwrap_err();
            assert!(error.0.contains("--target"), "{bad}: {error}");
        }
    }

    #[test]
    fn a_resource_id_cannot_lead_elsewhere() {
        assert!(is_site_id(
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/a/slots/b"
        ));
        for bad in [
            "/subscriptions/s",
            "/subscriptions/s/resourceGroups/../providers/Microsoft.Web/sites/a",
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/a?x",
        ] {
            assert!(!is_site_id(bad), "{bad}");
        }
    }
}
