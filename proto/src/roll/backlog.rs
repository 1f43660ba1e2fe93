//! Old cases put on a list to be settled (积案), and how the list shrinks month by month.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::figure::share::Share;

/// One case on the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// When it was put there.
    pub listed_on: Date,
    /// When it came to its end, if it has.
    pub ended_on: Option<Date>,
}

/// A month of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Month {
    /// Year and month.
    pub month: (i16, i8),
    /// How many ended in it.
    pub ended: u64,
    /// How many were left at its end.
    pub left: u64,
}

/// How the list shrinks, from the month of its first case to that of `until`.
#[must_use]
pub fn burn_down(items: &[Item], until: Date) -> Vec<Month> {
    let month_of = |day: Date| (day.year(), day.month());
    let Some(first) = items.iter().map(|item| month_of(item.listed_on)).min() else {
        return Vec::new();
    };
    let mut listed: BTreeMap<(i16, i8), u64> = BTreeMap::new();
    let mut ended: BTreeMap<(i16, i8), u64> = BTreeMap::new();
    for item in items {
        *listed.entry(month_of(item.listed_on)).or_default() += 1;
        if let Some(day) = item.ended_on {
            *ended.entry(month_of(day).max(first)).or_default() += 1;
        }
    }
    let (mut months, mut month, mut left) = (Vec::new(), first, 0_u64);
    while month <= month_of(until) {
        let done = ended.get(&month).copied().unwrap_or(0);
        left = (left + listed.get(&month).copied().unwrap_or(0)).saturating_sub(done);
        months.push(Month { month, ended: done, left });
        month = if month.1 == 12 { (month.0 + 1, 1) } else { (month.0, month.1 + 1) };
    }
    months
}

/// How many of the list have come to their end.
#[must_use]
pub fn settled(items: &[Item]) -> Share {
    let of = items.iter().filter(|item| item.ended_on.is_some()).count() as u64;
    Share { of, all: items.len() as u64 }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// Fixture D4: 26,000 old cases, and what is left of them at the end of each month.
    #[test]
    fn twenty_six_thousand_old_cases_shrink_month_by_month() {
        let ended = [(2, 9_000), (3, 7_500), (5, 4_250)];
        let mut items = vec![Item { listed_on: date(2015, 1, 20), ended_on: None }; 26_000];
        let mut at = items.iter_mut();
        for (month, count) in ended {
            for item in at.by_ref().take(count) {
                item.ended_on = Some(date(2015, month, 11));
            }
        }
        let months = burn_down(&items, date(2015, 6, 1));
        let left: Vec<u64> = months.iter().map(|month| month.left).collect();
        assert_eq!(left, [26_000, 17_000, 9_500, 9_500, 5_250, 5_250]);
        assert_eq!(settled(&items), Share { of: 20_750, all: 26_000 });
        assert_eq!(settled(&items).to_string(), "79.8 %");
        assert_eq!(burn_down(&[], date(2015, 6, 1)), []);
    }
}
