//! Files that clients of the lab are given: CA, client certificate, outside token, settings, a token, logs.

use std::path::{Path, PathBuf};

use serde_json::json;
use uuid::Uuid;

use super::error::LabError;
use super::issue::{Principal, issue};
use super::log;
use super::managed_identity::principal;
use super::platforms::{self, arc_key_file};
use super::settings::Settings;
use super::shared::{Shared, now};
use super::target_kinds::settings_object;

/// A directory of this run, removed when the lab goes.
pub(crate) struct Files {
    directory: PathBuf,
}

impl Files {
    /// A fresh, empty directory that only this user may read.
    pub fn create() -> Result<Self, LabError> {
        let directory = std::env::temp_dir().join(format!("easyauth-doctor-lab-{}", Uuid::new_v4().simple()));
        #[cfg(unix)]
        let created = {
            use std::os::unix::fs::DirBuilderExt;
            std::fs::DirBuilder::new().mode(0o700).create(&directory)
        };
        #[cfg(not(unix))]
        let created = std::fs::create_dir(&directory);
        created.map_err(|error| LabError::file(&directory, &error))?;
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
        self.write("settings.json", &settings_object(&world).to_string())?;
        // Another app's, which differs in its client ID alone.
        let other =
            settings_object(&world).to_string().replace(&world.registration.client_id, &Uuid::new_v4().to_string());
        self.write("other-settings.json", &other)?;
        let mut environ = vec![
            format!("WEBSITE_SITE_NAME={}", world.site.name),
            format!("WEBSITE_AUTH_V2_CONFIG_JSON={}", Settings::running(&world)),
        ];
        environ.extend(world.easy_auth.app_settings.iter().map(|(name, value)| format!("{name}={value}")));
        self.write("target-environ", &environ.join("\n"))?;
        if platforms::is(&world, |platform| platform.key_file) {
            let path = PathBuf::from(arc_key_file(&world));
            std::fs::write(&path, &shared.secrets.arc_key).map_err(|error| LabError::file(&path, &error))?;
        }
        let caller = world.app1.system_identity.as_ref().or(world.app1.user_assigned.first());
        let caller = caller.map_or_else(|| service_principal(shared), principal);
        self.write("target.log", &log::lines(shared, &world, &caller)?)?;
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
