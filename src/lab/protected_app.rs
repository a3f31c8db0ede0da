//! App 2 behind Easy Auth: truly validates the bearer token, applies the policy, and answers as the middleware does.

use serde_json::{Value, json};
use uuid::Uuid;

use super::app::{self, principal_claims};
use super::front_end;
use super::http::{Answer, Received};
use super::settings::{Accepted, Provider, Settings};
use super::shared::Shared;
use super::world::{ChallengeForm, World};

/// The whole body of the Windows module's refusals: 58 characters.
const NO_PERMISSION: &str = "You do not have permission to view this directory or page.";

/// Answers one request, from the front end inwards.
pub(crate) fn answer(shared: &Shared, world: &World, request: &Received) -> Answer {
    if let Some(answer) = front_end::before(world, request) {
        return answer;
    }
    let mut request = request.clone();
    if world.front_end.strips_authorization {
        request.headers.retain(|(name, _)| name != "authorization");
    }
    front_end::after(world, behind_front_end(shared, world, &request))
}

fn behind_front_end(shared: &Shared, world: &World, request: &Received) -> Answer {
    let settings = Settings::in_force(world);
    if !settings.enabled {
        return app::answer(world, request, None);
    }
    let middleware = Middleware { shared, world, settings: &settings, request };
    middleware.mark(middleware.answer())
}

/// What a bearer token is worth here.
enum Bearer {
    Admitted(Value),
    Invalid,
    Forbidden,
}

struct Middleware<'a> {
    shared: &'a Shared,
    world: &'a World,
    settings: &'a Settings,
    request: &'a Received,
}

impl Middleware<'_> {
    fn answer(&self) -> Answer {
        let provider = self.settings.provider.as_ref();
        let accepted = provider.map(|provider| provider.accepted_issuer(self.world));
        if self.world.easy_auth.secret_unresolvable || accepted == Some(Accepted::Unresolvable) {
            return Answer::empty(500);
        }
        if self.settings.linked {
            return self.denied(401);
        }
        if self.world.easy_auth.validation_fails && self.request.bearer().is_some() {
            return Answer::empty(500);
        }
        let path = self.request.path();
        if let Some(answer) = self.own_path(&path) {
            return answer;
        }
        if self.is_excluded(&path) {
            return app::answer(self.world, self.request, None);
        }
        if self.is_cross_site() {
            return self.denied(403);
        }
        let anonymous_allowed = !self.settings.require_authentication || self.settings.action == "AllowAnonymous";
        match self.bearer() {
            Some(Bearer::Admitted(claims)) => app::answer(self.world, self.request, Some(&claims)),
            Some(Bearer::Forbidden) => self.denied(403),
            Some(Bearer::Invalid) if anonymous_allowed && self.world.easy_auth.invalid_counts_as_anonymous => {
                app::answer(self.world, self.request, None)
            }
            Some(Bearer::Invalid) => self.challenged(),
            None if anonymous_allowed => app::answer(self.world, self.request, None),
            None => self.unauthenticated(&path),
        }
    }

    /// Paths that the middleware serves itself.
    fn own_path(&self, path: &str) -> Option<Answer> {
        if path == "/.well-known/oauth-protected-resource" || path.starts_with("/.well-known/oauth-protected-resource/")
        {
            return self.protected_resource();
        }
        let rest = path.strip_prefix(self.settings.api_prefix.as_str())?;
        match (self.request.method.as_str(), rest) {
            ("GET", "/version") => Some(Answer::json(200, &json!({"version": "1.6.24"}))),
            ("GET", "/login/aad") => Some(self.login_redirect("/")),
            ("GET", "/me") => Some(self.me()),
            ("POST", "/login/aad") => Some(self.login_with_token()),
            _ => Some(Answer::empty(404)),
        }
    }

    fn protected_resource(&self) -> Option<Answer> {
        let provider = self.settings.provider.as_ref()?;
        let scopes = self.world.easy_auth.app_settings.get("WEBSITE_AUTH_PRM_DEFAULT_WITH_SCOPES")?;
        let scopes: Vec<&str> = scopes.split(',').map(str::trim).collect();
        let tenant = &self.world.tenant.id;
        Some(Answer::json(
            200,
            &json!({
                "resource": format!("https://{}", self.host()),
                "authorization_servers": [format!("https://login.microsoftonline.com/{tenant}/v2.0")],
                "scopes_supported": scopes,
            }),
        ))
        .filter(|_| !provider.client_id.is_empty())
    }

    fn me(&self) -> Answer {
        match self.bearer() {
            _ if !self.settings.token_store => Answer::empty(404),
            Some(Bearer::Admitted(claims)) => Answer::json(
                200,
                &json!([{
                    "provider_name": "aad",
                    "user_id": claims.get("oid"),
                    "user_claims": principal_claims(&claims),
                }]),
            ),
            Some(Bearer::Forbidden) => self.denied(403),
            Some(Bearer::Invalid) | None => self.challenged(),
        }
    }

    fn login_with_token(&self) -> Answer {
        let body: Value = super::http::json(&self.request.body).unwrap_or_default();
        let Some(token) = body.get("access_token").and_then(Value::as_str) else {
            return Answer::empty(400);
        };
        match self.judge(token) {
            Bearer::Admitted(claims) => Answer::json(
                200,
                &json!({"authenticationToken": Uuid::new_v4().to_string(), "user": {"userId": claims.get("oid")}}),
            ),
            Bearer::Forbidden => self.denied(403),
            Bearer::Invalid => self.denied(401),
        }
    }

    /// A sign-in of the browser kind: the redirect shows client ID and tenant.
    fn login_redirect(&self, back_to: &str) -> Answer {
        let Some(provider) = &self.settings.provider else {
            return Answer::empty(404);
        };
        let host = self.host();
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("response_type", "code id_token")
            .append_pair("redirect_uri", &format!("https://{host}{}/login/aad/callback", self.settings.api_prefix))
            .append_pair("client_id", self.named_client_id(provider))
            .append_pair("scope", "openid profile email")
            .append_pair("response_mode", "form_post")
            .append_pair("nonce", &Uuid::new_v4().simple().to_string())
            .append_pair("state", &format!("redir={back_to}"))
            .finish();
        let (base, tenant) = (&self.world.addresses.entra, provider.tenant());
        Answer::empty(302).header("location", format!("{base}/{tenant}/oauth2/v2.0/authorize?{query}"))
    }

    fn is_excluded(&self, path: &str) -> bool {
        self.settings.excluded_paths.iter().any(|excluded| {
            excluded.strip_suffix('*').map_or_else(
                || path.eq_ignore_ascii_case(excluded),
                |start| path.to_ascii_lowercase().starts_with(&start.to_ascii_lowercase()),
            )
        })
    }

    fn bearer(&self) -> Option<Bearer> {
        self.request.bearer().map(|token| self.judge(token))
    }

    /// Validity first, then policy (facts: easy-auth, 2.7).
    fn judge(&self, token: &str) -> Bearer {
        let Some(provider) = &self.settings.provider else {
            return Bearer::Invalid;
        };
        match provider.validate(self.world, &self.shared.keys, token) {
            Err(_) => Bearer::Invalid,
            // An ID token names no calling application; it is refused as a bearer token (facts: easy-auth, 3.6).
            Ok(claims) if claims.get("appid").is_none() && claims.get("azp").is_none() => Bearer::Invalid,
            Ok(claims) if provider.admits(&claims) => Bearer::Admitted(claims),
            Ok(_) => Bearer::Forbidden,
        }
    }

    fn unauthenticated(&self, path: &str) -> Answer {
        match self.settings.action.as_str() {
            "Return403" => self.denied(403),
            "Return404" => self.denied(404),
            "RedirectToLoginPage" if self.looks_like_browser() => self.login_redirect(path),
            _ => self.challenged(),
        }
    }

    /// A state-changing request of a browser with the session's cookie that comes from elsewhere (facts: easy-auth,
    /// 3.3).
    fn is_cross_site(&self) -> bool {
        let cookie = self.request.header("cookie").is_some_and(|cookie| cookie.contains("AppServiceAuthSession="));
        let safe = matches!(self.request.method.as_str(), "GET" | "HEAD" | "OPTIONS");
        let own = format!("://{}", self.host());
        let from_here = ["origin", "referer"]
            .iter()
            .any(|name| self.request.header(name).is_some_and(|value| value.contains(&own)));
        cookie && !safe && self.looks_like_browser() && !from_here
    }

    /// The exact heuristic is not established; a browser's User-Agent is what the documentation describes.
    fn looks_like_browser(&self) -> bool {
        self.request.header("user-agent").is_some_and(|agent| agent.contains("Mozilla/"))
    }

    /// 401 with the challenge, unless the settings leave it out.
    fn challenged(&self) -> Answer {
        let answer = self.denied(401);
        match &self.settings.provider {
            Some(provider) if provider.challenge => answer.header("www-authenticate", self.challenge(provider)),
            Some(_) | None => answer,
        }
    }

    /// The parameters are separated by spaces, without commas, as captured.
    fn challenge(&self, provider: &Provider) -> String {
        let (host, tenant, client) = (self.host(), provider.tenant(), self.named_client_id(provider));
        let full =
            |uri: String| format!("Bearer realm=\"{host}\" authorization_uri=\"{uri}\" resource_id=\"{client}\"");
        match self.world.easy_auth.challenge {
            ChallengeForm::WindowsNetV1 => full(format!("https://login.windows.net/{tenant}/oauth2/authorize")),
            ChallengeForm::MicrosoftOnlineV2 => {
                full(format!("https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize"))
            }
            ChallengeForm::Common => full("https://login.windows.net/common/oauth2/authorize".to_owned()),
            ChallengeForm::RealmOnly => format!("Bearer realm=\"{host}\""),
            ChallengeForm::ProtectedResource => {
                let scopes = self.world.easy_auth.app_settings.get("WEBSITE_AUTH_PRM_DEFAULT_WITH_SCOPES");
                let scopes = scopes.map(String::as_str).unwrap_or_default().replace(',', " ");
                format!(
                    "{} scope=\"{scopes}\" resource_metadata=\"https://{host}/.well-known/oauth-protected-resource\"",
                    full(format!("https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize"))
                )
            }
        }
    }

    /// The client ID that this app gives out as its own; only an app that pretends to be another one names another.
    fn named_client_id<'a>(&'a self, provider: &'a Provider) -> &'a str {
        match self.world.easy_auth.names_client_id.as_str() {
            "" => &provider.client_id,
            other => other,
        }
    }

    /// A refusal's body: the Windows module's sentence, or nothing at all.
    fn denied(&self, status: u16) -> Answer {
        let with_body = !self.world.site.linux && (status != 403 || self.world.easy_auth.windows_403_with_body);
        if with_body { Answer::html(status, NO_PERMISSION) } else { Answer::empty(status) }
    }

    /// The headers that the middleware's flavour adds to everything that passes through it.
    fn mark(&self, answer: Answer) -> Answer {
        if self.world.site.linux {
            let answer = answer.header("x-ms-middleware-request-id", Uuid::new_v4().to_string());
            if answer.headers.iter().any(|(name, _)| name == "server") {
                answer
            } else {
                answer.header("server", "Kestrel")
            }
        } else {
            answer.header("server", "Microsoft-IIS/10.0").header("x-powered-by", "ASP.NET")
        }
    }

    fn host(&self) -> String {
        self.request.header("host").unwrap_or_default().to_owned()
    }
}

impl Provider {
    /// Every configured property of the policy must match (facts: easy-auth, 2.4).
    fn admits(&self, claims: &Value) -> bool {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let application = text("appid").or_else(|| text("azp"));
        let object_id = text("oid");
        let groups: Vec<&str> = claims
            .get("groups")
            .and_then(Value::as_array)
            .map(|list| list.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let named = |list: &[String], value: Option<&str>| {
            value.is_some_and(|value| list.iter().any(|entry| entry.eq_ignore_ascii_case(value)))
        };
        let in_group = |list: &[String]| groups.iter().any(|group| named(list, Some(group)));
        let applications = [&self.applications, &self.claim_check_applications]
            .into_iter()
            .all(|list| list.is_empty() || named(list, application));
        let principals = (self.identities.is_empty() && self.groups.is_empty())
            || named(&self.identities, object_id)
            || in_group(&self.groups);
        applications
            && principals
            && (self.claim_check_groups.is_empty() || in_group(&self.claim_check_groups))
            && self.tenants.as_ref().is_none_or(|tenants| named(tenants, text("tid")))
            && (!self.needs_service_principal || object_id.is_some())
    }
}
