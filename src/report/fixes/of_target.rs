//! What a case has of App 2, its settings, and its registration for the placeholders of fixes.

use crate::case::auth_settings::{AuthSettings, EntraProvider, home};
use crate::case::ids::{ClientId, Unresolved, guids_in};
use crate::case::resource;
use crate::case::resource_id::{Parts, ResourceId};
use crate::case::shown::address;
use crate::case::step::StepId;
use crate::case::target_kind::TargetKind;
use crate::case::token::DecodedToken;
use crate::diagnosis::{CLAIM_CHECKS, Remedy};
use crate::evidence::target::{self, Me};
use crate::knowledge::front_end::front_of_host;
use crate::knowledge::{SettingsChange, Value, app_options, jq_move, jq_word, shell_word, with_changes, with_entry};

use super::values::{arguments, text, yes};

impl Remedy<'_> {
    /// The value of a placeholder that is about App 2 and its place in Azure.
    pub(super) fn of_target(&self, name: &str) -> Option<Value> {
        let case = self.case;
        let url = || case.inputs.target_url();
        let id = target::resource_id(case);
        let app = id.as_ref().and_then(ResourceId::parts).filter(Parts::is_for_commands);
        let kind = || target::kind(case).data();
        let manager = case.inputs.resource_manager();
        let in_manager = |path: &str| Some(format!("{manager}{}{path}?api-version={}", id.as_ref()?, kind().version));
        match name {
            "target_url" => text(case.inputs.target.as_deref().map(address::own)),
            "target_host" => text(url()?.host_str()),
            "target_address" => text(Some(format!("{}:{}", url()?.host_str()?, url()?.port_or_known_default()?))),
            "target_path" => text(Some(url()?.path())),
            "target_site" => text(app.map(|app| app.name).or_else(|| case.site.as_ref()?.name.as_deref())),
            "target_resource_id" => text(id.as_ref()),
            "target_args" => arguments(app.map(|app| app_options(&app))),
            "target_az" => arguments(self.target_az()),
            "target_windows" => yes(target::kind(case) == TargetKind::WebApp && case.site.as_ref()?.is_on_windows()),
            "logic_app" => yes(self.is_logic_app()),
            "settings_url" => text(in_manager(&kind().settings.first()?.1)),
            "site_url" => text(in_manager("")),
            "authentication_page" => text(Some(match app.and_then(|app| app.slot) {
                Some(slot) => format!("Deployment > Deployment slots > {slot} > {}", kind().portal),
                None => kind().portal.clone(),
            })),
            // What gave the answer, what the host name is of, or what left its header in an answer.
            "front" => text(self.of_finding("gateway").and_then(Value::text).or_else(|| target::front(case))),
            "front_host" => text(case.inputs.target_host().and_then(|host| front_of_host(&host))),
            _ if TargetKind::ALL.iter().any(|kind| kind.is_placeholder(name)) => {
                yes(target::kind(case).is_placeholder(name))
            }
            _ => None,
        }
    }

    /// The value of a placeholder that is about App 2's authentication settings.
    pub(super) fn of_settings(&self, name: &str) -> Option<Value> {
        let case = self.case;
        match name {
            "settings_read" => yes(target::policy_is_known(case) && target::me(case) != Some(Me::Denied)),
            "settings_of_another" => {
                yes(self.settings().is_none() && case.settings.iter().any(|it| it.settings().is_some()))
            }
            "anonymous_allowed" => yes(self.settings()?.may_allow_anonymous()),
            "customers_authority" => {
                let external = self.entra()?.issuer.as_ref()?.parts();
                let is_other = case.decoded()?.issuer()?.parts().host != external.host;
                text((is_other && external.host.ends_with(".ciamlogin.com")).then_some(external.host))
            }
            "excluded_entry" => text(self.settings()?.excluding_entry(&case.inputs)),
            "excluded_paths_left" => {
                let entry = self.settings()?.excluding_entry(&case.inputs)?;
                let left = self.settings()?.excluded_paths.iter().filter(|path| *path != entry);
                Some(left.collect())
            }
            "any_application" => {
                yes(self.settings()?.shows_policy() && self.provider()?.allowed_applications.is_none())
            }
            "issuer" => text(self.entra()?.issuer.as_ref()),
            "hidden_setting" => text(self.settings()?.hidden_setting()),
            "config_file" => text(self.settings()?.config_file_path.as_ref()),
            "settings_file" => text(target::config_file(case)),
            "secret_setting" => text(self.entra()?.secret_setting.as_ref()),
            "settings_edit" => arguments(self.settings_edit()),
            "settings_moves" => arguments(self.settings_moves()),
            "allowed_audiences" => self.now("allowedAudiences").map(Value::List),
            "allowed_applications" => self.now("allowedApplications").map(Value::List),
            "allowed_identities" => self.now("identities").map(Value::List),
            "allowed_audiences_union" => self.union("allowedAudiences", self.new_audience()),
            "allowed_applications_union" => self.union("allowedApplications", self.case.caller_client_id()),
            "claim_checks_union" if self.is_claim_check() || self.of_finding("claim_checks").is_some() => {
                self.union(CLAIM_CHECKS, self.case.caller_client_id())
            }
            "allowed_identities_union" => self.union("identities", self.text("caller_object_id")),
            "allowed_tenants_union" => {
                // With a tenant behind it, a reference is never resolved.
                let tenants = target::allowed_tenants(case)?;
                let has_values = tenants.iter().all(|entry| Unresolved::of(entry.as_str()).is_none());
                // An entry of another form is replaced by the tenants in it.
                let ids = tenants.iter().flat_map(|entry| guids_in(entry.as_str())).map(str::to_owned);
                let ids: Vec<String> = has_values.then(|| ids.collect())?;
                text(Some(with_entry(&ids, self.text("token_tenant")?).join(",")))
            }
            _ => None,
        }
    }

    /// The value of a placeholder that is about App 2's registration.
    pub(super) fn of_registration(&self, name: &str) -> Option<Value> {
        match name {
            "target_client_id" => text(self.target_client_id().filter(ClientId::is_guid)),
            "untried_client_id" => {
                let is_untried = target::other_audience(self.case).is_none();
                // In a version 2 token it is the audience, whatever was asked for.
                let asked = [self.case.requested(), self.case.decoded().and_then(DecodedToken::only_audience)];
                let is_it = |id: &ClientId| asked.iter().flatten().any(|asked| asked.eq_ignore_ascii_case(id.as_str()));
                text(self.target_client_id().filter(|id| is_untried && !is_it(id)))
            }
            "target_object_id" => text(self.case.registration.as_ref()?.service_principal_id.as_ref()),
            "target_tenant" => text(target::tenant(self.case)),
            "identifier_uri" => text(self.identifier_uri()),
            "identifier_uris_union" => arguments(self.identifier_uris_union()),
            "app_role_id" => text(self.app_role().map(|(id, _)| id)),
            "app_role_value" => text(self.app_role().map(|(_, value)| value).filter(|value| !value.is_empty())),
            _ => None,
        }
    }

    fn settings(&self) -> Option<&AuthSettings> {
        target::settings(self.case)
    }

    pub(super) fn entra(&self) -> Option<&EntraProvider> {
        self.settings()?.entra.as_ref()
    }

    fn target_az(&self) -> Option<&'static str> {
        let site = self.case.site.as_ref();
        target::kind(self.case).data().az_of(site.and_then(|site| site.kind.as_deref()))
    }

    /// Whether App 2 is a Standard logic app.
    pub(super) fn is_logic_app(&self) -> bool {
        self.target_az() == Some("logicapp")
    }

    fn identifier_uri(&self) -> Option<String> {
        let registered = target::registration(self.case).and_then(|registration| registration.identifier_uris.clone());
        let allowed = self.entra().into_iter().flat_map(|entra| entra.allowed_audiences.iter().flatten());
        let mut uris = registered.into_iter().flatten().chain(allowed.map(ToString::to_string));
        uris.find(|uri| !resource::is_guid(uri)).map(|uri| uri.trim_end_matches('/').to_owned())
    }

    /// The Application ID URIs that the registration has and the usual one, quoted for a shell. `None` where the
    /// registration was not read: the command replaces the list.
    fn identifier_uris_union(&self) -> Option<String> {
        let now = target::registration(self.case)?.identifier_uris.as_ref()?;
        let usual = format!("api://{}", self.target_client_id()?);
        let words: Vec<String> = with_entry(now, usual).iter().map(|uri| shell_word(uri)).collect();
        Some(words.join(" "))
    }

    /// The app role to assign: the one that the finding names. Any serves where only an assignment is required.
    fn app_role(&self) -> Option<(String, String)> {
        let roles = &self.case.registration.as_ref()?.application_roles;
        match (self.of_finding("role").and_then(Value::text), roles.as_slice()) {
            (Some(wanted), _) => roles.iter().find(|(_, value)| value == wanted).cloned(),
            (None, [only]) if self.finding?.code.step() == StepId::Token => Some(only.clone()),
            (None, _) => None,
        }
    }

    /// A list of the settings, extended by what this call needs.
    fn union(&self, name: &str, needed: Option<impl ToString>) -> Option<Value> {
        Some(Value::List(with_entry(&self.now(name)?, needed?.to_string())))
    }

    /// The filter of `jq` that makes the changes of App 2's settings which fix the finding.
    fn settings_edit(&self) -> Option<String> {
        let changes = self.changes();
        let stored = target::stored(self.case).and_then(|settings| settings.editable.as_ref());
        // What the settings say already fixes nothing.
        if stored.is_some() && stored.and_then(|stored| with_changes(stored, &changes)).as_ref() == stored {
            return None;
        }
        let made = |change: &SettingsChange| stored.map_or_else(|| change.jq(), |stored| change.jq_of(stored));
        let in_file = target::config_file(self.case).is_some();
        let in_place = |made: String| if in_file { made.replace(".properties.", ".") } else { made };
        jq_word(changes.iter().map(|change| made(change).map(in_place)))
    }

    /// The filter of `jq` that moves App 2's misplaced settings to the places that Easy Auth reads them from.
    fn settings_moves(&self) -> Option<String> {
        let settings = target::stored(self.case)?;
        let stored = settings.editable.as_ref()?;
        jq_word(settings.misplaced.iter().map(|place| jq_move(stored, place, home(place)?)))
    }
}
