//! Where an office keeps what it holds: one trait, each database its own SQL.
//!
//! Everything an office writes, it writes as one [`Batch`]: entries, the folds they change, the passages
//! they came by and the heads they lead to stand or fall together. The store decides nothing; it keeps
//! rows. Whoever implements it owes what the comments of [`Store`] say, and the conformance suite asks.

pub mod address;
pub mod counted;
pub mod issued;
pub mod memory;
pub mod postgres;
pub mod record;
pub mod rolled;
pub mod sealed;
pub mod sought;
pub mod sqlite;
pub mod witness;

use std::cmp::Ordering;
use std::sync::Arc;

use async_trait::async_trait;
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::{EntryId, JournalId};
use terrace_proto::figure::cell::Cell;
use terrace_proto::figure::share::Share;
use terrace_proto::journal::Tile;
use terrace_proto::journal::tile::TileId;
use terrace_proto::ledger::{LedgerId, Record};

pub use address::{Address, IfHeld};
pub use counted::{CellsAsked, CountedAsked, CountedRecord};
pub use issued::IssuedRules;
pub use record::{
    Batch, CaseRecord, Counter, Direction, EntryBytes, Holding, JournalRecord, LedgerRecord,
    NewRun, ParcelRecord, PassageRecord, Reach, RunRecord, StoredEntry, Tally, Wanted,
};
pub use rolled::{Rolled, SketchRecord};
pub use sealed::{AnnouncedKey, ReportRecord};
pub use sought::{Sought, SoughtRecord};
pub use witness::{Cosignature, HeadRecord, RaisedRecord};

/// Entries a store without a way of its own reads at once to show them.
const SHOWN_AT_ONCE: u32 = 2_048;

/// Why a store did not do what was asked. Four things callers can do about it, and one they must.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// What the batch builds on is not what is stored, or an entry differs from the one at its place.
    /// Nothing was written; read again.
    #[error("what is stored has changed meanwhile: {0}")]
    Conflict(String),
    /// No room. Nothing was written; the office accepts nothing until there is.
    #[error("the disk is full, so nothing more can be accepted: {0}")]
    Full(String),
    /// The batch may or may not have been written. Read again before going on.
    #[error("the store did not answer: {0}")]
    Unavailable(String),
    /// More would have to be looked through than can be in the time there is. Nothing is wrong with the store.
    #[error("too much would have to be looked through: {0}")]
    TooMuch(String),
    /// Written by a version whose journals this one does not read. Nothing was changed.
    #[error("{0}")]
    Version(String),
    /// What is stored contradicts itself. The process must stop.
    #[error("the store is damaged: {0}")]
    Corrupt(String),
}

/// What is done with each entry that is shown.
pub type Seeing<'s> = dyn FnMut(EntryBytes<'_>) + Send + 's;

/// The database of one office.
#[async_trait]
pub trait Store: Send + Sync + std::fmt::Debug {
    /// Writes the batch in one transaction. When this returns `Ok`, all of it survives a power cut; when it
    /// returns [`StoreError::Conflict`] or [`StoreError::Full`], none of it was written.
    ///
    /// A journal whose size differs from the batch's expectation is a conflict. An entry already held is
    /// skipped, except that a body fills a stub; another entry at the same place is a conflict. A parcel
    /// already listed for a neighbour keeps its place.
    async fn commit(&self, batch: Batch) -> Result<(), StoreError>;

    /// Makes sure that this process is still the one that writes, as far as that can be lost: asked from time to time.
    /// An error means that another took over, or that there was no answer.
    async fn hold(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// The store as it stands now, for reading alone: what is committed later is never seen through it, and it
    /// keeps nobody from writing. Meant for long looks; it should be dropped when the look is over.
    async fn frozen(&self) -> Result<Arc<dyn Store>, StoreError>;

    /// The same, and no older, out of a copy of the database that is kept elsewhere (a server that stands by), where there
    /// is one: for figures, which many may ask for. What is audited is the store itself.
    async fn frozen_on_standby(&self) -> Result<Arc<dyn Store>, StoreError> {
        self.frozen().await
    }

    /// One journal, if its admission is known.
    async fn journal(&self, id: JournalId) -> Result<Option<JournalRecord>, StoreError>;

    /// All known journals, in order of author and epoch.
    async fn journals(&self) -> Result<Vec<JournalRecord>, StoreError>;

    /// The journals of an office, in order of epoch.
    async fn journals_of(&self, office: DivisionCode) -> Result<Vec<JournalRecord>, StoreError>;

    /// How far each journal reaches that is held from its beginning, in order of author and epoch. What figures and pages
    /// need of all journals: no keys, which take the longest to read.
    async fn reaches(&self) -> Result<Vec<Reach>, StoreError>;

    /// Up to `limit` entries of a journal from a sequence on, in order.
    async fn entries(
        &self,
        journal: JournalId,
        from: u64,
        limit: u32,
    ) -> Result<Vec<StoredEntry>, StoreError>;

    /// Shows up to `limit` entries of a journal from a sequence on, in order, as they come and without their
    /// proofs, and says how many. Nothing of them is kept, so `limit` may be large.
    async fn each_entry(
        &self,
        journal: JournalId,
        from: u64,
        limit: u64,
        see: &mut Seeing<'_>,
    ) -> Result<u64, StoreError> {
        pages_of(self, journal, from, limit, see).await
    }

    /// Those of the named entries that are held, in any order.
    async fn entries_at(&self, ids: &[EntryId]) -> Result<Vec<StoredEntry>, StoreError>;

    /// Those of the named tiles that are kept, in any order.
    async fn tiles(&self, journal: JournalId, ids: &[TileId]) -> Result<Vec<Tile>, StoreError>;

    /// Up to `limit` runs behind a position, in the order they were written here.
    async fn runs(&self, after: u64, limit: u32) -> Result<Vec<RunRecord>, StoreError>;

    /// Up to `limit` entries listed for a neighbour behind a position, in order.
    async fn parcels(
        &self,
        to: DivisionCode,
        after: u64,
        limit: u32,
    ) -> Result<Vec<ParcelRecord>, StoreError>;

    /// Those of the named cases that are known, in any order.
    async fn cases(&self, ids: &[CaseId]) -> Result<Vec<CaseRecord>, StoreError>;

    /// The cases with a readable number; more than one only where two offices clashed.
    async fn cases_numbered(&self, number: &str) -> Result<Vec<CaseRecord>, StoreError>;

    /// Up to `limit` cases behind a place in the store's own order.
    async fn cases_after(&self, after: u64, limit: u32) -> Result<Vec<CaseRecord>, StoreError>;

    /// Up to `limit` wanted cases before a place in the store's own order, the newest first.
    async fn cases_wanted(
        &self,
        wanted: &Wanted,
        before: u64,
        limit: u32,
    ) -> Result<Vec<CaseRecord>, StoreError>;

    /// How many cases are as is sought, held by organs of a division or by anybody, and up to `limit` of them: those idle
    /// the longest first, of the others the oldest.
    async fn sought(
        &self,
        sought: &Sought,
        holder: Option<DivisionCode>,
        limit: u32,
    ) -> Result<(u64, Vec<SoughtRecord>), StoreError>;

    /// What the divisions hold of open cases, in order of division and state; overdue is what was due before
    /// `today`, in days since 1970-01-01.
    async fn holdings(&self, today: i32) -> Result<Vec<Holding>, StoreError>;

    /// Up to `limit` entries whose body holds these words as they stand, letter by letter. The whole store is
    /// looked through; the order is the store's own, and of one journal the newest come first.
    async fn entries_saying(&self, words: &str, limit: u32)
    -> Result<Vec<StoredEntry>, StoreError>;

    /// The ledger with a neighbour in a direction, in its present life.
    async fn ledger(
        &self,
        peer: DivisionCode,
        direction: Direction,
    ) -> Result<Option<LedgerRecord>, StoreError>;

    /// Up to `limit` passages of a ledger from a number on, in order.
    async fn passages(
        &self,
        ledger: LedgerId,
        from: u64,
        limit: u32,
    ) -> Result<Vec<PassageRecord>, StoreError>;

    /// The newest signature on a journal by each other journal that signed it, in order of who signed.
    async fn cosignatures(&self, journal: JournalId) -> Result<Vec<Cosignature>, StoreError>;

    /// The head of a journal that this office watches as a witness.
    async fn head(&self, journal: JournalId) -> Result<Option<HeadRecord>, StoreError>;

    /// Up to `limit` questions and objections before a place in the store's own order, the newest first, each with
    /// its place.
    async fn raised(&self, before: u64, limit: u32)
    -> Result<Vec<(u64, RaisedRecord)>, StoreError>;

    /// What was raised with a gist, the oldest first.
    async fn raised_as(&self, gist: Digest) -> Result<Vec<RaisedRecord>, StoreError>;

    /// All rules that offices issued, in order of author, epoch and sequence.
    async fn issued_rules(&self) -> Result<Vec<IssuedRules>, StoreError>;

    /// The sealing keys that an office announced, in order of epoch and sequence.
    async fn sealing_keys(&self, office: DivisionCode) -> Result<Vec<AnnouncedKey>, StoreError>;

    /// Up to `limit` sealed reports before a place in the store's own order, the newest first, each with its place.
    async fn reports(
        &self,
        before: u64,
        limit: u32,
    ) -> Result<Vec<(u64, ReportRecord)>, StoreError>;

    /// Up to `limit` entries of a roll, of one author or of all, before a place in its order, the newest here first, each with its place.
    async fn rolled(
        &self,
        roll: u32,
        author: Option<DivisionCode>,
        before: u64,
        limit: u32,
    ) -> Result<Vec<(u64, Rolled)>, StoreError>;

    /// Up to `limit` sketches of cases about a place, behind a row, in order.
    async fn sketches(
        &self,
        place: DivisionCode,
        after: u64,
        limit: u32,
    ) -> Result<Vec<SketchRecord>, StoreError>;

    /// Up to which row of the cases there are sketches.
    async fn sketched(&self) -> Result<u64, StoreError>;

    /// The cells that are asked for, in any order; none is empty.
    async fn cells(&self, asked: &CellsAsked) -> Result<Vec<(Cell, Share)>, StoreError>;

    /// Up to `limit` of the cases that are asked for, in order of day, facet and id.
    async fn counted(
        &self,
        asked: &CountedAsked,
        limit: u32,
    ) -> Result<Vec<CountedRecord>, StoreError>;

    /// This office's count of entries addressed to each division.
    async fn counters(&self) -> Result<Vec<Counter>, StoreError>;

    /// Blocks of case numbers this office has drawn.
    async fn blocks(&self) -> Result<Vec<u32>, StoreError>;

    /// How much is held of everything.
    async fn tally(&self) -> Result<Tally, StoreError>;
}

/// Shows entries of a store that has no quicker way, page by page.
async fn pages_of<S: Store + ?Sized>(
    store: &S,
    journal: JournalId,
    from: u64,
    limit: u64,
    see: &mut Seeing<'_>,
) -> Result<u64, StoreError> {
    let (mut shown, mut next) = (0, from);
    while shown < limit {
        let some = u32::try_from(limit - shown).unwrap_or(u32::MAX).min(SHOWN_AT_ONCE);
        let page = store.entries(journal, next, some).await?;
        let Some(last) = page.last() else { break };
        next = last.id.sequence + 1;
        shown += page.len() as u64;
        for entry in &page {
            let (header, body) = (entry.header.as_slice(), entry.body.as_deref());
            see(EntryBytes { sequence: entry.id.sequence, header, body });
        }
    }
    Ok(shown)
}

/// Refuses a database whose tables are of an earlier step than this program's, or of a later one: whoever only reads does not
/// change them.
fn is_up_to_date(step: i64, steps: usize) -> Result<(), StoreError> {
    let why = match step.cmp(&i64::try_from(steps).unwrap_or(i64::MAX)) {
        Ordering::Equal => return Ok(()),
        Ordering::Less => {
            "数据库尚未更新 the tables are of an earlier version of this program: start the office once, then ask again"
        }
        Ordering::Greater => {
            "数据库比本程序新 the tables are of a later version of this program: run the newer one"
        }
    };
    Err(StoreError::Version(why.into()))
}

/// Whether a driver could not read a row as what was written: the store is damaged.
fn is_unreadable(error: &sqlx::Error) -> bool {
    matches!(
        error,
        sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::Decode(_)
            | sqlx::Error::ColumnNotFound(_)
            | sqlx::Error::ColumnIndexOutOfBounds { .. }
            | sqlx::Error::TypeNotFound { .. }
    )
}

/// The record of a passage, without what is kept beside it.
impl From<PassageRecord> for Record {
    fn from(passage: PassageRecord) -> Self {
        passage.record
    }
}
