//! `--plan`: every request that a check would send, to whom, and with which token. Nothing is sent.

use serde::Serialize;

use crate::case::exchange::Purpose;
use crate::case::secret::without_tokens;
use crate::case::text::visible;
use crate::cli::CheckOptions;
use crate::knowledge::{Said, phrase};
use crate::probe::preview::{Carried, Planned, Preview, Recipient, When};
use crate::probe::{self, Prepared};
use crate::report::text::{Style, to_ascii_lines};
use crate::report::{Format, SCHEMA_VERSION, wrap};

use super::check;
use super::console::Console;
use super::{CliError, ask};

/// Prints the plan; returns the exit code.
///
/// # Errors
/// An input that cannot be used, or a form that a plan does not have.
pub fn run(options: &CheckOptions, console: &mut Console) -> Result<u8, CliError> {
    let json = match options.output.format {
        Format::Text => false,
        Format::Json => true,
        _ => return Err(CliError::Usage(phrase("plan.formats").text())),
    };
    let asked = ask::target(options, console)?;
    let inputs = check::given(asked.as_ref().unwrap_or(options), console)?;
    let prepared = inputs.into_iter().map(probe::prepare).collect::<Result<Vec<_>, _>>()?;
    if json {
        console.print_json(&without_tokens(&in_json(&prepared)?))?;
    } else {
        console.print(&without_tokens(&in_text(&prepared, &console.style)))?;
    }
    Ok(0)
}

/// The plan as one JSON object.
fn in_json(prepared: &[Prepared]) -> Result<String, CliError> {
    let document = Document {
        schema_version: SCHEMA_VERSION,
        targets: prepared.iter().map(probe::preview).map(OfTarget::from).collect(),
    };
    serde_json::to_string_pretty(&document)
        .map(|text| text + "\n")
        .map_err(|error| CliError::Usage(phrase("plan.unwritable").with("error", error.to_string()).text()))
}

/// The plan for people.
fn in_text(prepared: &[Prepared], style: &Style) -> String {
    let plans: Vec<String> =
        prepared.iter().map(|prepared| of_target(&probe::preview(prepared), style.width, false)).collect();
    let text = plans.join("\n");
    if style.ascii { to_ascii_lines(&text) } else { text }
}

/// What a check would send: how many requests to whom, and every request, laid out for this width.
#[must_use]
pub fn told(prepared: &Prepared, width: usize) -> (Vec<String>, String) {
    let plan = probe::preview(prepared);
    let mut sums: Vec<(Recipient, u64)> = Vec::new();
    for request in &plan.requests {
        let count = u64::from(request.at_most);
        match sums.iter_mut().find(|(to, _)| *to == request.to) {
            Some((_, sum)) => *sum = sum.saturating_add(count),
            None => sums.push((request.to, count)),
        }
    }
    let sum = |(to, count): &(Recipient, u64)| {
        let said = phrase("plan.sum").with("to", recipient(*to)).with("count", *count);
        said.when("several", *count > 1).text()
    };
    let summary = sums.iter().map(sum).collect();
    (summary, without_tokens(&of_target(&plan, width, true)))
}

fn of_target(plan: &Preview, width: usize, on_screen: bool) -> String {
    let title = phrase("plan.title").with_some("target", plan.target.as_ref());
    let mut text = title.text() + "\n";
    let count: u64 = plan.requests.iter().map(|request| u64::from(request.at_most)).sum();
    let mut head = vec![
        phrase("plan.count")
            .with("count", count)
            .when("empty", count == 0)
            .when("several", count > 1)
            .when("screen", on_screen),
        phrase("plan.credential").with("credential", plan.credential),
        phrase("plan.resource").with_some("resource", plan.resource.as_deref().map(visible)),
    ];
    if let Some(withheld) = &plan.withheld {
        head.push(phrase("plan.withheld").with("reason", withheld.to_string()));
    }
    if let Some(reason) = &plan.no_token {
        head.push(phrase("plan.no-token").with("reason", visible(reason)));
    }
    for line in head {
        text.push_str(&(wrap::wrap(&line.text(), width).join("\n") + "\n"));
    }
    for (number, request) in (1..).zip(&plan.requests) {
        text.push_str(&format!("\n{number:>3}. {} {}\n", request.method, request.url));
        for line in wrap::wrap(&described(request), width.saturating_sub(5)) {
            text.push_str(&format!("     {line}\n"));
        }
    }
    text
}

/// To whom, with what, why, and when.
fn described(request: &Planned) -> String {
    let carried: Vec<String> = request.carries.iter().map(|carried| self::carried(carried).text()).collect();
    let several = request.at_most > 1;
    phrase("plan.request")
        .with("to", recipient(request.to))
        .with_some("carries", (!carried.is_empty()).then(|| carried.join(" and ")))
        .with_some("purpose", (!is_call(&request.purpose)).then(|| request.purpose.describe()))
        .with_some("asks_for", request.asks_for.as_deref().map(visible))
        .with_some("when", when(request.when))
        .with_some("times", several.then(|| u64::from(request.at_most)))
        .text()
}

/// Whether the recipient and what goes along say all of a request's purpose.
const fn is_call(purpose: &Purpose) -> bool {
    matches!(
        purpose,
        Purpose::CallAnonymous
            | Purpose::CallInvalidToken
            | Purpose::CallWithToken
            | Purpose::CallOtherAudience
            | Purpose::CallRedirect(_)
    )
}

const fn recipient(to: Recipient) -> Said {
    phrase(match to {
        Recipient::IdentityEndpoint => "plan.to-identity-endpoint",
        Recipient::Proxy => "plan.to-proxy",
        Recipient::AzureCli => "plan.to-azure-cli",
        Recipient::Entra => "plan.to-entra",
        Recipient::App2 => "plan.to-app2",
        Recipient::ResourceManager => "plan.to-resource-manager",
        Recipient::Graph => "plan.to-graph",
    })
}

fn carried(carried: &Carried) -> Said {
    phrase(match carried {
        Carried::IdentityHeader => "plan.identity-header",
        Carried::ArcKey => "plan.arc-key",
        Carried::ClientSecret => "plan.client-secret",
        Carried::ClientAssertion => "plan.client-assertion",
        Carried::FederatedToken => "plan.federated-token",
        Carried::InvalidToken => "plan.invalid-token",
        Carried::TargetToken => "plan.target-token",
        Carried::ClientIdToken => "plan.client-id-token",
        Carried::ResourceManagerToken => "plan.resource-manager-token",
        Carried::GraphToken => "plan.graph-token",
        Carried::Body => "plan.body",
        Carried::Header(name) => return phrase("plan.header").with("header", visible(name)),
    })
}

const fn when(when: When) -> Option<Said> {
    Some(phrase(match when {
        When::Always => return None,
        When::ResourceFound => "plan.if-resource-found",
        When::PreviousRefused => "plan.if-previous-refused",
        When::RefusedOrUnnamed => "plan.if-refused-or-unnamed",
        When::RefusedOrRestricted => "plan.if-refused-or-restricted",
        When::MetadataNamed => "plan.if-metadata-named",
        When::SiteFound => "plan.if-site-found",
        When::ListGoesOn => "plan.if-list-goes-on",
        When::IssuerFound => "plan.if-issuer-found",
        When::TokenRefused => "plan.if-token-refused",
        When::TokenIssued => "plan.if-token-issued",
        When::TokenCleared => "plan.if-token-cleared",
        When::TokenClearedAndConfirmed => "plan.if-confirmed",
        When::Redirected => "plan.if-redirected",
        When::Refused => "plan.if-refused",
        When::Unauthorized => "plan.if-unauthorized",
        When::Rejected => "plan.if-rejected",
        When::AnythingRefused => "plan.if-anything-refused",
    }))
}

#[derive(Serialize)]
struct Document {
    schema_version: u32,
    targets: Vec<OfTarget>,
}

#[derive(Serialize)]
struct OfTarget {
    target: Option<String>,
    credential: &'static str,
    resource: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    no_token: Option<String>,
    requests: Vec<OfRequest>,
}

#[derive(Serialize)]
struct OfRequest {
    number: u32,
    purpose: &'static str,
    method: String,
    url: String,
    to: Recipient,
    #[serde(skip_serializing_if = "Option::is_none")]
    asks_for: Option<String>,
    carries: Vec<Carried>,
    when: When,
    at_most: u32,
}

impl From<Preview> for OfTarget {
    fn from(plan: Preview) -> Self {
        let numbered = |(number, request): (u32, Planned)| OfRequest {
            number,
            purpose: request.purpose.describe(),
            method: request.method,
            url: request.url,
            to: request.to,
            asks_for: request.asks_for.as_deref().map(visible),
            carries: request.carries,
            when: request.when,
            at_most: request.at_most,
        };
        Self {
            target: plan.target,
            credential: plan.credential,
            resource: plan.resource.as_deref().map(visible),
            withheld: plan.withheld.map(|refusal| refusal.to_string()),
            no_token: plan.no_token.as_deref().map(visible),
            requests: (1..).zip(plan.requests).map(numbered).collect(),
        }
    }
}
