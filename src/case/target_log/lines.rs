//! The bytes of a log as lines, read as a stream: a log may be larger than memory, and so may one of its lines.

use std::io::{self, BufRead, BufReader, Read};

/// No more of a line is kept, in bytes: no message of a log comes near it.
pub(super) const LONGEST_LINE: usize = 64 * 1024;

/// The log as UTF-8, whatever it was written in: UTF-8, or the UTF-16 that PowerShell's `>` writes. A byte order mark
/// is dropped.
pub(super) fn utf8<'a>(source: impl Read + 'a) -> io::Result<Box<dyn BufRead + 'a>> {
    let mut source = BufReader::with_capacity(LONGEST_LINE, source);
    let mut mark = Vec::new();
    source.by_ref().take(3).read_to_end(&mut mark)?;
    let rest = |bytes: &[u8]| io::Cursor::new(bytes.to_vec());
    Ok(match mark.as_slice() {
        [0xff, 0xfe, first @ ..] => {
            Box::new(BufReader::new(FromWide::new(rest(first).chain(source), u16::from_le_bytes)))
        }
        [0xfe, 0xff, first @ ..] => {
            Box::new(BufReader::new(FromWide::new(rest(first).chain(source), u16::from_be_bytes)))
        }
        [0xef, 0xbb, 0xbf] => Box::new(source),
        first => Box::new(rest(first).chain(source)),
    })
}

/// The next line without its end, cut where it is too long; `None` at the end. What is not UTF-8 is replaced.
pub(super) fn next(source: &mut dyn BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    let most = u64::try_from(LONGEST_LINE).unwrap_or(u64::MAX);
    if source.take(most).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    } else {
        source.skip_until(b'\n')?;
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(Some(match String::from_utf8(line) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    }))
}

/// UTF-16 read as UTF-8.
struct FromWide<R> {
    source: R,
    unit: fn([u8; 2]) -> u16,
    /// Bytes that were read and are no whole character yet.
    open: Vec<u8>,
    /// UTF-8 that nobody took yet.
    ready: io::Cursor<Vec<u8>>,
}

impl<R: Read> FromWide<R> {
    fn new(source: R, unit: fn([u8; 2]) -> u16) -> Self {
        Self { source, unit, open: Vec::new(), ready: io::Cursor::default() }
    }

    /// Reads and decodes some more; `false` at the end.
    fn refill(&mut self) -> io::Result<bool> {
        let mut bytes = Vec::new();
        self.source.by_ref().take(16 * 1024).read_to_end(&mut bytes)?;
        let at_end = bytes.is_empty();
        let mut all = std::mem::take(&mut self.open);
        all.extend(bytes);
        let mut units: Vec<u16> =
            all.chunks_exact(2).filter_map(|pair| <[u8; 2]>::try_from(pair).ok().map(self.unit)).collect();
        self.open = all.chunks_exact(2).remainder().to_vec();
        // The first half of a pair waits for the second.
        if !at_end && let Some(last) = units.last().copied().filter(|unit| (0xd800..0xdc00).contains(unit)) {
            units.pop();
            let kept = [last.to_le_bytes(), last.to_be_bytes()].into_iter().find(|bytes| (self.unit)(*bytes) == last);
            let odd = std::mem::take(&mut self.open);
            self.open = kept.into_iter().flatten().chain(odd).collect();
        }
        self.ready = io::Cursor::new(String::from_utf16_lossy(&units).into_bytes());
        Ok(!at_end)
    }
}

impl<R: Read> Read for FromWide<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.ready.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            let more = self.refill()?;
            if !more && self.ready.get_ref().is_empty() {
                return Ok(0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    fn all(bytes: &[u8]) -> Vec<String> {
        let mut source = utf8(bytes).unwrap();
        std::iter::from_fn(|| next(&mut source).unwrap()).collect()
    }

    #[test]
    fn lines_come_out_of_every_encoding() {
        let text = "first\r\nzw\u{f6}lf \u{1f600}\n\nlast";
        let lines = ["first", "zw\u{f6}lf \u{1f600}", "", "last"];
        let wide = |to: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(to).collect::<Vec<u8>>();
        assert_eq!(all(text.as_bytes()), lines);
        assert_eq!(all(&[b"\xef\xbb\xbf", text.as_bytes()].concat()), lines);
        assert_eq!(all(&[vec![0xff, 0xfe], wide(u16::to_le_bytes)].concat()), lines);
        assert_eq!(all(&[vec![0xfe, 0xff], wide(u16::to_be_bytes)].concat()), lines);
        assert_eq!(all(b"a"), ["a"]);
        assert!(all(b"").is_empty() && all(b"\xff\xfe").is_empty());
    }

    #[test]
    fn a_long_line_is_cut_and_the_next_one_whole() {
        let text = format!("{}\nnext\n", "x".repeat(3 * LONGEST_LINE));
        let lines = all(text.as_bytes());
        assert_eq!((lines[0].len(), lines[1].as_str()), (LONGEST_LINE, "next"));
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            rng_seed: RngSeed::Fixed(7),
            failure_persistence: None,
            ..ProptestConfig::default()
        })]
        #[test]
        fn wide_text_survives_any_length(text in "[a\u{1f600}]{0,30}", repeats in 1_usize..900) {
            let text = text.repeat(repeats.min(20_000 / text.len().max(1)));
            let encoded = text.encode_utf16().flat_map(u16::to_le_bytes);
            let bytes: Vec<u8> = [0xff, 0xfe].into_iter().chain(encoded).collect();
            prop_assert_eq!(all(&bytes).concat(), text);
        }
    }
}
