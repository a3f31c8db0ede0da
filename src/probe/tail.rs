//! The end of a long file.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

/// The last `most` bytes of a file. Of a file in UTF-16 whole units, with the mark that says so.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn tail(path: &Path, most: u64) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut mark = [0; 2];
    let wide = length >= 2 && {
        file.read_exact(&mut mark)?;
        matches!(mark, [0xff, 0xfe] | [0xfe, 0xff])
    };
    let mut start = length.saturating_sub(most);
    let mut bytes = Vec::new();
    if wide && start > 0 {
        start = start.saturating_add(start % 2);
        bytes.extend(mark);
    }
    file.seek(SeekFrom::Start(start))?;
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_comes_whole_also_of_wide_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        std::fs::write(&path, "0123456789").unwrap();
        assert_eq!(tail(&path, 4).unwrap(), b"6789");
        assert_eq!(tail(&path, 40).unwrap(), b"0123456789");
        let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain("abc".bytes().flat_map(|byte| [byte, 0])).collect();
        std::fs::write(&path, &wide).unwrap();
        assert_eq!(tail(&path, 3).unwrap(), [0xff, 0xfe, b'c', 0]);
        assert_eq!(tail(&path, 40).unwrap(), wide);
        assert!(tail(&folder.path().join("none"), 4).is_err());
    }
}
