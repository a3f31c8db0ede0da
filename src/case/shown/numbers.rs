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
    /// How many of them are bytes.
    said: usize,
}

/// Every way to read the numbers of a text as bytes.
pub(super) fn readings(text: &[u8]) -> impl Iterator<Item = Numbers> {
    let forms = if has_list(text) { FORMS.as_slice() } else { &[] };
    forms
        .iter()
        .map(|form| Numbers::of(text, form))
        .filter(|numbers| numbers.said >= FEWEST)
        .flat_map(|numbers| STEPS.map(|(first, step)| numbers.every(first, step)).into_iter().flatten())
}

/// Whether there are enough numbers.
fn has_list(text: &[u8]) -> bool {
    let (mut starts, mut was_digit) = (0, false);
    for byte in text {
        let is_digit = byte.is_ascii_digit();
        starts += usize::from(is_digit && !was_digit);
        // The numbers of another base may begin with letters.
        if starts + 1 == FEWEST {
            return true;
        }
        was_digit = is_digit;
    }
    false
}

impl Numbers {
    // Every text that is shown comes by here: it goes over the bytes once, without a closure for each of them.
    fn of(text: &[u8], form: &Form) -> Self {
        let (base, prefix, digits) = form;
        // A digit of a greater base makes it another number.
        let is_digit = if *base > 10 { u8::is_ascii_hexdigit } else { u8::is_ascii_digit };
        let mut found = Self::default();
        // The end of the number before, and the begin of this one and of its digits.
        let (mut last, mut start, mut first) = (0, None, 0);
        for (at, byte) in text.iter().chain(&[NONE]).enumerate() {
            if is_digit(byte) {
                if start.is_none() {
                    (start, first) = (Some(at), at);
                }
                continue;
            }
            let Some(begin) = start else { continue };
            let is_prefix = at == begin + 1
                && byte.eq_ignore_ascii_case(prefix)
                && text.get(begin) == Some(&b'0')
                && text.get(at + 1).is_some_and(is_digit);
            if is_prefix {
                first = at + 1;
                continue;
            }
            let number = text.get(first..at).filter(|number| digits.contains(&number.len()));
            let byte = number
                .and_then(|number| std::str::from_utf8(number).ok())
                .and_then(|number| u8::from_str_radix(number, *base).ok());
            if begin - last > LONGEST_GAP {
                found.push(NONE, begin..begin);
            }
            found.push(byte.unwrap_or(NONE), begin..at);
            (last, start) = (at, None);
        }
        found
    }

    fn push(&mut self, byte: u8, place: Range<usize>) {
        self.said += usize::from(byte != NONE);
        self.bytes.push(byte);
        self.places.push(place);
    }

    /// Some of them, where enough follow each other to say a secret.
    fn every(&self, first: usize, step: usize) -> Option<Self> {
        let bytes: Vec<u8> = self.bytes.iter().skip(first).step_by(step).copied().collect();
        let is_enough = bytes.split(|byte| *byte == NONE).any(|run| run.len() >= FEWEST);
        let places = || self.places.iter().skip(first).step_by(step).cloned().collect();
        is_enough.then(|| Self { said: bytes.len(), places: places(), bytes })
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
        if numbers.said < FEWEST {
            continue;
        }
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
