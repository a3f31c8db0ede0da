//! IDs in App 2's policy that allow nobody: those of identities that were deleted, or made again with new IDs.

use crate::case::code::Code;
use crate::case::exchange::Purpose;
use crate::case::ids::{ClientId, joined};
use crate::check::{Confidence, Found, says};
use crate::evidence::{Evidence, target};

/// The IDs that no service principal of the tenant has. A client ID may be another tenant's, an object ID a user's.
pub(super) fn finding(evidence: &Evidence<'_>) -> Option<Found> {
    let absent = target::absent_ids(evidence).filter(|absent| !absent.is_empty())?;
    let entra = target::configured_entra(evidence)?;
    let applications = entra.allowed_applications.as_deref().unwrap_or_default();
    let is_application = |id: &String| ClientId::new(id.as_str()).is_in(applications);
    let asked = evidence.exchange(&Purpose::GraphListedIds).map(target::evidence);
    let finding = Found::warning(Code::ListedIdentityDeleted, says("graph"))
        .confidence(if absent.iter().all(is_application) { Confidence::Likely } else { Confidence::Possible })
        .when("several", absent.len() > 1)
        .value("listed", joined(&absent));
    Some(asked.into_iter().fold(finding, Found::because))
}
