//! `lab verify` must be able to say no; that every scenario is answered rightly is shown in `judging.rs`.

use easyauth_doctor::lab::scenario;
use easyauth_doctor::line::verify::{self, Mark};

use crate::helpers::observing;

/// A comparison that cannot fail would prove nothing: the report of one scenario against the expectation of another.
#[test]
fn a_wrong_answer_is_seen_as_wrong() {
    let find = |name| scenario::find(name).unwrap();
    let report = &observing::of("caller-not-in-allowed-applications", true).report;
    assert_eq!(verify::compare(&find("caller-not-in-allowed-applications"), true, report).mark, Mark::Right);
    assert_eq!(verify::compare(&find("audience-not-allowed"), true, report).mark, Mark::OverClaimed);
    assert!(verify::compare(&find("healthy"), true, report).mark.is_bad());
    let healthy = &observing::of("healthy", true).report;
    assert_eq!(verify::compare(&find("audience-not-allowed"), true, healthy).mark, Mark::OverClaimed);
}
