//! `--plan`: every request that a check would send, to whom, and with which token. Nothing is sent.

use serde::Serialize;

use crate::case::secret::without_tokens;
use crate::case::text::visible;
use crate::cli::{CheckOptions, Format};
use crate::probe::preview::{Carried, Planned, Preview, Recipient, When};
use crate::probe::{self, Prepared};
use crate::report::text::{Style, to_ascii_lines};
use crate::report::{SCHEMA_VERSION, wrap};

use super::CliError;
use super::check;
use super::console::Console;

/// Prints the plan; returns the exit code.
///
/// # Errors
/// An input that cannot be used, or a form that a plan does not have.
pub fn run(options: &CheckOptions, console: &mut Console) -> Result<u8, CliError> {
    let json = match options.output.format {
        Format::Text => false,
        Format::Json => true,
        Format::Markdown | Format::Html | Format::Junit => {
            return Err(CliError::Usage(
                "--plan supports the formats text and json; remove --format or use --format json".to_owned(),
            ));
        }
    };
    let inputs = check::given(options, console)?;
    let prepared = inputs.into_iter().map(probe::prepare).collect::<Result<Vec<_>, _>>()?;
    let text = if json {
        in_json(&prepared)?
    } else {
        in_text(&prepared, &console.style)
    };
    console.print(&without_tokens(&text))?;
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
        .map_err(|error| CliError::Usage(format!("cannot write the plan: {error}")))
}

/// The plan for people.
fn in_text(prepared: &[Prepared], style: &Style) -> String {
    let plans: Vec<String> = prepared
        .iter()
        .map(|prepared| of_target(&probe::preview(prepared), style.width))
        .collect();
    let text = plans.join("\n");
    if style.ascii { to_ascii_lines(&text) } else { text }
}

fn of_target(plan: &Preview, width: usize) -> String {
    let mut text = match &plan.target {
        Some(target) => format!("Plan for {target}\n"),
        None => "Plan without a target\n".to_owned(),
    };
    let count: u32 = plan.requests.iter().map(|request| request.at_most).sum();
    let resource = plan.resource.as_deref().map_or_else(
        || "not given; App 2's settings or its answers must name it".to_owned(),
        visible,
    );
    let mut head = vec![
        format!("Nothing was sent. Without --plan, at most {count} requests are sent, in about this order."),
        format!("Credential: {}", plan.credential),
        format!("Resource:   {resource}"),
    ];
    if let Some(withheld) = &plan.withheld {
        head.push(format!("The token is not sent to App 2: {withheld}."));
    }
    if let Some(reason) = &plan.no_token {
        head.push(format!("No token for App 2 is requested: {}.", visible(reason)));
    }
    for line in head {
        text.push_str(&(wrap::wrap(&line, width).join("\n") + "\n"));
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
    let carried: Vec<String> = request.carries.iter().map(carried).collect();
    let with = match carried.as_slice() {
        [] => "without a token or secret".to_owned(),
        all => format!("with {}", all.join(" and ")),
    };
    let mut text = format!(
        "To {}, {with}. Purpose: {}.",
        recipient(request.to),
        request.purpose.describe()
    );
    if let Some(resource) = &request.asks_for {
        text.push_str(&format!(" Requested resource: {}.", visible(resource)));
    }
    if let Some(when) = when(request.when) {
        text.push_str(&format!(" Only if {when}."));
    }
    if request.at_most > 1 {
        text.push_str(&format!(" At most {} times.", request.at_most));
    }
    text
}

const fn recipient(to: Recipient) -> &'static str {
    match to {
        Recipient::IdentityEndpoint => "the identity endpoint",
        Recipient::Proxy => "the proxy that the environment names",
        Recipient::AzureCli => "the Azure CLI, which asks Microsoft Entra ID",
        Recipient::Entra => "Microsoft Entra ID",
        Recipient::App2 => "App 2",
        Recipient::ResourceManager => "Azure Resource Manager",
        Recipient::Graph => "Microsoft Graph",
    }
}

fn carried(carried: &Carried) -> String {
    match carried {
        Carried::IdentityHeader => "the secret header of the identity endpoint",
        Carried::ArcKey => "the key of the Azure Arc agent",
        Carried::ClientSecret => "the client secret",
        Carried::ClientAssertion => "an assertion signed with the client certificate",
        Carried::FederatedToken => "the federated token",
        Carried::InvalidToken => "a deliberately invalid token",
        Carried::TargetToken => "the token for App 2",
        Carried::ClientIdToken => "a token for App 2's client ID",
        Carried::ResourceManagerToken => "the token for Azure Resource Manager",
        Carried::GraphToken => "the token for Microsoft Graph",
        Carried::Body => "the body from --data",
        Carried::Header(name) => return format!("your header {}", visible(name)),
    }
    .to_owned()
}

const fn when(when: When) -> Option<&'static str> {
    Some(match when {
        When::Always => return None,
        When::ResourceFound => "no resource is given and App 2's settings or its answers name its client ID",
        When::PreviousRefused => "the previous request is refused",
        When::SiteFound => "App 2 is found among the subscription's sites",
        When::ListGoesOn => "the list has more pages or App 2 can be a deployment slot",
        When::IssuerFound => "App 2's settings name an issuer of Microsoft Entra ID",
        When::TokenRefused => "the request for App 2's token fails",
        When::TokenIssued => "a token is obtained",
        When::TokenCleared => "the token's audience is App 2's",
        When::TokenClearedAndConfirmed => "the token's audience is App 2's and you agree to the call (--yes)",
        When::Redirected => "App 2 redirects to its own host",
        When::Refused => "App 2 returns 401 or 403 and the token's audience is App 2's",
        When::Unauthorized => "App 2 returns 401 and the token's audience is App 2's",
        When::AnythingRefused => "App 2 returns 401 or 403, or the request for its token fails",
    })
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
