//! What the observations say: each answer is read once into facts that every step shares, and the checks judge them.
//!
//! - what the answers say side by side ([`answers`]; who gave each, [`responder`](crate::knowledge::responder) says);
//! - what the identity's token requests say side by side (`refusal`);
//! - App 2's settings in force and how far they can be trusted ([`settings`]), its names ([`target`]);
//! - which lines of App 2's log are this run's ([`log`]).

// Numbers from outside may be anything: bound them, or saturate.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation))]
#![cfg_attr(not(test), deny(clippy::cast_possible_wrap, clippy::cast_sign_loss))]

pub mod answers;
mod gathered;
pub mod log;
pub(crate) mod prelude;
pub(crate) mod refusal;
pub mod settings;
pub mod target;

pub use gathered::{Evidence, Progress};
