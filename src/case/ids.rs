//! The nouns of Entra as types, so that one cannot be passed for another.
//!
//! Every such type, here and in [`super::resource_id`], [`super::issuer`], and [`super::audience`], contains **the
//! text as
//! it was observed**, whatever it is: a claim or a setting may contain garbage, and a report must be able to quote it.
//! It
//! serializes as that text. What the text means is asked for where it is needed, and answered with an `Option`. Two of
//! a kind are compared with `matches`, which ignores case, as Entra and Azure Resource Manager do; `==` compares the
//! texts.

/// Defines a type over a text from outside, see the module's documentation.
macro_rules! observed_text {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, Hash, ::serde::Serialize, ::serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes a text as it was observed.
            #[must_use]
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text as it was observed.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Whether a list has it, in any case.
            #[must_use]
            pub fn is_in(&self, list: &[Self]) -> bool {
                list.iter().any(|entry| entry.matches(self))
            }

            /// Whether both are the same but for case.
            #[must_use]
            pub fn matches(&self, other: &Self) -> bool {
                self.0.eq_ignore_ascii_case(&other.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

pub(super) use observed_text;

use super::text::is_deceptive;

/// Defines a type over the text of an ID that Entra gives out as a GUID.
macro_rules! observed_id {
    ($(#[$meta:meta])* $name:ident) => {
        observed_text! {
            $(#[$meta])*
            $name
        }

        impl $name {
            /// Whether it is a GUID, as every ID of Entra is.
            #[must_use]
            pub fn is_guid(&self) -> bool {
                is_guid(&self.0)
            }
        }
    };
}

observed_id! {
    /// The client ID of an application (application ID, `appId`): what `aud`, `appid`, `azp`, `allowedApplications`,
    /// and `AZURE_CLIENT_ID` contain. One registration has one client ID, in every tenant.
    ///
    /// Source: "Application and service principal objects in Microsoft Entra ID" (Microsoft Learn).
    ClientId
}

observed_id! {
    /// The object ID of a service principal, a user, or a group (principal ID): what `oid`, `groups`, and
    /// `allowedPrincipals` contain. A service principal has another object ID in every tenant, and none is its client
    /// ID.
    ///
    /// Source: "Application and service principal objects in Microsoft Entra ID" (Microsoft Learn).
    ObjectId
}

observed_id! {
    /// A tenant: its ID, as in `tid`, or one of its domains, where a person may give either.
    TenantId
}

impl TenantId {
    /// Whether it is a word of the authority for sign-ins of users of any tenant. An application gets no token of its
    /// own there.
    #[must_use]
    pub fn is_of_nobody(&self) -> bool {
        ["common", "organizations", "consumers"].contains(&self.as_str())
    }
}

/// A sentence names so many texts of a list.
const NAMED: usize = 20;

/// The texts of a list, as a sentence has them: of a long one the first, and how many there are beside.
#[must_use]
pub fn joined(list: &[impl AsRef<str>]) -> String {
    let shown = |text: &str| {
        if text.is_empty() { "\"\"".to_owned() } else { text.to_owned() }
    };
    let mut texts: Vec<String> = list.iter().take(NAMED).map(|text| shown(text.as_ref())).collect();
    if let Some(more) = list.len().checked_sub(NAMED).filter(|more| *more > 0) {
        texts.push(format!("and {more} more"));
    }
    texts.join(", ")
}

/// Whether a text begins like an ARM resource ID, where a GUID is wanted.
#[must_use]
pub fn reads_as_resource_id(text: &str) -> bool {
    text.trim_start().to_ascii_lowercase().starts_with("/subscriptions/")
}

/// A text without white space and invisible characters, such as a byte order mark, around it.
#[must_use]
pub fn bare(text: &str) -> &str {
    text.trim_matches(|character: char| character.is_whitespace() || is_deceptive(character))
}

/// A name as it is: a v1 token for `spn:<id>` keeps that in its audience.
#[must_use]
pub fn without_spn(name: &str) -> &str {
    name.strip_prefix("spn:").unwrap_or(name)
}

/// Whether a text is a GUID in its usual form.
#[must_use]
pub fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// The GUID within braces, parentheses, or quotation marks, as some tools print it; `None` where the text is anything
/// else.
#[must_use]
pub fn wrapped_guid(text: &str) -> Option<&str> {
    let text = text.trim();
    [('{', '}'), ('(', ')'), ('"', '"'), ('\'', '\'')]
        .into_iter()
        .find_map(|(open, close)| text.strip_prefix(open)?.strip_suffix(close))
        .filter(|inner| is_guid(inner))
}

/// What a setting has instead of the value that App Service or a pipeline was to put there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unresolved {
    /// A reference to Key Vault or App Configuration. App Service hands it to the app as it is where it can't read it.
    Reference,
    /// A variable of a pipeline, a template, or a shell.
    Variable,
    /// The words of an example.
    Placeholder,
}

impl Unresolved {
    /// What a text is, if it is no value. Sources: "Use Key Vault references as app settings", "Use App Configuration
    /// references".
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let text = text.trim().trim_matches(['"', '\'']).to_ascii_lowercase();
        if ["@microsoft.keyvault(", "@microsoft.appconfiguration("].iter().any(|start| text.starts_with(start)) {
            return Some(Self::Reference);
        }
        let is_variable = [("$(", ")"), ("${", "}"), ("{{", "}}"), ("#{", "}"), ("#{", "}#")]
            .iter()
            .any(|(open, close)| text.starts_with(open) && text.ends_with(close));
        let is_example = || is_placeholder(&text) || text.starts_with('<') && text.ends_with('>');
        if is_variable { Some(Self::Variable) } else { is_example().then_some(Self::Placeholder) }
    }

    /// What is said of a setting that has it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Reference => "a Key Vault or App Configuration reference that wasn't resolved",
            Self::Variable => "a variable that wasn't replaced",
            Self::Placeholder => "a placeholder",
        }
    }
}

/// The values in an entry of a list that holds several in one text, or one beside what is none of it: GUIDs or URIs
/// between commas, semicolons, or spaces, in braces or quotation marks, or with invisible characters. An entry of any
/// other form is one value.
#[must_use]
pub fn values_in(entry: &str) -> Vec<&str> {
    let of_part = |part| wrapped_guid(bare(part)).unwrap_or(bare(part));
    let parts: Vec<&str> = entry.split([',', ';', ' ']).map(of_part).filter(|part| !part.is_empty()).collect();
    let is_value = |part: &&str| is_guid(part) || part.contains("://");
    match wrapped_guid(entry) {
        Some(inner) => vec![inner],
        None if !parts.is_empty() && parts.iter().all(is_value) => parts,
        None => vec![entry],
    }
}

/// The GUIDs in a text, whatever is between them; the text itself, where it has none.
#[must_use]
pub fn guids_in(text: &str) -> Vec<&str> {
    let ids: Vec<&str> =
        text.split(|it: char| !it.is_ascii_hexdigit() && it != '-').filter(|part| is_guid(part)).collect();
    if ids.is_empty() { vec![text] } else { ids }
}

/// Whether a text only holds the place of an ID: a GUID of one letter or digit, a name in brackets, a variable that was
/// not replaced, or the words of examples.
#[must_use]
pub fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    let plain: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = plain.to_ascii_lowercase();
    let parts: Vec<usize> = text.split('-').map(str::len).collect();
    let is_one_letter = parts == [8, 4, 4, 4, 12] && plain.chars().all(|letter| plain.starts_with(letter));
    let brackets = [
        ("<", ">"),
        ("{{", "}}"),
        ("${", "}"),
        ("$(", ")"),
        ("#{", "}"),
        ("__", "__"),
        ("%", "%"),
        ("@Microsoft.", ")"),
    ];
    let is_enclosed = brackets.into_iter().any(|(open, close)| {
        let inner = text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
        inner.is_some_and(|inner| inner.contains(|letter: char| letter.is_ascii_alphabetic()) && !is_guid(inner))
    });
    let is_name = |name: &str| {
        ["clientid", "appid", "applicationid", "tenantid", "guid", "uuid", "id", "clientsecret", "secret", "password"]
            .contains(&name)
    };
    let of_examples = ["your", "my", "the", "insert", "enter", "replace", "replacewith", "replacewithyour", "some"];
    let is_example = of_examples.iter().any(|word| plain.strip_prefix(word).is_some_and(is_name))
        || is_name(&plain)
        || ["placeholder", "changeme", "replaceme", "todo", "tbd"].contains(&plain.as_str());
    is_one_letter || is_enclosed || is_example
}

/// Whether a text has a place anywhere into which another tool was to put a value: a template engine, a pipeline, a
/// shell, Terraform, Bicep, or the reader of an example. A path may have such signs of its own.
#[must_use]
pub fn has_placeholder(text: &str) -> bool {
    const MARKS: [(&str, &str); 8] =
        [("$", ""), ("{", "}"), ("#{", "}"), ("<", ">"), ("__", "__"), ("%", "%"), ("@", ")"), ("***", "")];
    let text = text.trim();
    let is_name = |inner: &str| {
        inner.contains(|it: char| it.is_ascii_alphabetic()) && wrapped_guid(inner).is_none() && !is_guid(inner.trim())
    };
    let is_escaped = |inner: &str| inner.len() < 3 || inner.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
    let has = |(open, close): (&str, &str)| {
        text.match_indices(open).filter_map(|(at, _)| text.get(at..)?.strip_prefix(open)).any(|rest| {
            match (open, close) {
                ("***", _) => true,
                ("$", _) => {
                    rest.starts_with(|it: char| it.is_ascii_alphabetic() || matches!(it, '_' | '{' | '(' | '['))
                }
                _ => rest
                    .split_once(close)
                    .is_some_and(|(inner, _)| is_name(inner) && !(open == "%" && is_escaped(inner))),
            }
        })
    };
    let is_reference =
        ["var.", "local.", "data.", "module.", "(known after", "(sensitive"].iter().any(|it| text.starts_with(it));
    let is_path = text.starts_with('/') && !reads_as_resource_id(text);
    !is_path && (MARKS.into_iter().any(has) || is_reference || !is_guid(text) && is_placeholder(text))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GUID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

    #[test]
    fn an_id_may_be_any_text_and_says_whether_it_is_one() {
        let id = ClientId::new(GUID);
        assert!(id.is_guid() && id.matches(&ClientId::new(GUID.to_uppercase())));
        assert_ne!(id, ClientId::new(GUID.to_uppercase()));
        let braces = format!("{{{GUID}}}");
        for other in ["", "contoso.onmicrosoft.com", GUID.trim_end_matches('e'), &braces, &GUID.replace('-', "")] {
            assert!(!TenantId::new(other).is_guid(), "{other}");
        }
        assert_eq!(wrapped_guid(&format!(" {braces} ")), Some(GUID));
        assert_eq!(wrapped_guid(&format!("'{GUID}'")), Some(GUID));
        for other in [GUID, &format!("{{{GUID}"), &format!("{{{GUID})"), &format!("{{{braces}}}"), "{}"] {
            assert_eq!(wrapped_guid(other), None, "{other}");
        }
    }

    #[test]
    fn a_placeholder_is_told_by_its_form() {
        for placeholder in [
            "<your-client-id>",
            "00000000-0000-0000-0000-000000000000",
            "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
            "XXXXXXXX-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
            "YOUR_CLIENT_ID",
            "your-tenant-id",
            "PLACEHOLDER",
            " changeme ",
            "$(AZURE_CLIENT_ID)",
            "${AZURE_CLIENT_ID}",
            "{{ client_id }}",
            "#{ClientId}#".trim_end_matches('#'),
            "__CLIENT_ID__",
            "%AZURE_CLIENT_ID%",
            "client-id",
        ] {
            assert!(is_placeholder(placeholder), "{placeholder}");
        }
        for id in [
            GUID,
            &format!("<{GUID}>"),
            "",
            "contoso.onmicrosoft.com",
            "common",
            "mycontoso.com",
            "{}",
            "00000000",
            "my-app",
        ] {
            assert!(!is_placeholder(id), "{id}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_printed_and_saved_as_it_is(text in any::<String>()) {
            let id = ObjectId::new(text.clone());
            prop_assert_eq!(id.to_string(), text.clone());
            prop_assert_eq!(serde_json::to_value(&id).unwrap(), serde_json::Value::from(text.clone()));
            prop_assert_eq!(serde_json::from_value::<ObjectId>(text.into()).unwrap(), id);
        }
    }
}
