//! Packages (包案) of a case: settled by three tests, of those whose target day has come.
//!
//! That nobody petitions any more is no test.

use super::{Measured, author, of_kind};
use crate::case::standing::day_of;
use crate::case::{Case, Fact};
use crate::entry::Kind;
use crate::figure::Figure;
use crate::figure::share::Share;
use crate::roll::package::{LEVELS, Test};

/// The facet is the level of the leader; a package that names no level there is counts nowhere.
pub(super) fn packages(case: &Case) -> Vec<Measured> {
    let made = of_kind(case, Kind::CasePackaged).filter(|fact| LEVELS.contains(&fact.outcome()));
    let measured = made.map(|fact| Measured {
        figure: Figure::PackageSettlement,
        facet: fact.outcome(),
        office: author(fact),
        day: fact.on().unwrap_or_else(|| day_of(fact.header().recorded_at)),
        share: Share { of: is_settled(case, fact).into(), all: 1 },
    });
    measured.collect()
}

/// Whether all three tests of a package are passed: two by the word of the office that made it, one by the petitioner's.
fn is_settled(case: &Case, package: &Fact) -> bool {
    let tests = of_kind(case, Kind::PackageTested);
    let mut tests: Vec<&Fact> = tests
        .filter(|fact| fact.about() == Some(package.leaf()) && author(fact) == author(package))
        .collect();
    tests.sort_by_key(|fact| (fact.header().recorded_at, fact.header().id()));
    let passed = |test| {
        let mut results = tests.iter().filter_map(|fact| Test::result(fact.outcome()));
        let last = results.rfind(|(of, _)| *of == test);
        last.is_some_and(|(_, passed)| passed)
    };
    let content = case.last_said(Kind::ContentStated, package.leaf());
    passed(Test::Decided)
        && passed(Test::Executed)
        && content.is_some_and(|fact| fact.outcome() == 1)
}
