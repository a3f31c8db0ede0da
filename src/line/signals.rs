//! Signals that end the program in line mode.

#[cfg(unix)]
use std::sync::atomic::AtomicBool;
#[cfg(unix)]
use std::sync::{Arc, OnceLock};

use super::Stop;

/// Runs work until it ends or a signal comes. Handlers are set up before the work begins and only here, so that signals do
/// what they always do while inputs are read, and leave no file half done once outputs are touched.
///
/// # Errors
/// The work's own, or the signal.
pub async fn interruptible<T>(work: impl Future<Output = Result<T, Stop>>) -> Result<T, Stop> {
    #[cfg(unix)]
    end_at_the_second();
    tokio::select! {
        biased;
        number = signal() => Err(Stop::Signal(number)),
        outcome = work => outcome,
    }
}

/// Makes a file that grows past the process's limit (`ulimit -f`) a failed write to be told, instead of the program's end.
pub fn survive_file_limits() {
    #[cfg(unix)]
    {
        // Without the handler the signal keeps its usual effect.
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
    }
}

/// Work that waits for a reader who does not read sees no signal: the second one ends the program at once.
#[cfg(unix)]
fn end_at_the_second() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    static SEEN: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    if SEEN.get().is_some() {
        return;
    }
    let seen = SEEN.get_or_init(Arc::default);
    for number in [SIGHUP, SIGINT, SIGTERM] {
        // Without the handlers the first signal is all there is.
        let _ = signal_hook::flag::register_conditional_shutdown(number, number.saturating_add(128), Arc::clone(seen));
        let _ = signal_hook::flag::register(number, Arc::clone(seen));
    }
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
