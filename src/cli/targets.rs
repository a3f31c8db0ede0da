//! The file of `--targets`: several targets in TOML, each with its own values. Unknown keys are errors with their line.

use std::fmt::Display;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;

use crate::case::inputs::{CredentialKind, IdentitySelector, Inputs};
use crate::case::{quote, value_parsers};
use crate::objects;

use super::usage::{UsageError, header_of};

/// One `[[target]]`. Keys are named like the options; the options are the defaults.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub struct TargetEntry {
    /// The URL on App 2 to call.
    url: String,
    resource: Option<String>,
    credential: Option<String>,
    identity: Option<String>,
    tenant: Option<String>,
    client_id: Option<String>,
    client_secret_file: Option<PathBuf>,
    token_file: Option<PathBuf>,
    send_token_for: Option<String>,
    expect_identity: Option<String>,
    environ: Option<PathBuf>,
    auth_settings: Option<PathBuf>,
    target_resource_id: Option<String>,
    target_log: Option<PathBuf>,
    target_environ: Option<PathBuf>,
    method: Option<String>,
    headers: Option<Vec<String>>,
    data: Option<PathBuf>,
    timeout: Option<u64>,
    assume: Option<Vec<String>>,
    /// Its number in the file, from 1, for messages.
    #[serde(skip)]
    number: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetsFile {
    #[serde(default)]
    target: Vec<TargetEntry>,
}

/// Reads the text of a targets file. Relative paths in it are relative to `folder`, the file's own.
///
/// # Errors
/// TOML's message with the line number and the key, never the line itself; also for unknown keys.
pub fn parse(name: &str, text: &str, folder: &Path) -> Result<Vec<TargetEntry>, UsageError> {
    let name = quote::path(name);
    let file: TargetsFile = toml::Deserializer::parse(text).and_then(objects::read).map_err(|error| {
        UsageError(format!(
            "{name} isn't a valid targets file: {}{}. Each target is a table such as:\n\n[[target]]\n\
             url = \"https://app2.azurewebsites.net/api/hello\"",
            meant(error.message()).unwrap_or_else(|| quote::parser_message(error.message())),
            place(text, error.span().map(|span| span.start))
        ))
    })?;
    let mut entries = file.target;
    for (place, entry) in entries.iter_mut().enumerate() {
        entry.number = place.saturating_add(1);
        entry.keeps_to_its_folder(&name)?;
        for path in [
            &mut entry.client_secret_file,
            &mut entry.token_file,
            &mut entry.environ,
            &mut entry.auth_settings,
            &mut entry.target_log,
            &mut entry.target_environ,
            &mut entry.data,
        ]
        .into_iter()
        .flatten()
        {
            if path.as_os_str() == "-" {
                return Err(UsageError(format!(
                    "{name}, target {}: targets can't share standard input (`-`); use a file",
                    entry.number
                )));
            }
            *path = folder.join(&path);
        }
        entry.leads_into_its_folder(&name, folder)?;
    }
    Ok(entries)
}

/// What a key that isn't known was probably meant to be, by a message that lists all.
fn meant(message: &str) -> Option<String> {
    let (typed, known) = message.strip_prefix("unknown field `")?.split_once('`')?;
    let known = known.split('`').skip(1).step_by(2);
    let near = known.map(|name| (strsim::normalized_damerau_levenshtein(typed, name), name));
    let (_, name) = near.filter(|(likeness, _)| *likeness > 0.5).max_by(|one, other| one.0.total_cmp(&other.0))?;
    Some(format!("{} isn't a known field; did you mean '{name}'?", quote::value(typed)))
}

/// Where an error is: the line, the column, and the key that the line sets.
fn place(text: &str, at: Option<usize>) -> String {
    let Some((before, after)) = at.and_then(|at| text.split_at_checked(at)) else {
        return String::new();
    };
    let line = before.matches('\n').count().saturating_add(1);
    let start = before.rsplit('\n').next().unwrap_or_default();
    let column = start.chars().count().saturating_add(1);
    let rest = after.split('\n').next().unwrap_or_default();
    let key = format!("{start}{rest}")
        .split_once('=')
        .and_then(|(key, _)| quote::shown(key))
        .map(|key| format!(", key '{key}'"))
        .unwrap_or_default();
    format!(" (line {line}, column {column}{key})")
}

impl TargetEntry {
    /// Files that are sent to the target must be in the folder of the targets file: its author must not be able to
    /// choose both a URL and a file of this machine to send there.
    fn keeps_to_its_folder(&self, name: &str) -> Result<(), UsageError> {
        for (key, option, path) in self.sent_files() {
            if !path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
                return Err(self.outside(name, key, option));
            }
        }
        Ok(())
    }

    /// The same of where their links lead. What isn't there is reported when it is read.
    fn leads_into_its_folder(&self, name: &str, folder: &Path) -> Result<(), UsageError> {
        let real = |path: &Path| std::fs::canonicalize(if path.as_os_str().is_empty() { Path::new(".") } else { path });
        for (key, option, path) in self.sent_files() {
            let places = real(path).ok().zip(real(folder).ok());
            if places.is_some_and(|(path, folder)| !path.starts_with(folder)) {
                return Err(self.outside(name, key, option));
            }
        }
        Ok(())
    }

    /// The files that are sent to the target: key, option, and place.
    fn sent_files(&self) -> impl Iterator<Item = (&'static str, &'static str, &Path)> {
        let files = [("token-file", "--token-file", &self.token_file), ("data", "--data", &self.data)];
        files.into_iter().filter_map(|(key, option, path)| Some((key, option, path.as_deref()?)))
    }

    fn outside(&self, name: &str, key: &str, option: &str) -> UsageError {
        UsageError(format!(
            "{name}, target {}: {key} must be in the folder of the targets file, because it is sent to the target; \
             move it there, or check this target alone with {option}",
            self.number
        ))
    }

    /// The inputs of this target, with `base` as defaults.
    ///
    /// # Errors
    /// An invalid value.
    pub fn inputs(&self, base: &Inputs) -> Result<Inputs, UsageError> {
        let mut inputs = base.clone();
        inputs.target = Some(self.read("url", &self.url, value_parsers::target)?);
        if let Some(resource) = &self.resource {
            inputs.resource = Some(self.read("resource", resource, value_parsers::resource)?);
            inputs.resource_from_environment = false;
        }
        self.caller(&mut inputs)?;
        if let Some(id) = &self.target_resource_id {
            inputs.target_resource_id = Some(self.read("target-resource-id", id, value_parsers::site_id)?);
        }
        replace(&mut inputs.environ, &self.environ);
        replace(&mut inputs.auth_settings, &self.auth_settings);
        replace(&mut inputs.target_log, &self.target_log);
        replace(&mut inputs.target_environ, &self.target_environ);
        replace(&mut inputs.data, &self.data);
        if let Some(method) = &self.method {
            inputs.method = self.read("method", method, value_parsers::method)?;
        }
        for header in self.headers.iter().flatten() {
            inputs.headers.push(header_of(&self.key("headers"), header)?);
        }
        for change in self.assume.iter().flatten() {
            inputs.assume.push(self.read("assume", change, value_parsers::assumption)?);
        }
        if let Some(timeout) = self.timeout {
            let text = timeout.to_string();
            value_parsers::timeout(&text).map_err(|why| UsageError::value(&self.key("timeout"), &text, &why))?;
            inputs.timeout_s = timeout;
        }
        Ok(inputs)
    }

    fn caller(&self, inputs: &mut Inputs) -> Result<(), UsageError> {
        if let Some(credential) = &self.credential {
            inputs.credential = self.read("credential", credential, value_parsers::credential)?;
            if inputs.credential != CredentialKind::Token {
                inputs.token_file = None;
            }
        }
        if let Some(identity) = &self.identity {
            inputs.identity = self.read("identity", identity, value_parsers::identity)?;
        } else if !matches!(inputs.credential, CredentialKind::Auto | CredentialKind::ManagedIdentity) {
            inputs.identity = IdentitySelector::Auto;
        }
        if let Some(tenant) = &self.tenant {
            inputs.tenant = Some(self.read("tenant", tenant, value_parsers::tenant)?);
        }
        if let Some(id) = &self.client_id {
            inputs.client_id = Some(self.read("client-id", id, value_parsers::client_id)?);
        }
        replace(&mut inputs.client_secret_file, &self.client_secret_file);
        if let Some(token) = &self.token_file {
            inputs.token_file = Some(token.clone());
            if self.credential.is_none() {
                inputs.credential = CredentialKind::Token;
            }
        }
        if self.send_token_for.is_some() {
            return Err(UsageError(format!(
                "{}: a targets file can't allow sending a token for another API to its targets; \
                 use --send-token-for on the command line",
                self.key("send-token-for")
            )));
        }
        if let Some(id) = &self.expect_identity {
            inputs.expect_identity = Some(self.read("expect-identity", id, value_parsers::guid)?);
        }
        Ok(())
    }

    fn read<T, E: Display>(&self, key: &str, text: &str, form: fn(&str) -> Result<T, E>) -> Result<T, UsageError> {
        form(text).map_err(|why| UsageError::value(&self.key(key), text, &why))
    }

    fn key(&self, key: &str) -> String {
        format!("{key} of target {}", self.number)
    }
}

fn replace(place: &mut Option<PathBuf>, own: &Option<PathBuf>) {
    if own.is_some() {
        place.clone_from(own);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_key_with_a_typing_error_names_the_right_one() {
        let text = "[[target]]\nurl = \"https://app2.example/\"\nresourse = \"api://x\"\n";
        let error = super::parse("targets.toml", text, std::path::Path::new(".")).unwrap_err().to_string();
        assert!(error.contains("did you mean 'resource'?") && error.contains("line 3"), "{error}");
    }

    use super::*;

    const FILE: &str = r#"
[[target]]
url = "https://a.example/api"
resource = "api://a"
identity = "system"
auth-settings = "a.json"

[[target]]
url = "https://b.example/api"
credential = "client-secret"
headers = ["x-functions-key: sesame"]
"#;

    #[test]
    fn each_target_has_its_own_and_the_rest_from_the_options() {
        let base = Inputs { timeout_s: 3, resource: Some("api://base".to_owned()), ..Inputs::default() };
        let entries = parse("t.toml", FILE, Path::new("/cases")).unwrap();
        let all: Vec<Inputs> = entries.iter().map(|entry| entry.inputs(&base).unwrap()).collect();
        let [first, second] = all.as_slice() else {
            panic!("two targets");
        };
        assert_eq!(first.resource.as_deref(), Some("api://a"));
        assert_eq!(first.auth_settings.as_deref(), Some(Path::new("/cases/a.json")));
        let releasing = "[[target]]\nurl = \"https://a.example\"\nsend-token-for = \"https://management.azure.com\"\n";
        let entries = parse("t.toml", releasing, Path::new("/cases")).unwrap();
        let error = entries.first().unwrap().inputs(&base).unwrap_err().to_string();
        assert!(error.contains("--send-token-for on the command line"), "{error}");
        assert_eq!(second.resource.as_deref(), Some("api://base"));
        assert_eq!((second.timeout_s, second.credential), (3, CredentialKind::ClientSecret));
    }

    #[test]
    #[cfg(unix)]
    fn a_link_leads_nowhere_else() {
        let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let outside = elsewhere.path().join("key");
        std::fs::write(&outside, "x").unwrap();
        std::fs::write(folder.path().join("own"), "x").unwrap();
        std::os::unix::fs::symlink(&outside, folder.path().join("away")).unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), folder.path().join("door")).unwrap();
        std::os::unix::fs::symlink("own", folder.path().join("here")).unwrap();
        let parsed = |key: &str, path: &str| {
            let text = format!("[[target]]\nurl = \"https://a.example\"\n{key} = \"{path}\"\n");
            parse("targets.toml", &text, folder.path()).map(drop).map_err(|error| error.to_string())
        };
        for key in ["token-file", "data"] {
            assert_eq!((parsed(key, "own"), parsed(key, "here")), (Ok(()), Ok(())));
            for away in ["away", "door/key"] {
                assert!(parsed(key, away).unwrap_err().contains("in the folder"), "{key} {away}");
            }
        }
    }

    #[test]
    fn a_file_sends_nothing_from_outside_of_its_folder() {
        for (line, good) in [
            ("token-file = \"token.txt\"", true),
            ("data = \"./bodies/a.json\"", true),
            ("data = \"/etc/passwd\"", false),
            ("token-file = \"../token.txt\"", false),
            ("data = \"a/../../b\"", false),
            ("auth-settings = \"/cases/a.json\"", true),
        ] {
            let file = format!("[[target]]\nurl = \"https://a.example\"\n{line}\n");
            assert_eq!(parse("t.toml", &file, Path::new("/cases")).is_ok(), good, "{line}");
        }
    }

    #[test]
    fn mistakes_name_their_place() {
        let error = parse("t.toml", "[[target]]\nurl = \"https://a.example\"\nresorce = \"x\"\n", Path::new("."))
            .unwrap_err()
            .to_string();
        assert!(error.contains("resorce") && error.contains("line 3"), "{error}");
        for line in [
            "headers = \"x-functions-key: sesame\"",
            "timeout = \"sesame\"",
            "sesame",
            "url = sesame",
            "\"se\\u001bsame",
        ] {
            let file = format!("[[target]]\n{line}\n");
            let error = parse("t.toml", &file, Path::new(".")).unwrap_err().to_string();
            assert!(error.contains("line 2") && !error.contains("sesame") && !error.contains('\u{1b}'), "{error}");
        }
        for file in ["target = [[1]]", "target = [\"https://a.example\"]"] {
            let error = parse("t.toml", file, Path::new(".")).unwrap_err().to_string();
            assert!(error.contains("expected a table, found a"), "{error}");
        }
        let entries = parse("t.toml", "[[target]]\nurl = \"http://a.example\"\n", Path::new(".")).unwrap();
        let error = entries.first().unwrap().inputs(&Inputs::default()).unwrap_err().to_string();
        assert!(error.contains("'http://a.example'") && error.contains("target 1"), "{error}");
    }
}
