//! A calendar (工作日历): which days are working days, and how far it knows.
//!
//! The State Council announces days off and make-up working days year by year. A calendar is one edition of that,
//! named by its digest, which every due date counted by it carries. Beyond its last day it answers by the week alone,
//! and says that it does.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};

use crate::digest::Digest;

/// Days off and make-up working days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    digest: Digest,
    covers: (Date, Date),
    /// Days that differ from what the week says: whether one works.
    working: BTreeMap<Date, bool>,
}

/// A file that is no calendar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// A line that cannot be read.
    #[error("{file}:{line}: {text:?} is no day: write `2026-01-01,元旦,off` or `…,work`")]
    Line {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What stands there.
        text: String,
    },
    /// A day that stands twice or outside of what it covers.
    #[error(
        "{file}:{line}: {day} stands twice or outside of what the calendar covers: leave it out"
    )]
    Day {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The day.
        day: Date,
    },
    /// Nothing says how far it knows.
    #[error("{file}: no line `# covers,FIRST DAY,LAST DAY`: add it")]
    Covers {
        /// The file.
        file: String,
    },
}

impl Calendar {
    /// Reads `day,name,off|work` lines, behind one line `# covers,first,last`.
    ///
    /// # Errors
    ///
    /// [`CalendarError`] names file and line.
    pub fn read(file: &str, text: &str) -> Result<Self, CalendarError> {
        let mut covers = None;
        let mut working = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            let (file, number) = (file.to_owned(), index + 1);
            if let Some(days) = line.strip_prefix("# covers,") {
                covers = days
                    .split_once(',')
                    .and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
                continue;
            }
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            let fields: Vec<&str> = line.split(',').collect();
            let day = fields.first().and_then(|day| day.parse::<Date>().ok());
            let works = match fields.get(2).map(|kind| kind.trim()) {
                Some("off") => Some(false),
                Some("work") => Some(true),
                Some(_) | None => None,
            };
            let (Some(day), Some(works)) = (day, works) else {
                return Err(CalendarError::Line { file, line: number, text: line.to_owned() });
            };
            let inside = covers.is_none_or(|(from, to)| (from..=to).contains(&day));
            if working.insert(day, works).is_some() || !inside {
                return Err(CalendarError::Day { file, line: number, day });
            }
        }
        let covers = covers.ok_or_else(|| CalendarError::Covers { file: file.to_owned() })?;
        Ok(Self { digest: Digest::of(&[text.as_bytes()]), covers, working })
    }

    /// What names this edition: SHA-256 of its text.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The first and the last day it knows.
    #[must_use]
    pub fn covers(&self) -> (Date, Date) {
        self.covers
    }

    /// Whether it knows this day.
    #[must_use]
    pub fn knows(&self, day: Date) -> bool {
        (self.covers.0..=self.covers.1).contains(&day)
    }

    /// Whether one works on this day; by the week alone where it does not know.
    #[must_use]
    pub fn is_working(&self, day: Date) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        self.working.get(&day).copied().unwrap_or(!weekend)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn what_is_no_calendar_is_refused_with_its_line() {
        let read = |text: &str| Calendar::read("x.csv", text).unwrap_err().to_string();
        assert!(read("# covers,2024-01-01,2024-12-31\n2024-02-30,x,off").starts_with("x.csv:2: "));
        assert!(read("# covers,2024-01-01,2024-12-31\n2024-02-10,x,free").starts_with("x.csv:2: "));
        assert!(read("# covers,2024-01-01,2024-12-31\n2025-02-10,x,off").starts_with("x.csv:2: "));
        assert!(read("2024-02-10,x,off").contains("covers"));
    }

    #[test]
    fn beyond_its_days_it_goes_by_the_week() {
        let calendar = Calendar::read("x.csv", "# covers,2024-01-01,2024-12-31\n").unwrap();
        assert!(!calendar.knows(date(2025, 1, 1)));
        assert!(calendar.is_working(date(2025, 1, 1)));
        assert!(!calendar.is_working(date(2025, 1, 4)));
    }
}
