//! Rates added up: by rate, office and the day something was due.
//!
//! Days, and not months, because a period ends at the hour that is asked about: what is due later is in no population
//! yet. What a case adds can be taken back, so that a change costs that case alone.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use jiff::civil::Date;

use super::Rate;
use super::measured::Measured;
use crate::division::{DivisionCode, Tree};
use crate::figure::share::Share;

/// What was due of one office on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// The rate.
    pub rate: Rate,
    /// Who owed it.
    pub owed_by: DivisionCode,
    /// The day.
    pub due_on: Date,
}

/// Cells with what was kept in each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally(BTreeMap<Cell, Share>);

impl Tally {
    /// Adds what a case is measured at.
    pub fn add(&mut self, measured: &[Measured]) {
        for one in measured {
            let share = self.0.entry(cell(one)).or_default();
            *share = Share { of: share.of + u64::from(one.kept), all: share.all + 1 };
        }
    }

    /// Takes back what a case was measured at before.
    ///
    /// # Panics
    ///
    /// When it was not added: figures that cannot be right must not be told.
    pub fn take_back(&mut self, measured: &[Measured]) {
        for one in measured {
            let cell = cell(one);
            let share = self.0.get_mut(&cell).expect("what is taken back was added");
            let of = share.of.checked_sub(u64::from(one.kept)).expect("it was added as kept");
            *share = Share { of, all: share.all - 1 };
            if share.all == 0 {
                self.0.remove(&cell);
            }
        }
    }

    /// The share of what the offices within a division kept of what was due in a period.
    #[must_use]
    pub fn share(
        &self,
        rate: Rate,
        within: (&Tree, DivisionCode),
        period: &RangeInclusive<Date>,
    ) -> Share {
        let (tree, division) = within;
        let wanted = |cell: &Cell| {
            cell.rate == rate
                && period.contains(&cell.due_on)
                && tree.is_within(cell.owed_by, division)
        };
        let counted = self.0.iter().filter(|(cell, _)| wanted(cell)).map(|(_, share)| *share);
        counted.fold(Share::default(), |sum, one| Share {
            of: sum.of + one.of,
            all: sum.all + one.all,
        })
    }

    /// All cells, in order.
    pub fn cells(&self) -> impl Iterator<Item = (&Cell, &Share)> {
        self.0.iter()
    }
}

fn cell(measured: &Measured) -> Cell {
    Cell { rate: measured.rate, owed_by: measured.owed_by, due_on: measured.due_on }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn one() -> impl Strategy<Value = Measured> {
        let offices = ["410221", "410222", "420102"].map(|code| code.parse().unwrap());
        let rates: Vec<Rate> = Rate::all().collect();
        let parts = (prop::sample::select(rates), prop::sample::select(offices.to_vec()));
        (parts, 1..28_i8, any::<bool>()).prop_map(|((rate, owed_by), day, kept)| Measured {
            rate,
            owed_by,
            due_on: date(2026, 3, day),
            kept,
        })
    }

    proptest! {
        /// A case that changes again and again leaves what it is measured at last, and nothing else.
        #[test]
        fn changes_one_by_one_come_to_what_is_counted_at_once(
            lives in prop::collection::vec(prop::collection::vec(prop::collection::vec(one(), 0..5), 1..5), 0..12)
        ) {
            let mut step_by_step = Tally::default();
            for life in &lives {
                let mut before: &[Measured] = &[];
                for now in life {
                    step_by_step.take_back(before);
                    step_by_step.add(now);
                    before = now;
                }
            }
            let mut at_once = Tally::default();
            for life in &lives {
                at_once.add(life.last().unwrap());
            }
            prop_assert_eq!(&step_by_step, &at_once);
            let whole = date(2026, 1, 1)..=date(2026, 12, 31);
            let all: u64 = Rate::all()
                .map(|rate| at_once.share(rate, (Tree::national(), DivisionCode::HUB), &whole).all)
                .sum();
            prop_assert_eq!(all, lives.iter().map(|life| life.last().unwrap().len() as u64).sum::<u64>());
        }
    }

    #[test]
    fn a_period_ends_where_it_is_asked_to_and_a_division_holds_its_subtree() {
        let of = |office: &str, day: i8, kept| Measured {
            rate: Rate::OnSchedule,
            owed_by: office.parse().unwrap(),
            due_on: date(2026, 3, day),
            kept,
        };
        let mut tally = Tally::default();
        tally.add(&[of("410221", 1, true), of("410221", 9, false), of("420102", 1, false)]);
        let share = |within: &str, until: i8| {
            let period = date(2026, 3, 1)..=date(2026, 3, until);
            let within = (Tree::national(), within.parse().unwrap());
            tally.share(Rate::OnSchedule, within, &period)
        };
        assert_eq!(share("41", 8), Share { of: 1, all: 1 });
        assert_eq!(share("41", 9), Share { of: 1, all: 2 });
        assert_eq!(share("00", 9), Share { of: 1, all: 3 });
    }
}
