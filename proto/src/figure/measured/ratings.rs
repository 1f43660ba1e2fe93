//! What an entry that stands in no case adds: what ratings said, once it is told (评价公布).
//!
//! It counts on the day it was told and against the unit it was told of. An earlier day would say when somebody rated.
//!
//! Only an office above the unit tells of it, since only there a rating can be read; and each grade told of it is that of
//! a rating that is named. Anything else is kept and counts for nothing, or an office could grade itself or a stranger.

use std::collections::BTreeSet;

use super::Measured;
use crate::case::standing::day_of;
use crate::division::Tree;
use crate::entry::{Content, Entry, Holder};
use crate::figure::Figure;
use crate::figure::share::Share;
use crate::wire::{Grades, RatingsTold};

/// What an entry that tells what ratings said adds to the figures; any other adds nothing by itself.
#[must_use]
pub fn of_ratings(entry: &Entry) -> Vec<Measured> {
    let Some(Content::RatingsTold(said)) = entry.content() else { return Vec::new() };
    let Some(unit) = said.unit.as_ref().and_then(Holder::read) else { return Vec::new() };
    let author = entry.header().journal.author;
    if author == unit.division || !Tree::national().is_within(unit.division, author) {
        return Vec::new();
    }
    let rated = rated(&said);
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
        let all_named = all > 0 && all == rated;
        all_named.then(|| [share(broad, satisfied + basically), share(narrow, satisfied)])
    });
    measured.flatten().collect()
}

/// How many of the ratings that are named count.
fn rated(said: &RatingsTold) -> u64 {
    let named: BTreeSet<&[u8]> = said.ratings.iter().map(Vec::as_slice).collect();
    (named.len() as u64).saturating_sub(said.own_terminal.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Epoch;
    use crate::entry::{Header, JournalId, Kind, SALT_LENGTH};
    use crate::wire;

    /// What the grades add when an office tells of a unit of Kaifeng county, naming so many ratings.
    fn adds(author: &str, named: u8, satisfied: u32) -> usize {
        let unit = wire::Holder { division: 410_221_000_000, organ: "mzj".into() };
        let grades = Grades { satisfied, basically: 2, dissatisfied: 0 };
        let said = RatingsTold {
            unit: Some(unit),
            of_unit: Some(grades),
            of_office: Some(grades),
            own_terminal: 1,
            ratings: (0..named).map(|number| vec![number; 32]).collect(),
        };
        let journal = JournalId { author: author.parse().unwrap(), epoch: Epoch([1; 16]) };
        let header = Header::plain(journal, 1, Kind::RatingsTold, jiff::Timestamp::UNIX_EPOCH);
        of_ratings(&Entry::write(header, Content::RatingsTold(said), [0; SALT_LENGTH])).len()
    }

    #[test]
    fn a_unit_is_graded_from_above_and_by_ratings_that_are_named() {
        assert_eq!(adds("4102", 6, 3), 4);
        assert_eq!(adds("41", 6, 3), 4, "an office further up stands in for one that has no key");
        assert_eq!(adds("410221", 6, 3), 0, "an office grades itself");
        assert_eq!(adds("4103", 6, 3), 0, "a stranger grades it");
        assert_eq!(adds("4102", 6, 300), 0, "more are content than are named");
    }
}
