//! Rule 3: nothing is claimed before it is durable. When an office says it has stored a passage, its disk
//! holds the entries and the ledger; when it passes something on, its disk holds the record and its
//! checkpoint file covers what is its own; what it cosigns is what the author wrote.

use std::collections::BTreeMap;

use terrace_node::store::{Direction, Store as _};
use terrace_proto::digest::{Digest, Epoch, LinkEpoch};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::{Entry, EntryId, JournalId};
use terrace_proto::journal::{Checkpoint, Frontier};
use terrace_proto::ledger::{LedgerId, Span};
use terrace_proto::note::Note;
use terrace_proto::wire::{HeadAnswered, Passage, Stored, frame::Say};

use super::Checker;
use crate::disk::at_once;
use crate::world::Offices;
use crate::world::office::Office;
use crate::world::step::{Said, Step};

/// Compares what is said with what lies on the disk of who says it.
#[derive(Debug, Default)]
pub(super) struct DurableBeforeClaimed {
    /// What each author's journal was at each size.
    roots: BTreeMap<JournalId, (Frontier, BTreeMap<u64, Digest>)>,
    /// How far each claim was looked at already.
    looked: BTreeMap<LedgerId, u64>,
}

impl Checker for DurableBeforeClaimed {
    fn rule(&self) -> &'static str {
        "3 nothing is claimed before it is durable"
    }

    fn check(&mut self, step: &Step, offices: &Offices) -> Result<(), String> {
        for (office, batch) in &step.commits {
            for entry in batch.entries.iter().filter(|e| e.id().journal.author == *office) {
                let (frontier, roots) = self.roots.entry(entry.id().journal).or_default();
                if entry.id().sequence == frontier.size() {
                    frontier.push(entry.leaf());
                    roots.insert(frontier.size(), frontier.root());
                }
            }
        }
        for said in &step.said {
            let Some(at) = offices.get(&said.from) else { continue };
            let claim = match &said.frame.say {
                Some(Say::Stored(stored)) => self.stored(at, said, stored, offices),
                Some(Say::Passage(passage)) => sent(at, said, passage),
                Some(Say::HeadAnswered(answered)) => self.witnessed(at, answered),
                Some(
                    Say::Hello(_)
                    | Say::Probe(_)
                    | Say::Place(_)
                    | Say::Refusal(_)
                    | Say::HeadOffered(_)
                    | Say::Witnessed(_)
                    | Say::KeysHanded(_)
                    | Say::KeysTaken(_)
                    | Say::SameCaseAsked(_)
                    | Say::SameCaseEvaluated(_)
                    | Say::SameCaseMarked(_)
                    | Say::SameCaseAnswered(_),
                )
                | None => Ok(()),
            };
            claim
                .map_err(|what| format!("{} to {}: {what}", said.from.short(), said.to.short()))?;
        }
        Ok(())
    }

    fn restored(&mut self, at: &Office) {
        self.looked.retain(|ledger, _| ledger.to != at.division());
    }
}

impl DurableBeforeClaimed {
    fn stored(
        &mut self,
        at: &Office,
        said: &Said,
        stored: &Stored,
        offices: &Offices,
    ) -> Result<(), String> {
        if stored.number > 0 {
            self.ledger(at, said.to, stored)?;
        }
        let Some(cosignature) = &stored.cosignature else { return Ok(()) };
        let Some(author) = offices.get(&said.to) else { return Ok(()) };
        let journal = author.identity.me;
        let held = held(at, journal)?;
        if held < cosignature.size {
            return Err(format!(
                "cosigned {} entries of {journal}, holds {held}",
                cosignature.size
            ));
        }
        let made = self.roots.get(&journal).and_then(|(_, roots)| roots.get(&cosignature.size));
        if made.map(|root| root.0.to_vec()).as_ref() != Some(&cosignature.root) {
            return Err(format!("cosigned a root of {journal} that its author never had"));
        }
        Ok(())
    }

    /// A witness has kept a head before its line leaves, and it is one that the author had.
    fn witnessed(&self, at: &Office, answered: &HeadAnswered) -> Result<(), String> {
        if answered.line.is_empty() {
            return Ok(());
        }
        let author = DivisionCode::from_number(answered.author).map_err(|e| e.to_string())?;
        let epoch = Epoch::read(&answered.epoch).ok_or("signs a head of no epoch")?;
        let journal = JournalId { author, epoch };
        let kept = read(at_once(at.disk.head(journal)))?.ok_or("signs a head it has not kept")?;
        if kept.size < answered.size {
            return Err(format!("signs {journal} at {}, kept {}", answered.size, kept.size));
        }
        let made = self.roots.get(&journal).and_then(|(_, roots)| roots.get(&kept.size));
        if made != Some(&kept.root) {
            return Err(format!("signed a head of {journal} that its author never had"));
        }
        Ok(())
    }

    /// The newest passage claimed, and those before it that were not looked at yet.
    fn ledger(&mut self, at: &Office, from: DivisionCode, stored: &Stored) -> Result<(), String> {
        let ledger = read(at_once(at.disk.ledger(from, Direction::In)))?
            .ok_or("claims a passage and has no ledger")?;
        if ledger.head.number < stored.number {
            return Err(format!(
                "claims passage {}, its ledger stands at {}",
                stored.number, ledger.head.number
            ));
        }
        let id = ledger.head.ledger;
        let seen = self.looked.get(&id).copied().unwrap_or(0).min(stored.number - 1);
        let count = u32::try_from(stored.number - seen).map_err(|error| error.to_string())?;
        let passages = read(at_once(at.disk.passages(id, seen + 1, count)))?;
        if passages.len() != count as usize {
            return Err(format!("claims passage {}, holds {}", stored.number, passages.len()));
        }
        for passage in &passages {
            let sequences: Vec<u64> = match &passage.record.span {
                Span::Run { first, count } => (*first..first + count).collect(),
                Span::Picked(sequences) => sequences.clone(),
            };
            let journal = passage.record.journal;
            let ids: Vec<EntryId> =
                sequences.into_iter().map(|sequence| EntryId { journal, sequence }).collect();
            let held = read(at_once(at.disk.entries_at(&ids)))?.len();
            if held != ids.len() {
                let number = passage.record.head.number;
                return Err(format!("claims passage {number}, holds {held} of {}", ids.len()));
            }
        }
        let newest = passages.last().map(|passage| passage.record.head.digest.0.to_vec());
        if newest.as_ref() != Some(&stored.digest) {
            return Err(format!("claims another passage {} than it keeps", stored.number));
        }
        self.looked.insert(id, stored.number);
        Ok(())
    }
}

fn held(at: &Office, journal: JournalId) -> Result<u64, String> {
    Ok(read(at_once(at.disk.journal(journal)))?.map_or(0, |record| record.frontier.size()))
}

/// A passage leaves only after its record, and what is the office's own only after its checkpoint file.
fn sent(at: &Office, said: &Said, passage: &Passage) -> Result<(), String> {
    let ledger = read(at_once(at.disk.ledger(said.to, Direction::Out)))?
        .ok_or("passes something on without a ledger")?;
    let id =
        LedgerId { from: said.from, to: said.to, epoch: LinkEpoch(ledger.head.ledger.epoch.0) };
    let record = read(at_once(at.disk.passages(id, passage.number, 1)))?.pop();
    let recorded = record.filter(|record| record.record.head.number == passage.number);
    let recorded = recorded.ok_or(format!("passage {} leaves unrecorded", passage.number))?;
    if recorded.record.sent_at != passage.sent_at {
        return Err(format!("passage {} leaves otherwise than recorded", passage.number));
    }
    let own = at.identity.me;
    if passage.author != own.author.number() {
        return Ok(());
    }
    let marked = at.mark.size(own, &at.identity.signer.public());
    let covered = covered(passage, own).unwrap_or(0);
    for item in &passage.items {
        let entry = Entry::read(item.header.clone(), None).map_err(|error| error.to_string())?;
        if entry.id().sequence >= marked || covered > marked {
            return Err(format!(
                "own entry {} leaves under {covered}, the checkpoint file stands at {marked}",
                entry.id().sequence
            ));
        }
    }
    Ok(())
}

/// The size of the checkpoint that a passage comes with.
fn covered(passage: &Passage, journal: JournalId) -> Option<u64> {
    let note = Note::read(&passage.checkpoint).ok()?;
    Some(Checkpoint::read(note.text(), journal)?.size)
}

fn read<T>(result: Result<T, terrace_node::store::StoreError>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}
