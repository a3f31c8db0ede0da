use super::*;
use crate::case::environment::{AZURE_CHASSIS_ASSET_TAG, Place, Variable, VariableValue};
use crate::case::ids::ClientId;

fn environment(names: &[&str]) -> Environment {
    Environment {
        os: "linux".to_owned(),
        variables: names
            .iter()
            .map(|name| {
                let (name, value) = name.split_once('=').unwrap_or((name, "x"));
                Variable { name: name.to_owned(), value: VariableValue::Plain(value.to_owned()), place: Place::Process }
            })
            .collect(),
        ..Environment::default()
    }
}

#[test]
fn the_platform_follows_the_order_of_the_sdks() {
    use Platform::*;
    let cases: &[(&[&str], Option<Platform>)] = &[
        (&["IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IDENTITY_SERVER_THUMBPRINT"], Some(ServiceFabric)),
        (&["IDENTITY_ENDPOINT", "IDENTITY_HEADER", "MSI_ENDPOINT", "MSI_SECRET"], Some(AppService)),
        (&["IDENTITY_ENDPOINT", "IDENTITY_HEADER", "CONTAINER_APP_NAME"], Some(ContainerApps)),
        (&["MSI_ENDPOINT", "MSI_SECRET", "WEBSITE_SITE_NAME"], Some(AppService2017)),
        (&["MSI_ENDPOINT", "MSI_SECRET"], Some(AzureMl)),
        (&["IDENTITY_ENDPOINT", "IMDS_ENDPOINT"], Some(AzureArc)),
        (&["MSI_ENDPOINT"], Some(CloudShell)),
        (&["AZURE_POD_IDENTITY_AUTHORITY_HOST"], Some(VirtualMachine)),
        (&["IDENTITY_ENDPOINT", "IDENTITY_HEADER="], None),
        (&["WEBSITE_SITE_NAME", "AZURE_POD_IDENTITY_AUTHORITY_HOST"], None),
        (&[], None),
    ];
    for (names, expected) in cases {
        assert_eq!(platform(&environment(names)), *expected, "{names:?}");
    }
    let mut machine = environment(&[]);
    machine.chassis_asset_tag = Some(format!("{AZURE_CHASSIS_ASSET_TAG}\n"));
    assert_eq!(platform(&machine), Some(VirtualMachine));
    machine.arc_agent = Some("/var/opt/azcmagent/bin/himds".to_owned());
    assert_eq!(platform(&machine), Some(AzureArc));
}

#[test]
fn the_chain_takes_the_environment_before_the_managed_identity() {
    let service = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID"];
    let identity = ["IDENTITY_ENDPOINT", "IDENTITY_HEADER", "WEBSITE_SITE_NAME"];
    let chosen = |extra: &[&str]| {
        let names: Vec<&str> = service.iter().chain(&identity).chain(extra).copied().collect();
        choose(&environment(&names), &Inputs::default())
    };
    let stray = chosen(&["AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH"]);
    assert_eq!(stray.source, CredentialSource::ClientSecret);
    assert!(stray.because.contains("App Service") && stray.because.contains("isn't used"), "{}", stray.because);
    assert_eq!(chosen(&["AZURE_CLIENT_CERTIFICATE_PATH"]).source, CredentialSource::ClientCertificate);
    assert_eq!(chosen(&["AZURE_FEDERATED_TOKEN_FILE"]).source, CredentialSource::WorkloadIdentity);
    assert_eq!(chosen(&[]).source, CredentialSource::ManagedIdentity(Platform::AppService));
    let half = choose(&environment(&["AZURE_CLIENT_SECRET", "MSI_ENDPOINT"]), &Inputs::default());
    assert_eq!(half.source, CredentialSource::ManagedIdentity(Platform::CloudShell));
    assert!(half.because.contains("AZURE_TENANT_ID"), "{}", half.because);
}

#[test]
fn explicit_kinds_say_what_they_lack() {
    let with = |credential| Inputs { credential, ..Inputs::default() };
    let secret = choose(&environment(&["AZURE_TENANT_ID"]), &with(CredentialKind::ClientSecret));
    assert_eq!(secret.missing, ["AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"]);
    let token = choose(&environment(&[]), &with(CredentialKind::Token));
    assert_eq!(token.missing, ["--token-file"]);
    let machine = choose(&environment(&[]), &with(CredentialKind::ManagedIdentity));
    assert_eq!(machine.source, CredentialSource::ManagedIdentity(Platform::VirtualMachine));
    let app = choose(&environment(&["WEBSITE_SITE_NAME"]), &with(CredentialKind::ManagedIdentity));
    assert_eq!(app.source, CredentialSource::Unavailable);
    assert_eq!(choose(&environment(&[]), &Inputs::default()).source, CredentialSource::Unavailable);
}

#[test]
fn the_selector_follows_the_option_and_then_the_variable() {
    let with_variable = environment(&["AZURE_CLIENT_ID=guid"]);
    let mut inputs = Inputs::default();
    let (selector, reason) = effective_selector(&with_variable, &inputs);
    assert_eq!(selector, IdentitySelector::ClientId(ClientId::new("guid")));
    assert!(reason.contains("AZURE_CLIENT_ID"));
    assert_eq!(effective_selector(&environment(&[]), &inputs).0, IdentitySelector::System);
    inputs.identity = IdentitySelector::System;
    assert_eq!(effective_selector(&with_variable, &inputs).0, IdentitySelector::System);
}

#[test]
fn hosts_that_never_get_an_endpoint_are_named() {
    let (host, mark) = host_without_endpoint(&environment(&["WEBSITE_STATICWEBAPP_RESOURCE_ID=/s"])).unwrap();
    assert!(host.contains("Static Web Apps") && mark == "WEBSITE_STATICWEBAPP_RESOURCE_ID");
    assert!(host_without_endpoint(&environment(&["DOCKER_CUSTOM_IMAGE_NAME=COMPOSE|abc"])).is_some());
    assert!(host_without_endpoint(&environment(&["DOCKER_CUSTOM_IMAGE_NAME=nginx"])).is_none());
}
