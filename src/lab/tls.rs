//! A certificate authority of the run's own, for clients that insist on https.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

use super::error::LabError;
use super::keys::pem;

/// What the servers present, and what clients must trust.
pub(crate) struct Tls {
    pub acceptor: TlsAcceptor,
    /// The authority's certificate, PEM.
    pub authority_pem: String,
    /// SHA-1 of the server's certificate in hexadecimal: Service Fabric's `IDENTITY_SERVER_THUMBPRINT`.
    pub thumbprint: String,
}

/// Makes an authority and a server certificate for the loopback names.
pub(crate) fn make() -> Result<Tls, LabError> {
    let authority_key = rcgen::KeyPair::generate().map_err(LabError::keys)?;
    let mut parameters = rcgen::CertificateParams::new(Vec::new()).map_err(LabError::keys)?;
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Constrained(0));
    parameters.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign, rcgen::KeyUsagePurpose::DigitalSignature];
    parameters.distinguished_name.push(rcgen::DnType::CommonName, "easyauth-doctor lab");
    let authority = parameters.self_signed(&authority_key).map_err(LabError::keys)?;
    let issuer = rcgen::Issuer::new(parameters, authority_key);

    let server_key = rcgen::KeyPair::generate().map_err(LabError::keys)?;
    let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
    let mut parameters = rcgen::CertificateParams::new(names).map_err(LabError::keys)?;
    parameters.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    parameters.use_authority_key_identifier_extension = true;
    let server = parameters.signed_by(&server_key, &issuer).map_err(LabError::keys)?;
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, server.der());
    let thumbprint = digest.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();

    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(server_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(LabError::keys)?
        .with_no_client_auth()
        .with_single_cert(vec![server.der().clone()], key)
        .map_err(LabError::keys)?;
    Ok(Tls {
        acceptor: TlsAcceptor::from(Arc::new(config)),
        authority_pem: pem("CERTIFICATE", authority.der()),
        thumbprint,
    })
}
