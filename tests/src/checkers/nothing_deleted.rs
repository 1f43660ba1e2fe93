//! Rule 7: nothing is deleted. Journals and ledgers never shrink, and nothing once held is missed, whatever
//! crashes.

use std::collections::{BTreeMap, BTreeSet};

use terrace_node::store::Store as _;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::{EntryId, JournalId};
use terrace_proto::ledger::LedgerId;

use super::Checker;
use crate::disk::at_once;
use crate::world::Offices;
use crate::world::office::Office;
use crate::world::step::Step;

/// Remembers what every disk held.
#[derive(Debug, Default)]
pub(super) struct NothingDeleted {
    /// Entries, each with whether its body was there.
    held: BTreeMap<DivisionCode, BTreeMap<EntryId, bool>>,
    journals: BTreeMap<(DivisionCode, JournalId), u64>,
    ledgers: BTreeMap<(DivisionCode, LedgerId), u64>,
}

impl Checker for NothingDeleted {
    fn rule(&self) -> &'static str {
        "7 nothing is deleted"
    }

    fn check(&mut self, step: &Step, offices: &Offices) -> Result<(), String> {
        let mut touched: BTreeSet<DivisionCode> = step.restarted.iter().copied().collect();
        for (office, batch) in &step.commits {
            touched.insert(*office);
            let held = self.held.entry(*office).or_default();
            for entry in &batch.entries {
                *held.entry(entry.id()).or_default() |= entry.body().is_some();
            }
            for (journal, _) in &batch.journals {
                let size = self.journals.entry((*office, journal.id)).or_default();
                grows(office, "journal", &journal.id, size, journal.frontier.size())?;
            }
            for ledger in &batch.ledgers {
                let number = self.ledgers.entry((*office, ledger.head.ledger)).or_default();
                grows(office, "ledger with", &ledger.peer, number, ledger.head.number)?;
            }
        }
        for office in touched {
            let Some(at) = offices.get(&office) else { continue };
            let known = self.held.get(&office).map_or(0, BTreeMap::len) as u64;
            let entries = at_once(at.disk.tally()).map_err(|error| error.to_string())?.entries;
            if entries != known {
                return Err(format!("{} held {known} entries, has {entries}", office.short()));
            }
        }
        for office in &step.restarted {
            if let Some(at) = offices.get(office) {
                self.all_there(at)?;
            }
        }
        Ok(())
    }

    fn restored(&mut self, at: &Office) {
        let office = at.division();
        self.journals.retain(|(known, _), _| *known != office);
        self.ledgers.retain(|(known, _), _| *known != office);
        let held = self.held.entry(office).or_default();
        held.clear();
        at.disk.store().for_each_entry(|entry| {
            held.insert(entry.id, entry.body.is_some());
        });
    }

    fn finish(&mut self, offices: &Offices) -> Result<(), String> {
        offices.values().try_for_each(|at| self.all_there(at))
    }
}

impl NothingDeleted {
    fn all_there(&self, at: &Office) -> Result<(), String> {
        let office = at.division();
        let Some(known) = self.held.get(&office) else { return Ok(()) };
        let mut bodies = BTreeMap::new();
        at.disk.store().for_each_entry(|entry| {
            bodies.insert(entry.id, entry.body.is_some());
        });
        for (id, body) in known {
            match bodies.get(id) {
                None => return Err(format!("{} held {id} and has it no more", office.short())),
                Some(false) if *body => {
                    return Err(format!("{} held the body of {id}", office.short()));
                }
                Some(_) => {}
            }
        }
        for ((_, journal), size) in self.journals.iter().filter(|((at, _), _)| *at == office) {
            let record = at_once(at.disk.journal(*journal)).map_err(|error| error.to_string())?;
            if record.is_none_or(|record| record.frontier.size() < *size) {
                return Err(format!("{}: journal {journal} was {size} long", office.short()));
            }
        }
        Ok(())
    }
}

fn grows(
    office: &DivisionCode,
    what: &str,
    which: &dyn std::fmt::Display,
    known: &mut u64,
    now: u64,
) -> Result<(), String> {
    if now < *known {
        return Err(format!("{}: {what} {which} shrinks from {known} to {now}", office.short()));
    }
    *known = now;
    Ok(())
}
