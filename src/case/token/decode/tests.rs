use super::*;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;

fn token(header: &str, payload: &[u8]) -> String {
    format!("{}.{}.c2lnbmF0dXJl", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload))
}

const HEADER: &str = r#"{"typ":"JWT","alg":"RS256","kid":"k1"}"#;

#[test]
fn a_sound_token_has_no_defects_in_every_wrapping() {
    let bare = token(HEADER, br#"{"aud":"api://a","exp":1767225600,"roles":["R"]}"#);
    for text in [
        bare.clone(),
        format!("  Bearer {bare}\r\n"),
        format!("\"{bare}\""),
        format!("Authorization: bearer '{bare}'"),
        format!("{{\"access_token\":\"{bare}\",\"expires_on\":\"1\"}}"),
    ] {
        let decoded = DecodedToken::decode(&text);
        assert_eq!(decoded.defects, Vec::<String>::new(), "{text}");
        assert_eq!(decoded.length, bare.len());
        assert_eq!(decoded.text("aud"), Some("api://a"));
        assert_eq!(decoded.time("exp"), Some(1_767_225_600));
        assert!(decoded.has_signature);
    }
}

#[test]
fn defects_are_told_and_what_can_be_read_is_read() {
    let cases: &[(String, &str, Option<&str>)] = &[
        (String::new(), "empty", None),
        ("Bearer ".to_owned(), "empty", None),
        ("0f8fad5b-d9cb-469f-a165-70867728950e".to_owned(), "GUID", None),
        ("<html><body>".to_owned(), "web page", None),
        ("a.b.c.d".to_owned(), "4 parts", None),
        (token(r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#, b"xx"), "JWE", None),
        (format!("{}.e.f.g.h", URL_SAFE_NO_PAD.encode(r#"{"alg":"dir"}"#)), "JWE", None),
        (token(r#"{"alg":"none"}"#, br#"{"aud":"a"}"#), "alg none", Some("a")),
        (token(HEADER, br#"{"aud":"a","aud":"b"}"#), "2 times", Some("b")),
        (token(HEADER, b"{\"aud\":\"a\xff\"}"), "isn't UTF-8", Some("a\u{fffd}")),
        (token(HEADER, br#"{"aud":"a","#), "isn't a JSON object", Some("a")),
        (token(HEADER, b"[1]"), "isn't a JSON object", None),
        (format!("{}.", token(HEADER, b"{}")), "4 parts", None),
        (format!("{}.{}.", URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode("{}")), "no signature", None),
        (format!("{}.{}.s", STANDARD.encode(HEADER), STANDARD.encode(br#"{"aud":"??>>a"}"#)), "base64", Some("??>>a")),
        (token(HEADER, br#"{"aud":"a"}"#).replacen('.', ".\n", 1), "white space", Some("a")),
    ];
    for (text, defect, audience) in cases {
        let decoded = DecodedToken::decode(text);
        assert!(
            decoded.defects.iter().any(|words| words.contains(defect)),
            "{text}: {:?} doesn't contain {defect:?}",
            decoded.defects
        );
        assert_eq!(decoded.text("aud"), *audience, "{text}");
    }
}

#[test]
fn extreme_values_are_kept_within_bounds() {
    let groups: Vec<String> = (0..200).map(|number| format!("g{number}")).collect();
    let payload = format!(
        r#"{{"exp":1e400,"iat":"1767225600","nbf":1767225600.5,"big":"{}","groups":{}}}"#,
        "x".repeat(1 << 20),
        serde_json::to_string(&groups).unwrap()
    );
    let decoded = DecodedToken::decode(&token(HEADER, payload.as_bytes()));
    assert_eq!(decoded.time("exp"), None);
    assert!(decoded.claim("exp").unwrap().to_string().contains("400"));
    assert_eq!(decoded.time("iat"), Some(1_767_225_600));
    assert_eq!(decoded.time("nbf"), Some(1_767_225_600));
    assert_eq!(decoded.list("groups").len(), 200);
    assert!(decoded.text("big").unwrap().len() < 5000);
    assert!(serde_json::to_string(&decoded).unwrap().len() < 20_000);
    let deep = format!("{{\"a\":{}", "[".repeat(100_000));
    let decoded = DecodedToken::decode(&token(HEADER, deep.as_bytes()));
    assert!(decoded.defects.iter().any(|words| words.contains("nested too deeply")), "{:?}", decoded.defects);
}

#[test]
fn neither_signature_nor_inner_tokens_are_kept() {
    let inner = token(HEADER, b"{}");
    let payload = format!(r#"{{"sub":"{inner}","roles":["{inner}"],"assertion":"{inner}"}}"#);
    let kept = serde_json::to_string(&DecodedToken::decode(&token(HEADER, payload.as_bytes()))).unwrap();
    assert!(!kept.contains("c2lnbmF0dXJl"), "{kept}");
    assert!(kept.contains("[redacted]"), "{kept}");
}

/// An RSA key has 2048 bits or more, so RS256's signature has 342 characters or more. A short one is a placeholder.
#[test]
fn a_truncated_signature_is_seen() {
    let whole = |alg: &str, length: usize| {
        let header = format!(r#"{{"alg":"{alg}","kid":"k"}}"#);
        let parts = [header.as_str(), r#"{"aud":"x"}"#].map(|part| URL_SAFE_NO_PAD.encode(part));
        DecodedToken::decode(&format!("{}.{}", parts.join("."), "A".repeat(length))).main_defect().map(|(key, _)| key)
    };
    for length in [341, 300, 172] {
        assert_eq!(whole("RS256", length), Some("truncated"), "{length}");
    }
    for (alg, length) in [("RS256", 342), ("RS256", 512), ("RS256", 683), ("RS256", 171), ("RS256", 9), ("ES384", 300)]
    {
        assert_eq!(whole(alg, length), None, "{alg} {length}");
    }
}

#[test]
fn a_saved_token_reads_back_equal() {
    let decoded = DecodedToken::decode(&token(HEADER, br#"{"exp":1e400,"a":1,"a":{"b":[1.50,null]}}"#));
    let saved = serde_json::to_string(&decoded).unwrap();
    assert_eq!(serde_json::from_str::<DecodedToken>(&saved).unwrap(), decoded);
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in ".{0,200}") {
        let _ = DecodedToken::decode(&text);
    }

    #[test]
    fn arbitrary_parts_never_panic_and_stay_deterministic(
        header in proptest::collection::vec(any::<u8>(), 0..80),
        payload in proptest::collection::vec(any::<u8>(), 0..200),
        dots in 0usize..6,
    ) {
        let text = format!(
            "{}.{}{}",
            URL_SAFE_NO_PAD.encode(&header),
            URL_SAFE_NO_PAD.encode(&payload),
            ".e30".repeat(dots)
        );
        let decoded = DecodedToken::decode(&text);
        prop_assert_eq!(&decoded, &DecodedToken::decode(&text));
        prop_assert_eq!(decoded.parts, dots + 2);
    }

    #[test]
    fn arbitrary_json_payloads_are_read(key in "[a-z\\x00-\\x1f\\u{202e}]{1,9}", text in ".{0,40}") {
        let payload = serde_json::json!({ key.clone(): text }).to_string();
        let decoded = DecodedToken::decode(&token(HEADER, payload.as_bytes()));
        prop_assert!(decoded.claim(&key).is_some());
        prop_assert!(decoded.defects.iter().all(|words| !words.chars().any(char::is_control)));
    }
}
