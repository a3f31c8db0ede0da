//! What App 1's machine says of itself: variables that matter, and where each was found.

use serde::{Deserialize, Serialize};
use url::Url;

use super::inputs::Inputs;
use super::secret::Secret;
use super::text::short;

pub mod listed;

/// What was read on App 1's machine.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Environment {
    /// The operating system, as Rust names it (`linux`, `windows`, `macos`).
    pub os: String,
    /// The variables that matter, each once: the first place that has it wins.
    pub variables: Vec<Variable>,
    /// Each place that was read or tried.
    pub places: Vec<PlaceReading>,
    /// The SMBIOS chassis asset tag, where the machine shows one.
    pub chassis_asset_tag: Option<String>,
    /// The Azure Arc agent's file, where found.
    pub arc_agent: Option<String>,
}

/// One environment variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// Its name, in upper case; as it was found where only its case differs from that of a name that counts.
    pub name: String,
    /// Its value; hidden when it is a secret.
    pub value: VariableValue,
    /// Where it was found.
    pub place: Place,
}

/// A variable's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VariableValue {
    /// A value of a variable whose name is known to be harmless.
    Plain(String),
    /// Any other value.
    Hidden(Secret<String>),
}

/// Where variables are looked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The process's own environment.
    Process,
    /// `/proc/1/environ`: the container's first process, which is the app's on App Service Linux.
    FirstProcess,
    /// The file given with `--environ`.
    File(String),
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Process => formatter.write_str("process"),
            Self::FirstProcess => formatter.write_str("/proc/1/environ"),
            Self::File(path) => formatter.write_str(path),
        }
    }
}

/// One place and what came of reading it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceReading {
    /// The place.
    pub place: Place,
    /// How many variables it held, or why it could not be read.
    pub outcome: Result<usize, String>,
}

impl PlaceReading {
    /// What came of reading the variables there, in words.
    #[must_use]
    pub fn said(&self) -> String {
        match &self.outcome {
            Ok(1) => "1 variable".to_owned(),
            Ok(count) => format!("{count} variables"),
            Err(reason) => format!("not readable: {}", short(reason)),
        }
    }
}

/// The chassis asset tag of every Azure VM (used by cloud-init to recognise Azure).
pub const AZURE_CHASSIS_ASSET_TAG: &str = "7783-7084-3265-9085-8269-3286-77";

impl Environment {
    /// A variable that is set and not empty.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|variable| variable.name == name).filter(|variable| !variable.is_empty())
    }

    /// The variables whose names only resemble those that count, which aren't set.
    pub fn misspelled(&self) -> impl Iterator<Item = &Variable> {
        let has_other_case = |variable: &&Variable| variable.name.bytes().any(|byte| byte.is_ascii_lowercase());
        self.variables.iter().filter(has_other_case).filter(|it| !self.has(&it.name.to_ascii_uppercase()))
    }

    /// The value of a variable that may be shown.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match &self.variable(name)?.value {
            VariableValue::Plain(text) => Some(text),
            VariableValue::Hidden(_) => None,
        }
    }

    /// The value of a hidden variable, for sending.
    #[must_use]
    pub fn hidden(&self, name: &str) -> Option<&Secret<String>> {
        match &self.variable(name)?.value {
            VariableValue::Plain(_) => None,
            VariableValue::Hidden(secret) => Some(secret),
        }
    }

    /// Whether a variable is set and not empty, hidden or not.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.variable(name).is_some()
    }

    /// The authority in use: the option, else `AZURE_AUTHORITY_HOST` of App 1, else the cloud's. Without a slash at the
    /// end; not checked for its form.
    #[must_use]
    pub fn authority(&self, inputs: &Inputs) -> String {
        let text = match (&inputs.authority, self.text("AZURE_AUTHORITY_HOST")) {
            // The SDKs take a bare host name, too.
            (None, Some(text)) if !text.contains("://") => format!("https://{text}"),
            (None, Some(text)) => text.to_owned(),
            _ => inputs.authority().to_owned(),
        };
        text.trim_end_matches('/').to_owned()
    }

    /// Whether the machine says that it is an Azure virtual machine.
    #[must_use]
    pub fn is_azure_vm(&self) -> bool {
        self.chassis_asset_tag.as_deref().map(str::trim) == Some(AZURE_CHASSIS_ASSET_TAG)
    }

    /// Whether the process runs inside the app with this address: the machine's own host name is its.
    #[must_use]
    pub fn is_inside(&self, target: Option<&Url>) -> bool {
        let own = self.text("WEBSITE_HOSTNAME");
        own.zip(target.and_then(Url::host_str)).is_some_and(|(own, host)| own.eq_ignore_ascii_case(host))
    }

    /// Whether the machine runs Windows, as whoever reads this program's answer there then does.
    #[must_use]
    pub fn is_windows(&self) -> bool {
        self.os == "windows"
    }

    /// Whether variables were read from a file.
    #[must_use]
    pub fn has_file(&self) -> bool {
        self.places.iter().any(|reading| matches!(reading.place, Place::File(_)) && reading.outcome.is_ok())
    }

    /// Whether the app's first process couldn't be read.
    #[must_use]
    pub fn hides_first_process(&self) -> bool {
        self.places.iter().any(|reading| reading.place == Place::FirstProcess && reading.outcome.is_err())
    }

    /// Whether the process runs on App Service or Functions, by the platform's own variables.
    #[must_use]
    pub fn is_app_service(&self) -> bool {
        self.has("WEBSITE_SITE_NAME") || self.has("WEBSITE_INSTANCE_ID")
    }
}

impl Variable {
    /// The value, hidden or not, for whoever works with it. It is not for showing.
    #[must_use]
    pub fn exposed(&self) -> &str {
        match &self.value {
            VariableValue::Plain(text) => text,
            VariableValue::Hidden(secret) => secret.expose(),
        }
    }

    /// Whether the value is the empty text; platforms set empty variables for absent features.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.exposed().is_empty()
    }
}

/// The variables in an environment block, each value as it is written: separated by NUL as in `/proc/…/environ`, or one
/// a line, with what shells put before a name.
#[must_use]
pub fn assignments(text: &str) -> Vec<(&str, &str)> {
    let by = |separator: char| text.split(separator).filter_map(assignment);
    // Lines into which a NUL got, such as those of a file that was padded, are lines: as one value they would be shown.
    let separator = if text.contains('\0') && by('\0').count() >= by('\n').count() { '\0' } else { '\n' };
    by(separator).collect()
}

fn assignment(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_ascii_start().trim_end_matches(['\r', '\0']);
    let bare = ["export ", "declare -x ", "set "].iter().find_map(|prefix| line.strip_prefix(prefix));
    let (name, value) = bare.unwrap_or(line).split_once('=')?;
    let name = name.trim();
    let is_of_name = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '-' | '.' | '(' | ')');
    (!name.is_empty() && name.chars().all(is_of_name)).then_some((name, value))
}

/// Whether the values in an environment block are as they are: what puts quotation marks around values puts them around
/// JSON as well.
#[must_use]
pub fn has_bare_values(text: &str) -> bool {
    text.contains('\0') || text.lines().any(|line| line.contains("={"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stray_nul_makes_no_value_of_the_lines_around_it() {
        let lines = "WEBSITE_SITE_NAME=app1\r\nexport IDENTITY_HEADER=a=b\nAZURE_CLIENT_SECRET= x ";
        let expected = [("WEBSITE_SITE_NAME", "app1"), ("IDENTITY_HEADER", "a=b"), ("AZURE_CLIENT_SECRET", " x ")];
        for text in [lines.to_owned(), format!("{lines}\0\0\0"), format!("{lines}\nPATH\0"), format!("\0{lines}")] {
            let found = assignments(&text);
            assert!(found.ends_with(&expected[1..]), "{found:?}");
        }
        let key = "-----BEGIN KEY-----\nAAAA\nBBBB==\n-----END KEY-----\n";
        let block = format!("A=1\0KEY={key}\0B=2\0");
        assert_eq!(assignments(&block), [("A", "1"), ("KEY", key), ("B", "2")]);
    }
}
