//! What the loop does outside: checks, files, the clipboard, and the terminal given back.

use std::io;
use std::sync::Arc;

use crate::case::step::StepId;
use crate::knowledge::phrase;
use crate::report::Report;
use crate::report::document::Detail;
use crate::report::text::Style;
use crate::tui::desk::{AnyError, Refused};
use crate::tui::farewell::{self, Left};
use crate::tui::files;
use crate::tui::model::form::Draft;
use crate::tui::model::target::Run;
use crate::tui::page;
use crate::tui::page::under_way::unanswered_lines;
use crate::tui::terminal::signals;
use crate::tui::update::{Effect, Message, update};
use crate::tui::view::help;

use super::{Exit, Loop, RunError, titled};

/// Longer lines are hard to read.
const WIDEST: u16 = 110;

impl Loop<'_> {
    pub(super) fn perform(&mut self, effect: Effect) -> Result<Option<Exit>, RunError> {
        let width = usize::from(self.screen.size().0.min(WIDEST));
        let message = match effect {
            Effect::Quit => return Ok(Some(Exit::Quit(self.model.exit_code()))),
            Effect::Interrupt => return Ok(Some(Exit::Signal(2))),
            Effect::Check { from } => {
                self.start(from.unwrap_or(StepId::Identity), self.model.target.base.clone());
                return Ok(None);
            }
            Effect::CheckTarget(at) => {
                self.doctor.start(at, StepId::Identity, None);
                return Ok(None);
            }
            Effect::CheckForm(draft) => self.check(&draft),
            Effect::Plan(draft) => Message::Planned(self.desk.as_ref().and_then(|desk| desk.plan(&draft, width).ok())),
            Effect::ShowPlan(draft) => match self.desk.as_ref().map(|desk| desk.plan(&draft, help::room(self.model))) {
                Some(Ok(plan)) => Message::Requests(plan),
                Some(Err(refused)) => Message::Refused(refused),
                None => return Ok(None),
            },
            Effect::Lab => {
                let Some((title, preparing, bench)) = self.desk.as_ref().and_then(|desk| desk.lab()) else {
                    return Ok(None);
                };
                self.doctor.stop(self.model.at());
                self.preparing = Some(preparing);
                self.bench = Some(bench);
                self.saved = None;
                // Its inputs are the lab's own; Esc leads back to the form.
                self.model.left = self.model.form.take();
                self.model.log.hint(phrase("screen.preparing-lab").text());
                Message::Checking { title }
            }
            Effect::Open(path) => match self.desk.as_ref().map(|desk| desk.open(&path)) {
                Some(opened) => self.opened(opened, Some(path)),
                None => return Ok(None),
            },
            Effect::OpenText(text) => match self.desk.as_ref().map(|desk| desk.open_text(&text)) {
                Some(opened) => self.opened(opened, None),
                None => return Ok(None),
            },
            Effect::FindName(name) => Message::FreeName(files::free_name(&name)),
            Effect::Bench(request) => {
                self.doing.extend(self.bench.as_ref().map(|bench| bench.perform(request)));
                return Ok(None);
            }
            Effect::WriteList(path) => {
                let written = files::write_list(self.model.target.known(), &path);
                self.written.extend(written.as_ref().ok().map(|shown| phrase("list.saved").with("file", shown).text()));
                Message::Listed(written)
            }
            Effect::Stop => {
                self.doctor.stop(self.model.at());
                return Ok(None);
            }
            Effect::Suspend => {
                self.sleep()?;
                return Ok(None);
            }
            Effect::Redraw => {
                self.screen.redraw();
                self.is_dirty = true;
                return self.look_at_size();
            }
            Effect::Plain(text) => {
                self.screen.show_plain(&text);
                return Ok(None);
            }
            Effect::Copy(text) => Message::Copied(self.screen.copy(&text)),
            Effect::Save(path) => {
                let saved = files::save(&self.model.to_save(), &path);
                if let Ok(shown) = &saved {
                    self.written.push(phrase("screen.saved").with("file", shown).text());
                    self.saved = Some(path);
                }
                Message::Saved(saved)
            }
            Effect::WriteFixed(path) => {
                let written = files::write_fixed(self.model.target.observed.as_deref(), &path);
                self.written.extend(written.as_ref().ok().cloned());
                Message::Written(written)
            }
        };
        self.is_dirty |= update(self.model, message).1;
        Ok(None)
    }

    /// What comes of opening a case: of this file, or of a text.
    fn opened(&mut self, opened: Result<Report, AnyError>, path: Option<String>) -> Message {
        Message::Opened(opened.map(|report| {
            self.doctor.stop(self.model.at());
            self.saved = path;
            (titled(&report.case().inputs), Arc::new(report))
        }))
    }

    /// Checks what is filled in, if it can be used.
    fn check(&mut self, draft: &Draft) -> Message {
        let prepared = match self.desk.as_ref().map(|desk| desk.prepare(draft)) {
            Some(Ok(prepared)) => prepared,
            Some(Err(refused)) => return Message::Refused(refused),
            None => {
                let reason = phrase("screen.no-other-target").text();
                return Message::Refused(Refused { field: None, reason });
            }
        };
        let title = titled(&prepared.inputs);
        self.doctor.prepare(prepared);
        self.start(StepId::Identity, None);
        Message::Checking { title }
    }

    /// Gives the terminal back and prints the last words, where somebody reads them.
    pub(super) fn leave(&mut self, exit: Exit) -> Exit {
        let is_read = self.screen.leave();
        if is_read && !matches!(exit, Exit::Signal(1)) {
            let abilities = self.options.abilities;
            let style = Style {
                color: abilities.color,
                ascii: !abilities.marks,
                width: usize::from(self.screen.size().0.min(WIDEST)),
                detail: Detail::Normal,
                program: None,
            };
            let lab = self.model.bench.as_ref();
            let again = lab.map(|state| state.again.as_str());
            let all = self.model.all_targets();
            let all = all.map(|(title, target)| {
                let answer = target.observed.as_deref().filter(|_| !target.is_running());
                (title, answer, target.run == Run::Stopped)
            });
            let target = &self.model.target;
            let left = Left {
                report: self.model.target.observed.as_deref(),
                before: target.answer_before(),
                is_running: target.is_running(),
                is_stale: self.model.stale().is_some(),
                stopped: (target.run == Run::Stopped).then(|| unanswered_lines(target)),
                all: all.filter(|_| self.model.is_several()).collect(),
                written: &self.written,
                saved: self
                    .saved
                    .as_deref()
                    .filter(|_| !self.model.is_several() && self.model.target.observed.is_some()),
                again: again.or(self.options.again.as_deref()),
                is_changed: lab.is_some_and(|state| state.changed),
                tool: page::tool(self.model),
                program: self.model.program.as_deref(),
                is_here: self.model.target.run != Run::Saved && self.model.bench.is_none(),
            };
            self.screen.say(&farewell::text(&left, &style));
        }
        exit
    }

    /// Stops the process like Ctrl-Z in a shell, and sets up the terminal again when it continues.
    pub(super) fn sleep(&mut self) -> io::Result<()> {
        self.screen.leave();
        signals::stop();
        self.wake()
    }

    pub(super) fn wake(&mut self) -> io::Result<()> {
        self.screen.enter_again()?;
        let (columns, rows) = self.screen.size();
        self.is_dirty |= update(self.model, Message::Resized(columns, rows)).1;
        Ok(())
    }
}
