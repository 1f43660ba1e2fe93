//! Sealed reports (检举控告) that no discipline organ has opened.
//!
//! To whom a report is sealed is told to nobody, so only the office that holds every journal can say that nobody opened
//! it: the root. Whoever opens one enters so first; an entry by an office that does not stand above the report's author
//! opens nothing.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::allowance::Allowance;
use super::finding::Finding;
use crate::digest::Digest;
use crate::division::{DivisionCode, Tree};
use crate::entry::EntryId;

/// Who has opened which reports, by the leaf hash of the report.
#[derive(Debug, Default)]
pub struct Opened(BTreeMap<Digest, Vec<DivisionCode>>);

impl Opened {
    /// An office says that it has opened a report.
    pub fn note(&mut self, report: Digest, by: DivisionCode) {
        self.0.entry(report).or_default().push(by);
    }

    /// Whether one report, recorded at an hour, was left unopened for longer than is allowed at `now`.
    #[must_use]
    pub fn check(
        &self,
        (entry, leaf): (EntryId, Digest),
        recorded_at: Timestamp,
        (now, tree): (Timestamp, &Tree),
        allowance: &Allowance,
    ) -> Option<Finding> {
        let author = entry.journal.author;
        let days = now.duration_since(recorded_at).as_hours() / 24;
        let by = self.0.get(&leaf).into_iter().flatten();
        let opened = by.into_iter().any(|by| tree.is_within(author, *by));
        let late = !opened && days > i64::from(allowance.report_days);
        late.then_some(Finding::Unopened { entry, recorded_at, days })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Epoch;
    use crate::entry::JournalId;

    #[test]
    fn a_report_is_opened_by_an_office_above_alone() {
        let code = |text: &str| text.parse::<DivisionCode>().unwrap();
        let journal = JournalId { author: code("410221101"), epoch: Epoch([1; 16]) };
        let report = (EntryId { journal, sequence: 3 }, Digest([7; 32]));
        let recorded: Timestamp = "2026-03-02T00:00:00Z".parse().unwrap();
        let allowance = Allowance::default();
        let check = |opened: &Opened, now: &str| {
            let at = (now.parse().unwrap(), Tree::national());
            opened.check(report, recorded, at, &allowance).is_some()
        };
        let mut opened = Opened::default();
        assert!(!check(&opened, "2026-03-17T23:00:00Z"));
        assert!(check(&opened, "2026-03-18T00:00:00Z"));
        opened.note(Digest([7; 32]), code("410222"));
        assert!(check(&opened, "2026-03-18T00:00:00Z"), "a neighbour opens nothing");
        opened.note(Digest([7; 32]), code("4102"));
        assert!(!check(&opened, "2026-03-18T00:00:00Z"));
    }
}
