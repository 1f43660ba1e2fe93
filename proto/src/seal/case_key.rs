//! The key that closes the sealed parts of one case, and the id that commits to it.
//!
//! A [`CaseKey`] is 32 random bytes together with the case they belong to. Its [`KeyId`] is a truncated hash of
//! both: it says which key a part needs, and whether a key handed over is that one. It is never derived from
//! anything, so that destroying every copy is final.

use std::fmt;

use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

use crate::digest::{CaseId, Digest};

/// Bytes of the secret.
pub const SECRET_LENGTH: usize = 32;

/// The secret that closes the sealed parts of one case. Wiped when dropped, never printed.
#[derive(Clone)]
pub struct CaseKey {
    case: CaseId,
    id: KeyId,
    secret: Zeroizing<[u8; SECRET_LENGTH]>,
}

impl CaseKey {
    /// The key of `case` with these secret bytes, drawn by the caller.
    #[must_use]
    pub fn of(case: CaseId, secret: &[u8; SECRET_LENGTH]) -> Self {
        Self { case, id: KeyId::of(case, secret), secret: Zeroizing::new(*secret) }
    }

    /// The case it belongs to.
    #[must_use]
    pub fn case(&self) -> CaseId {
        self.case
    }

    /// What names it, and commits to it.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The secret bytes, to be wrapped, or kept where they can be destroyed.
    #[must_use]
    pub fn secret(&self) -> &[u8; SECRET_LENGTH] {
        &self.secret
    }
}

impl fmt::Debug for CaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CaseKey({:?} of case {:?})", self.id, self.case)
    }
}

/// The name of a case key: the first 16 bytes of `SHA-256("terrace case key\0" ‖ case id ‖ key)`.
///
/// A commitment: it tells nothing of a key that was drawn at random, and no second key has the same id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; Self::LENGTH]);

impl KeyId {
    /// Bytes of an id.
    pub const LENGTH: usize = 16;

    fn of(case: CaseId, secret: &[u8; SECRET_LENGTH]) -> Self {
        let digest = Digest::of(&[b"terrace case key\0", &case.0, secret]);
        let (id, _) = digest.0.split_first_chunk().expect("a digest has 32 bytes");
        Self(*id)
    }

    /// Reads exactly 16 bytes.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Its 16 bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0[..4]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_id_commits_to_the_case_and_the_key() {
        let key = CaseKey::of(CaseId([1; 16]), &[7; 32]);
        assert_eq!(key.id(), CaseKey::of(CaseId([1; 16]), &[7; 32]).id());
        assert_ne!(key.id(), CaseKey::of(CaseId([2; 16]), &[7; 32]).id());
        assert_ne!(key.id(), CaseKey::of(CaseId([1; 16]), &[8; 32]).id());
    }

    #[test]
    fn the_key_id_of_a_known_key_never_changes() {
        // sha256sum over the same bytes, first 32 digits.
        let key = CaseKey::of(CaseId([0x01; 16]), &[0x07; 32]);
        assert_eq!(key.id().to_string(), "80a73496a807019719fe599e46d15ae9");
    }
}
