//! A case key on its way to one office that may read.
//!
//! A [`Wrap`] holds the case key closed for the recipient's sealing key, and is signed by whoever wrapped it.
//! Case, key id, recipient and wrapper are bound twice: they stand in the HPKE `info`, so that nobody can move
//! the closed key into another wrap, and they are signed. A **blind** wrap, for accusations (检举控告), does not
//! say for whom it is: every superior on the way up tries it, and it has the same size whoever the recipient is.
//!
//! It stands in no entry and is never hashed into a journal, so that it can be destroyed. It does not know who
//! may read, nor whether the wrapper was entitled to hand the key on.
//!
//! Invariants: 1. only a wrap whose signature was checked can be opened ([`VerifiedWrap`]); 2. a key that comes
//! out has the id the wrap names; 3. one wrap has one form in bytes, and any other is refused.

use prost::Message as _;

use super::case_key::{CaseKey, KeyId, SECRET_LENGTH};
use super::sealing_key::{CHANCE_LENGTH, GROWTH, KEY_LENGTH, SUITE};
use super::sealing_key::{SealingError, SealingKey, SealingPublic};
use crate::digest::{CaseId, Epoch};
use crate::division::DivisionCode;
use crate::entry::JournalId;
use crate::key::{Algorithm, JournalKey, Signer};

/// The largest wrap anyone accepts, in bytes; one of this version is smaller than half of it.
pub const WRAP_LIMIT: usize = 512;
/// Bytes of a closed case key.
const CLOSED: usize = SECRET_LENGTH + GROWTH;

/// For whom a wrap is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Recipient {
    /// For this office, as anyone can see.
    Named(DivisionCode),
    /// For whoever can open it.
    Blind,
}

/// Why a wrap cannot be read, believed or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WrapError {
    /// Not a wrap, or not in the one form it has.
    #[error("the wrap is damaged: {0}")]
    Form(&'static str),
    /// A suite or signature algorithm this version does not know.
    #[error("{what} {number} of the wrap is not known to this version: a newer one can read it")]
    Unknown {
        /// Sealing suite or signature algorithm.
        what: &'static str,
        /// Its number.
        number: u32,
    },
    /// Not signed by whom it names.
    #[error(
        "the wrap of case {case} is not signed by {by}: do not use it, and ask that office again"
    )]
    Signature {
        /// The case.
        case: CaseId,
        /// Who it says wrapped it.
        by: JournalId,
    },
    /// The sealing key cannot be used for it or does not open it.
    #[error(transparent)]
    Sealing(#[from] SealingError),
    /// What it holds is another key than the one it names.
    #[error("the wrap by {by} names case key {named} and holds another: ask that office again")]
    OtherKey {
        /// Who wrapped it.
        by: JournalId,
        /// The key it names.
        named: KeyId,
    },
}

/// A wrap as it came: well-formed, its signature not yet checked.
#[derive(Clone, PartialEq, Eq)]
pub struct Wrap {
    case: CaseId,
    key_id: KeyId,
    recipient: Recipient,
    by: JournalId,
    encapsulated: [u8; KEY_LENGTH],
    closed: [u8; CLOSED],
    signature: [u8; 64],
}

/// A wrap signed by whom it names: the only one that can be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedWrap(Wrap);

/// The form on the wire. Numbers have fixed width and are always written, so that a wrap's size tells nothing
/// beyond whether it is blind.
#[derive(Clone, PartialEq, prost::Message)]
struct Record {
    #[prost(uint32, tag = "1")]
    suite: u32,
    #[prost(bytes = "vec", tag = "2")]
    case: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    key_id: Vec<u8>,
    #[prost(fixed64, optional, tag = "4")]
    recipient: Option<u64>,
    #[prost(fixed64, optional, tag = "5")]
    author: Option<u64>,
    #[prost(bytes = "vec", tag = "6")]
    epoch: Vec<u8>,
    #[prost(bytes = "vec", tag = "7")]
    encapsulated: Vec<u8>,
    #[prost(bytes = "vec", tag = "8")]
    closed: Vec<u8>,
    #[prost(uint32, tag = "9")]
    signature_algorithm: u32,
    #[prost(bytes = "vec", tag = "10")]
    signature: Vec<u8>,
}

impl Wrap {
    /// Wraps `key` for the holder of `to`; `chance` is drawn by the caller for this wrap alone.
    pub fn make(
        key: &CaseKey,
        recipient: Recipient,
        to: &SealingPublic,
        by: JournalId,
        signer: &Signer,
        chance: &[u8; CHANCE_LENGTH],
    ) -> Result<VerifiedWrap, WrapError> {
        let info = info(key.case(), key.id(), recipient, by);
        let (encapsulated, closed) = to.close(&info, &[], key.secret(), chance)?;
        let mut wrap = Self {
            case: key.case(),
            key_id: key.id(),
            recipient,
            by,
            encapsulated,
            closed: closed.try_into().map_err(|_| WrapError::Form("the closed key's length"))?,
            signature: [0; 64],
        };
        wrap.signature = signer.sign(&wrap.statement());
        Ok(VerifiedWrap(wrap))
    }

    /// Reads a wrap off the wire or out of a store.
    pub fn read(bytes: &[u8]) -> Result<Self, WrapError> {
        if bytes.len() > WRAP_LIMIT {
            return Err(WrapError::Form("it is longer than any wrap"));
        }
        let record = Record::decode(bytes).map_err(|_| WrapError::Form("it cannot be decoded"))?;
        if record.suite != SUITE {
            return Err(WrapError::Unknown { what: "sealing suite", number: record.suite });
        }
        if record.signature_algorithm != Algorithm::Ed25519 as u32 {
            let number = record.signature_algorithm;
            return Err(WrapError::Unknown { what: "signature algorithm", number });
        }
        let wrap = Self::of(&record)?;
        // Another form of the same content would be a second wrap to whoever compares bytes.
        if wrap.bytes() != bytes {
            return Err(WrapError::Form("it is not in the one form a wrap has"));
        }
        Ok(wrap)
    }

    fn of(record: &Record) -> Result<Self, WrapError> {
        let missing = |what| move || WrapError::Form(what);
        let division = |number| DivisionCode::from_number(number).ok();
        let recipient = match record.recipient {
            None => Recipient::Blind,
            Some(number) => {
                Recipient::Named(division(number).ok_or_else(missing("the recipient"))?)
            }
        };
        let author = record.author.and_then(division).ok_or_else(missing("the wrapper"))?;
        let epoch = Epoch::read(&record.epoch).ok_or_else(missing("the wrapper's epoch"))?;
        Ok(Self {
            case: CaseId::read(&record.case).ok_or_else(missing("the case id"))?,
            key_id: KeyId::read(&record.key_id).ok_or_else(missing("the key id"))?,
            recipient,
            by: JournalId { author, epoch },
            encapsulated: fixed(&record.encapsulated, "the encapsulated key")?,
            closed: fixed(&record.closed, "the closed key")?,
            signature: fixed(&record.signature, "the signature")?,
        })
    }

    /// The wrap as it is stored and sent.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        Record {
            suite: SUITE,
            case: self.case.0.to_vec(),
            key_id: self.key_id.bytes().to_vec(),
            recipient: match self.recipient {
                Recipient::Named(division) => Some(division.number()),
                Recipient::Blind => None,
            },
            author: Some(self.by.author.number()),
            epoch: self.by.epoch.0.to_vec(),
            encapsulated: self.encapsulated.to_vec(),
            closed: self.closed.to_vec(),
            signature_algorithm: Algorithm::Ed25519 as u32,
            signature: self.signature.to_vec(),
        }
        .encode_to_vec()
    }

    /// The case whose key it holds.
    #[must_use]
    pub fn case(&self) -> CaseId {
        self.case
    }

    /// The key it says it holds.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// For whom it is.
    #[must_use]
    pub fn recipient(&self) -> Recipient {
        self.recipient
    }

    /// Who says to have wrapped it: the key of this journal checks it.
    #[must_use]
    pub fn by(&self) -> JournalId {
        self.by
    }

    /// The same wrap, believed: it is signed with `key`, the journal key of [`Self::by`].
    pub fn verify(self, key: &JournalKey) -> Result<VerifiedWrap, WrapError> {
        if key.verifies(&self.statement(), &self.signature) {
            Ok(VerifiedWrap(self))
        } else {
            Err(WrapError::Signature { case: self.case, by: self.by })
        }
    }

    /// What the wrapper signs: every field, each of one length.
    fn statement(&self) -> Vec<u8> {
        let bound = bound(self.case, self.key_id, self.recipient, self.by);
        let algorithm = (Algorithm::Ed25519 as u32).to_be_bytes();
        let tag = b"terrace wrap signed\0";
        [&tag[..], &algorithm, &bound, &self.encapsulated, &self.closed].concat()
    }
}

impl std::fmt::Debug for Wrap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { case, key_id, recipient, by, .. } = self;
        write!(f, "Wrap({key_id:?} of case {case:?} for {recipient:?} by {by:?})")
    }
}

impl VerifiedWrap {
    /// The wrap.
    #[must_use]
    pub fn wrap(&self) -> &Wrap {
        &self.0
    }

    /// The case key, if this wrap was made for `key`.
    pub fn open(&self, key: &SealingKey) -> Result<CaseKey, WrapError> {
        let Wrap { case, key_id, recipient, by, encapsulated, closed, .. } = &self.0;
        let info = info(*case, *key_id, *recipient, *by);
        let secret = key.open(&info, &[], encapsulated, closed)?;
        let other = || WrapError::OtherKey { by: *by, named: *key_id };
        let key = CaseKey::of(*case, secret.as_slice().try_into().map_err(|_| other())?);
        if key.id() == *key_id { Ok(key) } else { Err(other()) }
    }
}

impl std::ops::Deref for VerifiedWrap {
    type Target = Wrap;

    fn deref(&self) -> &Wrap {
        &self.0
    }
}

fn fixed<const N: usize>(bytes: &[u8], what: &'static str) -> Result<[u8; N], WrapError> {
    bytes.try_into().map_err(|_| WrapError::Form(what))
}

/// What HPKE binds the closed key to.
fn info(case: CaseId, key: KeyId, recipient: Recipient, by: JournalId) -> Vec<u8> {
    [&b"terrace wrap\0"[..], &bound(case, key, recipient, by)].concat()
}

fn bound(case: CaseId, key: KeyId, recipient: Recipient, by: JournalId) -> Vec<u8> {
    let (named, division) = match recipient {
        Recipient::Named(division) => (1, division.number()),
        Recipient::Blind => (0, 0),
    };
    [
        &SUITE.to_be_bytes()[..],
        &case.0,
        key.bytes(),
        &[named],
        &division.to_be_bytes(),
        &by.author.number().to_be_bytes(),
        &by.epoch.0,
    ]
    .concat()
}

#[cfg(test)]
mod tests;
