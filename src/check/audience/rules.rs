//! The evaluation of audience and issuer against App 2's settings, rule by rule.

use crate::case::audience::Audience;
use crate::case::auth_settings::EntraProvider;
use crate::case::code::Code;
use crate::case::exchange::{Answer, Purpose};
use crate::case::ids::joined;
use crate::case::issuer::{self, Issuer, Version};
use crate::case::resource::{self, Likeness};
use crate::case::text::visible;
use crate::case::token::DecodedToken;
use crate::check::difference::{AUDIENCE, Difference, ISSUER, TENANT};
use crate::check::rule::{self, Verdict};
use crate::check::weigh::weigh;
use crate::check::{Confidence, Found, Severity, StepReport};
use crate::evidence::target::Seen;
use crate::evidence::{Evidence, EvidenceLine, Origin, settings_path, target};

use super::subject::{Subject, accepted, for_another_application};

/// What a rule says before the call's own word is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    Holds,
    Broken,
    /// `api://<App 2's client id>`, unlisted: the client id is accepted without being listed, and whether this form of it
    /// is too is not established.
    Implicit,
    /// Whether App 2 tolerates this is not established.
    Open,
    /// The source names the setting without telling its value.
    Untold,
}

impl Rule {
    const fn verdict(self) -> Verdict {
        match self {
            Self::Holds => Verdict::Holds,
            Self::Broken => Verdict::Broken,
            Self::Implicit | Self::Open | Self::Untold => Verdict::Unknown,
        }
    }
}

/// Judges audience and issuer by the settings.
pub(super) fn judge(subject: Subject<'_>, report: &mut StepReport) {
    let Subject { evidence, token, .. } = subject;
    let Some(entra) = target::validating_entra(evidence) else {
        return;
    };
    let told = target::validating(evidence).is_none_or(|(_, settings)| settings.shows_audiences());
    let audience = audience_rule(token, entra, told);
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

fn audience_rule(token: &DecodedToken, entra: &EntraProvider, told: bool) -> Rule {
    let accepted = accepted(entra);
    let audiences = token.list("aud");
    let own = |allowed: &Audience| {
        entra
            .client_id
            .as_ref()
            .is_some_and(|id| Audience::from(id) == *allowed)
    };
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
    // What is hidden may hold the audience.
    if told { rule } else { Rule::Untold }
}

/// The token's issuer beside the one that the settings lead to.
struct IssuerView {
    token: issuer::Parts,
    setting: Option<issuer::Parts>,
    rule: Rule,
}

impl IssuerView {
    fn of(evidence: &Evidence<'_>, token: &DecodedToken, entra: &EntraProvider) -> Self {
        let of_token = token.issuer().unwrap_or_default().parts();
        let setting = entra
            .issuer
            .as_ref()
            .map(|setting| with_tenant_of_metadata(evidence, setting.parts()));
        let told = target::validating(evidence).is_none_or(|(_, settings)| settings.shows_issuer());
        let untold = if told { Rule::Open } else { Rule::Untold };
        let rule = setting
            .as_ref()
            .map_or(untold, |setting| issuer_rule(evidence, token, &of_token, setting));
        Self {
            token: of_token,
            setting,
            rule,
        }
    }

    fn other_tenant(&self) -> bool {
        let tenants = self
            .setting
            .as_ref()
            .and_then(issuer::Parts::tenant_guid)
            .zip(self.token.tenant_guid());
        tenants.is_some_and(|(setting, token)| setting != token)
    }

    fn other_version(&self) -> Option<(Version, Version)> {
        let setting = self
            .setting
            .as_ref()
            .filter(|setting| setting.fault.is_none() && !setting.any_tenant)?
            .version?;
        let token = self.token.version?;
        (setting != token).then_some((token, setting))
    }
}

/// The issuer that the metadata names to which App 2's setting leads.
fn issuer_of_metadata(evidence: &Evidence<'_>) -> Option<Issuer> {
    let json = target::answer(evidence, &Purpose::IssuerMetadata).and_then(Answer::json)?;
    json.get("issuer")?.as_str().map(Issuer::new)
}

/// A setting that names its tenant by a domain, with the tenant's id from the metadata.
fn with_tenant_of_metadata(evidence: &Evidence<'_>, setting: issuer::Parts) -> issuer::Parts {
    if setting.tenant_guid().is_some() || setting.any_tenant || setting.external || setting.fault.is_some() {
        return setting;
    }
    let tenant = issuer_of_metadata(evidence)
        .map(|issuer| issuer.parts())
        .and_then(|issuer| issuer.tenant_guid().cloned());
    issuer::Parts {
        tenant: tenant.or(setting.tenant),
        ..setting
    }
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
    // The issuer in the metadata that the setting leads to is what Easy Auth compares with.
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
    let Subject {
        evidence, token, seen, ..
    } = subject;
    let audiences = token.list("aud");
    let shown = visible(&audiences.join(", "));
    let list = joined(&accepted(entra));
    let source = target::validating_source(evidence);
    let support = [
        EvidenceLine::of(Origin::Claim("aud"), format!("aud = {shown}")),
        EvidenceLine::of(
            Origin::SettingsPath(settings_path::ALLOWED_AUDIENCES),
            format!("accepted audiences: {list} (from {source})"),
        ),
    ];
    let with_evidence = |finding: Found| {
        let difference = Difference::of(AUDIENCE, accepted(entra), Some(audiences.join(", ")), source.as_str());
        let finding = finding.differs(difference);
        support
            .iter()
            .fold(finding, |finding, line| finding.because(line.clone()))
    };
    match rule {
        Rule::Holds | Rule::Untold => None,
        Rule::Broken if for_another_application(evidence, &audiences) => Some(with_evidence(
            Found::error(Code::TokenForWrongResource, format!("The token is for another application: its audience is {shown}, and App 2 accepts {list}. Ask for the token with App 2's resource."))
                .value("token_audience", audiences.join(" ")),
        )),
        Rule::Broken | Rule::Implicit if explained_by_version(token, entra, issuer) => None,
        Rule::Broken | Rule::Implicit => {
            let joined = entra
                .allowed_audiences
                .iter()
                .flatten()
                .map(Audience::as_str)
                .find(|entry| entry.split([',', ' ']).any(|part| audiences.contains(&part)))
                .map(|entry| format!(" The entry \"{}\" holds it together with others in one text: each must be an entry of its own.", visible(entry)))
                .unwrap_or_default();
            let finding = Found::error(Code::AudienceNotAllowed, format!("The token's audience {shown} is not one that App 2 accepts: its client id and allowedAudiences give {list}.{joined}"))
                .value("token_audience", audiences.join(" "));
            Some(with_evidence(beside_the_other_form(subject, rule, finding)))
        }
        // A slash at the end that was asked for is step 3's finding.
        Rule::Open => (seen == Seen::Refused && !slash_was_asked_for(evidence)).then(|| {
            with_evidence(
                Found::error(Code::AudienceNotAllowed, format!("The token's audience {shown} differs from the accepted {list} only in letter case, a slash at the end or blanks, and App 2 answers 401."))
                    .confidence(Confidence::Likely)
                    .confirm(format!("add {shown} to allowedAudiences exactly as it stands in the token"))
                    .value("token_audience", audiences.join(" ")),
            )
        }),
    }
}

/// An audience that no list holds, after the word of the token for the bare client id, which App 2 always accepts
/// (documentation of the Entra provider).
fn beside_the_other_form(subject: Subject<'_>, rule: Rule, finding: Found) -> Found {
    let evidence = subject.evidence;
    // A token that is broken in itself is refused in every form.
    let taken = target::other_audience(evidence).filter(|_| !subject.earlier.token_is_broken());
    let other = evidence
        .exchange(&Purpose::CallOtherAudience)
        .filter(|_| taken.is_some());
    let confidence = match (rule, taken) {
        (_, Some(true)) => Confidence::Certain,
        // The audience is wrong, and something else refuses as well.
        (Rule::Broken, Some(false)) => Confidence::Likely,
        (Rule::Broken, None) => Confidence::Certain,
        (_, Some(false)) => Confidence::Possible,
        (_, None) => Confidence::Likely,
    };
    let finding = match other {
        Some(exchange) => finding.because(target::evidence(exchange)),
        None => finding,
    };
    finding
        .confidence(confidence)
        .confirm("App 2's log: IDX10214 means this; or a token for the bare client id, which is always accepted")
}

fn slash_was_asked_for(evidence: &Evidence<'_>) -> bool {
    evidence
        .resource
        .as_ref()
        .is_some_and(|chosen| chosen.value.ends_with('/'))
}

/// Whether the token's version explains an audience that is not accepted: a v1 token carries the URI, App 2 is set up
/// for v2 tokens (issuer v2, no URI among the audiences), whose audience would be the client id.
fn explained_by_version(token: &DecodedToken, entra: &EntraProvider, issuer: &IssuerView) -> bool {
    let own = entra.client_id.as_ref().is_some_and(|id| {
        token.list("aud").iter().any(|audience| {
            audience
                .to_ascii_lowercase()
                .contains(&id.as_str().to_ascii_lowercase())
        })
    });
    let no_uri = entra.allowed_audiences.iter().flatten().all(Audience::is_client_id);
    own && no_uri && issuer.other_version() == Some((Version::V1, Version::V2))
}

fn issuer_finding(subject: Subject<'_>, entra: &EntraProvider, issuer: &IssuerView, audience: Rule) -> Option<Found> {
    let Subject {
        evidence, token, seen, ..
    } = subject;
    if matches!(issuer.rule, Rule::Holds | Rule::Untold) {
        return None;
    }
    let setting = entra
        .issuer
        .as_ref()
        .map_or_else(|| "not set".to_owned(), |setting| visible(setting.as_str()));
    let shown = visible(token.text("iss").unwrap_or("none"));
    let source = target::validating_source(evidence);
    let wanted = issuer_of_metadata(evidence).or_else(|| entra.issuer.clone());
    let supported = |finding: Found| {
        // A tenant that differs says more than the issuer that has it.
        let difference = finding.difference.clone();
        let of_issuer = || Difference::of(ISSUER, &wanted, token.text("iss"), source.as_str());
        finding
            .differs(difference.unwrap_or_else(of_issuer))
            .because_of(Origin::Claim("iss"), format!("iss = {shown}"))
            .because_of(
                Origin::SettingsPath(settings_path::ISSUER),
                format!("openIdIssuer = {setting} (from {source})"),
            )
    };
    // A tenant that the authority does not know is step 2's finding.
    if target::issuer_resolves(evidence) == Some(false) {
        return None;
    }
    if issuer.other_tenant() {
        let tenant = token.tenant().or_else(|| issuer.token.tenant.clone());
        let tenant = tenant.map_or_else(|| "unknown".to_owned(), |tenant| visible(tenant.as_str()));
        let of_app = issuer
            .setting
            .as_ref()
            .and_then(|setting| setting.tenant.as_ref())
            .map(ToString::to_string)
            .unwrap_or_default();
        return Some(supported(
            Found::error(Code::ForeignTenantToken, format!("The token comes from tenant {tenant}, but App 2 accepts tokens of tenant {of_app} (openIdIssuer {setting})."))
                .differs(Difference::of(TENANT, [&of_app], Some(&tenant), target::validating_source(evidence)))
                .value("token_tenant", tenant.clone())
                .value("target_tenant", of_app.clone()),
        ));
    }
    let external = issuer.setting.as_ref().is_some_and(|setting| setting.external);
    if external && !issuer.token.external && seen == Seen::Refused {
        return Some(supported(
            Found::error(
                Code::IssuerNotAccepted,
                format!("App 2 trusts another kind of authority (openIdIssuer {setting}) than the one that issued the token (iss {shown})."),
            )
            .confidence(Confidence::Likely)
            .confirm("open <openIdIssuer>/.well-known/openid-configuration: its \"issuer\" must equal the token's iss"),
        ));
    }
    if let Some((of_token, of_setting)) = issuer.other_version() {
        let observed = seen == Seen::Refused;
        let resource_says = visible(&token.list("aud").join(", "));
        let finding = Found::error(
            Code::AudienceTokenVersionMismatch,
            format!(
                "App 2 is set up for {} tokens (openIdIssuer {setting}), but its registration gets {} tokens: iss {shown}, aud {resource_says}. requestedAccessTokenVersion of the registration and openIdIssuer must fit.",
                of_setting.word(),
                of_token.word()
            ),
        )
        .confidence(if observed { Confidence::Likely } else { Confidence::Possible })
        .confirm("az ad app show --id <App 2's client id> --query api.requestedAccessTokenVersion; App 2's log shows IDX10205 for the issuer, IDX10214 for the audience");
        // Whether the middleware tolerates the other version is not established: no refusal, no fault.
        let blocking = observed || matches!(audience, Rule::Broken | Rule::Implicit);
        return Some(supported(if blocking {
            finding
        } else {
            Found {
                severity: Severity::Warning,
                ..finding
            }
        }));
    }
    let broken_form = issuer.setting.as_ref().is_some_and(|setting| setting.fault.is_some());
    // A malformed issuer is step 2's finding; here it would only say the same again.
    if broken_form || issuer.setting.as_ref().is_some_and(|setting| setting.any_tenant) || seen != Seen::Refused {
        return None;
    }
    Some(supported(
        Found::error(Code::IssuerNotAccepted, format!("The token's issuer {shown} may not be the one that App 2's openIdIssuer ({setting}) leads to, and App 2 answers 401."))
            .confidence(Confidence::Possible)
            .confirm("open <openIdIssuer>/.well-known/openid-configuration: its \"issuer\" must equal the token's iss"),
    ))
}

/// The name of the audience's rule.
pub const AUDIENCE_RULE: &str = "audience";

/// What the table shows where the source names a setting and hides its value.
const UNTOLD: &str = "not told by the source";

fn accepted_or_untold(entra: &EntraProvider, rule: Rule) -> String {
    let mut all = joined(&accepted(entra));
    if rule == Rule::Untold {
        all.push_str(if all.is_empty() { "" } else { ", " });
        all.push_str(UNTOLD);
    }
    visible(&all)
}

fn compared(token: &DecodedToken, entra: &EntraProvider, audience: Rule, issuer: &IssuerView) -> Vec<rule::Rule> {
    vec![
        rule::Rule::new(
            AUDIENCE_RULE,
            accepted_or_untold(entra, audience),
            visible(&token.list("aud").join(", ")),
            audience.verdict(),
        ),
        rule::Rule::new(
            "issuer",
            match &entra.issuer {
                Some(setting) => visible(setting.as_str()),
                None if issuer.rule == Rule::Untold => UNTOLD.to_owned(),
                None => "openIdIssuer not set".to_owned(),
            },
            visible(token.text("iss").unwrap_or("none")),
            issuer.rule.verdict(),
        ),
    ]
}
