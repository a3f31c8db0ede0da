//! What the servers of one lab share: the world as it stands, keys, secrets, and what arrived.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio_rustls::TlsAcceptor;
use uuid::Uuid;

use super::clock;
use super::error::LabError;
use super::http::{Received, Server};
use super::keys::Keys;
use super::tls::Tls;
use super::world::{Faults, World};

/// Secrets of one run.
pub(crate) struct Secrets {
    /// What the token endpoint requires in its header.
    pub identity_header: String,
    /// The service principal's secret.
    pub client_secret: String,
    /// What Azure Arc's key file contains.
    pub arc_key: String,
}

impl Secrets {
    /// Fresh ones. The client secret has the form of Entra's: it has characters that a careless URL encoding breaks.
    pub fn generate() -> Self {
        let tail: String = Uuid::new_v4().simple().to_string();
        Self {
            identity_header: Uuid::new_v4().to_string().to_uppercase(),
            client_secret: format!("Lab8Q~{}.-+{}", Uuid::new_v4().simple(), tail.chars().take(4).collect::<String>()),
            arc_key: Uuid::new_v4().simple().to_string(),
        }
    }
}

/// What the servers present to clients that speak https.
pub(crate) struct Certificates {
    /// Of an authority that clients are given; `None` when the lab speaks http.
    pub public: Option<Tls>,
    /// Of an authority that nobody is given.
    pub private: Tls,
}

/// What is done after a request has changed the world.
pub(crate) type Follower = Box<dyn Fn(&Shared) -> Result<(), LabError> + Send + Sync>;

/// What the servers of one lab share.
pub(crate) struct Shared {
    world: Mutex<Arc<World>>,
    pub keys: Arc<Keys>,
    pub secrets: Secrets,
    pub certificates: Certificates,
    delay: Duration,
    received: Mutex<Vec<Received>>,
    counts: Mutex<HashMap<(Server, String), u32>>,
    /// What shows a changed world elsewhere.
    follower: OnceLock<Follower>,
}

impl Shared {
    pub fn new(world: World, keys: Arc<Keys>, certificates: Certificates, delay: Duration) -> Self {
        Self {
            world: Mutex::new(Arc::new(world)),
            keys,
            secrets: Secrets::generate(),
            certificates,
            delay,
            received: Mutex::new(Vec::new()),
            counts: Mutex::new(HashMap::new()),
            follower: OnceLock::new(),
        }
    }

    /// The world as it stands now.
    pub fn world(&self) -> Arc<World> {
        Arc::clone(&lock(&self.world))
    }

    /// Puts another world in its place; requests under way keep theirs.
    pub fn set_world(&self, world: World) {
        *lock(&self.world) = Arc::new(world);
    }

    /// The same, as a request asks for it: what shows the world elsewhere follows.
    pub fn change_world(&self, world: World) -> Result<(), LabError> {
        self.set_world(world);
        self.follower.get().map_or(Ok(()), |follow| follow(self))
    }

    /// Sets what is done after a request has changed the world.
    pub fn follow(&self, follower: Follower) {
        let _ = self.follower.set(follower);
    }

    /// Counts requests from 1 again.
    pub fn forget_requests(&self) {
        lock(&self.counts).clear();
    }

    /// How the server speaks https now, if it does.
    pub fn acceptor(&self, server: Server) -> Option<TlsAcceptor> {
        let world = self.world();
        let private = match server {
            Server::App2 => world.front_end.untrusted_certificate,
            Server::Identity => world.identity_endpoint.pinned,
            Server::Entra | Server::ResourceManager | Server::Graph | Server::OtherHost | Server::Proxy => false,
        };
        let tls = if private { Some(&self.certificates.private) } else { self.certificates.public.as_ref() };
        tls.map(|tls| tls.acceptor.clone())
    }

    /// How long every answer takes, at least.
    pub fn delay(&self) -> Duration {
        self.delay
    }

    /// Records a request and gives its number among those for the same address, from 1.
    pub fn record(&self, received: Received) -> u32 {
        let mut counts = lock(&self.counts);
        let count = counts.entry((received.server, received.target.clone())).or_insert(0);
        *count += 1;
        lock(&self.received).push(received);
        *count
    }

    /// Everything that arrived so far.
    pub fn received(&self) -> Vec<Received> {
        lock(&self.received).clone()
    }

    /// A server's faults.
    pub fn faults(&self, world: &World, server: Server) -> Faults {
        match server {
            Server::Identity => world.identity_endpoint.faults.clone(),
            Server::Entra => world.entra.faults.clone(),
            Server::App2 => world.front_end.faults.clone(),
            Server::ResourceManager => world.resource_manager.faults.clone(),
            Server::Graph => world.graph.faults.clone(),
            Server::OtherHost | Server::Proxy => Faults::default(),
        }
    }
}

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    clock::utc().timestamp()
}

/// A poisoned lock only says that another thread panicked; the data is whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
