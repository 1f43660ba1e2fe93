//! One journal of an export, followed from its first entry to its head.
//!
//! A journal held whole is one Merkle tree: the head its author signed, and every other signature on any of its heads,
//! must be on the tree that its headers make. Single entries are proved one by one. On the way it looks at what only
//! the author can answer for: dates that run backwards, numbers left out, two histories.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Known;
use super::raising::Raising;
use crate::digest::Digest;
use crate::division::DivisionCode;
use crate::entry::{Entry, EntryError, EntryId, Header, JournalId, leaf_of};
use crate::export::record::{CosignedHead, Head, Journal, Page};
use crate::export::{Custody, Finding, PUBLIC_KINDS, RAISING_KINDS, What};
use crate::journal::checkpoint::{Checkpoint, Cosigned};
use crate::journal::{Frontier, SignedCheckpoint, verify_parcel};

/// A journal being read.
#[derive(Debug)]
pub(super) struct JournalReading {
    journal: Journal,
    frontier: Frontier,
    /// Signatures by others that hold and whose heads are still to come, in order of size.
    cosigned: std::iter::Peekable<std::vec::IntoIter<Cosigned>>,
    dates: Dates,
    addressees: BTreeMap<DivisionCode, (u64, Digest)>,
    misplaced: bool,
    entries: u64,
}

/// The dates of a journal, and a stretch of entries that do not fit them.
#[derive(Debug, Default)]
struct Dates {
    latest: Option<Timestamp>,
    /// The latest hour at which somebody signed a head that lies before the entry in hand.
    signed: Option<(Timestamp, DivisionCode)>,
    stretch: Option<(u64, What)>,
}

impl JournalReading {
    pub(super) fn begin(journal: Journal, known: &Known, findings: &mut Vec<Finding>) -> Self {
        let mut heads: Vec<Cosigned> = Vec::new();
        for head in &journal.cosigned {
            let CosignedHead { size, root, by, line } = head;
            let checkpoint = Checkpoint { journal: journal.id, size: *size, root: *root };
            let key = known.keyring.key(*by);
            let holds = key.and_then(|key| Cosigned::read(checkpoint, line, *by, key));
            if holds.is_none() {
                let what = What::Cosignature { by: by.author };
                findings.push(what.at(journal.id, size.checked_sub(1), known.exporter.author));
            }
            heads.extend(holds);
        }
        heads.sort_by_key(|head| head.checkpoint.size);
        Self {
            journal,
            frontier: Frontier::default(),
            cosigned: heads.into_iter().peekable(),
            dates: Dates::default(),
            addressees: BTreeMap::new(),
            misplaced: false,
            entries: 0,
        }
    }

    /// The next entries; gives back what those of them weigh that belong to cases.
    pub(super) fn page(
        &mut self,
        page: &Page,
        known: &mut Known,
        findings: &mut Vec<Finding>,
    ) -> u64 {
        self.entries += page.items.len() as u64;
        if !self.journal.whole {
            self.prove(page, known, findings);
        }
        let mut of_cases = 0;
        for item in &page.items {
            let leaf = leaf_of(&item.header);
            let header = match Entry::read(item.header.clone(), item.body.clone()) {
                Ok(entry) => Some(entry.header().clone()),
                Err(error) => {
                    let sequence = self.journal.whole.then(|| self.frontier.size());
                    findings.push(self.exporters(What::Entry(error.to_string()), sequence, known));
                    // A wrong body leaves the header what it is.
                    let readable = matches!(error, EntryError::BodyHash);
                    readable.then(|| Header::read(&item.header).ok()).flatten()
                }
            };
            if let Some(header) = &header {
                self.look(header, leaf, item.body.as_deref(), known, findings);
                of_cases += header.case.map_or(0, |_| Custody::weight(&item.header));
            }
            if self.journal.whole {
                self.push(leaf, known, findings);
            }
        }
        of_cases
    }

    /// The end, with the signed head if the file gives one.
    pub(super) fn finish(
        mut self,
        head: Option<Head>,
        known: &mut Known,
        findings: &mut Vec<Finding>,
    ) {
        let id = self.journal.id;
        findings.extend(self.dates.flush(id));
        if self.journal.whole {
            self.end(head, known, findings);
        }
        known.signed.remove(&id);
        findings.extend(self.silence(known));
    }

    /// A finding that the exporter must answer for.
    fn exporters(&self, what: What, sequence: Option<u64>, known: &Known) -> Finding {
        what.at(self.journal.id, sequence, known.exporter.author)
    }

    fn prove(&self, page: &Page, known: &mut Known, findings: &mut Vec<Finding>) {
        let id = self.journal.id;
        findings.extend(known.saw_head(id, &page.checkpoint));
        let Some(key) = known.keyring.key(id) else { return };
        let Err(error) = verify_parcel(id, key, page.items.clone(), &page.checkpoint) else {
            return;
        };
        let first = page.items.first().and_then(|item| Header::read(&item.header).ok());
        let sequence = first.map(|header| header.sequence);
        findings.push(self.exporters(What::Proof(error.to_string()), sequence, known));
    }

    fn look(
        &mut self,
        header: &Header,
        leaf: Digest,
        words: Option<&[u8]>,
        known: &mut Known,
        findings: &mut Vec<Finding>,
    ) {
        let (id, kind) = (self.journal.id, header.kind.number());
        let misplaced = if self.journal.whole {
            header.id() != EntryId { journal: id, sequence: self.frontier.size() }
        } else {
            header.journal != id
        };
        if misplaced && !self.misplaced {
            self.misplaced = true;
            let here = if self.journal.whole { self.frontier.size() } else { header.sequence };
            findings.push(self.exporters(What::Gap, Some(here), known));
        }
        if words.is_some() && !PUBLIC_KINDS.contains(&kind) {
            findings.push(self.exporters(What::Words, Some(header.sequence), known));
        }
        if RAISING_KINDS.contains(&kind) {
            known.raising.insert(header.id(), Raising::of(kind, words));
        }
        findings.extend(self.addressed(header, leaf, known));
        findings.extend(self.dates.look(header, id, &known.limits));
    }

    /// The author counts what it addresses to a division; all of it must be here if the journal is, or if it is
    /// addressed to the exporter's subtree.
    fn addressed(&mut self, header: &Header, leaf: Digest, known: &Known) -> Option<Finding> {
        let address = header.address?;
        let to = address.division;
        if !self.journal.whole && !known.tree.is_within(to, known.exporter.author) {
            return None;
        }
        let before = self.addressees.insert(to, (address.number, leaf));
        let follows = address.number == before.map_or(0, |(number, _)| number) + 1
            && address.previous == before.map(|(_, leaf)| leaf);
        let number = before.map_or(0, |(number, _)| number) + 1;
        let author = self.journal.id.author;
        let answers = if self.journal.whole { author } else { known.exporter.author };
        let gap = What::AddresseeGap { to, number };
        (!follows).then(|| gap.at(self.journal.id, Some(header.sequence), answers))
    }

    /// Appends a leaf, and compares the root with everything that is signed at the new size.
    fn push(&mut self, leaf: Digest, known: &Known, findings: &mut Vec<Finding>) {
        self.frontier.push(leaf);
        let (id, size) = (self.journal.id, self.frontier.size());
        let elsewhere = known.signed.get(&id).and_then(|roots| roots.get(&size));
        let fork = |by| What::Fork { size, by }.at(id, Some(size - 1), id.author);
        if elsewhere.is_some_and(|root| *root != self.frontier.root()) {
            findings.push(fork(id.author));
        }
        while let Some(head) = self.cosigned.next_if(|head| head.checkpoint.size <= size) {
            let by = head.by.author;
            if head.checkpoint.size == size && head.checkpoint.root != self.frontier.root() {
                findings.push(fork(by));
            }
            let at = i64::try_from(head.at).ok().and_then(|at| Timestamp::from_second(at).ok());
            self.dates.signed = self.dates.signed.max(at.map(|at| (at, by)));
        }
    }

    fn end(&mut self, head: Option<Head>, known: &Known, findings: &mut Vec<Finding>) {
        let (id, size) = (self.journal.id, self.frontier.size());
        if size != self.journal.size {
            findings.push(self.exporters(What::Gap, Some(size), known));
        }
        // Somebody signed more of this journal than there is of it.
        for head in self.cosigned.by_ref() {
            let fork = What::Fork { size: head.checkpoint.size, by: head.by.author };
            findings.push(fork.at(id, Some(size), id.author));
        }
        let Some(head) = head else {
            if size > 0 {
                findings.push(self.exporters(What::HeadSignature, None, known));
            }
            return;
        };
        let Some(key) = known.keyring.key(id) else { return };
        let Some(signed) = SignedCheckpoint::read(&head.checkpoint, id, key) else {
            findings.push(self.exporters(What::HeadSignature, None, known));
            return;
        };
        let signed = *signed.checkpoint();
        if signed.size != size || signed.root != self.frontier.root() {
            findings.push(self.exporters(What::Root, size.checked_sub(1), known));
        }
        let by = known.exporter;
        let key = known.keyring.key(by);
        if key.and_then(|key| Cosigned::read(signed, &head.line, by, key)).is_none() {
            let what = What::Cosignature { by: by.author };
            findings.push(self.exporters(what, None, known));
        }
    }

    /// An office of the subtree that counts, and has shown nothing for longer than it may.
    fn silence(&self, known: &Known) -> Option<Finding> {
        let id = self.journal.id;
        let (newest, _, admitted_at) = *known.newest.get(&id.author)?;
        let of_subtree = known.tree.is_within(id.author, known.exporter.author);
        if newest != id || id == known.exporter || !of_subtree {
            return None;
        }
        let since = [Some(admitted_at), self.dates.latest, self.journal.stored_at];
        let since = since.into_iter().flatten().max()?;
        let quiet = known.exported_at.duration_since(since) > known.limits.silent;
        quiet.then(|| What::Silent { since }.at(id, self.entries.checked_sub(1), id.author))
    }
}

impl Dates {
    /// The next entry; gives a stretch that it ends.
    fn look(
        &mut self,
        header: &Header,
        journal: JournalId,
        limits: &super::Limits,
    ) -> Option<Finding> {
        let at = header.recorded_at;
        let after = self.latest.filter(|latest| latest.duration_since(at) > limits.backwards);
        let signed = self.signed.filter(|(signed, _)| signed.duration_since(at) > limits.cosigned);
        self.latest = self.latest.max(Some(at));
        let what = match (after, signed) {
            (Some(after), _) => What::BackDated { recorded_at: at, after, count: 1 },
            (None, Some((cosigned_at, by))) => {
                What::BeforeCosigned { recorded_at: at, cosigned_at, by, count: 1 }
            }
            (None, None) => return self.flush(journal),
        };
        match (&mut self.stretch, &what) {
            (Some((_, What::BackDated { count, .. })), What::BackDated { .. })
            | (Some((_, What::BeforeCosigned { count, .. })), What::BeforeCosigned { .. }) => {
                *count += 1;
                None
            }
            _ => {
                let ended = self.flush(journal);
                self.stretch = Some((header.sequence, what));
                ended
            }
        }
    }

    fn flush(&mut self, journal: JournalId) -> Option<Finding> {
        let (first, what) = self.stretch.take()?;
        Some(what.at(journal, Some(first), journal.author))
    }
}
