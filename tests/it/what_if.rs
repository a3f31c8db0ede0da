//! What if: the change that the program proposes for a root cause takes it away, and what blocks next comes to light.

use easyauth_doctor::case::code::Code;
use easyauth_doctor::report::{Confidence, Report};

use crate::helpers::observing;

/// The report with the proposed change made in thought.
fn with_its_change(report: &Report) -> Option<Report> {
    let change = report.suggested_assumption()?;
    let mut case = report.observed().clone();
    case.inputs.assume.push(change);
    Some(Report::of(case))
}

#[test]
fn the_proposed_change_takes_the_root_cause_away_and_shows_what_blocks_next() {
    let mut tried = 0;
    for observed in observing::all_with_settings() {
        let (name, report) = (&observed.scenario.name, &observed.report);
        let Some(root) = &report.diagnosis.root_cause else {
            continue;
        };
        let Some(after) = with_its_change(report) else {
            continue;
        };
        tried += 1;
        let now = after.diagnosis.root_cause.as_ref().map(|cause| cause.code);
        assert_ne!(now, Some(root.code), "{name}: the proposed change mends nothing");
        // Whether App 2 tolerates the other token version is not established, so it is never foretold.
        let foretold = report
            .diagnosis
            .next
            .iter()
            .map(|fault| fault.code)
            .find(|code| *code != Code::AudienceTokenVersionMismatch);
        if let Some(foretold) = foretold
            && root.confidence == Confidence::Certain
        {
            assert!(
                now == Some(foretold) || after.diagnosis.next.iter().any(|fault| fault.code == foretold),
                "{name}: {foretold} was foretold and is gone: {now:?}"
            );
        }
    }
    assert!(tried >= 25, "only {tried} changes were tried");
}
