//! A resource that is a Microsoft API.

use crate::case::code::Code;
use crate::case::may_send::Decision;
use crate::case::resource::ChosenResource;
use crate::case::text::visible;
use crate::check::{Confidence, Finding};
use crate::evidence::{Evidence, target};

/// What is wrong with such a resource: a warning where App 2 lists it, or where the user wants its token sent.
pub(super) fn finding(case: &Evidence<'_>, chosen: &ChosenResource, api: &str) -> Finding {
    let own = target::client_id(case)
        .map(|(id, source)| format!(" App 2's client id is {id} (from {source})."))
        .unwrap_or_default();
    let finding = match target::listed_api(case, api) {
        Some(listed) => Finding::warning(
            Code::ResourceIsAnotherApi,
            format!(
                "The resource {} is {api}, and App 2's allowedAudiences has {}. Such a token also works at {api}; \
                 an Application ID URI of App 2's own is safer.",
                visible(&chosen.value),
                visible(&listed)
            ),
        ),
        None if matches!(case.decision, Some(Decision::Sent(_))) => {
            let sent = format!(
                "The resource {} is {api}, and its token was sent to App 2.",
                visible(&chosen.value)
            );
            match target::seen(case) {
                target::Seen::Refused => {
                    Finding::error(Code::ResourceIsAnotherApi, sent).confidence(Confidence::Likely)
                }
                target::Seen::Accepted | target::Seen::Silent => Finding::warning(Code::ResourceIsAnotherApi, sent),
            }
        }
        None => Finding::error(
            Code::ResourceIsAnotherApi,
            format!(
                "The resource {} is {api}, not App 2. A token for it works at {api}, so it isn't sent to App 2.{own}",
                visible(&chosen.value)
            ),
        )
        .confidence(target::is_another_api(case, api))
        .told_apart_by("App 2's settings: if allowedAudiences has this resource, App 2 accepts its token"),
    };
    finding.because(format!(
        "resource = {} (from {})",
        visible(&chosen.value),
        chosen.source.name()
    ))
}
