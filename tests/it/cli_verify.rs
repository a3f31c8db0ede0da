//! `lab verify` must be able to say no; that every scenario is answered rightly is shown in `judging.rs`.

use std::sync::Arc;

use easyauth_doctor::lab::{Keys, scenario};
use easyauth_doctor::line::verify::{self, Mark};

/// A comparison that cannot fail would prove nothing: the report of one scenario against the expectation of another.
#[tokio::test]
async fn a_wrong_answer_is_seen_as_wrong() {
    let keys = Arc::new(Keys::generate().unwrap());
    let find = |name| scenario::find(name).unwrap();
    let report = verify::observed(&find("caller-not-in-allowed-applications"), true, keys)
        .await
        .unwrap();
    assert_eq!(
        verify::compare(&find("caller-not-in-allowed-applications"), true, &report).mark,
        Mark::Right
    );
    assert_eq!(
        verify::compare(&find("audience-not-allowed"), true, &report).mark,
        Mark::OverClaimed
    );
    assert!(verify::compare(&find("healthy"), true, &report).mark.is_bad());
    let healthy = verify::observed(&find("healthy"), true, Arc::new(Keys::generate().unwrap()))
        .await
        .unwrap();
    assert_eq!(
        verify::compare(&find("audience-not-allowed"), true, &healthy).mark,
        Mark::OverClaimed
    );
}
