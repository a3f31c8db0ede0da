//! RSA keys for tokens, certificates that are made for one run, and their forms in metadata. Anybody can read the
//! private keys (`assets/lab/keys/`): nothing but the lab may trust them.

use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

use super::error::LabError;

/// An RSA 2048 key with a certificate of its own.
pub(crate) struct SigningKey {
    pair: RsaKeyPair,
    /// PKCS#8, DER.
    pub private_der: Vec<u8>,
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

/// The keys of a run. A run of many labs may share them.
pub struct Keys {
    /// Entra's signing key.
    pub(crate) entra: SigningKey,
    /// The key of the client certificate; made when first wanted.
    client: OnceLock<SigningKey>,
    /// The key of the outside issuer that the federated credential trusts; made when first wanted.
    outside: OnceLock<SigningKey>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Keys { .. }")
    }
}

impl Keys {
    /// Makes certificates for the keys. Takes CPU time: call it on a thread that may block.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn generate() -> Result<Self, LabError> {
        Ok(Self {
            entra: SigningKey::of(
                include_bytes!("../../assets/lab/keys/entra.der"),
                "accounts.accesscontrol.windows.net",
            )?,
            client: OnceLock::new(),
            outside: OnceLock::new(),
        })
    }

    /// The client certificate's key.
    pub(crate) fn client(&self) -> Result<&SigningKey, LabError> {
        made(&self.client, include_bytes!("../../assets/lab/keys/client.der"), "app1-service-principal")
    }

    /// The outside issuer's key.
    pub(crate) fn outside(&self) -> Result<&SigningKey, LabError> {
        made(&self.outside, include_bytes!("../../assets/lab/keys/outside.der"), "kubernetes")
    }
}

/// The key in the cell, made now if it is not there yet.
fn made<'a>(cell: &'a OnceLock<SigningKey>, private_der: &[u8], name: &str) -> Result<&'a SigningKey, LabError> {
    if let Some(key) = cell.get() {
        return Ok(key);
    }
    let key = SigningKey::of(private_der, name)?;
    Ok(cell.get_or_init(|| key))
}

impl SigningKey {
    fn of(private_der: &[u8], name: &str) -> Result<Self, LabError> {
        let pair = RsaKeyPair::from_pkcs8(private_der).map_err(LabError::keys)?;
        let PublicKeyComponents { n: modulus, e: exponent } = pair.public().into();
        let certificate = certificate(private_der, name)?;
        Ok(Self { pair, private_der: private_der.to_vec(), certificate, modulus, exponent })
    }

    /// base64url of the certificate's SHA-1: `x5t`, and what Entra uses as `kid`.
    pub fn thumbprint(&self) -> String {
        let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, &self.certificate);
        URL_SAFE_NO_PAD.encode(digest.as_ref())
    }

    /// base64url of the certificate's SHA-256: `x5t#S256`.
    pub fn thumbprint_sha256(&self) -> String {
        let digest = ring::digest::digest(&ring::digest::SHA256, &self.certificate);
        URL_SAFE_NO_PAD.encode(digest.as_ref())
    }

    /// The public key as an entry of a key set, as Entra writes it; `issuer` is added in the v2 form.
    pub fn public_jwk(&self, issuer: Option<&str>) -> Value {
        let mut jwk = json!({
            "kty": "RSA",
            "use": "sig",
            "kid": self.thumbprint(),
            "x5t": self.thumbprint(),
            "n": URL_SAFE_NO_PAD.encode(&self.modulus),
            "e": URL_SAFE_NO_PAD.encode(&self.exponent),
            "x5c": [STANDARD.encode(&self.certificate)],
        });
        if let (Some(issuer), Some(object)) = (issuer, jwk.as_object_mut()) {
            object.insert("issuer".to_owned(), Value::from(issuer));
        }
        jwk
    }

    /// Verifies a signature of this key.
    pub fn verifies(
        &self,
        algorithm: &'static ring::signature::RsaParameters,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        ring::signature::RsaPublicKeyComponents { n: &self.modulus, e: &self.exponent }
            .verify(algorithm, message, signature)
            .is_ok()
    }

    /// A signed JWT in compact form.
    pub fn sign(&self, header: &Value, claims: &Value) -> Result<String, LabError> {
        let message = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
            .map_err(LabError::keys)?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// Private key and certificate as one PEM text, as `AZURE_CLIENT_CERTIFICATE_PATH` requires it.
    pub fn to_pem(&self) -> String {
        format!("{}{}", pem("PRIVATE KEY", &self.private_der), pem("CERTIFICATE", &self.certificate))
    }
}

/// One part of a JWT.
pub(crate) fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn certificate(private_der: &[u8], name: &str) -> Result<Vec<u8>, LabError> {
    let der = rustls::pki_types::PrivatePkcs8KeyDer::from(private_der.to_vec());
    let pair = rcgen::KeyPair::from_pkcs8_der_and_sign_algo(&der, &rcgen::PKCS_RSA_SHA256).map_err(LabError::keys)?;
    let mut parameters = rcgen::CertificateParams::new(Vec::new()).map_err(LabError::keys)?;
    parameters.distinguished_name.push(rcgen::DnType::CommonName, name);
    let certificate = parameters.self_signed(&pair).map_err(LabError::keys)?;
    Ok(certificate.der().to_vec())
}

/// A PEM text.
pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut lines = format!("-----BEGIN {label}-----\n");
    for line in text.as_bytes().chunks(64) {
        lines.push_str(&String::from_utf8_lossy(line));
        lines.push('\n');
    }
    lines.push_str(&format!("-----END {label}-----\n"));
    lines
}
