//! Hard cases found by rules over cases (排查), to be taken up by leaders: their age, how often they began anew, how often
//! they were passed on.
//!
//! It never looks at who petitions, and puts cases into an order by their age alone.

use jiff::civil::Date;
use jiff::{Span, Timestamp, tz};

use super::pace::Trail;
use crate::case::standing::day_of;
use crate::digest::CaseId;

/// What of a case is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// The case.
    pub case: CaseId,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// What it has been through.
    pub trail: Trail,
}

/// Which cases are hard: those for which any of these is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Days since it was opened.
    pub days: Option<u32>,
    /// Threads after the first.
    pub reopened: Option<u32>,
    /// Times it was passed on.
    pub hops: Option<u32>,
}

impl Rule {
    /// The hour before which a case was opened that has the age; `None` where age is not asked for, or none has it.
    #[must_use]
    pub fn opened_before(&self, today: Date) -> Option<Timestamp> {
        let days = Span::new().try_days(i64::from(self.days?) - 1).ok()?;
        let day = today.checked_sub(days).ok()?;
        tz::offset(8).to_timestamp(day.at(0, 0, 0, 0)).ok()
    }

    fn is_met(&self, item: &Item, today: Date) -> bool {
        let age = (today - day_of(item.opened_at)).get_days();
        let reached = |value: i64, bar: Option<u32>| bar.is_some_and(|bar| value >= i64::from(bar));
        reached(age.into(), self.days)
            || reached(item.trail.reopened.into(), self.reopened)
            || reached(item.trail.hops.into(), self.hops)
    }
}

/// The hard ones, the oldest first. The same cases and the same rule give the same list.
#[must_use]
pub fn screen(items: &[Item], rule: &Rule, today: Date) -> Vec<Item> {
    let mut hard: Vec<Item> =
        items.iter().filter(|item| rule.is_met(item, today)).copied().collect();
    hard.sort_by_key(|item| (item.opened_at, item.case));
    hard
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// Fixture D2: the same input gives the same list, in whatever order it comes, by the age of cases.
    #[test]
    fn hard_cases_are_found_by_rule_and_listed_by_age() {
        let hour = |day: Date| tz::offset(8).to_timestamp(day.at(9, 0, 0, 0)).unwrap();
        let item = |number: u8, opened_on, reopened, hops| Item {
            case: CaseId([number; 16]),
            opened_at: hour(opened_on),
            trail: Trail { reopened, hops },
        };
        let items = [
            item(1, date(2015, 6, 1), 0, 9),
            item(2, date(2013, 2, 1), 0, 0),
            item(3, date(2015, 5, 1), 0, 1),
            item(4, date(2015, 4, 1), 2, 0),
            item(5, date(2013, 2, 1), 0, 0),
        ];
        let rule = Rule { days: Some(365), reopened: Some(2), hops: Some(5) };
        let hard = |items: &[Item]| -> Vec<u8> {
            screen(items, &rule, date(2015, 7, 1)).iter().map(|item| item.case.0[0]).collect()
        };
        assert_eq!(hard(&items), [2, 5, 4, 1]);
        let mut turned = items;
        turned.reverse();
        assert_eq!(hard(&turned), [2, 5, 4, 1]);
        let none = Rule { days: None, reopened: None, hops: None };
        assert_eq!(screen(&items, &none, date(2015, 7, 1)), []);
    }
    /// What is asked of an hour agrees with what is asked of days, on either side of midnight in China.
    #[test]
    fn a_case_has_the_age_if_it_was_opened_before_the_hour() {
        let (today, trail) = (date(2015, 7, 1), Trail { reopened: 0, hops: 0 });
        let rule = |days| Rule { days: Some(days), reopened: None, hops: None };
        for days in [0, 1, 30] {
            let before = rule(days).opened_before(today).unwrap();
            let met = |opened_at| {
                rule(days).is_met(&Item { case: CaseId([1; 16]), opened_at, trail }, today)
            };
            assert!(met(before - Span::new().milliseconds(1)), "{days}");
            assert!(!met(before), "{days}");
        }
        assert_eq!(rule(u32::MAX).opened_before(today), None);
    }
}
