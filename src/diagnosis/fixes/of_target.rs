//! What a case has of App 2 and its registration for the placeholders of fixes.

use crate::case::auth_settings::EntraProvider;
use crate::case::ids::{ClientId, Unresolved, guids_in};
use crate::case::resource;
use crate::case::resource_id::ResourceId;
use crate::case::shown::address;
use crate::case::step::StepId;
use crate::case::target_kind::TargetKind;
use crate::evidence::target;
use crate::knowledge::{Value, echoed_action, shell_word, with_entry};

use super::site::Site;
use super::values::{Values, texts};

impl Values<'_> {
    fn target_resource_id(&self) -> Option<ResourceId> {
        target::resource_id(self.case)
    }

    pub(super) fn target_site(&self) -> Option<Site> {
        Site::of_target(self.target_resource_id()?.parts()?)
    }

    /// App 2's Microsoft provider, where its client ID can be one.
    fn provider(&self) -> Option<&EntraProvider> {
        self.entra().filter(|entra| entra.client_id.as_ref().is_some_and(ClientId::is_guid))
    }

    pub(super) fn of_target(&self, name: &str) -> Option<String> {
        let case = self.case;
        let url = || case.inputs.target_url();
        match name {
            "target_url" => case.inputs.target.as_deref().map(address::own),
            "target_host" => url()?.host_str().map(str::to_owned),
            "target_address" => {
                let url = url()?;
                Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?))
            }
            "target_path" => Some(url()?.path().to_owned()),
            "target_site" => self.target_site().map(|site| site.name).or_else(|| case.site.as_ref()?.name.clone()),
            "target_resource_id" => self.target_resource_id().map(|id| id.to_string()),
            "settings_url" => {
                let kind = target::kind(case).data();
                let (_, path, _) = kind.settings.first()?;
                let app = self.target_resource_id()?;
                Some(format!("{}{app}{path}?api-version={}", case.inputs.resource_manager(), kind.version))
            }
            "site_url" => Some(format!(
                "{}{}?api-version={}",
                case.inputs.resource_manager(),
                self.target_resource_id()?,
                target::kind(case).data().version
            )),
            "front" => self.front(),
            "customers_authority" => {
                let external = self.entra()?.issuer.as_ref()?.parts();
                let is_other = self.token()?.issuer()?.parts().host != external.host;
                (is_other && external.host.ends_with(".ciamlogin.com")).then_some(external.host)
            }
            "front_host" => target::front_of_host(case).map(str::to_owned),
            "authentication_page" => Some(match self.target_site().and_then(|site| site.slot) {
                Some(slot) => format!("Deployment > Deployment slots > {slot} > {}", target::kind(case).data().portal),
                None => target::kind(case).data().portal.clone(),
            }),
            "excluded_entry" => self.settings()?.excluding_entry(&case.inputs).cloned(),
            "allowed_tenants_union" => {
                // With a tenant behind it, a reference is never resolved.
                let list = target::allowed_tenants(case)?;
                let has_values = list.iter().all(|entry| Unresolved::of(entry.as_str()).is_none());
                // An entry of another form is replaced by the tenants in it.
                let ids = list.iter().flat_map(|entry| guids_in(entry.as_str())).map(str::to_owned);
                let list: Vec<String> = has_values.then(|| ids.collect())?;
                Some(with_entry(&list, self.text("token_tenant")?).join(","))
            }
            "stored_action" => {
                let settings = self.settings().filter(|settings| !settings.allows_anonymous())?;
                settings.unauthenticated_action.clone()
            }
            "whole_provider" => self.provider()?.issuer.is_some().then(|| "yes".to_owned()),
            "any_application" => {
                let allows = self.settings()?.shows_policy() && self.provider()?.allowed_applications.is_none();
                allows.then(|| "yes".to_owned())
            }
            "issuer" => self.entra()?.issuer.as_ref().map(ToString::to_string),
            "hidden_setting" => self.settings()?.hidden_setting().map(str::to_owned),
            "config_file" => self.settings()?.config_file_path.clone(),
            "settings_file" => target::config_file(self.case).map(str::to_owned),
            "secret_setting" => self.entra()?.secret_setting.clone(),
            "target_tenant" => target::tenant(case).map(|tenant| tenant.to_string()),
            _ => None,
        }
    }

    pub(super) fn of_registration(&self, name: &str) -> Option<String> {
        let registration = self.case.registration.as_ref();
        match name {
            "target_client_id" => self.target_client_id().filter(ClientId::is_guid).map(|id| id.to_string()),
            "likely_client_id" => self
                .target_client_id()
                .filter(ClientId::is_guid)
                .map(|id| id.to_string())
                .or_else(|| resource::client_id_of(&self.resource()?).map(str::to_owned)),
            "untried_client_id" => {
                let is_untried = target::other_audience(self.case).is_none();
                // In a version 2 token it is the audience, whatever was asked for.
                let asked = [self.case.resource.as_ref().map(|asked| asked.value.clone()), self.token_audience()];
                let is_it = |id: &ClientId| asked.iter().flatten().any(|asked| asked.eq_ignore_ascii_case(id.as_str()));
                let id = self.target_client_id().filter(|id| !is_it(id));
                id.filter(|_| is_untried).map(|id| id.to_string())
            }
            "target_object_id" => registration?.service_principal_id.as_ref().map(ToString::to_string),
            "identifier_uri" => self.identifier_uri(),
            "app_role_id" => self.app_role().map(|(id, _)| id),
            "app_role_value" => self.app_role().map(|(_, value)| value).filter(|value| !value.is_empty()),
            _ => None,
        }
    }

    /// App 2's client ID. Where Entra refuses the token nothing else may name it: then the one in the resource is
    /// meant.
    pub(super) fn target_client_id(&self) -> Option<ClientId> {
        // A Microsoft API's, which App 2's settings or answers name, is never App 2's own.
        let known = target::client_id(self.case)
            .map(|(id, _)| id)
            .filter(|id| resource::well_known::api(id.as_str()).is_none());
        let in_resource = || {
            let resource = &self.case.resource.as_ref()?.value;
            let own = resource::well_known::api(resource).is_none()
                && self.finding.is_some_and(|finding| finding.code.step() == StepId::Token);
            own.then(|| resource::client_id_of(resource).map(ClientId::new))?
        };
        known.or_else(in_resource)
    }

    fn identifier_uri(&self) -> Option<String> {
        let registered = target::registration(self.case).and_then(|registration| registration.identifier_uris.clone());
        let allowed = self.entra().map(|entra| texts(&entra.allowed_audiences));
        let of_app = |uris: Vec<String>| uris.into_iter().find(|uri| !resource::is_guid(uri));
        registered.and_then(of_app).or_else(|| allowed.and_then(of_app)).map(|uri| uri.trim_end_matches('/').to_owned())
    }

    /// The Application ID URIs that the registration has and the usual one, quoted for a shell. `None` where the
    /// registration was not read: the command replaces the list.
    pub(super) fn identifier_uris_union(&self) -> Option<String> {
        let now = target::registration(self.case)?.identifier_uris.clone()?;
        let usual = format!("api://{}", self.target_client_id()?);
        let words: Vec<String> = with_entry(&now, usual).iter().map(|uri| shell_word(uri)).collect();
        Some(words.join(" "))
    }

    /// The app role to assign: the one that the finding names. Any serves where only an assignment is required.
    fn app_role(&self) -> Option<(String, String)> {
        let roles = &self.case.registration.as_ref()?.application_roles;
        match self.of_finding("role").and_then(Value::text) {
            Some(wanted) => roles.iter().find(|(_, value)| value == wanted).cloned(),
            None => match roles.as_slice() {
                [only] if self.finding.is_some_and(|it| it.code.step() == StepId::Token) => Some(only.clone()),
                _ => None,
            },
        }
    }

    /// The group of az for App 2, by its site object's `kind`. Where that is unknown, `webapp` acts on every app.
    pub(super) fn target_group_of_az(&self) -> Option<&'static str> {
        let usual = target::kind(self.case).data().az.as_deref()?;
        let is = |kind: &&(&str, &str)| self.case.site.as_ref().and_then(|site| site.is_of_kind(kind.0)) == Some(true);
        let kinds = [("workflowapp", "logicapp"), ("functionapp", "functionapp")];
        Some(kinds.iter().find(is).map_or(usual, |(_, group)| group))
    }

    /// What is in front of App 2: what gave the answer, what the host name is of, or what left its header in an answer.
    fn front(&self) -> Option<String> {
        let by_finding = self.of_finding("gateway").and_then(Value::text);
        by_finding.or_else(|| target::front(self.case)).map(str::to_owned)
    }

    /// Whether App 2 is a Standard logic app.
    pub(super) fn is_logic_app(&self) -> bool {
        self.target_group_of_az() == Some("logicapp")
    }

    /// The action that Azure Resource Manager refused, as its words name it.
    pub(super) fn denied_action(&self) -> Option<String> {
        self.case.settings_failures().find_map(echoed_action).map(str::to_owned)
    }

    /// The role Reader has every `read` action and nothing else.
    pub(super) fn reader_lacks(&self) -> bool {
        self.denied_action().is_some_and(|action| !action.to_ascii_lowercase().ends_with("/read"))
    }

    /// Whether App 2 runs on Windows, whose console has programs of its own. `linux` is part of the `kind` of all
    /// others.
    pub(super) fn is_target_on_windows(&self) -> bool {
        let kind = self.case.site.as_ref().and_then(|site| site.kind.as_deref());
        target::kind(self.case) == TargetKind::WebApp
            && kind.is_some_and(|kind| !kind.contains("linux") && !kind.contains("container"))
    }
}
