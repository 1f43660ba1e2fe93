//! The header of an entry: everything that routing, audience and custody need.
//!
//! [`Header::read`] turns wire bytes into typed fields and refuses what is not well-formed;
//! [`Header::encode`] is called once, by the author. A header of another format means another protocol
//! version and is refused at hello, before any entry travels.

use jiff::Timestamp;
use jiff::civil::Date;
use prost::Message as _;

use super::{EntryId, JournalId, Kind};
use crate::digest::{CaseId, Digest, Epoch, ThreadId};
use crate::division::DivisionCode;
use crate::wire;

/// The header format of wire version 1, which this version writes and reads. Format 0 was never released.
pub const FORMAT: u32 = 1;
/// The newest schema of bodies this version reads and writes.
pub const SCHEMA: u32 = 1;
/// Entries a journal can have: far above what an office writes, and what every store can count to.
pub const SEQUENCES: u64 = 1 << 40;
/// Most items in any list of a header.
const LIST_LIMIT: usize = 256;

/// An organ on the node of a division; an empty organ is the petition office (信访局) itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holder {
    /// The division whose node it is.
    pub division: DivisionCode,
    /// The organ's code there.
    pub organ: String,
}

impl Holder {
    /// The petition office of a division.
    #[must_use]
    pub fn office(division: DivisionCode) -> Self {
        Self { division, organ: String::new() }
    }

    /// What a message says; `None` for a division that cannot be.
    #[must_use]
    pub fn read(wire: &wire::Holder) -> Option<Self> {
        holder(wire.clone(), "holder").ok()
    }

    /// As messages carry it.
    #[must_use]
    pub fn to_wire(&self) -> wire::Holder {
        wire::Holder { division: self.division.number(), organ: self.organ.clone() }
    }
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.division.short())?;
        if self.organ.is_empty() { Ok(()) } else { write!(f, "/{}", self.organ) }
    }
}

/// Who made an entry, in the author's house.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hand {
    /// The organ that acted; empty for the petition office.
    pub organ: String,
    /// The officer's staff number.
    pub officer: String,
    /// The officer in whose name it was done, if another's.
    pub on_behalf_of: String,
}

/// The place of an entry in a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The thread.
    pub thread: ThreadId,
    /// 1 handle (办理), 2 review (复查), 3 re-examine (复核).
    pub stage: u32,
    /// The entry before; `None` for the one that opens the thread.
    pub predecessor: Option<Digest>,
}

/// To whom an entry is addressed, and the author's count of entries to that division.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address {
    /// The division addressed.
    pub division: DivisionCode,
    /// The author's running number for it, from 1.
    pub number: u64,
    /// The author's previous entry to it.
    pub previous: Option<Digest>,
}

/// A header, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The author's journal.
    pub journal: JournalId,
    /// Position in it.
    pub sequence: u64,
    /// Who made it.
    pub hand: Hand,
    /// When, by the author's clock: a claim, never an order.
    pub recorded_at: Timestamp,
    /// When the petitioner was received, where that is another day.
    pub received_on: Option<Date>,
    /// The case it belongs to; `None` for reference entries.
    pub case: Option<CaseId>,
    /// Its place in a thread; `None` for side entries.
    pub place: Option<Place>,
    /// What it is about.
    pub kind: Kind,
    /// Schema version of the body.
    pub schema: u32,
    /// The holder before this entry.
    pub custody_from: Option<Holder>,
    /// The holder from this entry on.
    pub custody_to: Option<Holder>,
    /// Nodes that become entitled to the case.
    pub audience_added: Vec<DivisionCode>,
    /// To whom it is addressed.
    pub address: Option<Address>,
    /// Hash of the body.
    pub body_hash: Digest,
    /// Hash of the sealed part's ciphertext.
    pub sealed_hash: Option<Digest>,
    /// Side entries this step has taken into account.
    pub considered: Vec<Digest>,
    /// For a settlement: the contesting entry that applies.
    pub settles: Option<Digest>,
}

/// What is wrong with a header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// Not the bytes of a header.
    #[error("the header is not a protobuf message: {0}")]
    Encoding(String),
    /// Of wire version 0, whose bytes no release writes or reads.
    #[error(
        "条目属线路版本 0，未曾发布，不再识读 the entry is of wire version 0, which was never released and is not read: \
         found the office anew, and bring its records in with `import`"
    )]
    Unreleased,
    /// Of a format this version cannot read.
    #[error("header format {received} is newer than {FORMAT}, the newest this version reads")]
    Format {
        /// The format received.
        received: u32,
    },
    /// A field that does not have its form.
    #[error("header field {0} is malformed")]
    Field(&'static str),
}

impl Header {
    /// The organ that wrote it, at its author.
    #[must_use]
    pub fn organ(&self) -> Holder {
        Holder { division: self.journal.author, organ: self.hand.organ.clone() }
    }

    /// A header of an entry that belongs to no case and is addressed to nobody.
    #[must_use]
    pub fn plain(journal: JournalId, sequence: u64, kind: Kind, recorded_at: Timestamp) -> Self {
        Self {
            journal,
            sequence,
            hand: Hand::default(),
            recorded_at,
            received_on: None,
            case: None,
            place: None,
            kind,
            schema: SCHEMA,
            custody_from: None,
            custody_to: None,
            audience_added: Vec::new(),
            address: None,
            body_hash: Digest::default(),
            sealed_hash: None,
            considered: Vec::new(),
            settles: None,
        }
    }

    /// Reads a header's bytes.
    pub fn read(bytes: &[u8]) -> Result<Self, HeaderError> {
        let wire = wire::Header::decode(bytes).map_err(|e| HeaderError::Encoding(e.to_string()))?;
        if wire.format == 0 {
            return Err(HeaderError::Unreleased);
        }
        if wire.format > FORMAT {
            return Err(HeaderError::Format { received: wire.format });
        }
        Self::from_wire(wire)
    }

    /// The bytes to be hashed, signed and relayed. Called once, by the author.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.to_wire().encode_to_vec()
    }

    /// Where the entry stands, or claims to.
    #[must_use]
    pub fn id(&self) -> EntryId {
        EntryId { journal: self.journal, sequence: self.sequence }
    }

    /// Who acted, as a holder.
    #[must_use]
    pub fn actor(&self) -> Holder {
        Holder { division: self.journal.author, organ: self.hand.organ.clone() }
    }

    fn from_wire(wire: wire::Header) -> Result<Self, HeaderError> {
        let journal = JournalId {
            author: division(wire.author, "author")?,
            epoch: Epoch::read(&wire.epoch).ok_or(HeaderError::Field("epoch"))?,
        };
        if wire.sequence >= SEQUENCES {
            return Err(HeaderError::Field("sequence"));
        }
        Ok(Self {
            journal,
            sequence: wire.sequence,
            hand: Hand {
                organ: wire.organ,
                officer: wire.officer,
                on_behalf_of: wire.on_behalf_of,
            },
            recorded_at: Timestamp::from_millisecond(wire.recorded_at)
                .map_err(|_| HeaderError::Field("recorded_at"))?,
            received_on: wire.received_on.map(date_of).transpose()?,
            case: optional(&wire.case_id, "case_id", CaseId::read)?,
            place: place(&wire.thread, wire.stage, &wire.predecessor)?,
            kind: Kind::from_number(wire.kind),
            schema: wire.schema,
            custody_from: wire.custody_from.map(|h| holder(h, "custody_from")).transpose()?,
            custody_to: wire.custody_to.map(|h| holder(h, "custody_to")).transpose()?,
            audience_added: divisions(&wire.audience_added)?,
            address: address(wire.addressee, wire.addressee_number, &wire.addressee_previous)?,
            body_hash: Digest::read(&wire.body_hash).ok_or(HeaderError::Field("body_hash"))?,
            sealed_hash: optional(&wire.sealed_hash, "sealed_hash", Digest::read)?,
            considered: digests(&wire.considered)?,
            settles: optional(&wire.settles, "settles", Digest::read)?,
        })
    }

    fn to_wire(&self) -> wire::Header {
        let place = self.place.as_ref();
        let address = self.address.as_ref();
        wire::Header {
            format: FORMAT,
            author: self.journal.author.number(),
            epoch: self.journal.epoch.0.to_vec(),
            sequence: self.sequence,
            organ: self.hand.organ.clone(),
            officer: self.hand.officer.clone(),
            on_behalf_of: self.hand.on_behalf_of.clone(),
            recorded_at: self.recorded_at.as_millisecond(),
            received_on: self.received_on.map(days_of),
            case_id: self.case.map(|id| id.0.to_vec()).unwrap_or_default(),
            thread: place.map(|p| p.thread.0.to_vec()).unwrap_or_default(),
            stage: place.map_or(0, |p| p.stage),
            predecessor: place
                .and_then(|p| p.predecessor)
                .map(|d| d.0.to_vec())
                .unwrap_or_default(),
            kind: self.kind.number(),
            schema: self.schema,
            custody_from: self.custody_from.as_ref().map(Holder::to_wire),
            custody_to: self.custody_to.as_ref().map(Holder::to_wire),
            audience_added: self.audience_added.iter().map(|code| code.number()).collect(),
            addressee: address.map_or(0, |a| a.division.number()),
            addressee_number: address.map_or(0, |a| a.number),
            addressee_previous: address
                .and_then(|a| a.previous)
                .map(|d| d.0.to_vec())
                .unwrap_or_default(),
            body_hash: self.body_hash.0.to_vec(),
            sealed_hash: self.sealed_hash.map(|d| d.0.to_vec()).unwrap_or_default(),
            considered: self.considered.iter().map(|d| d.0.to_vec()).collect(),
            settles: self.settles.map(|d| d.0.to_vec()).unwrap_or_default(),
        }
    }
}

/// Days since 1970-01-01 of a date.
#[must_use]
pub fn days_of(date: Date) -> i32 {
    let epoch = jiff::civil::date(1970, 1, 1);
    (date - epoch).get_days()
}

/// The date of a number of days since 1970-01-01.
pub fn date_of(days: i32) -> Result<Date, HeaderError> {
    let span = jiff::Span::new().try_days(days).map_err(|_| HeaderError::Field("date"))?;
    jiff::civil::date(1970, 1, 1).checked_add(span).map_err(|_| HeaderError::Field("date"))
}

fn division(number: u64, field: &'static str) -> Result<DivisionCode, HeaderError> {
    DivisionCode::from_number(number).map_err(|_| HeaderError::Field(field))
}

fn divisions(numbers: &[u64]) -> Result<Vec<DivisionCode>, HeaderError> {
    if numbers.len() > LIST_LIMIT {
        return Err(HeaderError::Field("audience_added"));
    }
    numbers.iter().map(|number| division(*number, "audience_added")).collect()
}

fn digests(list: &[Vec<u8>]) -> Result<Vec<Digest>, HeaderError> {
    if list.len() > LIST_LIMIT {
        return Err(HeaderError::Field("considered"));
    }
    list.iter().map(|bytes| Digest::read(bytes).ok_or(HeaderError::Field("considered"))).collect()
}

fn holder(wire: wire::Holder, field: &'static str) -> Result<Holder, HeaderError> {
    Ok(Holder { division: division(wire.division, field)?, organ: wire.organ })
}

fn optional<T>(
    bytes: &[u8],
    field: &'static str,
    read: impl Fn(&[u8]) -> Option<T>,
) -> Result<Option<T>, HeaderError> {
    if bytes.is_empty() { Ok(None) } else { read(bytes).map(Some).ok_or(HeaderError::Field(field)) }
}

fn place(thread: &[u8], stage: u32, predecessor: &[u8]) -> Result<Option<Place>, HeaderError> {
    let Some(thread) = optional(thread, "thread", ThreadId::read)? else { return Ok(None) };
    Ok(Some(Place {
        thread,
        stage,
        predecessor: optional(predecessor, "predecessor", Digest::read)?,
    }))
}

fn address(addressee: u64, number: u64, previous: &[u8]) -> Result<Option<Address>, HeaderError> {
    if number == 0 {
        return Ok(None);
    }
    let division = division(addressee, "addressee")?;
    Ok(Some(Address {
        division,
        number,
        previous: optional(previous, "addressee_previous", Digest::read)?,
    }))
}
