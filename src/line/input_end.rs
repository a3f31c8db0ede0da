//! Until when the lab serves other programs: until standard input ends, where somebody can end it.

use tokio::io::AsyncReadExt as _;

/// Returns when standard input has ended; what is written to it means nothing. With `/dev/null` as input, as a service
/// or a script's background job has it, or a file, nobody can end it: only a signal ends the wait.
pub async fn input_end() {
    #[cfg(unix)]
    match unix::Input::of_this_process() {
        unix::Input::Terminal(terminal) => return unix::end_of_terminal(terminal).await,
        unix::Input::Nobody => return std::future::pending().await,
        unix::Input::Other => {}
    }
    let mut input = tokio::io::stdin();
    let mut scrap = [0; 1024];
    while input.read(&mut scrap).await.is_ok_and(|count| count > 0) {}
}

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io::{self, Read as _};
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::FileTypeExt as _;
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::process::getpgrp;
    use rustix::termios::{isatty, tcgetpgrp};

    /// So often a terminal is asked for input: nobody waits for the end of the lab.
    const LOOKS: Duration = Duration::from_millis(200);

    /// What standard input is.
    pub enum Input {
        Terminal(File),
        /// A file, or a device that isn't a terminal.
        Nobody,
        Other,
    }

    impl Input {
        pub fn of_this_process() -> Self {
            let Ok(input) = io::stdin().as_fd().try_clone_to_owned().map(File::from) else { return Self::Other };
            if isatty(&input) {
                return Self::Terminal(input);
            }
            let ends = |kind: std::fs::FileType| kind.is_fifo() || kind.is_socket();
            if input.metadata().is_ok_and(|known| !ends(known.file_type())) { Self::Nobody } else { Self::Other }
        }
    }

    /// The end of a terminal's input. A background job must not read, nor have begun to: the system would stop it, and
    /// who calls the lab would wait for an answer.
    pub async fn end_of_terminal(mut terminal: File) {
        let mut scrap = [0; 1024];
        loop {
            tokio::time::sleep(LOOKS).await;
            let is_in_foreground = tcgetpgrp(&terminal).is_ok_and(|group| group == getpgrp());
            if is_in_foreground && has_input(&terminal) && !terminal.read(&mut scrap).is_ok_and(|count| count > 0) {
                return;
            }
        }
    }

    /// Whether a read returns at once: with what was typed, at the end, or because the terminal is gone.
    fn has_input(terminal: &File) -> bool {
        let mut looks = [PollFd::new(terminal, PollFlags::IN)];
        poll(&mut looks, Some(&Timespec::default())).is_ok_and(|count| count > 0)
    }
}
