//! Whom a file may send this machine's secrets to: nobody.
//!
//! A file given with `--environ` (or by a file of `--targets`) may come from somebody else. What it names is used, but
//! it never chooses both a secret of this machine and the place that receives it:
//!
//! | it names | what is done |
//! |---|---|
//! | `AZURE_AUTHORITY_HOST` | gets what is in that file; this machine's secrets only if it is a cloud's own host |
//! | `AZURE_FEDERATED_TOKEN_FILE` | read for a cloud's own host, or the authority of the command line |
//! | `AZURE_CLIENT_CERTIFICATE_PATH` | the same |
//! | `IDENTITY_ENDPOINT` of Azure Arc | gets the agent's key only where it is the agent's own address |
//! | `SSL_CERT_FILE` | not used: trust anchors come from `--ca-bundle` or the process |

use url::Url;

use crate::case::credential::{self, CredentialSource};
use crate::case::environment::{Environment, Place};
use crate::case::inputs::{Cloud, Inputs};
use crate::case::quote;

use super::http::tls;
use super::input::{self, Kind};
use super::prepare::Prepared;

/// Hosts of Entra beside those that the clouds name.
const OTHER_HOSTS: [&str; 3] = ["login.windows.net", "login.microsoft.com", "login.chinacloudapi.cn"];

/// The file that a variable was read from, where it was given in one.
pub(super) fn file_of<'a>(environment: &'a Environment, name: &str) -> Option<&'a str> {
    match &environment.variable(name)?.place {
        Place::File(path) => Some(path),
        Place::Process | Place::FirstProcess => None,
    }
}

/// The secret of this machine that the credential in use would prove itself with; `None` where it is none, or is in
/// the same file as everything else.
pub(super) fn local_secret(inputs: &Inputs, environment: &Environment) -> Option<&'static str> {
    match credential::choose(environment, inputs).source {
        CredentialSource::WorkloadIdentity => Some("the federated token"),
        CredentialSource::ClientCertificate => Some("the client certificate"),
        CredentialSource::ClientSecret if inputs.client_secret.is_some() || inputs.client_secret_file.is_some() => {
            Some("the client secret")
        }
        _ => None,
    }
}

/// A secret of this machine that stays here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{what} isn't read or sent, because the file {file} sets the authority {authority}, which isn't a \
     Microsoft Entra authority. If it's correct, add --authority {authority}"
)]
pub struct SecretStays {
    what: &'static str,
    file: String,
    authority: String,
}

/// Checks that a secret of this machine may go to an authority.
///
/// # Errors
/// Why not, and what to give instead; `what` is the secret, such as "the client secret".
pub(super) fn may_receive(
    inputs: &Inputs,
    environment: &Environment,
    authority: &str,
    what: &'static str,
) -> Result<(), SecretStays> {
    let file = file_of(environment, "AZURE_AUTHORITY_HOST").filter(|_| inputs.authority.is_none());
    let Some(file) = file.filter(|_| !is_of_a_cloud(authority)) else {
        return Ok(());
    };
    let shown = quote::shown(authority).unwrap_or_else(|| "URL".to_owned());
    Err(SecretStays { what, file: quote::path(file), authority: shown })
}

fn is_of_a_cloud(authority: &str) -> bool {
    let Ok(url) = Url::parse(authority) else { return false };
    let clouds =
        [Cloud::Public, Cloud::UsGov, Cloud::China].into_iter().filter_map(|cloud| Url::parse(cloud.authority()).ok());
    let plain = url.scheme() == "https" && url.port().is_none() && url.username().is_empty();
    plain
        && url.host_str().is_some_and(|host| {
            OTHER_HOSTS.contains(&host) || clouds.into_iter().any(|cloud| cloud.host_str() == Some(host))
        })
}

/// The CA bundle that was given, else the one that `SSL_CERT_FILE` of this machine names.
pub(super) fn extra_roots(prepared: &Prepared, environment: &Environment) -> Option<Vec<u8>> {
    if prepared.ca_bundle.is_some() {
        return prepared.ca_bundle.clone();
    }
    let path = environment.text("SSL_CERT_FILE").filter(|_| file_of(environment, "SSL_CERT_FILE").is_none())?;
    let bytes = input::bytes("SSL_CERT_FILE", path.as_ref(), Kind::Certificates).ok()?;
    tls::certificates(&bytes).is_ok().then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::environment::from_variables;

    fn environment(authority: &str, place: Place) -> Environment {
        from_variables(vec![("AZURE_AUTHORITY_HOST".to_owned(), authority.to_owned())], place)
    }

    #[test]
    fn a_file_cannot_choose_who_gets_a_secret() {
        let inputs = Inputs::default();
        let file = || Place::File("env.txt".to_owned());
        for (authority, good) in [
            ("https://login.microsoftonline.com/", true),
            ("login.microsoftonline.us", true),
            ("https://login.partner.microsoftonline.cn", true),
            ("https://login.windows.net", true),
            ("https://login.microsoftonline.com:8443", false),
            ("https://login.microsoftonline.com.evil.example", false),
            ("https://login.microsoftonline.com@evil.example", false),
            ("https://evil.example", false),
            ("http://127.0.0.1:9", false),
            ("http://localhost:9", false),
            ("https://[::1]:9", false),
        ] {
            let from_file = environment(authority, file());
            let of = |inputs: &Inputs, environment: &Environment| {
                let authority =
                    if authority.contains("://") { authority.to_owned() } else { format!("https://{authority}") };
                may_receive(inputs, environment, &authority, "the client secret")
            };
            let outcome = of(&inputs, &from_file);
            assert_eq!(outcome.is_ok(), good, "{authority}: {outcome:?}");
            let given = Inputs { authority: Some(authority.to_owned()), ..Inputs::default() };
            assert!(of(&given, &from_file).is_ok(), "{authority}");
            assert!(of(&inputs, &environment(authority, Place::FirstProcess)).is_ok());
        }
        let evil = "https://evil.example";
        let told = may_receive(&inputs, &environment(evil, file()), evil, "the client secret").unwrap_err().to_string();
        assert!(told.contains("'env.txt'") && told.contains("--authority https://evil.example"), "{told}");
    }

    #[test]
    fn a_file_cannot_add_trust_anchors() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        let certificate = rcgen::generate_simple_self_signed(vec!["a.example".to_owned()]).unwrap();
        std::fs::write(&path, certificate.cert.pem()).unwrap();
        let prepared = crate::probe::prepare(Inputs::default()).unwrap();
        let variables = vec![("SSL_CERT_FILE".to_owned(), path.display().to_string())];
        let roots = |place| extra_roots(&prepared, &from_variables(variables.clone(), place));
        assert!(roots(Place::File("env.txt".to_owned())).is_none());
        assert!(roots(Place::Process).is_some());
    }
}
