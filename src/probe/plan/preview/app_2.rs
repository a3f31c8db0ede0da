//! What App 2 gets.

use url::Url;

use crate::case::exchange::Purpose;
use crate::case::inputs::is_safe;
use crate::case::resource::{ChosenResource, client_id_of};
use crate::case::shown::address;
use crate::probe::plan::Plan;
use crate::probe::preview::{Carried, Planned, When};
use crate::probe::target::REDIRECTS;

use super::entry::{shown_target, to_app_2};

impl Plan<'_> {
    pub(super) fn without_a_token(&self) -> Vec<Planned> {
        let Some(target) = &self.target else {
            return Vec::new();
        };
        let page =
            |purpose, path: &str| Some(to_app_2(purpose, shown_target(&target.url.join(path).ok()?), Vec::new()));
        let mut elsewhere = target.url.clone();
        elsewhere.set_path("/");
        elsewhere.set_query(None);
        let named = Planned {
            when: When::MetadataNamed,
            ..to_app_2(
                Purpose::ProtectedResourceMetadata,
                format!("{elsewhere}<path that App 2's challenge names>"),
                Vec::new(),
            )
        };
        let mut invalid = self.own_headers();
        invalid.push(Carried::InvalidToken);
        let url = shown_target(&address::without_keys(&target.url));
        let redirected = |purpose, carries| {
            Some(Planned { when: When::Redirected, ..to_app_2(purpose, redirected_on(&target.url), carries) })
        };
        [
            Some(to_app_2(Purpose::CallAnonymous, url.clone(), self.own_headers())),
            redirected(Purpose::CallAnonymous, self.own_headers()),
            Some(to_app_2(Purpose::CallInvalidToken, url, invalid.clone())),
            redirected(Purpose::CallInvalidToken, invalid),
            page(Purpose::LoginRedirect, "/.auth/login/aad"),
            page(Purpose::ProtectedResourceMetadata, "/.well-known/oauth-protected-resource"),
            Some(named),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn own_headers(&self) -> Vec<Carried> {
        let names = self.prepared.inputs.headers.iter().map(|(name, _)| name.clone());
        names.map(Carried::Header).collect()
    }

    /// The call, its redirects, and what is asked of App 2 after a refusal.
    pub(super) fn with_the_token(&self, resource: Option<&ChosenResource>, asks: bool) -> Vec<Planned> {
        let Some(target) = &self.target else {
            return Vec::new();
        };
        let is_bare = resource.is_none_or(|resource| client_id_of(&resource.value) == Some(resource.value.as_str()));
        let other = (asks && !is_bare).then(|| Planned {
            when: When::Unauthorized,
            ..to_app_2(
                Purpose::CallOtherAudience,
                shown_target(&target.url),
                self.carrying(Carried::ClientIdToken, false),
            )
        });
        let [call, redirect] = self.call_and_redirect(&target.url);
        let again = Planned { purpose: Purpose::CallAgain, when: When::Rejected, ..call.clone() };
        let mut requests = vec![call, redirect];
        requests.extend(self.own_page(&target.url));
        requests.extend(other);
        requests.extend(Some(again).filter(|_| target.may_repeat()));
        requests
    }

    fn carrying(&self, token: Carried, with_body: bool) -> Vec<Carried> {
        let mut all = self.own_headers();
        all.push(token);
        if with_body && self.prepared.data.is_some() {
            all.push(Carried::Body);
        }
        all
    }

    /// The call and its redirects, which keep the host.
    fn call_and_redirect(&self, url: &Url) -> [Planned; 2] {
        let method = self.prepared.inputs.method.clone();
        let when = if is_safe(&method) || self.prepared.inputs.confirmed {
            When::TokenCleared
        } else {
            When::TokenClearedAndConfirmed
        };
        let carries = || self.carrying(Carried::TargetToken, true);
        let call =
            Planned { method: method.clone(), when, ..to_app_2(Purpose::CallWithToken, shown_target(url), carries()) };
        let redirect = Planned {
            method: if method == "GET" { method } else { format!("GET or {method}") },
            when: When::Redirected,
            at_most: u32::from(REDIRECTS),
            ..to_app_2(Purpose::CallRedirect(0), redirected_on(url), carries())
        };
        [call, redirect]
    }

    fn own_page(&self, url: &Url) -> Option<Planned> {
        let prefix = if self.managed_app().is_ok() && self.settings_at_hand().next().is_none() {
            "/<apiPrefix of App 2's settings, otherwise .auth>".to_owned()
        } else {
            self.api_prefix()
        };
        let base = url.join("/").ok()?;
        let base = base.as_str().trim_end_matches('/');
        let me = format!("{base}{}/me", prefix.trim_end_matches('/'));
        Some(Planned {
            when: When::Refused,
            ..to_app_2(Purpose::AuthMe, me, self.carrying(Carried::TargetToken, false))
        })
    }
}

/// Where a redirect on the target's own host leads.
fn redirected_on(url: &Url) -> String {
    format!("<scheme>://{}<port and path of the redirect>", url.host_str().unwrap_or_default())
}
