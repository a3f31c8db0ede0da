//! Easy Auth's own page about the caller (`/.auth/me`), as App 2 answered it.

use serde_json::Value;

use super::Case;
use super::exchange::{Answer, Purpose};
use super::ids::is_guid;

impl Case {
    /// The callers that the page names, none among them where it names nobody; `None` where it isn't Easy Auth's.
    #[must_use]
    pub fn callers_seen(&self) -> Option<&[Value]> {
        let page = self.answer(&Purpose::AuthMe).filter(|answer| answer.status == 200).and_then(Answer::json)?;
        let is_caller = |entry: &Value| entry.get("provider_name").is_some();
        page.as_array().map(Vec::as_slice).filter(|callers| callers.iter().all(is_caller))
    }

    /// The client ID of the caller that App 2 saw.
    #[must_use]
    pub fn caller_seen(&self) -> Option<String> {
        let claims = self.callers_seen()?.first()?.get("user_claims")?.as_array()?;
        let of = |claim: &Value, name: &str| Some(claim.get(name)?.as_str()?.to_owned());
        let is_id = |claim: &&Value| of(claim, "typ").is_some_and(|kind| kind == "appid" || kind == "azp");
        of(claims.iter().find(is_id)?, "val").filter(|id| is_guid(id))
    }

    /// The same where it isn't the token's: something in front replaced that.
    #[must_use]
    pub fn another_caller(&self) -> Option<String> {
        let own = self.decoded()?.caller_client_id()?;
        self.caller_seen().filter(|seen| !seen.eq_ignore_ascii_case(own.as_str()))
    }
}
