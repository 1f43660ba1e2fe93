//! The records of an export as values: read once off the wire, and written.
//!
//! Nothing here is proved; a [`Record`] has the form of one, and that is all.

use jiff::Timestamp;
use prost::Message as _;

use super::{ExportError, FORMAT, Frame, frame};
use crate::digest::{Digest, Epoch, LinkEpoch};
use crate::division::DivisionCode;
use crate::entry::{EntryId, JournalId};
use crate::journal::ParcelItem;
use crate::ledger::{Head as LedgerHead, LedgerId, Record as PassageRecord, Span};
use crate::wire::{self, export_record::Say};

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// Who exports what.
    Manifest(Manifest),
    /// An admission with its proof.
    Admission {
        /// The checkpoint its path leads to.
        checkpoint: Vec<u8>,
        /// The entry.
        item: ParcelItem,
    },
    /// A journal begins.
    Journal(Journal),
    /// Entries of it.
    Page(Page),
    /// It ends.
    Head(Head),
    /// A ledger begins.
    Ledger(Ledger),
    /// Passages of it.
    Passages(Vec<Passage>),
    /// A question or objection.
    Raised(Raised),
    /// The signed note at the end.
    Colophon(Vec<u8>),
}

/// Who exports, as of when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The journal whose key signs the file.
    pub exporter: JournalId,
    /// By the exporter's clock.
    pub exported_at: Timestamp,
    /// The division whose subtree is exported.
    pub subtree: DivisionCode,
    /// What is left out and why.
    pub left_out: Vec<String>,
    /// What wrote it.
    pub software: String,
}

/// A journal begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    /// Which.
    pub id: JournalId,
    /// Whether all its entries follow.
    pub whole: bool,
    /// How many, if whole.
    pub size: u64,
    /// When the exporter stored the newest.
    pub stored_at: Option<Timestamp>,
    /// Who signed which head of it, in order of size.
    pub cosigned: Vec<CosignedHead>,
}

/// Another's signature on a head, not checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CosignedHead {
    /// Entries the head covers.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
    /// Whose key signed.
    pub by: JournalId,
    /// The signature line.
    pub line: String,
}

/// Entries of the journal that began last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// For single entries: what their paths lead to.
    pub checkpoint: Vec<u8>,
    /// The entries; in a journal held whole they have no paths.
    pub items: Vec<ParcelItem>,
}

/// The end of a journal held whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The note its author signed.
    pub checkpoint: Vec<u8>,
    /// The exporter's cosignature on it.
    pub line: String,
}

/// A ledger begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    /// Its head as the exporter holds it.
    pub head: LedgerHead,
    /// The exporter's signature on that head.
    pub own_signature: Vec<u8>,
    /// The newest place the neighbour has signed, and its signature.
    pub proved: Option<(u64, Vec<u8>)>,
}

/// One passage of a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// Its number.
    pub number: u64,
    /// The chain digest it leads to.
    pub digest: Digest,
    /// When it was sent, milliseconds since 1970 UTC by the sender's clock.
    pub sent_at: i64,
    /// When it was stored, milliseconds since 1970 UTC by the receiver's, where known.
    pub stored_at: Option<i64>,
    /// Whose entries.
    pub journal: JournalId,
    /// Which of them.
    pub span: Span,
}

/// Something put on record about a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Raised {
    /// The entry that says so.
    pub entry: EntryId,
    /// Its kind, by its number on the wire.
    pub kind: u32,
    /// About which journal.
    pub about: JournalId,
    /// About which place of it.
    pub place: u64,
}

impl Record {
    /// Reads the record of a frame.
    ///
    /// # Errors
    ///
    /// [`ExportError`] when it is none, or of a newer format.
    pub fn read(frame: &Frame) -> Result<Self, ExportError> {
        let damaged = |why: String| ExportError::Record { at: frame.at, why };
        let say = wire::ExportRecord::decode(frame.record()).map_err(|e| damaged(e.to_string()))?;
        let say = say.say.ok_or_else(|| damaged("a record of a later version".into()))?;
        if let Say::Manifest(manifest) = &say
            && manifest.format > FORMAT
        {
            return Err(ExportError::Newer(manifest.format));
        }
        read(say).ok_or_else(|| damaged("a field does not have its form".into()))
    }

    /// The record as it lies in a file, its length before it.
    #[must_use]
    pub fn encode(self) -> Vec<u8> {
        frame::frame(&wire::ExportRecord { say: Some(write(self)) }.encode_to_vec())
    }
}

impl Passage {
    /// A passage as a store keeps it.
    #[must_use]
    pub fn of(record: PassageRecord, stored_at: Option<i64>) -> Self {
        Self {
            number: record.head.number,
            digest: record.head.digest,
            sent_at: record.sent_at,
            stored_at,
            journal: record.journal,
            span: record.span,
        }
    }
}

fn read(say: Say) -> Option<Record> {
    Some(match say {
        Say::Manifest(said) => Record::Manifest(Manifest {
            exporter: journal(said.division, &said.epoch)?,
            exported_at: Timestamp::from_millisecond(said.exported_at).ok()?,
            subtree: DivisionCode::from_number(said.subtree).ok()?,
            left_out: said.left_out,
            software: said.software,
        }),
        Say::Admission(said) => {
            Record::Admission { checkpoint: said.checkpoint, item: item(said.item?)? }
        }
        Say::Journal(said) => {
            let stored_at = said.stored_at.map(Timestamp::from_millisecond).transpose().ok()?;
            let cosigned = said.cosigned.into_iter().map(cosigned).collect::<Option<_>>()?;
            let id = journal(said.division, &said.epoch)?;
            Record::Journal(Journal { id, whole: said.whole, size: said.size, stored_at, cosigned })
        }
        Say::Page(said) => {
            let items = said.items.into_iter().map(item).collect::<Option<_>>()?;
            Record::Page(Page { checkpoint: said.checkpoint, items })
        }
        Say::Head(said) => Record::Head(Head { checkpoint: said.checkpoint, line: said.line }),
        Say::Ledger(said) => Record::Ledger(ledger(said)?),
        Say::Passages(said) => {
            Record::Passages(said.passages.into_iter().map(passage).collect::<Option<_>>()?)
        }
        Say::Raised(said) => Record::Raised(Raised {
            entry: EntryId {
                journal: journal(said.division, &said.epoch)?,
                sequence: said.sequence,
            },
            kind: said.kind,
            about: journal(said.about_division, &said.about_epoch)?,
            place: said.about_place,
        }),
        Say::Colophon(note) => Record::Colophon(note),
    })
}

fn journal(division: u64, epoch: &[u8]) -> Option<JournalId> {
    Some(JournalId {
        author: DivisionCode::from_number(division).ok()?,
        epoch: Epoch::read(epoch)?,
    })
}

fn item(item: wire::Item) -> Option<ParcelItem> {
    let path = item.path.iter().map(|hash| Digest::read(hash)).collect::<Option<_>>()?;
    let bare = item.sealed.is_none(); // No export holds a sealed part.
    bare.then_some(ParcelItem { header: item.header, body: item.body, sealed: None, path })
}

fn cosigned(said: wire::ExportCosigned) -> Option<CosignedHead> {
    let by = said.cosigner?;
    Some(CosignedHead {
        size: said.size,
        root: Digest::read(&said.root)?,
        by: journal(by.division, &by.epoch)?,
        line: by.line,
    })
}

fn ledger(said: wire::ExportLedger) -> Option<Ledger> {
    let id = LedgerId {
        from: DivisionCode::from_number(said.from).ok()?,
        to: DivisionCode::from_number(said.to).ok()?,
        epoch: LinkEpoch::read(&said.link_epoch)?,
    };
    Some(Ledger {
        head: LedgerHead { ledger: id, number: said.number, digest: Digest::read(&said.digest)? },
        own_signature: said.own_signature,
        proved: (said.peer_number > 0).then_some((said.peer_number, said.peer_signature)),
    })
}

fn passage(said: wire::ExportPassage) -> Option<Passage> {
    let span = if said.picked.is_empty() {
        Span::Run { first: said.first, count: said.count }
    } else {
        Span::Picked(said.picked)
    };
    Some(Passage {
        number: said.number,
        digest: Digest::read(&said.digest)?,
        sent_at: said.sent_at,
        stored_at: said.stored_at,
        journal: journal(said.author, &said.epoch)?,
        span,
    })
}

fn write(record: Record) -> Say {
    match record {
        Record::Manifest(manifest) => Say::Manifest(wire::ExportManifest {
            format: FORMAT,
            division: manifest.exporter.author.number(),
            epoch: manifest.exporter.epoch.0.to_vec(),
            exported_at: manifest.exported_at.as_millisecond(),
            subtree: manifest.subtree.number(),
            left_out: manifest.left_out,
            software: manifest.software,
        }),
        Record::Admission { checkpoint, item } => {
            Say::Admission(wire::Proved { checkpoint, item: Some(ParcelItem::into_wire(item)) })
        }
        Record::Journal(journal) => Say::Journal(wire::ExportJournal {
            division: journal.id.author.number(),
            epoch: journal.id.epoch.0.to_vec(),
            whole: journal.whole,
            size: journal.size,
            stored_at: journal.stored_at.map(Timestamp::as_millisecond),
            cosigned: journal.cosigned.into_iter().map(to_wire_cosigned).collect(),
        }),
        Record::Page(page) => Say::Page(wire::ExportPage {
            checkpoint: page.checkpoint,
            items: page.items.into_iter().map(ParcelItem::into_wire).collect(),
        }),
        Record::Head(head) => {
            Say::Head(wire::ExportHead { checkpoint: head.checkpoint, line: head.line })
        }
        Record::Ledger(ledger) => {
            let LedgerId { from, to, epoch } = ledger.head.ledger;
            let (peer_number, peer_signature) = ledger.proved.unwrap_or_default();
            Say::Ledger(wire::ExportLedger {
                from: from.number(),
                to: to.number(),
                link_epoch: epoch.0.to_vec(),
                number: ledger.head.number,
                digest: ledger.head.digest.0.to_vec(),
                own_signature: ledger.own_signature,
                peer_number,
                peer_signature,
            })
        }
        Record::Passages(passages) => Say::Passages(wire::ExportPassages {
            passages: passages.into_iter().map(to_wire_passage).collect(),
        }),
        Record::Raised(raised) => Say::Raised(wire::ExportRaised {
            division: raised.entry.journal.author.number(),
            epoch: raised.entry.journal.epoch.0.to_vec(),
            sequence: raised.entry.sequence,
            kind: raised.kind,
            about_division: raised.about.author.number(),
            about_epoch: raised.about.epoch.0.to_vec(),
            about_place: raised.place,
        }),
        Record::Colophon(note) => Say::Colophon(note),
    }
}

fn to_wire_cosigned(head: CosignedHead) -> wire::ExportCosigned {
    let JournalId { author, epoch } = head.by;
    let cosigner =
        wire::Cosigner { division: author.number(), epoch: epoch.0.to_vec(), line: head.line };
    wire::ExportCosigned { size: head.size, root: head.root.0.to_vec(), cosigner: Some(cosigner) }
}

fn to_wire_passage(passage: Passage) -> wire::ExportPassage {
    let (first, count, picked) = match passage.span {
        Span::Run { first, count } => (first, count, Vec::new()),
        Span::Picked(sequences) => (0, 0, sequences),
    };
    wire::ExportPassage {
        number: passage.number,
        digest: passage.digest.0.to_vec(),
        sent_at: passage.sent_at,
        stored_at: passage.stored_at,
        author: passage.journal.author.number(),
        epoch: passage.journal.epoch.0.to_vec(),
        first,
        count,
        picked,
    }
}
