//! A pasted text whose sentences a console or a logger with columns divided into rows of a fixed width, also within
//! words.

use crate::case::error_text::ERROR_TEXTS;
use crate::case::plain::Plain;
use crate::knowledge::tables::ENTRA_ERRORS;

/// Longer texts are whole logs, which nobody's console divided.
const LONGEST: usize = 20_000;
/// Letters and signs of the shortest sentence that is found: shorter ones arise by chance.
const SHORTEST: usize = 18;
/// So many spaces in a row are no column's.
const FILLED: usize = 30;

/// The text with the known sentences behind it that only the ends of its rows divide.
pub(super) fn joined(text: &str) -> Option<String> {
    if text.len() > LONGEST {
        return None;
    }
    // The end of a row in an annotation of GitHub Actions, and one that a terminal filled up with spaces.
    let unfolded = text.replace("%0A", "\n").replace(&" ".repeat(FILLED), "\n");
    if !unfolded.trim().contains('\n') {
        return None;
    }
    let forms: Vec<(String, String)> =
        [without_times(&unfolded), without_prefixes(&unfolded)].into_iter().map(|rows| (dense(&rows), rows)).collect();
    let plain = Plain::of(text);
    let of_entra = ENTRA_ERRORS.iter().flat_map(|(_, error)| error.said.iter().map(String::as_str));
    let known = ERROR_TEXTS.iter().flat_map(|(_, entry)| entry.pieces()).chain(of_entra);
    let divided = known.filter(|piece| {
        let sought = words_of(piece);
        // The name of an exception may be two words at the ends of two rows.
        let is_sentence = sought.len() >= SHORTEST && sought.contains(' ');
        let letters = if is_sentence { dense(&sought) } else { return false };
        let mut fitting = forms.iter().filter(|(dense, _)| dense.contains(&letters)).peekable();
        fitting.peek().is_some() && !plain.has(piece) && fitting.any(|(_, rows)| is_divided(rows, &sought))
    });
    let divided: Vec<&str> = divided.collect();
    (!divided.is_empty()).then(|| format!("{text}\n{}", divided.join("\n")))
}

/// The rows without the time before each.
fn without_times(text: &str) -> String {
    let rows: Vec<String> = text.lines().map(|row| words_of(bare(row))).collect();
    rows.join("\n")
}

/// The rows without what two in succession begin with: a time and the level, the name of a container or a process, the
/// mark of a command or a quotation. It may also be the same word of two sentences.
fn without_prefixes(text: &str) -> String {
    let rows: Vec<&str> = text.lines().collect();
    let before = std::iter::once("").chain(rows.iter().copied());
    let behind = rows.iter().copied().skip(1).chain(std::iter::once(""));
    let own = rows.iter().zip(before).zip(behind).map(|((row, before), behind)| {
        let prefix = shared(row, before).max(shared(row, behind));
        words_of(bare(row.get(prefix..).unwrap_or(row)))
    });
    own.collect::<Vec<_>>().join("\n")
}

/// How much two rows begin alike, apart from digits, up to the last sign that can end what a logger writes.
fn shared(row: &str, other: &str) -> usize {
    let is_alike = |one: u8, other: u8| one == other || one.is_ascii_digit() && other.is_ascii_digit();
    let alike = row.bytes().zip(other.bytes()).take_while(|(one, other)| is_alike(*one, *other)).count();
    let begin = row.get(..row.floor_char_boundary(alike)).unwrap_or_default();
    begin.rfind(|sign: char| sign.is_whitespace() || "]:|>*)".contains(sign)).map_or(0, |last| last.saturating_add(1))
}

/// Whether a sentence is there, divided where rows end and nowhere else: between two words, or within one.
fn is_divided(rows: &str, sought: &str) -> bool {
    let Some(first) = sought.as_bytes().first() else { return false };
    let rows = rows.as_bytes();
    let begins = |start: usize| {
        let mut left = sought.as_bytes();
        for byte in rows.get(start..).unwrap_or_default() {
            left = match left {
                [] => return true,
                [next, rest @ ..] if next == byte || *byte == b'\n' && *next == b' ' => rest,
                _ if *byte == b'\n' => left,
                _ => return false,
            };
        }
        left.is_empty()
    };
    rows.iter().enumerate().any(|(at, byte)| byte == first && begins(at))
}

/// A row without the time before it, a frame, and the place in the code behind it.
fn bare(row: &str) -> &str {
    let is_time = |word: &str| {
        let of_time = |letter: char| letter.is_ascii_digit() || "-:.,TZ+[]".contains(letter);
        word.chars().all(of_time) && (word.matches(':').count() > 1 || word.matches('-').count() > 1)
    };
    let is_place = |word: &str| {
        word.rsplit_once(':').is_some_and(|(file, line)| {
            file.contains('.') && !file.contains('/') && !line.is_empty() && line.bytes().all(|it| it.is_ascii_digit())
        })
    };
    let mut rest = row.trim_matches(|letter: char| letter.is_whitespace() || "│|".contains(letter));
    while let Some((_, behind)) = rest.split_once(char::is_whitespace).filter(|(word, _)| is_time(word)) {
        rest = behind.trim_start();
    }
    // It is in a column of its own.
    match rest.rsplit_once(char::is_whitespace) {
        Some((before, word)) if is_place(word) => before,
        _ => rest,
    }
}

/// The letters and signs alone, in which a sentence is looked for faster.
fn dense(text: &str) -> String {
    text.split_whitespace().collect()
}

/// The words in small letters, with one space between two of them.
fn words_of(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use crate::knowledge::explain;

    /// The sentence in rows of so many letters, each with this before it.
    fn rows(sentence: &str, width: usize, before: &str) -> String {
        let letters: Vec<char> = sentence.chars().collect();
        letters.chunks(width).map(|row| format!("{before}{}\n", row.iter().collect::<String>())).collect()
    }

    #[test]
    fn sentences_in_rows_are_found() {
        let selected = "No User Assigned or Delegated Managed Identity found for specified ClientId";
        let several = "Multiple user assigned identities exist, please specify the clientId / resourceId";
        for (sentence, key) in [(selected, "no-user-assigned-identity"), (several, "several-identities")] {
            for width in [17, 30, 41, 80] {
                for before in ["", "        ", "│ ", "2023-09-20T09:34:59.768417106Z        ", "[12:00:01] "] {
                    let text = rows(sentence, width, before);
                    let keys: Vec<String> = explain(&text).into_iter().map(|entry| entry.key).collect();
                    assert_eq!(keys, [key], "{text}");
                }
            }
        }
        let columns = "[12:00:01] ERROR    No User Assigned or Delega  credential.py:120\n                    ted \
                       Managed Identity fou\n                    nd for specified\n";
        assert_eq!(explain(columns).first().map(|entry| entry.key.as_str()), Some("no-user-assigned-identity"));
        // A terminal that fills up its rows, of which one line was made.
        for filling in [30, 98] {
            let text = rows(several, 33, "").replace('\n', &" ".repeat(filling));
            let found = explain(&text);
            assert_eq!(found.first().map(|entry| entry.key.as_str()), Some("several-identities"), "{text}");
        }
        // Columns of a table end where words do, and are of one row.
        assert_eq!(super::joined(&several.replace(" exist", &format!("{}exist", " ".repeat(10)))), None);
        assert_eq!(super::joined("one\ntwo"), None);
        // What loggers, runners, and containers write before each row.
        for before in [
            "  * ",
            "> ",
            "remote: ",
            "Error: ",
            "[pod/app1-abc/app1] ",
            "app1-1  | ",
            "2026-11-28T10:00:00.0000000Z ##[error]",
            "2026-11-28T10:00:00.123456789Z stdout F ",
            "Nov 28 10:00:00 host app[123]: ",
            "2026-11-28 10:00:00.123 [Error] ",
            "build\tAzure login\t2026-11-28T10:00:00.0000000Z ",
            "INFO:azure.identity:",
        ] {
            for width in [30, 41] {
                let text = format!("{before}Run login\n{}{before}exit 1", rows(several, width, before));
                let keys: Vec<String> = explain(&text).into_iter().map(|entry| entry.key).collect();
                assert_eq!(keys.first().map(String::as_str), Some("several-identities"), "{text}");
            }
        }
        let annotation = format!("::error::{}", several.replace(" exist", "%0Aexist"));
        assert_eq!(explain(&annotation).first().map(|entry| entry.key.as_str()), Some("several-identities"));
        for other in [
            "SMTP authentication failed\nError: 535 5.7.8 bad mailbox",
            "Authentication Required\nError: push rejected by gitea",
            "A row with 1 credential\nunavailable slots: 3",
            "one\nStripe webhook secret header not found",
            "audience\nnot supported browser",
            "Error: multiple user\nError: assigned to this resource",
        ] {
            assert_eq!(super::joined(other), None, "{other}");
        }
        assert_eq!(super::joined(several), None);
    }

    #[test]
    fn a_sentence_of_entra_without_its_number_is_the_numbers() {
        for (text, number) in [
            ("The resource principal named api://x was not found in the tenant named Contoso.", "500011"),
            ("Failure reason\tThe provided client secret keys for app 'x' are expired.", "7000222"),
            ("No matching federated identity record found for presented assertion subject 'sc://o/p/c'.", "700213"),
            ("No matching federated identity record found for presented assertion. Issuer: 'https://x'", "70021"),
            ("Application with identifier 'x' was not found in the directory 'y'.", "700016"),
            ("Error: Application with iden\ntifier 'x' was not found in the dir\nectory 'y'.", "700016"),
        ] {
            let keys: Vec<String> = explain(text).into_iter().map(|entry| entry.key).collect();
            assert_eq!(keys.first(), Some(&format!("AADSTS{number}")), "{text}: {keys:?}");
        }
        // The number that is there says which it is.
        let both = "AADSTS7000215: Invalid client secret provided. The resource principal named x was not found.";
        assert_eq!(explain(both).len(), 1);
    }
}
