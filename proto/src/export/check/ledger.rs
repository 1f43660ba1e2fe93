//! One passage ledger of an export, worked out anew from the headers in the file.
//!
//! The chain digest binds every passage, its hour and its entries. Both ends have signed a head of it: what one signed
//! as sent is what the other signed as stored only if both signatures are on the very chain that the headers make.

use super::Known;
use crate::digest::Digest;
use crate::division::DivisionCode;
use crate::export::record::{Ledger, Passage};
use crate::export::{Finding, What};
use crate::ledger::Head;

/// A ledger being read.
#[derive(Debug)]
pub(super) struct LedgerReading {
    ledger: Ledger,
    at: Head,
    /// The head at the place the neighbour has signed, once it is reached.
    proved: Option<Head>,
}

impl LedgerReading {
    pub(super) fn begin(ledger: Ledger) -> Self {
        let at = Head::start(ledger.head.ledger);
        Self { ledger, at, proved: None }
    }

    /// The next passage. One that does not follow is found once: the next is held against what it claims.
    pub(super) fn passage(
        &mut self,
        passage: &Passage,
        leaves: &[Digest],
        known: &Known,
    ) -> Option<Finding> {
        let expected = self.at.number + 1;
        let span = passage.span.clone();
        let complete = leaves.len() as u64 == span.count();
        let again = self.at.next(passage.sent_at, passage.journal, span, leaves).head;
        self.at = Head { ledger: self.at.ledger, number: passage.number, digest: passage.digest };
        if self.ledger.proved.as_ref().is_some_and(|(number, _)| *number == passage.number) {
            self.proved = Some(self.at);
        }
        (again != self.at || !complete).then(|| self.broken(expected, known))
    }

    /// The end: the head, and both signatures.
    pub(super) fn finish(self, known: &Known, findings: &mut Vec<Finding>) {
        let head = self.ledger.head;
        if self.at != head {
            findings.push(self.broken(self.at.number + 1, known));
        }
        let exporter = known.exporter.author;
        let own = known.keyring.key(known.exporter);
        if own.is_none_or(|key| !head.signed(&self.ledger.own_signature, key)) {
            findings.push(self.unsigned(head.number, exporter, known));
        }
        let Some((number, signature)) = &self.ledger.proved else { return };
        let peer = if head.ledger.from == exporter { head.ledger.to } else { head.ledger.from };
        let signed =
            |head: Head| known.keyring.keys_of(peer).any(|key| head.signed(signature, key));
        if !self.proved.is_some_and(signed) {
            findings.push(self.unsigned(*number, peer, known));
        }
    }

    fn broken(&self, number: u64, known: &Known) -> Finding {
        let (from, to) = (self.ledger.head.ledger.from, self.ledger.head.ledger.to);
        let what = What::Passage { from, to, number };
        Finding { what, journal: None, sequence: None, answers: known.exporter.author }
    }

    fn unsigned(&self, number: u64, by: DivisionCode, known: &Known) -> Finding {
        let (from, to) = (self.ledger.head.ledger.from, self.ledger.head.ledger.to);
        let what = What::PassageSignature { from, to, number, by };
        Finding { what, journal: None, sequence: None, answers: known.exporter.author }
    }
}
