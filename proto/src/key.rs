//! Keys that sign journals.
//!
//! A [`JournalKey`] is the public half, a [`Signer`] the private one. The algorithm stands beside every
//! key and every signature (Ed25519 with SHA-256 today), so that the SM suite can follow. Transport keys
//! (TLS) are another matter and live in the node.

use std::fmt;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

use crate::digest::Digest;

/// Signature algorithms by their number on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Algorithm {
    /// Ed25519 over journals hashed with SHA-256.
    Ed25519 = 1,
}

/// A key that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// An algorithm this version does not know.
    #[error("signature algorithm {0} is not known to this version")]
    Algorithm(u32),
    /// Not a point of the curve, or not 32 bytes.
    #[error("the key is not a valid Ed25519 public key")]
    Malformed,
}

/// The public half of a journal key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct JournalKey(VerifyingKey);

impl JournalKey {
    /// Reads a key as it stands in an admission.
    pub fn read(algorithm: u32, bytes: &[u8]) -> Result<Self, KeyError> {
        if algorithm != Algorithm::Ed25519 as u32 {
            return Err(KeyError::Algorithm(algorithm));
        }
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| KeyError::Malformed)?;
        VerifyingKey::from_bytes(&bytes).map(Self).map_err(|_| KeyError::Malformed)
    }

    /// The key's 32 bytes.
    #[must_use]
    pub fn bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// Whether `signature` over `message` was made with the private half.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.0.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }

    /// A digest officers can compare by eye.
    #[must_use]
    pub fn fingerprint(&self) -> Digest {
        Digest::of(&[&self.0.to_bytes()])
    }
}

impl fmt::Debug for JournalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JournalKey({:?})", self.fingerprint())
    }
}

/// The private half of a journal key. Never printed.
#[derive(Clone)]
pub struct Signer(SigningKey);

impl Signer {
    /// Makes a key from 32 secret bytes, drawn by the caller.
    #[must_use]
    pub fn from_secret(secret: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(secret))
    }

    /// The secret bytes, to be kept in a file only its owner can read.
    #[must_use]
    pub fn secret(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> JournalKey {
        JournalKey(self.0.verifying_key())
    }

    /// Signs `message`.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer(of {:?})", self.public())
    }
}
