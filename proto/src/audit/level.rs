//! The level rule for hops: a case goes from an office to its superior or its subordinate, step by step.
//!
//! Offices that do not exist yet cannot be asked, so only those count as skipped that were enrolled when the
//! case passed them by. Across the tree the way leads through the common superior.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::finding::Finding;
use super::hop::Hop;
use crate::division::{DivisionCode, Tree};

/// Since when offices are enrolled, as far as it is known here.
#[derive(Debug, Clone, Default)]
pub struct Enrolled(BTreeMap<DivisionCode, Timestamp>);

impl Enrolled {
    /// An office is enrolled since this hour; the earliest that is told counts.
    pub fn note(&mut self, division: DivisionCode, since: Timestamp) {
        let known = self.0.entry(division).or_insert(since);
        *known = since.min(*known);
    }

    /// When an office was enrolled; `None` when nothing is known of it.
    #[must_use]
    pub fn since(&self, division: DivisionCode) -> Option<Timestamp> {
        self.0.get(&division).copied()
    }

    fn at(&self, division: DivisionCode, at: Timestamp) -> bool {
        self.since(division).is_some_and(|since| since <= at)
    }
}

/// Whether a hop skipped offices that were enrolled.
#[must_use]
pub fn check_level(hop: &Hop, tree: &Tree, enrolled: &Enrolled) -> Option<Finding> {
    let (from, to) = (hop.from.division, hop.to.division);
    let between = way(tree, from, to).into_iter();
    let skipped: Vec<DivisionCode> =
        between.filter(|code| enrolled.at(*code, hop.sent_at)).collect();
    (!skipped.is_empty()).then_some(Finding::LevelRule {
        case: hop.case,
        entry: hop.entry,
        from,
        to,
        skipped,
    })
}

/// The places between two on the way through the tree, in order.
fn way(tree: &Tree, from: DivisionCode, to: DivisionCode) -> Vec<DivisionCode> {
    let Some(top) = tree.common_superior(from, to) else { return Vec::new() };
    let below = |end: DivisionCode| -> Vec<DivisionCode> {
        let path = tree.path(end);
        path.into_iter().skip_while(|code| *code != top).skip(1).collect()
    };
    let (mut up, down) = (below(from), below(to));
    up.reverse();
    let all = up.into_iter().chain([top]).chain(down);
    all.filter(|code| *code != from && *code != to).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> DivisionCode {
        text.parse().unwrap()
    }

    fn between(from: &str, to: &str) -> Vec<String> {
        let way = way(Tree::national(), code(from), code(to));
        way.iter().map(|code| code.short()).collect()
    }

    #[test]
    fn way_between_neighbours_passes_nobody() {
        assert_eq!(between("410221101", "410221"), [""; 0]);
        assert_eq!(between("41", "4102"), [""; 0]);
        assert_eq!(between("419001", "41"), [""; 0], "Jiyuan answers to the province");
    }

    #[test]
    fn way_past_levels_names_them_in_order() {
        assert_eq!(between("41", "410221101"), ["4102", "410221"]);
        assert_eq!(between("410221101", "41"), ["410221", "4102"]);
    }

    #[test]
    fn way_across_leads_through_the_common_superior() {
        assert_eq!(between("410221", "410222"), ["4102"]);
    }
}
