//! Cells added up: those a table is read out of, whether they came from a store or were counted anew.

use std::collections::BTreeMap;

use super::Figure;
use super::cell::{Cell, Changes, Grain};
use super::period::Period;
use crate::division::DivisionCode;
use crate::figure::share::Share;

/// Cells with what was counted in each; none is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally(BTreeMap<Cell, Share>);

impl Tally {
    /// Puts in what a store keeps of a cell.
    pub fn put(&mut self, cell: Cell, share: Share) {
        self.0.insert(cell, share);
    }

    /// Changes cells.
    ///
    /// # Panics
    ///
    /// When more is taken back than was added: figures that cannot be right must not be told.
    pub fn change(&mut self, changes: &Changes) {
        for (cell, of, all) in changes.cells() {
            let share = self.0.entry(cell).or_default();
            let grown = |number: u64, by: i64| number.checked_add_signed(by);
            let of = grown(share.of, of).expect("what is taken back was added");
            let all = grown(share.all, all).expect("what is taken back was added");
            *share = Share { of, all };
            if *share == Share::default() {
                self.0.remove(&cell);
            }
        }
    }

    /// What was counted of a division and all below it in a period, by facet.
    #[must_use]
    pub fn by_facet(
        &self,
        figure: Figure,
        division: DivisionCode,
        period: Period,
    ) -> BTreeMap<u32, Share> {
        let mut facets: BTreeMap<u32, Share> = BTreeMap::new();
        for (grain, range) in period.ranges() {
            let at = |from, figure, facet| Cell { division, grain, from, figure, facet };
            let (least, most) = (Figure::FIRST, Figure::LAST);
            let cells =
                self.0.range(at(*range.start(), least, 0)..=at(*range.end(), most, u32::MAX));
            for (cell, share) in cells.filter(|(cell, _)| cell.figure == figure) {
                let sum = facets.entry(cell.facet).or_default();
                *sum = *sum + *share;
            }
        }
        facets
    }

    /// What was counted of a division and all below it in a period.
    #[must_use]
    pub fn share(&self, figure: Figure, division: DivisionCode, period: Period) -> Share {
        self.by_facet(figure, division, period).into_values().sum()
    }

    /// All cells, in order.
    pub fn cells(&self) -> impl Iterator<Item = (&Cell, &Share)> {
        self.0.iter()
    }

    /// The cells of one grain.
    pub fn of_grain(&self, grain: Grain) -> impl Iterator<Item = (&Cell, &Share)> {
        self.0.iter().filter(move |(cell, _)| cell.grain == grain)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::division::Tree;
    use crate::figure::measured::Measured;

    fn one() -> impl Strategy<Value = Measured> {
        let offices = ["410221", "410222", "420102"].map(|code| code.parse().unwrap());
        let figures: Vec<Figure> = Figure::all().collect();
        let parts = (prop::sample::select(figures), prop::sample::select(offices.to_vec()));
        (parts, 1..28_i8, any::<bool>(), 0..2_u32).prop_map(
            |((figure, office), day, kept, facet)| {
                let share = Share { of: kept.into(), all: 1 };
                Measured { figure, facet, office, day: date(2026, 3, day), share }
            },
        )
    }

    proptest! {
        /// A case that changes again and again leaves what it is measured at last, and nothing else.
        #[test]
        fn changes_one_by_one_come_to_what_is_counted_at_once(
            lives in prop::collection::vec(prop::collection::vec(prop::collection::vec(one(), 0..5), 1..5), 0..12)
        ) {
            let (tree, top) = (Tree::national(), DivisionCode::HUB);
            let mut step_by_step = Tally::default();
            for life in &lives {
                let mut before: &[Measured] = &[];
                for now in life {
                    let mut changes = Changes::default();
                    changes.take_back(before, tree, top);
                    changes.add(now, tree, top);
                    step_by_step.change(&changes);
                    before = now;
                }
            }
            let mut at_once = Changes::default();
            for life in &lives {
                at_once.add(life.last().unwrap(), tree, top);
            }
            let mut counted = Tally::default();
            counted.change(&at_once);
            prop_assert_eq!(&step_by_step, &counted);
            let year = Period::read("2026").unwrap();
            let all: u64 = Figure::all().map(|figure| counted.share(figure, top, year).all).sum();
            prop_assert_eq!(all, lives.iter().map(|life| life.last().unwrap().len() as u64).sum::<u64>());
        }
    }

    #[test]
    fn every_figure_is_found_on_the_last_day_and_in_the_last_month() {
        for figure in Figure::all() {
            let (office, day) = ("410221".parse().unwrap(), date(2026, 3, 31));
            let one = Measured { figure, facet: 40, office, day, share: Share { of: 1, all: 1 } };
            let (mut changes, mut tally) = (Changes::default(), Tally::default());
            changes.add(&[one], Tree::national(), DivisionCode::HUB);
            tally.change(&changes);
            for period in ["2026-03", "2026-03-30..2026-03-31", "2026-03-31"] {
                let period = Period::read(period).unwrap();
                assert_eq!(tally.share(figure, DivisionCode::HUB, period).all, 1, "{figure:?}");
            }
        }
    }

    #[test]
    fn a_period_ends_where_it_is_asked_to_and_a_division_holds_its_subtree() {
        let of = |office: &str, day: i8, kept: bool| Measured {
            figure: Figure::OnSchedule,
            facet: 0,
            office: office.parse().unwrap(),
            day: date(2026, 3, day),
            share: Share { of: kept.into(), all: 1 },
        };
        let mut changes = Changes::default();
        let measured = [of("410221", 1, true), of("410221", 9, false), of("420102", 1, false)];
        changes.add(&measured, Tree::national(), DivisionCode::HUB);
        let mut tally = Tally::default();
        tally.change(&changes);
        let share = |within: &str, until: i8| {
            let period = Period { first: date(2026, 3, 1), last: date(2026, 3, until) };
            tally.share(Figure::OnSchedule, within.parse().unwrap(), period)
        };
        assert_eq!(share("41", 8), Share { of: 1, all: 1 });
        assert_eq!(share("41", 9), Share { of: 1, all: 2 });
        assert_eq!(share("00", 9), Share { of: 1, all: 3 });
        assert_eq!(share("00", 31), Share { of: 1, all: 3 });
    }
}
