//! TLS: trust anchors and the check of a pinned certificate.

use std::sync::{Arc, OnceLock};

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, OtherError, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;

use crate::probe::der::{issuer_and_subject, name_as_text};

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file of trust anchors without any.
    #[error("it contains no certificate; it must be PEM text with BEGIN CERTIFICATE")]
    NoCertificate,
    /// A file of trust anchors that is no PEM.
    #[error("it isn't valid PEM ({0})")]
    NotPem(rustls::pki_types::pem::Error),
    /// A certificate that is no trust anchor.
    #[error("a certificate of the CA bundle is invalid: {0}")]
    Anchor(rustls::Error),
    /// Anything else.
    #[error(transparent)]
    Setup(rustls::Error),
}

/// The certificates in a PEM file.
///
/// # Errors
/// When there is none, or one cannot be read.
pub fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match all {
        Ok(all) if all.is_empty() => Err(TlsError::NoCertificate),
        Ok(all) => Ok(all),
        Err(error) => Err(TlsError::NotPem(error)),
    }
}

/// TLS with the public roots that are compiled in (slim images have none of their own), the extra ones, and what this
/// machine trusts.
///
/// # Errors
/// When an extra trust anchor is not usable.
pub fn trusting(extra: Option<&[u8]>) -> Result<ClientConfig, TlsError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(pem) = extra {
        for certificate in certificates(pem)? {
            roots.add(certificate).map_err(TlsError::Anchor)?;
        }
    }
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Setup)?;
    let known = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider())
        .build()
        .map_err(|error| TlsError::Setup(rustls::Error::General(error.to_string())))?;
    let verifier = Trusting { known, machine: OnceLock::new() };
    Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
}

/// TLS that accepts one certificate only: the one with this SHA-1 thumbprint, as Service Fabric names it.
///
/// # Errors
/// When TLS cannot be set up.
pub fn pinned(thumbprint: &str) -> Result<ClientConfig, TlsError> {
    let wanted = thumbprint.trim().replace([':', ' '], "").to_ascii_lowercase();
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Setup)?;
    let verifier = Pinned { wanted, provider: provider() };
    Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// A certificate whose issuer nobody trusts here.
#[derive(Debug, thiserror::Error)]
#[error("the certificate was issued by {0:?}, an unknown authority")]
struct UnknownIssuer(String);

impl UnknownIssuer {
    /// By the issuer's common name, or its whole name without one.
    fn of(certificate: &CertificateDer<'_>) -> Self {
        let issuer = issuer_and_subject(certificate).map(|(issuer, _)| name_as_text(issuer));
        Self(issuer.unwrap_or_default())
    }
}

/// Trusts the roots that it knows, and then those of this machine: a proxy that inspects TLS has its own there.
#[derive(Debug)]
struct Trusting {
    known: Arc<WebPkiServerVerifier>,
    /// Read when first needed; `None` where the machine has none.
    machine: OnceLock<Option<Verifier>>,
}

impl ServerCertVerifier for Trusting {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        const UNKNOWN: rustls::Error = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let verified = self.known.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        if !matches!(&verified, Err(error) if *error == UNKNOWN) {
            return verified;
        }
        let machine = self.machine.get_or_init(|| Verifier::new(provider()).ok());
        let verified = machine.as_ref().map_or(Err(UNKNOWN), |machine| {
            machine.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        });
        match verified {
            Err(error) if error == UNKNOWN => {
                let error = OtherError(Arc::new(UnknownIssuer::of(end_entity)));
                Err(rustls::Error::InvalidCertificate(CertificateError::Other(error)))
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.known.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.known.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.known.supported_verify_schemes()
    }
}

/// Accepts the certificate with the wanted thumbprint; the handshake's signature is checked as ever.
#[derive(Debug)]
struct Pinned {
    wanted: String,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let found: String =
            digest(&SHA1_FOR_LEGACY_USE_ONLY, end_entity).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        if found == self.wanted {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(rustls::Error::General(format!(
                "the certificate's thumbprint {found} doesn't match IDENTITY_SERVER_THUMBPRINT {}",
                self.wanted
            )))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
