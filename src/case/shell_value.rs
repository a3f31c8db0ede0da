//! Values as shells write them: `export -p` of dash, zsh, and busybox, `declare -x` of bash, and files of variables.

/// The value without the shell's quotes. What isn't quoted, or not as a whole, stays as it is.
#[must_use]
pub fn unquoted(value: &str) -> String {
    let text = value.trim();
    let is_quoted = ["'", "\"", "$'", "$\""].iter().any(|start| text.starts_with(start));
    is_quoted.then(|| read(text)).flatten().unwrap_or_else(|| value.to_owned())
}

/// A word of quoted parts and single characters; `None` where a quote isn't closed, or more follows.
fn read(text: &str) -> Option<String> {
    let mut value = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' => loop {
                match letters.next()? {
                    '\'' => break,
                    inner => value.push(inner),
                }
            },
            '"' => loop {
                match letters.next()? {
                    '"' => break,
                    '\\' if letters.peek().is_some_and(|next| "\"\\$`".contains(*next)) => value.extend(letters.next()),
                    inner => value.push(inner),
                }
            },
            '$' if letters.peek() == Some(&'\'') => {
                letters.next();
                loop {
                    match letters.next()? {
                        '\'' => break,
                        '\\' => value.push(escaped(letters.next()?)?),
                        inner => value.push(inner),
                    }
                }
            }
            '$' if letters.peek() == Some(&'"') => {}
            '\\' => value.extend(letters.next()),
            _ if letter.is_whitespace() => return None,
            _ => value.push(letter),
        }
    }
    Some(value)
}

/// What a letter behind a backslash stands for in `$'…'`; `None` for a number, of which more would have to be read.
const fn escaped(letter: char) -> Option<char> {
    match letter {
        'n' => Some('\n'),
        't' => Some('\t'),
        'r' => Some('\r'),
        '\\' | '\'' | '"' | '?' => Some(letter),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::unquoted;

    #[test]
    fn every_form_of_quotes_is_read_and_all_else_stays() {
        for (written, value) in [
            ("'http://127.0.0.1:1/msi/token'", "http://127.0.0.1:1/msi/token"),
            ("\"a b\"", "a b"),
            (
                r#""{\"enabled\":true,\"path\":\"C:\\\\x\",\"cost\":\"\$5\"}""#,
                r#"{"enabled":true,"path":"C:\\x","cost":"$5"}"#,
            ),
            (r"'it'\''s'", "it's"),
            (r#"'it'"'"'s'"#, "it's"),
            (r"$'one\ntwo\'s'", "one\ntwo's"),
            ("''", ""),
            ("\"C:\\temp\"", "C:\\temp"),
            // Not quoted as a whole.
            ("plain value", "plain value"),
            ("'a' b", "'a' b"),
            ("'open", "'open"),
            ("\"open", "\"open"),
            ("a'b'c", "a'b'c"),
        ] {
            assert_eq!(unquoted(written), value, "{written}");
        }
    }

    proptest! {
        #[test]
        fn what_a_shell_quotes_comes_back(value in "[ -~]{0,40}") {
            let single = format!("'{}'", value.replace('\'', r"'\''"));
            prop_assert_eq!(unquoted(&single), value.clone());
            let double = value.replace('\\', r"\\").replace('"', "\\\"").replace('$', r"\$").replace('`', r"\`");
            prop_assert_eq!(unquoted(&format!("\"{double}\"")), value);
        }
    }
}
