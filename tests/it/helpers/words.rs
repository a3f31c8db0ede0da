//! Printed command lines as a POSIX shell cuts them.

/// The words of a command line as a POSIX shell cuts them; `None` when a quote stays open.
pub fn words(line: &str) -> Option<Vec<String>> {
    let mut words = vec![];
    let mut word = String::new();
    let mut quote = None;
    let mut escaped = false;
    for c in line.chars() {
        match (quote, c) {
            _ if std::mem::take(&mut escaped) => word.push(c),
            (None, ' ') => words.push(std::mem::take(&mut word)),
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None | Some('"'), '\\') => escaped = true,
            (None, '$' | '`' | ';' | '&' | '|') => return None,
            (Some('"'), '$' | '`') => return None,
            _ => word.push(c),
        }
    }
    words.push(word);
    quote.is_none().then_some(words)
}
