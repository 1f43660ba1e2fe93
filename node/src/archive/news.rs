//! What became durable, for those who wait for it. Whatever stands here was committed before it was said.

use std::collections::BTreeSet;

use terrace_proto::digest::CaseId;
use terrace_proto::division::DivisionCode;

/// What became durable, for those who wait for it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct News {
    /// There is more to send up.
    pub up: bool,
    /// There is more to send down to these.
    pub down: BTreeSet<DivisionCode>,
    /// Offices that have been admitted.
    pub admitted: BTreeSet<DivisionCode>,
    /// Other offices that have announced a sealing key.
    pub announced: BTreeSet<DivisionCode>,
    /// Cases whose keys are destroyed.
    pub erased: BTreeSet<CaseId>,
    /// Offices that opened a thread behind one that this office held: they need the key of the case.
    pub joined: BTreeSet<(CaseId, DivisionCode)>,
}

impl News {
    /// Adds what `other` says.
    pub fn join(&mut self, other: Self) {
        self.up |= other.up;
        self.down.extend(other.down);
        self.admitted.extend(other.admitted);
        self.announced.extend(other.announced);
        self.erased.extend(other.erased);
        self.joined.extend(other.joined);
    }
}
