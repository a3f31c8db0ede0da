//! The interactive screen: one [`model`], one [`update`], one [`view`]; whatever waits or writes happens in
//! [`run`](mod@run).
//!
//! ```text
//! keys, session events, signals ─▶ Message ─▶ update(&mut Model) ─▶ effects ─▶ session · terminal · files
//!                                                   │
//!                                                   ▼
//!                                             view(&Model) ─▶ frame, only when something changed
//! ```

mod files;
pub mod keymap;
pub mod model;
pub mod run;
pub mod svg;
pub mod terminal;
#[cfg(test)]
mod tests;
pub mod theme;
pub mod update;
pub mod view;

pub use run::{Exit, Options, Source, run};
