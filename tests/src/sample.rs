//! Samples: small authors with real keys, whose entries are proved as the product proves them, and the
//! whole content of a store as one value.
//!
//! An [`Author`] writes a journal and gives it out as a run, as stubs or singly with inclusion paths.
//! [`Content`] is what [`Store`] answers to every question, so that two stores, or one store at two
//! moments, can be compared. Nothing here is random: the same calls give the same bytes.

use terrace_node::store::{AnnouncedKey, IssuedRules, ReportRecord};
use terrace_node::store::{
    Batch, CaseRecord, Cosignature, Counter, Direction, HeadRecord, JournalRecord, LedgerRecord,
    NewRun, ParcelRecord, PassageRecord, RaisedRecord, RunRecord, Store, StoreError, StoredEntry,
    Tally,
};
use terrace_proto::digest::{CaseId, Digest, Epoch, LinkEpoch};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::Parts;
use terrace_proto::entry::header::Hand;
use terrace_proto::entry::{
    self, Entry, EntryId, Header, JournalId, Kind, Standing, VerifiedEntry,
};
use terrace_proto::journal::merkle::{self, Subtree};
use terrace_proto::journal::tile::TileId;
use terrace_proto::journal::{self, Frontier, Held, ParcelItem, SignedCheckpoint, Tile};
use terrace_proto::key::Signer;
use terrace_proto::ledger::{Head, LedgerId, Span};
use terrace_proto::seal::{CaseKey, SealedPart, SealingKey};
use terrace_proto::wire;

/// Divisions that stand in samples: a township, its county, city and province.
pub const PLACES: [&str; 4] = ["410221101", "410221", "4102", "41"];
/// How many rows [`Content`] asks for at a time: small, so that pages are turned.
const PAGE: u32 = 7;

/// One of [`PLACES`].
#[must_use]
pub fn place(index: usize) -> DivisionCode {
    PLACES[index].parse().expect("the sample places are well-formed")
}

/// An author with its journal.
#[derive(Debug, Clone)]
pub struct Author {
    id: JournalId,
    signer: Signer,
    frontier: Frontier,
    entries: Vec<Entry>,
}

impl Author {
    /// An author with an empty journal in the epoch numbered `epoch`.
    #[must_use]
    pub fn new(place: DivisionCode, epoch: u8) -> Self {
        Self {
            id: JournalId { author: place, epoch: Epoch([epoch; 16]) },
            signer: Signer::from_secret(&[epoch; 32]),
            frontier: Frontier::default(),
            entries: Vec::new(),
        }
    }

    /// Its journal.
    #[must_use]
    pub fn id(&self) -> JournalId {
        self.id
    }

    /// How many entries it has written.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The name of an entry of its journal.
    #[must_use]
    pub fn entry_id(&self, sequence: u64) -> EntryId {
        EntryId { journal: self.id, sequence }
    }

    /// Writes `count` entries that say `text`, and gives them as a run.
    pub fn write(&mut self, count: u64, text: &str) -> Vec<VerifiedEntry> {
        let first = self.size();
        let new: Vec<Entry> =
            (first..first + count).map(|sequence| self.entry(sequence, text)).collect();
        self.entries.extend(new.iter().cloned());
        let run = journal::append(self.id, self.frontier.clone(), new, &self.signer);
        self.frontier = run.frontier().clone();
        run.entries().to_vec()
    }

    /// All its entries without their bodies, as a run from the beginning.
    #[must_use]
    pub fn stubs(&self) -> Vec<VerifiedEntry> {
        let parts = self
            .entries
            .iter()
            .map(|entry| Parts { body: None, sealed: None, ..entry.clone().into_parts() })
            .collect();
        let key = self.signer.public();
        let held = Held { journal: self.id, key, frontier: Frontier::default() };
        let run = journal::verify_run(&held, 0, parts, self.checkpoint().note());
        run.expect("an author's own run is proved").entries().to_vec()
    }

    /// Single entries, each with its inclusion path to the present checkpoint.
    #[must_use]
    pub fn parcel(&self, sequences: &[u64], bodies: bool) -> Vec<VerifiedEntry> {
        let items = sequences.iter().map(|sequence| self.item(*sequence, bodies)).collect();
        let note = self.checkpoint();
        journal::verify_parcel(self.id, &self.signer.public(), items, note.note())
            .expect("an author's own parcel is proved")
    }

    /// The journal as it stands, whole or only known by its admission.
    #[must_use]
    pub fn record(&self, whole: bool) -> JournalRecord {
        let frontier = if whole { self.frontier.clone() } else { Frontier::default() };
        let checkpoint = (frontier.size() > 0).then(|| self.checkpoint().note().to_vec());
        let admitted_by = whole.then(|| {
            let journal = JournalId { author: DivisionCode::HUB, epoch: Epoch([99; 16]) };
            EntryId { journal, sequence: 5 }
        });
        JournalRecord {
            id: self.id,
            key: self.signer.public(),
            admitted_by,
            whole,
            stored_at: checkpoint.as_ref().map(|_| 1_790_000_000_000),
            frontier,
            checkpoint,
        }
    }

    /// A batch that writes `count` more entries of this journal, held from the beginning.
    pub fn batch(&mut self, count: u64, text: &str) -> Batch {
        let first = self.size();
        let entries = self.write(count, text);
        let checkpoint = self.checkpoint().note().to_vec();
        let (journal, size) = (self.id, self.size());
        let run = NewRun { journal, first, size, bytes: 500 * count, checkpoint };
        let journals = vec![(self.record(true), first)];
        Batch { journals, entries, runs: vec![run], ..Batch::default() }
    }

    fn checkpoint(&self) -> SignedCheckpoint {
        let frontier = &self.frontier;
        let (size, root) = (frontier.size(), frontier.root());
        journal::Checkpoint { journal: self.id, size, root }.sign(&self.signer)
    }

    fn item(&self, sequence: u64, bodies: bool) -> ParcelItem {
        let index = usize::try_from(sequence).expect("samples are small");
        let entry = &self.entries[index];
        let subtree = |Subtree { level, number }: Subtree| {
            let mut frontier = Frontier::default();
            let (first, count) = ((number << level) as usize, 1 << level);
            self.entries.get(first..first + count)?.iter().for_each(|e| frontier.push(e.leaf()));
            Some(frontier.root())
        };
        let path = merkle::path(sequence, self.size(), &subtree).expect("the leaf is in the tree");
        let body = entry.body().filter(|_| bodies).map(<[u8]>::to_vec);
        ParcelItem { header: entry.header_bytes().to_vec(), body, sealed: None, path }
    }

    fn entry(&self, sequence: u64, text: &str) -> Entry {
        let hand = Hand { officer: "0417".into(), ..Hand::default() };
        let mut header = Header::plain(self.id, sequence, Kind::Noted, Default::default());
        header.hand = hand;
        header.case = Some(CaseId([7; 16]));
        let words = entry::Content::Noted(wire::Noted { text: text.into() });
        // Every third has a sealed part, as an intake with a petitioner has.
        let sealed = (sequence % 3 == 2).then(|| part(sequence));
        Entry::write_sealed(header, words, [3; 16], sealed)
    }
}

/// The key of the case of every entry here.
fn case_key() -> CaseKey {
    CaseKey::of(CaseId([7; 16]), &[8; 32])
}

fn part(sequence: u64) -> SealedPart {
    let nonce = [u8::try_from(sequence % 251).expect("below 251"); 24];
    SealedPart::seal(&case_key(), b"whoever it is", &nonce).expect("a short text")
}

/// A rule pack that the office at place 2 issued in its entry `sequence`.
#[must_use]
pub fn issued(sequence: u64, text: &str) -> IssuedRules {
    let entry = EntryId { journal: journal_id(2, 1), sequence };
    IssuedRules { entry, form: 1, file: "x.toml".into(), text: text.to_owned() }
}

/// A sealing key that the office at place 2 announced in its entry `sequence`.
#[must_use]
pub fn announced(sequence: u64, organ: &str) -> AnnouncedKey {
    let seed = [u8::try_from(sequence % 251).expect("below 251"); 32];
    AnnouncedKey {
        entry: EntryId { journal: journal_id(2, 1), sequence },
        organ: organ.to_owned(),
        generation: 1,
        key: SealingKey::from_seed(&seed).public().clone(),
    }
}

/// A sealed report of the office at place 2 in its entry `sequence`, with its ciphertext or without.
#[must_use]
pub fn report(sequence: u64, whole: bool) -> ReportRecord {
    ReportRecord {
        entry: EntryId { journal: journal_id(2, 1), sequence },
        leaf: Digest([4; 32]),
        case: CaseId([7; 16]),
        key: whole.then(|| case_key().id()),
        recorded_at: -9,
    }
}

/// An entry as a store should give it back.
#[must_use]
pub fn stored(entry: &VerifiedEntry) -> StoredEntry {
    let proof = match entry.standing() {
        Standing::InJournal => None,
        Standing::Proved { checkpoint, path } => Some((checkpoint.clone(), path.clone())),
    };
    let Parts { header, body, sealed } = entry.entry().clone().into_parts();
    StoredEntry { id: entry.id(), header, body, sealed, proof }
}

/// The case numbered `n`, with everything set that can be.
#[must_use]
pub fn case(n: u8) -> CaseRecord {
    CaseRecord {
        row: 0,
        id: CaseId([n; 16]),
        number: Some(format!("410221101-2026-{n:05}")),
        state: Some(2),
        holder: Some((place(1), "民政".into())),
        title: format!("第{n}号信访件𠮷"),
        opened_at: 1_790_000_000_000 + i64::from(n),
        due_on: Some(20_000 + i32::from(n)),
        open: n % 4 != 3,
        waiting: n % 2 == 1,
        parked: n % 3 == 1,
        contested: n % 5 == 1,
        facts: vec![n; 40],
    }
}

/// The ledger from place `from` to place `to` in its life numbered `life`.
#[must_use]
pub fn ledger_id(from: usize, to: usize, life: u8) -> LedgerId {
    LedgerId { from: place(from), to: place(to), epoch: LinkEpoch([life; 16]) }
}

/// The passage behind `head`, of entries of `journal`.
#[must_use]
pub fn passage(head: &Head, journal: JournalId, span: Span) -> PassageRecord {
    let sent_at = 1_790_000_000_000;
    let record = head.next(sent_at, journal, span, &[Digest([1; 32])]);
    PassageRecord { record, position: 3, stored_at: None }
}

/// Where a ledger stands with `head`.
#[must_use]
pub fn ledger(peer: usize, direction: Direction, head: Head) -> LedgerRecord {
    let proved = Some((head.number, [head.number as u8; 64]));
    LedgerRecord { peer: place(peer), direction, head, position: 9, proved, proved_at: -5 }
}

/// The tile `number` of a level with `width` hashes that begin with `fill`.
#[must_use]
pub fn tile(level: u8, number: u64, width: u8, fill: u8) -> Tile {
    let hashes = (0..width).map(|n| Digest::of(&[&[fill, n]])).collect();
    Tile { id: TileId { level, number }, hashes }
}

/// A journal by number, of one of [`PLACES`].
#[must_use]
pub fn journal_id(index: usize, epoch: u8) -> JournalId {
    JournalId { author: place(index), epoch: Epoch([epoch; 16]) }
}

/// A cosignature on a journal of `size`, by one of [`PLACES`].
#[must_use]
pub fn cosignature(by: usize, size: u64) -> Cosignature {
    let root = Digest::of(&[&size.to_be_bytes()]);
    let (journal, by) = (journal_id(0, 1), journal_id(by, 1));
    Cosignature {
        journal, by, size, root, at: 1_790_000_000 + size, line: format!("— 县 {size}")
    }
}

/// The head of a watched journal of `size`.
#[must_use]
pub fn watched(epoch: u8, size: u64) -> HeadRecord {
    let root = Digest::of(&[&size.to_be_bytes()]);
    let (note, seen_at) = (vec![epoch; 9], -(size.cast_signed()));
    HeadRecord { journal: journal_id(1, epoch), size, root, note, seen_at }
}

/// Something raised by the office at place 2 in its entry `sequence`.
#[must_use]
pub fn raised(sequence: u64, gist: u8) -> RaisedRecord {
    RaisedRecord {
        entry: EntryId { journal: journal_id(2, 1), sequence },
        kind: 4,
        about: journal_id(1, 1),
        place: sequence + 100,
        gist: Digest([gist; 32]),
        raised_at: -7,
    }
}

/// Everything a store answers, asked in small pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// All journals whose admission is known.
    pub journals: Vec<JournalRecord>,
    /// All entries of the journals asked for.
    pub entries: Vec<StoredEntry>,
    /// Tiles of levels 0 to 2, numbers 0 to 2, of the journals asked for, in order.
    pub tiles: Vec<(JournalId, Tile)>,
    /// All runs.
    pub runs: Vec<RunRecord>,
    /// Parcels for each of [`PLACES`].
    pub parcels: Vec<(DivisionCode, ParcelRecord)>,
    /// All cases.
    pub cases: Vec<CaseRecord>,
    /// Ledgers with each of [`PLACES`].
    pub ledgers: Vec<LedgerRecord>,
    /// Passages of the lives 1 and 2 of all ledgers between [`PLACES`].
    pub passages: Vec<PassageRecord>,
    /// Cosignatures on the journal that [`cosignature`] makes them for.
    pub cosignatures: Vec<Cosignature>,
    /// Heads that [`watched`] makes, of epochs 1 and 2.
    pub heads: Vec<HeadRecord>,
    /// What was raised, the newest first.
    pub raised: Vec<RaisedRecord>,
    /// Rules that were issued.
    pub issued: Vec<IssuedRules>,
    /// Announced sealing keys.
    pub sealing_keys: Vec<AnnouncedKey>,
    /// Sealed reports, the newest first.
    pub reports: Vec<ReportRecord>,
    /// Counters by division.
    pub counters: Vec<Counter>,
    /// Blocks in order.
    pub blocks: Vec<u32>,
    /// How much is held.
    pub tally: Tally,
}

impl Content {
    /// Asks `store` everything; entries and tiles of `journals`.
    pub async fn of(store: &dyn Store, journals: &[JournalId]) -> Result<Self, StoreError> {
        let (mut entries, mut tiles) = (Vec::new(), Vec::new());
        for journal in journals {
            entries.extend(whole_journal(store, *journal).await?);
            let ids: Vec<TileId> = (0..3)
                .flat_map(|level| (0..3).map(move |number| TileId { level, number }))
                .collect();
            let mut found = store.tiles(*journal, &ids).await?;
            found.sort_by_key(|tile| tile.id);
            tiles.extend(found.into_iter().map(|tile| (*journal, tile)));
        }
        let (parcels, ledgers, passages) = links(store).await?;
        let mut counters = store.counters().await?;
        counters.sort_by_key(|counter| counter.to);
        let mut blocks = store.blocks().await?;
        blocks.sort_unstable();
        let mut heads = Vec::new();
        for epoch in 1..3 {
            heads.extend(store.head(journal_id(1, epoch)).await?);
        }
        Ok(Self {
            journals: store.journals().await?,
            entries,
            tiles,
            runs: all_runs(store).await?,
            parcels,
            cases: all_cases(store).await?,
            ledgers,
            passages,
            cosignatures: store.cosignatures(journal_id(0, 1)).await?,
            heads,
            raised: all_raised(store).await?,
            issued: store.issued_rules().await?,
            sealing_keys: store.sealing_keys().await?,
            reports: store.reports(u64::MAX, PAGE).await?.into_iter().map(|(_, one)| one).collect(),
            counters,
            blocks,
            tally: store.tally().await?,
        })
    }
}

async fn whole_journal(
    store: &dyn Store,
    journal: JournalId,
) -> Result<Vec<StoredEntry>, StoreError> {
    let mut all: Vec<StoredEntry> = Vec::new();
    loop {
        let from = all.last().map_or(0, |entry| entry.id.sequence + 1);
        let page = store.entries(journal, from, PAGE).await?;
        assert!(page.iter().all(|entry| entry.id.sequence >= from), "a page begins where asked");
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

async fn all_runs(store: &dyn Store) -> Result<Vec<RunRecord>, StoreError> {
    let mut all: Vec<RunRecord> = Vec::new();
    loop {
        let after = all.last().map_or(0, |run| run.position);
        let page = store.runs(after, PAGE).await?;
        assert!(page.iter().all(|run| run.position > after), "a page begins behind its place");
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

async fn all_cases(store: &dyn Store) -> Result<Vec<CaseRecord>, StoreError> {
    let mut all: Vec<CaseRecord> = Vec::new();
    loop {
        let after = all.last().map_or(0, |case| case.row);
        let page = store.cases_after(after, PAGE).await?;
        assert!(page.iter().all(|case| case.row > after), "a page begins behind its place");
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

async fn all_raised(store: &dyn Store) -> Result<Vec<RaisedRecord>, StoreError> {
    let (mut all, mut before) = (Vec::new(), u64::MAX);
    loop {
        let page = store.raised(before, PAGE).await?;
        let Some((last, _)) = page.last() else { return Ok(all) };
        assert!(*last < before, "a page ends before its beginning");
        before = *last;
        all.extend(page.into_iter().map(|(_, raised)| raised));
    }
}

type Links = (Vec<(DivisionCode, ParcelRecord)>, Vec<LedgerRecord>, Vec<PassageRecord>);

async fn links(store: &dyn Store) -> Result<Links, StoreError> {
    let (mut parcels, mut ledgers, mut passages) = (Vec::new(), Vec::new(), Vec::new());
    for (index, _) in PLACES.iter().enumerate() {
        let mut after = 0;
        loop {
            let page = store.parcels(place(index), after, PAGE).await?;
            let Some(last) = page.last() else { break };
            assert!(last.position > after, "a page ends behind its beginning");
            after = last.position;
            parcels.extend(page.into_iter().map(|parcel| (place(index), parcel)));
        }
        ledgers.extend(store.ledger(place(index), Direction::Out).await?);
        ledgers.extend(store.ledger(place(index), Direction::In).await?);
        for to in 0..PLACES.len() {
            for life in 1..3 {
                let found = store.passages(ledger_id(index, to, life), 0, u32::MAX).await?;
                passages.extend(found);
            }
        }
    }
    Ok((parcels, ledgers, passages))
}
