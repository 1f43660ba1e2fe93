//! What an entry that stands in no case adds: what ratings said, once it is told (评价公布).
//!
//! It counts on the day it was told and against the unit it was told of. An earlier day would say when somebody rated.

use super::Measured;
use crate::case::standing::day_of;
use crate::entry::{Content, Entry, Holder};
use crate::figure::Figure;
use crate::figure::share::Share;
use crate::wire::Grades;

/// What an entry adds to the figures by itself.
#[must_use]
pub fn told(entry: &Entry) -> Vec<Measured> {
    let Some(Content::RatingsTold(said)) = entry.content() else { return Vec::new() };
    let Some(unit) = said.unit.as_ref().and_then(Holder::read) else { return Vec::new() };
    let day = day_of(entry.header().recorded_at);
    let both = [
        (Figure::UnitSatisfaction, Figure::UnitSatisfied, said.of_unit),
        (Figure::OfficeSatisfaction, Figure::OfficeSatisfied, said.of_office),
    ];
    let measured = both.into_iter().filter_map(|(broad, narrow, grades)| {
        let Grades { satisfied, basically, dissatisfied } = grades?;
        let [satisfied, basically, dissatisfied] =
            [satisfied, basically, dissatisfied].map(u64::from);
        let all = satisfied + basically + dissatisfied;
        let share = |figure, of| Measured {
            figure,
            facet: 0,
            office: unit.division,
            day,
            share: Share { of, all },
        };
        Some([share(broad, satisfied + basically), share(narrow, satisfied)])
    });
    measured.flatten().filter(|one| one.share.all > 0).collect()
}
