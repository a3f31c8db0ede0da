//! Where two values differ, letter by letter.

use crate::report::wrap;

/// Marks below the letters of a value that differ from the expected value that is most like it.
#[must_use]
pub fn marks(expected: &[&str], actual: &str) -> String {
    let all = expected.iter().map(|expected| against(expected, actual));
    all.min_by_key(|marks| marks.matches('^').count()).unwrap_or_default()
}

fn against(expected: &str, actual: &str) -> String {
    let expected: Vec<char> = expected.chars().collect();
    let actual: Vec<char> = actual.chars().collect();
    let mut marks = String::new();
    let mut mark = |letter: char, differs: bool| {
        let cells = wrap::width(letter.encode_utf8(&mut [0; 4]));
        marks.push_str(&if differs { "^" } else { " " }.repeat(cells));
    };
    if expected.len() == actual.len() {
        // Of two different IDs, letters that are the same by chance say nothing.
        let differ = actual.iter().zip(&expected).filter(|(one, other)| one != other).count();
        let is_other = differ.saturating_mul(2) > actual.len();
        for (letter, other) in actual.iter().zip(&expected) {
            mark(*letter, letter != other || (is_other && letter.is_alphanumeric()));
        }
        return marks.trim_end().to_owned();
    }
    let same = |(one, other): &(&char, &char)| one == other;
    let begin = actual.iter().zip(&expected).take_while(same).count();
    let most = actual.len().min(expected.len()).saturating_sub(begin);
    let rev = actual.iter().rev().zip(expected.iter().rev());
    let end = rev.take(most).take_while(same).count();
    let last = actual.len().saturating_sub(end);
    // What is put before the whole value is marked as that: `api://` rather than `pi://a`.
    let turned = (0..=begin).take_while(|back| {
        let at = |place: usize| place.checked_sub(*back).and_then(|place| place.checked_sub(1));
        last > begin && at(begin).and_then(|at| actual.get(at)) == at(last).and_then(|at| actual.get(at))
    });
    let (begin, last) =
        if turned.count() == begin && last > begin { (0, last.saturating_sub(begin)) } else { (begin, last) };
    for (at, letter) in actual.iter().enumerate() {
        // Where something is missing, the place is marked.
        mark(*letter, (begin..last).contains(&at) || (begin == last && at == begin));
    }
    if begin == last && begin == actual.len() {
        marks.push('^');
    }
    marks.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::marks;

    #[test]
    fn letters_that_differ_are_marked_and_no_others() {
        assert_eq!(marks(&["abc-def"], "abd-deg"), "  ^   ^");
        assert_eq!(marks(&["abc"], "abc"), "");
        assert_eq!(marks(&["0a1b-2c3d"], "9a8f-7c6e"), "^^^^ ^^^^");
        // A slash too many, one too few, and something in the middle.
        assert_eq!(marks(&["api://x"], "api://x/"), "       ^");
        assert_eq!(marks(&["api://x/"], "api://x"), "       ^");
        assert_eq!(marks(&["https://a/v2.0"], "https://a/"), "          ^");
        assert_eq!(marks(&["https://a.b/c"], "https://a.x.b/c"), "          ^^");
        assert_eq!(marks(&["api://x/y"], "api://y"), "      ^");
        assert_eq!(marks(&["a115"], "api://a115"), "^^^^^^");
        assert_eq!(marks(&["Ab"], "ab"), "^");
    }

    #[test]
    fn of_several_expected_values_the_nearest_is_compared() {
        assert_eq!(marks(&["0000", "1234"], "1235"), "   ^");
        assert_eq!(marks(&[], "1235"), "");
        assert_eq!(marks(&["界x"], "界y"), "  ^");
    }
}
