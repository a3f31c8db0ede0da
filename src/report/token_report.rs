//! The report of the command `token`: what is wrong with a token alone. No call was made, so nothing is said of App 2,
//! and the verdict, the exit code, and every written form agree about the token.

use crate::case::Case;
use crate::case::code::Code;
use crate::case::inputs::CredentialKind;
use crate::case::issuer::Issuer;
use crate::case::resource::{Likeness, is_guid, likeness};
use crate::case::step::StepId;
use crate::case::text::shortened;
use crate::case::token::{DecodedToken, SignatureVerdict};
use crate::check::StepReport;
use crate::diagnosis::{self, Diagnosis, Verdict, cause};
use crate::knowledge::subject::AUDIENCE;
use crate::knowledge::{self, Difference, Found, Origin, Severity, StepStatus, Words, phrase};

use super::Report;
use super::facts::{self, Shown};
use super::model::Judged;
use crate::evidence::Evidence;

/// Why a signature wasn't checked that nobody asked to check.
pub const NOT_ASKED: &str = "line.keys-not-fetched";

/// Judges a token alone: its claims, its identity where one is expected, and its audience where one is given. With
/// `verify`, a signature that could not be verified leaves the verdict open.
#[must_use]
pub fn of_token(case: Case, verify: bool) -> Report {
    let report = Report::of(case);
    let judged = report.without_words();
    let case = report.observed();
    let mut steps = judged.steps.clone();
    for step in &mut steps {
        match step.id {
            StepId::Identity => {}
            StepId::Claims => {
                claims(case, step);
            }
            StepId::Audience => *step = audience(case),
            id => {
                *step = StepReport::new(id);
                step.conclude_as(StepStatus::Skipped, phrase("token-report.token-only"));
            }
        }
    }
    let unverified = if verify { unverified(case) } else { None };
    if let Some(reason) = unverified.as_ref().filter(|_| !has_error(&steps))
        && let Some(step) = steps.iter_mut().find(|step| step.id == StepId::Claims)
    {
        step.conclude_as(StepStatus::Unknown, reason.clone());
    }
    let diagnosis = diagnosis(case, &steps, unverified);
    let verdict = diagnosis.verdict;
    let case = report.shared();
    Report::judged(case, Judged { steps, diagnosis }, shown, verdict)
}

/// Judges a saved case: one of a token alone as the command `token` did, so that both end with the same verdict.
#[must_use]
pub fn of_saved(case: Case) -> Report {
    let is_given = case.inputs.credential == CredentialKind::Token && case.inputs.target.is_none();
    if !is_given || case.settled != [StepId::Claims] {
        return Report::of(case);
    }
    let not_asked = phrase(NOT_ASKED).text();
    let signature = case.token.as_ref().and_then(|token| token.signature.as_ref());
    let verify = !matches!(signature, Some(SignatureVerdict::NotChecked { reason }) if *reason == not_asked);
    of_token(case, verify)
}

/// What a step of this report shows: the others are about a call.
fn shown(evidence: &Evidence<'_>, steps: &[StepReport], step: &StepReport) -> Shown {
    let mut shown = Shown::default();
    match step.id {
        StepId::Identity => shown = facts::of(evidence, steps, step),
        StepId::Claims => {
            shown = facts::of(evidence, steps, step);
            shown.fact_if_any("kind", kind(evidence, step));
        }
        StepId::Audience => {
            let audiences = evidence.decoded().map(|token| token.list("aud").join(", "));
            let expected = evidence.requested().filter(|_| audiences.is_some());
            shown.fact_if_any("token's audience (aud)", audiences.filter(|all| !all.is_empty()).map(|all| cut(&all)));
            shown.fact_if_any("expected resource", expected.map(cut));
        }
        _ => {}
    }
    shown
}

/// A value, as far as a line has room for it.
fn cut(text: &str) -> String {
    shortened(text, 200)
}

fn has_error(steps: &[StepReport]) -> bool {
    steps.iter().any(|step| step.first_error().is_some())
}

/// A form that not every server accepts is a fault of the token, whether or not the call would work with it.
fn claims(case: &Case, step: &mut StepReport) {
    for finding in &mut step.findings {
        if finding.code == Code::TokenMalformed && finding.severity == Severity::Warning {
            finding.severity = Severity::Error;
        }
    }
    let defects = case.token.iter().flat_map(|token| &token.decoded.defects);
    if let Some(defect) = defects.take(1).find(|_| step.first_error().is_none()) {
        let found = Found::of(Code::TokenMalformed, "defect");
        step.find(found.value("defect", defect.to_string()));
    }
    if let Some(message) = step.first_error().map(Found::message) {
        step.conclude_as(StepStatus::Fail, message);
    }
}

/// What kind of token it is, as far as its claims show it.
pub(super) fn kind(case: &Case, step: &StepReport) -> Option<Words> {
    let token = &case.token.as_ref()?.decoded;
    if token.unreadable || token.claims.is_empty() {
        return None;
    }
    let has = |code: Code| {
        let mut errors = step.findings.iter().filter(|found| found.severity == Severity::Error);
        errors.any(|found| found.code == code)
    };
    let (foreign, id_token) = (has(Code::TokenNotFromEntra), has(Code::TokenNotAnAccessToken));
    let is_user = token.text("idtyp") == Some("user") || token.claim("scp").is_some();
    let is_own = token.text("oid").is_some() && token.text("oid") == token.text("sub");
    let is_app = !is_user && !foreign && !id_token && (token.text("idtyp") == Some("app") || is_own);
    // A token that isn't Entra's, though it has its issuer, is nobody's.
    let issuer = token.text("iss").filter(|issuer| !Issuer::new(*issuer).parts().is_of_a_known_cloud());
    let service = issuer.and_then(knowledge::service_of_issuer);
    let api = token.list("aud").into_iter().find_map(knowledge::well_known_api);
    Some(
        phrase("token-report.kind")
            .when("foreign", foreign)
            .with_some("service", service)
            .when("id_token", id_token)
            .when("app", is_app)
            .when("user", is_user && !foreign)
            .with_some("version", token.version().map(|version| shortened(version, 8)))
            .with_some("api", api)
            .into(),
    )
}

/// Why the signature could not be verified; `None` where it was, whatever came of it.
fn unverified(case: &Case) -> Option<Words> {
    let said = phrase("token-report.unverified");
    match case.token.as_ref()?.signature.as_ref() {
        Some(SignatureVerdict::NotChecked { reason }) => Some(said.with("reason", shortened(reason, 300)).into()),
        Some(_) => None,
        None => Some(said.into()),
    }
}

/// The token's audience against the resource that was given.
fn audience(case: &Case) -> StepReport {
    let mut step = StepReport::new(StepId::Audience);
    let Some(token) = case.token.as_ref().map(|token| &token.decoded) else {
        step.conclude_as(StepStatus::Skipped, phrase("token-report.no-token"));
        return step;
    };
    let audiences = token.list("aud");
    let aud = cut(&audiences.join(", "));
    let Some(resource) = case.resource.as_ref().map(|chosen| chosen.value.as_str()) else {
        step.conclude_as(StepStatus::Skipped, phrase("token-report.no-resource"));
        return step;
    };
    if audiences.is_empty() {
        step.conclude_as(StepStatus::Unknown, phrase("token-report.no-audience").with("expected", cut(resource)));
        return step;
    }
    let found = |found: Found| {
        found
            .because_of(Origin::Claim("aud"), format!("aud = {aud}"))
            .because(format!("--resource {}", cut(resource)))
            .value("aud", aud.as_str())
            .value("expected", cut(resource))
    };
    match compare(token, &audiences, resource) {
        Audience::Same => step.conclude_as(StepStatus::Pass, phrase("token-report.audience").with("aud", aud.as_str())),
        Audience::Nearly(how) => {
            let found = found(Found::of(Code::TokenForWrongResource, how));
            step.conclude_as(StepStatus::Warn, found.message());
            step.find(found);
        }
        Audience::Open => step.conclude_as(
            StepStatus::Unknown,
            phrase("token-report.audience-open").with("aud", aud.as_str()).with("expected", cut(resource)),
        ),
        Audience::Other => {
            let difference = Difference::of(AUDIENCE, [resource], Some(audiences.join(", ")), "--resource");
            let found = found(Found::of(Code::TokenForWrongResource, "given"))
                .differs(Difference { is_named: false, ..difference })
                .value("token_audience", audiences.join(" "));
            step.conclude_as(StepStatus::Fail, found.message());
            step.find(found);
        }
    }
    step
}

/// How a token's audience compares with a resource.
enum Audience {
    Same,
    /// The sentence that says how.
    Nearly(&'static str),
    /// One names a client ID, the other a URI.
    Open,
    Other,
}

fn compare(token: &DecodedToken, audiences: &[&str], resource: &str) -> Audience {
    let alike = |wanted: Likeness| audiences.iter().any(|audience| likeness(audience, resource) == wanted);
    let same_app = app_of(resource).is_some_and(|app| {
        audiences.iter().filter_map(|audience| app_of(audience)).any(|other| other.eq_ignore_ascii_case(app))
    });
    if alike(Likeness::Same) {
        Audience::Same
    } else if alike(Likeness::TrailingSlash) {
        // Both have App 2's client ID, and App 2 may still compare letter by letter.
        Audience::Nearly("given-slash")
    } else if same_app {
        Audience::Same
    } else if alike(Likeness::Case) {
        Audience::Nearly("given-case")
    } else if token.version() == Some("2.0") && app_of(resource).is_none() && audiences.iter().any(|id| is_guid(id)) {
        Audience::Open
    } else {
        Audience::Other
    }
}

/// The client ID that a resource is, or that is in its `api://` form.
fn app_of(resource: &str) -> Option<&str> {
    let name = resource.strip_prefix("api://").unwrap_or(resource);
    name.split('/').next().filter(|id| is_guid(id))
}

fn diagnosis(case: &Case, steps: &[StepReport], unverified: Option<Words>) -> Diagnosis {
    let errors = steps.iter().find_map(|step| Some((step.id, step.first_error()?)));
    if let Some((step, error)) = errors {
        let found = diagnosis::diagnose(case, steps);
        if found.verdict == Verdict::Fail && found.root_cause.is_some() {
            return found;
        }
        return Diagnosis { verdict: Verdict::Fail, root_cause: Some(cause(case, step, error)), ..found };
    }
    let open = unverified.map(|reason| {
        let unknown = Found::error(Code::TokenSignatureUnverified, reason);
        let finding = Found { severity: Severity::Info, ..unknown };
        cause(case, StepId::Claims, &finding)
    });
    Diagnosis {
        verdict: if open.is_some() { Verdict::Inconclusive } else { Verdict::Pass },
        root_cause: open,
        alternatives: Vec::new(),
        next: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    use crate::case::credential::CredentialSource;
    use crate::case::inputs::Inputs;
    use crate::case::resource::{ChosenResource, ResourceSource};
    use crate::case::token::AcquiredToken;
    use crate::report::written::saved;

    const ID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

    fn report(aud: &str, ver: &str, resource: Option<&str>) -> Report {
        let mut case = Case::new(Inputs::default(), DateTime::from_timestamp(1_000, 0).unwrap());
        let issuer = match ver {
            "2.0" => format!("https://login.microsoftonline.com/{ID}/v2.0"),
            _ => format!("https://sts.windows.net/{ID}/"),
        };
        let claims = serde_json::json!({"aud": aud, "ver": ver, "iss": issuer,
            "tid": ID, "appid": ID, "oid": ID, "idtyp": "app", "nbf": 900, "iat": 900, "exp": 2_000});
        case.token = Some(AcquiredToken {
            source: CredentialSource::Token,
            resource: None,
            response: Vec::new(),
            decoded: DecodedToken {
                parts: 3,
                has_signature: true,
                header: vec![("alg".to_owned(), "RS256".into())],
                claims: claims.as_object().unwrap().clone().into_iter().collect(),
                ..DecodedToken::default()
            },
            signature: None,
        });
        case.resource = resource.map(|resource| ChosenResource::from_given(resource, ResourceSource::Option));
        case.settled.push(StepId::Claims);
        of_token(case, false)
    }

    #[test]
    fn a_saved_token_has_the_verdict_that_the_command_gave() {
        let open = SignatureVerdict::NotChecked { reason: "no keys".to_owned() };
        let not_asked = SignatureVerdict::NotChecked { reason: phrase(NOT_ASKED).text() };
        for (signature, verify, code) in [(not_asked, false, 0), (open, true, 3)] {
            let mut case = report("api://x", "1.0", None).observed().clone();
            case.inputs.credential = CredentialKind::Token;
            case.token.as_mut().unwrap().signature = Some(signature);
            let first = of_token(case, verify);
            let again = of_saved(serde_json::from_str(&saved(std::slice::from_ref(&first), false)).unwrap());
            assert_eq!((first.exit_code(), again.exit_code()), (code, code));
            assert_eq!(first.steps(), again.steps());
        }
    }

    #[test]
    fn the_audience_is_compared_with_the_resource_that_was_given() {
        let api = format!("api://{ID}");
        for (aud, ver, resource, code) in [
            ("api://x", "1.0", None, 0),
            ("api://x", "1.0", Some("api://x"), 0),
            ("api://x", "1.0", Some("api://x/.default"), 0),
            ("api://x", "1.0", Some("api://y"), 1),
            ("https://management.azure.com", "1.0", None, 0),
            ("https://management.azure.com", "1.0", Some("api://x"), 1),
            ("api://x", "1.0", Some("api://x/"), 0),
            (ID, "2.0", Some(api.as_str()), 0),
            (api.as_str(), "1.0", Some(ID), 0),
            (ID, "2.0", Some("https://contoso.com/app"), 0),
            (ID, "1.0", Some("https://contoso.com/app"), 1),
            (ID, "2.0", Some("api://1f8fad5b-d9cb-469f-a165-70867728950e"), 1),
        ] {
            let report = report(aud, ver, resource);
            assert_eq!(report.exit_code(), code, "{aud} {resource:?}: {:?}", report.diagnosis());
            let failed = report.steps().iter().any(|step| step.status == StepStatus::Fail);
            assert_eq!(failed, code == 1, "{aud} {resource:?}");
        }
    }

    #[test]
    fn a_slash_too_many_is_a_warning_also_behind_the_client_id() {
        let (api, slash) = (format!("api://{ID}"), format!("api://{ID}/"));
        for (aud, resource, warned) in [(&slash, &api, true), (&api, &slash, true), (&api, &api, false)] {
            let report = report(aud, "1.0", Some(resource));
            let is_warned = report.steps().iter().any(|step| step.status == StepStatus::Warn);
            assert_eq!(is_warned, warned, "{aud} {resource}");
        }
    }
}
