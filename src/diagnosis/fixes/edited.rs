//! App 2's whole settings object with the fix in it, for the person to send back with a PUT.

use serde_json::{Map, Value as Json};

use crate::case::Case;
use crate::case::code::Code;
use crate::check::Finding;
use crate::evidence::target;

use super::pending_restart::stored_without;
use super::values::Values;

const PROVIDER: [&str; 3] = ["properties", "identityProviders", "azureActiveDirectory"];
const POLICY: &str = "defaultAuthorizationPolicy";

/// App 2's settings object with lists extended, or the issuer set, so that these findings are mended, and the codes of
/// those that it mends. `None` where the settings were not read whole, where a change's value is not known, and where
/// such a change mends none of them.
#[must_use]
pub fn edited_settings(case: &Case, findings: &[&Finding]) -> Option<(Json, Vec<Code>)> {
    let mut edited = editable(case)?.clone();
    let mut mended = Vec::new();
    // What is stored right already is not edited.
    for finding in findings
        .iter()
        .filter(|finding| stored_without(case, finding).is_none())
    {
        let Some(changes) = changes(&Values { case, finding }, finding.code) else {
            continue;
        };
        for (path, value) in changes {
            set(&mut edited, &path, value)?;
        }
        mended.push(finding.code);
    }
    (!mended.is_empty()).then_some((edited, mended))
}

/// The object as it is stored, else that of the settings in force, else of any other reading that holds it whole.
fn editable(case: &Case) -> Option<&Json> {
    let stored = target::stored_reading(case)
        .and_then(|reading| reading.outcome.as_deref().ok())
        .and_then(|settings| settings.editable.as_ref());
    if stored.is_some() {
        return stored;
    }
    let in_force = target::settings(case).and_then(|settings| settings.editable.as_ref());
    in_force.or_else(|| {
        case.settings
            .iter()
            .filter_map(|reading| reading.outcome.as_deref().ok())
            .find_map(|settings| settings.editable.as_ref())
    })
}

type Change = (Vec<&'static str>, Json);

fn changes(values: &Values, code: Code) -> Option<Vec<Change>> {
    let audiences = || {
        let list = values.list("allowed_audiences_union")?;
        Some((path(&["validation", "allowedAudiences"]), Json::from(list)))
    };
    let issuer = || {
        let issuer = values.issuer_for_token()?;
        Some((path(&["registration", "openIdIssuer"]), Json::from(issuer.as_str())))
    };
    match code {
        Code::EasyAuthNotActive => Some(vec![(vec!["properties", "platform", "enabled"], Json::from(true))]),
        Code::UnauthenticatedActionNotApplied => Some(vec![(
            vec!["properties", "globalValidation", "requireAuthentication"],
            Json::from(true),
        )]),
        Code::AudienceNotAllowed | Code::ResourceTrailingSlash => Some(vec![audiences()?]),
        Code::AudienceTokenVersionMismatch => Some(vec![issuer()?, audiences()?]),
        Code::IssuerNotAccepted | Code::IssuerInvalid => Some(vec![issuer()?]),
        Code::CallerNotInAllowedApplications | Code::ObjectIdInAllowedApplications => {
            let list = Json::from(values.list("allowed_applications_union")?);
            let place: &[&'static str] = if values.is_claim_check() {
                &["validation", "jwtClaimChecks", "allowedClientApplications"]
            } else {
                &["validation", POLICY, "allowedApplications"]
            };
            Some(vec![(path(place), list)])
        }
        Code::PrincipalNotInAllowedIdentities | Code::ApplicationIdInAllowedIdentities | Code::GroupsClaimMissing => {
            let list = Json::from(values.list("allowed_identities_union")?);
            Some(vec![(
                path(&["validation", POLICY, "allowedPrincipals", "identities"]),
                list,
            )])
        }
        _ => None,
    }
}

fn path(below_provider: &[&'static str]) -> Vec<&'static str> {
    PROVIDER.iter().chain(below_provider).copied().collect()
}

/// Sets the member at a path, whatever case its names are written in; absent objects on the way are made.
fn set(json: &mut Json, path: &[&str], value: Json) -> Option<()> {
    let Some((name, rest)) = path.split_first() else {
        *json = value;
        return Some(());
    };
    if json.is_null() {
        *json = Json::Object(Map::new());
    }
    let object = json.as_object_mut()?;
    let key = object
        .keys()
        .find(|key| key.eq_ignore_ascii_case(name))
        .cloned()
        .unwrap_or_else(|| (*name).to_owned());
    set(object.entry(key).or_insert(Json::Null), rest, value)
}
