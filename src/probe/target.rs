//! App 2: without a token, with a deliberately invalid one, with the real one; and what it shows about itself.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::Url;
use zeroize::Zeroizing;

use crate::case::exchange::Purpose;
use crate::case::inputs::is_safe;
use crate::case::may_send::{Confirmations, Permission, Refusal, may_send};
use crate::case::secret::Secret;
use crate::case::shown::address;
use crate::case::text::visible;
use crate::case::token::DecodedToken;

use super::http::{HeaderText, Http, Reply, Request};
use super::prepare::Prepared;

/// Redirects of the real call are followed this often at the most.
pub const REDIRECTS: u8 = 5;

/// A real token that may go to App 2. Only [`Cleared::of`] makes one, so that no request carries another.
#[derive(Debug, Clone)]
pub struct Cleared {
    token: Secret<String>,
}

impl Cleared {
    /// The token where it may go to App 2, and why it may.
    ///
    /// # Errors
    /// Why it may not.
    pub fn of(
        token: &Secret<String>,
        decoded: &DecodedToken,
        known: &Confirmations,
    ) -> Result<(Self, Permission), Refusal> {
        let permission = may_send(decoded, known)?;
        let token = token.clone();
        Ok((Self { token }, permission))
    }
}

/// App 2 as it is to be called.
#[derive(Debug, Clone)]
pub struct Target<'a> {
    /// The sender.
    pub http: &'a Http,
    /// The inputs and what was read for them.
    pub prepared: &'a Prepared,
    /// The address to call.
    pub url: Url,
}

impl Target<'_> {
    /// Without a token, and without a key in the address, which would let anybody in. Always a GET.
    pub async fn anonymous(&self) -> Reply {
        self.beside(|url| self.with_headers(Request::get(Purpose::CallAnonymous, url))).await
    }

    /// With a deliberately invalid token: well-formed, from an issuer that does not exist, signed by nobody. Always a
    /// GET.
    pub async fn impossible(&self) -> Reply {
        let token = impossible_token();
        self.beside(|url| self.with_headers(Request::get(Purpose::CallInvalidToken, url)).bearer(&token)).await
    }

    /// A request to the target; where that redirects to its own address with or without a slash at the end, to there:
    /// the call goes there, too, and only that answer can be compared with the call's.
    async fn beside(&self, request: impl Fn(Url) -> Request) -> Reply {
        let url = address::without_keys(&self.url);
        let reply = self.http.send(request(url.clone())).await;
        let bare = |url: &Url| url.path().trim_end_matches('/').to_owned();
        match redirect(&reply, &url).filter(|next| next.origin() == url.origin() && bare(next) == bare(&url)) {
            Some(next) if next.path() != url.path() => self.http.send(request(next)).await,
            _ => reply,
        }
    }

    /// What Easy Auth's login address says; its redirect names client ID and tenant.
    pub async fn login(&self) -> Option<Reply> {
        let url = self.url.join("/.auth/login/aad").ok()?;
        Some(self.http.send(Request::get(Purpose::LoginRedirect, url)).await)
    }

    /// The OAuth protected-resource metadata; its scopes name the Application ID URI.
    pub async fn metadata(&self) -> Option<Reply> {
        let url = self.url.join("/.well-known/oauth-protected-resource").ok()?;
        Some(self.http.send(Request::get(Purpose::ProtectedResourceMetadata, url)).await)
    }

    /// The same at the address that App 2's challenge names, where that is on App 2's own host.
    pub async fn metadata_at(&self, url: Url) -> Option<Reply> {
        if !may_follow(&self.url, &url) {
            return None;
        }
        Some(self.http.send(Request::get(Purpose::ProtectedResourceMetadata, url)).await)
    }

    /// The real call, redirects followed by hand. `None`: it was left out, for the reason given.
    pub async fn call(&self, token: &Cleared) -> Option<Reply> {
        let first = self.first(Purpose::CallWithToken);
        if !is_safe(&first.method) && !self.prepared.inputs.confirmed {
            let reason = format!("{} can change data in App 2; confirm it with --yes", visible(&first.method));
            self.http.leave_out(Purpose::CallWithToken, reason);
            return None;
        }
        let mut reply = self.http.send(self.with_headers(first.clone()).bearer(&token.token)).await;
        let mut at = self.url.clone();
        let mut request = first;
        for number in 0..REDIRECTS {
            let Some(next) = redirect(&reply, &at) else { break };
            let purpose = Purpose::CallRedirect(number);
            if !may_follow(&at, &next) {
                let reason = format!(
                    "the redirect goes to {}; the token is sent only to App 2's host",
                    visible(next.host_str().unwrap_or("no host"))
                );
                self.http.leave_out(purpose, reason);
                break;
            }
            let keeps_method = matches!(reply.status(), Some(307 | 308));
            if !keeps_method {
                request = Request::get(purpose.clone(), next.clone());
            }
            request.purpose = purpose;
            request.url = next.clone();
            reply = self.http.send(self.with_headers(request.clone()).bearer(&token.token)).await;
            at = next;
        }
        Some(reply)
    }

    /// Whether the call may be sent once more: its method changes nothing, and its address has no key.
    pub fn may_repeat(&self) -> bool {
        is_safe(&self.prepared.inputs.method) && address::without_keys(&self.url) == self.url
    }

    /// The call once more, where its answer was no redirect's.
    pub async fn call_again(&self, token: &Cleared, reply: &Reply) {
        let request = self.first(Purpose::CallAgain);
        if self.may_repeat() && reply.exchange.purpose == Purpose::CallWithToken {
            self.http.send(self.with_headers(request).bearer(&token.token)).await;
        }
    }

    fn first(&self, purpose: Purpose) -> Request {
        Request {
            method: self.prepared.inputs.method.clone(),
            body: self.prepared.data.clone().map(Zeroizing::new),
            ..Request::get(purpose, self.url.clone())
        }
    }

    /// One GET with a token for the other form of the audience.
    pub async fn call_other(&self, token: &Cleared) {
        let request = self.with_headers(Request::get(Purpose::CallOtherAudience, address::without_keys(&self.url)));
        self.http.send(request.bearer(&token.token)).await;
    }

    /// One GET of Easy Auth's own page about the caller, which no code of the app serves: it shows a refusal by Easy
    /// Auth from one by the app. `prefix` is App 2's `apiPrefix`, usually `/.auth`.
    pub async fn me(&self, token: &Cleared, prefix: &str) {
        let Ok(url) = self.url.join(&format!("{}/me", prefix.trim_end_matches('/'))) else {
            return;
        };
        // A strange prefix could lead to another host (`//host`), where the token does not belong.
        if !may_follow(&self.url, &url) {
            self.http.leave_out(Purpose::AuthMe, "App 2's apiPrefix isn't a path on its host");
            return;
        }
        let request = self.with_headers(Request::get(Purpose::AuthMe, url));
        self.http.send(request.bearer(&token.token)).await;
    }

    fn with_headers(&self, mut request: Request) -> Request {
        for (name, value) in &self.prepared.inputs.headers {
            request.headers.push((name.clone(), HeaderText::Hidden(value.clone())));
        }
        request
    }
}

/// Where a redirect leads; sign-in pages are never followed.
fn redirect(reply: &Reply, at: &Url) -> Option<Url> {
    let answer = reply.exchange.answer().filter(|answer| matches!(answer.status, 301 | 302 | 303 | 307 | 308))?;
    let next = at.join(answer.header("location")?).ok()?;
    let sign_in = next.path().contains("/.auth/login") || next.path().ends_with("/authorize");
    (!sign_in).then_some(next)
}

/// The token goes to the same host and port, or from http to https of the same host.
fn may_follow(at: &Url, next: &Url) -> bool {
    let same_host = at.host_str() == next.host_str();
    let upgrade = at.scheme() == "http" && next.scheme() == "https" && next.port().is_none();
    let clean = next.username().is_empty() && next.password().is_none();
    same_host
        && clean
        && (upgrade || at.scheme() == next.scheme() && at.port_or_known_default() == next.port_or_known_default())
}

fn impossible_token() -> Secret<String> {
    let header = r#"{"alg":"RS256","typ":"JWT","kid":"easyauth-doctor-probe"}"#;
    let claims =
        r#"{"aud":"easyauth-doctor.invalid","iss":"https://easyauth-doctor.invalid/","nbf":0,"exp":1,"sub":"probe"}"#;
    let signature: Vec<u8> = std::iter::repeat_with(|| *uuid::Uuid::new_v4().as_bytes()).take(16).flatten().collect();
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    Secret::new(format!("{}.{}.{}", encode(header.as_bytes()), encode(claims.as_bytes()), encode(&signature)))
}

#[cfg(test)]
mod tests {
    use super::may_follow;

    #[test]
    fn a_token_follows_a_redirect_to_its_own_host_only() {
        let url = |text: &str| url::Url::parse(text).unwrap();
        let at = url("https://app2.azurewebsites.net/api");
        assert!(may_follow(&at, &url("https://app2.azurewebsites.net/api/")));
        for elsewhere in [
            "https://app2.azurewebsites.net.evil.example/",
            "https://evil.example/",
            "http://app2.azurewebsites.net/api",
            "https://app2.azurewebsites.net:8443/",
            "https://user@app2.azurewebsites.net/",
        ] {
            assert!(!may_follow(&at, &url(elsewhere)), "{elsewhere}");
        }
        assert!(may_follow(&url("http://localhost/x"), &url("https://localhost/x")));
    }
}
