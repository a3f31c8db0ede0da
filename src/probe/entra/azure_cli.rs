//! The Azure CLI as a credential: `az account get-access-token`, as `AzureCliCredential` of Microsoft's SDKs runs it.

use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::process::Command;

use crate::case::exchange::{FailureKind, Outcome, Purpose};
use crate::case::json;
use crate::case::observation::Observation;
use crate::probe::credential::{Credential, Issued, from_json};
use crate::probe::http::pause;

/// The command, as the record names it.
pub const COMMAND: &str = "az account get-access-token";

/// Asks the signed-in user's or principal's token.
pub async fn token(credential: &Credential<'_>, purpose: Purpose, resource: &str) -> Option<Issued> {
    let fail = |kind, message: &str| {
        credential.http.record_failure(purpose.clone(), COMMAND, kind, message);
        None
    };
    // The resource is in a command line: nothing that a shell of Windows could take for its own may be in it.
    if resource.starts_with('-')
        || !resource.chars().all(|character| character.is_ascii_alphanumeric() || "-._~:/".contains(character))
    {
        return fail(FailureKind::NotSent, "the resource contains characters that aren't passed to the Azure CLI");
    }
    // The CLI starts slowly: it gets three times what a request gets.
    let deadline = credential.http.timeout().saturating_mul(3);
    let id = credential.http.begin_command(purpose.clone(), COMMAND, deadline);
    let ended = credential.http.waited_for(&purpose, async {
        let (outcome, paused) = pause::watched(deadline, run(credential, resource, deadline)).await;
        // A process that was stopped meanwhile saw no time pass.
        if paused.is_some() && !matches!(&outcome, Ok(Ok(output)) if output.status.success()) {
            return run(credential, resource, deadline).await;
        }
        outcome
    });
    let ended = Box::pin(ended).await;
    credential.http.tell(Observation::Ended { id });
    let Some(outcome) = ended else {
        credential.http.record(purpose, COMMAND, Outcome::NotWaitedFor);
        return None;
    };
    let output = match outcome {
        Err(_) => {
            return fail(FailureKind::AnswerTimeout, &format!("no response within {} s", deadline.as_secs()));
        }
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            return fail(FailureKind::Command, "the Azure CLI (az) isn't installed or isn't on the PATH");
        }
        Ok(Err(error)) => return fail(FailureKind::Command, &error.to_string()),
        Ok(Ok(output)) => output,
    };
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return fail(FailureKind::Command, &in_words(said.trim()));
    }
    let issued = json::parse_bytes(&output.stdout).ok().as_ref().and_then(from_json);
    match issued {
        Some(issued) => {
            credential.http.learn(issued.token.expose());
            Some(issued)
        }
        None => fail(FailureKind::Command, "the Azure CLI returned no access token"),
    }
}

/// What the command says, with the words of an identity endpoint's answer in place of its JSON, which is one long run
/// of characters.
fn in_words(said: &str) -> String {
    let answer = said.split_once('{').zip(said.rsplit_once('}'));
    let read = answer.and_then(|((before, _), (_, after))| {
        let json = said.get(before.len()..said.len().checked_sub(after.len())?)?;
        let json: serde_json::Value = json::parse(json).ok()?;
        let words = json.get("error_description").or_else(|| json.get("error")?.get("message"))?.as_str()?;
        Some(format!("{before}{words}{after}"))
    });
    read.unwrap_or_else(|| said.to_owned())
}

/// Runs the command once.
async fn run(
    credential: &Credential<'_>,
    resource: &str,
    deadline: Duration,
) -> Result<std::io::Result<Output>, tokio::time::error::Elapsed> {
    let mut command = Command::new(if cfg!(windows) { "az.cmd" } else { "az" });
    command.args(["account", "get-access-token", "--output", "json", "--resource", resource]);
    if let Some(tenant) = &credential.prepared.inputs.tenant {
        command.args(["--tenant", tenant.as_str()]);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    tokio::time::timeout(deadline, command.output()).await
}
