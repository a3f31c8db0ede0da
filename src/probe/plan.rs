//! What is asked, and what runs beside what. The order follows need, not the steps' numbers:
//!
//! ```text
//! anonymous call ─┬─▶ resource ─▶ token ─┬─▶ call ─▶ other audience · Graph     (only after a refusal)
//! impossible token│                      ├─▶ metadata ─▶ keys ─▶ signature
//! login, metadata ┘                      └─▶ experiments                        (only after a refusal)
//! Resource Manager's token ─▶ site · settings ─▶ metadata of App 2's issuer
//! ```
//! With a given resource the token is asked for at once.

use std::sync::Arc;

use tokio::sync::{OnceCell, mpsc::UnboundedSender};
use url::Url;

use crate::case::auth_settings::{AuthSettings, SettingsReading, SettingsSource};
use crate::case::challenge::Challenge;
use crate::case::credential::{choose, effective_selector};
use crate::case::environment::{Environment, Place};
use crate::case::exchange::Purpose;
use crate::case::observation::Observation;
use crate::case::resource::{ChosenResource, ResourceSource, client_id_of, is_guid, well_known};
use crate::case::secret::Secret;
use crate::case::step::StepId;
use crate::case::token::{AcquiredToken, Caller, DecodedToken, SignatureVerdict};

use super::address::is_loopback;
use super::credential::{Credential, Issued};
use super::entra;
use super::graph::Graph;
use super::http::proxy::Proxies;
use super::http::{Http, Reply, Request};
use super::prepare::Prepared;
use super::resource_manager::ResourceManager;
use super::target::Target;
use super::{Again, environment, signature};

/// Everything that the parts of the plan share.
struct Plan<'a> {
    http: &'a Http,
    prepared: &'a Prepared,
    credential: Credential<'a>,
    target: Option<Target<'a>>,
    from: StepId,
    /// The token for Azure Resource Manager, asked for once: by whoever needs it first.
    manager_token: OnceCell<Option<Issued>>,
    /// App 2's settings, once read.
    settings: OnceCell<Option<AuthSettings>>,
}

/// What is known of the token after it was asked for.
struct Held {
    token: Secret<String>,
    decoded: DecodedToken,
    resource: Option<ChosenResource>,
}

/// Runs the plan.
pub async fn run(prepared: &Prepared, again: Option<&Again>, observations: UnboundedSender<Observation>) {
    let from = again.map_or(StepId::Identity, |again| again.from);
    let environment = Arc::new(match again.and_then(|again| again.kept.environment.clone()) {
        Some(environment) => environment,
        None => read_environment(prepared),
    });
    let first_id = again
        .and_then(|again| again.kept.exchanges.iter().map(|exchange| exchange.id).max())
        .unwrap_or(0)
        + 1;
    let timeout = std::time::Duration::from_secs(prepared.inputs.timeout_s.clamp(1, 600));
    let http = Http::new(
        timeout,
        extra_roots(prepared, &environment),
        Proxies::of(&environment),
        first_id,
        observations,
    );
    teach(&http, prepared, &environment);
    http.tell(Observation::Environment(Box::new((*environment).clone())));
    let target = prepared.inputs.target.as_deref().and_then(|url| Url::parse(url).ok());
    let plan = Plan {
        http: &http,
        prepared,
        credential: Credential {
            http: &http,
            prepared,
            choice: choose(&environment, &prepared.inputs),
            selector: effective_selector(&environment, &prepared.inputs).0,
            environment,
        },
        target: target.map(|url| Target {
            http: &http,
            prepared,
            url,
        }),
        from,
        manager_token: OnceCell::new(),
        settings: OnceCell::new(),
    };
    plan.files();
    plan.all(again).await;
}

/// Checks the signature of the given token and nothing else.
pub async fn verify_only(prepared: &Prepared) -> Option<SignatureVerdict> {
    let token = prepared.token.clone()?;
    let environment = read_environment(prepared);
    let (observations, _) = tokio::sync::mpsc::unbounded_channel();
    let timeout = std::time::Duration::from_secs(prepared.inputs.timeout_s.clamp(1, 600));
    let http = Http::new(
        timeout,
        extra_roots(prepared, &environment),
        Proxies::of(&environment),
        1,
        observations,
    );
    http.learn(token.expose());
    let decoded = DecodedToken::decode(token.expose());
    Some(match entra::authority(&prepared.inputs, &environment) {
        Ok(authority) => signature::verify(&http, &authority, &token, &decoded).await,
        Err(reason) => SignatureVerdict::NotChecked { reason },
    })
}

fn read_environment(prepared: &Prepared) -> Environment {
    // A file that was given stands instead of any environment, a trial's too.
    match (&prepared.environ, &prepared.variables) {
        (Some((path, variables)), _) => environment::from_variables(variables.clone(), Place::File(path.clone())),
        (None, Some(variables)) => environment::from_variables(variables.clone(), Place::Process),
        (None, None) => environment::read(&environment::Places::default()),
    }
}

/// The CA bundle that was given, else the one that `SSL_CERT_FILE` names.
fn extra_roots(prepared: &Prepared, environment: &Environment) -> Option<Vec<u8>> {
    prepared.ca_bundle.clone().or_else(|| {
        let bytes = std::fs::read(environment.text("SSL_CERT_FILE")?).ok()?;
        super::http::tls::certificates(&bytes).is_ok().then_some(bytes)
    })
}

/// Makes every secret known before the first answer is recorded.
fn teach(http: &Http, prepared: &Prepared, environment: &Environment) {
    for variable in &environment.variables {
        if let crate::case::environment::VariableValue::Hidden(secret) = &variable.value {
            http.learn(secret.expose());
        }
    }
    let own = [&prepared.token, &prepared.client_secret, &prepared.remembered()];
    own.into_iter().flatten().for_each(|secret| http.learn(secret.expose()));
    prepared
        .inputs
        .headers
        .iter()
        .for_each(|(_, value)| http.learn(value.expose()));
}

impl Plan<'_> {
    /// What was read from files, and what the process's own environment tells when it runs inside App 2.
    fn files(&self) {
        if self.from > StepId::Protection {
            return;
        }
        for reading in &self.prepared.settings {
            self.http.tell(Observation::Settings(Box::new(reading.clone())));
        }
        if let Some(log) = &self.prepared.target_log {
            self.http.tell(Observation::TargetLog(Box::new(log.clone())));
        }
        let environment = &self.credential.environment;
        let host = self.target.as_ref().and_then(|target| target.url.host_str());
        let inside = environment
            .text("WEBSITE_HOSTNAME")
            .zip(host)
            .is_some_and(|(own, host)| own.eq_ignore_ascii_case(host));
        if inside {
            let variables: Vec<(String, String)> = environment
                .variables
                .iter()
                .filter_map(|variable| Some((variable.name.clone(), environment.text(&variable.name)?.to_owned())))
                .collect();
            if let Ok(settings) = AuthSettings::from_variables(&variables) {
                let reading = SettingsReading {
                    source: SettingsSource::OwnEnviron,
                    outcome: Ok(Box::new(settings)),
                };
                self.http.tell(Observation::Settings(Box::new(reading)));
            }
        }
    }

    async fn all(&self, again: Option<&Again>) {
        let anonymous = OnceCell::new();
        let probes = async {
            if self.from <= StepId::Protection {
                let (anonymous, _, _, _) = tokio::join!(
                    anonymous.get_or_init(|| self.anonymous()),
                    self.impossible(),
                    self.login(),
                    self.managed(),
                );
                let _ = anonymous;
                self.settle(StepId::Protection);
            }
        };
        let path = async {
            let held = self.token(again, &anonymous).await;
            self.settle(StepId::Identity);
            self.settle(StepId::Token);
            match held {
                Some(held) => self.with_token(&held).await,
                None => self.settle(StepId::Claims),
            }
        };
        tokio::join!(probes, path);
        for step in [StepId::Audience, StepId::Authorization, StepId::Call] {
            self.settle(step);
        }
    }

    fn settle(&self, step: StepId) {
        if step >= self.from {
            self.http.tell(Observation::Settled(step));
        }
    }

    async fn anonymous(&self) -> Option<Reply> {
        match &self.target {
            Some(target) => Some(target.anonymous().await),
            None => None,
        }
    }

    async fn impossible(&self) {
        if let Some(target) = &self.target {
            target.impossible().await;
        }
    }

    async fn login(&self) {
        if let Some(target) = &self.target {
            tokio::join!(target.login(), target.metadata());
        }
    }

    /// Whether an endpoint may be asked in this run: a run against loopback stays on loopback.
    fn stays_home(&self, endpoint: &str) -> bool {
        let home = self.target.as_ref().is_some_and(|target| is_loopback(&target.url));
        !home || Url::parse(endpoint).is_ok_and(|url| is_loopback(&url))
    }

    // ---------------------------------------------------------------------------------------- Azure Resource Manager

    async fn manager_token(&self) -> Option<&Issued> {
        let resource = self.prepared.inputs.cloud.resource_manager();
        self.manager_token
            .get_or_init(|| async {
                if !self.credential.can_ask() {
                    return None;
                }
                let issued = self
                    .credential
                    .token(Purpose::TokenForResourceManager, resource)
                    .await?;
                self.introduce(&issued.token);
                Some(issued)
            })
            .await
            .as_ref()
    }

    /// Tells who the caller is, by a token of its own for another resource.
    fn introduce(&self, token: &Secret<String>) {
        let decoded = DecodedToken::decode(token.expose());
        let named = |text: Option<&str>| text.filter(|id| is_guid(id)).map(str::to_owned);
        let caller = Caller {
            client_id: named(decoded.caller_client_id()),
            object_id: named(decoded.text("oid")),
            tenant: named(decoded.text("tid")),
        };
        if caller.client_id.is_some() {
            self.http.tell(Observation::Caller(caller));
        }
    }

    /// App 2's site and settings, and the metadata that its issuer leads to.
    async fn managed(&self) {
        let settings = self.settings.get_or_init(|| self.read_settings()).await;
        let from_file = self
            .prepared
            .settings
            .iter()
            .filter_map(|reading| reading.outcome.as_deref().ok())
            .next();
        let issuer = from_file
            .or(settings.as_ref())
            .and_then(|settings| settings.entra.as_ref())
            .and_then(|entra| entra.issuer.clone());
        if let Some(issuer) = issuer {
            self.issuer_metadata(&issuer).await;
        }
    }

    async fn read_settings(&self) -> Option<AuthSettings> {
        let inputs = &self.prepared.inputs;
        let base = inputs.resource_manager().to_owned();
        let subscription = self
            .credential
            .environment
            .text("WEBSITE_OWNER_NAME")
            .and_then(|owner| owner.split('+').next())
            .filter(|id| is_guid(id));
        if inputs.target_resource_id.is_none()
            && (subscription.is_none() || inputs.auth_settings.is_some() || self.target.is_none())
        {
            return None;
        }
        if !self.stays_home(&base) {
            self.http.leave_out(
                Purpose::AuthSettingsV2,
                "App 2 is on loopback and no --resource-manager on loopback was given",
            );
            return None;
        }
        if !self.credential.can_ask() {
            self.http.leave_out(
                Purpose::AuthSettingsV2,
                "this credential gives no token for Azure Resource Manager; give the settings with --auth-settings",
            );
            return None;
        }
        let token = self.manager_token().await?.token.clone();
        let manager = ResourceManager {
            http: self.http,
            base,
            token,
        };
        let id = match (&inputs.target_resource_id, subscription) {
            (Some(id), _) => id.clone(),
            (None, Some(subscription)) => {
                let host = self
                    .target
                    .as_ref()
                    .and_then(|target| target.url.host_str())
                    .unwrap_or_default();
                manager.find(subscription, host).await?
            }
            (None, None) => return None,
        };
        let (settings, ()) = tokio::join!(manager.settings(&id), manager.site(&id));
        settings
    }

    /// The metadata of App 2's issuer setting, asked at the authority in use under the same tenant and version.
    async fn issuer_metadata(&self, issuer: &str) {
        let Ok(authority) = entra::authority(&self.prepared.inputs, &self.credential.environment) else {
            return;
        };
        if !self.stays_home(&authority) {
            return;
        }
        let Ok(url) = Url::parse(issuer.trim()) else { return };
        let path = url
            .path()
            .split("/.well-known")
            .next()
            .unwrap_or_default()
            .trim_matches('/')
            .to_owned();
        let known_host = [
            "login.microsoftonline.",
            "sts.windows.net",
            "login.windows.net",
            "login.microsoft.com",
            "sts.chinacloudapi.cn",
            "login.partner.microsoftonline.cn",
            "login.chinacloudapi.cn",
        ];
        let of_entra = url
            .host_str()
            .is_some_and(|host| known_host.iter().any(|known| host.starts_with(known)))
            || Url::parse(&authority).is_ok_and(|authority| authority.origin() == url.origin());
        let clean = path
            .split('/')
            .all(|part| super::address::is_tenant(part) && part != "..");
        if of_entra
            && clean
            && let Ok(address) = Url::parse(&format!("{authority}/{path}/.well-known/openid-configuration"))
        {
            self.http.send(Request::get(Purpose::IssuerMetadata, address)).await;
        }
    }

    // ------------------------------------------------------------------------------------------------ resource, token

    /// The token: the given one, the one of the last run, or a new one for the resource.
    async fn token(&self, again: Option<&Again>, anonymous: &OnceCell<Option<Reply>>) -> Option<Held> {
        if self.from > StepId::Token {
            let token = self.prepared.remembered()?;
            let decoded = DecodedToken::decode(token.expose());
            return Some(Held {
                token,
                decoded,
                resource: again.and_then(|again| again.kept.resource.clone()),
            });
        }
        let given = self.prepared.token.is_some();
        let resource = match again.and_then(|again| again.kept.resource.clone()) {
            Some(resource) => Some(resource),
            None => self.resource(given, anonymous).await,
        };
        self.settle(StepId::Scope);
        if resource.is_none() && !given {
            self.http.leave_out(Purpose::Token, "the resource is not known");
            return None;
        }
        let asked_for = resource
            .as_ref()
            .map(|resource| resource.value.clone())
            .unwrap_or_default();
        if well_known::api(&asked_for).is_some() && !given {
            self.http.leave_out(
                Purpose::Token,
                "the resource is another API's, whose token could not be sent to App 2",
            );
            return None;
        }
        let (issued, ()) = tokio::join!(
            self.credential.token(Purpose::Token, &asked_for),
            self.credential.compare_proxy_ways(&asked_for)
        );
        let Some(issued) = issued else {
            self.experiments(&asked_for, anonymous).await;
            return None;
        };
        self.http.learn(issued.token.expose());
        self.prepared.remember(&issued.token);
        let decoded = DecodedToken::decode(issued.token.expose());
        self.http.tell(Observation::Token(Box::new(AcquiredToken {
            source: self.credential.choice.source.clone(),
            resource: (!given).then_some(asked_for),
            response: issued.response,
            decoded: decoded.clone(),
            signature: None,
        })));
        Some(Held {
            token: issued.token,
            decoded,
            resource,
        })
    }

    /// The resource: given, else what App 2's own answers name, else what its settings say.
    async fn resource(&self, token_given: bool, anonymous: &OnceCell<Option<Reply>>) -> Option<ChosenResource> {
        let inputs = &self.prepared.inputs;
        let chosen = match &inputs.resource {
            Some(given) => {
                let source = if inputs.resource_from_environment {
                    ResourceSource::Environment
                } else {
                    ResourceSource::Option
                };
                Some(ChosenResource::from_given(given, source))
            }
            None if token_given => None,
            None => self.discovered(anonymous).await,
        };
        if let Some(resource) = &chosen {
            self.http.tell(Observation::Resource(resource.clone()));
        }
        chosen
    }

    async fn discovered(&self, anonymous: &OnceCell<Option<Reply>>) -> Option<ChosenResource> {
        let named = |value: String, source| {
            Some(ChosenResource {
                value,
                given: None,
                source,
            })
        };
        let reply = anonymous.get_or_init(|| self.anonymous()).await;
        if let Some(id) = reply
            .as_ref()
            .and_then(challenge)
            .and_then(|challenge| challenge.resource_id().map(str::to_owned))
        {
            return named(id, ResourceSource::Challenge);
        }
        if let Some(id) = reply.as_ref().and_then(login_client_id) {
            return named(id, ResourceSource::Challenge);
        }
        let from_file = self
            .prepared
            .settings
            .iter()
            .filter_map(|reading| reading.outcome.as_deref().ok())
            .find_map(client_id);
        let from_settings = match from_file {
            Some(id) => Some(id),
            None => self
                .settings
                .get_or_init(|| self.read_settings())
                .await
                .as_ref()
                .and_then(client_id),
        };
        if let Some(id) = from_settings {
            return named(id, ResourceSource::Settings);
        }
        let target = self.target.as_ref()?;
        if let Some(id) = target.login().await.as_ref().and_then(login_client_id) {
            return named(id, ResourceSource::Challenge);
        }
        let uri = metadata_resource(&target.metadata().await?)?;
        named(uri, ResourceSource::Metadata)
    }

    /// After a refusal: the same identity for a resource that always exists, for the bare client id, and for one that
    /// cannot exist; and the other way around a proxy.
    async fn experiments(&self, asked_for: &str, anonymous: &OnceCell<Option<Reply>>) {
        if !self.credential.can_ask() {
            return;
        }
        let bare = client_id_of(asked_for).map(str::to_owned).or_else(|| {
            let reply = anonymous.get().and_then(Option::as_ref)?;
            challenge(reply)?.resource_id().map(str::to_owned)
        });
        let bare = bare.filter(|id| !id.eq_ignore_ascii_case(asked_for));
        let nonsense = uuid::Uuid::new_v4().to_string();
        tokio::join!(
            self.manager_token(),
            async {
                if let Some(id) = &bare {
                    self.credential.token(Purpose::TokenForBareClientId, id).await;
                }
            },
            self.credential.token(Purpose::TokenForNonsense, &nonsense),
            self.authority_within_reach(),
            self.registration(client_id_of(asked_for), None, anonymous),
        );
    }

    /// Asks the authority for its public metadata: after an opaque refusal, silence here speaks for blocked egress.
    async fn authority_within_reach(&self) {
        let Ok(authority) = entra::authority(&self.prepared.inputs, &self.credential.environment) else {
            return;
        };
        let address = format!("{authority}/common/v2.0/.well-known/openid-configuration");
        if self.stays_home(&authority)
            && let Ok(url) = Url::parse(&address)
        {
            self.http.send(Request::get(Purpose::MetadataV2, url)).await;
        }
    }

    // ------------------------------------------------------------------------------------------------ after the token

    async fn with_token(&self, held: &Held) {
        let signature = async {
            if self.from <= StepId::Claims {
                let verdict = self.signature(held).await;
                self.http.tell(Observation::Signature(verdict));
                self.settle(StepId::Claims);
            }
        };
        tokio::join!(signature, self.call(held));
    }

    async fn signature(&self, held: &Held) -> SignatureVerdict {
        match entra::authority(&self.prepared.inputs, &self.credential.environment) {
            Ok(authority) if self.stays_home(&authority) => {
                signature::verify(self.http, &authority, &held.token, &held.decoded).await
            }
            Ok(_) => SignatureVerdict::NotChecked {
                reason: "App 2 is on loopback and no --authority on loopback was given".to_owned(),
            },
            Err(reason) => SignatureVerdict::NotChecked { reason },
        }
    }

    async fn call(&self, held: &Held) {
        let Some(target) = &self.target else {
            self.http.leave_out(Purpose::CallWithToken, "no target was given");
            return;
        };
        let status = target
            .call(&held.token, &held.decoded)
            .await
            .and_then(|reply| reply.status());
        if !matches!(status, Some(401 | 403)) {
            return;
        }
        let caller = held.decoded.text("oid").map(str::to_owned);
        let nothing = OnceCell::new();
        let own = held
            .resource
            .as_ref()
            .and_then(|resource| client_id_of(&resource.value))
            .or_else(|| held.decoded.list("aud").into_iter().find_map(client_id_of));
        tokio::join!(
            self.other_audience(target, held, status),
            self.registration(own, caller.as_deref(), &nothing)
        );
    }

    /// A token for the bare client id, where the first one was for a URI and App 2 answered 401.
    async fn other_audience(&self, target: &Target<'_>, held: &Held, status: Option<u16>) {
        let Some(resource) = held
            .resource
            .as_ref()
            .filter(|_| status == Some(401) && self.credential.can_ask())
        else {
            return;
        };
        let Some(bare) = client_id_of(&resource.value).filter(|id| *id != resource.value) else {
            return;
        };
        let Some(issued) = self.credential.token(Purpose::TokenForBareClientId, bare).await else {
            return;
        };
        let decoded = DecodedToken::decode(issued.token.expose());
        self.http.learn(issued.token.expose());
        // The same audience again (v2 tokens) would ask the same question twice.
        if decoded.list("aud") != held.decoded.list("aud") {
            target.call_other(&issued.token, &decoded).await;
        }
    }

    /// App 2's registration, after a refusal, where Graph may be asked.
    async fn registration(&self, client_id: Option<&str>, caller: Option<&str>, anonymous: &OnceCell<Option<Reply>>) {
        let from_challenge = anonymous
            .get()
            .and_then(Option::as_ref)
            .and_then(challenge)
            .and_then(|challenge| challenge.resource_id().map(str::to_owned));
        let Some(client_id) = client_id.map(str::to_owned).or(from_challenge) else {
            return;
        };
        let base = self.prepared.inputs.graph().to_owned();
        if !self.stays_home(&base) || !self.credential.can_ask() {
            self.http
                .leave_out(Purpose::TokenForGraph, "Microsoft Graph is not asked in this run");
            return;
        }
        let resource = self.prepared.inputs.cloud.graph();
        if let Some(issued) = self.credential.token(Purpose::TokenForGraph, resource).await {
            let graph = Graph {
                http: self.http,
                base,
                token: issued.token,
            };
            let own = DecodedToken::decode(graph.token.expose())
                .text("oid")
                .map(str::to_owned);
            graph.registration(&client_id, caller.or(own.as_deref())).await;
        }
    }
}

fn client_id(settings: &AuthSettings) -> Option<String> {
    settings.entra_enabled().and_then(|entra| entra.client_id.clone())
}

fn challenge(reply: &Reply) -> Option<Challenge> {
    let answer = reply.exchange.answer()?;
    Challenge::bearer(answer.headers_named("www-authenticate"))
}

/// `client_id` of a redirect to the sign-in page.
fn login_client_id(reply: &Reply) -> Option<String> {
    let url = Url::parse(reply.exchange.answer()?.header("location")?).ok()?;
    let id = url
        .query_pairs()
        .find(|(name, _)| name == "client_id")
        .map(|(_, value)| value.into_owned())?;
    is_guid(&id).then_some(id)
}

/// The Application ID URI in the scopes of the protected-resource metadata.
fn metadata_resource(reply: &Reply) -> Option<String> {
    let json = reply.json().filter(|_| reply.status() == Some(200))?;
    let scope = json.get("scopes_supported")?.as_array()?.first()?.as_str()?;
    scope
        .rsplit_once('/')
        .map(|(resource, _)| resource.to_owned())
        .filter(|resource| !resource.is_empty())
}
