//! The check of an export: fed record by record, it says what does not fit.
//!
//! It begins with the root's key and nothing else. Admissions grow the keyring; each journal is followed from its first
//! header to its signed head ([`journal`]); each ledger is worked out anew from the headers ([`ledger`]). Who held
//! which thread is asked in further readings of the file, by [`super::Custody`].
//!
//! It never judges whether the file is what its exporter made: that is [`super::ColophonCheck`]'s, and comes before.

pub mod journal;
pub mod ledger;
mod raising;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use self::journal::JournalReading;
use self::ledger::LedgerReading;
use self::raising::Raising;
use super::record::{Journal, Manifest, Page, Passage, Raised};
use super::{ExportError, Finding, Record, What};
use crate::admission::Keyring;
use crate::digest::Digest;
use crate::division::{DivisionCode, Tree};
use crate::entry::{EntryId, Header, JournalId};
use crate::journal::SignedCheckpoint;

/// What is still believed of clocks, and how long an office may show nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How far an entry may be dated before an earlier one of its journal: clocks are set.
    pub backwards: SignedDuration,
    /// How far an entry may be dated before another's signature on a head without it: what was written offline may
    /// follow in several conversations.
    pub cosigned: SignedDuration,
    /// How long an office may show nothing before it is named.
    pub silent: SignedDuration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            backwards: SignedDuration::from_hours(1),
            cosigned: SignedDuration::from_hours(7 * 24),
            silent: SignedDuration::from_hours(30 * 24),
        }
    }
}

/// How much a check has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Admissions.
    pub admissions: u64,
    /// Journals.
    pub journals: u64,
    /// Entries.
    pub entries: u64,
    /// What the headers weigh that belong to cases, as [`super::Custody`] counts.
    pub of_cases: u64,
    /// Passages.
    pub passages: u64,
}

/// A check under way.
#[derive(Debug)]
pub struct Check {
    manifest: Manifest,
    known: Known,
    journal: Option<JournalReading>,
    ledger: Option<LedgerReading>,
    tally: Tally,
    ended: bool,
}

/// What a check keeps beyond the record in hand.
#[derive(Debug)]
struct Known {
    keyring: Keyring,
    tree: &'static Tree,
    limits: Limits,
    exporter: JournalId,
    exported_at: Timestamp,
    /// For each division the journal that was admitted last, by which entry, and when.
    newest: BTreeMap<DivisionCode, (JournalId, EntryId, Timestamp)>,
    /// Roots that authors signed elsewhere in the file, by size.
    signed: BTreeMap<JournalId, BTreeMap<u64, Digest>>,
    /// Entries that put something on record.
    raising: BTreeMap<EntryId, Raising>,
}

impl Check {
    /// Begins a check of the file with this manifest, whose colophon holds.
    #[must_use]
    pub fn new(manifest: Manifest, root: Keyring, tree: &'static Tree, limits: Limits) -> Self {
        let known = Known {
            keyring: root,
            tree,
            limits,
            exporter: manifest.exporter,
            exported_at: manifest.exported_at,
            newest: BTreeMap::new(),
            signed: BTreeMap::new(),
            raising: BTreeMap::new(),
        };
        let tally = Tally::default();
        Self { manifest, known, journal: None, ledger: None, tally, ended: false }
    }

    /// How much was seen.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// What the file says of itself.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The next record. Passages are given one by one to [`Check::passage`] instead, each with its leaves.
    ///
    /// # Errors
    ///
    /// [`ExportError::Order`] when no exporter writes such a record here.
    pub fn take(&mut self, record: Record) -> Result<Vec<Finding>, ExportError> {
        if self.ended {
            return Err(ExportError::Order("a record behind the colophon"));
        }
        let mut findings = Vec::new();
        if !matches!(record, Record::Passages(_)) {
            self.end_ledger(&mut findings);
        }
        match record {
            Record::Manifest(manifest) if manifest == self.manifest => {}
            Record::Manifest(_) => return Err(ExportError::Order("a second manifest")),
            Record::Admission { checkpoint, item } => {
                if self.tally.journals > 0 {
                    return Err(ExportError::Order("an admission behind a journal"));
                }
                self.tally.admissions += 1;
                findings.extend(self.known.admit(&checkpoint, item));
            }
            Record::Journal(journal) => {
                self.end_journal(&mut findings, None);
                self.tally.journals += 1;
                self.journal = Some(self.known.begin(journal, &mut findings));
            }
            Record::Page(page) => self.page(&page, &mut findings)?,
            Record::Head(head) => self.end_journal(&mut findings, Some(head)),
            Record::Ledger(ledger) => {
                self.end_journal(&mut findings, None);
                self.ledger = Some(LedgerReading::begin(ledger));
            }
            Record::Passages(_) => return Err(ExportError::Order("passages without their leaves")),
            Record::Raised(raised) => {
                self.end_journal(&mut findings, None);
                findings.push(self.known.raised(raised));
            }
            Record::Colophon(_) => {
                self.end_journal(&mut findings, None);
                findings.extend(self.known.finish());
                self.ended = true;
            }
        }
        Ok(findings)
    }

    /// The next passage of the ledger that began last, with the leaf hashes of those of its entries that the file
    /// holds, in order.
    ///
    /// # Errors
    ///
    /// [`ExportError::Order`] when no ledger has begun.
    pub fn passage(
        &mut self,
        passage: &Passage,
        leaves: &[Digest],
    ) -> Result<Option<Finding>, ExportError> {
        self.tally.passages += 1;
        let ledger = self.ledger.as_mut();
        let ledger = ledger.ok_or(ExportError::Order("a passage without its ledger"))?;
        Ok(ledger.passage(passage, leaves, &self.known))
    }

    fn page(&mut self, page: &Page, findings: &mut Vec<Finding>) -> Result<(), ExportError> {
        let journal = self.journal.as_mut();
        let journal = journal.ok_or(ExportError::Order("entries without their journal"))?;
        self.tally.entries += page.items.len() as u64;
        self.tally.of_cases += journal.page(page, &mut self.known, findings);
        Ok(())
    }

    fn end_journal(&mut self, findings: &mut Vec<Finding>, head: Option<super::record::Head>) {
        if let Some(journal) = self.journal.take() {
            journal.finish(head, &mut self.known, findings);
        }
    }

    fn end_ledger(&mut self, findings: &mut Vec<Finding>) {
        if let Some(ledger) = self.ledger.take() {
            ledger.finish(&self.known, findings);
        }
    }
}

impl Known {
    fn admit(&mut self, checkpoint: &[u8], item: crate::journal::ParcelItem) -> Option<Finding> {
        let claimed = Header::read(&item.header).ok().map(|header| header.id());
        match self.keyring.take(checkpoint, item, self.tree) {
            Ok((entry, journal)) => {
                let by = entry.id();
                let newer = (journal, by, entry.header().recorded_at);
                let known = self.newest.entry(journal.author).or_insert(newer);
                // Of two admitters nothing says who came last; of one, the later entry did.
                if known.1.sequence < by.sequence {
                    *known = newer;
                }
                self.saw_head(by.journal, checkpoint)
            }
            Err(error) => Some(Finding {
                what: What::Admission(error.to_string()),
                journal: claimed.map(|id| id.journal),
                sequence: claimed.map(|id| id.sequence),
                answers: self.exporter.author,
            }),
        }
    }

    /// Keeps a root that an author signed; a finding if it has signed another for the same size.
    fn saw_head(&mut self, journal: JournalId, note: &[u8]) -> Option<Finding> {
        let key = self.keyring.key(journal)?;
        let head = *SignedCheckpoint::read(note, journal, key)?.checkpoint();
        let roots = self.signed.entry(journal).or_default();
        let known = *roots.entry(head.size).or_insert(head.root);
        let fork = What::Fork { size: head.size, by: journal.author };
        (known != head.root).then(|| fork.at(journal, None, journal.author))
    }

    fn begin(&mut self, journal: Journal, findings: &mut Vec<Finding>) -> JournalReading {
        let id = journal.id;
        if self.keyring.key(id).is_none() {
            findings.push(What::NotAdmitted.at(id, None, self.exporter.author));
        }
        JournalReading::begin(journal, self, findings)
    }

    fn raised(&mut self, raised: Raised) -> Finding {
        let Raised { entry, kind, about, place } = raised;
        match self.raising.get_mut(&entry) {
            Some(raising) if raising.kind == kind => {
                raising.told = true;
                let (ground, proved) = (raising.ground(), raising.is_proved(&self.keyring));
                What::Raised { entry, kind, ground, proved }.at(about, Some(place), about.author)
            }
            Some(_) | None => {
                What::RaisedNowhere(entry).at(about, Some(place), self.exporter.author)
            }
        }
    }

    /// What was put on record and the exporter does not say about what.
    fn finish(&self) -> Vec<Finding> {
        let untold = self.raising.iter().filter(|(_, raising)| !raising.told);
        untold
            .map(|(entry, raising)| {
                let (kind, ground) = (raising.kind, raising.ground());
                let what = What::Raised { entry: *entry, kind, ground, proved: false };
                what.at(entry.journal, Some(entry.sequence), entry.journal.author)
            })
            .collect()
    }
}
