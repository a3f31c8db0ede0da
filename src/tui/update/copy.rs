//! Texts for elsewhere: to the terminal's clipboard, or plain on the normal screen.

use crossterm::event::KeyCode;

use crate::case::secret::without_tokens;
use crate::tui::keys::binding::{Binding, row};
use crate::tui::keys::chord::{key, letter};
use crate::tui::keys::when::{When, has_text, only};
use crate::tui::model::Model;
use crate::tui::page;
use crate::tui::page::cause::command_of;
use crate::tui::page::item::{Item, Opens};

use super::effect::Effect;

pub(crate) const KEYS: &[Binding] = &[
    row(&[key(KeyCode::Enter)], is_test, |model, press| press.asks(command(model)), "keys.copy-test"),
    row(&[letter('y')], can_copy, |model, press| press.asks(copied(model)), "keys.copy").footer("word.copy", 10),
    row(&[letter('Y')], has_text, |model, press| press.asks(all(model)), "keys.copy-all").footer("word.copy-all", 35),
    row(&[letter('P')], has_text, |model, press| press.asks(plain(model)), "keys.plain").footer("word.plain", 36),
];

fn can_copy(model: &Model) -> When {
    let has_text = |item: &Item| item.copy.is_some() || matches!(item.opens, Some(Opens::Request(_)));
    only(model.item().as_deref().is_some_and(has_text), "why.nothing-to-copy")
}

/// Whether a test is selected that is a command: where nothing opens, it is copied.
fn is_test(model: &Model) -> When {
    let item = model.item();
    let has_command = |item: &Item| item.opens.is_none() && command_of(item).is_some();
    only(item.as_deref().is_some_and(has_command), "why.not-opened")
}

fn command(model: &Model) -> Effect {
    let item = model.item();
    Effect::Copy(without_tokens(item.as_deref().and_then(command_of).unwrap_or_default()))
}

fn copied(model: &Model) -> Effect {
    Effect::Copy(without_tokens(&page::copied(model).unwrap_or_default()))
}

fn all(model: &Model) -> Effect {
    Effect::Copy(without_tokens(&model.page.text()))
}

fn plain(model: &Model) -> Effect {
    Effect::Plain(without_tokens(&model.looks.text(&model.page.text())))
}
