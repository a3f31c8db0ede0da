//! What several tests need.

#[cfg(unix)]
pub mod answering;
pub mod effort;
pub mod every_view;
pub mod jq;
pub mod lab_client;
pub mod large_case;
pub mod network;
pub mod observing;
pub mod outputs;
pub mod program;
pub mod random_keys;
#[cfg(unix)]
pub mod routing;
pub mod screens;
#[cfg(unix)]
pub mod server;
#[cfg(unix)]
pub mod terminal;
pub mod words;
#[cfg(unix)]
pub mod world;
