//! One app of a file that may contain several.

use super::AuthSettings;

/// The settings of one app in a file that may contain several.
pub(super) struct Candidate {
    /// How the file calls it.
    pub(super) label: String,
    /// The app's name, where it is known.
    pub(super) site: Option<String>,
    /// The app's host name, where it is known.
    pub(super) host: Option<String>,
    /// The settings.
    pub(super) settings: AuthSettings,
}
