//! A world of a test's own: App 2, an identity endpoint, and what App 1's environment holds.

use std::time::Duration;

use easyauth_doctor::case::inputs::Inputs;
use easyauth_doctor::probe;
use easyauth_doctor::report::Report;
use easyauth_doctor::session;
use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;

use super::network::{self, NOBODY};
use super::observing::runtime;
use super::server::{IDENTITY_HEADER, RESOURCE, Server, http, identity_for};

/// What the program is given in a world.
pub struct World {
    pub inputs: Inputs,
    pub variables: Vec<(String, String)>,
    // The servers live as long as the world.
    _identity: Server,
    pub app2: Server,
}

/// What is asked for where App 2 is this server, and nobody answers for Azure.
pub fn inputs_for(app2: &Server) -> Inputs {
    Inputs {
        target: Some(format!("{}/api/hello", app2.url)),
        resource: Some(RESOURCE.to_owned()),
        authority: Some(NOBODY.to_owned()),
        resource_manager: Some(NOBODY.to_owned()),
        graph: Some(NOBODY.to_owned()),
        timeout_s: 5,
        ..Inputs::default()
    }
}

impl World {
    /// A world in which App 2 answers like this, and the identity endpoint gives a token for it.
    pub fn with(app2: Server) -> Self {
        let identity = identity_for(RESOURCE);
        let variables = [
            ("IDENTITY_ENDPOINT", format!("{}/msi/token", identity.url)),
            ("IDENTITY_HEADER", IDENTITY_HEADER.to_owned()),
            ("WEBSITE_SITE_NAME", "app1".to_owned()),
        ];
        let inputs = inputs_for(&app2);
        Self {
            inputs,
            variables: variables.map(|(name, value)| (name.to_owned(), value)).to_vec(),
            _identity: identity,
            app2,
        }
    }

    /// A world in which App 2 refuses the real token with this status, headers, and body, and challenges everybody
    /// else.
    pub fn refusing(status: &str, headers: &str, body: &str) -> Self {
        let (status, headers, body) = (status.to_owned(), headers.to_owned(), body.to_owned());
        Self::with(Server::answers(move |head| answer(head, &status, &headers, &body)))
    }

    /// What the doctor says of it.
    pub fn observe(&self) -> Report {
        let mut prepared = probe::prepare_with(self.inputs.clone(), Some(self.variables.clone())).unwrap();
        // A busy machine is no reason to see less.
        prepared.grace = Duration::from_secs(600);
        network::guard(network::refused_inputs(&prepared.inputs, &self.variables));
        let (events, _) = unbounded_channel();
        runtime().block_on(session::run(&prepared, None, events, CancellationToken::new()))
    }
}

/// App 2's answer: Easy Auth's challenge without a token of this test, and the given one with it.
pub fn answer(head: &str, status: &str, headers: &str, body: &str) -> String {
    let has_token = head.to_lowercase().contains("authorization: bearer") && !head.contains(IMPOSSIBLE);
    if has_token {
        http(status, headers, body)
    } else {
        let id = RESOURCE.trim_start_matches("api://");
        let challenge = format!(
            "www-authenticate: Bearer realm=\"127.0.0.1\" \
             authorization_uri=\"https://login.windows.net/11111111-2222-4333-8444-555555555555/oauth2/authorize\" \
             resource_id=\"{id}\"\r\n"
        );
        http("401 Unauthorized", &challenge, "")
    }
}

/// How the header of the deliberately invalid token begins.
const IMPOSSIBLE: &str = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImVhc3lhdXRoLWRvY3Rvci1wcm9iZSJ9";
