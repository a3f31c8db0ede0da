//! Paths that App 2's settings exclude from authentication.

use crate::case::Case;
use crate::case::auth_settings::AuthSettings;
use crate::case::inputs::Inputs;

use super::responder::{self, Responder};
use super::target;

/// The entry of `excludedPaths` that covers the target's path.
pub fn excluding_entry(settings: &AuthSettings, inputs: &Inputs) -> Option<String> {
    let path = target_path(inputs);
    settings.excluded_paths.iter().find(|pattern| excludes(pattern, &path)).cloned()
}

/// Whether the settings exclude the path of the call, and Easy Auth doesn't refuse a request without a token there.
pub fn excludes_the_call(case: &Case) -> bool {
    let is_refused = |answer| responder::judge(answer).by == Responder::EasyAuth;
    target::settings(case).is_some_and(|settings| excluding_entry(settings, &case.inputs).is_some())
        && !target::anonymous(case).is_some_and(is_refused)
}

/// Whether an entry of `excludedPaths` covers a path: the same path, or one that a trailing `*` covers, as in practice.
fn excludes(pattern: &str, path: &str) -> bool {
    let pattern = pattern.trim().to_ascii_lowercase();
    let path = path.to_ascii_lowercase();
    match pattern.strip_suffix('*') {
        Some(start) => path.starts_with(start) || format!("{path}/") == start,
        None => path.trim_end_matches('/') == pattern.trim_end_matches('/'),
    }
}

/// The path of the target, for excluded paths.
pub fn target_path(inputs: &Inputs) -> String {
    inputs
        .target
        .as_deref()
        .and_then(|url| url::Url::parse(url).ok())
        .map_or_else(|| "/".to_owned(), |url| url.path().to_owned())
}

#[cfg(test)]
mod tests {
    use super::excludes;

    #[test]
    fn excluded_paths_match_as_they_are_written_in_practice() {
        assert!(
            excludes("/api/webhook/*", "/api/webhook/github")
                && excludes("/health", "/health/")
                && excludes("/feed/*", "/feed")
        );
        assert!(!excludes("/health", "/healthy") && !excludes("/api/webhook/*", "/api/other"));
    }
}
