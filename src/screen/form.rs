//! The form of the screen, made of the options of the command line: the same parsers, the same files, the same plan.

use easyauth_doctor::case::credential::{CredentialSource, choose};
use easyauth_doctor::case::environment::Environment;
use easyauth_doctor::case::inputs::{Inputs, PASTED};
use easyauth_doctor::case::secret::Secret;
use easyauth_doctor::case::step::StepId;
use easyauth_doctor::case::value_parsers::{self, ValueError};
use easyauth_doctor::cli::TargetOptions;
use easyauth_doctor::cli::fields::{self, FIELDS, Given, OptionField, Part};
use easyauth_doctor::line::{ask, open, plan, start};
use easyauth_doctor::probe::{self, input};
use easyauth_doctor::report::Report;
use easyauth_doctor::session::Prepared;
use easyauth_doctor::tui::bench::Bench;
use easyauth_doctor::tui::model::form::{Draft, Field, Form, Kind, Plan};
use easyauth_doctor::tui::{AnyError, Desk, Preparing, Refused, from_home};

/// The field of a secret that no option gives.
const SECRET: &str = "client-secret";

/// The command line as it was given, behind the form.
pub(super) struct CommandLine {
    options: TargetOptions,
    /// The client secret that was typed already.
    secret: Option<Secret<String>>,
    #[cfg(feature = "lab")]
    lab: super::lab::Kept,
}

impl CommandLine {
    pub(super) fn new(options: &TargetOptions, inputs: Option<&Inputs>) -> Self {
        Self {
            options: options.clone(),
            secret: inputs.and_then(|inputs| inputs.client_secret.clone()),
            #[cfg(feature = "lab")]
            lab: super::lab::Kept::default(),
        }
    }

    /// What is filled in, as inputs.
    fn inputs(&self, draft: &Draft) -> Result<Inputs, Refused> {
        let mut options = self.options.clone();
        options.targets = None;
        for field in FIELDS {
            let is_pasted = draft.pasted.iter().any(|(name, _)| *name == field.name);
            let value = draft.values.iter().find(|(name, _)| *name == field.name);
            let text = if is_pasted { PASTED } else { value.map_or("", |(_, value)| value.expose()) };
            let path = field.takes_text.then(|| in_home(text));
            let text = path.as_deref().unwrap_or(text);
            let set = field.set(&mut options, text);
            set.map_err(|error| Refused { field: Some(field.name), reason: error.to_string() })?;
        }
        if !options.has_subject() {
            return Err(Refused { field: Some("target"), reason: ask::no_address() });
        }
        // One target gives the inputs of one check.
        let mut all = options.inputs(&[]).map_err(|error| blamed(error.to_string()))?;
        let mut inputs = all.pop().unwrap_or_default();
        for (option, path) in inputs.files() {
            input::without_waiting(option, path).map_err(|error| blamed(error.to_string()))?;
        }
        inputs.pasted.clone_from(&draft.pasted);
        let secret = draft.values.iter().find(|(name, value)| *name == SECRET && !value.expose().is_empty());
        inputs.client_secret = secret.map(|(_, value)| value.clone());
        Ok(inputs)
    }
}

/// A path with the person's own folder, which a shell would have filled in.
fn in_home(path: &str) -> String {
    from_home(path, std::env::home_dir()).display().to_string()
}

/// A reason, and the option that it names first: what comes later may be a command to try.
fn blamed(reason: String) -> Refused {
    let named = |field: &OptionField| {
        let option = format!("--{}", field.name);
        let ends = |rest: &str| !rest.starts_with(|next: char| next == '-' || next.is_ascii_alphanumeric());
        reason.match_indices(&option).map(|(at, _)| at).find(|at| reason.get(at + option.len()..).is_some_and(ends))
    };
    let first = FIELDS.iter().filter_map(|field| Some((named(field)?, field.name))).min();
    Refused { field: first.map(|(_, name)| name), reason }
}

impl Desk for CommandLine {
    fn form(&self) -> Form {
        let environment = probe::this_machine();
        let mut all: Vec<Field> = FIELDS.iter().map(|field| self.field(field, &environment)).collect();
        let secret = Field {
            kind: Kind::Hidden,
            help: ask::about_the_secret(),
            input: self.secret.as_ref().map(|secret| secret.expose().clone()).unwrap_or_default().into(),
            ..of(SECRET, Part::Rare, StepId::Identity, |_| Ok(()))
        };
        let place = all.iter().position(|field| field.name == "client-secret-file");
        all.insert(place.unwrap_or(all.len()), secret);
        // What is rare stands last.
        let (rare, mut fields): (Vec<Field>, Vec<Field>) = all.into_iter().partition(|field| field.rare);
        fields.extend(rare);
        Form::new(fields, start::found_here(), cfg!(feature = "lab"))
    }

    fn prepare(&self, draft: &Draft) -> Result<Prepared, Refused> {
        let inputs = self.inputs(draft)?;
        if let Some(reason) = ask::unconfirmed(&inputs) {
            return Err(Refused { field: Some("yes"), reason });
        }
        probe::prepare(inputs).map_err(|error| blamed(error.to_string()))
    }

    fn plan(&self, draft: &Draft, width: usize) -> Result<Plan, Refused> {
        let mut inputs = self.inputs(draft)?;
        // No request depends on the log, and reading a large one after every key would take seconds.
        inputs.target_log = None;
        let prepared = probe::prepare(inputs).map_err(|error| blamed(error.to_string()))?;
        let (summary, whole) = plan::told(&prepared, width);
        Ok(Plan { summary, whole })
    }

    #[cfg(feature = "lab")]
    fn lab(&self) -> Option<(String, Preparing, Box<dyn Bench>)> {
        let options = super::lab::first_scenario();
        let starting = super::lab::starting(&options, &self.lab).ok()?;
        let bench = super::lab::behind(&options, &self.lab);
        Some((super::lab::title(&options), starting, bench))
    }

    #[cfg(not(feature = "lab"))]
    fn lab(&self) -> Option<(String, Preparing, Box<dyn Bench>)> {
        None
    }

    fn open(&self, path: &str) -> Result<Report, AnyError> {
        let path = in_home(path);
        input::without_waiting("the case file", path.as_ref())?;
        Ok(open::one(&path)?)
    }

    fn open_text(&self, text: &str) -> Result<Report, AnyError> {
        Ok(open::pasted(text)?)
    }
}

impl CommandLine {
    fn field(&self, field: &OptionField, environment: &Environment) -> Field {
        // What is used unless another value is given is shown, and doesn't have to be deleted first.
        let is_usual =
            |value: &String| matches!((field.name, value.as_str()), ("method", "GET") | ("identity", "auto"));
        let value = Some((field.read)(&self.options)).filter(|value| !is_usual(value)).unwrap_or_default();
        let known = |name| environment.text(name).map(str::to_owned);
        let variable = field.variable.and_then(|name| Some((known(name)?, name.to_owned())));
        let is_empty = value.is_empty();
        let source = match field.name {
            "credential" => {
                let choice = choose(environment, &Inputs::default());
                let chosen = match choice.source {
                    CredentialSource::Unavailable => None,
                    source => Some(source.kind().name().to_owned()),
                };
                chosen.map(|chosen| ("auto".to_owned(), chosen))
            }
            _ => variable.clone(),
        };
        Field {
            kind: match field.given {
                Given::Text => Kind::Text,
                Given::Hidden => Kind::Hidden,
                Given::Choice(choices) => Kind::Choice(choices.iter().map(|choice| (*choice).to_owned()).collect()),
            },
            help: fields::help(field.name),
            // Without a subscription of App 1's, nothing leads to App 2 in Azure.
            empty: match field.name {
                "target-resource-id" if known("WEBSITE_OWNER_NAME").is_none() => Some("empty.no-resource-id"),
                "auth-settings" if known("WEBSITE_OWNER_NAME").is_none() => Some("empty.no-settings"),
                _ => usual(field.name),
            },
            takes_text: field.takes_text,
            found: variable.filter(|_| is_empty),
            source,
            settled: value.clone(),
            input: value.into(),
            ..of(field.name, field.part, field.step, field.check)
        }
    }
}

/// An empty field.
fn of(name: &'static str, part: Part, step: StepId, check: fn(&str) -> Result<(), ValueError>) -> Field {
    Field {
        name,
        label: label(name),
        group: match part {
            Part::Call => "form.call",
            Part::Caller => "form.caller",
            Part::App2 => "form.app2",
            Part::Rare => "form.rare",
        },
        rare: part == Part::Rare,
        kind: Kind::Text,
        step,
        help: String::new(),
        takes_text: false,
        pasted: None,
        found: None,
        source: None,
        check,
        doubt: if name == "target" { value_parsers::about_target } else { |_| None },
        input: String::new().into(),
        settled: String::new(),
        error: None,
        empty: usual(name),
    }
}

/// The phrase that says what is used while a field is empty.
fn usual(name: &str) -> Option<&'static str> {
    Some(match name {
        "resource" => "empty.resource",
        "token-file" => "empty.token-file",
        "target-resource-id" => "empty.target-resource-id",
        "auth-settings" => "empty.auth-settings",
        "expect-identity" => "empty.expect-identity",
        "method" => "empty.method",
        "identity" => "empty.identity",
        "header" => "empty.header",
        _ => return None,
    })
}

/// The phrase that is the label of a field.
fn label(name: &str) -> &'static str {
    match name {
        "resource" => "field.resource",
        "method" => "field.method",
        "yes" => "field.yes",
        "credential" => "field.credential",
        "identity" => "field.identity",
        "token-file" => "field.token-file",
        "expect-identity" => "field.expect-identity",
        "target-resource-id" => "field.target-resource-id",
        "auth-settings" => "field.auth-settings",
        "target-log" => "field.target-log",
        "target-environ" => "field.target-environ",
        "assume" => "field.assume",
        "header" => "field.header",
        "data" => "field.data",
        "tenant" => "field.tenant",
        "client-id" => "field.client-id",
        "client-secret-file" => "field.client-secret-file",
        "send-token-for" => "field.send-token-for",
        "environ" => "field.environ",
        "cloud" => "field.cloud",
        "authority" => "field.authority",
        "resource-manager" => "field.resource-manager",
        "graph" => "field.graph",
        "timeout" => "field.timeout",
        "ca-bundle" => "field.ca-bundle",
        "client-secret" => "field.client-secret",
        _ => "field.target",
    }
}
