//! The well-known APIs of Azure and Microsoft 365: a token for one of them is never sent to App 2.

/// APIs whose tokens must never reach App 2: host names (a leading dot: any host below) and application ids, with the
/// API's name. A host's more specific row stands before the wider one. Sources: the endpoints of the clouds that the
/// Azure CLI prints (`az cloud show`), and the first-party application list of the Entra documentation.
#[rustfmt::skip]
const WELL_KNOWN: &[(&str, &[&str])] = &[
    ("Azure Resource Manager", &["797f4846-ba00-4fd7-ba43-dac1f8f63013", "management.azure.com", "management.core.windows.net",
        "management.usgovcloudapi.net", "management.core.usgovcloudapi.net", "management.chinacloudapi.cn",
        "management.core.chinacloudapi.cn", ".management.azure.com"]),
    ("Microsoft Graph", &["00000003-0000-0000-c000-000000000000", "graph.microsoft.com", "graph.microsoft.us",
        "dod-graph.microsoft.us", "microsoftgraph.chinacloudapi.cn", "canary.graph.microsoft.com"]),
    ("Azure AD Graph", &["00000002-0000-0000-c000-000000000000", "graph.windows.net", "graph.microsoftazure.us",
        "graph.chinacloudapi.cn"]),
    ("Azure Key Vault", &["cfa8b339-82a2-471a-a3c9-0fc0be7a4093", ".vault.azure.net", ".vault.usgovcloudapi.net",
        ".vault.azure.cn", ".managedhsm.azure.net", ".managedhsm.usgovcloudapi.net", ".managedhsm.azure.cn"]),
    ("Azure Storage", &["e406a681-f3d4-42a8-90b6-c2b029497af1", ".storage.azure.com", ".blob.core.windows.net",
        ".queue.core.windows.net", ".table.core.windows.net", ".file.core.windows.net", ".dfs.core.windows.net",
        ".blob.core.usgovcloudapi.net", ".queue.core.usgovcloudapi.net", ".table.core.usgovcloudapi.net",
        ".file.core.usgovcloudapi.net", ".dfs.core.usgovcloudapi.net", ".blob.core.chinacloudapi.cn",
        ".queue.core.chinacloudapi.cn", ".table.core.chinacloudapi.cn", ".file.core.chinacloudapi.cn",
        ".dfs.core.chinacloudapi.cn"]),
    ("Azure Database for PostgreSQL and MySQL", &["123cd850-d9df-40bd-94d5-c9f07b7fa203",
        "ossrdbms-aad.database.windows.net", "ossrdbms-aad.database.usgovcloudapi.net",
        "ossrdbms-aad.database.chinacloudapi.cn"]),
    ("Azure SQL", &["022907d3-0f1b-48f7-badc-1ba6abab6d66", ".database.windows.net", ".database.usgovcloudapi.net",
        ".database.chinacloudapi.cn"]),
    ("Azure Service Bus", &["80a10ef9-8168-493d-abf9-3297c4ef6e3c", "servicebus.azure.net", ".servicebus.windows.net",
        ".servicebus.usgovcloudapi.net", ".servicebus.chinacloudapi.cn"]),
    ("Azure Event Hubs", &["80369ed6-5f11-4dd9-bef3-692475845e77", "eventhubs.azure.net"]),
    ("Azure Event Grid", &["eventgrid.azure.net"]),
    ("Azure Relay", &["relay.azure.net"]),
    ("Azure Cosmos DB", &["a232010e-820c-4083-83bb-3ace5fc29d0b", "cosmos.azure.com", ".documents.azure.com",
        ".documents.azure.us", ".documents.azure.cn"]),
    ("Azure AI services", &["7d312290-28c8-473c-a0ed-8e53749b6d6d", ".cognitiveservices.azure.com",
        ".cognitiveservices.azure.us", ".cognitiveservices.azure.cn", ".openai.azure.com", "ai.azure.com"]),
    ("Azure AI Search", &[".search.azure.com", ".search.windows.net", "search.azure.us"]),
    ("Azure Machine Learning", &["0736f41a-0425-4b46-bdb5-1563eff02385", "18a66f5f-dbdf-4c17-9dd7-1634712a9cbe", "ml.azure.com",
        ".azureml.ms", ".ml.azure.com"]),
    ("Dynamics 365 and Dataverse", &["00000007-0000-0000-c000-000000000000", ".dynamics.com", ".crm.dynamics.com"]),
    ("Azure Kubernetes Service", &["6dae42f8-4368-4678-94ff-3960e28e3630"]),
    ("Azure IoT Hub", &["iothubs.azure.net", ".azure-devices.net"]),
    ("Azure Health Data Services", &[".azurehealthcareapis.com", ".fhir.azurehealthcareapis.com"]),
    ("Microsoft Purview", &["73c2949e-da2d-457a-9607-fcc665198967", "purview.azure.net", ".purview.azure.com",
        ".purview.azure.net", "atlas.azure.com"]),
    ("Microsoft Intune", &["api.manage.microsoft.com"]),
    ("Power Platform", &["475226c6-020e-4fb2-8a90-7a972cbfc1d4", "service.powerapps.com", "api.powerplatform.com",
        ".powerapps.com", ".powerplatform.com", ".flow.microsoft.com"]),
    ("Microsoft identity platform", &["pas.windows.net", "login.microsoftonline.com", "sts.windows.net"]),
    ("Microsoft Defender", &["api.securitycenter.microsoft.com", "api.security.microsoft.com", "securitycenter.microsoft.com"]),
    ("Office 365 Management", &["c5393580-f805-4401-95e8-94b7a6ef2fc2", "manage.office.com"]),
    ("Azure App Configuration", &["35ffadb3-7fc1-497e-b61b-381d28e744cc", ".azconfig.io", ".azconfig.azure.us",
        ".azconfig.azure.cn", "appconfig.azure.com"]),
    ("Azure Container Registry", &["containerregistry.azure.net", ".azurecr.io", ".azurecr.us", ".azurecr.cn"]),
    ("Azure Monitor", &["ca7f3f0b-7d91-482c-8e09-c5d840d0eac5", "monitor.azure.com", "monitor.azure.us", "monitor.azure.cn",
        "api.loganalytics.io", "api.loganalytics.us", "api.loganalytics.azure.cn", "api.applicationinsights.io"]),
    ("Azure Data Lake", &["e9f49c6b-5ce5-44c8-925d-015017e9f7ad", "datalake.azure.net"]),
    ("Azure Data Explorer", &["2746ea77-4702-4b45-80ca-3c97e680e8b7", ".kusto.windows.net", ".kusto.usgovcloudapi.net"]),
    ("Azure Batch", &["ddbf3205-c6bd-46ae-8127-60eb93363864", "batch.core.windows.net", "batch.core.usgovcloudapi.net",
        "batch.chinacloudapi.cn"]),
    ("Azure Synapse", &["dev.azuresynapse.net", "dev.azuresynapse.usgovcloudapi.net", "dev.azuresynapse.azure.cn"]),
    ("Azure Databricks", &["2ff814a6-3304-4ab8-85cb-cd0e6f879c1d"]),
    ("Azure Cache for Redis", &["acca5fbb-b7e4-4009-81f1-37e38fd66d78", "redis.azure.com"]),
    ("Azure Digital Twins", &["0b07f429-9f4b-4714-9392-cc5e8e80c8b0", "digitaltwins.azure.net"]),
    ("Azure SignalR and Web PubSub", &["signalr.azure.com", ".signalr.net", "webpubsub.azure.com"]),
    ("Azure Communication Services", &["communication.azure.com"]),
    ("Azure DevOps", &["499b84ac-1321-427f-aa17-267ca6975798", "app.vssps.visualstudio.com"]),
    ("Entra token exchange", &["fb60f99c-7a34-4190-8149-302f77469936", "azureadtokenexchange",
        "azureadtokenexchangeusgov", "azureadtokenexchangechina"]),
    ("Power BI", &["00000009-0000-0000-c000-000000000000", ".analysis.windows.net", ".analysis.usgovcloudapi.net",
        ".analysis.chinacloudapi.cn", "api.fabric.microsoft.com"]),
    ("Office 365 Exchange Online", &["00000002-0000-0ff1-ce00-000000000000", "outlook.office365.com", "outlook.office.com"]),
    ("SharePoint Online", &["00000003-0000-0ff1-ce00-000000000000", ".sharepoint.com", ".sharepoint.us", ".sharepoint.cn"]),
];

/// The well-known API that a resource or audience stands for, by host name or application id, if it is one.
#[must_use]
pub fn api(resource: &str) -> Option<&'static str> {
    let resource = resource.trim().trim_end_matches('/').to_ascii_lowercase();
    let host = resource
        .split_once("://")
        .map_or(resource.as_str(), |(_, rest)| rest)
        .split(['/', '?', '#'])
        .next()
        .unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = host.split(':').next().unwrap_or_default().trim_end_matches('.');
    let fits = |name: &&str| match name.strip_prefix('.') {
        Some(domain) => host == domain || host.strip_suffix(domain).is_some_and(|below| below.ends_with('.')),
        None => host == *name,
    };
    // Microsoft's own services have ids of these forms.
    if host.len() == 36
        && ["-0000-0000-c000-000000000000", "-0000-0ff1-ce00-000000000000"]
            .iter()
            .any(|end| host.ends_with(end))
        && !WELL_KNOWN.iter().any(|(_, names)| names.contains(&host))
    {
        return Some("a service of Microsoft's own");
    }
    WELL_KNOWN
        .iter()
        .find(|(_, names)| names.iter().any(&fits))
        .map(|(api, _)| *api)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_known_apis_are_recognised_and_lookalikes_are_not() {
        for (resource, name) in [
            ("https://management.azure.com/", "Azure Resource Manager"),
            ("https://management.core.windows.net", "Azure Resource Manager"),
            ("https://management.chinacloudapi.cn/", "Azure Resource Manager"),
            ("797F4846-ba00-4fd7-ba43-dac1f8f63013", "Azure Resource Manager"),
            ("00000003-0000-0000-c000-000000000000", "Microsoft Graph"),
            ("https://graph.microsoft.us", "Microsoft Graph"),
            ("https://vault.azure.net", "Azure Key Vault"),
            ("https://my-vault.vault.azure.net/", "Azure Key Vault"),
            ("https://storage.azure.com/", "Azure Storage"),
            ("https://ACCOUNT.blob.core.windows.net", "Azure Storage"),
            ("https://database.windows.net/", "Azure SQL"),
            (
                "https://ossrdbms-aad.database.windows.net",
                "Azure Database for PostgreSQL and MySQL",
            ),
            ("https://ns.servicebus.windows.net/queue", "Azure Service Bus"),
            ("api://AzureADTokenExchange", "Entra token exchange"),
            ("https://management.azure.com:443", "Azure Resource Manager"),
        ] {
            assert_eq!(api(resource), Some(name), "{resource}");
        }
        for resource in [
            "",
            "0f8fad5b-d9cb-469f-a165-70867728950e",
            "api://orders",
            "https://evil-vault.azure.net.example.com",
            "https://notvault.azure.net.example",
            "https://xdatabase.windows.net.example",
            "https://mymanagement.azure.com.example/",
            "https://app2.azurewebsites.net",
            "https://example.com/management.azure.com",
        ] {
            assert_eq!(api(resource), None, "{resource}");
        }
    }
}
