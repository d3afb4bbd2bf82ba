//! Authenticated encryption and keyed digests: `XChaCha20-Poly1305` (draft-irtf-cfrg-xchacha-03) and HMAC-SHA-256 (RFC 2104).

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::consts::U10;
use chacha20poly1305::{ChaCha20Poly1305, XChaCha20Poly1305};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::error::{Error, Result};

/// The bytes of a key.
pub type Key = [u8; 32];

const NONCE: usize = 24;

/// A fresh key.
///
/// # Errors
/// When the machine has no randomness.
pub fn fresh() -> Result<Key> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|e| Error::Unavailable(format!("no randomness: {e}")))?;
    Ok(key)
}

/// A digest that nobody can compute without the key: of parts, each with its length before it, so that no two lists of parts
/// are one.
pub fn keyed(key: &Key, parts: &[&[u8]]) -> Key {
    // HMAC pads a key to the block of its hash, which takes any that is shorter (RFC 2104 section 2).
    let mut block = [0; 64];
    block.iter_mut().zip(key).for_each(|(place, byte)| *place = *byte);
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
    for part in parts {
        mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Encrypts: the nonce and what follows it.
///
/// The nonce is a keyed digest of all that goes in (as in SIV modes, RFC 5297): it repeats only where everything repeats, and
/// a command that runs again seals the same. `salt` keeps two things that say the same from looking the same.
///
/// # Errors
/// When there is more of it than the cipher takes, which no request can send.
pub fn seal(key: &Key, salt: &str, about: &[u8], clear: &[u8]) -> Result<Vec<u8>> {
    let digest = keyed(&keyed(key, &[b"nonce"]), &[salt.as_bytes(), about, clear]);
    let mut nonce = [0; NONCE];
    nonce.iter_mut().zip(digest).for_each(|(place, byte)| *place = byte);
    let cipher = XChaCha20Poly1305::new(&keyed(key, &[b"encryption"]).into());
    let sealed = cipher
        .encrypt(&nonce.into(), Payload { msg: clear, aad: about })
        .map_err(|e| Error::internal(format!("encrypting: {e}")))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// Decrypts what [`seal`] made; `None` when it is not that, or of another key, or about something else.
pub fn open(key: &Key, about: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
    let cipher = XChaCha20Poly1305::new(&keyed(key, &[b"encryption"]).into());
    cipher.decrypt(&(*nonce).into(), Payload { msg: sealed, aad: about }).ok()
}

/// The key of one value alone: what [`seal`] encrypted it with, and nothing else.
///
/// `XChaCha20` (section 2.3) encrypts with `HChaCha20` of the key and the first 16 bytes of the nonce. Nobody can compute a key from what
/// `HChaCha20` makes of it, nor what it makes of another nonce: so whoever is given this opens one value, and no other of the patient.
pub fn key_of_one(key: &Key, sealed: &[u8]) -> Option<Key> {
    let (first, _) = sealed.split_first_chunk::<16>()?;
    let whole = keyed(key, &[b"encryption"]);
    Some(chacha20::hchacha::<U10>(&whole.into(), &(*first).into()).into())
}

/// Decrypts with the key of one value: ChaCha20-Poly1305 (RFC 8439 section 2.8), its nonce four zero bytes and the last 8 bytes of
/// that of the value.
pub fn open_one(key: &Key, about: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
    let mut short = [0; 12];
    short.iter_mut().skip(4).zip(nonce.iter().skip(16)).for_each(|(place, byte)| *place = *byte);
    ChaCha20Poly1305::new(&(*key).into()).decrypt(&short.into(), Payload { msg: sealed, aad: about }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_its_key_alone_and_says_nothing() {
        let (key, other) = ([7; 32], [8; 32]);
        let sealed = seal(&key, "adm_1", b"org pat", b"P-1001").unwrap();
        assert_eq!(open(&key, b"org pat", &sealed).as_deref(), Some(&b"P-1001"[..]));
        assert_eq!(open(&other, b"org pat", &sealed), None);
        assert_eq!(open(&key, b"org other", &sealed), None);
        for at in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[at] ^= 1;
            assert_eq!(open(&key, b"org pat", &flipped), None, "byte {at}");
        }
        assert_eq!(open(&key, b"org pat", &sealed[..20]), None);
        assert_eq!(seal(&key, "adm_1", b"org pat", b"P-1001").unwrap(), sealed, "the same is sealed the same");
        assert_ne!(seal(&key, "adm_2", b"org pat", b"P-1001").unwrap(), sealed, "another thing that says the same");
    }

    #[test]
    fn the_key_of_one_value_opens_that_and_no_other() {
        let key = [7; 32];
        let (one, other) =
            (seal(&key, "adm_1", b"org pat", b"lips").unwrap(), seal(&key, "adm_2", b"org pat", b"lips").unwrap());
        let own = key_of_one(&key, &one).unwrap();
        assert_eq!(open_one(&own, b"org pat", &one).as_deref(), Some(&b"lips"[..]));
        assert_eq!(open_one(&own, b"org pat", &other), None);
        assert_eq!(open_one(&own, b"org other", &one), None);
        assert_ne!(key_of_one(&key, &other).unwrap(), own);
        assert_ne!(own, key);
        assert_eq!((key_of_one(&key, &one[..10]), open_one(&own, b"org pat", &one[..23])), (None, None));
    }

    #[test]
    fn keyed_digests_are_hmac_over_parts_with_their_lengths() {
        // Python: hmac.new(b"k" * 32, b"".join(len(p).to_bytes(8, "big") + p for p in [b"ab", b"", b"c"]), "sha256").hexdigest()
        let hex: String = keyed(&[b'k'; 32], &[b"ab", b"", b"c"]).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, "df31b62dfd82c46c4ac9d61032934f2acaf78b7250adbec3d6382a4f78f3af16");
    }
}
