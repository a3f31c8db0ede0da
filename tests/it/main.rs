//! All integration tests in one binary: what one of them has observed of the lab, the others read.
//!
//! One file a subject. A new file must be named here; `architecture.rs` fails where one is not.
//! `cargo test --locked --test it judging::` runs one file's tests.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test may fail loudly, and reads clocks"
)]

#[cfg_attr(not(unix), allow(dead_code, reason = "tests of files and signals are for Unix"))]
mod helpers;

mod architecture;
mod budgets;
mod cli_input;
#[cfg(unix)]
mod cli_process;
mod cli_render;
mod cli_secrets;
mod cli_surface;
mod cli_verify;
mod combinations;
mod commands;
#[cfg(unix)]
mod completing;
mod dependencies;
mod explain;
mod explain_pasted;
mod explain_sdks;
mod explained;
mod field;
mod fixes;
mod formatting;
#[cfg(unix)]
mod grace;
#[cfg(unix)]
mod input_limits;
#[cfg(unix)]
mod input_messages;
#[cfg(unix)]
mod input_numbers;
#[cfg(unix)]
mod input_outputs;
#[cfg(unix)]
mod input_pause;
#[cfg(unix)]
mod input_token;
#[cfg(unix)]
mod input_trust;
#[cfg(unix)]
mod isolation;
mod json_report;
mod judging;
mod junit;
mod keys;
mod knowledge;
mod lab_bench;
mod lab_services;
mod lab_wires;
#[cfg(unix)]
mod pasting;
mod picture;
mod places;
mod plan;
mod platforms;
#[cfg(unix)]
mod probe_hostile;
mod readme;
mod reports;
#[cfg(unix)]
mod screen;
#[cfg(unix)]
mod screen_journeys;
#[cfg(unix)]
mod screen_tasks;
#[cfg(unix)]
mod screen_terminal;
mod sdk;
#[cfg(unix)]
mod session;
mod settings_printed;
mod settings_shapes;
#[cfg(unix)]
mod shown_answers;
#[cfg(unix)]
mod shown_environment;
#[cfg(unix)]
mod shown_named;
#[cfg(unix)]
mod shown_sent;
#[cfg(unix)]
mod shown_settings;
#[cfg(unix)]
mod shown_short;
#[cfg(unix)]
mod targets;
#[cfg(unix)]
mod token_copied;
#[cfg(unix)]
mod token_given;
#[cfg(unix)]
mod token_routing;
#[cfg(unix)]
mod tour;
mod views;
mod waits;
mod what_if;
mod wording;
mod words_in_assets;
