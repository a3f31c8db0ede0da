//! Somebody who presses anything: keys, pastes, sizes, and waits without sense, over every view.

use std::collections::{BTreeSet, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use easyauth_doctor::session::Event;
use easyauth_doctor::tui::bench::{Done, Output, Ran, Request};
use easyauth_doctor::tui::files::FileError;
use easyauth_doctor::tui::look::Looks;
use easyauth_doctor::tui::model::Model;
use easyauth_doctor::tui::model::place::{Asking, Over};
use easyauth_doctor::tui::svg;
use easyauth_doctor::tui::update::{Effect, Message, update};

use super::screens::{FAILS, WORKS, bench, form, opened, running, saved};

/// What was met on the way.
#[derive(Debug, Default)]
pub struct Met {
    /// The files that were asked for.
    pub files: usize,
    /// The names of the views that were shown.
    pub views: BTreeSet<&'static str>,
    /// How often the form was open.
    pub forms: usize,
}

/// A small generator, always the same.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

const KEYS: [KeyCode; 18] = [
    KeyCode::Enter,
    KeyCode::Enter,
    KeyCode::Esc,
    KeyCode::Up,
    KeyCode::Down,
    KeyCode::Down,
    KeyCode::Left,
    KeyCode::Right,
    KeyCode::PageUp,
    KeyCode::PageDown,
    KeyCode::Home,
    KeyCode::End,
    KeyCode::Tab,
    KeyCode::BackTab,
    KeyCode::Backspace,
    KeyCode::F(1),
    KeyCode::F(2),
    KeyCode::F(3),
];

/// Keys that lead somewhere; `\n` is Enter and `\u{1b}` Esc.
const WAYS: [&str; 16] = [
    "x\n",
    "xGkk\n",
    "bG",
    "b/\u{1b}jj\n",
    "rrd",
    "rwr",
    "cG\n",
    "gc\n",
    "tj\n",
    "pj ",
    "5f",
    "os\n",
    "s\n",
    "e\n",
    "A\n",
    "i\t\n",
];

const PASTES: [&str; 6] = [
    "eyJhbGciOi.q\ns\r",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6Im90aGVyIn0.eyJhdWQiOiJhcGk6Ly9vdGhlciIsImFwcGlkIjoieCJ9.U0lHTkFUVVJF",
    "3d9b5e3d-21d4-4291-b0a7-ea694406d17d",
    "AADSTS700016",
    "界界\u{202e}\x1b[2J",
    "a=1",
];

/// A screen to begin with.
fn screen(number: usize) -> Model {
    let (looks, size) = (Looks::new(number.is_multiple_of(2), number.is_multiple_of(3)), (80, 24));
    match number % 4 {
        0 => Model { bench: Some(bench()), ..opened(FAILS, looks, size) },
        1 => Model { bench: Some(bench()), form: Some(form()), ..running(looks, size) },
        2 => Model::asking(form(), looks, size),
        _ => opened(WORKS, looks, size),
    }
}

/// Who presses them, and when.
struct Hand {
    chance: Chance,
    now: DateTime<Utc>,
    /// The keys of a way that it has begun.
    begun: VecDeque<char>,
}

impl Hand {
    fn next(&mut self) -> Message {
        let key = |code, modifiers| Message::Key(KeyEvent::new(code, modifiers));
        if let Some(character) = self.begun.pop_front() {
            let code = match character {
                '\n' => KeyCode::Enter,
                '\u{1b}' => KeyCode::Esc,
                '\t' => KeyCode::Tab,
                other => KeyCode::Char(other),
            };
            return key(code, KeyModifiers::NONE);
        }
        let chance = &mut self.chance;
        match chance.below(40) {
            0 => {
                self.begun.extend("\n".chars().take(chance.below(2)));
                Message::Paste(chance.of(&PASTES).to_owned())
            }
            1 => {
                let most = chance.of(&[(60, 20), (120, 40), (220, 60)]);
                let size = (1 + chance.below(most.0), 1 + chance.below(most.1));
                Message::Resized(u16::try_from(size.0).unwrap(), u16::try_from(size.1).unwrap())
            }
            2 => {
                self.now += TimeDelta::try_milliseconds(i64::try_from(chance.below(9_000)).unwrap()).unwrap();
                Message::Tick(self.now)
            }
            3..16 => key(chance.of(&KEYS), KeyModifiers::NONE),
            16 => key(KeyCode::Char(chance.of(&['u', 'd', 'l', 'a', 'w', 'r'])), KeyModifiers::CONTROL),
            17..20 => {
                self.begun.extend(chance.of(&WAYS).chars());
                key(KeyCode::Esc, KeyModifiers::NONE)
            }
            _ => {
                let character = char::from(u8::try_from(32 + chance.below(95)).unwrap());
                key(KeyCode::Char(character), KeyModifiers::NONE)
            }
        }
    }
}

/// What comes of an effect.
fn answer(effect: Effect, chance: &mut Chance) -> Option<Message> {
    let either = chance.below(2) == 0;
    let outcome =
        || if either { Ok("a file".to_owned()) } else { Err(FileError::Exists { shown: "a file".to_owned() }) };
    Some(match effect {
        Effect::Save(_) => Message::Saved(outcome()),
        Effect::WriteFixed(_) => Message::Written(outcome()),
        Effect::WriteList(_) => Message::Listed(outcome()),
        Effect::FindName(name) => Message::FreeName(name),
        Effect::Check { .. } | Effect::Stop => {
            Message::Session(Event::Finished(saved(if either { FAILS } else { WORKS })))
        }
        Effect::CheckForm(_) => Message::Checking { title: "https://app2.example/".to_owned() },
        Effect::Lab => Message::Checking { title: "lab healthy".to_owned() },
        Effect::Open(_) if either => Message::Opened(Err("a reason".into())),
        Effect::Open(_) => Message::Opened(Ok(("https://app2.example/".to_owned(), saved(FAILS)))),
        Effect::Bench(request) => {
            let output = || outcome().map_or_else(|error| Output::Refused(error.to_string()), Output::Printed);
            let line = |line: &String| Ran { line: line.clone(), output: output() };
            let ran = match &request {
                Request::Run { lines, .. } => lines.iter().map(line).collect(),
                Request::Set { .. } | Request::Switch(_) => Vec::new(),
            };
            Message::Bench(Box::new(Done { request: Some(request), ran, state: Some(bench()), ..Done::default() }))
        }
        Effect::Copy(_) => Message::Copied(Ok("sent".to_owned())),
        _ => return None,
    })
}

/// Presses so many keys, other ones with another seed. It panics where a file is asked for that nobody confirmed, or
/// where a screen contains what a terminal would interpret.
pub fn press(seed: u64, rounds: usize) -> Met {
    let mut hand = Hand { chance: Chance(seed), now: DateTime::UNIX_EPOCH, begun: VecDeque::new() };
    let mut met = Met::default();
    let mut model = screen(0);
    for round in 0..rounds {
        if round > 0 && round.is_multiple_of((rounds / 20).clamp(1, 1_000)) {
            model = screen(hand.chance.below(12));
        }
        let asked = match &model.place.over {
            Some(Over::Prompt(prompt)) => Some(prompt.asking),
            _ => None,
        };
        let message = hand.next();
        let is_enter = matches!(&message, Message::Key(event) if event.code == KeyCode::Enter);
        let (effects, _) = update(&mut model, message);
        for effect in effects {
            let confirmed = match effect {
                Effect::Save(_) => Some(Asking::SavePath),
                Effect::WriteFixed(_) => Some(Asking::FixedPath),
                Effect::WriteList(_) => Some(Asking::ListPath),
                _ => None,
            };
            if confirmed.is_some() {
                assert!(is_enter && asked == confirmed, "seed {seed}, round {round}: {effect:?} is unasked");
                met.files += 1;
            }
            if let Some(answer) = answer(effect, &mut hand.chance) {
                update(&mut model, answer);
            }
        }
        met.views.insert(model.place.view().name());
        met.forms += usize::from(matches!(model.place.over, Some(Over::Form)));
        let text = svg::text(&model);
        assert!(!text.contains('\u{202e}') && !text.contains('\x1b'), "seed {seed}, round {round}:\n{text}");
    }
    met
}
