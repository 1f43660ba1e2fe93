//! Finding a petitioner's cases again by who they are, without reading who anybody is (盲索引).
//!
//! A petitioner without their receipt is found by id number or telephone, among the cases that this office registered or
//! holds; each case that was found says so before its number is told. Where an intake is registered, the cases that the
//! same petitioner has brought about the same place are proposed, the likest words first, and never linked by a machine.
//!
//! It lists nobody, counts nothing, and answers with numbers of cases alone.

use terrace_proto::alike::{ALIKE, Grams};
use terrace_proto::case::Case;
use terrace_proto::digest::CaseId;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::Hand;
use terrace_proto::entry::{Content, EntryId, body};
use terrace_proto::seal::{Identity, Mark, Petitioner};
use terrace_proto::wire;

use super::sealed::{store, worded};
use super::{Desk, DeskError};
use crate::archive::{Draft, News, rolling};

/// Rounds of sketching before an answer: what is behind those is told as not compared.
const CATCHING_UP: usize = 4;
/// By how much a sketch may tell less than the words themselves, in thousandths.
const MARGIN: u32 = 120;
/// Cases whose words are read to compare them letter by letter, and proposals that are shown.
const READ: usize = 40;
const SHOWN: usize = 10;

/// What is known of other cases of the same petitioner about the same place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sameness {
    /// Such cases at this office, those whose words are the likest first.
    pub here: Vec<Proposal>,
    /// Cases here by whoever, about the same county and of the same kind of matter, with words alike; those that are
    /// [`Sameness::here`] are not repeated.
    pub alike: Vec<Proposal>,
    /// Cases here that were not compared yet.
    pub behind: bool,
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
        let behind = self.catch_up().await?;
        let alike = self.alike(&case, &here).await?;
        Ok(Sameness { here, alike, behind, above: self.archive.same_above(id).await? })
    }

    /// Sketches what was registered since the office last went round; says whether something is left.
    async fn catch_up(&self) -> Result<bool, DeskError> {
        for _ in 0..CATCHING_UP {
            if self.archive.sketch().await? < rolling::ROUND as usize {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Cases by whoever with like words, beside those already proposed.
    async fn alike(&self, case: &Case, proposed: &[Proposal]) -> Result<Vec<Proposal>, DeskError> {
        if case.is_report() {
            return Ok(Vec::new());
        }
        let Some((said, at)) = self.first_intake(case).await? else { return Ok(Vec::new()) };
        let about = self.archive.candidates(case.id(), (&said, at), ALIKE - MARGIN).await?;
        let grams = rolling::grams(&said);
        let mut alike = Vec::new();
        for candidate in about.into_iter().take(READ) {
            let Some(other) = self.archive.case(candidate.case).await? else { continue };
            let Some(number) = other.number().map(ToString::to_string) else { continue };
            let likeness = grams.likeness(&self.grams(&other).await?);
            if likeness >= ALIKE && proposed.iter().all(|one| one.number != number) {
                alike.push(Proposal { number, likeness });
            }
        }
        alike.sort_by(|a, b| (b.likeness, &a.number).cmp(&(a.likeness, &b.number)));
        alike.truncate(SHOWN);
        Ok(alike)
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
        let intake = self.first_intake(case).await?;
        Ok(intake.map(|(intake, _)| rolling::grams(&intake)).unwrap_or_default())
    }

    /// The first intake of a case that is here, and the office that took it in.
    async fn first_intake(
        &self,
        case: &Case,
    ) -> Result<Option<(wire::IntakeRegistered, DivisionCode)>, DeskError> {
        let timeline = case.timeline();
        let mut intakes = timeline.iter().map(|fact| fact.header());
        let first = intakes.find(|header| header.kind.is_intake());
        let ids: Vec<EntryId> = first.map(|header| header.id()).into_iter().collect();
        let stored = self.archive.store().entries_at(&ids).await.map_err(store)?;
        let entry = stored.into_iter().next().and_then(|one| one.into_entry().ok());
        Ok(entry.and_then(|entry| {
            let intake = body::intake(&entry.content()?)?.clone();
            Some((intake, entry.header().journal.author))
        }))
    }

    async fn numbers(&self, cases: &[CaseId]) -> Result<Vec<String>, DeskError> {
        let records = self.archive.store().cases(cases).await.map_err(store)?;
        let mut numbers: Vec<String> =
            records.into_iter().filter_map(|record| record.number).collect();
        numbers.sort();
        Ok(numbers)
    }
}
