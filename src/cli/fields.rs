//! The options of a check one by one, for a front end that lets a person fill them in: each with the parser of the
//! command line, and from which step on a change of it counts.

use crate::case::ids::{ClientId, TenantId};
use crate::case::inputs::{Cloud, CredentialKind, IdentitySelector};
use crate::case::secret::Secret;
use crate::case::step::StepId;
use crate::case::value_parsers::{self, ValueError};

use super::options::TargetOptions;

/// Which part of a form an option belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// What is called.
    Call,
    /// Who calls.
    Caller,
    /// What is known of App 2.
    App2,
    /// What is rarely needed.
    Rare,
}

/// How a value is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// As text.
    Text,
    /// As text that is never shown.
    Hidden,
    /// As one of these.
    Choice(&'static [&'static str]),
}

/// An option of a check.
pub struct OptionField {
    /// Its long name.
    pub name: &'static str,
    /// Where it belongs.
    pub part: Part,
    /// How its value is given.
    pub given: Given,
    /// Whether it names a file whose text can be given instead.
    pub takes_text: bool,
    /// The first step that another value changes.
    pub step: StepId,
    /// The variable that also sets it, or that is used without it.
    pub variable: Option<&'static str>,
    /// Whether a value can be used; the empty one always can.
    pub check: fn(&str) -> Result<(), ValueError>,
    /// The value that the options have.
    pub read: fn(&TargetOptions) -> String,
    write: fn(&mut TargetOptions, &str),
}

impl OptionField {
    /// Sets the option, or leaves it out where the text is empty.
    ///
    /// # Errors
    /// Why the text can't be used.
    pub fn set(&self, options: &mut TargetOptions, text: &str) -> Result<(), ValueError> {
        let text = text.trim();
        if !text.is_empty() {
            (self.check)(text)?;
        }
        (self.write)(options, text);
        Ok(())
    }
}

const CREDENTIALS: &[&str] =
    &["auto", "managed-identity", "client-secret", "client-certificate", "workload-identity", "azure-cli", "token"];

#[allow(clippy::unnecessary_wraps, reason = "a parser has this signature")]
fn any(_: &str) -> Result<(), ValueError> {
    Ok(())
}

fn changes(text: &str) -> Result<(), ValueError> {
    text.split_whitespace().try_for_each(|change| Ok(value_parsers::assumption(change).map(drop)?))
}

fn headers(text: &str) -> Result<(), ValueError> {
    text.lines().try_for_each(|header| Ok(value_parsers::header(header).map(drop)?))
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn shown(value: Option<&String>) -> String {
    value.cloned().unwrap_or_default()
}

const fn field(
    name: &'static str,
    part: Part,
    step: StepId,
    check: fn(&str) -> Result<(), ValueError>,
    read: fn(&TargetOptions) -> String,
    write: fn(&mut TargetOptions, &str),
) -> OptionField {
    OptionField { name, part, given: Given::Text, takes_text: false, step, variable: None, check, read, write }
}

impl OptionField {
    const fn of_variable(mut self, variable: &'static str) -> Self {
        self.variable = Some(variable);
        self
    }

    const fn taking_text(mut self) -> Self {
        self.takes_text = true;
        self
    }

    const fn given(mut self, given: Given) -> Self {
        self.given = given;
        self
    }
}

/// All options that decide what is checked, and how. `--targets` names several checks and is not among them.
#[rustfmt::skip]
pub static FIELDS: &[OptionField] = &[
    field("target", Part::Call, StepId::Protection, |text| Ok(value_parsers::target(text).map(drop)?),
        |options| options.target.first().cloned().unwrap_or_default(),
        |options, text| {
            options.target_from_environment &= options.target.first().is_some_and(|target| target == text);
            options.target = some(text).into_iter().collect();
        }).of_variable("EASYAUTH_DOCTOR_TARGET"),
    field("resource", Part::Call, StepId::Scope, |text| Ok(value_parsers::resource(text).map(drop)?),
        |options| shown(options.resource.as_ref()),
        |options, text| {
            options.resource_from_environment &= options.resource.as_deref() == Some(text);
            options.resource = some(text);
        }).of_variable("EASYAUTH_DOCTOR_RESOURCE"),
    field("method", Part::Call, StepId::Call, |text| Ok(value_parsers::method(text).map(drop)?),
        |options| options.method.clone(),
        |options, text| options.method = value_parsers::method(text).unwrap_or_else(|_| "GET".to_owned())),
    field("yes", Part::Call, StepId::Call, any,
        // The field asks whether to ask, which the option leaves out.
        |options| if options.yes { "no" } else { "yes" }.to_owned(),
        |options, text| options.yes = text == "no").given(Given::Choice(&["yes", "no"])),
    field("credential", Part::Caller, StepId::Identity, |text| Ok(value_parsers::credential(text).map(drop)?),
        |options| options.credential.unwrap_or(CredentialKind::Auto).name().to_owned(),
        |options, text| {
            let chosen = value_parsers::credential(text).ok();
            options.credential = chosen.filter(|kind| *kind != CredentialKind::Auto);
        })
        .given(Given::Choice(CREDENTIALS)),
    field("identity", Part::Caller, StepId::Identity, |text| Ok(value_parsers::identity(text).map(drop)?),
        |options| options.identity.to_string(),
        |options, text| options.identity = value_parsers::identity(text).unwrap_or(IdentitySelector::Auto)),
    field("token-file", Part::Caller, StepId::Identity, any,
        |options| shown(options.token_file.as_ref()), |options, text| options.token_file = some(text)).taking_text(),
    field("expect-identity", Part::Caller, StepId::Claims, |text| Ok(value_parsers::guid(text).map(drop)?),
        |options| shown(options.expect_identity.as_ref()),
        |options, text| options.expect_identity = value_parsers::guid(text).ok()),
    field("target-resource-id", Part::App2, StepId::Protection, |text| Ok(value_parsers::site_id(text).map(drop)?),
        |options| shown(options.target_resource_id.as_ref()),
        |options, text| {
            options.target_resource_id_from_environment &= options.target_resource_id.as_deref() == Some(text);
            options.target_resource_id = some(text);
        }).of_variable("EASYAUTH_DOCTOR_TARGET_RESOURCE_ID"),
    field("auth-settings", Part::App2, StepId::Protection, any,
        |options| shown(options.auth_settings.as_ref()), |options, text| options.auth_settings = some(text))
        .taking_text(),
    field("target-log", Part::App2, StepId::Protection, any,
        |options| shown(options.target_log.as_ref()), |options, text| options.target_log = some(text))
        .taking_text(),
    field("target-environ", Part::App2, StepId::Protection, any,
        |options| shown(options.target_environ.as_ref()), |options, text| options.target_environ = some(text))
        .taking_text(),
    field("assume", Part::Rare, StepId::Call, changes,
        |options| options.assume.join(" "),
        |options, text| options.assume = text.split_whitespace().map(str::to_owned).collect()),
    field("header", Part::Rare, StepId::Call, headers,
        |options| options.headers.iter().map(|header| header.expose().as_str()).collect::<Vec<_>>().join("\n"),
        |options, text| options.headers = text.lines().map(|header| Secret::new(header.to_owned())).collect())
        .given(Given::Hidden),
    field("data", Part::Rare, StepId::Call, any,
        |options| shown(options.data.as_ref()), |options, text| options.data = some(text)),
    field("tenant", Part::Rare, StepId::Identity, |text| Ok(value_parsers::tenant(text).map(drop)?),
        |options| options.tenant.as_ref().map(|id: &TenantId| id.as_str().to_owned()).unwrap_or_default(),
        |options, text| options.tenant = value_parsers::tenant(text).ok()).of_variable("AZURE_TENANT_ID"),
    field("client-id", Part::Rare, StepId::Identity, |text| Ok(value_parsers::client_id(text).map(drop)?),
        |options| options.client_id.as_ref().map(|id: &ClientId| id.as_str().to_owned()).unwrap_or_default(),
        |options, text| options.client_id = value_parsers::client_id(text).ok()).of_variable("AZURE_CLIENT_ID"),
    field("client-secret-file", Part::Rare, StepId::Identity, any,
        |options| shown(options.client_secret_file.as_ref()), |options, text| options.client_secret_file = some(text)),
    field("send-token-for", Part::Rare, StepId::Identity, |text| Ok(value_parsers::resource(text).map(drop)?),
        |options| shown(options.send_token_for.as_ref()), |options, text| options.send_token_for = some(text)),
    field("environ", Part::Rare, StepId::Identity, any,
        |options| shown(options.environ.as_ref()), |options, text| options.environ = some(text)).taking_text(),
    field("cloud", Part::Rare, StepId::Identity, |text| Ok(value_parsers::cloud(text).map(drop)?),
        |options| options.endpoints.cloud.name().to_owned(),
        |options, text| options.endpoints.cloud = value_parsers::cloud(text).unwrap_or(Cloud::Public))
        .given(Given::Choice(&["public", "usgov", "china"])),
    field("authority", Part::Rare, StepId::Identity, |text| Ok(value_parsers::authority(text).map(drop)?),
        |options| shown(options.endpoints.authority.as_ref()), |options, text| options.endpoints.authority = some(text))
        .of_variable("AZURE_AUTHORITY_HOST"),
    field("resource-manager", Part::Rare, StepId::Identity, |text| Ok(value_parsers::endpoint(text).map(drop)?),
        |options| shown(options.endpoints.resource_manager.as_ref()),
        |options, text| options.endpoints.resource_manager = some(text))
        .of_variable("EASYAUTH_DOCTOR_RESOURCE_MANAGER"),
    field("graph", Part::Rare, StepId::Identity, |text| Ok(value_parsers::endpoint(text).map(drop)?),
        |options| shown(options.endpoints.graph.as_ref()), |options, text| options.endpoints.graph = some(text))
        .of_variable("EASYAUTH_DOCTOR_GRAPH"),
    field("timeout", Part::Rare, StepId::Identity, |text| Ok(value_parsers::timeout(text).map(drop)?),
        |options| options.endpoints.timeout.to_string(),
        |options, text| options.endpoints.timeout = text.parse().unwrap_or(10)),
    field("ca-bundle", Part::Rare, StepId::Identity, any,
        |options| shown(options.endpoints.ca_bundle.as_ref()), |options, text| options.endpoints.ca_bundle = some(text))
        .of_variable("SSL_CERT_FILE"),
];

/// What `--help` says of an option.
#[must_use]
pub fn help(name: &str) -> String {
    let command = super::command();
    let argument = command.get_arguments().find(|argument| argument.get_long() == Some(name));
    let help = argument.and_then(|argument| argument.get_help()).map(ToString::to_string).unwrap_or_default();
    // A field takes one value, and no standard input; the other fields are beside it.
    let elsewhere = [" (repeatable)", " (`-`: standard input)", " or --yes", "; implies --credential token"];
    elsewhere.iter().fold(help, |help, words| help.replace(words, "")).replace("Don't ask", "Ask")
}

#[cfg(test)]
mod tests {
    use clap::Args as _;

    use super::*;
    use crate::cli::options_from;

    fn options(line: &[&str]) -> TargetOptions {
        options_from(line.iter().map(|part| (*part).to_owned()), &[]).unwrap().target
    }

    #[test]
    fn every_option_that_decides_what_is_checked_has_a_field() {
        let command = TargetOptions::augment_args(clap::Command::new("x"));
        let mut names: Vec<&str> = command.get_arguments().filter_map(|argument| argument.get_long()).collect();
        names.retain(|name| *name != "targets");
        names.sort_unstable();
        let mut fields: Vec<&str> = FIELDS.iter().map(|field| field.name).collect();
        fields.sort_unstable();
        assert_eq!(fields, names);
        assert!(FIELDS.iter().all(|field| !help(field.name).is_empty()));
        // What is asked isn't asked with a negation.
        let asks = FIELDS.iter().find(|field| field.name == "yes").unwrap();
        for (line, is) in [(&["-t", "https://a.example"][..], "yes"), (&["-t", "https://a.example", "--yes"], "no")] {
            assert_eq!((asks.read)(&options(line)), is);
        }
        assert!(help("yes").starts_with("Ask before"));
        assert_eq!(CREDENTIALS, CredentialKind::ALL.map(CredentialKind::name));
    }

    #[test]
    fn what_is_read_and_written_again_is_the_same() {
        const ID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
        let site = format!("/subscriptions/{ID}/resourceGroups/g/providers/Microsoft.Web/sites/app2");
        let line = [
            "-t",
            "https://a.example/x",
            "-r",
            "api://a",
            "-X",
            "POST",
            "--yes",
            "-H",
            "x-key: a",
            "-H",
            "x-b: c",
            "--data",
            "body",
            "--credential",
            "client-secret",
            "--identity",
            "system",
            "--tenant",
            ID,
            "--client-id",
            ID,
            "--client-secret-file",
            "secret",
            "--token-file",
            "token",
            "--send-token-for",
            "api://b",
            "--expect-identity",
            ID,
            "--environ",
            "e",
            "--auth-settings",
            "s",
            "--target-resource-id",
            &site,
            "--target-log",
            "l",
            "--target-environ",
            "te",
            "--assume",
            "enabled=true",
            "--assume",
            "allowedAudiences+=x",
            "--cloud",
            "usgov",
            "--authority",
            "https://a.example",
            "--resource-manager",
            "https://b.example",
            "--graph",
            "https://c.example",
            "--timeout",
            "7",
            "--ca-bundle",
            "ca",
        ];
        let given = options(&line);
        let mut made = options(&[]);
        for field in FIELDS {
            let text = (field.read)(&given);
            assert!(!text.is_empty(), "{}", field.name);
            field.set(&mut made, &text).unwrap();
        }
        let of = |options: &TargetOptions| {
            let options = TargetOptions { target_from_environment: false, ..options.clone() };
            let headers: Vec<&String> = options.headers.iter().map(Secret::expose).collect();
            format!("{headers:?} {options:?}")
        };
        assert_eq!(of(&made), of(&given));
        // Emptied, each has its default again.
        for field in FIELDS {
            field.set(&mut made, "").unwrap();
        }
        assert_eq!(of(&made), of(&options(&[])));
    }

    #[test]
    fn what_the_command_line_refuses_changes_nothing() {
        for (name, text) in [
            ("target", "http://a.example"),
            ("resource", "a b"),
            ("method", "TRACE"),
            ("method", "GETPOST"),
            ("identity", "me"),
            ("expect-identity", "app1"),
            ("target-resource-id", "app2"),
            ("header", "Authorization: Bearer x"),
            ("assume", "nonsense"),
            ("timeout", "0"),
            ("cloud", "mars"),
        ] {
            let field = FIELDS.iter().find(|field| field.name == name).unwrap();
            let mut made = options(&[]);
            assert!(field.set(&mut made, text).is_err(), "{name}");
            assert_eq!(format!("{made:?}"), format!("{:?}", options(&[])));
        }
    }
}
