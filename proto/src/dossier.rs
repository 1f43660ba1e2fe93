//! The whole file of one case (卷宗), as it leaves an office for a court: readable papers, and beside them everything that
//! proves what they say with the root's key alone.
//!
//! A manifest names every paper by its hash and is signed by the office that gave it out. The proofs are the entries of
//! the case, each shown to stand in its author's journal, with the admissions that lead from the root to each author.
//! Whoever checks them folds the case anew.
//!
//! It proves what it holds, and cannot prove that nothing was left out: for that an auditor compares journals.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use prost::Message as _;

use crate::admission::{AdmissionError, Keyring};
use crate::case::Case;
use crate::digest::{CaseId, Digest};
use crate::division::Tree;
use crate::entry::{JournalId, VerifiedEntry};
use crate::journal::checkpoint::Checkpoint;
use crate::journal::{JournalError, ParcelItem, verify_parcel};
use crate::key::{JournalKey, Signer};
use crate::note::Note;
use crate::wire;

/// Name of the manifest in the folder.
pub const MANIFEST: &str = "manifest.txt";
/// Name of the proofs in the folder.
pub const PROOFS: &str = "proofs.terrace";
/// First line of a manifest.
const TITLE: &str = "terrace dossier 1";

/// What a manifest says, its signature not looked at yet.
#[derive(Debug, Clone)]
pub struct Manifest {
    note: Note,
    /// The office's journal.
    pub by: JournalId,
    /// The case.
    pub case: CaseId,
    /// The papers by name, each with SHA-256 of its bytes.
    pub papers: BTreeMap<String, Digest>,
}

/// Why a file of a case does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DossierError {
    /// Not a manifest.
    #[error("{MANIFEST}, line {line}: not as an office writes it")]
    Manifest {
        /// The line, from 1.
        line: usize,
    },
    /// The proofs cannot be read.
    #[error("{PROOFS} is damaged: {0}")]
    Proofs(String),
    /// An admission is not believed.
    #[error(transparent)]
    Admission(#[from] AdmissionError),
    /// An entry is not proved.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The office's key is not vouched for by the root, or did not sign the manifest.
    #[error("{MANIFEST} is not signed by a key that the root vouches for")]
    Signature,
    /// An entry of another case is among the proofs.
    #[error("{PROOFS} holds an entry of another case")]
    OtherCase,
}

/// A file of a case that holds.
#[derive(Debug)]
pub struct Checked {
    /// The case, folded anew.
    pub case: Case,
    /// Its entries, each proved.
    pub entries: Vec<VerifiedEntry>,
}

impl Manifest {
    /// The manifest of papers, signed.
    #[must_use]
    pub fn sign(
        by: JournalId,
        signer: &Signer,
        case: CaseId,
        papers: &BTreeMap<String, Vec<u8>>,
    ) -> Vec<u8> {
        let mut text = format!("{TITLE}\n{}\n{case}\n", Checkpoint::origin(by));
        for (name, bytes) in papers {
            text.push_str(&format!("{} {name}\n", HEXLOWER.encode(&Digest::of(&[bytes]).0)));
        }
        Note::sign(text, &Checkpoint::origin(by), signer).to_bytes()
    }

    /// Reads a manifest.
    ///
    /// # Errors
    ///
    /// [`DossierError::Manifest`] with the line that is not as an office writes it.
    pub fn read(bytes: &[u8]) -> Result<Self, DossierError> {
        let at = |line| move || DossierError::Manifest { line };
        let note = Note::read(bytes).map_err(|_| at(1)())?;
        let mut lines = note.text().lines();
        if lines.next() != Some(TITLE) {
            return Err(at(1)());
        }
        let by = lines.next().and_then(Checkpoint::read_origin).ok_or_else(at(2))?;
        let case = lines.next().and_then(|line| line.parse().ok()).ok_or_else(at(3))?;
        let mut papers = BTreeMap::new();
        for (number, line) in (4..).zip(lines) {
            let (hash, name) = line.split_once(' ').ok_or_else(at(number))?;
            let hash = HEXLOWER.decode(hash.as_bytes()).ok().and_then(|hash| Digest::read(&hash));
            // A name that leads out of the folder is none.
            let plain = !name.is_empty() && !name.contains(['/', '\\']) && name != "..";
            let hash = hash.filter(|_| plain).ok_or_else(at(number))?;
            papers.insert(name.to_owned(), hash);
        }
        Ok(Self { note, by, case, papers })
    }

    /// Whether the office's key signed it.
    fn is_signed(&self, key: &JournalKey) -> bool {
        self.note.signed_by(&Checkpoint::origin(self.by), key)
    }
}

/// Checks a manifest and its proofs by the root's key, which `keys` begins with, and folds the case anew.
///
/// # Errors
///
/// [`DossierError`] says what does not hold.
pub fn check(
    manifest: &Manifest,
    proofs: &[u8],
    mut keys: Keyring,
    tree: &Tree,
) -> Result<Checked, DossierError> {
    let dossier =
        wire::Dossier::decode(proofs).map_err(|error| DossierError::Proofs(error.to_string()))?;
    for proved in dossier.admissions {
        let item = ParcelItem::off_wire(proved.item.unwrap_or_default());
        keys.take(&proved.checkpoint, item, tree)?;
    }
    if !keys.key(manifest.by).is_some_and(|key| manifest.is_signed(key)) {
        return Err(DossierError::Signature);
    }
    let (mut case, mut entries) = (Case::new(manifest.case), Vec::new());
    for proved in dossier.entries {
        let item = ParcelItem::off_wire(proved.item.unwrap_or_default());
        let header = crate::entry::Header::read(&item.header)
            .map_err(|error| DossierError::Proofs(error.to_string()))?;
        let key = keys.key(header.journal).ok_or(JournalError::Signature(header.journal))?;
        let verified = verify_parcel(header.journal, key, vec![item], &proved.checkpoint)?;
        for entry in verified {
            if entry.header().case != Some(manifest.case) {
                return Err(DossierError::OtherCase);
            }
            case.take(entry.entry());
            entries.push(entry);
        }
    }
    case.derive(tree);
    Ok(Checked { case, entries })
}
