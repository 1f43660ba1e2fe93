//! How a code becomes an admission: the superior's state, and what the new office signs.
//!
//! [`Admissions`] holds one [`PendingAdmission`] per subordinate division that was given a code. The first
//! use binds the code to the office's journal key and epoch; the same office may repeat its request as often
//! as its connection breaks and is answered alike. The code is burnt only when the office has held its first
//! session on the link, or when it is revoked, replaced, or thirty days old.
//!
//! It keeps no code, only hashes; it draws no code, reads no clock, writes no file (`files` does) and no
//! journal entry. Whoever changes it saves it before answering.
//!
//! Invariants:
//! 1. A bound code is never bound to another office.
//! 2. An admission is pending only for a division strictly below the one that issued it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use terrace_proto::digest::{Digest, Epoch};
use terrace_proto::division::{DivisionCode, DivisionError, Tree};
use terrace_proto::key::{JournalKey, KeyError, Signer};

use super::as_text;
use super::code::OneTimeCode;

/// How long a code is good.
pub const CODE_TERM: SignedDuration = SignedDuration::from_hours(30 * 24);
/// What the signature over a request begins with, so that it can be taken for nothing else.
const DOMAIN: &[u8] = b"terrace enrolment request 0\n";

/// What an office asks for when it enrols: the fields of the message, the code already read.
#[derive(Debug, Clone, Copy)]
pub struct EnrolmentRequest<'a> {
    /// The office.
    pub division: DivisionCode,
    /// The code of its code sheet.
    pub code: &'a OneTimeCode,
    /// The epoch of its journal.
    pub epoch: Epoch,
    /// The algorithm of its journal key, as on the wire.
    pub algorithm: u32,
    /// Its journal key.
    pub journal_key: &'a [u8],
    /// PKCS#10 request for its transport certificate.
    pub transport_request: &'a [u8],
    /// PKCS#10 request for its authority; empty where it admits nobody.
    pub authority_request: &'a [u8],
}

/// Why a request is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The journal key cannot be read.
    #[error("read enrolment request: {0}")]
    Key(#[from] KeyError),
    /// The signature was not made with the journal key over these fields.
    #[error(
        "read enrolment request: it is not signed by the journal key it names; run `enrol` again"
    )]
    Signature,
}

/// Who uses a code: the journal key and the journal's epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Applicant {
    /// The journal key.
    #[serde(with = "as_text::hex")]
    pub journal_key: [u8; 32],
    /// The epoch of the journal.
    #[serde(with = "as_text")]
    pub epoch: Epoch,
}

/// A code that was issued, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PendingAdmission {
    /// The office it is for.
    #[serde(with = "as_text")]
    pub division: DivisionCode,
    /// SHA-256 of the code.
    #[serde(with = "as_text::hex")]
    pub code_hash: [u8; 32],
    /// The office that used it first.
    pub bound: Option<Applicant>,
    /// When it was issued.
    #[serde(with = "as_text")]
    pub issued_at: Timestamp,
    /// Whether that office has held a session on the link.
    pub confirmed: bool,
}

/// The admissions of one superior.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Admissions {
    #[serde(with = "as_text")]
    superior: DivisionCode,
    /// At most one per division.
    pending: Vec<PendingAdmission>,
}

/// Whether an office used its code for the first time. It is answered alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// For the first time: this must be saved, and the admission entered in the journal, before answering.
    First,
    /// Again, with the same key and epoch.
    Again,
}

/// Why no code is issued.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    /// The division has no node.
    #[error(transparent)]
    Division(#[from] DivisionError),
    /// The division is not below the superior.
    #[error("issue a code for {division}: it is not below {superior}; its own superior admits it")]
    NotBelow {
        /// The division.
        division: DivisionCode,
        /// Who was asked.
        superior: DivisionCode,
    },
}

/// Why a code is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UseError {
    /// No such code was issued for the division, or it was replaced or revoked.
    #[error(
        "admit {division}: this code is not in force for it; compare code and division with the \
         newest code sheet, or ask the superior for a new one"
    )]
    Unknown {
        /// The division that asked.
        division: DivisionCode,
    },
    /// It was used up.
    #[error(
        "admit {division}: its code was used up when it joined; ask the superior for a new one"
    )]
    Burnt {
        /// The division.
        division: DivisionCode,
    },
    /// It is too old.
    #[error(
        "admit {division}: its code of {issued_at} was good for 30 days; ask the superior for a new one"
    )]
    Expired {
        /// The division.
        division: DivisionCode,
        /// When it was issued.
        issued_at: Timestamp,
    },
    /// Another office, or another life of the same, used it first.
    #[error(
        "admit {division}: its code is bound to journal key {expected}, this is {received}; if the \
         first was not this office, somebody else has the code: have the superior revoke it"
    )]
    Bound {
        /// The division.
        division: DivisionCode,
        /// The fingerprint of the key that used it first.
        expected: Digest,
        /// The fingerprint of this key.
        received: Digest,
    },
    /// The same key with another journal.
    #[error(
        "admit {division}: its code is bound to the journal of epoch {expected}, this is {received}; \
         ask the superior for a new one"
    )]
    Epoch {
        /// The division.
        division: DivisionCode,
        /// The epoch that used it first.
        expected: Epoch,
        /// This epoch.
        received: Epoch,
    },
}

impl EnrolmentRequest<'_> {
    /// The exact bytes that are signed: a line that says what it is, the division, the algorithm, and every
    /// other field with its length before it, all numbers big-endian.
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = DOMAIN.to_vec();
        bytes.extend(self.division.number().to_be_bytes());
        bytes.extend(self.algorithm.to_be_bytes());
        let code = self.code.characters();
        let fields: [&[u8]; 5] = [
            &code,
            &self.epoch.0,
            self.journal_key,
            self.transport_request,
            self.authority_request,
        ];
        for field in fields {
            bytes.extend((field.len() as u64).to_be_bytes());
            bytes.extend(field);
        }
        bytes
    }

    /// Signs it with the journal key it names.
    #[must_use]
    pub fn sign(&self, signer: &Signer) -> [u8; 64] {
        signer.sign(&self.signed_bytes())
    }

    /// Who asks, if the signature is theirs.
    ///
    /// # Errors
    ///
    /// [`RequestError`] when the key cannot be read or did not sign these fields.
    pub fn verify(&self, signature: &[u8]) -> Result<(JournalKey, Applicant), RequestError> {
        let key = JournalKey::read(self.algorithm, self.journal_key)?;
        let signature = signature.try_into().map_err(|_| RequestError::Signature)?;
        if !key.verifies(&self.signed_bytes(), signature) {
            return Err(RequestError::Signature);
        }
        Ok((key, Applicant { journal_key: key.bytes(), epoch: self.epoch }))
    }
}

impl PendingAdmission {
    /// Whether the code is too old to be used.
    #[must_use]
    pub fn expired(&self, now: Timestamp) -> bool {
        now.duration_since(self.issued_at) > CODE_TERM
    }
}

impl Admissions {
    /// No admissions yet.
    #[must_use]
    pub fn of(superior: DivisionCode) -> Self {
        Self { superior, pending: vec![] }
    }

    /// Who admits.
    #[must_use]
    pub fn superior(&self) -> DivisionCode {
        self.superior
    }

    /// All codes that were issued and not revoked, the newest per division.
    pub fn iter(&self) -> impl Iterator<Item = &PendingAdmission> {
        self.pending.iter()
    }

    /// The newest code of a division.
    #[must_use]
    pub fn find(&self, division: DivisionCode) -> Option<&PendingAdmission> {
        self.pending.iter().find(|pending| pending.division == division)
    }

    /// Issues a code and gives back the one it replaces, which is in force no longer. An office that has
    /// joined may be given a new code too, to join again with new keys.
    ///
    /// # Errors
    ///
    /// [`IssueError`] unless the division has a node strictly below this superior.
    pub fn issue(
        &mut self,
        division: DivisionCode,
        code: &OneTimeCode,
        now: Timestamp,
    ) -> Result<Option<PendingAdmission>, IssueError> {
        let (tree, superior) = (Tree::national(), self.superior);
        tree.node(division)?;
        if division == superior || !tree.is_within(division, superior) {
            return Err(IssueError::NotBelow { division, superior });
        }
        let replaced = self.revoke(division);
        self.pending.push(PendingAdmission {
            division,
            code_hash: code.hash().0,
            bound: None,
            issued_at: now,
            confirmed: false,
        });
        Ok(replaced)
    }

    /// An office uses its code. When this is the first time, the code is bound to it.
    ///
    /// # Errors
    ///
    /// [`UseError`] says what the office must do.
    pub fn redeem(
        &mut self,
        division: DivisionCode,
        code: &OneTimeCode,
        applicant: Applicant,
        now: Timestamp,
    ) -> Result<Use, UseError> {
        let hash = code.hash().0;
        let mut pending = self.pending.iter_mut();
        let found = pending.find(|one| one.division == division && one.code_hash == hash);
        let found = found.ok_or(UseError::Unknown { division })?;
        if found.confirmed {
            return Err(UseError::Burnt { division });
        }
        if found.expired(now) {
            return Err(UseError::Expired { division, issued_at: found.issued_at });
        }
        let Some(bound) = found.bound else {
            found.bound = Some(applicant);
            return Ok(Use::First);
        };
        if bound.journal_key != applicant.journal_key {
            let expected = Digest::of(&[&bound.journal_key]);
            let received = Digest::of(&[&applicant.journal_key]);
            return Err(UseError::Bound { division, expected, received });
        }
        if bound.epoch != applicant.epoch {
            let (expected, received) = (bound.epoch, applicant.epoch);
            return Err(UseError::Epoch { division, expected, received });
        }
        Ok(Use::Again)
    }

    /// An office held a session on the link: its code is burnt. True if that is new and must be saved.
    #[must_use]
    pub fn confirm(&mut self, division: DivisionCode, applicant: Applicant) -> bool {
        let mut pending = self.pending.iter_mut();
        let waiting = pending
            .find(|one| one.division == division && one.bound == Some(applicant) && !one.confirmed);
        waiting.map(|one| one.confirmed = true).is_some()
    }

    /// Takes a code back. What was admitted with it already stays admitted.
    pub fn revoke(&mut self, division: DivisionCode) -> Option<PendingAdmission> {
        let position = self.pending.iter().position(|one| one.division == division)?;
        Some(self.pending.remove(position))
    }
}

#[cfg(test)]
mod tests;
