//! Step 3, `scope`: which Application ID URI must the token be requested for?

mod voices;

use crate::check::prelude::*;

pub(super) fn judge(evidence: &Evidence<'_>, _: Earlier<'_>, report: &mut StepReport) {
    report.findings.extend(configured(evidence));
    // Every other finding about App 2's names would follow from such an error.
    if report.conclude_by_error(StepStatus::Fail) {
        return;
    }
    let Some(chosen) = &evidence.resource else {
        return undetermined(evidence, report);
    };
    report.findings.extend(chosen.given.iter().flat_map(|given| written_as_scope(given, "given")));
    if let Some(api) = well_known::api(&chosen.value) {
        report.find(another_api(evidence, chosen, api));
    } else {
        report.findings.extend(trailing_slash(evidence, chosen));
        let other = voices::answered_otherwise(evidence, chosen)
            .or_else(|| differs(evidence, chosen))
            .or_else(|| voices::token_names_another(evidence, chosen));
        report.findings.extend(other);
    }
    if !report.conclude_by_error(StepStatus::Warn) {
        let unconfirmed = voices::unconfirmed(evidence, chosen);
        report.conclude(phrase("scope.known").with("asked", &chosen.value).with("unconfirmed", unconfirmed));
    }
}

/// App 2's own names, each with where it was seen.
pub fn own_names(evidence: &Evidence<'_>) -> Vec<String> {
    target::own_names(evidence).iter().map(|(name, source)| format!("{} ({source})", quote(name))).collect()
}

/// A resource, or another name, beside App 2's own names.
pub(super) fn beside_own_names(evidence: &Evidence<'_>, actual: Option<&str>) -> Difference {
    let own = target::own_names(evidence).into_iter().filter(|(name, _)| Some(name.as_str()) != actual);
    let (names, mut sources): (Vec<String>, Vec<&str>) = own.unzip();
    sources.dedup();
    Difference::of(RESOURCE, names, actual, sources.join(", "))
}

fn undetermined(evidence: &Evidence<'_>, report: &mut StepReport) {
    let anonymous = evidence.exchange(&Purpose::CallAnonymous);
    if !evidence.is_settled(StepId::Scope) {
        report.conclude(phrase("scope.waiting"));
    } else if evidence.token.is_some() {
        let (audience, by) = voices::of_a_given_token(evidence).unzip();
        report.conclude(phrase("scope.given-token").with_some("audience", audience).with_some("by", by));
    } else if anonymous.is_some_and(|exchange| exchange.answer().is_none()) {
        report.conclude(phrase("scope.unreachable"));
    } else {
        // No name of App 2's is known, or none is used unless the user gives it.
        let finding = voices::not_used(evidence).unwrap_or_else(|| Found::of(Code::ResourceUndetermined, "answers"));
        // What answers instead of App 2 is the reason why App 2 names no resource.
        let is_before = |answer: &Answer| answer.status >= 400 && responder::is_from_before(answer);
        let before = evidence.anonymous().is_some_and(is_before) || target::before_any_token(evidence).is_some();
        report.find(finding.shown_by(evidence, [Purpose::CallAnonymous]).warning_if(before));
        report.conclude(phrase(if before { "scope.before" } else { "scope.unnamed" }));
    }
}

/// App 2's settings have the client ID of a Microsoft API, which no customer's app can be.
fn configured(evidence: &Evidence<'_>) -> Option<Found> {
    let entra = target::configured_entra(evidence)?;
    let id = entra.client_id.as_ref()?.as_str();
    let api = well_known::api(id)?;
    let read = format!("registration.clientId = {id} (from {})", target::settings_source(evidence));
    let audiences = evidence.decoded().map(|token| token.list("aud")).unwrap_or_default();
    let is_listed = entra.allowed_audiences.iter().flatten().any(|allowed| audiences.contains(&allowed.as_str()));
    let is_used = is_listed || evidence.accepts_the_token();
    let is_live = target::settings_are_enforced(evidence) && target::settings_are_live(evidence);
    let sure = evidence.refuses_the_token() && is_live;
    let finding = Found::of(Code::ResourceIsAnotherApi, "settings")
        .certain_if(sure || is_used)
        .warning_if(is_used)
        .because_of(Origin::SettingsPath(settings_path::CLIENT_ID), read)
        .value(CONFIGURED_API_ID, id);
    Some(finding.value("api", api))
}

/// A resource that is a Microsoft API: a warning where App 2 lists it, or where the user has its token sent.
fn another_api(evidence: &Evidence<'_>, chosen: &ChosenResource, api: &str) -> Found {
    let found = |key| Found::of(Code::ResourceIsAnotherApi, key);
    let finding = match target::listed_api(evidence, api) {
        Some(listed) => found("listed").value("listed", listed.as_str()),
        None if matches!(evidence.decision, Some(Decision::Sent(_))) => {
            found("sent").error_if(evidence.refuses_the_token(), Confidence::Likely)
        }
        None => found("withheld").confidence(target::is_another_api(evidence, api)),
    };
    let (own, source) = target::client_id(evidence).unzip();
    finding
        .value("asked", &chosen.value)
        .value("api", api)
        .differs(Difference::of(RESOURCE, own, Some(&chosen.value), source.unwrap_or_default()))
        .because(chosen.line())
}

/// What a text has that makes it a scope, where a resource belongs; `key` says where it is.
pub(super) fn written_as_scope(given: &str, key: &'static str) -> Vec<Found> {
    let resource::Normalised { value, removed } = resource::normalise(given);
    let found = |removed| {
        let finding = match removed {
            Removed::Wrapping => return None,
            Removed::DefaultScope => Found::of(Code::ScopeDefaultInResource, key),
            Removed::ScopeName(name) => Found::of(Code::ScopeNameInResource, key).value("name", quote(&name)),
        };
        Some(finding.value("given", given).value("asked", &value))
    };
    removed.into_iter().filter_map(found).collect()
}

fn trailing_slash(evidence: &Evidence<'_>, chosen: &ChosenResource) -> Option<Found> {
    let own = target::own_names(evidence);
    // An entry of App 2's that has the slash is step 6's finding: App 1 requests the right name.
    if !chosen.value.ends_with('/') || own.iter().any(|(name, _)| *name == chosen.value) {
        return None;
    }
    if resource::is_only_a_scheme(&chosen.value) {
        return Some(Found::of(Code::ResourceUndetermined, "empty").value("asked", &chosen.value));
    }
    let twin = own.iter().find(|(name, _)| resource::likeness(name, &chosen.value) == Likeness::TrailingSlash);
    let finding = Found::of(Code::ResourceTrailingSlash, "slash").value("asked", &chosen.value);
    let weighed = |finding: Found, is_known| {
        if evidence.call_status() == Some(401) { finding.likely_if(is_known) } else { finding.warning_if(true) }
    };
    let Some((name, source)) = twin else {
        return Some(weighed(finding.value("other", chosen.value.trim_end_matches('/')), false));
    };
    let finding = finding
        .value("name", quote(name))
        .value("source", *source)
        .differs(Difference::of(RESOURCE, [name], Some(&chosen.value), *source))
        .because(format!("resource = {}", chosen.value))
        .because(format!("{source}: {}", quote(name)));
    // Entra doesn't know the name with the slash, or App 2 accepts the same identity's token for the other form.
    let is_shown = refusal::refused_as_unknown_resource(evidence, &Purpose::Token)
        || target::other_audience(evidence) == Some(true);
    Some(if is_shown { finding } else { weighed(finding, true) })
}

fn differs(evidence: &Evidence<'_>, chosen: &ChosenResource) -> Option<Found> {
    if target::belongs_to_target(evidence, &chosen.value) != Some(false) {
        return None;
    }
    let was_asked = evidence.is_settled(StepId::Token) && evidence.exchange(&Purpose::Token).is_some();
    let was_refused = was_asked && evidence.token.is_none();
    let finding = Found::of(Code::ResourceDiffersFromTarget, "names");
    let finding = if is_disproved(evidence, finding.code) {
        // App 2 accepts it anyway.
        Found { severity: Severity::Info, ..finding }
    } else if blocks(evidence, chosen) {
        // Whether App 2 names a registration that exists, only Microsoft Graph shows.
        let is_registered = evidence.registration.as_ref().is_some_and(|known| known.client_id.is_some());
        finding.certain_if(is_registered && enforces_names(evidence))
    } else if was_refused {
        // Entra may refuse it because it is unknown, or for another reason.
        let absent = evidence.absent_principal();
        finding.likely_if(absent.is_some_and(|absent| resource::client_id_of(&chosen.value) == Some(absent.as_str())))
    } else {
        finding.warning_if(true)
    };
    let finding = finding.value("asked", &chosen.value).value("names", own_names(evidence));
    let difference = beside_own_names(evidence, Some(&chosen.value));
    Some(finding.differs(difference).because(chosen.line()))
}

/// Whether App 2 enforces settings that are known and name what it accepts.
fn enforces_names(evidence: &Evidence<'_>) -> bool {
    target::entra(evidence).is_some() && target::settings_are_enforced(evidence)
}

/// Whether a resource that is not App 2's blocks the call: a token with this audience was issued, and App 2 refused it
/// or enforces settings that don't list it.
fn blocks(evidence: &Evidence<'_>, chosen: &ChosenResource) -> bool {
    let asked = matches!(chosen.source, ResourceSource::Option | ResourceSource::Environment);
    let is_like = |audience: &str| resource::likeness(audience, &chosen.value) != Likeness::Different;
    let carried = evidence.token.as_ref().is_some_and(|token| {
        let decoded = &token.decoded;
        token.resource.is_some() && (decoded.version() == Some("2.0") || decoded.list("aud").into_iter().any(is_like))
    });
    let refused = match evidence.progress {
        Progress::TokenRefused => true,
        // A policy refuses only after the token was accepted.
        Progress::TokenAccepted | Progress::PastEasyAuth | Progress::Succeeded => false,
        Progress::Unknown | Progress::Unclear => !target::call_succeeded(evidence) && enforces_names(evidence),
    };
    asked && carried && refused
}
