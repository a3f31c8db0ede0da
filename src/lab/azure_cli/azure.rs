//! What commands act on, and the apps that they name.

use std::collections::BTreeMap;

use super::command::Command;
use super::refused::Refused;
use crate::lab::world::World;

/// What commands act on.
pub(super) struct Azure {
    pub world: World,
    /// App settings of App 1 that were set since the lab started, or deleted (`None`).
    pub app1_settings: BTreeMap<String, Option<String>>,
    /// The secret that Entra takes from the caller.
    pub client_secret: String,
    /// The certificate that the caller signs with, DER.
    pub client_certificate: Vec<u8>,
}

/// One of the lab's two apps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum App {
    Caller,
    Target,
}

impl Azure {
    /// The app with this resource ID.
    pub fn app_by_id(&self, id: &str) -> Result<App, Refused> {
        let caller = &self.world.app1;
        let caller = format!(
            "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Web/sites/{}",
            caller.subscription, caller.resource_group, caller.site_name
        );
        let id = id.trim_end_matches('/');
        if id.eq_ignore_ascii_case(&self.world.site_resource_id()) {
            Ok(App::Target)
        } else if id.eq_ignore_ascii_case(&caller) {
            Ok(App::Caller)
        } else {
            Err(Refused::ResourceManager {
                code: "ResourceNotFound",
                message: format!("The Resource '{id}' was not found."),
            })
        }
    }

    /// The app that `--name`, `--resource-group`, `--subscription` and `--slot` mean together. Both apps are in one
    /// subscription, which is the default of whoever is signed in.
    pub fn app(&self, command: &Command) -> Result<App, Refused> {
        let subscription = command.get("--subscription").unwrap_or(&self.world.site.subscription);
        let (group, name) = (command.need("--resource-group")?, command.need("--name")?);
        let slot = command.get("--slot").map_or_else(String::new, |slot| format!("/slots/{slot}"));
        self.app_by_id(&format!(
            "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Web/sites/{name}{slot}"
        ))
    }

    /// Whether the named app is of the kind that this group of commands is for. `az webapp` acts on every kind.
    ///
    /// # Errors
    /// The CLI's words, where it is not.
    pub fn has_kind_of(&self, group: &str, command: &Command) -> Result<(), Refused> {
        let kind = match group {
            "functionapp" => "functionapp",
            "logicapp" => "workflowapp",
            _ => return Ok(()),
        };
        // A list names no app.
        if command.get("--name").is_none() {
            return Ok(());
        }
        let of_app = match self.app(command)? {
            App::Target => &self.world.site.kind,
            App::Caller => &self.world.app1.kind,
        };
        if of_app.contains(kind) {
            return Ok(());
        }
        let name = command.need("--name")?;
        Err(Refused::Directory(format!("'{name}' is not a {group}: its kind is {of_app}")))
    }

    /// As [`Self::app`], where the lab can do this to App 2 alone.
    pub fn target(&self, command: &Command) -> Result<(), Refused> {
        match self.app(command)? {
            App::Target => Ok(()),
            App::Caller => Err(Refused::lab("the lab does this to App 2 only")),
        }
    }

    /// As [`Self::app`], where the lab can do this to App 1 alone.
    pub fn caller(&self, command: &Command) -> Result<(), Refused> {
        match self.app(command)? {
            App::Caller => Ok(()),
            App::Target => Err(Refused::lab("the lab does this to App 1 only")),
        }
    }
}
