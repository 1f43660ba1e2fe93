//! Reckoning (期间计算): from a day and a term to the last day.
//!
//! The day of the event is not counted. Calendar days run through; working days are counted by the calendar. A last
//! day that is no working day gives way to the next one only where the term says so: for the petitioner's rights, not
//! for the offices' duties, because the stricter reading protects the petitioner (Civil Code 201, 203 by analogy) **\[M\]**.

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::calendar::Calendar;
use super::term::{Length, Term};

/// The last day of a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reckoned {
    /// The last day.
    pub on: Date,
    /// The calendar did not reach so far: the day may move when the next one comes.
    pub provisional: bool,
}

/// The last day of a term that begins with an event on `from`. Past the end of all days it is the last of them, and
/// provisional.
#[must_use]
pub fn reckon(from: Date, term: &Term, calendar: &Calendar) -> Reckoned {
    reckon_length(from, term.length(), term.rolls(), calendar)
}

/// The last day of so many days, which roll on to a working day or not.
#[must_use]
pub fn reckon_length(from: Date, length: Length, roll: bool, calendar: &Calendar) -> Reckoned {
    let mut counting = Counting { calendar, at: from, provisional: false };
    match length {
        Length::Days(days) => counting.skip(i64::from(days)),
        Length::WorkingDays(days) => {
            for _ in 0..days {
                counting.next_working();
            }
        }
    }
    if roll && !counting.works() {
        counting.next_working();
    }
    Reckoned { on: counting.at, provisional: counting.provisional }
}

struct Counting<'a> {
    calendar: &'a Calendar,
    at: Date,
    provisional: bool,
}

impl Counting<'_> {
    fn skip(&mut self, days: i64) {
        let to = self.at.checked_add(days.days());
        self.provisional |= to.is_err();
        self.at = to.unwrap_or(Date::MAX);
    }

    fn works(&mut self) -> bool {
        self.provisional |= !self.calendar.knows(self.at);
        self.calendar.is_working(self.at)
    }

    fn next_working(&mut self) {
        while self.at < Date::MAX {
            self.skip(1);
            if self.works() {
                return;
            }
        }
        self.provisional = true;
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::division::Tree;
    use crate::rules::{Duty, Rules};

    fn on(office: &str, registered: Date, duty: Duty, from: Date) -> Date {
        let rules = Rules::built_in();
        let set = rules.in_force(office.parse().unwrap(), registered, Tree::national());
        reckon(from, set.term(duty).unwrap().0, set.calendar()).on
    }

    /// The date vectors of the procedure, each on its own line.
    #[test]
    fn date_vectors() {
        let accepted = date(2024, 1, 10);
        assert_eq!(
            on("41", accepted, Duty::Handle, accepted),
            date(2024, 3, 10),
            "a Sunday: not rolled"
        );
        let calendar = Rules::built_in().calendar();
        assert_eq!(
            reckon_length(accepted, Length::Days(60), true, calendar).on,
            date(2024, 3, 11),
            "rolled"
        );
        assert_eq!(on("41", accepted, Duty::Extension, date(2024, 3, 10)), date(2024, 4, 9));
        let received = date(2014, 12, 1);
        assert_eq!(on("41", received, Duty::Handle, received), date(2015, 1, 30));
        let served = date(2023, 9, 4);
        assert_eq!(
            on("41", served, Duty::ReviewWindow, served),
            date(2023, 10, 7),
            "a make-up Saturday"
        );
        let transferred = date(2024, 2, 6);
        assert_eq!(on("41", transferred, Duty::Objection, transferred), date(2024, 2, 19));
        let registered = date(2022, 4, 30);
        assert_eq!(on("41", registered, Duty::Triage, registered), date(2022, 5, 15));
        let national =
            Rules::built_in().in_force("41".parse().unwrap(), date(2022, 5, 1), Tree::national());
        assert_eq!(national.packs()[0].name(), "CN-2022");
    }

    #[test]
    fn beyond_the_calendar_a_day_is_provisional() {
        let rules = Rules::built_in();
        let set = rules.in_force("41".parse().unwrap(), date(2026, 12, 28), Tree::national());
        let term = set.term(Duty::Objection).unwrap().0;
        assert!(!reckon(date(2026, 12, 21), term, set.calendar()).provisional);
        assert!(reckon(date(2026, 12, 28), term, set.calendar()).provisional);
        let days = set.term(Duty::Triage).unwrap().0;
        assert!(
            !reckon(date(2027, 5, 1), days, set.calendar()).provisional,
            "plain days need no calendar"
        );
    }

    #[test]
    fn the_end_of_all_days_is_no_panic() {
        let set =
            Rules::built_in().in_force("41".parse().unwrap(), date(2026, 1, 1), Tree::national());
        for (duty, term, _) in set.terms() {
            let last = reckon(Date::MAX, term, set.calendar());
            assert_eq!((last.on, last.provisional), (Date::MAX, true), "{duty:?}");
        }
    }

    proptest! {
        /// A later event never ends earlier, and the last day is never before the event.
        #[test]
        fn reckoning_is_monotone(from in 0_i32..4_000, later in 0_i32..400, days in 0_u16..100, working: bool, roll: bool) {
            let start = date(2015, 1, 1).saturating_add(from.days());
            let length = if working { Length::WorkingDays(days) } else { Length::Days(days) };
            let calendar = Rules::built_in().calendar();
            let first = reckon_length(start, length, roll, calendar).on;
            let second = reckon_length(start.saturating_add(later.days()), length, roll, calendar).on;
            prop_assert!(start <= first && first <= second);
        }
    }
}
