//! The answers of App Service's and Container Apps' front ends, which are in front of Easy Auth, by the texts of
//! `assets/knowledge/marks.toml`.

use super::{mark_in, marks, named_by};
use crate::case::code::Code;
use crate::case::exchange::{Answer, FORBIDDEN_IP};
use crate::case::network::address_of;
use crate::case::target_kind::TargetKind;

/// Why the front end rejects a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FrontEnd {
    /// An access restriction, with the caller's address where it is given.
    IpForbidden(Option<String>),
    /// The site is stopped.
    Stopped,
    /// "Web App - Unavailable": stopped, over quota, or reachable through a private endpoint only.
    Unavailable,
    /// The rules of a Container App's ingress (or of another Envoy in front of App 2).
    Ingress,
    /// A client certificate is required.
    ClientCertificateRequired,
    /// No app has this host name.
    NoSuchSite,
    /// The page for a container app that does not take requests under this name: stopped, without ingress, with an
    /// ingress for its environment only, or no such app.
    NoContainerApp,
}

impl FrontEnd {
    /// The finding that a request to which it answers so most likely is.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::IpForbidden(_) | Self::Ingress => Code::NetworkAccessRestricted,
            Self::ClientCertificateRequired => Code::ClientCertificateRequired,
            Self::Stopped | Self::Unavailable | Self::NoContainerApp => Code::TargetStopped,
            Self::NoSuchSite => Code::TargetNotFound,
        }
    }

    /// The caller's address, where an access restriction names it.
    #[must_use]
    pub fn address(&self) -> Option<&str> {
        match self {
            Self::IpForbidden(address) => address.as_deref(),
            _ => None,
        }
    }
}

/// The kind of app that is behind a front end with this answer, where only one kind has it.
#[must_use]
pub fn kind_behind(answer: &Answer) -> Option<TargetKind> {
    // An app may pass such a page on.
    let (front_end, _) = page(answer).filter(|_| !answer.passed_the_middleware())?;
    matches!(front_end, FrontEnd::Ingress | FrontEnd::NoContainerApp).then_some(TargetKind::ContainerApp)
}

/// The front end's pages, each with its statuses and the key of its texts in `marks.toml`.
const PAGES: [(FrontEnd, &[u16], &str); 4] = [
    (FrontEnd::Stopped, &[403], "page-stopped"),
    (FrontEnd::Unavailable, &[403], "page-unavailable"),
    (FrontEnd::NoContainerApp, &[404], "page-no-container-app"),
    (FrontEnd::NoSuchSite, &[400, 404], "page-no-such-site"),
];

/// The front end's reason and its mark, where an answer has one.
#[must_use]
pub fn page(answer: &Answer) -> Option<(FrontEnd, String)> {
    let reason = answer.reason.as_deref().unwrap_or_default();
    let whole = |key| marks(key).iter().find(|mark| answer.body.trim() == mark.as_str());
    let address = answer.header(FORBIDDEN_IP);
    let address =
        address.map(|text| address_of(text).map_or_else(|| answer.quote(text), |address| address.to_string()));
    let (kind, mark) = match answer.status {
        403 if let Some(address) = address => {
            let mark = format!("{FORBIDDEN_IP}: {address}");
            (FrontEnd::IpForbidden(Some(address)), mark)
        }
        403 if answer.is_ip_forbidden() => (FrontEnd::IpForbidden(None), reason.to_owned()),
        403 if reason.eq_ignore_ascii_case("Site Disabled") => (FrontEnd::Stopped, reason.to_owned()),
        // Its pages are no JSON; an app that quotes one may be.
        _ if answer.json().is_some() => return None,
        403 if let Some(mark) = whole("whole-of-ingress") => (FrontEnd::Ingress, mark.clone()),
        status => PAGES
            .into_iter()
            .filter(|(_, statuses, _)| statuses.contains(&status))
            .find_map(|(page, _, key)| Some((page, mark_in(key, &answer.body)?.to_owned())))?,
    };
    Some((kind, mark))
}

/// The front end, or a server in front of App 2, that returns a page for a missing client certificate.
#[must_use]
pub fn wants_certificate(answer: &Answer) -> Option<(FrontEnd, String)> {
    let key = match answer.status {
        400 => "certificate-not-sent",
        403 if answer.json().is_none() => "client-certificate-required",
        _ => return None,
    };
    let lower = answer.body.to_ascii_lowercase();
    let mark = marks(key).iter().find(|mark| lower.contains(mark.as_str()) && !answer.only_quotes(mark))?;
    Some((FrontEnd::ClientCertificateRequired, mark.clone()))
}

/// The gateway or front end that has such a default host name.
#[must_use]
pub fn front_of_host(host: &str) -> Option<&'static str> {
    let host = host.to_ascii_lowercase();
    let host = host.split(':').next().unwrap_or_default();
    named_by("front-hosts", |end| host.ends_with(end))
}
