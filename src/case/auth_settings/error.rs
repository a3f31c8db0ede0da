//! Why settings could not be read, and what to give instead.

use crate::case::json::JsonError;

/// What to give instead.
const WANTED: &str = "use the output of: az rest --method get --url \
     \"https://management.azure.com/subscriptions/S/resourceGroups/G/providers/Microsoft.Web/sites/APP2/config/\
     authsettingsV2?api-version=2024-04-01\"";

/// What a list is that doesn't have the settings.
fn without_settings(count: usize) -> String {
    match count {
        0 => "an empty list".to_owned(),
        1 => "a list of one entry, which isn't authsettingsV2".to_owned(),
        _ => format!("a list of {count} entries without authsettingsV2"),
    }
}

/// Why settings could not be read. The text says what was found, without quoting values, and what to give instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Nothing is in it.
    #[error("the file is empty; {}", WANTED)]
    Empty,
    /// Neither encoding matches.
    #[error("it is neither UTF-8 nor UTF-16 text (first invalid byte at {at}); {}", WANTED)]
    NotText {
        /// The first byte that is not UTF-8.
        at: usize,
    },
    /// It begins like UTF-16, and is not.
    #[error("it isn't valid UTF-16")]
    NotUtf16,
    /// `ConvertTo-Json` cut what lies deeper than two levels.
    #[error(
        "PowerShell truncated objects in it (a string that begins with {start} instead of an object); use \
         ConvertTo-Json -Depth 20, or az rest --output-file"
    )]
    CutByPowerShell {
        /// How the text begins.
        start: &'static str,
    },
    /// A page of a portal, or an answer in XML.
    #[error("it is a web page or XML, not JSON; {}", WANTED)]
    WebPage,
    /// The source of a template.
    #[error(
        "it looks like Bicep or Terraform source; use the output of `az bicep build --file FILE --stdout`, or of \
         `terraform show -json`"
    )]
    Source,
    /// More JSON than is read.
    #[error(transparent)]
    TooLarge(JsonError),
    /// It begins like JSON, and is not.
    #[error("its JSON is invalid: {0}")]
    BrokenJson(JsonError),
    /// An object as Python or JavaScript shows it, of which not everything can be read.
    #[error(
        "it looks like an object that a program printed, and not all of it can be read; print it as JSON \
         (JSON.stringify in JavaScript, json.dumps in Python), or {}",
        WANTED
    )]
    Printed,
    /// It begins like nothing that is known.
    #[error(
        "it is neither JSON, nor the YAML that az prints, nor NAME=value lines; with az, add --output json, or {}",
        WANTED
    )]
    NotJson,
    /// A table, in columns or with tabs.
    #[error("it is a table, which leaves out most settings; with az, use --output json, or {}", WANTED)]
    Table,
    /// An object as PowerShell displays it.
    #[error(
        "it is an object as PowerShell displays it, without the settings inside; append | ConvertTo-Json -Depth 20 \
         to the command, or {}",
        WANTED
    )]
    Properties,
    /// What the portal shows.
    #[error("it is text from the portal, which doesn't show every setting; {}", WANTED)]
    Portal,
    /// An answer that a tool shows with its status, with a body that is no JSON.
    #[error("it is a response whose Content isn't JSON; use the response's .Content, or {}", WANTED)]
    Content,
    /// The container app's object.
    #[error(
        "it is the container app itself; use the output of: az rest --method get --url \
         \"https://management.azure.com/subscriptions/S/resourceGroups/G/providers/Microsoft.App/containerApps/APP2/\
         authConfigs/current?api-version=2024-03-01\""
    )]
    ContainerApp,
    /// A resource of another type.
    #[error("it is a resource of type {kind}, not App 2's settings; {}", WANTED)]
    OtherResource {
        /// Its type, as it may be shown.
        kind: String,
    },
    /// A text, where settings belong.
    #[error("it is a string, not settings; {}", WANTED)]
    Text,
    /// A number or the like.
    #[error("it is {shown}, not settings; {}", WANTED)]
    Value {
        /// The value, as it may be shown.
        shown: String,
    },
    /// A list of other things.
    #[error("it is {}; {}", without_settings(*count), WANTED)]
    List {
        /// How many there are.
        count: usize,
    },
    /// What Azure answered instead of the settings.
    #[error("it is an error response: {code}: {message}")]
    ErrorAnswer {
        /// Azure's code, as it may be shown.
        code: String,
        /// Azure's message, as it may be shown.
        message: String,
    },
    /// An object of another kind.
    #[error(
        "its properties{} aren't those of authentication settings{}; {}",
        if members.is_empty() { String::new() } else { format!(" ({members})") },
        if *.is_site { ": it is the site itself" } else { "" },
        WANTED
    )]
    Members {
        /// The first of their names, as they may be shown.
        members: String,
        /// Whether it is the site's object.
        is_site: bool,
    },
    /// A template or a state without an app's settings.
    #[error("it contains no authentication settings of an app; {wanted}")]
    NoApp {
        /// What of this kind is wanted.
        wanted: &'static str,
    },
    /// Several apps, none of which is known to be App 2.
    #[error(
        "it contains the settings of {} apps ({}), and the target's host name {host} doesn't identify one of them; \
         add App 2's --target-resource-id, or use a file with only App 2's settings",
        .apps.len(),
        .apps.join(", ")
    )]
    SeveralApps {
        /// The apps, as they may be shown.
        apps: Vec<String>,
        /// The target's host name, as it may be shown.
        host: String,
    },
    /// Another app's settings.
    #[error(
        "it contains the settings of {app}, which isn't the target; use App 2's settings, or correct the target or \
         --target-resource-id"
    )]
    OtherApp {
        /// The app's resource ID, as it may be shown.
        app: String,
    },
    /// Variables of something else.
    #[error(
        "{} a WEBSITE_AUTH_* variable; use App 2's environment variables (from its Kudu console or SSH session) while \
         authentication is turned on",
        if *count == 1 { "its only variable isn't".to_owned() } else { format!("none of its {count} variables is") }
    )]
    NoVariable {
        /// How many there are.
        count: usize,
    },
    /// The variable that contains the whole settings is broken.
    #[error("WEBSITE_AUTH_V2_CONFIG_JSON isn't JSON: {0}")]
    VariableNotJson(JsonError),
}
