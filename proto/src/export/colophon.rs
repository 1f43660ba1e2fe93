//! The colophon (尾签) of an export: the exporter's signed note over how many bytes stand before it, and their SHA-256.
//!
//! [`Colophon`] runs along while a file is written; [`ColophonCheck`] while one is read, and believes nothing before the
//! end: only then is the file known to be what its exporter made, and the exporter to be admitted under the root.
//!
//! The first line of the note is no checkpoint's and no receipt's, so none can pass for another.

use data_encoding::BASE64;
use sha2::{Digest as _, Sha256};

use super::record::Manifest;
use super::{ExportError, Frame, MAGIC, Record};
use crate::admission::Keyring;
use crate::digest::Digest;
use crate::division::Tree;
use crate::entry::JournalId;
use crate::journal::Checkpoint;
use crate::key::Signer;
use crate::note::Note;

/// What stands before the colophon, counted and hashed.
#[derive(Debug, Clone)]
pub struct Colophon {
    hash: Sha256,
    bytes: u64,
}

impl Default for Colophon {
    fn default() -> Self {
        let mut colophon = Self { hash: Sha256::new(), bytes: 0 };
        colophon.pass(MAGIC);
        colophon
    }
}

impl Colophon {
    /// The next bytes of the file; its first line is counted already.
    pub fn pass(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    /// Bytes so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The colophon's record, by the office of `journal`.
    #[must_use]
    pub fn sign(self, journal: JournalId, signer: &Signer) -> Record {
        let note = Note::sign(self.text(journal), &Checkpoint::origin(journal), signer);
        Record::Colophon(note.to_bytes())
    }

    fn text(self, journal: JournalId) -> String {
        let JournalId { author, epoch } = journal;
        let digest = Digest(self.hash.finalize().into());
        format!("terrace/export/{author}/{epoch}\n{}\n{}\n", self.bytes, BASE64.encode(&digest.0))
    }
}

/// Reads a file for its colophon alone.
#[derive(Debug)]
pub struct ColophonCheck {
    colophon: Colophon,
    keyring: Keyring,
    tree: &'static Tree,
    manifest: Option<Manifest>,
    note: Option<Vec<u8>>,
}

impl ColophonCheck {
    /// Begins with a keyring that holds the root alone.
    #[must_use]
    pub fn under(keyring: Keyring, tree: &'static Tree) -> Self {
        Self { colophon: Colophon::default(), keyring, tree, manifest: None, note: None }
    }

    /// The next frame.
    ///
    /// # Errors
    ///
    /// [`ExportError`] when it is no record, or stands behind the colophon.
    pub fn take(&mut self, frame: &Frame) -> Result<(), ExportError> {
        if self.note.is_some() {
            let why = "it stands behind the colophon".to_owned();
            return Err(ExportError::Record { at: frame.at, why });
        }
        let record = Record::read(frame)?;
        match record {
            Record::Colophon(note) => {
                // One colophon has one form: a file differs from another in its bytes or not at all.
                if Record::Colophon(note.clone()).encode() != frame.framed {
                    let why = "the colophon is not written as it must be".to_owned();
                    return Err(ExportError::Record { at: frame.at, why });
                }
                self.note = Some(note);
                return Ok(());
            }
            Record::Manifest(manifest) if self.manifest.is_none() => self.manifest = Some(manifest),
            // One that does not hold is a finding of the check, not of the colophon.
            Record::Admission { checkpoint, item } => {
                _ = self.keyring.take(&checkpoint, item, self.tree);
            }
            Record::Manifest(_)
            | Record::Journal(_)
            | Record::Page(_)
            | Record::Head(_)
            | Record::Ledger(_)
            | Record::Passages(_)
            | Record::Raised(_) => {}
        }
        self.colophon.pass(&frame.framed);
        Ok(())
    }

    /// The end of the file: who signed it, if the colophon holds.
    ///
    /// # Errors
    ///
    /// [`ExportError`] when it is cut, altered, or by nobody whom the root vouches for.
    pub fn finish(self) -> Result<Manifest, ExportError> {
        let at = self.colophon.bytes();
        let Some(note) = self.note else { return Err(ExportError::Cut { at }) };
        let manifest = self.manifest.ok_or(ExportError::Order("it has no manifest"))?;
        let exporter = manifest.exporter;
        let key = self.keyring.key(exporter);
        let key = key.ok_or_else(|| ExportError::OtherRoot(exporter.to_string()))?;
        let altered = || ExportError::Altered(exporter.author.short());
        let note = Note::read(&note).map_err(|_| altered())?;
        let holds = note.text() == self.colophon.text(exporter)
            && note.signed_by(&Checkpoint::origin(exporter), key);
        if holds { Ok(manifest) } else { Err(altered()) }
    }
}
