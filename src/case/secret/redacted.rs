/// The replacement of a secret.
pub const REDACTED: &str = "[redacted]";

/// What stands for a number that is not shown, which is no text: no token either.
pub const HIDDEN_NUMBER: &str = "[number]";
