//! Ratings, counted by the office they are sealed for, and told when nobody can be told by them (评价公布).
//!
//! What was said of a unit is told only of at least five ratings whose windows have closed, each once, in an entry to the
//! unit. Until then nobody at the unit, and no one else's program, can read any of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use terrace_proto::case::{Case, Fact, Terms, standing::day_of};
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::entry::header::Hand;
use terrace_proto::entry::{Content, EntryId, Holder, Kind};
use terrace_proto::roll::Roll;
use terrace_proto::roll::rating::{self, Counted};
use terrace_proto::rules::Duty;
use terrace_proto::seal::Plain;
use terrace_proto::wire;

use super::{Archive, ArchiveError, Draft, News};

/// Rows of the roll looked through at once.
const PAGE: u32 = 2_048;

impl Archive {
    /// Tells what ratings say, for every unit of which enough are there at `now`.
    pub async fn tell_ratings(&mut self, now: Timestamp) -> Result<News, ArchiveError> {
        // Windows close with a day.
        if self.ratings_told_on.replace(day_of(now)) == Some(day_of(now)) {
            return Ok(News::default());
        }
        self.refresh().await?;
        let me = self.identity.me.author;
        let mut told = BTreeSet::new();
        for one in self.whole_roll(Roll::Ratings, Some(me)).await? {
            if let Some(Content::RatingsTold(said)) = &one.content {
                told.extend(said.ratings.iter().filter_map(|leaf| Digest::read(leaf)));
            }
        }
        let rated = self.openable().await?;
        let mut by_unit: BTreeMap<(u64, String), Vec<Counted>> = BTreeMap::new();
        for (id, entries) in rated {
            let Some(case) = self.case(id).await? else { continue };
            for (unit, counted) in self.counted(&case, &entries, now).await? {
                if !told.contains(&counted.leaf) {
                    let key = (unit.division.number(), unit.organ);
                    by_unit.entry(key).or_default().push(counted);
                }
            }
        }
        let mut drafts = Vec::new();
        for ((division, organ), counted) in by_unit {
            let Some(counted) = rating::tell(&counted) else { continue };
            let said = wire::RatingsTold {
                unit: Some(wire::Holder { division, organ }),
                of_unit: Some(rating::grades(&counted.of_unit)),
                of_office: Some(rating::grades(&counted.of_office)),
                own_terminal: counted.own_terminal,
                ratings: counted.ratings.iter().map(|leaf| leaf.0.to_vec()).collect(),
            };
            let mut draft = Draft::plain(Hand::default(), None, Content::RatingsTold(said));
            let unit = terrace_proto::division::DivisionCode::from_number(division).ok();
            draft.addressee = unit.filter(|unit| *unit != me);
            drafts.push(draft);
        }
        if drafts.is_empty() {
            return Ok(News::default());
        }
        let (_, news) = self.append(drafts).await?;
        Ok(news)
    }

    /// Ratings in cases of which this office holds keys, by case.
    async fn openable(&self) -> Result<BTreeMap<CaseId, Vec<EntryId>>, ArchiveError> {
        let keyed: BTreeSet<CaseId> = self.cabinet.store().cases().await?.into_iter().collect();
        let mut rated: BTreeMap<CaseId, Vec<EntryId>> = BTreeMap::new();
        let mut before = u64::MAX;
        loop {
            let rows = self.store.rolled(Roll::Ratings.number(), None, before, PAGE).await?;
            let Some((last, _)) = rows.last() else { return Ok(rated) };
            before = *last;
            for (_, rolled) in rows {
                if let Some(case) = rolled.case.filter(|case| keyed.contains(case)) {
                    rated.entry(case).or_default().push(rolled.entry);
                }
            }
        }
    }

    /// The ratings of a case that are sealed for this office and whose window has closed, each with its unit. Of one
    /// opinion the one counts that no other has changed.
    async fn counted(
        &mut self,
        case: &Case,
        entries: &[EntryId],
        now: Timestamp,
    ) -> Result<Vec<(Holder, Counted)>, ArchiveError> {
        let rules = self.rules.clone();
        let terms = Terms::of(case.rules(&rules, self.tree));
        let (mut found, mut replaced) = (BTreeMap::new(), BTreeSet::new());
        for (entry, part) in self.sealed_entries(entries).await? {
            let leaf = entry.leaf();
            let Some(fact) = case.facts().get(&leaf) else { continue };
            let served = fact.about().and_then(|about| case.facts().get(&about));
            let served = served.filter(|fact| fact.header().kind == Kind::Served);
            let Some((served, on)) = served.and_then(|fact| Some((fact, fact.on()?))) else {
                continue;
            };
            let closes = terms.pin(Duty::Rating, on).map(|pin| pin.due_on);
            let open = closes.is_some_and(|closes| day_of(now) <= closes);
            if open || case.aside().contains_key(&leaf) {
                continue;
            }
            let Some(key) = self.case_key("", case.id(), part.key_id()).await? else { continue };
            let plain = part.open(&key).ok().and_then(|text| Plain::read(&text).ok());
            let Some(Plain::Rating(rating)) = plain else { continue };
            let unit = served.header().organ();
            let own_terminal = author(fact) == unit.division;
            // A change typed in at the unit's own office takes nothing back that was said elsewhere.
            if let Some(Content::Rated(said)) = entry.content().filter(|_| !own_terminal) {
                replaced.extend(Digest::read(&said.replaces));
            }
            let counted = Counted { leaf, rating, own_terminal };
            found.insert((served.leaf(), own_terminal, leaf), (unit, counted));
        }
        found.retain(|(_, _, leaf), _| !replaced.contains(leaf));
        // Of several for one opinion one counts, everywhere the same, and one given elsewhere before the unit's own.
        let mut opinions = BTreeSet::new();
        found.retain(|(opinion, _, _), _| opinions.insert(*opinion));
        Ok(found.into_values().collect())
    }
}

fn author(fact: &Fact) -> terrace_proto::division::DivisionCode {
    fact.header().journal.author
}
