//! Rule 1: truth is the journals. Cases and frontiers are folds: made again from the entries alone, they are
//! what is stored.

use std::collections::{BTreeMap, BTreeSet};

use terrace_node::store::{CaseRecord, Store as _};
use terrace_proto::case::Case;
use terrace_proto::digest::CaseId;
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::{Entry, EntryId, Header, JournalId};
use terrace_proto::figure::cell::Changes;
use terrace_proto::figure::measured::{measured, of_ratings};
use terrace_proto::figure::tally::Tally;
use terrace_proto::journal::Frontier;

use super::Checker;
use crate::disk::at_once;
use crate::world::Offices;
use crate::world::office::Office;
use crate::world::step::Step;

/// Folds everything again.
#[derive(Debug, Default)]
pub(super) struct TruthIsTheJournals {
    entries: BTreeMap<(DivisionCode, CaseId), BTreeSet<EntryId>>,
    frontiers: BTreeMap<(DivisionCode, JournalId), Frontier>,
}

impl Checker for TruthIsTheJournals {
    fn rule(&self) -> &'static str {
        "1 truth is the journals"
    }

    fn check(&mut self, step: &Step, offices: &Offices) -> Result<(), String> {
        let mut touched = BTreeSet::new();
        for (office, batch) in &step.commits {
            for entry in &batch.entries {
                if let Some(case) = entry.header().case {
                    self.entries.entry((*office, case)).or_default().insert(entry.id());
                    touched.insert((*office, case));
                }
            }
            touched.extend(batch.cases.iter().map(|case| (*office, case.id)));
            for (journal, before) in &batch.journals {
                let key = (*office, journal.id);
                let frontier = self.frontiers.entry(key).or_default();
                let mut fresh: Vec<_> = batch
                    .entries
                    .iter()
                    .filter(|e| e.id().journal == journal.id && e.id().sequence >= *before)
                    .collect();
                fresh.sort_by_key(|entry| entry.id().sequence);
                if journal.whole {
                    fresh.iter().for_each(|entry| frontier.push(entry.leaf()));
                }
                if *frontier != journal.frontier {
                    return Err(format!(
                        "{}: journal {} stands at {}, its entries lead to {}",
                        office.short(),
                        journal.id,
                        journal.frontier.size(),
                        frontier.size()
                    ));
                }
            }
        }
        for (office, case) in touched {
            let known = self.entries.get(&(office, case)).cloned().unwrap_or_default();
            if let Some(at) = offices.get(&office) {
                refold(at, case, &known)?;
            }
        }
        Ok(())
    }

    fn restored(&mut self, at: &Office) {
        let office = at.division();
        self.entries.retain(|(known, _), _| *known != office);
        self.frontiers.retain(|(known, _), _| *known != office);
        at.disk.store().for_each_entry(|entry| {
            let header = Header::read(&entry.header).expect("a disk holds headers");
            if let Some(case) = header.case {
                self.entries.entry((office, case)).or_default().insert(entry.id);
            }
        });
        for journal in at_once(at.disk.journals()).unwrap_or_default() {
            self.frontiers.insert((office, journal.id), journal.frontier);
        }
    }

    fn finish(&mut self, offices: &Offices) -> Result<(), String> {
        for ((office, case), known) in &self.entries {
            if let Some(at) = offices.get(office) {
                refold(at, *case, known)?;
            }
        }
        offices.values().try_for_each(recount)
    }
}

/// Counts everything again that an office's figures say.
fn recount(at: &Office) -> Result<(), String> {
    let (tree, me) = (Tree::national(), at.division());
    let (mut changes, mut measurements) = (Changes::default(), Vec::new());
    at.disk.store().for_each_case(|record| {
        let case = Case::read(record.id, &record.facts, tree).expect("a stored fold is read");
        measurements.extend(measured(&case));
    });
    at.disk.store().for_each_entry(|stored| {
        if let Ok(entry) = stored.clone().into_entry() {
            measurements.extend(of_ratings(&entry));
        }
    });
    changes.add(&measurements, tree, me);
    let mut counted = Tally::default();
    counted.change(&changes);
    let kept = at.disk.store().counted_in_all();
    if kept == counted {
        return Ok(());
    }
    let count = |tally: &Tally| tally.cells().count();
    Err(format!(
        "{}: the figures kept ({} cells) are not those of its cases ({} cells)",
        me.short(),
        count(&kept),
        count(&counted)
    ))
}

fn refold(at: &Office, id: CaseId, known: &BTreeSet<EntryId>) -> Result<(), String> {
    let office = at.division().short();
    let ids: Vec<EntryId> = known.iter().copied().collect();
    let mut case = Case::new(id);
    for entry in at_once(at.disk.entries_at(&ids)).map_err(|error| error.to_string())? {
        let entry = Entry::read(entry.header, entry.body)
            .map_err(|error| format!("{office}: entry {} is damaged: {error}", entry.id))?;
        case.take(&entry);
    }
    case.derive(Tree::national());
    let stored = at_once(at.disk.cases(&[id])).map_err(|error| error.to_string())?.pop();
    let stored = stored.map(|record| CaseRecord { row: 0, ..record });
    if stored.as_ref() == Some(&CaseRecord::of(&case)) {
        return Ok(());
    }
    Err(format!("{office}: the stored fold of case {id} is not that of its {} entries", ids.len()))
}
