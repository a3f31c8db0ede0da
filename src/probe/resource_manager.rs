//! Azure Resource Manager: App 2's site object and its authentication settings. Reads only.

use url::Url;

use crate::case::auth_settings::{AuthSettings, SettingsReading, SettingsSource};
use crate::case::exchange::Purpose;
use crate::case::observation::Observation;
use crate::case::secret::Secret;
use crate::case::site::Site;
use crate::case::text::{shortened, visible};

use super::http::{Http, LIST_LIMIT, Reply, Request};

/// Any version since 2020-12-01 gives the same settings.
const API_VERSION: &str = "2023-12-01";

/// Azure Resource Manager, with a token for it.
#[derive(Debug, Clone)]
pub struct ResourceManager<'a> {
    /// The sender.
    pub http: &'a Http,
    /// The base address.
    pub base: String,
    /// The token.
    pub token: Secret<String>,
}

impl ResourceManager<'_> {
    async fn get(&self, purpose: Purpose, path: &str) -> Option<Reply> {
        let url = Url::parse(&format!("{}{path}?api-version={API_VERSION}", self.base)).ok()?;
        Some(
            self.http
                .send(Request::get(purpose, url).limit(LIST_LIMIT).bearer(&self.token))
                .await,
        )
    }

    /// Reads the site object.
    pub async fn site(&self, id: &str) {
        if let Some(reply) = self.get(Purpose::Site, &clean(id)).await
            && reply.status() == Some(200)
            && let Some(json) = reply.json()
        {
            self.http.tell(Observation::Site(Box::new(Site::from_json(&json))));
        }
    }

    /// Reads the settings: the plain view, else the list, else the one switch that every reader sees. Returns the first
    /// that was readable.
    pub async fn settings(&self, id: &str) -> Option<AuthSettings> {
        let id = clean(id);
        let ways = [
            (
                Purpose::AuthSettingsV2,
                "/config/authsettingsV2",
                SettingsSource::ResourceManager,
            ),
            (
                Purpose::AuthSettingsV2List,
                "/config/authsettingsV2/list",
                SettingsSource::ResourceManagerList,
            ),
            (Purpose::ConfigWeb, "/config/web", SettingsSource::WebConfig),
        ];
        for (purpose, path, source) in ways {
            let reply = self.get(purpose, &format!("{id}{path}")).await?;
            let outcome = read(&reply);
            let settings = outcome.as_ref().ok().map(|settings| (**settings).clone());
            self.http
                .tell(Observation::Settings(Box::new(SettingsReading { source, outcome })));
            if settings.is_some() {
                return settings;
            }
            // Without any answer, or for an app that is not there, the other views would say the same.
            if matches!(reply.status(), None | Some(401 | 404)) {
                return None;
            }
        }
        None
    }

    /// Finds App 2 by its host name among the sites of a subscription that the identity may read.
    pub async fn find(&self, subscription: &str, host: &str) -> Option<String> {
        let path = format!("/subscriptions/{subscription}/providers/Microsoft.Web/sites");
        let reply = self.get(Purpose::SiteSearch, &path).await?;
        let json = reply.json().filter(|_| reply.status() == Some(200))?;
        let found = json
            .get("value")?
            .as_array()?
            .iter()
            .map(Site::from_json)
            .find(|site| site.has_host(host))?;
        found.id
    }
}

fn clean(id: &str) -> String {
    format!("/{}", id.trim_matches('/'))
}

fn read(reply: &Reply) -> Result<Box<AuthSettings>, String> {
    match (reply.status(), reply.json()) {
        (Some(200), Some(json)) => AuthSettings::from_json(&json).map(Box::new),
        (Some(status), json) => Err(refusal(status, json.as_ref())),
        (None, _) => Err(reply
            .exchange
            .failure()
            .map(|failure| failure.message.clone())
            .unwrap_or_default()),
    }
}

/// A refusal in words; Azure's own text names the missing action.
fn refusal(status: u16, json: Option<&serde_json::Value>) -> String {
    let error = json.and_then(|json| json.get("error"));
    let text = |name: &str| {
        error
            .and_then(|error| error.get(name))
            .and_then(|text| text.as_str())
            .unwrap_or_default()
    };
    let message = shortened(&visible(text("message")), 400);
    match status {
        403 => format!(
            "{status} {}: {message} The role Website Contributor has the permission, Reader lacks it for the list.",
            visible(text("code"))
        ),
        404 => format!("{status}: the resource id names no app that can be seen ({message})"),
        _ => format!("{status} {}: {message}", visible(text("code"))),
    }
}
