//! What hours claim, held against each other: back-dated entries, and clocks that run ahead.
//!
//! An author's entries stand in the order it wrote them, and carry the hours of its one clock. An entry that
//! claims an earlier hour than one before it was therefore written later than it claims, or the clock was set
//! back; either is for an auditor to know. Nothing here orders anything by a clock.
//!
//! When a passage was *sent* bounds nothing: an office that comes back after a week sends a first passage and
//! still holds entries that are older than that hour.

use jiff::Timestamp;

use super::finding::Finding;
use crate::entry::{EntryId, Glance};

/// Follows one journal.
#[derive(Debug)]
pub struct ClockCheck {
    tolerance: i64,
    /// The entry with the latest hour so far: its sequence, and the hour in milliseconds.
    latest: Option<(u64, i64)>,
    open: Option<Stretch>,
}

/// Consecutive entries that claim too early hours.
#[derive(Debug)]
struct Stretch {
    entry: EntryId,
    count: u64,
    recorded_at: i64,
    behind: (u64, i64),
}

impl ClockCheck {
    /// Begins at the first entry. `tolerance` is in milliseconds.
    #[must_use]
    pub fn new(tolerance: i64) -> Self {
        Self { tolerance, latest: None, open: None }
    }

    /// The next entry in order of sequence. A stretch of back-dated entries is told when it ends.
    pub fn entry(&mut self, glance: &Glance) -> Option<Finding> {
        let (sequence, at) = (glance.id.sequence, glance.millis);
        let behind = self.latest.filter(|(_, latest)| latest - at > self.tolerance);
        if let Some(behind) = behind {
            match &mut self.open {
                Some(open) => open.count += 1,
                None => {
                    self.open =
                        Some(Stretch { entry: glance.id, count: 1, recorded_at: at, behind });
                }
            }
            return None;
        }
        if self.latest.is_none_or(|(_, latest)| at >= latest) {
            self.latest = Some((sequence, at));
        }
        self.finish()
    }

    /// The end of the journal, or of a stretch.
    pub fn finish(&mut self) -> Option<Finding> {
        let Stretch { entry, count, recorded_at, behind: (behind, not_before) } =
            self.open.take()?;
        let hour = |millis| Timestamp::from_millisecond(millis).unwrap_or_default();
        let (recorded_at, not_before) = (hour(recorded_at), hour(not_before));
        Some(Finding::BackDated { entry, count, recorded_at, behind, not_before })
    }

    /// Whether an entry claims an hour after the one it was stored at here, both in milliseconds since 1970
    /// UTC. `tolerance` is in milliseconds too.
    #[must_use]
    pub fn ahead(glance: &Glance, stored_at: i64, tolerance: i64) -> Option<Finding> {
        let at = Timestamp::from_millisecond(stored_at).ok()?;
        let ahead = glance.millis - stored_at > tolerance;
        ahead.then_some(Finding::ClockAhead {
            entry: glance.id,
            recorded_at: glance.recorded_at(),
            stored_at: at,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::{Digest, Epoch};
    use crate::entry::JournalId;

    const TEN: i64 = 600_000;

    fn glances(minutes: &[i64]) -> Vec<Glance> {
        let journal = JournalId { author: "41".parse().unwrap(), epoch: Epoch([1; 16]) };
        let glance = |(sequence, minute): (u64, &i64)| Glance {
            opens_report: false,
            id: EntryId { journal, sequence },
            millis: minute * 60_000,
            in_case: true,
            address: None,
            body_hash: Digest::default(),
        };
        (0..).zip(minutes).map(glance).collect()
    }

    fn found(minutes: &[i64]) -> Vec<(u64, u64, u64)> {
        let mut check = ClockCheck::new(TEN);
        let mut findings: Vec<Finding> =
            glances(minutes).iter().filter_map(|glance| check.entry(glance)).collect();
        findings.extend(check.finish());
        let told = |finding: Finding| {
            let Finding::BackDated { entry, count, behind, .. } = finding else {
                panic!("{finding}")
            };
            (entry.sequence, count, behind)
        };
        findings.into_iter().map(told).collect()
    }

    #[test]
    fn entry_that_claims_an_earlier_hour_than_one_before_it_is_back_dated() {
        assert_eq!(found(&[0, 100, 50, 101]), [(2, 1, 1)]);
    }

    #[test]
    fn stretch_of_them_is_told_once_with_its_length() {
        assert_eq!(found(&[0, 100, 50, 51, 52]), [(2, 3, 1)]);
        assert_eq!(found(&[0, 100, 50, 100, 60]), [(2, 1, 1), (4, 1, 3)]);
    }

    #[test]
    fn small_corrections_of_a_clock_are_not_told() {
        assert_eq!(found(&[0, 100, 90, 91, 200]), []);
    }

    #[test]
    fn hour_after_storing_is_ahead_beyond_the_tolerance() {
        let glance = glances(&[100]).remove(0);
        assert_eq!(ClockCheck::ahead(&glance, 90 * 60_000, TEN), None);
        assert!(ClockCheck::ahead(&glance, 89 * 60_000, TEN).is_some());
    }
}
