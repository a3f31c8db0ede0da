//! Which names in a text say that a credential follows them.

use std::sync::LazyLock;

/// What a name says of the value behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It is a credential, whatever it looks like.
    Secret,
    /// As [`Self::Secret`], and people also write `password is …`.
    Password,
    /// The name of a token, with a word before it: one word.
    Token,
    /// It may be a credential: its form decides.
    Perhaps,
    /// As [`Self::Perhaps`]; in a sentence, a user's name may be before it.
    Pair,
    /// A signature or a session: a credential behind `=`.
    Signature,
    /// An authorization code, or the number of an error.
    Code,
    /// Several of them follow in brackets.
    List,
    /// A number that only its owner has.
    Pin,
    /// The header of a scheme and its credentials.
    Authorization,
    /// The header of cookies.
    Cookie,
}

/// Where in a name a word stands.
#[derive(Clone, Copy)]
enum At {
    /// The name ends with it.
    End,
    /// It is the last of the name's words, or the only one.
    Word,
    /// It is the whole name.
    Whole,
}

/// Names in lower-case letters and digits alone, however their words are put together; numbers behind them count for
/// nothing.
const NAMES: [(At, Kind, &[&str]); 16] = [
    (At::Word, Kind::Cookie, &["cookie", "setcookie"]),
    (At::Word, Kind::Authorization, &["authorization", "proxyauthorization"]),
    (At::End, Kind::Password, &["password", "passwd", "passphrase", "passcode", "pwd"]),
    // In other languages.
    (
        At::End,
        Kind::Password,
        &[
            "kennwort",
            "passwort",
            "contrasena",
            "senha",
            "wachtwoord",
            "losenord",
            "passord",
            "adgangskode",
            "haslo",
            "heslo",
            "parola",
            "salasana",
        ],
    ),
    (At::Word, Kind::Password, &["geheimnis"]),
    (At::End, Kind::Secret, &["secret", "secrettext", "secretvalue", "passwordhash", "pass"]),
    (
        At::End,
        Kind::Secret,
        &[
            "apikey",
            "appkey",
            "accountkey",
            "accesskey",
            "subscriptionkey",
            "functionkey",
            "functionskey",
            "hostkey",
            "masterkey",
            "primarykey",
            "secondarykey",
            "sharedkey",
            "secretkey",
            "privatekey",
            "encryptionkey",
            "storagekey",
            "authkey",
            "licensekey",
            "saskey",
            "stripesk",
            "arraffinity",
            "aspxauth",
        ],
    ),
    (
        At::End,
        Kind::Secret,
        &[
            "connectionstring",
            "identityheader",
            "authsession",
            "sessionid",
            "sessid",
            "connectsid",
            "aspnetcorecookies",
        ],
    ),
    (At::Word, Kind::Secret, &["pw", "salt"]),
    (At::Whole, Kind::List, &["passwords", "secrets", "apikeys"]),
    (At::Word, Kind::Token, &["jwt", "authcode", "authorizationcode"]),
    (At::Word, Kind::Signature, &["sig", "signature", "session", "sas"]),
    (At::Whole, Kind::Code, &["code"]),
    (At::Word, Kind::Pin, &["pin", "otp"]),
    (At::Word, Kind::Perhaps, &["key"]),
    (At::Whole, Kind::Pair, &["credential", "credentials", "creds"]),
];
type Word = (At, Kind, &'static str);
/// The words of [`NAMES`] in their order, by their last letter: every name in a text is compared with few of them.
static BY_LAST: LazyLock<Vec<Vec<Word>>> = LazyLock::new(|| {
    let words = || NAMES.iter().flat_map(|(at, kind, words)| words.iter().map(|word| (*at, *kind, *word)));
    (b'a'..=b'z').map(|last| words().filter(|(_, _, word)| word.as_bytes().last() == Some(&last)).collect()).collect()
});
/// Names with one of these in them are no credentials': they say what is wrong with one, what is done with it, or are
/// other words.
const OTHERS: [&str; 23] = [
    "invalid",
    "expired",
    "missing",
    "incorrect",
    "wrong",
    "malformed",
    "unsupported",
    "unexpected",
    "unknown",
    "forgot",
    "reset",
    "change",
    "require",
    "securitytoken",
    "webtoken",
    "cancellation",
    "acquire",
    "validate",
    "canread",
    "gettoken",
    "bypass",
    "compass",
    "trespass",
];
/// Words that make a key of the next word one: `API key: …`.
const BEFORE_KEY: [&str; 12] = [
    "api",
    "account",
    "access",
    "app",
    "subscription",
    "function",
    "host",
    "master",
    "shared",
    "secret",
    "private",
    "encryption",
];
/// Bytes of a name that are looked at, from its end.
const LONGEST: usize = 64;

/// What the name at the end of this says; `None` where no credential has such a name.
pub(super) fn kind(before: &[u8], name: &[u8]) -> Option<Kind> {
    let name = name.get(name.len().saturating_sub(LONGEST)..)?;
    let digits = name.iter().rev().take_while(|byte| byte.is_ascii_digit() || matches!(byte, b'_' | b'-')).count();
    let name = name.get(..name.len() - digits)?;
    if !name.is_ascii() || foreign(name) == Some(name.len()) {
        return Some(Kind::Password);
    }
    // `Password.......: …`
    let name = name.get(..name.len() - name.iter().rev().take_while(|byte| **byte == b'.').count())?;
    // Most do not even end with its last letter.
    let last = name.last().map(u8::to_ascii_lowercase).filter(|byte| b"tdyenwgprshkao".contains(byte))?;
    let plain: String = name
        .iter()
        .filter(|byte| byte.is_ascii_alphanumeric())
        .map(|byte| char::from(byte.to_ascii_lowercase()))
        .collect();
    let mut words = BY_LAST.get(usize::from(last - b'a')).into_iter().flatten();
    let found = words.find(|(at, _, word)| plain.ends_with(word) && stands(*at, name, &plain, word));
    let found = found.map(|(_, kind, _)| *kind);
    let found = match found {
        None if plain.ends_with("token") => {
            Some(if plain == "token" || name.ends_with(b".token") { Kind::Perhaps } else { Kind::Token })
        }
        None if plain == "string" && before.to_ascii_lowercase().ends_with(b"connection ") => Some(Kind::Perhaps),
        Some(Kind::Perhaps) if name.len() == plain.len() && is_of_key(before) => Some(Kind::Secret),
        // The name of a class.
        Some(Kind::Authorization) if name.iter().rev().nth("authorization".len()) == Some(&b'.') => None,
        Some(Kind::Code) if before.ends_with(b"time ") || before.ends_with(b"verification ") => Some(Kind::Password),
        found => found,
    }?;
    (!OTHERS.iter().any(|other| plain.contains(other))).then_some(found)
}

/// Names with more than the letters and digits of ASCII in them: of passwords in other languages.
const FOREIGN: [&str; 12] = [
    "mot de passe",
    "contrase\u{f1}a",
    "l\u{f6}senord",
    "has\u{142}o",
    "\u{43f}\u{430}\u{440}\u{43e}\u{43b}\u{44c}",
    "\u{41f}\u{430}\u{440}\u{43e}\u{43b}\u{44c}",
    "\u{30d1}\u{30b9}\u{30ef}\u{30fc}\u{30c9}",
    "\u{5bc6}\u{7801}",
    "\u{5bc6}\u{78bc}",
    "\u{53e3}\u{4ee4}",
    "\u{be44}\u{bc00}\u{bc88}\u{d638}",
    "\u{15f}ifre",
];

/// Whether a name in another script may begin with this byte.
pub(super) const fn begins_foreign(byte: u8) -> bool {
    matches!(byte, 0xc5 | 0xd0 | 0xe3 | 0xe5 | 0xeb)
}

/// The length of the name of [`FOREIGN`] that the bytes begin with.
pub(super) fn foreign(bytes: &[u8]) -> Option<usize> {
    let first = bytes.first()?.to_ascii_lowercase();
    if !matches!(first, b'm' | b'c' | b'l' | b'h') && !begins_foreign(first) {
        return None;
    }
    let is_it = |name: &&&str| bytes.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()));
    FOREIGN.iter().find(is_it).map(|name| name.len())
}

fn stands(at: At, name: &[u8], plain: &str, word: &str) -> bool {
    match at {
        At::End => true,
        At::Whole => plain == word,
        At::Word => {
            // A word of two has a sign in it at the most.
            let start = name.len().saturating_sub(word.len());
            let first = name.get(start);
            plain == word
                || match start.checked_sub(1).and_then(|before| name.get(before)) {
                    Some(before) if before.is_ascii_alphanumeric() => {
                        before.is_ascii_lowercase() && first.is_some_and(u8::is_ascii_uppercase)
                    }
                    _ => true,
                }
        }
    }
}

/// Whether the word before `key` says of what it is one.
fn is_of_key(before: &[u8]) -> bool {
    let Some(before) = before.strip_suffix(b" ") else {
        return false;
    };
    let letters = before.iter().rev().take_while(|byte| byte.is_ascii_alphabetic()).take(LONGEST).count();
    let word = before.get(before.len() - letters..).unwrap_or_default();
    BEFORE_KEY.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
}
