//! The life of an office lived again, with a lie in it.
//!
//! Own entries and what came from the superior pass through the archive once more, in the order of their hours. The
//! archive asks for the hour and for salts as always; it gets those of the entries that are written again, so that
//! entries before the lie come out the same to the byte. Then follows what an archive does not make by itself: the
//! part of the outgoing ledger that still fits, signatures of others, watched heads, and the checkpoint file.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use terrace_node::archive::{Archive, Draft, Identity, enrolling};
use terrace_node::store::sqlite::SqliteStore;
use terrace_node::store::{Batch, Direction, LedgerRecord, PassageRecord, Store};
use terrace_node::surroundings::{Chance, Clock};
use terrace_node::watermark::{CheckpointFile, MemoryWatermark, Watermark as _};
use terrace_proto::digest::Digest;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::days_of;
use terrace_proto::entry::{Content, Entry, EntryId};
use terrace_proto::journal::{Frontier, SignedCheckpoint, verify_stored};
use terrace_proto::ledger::{Head, Span};
use terrace_proto::session::{Delivery, Passed};

use super::{ALL, Insider, Lie, Trouble};

/// Days from reception to the first duty, as the desk pins them (R2022 22).
const TRIAGE_DAYS: i32 = 15;

/// Hours and salts that the archive is told, each once and the last hour for ever.
#[derive(Debug, Clone, Default)]
struct Script(Arc<Mutex<Said>>);

#[derive(Debug, Default)]
struct Said {
    hours: VecDeque<Timestamp>,
    salts: VecDeque<[u8; 16]>,
}

impl Script {
    fn say(&self, hours: impl IntoIterator<Item = Timestamp>, salts: Vec<[u8; 16]>) {
        let mut said = self.0.lock().expect("no one panics while holding it");
        *said = Said { hours: hours.into_iter().collect(), salts: salts.into() };
    }
}

impl Clock for Script {
    fn now(&self) -> Timestamp {
        let mut said = self.0.lock().expect("no one panics while holding it");
        let more = said.hours.len() > 1;
        let next = if more { said.hours.pop_front() } else { said.hours.front().copied() };
        next.unwrap_or_default()
    }
}

impl Chance for Script {
    fn fill(&mut self, bytes: &mut [u8]) {
        let salt = self.0.lock().expect("no one panics while holding it").salts.pop_front();
        bytes.copy_from_slice(&salt.expect("a salt is said for every entry"));
    }
}

/// One thing that happened to the office.
enum Event {
    /// It wrote a run: entries from the first, so many.
    Wrote(u64, u64),
    /// A passage came from the superior.
    Came(PassageRecord),
}

struct Forging<'a> {
    insider: &'a Insider,
    lie: &'a Lie,
    archive: Archive,
    script: Script,
    /// New leaves of entries that are written again.
    leaves: BTreeMap<Digest, Digest>,
    /// Sequences below this are the same in both histories.
    same: u64,
}

/// Writes the forged database and the checkpoint file that goes with it.
pub(super) async fn forge(insider: &Insider, lie: &Lie, path: &Path) -> Result<(), Trouble> {
    let store = Arc::new(SqliteStore::open(path).await?);
    let script = Script::default();
    let archive = open(&insider.identity, store.clone(), script.clone()).await?;
    let mut forging =
        Forging { insider, lie, archive, script, leaves: BTreeMap::new(), same: u64::MAX };
    forging.enrol().await?;
    for event in forging.life().await? {
        match event {
            Event::Wrote(first, count) => forging.write(first, count).await?,
            Event::Came(passage) => forging.take(passage).await?,
        }
    }
    forging.sign_for_others().await?;
    let me = insider.identity.me;
    let own = store.journal(me).await?.ok_or("no journal of its own")?;
    let note = own.checkpoint.ok_or("an empty journal")?;
    let signed = SignedCheckpoint::read(&note, me, &own.key).ok_or("a head it did not sign")?;
    CheckpointFile::at(&insider.folder.checkpoint()).raise(&signed)?;
    drop(forging);
    Ok(Arc::into_inner(store).ok_or("the forged store is still read")?.close().await?)
}

async fn open(
    identity: &Identity,
    store: Arc<SqliteStore>,
    script: Script,
) -> Result<Archive, Trouble> {
    if store.journal(identity.me).await?.is_none() {
        enrolling::found(store.as_ref(), identity).await?;
    }
    let (mark, clock) = (Box::new(MemoryWatermark::default()), Arc::new(script.clone()));
    Ok(Archive::open(identity.clone(), store, mark, clock, Box::new(script)).await?)
}

impl Forging<'_> {
    /// Believes the same chain of admissions as before.
    async fn enrol(&mut self) -> Result<(), Trouble> {
        let insider = self.insider;
        let journals = insider.store.journals().await?;
        let is_root = |id: DivisionCode| id == DivisionCode::HUB;
        let root = journals.iter().find(|one| is_root(one.id.author) && one.admitted_by.is_none());
        let root = root.filter(|root| root.id != insider.identity.me);
        let Some(root) = root else { return Ok(()) };
        let store = insider.store.clone();
        // Only read: what he forges is another store.
        let me = &insider.identity;
        let (mark, clock) = (Box::new(MemoryWatermark::default()), Arc::new(self.script.clone()));
        let chance = Box::new(self.script.clone());
        let mut before = Archive::open(me.clone(), store, mark, clock, chance).await?;
        let chain = before.admission_chain(me.me).await?;
        Ok(self.archive.enrolled((root.id, root.key), chain).await?)
    }

    /// All that happened, in the order of its hours.
    async fn life(&self) -> Result<Vec<Event>, Trouble> {
        let (store, me) = (&self.insider.store, self.insider.identity.me);
        let mut life = Vec::new();
        for run in store.runs(0, ALL).await? {
            if run.run.journal != me {
                return Err("this insider sits at an office without subordinates".into());
            }
            let (first, count) = (run.run.first, run.run.size - run.run.first);
            let last = usize::try_from(run.run.size - 1)?;
            let hour = self.insider.own[last].header().recorded_at.as_millisecond();
            life.push((hour, Event::Wrote(first, count)));
        }
        for passage in self.passages(Direction::In).await?.1 {
            let denied =
                matches!(self.lie, Lie::NeverCame(_, from) if passage.record.head.number >= *from);
            if !denied {
                life.push((passage.stored_at.unwrap_or_default(), Event::Came(passage)));
            }
        }
        life.sort_by_key(|(hour, _)| *hour);
        Ok(life.into_iter().map(|(_, event)| event).collect())
    }

    async fn passages(
        &self,
        direction: Direction,
    ) -> Result<(Option<LedgerRecord>, Vec<PassageRecord>), Trouble> {
        let (store, superior) = (&self.insider.store, self.insider.identity.superior);
        let Some(superior) = superior else { return Ok((None, Vec::new())) };
        let Some(ledger) = store.ledger(superior, direction).await? else {
            return Ok((None, Vec::new()));
        };
        let passages = store.passages(ledger.head.ledger, 1, ALL).await?;
        Ok((Some(ledger), passages))
    }

    /// Writes a run again, without what never was.
    async fn write(&mut self, first: u64, count: u64) -> Result<(), Trouble> {
        let from = usize::try_from(first)?;
        let own = &self.insider.own[from..from + usize::try_from(count)?];
        let (mut drafts, mut hours, mut salts, mut before) = (vec![], vec![], vec![], vec![]);
        for entry in own {
            let Some((draft, hour)) = self.retold(entry) else {
                self.same = self.same.min(entry.header().sequence);
                continue;
            };
            drafts.push(draft);
            hours.push(hour);
            salts.push(salt(entry)?);
            before.push(entry);
        }
        self.script.say(hours, salts);
        let (written, _) = self.archive.append(drafts).await?;
        for (old, new) in before.into_iter().zip(written) {
            self.leaves.insert(old.leaf(), new.leaf());
            if old.leaf() != new.leaf() {
                self.same = self.same.min(old.header().sequence);
            }
        }
        Ok(())
    }

    /// An entry as the lie has it, with its hour; `None` where it never was.
    fn retold(&self, entry: &Entry) -> Option<(Draft, Timestamp)> {
        let header = entry.header();
        let mut content = entry.content()?;
        let (mut hour, mut received_on) = (header.recorded_at, header.received_on);
        match self.lie {
            Lie::NeverWas(case) | Lie::NeverCame(case, _) if header.case == Some(*case) => {
                return None;
            }
            Lie::RecordedAt(sequence, at) if header.sequence == *sequence => hour = *at,
            Lie::CameOn(case, day) if header.case == Some(*case) => {
                if let Content::CaseOpened(opened) = &mut content {
                    opened.due.iter_mut().for_each(|due| due.due_on = days_of(*day) + TRIAGE_DAYS);
                } else {
                    received_on = Some(*day);
                }
            }
            Lie::NeverWas(_) | Lie::NeverCame(..) | Lie::RecordedAt(..) | Lie::CameOn(..) => {}
        }
        let renamed = |leaf: Digest| self.leaves.get(&leaf).copied().unwrap_or(leaf);
        let custody = header.custody_to.clone().map(|to| (header.custody_from.clone(), to));
        let mut place = header.place.clone();
        // The entry right before it in the same run has no new leaf yet: the archive fills it in.
        let fresh = |leaf: &Digest| {
            self.insider.own.iter().any(|one| one.leaf() == *leaf)
                && !self.leaves.contains_key(leaf)
        };
        let after_previous =
            place.as_ref().and_then(|place| place.predecessor).as_ref().is_some_and(fresh);
        if let Some(place) = &mut place {
            place.predecessor = place.predecessor.map(renamed);
        }
        let draft = Draft {
            considered: Vec::new(),
            cleared: None,
            sealed: entry.sealed().cloned(),
            hand: header.hand.clone(),
            received_on,
            case: header.case,
            place,
            after_previous,
            custody,
            audience_added: header.audience_added.clone(),
            addressee: header.address.map(|address| address.division),
            settles: header.settles.map(renamed),
            content,
        };
        Some((draft, hour))
    }

    /// Takes a passage of the superior again, as it came.
    async fn take(&mut self, passage: PassageRecord) -> Result<(), Trouble> {
        let record = passage.record;
        let journal = record.journal;
        let Span::Picked(sequences) = &record.span else {
            return Err("a superior sends no runs".into());
        };
        let ids: Vec<EntryId> =
            sequences.iter().map(|sequence| EntryId { journal, sequence: *sequence }).collect();
        let key = self.insider.store.journal(journal).await?.ok_or("no key of an author")?.key;
        let mut entries = Vec::new();
        for id in ids {
            let stored = self.insider.store.entries_at(&[id]).await?.pop();
            let mut stored = stored.ok_or("an entry of a passage is not held")?;
            let (checkpoint, path) = stored.proof.take().ok_or("an entry without its proof")?;
            let entry = stored.into_entry()?;
            entries.push(verify_stored(entry, &checkpoint, path, &key)?);
        }
        let stored_at = Timestamp::from_millisecond(passage.stored_at.unwrap_or_default())?;
        self.script.say([stored_at], Vec::new());
        // The store keeps the signature on the last passage only; others he may have or not.
        let signed = self.insider.signatures.at(record.head.ledger, record.head.number);
        let head_signature = signed.map_or([0; 64], |(signature, _)| signature);
        let delivery = Delivery { record, head_signature, passed: Passed::Parcel(entries) };
        let superior = self.insider.identity.superior.ok_or("the root receives nothing")?;
        self.archive.receive(superior, vec![delivery]).await?;
        Ok(())
    }

    /// Keeps of what others signed, and of what was sent, all that the forged journal does not contradict.
    async fn sign_for_others(&mut self) -> Result<(), Trouble> {
        let (insider, store) = (self.insider, self.archive.store().clone());
        let me = insider.identity.me;
        let mut roots = vec![Frontier::default().root()];
        let mut frontier = Frontier::default();
        for stored in store.entries(me, 0, ALL).await? {
            frontier.push(terrace_proto::entry::leaf_of(&stored.header));
            roots.push(frontier.root());
        }
        let root = |size: u64| roots.get(usize::try_from(size).ok()?).copied();
        let mut batch =
            Batch { cosignatures: insider.signatures.fitting(root), ..Batch::default() };
        for journal in insider.store.journals().await? {
            batch.heads.extend(insider.store.head(journal.id).await?);
        }
        if let (Some(ledger), passages) = self.passages(Direction::Out).await? {
            self.sent(&mut batch, &ledger, passages);
        }
        store.commit(batch).await?;
        let used: BTreeSet<u32> = store.blocks().await?.into_iter().collect();
        for block in insider.store.blocks().await? {
            if !used.contains(&block) {
                store.commit(Batch { block: Some(block), ..Batch::default() }).await?;
            }
        }
        Ok(())
    }

    /// The outgoing ledger, as far as it speaks of entries that are the same in both histories.
    fn sent(&self, batch: &mut Batch, ledger: &LedgerRecord, passages: Vec<PassageRecord>) {
        let still = |passage: &PassageRecord| match passage.record.span {
            Span::Run { first, count } => first + count <= self.same,
            Span::Picked(_) => false,
        };
        batch.passages = passages.into_iter().take_while(still).collect();
        let last = batch.passages.last();
        let head = last.map_or(Head::start(ledger.head.ledger), |last| last.record.head);
        let position = last.map_or(0, |last| last.position);
        let signed = self.insider.signatures.up_to(head.ledger, head.number);
        let proved = signed.map(|(number, signature, _)| (number, signature));
        let proved_at = signed.map_or(0, |(_, _, at)| at);
        let kept = LedgerRecord { head, position, proved, proved_at, ..ledger.clone() };
        batch.ledgers.push(kept);
    }
}

/// The salt of an entry's words: what a body begins with, behind its tag and length.
fn salt(entry: &Entry) -> Result<[u8; 16], Trouble> {
    let body = entry.body().ok_or("an own entry without its words")?;
    let salt = body.get(2..18).and_then(|salt| <[u8; 16]>::try_from(salt).ok());
    Ok(salt.ok_or("words without a salt")?)
}
