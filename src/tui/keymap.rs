//! Keys: every [`Action`], its keys, and the words that footer and help say of it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::case::step::StepId;

/// Something that a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The step above.
    Up,
    /// The step below.
    Down,
    /// The first step, or the beginning of the text.
    First,
    /// The last step, or the end of the text.
    Last,
    /// This step.
    Step(StepId),
    /// The text a page back.
    PageUp,
    /// The text a page on.
    PageDown,
    /// The next tab.
    NextTab,
    /// The tab before.
    PreviousTab,
    /// The text over the whole screen.
    Open,
    /// Back: closes what is open.
    Back,
    /// Everything again.
    RunAll,
    /// Again from the selected step.
    RunFrom,
    /// Root cause and fixes to the terminal's clipboard.
    Copy,
    /// Save the case.
    Save,
    /// Write App 2's settings with the root cause fixed.
    WriteFixed,
    /// Judge again as if a setting were changed.
    Assume,
    /// Help.
    Help,
    /// Quit.
    Quit,
    /// Put the program to sleep, as the shell's Ctrl-Z.
    Suspend,
}

/// One row of the help: the action, its keys as text, what it does, and the short word of the footer.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The action.
    pub action: Action,
    /// Its keys, as they are written on the screen.
    pub keys: &'static str,
    /// The phrase that says what it does.
    pub help: &'static str,
    /// The footer's word; empty: not in the footer.
    pub word: &'static str,
}

/// Every action that the help lists, in its order.
pub const ENTRIES: &[Entry] = &[
    Entry {
        action: Action::Down,
        keys: "↑ ↓ j k",
        help: "keys.choose",
        word: "step",
    },
    Entry {
        action: Action::Step(StepId::Identity),
        keys: "1 … 8",
        help: "keys.step",
        word: "",
    },
    Entry {
        action: Action::NextTab,
        keys: "Tab",
        help: "keys.tab",
        word: "tab",
    },
    Entry {
        action: Action::Open,
        keys: "Enter",
        help: "keys.open",
        word: "open",
    },
    Entry {
        action: Action::PageDown,
        keys: "PgUp PgDn",
        help: "keys.scroll",
        word: "",
    },
    Entry {
        action: Action::RunAll,
        keys: "r",
        help: "keys.again",
        word: "again",
    },
    Entry {
        action: Action::RunFrom,
        keys: "R",
        help: "keys.again-from",
        word: "",
    },
    Entry {
        action: Action::Copy,
        keys: "y",
        help: "keys.copy",
        word: "copy",
    },
    Entry {
        action: Action::Save,
        keys: "s",
        help: "keys.save",
        word: "save",
    },
    Entry {
        action: Action::Assume,
        keys: "a",
        help: "keys.what-if",
        word: "what if",
    },
    Entry {
        action: Action::WriteFixed,
        keys: "e",
        help: "keys.edit",
        word: "",
    },
    Entry {
        action: Action::Help,
        keys: "?",
        help: "keys.help",
        word: "help",
    },
    Entry {
        action: Action::Back,
        keys: "Esc",
        help: "keys.back",
        word: "",
    },
    Entry {
        action: Action::Quit,
        keys: "q",
        help: "keys.quit",
        word: "quit",
    },
];

/// The action of a key.
#[must_use]
pub fn action(key: KeyEvent) -> Option<Action> {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    Some(match key.code {
        KeyCode::Char('c') if control => Action::Quit,
        KeyCode::Char('z') if control => Action::Suspend,
        KeyCode::Char('d') if control => Action::PageDown,
        KeyCode::Char('u') if control => Action::PageUp,
        _ if control => return None,
        KeyCode::Up | KeyCode::Char('k') => Action::Up,
        KeyCode::Down | KeyCode::Char('j') => Action::Down,
        KeyCode::Home | KeyCode::Char('g') => Action::First,
        KeyCode::End | KeyCode::Char('G') => Action::Last,
        KeyCode::PageUp => Action::PageUp,
        KeyCode::PageDown | KeyCode::Char(' ') => Action::PageDown,
        KeyCode::Tab | KeyCode::Right | KeyCode::Char('l') => Action::NextTab,
        KeyCode::BackTab | KeyCode::Left | KeyCode::Char('h') => Action::PreviousTab,
        KeyCode::Enter => Action::Open,
        KeyCode::Esc => Action::Back,
        KeyCode::Char('r') => Action::RunAll,
        KeyCode::Char('R') => Action::RunFrom,
        KeyCode::Char('y') => Action::Copy,
        KeyCode::Char('s') => Action::Save,
        KeyCode::Char('a') => Action::Assume,
        KeyCode::Char('e') => Action::WriteFixed,
        KeyCode::Char('?') => Action::Help,
        KeyCode::Char('q') => Action::Quit,
        KeyCode::Char(digit) => {
            let number = usize::try_from(digit.to_digit(10)?).ok()?.checked_sub(1)?;
            Action::Step(StepId::ALL.get(number).copied()?)
        }
        _ => return None,
    })
}
