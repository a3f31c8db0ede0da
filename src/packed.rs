//! The texts of `assets/` that are built in compressed (`src/build.rs`), each unpacked when it is first read.

/// The text of files of `assets/`, one after the other.
macro_rules! packed {
    ($($file:literal),+ $(,)?) => {{
        static TEXT: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
            let mut text = String::new();
            $($crate::packed::add(&mut text, include_bytes!(concat!(env!("OUT_DIR"), "/", $file)));)+
            text
        });
        TEXT.as_str()
    }};
}

/// A file that is built in isn't what it should be.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(crate) enum Unreadable {
    Toml(#[from] toml::de::Error),
    Json(#[from] serde_json::Error),
}

/// What a TOML text says. The texts are many and of many types: reading each as one type first, and that as its own,
/// makes the program smaller than a reader of TOML for each.
pub(crate) fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Unreadable> {
    Ok(crate::objects::from_value(value(text)?)?)
}

/// What a TOML text says, as one type.
pub(crate) fn value(text: &str) -> Result<serde_json::Value, Unreadable> {
    Ok(toml::from_str(text)?)
}

/// Adds an unpacked file, with a line feed at its end. One that is damaged adds nothing; then the tests that read all
/// files fail.
pub(crate) fn add(text: &mut String, packed: &[u8]) {
    let bytes = miniz_oxide::inflate::decompress_to_vec(packed).unwrap_or_default();
    text.push_str(&String::from_utf8_lossy(&bytes));
    text.push('\n');
}
