//! Client assertions: a JWT signed with the certificate's key ("certificate credentials" of the identity platform).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;

use crate::case::ids::ClientId;
use crate::case::secret::Secret;
use crate::probe::entra::pfx::{self, PfxError};

/// How long an assertion is good, in seconds; Entra takes at most ten minutes.
const LIFETIME: i64 = 300;

/// The two forms of an assertion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// PS256 with the SHA-256 thumbprint: what Microsoft asks for.
    Ps256,
    /// RS256 with the SHA-1 thumbprint: what older installations know.
    Rs256,
}

/// Why a certificate cannot prove who the client is.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A key alone.
    #[error("it contains a key but no certificate")]
    NoCertificate,
    /// A PFX without a key.
    #[error("it contains no private key")]
    NoKey,
    /// PEM with a key that a password protects.
    #[error(
        "its private key is encrypted, which this program doesn't read from a PEM file (azure-identity for Python \
         does); use a PFX file with AZURE_CLIENT_CERTIFICATE_PASSWORD, or PEM without encryption"
    )]
    Encrypted,
    /// PEM without a key.
    #[error("it contains no readable private key ({0}); PEM must contain both the key and the certificate")]
    UnreadableKey(rustls::pki_types::pem::Error),
    /// PEM with a broken certificate.
    #[error("its certificate can't be read ({0})")]
    Unreadable(rustls::pki_types::pem::Error),
    /// Another kind of key.
    #[error("its key isn't an RSA key, which Microsoft Entra ID requires")]
    NotRsa,
    /// An RSA key of another length, or a broken one.
    #[error("its key isn't an RSA key of 2048 to 4096 bits ({0})")]
    RsaKey(ring::error::KeyRejected),
    /// Neither PEM nor a PFX that opens.
    #[error("it is neither PEM nor a PFX file that opens with AZURE_CLIENT_CERTIFICATE_PASSWORD: {0}")]
    NotPfx(#[from] PfxError),
    /// The key refuses.
    #[error("its key can't sign")]
    CannotSign,
}

/// A certificate with its private key.
pub struct Certificate {
    key: RsaKeyPair,
    chain: Vec<Vec<u8>>,
    send_chain: bool,
}

impl Certificate {
    /// Reads PEM (key and certificate in one file) or PFX.
    ///
    /// # Errors
    /// What is missing or cannot be read, in words.
    pub fn read(bytes: &[u8], password: Option<&Secret<String>>, send_chain: bool) -> Result<Self, CertificateError> {
        let is_pem = bytes.windows(11).any(|window| window == b"-----BEGIN ");
        let (key, chain) = if is_pem { pem(bytes)? } else { pfx(bytes, password)? };
        if chain.is_empty() {
            return Err(CertificateError::NoCertificate);
        }
        Ok(Self { key, chain, send_chain })
    }

    /// Signs an assertion for a client at a token endpoint.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub fn sign(
        &self,
        client_id: &ClientId,
        audience: &str,
        form: Form,
        now: DateTime<Utc>,
    ) -> Result<Secret<String>, CertificateError> {
        let leaf = self.chain.first().map(Vec::as_slice).unwrap_or_default();
        let mut header = match form {
            Form::Ps256 => {
                json!({"alg": "PS256", "typ": "JWT", "x5t#S256": URL_SAFE_NO_PAD.encode(digest(&SHA256, leaf))})
            }
            Form::Rs256 => {
                let thumbprint = digest(&SHA1_FOR_LEGACY_USE_ONLY, leaf);
                json!({"alg": "RS256", "typ": "JWT", "x5t": URL_SAFE_NO_PAD.encode(thumbprint)})
            }
        };
        if self.send_chain
            && let Some(members) = header.as_object_mut()
        {
            let chain: Vec<String> = self.chain.iter().map(|certificate| STANDARD.encode(certificate)).collect();
            members.insert("x5c".to_owned(), json!(chain));
        }
        let claims = json!({
            "aud": audience, "iss": client_id, "sub": client_id, "jti": uuid::Uuid::new_v4().to_string(),
            "nbf": now.timestamp(), "iat": now.timestamp(), "exp": now.timestamp().saturating_add(LIFETIME),
        });
        let signed =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
        let mut signature = vec![0; self.key.public().modulus_len()];
        let padding: &dyn ring::signature::RsaEncoding = match form {
            Form::Ps256 => &RSA_PSS_SHA256,
            Form::Rs256 => &RSA_PKCS1_SHA256,
        };
        self.key
            .sign(padding, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .map_err(|_| CertificateError::CannotSign)?;
        Ok(Secret::new(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }
}

fn pem(bytes: &[u8]) -> Result<(RsaKeyPair, Vec<Vec<u8>>), CertificateError> {
    let encrypted = bytes.windows(9).any(|window| window == b"ENCRYPTED");
    let key = PrivateKeyDer::from_pem_slice(bytes).map_err(|error| {
        if encrypted { CertificateError::Encrypted } else { CertificateError::UnreadableKey(error) }
    })?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(bytes).collect();
    let chain = chain.map_err(CertificateError::Unreadable)?;
    let key = match &key {
        PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
        PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
        _ => return Err(CertificateError::NotRsa),
    };
    let key = key.map_err(CertificateError::RsaKey)?;
    Ok((key, chain.iter().map(|certificate| certificate.to_vec()).collect()))
}

fn pfx(bytes: &[u8], password: Option<&Secret<String>>) -> Result<(RsaKeyPair, Vec<Vec<u8>>), CertificateError> {
    let password = password.map(|secret| secret.expose().as_str()).unwrap_or_default();
    let contents = pfx::read(bytes, password)?;
    let key = contents.key.ok_or(CertificateError::NoKey)?;
    Ok((RsaKeyPair::from_pkcs8(&key).map_err(CertificateError::RsaKey)?, contents.chain))
}
