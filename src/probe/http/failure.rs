//! Why a request got no answer, read from the chain of errors.

use std::error::Error;
use std::io;

use rustls::{CertificateError, OtherError};

use crate::case::exchange::{CA_AS_SERVER, Failure, FailureKind};
use crate::case::text::{shortened, visible};

/// Classifies the error of a request that may take so many seconds.
pub fn classify(error: &reqwest::Error, through_proxy: bool, seconds: u64) -> Failure {
    let mut chain: Vec<&(dyn Error + 'static)> = Vec::new();
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        chain.push(error);
        // What an I/O error wraps is not its source, and TLS libraries wrap theirs twice.
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = wrapped.map(|wrapped| wrapped as &(dyn Error + 'static)).or_else(|| error.source());
    }
    let texts: Vec<String> = chain.iter().map(|error| in_our_words(error.to_string())).collect();
    let all = texts.join(": ");
    let kind = if through_proxy && error.is_connect() { FailureKind::Proxy } else { kind(error, &chain, &all) };
    let message = match kind {
        FailureKind::TlsFailed if all.contains("InvalidContentType") => "the server's response isn't TLS".to_owned(),
        FailureKind::ConnectTimeout if error.is_timeout() => format!("no connection within {seconds} s"),
        FailureKind::TlsUntrusted if all.contains("CaUsedAsEndEntity") => {
            format!("{CA_AS_SERVER}, which this program never accepts; App 1's own client may accept it")
        }
        FailureKind::ConnectionRefused => "the connection was refused".to_owned(),
        FailureKind::NetworkUnreachable => "there is no route to this address".to_owned(),
        _ => own_words(&chain).unwrap_or_else(|| said(&texts)),
    };
    Failure { kind, message: shortened(&visible(&message), 300) }
}

/// What our own check of a certificate says: rustls shows it as a value of Rust.
fn own_words(chain: &[&(dyn Error + 'static)]) -> Option<String> {
    match chain.iter().find_map(|error| error.downcast_ref::<rustls::Error>())? {
        rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(error))) => Some(error.to_string()),
        rustls::Error::InvalidCertificate(CertificateError::NotValidForNameContext { presented, .. }) => {
            Some(for_other_names(presented))
        }
        _ => None,
    }
}

/// The names in a certificate, which rustls writes as `DnsName("*.example.net")` and `IpAddress(127.0.0.1)`.
fn for_other_names(presented: &[String]) -> String {
    let bare = |name: &String| {
        let inner = name.split_once('(').map_or(name.as_str(), |(_, inner)| inner.trim_end_matches(')'));
        inner.trim_matches('"').to_owned()
    };
    match presented {
        [] => "the certificate has no host name".to_owned(),
        names => format!("the certificate is for {}", names.iter().take(5).map(bare).collect::<Vec<_>>().join(", ")),
    }
}

/// The deadline passed before the headers or within the body.
pub fn timed_out(what: &str, seconds: u64) -> Failure {
    Failure { kind: FailureKind::AnswerTimeout, message: format!("no {what} within {seconds} s") }
}

/// What the library says of an answer that is no HTTP, and what is said for it.
const SAID: [(&str, &str); 10] = [
    ("invalid HTTP version parsed", "the response doesn't begin with an HTTP version"),
    ("invalid HTTP status-code parsed", "the response's first line is malformed"),
    ("invalid HTTP header parsed", "a response header is malformed"),
    ("invalid content-length parsed", "the response header Content-Length isn't a length"),
    ("unexpected transfer-encoding parsed", "the response header Transfer-Encoding isn't valid here"),
    ("message head is too large", "the response headers are too large"),
    ("connection closed before message completed", "the connection was closed before the response was complete"),
    ("end of file before message length reached", "the connection was closed before the response was complete"),
    ("received unexpected message from connection", "the server sent more data than the response declares"),
    ("error reading a body from connection", "the response's body couldn't be read"),
];

fn in_our_words(text: String) -> String {
    let lower = text.to_ascii_lowercase();
    if ["invalid chunk", "chunk extensions over", "chunk trailers"].iter().any(|theirs| lower.starts_with(theirs)) {
        return "its chunks aren't valid".to_owned();
    }
    // What follows says it in the system's words.
    if let Some(said) = text.strip_prefix("failed to lookup address information: ") {
        return said.to_owned();
    }
    // The library goes on with the address of its manual.
    if text.starts_with("peer closed connection without sending TLS") {
        return "the server closed the connection without ending TLS".to_owned();
    }
    SAID.iter().find(|(theirs, _)| text == *theirs).map_or(text, |(_, ours)| (*ours).to_owned())
}

/// The innermost two texts say the most; the outer ones repeat the URL.
fn said(texts: &[String]) -> String {
    let mut inner: Vec<&str> = Vec::new();
    for text in texts.iter().skip(1) {
        // The library's own layers say nothing of the other side.
        let is_its_own =
            text.starts_with("client error (") || ["dns error", "error resolving DNS"].contains(&text.as_str());
        if !inner.contains(&text.as_str()) && !is_its_own {
            inner.push(text);
        }
    }
    let skip = inner.len().saturating_sub(2);
    let inner: Vec<&str> = inner.into_iter().skip(skip).collect();
    if inner.is_empty() { texts.first().cloned().unwrap_or_default() } else { inner.join(": ") }
}

fn kind(error: &reqwest::Error, chain: &[&(dyn Error + 'static)], all: &str) -> FailureKind {
    if chain.iter().any(|error| error.downcast_ref::<rustls::Error>().is_some())
        || all.contains("invalid peer certificate")
    {
        let untrusted = chain
            .iter()
            .filter_map(|error| error.downcast_ref::<rustls::Error>())
            .any(|error| matches!(error, rustls::Error::InvalidCertificate(_) | rustls::Error::General(_)))
            || all.contains("invalid peer certificate");
        return if untrusted { FailureKind::TlsUntrusted } else { FailureKind::TlsFailed };
    }
    if all.contains("dns error") || all.contains("failed to lookup address") {
        // In the words of glibc, musl, and Windows.
        let lower = all.to_ascii_lowercase();
        let is_unanswered = ["temporary failure in name resolution", "try again", "temporary error during hostname"]
            .iter()
            .any(|words| lower.contains(words));
        return if is_unanswered { FailureKind::LookupUnanswered } else { FailureKind::NameNotResolved };
    }
    if error.is_timeout() {
        return if error.is_connect() { FailureKind::ConnectTimeout } else { FailureKind::AnswerTimeout };
    }
    let io = chain.iter().filter_map(|error| error.downcast_ref::<io::Error>()).map(io::Error::kind).next_back();
    match io {
        Some(io::ErrorKind::ConnectionRefused) => return FailureKind::ConnectionRefused,
        Some(
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof,
        ) => return FailureKind::ConnectionReset,
        Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable | io::ErrorKind::AddrNotAvailable) => {
            return FailureKind::NetworkUnreachable;
        }
        Some(io::ErrorKind::TimedOut) => return FailureKind::ConnectTimeout,
        // Once there is a connection, it is the body that is no HTTP.
        Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) if !error.is_connect() => {
            return FailureKind::NotHttp;
        }
        Some(io::ErrorKind::InvalidData) => return FailureKind::TlsFailed,
        _ => {}
    }
    for error in chain.iter().filter_map(|error| error.downcast_ref::<hyper::Error>()) {
        // hyper has a method for this error only where it is built as a server; its message is the same everywhere.
        if error.is_parse() && error.to_string().contains("too large") {
            return FailureKind::HeadersTooLarge;
        }
        if error.is_parse() {
            return FailureKind::NotHttp;
        }
        if error.is_incomplete_message() || error.is_closed() || error.is_body_write_aborted() {
            return FailureKind::ConnectionReset;
        }
    }
    FailureKind::Other
}

#[cfg(test)]
mod tests {
    use super::for_other_names;

    #[test]
    fn the_names_in_a_certificate_are_told_as_people_write_them() {
        let names = ["DnsName(\"*.contoso.example\")", "IpAddress(127.0.0.1)"].map(str::to_owned);
        assert_eq!(for_other_names(&names), "the certificate is for *.contoso.example, 127.0.0.1");
        assert_eq!(for_other_names(&[]), "the certificate has no host name");
    }
}
