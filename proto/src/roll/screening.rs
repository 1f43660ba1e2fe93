//! Hard cases found by rules over cases (排查), to be taken up by leaders: their age, how often they began anew, how often
//! they were passed on.
//!
//! It never looks at who petitions, and puts cases into an order by their age alone.

use jiff::civil::Date;

use crate::case::{Case, standing::day_of};
use crate::digest::CaseId;
use crate::entry::Kind;

/// What of a case is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// The case.
    pub case: CaseId,
    /// When it was opened.
    pub opened_on: Date,
    /// Threads that began after the first: reviews, redos, taking up.
    pub reopened: u32,
    /// How often it was passed on.
    pub hops: u32,
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

impl Item {
    /// Of a case; `None` while its opening is not here, or when it has ended.
    #[must_use]
    pub fn of(case: &Case) -> Option<Self> {
        let leading = case.leading().filter(|thread| !thread.state().is_final())?;
        let opened_on = day_of(case.opened_at()?);
        let hops = case.facts().values().filter(|fact| {
            matches!(fact.header().kind, Kind::Transferred | Kind::Assigned)
                && !case.aside().contains_key(&fact.leaf())
        });
        let reopened = case.threads().values().filter(|thread| thread.follows().is_some()).count();
        debug_assert!(case.threads().contains_key(&leading.id()));
        Some(Self {
            case: case.id(),
            opened_on,
            reopened: u32::try_from(reopened).unwrap_or(u32::MAX),
            hops: u32::try_from(hops.count()).unwrap_or(u32::MAX),
        })
    }

    fn is_hard(&self, rule: &Rule, today: Date) -> bool {
        let age = (today - self.opened_on).get_days();
        let reached = |value: i64, bar: Option<u32>| bar.is_some_and(|bar| value >= i64::from(bar));
        reached(age.into(), rule.days)
            || reached(self.reopened.into(), rule.reopened)
            || reached(self.hops.into(), rule.hops)
    }
}

/// The hard ones, the oldest first. The same cases and the same rule give the same list.
#[must_use]
pub fn screen(items: &[Item], rule: &Rule, today: Date) -> Vec<Item> {
    let mut hard: Vec<Item> =
        items.iter().filter(|item| item.is_hard(rule, today)).copied().collect();
    hard.sort_by_key(|item| (item.opened_on, item.case));
    hard
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// Fixture D2: the same input gives the same list, in whatever order it comes, by the age of cases.
    #[test]
    fn hard_cases_are_found_by_rule_and_listed_by_age() {
        let item = |number: u8, opened_on, reopened, hops| Item {
            case: CaseId([number; 16]),
            opened_on,
            reopened,
            hops,
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
}
