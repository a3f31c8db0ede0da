//! How it is learnt: the only room that reads the environment, files and the network.

use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use crate::case::Case;
use crate::case::inputs::Inputs;
use crate::case::observation::Observation;
use crate::case::step::StepId;

/// Inputs whose files were read and found good: what is needed before the first request is sent.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// What the user asked for.
    pub inputs: Inputs,
}

/// An input that cannot be used. Its text quotes the input and says what to change; the exit code is 2.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InputError(pub String);

/// Reads every file that the inputs name and validates what can be validated without sending anything.
///
/// # Errors
/// The first input that cannot be used.
pub fn prepare(inputs: Inputs) -> Result<Prepared, InputError> {
    Ok(Prepared { inputs })
}

/// What is asked again, and what is taken over from an earlier run of the same program.
#[derive(Debug, Clone)]
pub struct Again {
    /// The earlier run's case, reduced to what is kept (see [`Case::keep_before`]).
    pub kept: Case,
    /// The first step that is observed anew.
    pub from: StepId,
}

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
    let _ = (prepared, again, observations, cancel);
}
