//! What was done in a case and is counted on the day it was done: reviews decided, suggestions, matters brought onto their
//! statutory route, cases passed on between levels, and old cases put on the list and brought to their end.

use super::{Measured, author, of_kind};
use crate::case::standing::day_of;
use crate::case::{Case, Fact};
use crate::entry::Kind;
use crate::figure::{Figure, passed_on, rung};

/// Of an opinion on review: upheld (维持). Anything else corrects what was decided below.
const UPHELD: u32 = 1;

/// The suggestion's facet, by what became of it.
const SUGGESTIONS: [(Kind, u32); 4] = [
    (Kind::SuggestionTaken, 0),
    (Kind::SuggestionAdopted, 1),
    (Kind::SuggestionPartlyAdopted, 2),
    (Kind::SuggestionDeclined, 3),
];

pub(super) fn of(case: &Case) -> Vec<Measured> {
    let day = |fact: &Fact| day_of(fact.header().recorded_at);
    let mut measured = Vec::new();
    for fact in of_kind(case, Kind::ReviewDecided) {
        let corrected = fact.has_body() && fact.outcome() != UPHELD;
        measured.push(Measured::duty(Figure::ReviewCorrection, author(fact), day(fact), corrected));
    }
    for (kind, facet) in SUGGESTIONS {
        for fact in of_kind(case, kind) {
            measured.push(Measured::one(Figure::Suggestions, facet, author(fact), day(fact)));
        }
    }
    for fact in of_kind(case, Kind::Diverted) {
        measured.push(Measured::one(Figure::Diverted, 0, author(fact), day(fact)));
    }
    for fact in of_kind(case, Kind::Transferred).chain(of_kind(case, Kind::Assigned)) {
        let Some(to) = &fact.header().custody_to else { continue };
        let facet = passed_on(rung(author(fact).level()), rung(to.division.level()));
        measured.push(Measured::one(Figure::PassedOn, facet, author(fact), day(fact)));
    }
    measured.extend(backlog(case));
    measured
}

/// The backlog counts a case once, at the office that listed it first, until the case has come to its end.
fn backlog(case: &Case) -> Vec<Measured> {
    let listings = of_kind(case, Kind::BacklogListed);
    let first = listings.min_by_key(|fact| (fact.header().recorded_at, fact.leaf()));
    let Some(first) = first else { return Vec::new() };
    let listed_on = day_of(first.header().recorded_at);
    let listed = Measured::one(Figure::BacklogListed, 0, author(first), listed_on);
    let leading = case.leading().filter(|thread| thread.state().is_final());
    let last = leading.and_then(|thread| case.facts().get(&thread.tip()?));
    let ended = last.map(|last| {
        let on = day_of(last.header().recorded_at).max(listed_on);
        Measured::one(Figure::BacklogEnded, 0, author(first), on)
    });
    [listed].into_iter().chain(ended).collect()
}
