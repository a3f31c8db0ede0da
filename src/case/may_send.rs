//! Whether a token may go to App 2. One function decides for every request that would carry a real token to the target.
//!
//! | the token | the answer |
//! |---|---|
//! | cannot be read, was not issued by Entra, is an ID token, has no audience | never, whatever the user says |
//! | for a Microsoft API | only with `--send-token-for` and exactly this audience |
//! | its audience is named by `--resource`, Azure Resource Manager, App 2's environment, its registration | yes |
//! | it was obtained by asking for a name of these | yes, unless it names another client ID |
//! | the settings that name it have another client ID than App 2's own answer | no, until `--resource` decides |
//! | its audience is only by App 2's answer, a settings file, or the target's host | yes, unless contradicted |
//! | its audience is App 1's own client ID or the tenant's ID, and only App 2's answer names it | no |
//! | its audience is named by nobody | no |

mod issuer;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::auth_settings::SettingsReading;
use super::exchange::Exchange;
use super::inputs::Inputs;
use super::registration::Registration;
use super::resource::relation::{Relation, is_client_id, relation};
use super::resource::{ChosenResource, is_guid, well_known, without_spn};
use super::target_names::{self, Name, Voice};
use super::text::{shortened, visible};
use super::token::DecodedToken;

pub use issuer::{Foreign, foreign};

/// More audiences than this in one token are not looked at one by one.
const MOST_AUDIENCES: usize = 20;

/// What is known of App 2's names when a token is about to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Confirmations {
    /// The authority in use: tokens that it issued are Entra's, too.
    pub authority: String,
    /// The name for which this run asked for the token; `None` for a token given by hand.
    pub asked: Option<Name>,
    /// App 2's names, each with who says so.
    pub names: Vec<Name>,
    /// The audience of `--send-token-for`.
    pub exception: Option<String>,
    /// Those who confirm nothing: settings with another client ID than the one that App 2 answers with.
    pub doubted: Vec<Voice>,
}

/// Where [`Confirmations`] come from.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// What the user asked for.
    pub inputs: &'a Inputs,
    /// App 2's settings, from every source that was read.
    pub settings: &'a [&'a SettingsReading],
    /// App 2's answers.
    pub exchanges: &'a [&'a Exchange],
    /// App 2's registration.
    pub registration: Option<&'a Registration>,
}

impl Confirmations {
    /// What is known of App 2's names. `asked` is the resource for which this run asked for the token.
    #[must_use]
    pub fn of(known: Known<'_>, authority: &str, asked: Option<&ChosenResource>) -> Self {
        let mut names: Vec<Name> = target_names::in_inputs(known.inputs).collect();
        names.extend(known.settings.iter().copied().flat_map(target_names::in_settings));
        // Easy Auth names the client ID; whatever else an answer names could be anybody's.
        let answered = known.exchanges.iter().copied().flat_map(target_names::in_exchange);
        names.extend(answered.filter(|name| is_client_id(&name.value)));
        let answered = target_names::answered(known.exchanges.iter().copied());
        let is_doubted = |reading: &&SettingsReading| target_names::is_of_another_app(reading, answered.as_ref());
        let doubted: Vec<Voice> = (known.settings.iter().copied().filter(is_doubted))
            .filter_map(|reading| Some(target_names::in_settings(reading).next()?.by))
            .collect();
        // Graph shows whatever application it is asked for: it is App 2's where its client ID is known to be.
        let of_app_2 = |id: &str| {
            let mut sure = names.iter().filter(|name| name.by.confirms() && !doubted.contains(&name.by));
            sure.any(|name| relation(&name.value, id, None) == Relation::Same)
        };
        if let Some(registration) = known.registration
            && registration.client_id.as_ref().is_some_and(|id| of_app_2(id.as_str()))
        {
            names.extend(target_names::in_registration(registration));
        }
        let asked = asked.map(|asked| Name { by: voice_of(asked, &names), value: asked.value.clone() });
        let exception = known.inputs.send_token_for.clone();
        Self { authority: authority.to_owned(), asked, names, exception, doubted }
    }

    fn confirms(&self, by: Voice) -> bool {
        by.confirms() && !self.doubted.contains(&by)
    }
}

/// Who named the resource that was asked for: the most reliable of those that name it and match its source.
fn voice_of(asked: &ChosenResource, names: &[Name]) -> Voice {
    let of_source = |by: &Voice| by.resource_source() == asked.source;
    let named = names.iter().filter(|name| relation(&name.value, &asked.value, None) == Relation::Same);
    let voices = named.map(|name| name.by).filter(of_source);
    voices.min().unwrap_or(match asked.source {
        super::resource::ResourceSource::Option => Voice::Option,
        super::resource::ResourceSource::Environment => Voice::Environment,
        super::resource::ResourceSource::Registration => Voice::Registration,
        super::resource::ResourceSource::Settings => Voice::SettingsFile,
        super::resource::ResourceSource::Challenge => Voice::Challenge,
        super::resource::ResourceSource::Metadata => Voice::Metadata,
        super::resource::ResourceSource::Host => Voice::Host,
    })
}

/// Why a token may be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "because")]
pub enum Permission {
    /// Its audience is App 2's, by a source that App 2 cannot have made up.
    Confirmed {
        /// The audience.
        audience: String,
        /// Who says so.
        by: Voice,
    },
    /// Its audience is App 2's only by App 2's own word, a settings file, or its host name.
    Claimed {
        /// The audience.
        audience: String,
        /// Who says so, the most reliable first.
        by: Vec<Voice>,
    },
    /// The user requests it: `--send-token-for`.
    Exception {
        /// The audience.
        audience: String,
    },
}

/// Why a token is not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "because")]
pub enum Refusal {
    /// It cannot be read.
    Unreadable,
    /// Entra did not issue it.
    NotFromEntra {
        /// What shows it.
        foreign: Foreign,
    },
    /// It names no calling application: an ID token.
    NotAnAccessToken,
    /// Its audience is missing, empty, or no text.
    NoAudience,
    /// It is for a Microsoft API.
    KnownApi {
        /// The audience.
        audience: String,
        /// The API.
        api: String,
    },
    /// Somebody names another app, and nobody confirms this one.
    Contradicted {
        /// The audience.
        audience: String,
        /// The other app's name, and who says that it is App 2's.
        otherwise: Name,
        /// Who names this audience anyway, without being able to confirm it.
        named_by: Vec<Voice>,
    },
    /// Nobody names its audience.
    Unnamed {
        /// The audience.
        audience: String,
    },
    /// `--send-token-for` names another audience.
    OtherThanException {
        /// The token's audience.
        audience: String,
        /// The audience of the option.
        exception: String,
        /// Whether the token would be sent without the option.
        #[serde(default)]
        permitted: bool,
    },
}

/// What was decided about the token for App 2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// It may go to App 2.
    Sent(Permission),
    /// It stays here.
    Withheld(Refusal),
}

/// Whether a token may go to App 2, and why.
///
/// # Errors
/// Why it may not.
pub fn may_send(token: &DecodedToken, known: &Confirmations) -> Result<Permission, Refusal> {
    if token.unreadable || token.claims.is_empty() {
        return Err(Refusal::Unreadable);
    }
    if let Some(foreign) = foreign(token, &known.authority) {
        return Err(Refusal::NotFromEntra { foreign });
    }
    if !names_a_caller(token) {
        return Err(Refusal::NotAnAccessToken);
    }
    let audiences = audiences(token).ok_or(Refusal::NoAudience)?;
    let Some(exception) = &known.exception else {
        return permitted_all(&audiences, token, known);
    };
    if audiences.as_slice() == [exception.as_str()] {
        return Ok(Permission::Exception { audience: exception.clone() });
    }
    Err(Refusal::OtherThanException {
        audience: audiences.join(", "),
        exception: exception.clone(),
        permitted: permitted_all(&audiences, token, known).is_ok(),
    })
}

/// Whether a token with all these audiences may be sent.
fn permitted_all(audiences: &[&str], token: &DecodedToken, known: &Confirmations) -> Result<Permission, Refusal> {
    let mut weakest: Option<Permission> = None;
    for audience in audiences {
        let permission = permitted(audience, token, known)?;
        if !matches!(weakest, Some(Permission::Claimed { .. })) {
            weakest = Some(permission);
        }
    }
    weakest.ok_or(Refusal::NoAudience)
}

/// Whether a token is one for APIs: it names the calling application (`appid` of v1, `azp` of v2), or a user's scopes.
///
/// Source: "Access token claims reference" and "ID token claims reference" of Microsoft Learn.
#[must_use]
pub fn names_a_caller(token: &DecodedToken) -> bool {
    let text = |name: &str| token.text(name).is_some_and(|text| !text.is_empty());
    text("appid") || text("azp") || text("scp")
}

/// The token's audiences; `None` where it has none that can be judged. All claims of that name count: readers disagree
/// about one that comes twice.
fn audiences(token: &DecodedToken) -> Option<Vec<&str>> {
    let mut audiences = Vec::new();
    for (_, value) in token.claims.iter().filter(|(name, _)| name == "aud") {
        match value {
            Value::String(text) => audiences.push(text.as_str()),
            Value::Array(items) => {
                for item in items {
                    audiences.push(item.as_str()?);
                }
            }
            _ => return None,
        }
    }
    let judged = !audiences.is_empty() && audiences.len() <= MOST_AUDIENCES;
    (judged && audiences.iter().all(|audience| !audience.trim().is_empty())).then_some(audiences)
}

/// Whether a token with this one audience may be sent.
fn permitted(audience: &str, token: &DecodedToken, known: &Confirmations) -> Result<Permission, Refusal> {
    let tenant = token.text("tid");
    if let Some(api) = well_known::api(audience) {
        return Err(Refusal::KnownApi { audience: audience.to_owned(), api: api.to_owned() });
    }
    let to_audience = |name: &Name| relation(&name.value, audience, tenant);
    let confirmed = |by| Permission::Confirmed { audience: audience.to_owned(), by };
    let mut voices: Vec<Voice> = known
        .names
        .iter()
        .chain(&known.asked)
        .filter(|name| to_audience(name) == Relation::Same)
        .map(|name| name.by)
        .chain(is_the_host(audience, known).then_some(Voice::Host))
        .collect();
    crate::sort::all(&mut voices);
    voices.dedup();
    if let Some(by) = voices.iter().copied().find(|by| known.confirms(*by)) {
        return Ok(confirmed(by));
    }
    // A v2 token has the client ID as its audience, whatever name was asked for. A URI is the one that was asked for.
    if let Some(asked) = known.asked.as_ref().filter(|asked| known.confirms(asked.by)) {
        let related = to_audience(asked);
        if is_guid(without_spn(audience.trim())) && related != Relation::Different {
            return Ok(confirmed(asked.by));
        }
        if matches!(related, Relation::Different | Relation::Unlike | Relation::Apart) {
            return Err(contradicted(audience, asked, voices));
        }
    }
    if let Some(otherwise) = contradiction(audience, tenant, known) {
        return Err(contradicted(audience, otherwise, voices));
    }
    // App 2's answer alone makes neither the caller nor the tenant an API of App 2's.
    let of_token = ["appid", "azp", "tid"].into_iter().filter_map(|claim| token.text(claim));
    let is_own = of_token.into_iter().any(|id| relation(id, audience, None) == Relation::Same);
    if voices.is_empty() || is_own && !voices.contains(&Voice::SettingsFile) {
        return Err(Refusal::Unnamed { audience: audience.to_owned() });
    }
    Ok(Permission::Claimed { audience: audience.to_owned(), by: voices })
}

fn contradicted(audience: &str, otherwise: &Name, named_by: Vec<Voice>) -> Refusal {
    Refusal::Contradicted { audience: audience.to_owned(), otherwise: otherwise.clone(), named_by }
}

/// A name of another app by somebody who does not name this one, the most reliable first.
fn contradiction<'a>(audience: &str, tenant: Option<&str>, known: &'a Confirmations) -> Option<&'a Name> {
    let names_it = |by: Voice| {
        known.names.iter().any(|name| name.by == by && relation(&name.value, audience, tenant) == Relation::Same)
    };
    let contradicts = |name: &&Name| match relation(&name.value, audience, tenant) {
        Relation::Different | Relation::Apart => true,
        Relation::Unlike => name.by.is_complete(),
        Relation::Same | Relation::Unknown => false,
    };
    known
        .names
        .iter()
        .filter(|name| name.by != Voice::Host)
        .filter(contradicts)
        .filter(|name| !names_it(name.by))
        .min_by_key(|name| name.by)
}

/// Whether an audience is a URI on the target's own host.
fn is_the_host(audience: &str, known: &Confirmations) -> bool {
    let host = url::Url::parse(audience).ok().and_then(|url| url.host_str().map(str::to_owned));
    known
        .names
        .iter()
        .filter(|name| name.by == Voice::Host)
        .any(|name| host.as_deref().is_some_and(|host| host.eq_ignore_ascii_case(&name.value)))
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = |text: &str| shortened(&visible(text), 120);
        match self {
            Self::Unreadable => formatter.write_str("the token can't be read, so its issuer and audience are unknown"),
            Self::NotFromEntra { foreign } => {
                write!(formatter, "Microsoft Entra ID didn't issue the token; {foreign}")
            }
            Self::NotAnAccessToken => {
                formatter.write_str("the token has no calling application (appid or azp), so it isn't an access token")
            }
            Self::NoAudience => formatter.write_str("the token has no audience (aud) to compare"),
            Self::KnownApi { audience, api } => write!(
                formatter,
                "the token is for {api} and is valid there. To send it to App 2 anyway, add --send-token-for {}",
                shown(audience)
            ),
            Self::Contradicted { audience, otherwise, named_by } => {
                let audience = shown(audience);
                write!(
                    formatter,
                    "the token is for {audience}, and {} names {}",
                    otherwise.by,
                    shown(&otherwise.value)
                )?;
                // Two sources disagree, and only the user knows which of them is right.
                match named_by.first().filter(|_| !otherwise.by.confirms() || otherwise.by == Voice::ResourceManager) {
                    Some(_) => write!(formatter, ". If App 2's audience is {audience}, add --resource {audience}"),
                    None => Ok(()),
                }
            }
            Self::Unnamed { audience } => write!(
                formatter,
                "nothing confirms that the token's audience {0} is App 2's. If it is, add --resource {0}",
                shown(audience)
            ),
            Self::OtherThanException { audience, exception, permitted } => {
                write!(
                    formatter,
                    "--send-token-for {} differs from the token's audience {}",
                    shown(exception),
                    shown(audience)
                )?;
                if *permitted {
                    formatter.write_str(". Without this option, the token is sent")?;
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests;
