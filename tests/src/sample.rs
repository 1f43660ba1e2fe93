//! Samples: small authors with real keys, whose entries are proved as the product proves them, and the
//! whole content of a store as one value.
//!
//! An [`Author`] writes a journal and gives it out as a run, as stubs or singly with inclusion paths; [`Content`] is what
//! a store holds. Nothing here is random: the same calls give the same bytes.

mod content;

pub use content::Content;

use jiff::civil::date;
use terrace_node::store::{
    AnnouncedKey, CountedRecord, IssuedRules, ReportRecord, Rolled, SketchRecord,
};
use terrace_node::store::{
    Batch, CaseRecord, Cosignature, Direction, HeadRecord, JournalRecord, LedgerRecord, NewRun,
    PassageRecord, RaisedRecord, StoredEntry,
};
use terrace_proto::alike::{Grams, Sketch};
use terrace_proto::digest::{CaseId, Digest, Epoch, LinkEpoch};
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::Parts;
use terrace_proto::entry::header::Hand;
use terrace_proto::entry::{
    self, Entry, EntryId, Header, JournalId, Kind, Standing, VerifiedEntry,
};
use terrace_proto::figure::Figure;
use terrace_proto::figure::cell::Changes;
use terrace_proto::figure::measured::Measured;
use terrace_proto::figure::share::Share;
use terrace_proto::journal::merkle::{self, Subtree};
use terrace_proto::journal::tile::TileId;
use terrace_proto::journal::{self, Frontier, Held, ParcelItem, SignedCheckpoint, Tile};
use terrace_proto::key::Signer;
use terrace_proto::ledger::{Head, LedgerId, Span};
use terrace_proto::roll::pace::{Pace, Trail};
use terrace_proto::seal::{CaseKey, SealedPart, SealingKey};
use terrace_proto::wire;

/// Divisions that stand in samples: a township, its county, city and province.
pub const PLACES: [&str; 4] = ["410221101", "410221", "4102", "41"];

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
        let stored_at = 1_790_000_000_000;
        let run = NewRun { journal, first, size, bytes: 500 * count, stored_at, checkpoint };
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

/// An entry `sequence` of the office at place 2 on a roll.
#[must_use]
pub fn rolled(sequence: u64, roll: u32, case: Option<u8>) -> Rolled {
    let entry = EntryId { journal: journal_id(2, 1), sequence };
    Rolled { entry, roll, case: case.map(|number| CaseId([number; 16])) }
}

/// What a case adds to a figure of the county of [`PLACES`].
#[must_use]
pub fn counted(day: u64, case: u8) -> CountedRecord {
    CountedRecord { case: CaseId([case; 16]), measured: measured(day) }
}

/// The cells that [`counted`] changes.
#[must_use]
pub fn cells(day: u64) -> Changes {
    let mut changes = Changes::default();
    changes.add(&[measured(day)], Tree::national(), place(3));
    changes
}

fn measured(day: u64) -> Measured {
    let day = date(2026, 3, 1) + jiff::Span::new().days(i64::try_from(day).unwrap_or(0));
    let share = Share { of: 1, all: 2 };
    Measured { figure: Figure::OnSchedule, facet: 0, office: place(1), day, share }
}

/// A sketch of the case in a row.
#[must_use]
pub fn sketched(row: u64) -> SketchRecord {
    SketchRecord {
        place: place(2),
        row,
        case: CaseId([5; 16]),
        category: 3,
        sketch: Sketch::of(&Grams::of("村口路灯不亮")),
    }
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
        former: (n % 4 == 1).then(|| format!("旧{n:05}")),
        state: Some(2),
        holder: Some((place(1), "民政".into())),
        title: format!("第{n}号信访件𠮷"),
        opened_at: 1_790_000_000_000 + i64::from(n),
        due_on: Some(20_000 + i32::from(n)),
        open: n % 4 != 3,
        waiting: n % 2 == 1,
        parked: n % 3 == 1,
        contested: n % 5 == 1,
        pace: Some(pace(n)),
        facts: vec![n; 40],
    }
}

/// How the case numbered `n` moves: by `n` in one of the ways in which a case can stand still, or in none.
fn pace(n: u8) -> Pace {
    let idle_since = date(2026, 6, 1).saturating_add(jiff::Span::new().days(n % 7));
    Pace {
        idle_since: (!n.is_multiple_of(3)).then_some(idle_since),
        unserved: n % 4 == 2,
        unexecuted: n.is_multiple_of(5),
        trail: (n % 4 != 3).then(|| Trail { reopened: u32::from(n % 3), hops: u32::from(n % 6) }),
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
