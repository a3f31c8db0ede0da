//! The evaluation of audience and issuer against App 2's settings, rule by rule.

use super::subject::Subject;
use crate::check::prelude::*;
use crate::check::scope::written_as_scope;

/// The name of the audience's rule.
pub const AUDIENCE_RULE: &str = "audience";

/// Whether the token satisfies a rule, whatever the call showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Holds,
    Broken,
    /// `api://<App 2's client ID>`, unlisted: the client ID alone is accepted; whether this form is isn't established.
    Implicit,
    /// Whether App 2 tolerates this is not established.
    Open,
    /// The source has the setting and hides its value.
    Hidden,
}

impl Outcome {
    const fn verdict(self) -> Verdict {
        match self {
            Self::Holds => Verdict::Holds,
            Self::Broken => Verdict::Broken,
            Self::Implicit | Self::Open | Self::Hidden => Verdict::Unknown,
        }
    }
}

pub(super) fn judge(subject: Subject<'_>, report: &mut StepReport) {
    let Some((entra, source)) = target::validating_entra(subject.evidence) else { return };
    let compared = Compared::of(subject, entra, source.to_string());
    report.rules.extend(compared.rules());
    let found = compared.audience_finding().into_iter().chain(compared.issuer_finding());
    report.findings.extend(found.map(|finding| weigh(subject.evidence, subject.earlier, finding)));
}

/// The token beside the settings that validate it.
struct Compared<'a> {
    subject: Subject<'a>,
    entra: &'a EntraProvider,
    /// Where the settings were read.
    source: String,
    /// The token's issuer.
    issuer: issuer::Parts,
    /// App 2's openIdIssuer.
    setting: Option<issuer::Parts>,
    of_audience: Outcome,
    of_issuer: Outcome,
}

impl<'a> Compared<'a> {
    fn of(subject: Subject<'a>, entra: &'a EntraProvider, source: String) -> Self {
        let Subject { evidence, token, .. } = subject;
        let issuer = token.issuer().unwrap_or_default().parts();
        let setting = entra.issuer.as_ref().map(|setting| evidence.parts_of_setting(setting));
        let of_issuer = match &setting {
            None if subject.is_shown(AuthSettings::shows_issuer) => Outcome::Open,
            None => Outcome::Hidden,
            Some(setting) => match issuer_outcome(subject, &issuer, setting) {
                // Whether App 2 takes blanks off is not established.
                Outcome::Holds if entra.issuer.as_ref().is_some_and(Issuer::is_padded) => Outcome::Open,
                outcome => outcome,
            },
        };
        let of_audience = audience_outcome(subject, entra);
        Self { subject, entra, source, issuer, setting, of_audience, of_issuer }
    }

    fn rules(&self) -> [Rule; 2] {
        let token = self.subject.token;
        let expected = |value: Option<String>, outcome| {
            phrase("audience.rule").with_some("value", value).when("hidden", outcome == Outcome::Hidden)
        };
        let audiences = expected(Some(joined(&self.entra.accepted_audiences())), self.of_audience);
        let setting = expected(self.entra.issuer.as_ref().map(ToString::to_string), self.of_issuer);
        let issuer = token.text("iss").unwrap_or("none");
        [
            Rule::new(AUDIENCE_RULE, audiences, token.list("aud").join(", "), self.of_audience.verdict()),
            Rule::new("issuer", setting, issuer, self.of_issuer.verdict()),
        ]
        .map(|rule| Rule { source: self.source.as_str().into(), ..rule })
    }

    fn about_audience(&self, code: Code, key: &'static str) -> Found {
        let accepted = self.entra.accepted_audiences();
        let accepts = phrase("audience.accepted").with("accepted", joined(&accepted));
        let audience = self.subject.audience();
        self.subject
            .about_audience(code, key)
            .value("accepted", joined(&accepted))
            .differs(Difference::of(AUDIENCE, accepted, Some(&audience), self.source.as_str()))
            .because_claim("aud", audience)
            .because_setting(settings_path::ALLOWED_AUDIENCES, accepts.with("source", self.source.as_str()))
    }

    fn audience_finding(&self) -> Option<Found> {
        let Subject { evidence, token, .. } = self.subject;
        let about = |code, key| Some(self.about_audience(code, key));
        let is_assumed = || assume::of(evidence).iter().any(Assumption::changes_audiences);
        match self.of_audience {
            Outcome::Holds | Outcome::Hidden => None,
            Outcome::Broken if self.subject.is_for_another_application() => {
                about(Code::TokenForWrongResource, "settings")
            }
            Outcome::Broken | Outcome::Implicit if self.is_explained_by_version() => None,
            Outcome::Broken if let Some(found) = self.as_scope() => Some(self.beside_the_other_form(found)),
            Outcome::Broken | Outcome::Implicit => {
                let audiences = token.list("aud");
                let has_several = |entry: &&str| entry.split([',', ' ']).any(|part| audiences.contains(&part));
                let joint = self.entra.allowed_audiences.iter().flatten().map(Audience::as_str).find(has_several);
                let finding = self.about_audience(Code::AudienceNotAllowed, "settings").value_if_any("entry", joint);
                Some(self.beside_the_other_form(finding))
            }
            // Of an audience that is only assumed, no call has shown whether App 2 tolerates it.
            Outcome::Open if is_assumed() => about(Code::AudienceNotAllowed, "assumed"),
            // A trailing slash that was asked for is step 3's finding.
            Outcome::Open if evidence.requested().is_some_and(|asked| asked.ends_with('/')) => None,
            Outcome::Open if evidence.refuses_the_token() => about(Code::AudienceNotAllowed, "near-miss"),
            Outcome::Open => None,
        }
    }

    /// An audience that would be accepted without the scope at its end.
    fn as_scope(&self) -> Option<Found> {
        let audience = self.subject.audience();
        let resource = resource::normalise(&audience).value;
        let is_accepted = |accepted: &Audience| accepted.likeness(&resource) != Likeness::Different;
        let mut found = written_as_scope(&audience, "audience");
        let finding = found.pop().filter(|_| self.entra.accepted_audiences().iter().any(is_accepted))?;
        Some(finding.because_claim("aud", audience))
    }

    /// An audience that no list has, after the call with the token for the bare client ID, which App 2 always accepts.
    fn beside_the_other_form(&self, mut finding: Found) -> Found {
        let Subject { evidence, earlier, .. } = self.subject;
        // A token that is broken in itself is refused in every form.
        let other = target::other_audience(evidence).filter(|_| !earlier.found(Means::BrokenToken));
        let confidence = match (self.of_audience, other) {
            (_, Some(true)) | (Outcome::Broken, None) => Confidence::Certain,
            // The audience is wrong, and something else refuses as well.
            (Outcome::Broken, Some(false)) | (_, None) => Confidence::Likely,
            (_, Some(false)) => Confidence::Possible,
        };
        let call = evidence.exchange(&Purpose::CallOtherAudience).filter(|_| other.is_some()).map(EvidenceLine::from);
        finding.evidence.splice(0..0, call);
        // To accept another registration's name would open App 2 to every token for that one.
        finding.confidence(confidence).likely_unless(!self.subject.is_unconfirmed())
    }

    /// Whether the token's version explains an audience that is not accepted: a v1 token has the URI, and App 2 is set
    /// up for v2 tokens (issuer v2, no URI among the audiences), whose audience would be the client ID. A v1 token for
    /// the client ID that App 2 accepted disproves it, and the portal's own form of the issuer proves nothing.
    fn is_explained_by_version(&self) -> bool {
        if self.setting_is(issuer::Parts::is_portals_v2)
            || self.other_tenant().is_some()
            || target::other_audience(self.subject.evidence) == Some(true)
        {
            return false;
        }
        let audience = self.subject.audience().to_ascii_lowercase();
        let own = self.entra.client_id.as_ref().is_some_and(|id| audience.contains(&id.as_str().to_ascii_lowercase()));
        let no_uri = self.entra.allowed_audiences.iter().flatten().all(Audience::is_client_id);
        own && no_uri && self.other_version() == Some((Version::V1, Version::V2))
    }

    fn setting_is(&self, so: impl Fn(&issuer::Parts) -> bool) -> bool {
        self.setting.as_ref().is_some_and(so)
    }

    /// The tenants of token and setting, where they differ.
    fn other_tenant(&self) -> Option<(&TenantId, &TenantId)> {
        self.issuer.other_tenant(self.setting.as_ref()?)
    }

    /// The versions of token and setting, where they differ.
    fn other_version(&self) -> Option<(Version, Version)> {
        let setting = self.setting.as_ref().filter(|setting| setting.fault.is_none() && !setting.any_tenant);
        self.issuer.other_version(setting?)
    }

    fn about_issuer(&self, code: Code, key: &'static str) -> Found {
        let setting = self.entra.issuer.as_ref();
        let reads = phrase("audience.issuer").with("setting", setting.map_or("not set", Issuer::as_str));
        let of_token = self.subject.token.text("iss");
        let expected = self.subject.evidence.issuer_of_metadata().or_else(|| setting.cloned());
        Found::of(code, key)
            .value_if_any("setting", setting.map(ToString::to_string))
            .differs(Difference::of(ISSUER, expected, of_token, self.source.as_str()))
            .because_claim("iss", of_token.unwrap_or("none"))
            .because_setting(settings_path::ISSUER, reads.with("source", self.source.as_str()))
    }

    fn issuer_finding(&self) -> Option<Found> {
        let evidence = self.subject.evidence;
        let is_elsewhere = self.setting_is(|setting| evidence.is_of_another_service(setting));
        // A tenant that the authority does not know is step 2's finding.
        let is_unknown =
            target::issuer_resolves(evidence) == Some(false) || evidence.other_id_as_tenant(self.entra).is_some();
        if matches!(self.of_issuer, Outcome::Holds | Outcome::Hidden) || is_unknown {
            return None;
        }
        let is_refused = evidence.refuses_the_token();
        let is_external = self.setting_is(|setting| setting.external) && !self.issuer.external;
        let not_accepted = |key| Some(self.about_issuer(Code::IssuerNotAccepted, key));
        match () {
            () if self.setting_is(|setting| setting.refuses_tenant_of(&self.issuer)) => not_accepted("consumers"),
            () if !is_elsewhere && let Some((of_token, setting)) = self.other_tenant() => {
                // A tenant that differs says more than the issuer that has it.
                let tenant = self.subject.token.tenant().unwrap_or_else(|| of_token.clone()).to_string();
                let difference = Difference::of(TENANT, [setting], Some(&tenant), self.source.as_str());
                let finding = self.about_issuer(Code::ForeignTenantToken, "settings").differs(difference);
                Some(finding.value("token_tenant", tenant).value("target_tenant", setting.to_string()))
            }
            () if is_refused && (is_external || is_elsewhere) => not_accepted("authority"),
            () if self.setting_is(|setting| evidence.is_setting_of_another_cloud(setting, &self.issuer)) => {
                let of_token = self.subject.token.text("iss");
                let difference = Difference::of(ISSUER, &self.entra.issuer, of_token, self.source.as_str());
                not_accepted("cloud").map(|finding| finding.differs(difference).likely_if(is_refused))
            }
            () if !is_elsewhere && let Some(versions) = self.other_version() => self.version_finding(versions),
            // A malformed issuer is step 2's finding.
            () if is_refused && !self.setting_is(|setting| setting.fault.is_some() || setting.any_tenant) => {
                not_accepted("settings")
            }
            () => None,
        }
    }

    fn version_finding(&self, (of_token, of_setting): (Version, Version)) -> Option<Found> {
        let evidence = self.subject.evidence;
        let is_refused = evidence.refuses_the_token();
        // Registrations that the portal set up have this issuer and v1 tokens, which App 2 accepts as far as is known.
        let portals = self.setting_is(issuer::Parts::is_portals_v2);
        // Of a pair that is only assumed, no call has shown whether App 2 tolerates it.
        let is_assumed = assume::of(evidence).iter().any(Assumption::changes_issuer);
        if portals && !is_assumed && (!is_refused || target::other_audience(evidence) == Some(true)) {
            return None;
        }
        // Whether the middleware tolerates the other version is not established: no refusal, no fault.
        let breaks_audience = matches!(self.of_audience, Outcome::Broken | Outcome::Implicit);
        let finding = self
            .about_issuer(Code::AudienceTokenVersionMismatch, "settings")
            .value("of_setting", of_setting.word())
            .value("of_token", of_token.word())
            .value("audience", self.subject.audience());
        let confidence = Confidence::likely_if(is_refused && !portals);
        Some(finding.error_if(is_refused || is_assumed || breaks_audience, confidence))
    }
}

fn audience_outcome(subject: Subject<'_>, entra: &EntraProvider) -> Outcome {
    let accepted = entra.accepted_audiences();
    let own = |allowed: &Audience| entra.client_id.as_ref().is_some_and(|id| Audience::from(id) == *allowed);
    let mut outcome = Outcome::Broken;
    for audience in subject.token.list("aud") {
        for allowed in &accepted {
            match resource::likeness(allowed.as_str().trim(), audience) {
                Likeness::Same if allowed.as_str() == audience => return Outcome::Holds,
                Likeness::Same | Likeness::Case | Likeness::TrailingSlash => outcome = Outcome::Open,
                Likeness::OtherForm if outcome == Outcome::Broken && own(allowed) => outcome = Outcome::Implicit,
                Likeness::OtherForm | Likeness::Different => {}
            }
        }
    }
    // The hidden list may have the audience.
    if subject.is_shown(AuthSettings::shows_audiences) { outcome } else { Outcome::Hidden }
}

fn issuer_outcome(subject: Subject<'_>, of_token: &issuer::Parts, setting: &issuer::Parts) -> Outcome {
    let Subject { evidence, token, .. } = subject;
    let expected = evidence.issuer_of_metadata();
    match (setting.tenant_guid(), of_token.tenant_guid()) {
        _ if setting.any_tenant || setting.external || evidence.is_of_another_service(setting) => Outcome::Open,
        _ if setting.fault.is_some() || setting.refuses_tenant_of(of_token) => Outcome::Broken,
        // The metadata was asked at this run's authority, which is not where an App 2 of another cloud asks.
        _ if evidence.is_setting_of_another_cloud(setting, of_token) => Outcome::Broken,
        // Easy Auth compares with the issuer in the metadata.
        _ if expected.is_some() && expected == token.issuer() => Outcome::Holds,
        (Some(setting), Some(token)) if setting != token => Outcome::Broken,
        (Some(_), Some(_)) if setting.version.is_some() && setting.version == of_token.version => Outcome::Holds,
        _ => Outcome::Open,
    }
}
