//! `token`: a token decoded and explained. Its signature is never printed.

use chrono::Utc;
use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;

use crate::case::Case;
use crate::case::credential::CredentialSource;
use crate::case::inputs::{CredentialKind, Inputs};
use crate::case::step::StepId;
use crate::case::token::{AcquiredToken, DecodedToken, SignatureVerdict};
use crate::cli::TokenOptions;
use crate::probe;
use crate::report::document::{self, Detail};
use crate::report::{Format, Report, Severity, StepStatus, render, text};
use crate::session;

use super::check::format_of;
use super::console::Console;
use super::files::{self, Destination};
use super::{Stop, interruptible};

/// Decodes and explains a token; returns 0 when it is sound and 1 when it is not.
///
/// # Errors
/// Input that cannot be read.
pub async fn run(options: &TokenOptions, console: &mut Console) -> Result<u8, Stop> {
    let path = options.file.as_deref().unwrap_or("-");
    let mut inputs = Inputs {
        resource: options.resource.clone(),
        credential: CredentialKind::Token,
        token_file: Some(path.into()),
        expect_identity: options.expect_identity.clone(),
        ..Inputs::default()
    };
    options.endpoints.apply(&mut inputs)?;
    let report = if options.verify {
        verified(inputs).await?
    } else {
        decoded(inputs, &files::read("token", path)?)
    };
    print(&report, options, console)
}

/// The token judged without network.
fn decoded(inputs: Inputs, bytes: &[u8]) -> Report {
    let resource = inputs.resource.clone();
    let mut case = Case::new(inputs, Utc::now());
    case.token = Some(AcquiredToken {
        source: CredentialSource::Token,
        resource,
        response: Vec::new(),
        decoded: DecodedToken::decode(&String::from_utf8_lossy(bytes)),
        signature: Some(SignatureVerdict::NotChecked {
            reason: "no network was used; --verify fetches the keys".to_owned(),
        }),
    });
    case.settled.push(StepId::Claims);
    Report::of(case)
}

/// The token judged with its signature: a run without a target, which asks the authority for its keys and nobody else.
async fn verified(inputs: Inputs) -> Result<Report, Stop> {
    let prepared = probe::prepare(inputs)?;
    interruptible(async {
        let cancel = CancellationToken::new();
        let _guard = cancel.clone().drop_guard();
        let (sender, _) = unbounded_channel();
        Ok(session::run(&prepared, None, sender, cancel).await)
    })
    .await
}

fn print(report: &Report, options: &TokenOptions, console: &mut Console) -> Result<u8, Stop> {
    let Some(step) = report.step(StepId::Claims) else {
        return Ok(1);
    };
    let destination = options
        .output
        .output
        .as_ref()
        .map(|path| Destination::open("--output", path))
        .transpose()?;
    let format = format_of(options.output.format);
    let written = if format == Format::Text {
        let detail = if options.display.quiet {
            Detail::Brief
        } else {
            Detail::Full
        };
        let blocks = document::step(step, detail);
        text::blocks(&blocks, &console.style)
    } else {
        render(std::slice::from_ref(report), false, format, &console.style)
    };
    match destination {
        Some(destination) => destination.write(written.as_bytes(), console)?,
        None => console.print(&written)?,
    }
    let well_formed = report.token().is_some_and(|token| token.defects.is_empty());
    let sound = well_formed
        && step.status != StepStatus::Fail
        && !step.findings.iter().any(|finding| finding.severity == Severity::Error);
    Ok(u8::from(!sound))
}
