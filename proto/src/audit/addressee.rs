//! Follows what one author addressed to each division: a hole in its count shows what was left out.

use std::collections::BTreeMap;

use super::finding::Finding;
use crate::division::DivisionCode;
use crate::entry::{Glance, JournalId};

/// Follows the entries of journals, each in order of sequence.
#[derive(Debug, Default)]
pub struct AddresseeCheck {
    last: BTreeMap<(JournalId, DivisionCode), u64>,
}

impl AddresseeCheck {
    /// The next entry of its journal; call in order of sequence.
    pub fn entry(&mut self, glance: &Glance) -> Option<Finding> {
        let (to, number) = glance.address?;
        let journal = glance.id.journal;
        let expected = self.last.insert((journal, to), number).unwrap_or(0) + 1;
        (number != expected).then_some(Finding::AddresseeGap { journal, to, number: expected })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::{Digest, Epoch};
    use crate::entry::EntryId;

    #[test]
    fn hole_in_the_count_to_an_addressee_shows_what_was_left_out() {
        let journal = JournalId { author: "41".parse().unwrap(), epoch: Epoch([1; 16]) };
        let town: DivisionCode = "410221101".parse().unwrap();
        let mut check = AddresseeCheck::default();
        let mut next = |sequence, number| {
            check.entry(&Glance {
                opens_report: false,
                id: EntryId { journal, sequence },
                millis: 0,
                in_case: true,
                address: Some((town, number)),
                body_hash: Digest::default(),
            })
        };
        assert_eq!(next(0, 1), None);
        assert_eq!(next(4, 2), None);
        assert_eq!(next(9, 4), Some(Finding::AddresseeGap { journal, to: town, number: 3 }));
        assert_eq!(next(11, 5), None);
    }
}
