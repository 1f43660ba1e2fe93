//! Follows a journal entry by entry and compares its end with the signed head.
//!
//! Every header and body is hashed once, and so is every inner node; nothing else is kept than the frontier. The two
//! halves can work side by side: [`EntryCheck`] looks at each entry and gives its leaf, [`RootCheck`] follows the leaves
//! up to the root. [`JournalCheck`] is both together.

use super::finding::Finding;
use crate::digest::Digest;
use crate::entry::{EntryId, Glance, JournalId, leaf_of};
use crate::journal::{Frontier, SignedCheckpoint};
use crate::key::JournalKey;

/// Looks at the entries of one journal, from its first.
#[derive(Debug)]
pub struct EntryCheck {
    journal: JournalId,
    /// Sequence of the next entry.
    next: u64,
    findings: Vec<Finding>,
}

/// Follows the leaves of one journal, from its first.
#[derive(Debug)]
pub struct RootCheck {
    journal: JournalId,
    frontier: Frontier,
    /// A head that somebody else vouched for, to be met on the way.
    witness: Option<(u64, Digest)>,
    findings: Vec<Finding>,
}

/// Follows one journal from its first entry.
#[derive(Debug)]
pub struct JournalCheck {
    entries: EntryCheck,
    root: RootCheck,
}

impl EntryCheck {
    /// Begins at the first entry.
    #[must_use]
    pub fn new(journal: JournalId) -> Self {
        Self { journal, next: 0, findings: Vec::new() }
    }

    /// The next entry as it is stored. Gives its leaf, and what its header says, if that can be read.
    pub fn entry(
        &mut self,
        sequence: u64,
        header: &[u8],
        body: Option<&[u8]>,
    ) -> (Digest, Option<Glance>) {
        if sequence != self.next {
            self.findings.push(Finding::Gap { journal: self.journal, at: self.next });
        }
        self.next = sequence + 1;
        let id = EntryId { journal: self.journal, sequence };
        let glance = Glance::read(header);
        let what = match &glance {
            Err(error) => Some(error.to_string()),
            Ok(glance) if glance.id != id => Some(format!("its header says {}", glance.id)),
            Ok(glance) if body.is_some_and(|body| Digest::of(&[body]) != glance.body_hash) => {
                Some("its body is not the one its header names".into())
            }
            Ok(_) => None,
        };
        self.findings.extend(what.map(|what| Finding::Entry { entry: id, what }));
        (leaf_of(header), glance.ok())
    }

    /// What was found since this was last asked; so that a journal full of faults fills no memory.
    pub fn take_findings(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.findings)
    }

    /// The end, where `size` entries were signed for.
    #[must_use]
    pub fn finish(mut self, size: u64) -> Vec<Finding> {
        if self.next < size {
            self.findings.push(Finding::Gap { journal: self.journal, at: self.next });
        }
        self.findings
    }
}

impl RootCheck {
    /// Begins at the first leaf.
    #[must_use]
    pub fn new(journal: JournalId) -> Self {
        Self { journal, frontier: Frontier::default(), witness: None, findings: Vec::new() }
    }

    /// Also expects the root that was cosigned at a size.
    #[must_use]
    pub fn witnessed(mut self, size: u64, root: Digest) -> Self {
        self.witness = Some((size, root));
        self
    }

    /// The next leaf.
    pub fn leaf(&mut self, leaf: Digest) {
        self.frontier.push(leaf);
        if self.witness.is_some_and(|(size, root)| {
            size == self.frontier.size() && root != self.frontier.root()
        }) {
            let size = self.frontier.size();
            self.findings.push(Finding::Fork { journal: self.journal, size });
        }
    }

    /// The end: compares with the newest checkpoint, which covers `size` entries.
    #[must_use]
    pub fn finish(mut self, size: u64, checkpoint: &[u8], key: &JournalKey) -> Vec<Finding> {
        match SignedCheckpoint::read(checkpoint, self.journal, key) {
            None if size > 0 || self.frontier.size() > 0 => {
                self.findings.push(Finding::CheckpointSignature(self.journal));
            }
            Some(signed)
                if signed.checkpoint().size != self.frontier.size()
                    || signed.checkpoint().root != self.frontier.root() =>
            {
                let size = self.frontier.size();
                self.findings.push(Finding::JournalRoot { journal: self.journal, size });
            }
            None | Some(_) => {}
        }
        self.findings
    }
}

impl JournalCheck {
    /// Begins at the first entry.
    #[must_use]
    pub fn new(journal: JournalId) -> Self {
        Self { entries: EntryCheck::new(journal), root: RootCheck::new(journal) }
    }

    /// Also expects the root that was cosigned at a size.
    #[must_use]
    pub fn witnessed(self, size: u64, root: Digest) -> Self {
        Self { root: self.root.witnessed(size, root), ..self }
    }

    /// The next entry as it is stored. Gives what its header says, if that can be read.
    pub fn entry(&mut self, sequence: u64, header: &[u8], body: Option<&[u8]>) -> Option<Glance> {
        let (leaf, glance) = self.entries.entry(sequence, header, body);
        self.root.leaf(leaf);
        glance
    }

    /// The end: compares with the newest checkpoint, which covers `size` entries.
    #[must_use]
    pub fn finish(self, size: u64, checkpoint: &[u8], key: &JournalKey) -> Vec<Finding> {
        let mut findings = self.entries.finish(size);
        findings.extend(self.root.finish(size, checkpoint, key));
        findings
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::digest::Epoch;
    use crate::entry::{Content, Entry, Header, Kind};
    use crate::journal::{VerifiedRun, append};
    use crate::key::Signer;
    use crate::wire;

    fn journal() -> JournalId {
        JournalId { author: "41".parse().unwrap(), epoch: Epoch([1; 16]) }
    }

    fn entry(sequence: u64) -> Entry {
        let header = Header::plain(journal(), sequence, Kind::Noted, Timestamp::UNIX_EPOCH);
        Entry::write(header, Content::Noted(wire::Noted { text: "备注".into() }), [1; 16])
    }

    fn run() -> (VerifiedRun, Signer) {
        let signer = Signer::from_secret(&[1; 32]);
        let entries = (0..5).map(entry).collect();
        (append(journal(), Frontier::default(), entries, &signer), signer)
    }

    fn found(check: JournalCheck) -> Vec<Finding> {
        let (run, signer) = run();
        let mut check = check;
        for entry in run.entries() {
            check.entry(entry.header().sequence, entry.header_bytes(), entry.body());
        }
        check.finish(5, run.checkpoint().note(), &signer.public())
    }

    #[test]
    fn another_root_that_was_cosigned_at_a_size_is_a_fork() {
        let mut frontier = Frontier::default();
        (0..3).for_each(|sequence| frontier.push(entry(sequence).leaf()));
        assert_eq!(found(JournalCheck::new(journal()).witnessed(3, frontier.root())), []);
        let other = JournalCheck::new(journal()).witnessed(3, Digest([7; 32]));
        assert_eq!(found(other), [Finding::Fork { journal: journal(), size: 3 }]);
    }
}
