//! The evaluation of audience and issuer against App 2's settings, rule by rule.

use super::subject::{Subject, accepted, for_another_application};
use crate::case::audience::Audience;
use crate::case::issuer;
use crate::check::prelude::*;
use crate::check::rule;

/// Whether the token satisfies a rule, whatever the call showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    Holds,
    Broken,
    /// `api://<App 2's client ID>`, unlisted: the client ID is accepted without being listed; whether this form of it
    /// is accepted too is not established.
    Implicit,
    /// Whether App 2 tolerates this is not established.
    Open,
    /// The source has the setting and hides its value.
    Hidden,
}

impl Rule {
    const fn verdict(self) -> Verdict {
        match self {
            Self::Holds => Verdict::Holds,
            Self::Broken => Verdict::Broken,
            Self::Implicit | Self::Open | Self::Hidden => Verdict::Unknown,
        }
    }
}

/// Judges audience and issuer by the settings.
pub(super) fn judge(subject: Subject<'_>, report: &mut StepReport) {
    let Subject { evidence, token, .. } = subject;
    let Some(entra) = target::validating_entra(evidence) else {
        return;
    };
    let is_shown = target::validating(evidence).is_none_or(|(_, settings)| settings.shows_audiences());
    let audience = audience_rule(token, entra, is_shown);
    let issuer = IssuerView::of(evidence, token, entra);
    let source = target::validating_source(evidence);
    let rules = compared(token, entra, audience, &issuer);
    report.compare(rules.into_iter().map(|rule| rule.from(&source)).collect());
    let mut findings = Vec::new();
    findings.extend(audience_finding(subject, entra, audience, &issuer));
    findings.extend(issuer_finding(subject, entra, &issuer, audience));
    for finding in findings {
        report.find(weigh(subject.evidence, subject.earlier, finding));
    }
}

fn audience_rule(token: &DecodedToken, entra: &EntraProvider, is_shown: bool) -> Rule {
    let accepted = accepted(entra);
    let audiences = token.list("aud");
    let own = |allowed: &Audience| entra.client_id.as_ref().is_some_and(|id| Audience::from(id) == *allowed);
    let mut rule = Rule::Broken;
    for audience in audiences {
        for allowed in &accepted {
            match resource::likeness(allowed.as_str().trim(), audience) {
                Likeness::Same if allowed.as_str() == audience => return Rule::Holds,
                Likeness::Same => rule = Rule::Open,
                Likeness::Case | Likeness::TrailingSlash => rule = Rule::Open,
                Likeness::OtherForm if rule == Rule::Broken && own(allowed) => rule = Rule::Implicit,
                Likeness::OtherForm | Likeness::Different => {}
            }
        }
    }
    // The hidden list may have the audience.
    if is_shown { rule } else { Rule::Hidden }
}

/// The token's issuer beside the one of App 2's openIdIssuer.
struct IssuerView {
    token: issuer::Parts,
    setting: Option<issuer::Parts>,
    rule: Rule,
}

impl IssuerView {
    fn of(evidence: &Evidence<'_>, token: &DecodedToken, entra: &EntraProvider) -> Self {
        let of_token = token.issuer().unwrap_or_default().parts();
        let setting = entra.issuer.as_ref().map(|setting| with_tenant_of_metadata(evidence, setting.parts()));
        let is_shown = target::validating(evidence).is_none_or(|(_, settings)| settings.shows_issuer());
        let unset = if is_shown { Rule::Open } else { Rule::Hidden };
        let rule = setting.as_ref().map_or(unset, |setting| issuer_rule(evidence, token, &of_token, setting));
        Self { token: of_token, setting, rule }
    }

    fn other_tenant(&self) -> bool {
        let tenants = self.setting.as_ref().and_then(issuer::Parts::tenant_guid).zip(self.token.tenant_guid());
        tenants.is_some_and(|(setting, token)| setting != token)
    }

    fn is_portals_v2(&self) -> bool {
        self.setting.as_ref().is_some_and(issuer::Parts::is_portals_v2)
    }

    fn other_version(&self) -> Option<(Version, Version)> {
        let setting = self.setting.as_ref().filter(|setting| setting.fault.is_none() && !setting.any_tenant)?.version?;
        let token = self.token.version?;
        (setting != token).then_some((token, setting))
    }
}

/// The issuer in the metadata of App 2's openIdIssuer.
fn issuer_of_metadata(evidence: &Evidence<'_>) -> Option<Issuer> {
    let json = target::answer(evidence, &Purpose::IssuerMetadata).and_then(Answer::json)?;
    json.get("issuer")?.as_str().map(Issuer::new)
}

/// A setting that names its tenant by a domain, with the tenant ID from the metadata.
fn with_tenant_of_metadata(evidence: &Evidence<'_>, setting: issuer::Parts) -> issuer::Parts {
    if setting.tenant_guid().is_some() || setting.any_tenant || setting.external || setting.fault.is_some() {
        return setting;
    }
    let tenant =
        issuer_of_metadata(evidence).map(|issuer| issuer.parts()).and_then(|issuer| issuer.tenant_guid().cloned());
    issuer::Parts { tenant: tenant.or(setting.tenant), ..setting }
}

fn issuer_rule(
    evidence: &Evidence<'_>,
    token: &DecodedToken,
    of_token: &issuer::Parts,
    setting: &issuer::Parts,
) -> Rule {
    if setting.any_tenant || setting.external {
        return Rule::Open;
    }
    if setting.fault.is_some() {
        return Rule::Broken;
    }
    // The metadata was asked at this run's authority, which is not where App 2 asks.
    if setting.is_of_another_cloud(of_token) {
        return Rule::Broken;
    }
    // Easy Auth compares with the issuer in the metadata.
    let expected = issuer_of_metadata(evidence);
    if expected.is_some() && expected == token.issuer() {
        return Rule::Holds;
    }
    match (setting.tenant_guid(), of_token.tenant_guid()) {
        (Some(setting), Some(token)) if setting != token => return Rule::Broken,
        (Some(_), Some(_)) => {}
        _ => return Rule::Open,
    }
    match (setting.version, of_token.version) {
        (Some(setting), Some(token)) if setting == token => Rule::Holds,
        _ => Rule::Open,
    }
}

fn audience_finding(subject: Subject<'_>, entra: &EntraProvider, rule: Rule, issuer: &IssuerView) -> Option<Found> {
    let Subject { evidence, token, seen, .. } = subject;
    let audiences = token.list("aud");
    let shown = audiences.join(", ");
    let list = joined(&accepted(entra));
    let source = target::validating_source(evidence);
    let about = |code: Code, key: &'static str| {
        Found::error(code, says(key))
            .value("audience", shown.as_str())
            .value("accepted", list.as_str())
            .value("token_audience", audiences.join(" "))
            .differs(Difference::of(AUDIENCE, accepted(entra), Some(shown.as_str()), source.as_str()))
            .because_of(Origin::Claim("aud"), format!("aud = {shown}"))
            .because_of(
                Origin::SettingsPath(settings_path::ALLOWED_AUDIENCES),
                phrase("audience.accepted").with("accepted", list.as_str()).with("source", source.as_str()),
            )
    };
    match rule {
        Rule::Holds | Rule::Hidden => None,
        Rule::Broken if for_another_application(evidence, &audiences) => {
            Some(about(Code::TokenForWrongResource, "settings"))
        }
        Rule::Broken | Rule::Implicit if explained_by_version(evidence, token, entra, issuer) => None,
        Rule::Broken | Rule::Implicit => {
            let joint_entry = entra
                .allowed_audiences
                .iter()
                .flatten()
                .map(Audience::as_str)
                .find(|entry| entry.split([',', ' ']).any(|part| audiences.contains(&part)));
            let finding = about(Code::AudienceNotAllowed, "settings").value_if_any("entry", joint_entry);
            Some(beside_the_other_form(subject, rule, finding))
        }
        // A trailing slash that was asked for is step 3's finding.
        Rule::Open => (seen == Seen::Refused && !slash_was_asked_for(evidence))
            .then(|| about(Code::AudienceNotAllowed, "near-miss").confidence(Confidence::Likely)),
    }
}

/// An audience that no list has, after the call with the token for the bare client ID, which App 2 always accepts
/// (documentation of the Entra provider).
fn beside_the_other_form(subject: Subject<'_>, rule: Rule, mut finding: Found) -> Found {
    let evidence = subject.evidence;
    // A token that is broken in itself is refused in every form.
    let other = target::other_audience(evidence).filter(|_| !subject.earlier.token_is_broken());
    let confidence = match (rule, other) {
        (_, Some(true)) | (Rule::Broken, None) => Confidence::Certain,
        // The audience is wrong, and something else refuses as well.
        (Rule::Broken, Some(false)) | (_, None) => Confidence::Likely,
        (_, Some(false)) => Confidence::Possible,
    };
    let call = evidence.exchange(&Purpose::CallOtherAudience).filter(|_| other.is_some()).map(target::evidence);
    finding.evidence.splice(0..0, call);
    finding.confidence(confidence)
}

fn slash_was_asked_for(evidence: &Evidence<'_>) -> bool {
    evidence.resource.as_ref().is_some_and(|chosen| chosen.value.ends_with('/'))
}

/// Whether the token's version explains an audience that is not accepted: a v1 token has the URI, and App 2 is set up
/// for v2 tokens (issuer v2, no URI among the audiences), whose audience would be the client ID. A v1 token for the
/// client ID that App 2 accepted disproves it, and the portal's own form of the issuer proves nothing.
fn explained_by_version(
    evidence: &Evidence<'_>,
    token: &DecodedToken,
    entra: &EntraProvider,
    issuer: &IssuerView,
) -> bool {
    if issuer.is_portals_v2() || target::other_audience(evidence) == Some(true) {
        return false;
    }
    let own = entra.client_id.as_ref().is_some_and(|id| {
        token
            .list("aud")
            .iter()
            .any(|audience| audience.to_ascii_lowercase().contains(&id.as_str().to_ascii_lowercase()))
    });
    let no_uri = entra.allowed_audiences.iter().flatten().all(Audience::is_client_id);
    own && no_uri && issuer.other_version() == Some((Version::V1, Version::V2))
}

fn issuer_finding(subject: Subject<'_>, entra: &EntraProvider, issuer: &IssuerView, audience: Rule) -> Option<Found> {
    let Subject { evidence, token, seen, .. } = subject;
    // A tenant that the authority does not know is step 2's finding.
    if matches!(issuer.rule, Rule::Holds | Rule::Hidden) || target::issuer_resolves(evidence) == Some(false) {
        return None;
    }
    let source = target::validating_source(evidence);
    let expected = issuer_of_metadata(evidence).or_else(|| entra.issuer.clone());
    let setting = entra.issuer.as_ref().map_or("not set", Issuer::as_str);
    let about = |code: Code, key: &'static str| {
        Found::error(code, says(key))
            .value_if_any("setting", entra.issuer.as_ref().map(ToString::to_string))
            .differs(Difference::of(ISSUER, &expected, token.text("iss"), source.as_str()))
            .because_of(Origin::Claim("iss"), format!("iss = {}", token.text("iss").unwrap_or("none")))
            .because_of(
                Origin::SettingsPath(settings_path::ISSUER),
                phrase("audience.issuer").with("setting", setting).with("source", source.as_str()),
            )
    };
    let of_app = issuer.setting.as_ref();
    if issuer.other_tenant() {
        let tenant = token.tenant().or_else(|| issuer.token.tenant.clone());
        let tenant = tenant.map(|tenant| tenant.to_string()).unwrap_or_default();
        let of_app = of_app.and_then(|setting| setting.tenant.as_ref());
        let of_app = of_app.map(ToString::to_string).unwrap_or_default();
        // A tenant that differs says more than the issuer that has it.
        return Some(
            about(Code::ForeignTenantToken, "settings")
                .differs(Difference::of(TENANT, [&of_app], Some(&tenant), source.as_str()))
                .value("token_tenant", tenant)
                .value("target_tenant", of_app),
        );
    }
    let is_refused = seen == Seen::Refused;
    let external = of_app.is_some_and(|setting| setting.external);
    if external && !issuer.token.external && is_refused {
        return Some(about(Code::IssuerNotAccepted, "authority").confidence(Confidence::Likely));
    }
    if of_app.is_some_and(|setting| setting.is_of_another_cloud(&issuer.token)) {
        let confidence = if is_refused { Confidence::Likely } else { Confidence::Possible };
        let finding = about(Code::IssuerNotAccepted, "cloud").differs(Difference::of(
            ISSUER,
            &entra.issuer,
            token.text("iss"),
            source.as_str(),
        ));
        return Some(finding.confidence(confidence));
    }
    if let Some((of_token, of_setting)) = issuer.other_version() {
        // Registrations that the portal set up have this issuer and got v1 tokens, which App 2 accepts as far as is
        // known.
        let portals = issuer.is_portals_v2();
        if portals && (!is_refused || target::other_audience(evidence) == Some(true)) {
            return None;
        }
        let confidence = if is_refused && !portals { Confidence::Likely } else { Confidence::Possible };
        // Whether the middleware tolerates the other version is not established: no refusal, no fault.
        let is_blocking = is_refused || matches!(audience, Rule::Broken | Rule::Implicit);
        let severity = if is_blocking { Severity::Error } else { Severity::Warning };
        let finding = about(Code::AudienceTokenVersionMismatch, "settings")
            .value("of_setting", of_setting.word())
            .value("of_token", of_token.word())
            .value("audience", token.list("aud").join(", "))
            .confidence(confidence);
        return Some(Found { severity, ..finding });
    }
    // A malformed issuer is step 2's finding.
    if !is_refused || of_app.is_some_and(|setting| setting.fault.is_some() || setting.any_tenant) {
        return None;
    }
    Some(about(Code::IssuerNotAccepted, "settings").confidence(Confidence::Possible))
}

/// The name of the audience's rule.
pub const AUDIENCE_RULE: &str = "audience";

fn compared(token: &DecodedToken, entra: &EntraProvider, audience: Rule, issuer: &IssuerView) -> Vec<rule::Rule> {
    let audiences =
        phrase("audience.rule").with("value", joined(&accepted(entra))).when("hidden", audience == Rule::Hidden);
    let setting = phrase("audience.rule")
        .with_some("value", entra.issuer.as_ref().map(ToString::to_string))
        .when("hidden", issuer.rule == Rule::Hidden);
    vec![
        rule::Rule::new(AUDIENCE_RULE, audiences, token.list("aud").join(", "), audience.verdict()),
        rule::Rule::new("issuer", setting, token.text("iss").unwrap_or("none"), issuer.rule.verdict()),
    ]
}
