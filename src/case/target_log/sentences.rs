//! Sentences of a log without a number, in the words of `error_texts.toml`, which explains them as well.

use crate::case::error_text::ERROR_TEXTS;

/// An entry of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sentence {
    /// A validator in the app's own code rejects the token.
    OwnValidator,
    /// The app's own code requires a scope or an app role.
    NoScopeOrRole,
    /// The Functions host requires a key.
    FunctionKey,
    /// A policy of API Management rejects the token.
    ApiManagement,
}

/// Whether a line says this.
#[must_use]
pub fn says(sentence: Sentence, line: &str) -> bool {
    let key = match sentence {
        Sentence::OwnValidator => "own-validator",
        Sentence::NoScopeOrRole => "no-scope-or-role",
        Sentence::FunctionKey => "function-key",
        Sentence::ApiManagement => "api-management-jwt",
    };
    ERROR_TEXTS.get(key).is_some_and(|entry| entry.is_in(line))
}

/// What the app's runtime writes where it fails, or App Service and the middleware (`*_easyauth_docker.log`) of the
/// app's container, in lower case.
const CRASHES: [&str; 9] = [
    "unhandled exception",
    "uncaught exception",
    "unhandledpromiserejection",
    "failing site start",
    "didn't respond to http pings",
    "has exited",
    "container crashed",
    "failed to start",
    "failed to forward request to",
];

/// Whether a line says that the app fails: in such words, or with the name of an exception and its message
/// (`TypeError: …`, `System.InvalidOperationException: …`).
#[must_use]
pub fn is_of_a_crash(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let is_exception = |word: &str| {
        let name = word.strip_suffix(':').map(|name| name.rsplit(['.', '(']).next().unwrap_or(name));
        name.is_some_and(|name| name.len() > 5 && (name.ends_with("Error") || name.ends_with("Exception")))
    };
    CRASHES.iter().any(|mark| lower.contains(mark)) || text.split_whitespace().any(is_exception)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_is_in_the_table() {
        assert!(says(Sentence::OwnValidator, "JsonWebTokenError: jwt audience invalid. expected: api://x"));
        assert!(says(
            Sentence::NoScopeOrRole,
            "IDW10201: Neither scope nor roles claim was found in the bearer token."
        ));
        assert!(says(Sentence::FunctionKey, "AuthenticationScheme: WebJobsAuthLevel was forbidden."));
        assert!(says(Sentence::ApiManagement, "JWT Validation Failed: IDX10223 [validate-jwt TokenExpired]"));
        assert!(!says(Sentence::OwnValidator, "GET /api/hello 200"));
    }
}
