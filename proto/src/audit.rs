//! What can be found wrong with journals, ledgers and cases, as values.
//!
//! Each check takes what an office holds and says what does not fit. Reading the store, and deciding what
//! to do about a finding, is the node's.

use std::collections::BTreeMap;

use crate::case::{Aside, Case};
use crate::digest::Digest;
use crate::division::DivisionCode;
use crate::entry::{EntryId, Header, JournalId, leaf_of};
use crate::journal::{Frontier, SignedCheckpoint};
use crate::key::JournalKey;
use crate::ledger::Record;

/// Something that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The entries of a journal do not lead to its signed root.
    JournalRoot {
        /// The journal.
        journal: JournalId,
        /// Entries held.
        size: u64,
    },
    /// A journal's checkpoint is not signed by its admitted key.
    CheckpointSignature(JournalId),
    /// An entry is damaged or its proof does not hold.
    Entry {
        /// Where.
        entry: EntryId,
        /// What is wrong.
        what: String,
    },
    /// Sequences are missing.
    Gap {
        /// The journal.
        journal: JournalId,
        /// The first missing sequence.
        at: u64,
    },
    /// A ledger's record does not follow from the one before.
    LedgerGap {
        /// The sender.
        from: DivisionCode,
        /// The receiver.
        to: DivisionCode,
        /// The missing or wrong number.
        number: u64,
    },
    /// A case's stored fold differs from a fresh one.
    Fold {
        /// The case, as its id reads.
        case: String,
    },
    /// An entry by a node that did not hold the thread.
    WithoutCustody {
        /// The entry.
        entry: EntryId,
    },
    /// An author's count of entries to an addressee has a hole: something was left out on the way down.
    AddresseeGap {
        /// The author.
        journal: JournalId,
        /// The addressee.
        to: DivisionCode,
        /// The missing number.
        number: u64,
    },
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::JournalRoot { journal, size } => {
                write!(
                    f,
                    "journal {journal}: its {size} entries do not lead to the root its author signed"
                )
            }
            Self::CheckpointSignature(journal) => {
                write!(f, "journal {journal}: the checkpoint is not signed by the admitted key")
            }
            Self::Entry { entry, what } => write!(f, "entry {entry}: {what}"),
            Self::Gap { journal, at } => write!(f, "journal {journal}: entry {at} is missing"),
            Self::LedgerGap { from, to, number } => {
                write!(
                    f,
                    "ledger {} to {}: passage {number} is missing or altered",
                    from.short(),
                    to.short()
                )
            }
            Self::Fold { case } => {
                write!(f, "case {case}: the stored fold differs from a fresh one")
            }
            Self::WithoutCustody { entry } => {
                write!(f, "entry {entry}: its author did not hold the thread")
            }
            Self::AddresseeGap { journal, to, number } => {
                write!(
                    f,
                    "journal {journal}: entry {number} addressed to {} was left out",
                    to.short()
                )
            }
        }
    }
}

impl Finding {
    /// A short name for counting and filtering.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::JournalRoot { .. } => "journal-root",
            Self::CheckpointSignature(_) => "checkpoint-signature",
            Self::Entry { .. } => "entry",
            Self::Gap { .. } => "gap",
            Self::LedgerGap { .. } => "ledger",
            Self::Fold { .. } => "fold",
            Self::WithoutCustody { .. } => "without-custody",
            Self::AddresseeGap { .. } => "addressee-gap",
        }
    }
}

/// Follows a journal entry by entry and compares its end with the signed head.
#[derive(Debug)]
pub struct JournalCheck {
    journal: JournalId,
    frontier: Frontier,
    findings: Vec<Finding>,
}

impl JournalCheck {
    /// Begins at the first entry.
    #[must_use]
    pub fn new(journal: JournalId) -> Self {
        Self { journal, frontier: Frontier::default(), findings: Vec::new() }
    }

    /// The next entry as it is stored.
    pub fn entry(&mut self, sequence: u64, header_bytes: &[u8], body: Option<&[u8]>) {
        if sequence != self.frontier.size() {
            self.findings.push(Finding::Gap { journal: self.journal, at: self.frontier.size() });
        }
        let id = EntryId { journal: self.journal, sequence };
        let what = match Header::read(header_bytes) {
            Err(error) => Some(error.to_string()),
            Ok(header) if header.id() != id => Some(format!("its header says {}", header.id())),
            Ok(header) if body.is_some_and(|body| Digest::of(&[body]) != header.body_hash) => {
                Some("its body is not the one its header names".into())
            }
            Ok(_) => None,
        };
        self.findings.extend(what.map(|what| Finding::Entry { entry: id, what }));
        self.frontier.push(leaf_of(header_bytes));
    }

    /// The end: compares with the newest checkpoint.
    #[must_use]
    pub fn finish(mut self, checkpoint: &[u8], key: &JournalKey) -> Vec<Finding> {
        let size = self.frontier.size();
        match SignedCheckpoint::read(checkpoint, self.journal, key) {
            None if size > 0 => self.findings.push(Finding::CheckpointSignature(self.journal)),
            Some(signed)
                if signed.checkpoint().size != size
                    || signed.checkpoint().root != self.frontier.root() =>
            {
                self.findings.push(Finding::JournalRoot { journal: self.journal, size });
            }
            None | Some(_) => {}
        }
        self.findings
    }
}

/// Numbers of a ledger must run without gaps up to its head. The chain itself binds content and is compared
/// with the neighbour's.
#[must_use]
pub fn check_ledger(records: &[Record]) -> Vec<Finding> {
    let gap = |(record, expected): (&Record, u64)| {
        let ledger = record.head.ledger;
        (record.head.number != expected).then_some(Finding::LedgerGap {
            from: ledger.from,
            to: ledger.to,
            number: expected,
        })
    };
    let first = records.first().map_or(1, |record| record.head.number);
    records.iter().zip(first..).filter_map(gap).collect()
}

/// Entries of a case by nodes that did not hold its thread.
#[must_use]
pub fn check_case(case: &Case) -> Vec<Finding> {
    let entry = |leaf: &Digest| case.facts().get(leaf).map(|fact| fact.header().id());
    case.aside()
        .iter()
        .filter(|(_, aside)| **aside == Aside::Irregular)
        .filter_map(|(leaf, _)| entry(leaf))
        .map(|entry| Finding::WithoutCustody { entry })
        .collect()
}

/// Follows what one author addressed to one division.
#[derive(Debug, Default)]
pub struct AddresseeCheck {
    last: BTreeMap<(JournalId, DivisionCode), u64>,
}

impl AddresseeCheck {
    /// The next entry of its journal; call in order of sequence.
    pub fn entry(&mut self, header: &Header) -> Option<Finding> {
        let address = header.address?;
        let key = (header.journal, address.division);
        let expected = self.last.insert(key, address.number).unwrap_or(0) + 1;
        (address.number != expected).then_some(Finding::AddresseeGap {
            journal: header.journal,
            to: address.division,
            number: expected,
        })
    }
}
