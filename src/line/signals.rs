//! Signals that end the program in line mode.

use super::Stop;

/// Runs work until it ends or a signal comes. Handlers are set up before the work begins and only here, so that signals do
/// what they always do while inputs are read, and leave no file half done once outputs are touched.
///
/// # Errors
/// The work's own, or the signal.
pub async fn interruptible<T>(work: impl Future<Output = Result<T, Stop>>) -> Result<T, Stop> {
    #[cfg(unix)]
    refuse_file_sizes_softly();
    tokio::select! {
        biased;
        number = signal() => Err(Stop::Signal(number)),
        outcome = work => outcome,
    }
}

/// A file that grows past the process's limit (`ulimit -f`) is a failed write to be told, not the program's end.
#[cfg(unix)]
fn refuse_file_sizes_softly() {
    let noted = std::sync::Arc::default();
    // Without the handler the signal keeps its usual effect.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, noted);
}

/// Waits for a signal that ends the program and returns its number.
#[cfg(unix)]
async fn signal() -> u8 {
    use tokio::signal::unix::{SignalKind, signal};
    let watched = |kind: SignalKind| async move {
        match signal(kind) {
            Ok(mut stream) => {
                stream.recv().await;
            }
            // Without a handler the signal keeps its usual effect.
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = watched(SignalKind::interrupt()) => 2,
        () = watched(SignalKind::terminate()) => 15,
        () = watched(SignalKind::hangup()) => 1,
    }
}

/// Waits for Ctrl-C and returns the number that shells count it as.
#[cfg(not(unix))]
async fn signal() -> u8 {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
    2
}
