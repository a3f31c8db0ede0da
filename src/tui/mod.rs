//! The interactive screen: one [`model`], one [`update`], one [`view`]; whatever waits or writes happens in
//! [`run`](mod@run).
//!
//! ```text
//! keys, session events, signals ─▶ Message ─▶ update(&mut Model) ─▶ effects ─▶ session · terminal · files
//!                                                   │
//!                                                   ▼
//!                                             view(&Model) ─▶ frame, only when something changed
//!                                                                    and the one before is written
//! ```

pub mod bench;
pub mod desk;
mod doctor;
mod farewell;
pub mod files;
#[cfg(test)]
mod journeys;
pub mod keys;
pub mod look;
pub mod model;
pub mod page;
pub mod run;
mod several;
pub mod svg;
pub mod terminal;
#[cfg(test)]
mod tests;
pub mod update;
pub mod view;

pub use desk::{AnyError, Desk, Preparing, Refused};
pub use farewell::{checks_all, compares, opens, shows_lab};
pub use files::from_home;
pub use run::{Exit, Options, RunError, Source, run};
pub use terminal::{Abilities, Wishes};
