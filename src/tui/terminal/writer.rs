//! A thread that writes to the terminal, so that nothing else waits for a terminal that does not read.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

/// What is written at once: whoever waits sees progress in these steps, also on a slow line.
const STEP: usize = 1024;

/// The pause before another try where the terminal takes nothing and does not wait either.
const RETRY: Duration = Duration::from_millis(5);

/// The thread's other end. What it writes is never waited for, except by [`Writer::finish`].
#[derive(Clone)]
pub struct Writer {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    idle: Notify,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Vec<u8>>,
    is_writing: bool,
    /// Bytes written so far.
    written: u64,
    /// Whether the rest of what is being written is dropped.
    is_abandoned: bool,
    has_failed: bool,
}

impl State {
    fn is_idle(&self) -> bool {
        self.has_failed || self.waiting.is_empty() && !self.is_writing
    }
}

impl Writer {
    /// Starts a thread that writes there.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn to(out: impl Write + Send + 'static) -> io::Result<Self> {
        let shared = Arc::<Shared>::default();
        let writer = Self { shared: Arc::clone(&shared) };
        std::thread::Builder::new().name("terminal".to_owned()).spawn(move || shared.serve(out))?;
        Ok(writer)
    }

    /// Writes to this process's terminal.
    ///
    /// # Errors
    /// When there is none, or the system gives no thread.
    pub fn of_the_process() -> io::Result<Self> {
        // Past the buffer and the lock of the standard library: the thread may be stuck here when the process ends.
        #[cfg(unix)]
        let out = {
            use std::os::fd::AsFd as _;
            std::fs::File::from(io::stdout().as_fd().try_clone_to_owned()?)
        };
        #[cfg(not(unix))]
        let out = io::stdout();
        Self::to(out)
    }

    /// Has these bytes written as soon as what came before them is.
    pub fn write(&self, bytes: Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        self.shared.lock().waiting.push_back(bytes);
        self.shared.changed.notify_all();
    }

    /// Whether everything is written.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.shared.lock().is_idle()
    }

    /// Waits until everything may be written. It may return early: ask [`Writer::is_idle`] again.
    pub async fn idle(&self) {
        self.shared.idle.notified().await;
    }

    /// Whether the terminal is gone.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.shared.lock().has_failed
    }

    /// Waits until everything is written, for as long as the terminal goes on reading: it may be quiet no longer than
    /// this. Says whether everything was written.
    #[must_use]
    pub fn finish(&self, patience: Duration) -> bool {
        let mut state = self.shared.lock();
        loop {
            if state.is_idle() {
                return !state.has_failed;
            }
            let before = state.written;
            let (next, waited) =
                self.shared.changed.wait_timeout(state, patience).unwrap_or_else(PoisonError::into_inner);
            state = next;
            if waited.timed_out() && state.written == before {
                return state.is_idle() && !state.has_failed;
            }
        }
    }

    /// Drops what is not written yet: the terminal does not read.
    pub fn abandon(&self) {
        let mut state = self.shared.lock();
        state.waiting.clear();
        state.is_abandoned = state.is_writing;
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, mut out: impl Write) {
        loop {
            let bytes = self.next();
            let mut outcome = Ok(());
            for step in bytes.chunks(STEP) {
                if std::mem::take(&mut self.lock().is_abandoned) {
                    break;
                }
                outcome = write_all(&mut out, step);
                if outcome.is_err() {
                    break;
                }
                self.lock().written += step.len() as u64;
                self.changed.notify_all();
            }
            let mut state = self.lock();
            state.is_writing = false;
            state.is_abandoned = false;
            state.has_failed = outcome.is_err();
            let (is_idle, has_failed) = (state.is_idle(), state.has_failed);
            drop(state);
            self.changed.notify_all();
            if is_idle {
                self.idle.notify_one();
            }
            if has_failed {
                return;
            }
        }
    }

    fn next(&self) -> Vec<u8> {
        let mut state = self.lock();
        loop {
            if let Some(bytes) = state.waiting.pop_front() {
                state.is_writing = true;
                return bytes;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// As the standard library's, also where the terminal was opened by somebody who does not wait for it.
fn write_all(out: &mut impl Write, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match out.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => std::thread::sleep(RETRY),
            Err(error) => return Err(error),
        }
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    const SHORT: Duration = Duration::from_millis(50);
    const LONG: Duration = Duration::from_secs(60);

    /// A terminal that takes one piece each time it is allowed to.
    struct Gate {
        allowed: Receiver<()>,
        seen: Sender<Vec<u8>>,
    }

    impl Write for Gate {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.allowed.recv().map_err(io::Error::other)?;
            self.seen.send(bytes.to_vec()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn gate() -> (Writer, Sender<()>, Receiver<Vec<u8>>) {
        let (open, allowed) = channel();
        let (seen, written) = channel();
        (Writer::to(Gate { allowed, seen }).unwrap(), open, written)
    }

    #[test]
    fn nothing_waits_for_a_terminal_that_does_not_read() {
        let (writer, open, written) = gate();
        assert!(writer.is_idle());
        writer.write(b"one".to_vec());
        writer.write(b"two".to_vec());
        assert!(!writer.is_idle());
        assert!(!writer.finish(SHORT), "it is not written, and nobody waits for ever");
        open.send(()).unwrap();
        open.send(()).unwrap();
        assert!(writer.finish(LONG));
        assert!(writer.is_idle());
        let seen: Vec<Vec<u8>> = written.try_iter().collect();
        assert_eq!(seen, [b"one".to_vec(), b"two".to_vec()]);
    }

    #[test]
    fn what_is_abandoned_is_not_written_and_what_comes_later_is() {
        let (writer, open, written) = gate();
        writer.write(vec![b'x'; 3 * STEP]);
        writer.write(b"dropped".to_vec());
        assert!(!writer.finish(SHORT));
        writer.abandon();
        writer.write(b"end".to_vec());
        for _ in 0..2 {
            open.send(()).unwrap();
        }
        assert!(writer.finish(LONG));
        let seen: Vec<Vec<u8>> = written.try_iter().collect();
        assert_eq!(seen, [vec![b'x'; STEP], b"end".to_vec()]);
    }

    #[test]
    fn a_terminal_that_is_gone_is_noticed() {
        let (writer, open, _) = gate();
        drop(open);
        writer.write(b"one".to_vec());
        assert!(!writer.finish(LONG));
        assert!(writer.has_failed());
    }
}
