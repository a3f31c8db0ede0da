//! One secret, and what of it is searched for.

use zeroize::Zeroizing;

/// Shorter secrets than this are not searched for: they would blank out ordinary words.
pub(super) const SHORTEST: usize = 6;
/// A long secret is found by pieces of this many bytes, so that one that was cut or broken is found, too.
const PIECE: usize = 12;
/// Of a shorter one, and of a token's signature, every part of this many bytes is searched for.
pub(super) const WINDOW: usize = 10;
/// The same of one that is searched for in letters and digits alone.
const SPREAD_WINDOW: usize = 8;
/// A signature is found by pieces of this many bytes, one of which is in every part of it that is long enough. They are
/// too short to tell anything alone: what is around them must be the signature's, too.
const SEED: usize = SHORTEST;
/// So many letters and digits of a secret with signs between them are found whatever they are; no name shares as many.
const SHORTEST_SPREAD: usize = 16;
/// No longer signature is searched for so closely.
const LONGEST_SIGNATURE: usize = 1024;

#[derive(Clone, PartialEq, Eq)]
pub(super) struct Known {
    pub bytes: Zeroizing<Vec<u8>>,
    /// Whether it is certainly a secret. What is only guessed to be one is searched for as a whole, and in other
    /// people's texts alone.
    pub certain: bool,
    /// Whether it is one word, of which every part is as telling as the whole.
    pub word: bool,
    /// A part of it of this many bytes counts.
    window: usize,
    /// Whether only its letters and digits are known here.
    is_spread: bool,
}

impl Known {
    pub(super) fn new(bytes: &[u8], certain: bool) -> Self {
        let word = std::str::from_utf8(bytes).is_ok_and(is_word);
        Self { bytes: Zeroizing::new(bytes.to_vec()), certain, word, window: WINDOW, is_spread: false }
    }

    /// Its letters and digits, and those of a token's signature, to find parts of it between which signs or tags were
    /// put. Half of a short one counts.
    pub(super) fn spread(&self) -> Vec<Self> {
        let signature = self.bytes.get(self.signature()..).filter(|signature| signature.len() < self.bytes.len());
        let parts = [Some(self.bytes.as_slice()), signature];
        let letters = |part: &[u8]| part.iter().copied().filter(u8::is_ascii_alphanumeric).collect::<Vec<u8>>();
        let parts = parts.into_iter().flatten().map(|part| Zeroizing::new(letters(part)));
        parts
            .filter(|_| self.word)
            .filter(|bytes| bytes.len() >= SPREAD_WINDOW)
            .map(|bytes| Self {
                window: match bytes.len().div_ceil(2) {
                    half if self.certain => half.clamp(SHORTEST, SPREAD_WINDOW),
                    _ => SPREAD_WINDOW,
                },
                bytes,
                is_spread: true,
                ..*self
            })
            .collect()
    }

    /// The same, of which only a part counts that is too long to be a name's, where it is certain.
    pub(super) fn long(&self) -> Vec<Self> {
        let letters = self.spread().into_iter();
        let is_long = |letters: &Self| letters.certain && letters.bytes.len() >= SHORTEST_SPREAD;
        letters.filter(is_long).map(|letters| Self { window: SHORTEST_SPREAD, ..letters }).collect()
    }

    /// What is searched for, and where in the secret it is: the whole, or of a long word its telling pieces.
    pub(super) fn pieces(&self) -> Vec<(usize, &[u8])> {
        let whole = (0, self.bytes.as_slice());
        let is_long = self.bytes.len() > 16 * PIECE;
        if self.word && !is_long && (self.is_spread || self.certain && self.bytes.len() >= WINDOW + 2) {
            // Of a short one every part counts. What is only known by its letters may have words in it.
            let counts = |window: &[u8]| is_telling(window) && (!self.is_spread || is_like_no_words(window));
            let windows = self.bytes.windows(self.window).enumerate();
            let whole = Some(whole).filter(|_| !self.is_spread || self.bytes.len() >= SHORTEST_SPREAD);
            return windows.filter(|(_, window)| counts(window)).chain(whole).collect();
        }
        if !self.certain || !self.word || self.bytes.len() < 2 * PIECE {
            return vec![whole];
        }
        let signature = self.signature();
        let head = self.bytes.get(..signature).unwrap_or_default();
        let chunks = head.chunks_exact(PIECE).enumerate();
        let count = chunks.len();
        let mut telling: Vec<(usize, &[u8])> =
            chunks.filter(|(_, piece)| is_telling(piece)).map(|(place, piece)| (place * PIECE, piece)).collect();
        // Where a part of it reads like an ordinary text, the whole must be found as well.
        if telling.len() < count && self.bytes.len() < 64 * PIECE || telling.is_empty() {
            telling.push(whole);
        }
        let tail = self.bytes.get(signature..).unwrap_or_default();
        let seeds = tail.windows(SEED).enumerate().step_by(self.window - SEED + 1);
        telling.extend(seeds.map(|(place, seed)| (signature + place, seed)));
        telling
    }

    /// Where the part begins that is searched for closely: the signature of a token, or all of a word that isn't too
    /// long.
    fn signature(&self) -> usize {
        let start = self.bytes.iter().rposition(|byte| *byte == b'.').map_or(0, |dot| dot + 1);
        if self.bytes.len() - start <= LONGEST_SIGNATURE { start } else { self.bytes.len() }
    }

    /// How many bytes of it a text must have for this piece to count.
    pub(super) fn least(&self, piece: &[u8]) -> usize {
        if piece.len() < self.bytes.len() { piece.len().max(self.window) } else { piece.len() }
    }
}

/// Whether a text is one word, such as a token or key, and not one with a structure that other texts have, too.
pub(super) fn is_word(text: &str) -> bool {
    let text = text.trim_end_matches('=');
    let parts = |byte: &u8| matches!(byte, b' '..=b'"' | b'&' | b'\'' | b',' | b';' | b'=' | b'[' | b']' | b'{' | b'}');
    !text.as_bytes().iter().any(|byte| byte.is_ascii_control() || parts(byte)) && !text.contains("://")
}

/// Whether letters and digits without what was between them are more than words side by side.
fn is_like_no_words(piece: &[u8]) -> bool {
    const FEWEST: usize = 3;
    let turns = piece
        .windows(2)
        .filter(|pair| matches!(pair, [one, other] if one.is_ascii_uppercase() != other.is_ascii_uppercase()));
    piece.iter().any(u8::is_ascii_digit) || turns.count() >= FEWEST
}

/// Whether a piece of a secret is like no ordinary text: letters in both cases, or letters and digits, and few signs.
fn is_telling(piece: &[u8]) -> bool {
    let count = |is: fn(&u8) -> bool| piece.iter().filter(|byte| is(byte)).count();
    let (upper, lower, digits) =
        (count(u8::is_ascii_uppercase), count(u8::is_ascii_lowercase), count(u8::is_ascii_digit));
    let mixed = upper > 0 && lower > 0 || digits > 0 && upper + lower > 0;
    let hexadecimal = count(u8::is_ascii_hexdigit) + count(|byte| *byte == b'-') == piece.len();
    mixed && upper + lower + digits + 3 >= piece.len() && !(hexadecimal && piece.contains(&b'-'))
}
