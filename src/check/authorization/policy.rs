//! App 2's policy for this token: who may call (`allowedApplications`, `allowedPrincipals`), rule by rule.

use super::judged::{Judged, groups_of, named, principal};
use super::requirements;
use crate::check::prelude::*;

/// Judges every part of the policy.
pub(super) fn judge(evidence: &Evidence<'_>, earlier: Earlier<'_>, token: &DecodedToken, report: &mut StepReport) {
    let Some(entra) = target::configured_entra(evidence) else { return };
    let mut lists = Judged::from(target::settings_source(evidence));
    hidden_parts(evidence, &mut lists);
    let is_shown = lists.rules.is_empty();
    applications(entra, token, is_shown, &mut lists);
    principals(entra, token, is_shown, &mut lists);
    lists.findings.extend(groups_beside_identities(evidence, entra, token));
    let [checks, beside] = requirements::judge(evidence, entra, token);
    tell(evidence, earlier, vec![lists, checks, beside], report);
}

/// Judges the parts of the policy that single `WEBSITE_AUTH_*` variables show, where no source shows the rest.
pub(super) fn variables(evidence: &Evidence<'_>, earlier: Earlier<'_>, token: &DecodedToken, report: &mut StepReport) {
    let unknown = EntraProvider::default();
    let entra = target::configured_entra(evidence).unwrap_or(&unknown);
    let judged = requirements::judge(evidence, entra, token);
    if judged.iter().any(|judged| !judged.rules.is_empty()) {
        tell(evidence, earlier, judged.into(), report);
    }
}

/// Judges the parts of the policy that a caller's IDs alone decide; groups are not among them.
pub(super) fn foresee(evidence: &Evidence<'_>, earlier: Earlier<'_>, caller: &DecodedToken, report: &mut StepReport) {
    let Some(entra) = target::configured_entra(evidence) else { return };
    let mut judged = Judged::from(target::settings_source(evidence));
    let is_shown = target::policy_is_told(evidence);
    let by_group = entra.allowed_groups.as_ref().is_some_and(|groups| !groups.is_empty());
    applications(entra, caller, is_shown, &mut judged);
    if !by_group && caller.object_id().is_some() {
        principals(entra, caller, is_shown, &mut judged);
    }
    requirements::claim_checks(entra, caller, &mut judged);
    requirements::tenants(evidence, caller, &mut judged);
    judged.findings.retain(|finding| finding.severity == Severity::Error);
    tell(evidence, earlier, vec![judged], report);
}

fn tell(evidence: &Evidence<'_>, earlier: Earlier<'_>, judged: Vec<Judged>, report: &mut StepReport) {
    for Judged { source, findings, rules } in judged {
        for finding in findings {
            let mut finding = finding.because(phrase("authorization.settings").with("source", source.as_str()));
            if let Some(difference) = &mut finding.difference {
                difference.source = source.as_str().into();
            }
            // A caller must pass both: the fix of one without the other changes nothing.
            let twin = report.findings.iter_mut().find(|known| known.code == finding.code);
            let listed = ["listed", "groups"].iter().find_map(|name| finding.values.get(name));
            if let Some((known, listed)) = twin.zip(listed.filter(|_| finding.values.contains_key("list"))) {
                *known = known.clone().value("claim_checks", listed.clone());
            }
            // Whether an identity that others have may be allowed is for its owner to say.
            report.find(weigh(evidence, earlier, finding).likely_unless(shared_identity(evidence).is_none()));
        }
        report.rules.extend(rules.into_iter().map(|rule| Rule { source: source.as_str().into(), ..rule }));
    }
}

/// The parts of the policy whose value the source hides: nothing can be said of them, even where other rules are met.
fn hidden_parts(evidence: &Evidence<'_>, judged: &mut Judged) {
    let settings = target::settings(evidence);
    for name in settings.into_iter().flat_map(AuthSettings::undetermined_policy) {
        judged.rules.push(Rule::new(name, phrase("authorization.hidden"), Words::none(), Verdict::Unknown));
    }
    for path in settings.into_iter().flat_map(AuthSettings::unread_policy) {
        let expected = phrase("authorization.unread").with("path", path.to_string());
        judged.rules.push(Rule::new("another setting", expected, Words::none(), Verdict::Unknown));
    }
}

/// `allowedApplications`: client IDs, compared with `appid` or `azp`; enforced only when not empty.
fn applications(entra: &EntraProvider, token: &DecodedToken, is_shown: bool, judged: &mut Judged) {
    const NAME: &str = "allowedApplications";
    let caller = Caller::of(token);
    let client_id = caller.client_id.as_ref();
    let list = entra.allowed_applications.as_deref().unwrap_or_default();
    if list.is_empty() {
        let is_there = entra.allowed_applications.is_some();
        let any = phrase(if is_there { "authorization.empty-list" } else { "authorization.any-application" });
        let rule = Rule::new(NAME, any, or_none(client_id), Verdict::Holds);
        judged.rules.extend((is_there || is_shown).then_some(rule));
        judged.findings.extend(is_there.then(|| Found::of(Code::AllowedApplicationsEmpty, "settings")));
        return;
    }
    let Some(finding) = judged.lacks_client(NAME, settings_path::ALLOWED_APPLICATIONS, list, token) else { return };
    let own = entra.client_id.as_ref();
    let is_own = |id: &ClientId| own.is_some_and(|own| own.matches(&ClientId::new(id.as_str().trim())));
    let blueprint = token.text("xms_par_app_azp").filter(|id| ClientId::new(*id).is_in(list));
    let finding = finding
        .when("only_itself", matches!(list, [only] if is_own(only)))
        .value_if_any("blueprint", blueprint)
        .because_claim(token.caller_claim(), or_none(client_id));
    let entry = caller.entry_with_client_id(list).filter(|_| finding.code == Code::CallerNotInAllowedApplications);
    judged.findings.push(match entry {
        Some(entry) => finding.says("joint-entry").likely_if(true).value("entry", entry.to_string()),
        None => finding,
    });
}

/// `allowedPrincipals`: object IDs of identities, or groups; one of either suffices.
fn principals(entra: &EntraProvider, token: &DecodedToken, is_shown: bool, judged: &mut Judged) {
    const NAME: &str = "allowedPrincipals";
    let identities = entra.allowed_identities.as_deref().unwrap_or_default();
    let groups = entra.allowed_groups.as_deref().unwrap_or_default();
    let caller = Caller::of(token);
    let object_id = caller.object_id.as_ref();
    if identities.is_empty() && groups.is_empty() {
        let any = Rule::new(NAME, phrase("authorization.any-identity"), or_none(object_id), Verdict::Holds);
        return judged.rules.extend(is_shown.then_some(any));
    }
    let of_token = token.groups();
    let is_allowed =
        object_id.is_some_and(|id| id.is_in(identities)) || of_token.iter().any(|group| group.is_in(groups));
    let expected =
        phrase("authorization.principals").with("identities", joined(identities)).with("groups", joined(groups));
    if !judged.breaks(Rule::new(NAME, expected.clone(), principal(object_id, token), Verdict::of(is_allowed))) {
        return;
    }
    let entry = caller.entry_with_object_id(identities);
    let (code, key) = match entry {
        _ if caller.has_client_id_in(identities) => (Code::ApplicationIdInAllowedIdentities, "settings"),
        _ if identities.is_empty() && of_token.is_empty() => (Code::GroupsClaimMissing, "settings"),
        Some(_) => (Code::PrincipalNotInAllowedIdentities, "joint-entry"),
        None if identities.is_empty() => (Code::PrincipalNotInAllowedIdentities, "groups"),
        None => (Code::PrincipalNotInAllowedIdentities, "settings"),
    };
    let difference = match identities {
        [] => Difference::of(GROUPS, groups, groups_of(token), ""),
        _ => Difference::of(OBJECT_ID, identities, object_id, ""),
    };
    let finding = named(Found::of(code, key), &caller)
        .value("principals", expected.clone())
        .value_if_any("entry", entry.map(ToString::to_string))
        .value("groups", joined(groups))
        .when("overage", token.claim("hasgroups").is_some() || token.claim("_claim_names").is_some())
        .differs(difference)
        // A hidden list of groups may allow a caller whom the identities don't.
        .certain_if(is_shown && entry.is_none())
        .because_setting(
            settings_path::ALLOWED_PRINCIPALS,
            phrase("authorization.allowed-principals").with("principals", expected),
        )
        .because_claim("oid", or_none(object_id));
    judged.findings.push(finding);
}

/// Groups beside a list that has the caller. By the documentation one match is enough; public reports say that a
/// managed identity was refused while groups were listed.
fn groups_beside_identities(evidence: &Evidence<'_>, entra: &EntraProvider, token: &DecodedToken) -> Option<Found> {
    let groups = entra.allowed_groups.as_deref().filter(|groups| !groups.is_empty() && token.groups().is_empty())?;
    let identities = entra.allowed_identities.as_deref().unwrap_or_default();
    let is_listed = token.object_id().is_some_and(|id| id.is_in(identities));
    let finding = Found::of(Code::GroupsClaimMissing, "beside").possible().value("groups", joined(groups));
    (is_listed && evidence.is_refused_by_policy()).then_some(finding)
}
