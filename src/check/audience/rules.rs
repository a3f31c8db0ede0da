//! The evaluation of audience and issuer against App 2's settings, rule by rule.

use super::subject::Subject;
use crate::check::prelude::*;
use crate::check::rule;
use crate::check::scope::written_as_scope;

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
    let Some(entra) = target::validating_entra(evidence) else { return };
    let audience = audience_rule(evidence, token, entra);
    let issuer = IssuerView::of(evidence, token, entra);
    let source = target::validating_source(evidence);
    let rules = compared(token, entra, audience, &issuer);
    report.rules.extend(rules.into_iter().map(|rule| rule::Rule { source: source.as_str().into(), ..rule }));
    let of_audience = audience_finding(subject, entra, audience, &issuer);
    let of_issuer = issuer_finding(subject, entra, &issuer, audience);
    let weighed = |finding| weigh(evidence, subject.earlier, finding);
    report.findings.extend(of_audience.into_iter().chain(of_issuer).map(weighed));
}

/// Whether the settings that are compared show something.
fn is_shown(evidence: &Evidence<'_>, shows: fn(&AuthSettings) -> bool) -> bool {
    target::validating(evidence).is_none_or(|(_, settings)| shows(settings))
}

fn audience_rule(evidence: &Evidence<'_>, token: &DecodedToken, entra: &EntraProvider) -> Rule {
    let accepted = entra.accepted_audiences();
    let own = |allowed: &Audience| entra.client_id.as_ref().is_some_and(|id| Audience::from(id) == *allowed);
    let mut rule = Rule::Broken;
    for audience in token.list("aud") {
        for allowed in &accepted {
            match resource::likeness(allowed.as_str().trim(), audience) {
                Likeness::Same if allowed.as_str() == audience => return Rule::Holds,
                Likeness::Same | Likeness::Case | Likeness::TrailingSlash => rule = Rule::Open,
                Likeness::OtherForm if rule == Rule::Broken && own(allowed) => rule = Rule::Implicit,
                Likeness::OtherForm | Likeness::Different => {}
            }
        }
    }
    // The hidden list may have the audience.
    if is_shown(evidence, AuthSettings::shows_audiences) { rule } else { Rule::Hidden }
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
        let rule = match &setting {
            None if is_shown(evidence, AuthSettings::shows_issuer) => Rule::Open,
            None => Rule::Hidden,
            Some(setting) => match issuer_rule(evidence, token, &of_token, setting) {
                // Whether App 2 takes blanks off is not established.
                Rule::Holds if entra.issuer.as_ref().is_some_and(Issuer::is_padded) => Rule::Open,
                rule => rule,
            },
        };
        Self { token: of_token, setting, rule }
    }

    /// Whether something is so of the setting.
    fn setting_is(&self, so: impl Fn(&issuer::Parts) -> bool) -> bool {
        self.setting.as_ref().is_some_and(so)
    }

    /// The versions of token and setting, where they differ.
    fn other_version(&self) -> Option<(Version, Version)> {
        let setting = self.setting.as_ref().filter(|setting| setting.fault.is_none() && !setting.any_tenant)?.version?;
        let token = self.token.version?;
        (setting != token).then_some((token, setting))
    }
}

/// The issuer in the metadata of App 2's openIdIssuer.
fn issuer_of_metadata(evidence: &Evidence<'_>) -> Option<Issuer> {
    let json = evidence.answer(&Purpose::IssuerMetadata).and_then(Answer::json)?;
    json.get("issuer")?.as_str().map(Issuer::new)
}

/// A setting that names its tenant by a domain, with the tenant ID from the metadata.
fn with_tenant_of_metadata(evidence: &Evidence<'_>, setting: issuer::Parts) -> issuer::Parts {
    if setting.tenant_guid().is_some() || setting.any_tenant || setting.external || setting.fault.is_some() {
        return setting;
    }
    let known = issuer_of_metadata(evidence).and_then(|issuer| issuer.parts().tenant_guid().cloned());
    issuer::Parts { tenant: known.or(setting.tenant), ..setting }
}

fn issuer_rule(
    evidence: &Evidence<'_>,
    token: &DecodedToken,
    of_token: &issuer::Parts,
    setting: &issuer::Parts,
) -> Rule {
    let expected = issuer_of_metadata(evidence);
    match (setting.tenant_guid(), of_token.tenant_guid()) {
        _ if setting.any_tenant || setting.external || evidence.is_of_another_service(setting) => Rule::Open,
        _ if setting.fault.is_some() || setting.refuses_tenant_of(of_token) => Rule::Broken,
        // The metadata was asked at this run's authority, which is not where an App 2 of another cloud asks.
        _ if is_of_another_cloud(evidence, of_token, setting) => Rule::Broken,
        // Easy Auth compares with the issuer in the metadata.
        _ if expected.is_some() && expected == token.issuer() => Rule::Holds,
        (Some(setting), Some(token)) if setting != token => Rule::Broken,
        (Some(_), Some(_)) if setting.version.is_some() && setting.version == of_token.version => Rule::Holds,
        _ => Rule::Open,
    }
}

/// Whether App 2's issuer is of another cloud than the token's, which a version 1 issuer alone may not show.
fn is_of_another_cloud(evidence: &Evidence<'_>, of_token: &issuer::Parts, setting: &issuer::Parts) -> bool {
    let own = || evidence.own_cloud();
    setting.is_of_another_cloud(of_token) || of_token.is_of_a_known_cloud() && setting.is_of_another_cloud(&own())
}

fn audience_finding(subject: Subject<'_>, entra: &EntraProvider, rule: Rule, issuer: &IssuerView) -> Option<Found> {
    let Subject { evidence, token, .. } = subject;
    let source = target::validating_source(evidence);
    let about = |code: Code, key: &'static str| {
        let list = joined(&entra.accepted_audiences());
        let accepts = phrase("audience.accepted").with("accepted", list.as_str()).with("source", source.as_str());
        subject
            .about_audience(code, key)
            .value("accepted", list)
            .differs(Difference::of(AUDIENCE, entra.accepted_audiences(), Some(subject.audience()), source.as_str()))
            .because_claim("aud", subject.audience())
            .because_setting(settings_path::ALLOWED_AUDIENCES, accepts)
    };
    match rule {
        Rule::Holds | Rule::Hidden => None,
        Rule::Broken if subject.is_for_another_application() => Some(about(Code::TokenForWrongResource, "settings")),
        Rule::Broken | Rule::Implicit if explained_by_version(subject, entra, issuer) => None,
        Rule::Broken if let Some(found) = as_scope(subject, entra) => Some(beside_the_other_form(subject, rule, found)),
        Rule::Broken | Rule::Implicit => {
            let audiences = token.list("aud");
            let has_several = |entry: &&str| entry.split([',', ' ']).any(|part| audiences.contains(&part));
            let joint = entra.allowed_audiences.iter().flatten().map(Audience::as_str).find(has_several);
            let finding = about(Code::AudienceNotAllowed, "settings").value_if_any("entry", joint);
            Some(beside_the_other_form(subject, rule, finding))
        }
        // A trailing slash that was asked for is step 3's finding.
        Rule::Open => {
            let slash_was_asked_for = evidence.requested().is_some_and(|asked| asked.ends_with('/'));
            // Of an audience that is only assumed, no call has shown whether App 2 tolerates it.
            if assume::of(evidence).iter().any(Assumption::changes_audiences) {
                return Some(about(Code::AudienceNotAllowed, "assumed"));
            }
            (subject.is_refused() && !slash_was_asked_for).then(|| about(Code::AudienceNotAllowed, "near-miss"))
        }
    }
}

/// An audience that would be accepted without the scope at its end.
fn as_scope(subject: Subject<'_>, entra: &EntraProvider) -> Option<Found> {
    let resource = resource::normalise(&subject.audience()).value;
    let is_accepted = |accepted: &Audience| accepted.likeness(&resource) != Likeness::Different;
    let mut found = written_as_scope(&subject.audience(), "audience");
    let finding = found.pop().filter(|_| entra.accepted_audiences().iter().any(is_accepted))?;
    Some(finding.because_claim("aud", subject.audience()))
}

/// An audience that no list has, after the call with the token for the bare client ID, which App 2 always accepts.
fn beside_the_other_form(subject: Subject<'_>, rule: Rule, mut finding: Found) -> Found {
    let evidence = subject.evidence;
    // A token that is broken in itself is refused in every form.
    let other = target::other_audience(evidence).filter(|_| !subject.earlier.found(Means::BrokenToken));
    let confidence = match (rule, other) {
        (_, Some(true)) | (Rule::Broken, None) => Confidence::Certain,
        // The audience is wrong, and something else refuses as well.
        (Rule::Broken, Some(false)) | (_, None) => Confidence::Likely,
        (_, Some(false)) => Confidence::Possible,
    };
    // To accept another registration's name would open App 2 to every token for that one.
    let most = if subject.is_unconfirmed() { Confidence::Likely } else { Confidence::Certain };
    let call = evidence.exchange(&Purpose::CallOtherAudience).filter(|_| other.is_some()).map(EvidenceLine::from);
    finding.evidence.splice(0..0, call);
    finding.confidence(confidence.min(most))
}

/// Whether the token's version explains an audience that is not accepted: a v1 token has the URI, and App 2 is set up
/// for v2 tokens (issuer v2, no URI among the audiences), whose audience would be the client ID. A v1 token for the
/// client ID that App 2 accepted disproves it, and the portal's own form of the issuer proves nothing.
fn explained_by_version(subject: Subject<'_>, entra: &EntraProvider, issuer: &IssuerView) -> bool {
    let tenant = issuer.token.tenant_guid();
    let is_foreign = |setting: &issuer::Parts| setting.tenant_guid().zip(tenant).is_some_and(|(own, of)| own != of);
    if issuer.setting_is(|setting| setting.is_portals_v2() || is_foreign(setting))
        || target::other_audience(subject.evidence) == Some(true)
    {
        return false;
    }
    let audience = subject.audience().to_ascii_lowercase();
    let own = entra.client_id.as_ref().is_some_and(|id| audience.contains(&id.as_str().to_ascii_lowercase()));
    let no_uri = entra.allowed_audiences.iter().flatten().all(Audience::is_client_id);
    own && no_uri && issuer.other_version() == Some((Version::V1, Version::V2))
}

fn issuer_finding(subject: Subject<'_>, entra: &EntraProvider, issuer: &IssuerView, audience: Rule) -> Option<Found> {
    let Subject { evidence, token, .. } = subject;
    let is_elsewhere = issuer.setting_is(|setting| evidence.is_of_another_service(setting));
    // A tenant that the authority does not know is step 2's finding.
    let is_unknown = !is_elsewhere && target::issuer_resolves(evidence) == Some(false)
        || evidence.other_id_as_tenant(entra).is_some();
    if matches!(issuer.rule, Rule::Holds | Rule::Hidden) || is_unknown {
        return None;
    }
    let source = target::validating_source(evidence);
    let expecting = |expected: &Option<Issuer>| Difference::of(ISSUER, expected, token.text("iss"), source.as_str());
    let about = |code: Code, key: &'static str| {
        let setting = entra.issuer.as_ref().map_or("not set", Issuer::as_str);
        let reads = phrase("audience.issuer").with("setting", setting).with("source", source.as_str());
        Found::of(code, key)
            .value_if_any("setting", entra.issuer.as_ref().map(ToString::to_string))
            .differs(expecting(&issuer_of_metadata(evidence).or_else(|| entra.issuer.clone())))
            .because_claim("iss", token.text("iss").unwrap_or("none"))
            .because_setting(settings_path::ISSUER, reads)
    };
    if issuer.setting_is(|setting| setting.refuses_tenant_of(&issuer.token)) {
        return Some(about(Code::IssuerNotAccepted, "consumers"));
    }
    let of_setting = issuer.setting.as_ref().and_then(issuer::Parts::tenant_guid);
    if let Some((of_setting, of_token)) = of_setting.zip(issuer.token.tenant_guid())
        && of_setting != of_token
        && !is_elsewhere
    {
        let tenant = token.tenant().unwrap_or_else(|| of_token.clone()).to_string();
        // A tenant that differs says more than the issuer that has it.
        let finding = about(Code::ForeignTenantToken, "settings")
            .differs(Difference::of(TENANT, [of_setting], Some(&tenant), source.as_str()))
            .value("token_tenant", tenant);
        return Some(finding.value("target_tenant", of_setting.to_string()));
    }
    let is_refused = subject.is_refused();
    let is_external = issuer.setting_is(|setting| setting.external) && !issuer.token.external;
    if (is_external || is_elsewhere) && is_refused {
        return Some(about(Code::IssuerNotAccepted, "authority"));
    }
    if issuer.setting_is(|setting| is_of_another_cloud(evidence, &issuer.token, setting)) {
        let finding = about(Code::IssuerNotAccepted, "cloud").differs(expecting(&entra.issuer));
        return Some(finding.likely_if(is_refused));
    }
    if let Some((of_token, of_setting)) = issuer.other_version().filter(|_| !is_elsewhere) {
        // Registrations that the portal set up have this issuer and v1 tokens, which App 2 accepts as far as is known.
        let portals = issuer.setting_is(issuer::Parts::is_portals_v2);
        // Of a pair that is only assumed, no call has shown whether App 2 tolerates it.
        let is_assumed = assume::of(evidence).iter().any(Assumption::changes_issuer);
        if portals && !is_assumed && (!is_refused || target::other_audience(evidence) == Some(true)) {
            return None;
        }
        let confidence = if is_refused && !portals { Confidence::Likely } else { Confidence::Possible };
        // Whether the middleware tolerates the other version is not established: no refusal, no fault.
        let is_blocking = is_refused || is_assumed || matches!(audience, Rule::Broken | Rule::Implicit);
        let finding = about(Code::AudienceTokenVersionMismatch, "settings")
            .value("of_setting", of_setting.word())
            .value("of_token", of_token.word())
            .value("audience", subject.audience());
        return Some(finding.error_if(is_blocking, confidence));
    }
    // A malformed issuer is step 2's finding.
    let is_unclear = is_refused && !issuer.setting_is(|setting| setting.fault.is_some() || setting.any_tenant);
    is_unclear.then(|| about(Code::IssuerNotAccepted, "settings"))
}

/// The name of the audience's rule.
pub const AUDIENCE_RULE: &str = "audience";

fn compared(token: &DecodedToken, entra: &EntraProvider, audience: Rule, issuer: &IssuerView) -> Vec<rule::Rule> {
    let audiences = phrase("audience.rule")
        .with("value", joined(&entra.accepted_audiences()))
        .when("hidden", audience == Rule::Hidden);
    let setting = phrase("audience.rule")
        .with_some("value", entra.issuer.as_ref().map(ToString::to_string))
        .when("hidden", issuer.rule == Rule::Hidden);
    vec![
        rule::Rule::new(AUDIENCE_RULE, audiences, token.list("aud").join(", "), audience.verdict()),
        rule::Rule::new("issuer", setting, token.text("iss").unwrap_or("none"), issuer.rule.verdict()),
    ]
}
