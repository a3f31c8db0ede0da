//! What a case has of App 1, its identity, its token, and the run for the placeholders of fixes.

use crate::case::credential::{self, CredentialSource};
use crate::case::exchange::Purpose;
use crate::case::inputs::IdentitySelector;
use crate::case::issuer::Version;
use crate::case::platform::Platform;
use crate::case::resource::{self, well_known};
use crate::case::shared_identity::shared_identity;
use crate::case::target_kind::TargetKind;
use crate::case::token::{Caller, DecodedToken};
use crate::diagnosis::Remedy;
use crate::evidence::target;
use crate::knowledge::{Value, app_options, echoed_action, phrase, shell_option};

use super::values::{arguments, text, yes};

/// A managed identity's token that is younger may have been issued for this run.
const CACHED_AFTER_S: i64 = 3600;

impl Remedy<'_> {
    /// The value of a placeholder that is about App 1 and its credential, or the options of the run.
    pub(super) fn of_caller(&self, name: &str) -> Option<Value> {
        let case = self.case;
        let inputs = &case.inputs;
        match name {
            "caller_host" => text(case.caller_host()),
            "caller_windows" => {
                yes(case.environment.as_ref().is_some_and(|own| own.is_windows() && own.is_app_service()))
            }
            "caller_app" => {
                text(case.own_variable("CONTAINER_APP_JOB_NAME").or_else(|| case.own_variable("CONTAINER_APP_NAME")))
            }
            "caller_job" => yes(case.own_variable("CONTAINER_APP_JOB_NAME").is_some()),
            "caller_site" => {
                text(case.own_variable("WEBSITE_SITE_NAME").or_else(|| case.own_variable("CONTAINER_APP_NAME")))
            }
            "caller_slot" => text(case.caller_slot().or_else(|| case.caller_site()?.slot)),
            "caller_group" => text(case.caller_site()?.resource_group),
            "caller_args" => arguments(case.caller_site().map(|site| app_options(&site))),
            "caller_az" => arguments(TargetKind::WebApp.data().az_of_host(case.caller_host()?)),
            "caller_identity_id" => match &inputs.identity {
                IdentitySelector::ResourceId(id) => text(Some(id)),
                _ => None,
            },
            "shared_identity" => text(shared_identity(case)),
            "expected_identity" => text(inputs.expect_identity.as_ref()),
            "user_assigned" => yes(case.environment.as_ref().is_some_and(|environment| {
                credential::effective_selector(environment, inputs).0 != IdentitySelector::System
            })),
            "assignable" => yes(self.of_finding("own").or_else(|| self.of_finding("of_target")).is_none()),
            "secret_around" => yes(self.text("secret_form").is_some_and(|form| form != "guid")),
            "shadowed" => yes(case.shadowed_identity().is_some()),
            "is_managed" => yes(matches!(case.credential_source()?, CredentialSource::ManagedIdentity(_))),
            "by_principal" => yes(case.credential_source()?.is_service_principal()),
            "is_azure_cli" => yes(case.credential_source()? == CredentialSource::AzureCli),
            "no_credential" => yes(case.credential_source()? == CredentialSource::Unavailable),
            "denied_action" => text(self.denied_action()),
            // The role Reader has every `read` action and nothing else.
            "reader_lacks" => {
                yes(self.denied_action().is_some_and(|action| !action.to_ascii_lowercase().ends_with("/read")))
            }
            "key_sent" => yes(inputs.carries_a_function_key()),
            "host_admin" => yes(inputs.calls_the_host()),
            "method" => text(Some(&inputs.method)),
            "authority" => text(Some(inputs.authority())),
            "authority_host" => text(url::Url::parse(inputs.authority()).ok()?.host_str()),
            "resource_manager" => text(Some(inputs.resource_manager())),
            "graph" => text(Some(inputs.graph())),
            "run_options" => {
                let options = inputs.of_the_caller();
                let words = options.iter().map(|(name, value)| format!(" {}", shell_option(name, value)));
                arguments(Some(words.collect::<String>()).filter(|words| !words.is_empty()))
            }
            _ => None,
        }
    }

    /// The value of a placeholder that is about App 1's token, or the request for it.
    pub(super) fn of_token(&self, name: &str) -> Option<Value> {
        let case = self.case;
        match name {
            "roles" => {
                let roles = case.decoded().into_iter().flat_map(|token| token.list("roles")).map(str::to_owned);
                Some(phrase("call.roles").with("roles", roles.collect::<Vec<String>>()).into())
            }
            "resource" => text(self.resource()),
            "scope" => text(self.resource().map(resource::scope_for)),
            "signed_in_through" => text(Caller::of(case.decoded()?).signed_in_through()),
            "developer_tool" => text(case.decoded()?.developer_tool()),
            "token_audience" => text(case.decoded().and_then(DecodedToken::only_audience)),
            "withheld_audience" => text(self.withheld_audience()),
            "token_issuer" => text(case.decoded()?.text("iss")),
            "token_version" => text(case.decoded()?.text("ver")),
            "tenant_id" => text(self.tenant_id()),
            "wanted_token_version" => {
                let (wanted, of_token) = (self.entra()?.issuer.as_ref()?.parts(), case.decoded()?.issuer()?.parts());
                let version = wanted.version.filter(|_| wanted.fault.is_none())?;
                text((version != of_token.version?).then_some(if version == Version::V1 { "1" } else { "2" }))
            }
            "cached_version" => {
                let token = case.token.as_ref()?;
                let issued = token.decoded.time("iat").unwrap_or(i64::MAX);
                let before = case.started_at.timestamp().saturating_sub(CACHED_AFTER_S);
                yes(token.is_of_managed_identity() && issued < before)
            }
            "node_identity" => {
                let source = &case.token.as_ref()?.source;
                yes(*source == CredentialSource::ManagedIdentity(Platform::KubernetesNode))
            }
            // Whether the same identity requested a token for another resource in this run.
            "compared" => {
                let others =
                    [Purpose::TokenForResourceManager, Purpose::TokenForBareClientId, Purpose::TokenForNonsense];
                yes(others.iter().any(|purpose| case.exchange(purpose).is_some()))
            }
            _ => None,
        }
    }

    /// The Microsoft API's audience that App 2 lists and no token was sent for.
    fn withheld_audience(&self) -> Option<&str> {
        let named = self.case.decoded().and_then(DecodedToken::only_audience).or_else(|| self.case.requested())?;
        let is_listed = target::listed_api(self.case, well_known::api(named)?).is_some();
        (is_listed && self.case.exchange(&Purpose::CallWithToken).is_none()).then_some(named)
    }

    /// The action that Azure Resource Manager refused, as its words name it.
    fn denied_action(&self) -> Option<&str> {
        self.case.settings_failures().find_map(echoed_action)
    }
}
