//! Which other cases belong to a case, as officers found (关联).
//!
//! A machine proposes, an officer links, and a link that was wrong is undone by an entry. Nothing is merged: each case
//! keeps its own intakes, each counted once. Whether it is the first in the whole country, only the root can know.

use std::collections::BTreeSet;

use super::{Case, Fact};
use crate::digest::{CaseId, Digest};
use crate::entry::Kind;

/// What two cases have to do with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// The same matter (同一事项).
    Same,
    /// What is new after the other has ended (新的事实).
    NewFacts,
    /// Something to do with it (相关).
    Related,
}

/// A link that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// The entry.
    pub leaf: Digest,
    /// The other case.
    pub other: CaseId,
    /// What they have to do with each other.
    pub relation: Relation,
}

impl Relation {
    /// The relation of a number on the wire.
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        [Self::Same, Self::NewFacts, Self::Related].into_iter().find(|one| one.number() == number)
    }

    /// Its number on the wire.
    #[must_use]
    pub fn number(self) -> u32 {
        match self {
            Self::Same => 1,
            Self::NewFacts => 2,
            Self::Related => 3,
        }
    }
}

impl Case {
    /// The links that stand, the first one first. One that its own office has undone does not.
    #[must_use]
    pub fn links(&self) -> Vec<Link> {
        let of_kind = |kind| self.facts.values().filter(move |fact| fact.header().kind == kind);
        let undone: BTreeSet<(Digest, _)> = of_kind(Kind::LinkUndone)
            .filter_map(|fact| Some((fact.about()?, fact.header().journal.author)))
            .collect();
        let standing = of_kind(Kind::CasesLinked)
            .filter(|fact| !undone.contains(&(fact.leaf(), fact.header().journal.author)));
        let mut links: Vec<(&Fact, Link)> = standing
            .filter_map(|fact| {
                let (other, relation) = (fact.other()?, Relation::from_number(fact.outcome())?);
                Some((fact, Link { leaf: fact.leaf(), other, relation }))
            })
            .collect();
        links.sort_by_key(|(fact, _)| (fact.header().recorded_at, fact.header().id()));
        links.into_iter().map(|(_, link)| link).collect()
    }
}
