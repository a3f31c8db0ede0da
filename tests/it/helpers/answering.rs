//! App 2 as the field tests build it: what only the call gets, what the real tokens get, and a log beside it.

use easyauth_doctor::report::Confidence;
use serde_json::Value;

use super::server::{RESOURCE, Server, http};
use crate::field::caller::{Field, issued};
use crate::field::front::{For, Row, row};
use crate::field::target::{Brings, CALLER, JSON, PASSED, World, behind_easy_auth};

/// Easy Auth's own page accepts the caller, and this is the answer to the call alone.
pub fn only_the_call(status: &'static str, headers: &'static str, body: &'static str) -> World {
    World::of(move |head| {
        if head.starts_with("GET /.auth/me ") && Brings::of(head).is_real() {
            let claims = format!(r#"[{{"typ":"aud","val":"{RESOURCE}"}},{{"typ":"appid","val":"{CALLER}"}}]"#);
            let body = format!(r#"[{{"provider_name":"aad","user_id":"x","user_claims":{claims}}}]"#);
            return http("200 OK", JSON, &body);
        }
        let own = behind_easy_auth(head, |_| http(status, headers, body));
        own.replace(PASSED, if own.starts_with(&format!("HTTP/1.1 {status}")) { PASSED } else { "" })
    })
}

/// What the real tokens get from code behind Easy Auth.
pub fn real(
    name: &'static str,
    status: &'static str,
    headers: &str,
    body: &str,
    right: (&'static str, Confidence),
) -> Row {
    row(name, For::Real, (status, &format!("{PASSED}{headers}"), body), right)
}

/// App 2's log, with a line of the moment of the call.
pub fn with_log(backend: impl Fn(Brings) -> String + Send + Sync + 'static, log: &str) -> Value {
    let mut field = Field::app_service(|_| issued(RESOURCE));
    field.app2 = Server::answers(move |head| behind_easy_auth(head, &backend));
    let file = field.files.path().join("log");
    std::fs::write(&file, log).unwrap();
    field.option(&["--target-log", file.to_str().unwrap()]).check().0
}

/// This moment, as a log has it.
pub fn time(form: &str) -> String {
    chrono::Utc::now().format(form).to_string()
}
