//! A text that is pasted outside a field: what it is, and what can be done with it. Nothing is done unasked.

use crossterm::event::{KeyCode, KeyEvent};

use crate::case::recognize::{Recognized, recognize};
use crate::case::secret::without_tokens;
use crate::case::token::DecodedToken;
use crate::knowledge::{self, Said, phrase};
use crate::tui::model::Model;
use crate::tui::model::choices::Part;
use crate::tui::model::place::{Focus, Offer, Offered, Over, View};

/// No more of a text is looked up.
const MOST: usize = 20_000;

/// Says what a text is, and offers what can be done with it.
pub(super) fn paste(model: &mut Model, text: &str) -> bool {
    let text = text.trim();
    let said = match recognize(text) {
        Recognized::Token(token) => {
            let said = phrase("paste.token").with("count", token.length);
            return offer(model, &said, Offered::Token(token));
        }
        Recognized::Guid | Recognized::ResourceId => {
            let id = text.to_owned();
            return offer(model, &phrase("paste.id"), Offered::View(View::Who(id)));
        }
        Recognized::Log(count) => match known(text) {
            Some(view) => {
                return offer(
                    model,
                    &phrase("paste.log").with("count", count).when("several", count > 1),
                    Offered::View(view),
                );
            }
            None => phrase("paste.unknown-log"),
        },
        Recognized::Settings => phrase("paste.settings"),
        Recognized::Variables(count) => phrase("paste.variables").with("count", count).when("several", count > 1),
        Recognized::Url => match known(text) {
            Some(view) => return offer(model, &phrase("paste.known"), Offered::View(view)),
            None => phrase("paste.url"),
        },
        Recognized::Text => match known(text) {
            Some(view) => return offer(model, &phrase("paste.known"), Offered::View(view)),
            None => phrase("screen.pasted"),
        },
    };
    model.place.over = None;
    model.log.hint(said.text());
    true
}

/// The explanation of what the knowledge base has of a text.
fn known(text: &str) -> Option<View> {
    let text = text.get(..text.floor_char_boundary(MOST)).unwrap_or_default();
    let found = knowledge::explained(text);
    let is_known = !found.is_a_guess && !found.entries.is_empty();
    is_known.then(|| View::Explain(without_tokens(text)))
}

fn offer(model: &mut Model, said: &Said, does: Offered) -> bool {
    model.log.toast = None;
    model.place.over = Some(Over::Offer(Offer { text: said.clone().text(), does }));
    true
}

/// A key while something is offered: Enter does it, any other key only takes the offer away.
pub(super) fn on_key(model: &mut Model, key: KeyEvent) -> bool {
    let Some(Over::Offer(offer)) = model.place.over.take() else {
        return false;
    };
    if key.code != KeyCode::Enter {
        return true;
    }
    model.place.focus = Focus::Pane;
    match offer.does {
        Offered::Token(token) => decode(model, *token),
        Offered::View(view) => model.place.open(view),
    }
    true
}

fn decode(model: &mut Model, token: DecodedToken) {
    model.pasted = Some(token);
    model.target.generation += 1;
    model.place.choices.part = Part::Claims;
    model.place.show(View::Token);
}
