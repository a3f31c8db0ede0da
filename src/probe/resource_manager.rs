//! Azure Resource Manager: App 2's site object and its authentication settings. Reads only.

use futures_util::future::join_all;
use tokio::sync::OnceCell;
use url::Url;

use crate::case::auth_settings::{AuthSettings, SettingsReading};
use crate::case::exchange::Purpose;
use crate::case::observation::Observation;
use crate::case::resource_id::ResourceId;
use crate::case::secret::Secret;
use crate::case::shown::quote::quote;
use crate::case::site::Site;
use crate::case::target_kind::{Kind, TargetKind};
use crate::case::text::visible;

use super::http::{Http, LIST_LIMIT, Reply, Request};

/// What differs for apps of the kind that an ID names. What can't be parsed counts as the usual one.
#[must_use]
pub fn kind_of(app: &ResourceId) -> &'static Kind {
    app.parts().and_then(|parts| parts.target_kind()).unwrap_or(TargetKind::USUAL).data()
}

/// Pages of a list that are read at the most.
const PAGES: u32 = 20;
/// Sites whose slots are listed at the most, in search of one.
const SLOT_LISTS: u32 = 5;
/// Requests of one search at the most.
pub const MOST_SEARCHES: u32 = PAGES * (1 + SLOT_LISTS);

/// Azure Resource Manager, with a token for it.
#[derive(Debug, Clone)]
pub struct ResourceManager<'a> {
    /// The sender.
    pub http: &'a Http,
    /// The base address.
    pub base: String,
    /// The token.
    pub token: Secret<String>,
    /// `config/web`, which is asked for once.
    pub configuration: OnceCell<Option<Reply>>,
}

impl ResourceManager<'_> {
    async fn get(&self, purpose: Purpose, app: &ResourceId, path: &str) -> Option<Reply> {
        let version = &kind_of(app).version;
        let url = Url::parse(&format!("{}{}{path}?api-version={version}", self.base, app.path())).ok()?;
        Some(self.get_url(purpose, url).await)
    }

    async fn get_url(&self, purpose: Purpose, url: Url) -> Reply {
        self.http.send(Request::get(purpose, url).limit(LIST_LIMIT).bearer(&self.token)).await
    }

    /// Reads the site object.
    pub async fn site(&self, id: &ResourceId) {
        if let Some(reply) = self.get(Purpose::Site, id, "").await
            && reply.status() == Some(200)
            && let Some(json) = reply.json()
        {
            self.http.tell(Observation::Site(Box::new(Site::from_json(&json))));
        }
    }

    /// Reads the access restrictions, which the site object of a web app doesn't show (`az webapp config
    /// access-restriction show` reads them here as well: issue 32474 of Azure/azure-cli).
    pub async fn restrictions(&self, id: &ResourceId) {
        let web = kind_of(id).settings.iter().find(|(purpose, ..)| *purpose == Purpose::ConfigWeb);
        let Some((purpose, path, _)) = web else { return };
        if let Some(reply) = self.view(purpose, id, path).await
            && reply.status() == Some(200)
            && let Some(json) = reply.json()
        {
            let mut site = Site::default();
            site.take_configuration(&json);
            self.http.tell(Observation::Restrictions(Box::new(site)));
        }
    }

    async fn view(&self, purpose: &Purpose, id: &ResourceId, path: &str) -> Option<Reply> {
        let ask = self.get(purpose.clone(), id, path);
        if *purpose == Purpose::ConfigWeb { self.configuration.get_or_init(|| ask).await.clone() } else { ask.await }
    }

    /// Reads the settings: the plain view, else the list, else the one switch that every reader sees. Returns the first
    /// that was readable. With `at_once` all views are asked for together.
    pub async fn settings(&self, id: &ResourceId, at_once: bool) -> Option<SettingsReading> {
        let paths = &kind_of(id).settings;
        let together = paths.iter().filter(|_| at_once);
        let together = together.map(|(purpose, path, _)| self.view(purpose, id, path));
        let mut replies = join_all(together).await.into_iter();
        for (purpose, path, source) in paths {
            let reply = match replies.next() {
                Some(reply) => reply?,
                None => self.view(purpose, id, path).await?,
            };
            // That nobody waited for it is no reason why the settings can't be read.
            if reply.exchange.was_not_waited_for() {
                return None;
            }
            let reading = SettingsReading { source: source.clone(), outcome: read(&reply) };
            self.http.tell(Observation::Settings(Box::new(reading.clone())));
            if reading.outcome.is_ok() {
                return Some(reading);
            }
            // Without any answer, or for an app that is not there, the other views would say the same.
            if matches!(reply.status(), None | Some(401 | 404)) {
                return None;
            }
        }
        None
    }

    /// Finds App 2 by its host name among the sites of a subscription that the identity may read, slots included.
    pub async fn find(&self, subscription: &str, host: &str) -> Option<ResourceId> {
        let sites = self.sites(&format!("/subscriptions/{subscription}/providers/Microsoft.Web/sites")).await;
        if let Some(site) = sites.iter().find(|site| site.has_host(host)) {
            return site.id.clone();
        }
        // A slot is no site of that list. Its own host name begins with the name of its site, a custom one may be
        // anything.
        let label = host.split('.').next().unwrap_or_default().to_ascii_lowercase();
        let begins = |site: &&Site| {
            site.name.as_deref().is_some_and(|name| label.starts_with(&format!("{}-", name.to_ascii_lowercase())))
        };
        let (likely, others): (Vec<&Site>, Vec<&Site>) = sites.iter().partition(begins);
        let with_slots = likely.into_iter().chain(others);
        for (id, _) in with_slots.filter_map(|site| site.id.as_ref()).zip(0..SLOT_LISTS) {
            let slots = self.sites(&format!("{}/slots", id.path())).await;
            if let Some(slot) = slots.iter().find(|slot| slot.has_host(host)) {
                return slot.id.clone();
            }
        }
        None
    }

    /// The sites of a list, page by page, as far as they can be read.
    async fn sites(&self, path: &str) -> Vec<Site> {
        let mut sites = Vec::new();
        let Ok(mut url) = Url::parse(&format!("{}{path}?api-version={}", self.base, TargetKind::USUAL.data().version))
        else {
            return sites;
        };
        for _ in 0..PAGES {
            let reply = self.get_url(Purpose::SiteSearch, url.clone()).await;
            let Some(json) = reply.json().filter(|_| reply.status() == Some(200)) else {
                break;
            };
            let page = json.get("value").and_then(serde_json::Value::as_array);
            sites.extend(page.into_iter().flatten().map(Site::from_json));
            let next = json.get("nextLink").and_then(serde_json::Value::as_str);
            // The token goes to Azure Resource Manager only, wherever a link may point.
            match next.and_then(|link| Url::parse(link).ok()) {
                Some(next) if next.origin() == url.origin() => url = next,
                _ => break,
            }
        }
        sites
    }
}

fn read(reply: &Reply) -> Result<Box<AuthSettings>, String> {
    match (reply.status(), reply.json()) {
        (Some(200), Some(json)) => AuthSettings::from_json(&json).map(Box::new).map_err(|error| error.to_string()),
        (Some(status), json) => Err(refusal(status, json.as_ref())),
        (None, _) => Err(reply.exchange.failure().map(|failure| failure.message.clone()).unwrap_or_default()),
    }
}

/// A refusal in words; Azure's own text names the missing action.
fn refusal(status: u16, json: Option<&serde_json::Value>) -> String {
    let error = json.and_then(|json| json.get("error"));
    let text = |name: &str| error.and_then(|error| error.get(name)).and_then(|text| text.as_str()).unwrap_or_default();
    let message = quote(text("message"));
    match status {
        403 => format!(
            "{status} {}: {message} The role Website Contributor includes this permission; Reader doesn't.",
            visible(text("code"))
        ),
        404 => {
            format!("{status}: no visible app has this resource ID, or it has no authentication settings ({message})")
        }
        _ => format!("{status} {}: {message}", visible(text("code"))),
    }
}
