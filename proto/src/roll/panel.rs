//! Experts for a review, drawn by lot (专家组).
//!
//! The list, who may not sit, and the draw are worked out from entries alone, so that whoever holds them draws the same
//! panel again. Whoever serves at an organ that has held the case may not sit, nor who is to keep out of it.
//!
//! The lot is the hash of each enlisting with the entry that opened the review. That entry has random bytes in it which
//! the reviewing office drew; it cannot choose the panel, but by opening over and over, which would show as openings.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::Listed;
use crate::case::Case;
use crate::digest::Digest;
use crate::division::DivisionCode;
use crate::entry::header::date_of;
use crate::entry::{Content, Holder};

/// An expert on the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expert {
    /// The enlisting.
    pub leaf: Digest,
    /// The office that enlisted.
    pub office: DivisionCode,
    /// Name.
    pub name: String,
    /// Field.
    pub field: String,
    /// The organ the expert serves at, if at one.
    pub organ: Option<Holder>,
    /// The unit, in words.
    pub unit: String,
    /// Last day on the list.
    pub until: Option<Date>,
}

/// Why somebody on the list may not sit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Conflict {
    /// Serves at an organ that has held the case.
    Organ,
    /// Is to keep out of it.
    Recused,
    /// Was on the list until an earlier day.
    Ended,
}

/// A panel, and who could not be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draw {
    /// Who sits, in the order of the lot.
    pub drawn: Vec<Digest>,
    /// Who could not, and why.
    pub excluded: Vec<(Digest, Conflict)>,
}

/// The list, out of the entries that make it. An expert is removed by the office that
/// enlisted, and no other.
#[must_use]
pub fn list(entries: &[Listed]) -> Vec<Expert> {
    let mut experts = BTreeMap::new();
    for Listed { leaf, office, content, .. } in entries {
        if let Content::ExpertEnlisted(said) = content {
            let expert = Expert {
                leaf: *leaf,
                office: *office,
                name: said.name.clone(),
                field: said.field.clone(),
                organ: said.organ.as_ref().and_then(Holder::read),
                unit: said.unit.clone(),
                until: said.until_on.and_then(|days| date_of(days).ok()),
            };
            experts.insert((*leaf, *office), expert);
        }
    }
    for Listed { office, content, .. } in entries {
        if let Content::ExpertRemoved(said) = content
            && let Some(leaf) = Digest::read(&said.expert)
        {
            experts.remove(&(leaf, *office));
        }
    }
    experts.into_values().collect()
}

/// Draws up to `seats` of a list for the leading thread of a case.
#[must_use]
pub fn draw(list: &[Expert], case: &Case, seats: usize, today: Date) -> Draw {
    let seed = case.leading().and_then(|thread| thread.steps().first().copied());
    let (held, recused) = (holders(case), case.recused_experts());
    let conflict = |expert: &Expert| {
        if expert.organ.as_ref().is_some_and(|organ| held.contains(organ)) {
            Some(Conflict::Organ)
        } else if recused.contains(&expert.leaf) {
            Some(Conflict::Recused)
        } else if expert.until.is_some_and(|until| until < today) {
            Some(Conflict::Ended)
        } else {
            None
        }
    };
    let mut drawn = Vec::new();
    let mut excluded = Vec::new();
    for expert in list {
        match conflict(expert) {
            Some(why) => excluded.push((expert.leaf, why)),
            None => drawn.push(expert.leaf),
        }
    }
    let lot =
        |leaf: &Digest| Digest::of(&[b"terrace panel\0", &seed.unwrap_or_default().0, &leaf.0]);
    drawn.sort_by_key(lot);
    drawn.truncate(seats);
    excluded.sort_unstable();
    Draw { drawn, excluded }
}

/// Everybody who has held the case in any of its threads.
fn holders(case: &Case) -> BTreeSet<Holder> {
    let steps = case.threads().values().flat_map(|thread| thread.steps());
    let facts = steps.filter_map(|leaf| case.facts().get(leaf));
    facts.filter_map(|fact| fact.header().custody_to.clone()).collect()
}
