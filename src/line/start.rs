//! What a start without a target says: what was found on this machine, and the exact next line to type. In a console
//! without a screen, such as Kudu's, this is the first thing that a person reads.

use std::sync::LazyLock;

use crate::case::credential::{CredentialSource, choose, platform};
use crate::case::inputs::Inputs;
use crate::case::text::visible;
use crate::knowledge::{Value, phrase};
use crate::probe::this_machine;

/// The guidance. Only this machine's variables and files are read; nothing is sent.
pub(super) fn without_target() -> String {
    let found = Found::new();
    phrase("start.no-target")
        .with("program", called())
        .with("host", found.host)
        .with_some("site", found.site)
        .with("credential", found.credential)
        .with("because", found.because)
        .with_some("lab", cfg!(feature = "lab").then_some("lab"))
        .text()
}

/// What was found on this machine, for the screen's form. Only variables and files are read; nothing is sent.
#[must_use]
pub fn found_here() -> Vec<String> {
    let found = Found::new();
    vec![
        phrase("start.here").with("host", found.host).with_some("site", found.site).text(),
        phrase("start.credential-here").with("credential", found.credential).text(),
        found.because,
    ]
}

/// What of this machine decides a check.
struct Found {
    host: Value,
    site: Option<String>,
    credential: Value,
    because: String,
}

impl Found {
    fn new() -> Self {
        let environment = this_machine();
        let choice = choose(&environment, &Inputs::default());
        let host = match platform(&environment) {
            Some(platform) => Value::from(platform.name()),
            None if environment.is_app_service() => Value::from("App Service"),
            None => phrase("start.unknown-host").into(),
        };
        let credential = match choice.source {
            CredentialSource::Unavailable => phrase("start.no-credential").into(),
            source => Value::from(source.kind().name()),
        };
        let site = ["WEBSITE_SITE_NAME", "CONTAINER_APP_NAME"].into_iter().find_map(|name| environment.text(name));
        Self { host, site: site.map(visible), credential, because: visible(&choice.because) }
    }
}

/// How the program is called here.
#[must_use]
pub fn called() -> String {
    program(std::env::args().next().as_deref())
}

/// How the program was started, where that was with a path: its name alone may start nothing here.
#[must_use]
pub fn with_path() -> Option<&'static str> {
    static STARTED: LazyLock<String> = LazyLock::new(called);
    Some(STARTED.as_str()).filter(|called| called.contains(['/', '\\']))
}

/// How the program is called here, so that the printed line can be typed. PowerShell runs a program of the folder only
/// with its path.
fn program(called: Option<&str>) -> String {
    let plain = |text: &&str| {
        let part =
            |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '/' | '\\' | ':' | '.' | '_' | '-');
        !text.is_empty() && text.len() <= 200 && text.chars().all(part)
    };
    let called = called.filter(plain).unwrap_or("easyauth-doctor");
    if cfg!(windows) && !called.contains(['/', '\\']) {
        return format!(".\\{called}");
    }
    called.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_a_shell_would_read_is_not_repeated() {
        assert_eq!(program(Some("/home/easyauth-doctor")), "/home/easyauth-doctor");
        for odd in ["/tmp/$(id)", "a b", "", "x;y", "\u{1b}[2J"] {
            assert!(program(Some(odd)).ends_with("easyauth-doctor"), "{odd}");
        }
    }
}
