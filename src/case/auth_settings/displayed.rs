//! What a program displays for people, which isn't read: a table, a list of properties, an error.

use super::SettingsError;
use crate::case::quote;

/// Why a text that is neither JSON nor YAML isn't settings.
pub(super) fn reason(text: &str) -> SettingsError {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let error = lines().find_map(|line| line.trim_start_matches("ERROR: ").strip_prefix('(')?.split_once(") "));
    if let Some((code, message)) = error.filter(|(code, _)| code.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
        return SettingsError::ErrorAnswer {
            code: quote::shown(code).unwrap_or_else(|| quote::described(code)),
            message: quote::sentence(message),
        };
    }
    let is_rule = |line: &str| {
        line.bytes().all(|byte| b"- ".contains(&byte)) && (line.contains("--  --") || line.contains("--- ---"))
    };
    if lines().any(is_rule) || lines().all(|line| line.contains('\t')) {
        return SettingsError::Table;
    }
    let is_property = |line: &str| {
        let name = line.split_once(" : ").or_else(|| Some((line.strip_suffix(" :")?, ""))).map(|(name, _)| name.trim());
        name.is_some_and(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    };
    if lines().filter(|line| is_property(line)).count() > 1 {
        return SettingsError::Properties;
    }
    if lines().any(|line| ["App Service authentication", "Client application requirement"].contains(&line)) {
        return SettingsError::Portal;
    }
    SettingsError::NotJson
}

#[cfg(test)]
mod tests {
    use crate::case::auth_settings::AuthSettings;

    #[test]
    fn what_is_displayed_is_named() {
        for (text, says) in [
            ("Enabled    ClientId\n---------  --------\nTrue       x\n", "it is a table"),
            ("x\tTrue\tv2\nNone\ty\tz\n", "it is a table"),
            ("Enabled  : True\nClientId : x\nIssuer   :\n", "as PowerShell displays it"),
            ("Name       : x\nProperties : @{platform=; login=}\n", "PowerShell truncated objects"),
            (
                "ERROR: (AuthorizationFailed) The client has no access.\n",
                "AuthorizationFailed: The client has no access",
            ),
            ("ERROR: (kJ88QaBcDeFg1H2i3J4k5L6m) No.\n", "(24 characters, not shown): No."),
            ("Authentication\nApp Service authentication\nEnabled\n", "text from the portal"),
            ("just words - and more -- of them", "neither JSON"),
            ("Note: a : b\n", "neither JSON"),
            ("[]", "it is an empty list; use"),
            ("[{\"x\": 1}]", "its properties"),
            ("[1, 2]", "it is a list of 2 entries"),
            ("A=1", "its only variable isn't a WEBSITE_AUTH_* variable"),
        ] {
            let error = AuthSettings::from_bytes(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    #[test]
    fn classic_settings_and_lists_are_read_as_yaml() {
        let classic = "enabled: true\nclientId: x\nissuer: https://i/\nallowedAudiences:\n- api://x\n\
                       unauthenticatedClientAction: RedirectToLoginPage\n";
        let list = [
            "WARNING: Preview: yes\n- name: authsettingsV2\n  properties:\n    platform:\n      enabled: true\n",
            "    identityProviders:\n      azureActiveDirectory:\n        registration:\n          clientId: x\n",
        ];
        for text in [classic.to_owned(), format!("This group is in preview.\n{classic}"), list.concat()] {
            let settings = AuthSettings::from_bytes(text.as_bytes()).unwrap();
            assert_eq!(settings.entra.and_then(|entra| entra.client_id).unwrap().as_str(), "x", "{text}");
        }
        // Other software has these names as well.
        for text in ["enabled: true\nissuer: https://i/\nclientId: x\n", "- issuer: https://i/\n- clientId: x\n"] {
            assert!(AuthSettings::from_bytes(text.as_bytes()).is_err(), "{text}");
        }
    }
}
