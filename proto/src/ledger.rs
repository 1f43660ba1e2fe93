//! The passage ledger (往来台账): the numbered, hash-chained record of what passed one way over a link.
//!
//! The sender numbers a passage when it sends it; both ends keep the record and sign the head it makes, so
//! that neither can deny having sent or received. A cursor is a place in it: link epoch, number, digest.
//! A ledger is evidence; what the law counts is an entry.
//!
//! Invariants: 1. numbers run from 1 without gaps; 2. the digest of a head binds every passage before it,
//! in order, with the hour it was sent; 3. two ends with equal heads passed the same entries.

use data_encoding::BASE64;

use crate::digest::{Digest, LinkEpoch};
use crate::division::DivisionCode;
use crate::entry::JournalId;
use crate::journal::Checkpoint;
use crate::key::{JournalKey, Signer};
use crate::note::Note;
use crate::wire;

/// Which ledger: one direction of one link, in one life of the sender's book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LedgerId {
    /// The sender.
    pub from: DivisionCode,
    /// The receiver.
    pub to: DivisionCode,
    /// The life of the book.
    pub epoch: LinkEpoch,
}

/// A place in a ledger, and the chain digest up to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Which ledger.
    pub ledger: LedgerId,
    /// Number of the last passage; 0 before the first.
    pub number: u64,
    /// Chain digest; all zero before the first.
    pub digest: Digest,
}

/// Which entries of a journal passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// A run of consecutive entries.
    Run {
        /// Sequence of the first.
        first: u64,
        /// How many.
        count: u64,
    },
    /// Single entries, by sequence.
    Picked(Vec<u64>),
}

impl Span {
    /// How many entries.
    #[must_use]
    pub fn count(&self) -> u64 {
        match self {
            Self::Run { count, .. } => *count,
            Self::Picked(sequences) => sequences.len() as u64,
        }
    }
}

/// One passage as both ends keep it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The ledger with this passage as its head.
    pub head: Head,
    /// When it was sent, milliseconds since 1970 UTC by the sender's clock.
    pub sent_at: i64,
    /// Whose entries.
    pub journal: JournalId,
    /// Which of them.
    pub span: Span,
}

impl Head {
    /// A ledger before its first passage.
    #[must_use]
    pub fn start(ledger: LedgerId) -> Self {
        Self { ledger, number: 0, digest: Digest::default() }
    }

    /// The record of the next passage: `leaves` are the leaf hashes of the entries of `span`, in order.
    #[must_use]
    pub fn next(&self, sent_at: i64, journal: JournalId, span: Span, leaves: &[Digest]) -> Record {
        let number = self.number + 1;
        let mut content = Vec::with_capacity(leaves.len() * 32);
        leaves.iter().for_each(|leaf| content.extend_from_slice(&leaf.0));
        let digest = Digest::of(&[
            b"terrace passage\0",
            &self.digest.0,
            &number.to_be_bytes(),
            &sent_at.to_be_bytes(),
            &journal.author.number().to_be_bytes(),
            &journal.epoch.0,
            &(leaves.len() as u64).to_be_bytes(),
            &Digest::of(&[&content]).0,
        ]);
        Record { head: Self { ledger: self.ledger, number, digest }, sent_at, journal, span }
    }

    /// The text both ends sign.
    #[must_use]
    pub fn text(&self) -> String {
        let LedgerId { from, to, epoch } = self.ledger;
        format!(
            "terrace/ledger/{from}/{to}/{epoch}\n{}\n{}\n",
            self.number,
            BASE64.encode(&self.digest.0)
        )
    }

    /// Signs this head as one of its two ends.
    #[must_use]
    pub fn sign(&self, signer: &Signer) -> [u8; 64] {
        signer.sign(self.text().as_bytes())
    }

    /// This head with the signature of the end that writes `journal`, as a note that needs nothing beside it. The
    /// signature is not checked.
    #[must_use]
    pub fn note(&self, journal: JournalId, key: &JournalKey, signature: &[u8; 64]) -> Vec<u8> {
        Note::with(self.text(), &Checkpoint::origin(journal), key, signature).to_bytes()
    }

    /// Whether `signature` is `key`'s on this head.
    #[must_use]
    pub fn signed(&self, signature: &[u8], key: &JournalKey) -> bool {
        signature.try_into().is_ok_and(|signature| key.verifies(self.text().as_bytes(), signature))
    }

    /// As it is told at hello.
    #[must_use]
    pub fn cursor(&self) -> wire::Cursor {
        wire::Cursor {
            link_epoch: self.ledger.epoch.0.to_vec(),
            number: self.number,
            digest: self.digest.0.to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Epoch;

    fn start() -> Head {
        let (from, to) = ("410221101".parse().unwrap(), "410221".parse().unwrap());
        Head::start(LedgerId { from, to, epoch: LinkEpoch([1; 16]) })
    }

    fn passage(head: &Head, leaf: u8) -> Record {
        let journal = JournalId { author: head.ledger.from, epoch: Epoch([2; 16]) };
        head.next(1_000, journal, Span::Run { first: 0, count: 1 }, &[Digest([leaf; 32])])
    }

    #[test]
    fn equal_passages_make_equal_heads_and_others_do_not() {
        let one = passage(&start(), 1).head;
        assert_eq!(one, passage(&start(), 1).head);
        assert_ne!(one.digest, passage(&start(), 2).head.digest);
        assert_ne!(
            passage(&one, 2).head.digest,
            passage(&passage(&start(), 2).head, 1).head.digest
        );
    }

    #[test]
    fn head_is_signed_by_its_end_alone() {
        let (signer, other) = (Signer::from_secret(&[1; 32]), Signer::from_secret(&[2; 32]));
        let head = passage(&start(), 1).head;
        let signature = head.sign(&signer);
        assert!(head.signed(&signature, &signer.public()));
        assert!(!head.signed(&signature, &other.public()));
        assert!(!start().signed(&signature, &signer.public()));
        assert!(!head.signed(&signature[..63], &signer.public()));
        let journal = JournalId { author: head.ledger.to, epoch: Epoch([2; 16]) };
        let note = Note::read(&head.note(journal, &signer.public(), &signature)).unwrap();
        assert_eq!(note.text(), head.text());
        assert!(note.signed_by(&Checkpoint::origin(journal), &signer.public()));
    }
}
