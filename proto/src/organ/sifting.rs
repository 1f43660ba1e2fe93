//! What of a batch may be proposed, judged against the registry and against what is proposed already.
//!
//! It is the law of the desk, made once for offices that propose and for those that register: an organ that is refused
//! takes those with it that answer to it or are succeeded by it, and the rest goes on. What is registered or proposed
//! already, letter by letter, is known and not proposed again.
//!
//! The registry counts without it what its author may say; nothing here makes or unmakes a record.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan as _;

use super::registry::of_subtree;
use super::{Category, Organ, OrganCode, Refusal, Registry};
use crate::digest::Digest;
use crate::division::{DivisionCode, Tree};

/// A batch, sorted: each place of it stands in one of the three.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sifted {
    /// May be proposed.
    pub kept: Vec<usize>,
    /// Registered or proposed already.
    pub known: Vec<usize>,
    /// May not, and why.
    pub refused: Vec<(usize, Refusal)>,
}

/// What a batch is held against.
struct Scales<'a> {
    registry: &'a Registry,
    tree: &'a Tree,
    proposer: DivisionCode,
    /// What is proposed and not registered yet, newest revision of each.
    proposed: BTreeMap<OrganCode, &'a Organ>,
}

/// Sorts a batch that `proposer` brings; of the open proposals the one with leaf `besides` is left out of account, since
/// it is the batch itself.
#[must_use]
pub fn sift(
    registry: &Registry,
    tree: &Tree,
    (proposer, besides): (DivisionCode, Option<Digest>),
    batch: &[Organ],
) -> Sifted {
    let mut proposed: BTreeMap<OrganCode, &Organ> = BTreeMap::new();
    let open = registry.open().into_iter().filter(|one| Some(one.leaf) != besides);
    for organ in open.flat_map(|one| &one.organs) {
        let newest = proposed.entry(organ.code).or_insert(organ);
        if newest.revision < organ.revision {
            *newest = organ;
        }
    }
    Scales { registry, tree, proposer, proposed }.sift(batch)
}

impl<'a> Scales<'a> {
    fn sift(&self, batch: &'a [Organ]) -> Sifted {
        let mut sifted = Sifted::default();
        let mut beside: BTreeMap<OrganCode, &Organ> = self.proposed.clone();
        let mut first = BTreeSet::new();
        for (place, organ) in batch.iter().enumerate() {
            if self.is_known(organ) {
                sifted.known.push(place);
                continue;
            }
            let judged = self.judge_alone(organ);
            let twice = judged.is_ok() && !first.insert(organ.code);
            match judged {
                Ok(()) if twice => {
                    let (code, name, next) = (organ.code, organ.name.clone(), organ.revision + 1);
                    sifted.refused.push((place, Refusal::Taken { code, name, next }));
                }
                Ok(()) => {
                    beside.insert(organ.code, organ);
                    sifted.kept.push(place);
                }
                Err(why) => sifted.refused.push((place, why)),
            }
        }
        // Whatever leans on something that is refused is refused next, until nothing more falls.
        loop {
            let fallen: Vec<(usize, Refusal)> = sifted
                .kept
                .iter()
                .filter_map(|place| {
                    Some((*place, self.judge_among(&batch[*place], &beside).err()?))
                })
                .collect();
            if fallen.is_empty() {
                break;
            }
            for (place, _) in &fallen {
                sifted.kept.retain(|kept| kept != place);
                self.restore(&mut beside, batch[*place].code);
            }
            sifted.refused.extend(fallen);
        }
        sifted.refused.sort_by_key(|(place, _)| *place);
        sifted
    }

    /// What stood beside the batch before an organ of it took that place.
    fn restore(&self, beside: &mut BTreeMap<OrganCode, &'a Organ>, code: OrganCode) {
        match self.proposed.get(&code) {
            Some(organ) => beside.insert(code, organ),
            None => beside.remove(&code),
        };
    }

    fn is_known(&self, organ: &Organ) -> bool {
        let registered = self.registry.records(organ.code).any(|record| record.organ == *organ);
        registered || self.proposed.get(&organ.code) == Some(&organ)
    }

    /// Whether an organ may be proposed, as far as it needs no other.
    fn judge_alone(&self, organ: &Organ) -> Result<(), Refusal> {
        of_subtree(organ, self.proposer, self.tree)?;
        if let Category::Unknown(number) = organ.category {
            return Err(Refusal::Category(number));
        }
        let code = organ.code;
        let known = self.registry.latest(code).map(|record| &record.organ);
        let expected = known.map_or(0, |known| known.revision + 1);
        let rival = self.proposed.get(&code).filter(|rival| rival.revision >= organ.revision);
        let holder = known.filter(|_| organ.revision == 0).or(rival.copied());
        if let Some(holder) = holder {
            let name = holder.name.clone();
            return Err(Refusal::Taken { code, name, next: holder.revision + 1 });
        }
        if organ.revision != expected {
            return Err(Refusal::Revision { code, expected, given: organ.revision });
        }
        Ok(())
    }

    /// Whether its superior and its successor are there, and nothing leads back to it.
    fn judge_among(
        &self,
        organ: &Organ,
        beside: &BTreeMap<OrganCode, &Organ>,
    ) -> Result<(), Refusal> {
        let known = |code: OrganCode| {
            let proposed = beside.get(&code).copied();
            proposed.or_else(|| self.registry.latest(code).map(|record| &record.organ))
        };
        let code = organ.code;
        if let Some(superior) = organ.superior {
            known(superior).ok_or(Refusal::UnknownSuperior(superior))?;
        }
        let above = |organ: &Organ| organ.superior;
        let behind = |organ: &Organ| organ.successor;
        for next in [above as fn(&Organ) -> Option<OrganCode>, behind] {
            let (mut at, mut seen) = (next(organ), BTreeSet::new());
            while let Some(step) = at.filter(|step| seen.insert(*step)) {
                if step == code {
                    return Err(Refusal::Cycle { code });
                }
                at = known(step).and_then(next);
            }
        }
        if let (Some(successor), Some(until)) = (organ.successor, organ.valid_to) {
            let found = known(successor).ok_or(Refusal::UnknownSuccessor(successor))?;
            let on = until.checked_add(1.day()).unwrap_or(until);
            let there = found.valid_from <= on && found.valid_to.is_none_or(|last| on <= last);
            // It may have begun under an earlier record, and been changed since.
            let began = self.registry.standing(successor, on).is_ok();
            if !there && !began {
                return Err(Refusal::SuccessorBeforeItsTime { successor, on });
            }
        }
        Ok(())
    }
}
