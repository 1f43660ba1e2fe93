//! What a case knows of its sealed parts: where they stand, who opened them, and whether their key is destroyed.
//!
//! All of it follows from headers, and from the proposal an erasure names; nothing here can open anything.

use super::{Case, Fact};
use crate::division::DivisionCode;
use crate::entry::Kind;

/// The discipline organ of an office (纪检监察), as holders and sealing keys name it.
pub const DISCIPLINE: &str = "discipline";

impl Case {
    /// The entries with a sealed part that says who the petitioner is, or what a report says, the first one first.
    /// Ratings are sealed for somebody else.
    pub fn sealed_parts(&self) -> impl Iterator<Item = &Fact> {
        let facts = self.timeline().into_iter().filter(|fact| fact.header().sealed_hash.is_some());
        facts.filter(|fact| fact.header().kind != Kind::Rated)
    }

    /// Whether the case continues a report (检举控告): its opening put it into the hands of the discipline organ, whoever
    /// holds it now.
    #[must_use]
    pub fn is_report(&self) -> bool {
        let opening = self.first().and_then(|first| first.steps().first());
        let opening = opening.and_then(|leaf| self.facts.get(leaf));
        let holder = opening.and_then(|fact| fact.header().custody_to.as_ref());
        holder.is_some_and(|holder| holder.organ == DISCIPLINE)
    }

    /// The petitioner's access log (查阅记录), the first one first: every opening of a sealed part and every look-up by who
    /// they are, and the destruction of the key.
    pub fn access_log(&self) -> impl Iterator<Item = &Fact> {
        let accesses = [Kind::Unsealed, Kind::LookedUp, Kind::Erased];
        self.timeline().into_iter().filter(move |fact| accesses.contains(&fact.header().kind))
    }

    /// Whether the law lets this office have the key of the case: it registered it, or held it.
    #[must_use]
    pub fn is_reader(&self, office: DivisionCode) -> bool {
        self.audience.contains(&office)
    }

    /// The entry by which the key of this case is destroyed: one officer of an office that has held the case proposed
    /// it, and another of the same office agreed. Anything less destroys nothing.
    #[must_use]
    pub fn erasure(&self) -> Option<&Fact> {
        self.facts.values().find(|fact| {
            let header = fact.header();
            let proposal = fact.about().and_then(|leaf| self.facts.get(&leaf));
            header.kind == Kind::Erased
                && self.is_reader(header.journal.author)
                && proposal.is_some_and(|proposal| {
                    let first = proposal.header();
                    first.kind == Kind::ErasureProposed
                        && first.journal.author == header.journal.author
                        && !first.hand.officer.is_empty()
                        && !header.hand.officer.is_empty()
                        && first.hand.officer != header.hand.officer
                })
        })
    }
}
