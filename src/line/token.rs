//! `token`: a token decoded and explained. Its signature is never printed.

use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use crate::case::Case;
use crate::case::credential::CredentialSource;
use crate::case::inputs::{CredentialKind, Inputs};
use crate::case::quote;
use crate::case::resource::{ChosenResource, ResourceSource};
use crate::case::secret::without_tokens;
use crate::case::step::StepId;
use crate::case::text;
use crate::case::token::copied::{Copied, copied};
use crate::case::token::{AcquiredToken, DecodedToken, SignatureVerdict};
use crate::cli::TokenOptions;
use crate::knowledge::{Said, phrase};
use crate::probe::input::{self, Kind};
use crate::probe::{self, Prepared, clock};
use crate::report::document::{self, Block, Detail};
use crate::report::{Report, text as lines, token_report};
use crate::session;

use super::console::Console;
use super::files::{self, Named};
use super::outputs::Outputs;
use super::{CliError, interruptible};

/// Decodes and explains a token; returns 0 when nothing is wrong with it, 1 when something is, and 3 when its signature
/// was to be verified and could not be.
///
/// # Errors
/// Input that cannot be read, or output that cannot be written.
pub async fn run(options: &TokenOptions, console: &mut Console) -> Result<u8, CliError> {
    let path = options.file.as_deref().unwrap_or("-");
    // A token as the argument: no file has this name, and the name isn't repeated.
    if path.starts_with("eyJ") && path.contains('.') && !std::path::Path::new(path).exists() {
        return Err(CliError::Usage(phrase("line.token-as-file").text()));
    }
    if path != "-" && std::path::Path::new(path).try_exists().is_ok_and(|exists| !exists) {
        return Err(CliError::Usage(phrase("line.no-token-file").with("file", quote::path(path)).text()));
    }
    let mut inputs = Inputs {
        resource: options.resource.clone(),
        credential: CredentialKind::Token,
        token_file: Some(path.into()),
        expect_identity: options.expect_identity.clone(),
        ..Inputs::default()
    };
    options.endpoints.apply(&mut inputs)?;
    let read: Vec<Named> = Named::of(&inputs);
    if options.verify {
        let prepared = probe::prepare(inputs).map_err(|error| {
            // This command has the file as its argument.
            let said = error.to_string().replacen("--token-file (standard input)", "standard input", 1);
            CliError::Usage(said.replacen("--token-file", "the token file", 1))
        })?;
        let outputs = Outputs::open(&options.output, false, &read)?;
        let work = async |outputs| print(&verified(&prepared).await?, outputs, options, console);
        outputs.after(work).await
    } else {
        let bytes = files::read("the token file", path, Kind::Token)?;
        let text = text_of(&bytes);
        if text.trim().is_empty() {
            let given = input::named("the token file", path.as_ref());
            return Err(CliError::Usage(phrase("line.empty-token").with("file", given).text()));
        }
        let found = copied(&text);
        let outputs = Outputs::open(&options.output, false, &read)?;
        for said in notes(&found) {
            console.say(&(said.text() + "\n"));
        }
        let token = Zeroizing::new(found.token);
        let work = async |outputs| print(&decoded(inputs, &token), outputs, options, console);
        outputs.after(work).await
    }
}

/// What was done with the text before its token was decoded.
fn notes(found: &Copied) -> Vec<Said> {
    let broken = (found.lines > 1).then(|| phrase("line.token-broken").with("lines", found.lines));
    let others =
        (found.others > 0).then(|| phrase("line.several-tokens").with("count", found.others.saturating_add(1)));
    broken.into_iter().chain(others).collect()
}

/// The token judged without network.
fn decoded(inputs: Inputs, token: &str) -> Report {
    let resource = inputs.resource.clone();
    let mut case = Case::new(inputs, clock::utc());
    case.resource = resource.as_deref().map(|given| ChosenResource::from_given(given, ResourceSource::Option));
    case.token = Some(AcquiredToken {
        source: CredentialSource::Token,
        resource,
        response: Vec::new(),
        decoded: DecodedToken::decode(token),
        signature: Some(SignatureVerdict::NotChecked { reason: phrase(token_report::NOT_ASKED).text() }),
    });
    case.settled.push(StepId::Claims);
    token_report::of_token(case, false)
}

/// The text of a token, whatever it is: what is wrong with it is explained, not refused.
fn text_of(bytes: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(text::decoded(bytes).unwrap_or_else(|_| String::from_utf8_lossy(bytes).into_owned()))
}

/// The token judged with its signature: a run without a target, which asks the authority for its keys and nobody else.
async fn verified(prepared: &Prepared) -> Result<Report, CliError> {
    interruptible(async {
        let cancel = CancellationToken::new();
        let _guard = cancel.clone().drop_guard();
        let (sender, _) = unbounded_channel();
        let report = session::run(prepared, None, sender, cancel).await;
        let mut case = report.observed().clone();
        // What a call would need wasn't looked for.
        case.settled = vec![StepId::Claims];
        Ok(token_report::of_token(case, true))
    })
    .await
}

fn print(report: &Report, outputs: Outputs, options: &TokenOptions, console: &mut Console) -> Result<u8, CliError> {
    let detail = if options.display.quiet { Detail::Brief } else { Detail::Full };
    let steps = [
        (StepId::Identity, options.expect_identity.is_some()),
        (StepId::Claims, true),
        (StepId::Audience, options.resource.is_some()),
    ];
    let blocks: Vec<Block> = steps
        .into_iter()
        .filter(|(_, shown)| *shown)
        .filter_map(|(id, _)| report.step(id))
        .flat_map(|step| document::step(step, detail))
        .collect();
    if outputs.prints_report() {
        console.print(&without_tokens(&lines::blocks(&blocks, &console.style)))?;
    }
    outputs.finish_with(std::slice::from_ref(report), &|style| lines::blocks(&blocks, style), console)?;
    Ok(report.exit_code())
}
