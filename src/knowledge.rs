//! Typed access to the embedded knowledge base, `assets/knowledge/`.

use crate::case::code::Code;

/// What the knowledge base says of a finding code.
#[derive(Debug)]
pub struct FindingEntry {
    /// How it is told from look-alikes.
    pub told_apart: String,
}

/// The entry of a finding code.
#[must_use]
pub fn finding(code: Code) -> Option<&'static FindingEntry> {
    let _ = code;
    None
}

/// What the knowledge base says of one of Entra's error numbers.
#[derive(Debug)]
pub struct EntraError {
    /// The digits behind `AADSTS`.
    pub number: String,
    /// What it means in this flow.
    pub meaning: String,
    /// The finding that it stands for.
    pub finding: Code,
    /// What mends it.
    pub fix: String,
}

/// What the knowledge base says of a claim.
#[derive(Debug)]
pub struct ClaimEntry {
    /// Its name.
    pub name: String,
    /// What it means.
    pub meaning: String,
    /// The claim that stands for it in tokens of the other version.
    pub counterpart: Option<String>,
}

/// The entry of an error number of Entra, digits only.
#[must_use]
pub fn entra_error(number: &str) -> Option<&'static EntraError> {
    let _ = number;
    None
}

/// The entry of a claim.
#[must_use]
pub fn claim(name: &str) -> Option<&'static ClaimEntry> {
    let _ = name;
    None
}

/// The name of a first-party application.
#[must_use]
pub fn first_party_app(client_id: &str) -> Option<&'static str> {
    let _ = client_id;
    None
}
