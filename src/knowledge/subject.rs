//! What is compared where two values decide: mostly a claim of the token, by its name.

/// What is compared: for whom the token is.
pub const AUDIENCE: &str = "audience (aud)";
/// What is compared: who issued the token.
pub const ISSUER: &str = "issuer (iss)";
/// What is compared: the tenant that issued the token.
pub const TENANT: &str = "tenant (tid)";
/// What is compared: the client ID of the caller.
pub const CLIENT_ID: &str = "client ID (appid/azp)";
/// What is compared: the object ID of the caller.
pub const OBJECT_ID: &str = "object ID (oid)";
/// What is compared: the groups of the caller.
pub const GROUPS: &str = "group (groups)";
/// What is compared: the version of the token.
pub const VERSION: &str = "token version (ver)";
/// What is compared: its end.
pub const EXPIRES: &str = "expiration time (exp)";
/// What is compared: its beginning.
pub const NOT_BEFORE: &str = "validity start (nbf)";
/// What is compared: the key of its signature.
pub const KEY: &str = "signing key (kid)";
/// What is compared: the resource that the token is requested for.
pub const RESOURCE: &str = "resource";
/// What is compared: whose token it is.
pub const IDENTITY: &str = "identity";
