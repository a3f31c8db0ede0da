//! `token`: a token decoded and explained. Its signature is never printed.

use chrono::Utc;

use crate::case::Case;
use crate::case::credential::CredentialSource;
use crate::case::inputs::{CredentialKind, Inputs};
use crate::case::step::StepId;
use crate::case::token::{AcquiredToken, DecodedToken, SignatureVerdict};
use crate::cli::TokenOptions;
use crate::report::document::{self, Detail};
use crate::report::{Format, Report, Severity, StepStatus, render, text};

use super::Stop;
use super::check::format_of;
use super::console::Console;
use super::files::{self, Destination};
use super::surroundings::Surroundings;

/// Decodes and explains a token; returns 0 when it is sound and 1 when it is not.
///
/// # Errors
/// Input that cannot be read.
pub async fn run(options: &TokenOptions, _around: &Surroundings, console: &mut Console) -> Result<u8, Stop> {
    let path = options.file.as_deref().unwrap_or("-");
    let mut inputs = Inputs {
        resource: options.resource.clone(),
        credential: CredentialKind::Token,
        token_file: Some(path.into()),
        expect_identity: options.expect_identity.clone(),
        ..Inputs::default()
    };
    options.endpoints.apply(&mut inputs)?;
    let bytes = files::read("token", path)?;
    let text = String::from_utf8_lossy(&bytes);
    let mut case = Case::new(inputs, Utc::now());
    case.token = Some(AcquiredToken {
        source: CredentialSource::Token,
        resource: options.resource.clone(),
        response: Vec::new(),
        decoded: DecodedToken::decode(&text),
        signature: Some(SignatureVerdict::NotChecked {
            reason: "no network was used; --verify fetches the keys".to_owned(),
        }),
    });
    case.settled.push(StepId::Claims);
    print(&Report::of(case), options, console)
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
    let sound =
        step.status != StepStatus::Fail && !step.findings.iter().any(|finding| finding.severity == Severity::Error);
    Ok(u8::from(!sound))
}
