//! How it is learnt: the only room that reads the environment, files and the network.
//!
//! | file | asks |
//! |---|---|
//! | `prepare` | the files that the user named, before anything is sent |
//! | [`input`] | one file, up to the limit of its kind |
//! | `environment` | App 1's machine |
//! | `token` | the chosen credential for a token |
//! | `managed_identity` | the identity endpoint, one file a platform |
//! | `entra` | Entra: tokens for service principals, metadata, signing keys |
//! | `target` | App 2 |
//! | `own_log` | App 2's log, when the program runs inside App 2 |
//! | `resource_manager`, `graph` | App 2's settings and registration |
//! | `preview` | nothing: what all of them would ask |
//! | `trust` | which of this machine's secrets a file may choose the receiver of |
//! | `plan` | all of them, side by side as far as they do not need one another |

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

mod address;
mod again;
pub mod clock;
mod credential;
mod deadline;
mod der;
mod entra;
mod environment;
mod error;
mod graph;
mod http;
pub mod input;
mod managed_identity;
mod own_log;
mod plan;
mod prepare;
pub mod preview;
mod resource_manager;
mod signature;
mod source;
mod tail;
mod target;
mod token;
mod trust;

use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use crate::case::observation::Observation;
use crate::case::token::SignatureVerdict;

pub use again::Again;
pub use environment::this_machine;
pub use error::InputError;
pub use prepare::{Prepared, prepare, prepare_with};

/// Observes everything, sends each observation as it comes, and returns when nothing is left to ask or when cancelled.
///
/// With `again`, what belongs to earlier steps is not asked again; the live token of the earlier run, which `prepared`
/// remembers, is used when the run starts after the step `token`.
pub async fn observe(
    prepared: &Prepared,
    again: Option<&Again>,
    observations: UnboundedSender<Observation>,
    cancel: CancellationToken,
) {
    tokio::select! {
        () = cancel.cancelled() => {}
        () = Box::pin(plan::run(prepared, again, observations)) => {}
    }
}

/// What [`observe`] would send for these inputs, to whom, and with which token. Opens no connection.
#[must_use]
pub fn preview(prepared: &Prepared) -> preview::Preview {
    plan::preview(prepared)
}

/// Checks the signature of the token that `prepared` contains (`--token-file`), against the authority's keys. Sends
/// nothing but the two requests for metadata and keys. `None`: there is no token.
pub async fn verify_token(prepared: &Prepared) -> Option<SignatureVerdict> {
    plan::verify_only(prepared).await
}
