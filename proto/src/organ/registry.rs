//! [`Registry`] (机构编码库): what the entries about organs come to.
//!
//! It takes entries in whatever order they come. Each registration is kept as a [`Record`] of its organ, and nothing is
//! ever overwritten: which record holds on a day is worked out when it is asked for. Of the records that have begun by
//! then the one with the highest revision holds; of two with one revision the one of the higher office, and of one office
//! the one with the smaller leaf hash, so that everybody who holds the same entries says the same. What loses, what its author
//! may not say and what cannot be read are [`Irregular`]: shown, and of no effect.
//!
//! A registration counts by itself: its author stands above whoever proposed (or is the root), and every organ lies in
//! the proposer's subtree. Offices beside the proposer do not hold the proposal; those that do compare.
//!
//! It asks no clock: a day is an argument.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use jiff::civil::Date;

use super::code::LAST_SERIAL;
use super::refusal::{Irregular, Refusal};
use super::{ENTRY_ORGANS, Organ, OrganCode};
use crate::digest::Digest;
use crate::division::{DivisionCode, Level, Tree};
use crate::entry::Content;
use crate::roll::Listed;
use crate::wire;

/// How records of one organ are ordered: the last one that has begun holds.
type Weight = (u32, Reverse<Level>, Reverse<Digest>, Reverse<usize>);

/// What one registration says of one organ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The organ.
    pub organ: Organ,
    /// The registration.
    pub leaf: Digest,
    /// Who registered.
    pub office: DivisionCode,
}

/// Organs that an office proposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The proposal.
    pub leaf: Digest,
    /// Who proposed.
    pub office: DivisionCode,
    /// The day in China on which it says it was recorded.
    pub recorded_on: Date,
    /// Those of its organs that count.
    pub organs: Vec<Organ>,
}

/// A registration, without its organs.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Registration {
    office: DivisionCode,
    proposal: Digest,
}

/// A refusal of a proposal by an office above.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Declined {
    /// Who declined.
    pub office: DivisionCode,
    /// Why.
    pub reason: String,
}

/// Why a code does not lead to a node on a day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unresolved {
    /// No such organ is registered.
    #[error("机构 {0} 未登记 is not registered here")]
    Unknown(OrganCode),
    /// It begins later.
    #[error("机构 {code} 自 {from} 起存续 is there from {from} on")]
    NotYet {
        /// The organ.
        code: OrganCode,
        /// Its first day.
        from: Date,
    },
    /// It is closed.
    #[error("机构 {code} 已于 {until} 撤销 was there until {until}")]
    Closed {
        /// The organ.
        code: OrganCode,
        /// Its last day.
        until: Date,
        /// Who acts for it on that day, if anybody.
        successor: Option<OrganCode>,
    },
    /// Following superiors leads back to it.
    #[error(
        "机构 {0} 的上级关系成环 the superiors of the organ lead back to it, so none of them counts"
    )]
    Cycle(OrganCode),
}

/// All organs that are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registry {
    records: BTreeMap<OrganCode, BTreeMap<Weight, Record>>,
    proposals: BTreeMap<Digest, Proposal>,
    registrations: BTreeMap<Digest, Registration>,
    /// By proposal.
    declined: BTreeMap<Digest, BTreeSet<Declined>>,
    refused: BTreeMap<(Digest, usize), Irregular>,
}

impl Registry {
    /// The registry that entries make, in whatever order they come.
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a Listed>, tree: &Tree) -> Self {
        let mut registry = Self::default();
        for entry in entries {
            registry.take(entry, tree);
        }
        registry
    }

    /// Takes one entry; what is not about organs, and what was taken before, changes nothing.
    pub fn take(&mut self, entry: &Listed, tree: &Tree) {
        if let Content::OrganProposed(said) = &entry.content {
            self.propose(entry, said, tree);
        } else if let Content::OrganRegistered(said) = &entry.content {
            self.register(entry, said, tree);
        } else if let Content::OrganDeclined(said) = &entry.content {
            self.decline(entry, said, tree);
        }
    }

    /// What holds of an organ on a day; none before its first one, and of one that is not registered. It may be closed.
    #[must_use]
    pub fn on(&self, code: OrganCode, day: Date) -> Option<&Record> {
        let begun = |record: &&Record| record.organ.valid_from <= day;
        self.records.get(&code)?.values().rev().find(begun)
    }

    /// The organ, where it is there on a day.
    ///
    /// # Errors
    ///
    /// [`Unresolved`] says since when, or until when, and who acts for it.
    pub fn standing(&self, code: OrganCode, day: Date) -> Result<&Organ, Unresolved> {
        let Some(known) = self.records.get(&code).filter(|known| !known.is_empty()) else {
            return Err(Unresolved::Unknown(code));
        };
        let Some(Record { organ, .. }) = self.on(code, day) else {
            let first = known.values().map(|record| record.organ.valid_from).min();
            return Err(Unresolved::NotYet { code, from: first.unwrap_or(day) });
        };
        match organ.valid_to.filter(|until| *until < day) {
            Some(until) => {
                let successor = self.acting(code, day).map(|organ| organ.code);
                Err(Unresolved::Closed { code, until, successor })
            }
            None => Ok(organ),
        }
    }

    /// The node that an organ sits on, on a day. Where its division has none, as a zone, the node that answers for it.
    ///
    /// # Errors
    ///
    /// As [`Registry::standing`].
    pub fn resolve(
        &self,
        code: OrganCode,
        day: Date,
        tree: &Tree,
    ) -> Result<DivisionCode, Unresolved> {
        let division = self.standing(code, day)?.division();
        let place = tree.find(division).map_err(|_| Unresolved::Unknown(code))?;
        let node = if place.has_node() { Some(division) } else { place.superior() };
        node.ok_or(Unresolved::Unknown(code))
    }

    /// Who acts for an organ on a day: itself while it is there, afterwards its successor, and so on. None where nobody
    /// does: before the first one begins, where the chain ends, and where it leads back.
    #[must_use]
    pub fn acting(&self, code: OrganCode, day: Date) -> Option<&Organ> {
        let (mut at, mut seen) = (code, BTreeSet::new());
        while seen.insert(at) {
            let organ = &self.on(at, day)?.organ;
            if organ.valid_to.is_none_or(|until| day <= until) {
                return Some(organ);
            }
            at = organ.successor?;
        }
        None
    }

    /// The organ that another answers to on a day; none for one without a superior.
    ///
    /// # Errors
    ///
    /// [`Unresolved`] where the organ or whoever acts for its superior is not there, or superiors lead back to it.
    pub fn superior(&self, code: OrganCode, day: Date) -> Result<Option<&Organ>, Unresolved> {
        let Some(named) = self.standing(code, day)?.superior else { return Ok(None) };
        let (mut at, mut seen) = (self.acting(named, day), BTreeSet::new());
        while let Some(above) = at.filter(|above| seen.insert(above.code)) {
            if above.code == code {
                return Err(Unresolved::Cycle(code));
            }
            at = above.superior.and_then(|next| self.acting(next, day));
        }
        self.acting(named, day).map(Some).ok_or(Unresolved::Unknown(named))
    }

    /// The organs of a division that are there on a day, in the order of their codes.
    pub fn of_division(&self, division: DivisionCode, day: Date) -> impl Iterator<Item = &Organ> {
        let codes = self.records.range(OrganCode::all_of(division)).map(|(code, _)| *code);
        codes.filter_map(move |code| self.standing(code, day).ok())
    }

    /// All codes that were ever registered, in order.
    pub fn codes(&self) -> impl Iterator<Item = OrganCode> {
        self.records.keys().copied()
    }

    /// All codes behind one, in order.
    pub fn codes_after(&self, after: Option<OrganCode>) -> impl Iterator<Item = OrganCode> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.records.range((from, Bound::Unbounded)).map(|(code, _)| *code)
    }

    /// The records of an organ that were ever registered; of two with one revision the one that holds comes later.
    pub fn records(&self, code: OrganCode) -> impl Iterator<Item = &Record> {
        self.records.get(&code).into_iter().flat_map(BTreeMap::values)
    }

    /// The record with the highest revision, whatever the day.
    #[must_use]
    pub fn latest(&self, code: OrganCode) -> Option<&Record> {
        self.records.get(&code)?.values().next_back()
    }

    /// A proposal that is held here.
    #[must_use]
    pub fn proposal(&self, leaf: Digest) -> Option<&Proposal> {
        self.proposals.get(&leaf)
    }

    /// Who registered a proposal; the highest office, where several did.
    #[must_use]
    pub fn registered_by(&self, proposal: Digest) -> Option<DivisionCode> {
        let of_it = self.registrations.values().filter(|one| one.proposal == proposal);
        of_it.map(|one| one.office).min_by_key(|office| office.level())
    }

    /// Who declined a proposal, and why.
    pub fn declined(&self, proposal: Digest) -> impl Iterator<Item = &Declined> {
        self.declined.get(&proposal).into_iter().flatten()
    }

    /// The proposals that nobody has registered, declined ones among them, in the order of their days.
    #[must_use]
    pub fn open(&self) -> Vec<&Proposal> {
        let registered: BTreeSet<Digest> =
            self.registrations.values().map(|one| one.proposal).collect();
        let open = self.proposals.values().filter(|one| !registered.contains(&one.leaf));
        let mut open: Vec<&Proposal> = open.collect();
        open.sort_by_key(|one| (one.recorded_on, one.office, one.leaf));
        open
    }

    /// The lowest serial of a division that neither the registry nor a proposal held here has used; none where all are.
    #[must_use]
    pub fn free(&self, division: DivisionCode) -> Option<OrganCode> {
        let codes = OrganCode::all_of(division);
        let proposed = self.proposals.values().flat_map(|one| &one.organs).map(|organ| organ.code);
        let mut used: BTreeSet<OrganCode> = proposed.filter(|code| codes.contains(code)).collect();
        used.extend(self.records.range(codes).map(|(code, _)| *code));
        let mut all = (1..=LAST_SERIAL).filter_map(|serial| OrganCode::of(division, serial));
        all.find(|code| !used.contains(code))
    }

    /// What does not count, or does not fit what it names.
    #[must_use]
    pub fn irregular(&self) -> Vec<Irregular> {
        let mut found: Vec<Irregular> = self.refused.values().cloned().collect();
        for (code, records) in &self.records {
            let mut after: Option<&Record> = None;
            for record in records.values().rev() {
                let same = after.filter(|held| held.organ.revision == record.organ.revision);
                if let Some(held) = same.filter(|held| held.organ != record.organ) {
                    let name = held.organ.name.clone();
                    let why = Refusal::Taken { code: *code, name, next: held.organ.revision + 1 };
                    found.push(record.irregular(why));
                }
                after = same.or(Some(record));
                if self.belies(record) {
                    let proposal = self.registrations[&record.leaf].proposal;
                    found.push(record.irregular(Refusal::NotAsProposed(proposal)));
                }
            }
        }
        found
    }

    /// Whether the proposal of a record is held here and says something else.
    fn belies(&self, record: &Record) -> bool {
        let Some(registration) = self.registrations.get(&record.leaf) else { return false };
        let proposal = self.proposals.get(&registration.proposal);
        proposal.is_some_and(|proposal| !proposal.organs.contains(&record.organ))
    }

    fn propose(&mut self, entry: &Listed, said: &wire::OrganProposed, tree: &Tree) {
        let organs = self.readable(entry, entry.office, &said.organs, tree);
        let organs = organs.into_iter().map(|(_, organ)| organ).collect();
        let Listed { leaf, office, recorded_on, .. } = *entry;
        self.proposals.insert(leaf, Proposal { leaf, office, recorded_on, organs });
    }

    fn register(&mut self, entry: &Listed, said: &wire::OrganRegistered, tree: &Tree) {
        let Some((proposal, proposer)) = self.spoken(entry, (&said.proposal, said.proposer), tree)
        else {
            return;
        };
        let office = entry.office;
        self.registrations.insert(entry.leaf, Registration { office, proposal });
        for (place, organ) in self.readable(entry, proposer, &said.organs, tree) {
            let weight =
                (organ.revision, Reverse(office.level()), Reverse(entry.leaf), Reverse(place));
            let record = Record { organ, leaf: entry.leaf, office };
            self.records.entry(record.organ.code).or_default().insert(weight, record);
        }
    }

    fn decline(&mut self, entry: &Listed, said: &wire::OrganDeclined, tree: &Tree) {
        let Some((proposal, _)) = self.spoken(entry, (&said.proposal, said.proposer), tree) else {
            return;
        };
        let (office, reason) = (entry.office, said.reason.clone());
        self.declined.entry(proposal).or_default().insert(Declined { office, reason });
    }

    /// The proposal that an entry speaks of and who proposed it, where its author may speak of it.
    fn spoken(
        &mut self,
        entry: &Listed,
        (proposal, proposer): (&[u8], u64),
        tree: &Tree,
    ) -> Option<(Digest, DivisionCode)> {
        let leaf = Digest::read(proposal);
        let named = DivisionCode::from_number(proposer).ok();
        if let (Some(leaf), Some(proposer)) = (leaf, named)
            && may_register(entry.office, proposer, tree)
        {
            return Some((leaf, proposer));
        }
        let why = match (leaf, named) {
            (None, _) => Refusal::NoProposal(Digest::default()),
            (Some(leaf), None) => Refusal::NoProposal(leaf),
            (Some(_), Some(proposer)) => Refusal::NotAbove { office: entry.office, proposer },
        };
        self.refuse(entry, 0, None, why);
        None
    }

    /// The organs of an entry that hold together and lie in the proposer's subtree, each with its place there.
    fn readable(
        &mut self,
        entry: &Listed,
        proposer: DivisionCode,
        organs: &[wire::Organ],
        tree: &Tree,
    ) -> Vec<(usize, Organ)> {
        if organs.is_empty() || organs.len() > ENTRY_ORGANS {
            self.refuse(entry, 0, None, Refusal::Size(organs.len()));
            return Vec::new();
        }
        let mut sound = Vec::with_capacity(organs.len());
        for (place, wire) in organs.iter().enumerate() {
            let organ = match Organ::read(wire) {
                Ok(organ) => organ,
                Err(why) => {
                    self.refuse(entry, place, None, why);
                    continue;
                }
            };
            match of_subtree(&organ, proposer, tree) {
                Ok(()) => sound.push((place, organ)),
                Err(why) => self.refuse(entry, place, Some(organ.code), why),
            }
        }
        sound
    }

    fn refuse(&mut self, entry: &Listed, place: usize, code: Option<OrganCode>, why: Refusal) {
        let Listed { leaf, office, .. } = *entry;
        self.refused.insert((leaf, place), Irregular { leaf, office, code, why });
    }
}

impl Record {
    fn irregular(&self, why: Refusal) -> Irregular {
        Irregular { leaf: self.leaf, office: self.office, code: Some(self.organ.code), why }
    }
}

/// Whether an office may register or decline what another proposed: it stands above, or both are the root.
#[must_use]
pub fn may_register(office: DivisionCode, proposer: DivisionCode, tree: &Tree) -> bool {
    let above = tree.is_within(proposer, office) && office != proposer;
    above || office == DivisionCode::HUB && proposer == office
}

/// Whether an organ holds together and lies in a proposer's subtree.
pub(super) fn of_subtree(
    organ: &Organ,
    proposer: DivisionCode,
    tree: &Tree,
) -> Result<(), Refusal> {
    organ.is_sound(tree)?;
    if tree.is_within(organ.division(), proposer) {
        Ok(())
    } else {
        Err(Refusal::NotBelow { code: organ.code, proposer })
    }
}

#[cfg(test)]
mod tests;
