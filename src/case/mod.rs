//! What is known: the [`Case`], plain data that was observed.
//!
//! Everything after `probe` works on it alone. What would be handed to a colleague is the case as it may be shown
//! ([`shown::ShownCase`]), which is judged exactly like the live one.

// Numbers from outside may be anything: bound them, or saturate.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation))]
#![cfg_attr(not(test), deny(clippy::cast_possible_wrap, clippy::cast_sign_loss))]

pub mod answer;
mod app_1;
mod asked;
pub mod assume;
pub mod audience;
mod auth_me;
pub mod auth_settings;
#[allow(clippy::arithmetic_side_effects, reason = "places in a text that is in memory")]
pub(crate) mod book;
#[allow(clippy::arithmetic_side_effects, reason = "places in a text that is in memory")]
pub mod challenge;
pub mod clock;
mod cloud;
pub mod code;
pub mod continued;
pub mod credential;
pub mod environment;
pub mod error_text;
pub mod exchange;
mod graph;
pub mod ids;
pub mod inputs;
pub mod issuer;
pub mod json;
pub mod may_send;
pub mod network;
pub mod observation;
pub mod once;
pub(crate) mod plain;
pub mod plain_address;
pub mod platform;
pub(crate) mod prelude;
pub mod quote;
pub mod recognize;
pub mod registration;
pub mod resource;
pub mod resource_id;
pub mod restriction;
#[allow(clippy::arithmetic_side_effects, reason = "places in a text that is in memory")]
pub mod secret;
pub mod shared_identity;
pub mod shell_value;
#[allow(clippy::arithmetic_side_effects, reason = "places in a text that is in memory")]
pub mod shown;
pub mod site;
pub mod span;
pub mod step;
mod tables;
pub mod target_kind;
pub mod target_log;
pub mod target_names;
pub mod text;
pub mod token;
pub mod under_way;
#[allow(clippy::arithmetic_side_effects, reason = "places in a text that is in memory")]
pub mod url_password;
pub mod value_parsers;
pub mod voices;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use auth_settings::{EntraProvider, SettingsReading};
use continued::Continued;
use credential::CredentialSource;
use environment::Environment;
pub use exchange::LeftOut;
use exchange::{Exchange, Outcome, Purpose};
use ids::{ClientId, TenantId, is_guid};
use inputs::Inputs;
use may_send::Decision;
use observation::Observation;
use registration::Registration;
use resource::ChosenResource;
use resource_id::ResourceId;
use secret::SecretForm;
use shown::secrets::Secrets;
use site::Site;
use step::StepId;
use target_log::TargetLog;
use target_names::Voice;
use token::{AcquiredToken, Caller, DecodedToken, OutsideToken};

/// The version of the saved form of a [`Case`].
pub const CASE_VERSION: u32 = 1;

/// A case from a file that is larger than any that the program saves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it contains {count} {what}; a saved case has at most {most}")]
pub struct TooLarge {
    what: &'static str,
    count: usize,
    most: usize,
}

/// Everything observed in one run, for one target.
///
/// Texts from outside are as they were observed, within limits. They are cleaned where a [`shown::ShownCase`] is made.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Case {
    /// The version of this form, see [`CASE_VERSION`].
    pub case_version: u32,
    /// The version of the program that observed it.
    pub tool_version: String,
    /// When the run began, by the clock of the machine that observed.
    pub started_at: DateTime<Utc>,
    /// How long the run took until the last observation, in milliseconds, without the time for which it stood still.
    pub elapsed_ms: u64,
    /// Where it was continued after an earlier end.
    #[serde(default)]
    pub continued: Continued,
    /// What the user asked for.
    pub inputs: Inputs,
    /// What App 1's machine says of itself; `None` before it was read.
    pub environment: Option<Environment>,
    /// The resource the token is asked for, and where that choice came from.
    pub resource: Option<ChosenResource>,
    /// The access token, without its signature.
    pub token: Option<AcquiredToken>,
    /// Whether the token was sent to App 2, and why; `None` before that was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// Who the caller is, by a token of the same identity for another resource; for when none for App 2 is issued.
    #[serde(default)]
    pub caller: Option<Caller>,
    /// The federated token that Entra was asked with, where the credential is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside_token: Option<OutsideToken>,
    /// What the form of the client secret shows, where it isn't a secret's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_form: Option<SecretForm>,
    /// App 2's authentication settings, one entry for each source that was read or tried.
    pub settings: Vec<SettingsReading>,
    /// App 2's site object, as Azure Resource Manager shows it.
    pub site: Option<Site>,
    /// App 2's registration and the caller, as Microsoft Graph shows them.
    pub registration: Option<Registration>,
    /// What App 2's own log says.
    pub target_log: Option<TargetLog>,
    /// Every HTTP request of the run with its answer, in the order in which they finished.
    pub exchanges: Vec<Exchange>,
    /// Observations that were planned and then left out, with the reason.
    pub left_out: Vec<LeftOut>,
    /// The steps whose observations are complete.
    pub settled: Vec<StepId>,
    /// The secrets of the run, for whoever shows the case. Never written.
    #[serde(skip)]
    pub secrets: Secrets,
}

impl Case {
    /// An empty case: nothing observed yet.
    #[must_use]
    pub fn new(inputs: Inputs, started_at: DateTime<Utc>) -> Self {
        let named = [&inputs.resource, &inputs.expect_identity].into_iter().flatten().map(String::as_str);
        let named = named.chain(inputs.tenant.as_ref().map(TenantId::as_str));
        let secrets = Secrets::with_public(named.chain(inputs.client_id.as_ref().map(ClientId::as_str)));
        Self {
            case_version: CASE_VERSION,
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at,
            elapsed_ms: 0,
            continued: Continued::default(),
            inputs,
            environment: None,
            resource: None,
            token: None,
            decision: None,
            caller: None,
            outside_token: None,
            secret_form: None,
            settings: Vec::new(),
            site: None,
            registration: None,
            target_log: None,
            exchanges: Vec::new(),
            left_out: Vec::new(),
            settled: Vec::new(),
            secrets,
        }
    }

    /// The access token as it was decoded.
    #[must_use]
    pub fn decoded(&self) -> Option<&DecodedToken> {
        self.token.as_ref().map(|token| &token.decoded)
    }

    /// The resource that the token is requested for.
    #[must_use]
    pub fn requested(&self) -> Option<&str> {
        self.resource.as_ref().map(|chosen| chosen.value.as_str())
    }

    /// The authority in use, by App 1's environment where that was read.
    #[must_use]
    pub fn authority(&self) -> String {
        let of_inputs = || self.inputs.authority().to_owned();
        self.environment.as_ref().map_or_else(of_inputs, |environment| environment.authority(&self.inputs))
    }

    /// Where the token comes from, by App 1's environment.
    #[must_use]
    pub fn credential_source(&self) -> Option<CredentialSource> {
        Some(credential::choose(self.environment.as_ref()?, &self.inputs).source)
    }

    /// The moment that is this many milliseconds after the start.
    #[must_use]
    pub fn after(&self, milliseconds: u64) -> DateTime<Utc> {
        let passed = i64::try_from(milliseconds).ok().and_then(TimeDelta::try_milliseconds);
        passed.and_then(|passed| self.started_at.checked_add_signed(passed)).unwrap_or(self.started_at)
    }

    /// Continues the run now. The time since the end of what is kept of it doesn't count.
    pub fn continue_at(&mut self, now: DateTime<Utc>) {
        let ends = self.exchanges.iter().map(|exchange| exchange.started_ms.saturating_add(exchange.elapsed_ms));
        let ended = ends.max().unwrap_or(0);
        let passed = now.signed_duration_since(self.started_at).num_milliseconds();
        self.elapsed_ms = self.continued.worked(ended);
        self.continued.begin(u64::try_from(passed).unwrap_or(0), ended);
    }

    /// When its last part began.
    #[must_use]
    pub fn checked_at(&self) -> DateTime<Utc> {
        self.after(self.continued.last_ms())
    }

    /// Time during which at least one request of a step was under way, in milliseconds.
    #[must_use]
    pub fn elapsed_of(&self, step: StepId) -> u64 {
        let mut spans: Vec<(u64, u64)> = self
            .exchanges_where(|purpose| purpose.step() == step)
            .map(|exchange| (exchange.started_ms, exchange.started_ms.saturating_add(exchange.elapsed_ms)))
            .collect();
        crate::sort::all(&mut spans);
        let mut total: u64 = 0;
        let mut reached = 0;
        for (start, end) in spans {
            total = total.saturating_add(end.saturating_sub(start.max(reached)));
            reached = reached.max(end);
        }
        total
    }

    /// Takes one observation in.
    pub fn apply(&mut self, observation: Observation) {
        match observation {
            Observation::Environment(environment) => self.environment = Some(*environment),
            Observation::Resource(resource) => self.resource = Some(resource),
            Observation::Token(token) => self.token = Some(*token),
            Observation::Decision(decision) => self.decision = Some(decision),
            Observation::Caller(caller) => self.caller = Some(caller),
            Observation::OutsideToken(token) => self.outside_token = Some(*token),
            Observation::SecretForm(form) => self.secret_form = Some(form),
            Observation::Signature(verdict) => {
                if let Some(token) = &mut self.token {
                    token.signature = Some(verdict);
                }
            }
            Observation::Settings(reading) => {
                self.learn_misplaced(&reading);
                self.settings.push(*reading);
            }
            Observation::Site(site) => self.site = Some(*site),
            Observation::Restrictions(read) => {
                if let Some(site) = &mut self.site {
                    site.take_restrictions(*read);
                }
            }
            Observation::Registration(registration) => self.registration = Some(*registration),
            Observation::TargetLog(log) => self.target_log = Some(*log),
            Observation::Secret(secret) => self.secrets.learn(secret.expose()),
            Observation::SentBody(body) => self.secrets.learn_body(body.expose()),
            Observation::Sent { name, value } => self.secrets.learn_sent(&name, value.expose()),
            Observation::Started(_) | Observation::Ended { .. } => {}
            Observation::Exchange(exchange) => {
                let ended = exchange.started_ms.saturating_add(exchange.elapsed_ms);
                self.elapsed_ms = self.elapsed_ms.max(self.continued.worked(ended));
                self.exchanges.push(*exchange);
            }
            Observation::LeftOut(left_out) => self.left_out.push(left_out),
            Observation::Settled(step) => {
                if !self.settled.contains(&step) {
                    self.settled.push(step);
                }
            }
        }
    }

    /// Remembers what may be a secret in settings under a name whose values are shown.
    fn learn_misplaced(&mut self, reading: &SettingsReading) {
        let settings = reading.outcome.as_ref().ok().and_then(|read| read.editable.as_ref());
        for secret in settings.map(shown::settings::misplaced_secrets).unwrap_or_default() {
            // Of an address only the secret parts: where it leads is judged.
            if secret.contains("://") {
                self.secrets.learn_sent("", secret);
            } else {
                self.secrets.learn(secret);
            }
        }
    }

    /// Tells every answer and line of the log what must be hidden in what is quoted of it: the secrets of the whole
    /// run, also those that were learned after it came.
    pub fn hide_secrets(&mut self) {
        for exchange in &mut self.exchanges {
            if let Outcome::Answer(answer) = &mut exchange.outcome {
                answer.secrets = self.secrets.clone();
            }
        }
        for entry in self.target_log.iter_mut().flat_map(|log| &mut log.entries) {
            entry.secrets = self.secrets.clone();
        }
    }

    /// Tells every answer the headers of those that name App 2's own registration: what is in front of App 2 puts its
    /// marks on those as well, and so they don't show who gave the others.
    pub fn compare_answers(&mut self) {
        let names_app_2 = |exchange: &&Exchange| {
            target_names::in_exchange(exchange).iter().any(|name| name.by == Voice::Challenge && is_guid(&name.value))
        };
        let own = self.exchanges.iter().filter(names_app_2).filter_map(Exchange::answer);
        let headers = Arc::new(own.flat_map(|answer| answer.headers.clone()).collect::<Vec<_>>());
        for exchange in &mut self.exchanges {
            if let Outcome::Answer(answer) = &mut exchange.outcome {
                answer.read.of_app_2 = Arc::clone(&headers);
            }
        }
    }

    /// The case without the changes that it assumes.
    #[must_use]
    pub fn without_assumptions(&self) -> Self {
        let mut observed = self.clone();
        observed.inputs.assume.clear();
        observed
    }

    /// The case without what was observed for `from` and the steps after it, as the start of a repeated run.
    #[must_use]
    pub fn keep_before(&self, from: StepId) -> Self {
        let mut kept = self.clone();
        // With its token for Azure Resource Manager, the step `protection` also shows who App 1 is.
        let is_read = |purpose: &Purpose| *purpose == Purpose::TokenForResourceManager && from > StepId::Protection;
        kept.exchanges.retain(|exchange| exchange.purpose.step() < from || is_read(&exchange.purpose));
        kept.left_out.retain(|left_out| left_out.purpose.step() < from);
        kept.settled.retain(|step| *step < from);
        kept.decision = None;
        if from <= StepId::Identity {
            kept.environment = None;
        }
        if from <= StepId::Protection {
            kept.settings.clear();
            kept.site = None;
            kept.target_log = None;
        }
        if from <= StepId::Scope {
            kept.resource = None;
            kept.registration = None;
        }
        if from <= StepId::Token {
            kept.token = None;
        } else if from <= StepId::Claims
            && let Some(token) = &mut kept.token
        {
            token.signature = None;
        }
        kept
    }

    /// The last exchange with this purpose; later ones are retries of the earlier.
    #[must_use]
    pub fn exchange(&self, purpose: &Purpose) -> Option<&Exchange> {
        self.exchanges.iter().rev().find(|exchange| &exchange.purpose == purpose)
    }

    /// All exchanges whose purpose fulfils the condition, in the order in which they finished.
    pub fn exchanges_where<'a>(
        &'a self,
        mut condition: impl FnMut(&Purpose) -> bool + 'a,
    ) -> impl DoubleEndedIterator<Item = &'a Exchange> + 'a {
        self.exchanges.iter().filter(move |exchange| condition(&exchange.purpose))
    }

    /// Whether this process was paused during the run, so that requests may have failed for that.
    #[must_use]
    pub fn was_paused(&self) -> bool {
        self.exchanges.iter().any(Exchange::was_paused)
    }

    /// Why an observation was left out, if it was.
    #[must_use]
    pub fn left_out(&self, purpose: &Purpose) -> Option<&str> {
        self.left_out.iter().find(|left_out| &left_out.purpose == purpose).map(|left_out| left_out.reason.as_str())
    }

    /// Checks a case from a file: a list in it may be no longer than what the program itself would save.
    ///
    /// # Errors
    /// Which list is too long, and what it may contain.
    pub fn check_size(&self) -> Result<(), TooLarge> {
        let claims = self
            .token
            .as_ref()
            .map_or(0, |token| token.decoded.claims.len().saturating_add(token.decoded.header.len()));
        let answers = self.exchanges.iter().filter_map(Exchange::answer);
        let bodies = answers.map(|answer| answer.body.len());
        for (what, count, most) in [
            ("requests", self.exchanges.len(), 10_000),
            ("claims", claims, 2_000),
            ("log entries", self.target_log.as_ref().map_or(0, |log| log.entries.len()), 10_000),
            ("readings of settings", self.settings.len(), 1_000),
            ("variables", self.environment.as_ref().map_or(0, |environment| environment.variables.len()), 10_000),
            ("reasons", self.left_out.len(), 10_000),
            ("assumptions", self.inputs.assume.len(), 1_000),
            ("bytes in the body of a request", bodies.max().unwrap_or(0), 1 << 20),
        ] {
            if count > most {
                return Err(TooLarge { what, count, most });
            }
        }
        Ok(())
    }

    /// What App 2's issuer URL has in place of a tenant's ID, where that is another ID that is known, and not the
    /// token's tenant.
    #[must_use]
    pub fn other_id_as_tenant(&self, entra: &EntraProvider) -> Option<&'static str> {
        let parts = entra.issuer.as_ref()?.parts();
        let id = parts.tenant_guid()?;
        let token = &self.token.as_ref()?.decoded;
        let caller = token.caller_client_id();
        let subscription = self.inputs.target_resource_id.as_ref().and_then(ResourceId::parts);
        let known = [
            ("target", entra.client_id.as_ref().map(ClientId::as_str)),
            ("caller", caller.as_ref().map(ClientId::as_str)),
            ("subscription", subscription.and_then(|parts| parts.subscription)),
        ];
        let is_it = |known: &str| known.eq_ignore_ascii_case(id.as_str());
        let found = known.into_iter().find(|(_, known)| known.is_some_and(is_it));
        found.map(|(word, _)| word).filter(|_| token.tenant().is_some_and(|tenant| !tenant.matches(id)))
    }

    /// Whether everything that this step judges by was observed (or given up).
    #[must_use]
    pub fn is_settled(&self, step: StepId) -> bool {
        self.settled.contains(&step)
    }
}
