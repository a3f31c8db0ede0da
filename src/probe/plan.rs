//! What is asked, and what runs beside what. The order follows need, not the steps' numbers:
//!
//! ```text
//! anonymous call ─┬─▶ resource ─▶ token ───────────┬─▶ call ─▶ other audience · Graph (only after a rejection)
//! invalid token   │             ├ token for Graph  ├─▶ keys ─▶ signature
//! login, metadata ┘             └ metadata         └─▶ experiments                   (only after a refusal)
//! Resource Manager's token ─▶ site · settings ─▶ metadata of App 2's issuer
//! ```
//! With a given resource the token is asked for at once. `plan/grace.rs` says how long all of it is waited for,
//! `tests/it/waits.rs` how many answers one after the other.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tokio::sync::{OnceCell, mpsc::UnboundedSender};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::case::Case;
use crate::case::auth_settings::{AuthSettings, SettingsReading, SettingsSource};
use crate::case::credential::{choose, effective_selector};
use crate::case::environment::{Environment, Place, VariableValue};
use crate::case::observation::Observation;
use crate::case::resource::{ChosenResource, is_guid};
use crate::case::resource_id::ResourceId;
use crate::case::secret::Secret;
use crate::case::shown::address;
use crate::case::shown::settings::may_be_secret;
use crate::case::shown::variables::is_misplaced_secret;
use crate::case::step::StepId;
use crate::case::token::{DecodedToken, SignatureVerdict};

use super::address::is_loopback;
use super::clock;
use super::credential::{Credential, Issued};
use super::entra;
use super::http::proxy::Proxies;
use super::http::{Http, Reply};
use super::prepare::Prepared;
use super::preview::Preview;
use super::resource_manager::ResourceManager;
use super::target::Target;
use super::{Again, environment, own_log, signature, trust};

mod after;
mod early;
mod grace;
mod managed;
mod names;
mod preview;
mod token;

/// Everything that the parts of the plan share.
struct Plan<'a> {
    http: &'a Http,
    prepared: &'a Prepared,
    credential: Credential<'a>,
    target: Option<Target<'a>>,
    from: StepId,
    /// What is kept of the run before.
    kept: Option<&'a Case>,
    /// App 2's settings by the process's own environment, when it runs inside App 2.
    own_settings: Option<SettingsReading>,
    /// The token for Azure Resource Manager, asked for once: by whoever needs it first.
    manager_token: OnceCell<Option<Issued>>,
    /// App 2's settings in Azure Resource Manager, once read.
    settings: OnceCell<Option<SettingsReading>>,
    /// App 2 there, once it is found.
    app_2: OnceCell<(ResourceManager<'a>, ResourceId)>,
    /// App 2's answers that name it, each asked for once.
    anonymous: OnceCell<Option<Reply>>,
    login: OnceCell<Option<Reply>>,
    metadata: OnceCell<Option<Reply>>,
    impossible: OnceCell<()>,
    /// The token for Microsoft Graph.
    graph_token: OnceCell<Option<Issued>>,
    /// The authority's metadata in both forms, where the tenant is known before the token.
    early: Early,
    /// What of the path to the call decides the verdict is there.
    decided: CancellationToken,
    /// Whether the call was rejected, so that what explains it is waited for as long as answers come.
    is_rejected: AtomicBool,
}

/// What is asked early, and when that is.
#[derive(Default)]
struct Early {
    begun: CancellationToken,
    resource: OnceCell<ChosenResource>,
    v1: OnceCell<Option<Reply>>,
    v2: OnceCell<Option<Reply>>,
}

/// What is known of the token after it was asked for.
struct Held {
    token: Secret<String>,
    decoded: DecodedToken,
    /// The resource that it was asked for; `None` for a token given by hand.
    asked: Option<ChosenResource>,
}

/// Runs the plan.
pub async fn run(prepared: &Prepared, again: Option<&Again>, observations: UnboundedSender<Observation>) {
    let environment = Arc::new(match again.and_then(|again| again.kept.environment.clone()) {
        Some(environment) => environment,
        None => read_environment(prepared),
    });
    let first_id = again
        .and_then(|again| again.kept.exchanges.iter().map(|exchange| exchange.id).max())
        .unwrap_or(0)
        .saturating_add(1);
    let timeout = std::time::Duration::from_secs(prepared.inputs.timeout_s.clamp(1, 600));
    let http = Http::new(
        timeout,
        trust::extra_roots(prepared, &environment),
        Proxies::of(&environment),
        first_id,
        observations,
    )
    .continuing(under_way(again));
    teach(&http, prepared, &environment);
    http.tell(Observation::Environment(Box::new((*environment).clone())));
    let plan = Plan::new(&http, prepared, environment, again);
    plan.files();
    plan.all().await;
}

/// How long a run that is continued has been under way.
fn under_way(again: Option<&Again>) -> std::time::Duration {
    again.and_then(|again| clock::utc().signed_duration_since(again.kept.started_at).to_std().ok()).unwrap_or_default()
}

/// What a run would send. Reads App 1's machine, and sends nothing.
pub fn preview(prepared: &Prepared) -> Preview {
    let environment = Arc::new(read_environment(prepared));
    let (observations, _) = tokio::sync::mpsc::unbounded_channel();
    let timeout = std::time::Duration::from_secs(1);
    let http = Http::new(timeout, None, Proxies::of(&environment), 1, observations);
    Plan::new(&http, prepared, environment, None).preview()
}

/// App 2's settings by the process's own environment, when it runs inside App 2.
fn own_settings(environment: &Environment, target: Option<&Url>) -> Option<SettingsReading> {
    if !environment.is_inside(target) {
        return None;
    }
    let variables: Vec<(String, String)> = environment
        .variables
        .iter()
        .filter_map(|variable| Some((variable.name.clone(), environment.text(&variable.name)?.to_owned())))
        .collect();
    Some(SettingsReading {
        source: SettingsSource::OwnEnviron,
        outcome: Ok(Box::new(AuthSettings::from_variables(&variables).ok()?)),
    })
}

/// Checks the signature of the given token and nothing else.
pub async fn verify_only(prepared: &Prepared) -> Option<SignatureVerdict> {
    let token = prepared.token.clone()?;
    let environment = read_environment(prepared);
    let (observations, _) = tokio::sync::mpsc::unbounded_channel();
    let timeout = std::time::Duration::from_secs(prepared.inputs.timeout_s.clamp(1, 600));
    let http =
        Http::new(timeout, trust::extra_roots(prepared, &environment), Proxies::of(&environment), 1, observations);
    http.learn(token.expose());
    let decoded = DecodedToken::decode(token.expose());
    Some(match entra::authority(&prepared.inputs, &environment) {
        Ok(authority) => signature::verify(&http, &authority, &token, &decoded, None).await,
        Err(error) => SignatureVerdict::NotChecked { reason: error.to_string() },
    })
}

fn read_environment(prepared: &Prepared) -> Environment {
    // A given file replaces any environment, a trial's too.
    match (&prepared.environ, &prepared.variables) {
        (Some((path, variables)), _) => environment::from_variables(variables.clone(), Place::File(path.clone())),
        (None, Some(variables)) => environment::from_variables(variables.clone(), Place::Process),
        (None, None) => environment::this_machine(),
    }
}

/// Makes every secret known before the first answer is recorded.
fn teach(http: &Http, prepared: &Prepared, environment: &Environment) {
    // The caller's ID in place of its secret is no secret: what is said of that names it.
    let is_shown = |secret: &Secret<String>| {
        let text = secret.expose().trim();
        let plain = |value: &VariableValue| matches!(value, VariableValue::Plain(id) if id.trim() == text);
        is_guid(text) && environment.variables.iter().any(|variable| plain(&variable.value))
    };
    for variable in &environment.variables {
        match &variable.value {
            VariableValue::Hidden(secret) if is_shown(secret) => {}
            VariableValue::Hidden(secret) => http.learn_sent(&variable.name, secret),
            VariableValue::Plain(text) if is_misplaced_secret(&variable.name, text) => http.learn(text),
            VariableValue::Plain(_) => {}
        }
    }
    let own = [&prepared.token, &prepared.client_secret, &prepared.remembered()];
    own.into_iter().flatten().filter(|secret| !is_shown(secret)).for_each(|secret| http.learn(secret.expose()));
    prepared.inputs.headers.iter().for_each(|(name, value)| http.learn_sent(name, value));
    if let Some(data) = &prepared.data {
        http.tell(Observation::SentBody(Secret::new(String::from_utf8_lossy(data).into_owned())));
    }
    let typed = [&prepared.inputs.resource, &prepared.inputs.send_token_for];
    typed.into_iter().flatten().filter(|text| may_be_secret(text)).for_each(|text| match text.contains("://") {
        true => http.learn_sent("", &Secret::new(text.clone())),
        false => http.learn(text),
    });
    let target = prepared.inputs.target.as_deref().unwrap_or_default();
    for (name, value) in address::parameters(target).filter(|(name, _)| !address::is_harmless_parameter(name)) {
        http.learn_sent(&name, &Secret::new(value.into_owned()));
    }
}

impl<'a> Plan<'a> {
    fn new(http: &'a Http, prepared: &'a Prepared, environment: Arc<Environment>, again: Option<&'a Again>) -> Self {
        let target = prepared.inputs.target.as_deref().and_then(|url| Url::parse(url).ok());
        Self {
            http,
            prepared,
            own_settings: own_settings(&environment, target.as_ref()),
            credential: Credential {
                http,
                prepared,
                choice: choose(&environment, &prepared.inputs),
                selector: effective_selector(&environment, &prepared.inputs).0,
                environment,
            },
            target: target.map(|url| Target { http, prepared, url }),
            from: again.map_or(StepId::Identity, |again| again.from),
            kept: again.map(|again| &again.kept),
            manager_token: OnceCell::new(),
            settings: OnceCell::new(),
            app_2: OnceCell::new(),
            anonymous: OnceCell::new(),
            login: OnceCell::new(),
            metadata: OnceCell::new(),
            impossible: OnceCell::new(),
            graph_token: OnceCell::new(),
            early: Early::default(),
            decided: CancellationToken::new(),
            is_rejected: AtomicBool::new(true),
        }
    }
}

impl Plan<'_> {
    /// What was read from files, and what the process's own environment shows when it runs inside App 2.
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
        if let Some(reading) = &self.own_settings {
            self.http.tell(Observation::Settings(Box::new(reading.clone())));
        }
    }

    /// App 2's own log, once the calls have left their lines in it.
    fn own_log(&self) {
        if self.prepared.target_log.is_none()
            && self.credential.environment.is_inside(self.target.as_ref().map(|target| &target.url))
            && let Some(log) = own_log::read(self.prepared)
        {
            self.http.tell(Observation::TargetLog(Box::new(log)));
        }
    }

    async fn all(&self) {
        // Each has much to remember: on the stack, they would be moved there once more for each function in between.
        let probes = Box::pin(async {
            if self.from <= StepId::Protection {
                tokio::join!(self.anonymous(), self.impossible(), self.login(), self.metadata(), self.managed());
                self.settle(StepId::Protection);
            }
        });
        let path = Box::pin(async {
            let held = self.token().await;
            self.settle(StepId::Identity);
            self.settle(StepId::Token);
            match held {
                Some(held) => self.with_token(&held).await,
                None => self.settle(StepId::Claims),
            }
            self.early.never();
            self.decided.cancel();
        });
        let all = async { tokio::join!(probes, path, Box::pin(self.early())) };
        tokio::select! {
            biased;
            _ = all => {}
            () = self.stop_waiting() => {}
        }
        self.own_log();
        for step in [StepId::Audience, StepId::Authorization, StepId::Call] {
            self.settle(step);
        }
    }

    fn settle(&self, step: StepId) {
        if step >= self.from {
            self.http.tell(Observation::Settled(step));
        }
    }

    /// App 2's answer without a token.
    async fn anonymous(&self) -> Option<&Reply> {
        let ask = async { Some(self.target.as_ref()?.anonymous().await) };
        self.anonymous.get_or_init(|| ask).await.as_ref()
    }

    async fn impossible(&self) {
        let ask = async {
            if let Some(target) = &self.target {
                target.impossible().await;
            }
        };
        self.impossible.get_or_init(|| ask).await;
    }

    /// The answer of App 2's login address.
    async fn login(&self) -> Option<&Reply> {
        let ask = async { self.target.as_ref()?.login().await };
        self.login.get_or_init(|| ask).await.as_ref()
    }

    /// App 2's protected-resource metadata: at its usual address, else at the one that the challenge names.
    async fn metadata(&self) -> Option<&Reply> {
        let ask = async {
            let target = self.target.as_ref()?;
            let usual = target.metadata().await?;
            if usual.status() == Some(200) {
                return Some(usual);
            }
            match self.named_metadata().await.filter(|url| url.as_str() != usual.exchange.url) {
                Some(url) => target.metadata_at(url).await.or(Some(usual)),
                None => Some(usual),
            }
        };
        self.metadata.get_or_init(|| ask).await.as_ref()
    }

    /// Whether an endpoint may be asked in this run: a run against loopback stays on loopback.
    fn stays_home(&self, endpoint: &str) -> bool {
        let home = self.target.as_ref().is_some_and(|target| is_loopback(&target.url));
        !home || Url::parse(endpoint).is_ok_and(|url| is_loopback(&url))
    }
}
