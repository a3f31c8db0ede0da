//! The picture of the screen in the README, made by the program itself from the lab:
//! `cargo test --locked --test it svg:: -- --ignored`.

use std::path::Path;

use easyauth_doctor::tui::svg;

use crate::helpers::observing;

#[test]
#[ignore = "writes assets/screen.svg"]
fn make_the_picture_of_the_readme() {
    let report = &observing::of("caller-not-in-allowed-applications", true).report;
    let picture = svg::svg(report, 110, 32);
    assert!(picture.contains("caller-not-in-allowed-applications"));
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/screen.svg");
    std::fs::write(place, picture).unwrap();
}
