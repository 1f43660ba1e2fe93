//! Blind indexes: once everything has come to rest, every case whose identity tells people apart has been asked about,
//! and of the cases of one petitioner about one place the superior has called all but the first the same. An office that
//! went back to an older disk has lost cases that its superior answered about: its matters are not looked at.

use std::collections::{BTreeMap, BTreeSet};

use terrace_node::cabinet::MarkStore as _;
use terrace_node::store::Store as _;
use terrace_proto::case::Case;
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::{Content, EntryId};
use terrace_proto::seal::index::place_of_matter;

use super::Checker;
use crate::disk::at_once;
use crate::story::person_of;
use crate::world::Offices;
use crate::world::office::Office;
use crate::world::step::Step;

/// One petitioner about one place, as asked of one superior.
type Matter = (DivisionCode, DivisionCode, u64);

/// Offices that went back to an older disk.
#[derive(Debug, Default)]
pub(super) struct OnePetitioner {
    restored: BTreeSet<DivisionCode>,
}

impl Checker for OnePetitioner {
    fn rule(&self) -> &'static str {
        "the same petitioner is found again, and nobody else"
    }

    fn check(&mut self, _step: &Step, _offices: &Offices) -> Result<(), String> {
        Ok(())
    }

    fn restored(&mut self, at: &Office) {
        self.restored.insert(at.division());
    }

    fn finish(&mut self, offices: &Offices) -> Result<(), String> {
        let mut matters: BTreeMap<Matter, Vec<bool>> = BTreeMap::new();
        let mut uncertain = BTreeSet::new();
        for at in offices.values().filter(|at| at.identity.superior.is_some()) {
            for (matter, answer) in answers(at)? {
                matters.entry(matter).or_default().push(answer);
                if self.restored.contains(&at.division()) {
                    uncertain.insert(matter);
                }
            }
        }
        for (matter, answers) in matters {
            let same = answers.iter().filter(|same| **same).count();
            if same + 1 != answers.len() && !uncertain.contains(&matter) {
                let cases = answers.len();
                return Err(format!("{same} of {cases} cases are called the same: {matter:?}"));
            }
        }
        Ok(())
    }
}

/// What this office's superior has answered about each case that this office registered.
fn answers(at: &Office) -> Result<Vec<(Matter, bool)>, String> {
    let me = at.identity.me;
    let superior = at.identity.superior.ok_or("no superior")?;
    let mut ids = Vec::new();
    at.disk.store().for_each_case(|case| ids.push(case.id));
    let mut found = Vec::new();
    for record in at_once(at.disk.cases(&ids)).map_err(|error| error.to_string())? {
        let case = Case::read(record.id, &record.facts, Tree::national());
        let case = case.map_err(|error| error.to_string())?;
        let own: BTreeSet<EntryId> = case
            .sealed_parts()
            .map(|fact| fact.header().id())
            .filter(|id| id.journal == me)
            .collect();
        let own: Vec<EntryId> = own.into_iter().collect();
        for stored in at_once(at.disk.entries_at(&own)).map_err(|error| error.to_string())? {
            let entry = stored.into_entry().map_err(|error| error.to_string())?;
            let Some(Content::IntakeRegistered(intake)) = entry.content() else { continue };
            let Some(person) = person_of(&intake.category) else { continue };
            let answered = at_once(at.keys.answered(case.id())).map_err(|e| e.to_string())?;
            let matter = (superior, place_of_matter(intake.place, me.author), person);
            match answered.flatten() {
                Some(same) => found.push((matter, same)),
                None if case.erasure().is_some() => {}
                None => {
                    let (office, id) = (me.author.short(), case.id());
                    return Err(format!("{office} has no answer about case {id}: {answered:?}"));
                }
            }
        }
    }
    Ok(found)
}
