//! Visits past the level rule (越级走访), as batches and persons, by the place of the problem and the level they went to.
//!
//! A visit is counted once, however often the office that received it said that it went past its level. It counts at a
//! place below that office, or at the office itself: none adds to the numbers of a place it has nothing to do with. Who
//! came is nowhere in it.

use std::collections::BTreeSet;

use super::{Measured, author, of_kind};
use crate::case::Case;
use crate::case::standing::day_of;
use crate::division::{DivisionCode, Tree};
use crate::entry::Kind;
use crate::figure::share::Share;
use crate::figure::{Figure, cross_level, rung};

/// Of a visit that was looked at: above, and guided (越级引导).
pub const GUIDED: u32 = 3;

pub(super) fn visits(case: &Case) -> Vec<Measured> {
    let found = of_kind(case, Kind::Triaged).chain(of_kind(case, Kind::NotAccepted));
    let above: BTreeSet<DivisionCode> =
        found.filter(|fact| fact.outcome() == GUIDED).map(author).collect();
    if above.is_empty() {
        return Vec::new();
    }
    let visits = of_kind(case, Kind::IntakeRegistered)
        .filter(|fact| fact.visit().is_some() && above.contains(&author(fact)));
    let measured = visits.filter_map(|fact| {
        let visit = fact.visit()?;
        Some(Measured {
            figure: Figure::CrossLevel,
            facet: cross_level(rung(author(fact).level()), visit.field),
            office: place_of(visit.place, author(fact)),
            day: day_of(fact.header().recorded_at),
            share: Share { of: 1, all: visit.persons.max(1).into() },
        })
    });
    measured.collect()
}

/// Where a visit counts.
fn place_of(named: Option<DivisionCode>, visited: DivisionCode) -> DivisionCode {
    let place = named.map(known);
    place.filter(|place| Tree::national().is_within(*place, visited)).unwrap_or(visited)
}

/// A place as the tree knows it: a village or a place of another edition counts where it lies.
fn known(place: DivisionCode) -> DivisionCode {
    Tree::national().find(place).map_or_else(|unknown| unknown.nearest, |known| known.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visit_counts_at_a_place_below_the_office_it_came_to_or_at_that_office() {
        let code = |text: &str| -> DivisionCode { text.parse().unwrap() };
        let at = |named: Option<&str>| place_of(named.map(code), code("41")).short();
        assert_eq!(at(Some("410221101201")), "410221101");
        assert_eq!(
            (at(Some("42")), at(Some("00")), at(None)),
            ("41".into(), "41".into(), "41".into())
        );
    }

    #[test]
    fn a_village_counts_in_its_township() {
        let at = |code: &str| known(code.parse().unwrap()).short();
        assert_eq!(
            (at("410221101201"), at("410221101"), at("41")),
            ("410221101".into(), "410221101".into(), "41".into())
        );
    }
}
