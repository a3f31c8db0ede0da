//! Which claims show their values. What an issuer adds may be anything, a secret as well: its name and kind remain.

use serde_json::Value;

use crate::case::secret::HIDDEN_NUMBER;

/// The claims and header members of access tokens and ID tokens that have a known meaning: those of Microsoft Entra ID
/// ("Access token claims reference", "Optional claims reference"), of the JWT standards, and of the outside tokens of
/// Kubernetes and GitHub.
const SHOWN: [&str; 124] = [
    "_claim_names",
    "_claim_sources",
    "acct",
    "acr",
    "acrs",
    "act",
    "actor",
    "actor_id",
    "alg",
    "amr",
    "app_displayname",
    "appid",
    "appidacr",
    "at_hash",
    "aud",
    "auth_time",
    "azp",
    "azp_name",
    "azpacr",
    "base_ref",
    "c_hash",
    "client_id",
    "cnf",
    "crit",
    "ctry",
    "cty",
    "deviceid",
    "email",
    "email_verified",
    "enc",
    "environment",
    "event_name",
    "exp",
    "family_name",
    "fwd",
    "given_name",
    "groups",
    "hasgroups",
    "head_ref",
    "iat",
    "idp",
    "idtyp",
    "in_corp",
    "ipaddr",
    "iss",
    "job_workflow_ref",
    "job_workflow_sha",
    "jti",
    "kid",
    "kubernetes.io",
    "locale",
    "login_hint",
    "name",
    "nbf",
    "nonce",
    "oid",
    "onprem_sid",
    "platf",
    "preferred_username",
    "puid",
    "pwd_exp",
    "pwd_url",
    "ref",
    "ref_protected",
    "ref_type",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "repository_visibility",
    "roles",
    "run_attempt",
    "run_id",
    "run_number",
    "runner_environment",
    "scope",
    "scp",
    "session_state",
    "sha",
    "sid",
    "sub",
    "tenant_ctry",
    "tenant_region_scope",
    "tfp",
    "tid",
    "typ",
    "unique_name",
    "updated_at",
    "upn",
    "uti",
    "ver",
    "verified_primary_email",
    "verified_secondary_email",
    "vnet",
    "wids",
    "workflow",
    "workflow_ref",
    "workflow_sha",
    "x5t",
    "x5t#S256",
    "xms_acd",
    "xms_act_fct",
    "xms_az_nwperimid",
    "xms_az_rid",
    "xms_cc",
    "xms_dbp",
    "xms_edov",
    "xms_idrel",
    "xms_mirid",
    "xms_par_app_azp",
    "xms_pdl",
    "xms_pl",
    "xms_rd",
    "xms_rid",
    "xms_spcu",
    "xms_ssm",
    "xms_st",
    "xms_sub_fct",
    "xms_tcdt",
    "xms_tdbr",
    "xms_tpl",
    "zip",
    "zoneinfo",
    "ztdid",
];

/// A claim's value as it may be shown: as it is where its name is known, else its kind and size.
#[must_use]
pub fn shown(name: &str, value: Value) -> Value {
    if SHOWN.contains(&name) {
        return value;
    }
    let kind = match value {
        Value::String(text) => {
            let count = text.chars().count();
            format!("[text, {count} character{}]", if count == 1 { "" } else { "s" })
        }
        Value::Array(items) => format!("[list, {} items]", items.len()),
        Value::Object(members) => format!("[object, {} members]", members.len()),
        Value::Number(_) => HIDDEN_NUMBER.to_owned(),
        Value::Bool(_) => "[boolean]".to_owned(),
        Value::Null => return Value::Null,
    };
    Value::String(kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_a_known_claim_shows_its_value() {
        assert_eq!(shown("aud", json!("api://a")), json!("api://a"));
        for (value, kind) in [
            (json!("s3cr3t-and-more"), "[text, 15 characters]"),
            (json!(["a", "b"]), "[list, 2 items]"),
            (json!({"a": 1}), "[object, 1 members]"),
            (json!(12_345_678), "[number]"),
            (json!(true), "[boolean]"),
        ] {
            assert_eq!(shown("extension_key", value), json!(kind));
        }
    }
}
