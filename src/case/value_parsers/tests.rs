use proptest::prelude::*;

use super::*;
use crate::case::ids::ClientId;
use crate::case::inputs::IdentitySelector;
use crate::case::resource_id::ResourceId;

const ID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

#[test]
fn only_addresses_that_may_carry_a_token_are_targets() {
    for (text, normal) in [
        ("https://app2.azurewebsites.net", "https://app2.azurewebsites.net/"),
        (" https://a.example/x?y=1#z ", "https://a.example/x?y=1"),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"),
        ("http://[::1]/", "http://[::1]/"),
        ("http://localhost/x", "http://localhost/x"),
        ("app2.azurewebsites.net/api", "https://app2.azurewebsites.net/api"),
        (" APP2.azurewebsites.net ", "https://app2.azurewebsites.net/"),
        ("app2.example:8443?x=1", "https://app2.example:8443/?x=1"),
        ("https://Bücher.example:8443/ü", "https://xn--bcher-kva.example:8443/%C3%BC"),
        ("'https://a.example/x'", "https://a.example/x"),
        (" \"a.azurewebsites.net\"", "https://a.azurewebsites.net/"),
        ("<https://a.example/>", "https://a.example/"),
        ("https://api.測試.example", "https://api.xn--g6w251d.example/"),
    ] {
        assert_eq!(target(text).as_deref(), Ok(normal), "{text}");
    }
    for (text, word) in [
        ("app2", "https://"),
        ("localhost:8080/x", "https"),
        ("127.0.0.1/x", "http://127.0.0.1/x"),
        ("169.254.169.254/x", "https://"),
        ("user:pw@app2.azurewebsites.net", "https"),
        ("case.json", "open FILE"),
        ("app2.azurewebsites.net:x/", "https"),
        ("http://app2.azurewebsites.net", "loopback"),
        ("http://localhost.example", "loopback"),
        ("http://127.0.0.1.example/", "loopback"),
        ("https://user:pw@app2.azurewebsites.net", "user name"),
        ("https://app2@evil.example/", "user name"),
        ("https://user:p?w@app2.azurewebsites.net", "user name"),
        ("https://app2.azurewebsites.net:44x/", "port"),
        ("ftp://a/b", "https"),
        ("api://0f8fad5b-d9cb-469f-a165-70867728950e", "Application ID URI"),
        ("file:///etc/passwd", "https"),
        ("https://", "URL"),
        ("https://a b/", "it contains a space"),
        ("http://169.254.169.254/", "loopback"),
    ] {
        let error = target(text).unwrap_err().to_string();
        assert!(error.contains(word), "{text}: {error}");
    }
}

#[test]
fn what_is_no_app_is_no_target_in_any_cloud_and_a_kudu_site_is_doubted() {
    for host in [
        "portal.azure.com",
        "portal.azure.us",
        "portal.azure.cn",
        "login.microsoftonline.com",
        "login.microsoftonline.us",
        "login.partner.microsoftonline.cn",
        "login.chinacloudapi.cn",
        "sts.windows.net",
        "graph.microsoft.com",
        "graph.microsoft.us",
        "microsoftgraph.chinacloudapi.cn",
        "management.azure.com",
        "management.usgovcloudapi.net",
        "management.chinacloudapi.cn",
    ] {
        let error = target(&format!("https://{host}/x")).unwrap_err().to_string();
        assert!(error.starts_with(host) && error.contains("isn't App 2"), "{error}");
    }
    for (text, said) in [
        ("https://app2.scm.azurewebsites.net/x", Some("https://app2.azurewebsites.net")),
        ("app2.scm.azurewebsites.us", Some("https://app2.azurewebsites.us")),
        ("app2.scm.chinacloudsites.cn", Some("https://app2.chinacloudsites.cn")),
        ("app2-x.scm.westeurope-01.azurewebsites.net", Some("https://app2-x.westeurope-01.azurewebsites.net")),
        ("https://orders.vault.azure.net/x", Some("Azure Key Vault")),
        ("https://app2.azurewebsites.net/scm", None),
        ("https://scm.contoso.com/x", None),
        ("https://orders.azure-api.net/x", None),
        ("http://127.0.0.1:80/x", None),
        ("http://localhost/x", None),
    ] {
        assert!(target(text).is_ok(), "{text}");
        match (about_target(text), said) {
            (Some(doubt), Some(said)) => assert!(doubt.contains(said), "{doubt}"),
            (doubt, said) => assert_eq!(doubt.as_deref(), said, "{text}"),
        }
    }
}

#[test]
fn endpoints_lose_their_slash_and_hosts_become_urls() {
    assert_eq!(authority("login.microsoftonline.us").as_deref(), Ok("https://login.microsoftonline.us"));
    assert_eq!(endpoint("https://management.azure.com/").as_deref(), Ok("https://management.azure.com"));
    assert!(endpoint("https://management.azure.com/?x=1").is_err());
    assert!(authority("http://login.microsoftonline.com").is_err());
}

#[test]
fn identities_say_which_id_they_are() {
    assert_eq!(identity("system"), Ok(IdentitySelector::System));
    assert_eq!(identity(&format!("client-id:{ID}")), Ok(IdentitySelector::ClientId(ClientId::new(ID))));
    let resource =
        format!("/subscriptions/{ID}/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/n");
    assert_eq!(
        identity(&format!("resource-id:{resource}")),
        Ok(IdentitySelector::ResourceId(ResourceId::new(resource.clone())))
    );
    for (text, word) in [
        (ID, "object-id:"),
        (resource.as_str(), "resource-id:"),
        ("client-id:nobody", "GUID"),
        ("user", "system"),
        ("resource-id:/subscriptions/x", "userAssignedIdentities"),
    ] {
        let error = identity(text).unwrap_err().to_string();
        assert!(error.contains(word), "{text}: {error}");
    }
}

#[test]
fn arm_ids_cannot_lead_elsewhere() {
    let id = format!("/subscriptions/{ID}/resourceGroups/g/providers/Microsoft.Web/sites/app2");
    assert_eq!(site_id(&format!("{id}/")), Ok(ResourceId::new(id.clone())));
    assert!(site_id(&format!("{id}/slots/staging")).is_ok());
    assert_eq!(site_id(&format!("{id}/slots/Production")), Ok(ResourceId::new(id.clone())), "no slot has this name");
    for wrong in [
        "app2".to_owned(),
        format!("{id}?x=1"),
        format!("{id}/../other"),
        format!("{id}/config/web"),
        format!("/subscriptions/{ID}/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a"),
    ] {
        assert!(site_id(&wrong).is_err(), "{wrong}");
    }
}

#[test]
fn headers_that_the_program_sets_are_refused() {
    let (name, value) = header("x-functions-key:  abc ").unwrap();
    assert_eq!((name.as_str(), value.expose().as_str()), ("x-functions-key", "abc"));
    for (text, word) in [
        ("nothing", "colon"),
        (": x", "name"),
        ("a b: c", "name"),
        ("Authorization: Bearer x", "--token-file"),
        ("host: x", "host"),
        ("x: a\r\ny: b", "control"),
    ] {
        let error = header(text).unwrap_err().to_string();
        assert!(error.contains(word), "{text}: {error}");
    }
}

#[test]
fn methods_changes_and_tenants_have_their_forms() {
    assert_eq!(method("post").as_deref(), Ok("POST"));
    assert!(method("GE T").is_err() && method("trace").is_err() && method("GETPOST").is_err());
    // Methods are tokens, and their case matters.
    for known in ["PURGE", "purge", "VERSION-CONTROL", "M-SEARCH", "p!x"] {
        assert_eq!(method(known).as_deref(), Ok(known));
    }
    assert!(method("get\r\n").is_err() && resource(&"a".repeat(2000)).is_err() && resource(&"a".repeat(1000)).is_ok());
    assert!(method("").is_err() && method("a/b").is_err() && method("kJ83ZtQwkJ83ZtQw").is_err());
    assert!(assumption("allowedAudiences+=api://x").is_ok() && assumption("issuer=https://x").is_ok());
    assert!(assumption("allowedAudiences").is_err() && assumption("nope+=x").is_err());
    assert!(tenant("contoso.onmicrosoft.com").is_ok() && tenant(ID).is_ok());
    assert!(tenant("common").is_err() && tenant("contoso").is_err() && tenant("a/b.c").is_err());
    assert!(tenant("eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln").is_err() && tenant("a.b.c2ln").is_err());
    assert!(resource("eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln").is_err());
}

proptest! {
    #[test]
    fn nothing_panics(text in ".{0,80}") {
        let _ = (target(&text), authority(&text), endpoint(&text), resource(&text), guid(&text), tenant(&text));
        let _ = (identity(&text), site_id(&text), header(&text), method(&text), assumption(&text));
    }
}

#[test]
fn an_id_in_the_place_of_another_value_is_named_for_what_it_is() {
    let site = "/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/g/providers/Microsoft.Web/sites/a";
    let guid = "11111111-2222-4333-8444-555555555555";
    assert_eq!(target(site), Err(AddressError::ResourceId));
    assert_eq!(target(guid), Err(AddressError::Id));
    assert_eq!(resource(site), Err(ResourceError::ResourceId));
    for (refused, option) in [
        (AddressError::ResourceId.to_string(), "--target-resource-id"),
        (AddressError::Id.to_string(), "--resource"),
        (ResourceError::ResourceId.to_string(), "--target-resource-id"),
    ] {
        assert!(refused.contains(option), "{refused}");
    }
    assert!(resource(guid).is_ok());
}

#[test]
fn what_is_wrong_is_a_type_with_its_values() {
    let incomplete = |url: &str| AddressError::NotComplete { suggestion: Some(url.to_owned()) };
    assert_eq!(target("127.0.0.1/x"), Err(incomplete("http://127.0.0.1/x")));
    assert_eq!(target("169.254.169.254/x"), Err(incomplete("https://169.254.169.254/x")));
    assert_eq!(target("app2"), Err(AddressError::NotComplete { suggestion: None }));
    assert_eq!(target("http://app2.azurewebsites.net"), Err(AddressError::Plaintext));
    assert_eq!(target("https://user:pw@app2.azurewebsites.net"), Err(AddressError::Credentials));
    let portal = AddressError::NeverCalled { host: "portal.azure.com".to_owned(), service: "Azure portal" };
    assert_eq!(target("https://portal.azure.com/x"), Err(portal));
    assert_eq!(guid(&format!("{{{ID}}}")), Err(IdError::Wrapped { inner: ID.to_owned() }));
    assert_eq!(tenant("common"), Err(IdError::NoSpecificTenant));
    assert_eq!(resource(&"ü".repeat(1000)), Err(ResourceError::TooLong { count: 1000 }));
    for text in ["https://u:pw?a@h.example", "https://u:pw", "https:/u:pw", "HTTPS://u:pw/x@h", "u:pw@h.example"] {
        assert_eq!(resource(text), Err(ResourceError::CredentialsOrQuery), "{text}");
    }
    for text in ["https://app2.example:8443/x", "urn:contoso:orders", "spn:orders", "ms-appx-web://contoso/a"] {
        assert!(resource(text).is_ok(), "{text}");
    }
    assert_eq!((cloud("mars"), method("GETPOST")), (Err(ChoiceError::Cloud), Err(MethodError::Two)));
    assert!(matches!(header("Host: x"), Err(HeaderError::SetByProgram { name }) if name == "Host"));
    // Whichever it is, its sentence is the same.
    assert_eq!(ValueError::from(IdError::NotATenant).to_string(), IdError::NotATenant.to_string());
}
