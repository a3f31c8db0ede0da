//! The method and the headers of the final call.

use crate::case::quote;
use crate::case::secret::Secret;

/// A header of the final call.
pub type Header = (String, Secret<String>);

/// Why a text is no method, and what to give instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MethodError {
    /// A line break, for one.
    #[error("a method can't contain control characters")]
    ControlCharacter,
    /// A method that must not carry a token.
    #[error("TRACE would return the token in the response, and CONNECT opens a tunnel; use another method")]
    Unsafe,
    /// One behind the other.
    #[error("two methods; enter one")]
    Two,
    /// No token of HTTP, or a secret.
    #[error("not an HTTP method such as GET or POST")]
    NotAMethod,
}

/// Why a text is no header of the call, and what to give instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// No colon.
    #[error("a header must have the form 'Name: value', but there is no colon")]
    NoColon,
    /// A name that is none.
    #[error("the text before the colon isn't a header name")]
    Name,
    /// A line break, for one.
    #[error("the header's value has control characters in it")]
    ControlCharacter,
    /// The token is given in another way.
    #[error("Authorization is set by the program; to use a token of your own, specify --token-file FILE")]
    Authorization,
    /// A header that is part of how the call is sent.
    #[error("{name} is set by the program and can't be specified")]
    SetByProgram {
        /// Its name.
        name: String,
    },
}

/// The common methods, which may be typed in any case.
const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"];

/// The method of the final call: any token (RFC 9110, 5.6.2). A common one is in upper case.
///
/// # Errors
/// Not a method, or one that must not carry a token.
pub fn method(text: &str) -> Result<String, MethodError> {
    const MARKS: &str = "!#$%&'*+.^`|~";
    if text.chars().any(char::is_control) {
        return Err(MethodError::ControlCharacter);
    }
    let method = text.trim();
    let upper = method.to_ascii_uppercase();
    if matches!(upper.as_str(), "TRACE" | "CONNECT") {
        return Err(MethodError::Unsafe);
    }
    if METHODS.contains(&&*upper) {
        return Ok(upper);
    }
    // What was typed into a field that had a method already.
    let is_common = |name: &str| METHODS.contains(&name);
    if METHODS.iter().any(|known| upper.strip_prefix(known).is_some_and(is_common)) {
        return Err(MethodError::Two);
    }
    let words: String = method.chars().filter(|character| !MARKS.contains(*character)).collect();
    let is_token = words.chars().all(|character| character.is_ascii_alphanumeric() || "-_".contains(character));
    // A secret in the wrong place is a token as well.
    if method.is_empty() || !is_token || quote::shown(&words).is_none() {
        return Err(MethodError::NotAMethod);
    }
    Ok(method.to_owned())
}

/// A header of the final call, `Name: value`.
///
/// # Errors
/// No colon, a name that is none, or a header that the program itself must set.
pub fn header(text: &str) -> Result<Header, HeaderError> {
    let (name, value) = text.split_once(':').ok_or(HeaderError::NoColon)?;
    let name = name.trim();
    let is_token = |character: char| character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character);
    if name.is_empty() || !name.chars().all(is_token) {
        return Err(HeaderError::Name);
    }
    if value.chars().any(|character| character.is_control() && character != '\t') {
        return Err(HeaderError::ControlCharacter);
    }
    match name.to_lowercase().as_str() {
        "authorization" => Err(HeaderError::Authorization),
        "host" | "content-length" | "transfer-encoding" | "connection" => {
            Err(HeaderError::SetByProgram { name: name.to_owned() })
        }
        _ => Ok((name.to_owned(), Secret::new(value.trim().to_owned()))),
    }
}
