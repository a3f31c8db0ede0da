//! Azure Arc: the first answer names a key file that only privileged processes can read; its content proves the caller
//! (`azure_arc_managed_identity` of Microsoft's SDKs).

use std::io::Read as _;
use std::path::{Path, PathBuf};

use url::Url;

use crate::case::exchange::{FailureKind, Outcome, Purpose};
use crate::case::inputs::IdentitySelector;
use crate::case::platform::Platform;
use crate::case::quote;
use crate::case::secret::Secret;
use crate::case::text::visible;
use crate::probe::address::is_loopback;
use crate::probe::http::{Http, Reply, Request};
use crate::probe::trust::file_of;

use super::asked::{Asked, RequestError, direct, endpoint};

/// The agent's address where no variable names it.
const AGENT: &str = "http://localhost:40342/metadata/identity/oauth2/token";
/// A key file is no longer than this.
const KEY_LIMIT: u64 = 4096;

/// Asks twice: for the challenge, and with the key.
pub(super) async fn ask(http: &Http, asked: &Asked<'_>) -> Option<Reply> {
    let give_up = |message: &str| {
        http.record_failure(asked.purpose.clone(), "Azure Arc", FailureKind::NotSent, message);
        None
    };
    let url = match address(asked) {
        Ok(url) => url,
        Err(error) => return give_up(&error.to_string()),
    };
    let challenge = http.send(first(&url)).await;
    let Some(answer) = challenge.exchange.answer() else {
        // The failure is the answer to the token request as well.
        let failure = challenge.exchange.failure();
        let message = failure.map(|failure| failure.message.clone()).unwrap_or_default();
        http.record_failure(
            asked.purpose.clone(),
            url.as_str(),
            failure.map_or(FailureKind::Other, |failure| failure.kind),
            &message,
        );
        return None;
    };
    // What refuses the first request refuses the token.
    if answer.status != 401 {
        http.record(asked.purpose.clone(), url.as_str(), Outcome::Answer(answer.clone()));
        return None;
    }
    let realm = answer
        .headers_named("www-authenticate")
        .find_map(|header| header.split_once("realm=").map(|(_, path)| path.trim().trim_matches('"').to_owned()));
    let Some(realm) = realm else {
        return give_up("the agent returned 401 without a key file (WWW-Authenticate: Basic realm=<path>)");
    };
    if !is_agent(asked, &url) {
        return give_up(&format!(
            "the agent's key file wasn't read, because the key is only for the agent on this machine and not for {}",
            quote::value(url.as_str())
        ));
    }
    let key = match read_key(Path::new(&realm), &folders(asked.trial, Path::new(&realm))) {
        Ok(key) => key,
        Err(message) => return give_up(&message),
    };
    http.learn(key.expose());
    Some(http.send(second(asked, url, &key)).await)
}

fn first(url: &Url) -> Request {
    direct(Request::get(Purpose::ArcChallenge, url.clone())).header("Metadata", "true")
}

fn second(asked: &Asked<'_>, url: Url, key: &Secret<String>) -> Request {
    let authorization = Secret::new(format!("Basic {}", key.expose()));
    direct(Request::get(asked.purpose.clone(), url)).header("Metadata", "true").hidden("Authorization", authorization)
}

/// Both requests, the second with an empty key.
pub(super) fn planned(asked: &Asked<'_>) -> Vec<Request> {
    let key = Secret::new(String::new());
    let both = |url: Url| vec![first(&url), second(asked, url, &key)];
    address(asked).map(both).unwrap_or_default()
}

fn address(asked: &Asked<'_>) -> Result<Url, RequestError> {
    if !matches!(asked.selector, IdentitySelector::System | IdentitySelector::Auto) {
        return Err(RequestError::CannotSelect {
            reason: Platform::AzureArc.protocol().otherwise.as_deref().unwrap_or_default(),
            asked: asked.selector.clone(),
        });
    }
    let mut url = if asked.environment.has("IDENTITY_ENDPOINT") {
        endpoint(asked.environment, "IDENTITY_ENDPOINT")?
    } else {
        Url::parse(AGENT)?
    };
    url.query_pairs_mut().append_pair("api-version", "2020-06-01").append_pair("resource", asked.resource);
    Ok(url)
}

/// Whether an address is the agent's on this machine. A file that was given may name only the one that the agent has.
fn is_agent(asked: &Asked<'_>, url: &Url) -> bool {
    let own = Url::parse(AGENT).is_ok_and(|agent| agent.origin() == url.origin());
    own || is_loopback(url) && file_of(asked.environment, "IDENTITY_ENDPOINT").is_none()
}

/// The folders in which a key file may lie. In a trial (the lab, in this very process) one below the system's folder
/// for temporary files stands for the agent's, which belongs to the machine.
fn folders(trial: bool, key: &Path) -> Vec<PathBuf> {
    let windows =
        std::env::var_os("ProgramData").map(|base| Path::new(&base).join("AzureConnectedMachineAgent").join("Tokens"));
    let temporary = key.parent().filter(|folder| trial && folder.starts_with(std::env::temp_dir()));
    let temporary = temporary.map(Path::to_owned);
    std::iter::once(PathBuf::from("/var/opt/azcmagent/tokens")).chain(windows).chain(temporary).collect()
}

/// Reads a key file after the checks that Microsoft's SDKs make: its folder, its ending, its size.
fn read_key(path: &Path, folders: &[PathBuf]) -> Result<Secret<String>, String> {
    let shown = visible(&path.display().to_string());
    if path.extension().is_none_or(|extension| extension != "key") {
        return Err(format!("the agent named the file {shown}, which doesn't end in .key; it wasn't read"));
    }
    if !folders.iter().any(|folder| path.parent() == Some(folder.as_path())) {
        return Err(format!(
            "the agent named the file {shown}, which isn't in the agent's token folder; it wasn't read"
        ));
    }
    let failed = |error: std::io::Error| {
        format!("can't read the key file {shown} ({error}); run as root or as a member of the group himds")
    };
    // A pipe would never end, and a link leads out of the folder.
    let known = std::fs::symlink_metadata(path).map_err(failed)?;
    if !known.is_file() {
        return Err(format!("the agent named {shown}, which isn't a regular file; it wasn't read"));
    }
    let length = known.len();
    if length == 0 || length > KEY_LIMIT {
        return Err(format!("the key file {shown} has {length} bytes, not 1 to {KEY_LIMIT}; it wasn't read"));
    }
    let file = std::fs::File::open(path).map_err(failed)?;
    let mut key = String::new();
    file.take(KEY_LIMIT).read_to_string(&mut key).map_err(failed)?;
    Ok(Secret::new(key.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::read_key;

    #[test]
    fn only_a_small_key_file_in_the_agents_folder_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let folders = [folder.path().to_owned()];
        let good = folder.path().join("a.key");
        std::fs::write(&good, "the key\n").unwrap();
        assert_eq!(read_key(&good, &folders).unwrap().expose(), "the key");
        let large = folder.path().join("b.key");
        std::fs::write(&large, vec![b'x'; 5000]).unwrap();
        let other_ending = folder.path().join("c.txt");
        std::fs::write(&other_ending, "x").unwrap();
        let outside = folder.path().join("..").join("d.key");
        let empty = folder.path().join("e.key");
        std::fs::write(&empty, "").unwrap();
        let below = folder.path().join("below");
        std::fs::create_dir(&below).unwrap();
        std::fs::write(below.join("f.key"), "x").unwrap();
        let missing = folder.path().join("missing.key");
        let mut bad = vec![large, other_ending, missing, outside, "/etc/shadow.key".into(), empty, below.join("f.key")];
        #[cfg(unix)]
        for (name, to) in [("link.key", "a.key"), ("device.key", "/dev/zero")] {
            let link = folder.path().join(name);
            std::os::unix::fs::symlink(to, &link).unwrap();
            bad.push(link);
        }
        for bad in bad {
            assert!(read_key(&bad, &folders).is_err(), "{}", bad.display());
        }
    }
}
