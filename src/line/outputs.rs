//! Where the report, the saved case, and the edited settings go. All places are checked before anything is sent, and
//! each is written even where another one could not be.

use crate::case::secret::without_tokens;
use crate::cli::OutputOptions;
use crate::knowledge::{Value, phrase};
use crate::report::{self, Format, Report, in_ascii, text, written};

use super::console::Console;
use super::files::{Destination, Named, refuse_the_same};
use super::{CliError, interruptible};

/// Where reports and cases go.
pub struct Outputs {
    format: Format,
    report: Option<Destination>,
    save: Option<Destination>,
    edited: Option<Destination>,
    many: bool,
    /// Whether the check is repeated, so that standard output gets one line of JSON a document.
    repeats: bool,
}

impl Outputs {
    /// Checks what the options name against one another, against the files that are read, and whether it can be
    /// written. Nothing is created.
    ///
    /// # Errors
    /// What cannot be written to, or two uses of one file or of standard output.
    pub fn open(options: &OutputOptions, many: bool, inputs: &[Named]) -> Result<Self, CliError> {
        let named: Vec<(&'static str, &str)> =
            [("--output", &options.output), ("--save", &options.save), ("--edited-settings", &options.edited_settings)]
                .into_iter()
                .filter_map(|(option, path)| Some((option, path.as_deref()?)))
                .collect();
        let mut on_console: Vec<Value> =
            named.iter().filter(|(_, path)| *path == "-").map(|(option, _)| Value::from(*option)).collect();
        if options.output.is_none() {
            on_console.insert(0, phrase("files.report").into());
        }
        if let [first, second, ..] = on_console.as_slice() {
            let said = phrase("files.two-on-console").with("first", first.clone());
            return Err(CliError::Usage(said.with("second", second.clone()).text()));
        }
        let mut outputs: Vec<Named> = named.iter().map(|(option, path)| Named::new(option, path.as_ref())).collect();
        if options.output.is_none() {
            outputs.insert(0, Named::new("standard output", "-".as_ref()));
        }
        refuse_the_same(inputs, &outputs)?;
        let open = |option: &'static str| {
            let path = named.iter().find(|(known, _)| *known == option);
            path.map(|(_, path)| Destination::open(option, path)).transpose()
        };
        Ok(Self {
            format: options.format,
            report: open("--output")?.filter(|destination| !destination.is_console()),
            save: open("--save")?,
            edited: open("--edited-settings")?,
            many,
            repeats: false,
        })
    }

    /// The same for a check that is repeated.
    #[must_use]
    pub fn repeating(self, repeats: bool) -> Self {
        Self { repeats, ..self }
    }

    /// Writes what a look that isn't the last has found: files are written again, and standard output gets another line
    /// of JSON where something changed.
    ///
    /// # Errors
    /// The first that could not be written.
    pub fn look(&self, reports: &[Report], changed: bool, console: &mut Console) -> Result<(), CliError> {
        if let Some(save) = self.save.as_ref().filter(|place| place.is_file()) {
            save.write(self.saved(reports, console).as_bytes(), console)?;
        }
        match &self.report {
            Some(place) if place.is_file() => {
                let written = self.written(reports, &|style| text::reports(reports, style), console);
                place.write(written.as_bytes(), console)
            }
            None if self.format == Format::Json && changed => self.print_json_line(reports, console),
            _ => Ok(()),
        }
    }

    fn print_json_line(&self, reports: &[Report], console: &mut Console) -> Result<(), CliError> {
        console.print(&report::json_line(reports, self.many, &console.style))
    }

    fn saved(&self, reports: &[Report], console: &Console) -> String {
        let saved = written::saved(reports, self.many);
        if console.style.ascii { in_ascii(&saved, Format::Json) } else { saved }
    }

    /// The report as a file gets it.
    fn written(&self, reports: &[Report], lines: &dyn Fn(&text::Style) -> String, console: &Console) -> String {
        let style = text::Style { color: false, width: 100, ..console.style };
        match self.format {
            Format::Text => without_tokens(&lines(&style)),
            form => report::render(reports, self.many, form, &style),
        }
    }

    fn places(&self) -> impl Iterator<Item = &Destination> {
        [&self.report, &self.save, &self.edited].into_iter().flatten()
    }

    /// Whether a file is written, whoever reads standard output.
    #[must_use]
    pub fn has_files(&self) -> bool {
        self.places().any(|place| !place.is_console())
    }

    /// Tries all places out, once signals are handled. Nothing is left there.
    ///
    /// # Errors
    /// What cannot be written to.
    pub fn try_out(&self) -> Result<(), CliError> {
        self.places().try_for_each(Destination::try_out)
    }

    /// Does the work that ends with these outputs. Where files are written, signals are handled from here on, so that
    /// none of them is left half done, and the places are tried out before the work begins.
    ///
    /// # Errors
    /// What cannot be written to, the work's own, or a signal.
    pub async fn after<T>(self, work: impl AsyncFnOnce(Self) -> Result<T, CliError>) -> Result<T, CliError> {
        if self.places().all(Destination::is_console) {
            return work(self).await;
        }
        interruptible(async {
            self.try_out()?;
            work(self).await
        })
        .await
    }

    /// Whether standard output carries lines for people: it does unless another form or another document goes there.
    #[must_use]
    pub fn prints_lines(&self) -> bool {
        let console = |place: &Option<Destination>| place.as_ref().is_some_and(Destination::is_console);
        (self.format == Format::Text || self.report.is_some()) && !console(&self.save) && !console(&self.edited)
    }

    /// As [`prints_lines`](Self::prints_lines), for what takes no time: it isn't printed besides where a file gets it.
    #[must_use]
    pub fn prints_report(&self) -> bool {
        self.report.is_none() && self.prints_lines()
    }

    /// Writes what is not printed as lines: the report in its form, the saved case, and the edited settings.
    ///
    /// # Errors
    /// The first that could not be written; the others are.
    pub fn finish(self, reports: &[Report], console: &mut Console) -> Result<(), CliError> {
        self.finish_with(reports, &|style| text::reports(reports, style), console)
    }

    /// As [`finish`](Self::finish), with other lines for people in a file than the whole report's.
    ///
    /// # Errors
    /// As there.
    pub fn finish_with(
        self,
        reports: &[Report],
        lines: &dyn Fn(&text::Style) -> String,
        console: &mut Console,
    ) -> Result<(), CliError> {
        let mut outcomes = Vec::new();
        if let Some(save) = &self.save {
            outcomes.push(save.write(self.saved(reports, console).as_bytes(), console));
        }
        if let Some(destination) = &self.edited {
            outcomes.push(edited(reports, destination, console));
        }
        if let Some(destination) = &self.report {
            outcomes.push(destination.write(self.written(reports, lines, console).as_bytes(), console));
        } else if self.repeats && self.format == Format::Json {
            outcomes.push(self.print_json_line(reports, console));
        } else if self.format != Format::Text {
            let written = report::render(reports, self.many, self.format, &console.style);
            outcomes.push(console.print(&written));
        }
        outcomes.push(console.end());
        outcomes.into_iter().collect()
    }
}

/// Writes App 2's settings with the root cause fixed, or says why there is nothing to write; then no file is touched.
fn edited(reports: &[Report], destination: &Destination, console: &mut Console) -> Result<(), CliError> {
    let [report] = reports else {
        console.say(&(phrase("files.several-settings").text() + "\n"));
        return Ok(());
    };
    let said = match written::edited_settings(report) {
        Ok((text, said)) => {
            let file = destination.shown();
            destination.write(text.as_bytes(), console)?;
            phrase("files.edited").with("said", said).with("file", file)
        }
        Err(reason) => phrase("files.not-edited").with("reason", reason.to_string()),
    };
    console.say(&(said.text() + "\n"));
    Ok(())
}
