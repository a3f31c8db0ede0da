//! Paths that the settings exclude from authentication.

use super::AuthSettings;
use crate::case::inputs::Inputs;

impl AuthSettings {
    /// The entry of `excludedPaths` that covers the target's path.
    #[must_use]
    pub fn excluding_entry(&self, inputs: &Inputs) -> Option<&String> {
        // Few settings have such paths, and everybody asks.
        let target = (!self.excluded_paths.is_empty()).then(|| inputs.target_url()).flatten();
        let path = target.as_ref().map_or("/", url::Url::path);
        self.excluded_paths.iter().find(|pattern| excludes(pattern, path))
    }
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
