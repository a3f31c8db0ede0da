//! The platform's token endpoint on App 1's machine.

use super::app_service;
use super::http::{Answer, Received};
use super::platforms;
use super::shared::Shared;
use super::world::{Platform, World};

/// Answers one request.
pub(crate) fn answer(shared: &Shared, world: &World, request: &Received) -> Answer {
    match world.identity_endpoint.platform {
        Platform::AppService | Platform::ContainerApps => app_service::protocol_2019(shared, world, request),
        Platform::AppService2017 | Platform::MachineLearning => app_service::protocol_2017(shared, world, request),
        Platform::ServiceFabric => platforms::service_fabric(shared, world, request),
        Platform::AzureArc => platforms::azure_arc(shared, world, request),
        Platform::CloudShell => platforms::cloud_shell(shared, world, request),
        Platform::VirtualMachine => platforms::virtual_machine(shared, world, request),
        Platform::Unsupported => Answer::empty(404),
    }
}
