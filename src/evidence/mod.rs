//! What the observations say: each answer is read once into facts that every step shares, and the checks judge them.
//!
//! - who gave an answer ([`responder`]), and what the answers say side by side ([`answers`]);
//! - what came of a token request (`refusal`);
//! - App 2's settings in force and how far they can be trusted ([`settings`]), its names ([`target`]);
//! - which lines of App 2's log are this run's ([`log`]).

#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        reason = "numbers from outside may be anything: bound them, or saturate"
    )
)]

pub mod answers;
mod evidence_line;
mod gathered;
pub mod log;
pub(crate) mod prelude;
pub(crate) mod refusal;
pub mod responder;
pub mod settings;
pub mod target;

pub use crate::knowledge::Confidence;
pub use crate::knowledge::known::Gateway;
pub use evidence_line::{EvidenceLine, Origin};
pub use gathered::{Evidence, Progress};
