//! Totals (总数): how many rows each division registered in each year, and a digest over all of them in their order, so
//! that what was written and what was read can be reconciled.
//!
//! The digest is of what rows say and not of a file's bytes: the same rows in another format have the same digest.

use std::collections::{BTreeMap, BTreeSet};

use super::Row;
use crate::digest::Digest;
use crate::division::DivisionCode;

/// What is counted by: the registering division and the year.
pub type Part = (DivisionCode, i16);

/// Totals of some rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Totals {
    /// Rows by part; there is no part without rows.
    pub parts: BTreeMap<Part, u64>,
    /// Over all rows in their order.
    pub digest: Digest,
}

/// A part of which not as many rows were found as were declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// Division and year.
    pub part: Part,
    /// As many as there shall be.
    pub declared: u64,
    /// As many as there are.
    pub found: u64,
}

impl Totals {
    /// Counts a row; false where it names no division and year that can be.
    pub fn take(&mut self, row: &Row) -> bool {
        let (Some(division), Some(year)) = (row.division(), row.year()) else { return false };
        *self.parts.entry((division, year)).or_default() += 1;
        self.digest = Digest::of(&[&self.digest.0, &row.digest().0]);
        true
    }

    /// Rows in all.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.parts.values().sum()
    }

    /// The parts in which these differ from what was declared, in order.
    #[must_use]
    pub fn differences(&self, declared: &Self) -> Vec<Difference> {
        let parts: BTreeSet<Part> =
            self.parts.keys().chain(declared.parts.keys()).copied().collect();
        let count = |totals: &Self, part| totals.parts.get(&part).copied().unwrap_or(0);
        let each = parts.into_iter().map(|part| Difference {
            part,
            declared: count(declared, part),
            found: count(self, part),
        });
        each.filter(|one| one.declared != one.found).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Field;

    fn row(division: &str, at: &str, summary: &str) -> Row {
        let cells = [
            (Field::Number, "1"),
            (Field::Division, division),
            (Field::RegisteredAt, at),
            (Field::Summary, summary),
        ];
        let cell = |field| cells.iter().find(|cell| cell.0 == field).map(|cell| cell.1);
        Row::read(cell).unwrap()
    }

    fn totals(rows: &[Row]) -> Totals {
        let mut totals = Totals::default();
        assert!(rows.iter().all(|row| totals.take(row)));
        totals
    }

    #[test]
    fn parts_that_differ_are_said_and_a_changed_word_shows_in_the_digest() {
        let (a, b) =
            (row("410221", "2026/03/02", "路灯"), row("410221000000", "2025/12/31", "路灯"));
        let whole = totals(&[a.clone(), b.clone()]);
        assert_eq!((whole.rows(), whole.differences(&whole)), (2, vec![]));
        let part = totals(std::slice::from_ref(&a));
        let place = "410221".parse().unwrap();
        let missing = Difference { part: (place, 2025), declared: 1, found: 0 };
        assert_eq!(part.differences(&whole), [missing]);
        let other = totals(&[row("410221", "2026/03/02", "低保"), b]);
        assert_eq!(other.differences(&whole), []);
        assert_ne!(other.digest, whole.digest);
        let nowhere = row("410000101", "2026/03/02", "路灯");
        assert!(!Totals::default().take(&nowhere), "a town in no county");
    }
}
