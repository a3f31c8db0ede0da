//! Where a text names a credential, and its value: `Password=…`, `"apiKey": "…"`, `<td>CLIENT_SECRET</td><td>…`.
//!
//! Written by hand: this runs over every text that is quoted, and regular expressions for it took more of a check's
//! time than anything else. Each value is read once: what is hidden is passed, and of what is not, only its first
//! bytes are looked at.
//!
//! | file | knows |
//! |---|---|
//! | `names` | the names |
//! | `columns` | the names of a table's columns |
//! | `commands` | the commands and functions that take one |
//! | `extent` | where a value ends |
//! | `harmless` | values that no credential has |

mod bytes;
mod columns;
mod commands;
mod extent;
mod harmless;
mod names;

use std::borrow::Cow;
use std::ops::Range;

use self::bytes::{LONGEST_TAG, is_of_name, is_space, skip, skip_all, skip_gap};
use self::commands::Command;
use self::extent::Sign;
use self::names::Kind;
use crate::case::text::with_in_place_of;

/// Bytes between a name and its value.
const LONGEST_GAP: usize = 160;
/// Bytes of a word that may be one in a sentence about a password, and about another secret, whose name may follow.
const SHORTEST_PASSWORD: usize = 6;
const SHORTEST_SECRET: usize = 8;
/// What begins a value that is a credential.
const SCHEMES: [&str; 10] =
    ["bearer", "basic", "negotiate", "ntlm", "digest", "apikey", "token", "sharedkey", "hmac-sha256", "oauth"];
/// Elements that are around a name or a value in a table, a list of settings, or a dump.
const CELLS: [&str; 21] = [
    "td", "th", "tr", "dt", "dd", "li", "pre", "code", "span", "b", "strong", "i", "em", "tt", "div", "key", "name",
    "string", "value", "font", "label",
];
/// Members that hold what the member before them names.
const VALUES: [&str; 2] = ["value", "content"];
/// What may be between a name and the sign behind it: the type of a variable.
const TYPES: [&str; 3] = ["string", "securestring", "str"];

/// The text with this in place of the values of cookies, of parameters, and of what is named as a credential.
pub(super) fn without_values<'a>(text: &'a str, put: &str) -> Cow<'a, str> {
    let columns = columns::values(text);
    if columns.is_empty() {
        return without_named(text, put);
    }
    Cow::Owned(without_named(&with_in_place_of(text, columns, put), put).into_owned())
}

fn without_named<'a>(text: &'a str, put: &str) -> Cow<'a, str> {
    let bytes = text.as_bytes();
    let mut clean = String::new();
    let (mut at, mut done) = (0, 0);
    let mut command: Option<&Command> = None;
    while let Some(name) = next_name(bytes, at) {
        if bytes.get(at..name.start).is_some_and(|gap| gap.contains(&b'\n')) {
            command = None;
        }
        let own = bytes.get(name.clone()).and_then(|name| commands::of(command, name));
        command = own.or(command);
        at = name.end;
        let argument = || commands::value(bytes, command, &name, own.is_some());
        let argument = argument().and_then(|place| harmless::unless(bytes, place));
        if let Some(value) = argument.or_else(|| value(bytes, done, &name, commands::sets(command))) {
            clean.push_str(text.get(done..value.start).unwrap_or_default());
            clean.push_str(put);
            (at, done) = (value.end, value.end);
        }
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    clean.push_str(text.get(done..).unwrap_or_default());
    Cow::Owned(clean)
}

/// The next run of characters of which a name is made.
fn next_name(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let is_first = |byte: &u8| is_of_name(byte) || names::begins_foreign(*byte);
    let mut start = at;
    loop {
        start += bytes.get(start..)?.iter().position(is_first)?;
        let end = names::foreign(bytes.get(start..)?).map_or_else(|| skip(bytes, start, is_of_name), |end| start + end);
        if end > start {
            return Some(start..end);
        }
        start += 1;
    }
}

/// The value of what is named here, if it is a credential.
fn value(bytes: &[u8], done: usize, name: &Range<usize>, is_set: bool) -> Option<Range<usize>> {
    let before = bytes.get(done..name.start)?;
    let kind = names::kind(before, bytes.get(name.clone())?)?;
    let is_certain = matches!(kind, Kind::Secret | Kind::Password);
    if let Some(start) = element(bytes, before, name) {
        let place = extent::in_element(bytes, start);
        let value = bytes.get(place.clone())?;
        let is_it = is_certain || harmless::is_key(value) || kind == Kind::Token && harmless::is_token(value);
        return harmless::unless(bytes, place).filter(|_| is_it);
    }
    let quoted = skip_all(bytes, name.end, |at| extent::sign(bytes, at).map(|sign| sign.len()));
    let is_quoted = quoted > name.end;
    // `[password] => …`, `**Password**: …`
    let closed = skip(bytes, quoted, |byte| matches!(byte, b']' | b'*'));
    let gap = skip_gap(bytes, closed);
    // `Password . . . : …`, `adminPassword string = …`
    let dots = skip(bytes, gap, |byte| matches!(byte, b'.' | b' '));
    let typed = if is_certain { behind_a_type(bytes, gap) } else { None };
    let signs = [Some(gap), is_certain.then_some(dots), typed];
    if let Some((gap, start)) = signs.into_iter().flatten().find_map(|at| Some((at, separated(bytes, at, is_quoted)?)))
    {
        let is_query = matches!(before, [.., b'?' | b'&']) || before.ends_with(b"&amp;");
        let start = if is_certain { behind_a_fold(bytes, start) } else { start };
        return behind_sign(bytes, kind, start, matches!(bytes.get(gap), Some(b':' | 0xef)), is_query);
    }
    if kind == Kind::Pin && gap == name.end + 1 {
        return number(bytes, gap);
    }
    if !is_certain {
        let is_sentence = bytes.get(name.end..gap) == Some(b" ") && !matches!(kind, Kind::Code | Kind::Pin);
        return if is_sentence { in_sentence(bytes, kind, gap) } else { None };
    }
    if bytes.get(gap) == Some(&b'<') {
        return harmless::unless(bytes, extent::in_element(bytes, cells(bytes, gap)?));
    }
    // `<add key="Password" value="…"/>`, `{"name": "Password", "value": "…"}`, and YAML's two lines of it
    if let Some(start) = member(bytes, if is_quoted { name.end } else { gap }, is_quoted) {
        return extent::of(bytes, start, false).and_then(|value| harmless::unless(bytes, value));
    }
    // `('password', '…')`, `password[…]`
    if let Some(place) = extent::listed(bytes, name.end, gap, is_quoted) {
        return Some(place).filter(|place| bytes.get(place.clone()).is_some_and(harmless::is_odd));
    }
    let is_apart = gap > name.end && !is_quoted;
    if !is_apart {
        return None;
    }
    let is_option =
        bytes.get(name.start) == Some(&b'-') && before.last().is_none_or(|byte| !byte.is_ascii_alphanumeric());
    if is_option {
        return extent::argument(bytes, gap).and_then(|value| harmless::unless(bytes, value));
    }
    let line = bytes.get(closed..gap)?;
    let place = match kind {
        _ if is_set => extent::argument(bytes, gap),
        _ if bytes.get(gap) == Some(&b'|') => extent::cell(bytes, gap + 1),
        // The columns of a list.
        _ if !line.contains(&b'\n') && (line.len() > 1 || line == b"\t") => extent::argument(bytes, gap),
        Kind::Password => said(bytes, gap).or_else(|| follows(bytes, gap, SHORTEST_PASSWORD)),
        _ => follows(bytes, gap, SHORTEST_SECRET),
    };
    place.and_then(|value| harmless::unless(bytes, value))
}

/// Where the sign is behind the type that a variable is declared with.
fn behind_a_type(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let known = TYPES.iter().find(|known| {
        rest.get(..known.len()).is_some_and(|word| word.eq_ignore_ascii_case(known.as_bytes()))
            && rest.get(known.len()) == Some(&b' ')
    })?;
    Some(skip(bytes, at + known.len(), is_space)).filter(|sign| bytes.get(*sign) == Some(&b'='))
}

/// Where the text begins that YAML has on the lines below: behind `|` or `>-`.
fn behind_a_fold(bytes: &[u8], at: usize) -> usize {
    let start = skip(bytes, at, |byte| *byte == b' ');
    let end = skip(bytes, start + 1, |byte| matches!(byte, b'-' | b'+'));
    let text = skip_gap(bytes, end);
    let is_fold =
        matches!(bytes.get(start), Some(b'|' | b'>')) && matches!(bytes.get(end), Some(b'\n' | b'\r' | b'\\'));
    if is_fold && text > end { text } else { at }
}

/// A word behind a name that is a key by its form, or letters and digits of this length, or the last one of its line
/// behind a sign: `password - …`.
fn follows(bytes: &[u8], at: usize, shortest: usize) -> Option<Range<usize>> {
    let rest = bytes.get(at..)?;
    if rest.starts_with(b"- ") {
        let place = extent::argument(bytes, skip(bytes, at + 2, |byte| *byte == b' '))?;
        let is_last = bytes.get(place.end).is_none_or(|byte| matches!(byte, b'\n' | b'\r'));
        return is_last.then_some(place);
    }
    let place = extent::word(bytes, at)?;
    let value = bytes.get(place.clone())?;
    let place = place.start..place.start + value.strip_suffix(b".").unwrap_or(value).len();
    let value = bytes.get(place.clone())?;
    (harmless::is_drawn(value) || harmless::is_mixed(value, shortest)).then_some(place)
}

/// A word of letters and digits in a sentence, behind a name that most sentences use without a value: `token …`, `the
/// key is …`. Behind credentials, it may be the second word, or the second part of the first one.
fn in_sentence(bytes: &[u8], kind: Kind, at: usize) -> Option<Range<usize>> {
    let rest = bytes.get(at..)?;
    let verb = ["is ", "was "].iter().find(|verb| rest.starts_with(verb.as_bytes())).map_or(0, |verb| verb.len());
    let mut start = at + verb;
    for _ in 0..if kind == Kind::Pair { 2 } else { 1 } {
        let place = extent::word(bytes, start)?;
        let value = bytes.get(place.clone())?;
        let value = value.strip_suffix(b".").unwrap_or(value);
        let tail = value.iter().rposition(|byte| kind == Kind::Pair && matches!(byte, b':' | b'/'));
        let value = value.get(tail.map_or(0, |sign| sign + 1)..)?;
        if harmless::is_mixed(value, SHORTEST_SECRET) && !harmless::is_thumbprint(value) {
            let end = place.start + tail.map_or(0, |sign| sign + 1) + value.len();
            return harmless::unless(bytes, end - value.len()..end);
        }
        start = skip(bytes, place.end, |byte| matches!(byte, b' ' | b'"' | b'\''));
    }
    None
}

/// The number behind the name of one that only its owner has: `PIN 4829`.
fn number(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let place = extent::argument(bytes, at)?;
    let value = bytes.get(place.clone())?;
    ((4..=8).contains(&value.len()) && value.iter().all(u8::is_ascii_digit)).then_some(place)
}

/// The value behind a sign.
fn behind_sign(bytes: &[u8], kind: Kind, sign: usize, is_colon: bool, is_query: bool) -> Option<Range<usize>> {
    let start = skip(bytes, sign, is_space);
    let whole = || extent::of(bytes, start, !is_colon);
    let place = match kind {
        _ if is_query => extent::in_query(bytes, start),
        Kind::Secret | Kind::Password => match behind_a_scheme(bytes, start, &["bearer"]) {
            Some(start) => extent::of(bytes, start, !is_colon),
            None => whole(),
        },
        Kind::Cookie => extent::cookies(bytes, start),
        Kind::List => extent::of(bytes, start, false),
        Kind::Authorization => return authorization(bytes, start),
        Kind::Token | Kind::Perhaps | Kind::Pair | Kind::Signature | Kind::Code | Kind::Pin => {
            extent::word(bytes, start)
        }
    }?;
    let value = bytes.get(place.clone())?;
    let is_quoted = place.start > start;
    let is_it = match kind {
        Kind::Secret | Kind::Password | Kind::Cookie | Kind::Authorization => true,
        Kind::List => is_quoted || value.len() > 2 && value.starts_with(b"["),
        _ if is_query => harmless::is_parameter(value),
        Kind::Token => harmless::is_token(value),
        // `<add key="Password" value="…"/>` names another.
        Kind::Perhaps if is_quoted && member(bytes, place.end, true).is_some() => false,
        Kind::Perhaps | Kind::Signature | Kind::Pair if is_colon => harmless::is_key(value),
        Kind::Perhaps | Kind::Pair if is_quoted => harmless::is_key(value),
        Kind::Perhaps | Kind::Pair => harmless::is_key_or_number(value),
        Kind::Signature => is_quoted || !value.contains(&b' '),
        Kind::Code => !is_colon && harmless::is_key(value),
        Kind::Pin => value.iter().all(u8::is_ascii_digit),
    };
    is_it.then_some(place).and_then(|place| harmless::unless(bytes, place))
}

/// The credentials behind the name of the header and their scheme.
fn authorization(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let Some(first) = behind_a_scheme(bytes, start, &SCHEMES) else {
        let is_key = |place: &Range<usize>| bytes.get(place.clone()).is_some_and(harmless::is_key);
        return extent::word(bytes, start).filter(is_key).and_then(|place| harmless::unless(bytes, place));
    };
    let word = extent::word(bytes, first)?;
    let value = bytes.get(word.clone())?;
    // `Bearer error="…"` is a challenge.
    let sign = value.iter().position(|byte| *byte == b'=').and_then(|at| value.get(at..));
    let is_padding = |signs: &[u8]| signs.iter().all(|byte| *byte == b'=');
    if sign.is_some_and(|signs| !is_padding(signs) || extent::sign(bytes, word.end).is_some()) {
        return None;
    }
    let is_basic = behind_a_scheme(bytes, start, &["basic"]).is_some();
    let place = if extent::sign(bytes, start).is_some() {
        first..extent::of(bytes, start, false)?.end
    } else if is_basic && !harmless::is_pair(value) {
        extent::of(bytes, first, false)?
    } else {
        word
    };
    (place.start < place.end).then_some(place).and_then(|place| harmless::unless(bytes, place))
}

/// Where the value of an element begins that is named here: `<password>…`.
fn element(bytes: &[u8], before: &[u8], name: &Range<usize>) -> Option<usize> {
    let prefix = before.iter().rev().take(LONGEST_TAG).take_while(|byte| **byte == b':' || is_of_name(byte)).count();
    let open = before.len().checked_sub(prefix + 1)?;
    let is_of_it = before.get(open) == Some(&b'<')
        && (prefix == 0 || before.last() == Some(&b':'))
        && matches!(bytes.get(name.end), Some(b'>' | b' '));
    let rest = bytes.get(name.end..)?;
    let length = rest.iter().take(LONGEST_TAG).position(|byte| matches!(byte, b'<' | b'>')).filter(|_| is_of_it)?;
    let is_whole = rest.get(length) == Some(&b'>') && rest.get(length.wrapping_sub(1)) != Some(&b'/');
    is_whole.then_some(name.end + length + 1)
}

/// Where a value begins behind a sign that separates a name from it.
fn separated(bytes: &[u8], at: usize, is_quoted: bool) -> Option<usize> {
    const SIGNS: [&str; 15] = [
        "=>", "->", ":=", "==", "::", "://", "=", ":", "%3D", "%3d", "%3A", "&#61;", "\\u003d", "\u{ff1d}", "\u{ff1a}",
    ];
    let rest = bytes.get(at..)?;
    let sign = SIGNS.iter().find(|sign| rest.starts_with(sign.as_bytes()))?;
    match *sign {
        // A name in a program, or the scheme of an address.
        "::" | "://" => is_quoted.then_some(at + 1),
        sign => Some(at + sign.len()),
    }
}

/// Where the text begins behind the tags that are between a name and its value in a table.
fn cells(bytes: &[u8], at: usize) -> Option<usize> {
    const MOST: usize = 12;
    let mut end = at;
    for _ in 0..MOST {
        let Some(next) = end_of_cell(bytes, end) else {
            break;
        };
        end = skip_gap(bytes, next);
        // `<td>Password</td><td>"<span>…`, `<span>password</span>: <span>…`
        let signs = skip_all(bytes, end, |at| extent::sign(bytes, at).map(|sign| sign.len()));
        let signs = skip(bytes, signs, |byte| matches!(byte, b':' | b'=' | b' '));
        if end_of_cell(bytes, signs).is_some() {
            end = signs;
        }
    }
    let start = skip_all(bytes, end, |at| extent::sign(bytes, at).map(|sign| sign.len()));
    (end > at && bytes.get(start) != Some(&b'<')).then_some(start)
}

/// Where a tag ends that begins here and is that of a cell.
fn end_of_cell(bytes: &[u8], at: usize) -> Option<usize> {
    let inner = bytes.get(at..)?.strip_prefix(b"<")?;
    let name = inner.strip_prefix(b"/").unwrap_or(inner);
    let letters = name.iter().take(LONGEST_TAG).take_while(|byte| byte.is_ascii_alphabetic()).count();
    let word = name.get(..letters)?;
    CELLS.iter().find(|known| word.eq_ignore_ascii_case(known.as_bytes()))?;
    let length = name.iter().take(LONGEST_TAG + 2).position(|byte| matches!(byte, b'<' | b'>'))?;
    (name.get(length) == Some(&b'>')).then_some(at + 1 + (inner.len() - name.len()) + length + 1)
}

/// Where the value of a member begins whose name is the value of the member before it.
fn member(bytes: &[u8], at: usize, is_quoted: bool) -> Option<usize> {
    // YAML's form in braces has a comma between the two.
    let at = if !is_quoted && bytes.get(at) == Some(&b',') { skip(bytes, at + 1, is_space) } else { at };
    let rest = bytes.get(at..)?;
    let rest = rest.get(..rest.len().min(if is_quoted { LONGEST_GAP } else { "content".len() }))?;
    let end = rest.iter().position(|byte| matches!(byte, b'<' | b'>' | b'}')).unwrap_or(rest.len());
    let (found, word) = VALUES.iter().find_map(|known| {
        let mut words = rest.get(..end)?.windows(known.len());
        let found = words.position(|word| word.eq_ignore_ascii_case(known.as_bytes()))?;
        (is_quoted || found == 0).then_some((found, known))
    })?;
    let is_whole = found.checked_sub(1).and_then(|at| rest.get(at)).is_none_or(|byte| !is_of_name(byte));
    let end = at + found + word.len();
    let end = skip_all(bytes, end, |at| extent::sign(bytes, at).map(|sign| sign.len()));
    let start = separated(bytes, skip(bytes, end, is_space), true).filter(|_| is_whole)?;
    Some(skip(bytes, start, is_space))
}

/// A value that a sentence names: `password "…"`, `password is …`.
fn said(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    if extent::sign(bytes, at).is_some() {
        return extent::of(bytes, at, false);
    }
    let rest = bytes.get(at..)?;
    let verb = ["is ", "was "].iter().find(|verb| rest.starts_with(verb.as_bytes()))?;
    let place = extent::argument(bytes, skip(bytes, at + verb.len(), is_space))?;
    // That of a sentence says what is wrong.
    let is_word = bytes.get(place.clone())?.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'.');
    (!is_word).then_some(place)
}

/// Where the credentials begin behind one of these words.
fn behind_a_scheme(bytes: &[u8], at: usize, schemes: &[&str]) -> Option<usize> {
    let at = at + extent::sign(bytes, at).map_or(0, Sign::len);
    schemes.iter().find_map(|scheme| {
        let end = at + scheme.len();
        let start = skip(bytes, end, is_space);
        let is_it = bytes.get(at..end).is_some_and(|word| word.eq_ignore_ascii_case(scheme.as_bytes()));
        (is_it && start > end).then_some(start)
    })
}

#[cfg(test)]
mod tests;
