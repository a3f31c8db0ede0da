//! Who answered: Easy Auth, the front end before it, a gateway, the Functions host, or the app itself.
//!
//! The signatures (facts of captured answers; `?` marks what several can send):
//!
//! | status | mark | who |
//! |---|---|---|
//! | 403 | `x-ms-forbidden-ip`, or reason `Ip Forbidden` | front end: access restriction |
//! | 403 | reason `Site Disabled`, or "this web app is stopped" | front end: stopped site |
//! | 403 | title `Web App - Unavailable` alone | front end: stopped, quota, or private endpoint only `?` |
//! | 403 | "Client Certificate Required" | front end: client certificate |
//! | 404 | "Web Site not found", "Web app not found" | front end: no app has this host name |
//! | 401 | challenge with `resource_id` or `authorization_uri`, or `realm` alone | Easy Auth |
//! | 401, 403 | the 58-character sentence of IIS | Easy Auth on Windows, or an app there that sent no body `?` |
//! | 401 | challenge with `error=` | a validator inside the app |
//! | 401, 403 | `x-ms-middleware-request-id`, empty body, no challenge | Easy Auth or what stands behind it `?` |
//! | 302 | to `/.auth/login/…` or to an authorize address | Easy Auth |
//! | ≥ 400 | Front Door's page with `x-azure-ref`, `Microsoft-Azure-Application-Gateway` | a gateway in front |
//! | ≥ 400 | API Management's words, Cloudflare's page | a gateway in front |

use crate::case::challenge::Challenge;
use crate::case::exchange::Answer;
use crate::case::text::shortened;

/// Who gave an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Responder {
    /// Easy Auth itself: an answer that only it gives.
    EasyAuth,
    /// App Service's front end, before Easy Auth.
    FrontEnd(FrontEnd),
    /// A gateway or proxy in front of App 2, by name.
    Gateway(&'static str),
    /// A validator inside the app (JwtBearer middleware or the like).
    AppValidator,
    /// Something at or behind the Easy Auth middleware: Easy Auth or the app.
    BehindMiddleware,
    /// Nothing tells.
    Unknown,
}

/// What the front end says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FrontEnd {
    /// An access restriction; with the address that it saw, where given.
    IpForbidden(Option<String>),
    /// The site is stopped.
    Stopped,
    /// "Web App - Unavailable": stopped, over quota, or reachable through a private endpoint only.
    Unavailable,
    /// A client certificate is demanded.
    ClientCertificateRequired,
    /// No app has this host name.
    NoSuchSite,
}

/// The sentence that IIS sends for a 401 or 403 without a body, Easy Auth's on Windows among them.
pub const IIS_SENTENCE: &str = "You do not have permission to view this directory or page.";

/// The header that the Linux middleware puts on its own answers and on everything that passes it.
pub const MIDDLEWARE_ID: &str = "x-ms-middleware-request-id";

/// Marks of the pages that servers send of themselves, for whoever gave the status without a body.
const SERVER_PAGES: [&str; 6] = [
    IIS_SENTENCE,
    "403 - Forbidden: Access is denied.",
    "HTTP Error 40",
    "<title>403 Forbidden</title>",
    "<TITLE>403 Forbidden</TITLE>",
    "<title>Access Denied</title>",
];

/// Whether an answer has a body that somebody wrote for it: not empty, and not the page that a server sends of itself
/// (what Easy Auth's refusals by policy look like on Windows is not established).
#[must_use]
pub fn has_own_body(answer: &Answer) -> bool {
    !answer.body.trim().is_empty() && !SERVER_PAGES.iter().any(|page| answer.body.contains(page))
}

/// An answer judged: who gave it, and by which mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Who gave it.
    pub by: Responder,
    /// The mark, in words with values.
    pub because: String,
}

/// Judges who gave an answer.
#[must_use]
pub fn judge(answer: &Answer) -> Judged {
    front_end(answer)
        .or_else(|| gateway(answer))
        .or_else(|| easy_auth(answer))
        .or_else(|| behind(answer))
        .unwrap_or_else(|| Judged {
            by: Responder::Unknown,
            because: format!("no mark of App Service in it ({})", brief(answer)),
        })
}

/// Whether the front end or a gateway gave an answer, before anything of App 2's did.
#[must_use]
pub fn is_from_before(answer: &Answer) -> bool {
    matches!(judge(answer).by, Responder::FrontEnd(_) | Responder::Gateway(_))
}

/// The Bearer challenge of an answer.
#[must_use]
pub fn challenge(answer: &Answer) -> Option<Challenge> {
    Challenge::bearer(answer.headers_named("www-authenticate"))
}

/// Whether a 401 carries a Bearer challenge as Easy Auth writes it.
#[must_use]
pub fn is_easy_auth_challenge(challenge: &Challenge) -> bool {
    !challenge.names_error()
        && (challenge.resource_id().is_some()
            || challenge.parameter("authorization_uri").is_some()
            || (challenge.parameter("realm").is_some() && challenge.parameters.len() == 1)
            || challenge.parameter("resource_metadata").is_some())
}

/// Whether an answer is a redirect to a sign-in page: Easy Auth's own login address or an authority's authorize
/// address.
#[must_use]
pub fn is_login_redirect(answer: &Answer) -> bool {
    (300..400).contains(&answer.status) && answer.header("location").is_some_and(is_login_address)
}

/// Whether an address is a sign-in page's.
#[must_use]
pub fn is_login_address(location: &str) -> bool {
    let lower = location.to_ascii_lowercase();
    let path = lower.split(['?', '#']).next().unwrap_or_default();
    path.contains("/.auth/login/") || path.ends_with("/authorize") && path.contains("/oauth2/")
}

/// Whether an answer with a good status is really a sign-in page.
#[must_use]
pub fn is_login_page(answer: &Answer) -> bool {
    let html = answer
        .header("content-type")
        .is_some_and(|kind| kind.to_ascii_lowercase().contains("text/html"));
    let body = &answer.body;
    html && (200..300).contains(&answer.status)
        && (body.contains("Sign in to your account")
            || body.contains("login.microsoftonline.com") && body.contains("<form")
            || body.contains("AADSTS"))
}

fn front_end(answer: &Answer) -> Option<Judged> {
    let reason = answer.reason.as_deref().unwrap_or_default();
    let judged = |kind, because: String| {
        Some(Judged {
            by: Responder::FrontEnd(kind),
            because,
        })
    };
    match answer.status {
        403 => {
            let address = answer.header("x-ms-forbidden-ip").map(|address| answer.quote(address));
            if address.is_some() || reason.eq_ignore_ascii_case("Ip Forbidden") {
                let because = format!(
                    "403 {}{}",
                    answer.quote(reason),
                    address
                        .as_ref()
                        .map(|ip| format!(", x-ms-forbidden-ip: {ip}"))
                        .unwrap_or_default()
                );
                return judged(FrontEnd::IpForbidden(address), because);
            }
            if reason.eq_ignore_ascii_case("Site Disabled") || answer.body.contains("web app is stopped") {
                return judged(
                    FrontEnd::Stopped,
                    format!("403 {}: the front end's page of a stopped app", answer.quote(reason)),
                );
            }
            if answer.body.to_ascii_lowercase().contains("client certificate required") {
                return judged(
                    FrontEnd::ClientCertificateRequired,
                    "403 \"Client Certificate Required\"".to_owned(),
                );
            }
            if answer.body.contains("Web App - Unavailable") {
                return judged(FrontEnd::Unavailable, "403 \"Web App - Unavailable\"".to_owned());
            }
            None
        }
        404 if [
            "Web Site not found",
            "Web app not found",
            "Web App not found",
            "This Container App is stopped or does not exist",
        ]
        .iter()
        .any(|text| answer.body.contains(text)) =>
        {
            judged(
                FrontEnd::NoSuchSite,
                "404 \"Web app not found\": the front end's page for a host name that no app has".to_owned(),
            )
        }
        _ => None,
    }
}

fn gateway(answer: &Answer) -> Option<Judged> {
    if answer.status < 400 {
        return None;
    }
    let server = answer.header("server").unwrap_or_default();
    if server.starts_with("Microsoft-Azure-Application-Gateway")
        || answer.body.contains("Microsoft-Azure-Application-Gateway")
    {
        return Some(Judged {
            by: Responder::Gateway("Application Gateway"),
            because: format!("{} with the mark of Application Gateway", answer.status),
        });
    }
    let message = answer
        .json()
        .and_then(|json| json.get("message").and_then(|text| text.as_str().map(str::to_owned)));
    let of_api_management = message.as_deref().is_some_and(|text| {
        // The last one is what the portal writes for the policy validate-jwt.
        [
            "subscription key",
            "API Management",
            "Access token is missing or invalid",
        ]
        .iter()
        .any(|mark| text.contains(mark))
    }) || answer
        .headers_named("www-authenticate")
        .any(|challenge| challenge.contains("AzureApiManagementKey"))
        || answer.headers.iter().any(|(name, _)| name.starts_with("ocp-apim-"));
    if of_api_management {
        return Some(Judged {
            by: Responder::Gateway("API Management"),
            because: format!("{} in API Management's form", answer.status),
        });
    }
    let blocked = [
        "Azure Front Door",
        "The request is blocked",
        "Our services aren't available right now",
        "We weren't able to find your Azure Front Door Service configuration",
    ]
    .iter()
    .any(|mark| answer.body.contains(mark));
    if answer.header("x-azure-ref").is_some()
        && (blocked || answer.header("x-azure-fdid").is_some())
        && challenge(answer).is_none()
    {
        return Some(Judged {
            by: Responder::Gateway("Front Door"),
            because: format!("{} with x-azure-ref and Front Door's page", answer.status),
        });
    }
    if server.eq_ignore_ascii_case("cloudflare")
        && ["Cloudflare</title>", "error code: ", "Attention Required!"]
            .iter()
            .any(|mark| answer.body.contains(mark))
    {
        return Some(Judged {
            by: Responder::Gateway("Cloudflare"),
            because: format!("{} with Cloudflare's own page", answer.status),
        });
    }
    None
}

fn easy_auth(answer: &Answer) -> Option<Judged> {
    let judged = |by, because: String| Some(Judged { by, because });
    if is_login_redirect(answer) {
        return judged(Responder::EasyAuth, format!("{} to a sign-in page", answer.status));
    }
    if answer.status != 401 {
        return None;
    }
    if let Some(challenge) = challenge(answer) {
        if challenge.names_error() {
            let error = challenge
                .parameter("error_description")
                .or(challenge.parameter("error"))
                .unwrap_or_default();
            return judged(
                Responder::AppValidator,
                format!(
                    "the challenge names an error (\"{}\"), as a validator in the app does and Easy Auth does not",
                    answer.quote(error)
                ),
            );
        }
        if is_easy_auth_challenge(&challenge) {
            let what = challenge.resource_id().map_or_else(
                || "Easy Auth's challenge".to_owned(),
                |id| format!("Easy Auth's challenge with resource_id {}", answer.quote(id)),
            );
            return judged(Responder::EasyAuth, format!("401 with {what}"));
        }
        return None;
    }
    None
}

fn behind(answer: &Answer) -> Option<Judged> {
    if matches!(answer.status, 401 | 403) && answer.body.trim() == IIS_SENTENCE {
        let because = format!(
            "{} \"{IIS_SENTENCE}\", which IIS sends for Easy Auth and for an app without a body",
            answer.status
        );
        return Some(Judged {
            by: Responder::BehindMiddleware,
            because,
        });
    }
    let id = answer.header(MIDDLEWARE_ID)?;
    (answer.status >= 400).then(|| Judged {
        by: Responder::BehindMiddleware,
        because: format!(
            "{} that passed Easy Auth's middleware (x-ms-middleware-request-id {})",
            answer.status,
            answer.quote(id)
        ),
    })
}

/// An answer in a few words: status, reason, size, type.
#[must_use]
pub fn brief(answer: &Answer) -> String {
    let reason = answer
        .reason
        .as_deref()
        .filter(|reason| !reason.is_empty())
        .map(|reason| format!(" {}", answer.quote(reason)))
        .unwrap_or_default();
    let body = if answer.body_length == 0 {
        "empty body".to_owned()
    } else {
        format!(
            "{} bytes{}",
            answer.body_length,
            answer
                .header("content-type")
                .map(|kind| format!(" of {}", shortened(&answer.quote(kind), 40)))
                .unwrap_or_default()
        )
    };
    format!("{}{reason}, {body}", answer.status)
}
