//! Follows every journal: those held from their beginning to their signed heads, of others each entry by its proof.

use std::collections::BTreeMap;

use jiff::Timestamp;
use prost::Message as _;
use terrace_proto::audit::{
    AddresseeCheck, ClockCheck, EntryCheck, Finding, Opened, RootCheck, check_silence,
};
use terrace_proto::digest::Digest;
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::{Content, EntryId, Glance, JournalId};
use terrace_proto::journal::checkpoint::Cosigned;
use terrace_proto::journal::{Checkpoint, ParcelItem, verify_parcel};
use terrace_proto::note::Note;
use terrace_proto::wire;

use super::root;
use super::telling::Telling;
use super::{AuditError, Books};
use crate::store::{Cosignature, EntryBytes, JournalRecord, StoredEntry};

/// Entries shown between two words on how far the audit has come. Nothing of them is kept.
const SHOWN: u64 = 65_536;
/// Entries with proofs read at once.
const PAGE: u32 = 2_048;

/// What following the journals has shown beside findings.
#[derive(Debug, Default)]
pub(super) struct Followed {
    /// Entries that belong to cases.
    pub(super) in_cases: u64,
    /// Who says to have opened which reports.
    pub(super) opened: Opened,
}

/// Verifies the journals that were asked for.
pub(super) async fn verify(books: &Books, telling: &mut Telling) -> Result<Followed, AuditError> {
    let whole = books.store.tally().await?.entries;
    let mut followed = Followed::default();
    for journal in books.journals.values() {
        if !telling.question().wants_places([journal.id.author].into_iter()) {
            continue;
        }
        telling.summary.journals += 1;
        if journal.whole {
            let witness = cosignature(books, telling, journal.id).await?;
            follow(books, telling, (journal, witness.as_ref(), whole), &mut followed).await?;
        } else {
            followed.in_cases += prove(books, telling, journal, whole).await?;
        }
    }
    Ok(followed)
}

/// The farthest line of another under a journal's head that holds: the superior's, or a witness's.
pub(super) async fn cosignature(
    books: &Books,
    telling: &mut Telling,
    journal: JournalId,
) -> Result<Option<Cosignature>, AuditError> {
    let mut farthest: Option<Cosignature> = None;
    for signed in books.store.cosignatures(journal).await? {
        let checkpoint = Checkpoint { journal, size: signed.size, root: signed.root };
        let key = books.journals.get(&signed.by).map(|by| by.key);
        let holds = key
            .is_some_and(|key| Cosigned::read(checkpoint, &signed.line, signed.by, &key).is_some());
        if !holds {
            telling.found([Finding::Cosignature { journal, size: signed.size }]).await?;
        } else if farthest.as_ref().is_none_or(|far| far.size < signed.size) {
            farthest = Some(signed);
        }
    }
    Ok(farthest)
}

/// Offices of the subtree of which nothing came for too long.
pub(super) async fn silence(books: &Books, telling: &mut Telling) -> Result<(), AuditError> {
    let mut newest: BTreeMap<DivisionCode, Option<i64>> = BTreeMap::new();
    for journal in books.whole().filter(|journal| books.is_below(journal.id.author)) {
        let stored = newest.entry(journal.id.author).or_default();
        *stored = (*stored).max(journal.stored_at);
    }
    for (office, stored) in newest {
        let stored = stored.and_then(|at| Timestamp::from_millisecond(at).ok());
        let Some(since) = stored.or_else(|| books.enrolled.since(office)) else { continue };
        let allowance = telling.question().allowance;
        telling.found(check_silence(office, since, books.now, &allowance)).await?;
    }
    Ok(())
}

/// What follows a journal held from its beginning.
struct Following {
    entries: EntryCheck,
    root: root::Following,
    clock: ClockCheck,
    addressed: AddresseeCheck,
    in_cases: u64,
    /// Reports that this office says to have opened.
    opened: Vec<Digest>,
    /// Sequence behind the last entry shown.
    next: u64,
    findings: Vec<Finding>,
}

impl Following {
    fn entry(&mut self, entry: EntryBytes<'_>) {
        self.next = entry.sequence + 1;
        let (leaf, glance) = self.entries.entry(entry.sequence, entry.header, entry.body);
        self.root.leaf(leaf);
        let Some(glance) = glance else { return };
        self.in_cases += u64::from(glance.in_case);
        if glance.opens_report {
            self.opened.extend(entry.body.and_then(opened));
        }
        self.findings.extend(self.clock.entry(&glance));
        if glance.address.is_some() {
            self.findings.extend(self.addressed.entry(&glance));
        }
    }
}

/// The report that an entry says was opened.
fn opened(body: &[u8]) -> Option<Digest> {
    let Some(Content::Unsealed(said)) = wire::Body::decode(body).ok()?.content else { return None };
    Digest::read(&said.leaf)
}

async fn follow(
    books: &Books,
    telling: &mut Telling,
    (journal, witness, whole): (&JournalRecord, Option<&Cosignature>, u64),
    followed: &mut Followed,
) -> Result<(), AuditError> {
    let mut check = RootCheck::new(journal.id);
    if let Some(cosigned) = witness {
        check = check.witnessed(cosigned.size, cosigned.root);
    }
    let mut following = Following {
        entries: EntryCheck::new(journal.id),
        root: root::Following::begin(check),
        clock: ClockCheck::new(telling.question().allowance.clock_millis()),
        addressed: AddresseeCheck::default(),
        in_cases: 0,
        opened: Vec::new(),
        next: 0,
        findings: Vec::new(),
    };
    loop {
        let from = following.next;
        let mut see = |entry: EntryBytes<'_>| following.entry(entry);
        let shown = books.store.each_entry(journal.id, from, SHOWN, &mut see).await?;
        telling.summary.entries += shown;
        telling.found(following.entries.take_findings()).await?;
        telling.found(std::mem::take(&mut following.findings)).await?;
        if shown < SHOWN {
            break;
        }
        telling.progress("entries", telling.summary.entries, whole).await?;
    }
    telling.found(following.clock.finish()).await?;
    let note = journal.checkpoint.as_deref().unwrap_or_default();
    let (size, key) = (journal.frontier.size(), &journal.key);
    telling.found(following.entries.finish(size)).await?;
    let root = following.root.finish().await?;
    telling.found(root.finish(size, note, key)).await?;
    followed.in_cases += following.in_cases;
    for report in following.opened {
        followed.opened.note(report, journal.id.author);
    }
    Ok(())
}

/// Proves the entries of a journal that is not held from its beginning.
async fn prove(
    books: &Books,
    telling: &mut Telling,
    journal: &JournalRecord,
    whole: u64,
) -> Result<u64, AuditError> {
    let mut addressed = AddresseeCheck::default();
    let (mut from, mut in_cases) = (0, 0);
    loop {
        let page = books.store.entries(journal.id, from, PAGE).await?;
        let Some(last) = page.last() else { return Ok(in_cases) };
        from = last.id.sequence + 1;
        telling.summary.entries += page.len() as u64;
        for entry in &page {
            let Ok(glance) = Glance::read(&entry.header) else { continue };
            in_cases += u64::from(glance.in_case);
            // Of such a journal, all that is addressed to this subtree must be here.
            let here = glance
                .address
                .is_some_and(|(to, _)| Tree::national().is_within(to, books.me.author));
            if here {
                telling.found(addressed.entry(&glance)).await?;
            }
        }
        telling.found(proofs(journal, page)).await?;
        telling.progress("entries", telling.summary.entries, whole).await?;
    }
}

/// Checks the proofs of a page, those with one checkpoint together, and that no size was signed twice.
fn proofs(journal: &JournalRecord, page: Vec<StoredEntry>) -> Vec<Finding> {
    let mut by_checkpoint: BTreeMap<Vec<u8>, Vec<(EntryId, ParcelItem)>> = BTreeMap::new();
    for entry in page {
        let (checkpoint, path) = entry.proof.unwrap_or_default();
        let item =
            ParcelItem { header: entry.header, body: entry.body, sealed: entry.sealed, path };
        by_checkpoint.entry(checkpoint).or_default().push((entry.id, item));
    }
    let mut findings = Vec::new();
    let mut heads: BTreeMap<u64, Checkpoint> = BTreeMap::new();
    for (note, entries) in by_checkpoint {
        let first = entries[0].0;
        let items = entries.into_iter().map(|(_, item)| item).collect();
        match verify_parcel(journal.id, &journal.key, items, &note) {
            Err(error) => findings.push(Finding::Entry { entry: first, what: error.to_string() }),
            Ok(_) => findings.extend(second_head(journal.id, &note, &mut heads)),
        }
    }
    findings
}

fn second_head(
    journal: JournalId,
    note: &[u8],
    heads: &mut BTreeMap<u64, Checkpoint>,
) -> Option<Finding> {
    let head = Checkpoint::read(Note::read(note).ok()?.text(), journal)?;
    let known = heads.insert(head.size, head)?;
    (known.root != head.root).then_some(Finding::Fork { journal, size: head.size })
}
