//! A running lab: starts the servers, changes and fixes the world, and stops everything when it is dropped.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpSocket;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::error::LabError;
use super::files::Files;
use super::http::{Received, Server};
use super::keys::Keys;
use super::scenario::{self, Change, Scenario};
use super::shared::{Certificates, Shared};
use super::world::{Access, Addresses, World};
use super::{healthy, patch, platforms, server, tls};

/// How a lab runs.
#[derive(Debug, Clone, Default)]
pub struct LabOptions {
    /// How long every answer takes, at least.
    pub delay: Duration,
    /// Whether the servers speak https, with an authority of the run's own.
    pub tls: bool,
    /// Whether neither Azure Resource Manager nor Graph shows anything, and App 2's resource ID isn't given.
    pub black_box: bool,
    /// Keys to use instead of fresh ones, for a run of many labs.
    pub keys: Option<Arc<Keys>>,
    /// Where Azure Arc's key file is written. The agent's own directory belongs to the machine, so the lab's is another
    /// unless told; clients refuse a key outside the agent's directory.
    pub arc_directory: Option<std::path::PathBuf>,
}

/// A running lab.
pub struct Lab {
    pub(super) shared: Arc<Shared>,
    pub(super) files: Arc<Files>,
    pub(super) black_box: bool,
    pub(super) healthy: World,
    pub(super) changes: Mutex<Vec<(Change, bool)>>,
    /// App settings of App 1 that were set since it started, or deleted (`None`).
    pub(super) app1_settings: Mutex<BTreeMap<String, Option<String>>>,
    /// Bound sockets of servers that are down: the port stays theirs, and connections are refused.
    pub(super) idle: Mutex<HashMap<Server, TcpSocket>>,
    /// Servers that listen, and what stops each of them.
    pub(super) serving: Mutex<HashMap<Server, (CancellationToken, JoinHandle<()>)>>,
    pub(super) stop: CancellationToken,
}

impl std::fmt::Debug for Lab {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Lab").field("target", &self.target()).finish_non_exhaustive()
    }
}

impl Lab {
    /// Starts the servers of a scenario, on ports that the system chooses.
    ///
    /// # Errors
    /// When the scenario is malformed, or the system gives no port, key or file.
    pub async fn start(scenario: &Scenario, options: LabOptions) -> Result<Self, LabError> {
        let changes: Vec<(Change, bool)> =
            scenario::changes(scenario)?.into_iter().map(|change| (change, false)).collect();
        let keys = match options.keys {
            Some(keys) => keys,
            None => Arc::new(tokio::task::spawn_blocking(Keys::generate).await.map_err(LabError::keys)??),
        };
        let files = Arc::new(Files::create()?);
        let mut sockets = HashMap::new();
        let mut bases = HashMap::new();
        let scheme = if options.tls { "https" } else { "http" };
        for server in Server::ALL {
            let socket = bound(0)?;
            bases.insert(server, format!("{scheme}://{}", socket.local_addr()?));
            sockets.insert(server, socket);
        }
        let arc = options.arc_directory.as_deref().unwrap_or(files.path()).to_string_lossy().into_owned();
        let healthy = healthy::world(addresses(&bases, &files, arc));
        let certificates =
            Certificates { public: if options.tls { Some(tls::make()?) } else { None }, private: tls::make()? };
        let lab = Self {
            shared: Arc::new(Shared::new(healthy.clone(), keys, certificates, options.delay)),
            black_box: options.black_box,
            healthy,
            changes: Mutex::new(changes),
            app1_settings: Mutex::default(),
            idle: Mutex::new(sockets),
            serving: Mutex::default(),
            stop: CancellationToken::new(),
            files,
        };
        if let Some(tls) = &lab.shared.certificates.public {
            lab.files.write("ca.pem", &tls.authority_pem)?;
        }
        let files = Arc::downgrade(&lab.files);
        lab.shared.follow(Box::new(move |shared| files.upgrade().map_or(Ok(()), |files| files.write_world(shared))));
        lab.apply_changes()?;
        Ok(lab)
    }

    /// Fixes every fault of this finding code; returns whether there was one.
    ///
    /// # Errors
    /// When the fixed world is malformed.
    pub fn apply_fix(&self, code: &str) -> Result<bool, LabError> {
        let mut found = false;
        for (change, fixed) in &mut *lock(&self.changes) {
            if change.code == code && !*fixed {
                *fixed = true;
                found = true;
            }
        }
        if found {
            self.apply_changes()?;
        }
        Ok(found)
    }

    /// Puts another settings object in place, as the person's PUT of `authsettingsV2` does: the whole of it is
    /// replaced.
    ///
    /// # Errors
    /// When the object has no `properties`, or the lab's files cannot be written.
    pub fn put_settings(&self, body: &serde_json::Value) -> Result<(), LabError> {
        let properties = body.get("properties").filter(|properties| properties.is_object());
        let Some(properties) = properties else {
            return Err(LabError::Settings);
        };
        let mut world = (*self.shared.world()).clone();
        world.easy_auth.properties = properties.clone();
        self.replace_world(world)
    }

    /// Puts another world in place, with the files that show it, and starts servers that are no longer down.
    pub(super) fn replace_world(&self, world: World) -> Result<(), LabError> {
        self.shared.set_world(world);
        self.files.write_world(&self.shared)?;
        self.files.write("environ", &self.environment_block())?;
        self.listen()
    }

    /// The settings object as a GET of `authsettingsV2` gives it.
    #[must_use]
    pub fn settings(&self) -> serde_json::Value {
        serde_json::json!({"properties": self.shared.world().easy_auth.properties})
    }

    /// The world and what App 1 has, as one text: the same as long as nothing changes.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        serde_json::json!([*self.shared.world(), self.variables(), self.arguments()]).to_string()
    }

    /// Makes the world from the changes as they stand, and puts it in place.
    pub(super) fn apply_changes(&self) -> Result<(), LabError> {
        self.replace_world(self.made()?)?;
        self.write_credentials()
    }

    /// The world as the changes make it.
    pub(super) fn made(&self) -> Result<World, LabError> {
        Ok(self.adjusted(scenario::changed(&self.healthy, &lock(&self.changes))?))
    }

    /// The world, with what follows from it and from the lab's options.
    pub(super) fn adjusted(&self, mut world: World) -> World {
        if world.front_end.untrusted_certificate {
            world.addresses.app2 = world.addresses.app2.replacen("http://", "https://", 1);
        }
        world.identity_endpoint.pinned = platforms::is(&world, |platform| platform.pinned);
        if world.identity_endpoint.pinned {
            world.addresses.identity = world.addresses.identity.replacen("http://", "https://", 1);
        }
        if self.black_box {
            world.resource_manager.access = Access::None;
            world.graph.access = Access::None;
        }
        world
    }

    /// Writes the files of credentials where something needs them.
    pub(super) fn write_credentials(&self) -> Result<(), LabError> {
        if self.shared.certificates.public.is_some() || self.uses_credential_files() {
            self.files.write_credentials(&self.shared)?;
        }
        Ok(())
    }

    /// Whether a variable or an argument names a file whose making takes time.
    fn uses_credential_files(&self) -> bool {
        lock(&self.changes).iter().any(|(change, _)| {
            let mut texts = change.arguments.iter().chain(change.variables.values());
            texts.any(|text| text.contains("{file.certificate}") || text.contains("{file.federated_token}"))
        })
    }

    fn listen(&self) -> Result<(), LabError> {
        let world = self.shared.world();
        let mut idle = lock(&self.idle);
        for server in Server::ALL {
            if self.shared.faults(&world, server).down {
                continue;
            }
            if let Some(socket) = idle.remove(&server) {
                let listener = socket.listen(128)?;
                let stop = self.stop.child_token();
                let work = server::serve(server, listener, Arc::clone(&self.shared), stop.clone());
                lock(&self.serving).insert(server, (stop, tokio::spawn(work)));
            }
        }
        Ok(())
    }

    /// Stops servers that the world says are down; their ports stay theirs.
    pub(super) async fn close_down(&self) -> Result<(), LabError> {
        let world = self.shared.world();
        for server in Server::ALL.into_iter().filter(|server| self.shared.faults(&world, *server).down) {
            let Some((stop, task)) = lock(&self.serving).remove(&server) else {
                continue;
            };
            let base = self.address(server);
            let port = base.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or(0);
            // Between two holders of a port, another program could be given it.
            let held = if cfg!(unix) { Some(bound(port)?) } else { None };
            stop.cancel();
            // A server that panicked listens no more either.
            let _ = task.await;
            let socket = held.map_or_else(|| bound(port), Ok)?;
            lock(&self.idle).insert(server, socket);
        }
        Ok(())
    }

    /// The base URL of a server.
    fn address(&self, server: Server) -> &str {
        let addresses = &self.healthy.addresses;
        match server {
            Server::Identity => &addresses.identity,
            Server::Entra => &addresses.entra,
            Server::App2 => &addresses.app2,
            Server::ResourceManager => &addresses.resource_manager,
            Server::Graph => &addresses.graph,
            Server::OtherHost => &addresses.other_host,
            Server::Proxy => &addresses.proxy,
        }
    }

    /// Everything that arrived at the servers so far, tokens included: for tests that none goes astray.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.shared.received()
    }

    /// The URL on App 2 that App 1 calls.
    #[must_use]
    pub fn target(&self) -> String {
        let world = self.shared.world();
        format!("{}{}", world.addresses.app2, world.app.path)
    }

    /// The resource that App 1 requests, if any.
    #[must_use]
    pub fn resource(&self) -> Option<String> {
        Some(self.shared.world().app1.resource.clone()).filter(|resource| !resource.is_empty())
    }

    /// Entra's base URL.
    #[must_use]
    pub fn authority(&self) -> String {
        self.shared.world().addresses.entra.clone()
    }

    /// Azure Resource Manager's base URL.
    #[must_use]
    pub fn resource_manager(&self) -> String {
        self.shared.world().addresses.resource_manager.clone()
    }

    /// Microsoft Graph's base URL.
    #[must_use]
    pub fn graph(&self) -> String {
        self.shared.world().addresses.graph.clone()
    }

    /// App 2's resource ID, unless the lab is a black box.
    #[must_use]
    pub fn target_resource_id(&self) -> Option<String> {
        (!self.black_box).then(|| self.shared.world().site_resource_id())
    }

    /// Secrets of this run, for tests that none appears in any output.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        let secrets = &self.shared.secrets;
        vec![secrets.identity_header.clone(), secrets.client_secret.clone(), secrets.arc_key.clone()]
    }

    /// A value of the world by its dotted path, such as `registration.client_id`, as text.
    #[must_use]
    pub fn value(&self, path: &str) -> Option<String> {
        patch::filled_text(&format!("{{{path}}}"), &self.data()).ok()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// A socket that holds a port of this computer, or one that the system chooses (0), and refuses connections until it
/// listens.
fn bound(port: u16) -> std::io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    #[cfg(unix)]
    socket.set_reuseport(true)?;
    socket.bind(SocketAddr::from(([127, 0, 0, 1], port)))?;
    Ok(socket)
}

fn addresses(bases: &HashMap<Server, String>, files: &Files, arc: String) -> Addresses {
    let base = |server: Server| bases.get(&server).cloned().unwrap_or_default();
    Addresses {
        identity: base(Server::Identity),
        identity_by_name: base(Server::Identity).replace("127.0.0.1", "localhost"),
        arc,
        entra: base(Server::Entra),
        app2: base(Server::App2),
        resource_manager: base(Server::ResourceManager),
        graph: base(Server::Graph),
        other_host: base(Server::OtherHost),
        proxy: base(Server::Proxy),
        files: files.path().to_string_lossy().into_owned(),
    }
}

/// A poisoned lock only says that another thread panicked; the data is whole.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
