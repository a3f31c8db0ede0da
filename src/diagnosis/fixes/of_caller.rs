//! What a case has of App 1, its identity, its token, and the run for the placeholders of fixes.

use crate::case::credential::{self, CredentialSource};
use crate::case::exchange::Purpose;
use crate::case::ids::{ClientId, ObjectId, TenantId};
use crate::case::inputs::{CredentialKind, IdentitySelector};
use crate::case::issuer::{Issuer, Version};
use crate::case::platform::Platform;
use crate::case::resource::{self, well_known};
use crate::case::resource_id::{Parts, is_production};
use crate::case::secret::REDACTED;
use crate::case::shared_identity::shared_identity;
use crate::case::shown::variables::has_its_form;
use crate::case::token::{Caller, DecodedToken};
use crate::evidence::target;
use crate::knowledge::{Value, echoed_action, phrase, shell_option};

use super::site::Site;
use super::values::{Values, arguments, text, yes};

/// A managed identity's token that is younger may have been issued for this run.
const CACHED_AFTER_S: i64 = 3600;

impl Values<'_> {
    /// The value of a placeholder that is about App 1 and its credential, or the options of the run.
    pub(super) fn of_caller(&self, name: &str) -> Option<Value> {
        let inputs = &self.case.inputs;
        match name {
            "caller_host" => text(self.caller_host()),
            "caller_windows" => {
                yes(self.case.environment.as_ref().is_some_and(|own| own.is_windows() && own.is_app_service()))
            }
            "caller_app" => {
                text(self.variable("CONTAINER_APP_JOB_NAME").or_else(|| self.variable("CONTAINER_APP_NAME")))
            }
            "caller_job" => yes(self.variable("CONTAINER_APP_JOB_NAME").is_some()),
            "caller_site" => text(self.variable("WEBSITE_SITE_NAME").or_else(|| self.variable("CONTAINER_APP_NAME"))),
            "caller_slot" => text(self.own_slot().or_else(|| self.caller_site()?.slot)),
            "caller_group" => text(Some(self.caller_site()?.group)),
            "caller_args" => arguments(self.caller_site().map(|site| site.arguments())),
            "caller_az" => arguments(self.caller_group_of_az()),
            "caller_client_id" => text(self.caller_client_id()),
            "caller_object_id" => text(self.caller_object_id()),
            "caller_identity_id" => match &inputs.identity {
                IdentitySelector::ResourceId(id) => text(Some(id)),
                _ => None,
            },
            "shared_identity" => text(shared_identity(self.case)),
            "expected_identity" => text(inputs.expect_identity.as_ref()),
            "user_assigned" => yes(self.case.environment.as_ref().is_some_and(|environment| {
                credential::effective_selector(environment, inputs).0 != IdentitySelector::System
            })),
            "assignable" => yes(self.of_finding("own").or_else(|| self.of_finding("of_target")).is_none()),
            "secret_around" => yes(self.text("secret_form").is_some_and(|form| form != "guid")),
            "shadowed" => yes(self.is_shadowed()),
            "is_managed" => yes(self.has_source(|source| matches!(source, CredentialSource::ManagedIdentity(_)))),
            "by_principal" => yes(self.has_source(CredentialSource::is_service_principal)),
            "is_azure_cli" => yes(self.has_source(|source| *source == CredentialSource::AzureCli)),
            "no_credential" => yes(self.has_source(|source| *source == CredentialSource::Unavailable)),
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
        match name {
            "roles" => {
                let roles = self.token().into_iter().flat_map(|token| token.list("roles")).map(str::to_owned);
                Some(phrase("call.roles").with("roles", roles.collect::<Vec<String>>()).into())
            }
            "resource" => text(self.resource()),
            "scope" => text(self.resource().map(resource::scope_for)),
            "signed_in_through" => text(Caller::of(self.token()?).signed_in_through()),
            "developer_tool" => text(self.token()?.developer_tool()),
            "token_audience" => text(self.token_audience()),
            "withheld_audience" => text(self.withheld_audience()),
            "new_audience" => text(self.needed_audience().filter(|audience| self.may_be_accepted(audience))),
            "token_issuer" => text(self.token()?.text("iss")),
            "token_version" => text(self.token()?.text("ver")),
            "token_tenant" => text(self.token()?.text("tid")),
            "tenant_id" => text(self.tenant_id()),
            "issuer_for_token" => text(self.issuer_for_token()),
            "own_tenant_issuer" => {
                let own = self.case.site.as_ref()?.identity_tenant.as_ref()?;
                text(own.matches(&self.token()?.tenant()?).then(|| self.issuer_for_token())?)
            }
            "wanted_token_version" => {
                let (wanted, of_token) = (self.entra()?.issuer.as_ref()?.parts(), self.token()?.issuer()?.parts());
                let version = wanted.version.filter(|_| wanted.fault.is_none())?;
                text((version != of_token.version?).then_some(if version == Version::V1 { "1" } else { "2" }))
            }
            "cached_version" => {
                let token = self.case.token.as_ref()?;
                let issued = token.decoded.time("iat").unwrap_or(i64::MAX);
                let before = self.case.started_at.timestamp().saturating_sub(CACHED_AFTER_S);
                yes(matches!(token.source, CredentialSource::ManagedIdentity(_)) && issued < before)
            }
            "node_identity" => {
                let source = &self.case.token.as_ref()?.source;
                yes(*source == CredentialSource::ManagedIdentity(Platform::KubernetesNode))
            }
            // Whether the same identity requested a token for another resource in this run.
            "compared" => {
                let others =
                    [Purpose::TokenForResourceManager, Purpose::TokenForBareClientId, Purpose::TokenForNonsense];
                yes(others.iter().any(|purpose| self.case.exchange(purpose).is_some()))
            }
            _ => None,
        }
    }

    fn token(&self) -> Option<&DecodedToken> {
        self.case.decoded()
    }

    /// A variable whose value is what its name says. Another one is hidden in a saved case, and in commands.
    fn variable(&self, name: &str) -> Option<&str> {
        let value = self.case.environment.as_ref()?.text(name)?;
        (value != REDACTED && has_its_form(name, value)).then_some(value)
    }

    /// Whether App 1's credential is of this kind, by its environment.
    fn has_source(&self, is: impl Fn(&CredentialSource) -> bool) -> bool {
        self.case.credential_source().as_ref().is_some_and(is)
    }

    /// Whether the variables of a service principal are used in an app that has a managed identity.
    fn is_shadowed(&self) -> bool {
        self.case.inputs.credential == CredentialKind::Auto
            && self.has_source(CredentialSource::is_service_principal)
            && self.case.environment.as_ref().and_then(credential::own_endpoint).is_some()
    }

    /// App 1 as an app of App Service: by the platform's variables, with what is missing from the token's `xms_mirid`.
    fn caller_site(&self) -> Option<Site> {
        let of_token = self.token().and_then(|token| token.text("xms_mirid")).and_then(Parts::of);
        let of_token = of_token.filter(Parts::is_app).and_then(Site::of);
        let Some(name) = self.variable("WEBSITE_SITE_NAME") else {
            return of_token;
        };
        let same = of_token.filter(|site| site.name.eq_ignore_ascii_case(name));
        let subscription = self.variable("WEBSITE_OWNER_NAME").and_then(|owner| owner.split('+').next());
        let group = self.variable("WEBSITE_RESOURCE_GROUP");
        let (of_same, group_of_same) = same.map(|site| (site.subscription, site.group)).unzip();
        Some(Site {
            subscription: subscription.map(str::to_owned).or(of_same)?,
            group: group.map(str::to_owned).or(group_of_same)?,
            name: name.to_owned(),
            slot: self.own_slot(),
        })
    }

    /// App 1's deployment slot, by its variables.
    fn own_slot(&self) -> Option<String> {
        self.variable("WEBSITE_SLOT_NAME").filter(|slot| !is_production(slot)).map(str::to_owned)
    }

    /// The kind of App 1's host: by its variables, else by what the token names.
    fn caller_host(&self) -> Option<&'static str> {
        let by_variables = self.case.environment.as_ref().and_then(credential::host);
        by_variables.or_else(|| credential::host_of_resource(self.token()?.text("xms_mirid")?))
    }

    /// The group of az for App 1, where it is an app of App Service.
    fn caller_group_of_az(&self) -> Option<&'static str> {
        let groups = [("functions", "functionapp"), ("logic-apps", "logicapp"), ("app-service", "webapp")];
        let host = self.caller_host()?;
        groups.iter().find(|(of, _)| *of == host).map(|(_, group)| *group)
    }

    /// The caller's object ID: what the token says, else Graph, else what the credential was given.
    fn caller_object_id(&self) -> Option<ObjectId> {
        let of_token = self.token().and_then(DecodedToken::object_id);
        let known = of_token.or_else(|| self.case.registration.as_ref()?.caller_object_id.clone());
        known.or_else(|| match &self.case.inputs.identity {
            IdentitySelector::ObjectId(id) => Some(id.clone()),
            _ => None,
        })
    }

    /// The caller's client ID: what the token says, else what the credential was given.
    pub(super) fn caller_client_id(&self) -> Option<ClientId> {
        if let Some(token) = self.token() {
            return token.caller_client_id();
        }
        let of_response = self.case.registration.as_ref().and_then(|it| it.caller_client_id.clone());
        let selected = of_response.or_else(|| match &self.case.inputs.identity {
            IdentitySelector::ClientId(id) => Some(id.clone()),
            _ => None,
        });
        let given = selected.or_else(|| self.case.inputs.client_id.clone());
        given.or_else(|| self.variable("AZURE_CLIENT_ID").map(ClientId::new))
    }

    /// The resource of the call, unless it is another API: a fix must never lead there.
    pub(super) fn resource(&self) -> Option<&str> {
        self.case.requested().filter(|resource| well_known::api(resource).is_none())
    }

    /// The token's audience, when it has exactly one.
    pub(super) fn token_audience(&self) -> Option<&str> {
        match self.token()?.list("aud").as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// The audience that App 2 would have to accept.
    pub(super) fn needed_audience(&self) -> Option<&str> {
        self.token_audience().or_else(|| self.resource())
    }

    /// Whether App 2 may accept this audience: another registration's would open it to tokens that were sent there.
    pub(super) fn may_be_accepted(&self, audience: &str) -> bool {
        well_known::api(audience).is_none() && target::belongs_to_target(self.case, audience) != Some(false)
    }

    /// The Microsoft API's audience that App 2 lists and no token was sent for.
    fn withheld_audience(&self) -> Option<&str> {
        let named = self.token_audience().or_else(|| self.case.requested())?;
        let is_listed = target::listed_api(self.case, well_known::api(named)?).is_some();
        (is_listed && self.case.exchange(&Purpose::CallWithToken).is_none()).then_some(named)
    }

    fn tenant_id(&self) -> Option<TenantId> {
        let of_token = self.token().and_then(DecodedToken::tenant);
        let known = of_token.or_else(|| target::tenant(self.case)).or_else(|| self.case.inputs.tenant.clone());
        known.or_else(|| self.variable("AZURE_TENANT_ID").map(TenantId::new))
    }

    /// The issuer URL under which App 2 expects tokens like this one: the token's own issuer, where it has the form of
    /// one of Entra's. Without a token the version is the registration's.
    fn issuer_for_token(&self) -> Option<Issuer> {
        if let Some(issuer) = self.token().and_then(DecodedToken::issuer) {
            let parsed = issuer.parts();
            let usable = parsed.fault.is_none() && parsed.version.is_some() && parsed.tenant_guid().is_some();
            return usable.then_some(issuer);
        }
        let (inputs, tenant) = (&self.case.inputs, self.tenant_id());
        match self.case.registration.as_ref()?.requested_access_token_version? {
            Some(2) => Some(Issuer::v2(inputs.authority(), &tenant?)),
            _ => Some(Issuer::v1(inputs.cloud, &tenant?)),
        }
    }

    /// The action that Azure Resource Manager refused, as its words name it.
    fn denied_action(&self) -> Option<&str> {
        self.case.settings_failures().find_map(echoed_action)
    }
}
