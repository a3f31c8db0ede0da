//! Bytes that a text writes as numbers, as programs print them: `101, 121, 74`, `0x65 0x79`, `01100101 01111001`.

use std::ops::Range;

/// Fewer numbers than this say no secret.
const FEWEST: usize = 6;
/// Bytes between two numbers of a list at the most.
const LONGEST_GAP: usize = 16;
/// In place of what is no byte.
const NONE: u8 = 0;

/// How a list writes a byte: the base, the letter of its prefix, and how many digits there are.
type Form = (u32, u8, std::ops::RangeInclusive<usize>);
const FORMS: [Form; 4] = [(10, b'd', 1..=3), (16, b'x', 1..=2), (8, b'o', 2..=4), (2, b'b', 6..=8)];
/// How the numbers of a list are read: all of them, or every other one, where each has its index beside it or is the
/// half of a wider one.
const STEPS: [(usize, usize); 3] = [(0, 1), (0, 2), (1, 2)];

/// The bytes that the numbers of a text say, and where each of them stands.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    pub bytes: Vec<u8>,
    places: Vec<Range<usize>>,
}

/// Every way to read the numbers of a text as bytes.
pub(super) fn readings(text: &[u8]) -> impl Iterator<Item = Numbers> {
    let forms = if has_list(text) { FORMS.as_slice() } else { &[] };
    let all = forms.iter().map(|form| Numbers::of(text, form));
    let readings = all.flat_map(|numbers| STEPS.map(|(first, step)| numbers.every(first, step)));
    readings.filter(|numbers| numbers.longest() >= FEWEST)
}

/// Whether there are enough numbers.
fn has_list(text: &[u8]) -> bool {
    let starts = text
        .windows(2)
        .filter(|pair| matches!(pair, [before, digit] if digit.is_ascii_digit() && !before.is_ascii_digit()));
    starts.take(FEWEST).count() + 1 >= FEWEST
}

impl Numbers {
    fn of(text: &[u8], form: &Form) -> Self {
        let (base, prefix, digits) = form;
        // A digit of a greater base makes it another number.
        let is_digit = |byte: &u8| char::from(*byte).is_digit((*base).max(10));
        let count = |at: usize| text.get(at..).unwrap_or_default().iter().take_while(|byte| is_digit(byte)).count();
        let mut found = Self::default();
        let mut at = 0;
        while let Some(next) = text.get(at..).and_then(|rest| rest.iter().position(is_digit)) {
            let start = at + next;
            let is_prefixed = text.get(start) == Some(&b'0')
                && text.get(start + 1).is_some_and(|letter| letter.eq_ignore_ascii_case(prefix))
                && count(start + 2) > 0;
            let first = start + if is_prefixed { 2 } else { 0 };
            let end = first + count(first);
            let number = text.get(first..end).filter(|number| digits.contains(&number.len()));
            let byte = number
                .and_then(|number| std::str::from_utf8(number).ok())
                .and_then(|number| u8::from_str_radix(number, *base).ok());
            if next > LONGEST_GAP {
                found.push(NONE, start..start);
            }
            found.push(byte.unwrap_or(NONE), start..end);
            at = end;
        }
        found
    }

    fn push(&mut self, byte: u8, place: Range<usize>) {
        self.bytes.push(byte);
        self.places.push(place);
    }

    fn longest(&self) -> usize {
        self.bytes.split(|byte| *byte == NONE).map(<[u8]>::len).max().unwrap_or_default()
    }

    fn every(&self, first: usize, step: usize) -> Self {
        let taken = || (first..self.bytes.len()).step_by(step);
        Self {
            bytes: taken().filter_map(|at| self.bytes.get(at).copied()).collect(),
            places: taken().filter_map(|at| self.places.get(at).cloned()).collect(),
        }
    }

    /// The part of the text in which these bytes are written.
    pub(super) fn origin(&self, part: &Range<usize>) -> Option<Range<usize>> {
        let (first, last) = (self.places.get(part.start)?, self.places.get(part.end.checked_sub(1)?)?);
        Some(first.start..last.end)
    }
}

/// Where a text has lists of numbers that say a text which may not be shown.
pub(super) fn lists(text: &str, is_shown: impl Fn(&str) -> bool) -> Vec<Range<usize>> {
    const FEWEST: usize = 16;
    const LONGEST_GAP: usize = 6;
    let bytes = text.as_bytes();
    let mut hidden: Vec<Range<usize>> = Vec::new();
    for form in has_list(bytes).then_some(FORMS).iter().flatten() {
        let numbers = Numbers::of(bytes, form);
        // A list goes on with the same few signs, or an escaped line break, between its numbers.
        let is_next = |at: &usize| {
            let before = at.checked_sub(1).and_then(|before| numbers.places.get(before));
            let gap = before.zip(numbers.places.get(*at)).and_then(|(one, other)| bytes.get(one.end..other.start));
            gap.is_some_and(|gap| (1..=LONGEST_GAP).contains(&gap.len()) && !has_word(gap))
        };
        let is_text =
            |at: &usize| numbers.bytes.get(*at).is_some_and(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~'));
        let mut at = 0;
        while at < numbers.bytes.len() {
            let end = at + 1 + (at + 1..).take_while(|at| is_text(at) && is_next(at)).count();
            let said = numbers.bytes.get(at..end).and_then(|said| std::str::from_utf8(said).ok());
            if is_text(&at) && end - at >= FEWEST && said.is_some_and(|said| !is_shown(said)) {
                hidden.extend(numbers.origin(&(at..end)));
            }
            at = end;
        }
    }
    hidden
}

/// Whether there is more than signs and escaped white space.
fn has_word(gap: &[u8]) -> bool {
    let letters = gap.iter().enumerate().filter(|(_, byte)| byte.is_ascii_alphanumeric() || !byte.is_ascii());
    letters.into_iter().any(|(at, byte)| {
        !matches!(byte, b'n' | b'r' | b't') || at.checked_sub(1).and_then(|at| gap.get(at)) != Some(&b'\\')
    })
}
