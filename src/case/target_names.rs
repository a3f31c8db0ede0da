//! The names under which App 2 is known: client ID, Application ID URIs, allowed audiences, each with who says so.

use serde::{Deserialize, Serialize};
use url::Url;

use super::audience::Audience;
use super::auth_settings::{SettingsReading, SettingsSource};
use super::challenge::Challenge;
use super::exchange::{Answer, Exchange, Purpose};
use super::ids::ClientId;
use super::inputs::Inputs;
use super::plain_address::host;
use super::registration::Registration;
use super::resource::relation::{Relation, relation};
use super::resource::{ChosenResource, ResourceSource, is_guid};

/// Who says that a name is App 2's, the most reliable first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Voice {
    /// The user, with `--resource`.
    Option,
    /// The user, with `EASYAUTH_DOCTOR_RESOURCE`.
    Environment,
    /// App 2's settings as Azure Resource Manager shows them.
    ResourceManager,
    /// App 2's environment variables block.
    TargetEnviron,
    /// App 2's registration in Microsoft Graph.
    Registration,
    /// A settings file, which may be old or another app's.
    SettingsFile,
    /// App 2's response: its challenge, or its redirect to the sign-in page.
    Challenge,
    /// App 2's response: its protected-resource metadata.
    Metadata,
    /// The host name of the target's URL.
    Host,
}

impl Voice {
    /// Whether App 2 itself, or whoever wrote a file, cannot have made it up.
    #[must_use]
    pub const fn confirms(self) -> bool {
        match self {
            Self::Option | Self::Environment | Self::ResourceManager | Self::TargetEnviron | Self::Registration => true,
            Self::SettingsFile | Self::Challenge | Self::Metadata | Self::Host => false,
        }
    }

    /// Whether it gives all names that it has for App 2, so that another URI is another name, and not one left out.
    #[must_use]
    pub const fn is_complete(self) -> bool {
        !matches!(self, Self::Challenge | Self::Metadata | Self::Host)
    }

    /// Where a resource that it names comes from, as the report's `resource_source` says it.
    #[must_use]
    pub const fn resource_source(self) -> ResourceSource {
        match self {
            Self::Option => ResourceSource::Option,
            Self::Environment => ResourceSource::Environment,
            Self::ResourceManager | Self::TargetEnviron | Self::SettingsFile => ResourceSource::Settings,
            Self::Registration => ResourceSource::Registration,
            Self::Challenge => ResourceSource::Challenge,
            Self::Metadata => ResourceSource::Metadata,
            Self::Host => ResourceSource::Host,
        }
    }
}

impl std::fmt::Display for Voice {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Option => "--resource",
            Self::Environment => "EASYAUTH_DOCTOR_RESOURCE",
            Self::ResourceManager => "App 2's settings in Azure Resource Manager",
            Self::TargetEnviron => "App 2's environment variables",
            Self::Registration => "App 2's registration in Microsoft Graph",
            Self::SettingsFile => "the settings file",
            Self::Challenge => "App 2's response",
            Self::Metadata => "App 2's protected-resource metadata",
            Self::Host => "the host name of --target",
        })
    }
}

/// A name of App 2's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// The client ID, Application ID URI or audience.
    pub value: String,
    /// Who says so.
    pub by: Voice,
}

impl Name {
    fn new(value: &str, by: Voice) -> Self {
        Self { value: value.trim().to_owned(), by }
    }

    /// What it is, and who says so, as a line of evidence.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{}: {}", self.by, self.value)
    }

    /// Whether it is this to a resource.
    #[must_use]
    pub fn is(&self, wanted: Relation, resource: &str) -> bool {
        relation(&self.value, resource, None) == wanted
    }
}

/// The name that the user gave, and the host name of the target.
pub fn in_inputs(inputs: &Inputs) -> impl Iterator<Item = Name> {
    let given = inputs.resource.as_deref().map(|given| {
        let by = if inputs.resource_from_environment { Voice::Environment } else { Voice::Option };
        Name::new(&ChosenResource::from_given(given, by.resource_source()).value, by)
    });
    let host = inputs.target.as_deref().and_then(|target| Some(Name::new(&host(target)?, Voice::Host)));
    given.into_iter().chain(host)
}

/// The names in a reading of App 2's settings: its client ID, which is always an audience, and the list.
pub fn in_settings(reading: &SettingsReading) -> impl Iterator<Item = Name> {
    let by = match reading.source {
        SettingsSource::ResourceManager | SettingsSource::ResourceManagerList | SettingsSource::AuthConfigs => {
            Some(Voice::ResourceManager)
        }
        SettingsSource::TargetEnviron(_) | SettingsSource::OwnEnviron => Some(Voice::TargetEnviron),
        SettingsSource::File(_) => Some(Voice::SettingsFile),
        SettingsSource::WebConfig => None,
    };
    let settings = reading.settings();
    // Where a configuration file is enforced, what is stored names nothing that runs.
    let provider =
        settings.filter(|settings| settings.config_file_path.is_none()).and_then(|settings| settings.entra_enabled());
    by.zip(provider).into_iter().flat_map(|(by, entra)| {
        let audiences = entra.allowed_audiences.iter().flatten().map(Audience::as_str);
        entra.client_id.iter().map(ClientId::as_str).chain(audiences).map(move |name| Name::new(name, by))
    })
}

/// The client ID that App 2's answers name first, whoever's it is.
pub fn answered<'a>(exchanges: impl IntoIterator<Item = &'a Exchange>) -> Option<Name> {
    answered_with(exchanges, is_guid)
}

/// Whether an exchange has an answer that tells which client ID is App 2's: its challenges don't name several.
#[must_use]
pub fn is_unambiguous(exchange: &Exchange) -> bool {
    exchange.answer().is_some_and(|answer| answer.bearers().ids.len() < 2)
}

/// The first client ID of this kind that App 2's answers name. An answer whose challenges name several names none.
pub fn answered_with<'a>(
    exchanges: impl IntoIterator<Item = &'a Exchange>,
    is_wanted: impl Fn(&str) -> bool,
) -> Option<Name> {
    let mut names = exchanges.into_iter().filter(|exchange| is_unambiguous(exchange)).flat_map(in_exchange);
    names.find(|name| name.by == Voice::Challenge && is_wanted(&name.value))
}

/// Whether stored settings are of another app than the one that answers with this client ID: then they say nothing of
/// App 2. An environment is what runs.
#[must_use]
pub fn is_of_another_app(reading: &SettingsReading, answered: Option<&Name>) -> bool {
    let provider = reading.settings().and_then(|settings| settings.entra_enabled());
    let stored = provider.and_then(|entra| entra.client_id.as_ref()).map(|id| id.as_str().trim());
    let differs = |stored: &str| answered.is_some_and(|name| !name.value.eq_ignore_ascii_case(stored));
    !reading.source.runs() && stored.is_some_and(|stored| is_guid(stored) && differs(stored))
}

/// The names in an answer of App 2's.
#[must_use]
pub fn in_exchange(exchange: &Exchange) -> Vec<Name> {
    let Some(answer) = exchange.answer() else {
        return Vec::new();
    };
    let named = |name: Option<String>| name.map(|name| Name::new(&name, Voice::Challenge));
    match exchange.purpose {
        Purpose::CallAnonymous | Purpose::CallInvalidToken => {
            let challenges = answer.bearers();
            let ids = challenges.ids.iter().map(|id| Name::new(id, Voice::Challenge));
            let scopes = challenges.easy_auths.as_ref().map(scope_resources).unwrap_or_default();
            let scopes = scopes.iter().map(|resource| Name::new(resource, Voice::Challenge));
            ids.chain(named(sign_in_client_id(answer))).chain(scopes).collect()
        }
        Purpose::LoginRedirect => named(sign_in_client_id(answer)).into_iter().collect(),
        Purpose::ProtectedResourceMetadata => {
            metadata_resources(answer).iter().map(|resource| Name::new(resource, Voice::Metadata)).collect()
        }
        _ => Vec::new(),
    }
}

/// The names in a registration. They are App 2's where its client ID is: whoever asks says whether that is known.
pub fn in_registration(registration: &Registration) -> impl Iterator<Item = Name> {
    let uris = registration.identifier_uris.iter().flatten().map(String::as_str);
    let names = registration.client_id.iter().map(ClientId::as_str).chain(uris);
    names.map(|name| Name::new(name, Voice::Registration))
}

/// `client_id` in the address of Microsoft Entra ID's sign-in page that an answer leads to. Another provider's sign-in
/// has an ID of another registration.
#[must_use]
pub fn sign_in_client_id(answer: &Answer) -> Option<String> {
    let read = || {
        let url = answer.leads_to().filter(|url| is_entras(url))?;
        let (_, id) = url.query_pairs().find(|(name, _)| name == "client_id")?;
        Some(id.into_owned())
    };
    answer.read.sign_in.get(read).clone()
}

/// The tenant in the address of Microsoft Entra ID's sign-in page that an answer leads to.
#[must_use]
pub fn sign_in_tenant(answer: &Answer) -> Option<String> {
    let tenant = answer.leads_to()?.path_segments()?.next()?;
    is_guid(tenant).then(|| tenant.to_owned())
}

/// Whether the address of a sign-in page is that of Easy Auth's Microsoft provider: it comes back to
/// `/.auth/login/aad/callback`, or, where nothing shows that, it has the form of Microsoft Entra ID's.
///
/// Source: "OAuth 2.0 authorization code flow" and "Customize sign-ins and sign-outs in Azure App Service" (Microsoft
/// Learn).
fn is_entras(url: &Url) -> bool {
    if let Some(provider) = sign_in_provider(url) {
        return is_entra(&provider);
    }
    // The sign-in of an app's own comes back to a path of its own, and its client may be another registration.
    let is_elsewhere = |to: &str| !to.to_ascii_lowercase().ends_with("/login/aad/callback");
    if url.query_pairs().any(|(name, to)| name == "redirect_uri" && is_elsewhere(&to)) {
        return false;
    }
    let path = url.path().to_ascii_lowercase();
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    let is_of_b2c = url.host_str().is_some_and(|host| host.to_ascii_lowercase().ends_with(".b2clogin.com"));
    !is_of_b2c && matches!(segments.as_slice(), [_, "oauth2", "authorize"] | [_, "oauth2", "v2.0", "authorize"])
}

/// The provider of Easy Auth's whose sign-in this address is, as Easy Auth names it: `/.auth/login/NAME` itself, or a
/// page that comes back to it.
#[must_use]
pub fn sign_in_provider(url: &Url) -> Option<String> {
    let back = url.query_pairs().find(|(name, _)| name == "redirect_uri");
    let to = back.map_or_else(|| url.path().to_owned(), |(_, to)| to.into_owned()).to_ascii_lowercase();
    let (_, rest) = to.split_once("/.auth/login/")?;
    let name: String = rest.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '-').collect();
    (!name.is_empty()).then_some(name)
}

/// The provider to whose sign-in Easy Auth redirects, where it isn't Microsoft Entra ID's.
#[must_use]
pub fn other_provider(answer: &Answer) -> Option<String> {
    let location = answer.header("location").filter(|_| answer.is_redirect())?;
    // It may be relative to any host.
    let url = Url::parse("https://app2").and_then(|base| base.join(location)).ok()?;
    let provider = sign_in_provider(&url).filter(|provider| !is_entra(provider))?;
    Some(answer.quote(&provider))
}

/// Whether an address is Easy Auth's sign-in, or an authority's from which Easy Auth gets the answer.
#[must_use]
pub fn is_login_address(location: &str) -> bool {
    let lower = location.to_ascii_lowercase();
    let path = path_of(&lower);
    if path.contains("/.auth/login/") {
        return true;
    }
    // Only a query shows where it comes back to.
    let url = Url::parse(&lower).ok().filter(|url| url.query().is_some());
    if url.as_ref().is_some_and(|url| sign_in_provider(url).is_some()) {
        return true;
    }
    let back = || url?.query_pairs().find(|(name, _)| name == "redirect_uri").map(|(_, to)| to.into_owned());
    // Other providers have paths like Microsoft's, and then only the way back shows Easy Auth.
    let is_microsofts = ["/oauth2/authorize", "/oauth2/v2.0/authorize"].iter().any(|end| path.ends_with(end));
    let comes_back = |to: String| to.contains("/login/aad/") || to.contains("/.auth/login/");
    path.ends_with("/authorize") && path.contains("/oauth2/") && back().map_or(is_microsofts, comes_back)
}

/// Whether an address is Easy Auth's sign-in, or an authority's that comes back to Easy Auth: no code of the app's
/// leads there.
#[must_use]
pub fn is_easy_auths_sign_in(location: &str) -> bool {
    let is_own = |path: &str| path.to_ascii_lowercase().contains("/.auth/login/");
    let url = Url::parse(location).ok();
    let back = url.as_ref().and_then(|url| url.query_pairs().find(|(name, _)| name == "redirect_uri"));
    is_own(path_of(location)) || back.is_some_and(|(_, to)| is_own(path_of(&to)))
}

/// Whether an address is a page that tells a caller that access is denied, and so no sign-in.
#[must_use]
pub fn is_denied_page(location: &str) -> bool {
    let lower = location.to_ascii_lowercase();
    ["accessdenied", "access-denied", "access_denied"].iter().any(|word| path_of(&lower).contains(word))
}

fn path_of(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or_default()
}

/// Whether this is Easy Auth's name for the Microsoft provider.
#[must_use]
pub fn is_entra(provider: &str) -> bool {
    matches!(provider, "aad" | "azureactivedirectory")
}

/// The resources in the scopes (`scopes_supported`) of App 2's protected-resource metadata: each scope without its
/// name.
#[must_use]
pub fn metadata_resources(answer: &Answer) -> Vec<String> {
    let json = answer.json().filter(|_| answer.status == 200);
    let scopes = json.and_then(|json| json.get("scopes_supported")?.as_array());
    let scopes = scopes.into_iter().flatten();
    scopes.filter_map(|scope| resource_of(scope.as_str()?)).collect()
}

/// The resources in the scopes of App 2's challenge (`scope="…"`).
#[must_use]
pub fn scope_resources(challenge: &Challenge) -> Vec<String> {
    let scopes = challenge.parameter("scope").unwrap_or_default();
    scopes.split([' ', ',']).filter_map(resource_of).collect()
}

/// The resource of a scope: the scope without its name.
fn resource_of(scope: &str) -> Option<String> {
    let (resource, _) = scope.trim().rsplit_once('/')?;
    let is_resource = !resource.is_empty() && !resource.ends_with(':') && !resource.ends_with('/');
    is_resource.then(|| resource.to_owned())
}

/// The address of its protected-resource metadata that App 2's challenge names.
#[must_use]
pub fn metadata_address(exchange: &Exchange) -> Option<Url> {
    let answer = exchange.answer()?;
    let challenge = answer.bearers().easy_auths.as_ref()?;
    Url::parse(challenge.parameter("resource_metadata")?).ok()
}
/// Whether an address is a signed link, which opens for everyone who has it.
#[must_use]
pub fn is_signed(address: &url::Url) -> bool {
    let is_signature = |name: &str| name == "sig" || name.to_ascii_lowercase().ends_with("signature");
    address.query_pairs().any(|(name, _)| is_signature(&name))
}
