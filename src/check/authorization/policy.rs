//! The evaluation of App 2's policy for this token, rule by rule.

use crate::case::auth_settings::{AuthSettings, EntraProvider};
use crate::case::code::Code;
use crate::case::ids::{self, ClientId, ObjectId};
use crate::case::text::visible;
use crate::case::token::DecodedToken;
use crate::check::difference::{CLIENT_ID, Difference, GROUPS, OBJECT_ID, TENANT};
use crate::check::rule::{Rule, Verdict};
use crate::check::weigh::weigh;
use crate::check::{Confidence, Earlier, Found, Severity, StepReport};
use crate::evidence::{Evidence, Origin, settings_path, target};

/// What one source says of the caller.
struct Judged {
    source: String,
    findings: Vec<Found>,
    rows: Vec<Rule>,
}

impl Judged {
    fn of(source: String, rows: Vec<Rule>, parts: impl IntoIterator<Item = Option<Found>>) -> Self {
        Self {
            source,
            findings: parts.into_iter().flatten().collect(),
            rows,
        }
    }
}

/// Judges every part of the policy.
pub(super) fn judge(evidence: &Evidence<'_>, earlier: Earlier<'_>, token: &DecodedToken, report: &mut StepReport) {
    let Some(entra) = target::configured_entra(evidence) else {
        return;
    };
    let mut rows = Vec::new();
    let told = untold(evidence, &mut rows) == 0;
    let lists = [
        applications(entra, token, told, &mut rows),
        principals(entra, token, told, &mut rows),
    ];
    let lists = Judged::of(target::settings_source(evidence), rows, lists);
    let judged = [lists, claims(evidence, entra, token), beside(evidence, entra, token)];
    tell(evidence, earlier, judged, report);
}

/// Judges the parts of the policy that single `WEBSITE_AUTH_*` variables tell, where no source shows the rest.
pub(super) fn judge_variables(
    evidence: &Evidence<'_>,
    earlier: Earlier<'_>,
    token: &DecodedToken,
    report: &mut StepReport,
) {
    let Some(entra) = target::configured_entra(evidence) else {
        return;
    };
    let judged = [claims(evidence, entra, token), beside(evidence, entra, token)];
    if judged.iter().any(|judged| !judged.rows.is_empty()) {
        tell(evidence, earlier, judged, report);
    }
}

/// `jwtClaimChecks`: those that App 2 runs with, where its environment tells them.
fn claims(evidence: &Evidence<'_>, shown: &EntraProvider, token: &DecodedToken) -> Judged {
    let running = target::running_reading(evidence).and_then(|(reading, running)| {
        let entra = running.entra_enabled()?;
        let tells = entra.claim_check_applications.is_some() || entra.claim_check_groups.is_some();
        tells.then(|| (reading.source.to_string(), entra))
    });
    let (source, entra) = running.unwrap_or_else(|| (target::settings_source(evidence), shown));
    let mut rows = Vec::new();
    let parts = [
        claim_checks(entra, token, &mut rows),
        claim_groups(entra, token, &mut rows),
    ];
    Judged::of(source, rows, parts)
}

/// What app settings beside the authentication settings say.
fn beside(evidence: &Evidence<'_>, entra: &EntraProvider, token: &DecodedToken) -> Judged {
    let mut rows = Vec::new();
    let parts = [
        tenants(evidence, token, &mut rows),
        service_principal(evidence, entra, token, &mut rows),
    ];
    Judged::of(target::settings_source(evidence), rows, parts)
}

/// Judges the parts of the policy that a caller's names alone decide; groups are not among them.
pub(super) fn foresee(evidence: &Evidence<'_>, earlier: Earlier<'_>, caller: &DecodedToken, report: &mut StepReport) {
    let Some(entra) = target::configured_entra(evidence) else {
        return;
    };
    let mut rows = Vec::new();
    let by_group = entra.allowed_groups.as_ref().is_some_and(|groups| !groups.is_empty());
    let parts = [
        applications(entra, caller, target::policy_is_told(evidence), &mut rows),
        if by_group || caller.object_id().is_none() {
            None
        } else {
            principals(entra, caller, target::policy_is_told(evidence), &mut rows)
        },
        claim_checks(entra, caller, &mut rows),
        tenants(evidence, caller, &mut rows),
    ];
    let broken = parts
        .into_iter()
        .filter(|part| part.as_ref().is_some_and(|finding| finding.severity == Severity::Error));
    tell(
        evidence,
        earlier,
        [Judged::of(target::settings_source(evidence), rows, broken)],
        report,
    );
}

fn tell(
    evidence: &Evidence<'_>,
    earlier: Earlier<'_>,
    judged: impl IntoIterator<Item = Judged>,
    report: &mut StepReport,
) {
    let mut all = Vec::new();
    for Judged { source, findings, rows } in judged {
        for finding in findings {
            let mut finding = finding.because(format!("App 2's settings (from {source})"));
            if let Some(difference) = &mut finding.difference {
                difference.source = source.as_str().into();
            }
            report.find(weigh(evidence, earlier, finding));
        }
        all.extend(rows.into_iter().map(|rule| rule.from(&source)));
    }
    report.compare(all);
}

fn row(rows: &mut Vec<Rule>, name: &'static str, expected: String, found: String, verdict: Verdict) {
    rows.push(Rule::new(name, expected, found, verdict));
}

/// Whether a list of client IDs has an object ID, which is no name of an application.
fn has_object_id(list: &[ClientId], id: Option<&ObjectId>) -> bool {
    id.is_some_and(|id| ClientId::new(id.as_str()).is_in(list))
}

/// Whether a list of object IDs has a client ID, which is no name of a principal.
fn has_client_id(list: &[ObjectId], id: Option<&ClientId>) -> bool {
    id.is_some_and(|id| ObjectId::new(id.as_str()).is_in(list))
}

/// What a list holds that is the value with blanks around it, or with others in one text: whether the platform takes that for
/// the value is not established.
fn nearly(list: &[ClientId], value: Option<&ClientId>) -> Option<String> {
    let value = value?.as_str();
    list.iter()
        .find(|entry| {
            entry
                .as_str()
                .split([',', ';', ' '])
                .any(|part| part.trim().eq_ignore_ascii_case(value))
        })
        .map(|entry| visible(&format!("\"{entry}\"")))
}

fn shown(value: Option<impl AsRef<str>>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| visible(value.as_ref()))
}

fn joined(list: &[impl AsRef<str>]) -> String {
    visible(&ids::joined(list))
}

/// The groups that a token names.
fn groups_of(token: &DecodedToken) -> Option<String> {
    let groups = ids::joined(&token.groups());
    Some(groups).filter(|groups| !groups.is_empty())
}

/// Rows for the parts of the policy whose value the source hides, and how many there are: nothing can be said of them,
/// also where other rows hold.
fn untold(evidence: &Evidence<'_>, rows: &mut Vec<Rule>) -> usize {
    for name in target::settings(evidence)
        .into_iter()
        .flat_map(AuthSettings::undetermined_policy)
    {
        row(
            rows,
            name,
            "not told by the source (an expression, or a text where a list belongs)".to_owned(),
            String::new(),
            Verdict::Unknown,
        );
    }
    for path in target::settings(evidence)
        .into_iter()
        .flat_map(AuthSettings::unread_policy)
    {
        let unknown = format!("unknown: this program doesn't know {}", visible(path));
        row(rows, "another setting", unknown, String::new(), Verdict::Unknown);
    }
    rows.len()
}

/// `allowedApplications`: client ids, compared with `appid` or `azp`; enforced only when not empty.
fn applications(entra: &EntraProvider, token: &DecodedToken, told: bool, rows: &mut Vec<Rule>) -> Option<Found> {
    let caller = token.caller_client_id();
    let caller = caller.as_ref();
    let list = match entra.allowed_applications.as_deref() {
        None if !told => return None,
        None => {
            row(
                rows,
                "allowedApplications",
                "not set: any application of the tenant".to_owned(),
                shown(caller),
                Verdict::Holds,
            );
            return None;
        }
        Some([]) => {
            row(
                rows,
                "allowedApplications",
                "empty: any application of the tenant".to_owned(),
                shown(caller),
                Verdict::Holds,
            );
            return Some(Found::warning(
                Code::AllowedApplicationsEmpty,
                "allowedApplications is an empty list, which admits every application of the tenant; it does not block anything.",
            ));
        }
        Some(list) => list,
    };
    let admitted = caller.is_some_and(|id| id.is_in(list));
    row(
        rows,
        "allowedApplications",
        joined(list),
        shown(caller),
        Verdict::of(admitted),
    );
    if admitted {
        return None;
    }
    let client_id = shown(caller);
    let object_id = token.object_id();
    let object_id = object_id.as_ref();
    let supported = |finding: Found| {
        finding
            .differs(Difference::of(CLIENT_ID, list, caller, ""))
            .because_of(
                Origin::SettingsPath(settings_path::ALLOWED_APPLICATIONS),
                format!("allowedApplications = {}", joined(list)),
            )
            .because_of(
                Origin::Claim(token.caller_claim()),
                format!(
                    "the caller's client id is {client_id}, its object id {}",
                    shown(object_id)
                ),
            )
    };
    if has_object_id(list, object_id) {
        return Some(supported(
            Found::error(
                Code::ObjectIdInAllowedApplications,
                format!("allowedApplications holds the caller's object id {}, but wants its client id (application id) {client_id}.", shown(object_id)),
            )
            .value("caller_object_id", shown(object_id)),
        ));
    }
    if let Some(entry) = nearly(list, caller) {
        return Some(supported(
            Found::error(
                Code::CallerNotInAllowedApplications,
                format!("allowedApplications has the caller's client id {client_id} only within the entry {entry}, with blanks or other ids in one text; each id must be an entry of its own."),
            )
            .confidence(Confidence::Likely)
            .confirm("put the client id into the list as an entry of its own"),
        ));
    }
    let is_own = |id: &ClientId| {
        entra
            .client_id
            .as_ref()
            .is_some_and(|own| own.matches(&ClientId::new(id.as_str().trim())))
    };
    let only_itself = matches!(list, [only] if is_own(only));
    let why = if only_itself {
        " Only App 2 itself is listed: this is the portal's default, \"Allow requests only from this application itself\"."
    } else {
        ""
    };
    Some(supported(Found::error(
        Code::CallerNotInAllowedApplications,
        format!(
            "The caller's client id {client_id} is not in App 2's allowedApplications ({}).{why}",
            joined(list)
        ),
    )))
}

/// `allowedPrincipals`: object ids of identities, or groups; one of either suffices.
fn principals(entra: &EntraProvider, token: &DecodedToken, told: bool, rows: &mut Vec<Rule>) -> Option<Found> {
    let identities = entra.allowed_identities.as_deref().unwrap_or_default();
    let groups = entra.allowed_groups.as_deref().unwrap_or_default();
    let object_id = token.object_id();
    let object_id = object_id.as_ref();
    if identities.is_empty() && groups.is_empty() {
        if !told {
            return None;
        }
        row(
            rows,
            "allowedPrincipals",
            "not set: any identity".to_owned(),
            shown(object_id),
            Verdict::Holds,
        );
        return None;
    }
    let of_token = token.groups();
    let admitted = object_id.is_some_and(|id| id.is_in(identities)) || of_token.iter().any(|group| group.is_in(groups));
    let expected = [("identities", identities), ("groups", groups)]
        .iter()
        .filter(|(_, list)| !list.is_empty())
        .map(|(name, list)| format!("{name}: {}", joined(list)))
        .collect::<Vec<_>>()
        .join(" or ");
    let found = if of_token.is_empty() {
        format!("{}, no groups claim", shown(object_id))
    } else {
        format!("{}, {} groups", shown(object_id), of_token.len())
    };
    row(
        rows,
        "allowedPrincipals",
        expected.clone(),
        found,
        Verdict::of(admitted),
    );
    if admitted {
        return None;
    }
    let client_id = token.caller_client_id();
    let client_id = client_id.as_ref();
    let supported = |finding: Found| {
        // A hidden list of groups may admit a caller whom the identities do not.
        let sure = if told { finding.confidence } else { Confidence::Likely };
        let difference = if identities.is_empty() {
            Difference::of(GROUPS, groups, groups_of(token), "")
        } else {
            Difference::of(OBJECT_ID, identities, object_id, "")
        };
        finding
            .differs(difference)
            .confidence(sure)
            .because_of(
                Origin::SettingsPath(settings_path::ALLOWED_PRINCIPALS),
                format!("allowedPrincipals = {expected}"),
            )
            .because_of(Origin::Claim("oid"), format!("oid = {}", shown(object_id)))
    };
    if has_client_id(identities, client_id) {
        return Some(supported(Found::error(
            Code::ApplicationIdInAllowedIdentities,
            format!(
                "allowedPrincipals.identities holds the caller's client id {}, but wants the object id of its service principal, {}.",
                shown(client_id),
                shown(object_id)
            ),
        )));
    }
    let overage = token.claim("hasgroups").is_some() || token.claim("_claim_names").is_some();
    if identities.is_empty() && of_token.is_empty() {
        let why = if overage {
            "the token names its groups only by reference (group overage)"
        } else {
            "the token has no groups claim: tokens of applications carry none unless the registration asks for it (groupMembershipClaims)"
        };
        return Some(supported(Found::error(
            Code::GroupsClaimMissing,
            format!("App 2 admits members of groups only ({}), and {why}.", joined(groups)),
        )));
    }
    Some(supported(Found::error(
        Code::PrincipalNotInAllowedIdentities,
        format!(
            "The caller's object id {} is not among App 2's allowed principals ({expected}).",
            shown(object_id)
        ),
    )))
}

/// `jwtClaimChecks.allowedClientApplications`. Its exact claim and status are not established; it is used like
/// `allowedApplications`.
fn claim_checks(entra: &EntraProvider, token: &DecodedToken, rows: &mut Vec<Rule>) -> Option<Found> {
    let list = entra
        .claim_check_applications
        .as_deref()
        .filter(|list| !list.is_empty())?;
    let caller = token.caller_client_id();
    let caller = caller.as_ref();
    let admitted = caller.is_some_and(|id| id.is_in(list));
    row(
        rows,
        "jwtClaimChecks.allowedClientApplications",
        joined(list),
        shown(caller),
        Verdict::undocumented(admitted),
    );
    if admitted {
        return None;
    }
    let object_id = token.object_id();
    let object_id = object_id.as_ref();
    let support = format!("jwtClaimChecks.allowedClientApplications = {}", joined(list));
    let finding = if has_object_id(list, object_id) {
        Found::error(
            Code::ObjectIdInAllowedApplications,
            format!(
                "jwtClaimChecks.allowedClientApplications holds the caller's object id {}, but wants its client id {}.",
                shown(object_id),
                shown(caller)
            ),
        )
    } else {
        Found::error(
            Code::CallerNotInAllowedApplications,
            format!(
                "The caller's client id {} is not in App 2's jwtClaimChecks.allowedClientApplications ({}).",
                shown(caller),
                joined(list)
            ),
        )
    };
    Some(
        finding
            .differs(Difference::of(CLIENT_ID, list, caller, ""))
            .confidence(Confidence::Likely)
            .because_of(Origin::SettingsPath(settings_path::CLAIM_CHECK_APPLICATIONS), support)
            .value("list", "jwtClaimChecks.allowedClientApplications"),
    )
}

/// `jwtClaimChecks.allowedGroups`: taken like the groups of `allowedPrincipals`; not established either.
fn claim_groups(entra: &EntraProvider, token: &DecodedToken, rows: &mut Vec<Rule>) -> Option<Found> {
    let list = entra.claim_check_groups.as_deref().filter(|list| !list.is_empty())?;
    let of_token = token.groups();
    let admitted = of_token.iter().any(|group| group.is_in(list));
    let found = if of_token.is_empty() {
        "no groups claim".to_owned()
    } else {
        format!("{} groups", of_token.len())
    };
    row(
        rows,
        "jwtClaimChecks.allowedGroups",
        joined(list),
        found,
        Verdict::undocumented(admitted),
    );
    (!admitted).then(|| {
        let code = if of_token.is_empty() {
            Code::GroupsClaimMissing
        } else {
            Code::PrincipalNotInAllowedIdentities
        };
        Found::error(
            code,
            format!(
                "App 2's jwtClaimChecks.allowedGroups ({}) holds none of the token's groups.",
                joined(list)
            ),
        )
        .differs(Difference::of(GROUPS, list, groups_of(token), ""))
        .confidence(Confidence::Likely)
        .because_of(
            Origin::SettingsPath(settings_path::CLAIM_CHECK_GROUPS),
            format!("jwtClaimChecks.allowedGroups = {}", joined(list)),
        )
    })
}

/// `WEBSITE_AUTH_AAD_ALLOWED_TENANTS`: at most ten tenant ids; an empty value occurs in templates and is not known to block.
fn tenants(evidence: &Evidence<'_>, token: &DecodedToken, rows: &mut Vec<Rule>) -> Option<Found> {
    let list = target::allowed_tenants(evidence)?;
    let tenant = token.tenant();
    let tenant = tenant.as_ref();
    if list.is_empty() {
        row(
            rows,
            "WEBSITE_AUTH_AAD_ALLOWED_TENANTS",
            "empty".to_owned(),
            shown(tenant),
            Verdict::Unknown,
        );
        return None;
    }
    let admitted = tenant.is_some_and(|tenant| tenant.is_in(list));
    row(
        rows,
        "WEBSITE_AUTH_AAD_ALLOWED_TENANTS",
        joined(list),
        shown(tenant),
        Verdict::of(admitted),
    );
    (!admitted).then(|| {
        Found::error(
            Code::TenantNotAllowed,
            format!(
                "The token's tenant {} is not among App 2's allowed tenants (WEBSITE_AUTH_AAD_ALLOWED_TENANTS = {}).",
                shown(tenant),
                joined(list)
            ),
        )
        .differs(Difference::of(TENANT, list, tenant, ""))
        .because_of(Origin::Claim("tid"), format!("tid = {}", shown(tenant)))
        .value("token_tenant", shown(tenant))
    })
}

/// `WEBSITE_AUTH_AAD_REQUIRE_CLIENT_SERVICE_PRINCIPAL`, also in force when identities are listed: the token must have `oid`.
fn service_principal(
    evidence: &Evidence<'_>,
    entra: &EntraProvider,
    token: &DecodedToken,
    rows: &mut Vec<Rule>,
) -> Option<Found> {
    let forced = entra.allowed_identities.as_deref().is_some_and(|list| !list.is_empty());
    if target::requires_service_principal(evidence) != Some(true) && !forced {
        return None;
    }
    let object_id = token.object_id();
    let has = object_id.is_some();
    row(
        rows,
        "service principal required",
        "an oid claim".to_owned(),
        shown(object_id),
        Verdict::of(has),
    );
    (!has && !forced).then(|| {
        Found::error(
            Code::PrincipalNotInAllowedIdentities,
            format!("App 2 wants callers with a service principal in its tenant (WEBSITE_AUTH_AAD_REQUIRE_CLIENT_SERVICE_PRINCIPAL), and the token of {} has no oid.", shown(token.caller_client_id())),
        )
    })
}
