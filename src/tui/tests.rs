//! Bytes that reach the terminal, counted: a slow line pays for each of them.

use std::cell::Cell;
use std::io::{self, Write};
use std::rc::Rc;
use std::sync::Arc;

use chrono::DateTime;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};

use crate::case::Case;
use crate::case::inputs::Inputs;
use crate::case::step::StepId;
use crate::report::{Fact, Report, StepStatus};
use crate::session;

use super::model::Model;
use super::theme::Theme;
use super::update::{Effect, Message, update};
use super::view;

#[derive(Clone, Default)]
struct Counter(Rc<Cell<usize>>);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.set(self.0.get() + bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn report() -> Arc<Report> {
    let inputs = Inputs {
        target: Some("https://app2.azurewebsites.net/api/hello".to_owned()),
        ..Inputs::default()
    };
    let mut case = Case::new(inputs, DateTime::UNIX_EPOCH);
    case.settled = StepId::ALL.to_vec();
    let judged = Report::of(case.clone());
    let mut steps = judged.steps().to_vec();
    for step in &mut steps {
        step.status = StepStatus::Pass;
        step.summary = "what was found in this step, in one line of ordinary length".to_owned();
        step.facts.push(Fact {
            name: "client ID".to_owned(),
            value: "11111111-2222-4333-8444-555555555555".to_owned(),
        });
    }
    let report = Report::with_words(case, steps, judged.diagnosis().clone(), judged.observed_verdict);
    Arc::new(report)
}

fn screen(columns: u16, rows: u16) -> (Terminal<CrosstermBackend<Counter>>, Counter, Model) {
    let counter = Counter::default();
    let area = Rect {
        x: 0,
        y: 0,
        width: columns,
        height: rows,
    };
    let options = TerminalOptions {
        viewport: Viewport::Fixed(area),
    };
    let terminal = Terminal::with_options(CrosstermBackend::new(counter.clone()), options).unwrap();
    let mut model = Model::new(
        "https://app2/".to_owned(),
        Theme {
            color: true,
            ascii: false,
        },
        (columns, rows),
    );
    update(&mut model, Message::Session(session::Event::Finished(report())));
    (terminal, counter, model)
}

fn key(model: &mut Model, code: KeyCode) -> (Vec<Effect>, bool) {
    update(model, Message::Key(KeyEvent::new(code, KeyModifiers::NONE)))
}

#[test]
fn frames_are_small() {
    let (mut terminal, counter, mut model) = screen(80, 24);
    let mut bytes = |model: &Model| {
        counter.0.set(0);
        terminal.draw(|frame| view::render(frame, model)).unwrap();
        counter.0.get()
    };
    let first = bytes(&model);
    assert!(first <= 4096, "first frame: {first} bytes");
    model.busy = vec![StepId::Token];
    bytes(&model);
    assert!(update(&mut model, Message::Tick).1);
    let spinner = bytes(&model);
    assert!(spinner <= 64, "a spinner's step: {spinner} bytes");
    model.busy.clear();
    bytes(&model);
    let (_, changed) = update(&mut model, Message::Tick);
    assert!(!changed, "nothing is drawn while nothing happens");
}

#[test]
fn no_size_is_too_small() {
    for columns in (1..=130).step_by(7) {
        for rows in 1..=45 {
            let (mut terminal, _, mut model) = screen(columns, rows);
            for code in [
                KeyCode::Char('?'),
                KeyCode::Esc,
                KeyCode::Enter,
                KeyCode::PageDown,
                KeyCode::Tab,
                KeyCode::Char('s'),
            ] {
                key(&mut model, code);
                terminal.draw(|frame| view::render(frame, &model)).unwrap();
            }
        }
    }
}

#[test]
fn keys_do_what_the_help_says() {
    let (_, _, mut model) = screen(80, 24);
    assert!(key(&mut model, KeyCode::Char('5')).1);
    assert_eq!(model.selected, StepId::Claims);
    key(&mut model, KeyCode::Down);
    assert_eq!(model.selected, StepId::Audience);
    assert_eq!(key(&mut model, KeyCode::Char('R')).0, [Effect::Run(StepId::Audience)]);
    // While it runs it cannot be started again, saved or copied.
    assert!(key(&mut model, KeyCode::Char('r')).0.is_empty());
    update(&mut model, Message::Session(session::Event::Finished(report())));
    key(&mut model, KeyCode::Char('s'));
    for character in "x".chars() {
        key(&mut model, KeyCode::Char(character));
    }
    assert_eq!(
        key(&mut model, KeyCode::Enter).0,
        [Effect::Save("easyauth-case.jsonx".to_owned())]
    );
    // In a prompt `q` is a letter; outside it quits.
    key(&mut model, KeyCode::Char('a'));
    assert!(key(&mut model, KeyCode::Char('q')).0.is_empty());
    key(&mut model, KeyCode::Esc);
    assert_eq!(key(&mut model, KeyCode::Char('q')).0, [Effect::Quit]);
}
