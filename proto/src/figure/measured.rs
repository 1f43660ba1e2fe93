//! What a case, or an entry that stands in none, adds to the figures.
//!
//! A case's part is a fold of it alone: what it adds can be taken back when the case has grown, and added anew. A report,
//! and a case that went on as one, add nothing, since a number beside a small office would tell of it.

mod course;
mod duty;
mod package;
mod ratings;
mod visit;

use jiff::civil::Date;

use super::Figure;
use super::share::Share;
use crate::case::{Case, Fact};
use crate::division::DivisionCode;
use crate::entry::Kind;

pub use ratings::of_ratings;
pub use visit::GUIDED;

/// One addition to a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// The figure.
    pub figure: Figure,
    /// Which part of it; 0 where it has none.
    pub facet: u32,
    /// The division whose organ owed or did it; of a visit, the place of the problem.
    pub office: DivisionCode,
    /// The day it was due, or done where nothing is due.
    pub day: Date,
    /// What it adds.
    pub share: Share,
}

impl Measured {
    /// One duty: kept, or not.
    fn duty(figure: Figure, office: DivisionCode, day: Date, kept: bool) -> Self {
        Self { figure, facet: 0, office, day, share: Share { of: kept.into(), all: 1 } }
    }

    /// One of what is only counted.
    fn one(figure: Figure, facet: u32, office: DivisionCode, day: Date) -> Self {
        Self { figure, facet, office, day, share: Share { of: 1, all: 1 } }
    }
}

/// Everything a case adds to the figures.
#[must_use]
pub fn measured(case: &Case) -> Vec<Measured> {
    if case.is_report() || of_kind(case, Kind::TurnedToReport).next().is_some() {
        return Vec::new();
    }
    let mut measured: Vec<Measured> = duty::duties(case).collect();
    measured.extend(course::of(case));
    measured.extend(package::packages(case));
    measured.extend(visit::visits(case));
    measured
}

/// Entries of a kind that were their authors' to write.
fn of_kind(case: &Case, kind: Kind) -> impl Iterator<Item = &Fact> {
    let lawful = |fact: &&Fact| !case.aside().contains_key(&fact.leaf());
    case.facts().values().filter(move |fact| fact.header().kind == kind).filter(lawful)
}

/// The office that wrote an entry.
fn author(fact: &Fact) -> DivisionCode {
    fact.header().journal.author
}
