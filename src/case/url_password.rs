//! Where the password of a URL may be in a text, also in one that is still being typed.
//!
//! What follows `://NAME:` may be a password, whatever its characters are, until it is a port: digits with a slash, a
//! question mark, a number sign, or the end of the text behind them. So it is hidden to the end of the text: an `@` in
//! it may be part of the password. A port with an `@` somewhere behind it is none.

use std::ops::Range;

use super::text::{half_width, is_deceptive};

/// What a text is expected to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// A URL, whose scheme may be left out.
    Url,
    /// An Application ID URI, which can have any scheme.
    ApplicationIdUri,
    /// Something else, in which a URL may be.
    Text,
}

/// Schemes of URLs whose scheme may be left out.
const SCHEMES: [&str; 6] = ["https", "http", "api", "ftp", "ws", "wss"];

/// Names before a colon in Application ID URIs and selectors without slashes.
const NAMES: [&str; 6] = ["urn", "spn", "client-id", "object-id", "principal-id", "resource-id"];

/// Escapes within escapes are opened at most this often.
const DEEPEST: usize = 3;

/// A character as a URL's parser takes it, and where it is.
#[derive(Debug, Clone, Copy)]
struct Sign {
    at: usize,
    letter: char,
    is_escaped: bool,
}

impl Sign {
    const fn is_slash(self) -> bool {
        matches!(self.letter, '/' | '\\')
    }

    /// Whether a host ends here.
    const fn ends_host(self) -> bool {
        !self.is_escaped && matches!(self.letter, '/' | '\\' | '?' | '#')
    }
}

/// The parts of a text that a password, or the user name before it, may be in. While it is typed, digits at its end
/// are no port yet.
#[must_use]
pub fn hidden(text: &str, expected: Expected, is_typed: bool) -> Vec<Range<usize>> {
    let signs = signs(text);
    let reader = Reader { signs: &signs, end: text.len(), expected, is_typed };
    let mut all: Vec<Range<usize>> = reader.beginning().into_iter().flat_map(|start| reader.authority(start)).collect();
    for (at, pair) in signs.windows(2).enumerate() {
        let is_behind_colon = at.checked_sub(1).and_then(|at| signs.get(at)).is_some_and(|sign| sign.letter == ':');
        if pair.iter().all(|sign| sign.is_slash()) && (is_behind_colon || expected != Expected::Text) {
            all.extend(reader.authority(reader.behind_slashes(at)));
        }
    }
    all
}

/// The characters of a text with their escapes opened, without those that a parser drops.
fn signs(text: &str) -> Vec<Sign> {
    let shown = text.char_indices().filter(|(_, letter)| !is_deceptive(*letter));
    let mut signs: Vec<Sign> = shown.map(|(at, letter)| Sign { at, letter, is_escaped: false }).collect();
    for _ in 0..DEEPEST {
        if !signs.iter().any(|sign| sign.letter == '%') {
            break;
        }
        signs = unescaped(&signs);
    }
    for sign in &mut signs {
        // What some keyboards type instead of the signs of a URL.
        sign.letter = half_width(sign.letter);
    }
    signs
}

fn unescaped(signs: &[Sign]) -> Vec<Sign> {
    let mut opened = Vec::with_capacity(signs.len());
    let mut rest = signs;
    while let [first, others @ ..] = rest {
        rest = others;
        let digit = |sign: &Sign| sign.letter.to_digit(16);
        match others {
            [high, low, behind @ ..] if first.letter == '%' => match digit(high).zip(digit(low)) {
                Some((high, low)) if high < 8 => {
                    let letter = char::from_u32(high * 16 + low).unwrap_or('%');
                    opened.push(Sign { letter, is_escaped: true, ..*first });
                    rest = behind;
                }
                _ => opened.push(*first),
            },
            _ => opened.push(*first),
        }
    }
    opened
}

struct Reader<'text> {
    signs: &'text [Sign],
    /// The length of the text.
    end: usize,
    expected: Expected,
    is_typed: bool,
}

impl Reader<'_> {
    fn letter(&self, at: usize) -> Option<char> {
        self.signs.get(at).map(|sign| sign.letter)
    }

    /// The byte where a sign is.
    fn byte(&self, at: usize) -> usize {
        self.signs.get(at).map_or(self.end, |sign| sign.at)
    }

    /// The first place from here on where this holds.
    fn find(&self, from: usize, holds: impl Fn(&Sign) -> bool) -> Option<usize> {
        self.signs.iter().enumerate().skip(from).find(|(_, sign)| holds(sign)).map(|(at, _)| at)
    }

    fn behind_slashes(&self, from: usize) -> usize {
        self.find(from, |sign| !sign.is_slash()).unwrap_or(self.signs.len())
    }

    /// Where the first host is in a text that may have no scheme.
    fn beginning(&self) -> Option<usize> {
        if self.expected == Expected::Text {
            return None;
        }
        let start = self.find(0, |sign| !sign.letter.is_whitespace() && !is_quote(sign.letter))?;
        let Some(colon) = self.find(start, |sign| sign.letter == ':' || sign.letter == '@' || sign.ends_host()) else {
            return Some(start);
        };
        let name: String = self.signs.iter().take(colon).skip(start).map(|sign| sign.letter).collect();
        let is_one_of = |known: &[&str]| known.iter().any(|known| known.eq_ignore_ascii_case(&name));
        let behind = self.behind_slashes(colon + 1);
        let slashes = behind - (colon + 1);
        let is_uri = self.expected == Expected::ApplicationIdUri;
        if self.letter(colon) != Some(':') {
            return Some(start);
        }
        match slashes {
            // While a scheme is typed, its slashes follow.
            _ if is_one_of(&SCHEMES) && behind == self.signs.len() => None,
            0 if is_one_of(&["https", "http"]) => Some(behind),
            0 if is_uri && is_one_of(&NAMES) => None,
            1.. if is_one_of(&SCHEMES) => Some(behind),
            2.. if is_uri => None,
            _ => Some(start),
        }
    }

    /// What is hidden of a user, a host, and what follows them.
    fn authority(&self, from: usize) -> Vec<Range<usize>> {
        let mut all = Vec::new();
        let mut start = from;
        loop {
            let Some(at) = self.end_of_name(start) else { return all };
            // In a command line, other words follow.
            let ends = |sign: &Sign| self.expected == Expected::Text && !sign.is_escaped && sign.letter.is_whitespace();
            let end = self.find(start, ends).unwrap_or(self.signs.len());
            let to_end = |from: usize| self.byte(from)..self.byte(end);
            let has_at = |from: usize| self.find(from, |sign| sign.letter == '@').is_some_and(|at| at < end);
            match self.letter(at) {
                Some('@') => {
                    all.push(self.byte(start)..self.byte(at));
                    start = at + 1;
                }
                Some(':') => {
                    // In an address within a query, the slashes are escaped as well.
                    let before = from.checked_sub(1).and_then(|at| self.signs.get(at));
                    let is_port = self.is_port(at + 1, before.is_some_and(|sign| sign.is_escaped));
                    let is_any = at + 1 < self.signs.len();
                    if is_any && (!is_port || has_at(at + 1)) {
                        all.push(to_end(if !is_port && has_at(at + 1) { start } else { at + 1 }));
                    }
                    return all;
                }
                _ => {
                    // A user name with a slash: no parser takes it for one, but a person may.
                    let query = self.find(at, |sign| !sign.is_escaped && matches!(sign.letter, '?' | '#'));
                    let colon =
                        self.find(at, |sign| sign.letter == ':').filter(|colon| query.is_none_or(|at| *colon < at));
                    let user = colon.and_then(|colon| self.find(colon, |sign| sign.letter == '@'));
                    if user.is_some_and(|user| query.is_none_or(|at| user < at)) {
                        all.push(to_end(start));
                    }
                    return all;
                }
            }
        }
    }

    /// Where a name ends that can be a user's or a host's; `None` where nothing follows it.
    fn end_of_name(&self, from: usize) -> Option<usize> {
        let in_text = self.expected == Expected::Text;
        let ends = |sign: &Sign| {
            matches!(sign.letter, ':' | '@')
                || sign.ends_host()
                || in_text && (sign.letter.is_whitespace() || is_quote(sign.letter) || sign.letter == ',')
        };
        if self.letter(from) == Some('[') {
            let is_address = |sign: &Sign| matches!(sign.letter, '[' | ':' | '.') || sign.letter.is_ascii_hexdigit();
            match self.find(from, |sign| !is_address(sign)) {
                None => return None,
                Some(end) if self.letter(end) == Some(']') => return self.find(end, ends),
                Some(_) => {}
            }
        }
        self.find(from, ends)
    }

    /// Whether a port is here, and not the beginning of something else.
    fn is_port(&self, from: usize, may_be_escaped: bool) -> bool {
        let digits = self.signs.iter().skip(from).map_while(|sign| sign.letter.to_digit(10));
        let digits: Vec<u32> = digits.take(6).collect();
        let number = digits.iter().fold(0, |number, digit| number * 10 + digit);
        let behind = self.signs.get(from + digits.len());
        let ends = match behind.map(|sign| sign.letter) {
            None => !self.is_typed,
            Some(_) if behind.is_some_and(|sign| sign.is_escaped) && !may_be_escaped => false,
            Some('/' | '\\' | '?' | '#') => true,
            Some(letter) if letter.is_whitespace() || is_quote(letter) => !self.is_typed,
            Some(_) => false,
        };
        (1..=5).contains(&digits.len()) && number <= 65_535 && ends
    }
}

const fn is_quote(letter: char) -> bool {
    matches!(letter, '\'' | '"' | '<' | '>' | '(' | ')')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with a star for each character that is hidden.
    fn masked(text: &str, expected: Expected, is_typed: bool) -> String {
        let hidden = hidden(text, expected, is_typed);
        let is_hidden = |at: usize| hidden.iter().any(|range| range.contains(&at));
        text.char_indices().map(|(at, letter)| if is_hidden(at) { '*' } else { letter }).collect()
    }

    #[test]
    fn what_may_be_a_password_is_hidden_to_the_end() {
        for (shown, rest) in [
            ("https://", "user:se?cret@a.example"),
            ("https://", "user:s#cr@a.example/x"),
            ("https://", "user:a/b@c"),
            ("https://", "user:p@ss@a.example"),
            ("https://", "user:secret@a.example/p@th"),
            ("https://user:", "secret"),
            ("HTTPS://user:", "secret"),
            ("https:/user:", "secret"),
            ("https:user:", "secret"),
            (r"https:\\user:", "secret"),
            ("user:", "secret"),
            ("", "user:secret@a.example"),
            ("'https://user:", "secret'"),
            ("https://user:", "443secret"),
            ("https://user:", "443/secret@a.example"),
            ("https://user:", "443?secret@a.example"),
            ("https://user:", "65536/x"),
            ("https://user:", "/secret"),
            ("https://user%3A", "secret"),
            ("https://", "user%253Asecret%40a.example"),
            ("https://us%2Fer:", "secret"),
            ("https://", "us/er:secret@a.example"),
            ("https://", "user:1%2F2@a.example"),
            ("https://", "user：secret＠a.example"),
            ("https://us\u{200b}er:\t", "secret"),
            ("https://https:", "//user:secret"),
            ("https://a.example//user:", "secret"),
            ("https://a.example/x?redirect_uri=https%3A%2F%2Fu%3A", "secret"),
            ("https://[::1]:", "secret"),
            ("foo:", "//user:secret"),
        ] {
            let stars = "*".repeat(rest.chars().count());
            assert_eq!(masked(&format!("{shown}{rest}"), Expected::Url, false), format!("{shown}{stars}"));
        }
        assert_eq!(masked("https://me@a.example/x", Expected::Url, false), "https://**@a.example/x");
        assert_eq!(masked("https://me@a.example:pw", Expected::Url, false), "https://**@a.example:**");
    }

    #[test]
    fn a_port_is_shown_once_it_is_one() {
        for shown in [
            "https://a.example:443",
            "https://a.example:443/x",
            "http://127.0.0.1:8080/api?x=1",
            "http://[::1]:80/x",
            "http://[::1",
            "https://a.example/users/me@contoso.com",
            "https://a.example/users:delta",
            "a.example:8443",
            "localhost:8080/x",
            "'https://a.example:443'",
            "https:",
            "https:/",
            "https://",
            "https://user:",
            "",
        ] {
            assert_eq!(masked(shown, Expected::Url, false), shown);
        }
        // More digits may follow, and then letters.
        for (typed, shown) in [
            ("https://a.example:443", "https://a.example:***"),
            ("https://a.example:443/", "https://a.example:443/"),
            ("http://[::1]:80", "http://[::1]:**"),
            ("a.example:8443", "a.example:****"),
        ] {
            assert_eq!(masked(typed, Expected::Url, true), shown);
        }
    }

    #[test]
    fn other_values_with_colons_are_shown() {
        const ID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
        for (text, expected) in [
            (format!("api://{ID}/.default"), Expected::ApplicationIdUri),
            ("urn:contoso:orders".to_owned(), Expected::ApplicationIdUri),
            ("ms-appx-web://contoso/orders".to_owned(), Expected::ApplicationIdUri),
            (format!("client-id:{ID}"), Expected::Text),
            ("allowedAudiences+=api://a issuer=https://sts.windows.net/x/".to_owned(), Expected::Text),
            (r"C:\\logs\app2:today".to_owned(), Expected::Text),
            (
                "az rest --url \"http://127.0.0.1:80/x?api-version=1\" --body \"@edited.json\"".to_owned(),
                Expected::Text,
            ),
            ("az rest --url \"https://a.example/x\" --query \"a:b\"".to_owned(), Expected::Text),
        ] {
            assert_eq!(masked(&text, expected, true), text);
        }
        assert_eq!(masked("issuer=https://u:pw", Expected::Text, true), "issuer=https://u:**");
        assert_eq!(
            masked("curl https://u:p?w@a.example -d @b", Expected::Text, true),
            "curl https://*************** -d @b"
        );
        assert_eq!(masked("spn:pw@a", Expected::Url, true), "********");
        assert_eq!(masked("user:pw", Expected::ApplicationIdUri, true), "user:**");
    }

    #[test]
    fn a_password_is_hidden_in_every_state_of_typing() {
        for password in ["hunter2", "a?b", "a#b", "p@ss", "s:t", "//x", "a\\b", "%41b", "[x]", "ü/ö", "x@y:z?q=1&r#f"]
        {
            for whole in [format!("https://user:{password}@a.example/x"), format!("user:{password}@a.example")] {
                let start = whole.find(password).unwrap();
                let within = start..start + password.len();
                for (typed, _) in whole.char_indices().chain([(whole.len(), ' ')]) {
                    let text = whole.get(..typed).unwrap();
                    let hidden = hidden(text, Expected::Url, true);
                    let is_hidden = |at: usize| hidden.iter().any(|range| range.contains(&at));
                    let letters = text.char_indices().filter(|(at, _)| within.contains(at));
                    assert!(letters.clone().all(|(at, _)| is_hidden(at)), "{text}");
                }
            }
        }
    }
}
