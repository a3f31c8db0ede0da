//! Which service answers at which server.

use super::http::{Answer, Received, Server};
use super::shared::Shared;
use super::world::World;
use super::{entra, graph, other, platforms, protected_app, resource_manager};

/// The answer of a server to one request.
pub(crate) fn answer(server: Server, shared: &Shared, world: &World, request: &Received) -> Answer {
    match server {
        Server::Identity => platforms::answer(shared, world, request),
        Server::Entra => entra::answer(shared, world, request),
        Server::App2 => protected_app::answer(shared, world, request),
        Server::ResourceManager => resource_manager::answer(shared, world, request),
        Server::Graph => graph::answer(shared, world, request),
        Server::OtherHost => other::host(request),
        Server::Proxy => other::proxy(request),
    }
}
