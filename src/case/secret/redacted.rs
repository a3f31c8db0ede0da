/// The replacement of a secret.
pub const REDACTED: &str = "[redacted]";
