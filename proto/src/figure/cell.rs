//! Cells (统计单元): what was counted of one division in one day or one month, with all that lies below it.
//!
//! Whatever is added at an office is added at each of its superiors as well, by day and by month. So a division's figure is
//! read without its subtree, and a year without its days. What a case adds can be taken back, so a change costs that case
//! alone.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Figure;
use super::measured::Measured;
use crate::division::{DivisionCode, Tree};

/// How long a cell is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grain {
    /// A day.
    Day = 0,
    /// A month, named by its first day.
    Month = 1,
}

/// Where something is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// The division, with all that lies below it.
    pub division: DivisionCode,
    /// Day or month.
    pub grain: Grain,
    /// The day, or the first of the month.
    pub from: Date,
    /// The figure.
    pub figure: Figure,
    /// Which part of it.
    pub facet: u32,
}

/// What cells grow or shrink by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes(BTreeMap<Cell, (i64, i64)>);

impl Grain {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Day, Self::Month];

    /// Its number in a store.
    #[must_use]
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The grain of a number in a store.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|grain| grain.number() == number)
    }

    /// Where the cell begins that a day lies in.
    #[must_use]
    pub fn of(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            Self::Month => day.first_of_month(),
        }
    }
}

impl Changes {
    /// What was measured is added at its office and every superior of it up to `top`; nothing, if it lies elsewhere.
    pub fn add(&mut self, measured: &[Measured], tree: &Tree, top: DivisionCode) {
        self.count(measured, tree, top, 1);
    }

    /// What was added before is taken back.
    pub fn take_back(&mut self, measured: &[Measured], tree: &Tree, top: DivisionCode) {
        self.count(measured, tree, top, -1);
    }

    fn count(&mut self, measured: &[Measured], tree: &Tree, top: DivisionCode, sign: i64) {
        for one in measured {
            let path = tree.path(one.office);
            let Some(first) = path.iter().position(|division| *division == top) else { continue };
            for division in &path[first..] {
                for grain in Grain::ALL {
                    let Measured { figure, facet, day, .. } = *one;
                    let cell =
                        Cell { division: *division, grain, from: grain.of(day), figure, facet };
                    let change = self.0.entry(cell).or_default();
                    change.0 += sign * counted(one.share.of);
                    change.1 += sign * counted(one.share.all);
                }
            }
        }
    }

    /// Leaves out what is not wanted.
    pub fn keep(&mut self, wanted: impl Fn(&Cell) -> bool) {
        self.0.retain(|cell, _| wanted(cell));
    }

    /// The cells that change, in order, each with what its two numbers grow by.
    pub fn cells(&self) -> impl Iterator<Item = (Cell, i64, i64)> {
        let changed = self.0.iter().filter(|(_, (of, all))| (*of, *all) != (0, 0));
        changed.map(|(cell, (of, all))| (*cell, *of, *all))
    }
}

/// One case never adds more than this can hold: persons are 32 bits, ratings too.
fn counted(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::figure::share::Share;

    fn kept(office: &str, kept: bool) -> Measured {
        Measured {
            figure: Figure::OnSchedule,
            facet: 0,
            office: office.parse().unwrap(),
            day: date(2026, 3, 9),
            share: Share { of: kept.into(), all: 1 },
        }
    }

    #[test]
    fn what_is_added_at_an_office_is_added_at_each_superior_by_day_and_by_month() {
        let (tree, mut changes) = (Tree::national(), Changes::default());
        changes.add(&[kept("410221", true)], tree, DivisionCode::HUB);
        let divisions: Vec<String> = changes.cells().map(|row| row.0.division.short()).collect();
        assert_eq!(divisions, ["00", "00", "41", "41", "4102", "4102", "410221", "410221"]);
        assert!(changes.cells().all(|(_, of, all)| (of, all) == (1, 1)));
        assert!(changes.cells().any(|(cell, ..)| cell.from == date(2026, 3, 1)));
    }

    #[test]
    fn what_is_taken_back_leaves_nothing_and_what_lies_elsewhere_is_not_counted() {
        let (tree, mut changes) = (Tree::national(), Changes::default());
        changes.add(&[kept("410221", true)], tree, DivisionCode::HUB);
        changes.take_back(&[kept("410221", true)], tree, DivisionCode::HUB);
        assert_eq!(changes.cells().count(), 0);
        changes.add(&[kept("420102", true)], tree, "41".parse().unwrap());
        assert_eq!(changes, {
            let mut same = Changes::default();
            same.add(&[kept("410221", true)], tree, DivisionCode::HUB);
            same.take_back(&[kept("410221", true)], tree, DivisionCode::HUB);
            same
        });
    }
}
