//! Wrapping text to a width in terminal cells.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The width of a text in cells.
#[must_use]
pub fn width(text: &str) -> usize {
    // Most texts are ASCII, and counting is much faster than looking up.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) { text.len() } else { UnicodeWidthStr::width(text) }
}

/// The text in lines of at most `limit` cells, broken at spaces; a word longer than a line is broken where it must be.
/// Line feeds in the text stay. At least one line comes back.
#[must_use]
pub fn wrap(text: &str, limit: usize) -> Vec<String> {
    let limit = limit.max(1);
    let Some(named) = names_joined(text) else {
        return lines(text, limit, &|word, lines| last_piece(word, limit, lines));
    };
    spaced(lines(&named, limit, &|word, lines| last_piece(word, limit, lines)))
}

/// The same, but a longer word stays whole, so that an address or an ID can be copied: its line is wider. A command
/// between backticks is one word.
#[must_use]
pub fn wrap_whole(text: &str, limit: usize) -> Vec<String> {
    let commands = joined(text);
    let named = names_joined(&commands);
    spaced(lines(named.as_deref().unwrap_or(&commands), limit, &|word, _| word.to_owned()))
}

/// A space within a word, until the lines are made.
const WITHIN: char = '\u{1}';

/// The text with the names `App 1` and `App 2` as words, if it has any: a line that ends with `App` reads oddly, and in
/// a comment, the next one begins with a lone number. A long text is copied only where it has one.
fn names_joined(text: &str) -> Option<String> {
    let joined = |text: &str, number: char| text.replace(&format!("App {number}"), &format!("App{WITHIN}{number}"));
    text.contains("App ").then(|| joined(&joined(text, '1'), '2'))
}

/// The lines with spaces within words again.
fn spaced(lines: Vec<String>) -> Vec<String> {
    lines.into_iter().map(|line| line.replace(WITHIN, " ")).collect()
}

/// The text with its commands as words. A line whose backticks aren't pairs has none.
fn joined(text: &str) -> String {
    let commands = |line: &str| -> String {
        let parts: Vec<&str> = line.split('`').collect();
        let are_pairs = parts.len() % 2 == 1;
        let part = |(at, part): (usize, &&str)| match at % 2 {
            1 if are_pairs => part.replace(' ', &WITHIN.to_string()),
            _ => (*part).to_owned(),
        };
        parts.iter().enumerate().map(part).collect::<Vec<_>>().join("`")
    };
    text.split('\n').map(commands).collect::<Vec<_>>().join("\n")
}

/// Lines of at most `limit` cells. `begin` makes the begin of a line of a word that may be longer.
fn lines(text: &str, limit: usize, begin: &dyn Fn(&str, &mut Vec<String>) -> String) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        let mut used = 0;
        for word in paragraph.split(' ') {
            let cells = width(word);
            if !line.is_empty() && used + 1 + cells <= limit {
                line.push(' ');
                line.push_str(word);
                used += 1 + cells;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            line = begin(word, &mut lines);
            used = width(&line);
        }
        lines.push(line);
    }
    lines
}

/// Cuts a word into whole lines, which go to `lines`, and what remains for the line that follows.
fn last_piece(word: &str, limit: usize, lines: &mut Vec<String>) -> String {
    let mut piece = String::new();
    let mut used = 0;
    for character in word.chars() {
        let cells = character.width().unwrap_or(usize::from(character == WITHIN));
        if used + cells > limit && !piece.is_empty() {
            lines.push(std::mem::take(&mut piece));
            used = 0;
        }
        piece.push(character);
        used += cells;
    }
    piece
}

/// The text followed by spaces up to `cells`.
#[must_use]
pub fn padded(text: &str, cells: usize) -> String {
    let missing = cells.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(missing))
}

/// Widths for a table's columns so that a row with gaps of two cells fits `limit`; `None` when no useful widths do.
#[must_use]
pub fn columns(rows: &[&[String]], limit: usize) -> Option<Vec<usize>> {
    const NARROWEST: usize = 8;
    const GAP: usize = 2;
    let count = rows.iter().map(|row| row.len()).max()?;
    let mut widths: Vec<usize> = (0..count)
        .map(|column| {
            rows.iter()
                .filter_map(|row| row.get(column))
                .flat_map(|cell| cell.split('\n').map(width))
                .max()
                .unwrap_or(0)
        })
        .collect();
    let room = limit.checked_sub(GAP * count.saturating_sub(1))?;
    while widths.iter().sum::<usize>() > room {
        let excess = widths.iter().sum::<usize>() - room;
        let widest = widths.iter_mut().max_by_key(|width| **width)?;
        if *widest <= NARROWEST {
            return None;
        }
        // The widest gives way in small steps, so that two wide columns share the loss.
        *widest -= excess.min(4).min(*widest - NARROWEST);
    }
    Some(widths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_stay_whole_where_they_can() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
        assert_eq!(wrap_whole("a abcdefghij k", 4), ["a", "abcdefghij", "k"]);
        assert_eq!(wrap_whole("Run `a bcd 'e f'`. If `g", 9), ["Run `a", "bcd 'e", "f'`. If", "`g"]);
        assert_eq!(wrap_whole("Run `a bcd 'e f'`. If", 9), ["Run", "`a bcd 'e f'`.", "If"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("so that App 2's", 11), ["so that", "App 2's"]);
        assert_eq!(wrap_whole("so that App 1.", 11), ["so that", "App 1."]);
        assert_eq!(wrap("App 2's", 4), ["App ", "2's"]);
        assert_eq!(wrap("a\nb", 4), ["a", "b"]);
    }

    proptest! {
        #[test]
        fn no_line_is_too_wide_and_nothing_is_lost(
            text in "[a-zA-Z0-9 \u{4e00}-\u{4e20}é]{0,200}",
            limit in 2_usize..60,
        ) {
            let lines = wrap(&text, limit);
            for line in &lines {
                prop_assert!(width(line) <= limit, "{line:?}");
            }
            let squeezed = |text: &str| text.chars().filter(|character| *character != ' ').collect::<String>();
            prop_assert_eq!(squeezed(&lines.concat()), squeezed(&text));
        }

        #[test]
        fn columns_fit(cells in prop::collection::vec("[a-z ]{0,40}", 1..5), limit in 1_usize..100) {
            if let Some(widths) = columns(&[cells.as_slice()], limit) {
                prop_assert!(widths.iter().sum::<usize>() + 2 * (widths.len() - 1) <= limit);
            }
        }
    }
}
