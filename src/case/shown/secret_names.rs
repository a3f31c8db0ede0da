//! Which names say that their value is a secret.

/// What a name ends with, or has in it, whose value is a secret and nothing else.
const SECRETS: [&str; 9] = [
    "secret",
    "password",
    "passphrase",
    "passcode",
    "sasurl",
    "signingkey",
    "encryptionkey",
    "privatekey",
    "assertion",
];
/// What a name has in it whose value may be a secret.
const WITHIN: [&str; 12] = [
    "identityheader",
    "passwd",
    "pwd",
    "token",
    "apikey",
    "credential",
    "connectionstring",
    "signature",
    "cookie",
    "session",
    "authorization",
    "publishprofile",
];
/// Names whose values may be secrets.
const WHOLE: [&str; 6] = ["code", "jwt", "auth", "otp", "pin", "pw"];
/// What names end with whose values may be secrets.
const ENDINGS: [&str; 5] = ["key", "pass", "pat", "sas", "sig"];
/// Names that end like this only tell where a secret is kept, or what kind it is.
const NO_SECRET: [&str; 13] = [
    "secretname",
    "settingname",
    "tokentype",
    "tokenstore",
    "tokenendpoint",
    "thumbprint",
    "tokenversion",
    "accesstokenacceptedversion",
    "signinaudience",
    "authorizationuri",
    "authorizationendpoint",
    "authorizationservers",
    "keyvaulturi",
];

/// Whether a name says that its value is a secret: of a header, a query parameter, a setting, a member of JSON.
#[must_use]
pub fn names_secret(name: &str) -> bool {
    let name = plain(name);
    !NO_SECRET.iter().any(|known| name.ends_with(known))
        && (SECRETS.iter().chain(&WITHIN).any(|word| name.contains(word))
            || WHOLE.contains(&name.as_str())
            || ENDINGS.iter().any(|end| name.ends_with(end)))
}

/// Whether a member of App 2's settings holds a secret itself, so that the platform never needs it written back.
/// `clientSecretSettingName` and the certificate's members only name one, and `cookieExpiration` or
/// `tokenRefreshExtensionHours` hold none.
#[must_use]
pub fn is_secret_setting(name: &str) -> bool {
    let name = plain(name);
    SECRETS.iter().any(|ending| name.ends_with(ending))
}

/// A name in lower-case letters and digits, however its words are put together.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|character| character.to_ascii_lowercase()).collect()
}
