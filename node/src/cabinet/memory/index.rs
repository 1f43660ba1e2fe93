//! Marks, questions and answers in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use async_trait::async_trait;
use terrace_proto::digest::CaseId;
use terrace_proto::division::DivisionCode;
use terrace_proto::seal::Mark;

use super::MemoryKeys;
use crate::cabinet::{IndexChange, MarkStore, Matched, Question};
use crate::store::StoreError;

/// What is kept of the indexes.
#[derive(Debug, Default)]
pub(super) struct Marks {
    own: BTreeMap<CaseId, Vec<Mark>>,
    questions: BTreeMap<CaseId, (u64, Option<bool>)>,
    /// In the order they came.
    matched: Vec<Matched>,
    measures: BTreeMap<(DivisionCode, i32), u32>,
}

impl Marks {
    pub(super) fn change(&mut self, change: IndexChange, destroyed: &BTreeSet<CaseId>) {
        let gone = |case: &CaseId| destroyed.contains(case);
        self.own.extend(change.marks.into_iter().filter(|(case, _)| !gone(case)));
        for question in change.questions.iter().filter(|question| !gone(&question.case)) {
            self.questions.entry(question.case).or_insert((question.sequence, None));
        }
        for answer in change.answers {
            if let Some((_, same)) = self.questions.get_mut(&answer.case) {
                *same = Some(answer.same);
            }
        }
        for matched in change.matched {
            let of = |one: &Matched| (one.case, one.generation);
            if !gone(&matched.case) && self.matched.iter().all(|one| of(one) != of(&matched)) {
                self.matched.push(matched);
            }
        }
        if let Some(measure) = change.measure {
            *self.measures.entry((measure.office, measure.day)).or_default() += measure.cases;
        }
    }

    pub(super) fn destroy(&mut self, case: CaseId) {
        self.own.remove(&case);
        self.questions.remove(&case);
        self.matched.retain(|one| one.case != case);
    }
}

#[async_trait]
impl MarkStore for MemoryKeys {
    async fn marked(&self, marks: &[Mark]) -> Result<BTreeSet<CaseId>, StoreError> {
        let shelf = self.shelf();
        let has = |own: &Vec<Mark>| own.iter().any(|mark| marks.contains(mark));
        Ok(shelf.marks.own.iter().filter(|(_, own)| has(own)).map(|(case, _)| *case).collect())
    }

    async fn indexed(&self, cases: &[CaseId]) -> Result<BTreeSet<CaseId>, StoreError> {
        let shelf = self.shelf();
        Ok(cases.iter().filter(|case| shelf.marks.own.contains_key(case)).copied().collect())
    }

    async fn questions(&self, places: Range<u64>, limit: u32) -> Result<Vec<Question>, StoreError> {
        let shelf = self.shelf();
        let open = shelf.marks.questions.iter().filter_map(|(case, (sequence, same))| {
            let open = same.is_none() && places.contains(sequence);
            open.then_some(Question { case: *case, sequence: *sequence })
        });
        let mut open: Vec<Question> = open.collect();
        open.sort_by_key(|question| question.sequence);
        open.truncate(limit as usize);
        Ok(open)
    }

    async fn answered(&self, case: CaseId) -> Result<Option<Option<bool>>, StoreError> {
        Ok(self.shelf().marks.questions.get(&case).map(|(_, same)| *same))
    }

    async fn same_before(&self, case: CaseId, generation: u32) -> Result<bool, StoreError> {
        let shelf = self.shelf();
        let mut before = shelf.marks.matched.iter().filter(|one| one.generation == generation);
        let earlier: Vec<&Matched> = before.by_ref().take_while(|one| one.case != case).collect();
        let own =
            shelf.marks.matched.iter().find(|one| one.case == case && one.generation == generation);
        Ok(own.is_some_and(|own| {
            earlier.iter().any(|one| one.marks.iter().any(|mark| own.marks.contains(mark)))
        }))
    }

    async fn measured(&self, office: DivisionCode, day: i32) -> Result<u32, StoreError> {
        Ok(self.shelf().marks.measures.get(&(office, day)).copied().unwrap_or(0))
    }
}
