//! What the user asked for, after arguments and variables are merged and validated by form.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize, Serializer};

use super::ids::{ClientId, ObjectId, TenantId};
use super::plain_address::PlainAddress;
use super::resource_id::ResourceId;
use super::secret::Secret;
use super::target_kind::TargetKind;

pub use super::text::PASTED;

/// What the user asked for, for one target. Files are named here and read by `probe`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inputs {
    /// The URL on App 2 to call, path included; validated: `https`, or `http` to a loopback host.
    pub target: Option<String>,
    /// App 2's Application ID URI, client ID or scope, as given.
    pub resource: Option<String>,
    /// Whether the resource came from the option or from the environment; `None` when not given.
    pub resource_from_environment: bool,
    /// Which kind of credential to use.
    pub credential: CredentialKind,
    /// Which managed identity to use.
    pub identity: IdentitySelector,
    /// The tenant of a service principal: GUID or domain.
    pub tenant: Option<TenantId>,
    /// The client ID of a service principal.
    pub client_id: Option<ClientId>,
    /// A client secret typed at the hidden prompt; the environment's is read by `probe`.
    pub client_secret: Option<Secret<String>>,
    /// A file with the client secret.
    pub client_secret_file: Option<PathBuf>,
    /// A file with an access token to use; `-` is standard input.
    pub token_file: Option<PathBuf>,
    /// The audience whose token may go to the target although nothing confirms that it is the target's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_token_for: Option<String>,
    /// The caller's expected client ID or object ID.
    pub expect_identity: Option<String>,
    /// A file with App 2's authentication settings; `-` is standard input.
    pub auth_settings: Option<PathBuf>,
    /// App 2's ARM resource ID.
    pub target_resource_id: Option<ResourceId>,
    /// App 2's own log.
    pub target_log: Option<PathBuf>,
    /// App 2's environment block.
    pub target_environ: Option<PathBuf>,
    /// App 1's environment block, instead of the process.
    pub environ: Option<PathBuf>,
    /// What was pasted instead of being read from a file, by the option that names the file. It is never saved.
    #[serde(skip)]
    pub pasted: Vec<(&'static str, Secret<String>)>,
    /// The cloud.
    pub cloud: Cloud,
    /// The authority (base URL without tenant), when not the cloud's.
    pub authority: Option<String>,
    /// Azure Resource Manager's endpoint, when not the cloud's.
    pub resource_manager: Option<String>,
    /// Microsoft Graph's endpoint, when not the cloud's.
    pub graph: Option<String>,
    /// The method of the final call.
    pub method: String,
    /// Extra headers of the final call.
    pub headers: Vec<(String, Secret<String>)>,
    /// A file with the body of the final call.
    pub data: Option<PathBuf>,
    /// Whether the final call may be sent although its method is not a safe one.
    pub confirmed: bool,
    /// The deadline of each request, in seconds.
    pub timeout_s: u64,
    /// A file with extra trust anchors, PEM.
    pub ca_bundle: Option<PathBuf>,
    /// Whether the lab is asked instead of Azure.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_lab: bool,
    /// Changes to App 2's settings to evaluate as if they were made (`allowedAudiences+=…`). A saved case contains what
    /// was observed: it has none of them, and none is read from it.
    #[serde(skip_deserializing, serialize_with = "none")]
    pub assume: Vec<String>,
}

fn none<S: Serializer>(_: &[String], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(std::iter::empty::<String>())
}

impl Default for Inputs {
    fn default() -> Self {
        Self {
            target: None,
            resource: None,
            resource_from_environment: false,
            credential: CredentialKind::Auto,
            identity: IdentitySelector::Auto,
            tenant: None,
            client_id: None,
            client_secret: None,
            client_secret_file: None,
            token_file: None,
            send_token_for: None,
            expect_identity: None,
            auth_settings: None,
            target_resource_id: None,
            target_log: None,
            target_environ: None,
            environ: None,
            pasted: Vec::new(),
            cloud: Cloud::Public,
            authority: None,
            resource_manager: None,
            graph: None,
            method: "GET".to_owned(),
            headers: Vec::new(),
            data: None,
            confirmed: false,
            timeout_s: 10,
            ca_bundle: None,
            is_lab: false,
            assume: Vec::new(),
        }
    }
}

/// Whether a method changes nothing, by the definition of HTTP (RFC 9110, 9.2.1).
#[must_use]
pub fn is_safe(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS")
}

impl Inputs {
    /// The options that were given and decide whose token is requested, and for what: a second run without them may be
    /// about another caller.
    #[must_use]
    pub fn of_the_caller(&self) -> Vec<(&'static str, String)> {
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let options = [
            ("--resource", self.resource.clone().filter(|_| !self.resource_from_environment)),
            ("--credential", (self.credential != CredentialKind::Auto).then(|| self.credential.name().to_owned())),
            ("--identity", (self.identity != IdentitySelector::Auto).then(|| self.identity.to_string())),
            ("--tenant", self.tenant.as_ref().map(ToString::to_string)),
            ("--client-id", self.client_id.as_ref().map(ToString::to_string)),
            ("--client-secret-file", path(&self.client_secret_file)),
            ("--token-file", path(&self.token_file)),
            ("--environ", path(&self.environ)),
            ("--cloud", (self.cloud != Cloud::default()).then(|| self.cloud.name().to_owned())),
            ("--method", (self.method != "GET").then(|| self.method.clone())),
        ];
        options.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// The options that decide what a check does, other than the target: secrets, headers, and pasted texts aren't
    /// among them.
    #[must_use]
    pub fn of_the_check(&self) -> Vec<(&'static str, String)> {
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let options = [
            ("--send-token-for", self.send_token_for.clone()),
            ("--expect-identity", self.expect_identity.clone()),
            ("--auth-settings", path(&self.auth_settings)),
            ("--target-resource-id", self.target_resource_id.as_ref().map(ToString::to_string)),
            ("--target-log", path(&self.target_log)),
            ("--target-environ", path(&self.target_environ)),
            ("--authority", self.authority.clone()),
            ("--resource-manager", self.resource_manager.clone()),
            ("--graph", self.graph.clone()),
            ("--data", path(&self.data)),
            ("--timeout", (self.timeout_s != Self::default().timeout_s).then(|| self.timeout_s.to_string())),
            ("--ca-bundle", path(&self.ca_bundle)),
        ];
        let options = options.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let changes = self.assume.iter().map(|change| ("--assume", change.clone()));
        let all = self.of_the_caller().into_iter().chain(options).chain(changes);
        // A token that was pasted needs no credential to be chosen.
        all.filter(|(name, value)| value != PASTED && (*name, &**value) != ("--credential", "token")).collect()
    }

    /// Whether the method of the call changes nothing, so that it is sent without asking.
    #[must_use]
    pub fn only_reads(&self) -> bool {
        is_safe(&self.method)
    }

    /// Whether the call's method is one that changes state.
    #[must_use]
    pub fn changes_state(&self) -> bool {
        !is_safe(&self.method.to_ascii_uppercase())
    }

    /// Whether the call changes state and has a cookie, which is what Easy Auth's protection against cross-site
    /// requests checks.
    #[must_use]
    pub fn carries_a_session(&self) -> bool {
        self.changes_state() && self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("cookie"))
    }

    /// Whether only a function app has such an address, or takes such a key.
    #[must_use]
    pub fn calls_a_function(&self) -> bool {
        self.calls_an_extension() || self.carries_a_function_key()
    }

    /// Whether the user gave a function's key: in its header, or in the query as `code`.
    #[must_use]
    pub fn carries_a_function_key(&self) -> bool {
        self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("x-functions-key"))
            || self.target_url().is_some_and(|url| url.query_pairs().any(|(name, _)| name == "code"))
    }

    /// The names of the headers that the user gave: requests without a token have them, too, and one may be a key.
    #[must_use]
    pub fn given_headers(&self) -> Option<Vec<String>> {
        let names: Vec<String> = self.headers.iter().map(|(name, _)| name.clone()).collect();
        (!names.is_empty()).then_some(names)
    }

    /// Whether the target is the trigger of a Consumption logic app, which has an authorization policy of its own and
    /// no Easy Auth ("Secure access and data in workflows", Microsoft Learn).
    #[must_use]
    pub fn is_consumption_workflow(&self) -> bool {
        self.target_url().is_some_and(|url| url.path().starts_with("/workflows/") && url.path().contains("/triggers/"))
    }

    /// What was pasted instead of being read from the file of an option.
    #[must_use]
    pub fn pasted(&self, option: &str) -> Option<&Secret<String>> {
        let name = option.trim_start_matches('-');
        self.pasted.iter().find(|(known, _)| *known == name).map(|(_, text)| text)
    }

    /// The authority's base URL without a trailing slash.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.authority.as_deref().unwrap_or_else(|| self.cloud.authority()).trim_end_matches('/')
    }

    /// Azure Resource Manager's base URL without a trailing slash.
    #[must_use]
    pub fn resource_manager(&self) -> &str {
        self.resource_manager.as_deref().unwrap_or_else(|| self.cloud.resource_manager()).trim_end_matches('/')
    }

    /// Microsoft Graph's base URL without a trailing slash.
    #[must_use]
    pub fn graph(&self) -> &str {
        self.graph.as_deref().unwrap_or_else(|| self.cloud.graph()).trim_end_matches('/')
    }

    /// The files that are read before anything is sent, each with its option.
    pub fn files(&self) -> impl Iterator<Item = (&'static str, &Path)> {
        let files = [
            ("--token-file", &self.token_file),
            ("--auth-settings", &self.auth_settings),
            ("--target-log", &self.target_log),
            ("--target-environ", &self.target_environ),
            ("--environ", &self.environ),
            ("--data", &self.data),
            ("--client-secret-file", &self.client_secret_file),
            ("--ca-bundle", &self.ca_bundle),
        ];
        files.into_iter().filter_map(|(option, path)| Some((option, path.as_deref()?)))
    }

    /// The target's host, with its port when not the scheme's own.
    #[must_use]
    pub fn target_host(&self) -> Option<String> {
        let target = self.target.as_deref()?;
        if let Some(plain) = PlainAddress::of(target) {
            return Some(with_port(plain.host, plain.port));
        }
        let url = self.target_url()?;
        Some(with_port(url.host_str()?, url.port()))
    }

    /// The kind of app that has the target's host name as its own, where only one kind has such names.
    #[must_use]
    pub fn target_kind(&self) -> Option<TargetKind> {
        TargetKind::by_host(&self.target_host()?)
    }

    /// Whether the target is an address that the Functions host serves itself and only with a key: an extension's, or
    /// its own for administration ([`Self::calls_the_host`]).
    #[must_use]
    pub fn calls_an_extension(&self) -> bool {
        self.is_at(&["/runtime/webhooks/"]) || self.calls_the_host()
    }

    /// Whether the target is an address of the Functions host for administration, which requires the master key.
    ///
    /// Source: azure-functions-host, wiki pages "Admin API" and "Key management API".
    #[must_use]
    pub fn calls_the_host(&self) -> bool {
        self.is_at(&["/admin/host/", "/admin/functions/", "/admin/vfs/", "/admin/extensions/"])
    }

    fn is_at(&self, places: &[&str]) -> bool {
        let path = self.target_url().map(|url| format!("{}/", url.path().trim_end_matches('/').to_ascii_lowercase()));
        path.is_some_and(|path| places.iter().any(|place| path.starts_with(place)))
    }

    /// The target's address, where it is one.
    #[must_use]
    pub fn target_url(&self) -> Option<url::Url> {
        url::Url::parse(self.target.as_deref()?).ok()
    }
}

fn with_port(host: &str, port: Option<u16>) -> String {
    port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Kinds of credential, as `--credential` names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialKind {
    /// The order of Microsoft's SDKs decides.
    Auto,
    /// A managed identity of whichever platform this is.
    ManagedIdentity,
    /// A service principal with a secret.
    ClientSecret,
    /// A service principal with a certificate.
    ClientCertificate,
    /// A federated token file (Kubernetes workload identity and others).
    WorkloadIdentity,
    /// The signed-in user or principal of the Azure CLI.
    AzureCli,
    /// A given access token.
    Token,
}

impl CredentialKind {
    /// All, in the order in which help names them.
    pub const ALL: [Self; 7] = [
        Self::Auto,
        Self::ManagedIdentity,
        Self::ClientSecret,
        Self::ClientCertificate,
        Self::WorkloadIdentity,
        Self::AzureCli,
        Self::Token,
    ];

    /// The name on the command line and in the report.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::ManagedIdentity => "managed-identity",
            Self::ClientSecret => "client-secret",
            Self::ClientCertificate => "client-certificate",
            Self::WorkloadIdentity => "workload-identity",
            Self::AzureCli => "azure-cli",
            Self::Token => "token",
        }
    }
}

/// Which managed identity to use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdentitySelector {
    /// `AZURE_CLIENT_ID` when set, else the system-assigned identity.
    Auto,
    /// The system-assigned identity, whatever `AZURE_CLIENT_ID` says.
    System,
    /// The user-assigned identity with this client ID.
    ClientId(ClientId),
    /// The user-assigned identity with this object ID (principal ID).
    ObjectId(ObjectId),
    /// The user-assigned identity with this ARM resource ID.
    ResourceId(ResourceId),
}

impl IdentitySelector {
    /// The id that selects the identity, as text.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Auto | Self::System => None,
            Self::ClientId(id) => Some(id.as_str()),
            Self::ObjectId(id) => Some(id.as_str()),
            Self::ResourceId(id) => Some(id.as_str()),
        }
    }
}

impl std::fmt::Display for IdentitySelector {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Auto => formatter.write_str("auto"),
            Self::System => formatter.write_str("system"),
            Self::ClientId(id) => write!(formatter, "client-id:{id}"),
            Self::ObjectId(id) => write!(formatter, "object-id:{id}"),
            Self::ResourceId(id) => write!(formatter, "resource-id:{id}"),
        }
    }
}

/// The Azure clouds. Endpoints: facts of Microsoft's "national clouds" documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cloud {
    /// Azure public.
    #[default]
    Public,
    /// Azure US Government.
    UsGov,
    /// Azure operated by 21Vianet.
    China,
}

impl Cloud {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Public, Self::UsGov, Self::China];

    /// The name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::UsGov => "usgov",
            Self::China => "china",
        }
    }

    /// The Entra authority.
    #[must_use]
    pub const fn authority(self) -> &'static str {
        match self {
            Self::Public => "https://login.microsoftonline.com",
            Self::UsGov => "https://login.microsoftonline.us",
            Self::China => "https://login.partner.microsoftonline.cn",
        }
    }

    /// Azure Resource Manager; also the resource of its tokens.
    #[must_use]
    pub const fn resource_manager(self) -> &'static str {
        match self {
            Self::Public => "https://management.azure.com",
            Self::UsGov => "https://management.usgovcloudapi.net",
            Self::China => "https://management.chinacloudapi.cn",
        }
    }

    /// Microsoft Graph; also the resource of its tokens.
    #[must_use]
    pub const fn graph(self) -> &'static str {
        match self {
            Self::Public => "https://graph.microsoft.com",
            Self::UsGov => "https://graph.microsoft.us",
            Self::China => "https://microsoftgraph.chinacloudapi.cn",
        }
    }
}
