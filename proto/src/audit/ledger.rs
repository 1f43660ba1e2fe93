//! Follows a passage ledger from its first passage to its head, and compares heads with the other end.

use super::finding::Finding;
use crate::digest::Digest;
use crate::key::JournalKey;
use crate::ledger::{Head, LedgerId, Record};

/// Follows one ledger.
#[derive(Debug)]
pub struct LedgerCheck(Head);

impl LedgerCheck {
    /// Begins before the first passage.
    #[must_use]
    pub fn new(ledger: LedgerId) -> Self {
        Self(Head::start(ledger))
    }

    /// The next passage, with the leaves of the entries that passed as they are held, in order.
    pub fn passage(&mut self, record: &Record, leaves: &[Digest]) -> Option<Finding> {
        let again = self.0.next(record.sent_at, record.journal, record.span.clone(), leaves);
        let found = (again.head != record.head).then(|| self.gap());
        self.0 = record.head;
        found
    }

    /// The end: compares with the head as it is kept.
    #[must_use]
    pub fn finish(&self, head: &Head) -> Option<Finding> {
        (self.0 != *head).then(|| self.gap())
    }

    fn gap(&self) -> Finding {
        let LedgerId { from, to, .. } = self.0.ledger;
        Finding::LedgerGap { from, to, number: self.0.number + 1 }
    }
}

/// Whether the other end signed this very head. If its signature holds, it keeps the same passages.
#[must_use]
pub fn check_head(head: &Head, signature: Option<&[u8; 64]>, key: &JournalKey) -> Option<Finding> {
    let signed = signature.is_some_and(|signature| head.signed(signature, key));
    let LedgerId { from, to, .. } = head.ledger;
    (head.number > 0 && !signed).then_some(Finding::LedgerSignature {
        from,
        to,
        number: head.number,
    })
}
