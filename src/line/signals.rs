//! Signals that end the program in line mode.

#[cfg(unix)]
use std::sync::atomic::AtomicBool;
#[cfg(unix)]
use std::sync::{Arc, OnceLock};

use super::CliError;

/// Runs work until it ends or a signal comes. Handlers are set up before the work begins and only here, so that signals
/// do what they always do while inputs are read, and leave no file half done once outputs are touched.
///
/// # Errors
/// The work's own, or the signal.
pub async fn interruptible<T>(work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    let signal = signal();
    // Set up last: a signal in between would only be counted.
    #[cfg(unix)]
    end_at_the_second();
    tokio::select! {
        biased;
        number = signal => Err(CliError::Signal(number)),
        outcome = work => outcome,
    }
}

/// Reads what a person may type, where work isn't interruptible yet. Unix ends a program at Ctrl-C then, which shells
/// count as 130. Windows ends it with a number of its own (0xC000013A), so there the program does it itself.
pub fn typed<T>(read: impl FnOnce() -> T) -> T {
    #[cfg(windows)]
    let _until_read = end_at_interrupt();
    read()
}

/// Ends the program at Ctrl-C, until the result is dropped: then Windows does again what it always does.
#[cfg(windows)]
fn end_at_interrupt() -> tokio::sync::oneshot::Sender<()> {
    let (until, over) = tokio::sync::oneshot::channel();
    // Without the thread, Ctrl-C keeps its usual effect.
    let _ = std::thread::Builder::new().spawn(|| {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().build() else { return };
        let number = runtime.block_on(async {
            tokio::select! {
                _ = over => None,
                number = signal() => Some(number),
            }
        });
        if let Some(number) = number {
            std::process::exit(CliError::Signal(number).exit_code().into());
        }
    });
    until
}

/// Makes a file that grows past the process's limit (`ulimit -f`) a failed write to report, instead of the program's
/// end.
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
    for number in [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|number| !is_ignored(*number)) {
        // Without the handlers the first signal is all there is.
        let _ = signal_hook::flag::register_conditional_shutdown(number, number.saturating_add(128), Arc::clone(seen));
        let _ = signal_hook::flag::register(number, Arc::clone(seen));
    }
}

/// Whether this process was started with a signal ignored, as `nohup` and a script's background jobs are: whoever did
/// so it has to continue. Asked before the first handler is set up, because a handler ends that; only Linux reports it.
#[cfg(unix)]
fn is_ignored(number: i32) -> bool {
    static IGNORED: OnceLock<u64> = OnceLock::new();
    let ignored = IGNORED.get_or_init(|| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        ignored_in(&status)
    });
    let bit = number.checked_sub(1).and_then(|bit| u32::try_from(bit).ok());
    bit.and_then(|bit| ignored.checked_shr(bit)).is_some_and(|rest| rest & 1 == 1)
}

/// The ignored signals in `/proc/<pid>/status`: bit 0 is signal 1 (proc_pid_status(5)).
#[cfg(unix)]
fn ignored_in(status: &str) -> u64 {
    status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or_default()
}

/// Watches from now on for a signal that ends the program; the result waits for it and returns its number.
#[cfg(unix)]
fn signal() -> impl Future<Output = u8> {
    use tokio::signal::unix::{SignalKind, signal};
    let watched = |kind: SignalKind| {
        // Without a handler the signal keeps its usual effect.
        let stream = if is_ignored(kind.as_raw_value()) { None } else { signal(kind).ok() };
        async move {
            match stream {
                Some(mut stream) => {
                    stream.recv().await;
                }
                None => std::future::pending().await,
            }
        }
    };
    let (interrupt, terminate) = (watched(SignalKind::interrupt()), watched(SignalKind::terminate()));
    let hang_up = watched(SignalKind::hangup());
    async move {
        tokio::select! {
            () = interrupt => 2,
            () = terminate => 15,
            () = hang_up => 1,
        }
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

#[cfg(all(test, unix))]
mod tests {
    use super::ignored_in;

    #[test]
    fn ignored_signals_are_read_from_the_status_of_a_process() {
        let status = "Name:\tx\nSigBlk:\t0000000000000004\nSigIgn:\t0000000000001001\nSigCgt:\t0000000000000002\n";
        assert_eq!(ignored_in(status), 0x1001);
        for unknown in ["", "SigIgn:", "SigIgn:\tzz\n"] {
            assert_eq!(ignored_in(unknown), 0, "{unknown:?}");
        }
    }
}
