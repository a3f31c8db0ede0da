//! Several targets: the table of them, and which one every key is about.

use std::mem::swap;

use chrono::{DateTime, Utc};

use crate::report::Report;
use crate::session::watch::Pause;

use super::look::Looks;
use super::model::Model;
use super::model::place::{Cursor, Focus, Place, View};
use super::model::target::{Target, Watch};
use super::model::targets::{ROW, Row};

impl Model {
    /// A screen with a row for each target: its name, and what is known of it.
    #[must_use]
    pub fn several(all: Vec<(String, Target)>, looks: Looks, size: (u16, u16), now: DateTime<Utc>) -> Self {
        let mut model = Self::new(String::new(), looks, size);
        model.now = now;
        let rows = all.into_iter().map(|(title, target)| Row { title, target, place: Place::default() });
        model.targets.rows = rows.collect();
        model.swap(0);
        for at in 0..model.targets.rows.len() {
            model.with_target(at, Self::follow);
        }
        model.show_targets();
        model
    }

    /// Tells targets of the same name apart: by their files, where each has one, else by when they were checked.
    pub fn name_apart(all: &mut [(String, Target)], files: &[String]) {
        let titles: Vec<String> = all.iter().map(|(title, _)| title.clone()).collect();
        let has_files = files.len() == all.len();
        for (at, (title, target)) in all.iter_mut().enumerate() {
            if titles.iter().filter(|other| *other == title).count() < 2 {
                continue;
            }
            let file = files.get(at).filter(|_| has_files).cloned();
            let time =
                || Some(target.observed.as_ref()?.observed().started_at.format("%Y-%m-%d %H:%M:%SZ").to_string());
            if let Some(name) = file.or_else(time) {
                *title = format!("{name}: {}", title.trim_start_matches("https://"));
            }
        }
    }

    /// Whether there is a table of targets.
    #[must_use]
    pub const fn is_several(&self) -> bool {
        !self.targets.rows.is_empty()
    }

    /// The number of the selected target.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.targets.at
    }

    /// The name of each target, and what is known of it.
    pub fn all_targets(&self) -> impl Iterator<Item = (&str, &Target)> {
        let own = (self.title.as_str(), &self.target);
        let others = self.targets.rows.iter().enumerate();
        let all = others.map(move |(at, row)| if at == self.targets.at { own } else { (&*row.title, &row.target) });
        all.chain((!self.is_several()).then_some(own))
    }

    /// The numbers of the two that are compared: both that are marked, else the marked one and the selected one; or the
    /// phrase that says what is missing.
    pub(super) fn compared(&self) -> Result<(usize, usize), &'static str> {
        let at = self.targets.at;
        match *self.targets.marked {
            [one, other] if one == at => Ok((other, one)),
            [one, other] => Ok((one, other)),
            [one] if one != at => Ok((one, at)),
            [_] => Err("why.select-another"),
            _ => Err("why.no-marked"),
        }
    }

    /// Shows the table, with the selected target in it.
    pub fn show_targets(&mut self) {
        self.place.show(View::Targets);
        self.place.focus = Focus::Pane;
        let item = Some(format!("{ROW}{}", self.targets.at));
        self.place.set_cursor(Cursor { item, ..self.place.cursor() });
    }

    /// Selects the target of the row in which the cursor is. Says whether it is another one.
    pub fn follow_cursor(&mut self) -> bool {
        if *self.place.view() != View::Targets {
            return false;
        }
        let cursor = self.place.cursor();
        let at = cursor.item.as_ref().and_then(|item| item.strip_prefix(ROW)?.parse().ok());
        let Some(at) = at.filter(|at| *at != self.targets.at && *at < self.targets.rows.len()) else {
            return false;
        };
        let (tool, wrap) = (self.place.tool.clone(), self.place.wrap);
        self.swap(self.targets.at);
        self.swap(at);
        (self.place.tool, self.place.wrap) = (tool, wrap);
        self.place.show(View::Targets);
        self.place.set_cursor(cursor);
        true
    }

    /// Does something as if this target were the selected one.
    pub(super) fn with_target<T>(&mut self, at: usize, work: impl FnOnce(&mut Self) -> T) -> T {
        if at == self.targets.at {
            return work(self);
        }
        let selected = self.targets.at;
        self.swap(at);
        let done = work(self);
        self.swap(at);
        self.targets.at = selected;
        done
    }

    /// Puts the state of a target in the place of the model's own, or back.
    fn swap(&mut self, at: usize) {
        let Some(row) = self.targets.rows.get_mut(at) else { return };
        swap(&mut row.title, &mut self.title);
        swap(&mut row.target, &mut self.target);
        swap(&mut row.place, &mut self.place);
        self.targets.at = at;
    }

    /// Whether a check is under way.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.all_targets().any(|(_, target)| target.is_running())
    }

    /// Repeats the checks that begin until the calls succeed.
    pub fn watch_all(&mut self) {
        for at in 0..self.all_targets().count() {
            self.with_target(at, |model| model.target.watch = Watch::Looking(Pause::default()));
        }
    }

    /// The reports that are saved: in the table those of all targets, else the shown one's.
    #[must_use]
    pub fn to_save(&self) -> Vec<Report> {
        let is_table = *self.place.view() == View::Targets;
        let all = self.all_targets().filter(|(_, target)| is_table || std::ptr::eq(*target, &self.target));
        let ended = all.filter(|(_, target)| target.has_answer());
        ended.filter_map(|(_, target)| target.observed.as_deref().cloned()).collect()
    }
}
