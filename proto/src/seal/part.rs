//! The sealed part of an entry: a text only the holders of a case key can read.
//!
//! XChaCha20-Poly1305 over the padded text; its nonce is long enough to be drawn at random. The bytes are one
//! of algorithm, 16 of key id, 24 of nonce, and the ciphertext with its tag; an entry's header carries their
//! hash. Algorithm, case and key id are authenticated with the text, so a part moved to another case does not
//! open. Anyone can see which key a part needs and how many steps it is long, and nothing else.
//!
//! It never looks into the text.

use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::case_key::{CaseKey, KeyId};
use super::padding;
use crate::digest::CaseId;

/// XChaCha20-Poly1305, the one algorithm of this version.
const ALGORITHM: u8 = 1;
/// Random bytes each sealing needs, never used twice with one key.
pub const NONCE_LENGTH: usize = 24;
/// Bytes before the ciphertext.
const HEAD: usize = 1 + KeyId::LENGTH + NONCE_LENGTH;
/// Bytes of the tag behind the ciphertext.
const TAG: usize = 16;
/// The largest sealed part anyone accepts, in bytes.
pub const PART_LIMIT: usize = HEAD + padding::LARGEST + TAG;

/// Why a part cannot be sealed, read or opened. None of them repeats anything of the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PartError {
    /// More text than a part can hold.
    #[error(
        "a text of {size} bytes is over the limit of {limit} for a sealed part: attach it instead"
    )]
    TooLong {
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// An algorithm this version does not know.
    #[error("sealing algorithm {0} is not known to this version: a newer one can open the part")]
    Algorithm(u8),
    /// Not a size that sealing makes.
    #[error("a sealed part of {0} bytes is cut off or damaged: no text is sealed to that size")]
    Size(usize),
    /// The key at hand is another, or one of another case.
    #[error("the sealed part needs case key {needed}, not {given} of case {case}")]
    OtherKey {
        /// The key it names.
        needed: KeyId,
        /// The key that was tried.
        given: KeyId,
        /// The case of that key.
        case: CaseId,
    },
    /// The right key does not open it.
    #[error("the sealed part was altered: case key {0} is the one it names and does not open it")]
    Altered(KeyId),
    /// It opens, but was not filled up as agreed.
    #[error("the sealed part was made wrongly: it opens, but the padding in it is not ours")]
    Padding,
}

/// A sealed part, well-formed; whether it opens is not known.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedPart {
    key_id: KeyId,
    bytes: Vec<u8>,
}

impl SealedPart {
    /// Seals `text` with the key of its case; `nonce` is drawn by the caller for this part alone.
    pub fn seal(key: &CaseKey, text: &[u8], nonce: &[u8; NONCE_LENGTH]) -> Result<Self, PartError> {
        let too_long = PartError::TooLong { size: text.len(), limit: padding::TEXT_LIMIT };
        let mut sealed = padding::pad(text, TAG).ok_or_else(|| too_long.clone())?;
        let bound = bound(key.case(), key.id());
        XChaCha20Poly1305::new(key.secret().into())
            .encrypt_in_place(&XNonce::from(*nonce), &bound, &mut *sealed)
            .map_err(|_| too_long)?;

        let mut bytes = Vec::with_capacity(HEAD + sealed.len());
        bytes.push(ALGORITHM);
        bytes.extend_from_slice(key.id().bytes());
        bytes.extend_from_slice(nonce);
        bytes.extend_from_slice(&sealed);
        Ok(Self { key_id: key.id(), bytes })
    }

    /// Reads a part off the wire or out of a store.
    pub fn read(bytes: Vec<u8>) -> Result<Self, PartError> {
        let size = bytes.len();
        match bytes.first() {
            None => return Err(PartError::Size(size)),
            Some(&ALGORITHM) => (),
            Some(&other) => return Err(PartError::Algorithm(other)),
        }
        let padded = size.checked_sub(HEAD + TAG).filter(|padded| padding::is_step(*padded));
        let key_id = bytes.get(1..=KeyId::LENGTH).and_then(KeyId::read);
        match (padded, key_id) {
            (Some(_), Some(key_id)) => Ok(Self { key_id, bytes }),
            _ => Err(PartError::Size(size)),
        }
    }

    /// The key it needs.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// The bytes an entry's header names by their hash.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The same bytes, to be stored or sent.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The text, if `key` is the one.
    pub fn open(&self, key: &CaseKey) -> Result<Zeroizing<Vec<u8>>, PartError> {
        if key.id() != self.key_id {
            let (needed, given) = (self.key_id, key.id());
            return Err(PartError::OtherKey { needed, given, case: key.case() });
        }
        let (head, sealed) = self.bytes.split_at(HEAD);
        let nonce = head.last_chunk::<NONCE_LENGTH>().expect("the head ends with the nonce");
        let mut opened = Zeroizing::new(sealed.to_vec());
        XChaCha20Poly1305::new(key.secret().into())
            .decrypt_in_place(&XNonce::from(*nonce), &bound(key.case(), key.id()), &mut *opened)
            .map_err(|_| PartError::Altered(key.id()))?;
        let text = padding::unpad(&opened).ok_or(PartError::Padding)?;
        Ok(Zeroizing::new(text.to_vec()))
    }
}

impl std::fmt::Debug for SealedPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SealedPart({} bytes for key {:?})", self.bytes.len(), self.key_id)
    }
}

/// What is authenticated beside the text.
fn bound(case: CaseId, key: KeyId) -> Vec<u8> {
    [b"terrace sealed part\0", &[ALGORITHM][..], &case.0, key.bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> CaseKey {
        CaseKey::of(CaseId([1; 16]), &[7; 32])
    }

    #[test]
    fn what_is_too_long_is_refused_with_the_limit() {
        let error =
            SealedPart::seal(&key(), &vec![0; padding::TEXT_LIMIT + 1], &[3; 24]).unwrap_err();
        assert!(error.to_string().contains("1048572"), "{error}");
        let largest = SealedPart::seal(&key(), &vec![0; padding::TEXT_LIMIT], &[3; 24]).unwrap();
        assert_eq!(largest.bytes().len(), PART_LIMIT);
        assert!(SealedPart::read(largest.into_bytes()).is_ok());
    }

    #[test]
    fn the_key_of_another_case_is_told_apart_from_damage() {
        let part = SealedPart::seal(&key(), b"words", &[3; 24]).unwrap();
        let other = CaseKey::of(CaseId([2; 16]), &[7; 32]);
        assert!(matches!(part.open(&other), Err(PartError::OtherKey { .. })));
        let mut bytes = part.into_bytes();
        *bytes.last_mut().unwrap() ^= 1;
        let part = SealedPart::read(bytes).unwrap();
        assert_eq!(part.open(&key()).unwrap_err(), PartError::Altered(key().id()));
    }

    #[test]
    fn the_case_is_authenticated_and_not_only_named() {
        // A part closed under the same secret and id, as if for another case, must not open.
        let mut sealed = padding::pad(b"words", TAG).unwrap();
        XChaCha20Poly1305::new(key().secret().into())
            .encrypt_in_place(
                &XNonce::from([3; 24]),
                &bound(CaseId([2; 16]), key().id()),
                &mut *sealed,
            )
            .unwrap();
        let bytes = [&[ALGORITHM][..], key().id().bytes(), &[3; 24], &sealed].concat();
        let part = SealedPart::read(bytes).unwrap();
        assert_eq!(part.open(&key()).unwrap_err(), PartError::Altered(key().id()));
    }

    #[test]
    fn wrong_padding_inside_is_refused() {
        let mut sealed = vec![0xff; 256];
        XChaCha20Poly1305::new(key().secret().into())
            .encrypt_in_place(&XNonce::from([3; 24]), &bound(key().case(), key().id()), &mut sealed)
            .unwrap();
        let bytes = [&[ALGORITHM][..], key().id().bytes(), &[3; 24], &sealed].concat();
        assert_eq!(SealedPart::read(bytes).unwrap().open(&key()).unwrap_err(), PartError::Padding);
    }

    #[test]
    fn a_newer_algorithm_is_said_to_be_one() {
        let mut bytes = SealedPart::seal(&key(), b"words", &[3; 24]).unwrap().into_bytes();
        bytes[0] = 9;
        assert_eq!(SealedPart::read(bytes).unwrap_err(), PartError::Algorithm(9));
        for size in [0, 1, HEAD, HEAD + TAG, HEAD + TAG + 255] {
            let bytes = vec![ALGORITHM; size];
            assert_eq!(SealedPart::read(bytes).unwrap_err(), PartError::Size(size));
        }
    }
}
