//! Rolls and sketches: what is listed across cases, filled beside the folds.
//!
//! An entry on a roll is listed in the transaction that stores it. A sketch of what a case says is made afterwards, when
//! the office goes round or somebody asks, in the order in which cases came: it costs the link nothing, and can be made
//! again from the start.
//!
//! What a report says is never sketched: nobody finds it by its words.

use std::collections::BTreeMap;

use terrace_proto::alike::{Grams, Sketch};
use terrace_proto::case::{Fact, fact, standing::day_of};
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::{Content, EntryId, Kind, VerifiedEntry};
use terrace_proto::roll::{Listed, Roll};
use terrace_proto::seal::index::place_of_matter;
use terrace_proto::wire::IntakeRegistered;

use super::{Archive, ArchiveError};
use crate::cabinet::DISCIPLINE;
use crate::store::{Batch, CaseRecord, Rolled, SketchRecord, StoreError};

/// Cases sketched in one transaction.
pub const ROUND: u32 = 500;
/// Sketches and entries of rolls looked through at once.
const PAGE: u32 = 2_048;

/// A case whose words may be like those of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// The case.
    pub case: CaseId,
    /// About how like, in thousandths.
    pub likeness: u32,
}

/// An entry of a roll, with its words.
#[derive(Debug, Clone)]
pub struct Enrolled {
    /// Its place in the order of the roll here.
    pub position: u64,
    /// Where it stands.
    pub entry: EntryId,
    /// Its leaf hash.
    pub leaf: Digest,
    /// When it says it was recorded.
    pub recorded_at: jiff::Timestamp,
    /// The case it stands in.
    pub case: Option<CaseId>,
    /// Its words, unless they are withheld.
    pub content: Option<Content>,
}

impl Enrolled {
    /// As the meaning of its roll needs it; `None` while its words are not here.
    fn listed(self) -> Option<Listed> {
        Some(Listed {
            leaf: self.leaf,
            office: self.entry.journal.author,
            case: self.case,
            recorded_on: day_of(self.recorded_at),
            content: self.content?,
        })
    }
}

impl Archive {
    /// Entries that stand on a roll, to be found without reading journals.
    pub(super) fn learn_rolled(batch: &mut Batch, entries: &[VerifiedEntry]) {
        let rolled = entries.iter().filter_map(|entry| {
            let header = entry.header();
            Some(Rolled::on(Roll::of(header)?, entry.id(), header.case))
        });
        batch.rolled.extend(rolled);
    }

    /// Up to `limit` entries of a roll before a place, the newest here first; of one author, or of all.
    pub async fn roll(
        &self,
        roll: Roll,
        author: Option<DivisionCode>,
        (before, limit): (u64, u32),
    ) -> Result<Vec<Enrolled>, ArchiveError> {
        let rows = self.store.rolled(roll.number(), author, before, limit).await?;
        let ids: Vec<EntryId> = rows.iter().map(|(_, rolled)| rolled.entry).collect();
        let mut enrolled = Vec::with_capacity(rows.len());
        let places: BTreeMap<EntryId, &(u64, Rolled)> =
            rows.iter().map(|row| (row.1.entry, row)).collect();
        for stored in self.store.entries_at(&ids).await? {
            let id = stored.id;
            let entry = stored.into_entry().map_err(|e| StoreError::Corrupt(e.to_string()))?;
            let Some((position, rolled)) = places.get(&id) else { continue };
            enrolled.push(Enrolled {
                position: *position,
                entry: id,
                leaf: entry.leaf(),
                recorded_at: entry.header().recorded_at,
                case: rolled.case,
                content: entry.content(),
            });
        }
        enrolled.sort_by_key(|one| std::cmp::Reverse(one.position));
        Ok(enrolled)
    }

    /// All entries of a roll, of one author or of all, the oldest here first.
    pub async fn whole_roll(
        &self,
        roll: Roll,
        author: Option<DivisionCode>,
    ) -> Result<Vec<Enrolled>, ArchiveError> {
        let (mut all, mut before) = (Vec::new(), u64::MAX);
        loop {
            let page = self.roll(roll, author, (before, PAGE)).await?;
            let Some(last) = page.last() else { break };
            before = last.position;
            all.extend(page);
        }
        all.reverse();
        Ok(all)
    }

    /// All entries of a roll with their words, as its meaning is worked out from them; the oldest here first.
    pub async fn listed(
        &self,
        roll: Roll,
        author: Option<DivisionCode>,
    ) -> Result<Vec<Listed>, ArchiveError> {
        let all = self.whole_roll(roll, author).await?;
        Ok(all.into_iter().filter_map(Enrolled::listed).collect())
    }

    /// Sketches the next cases that are not yet; says how many were looked at.
    pub async fn sketch(&self) -> Result<usize, ArchiveError> {
        let after = self.store.sketched().await?;
        let records = self.store.cases_after(after, ROUND).await?;
        let Some(last) = records.last() else { return Ok(0) };
        let sketched = Some(last.row);
        let firsts: BTreeMap<EntryId, &CaseRecord> =
            records.iter().filter_map(|record| Some((first_intake(record)?, record))).collect();
        let ids: Vec<EntryId> = firsts.keys().copied().collect();
        let mut sketches = Vec::with_capacity(firsts.len());
        for stored in self.store.entries_at(&ids).await? {
            let id = stored.id;
            let Some(record) = firsts.get(&id) else { continue };
            let content = stored.into_entry().ok().and_then(|entry| entry.content());
            if let Some(Content::IntakeRegistered(intake)) = content {
                sketches.push(sketch(record, id, &intake));
            }
        }
        let batch = Batch { sketches, sketched, ..Batch::default() };
        self.store.commit(batch).await?;
        Ok(records.len())
    }

    /// Other cases here about the same county whose words are about as like as `least` thousandths or more, the likest
    /// first; those of another kind of matter are left out where both categories are known.
    pub async fn candidates(
        &self,
        case: CaseId,
        (said, at): (&IntakeRegistered, DivisionCode),
        least: u32,
    ) -> Result<Vec<Candidate>, ArchiveError> {
        let sketch = Sketch::of(&grams(said));
        let (place, category) = (place_of_matter(said.place, at), top(&said.category));
        let (mut found, mut after) = (Vec::new(), 0);
        loop {
            let page = self.store.sketches(place, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.row;
            for other in page.iter().filter(|other| other.case != case) {
                let likeness = sketch.likeness(&other.sketch);
                let kin = category == 0 || other.category == 0 || category == other.category;
                if likeness >= least && kin {
                    found.push(Candidate { case: other.case, likeness });
                }
            }
        }
        found.sort_by_key(|one| (std::cmp::Reverse(one.likeness), one.case));
        Ok(found)
    }
}

/// What of an intake is compared.
#[must_use]
pub fn grams(intake: &IntakeRegistered) -> Grams {
    Grams::of(&format!("{}{}", intake.title, intake.text))
}

/// The contact that a case began with; none of a report that is continued, or while it is not here.
fn first_intake(record: &CaseRecord) -> Option<EntryId> {
    let facts = fact::read_all(&record.facts).ok()?;
    let intakes = facts.iter().filter(|fact| fact.header().kind == Kind::IntakeRegistered);
    let first = intakes.min_by_key(|fact| (fact.header().recorded_at, fact.header().id()));
    let header = first.map(Fact::header).filter(|header| header.hand.organ != DISCIPLINE)?;
    Some(header.id())
}

fn sketch(record: &CaseRecord, intake_at: EntryId, intake: &IntakeRegistered) -> SketchRecord {
    SketchRecord {
        place: place_of_matter(intake.place, intake_at.journal.author),
        row: record.row,
        case: record.id,
        category: top(&intake.category),
        sketch: Sketch::of(&grams(intake)),
    }
}

/// The first two digits of a category; 0 where it has none.
fn top(category: &str) -> u8 {
    category.get(..2).and_then(|two| two.parse().ok()).unwrap_or(0)
}
