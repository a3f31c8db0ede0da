//! One table of keys: what each does, when, and its words. Dispatch, help, and footer are made of it. Each row stands
//! in the file that has what it does.

pub mod binding;
pub mod chord;
pub mod when;

use crossterm::event::KeyEvent;

use super::model::Model;
use super::model::place::View;
use super::update::{bench, copy, evidence, moves, open, paste, program, save, suppose, targets, watch};
pub use binding::Binding;
pub use chord::Chord;

/// Every key, in the order of the help. Where two rows have the same key, the first one that does something decides.
static ROWS: [&[Binding]; 15] = [
    bench::KEYS,
    targets::KEYS,
    open::KEYS,
    copy::KEYS,
    evidence::KEYS,
    open::TOOLS,
    suppose::KEYS,
    moves::SEARCH,
    paste::KEYS,
    open::BACK,
    watch::KEYS,
    save::KEYS,
    open::VIEWS,
    moves::KEYS,
    program::KEYS,
];

/// Every row of the table.
pub fn all() -> impl Iterator<Item = &'static Binding> {
    ROWS.iter().copied().flatten()
}

/// The row with this help.
#[must_use]
pub fn named(help: &str) -> Option<&'static Binding> {
    all().find(|binding| binding.help == help)
}

/// The row whose key shows a view.
#[must_use]
pub fn of_view(view: &View) -> Option<&'static Binding> {
    all().find(|binding| binding.shows == view.name())
}

/// What a key does now.
#[derive(Debug, Clone, Copy)]
pub enum Meaning {
    /// This.
    Does(&'static Binding),
    /// Nothing now, for the reason of this phrase.
    Nothing(&'static str),
    /// Nothing ever.
    Unknown,
}

/// What a key does now.
#[must_use]
pub fn meaning(model: &Model, event: KeyEvent) -> Meaning {
    if Chord::is_foreign(event) {
        return Meaning::Unknown;
    }
    let chord = Chord::of(event);
    let mut meaning = Meaning::Unknown;
    for binding in all().filter(|binding| binding.chords.contains(&chord)) {
        match (binding.when)(model) {
            Ok(()) => return Meaning::Does(binding),
            Err(why) => meaning = Meaning::Nothing(why),
        }
    }
    meaning
}

/// The rows that do something now.
pub fn enabled(model: &Model) -> impl Iterator<Item = &'static Binding> {
    all().filter(|binding| (binding.when)(model).is_ok())
}

/// The rows of the footer that do something now, the most important first. Of rows with the same key or word, one.
#[must_use]
pub fn footer(model: &Model) -> Vec<(&'static Binding, &'static str)> {
    let mut rows: Vec<(u8, &'static Binding, &'static str)> = Vec::new();
    let view = model.place.view().name();
    for binding in all() {
        let Some((word, priority)) = binding.footer.filter(|_| binding.shows != view) else {
            continue;
        };
        let is_there = rows.iter().any(|(_, other, said)| other.chords == binding.chords || *said == word);
        if !is_there && (binding.when)(model).is_ok() {
            rows.push((priority, binding, word));
        }
    }
    crate::sort::by_key(&mut rows, |(priority, ..)| *priority);
    rows.into_iter().map(|(_, binding, word)| (binding, word)).collect()
}
