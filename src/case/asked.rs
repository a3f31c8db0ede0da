//! The answers of a run by what was asked: the call with the token, the same without one, and the others beside it;
//! and what the caller's credential is given.

use std::net::IpAddr;

use url::Url;

use super::Case;
use super::auth_settings::SettingsReading;
use super::credential::CredentialSource;
use super::exchange::{Answer, Exchange, Purpose};
use super::ids::{ClientId, TenantId};
use super::issuer::Issuer;
use super::shown::routing::{ROUTING_NAME, routing_cookie};
use super::target_names;
use super::token::Caller;

impl Case {
    /// The answer to a request, if there was one.
    #[must_use]
    pub fn answer(&self, purpose: &Purpose) -> Option<&Answer> {
        self.exchange(purpose)?.answer()
    }

    /// Why settings could not be read, for each source that was tried in vain.
    pub fn settings_failures(&self) -> impl Iterator<Item = &str> {
        self.settings.iter().filter_map(SettingsReading::failure)
    }

    /// The answers to these requests, as far as there are any.
    pub fn answers<'a>(&'a self, purposes: &'a [Purpose]) -> impl Iterator<Item = &'a Answer> {
        purposes.iter().filter_map(|purpose| self.answer(purpose))
    }

    /// Whether a request got this status.
    #[must_use]
    pub fn gets(&self, purpose: &Purpose, status: u16) -> bool {
        self.answer(purpose).is_some_and(|answer| answer.status == status)
    }

    /// The answer to the request without a token.
    #[must_use]
    pub fn anonymous(&self) -> Option<&Answer> {
        self.answer(&Purpose::CallAnonymous)
    }

    /// The deployment slot other than production (`self`) that answered the call: by the cookie that its answer sets,
    /// else by the address or by the cookie of the call.
    ///
    /// Source: "Set up staging environments in Azure App Service", Route traffic (Microsoft Learn).
    #[must_use]
    pub fn routed_slot(&self) -> Option<String> {
        let call = self.exchange(&Purpose::CallWithToken);
        let of_answer = || call?.answer()?.headers_named("set-cookie").find_map(routing_cookie).map(str::to_owned);
        let of_request = || {
            let mut sent = call?.request_headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("cookie"));
            sent.find_map(|(_, value)| routing_cookie(value)).map(str::to_owned)
        };
        // Every look at the settings asks, so the address isn't taken apart as a whole.
        let of_address = || {
            let address = self.inputs.target.as_deref()?.split('#').next()?;
            let (_, query) = address.split_once('?')?;
            let mut pairs = url::form_urlencoded::parse(query.as_bytes());
            let (_, slot) = pairs.find(|(name, _)| name == ROUTING_NAME)?;
            Some(slot.into_owned()).filter(|slot| !slot.is_empty())
        };
        let slot = of_answer().or_else(of_address).or_else(of_request)?;
        (!slot.eq_ignore_ascii_case("self")).then_some(slot)
    }

    /// The deployment slot that the call is routed to, where it isn't the one whose settings are read in Azure.
    #[must_use]
    pub fn other_slot(&self) -> Option<String> {
        let slot = self.routed_slot()?;
        let asked = self.inputs.target_resource_id.as_ref()?.app()?.slot;
        (!asked.is_some_and(|asked| asked.eq_ignore_ascii_case(&slot))).then_some(slot)
    }

    /// The client IDs that the person and App 1's environment give the caller, in the order in which they count.
    pub fn given_client_ids(&self) -> impl Iterator<Item = &str> {
        let of_environment = self.environment.as_ref().and_then(|environment| environment.text("AZURE_CLIENT_ID"));
        self.inputs.client_id.as_ref().map(ClientId::as_str).into_iter().chain(of_environment)
    }

    /// The tenant that a service principal asks, by the person or by App 1's environment.
    #[must_use]
    pub fn asked_tenant(&self) -> Option<TenantId> {
        self.credential_source().filter(CredentialSource::is_service_principal)?;
        let variable = self.environment.as_ref()?.text("AZURE_TENANT_ID");
        self.inputs.tenant.clone().or_else(|| variable.map(TenantId::new))
    }

    /// The caller that a service principal's credential names.
    #[must_use]
    pub fn caller_of_credential(&self) -> Option<Caller> {
        Some(Caller {
            client_id: Some(self.given_client_ids().next().map(ClientId::new).filter(ClientId::is_guid)?),
            tenant: Some(self.asked_tenant().filter(TenantId::is_guid)?),
            object_id: None,
            developer_tool: None,
            person: false,
        })
    }

    /// Whether a challenge of App 2 has this text anywhere, also one that can't be parsed.
    #[must_use]
    pub fn challenges_have(&self, text: &str) -> bool {
        let has_it = |answer: &Answer| answer.headers_named("www-authenticate").any(|it| it.contains(text));
        self.answers(&Purpose::CALLS).any(has_it)
    }

    /// The issuer in the metadata of App 2's openIdIssuer.
    #[must_use]
    pub fn issuer_of_metadata(&self) -> Option<Issuer> {
        let json = self.answer(&Purpose::IssuerMetadata).and_then(Answer::json)?;
        json.get("issuer")?.as_str().map(Issuer::new)
    }

    /// Whether the request without a token got this status.
    #[must_use]
    pub fn anonymous_gets(&self, status: u16) -> bool {
        self.gets(&Purpose::CallAnonymous, status)
    }

    /// Whether every request gets a bare 400, as from an app that is linked to a static web app, or was until its link
    /// was removed (techcommunity.microsoft.com, blog 3759599). Easy Auth has other answers for requests without a
    /// token.
    #[must_use]
    pub fn is_like_a_linked_backend(&self) -> bool {
        self.anonymous_gets(400) && self.answers(&Purpose::CALLS).all(|answer| answer.status == 400 && answer.is_bare())
    }

    /// Whether the deliberately invalid token got this status.
    #[must_use]
    pub fn invalid_token_gets(&self, status: u16) -> bool {
        self.gets(&Purpose::CallInvalidToken, status)
    }

    /// `client_id` of the sign-in address that App 2 redirects to.
    #[must_use]
    pub fn login_client_id(&self) -> Option<String> {
        self.answers(&[Purpose::LoginRedirect, Purpose::CallAnonymous]).find_map(target_names::sign_in_client_id)
    }

    /// The redirects of the call.
    pub fn call_redirects(&self) -> impl Iterator<Item = &Answer> {
        self.exchanges_where(|purpose| matches!(purpose, Purpose::CallWithToken | Purpose::CallRedirect(_)))
            .filter_map(Exchange::answer)
            .filter(|answer| answer.is_redirect() && answer.status != 304)
    }

    /// The first of them that leads to another host or port, and where to.
    #[must_use]
    pub fn redirect_elsewhere(&self, target: &Url) -> Option<(&Answer, Url)> {
        self.call_redirects()
            .filter_map(|answer| Some((answer, target.join(answer.header("location")?).ok()?)))
            .find(|(_, location)| location.has_host() && location.origin() != target.origin())
    }

    /// The last exchange of the real call: the last redirect that was followed, or the call itself.
    #[must_use]
    pub fn final_call(&self) -> Option<&Exchange> {
        self.exchanges_where(|purpose| matches!(purpose, Purpose::CallRedirect(_)))
            .next_back()
            .or_else(|| self.exchange(&Purpose::CallWithToken))
    }

    /// The answer to the last exchange of the real call.
    #[must_use]
    pub fn final_answer(&self) -> Option<&Answer> {
        self.final_call()?.answer()
    }

    /// The address of App 2's name here, and whether it is a private network's (RFC 1918, RFC 6598, RFC 4193).
    #[must_use]
    pub fn target_address(&self) -> Option<(IpAddr, bool)> {
        let address = self.exchange(&Purpose::CallAnonymous)?.address?;
        let is_private = match address {
            IpAddr::V4(v4) => v4.is_private() || matches!(v4.octets(), [100, 64..=127, ..]),
            IpAddr::V6(v6) => v6.is_unique_local(),
        };
        Some((address, is_private))
    }

    /// The final status of the real call.
    #[must_use]
    pub fn call_status(&self) -> Option<u16> {
        self.final_call()?.status()
    }
}
