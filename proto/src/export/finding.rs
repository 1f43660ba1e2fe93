//! What a check of an export finds, as values: what does not fit, where, and which office must answer.
//!
//! Who must answer is told by who signed: what stands in a journal that is proved whole is its author's; what the
//! file leaves out, or claims without proof, is the exporter's, who signed it. Words for people are the node's.

use jiff::Timestamp;

use crate::digest::ThreadId;
use crate::division::DivisionCode;
use crate::entry::{EntryId, JournalId};
use crate::objection::Ground;

/// Something that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub what: What,
    /// In which journal, if in one.
    pub journal: Option<JournalId>,
    /// At which sequence of it, if at one.
    pub sequence: Option<u64>,
    /// The office that must answer.
    pub answers: DivisionCode,
}

/// What does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// An admission in the file is not proved from the root.
    Admission(String),
    /// A journal whose key no admission in the file proves, so that nothing in it can be believed.
    NotAdmitted,
    /// An entry that is not well-formed.
    Entry(String),
    /// Entries are missing from here on, or stand at another place than they say.
    Gap,
    /// Words of a kind that an export must not carry.
    Words,
    /// The entries do not lead to the root that their author signed.
    Root,
    /// The head is not signed by the admitted key.
    HeadSignature,
    /// A single entry is not proved to stand in its author's journal.
    Proof(String),
    /// A signature on a head is not by whom it names.
    Cosignature {
        /// Who is said to have signed.
        by: DivisionCode,
    },
    /// Another root than the entries' was signed at this size of the journal: two histories.
    Fork {
        /// How many entries the head covers.
        size: u64,
        /// Whose signature stands on the other root.
        by: DivisionCode,
    },
    /// Entries that say they are older than one before them.
    BackDated {
        /// When the first of them says it was recorded.
        recorded_at: Timestamp,
        /// When the latest before it says it was.
        after: Timestamp,
        /// How many in a row.
        count: u64,
    },
    /// Entries that say they are older than a signature by another on a head without them.
    BeforeCosigned {
        /// When the first of them says it was recorded.
        recorded_at: Timestamp,
        /// The hour of the signature.
        cosigned_at: Timestamp,
        /// Who signed.
        by: DivisionCode,
        /// How many in a row.
        count: u64,
    },
    /// The author's count of entries to an addressee has a hole.
    AddresseeGap {
        /// The addressee.
        to: DivisionCode,
        /// The number that is missing.
        number: u64,
    },
    /// An entry of a thread by an office that did not hold it.
    WithoutCustody {
        /// The thread.
        thread: ThreadId,
    },
    /// One of several entries after one predecessor, none of which is settled to apply.
    Contested {
        /// The thread.
        thread: ThreadId,
        /// The office that settles it.
        settler: DivisionCode,
    },
    /// A passage that does not follow from the one before and the entries in the file.
    Passage {
        /// The sender.
        from: DivisionCode,
        /// The receiver.
        to: DivisionCode,
        /// Its number.
        number: u64,
    },
    /// A ledger's head without the signature of one of its ends.
    PassageSignature {
        /// The sender.
        from: DivisionCode,
        /// The receiver.
        to: DivisionCode,
        /// The number the signature should stand on.
        number: u64,
        /// Whose signature is not there.
        by: DivisionCode,
    },
    /// An office that has shown nothing for long.
    Silent {
        /// When it showed something last, or was admitted.
        since: Timestamp,
    },
    /// A question or objection by an office about another's journal.
    Raised {
        /// The entry that says so.
        entry: EntryId,
        /// Its kind, by its number on the wire.
        kind: u32,
        /// What an objection rests on.
        ground: Option<Ground>,
        /// Whether the accused's own signatures prove it.
        proved: bool,
    },
    /// The file names a question or objection that stands in none of its journals.
    RaisedNowhere(EntryId),
}

impl What {
    /// A short name for counting and filtering.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Admission(_) => "admission",
            Self::NotAdmitted => "not-admitted",
            Self::Entry(_) => "entry",
            Self::Gap => "gap",
            Self::Words => "words",
            Self::Root => "journal-root",
            Self::HeadSignature => "head-signature",
            Self::Proof(_) => "proof",
            Self::Cosignature { .. } => "cosignature",
            Self::Fork { .. } => "fork",
            Self::BackDated { .. } => "back-dated",
            Self::BeforeCosigned { .. } => "before-cosigned",
            Self::AddresseeGap { .. } => "addressee-gap",
            Self::WithoutCustody { .. } => "without-custody",
            Self::Contested { .. } => "contested",
            Self::Passage { .. } => "passage",
            Self::PassageSignature { .. } => "passage-signature",
            Self::Silent { .. } => "silent",
            Self::Raised { .. } => "raised",
            Self::RaisedNowhere(_) => "raised-nowhere",
        }
    }

    /// Whether the signatures of the one who must answer prove it, so that nobody else has to be believed.
    #[must_use]
    pub fn is_proved_by_its_own_signatures(&self) -> bool {
        match self {
            Self::Fork { .. }
            | Self::Contested { .. }
            | Self::WithoutCustody { .. }
            | Self::BackDated { .. }
            | Self::AddresseeGap { .. } => true,
            Self::Raised { proved, .. } => *proved,
            Self::Admission(_)
            | Self::NotAdmitted
            | Self::Entry(_)
            | Self::Gap
            | Self::Words
            | Self::Proof(_)
            | Self::Root
            | Self::HeadSignature
            | Self::Cosignature { .. }
            | Self::Passage { .. }
            | Self::PassageSignature { .. }
            | Self::BeforeCosigned { .. }
            | Self::Silent { .. }
            | Self::RaisedNowhere(_) => false,
        }
    }

    /// Found in a journal, at a sequence if at one.
    #[must_use]
    pub(super) fn at(
        self,
        journal: JournalId,
        sequence: Option<u64>,
        answers: DivisionCode,
    ) -> Finding {
        Finding { what: self, journal: Some(journal), sequence, answers }
    }
}
