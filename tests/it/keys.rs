//! In every view, each row of the help does something, and every other key says why it does nothing.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use easyauth_doctor::tui::keys;
use easyauth_doctor::tui::look::Looks;
use easyauth_doctor::tui::model::Model;
use easyauth_doctor::tui::model::place::View;
use easyauth_doctor::tui::update::{Message, update};

use crate::helpers::every_view;
use crate::helpers::screens::{FAILS, IS_OPEN, WORKS, bench, opened, press, running, saved};

/// Screens on every view, and on some in each of their states.
fn models() -> Vec<(String, Model)> {
    let looks = Looks::new(true, false);
    let mut models = vec![("running".to_owned(), running(looks, (80, 24)))];
    for name in [FAILS, WORKS, IS_OPEN] {
        for size in [(80, 24), (120, 40), (40, 12)] {
            models.push((format!("{name} {size:?}"), opened(name, looks, size)));
        }
        for keys in ["x", "i", "o", "L", "5", "\t", "/the\r", "a", "t", "th", "tv", "p", "p ", "xG\r", "gc\r"] {
            let mut model = opened(name, looks, (80, 24));
            press(&mut model, keys);
            models.push((format!("{name} {keys:?}"), model));
        }
    }
    let mut on_lab = Model { bench: Some(bench()), ..opened(FAILS, looks, (80, 24)) };
    press(&mut on_lab, "o");
    models.push(("setup in the lab".to_owned(), on_lab));
    let all = every_view::all(&saved(FAILS), (80, 24)).into_iter();
    models.extend(all.map(|(name, model)| (name.to_owned(), model)));
    // In the form, every key is the selected field's.
    models.retain(|(_, model)| model.place.over.is_none());
    models
}

#[test]
fn every_row_of_the_help_works_where_it_is_shown_and_every_other_key_says_why_not() {
    let (mut works, mut silent) = (0, Vec::new());
    for (name, model) in models() {
        for row in keys::enabled(&model) {
            for chord in row.chords {
                let modifiers = if chord.control { KeyModifiers::CONTROL } else { KeyModifiers::NONE };
                let event = KeyEvent::new(chord.code, modifiers);
                assert!(matches!(keys::meaning(&model, event), keys::Meaning::Does(_)), "{name}: {:?}", row.help);
                let mut model = model.clone();
                let (effects, changed) = update(&mut model, Message::Key(event));
                if effects.is_empty() && !changed {
                    silent.push(format!("{name}: {}", row.help));
                }
                works += 1;
            }
        }
        // Whatever else is on a keyboard.
        let others = (' '..='~').map(KeyCode::Char).chain([KeyCode::F(7), KeyCode::Insert, KeyCode::Delete]);
        for code in others {
            let event = KeyEvent::new(code, KeyModifiers::NONE);
            if matches!(keys::meaning(&model, event), keys::Meaning::Does(_)) {
                continue;
            }
            let mut model = model.clone();
            let (effects, changed) = update(&mut model, Message::Key(event));
            if !effects.is_empty() || !changed || model.log.toast.is_none() {
                silent.push(format!("{name}: {code:?}"));
            }
        }
    }
    assert!(silent.is_empty(), "{silent:#?}");
    assert!(works > 1_000, "{works}");
}

/// A view whose name has no room above the pane is shown by its key there.
#[test]
fn the_key_of_a_view_shows_it_wherever_that_view_is_named() {
    for (name, model) in models() {
        for view in View::tabs(model.place.step) {
            let Some(binding) = keys::of_view(&view) else { continue };
            let chord = binding.chords[0];
            let keys::Meaning::Does(found) = keys::meaning(&model, KeyEvent::new(chord.code, KeyModifiers::NONE))
            else {
                panic!("{name}: {}", binding.help);
            };
            let opens_the_form = matches!(found.help, "keys.form" | "keys.first-form");
            assert!(found.help == binding.help || opens_the_form, "{name}: {} does {}", binding.help, found.help);
        }
    }
}
