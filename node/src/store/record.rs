//! The rows of a store, as values.

use jiff::Timestamp;
use terrace_proto::case::{Case, Past};
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::days_of;
use terrace_proto::entry::{Entry, EntryError, EntryId, JournalId, Parts, VerifiedEntry};
use terrace_proto::figure::cell::Changes;
use terrace_proto::journal::{Checkpoint, Frontier, Held, Tile};
use terrace_proto::key::JournalKey;
use terrace_proto::ledger::{Head, Record};
use terrace_proto::roll::pace::Pace;

use super::counted::CountedRecord;
use super::issued::IssuedRules;
use super::rolled::{Rolled, SketchRecord};
use super::sealed::{AnnouncedKey, ReportRecord};
use super::witness::{Cosignature, HeadRecord, RaisedRecord};

/// Everything one transaction writes.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// Journals as they stand after the batch, with the size they must have had before.
    pub journals: Vec<(JournalRecord, u64)>,
    /// Entries, each proved.
    pub entries: Vec<VerifiedEntry>,
    /// Tiles that are complete or, above level 0, have grown.
    pub tiles: Vec<(JournalId, Tile)>,
    /// Runs, in order; each gets the next position.
    pub runs: Vec<NewRun>,
    /// Entries to be passed down, in order; each gets the next position.
    pub parcels: Vec<(DivisionCode, EntryId)>,
    /// Folds as they stand after the batch.
    pub cases: Vec<CaseRecord>,
    /// Whether whoever made the batch takes it that none of these cases is held; if one is, that is a
    /// [`StoreError::Conflict`](super::StoreError::Conflict) and nothing is written.
    pub all_new: bool,
    /// Ledgers as they stand after the batch.
    pub ledgers: Vec<LedgerRecord>,
    /// Passages sent or received.
    pub passages: Vec<PassageRecord>,
    /// Newer signatures by others on heads of journals.
    pub cosignatures: Vec<Cosignature>,
    /// Newer heads of journals that this office watches as a witness.
    pub heads: Vec<HeadRecord>,
    /// Questions and objections among the entries.
    pub raised: Vec<RaisedRecord>,
    /// Rules issued among the entries.
    pub issued: Vec<IssuedRules>,
    /// Sealing keys announced among the entries.
    pub sealing_keys: Vec<AnnouncedKey>,
    /// Sealed reports among the entries; the key of one that is known without it is added.
    pub reports: Vec<ReportRecord>,
    /// Entries among these that stand on a roll.
    pub rolled: Vec<Rolled>,
    /// What cells grow or shrink by.
    pub cells: Changes,
    /// What cases add to figures no longer; struck before what they add now is written.
    pub uncounted: Vec<CountedRecord>,
    /// What cases add to figures now, where it changed.
    pub counted: Vec<CountedRecord>,
    /// Sketches of cases.
    pub sketches: Vec<SketchRecord>,
    /// Up to which row of the cases there are sketches now.
    pub sketched: Option<u64>,
    /// This office's counts of addressed entries, where they changed.
    pub counters: Vec<Counter>,
    /// A block of case numbers that is now in use.
    pub block: Option<u32>,
}

/// A journal, as far as it is known here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRecord {
    /// Which.
    pub id: JournalId,
    /// The key its author was admitted with.
    pub key: JournalKey,
    /// The entry that admitted it; `None` for the root and for this office before it is enrolled.
    pub admitted_by: Option<EntryId>,
    /// Whether it is held from the beginning (this office's own and those of its subtree).
    pub whole: bool,
    /// How far it is held, if whole.
    pub frontier: Frontier,
    /// The signed note at that size, if whole and not empty.
    pub checkpoint: Option<Vec<u8>>,
    /// When its newest entries were stored here, milliseconds since 1970 UTC; `None` while there are none.
    pub stored_at: Option<i64>,
}

impl JournalRecord {
    /// What a run is verified against.
    #[must_use]
    pub fn held(&self) -> Held {
        Held { journal: self.id, key: self.key, frontier: self.frontier.clone() }
    }
}

/// How far a journal reaches that is held from its beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// Which.
    pub journal: JournalId,
    /// How far it is held.
    pub frontier: Frontier,
    /// When its newest entries were stored here, milliseconds since 1970 UTC; `None` while there are none.
    pub stored_at: Option<i64>,
}

impl Reach {
    /// Its head, unsigned.
    #[must_use]
    pub fn head(&self) -> Checkpoint {
        let Self { journal, frontier, .. } = self;
        Checkpoint { journal: *journal, size: frontier.size(), root: frontier.root() }
    }
}

impl From<&JournalRecord> for Reach {
    fn from(record: &JournalRecord) -> Self {
        let (journal, frontier) = (record.id, record.frontier.clone());
        Self { journal, frontier, stored_at: record.stored_at }
    }
}

/// Consecutive entries as they were written here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRun {
    /// Whose.
    pub journal: JournalId,
    /// Sequence of the first.
    pub first: u64,
    /// Size of the journal behind the last.
    pub size: u64,
    /// Bytes of headers and bodies.
    pub bytes: u64,
    /// When it was stored here, milliseconds since 1970 UTC.
    pub stored_at: i64,
    /// The signed note at that size.
    pub checkpoint: Vec<u8>,
}

/// A run with its place in the order of writing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRecord {
    /// Its position, from 1.
    pub position: u64,
    /// The run.
    pub run: NewRun,
}

/// An entry to be passed down, with its place in the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParcelRecord {
    /// Its position, from 1.
    pub position: u64,
    /// The entry.
    pub entry: EntryId,
}

/// An entry out of the store. Its form and proof can be checked again at any time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    /// Where it stands.
    pub id: EntryId,
    /// The header's bytes.
    pub header: Vec<u8>,
    /// The body, unless withheld or erased.
    pub body: Option<Vec<u8>>,
    /// The sealed part's ciphertext, where there is one and it is here.
    pub sealed: Option<Vec<u8>>,
    /// Checkpoint and inclusion path, where the journal is not held from its beginning.
    pub proof: Option<(Vec<u8>, Vec<Digest>)>,
}

impl StoredEntry {
    /// The entry, with all of it that is here.
    ///
    /// # Errors
    ///
    /// [`EntryError`] when it is not as its author made it: the store is damaged.
    pub fn into_entry(self) -> Result<Entry, EntryError> {
        Entry::of_parts(Parts { header: self.header, body: self.body, sealed: self.sealed })
    }
}

/// An entry as it lies in the store, shown and not given away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryBytes<'a> {
    /// Its place in the journal.
    pub sequence: u64,
    /// The header's bytes.
    pub header: &'a [u8],
    /// The body, unless withheld or erased.
    pub body: Option<&'a [u8]>,
}

/// A case as it is kept: its facts, and what lists are made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRecord {
    /// Its place in the store's own order; 0 before it is stored.
    pub row: u64,
    /// The case.
    pub id: CaseId,
    /// What it is called by, once known: the readable number, or of a record of the past the one it had.
    pub number: Option<String>,
    /// The number it had where it was kept before, where it is called by another here.
    pub former: Option<String>,
    /// State of the leading thread.
    pub state: Option<u8>,
    /// Custodian of the leading thread: division and organ.
    pub holder: Option<(DivisionCode, String)>,
    /// Title of the first intake, cut to a line.
    pub title: String,
    /// When it was opened, as the opening says: milliseconds since 1970 UTC.
    pub opened_at: i64,
    /// Day on which the present duty is due, in days since 1970-01-01, if an entry pinned one.
    pub due_on: Option<i32>,
    /// Whether the leading thread can still be advanced.
    pub open: bool,
    /// Whether an entry waits for one before it.
    pub waiting: bool,
    /// Whether it cannot be interpreted further.
    pub parked: bool,
    /// Whether a thread is contested.
    pub contested: bool,
    /// How it moves; `None` where the fold was written before this was kept.
    pub pace: Option<Pace>,
    /// Its facts, encoded.
    pub facts: Vec<u8>,
}

impl CaseRecord {
    /// The row of a folded case.
    #[must_use]
    pub fn of(case: &Case) -> Self {
        let leading = case.leading();
        Self {
            row: 0,
            id: case.id(),
            number: case.called(),
            former: case.number().and_then(|_| Some(case.former_number()?.to_owned())),
            state: leading.map(|thread| thread.state().number()),
            holder: leading.map(|t| (t.holder().division, t.holder().organ.clone())),
            title: case.title().to_owned(),
            opened_at: case.opened_at().map_or(0, Timestamp::as_millisecond),
            due_on: case.next_due().map(days_of),
            open: leading.is_none_or(|thread| !thread.state().is_final()),
            waiting: case.is_waiting(),
            parked: case.parked().is_some(),
            contested: case.is_contested(),
            pace: Some(Pace::of(case)),
            facts: case.encode(),
        }
    }

    /// The row of a record of the past of which nothing else is known: that of its fold, which is not made.
    #[must_use]
    pub fn of_past(past: &Past) -> Self {
        let holder = past.holder();
        Self {
            row: 0,
            id: past.id(),
            number: past.number().map(str::to_owned),
            former: None,
            state: Some(past.state().number()),
            holder: Some((holder.division, holder.organ.clone())),
            title: past.title().to_owned(),
            opened_at: past.opened_at().as_millisecond(),
            due_on: None,
            open: !past.state().is_final(),
            waiting: false,
            parked: false,
            contested: false,
            pace: Some(Pace::default()),
            facts: past.encode(),
        }
    }
}

/// Which cases are wanted: those for which all that is said here is true.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Held by an organ of this division.
    pub holder: Option<DivisionCode>,
    /// Whether the leading thread can still be advanced.
    pub open: Option<bool>,
    /// State of the leading thread.
    pub state: Option<u8>,
    /// The present duty was due before this day, in days since 1970-01-01.
    pub due_before: Option<i32>,
    /// Waiting, parked or contested.
    pub attention: bool,
    /// Written before it was kept how cases move.
    pub unpaced: bool,
    /// The number begins so.
    pub number: Option<String>,
    /// The title says this.
    pub title: Option<String>,
}

/// How many open cases the organs of a division hold in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// The division.
    pub division: DivisionCode,
    /// State of the leading thread.
    pub state: u8,
    /// How many.
    pub cases: u64,
    /// How many of them were due before the day asked about.
    pub overdue: u64,
}

/// A direction of a link, seen from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// From here to the neighbour.
    Out,
    /// From the neighbour to here.
    In,
}

/// Where a ledger stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerRecord {
    /// The neighbour.
    pub peer: DivisionCode,
    /// The direction.
    pub direction: Direction,
    /// Its head here.
    pub head: Head,
    /// How far outgoing material is recorded; 0 for incoming.
    pub position: u64,
    /// For outgoing: the place the neighbour has durably stored, and its signature.
    /// For incoming: the head, and the sender's signature.
    pub proved: Option<(u64, [u8; 64])>,
    /// When that was, milliseconds since 1970 UTC by the neighbour's clock.
    pub proved_at: i64,
}

/// A passage, with what is needed to send it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassageRecord {
    /// The passage.
    pub record: Record,
    /// Outgoing position behind it; 0 for incoming.
    pub position: u64,
    /// When it was stored here or the neighbour said it was; `None` until then.
    pub stored_at: Option<i64>,
}

/// This office's count of entries addressed to a division.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counter {
    /// The addressee.
    pub to: DivisionCode,
    /// How many so far.
    pub number: u64,
    /// Leaf hash of the last.
    pub last: Digest,
}

/// How much is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Entries of all journals.
    pub entries: u64,
    /// Cases.
    pub cases: u64,
    /// Cases in which an entry waits for one before it.
    pub waiting: u64,
    /// Cases that cannot be interpreted further.
    pub parked: u64,
    /// Cases with a contested thread.
    pub contested: u64,
}
