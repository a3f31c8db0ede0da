//! What the Azure CLI would do to the lab's world: the printed commands that change something, and the reads among
//! them.
//!
//! A command acts on the IDs, names, and addresses that it contains, and on nothing else: it never looks at what the
//! scenario broke. What names nothing of the lab is refused as the CLI refuses it, and so is every command or option
//! that the lab does not know. Everything runs as somebody who may do everything; `--query` and `-o` are taken and not
//! applied, so that a read gives the whole object, which the screen says.

mod azure;
mod command;
mod directory;
mod refused;
mod rest;
mod sites;

use std::collections::BTreeMap;

use serde_json::Value;

use super::error::LabError;
use super::running::{Lab, lock};
use azure::Azure;
use command::Command;
use refused::Refused;

/// What a command does: its output, or the CLI's words of refusal.
type Action = fn(&mut Azure, &Command) -> Result<Value, Refused>;

/// A command that the lab knows, its options, and what it does. An option with `+` takes several values, one with `!`
/// none, any other exactly one.
struct Shape {
    name: &'static str,
    options: &'static str,
    action: Action,
}

const fn shape(name: &'static str, options: &'static str, action: Action) -> Shape {
    Shape { name, options, action }
}

/// Options of every command about one app.
const SITE: &str = "--name --resource-group --subscription --slot --query -o";

const SHAPES: &[Shape] = &[
    shape("ad app credential list", "--id --query -o", directory::list_credentials),
    shape("ad app credential reset", "--id --append! --display-name --cert", directory::reset_credential),
    shape("ad app federated-credential create", "--id --parameters", directory::create_federated),
    shape("ad app federated-credential list", "--id --query -o", directory::list_federated),
    shape("ad app show", "--id --query -o", directory::show_application),
    shape("ad app update", "--id --identifier-uris+ --requested-access-token-version", directory::update_application),
    shape("ad sp create", "--id", directory::create_principal),
    shape("ad sp show", "--id --query -o", directory::show_principal),
    shape("ad sp update", "--id --set+", directory::update_principal),
    shape("rest", "--method --url --headers+ --body --output-file", rest::send),
    shape(
        "role assignment create",
        "--assignee-object-id --assignee-principal-type --role --scope",
        sites::assign_role,
    ),
    shape("webapp auth show", "", sites::show_authentication),
    shape(
        "webapp config access-restriction add",
        "--rule-name --action --ip-address --priority",
        sites::add_restriction,
    ),
    shape("webapp config access-restriction show", "", sites::show_restrictions),
    shape("webapp config appsettings delete", "--setting-names+", sites::delete_settings),
    shape("webapp config appsettings list", "", sites::list_settings),
    shape("webapp config appsettings set", "--settings+", sites::set_settings),
    shape("webapp identity assign", "--identities+ --system-assigned!", sites::assign_identity),
    shape("webapp identity show", "", sites::show_identity),
    shape("functionapp list", "--resource-group --query -o", sites::list_function_apps),
    shape("logicapp list", "--resource-group --query -o", sites::list_logic_apps),
    shape("webapp list", "", sites::list_web_apps),
    shape("webapp restart", "", sites::restart),
    shape("webapp show", "", sites::show),
    shape("webapp start", "", sites::start),
];

/// `az functionapp` and `az logicapp` have the commands of `az webapp` that the lab knows, with the same options.
/// Each lists the apps of its kind. Short options are written out.
fn as_web_app(arguments: &[String]) -> Vec<String> {
    let long = |word: &String| match word.as_str() {
        "-g" => "--resource-group".to_owned(),
        "-n" => "--name".to_owned(),
        "-s" => "--slot".to_owned(),
        "-u" => "--url".to_owned(),
        "-m" => "--method".to_owned(),
        "-b" => "--body".to_owned(),
        _ => word.clone(),
    };
    let mut words: Vec<String> = arguments.iter().map(long).collect();
    if let Some(group) = words.first_mut()
        && matches!(group.as_str(), "functionapp" | "logicapp")
        && arguments.get(1).is_some_and(|command| command != "list")
    {
        "webapp".clone_into(group);
    }
    words
}

/// Names the commands that the lab supports, of the same group where there are any.
fn not_supported(arguments: &[String]) -> String {
    let names = |count: usize| {
        let group = arguments.get(..count).unwrap_or_default().join(" ");
        let of_group = SHAPES.iter().filter(move |shape| shape.name.starts_with(&format!("{group} ")));
        of_group.map(|shape| shape.name).collect::<Vec<_>>()
    };
    let near = [2, 1].into_iter().map(names).find(|names| !names.is_empty());
    let all = || SHAPES.iter().map(|shape| shape.name).collect();
    format!("the lab doesn't support this command; it supports az {}", near.unwrap_or_else(all).join(", az "))
}

impl Lab {
    /// Runs a command of the Azure CLI on the lab's world, and gives what it prints. `arguments` are the words behind
    /// `az`; `files` are what `@name` stands for and where `--output-file` writes.
    ///
    /// A change lasts until the world is made anew, which [`Lab::apply_fix`] does.
    ///
    /// # Errors
    /// When the CLI would refuse the command, or the lab does not know it: both quote it. When the lab's own files
    /// cannot be written.
    pub fn az(&self, arguments: &[String], files: &mut BTreeMap<String, String>) -> Result<String, LabError> {
        let refused =
            |reason: Refused| LabError::AzureCli { command: arguments.join(" "), message: reason.to_string() };
        let group = arguments.first().map(String::as_str).unwrap_or_default();
        let words = as_web_app(arguments);
        let arguments = words.as_slice();
        let known = SHAPES
            .iter()
            .find(|shape| Command::is_named(arguments, shape.name))
            .ok_or_else(|| refused(Refused::lab(&not_supported(arguments))))?;
        let options = match known.name.starts_with("webapp ") {
            true => format!("{SITE} {}", known.options),
            false => known.options.to_owned(),
        };
        let command = Command::parse(arguments, known.name, &options, files).map_err(refused)?;
        let mut azure = Azure {
            world: (*self.shared.world()).clone(),
            app1_settings: lock(&self.app1_settings).clone(),
            client_secret: self.shared.secrets.client_secret.clone(),
            client_certificate: self.shared.keys.client()?.certificate.clone(),
        };
        azure.has_kind_of(group, &command).map_err(refused)?;
        let output = (known.action)(&mut azure, &command).map_err(refused)?;
        let file = command.get("--output-file").map(str::to_owned);
        *lock(&self.app1_settings) = azure.app1_settings;
        self.replace_world(azure.world)?;
        let output = match output {
            Value::Null => String::new(),
            value => format!("{value:#}\n"),
        };
        let Some(file) = file else { return Ok(output) };
        files.insert(file, output);
        Ok(String::new())
    }
}

#[cfg(test)]
mod tests;
