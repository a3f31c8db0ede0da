//! Bodies that a server or proxy compressed although they are asked for as they are (RFC 9110, 8.4; RFC 1952).

use miniz_oxide::inflate::{DecompressError, decompress_to_vec_with_limit, decompress_to_vec_zlib_with_limit};
use reqwest::header::{CONTENT_ENCODING, HeaderMap};
use zeroize::Zeroizing;

/// No more encodings than this are undone, one after the other.
const MOST: usize = 3;

/// A body as it was written.
pub struct Opened {
    /// Its bytes; of what cannot be opened, the compressed ones.
    pub body: Zeroizing<Vec<u8>>,
    /// Whether it is cut.
    pub truncated: bool,
    /// Whether it is still compressed, so that it is no text.
    pub closed: bool,
}

/// Undoes the encodings that the headers name. No more than `limit` bytes come out of it, whatever the body promises.
pub fn opened(headers: &HeaderMap, body: Zeroizing<Vec<u8>>, truncated: bool, limit: usize) -> Opened {
    let named = headers.get_all(CONTENT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut encodings: Vec<&str> = named.flat_map(|value| value.split(',')).map(str::trim).collect();
    encodings.retain(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity"));
    let mut opened = Opened { body, truncated, closed: encodings.len() > MOST };
    for encoding in encodings.into_iter().rev().take(MOST) {
        let read = match encoding.to_ascii_lowercase().as_str() {
            // What something in between opened already has lost its mark.
            _ if opened.body.is_empty() => return opened,
            "gzip" | "x-gzip" => match gzipped(&opened.body) {
                Some(deflated) => decompress_to_vec_with_limit(deflated, limit),
                None => return opened,
            },
            // The name stands for zlib's form; some servers send the bare one.
            "deflate" => decompress_to_vec_zlib_with_limit(&opened.body, limit)
                .or_else(|error| decompress_to_vec_with_limit(&opened.body, limit).map_err(|_| error)),
            _ => return Opened { closed: true, ..opened },
        };
        let (body, cut) = match read {
            Ok(body) => (body, false),
            // The beginning can be read; what was only made room for is empty.
            Err(DecompressError { mut output, .. }) => {
                let read = output.iter().rposition(|byte| *byte != 0).map_or(0, |last| last.saturating_add(1));
                output.truncate(read);
                (output, true)
            }
        };
        if cut && body.is_empty() {
            return Opened { closed: true, ..opened };
        }
        opened = Opened { body: Zeroizing::new(body), truncated: opened.truncated || cut, ..opened };
    }
    opened
}

/// What follows the header of a gzip file.
fn gzipped(body: &[u8]) -> Option<&[u8]> {
    const EXTRA: u8 = 4;
    const NAME: u8 = 8;
    const COMMENT: u8 = 16;
    const SUM: u8 = 2;
    let (head, mut rest) = body.split_at_checked(10)?;
    let flags = match head {
        [0x1f, 0x8b, 8, flags, ..] => *flags,
        _ => return None,
    };
    if flags & EXTRA != 0 {
        let (length, more) = rest.split_first_chunk::<2>()?;
        rest = more.get(usize::from(u16::from_le_bytes(*length))..)?;
    }
    for _ in [NAME, COMMENT].iter().filter(|flag| flags & **flag != 0) {
        let end = rest.iter().position(|byte| *byte == 0)?;
        rest = rest.get(end.checked_add(1)?..)?;
    }
    rest.get(if flags & SUM == 0 { 0 } else { 2 }..)
}

#[cfg(test)]
mod tests {
    use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};

    use super::*;

    const TEXT: &[u8] = b"<h1>Error 403 - This web app is stopped.</h1>";

    fn gzip(flags: u8, optional: &[u8], text: &[u8]) -> Vec<u8> {
        [&[0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3], optional, &compress_to_vec(text, 6), &[0; 8]].concat()
    }

    fn open(encodings: &[&'static str], body: &[u8], limit: usize) -> Opened {
        let mut headers = HeaderMap::new();
        for name in encodings {
            headers.append(CONTENT_ENCODING, name.parse().unwrap());
        }
        opened(&headers, Zeroizing::new(body.to_vec()), false, limit)
    }

    #[test]
    fn each_encoding_is_undone() {
        let twice = gzip(0, &[], &gzip(0, &[], TEXT));
        for (encodings, body) in [
            (&["gzip"][..], gzip(0, &[], TEXT)),
            (&["GZIP"], gzip(0x1e, b"\x03\0abcname\0comment\0\x01\x02", TEXT)),
            (&["x-gzip", "identity"], gzip(0, &[], TEXT)),
            (&["gzip, gzip"], twice.clone()),
            (&["gzip", "gzip"], twice),
            (&["deflate"], compress_to_vec_zlib(TEXT, 6)),
            (&["deflate"], compress_to_vec(TEXT, 6)),
            (&["identity"], TEXT.to_vec()),
            (&[], TEXT.to_vec()),
            // A proxy opened it and left the header.
            (&["gzip"], TEXT.to_vec()),
        ] {
            let opened = open(encodings, &body, 1000);
            assert_eq!(opened.body.as_slice(), TEXT, "{encodings:?}");
            assert!(!opened.truncated && !opened.closed, "{encodings:?}");
        }
    }

    #[test]
    fn what_is_too_long_or_broken_is_cut_or_stays_closed() {
        let bomb = gzip(0, &[], &vec![b'a'; 50_000_000]);
        let cut = open(&["gzip"], &bomb, 1000);
        assert_eq!((cut.body.as_slice(), cut.truncated), (&[b'a'; 1000][..], true));
        let whole = gzip(0, &[], TEXT);
        let broken = open(&["gzip"], &whole[..whole.len() - 20], 1000);
        assert!(broken.truncated && TEXT.starts_with(&broken.body));
        for (encoding, body) in [("br", &whole[..]), ("zstd", &whole), ("gzip", &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3])]
        {
            let closed = open(&[encoding], body, 1000);
            assert!(closed.closed && closed.body.as_slice() == body, "{encoding}");
        }
        assert!(open(&["gzip", "gzip", "gzip", "gzip"], &whole, 1000).closed);
    }
}
