//! The screen as a pure function of the model.
//!
//! ```text
//!  App 1 → app2.azurewebsites.net/api/hello               ✗ FAIL · certain · 0.4 s
//!  App 1 ─✓─ identity ─✓─ Entra ─✓─ token ─✗─ Easy Auth ┄┄┄ app2
//! ─────────────────────────┬───────────────────────────────────────────────────────
//!  1 ✓ identity       3 ms │ [Cause]  Step  Requests  Inputs  Setup  Log
//!  …                       │ ✗ caller-not-in-allowed-applications
//!  8 ✗ call         117 ms │ …
//!  y copy  a what if                                               ? help  q quit
//! ```

mod draw;
mod footer;
mod form;
mod header;
pub mod help;
mod pane;
mod path;
pub mod places;
mod prompt;
mod steps;

use ratatui::Frame;
use ratatui::text::{Line, Span};

use super::look::Role;
use super::model::Model;
use super::model::place::Over;
use draw::put;
use places::Class;

/// Draws everything.
pub fn render(frame: &mut Frame<'_>, model: &Model) {
    let places = places::of(model);
    header::render(frame, model, places.header);
    match places.class {
        Class::Tiny => steps::strip(frame, model, places.strip, places.tabs.height > 0),
        Class::Narrow => {
            path::render(frame, model, places.path);
            steps::strip(frame, model, places.strip, places.tabs.height > 0);
        }
        Class::Normal | Class::Wide => {
            path::render(frame, model, places.path);
            steps::list(frame, model, places.steps);
        }
    }
    rules(frame, model, &places);
    pane::render(frame, model, &places);
    footer::render(frame, model, &places);
    let in_form = is_in_form(model);
    match &model.place.over {
        Some(Over::Help(top) | Over::FormHelp(top) | Over::FormPlan(top)) => help::render(frame, model, *top),
        Some(Over::Prompt(prompt)) => prompt::render(frame, model, prompt, &places),
        Some(Over::Offer(_) | Over::Form) | None => {}
    }
    if let Some(form) = model.form.as_ref().filter(|_| in_form) {
        form::render(frame, model, form, &places);
    }
    if let Some(Over::Offer(offer)) = &model.place.over {
        footer::offer(frame, model, offer, &places);
    }
}

/// Whether the form is in sight, perhaps below what is offered.
fn is_in_form(model: &Model) -> bool {
    match &model.place.over {
        Some(Over::Offer(offer)) => offer.in_form,
        over => matches!(over, Some(Over::Form)),
    }
}

/// The lines where parts of the screen meet.
fn rules(frame: &mut Frame<'_>, model: &Model, places: &places::Places) {
    let looks = model.looks;
    let style = looks.style(Role::Faint);
    // Nothing is beside the form.
    let divider = if is_in_form(model) { ratatui::layout::Rect::ZERO } else { places.divider };
    if places.rule.height > 0 {
        let width = usize::from(places.rule.width);
        let mut text = looks.rule().repeat(width);
        if divider.height > 0 {
            let at = usize::from(divider.x);
            text = format!(
                "{}{}{}",
                looks.rule().repeat(at),
                looks.tee(),
                looks.rule().repeat(width.saturating_sub(at + 1))
            );
        }
        put(frame, places.rule, vec![Line::from(Span::styled(text, style))]);
    }
    if divider.height > 0 {
        let bar = || Line::from(Span::styled(looks.bar(), style));
        put(frame, divider, (0..divider.height).map(|_| bar()).collect());
    }
}
