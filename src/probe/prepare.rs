//! Reads every file that the user named, before anything is sent: bad input must cost nothing.

use std::io::{self, Cursor, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::case::assume::Assumption;
use crate::case::auth_settings::{AuthSettings, SettingsReading, SettingsSource, Shown, Wanted};
use crate::case::environment::listed::Block;
use crate::case::inputs::Inputs;
use crate::case::quote;
use crate::case::resource::is_guid;
use crate::case::resource_id::is_production;
use crate::case::secret::Secret;
use crate::case::shown::variables::has_its_form;
use crate::case::target_kind::TargetKind;
use crate::case::target_log::TargetLog;
use crate::case::text::visible;
use crate::case::token::DecodedToken;
use crate::case::token::copied::copied;

use super::InputError;
use super::address::{is_loopback, is_tenant};
use super::input::{self, Kind, Limited, named};

/// How long an answer that does not decide the verdict is waited for.
const GRACE: Duration = Duration::from_secs(2);

/// Inputs whose files were read and found good: what is needed before the first request is sent.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// What the user asked for.
    pub inputs: Inputs,
    /// App 1's variables when they are not the process's own (a run on the lab); nothing of the machine is read then.
    pub variables: Option<Vec<(String, String)>>,
    /// What the person should know before anything is sent.
    pub notes: Vec<String>,
    /// How long an answer that does not decide the verdict is waited for, once the verdict is decided.
    pub grace: Duration,
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
    let target_log = match &inputs.target_log {
        Some(path) => Some(log_file("--target-log", path, &inputs)?),
        None => None,
    };
    let environ = match &inputs.environ {
        Some(path) => Some((path.display().to_string(), own_environ(path, &inputs)?)),
        None => None,
    };
    if let Some(path) = &inputs.target_environ {
        let of_app_1 = environ.as_ref().map(|(_, variables)| variables).or(variables.as_ref());
        let own = |name: &str| match of_app_1 {
            Some(variables) => value_of(variables, name).map(str::to_owned),
            None => std::env::var(name).ok(),
        };
        settings.push(environ_settings(path, &inputs, own)?);
    }
    let token = match &inputs.token_file {
        Some(path) => Some(token_file(path, &inputs)?),
        None => None,
    };
    let client_secret = match &inputs.client_secret_file {
        Some(path) => {
            let text = Secret::new(input::text("--client-secret-file", path, Kind::Secret)?.trim().to_owned());
            let file = || named("--client-secret-file", path);
            if text.expose().is_empty() {
                return Err(InputError(format!("{} is empty; it must contain one client secret", file())));
            }
            if text.expose().starts_with(['{', '[']) {
                return Err(InputError(format!("{} contains JSON; it must contain only the client secret", file())));
            }
            Some(text)
        }
        None => inputs.client_secret.clone(),
    };
    let data = inputs.data.as_ref().map(|path| input::bytes("--data", path, Kind::Data)).transpose()?;
    let ca_bundle = inputs.ca_bundle.as_ref().map(|path| ca_file(path)).transpose()?;
    let mut notes = notes(&environ, &inputs);
    if let Some(log) = target_log.as_ref().filter(|log| log.entries.is_empty()) {
        let source = quote::value(&log.source);
        let told = match log.lines {
            0 => "it is empty".to_owned(),
            1 => "its only line isn't about authentication".to_owned(),
            lines => format!("none of its {lines} lines is about authentication"),
        };
        notes.push(format!("--target-log {source}: {told}"));
    }
    Ok(Prepared {
        variables,
        notes,
        grace: GRACE,
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

/// What of a given environment is not used.
fn notes(environ: &Option<(String, Vec<(String, String)>)>, inputs: &Inputs) -> Vec<String> {
    let names = |name: &str| {
        let variables = environ.iter().flat_map(|(_, variables)| variables);
        variables.clone().any(|(known, value)| known == name && !value.is_empty())
    };
    let roots = names("SSL_CERT_FILE") && inputs.ca_bundle.is_none();
    roots
        .then(|| "SSL_CERT_FILE in the file for --environ isn't used; use --ca-bundle FILE".to_owned())
        .into_iter()
        .collect()
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
        let shown = quote::value(text);
        let url = url::Url::parse(text).map_err(|error| {
            InputError(format!(
                "{name} {shown} isn't a URL ({error}); use a URL such as \
                 https://app2.azurewebsites.net/api/hello"
            ))
        })?;
        match url.scheme() {
            "https" if url.has_host() => {}
            "http" if is_loopback(&url) => {}
            "http" => {
                return Err(InputError(format!(
                    "{name} {shown} is an http URL, so the token would be sent unencrypted; use https (http is \
                     allowed only for loopback hosts)"
                )));
            }
            _ => {
                return Err(InputError(format!(
                    "{name} {shown} is neither an https nor an http URL; use a URL that begins with https://"
                )));
            }
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InputError(format!(
                "{name} contains a user name or password; remove it, because credentials don't belong in a URL"
            )));
        }
    }
    Ok(())
}

fn check_names(inputs: &Inputs) -> Result<(), InputError> {
    for change in &inputs.assume {
        Assumption::parse(change).map_err(|error| InputError(error.to_string()))?;
    }
    if let Some(expected) = inputs.expect_identity.as_deref().filter(|id| !is_guid(id)) {
        return Err(InputError(format!(
            "--expect-identity {} isn't a GUID; use a client ID or an object ID",
            quote::value(expected)
        )));
    }
    if let Some(tenant) = inputs.tenant.as_ref().filter(|tenant| !is_tenant(tenant.as_str())) {
        return Err(InputError(format!(
            "--tenant {} is neither a GUID nor a domain name",
            quote::value(tenant.as_str())
        )));
    }
    if let Some(id) = inputs.target_resource_id.as_ref().filter(|id| id.app().is_none()) {
        return Err(InputError(format!(
            "--target-resource-id {} isn't an app's resource ID; use \
             /subscriptions/…/resourceGroups/…/providers/Microsoft.Web/sites/NAME[/slots/SLOT], or \
             …/providers/Microsoft.App/containerApps/NAME",
            quote::value(id.as_str())
        )));
    }
    Ok(())
}

/// What `read` makes of a file, or of the text that was pasted in its place.
fn read_with<T>(
    inputs: &Inputs,
    option: &str,
    path: &Path,
    kind: Kind,
    read: impl FnOnce(Limited<Box<dyn Read>>) -> io::Result<T>,
) -> Result<T, InputError> {
    let Some(text) = inputs.pasted(option) else {
        return input::read_with(option, path, kind, read);
    };
    let source: Box<dyn Read> = Box::new(Cursor::new(text.expose().clone().into_bytes()));
    read(Limited::new(source, kind)).map_err(|error| input::unread(option, path, &error))
}

fn bytes(inputs: &Inputs, option: &str, path: &Path, kind: Kind) -> Result<Vec<u8>, InputError> {
    read_with(inputs, option, path, kind, |mut source| {
        let mut bytes = Vec::new();
        source.read_to_end(&mut bytes).map(|_| bytes)
    })
}

/// App 2's log, read as a stream: of a log of any length, what speaks of authentication is kept.
fn log_file(option: &str, path: &Path, inputs: &Inputs) -> Result<TargetLog, InputError> {
    let source = path.display().to_string();
    read_with(inputs, option, path, Kind::Log, |log| TargetLog::from_reader(&source, log))
}

fn settings_file(path: &Path, inputs: &Inputs) -> Result<SettingsReading, InputError> {
    let bytes = bytes(inputs, "--auth-settings", path, Kind::Settings)?;
    let shown = visible(&path.display().to_string());
    let host = inputs.target_host();
    let wanted = Wanted { host: host.as_deref(), id: inputs.target_resource_id.as_ref() };
    let settings = AuthSettings::from_bytes_for(&bytes, wanted)
        .map_err(|reason| InputError(format!("{}: {reason}", named("--auth-settings", path))))?;
    Ok(SettingsReading { source: SettingsSource::File(shown), outcome: Ok(Box::new(settings)) })
}

fn environ_settings(
    path: &Path,
    inputs: &Inputs,
    own: impl Fn(&str) -> Option<String>,
) -> Result<SettingsReading, InputError> {
    let Block { variables, is_configured, .. } = environ_block("--target-environ", path, inputs)?;
    if let Some(app) = own_app(&variables, inputs, own) {
        return Err(InputError(format!(
            "{} is the environment of App 1 ({}); use App 2's, from its Kudu console or SSH session",
            named("--target-environ", path),
            visible(&app)
        )));
    }
    if let Some(app) = another_app(&variables, inputs) {
        return Err(InputError(format!(
            "{} is the environment of {}, which isn't the target; use App 2's, or correct the target or \
             --target-resource-id",
            named("--target-environ", path),
            visible(&app)
        )));
    }
    let shown = visible(&path.display().to_string());
    let settings = AuthSettings::from_variables(&variables)
        .map_err(|reason| InputError(format!("{}: {reason}", named("--target-environ", path))))?;
    // What is configured for an app is not all that runs there.
    let source = if is_configured { SettingsSource::File(shown) } else { SettingsSource::TargetEnviron(shown) };
    Ok(SettingsReading { source, outcome: Ok(Box::new(settings)) })
}

fn value_of<'a>(variables: &'a [(String, String)], name: &str) -> Option<&'a str> {
    variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// What a variable of a block names. A value that isn't in its form names nothing, and may be anything.
fn named_in<'a>(variables: &'a [(String, String)], name: &str) -> Option<&'a str> {
    value_of(variables, name).filter(|value| !value.is_empty() && has_its_form(name, value))
}

/// The name of the app that a block is of, where App 1 is that app, and the target isn't.
fn own_app(variables: &[(String, String)], inputs: &Inputs, own: impl Fn(&str) -> Option<String>) -> Option<String> {
    let block = |name: &str| named_in(variables, name).map(str::to_owned);
    let differs = |name: &str| block(name).zip(own(name)).is_some_and(|(one, other)| one != other);
    let name = ["WEBSITE_SITE_NAME", "CONTAINER_APP_NAME"]
        .iter()
        .find_map(|name| block(name).filter(|app| own(name).as_ref() == Some(app)))?;
    let host = inputs.target_host().unwrap_or_default();
    let is_target = ["WEBSITE_HOSTNAME", "CONTAINER_APP_HOSTNAME"]
        .iter()
        .filter_map(|name| block(name))
        .any(|it| it.eq_ignore_ascii_case(&host));
    let id = inputs.target_resource_id.as_ref().and_then(|id| id.parts());
    let is_named = id.is_some_and(|parts| parts.name.eq_ignore_ascii_case(&name));
    let is_other = ["WEBSITE_HOSTNAME", "WEBSITE_SLOT_NAME", "CONTAINER_APP_HOSTNAME"].into_iter().any(differs);
    (!is_target && !is_named && !is_other).then_some(name)
}

/// The name of the app that a block is of, where the target is another one: by its resource ID, else by its host name.
fn another_app(variables: &[(String, String)], inputs: &Inputs) -> Option<String> {
    let value = |name: &str| named_in(variables, name);
    // Each slot's own host name differs. A custom domain, or a gateway's name, tells nothing.
    let own_host = |host: &&str| TargetKind::by_host(host).is_some();
    let bare = |host: &str| host.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let host = inputs.target_host();
    let block = value("WEBSITE_HOSTNAME").filter(own_host);
    if let (Some(block), Some(host)) = (block, host.as_deref().filter(own_host))
        && bare(block) != bare(host)
    {
        return Some(block.to_owned());
    }
    let (kind, name) = [(TargetKind::WebApp, "WEBSITE_SITE_NAME"), (TargetKind::ContainerApp, "CONTAINER_APP_NAME")]
        .into_iter()
        .find_map(|(kind, name)| Some((kind, value(name)?)))?;
    let slot = value("WEBSITE_SLOT_NAME");
    let own_slot = slot.filter(|slot| !is_production(slot));
    let site = own_slot.map_or_else(|| name.to_owned(), |slot| format!("{name}/{slot}"));
    let subscription = value("WEBSITE_OWNER_NAME").and_then(|owner| owner.split_once('+')).map(|(id, _)| id.to_owned());
    let shown =
        Shown { kind: Some(kind), site: Some(site.clone()), is_slot: slot.map(|_| own_slot.is_some()), subscription };
    let wanted = Wanted { host: host.as_deref(), id: inputs.target_resource_id.as_ref() };
    let place = shown.subscription.as_ref().map_or_else(String::new, |id| format!(" in subscription {id}"));
    wanted.is_not_shown(&shown).then(|| format!("{site}{place}"))
}

/// App 1's variables, those of its platform included: without them, App 1 would seem to have no identity.
fn own_environ(path: &Path, inputs: &Inputs) -> Result<Vec<(String, String)>, InputError> {
    let block = environ_block("--environ", path, inputs)?;
    if block.is_configured {
        return Err(InputError(format!(
            "{} lists app settings, without the variables that the platform adds (such as IDENTITY_ENDPOINT); use the \
             output of `env` in App 1's console",
            named("--environ", path)
        )));
    }
    Ok(block.variables)
}

fn environ_block(option: &str, path: &Path, inputs: &Inputs) -> Result<Block, InputError> {
    let bytes = bytes(inputs, option, path, Kind::Environment)?;
    let block = super::environment::parse_block(&bytes);
    let file = || named(option, path);
    if block.is_cut {
        return Err(InputError(format!(
            "{} is a table, in which PowerShell shortens long values; use: cmd /c set",
            file()
        )));
    }
    if block.variables.is_empty() {
        return Err(InputError(format!(
            "{} has no NAME=value line; use the output of `env` or a copy of /proc/1/environ",
            file()
        )));
    }
    Ok(block)
}

fn token_file(path: &Path, inputs: &Inputs) -> Result<Secret<String>, InputError> {
    let content = match inputs.pasted("--token-file") {
        Some(text) => text.clone(),
        None => Secret::new(input::text("--token-file", path, Kind::Token)?),
    };
    // Of several tokens in a file, none is chosen.
    let found = copied(content.expose());
    let token = Secret::new(if found.others == 0 { found.token } else { content.expose().clone() });
    if token.expose().is_empty() {
        return Err(InputError(format!("{} is empty; it must contain one access token", named("--token-file", path))));
    }
    let sendable = token.expose().chars().all(|character| character.is_ascii_graphic());
    if !sendable || DecodedToken::decode(token.expose()).claims.is_empty() {
        return Err(InputError(format!(
            "{} contains no readable token; it must be a JWT (three base64url parts separated by dots)",
            named("--token-file", path)
        )));
    }
    Ok(token)
}

fn ca_file(path: &Path) -> Result<Vec<u8>, InputError> {
    let option = "--ca-bundle (or SSL_CERT_FILE)";
    let bytes = input::bytes(option, path, Kind::Certificates)?;
    super::http::tls::certificates(&bytes)
        .map_err(|reason| InputError(format!("{}: {reason}", named(option, path))))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_target(target: &str) -> Result<Prepared, InputError> {
        prepare(Inputs { target: Some(target.to_owned()), ..Inputs::default() })
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
}
