//! The options that commands share, grouped as `--help` shows them.

use clap::{Args, ValueEnum};

use crate::case::ids::{ClientId, TenantId};
use crate::case::inputs::{Cloud, CredentialKind, IdentitySelector};
use crate::case::secret::Secret;

use super::value_parsers;

/// Everything that `check` and the default command take.
#[derive(Debug, Clone, Args)]
pub struct CheckOptions {
    /// What is called, by whom, and how.
    #[command(flatten)]
    pub target: TargetOptions,
    /// Where and how the report is written.
    #[command(flatten)]
    pub output: OutputOptions,
    /// Planning and repeating.
    #[command(flatten)]
    pub run: RunOptions,
    /// How it is shown.
    #[command(flatten)]
    pub display: DisplayOptions,
}

/// What is called, by whom, and how.
#[derive(Debug, Clone, Args)]
pub struct TargetOptions {
    /// The URL on App 2 to call, path included (repeatable)
    #[arg(
        short,
        long,
        value_name = "URL",
        env = "EASYAUTH_DOCTOR_TARGET",
        hide_env_values = true,
        help_heading = "What to call"
    )]
    pub target: Vec<String>,
    /// A TOML file of many targets, each with its own resource, identity and settings file; what it sends (token-file,
    /// data) lies in its own folder
    #[arg(long, value_name = "FILE", help_heading = "What to call")]
    pub targets: Option<String>,
    /// App 2's Application ID URI, client id or scope; discovered from App 2's challenge when left out
    #[arg(
        short,
        long,
        value_name = "URI",
        env = "EASYAUTH_DOCTOR_RESOURCE",
        hide_env_values = true,
        help_heading = "What to call"
    )]
    pub resource: Option<String>,
    /// The method of the final call; others than GET, HEAD and OPTIONS ask first or need --yes
    #[arg(short = 'X', long, value_name = "METHOD", default_value = "GET", value_parser = value_parsers::method,
        help_heading = "What to call")]
    pub method: String,
    /// A header of the final call (repeatable)
    #[arg(short = 'H', long = "header", value_name = "'NAME: VALUE'", value_parser = value_parsers::hidden,
        help_heading = "What to call")]
    pub headers: Vec<Secret<String>>,
    /// A file with the body of the final call
    #[arg(long, value_name = "FILE", help_heading = "What to call")]
    pub data: Option<String>,
    /// Send a final call whose method changes something without asking
    #[arg(long, help_heading = "What to call")]
    pub yes: bool,

    /// How App 1 gets its token; `auto` follows the order of Microsoft's SDKs
    #[arg(long, value_name = "KIND", value_parser = value_parsers::credential, help_heading = "The caller, App 1",
        hide_possible_values = true, long_help = CREDENTIAL_HELP)]
    pub credential: Option<CredentialKind>,
    /// Which managed identity: auto, system, client-id:GUID, object-id:GUID, resource-id:/subscriptions/…
    #[arg(long, value_name = "SELECTOR", default_value = "auto", value_parser = value_parsers::identity,
        help_heading = "The caller, App 1", long_help = IDENTITY_HELP)]
    pub identity: IdentitySelector,
    /// Tenant of a service principal, GUID or domain [default: AZURE_TENANT_ID]
    #[arg(long, value_name = "ID", value_parser = value_parsers::tenant, help_heading = "The caller, App 1")]
    pub tenant: Option<TenantId>,
    /// Client id of a service principal [default: AZURE_CLIENT_ID]
    #[arg(long, value_name = "GUID", value_parser = value_parsers::client_id, help_heading = "The caller, App 1")]
    pub client_id: Option<ClientId>,
    /// A file with the client secret [default: AZURE_CLIENT_SECRET, or a hidden prompt]
    #[arg(long, value_name = "FILE", help_heading = "The caller, App 1")]
    pub client_secret_file: Option<String>,
    /// Use the access token in this file (`-`: standard input); implies --credential token
    #[arg(long, value_name = "FILE", help_heading = "The caller, App 1")]
    pub token_file: Option<String>,
    /// Send a token for this audience to App 2 although nothing confirms that it is App 2's; must equal the token's aud
    #[arg(long, value_name = "URI", help_heading = "The caller, App 1", long_help = SEND_TOKEN_FOR_HELP)]
    pub send_token_for: Option<String>,
    /// The caller's expected client id or object id; another principal's token is then an error
    #[arg(long, value_name = "GUID", value_parser = value_parsers::guid, help_heading = "The caller, App 1")]
    pub expect_identity: Option<String>,
    /// Take App 1's identity variables from this NUL- or newline-separated file
    #[arg(long, value_name = "FILE", help_heading = "The caller, App 1")]
    pub environ: Option<String>,

    /// App 2's authentication settings as JSON, in any form that az, ARM, the portal, Terraform, auth.json or
    /// WEBSITE_AUTH_V2_CONFIG_JSON gives (`-`: standard input)
    #[arg(long, value_name = "FILE", help_heading = "What is known of App 2")]
    pub auth_settings: Option<String>,
    /// App 2's ARM id; its settings are then read from Azure Resource Manager with the same credential
    #[arg(
        long,
        value_name = "ID",
        env = "EASYAUTH_DOCTOR_TARGET_RESOURCE_ID",
        hide_env_values = true,
        help_heading = "What is known of App 2"
    )]
    pub target_resource_id: Option<String>,
    /// App 2's own log: log stream, *_easyauth_docker.log or exported AppServiceAuthenticationLogs rows
    #[arg(long, value_name = "FILE", help_heading = "What is known of App 2")]
    pub target_log: Option<String>,
    /// App 2's environment block, from its Kudu or SSH
    #[arg(long, value_name = "FILE", help_heading = "What is known of App 2")]
    pub target_environ: Option<String>,
    /// Evaluate as if App 2's settings were changed: 'allowedAudiences+=api://…', 'allowedApplications+=GUID',
    /// 'issuer=https://…', 'requestedAccessTokenVersion=2' (repeatable)
    #[arg(long, value_name = "CHANGE", value_parser = value_parsers::assumption,
        help_heading = "What is known of App 2")]
    pub assume: Vec<String>,

    /// Clouds and endpoints.
    #[command(flatten)]
    pub endpoints: EndpointOptions,

    /// Whether the resource came from its variable.
    #[arg(skip)]
    pub resource_from_environment: bool,
    /// Whether the target came from its variable.
    #[arg(skip)]
    pub target_from_environment: bool,
    /// Whether the ARM id of App 2 came from its variable.
    #[arg(skip)]
    pub target_resource_id_from_environment: bool,
}

const CREDENTIAL_HELP: &str = "\
How App 1 gets its token; `auto` (the default) follows the order of Microsoft's SDKs

auto, managed-identity, client-secret, client-certificate, workload-identity, azure-cli, token";

const SEND_TOKEN_FOR_HELP: &str = "\
Send a token for this audience to App 2 although nothing confirms that it is App 2's; must equal the token's aud

For an App 2 that accepts tokens for a Microsoft API, such as https://management.azure.com. App 2 then holds a token \
that works at that API. A token that Microsoft Entra ID didn't issue is never sent";

const IDENTITY_HELP: &str = "\
Which managed identity to use

auto: AZURE_CLIENT_ID when it is set, else the system-assigned identity; system: the system-assigned identity; \
client-id:GUID, object-id:GUID or resource-id:/subscriptions/…: a user-assigned identity";

/// Clouds and endpoints.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Endpoints")]
pub struct EndpointOptions {
    /// The cloud: public, usgov or china
    #[arg(long, value_name = "NAME", default_value = "public", value_parser = value_parsers::cloud)]
    pub cloud: Cloud,
    /// Entra's address, when not the cloud's
    #[arg(long, value_name = "URL", env = "AZURE_AUTHORITY_HOST", hide_env_values = true)]
    pub authority: Option<String>,
    /// Azure Resource Manager's address, when not the cloud's
    #[arg(
        long,
        value_name = "URL",
        env = "EASYAUTH_DOCTOR_RESOURCE_MANAGER",
        hide_env_values = true
    )]
    pub resource_manager: Option<String>,
    /// Microsoft Graph's address, when not the cloud's
    #[arg(long, value_name = "URL", env = "EASYAUTH_DOCTOR_GRAPH", hide_env_values = true)]
    pub graph: Option<String>,
    /// Deadline of each request, 1 to 300
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=300))]
    pub timeout: u64,
    /// Extra trust anchors, PEM
    #[arg(long, value_name = "FILE", env = "SSL_CERT_FILE", hide_env_values = true)]
    pub ca_bundle: Option<String>,
}

/// Where and how the report is written.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputOptions {
    /// The report's form
    #[arg(long, value_name = "F", value_enum, default_value_t)]
    pub format: Format,
    /// Write the report to this file (`-`: standard output)
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<String>,
    /// Save the case: everything observed, secrets and signatures removed; `open` shows it elsewhere
    #[arg(long, value_name = "FILE")]
    pub save: Option<String>,
    /// Write App 2's whole settings with the root cause mended, for `az rest --method put --body @FILE`
    #[arg(long, value_name = "FILE")]
    pub edited_settings: Option<String>,
}

/// Planning and repeating.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub struct RunOptions {
    /// Check again until the call works, with back-off, printing what changed
    #[arg(long)]
    pub watch: bool,
    /// Print every request that would be sent, to whom, and with which token; send nothing
    #[arg(long, conflicts_with_all = ["watch", "output", "save", "edited_settings"])]
    pub plan: bool,
}

/// How things are shown.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct DisplayOptions {
    /// Colours: auto, always or never; NO_COLOR and TERM=dumb are honoured
    #[arg(long, value_name = "WHEN", value_enum, default_value_t, hide_possible_values = true)]
    pub color: ColorWhen,
    /// No characters beyond ASCII
    #[arg(long)]
    pub ascii: bool,
    /// Characters beyond ASCII also where the default has none: TERM=vt100 or linux, and pipes on Windows
    #[arg(long, conflicts_with = "ascii")]
    pub unicode: bool,
    /// Print the verdict and the root cause only
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print facts, tables and requests as well
    #[arg(short, long)]
    pub verbose: bool,
}

/// The report's forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// Lines for people.
    #[default]
    Text,
    /// The contract with programs.
    Json,
    /// For tickets and wikis.
    Markdown,
    /// One self-contained page.
    Html,
    /// One test case a step, for pipelines.
    Junit,
}

/// When colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ColorWhen {
    /// On a terminal that can, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}
