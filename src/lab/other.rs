//! Servers that should never get a token: another host that redirects point to, and a forward proxy.

use super::http::{Answer, Received};

/// Another host: says hello to whoever comes.
pub(crate) fn host(request: &Received) -> Answer {
    if request.path().contains("login") {
        return Answer::html(200, "<html><head><title>Sign in</title></head><body><form>Sign in</form></body></html>");
    }
    Answer::json(200, &serde_json::json!({"message": "Hello from another host"}))
}

/// A proxy that knows neither loopback nor link-local addresses, as a company's does.
pub(crate) fn proxy(_request: &Received) -> Answer {
    Answer::html(
        403,
        "<html><head><title>Access denied</title></head><body><h1>Forbidden</h1><p>The proxy does not serve this \
         destination.</p></body></html>",
    )
    .header("server", "squid/6.6")
    .header("via", "1.1 proxy.contoso.com (squid/6.6)")
    .header("x-squid-error", "ERR_ACCESS_DENIED 0")
}
