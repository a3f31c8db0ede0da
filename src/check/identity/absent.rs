//! No identity endpoint is configured: App 1 has no identity, this session does not see App 1's variables, or this host
//! has no identity endpoint.

use crate::case::environment::{Place, PlaceReading};
use crate::check::prelude::*;

/// Finds the reason.
pub(super) fn judge(environment: &Environment, report: &mut StepReport) {
    let found = if let Some(finding) = half(environment) {
        vec![finding]
    } else if let Some((host, mark)) = credential::host_without_endpoint(environment) {
        vec![
            Found::error(Code::IdentityUnsupportedOnHost, says("host"))
                .confidence(Confidence::Likely)
                .value("host", host)
                .value("mark", mark),
        ]
    } else if environment.is_app_service() {
        on_app_service(environment)
    } else if credential::is_container_app(environment) {
        // An identity can be kept from a container (identitySettings, init containers): its variables are then missing,
        // too.
        let app = environment.text("CONTAINER_APP_NAME").map(short);
        vec![
            Found::error(Code::IdentityNotEnabled, says("container-app"))
                .confidence(Confidence::Likely)
                .value_if_any("app", app),
        ]
    } else if environment.has("KUBERNETES_SERVICE_HOST") {
        vec![super::pod::missing(environment)]
    } else {
        elsewhere(environment)
    };
    for finding in found {
        report.find(finding.because(read(environment)));
    }
}

/// One variable of a pair.
pub(super) fn half(environment: &Environment) -> Option<Found> {
    let pairs = [
        ("IDENTITY_ENDPOINT", "IDENTITY_HEADER"),
        ("IDENTITY_HEADER", "IDENTITY_ENDPOINT"),
        ("MSI_SECRET", "MSI_ENDPOINT"),
    ];
    // Azure Arc's pair has no header.
    let is_arc = environment.has("IDENTITY_ENDPOINT") && environment.has("IMDS_ENDPOINT");
    let (there, absent) = pairs.into_iter().find(|(there, absent)| {
        environment.has(there) && !environment.has(absent) && !(is_arc && *absent == "IDENTITY_HEADER")
    })?;
    let place = environment.variable(there)?.place.to_string();
    Some(
        Found::error(Code::CredentialIncomplete, says("half"))
            .value("variable", there)
            .value("place", place)
            .value("missing", absent),
    )
}

fn on_app_service(environment: &Environment) -> Vec<Found> {
    // A session with the platform's variables may run in another container than the app (Kudu on Linux), and so may its
    // first process: only a file with the app's own environment proves that the variables are missing.
    let own =
        environment.places.iter().any(|reading| matches!(reading.place, Place::File(_)) && reading.outcome.is_ok());
    let (key, confidence) = if own { ("app-service", Confidence::Certain) } else { ("session", Confidence::Likely) };
    let mut found = vec![Found::error(Code::IdentityNotEnabled, says(key)).confidence(confidence)];
    if first_process_is_hidden(environment) {
        // The session has the platform's other variables, so most likely it has the app's whole environment.
        found.push(Found::error(Code::IdentityVariablesHidden, says("session")).confidence(Confidence::Possible));
    }
    let text = |name| environment.text(name).map(short);
    let mark = environment.variable("WEBSITE_SITE_NAME").zip(text("WEBSITE_SITE_NAME"));
    let mark = mark.map(|(variable, site)| format!("WEBSITE_SITE_NAME = {site} ({})", variable.place));
    let with_site = |finding: Found| {
        let finding =
            finding.value_if_any("site", text("WEBSITE_SITE_NAME")).value_if_any("slot", text("WEBSITE_SLOT_NAME"));
        match &mark {
            Some(mark) => finding.because(mark),
            None => finding,
        }
    };
    found.into_iter().map(with_site).collect()
}

/// A job of a pipeline, whose agent has no identity: the pipeline's own sign-in gives it a credential.
pub(super) fn pipeline(environment: &Environment) -> Option<Found> {
    let (host, may_federate) = match credential::host(environment)? {
        "github-actions" => ("GitHub Actions", environment.has("ACTIONS_ID_TOKEN_REQUEST_URL")),
        "azure-devops" => ("Azure Pipelines", true),
        _ => return None,
    };
    let finding = Found::error(Code::IdentityUnsupportedOnHost, says("pipeline")).confidence(Confidence::Likely);
    Some(finding.value("host", host).when("may_federate", may_federate))
}

/// Nothing identifies the host.
fn elsewhere(environment: &Environment) -> Vec<Found> {
    if let Some(finding) = pipeline(environment) {
        return vec![finding];
    }
    let unsupported = Found::error(Code::IdentityUnsupportedOnHost, says("environment"));
    if first_process_is_hidden(environment) {
        let hidden = Found::error(Code::IdentityVariablesHidden, says("environment"));
        [hidden, unsupported].map(|finding| finding.confidence(Confidence::Possible)).into()
    } else {
        vec![unsupported.confidence(Confidence::Likely)]
    }
}

fn first_process_is_hidden(environment: &Environment) -> bool {
    let mut places = environment.places.iter();
    places.any(|reading| reading.place == Place::FirstProcess && reading.outcome.is_err())
}

/// The places that were read, as evidence.
fn read(environment: &Environment) -> Said {
    let place = |reading: &PlaceReading| format!("{} ({})", reading.place, outcome(reading));
    let places: Vec<String> = environment.places.iter().map(place).collect();
    phrase("identity.read").with("places", places)
}

/// What came of reading the variables in a place.
pub(super) fn outcome(reading: &PlaceReading) -> String {
    match &reading.outcome {
        Ok(count) => format!("{count} variables"),
        Err(reason) => format!("not readable: {}", short(reason)),
    }
}
