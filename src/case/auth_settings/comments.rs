//! JSON as people and templates write it, with comments and a comma behind the last item.

/// The text without comments and without commas that nothing follows, where it has any.
pub(super) fn removed(text: &str) -> Option<String> {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    let mut in_string = false;
    while let Some(next) = rest.chars().next() {
        let behind = rest.get(next.len_utf8()..).unwrap_or_default();
        if in_string {
            clean.push(next);
            rest = behind;
            if next == '\\' {
                let escaped = rest.chars().next();
                clean.extend(escaped);
                rest = rest.get(escaped.map_or(0, char::len_utf8)..).unwrap_or_default();
            }
            in_string = next != '"';
        } else if rest.starts_with("//") {
            rest = rest.find('\n').and_then(|end| rest.get(end..)).unwrap_or_default();
        } else if rest.starts_with("/*") {
            rest = rest.split_once("*/").map_or("", |(_, behind)| behind);
        } else {
            in_string = next == '"';
            if matches!(next, '}' | ']') {
                let end = clean.trim_end();
                if let Some(without) = end.strip_suffix(',') {
                    clean.truncate(without.len());
                }
            }
            clean.push(next);
            rest = behind;
        }
    }
    (clean != text).then_some(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_last_commas_are_removed_outside_of_strings() {
        for (text, clean) in [
            ("{\"a\": 1, // one\n \"b\": [1, 2, ], /* two */ }", "{\"a\": 1, \n \"b\": [1, 2]}"),
            ("{\"a\": \"https://x/*y*/\", \"b\": \"\\\"//\"}", ""),
            ("{}", ""),
        ] {
            assert_eq!(
                removed(text).unwrap_or_default().split_whitespace().collect::<String>(),
                clean.split_whitespace().collect::<String>(),
                "{text}"
            );
        }
    }
}
