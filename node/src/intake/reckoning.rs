//! The reckoning (核对): rows of a file by the division that registered them and the year, so that what came can be held
//! against what was handed over.
//!
//! A row is counted where its cells say where it belongs, taken in or not, and otherwise apart. It counts records by office
//! and year, and nobody who brought them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use terrace_proto::division::DivisionCode;
use terrace_proto::exchange::totals::Part;

/// Rows of one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rows {
    /// In the office.
    pub accepted: u64,
    /// Kept among the rejects.
    pub rejected: u64,
}

impl Rows {
    /// Rows read.
    #[must_use]
    pub fn read(self) -> u64 {
        self.accepted + self.rejected
    }
}

/// Rows by part.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Reckoning {
    /// By registering division and year; there is no part without rows.
    pub parts: BTreeMap<Part, Rows>,
    /// Rows that say no division or no year that can be.
    pub unplaced: Rows,
}

/// As it is written down: division, year, accepted, rejected.
#[derive(Clone, Serialize, Deserialize)]
struct Written {
    parts: Vec<(u64, i16, u64, u64)>,
    unplaced: Rows,
}

/// A part of which more or fewer rows came than were handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// The registering division.
    pub division: DivisionCode,
    /// The year.
    pub year: i16,
    /// As many as were handed over.
    pub declared: u64,
    /// As many as were read.
    pub read: u64,
}

impl Reckoning {
    /// Counts a row.
    pub fn count(&mut self, part: Option<Part>, accepted: bool) {
        let rows = match part {
            Some(part) => self.parts.entry(part).or_default(),
            None => &mut self.unplaced,
        };
        rows.accepted += u64::from(accepted);
        rows.rejected += u64::from(!accepted);
    }

    /// Rows of each year, whoever registered them.
    #[must_use]
    pub fn years(&self) -> BTreeMap<i16, Rows> {
        let mut years: BTreeMap<i16, Rows> = BTreeMap::new();
        for ((_, year), rows) in &self.parts {
            let known = years.entry(*year).or_default();
            known.accepted += rows.accepted;
            known.rejected += rows.rejected;
        }
        years
    }

    /// The parts in which more or fewer rows were read than were declared, in order.
    #[must_use]
    pub fn differences(&self, declared: &BTreeMap<Part, u64>) -> Vec<Difference> {
        let parts: BTreeSet<Part> = self.parts.keys().chain(declared.keys()).copied().collect();
        let each = parts.into_iter().map(|part| Difference {
            division: part.0,
            year: part.1,
            declared: declared.get(&part).copied().unwrap_or(0),
            read: self.parts.get(&part).map_or(0, |rows| rows.read()),
        });
        each.filter(|one| one.declared != one.read).collect()
    }

    /// Whether all that was handed over came: where fewer rows were read of a part, rows that say no part make up
    /// for them, and of none were more read.
    #[must_use]
    pub fn agrees(&self, declared: &BTreeMap<Part, u64>) -> bool {
        let differences = self.differences(declared);
        let missing =
            differences.iter().map(|one| one.declared.saturating_sub(one.read)).sum::<u64>();
        differences.iter().all(|one| one.read < one.declared) && missing == self.unplaced.read()
    }
}

impl From<Written> for Reckoning {
    fn from(written: Written) -> Self {
        let part = |(division, year, accepted, rejected): (u64, i16, u64, u64)| {
            let division = DivisionCode::from_number(division).ok()?;
            Some(((division, year), Rows { accepted, rejected }))
        };
        let parts = written.parts.into_iter().filter_map(part).collect();
        Self { parts, unplaced: written.unplaced }
    }
}

impl From<Reckoning> for Written {
    fn from(reckoning: Reckoning) -> Self {
        let parts = reckoning.parts.into_iter();
        let parts = parts.map(|((division, year), rows)| {
            (division.number(), year, rows.accepted, rows.rejected)
        });
        Self { parts: parts.collect(), unplaced: reckoning.unplaced }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(code: &str, year: i16) -> Part {
        (code.parse().unwrap(), year)
    }

    #[test]
    fn what_came_agrees_where_rejected_rows_make_up_for_what_is_missing_and_nothing_is_too_many() {
        let mut reckoning = Reckoning::default();
        let (lankao, beijing) = (part("410225", 2014), part("110101", 2013));
        reckoning.count(Some(lankao), true);
        reckoning.count(Some(lankao), false);
        reckoning.count(None, false);
        let declared = BTreeMap::from([(lankao, 2), (beijing, 1)]);
        assert!(reckoning.agrees(&declared));
        let missing = Difference { division: beijing.0, year: 2013, declared: 1, read: 0 };
        assert_eq!(reckoning.differences(&declared), [missing]);
        for wrong in [BTreeMap::from([(lankao, 2)]), BTreeMap::from([(lankao, 1), (beijing, 2)])] {
            assert!(!reckoning.agrees(&wrong), "{wrong:?}");
        }
        assert_eq!(reckoning.years()[&2014], Rows { accepted: 1, rejected: 1 });
        let written = serde_json::to_string(&reckoning).unwrap();
        assert_eq!(serde_json::from_str::<Reckoning>(&written).unwrap(), reckoning);
    }
}
