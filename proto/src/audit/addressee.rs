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
