//! No identity endpoint is named: because there is no identity, because this session does not see the app's variables,
//! or because this is no host that has one?

use crate::case::code::Code;
use crate::case::credential;
use crate::case::environment::{Environment, Place};
use crate::check::words::short;
use crate::check::{Confidence, Found, StepReport};

/// Finds the reason.
pub(super) fn judge(environment: &Environment, report: &mut StepReport) {
    if let Some(finding) = half(environment) {
        report.find(finding);
    } else if let Some((host, mark)) = credential::host_without_endpoint(environment) {
        report.find(
            Found::error(
                Code::IdentityUnsupportedOnHost,
                format!("App 1 runs in {host}, which never get an identity endpoint."),
            )
            .confidence(Confidence::Likely)
            .because(format!("{mark} is set, IDENTITY_ENDPOINT is not"))
            .confirm("an app of its own (Functions or App Service, linked as the backend) has the variables"),
        );
    } else if environment.is_app_service() {
        on_app_service(environment, report);
    } else if credential::is_container_app(environment) {
        report.find(
            Found::error(
                Code::IdentityNotEnabled,
                format!(
                    "The container app {} has no managed identity: its environment has neither IDENTITY_ENDPOINT nor \
                     IDENTITY_HEADER.",
                    short(environment.text("CONTAINER_APP_NAME").unwrap_or("(unnamed)"))
                ),
            )
            .because(read(environment)),
        );
    } else {
        elsewhere(environment, report);
    }
}

/// One half of a pair of variables.
fn half(environment: &Environment) -> Option<Found> {
    let pairs = [
        ("IDENTITY_ENDPOINT", "IDENTITY_HEADER"),
        ("IDENTITY_HEADER", "IDENTITY_ENDPOINT"),
        ("MSI_SECRET", "MSI_ENDPOINT"),
    ];
    let (there, absent) = pairs
        .into_iter()
        .find(|(there, absent)| environment.has(there) && !environment.has(absent))?;
    let place = environment.variable(there)?.place.to_string();
    Some(
        Found::error(
            Code::CredentialIncomplete,
            format!("{there} is set ({place}), but {absent} is not: the identity endpoint needs both."),
        )
        .because(read(environment)),
    )
}

fn on_app_service(environment: &Environment, report: &mut StepReport) {
    let site = short(environment.text("WEBSITE_SITE_NAME").unwrap_or("(unnamed)"));
    let slot = environment
        .text("WEBSITE_SLOT_NAME")
        .map(|slot| format!(" (slot {})", short(slot)))
        .unwrap_or_default();
    let unreadable = environment
        .places
        .iter()
        .find(|reading| reading.place == Place::FirstProcess && reading.outcome.is_err());
    // A session with the platform's variables may still be another container than the app (Kudu on Linux), and then so is
    // its first process: only a block that was taken from the app itself proves the absence.
    let own = environment
        .places
        .iter()
        .any(|reading| matches!(reading.place, Place::File(_)) && reading.outcome.is_ok());
    let seen_in = environment
        .variable("WEBSITE_SITE_NAME")
        .map_or_else(String::new, |mark| mark.place.to_string());
    report.find(
        Found::error(
            Code::IdentityNotEnabled,
            format!(
                "{site}{slot} has no managed identity: its environment has neither IDENTITY_ENDPOINT nor MSI_ENDPOINT. Each \
                 deployment slot needs an identity of its own, and the app restarts when one is enabled."
            ),
        )
        .confidence(if own { Confidence::Certain } else { Confidence::Likely })
        .because(format!("WEBSITE_SITE_NAME = {site} ({seen_in}), IDENTITY_ENDPOINT absent"))
        .because(read(environment))
        .confirm(format!(
            "`az webapp identity show` for {site}{slot}: no principalId means that none is enabled; one means that this \
             session does not see the app's variables (--environ reads them from a file)"
        )),
    );
    if let Some(reading) = unreadable {
        let reason = reading.outcome.as_ref().err().cloned().unwrap_or_default();
        report.find(
            Found::error(
                Code::IdentityVariablesHidden,
                format!(
                    "This session does not see the identity variables of {site}{slot}: the app's own environment \
                     (/proc/1/environ) is not readable here, and the session's lacks IDENTITY_ENDPOINT and IDENTITY_HEADER."
                ),
            )
            // The session has the platform's other variables, so most likely it has the app's environment whole.
            .confidence(Confidence::Possible)
            .because(format!("/proc/1/environ: {}", short(&reason)))
            .because(read(environment))
            .confirm(format!(
                "`az webapp identity show` for {site}: an identity there means hidden variables, none means that it is not \
                 enabled; or save the app's environment block to a file and give it with --environ"
            )),
        );
    }
}

/// No mark of a host at all.
fn elsewhere(environment: &Environment, report: &mut StepReport) {
    if environment.has("KUBERNETES_SERVICE_HOST") {
        report.find(
            Found::error(
                Code::IdentityNotEnabled,
                "This Kubernetes pod has no workload identity: AZURE_FEDERATED_TOKEN_FILE, AZURE_CLIENT_ID and AZURE_TENANT_ID \
                 are not injected (label azure.workload.identity/use: \"true\" on the pod, annotation \
                 azure.workload.identity/client-id on its service account).",
            )
            .confidence(Confidence::Likely)
            .because(read(environment))
            .confirm("`kubectl describe pod` shows the injected variables of a pod with workload identity"),
        );
        return;
    }
    let hidden = environment
        .places
        .iter()
        .any(|reading| reading.place == Place::FirstProcess && reading.outcome.is_err());
    let unsupported = Found::error(
        Code::IdentityUnsupportedOnHost,
        "This machine is none of the hosts that have a managed identity: no variable of App Service, Container Apps, Service \
         Fabric, Azure Arc or Cloud Shell is set, and it is not marked as an Azure virtual machine. Run the program where \
         App 1 runs, or choose another credential (--credential azure-cli, client-secret, token, …).",
    )
    .because(read(environment));
    if hidden {
        report.find(
            Found::error(
                Code::IdentityVariablesHidden,
                "If this is a session in App 1's container, it does not see the app's variables: /proc/1/environ is not \
                 readable, and the session's own environment has none of the platform's.",
            )
            .confidence(Confidence::Possible)
            .because(read(environment))
            .confirm(
                "save the app's environment block to a file (as the app's user: cat /proc/1/environ) and give it with --environ",
            ),
        );
        report.find(
            unsupported
                .confidence(Confidence::Possible)
                .confirm("`echo $WEBSITE_SITE_NAME` in the app itself is not empty on App Service"),
        );
    } else {
        report.find(unsupported.confidence(Confidence::Likely));
    }
}

/// What was read, for evidence.
fn read(environment: &Environment) -> String {
    let places: Vec<String> = environment
        .places
        .iter()
        .map(|reading| match &reading.outcome {
            Ok(count) => format!("{} ({count} variables)", reading.place),
            Err(reason) => format!("{} (not readable: {})", reading.place, short(reason)),
        })
        .collect();
    if places.is_empty() {
        "no environment was read".to_owned()
    } else {
        format!("read: {}", places.join(", "))
    }
}
