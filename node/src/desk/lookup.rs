//! Finding a petitioner's cases again by who they are, without reading who anybody is (盲索引).
//!
//! A petitioner without their receipt is found by id number or telephone, among the cases that this office registered or
//! holds; each case that was found says so before its number is told. Where an intake is registered, the cases that the
//! same petitioner has brought about the same place are proposed, the likest words first, and never linked by a machine.
//!
//! It lists nobody, counts nothing, and answers with numbers of cases alone.

use terrace_proto::alike::Grams;
use terrace_proto::case::Case;
use terrace_proto::digest::CaseId;
use terrace_proto::entry::header::Hand;
use terrace_proto::entry::{Content, EntryId, Kind};
use terrace_proto::seal::{Identity, Mark, Petitioner};
use terrace_proto::wire;

use super::sealed::{store, worded};
use super::{Desk, DeskError};
use crate::archive::{Draft, News};

/// What is known of other cases of the same petitioner about the same place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sameness {
    /// Such cases at this office, those whose words are the likest first.
    pub here: Vec<Proposal>,
    /// What the superior answered: nothing if it is not asked about this case, and then whether it has answered, and
    /// what.
    pub above: Option<Option<bool>>,
}

/// A case that may be the same, for an officer to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Its number.
    pub number: String,
    /// How like its words are, in thousandths; see [`terrace_proto::alike`].
    pub likeness: u32,
}

impl Desk<'_> {
    /// The numbers of the cases of a petitioner who gives an id number or a telephone, for a purpose that goes on record
    /// in each of them.
    ///
    /// # Errors
    ///
    /// [`DeskError::Purpose`] without one, [`DeskError::Unidentified`] if neither was given, [`DeskError::NoIndexKey`].
    pub async fn look_up(
        &mut self,
        hand: &Hand,
        petitioner: Petitioner,
        purpose: &str,
    ) -> Result<(Vec<String>, News), DeskError> {
        let purpose = worded(purpose)?;
        let keys = self.archive.cabinet().index().cloned().ok_or(DeskError::NoIndexKey)?;
        let marks = keys.own.of_person(&Identity { petitioner, others: Vec::new() });
        if marks.is_empty() {
            return Err(DeskError::Unidentified);
        }
        let mut found = Vec::new();
        for id in self.archive.cabinet().store().marked(&marks).await.map_err(store)? {
            // A mark of a case that this office has lost finds nothing.
            let case = self.archive.case(id).await?;
            if case.is_some_and(|case| self.entitled(&case).is_ok()) {
                found.push(id);
            }
        }
        let draft = |id: &CaseId| {
            let looked_up = wire::LookedUp { purpose: purpose.clone() };
            Draft::plain(hand.clone(), Some(*id), Content::LookedUp(looked_up))
        };
        let (_, news) = self.archive.append(found.iter().map(draft).collect()).await?;
        Ok((self.numbers(&found).await?, news))
    }

    /// What is known of other cases of the same petitioner about the same place.
    ///
    /// # Errors
    ///
    /// [`DeskError::NotReader`] where this office neither registered the case nor holds it.
    pub async fn sameness(&mut self, id: CaseId) -> Result<Sameness, DeskError> {
        let case = self.known(id).await?;
        self.entitled(&case)?;
        let matter = self.archive.index(&[id]).await?;
        let matter = matter.get(&id).map_or(&[][..], Vec::as_slice);
        let same = self.archive.same_here(id, matter).await?;
        let said = self.grams(&case).await?;
        let mut here = Vec::new();
        for other in same {
            let Some(other) = self.archive.case(other).await? else { continue };
            let Some(number) = other.number() else { continue };
            let likeness = said.likeness(&self.grams(&other).await?);
            here.push(Proposal { number: number.to_string(), likeness });
        }
        here.sort_by(|a, b| (b.likeness, &a.number).cmp(&(a.likeness, &b.number)));
        Ok(Sameness { here, above: self.archive.same_above(id).await? })
    }

    /// Numbers of the cases here that one of the same petitioners has brought about the same place.
    pub(super) async fn proposed(
        &self,
        id: CaseId,
        matter: &[Mark],
    ) -> Result<Vec<String>, DeskError> {
        let same: Vec<CaseId> = self.archive.same_here(id, matter).await?.into_iter().collect();
        self.numbers(&same).await
    }

    /// What is compared of a case: the words of its first intake that are here.
    async fn grams(&self, case: &Case) -> Result<Grams, DeskError> {
        let timeline = case.timeline();
        let mut intakes = timeline.iter().map(|fact| fact.header());
        let first = intakes.find(|header| header.kind == Kind::IntakeRegistered);
        let ids: Vec<EntryId> = first.map(|header| header.id()).into_iter().collect();
        let stored = self.archive.store().entries_at(&ids).await.map_err(store)?;
        let entry = stored.into_iter().next().and_then(|one| one.into_entry().ok());
        Ok(match entry.and_then(|entry| entry.content()) {
            Some(Content::IntakeRegistered(intake)) => {
                Grams::of(&format!("{}{}", intake.title, intake.text))
            }
            Some(_) | None => Grams::default(),
        })
    }

    async fn numbers(&self, cases: &[CaseId]) -> Result<Vec<String>, DeskError> {
        let records = self.archive.store().cases(cases).await.map_err(store)?;
        let mut numbers: Vec<String> =
            records.into_iter().filter_map(|record| record.number).collect();
        numbers.sort();
        Ok(numbers)
    }
}
