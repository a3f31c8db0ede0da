use ::base64::Engine as _;
use ::base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::*;
use crate::case::shown::encoded::in_base32;

/// A secret with the characters that encodings change.
const SECRET: &str = "q7+Zt/9kW=xR~v2&Lm\"0Np'Hs<Yd>Ub%Jc8Fg";

fn knowing(secrets: &[&str]) -> Secrets {
    let mut known = Secrets::default();
    secrets.iter().for_each(|secret| known.learn(secret));
    known
}

fn percent(text: &str, upper: bool) -> String {
    text.bytes().map(|byte| if upper { format!("%{byte:02X}") } else { format!("%{byte:02x}") }).collect()
}

/// Every form in which servers were seen, or can be expected, to send a secret back.
fn encodings(secret: &str) -> Vec<(&'static str, String)> {
    let form = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect::<String>();
    let html = secret
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;");
    let numeric: String = secret.chars().map(|character| format!("&#x{:X};", character as u32)).collect();
    let decimal: String = secret.chars().map(|character| format!("&#{};", character as u32)).collect();
    let unicode: String = secret.chars().map(|character| format!("\\u{:04X}", character as u32)).collect();
    let escaped: String = secret.bytes().map(|byte| format!("\\x{byte:02x}")).collect();
    let hexadecimal: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let pairs: Vec<String> = secret.bytes().map(|byte| format!("{byte:02X}")).collect();
    let characters: Vec<char> = secret.chars().collect();
    let numbers = |between: &str, number: fn(u8) -> String| -> String {
        secret.bytes().map(number).collect::<Vec<_>>().join(between)
    };
    let short_lines: Vec<String> = characters.chunks(5).map(|line| line.iter().collect()).collect();
    vec![
        ("plain", secret.to_owned()),
        ("lower case", secret.to_lowercase()),
        ("form", form.clone()),
        ("percent", percent(secret, true)),
        ("lower-case percent", percent(secret, false)),
        ("double percent", percent(&percent(secret, true), true)),
        ("triple percent", percent(&percent(&percent(secret, false), true), false)),
        ("percent in form", url::form_urlencoded::byte_serialize(form.as_bytes()).collect()),
        ("JSON", serde_json::to_string(secret).unwrap_or_default()),
        ("JSON in JSON", serde_json::to_string(&serde_json::to_string(secret).unwrap_or_default()).unwrap_or_default()),
        ("unicode escapes", unicode),
        ("byte escapes", escaped),
        ("HTML", html.clone()),
        ("HTML in HTML", html.replace('&', "&amp;")),
        ("numeric references", numeric),
        ("decimal references", decimal),
        ("base64", STANDARD.encode(secret)),
        ("base64 without padding", STANDARD_NO_PAD.encode(secret)),
        ("base64url", URL_SAFE.encode(secret)),
        ("base64url without padding", URL_SAFE_NO_PAD.encode(secret)),
        ("base64 behind a user name", STANDARD.encode(format!("user:{secret}"))),
        ("base64 behind two letters", STANDARD.encode(format!("ab{secret}xyz"))),
        ("base64 of JSON", STANDARD.encode(serde_json::json!({ "key": secret }).to_string())),
        ("base64, percent-encoded", percent(&STANDARD.encode(secret), true)),
        (
            "base64 in lines",
            STANDARD.encode(secret).as_bytes().chunks(16).map(String::from_utf8_lossy).collect::<Vec<_>>().join("\r\n"),
        ),
        ("base32", in_base32(secret.as_bytes())),
        ("base32 in small letters", in_base32(format!("x:{secret}").as_bytes()).to_lowercase()),
        ("hexadecimal", hexadecimal.clone()),
        ("upper-case hexadecimal", hexadecimal.to_uppercase()),
        ("hexadecimal with colons", pairs.join(":")),
        ("hexadecimal with spaces", pairs.join(" ")),
        ("decimal numbers", numbers(", ", |byte| byte.to_string())),
        ("decimal numbers in lines", numbers("\n", |byte| byte.to_string())),
        ("decimal numbers in escaped lines", numbers("\\n", |byte| byte.to_string())),
        ("decimal numbers of a literal", numbers(", ", |byte| format!("{byte}u8"))),
        ("decimal numbers of UTF-16", numbers("; ", |byte| format!("{byte}; 0"))),
        ("numbers in C's digits", numbers(",", |byte| format!("0x{byte:02x}"))),
        ("octal numbers", numbers(" ", |byte| format!("{byte:o}"))),
        ("numbers in Python's octal digits", numbers(" ", |byte| format!("0o{byte:o}"))),
        ("binary numbers", numbers(" ", |byte| format!("{byte:08b}"))),
        ("short lines", short_lines.join("\n")),
        ("short lines, indented", short_lines.join("\r\n    ")),
        ("escaped lines", short_lines.join("\\n")),
        ("with a suffix", format!("{secret}Tail")),
        ("quoted", format!("'{secret}'")),
    ]
}

/// The longest part of the secret that a text still shows.
fn shows(text: &str, secret: &str) -> usize {
    let (text, secret) = (text.to_lowercase(), secret.to_lowercase());
    (1..=secret.len())
        .rev()
        .find(|length| {
            secret.as_bytes().windows(*length).any(|part| text.as_bytes().windows(*length).any(|shown| shown == part))
        })
        .unwrap_or(0)
}

#[test]
fn a_secret_disappears_in_every_encoding() {
    // What is around never reads as part of an encoding.
    for secret in [SECRET, "hunter2", "Ab8Q~xyz.0123456789_abcdefghijklmnopqrs", "00000000-1111-2222-3333-444444444444"]
    {
        let known = knowing(&[secret]);
        for (name, encoded) in encodings(secret) {
            let text = format!("before ({encoded}) after");
            let clean = known.scrub(&text);
            assert!(clean.contains(REDACTED), "{name} of {secret}: {clean}");
            assert!(shows(&clean, secret) < 6, "{name} of {secret}: {clean}");
            assert!(clean.starts_with("before (") && clean.ends_with(") after"), "{name}: {clean}");
        }
    }
}

#[test]
fn a_key_that_is_encoded_twice_disappears() {
    const KEY: &str = "Ab8Q~xyz.0123456789_abcdefghijklmnopqrs";
    let twice = STANDARD_NO_PAD.encode(URL_SAFE_NO_PAD.encode(KEY));
    assert_eq!(knowing(&[KEY]).scrub(&format!("Thumbprint: {twice}")), format!("Thumbprint: {REDACTED}"));
}

/// A token's signature in pieces, as a page breaks it by white space or tags; what is like it in no text stays.
#[test]
fn every_part_of_a_signature_disappears() {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let signature: String =
        (0..342_usize).map(|place| char::from(LETTERS[(place * place * 11 + place / 7) % 64])).collect();
    let claims = URL_SAFE_NO_PAD.encode("{\"aud\":\"api://orders\",\"iss\":\"https://sts.windows.net/x/\"}".repeat(4));
    let known = knowing(&[&format!("eyJhbGciOiJSUzI1NiJ9.{claims}.{signature}")]);
    for length in 10..=14 {
        for start in 0..=signature.len() - length {
            let piece = signature.get(start..start + length).unwrap();
            for text in
                [format!("x {piece} y"), format!("<b>{piece}</b>"), format!("'{}'", URL_SAFE_NO_PAD.encode(piece))]
            {
                let clean = known.scrub(&text);
                assert!(clean.contains(REDACTED) && shows(&clean, piece) < 10, "{text}: {clean}");
            }
        }
    }
    for length in 5..10 {
        let text = format!("the word {} of nine letters", signature.get(30..30 + length).unwrap());
        assert_eq!(known.scrub(&text), text);
    }
}

#[test]
fn a_long_secret_disappears_in_parts() {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let secret: String =
        (0..400_usize).map(|place| char::from(LETTERS[(place * place * 7 + place / 64) % 64])).collect();
    let known = knowing(&[&secret]);
    let part = |range: Range<usize>| secret.get(range).unwrap();
    for range in [0..30, 37..300, 100..124, 371..400, 5..399] {
        let text = format!("x {} y", part(range.clone()));
        assert_eq!(known.scrub(&text), format!("x {REDACTED} y"), "{range:?}");
    }
    let broken = format!("{}\n{} and {}", part(0..200), part(200..400), part(50..90));
    assert_eq!(known.scrub(&broken), format!("{REDACTED} and {REDACTED}"));
    let innocent = "a short text of no secret at all, with \u{fc}ml\u{e4}uts";
    assert_eq!(known.scrub(innocent), innocent);
}

#[test]
fn a_value_that_is_sent_disappears_with_its_parts() {
    let basic = STANDARD.encode("user:hunter2hunter2");
    for (name, value, gone) in [
        ("Authorization", format!("Basic {basic}"), vec![basic.as_str(), "hunter2hunter2"]),
        ("Proxy-Authorization", format!("Basic {basic}"), vec!["hunter2hunter2"]),
        ("Cookie", "session=abc123def; theme=dark; token=xyz789uvw".to_owned(), vec!["abc123def", "xyz789uvw"]),
        (
            "x-functions-key",
            "0f8fad5b-d9cb-469f-a165-70867728950e".to_owned(),
            vec!["0f8fad5b-d9cb-469f-a165-70867728950e"],
        ),
        ("code", "sesame".to_owned(), vec!["sesame"]),
        ("x-anything", "A1b2C3d4E5f6".to_owned(), vec!["A1b2C3d4E5f6"]),
    ] {
        let mut known = Secrets::default();
        known.learn_sent(name, &value);
        for secret in gone {
            let clean = known.scrub_foreign(&format!("echo {secret} end")).into_owned();
            assert_eq!(clean, format!("echo {REDACTED} end"), "{name}: {value}");
        }
    }
    for (name, value) in [
        ("HTTPS_PROXY", "http://user:hunter2hunter2@proxy.example.com:8080"),
        ("HTTP_PROXY", "http://user:hunter2hunter2@bücher.example:8080"),
        (
            "AZURE_CREDENTIALS",
            "{\"clientId\":\"0f8fad5b-d9cb-469f-a165-70867728950e\",\"clientSecret\":\"hunter2hunter2\"}",
        ),
        ("AZURE_STORAGE", "DefaultEndpointsProtocol=https;AccountKey=hunter2hunter2;EndpointSuffix=core.windows.net"),
        ("AZURE_PACKAGE", "https://a.blob.core.windows.net/c/x.zip?sv=2024-01-01&sig=hunter2hunter2"),
    ] {
        let mut known = Secrets::default();
        known.learn_sent(name, value);
        assert_eq!(known.scrub("a hunter2hunter2 b"), format!("a {REDACTED} b"), "{name}");
        for kept in [
            "0f8fad5b-d9cb-469f-a165-70867728950e",
            "https://sts.windows.net/",
            "core.windows.net",
            "proxy.example.com:8080",
        ] {
            assert_eq!(known.scrub_foreign(kept), kept, "{name}");
        }
        let basic = STANDARD.encode("user:hunter2hunter2");
        assert!(known.scrub_foreign(&basic).starts_with(REDACTED), "{name}");
    }
    let mut known = Secrets::default();
    for (name, value) in [
        ("Accept", "application/json; charset=utf-8"),
        ("x-client-id", "0f8fad5b-d9cb-469f-a165-70867728950e"),
        ("Origin", "https://app1.azurewebsites.net"),
        ("AZURE_FUNCTIONS_ENVIRONMENT", "Development"),
        ("WEBSITE_TIME_ZONE", "Europe/Berlin"),
    ] {
        known.learn_sent(name, value);
        let text = format!("what is known stays: {value}");
        assert_eq!(known.scrub_foreign(&text), text);
    }
    // What is only guessed is hidden in other people's texts, never in the report's own words.
    known.learn_sent("x-anything", "authsettingsV2");
    assert_eq!(known.scrub_foreign("authsettingsV2"), REDACTED);
    assert_eq!(known.scrub("config/authsettingsV2/list"), "config/authsettingsV2/list");
    let mut known = Secrets::default();
    known.learn_body("{\"name\": \"orders\", \"apiKey\": \"sesame1\", \"list\": [\"A1b2C3d4E5f6\"]}");
    assert_eq!(known.scrub_foreign("orders sesame1 A1b2C3d4E5f6"), format!("orders {REDACTED} {REDACTED}"));
}

#[test]
fn a_token_is_hidden_however_much_was_guessed_before() {
    let mut known = Secrets::default();
    for number in 0..1000 {
        known.learn_sent("AZURE_ANYTHING", &format!("A1b2C3d4E5f6-{number}"));
    }
    known.learn("opaque-Zk3vQ9xLw7RtY2pNc8HdJ5sB");
    assert_eq!(known.scrub("token opaque-Zk3vQ9xLw7RtY2pNc8HdJ5sB"), format!("token {REDACTED}"));
}

#[test]
fn secrets_are_bounded_in_count_and_size() {
    let mut known = Secrets::default();
    for number in 0..2000 {
        known.learn(&format!("secret-{number}-{}", "ab".repeat(700)));
    }
    known.learn(&"a".repeat(1 << 20));
    assert!(known.known.len() <= MOST && known.known.iter().all(|known| known.bytes.len() <= LONGEST));
}

proptest! {
    #[test]
    fn no_secret_remains_wherever_it_stands(
        secret in "[A-Za-z0-9+/=~._&%\u{e4}-]{12,60}",
        before in "\\PC{0,20}",
        after in "\\PC{0,20}",
        which in 0_usize..43,
    ) {
        let known = knowing(&[&secret]);
        let Some((_, encoded)) = encodings(&secret).into_iter().nth(which) else { return Ok(()); };
        let clean = known.scrub(&format!("{before} ({encoded}) {after}")).into_owned();
        prop_assert!(!clean.contains(&encoded), "{}", clean);
        // Scrubbing twice finds nothing more.
        prop_assert_eq!(known.scrub(&clean).into_owned(), clean);
    }

    #[test]
    fn what_holds_no_secret_stays(text in "\\PC{0,200}") {
        let known = knowing(&["Kj7#mP2$vX9!qR4&wZ8*"]);
        prop_assert_eq!(known.scrub(&text).into_owned(), text);
    }
}

#[test]
fn a_secret_with_signs_between_its_letters_is_hidden() {
    const KEY: &str = "Zq8Q~veryS3cretValue.0123456789abc";
    let secrets = knowing(&[KEY]);
    let between = |sign: &str| KEY.chars().map(String::from).collect::<Vec<_>>().join(sign);
    for whole in [between(" "), between(","), between("-")] {
        let shown = secrets.scrub(&format!("the name '{whole}' is App 2's")).into_owned();
        assert!(!shown.contains("Z") && shown.ends_with("' is App 2's"), "{shown}");
    }
    let part: String = between("-").chars().take(60).collect();
    assert!(secrets.scrub(&part).contains(REDACTED), "half of it is no name's");
    let part: String = between("-").chars().take(24).collect();
    assert_eq!(secrets.scrub(&part), part, "of a name, a short part is no proof");
    for spread in [between(" "), between("-"), between(". "), "Zq8Q~v eryS3 cretVal ue.01 234567 89abc".to_owned()] {
        let shown = secrets.scrub_foreign(&format!("the key '{spread}' isn't valid")).into_owned();
        assert!(shown.starts_with("the key '[redacted]") && shown.ends_with("' isn't valid"), "{shown}");
    }
    let prose = "the audience 'api://orders' is invalid, and nothing here is a key: Zq8Q";
    assert_eq!(secrets.scrub_foreign(prose), prose);
}

/// A page cuts a value, breaks it, or puts marks into it: every part of it that tells it goes.
#[test]
fn parts_of_a_value_are_hidden_whatever_is_between_them() {
    const OWN: &str = "Qm7-custom_Header.Val~9x";
    let parts = |length: usize, between: &str| {
        let characters: Vec<char> = OWN.chars().collect();
        characters.chunks(length).map(|part| part.iter().collect::<String>()).collect::<Vec<_>>().join(between)
    };
    let lines = OWN.as_bytes().chunks(16).enumerate().map(|(number, line)| {
        let pairs: Vec<String> = line.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{:08x}  {}  |{}|", 16 * number, pairs.join(" "), String::from_utf8_lossy(line))
    });
    let dump = lines.collect::<Vec<_>>().join("\n");
    for is_certain in [false, true] {
        let mut known = Secrets::default();
        known.learn_sent(if is_certain { "x-secret" } else { "X-Custom" }, OWN);
        for shown in [
            OWN.split_at(18).0.to_owned(),
            OWN.split_at(6).1.to_owned(),
            OWN.split_at(12).1.to_owned(),
            OWN.split_at(10).0.to_owned(),
            parts(12, " "),
            parts(12, "' + '"),
            parts(12, "\", \""),
            parts(12, "&quot;,&quot;"),
            parts(12, "=\n"),
            parts(12, "</td><td class=\"x\">"),
            parts(4, "<b></b>"),
            parts(4, "&lt;b&gt;&lt;/b&gt;"),
            parts(1, " "),
            dump.clone(),
        ] {
            let clean = known.scrub_foreign(&format!("says ({shown}) after")).into_owned();
            assert!(shows(&clean, OWN) <= 8 && clean.starts_with("says ("), "{shown} became {clean}");
            assert!(!clean.contains("51 6d 37"), "{shown} became {clean}");
            assert!(clean.ends_with(") after"), "{shown} became {clean}");
        }
        for same in ["my custom header of value 9", "Qm7", "<b>custom</b> <i>Header</i>"] {
            assert_eq!(known.scrub_foreign(same), same);
        }
    }
    let full_width: String = OWN.chars().filter_map(|it| char::from_u32(it as u32 + 0xfee0)).collect();
    assert_eq!(knowing(&[OWN]).scrub(&full_width), REDACTED);
}

/// Too short to be searched for within words, but as a word of its own it is what was sent.
#[test]
fn a_short_secret_is_hidden_as_a_word() {
    let known = knowing(&["pw1", "HDR9x", "h1", "red", "a b1"]);
    for (text, shown) in [
        ("the password pw1 is wrong", "the password [redacted] is wrong"),
        ("X-IDENTITY-HEADER: HDR9x.", "X-IDENTITY-HEADER: [redacted]."),
        ("\"pw1\"", "\"[redacted]\""),
        ("spw12 and xHDR9x", "spw12 and xHDR9x"),
        ("h1 is a heading, red is a color", "h1 is a heading, red is a color"),
        ("pw1", "[redacted]"),
    ] {
        assert_eq!(known.scrub_foreign(text), shown);
        assert_eq!(known.scrub(text), text, "what the program itself says stays");
    }
}

/// A key that equals App 2's client ID, which the user named: other GUIDs may be keys.
#[test]
fn an_id_that_the_user_named_is_no_secret() {
    let id = "0f8fad5b-d9cb-469f-a165-70867728950e";
    let other = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
    let uri = format!("api://{}", id.to_uppercase());
    let mut known = Secrets::with_public([uri.as_str(), "api://orders"]);
    known.learn_sent("x-api-key", id);
    known.learn_sent("x-api-key", other);
    known.learn_sent("x-api-key", "api://orders");
    let text = format!("{id} and {other} of api://orders");
    assert_eq!(known.scrub_foreign(&text), format!("{id} and [redacted] of [redacted]"));
}
