//! What a receipt can bring along: the intake, its path to a signed checkpoint, who else signed that, and the
//! admissions that lead from the root to each of these keys.
//!
//! It is written behind the receipt as one block of base64, and is never needed to read the receipt itself.

use data_encoding::BASE64;
use prost::Message as _;

use super::ReceiptError;
use crate::admission::{AdmissionError, Keyring};
use crate::digest::Epoch;
use crate::division::{DivisionCode, Tree};
use crate::entry::JournalId;
use crate::entry::VerifiedEntry;
use crate::journal::ParcelItem;
use crate::journal::checkpoint::{Checkpoint, Cosigned, SignedCheckpoint};
use crate::journal::{JournalError, verify_parcel};
use crate::note::Note;
use crate::wire;

/// First line of the block.
pub const BEGIN: &str = "-----BEGIN TERRACE EVIDENCE-----";
const END: &str = "-----END TERRACE EVIDENCE-----";
/// Letters to a line, as mail programs bear.
const WIDTH: usize = 64;

/// Evidence as it was read, nothing of it checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence(wire::Evidence);

/// An intake proved in its author's journal, and who else signed the head that proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// The intake.
    pub intake: VerifiedEntry,
    /// The head its path leads to.
    pub checkpoint: Checkpoint,
    /// Who else signed that head, and when.
    pub cosigned: Vec<Cosigned>,
}

impl Evidence {
    /// Evidence to be given out.
    #[must_use]
    pub fn new(evidence: wire::Evidence) -> Self {
        Self(evidence)
    }

    /// As it is written behind a receipt.
    #[must_use]
    pub fn armour(&self) -> String {
        let letters = BASE64.encode(&self.0.encode_to_vec());
        let mut out = format!("{BEGIN}\n");
        for line in letters.as_bytes().chunks(WIDTH) {
            out.push_str(&String::from_utf8_lossy(line));
            out.push('\n');
        }
        out + END + "\n"
    }

    /// Reads the block behind a receipt.
    pub(super) fn unarmour(text: &str) -> Result<Self, ReceiptError> {
        let damaged = |why: &str| ReceiptError::Evidence(why.to_owned());
        let inner = text.trim().strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END));
        let inner = inner.ok_or_else(|| damaged("its last line is missing"))?;
        let letters: String = inner.chars().filter(|letter| !letter.is_whitespace()).collect();
        let bytes = BASE64.decode(letters.as_bytes());
        let bytes = bytes.map_err(|error| damaged(&error.to_string()))?;
        let evidence = wire::Evidence::decode(bytes.as_slice());
        evidence.map(Self).map_err(|error| damaged(&error.to_string()))
    }

    /// Adds the admissions to a keyring that begins with the root; the first that is not believed ends it.
    pub fn admit(&self, keyring: &mut Keyring, tree: &Tree) -> Result<(), AdmissionError> {
        for proved in &self.0.admissions {
            let item = ParcelItem::off_wire(proved.item.clone().unwrap_or_default());
            keyring.take(&proved.checkpoint, item, tree)?;
        }
        Ok(())
    }

    /// The size of the checkpoint it claims to lead to, signed or not.
    #[must_use]
    pub fn claimed_size(&self, journal: JournalId) -> Option<u64> {
        let note = Note::read(&self.0.intake.as_ref()?.checkpoint).ok()?;
        Checkpoint::read(note.text(), journal).map(|checkpoint| checkpoint.size)
    }

    /// Proves the intake in the journal of its author, whose key is on the keyring; cosignatures by keys that are
    /// not on the keyring, or that do not hold, count for nothing.
    pub fn prove(&self, journal: JournalId, keyring: &Keyring) -> Result<Proven, JournalError> {
        let unsigned = || JournalError::Signature(journal);
        let key = keyring.key(journal).ok_or_else(unsigned)?;
        let proved = self.0.intake.clone().unwrap_or_default();
        let items = vec![ParcelItem::off_wire(proved.item.unwrap_or_default())];
        let mut verified = verify_parcel(journal, key, items, &proved.checkpoint)?;
        let intake = verified.pop().ok_or_else(unsigned)?;
        let signed = SignedCheckpoint::read(&proved.checkpoint, journal, key);
        let checkpoint = *signed.ok_or_else(unsigned)?.checkpoint();
        let cosigned = self.0.cosigners.iter().filter_map(|cosigner| {
            let by = JournalId {
                author: DivisionCode::from_number(cosigner.division).ok()?,
                epoch: Epoch::read(&cosigner.epoch)?,
            };
            Cosigned::read(checkpoint, &cosigner.line, by, keyring.key(by)?)
        });
        Ok(Proven { intake, checkpoint, cosigned: cosigned.collect() })
    }
}
