//! Files that clients of the lab are given: CA, client certificate, outside token, settings, a token, logs.

use std::path::{Path, PathBuf};

use serde_json::json;
use uuid::Uuid;

use super::error::LabError;
use super::issue::{Principal, issue};
use super::managed_identity::principal;
use super::platforms::arc_key_file;
use super::shared::{Shared, now};
use super::world::{Platform, World};

/// A directory of this run, removed when the lab goes.
pub(crate) struct Files {
    directory: PathBuf,
}

impl Files {
    /// A fresh, empty directory that only this user may read.
    pub fn create() -> Result<Self, LabError> {
        let directory = std::env::temp_dir().join(format!("easyauth-doctor-lab-{}", Uuid::new_v4().simple()));
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt;
            builder.mode(0o700);
        }
        builder
            .create(&directory)
            .map_err(|error| LabError::file(&directory, &error))?;
        Ok(Self { directory })
    }

    pub fn path(&self) -> &Path {
        &self.directory
    }

    pub fn write(&self, name: &str, content: &str) -> Result<PathBuf, LabError> {
        let path = self.directory.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|error| LabError::file(parent, &error))?;
        }
        std::fs::write(&path, content).map_err(|error| LabError::file(&path, &error))?;
        Ok(path)
    }

    /// Writes what the world says now: settings, App 2's environment block, and a token as `--token-file` takes it.
    pub fn write_world(&self, shared: &Shared) -> Result<(), LabError> {
        let world = shared.world();
        let settings = json!({
            "id": format!("{}/config/authsettingsV2", world.site_resource_id()),
            "name": "authsettingsV2",
            "type": "Microsoft.Web/sites/config",
            "properties": world.easy_auth.properties,
        });
        self.write("settings.json", &settings.to_string())?;
        let mut environ = vec![
            format!("WEBSITE_SITE_NAME={}", world.site.name),
            format!("WEBSITE_AUTH_V2_CONFIG_JSON={}", world.easy_auth.properties),
        ];
        environ.extend(
            world
                .easy_auth
                .app_settings
                .iter()
                .map(|(name, value)| format!("{name}={value}")),
        );
        self.write("target-environ", &environ.join("\n"))?;
        if world.identity_endpoint.platform == Platform::AzureArc {
            let path = PathBuf::from(arc_key_file(&world));
            std::fs::write(&path, &shared.secrets.arc_key).map_err(|error| LabError::file(&path, &error))?;
        }
        self.write("target.log", &target_log(&world))?;
        let caller = world.app1.system_identity.as_ref().or(world.app1.user_assigned.first());
        let caller = caller.map_or_else(|| service_principal(shared), principal);
        if let Ok(issued) = issue(&world, &shared.keys, &caller, &world.registration.client_id)? {
            self.write("token", &issued.token)?;
        }
        Ok(())
    }

    /// Writes the client certificate and the outside token. Makes two RSA keys unless they are there.
    pub fn write_credentials(&self, shared: &Shared) -> Result<(), LabError> {
        let world = shared.world();
        self.write("certificate.pem", &shared.keys.client()?.to_pem())?;
        let outside = &world.service_principal.outside_token;
        let key = shared.keys.outside()?;
        let issued = now();
        let token = key.sign(
            &json!({"typ": "JWT", "alg": "RS256", "kid": key.thumbprint()}),
            &json!({
                "iss": outside.issuer, "sub": outside.subject, "aud": [outside.audience], "iat": issued,
                "nbf": issued, "exp": issued + outside.expires_in_s, "jti": Uuid::new_v4().to_string(),
            }),
        )?;
        self.write("federated-token", &token)?;
        Ok(())
    }
}

/// What App 2's middleware has logged a moment ago, as the log stream shows it.
fn target_log(world: &World) -> String {
    let time = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%S");
    let request = format!(
        "{time}  PID[3712] Verbose     Received request: GET https://{}{}",
        world.site.default_host_name, world.app.path
    );
    let outcome = if world.easy_auth.egress_blocked {
        let address = "https://sts.windows.net/[PII is hidden]/.well-known/openid-configuration";
        format!(
            "{time}  PID[3712] Critical    System.InvalidOperationException: IDX20803: Unable to obtain configuration from: '{address}'."
        )
    } else {
        format!("{time}  PID[3712] Information Sending response: 401.71 Unauthorized")
    };
    format!("{request}\n{outcome}\n")
}

fn service_principal(shared: &Shared) -> Principal {
    let registered = &shared.world().service_principal;
    Principal {
        client_id: registered.client_id.clone(),
        object_id: registered.object_id.clone(),
        name: registered.display_name.clone(),
        resource_id: None,
        authenticated_by: 1,
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        // Nothing is lost when it stays: the system clears its temporary directory.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}
