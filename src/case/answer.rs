//! What an answer is by its own headers and body, whoever gave it, and how it is quoted in short.

use super::challenge::Challenge;
use super::exchange::{Answer, MIDDLEWARE_ID};
use super::secret::HIDDEN_NUMBER;
use super::shown::quote;
use super::target_names;
use super::text::shortened;

/// The sub-statuses of Easy Auth's module for IIS, of which IIS itself gives none.
const SUB_STATUSES: [&str; 5] = ["401.71", "401.73", "401.78", "401.83", "403.60"];

/// A scheme of authorization other than Bearer that a 401 asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherScheme {
    /// Its name, such as `Basic`.
    pub scheme: String,
    /// What it protects.
    pub realm: Option<String>,
    /// The header of its own that it reads a key from, where the challenge names one.
    pub header: Option<String>,
}

#[cfg(test)]
impl Answer {
    /// An answer for tests: this status and body, and no headers.
    pub(crate) fn saying(status: u16, body: &str) -> Self {
        Self { status, body: body.to_owned(), body_length: body.len() as u64, ..Self::default() }
    }
}

impl Answer {
    /// Whether its status is a success: 304 is the one of a conditional request.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299 | 304)
    }

    /// Whether it says that it is a web page.
    #[must_use]
    pub fn is_html(&self) -> bool {
        self.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("text/html"))
    }

    /// Whether it is a web page, also where only its body shows it.
    #[must_use]
    pub fn is_page(&self) -> bool {
        let kind = self.header("content-type");
        let is_typed = kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/html"));
        let start: String = self.body.trim_start().chars().take(9).collect();
        let start = start.to_ascii_lowercase();
        is_typed && !self.body.trim().is_empty() || start.starts_with("<!doctype") || start.starts_with("<html")
    }

    /// Whether it is a page with a good status.
    #[must_use]
    pub fn is_good_page(&self) -> bool {
        self.is_html() && (200..300).contains(&self.status)
    }

    /// Whether it is JSON that names an error as identity endpoints and Microsoft Entra ID do: by a code, or with a
    /// description. Frameworks put the status's reason there.
    #[must_use]
    pub fn names_an_error(&self) -> bool {
        let text = |value: Option<&serde_json::Value>| value.is_some_and(|value| value.is_string());
        self.json().is_some_and(|json| {
            text(json.get("error").and_then(|error| error.get("code"))) || text(json.get("error_description"))
        })
    }

    /// Whether it has passed Easy Auth's middleware on Linux, so that it was written at App 2, whatever it quotes.
    #[must_use]
    pub fn passed_the_middleware(&self) -> bool {
        self.header(MIDDLEWARE_ID).is_some()
    }

    /// The title of the page that it is.
    #[must_use]
    pub fn title(&self) -> Option<String> {
        quote::title(&self.body)
    }

    /// Whether it is a 401 with Easy Auth's own body: the status, and the sentence of its validator
    /// (MicrosoftDocs/azure-docs#76111).
    #[must_use]
    pub fn has_easy_auths_sentence(&self) -> bool {
        let json = self.json().and_then(serde_json::Value::as_object).filter(|json| json.len() == 2);
        let json = json.filter(|json| json.get("code") == Some(&401.into()));
        let message = json.and_then(|json| json.get("message")?.as_str());
        let is_marked = self.status == 401 && self.passed_the_middleware();
        is_marked && message.is_some_and(|message| message.starts_with("IDX"))
    }

    /// Whether it is in Easy Auth's own words: its validator's sentence, or a page with a sub-status of its module.
    #[must_use]
    pub fn is_in_easy_auths_words(&self) -> bool {
        self.has_easy_auths_sentence() || self.easy_auth_sub_status().is_some()
    }

    /// The sub-status that IIS or ASP.NET puts into its own page, such as `401.2`: in its title, or where a part of the
    /// page begins. A page or an object that quotes one is another's.
    #[must_use]
    pub fn sub_status(&self) -> Option<&str> {
        let status = format!("{}.", self.status);
        let page = Some(self.body.as_str()).filter(|body| body.contains(&status) && self.json().is_none())?;
        page.split(['<', '>']).map(str::trim_start).find_map(|text| {
            let of_title = || text.strip_prefix("IIS ")?.split_once("Detailed Error - ").map(|(_, rest)| rest);
            let named = ["HTTP Error ", "Error message "].into_iter().find_map(|name| text.strip_prefix(name));
            let rest = named.or_else(of_title).unwrap_or(text);
            let digits = rest.strip_prefix(&status)?;
            let length = digits.find(|character: char| !character.is_ascii_digit())?;
            let after = digits.get(length..)?;
            let is_marked = length > 0 && (after.starts_with(" - ") || after.starts_with(".:"));
            is_marked.then(|| rest.get(..status.len().saturating_add(length)))?
        })
    }

    /// The sub-status of Easy Auth's module in IIS's own page (cgillum/easyauth, wiki HTTP-Status-Codes;
    /// vmurin/react-native-azure-auth#61).
    #[must_use]
    pub fn easy_auth_sub_status(&self) -> Option<&'static str> {
        let found = self.sub_status()?;
        SUB_STATUSES.into_iter().find(|number| *number == found)
    }

    /// Whether it is a page with a good status that asks for a password.
    #[must_use]
    pub fn asks_for_password(&self) -> bool {
        self.is_good_page() && {
            let body = self.body.to_ascii_lowercase();
            ["type=\"password\"", "type='password'", "type=password"].iter().any(|mark| body.contains(mark))
        }
    }

    /// Whether the body has a sentence, and no part of the page begins with it, except for the status and words such
    /// as "Error" and "Forbidden:".
    #[must_use]
    pub fn only_quotes(&self, sentence: &str) -> bool {
        let (body, sentence) = (self.body.to_ascii_lowercase(), sentence.to_ascii_lowercase());
        let is_beginning = |at: usize| {
            let before = body.get(..at).and_then(|before| before.rsplit('>').next()).unwrap_or_default();
            let is_usual =
                |word: &str| word.parse::<u16>().is_ok() || ["error", "-", "forbidden:", "this"].contains(&word);
            before.split_whitespace().all(is_usual)
        };
        body.contains(&sentence) && !body.match_indices(&sentence).any(|(at, _)| is_beginning(at))
    }

    /// Whether a header shows that a proxy was between.
    #[must_use]
    pub fn names_a_proxy(&self) -> bool {
        let names = ["proxy-agent", "proxy-authenticate", "x-squid-error", "via"];
        names.iter().any(|name| self.header(name).is_some())
    }

    /// Whether it is a redirect to a sign-in page: Easy Auth's own login address or an authority's authorize address.
    #[must_use]
    pub fn is_login_redirect(&self) -> bool {
        self.is_redirect() && self.header("location").is_some_and(target_names::is_login_address)
    }

    /// Whether it has a token: a text that isn't empty, under one of its two names.
    #[must_use]
    pub fn has_token(&self) -> bool {
        let names = ["access_token", "accessToken"];
        match self.json() {
            Some(json) => {
                let mut tokens = names.iter().filter_map(|name| json.get(name)?.as_str());
                tokens.any(|token| !token.is_empty() && token != HIDDEN_NUMBER)
            }
            // What was cut off can't be read as JSON.
            None => self.truncated && names.iter().any(|name| self.body.contains(&format!("\"{name}\""))),
        }
    }

    /// Whether it says the same as another one: they differ at most in IDs, times, and other numbers.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        let lasting = |text: &str| {
            let words = text.split(|character: char| !character.is_alphanumeric());
            let words = words.filter(|word| !word.contains(|character: char| character.is_ascii_digit()));
            words.map(str::to_owned).collect::<Vec<_>>()
        };
        let said = |answer: &Self| {
            let challenges = answer.headers_named("www-authenticate").map(lasting);
            (challenges.collect::<Vec<_>>(), lasting(&answer.body))
        };
        self.status == other.status && said(self) == said(other)
    }

    /// The words of its body without numbers and the pieces of GUIDs.
    #[must_use]
    pub fn body_without_ids(&self) -> String {
        let is_hex = |word: &str| word.chars().all(|character| character.is_ascii_hexdigit());
        let is_id = |word: &str| {
            word.contains(|character: char| character.is_ascii_digit())
                || matches!(word.len(), 4 | 8 | 12) && is_hex(word)
        };
        self.body.split(|character: char| !character.is_alphanumeric()).filter(|word| !is_id(word)).collect()
    }

    /// The other scheme that it asks for as a 401, where it does not ask for a bearer token as well.
    #[must_use]
    pub fn other_scheme(&self) -> Option<OtherScheme> {
        if self.status != 401 || self.bearer().is_some() {
            return None;
        }
        let mut challenges = self.headers_named("www-authenticate").flat_map(Challenge::parse);
        let is_name = |scheme: &str| scheme.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
        // By other names, these take the token as well.
        let takes_tokens =
            |scheme: &str| ["", "bearer", "jwt", "token"].contains(&scheme.to_ascii_lowercase().as_str());
        let other = challenges.find(|challenge| is_name(&challenge.scheme) && !takes_tokens(&challenge.scheme))?;
        let [realm, header] = ["realm", "header"].map(|name| other.parameter(name).map(|value| self.quote(value)));
        Some(OtherScheme { scheme: shortened(&self.quote(&other.scheme), 40), realm, header })
    }

    /// The member `message` of its body, where that is an object.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.json()?.get("message")?.as_str()
    }

    /// The header for a key that its challenge names, as it may be quoted.
    #[must_use]
    pub fn header_of_key(&self) -> Option<String> {
        let mut challenges = self.headers_named("www-authenticate");
        let named = challenges.find_map(|challenge| challenge.split("name=\"").nth(1)?.split('"').next())?;
        Some(self.quote(named))
    }

    /// The header by which it comes from a cache.
    #[must_use]
    pub fn cache(&self) -> Option<String> {
        let is_hit = |name: &str, value: &str| match name {
            "age" => value.trim().parse::<u64>().is_ok_and(|age| age > 0),
            _ => value.to_ascii_lowercase().contains("hit"),
        };
        let mut headers = ["x-cache", "age"].into_iter().filter_map(|name| Some((name, self.header(name)?)));
        let (name, value) = headers.find(|(name, value)| is_hit(name, value))?;
        Some(format!("{name}: {}", shortened(&self.quote(value), 40)))
    }

    /// The error that its challenge names, and the scope that it requires, as a quotation within a sentence.
    #[must_use]
    pub fn error(&self) -> Option<String> {
        let challenge = self.bearer()?;
        let error = self.quote(challenge.error()?).trim_end_matches('.').to_owned();
        let scope = challenge.parameter("scope").map(|scope| self.quote(scope));
        Some(
            scope
                .filter(|scope| !error.contains(scope))
                .map_or_else(|| error.clone(), |it| format!("{error} (scope {it})")),
        )
    }

    /// The challenges of a refusal that is neither Easy Auth's, which names App 2's client ID, nor names an error.
    fn other_challenges(&self) -> Option<String> {
        const LONGEST: usize = 120;
        let is_known = |it: &Challenge| it.names_error() || it.resource_id().is_some() || it.parameters.is_empty();
        let all: Vec<&str> = self.headers_named("www-authenticate").collect();
        let is_other = all.len() > 1 || self.bearer().is_none_or(|it| !is_known(it));
        let text = shortened(&self.quote(&all.join(", ")), LONGEST);
        (matches!(self.status, 401 | 403) && is_other && !text.is_empty()).then_some(text)
    }

    /// What it says of its own, as it may be quoted: the error of its challenge, else its body.
    #[must_use]
    pub fn words(&self) -> Option<String> {
        let of_challenge = self.bearer().and_then(Challenge::error).map(|error| self.quote(error));
        let said = of_challenge.unwrap_or_else(|| self.excerpt());
        let said = shortened(said.trim().trim_end_matches('.'), 140);
        Some(said).filter(|said| !said.is_empty())
    }

    /// Whether its body says nothing: it is empty, or only has the reason phrase of the status.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        [self.reason.as_deref().unwrap_or_default(), ""].contains(&self.body.trim())
    }

    /// The size and kind of a body of which nothing can be quoted, such as one that is only a long run of characters.
    #[must_use]
    pub fn unquoted(&self) -> Option<String> {
        let is_said = self.words().is_some();
        (!is_said && self.body_length > 0).then(|| self.size())
    }

    /// The size and kind of its body: `58 bytes of text/html`.
    #[must_use]
    pub fn size(&self) -> String {
        // Its parameters, such as the character set, say nothing here.
        let kind = self.header("content-type").and_then(|kind| kind.split(';').next()).map(str::trim);
        let kind = kind.filter(|kind| !kind.is_empty()).map(|kind| shortened(&self.quote(kind), 40));
        let kind = kind.map(|kind| format!(" of {kind}")).unwrap_or_default();
        let plural = if self.body_length == 1 { "" } else { "s" };
        format!("{} byte{plural}{kind}", self.body_length)
    }

    /// What the body says, or its size where nothing of it may be quoted.
    #[must_use]
    pub fn said_or_size(&self) -> String {
        let said = self.excerpt();
        if said.is_empty() && self.body_length > 0 { self.size() } else { said }
    }

    /// The answer in short: `401 Unauthorized, 58 bytes of text/html`.
    #[must_use]
    pub fn brief(&self) -> String {
        let reason = self.reason.as_deref().filter(|reason| !reason.is_empty());
        let reason = reason.map(|reason| format!(" {}", self.quote(reason))).unwrap_or_default();
        let body = match self.body_length {
            0 => "empty body".to_owned(),
            _ => self.size(),
        };
        format!("{}{reason}, {body}", self.status)
    }

    /// The answer in short, and the error that its challenge names.
    #[must_use]
    pub fn brief_with_error(&self) -> String {
        let error = self.bearer().filter(|it| it.names_error()).and_then(|_| self.error());
        let brief = self.brief();
        match (error, self.other_challenges()) {
            (Some(error), _) => format!("{brief}, error=\"{error}\""),
            (None, Some(challenges)) => format!("{brief}, WWW-Authenticate: {challenges}"),
            (None, None) => brief,
        }
    }
}
