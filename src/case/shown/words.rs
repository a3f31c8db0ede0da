//! What is made of words, and what is drawn at random.

/// Whether a text is a name of words in camel case, and of letters only. What is drawn at random has capitals beside
/// each other, or words without a vowel.
pub(super) fn is_camel_case(text: &str) -> bool {
    let words = words_of(text);
    let is_word = |word: &&str| {
        let rest = word.get(1..).unwrap_or_default();
        (3..=16).contains(&word.len())
            && rest.bytes().all(|byte| byte.is_ascii_lowercase())
            && word.bytes().any(|byte| b"aeiouyAEIOUY".contains(&byte))
    };
    text.len() <= 60 && text.bytes().all(|byte| byte.is_ascii_alphabetic()) && words.iter().all(is_word)
}

/// What keys begin with that are known by it: of GitHub, GitLab, Slack, Stripe, and Amazon Web Services.
const KEY_BEGINNINGS: [&str; 9] =
    ["ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "sk_live_", "AKIA"];

/// Whether a short run has a word that is drawn at random: letters of both cases and digits in turns, or a key that is
/// known by its beginning.
pub(super) fn is_random(run: &str) -> bool {
    const SHORTEST: usize = 10;
    if run.len() < SHORTEST {
        return false;
    }
    let kind = |byte: u8| (byte.is_ascii_digit(), byte.is_ascii_uppercase());
    let words = run.split(|character: char| !character.is_ascii_alphanumeric());
    let is_mixed = |word: &str| {
        let bytes = word.as_bytes();
        let turns = bytes.windows(2).filter(|pair| matches!(pair, [one, other] if kind(*one) != kind(*other))).count();
        let has = |is: fn(&u8) -> bool| bytes.iter().any(is);
        bytes.len() >= SHORTEST
            && 2 * turns >= bytes.len()
            && has(u8::is_ascii_digit)
            && has(u8::is_ascii_uppercase)
            && has(u8::is_ascii_lowercase)
    };
    words.into_iter().any(is_mixed) || begins_like_a_key(run)
}

/// Whether a run is a key that is known by its beginning, or has a whole one in it.
pub(super) fn begins_like_a_key(run: &str) -> bool {
    const SHORTEST: usize = 10;
    const WHOLE: usize = 16;
    let key = run.trim_start_matches(['"', '\'', '(', '[', '`']);
    let is_whole = |rest: &str| {
        let key = rest.get(..WHOLE).unwrap_or_default().as_bytes();
        let is_of = |kind: fn(&u8) -> bool| key.iter().any(kind);
        !key.is_empty()
            && key.iter().all(u8::is_ascii_alphanumeric)
            && is_of(u8::is_ascii_digit)
            && is_of(u8::is_ascii_alphabetic)
            // What Amazon's keys begin with may also be in a word.
            && (!run.contains("AKIA") || !is_of(u8::is_ascii_lowercase))
    };
    KEY_BEGINNINGS.iter().any(|beginning| {
        key.strip_prefix(beginning).is_some_and(|rest| rest.len() >= SHORTEST)
            || run.split(beginning).skip(1).any(is_whole)
    })
}

/// A name that is made of words, such as a type's, a scope's, or a subject's: `Orders.ReadWrite.All`,
/// `org.springframework.security`, `repo:contoso/app1:ref:refs/heads/main`. What is drawn at random has no words.
pub(super) fn is_name_of_words(run: &str) -> bool {
    let parts: Vec<&str> = run.split(['.', '_', '-', '/', ':', '+']).collect();
    let has_vowel = |word: &str| word.bytes().any(|byte| b"aeiouyAEIOUY".contains(&byte));
    let is_part = |part: &&str| {
        // `app1`, `v2`: a word may have a number.
        let name = part.trim_end_matches(|character: char| character.is_ascii_digit());
        let part = if part.len() - name.len() <= 4 && !name.is_empty() { name } else { part };
        let words = words_of(part);
        part.len() <= 40
            && part.bytes().all(|byte| byte.is_ascii_alphabetic())
            && words.iter().all(|word| word.len() <= 16 && (word.len() <= 4 || has_vowel(word)))
            // Single letters in turns of case are no words.
            && 3 * words.len() <= part.len().max(3) + 2
    };
    let is_number = |part: &&str| part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
    run.len() <= 160 && parts.len() >= 2 && parts.iter().all(|part| part.is_empty() || is_part(part) || is_number(part))
}

/// The words of a name in camel case.
fn words_of(name: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let bytes = name.as_bytes();
    for (at, pair) in bytes.windows(2).enumerate() {
        if let [before, after] = pair
            && before.is_ascii_lowercase()
            && after.is_ascii_uppercase()
        {
            words.extend(name.get(start..=at));
            start = at + 1;
        }
    }
    words.extend(name.get(start..));
    words
}
