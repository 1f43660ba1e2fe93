//! Rule 8: replication judges form, the desk judges law. Nothing well-formed is refused on a link that fate
//! has not touched, and what the law does not grant is kept, moves nothing, and is shown in its own case.

use std::collections::{BTreeMap, BTreeSet};

use terrace_node::store::{Batch, Store as _};
use terrace_proto::case::Case;
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::division::Tree;
use terrace_proto::wire::frame::Say;

use super::Checker;
use crate::disk::at_once;
use crate::world::Offices;
use crate::world::step::{Rogue, Sort, Step};

/// Follows what was written past a desk.
#[derive(Debug, Default)]
pub(super) struct FormNotLaw {
    rogue: BTreeMap<CaseId, Vec<Rogue>>,
}

impl Checker for FormNotLaw {
    fn rule(&self) -> &'static str {
        "8 replication judges form, the desk judges law"
    }

    fn check(&mut self, step: &Step, offices: &Offices) -> Result<(), String> {
        for said in &step.said {
            if let Some(Say::Refusal(refusal)) = &said.frame.say
                && !said.faulted
            {
                return Err(format!(
                    "{} refuses {} although nothing was amiss: {}",
                    said.from.short(),
                    said.to.short(),
                    refusal.detail
                ));
            }
        }
        for rogue in &step.rogue {
            self.rogue.entry(rogue.case).or_default().push(rogue.clone());
        }
        for (office, batch) in &step.commits {
            let Some(at) = offices.get(office) else { continue };
            self.admits_nobody(batch).map_err(|what| format!("{}: {what}", office.short()))?;
            for record in batch.cases.iter().filter(|case| self.rogue.contains_key(&case.id)) {
                let stored = at_once(at.disk.cases(&[record.id])).map_err(|e| e.to_string())?.pop();
                let Some(stored) = stored else { continue };
                let case = Case::read(record.id, &stored.facts, Tree::national())
                    .map_err(|error| error.to_string())?;
                self.shown(&case)
                    .map_err(|what| format!("{}: case {}: {what}", office.short(), case.id()))?;
            }
        }
        Ok(())
    }
}

impl FormNotLaw {
    /// Nobody is known by an admission that its author could not give.
    fn admits_nobody(&self, batch: &Batch) -> Result<(), String> {
        let foreign = self.rogue.get(&CaseId::default()).map(Vec::as_slice).unwrap_or_default();
        let believed = batch.journals.iter().find(|(journal, _)| {
            foreign.iter().any(|rogue| journal.admitted_by == Some(rogue.entry))
        });
        match believed {
            Some((journal, _)) => Err(format!("believes a foreign admission of {}", journal.id)),
            None => Ok(()),
        }
    }

    fn shown(&self, case: &Case) -> Result<(), String> {
        let mut doubles: BTreeSet<(Digest, Digest)> = BTreeSet::new();
        let rogues = self.rogue.get(&case.id()).map(Vec::as_slice).unwrap_or_default();
        for rogue in rogues.iter().filter(|rogue| case.facts().contains_key(&rogue.leaf)) {
            let applied = case.threads().values().find(|t| t.steps().contains(&rogue.leaf));
            let aside = case.aside().contains_key(&rogue.leaf);
            let shown = match (rogue.sort, applied) {
                (Sort::WithoutCustody | Sort::SecondOpening, Some(_)) => false,
                (Sort::WithoutCustody | Sort::SecondOpening, None) => aside,
                (Sort::Double, Some(_)) => doubles.insert(after(case, rogue.leaf)),
                (Sort::Unlawful | Sort::LaterKind | Sort::LaterSchema, Some(thread)) => {
                    thread.parked().is_some()
                }
                (Sort::Double | Sort::Unlawful | Sort::LaterKind | Sort::LaterSchema, None) => {
                    aside
                }
                (Sort::ForeignSettlement | Sort::ForeignAdmission, applied) => applied.is_none(),
            };
            if !shown {
                return Err(format!("{} ({:?}) is not shown as such", rogue.entry, rogue.sort));
            }
        }
        Ok(())
    }
}

/// The place an entry follows, to count who follows it.
fn after(case: &Case, leaf: Digest) -> (Digest, Digest) {
    let place = case.facts().get(&leaf).and_then(|fact| fact.header().place.clone());
    let thread = place.as_ref().map(|place| Digest::of(&[&place.thread.0])).unwrap_or_default();
    (thread, place.and_then(|place| place.predecessor).unwrap_or_default())
}
