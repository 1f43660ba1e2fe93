//! "Is there a case of the same petitioner before this one?" Asked of the superior, and answered to subordinates.
//!
//! Whoever asks shows nothing of the identity, and whoever answers says yes or no. A subordinate is answered about cases
//! that it registered itself, with a sealed part that is on record here: whoever wants to find out about somebody has
//! to register an intake for it, which stays. Each day has its measure. What was answered is an entry before it leaves.
//!
//! It never says which case is the same, and keeps no identity.

use std::collections::BTreeSet;

use terrace_proto::case::standing::day_of;
use terrace_proto::digest::CaseId;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::{Hand, days_of};
use terrace_proto::entry::{Content, Kind};
use terrace_proto::seal::Mark;
use terrace_proto::seal::matching::{self, BLINDING_CHANCE};
use terrace_proto::session::matching::{Answer, Element, FIELDS, Fields, Step, Task, Under};
use terrace_proto::wire;

use super::{Archive, ArchiveError, Draft, News};
use crate::cabinet::{Change, IndexChange, Matched, Measure};
use crate::store::witness::by_superior;

impl Archive {
    /// Does a step of asking or answering, with the neighbour `peer`.
    pub async fn match_cases(
        &mut self,
        peer: DivisionCode,
        task: Task,
    ) -> Result<(Step, News), ArchiveError> {
        self.refresh().await?;
        let silent = |step| (step, News::default());
        Ok(match task {
            Task::Ask { limit } => silent(Step::Ask(self.ask_about(limit).await?)),
            Task::Evaluate(cases) => {
                let (answered, news) = self.evaluate(peer, cases).await?;
                (Step::Evaluate(answered), news)
            }
            Task::Unblind(answered) => silent(Step::Unblind(self.unblind(&answered))),
            Task::Compare(marked) => silent(Step::Compare(self.compare_marks(peer, marked).await?)),
            Task::Keep(answers) => {
                self.change_index(IndexChange { answers, ..IndexChange::default() }).await?;
                silent(Step::Keep)
            }
        })
    }

    /// Blinds the identities of cases whose intakes the superior has signed for.
    async fn ask_about(&mut self, limit: u32) -> Result<Vec<Fields<Element>>, ArchiveError> {
        let (me, superior) = (self.identity.me, self.identity.superior);
        let signed = by_superior(self.store.as_ref(), me, superior).await?;
        let below = signed.map_or(0, |signed| signed.size);
        self.blindings.clear();
        let (mut asked, mut from) = (Vec::new(), 0);
        // Cases that cannot be opened any more must not keep those behind them from being asked about.
        while asked.len() < limit as usize {
            let questions = self.cabinet.store().questions(from..below, limit).await?;
            let Some(last) = questions.last() else { break };
            from = last.sequence + 1;
            for question in questions {
                asked.extend(self.blind(question.case).await?);
            }
        }
        asked.truncate(limit as usize);
        Ok(asked)
    }

    /// Blinds who brings a case, and remembers how; none where that cannot be opened.
    async fn blind(&mut self, case: CaseId) -> Result<Option<Fields<Element>>, ArchiveError> {
        let mut blindings = Vec::new();
        for brought in self.brought(case).await? {
            let chance = &mut self.chance;
            blindings.extend(matching::blind(&brought.identity, brought.place, || {
                let mut drawn = [0; BLINDING_CHANCE];
                chance.fill(&mut drawn);
                drawn
            }));
        }
        blindings.truncate(FIELDS);
        if blindings.is_empty() {
            return Ok(None);
        }
        let fields = blindings.iter().map(|one| *one.element()).collect();
        self.blindings.insert(case, blindings);
        Ok(Some(Fields { case, fields }))
    }

    /// Answers about cases that `peer` registered, as far as its day reaches.
    async fn evaluate(
        &mut self,
        peer: DivisionCode,
        mut asked: Vec<Fields<Element>>,
    ) -> Result<(Under<Element>, News), ArchiveError> {
        let Some(keys) = self.cabinet.index().cloned() else {
            return Ok((Under { generation: 0, cases: Vec::new() }, News::default()));
        };
        let registered = self.registered_by(peer, asked.iter().map(|one| one.case)).await?;
        asked.retain(|one| registered.contains(&one.case));
        let day = days_of(day_of(self.clock.now()));
        let before = self.cabinet.store().measured(peer, day).await?;
        let room = keys.measure.saturating_sub(before) as usize;
        let put_off = asked.len().saturating_sub(room);
        asked.truncate(room);
        let answer = |one: Fields<Element>| {
            let fields = one.fields.iter().map(|field| keys.matching.evaluate(field));
            Some(Fields { case: one.case, fields: fields.collect::<Option<_>>()? })
        };
        let cases: Vec<Fields<Element>> = asked.into_iter().filter_map(answer).collect();
        let generation = keys.generation;
        if cases.is_empty() {
            return Ok((Under { generation, cases }, News::default()));
        }
        let count = u32::try_from(cases.len()).unwrap_or(u32::MAX);
        let measure = Some(Measure { office: peer, day, cases: count });
        self.change_index(IndexChange { measure, ..IndexChange::default() }).await?;
        let matched = Content::CasesMatched(wire::CasesMatched {
            division: peer.number(),
            cases: count,
            put_off: u32::try_from(put_off).unwrap_or(u32::MAX),
            generation,
        });
        let (_, news) = self.append(vec![Draft::plain(Hand::default(), None, matched)]).await?;
        Ok((Under { generation, cases }, news))
    }

    /// Marks out of what the superior answered; a case that does not fit what was asked is left for another time.
    fn unblind(&mut self, answered: &Under<Element>) -> Under<Mark> {
        let marks = |one: &Fields<Element>| {
            let blindings = self.blindings.get(&one.case)?;
            let fits = blindings.len() == one.fields.len();
            let marks =
                blindings.iter().zip(&one.fields).map(|(blinding, field)| blinding.mark(field));
            Some(Fields { case: one.case, fields: fits.then(|| marks.collect()).flatten()? })
        };
        let cases = answered.cases.iter().filter_map(marks).collect();
        self.blindings.clear();
        Under { generation: answered.generation, cases }
    }

    /// Keeps marks and compares them.
    async fn compare_marks(
        &mut self,
        peer: DivisionCode,
        marked: Under<Mark>,
    ) -> Result<Vec<Answer>, ArchiveError> {
        let generation = marked.generation;
        if self.cabinet.index().is_none_or(|keys| keys.generation != generation) {
            return Ok(Vec::new());
        }
        let registered = self.registered_by(peer, marked.cases.iter().map(|one| one.case)).await?;
        let cases = marked.cases.into_iter().filter(|one| registered.contains(&one.case));
        let matched: Vec<Matched> =
            cases.map(|one| Matched { case: one.case, generation, marks: one.fields }).collect();
        let asked: Vec<CaseId> = matched.iter().map(|one| one.case).collect();
        self.change_index(IndexChange { matched, ..IndexChange::default() }).await?;
        let mut answers = Vec::with_capacity(asked.len());
        for case in asked {
            let same = self.cabinet.store().same_before(case, generation).await?;
            answers.push(Answer { case, same });
        }
        Ok(answers)
    }

    /// Those of the cases whose intake, with a sealed part, stands in the journal of this office's subordinate, and
    /// whose key is not destroyed.
    async fn registered_by(
        &self,
        office: DivisionCode,
        cases: impl Iterator<Item = CaseId>,
    ) -> Result<BTreeSet<CaseId>, ArchiveError> {
        let ids: Vec<CaseId> = cases.collect();
        let mut registered = BTreeSet::new();
        for record in self.store.cases(&ids).await? {
            let case = self.read_case(&record)?;
            let intake = case.sealed_parts().any(|fact| {
                let header = fact.header();
                header.kind == Kind::IntakeRegistered && header.journal.author == office
            });
            if intake && case.erasure().is_none() {
                registered.insert(case.id());
            }
        }
        Ok(registered)
    }

    async fn change_index(&self, index: IndexChange) -> Result<(), ArchiveError> {
        Ok(self.cabinet.store().change(Change { index, ..Change::default() }).await?)
    }
}
