//! App 2's names as far as this run knows them: which resource to ask a token for, and whether a token may go to App 2.

use crate::case::auth_settings::{SettingsReading, Wanted};
use crate::case::exchange::{Exchange, Purpose};
use crate::case::ids::ClientId;
use crate::case::may_send::{Confirmations, Known, Permission, Refusal, may_send};
use crate::case::resource::relation::{Relation, is_client_id, relation};
use crate::case::resource::{ChosenResource, ResourceSource, is_guid, well_known};
use crate::case::secret::Secret;
use crate::case::step::StepId;
use crate::case::target_names::{self, Name};
use crate::case::token::DecodedToken;
use crate::probe::target::Cleared;

use super::Plan;

/// What the run has read of App 2's names.
#[derive(Default)]
struct Read {
    settings: Vec<SettingsReading>,
    exchanges: Vec<Exchange>,
}

impl Plan<'_> {
    /// The token where it may go to App 2. What could confirm or contradict it is waited for only where it decides.
    pub(super) async fn clear(
        &self,
        token: &Secret<String>,
        decoded: &DecodedToken,
        asked: Option<&ChosenResource>,
    ) -> Result<(Cleared, Permission), Refusal> {
        let now = Cleared::of(token, decoded, &self.confirmations(&self.read_by_now(), asked));
        let open = matches!(
            now,
            Ok((_, Permission::Claimed { .. })) | Err(Refusal::Contradicted { .. } | Refusal::Unnamed { .. })
        );
        if !open {
            return now;
        }
        let read = self.read_in_full().await;
        Cleared::of(token, decoded, &self.confirmations(&read, asked))
    }

    /// Whether a token may go to App 2 by what is known now.
    pub(super) fn decide_by_now(
        &self,
        decoded: &DecodedToken,
        asked: Option<&ChosenResource>,
    ) -> Result<Permission, Refusal> {
        may_send(decoded, &self.confirmations(&self.read_by_now(), asked))
    }

    fn confirmations(&self, read: &Read, asked: Option<&ChosenResource>) -> Confirmations {
        let known = Known {
            inputs: &self.prepared.inputs,
            settings: &read.settings.iter().collect::<Vec<_>>(),
            exchanges: &read.exchanges.iter().collect::<Vec<_>>(),
            registration: self.kept.and_then(|kept| kept.registration.as_ref()),
        };
        let authority = self.credential.environment.authority(&self.prepared.inputs);
        Confirmations::of(known, &authority, asked)
    }

    /// App 2's settings that are known by now, those that were given first, without those of another app.
    pub(super) fn settings_of_app_2(&self) -> impl Iterator<Item = &SettingsReading> {
        let answered = target_names::answered(&self.read_by_now().exchanges);
        self.settings_at_hand().filter(move |reading| !target_names::is_of_another_app(reading, answered.as_ref()))
    }

    fn read_by_now(&self) -> Read {
        let mut read = self.kept_of_the_run_before();
        if self.from <= StepId::Protection {
            read.settings.extend(self.settings_at_hand().cloned());
        }
        let answers = [&self.anonymous, &self.login, &self.metadata];
        let answers = answers.into_iter().filter_map(|cell| cell.get()?.as_ref());
        read.exchanges.extend(answers.map(|reply| reply.exchange.clone()));
        read
    }

    async fn read_in_full(&self) -> Read {
        let again = |step: StepId| self.from <= step;
        tokio::join!(
            async {
                if again(StepId::Protection) {
                    tokio::join!(self.managed_settings(), self.anonymous());
                }
            },
            async {
                if again(StepId::Scope) {
                    tokio::join!(self.login(), self.metadata());
                }
            },
        );
        self.read_by_now()
    }

    fn kept_of_the_run_before(&self) -> Read {
        self.kept.map_or_else(Read::default, |kept| Read {
            settings: kept.settings.clone(),
            exchanges: kept.exchanges.clone(),
        })
    }

    /// Whether the resource ID that was given is another app's than the one with the target's own host name, or the one
    /// that App 2's challenge names, whatever is in front of it.
    fn manages_another_app(&self) -> bool {
        let inputs = &self.prepared.inputs;
        let Some(id) = &inputs.target_resource_id else { return false };
        let asked = self.anonymous.get().and_then(Option::as_ref).map(|reply| &reply.exchange);
        let challenge = || asked.or(self.without_token_before())?.answer()?.bearers().easy_auths.as_ref();
        let realm = challenge().and_then(|challenge| challenge.parameter("realm"));
        let names = [inputs.target_host(), realm.map(str::to_owned)];
        names.iter().flatten().any(|host| Wanted { host: Some(host), id: None }.is_not(id))
    }

    /// App 2's settings that are known by now, those that were given first.
    pub(super) fn settings_at_hand(&self) -> impl Iterator<Item = &SettingsReading> {
        let given = self.prepared.settings.iter().chain(&self.own_settings);
        // A run that begins behind the step `protection` reads none: those of the run before hold.
        let kept = self.kept.filter(|_| self.from > StepId::Protection);
        let kept = kept.into_iter().flat_map(|kept| &kept.settings);
        let read = self.settings.get().and_then(Option::as_ref).into_iter().chain(kept);
        given.chain(read.filter(|_| !self.manages_another_app()))
    }

    /// The resource as App 2's settings in Azure or its own environment name it; else as its answers and a settings
    /// file do, where they agree. Only a client ID is used: otherwise an answer could name any API and receive its
    /// token.
    pub(super) async fn discovered(&self) -> Option<ChosenResource> {
        let named = |value: String, source| Some(ChosenResource { value, given: None, source });
        let read = if self.from <= StepId::Protection {
            tokio::join!(self.managed_settings(), self.anonymous());
            self.read_by_now()
        } else {
            self.kept_of_the_run_before()
        };
        let by = |confirming: bool| {
            let is_by = move |reading: &&SettingsReading| {
                client_id(reading).is_some_and(|name| name.by.confirms() == confirming)
            };
            read.settings.iter().filter(is_by)
        };
        if by(true).next().is_some() {
            let answered = match target_names::answered(&read.exchanges) {
                Some(name) => Some(name),
                None => self.login().await.and_then(|reply| target_names::answered([&reply.exchange])),
            };
            // Another app answers than the one whose settings these are: neither gets a token.
            let own = by(true).find(|reading| !target_names::is_of_another_app(reading, answered.as_ref()));
            let name = client_id(own?).filter(|name| is_an_apps(&name.value))?;
            return named(name.value, ResourceSource::Settings);
        }
        let file = by(false).find_map(client_id);
        let answered = match answered(&read.exchanges) {
            Some(name) => Some(name),
            None => self.login().await.and_then(|reply| answered([&reply.exchange])),
        };
        match (answered, file) {
            (Some(answered), Some(file)) if relation(&answered.value, &file.value, None) != Relation::Same => None,
            (Some(answered), _) => named(answered.value, ResourceSource::Challenge),
            (None, Some(file)) => is_an_apps(&file.value).then(|| named(file.value, ResourceSource::Settings))?,
            (None, None) => {
                let own = |exchange: &Exchange| {
                    let exchange = Some(exchange).filter(|exchange| target_names::is_unambiguous(exchange))?;
                    let mut names = target_names::in_exchange(exchange).into_iter();
                    names.find(|name| is_client_id(&name.value) && well_known::api(&name.value).is_none())
                };
                // The challenge's scope names it as the metadata does.
                if let Some(own) = read.exchanges.iter().find_map(own) {
                    return named(own.value, own.by.resource_source());
                }
                let own = own(&self.metadata().await?.exchange)?;
                named(own.value, ResourceSource::Metadata)
            }
        }
    }

    /// The address of its metadata that App 2's challenge names.
    pub(super) async fn named_metadata(&self) -> Option<url::Url> {
        if self.from <= StepId::Protection {
            return target_names::metadata_address(&self.anonymous().await?.exchange);
        }
        self.without_token_before().and_then(target_names::metadata_address)
    }

    /// App 2's answer to the request without a token in the run before.
    pub(super) fn without_token_before(&self) -> Option<&Exchange> {
        self.kept?.exchange(&Purpose::CallAnonymous)
    }
}

/// The client ID in a reading of App 2's settings.
fn client_id(reading: &SettingsReading) -> Option<Name> {
    let entra = reading.settings()?.entra_enabled()?;
    let id = entra.client_id.as_ref()?.as_str();
    target_names::in_settings(reading).find(|name| name.value == id.trim())
}

/// The first client ID that an answer of App 2's names.
fn answered<'a>(exchanges: impl IntoIterator<Item = &'a Exchange>) -> Option<Name> {
    target_names::answered_with(exchanges, is_an_apps)
}

/// The client ID in App 2's challenge, whoever's it is.
pub(super) fn challenged(answer: &Exchange) -> Option<ClientId> {
    answered([answer]).map(|name| ClientId::new(name.value))
}

/// Whether an ID that an answer or a file names can be a registration's own: a GUID, and no API of Microsoft's.
fn is_an_apps(id: &str) -> bool {
    is_guid(id) && well_known::api(id).is_none()
}
