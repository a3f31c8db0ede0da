//! A virtual machine's identity that more than App 1 can use.

use super::Case;
use super::credential::{self, CredentialSource};
use super::inputs::IdentitySelector;
use super::platform::Platform;

/// Its name: the machine runs jobs of pipelines, or the identity wasn't selected and is a resource of its own, such as
/// one that Azure Policy attaches to every machine.
#[must_use]
pub fn shared_identity(case: &Case) -> Option<String> {
    let (token, environment) = (case.token.as_ref()?, case.environment.as_ref()?);
    let is_machines = token.source == CredentialSource::ManagedIdentity(Platform::VirtualMachine);
    let identity = token.decoded.resource_of_identity()?;
    let (selector, _) = credential::effective_selector(environment, &case.inputs);
    let is_selected = !matches!(selector, IdentitySelector::Auto | IdentitySelector::System);
    let is_pipelines = matches!(credential::host(environment), Some("github-actions" | "azure-devops"));
    let is_shared = is_pipelines || !is_selected && identity.is_user_assigned_identity();
    (is_machines && is_shared).then(|| identity.name.to_owned())
}
