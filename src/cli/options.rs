//! The options that commands share, grouped as `--help` shows them.

use clap::{Args, ValueEnum};

use crate::case::ids::{ClientId, TenantId};
use crate::case::inputs::{Cloud, CredentialKind, IdentitySelector};
use crate::case::secret::Secret;
use crate::case::value_parsers;
use crate::report::Format;

/// Any text, taken into hiding at once: a header may contain a key, and clap would quote it.
#[allow(clippy::unnecessary_wraps, reason = "clap requires the signature")]
fn hidden(text: &str) -> Result<Secret<String>, std::convert::Infallible> {
    Ok(Secret::new(text.to_owned()))
}

/// All options of `check` and of the default command.
#[derive(Debug, Clone, Args)]
pub struct CheckOptions {
    /// The URL on App 2 to call, like --target (repeatable)
    #[arg(value_name = "URL", value_parser = value_parsers::target, help_heading = "What to call")]
    pub url: Vec<String>,
    /// The call and its caller.
    #[command(flatten)]
    pub target: TargetOptions,
    /// The report's format and destination.
    #[command(flatten)]
    pub output: OutputOptions,
    /// Planning and repeating.
    #[command(flatten)]
    pub run: RunOptions,
    /// How it is shown.
    #[command(flatten)]
    pub display: DisplayOptions,
}

/// The call and its caller.
#[derive(Debug, Clone, Args)]
pub struct TargetOptions {
    /// The URL on App 2 to call, including its path (repeatable)
    #[arg(
        short,
        long,
        value_name = "URL",
        env = "EASYAUTH_DOCTOR_TARGET",
        hide_env_values = true,
        help_heading = "What to call"
    )]
    pub target: Vec<String>,
    /// A TOML file with several targets, each with its own resource, identity, and settings file; the files that it
    /// refers to (token-file, data) must be in the same folder
    #[arg(long, value_name = "FILE", help_heading = "What to call")]
    pub targets: Option<String>,
    /// App 2's Application ID URI, client ID, or scope [default: discovered from App 2's challenge]
    #[arg(
        short,
        long,
        value_name = "URI",
        env = "EASYAUTH_DOCTOR_RESOURCE",
        hide_env_values = true,
        help_heading = "What to call"
    )]
    pub resource: Option<String>,
    /// The HTTP method of the final call, any except TRACE and CONNECT; methods other than GET, HEAD, and OPTIONS can
    /// change data and require confirmation or --yes
    #[arg(short = 'X', long, value_name = "METHOD", default_value = "GET", value_parser = value_parsers::method,
        help_heading = "What to call")]
    pub method: String,
    /// A header of the final call (repeatable)
    #[arg(short = 'H', long = "header", value_name = "'NAME: VALUE'", value_parser = hidden,
        help_heading = "What to call")]
    pub headers: Vec<Secret<String>>,
    /// A file that contains the body of the final call
    #[arg(long, value_name = "FILE", help_heading = "What to call")]
    pub data: Option<String>,
    /// Don't ask before a final call with a method that can change data
    #[arg(long, help_heading = "What to call")]
    pub yes: bool,

    /// How App 1 gets its token; `auto` tries credentials in the order of the Azure SDKs
    #[arg(long, value_name = "KIND", value_parser = value_parsers::credential, help_heading = "The caller, App 1",
        hide_possible_values = true, long_help = CREDENTIAL_HELP)]
    pub credential: Option<CredentialKind>,
    /// The managed identity: auto, system, client-id:GUID, object-id:GUID, or resource-id:/subscriptions/...
    #[arg(long, value_name = "SELECTOR", default_value = "auto", value_parser = value_parsers::identity,
        help_heading = "The caller, App 1", long_help = IDENTITY_HELP)]
    pub identity: IdentitySelector,
    /// The tenant of a service principal, as a GUID or domain [default: AZURE_TENANT_ID]
    #[arg(long, value_name = "ID", value_parser = value_parsers::tenant, help_heading = "The caller, App 1")]
    pub tenant: Option<TenantId>,
    /// The client ID of a service principal [default: AZURE_CLIENT_ID]
    #[arg(long, value_name = "GUID", value_parser = value_parsers::client_id, help_heading = "The caller, App 1")]
    pub client_id: Option<ClientId>,
    /// A file that contains the client secret [default: AZURE_CLIENT_SECRET, or a hidden prompt]
    #[arg(long, value_name = "FILE", help_heading = "The caller, App 1")]
    pub client_secret_file: Option<String>,
    /// Use the access token in this file (`-`: standard input); implies --credential token
    #[arg(long, value_name = "FILE", help_heading = "The caller, App 1")]
    pub token_file: Option<String>,
    /// Send the token to App 2 even if nothing confirms that this audience is App 2's; must equal the token's aud
    #[arg(long, value_name = "URI", help_heading = "The caller, App 1", long_help = SEND_TOKEN_FOR_HELP)]
    pub send_token_for: Option<String>,
    /// The caller's expected client ID or object ID; a token issued to another principal is then an error
    #[arg(long, value_name = "GUID", value_parser = value_parsers::guid, help_heading = "The caller, App 1")]
    pub expect_identity: Option<String>,
    /// Read App 1's identity variables from this file, separated by NUL or newline
    #[arg(long, value_name = "FILE", help_heading = "The caller, App 1")]
    pub environ: Option<String>,

    /// App 2's authentication settings as JSON from az, ARM, the portal, Terraform, auth.json, or
    /// WEBSITE_AUTH_V2_CONFIG_JSON (`-`: standard input)
    #[arg(long, value_name = "FILE", help_heading = "About App 2")]
    pub auth_settings: Option<String>,
    /// App 2's resource ID; its settings are then read from Azure Resource Manager with the same credential
    #[arg(
        long,
        value_name = "ID",
        env = "EASYAUTH_DOCTOR_TARGET_RESOURCE_ID",
        hide_env_values = true,
        help_heading = "About App 2"
    )]
    pub target_resource_id: Option<String>,
    /// App 2's log: log stream, *_easyauth_docker.log, or exported AppServiceAuthenticationLogs rows
    #[arg(long, value_name = "FILE", help_heading = "About App 2")]
    pub target_log: Option<String>,
    /// App 2's environment variables, from its Kudu console or SSH session
    #[arg(long, value_name = "FILE", help_heading = "About App 2")]
    pub target_environ: Option<String>,
    /// Also evaluate App 2's settings with this change: 'allowedAudiences+=api://...', 'allowedApplications+=GUID',
    /// 'issuer=https://...', 'requestedAccessTokenVersion=2' (repeatable)
    #[arg(long, value_name = "CHANGE", value_parser = value_parsers::assumption,
        help_heading = "About App 2")]
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
    /// Whether the ARM ID of App 2 came from its variable.
    #[arg(skip)]
    pub target_resource_id_from_environment: bool,
}

const CREDENTIAL_HELP: &str = "\
How App 1 gets its token; `auto` (the default) tries credentials in the order of the Azure SDKs

Values: auto, managed-identity, client-secret, client-certificate, workload-identity, azure-cli, token";

const SEND_TOKEN_FOR_HELP: &str = "\
Send the token to App 2 even if nothing confirms that this audience is App 2's; must equal the token's aud

Use this if App 2 accepts tokens for a Microsoft API, such as https://management.azure.com. App 2 can then use the \
token to call that API. A token that Microsoft Entra ID didn't issue is never sent";

const IDENTITY_HELP: &str = "\
The managed identity to use

auto: the identity in AZURE_CLIENT_ID if it is set, otherwise the system-assigned identity; \
system: the system-assigned identity; \
client-id:GUID, object-id:GUID, or resource-id:/subscriptions/...: a user-assigned identity";

/// Clouds and endpoints.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Endpoints")]
pub struct EndpointOptions {
    /// The cloud: public, usgov, or china
    #[arg(long, value_name = "NAME", default_value = "public", value_parser = value_parsers::cloud)]
    pub cloud: Cloud,
    /// The Microsoft Entra ID authority [default: the cloud's]
    #[arg(long, value_name = "URL", env = "AZURE_AUTHORITY_HOST", hide_env_values = true)]
    pub authority: Option<String>,
    /// The URL of Azure Resource Manager [default: the cloud's]
    #[arg(long, value_name = "URL", env = "EASYAUTH_DOCTOR_RESOURCE_MANAGER", hide_env_values = true)]
    pub resource_manager: Option<String>,
    /// The URL of Microsoft Graph [default: the cloud's]
    #[arg(long, value_name = "URL", env = "EASYAUTH_DOCTOR_GRAPH", hide_env_values = true)]
    pub graph: Option<String>,
    /// The timeout of each request, 1 to 300
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = value_parsers::timeout,
        allow_negative_numbers = true)]
    pub timeout: u64,
    /// Additional trusted certificates, in PEM format
    #[arg(long, value_name = "FILE", env = "SSL_CERT_FILE", hide_env_values = true)]
    pub ca_bundle: Option<String>,
}

/// The report's format and destination.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputOptions {
    /// The report's format
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: Format,
    /// Write the report to this file (`-`: standard output); the text report is printed as well
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<String>,
    /// Save the case (all observations, without secrets and signatures) to this file, for `open`
    #[arg(long, value_name = "FILE")]
    pub save: Option<String>,
    /// Write App 2's complete settings, with the root cause fixed, to this file, for `az rest --method put --body
    /// @FILE`
    #[arg(long, value_name = "FILE")]
    pub edited_settings: Option<String>,
}

/// Planning and repeating.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub struct RunOptions {
    /// Repeat the check, with longer and longer pauses, until the call succeeds, and show what changed; each check
    /// rewrites the files of -o and --save, and --format json without -o prints one line each time the result changes
    #[arg(long)]
    pub watch: bool,
    /// Ask for missing values, one question at a time, even without a terminal; each answer is one line on standard
    /// input
    #[arg(long)]
    pub ask: bool,
    /// Print every request that a check would send, with its recipient and token; nothing is sent
    #[arg(long, conflicts_with_all = ["watch", "output", "save", "edited_settings"])]
    pub plan: bool,
}

/// How output is shown.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct DisplayOptions {
    /// When to use color: auto, always, or never; NO_COLOR and TERM=dumb turn it off
    #[arg(long, value_name = "WHEN", value_enum, default_value_t, hide_possible_values = true)]
    pub color: ColorWhen,
    /// Use only ASCII characters
    #[arg(long)]
    pub ascii: bool,
    /// Use Unicode characters even where the default is ASCII (TERM=vt100 or linux, pipes on Windows)
    #[arg(long, conflicts_with = "ascii")]
    pub unicode: bool,
    /// Print only the verdict and the root cause
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Also print facts, tables, requests, and commands for Azure PowerShell
    #[arg(short, long)]
    pub verbose: bool,
}

/// When to use color.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ColorWhen {
    /// On a terminal that supports it, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
