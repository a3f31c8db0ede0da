//! The `WWW-Authenticate` challenge of App 2, read leniently: Easy Auth separates parameters with spaces, not commas.

/// One challenge: a scheme and its parameters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Challenge {
    /// The scheme, such as `Bearer`.
    pub scheme: String,
    /// The parameters in their order; names in lower case, quotes removed.
    pub parameters: Vec<(String, String)>,
    /// Whether commas separate its parameters, as in a framework's; Easy Auth writes none.
    pub has_commas: bool,
}

/// More bytes of a header than this are not read.
pub const LONGEST_HEADER: usize = 16 << 10;
/// More challenges, or more parameters of one, are not read.
const MOST: usize = 64;

impl Challenge {
    /// Reads all challenges in one header value. Parameters may be separated by commas, spaces or both; quotes may be
    /// double, single, missing, or not closed.
    #[must_use]
    pub fn parse(header: &str) -> Vec<Self> {
        let end = header.floor_char_boundary(LONGEST_HEADER);
        let mut reader = Reader { text: header.get(..end).unwrap_or_default(), at: 0 };
        let mut challenges: Vec<Self> = Vec::new();
        let mut after_scheme = false;
        while challenges.len() < MOST {
            let comma = reader.skip_separators();
            let Some(first) = reader.peek() else { break };
            let word = reader.word();
            if word.is_empty() {
                // A stray quote or equals sign: nothing can be made of it.
                if first == '"' {
                    let _ = reader.quoted();
                } else {
                    reader.skip(1);
                }
                continue;
            }
            if reader.take_equals() {
                let value = reader.value();
                if challenges.is_empty() {
                    challenges.push(Self::default());
                }
                if let Some(challenge) = challenges.last_mut()
                    && challenge.parameters.len() < MOST
                {
                    challenge.has_commas |= comma && !challenge.parameters.is_empty();
                    challenge.parameters.push((word.to_lowercase(), value));
                }
                after_scheme = false;
            } else if after_scheme && !comma && reader.at_end_of_challenge() {
                // A single word behind a scheme is its token (`Negotiate YII…`), not another scheme.
                after_scheme = false;
            } else {
                challenges.push(Self { scheme: word.to_owned(), ..Self::default() });
                after_scheme = true;
            }
        }
        challenges
    }

    /// A parameter's value.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// `resource_id`: App 2's client ID, as Easy Auth shows it to anyone.
    #[must_use]
    pub fn resource_id(&self) -> Option<&str> {
        self.parameter("resource_id")
    }

    /// Whether this and another challenge name two apps: each is Easy Auth's in front of one of them.
    #[must_use]
    pub fn is_of_another_app(&self, other: &Self) -> bool {
        self.resource_id().zip(other.resource_id()).is_some_and(|(one, another)| !one.eq_ignore_ascii_case(another))
    }

    /// Whether it is a claims challenge: only a new token with the claims that it names satisfies it.
    #[must_use]
    pub fn wants_claims(&self) -> bool {
        self.parameter("error") == Some("insufficient_claims")
    }

    /// The tenant segment of `authorization_uri`; `common` has been seen from single-tenant apps, so it is a hint only.
    #[must_use]
    pub fn tenant_hint(&self) -> Option<String> {
        let url = url::Url::parse(self.parameter("authorization_uri")?).ok()?;
        let tenant = url.path_segments()?.next().filter(|segment| !segment.is_empty())?;
        Some(tenant.to_owned())
    }

    /// The error that it names, in as many words as it has.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.parameter("error_description").or(self.parameter("error"))
    }

    /// Whether it names an error: an application's own validator does, Easy Auth has not been seen to.
    #[must_use]
    pub fn names_error(&self) -> bool {
        self.parameter("error").is_some()
    }
}

/// The `Bearer` challenges of an answer. An app behind Easy Auth can add its own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bearers {
    /// The one that decides who answers: one that names an error, else Easy Auth's, else the first.
    pub deciding: Option<Challenge>,
    /// The one in Easy Auth's form: it names a client ID and no error, and doesn't separate its parameters by commas.
    /// Without its client ID where several challenges with different ones have this form.
    pub easy_auths: Option<Challenge>,
    /// The client IDs that it may name.
    pub ids: Vec<String>,
}

impl Bearers {
    /// Those in all values of the header.
    #[must_use]
    pub fn of<'a>(headers: impl IntoIterator<Item = &'a str>) -> Self {
        let is_bearer = |challenge: &Challenge| challenge.scheme.eq_ignore_ascii_case("bearer");
        let all: Vec<Challenge> = headers.into_iter().flat_map(Challenge::parse).filter(is_bearer).collect();
        let error = all.iter().position(Challenge::names_error);
        let mut named: Vec<&Challenge> =
            all.iter().filter(|it| !it.names_error() && it.resource_id().is_some()).collect();
        let same = |one: &Challenge, other: &Challenge| {
            one.resource_id().zip(other.resource_id()).is_some_and(|(one, other)| one.eq_ignore_ascii_case(other))
        };
        let is_alike = named.windows(2).all(|two| matches!(two, [one, other] if same(one, other)));
        if !is_alike && named.iter().any(|it| !it.has_commas) {
            named.retain(|it| !it.has_commas);
        }
        let mut ids: Vec<String> = named.iter().filter_map(|it| it.resource_id()).map(str::to_owned).collect();
        ids.dedup_by(|one, other| one.eq_ignore_ascii_case(other));
        let first = all.iter().find(|it| !it.names_error());
        let mut easy_auths = named.first().copied().or(first).cloned();
        if let (Some(challenge), 2..) = (&mut easy_auths, ids.len()) {
            challenge.parameters.retain(|(name, _)| name != "resource_id");
        }
        let deciding = error.and_then(|at| all.get(at).cloned()).or_else(|| easy_auths.clone());
        Self { deciding, easy_auths, ids }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip(&mut self, characters: usize) {
        self.at += self.rest().chars().take(characters).map(char::len_utf8).sum::<usize>();
    }

    fn take_while(&mut self, condition: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|character| !condition(character)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    /// Skips white space and commas; says whether there was a comma.
    fn skip_separators(&mut self) -> bool {
        self.take_while(is_separator).contains([',', ';'])
    }

    /// A scheme's or parameter's name.
    fn word(&mut self) -> &'a str {
        self.take_while(|character| !is_separator(character) && !matches!(character, '=' | '"'))
    }

    /// An equals sign, white space around it allowed.
    fn take_equals(&mut self) -> bool {
        let start = self.at;
        self.take_while(char::is_whitespace);
        if self.peek() == Some('=') {
            self.skip(1);
            true
        } else {
            self.at = start;
            false
        }
    }

    fn value(&mut self) -> String {
        let start = self.at;
        self.take_while(char::is_whitespace);
        match self.peek() {
            Some('"') => self.quoted(),
            Some('\'') => {
                self.skip(1);
                let value = self.take_while(|character| character != '\'');
                self.skip(1);
                value.to_owned()
            }
            _ if self.at > start => {
                // `name= next="…"`: white space ends an empty value.
                self.at = start;
                String::new()
            }
            _ => self.take_while(|character| !is_separator(character)).to_owned(),
        }
    }

    /// A text in double quotes, with `\` before a quote or a backslash.
    fn quoted(&mut self) -> String {
        let start = self.at;
        self.skip(1);
        let mut value = String::new();
        loop {
            value.push_str(self.take_while(|character| !matches!(character, '"' | '\\')));
            let Some(character) = self.peek() else { return value };
            self.skip(1);
            if character == '"' {
                self.reopen(start, &mut value);
                return value;
            }
            match self.peek() {
                Some(escaped @ ('"' | '\\')) => {
                    value.push(escaped);
                    self.skip(1);
                }
                _ => value.push('\\'),
            }
        }
    }

    /// A quote that closes directly before other text, after a text that ends with `name=`, is really the opening quote
    /// of the next value: the value's own closing quote is missing.
    fn reopen(&mut self, start: usize, value: &mut String) {
        let followed = self.peek().is_some_and(|next| !is_separator(next));
        if !followed || !value.ends_with('=') {
            return;
        }
        let Some(cut) = value.rfind(is_separator) else { return };
        value.truncate(cut);
        while value.ends_with(is_separator) {
            value.pop();
        }
        // An escape before the cut would shift this; there is none in text without quotes.
        self.at = self.text.floor_char_boundary(start + 1 + cut);
    }

    /// Whether nothing more of this challenge follows here.
    fn at_end_of_challenge(&self) -> bool {
        let next = self.rest().chars().find(|character| !character.is_whitespace());
        next.is_none_or(|character| matches!(character, ',' | ';'))
    }
}

fn is_separator(character: char) -> bool {
    character.is_whitespace() || matches!(character, ',' | ';')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
    const CLIENT: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

    #[test]
    fn every_captured_form_is_read() {
        let v1 = format!("https://login.windows.net/{TENANT}/oauth2/authorize");
        let v2 = format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/authorize");
        for uri in [&v1, &v2] {
            for separator in [" ", ", ", ",", " , "] {
                let header = format!(
                    "Bearer realm=\"app2.azurewebsites.net\"{separator}authorization_uri=\"{uri}\"{separator}\
                     resource_id=\"{CLIENT}\""
                );
                let challenges = Challenge::parse(&header);
                assert_eq!(challenges.len(), 1, "{header}");
                assert_eq!(challenges[0].scheme, "Bearer");
                assert_eq!(challenges[0].parameter("realm"), Some("app2.azurewebsites.net"));
                assert_eq!(challenges[0].resource_id(), Some(CLIENT), "{header}");
                assert_eq!(challenges[0].tenant_hint().as_deref(), Some(TENANT), "{header}");
                assert!(!challenges[0].names_error());
            }
        }
        let common = Challenge::parse(
            "Bearer realm=\"h\" authorization_uri=\"https://login.windows.net/common/oauth2/authorize\"",
        );
        assert_eq!(common[0].tenant_hint().as_deref(), Some("common"));
        let alone = Challenge::parse("Bearer realm=\"h\"");
        assert_eq!((alone[0].resource_id(), alone[0].tenant_hint()), (None, None));
        let scoped = Challenge::parse(
            "Bearer realm=\"h\" scope=\"api://x/user_impersonation\" \
             resource_metadata=\"https://h/.well-known/oauth-protected-resource\"",
        );
        assert_eq!(scoped[0].parameter("resource_metadata"), Some("https://h/.well-known/oauth-protected-resource"));
        assert!(Challenge::parse("").is_empty());
    }

    #[test]
    fn several_challenges_and_broken_quotes() {
        let several = Challenge::parse(
            "Negotiate, Basic realm=\"a\\\"b\", Bearer error=\"invalid_token\", error_description=\"The audience 'x' \
             is invalid\"",
        );
        let schemes: Vec<&str> = several.iter().map(|challenge| challenge.scheme.as_str()).collect();
        assert_eq!(schemes, ["Negotiate", "Basic", "Bearer"]);
        assert_eq!(several[1].parameter("realm"), Some("a\"b"));
        assert_eq!(several[2].parameter("error_description"), Some("The audience 'x' is invalid"));
        assert!(several[2].names_error());
        let token = Challenge::parse("Negotiate YIIabc, Bearer realm=x");
        assert_eq!(token.len(), 2);
        let unclosed = Challenge::parse("Bearer realm=\"h authorization_uri=\"https://l/t/x\" resource_id=\"r");
        assert_eq!(unclosed[0].parameter("realm"), Some("h"));
        assert_eq!(unclosed[0].parameter("authorization_uri"), Some("https://l/t/x"));
        assert_eq!(unclosed[0].resource_id(), Some("r"));
        let bare = Challenge::parse("bearer Realm=h, RESOURCE_ID=r");
        assert_eq!(bare[0].resource_id(), Some("r"), "{bare:?}");
        let arc = Challenge::parse("Basic realm=/var/opt/azcmagent/tokens/1.key");
        assert_eq!(arc[0].parameter("realm"), Some("/var/opt/azcmagent/tokens/1.key"));
        let bearers = Bearers::of(["Basic x=1", "BEARER y=2"]);
        assert_eq!(bearers.deciding.unwrap().parameter("y"), Some("2"));
    }

    proptest! {
        #[test]
        fn hostile_headers_end_and_never_panic(header in "[ -~\"=,\\\\é\u{0}\u{202e}]{0,300}") {
            prop_assert_eq!(Challenge::parse(&header), Challenge::parse(&header));
        }

        #[test]
        fn quoted_values_come_back(value in "[ -~]{0,40}") {
            let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
            let parsed = Challenge::parse(&format!("Bearer a=\"{quoted}\" b=\"x\""));
            prop_assert_eq!(parsed[0].parameter("a"), Some(value.as_str()));
        }
    }

    /// An app's own challenge beside Easy Auth's, in either order and within one header: the form decides, or nobody.
    #[test]
    fn of_several_challenges_easy_auths_is_known_by_its_form() {
        let own = format!("Bearer realm=\"h\" resource_id=\"{CLIENT}\"");
        let other = "Bearer realm=\"h\", resource_id=\"11f8fad5-0000-4469-a165-70867728950e\"";
        let spaced = other.replace(',', "");
        let error = "Bearer error=\"invalid_token\", error_description=\"expired\"";
        let named = |headers: &[&str]| {
            let bearers = Bearers::of(headers.iter().copied());
            let id = bearers.easy_auths.as_ref().and_then(|it| it.resource_id().map(str::to_owned));
            (id, bearers.ids.len(), bearers.deciding.is_some_and(|it| it.names_error()))
        };
        let sure = |error| (Some(CLIENT.to_owned()), 1, error);
        for headers in [[&own, other], [other, &own]] {
            assert_eq!(named(&headers), sure(false), "{headers:?}");
        }
        for headers in [[&own, error], [error, &own]] {
            assert_eq!(named(&headers), sure(true), "{headers:?}");
        }
        assert_eq!(named(&[&own, &own.to_uppercase().replace("BEARER", "bearer")]), sure(false));
        assert_eq!(named(&[&own, &spaced]), (None, 2, false));
        assert_eq!(named(&[&format!("{spaced}, {own}")]), (None, 2, false));
        assert_eq!(named(&[&format!("Basic realm=\"x\", {own}")]), sure(false));
        assert_eq!(named(&[error]), (None, 0, true));
        assert_eq!(named(&["Basic realm=\"x\""]), (None, 0, false));
    }
}
