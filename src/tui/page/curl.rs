//! A request as a command that sends it again, with a variable in place of each secret.

use crate::case::exchange::{Exchange, Purpose};
use crate::case::inputs::is_safe;
use crate::case::text::visible;
use crate::knowledge::shell_word;

/// The command, for PowerShell on Windows and for a POSIX shell elsewhere. A request whose body isn't known, or that
/// is no HTTP request, is only named.
#[must_use]
pub fn command(exchange: &Exchange, windows: bool) -> String {
    let url = visible(&exchange.url);
    let is_get = is_safe(&exchange.method);
    let calls = [Purpose::CallWithToken, Purpose::CallAgain, Purpose::CallOtherAudience];
    let is_call = calls.contains(&exchange.purpose);
    if !url.starts_with("http") || !(is_get || is_call) {
        return format!("{} {url}", exchange.method);
    }
    let mut words = vec![if windows { "curl.exe" } else { "curl" }.to_owned(), "-sS -i".to_owned()];
    match exchange.method.as_str() {
        "GET" => {}
        "HEAD" => words.push("--head".to_owned()),
        other => words.push(format!("-X {other}")),
    }
    for (name, value) in &exchange.request_headers {
        words.push(format!("-H {}", header(name, value, windows)));
    }
    words.push(word(&url, windows));
    words.join(" ")
}

fn header(name: &str, value: &str, windows: bool) -> String {
    let of = |variable: &str| {
        if windows { format!("$env:{variable}") } else { format!("${variable}") }
    };
    if name.eq_ignore_ascii_case("authorization") {
        return format!("\"{name}: Bearer {}\"", of("TOKEN"));
    }
    if !value.contains("redacted") {
        return word(&visible(&format!("{name}: {value}")), windows);
    }
    let letters = name.trim_start_matches("X-").trim_start_matches("x-").chars();
    let variable: String =
        letters.map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' }).collect();
    format!("\"{}: {}\"", visible(name), of(&variable))
}

/// A value as one word of the shell.
fn word(text: &str, windows: bool) -> String {
    // PowerShell reads curly quotes as straight ones.
    let is_special = |letter: char| matches!(letter, '"' | '\u{201c}'..='\u{201e}' | '$' | '`' | '\\');
    if windows && text.contains(is_special) {
        let single = |letter: char| matches!(letter, '\'' | '\u{2018}'..='\u{201b}');
        let quoted = text.chars().flat_map(|letter| std::iter::repeat_n(letter, if single(letter) { 2 } else { 1 }));
        return format!("'{}'", quoted.collect::<String>());
    }
    shell_word(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::exchange::Outcome;

    fn exchange(purpose: Purpose, method: &str, url: &str, headers: &[(&str, &str)]) -> Exchange {
        Exchange {
            id: 1,
            purpose,
            method: method.to_owned(),
            url: url.to_owned(),
            request_headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            started_ms: 0,
            elapsed_ms: 0,
            proxy: None,
            address: None,
            outcome: Outcome::NotWaitedFor,
        }
    }

    #[test]
    fn a_secret_is_a_variable_of_the_readers_shell() {
        let call = exchange(
            Purpose::CallWithToken,
            "POST",
            "https://app2/api?a=1&b='x'",
            &[("Authorization", "[redacted]"), ("Accept", "a/b")],
        );
        assert_eq!(
            command(&call, false),
            "curl -sS -i -X POST -H \"Authorization: Bearer $TOKEN\" -H \"Accept: a/b\" \"https://app2/api?a=1&b='x'\""
        );
        assert!(command(&call, true).starts_with("curl.exe -sS -i -X POST -H \"Authorization: Bearer $env:TOKEN\""));
        let token = exchange(
            Purpose::Token,
            "GET",
            "http://169.254.129.2/msi/token?$x=`id`",
            &[("X-IDENTITY-HEADER", "[redacted]")],
        );
        assert_eq!(
            command(&token, false),
            "curl -sS -i -H \"X-IDENTITY-HEADER: $IDENTITY_HEADER\" 'http://169.254.129.2/msi/token?$x=`id`'"
        );
        assert_eq!(
            command(&token, true),
            "curl.exe -sS -i -H \"X-IDENTITY-HEADER: $env:IDENTITY_HEADER\" 'http://169.254.129.2/msi/token?$x=`id`'"
        );
    }

    #[test]
    fn what_cannot_be_sent_again_is_only_named() {
        let form = exchange(Purpose::Token, "POST", "https://login/token", &[]);
        assert_eq!(command(&form, false), "POST https://login/token");
        let local = exchange(Purpose::Token, "RUN", "az account get-access-token", &[]);
        assert_eq!(command(&local, false), "RUN az account get-access-token");
    }
}
