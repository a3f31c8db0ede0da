//! What App 1 knows: the variables of its platform, and the doctor's other options.

use serde_json::{Value, json};

use super::patch::filled_text;
use super::platforms;
use super::running::{Lab, lock};
use super::world::{SecretState, Visibility, World};

impl Lab {
    /// Every variable that a client of this lab needs, in the names of `lab serve`.
    #[must_use]
    pub fn variables(&self) -> Vec<(String, String)> {
        let world = self.shared.world();
        let mut variables = self.platform_variables(&world);
        variables.extend(self.doctor_variables(&world));
        for (name, value) in self.extra_variables() {
            variables.retain(|(known, _)| *known != name);
            if !value.is_empty() {
                variables.push((name, value));
            }
        }
        variables
    }

    /// The environment block of App 1's own process, as `/proc/1/environ` has it: NUL-terminated.
    pub(super) fn environment_block(&self) -> String {
        let world = self.shared.world();
        let mut variables = self.platform_variables(&world);
        if world.app1.variables != Visibility::Absent {
            variables.extend(self.identity_variables(&world));
        }
        variables.iter().map(|(name, value)| format!("{name}={value}\0")).collect()
    }

    /// Options that the doctor needs to meet this scenario, placeholders filled.
    #[must_use]
    pub fn arguments(&self) -> Vec<String> {
        let data = self.data();
        let mut arguments = Vec::new();
        for (change, fixed) in &*lock(&self.changes) {
            let texts = if *fixed { &change.fixed_arguments } else { &change.arguments };
            let beside: &[String] = if self.black_box { &[] } else { &change.settings_arguments };
            arguments.extend(texts.iter().chain(beside).filter_map(|text| filled_text(text, &data).ok()));
        }
        arguments
    }

    fn extra_variables(&self) -> Vec<(String, String)> {
        let data = self.data();
        let mut variables = Vec::new();
        for (change, fixed) in &*lock(&self.changes) {
            let extra = if *fixed { &change.fixed_variables } else { &change.variables };
            variables
                .extend(extra.iter().filter_map(|(name, text)| Some((name.clone(), filled_text(text, &data).ok()?))));
        }
        // What the person set or deleted since; without a value it is gone.
        let settings = lock(&self.app1_settings);
        variables.extend(settings.iter().map(|(name, value)| (name.clone(), value.clone().unwrap_or_default())));
        variables
    }

    /// The world with what only the run knows, for placeholders.
    pub(super) fn data(&self) -> Value {
        let world = self.shared.world();
        let mut data = serde_json::to_value(&*world).unwrap_or_default();
        let file = |name: &str| self.files.path().join(name).to_string_lossy().into_owned();
        if let Some(object) = data.as_object_mut() {
            object.insert(
                "secret".to_owned(),
                json!({
                    "client_secret": self.shown_secret(&world),
                    "identity_header": self.shared.secrets.identity_header,
                }),
            );
            object.insert(
                "file".to_owned(),
                json!({
                    "ca": file("ca.pem"),
                    "certificate": file("certificate.pem"),
                    "environ": file("environ"),
                    "federated_token": file("federated-token"),
                    "other_settings": file("other-settings.json"),
                    "settings": file("settings.json"),
                    "target_environ": file("target-environ"),
                    "target_log": file("target.log"),
                    "token": file("token"),
                }),
            );
            object.insert("target".to_owned(), Value::from(self.target()));
            object.insert("site_resource_id".to_owned(), Value::from(world.site_resource_id()));
        }
        data
    }

    /// The secret as App 1's variables contain it.
    fn shown_secret(&self, world: &World) -> String {
        match world.service_principal.secret {
            SecretState::Valid | SecretState::Expired => self.shared.secrets.client_secret.clone(),
            // What people paste by mistake is the secret's id.
            SecretState::Wrong => world.registration.object_id.clone(),
            SecretState::Missing => String::new(),
        }
    }

    fn platform_variables(&self, world: &World) -> Vec<(String, String)> {
        let platform = platforms::named(&world.identity_endpoint.platform);
        let mut variables = platform.map(|platform| (platform.host)(world)).map(owned).unwrap_or_default();
        if world.app1.variables == Visibility::Visible {
            variables.extend(self.identity_variables(world));
        }
        variables
    }

    /// The variables that name the token endpoint.
    fn identity_variables(&self, world: &World) -> Vec<(String, String)> {
        let platform = platforms::named(&world.identity_endpoint.platform);
        platform.map(|platform| (platform.identity)(&self.shared, world)).map(owned).unwrap_or_default()
    }

    fn doctor_variables(&self, world: &World) -> Vec<(String, String)> {
        let addresses = &world.addresses;
        let mut variables = vec![
            ("AZURE_AUTHORITY_HOST", addresses.entra.clone()),
            ("EASYAUTH_DOCTOR_TARGET", self.target()),
            ("EASYAUTH_DOCTOR_RESOURCE", world.app1.resource.clone()),
            ("EASYAUTH_DOCTOR_TARGET_RESOURCE_ID", self.target_resource_id().unwrap_or_default()),
            ("EASYAUTH_DOCTOR_RESOURCE_MANAGER", addresses.resource_manager.clone()),
            ("EASYAUTH_DOCTOR_GRAPH", addresses.graph.clone()),
            ("LAB_TENANT_ID", world.tenant.id.clone()),
            ("LAB_CLIENT_ID", world.service_principal.client_id.clone()),
            ("LAB_CLIENT_SECRET", self.shared.secrets.client_secret.clone()),
        ];
        if self.shared.certificates.public.is_some() {
            let file = |name: &str| self.files.path().join(name).to_string_lossy().into_owned();
            variables.push(("LAB_CA_FILE", file("ca.pem")));
            variables.push(("LAB_CERTIFICATE_FILE", file("certificate.pem")));
            variables.push(("LAB_FEDERATED_TOKEN_FILE", file("federated-token")));
        }
        variables.retain(|(_, value)| !value.is_empty());
        owned(variables)
    }
}

fn owned(variables: Vec<(&str, String)>) -> Vec<(String, String)> {
    variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
