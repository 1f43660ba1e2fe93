//! The key pair by which an office is handed case keys: HPKE (RFC 9180).
//!
//! One suite: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305, in base mode. Its number stands
//! beside every public key and every wrap, so that another can follow. The pair is derived from a seed
//! (RFC 9180 7.1.3), which is all an office keeps. Who closed something is not told by this key: a wrap is
//! signed with the journal key.
//!
//! It knows nothing of cases; what it closes and what that is bound to are the wrap's.

use std::fmt;

use data_encoding::HEXLOWER;
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use hpke::{single_shot_open, single_shot_seal_with_rng};
use zeroize::Zeroizing;

use super::given::Given;

/// The suite of this version by its number on the wire.
pub const SUITE: u32 = 1;
/// Bytes of a seed, of a public key, and of an encapsulated key.
pub const KEY_LENGTH: usize = 32;
/// Random bytes each closing needs.
pub const CHANCE_LENGTH: usize = 32;
/// Bytes by which what is closed grows.
pub const GROWTH: usize = 16;

/// Why a key cannot be used, or something does not open with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealingError {
    /// A suite this version does not know.
    #[error("sealing suite {0} is not known to this version: a newer one can use the key")]
    Suite(u32),
    /// Not 32 bytes, or a point with which everybody could open what is closed.
    #[error(
        "the public sealing key is not a valid X25519 key: have the office announce its key again"
    )]
    Malformed,
    /// Fewer random bytes than the suite takes.
    #[error("sealing needs {CHANCE_LENGTH} random bytes and was given fewer")]
    Chance,
    /// Closed for another key, bound to something else, or altered.
    #[error("this sealing key does not open it: it was closed for another office, or altered")]
    NotOurs,
}

/// The public half: anyone who has it can close something for this office.
#[derive(Clone, PartialEq, Eq)]
pub struct SealingPublic(<X25519HkdfSha256 as Kem>::PublicKey);

impl SealingPublic {
    /// Reads a key as an office announces it.
    pub fn read(suite: u32, bytes: &[u8]) -> Result<Self, SealingError> {
        if suite != SUITE {
            return Err(SealingError::Suite(suite));
        }
        let key = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(bytes)
            .map_err(|_| SealingError::Malformed)?;
        let key = Self(key);
        // A point of small order shows with any scalar: found here, it is refused where it comes from.
        key.close(&[], &[], &[], &[0; CHANCE_LENGTH]).map(|_| key.clone())
    }

    /// Its 32 bytes.
    #[must_use]
    pub fn bytes(&self) -> [u8; KEY_LENGTH] {
        self.0.to_bytes().into()
    }

    /// Closes `text` for this key: the encapsulated key and the ciphertext. What is opened must be bound to the
    /// same `info` and `aad`.
    pub(super) fn close(
        &self,
        info: &[u8],
        aad: &[u8],
        text: &[u8],
        chance: &[u8],
    ) -> Result<([u8; KEY_LENGTH], Vec<u8>), SealingError> {
        let mut given = Given::new(chance);
        let closed = single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &self.0,
            info,
            text,
            aad,
            &mut given,
        );
        if !given.sufficed() {
            return Err(SealingError::Chance);
        }
        let (encapsulated, ciphertext) = closed.map_err(|_| SealingError::Malformed)?;
        Ok((encapsulated.to_bytes().into(), ciphertext))
    }
}

impl fmt::Display for SealingPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.bytes()))
    }
}

impl fmt::Debug for SealingPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingPublic({})", HEXLOWER.encode(&self.bytes()[..6]))
    }
}

/// The secret half, made from its seed. Wiped when dropped, never printed.
#[derive(Clone)]
pub struct SealingKey {
    seed: Zeroizing<[u8; KEY_LENGTH]>,
    secret: <X25519HkdfSha256 as Kem>::PrivateKey,
    public: SealingPublic,
}

impl SealingKey {
    /// Makes the pair of these secret bytes, drawn by the caller.
    #[must_use]
    pub fn from_seed(seed: &[u8; KEY_LENGTH]) -> Self {
        let (secret, public) = X25519HkdfSha256::derive_keypair(seed);
        Self { seed: Zeroizing::new(*seed), secret, public: SealingPublic(public) }
    }

    /// The seed, to be kept in a file only its owner can read, and in the recovery copy.
    #[must_use]
    pub fn seed(&self) -> &[u8; KEY_LENGTH] {
        &self.seed
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &SealingPublic {
        &self.public
    }

    /// What was closed for this key under the same `info` and `aad`.
    pub(super) fn open(
        &self,
        info: &[u8],
        aad: &[u8],
        encapsulated: &[u8; KEY_LENGTH],
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, SealingError> {
        let encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(encapsulated)
            .map_err(|_| SealingError::NotOurs)?;
        single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &self.secret,
            &encapsulated,
            info,
            ciphertext,
            aad,
        )
        .map(Zeroizing::new)
        .map_err(|_| SealingError::NotOurs)
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingKey(of {:?})", self.public)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(digits: &str) -> Vec<u8> {
        HEXLOWER.decode(digits.as_bytes()).unwrap()
    }

    /// RFC 9180, appendix A.2.1: this very suite in base mode, its first encryption.
    #[test]
    fn it_is_hpke_as_rfc_9180_has_it() {
        let seed = bytes("1ac01f181fdf9f352797655161c58b75c656a6cc2716dcb66372da835542e1df");
        let chance = bytes("909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b");
        let (info, aad) =
            (bytes("4f6465206f6e2061204772656369616e2055726e"), bytes("436f756e742d30"));
        let text = bytes("4265617574792069732074727574682c20747275746820626561757479");

        let key = SealingKey::from_seed(seed.as_slice().try_into().unwrap());
        let public = "4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a";
        assert_eq!(key.public().to_string(), public);

        let (encapsulated, ciphertext) = key.public().close(&info, &aad, &text, &chance).unwrap();
        let expected = "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a";
        assert_eq!(HEXLOWER.encode(&encapsulated), expected);
        let expected = "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db\
                        21993c62ce81883d2dd1b51a28";
        assert_eq!(HEXLOWER.encode(&ciphertext), expected);
        assert_eq!(ciphertext.len(), text.len() + GROWTH);
        assert_eq!(*key.open(&info, &aad, &encapsulated, &ciphertext).unwrap(), text);
    }

    #[test]
    fn too_little_chance_is_an_error() {
        let key = SealingKey::from_seed(&[1; 32]);
        let closed = key.public().close(b"", b"", b"text", &[5; CHANCE_LENGTH - 1]);
        assert_eq!(closed.unwrap_err(), SealingError::Chance);
    }

    #[test]
    fn public_keys_everybody_could_open_are_refused() {
        // Points of order 1, 2, 4 and 8 of the curve (RFC 7748, section 6.1).
        let order_eight = "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800";
        let minus_one = "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f";
        let zero = "00".repeat(32);
        let one = format!("01{}", "00".repeat(31));
        for point in [order_eight, minus_one, &zero, &one] {
            let read = SealingPublic::read(SUITE, &bytes(point));
            assert_eq!(read.unwrap_err(), SealingError::Malformed, "{point}");
        }
    }

    #[test]
    fn keys_of_another_suite_or_length_are_refused() {
        let public = SealingKey::from_seed(&[1; 32]).public().bytes();
        assert!(SealingPublic::read(SUITE, &public).is_ok());
        assert_eq!(SealingPublic::read(2, &public).unwrap_err(), SealingError::Suite(2));
        let short = SealingPublic::read(SUITE, &public[1..]);
        assert_eq!(short.unwrap_err(), SealingError::Malformed);
    }
}
