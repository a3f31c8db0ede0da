//! The line between the terminal and this process: raw, except for Ctrl-C.

use std::io;

use crossterm::terminal::{disable_raw_mode, enable_raw_mode};

/// Raw mode, also where a shell took it away while this process was stopped: what is believed to be on already would
/// not be turned on.
pub fn enter_raw_mode() -> io::Result<()> {
    let _ = disable_raw_mode();
    enable_raw_mode()?;
    #[cfg(unix)]
    unix::keep_interrupt();
    Ok(())
}

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::os::fd::AsFd;

    use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, isatty, tcgetattr, tcsetattr};

    const CTRL_C: u8 = 3;

    /// What stands for no character: as each system's `<unistd.h>` has it.
    const NONE: u8 = if cfg!(any(target_os = "linux", target_os = "android")) { 0 } else { 0xff };

    /// Has Ctrl-C come as a signal. As a key it comes in its turn: within the text of a paste whose end is lost, it
    /// would never interrupt.
    pub fn keep_interrupt() {
        let stdin = std::io::stdin();
        // What cannot be set leaves the key.
        if isatty(&stdin) {
            set(stdin.as_fd());
        } else if let Ok(terminal) = File::open("/dev/tty") {
            set(terminal.as_fd());
        }
    }

    fn set(line: impl AsFd) {
        let Ok(mut modes) = tcgetattr(&line) else { return };
        for (code, character) in
            [(SpecialCodeIndex::VINTR, CTRL_C), (SpecialCodeIndex::VQUIT, NONE), (SpecialCodeIndex::VSUSP, NONE)]
        {
            modes.special_codes[code] = character;
        }
        // The rest of a paste is not thrown away.
        modes.local_modes |= LocalModes::ISIG | LocalModes::NOFLSH;
        let _ = tcsetattr(&line, OptionalActions::Now, &modes);
    }
}
