//! The picture of the screen in the README is what the screen shows of a saved case. `INSTA_UPDATE=always` makes it
//! anew.

use std::path::Path;

use easyauth_doctor::tui::svg;

use crate::helpers::screens::{FAILS, saved};

#[test]
fn the_picture_of_the_readme_is_what_the_screen_shows() {
    let picture = svg::svg(&saved(FAILS), 110, 32);
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/screen.svg");
    if std::env::var("INSTA_UPDATE").is_ok_and(|wanted| wanted == "always") {
        std::fs::write(&place, &picture).unwrap();
    }
    assert!(std::fs::read_to_string(&place).unwrap() == picture, "it shows another screen");
}
