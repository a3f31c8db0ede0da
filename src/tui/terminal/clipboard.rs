//! The clipboard of whoever sits in front of the terminal, by OSC 52. Whether it took a text cannot be seen, so nothing
//! more is said than what was done.

use base64::Engine as _;

use crate::knowledge::phrase;

use super::abilities::Clipboard;

/// No longer text is sent to a clipboard; terminals drop longer ones.
const LIMIT: usize = 70_000;

/// GNU screen passes no longer string on.
const PIECE: usize = 512;

/// A text on its way to the clipboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// What is written to the terminal.
    pub bytes: Vec<u8>,
    /// What is known then, for the person.
    pub said: String,
}

/// Why nothing is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CopyError {
    /// More than terminals accept.
    #[error("{}", phrase("screen.too-long").text())]
    TooLong,
    /// The terminal has no clipboard.
    #[error("{}", phrase("screen.no-clipboard").text())]
    NoClipboard,
}

/// What sends a text to the clipboard.
///
/// # Errors
/// Why not.
pub fn sequence(text: &str, clipboard: Clipboard) -> Result<Sent, CopyError> {
    if text.len() > LIMIT {
        return Err(CopyError::TooLong);
    }
    let encoded = base64::engine::general_purpose::STANDARD.encode(text);
    let plain = format!("\x1b]52;c;{encoded}\x07");
    let (bytes, said) = match clipboard {
        Clipboard::Absent => return Err(CopyError::NoClipboard),
        Clipboard::Terminal => (plain.into_bytes(), phrase("screen.sent-to-terminal")),
        Clipboard::Tmux => (plain.into_bytes(), phrase("screen.sent-to-tmux")),
        Clipboard::GnuScreen => (passed_on(plain.as_bytes()), phrase("screen.sent-to-screen")),
    };
    let lines = text.lines().count();
    Ok(Sent { bytes, said: said.with("lines", lines.to_string()).when("several", lines > 1).text() })
}

/// Each piece as a string that GNU screen passes on to its own terminal.
fn passed_on(bytes: &[u8]) -> Vec<u8> {
    let pieces = bytes.chunks(PIECE);
    pieces.flat_map(|piece| [b"\x1bP", piece, b"\x1b\\"].concat()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_sent_the_way_that_what_stands_between_passes_on() {
        let sent = sequence("a\nb", Clipboard::Terminal).unwrap();
        assert_eq!(sent.bytes, b"\x1b]52;c;YQpi\x07");
        assert_eq!(sequence("a\nb", Clipboard::Tmux).unwrap().bytes, sent.bytes);
        let wrapped = sequence("a\nb", Clipboard::GnuScreen).unwrap().bytes;
        assert_eq!(wrapped, b"\x1bP\x1b]52;c;YQpi\x07\x1b\\");
        let long = sequence(&"x".repeat(3 * PIECE), Clipboard::GnuScreen).unwrap().bytes;
        let pieces: Vec<&[u8]> = long.split(|byte| *byte == b'\\').filter(|piece| !piece.is_empty()).collect();
        assert!(pieces.len() > 3 && pieces.iter().all(|piece| piece.len() <= PIECE + 3));
        let whole: Vec<u8> = pieces
            .iter()
            .flat_map(|piece| piece.strip_prefix(b"\x1bP").unwrap().strip_suffix(b"\x1b").unwrap())
            .copied()
            .collect();
        assert_eq!(whole, sequence(&"x".repeat(3 * PIECE), Clipboard::Terminal).unwrap().bytes);
    }

    #[test]
    fn where_nothing_can_arrive_nothing_is_sent() {
        assert_eq!(sequence("a", Clipboard::Absent), Err(CopyError::NoClipboard));
        let long = "x".repeat(LIMIT + 1);
        assert_eq!(sequence(&long, Clipboard::Terminal), Err(CopyError::TooLong));
    }
}
