//! Visits past the level rule (越级走访), as batches and persons, by the place of the problem and the level they went to.
//!
//! A visit is counted once, however often the office that received it said that it went past its level. Who came is
//! nowhere in it.

use std::collections::BTreeSet;

use super::{Measured, author, of_kind};
use crate::case::Case;
use crate::case::standing::day_of;
use crate::division::DivisionCode;
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
            office: visit.place.unwrap_or(author(fact)),
            day: day_of(fact.header().recorded_at),
            share: Share { of: 1, all: visit.persons.max(1).into() },
        })
    });
    measured.collect()
}
