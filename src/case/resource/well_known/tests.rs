use super::*;

#[test]
fn every_row_is_read_and_is_in_the_form_in_which_it_is_looked_up() {
    let kinds = ["below", "customer", "customer-label", "id"];
    let mut seen = HashSet::new();
    for row in rows(apis()) {
        let cells: Vec<&str> = row.split('\t').collect();
        let (kind, name) = (cells[0], cells[1]);
        assert!(kinds.contains(&kind), "{row}");
        assert_eq!(cells.len(), if kind.starts_with("customer") { 2 } else { 3 }, "{row}");
        assert_eq!(name, name.to_ascii_lowercase(), "{row}");
        assert!(seen.insert(name), "{name} is listed twice");
        assert_eq!(is_guid(name), kind == "id", "{row}");
    }
    assert!(seen.len() > 400, "{}", seen.len());
    let mut guids = 0;
    for name in rows(ids()) {
        assert_eq!(name, name.to_ascii_lowercase());
        assert!(!name.ends_with('/') && seen.insert(name), "{name} is listed twice or ends in a slash");
        assert!(is_guid(name) || name.contains(':'), "{name} is neither an ID nor a whole name");
        guids += usize::from(is_guid(name));
    }
    assert!(guids > 1300, "{guids}");
    assert!(rows(ids()).is_sorted(), "what is searched by halves is not in order");
}

#[test]
fn apis_of_microsoft_are_recognized_by_name() {
    for (resource, name) in [
        ("https://management.azure.com/", "Azure Resource Manager"),
        ("https://management.core.windows.net", "Azure Resource Manager"),
        ("https://management.chinacloudapi.cn/", "Azure Resource Manager"),
        ("https://management.core.sovcloud-api.fr", "Azure Resource Manager"),
        ("https://management.azure.eaglex.ic.gov/", "Azure Resource Manager"),
        ("https://management.azure.microsoft.scloud", "Azure Resource Manager"),
        ("https://westeurope.management.azure.com/", "Azure Resource Manager"),
        ("797F4846-ba00-4fd7-ba43-dac1f8f63013", "Azure Resource Manager"),
        ("spn:797f4846-ba00-4fd7-ba43-dac1f8f63013", "Azure Resource Manager"),
        ("api://797f4846-ba00-4fd7-ba43-dac1f8f63013/.default", "Azure Resource Manager"),
        ("00000003-0000-0000-c000-000000000000", "Microsoft Graph"),
        ("https://graph.microsoft.us", "Microsoft Graph"),
        ("https://graph.microsoft.com/.default", "Microsoft Graph"),
        ("https://graph.svc.sovcloud.fr", "Microsoft Graph"),
        ("https://vault.azure.net", "Azure Key Vault"),
        ("https://my-vault.vault.azure.net/", "Azure Key Vault"),
        ("https://managedhsm.azure.net", "Azure Key Vault Managed HSM"),
        ("589d5083-6f11-4d30-a62a-a4b316a14abf", "Azure Key Vault Managed HSM"),
        ("https://storage.azure.com/", "Azure Storage"),
        ("https://ACCOUNT.blob.core.windows.net", "Azure Storage"),
        ("https://database.windows.net/", "Azure SQL"),
        ("https://ossrdbms-aad.database.windows.net", "Azure Database for PostgreSQL and MySQL"),
        ("https://ns.servicebus.windows.net/queue", "Azure Service Bus"),
        ("https://management.azure.com:443", "Azure Resource Manager"),
        ("880da380-985e-4198-81b9-e05b1cc53158", "Azure AI Search"),
        ("91bb937c-29c2-4275-982f-9465f0caf03d", "Azure Relay"),
        ("89d10474-74af-4874-99a7-c23c2f643083", "Azure IoT Hub"),
        ("ce34e7e5-485f-4d76-964f-b3d2b16d1e4f", "Azure Managed Grafana"),
        ("fc780465-2017-40d4-a0c5-307022471b92", "Microsoft Defender"),
        ("372140e0-b3b7-4226-8ef9-d57986796201", "Azure VM sign-in"),
        ("https://pas.windows.net/CheckMyAccess/Windows", "Azure VM sign-in"),
        ("https://codesigning.azure.net", "Trusted Signing"),
        ("https://atlas.microsoft.com/", "Azure Maps"),
        ("https://api.botframework.com", "Azure AI Bot Service"),
        ("https://attest.azure.net", "Azure Attestation"),
        ("https://prometheus.monitor.azure.com", "Azure Monitor"),
        ("https://confidential-ledger.azure.com", "Azure Confidential Ledger"),
        ("https://dicom.healthcareapis.azure.com", "Azure Health Data Services"),
        ("https://quantum.microsoft.com", "Azure Quantum"),
        ("https://cnt-prod.loadtesting.azure.com", "Azure Load Testing"),
        ("https://api.adu.microsoft.com/", "Azure Device Update"),
        ("https://org.crm4.dynamics.com", "Dynamics 365 and Dataverse"),
        ("https://contoso.sharepoint.com", "SharePoint Online"),
        ("https://api.yammer.com", "Viva Engage (Yammer)"),
        ("https://api.fabric.microsoft.com", "Power BI and Fabric"),
        ("https://deschutes.microsoft.com", "Windows 365"),
        ("https://something-new.sovcloud-api.de", "a Microsoft API"),
        ("https://something-new.azure.eaglex.ic.gov", "a Microsoft API"),
        ("https://api.portal.azure.com", "a Microsoft API"),
        ("https://substrate.microsoft", "a Microsoft API"),
    ] {
        assert_eq!(api(resource), Some(name), "{resource}");
    }
    for resource in [
        "api://AzureADTokenExchange",
        "API://AzureADTokenExchangeUSGov/",
        "https://azure-api.net/authorization-manager",
        // Forms of application IDs that no customer gets.
        "0000abcd-0000-0000-c000-000000000000",
        "0000abcd-0000-0ff1-ce00-000000000000/contoso.sharepoint.com@11111111-2222-4333-8444-555555555555",
        "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
        "api://botid-2f7b4d11-d621-4079-9798-27f548d681f1",
        // The same host in other clothes.
        "https://user@management.azure.com",
        "https://MANAGEMENT.AZURE.COM.",
        "https://management%2Eazure%2Ecom/",
        "https://management。azure。com",
        "https://management．azure｡com",
        "https://ｍａｎａｇｅｍｅｎｔ.azure.com",
        " https://management.azure.com/ ",
        "management.azure.com",
    ] {
        assert!(api(resource).is_some(), "{resource}");
    }
}

#[test]
fn what_can_be_a_customers_own_name_is_not_taken_for_an_api_of_microsoft() {
    for resource in [
        "",
        "/",
        "0f8fad5b-d9cb-469f-a165-70867728950e",
        "api://orders",
        "api://0f8fad5b-d9cb-469f-a165-70867728950e",
        "api://0f8fad5b-d9cb-469f-a165-70867728950e/orders",
        // A customer's tab: the host is the app's, the ID is the registration's own.
        "api://orders.contoso.com/0f8fad5b-d9cb-469f-a165-70867728950e",
        "https://evil-vault.azure.net.example.com",
        "https://notvault.azure.net.example",
        "https://xdatabase.windows.net.example",
        "https://mymanagement.azure.com.example/",
        "https://management.azure.com@contoso.com/",
        "https://contoso.com/management.azure.com",
        "https://contoso.com/797f4846-ba00-4fd7-ba43-dac1f8f63013",
        "https://xmicrosoft.com",
        "https://app2.azurewebsites.net",
        "https://app2-abc123.westeurope-01.azurewebsites.net/",
        "https://app2.azurewebsites.us",
        "https://app2.chinacloudsites.cn",
        "https://app2.happyfield-1234.westeurope.azurecontainerapps.io",
        "https://vm.westeurope.cloudapp.azure.com",
        "https://app2.azure-api.net",
        "https://app2-contoso.msappproxy.net/",
        "https://contoso.z6.web.core.windows.net",
        "https://app2.appservice.eaglex.ic.gov",
        "https://contoso.onmicrosoft.com/orders",
        "https://contoso.azurefd.net",
    ] {
        assert_eq!(api(resource), None, "{resource}");
    }
}
