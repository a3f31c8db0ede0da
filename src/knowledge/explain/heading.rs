//! The heading of an entry that is known by a piece of a sentence: a piece may begin or end anywhere in it.

/// The piece as a heading: what goes on in the sentence is an ellipsis, and what the piece opens is closed.
pub(super) fn of_piece(piece: &str) -> String {
    let Part { start, end, mut open } = balanced(piece);
    let cut = piece.get(start..end).unwrap_or(piece).trim();
    // Only an opening sign after a space has nothing in it.
    let whole = cut.strip_suffix(['(', '"', '`', '\'', '<']).filter(|rest| rest.ends_with(' '));
    let goes_on = match (whole, cut.chars().next_back()) {
        _ if end < piece.len() => " …",
        (Some(_), _) | (_, Some(':' | '<')) => " …",
        (_, Some('=' | '/' | '(')) => "…",
        (_, Some('.')) if !open.is_empty() => "…",
        _ => "",
    };
    if whole.is_some() {
        open.pop();
    }
    let before = if start > 0 { "… " } else { "" };
    let closing: String = open.iter().rev().collect();
    let said = format!("{before}{}{goes_on}{closing}", whole.map_or(cut, str::trim_end));
    // Within quotation marks, others would be hard to tell apart.
    if said.contains('"') { said } else { format!("\"{said}\"") }
}

/// The part of a piece that closes nothing but what it opens.
struct Part {
    start: usize,
    end: usize,
    /// What closes that which it leaves open, the outermost first.
    open: Vec<char>,
}

fn balanced(piece: &str) -> Part {
    let mut part = Part { start: 0, end: piece.len(), open: Vec::new() };
    let mut last = None;
    let mut signs = piece.char_indices().peekable();
    while let Some((at, sign)) = signs.next() {
        let next = signs.peek().map(|(_, next)| *next);
        let is_in_a_word = [last, next].into_iter().all(|beside| beside.is_some_and(char::is_alphanumeric));
        last = Some(sign);
        match (closing(sign, is_in_a_word), part.open.iter().rposition(|other| *other == sign)) {
            (_, Some(opened)) => part.open.truncate(opened),
            (Some(closing), None) => part.open.push(closing),
            // What it closes was opened before the piece.
            (None, None) if !matches!(sign, ')' | ']' | '}') => {}
            (None, None) if part.start == at => part.start = at + sign.len_utf8(),
            (None, None) => {
                // So was a quotation mark right before it.
                part.end = piece.get(..at).map_or(at, |before| before.trim_end_matches(['\'', '"', '`']).len());
                part.open.truncate(part.open.len().saturating_sub(at - part.end));
                break;
            }
        }
    }
    part
}

/// What closes that which this sign opens.
fn closing(sign: char, is_in_a_word: bool) -> Option<char> {
    match sign {
        '(' => Some(')'),
        '[' => Some(']'),
        '{' => Some('}'),
        '"' | '`' => Some(sign),
        '\'' if !is_in_a_word => Some(sign),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_reads_as_a_whole() {
        for (piece, heading) in [
            ("Could not resolve host", "\"Could not resolve host\""),
            ("The app isn't running", "\"The app isn't running\""),
            ("Network unreachable. Message:", "\"Network unreachable. Message: …\""),
            ("WWW-Authenticate: Bearer realm=", "\"WWW-Authenticate: Bearer realm=…\""),
            ("authorization_uri=\"https://login.", "authorization_uri=\"https://login.…\""),
            ("aud claim is \"00000003-0000", "aud claim is \"00000003-0000\""),
            ("The audience '", "\"The audience …\""),
            ("the required data action `", "\"the required data action …\""),
            ("Connection refused (localhost:42356", "\"Connection refused (localhost:42356)\""),
            ("@Microsoft.KeyVault(", "\"@Microsoft.KeyVault(…)\""),
            (") response from OIDC endpoint", "\"… response from OIDC endpoint\""),
            ("failed: 403 Forbidden'))) 169.254", "\"failed: 403 Forbidden …\""),
            ("No such file: '/var/run/secrets/azure/", "\"No such file: '/var/run/secrets/azure/…'\""),
            ("Status Code = '405'", "\"Status Code = '405'\""),
        ] {
            assert_eq!(of_piece(piece), heading, "{piece}");
        }
    }
}
