//! What the platforms of App 1 and App 2 decide about the words of fixes.

use crate::case::credential;
use crate::case::resource_id::TargetKind;
use crate::evidence::target;

use super::values::Values;

impl Values<'_> {
    /// The group of az for App 2, by its site object's `kind`. Where that is unknown, `webapp` acts on every app.
    pub(super) fn target_group_of_az(&self) -> Option<&'static str> {
        if target::kind(self.case) == TargetKind::ContainerApp {
            return None;
        }
        let kind = self.case.site.as_ref().and_then(|site| site.kind.as_deref());
        let kind = kind.unwrap_or_default().to_ascii_lowercase();
        Some(match kind {
            kind if kind.contains("workflowapp") => "logicapp",
            kind if kind.contains("functionapp") => "functionapp",
            _ => "webapp",
        })
    }

    /// Whether App 2 is a Standard logic app.
    pub(super) fn is_logic_app(&self) -> bool {
        self.target_group_of_az() == Some("logicapp")
    }

    /// The group of az for App 1, where it is an app of App Service.
    pub(super) fn caller_group_of_az(&self) -> Option<&'static str> {
        match self.caller_host().as_deref() {
            Some("functions") => Some("functionapp"),
            Some("logic-apps") => Some("logicapp"),
            Some("app-service") => Some("webapp"),
            _ => None,
        }
    }

    /// The kind of App 1's host: by its variables, else by what the token names.
    pub(super) fn caller_host(&self) -> Option<String> {
        let by_variables = self.case.environment.as_ref().and_then(credential::host);
        by_variables.map(str::to_owned).or_else(|| {
            let resource = self.token()?.text("xms_mirid")?.to_ascii_lowercase();
            let kinds = [
                ("/microsoft.web/sites/", "app-service"),
                ("/microsoft.app/", "container-apps"),
                ("/microsoft.compute/", "virtual-machine"),
                ("/microsoft.hybridcompute/", "azure-arc"),
            ];
            let found = kinds.iter().find(|(provider, _)| resource.contains(provider));
            found.map(|(_, host)| (*host).to_owned())
        })
    }

    /// The action that Azure Resource Manager refused, as its words name it.
    pub(super) fn denied_action(&self) -> Option<String> {
        let action_in = |reason: &String| {
            let (_, rest) = reason.split_once("perform action '")?;
            let (action, _) = rest.split_once('\'')?;
            (!action.is_empty()).then(|| action.to_owned())
        };
        let mut failed = self.case.settings.iter().filter_map(|reading| reading.outcome.as_ref().err());
        failed.find_map(action_in)
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

    /// Whether this console is that of an app of App Service on Windows.
    pub(super) fn is_caller_on_windows(&self) -> bool {
        let environment = self.case.environment.as_ref();
        environment.is_some_and(|environment| environment.os == "windows" && environment.is_app_service())
    }
}
