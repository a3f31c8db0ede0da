//! What the screen said to the person. The newest message is shown until the next key; all stay in the log.

use chrono::{DateTime, Utc};

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub text: String,
}

/// The messages, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Log {
    /// All messages worth keeping.
    pub entries: Vec<Entry>,
    /// What is shown until the next key.
    pub toast: Option<String>,
}

/// No more messages are kept.
const MOST: usize = 200;

impl Log {
    /// Shows a message and keeps it.
    pub fn say(&mut self, at: DateTime<Utc>, text: String) {
        if self.entries.len() >= MOST {
            self.entries.remove(0);
        }
        self.toast = Some(text.clone());
        self.entries.push(Entry { at, text });
    }

    /// Keeps a message that is shown elsewhere.
    pub fn keep(&mut self, at: DateTime<Utc>, text: String) {
        let toast = self.toast.take();
        self.say(at, text);
        self.toast = toast;
    }

    /// Takes the shown message away if it is one of these, which don't hold any more.
    pub fn withdraw(&mut self, texts: &[String]) {
        self.toast.take_if(|toast| texts.contains(toast));
    }

    /// Shows a message that isn't worth keeping, such as why a key does nothing.
    pub fn hint(&mut self, text: String) {
        self.toast = Some(text);
    }
}
