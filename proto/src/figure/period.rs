//! A period (统计期间): whole days, from one to another, and how cells cover it.
//!
//! It ends before the day on which it is asked about: a duty has its whole last day, and what is due later is in no
//! population yet.

use std::ops::RangeInclusive;

use jiff::civil::Date;
use jiff::{Span, Timestamp};

use super::cell::Grain;
use crate::case::standing::day_of;

/// Whole days from the first to the last, both counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub first: Date,
    /// The last day; before the first, the period is empty.
    pub last: Date,
}

/// What is wrong with a period as it was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "统计期间写法不对 {0:?} is no period: write a year (2026), a month (2026-03), a day, or two days as 2026-03-01..2026-03-15"
)]
pub struct NoPeriod(String);

impl Period {
    /// Reads a year, a month, a day, or two days with `..` between them.
    ///
    /// # Errors
    ///
    /// [`NoPeriod`] when it is none of these, or ends before it begins.
    pub fn read(text: &str) -> Result<Self, NoPeriod> {
        let wrong = || NoPeriod(text.chars().take(40).collect());
        let day = |text: &str| text.parse::<Date>().map_err(|_| wrong());
        let period = match (text.split_once(".."), text.len()) {
            (Some((first, last)), _) => Self { first: day(first)?, last: day(last)? },
            (None, 4) => {
                let first = day(&format!("{text}-01-01"))?;
                Self { first, last: first.last_of_year() }
            }
            (None, 7) => {
                let first = day(&format!("{text}-01"))?;
                Self { first, last: first.last_of_month() }
            }
            (None, _) => Self { first: day(text)?, last: day(text)? },
        };
        if period.last < period.first { Err(wrong()) } else { Ok(period) }
    }

    /// So much of it as has wholly passed at an hour.
    #[must_use]
    pub fn passed(self, at: Timestamp) -> Self {
        let yesterday = day_of(at).yesterday().unwrap_or(Date::MIN);
        Self { last: self.last.min(yesterday), ..self }
    }

    /// The same days of the year before (上年同期); a 29 February is a 28th there, and what ends with a February ends with
    /// that of the year before, however many days it has.
    #[must_use]
    pub fn year_before(self) -> Self {
        let before = |day: Date| day.checked_sub(Span::new().years(1)).unwrap_or(Date::MIN);
        let last = before(self.last);
        let whole = self.last.last_of_month() == self.last;
        Self { first: before(self.first), last: if whole { last.last_of_month() } else { last } }
    }

    /// The ranges of cells that cover it, each once: its whole months as months, the rest as days.
    #[must_use]
    pub fn ranges(self) -> Vec<(Grain, RangeInclusive<Date>)> {
        if self.last < self.first {
            return Vec::new();
        }
        let next_month = |day: Date| day.last_of_month().tomorrow().unwrap_or(Date::MAX);
        let begins = self.first.first_of_month();
        let first = if begins == self.first { begins } else { next_month(begins) };
        let ends = self.last.last_of_month() == self.last;
        let month = self.last.first_of_month();
        let last =
            if ends { month } else { month.yesterday().unwrap_or(Date::MIN).first_of_month() };
        if last < first {
            return vec![(Grain::Day, self.first..=self.last)];
        }
        let mut ranges = Vec::new();
        if self.first < first {
            ranges.push((Grain::Day, self.first..=first.yesterday().unwrap_or(Date::MIN)));
        }
        ranges.push((Grain::Month, first..=last));
        if !ends {
            ranges.push((Grain::Day, month..=self.last));
        }
        ranges
    }
}

impl std::fmt::Display for Period {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}..{}", self.first, self.last)
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_period_is_read_as_people_write_it() {
        let read = |text: &str| Period::read(text).map(|period| period.to_string());
        assert_eq!(read("2026").unwrap(), "2026-01-01..2026-12-31");
        assert_eq!(read("2026-02").unwrap(), "2026-02-01..2026-02-28");
        assert_eq!(read("2026-02-03").unwrap(), "2026-02-03..2026-02-03");
        assert_eq!(read("2026-02-03..2026-04-01").unwrap(), "2026-02-03..2026-04-01");
        for wrong in ["", "26", "2026-13", "2026-02-30", "2026-04-01..2026-02-03", "上月"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn it_ends_before_the_day_it_is_asked_on() {
        let year = Period::read("2026").unwrap();
        // Two in the morning of the tenth in China.
        let at: Timestamp = "2026-03-09T18:00:00Z".parse().unwrap();
        assert_eq!(year.passed(at).last, date(2026, 3, 9));
        assert_eq!(Period::read("2024-02-29").unwrap().year_before().first, date(2023, 2, 28));
    }

    #[test]
    fn whole_months_stand_beside_whole_months() {
        let before = |text: &str| Period::read(text).unwrap().year_before().to_string();
        assert_eq!(before("2025-02"), "2024-02-01..2024-02-29");
        assert_eq!(before("2024-02"), "2023-02-01..2023-02-28");
        assert_eq!(before("2025-02-01..2025-02-27"), "2024-02-01..2024-02-27");
        assert_eq!(before("2026"), "2025-01-01..2025-12-31");
    }

    proptest! {
        #[test]
        fn its_ranges_cover_each_day_once(from in 0..900_i32, days in 0..800_i32) {
            let first = date(2024, 1, 1) + from.days();
            let period = Period { first, last: first + days.days() };
            let mut covered = Vec::new();
            for (grain, range) in period.ranges() {
                let mut day = *range.start();
                while day <= *range.end() {
                    let last = if grain == Grain::Month { day.last_of_month() } else { day };
                    while day <= last {
                        covered.push(day);
                        day = day.tomorrow().unwrap();
                    }
                }
            }
            covered.sort_unstable();
            let all: Vec<Date> = (0..=days).map(|day| first + day.days()).collect();
            prop_assert_eq!(covered, all);
        }
    }
}
