//! Keys about the program itself: its help, its terminal, and its end.

use crossterm::event::KeyCode;

use crate::tui::keys::binding::{Binding, row};
use crate::tui::keys::chord::{control, key, letter};
use crate::tui::keys::when::always;
use crate::tui::model::Model;
use crate::tui::model::place::Over;

use super::effect::Effect;

pub(crate) const KEYS: &[Binding] = &[
    row(&[letter('?'), key(KeyCode::F(1))], always, |model, _| help(model), "keys.help"),
    row(&[control('l')], always, |_, press| press.asks(Effect::Redraw), "keys.redraw").for_all(),
    row(&[control('z')], always, |_, press| press.asks(Effect::Suspend), "keys.suspend").for_all(),
    row(&[control('c')], always, |_, press| press.asks(Effect::Interrupt), "keys.interrupt").for_all(),
    row(&[letter('q')], always, |_, press| press.asks(Effect::Quit), "keys.quit"),
];

fn help(model: &mut Model) -> bool {
    model.place.over = Some(Over::Help(0));
    true
}
