//! A lab behind the screen.

use std::sync::{Arc, Mutex, PoisonError};

use easyauth_doctor::cli::{DisplayOptions, LabOptions, OutputOptions};
use easyauth_doctor::lab::Lab;
use easyauth_doctor::line::loopback;
use easyauth_doctor::tui::Preparing;

/// The lab must outlive the screen that looks at it.
pub(super) type Kept = Arc<Mutex<Option<Lab>>>;

/// The title of the screen for this lab.
pub(super) fn title(options: &LabOptions) -> String {
    format!("lab {}", options.scenario)
}

/// The lab for somebody who has no target: a call that fails for the most common reason.
pub(super) fn first_scenario() -> LabOptions {
    LabOptions {
        command: None,
        scenario: "caller-not-in-allowed-applications".to_owned(),
        without_settings: false,
        delay: 0,
        output: OutputOptions::default(),
        display: DisplayOptions::default(),
    }
}

/// A lab that starts while the screen is there already: its keys take a noticeable part of a second, so they are
/// made on another thread.
pub(super) fn starting(options: &LabOptions, kept: &Kept) -> Preparing {
    let (place, started) = (Arc::clone(kept), options.clone());
    Box::pin(async move {
        let runtime = tokio::runtime::Handle::current();
        let starting = tokio::task::spawn_blocking(move || runtime.block_on(loopback::start(&started)));
        let (lab, prepared) = starting
            .await
            .map_err(|error| error.to_string())?
            .map_err(|error| error.to_string())?;
        *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(lab);
        Ok(prepared)
    })
}
