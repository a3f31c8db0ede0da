//! The picture of the screen in the README, made by the program itself from the lab:
//! `cargo test --locked --test it picture:: -- --ignored`.

use std::path::Path;
use std::sync::Arc;

use easyauth_doctor::lab::{Keys, scenario};
use easyauth_doctor::line::verify;
use easyauth_doctor::tui::picture;

#[tokio::test]
#[ignore = "writes assets/screen.svg"]
async fn make_the_picture_of_the_readme() {
    let scenario = scenario::find("caller-not-in-allowed-applications").unwrap();
    let report = verify::observed(&scenario, true, Arc::new(Keys::generate().unwrap()))
        .await
        .unwrap();
    let picture = picture::svg(&report, 110, 32);
    assert!(picture.contains("caller-not-in-allowed-applications"));
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/screen.svg");
    std::fs::write(place, picture).unwrap();
}
