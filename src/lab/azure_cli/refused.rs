//! What the Azure CLI, or the service behind it, says instead of doing what a command asks.

/// Why a command was not done. The words are those of the CLI and the services, but for [`Refused::Lab`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    /// A word that the command does not take.
    #[error("unrecognized arguments: {0}")]
    Unrecognized(String),
    /// An option that must be there.
    #[error("the following arguments are required: {0}")]
    Required(String),
    /// An option's value that the CLI does not take.
    #[error("argument {option}: {reason}")]
    Argument { option: String, reason: String },
    /// An option's value that cannot be read.
    #[error("{option}: {reason}")]
    Value { option: String, reason: String },
    /// A pair that is none.
    #[error("{0:?} is not name=value")]
    NoPair(String),
    /// A file behind `@`.
    #[error("No such file or directory: {0}")]
    NoFile(String),
    /// Azure Resource Manager's refusal.
    #[error("({code}) {message}")]
    ResourceManager { code: &'static str, message: String },
    /// A service's refusal of a request.
    #[error("Bad Request: {0}")]
    BadRequest(String),
    /// Microsoft Graph knows no such object.
    #[error("Not Found: Resource '{0}' does not exist.")]
    NotFound(String),
    /// The directory knows no such object.
    #[error("Resource '{0}' does not exist or one of its queried reference-property objects are not present.")]
    NotInDirectory(String),
    /// The directory's refusal, or that of the list of roles.
    #[error("{0}")]
    Directory(String),
    /// What the lab does not do.
    #[error("{0}")]
    Lab(String),
}

impl Refused {
    pub(super) fn lab(message: &str) -> Self {
        Self::Lab(message.to_owned())
    }

    pub(super) fn bad_request(message: &str) -> Self {
        Self::BadRequest(message.to_owned())
    }

    pub(super) fn argument(option: &str, reason: &str) -> Self {
        Self::Argument { option: option.to_owned(), reason: reason.to_owned() }
    }

    pub(super) fn value(option: &str, reason: impl ToString) -> Self {
        Self::Value { option: option.to_owned(), reason: reason.to_string() }
    }
}
