//! The embedded lab: identity endpoint, Entra, App 2, Azure Resource Manager and Graph on loopback.
//!
//! It plays the other side of every wire with real HTTP, real signatures and real validation, from the documented and
//! captured behaviour of the services alone. It shares no reader of tokens, settings or challenges with the rest of the
//! program, so that both cannot make the same mistake.
//!
//! ```text
//! scenarios.toml ─▶ changes ─▶ World ◀─ every server reads it at every request
//! ```
//!
//! The world is plain data (`world`); a scenario is the healthy world with named changes (`scenario`, `patch`); each
//! service is one file. [`Lab::az`] changes the world as the Azure CLI would, [`Lab::apply_fix`] by what the scenario
//! knows. Dropping the [`Lab`] stops its servers and removes its files.

mod app;
mod app_service;
mod azure_cli;
mod bench;
mod client;
mod clock;
mod entra;
mod error;
mod files;
mod front_end;
mod graph;
mod healthy;
mod http;
mod issue;
mod keys;
mod log;
mod managed_identity;
mod other;
mod patch;
mod platforms;
mod protected_app;
mod put;
mod resource_manager;
mod running;
pub mod scenario;
mod server;
mod services;
mod settings;
mod shared;
mod target_kinds;
mod tenants;
mod tls;
mod validation;
mod variables;
mod world;

pub use bench::Fault;
pub use error::LabError;
pub use http::{Received, Server};
pub use keys::Keys;
pub use running::{Lab, LabOptions};
pub use scenario::{Change, Expectation, Expected, Scenario};
