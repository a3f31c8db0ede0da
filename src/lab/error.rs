//! Why a lab could not start, or not do what it was asked.

/// Why a lab could not start, or not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// The embedded scenarios are malformed.
    #[error("assets/lab: {0}")]
    Scenarios(String),
    /// There is no such scenario.
    #[error("unknown scenario {0:?}; `easyauth-doctor lab list` shows all")]
    UnknownScenario(String),
    /// No port could be had on loopback.
    #[error("cannot listen on loopback: {0}")]
    Listen(#[from] std::io::Error),
    /// No keys could be made.
    #[error("cannot make keys: {0}")]
    Keys(String),
    /// What should be put as settings is no settings object.
    #[error("a settings object has the member properties, and in it the settings")]
    Settings,
    /// The Azure CLI would refuse a command, or the lab does not know it.
    #[error("az {command}: {message}")]
    AzureCli {
        /// The command's words behind `az`.
        command: String,
        /// What the CLI would say.
        message: String,
    },
    /// A file could not be written.
    #[error("{0}")]
    File(String),
}

impl LabError {
    /// A failure of making keys or certificates.
    pub(crate) fn keys(error: impl std::fmt::Display) -> Self {
        Self::Keys(error.to_string())
    }

    /// A failure of writing this file.
    pub(crate) fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::File(format!("{}: {error}", path.display()))
    }
}
