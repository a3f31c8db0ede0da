//! PFX files (PKCS #12, RFC 7292): a private key and the chain of its certificate, protected by a password.

use std::num::NonZeroU32;

use aes::cipher::{Array, BlockCipherDecrypt, KeyInit};
use ring::{digest, hmac, pbkdf2};
use zeroize::Zeroizing;

use crate::probe::der::{
    Elements, INTEGER, NotDer, OCTETS, OID, SEQUENCE, SET, ZERO, ZERO_IMPLICIT, issuer_and_subject,
};

/// Why a file doesn't open.
#[derive(Debug, thiserror::Error)]
pub enum PfxError {
    /// Another format, or a damaged file.
    #[error(transparent)]
    NotDer(#[from] NotDer),
    /// The sum that the password protects differs, or what it encrypts makes no sense.
    #[error("the password is wrong")]
    Password,
    /// One that nothing here computes.
    #[error("its encryption isn't supported")]
    Algorithm,
    /// Of an astronomic number of rounds.
    #[error("its encryption has too many iterations")]
    Iterations,
}

/// The private key (PKCS #8), if there is one, and its certificate with those that issued it, as far as they are there.
pub struct Contents {
    pub key: Option<Zeroizing<Vec<u8>>>,
    pub chain: Vec<Vec<u8>>,
}

/// 1.2.840.113549, under which RSA Security named all that is read here, and how other names begin.
const RSA: [u8; 6] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d];
const NIST_HASH: [u8; 8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02];
const NIST_AES: [u8; 8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01];
const SHA1: [u8; 5] = [0x2b, 0x0e, 0x03, 0x02, 0x1a];
const MOST_ITERATIONS: u32 = 1_000_000;

/// Opens a file.
pub fn read(file: &[u8], password: &str) -> Result<Contents, PfxError> {
    let mut pfx = Elements(file).inside(SEQUENCE)?;
    let _version = pfx.read(INTEGER)?;
    let safe = data(pfx.inside(SEQUENCE)?)?;
    let password = Password::new(password, pfx.inside(SEQUENCE).ok(), safe)?;
    let mut bags = Bags::default();
    for (_, content) in Elements(safe).inside(SEQUENCE)? {
        let mut content = Elements(content);
        match content.read(OID)?.strip_prefix(&RSA) {
            Some([1, 7, 1]) => bags.read(content.inside(ZERO)?.read(OCTETS)?, &password)?,
            Some([1, 7, 6]) => {
                let mut encrypted = content.inside(ZERO)?.inside(SEQUENCE)?;
                let _version = encrypted.read(INTEGER)?;
                let mut encrypted = encrypted.inside(SEQUENCE)?;
                let _kind = encrypted.read(OID)?;
                let algorithm = encrypted.inside(SEQUENCE)?;
                bags.read(&password.decrypt(algorithm, encrypted.read(ZERO_IMPLICIT)?)?, &password)?;
            }
            _ => return Err(PfxError::Algorithm),
        }
    }
    Ok(bags.contents())
}

/// The contents of a container that isn't encrypted.
fn data(mut content: Elements<'_>) -> Result<&[u8], PfxError> {
    match content.read(OID)?.strip_prefix(&RSA) {
        Some([1, 7, 1]) => Ok(content.inside(ZERO)?.read(OCTETS)?),
        _ => Err(PfxError::Algorithm),
    }
}

/// Keys and certificates, each with the ID that says which belong together.
#[derive(Default)]
struct Bags {
    keys: Vec<(Vec<u8>, Zeroizing<Vec<u8>>)>,
    certificates: Vec<(Option<Vec<u8>>, Vec<u8>)>,
}

impl Bags {
    fn read(&mut self, bags: &[u8], password: &Password) -> Result<(), PfxError> {
        for (_, bag) in Elements(bags).inside(SEQUENCE)? {
            let mut bag = Elements(bag);
            let kind = bag.read(OID)?;
            let mut value = bag.inside(ZERO)?;
            let id = local_id(bag);
            let key = match kind.strip_prefix(&RSA) {
                Some([1, 12, 10, 1, 1]) => Zeroizing::new(value.0.to_vec()),
                Some([1, 12, 10, 1, 2]) => {
                    let mut encrypted = value.inside(SEQUENCE)?;
                    let algorithm = encrypted.inside(SEQUENCE)?;
                    password.decrypt(algorithm, encrypted.read(OCTETS)?)?
                }
                Some([1, 12, 10, 1, 3]) => {
                    let mut certificate = value.inside(SEQUENCE)?;
                    let _kind = certificate.read(OID)?;
                    self.certificates.push((id, certificate.inside(ZERO)?.read(OCTETS)?.to_vec()));
                    continue;
                }
                _ => continue,
            };
            // A key and a certificate without an ID belong together.
            self.keys.push((id.unwrap_or_default(), key));
        }
        Ok(())
    }

    /// The first key that has a certificate, or the first one.
    fn contents(self) -> Contents {
        let Self { mut keys, certificates } = self;
        let leaf = |id: &[u8]| certificates.iter().find(|(other, _)| other.as_deref().unwrap_or_default() == id);
        let place = keys.iter().position(|(id, _)| leaf(id).is_some()).unwrap_or_default();
        if place >= keys.len() {
            return Contents { key: None, chain: Vec::new() };
        }
        let (id, key) = keys.swap_remove(place);
        let mut chain: Vec<Vec<u8>> = leaf(&id).map(|(_, certificate)| certificate.clone()).into_iter().collect();
        while let Some((issuer, subject)) = chain.last().and_then(|last| issuer_and_subject(last).ok())
            && issuer != subject
            && let Some((_, next)) = certificates
                .iter()
                .find(|(_, other)| issuer_and_subject(other).is_ok_and(|(_, subject)| subject == issuer))
            && !chain.contains(next)
        {
            chain.push(next.clone());
        }
        Contents { key: Some(key), chain }
    }
}

/// The ID among a bag's attributes.
fn local_id(mut bag: Elements<'_>) -> Option<Vec<u8>> {
    bag.inside(SET).ok()?.find_map(|(_, attribute)| {
        let mut attribute = Elements(attribute);
        let is_id = attribute.read(OID).ok()?.strip_prefix(&RSA) == Some(&[1, 9, 21]);
        is_id.then(|| attribute.inside(SET).ok()?.read(OCTETS).ok().map(<[u8]>::to_vec))?
    })
}

/// The password in the two forms that algorithms read.
struct Password {
    utf8: Zeroizing<Vec<u8>>,
    /// UTF-16 with a zero at its end; without it where an empty password was none.
    utf16: Zeroizing<Vec<u8>>,
}

impl Password {
    /// The form of the password that the file's sum confirms. A file without one is read as well.
    fn new(password: &str, sum: Option<Elements<'_>>, summed: &[u8]) -> Result<Self, PfxError> {
        let utf16 = password.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect();
        let mut this = Self { utf8: Zeroizing::new(password.as_bytes().to_vec()), utf16: Zeroizing::new(utf16) };
        let Some(mut sum) = sum else { return Ok(this) };
        let mut digest_info = sum.inside(SEQUENCE)?;
        let mut algorithm = digest_info.inside(SEQUENCE)?;
        let expected = digest_info.read(OCTETS)?;
        let salt = sum.read(OCTETS)?;
        let rounds = sum.read(INTEGER).map_or(Ok(NonZeroU32::MIN), iterations)?;
        let (hash, mac) = match algorithm.read(OID)? {
            name if name == SHA1 => (&digest::SHA1_FOR_LEGACY_USE_ONLY, hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
            name => match name.strip_prefix(&NIST_HASH) {
                Some([1]) => (&digest::SHA256, hmac::HMAC_SHA256),
                Some([2]) => (&digest::SHA384, hmac::HMAC_SHA384),
                Some([3]) => (&digest::SHA512, hmac::HMAC_SHA512),
                _ => return Err(PfxError::Algorithm),
            },
        };
        loop {
            let key = this.derived(hash, 3, salt, rounds, hash.output_len());
            if hmac::verify(&hmac::Key::new(mac, &key), summed, expected).is_ok() {
                return Ok(this);
            }
            if this.utf16.as_slice() != [0, 0] {
                return Err(PfxError::Password);
            }
            this.utf16.clear();
        }
    }

    fn decrypt(&self, mut algorithm: Elements<'_>, encrypted: &[u8]) -> Result<Zeroizing<Vec<u8>>, PfxError> {
        let name = algorithm.read(OID)?;
        let mut parameters = algorithm.inside(SEQUENCE)?;
        match name.strip_prefix(&RSA) {
            Some([1, 5, 13]) => self.pbes2(parameters, encrypted),
            Some([1, 12, 1, legacy @ (3 | 6)]) => {
                let salt = parameters.read(OCTETS)?;
                let rounds = iterations(parameters.read(INTEGER)?)?;
                let derived =
                    |purpose, length| self.derived(&digest::SHA1_FOR_LEGACY_USE_ONLY, purpose, salt, rounds, length);
                match legacy {
                    3 => cbc::<des::TdesEde3>(&derived(1, 24), &derived(2, 8), encrypted),
                    _ => cbc::<rc2::Rc2>(&derived(1, 5), &derived(2, 8), encrypted),
                }
            }
            _ => Err(PfxError::Algorithm),
        }
    }

    fn pbes2(&self, mut parameters: Elements<'_>, encrypted: &[u8]) -> Result<Zeroizing<Vec<u8>>, PfxError> {
        let mut derivation = parameters.inside(SEQUENCE)?;
        let mut cipher = parameters.inside(SEQUENCE)?;
        let (cipher, iv) = (cipher.read(OID)?, cipher.read(OCTETS)?);
        if derivation.read(OID)?.strip_prefix(&RSA) != Some(&[1, 5, 12]) {
            return Err(PfxError::Algorithm);
        }
        let mut derivation = derivation.inside(SEQUENCE)?;
        let salt = derivation.read(OCTETS)?;
        let rounds = iterations(derivation.read(INTEGER)?)?;
        let _length = derivation.read(INTEGER);
        let hash = derivation.inside(SEQUENCE).and_then(|mut hash| hash.read(OID)).ok();
        let hash = match hash.map(|hash| hash.strip_prefix(&RSA)) {
            None | Some(Some([2, 7])) => pbkdf2::PBKDF2_HMAC_SHA1,
            Some(Some([2, 9])) => pbkdf2::PBKDF2_HMAC_SHA256,
            Some(Some([2, 10])) => pbkdf2::PBKDF2_HMAC_SHA384,
            Some(Some([2, 11])) => pbkdf2::PBKDF2_HMAC_SHA512,
            _ => return Err(PfxError::Algorithm),
        };
        let derived = |length| {
            let mut key = Zeroizing::new(vec![0; length]);
            pbkdf2::derive(hash, rounds, salt, &self.utf8, &mut key);
            key
        };
        match cipher.strip_prefix(&NIST_AES) {
            Some([2]) => cbc::<aes::Aes128>(&derived(16), iv, encrypted),
            Some([22]) => cbc::<aes::Aes192>(&derived(24), iv, encrypted),
            Some([42]) => cbc::<aes::Aes256>(&derived(32), iv, encrypted),
            _ => Err(PfxError::Algorithm),
        }
    }

    /// A key (1), an initialization vector (2), or the key of a sum (3): appendix B.2 of RFC 7292.
    fn derived(
        &self,
        hash: &'static digest::Algorithm,
        purpose: u8,
        salt: &[u8],
        rounds: NonZeroU32,
        length: usize,
    ) -> Zeroizing<Vec<u8>> {
        let size = hash.block_len();
        let filled = |from: &[u8]| {
            let length = from.len().next_multiple_of(size);
            from.iter().copied().cycle().take(length).collect::<Vec<_>>()
        };
        let mut blocks = Zeroizing::new([filled(salt), filled(&self.utf16)].concat());
        let mut derived = Zeroizing::new(Vec::new());
        loop {
            let mut sum = digest::digest(hash, &[&vec![purpose; size], blocks.as_slice()].concat());
            for _ in 1..rounds.get() {
                sum = digest::digest(hash, sum.as_ref());
            }
            derived.extend_from_slice(sum.as_ref());
            if derived.len() >= length {
                derived.truncate(length);
                return derived;
            }
            for block in blocks.chunks_exact_mut(size) {
                let added: Vec<u8> = sum.as_ref().iter().copied().cycle().take(size).collect();
                let mut carried = 1_u16;
                for (byte, add) in block.iter_mut().zip(added).rev() {
                    let [high, low] =
                        carried.saturating_add(u16::from(*byte)).saturating_add(u16::from(add)).to_be_bytes();
                    *byte = low;
                    carried = u16::from(high);
                }
            }
        }
    }
}

fn iterations(integer: &[u8]) -> Result<NonZeroU32, PfxError> {
    let number = integer.iter().fold(0_u32, |sum, byte| sum.saturating_mul(256).saturating_add(u32::from(*byte)));
    NonZeroU32::new(number).filter(|number| number.get() <= MOST_ITERATIONS).ok_or(PfxError::Iterations)
}

/// Decrypts blocks of which each is mixed with the encrypted one before it, and takes the padding off.
fn cbc<C: KeyInit + BlockCipherDecrypt>(
    key: &[u8],
    iv: &[u8],
    encrypted: &[u8],
) -> Result<Zeroizing<Vec<u8>>, PfxError> {
    let cipher = C::new_from_slice(key).map_err(|_| PfxError::Algorithm)?;
    let size = C::block_size();
    let mut plain = Zeroizing::new(Vec::new());
    let mut before = iv;
    for encrypted in encrypted.chunks(size) {
        let mut block = Array::try_from(encrypted).map_err(|_| NotDer)?;
        cipher.decrypt_block(&mut block);
        plain.extend(block.iter().zip(before).map(|(byte, mixed)| byte ^ mixed));
        before = encrypted;
    }
    let padding = plain.last().copied().unwrap_or_default();
    let kept = plain.len().checked_sub(usize::from(padding)).ok_or(PfxError::Password)?;
    let is_padded = plain.get(kept..).is_some_and(|end| end.iter().all(|byte| *byte == padding));
    if padding == 0 || usize::from(padding) > size || !is_padded {
        return Err(PfxError::Password);
    }
    plain.truncate(kept);
    Ok(plain)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use ring::signature::RsaKeyPair;

    use super::*;

    const PASSWORD: &str = "pässwörd";
    /// Made by OpenSSL 3 from one key, its certificate, and the one of the authority that issued it.
    const FILES: [(&str, &[u8], &str); 5] = [
        ("PBES2 with AES-256", include_bytes!("../../../tests/it/pfx/aes-256.pfx"), PASSWORD),
        ("PBES2 with AES-128 and AES-192", include_bytes!("../../../tests/it/pfx/aes-128-and-192.pfx"), PASSWORD),
        ("RC2 and 3DES", include_bytes!("../../../tests/it/pfx/rc2-and-3des.pfx"), PASSWORD),
        ("an empty password", include_bytes!("../../../tests/it/pfx/empty-password.pfx"), ""),
        ("nothing that protects it", include_bytes!("../../../tests/it/pfx/plain.pfx"), "any"),
    ];

    #[test]
    fn every_encryption_in_use_gives_the_key_and_its_certificate_first() {
        for (name, file, password) in FILES {
            let Contents { key, chain } = read(file, password).unwrap();
            let key = RsaKeyPair::from_pkcs8(&key.unwrap()).unwrap();
            let public = key.public().as_ref();
            let names: Vec<_> = chain.iter().map(|one| issuer_and_subject(one).unwrap()).collect();
            assert!(chain[0].windows(public.len()).any(|part| part == public), "{name}");
            // The authority's own follows where the file has it, and ends the chain.
            assert!(names.windows(2).all(|pair| pair[0].0 == pair[1].1), "{name}");
            assert_eq!(chain.len(), if password.is_empty() { 1 } else { 2 }, "{name}");
        }
    }

    #[test]
    fn a_wrong_password_and_a_damaged_file_are_told_from_each_other() {
        for (name, file, password) in FILES {
            if password == PASSWORD {
                assert!(matches!(read(file, "password"), Err(PfxError::Password)), "{name}");
                assert!(matches!(read(file, ""), Err(PfxError::Password)), "{name}");
            }
            for end in 0..file.len() {
                assert!(read(&file[..end], password).is_err(), "{name}, {end} bytes");
            }
        }
        assert!(matches!(read(b"nonsense", ""), Err(PfxError::NotDer(NotDer))));
    }

    #[test]
    fn a_file_that_would_be_computed_for_years_is_refused() {
        for (number, expected) in [(&[0x0f, 0x42, 0x40][..], true), (&[0x0f, 0x42, 0x41], false), (&[0], false)] {
            assert_eq!(iterations(number).is_ok(), expected, "{number:?}");
        }
        assert!(iterations(&[0xff; 40]).is_err());
    }
}
