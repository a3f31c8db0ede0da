//! Signals that end, stop, and continue the screen.

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// The end, by the signal with this number.
    End(u8),
    /// To stop, as by the shell's Ctrl-Z.
    Stop,
    /// To continue: whatever had the terminal meanwhile may have changed everything.
    Continue,
    /// To look at the terminal's size.
    Resize,
}

/// The number of the signal that Ctrl-C is.
pub const INTERRUPT: u8 = 2;

#[cfg(unix)]
pub use unix::{Signals, stop};

#[cfg(not(unix))]
pub use elsewhere::{Signals, stop};

#[cfg(unix)]
mod unix {
    use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

    use super::{INTERRUPT, Signal};

    /// SIGTSTP and SIGCONT have the same numbers on every Unix that this program runs on.
    const STOP: i32 = signal_hook::consts::SIGTSTP;
    const CONTINUE: i32 = signal_hook::consts::SIGCONT;

    /// Signals that the loop hears.
    pub struct Signals {
        interrupt: Option<Stream>,
        quit: Option<Stream>,
        terminate: Option<Stream>,
        hangup: Option<Stream>,
        stop: Option<Stream>,
        resume: Option<Stream>,
        resize: Option<Stream>,
    }

    impl Signals {
        /// Watches them from now on.
        #[must_use]
        pub fn new() -> Self {
            // A signal that cannot be watched keeps its usual effect.
            let watched = |kind| signal(kind).ok();
            Self {
                interrupt: watched(SignalKind::interrupt()),
                quit: watched(SignalKind::quit()),
                terminate: watched(SignalKind::terminate()),
                hangup: watched(SignalKind::hangup()),
                stop: watched(SignalKind::from_raw(STOP)),
                resume: watched(SignalKind::from_raw(CONTINUE)),
                resize: watched(SignalKind::window_change()),
            }
        }

        /// The next one.
        pub async fn next(&mut self) -> Signal {
            tokio::select! {
                () = heard(&mut self.interrupt) => Signal::End(INTERRUPT),
                () = heard(&mut self.quit) => Signal::End(3),
                () = heard(&mut self.terminate) => Signal::End(15),
                () = heard(&mut self.hangup) => Signal::End(1),
                () = heard(&mut self.stop) => Signal::Stop,
                () = heard(&mut self.resume) => Signal::Continue,
                () = heard(&mut self.resize) => Signal::Resize,
            }
        }
    }

    impl Default for Signals {
        fn default() -> Self {
            Self::new()
        }
    }

    async fn heard(signal: &mut Option<Stream>) {
        match signal {
            Some(signal) => {
                signal.recv().await;
            }
            None => std::future::pending().await,
        }
    }

    /// Stops this process as an unhandled SIGTSTP would.
    pub fn stop() {
        let _ = signal_hook::low_level::emulate_default_handler(STOP);
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use super::{INTERRUPT, Signal};

    /// Signals that the loop hears: Ctrl-C comes as a key in raw mode, so only a console's own event is left.
    #[derive(Default)]
    pub struct Signals;

    impl Signals {
        /// Watches them from now on.
        #[must_use]
        pub fn new() -> Self {
            Self
        }

        /// The next one.
        pub async fn next(&mut self) -> Signal {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
            Signal::End(INTERRUPT)
        }
    }

    /// There is no stopping here.
    pub fn stop() {}
}
