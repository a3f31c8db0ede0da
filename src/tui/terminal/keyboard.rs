//! The keyboard: what was typed, pasted, and resized, in the pieces in which it came.
//!
//! A terminal that does not tell pastes from keys sends a paste as keys. Nobody types so fast: keys that come together
//! are held back for a moment, and when they are many and different they are one paste, and press nothing.

use std::time::Duration;

use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// So many printable keys at once are a paste, unless they are all alike: a key that is held down. Fewer are one where
/// Enter stands between two of them.
const PASTE: usize = 6;

/// Printable keys wait so long for others: more than a byte needs on a slow line, less than anybody sees.
const HELD: Duration = Duration::from_millis(10);

/// A paste ends with a pause of this length: it may come in pieces.
const PAUSE: Duration = Duration::from_millis(60);

/// What is there already is found within this time; without any time nothing would be looked for.
const AT_ONCE: Duration = Duration::from_millis(1);

/// So many of the last keys tell whether others are worth waiting for: each key of a long paste asks this.
const RECENT: usize = 64;

/// No more is held back than this.
const MOST: usize = 100_000;

/// What came from the keyboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A key.
    Key(KeyEvent),
    /// A text whose lines end with line feeds: many terminals send carriage returns.
    Paste(String),
    /// The same from a terminal that doesn't mark a paste: keys that no hand presses so fast.
    Burst(String),
    /// The terminal has another size.
    Resized,
    /// Ctrl-C.
    Interrupt,
    /// The terminal is gone.
    End,
}

/// Reads the keyboard on a thread of its own, so that what is there already is read at once, however busy this process
/// is.
#[must_use]
pub fn read() -> UnboundedReceiver<Vec<Input>> {
    let (sender, receiver) = unbounded_channel();
    let reading = move || {
        while let Some(batch) = batch() {
            if sender.send(recognized(batch)).is_err() {
                return;
            }
        }
    };
    // Without a thread the channel is closed, which is the end.
    let _ = std::thread::Builder::new().name("keyboard".to_owned()).spawn(reading);
    receiver
}

/// What comes together; `None` at the end.
fn batch() -> Option<Vec<Event>> {
    let mut batch = vec![event::read().ok()?];
    while batch.len() < MOST && event::poll(worth_waiting(&batch).unwrap_or(AT_ONCE)).ok()? {
        batch.push(event::read().ok()?);
    }
    Some(batch)
}

/// How long the keys at the end of a batch wait for others.
fn worth_waiting(batch: &[Event]) -> Option<Duration> {
    let run = batch.iter().rev().map_while(typed).take(RECENT).collect::<Vec<_>>();
    let printable = run.iter().filter(|character| !character.is_control()).count();
    match printable {
        0 => None,
        _ if is_paste(&run) => Some(PAUSE),
        1..PASTE => Some(HELD),
        _ => None,
    }
}

/// The events of a batch, with runs of keys that were never typed as the texts that they are.
fn recognized(batch: Vec<Event>) -> Vec<Input> {
    let mut inputs = Vec::new();
    let mut events = batch.into_iter().peekable();
    while let Some(first) = events.next() {
        let mut run = vec![first];
        if run.first().and_then(typed).is_some() {
            while let Some(next) = events.next_if(|event| typed(event).is_some() || is_release(event)) {
                run.push(next);
            }
        }
        let text: Vec<char> = run.iter().filter_map(typed).collect();
        if is_paste(&text) {
            inputs.push(Input::Burst(text.into_iter().collect()));
        } else {
            inputs.extend(run.into_iter().filter_map(single));
        }
    }
    inputs
}

fn is_paste(run: &[char]) -> bool {
    let mut parts = run.split(|character| *character == '\n').filter(|line| !line.is_empty());
    if parts.next().is_some() && parts.next().is_some() {
        return true;
    }
    let mut printable = run.iter().filter(|character| !character.is_control());
    let Some(first) = printable.next() else { return false };
    let (others, different) = printable.fold((0_usize, false), |(count, different), character| {
        (count.saturating_add(1), different || character != first)
    });
    different && others.saturating_add(1) >= PASTE
}

/// The character that a key would be in a text.
fn typed(event: &Event) -> Option<char> {
    let Event::Key(key) = event else { return None };
    // A line feed, which some pastes have where the key Enter sends a carriage return.
    if key.code == KeyCode::Char('j') && key.modifiers == KeyModifiers::CONTROL {
        return Some('\n');
    }
    let is_plain = !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
    if !is_plain || key.kind == KeyEventKind::Release {
        return None;
    }
    match key.code {
        KeyCode::Char(character) => Some(character),
        KeyCode::Enter => Some('\n'),
        KeyCode::Tab => Some('\t'),
        _ => None,
    }
}

fn is_release(event: &Event) -> bool {
    matches!(event, Event::Key(key) if key.kind == KeyEventKind::Release)
}

fn single(event: Event) -> Option<Input> {
    match event {
        Event::Key(key) if key.kind == KeyEventKind::Release => None,
        Event::Key(key) if key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL) => {
            Some(Input::Interrupt)
        }
        // A terminal's control character in one byte, which no key sends.
        Event::Key(KeyEvent { code: KeyCode::Char(character), .. }) if character.is_control() => None,
        Event::Key(key) => Some(Input::Key(key)),
        Event::Paste(text) => Some(Input::Paste(text.replace("\r\n", "\n").replace('\r', "\n"))),
        Event::Resize(..) => Some(Input::Resized),
        Event::FocusGained | Event::FocusLost | Event::Mouse(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<Event> {
        let code = |character| match character {
            '\n' => KeyCode::Enter,
            '\t' => KeyCode::Tab,
            '\u{1b}' => KeyCode::Esc,
            other => KeyCode::Char(other),
        };
        text.chars().map(|character| Event::Key(KeyEvent::new(code(character), KeyModifiers::NONE))).collect()
    }

    fn pressed(inputs: &[Input]) -> usize {
        inputs.iter().filter(|input| matches!(input, Input::Key(_))).count()
    }

    #[test]
    fn many_different_keys_at_once_are_a_paste_and_press_nothing() {
        for text in [
            "eyJhbGciOi",
            "see\nq\ns\n",
            "#1\nq",
            "eyJ0eXAiOiJKV1Qi\nq\n",
            "tty -a | grep x\n",
            "abcdef",
            "\tabcdefg\nq",
        ] {
            assert_eq!(recognized(keys(text)), [Input::Burst(text.to_owned())], "{text:?}");
        }
    }

    #[test]
    fn a_line_feed_belongs_to_a_paste() {
        let feed = Event::Key(KeyEvent::new(KeyCode::Char('j'), KeyModifiers::CONTROL));
        let batch = [keys("eyJhbGc"), vec![feed.clone()], keys("q"), vec![feed.clone()]].concat();
        assert_eq!(recognized(batch), [Input::Burst("eyJhbGc\nq\n".to_owned())]);
        assert_eq!(pressed(&recognized(vec![feed])), 1);
    }

    #[test]
    fn the_lines_of_a_paste_end_with_line_feeds() {
        let pasted = recognized(vec![Event::Paste("one\rtwo\r\nthree\n\rfour".to_owned())]);
        assert_eq!(pasted, [Input::Paste("one\ntwo\nthree\n\nfour".to_owned())]);
    }

    #[test]
    fn what_a_hand_can_do_stays_keys() {
        for text in ["jjjjjjjjjjjjjjjj", "abcde", "s\n", "q", "jk\u{1b}jkj\u{1b}jj", "\n\n\n\n\n\n\n\n"] {
            let inputs = recognized(keys(text));
            assert_eq!(pressed(&inputs), text.chars().count(), "{text:?}: {inputs:?}");
        }
    }

    #[test]
    fn each_key_of_a_long_paste_takes_the_same_time() {
        // Only so many of the last keys are looked at, whatever is before them.
        let alike = |count| keys(&format!("abcdef{}", "x".repeat(count)));
        assert_eq!(worth_waiting(&alike(RECENT)), None);
        assert_eq!(worth_waiting(&alike(RECENT - PASTE)), Some(PAUSE));
        assert_eq!(worth_waiting(&keys(&"ab".repeat(15_000))), Some(PAUSE));
    }

    #[test]
    fn a_control_character_is_no_key() {
        assert_eq!(recognized(keys("\u{9b}2J")).len(), 2);
    }

    #[test]
    fn only_printable_keys_are_held_back() {
        assert_eq!(worth_waiting(&keys("\u{1b}")), None);
        assert_eq!(worth_waiting(&keys("\n")), None);
        assert_eq!(worth_waiting(&keys("j")), Some(HELD));
        assert_eq!(worth_waiting(&keys("jjjjjjjj")), None, "a key held down is not held back");
        assert_eq!(worth_waiting(&keys("eyJhbGc")), Some(PAUSE));
        assert_eq!(worth_waiting(&keys("abcdefg\u{1b}")), None);
    }

    #[test]
    fn control_c_interrupts_wherever_it_comes() {
        let control = Event::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL));
        let batch = [keys("abcdefgh"), vec![control], keys("x")].concat();
        assert_eq!(
            recognized(batch),
            [
                Input::Burst("abcdefgh".to_owned()),
                Input::Interrupt,
                Input::Key(KeyEvent::new(KeyCode::Char('x'), KeyModifiers::NONE))
            ]
        );
    }
}
