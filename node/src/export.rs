//! The auditor's export as an office writes it, and as anyone checks it.
//!
//! Writing reads the store page by page and puts record after record into an [`outlet`]: a file of another name, which
//! takes its place only when it is signed and synced, or an auditor's stream. Nothing of it is held: memory is a page,
//! whatever the journals' size.
//! Ledgers are read before journals, so that every passage in the file speaks of entries that are in it, also while
//! the office goes on working. Checking is in [`reading`], and needs neither store nor network.
//!
//! It never writes words of a case (`PUBLIC_KINDS` alone keep their bodies), and never changes the store.

mod outlet;
pub mod reading;
pub mod told;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::{EntryId, Header, JournalId};
use terrace_proto::export::record::{
    CosignedHead, Head, Journal, Ledger, Manifest, Page, Passage, Raised,
};
use terrace_proto::export::{Colophon, MAGIC, PAGE_BYTES, PAGE_ENTRIES, PUBLIC_KINDS, Record};
use terrace_proto::journal::ParcelItem;
use terrace_proto::journal::checkpoint::{Cosigned, SignedCheckpoint};
use tokio::sync::RwLockReadGuard;

use self::outlet::{FileOutlet, Outlet, Parts};
use crate::archive::{Identity, Level, Proofs};
use crate::office::Office;
use crate::store::{Direction, JournalRecord, LedgerRecord, Store, StoreError, StoredEntry};

pub use self::outlet::Answer;

/// Rows read at once.
const PAGE: u32 = 2_048;
/// What an export never holds, and why: told in the file itself.
const LEFT_OUT: [&str; 4] = [
    "正文一律不导出，准入、询问和异议除外 words of entries, except of admissions, questions and objections: an auditor needs none to check the rest",
    "密封件 sealed parts: they are for those they are sealed to",
    "已终止的链路纪元的往来台账 passage ledgers of link epochs that have ended: the store gives the present one",
    "个别条目所在记录簿的其余条目 the other entries of journals of which this office holds single entries: it does not hold them",
];

/// Why no export was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file could not be written.
    #[error("{path}: {why}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        why: std::io::Error,
    },
    /// The office is not admitted yet, so nobody could check what it signs.
    #[error("本单位尚未入网 this office is not enrolled: nobody could check what it signs")]
    NotEnrolled,
    /// Somebody ended it.
    #[error("已中断，未写出文件 interrupted: no file was written")]
    Interrupted,
    /// Who asked for it is gone.
    #[error("对方已离开 whoever asked for the export has hung up")]
    HungUp,
}

/// Watches an export or a check, and may end it.
pub trait Progress: Send + Sync {
    /// So much of the whole is done, in entries or bytes; more may come than was expected.
    fn stands(&mut self, done: u64, whole: u64);

    /// Whether to end here.
    fn is_over(&mut self) -> bool {
        false
    }
}

/// Watches nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn stands(&mut self, _done: u64, _whole: u64) {}
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// Journals.
    pub journals: u64,
    /// Entries.
    pub entries: u64,
    /// Passages.
    pub passages: u64,
    /// Bytes of the file.
    pub bytes: u64,
}

/// Writes the export of all that an office holds into `path`, as of `at`. What was there before is replaced only by a
/// whole one.
///
/// # Errors
///
/// [`WriteError`]; then the file is what it was.
pub async fn write(
    store: &Arc<dyn Store>,
    identity: &Identity,
    at: Timestamp,
    path: &Path,
    progress: &mut dyn Progress,
) -> Result<Written, WriteError> {
    let fresh = path.with_added_extension("part");
    let writing = Writing {
        store,
        identity,
        level: None,
        seconds: seconds(at),
        out: Out::into(FileOutlet::create(&fresh)?),
        progress,
        whole: 0,
    };
    let outcome = writing.all(at).await;
    let moved = outcome.and_then(|written| {
        std::fs::rename(&fresh, path).map_err(|why| WriteError::File { path: path.into(), why })?;
        Ok(written)
    });
    if moved.is_err() {
        _ = std::fs::remove_file(&fresh);
    }
    moved
}

/// Sends the export of all that a running office holds, as of `at`, in the parts of an answer. It is whole when no
/// error comes last.
///
/// # Errors
///
/// [`WriteError`], [`WriteError::HungUp`] among them; then what was sent has no colophon and nobody believes it.
pub async fn send(office: &Office, at: Timestamp, to: Answer) -> Result<Written, WriteError> {
    let writing = Writing {
        store: office.store(),
        identity: office.identity(),
        level: Some(office.level()),
        seconds: seconds(at),
        out: Out::into(Parts::to(to)),
        progress: &mut Unwatched,
        whole: 0,
    };
    writing.all(at).await
}

fn seconds(at: Timestamp) -> u64 {
    u64::try_from(at.as_second()).unwrap_or(0)
}

/// The export being written.
struct Out<O> {
    outlet: O,
    colophon: Colophon,
    written: Written,
}

impl<O: Outlet> Out<O> {
    fn into(outlet: O) -> Self {
        Self { outlet, colophon: Colophon::default(), written: Written::default() }
    }

    async fn put(&mut self, record: Record) -> Result<(), WriteError> {
        let framed = record.encode();
        self.colophon.pass(&framed);
        self.outlet.put(&framed).await
    }

    /// Signs, and brings it to its end.
    async fn end(mut self, identity: &Identity) -> Result<Written, WriteError> {
        let before = self.colophon.bytes();
        let framed = self.colophon.sign(identity.me, &identity.signer).encode();
        self.outlet.put(&framed).await?;
        self.outlet.end().await?;
        Ok(Written { bytes: before + framed.len() as u64, ..self.written })
    }
}

struct Writing<'a, O> {
    store: &'a Arc<dyn Store>,
    identity: &'a Identity,
    /// Of a running office whose export leaves it as it is written.
    level: Option<&'a Level>,
    seconds: u64,
    out: Out<O>,
    progress: &'a mut dyn Progress,
    /// Entries expected.
    whole: u64,
}

impl<O: Outlet> Writing<'_, O> {
    async fn all(mut self, at: Timestamp) -> Result<Written, WriteError> {
        self.out.outlet.put(MAGIC).await?;
        self.whole = self.store.tally().await?.entries;
        let me = self.identity.me;
        self.out
            .put(Record::Manifest(Manifest {
                exporter: me,
                exported_at: at,
                subtree: me.author,
                left_out: LEFT_OUT.map(str::to_owned).to_vec(),
                software: concat!("terrace ", env!("CARGO_PKG_VERSION")).to_owned(),
            }))
            .await?;
        let known = self.store.journals().await?;
        let ledgers = self.ledgers(&known).await?;
        // Journals that were admitted meanwhile belong to what the ledgers speak of.
        let level = level(self.level).await?;
        let journals = self.store.journals().await?;
        drop(level);
        self.admissions(&journals).await?;
        for journal in &journals {
            self.journal(journal.id).await?;
        }
        for ledger in ledgers {
            self.ledger(&ledger).await?;
        }
        self.raised().await?;
        self.out.end(self.identity).await
    }

    /// Where the ledgers with the neighbours stand.
    async fn ledgers(&self, known: &[JournalRecord]) -> Result<Vec<LedgerRecord>, StoreError> {
        let me = self.identity.me;
        let below = known.iter().filter(|one| one.admitted_by.is_some_and(|by| by.journal == me));
        let mut peers: Vec<DivisionCode> = below.map(|one| one.id.author).collect();
        peers.extend(self.identity.superior);
        peers.sort_unstable();
        peers.dedup();
        let mut ledgers = Vec::new();
        for peer in peers {
            for direction in [Direction::In, Direction::Out] {
                ledgers.extend(self.store.ledger(peer, direction).await?);
            }
        }
        Ok(ledgers)
    }

    /// Admissions, those of higher offices first: who admits was admitted before.
    async fn admissions(&mut self, journals: &[JournalRecord]) -> Result<(), WriteError> {
        let mut admitted: Vec<(usize, EntryId)> = journals
            .iter()
            .filter_map(|one| Some((depth(one.id.author), one.admitted_by?)))
            .collect();
        let me = self.identity.me;
        let own = journals.iter().find(|one| one.id == me);
        if self.identity.superior.is_some() && own.is_none_or(|own| own.admitted_by.is_none()) {
            return Err(WriteError::NotEnrolled);
        }
        admitted.sort_unstable();
        let proofs = Proofs::new(self.store.clone());
        for chunk in admitted.chunks(PAGE as usize) {
            let ids: Vec<EntryId> = chunk.iter().map(|(_, entry)| *entry).collect();
            let level = level(self.level).await?;
            let mut proved: BTreeMap<EntryId, _> = proofs.of(&ids).await?;
            drop(level);
            for id in ids {
                let missing = || StoreError::Corrupt(format!("admission {id} is not held"));
                let (checkpoint, item) = proved.remove(&id).ok_or_else(missing)?;
                self.out.put(Record::Admission { checkpoint, item }).await?;
            }
        }
        Ok(())
    }

    async fn journal(&mut self, id: JournalId) -> Result<(), WriteError> {
        // Signatures first: none may then be on more of the journal than is read behind them.
        let mut cosigned: Vec<CosignedHead> = Vec::new();
        for signed in self.store.cosignatures(id).await? {
            let (size, root, by, line) = (signed.size, signed.root, signed.by, signed.line);
            cosigned.push(CosignedHead { size, root, by, line });
        }
        cosigned.sort_by_key(|head| head.size);
        let level = level(self.level).await?;
        let record = self.store.journal(id).await?;
        drop(level);
        let Some(record) = record else { return Ok(()) };
        self.out.written.journals += 1;
        let size = if record.whole { record.frontier.size() } else { 0 };
        let stored_at = record.stored_at.and_then(|at| Timestamp::from_millisecond(at).ok());
        let journal = Journal { id, whole: record.whole, size, stored_at, cosigned };
        self.out.put(Record::Journal(journal)).await?;
        self.entries(&record).await?;
        if record.whole
            && let Some(checkpoint) = record.checkpoint
        {
            // A head that its author did not sign goes out as it is, for the check to find.
            let head = SignedCheckpoint::read(&checkpoint, id, &record.key);
            let Identity { me, signer, .. } = self.identity;
            let cosign = |head: SignedCheckpoint| {
                Cosigned::sign(*head.checkpoint(), *me, signer, self.seconds).line
            };
            let line = head.map(cosign).unwrap_or_default();
            self.out.put(Record::Head(Head { checkpoint, line })).await?;
        }
        Ok(())
    }

    async fn entries(&mut self, record: &JournalRecord) -> Result<(), WriteError> {
        let end = if record.whole { record.frontier.size() } else { u64::MAX };
        let (mut from, mut page, mut bytes) = (0, Page::default(), 0);
        while from < end {
            let limit = u32::try_from(end - from).unwrap_or(PAGE).min(PAGE);
            let rows = self.store.entries(record.id, from, limit).await?;
            let Some(last) = rows.last() else { break };
            from = last.id.sequence + 1;
            for row in rows {
                let (checkpoint, item) = exported(row);
                let full = page.items.len() >= PAGE_ENTRIES || bytes >= PAGE_BYTES;
                if (full || page.checkpoint != checkpoint) && !page.items.is_empty() {
                    self.page(std::mem::take(&mut page)).await?;
                    bytes = 0;
                }
                page.checkpoint = checkpoint;
                bytes += item.header.len() + item.body.as_ref().map_or(0, Vec::len);
                bytes += item.path.len() * 34;
                page.items.push(item);
            }
        }
        if page.items.is_empty() { Ok(()) } else { self.page(page).await }
    }

    async fn page(&mut self, page: Page) -> Result<(), WriteError> {
        self.out.written.entries += page.items.len() as u64;
        self.progress.stands(self.out.written.entries, self.whole);
        if self.progress.is_over() {
            return Err(WriteError::Interrupted);
        }
        self.out.put(Record::Page(page)).await
    }

    async fn ledger(&mut self, ledger: &LedgerRecord) -> Result<(), WriteError> {
        let head = ledger.head;
        let proved = ledger.proved.map(|(number, signature)| (number, signature.to_vec()));
        let own_signature = head.sign(&self.identity.signer).to_vec();
        self.out.put(Record::Ledger(Ledger { head, own_signature, proved })).await?;
        let mut from = 1;
        while from <= head.number {
            let rows = self.store.passages(head.ledger, from, PAGE).await?;
            let Some(last) = rows.last() else { break };
            from = last.record.head.number + 1;
            let rows = rows.into_iter().filter(|row| row.record.head.number <= head.number);
            let passages: Vec<Passage> =
                rows.map(|row| Passage::of(row.record, row.stored_at)).collect();
            self.out.written.passages += passages.len() as u64;
            for passages in cut(passages) {
                self.out.put(Record::Passages(passages)).await?;
            }
            if self.progress.is_over() {
                return Err(WriteError::Interrupted);
            }
        }
        Ok(())
    }

    async fn raised(&mut self) -> Result<(), WriteError> {
        let mut before = u64::MAX;
        loop {
            let rows = self.store.raised(before, PAGE).await?;
            let Some((last, _)) = rows.last() else { return Ok(()) };
            before = *last;
            for (_, row) in rows {
                let (entry, kind, about, place) = (row.entry, row.kind, row.about, row.place);
                self.out.put(Record::Raised(Raised { entry, kind, about, place })).await?;
            }
        }
    }
}

/// Held while something is read that leaves at once.
async fn level(level: Option<&Level>) -> Result<Option<RwLockReadGuard<'_, bool>>, StoreError> {
    match level {
        Some(level) => level.read().await.map(Some),
        None => Ok(None),
    }
}

/// How many offices stand above one.
fn depth(office: DivisionCode) -> usize {
    std::iter::successors(Some(office), |below| Tree::national().superior(*below)).count()
}

/// What an export holds of an entry: the body only where its words are public.
fn exported(row: StoredEntry) -> (Vec<u8>, ParcelItem) {
    let kind = Header::read(&row.header).map(|header| header.kind.number());
    let public = kind.is_ok_and(|kind| PUBLIC_KINDS.contains(&kind));
    let (checkpoint, path) = row.proof.unwrap_or_default();
    let (header, body) = (row.header, row.body.filter(|_| public));
    (checkpoint, ParcelItem { header, body, sealed: None, path })
}

/// Passages cut into records, by the entries they name.
fn cut(passages: Vec<Passage>) -> Vec<Vec<Passage>> {
    let mut records: Vec<Vec<Passage>> = Vec::new();
    let mut named = u64::MAX;
    for passage in passages {
        let count = match &passage.span {
            terrace_proto::ledger::Span::Run { .. } => 1,
            terrace_proto::ledger::Span::Picked(sequences) => sequences.len() as u64,
        };
        if named.saturating_add(count) > u64::from(PAGE) {
            records.push(Vec::new());
            named = 0;
        }
        named += count;
        records.last_mut().expect("one was begun").push(passage);
    }
    records
}
