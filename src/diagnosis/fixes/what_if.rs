//! The change that would mend a finding, in the words of `--assume`.

use crate::case::Case;
use crate::case::assume::Assumption;
use crate::case::code::Code;
use crate::check::Finding;

use super::values::Values;

/// The change of App 2's settings that would mend a finding, as `--assume` takes it (`allowedAudiences+=api://…`).
/// `None` where no setting mends it, or the value is not known.
#[must_use]
pub fn what_if(case: &Case, finding: &Finding) -> Option<String> {
    let values = Values { case, finding };
    let (change, value) = match finding.code {
        Code::EasyAuthNotActive => return Some("enabled=true".to_owned()),
        Code::AudienceNotAllowed | Code::ResourceTrailingSlash => ("allowedAudiences+=", "token_audience"),
        Code::AudienceTokenVersionMismatch | Code::IssuerNotAccepted | Code::IssuerInvalid => {
            ("issuer=", "issuer_for_token")
        }
        Code::CallerNotInAllowedApplications | Code::ObjectIdInAllowedApplications if values.is_claim_check() => {
            ("allowedClientApplications+=", "caller_client_id")
        }
        Code::CallerNotInAllowedApplications | Code::ObjectIdInAllowedApplications => {
            ("allowedApplications+=", "caller_client_id")
        }
        Code::PrincipalNotInAllowedIdentities | Code::ApplicationIdInAllowedIdentities | Code::GroupsClaimMissing => {
            ("allowedIdentities+=", "caller_object_id")
        }
        Code::TenantNotAllowed => ("allowedTenants+=", "token_tenant"),
        _ => return None,
    };
    // A value from the wire may be anything.
    let proposed = format!("{change}{}", values.text(value)?);
    Assumption::parse(&proposed).is_ok().then_some(proposed)
}
