//! A row of the table of keys: which keys, when they do something, what, and the words for it.

use crossterm::event::KeyEvent;

use crate::tui::model::Model;
use crate::tui::update::Effect;

use super::chord::Chord;
use super::when::When;

/// A key that was pressed.
#[derive(Debug)]
pub struct Press<'a> {
    /// The key.
    pub key: KeyEvent,
    /// Whether Esc had already asked whether to stop.
    pub asked_to_stop: bool,
    /// Whether this key had already asked whether to send a call again that can change data.
    pub asked_to_repeat: bool,
    /// What is to be done outside.
    pub effects: &'a mut Vec<Effect>,
}

impl Press<'_> {
    /// Asks for something outside; what that shows comes with its answer.
    pub(crate) fn asks(&mut self, effect: Effect) -> bool {
        self.effects.push(effect);
        false
    }
}

/// Does something. Says whether the screen changed.
pub type Act = fn(&mut Model, &mut Press<'_>) -> bool;

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// Its keys.
    pub chords: &'static [Chord],
    /// Its keys as they are shown, in Unicode and in ASCII; empty: by their names.
    shown: (&'static str, &'static str),
    /// Whether it does something now.
    pub when: fn(&Model) -> When,
    /// What it does.
    pub act: Act,
    /// The phrase that says what it does; no other row has the same.
    pub help: &'static str,
    /// The phrase that says why it had no effect although it does something here.
    pub no_effect: Option<&'static str>,
    /// The name of the view that it shows: in that view the footer has no use for it.
    pub shows: &'static str,
    /// Whether it does the same while something lies over the screen.
    pub is_for_all: bool,
    /// Its keys in the footer, where they are not the first of them.
    in_footer: (&'static str, &'static str),
    /// Its word in the footer, and how early it is left out there; the lower, the later.
    pub footer: Option<(&'static str, u8)>,
}

/// A row with these keys.
pub const fn row(chords: &'static [Chord], when: fn(&Model) -> When, act: Act, help: &'static str) -> Binding {
    Binding {
        chords,
        shown: ("", ""),
        when,
        act,
        help,
        no_effect: None,
        shows: "",
        is_for_all: false,
        in_footer: ("", ""),
        footer: None,
    }
}

impl Binding {
    pub(crate) const fn shown_as(mut self, unicode: &'static str, ascii: &'static str) -> Self {
        self.shown = (unicode, ascii);
        self
    }

    pub(crate) const fn footer(mut self, word: &'static str, priority: u8) -> Self {
        self.footer = Some((word, priority));
        self
    }

    pub(crate) const fn in_footer_as(mut self, unicode: &'static str, ascii: &'static str) -> Self {
        self.in_footer = (unicode, ascii);
        self
    }

    pub(crate) const fn else_says(mut self, why: &'static str) -> Self {
        self.no_effect = Some(why);
        self
    }

    pub(crate) const fn shows(mut self, view: &'static str) -> Self {
        self.shows = view;
        self.else_says("why.shown-already")
    }

    pub(crate) const fn for_all(mut self) -> Self {
        self.is_for_all = true;
        self
    }

    /// Its keys, as the help shows them: those that have no other meaning here.
    #[must_use]
    pub fn keys(&self, ascii: bool, is_its: impl Fn(&Chord) -> bool) -> String {
        match self.shown {
            ("", _) => {
                let its = self.chords.iter().filter(|chord| is_its(chord));
                let names: Vec<String> = its.map(|chord| chord.name(ascii)).collect();
                names.join(" ")
            }
            (unicode, plain) => (if ascii { plain } else { unicode }).to_owned(),
        }
    }

    /// Its keys, as the footer shows them.
    #[must_use]
    pub fn first(&self, ascii: bool) -> String {
        match self.in_footer {
            ("", _) => self.chords.first().map(|chord| chord.name(ascii)).unwrap_or_default(),
            (unicode, plain) => (if ascii { plain } else { unicode }).to_owned(),
        }
    }
}
