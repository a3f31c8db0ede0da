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

mod doctor;
mod farewell;
mod files;
pub mod keys;
pub mod look;
pub mod model;
pub mod page;
pub mod run;
pub mod svg;
pub mod terminal;
#[cfg(test)]
mod tests;
pub mod update;
pub mod view;

pub use farewell::{opens, shows_lab};
pub use run::{Exit, Options, Prepare, Preparing, RunError, Source, run};
pub use terminal::{Abilities, Wishes};
